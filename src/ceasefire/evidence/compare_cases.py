"""Rival cases over one record of events: their verdicts, and which the events favour.

The evidence for a case is the probability that it gave to all that has happened, averaged over its
worlds: Z = mean of L_w. The events favour one case over another by the ratio of these, the Bayes
factor. It says nothing of how likely either was to begin with.

Source: Kass & Raftery (1995), Bayes factors, JASA 90, for the ratio and for its words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.run import EnsembleResult, JobProgressCallback, RunStats
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import READINGS, EventLikelihood
from ceasefire.evidence.events import RecordedEvent, find_states_after_events, read_recorded_events
from ceasefire.evidence.particle_filter import (
    WeightedShare,
    effective_sample_size,
    log_marginal_likelihood,
    weighted_share,
)
from ceasefire.evidence.posterior import (
    DEFAULT_PARTICLES,
    PosteriorRun,
    WorldWeighting,
    posterior_numerics,
    prepare_posterior_query,
    run_posterior_query,
)
from ceasefire.evidence.remaining_case import changed_meaning_notes
from ceasefire.evidence.update_claims import reject_impossible_events, weighted_event_probability
from ceasefire.query import NumericalQuality, read_claims
from ceasefire.query.numerical_quality import finite_or_none
from ceasefire.results import Result
from ceasefire.settings import SolveSettings

BAYES_FACTOR_WORDS = (
    (3.0, "hardly more than"),
    (20.0, "positively over"),
    (150.0, "strongly over"),
)


@dataclass(frozen=True)
class RivalClaim:
    """What a case says of a claim in each of `READINGS`.

    best    whether it is true at the best estimates
    shares  share of the worlds in which it is true, weighted after the events; None without worlds
    """

    best: tuple[bool | None, bool | None, bool | None]
    shares: tuple[WeightedShare | None, WeightedShare | None, WeightedShare | None]


@dataclass(frozen=True)
class RivalCase(EnsembleResult):
    """One case: how likely it made the events, and what it says of its claims.

    title                   the title of the case
    log_evidence            log of the mean probability of all events over worlds (at the best
                            estimates without worlds)
    log_evidence_error      its standard error, None if nothing was sampled or drawn
    log_evidence_by_period  how that grew, period by period
    claims                  what it says of each claim
    effective_worlds        effective number of worlds after the events
    numerics                how good the numbers are
    run_stats               the worlds that were computed, None without any
    failed_checks           what could not be checked, and why
    """

    case: str
    title: str
    log_evidence: float
    log_evidence_error: float | None
    log_evidence_by_period: tuple[float, ...]
    events: tuple[EventLikelihood, ...]
    claims: dict[str, RivalClaim]
    effective_worlds: float | None
    numerics: NumericalQuality
    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A rival as `compare --json` prints it."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        return {
            "case": self.case,
            "title": self.title,
            "evidence": finite_or_none(self.log_evidence),
            "error": self.log_evidence_error,
            "periods": [finite_or_none(log) for log in self.log_evidence_by_period],
            "events": [event.as_json() for event in self.events],
            "effective_worlds": self.effective_worlds,
            "claims": [
                {
                    "id": name,
                    "best": dict(zip(READINGS, claim.best, strict=True)),
                    **{
                        reading: None if share is None else share.as_json()
                        for reading, share in zip(READINGS, claim.shares, strict=True)
                    },
                }
                for name, claim in self.claims.items()
            ],
            "numerics": self.numerics.as_json(),
            "lost": list(self.failed_checks),
        } | run

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        rows: list[dict[str, Any]] = [
            {"case": self.case, "id": name}
            | {f"best_{reading}": one for reading, one in zip(READINGS, claim.best, strict=True)}
            | {
                reading: None if share is None else share.share
                for reading, share in zip(READINGS, claim.shares, strict=True)
            }
            for name, claim in self.claims.items()
        ]
        schema: dict[str, Any] = {"case": pl.String, "id": pl.String}
        schema |= dict.fromkeys((f"best_{reading}" for reading in READINGS), pl.Boolean)
        schema |= dict.fromkeys(READINGS, pl.Float64)
        return pl.DataFrame(rows, schema=schema)


@dataclass(frozen=True)
class ComparisonResult(Result):
    """Rival cases in the order in which they were given.

    rivals  one for each case
    worlds  how many worlds were asked for
    seed    seed of the worlds
    notes   reports that were not counted, and claims that mean something else after the events
    """

    rivals: tuple[RivalCase, ...]
    events: int
    worlds: int
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def favoured(self) -> RivalCase | None:
        """The case that made the events likeliest; None where nothing has happened."""
        return max(self.rivals, key=lambda rival: rival.log_evidence) if self.events else None

    def log_bayes_factor(self, rival: RivalCase) -> tuple[float, float | None]:
        """By how much the events favour the favoured case over this: log ratio and its error.

        rival  the case that is compared with the favoured one
        """
        best = self.favoured
        if best is None or best is rival:
            return 0.0, None
        errors = [
            error
            for error in (best.log_evidence_error, rival.log_evidence_error)
            if error is not None
        ]
        return best.log_evidence - rival.log_evidence, math.hypot(*errors) if errors else None

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the rivals, each with its case."""
        return tuple(
            f"{rival.case}: {reason}" for rival in self.rivals for reason in rival.mark_reasons
        )

    def as_json(self) -> dict[str, Any]:
        """The document of `compare --json`; a factor is that of the favoured case over a rival."""
        best = self.favoured
        factors = [self.log_bayes_factor(rival) for rival in self.rivals]
        return {
            "favoured": None if best is None else best.case,
            "worlds": self.worlds,
            "seed": self.seed,
            "notes": list(self.notes),
            "rivals": [
                {
                    **rival.as_json(),
                    "log_factor": finite_or_none(log),
                    "log_factor_error": error,
                    "words": describe_bayes_factor(log, error),
                }
                for rival, (log, error) in zip(self.rivals, factors, strict=True)
            ],
        }

    def frame(self) -> pl.DataFrame:
        """One row for each rival and claim."""
        return pl.concat([rival.frame() for rival in self.rivals])


