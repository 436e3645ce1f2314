"""The options that all commands share which solve a game."""

import math
from dataclasses import dataclass

from ceasefire.errors import Problem, QuestionError


@dataclass(frozen=True)
class Options:
    """How a command was asked to work; memory in gigabytes.

    Raises QuestionError for an even grid and for memory that is no amount.

    >>> Options(grid=4)
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
        if self.grid is not None and (self.grid < 3 or self.grid % 2 == 0):
            message, allowed = "wrong number of belief nodes", "an odd number, 3 or more"
            problems.append(Problem(message, path="--grid", found=str(self.grid), allowed=allowed))
        if not 0 < self.memory < math.inf:
            message, allowed = "no amount of memory", "gigabytes above 0"
            problems.append(
                Problem(message, path="--memory", found=f"{self.memory:g}", allowed=allowed)
            )
        if problems:
            raise QuestionError(problems)

    @property
    def bytes(self) -> float:
        """The memory that a game may take."""
        return self.memory * 1e9
