"""Many worlds: how long they take on all cores, and how the memory of workers grows with them.

The command as it is typed. Memory is that of the largest process. What is scaled from fewer worlds
than it says is scaled from the difference of two runs, without the start of the workers.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.fit import exponent
from benchmarks.table import Effort, Row, limited, seconds, within
from benchmarks.typed import OPED, ROOT, TRUST, typed_with_memory
from benchmarks.worlds import TEST, pays
from ceasefire.case import load
from ceasefire.ensemble import draw_worlds

MILLION, MILLION_SECONDS, MANY, MANY_SECONDS = 1_000_000, 600.0, 256, 150.0
MOST_GROWTH = 1.2
TYPED = ROOT / "tests/browser/cases/truce.yaml"
TYPED_TEST = "P(always(war)) > 0.5"
CORES = len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Swept:
    """One sweep: its worlds, the share it came to, seconds, and bytes of its largest process."""

    worlds: int
    share: float
    seconds: float
    memory: float


def million(effort: Effort) -> Iterator[Row]:
    """A million worlds of a small case, and memory as worlds grow."""
    few, many = effort.pick(300, 2000), effort.pick(1200, 20_000, MILLION)
    small, large = swept(few), swept(many)
    expected = float(np.mean(pays(draw_worlds(load(str(TRUST)), many))))
    if not abs(large.share - expected) <= 0.005:
        raise AssertionError(f"the share is {large.share}, by the closed form {expected}")
    yield _scaled("worlds of trust", small, large, MILLION, MILLION_SECONDS, "15 to 26 minutes")
    growth = exponent([few, many], [small.memory, large.memory])
    yield Row(
        what=f"memory of a sweep grows with its worlds (trust, {few:,} to {many:,})",
        ours=f"{large.memory / 1e6:.0f} MB",
        other=f"{small.memory / 1e6:.0f} MB",
        ratio=growth, low=growth, high=growth, target=0.02, kind="growth",
        before="exponent 0.00411",
    )  # fmt: skip


def workers_of_a_small_case(effort: Effort) -> Iterator[Row]:
    """Memory of a worker, a small case with types."""
    few, many = (swept(worlds, TYPED, TYPED_TEST) for worlds in (8, effort.pick(64, 256)))
    yield _memory("a small case with types", few, many)


def oped(effort: Effort) -> Iterator[Row]:
    """256 worlds of the op-ed, and the memory of a worker."""
    few, many = effort.pick(1, 8), effort.pick(2, 32, MANY)
    small, large = swept(few, OPED, ""), swept(many, OPED, "")
    yield _scaled("worlds of the op-ed", small, large, MANY, MANY_SECONDS, "459 s")
    yield _memory("the op-ed", small, large)


def _scaled(what: str, small: Swept, large: Swept, worlds: int, limit: float, before: str) -> Row:
    """The time of so many worlds, from what the larger sweep took beyond the smaller."""
    if large.worlds >= worlds:
        return within(f"{worlds:,} {what} on {CORES} cores", [large.seconds], limit, before)
    each = (large.seconds - small.seconds) / (large.worlds - small.worlds)
    total = large.seconds + each * (worlds - large.worlds)
    label = f"{worlds:,} {what} on {CORES} cores, scaled from {small.worlds:,} and {large.worlds:,}"
    return within(label, [total], limit, before, f"{seconds(each)} a world")


def _memory(what: str, small: Swept, large: Swept) -> Row:
    return limited(
        f"memory of a worker, {what}, {small.worlds} to {large.worlds} worlds",
        f"{large.memory / 1e6:.0f} MB, {large.memory / small.memory:.2f} times as much",
        f"at most {MOST_GROWTH} times {small.memory / 1e6:.0f} MB",
        MOST_GROWTH * small.memory / large.memory,
    )


@cache
def swept(worlds: int, case: Path = TRUST, test: str = TEST) -> Swept:
    """Sweep so many worlds in a process of its own.

    worlds  how many
    case    the case file
    test    what is asked besides the claims; nothing if empty
    """
    with TemporaryDirectory() as folder:
        asked = [test] if test else []
        words = ["sweep", str(case), *asked, "--worlds", str(worlds), "-o", folder, "--json"]
        done = typed_with_memory(*words)
    document = json.loads(done.text)
    found = [one["share"] for one in document["tests"] if not test or one["column"] == test]
    return Swept(worlds, found[0], document["run"]["seconds"], done.memory)


MEASUREMENTS = (million, workers_of_a_small_case, oped)
