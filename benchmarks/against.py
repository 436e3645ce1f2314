"""Is anything slower than when it was last recorded, and by how much?

A row tells it by its ratio, which is to another program that ran in turns with ours and so does
not depend on the machine, or to a limit in seconds, which does. Such rows are set right by how long
one fixed piece of work takes here and took there.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from benchmarks.table import Row

MOST_SLOWER = 1.3
ROUNDS = 5


@dataclass(frozen=True)
class Comparison:
    """One row now and as it was recorded.

    slower  how many times as long it takes as when it was recorded
    """

    what: str
    slower: float

    @property
    def warned(self) -> bool:
        """Whether that is so much more that it is worth a warning; so is what is not a number."""
        return not self.slower <= MOST_SLOWER


def machine_seconds() -> float:
    """How long a fixed piece of work takes on this machine: arithmetic, exponentials, Python."""
    numbers = np.linspace(0.0, 1.0, 200_000)
    times = []
    for _ in range(ROUNDS):
        began = process_time()
        for _ in range(20):
            np.exp(numbers).sum()
        sum(n * n for n in range(300_000))
        times.append(process_time() - began)
    return median(times)


def record(rows: Sequence[Row], file: Path, machine: float) -> None:
    """Write the rows, and how fast the machine is, for later runs to be compared with.

    rows     what was measured
    file     where they go
    machine  what `machine_seconds` gave
    """
    kept = {row.what: {"ratio": row.ratio} for row in rows if row.kind != "growth"}
    file.write_text(json.dumps({"machine": machine, "rows": kept}, indent=2) + "\n")


def compare(rows: Sequence[Row], file: Path, machine: float) -> Iterator[Comparison]:
    """Each row that was recorded, with how much slower it is now; exponents of growth are left out.

    rows     what was measured now
    file     what `record` wrote
    machine  what `machine_seconds` gives now
    """
    recorded = json.loads(file.read_text())
    slower_machine = machine / recorded["machine"]
    for row in rows:
        before = recorded["rows"].get(row.what)
        if before is None or row.kind == "growth":
            continue
        slower = before["ratio"] / row.ratio if row.ratio else float("inf")
        yield Comparison(row.what, slower / slower_machine if row.kind == "limit" else slower)


def lines(compared: Sequence[Comparison]) -> Iterator[str]:
    """What is said of the comparison, the slowest first.

    compared  what `compare` gave

    >>> list(lines([Comparison("a sum", 1.04), Comparison("a solve", 1.5)]))
    ['warning: a solve takes 1.5 times as long as recorded', 'a sum: 1.04']
    """
    for one in sorted(compared, key=lambda each: -each.slower):
        if one.warned:
            yield f"warning: {one.what} takes {one.slower:.3g} times as long as recorded"
        else:
            yield f"{one.what}: {one.slower:.3g}"
