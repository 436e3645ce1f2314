"""Whose eyes a play is seen with: the analyst's, a party's, or given some types."""

from dataclasses import dataclass

import numpy as np

from ceasefire.game.states import Floats


@dataclass(frozen=True, eq=False)
class Viewer:
    """The measure under which plays are counted.

    weight  (H, size) chance that the viewer gives each axis's party of being its first type
    coordinate  (H, size) the belief in which the viewer reads between nodes
    """

    weight: Floats
    coordinate: Floats
    logit: Floats  # (H,) log odds of the prior behind `coordinate`

    @property
    def rounding(self) -> Floats:
        """(L,) what the viewer still gives, at the ends of the axes, to types that are ruled out.

        What lies beyond an end is read at it, so this much may come back in each period. A type
        that the viewer knows is never ruled out.
        """
        axes, size = self.weight.shape
        ends = np.zeros((axes, size))
        if axes:
            ends[:, 0], ends[:, -1] = self.weight[:, 0], 1.0 - self.weight[:, -1]
            ends[(self.weight != self.coordinate).any(axis=1)] = 0.0
        total = np.zeros((size,) * axes)
        for h in range(axes):
            total += ends[h].reshape([-1 if other == h else 1 for other in range(axes)])
        found: Floats = total.ravel()
        return found
