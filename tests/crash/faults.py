"""What a run can suffer. Each fault does its harm under load, waits until it was really done, and mends what a person would mend."""

import os
import re
import shutil
import signal
import time

from audit.kafka_logs import read_logs
from audit.log_copy import Message
from audit.messages import records
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from yard import PARTITIONS, wait_until

_FROZEN_SECONDS = 15
# Passings of each step, at most: some thousand of the first happen in a run, one or two of the last.
STEPS = {
    "lane.after_poll": 20, "lane.after_begin": 20, "lane.after_append": 200, "lane.before_flush": 20, "lane.before_commit": 20,
    "lane.after_commit": 20, "lane.before_publish": 20, "lane.after_publish": 20, "store.before_write": 20, "store.after_write": 20,
    "view.before_rows": 10, "view.after_rows": 10, "view.after_progress": 10,
    "lane.before_acquire": 2, "lane.after_acquire": 2, "lane.before_restore": 2, "lane.after_restore": 2, "lane.before_redone_store": 1,
    "lane.after_redo": 2, "lane.after_start": 2, "store.before_open": 2, "store.after_open": 2, "membership.before_give_back": 1,
    "sink.before_begin": 10, "sink.after_position": 10, "sink.before_commit": 10, "sink.after_commit": 10,
    "call.before_commit": 20, "call.after_commit": 20,
    "reaper.before_append": 5, "reaper.after_append": 5, "reaper.before_keep_marks": 2, "reaper.after_keep_marks": 2,
}
LEDGER_STEPS = [step for step in STEPS if step.split(".")[0] in ("lane", "store", "view", "membership")]


class Fault:
    name = ""

    def prepare(self, run):
        """Before the daemons start."""

    def strike(self, run):
        raise NotImplementedError

    def clear_away(self, run):
        """After the run, whatever became of it."""


class AtStep(Fault):
    """Kills or stops a daemon at a named step."""

    def __init__(self, step, action):
        self.name, self.step, self.action = f"{action} at a step", step, action

    def prepare(self, run):
        part = self.step.split(".")[0]
        self._daemon = run.daemons[part if part in ("sink", "reaper") else run.dice.choice(("ledger-1", "ledger-2"))]
        self._passing = run.dice.randint(1, STEPS[self.step])
        # A daemon that dies or stands still keeps the faults before from happening as they must: each waits for its turn.
        self._waits = run.faults[0] is not self
        if not self._waits:
            self._arm(self._passing)

    def strike(self, run):
        if self._waits:
            self._arm(self._passing)
            self._start_anew(run)
        if not self._happens(run, 4):
            self._arm(1)  # a start may give it one partition only
            self._bring_about(run)
            if not self._happens(run, 20):
                raise TimeoutError(f"{self._daemon.name} does not pass {self.step}")
        run.note(f"{self._daemon.name}: {self.action} at {self.step}")
        if self.action == "kill":
            return
        others = [ledger for ledger in run.ledgers if ledger is not self._daemon]
        wait_until(lambda: run.is_whole(others), "nobody takes over from a stopped ledger", 40)
        self._daemon.thaw()

    def _arm(self, passing):
        what = f"{self.step}={self.action}@"
        self._daemon.armed = [armed for armed in self._daemon.armed if not armed.startswith(what)] + [f"{what}{passing}"]

    def _happened(self):
        return (self.step, self.action) in self._daemon.hits() and (self.action == "kill" or self._daemon.frozen())

    def _happens(self, run, seconds):
        try:
            wait_until(self._happened, self.step, seconds)
        except TimeoutError:
            return False
        return True

    def _bring_about(self, run):
        """A step of the start is passed by starting again; that of giving partitions back, when another ledger comes."""
        if not self.step.startswith("membership"):
            self._start_anew(run)
        elif "ledger-3" in run.daemons:
            run.daemons["ledger-3"].kill()
            run.daemons["ledger-3"].start()
        else:
            run.add_ledger()

    def _start_anew(self, run):
        self._daemon.kill()
        if self.step == "lane.before_redone_store":
            shutil.rmtree(run.state(self._daemon), ignore_errors=True)
        self._daemon.start()


