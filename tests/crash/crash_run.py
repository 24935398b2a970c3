"""One crash run: fresh topics, two ledgers, a sink and a reaper under load, the faults of its seed one after the other, and then the
independent check."""

import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import yaml
from audit.__main__ import check, parse_arguments
from audit.kafka_logs import read_logs
from audit.log_copy import Message
from audit.messages import records
from audit.report import passes, verdict_line
from daemon_process import WRONG, DaemonProcess
from intent_load import GENERATION, IntentLoad
from mariadb_server import USER
from ports import LOOPBACK
from yard import PARTITIONS, PROGRAMS, wait_until

SESSION_MS, CLOCK_AHEAD_MS, FREE_MIB = 1000, 1000, 16
# A daemon that dies more often by itself does so for ever.
_DEATHS_MAX = 4
_SETTLE_SECONDS = 60
_PORTS = {"ledger-1": "ledger_1_admin", "ledger-2": "ledger_2_admin", "ledger-3": "ingest_1_admin", "sink": "sink_admin", "reaper": "reaper_admin"}


class CrashRun:
    def __init__(self, yard, folder, seed):
        self.yard, self.folder, self.seed = yard, Path(folder), seed
        self.dice = random.Random(seed)
        self.daemons, self.load, self.faults = {}, None, []
        self.deleted_intents = []  # (partition, audit Message) that the broker no longer has
        self.voided = []  # (partition, offset) of intents that a person has declared lost
        self.replaced_orders = None  # audit LogCopy of `orders` before it was replaced
        self.aborts_are_expected, self.clocks_differ_ms = False, 0
        self.notes, self._hits = [], []

    @property
    def ledgers(self):
        return [daemon for daemon in self.daemons.values() if daemon.kind == "ledger"]

    @property
    def application(self):
        return f"crash-{self.seed}"

    def state(self, ledger):
        return self.folder / f"state-{ledger.name}"

    def live_through(self, faults):
        """Returns what is wrong: nothing, if all is well."""
        self.faults = faults
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.yard.make_ready(self.seed)
        for name in ("ledger-1", "ledger-2", "sink", "reaper"):
            self._add(name)
        try:
            for fault in faults:
                fault.prepare(self)
            for daemon in self.daemons.values():
                daemon.start()
            self.load = IntentLoad(self.yard.address("kafka"), self.folder, self.seed)
            self.load.begin()
            self.wait_whole()
            self._let_settle()
            for fault in faults:
                self.note(f"fault {fault.name}")
                fault.strike(self)
                self.wait_whole()
                self._let_settle()
            return self._settle()
        except TimeoutError as error:
            raise TimeoutError("; ".join((str(error), *self._last_words()))) from error
        finally:
            self._clear_away(faults)

    def note(self, text):
        self.notes.append(f"{time.time():.3f} {text}")

    def add_ledger(self):
        ledger = self._add("ledger-3")
        ledger.start()
        return ledger

    def wait_whole(self, patience_seconds=_SETTLE_SECONDS):
        """Until every partition is decided by somebody."""

        def whole():
            for daemon in self.daemons.values():
                if len(daemon.own_deaths) > _DEATHS_MAX:
                    raise AssertionError(f"{daemon.name} dies again and again: {daemon.own_deaths}; {list(self._wrong_with(daemon))}")
            return self.is_whole()

        wait_until(whole, "the partitions are not all decided again", patience_seconds)

    def _let_settle(self):
        """Until both ledgers decide something: a partition that a fault is meant for must not be on its way to the other one. A
        ledger that was stopped at a step never does."""
        try:
            wait_until(lambda: self.is_whole() and all(ledger.lanes() for ledger in self.ledgers[:2]), "both ledgers decide", 5)
        except TimeoutError:
            self.note("one ledger alone")

    def is_whole(self, among=None):
        lanes = [ledger.lanes() for ledger in (self.ledgers if among is None else among)]
        return set().union(*lanes) == set(range(PARTITIONS)) and sum(map(len, lanes)) == PARTITIONS

    def decided(self, partition, among=None):
        """The furthest intent that a ledger says it comes to next."""
        name = re.compile(rf'sluice_ledger_next_offset\{{.*partition="{partition}".*\}}')
        return max((value for ledger in among or self.ledgers for metric, value in ledger.metrics().items() if name.fullmatch(metric)), default=0)

    def sluicectl(self, *words, may_fail=None):
        """Returns whether it did it. `may_fail`: what it may say if not."""
        command = [str(PROGRAMS / "sluicectl"), *words, "--brokers", self.yard.address("kafka")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.note(f"sluicectl {' '.join(words)}: {done.returncode} {(done.stdout + done.stderr).strip()}")
        if done.returncode and not (may_fail and may_fail in done.stderr):
            raise AssertionError(f"sluicectl {' '.join(words)}: {(done.stderr or done.stdout).strip()}")
        return done.returncode == 0

    def _add(self, name):
        assert name not in self.daemons, f"{name} is there already, and would live on unseen"
        port = self.yard.port(_PORTS[name])
        kind = name.rpartition("-")[0] or name
        settings = {"kafka": {"brokers": self.yard.address("kafka")}, "topics": {"generation": GENERATION, "partitions": PARTITIONS},
                    "admin": {"address": LOOPBACK, "port": port}}
        settings |= getattr(self, f"_settings_of_{kind}")(name)
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(settings))
        self.daemons[name] = DaemonProcess(name, self.folder, port, self.yard.servers.folder.path)
        return self.daemons[name]

    def _settings_of_ledger(self, name):
        secret = self.yard.servers.folder.secret("redis_password")
        return {"application": self.application, "instance": name, "group": {"session_ms": SESSION_MS},
                "state": {"directory": str(self.folder / f"state-{name}"), "free_mib_min": FREE_MIB},
                "lane": {"log_time_ahead_ms_max": CLOCK_AHEAD_MS, "batch_intents_max": 500, "call_timeout_ms": 25_000},
                "redis": {"host": LOOPBACK, "port": self.yard.port("redis"), "password_file": str(secret)}}

    def _settings_of_sink(self, name):
        secret = self.yard.servers.folder.secret("mysql_password")
        mysql = {"host": LOOPBACK, "port": self.yard.port("mariadb"), "user": USER, "database": self.yard.database}
        return {"application": f"crash-sink-{self.seed}", "instance": name, "mysql": mysql | {"password_file": str(secret)}}

    def _settings_of_reaper(self, name):
        return {"application": f"crash-reaper-{self.seed}", "instance": name, "limits": {"keep_marks_ms": 500}}

    def _settle(self):
        """The load ends; nothing more falls due; everything that was asked is decided; then what happened is counted."""
        wait_until(lambda: all(self.daemons[name].is_ready() for name in ("sink", "reaper")), "sink and reaper are not ready", _SETTLE_SECONDS)
        self.daemons["reaper"].stop()
        self.load.end()
        self.wait_whole()
        wrong = self._check()
        self.load.end_reading()
        for daemon in self.daemons.values():
            if daemon.alive() and (code := daemon.stop()):
                wrong.append(f"{daemon.name} ends with {code} when it is asked to stop")
        return wrong + [line for daemon in self.daemons.values() for line in self._wrong_with(daemon)]

    def _check(self):
        logs = read_logs(self.yard.address("kafka"), PARTITIONS, 30)
        for partition, message in self.deleted_intents:
            if (partition, message.offset) not in self.voided:
                logs.topics["intents"][partition].append(message)
        self.load.forget(self.voided)
        for partition in range(PARTITIONS):
            logs.topics["intents"][partition].sort(key=lambda message: message.offset)
        wrong = self._compare_with_replaced(logs) if self.replaced_orders else []
        logs.save(self.folder / "logs")
        servers, yard = self.yard.servers.folder, self.yard
        words = ["--logs", self.folder / "logs", "--partitions", PARTITIONS, "--clocks-differ-ms", self.clocks_differ_ms]
        words += ["--redis", yard.address("redis"), "--redis-password-file", servers.secret("redis_password"), "--mysql", yard.address("mariadb"), "--mysql-password-file", servers.secret("mysql_password"),
                 "--mysql-database", yard.database, "--journal", self.load.journal_path, "--payments", self.load.book_path]
        summary, findings = check(parse_arguments([str(word) for word in words]))
        self.note(verdict_line(summary))
        if summary["voided"] != len(self.voided):
            wrong.append(f"{summary['voided']} intents are void, a person declared {len(self.voided)} so")
        return wrong if passes(summary) else wrong + findings.lines(10) + [verdict_line(summary)]

    def _compare_with_replaced(self, logs):
        """What was ruled anew must be what was ruled before. When a record became readable the buyers know from the first time."""
        wrong = []
        for partition in range(PARTITIONS):
            appended, digests = {}, {}
            for message in self.replaced_orders.orders(partition):
                record = records.OrderRecord.FromString(message.value)
                digests[record.last_offset] = record.digest
                appended |= dict.fromkeys(range(record.first_offset, record.last_offset + 1), message.append_ms)
            found = logs.orders(partition)
            for at, message in enumerate(found):
                record = records.OrderRecord.FromString(message.value)
                if digests.get(record.last_offset, record.digest) != record.digest:
                    wrong.append(f"partition {partition}: the rulings up to intent {record.last_offset} are not those of before")
                found[at] = Message(message.offset, appended.get(record.first_offset, message.append_ms), message.value)
            if not digests:
                wrong.append(f"partition {partition}: nothing was ruled before orders was replaced")
        return wrong[:10]

    def _last_words(self):
        """What the daemons do, for whoever sees no more of a run than its line."""
        for daemon in self.daemons.values():
            decides = f" decides {sorted(daemon.lanes())} and" if daemon.kind == "ledger" else ""
            yield f"{daemon.name}{decides} says: {(daemon.said().splitlines() or ['nothing'])[-1]}"

    def _wrong_with(self, daemon):
        if found := WRONG.search(daemon.said()):
            yield f"{daemon.name} says {found[0]}"
        aborts = daemon.own_deaths.count(-signal.SIGABRT)
        if aborts and not self.aborts_are_expected:
            yield f"{daemon.name} aborts"
        if len(daemon.own_deaths) > _DEATHS_MAX:
            yield f"{daemon.name} dies again and again: {daemon.own_deaths}"

    def _clear_away(self, faults):
        if self.load:
            self.load.abandon()
        for daemon in self.daemons.values():
            daemon.kill()
        self._hits = [step for daemon in self.daemons.values() for step, _ in daemon.hits()]
        for fault in faults:
            fault.clear_away(self)
        (self.folder / "notes").write_text("\n".join(self.notes) + "\n")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def aborts(self):
        """How often a ledger has ended inside of its store: whatever else aborts is wrong."""
        return sum(ledger.own_deaths.count(-signal.SIGABRT) for ledger in self.ledgers)

    def hits(self):
        """The steps at which something happened."""
        return self._hits
