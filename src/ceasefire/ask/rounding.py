"""What rounding beliefs near certainty may do to an answer.

Beyond the ends of the belief grid values are constant: in each period that begins there the types
that were ruled out may get back what they have at the end. That is added up over the periods of a
quantity. It is worked out on the refined grid, whose ends are half as far from certainty as those
of the grid that was asked, and up to one node further out: hence twice that, and a node's odds.
"""

from collections.abc import Callable

import numpy as np

from ceasefire.ask.question import Quantity
from ceasefire.ask.reading import Oracle, Reading
from ceasefire.game.states import Floats
from ceasefire.solve import Viewer, backward

WEIGHED = ("P", "E", "time", "kept", "value")  # besides beliefs at a time

Mean = Callable[[Floats, Viewer], float]


class Rounding:
    """What rounding may do to the quantities that one solved game answers."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle, self.game = oracle, oracle.game
        self._fields: dict[object, tuple[Floats, Viewer]] = {}

    def bound(self, quantity: Quantity, reading: Reading, mean: Mean) -> float:
        """By how much an answer may be off, in units of its scale.

        mean  gives what a (X, L) field is where the quantity is asked from, as a viewer reads it

        A probability moves by no more than what came back; a value by that much of what separates
        the best from the worst that the party can expect anywhere. Of what is asked provided that
        a condition holds, both the condition and the rest may move.
        """
        if reading.value is None or (quantity.kind not in WEIGHED and quantity.at is None):
            return 0.0
        if quantity.kind == "value":
            off = self._of_value(quantity, mean)
            return off / reading.scale
        at = quantity.at if quantity.provided is None else None
        periods = self.game.case.horizon if quantity.periods is None else quantity.periods
        off = self._came_back(mean, periods if at is None else at, types=quantity.types)
        if quantity.provided is None or off == 0.0:
            return off
        return min(1.0, 2.0 * off / (reading.given - off)) if reading.given > off else 1.0

    def _of_value(self, quantity: Quantity, mean: Mean) -> float:
        party, game, play = quantity.party, self.game, self.oracle.play
        kinds: list[str | None] = [*game.case.parties[party].types] or [None]
        asked = [quantity.type] if quantity.type is not None else kinds
        readers = [game.readers.index((party, kinds.index(kind))) for kind in asked]
        spread = float(np.ptp(play.values[:, readers]))
        patience = float(play.numbers.patience[game.parties.index(party)])
        if quantity.observer == "analyst":
            own = () if quantity.type is None else ((party, quantity.type),)
            types = (*quantity.types, *own)
            return spread * self._came_back(mean, game.periods, patience, types=types)
        each = [self._came_back(mean, game.periods, patience, (party, kind)) for kind in asked]
        return spread * max(each)

    def _came_back(
        self,
        mean: Mean,
        periods: int,
        patience: float = 1.0,
        party: tuple[str, str | None] | None = None,
        types: tuple[tuple[str, str], ...] = (),
    ) -> float:
        """What may come back, each period weighed by patience, as a viewer counts plays."""
        key = (periods, patience, party, types)
        if key not in self._fields:
            play = self.oracle.play
            viewer = play.viewer(*party) if party is not None else play.viewer(types=dict(types))
            ends = viewer.rounding
            rewards = {n: ends * patience**n for n in range(periods)}
            nothing = np.zeros((len(self.game.states), len(ends)))
            field = (
                backward(play, periods, rewards=rewards, viewer=viewer) if ends.any() else nothing
            )
            self._fields[key] = field, viewer
        coarser = 2.0 * float(np.exp(self.oracle.play.records.step.max(initial=0.0)))
        return coarser * mean(*self._fields[key])
