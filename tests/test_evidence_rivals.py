"""Events in rows, rival cases in columns: which each speaks for, and how tellingly."""

import csv
import io
import json
import math

import pytest
from openpyxl import load_workbook

from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.evidence import compare, evidence_rows, rival_evidence
from ceasefire.evidence.events_against_rivals import describe_likelihood_ratio
from ceasefire.formats.spreadsheets import table_as_csv, table_as_xlsx

TEXT = """
ceasefire: 1
title: TITLE
horizon: 6
parties: {a: {}}
state: {war: {start: true}, rain: {}}
sources: {paper: {title: "=The paper"}}
chance:
  end: {when: war, outcomes: [{name: peace, chance: ODDS, set: {war: false}}]}
  sky: {outcomes: [{name: rains, chance: 0.5, set: {rain: true}}]}
claims: {soon: {test: "P(eventually(not war)) > 0.5"}}
events:
  - {period: 0, chance: end.nothing, source: paper}
  - {period: 0, chance: sky.rains}
  - {period: 1, chance: end.peace, source: paper}
  - {period: 1, chance: end.peace, source: paper}
"""


def case(odds: str, title: str = "One"):
    return loads(TEXT.replace("ODDS", odds).replace("TITLE", title), f"{title}.yaml")


CASES = (case("0.8", "Hopeful"), case("0.02", "Gloomy"), case("0.3", "Between"))
RESULT = compare(*CASES, worlds=0, workers=1)
ROWS = rival_evidence(CASES, RESULT)


def test_ratios_are_those_of_the_probabilities_and_the_most_telling_comes_first():
    peace, war, rain = ROWS
    assert peace.event.description == "chance: end.peace"
    assert peace.probabilities == pytest.approx((0.8, 0.02, 0.3))
    assert (peace.favoured, peace.against) == (0, 1)
    assert peace.ratio == pytest.approx(40.0)
    assert peace.words == "tells strongly"
    assert peace.reliability == "2 reports"
    assert war.probabilities == pytest.approx((0.2, 0.98, 0.7))
    assert (war.favoured, war.against, war.words) == (1, 0, "tells")
    assert war.ratio == pytest.approx(4.9)
    assert (rain.favoured, rain.ratio, rain.words) == (None, None, "favours none")
    assert (peace.source, rain.source) == ("=The paper", "")


def test_independent_events_multiply_to_the_bayes_factor():
    product = 1.0
    for row in ROWS:
        product *= row.probabilities[0] / row.probabilities[1]
    log = RESULT.rivals[0].log_evidence - RESULT.rivals[1].log_evidence
    assert math.log(product) == pytest.approx(log)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (2.9, "hardly tells them apart"), (3.1, "tells"), (21, "tells strongly"),
        (151, "tells very strongly"), (math.inf, "rules one out"), (None, "favours none"),
    ],
)  # fmt: skip
def test_ratios_in_words(ratio, words):
    assert describe_likelihood_ratio(ratio) == words


def test_cases_without_events_have_no_rows():
    silent = [loads(TEXT.split("events:")[0].replace("ODDS", odds)) for odds in ("0.2", "0.4")]
    assert rival_evidence(silent, compare(*silent, worlds=0, workers=1)) == ()


def test_the_table_for_spreadsheets_has_every_row_and_no_formula():
    headings, rows = evidence_rows(ROWS, ["Hopeful", "Gloomy", "Between"])
    listed = list(csv.reader(io.StringIO(table_as_csv(headings, rows).decode())))
    assert listed[0] == headings
    assert [row[1] for row in listed[1:]] == [row.event.description for row in ROWS]
    assert listed[1][-2] == "'=The paper"
    sheet = load_workbook(io.BytesIO(table_as_xlsx("Events", headings, rows))).active
    assert [cell.value for cell in sheet[1]] == headings
    assert sheet["G2"].value == pytest.approx(40.0) or sheet["H2"].value == pytest.approx(40.0)
    formulas = [cell for row in sheet for cell in row if cell.data_type == "f"]
    assert not formulas


def test_compare_prints_and_writes_the_table(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    files = []
    for one in ("0.8", "0.02"):
        file = tmp_path / f"odds-{one}.yaml"
        file.write_text(TEXT.replace("ODDS", one).replace("TITLE", f"Odds {one}"))
        files.append(str(file))
    table = tmp_path / "table.csv"
    asked = ["compare", *files, "--worlds", "0", "--table", str(table)]
    assert app(asked, standalone_mode=False) in (0, 1)
    said = " ".join(capsys.readouterr().out.split())
    assert "A: tells strongly (40" in said
    assert "B: tells (4.9" in said
    assert table.read_text().count("end.peace") == 1
    assert app([*asked, "--json"], standalone_mode=False) in (0, 1)
    evidence = json.loads(capsys.readouterr().out)["evidence"]
    assert [row["words"] for row in evidence] == ["tells strongly", "tells", "favours none"]
    wrong = ["compare", *files, "--worlds", "0", "--table", "table.odt"]
    assert app(wrong, standalone_mode=False) == 2
    assert ".csv or .xlsx" in capsys.readouterr().err
