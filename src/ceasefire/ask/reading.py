"""Reads one quantity off a solved game."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ceasefire.ask.local import Believed, belief_after, plays, signs
from ceasefire.ask.paths import Path, Walker
from ceasefire.ask.question import Atom, Happening, Quantity
from ceasefire.ask.watch import Watcher, impossible, monitor_of, share
from ceasefire.game import Game, Numbers, numbers
from ceasefire.solve import Play, secure, solve, trace

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """The number that a quantity has in one world.

    value     None where it has none, such as a condition of probability 0
    error     standard error, None where nothing was sampled
    scale     what a change of the value is compared with: 1 for a probability
    given     probability of the condition that the value is asked provided of
    """

    value: float | None
    error: float | None = None
    warnings: tuple[str, ...] = ()
    scale: float = 1.0
    given: float = 1.0


class Oracle:
    """Answers quantities about one game in one world; it is solved when first needed."""

    def __init__(
        self,
        game: Game,
        world: Mapping[str, float],
        *,
        grid: int | None = None,
        halvings: int = 0,
        sharper: float = 1.0,
        memory: float = 4e9,
        keep: frozenset[int] = frozenset(),
        after: "Oracle | None" = None,
    ) -> None:
        self.game = game
        self._keep, self._after = keep, after
        self.world = dict(world)
        self._memory = memory
        self._settings = {"grid": grid, "halvings": halvings, "sharper": sharper, "memory": memory}

    @cached_property
    def numbers(self) -> Numbers:
        """What this world puts on the game."""
        return self.play.numbers if self.solved else numbers(self.game, self.world)

    @cached_property
    def play(self) -> Play:
        """The game solved."""
        after = self._after and self._after.play
        return solve(self.game, self.world, **self._settings, keep=self._keep, after=after)  # type: ignore[arg-type]

    @property
    def solved(self) -> bool:
        """Whether anything asked so far needed the solution."""
        return "play" in self.__dict__

    @cached_property
    def _watcher(self) -> Watcher:
        return Watcher(self.play, self._memory)

    def read(self, quantity: Quantity) -> Reading:
        """The number that a quantity has here."""
        return _BY_KIND[quantity.kind](self, quantity, self.game.index(dict(quantity.start)))

    def _periods(self, quantity: Quantity) -> int:
        return self.game.case.horizon if quantity.periods is None else quantity.periods

    def _probability(self, quantity: Quantity, start: int) -> Reading:
        assert quantity.formula is not None
        periods, types = self._periods(quantity), quantity.types
        if quantity.provided is None:
            seen = self._watcher.see([quantity.formula], start, types, periods)
            return Reading(seen.probability(periods), seen.error(periods))
        pair = [quantity.formula, quantity.provided]
        seen = self._watcher.see(pair, start, types, periods)
        condition = seen.probability(periods, 1)
        if not condition > 0:
            return Reading(None, None, (NEVER,))
        value = share(seen.both(periods) / condition)
        return Reading(value, seen.error(periods, given=1), given=condition)

    def _time(self, quantity: Quantity, start: int) -> Reading:
        assert quantity.condition is not None
        periods = self._periods(quantity)
        formula = Atom("eventually", (quantity.condition,))
        seen = self._watcher.see([formula], start, quantity.types, periods)
        expected, error = seen.waiting(periods)
        return Reading(expected, error, (), float(max(1, periods)))

    def _kept(self, quantity: Quantity, start: int) -> Reading:
        promise, periods = quantity.subject, self._periods(quantity)
        broken = Atom("eventually", (Happening(frozenset({f"broken:{promise}"})),))
        seen = self._watcher.see([broken], start, quantity.types, periods)
        case = self.game.case
        possible = [
            key
            for key in case.promises[promise].forbids
            if key not in quantity.variant.without
            and self.game.evaluate(case.moves[key].when, self.world)[start] != 0
        ]
        where = self.game.describe(start)
        warning = f"nothing that {promise} forbids is possible in {where}"
        return Reading(1.0 - seen.probability(periods), None, () if possible else (warning,))

    def _can(self, quantity: Quantity, start: int) -> Reading:
        assert quantity.formula is not None
        monitor, _ = monitor_of(self.game, [quantity.formula], self.world)
        periods = self._periods(quantity)
        return Reading(secure(self.game, self.numbers, quantity.coalition, monitor, start, periods))

    def _expectation(self, quantity: Quantity, start: int) -> Reading:
        assert quantity.expression is not None
        values = self.game.evaluate(quantity.expression, self.world)
        wrong = ~np.isfinite(values)
        if wrong.any():
            raise impossible(self.game, quantity.expression.text, int(np.argmax(wrong)))
        spread = float(np.ptp(values)) or 1.0
        lanes = np.ones(self.play.records.lanes)
        return self._conditional(quantity, start, values[:, None] * lanes, spread)

    def _conditional(
        self, quantity: Quantity, start: int, feature: Floats, scale: float = 1.0
    ) -> Reading:
        """Expected value of a (X, L) feature after `at` periods, provided a formula holds."""
        play, periods = self.play, self._periods(quantity)
        at = periods if quantity.at is None else quantity.at
        viewer = play.viewer(types=dict(quantity.types))
        if quantity.provided is None:
            standing = trace(play, start, viewer=viewer, periods=at).standing
            return Reading(float((standing.sum(axis=1) * feature).sum()), scale=scale)
        monitor, accept = monitor_of(self.game, [quantity.provided], self.world)
        before = trace(play, start, monitor=monitor, viewer=viewer, periods=at).standing
        sums = []
        for weight in (feature, np.ones_like(feature)):
            after = trace(
                play,
                monitor=monitor,
                viewer=viewer,
                periods=periods - at,
                began=at,
                standing=before * weight[:, None, :],
            )
            sums.append(float(after.mass[-1] @ accept[:, 0]))
        if not sums[1] > 0:
            return Reading(None, None, (NEVER,), scale)
        return Reading(sums[0] / sums[1], scale=scale, given=sums[1])

    def _value(self, quantity: Quantity, start: int) -> Reading:
        party = quantity.party
        if quantity.observer != "analyst":
            value = self.play.value(party, quantity.type, start)
        else:
            types = dict(quantity.types)
            known = list(self.game.case.parties[party].types)
            if quantity.type is not None:
                types[party] = quantity.type
            if not known:
                value = self.earned(party, 0, types, start)
            elif party in types:
                value = self.earned(party, known.index(types[party]), types, start)
            else:
                first = self.play.prior("analyst", party)
                value = sum(
                    weight * self.earned(party, kind, {**types, party: known[kind]}, start)
                    for kind, weight in ((0, first), (1, 1.0 - first))
                )
        return Reading(value, None, (), max(1.0, abs(value)))

    def earned(
        self,
        party: str,
        kind: int,
        types: dict[str, str],
        start: int,
        standing: Floats | None = None,
    ) -> float:
        """What the analyst expects a party of this type to get, to the end of play."""
        play, game = self.play, self.game
        reader = game.readers.index((party, kind))
        payoff = play.numbers.payoff[:, reader]
        patience = float(play.numbers.patience[game.parties.index(party)])
        seen = trace(
            play,
            start,
            viewer=play.viewer(types=types),
            periods=game.periods,
            observe=payoff[:, None],
            payer=(party, kind),
            standing=standing,
        )
        discount = patience ** np.arange(game.periods)
        income = seen.observe[1:, :, 0].sum(axis=1)
        total = float(discount @ (income - seen.paid))
        if game.case.ending == "lasts":
            total += patience**game.periods * float(income[-1]) / (1.0 - patience)
        return total

    def _local(self, quantity: Quantity, start: int) -> Reading:
        walker = Walker(self.play, dict(quantity.types))
        ask = plays if quantity.kind == "plays" else signs
        value, warnings = ask(walker, quantity, start)
        return Reading(share(value), None, warnings)

    def _belief(self, quantity: Quantity, start: int) -> Reading:
        play, party = self.play, quantity.party
        observer = quantity.observer or "analyst"
        second = list(self.game.case.parties[party].types).index(str(quantity.type)) == 1

        def believe(path: Path) -> float:
            first: float = play.belief(observer, party, path.record)
            return 1.0 - first if second else first

        walker = Walker(play, dict(quantity.types))
        if quantity.at is None:
            return Reading(*_swap(belief_after(walker, quantity, start, believe)))
        row = -1 if observer == "analyst" else self.game.parties.index(observer)
        first = play.lane_beliefs[row, self.game.hidden.index(party)]
        lane = 1.0 - first if second else first
        return self._conditional(quantity, start, np.tile(lane, (len(self.game.states), 1)))


# beside the class, since an oracle that held its own methods would outlive its last use, and its
# solution with it, until the garbage collector came by
_BY_KIND: Mapping[str, Callable[[Oracle, Quantity, int], Reading]] = {
    "P": Oracle._probability,
    "E": Oracle._expectation,
    "time": Oracle._time,
    "value": Oracle._value,
    "plays": Oracle._local,
    "signs": Oracle._local,
    "belief": Oracle._belief,
    "can": Oracle._can,
    "kept": Oracle._kept,
}

NEVER = "the condition has probability 0: no value"


def _swap(found: Believed) -> tuple[float | None, None, tuple[str, ...]]:
    return found[0], None, found[1]
