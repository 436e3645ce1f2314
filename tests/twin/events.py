"""What is to be thought once something has happened, counted out over whole histories.

A period's events are what a history shows in it: `move: north.attack`, `deal: talks.truce`,
`refused: talks.truce by north`, `signed: talks.truce by north`, `chance: storm.hits`, and
`offer: talks.truce` for an offer. Types are never integrated out: every history has a probability
for each combination of them. Source: DESIGN section 4, the paragraph on events.
"""

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from twin.equilibrium import Equilibrium, Records
from twin.expressions import parse, unparse
from twin.histories import END, START, conditions_in, events_of, holds
from twin.paths import Masses, Paths, apply, compose
from twin.positions import (
    Chance,
    Choice,
    End,
    Moment,
    News,
    Payment,
    Position,
    Renewal,
    State,
)
from twin.rules import Rules

Where = tuple[State, Records]


class Events:
    """A case after its events, in one world; `count` periods are over, all events in them.

    `equilibrium` is that of another one of the same case, so that it is not worked out again.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}}
    ... state: {peace: {}}
    ... chance: {luck: {outcomes: [{chance: 0.25, set: {peace: true}}]}}
    ... events: [{period: 0, observed: {peace: true}}]
    ... ''')
    >>> Events(case, 1).likelihood
    0.25
    """

    def __init__(
        self,
        case: Any,
        count: int,
        world: Any = None,
        *,
        equilibrium: Equilibrium | None = None,
    ) -> None:
        self.case, self.count = case, count
        self.equilibrium = equilibrium or Equilibrium(Rules(case, None, world), quick=True)
        self.rules, self.paths = self.equilibrium.rules, Paths(self.equilibrium)
        begin = (self.rules.start(), self.equilibrium.nothing_shown)
        self.places: dict[Where, Masses] = {begin: np.array([w for _, w in self.paths.profiles])}
        for period in range(count):
            known = [event for event in case.events if event.period == period]
            self.places = self._period(self.places, period, known)

    @property
    def likelihood(self) -> float:
        """The probability of all events."""
        return float(sum(mass.sum() for mass in self.places.values()))

    def mean(self, worth: Any) -> float:
        """The mean of worth(state, records, mass by combination of types), which adds masses up."""
        total = sum(worth(*where, mass) for where, mass in self.places.items())
        return float(total) / self.likelihood

    def is_type(self, party: str) -> float:
        """How likely a party is of its first type, by the combinations themselves."""
        first = self.rules.types(party)[0]
        mask = np.array([profile[party] == first for profile, _ in self.paths.profiles])
        return self.mean(lambda state, records, mass: mass[mask].sum())

    def believes(self, observer: str | None, party: str) -> float:
        """What an observer is expected to believe, the analyst if None."""

        def worth(state: State, records: Records, mass: Masses) -> float:
            return float(mass.sum() * self.equilibrium.belief(observer, party, records))

        return self.mean(worth)

    def probability(self, text: str, types: dict[str, str] | None = None) -> float:
        """The probability of a formula from now to the horizon, among plays with these types."""
        formula, periods = parse(text), range(self.count, self.case.horizon)
        conditions = list(conditions_in(formula))
        states = {unparse(c): c for c in conditions if events_of(c) is None}
        watched = {unparse(c): names for c in conditions if (names := events_of(c)) is not None}
        counted = np.array(
            [
                all(profile[p] == t for p, t in (types or {}).items())
                for profile, _ in self.paths.profiles
            ]
        )

        def entry(time: Any, state: State, records: Records) -> Any:
            return time, frozenset(t for t, c in states.items() if self._true(c, state, records))

        places: Any = {
            (state, records, (entry(START, state, records),), None): mass * counted
            for (state, records), mass in self.places.items()
        }
        for period in periods:
            places = self.paths.through_period(places, period, watched)
            ended: Any = {}
            for (state, records, history, mark), mass in places.items():
                place = (state, records, (*history, entry((period, END), state, records)), mark)
                ended[place] = ended.get(place, 0.0) + mass
            places = ended
        total = sum(mass.sum() for mass in places.values())
        true = sum(mass.sum() for place, mass in places.items() if holds(formula, place[2]))
        return float(true / total)

    def _true(self, condition: ast.expr, state: State, records: Records) -> bool:
        return self.paths.truth(condition, state, records)

    def _period(
        self, places: dict[Where, Masses], period: int, known: list[Any]
    ) -> dict[Where, Masses]:
        """Where histories that show what is known end, and how likely they are."""
        after: dict[Where, Masses] = {}
        for (state, records), mass in places.items():
            begin = Position(period, 0, (), state)
            for end, shown, happened, factor in self._through(begin, records, frozenset()):
                if all(self._shows(event, end, happened, known) for event in known):
                    where = (end, tuple(round(record, 11) for record in shown))
                    after[where] = after.get(where, 0.0) + apply(factor, mass)
        return {where: mass for where, mass in after.items() if mass.any()}

    def _through(
        self, position: Position, records: Records, happened: frozenset[str]
    ) -> Iterator[tuple[State, Records, frozenset[str], Masses]]:
        """Every way through the rest of a period, with all that it shows."""
        ones = np.ones(len(self.paths.profiles))
        node = self.rules.node(position)
        ways: list[tuple[Position, Records, set[str], Masses]] = []
        match node:
            case End():
                yield position.state, records, happened, ones
                return
            case Chance(branches=branches):
                ways = [(after, records, set(names), p * ones) for p, names, after in branches]
            case News(party=told, branches=news):
                moved = self.equilibrium.records_after_news(position, records)
                for (likely, names, after), record in zip(news, moved, strict=True):
                    by_type = np.array([likely[p[told]] for p, _ in self.paths.profiles])
                    ways.append((after, record, set(names), by_type))
            case Payment(after=after, events=names):
                ways = [(after, records, set(names), ones)]
            case Moment(after=joint):
                policies = self.equilibrium.moment_policies(position, records)
                for chosen, (names, after) in joint.items():
                    likely = [p[n] for p, n in zip(policies, chosen, strict=True)]
                    ways.append((after, records, set(names), float(np.prod(likely)) * ones))
            case Renewal(drawn=drawn, after=after):
                shown = self.equilibrium.renewed(drawn, records)
                ways = [(after, shown, set(), self.paths.redrawn(drawn))]
            case Choice(party=mover, options=options):
                policy, shown = self.equilibrium.choice_probabilities(position, records)
                for a, option in enumerate(options):
                    chances = [
                        policy[p.get(self.rules.source[mover])][a] for p, _ in self.paths.profiles
                    ]
                    said = set(option.events)
                    answers = {"no": "refused", "yes": "signed"}
                    offered = position.stage[:1] == ("offer",) and not option.name.endswith(".none")
                    if offered:
                        said.add(f"offer: {option.name}")
                    if offered or option.name in answers:
                        seats = self.case.tables[self.rules.step(position).id].seats
                        there = [s for s in seats if self.rules.holder(s, position.state) == mover]
                        deal = option.name if offered else position.stage[2]
                        what = "signed" if offered else answers[option.name]
                        said |= {f"{what}: {deal} by {s}" for s in (mover, *there)}
                    ways.append((option.after, shown[a], said, np.array(chances)))
        for after, shown_after, said, factor in ways:
            rest = self._through(after, shown_after, happened | said)
            for end, last, everything, more in rest:
                yield end, last, everything, compose(more, factor)

    def _shows(self, event: Any, state: State, happened: frozenset[str], known: list[Any]) -> bool:
        """Whether a history agrees with one event; others of the period are recorded too."""
        recorded = {".".join(other.target.split(".")[:2]) for other in known}
        match event.kind:
            case "observed":
                public = dict(zip(self.rules.variables, state, strict=True))
                return all(public[name] == value for name, value in event.observed.items())
            case "refused" | "signed":
                return f"{event.kind}: {event.target} by {event.by}" in happened
            case "broken":
                return f"broken({event.target})" in happened
            case "idle":
                offers = {h[7:] for h in happened if h.startswith(f"offer: {event.target}.")}
                return not offers - recorded
        if event.target.endswith(".pass"):
            party = event.target.removesuffix(".pass")
            moves = {key for key, move in self.case.moves.items() if move.party == party}
            return not (happened & moves) - recorded
        return event.target in happened
