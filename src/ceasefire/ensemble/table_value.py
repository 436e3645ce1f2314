"""What is each table worth to each party, and who gains when one stays closed for a while?

    worth    = value(party) - value(party, without=table)
    waiting  = value(party, closed={table: n}) - value(party), for n = 0, 1, ... periods

Both are discounted payoffs at the start, each party's by its own beliefs and in its own units, so
that only those of one party compare. Everybody knows from the start that the table is missing, or
for how long it is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.ask_questions import QuestionAnswer, ask
from ceasefire.ensemble.run import EnsembleResult, JobProgressCallback, RunStats
from ceasefire.ensemble.statistics import WorldQuantiles
from ceasefire.query import NumericalQuality

MAX_DELAYS_PER_TABLE = 12  # at most so many delays of a table are asked for
PERCENTILE_NAMES = ("p05", "p50", "p95")


@dataclass(frozen=True)
class TableValue:
    """What one change at one table does to what one party expects.

    periods_closed  for how many periods the table is closed; None if there is no table at all
    best            the difference at the best estimates
    quantiles       how it varies over the worlds, None if none was asked
    """

    table: str
    party: str
    periods_closed: int | None
    best: float | None
    quantiles: WorldQuantiles | None = None


@dataclass(frozen=True)
class TableValues(EnsembleResult):
    """What tables are worth, or what waiting is; `run_stats` is None for world 0 alone.

    failed_checks  checks of the numerics that could not be made, and why
    """

    case: str
    period: str
    worths: tuple[TableValue, ...]
    numerics: NumericalQuality
    run_stats: RunStats | None = None
    failed_checks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All differences as one document."""
        return {
            "case": self.case,
            "period": self.period,
            "worths": self.frame().to_dicts(),
            "numerics": self.numerics.as_json(),
            "run": self.run_stats and self.run_stats.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each table, party and delay; without worlds the percentiles are null."""
        rows = [
            {"table": w.table, "party": w.party, "closed": w.periods_closed, "best": w.best}
            | {name: w.quantiles and getattr(w.quantiles, name) for name in PERCENTILE_NAMES}
            for w in self.worths
        ]
        names = dict.fromkeys(("best", *PERCENTILE_NAMES), pl.Float64)
        schema = {"table": pl.String, "party": pl.String, "closed": pl.Int64, **names}
        return pl.DataFrame(rows, schema=schema)


def table_values(
    case: Case,
    worlds: int = 0,
    seed: int = 0,
    *,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> TableValues:
    """What each party loses by each table not being there, in its own units of payoff.

    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with the number of worlds done and of all

    A table that ends a war at once saves each side what two periods of war cost, 1 + 0.5:

    >>> from ceasefire.case import loads
    >>> truce = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... ending: nothing
    ... parties: {north: {patience: 0.5, precision: 200}, south: {patience: 0.5, precision: 200}}
    ... state: {war: {start: true}}
    ... payoffs: {north: {war: -war}, south: {war: -war}}
    ... tables: {talks: {seats: [north, south], deals: {truce: {when: war, set: {war: false}}}}}
    ... ''')
    >>> [(w.party, round(w.best, 2)) for w in table_values(truce).worths]
    [('north', 1.5), ('south', 1.5)]
    """
    return _ask_value_differences(
        case,
        [(table, party, None) for table in case.tables for party in _parties_with_payoffs(case)],
        worlds,
        seed,
        {"grid": grid, "memory": memory, "workers": workers, "progress": progress},
    )


def delay_values(
    case: Case,
    worlds: int = 0,
    seed: int = 0,
    *,
    periods: int | None = None,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> TableValues:
    """What each party gains or loses when a table is closed for the first n periods.

    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    periods   the longest delay, the horizon if None; of more than 12 delays, 12 are asked for
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with the number of worlds done and of all

    Each period that the war of `worth` goes on costs 1, the second counting half:

    >>> from ceasefire.case import loads
    >>> truce = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... ending: nothing
    ... parties: {north: {patience: 0.5, precision: 200}, south: {patience: 0.5, precision: 200}}
    ... state: {war: {start: true}}
    ... payoffs: {north: {war: -war}, south: {war: -war}}
    ... tables: {talks: {seats: [north, south], deals: {truce: {when: war, set: {war: false}}}}}
    ... ''')
    >>> north = [w for w in delay_values(truce).worths if w.party == "north"]
    >>> [(w.periods_closed, round(w.best, 2)) for w in north]
    [(0, 0.0), (1, -1.0), (2, -1.5)]
    """
    longest = case.horizon if periods is None else min(periods, case.horizon)
    count = min(longest, MAX_DELAYS_PER_TABLE)
    delays = [0, *(round(longest * step / count) for step in range(1, count + 1))]
    return _ask_value_differences(
        case,
        [(t, p, n) for t in case.tables for p in _parties_with_payoffs(case) for n in delays],
        worlds,
        seed,
        {"grid": grid, "memory": memory, "workers": workers, "progress": progress},
    )


def _parties_with_payoffs(case: Case) -> list[str]:
    """The parties that want anything: the value of the others is 0 whatever happens."""
    paying = {move.party for move in case.moves.values() if move.cost.text != "0"}
    paying |= {p for table in case.tables.values() for d in table.deals.values() for p in d.cost}
    pays = {party for actor in paying for party in case.holders_of(actor)}
    return [party for party in case.parties if case.payoffs.get(party) or party in pays]


TableChange = tuple[str, str, int | None]


def _value_difference_text(change: TableChange) -> str:
    table, party, closed = change
    if closed is None:
        return f"value({party}) - value({party}, without={table})"
    if closed == 0:
        return f"value({party}) - value({party})"
    return f"value({party}, closed={{{table}: {closed}}}) - value({party})"


def _ask_value_differences(
    case: Case, changes: Sequence[TableChange], worlds: int, seed: int, how: dict[str, Any]
) -> TableValues:
    asked = ask(
        case,
        *(_value_difference_text(change) for change in changes),
        worlds=worlds,
        seed=seed,
        **how,
    )
    pairs = zip(changes, asked.answers, strict=True)
    worths = tuple(TableValue(*change, *_best_and_quantiles(answer)) for change, answer in pairs)
    return TableValues(
        case.file, case.period, worths, asked.numerics, asked.run_stats, asked.failed_checks
    )


def _best_and_quantiles(answer: QuestionAnswer) -> tuple[float | None, WorldQuantiles | None]:
    best = None if answer.best is None else float(answer.best)
    return best, None if answer.worlds is None else answer.worlds.quantiles
