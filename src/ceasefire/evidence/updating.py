"""What an argument looks like after what has happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

import numpy as np
import polars as pl

from ceasefire.ask import Numerics, Question, Sheet, read_claims
from ceasefire.ask.certificate import plain
from ceasefire.case import Case
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.facts import Fact, read_facts
from ceasefire.evidence.inquiry import Inquiry, Look, Told, inquiry
from ceasefire.evidence.marking import possible
from ceasefire.evidence.weights import Weighed, effective, marginal, mean, weighed, weights_of
from ceasefire.worlds import Ran, draw
from ceasefire.worlds.run import Progress, each

Value = float | bool | None
PARTICLES = 2000
RUNS_AT_BEST = 8


@dataclass(frozen=True)
class Change:
    """A number before and after, and what only the passing of time would have made of it.

    best     at the best estimates: before, after, and if only time had passed
    mean     the same over worlds, after being weighed by the worlds' likelihoods
    without  mean after, each event left out in turn (at best if there are no worlds)
    error    standard error at best of the number after, None if nothing was sampled
    """

    best: tuple[float | None, float | None, float | None]
    mean: tuple[float | None, float | None, float | None]
    without: tuple[float | None, ...]
    error: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Three numbers at best, three over worlds."""
        names = ("before", "after", "time_alone")
        return {
            "best": {n: plain(v) for n, v in zip(names, self.best, strict=True)}
            | {"error": self.error},
            "worlds": {n: plain(v) for n, v in zip(names, self.mean, strict=True)},
            "without": [plain(value) for value in self.without],
        }


@dataclass(frozen=True)
class Moved:
    """A claim before and after.

    best     truth at the best estimates: before, after, and if only time had passed
    before   share of worlds before; None without worlds
    after    share of the worlds' weight today
    alone    the same if only time had passed
    without  the share today, each event left out in turn
    """

    id: str
    says: str | None
    test: str
    best: tuple[bool | None, bool | None, bool | None]
    before: Weighed | None
    after: Weighed | None
    alone: Weighed | None
    without: tuple[Weighed, ...]
    quantities: tuple[tuple[str, Change], ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """A claim as `update --json` prints it."""
        names = ("before", "after", "time_alone")
        shares = (self.before, self.after, self.alone)
        return {
            "id": self.id,
            "says": self.says,
            "test": self.test,
            "best": dict(zip(names, self.best, strict=True)),
            **{n: None if s is None else s.as_json() for n, s in zip(names, shares, strict=True)},
            "without": [share.share for share in self.without],
            "quantities": [{"expr": text} | change.as_json() for text, change in self.quantities],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class Happened:
    """An event, and how much the model expected it.

    chance  its probability given the periods before its own: at best, and over worlds weighed by
            how likely they make these
    """

    fact: Fact
    chance: tuple[float | None, float | None]

    @property
    def expected(self) -> float | None:
        """Over worlds if there are any, else at best."""
        return self.chance[0] if self.chance[1] is None else self.chance[1]

    def as_json(self) -> dict[str, Any]:
        """The event and its probability."""
        return self.fact.as_json() | {"chance": {"best": self.chance[0], "worlds": self.chance[1]}}


@dataclass(frozen=True)
class Updated:
    """What `update` found.

    today       the period that begins now; `left` are left
    notes       what was counted only once
    likelihood  logarithm of the probability of all events: at best, and of the mean over worlds
    errors      standard errors of these, None where nothing was sampled or drawn
    size        effective number of worlds, None without worlds
    exact       worlds in which nothing was sampled, best included
    """

    case: str
    today: int
    left: int
    events: tuple[Happened, ...]
    notes: tuple[str, ...]
    claims: tuple[Moved, ...]
    beliefs: Mapping[tuple[str, str, str], Change]
    conditions: Mapping[str, Change]
    likelihood: tuple[float, float | None]
    errors: tuple[float | None, float | None]
    size: float | None
    exact: int
    particles: int
    numerics: Numerics
    ran: Ran | None
    lost: tuple[str, ...] = ()

    @property
    def thin(self) -> bool:
        """Whether the worlds are worth less than a tenth of their number."""
        return self.ran is not None and self.size is not None and self.size < self._answered / 10

    @property
    def _answered(self) -> int:
        return 0 if self.ran is None else self.ran.done - len(self.ran.failed)

    @property
    def surprise(self) -> Happened | None:
        """The least likely event."""
        known = [event for event in self.events if event.expected is not None]
        return min(known, key=lambda event: event.expected or 0.0, default=None)

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        ran = self.ran is not None and self.ran.marked
        return self.numerics.marked or ran or self.thin or bool(self.lost)

    def as_json(self) -> dict[str, Any]:
        """The document of `update --json`, digest and version left to the command."""
        run = {} if self.ran is None else {"run": self.ran.as_json()}
        surprise = self.surprise
        return {
            "case": self.case,
            "today": self.today,
            "left": self.left,
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
                "best": plain(self.likelihood[0]),
                "best_error": self.errors[0],
                "worlds": plain(self.likelihood[1]),
                "worlds_error": self.errors[1],
            },
            "effective_worlds": self.size,
            "exact": self.exact,
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
                "best_after": claim.best[1],
                "before": None if claim.before is None else claim.before.share,
                "after": None if claim.after is None else claim.after.share,
                "time_alone": None if claim.alone is None else claim.alone.share,
            }
            for claim in self.claims
        ]
        truths = dict.fromkeys(("best_before", "best_after"), pl.Boolean)
        shares = dict.fromkeys(("before", "after", "time_alone"), pl.Float64)
        return pl.DataFrame(rows, schema={"id": pl.String, **truths, **shares})


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
        raise CaseError([Problem("the case has no events", case.file, path="events", help=help)])
    questions = read_claims(case)
    today = 1 + max(fact.period for fact in facts)
    versions = [facts, (), *(_but(facts, fact) for fact in facts)]
    made = inquiry(
        case, tuple(questions.values()), versions, today,
        particles=particles, seed=seed, grid=grid, memory=memory,
    )  # fmt: skip
    possible(made.game(), facts, today)
    survey = look(made, case, worlds, seed, workers=workers, progress=progress)
    return _updated(case, questions, made, facts, notes, survey)


