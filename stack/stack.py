#!/usr/bin/python3
"""Starts and stops everything that sluice needs on one machine, on loopback: `stack.py --help`."""

import argparse
import os
import shutil
import time

import daemons
import kafka_server
import mariadb_server
import nginx_server
import redis_server
from folder import TREE, Folder
from health import wait_until_healthy
from leftovers import end_leftovers, processes_of
from ports import Ports
from problem import Problem, exit_code_of
from supervision import Supervision

_SERVERS = [kafka_server, redis_server, mariadb_server, nginx_server]
# Longer than any one program may take to stop (Program.stop_seconds), stage after stage.
_STOP_SECONDS = 45


class Stack:
    """One stack in one folder. Commands may come from different processes: all that lasts is in the folder."""

    def __init__(self, path, attached=False):
        """`attached`: its processes are in the session of the one that starts it."""
        self.folder = Folder(path)
        self._supervision = Supervision(self.folder, attached)
        self._ports = None

    @property
    def ports(self):
        """Of the stack as it was last started."""
        if self._ports is None:
            if not self.folder.ports.exists():
                raise Problem(f"no stack was ever started in {self.folder.path}: run `make up`")
            self._ports = Ports.recorded(self.folder.ports)
        return self._ports

    @property
    def supervision(self):
        return self._supervision

    def running(self):
        return self._supervision.running()

    def up(self, only=None, fresh=False, private=False, apart_from=()):
        """Starts what does not run. `only`: names of programs, else all. `fresh`: without what an earlier stack here has left.
        `private`: on ports that nothing listens on, to run beside other stacks, and that are none of `apart_from`."""
        if fresh:
            self.down()
            self._forget()
        self.folder.create()
        with self.folder.locked():
            again = self.running()
            if not again:
                end_leftovers(self.folder)
                self._ports = Ports.private(apart_from) if private else Ports.read()
                self._ports.record(self.folder.ports)
            wanted = self.programs(only)
            self._prepare(wanted, again)
            for stage in sorted({program.stage for program in wanted}):
                self._start([program for program in wanted if program.stage == stage])

    def down(self):
        """Ends everything, also what a killed supervisor left behind. Returns whether there was anything."""
        if not self.folder.path.exists():
            return bool(end_leftovers(self.folder))  # its processes can outlive a removed folder
        self.folder.create()
        with self.folder.locked():
            supervised = self._supervision.end(_STOP_SECONDS)
            return bool(end_leftovers(self.folder)) or supervised

    def status(self):
        if self.running():
            return [f"{name:10} {state['statename']:9} {state['description']}" for name, state in self._supervision.states().items()]
        if left := processes_of(self.folder):
            return [f"the supervisor is gone, but {len(left)} of its processes run: `make down` ends them"]
        return ["nothing runs"]

    def environment(self):
        """What tests against real servers are told."""
        return {
            "SLUICE_TEST_KAFKA": self.ports.address("kafka"),
            "SLUICE_TEST_REDIS": self.ports.address("redis"),
            "SLUICE_TEST_REDIS_PASSWORD_FILE": str(self.folder.secret("redis_password")),
            "SLUICE_TEST_MYSQL": self.ports.address("mariadb"),
            "SLUICE_TEST_MYSQL_USER": mariadb_server.USER,
            "SLUICE_TEST_MYSQL_PASSWORD_FILE": str(self.folder.secret("mysql_password")),
        }

    def programs(self, only=None):
        """All of the stack, or those with the names in `only`."""
        programs = [*(server.program(self.folder, self.ports) for server in _SERVERS), *daemons.programs(self.folder, self.ports)]
        if unknown := set(only or []) - {program.name for program in programs}:
            raise Problem(f"no program {', '.join(sorted(unknown))}: there are {', '.join(program.name for program in programs)}")
        return [program for program in programs if only is None or program.name in only]

    def _prepare(self, wanted, again):
        """Settings, first data and the supervisor. A running stack keeps the settings of its servers."""
        self._supervision.write_settings(self.programs())
        daemons.write_settings(self.folder, self.ports)
        if again:
            self._supervision.reread()
            return
        self.ports.require_free([port for program in wanted for port in program.ports])
        firsts = []
        for server in _SERVERS:
            server.write_settings(self.folder, self.ports)
            if server.NAME in {program.name for program in wanted}:
                firsts.append(server.first_data(self.folder, self.ports))
        for first in filter(None, firsts):
            first.finish()
        self._supervision.begin()

    def _start(self, programs):
        """One stage. The daemons find their topics and tables."""
        if any(program.hold for program in programs):
            mariadb_server.create_tables(self.folder, self.ports)
            daemons.create_topics(self.ports)
        for program in programs:
            self._supervision.start(program.name)
        wait_until_healthy(programs, self._supervision.failing, self.folder)

    def _forget(self):
        for name in ("data", "log", "run", "settings"):
            shutil.rmtree(self.folder.path / name, ignore_errors=True)


