"""How good the numbers are: asked again with a finer grid, and with a longer tail."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ceasefire.equilibrium import Equilibrium
from ceasefire.query.ast import AnswerValue, Question, evaluate_question
from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.plan import QueryPlan, WorldResult
from ceasefire.results import Markable, Result, count_phrase

REFINEMENT_SAFETY_FACTOR = (
    6.0  # a change by one refinement, times this, bounds the error of the coarser grid
)


@dataclass(frozen=True)
class NumericalQuality(Markable):
    """How good the numbers are.

    grid_size            belief nodes per party with types, None where no party has types
    grid_change     largest change when the grid is refined once, and no less than what rounding
                    beliefs near certainty may do; `SAFETY` times it bounds the error
    horizon_change  largest change when the tail grows by the horizon
    residual        largest error left in a fixed point
    unresolved      decisions whose fixed point was not found
    branch_points   decisions at which the principal branch met another

    Changes are those of probabilities; a time counts per period looked at, an expected value per
    range of what is expected, a payoff per unit or, above 1, per its own size. None: not asked.
    """

    grid_size: int | None
    grid_change: float | None
    horizon_change: float | None
    residual: float
    unresolved: int
    branch_points: int

    @classmethod
    def of(cls, equilibrium: Equilibrium) -> "NumericalQuality":
        """What one solution tells by itself, nothing having been asked again."""
        found, hidden = equilibrium.certificate, bool(equilibrium.parties_with_types)
        return cls(
            grid_size=equilibrium.grid_size if hidden else None,
            grid_change=None if hidden else 0.0,
            horizon_change=None,
            residual=found.residual,
            unresolved=found.unresolved,
            branch_points=found.branch_points,
        )

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Decisions whose fixed point was not found, and branch points met."""
        return (
            *count_phrase(self.unresolved, "decision", "left unresolved"),
            *count_phrase(self.branch_points, "branch point", "met"),
        )

    def as_json(self) -> dict[str, float | int | None]:
        """The six numbers that `--json` prints."""
        return {
            "grid": self.grid_size,
            "grid_change": self.grid_change,
            "horizon_change": self.horizon_change,
            "residual": self.residual,
            "unresolved": self.unresolved,
            "branch_points": self.branch_points,
        }


class SolvedResult(Result):
    """A result of solved games; `numerics` says how good its numbers are."""

    numerics: NumericalQuality

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers at the best estimates."""
        return self.numerics.mark_reasons


@dataclass(frozen=True)
class RefinementChecks:
    """The same questions asked with the grid refined once, and with a longer tail."""

    finer: WorldResult | None = None
    longer: WorldResult | None = None
    hidden: bool = True

    def changes(
        self, sheet: WorldResult, number: int, place: int
    ) -> tuple[float | None, float | None]:
        """By how much one quantity moves with the finer grid, and with the longer tail."""
        reading = sheet.quantity_values[number][place]
        finer = None if self.finer is None else self.finer.quantity_values[number][place]
        longer = None if self.longer is None else self.longer.quantity_values[number][place]
        still = 0.0 if not self.hidden else None
        rounded = self._rounded(number, place)
        return (
            still
            if finer is None
            else max(_value_distance(reading, finer), rounded * reading.scale),
            None if longer is None else _value_distance(reading, longer),
        )

    def doubts(self, question: Question, sheet: WorldResult, number: int) -> tuple[str, ...]:
        """Why the truth of a test may be one of numerics only; nothing if there is no reason.

        It is asked whether the test still comes out as it did once its quantities have moved as
        they do when the grid is refined, once or up to `SAFETY` times as far, and with the longer
        tail.
        """
        best = sheet.values[number]
        if not question.is_test or best is None:
            return ()

        def turns(other: WorldResult | None, times: float) -> bool:
            if other is None:
                return False
            pairs = zip(sheet.quantity_values[number], other.quantity_values[number], strict=True)
            moved = [_extrapolate_change(one.value, two.value, times) for one, two in pairs]
            return evaluate_question(question.expression, moved)[0] is not best

        doubts = []
        if any(
            turns(self.finer, times)
            for times in (1.0, REFINEMENT_SAFETY_FACTOR / 2, REFINEMENT_SAFETY_FACTOR)
        ):
            doubts.append("too close to call on this grid: ask again with a larger --grid")
        elif self._rounds_over(question, sheet, number):
            doubts.append(
                "too close to call: beliefs are rounded near certainty, period after period; "
                "ask given `types=`, or look at fewer periods"
            )
        if turns(self.longer, 1.0):
            doubts.append("turns round with a longer tail: let play go on for longer")
        return tuple(doubts)

    def _rounds_over(self, question: Question, sheet: WorldResult, number: int) -> bool:
        """Whether a test turns when one of its quantities moves by what rounding may do to it."""
        readings = sheet.quantity_values[number]
        values = [reading.value for reading in readings]
        for place, value in enumerate(values):
            by = self._rounded(number, place) * readings[place].scale
            if value is None or by == 0.0:
                continue
            for shifted in (value - by, value + by):
                moved = [*values[:place], shifted, *values[place + 1 :]]
                if evaluate_question(question.expression, moved)[0] is not sheet.values[number]:
                    return True
        return False

    def _rounded(self, number: int, place: int) -> float:
        rounding = () if self.finer is None else self.finer.rounding
        return rounding[number][place] if rounding else 0.0

    def numerics(self, sheet: WorldResult, also: Iterable[WorldResult] = ()) -> NumericalQuality:
        """The certificate of a sheet, and of others whose answers are reported with it."""
        sheets = (sheet, *also)
        still = 0.0 if not self.hidden else None
        return NumericalQuality(
            grid_size=sheet.grid_size,
            grid_change=still if self.finer is None else _largest_scaled_change(sheet, self.finer),
            horizon_change=None
            if self.longer is None
            else _largest_scaled_change(sheet, self.longer),
            residual=max(each.residual for each in sheets),
            unresolved=sum(each.unresolved for each in sheets),
            branch_points=sum(each.branch_points for each in sheets),
        )


def run_refinement_checks(
    prepared: QueryPlan, world: dict[str, float] | None = None, *, sharper: float = 1.0
) -> RefinementChecks:
    """Ask prepared questions again with the grid refined once, and with a longer tail."""
    hidden = any(party.types for party in prepared.case.parties.values())
    finer = prepared.evaluate_world(world, sharper=sharper, halvings=1) if hidden else None
    longer = prepared.evaluate_world(world, sharper=sharper, longer=True)
    return RefinementChecks(finer, longer, hidden)


def finite_or_none(value: AnswerValue) -> AnswerValue:
    """A value as JSON can hold it: null where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _extrapolate_change(one: float | None, other: float | None, times: float) -> float | None:
    """Where a number comes to that goes so many times as far as from one to the other."""
    if one is None or other is None or not math.isfinite(other - one):
        return other
    return one + times * (other - one)


def _value_distance(one: QuantityValue, other: QuantityValue) -> float:
    if one.value is None or other.value is None:
        return 0.0 if one.value is other.value else math.inf
    return abs(one.value - other.value)


def _largest_scaled_change(sheet: WorldResult, other: WorldResult) -> float:
    pairs = [
        pair
        for first, second in zip(sheet.quantity_values, other.quantity_values, strict=True)
        for pair in zip(first, second, strict=True)
    ]
    found = [_value_distance(one, two) / one.scale for one, two in pairs]
    return max((*found, *(by for each in other.rounding for by in each)), default=0.0)
