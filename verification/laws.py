"""Every law over every solver and every subject, the shipped cases as they are among them."""

import sys
from collections.abc import Iterator
from pathlib import Path

from verification.shipped import games
from verification.table import Row

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from ceasefire.case import load  # noqa: E402
from ceasefire.ensemble import check  # noqa: E402
from laws import LAWS, SOLVERS, Pair, Subject, random, shipped, small  # noqa: E402

SHIPPED = games()
WHOLE = ("equilibrium", "drawing", "power")
MARKED = ("colombia-2012",)  # whole, it has decisions without a fixed point found, and says so


def rows() -> Iterator[Row]:
    """One line for each law, solver and subject: the pair of numbers that is furthest off."""
    for law in LAWS:
        for solver in SOLVERS:
            for subject in subjects(whole=solver.name in WHOLE):
                if law.speaks_of(solver, subject):
                    worst = max(law.run(solver, subject), key=_strain)
                    gap = max(worst.one - worst.other, 0.0) if worst.ordered else None
                    expected, got = (0.0, gap) if gap is not None else (worst.other, worst.one)
                    words = law.name.replace("_", " ")
                    check_ = f"{words}: {solver.name}, {subject.name}: {worst.what}"
                    yield Row(check_, expected, got, worst.tolerance)
    yield from workers()


def subjects(*, whole: bool) -> Iterator[Subject]:
    """Everything laws are tried on; the shipped cases cut short, and whole where that is wanted."""
    yield from (*small(), *shipped(), *random())
    if whole:
        yield from (case for case in shipped(whole=True) if case.name not in MARKED)


def _strain(pair: Pair) -> float:
    gap = pair.one - pair.other
    off = gap if pair.ordered else abs(gap)
    return float("inf") if off != off else off / (pair.tolerance or 1e-300)


def workers() -> Iterator[Row]:
    """The share of every claim of the shipped cases, by one process and by two."""
    for path in SHIPPED:
        case = load(path)
        one, two = (check(case, 4, 1, flips=False, workers=n).claim_checks for n in (1, 2))
        for a, b in zip(one, two, strict=True):
            assert a.share is not None
            assert b.share is not None
            name = f"{path.stem}: share of {a.id} by two workers"
            yield Row(name, a.share.share or 0.0, b.share.share or 0.0, 0.0)
