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
Heard = frozenset[tuple[float, str]]


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
            return float(mass.sum() * self.equilibrium.beliefs(observer, party, records)[0])

        return self.mean(worth)

    def probability(
        self, text: str, types: dict[str, str] | None = None, within: int | None = None
    ) -> float:
        """The probability of a formula from period 0 on, what has happened being known.

        It counts plays with these types, and looks at so many periods from period 0.
        """
        formula = parse(text)
        last = self.case.horizon if within is None else within
        places = self._histories(formula, types or {}, self.count, known=True)
        places = self._played_on(formula, places, range(self.count, self.case.horizon))
        return self._share(formula, places, last)

    def as_written(self, text: str, types: dict[str, str] | None = None) -> float:
        """The same asked of period 0, the types then being as likely as the events make them."""
        formula, fixed, total, found = parse(text), types or {}, 0.0, 0.0
        for number, (profile, weight) in enumerate(self.paths.profiles):
            if any(profile[party] != kind for party, kind in fixed.items()):
                continue
            likely = sum(float(mass[number]) for mass in self.places.values())
            if weight > 0.0:
                places = self._histories(formula, dict(profile), 0, known=False)
                places = self._played_on(formula, places, range(self.case.horizon))
                found += likely * self._share(formula, places, self.case.horizon)
                total += likely
        return found / total

    def _share(self, formula: ast.expr, places: Any, last: int) -> float:
        """How likely the formula is, of which no more is seen than so many periods."""
        total = sum(mass.sum() for mass in places.values())
        true = sum(
            mass.sum()
            for place, mass in places.items()
            if holds(formula, tuple(e for e in place[2] if e[0] == START or e[0][0] < last))
        )
        return float(true / total)

    def _watched(self, formula: ast.expr) -> tuple[dict[str, Any], dict[str, Any]]:
        """The conditions of a formula on states, and those on events."""
        conditions = list(conditions_in(formula))
        states = {unparse(c): c for c in conditions if events_of(c) is None}
        return states, {unparse(c): n for c in conditions if (n := events_of(c)) is not None}

    def _entry(self, formula: ast.expr, time: Any, state: State, records: Records) -> Any:
        states, _ = self._watched(formula)
        return time, frozenset(t for t, c in states.items() if self._true(c, state, records))

    def _histories(
        self, formula: ast.expr, types: dict[str, str], count: int, *, known: bool
    ) -> Any:
        """Where histories of so many periods stand, with what they told, and how likely each is."""
        counted = np.array(
            [
                all(profile[p] == t for p, t in types.items() if p in profile)
                for profile, _ in self.paths.profiles
            ]
        )
        begin = (self.rules.start(), self.equilibrium.nothing_shown)
        first = (self._entry(formula, START, *begin),)
        weights = np.array([w for _, w in self.paths.profiles])
        places: Any = {(*begin, first, None): weights * counted}
        _, watched = self._watched(formula)
        for period in range(count):
            events = [event for event in self.case.events if known and event.period == period]
            after: Any = {}
            for (state, records, history, mark), mass in places.items():
                start = Position(period, 0, (), state)
                for end, shown, heard, factor in self._through(start, records, frozenset()):
                    names = frozenset(name for _, name in heard)
                    if not all(self._shows(event, end, names, events) for event in events):
                        continue
                    moments = sorted({step for step, _ in heard})
                    told = []
                    for moment in moments:
                        said = {name for step, name in heard if step == moment}
                        true = frozenset(t for t, listed in watched.items() if listed & said)
                        told += [((period, moment), true)] if true else []
                    shown = tuple(round(record, 11) for record in shown)
                    told.append(self._entry(formula, (period, END), end, shown))
                    where = (end, shown, (*history, *told), mark)
                    after[where] = after.get(where, 0.0) + apply(factor, mass)
            places = {where: mass for where, mass in after.items() if mass.any()}
        return places

    def _played_on(self, formula: ast.expr, places: Any, periods: range) -> Any:
        """The same once these periods have been played, of which nothing is known."""
        _, watched = self._watched(formula)
        for period in periods:
            places = self.paths.through_period(places, period, watched)
            ended: Any = {}
            for (state, records, history, mark), mass in places.items():
                entry = self._entry(formula, (period, END), state, records)
                place = (state, records, (*history, entry), mark)
                ended[place] = ended.get(place, 0.0) + mass
            places = ended
        return places

    def _true(self, condition: ast.expr, state: State, records: Records) -> bool:
        return self.paths.truth(condition, state, records)

    def _period(
        self, places: dict[Where, Masses], period: int, known: list[Any]
    ) -> dict[Where, Masses]:
        """Where histories that show what is known end, and how likely they are."""
        after: dict[Where, Masses] = {}
        for (state, records), mass in places.items():
            begin = Position(period, 0, (), state)
            for end, shown, heard, factor in self._through(begin, records, frozenset()):
                happened = frozenset(name for _, name in heard)
                if all(self._shows(event, end, happened, known) for event in known):
                    where = (end, tuple(round(record, 11) for record in shown))
                    after[where] = after.get(where, 0.0) + apply(factor, mass)
        return {where: mass for where, mass in after.items() if mass.any()}

    def _through(
        self, position: Position, records: Records, happened: Heard
    ) -> Iterator[tuple[State, Records, Heard, Masses]]:
        """Every way through the rest of a period, with all that it shows and at which step."""
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
            case Moment(after=joint) as node:
                policies = self.equilibrium.moment_policies(position, records)
                for chosen, (names, after) in joint.items():
                    shown = self.equilibrium.records_after_moment(node, policies, chosen, records)
                    ways.append(
                        (after, shown, set(names), self.paths.by_profile(node, policies, chosen))
                    )
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
            heard = happened | {(position.step, name) for name in said}
            rest = self._through(after, shown_after, heard)
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
