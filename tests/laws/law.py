"""What a law is, and the list of all of them.

A law takes a solver and a subject and gives pairs of numbers that must be equal, or in order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ceasefire.game import build
from laws.solvers import Solver
from laws.subjects import Subject


@dataclass(frozen=True)
class Pair:
    """Two numbers of which a law says that they are equal, or that the first is not larger."""

    what: str
    one: float
    other: float
    tolerance: float
    ordered: bool = False

    @property
    def holds(self) -> bool:
        """Phrased so that what is no number breaks the law."""
        gap = self.one - self.other
        return gap <= self.tolerance if self.ordered else abs(gap) <= self.tolerance


Pairs = Iterator[Pair]
Run = Callable[[Solver, Subject], Pairs]


@dataclass(frozen=True)
class Law:
    """A law, whom it binds, and the subjects that it has something to say about."""

    run: Run
    binds: tuple[Solver, ...]
    where: Callable[[Subject], bool]

    @property
    def name(self) -> str:
        """What it says."""
        return self.run.__name__

    def speaks_of(self, solver: Solver, subject: Subject) -> bool:
        """Whether it is to be kept by a solver for a subject."""
        return solver in self.binds and solver.can_answer(subject) and self.where(subject)


LAWS: list[Law] = []


def law(
    *binds: Solver, where: Callable[[Subject], bool] = lambda subject: True
) -> Callable[[Run], Run]:
    """Enter a law into the list of all."""

    def enter(run: Run) -> Run:
        LAWS.append(Law(run, binds, where))
        return run

    return enter


def has_types(subject: Subject) -> bool:
    """Whether anybody has types."""
    return bool(subject.hidden)


def keeps_types(subject: Subject) -> bool:
    """Whether anybody has types, and nothing draws them anew."""
    return has_types(subject) and not build(subject.case).renewed_parties


def has_unknowns(subject: Subject) -> bool:
    """Whether worlds differ."""
    return any(unknown.kind for unknown in subject.case.unknowns.values())
