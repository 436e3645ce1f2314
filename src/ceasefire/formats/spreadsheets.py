"""One table as a file for spreadsheets: .csv or .xlsx, in which no text is taken for a formula."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from ceasefire.case.yaml_nodes import CONTROL_CHARACTERS
from ceasefire.errors import CeasefireError, Problem

SPREADSHEET_SUFFIXES = (".csv", ".xlsx")
Cell = str | float | None


def check_spreadsheet_path(file: str, path: str) -> None:
    """Refuse a file that is no spreadsheet.

    file  the file
    path  the option it was given to, for the problem

    Raises CeasefireError for another ending than .csv or .xlsx.
    """
    if Path(file).suffix.lower() not in SPREADSHEET_SUFFIXES:
        allowed = " or ".join(SPREADSHEET_SUFFIXES)
        raise CeasefireError([Problem("is no spreadsheet", path=path, found=file, allowed=allowed)])


def table_as_csv(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """A table as CSV.

    headings  one for each column
    rows      the cells; None is left empty

    >>> table_as_csv(["a", "b"], [["=1+1", 0.5]])
    b"a,b\\r\\n'=1+1,0.5\\r\\n"
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(headings)
    writer.writerows([[plain_cell(cell) for cell in row] for row in rows])
    return stream.getvalue().encode("utf-8")


def table_as_xlsx(title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """A table as an Excel workbook of one sheet.

    title     the name of the sheet
    headings  one for each column
    rows      the cells; None is left empty
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append(list(headings))
    for row in rows:
        sheet.append([_without_control(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is a text
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number in range(1, len(headings) + 1):
        longest = max((len(str(row[number - 1] or "")) for row in rows), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest, 12), 50)
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def table_as_file(
    file: str, title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> bytes:
    """A table as its file's ending says.

    file      its name, which ends in .csv or .xlsx
    title     the name of the sheet
    headings  one for each column
    rows      the cells; None is left empty
    """
    if Path(file).suffix.lower() == ".csv":
        return table_as_csv(headings, rows)
    return table_as_xlsx(title, headings, rows)


def plain_cell(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula.

    >>> plain_cell("=cmd"), plain_cell(-1.5)
    ("'=cmd", -1.5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


def _without_control(cell: Cell) -> Cell:
    return CONTROL_CHARACTERS.sub(" ", cell) if isinstance(cell, str) else cell
