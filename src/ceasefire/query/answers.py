"""How good are the numbers of a result, and how are they written as JSON?"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ceasefire.case import Case
from ceasefire.equilibrium import Equilibrium
from ceasefire.query.ast import AnswerValue
from ceasefire.query.doubtful_decisions import (
    UNPROVED,
    DecisionDoubt,
    doubts_of_solution,
    probability_of_several,
)
from ceasefire.query.evaluator import QuantityValue
from ceasefire.results import Markable, Result, count_phrase


@dataclass(frozen=True)
class NumericalQuality(Markable):
    """How good the numbers are.

    grid_size            belief nodes per party with types, None where no party has types
    grid_change     by how much a number may be off because beliefs stand on a grid: told from what
                    coarser grids and a finer one change, and no less than what rounding beliefs
                    near certainty may do (`grid_change`)
    horizon_change  largest change when the tail grows by the horizon, or by one period: the second
                    shows whether it matters who moves last
    residual        largest error left in a fixed point
    unresolved      decisions whose fixed point was not found
    branch_points   decisions at which the principal branch met another
    finite          whether the game is over by its own rules (`ending: final`): there is nothing
                    that a longer tail could change, and it is not asked
    tolerance       the grid change that the grid was chosen for, None if the grid was given
    doubts          whose decisions were left unresolved or met branch points, where, and how likely
                    play is to come to one

    Changes are those of probabilities; a time counts per period looked at, an expected value per
    range of what is expected, a payoff per unit or, above 1, per its own size. None: not asked.
    """

    grid_size: int | None
    grid_change: float | None
    horizon_change: float | None
    residual: float
    unresolved: int
    branch_points: int
    finite: bool = False
    doubts: tuple[DecisionDoubt, ...] = ()
    tolerance: float | None = None

    @property
    def stopped_at_limit(self) -> bool:
        """Whether the grid is as fine as is allowed, though the change is above the tolerance."""
        wanted, change = self.tolerance, self.grid_change
        return wanted is not None and change is not None and change > wanted

    @classmethod
    def of(cls, equilibrium: Equilibrium, state: int) -> "NumericalQuality":
        """What one solution tells by itself, nothing having been asked again.

        equilibrium   the solution
        state         the public state in which play begins
        """
        found, hidden = equilibrium.certificate, bool(equilibrium.parties_with_types)
        return cls(
            grid_size=equilibrium.grid_size if hidden else None,
            grid_change=None if hidden else 0.0,
            horizon_change=None,
            residual=found.residual,
            unresolved=found.unresolved,
            branch_points=found.branch_points,
            finite=equilibrium.game.case.ending == "final",
            doubts=doubts_of_solution(equilibrium, state),
        )

    @property
    def several(self) -> float:
        """How likely play is to come to a decision with several fixed points."""
        return probability_of_several(self.doubts)

    @property
    def several_complete(self) -> bool:
        """Whether all fixed points were found, wherever they were looked for."""
        return all(each.kind != UNPROVED for each in self.doubts)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Decisions whose fixed point was not found, and branch points met."""
        return (
            *count_phrase(self.unresolved, "decision", "left unresolved"),
            *count_phrase(self.branch_points, "branch point", "met"),
        )

    def as_json(self) -> dict[str, Any]:
        """The numbers that `--json` prints, and which decisions are in doubt."""
        return {
            "grid": self.grid_size,
            "grid_change": self.grid_change,
            "horizon_change": self.horizon_change,
            "residual": self.residual,
            "unresolved": self.unresolved,
            "branch_points": self.branch_points,
            "several": self.several,
            "several_complete": self.several_complete,
            "doubts": [doubt.as_json() for doubt in self.doubts],
        }


class SolvedResult(Result):
    """A result of solved games; `numerics` says how good its numbers are."""

    numerics: NumericalQuality

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers at the best estimates."""
        return self.numerics.mark_reasons


def extra_tails(case: Case) -> tuple[int, ...]:
    """By how many periods the tail grows when a case is asked again; none for a finite game.

    It grows by the horizon, and by one period, after which somebody else may be last to move.
    """
    if case.ending == "final":
        return ()
    return (case.horizon, 1) if case.horizon > 1 else (1,)


def finite_or_none(value: AnswerValue) -> AnswerValue:
    """A value as JSON can hold it: null where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def improbable_conditions(answers: Iterable[Sequence[QuantityValue]]) -> tuple[str, ...]:
    """A phrase that counts the answers conditional on what may be numerical error; none if none.

    answers  the quantities of each
    """
    doubtful = sum(any(one.has_improbable_condition for one in each) for each in answers)
    return count_phrase(doubtful, "answer", "conditional on what may be numerical error")
