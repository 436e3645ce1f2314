"""How one test or number comes out over many worlds."""

from collections.abc import Sequence
from dataclasses import dataclass

from ceasefire.ask import Sheet
from ceasefire.worlds.shares import Share, Spread, shared, spread

KEYS = ("n", "mean", "p05", "p50", "p95", "share")


@dataclass(frozen=True)
class Across:
    """How a test (`share`) or a number (`spread`) comes out over the worlds: one of the two."""

    spread: Spread | None
    share: Share | None

    def as_json(self) -> dict[str, float | int | None]:
        """The `worlds` of an answer: n counts the worlds that have one."""
        document: dict[str, float | int | None] = dict.fromkeys(KEYS)
        if self.share is not None:
            return {**document, "n": self.share.worlds, "share": self.share.share}
        if self.spread is not None:
            found = self.spread
            numbers = (found.worlds, found.mean, found.p05, found.p50, found.p95)
            document |= dict(zip(KEYS, numbers, strict=False))
        return document


def across_question(sheets: Sequence[Sheet], number: int, *, test: bool, failed: int) -> Across:
    """How question `number` comes out over these worlds, `failed` more having no answer."""
    if test:
        found = shared([sheet.values[number] for sheet in sheets])
        return Across(None, Share(found.true, found.worlds, found.failed + failed))
    return Across(spread([_number(sheet.values[number]) for sheet in sheets]), None)


def across_quantity(sheets: Sequence[Sheet], number: int, place: int) -> Across:
    """How one quantity of question `number` comes out over these worlds."""
    return Across(spread([sheet.readings[number][place].value for sheet in sheets]), None)


def _number(value: float | bool | None) -> float | None:
    return None if value is None else float(value)