class CallHangs(AtStep):
    """A commit that does not return, on this side or the other of its happening: the process has to end itself."""

    name = "call that hangs"

    def __init__(self):
        super().__init__("", "hang")
        self.name = CallHangs.name

    def prepare(self, run):
        self.step = run.dice.choice(("call.before_commit", "call.after_commit"))
        super().prepare(run)

    def strike(self, run):
        wait_until(lambda: (self.step, self.action) in self._daemon.hits(), f"{self._daemon.name} does not pass {self.step}", 30)
        words = re.compile(r"partition \d+: commit_transaction has not returned for \d+ ms, .*ending the process")
        wait_until(lambda: words.search(self._daemon.said()), f"{self._daemon.name} lets a call hang", 60)
        wait_until(lambda: 1 in self._daemon.own_deaths, f"{self._daemon.name} does not end with 1", 10)


class StoreAborts(AtStep):
    """The process ends inside of a store, as by a failed assertion of RocksDB: its next start sets that store aside, and does not end."""

    name = "abort inside a store"

    def __init__(self):
        super().__init__("", "abort")
        self.name = StoreAborts.name

    def prepare(self, run):
        run.aborts_are_expected = True
        self.step = run.dice.choice(("store.before_write", "store.after_write", "store.after_open"))
        super().prepare(run)

    def strike(self, run):
        ended = lambda: -signal.SIGABRT in self._daemon.own_deaths  # noqa: E731
        try:
            wait_until(ended, self.step, 4)
        except TimeoutError:
            self._arm(1)
            self._bring_about(run)
            wait_until(ended, f"{self._daemon.name} does not pass {self.step}", 20)
        aside = lambda: re.search("the local store was of no use", self._daemon.said())  # noqa: E731
        try:
            wait_until(aside, self.step, 8)
        except TimeoutError:  # the partition has gone to another ledger: it comes back when that one is gone
            others = [ledger for ledger in run.ledgers if ledger is not self._daemon]
            for ledger in others:
                ledger.kill()
            wait_until(aside, f"{self._daemon.name} sets no store aside", 30)
            for ledger in others:
                ledger.start()


class Rebalance(Fault):
    name = "rebalance"

    def strike(self, run):
        ledger = run.daemons.get("ledger-3") or run.add_ledger()
        wait_until(lambda: run.is_whole() and ledger.lanes(), "a third ledger gets no partition", 60)
        if run.dice.random() < 0.5:
            ledger.stop()
        else:
            ledger.kill()
        wait_until(lambda: run.is_whole([each for each in run.ledgers if each is not ledger]), "its partition is not taken over", 60)


class BrokerAway(Fault):
    """A broker of 4.3.1 that goes away in the midst of a commit can leave the transaction open: while nobody leads a partition of
    `orders`, its coordinator takes that for one of a deleted topic, and writes no marker (KAFKA-20734, see the README)."""

    def _end_forgotten_transactions(self, run, said):
        """No ledger may decide beyond such a transaction; they say so, and a person does what they name. `said`: how much each ledger had
        said before. REQUIRES: the broker is back."""
        # A lane that has not come further may not have noticed yet that it was away.
        ends = [intents_span(run, partition)[1] for partition in range(PARTITIONS)]
        words, held_back = re.compile(r"partition (\d+): redoing orders: an open transaction holds back"), set()

        def known():
            held_back.update(int(number) for ledger in run.ledgers for number in words.findall(ledger.said()[said.get(ledger, 0):]))
            return all(partition in held_back or run.decided(partition) > end for partition, end in enumerate(ends))

        wait_until(known, "the partitions are neither decided again nor held back", 60)
        for partition in held_back:
            for start in run.yard.open_transactions("orders", partition):
                run.note(f"partition {partition}: the broker has forgotten to end the transaction at {start}")
                run.yard.transactions("abort", "--topic", "orders", "--partition", str(partition), "--start-offset", start)
            if is_refused(run, partition):
                for ledger in run.ledgers:
                    ledger.kill()
                    shutil.rmtree(run.state(ledger) / str(partition), ignore_errors=True)
                    ledger.start()


