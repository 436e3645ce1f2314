"""What somebody waits for who has just typed a command: start, a small case, compiling.

Wall-clock time of the command as it is typed, in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.table import Effort, Row, seconds

CASE = str(Path(__file__).parents[1] / "tests/cases_small/knife_edge.yaml")
QUESTION = "P(eventually(said))"
HELP, ASK, COMPILE = 0.3, 2.0, 30.0


def rows(effort: Effort) -> Iterator[Row]:
    """Help, a question once compiled, and a question that compiles first."""
    times = [_typed("--help")[0] for _ in range(effort.pick(3, 9))]
    yield _row("ceasefire --help", times, HELP)
    answer = _ask()[1]
    warm = []
    for _ in range(effort.pick(1, 5)):
        time, again = _ask()
        warm.append(time)
        if again != answer:
            raise AssertionError(f"asked again: {again}, not {answer}")
    yield _row("ceasefire ask, a small case, compiled", warm, ASK)
    if effort.quick:
        return
    with TemporaryDirectory() as folder:
        cold, compiled = _ask({"NUMBA_CACHE_DIR": folder})
    if compiled != answer:
        raise AssertionError(f"compiled anew: {compiled}, not {answer}")
    yield _row("compiling, in ask on a fresh machine", [cold - median(warm)], COMPILE)


def _ask(changed: dict[str, str] | None = None) -> tuple[float, float]:
    time, text = _typed("ask", CASE, QUESTION, "--json", changed=changed)
    return time, float(json.loads(text)["answers"][0]["best"])


def _typed(*words: str, changed: dict[str, str] | None = None) -> tuple[float, str]:
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ceasefire", *words],
        capture_output=True, text=True, encoding="utf-8", check=True,
        env={**os.environ, **(changed or {})},
    )  # fmt: skip
    return perf_counter() - began, done.stdout


def _row(what: str, times: list[float], limit: float) -> Row:
    middle = median(times)
    return Row(
        what=what,
        ours=seconds(middle),
        other=f"limit {seconds(limit)}",
        ratio=limit / middle,
        low=limit / max(times),
        high=limit / min(times),
        target=1.0,
        kind="limit",
    )
