#!/usr/bin/python3
"""Checks the models of this folder exhaustively with Spin: each as it is, without an error, and each broken variant, with one.

    tests/model/spin_models.py [--dir build/model] [MODEL ...]
"""

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = sorted(HERE.glob("*.pml"))
FOLDER = HERE.parents[1] / "build/model"
_VARIANT = re.compile(r"^ \*   ([A-Z_]+) +\S", re.MULTILINE)
_ERRORS = re.compile(r"errors: (\d+)")
_STATES = re.compile(r"^ *([\d.e+]+) states, stored", re.MULTILINE)
_COMPLETE = "max search depth too small", "out of memory", "Search not completed"


@dataclass
class Search:
    """What one exhaustive search found."""

    errors: int
    states: int
    seconds: float


class NotSearched(Exception):
    """Spin or the compiler could not do it, or the search was cut short."""


def variants(model):
    """The broken variants that the comment at the top of the model lists."""
    return _VARIANT.findall(model.read_text())


def search(model, variant, folder):
    folder.mkdir(parents=True, exist_ok=True)
    _run(["spin", "-a", *([f"-D{variant}"] if variant else []), str(model)], folder)
    _run(["gcc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=2048", "-DMEMLIM=6000", "-o", "pan", "pan.c"], folder)
    began = time.monotonic()
    said = _run(["./pan", "-m200000", "-w24"], folder)
    if not _ERRORS.search(said) or (cut := [words for words in _COMPLETE if words in said and not _errors(said)]):
        raise NotSearched(f"{model.name} {variant}: {cut if _ERRORS.search(said) else said}")
    return Search(_errors(said), round(float(_STATES.search(said)[1])), time.monotonic() - began)


def _errors(said):
    return int(_ERRORS.search(said)[1])


def _run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotSearched(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def run(models=MODELS, folder=FOLDER):
    """How many searches found what they must, and how many did not."""
    passed = failed = 0
    for model in models:
        names = variants(model)
        if not names:
            raise NotSearched(f"{model.name} lists no broken variant")
        for variant in ["", *names]:
            found = search(model.resolve(), variant, folder / (model.stem + "-" + (variant or "as-it-is")))
            right = (found.errors > 0) == bool(variant)
            passed, failed = passed + right, failed + (not right)
            ruling = "ok" if right else "NOT FOUND" if variant else "VIOLATED"
            name = variant or "as it is"
            print(f"{model.stem:12} {name:18} {found.states:>10,} states {found.seconds:6.1f} s  {ruling}", flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=MODELS)
    parser.add_argument("--dir", type=Path, default=FOLDER, help="for what Spin generates")
    options = parser.parse_args()
    return 1 if run(options.models, options.dir)[1] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotSearched as error:
        sys.exit(str(error))
