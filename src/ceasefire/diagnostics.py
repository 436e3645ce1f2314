"""Where is a problem in a file, and which problems were found so far?"""

import difflib
import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Generic, NoReturn, TypeVar

from ceasefire.errors import CeasefireError, Problem

MOST_PROBLEMS_REPORTED = 300
MOST_NAMES_COMPARED = 300  # more are not searched for the closest one: each takes a while
MOST_NAMES_JOINED = 12
_FAMILY_MEMBER = re.compile(r"(.+)\[(-?[0-9]+)\]")

At = TypeVar("At")


@dataclass(frozen=True)
class TextLocation:
    """A location in a file: path such as `moves.attack.when`, line and column from 1.

    line_starts  (offset in the text, line, column) for each line of a text that may run over
                 several; the column is None if only the line is known; empty if not even that is

    >>> TextLocation("war.yaml", "moves.attack.when", ((0, 7, 11), (8, 8, 5))).position_at(10)
    (8, 7)
    """

    file: str | None = None
    path: str = ""
    line_starts: tuple[tuple[int, int, int | None], ...] = field(default=(), repr=False)

    @classmethod
    def on_line(cls, file: str, line: int) -> "TextLocation":
        """A location of which only the line is known.

        >>> TextLocation.on_line("game.efg", 3).position_at(0)
        (3, None)
        """
        return cls(file, "", ((0, line, None),))

    @property
    def line(self) -> int | None:
        """The line on which the value starts."""
        return self.position_at(0)[0]

    @property
    def column(self) -> int | None:
        """The column at which the value starts."""
        return self.position_at(0)[1]

    def position_at(self, offset: int) -> tuple[int | None, int | None]:
        """Line and column of the character at an offset of the text."""
        if not self.line_starts:
            return None, None
        found = bisect_right(self.line_starts, offset, key=lambda start: start[0]) - 1
        start, line, column = self.line_starts[max(0, found)]
        return line, None if column is None else column + offset - start

    def at_offset(self, offset: int) -> "TextLocation":
        """The location of one character of the text."""
        line, column = self.position_at(offset)
        starts = () if line is None else ((0, line, column),)
        return TextLocation(self.file, self.path, starts)

    def problem(
        self, message: str, offset: int = 0, *, found: str = "", allowed: str = "", help: str = ""
    ) -> Problem:
        """State a problem at this location, or at a character of its text."""
        line, column = self.position_at(offset)
        return Problem(message, self.file, line, column, self.path, found, allowed, help)


UNKNOWN_LOCATION = TextLocation()


