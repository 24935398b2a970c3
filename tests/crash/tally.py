"""What runs have come to: counts by fault and by step, and whether each fault happened as often as it must.

A run in which something was wrong shows nothing but that: it counts neither as a run nor for its faults."""

from collections import Counter

from schedule import NAMES

SHARE = 25  # of so many good runs each fault happens in one at least: in 40 of 1,000


class Tally:
    def __init__(self):
        self.happened, self.failed, self.not_run, self.steps = Counter(), Counter(), Counter(), Counter()
        self.failures, self.mended = [], []  # seeds; of the second, the same run has gone well since
        self.runs, self.intents, self.aborts = 0, 0, 0

    def add(self, outcome):
        """Of one run (job.run_seed)."""
        self.runs += 1
        self.intents += outcome["intents"]
        self.aborts += outcome["aborts"]
        for name in outcome["faults"]:
            (self.not_run if name in outcome["not_run"] else self.failed if outcome["wrong"] else self.happened)[name] += 1
        self.steps.update(outcome["steps"])
        if outcome["wrong"]:
            self.failures.append(outcome["seed"])

    def add_piece(self, piece):
        """Of the results file, in its order; `runs` and `faults` there are those of failed runs, too."""
        again = {seed for seed in self.failures if piece["from"] <= seed <= piece["to"]} - set(piece["failures"])
        self.mended += [seed for seed in self.failures if seed in again]
        self.failures = [seed for seed in self.failures if seed not in again]
        self.runs += piece["runs"]
        self.intents += piece["intents"]
        self.aborts += piece["aborts"]
        self.failures += piece["failures"]
        for name, counts in ("faults", self.happened), ("faults_failed", self.failed), ("not_run", self.not_run), ("steps", self.steps):
            counts.update(piece[name])
        self.happened.subtract(piece["faults_failed"])

    def good(self):
        """Runs in which nothing was wrong."""
        return self.runs - len(self.failures) - len(self.mended)

    def least(self):
        return self.good() // SHARE

    def too_rare(self):
        return [name for name in NAMES if self.happened[name] < self.least()]

    def lines(self):
        yield f"{'fault':28} {'good':>5} {'least':>5} {'failed':>6} {'not run':>7}"
        for name in NAMES:
            rare = "  TOO RARE" if name in self.too_rare() else ""
            yield f"{name:28} {self.happened[name]:5} {self.least():5} {self.failed[name]:6} {self.not_run[name]:7}{rare}"
        yield "steps: " + ", ".join(f"{step} {count}" for step, count in sorted(self.steps.items()))
        told = f"{self.runs} runs, {self.intents:,} intents acknowledged, {self.aborts} aborts inside a store; "
        told += f"{self.good()} good, {len(self.failures)} failed" + "".join(f" {seed}" for seed in self.failures)
        yield told + (f", {len(self.mended)} failed and went well later" + "".join(f" {seed}" for seed in self.mended) if self.mended else "")

    def figures(self):
        """For the results file."""
        return {"runs": self.runs, "failed": len(self.failures), "failures": self.failures, "intents": self.intents, "aborts": self.aborts,
                "faults": dict(self.happened + self.failed), "faults_failed": dict(self.failed), "not_run": dict(self.not_run),
                "steps": dict(self.steps)}
