"""Looking back at a case: what came true, what misled, and what a rival would have said.

Nothing is computed here that `backtest`, `update` and `compare` do not compute; a review puts it on
one page once `happened` is filled in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.run import JobProgressCallback
from ceasefire.errors import EvidenceError, Problem
from ceasefire.evidence import ComparisonResult, UnknownShift, UpdateResult, compare, update
from ceasefire.forecasts.scoring import BacktestResult, backtest
from ceasefire.results import Result

LEAST_SHIFT = 0.25  # of an unknown, in standard deviations, from which it is said to have misled
LEAST_BELIEF_SHIFT = 0.1
MOST_UNKNOWNS_NAMED = 5


@dataclass(frozen=True)
class ReviewResult(Result):
    """What a case said, what came of it, and why.

    title       the title of the case
    outcomes    its claims whose outcome is known, with base rates, forecasts and scores
    update      what its events make of it; None without events
    rival       how a rival fared on the same events; None without one
    all_cases   the scores over all cases at hand, this one among them; None if it is alone
    """

    title: str
    outcomes: BacktestResult
    update: UpdateResult | None
    rival: ComparisonResult | None
    all_cases: BacktestResult | None

    @property
    def misleading_unknowns(self) -> tuple[UnknownShift, ...]:
        """The unknowns whose worlds the events have made likelier than others, most moved first."""
        shifts = () if self.update is None else self.update.unknowns
        return tuple(s for s in shifts if abs(s.in_spreads) >= LEAST_SHIFT)[:MOST_UNKNOWNS_NAMED]

    @property
    def misleading_types(self) -> tuple[tuple[str, str, float, float], ...]:
        """Party, first type, and the analyst's belief in it before and after, where it moved."""
        if self.update is None:
            return ()
        found = []
        for (observer, party, kind), change in self.update.beliefs.items():
            before, after = change.value_before, change.values_by_version[0]
            if observer != "analyst" or before is None or after is None:
                continue
            if abs(after - before) >= LEAST_BELIEF_SHIFT:
                found.append((party, kind, before, after))
        return tuple(found)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the scores and what the events say."""
        events = () if self.update is None else self.update.mark_reasons
        rival = () if self.rival is None else self.rival.mark_reasons
        return (*self.outcomes.mark_reasons, *events, *rival)

    def as_json(self) -> dict[str, Any]:
        """The document of `review --json`, digest and version left to the command."""
        return {
            "title": self.title,
            "outcomes": self.outcomes.as_json(),
            "unknowns": [shift.as_json() for shift in self.misleading_unknowns],
            "types": [
                {"belief": f"{party}.{kind}", "before": before, "after": after}
                for party, kind, before, after in self.misleading_types
            ],
            "update": None if self.update is None else self.update.as_json(),
            "rival": None if self.rival is None else self.rival.as_json(),
            "all_cases": None if self.all_cases is None else self.all_cases.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each claim whose outcome is known."""
        return self.outcomes.frame()


def review(
    case: Case,
    *others: Case,
    rival: Case | None = None,
    worlds: int = 32,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> ReviewResult:
    """Look back at a case: claims, scores, what misled, and what a rival would have said.

    case      a case with claims that say what happened
    others    other cases with such claims, for the calibration over all of them
    rival     a rival case with the same events
    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with how many evaluations are done, and of how many

    Raises EvidenceError if no claim of the case says what happened.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: comes, chance: 0.3, set: {war: false}}]}}
    ... claims: {ends: {test: P(eventually(not war)) > 0.5, happened: true}}
    ... events: [{period: 0, chance: end.comes}]
    ... ''')
    >>> found = review(coin, worlds=0, workers=1)
    >>> found.outcomes.claims[0].happened, round(found.update.events[0].expected, 3)
    (True, 0.3)
    """
    if all(claim.happened is None for claim in case.claims.values()):
        help = "say of each claim whether what its sentence says came true: happened: true"
        raise EvidenceError([Problem("no claim says what happened", case.file, help=help)])
    known: Sequence[Case] = [one for one in others if one.file != case.file or not one.file]
    outcomes = backtest(
        case, worlds=worlds, seed=seed, grid=grid, memory=memory, workers=workers, progress=progress
    )
    found = None
    if any(event.confirmed for event in case.events):
        found = update(
            case, worlds, seed, grid=grid, memory=memory, workers=workers, progress=progress
        )
    compared = None
    if rival is not None:
        compared = compare(
            case, rival, worlds=worlds, seed=seed, grid=grid, memory=memory, workers=workers,
            progress=progress,
        )  # fmt: skip
    everything = None
    if known:
        everything = backtest(
            case, *known, worlds=worlds, seed=seed, grid=grid, memory=memory, workers=workers,
            progress=progress,
        )  # fmt: skip
    return ReviewResult(case.title, outcomes, found, compared, everything)
