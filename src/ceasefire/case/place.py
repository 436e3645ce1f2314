"""Where something stands in the file, down to a character inside a text that runs over lines."""

from bisect import bisect_right
from dataclasses import dataclass, field

from ceasefire.errors import Problem


@dataclass(frozen=True)
class Place:
    """The place of a value: file, path such as `moves.attack.when`, line and column from 1.

    spots  (offset in the text, line, column) for the start of each line of the text

    >>> Place("war.yaml", "moves.attack.when", ((0, 7, 11), (8, 8, 5))).at(10)
    (8, 7)
    """

    file: str | None = None
    path: str = ""
    spots: tuple[tuple[int, int, int], ...] = field(default=(), repr=False)

    @property
    def line(self) -> int | None:
        """The line on which the value starts."""
        return self.spots[0][1] if self.spots else None

    @property
    def column(self) -> int | None:
        """The column at which the value starts."""
        return self.spots[0][2] if self.spots else None

    def at(self, offset: int) -> tuple[int | None, int | None]:
        """Line and column of the character at an offset of the text."""
        if not self.spots:
            return None, None
        found = max(0, bisect_right(self.spots, offset, key=lambda spot: spot[0]) - 1)
        start, line, column = self.spots[found]
        return line, column + offset - start

    def problem(
        self, message: str, offset: int = 0, *, found: str = "", allowed: str = "", advice: str = ""
    ) -> Problem:
        """State a problem at this place, or at a character of its text."""
        line, column = self.at(offset)
        return Problem(message, self.file, line, column, self.path, found, allowed, advice)


NOWHERE = Place()