class BrokerRestart(BrokerAway):
    name = "broker restart"

    def strike(self, run):
        servers, before = run.yard.servers, run.yard.pid("kafka")
        if run.dice.random() < 0.5:
            os.kill(before, signal.SIGKILL)
        else:
            servers.supervision.stop("kafka")
        wait_until(lambda: not os.path.exists(f"/proc/{before}"), "the broker does not end", 40)
        said = {ledger: len(ledger.said()) for ledger in run.ledgers}
        servers.supervision.start("kafka")
        servers.up(only=["kafka"])
        self._end_forgotten_transactions(run, said)


class BrokerFrozen(BrokerAway):
    name = "broker frozen"

    def strike(self, run):
        pid, said = run.yard.pid("kafka"), {ledger: len(ledger.said()) for ledger in run.ledgers}
        os.kill(pid, signal.SIGSTOP)
        time.sleep(_FROZEN_SECONDS)  # the fault itself
        os.kill(pid, signal.SIGCONT)
        self._end_forgotten_transactions(run, said)


class RedisKilled(Fault):
    name = "Redis killed"

    def strike(self, run):
        before = run.yard.pid("redis")
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: run.yard.pid("redis") not in (0, before), "Redis is not started again")
        run.yard.servers.up(only=["redis"])


class RedisFlushed(Fault):
    name = "Redis flushed"

    def strike(self, run):
        run.yard.redis().flushall()


class ClockJump(Fault):
    """Forward, so that no ledger may decide until its own clock has come there too; or back, which log time does not follow."""

    name = "broker clock jump"

    def strike(self, run):
        seconds = run.dice.choice((4, -30))
        run.note(f"by {seconds} s")
        run.clocks_differ_ms = 30_000
        said = {ledger: len(ledger.said()) for ledger in run.ledgers}
        run.yard.set_clock(f"{seconds:+d}")
        wait_until(lambda: abs(self._broker_ahead(run) - seconds) < 1, "the broker's clock does not jump")
        if seconds > 0:
            words = re.compile("ahead of this machine's clock")
            refused = lambda: any(words.search(ledger.said()[since:]) for ledger, since in said.items())  # noqa: E731
            wait_until(refused, "no ledger refuses to decide ahead of its clock")
        run.yard.set_clock("+0")
        wait_until(lambda: abs(self._broker_ahead(run)) < 1, "the broker's clock does not come back")

    def clear_away(self, run):
        run.yard.set_clock("+0")

    @staticmethod
    def _broker_ahead(run):
        """In seconds: the append time of an intent of no meaning."""
        times, producer = [], Producer({"bootstrap.servers": run.yard.address("kafka"), "log_level": 0})
        producer.produce("intents", b"what time is it", partition=0, on_delivery=lambda error, message: times.append(message.timestamp()[1]))
        producer.flush(10)
        return times[0] / 1000 - time.time() if times else 1e9


class StrayWriter(Fault):
    """Somebody writes to `intents` in transactions. What he leaves open must not hold anybody up; the mark of one that has ended is a
    gap, at which the ledger refuses to go on until a person has said that nothing is missing there."""

    def __init__(self, left_open):
        self.name, self._left_open = f"stray writer, {'left open' if left_open else 'ends'}", left_open

    def strike(self, run):
        partition = run.dice.randrange(PARTITIONS)
        self._writer = Producer({"bootstrap.servers": run.yard.address("kafka"), "transactional.id": f"stray-{run.seed}", "log_level": 0,
                                 "transaction.timeout.ms": 600_000})
        self._writer.init_transactions(30)
        self._writer.begin_transaction()
        for number in range(run.dice.randint(1, 5)):
            self._writer.produce("intents", b"stray %d" % number, partition=partition)
        self._writer.flush(30)
        if self._left_open:
            return
        run.dice.choice((self._writer.commit_transaction, self._writer.abort_transaction))(30)
        void_gaps(run, partition)

    def clear_away(self, run):
        """Else the broker would end it after the time-out, and write the mark into the `intents` of a later run."""
        if self._left_open:
            successor = Producer({"bootstrap.servers": run.yard.address("kafka"), "transactional.id": f"stray-{run.seed}", "log_level": 0})
            successor.init_transactions(30)


