"""Solutions of a game: the equilibrium, play forwards, and what coalitions can secure."""

from ceasefire.solve.equilibrium import default_grid, solve
from ceasefire.solve.follow import Followed, Reader, follow
from ceasefire.solve.play import Certificate, Play
from ceasefire.solve.power import secure
from ceasefire.solve.trace import Monitor, Trace, trace
from ceasefire.solve.viewer import Viewer

__all__ = [
    "Certificate", "Followed", "Monitor", "Play", "Reader", "Trace", "Viewer", "default_grid",
    "follow", "secure", "solve", "trace",
]  # fmt: skip
