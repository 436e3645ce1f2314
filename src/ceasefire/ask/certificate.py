"""How good the numbers are: asked again with a finer grid, and with a longer tail."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ceasefire.ask.expression import Value
from ceasefire.ask.prepare import Prepared, Sheet
from ceasefire.ask.reading import Reading


@dataclass(frozen=True)
class Numerics:
    """How good the numbers are.

    grid            belief nodes per party with types, None where no party has types
    grid_change     largest change when the grid is refined without end, from that when it is
                    refined once: halving a distance h leaves at most 1 / (1 + exp(-h / 2))
    horizon_change  largest change when the tail grows by the horizon
    residual        largest error left in a fixed point
    unresolved      decisions whose fixed point was not found
    branch_points   decisions at which the principal branch met another

    Changes are those of probabilities; a time counts per period looked at, an expected value per
    range of what is expected, a payoff per unit or, above 1, per its own size. None: not asked.
    """

    grid: int | None
    grid_change: float | None
    horizon_change: float | None
    residual: float
    unresolved: int
    branch_points: int

    @property
    def marked(self) -> bool:
        """True if a result is marked: a decision unresolved, or a branch point met."""
        return self.unresolved > 0 or self.branch_points > 0

    def as_json(self) -> dict[str, float | int | None]:
        """The six numbers that `--json` prints."""
        return {
            "grid": self.grid,
            "grid_change": self.grid_change,
            "horizon_change": self.horizon_change,
            "residual": self.residual,
            "unresolved": self.unresolved,
            "branch_points": self.branch_points,
        }


@dataclass(frozen=True)
class Checks:
    """The same questions asked with the grid refined once, and with a longer tail."""

    finer: Sheet | None = None
    longer: Sheet | None = None
    hidden: bool = True

    def changes(self, sheet: Sheet, number: int, place: int) -> tuple[float | None, float | None]:
        """By how much one quantity moves with the finer grid, and with the longer tail."""
        reading, all_further = sheet.readings[number][place], _all_further(sheet)
        finer = None if self.finer is None else self.finer.readings[number][place]
        longer = None if self.longer is None else self.longer.readings[number][place]
        still = 0.0 if not self.hidden else None
        return (
            still if finer is None else all_further * _distance(reading, finer),
            None if longer is None else _distance(reading, longer),
        )

    def numerics(self, sheet: Sheet, also: Iterable[Sheet] = ()) -> Numerics:
        """The certificate of a sheet, and of others whose answers are reported with it."""
        sheets = (sheet, *also)
        still = 0.0 if not self.hidden else None
        return Numerics(
            grid=sheet.grid,
            grid_change=still
            if self.finer is None
            else _all_further(sheet) * _largest(sheet, self.finer),
            horizon_change=None if self.longer is None else _largest(sheet, self.longer),
            residual=max(each.residual for each in sheets),
            unresolved=sum(each.unresolved for each in sheets),
            branch_points=sum(each.branch_points for each in sheets),
        )


def certify_sheet(
    prepared: Prepared, world: dict[str, float] | None = None, *, sharper: float = 1.0
) -> Checks:
    """Ask prepared questions again with the grid refined once, and with a longer tail."""
    hidden = any(party.types for party in prepared.case.parties.values())
    finer = prepared.read(world, sharper=sharper, halvings=1) if hidden else None
    longer = prepared.read(world, sharper=sharper, longer=True)
    return Checks(finer, longer, hidden)


def plain(value: Value) -> Value:
    """A value as JSON can hold it: null where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _distance(one: Reading, other: Reading) -> float:
    if one.value is None or other.value is None:
        return 0.0 if one.value is other.value else math.inf
    return abs(one.value - other.value)


def _all_further(sheet: Sheet) -> float:
    """What the first refinement is multiplied by to stand for it and all that could follow.

    Between nodes of belief b0 and b1 a value read linearly is wrong by w (b - b0) (b1 - b) / 2. A
    node halfway in the record leaves at most (b1 - bm) / (b1 - b0) = 1 / (1 + exp(-h / 2)) of it.
    """
    return 1.0 + math.exp(sheet.spacing / 2.0)


def _largest(sheet: Sheet, other: Sheet) -> float:
    pairs = [
        pair
        for first, second in zip(sheet.readings, other.readings, strict=True)
        for pair in zip(first, second, strict=True)
    ]
    return max((_distance(one, two) / one.scale for one, two in pairs), default=0.0)
