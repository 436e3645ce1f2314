"""Claims asked from where things may stand today, in one world at a time.

Today is the beginning of the period after that of the last event.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ceasefire.ask import Prepared, Question, Sheet, prepare
from ceasefire.ask.mixture import Standing
from ceasefire.ask.question import Quantity
from ceasefire.ask.reading import Reading
from ceasefire.ask.standing import Onlooker
from ceasefire.case import Case
from ceasefire.evidence.facts import Fact
from ceasefire.evidence.filter import Filter, Filtered, beliefs, together
from ceasefire.evidence.rest import fitted, rest_of, start_of
from ceasefire.game import Game, build
from ceasefire.solve import Play, Points, solve, start_point
from ceasefire.worlds import World

Version = tuple[Fact, ...]
PARTICLES = 2000


class Look(NamedTuple):
    """How an inquiry is made once: in which world, how finely, how long, how often sampled.

    world     the unknowns that differ from best, None for world 0
    halvings  how often the belief grid is refined
    longer    whether the tail grows by the periods that are left
    runs      how many independent runs there are where points must be sampled
    """

    world: World | None = None
    halvings: int = 0
    longer: bool = False
    runs: int = 2


@dataclass(frozen=True)
class Told:
    """What one world says; a version is a set of events that is taken to have happened.

    before    claims at the start; None if they were not asked
    after     claims asked today, by version; empty if no period is left
    logs      log likelihood of each version's events
    error     relative standard error of the first version's likelihood, None if exact
    periods   log probability of the first version's events of each period, given those before
    chances   of each event of the first version: its probability given the periods before its
              own, and the log likelihood of these
    prior     belief at the start, by observer and party, in the party's first type
    believed  expected belief today by version, observer and party in the party's first type
    holds     probability of each condition at the start, then by version
    points    how many points the first version ends with
    spread    claims asked today in each run through the first version, at best if sampled
    """

    before: Sheet | None
    after: tuple[Sheet, ...]
    logs: tuple[float, ...]
    error: float | None
    periods: tuple[float, ...]
    chances: tuple[tuple[float | None, float], ...]
    prior: Mapping[tuple[str, str], float]
    believed: tuple[Mapping[tuple[str, str], float], ...]
    holds: tuple[tuple[float, ...], ...]
    points: int
    spread: tuple[Sheet, ...] = ()

    def truth(self, number: int, version: int) -> bool | None:
        """Whether a test is true today; None where it has no answer or the events cannot be."""
        sheet = self._sheet(version)
        return None if sheet is None else sheet.truth(number)

    def value(self, number: int, place: int, version: int) -> float | None:
        """A quantity of a question today, likewise."""
        sheet = self._sheet(version)
        return None if sheet is None else sheet.readings[number][place].value

    def _sheet(self, version: int) -> Sheet | None:
        return self.after[version] if self.after and math.isfinite(self.logs[version]) else None

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled."""
        return self.error is None

    @property
    def unresolved(self) -> int:
        """Decisions whose fixed point was not found, in all that was solved."""
        return sum(sheet.unresolved for sheet in self._sheets())

    @property
    def branch_points(self) -> int:
        """Branch points met, in all that was solved."""
        return sum(sheet.branch_points for sheet in self._sheets())

    def _sheets(self) -> list[Sheet]:
        return [sheet for sheet in (self.before, *self.after[:1]) if sheet is not None]


