"""Everything in the package that answers, and the slow twin: each law is run over all of them."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from unittest.mock import patch

from ceasefire.case import loads
from ceasefire.ensemble import ask
from laws.subjects import Subject
from twin import Twin

PATHS = 4_000
Numbers = list[float]


@dataclass(frozen=True)
class Solver:
    """One way to a number.

    exact    how closely two answers that a law makes equal agree
    values   whether it tells what parties expect, and takes options that change the game
    plays    whether it tells what happens, not only what can be secured
    """

    name: str
    exact: float
    values: bool = True
    plays: bool = True

    def __repr__(self) -> str:
        return self.name

    def can_answer(self, subject: Subject) -> bool:
        """Whether this way leads anywhere for a subject."""
        return True

    def chance(self, subject: Subject, formula: str) -> str:
        """The question for the probability of a formula."""
        return f"P({formula})"

    def answers(self, subject: Subject, questions: Sequence[str]) -> Numbers:
        """The answers, none of them null."""
        return list(_answers(self, subject.text, subject.grid, tuple(questions)))

    def work_out(self, text: str, grid: int | None, questions: tuple[str, ...]) -> Numbers:
        """The answers about the case of a text, worked out anew."""
        found = ask(loads(text), *questions, grid=grid, certify=False)
        assert not found.numerics.unresolved
        return [float(answer.best) for answer in found.answers]  # type: ignore[arg-type]

    def chances(self, subject: Subject, formulas: Sequence[str]) -> Numbers:
        """The probabilities of formulas."""
        return self.answers(subject, [self.chance(subject, formula) for formula in formulas])


@cache
def _answers(
    solver: Solver, text: str, grid: int | None, questions: tuple[str, ...]
) -> tuple[float, ...]:
    return tuple(solver.work_out(text, grid, questions))


class Following(Solver):
    """Formulas that read beliefs, if only idly: every record is followed."""

    def can_answer(self, subject: Subject) -> bool:
        return len(subject.hidden) == 1

    def chance(self, subject: Subject, formula: str) -> str:
        party = subject.hidden[0]
        kind = subject.types(party)[0]
        return f"P(({formula}) and always(believes(analyst, {party}.{kind}) >= 0))"


class Drawing(Following):
    """The same, but plays are drawn, however many records there are."""

    def can_answer(self, subject: Subject) -> bool:
        return bool(subject.hidden)

    def work_out(self, text: str, grid: int | None, questions: tuple[str, ...]) -> Numbers:
        with drawing():
            return super().work_out(text, grid, questions)


@contextmanager
def drawing() -> Iterator[None]:
    """Formulas that read beliefs are answered by drawing plays from the first period on."""
    module = sys.modules["ceasefire.equilibrium.path_propagation"]
    whole = module._propagate_paths

    def run(*arguments: object) -> object:
        return None if arguments[-1] is None else whole(*arguments)

    fewer = patch.object(module, "MAX_EXACT_PATHS", PATHS)
    with patch.object(module, "_propagate_paths", run), fewer:
        yield


class Power(Solver):
    """What the first party can secure; payoffs play no part."""

    def chance(self, subject: Subject, formula: str) -> str:
        return f"can([{subject.parties[0]}], {formula})"


class Slow(Solver):
    """The twin of the package, for subjects that it can count out."""

    def can_answer(self, subject: Subject) -> bool:
        return subject.slow

    def work_out(self, text: str, grid: int | None, questions: tuple[str, ...]) -> Numbers:
        twin = Twin(loads(text), quick=True)
        return [float(twin.ask(question)) for question in questions]


EQUILIBRIUM = Solver("equilibrium", 1e-9)
FOLLOWING = Following("following", 1e-9, values=False)
DRAWING = Drawing("drawing", 0.06, values=False)
POWER = Power("power", 1e-12, values=False, plays=False)
TWIN = Slow("twin", 1e-9)
SOLVERS = (EQUILIBRIUM, FOLLOWING, DRAWING, POWER, TWIN)
PLAYING = tuple(solver for solver in SOLVERS if solver.plays)
