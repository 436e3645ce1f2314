"""What is likely when, in many worlds: each line of a timeline with the band that worlds span.

At each period the worlds are sorted by their value there; a band goes from the 5th to the 95th
percentile. Its edges are no course that any one world takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ceasefire.case import Case, refuse_other_periods
from ceasefire.ensemble.run import EnsembleResult, JobProgressCallback, RunStats, run_worlds
from ceasefire.ensemble.sampling import draw_worlds
from ceasefire.query import NumericalQuality, Timeline, TimelineQuery, read_state
from ceasefire.settings import SolveSettings

BAND_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class QuantileBand:
    """One line of a timeline at best, and the percentiles of the worlds period by period.

    p05, p50, p95  5th, 50th and 95th percentile, empty if no world was asked
    """

    kind: str
    name: str
    observer: str | None
    best: tuple[float, ...]
    p05: tuple[float, ...] = ()
    p50: tuple[float, ...] = ()
    p95: tuple[float, ...] = ()


@dataclass(frozen=True)
class TimelineQuantiles(EnsembleResult):
    """Everything that can be followed from period to period, at best and over the worlds.

    run_stats  how the run over the worlds went, None for world 0 alone
    """

    case: str
    period: str
    start: str | None
    bands: tuple[QuantileBand, ...]
    numerics: NumericalQuality
    run_stats: RunStats | None = None

    def as_json(self) -> dict[str, Any]:
        """The paths as one document."""
        names = ("best", "p05", "p50", "p95")
        return {
            "case": self.case,
            "period": self.period,
            "start": self.start,
            "series": [
                {"kind": b.kind, "name": b.name, "observer": b.observer}
                | {n: list(v) for n, v in zip(names, _band_lines(b), strict=True)}
                for b in self.bands
            ],
            "numerics": self.numerics.as_json(),
            "run": self.run_stats and self.run_stats.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each series and period; without worlds the percentiles are null."""
        names = ("best", "p05", "p50", "p95")
        rows: list[dict[str, Any]] = [
            {"kind": b.kind, "name": b.name, "observer": b.observer, "period": n}
            | {k: v[n] if v else None for k, v in zip(names, _band_lines(b), strict=True)}
            for b in self.bands
            for n in range(len(b.best))
        ]
        words = dict.fromkeys(("kind", "name", "observer"), pl.String)
        schema = {**words, "period": pl.Int64, **dict.fromkeys(names, pl.Float64)}
        return pl.DataFrame(rows, schema=schema)


def _band_lines(band: QuantileBand) -> tuple[tuple[float, ...], ...]:
    return band.best, band.p05, band.p50, band.p95


def timeline_quantiles(
    case: Case,
    worlds: int = 0,
    seed: int = 0,
    *,
    start: str = "",
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> TimelineQuantiles:
    """Follow a case over its horizon at the best estimates and, with `worlds`, in that many.

    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    start     such as "fighting=false", what is not named being as the case has it
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with the number of worlds done and of all

    Raises QuestionError for a start that the case does not have.

    A war that ends with probability `odds`, between 0.2 and 0.4, is over after a period in as
    many worlds as have drawn so much:

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {range: [0.2, 0.4]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... conditions: {peace: not war}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... ''')
    >>> peace = timeline_quantiles(coin, worlds=64, workers=1).bands[0]
    >>> [round(line[1], 2) for line in (peace.p05, peace.best, peace.p95)]
    [0.21, 0.3, 0.39]
    """
    course = TimelineQuery(case, read_state(case, start), SolveSettings(grid, memory))
    best = course.run()
    if not worlds:
        return TimelineQuantiles(
            case.file, case.period, case.start, _quantile_bands(best, ()), best.numerics
        )
    refuse_other_periods(case, "a timeline over worlds")
    drawn = draw_worlds(case, worlds, seed)
    done = run_worlds(course.run, drawn, workers, progress)
    followed = tuple(done.answers.values())
    numerics = [found.numerics for found in followed]
    ran = RunStats.from_solutions(drawn, numerics, done.failed, interrupted=done.interrupted)
    return TimelineQuantiles(
        case.file, case.period, case.start, _quantile_bands(best, followed), best.numerics, ran
    )


def _quantile_bands(best: Timeline, followed: Sequence[Timeline]) -> tuple[QuantileBand, ...]:
    bands = []
    told = [{(s.kind, s.name, s.observer): s.values for s in one.series} for one in followed]
    for series in best.series:
        key = series.kind, series.name, series.observer
        known = [values[key] for values in told if key in values]  # an option may leave it out
        lines: list[tuple[float, ...]] = []
        if known:
            values = np.array(known)
            found = np.quantile(values, BAND_QUANTILES, axis=0, method="inverted_cdf")
            lines = [tuple(row) for row in found.tolist()]
        bands.append(QuantileBand(series.kind, series.name, series.observer, series.values, *lines))
    return tuple(bands)
