"""A sheet that experts fill in, one row for each unknown, and the case with what they said.

A sheet is CSV. It is read whatever the program that saved it made of it: commas, semicolons, tabs
or bars between cells, a byte order mark, decimal commas, `50 %`. What an expert says of an unknown
takes the place of its distribution; reasons become comments beside the numbers.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ceasefire.case import Case, loads
from ceasefire.case.judgements import QUANTILE_LEVELS
from ceasefire.diagnostics import join_names, suggest_closest_name
from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_writer import ConvertedFile, UniqueIdentifiers

NAME_COLUMN, REASON_COLUMN = "name", "reasons"
POINT_COLUMNS = tuple(f"{100 * level:g} %" for level in QUANTILE_LEVELS)
SHEET_COLUMNS = (NAME_COLUMN, "what it is", "unit", *POINT_COLUMNS, REASON_COLUMN)
_DELIMITERS = ",;\t|"
_FORMULA_STARTS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"([-+]?)([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(e[-+]?[0-9]+)?(%?)", re.IGNORECASE)


@dataclass(frozen=True)
class SheetAnswer:
    """What one expert says of one unknown: the three points, and why."""

    points: tuple[float, ...]
    reason: str


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read: who filled it in, and what was said of which unknown."""

    expert: str
    name: str
    answers: Mapping[str, SheetAnswer]


def to_sheet(case: Case) -> ConvertedFile:
    """Write the sheet for the experts of a case: one row for each unknown.

    case  the case

    The three columns for 5, 50 and 95 % and that for reasons are empty.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {rate: {range: [0, 4], unit: a month, about: How fast it grows.}}
    ... parties: {a: {}}
    ... state: {war: {}}
    ... payoffs: {a: {war: -rate * war}}
    ... ''')
    >>> print(to_sheet(case).text.lstrip("\\ufeff"), end="")
    name,what it is,unit,5 %,50 %,95 %,reasons
    rate,How fast it grows.,a month,,,,
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(SHEET_COLUMNS)
    for name, unknown in case.unknowns.items():
        about, unit = (_as_cell(text) for text in (unknown.about, unknown.unit))
        writer.writerow((name, about, unit, "", "", "", ""))
    return ConvertedFile("\ufeff" + stream.getvalue(), ())


def _as_cell(text: str | None) -> str:
    """A text on one line that no spreadsheet takes for a formula."""
    shown = " ".join((text or "").split())
    return f" {shown}" if shown.startswith(_FORMULA_STARTS) else shown


def read_sheets(case: Case, sheets: Sequence[tuple[str, bytes]]) -> tuple[Sheet, ...]:
    """Read what experts said.

    case    the case that the sheets were written for
    sheets  name and content of each file; the expert is called as the file is

    Rows whose three cells are empty are left out. Raises CaseError with every fault of all sheets,
    each with its file, row and column.
    """
    problems: list[Problem] = []
    found, names = [], UniqueIdentifiers()
    for file, content in sheets:
        stem = PurePath(file).stem
        answers = dict(_read_answers(case, file, content, problems))
        found.append(Sheet(names.allocate(stem, "expert"), stem, answers))
    if problems:
        raise CaseError(problems)
    return tuple(found)


def _read_answers(
    case: Case, file: str, content: bytes, problems: list[Problem]
) -> Iterator[tuple[str, SheetAnswer]]:
    try:
        rows = _rows(content)
    except csv.Error:  # a cell of more than 131 072 characters
        rows = []
    head = [_plain(cell) for cell in rows[0]] if rows else []
    places = {name: head.index(_plain(name)) for name in SHEET_COLUMNS if _plain(name) in head}
    missing = [name for name in (NAME_COLUMN, *POINT_COLUMNS) if name not in places]
    if missing:
        problems.append(
            Problem(
                "is no sheet for experts",
                file,
                1,
                found=", ".join(rows[0]) if rows else "nothing",
                allowed=f"a first row with {join_names((NAME_COLUMN, *POINT_COLUMNS))}",
                help="`ceasefire elicit CASE -o sheet.csv` writes one; save it as CSV",
            )
        )
        return
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(head) and any(cell.strip() for cell in row[len(head) :]):
            problems.append(
                Problem(
                    "row has more cells than the first",
                    file,
                    number,
                    found=f"{len(row)} cells",
                    allowed=f"{len(head)}",
                    help="save with another delimiter than the decimal comma, or quote the numbers",
                )
            )
            continue
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        if not any(cells[column] for column in POINT_COLUMNS):
            continue
        before = len(problems)
        name = cells[NAME_COLUMN]
        at = places[NAME_COLUMN] + 1
        if name not in case.unknowns:
            problems.append(
                Problem(
                    "no such unknown",
                    file,
                    number,
                    at,
                    found=name or "an empty cell",
                    allowed=join_names(case.unknowns),
                    help=suggest_closest_name(name, case.unknowns),
                )
            )
        elif name in seen:
            problems.append(
                Problem(
                    "unknown stands twice",
                    file,
                    number,
                    at,
                    found=name,
                    help=f"it is in row {seen[name]} already",
                )
            )
        elif case.unknowns[name].points_are == "range":
            problems.append(
                Problem(
                    "the case asks for lowest, best and highest value",
                    file,
                    number,
                    at,
                    found=name,
                    allowed="unknowns without `is: range`",
                    help="remove `is: range` and its numbers from the case",
                )
            )
        seen.setdefault(name, number)
        points = [_point(file, number, places[c] + 1, cells[c], problems) for c in POINT_COLUMNS]
        values = tuple(point for point in points if point is not None)
        if len(values) == len(points) and not values[0] < values[1] < values[2]:
            problems.append(
                Problem(
                    "numbers must increase",
                    file,
                    number,
                    places[POINT_COLUMNS[0]] + 1,
                    found=", ".join(f"{value:g}" for value in values),
                    allowed="each above the one before",
                )
            )
        if len(problems) == before:
            yield name, SheetAnswer(values, " ".join(cells.get(REASON_COLUMN, "").split()))


def _rows(content: bytes) -> list[list[str]]:
    """The cells of a sheet, with whatever delimiter makes most of its first row."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    first = next(iter(text.splitlines()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _plain(cell: str) -> str:
    return re.sub(r"\s+", "", cell).lower()


