"""What experts fill in goes into the case and comes out, whatever their spreadsheet made of it."""

import codecs
import io
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from ceasefire.case import load, loads
from ceasefire.cli.main import app
from ceasefire.errors import CaseError
from ceasefire.formats import add_experts, read_sheets, to_sheet, to_workbook

TEXT = """\
# Two lines that stay,
# as every comment does.
ceasefire: 1
horizon: 2

unknowns:                  # what nobody knows
  rate: {best: 0.3, range: [0, 4], unit: a month, about: "How fast, in words"}   # a guess
  share:
    triangle: [0, 0.5, 1]  # from a book
    about: =1+1
  fixed: {best: 7}

parties: {a: {}}
state: {war: {start: true}}
payoffs: {a: {war: -rate * war * fixed}}
chance:
  peace:
    when: war
    outcomes:
      - {chance: share * 0.5, set: {war: false}}   # this too
"""
CASE = loads(TEXT)
HEAD = "name,what it is,unit,5 %,50 %,95 %,reasons\n"
ANN = (HEAD + "rate,,,0.1,0.3,0.6,we built so many\nshare,,,,,,\n").encode()
BOB = codecs.BOM_UTF8 + (
    b"NAME;what it is;unit;5%;50%;95%;reasons\r\n"
    b'rate;"How fast, in words";a month;0,05;0,1;0,2;\r\n'
    b'share;;;5 %;30 %;50 %;"so; # it goes"\r\n'
)
EVE = "name\t95 %\t50 %\t5 %\n\nfixed\t9\t7\t−2\nshare\t0.9\t.6\t2e-1\n".encode("utf-16")
SHEETS = [("ann.csv", ANN), ("in/bob-b.csv", BOB), ("eve.csv", EVE)]


def test_what_three_people_say_goes_in_and_comes_out_without_loss():
    sheets = read_sheets(CASE, SHEETS)
    written = add_experts(TEXT, "new.yaml", CASE, sheets)
    case = loads(written.text)
    said = {
        name: {expert: one.points for expert, one in unknown.experts.items()}
        for name, unknown in case.unknowns.items()
    }
    assert said == {
        "rate": {"ann": (0.1, 0.3, 0.6), "bob_b": (0.05, 0.1, 0.2)},
        "share": {"bob_b": (0.05, 0.3, 0.5), "eve": (0.2, 0.6, 0.9)},
        "fixed": {"eve": (-2.0, 7.0, 9.0)},
    }
    assert [expert.name for expert in case.experts.values()] == ["ann", "bob-b", "eve"]
    assert "# we built so many" in written.text
    assert "# so; # it goes" in written.text
    assert case.unknowns["rate"].about == "How fast, in words"
    again = add_experts(written.text, "newer.yaml", case, read_sheets(case, SHEETS))
    assert loads(again.text) == case
    assert written.notes == (
        "rate: `range` and `best` gave way to what experts say.",
        "share: `triangle` gave way to what experts say.",
        "fixed: `best` gave way to what experts say.",
    )


def test_comments_and_layout_of_everything_else_stay():
    sheets = read_sheets(CASE, [("ann.csv", ANN)])
    kept = add_experts(TEXT, "new.yaml", CASE, sheets).text.splitlines()
    untouched = [line for line in TEXT.splitlines() if "rate:" not in line]
    assert [line for line in kept if line in untouched] == untouched
    assert any("# a guess" in line for line in kept)


def test_a_sheet_has_a_row_for_each_unknown_and_no_formula():
    rows = to_sheet(CASE).text.splitlines()
    assert rows[0].startswith("\ufeffname,")
    assert rows[1:] == [
        'rate,"How fast, in words",a month,,,,',
        "share, =1+1,,,,,",
        "fixed,,,,,,",
    ]
    (empty,) = read_sheets(CASE, [("ann.csv", to_sheet(CASE).text.encode())])
    assert not empty.answers


