"""The command as it is typed, in a process of its own: wall-clock seconds, memory, its text."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
OPED, SMALL = ROOT / "cases/ukraine-2025.yaml", ROOT / "tests/cases_small/knife_edge.yaml"
TRUST, COLOMBIA = ROOT / "tests/cases_small/trust.yaml", ROOT / "cases/colombia-2012.yaml"
SMALL_QUESTION = "P(eventually(said))"
PATIENCE = 900.0  # seconds
DONE, MARKED = 0, 1
# Memory is read by the process itself: what it had before it became this one counts in what the
# system tells its parent.
MEASURED = """
import re, sys
from pathlib import Path
def peak(process):
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path(f"/proc/{process}/status").read_text())[1])
try:
    %s
finally:
    told = Path("/proc/self/task").glob("*/children")
    workers = [each for one in told for each in one.read_text().split()]
    print(1024 * max(map(peak, ["self", *workers])), file=sys.stderr)
"""
COMMAND = MEASURED % "from ceasefire.cli.main import run_cli; run_cli()"


@dataclass(frozen=True)
class Typed:
    """What one command took and printed.

    seconds  wall-clock time, start of the process included
    memory   most bytes of its largest process
    text     standard output
    """

    seconds: float
    memory: float
    text: str


def typed(*words: str, changed: Mapping[str, str] | None = None) -> Typed:
    """Run a command of `ceasefire` as it is typed.

    words    the command and its options
    changed  what the environment has besides
    """
    command = [sys.executable, "-m", "ceasefire", *words]
    began = perf_counter()
    done = _run(command, changed)
    return Typed(perf_counter() - began, 0.0, done.stdout)


def typed_with_memory(*words: str) -> Typed:
    """The same with the memory of its largest process, which takes a moment longer to begin."""
    return _measured(COMMAND, words)


def program_with_memory(code: str, *words: str) -> Typed:
    """The same of one statement of Python.

    code   the statement
    words  its `sys.argv[1:]`
    """
    return _measured(MEASURED % code, words)


def _measured(code: str, words: Sequence[str]) -> Typed:
    began = perf_counter()
    done = _run([sys.executable, "-c", code, *words], None)
    return Typed(perf_counter() - began, float(done.stderr.split()[-1]), done.stdout)


def _run(
    command: Sequence[str], changed: Mapping[str, str] | None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE,
        env={**os.environ, **(changed or {})}, check=False,
    )  # fmt: skip
    if done.returncode not in (DONE, MARKED) or "Traceback" in done.stderr:
        words = " ".join(word for word in command[2:] if "\n" not in word)
        raise RuntimeError(f"{words} ended with {done.returncode}: {done.stderr.strip()}")
    return done
