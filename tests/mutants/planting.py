"""A planted bug: its patch, and a program of the release build that has it."""

import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path.insert(0, str(TREE / "stack"))

from problem import Problem  # noqa: E402 found by the path above

RELEASE = TREE / "build/release"
PLANTED = TREE / "build/mutants"
_FOUND_BY = re.compile(r"^Found by: (.+)$", re.MULTILINE)
_FILE = re.compile(r"^\+\+\+ b/(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    name: str
    patch: Path
    what: str  # it breaks
    oracles: tuple  # that should find it, by name, in this order
    files: tuple  # that it changes


def read_mutants():
    return [_read(patch) for patch in sorted(HERE.glob("*.patch"))]


def _read(patch):
    text = patch.read_text(encoding="utf-8")
    found_by = _FOUND_BY.search(text)
    if not found_by:
        raise Problem(f"{patch.name} does not say by which oracle it should be found: a line 'Found by: ...' before the patch")
    what = " ".join(text[: found_by.start()].split())
    return Mutant(patch.stem, patch, what, tuple(found_by[1].replace(",", " ").split()), tuple(_FILE.findall(text)))


def problem_with(mutant):
    """Why the patch does not apply to the tree as it is; empty if it does."""
    done = subprocess.run(["git", "apply", "--check", str(mutant.patch)], cwd=TREE, capture_output=True, text=True, check=False)
    return done.stderr.strip()


def plant(mutant, target):
    """The path of a copy of the program `target` with the mistake. Only what the patch touches is compiled; the rest is as the
    build has it, since an executable's own objects come before those of a library.
    REQUIRES: the release build of `target` is up to date, and the patch changes no header."""
    folder = PLANTED / mutant.name
    objects = [_compile(source, folder) for source in _mutated_sources(mutant, folder)]
    link = _link_command(target)
    output = link.index("-o") + 1
    program = folder / Path(link[output]).name
    link[output : output + 1] = [str(program), *map(str, objects)]
    _run(link, RELEASE)
    return program


def _mutated_sources(mutant, folder):
    for name in mutant.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((TREE / name).read_bytes())
    _run(["patch", "--quiet", "--no-backup-if-mismatch", "-p1", "-i", str(mutant.patch)], folder)
    return [folder / name for name in mutant.files]


def _compile(source, folder):
    name = str(source.relative_to(folder))
    commands = json.loads((RELEASE / "compile_commands.json").read_text(encoding="utf-8"))
    # The one of the library: its first user in the list.
    entry = next(entry for entry in commands if entry["file"] == str(TREE / name))
    command = [word for word in shlex.split(entry["command"]) if word != "-Werror"] + ["-O0", "-g0"]
    target = source.with_suffix(".o")
    command[command.index("-o") + 1] = str(target)
    command[command.index("-c") + 1] = str(source)
    _run(command, entry["directory"])
    return target


def _link_command(target):
    said = _run(["ninja", "-C", str(RELEASE), "-t", "commands", target], TREE)
    last = said.strip().splitlines()[-1]
    return shlex.split(last.removeprefix(": && ").removesuffix(" && :"))


def program_of(target):
    """Without a mistake."""
    link = _link_command(target)
    return RELEASE / link[link.index("-o") + 1]


def _run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"{' '.join(command)[:300]}: {done.stderr[-3000:] or done.stdout[-3000:]}")
    return done.stdout