def test_all_faults_of_all_sheets_are_found_at_once():
    bad = HEAD + "rat,,,1,2,3,\nrate,,,much,2,,\nshare,,,3,2,1,\nshare,,,0.1,0.2,0.3,\n"
    cut = HEAD + "rate,,,0,1,0,3,0,6\n"
    with pytest.raises(CaseError) as caught:
        read_sheets(CASE, [("bad.csv", bad.encode()), ("cut.csv", cut.encode()), ("no.csv", b"")])
    found = [(p.file, p.line, p.column, p.found) for p in caught.value.problems]
    assert found == [
        ("bad.csv", 2, 1, "rat"),
        ("bad.csv", 3, 4, "much"),
        ("bad.csv", 3, 6, "an empty cell"),
        ("bad.csv", 4, 4, "3, 2, 1"),
        ("bad.csv", 5, 1, "share"),
        ("cut.csv", 2, None, "9 cells"),
        ("no.csv", 1, None, "nothing"),
    ]
    assert caught.value.problems[0].help == "did you mean rate?"


def test_an_unknown_that_the_case_asks_by_range_is_refused():
    case = load(Path(__file__).parent / "cases" / "valid" / "experts.yaml")
    with pytest.raises(CaseError, match="asks for lowest, best and highest"):
        read_sheets(case, [("ann.csv", (HEAD + "cost,,,1,2,3,\n").encode())])


def test_the_command_writes_sheets_and_cases_and_nothing_over_a_file(tmp_path):
    case, sheet, new = (tmp_path / name for name in ("case.yaml", "sheet.csv", "new.yaml"))
    case.write_text(TEXT)
    call = CliRunner()
    assert call.invoke(app, ["elicit", str(case), "-o", str(sheet)]).exit_code == 0
    filled = sheet.read_text().replace("a month,,,,", "a month,1,2,3,guess")
    (tmp_path / "desk-a.csv").write_text(filled)
    done = call.invoke(app, ["elicit", str(case), str(tmp_path / "desk-a.csv"), "-o", str(new)])
    assert done.exit_code == 0, done.output
    assert load(new).unknowns["rate"].experts["desk_a"].points == (1.0, 2.0, 3.0)
    again = call.invoke(app, ["elicit", str(case), "-o", str(sheet)])
    assert again.exit_code == 2
    assert "is there already" in again.output
    other = call.invoke(app, ["elicit", str(case), "-o", str(tmp_path / "sheet.ods")])
    assert "save the sheet as .xlsx or CSV" in other.output
    book = tmp_path / "sheet.xlsx"
    assert call.invoke(app, ["elicit", str(case), "-o", str(book)]).exit_code == 0
    (tmp_path / "desk-b.xlsx").write_bytes(filled_workbook(book.read_bytes()))
    both = [str(tmp_path / name) for name in ("desk-a.csv", "desk-b.xlsx")]
    taken = call.invoke(app, ["elicit", str(case), *both, "-o", str(tmp_path / "case.xlsx")])
    assert "is no name for a case" in taken.output
    done = call.invoke(app, ["elicit", str(case), *both, "-o", str(tmp_path / "both.yaml")])
    assert done.exit_code == 0, done.output
    assert list(load(tmp_path / "both.yaml").unknowns["rate"].experts) == ["desk_a", "desk_b"]


ROW_OF_RATE = {"D2": 0.1, "E2": 0.3, "F2": 0.6, "G2": "we built so many"}


def filled_workbook(content: bytes, cells=ROW_OF_RATE) -> bytes:
    """A workbook in which somebody has written something."""
    book = load_workbook(io.BytesIO(content))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_has_the_rows_of_a_sheet_and_cells_that_refuse_words():
    book = load_workbook(io.BytesIO(to_workbook(CASE)))
    sheet, instructions = book.worksheets
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [",".join(row) for row in rows] == [
        HEAD.strip(),
        "rate,How fast, in words,a month,,,,",
        "share, =1+1,,,,,",
        "fixed,,,,,,",
    ]
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.type, rule.errorStyle) == ("D2:F4", "decimal", "stop")
    assert rule.showErrorMessage
    assert "5 %" in instructions["A2"].value
    (empty,) = read_sheets(CASE, [("ann.xlsx", to_workbook(CASE))])
    assert not empty.answers


