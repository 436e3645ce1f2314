"""What everybody expects and does at a position, by recursion over exact records.

The record of a party with K types is K - 1 log-likelihood ratios, of its first type against each
other; those of all parties follow each other in one tuple.
Nothing is put on a grid: at a signalling decision the value of what follows is asked for at each
record that comes up, or at several together, one entry of every array for each. What a party has
shown is forgotten where it has nothing left to choose: a type matters to others only through what
its party will do. Source: DESIGN section 3.
"""

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.branch import chosen, chosen_of_many, principal, principal_of_many
from twin.curves import Curve
from twin.expressions import TwinError
from twin.moment import joint_choice, joint_choice_of_types
from twin.positions import (
    Chance,
    Choice,
    End,
    Moment,
    News,
    Option,
    Payment,
    Position,
    Renewal,
    successors,
)
from twin.rules import Rules

Number = Any  # a float, or an array with an entry for each of several records
Records = tuple[Number, ...]  # the ratios of each party with types, in the order of the file
Pair = tuple[float, float]
Values = Mapping[tuple[str, str | None], Number]
Policy = Mapping[str | None, NDArray[np.float64]]  # for each type (options, ...)


class TooLargeError(TwinError):
    """More decisions than the twin was allowed to take."""


def sigmoid(odds: Number) -> Number:
    """The probability that goes with log-odds."""
    return np.exp(-np.logaddexp(0.0, -odds))


CERTAIN = 700.0  # the record of a party whose type is known


def _log(chance: float) -> float:
    """The logarithm of a probability, less than any record's where that is 0."""
    return math.log(chance) if chance > 0.0 else -2.0 * CERTAIN


def logit(chance: float) -> float:
    """The log-odds that go with a probability."""
    return math.log(chance) - math.log1p(-chance)