def _but(facts: tuple[Fact, ...], left_out: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact is not left_out)


@dataclass(frozen=True)
class Looked:
    """What an inquiry found: at best, finer, with a longer tail, and in each world."""

    best: Told
    finer: Told | None
    longer: Told | None
    worlds: tuple[Told, ...]
    ran: Ran | None
    lost: tuple[str, ...]


def look(
    made: Inquiry,
    case: Case,
    worlds: int,
    seed: int,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Looked:
    """Make an inquiry at best, then finer and longer, and in worlds, on all cores."""
    points = draw(case, worlds, seed)
    jobs: dict[str | int, Look] = {BEST: Look(runs=RUNS_AT_BEST), LONGER: Look(longer=True)}
    if any(party.types for party in case.parties.values()):
        jobs[FINER] = Look(halvings=1)
    jobs |= {number: Look(points[number]) for number in points.numbers}
    done = each(made, jobs, workers, progress)
    if BEST not in done.answers:
        why = done.failed.get(BEST)
        if why is None:
            raise KeyboardInterrupt
        raise CaseError([Problem(f"at the best estimates: {why}", case.file or None)])
    told = {key: answer for key, answer in done.answers.items() if isinstance(key, int)}
    failed = {key: why for key, why in done.failed.items() if isinstance(key, int)}
    ran = Ran(
        seed=seed,
        wanted=worlds,
        done=len(told) + len(failed),
        failed=failed,
        unresolved=sum(each.unresolved > 0 for each in told.values()),
        branched=sum(each.branch_points > 0 for each in told.values()),
        interrupted=done.interrupted,
    )
    return Looked(
        best=done.answers[BEST],
        finer=done.answers.get(FINER),
        longer=done.answers.get(LONGER),
        worlds=tuple(told.values()),
        ran=ran if worlds else None,
        lost=tuple(f"{key}: {why}" for key, why in done.failed.items() if isinstance(key, str)),
    )


BEST, FINER, LONGER = "at best", "with a finer grid", "with a longer tail"


class Weigher:
    """Puts the worlds of an inquiry together, each version's by their likelihoods."""

    def __init__(self, found: Looked) -> None:
        self.best, self.worlds = found.best, found.worlds
        self.even = np.full(len(self.worlds), 1.0 / max(1, len(self.worlds)))
        self.weights = [
            weights_of([told.logs[v] for told in self.worlds]) for v in range(len(self.best.logs))
        ]

    def change(self, before: Any, after: Any, error: float | None = None) -> Change:
        """A number of which `before(told)` and `after(told, version)` give the values."""
        best = (before(self.best), after(self.best, 0), after(self.best, 1))
        count = len(self.best.logs)
        if not self.worlds:
            left = tuple(after(self.best, v) for v in range(2, count))
            return Change(best, (None, None, None), left, error)
        means = [self.mean(after, v) for v in range(count)]
        first = mean([before(told) for told in self.worlds], self.even)
        return Change(best, (first, means[0], means[1]), tuple(means[2:]), error)

    def mean(self, value: Any, version: int) -> float | None:
        """The weighed mean of `value(told, version)`."""
        return mean([value(told, version) for told in self.worlds], self.weights[version])

    def share(self, number: int, version: int) -> Weighed | None:
        """The weighed share of worlds in which a test is true today."""
        if not self.worlds:
            return None
        truths = [told.after[version].truth(number) if told.after else None for told in self.worlds]
        return weighed(truths, self.weights[version])


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
    logs = [told.logs[0] for told in worlds]
    overall, error = marginal(logs, [told.error for told in worlds]) if worlds else (None, None)
    return Updated(
        case=case.file,
        today=made.today,
        left=max(0, case.horizon - made.today),
        events=tuple(
            Happened(fact, (best.chances[n][0], _expected(worlds, n)))
            for n, fact in enumerate(facts)
        ),
        notes=notes,
        claims=tuple(
            starmap(
                lambda n, name: _moved(case, name, n, questions[name], made, weigher),
                enumerate(questions),
            )
        ),
        beliefs=_beliefs(case, weigher),
        conditions=_conditions(case, weigher),
        likelihood=(best.logs[0], overall),
        errors=(best.error, error),
        size=effective(weigher.weights[0]) if worlds else None,
        exact=sum(told.exact for told in (best, *worlds)),
        particles=made.particles,
        numerics=_numerics(found),
        ran=found.ran,
        lost=found.lost,
    )


def _expected(worlds: Sequence[Told], number: int) -> float | None:
    """An event's probability over worlds weighed by the periods before its own."""
    if not worlds:
        return None
    weights = weights_of([told.chances[number][1] for told in worlds])
    return mean([told.chances[number][0] for told in worlds], weights)


def _moved(
    case: Case, name: str, number: int, question: Question, made: Inquiry, weigher: Weigher
) -> Moved:
    best, worlds = weigher.best, weigher.worlds
    claim = case.claims[name]

    def truth(sheets: Sequence[Sheet], version: int) -> bool | None:
        return sheets[version].truth(number) if sheets else None

    assert best.before is not None
    before = None
    if worlds:
        truths = [None if t.before is None else t.before.truth(number) for t in worlds]
        before = weighed(truths, weigher.even)
    quantities = []
    for place, quantity in enumerate(question.quantities):

        def value(told: Told, version: int, place: int = place) -> float | None:
            return told.after[version].readings[number][place].value if told.after else None

        def first(told: Told, place: int = place) -> float | None:
            return None if told.before is None else told.before.readings[number][place].value

        spread = [sheet.readings[number][place].value for sheet in best.spread]
        known = [v for v in spread if v is not None]
        error = float(np.std(known, ddof=1) / len(known) ** 0.5) if len(known) > 1 else None
        quantities.append((quantity.text, weigher.change(first, value, error)))
    count = len(best.logs)
    after = best.after[0].warnings[number] if best.after else ()
    return Moved(
        id=name,
        says=claim.says,
        test=question.text,
        best=(best.before.truth(number), truth(best.after, 0), truth(best.after, 1)),
        before=before,
        after=weigher.share(number, 0),
        alone=weigher.share(number, 1),
        without=tuple(
            share for v in range(2, count) if (share := weigher.share(number, v)) is not None
        ),
        quantities=tuple(quantities),
        warnings=(*made.told[number], *after),
    )


def _beliefs(case: Case, weigher: Weigher) -> dict[tuple[str, str, str], Change]:
    found = {}
    for observer, party in weigher.best.believed[0]:
        kinds = list(case.parties[party].types)

        def after(told: Told, version: int, key: tuple[str, str] = (observer, party)) -> float:
            return told.believed[version][key]

        def before(told: Told, key: tuple[str, str] = (observer, party)) -> float:
            return told.prior[key]

        found[observer, party, kinds[0]] = weigher.change(before, after)
    return found


def _conditions(case: Case, weigher: Weigher) -> dict[str, Change]:
    found = {}
    for n, name in enumerate(case.conditions):

        def after(told: Told, version: int, n: int = n) -> float:
            return told.holds[version + 1][n]

        def before(told: Told, n: int = n) -> float:
            return told.holds[0][n]

        found[name] = weigher.change(before, after)
    return found


def _numerics(found: Looked) -> Numerics:
    """The certificate of what is reported at best, before and after."""
    best = found.best
    sheets = [sheet for sheet in (best.before, *best.after[:1]) if sheet is not None]
    hidden = any(sheet.grid is not None for sheet in sheets)
    return Numerics(
        grid=next((sheet.grid for sheet in sheets if sheet.grid is not None), None),
        grid_change=_change(best, found.finer) if hidden else 0.0,
        horizon_change=_change(best, found.longer),
        residual=max((sheet.residual for sheet in sheets), default=0.0),
        unresolved=best.unresolved,
        branch_points=best.branch_points,
    )


def _change(one: Told, other: Told | None) -> float | None:
    """The largest change of any number reported at best."""
    if other is None:
        return None
    found = [0.0]
    pairs = [(one.before, other.before), *zip(one.after[:1], other.after[:1], strict=True)]
    for first, second in pairs:
        if first is None or second is None:
            continue
        for a, b in zip(first.readings, second.readings, strict=True):
            for x, y in zip(a, b, strict=True):
                if x.value is not None and y.value is not None:
                    found.append(abs(x.value - y.value) / x.scale)
    found += [abs(one.believed[0][key] - other.believed[0][key]) for key in one.believed[0]]
    found += [abs(a - b) for a, b in zip(one.holds[1], other.holds[1], strict=True)]
    return max(found)
