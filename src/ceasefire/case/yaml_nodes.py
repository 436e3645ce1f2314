"""What is a YAML text as a tree in which every key and value knows its location?

The parser's events are read one by one, so that depth, aliases, tags and duplicate keys are
checked before anything is built. Scalars stay texts: what they mean is decided by who reads them.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ceasefire.diagnostics import Diagnostics, TextLocation, shorten_text
from ceasefire.errors import CaseError, Problem

LARGEST_FILE_BYTES = 10_000_000
# these change what a terminal shows
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NULL_TEXTS = {"", "~", "null", "Null", "NULL"}
_TRUE_TEXTS, _FALSE_TEXTS = {"true", "True", "TRUE"}, {"false", "False", "FALSE"}
_INTEGER_PATTERN = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_REAL_PATTERN = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class FileText:
    """The text of a file; offsets count characters of it."""

    file: str
    text: str
    line_starts: tuple[int, ...]

    @classmethod
    def from_text(cls, file: str, text: str) -> "FileText":
        """Note where each line starts."""
        return cls(file, text, (0, *(found.end() for found in re.finditer("\n", text))))

    def position_at(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1


@dataclass(frozen=True)
class YamlScalar:
    """A text; `is_plain` if without quotes and no block, `unreadable` if YAML could not read it."""

    file_text: FileText = field(repr=False)
    start: int
    end: int
    text: str
    is_plain: bool
    is_alias: bool = False
    unreadable: bool = False

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2 reads nothing here."""
        return self.is_plain and self.text in _NULL_TEXTS and not self.unreadable

    @property
    def boolean(self) -> bool | None:
        """true or false as YAML 1.2 reads it; None for anything else."""
        if not self.is_plain or self.text not in _TRUE_TEXTS | _FALSE_TEXTS:
            return None
        return self.text in _TRUE_TEXTS

    @property
    def integer(self) -> int | None:
        """A whole number as YAML 1.2 reads it (012 is 12); None for anything else."""
        if not self.is_plain or len(self.text) > 400 or not _INTEGER_PATTERN.fullmatch(self.text):
            return None
        return int(self.text, 0 if self.text[:2] in ("0x", "0o") else 10)

    @property
    def number(self) -> float | None:
        """A number as YAML 1.2 reads it, perhaps infinite; None for anything else."""
        if self.integer is not None:
            return float(self.integer) if abs(self.integer) < 1e308 else float("inf")
        if self.is_plain and _REAL_PATTERN.fullmatch(self.text):
            return float(self.text)
        if self.is_plain and (
            found := re.fullmatch(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)", self.text)
        ):
            return float(found[1] + found[2])
        return None


@dataclass(frozen=True)
class YamlMapping:
    """A mapping: each name with its key and its value, in file order."""

    file_text: FileText = field(repr=False)
    start: int
    entries: dict[str, tuple[YamlScalar, "YamlNode"]]


@dataclass(frozen=True)
class YamlSequence:
    """A list."""

    file_text: FileText = field(repr=False)
    start: int
    items: list["YamlNode"]


YamlNode = YamlScalar | YamlMapping | YamlSequence


def read_file_text(path: str | Path) -> FileText:
    """Read a file: UTF-8 with or without BOM, CRLF or LF, at most 10 MB."""
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        help = "see whether the path is right; ceasefire new FILE writes a first case"
        raise CaseError([Problem("file cannot be read", file, found=reason, help=help)]) from None
    return decode_file_text(content, file)


def decode_file_text(content: bytes, file: str) -> FileText:
    """The text of a file's bytes."""
    if len(content) > LARGEST_FILE_BYTES:
        raise CaseError([Problem("file is too large", file, allowed="at most 10 MB")])
    try:
        return normalise_text(content.decode("utf-8-sig"), file)
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