class Equilibrium:
    """The logit Markov equilibrium of a case, on the principal branch.

    `quick` remembers what follows an option as a curve over the mover's record, accurate to 1e-9,
    for games in which signals nest; without it every record is followed to the end of play.
    Raises TooLargeError after `most` decisions.
    """

    def __init__(self, rules: Rules, *, quick: bool = False, most: int = 10**9) -> None:
        self.rules, self.quick, self.most = rules, quick, most
        self.unresolved = self.branch_points = self.taken = 0
        self._values: dict[tuple[Position, Any], Values] = {}
        self._policies: dict[tuple[Position, Any], tuple[Policy, Number]] = {}
        self._fixed: dict[tuple[Position, Any], NDArray[np.float64]] = {}
        self._joint: dict[tuple[Position, Any], list[NDArray[np.float64]]] = {}
        self._choosing: dict[Position, frozenset[str]] = {}
        self._listened: dict[tuple[Position, str], bool] = {}
        self._curves: dict[tuple[Position, str, Any], Curve] = {}
        self.priors = {
            (observer, party): rules.priors(observer, party)
            for party in rules.hidden
            for observer in (None, *rules.case.parties)
        }
        counts = [len(rules.types(party)) - 1 for party in rules.hidden]
        self.place = {
            party: range(sum(counts[:n]), sum(counts[: n + 1]))
            for n, party in enumerate(rules.hidden)
        }
        self.precision = {party: rules.precision(party) for party in rules.case.parties}
        self.patience = {party: rules.patience(party) for party in rules.case.parties}
        self.players = [
            (party, kind) for party in rules.case.parties for kind in rules.types(party)
        ]

    @property
    def nothing_shown(self) -> Records:
        """The records at the start."""
        return (0.0,) * sum(map(len, self.place.values()))

    def beliefs(self, observer: str | None, party: str, records: Records) -> tuple[Number, ...]:
        """The probability an observer gives each type of a party (None: the analyst)."""
        priors, shown = self.priors[observer, party], [records[n] for n in self.place[party]]
        if len(priors) == 2:
            first = sigmoid(logit(priors[0]) + shown[0])
            return first, 1.0 - first
        odds = [math.log(priors[0]) + 0.0 * shown[0]]
        odds += [math.log(prior) - ratio for prior, ratio in zip(priors[1:], shown, strict=True)]
        most = np.maximum.reduce(odds)
        shares = [np.exp(each - most) for each in odds]
        return tuple(share / sum(shares) for share in shares)

    def values(self, position: Position, records: Records) -> Values:
        """What each party of each type expects from here to the end of play."""
        records = self._telling(position, records)
        key = (position, _rounded(records))
        if key not in self._values:
            self._values[key] = self._value(position, records)
        return self._values[key]

    def choice_probabilities(
        self, position: Position, records: Records
    ) -> tuple[Policy, list[Records]]:
        """Option probabilities of each type, and the records after each option."""
        node = self.rules.node(position)
        assert isinstance(node, Choice)
        telling = self._telling(position, records)
        key = (position, _rounded(telling))
        if key not in self._policies:
            self._policies[key] = self._choose(position, node, telling)
        policy, moves = self._policies[key]
        source = self.rules.source[node.party]
        if source not in self.rules.hidden:
            return policy, [records] * len(node.options)
        place = self.place[source]
        return policy, [_added(records, place, move) for move in np.moveaxis(moves, 1, 0)]

    def moment_policies(self, position: Position, records: Records) -> list[Policy]:
        """For each party that chooses at a moment the option probabilities of each type."""
        node = self.rules.node(position)
        assert isinstance(node, Moment)
        telling = self._telling(position, records)
        shape = _shape(telling)
        found = [
            {kind: np.empty((len(options), *shape)) for kind in self.rules.types(mover)}
            for mover, options in node.movers
        ]
        for lane in np.ndindex(*shape):
            here = tuple(float(np.asarray(record)[lane]) for record in telling)
            key = (position, _rounded(here))
            if key not in self._joint:
                self._joint[key] = self._choose_together(node, here)
            players = [policy[kind] for policy in found for kind in policy]
            for policy, likely in zip(players, self._joint[key], strict=True):
                policy[:, *lane] = likely
        return found

    def records_after_moment(
        self, node: Moment, policies: list[Policy], chosen: tuple[int, ...], records: Records
    ) -> Records:
        """The records once all have seen what was chosen."""
        for (mover, _), policy, n in zip(node.movers, policies, chosen, strict=True):
            first, *others = self.rules.types(mover)
            if others:
                place = self.place[self.rules.source[mover]]
                shown = [np.log(policy[first][n]) - np.log(policy[kind][n]) for kind in others]
                records = _added(records, place, shown)
        return records

    def chance_at_moment(
        self, who: tuple[str, str | None], node: Moment, policies: list[Policy],
        chosen: tuple[int, ...], records: Records,
    ) -> Number:  # fmt: skip
        """How likely a joint choice is to a reader."""
        party, kind = who
        total: Number = 1.0
        for (mover, _), policy, n in zip(node.movers, policies, chosen, strict=True):
            source, kinds = self.rules.source[mover], self.rules.types(mover)
            if len(kinds) == 1:
                total = total * policy[kinds[0]][n]
            elif party == mover or self.rules.source[party] == source:
                total = total * policy[kind][n]
            else:
                shares = self.beliefs(party, source, records)
                total = total * _mixed(shares, [policy[one][n] for one in kinds])
        return total

    def _choose_together(self, node: Moment, records: Records) -> list[NDArray[np.float64]]:
        """The fixed point of a moment at one record, by mover and type."""
        self._count(1)
        if any(len(self.rules.types(mover)) > 1 for mover, _ in node.movers):
            return self._choose_together_by_type(node, records)
        shape = [len(options) for _, options in node.movers]
        payoffs = [np.empty(shape) for _ in node.movers]
        for joint, (_, to) in node.after.items():
            then = self.values(to, records)
            for (mover, options), payoff, n in zip(node.movers, payoffs, joint, strict=True):
                payoff[joint] = float(then[mover, None]) - options[n].cost[None]
        weights = [[option.weight for option in options] for _, options in node.movers]
        sharp = [self.precision[mover] for mover, _ in node.movers]
        policies, arrived = joint_choice(payoffs, weights, sharp)
        self.unresolved += not arrived
        return policies

    def _choose_together_by_type(self, node: Moment, records: Records) -> list[NDArray[np.float64]]:
        """The same where some have types: what is chosen moves their records."""
        self._count(19)  # such a fixed point takes the time of twenty others
        movers = [mover for mover, _ in node.movers]
        players = [(m, k) for m, mover in enumerate(movers) for k in self.rules.types(mover)]

        def belief(n: int, m: int) -> float:
            (mine, own), (other, kind) = players[n], players[m]
            source = self.rules.source[movers[other]]
            if kind is None:
                return 1.0
            if self.rules.source[movers[mine]] == source:
                return float(own == kind)
            number = self.rules.types(movers[other]).index(kind)
            return float(self.beliefs(movers[mine], source, records)[number])

        def worth(joint: tuple[int, ...], logs: list[NDArray[np.float64]]) -> list[float]:
            shown = records
            for m, mover in enumerate(movers):
                own = [log[joint[m]] for log, (other, _) in zip(logs, players, strict=True)
                       if other == m]  # fmt: skip
                if len(own) > 1:
                    place = self.place[self.rules.source[mover]]
                    shown = _added(shown, place, [own[0] - log for log in own[1:]])
            then = self.values(node.after[joint][1], shown)
            return [
                float(then[movers[m], kind]) - node.movers[m][1][joint[m]].cost[kind]
                for m, kind in players
            ]

        weights = [[option.weight for option in node.movers[m][1]] for m, _ in players]
        sharp = [self.precision[movers[m]] for m, _ in players]
        policies, arrived = joint_choice_of_types(players, belief, worth, weights, sharp)
        self.unresolved += not arrived
        return policies

    def _value(self, position: Position, records: Records) -> Values:
        match self.rules.node(position):
            case End():
                return self._paid(position, records)
            case Chance(branches=branches):
                later = [(chance, self.values(to, records)) for chance, _, to in branches]
                return {who: sum(p * v[who] for p, v in later) for who in self.players}
            case News(party=told, branches=branches):
                shown = self.records_after_news(position, records)
                then = [self.values(to, r) for (*_, to), r in zip(branches, shown, strict=True)]
                every = [chances for chances, _, _ in branches]
                return {
                    who: self._expect_news(who, told, every, then, records) for who in self.players
                }
            case Payment(costs=costs, after=signed):
                paid = self.values(signed, records)
                return {
                    (party, kind): paid[party, kind] - costs.get(party, {}).get(kind, 0.0)
                    for party, kind in self.players
                }
            case Moment(movers=movers, after=joint) as node:
                policies = self.moment_policies(position, records)
                total = dict.fromkeys(self.players, 0.0 * np.zeros(_shape(records)))
                for taken, (_, to) in joint.items():
                    shown = self.records_after_moment(node, policies, taken, records)
                    then = self.values(to, shown)
                    for who in self.players:
                        chance = self.chance_at_moment(who, node, policies, taken, records)
                        total[who] = total[who] + chance * then[who]
                for (mover, options), policy in zip(movers, policies, strict=True):
                    for kind, likely in policy.items():
                        paid = [o.cost[kind] for o in options]
                        total[mover, kind] = total[mover, kind] - sum(
                            p * cost for p, cost in zip(likely, paid, strict=True)
                        )
                return total
            case Renewal(drawn=drawn, after=after):
                begun = self.values(after, self.renewed(drawn, records))
                return {who: self._expect_renewal(who, drawn, begun) for who in self.players}
            case Choice(party=mover, options=options):
                policy, shown = self.choice_probabilities(position, records)
                then = [self.values(o.after, r) for o, r in zip(options, shown, strict=True)]
                return {
                    who: self._expect(who, mover, options, policy, then, records)
                    for who in self.players
                }

    def _expect(
        self,
        who: tuple[str, str | None],
        mover: str,
        options: tuple[Option, ...],
        policy: Policy,
        after: list[Values],
        records: Records,
    ) -> Number:
        """One reader's expectation over what the mover does."""
        party, kind = who
        source = self.rules.source[mover]
        if party == mover:
            gains = [v[who] - o.cost[kind] for o, v in zip(options, after, strict=True)]
            return sum(p * gain for p, gain in zip(policy[kind], gains, strict=True))
        chances = policy[self.rules.types(mover)[0]]
        if self.rules.source[party] == source and source in self.rules.hidden:
            chances = policy[kind]
        elif source in self.rules.hidden:
            shares = self.beliefs(party, source, records)
            every = zip(*(policy[each] for each in self.rules.types(mover)), strict=True)
            chances = np.array([_mixed(shares, option) for option in every])
        return sum(p * v[who] for p, v in zip(chances, after, strict=True))

    def records_after_news(self, position: Position, records: Records) -> list[Records]:
        """The records after each outcome of chance that tells of a type."""
        node = self.rules.node(position)
        assert isinstance(node, News)
        place, (first, *others) = self.place[node.party], self.rules.types(node.party)
        found = []
        for chances, _, _ in node.branches:
            after = _added(
                records, place, [_log(chances[first]) - _log(chances[one]) for one in others]
            )
            if len(others) == 1:
                after = _moved(after, place[0], np.clip(after[place[0]], -CERTAIN, CERTAIN))
            found.append(after)
        return found

    def _expect_news(
        self,
        who: tuple[str, str | None],
        told: str,
        every: list[Any],
        after: list[Values],
        records: Records,
    ) -> Number:
        """One reader's expectation over the outcomes of chance that tells of a type."""
        party, kind = who
        if self.rules.source[party] == told:
            return sum(chances[kind] * v[who] for chances, v in zip(every, after, strict=True))
        shares, kinds = self.beliefs(party, told, records), self.rules.types(told)
        return sum(
            _mixed(shares, [chances[one] for one in kinds]) * v[who]
            for chances, v in zip(every, after, strict=True)
        )

    def renewed(self, drawn: Mapping[str, float], records: Records) -> Records:
        """The records once types were drawn anew, whose first are so likely to the analyst."""
        for party, first in drawn.items():
            (place,) = self.place[party]
            now = logit(first) - logit(self.priors[None, party][0])
            records = _moved(records, place, now + 0.0 * records[place])
        return records

    def _expect_renewal(
        self, who: tuple[str, str | None], drawn: Mapping[str, float], after: Values
    ) -> Number:
        """One reader's expectation; whoever knows a type drawn anew may then know either."""
        party, _ = who
        source = self.rules.source[party]
        if source not in drawn:
            return after[who]
        one, two = self.rules.types(party)
        return drawn[source] * after[party, one] + (1.0 - drawn[source]) * after[party, two]

    def _paid(self, position: Position, records: Records) -> Values:
        """The period's payoffs, and what they lead to."""
        rules, over = self.rules, position.period + 1 == self.rules.periods
        shape = np.shape(records[0]) if records else ()
        later = (
            {}
            if over
            else self.values(Position(position.period + 1, 0, (), position.state), records)
        )
        result = {}
        for party, kind in self.players:
            now, d = self._believed_payoff(party, kind, position, records), self.patience[party]
            if not over:
                then = later[party, kind]
            else:
                then = now / (1.0 - d) if rules.case.ending == "lasts" else 0.0
            result[party, kind] = now + d * then + np.zeros(shape)
        return result

    def _believed_payoff(
        self, party: str, kind: str | None, position: Position, records: Records
    ) -> Number:
        """The period's payoff as a party expects it, by its beliefs about those that it reads."""
        others = sorted(self.rules.told_by_payoffs.get(party, ()))
        total: Number = 0.0
        for kinds in product(*(self.rules.types(other) for other in others)):
            share: Number = 1.0
            for other, its in zip(others, kinds, strict=True):
                number = self.rules.types(other).index(its)
                share = share * self.beliefs(party, other, records)[number]
            types = dict(zip(others, kinds, strict=True))
            total = total + share * self.rules.payoff(party, kind, position.state, types)
        return total

    def _choose(self, position: Position, node: Choice, records: Records) -> tuple[Policy, Number]:
        """What each type does, and by how much each option moves the mover's record."""
        mover, options = node.party, node.options
        kinds = self.rules.types(mover)
        if len(options) == 1:
            return dict.fromkeys(kinds, np.ones(1)), np.zeros((max(1, len(kinds) - 1), 1))
        if len(kinds) > 1 and any(self._somebody_listens(o.after, mover) for o in options):
            logs = self._signal(position, node, records)
        else:
            after = [self.values(option.after, records) for option in options]
            scores = [
                [
                    math.log(o.weight) + self.precision[mover] * (v[mover, kind] - o.cost[kind])
                    for o, v in zip(options, after, strict=True)
                ]
                for kind in kinds
            ]
            logs = _log_softmax(np.array(scores))
            self._count(1)
        moves = logs[0] - logs[1:] if len(kinds) > 1 else np.zeros((1, len(options)))
        return dict(zip(kinds, np.exp(logs), strict=True)), moves

    def _count(self, decisions: int) -> None:
        self.taken += decisions
        if self.taken > self.most:
            raise TooLargeError(f"more than {self.most} decisions")

    def _signal(self, position: Position, node: Choice, records: Records) -> NDArray[np.float64]:
        """Log-probabilities (types, options, ...) of a choice that shows something of a type."""
        shape = np.shape(records[0])
        logs = np.empty((len(self.rules.types(node.party)), len(node.options), *shape))
        for lane in np.ndindex(*shape):
            here = tuple(float(np.asarray(record)[lane]) for record in records)
            key = (position, _rounded(here))
            if key not in self._fixed:
                self._fixed[key] = self._fix(node, here)
            logs[:, :, *lane] = self._fixed[key]
        return logs

    def _fix(self, node: Choice, records: Records) -> NDArray[np.float64]:
        """The fixed point at one record, as log-probabilities (2, options)."""
        self._count(1)
        if len(self.rules.types(node.party)) > 2:
            return self._fix_of_many(node, records)
        (place,) = self.place[self.rules.source[node.party]]
        curves = [self._curve(option, node.party, records) for option in node.options]

        def gain(a: int, z: float) -> tuple[float, float]:
            return curves[a](records[place] + z)

        weights = [option.weight for option in node.options]
        if self.rules.variant.selection != "principal":
            selection = self.rules.variant.selection
            return chosen(gain, weights, self.precision[node.party], selection)
        fixed = principal(gain, weights, self.precision[node.party])
        self.unresolved += not fixed.resolved
        self.branch_points += fixed.branch_points
        return fixed.logs

    def _fix_of_many(self, node: Choice, records: Records) -> NDArray[np.float64]:
        """The same for a mover of more than two types, (types, options)."""
        mover, place = node.party, self.place[self.rules.source[node.party]]
        kinds = self.rules.types(mover)

        def gain(a: int, z: NDArray[np.float64]) -> list[float]:
            option = node.options[a]
            then = self.values(option.after, _added(records, place, z.tolist()))
            return [float(then[mover, kind]) - option.cost[kind] for kind in kinds]

        problem = gain, len(kinds), [o.weight for o in node.options], self.precision[mover]
        if self.rules.variant.selection != "principal":
            return chosen_of_many(*problem, self.rules.variant.selection)
        fixed = principal_of_many(*problem)
        self.unresolved += not fixed.resolved
        self.branch_points += fixed.branch_points
        return fixed.logs

    def _curve(self, option: Option, mover: str, records: Records) -> Callable[[float], Pair]:
        """What an option is worth to the two types, by where it leaves the mover's record."""
        (place,) = self.place[self.rules.source[mover]]
        first, second = self.rules.types(mover)
        others = self._telling(option.after, _moved(records, place, 0.0))

        def exact(record: Number) -> tuple[Number, Number]:
            shown = [other + np.zeros(np.shape(record)) for other in others]
            found = self.values(option.after, _moved(tuple(shown), place, record))
            return found[mover, first], found[mover, second]

        heard = self._somebody_listens(option.after, mover)
        now = None if heard else exact(0.0)
        worth: Callable[[float], Pair] = exact
        if heard and self.quick:
            key = (option.after, mover, _rounded(others))
            worth = self._curves.setdefault(key, Curve(exact))
        one, two = option.cost[first], option.cost[second]

        def net(record: float) -> Pair:
            gains = worth(record) if now is None else now
            return float(gains[0]) - one, float(gains[1]) - two

        return net

    def _telling(self, position: Position, records: Records) -> Records:
        """The records as far as they matter: 0 for a party of which nothing more will be seen."""
        hidden = self.rules.hidden
        if not hidden or self._choosers(position).issuperset(hidden):
            return records
        choosing = self._choosers(position)
        kept = [h in choosing for h in hidden for _ in self.place[h]]
        return tuple(r if keep else 0.0 * r for keep, r in zip(kept, records, strict=True))

    def _choosers(self, position: Position) -> frozenset[str]:
        """Whose type matters from here on: who chooses, is told of by chance, or paid for."""
        if position not in self._choosing:
            node, later = self.rules.node(position), self._later(position)
            here = set()
            if isinstance(node, Choice) and len(node.options) > 1:
                here = {node.party, self.rules.source[node.party]}
            here |= {node.party} if isinstance(node, News) else set()
            for mover, _ in node.movers if isinstance(node, Moment) else ():
                here |= {mover, self.rules.source[mover]}
            here |= frozenset().union(*self.rules.told_by_payoffs.values())
            self._choosing[position] = frozenset(here).union(*map(self._choosers, later))
        return self._choosing[position]

    def _somebody_listens(self, position: Position, speaker: str) -> bool:
        """Whether another party has something to choose from here on, and the speaker after it."""
        key = (position, speaker)
        if key not in self._listened:
            node, later = self.rules.node(position), self._later(position)
            other = isinstance(node, Choice) and node.party != speaker and len(node.options) > 1
            meets = isinstance(node, Moment)
            self._listened[key] = (
                meets and self.rules.source[speaker] in self._choosers(position)
            ) or any(
                (other and self.rules.source[speaker] in self._choosers(after))
                or self._somebody_listens(after, speaker)
                for after in later
            )
        return self._listened[key]

    def _later(self, position: Position) -> list[Position]:
        """The positions that can follow, over a period's end too."""
        node = self.rules.node(position)
        if isinstance(node, End) and position.period + 1 < self.rules.periods:
            return [Position(position.period + 1, 0, (), position.state)]
        return successors(node)


def _shape(records: Records) -> tuple[int, ...]:
    """Of how many records these are."""
    return np.shape(records[0]) if records else ()


def _log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-probabilities (kinds, options, ...) of options with these scores."""
    off = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(off - np.log(np.exp(off).sum(axis=1, keepdims=True)))


def _moved(records: Records, place: int, to: Number) -> Records:
    return (*records[:place], to, *records[place + 1 :])


def _added(records: Records, place: range, by: Any) -> Records:
    """The records once those of one party have moved by so much each."""
    moved = [r + move for r, move in zip([records[n] for n in place], by, strict=True)]
    return (*records[: place.start], *moved, *records[place.stop :])


def _mixed(shares: Any, values: Any) -> Number:
    """The mean of values, one for each type, by these shares."""
    return sum(share * value for share, value in zip(shares, values, strict=True))


def _rounded(records: Records) -> tuple[bytes, ...]:
    """What records that agree to 12 digits have in common."""
    return tuple((np.round(record, 12) + 0.0).tobytes() for record in records)