def _point(file: str, row: int, column: int, cell: str, problems: list[Problem]) -> float | None:
    """The number in a cell, or None after saying that there is none."""
    text = re.sub(r"\s+", "", cell).replace("\N{MINUS SIGN}", "-")
    if found := _NUMBER.fullmatch(text):
        sign, digits, power, percent = found.groups()
        value = float(f"{sign}{digits.replace(',', '.')}{power or ''}")
        if percent:
            value = float(f"{value / 100:.15g}")
        return value
    problems.append(
        Problem(
            "is no number" if text else "number is missing",
            file,
            row,
            column,
            found=cell or "an empty cell",
            allowed="a number such as 0.3, 0,3 or 30 %",
            help="leave all three cells empty to say nothing of an unknown",
        )
    )
    return None


def add_experts(text: str, file: str, case: Case, sheets: Sequence[Sheet]) -> ConvertedFile:
    """Put what experts said into the text of a case; comments and layout stay.

    text    the text of the case
    file    where it is to be written, for messages
    case    the case
    sheets  what experts said

    What is said of an unknown takes the place of its distribution and of `best`, and of what the
    same expert said of it before. Raises CaseError with what is wrong with the case that comes out.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    if re.search(r"(?m)^( *)[\w.]+:[^\S\n]*(#.*)?\n\1  +- ", text):
        yaml.indent(mapping=2, sequence=4, offset=2)
    document: Any = yaml.load(text)
    notes: list[str] = []
    declared = _section(document, "experts", before="unknowns")
    unknowns = _section(document, "unknowns")
    for sheet in sheets:
        if sheet.expert not in case.experts:
            declared[sheet.expert] = _flow_mapping({"name": sheet.name})
        if not sheet.answers:
            notes.append(f"{sheet.name} says nothing of any unknown.")
    for name, unknown in case.unknowns.items():
        said = {one.expert: one.answers[name] for one in sheets if name in one.answers}
        if not said:
            continue
        written = unknowns.setdefault(name, CommentedMap())
        if unknown.kind != "experts":
            gone = [key for key in (unknown.kind, "best") if key and key in written]
            for key in gone:
                del written[key]
            if gone:
                listed = " and ".join(f"`{key}`" for key in gone)
                notes.append(f"{name}: {listed} gave way to what experts say.")
        written.fa.set_block_style()
        _write_answers(_section(written, "experts"), said)
    stream = io.StringIO()
    yaml.dump(document, stream)
    loads(stream.getvalue(), file)
    return ConvertedFile(stream.getvalue(), tuple(notes))


def _write_answers(block: CommentedMap, said: Mapping[str, SheetAnswer]) -> None:
    block.fa.set_block_style()
    for expert, answer in said.items():
        points = CommentedSeq(_as_written(value) for value in answer.points)
        points.fa.set_flow_style()
        block[expert] = points
        if answer.reason:
            block.yaml_add_eol_comment(answer.reason, expert, column=0)


def _section(document: CommentedMap, name: str, before: str | None = None) -> CommentedMap:
    """A mapping under this key, made where there is none."""
    if document.get(name) is None:
        place = list(document).index(before) if before in document else len(document)
        document.insert(place, name, CommentedMap())
    found: CommentedMap = document[name]
    return found


def _flow_mapping(content: Mapping[str, str]) -> CommentedMap:
    found = CommentedMap(content)
    found.fa.set_flow_style()
    return found


def _as_written(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value
