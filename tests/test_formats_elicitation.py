"""What experts fill in goes into the case and comes out, whatever their spreadsheet made of it."""

import codecs
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.case import load, loads
from ceasefire.cli.main import app
from ceasefire.errors import CaseError
from ceasefire.formats import add_experts, read_sheets, to_sheet

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
    other = call.invoke(app, ["elicit", str(case), "-o", str(tmp_path / "sheet.xlsx")])
    assert "save the sheet as CSV" in other.output
