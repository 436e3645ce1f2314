"""The options that all commands share which solve a game."""

import math
from dataclasses import dataclass

from ceasefire.errors import Problem, QuestionError, SolveError


@dataclass(frozen=True)
class CommandOptions:
    """How a command was asked to work; memory in gigabytes.

    Raises QuestionError for a grid that cannot be and for memory that is no amount.

    >>> CommandOptions(grid=4)
    Traceback (most recent call last):
    ceasefire.errors.QuestionError: --grid: wrong number of belief nodes, found 4; ...
    """

    as_json: bool = False
    strict: bool = False
    grid: int | None = None
    memory: float = 4.0

    def __post_init__(self) -> None:
        """Refuse what no game can be solved with."""
        problems = []
        if self.grid is not None:  # the solver takes a second to load
            from ceasefire.equilibrium import ALLOWED_GRID_SIZES, check_grid_size

            try:
                check_grid_size(self.grid)
            except SolveError:
                message, found = "wrong number of belief nodes", str(self.grid)
                problems.append(
                    Problem(message, path="--grid", found=found, allowed=ALLOWED_GRID_SIZES)
                )
        if not 0 < self.memory < math.inf:
            message, allowed = "not an amount of memory", "gigabytes above 0"
            problems.append(
                Problem(message, path="--memory", found=f"{self.memory:g}", allowed=allowed)
            )
        if problems:
            raise QuestionError(problems)

    @property
    def memory_bytes(self) -> float:
        """The memory that a game may take."""
        return self.memory * 1e9
