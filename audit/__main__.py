"""The command line of the check. See README.md."""

import argparse
import json
import pathlib
import sys

from audit.compare_mysql import compare_mysql
from audit.compare_redis import compare_redis
from audit.findings import Findings
from audit.fold import Fold
from audit.gateway import read_gateway_journal
from audit.journal import read_journal
from audit.kafka_logs import CheckFailed, read_dead_letters, read_logs
from audit.log_copy import LogCopy
from audit.money import Money
from audit.report import passes, summarise, verdict_line
from audit.stores import Stores, read_mysql, read_redis
from audit.told import Told


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="audit", description="Checks a sale against its log, from outside.")
    parser.add_argument("--kafka", metavar="HOST:PORT", help="read the logs from this broker")
    parser.add_argument("--logs", metavar="FILE", help="read the logs from a copy instead")
    parser.add_argument("--save-logs", metavar="FILE", help="keep a copy of the logs")
    parser.add_argument("--redis", metavar="HOST:PORT")
    parser.add_argument("--redis-password-file", metavar="FILE")
    parser.add_argument("--mysql", metavar="HOST:PORT")
    parser.add_argument("--mysql-user", default="sluice")
    parser.add_argument("--mysql-password-file", metavar="FILE")
    parser.add_argument("--mysql-database", default="sluice")
    parser.add_argument("--stores", metavar="FILE", help="read what Redis and MySQL held from a copy instead")
    parser.add_argument("--save-stores", metavar="FILE", help="keep a copy of what Redis and MySQL hold")
    parser.add_argument("--journal", metavar="FILE", help="the buyers' journal; without one, what buyers were told is not checked")
    parser.add_argument("--payments", metavar="FILE", help="the gateway's journal; without one, only the log's money is checked")
    parser.add_argument("--generation", type=int, default=1, help="of the topics (default 1)")
    parser.add_argument("--partitions", type=int, default=8, help="of each topic (default 8)")
    parser.add_argument("--clocks-differ-ms", type=int, default=0, metavar="N", help="the broker's clock jumped by so much, against itself and the ledgers'")
    parser.add_argument("--wait", type=float, default=30, metavar="SECONDS", help="for records, Redis and MySQL to catch up, each")
    parser.add_argument("--lines", type=int, default=20, metavar="N", help="show at most so many findings of a kind (default 20)")
    parser.add_argument("--json", metavar="FILE", help="write the summary there")
    arguments = parser.parse_args(argv)
    if (arguments.kafka is None) == (arguments.logs is None):
        parser.error("give either --kafka or --logs")
    return arguments


def _password(path):
    return pathlib.Path(path).read_text(encoding="utf-8").strip() if path else None


def _address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def _read_stores(arguments, fold):
    if arguments.stores:
        return Stores.load(arguments.stores)
    stores, positions = Stores(None, None, None), fold.next_positions()
    if arguments.redis:
        stores.redis = read_redis(*_address(arguments.redis), _password(arguments.redis_password_file), positions, arguments.wait)
    if arguments.mysql:
        stores.mysql_orders, stores.mysql_positions, stores.mysql_tables = read_mysql(
            *_address(arguments.mysql), arguments.mysql_user, _password(arguments.mysql_password_file) or "",
            arguments.mysql_database, positions, arguments.wait)
        stores.dead_letters = read_dead_letters(arguments.kafka, arguments.wait) if arguments.kafka else []
    return stores


def check(arguments):
    """The summary and the findings."""
    logs = LogCopy.load(arguments.logs) if arguments.logs else read_logs(arguments.kafka, arguments.partitions, arguments.wait)
    if arguments.save_logs:
        logs.save(arguments.save_logs)
    findings = Findings()
    fold = Fold(logs, arguments.generation, findings, arguments.clocks_differ_ms).read()
    stores = _read_stores(arguments, fold)
    if arguments.save_stores:
        stores.save(arguments.save_stores)
    if stores.redis is not None:
        compare_redis(fold, stores.redis, findings, arguments.clocks_differ_ms)
    if stores.mysql_orders is not None:
        compare_mysql(fold, stores, findings)
    requests = _read_lines(read_journal, arguments.journal, findings) if arguments.journal else {}
    if requests:
        Told(fold, requests, findings).compare()
    paid = _read_lines(read_gateway_journal, arguments.payments, findings) if arguments.payments else None
    Money(fold, paid, findings).compare()
    return summarise(fold, requests, paid, findings), findings


def _read_lines(read, path, findings):
    entries, bad_lines = read(path)
    for line in bad_lines:
        findings.add("other", str(path), line)
    return entries


def main(argv):
    arguments = parse_arguments(argv)
    try:
        summary, findings = check(arguments)
    except (CheckFailed, OSError, ValueError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    for line in findings.lines(arguments.lines):
        print(line)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(verdict_line(summary))
    return 0 if passes(summary) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
