"""The rows of a store: what is kept of each world, and how a worker computes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ceasefire.ask import Prepared, Question, Sheet
from ceasefire.case import Case
from ceasefire.errors import CeasefireError
from ceasefire.worlds.draws import draw

Value = float | bool | str | None


@dataclass(frozen=True)
class Columns:
    """The columns of a store, in order: name, type, and where in a sheet its value is.

    world, unknown_NAME, claim_ID, every question and quantity by its text, then how the world went.
    """

    unknowns: tuple[str, ...]
    tests: tuple[tuple[str, int], ...]
    numbers: tuple[tuple[str, int], ...]
    quantities: tuple[tuple[str, tuple[int, int]], ...]

    @classmethod
    def of(cls, case: Case, claims: Sequence[str], questions: Sequence[Question]) -> "Columns":
        """The columns for the claims of a case and the questions behind them."""
        tests: list[tuple[str, int]] = []
        numbers: list[tuple[str, int]] = []
        quantities: dict[str, tuple[int, int]] = {}
        for n, question in enumerate(questions):
            if n < len(claims):
                tests.append((f"claim_{claims[n]}", n))
            else:
                (tests if question.is_test else numbers).append((plain(question.text), n))
            for place, quantity in enumerate(question.quantities):
                quantities.setdefault(plain(quantity.text), (n, place))
        for name, _ in numbers:
            quantities.pop(name, None)
        return cls(tuple(case.unknowns), tuple(tests), tuple(numbers), tuple(quantities.items()))

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Name and type of every column."""
        schema: dict[str, type[pl.DataType]] = {"world": pl.Int64}
        schema |= {f"unknown_{name}": pl.Float64 for name in self.unknowns}
        schema |= {name: pl.Boolean for name, _ in self.tests}
        schema |= {name: pl.Float64 for name, _ in (*self.numbers, *self.quantities)}
        return schema | {"unresolved": pl.Int64, "branch_points": pl.Int64, "failed": pl.String}

    def row(self, sheet: Sheet | None, why: str | None) -> list[Value]:
        """What a sheet says, in this order; all null for a world that failed."""
        if sheet is None:
            lacking: list[Value] = [None] * (len(self.schema) - len(self.unknowns) - 2)
            return [*lacking, why]
        return [
            *(sheet.truth(n) for _, n in self.tests),
            *(_number(sheet.values[n]) for _, n in self.numbers),
            *(sheet.readings[n][place].value for _, (n, place) in self.quantities),
            sheet.unresolved,
            sheet.branch_points,
            None,
        ]


def plain(text: str) -> str:
    """A text on one line, as the name of a column."""
    return " ".join(text.split())


def _number(value: float | bool | None) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True)
class Piece:
    """Computes worlds `first` to `last`; sent to the workers."""

    prepared: Prepared
    columns: Columns
    seed: int

    def __call__(self, span: tuple[int, int]) -> pl.DataFrame:
        """One row for each world."""
        first, last = span
        drawn = draw(self.prepared.case, last - first + 1, self.seed, after=first - 1)
        rows = []
        for number, world in zip(drawn.numbers, drawn, strict=True):
            sheet, why = None, None
            try:
                sheet = self.prepared.read(world)
            except CeasefireError as error:
                why = str(error)
            rows.append([number, *world.values(), *self.columns.row(sheet, why)])
        return pl.DataFrame(rows, schema=self.columns.schema, orient="row")
