"""The equilibrium at the end of one branch for the whole game, history by history.

Everybody's precision is a share of its own, from 0 to 1, and the log odds of every choice at every
history are found for one share after another, each from those before it. A branch that turns back
is not followed: then the equilibrium counts as unresolved. Source: McKelvey & Palfrey (1998).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

from twin.equilibrium import Equilibrium, Policy, Records, Values
from twin.expressions import TwinError
from twin.positions import Chance, Choice, End, News, Payment, Position

History = tuple[tuple[Position, int], ...]  # choices of parties with types
Place = tuple[Position, History]
FIRST, LARGEST, SMALLEST = 0.005, 0.02, 1e-7  # steps of the share
FARTHEST = 0.05  # that a point may be from where the two before it point


class WholeEquilibrium(Equilibrium):
    """One branch for the whole game from each position at which nothing was shown yet."""

    _known: dict[Position, list[tuple[Records, Values, tuple[Policy, Any] | None]]]

    def values(self, position: Position, records: Records) -> Values:
        """What each party of each type expects from here to the end of play."""
        return self._found(position, records)[0]

    def records_after_news(self, position: Position, records: Records) -> list[Records]:
        """The records after each outcome of chance that tells of a type."""
        self._found(position, records)
        return super().records_after_news(position, records)

    def choice_probabilities(self, position: Position, records: Records) -> Any:
        """Option probabilities of each type, and the records after each option."""
        chosen = self._found(position, records)[1]
        node = self.rules.node(position)
        assert chosen is not None
        assert isinstance(node, Choice)
        policy, moves = chosen
        source = self.rules.source[node.party]
        if source not in self.rules.hidden:
            return policy, [records] * len(node.options)
        at = self.rules.hidden.index(source)
        return policy, [(*records[:at], records[at] + move, *records[at + 1 :]) for move in moves]

    def _found(self, position: Position, records: Records) -> Any:
        known = self.__dict__.setdefault("_known", {})
        for _ in range(2):
            for shown, values, chosen in known.get(position, ()):
                if np.allclose(shown, records, rtol=1e-7, atol=1e-7):
                    return values, chosen
            if any(records):
                raise TwinError("selection=whole: play does not come here with such records")
            branch = _Branch(self, position)
            self.unresolved += not branch.resolved
            for (place, _), found in branch.places().items():
                known.setdefault(place, []).append(found)
        raise TwinError("selection=whole: the position was not met")


class _Branch:
    """The branch of the game that begins at a position."""

    def __init__(self, equilibrium: Equilibrium, start: Position) -> None:
        self.e, self.rules, self.start = equilibrium, equilibrium.rules, start
        self.decisions: dict[Place, tuple[int, int, int]] = {}  # first unknown, types, options
        self._collect(start, ())
        self.size = sum(types * (options - 1) for _, types, options in self.decisions.values())
        self.odds, self.resolved = self._follow()

    def places(self) -> dict[Place, Any]:
        """Records, values and choices at every history, at everybody's full precision."""
        self._seen: dict[Place, Any] = {}
        self._errors(self.odds, 1.0)
        return self._seen

    def _collect(self, position: Position, history: History) -> None:
        node = self.rules.node(position)
        if isinstance(node, Choice) and len(node.options) > 1:
            if (position, history) in self.decisions:
                return
            types = len(self.rules.types(node.party))
            first = sum(t * (k - 1) for _, t, k in self.decisions.values())
            self.decisions[position, history] = first, types, len(node.options)
        for a, after in enumerate(self._after(position)):
            self._collect(after, self._longer(position, history, a))

    def _after(self, position: Position) -> list[Position]:
        match self.rules.node(position):
            case Chance(branches=branches):
                return [to for _, _, to in branches]
            case News(branches=branches):
                return [to for _, _, to in branches]
            case Payment(after=after):
                return [after]
            case Choice(options=options):
                return [option.after for option in options]
        last = position.period + 1 == self.rules.periods
        return [] if last else [Position(position.period + 1, 0, (), position.state)]

    def _longer(self, position: Position, history: History, option: int) -> History:
        node = self.rules.node(position)
        told = isinstance(node, News) or (
            isinstance(node, Choice)
            and self.rules.source[node.party] in self.rules.hidden
            and len(node.options) > 1
        )
        return (*history, (position, option)) if told else history

    def _follow(self) -> tuple[NDArray[np.float64], bool]:
        odds, share, step = np.zeros(self.size), 0.0, FIRST
        slope = np.zeros(self.size)
        while share < 1.0:
            step = min(step, 1.0 - share)
            aimed = odds + step * slope
            found = root(self._errors, aimed, args=(share + step,), method="hybr", tol=1e-12)
            left = np.abs(self._errors(found.x, share + step))
            error = float((left / (1.0 + np.abs(found.x))).max())
            far = float((np.abs(found.x - aimed) / (1.0 + np.abs(aimed))).max())
            if error > 1e-10 or far > FARTHEST:
                step /= 4.0
                if step < SMALLEST:
                    return odds, False
                continue
            slope, odds, share = (found.x - odds) / step, found.x, share + step
            step = min(LARGEST, 1.5 * step)
        return odds, True

    def _errors(self, odds: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        self._odds, self._share = odds, share
        self._wanted = np.zeros(self.size)
        self._worth: dict[Place, Values] = {}
        self._value(self.start, (), self.e.nothing_shown)
        return odds - self._wanted

    def _choice(self, place: Place) -> Policy:
        node = self.rules.node(place[0])
        assert isinstance(node, Choice)
        first, _, options = self.decisions[place]
        chosen = {}
        for t, kind in enumerate(self.rules.types(node.party)):
            own = self._odds[first + t * (options - 1) : first + (t + 1) * (options - 1)]
            weights = np.log([option.weight for option in node.options])
            scores = weights + np.append(0.0, own)
            chosen[kind] = scores - scores.max() - math.log(np.exp(scores - scores.max()).sum())
        return chosen

    def _value(self, position: Position, history: History, records: Records) -> Values:
        place = position, history
        if place in self._worth:
            return self._worth[place]
        node, chosen = self.rules.node(position), None
        after = [
            (to, self._longer(position, history, a)) for a, to in enumerate(self._after(position))
        ]
        match node:
            case Chance(branches=branches):
                later = [self._value(*to, records) for to in after]
                weighed = list(zip(branches, later, strict=True))
                found = {who: sum(p * v[who] for (p, *_), v in weighed) for who in self.e.players}
            case News(party=told, branches=branches):
                shown = Equilibrium.records_after_news(self.e, position, records)
                later = [self._value(*to, r) for to, r in zip(after, shown, strict=True)]
                every = [chances for chances, _, _ in branches]
                found = {
                    who: self.e._expect_news(who, told, every, later, records)
                    for who in self.e.players
                }
            case Payment(costs=costs):
                later = [self._value(*after[0], records)]
                found = {
                    (party, kind): later[0][party, kind] - costs.get(party, {}).get(kind, 0.0)
                    for party, kind in self.e.players
                }
            case Choice(party=mover, options=options):
                kinds = self.rules.types(mover)
                logs = dict.fromkeys(kinds, np.zeros(1))
                if len(options) > 1:
                    logs = self._choice(place)
                moves = logs[kinds[0]] - logs[kinds[-1]]
                shown = [self._moved(records, mover, float(move)) for move in moves]
                later = [self._value(*to, r) for to, r in zip(after, shown, strict=True)]
                policy = {kind: np.exp(each) for kind, each in logs.items()}
                chosen = policy, moves
                found = {
                    who: self.e._expect(who, mover, options, policy, later, records)
                    for who in self.e.players
                }
                if len(options) > 1:
                    first = self.decisions[place][0]
                    for t, kind in enumerate(kinds):
                        gains = [
                            v[mover, kind] - o.cost[kind]
                            for o, v in zip(options, later, strict=True)
                        ]
                        precision = self._share * self.e.precision[mover]
                        for a in range(1, len(options)):
                            at = first + t * (len(options) - 1) + a - 1
                            self._wanted[at] = precision * (gains[a] - gains[0])
            case End():
                found = self._paid(position, records, [self._value(*to, records) for to in after])
        self._worth[place] = found
        if hasattr(self, "_seen"):
            self._seen[place] = records, found, chosen
        return found

    def _moved(self, records: Records, mover: str, move: float) -> Records:
        source = self.rules.source[mover]
        if source not in self.rules.hidden:
            return records
        at = self.rules.hidden.index(source)
        return (*records[:at], records[at] + move, *records[at + 1 :])

    def _paid(self, position: Position, records: Records, later: list[Values]) -> Values:
        found = {}
        for party, kind in self.e.players:
            now = self.e._believed_payoff(party, kind, position, records)
            d = self.e.patience[party]
            then = now / (1.0 - d) if self.rules.case.ending == "lasts" else 0.0
            found[party, kind] = now + d * (later[0][party, kind] if later else then)
        return found