def test_a_workbook_says_the_same_as_a_sheet():
    percent = filled_workbook(to_workbook(CASE), {"D3": "5 %", "E3": 0.3, "F3": "0,5"})
    ann, percents = read_sheets(
        CASE, [("ann.xlsx", filled_workbook(to_workbook(CASE))), ("bob.xlsx", percent)]
    )
    assert ann.answers == read_sheets(CASE, [("ann.csv", ANN)])[0].answers
    assert percents.answers["share"].points == (0.05, 0.3, 0.5)


def test_a_workbook_is_found_behind_another_worksheet_and_computed_cells_are_read():
    book = load_workbook(io.BytesIO(filled_workbook(to_workbook(CASE))))
    book.move_sheet("Unknowns", offset=1)
    stream = io.BytesIO()
    book.save(stream)
    (sheet,) = read_sheets(CASE, [("ann.xlsx", stream.getvalue())])
    assert sheet.answers["rate"].points == (0.1, 0.3, 0.6)


def test_all_faults_of_workbooks_are_found_at_once():
    faulty = filled_workbook(
        to_workbook(CASE),
        {"A2": "rat", "D2": 1, "E2": 2, "F2": 3, "D3": datetime(2025, 3, 1), "E3": True}
        | {"D4": 3, "E4": "=1+1", "F4": 1},
    )
    other = io.BytesIO()
    Workbook().save(other)
    sheets = [("bad.xlsx", faulty), ("empty.xlsx", other.getvalue()), ("cut.xlsx", faulty[:900])]
    with pytest.raises(CaseError) as caught:
        read_sheets(CASE, [*sheets, ("csv.xlsx", ANN)])
    found = [(p.file, p.line, p.column, p.message) for p in caught.value.problems]
    assert found == [
        ("bad.xlsx", 2, 1, "no such unknown"),
        ("bad.xlsx", 3, 4, "is no number"),
        ("bad.xlsx", 3, 5, "is no number"),
        ("bad.xlsx", 3, 6, "number is missing"),
        ("bad.xlsx", 4, 5, "is no number"),
        ("empty.xlsx", 1, None, "is no sheet for experts"),
        ("cut.xlsx", 1, None, "cannot be read as a workbook"),
        ("csv.xlsx", 1, None, "cannot be read as a workbook"),
    ]
    assert caught.value.problems[1].found == "2025-03-01 00:00:00 (a date or a time)"
    assert caught.value.problems[4].found == "=1+1"


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("ceasefire.formats.elicitation.LARGEST_UNPACKED_BYTES", 1000)
    with pytest.raises(CaseError, match="workbook is too large"):
        read_sheets(CASE, [("ann.xlsx", to_workbook(CASE))])


@pytest.mark.skipif(shutil.which("localc") is None, reason="LibreOffice Calc is not installed")
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_libreoffice_saves_a_workbook_that_is_read_the_same(tmp_path, ending):
    """Also what the cell rules are after that: LibreOffice reads and writes them itself."""
    computed = {**ROW_OF_RATE, "D3": "=1/20", "E3": 0.3, "F3": 0.5}
    (tmp_path / "ann.xlsx").write_bytes(filled_workbook(to_workbook(CASE), computed))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    words = ["soffice", profile, "--headless", "--convert-to", ending, "--outdir"]
    done = subprocess.run(
        [*words, str(tmp_path / "out"), str(tmp_path / "ann.xlsx")],
        capture_output=True,
        text=True,
        timeout=240,
    )
    saved = tmp_path / "out" / f"ann.{ending}"
    assert saved.exists(), done.stderr
    (sheet,) = read_sheets(CASE, [(saved.name, saved.read_bytes())])
    assert sheet.answers["rate"].points == (0.1, 0.3, 0.6)
    assert sheet.answers["rate"].reason == "we built so many"
    assert sheet.answers["share"].points == (0.05, 0.3, 0.5)
    if ending == "xlsx":
        (rule,) = load_workbook(saved).worksheets[0].data_validations.dataValidation
        assert (rule.type, str(rule.sqref)) == ("decimal", "D2:F4")