def describe_bayes_factor(log: float, error: float | None) -> str:
    """A Bayes factor in words; its error counts, two standard errors of it.

    >>> describe_bayes_factor(math.log(2), None), describe_bayes_factor(math.log(30), None)
    ('hardly more than', 'strongly over')
    >>> describe_bayes_factor(math.log(30), 2.0)
    'not told apart from'
    """
    if error is not None and log < 2.0 * error:
        return "not told apart from"
    factor = math.exp(min(log, 700.0))
    return next(
        (words for most, words in BAYES_FACTOR_WORDS if factor < most), "very strongly over"
    )


def compare(
    *cases: Case,
    worlds: int = 64,
    seed: int = 0,
    particles: int = DEFAULT_PARTICLES,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> ComparisonResult:
    """Put rival cases side by side: their verdicts, and which of them the events favour.

    cases      two or more with the same events; if they have none only the verdicts are compared
    worlds     how many worlds; 0 for the best estimates alone
    seed       seed of the worlds
    particles  most points of state and record that are kept; exact if fewer are needed
    grid       belief nodes for each party with types; None has them chosen by the game's size
    memory     most bytes that a solution may take
    workers    processes that solve; None takes one for each core
    progress   called with how many evaluations are done, and of how many

    Raises CaseError for fewer than two cases, for events that are not the same, and as `update`.

    >>> from ceasefire.case import loads
    >>> text = '''
    ... ceasefire: 1
    ... horizon: 4
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: ODDS, set: {war: false}}]}}
    ... claims: {soon: {test: "P(eventually(not war)) > 0.5"}}
    ... events: [{period: 0, chance: end.peace}]
    ... '''
    >>> likely, rare = (loads(text.replace("ODDS", odds)) for odds in ("0.4", "0.1"))
    >>> found = compare(rare, likely, worlds=0, workers=1)
    >>> log, _ = found.log_bayes_factor(found.rivals[0])
    >>> found.favoured is found.rivals[1], round(math.exp(log), 3)
    (True, 4.0)
    """
    settings = SolveSettings(grid, memory)
    if len(cases) < 2:
        raise CaseError([Problem("needs two cases or more", path="CASE", found=str(len(cases)))])
    read = [read_recorded_events(case) for case in cases]
    events_by_case = [known for known, _ in read]
    _require_same_events(cases, events_by_case)
    rivals, notes = [], dict.fromkeys(note for _, event_notes in read for note in event_notes)
    for case, known in zip(cases, events_by_case, strict=True):
        questions = read_claims(case)
        today = 1 + max((event.period for event in known), default=-1)
        query = prepare_posterior_query(
            case, tuple(questions.values()), [known], today,
            particles=particles, seed=seed, settings=settings,
        )  # fmt: skip
        find_states_after_events(query.game(), known, today)
        posterior_run = run_posterior_query(
            query, case, worlds, seed, workers=workers, progress=progress
        )
        reject_impossible_events(known, posterior_run)
        rivals.append(_assess_rival(case, tuple(questions), known, posterior_run))
        notes |= dict.fromkeys(changed_meaning_notes(questions) if known else ())
        if posterior_run.run_stats is not None and posterior_run.run_stats.interrupted:
            break
    return ComparisonResult(tuple(rivals), len(events_by_case[0]), worlds, seed, tuple(notes))


def _assess_rival(
    case: Case,
    names: tuple[str, ...],
    events: tuple[RecordedEvent, ...],
    posterior_run: PosteriorRun,
) -> RivalCase:
    weigher, best, worlds = WorldWeighting(posterior_run), posterior_run.best, posterior_run.worlds
    steps = range(1, len(best.period_log_probabilities) + 1)
    if worlds:
        evidence, error = log_marginal_likelihood(
            [t.log_likelihoods[0] for t in worlds], [t.likelihood_error for t in worlds]
        )
        sums = [
            log_marginal_likelihood([sum(world.period_log_probabilities[:n]) for world in worlds])[
                0
            ]
            for n in steps
        ]
    else:
        evidence, error = best.log_likelihoods[0], best.likelihood_error
        sums = [sum(best.period_log_probabilities[:n]) for n in steps]
    claims = {}
    for n, name in enumerate(names):
        before = None
        if worlds:
            truths = [
                None if world.prior_results is None else world.prior_results.test_result(n)
                for world in worlds
            ]
            before = weighted_share(truths, weigher.equal_weights)
        first = None if best.prior_results is None else best.prior_results.test_result(n)
        claims[name] = RivalClaim(
            (first, best.truth_as_written(n), best.truth(n, 0)),
            (before, weigher.share_as_written(n), weigher.share(n, 0)),
        )
    return RivalCase(
        case=case.file,
        title=case.title,
        log_evidence=evidence,
        log_evidence_error=error,
        log_evidence_by_period=tuple(b - a for a, b in zip([0.0, *sums], sums, strict=False)),
        events=tuple(
            EventLikelihood(
                event, (best.event_probabilities[n][0], weighted_event_probability(worlds, n))
            )
            for n, event in enumerate(events)
        ),
        claims=claims,
        effective_worlds=effective_sample_size(weigher.weights_by_version[0]) if worlds else None,
        numerics=posterior_numerics(posterior_run),
        run_stats=posterior_run.run_stats,
        failed_checks=posterior_run.failed_checks,
    )


def _require_same_events(
    cases: Sequence[Case], events: Sequence[tuple[RecordedEvent, ...]]
) -> None:
    """Refuse cases that do not tell the same story in the same periods."""
    problems = []
    first, known = cases[0], {(event.period, event.description): event for event in events[0]}
    for case, others in zip(cases[1:], events[1:], strict=True):
        if (case.period, case.start) != (first.period, first.start):
            problems.append(
                Problem(
                    "counts other periods than the first case",
                    case.file or None,
                    path="period",
                    found=f"{case.period} from {case.start}",
                    allowed=f"{first.period} from {first.start}, as in {first.file}",
                )
            )
        other_events = {(event.period, event.description): event for event in others}
        apart = [(case, first, other_events[key]) for key in other_events if key not in known]
        apart += [(first, case, known[key]) for key in known if key not in other_events]
        for here, other, event in apart:
            problems.append(
                event.first_report.location.problem(
                    f"is no event of {other.file}",
                    found=f"{event.description} in period {event.period} of {here.file}",
                    allowed="the same events in every case",
                    help="let the rival start from the other with `extends`",
                )
            )
    if problems:
        raise CaseError(problems)
