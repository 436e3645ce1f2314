"""Whose eyes a play is seen with: the analyst's, a party's, or given some types."""

from dataclasses import dataclass

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
