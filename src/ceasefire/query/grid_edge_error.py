"""By how much may a quantity be off because beliefs near certainty are read at the grid's edge?"""

from collections.abc import Callable
from functools import partial

import numpy as np

from ceasefire.equilibrium import Equilibrium, ObserverMeasure, expected_rewards_to_go
from ceasefire.game.states import Floats
from ceasefire.query.ast import Quantity
from ceasefire.query.state_distribution import TypesByParty

KINDS_WEIGHED_BY_BELIEF = ("P", "E", "time", "kept", "value")  # besides beliefs at a time

FieldMean = Callable[[Floats, ObserverMeasure], float]
EdgeMass = Callable[[ObserverMeasure, int, float], float]


def depends_on_grid_edge(quantity: Quantity) -> bool:
    """Whether a quantity weighs types by a belief that play moves, and so by the grid's edge."""
    return quantity.kind in KINDS_WEIGHED_BY_BELIEF or quantity.after_periods is not None


class GridEdgeErrorBound:
    """What the grid's edge may do to the quantities that one solved game answers."""

    def __init__(self, equilibrium: Equilibrium) -> None:
        self.equilibrium, self.game = equilibrium, equilibrium.game
        self._fields: dict[object, Floats] = {}

    def bound(
        self,
        quantity: Quantity,
        scale: float,
        condition_probability: float,
        mean: FieldMean,
        edge_mass: EdgeMass | None = None,
    ) -> float:
        """By how much a value may be off, in units of its scale.

        scale                  what a change of the value is compared with
        condition_probability  of the condition that it is asked provided of
        mean                   gives what a (X, L) field is where the quantity is asked from, as an
                               observer reads it
        edge_mass              gives, where choices of `after=` come first, what leaks back in so
                               many periods, each weighed by patience

        A probability moves by no more than what leaks back at the edge; a value by that much of
        what separates the best from the worst that the party can expect anywhere. Of what is
        asked provided that a condition holds, both the condition and the rest may move.
        """
        leaked = partial(self._mass_from_field, mean) if edge_mass is None else edge_mass
        if quantity.kind == "value":
            return self._value_bound(quantity, leaked) / scale
        at = quantity.after_periods if quantity.provided is None else None
        periods = self.game.case.horizon if quantity.periods is None else quantity.periods
        off = self._leaked_mass(leaked, periods if at is None else at, types=quantity.types)
        if quantity.provided is None or off == 0.0:
            return off
        given = condition_probability
        return min(1.0, 2.0 * off / (given - off)) if given > off else 1.0

    def _value_bound(self, quantity: Quantity, leaked: EdgeMass) -> float:
        party, game, equilibrium = quantity.party, self.game, self.equilibrium
        kinds: list[str | None] = [*game.case.parties[party].types] or [None]
        asked = [quantity.type] if quantity.type is not None else kinds
        readers = [game.player_types.index((party, kinds.index(kind))) for kind in asked]
        spread = float(np.ptp(equilibrium.values[:, readers]))
        patience = float(equilibrium.parameters.patience[game.parties.index(party)])
        if quantity.observer == "analyst":
            own = () if quantity.type is None else ((party, quantity.type),)
            types = (*quantity.types, *own)
            return spread * self._leaked_mass(leaked, game.periods, patience, types=types)
        each = [self._leaked_mass(leaked, game.periods, patience, (party, kind)) for kind in asked]
        return spread * max(each)

    def _leaked_mass(
        self,
        leaked: EdgeMass,
        periods: int,
        patience: float = 1.0,
        party: tuple[str, str | None] | None = None,
        types: TypesByParty = (),
    ) -> float:
        """What may leak back, each period weighed by patience, as an observer counts plays."""
        equilibrium = self.equilibrium
        observer = (
            equilibrium.observer_measure(*party)
            if party is not None
            else equilibrium.observer_measure(types=dict(types))
        )
        coarser = 2.0 * float(np.exp(equilibrium.belief_grid.spacing.max(initial=0.0)))
        return coarser * leaked(observer, periods, patience)

    def _mass_from_field(
        self, mean: FieldMean, observer: ObserverMeasure, periods: int, patience: float
    ) -> float:
        """The same from where a period begins: what is to come of it at each state and record."""
        ends = observer.edge_leakage
        reader = observer.first_type_probability.tobytes(), observer.prior_logit.tobytes()
        key = (periods, patience, *reader)
        if key not in self._fields:
            rewards = {n: ends * patience**n for n in range(periods)}
            nothing = np.zeros((len(self.game.states), len(ends)))
            self._fields[key] = (
                expected_rewards_to_go(
                    self.equilibrium, periods, rewards=rewards, observer=observer
                )
                if ends.any()
                else nothing
            )
        return mean(self._fields[key], observer)
