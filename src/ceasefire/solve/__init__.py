"""Solutions of a game: the equilibrium, play forwards, and what coalitions can secure."""

from ceasefire.solve.backward import backward
from ceasefire.solve.equilibrium import default_grid, solve
from ceasefire.solve.follow import Followed, Reader, follow
from ceasefire.solve.forever import closed, secure_forever
from ceasefire.solve.grid import NODES, possible
from ceasefire.solve.inverse import Condition, conditions, shares
from ceasefire.solve.onward import Marks, Points, onward, start_point
from ceasefire.solve.play import Certificate, Play
from ceasefire.solve.power import Choice, secure, strategy
from ceasefire.solve.sanctions import Answer, Reason, why
from ceasefire.solve.stability import CONCEPTS, Stability, all_coalitions, stability
from ceasefire.solve.stationary import lasting_strategy
from ceasefire.solve.strength import DEGREES, Strength, apart, below, strength
from ceasefire.solve.trace import Monitor, Trace, trace
from ceasefire.solve.viewer import Viewer
from ceasefire.solve.walks import Branch, Step, tree

__all__ = [
    "CONCEPTS",
    "DEGREES",
    "NODES",
    "Answer",
    "Branch",
    "Certificate",
    "Choice",
    "Condition",
    "Followed",
    "Marks",
    "Monitor",
    "Play",
    "Points",
    "Reader",
    "Reason",
    "Stability",
    "Step",
    "Strength",
    "Trace",
    "Viewer",
    "all_coalitions",
    "apart",
    "backward",
    "below",
    "closed",
    "conditions",
    "default_grid",
    "follow",
    "lasting_strategy",
    "onward",
    "possible",
    "secure",
    "secure_forever",
    "shares",
    "solve",
    "stability",
    "start_point",
    "strategy",
    "strength",
    "trace",
    "tree",
    "why",
]