def _up(stack, arguments):
    begun = time.monotonic()
    stack.up(arguments.names or None, fresh=arguments.fresh, private=arguments.private)
    print(f"up after {time.monotonic() - begun:.1f} s; data and logs in {stack.folder.path}; `make down` ends it")
    if not arguments.names:
        print(how_to_buy(stack))
    return 0


def how_to_buy(stack):
    """For people: the page's address, and each step by hand. The commands are run as they stand by tests/front/test_how_to_buy.py."""
    addresses = {name: stack.ports.address(name) for name in ("front", "kafka")}
    secret = os.path.relpath(stack.folder.secret("jwt_hs256"))
    return _HOW_TO_BUY.format(**addresses, sluicectl=os.path.relpath(daemons.binary("sluicectl")), secret=secret)


_HOW_TO_BUY = """
The sale page is http://{front}/ : sign in with any name. Each step by hand, the first one defines the sale:

  {sluicectl} sale apply stack/sale.yaml --brokers {kafka}
  TOKEN=$(curl -s 'http://{front}/shop/token?user=alice' | cut -d'"' -f4)
  ADMIN=$(stack/shop.py token --user admin --scope sluice:admin --secret-file {secret})

  # the stock
  curl -s http://{front}/v1/skus/mask
  # buy: the same key again is the same purchase
  ORDER=$(curl -s http://{front}/v1/orders -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: click-$RANDOM" \\
       -H 'Content-Type: application/json' -H 'Prefer: wait=5' -d '{{"sku": "mask", "quantity": 1}}' | cut -d'"' -f4)
  # read it
  curl -s http://{front}/v1/orders/$ORDER -H "Authorization: Bearer $TOKEN"
  # pay for it, at the shop, which tells sluice; or cancel it
  curl -s http://{front}/shop/payments -d '{{"order": "'$ORDER'", "amount_minor": 1900, "currency": "EUR"}}'
  curl -s -X POST http://{front}/v1/orders/$ORDER/cancel -H "Authorization: Bearer $TOKEN" -H 'Prefer: wait=5'
  # as the administrator: five more to sell
  curl -s http://{front}/v1/admin/skus/mask/stock -H "Authorization: Bearer $ADMIN" -H 'Idempotency-Key: found-a-box' \\
       -H 'Content-Type: application/json' -d '{{"delta": 5, "reason": "found a box"}}'
"""


def _down(stack, _arguments):
    print(f"{os.path.relpath(stack.folder.path)}: {'ended' if stack.down() else 'nothing was running'}")
    return 0


def _status(stack, _arguments):
    print("\n".join(stack.status()))
    return 0


def _env(stack, _arguments):
    print("\n".join(f"export {name}={value}" for name, value in stack.environment().items()))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", default=TREE / ".stack", help="where the stack lives (default: .stack of this checkout)")
    acts = parser.add_subparsers(dest="act", required=True)
    up = acts.add_parser("up", help="start what does not run")
    up.add_argument("names", nargs="*", help="only these, e.g. kafka redis mariadb (default: all)")
    up.add_argument("--fresh", action="store_true", help="without the data of before")
    up.add_argument("--private", action="store_true", help="on ports that nothing listens on")
    up.set_defaults(run=_up)
    acts.add_parser("down", help="end everything, also after a crash").set_defaults(run=_down)
    acts.add_parser("status", help="what runs").set_defaults(run=_status)
    acts.add_parser("env", help="variables for tests against these servers").set_defaults(run=_env)
    arguments = parser.parse_args()
    return arguments.run(Stack(arguments.dir), arguments)


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
