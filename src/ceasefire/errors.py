"""Everything that is raised on purpose.

    CeasefireError
    ├── ExpressionError   an expression does not parse, or reads what it may not
    ├── CaseError         the case file has problems
    ├── GameError         a reachable state makes a number impossible, or the game is too large
    ├── SolveError        play cannot be computed as asked
    ├── QuestionError     a quantity, formula or option has no meaning
    ├── WorldError        a draw of the unknowns makes a number impossible
    ├── EvidenceError     what happened, or a class of past wars, cannot be read or compared
    └── WebError          the application cannot be served, or is asked for too much

Each carries its problems, all of them, in the order of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands, what was found, what is allowed, a way out.

    line and column count from 1; path is written as in `moves.attack.when`.

    >>> print(Problem("must be a whole number", "war.yaml", 3, 10, "horizon", found="36.5"))
    war.yaml:3:10  horizon: must be a whole number, found 36.5
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str = ""
    found: str = ""
    allowed: str = ""
    help: str = ""

    def as_json(self) -> dict[str, str | int | None]:
        """Give the seven keys that `--json` prints."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "found": self.found or self.message,
            "allowed": self.allowed,
            "help": self.help,
        }

    def __str__(self) -> str:
        marks = (self.file, self.line, self.column)
        place = ":".join(str(mark) for mark in marks if mark is not None)
        sentence = f"{self.path}: {self.message}" if self.path else self.message
        if self.found:
            sentence += f", found {self.found}"
        for more in (self.allowed and f"allowed: {self.allowed}", self.help):
            if more:
                sentence += f"; {more}"
        return f"{place}  {sentence}" if place else sentence


class CeasefireError(Exception):
    """The root of what this package raises; `problems` lists every fault that was found.

    >>> CeasefireError("no such case").problems[0].message
    'no such case'
    """

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        """Take the problems, or one sentence that becomes the only problem."""
        listed = [Problem(problems)] if isinstance(problems, str) else problems
        self.problems: tuple[Problem, ...] = tuple(listed)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ExpressionError(CeasefireError):
    """An expression does not parse, or reads what it may not."""


class CaseError(CeasefireError):
    """The case file has problems."""


class GameError(CeasefireError):
    """A reachable state makes a number impossible, or the game is too large."""


class SolveError(CeasefireError):
    """Play cannot be computed as asked."""


class QuestionError(CeasefireError):
    """A quantity, formula or option has no meaning."""


class WorldError(CeasefireError):
    """A draw of the unknowns makes a number impossible."""


class EvidenceError(CeasefireError):
    """What happened, or a class of past wars, cannot be read or compared."""


class WebError(CeasefireError):
    """The application cannot be served as asked, or is asked for more than it may do."""
