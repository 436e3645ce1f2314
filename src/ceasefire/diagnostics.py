"""Where something stands in the file, down to a character inside a text that runs over lines."""

import difflib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from ceasefire.errors import Problem


@dataclass(frozen=True)
class TextLocation:
    """The place of a value: file, path such as `moves.attack.when`, line and column from 1.

    line_starts  (offset in the text, line, column) for the start of each line of the text

    >>> TextLocation("war.yaml", "moves.attack.when", ((0, 7, 11), (8, 8, 5))).position_at(10)
    (8, 7)
    """

    file: str | None = None
    path: str = ""
    line_starts: tuple[tuple[int, int, int], ...] = field(default=(), repr=False)

    @property
    def line(self) -> int | None:
        """The line on which the value starts."""
        return self.line_starts[0][1] if self.line_starts else None

    @property
    def column(self) -> int | None:
        """The column at which the value starts."""
        return self.line_starts[0][2] if self.line_starts else None

    def position_at(self, offset: int) -> tuple[int | None, int | None]:
        """Line and column of the character at an offset of the text."""
        if not self.line_starts:
            return None, None
        found = max(0, bisect_right(self.line_starts, offset, key=lambda spot: spot[0]) - 1)
        start, line, column = self.line_starts[found]
        return line, column + offset - start

    def problem(
        self, message: str, offset: int = 0, *, found: str = "", allowed: str = "", help: str = ""
    ) -> Problem:
        """State a problem at this place, or at a character of its text."""
        line, column = self.position_at(offset)
        return Problem(message, self.file, line, column, self.path, found, allowed, help)


UNKNOWN_LOCATION = TextLocation()

MOST_NAMES_COMPARED = 300  # more are not searched for the closest one: each takes a while


def suggest_closest_name(name: str, known: Iterable[object]) -> str:
    """A way out for a name that does not exist: the closest one that does, or nothing.

    >>> suggest_closest_name("ceasfire", ["swap", "ceasefire"])
    'did you mean ceasefire?'
    """
    listed = [str(other) for other in known]
    if len(listed) > MOST_NAMES_COMPARED:
        return ""
    found = difflib.get_close_matches(name, listed, 1, 0.6)
    return f"did you mean {found[0]}?" if found else ""