class Diagnostics(Generic[At]):
    """The problems and warnings found so far in one input; reporting never stops the reading.

    `At` is what a reader has in hand: a YAML node, a part of Python's tree, a line number, a path
    in a JSON document, an expression. `locate` turns it into a location.

    error     what is raised, with all problems in the order of the file
    locate    the location of a thing
    describe  what is written there, if a report does not say what was `found`
    files     the order of files, if a case extends another; other files come last
    most      no further problem is read after so many
    root      the whole input, where it is said that there are more

    >>> from ceasefire.errors import CaseError
    >>> lines = Diagnostics[int](CaseError, lambda line: TextLocation.on_line("reform.csv", line))
    >>> lines.report(4, "must be a number", found="high", allowed="such as 30 or 12.5")
    >>> lines.report(3, "an actor stands twice", found="Old")
    >>> lines.raise_any()
    Traceback (most recent call last):
    ceasefire.errors.CaseError: reform.csv:3  an actor stands twice, found Old
    reform.csv:4  must be a number, found high; allowed: such as 30 or 12.5
    """

    def __init__(
        self,
        error: type[CeasefireError],
        locate: Callable[[At], TextLocation],
        *,
        describe: Callable[[At], str] | None = None,
        files: Sequence[str] = (),
        most: int = MOST_PROBLEMS_REPORTED,
        root: At | None = None,
    ) -> None:
        """Nothing is reported yet."""
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.locate = locate
        self._error, self._describe = error, describe
        self._files, self._most, self._root = tuple(files), most, root
        self._keyed: dict[Hashable, Problem] = {}

    def report(
        self,
        at: At,
        message: str,
        *,
        found: str | None = None,
        allowed: str = "",
        help: str = "",
        key: Hashable = None,
    ) -> None:
        """Keep a problem; with a `key`, only the first that is reported under it."""
        if self.is_reported(key):
            return
        if found is None:
            found = "" if self._describe is None else self._describe(at)
        problem = self.locate(at).problem(message, found=found, allowed=allowed, help=help)
        self.extend([problem])
        if key is not None:
            self._keyed[key] = problem

    def warn(self, at: At, message: str, *, help: str = "") -> None:
        """Keep what is odd but not wrong."""
        self.warnings.append(self.locate(at).problem(message, help=help))

    def is_reported(self, key: Hashable) -> bool:
        """Whether a problem was reported under this key."""
        return key is not None and key in self._keyed

    def extend(self, problems: Iterable[Problem]) -> None:
        """Keep problems that somebody else found."""
        for problem in problems:
            if len(self.problems) >= self._most:
                self._raise_too_many()
            self.problems.append(problem)

    def merge(self, other: "Diagnostics[At]") -> None:
        """Keep the problems of another collector, but those whose key was reported here."""
        known = {problem for key, problem in other._keyed.items() if key in self._keyed}
        self.extend(problem for problem in other.problems if problem not in known)
        self.warnings.extend(other.warnings)
        self._keyed = {**other._keyed, **self._keyed}

    def fail(
        self, at: At, message: str, *, found: str | None = None, allowed: str = "", help: str = ""
    ) -> NoReturn:
        """Keep a problem after which nothing can be read, and raise what was reported."""
        self.report(at, message, found=found, allowed=allowed, help=help)
        raise self._error(self.sort(self.problems))

    def raise_any(self) -> None:
        """Raise the error if any problem was reported."""
        if self.problems:
            raise self._error(self.sort(self.problems))

    def sort(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems by file, line and column, those alike once; in the order given if equal."""

        def position(problem: Problem) -> tuple[int, int, int]:
            return self.order_of_file(problem.file), problem.line or 0, problem.column or 0

        return sorted(dict.fromkeys(problems), key=position)

    def order_of_file(self, file: str | None) -> int:
        """The place of a file among `files`; after all of them if it is none of them."""
        return self._files.index(file) if file in self._files else len(self._files)

    def _raise_too_many(self) -> NoReturn:
        listed = self.sort(self.problems)
        if self._root is not None:
            help = f"mend the first {self._most}: the rest was not looked at"
            where = self.locate(self._root)
            listed.append(where.problem("there are more problems", help=help))
        raise self._error(listed)


def suggest_closest_name(name: str, known: Iterable[object]) -> str:
    """A way out for a name that does not exist: the closest one that does, or nothing.

    Of two names with the same owner only what follows the dot is compared: `election.stays` is
    not close to `election.change`.

    >>> suggest_closest_name("ceasfire", ["swap", "ceasefire"])
    'did you mean ceasefire?'
    >>> suggest_closest_name("election.stays", ["election.change"])
    ''
    """
    listed = [str(other) for other in known]
    if len(listed) > MOST_NAMES_COMPARED:
        return ""
    owner, _, own_name = name.rpartition(".")
    siblings = [other for other in listed if owner and other.rpartition(".")[0] == owner]
    if siblings:
        own_names = [other.rpartition(".")[2] for other in siblings]
        near = difflib.get_close_matches(own_name, own_names, 1, 0.6)
        return f"did you mean {owner}.{near[0]}?" if near else ""
    found = difflib.get_close_matches(name, listed, 1, 0.6)
    return f"did you mean {found[0]}?" if found else ""


def readable_name(name: str) -> str:
    """A name of a case as people read it, where it has no label.

    >>> readable_name("kyiv_europe")
    'kyiv europe'
    """
    return name.replace("_", " ")


def join_names(names: Iterable[object], most: int = MOST_NAMES_JOINED) -> str:
    """Names separated by commas, the first twelve of them; booleans as YAML writes them.

    >>> join_names([True, "north", 3], most=2)
    'true, north, and 1 more'
    """
    written = [str(name).lower() if isinstance(name, bool) else str(name) for name in names]
    listed = fold_families(written)
    more = f", and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def fold_families(names: Iterable[str]) -> list[str]:
    """Names with those of a family that follow each other as one: `split[0..100]`.

    >>> fold_families(["pass", "split[0]", "split[1]", "split[2]", "sell[5]", "sell[10]"])
    ['pass', 'split[0..2]', 'sell[5, 10]']
    """
    found: list[str] = []
    split = [(name, _FAMILY_MEMBER.fullmatch(name)) for name in names]
    for family, members in groupby(split, key=lambda each: each[1] and each[1][1]):
        listed = list(members)
        values = [int(member[2]) for _, member in listed if member is not None]
        if len(values) < 2:
            found += [name for name, _ in listed]
        elif values == list(range(values[0], values[0] + len(values))):
            found.append(f"{family}[{values[0]}..{values[-1]}]")
        else:
            found.append(f"{family}[{', '.join(map(str, values))}]")
    return found


def shorten_text(text: str, width: int = 60) -> str:
    """Text on one line, cut to a width."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 3] + "..."