def _reader(run):
    return Consumer({"bootstrap.servers": run.yard.address("kafka"), "group.id": "unused", "enable.auto.commit": False, "log_level": 0,
                     "isolation.level": "read_uncommitted"})


def intents_span(run, partition):
    """First offset and end. Asked anew, by a client that remembers nothing, while nobody leads the partition: a broker that was away does
    not at once."""
    found = []

    def told():
        reader = _reader(run)
        try:
            found.append(reader.get_watermark_offsets(TopicPartition("intents", partition), timeout=10))
        except KafkaException as error:
            run.note(f"partition {partition}: where intents end is not told: {error.args[0].str()}")
        finally:
            reader.close()
        return found

    wait_until(told, f"nobody tells where intents of partition {partition} end")
    return found[0]


def find_refusing(run, partition, words):
    """The ledger whose lane of the partition has stopped, and says why in these words; or None."""
    failed = re.compile(rf'sluice_ledger_lane_failed\{{.*partition="{partition}".*\}}')
    for ledger in run.ledgers:
        stopped = any(failed.fullmatch(name) and value == 1 for name, value in ledger.metrics().items())
        if stopped and re.search(rf"partition {partition}: .*({words})", ledger.said()):
            return ledger
    return None


def is_refused(run, partition):
    """Whether a ledger says that `orders` is not what its store has seen; False once one decides the partition instead."""
    found = []

    def known():
        found[:] = [find_refusing(run, partition, "orders was cut"), any(partition in ledger.lanes() for ledger in run.ledgers)]
        return any(found)

    wait_until(known, f"partition {partition} is neither refused nor decided", 30)
    return bool(found[0])


def void_gaps(run, partition):
    """What a person does about intents that are missing: reads the refusal, and gives the command that it names."""
    words = "intents begins at|intents continues at"
    wait_until(lambda: find_refusing(run, partition, words), f"no ledger refuses partition {partition} with an explanation", 30)
    ledger = find_refusing(run, partition, words)
    named = re.findall(rf"`sluicectl partition void {partition} --from (\d+) --to (\d+) --reason TEXT`", ledger.said())
    if not named:
        raise AssertionError(f"{ledger.name} refuses partition {partition} and names no command")
    first, last = named[-1]
    words = ["--from", first, "--to", last, "--reason", "a crash run lost them", "--application", run.application]
    # Where a ledger took the partition over at the same moment, nothing is written, and a person gives the command again.
    wait_until(lambda: run.sluicectl("partition", "void", str(partition), *words, may_fail="fenced by "), "void is fenced each time", 30)
    run.voided += [(partition, offset) for offset in range(int(first), int(last) + 1)]


class RecordsDeleted(Fault):
    """Intents are deleted that nobody has decided."""

    name = "records deleted"

    def strike(self, run):
        partition = run.dice.randrange(PARTITIONS)
        for ledger in run.ledgers:
            ledger.freeze()
        before = intents_span(run, partition)[1]
        wait_until(lambda: intents_span(run, partition)[1] > before + 200, "no intents come together")
        low, high = intents_span(run, partition)
        kept = self._read(run, partition, low, high)
        until = high - run.dice.randint(1, 50)
        run.yard.delete_records("intents", partition, until)
        run.note(f"deleted {low}..{until - 1} of partition {partition}; from {before} on nobody has decided them")
        run.deleted_intents += [(partition, message) for message in kept if message.offset < until]  # those that were voided are taken out
        for ledger in run.ledgers:
            ledger.thaw()
        void_gaps(run, partition)

    @staticmethod
    def _read(run, partition, low, high):
        reader, found = _reader(run), []
        reader.assign([TopicPartition("intents", partition, low)])
        while not found or found[-1].offset < high - 1:
            for message in reader.consume(1000, timeout=1):
                if message.error() is None:
                    found.append(Message(message.offset(), message.timestamp()[1], message.value() or b""))
        reader.close()
        return found


