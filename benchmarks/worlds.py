"""How many worlds a second, how much of the time outside the kernels, how much memory.

    python -m benchmarks.worlds [WORLDS]

A small case, trust with five unknowns, is swept in a million worlds, or as many as are named, and
its share is compared with the closed form: you cooperate where that pays on average. Memory is
that of the process that hands out the worlds, after the first tenth of them and at the end.
"""

import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ceasefire.ask import prepare, read_all, read_claims
from ceasefire.case import Case, load
from ceasefire.worlds import draw, sweep

ROOT = Path(__file__).parents[1]
TRUST, TEST = ROOT / "tests/cases_small/trust.yaml", "P(at_end(yours)) > 0.5"
KERNELS = {
    "equilibrium": ("mark", "sweep", "worth", "arrive"),
    "trace": ("advance", "begin", "end", "expect"),
    "power": ("secure_period",),
    "follow": ("walk",),
}


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def outside(case: Case, texts: list[str], worlds: int) -> tuple[float, float]:
    """Processor seconds a world takes in one process, and which share passes outside kernels."""
    questions = read_all(case, texts) if texts else tuple(read_claims(case).values())
    prepared, spent = prepare(case, questions), [0.0]

    def timed(kernel: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            began = time.thread_time()
            try:
                return kernel(*arguments)
            finally:
                spent[0] += time.thread_time() - began

        return run

    prepared.read()
    rooms = {import_module(f"ceasefire.solve.{name}"): kernels for name, kernels in KERNELS.items()}
    kernels = {(room, name): getattr(room, name) for room, names in rooms.items() for name in names}
    for (room, name), kernel in kernels.items():
        setattr(room, name, timed(kernel))
    began = time.thread_time()
    for world in draw(case, worlds):
        prepared.read(world)
    total = time.thread_time() - began
    for (room, name), kernel in kernels.items():
        setattr(room, name, kernel)
    return total / worlds, 1.0 - spent[0] / total


def cooperates(case: Case, worlds: int) -> float:
    """The share of worlds in which cooperating pays, by the closed form."""
    drawn = draw(case, worlds)
    trusted, reward, temptation, defection, sucker = drawn.values[1:].T
    paid = trusted * reward + (1 - trusted) * sucker
    kept = trusted * temptation + (1 - trusted) * defection
    return float(np.mean(paid > kept))


def megabytes() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(worlds: int) -> None:
    """Measure everything."""
    for path, texts, count in (
        (TRUST, [TEST], 200),
        (ROOT / "cases/coalition-2025.yaml", [], 20),
        (ROOT / "cases/ukraine-2025.yaml", [], 1),
    ):
        each, share = outside(load(str(path)), texts, count)
        say(f"{path.name}: {1000 * each:.2f} ms a world on one core, {share:.1%} outside kernels")
    case = load(str(TRUST))
    with TemporaryDirectory() as folder:
        for count in (worlds // 10, worlds):
            swept = sweep(case, folder, count, TEST)
            pace, memory = swept.pace or 0.0, megabytes()
            say(f"{count:,} worlds: {pace:,.0f} a second, {memory:.0f} MB")
        share = swept.found.tests[TEST].share or 0.0
    expected = cooperates(case, worlds)
    say(f"share {share:.4f}, closed form {expected:.4f}")
    if not abs(share - expected) <= 0.005:
        sys.exit("the share is wrong")
    say(f"a million worlds at this pace: {1e6 / pace / 60:.0f} minutes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
