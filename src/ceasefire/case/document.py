"""A YAML text as a tree in which every key and value knows its place.

The parser's events are read one by one, so that depth, aliases, tags and duplicate keys are
checked before anything is built. Scalars stay texts: what they mean is decided by who reads them.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from ceasefire.case.place import Place
from ceasefire.errors import CaseError, Problem

LARGEST = 10_000_000
# these change what a terminal shows
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUE, _FALSE = {"true", "True", "TRUE"}, {"false", "False", "FALSE"}
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Source:
    """The text of a file; offsets count characters of it."""

    file: str
    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, file: str, text: str) -> "Source":
        """Note where each line starts."""
        return cls(file, text, (0, *(found.end() for found in re.finditer("\n", text))))

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


@dataclass(frozen=True)
class Scalar:
    """A text; `plain` if without quotes and no block, `lost` if YAML could not read it."""

    source: Source = field(repr=False)
    start: int
    end: int
    text: str
    plain: bool
    alias: bool = False
    lost: bool = False

    @property
    def null(self) -> bool:
        """Whether YAML 1.2 reads nothing here."""
        return self.plain and self.text in _NULLS and not self.lost

    @property
    def boolean(self) -> bool | None:
        """true or false as YAML 1.2 reads it; None for anything else."""
        if not self.plain or self.text not in _TRUE | _FALSE:
            return None
        return self.text in _TRUE

    @property
    def whole(self) -> int | None:
        """A whole number as YAML 1.2 reads it (012 is 12); None for anything else."""
        if not self.plain or len(self.text) > 400 or not _WHOLE.fullmatch(self.text):
            return None
        return int(self.text, 0 if self.text[:2] in ("0x", "0o") else 10)

    @property
    def number(self) -> float | None:
        """A number as YAML 1.2 reads it, perhaps infinite; None for anything else."""
        if self.whole is not None:
            return float(self.whole) if abs(self.whole) < 1e308 else float("inf")
        if self.plain and _REAL.fullmatch(self.text):
            return float(self.text)
        if self.plain and (found := re.fullmatch(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)", self.text)):
            return float(found[1] + found[2])
        return None


@dataclass(frozen=True)
class Block:
    """A mapping: each name with its key and its value, in file order."""

    source: Source = field(repr=False)
    start: int
    entries: dict[str, tuple[Scalar, "Node"]]


@dataclass(frozen=True)
class Items:
    """A list."""

    source: Source = field(repr=False)
    start: int
    items: list["Node"]


Node = Scalar | Block | Items


def read(path: str | Path) -> Source:
    """Read a file: UTF-8 with or without BOM, CRLF or LF, at most 10 MB."""
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        help = "see whether the path is right; ceasefire new FILE writes a first case"
        raise CaseError([Problem("file cannot be read", file, found=reason, help=help)]) from None
    return decode(content, file)


def decode(content: bytes, file: str) -> Source:
    """The text of a file's bytes."""
    if len(content) > LARGEST:
        raise CaseError([Problem("file is too large", file, allowed="at most 10 MB")])
    try:
        return normal(content.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise CaseError(
            [
                Problem(
                    "is not UTF-8",
                    file,
                    line,
                    column,
                    found=f"byte 0x{content[error.start]:02x}",
                    help="save the file as UTF-8",
                )
            ]
        ) from None


def normal(text: str, file: str) -> Source:
    """The source of a text, line ends made alike."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Source.of(file, text)


def place(node: Node, path: str) -> Place:
    """The place of a value; inside a text that runs over lines, of each line of it."""
    source = node.source
    line, column = source.at(node.start)
    if not isinstance(node, Scalar) or node.alias:
        return Place(source.file, path, ((0, line, column),))
    return Place(source.file, path, _spots(node) or ((0, line, column),))


def _spots(node: Scalar) -> tuple[tuple[int, int, int], ...]:
    """Where each line of a text stands, found by counting the characters that are not blank."""
    raw_start, raw = node.start, node.source.text[node.start : node.end]
    if raw[:1] in ("|", ">"):
        head = raw.find("\n") + 1
        raw_start, raw = raw_start + head, raw[head:]
    elif not node.plain:
        raw_start, raw = raw_start + 1, raw[1:-1]
    written = [(letter, offset) for offset, letter in enumerate(raw) if not letter.isspace()]
    meant = [(letter, offset) for offset, letter in enumerate(node.text) if not letter.isspace()]
    if [letter for letter, _ in written] != [letter for letter, _ in meant]:
        return ()
    spots: list[tuple[int, int, int]] = []
    for (_, there), (_, here) in zip(written, meant, strict=True):
        line, column = node.source.at(raw_start + there)
        if not spots or spots[-1][1] != line:
            spots.append((here if spots else 0, line, column if spots else column - here))
    if spots and spots[0][2] < 1:
        spots[0] = (0, spots[0][1], 1)
    return tuple(spots)
