"""How a program writes a case: names that the format accepts, and YAML that reads well."""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ceasefire.case.resolution_context import RESERVED_NAMES
from ceasefire.case.yaml_nodes import CONTROL_CHARACTERS
from ceasefire.case.yaml_words import needs_quotes_in_yaml
from ceasefire.errors import CaseError, Problem


@dataclass(frozen=True)
class ConvertedFile:
    """The text of a converted file, and what the conversion lost or assumed.

    text   the whole file
    notes  one sentence for each thing that the format cannot carry or expresses differently
    """

    text: str
    notes: tuple[str, ...]


LARGEST_IMPORT_BYTES = 10_000_000
_DISALLOWED_CHARACTER = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_UNQUOTED_START = re.compile(r"[\w(.-]")  # what YAML may take for something else begins otherwise
_RANGE = re.compile(r"-?\d+\.\.-?\d+")
MOST_ONE_LINE_DEPTH = 4  # what is nested deeper is written in blocks


class UniqueIdentifiers:
    """Hands out names for a case: no name twice, and none that the format reserves."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Start with the names that may not be given; none but reserved ones if left out."""
        self.taken = set(taken)

    def allocate(self, label: str, fallback: str) -> str:
        """A free identifier as close to a label as possible; it counts as taken from then on.

        label     any text: accents are dropped, and what is neither letter nor digit becomes `_`
        fallback  the name if nothing of the label is left; also put before a leading digit

        >>> names = UniqueIdentifiers()
        >>> labels = ("No. 1", "no-1", "1st", "État", "in", "…")
        >>> [names.allocate(label, "actor") for label in labels]
        ['no_1', 'no_1_2', 'actor_1st', 'etat', 'in_', 'actor']
        """
        plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or fallback
        if name[0].isdigit():
            name = f"{fallback}_{name}"
        name += "_" * (name in RESERVED_NAMES)
        identifier, number = name, 1
        while identifier in self.taken:
            number += 1
            identifier = f"{name}_{number}"
        self.taken.add(identifier)
        return identifier


def case_to_yaml(document: Mapping[str, Any]) -> str:
    """A case, given as nested mappings and lists, as YAML text.

    Sections are blocks with one line for each thing in them; what is nested deeper than four
    levels is written as a block too.
    """
    writer = YAML()
    writer.width = 10_000
    stream = io.StringIO()
    writer.dump(_style_yaml(document, 0), stream)
    return stream.getvalue()


def _style_yaml(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        block = CommentedMap(
            (quoted_where_needed(key), _style_yaml(item, depth + 1)) for key, item in value.items()
        )
        if depth >= 2 and _nesting_depth(value) <= MOST_ONE_LINE_DEPTH:
            block.fa.set_flow_style()
        return block
    if isinstance(value, list):
        items = CommentedSeq(_style_yaml(item, depth + 1) for item in value)
        nested = any(isinstance(x, Mapping) for item in value for x in _items_of(item))
        if depth >= 3 or not nested:
            items.fa.set_flow_style()
        return items
    return quoted_where_needed(value)


def _items_of(value: Any) -> Iterable[Any]:
    """What a list holds; anything else holds itself."""
    return value if isinstance(value, list) else [value]


def quoted_where_needed(value: Any) -> Any:
    """Text in quotes where a reader of YAML, 1.1 or 1.2, may take it for something else."""
    if not isinstance(value, str) or not value:
        return value
    if _RANGE.fullmatch(value) or (
        _UNQUOTED_START.match(value) and not needs_quotes_in_yaml(value)
    ):
        return value
    return DoubleQuotedScalarString(value)


def _nesting_depth(value: Any) -> int:
    inside = value.values() if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping | list):
        return 0
    return 1 + max((_nesting_depth(item) for item in inside), default=0)


def format_fraction(value: Fraction) -> str:
    """A number as an expression of a case: decimal where that is exact, else a fraction.

    >>> [format_fraction(Fraction(*parts)) for parts in ((5, 4), (1, 3), (-2, 1))]
    ['1.25', '1 / 3', '-2']
    """
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if value.denominator == 1:
        return str(value.numerator)
    return repr(float(value)) if rest == 1 else f"{value.numerator} / {value.denominator}"


def decode_import(content: bytes, file: str, *, of_spreadsheet: bool = False) -> str:
    """The text of a file to import, with line feeds only.

    content         the bytes of the file
    file            its name in problems
    of_spreadsheet  whether it may also be UTF-16 with its mark, or cp1252, as Excel saves text

    Raises CaseError, with the line where there is one, for a file that is over 10 MB, is not UTF-8
    or has control characters.
    """
    if len(content) > LARGEST_IMPORT_BYTES:
        raise CaseError([Problem("file is too large", file, allowed="10 MB")])
    text = _decode_spreadsheet(content) if of_spreadsheet else None
    try:
        text = content.decode("utf-8-sig") if text is None else text
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CaseError([Problem("is not UTF-8 text", file, line)]) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if strange := _DISALLOWED_CHARACTER.search(text) or CONTROL_CHARACTERS.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        found = f"U+{ord(strange[0]):04X}"
        raise CaseError([Problem("character is not allowed", file, line, found=found)])
    return text


def _decode_spreadsheet(content: bytes) -> str | None:
    """The text if it is UTF-16 or cp1252, else None."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        try:
            content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252")
    except UnicodeDecodeError:
        pass
    return None
