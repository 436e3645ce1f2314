"""What an argument looks like after what has happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ceasefire.argument import ConclusionFigures, figures_of_conclusions, headline
from ceasefire.case import Case
from ceasefire.ensemble import RunStats, draw_worlds
from ceasefire.ensemble.run import EnsembleResult, EnsembleRun, JobProgressCallback
from ceasefire.ensemble.store import alternative_column
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import (
    READINGS,
    ClaimChange,
    EventLikelihood,
    UnknownShift,
    ValueChange,
    WorldReadings,
)
from ceasefire.evidence.events import RecordedEvent, find_states_after_events, read_recorded_events
from ceasefire.evidence.particle_filter import (
    effective_sample_size,
    likelihood_weights,
    log_marginal_likelihood,
    weighted_mean,
    weighted_share,
)
from ceasefire.evidence.posterior import (
    DEFAULT_PARTICLES,
    PosteriorQuery,
    PosteriorRun,
    WorldPosterior,
    WorldWeighting,
    belief_changes,
    condition_changes,
    posterior_numerics,
    prepare_posterior_query,
    run_posterior_query,
)
from ceasefire.evidence.remaining_case import changed_meaning_notes, formulas_remembered
from ceasefire.evidence.surprise import unknown_behind
from ceasefire.query import NumericalQuality, Question, WorldResult, read_claims
from ceasefire.query.ast import (
    EventCondition,
    Quantity,
    StateCondition,
    conditions_of_formula,
    evaluate_question,
)
from ceasefire.query.numerical_quality import finite_or_none
from ceasefire.results import format_count
from ceasefire.settings import SolveSettings


@dataclass(frozen=True)
class UpdateResult(EnsembleResult):
    """What `update` found.

    case                   the file of the case
    today                  the period that begins now; `periods_left` are left
    notes                  what was counted only once or not at all
    claims                 each claim before and after
    beliefs                by observer, party and first type
    conditions             the probability of each condition
    log_likelihoods        logarithm of the probability of all events: at the best estimates, and of
                           the mean over worlds
    log_likelihood_errors  standard errors of these, None where nothing was sampled or drawn
    effective_worlds       effective number of worlds, None without worlds
    exact_worlds           worlds in which nothing was sampled, best included
    particles              most points of state and record that were kept
    numerics               how good the numbers are
    run_stats              the worlds that were computed, None without any
    failed_checks          checks of the numbers that failed, with the reason
    unknowns               the unknowns, those first that the events have moved most; none without
                           worlds
    worlds                 what each world says: the best estimates, then the worlds that were drawn
    """

    case: str
    today: int
    periods_left: int
    events: tuple[EventLikelihood, ...]
    notes: tuple[str, ...]
    claims: tuple[ClaimChange, ...]
    beliefs: Mapping[tuple[str, str, str], ValueChange]
    conditions: Mapping[str, ValueChange]
    log_likelihoods: tuple[float, float | None]
    log_likelihood_errors: tuple[float | None, float | None]
    effective_worlds: float | None
    exact_worlds: int
    particles: int
    numerics: NumericalQuality
    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()
    unknowns: tuple[UnknownShift, ...] = ()
    worlds: tuple[WorldReadings, ...] = ()

    @property
    def has_few_effective_worlds(self) -> bool:
        """Whether the worlds are worth less than a tenth of their number."""
        return (
            self.run_stats is not None
            and self.effective_worlds is not None
            and self.effective_worlds < self.answered_worlds / 10
        )

    @property
    def least_likely_event(self) -> EventLikelihood | None:
        """The least likely event."""
        known = [event for event in self.events if event.expected is not None]
        return min(known, key=lambda event: event.expected or 0.0, default=None)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, the run over worlds, and whether few worlds count."""
        few = ("few effective worlds",) if self.has_few_effective_worlds else ()
        return (*super().mark_reasons, *few)

    @property
    def headlines(self) -> tuple[str, str, str]:
        """What is found of the theses, or of all claims, in each of `READINGS`."""
        standings = [claim.standings for claim in self.claims]
        before, as_written, after = (headline([one[n] for one in standings]) for n in range(3))
        return before, as_written, after

    def as_json(self) -> dict[str, Any]:
        """The document of `update --json`, digest and version left to the command."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        surprise = self.least_likely_event
        return {
            "case": self.case,
            "headline": dict(zip(READINGS, self.headlines, strict=True)),
            "today": self.today,
            "left": self.periods_left,
            "events": [event.as_json() for event in self.events],
            "notes": list(self.notes),
            "claims": [claim.as_json() for claim in self.claims],
            "beliefs": [
                {"observer": observer, "belief": f"{party}.{kind}"} | change.as_json()
                for (observer, party, kind), change in self.beliefs.items()
            ],
            "conditions": [
                {"condition": name} | change.as_json() for name, change in self.conditions.items()
            ],
            "likelihood": {
                "best": finite_or_none(self.log_likelihoods[0]),
                "best_error": self.log_likelihood_errors[0],
                "worlds": finite_or_none(self.log_likelihoods[1]),
                "worlds_error": self.log_likelihood_errors[1],
            },
            "unknowns": [unknown.as_json() for unknown in self.unknowns],
            "effective_worlds": self.effective_worlds,
            "exact": self.exact_worlds,
            "particles": self.particles,
            "least_likely": None if surprise is None else surprise.as_json(),
            "numerics": self.numerics.as_json(),
        } | run

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        rows = [
            {
                "id": claim.id,
                "best_before": claim.best[0],
                "best_as_written": claim.best_as_written,
                "best_after": claim.best[1],
                "before": None if claim.before is None else claim.before.share,
                "as_written": None if claim.as_written is None else claim.as_written.share,
                "after": None if claim.after is None else claim.after.share,
                "time_alone": None if claim.time_only is None else claim.time_only.share,
            }
            for claim in self.claims
        ]
        truths = dict.fromkeys(("best_before", "best_as_written", "best_after"), pl.Boolean)
        shares = dict.fromkeys(("before", "as_written", "after", "time_alone"), pl.Float64)
        return pl.DataFrame(rows, schema={"id": pl.String, **truths, **shares})

    def world_frame(self) -> pl.DataFrame:
        """One row for each world: its weight, its unknowns, and each claim in all `READINGS`.

        World 0 are the best estimates; the others are those of `sweep` with the same seed.
        """
        first, alternatives = self.worlds[0], [name for name, _ in self.worlds[-1].world.coding]
        schema: dict[str, type[pl.DataType]] = {"world": pl.Int64, "weight": pl.Float64}
        schema |= {"log_likelihood": pl.Float64}
        schema |= {alternative_column(name): pl.String for name in alternatives}
        schema |= {f"unknown_{name}": pl.Float64 for name in first.world}
        schema |= {f"{when}_{name}": pl.Boolean for name in first.truths for when in READINGS}
        rows = [
            [
                one.number,
                one.weight,
                finite_or_none(one.log_likelihood),
                *(dict(one.world.coding).get(name) for name in alternatives),
                *(one.world.get(name) for name in first.world),
                *(truth for truths in one.truths.values() for truth in truths),
            ]
            for one in self.worlds
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")


def update(
    case: Case,
    worlds: int = 64,
    seed: int = 0,
    *,
    particles: int = DEFAULT_PARTICLES,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
    today: int | None = None,
    on_best: Callable[[UpdateResult], None] | None = None,
) -> UpdateResult:
    """Ask every claim again after the events of a case, in worlds weighted by what they expected.

    case       the case
    worlds     how many worlds; 0 for the best estimates alone
    seed       seed of the worlds
    particles  how many points of state and records are kept; fewer are followed exactly
    grid       belief nodes for each party with types; None has them chosen by the game's size
    memory     most bytes that a solution may take
    workers    processes that solve; None takes one for each core
    progress   called with the number of readings done and of all
    today      the period that begins now: what is recorded of it or later is not known yet; None
               takes the one after the last event
    on_best    called with what the events say at the best estimates, before these numbers are
               checked, if the events are possible there

    Raises CaseError for a case without events, unless it is said what is today; for a day that the
    case does not reach; and with every event that contradicts another or that no step explains.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 4
    ... unknowns: {odds: {oneof: [0.2, 0.6]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... claims: {soon: {test: "P(eventually(not war), within=1) > 0.5"}}
    ... events: [{period: 0, observed: {war: true}}]
    ... ''')
    >>> found = update(coin, worlds=32, workers=1)
    >>> soon, = found.claims
    >>> soon.before.share, round(soon.as_written.share, 3)  # 0.4 / (0.8 + 0.4)
    (0.5, 0.333)
    >>> soon.after.share  # from today: the only period that counts went by in war
    0.0
    """
    settings = SolveSettings(grid, memory)
    recorded_events, notes = read_recorded_events(case)
    if today is None:
        if not recorded_events:
            help = "add one: events: [{period: 0, observed: {variable: value}}]"
            message = "all events of the case are in doubt" if notes else "the case has no events"
            raise CaseError([Problem(message, case.file, path="events", help=help)])
        today = 1 + max(event.period for event in recorded_events)
    else:
        check_today(case, today)
        recorded_events, later = _known_today(case, recorded_events, today)
        notes = (*notes, *later)
    questions = read_claims(case)
    versions = [
        recorded_events,
        (),
        *(_without_event(recorded_events, event) for event in recorded_events),
    ]
    query = prepare_posterior_query(
        case, tuple(questions.values()), versions, today,
        particles=particles, seed=seed, settings=settings,
    )  # fmt: skip
    find_states_after_events(query.game(), recorded_events, today)
    if today >= case.horizon:
        message = f"the events reach period {today - 1}, and nothing is looked at after that"
        notes = (*notes, f"{message}: to ask more, make the horizon longer than {case.horizon}")

    def result(run: PosteriorRun) -> UpdateResult:
        return _build_update_result(case, questions, query, recorded_events, notes, run)

    def tell(run: PosteriorRun) -> None:
        if on_best is not None:
            on_best(result(run))

    run = run_posterior_query(
        query, case, worlds, seed, workers=workers, progress=progress, on_best=tell
    )
    return result(run)


def check_today(case: Case, today: int) -> None:
    """Refuse a day from which a case cannot be asked.

    case   the case
    today  the period that begins now

    Raises CaseError unless it lies after the start and within the horizon of the case.
    """
    if not 1 <= today <= case.horizon:
        problem = Problem(
            "is no day after the start that the case reaches",
            case.file,
            path="today",
            found=str(today),
            allowed=f"1 to {case.horizon}",
        )
        raise CaseError([problem])


def _known_today(
    case: Case, events: tuple[RecordedEvent, ...], today: int
) -> tuple[tuple[RecordedEvent, ...], tuple[str, ...]]:
    """The events before today, and a note on those that are left out."""
    known = tuple(event for event in events if event.period < today)
    left_out = len(events) - len(known)
    note = f"{format_count(left_out, 'event')} of {case.period} {today} or later not counted"
    return known, (note,) if left_out else ()


def reject_impossible_events(
    events: tuple[RecordedEvent, ...], posterior_run: PosteriorRun
) -> None:
    """Refuse events that no unknown makes possible, though a step would explain them.

    events         all events
    posterior_run  the answers at the best estimates and in worlds
    """
    best = posterior_run.best
    if any(world.is_possible for world in (best, *posterior_run.worlds)):
        return
    faults = [
        event
        for event, (chance, _) in zip(events, best.event_probabilities, strict=True)
        if not chance
    ]
    worlds = len(posterior_run.worlds)
    where = "in every world" if worlds else "at the best estimates"
    help = "give it a chance above 0, or correct the event"
    raise CaseError(
        [
            event.first_report.location.problem(
                f"has probability 0 {where}",
                found=f"{event.description} in period {event.period}",
                allowed="events of a probability above 0, given those before",
                help=help if worlds else f"{help}; or ask in worlds, where it may be possible",
            )
            for event in faults or events[-1:]
        ]
    )


def _without_event(
    events: tuple[RecordedEvent, ...], left_out: RecordedEvent
) -> tuple[RecordedEvent, ...]:
    return tuple(event for event in events if event is not left_out)


def _build_update_result(
    case: Case,
    questions: Mapping[str, Question],
    query: PosteriorQuery,
    events: tuple[RecordedEvent, ...],
    notes: tuple[str, ...],
    posterior_run: PosteriorRun,
) -> UpdateResult:
    weigher = WorldWeighting(posterior_run)
    best, worlds = posterior_run.best, posterior_run.worlds
    reject_impossible_events(events, posterior_run)
    logs = [world.log_likelihoods[0] for world in worlds]
    argument = _figures_before_and_after(case, tuple(questions), weigher)
    overall, error = (
        log_marginal_likelihood(logs, [world.likelihood_error for world in worlds])
        if worlds
        else (None, None)
    )
    return UpdateResult(
        case=case.file,
        today=query.today,
        periods_left=max(0, case.horizon - query.today),
        events=tuple(_event_likelihood(posterior_run, n, event) for n, event in enumerate(events)),
        notes=(*notes, *changed_meaning_notes(questions)),
        claims=tuple(
            _claim_change(
                case,
                name,
                n,
                question,
                weigher,
                _warnings_of_claim(query, posterior_run, n),
                argument.get(name),
                _settling_events(case, query, best, events, n),
            )
            for n, (name, question) in enumerate(questions.items())
        ),
        beliefs=belief_changes(weigher),
        conditions=condition_changes(case, weigher),
        log_likelihoods=(best.log_likelihoods[0], overall),
        log_likelihood_errors=(best.likelihood_error, error),
        effective_worlds=effective_sample_size(weigher.weights_by_version[0]) if worlds else None,
        exact_worlds=sum(world.exact for world in (best, *worlds)),
        particles=query.particles,
        numerics=posterior_numerics(posterior_run),
        run_stats=posterior_run.run_stats,
        failed_checks=posterior_run.failed_checks,
        unknowns=_unknown_shifts(posterior_run, weigher),
        worlds=_world_readings(case, tuple(questions), posterior_run, weigher),
    )


def _world_readings(
    case: Case, names: Sequence[str], posterior_run: PosteriorRun, weighting: WorldWeighting
) -> tuple[WorldReadings, ...]:
    """What the best estimates and each world say of every claim."""
    answers = (posterior_run.best, *posterior_run.worlds)
    weights = (None, *weighting.weights_by_version[0].tolist())
    numbers = (0, *posterior_run.world_numbers)
    worlds = (draw_worlds(case, 0)[0], *posterior_run.world_values)
    befores = [_truths_before(answers, n) for n in range(len(names))]
    return tuple(
        WorldReadings(
            number,
            posterior.log_likelihoods[0],
            weight,
            world,
            {
                name: (befores[n][place], posterior.truth_as_written(n), posterior.truth(n, 0))
                for n, name in enumerate(names)
            },
        )
        for place, (number, weight, world, posterior) in enumerate(
            zip(numbers, weights, worlds, answers, strict=True)
        )
    )


def _unknown_shifts(
    posterior_run: PosteriorRun, weighting: WorldWeighting
) -> tuple[UnknownShift, ...]:
    """Every unknown with its means, those first that the events have moved most."""
    weights = weighting.weights_by_version[0]
    shifts = []
    for name in posterior_run.world_values[0] if len(weights) else ():
        drawn = np.array([world[name] for world in posterior_run.world_values])
        before, spread = float(drawn.mean()), float(drawn.std())
        if spread > 0:
            shifts.append(UnknownShift(name, before, float(weights @ drawn), spread))
    return tuple(sorted(shifts, key=lambda shift: -abs(shift.in_spreads)))


def _event_likelihood(
    posterior_run: PosteriorRun, event_index: int, event: RecordedEvent
) -> EventLikelihood:
    """How likely an event was, by which steps it came about, and what made it likelier."""
    best, worlds = posterior_run.best, posterior_run.worlds
    probabilities = [world.event_probabilities[event_index][0] for world in worlds]
    return EventLikelihood(
        event,
        (best.event_probabilities[event_index][0], weighted_event_probability(worlds, event_index)),
        best.event_steps[event_index] if best.event_steps else (),
        unknown_behind(probabilities, posterior_run.world_values),
    )


def weighted_event_probability(worlds: Sequence[WorldPosterior], event_index: int) -> float | None:
    """An event's probability over worlds weighted by the periods before its own.

    worlds       the worlds, each with the probabilities of the events
    event_index  which event
    """
    if not worlds:
        return None
    weights = likelihood_weights([world.event_probabilities[event_index][1] for world in worlds])
    return weighted_mean([world.event_probabilities[event_index][0] for world in worlds], weights)


def _warnings_of_claim(
    query: PosteriorQuery, posterior_run: PosteriorRun, claim_index: int
) -> tuple[str, ...]:
    """What should be said about a claim's truth today."""
    warnings, best, result = (
        query.clipping_notes[claim_index],
        posterior_run.best,
        _answers_today(posterior_run.best),
    )
    if not query.periods_left or result is None:
        return warnings
    if len({run.test_result(claim_index) for run in best.results_by_run}) > 1:
        warnings = (*warnings, "true in some runs and false in others: ask with more --particles")
    elif not best.results_by_run and best.is_possible:
        today = EnsembleRun(
            query.plan_today,
            result,
            finer=_answers_today(posterior_run.with_finer_grid),
            longer=_answers_today(posterior_run.with_longer_tail),
            one_longer=_answers_today(posterior_run.one_period_more),
            coarser=tuple(
                result
                for one in posterior_run.coarser
                if (result := _answers_today(one)) is not None
            ),
            shifted=tuple(
                result
                for one in posterior_run.shifted
                if (result := _answers_today(one)) is not None
            ),
        )
        warnings = (*warnings, *today.doubts(claim_index))
    return (*warnings, *result.warnings[claim_index])


def _answers_today(posterior: WorldPosterior | None) -> WorldResult | None:
    """Claims asked today, after all events."""
    return (
        None
        if posterior is None or not posterior.results_by_version
        else posterior.results_by_version[0]
    )


def _claim_change(
    case: Case,
    name: str,
    claim_index: int,
    question: Question,
    weighting: WorldWeighting,
    doubts: tuple[str, ...],
    argument: tuple[ConclusionFigures, ConclusionFigures, ConclusionFigures] | None,
    settled_by: tuple[str, ...],
) -> ClaimChange:
    best, worlds, claim = weighting.best, weighting.worlds, case.claims[name]
    assert best.prior_results is not None
    truths = _truths_before(worlds, claim_index)
    shares = [weighting.share(claim_index, v) for v in range(len(best.log_likelihoods))]
    today = [best.truth(claim_index, v) for v in range(len(best.log_likelihoods))]
    quantities = []
    for place, quantity in enumerate(question.quantities):

        def after(posterior: WorldPosterior, version: int, place: int = place) -> float | None:
            return posterior.value(claim_index, place, version)

        def before(posterior: WorldPosterior, place: int = place) -> float | None:
            return (
                None
                if posterior.prior_results is None
                else posterior.prior_results.quantity_values[claim_index][place].value
            )

        error = _standard_error_of_mean(
            [result.quantity_values[claim_index][place].value for result in best.results_by_run]
        )
        quantities.append((quantity.text, weighting.change(before, after, error)))
    return ClaimChange(
        id=name,
        sentence=claim.says,
        test=question.text,
        best=(best.prior_results.test_result(claim_index), today[0], today[1]),
        best_without=tuple(today[2:]),
        before=weighted_share(truths, weighting.equal_weights) if worlds else None,
        after=shares[0],
        time_only=shares[1],
        without=tuple(share for share in shares[2:] if share is not None),
        quantities=tuple(quantities),
        warnings=doubts,
        argument=argument,
        because=claim.because,
        by_premises=claim.test_is_premises,
        best_as_written=best.truth_as_written(claim_index),
        as_written=weighting.share_as_written(claim_index),
        settled_by=settled_by,
    )


def _truths_before(worlds: Sequence[WorldPosterior], claim_index: int) -> list[bool | None]:
    return [
        None if world.prior_results is None else world.prior_results.test_result(claim_index)
        for world in worlds
    ]


def _figures_before_and_after(
    case: Case, names: Sequence[str], weighting: WorldWeighting
) -> dict[str, tuple[ConclusionFigures, ConclusionFigures, ConclusionFigures]]:
    """What each conclusion owes to its premises, in each of `READINGS`."""
    worlds = weighting.worlds
    if not worlds:
        return {}
    before = {name: _truths_before(worlds, n) for n, name in enumerate(names)}
    again = {name: [world.truth_as_written(n) for world in worlds] for n, name in enumerate(names)}
    after = {name: [world.truth(n, 0) for world in worlds] for n, name in enumerate(names)}
    weights = weighting.weights_by_version[0]
    first = figures_of_conclusions(case.claims, before)
    then = figures_of_conclusions(case.claims, again, weights)
    now = figures_of_conclusions(case.claims, after, weights)
    return {name: (first[name], then[name], now[name]) for name in first}


def _settling_events(
    case: Case,
    query: PosteriorQuery,
    best: WorldPosterior,
    events: tuple[RecordedEvent, ...],
    claim_index: int,
) -> tuple[str, ...]:
    """What has decided a claim at the best estimates; nothing where it is still open."""
    question = query.plan_today.questions[claim_index]
    since = best.decided_since[claim_index]
    if not best.is_possible or not best.results_by_version:
        return ()
    numbers = [
        None if period is None else best.value(claim_index, place, 0)
        for place, period in enumerate(since)
    ]
    if evaluate_question(question.expression, numbers)[0] is None:
        return ()
    named: dict[str, None] = {}
    for quantity, period in zip(question.quantities, since, strict=True):
        if period:
            ends = (quantity.remembers or 0) + (quantity.periods or 0)
            ends = case.horizon if quantity.periods is None else ends
            there = [event for event in events if event.period == period - 1]
            told = _events_that_a_quantity_reads(quantity, there)
            if period < ends or any(e.first_report.kind != "observed" for e in told):
                told = told or there
            when = f"in {case.period} {period - 1}"
            for event in told:
                named[f"{event.description} {when}"] = None
            if not told:
                named[f"the end of {format_count(period, case.period)}"] = None
    return tuple(named)


def _events_that_a_quantity_reads(
    quantity: Quantity, events: Sequence[RecordedEvent]
) -> list[RecordedEvent]:
    """Those of some events that its formulas listen for, or else what was observed."""
    conditions = [c for f in formulas_remembered(quantity) for c in conditions_of_formula(f)]
    listened = {e for c in conditions if isinstance(c, EventCondition) for e in c.events}
    heard = [
        event
        for event in events
        if event.first_report.target in listened
        or event.act in listened
        or (event.first_report.kind == "broken" and f"broken:{event.actor}" in listened)
    ]
    read = {n for c in conditions if isinstance(c, StateCondition) for n in c.expression.names_read}
    seen = [event for event in events if not read.isdisjoint(event.first_report.observed)]
    return heard or seen


def _standard_error_of_mean(values: Sequence[float | None]) -> float | None:
    """Standard error of the mean of independent runs."""
    known = [value for value in values if value is not None]
    return float(np.std(known, ddof=1) / len(known) ** 0.5) if len(known) > 1 else None
