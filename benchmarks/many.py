"""What a million worlds take: the pace of a sweep into a store, and how its memory grows.

The command as it is typed, on all cores. Memory is that of the largest process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.fit import exponent
from benchmarks.table import Effort, Row
from benchmarks.worlds import TEST, TRUST, pays
from ceasefire.case import load
from ceasefire.ensemble import draw_worlds

MILLION = 1e6
MOST_GROWTH = 1.2
TYPED = Path(__file__).parents[1] / "tests/browser/cases/truce.yaml"
TYPED_TEST = "P(always(war)) > 0.5"
# Memory is read by the command itself: what a process had before it became this one counts in what
# the system tells its parent.
COMMAND = """
import re, sys
from pathlib import Path
from ceasefire.cli.main import run_cli
def peak(process):
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path(f"/proc/{process}/status").read_text())[1])
try:
    run_cli()
finally:
    told = Path("/proc/self/task").glob("*/children")
    workers = [each for one in told for each in one.read_text().split()]
    print(1024 * max(map(peak, ["self", *workers])), file=sys.stderr)
"""


@dataclass(frozen=True)
class Swept:
    """One sweep: the share it came to, worlds a second, and bytes of its largest process."""

    share: float
    pace: float
    memory: float


def rows(effort: Effort) -> Iterator[Row]:
    """The growth of memory with the worlds, aimed at none, and the pace; and that with types."""
    few, many = effort.pick(300, 2000), effort.pick(1200, 20_000)
    small, large = swept(few), swept(many)
    expected = float(np.mean(pays(draw_worlds(load(str(TRUST)), many))))
    if not abs(large.share - expected) <= 0.005:
        raise AssertionError(f"the share is {large.share}, by the closed form {expected}")
    growth = exponent([few, many], [small.memory, large.memory])
    yield Row(
        what=f"memory of a sweep grows with its worlds (trust, {few:,} to {many:,})",
        ours=f"{large.memory / 1e6:.0f} MB; {large.pace:,.0f} worlds/s on {os.cpu_count()} cores, "
        f"a million in {MILLION / large.pace / 60:.0f} minutes",
        other=f"{small.memory / 1e6:.0f} MB",
        ratio=growth, low=growth, high=growth, target=0.02, kind="growth",
    )  # fmt: skip
    few, many = effort.pick(8, 8), effort.pick(64, 256)
    small, large = (swept(worlds, TYPED, TYPED_TEST) for worlds in (few, many))
    fits = MOST_GROWTH * small.memory / large.memory
    yield Row(
        what=f"memory of a worker, a case with types, {few} to {many} worlds",
        ours=f"{large.memory / 1e6:.0f} MB",
        other=f"limit {MOST_GROWTH} times {small.memory / 1e6:.0f} MB",
        ratio=fits, low=fits, high=fits, target=1.0, kind="limit",
    )  # fmt: skip


def swept(worlds: int, case: Path = TRUST, test: str = TEST) -> Swept:
    """Sweep so many worlds in a process of its own."""
    with TemporaryDirectory() as folder:
        words = ["sweep", str(case), test, "--worlds", str(worlds), "-o", folder, "--json"]
        command = [sys.executable, "-c", COMMAND, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    (found,) = [one for one in document["tests"] if one["column"] == test]
    return Swept(
        found["share"], document["run"]["worlds_per_second"], float(done.stderr.split()[-1])
    )
