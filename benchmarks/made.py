"""Games of any size that are made up, and the same games as plain NumPy.

Parties move one after another about a ring of places; every option leads to either of two places.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, loads

Floats = npt.NDArray[np.float64]
SPREAD = 7  # no number of places may be a multiple of it


WORTH_OF_TYPES = {"firm": 1.0, "soft": 0.7, "mild": 0.85, "torn": 0.6}


@dataclass(frozen=True)
class Ring:
    """So many places, parties, options and periods; `hidden` parties have so many `types`."""

    places: int
    parties: int
    options: int
    horizon: int
    hidden: int = 0
    precision: float = 4.0
    patience: float = 0.9
    types: int = 2

    def case(self) -> Case:
        """The case, as an analyst would have written it."""
        if self.places % SPREAD == 0:
            raise ValueError(f"places must not be a multiple of {SPREAD}, got {self.places}")
        people, wants, moves, order = [], [], [], []
        for i in range(self.parties):
            kinds = dict(list(WORTH_OF_TYPES.items())[: self.types])
            prior = ", ".join(f"{kind}: {1 / self.types!r}" for kind in kinds)
            types = f"types: {{{prior}}}, " if i < self.hidden else ""
            by_type = " else ".join(f"{worth} if type == {kind}" for kind, worth in kinds.items())
            worth = f"({by_type} else 0)" if i < self.hidden else "1.0"
            people.append(
                f"  p{i}: {{{types}patience: {self.patience}, precision: {self.precision}}}"
            )
            wants.append(f'  p{i}: {{here: "{worth} * ((place * {11 + 2 * i}) % {self.places})')
            wants[-1] += f' / {self.places}"}}'
            names = [f"p{i}m{k}" for k in range(self.options)]
            order.append(f"  - p{i}: [{', '.join(names)}]")
            for k, name in enumerate(names):
                to = [f"(place * {SPREAD} + {s}) % {self.places}" for s in self._shifts(i, k)]
                outcomes = ", ".join(f'{{chance: 0.5, set: {{place: "{t}"}}}}' for t in to)
                moves.append(f"  {name}: {{by: p{i}, outcomes: [{outcomes}]}}")
        lines = [
            "ceasefire: 1",
            f"horizon: {self.horizon}",
            "ending: nothing",
            *("parties:", *people),
            f"state: {{place: {{values: 0..{self.places - 1}, start: 0}}}}",
            *("payoffs:", *wants, "moves:", *moves, "order:", *order),
        ]
        return loads("\n".join(lines) + "\n")

    def _shifts(self, i: int, k: int) -> tuple[int, int]:
        return 1 + 13 * k + 101 * i, 38 + 29 * k + 57 * i

    def successors(self) -> npt.NDArray[np.int64]:
        """(parties, options, 2, places) where each option leads."""
        place = np.arange(self.places)
        return np.array(
            [
                [
                    [(place * SPREAD + shift) % self.places for shift in self._shifts(i, k)]
                    for k in range(self.options)
                ]
                for i in range(self.parties)
            ]
        )

    def payoff(self) -> Floats:
        """(parties, places) what each gets at a period's end; of a hidden party its first type."""
        place = np.arange(self.places)
        rows = [(place * (11 + 2 * i)) % self.places / self.places for i in range(self.parties)]
        return np.array(rows)

    def by_numpy(self) -> Floats:
        """(parties, places) what everyone expects at the start, types aside."""
        payoff, leads = self.payoff(), self.successors()
        value = np.zeros_like(payoff)
        for _ in range(self.horizon):
            value = payoff + self.patience * value
            for i in reversed(range(self.parties)):
                ahead = 0.5 * (value[:, leads[i, :, 0]] + value[:, leads[i, :, 1]])
                odds = np.exp(self.precision * (ahead[i] - ahead[i].max(axis=0)))
                value = np.einsum("kx,pkx->px", odds / odds.sum(axis=0), ahead)
        return value
