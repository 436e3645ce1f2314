"""How large may a solution be, and how long a quick answer take? The bounds, and their checks."""

import math
from dataclasses import dataclass

from ceasefire.errors import SolveError

DEFAULT_MEMORY_BYTES = 4e9
DEFAULT_TOLERANCE = 0.005
QUICK_SECONDS = 20.0  # a quick answer is there within 30, start and output included
MAX_GRID_SIZE = 1_000_001
ALLOWED_GRID_SIZES = f"an odd number of nodes from 3 to {MAX_GRID_SIZE:,}"


@dataclass(frozen=True)
class SolveSettings:
    """How large a solution may be.

    grid       belief nodes for each party with types, odd, from 3; None chooses by the size of the
               game and the tolerance
    memory     bytes that one game, solution or automaton may take
    tolerance  the stated grid change at which a grid that is chosen is fine enough

    Raises SolveError for a grid that no axis has, and for memory or a tolerance that is not a
    positive number.

    >>> SolveSettings(grid=4)
    Traceback (most recent call last):
    ceasefire.errors.SolveError: a grid needs an odd number of nodes from 3 to 1,000,001, got 4
    """

    grid: int | None = None
    memory: float = DEFAULT_MEMORY_BYTES
    tolerance: float = DEFAULT_TOLERANCE

    def __post_init__(self) -> None:
        """Raise SolveError for settings with which no game can be solved."""
        if self.grid is not None:
            check_grid_size(self.grid)
        check_memory(self.memory)
        check_tolerance(self.tolerance)


def check_grid_size(size: int) -> None:
    """Raise SolveError for a number of grid points that no axis has."""
    if size < 3 or size % 2 == 0 or size > MAX_GRID_SIZE:
        raise SolveError(f"a grid needs {ALLOWED_GRID_SIZES}, got {size}")


def check_memory(memory: float) -> None:
    """Raise SolveError for a number of bytes that is not above 0 and finite."""
    if not 0 < memory < math.inf:
        raise SolveError(f"memory must be a number of bytes above 0, got {memory:g}")


def check_tolerance(tolerance: float) -> None:
    """Raise SolveError for a tolerance that is not above 0 and finite."""
    if not 0 < tolerance < math.inf:
        raise SolveError(f"a tolerance must be a number above 0, got {tolerance:g}")


DEFAULT_SETTINGS = SolveSettings()
