"""What the demo shows: events and live progress on stderr, the table on stdout."""

import threading
import time

from rich.console import Console
from rich.live import Live
from rich.table import Table

# Without a terminal, progress is a line now and then.
_LINE_EVERY_SECONDS = 2


class Screen:
    """A context manager, since the live part must give the terminal back."""

    def __init__(self):
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, refresh_per_second=8, transient=True) if self._console.is_terminal else None
        self._begun = time.monotonic()
        self._last_line = 0.0
        self._lock = threading.Lock()

    def __enter__(self):
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_):
        if self._live:
            self._live.stop()

    def say(self, text):
        with self._lock:
            self._console.print(f"{time.monotonic() - self._begun:6.1f} s  {text}", soft_wrap=True)

    def show(self, tally):
        """`tally`: a line of sluice-buyers."""
        if self._live:
            self._live.update(_progress(tally))
        elif time.monotonic() > self._last_line + _LINE_EVERY_SECONDS:
            self._last_line = time.monotonic()
            self.say(_in_one_line(tally))


def _progress(tally):
    table = Table.grid(padding=(0, 2))
    for name in ("arrived", "asked", "acknowledged", "unknown", "open"):
        table.add_row(name, f"{tally[name]:,}", _bar(tally[name], tally["asked"] or tally["buyers"]))
    for name, count in _by_count(tally["verdicts"]):
        table.add_row(f"  {name}", f"{count:,}", _bar(count, tally["asked"]))
    began = sum(tally["began"].values())
    for name, count in _by_count(tally["settled"]):
        table.add_row(f"    {name}", f"{count:,}", _bar(count, began))
    return table


def _bar(count, whole, width=40):
    return "█" * round(width * min(1, count / max(1, whole)))


def _in_one_line(tally):
    verdicts = ", ".join(f"{count:,} {name}" for name, count in _by_count(tally["verdicts"])) or "none"
    settled = f", settled: {_counted(tally['settled'])}" if tally["settled"] else ""
    return f"{tally['arrived']:,} buyers came, {tally['open']:,} requests open, verdicts: {verdicts}{settled}"


def _by_count(verdicts):
    return sorted(verdicts.items(), key=lambda entry: -entry[1])


def print_table(tally, summary, damage, restarts):
    """`tally`: the buyers' last line, as they saw it; `summary`: the audit's, from the log."""
    table = Table(show_header=False, title="The sale", title_justify="left", min_width=72)
    table.add_row("asked", f"{tally['asked']:,} requests of {tally['buyers']:,} buyers, {tally['acknowledged']:,} acknowledged")
    table.add_row("in the log", f"{summary['intents']:,} intents, {summary['orders']:,} orders")
    for name, count in _by_count(summary["verdicts"]):
        table.add_row(f"  {name}", f"{count:,}")
    table.add_row("killed", f"{damage.ledger} with {damage.undecided:,} intents undecided, {damage.ingest}")
    table.add_row("take-over", f"{damage.takeover_seconds:.1f} s from the kill ({damage.stopped_seconds:.1f} s from its stop) to {damage.successor}")
    table.add_row("verdict latency", f"{_latency(tally['latency_ms'])} from click to answer")
    table.add_row("", f"{_latency(summary['verdict_latency_ms'])} from append to record")
    table.add_row("after the click", _counted(tally["began"]))
    table.add_row("orders", _counted(summary["orders_by_status"]))
    table.add_row("payments", _payments(summary["payments"]))
    table.add_row("unpaid stock", f"buyable again {_latency(summary['release_delay_ms'])} after the end of its hold")
    table.add_row("slots", _slots(summary))
    table.add_row("restarts", ", ".join(f"{name} {count}" for name, count in restarts.items()) or "none")
    Console(highlight=False, width=None if Console().is_terminal else 110).print(table)


def _counted(counts):
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in _by_count(counts)) or "none"


def _payments(payments):
    text = f"{payments['taken']:,} in {payments['delivered']:,} deliveries: {payments['paid']:,} paid"
    if payments["bought_again"]:
        text += f" ({payments['bought_again']:,} bought again)"
    back = payments["refund_due"]
    return text + (f", {sum(back.values()):,} go back ({_counted(back)}), {payments['refund_settled']:,} are back" if back else "")


def _slots(summary):
    by = summary["slots_opened_by"]
    opened = f"{sum(by.values())} opened, at most {summary['slot_delay_ms']['max'] or 0:,.0f} ms after their time"
    return opened + (f", {by['due']} of them with nobody asking" if by.get("due") else "")


def _latency(latency):
    return f"p50 {latency['p50'] or 0:,.0f} ms, p99 {latency['p99'] or 0:,.0f} ms"