class OrdersReplaced(Fault):
    """`orders` is deleted and made anew, empty, while the ledgers are stopped or under their feet. They must refuse; a person who has
    lost the topic for good sets their stores aside, and they rule on the same intents again, in the same way."""

    def __init__(self, running):
        self.name, self._running = "orders replaced under way" if running else "orders replaced", running

    def strike(self, run):
        if not self._running:
            # What a buyer was told by when to pay counts from the first time, so Redis has to have been told then, too.
            run.load.pause()
            ends = [intents_span(run, partition)[1] for partition in range(PARTITIONS)]
            wait_until(lambda: self._is_shown(run, ends), "Redis is not told of all that was asked", 60)
            self._stop(run)
            run.load.resume()
        run.load.end_reading()
        run.replaced_orders = read_logs(run.yard.address("kafka"), PARTITIONS, 10 if self._running else 2)
        run.yard.remake_topics({"orders": PARTITIONS})
        for ledger in run.ledgers:
            if not self._running and ledger.name != "ledger-3":
                ledger.start()
        # A ledger that had no store of a partition has nothing to compare with, and rules on it from the beginning at once.
        refused = set()

        def known():
            refused.update(partition for partition in range(PARTITIONS) if find_refusing(run, partition, "orders was cut"))
            return refused | set(self._first_rulings(run)) == set(range(PARTITIONS))

        wait_until(known, "a partition is neither refused nor ruled on from its beginning", 60)
        if late := {partition: first for partition, first in self._first_rulings(run).items() if first}:
            raise AssertionError(f"the new topic orders begins in the middle: partition -> intent {late}")
        if not refused:
            raise AssertionError("no ledger refuses to go on with an empty topic orders")
        for ledger in run.ledgers:
            if ledger.alive():
                ledger.kill()
                shutil.rmtree(run.state(ledger), ignore_errors=True)
                ledger.start()
        # Runs of refusals may be cut at other places now, so MySQL's position can lie within a record: its tables are filled anew.
        run.daemons["sink"].kill()
        run.yard.empty_database()
        run.daemons["sink"].own_deaths.clear()  # of refusing the new topic, as it must
        run.daemons["sink"].start()

    @staticmethod
    def _is_shown(run, ends):
        """Whether Redis has been told of the rulings on all intents before `ends`, by the ledger that decides the partition."""
        shown = {}
        for ledger in run.ledgers:
            told = ledger.metrics()
            for partition in ledger.lanes():
                if told.get(f'sluice_ledger_view_follows{{partition="{partition}"}}') == 1:
                    shown[partition] = told.get(f'sluice_ledger_view_next_offset{{partition="{partition}"}}', 0)
        return all(shown.get(partition, -1) >= end for partition, end in enumerate(ends))

    @staticmethod
    def _first_rulings(run):
        """Partition -> the first intent that the new topic has a ruling on."""
        reader, found = Consumer({"bootstrap.servers": run.yard.address("kafka"), "group.id": "unused", "enable.auto.commit": False, "log_level": 0}), {}
        reader.assign([TopicPartition("orders", partition, 0) for partition in range(PARTITIONS)])
        for message in reader.consume(5000, timeout=1):
            if message.error() is None:
                found.setdefault(message.partition(), records.OrderRecord.FromString(message.value()).first_offset)
        reader.close()
        return found

    @staticmethod
    def _stop(run):
        for ledger in run.ledgers:
            if ledger.alive():
                ledger.stop()  # killed, it would leave a transaction open, and what it holds back could not be compared
