"""What to watch: the events of the next period, and what each would change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble import RunStats
from ceasefire.ensemble.run import EnsembleResult, JobProgressCallback
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import ValueChange
from ceasefire.evidence.events import (
    RecordedEvent,
    find_possible_events,
    find_states_after_events,
    read_recorded_events,
)
from ceasefire.evidence.particle_filter import (
    WeightedShare,
    effective_sample_size,
    likelihood_weights,
)
from ceasefire.evidence.posterior import (
    DEFAULT_PARTICLES,
    WorldWeighting,
    belief_changes,
    posterior_numerics,
    prepare_posterior_query,
    run_posterior_query,
)
from ceasefire.query import NumericalQuality, read_claims
from ceasefire.settings import SolveSettings


@dataclass(frozen=True)
class Indicator:
    """An event that may happen in the next period, and what it would change.

    probability  its probability: at the best estimates, and over worlds
    claims       by claim: the share of worlds once the period is over, nothing being known of it,
                 and if this has happened (1 or 0 at the best estimates where there are no worlds)
    beliefs      by observer, party and first type: what is believed then, and if this has happened
    theses       the claims that count for its place in the list: those that are nobody's premise
    itself       the claims that it settles: of these it is no sign, it is what they speak of
    absences     how likely it is not to have come after 1, 2, … periods, at the best estimates
    """

    event: RecordedEvent
    probability: tuple[float, float | None]
    claims: Mapping[str, tuple[WeightedShare | None, WeightedShare | None]]
    beliefs: Mapping[tuple[str, str, str], tuple[float, float]]
    theses: tuple[str, ...] = ()
    itself: tuple[str, ...] = ()
    absences: tuple[float, ...] = ()

    @property
    def expected(self) -> float:
        """Its probability, over worlds if there are any."""
        return self.probability[0] if self.probability[1] is None else self.probability[1]

    def likely_within(self, periods: int) -> float | None:
        """How likely it is to come within so many periods, at the best estimates.

        periods  from 1; None where that was not worked out
        """
        return 1.0 - self.absences[periods - 1] if periods <= len(self.absences) else None

    @property
    def absence_tells_after(self) -> int | None:
        """After how many periods its absence says as much as its coming would; None if never.

        A number that an event of probability p moves by d is moved by -d p / (1 - p) without it.
        """
        return next((n for n, absent in enumerate(self.absences, 1) if absent <= 0.5), None)

    def share_change(self, claim: str) -> float | None:
        """By how much the share of a claim changes if this happens."""
        without, given = self.claims[claim]
        if without is None or given is None or without.share is None or given.share is None:
            return None
        return given.share - without.share

    @property
    def expected_share_change(self) -> float:
        """How much it is expected to move the theses: its probability times their mean change."""
        moves = [
            abs(move)
            for name in self.theses or self.claims
            if name not in self.itself and (move := self.share_change(name)) is not None
        ]
        return self.expected * float(np.mean(moves)) if moves else 0.0

    @property
    def rank(self) -> tuple[float, float, float]:
        """Its place: by what it is expected to move of theses, then of claims, then of beliefs."""
        claims = [abs(self.share_change(c) or 0.0) for c in self.claims if c not in self.itself]
        beliefs = [abs(given - without) for without, given in self.beliefs.values()]
        claim, belief = (max(moves, default=0.0) for moves in (claims, beliefs))
        return -self.expected_share_change, -self.expected * claim, -self.expected * belief

    @property
    def claims_turned(self) -> tuple[str, ...]:
        """The claims whose verdict it would change."""
        return tuple(
            name
            for name, (without, given) in self.claims.items()
            if name not in self.itself
            and without is not None
            and given is not None
            and None not in (without.verdict, given.verdict)
            and without.verdict != given.verdict
        )

    def as_json(self) -> dict[str, Any]:
        """An indicator as `indicators --json` prints it."""
        return {
            "event": self.event.description,
            "kind": self.event.first_report.kind,
            "target": self.event.first_report.target,
            "by": self.event.first_report.by,
            "chance": {"best": self.probability[0], "worlds": self.probability[1]},
            "weight": self.expected_share_change,
            "turns": list(self.claims_turned),
            "itself": list(self.itself),
            "within": [1.0 - absent for absent in self.absences],
            "absence_tells_after": self.absence_tells_after,
            "claims": [
                {
                    "id": name,
                    "without": None if without is None else without.share,
                    "given": None if given is None else given.share,
                    "change": self.share_change(name),
                }
                for name, (without, given) in self.claims.items()
            ],
            "beliefs": [
                {
                    "observer": observer,
                    "belief": f"{party}.{kind}",
                    "without": without,
                    "given": given,
                    "change": given - without,
                }
                for (observer, party, kind), (without, given) in self.beliefs.items()
            ],
        }


@dataclass(frozen=True)
class IndicatorResult(EnsembleResult):
    """What `indicators` found, by expected movement of the theses, largest first.

    case              the file of the case
    period            in which the events may happen
    periods_left      periods that are left after it
    effective_worlds  effective number of worlds after the events so far, None without worlds
    numerics          how good the numbers are
    run_stats         the worlds that were computed, None without any
    failed_checks     checks of the numbers that failed, with the reason
    theses            the claims by which the events are ranked
    """

    case: str
    period: int
    periods_left: int
    indicators: tuple[Indicator, ...]
    effective_worlds: float | None
    numerics: NumericalQuality
    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()
    theses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The document of `indicators --json`, digest and version left to the command."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        return {
            "case": self.case,
            "period": self.period,
            "left": self.periods_left,
            "theses": list(self.theses),
            "indicators": [indicator.as_json() for indicator in self.indicators],
            "effective_worlds": self.effective_worlds,
            "numerics": self.numerics.as_json(),
        } | run

    def frame(self) -> pl.DataFrame:
        """One row for each event and claim."""
        rows = [
            {
                "event": one.event.description,
                "chance": one.expected,
                "claim": name,
                "without": None if without is None else without.share,
                "given": None if given is None else given.share,
            }
            for one in self.indicators
            for name, (without, given) in one.claims.items()
        ]
        numbers = dict.fromkeys(("chance", "without", "given"), pl.Float64)
        schema = {"event": pl.String, "claim": pl.String, **numbers}
        names = ("event", "chance", "claim", "without", "given")
        return pl.DataFrame(rows, schema={name: schema[name] for name in names})


def indicators(
    case: Case,
    worlds: int = 32,
    seed: int = 0,
    *,
    particles: int = DEFAULT_PARTICLES,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> IndicatorResult:
    """What may happen in the next period, how likely it is, and what it would change.

    case       the case
    worlds     how many worlds; 0 for the best estimates alone
    seed       seed of the worlds
    particles  most points of state and record that are kept; exact if fewer are needed
    grid       belief nodes for each party with types; None has them chosen by the game's size
    memory     most bytes that a solution may take
    workers    processes that solve; None takes one for each core
    progress   called with how many evaluations are done, and of how many

    The next period is the one after that of the last event, or the first. What an event changes is
    the difference between the claims asked after that period if it has happened, and if nothing is
    known of the period.

    Raises CaseError with every event that no step explains, and where no period is left.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 4
    ... unknowns: {odds: {oneof: [0.2, 0.6]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... claims: {ends: {test: "P(eventually(not war), within=1) > 0.5"}}
    ... ''')
    >>> found = {one.event.description: one for one in indicators(coin, 32, workers=1).indicators}
    >>> {what: round(one.expected, 3) for what, one in found.items()}
    {'chance: end.nothing': 0.6, 'chance: end.peace': 0.4}
    >>> round(found["chance: end.nothing"].share_change("ends"), 3)  # from half of the worlds
    -0.5
    """
    settings = SolveSettings(grid, memory)
    recorded_events, _ = read_recorded_events(case)
    questions = read_claims(case)
    period = 1 + max((recorded_event.period for recorded_event in recorded_events), default=-1)
    if period >= case.horizon:
        message = f"the events reach period {period - 1}, the last that is looked at"
        help = f"make the horizon longer than {case.horizon}"
        raise CaseError([Problem(message, case.file or None, path="events", help=help)])
    query = prepare_posterior_query(
        case, tuple(questions.values()), [recorded_events], period + 1,
        particles=particles, seed=seed, settings=settings, ask_at_start=False,
    )  # fmt: skip
    game = query.game()
    states = find_states_after_events(game, recorded_events, period)
    watched = tuple(
        RecordedEvent(event)
        for event in find_possible_events(game, period, states).values()
        if event.kind != "broken" or case.promises[event.target].owes
    )
    query.watched = watched
    query.versions = (
        recorded_events,
        *((*recorded_events, recorded_event) for recorded_event in watched),
    )
    posterior_run = run_posterior_query(
        query, case, worlds, seed, workers=workers, progress=progress
    )
    weigher = WorldWeighting(posterior_run)
    theses = thesis_names(case)
    listed = _list_indicators(weigher, watched, questions, theses, belief_changes(weigher))
    size = (
        effective_sample_size(
            likelihood_weights([world.log_likelihoods[0] for world in posterior_run.worlds])
        )
        if worlds
        else None
    )
    return IndicatorResult(
        case=case.file,
        period=period,
        periods_left=case.horizon - period - 1,
        indicators=listed,
        effective_worlds=size,
        numerics=posterior_numerics(posterior_run),
        run_stats=posterior_run.run_stats,
        failed_checks=posterior_run.failed_checks,
        theses=theses,
    )


def thesis_names(case: Case) -> tuple[str, ...]:
    """The conclusions that are nobody's premise; all claims where there is none.

    case  the case
    """
    premises = {name for claim in case.claims.values() for name in claim.because}
    found = tuple(n for n, claim in case.claims.items() if claim.because and n not in premises)
    return found or tuple(case.claims)


def _list_indicators(
    weigher: WorldWeighting,
    watched: Sequence[RecordedEvent],
    claims: Iterable[str],
    theses: tuple[str, ...],
    beliefs: Mapping[tuple[str, str, str], ValueChange],
) -> tuple[Indicator, ...]:
    """The events that may happen, those first by which a thesis is expected to change most."""
    listed = []
    for version, recorded_event in enumerate(watched, start=1):
        probability = weigher.conditional_probability(version, 0)
        if not (probability[0] > 0 or (probability[1] or 0.0) > 0):
            continue
        indicator = Indicator(
            event=recorded_event,
            probability=probability,
            claims={
                name: (weigher.share_or_truth(n, 0), weigher.share_or_truth(n, version))
                for n, name in enumerate(claims)
            },
            beliefs={
                key: _belief_without_and_given(change, version) for key, change in beliefs.items()
            },
            theses=theses,
            itself=tuple(
                name
                for n, name in enumerate(claims)
                if weigher.best.is_settled(n, version) and not weigher.best.is_settled(n, 0)
            ),
            absences=weigher.best.absences[version - 1] if weigher.best.absences else (),
        )
        listed.append(indicator)
    return tuple(sorted(listed, key=lambda one: one.rank))


def _belief_without_and_given(change: ValueChange, version: int) -> tuple[float, float]:
    """A number in the first version, and in another."""
    values = change.values_by_version
    first, other = values[0], values[version]
    return first if first is not None else 0.0, other if other is not None else 0.0
