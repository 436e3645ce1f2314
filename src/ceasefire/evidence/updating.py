"""What an argument looks like after what has happened."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ceasefire.ask import Question, Sheet, read_claims
from ceasefire.ask.certificate import Checks
from ceasefire.case import Case
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import Happened, Moved
from ceasefire.evidence.facts import Fact, read_facts
from ceasefire.evidence.inquiry import PARTICLES, Inquiry, Told, inquiry
from ceasefire.evidence.looking import (
    Looked,
    Weigher,
    belief_changes,
    condition_changes,
    look,
    numerics,
)
from ceasefire.evidence.marking import possible
from ceasefire.evidence.rest import counted_anew
from ceasefire.evidence.updated import Updated
from ceasefire.evidence.weights import effective, marginal, mean, weighed, weights_of
from ceasefire.worlds.run import Progress


def update(
    case: Case,
    worlds: int = 64,
    seed: int = 0,
    *,
    particles: int = PARTICLES,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Updated:
    """Ask every claim again after the events of a case, in worlds weighed by what they expected.

    worlds     how many worlds; 0 for the best estimates alone
    particles  how many points of state and records are kept; fewer are followed exactly
    progress   called with the number of readings done and of all

    Raises CaseError for a case without events, and with every event that contradicts another or
    that no step explains.

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
    >>> found = update(coin, worlds=16, workers=1)
    >>> found.claims[0].before.share, round(found.claims[0].after.share, 3)  # 0.4 / (0.8 + 0.4)
    (0.5, 0.333)
    """
    facts, notes = read_facts(case)
    if not facts:
        help = "add one: events: [{period: 0, observed: {variable: value}}]"
        said = "all events of the case are in doubt" if notes else "the case has no events"
        raise CaseError([Problem(said, case.file, path="events", help=help)])
    questions = read_claims(case)
    today = 1 + max(fact.period for fact in facts)
    versions = [facts, (), *(_but(facts, fact) for fact in facts)]
    made = inquiry(
        case, tuple(questions.values()), versions, today,
        particles=particles, seed=seed, grid=grid, memory=memory,
    )  # fmt: skip
    possible(made.game(), facts, today)
    survey = look(made, case, worlds, seed, workers=workers, progress=progress)
    if today >= case.horizon:
        said = f"the events reach period {today - 1}, and nothing is looked at after that"
        notes = (*notes, f"{said}: to ask more, make the horizon longer than {case.horizon}")
    return _updated(case, questions, made, facts, notes, survey)


def refuse_impossible(facts: tuple[Fact, ...], found: Looked) -> None:
    """Refuse events that no unknown makes possible, though a step would explain them."""
    best = found.best
    if any(math.isfinite(told.logs[0]) for told in (best, *found.worlds)):
        return
    faults = [fact for fact, (chance, _) in zip(facts, best.chances, strict=True) if not chance]
    raise CaseError(
        [
            fact.event.place.problem(
                "has probability 0 in every world",
                found=f"{fact.words} in period {fact.period}",
                allowed="events of a probability above 0, given those before",
                advice="give it a chance above 0, or correct the event",
            )
            for fact in faults or facts[-1:]
        ]
    )


def _but(facts: tuple[Fact, ...], left_out: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact is not left_out)


def _updated(
    case: Case,
    questions: Mapping[str, Question],
    made: Inquiry,
    facts: tuple[Fact, ...],
    notes: tuple[str, ...],
    found: Looked,
) -> Updated:
    weigher = Weigher(found)
    best, worlds = found.best, found.worlds
    refuse_impossible(facts, found)
    logs = [told.logs[0] for told in worlds]
    overall, error = marginal(logs, [told.error for told in worlds]) if worlds else (None, None)
    return Updated(
        case=case.file,
        today=made.today,
        left=max(0, case.horizon - made.today),
        events=tuple(
            Happened(fact, (best.chances[n][0], expected(worlds, n)))
            for n, fact in enumerate(facts)
        ),
        notes=(*notes, *counted_anew(questions)),
        claims=tuple(
            _moved(case, name, n, question, weigher, _doubts(made, found, n))
            for n, (name, question) in enumerate(questions.items())
        ),
        beliefs=belief_changes(case, weigher),
        conditions=condition_changes(case, weigher),
        likelihood=(best.logs[0], overall),
        errors=(best.error, error),
        size=effective(weigher.weights[0]) if worlds else None,
        exact=sum(told.exact for told in (best, *worlds)),
        particles=made.particles,
        numerics=numerics(found),
        ran=found.ran,
        lost=found.lost,
    )


def expected(worlds: Sequence[Told], number: int) -> float | None:
    """An event's probability over worlds weighed by the periods before its own."""
    if not worlds:
        return None
    weights = weights_of([told.chances[number][1] for told in worlds])
    return mean([told.chances[number][0] for told in worlds], weights)


def _doubts(made: Inquiry, found: Looked, number: int) -> tuple[str, ...]:
    """What should be said about a claim's truth today."""
    said, best, sheet = made.told[number], found.best, _today(found.best)
    if made.later is None or sheet is None:
        return said
    if len({run.truth(number) for run in best.spread}) > 1:
        said = (*said, "true in some runs and false in others: ask with more --particles")
    elif not best.spread and math.isfinite(best.logs[0]):
        checks = Checks(_today(found.finer), _today(found.longer))
        said = (*said, *checks.doubts(made.later.questions[number], sheet, number))
    return (*said, *sheet.warnings[number])


def _today(told: Told | None) -> Sheet | None:
    """Claims asked today, after all events."""
    return None if told is None or not told.after else told.after[0]


def _moved(
    case: Case,
    name: str,
    number: int,
    question: Question,
    weigher: Weigher,
    doubts: tuple[str, ...],
) -> Moved:
    best, worlds, claim = weigher.best, weigher.worlds, case.claims[name]
    assert best.before is not None
    truths = [None if told.before is None else told.before.truth(number) for told in worlds]
    shares = [weigher.share(number, v) for v in range(len(best.logs))]
    today = [best.truth(number, v) for v in range(len(best.logs))]
    quantities = []
    for place, quantity in enumerate(question.quantities):

        def after(told: Told, version: int, place: int = place) -> float | None:
            return told.value(number, place, version)

        def before(told: Told, place: int = place) -> float | None:
            return None if told.before is None else told.before.readings[number][place].value

        error = _error([sheet.readings[number][place].value for sheet in best.spread])
        quantities.append((quantity.text, weigher.change(before, after, error)))
    return Moved(
        id=name,
        says=claim.says,
        test=question.text,
        best=(best.before.truth(number), today[0], today[1]),
        best_without=tuple(today[2:]),
        before=weighed(truths, weigher.even) if worlds else None,
        after=shares[0],
        alone=shares[1],
        without=tuple(share for share in shares[2:] if share is not None),
        quantities=tuple(quantities),
        warnings=doubts,
    )


def _error(values: Sequence[float | None]) -> float | None:
    """Standard error of the mean of independent runs."""
    known = [value for value in values if value is not None]
    return float(np.std(known, ddof=1) / len(known) ** 0.5) if len(known) > 1 else None