@dataclass
class Inquiry:
    """A case, what has happened in some versions, and the questions asked before and today."""

    before: Prepared
    later: Prepared | None
    versions: tuple[Version, ...]
    today: int
    told: tuple[tuple[str, ...], ...]
    particles: int
    seed: int
    ask_before: bool = True
    _games: dict[int, Game] = field(default_factory=dict, repr=False)

    def __call__(self, look: Look) -> Told:
        """Make the inquiry once."""
        play = self._solved(look)
        filters = Filter(play, self.today, self.particles, self.seed)
        runs: list[list[Filtered]] = []
        for version in self.versions:
            runs.append(self._runs(filters, version, runs[0] if runs else [], look.runs))
        joined = [together(several) for several in runs]
        first = runs[0]
        versions = [points for points, *_ in joined]
        alone = [run.points for run in first] if look.world is None and len(first) > 1 else []
        sheets = self._asked(self.later, look, play, [*versions, *alone])
        start = start_point(play, play.game.index({}))
        before = self._asked(self.before, look, play, [start]) if self.ask_before else ()
        return Told(
            before=before[0] if before else None,
            after=sheets[: len(versions)],
            logs=tuple(log for _, log, _ in joined),
            error=joined[0][2],
            periods=tuple(np.mean([run.logs for run in first], axis=0).tolist()),
            chances=tuple(self._chance(filters, fact, first) for fact in self.versions[0]),
            prior=beliefs(play, start),
            believed=tuple(beliefs(play, points) for points, *_ in joined),
            holds=self._holds(play, versions),
            points=len(joined[0][0]),
            spread=sheets[len(versions) :],
        )

    def _solved(self, look: Look) -> Play:
        return solve(
            self.game(longer=look.longer),
            look.world,
            grid=self.before.nodes,
            halvings=look.halvings,
            memory=self.before.memory,
        )

    def game(self, longer: bool = False) -> Game:
        """The case as a game, with nothing left out; built when first needed."""
        case = self.before.case
        tail = case.tail + (max(0, case.horizon - self.today) if longer else 0)
        if tail not in self._games:
            self._games[tail] = build(case, tail=tail, memory=self.before.memory)
        return self._games[tail]

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the games."""
        return {**self.__dict__, "_games": {}}

    def _runs(
        self, filters: Filter, version: Version, base: list[Filtered], count: int
    ) -> list[Filtered]:
        """Independent runs through a version, one if it is exact; they share those of the first."""
        runs: list[Filtered] = []
        until = _shared(version, self.versions[0], self.today)
        for turn in range(count):
            after = base[min(turn, len(base) - 1)] if base else None
            runs.append(filters.run(version, turn=turn, after=after, until=until))
            if runs[0].exact:
                break
        return runs

    def _chance(
        self, filters: Filter, fact: Fact, runs: Sequence[Filtered]
    ) -> tuple[float | None, float]:
        found = [filters.chance(fact, run) for run in runs]
        known = [chance for chance in found if chance is not None]
        before = float(np.mean([sum(run.logs[: fact.period]) for run in runs]))
        return (float(np.mean(known)) if known else None), before

    def _asked(
        self, prepared: Prepared | None, look: Look, play: Play, versions: Sequence[Points]
    ) -> tuple[Sheet, ...]:
        """Prepared questions asked in each version."""
        if prepared is None or not any(len(points) for points in versions):
            return ()
        standing = _standing(play, versions)
        oracles = prepared.oracles(look.world, halvings=look.halvings, longer=look.longer)
        lookers = {key: Onlooker(oracle, standing) for key, oracle in oracles.items()}
        answers: dict[Quantity, list[Reading]] = {
            quantity: lookers[key].read(quantity)
            for quantity, key in prepared.asked(look.longer).items()
        }
        sheets = [
            prepared.sheet({q: found[v] for q, found in answers.items()}, oracles)
            for v in range(len(versions))
        ]
        if look.halvings:
            asked = prepared.asked()

            def bound(quantity: Quantity, reading: Reading) -> float:
                return lookers[asked[quantity]].bound(quantity, reading, 0)

            sheets[0] = prepared.bounded(sheets[0], bound)
        return tuple(sheets)

    def _holds(self, play: Play, versions: Sequence[Points]) -> tuple[tuple[float, ...], ...]:
        game = play.game
        truths = [
            game.evaluate(condition, dict(play.world)) != 0
            for condition in game.case.conditions.values()
        ]
        start = game.index({})
        rows = [tuple(float(truth[start]) for truth in truths)]
        rows += [
            tuple(float(points.mass @ truth[points.states]) for truth in truths)
            for points in versions
        ]
        return tuple(rows)


def _shared(version: Version, first: Version, today: int) -> int:
    """How many periods two versions have in common from the start."""
    apart = {fact.period for fact in (*version, *first) if (fact in version) != (fact in first)}
    return min(apart, default=today)


def _standing(play: Play, versions: Sequence[Points]) -> Standing:
    """All versions over one list of points, each point once."""
    states = np.concatenate([points.states for points in versions])
    records = np.concatenate([points.records for points in versions])
    keys = np.column_stack([states, np.round(records / 1e-9).astype(np.int64)])
    _, where, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    weights = np.zeros((len(versions), len(where)))
    begin = 0
    for v, points in enumerate(versions):
        np.add.at(weights[v], back.reshape(-1)[begin : begin + len(points)], points.mass)
        begin += len(points)
    return Standing(play.game.table, states[where], records[where], weights)


def inquiry(
    case: Case,
    questions: Sequence[Question],
    versions: Sequence[Version],
    today: int,
    *,
    particles: int,
    seed: int,
    grid: int | None = None,
    memory: float = 4e9,
    ask_before: bool = True,
) -> Inquiry:
    """Make ready to ask questions at the start and today."""
    before = prepare(case, questions, grid=grid, memory=memory)
    left = case.horizon - today
    made = Inquiry(
        before, None, tuple(versions), today, ((),) * len(questions), particles, seed, ask_before
    )
    if left < 1:
        return made
    game = made.game()
    stands = [start_of(game, int(state)) for state in game.reached[today]]
    rest = rest_of(case, today)
    short = [fitted(question, left) for question in questions]
    later = prepare(rest, [q for q, _ in short], grid=before.nodes, memory=memory, stands=stands)
    return replace(made, later=later, told=tuple(said for _, said in short))