def normalise_text(text: str, file: str) -> FileText:
    """The source of a text, line ends made alike."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return FileText.from_text(file, text)


def locate_node(node: YamlNode, path: str) -> TextLocation:
    """The place of a value; inside a text that runs over lines, of each line of it."""
    source = node.file_text
    line, column = source.position_at(node.start)
    if not isinstance(node, YamlScalar) or node.is_alias:
        return TextLocation(source.file, path, ((0, line, column),))
    return TextLocation(source.file, path, _scalar_line_starts(node) or ((0, line, column),))


def _scalar_line_starts(node: YamlScalar) -> tuple[tuple[int, int, int], ...]:
    """Where each line of a text stands, found by counting the characters that are not blank."""
    raw_start, raw = node.start, node.file_text.text[node.start : node.end]
    if raw[:1] in ("|", ">"):
        head = raw.find("\n") + 1
        raw_start, raw = raw_start + head, raw[head:]
    elif not node.is_plain:
        raw_start, raw = raw_start + 1, raw[1:-1]
    written = [(letter, offset) for offset, letter in enumerate(raw) if not letter.isspace()]
    meant = [(letter, offset) for offset, letter in enumerate(node.text) if not letter.isspace()]
    if [letter for letter, _ in written] != [letter for letter, _ in meant]:
        return ()
    spots: list[tuple[int, int, int]] = []
    for (_, there), (_, here) in zip(written, meant, strict=True):
        line, column = node.file_text.position_at(raw_start + there)
        if not spots or spots[-1][1] != line:
            spots.append((here if spots else 0, line, column if spots else column - here))
    if spots and spots[0][2] < 1:
        spots[0] = (0, spots[0][1], 1)
    return tuple(spots)


def case_diagnostics(
    tree: YamlNode, sources: Sequence[FileText], paths_from: YamlNode | None = None
) -> Diagnostics[YamlNode]:
    """The collector of a case's problems, which knows the path of each key and value.

    tree        the case, with everything it extends
    sources     its files in the order in which they extend each other, the base first
    paths_from  a tree whose paths are those of the nodes that are in it too
    """
    paths = _node_paths(tree)
    if paths_from is not None:
        paths |= _node_paths(paths_from)
    return Diagnostics(
        CaseError,
        lambda node: locate_node(node, paths.get(id(node), "")),
        describe=describe_node,
        files=[source.file for source in reversed(sources)],
        root=tree,
    )


def _node_paths(tree: YamlNode) -> dict[int, str]:
    """The path of every node by its id; a key has the path of its value."""
    paths: dict[int, str] = {}
    waiting: list[tuple[YamlNode, str]] = [(tree, "")]
    while waiting:
        node, path = waiting.pop()
        paths[id(node)] = path
        if isinstance(node, YamlMapping):
            for name, (key, value) in node.entries.items():
                inner = f"{path}.{name}" if path else name
                paths[id(key)] = inner
                waiting.append((value, inner))
        elif isinstance(node, YamlSequence):
            waiting.extend((item, f"{path}[{i}]") for i, item in enumerate(node.items))
    return paths


def order_of_writing(diagnostics: Diagnostics[YamlNode], node: YamlNode) -> tuple[int, int]:
    """Sorts nodes as written: a case comes after the one that it extends."""
    return -diagnostics.order_of_file(node.file_text.file), node.start


def describe_node(node: YamlNode) -> str:
    """A value in a few words.

    >>> from ceasefire.case.yaml_nodes import normalise_text
    >>> describe_node(YamlMapping(normalise_text("", ""), 0, {}))
    'a mapping'
    """
    if isinstance(node, YamlMapping):
        return "a mapping"
    if isinstance(node, YamlSequence):
        return "a list"
    return "nothing (null)" if node.is_null else shorten_text(node.text) or "an empty text"


def expression_text(scalar: YamlScalar) -> str:
    """The expression a scalar stands for: YAML's own numbers and booleans become Python's."""
    if scalar.boolean is not None:
        return "true" if scalar.boolean else "false"
    if scalar.integer is not None and len(scalar.text) < 300:
        return str(scalar.integer)
    return scalar.text
