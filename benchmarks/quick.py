"""What somebody in a hurry waits for: a quick check of each case that ships.

Wall-clock time of the command as it is typed, the workers of all cores included. The kernels that a
case needs are compiled before.
"""

from collections.abc import Iterator

from benchmarks.table import Effort, Row, seconds, within
from benchmarks.typed import ROOT, typed
from ceasefire.case import load

QUICK = 30.0


def quick(effort: Effort) -> Iterator[Row]:
    """A quick check of every case that ships."""
    paths = sorted((ROOT / "cases").glob("*.yaml"))[: effort.pick(1, 100)]
    times = {}
    for path in paths:
        typed("ask", str(path), next(iter(load(str(path)).claims)))  # compiles
        times[path.stem] = typed("check", str(path), "--quick").seconds
    slowest = sorted(times, key=lambda name: -times[name])
    yield within(
        f"`check --quick`, the slowest of {len(times)} shipped cases, {slowest[0]}",
        [times[slowest[0]]],
        QUICK,
        note=", ".join(f"{name} {seconds(times[name])}" for name in slowest),
    )


MEASUREMENTS = (quick,)
