"""The options that all commands share that solve a game."""

from dataclasses import dataclass

from ceasefire.errors import Problem, QuestionError, SolveError
from ceasefire.settings import (
    ALLOWED_GRID_SIZES,
    DEFAULT_TOLERANCE,
    SolveSettings,
    check_grid_size,
    check_memory,
    check_tolerance,
)


@dataclass(frozen=True)
class CommandOptions:
    """How a command was asked to work.

    as_json    print one JSON document instead of tables
    strict     exit with status 1 if a case has warnings
    grid       belief nodes for each party with types, chosen automatically if None
    memory     gigabytes that a game may take
    tolerance  the grid change at which a grid that is chosen is fine enough

    Raises QuestionError for an impossible grid, and for memory or a tolerance that is not a
    positive number.

    >>> CommandOptions(grid=4)
    Traceback (most recent call last):
    ceasefire.errors.QuestionError: --grid: wrong number of belief nodes, found 4; ...
    """

    as_json: bool = False
    strict: bool = False
    grid: int | None = None
    memory: float = 4.0
    tolerance: float = DEFAULT_TOLERANCE

    def __post_init__(self) -> None:
        """Raise QuestionError for values with which no game can be solved."""
        problems = []
        if self.grid is not None:
            try:
                check_grid_size(self.grid)
            except SolveError:
                message, found = "wrong number of belief nodes", str(self.grid)
                problems.append(
                    Problem(message, path="--grid", found=found, allowed=ALLOWED_GRID_SIZES)
                )
        try:
            check_memory(self.memory * 1e9)
        except SolveError:
            message, allowed = "not an amount of memory", "gigabytes above 0"
            problems.append(
                Problem(message, path="--memory", found=f"{self.memory:g}", allowed=allowed)
            )
        try:
            check_tolerance(self.tolerance)
        except SolveError:
            found, allowed = f"{self.tolerance:g}", "a number above 0"
            problems.append(
                Problem("not a tolerance", path="--tolerance", found=found, allowed=allowed)
            )
        if problems:
            raise QuestionError(problems)

    @property
    def settings(self) -> SolveSettings:
        """How large a solution may be, in bytes."""
        return SolveSettings(self.grid, self.memory * 1e9, self.tolerance)
