"""Waits until programs can do their work."""

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from problem import Problem

_PAUSE_SECONDS = 0.05
# A program that the supervisor still cannot keep running after this is broken, not slow.
_FAILING_SECONDS_MAX = 4


def http_problem(url):
    """None when the URL answers 200; else why not, with the beginning of the answer."""
    try:
        with urllib.request.urlopen(url, timeout=1):
            return None
    except urllib.error.HTTPError as error:
        return f"{url} answers {error.code} {error.read(200).decode(errors='replace').strip()}".strip()
    except OSError as error:
        return f"{url}: {getattr(error, 'reason', error)}"


def wait_until_healthy(programs, failing, folder, patience_seconds=120):
    """All at once. `failing(name)`: the supervisor's words when a program ends as soon as it is started, else None."""
    if not programs:
        return
    until = time.monotonic() + patience_seconds

    def wait(program):
        failing_since = None
        while True:
            problem = program.problem()
            if problem is None:
                return None
            if words := failing(program.name):
                failing_since = failing_since or time.monotonic()
                if time.monotonic() > failing_since + _FAILING_SECONDS_MAX:
                    return f"{program.name} does not start: {words}"
            if time.monotonic() > until:
                return f"{program.name} is not ready after {patience_seconds} s: {problem}"
            time.sleep(_PAUSE_SECONDS)

    with ThreadPoolExecutor(len(programs)) as threads:
        for program, failure in zip(programs, threads.map(wait, programs)):
            if failure:
                raise Problem(f"{failure}\nthe end of {folder.log(program.name)}:{folder.last_lines(program.name)}")
