"""A sheet that experts fill in, one row for each unknown, and the case with what they said.

A sheet is a workbook (`.xlsx`) whose cells refuse words, or CSV. CSV is read whatever the program
that saved it made of it: commas, semicolons, tabs or bars between cells, a byte order mark,
decimal commas, `50 %`. What an expert says of an unknown takes the place of its distribution;
reasons become comments beside the numbers.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ceasefire.case import Case, loads
from ceasefire.case.judgements import QUANTILE_LEVELS
from ceasefire.diagnostics import Diagnostics, TextLocation, join_names, suggest_closest_name
from ceasefire.errors import CaseError
from ceasefire.formats.case_writer import ConvertedFile, UniqueIdentifiers, quoted_where_needed

NAME_COLUMN, REASON_COLUMN = "name", "reasons"
POINT_COLUMNS = tuple(f"{100 * level:g} %" for level in QUANTILE_LEVELS)
SHEET_COLUMNS = (NAME_COLUMN, "what it is", "unit", *POINT_COLUMNS, REASON_COLUMN)
WORKBOOK_SUFFIX: Final = ".xlsx"
LARGEST_UNPACKED_BYTES: Final = 50_000_000
MOST_SHEET_ROWS: Final = 10_000
MOST_SHEET_COLUMNS: Final = 100
_COLUMN_WIDTHS = (22, 60, 18, 12, 12, 12, 60)
_INSTRUCTIONS = (
    "Fill in three numbers for each unknown on which you have a view. Begin with the two ends.",
    "5 %: a value so low that you would be surprised by less, once in twenty cases.",
    "95 %: a value so high that you would be surprised by more, once in twenty cases.",
    "50 %: the value that the truth is as likely to exceed as not.",
    "Reasons: what you are thinking of, in your own words.",
    "Leave all three cells empty where you have no view.",
)
_DELIMITERS = ",;\t|"
_FORMULA_STARTS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"([-+]?)([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(e[-+]?[0-9]+)?(%?)", re.IGNORECASE)


@dataclass(frozen=True)
class _Cell:
    """A cell of a sheet, rows and columns counted from 1; the whole row if the column is None."""

    file: str
    row: int
    column: int | None = None

    def location(self) -> TextLocation:
        return TextLocation(self.file, "", ((0, self.row, self.column),))


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
    csv.writer(stream, lineterminator="\n").writerows(_empty_rows(case))
    return ConvertedFile("\ufeff" + stream.getvalue(), ())


def to_workbook(case: Case) -> bytes:
    """Write the sheet for the experts of a case as a workbook; its number cells refuse words.

    case  the case

    The first worksheet has the rows of `to_sheet`, the second says how to fill them in.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {rate: {range: [0, 4]}}
    ... parties: {a: {}}
    ... state: {war: {}}
    ... payoffs: {a: {war: -rate * war}}
    ... ''')
    >>> read_sheets(case, [("desk.xlsx", to_workbook(case))])[0].answers
    {}
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, help_sheet = book.active, book.create_sheet("How to fill it in")
    sheet.title = "Unknowns"
    for row in _empty_rows(case):
        sheet.append([cell or None for cell in row])
    for text in _INSTRUCTIONS:
        help_sheet.append([text])
    for column, width in enumerate(_COLUMN_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    help_sheet.column_dimensions["A"].width = 100
    sheet.freeze_panes = "B2"
    points = [SHEET_COLUMNS.index(column) + 1 for column in POINT_COLUMNS]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.column in points:
                cell.fill = PatternFill("solid", fgColor="FFF6DD")
    if case.unknowns:
        numbers = DataValidation("decimal", "-1E+300", "1E+300", allow_blank=True)
        numbers.operator, numbers.errorStyle = "between", "stop"
        numbers.showErrorMessage = numbers.showInputMessage = True
        numbers.errorTitle, numbers.error = "No number", "Write a number such as 0.3 or 30 %."
        first, last = get_column_letter(points[0]), get_column_letter(points[-1])
        numbers.add(f"{first}2:{last}{len(case.unknowns) + 1}")
        sheet.add_data_validation(numbers)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _empty_rows(case: Case) -> Iterator[Sequence[str]]:
    """The head of a sheet, and a row for each unknown, of which the last four cells are empty."""
    yield SHEET_COLUMNS
    for name, unknown in case.unknowns.items():
        about, unit = (_as_cell(text) for text in (unknown.about, unknown.unit))
        yield name, about, unit, "", "", "", ""


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
    diagnostics = Diagnostics[_Cell](CaseError, _Cell.location, files=[file for file, _ in sheets])
    found, names = [], UniqueIdentifiers()
    for file, content in sheets:
        stem = PurePath(file).stem
        answers = dict(_read_answers(case, file, content, diagnostics))
        found.append(Sheet(names.allocate(stem, "expert"), stem, answers))
    diagnostics.raise_any()
    return tuple(found)


def _read_answers(
    case: Case, file: str, content: bytes, diagnostics: Diagnostics[_Cell]
) -> Iterator[tuple[str, SheetAnswer]]:
    """What is said of each unknown in one sheet; faulty rows are reported and left out."""
    rows = _read_rows(file, content, diagnostics)
    if rows is None:
        return
    places = _find_columns(file, rows, diagnostics)
    first_rows: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        if len(row) > len(rows[0]) and any(cell.strip() for cell in row[len(rows[0]) :]):
            diagnostics.report(
                _Cell(file, number),
                "row has more cells than the first",
                found=f"{len(row)} cells",
                allowed=f"{len(rows[0])}",
                help="save with another delimiter than the decimal comma, or quote the numbers",
            )
        elif any(cells.get(column) for column in POINT_COLUMNS):
            before, name = len(diagnostics.problems), cells[NAME_COLUMN]
            at = _Cell(file, number, places[NAME_COLUMN] + 1)
            _check_name(case, name, at, first_rows, diagnostics)
            columns = {column: _Cell(file, number, places[column] + 1) for column in POINT_COLUMNS}
            points = _read_points(cells, columns, diagnostics)
            if len(diagnostics.problems) == before:
                yield name, SheetAnswer(points, " ".join(cells.get(REASON_COLUMN, "").split()))


def _find_columns(
    file: str, rows: Sequence[Sequence[str]], diagnostics: Diagnostics[_Cell]
) -> dict[str, int]:
    """Where the columns are, counted from 0; nothing, and a problem, if one is missing."""
    head = [_plain(cell) for cell in rows[0]] if rows else []
    places = {name: head.index(_plain(name)) for name in SHEET_COLUMNS if _plain(name) in head}
    if places.keys() >= {NAME_COLUMN, *POINT_COLUMNS}:
        return places
    diagnostics.report(
        _Cell(file, 1),
        "is no sheet for experts",
        found=", ".join(cell for cell in rows[0] if cell) if rows else "nothing",
        allowed=f"a first row with {join_names((NAME_COLUMN, *POINT_COLUMNS))}",
        help="`ceasefire elicit CASE -o sheet.xlsx` writes one; save it as .xlsx or CSV",
    )
    return {}


def _check_name(
    case: Case, name: str, at: _Cell, first_rows: dict[str, int], diagnostics: Diagnostics[_Cell]
) -> None:
    """Report a row that is of no unknown of the case, of one that came before, or of a range."""
    if name not in case.unknowns:
        diagnostics.report(
            at,
            "no such unknown",
            found=name or "an empty cell",
            allowed=join_names(case.unknowns),
            help=suggest_closest_name(name, case.unknowns),
        )
    elif name in first_rows:
        help = f"it is in row {first_rows[name]} already"
        diagnostics.report(at, "unknown stands twice", found=name, help=help)
    elif case.unknowns[name].points_are == "range":
        diagnostics.report(
            at,
            "the case asks for lowest, best and highest value",
            found=name,
            allowed="unknowns without `is: range`",
            help="remove `is: range` and its numbers from the case",
        )
    first_rows.setdefault(name, at.row)


def _read_points(
    cells: Mapping[str, str], columns: Mapping[str, _Cell], diagnostics: Diagnostics[_Cell]
) -> tuple[float, ...]:
    """The three numbers of a row; what is none, or does not increase, is reported."""
    points = [_read_number(cells[column], at, diagnostics) for column, at in columns.items()]
    values = tuple(point for point in points if point is not None)
    if len(values) == len(points) and not values[0] < values[1] < values[2]:
        diagnostics.report(
            columns[POINT_COLUMNS[0]],
            "numbers must increase",
            found=", ".join(f"{value:g}" for value in values),
            allowed="each above the one before",
        )
    return values


def _read_number(cell: str, at: _Cell, diagnostics: Diagnostics[_Cell]) -> float | None:
    """The number in a cell, or None after saying that there is none."""
    text = re.sub(r"\s+", "", cell).replace("\N{MINUS SIGN}", "-")
    if found := _NUMBER.fullmatch(text):
        sign, digits, power, percent = found.groups()
        value = float(f"{sign}{digits.replace(',', '.')}{power or ''}")
        if percent:
            value = float(f"{value / 100:.15g}")
        return value
    diagnostics.report(
        at,
        "is no number" if text else "number is missing",
        found=cell or "an empty cell",
        allowed="a number such as 0.3, 0,3 or 30 %",
        help="leave all three cells empty to say nothing of an unknown",
    )
    return None


def _read_rows(
    file: str, content: bytes, diagnostics: Diagnostics[_Cell]
) -> Sequence[Sequence[str]] | None:
    """The cells of a sheet as text; None, and a problem, if it is a workbook that is broken."""
    if content.startswith(b"PK") or PurePath(file).suffix.lower() == WORKBOOK_SUFFIX:
        return _workbook_rows(file, content, diagnostics)
    try:
        return _csv_rows(content)
    except csv.Error:  # a cell of more than 131 072 characters
        return []


def _csv_rows(content: bytes) -> list[list[str]]:
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


def _workbook_rows(
    file: str, content: bytes, diagnostics: Diagnostics[_Cell]
) -> list[list[str]] | None:
    """The cells of the first worksheet that looks like a sheet for experts."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > LARGEST_UNPACKED_BYTES:
            diagnostics.report(
                _Cell(file, 1),
                "workbook is too large",
                found=f"{unpacked:,} bytes unpacked",
                allowed=f"at most {LARGEST_UNPACKED_BYTES:,}",
                help="remove pictures and other worksheets, or save the sheet as CSV",
            )
            return None
        values, formulas = (
            load_workbook(io.BytesIO(content), read_only=True, data_only=of_formulas)
            for of_formulas in (True, False)
        )
        tables = [
            _worksheet_rows(sheet, formulas.worksheets[place])
            for place, sheet in enumerate(values.worksheets)
        ]
    except Exception as error:  # noqa: BLE001 - the library raises whatever a broken file leads to
        diagnostics.report(
            _Cell(file, 1),
            "cannot be read as a workbook",
            found=f"{type(error).__name__}: {error}"[:200],
            help="save it again as .xlsx, or as CSV",
        )
        return None
    likely = (rows for rows in tables if rows and _plain(NAME_COLUMN) in map(_plain, rows[0]))
    return next(likely, tables[0] if tables else [])


def _worksheet_rows(values: Any, formulas: Any) -> list[list[str]]:
    """The cells of a worksheet as text, without the empty rows below the last."""
    for sheet in (values, formulas):
        sheet.reset_dimensions()
    bounds = {"max_row": MOST_SHEET_ROWS, "max_col": MOST_SHEET_COLUMNS, "values_only": True}
    rows = [
        [_cell_text(value, formula) for value, formula in zip(*pair, strict=True)]
        for pair in zip(values.iter_rows(**bounds), formulas.iter_rows(**bounds), strict=True)
    ]
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell), default=0)
    return [row[:width] for row in rows]


def _cell_text(value: Any, formula: Any) -> str:
    """What a cell of a workbook holds; a formula that was never computed stays a formula."""
    if value is None and formula is not None:
        return f"{formula}"
    if isinstance(value, datetime | date | time):
        return f"{value} (a date or a time)"
    return "" if value is None else f"{value}"


def _plain(cell: str) -> str:
    return re.sub(r"\s+", "", cell).lower()


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
            declared[quoted_where_needed(sheet.expert)] = _flow_mapping({"name": sheet.name})
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
        block[quoted_where_needed(expert)] = points
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
