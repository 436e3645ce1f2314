"""Comparative statics: thresholds against closed forms, planes, and what is refused."""

import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from ceasefire.case import load, loads
from ceasefire.cli.main import app
from ceasefire.ensemble import trace
from ceasefire.ensemble.trace_thresholds import (
    LineReading,
    ThresholdGap,
    find_gaps,
    find_steps,
    narrow_gap,
)
from ceasefire.errors import QuestionError
from ceasefire.render.charts import chart

TEXT = """
ceasefire: 1
horizon: 2
ending: final
unknowns: {near: {range: [0, 1], best: 0.5}, far: {best: 0.8}, few: {oneof: [0.1, 0.4, 0.6]}}
parties: {a: {}}
state: {war: {start: true}, sure: {}}
chance:
  end: {when: war, outcomes: [{chance: near * far, set: {war: false}}]}
  step:
    {during: [0, 0], outcomes: [{chance: 0.1 + 0.8 * (near > 0.415), set: {sure: true}}]}
  listed: {outcomes: [{chance: few, set: {sure: sure}}]}
claims:
  soon: {test: "P(eventually(not war), within=1) > 0.5"}
"""
CASE = loads(TEXT, file="trace.yaml")
NOW = "P(eventually(not war), within=1)"
MODELS = Path(__file__).parents[1] / "cases" / "models"


def thresholds(*texts: str, **options: Any) -> list[tuple[int, str, float]]:
    found = trace(CASE, *texts, workers=1, **options).thresholds
    return [(one.question, one.kind, one.at) for one in found]


def test_a_test_turns_where_the_closed_form_says() -> None:
    ((question, kind, at),) = thresholds("soon", over="near")
    assert (question, kind) == (0, "turns")
    assert at == pytest.approx(0.5 / 0.8, abs=1e-4)


@pytest.mark.parametrize("accuracy", [1e-2, 1e-4, 1e-8])
def test_a_threshold_is_as_near_as_it_says(accuracy: float) -> None:
    found = trace(CASE, f"{NOW} ** 2 > 0.3", over="near", accuracy=accuracy, points=3, workers=1)
    (one,) = found.thresholds
    assert one.within <= accuracy
    assert abs(one.at - math.sqrt(0.3) / 0.8) <= accuracy
    assert not found.marked


def test_a_number_crosses_each_value_that_is_asked_for() -> None:
    found = thresholds("P(eventually(not war))", over="near", crossing=[0.19, 0.75])
    expected = [(1 - math.sqrt(1 - level)) / 0.8 for level in (0.19, 0.75)]
    assert [kind for _, kind, _ in found] == ["crosses", "crosses"]
    assert [at for _, _, at in found] == pytest.approx(expected, abs=1e-4)


def test_a_number_jumps_and_a_smooth_one_does_not() -> None:
    found = trace(CASE, "P(at_end(sure))", "P(at_end(not war))", over="near", workers=1)
    (one,) = found.thresholds
    assert (one.question, one.kind) == (0, "jumps")
    assert one.at == pytest.approx(0.415, abs=1e-4)
    assert (one.before, one.after) == pytest.approx((0.1, 0.9))


def test_what_is_steep_without_a_jump_says_so() -> None:
    text = TEXT.replace("0.1 + 0.8 * (near > 0.415)", "1 / (1 + exp(-200 * (near - 0.4)))")
    found = trace(loads(text), "P(at_end(sure))", over="near", workers=1)
    (one,) = found.thresholds
    assert one.kind == "steep"
    assert one.at == pytest.approx(0.4, abs=5e-3)


def test_the_plane_follows_the_hyperbola() -> None:
    found = trace(CASE, "soon", over="near", other="far=0.4..1", points=4, workers=1)
    assert [one.other for one in found.thresholds] == pytest.approx([0.6, 0.8, 1.0])
    for one in found.thresholds:
        assert one.other is not None
        assert one.at * one.other == pytest.approx(0.5, abs=1e-4)
    assert [point.answers for point in found.points[:4]] == [(False,)] * 4
    assert found.points[-1].answers == (True,)


def test_a_list_of_values_is_read_as_it_is() -> None:
    found = trace(CASE, NOW, over="few", workers=1)
    assert [point.x for point in found.points] == [0.1, 0.4, 0.6]
    assert found.thresholds == ()
    assert found.warnings == (f"{NOW}: the same for all values of few",)


def test_an_impossible_value_is_shown_and_marks_the_result() -> None:
    found = trace(CASE, NOW, over="near=0.5..1.5", points=3, workers=1)
    assert [point.answers[0] is None for point in found.points] == [False, False, True]
    assert "1 point without an answer" in found.mark_reasons
    assert "probability" in found.warnings[0]


def test_hidden_types_are_asked_again_on_a_finer_grid() -> None:
    case = load(MODELS / "kydd-2003.yaml")
    word = "belief(rival.resolute, after=mediator.warn, selection=telling)"
    found = trace(case, word, over="bias=0.25..0.4", points=4, crossing=[2 / 3], workers=1)
    slip, cost = case.best_estimates["slip"], case.best_estimates["war_cost"]
    (one,) = found.thresholds
    assert one.at == pytest.approx(slip / (1 - slip - slip * cost), abs=1e-3)
    assert one.grid_shift is not None
    assert one.grid_shift <= 2e-5
    assert found.grid_change[0] is not None


def test_a_gap_with_an_end_without_answer_is_left_out() -> None:
    line = [
        LineReading(0.0, False, -1.0),
        LineReading(1.0, None, None),
        LineReading(2.0, True, 1.0),
    ]
    assert list(find_gaps(0, line)) == []
    assert list(find_steps(0, line)) == []


def test_steps_need_to_stand_out() -> None:
    squares = [LineReading(x / 24, (x / 24) ** 2, None) for x in range(25)]
    assert list(find_steps(0, squares)) == []
    few = [LineReading(x / 4, (x / 4) ** 2, None) for x in range(5)]
    assert list(find_steps(0, few)) == []
    flat = [LineReading(x / 24, 1.0 + 1e-9 * (x > 10), None) for x in range(25)]
    assert list(find_steps(0, flat)) == []


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(QuestionError) as raised:
        trace(CASE, "P(war)", over="neer=1..0", other="far=2..1", points=1, accuracy=0.0)
    paths = [problem.path for problem in raised.value.problems]
    assert paths[-4:] == ["--over", "--and", "--points", "--accuracy"]
    assert raised.value.problems[-4].help == "did you mean near?"


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"over": "far"}, "--over", "the case gives this unknown no range"),
        ({"over": "near=0..x"}, "--over", "an end is no number"),
        ({"over": "near=0..inf"}, "--over", "an end is no number"),
        ({"over": "near 0 1"}, "--over", "no unknown with two ends"),
        ({"over": "near", "other": "near=0..1"}, "--and", "the plane has the same unknown twice"),
        ({"over": "near", "crossing": [0.5]}, "--cross", "tests turn: they cross no value"),
        ({"over": "near", "crossing": [math.nan]}, "--cross", "not a value to cross"),
    ],
)
def test_what_cannot_be_traced(options: dict[str, Any], path: str, message: str) -> None:
    with pytest.raises(QuestionError) as raised:
        trace(CASE, "soon", **options)
    (problem,) = raised.value.problems
    assert (problem.path, problem.message) == (path, message)


def test_the_command_writes_all_it_is_asked_for(tmp_path: Path) -> None:
    file, table, figure = (tmp_path / name for name in ("case.yaml", "t.csv", "f.svg"))
    file.write_text(TEXT)
    run = CliRunner().invoke(
        app, ["trace", str(file), NOW, "soon", "--over", "near", "--points", "5", "--json",
              "--csv", str(table), "--figure", str(figure)],
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    document = json.loads(run.stdout)
    assert document["unknowns"][0]["name"] == "near"
    assert document["answers"][1]["thresholds"][0]["at"] == pytest.approx(0.625, abs=1e-4)
    assert document["answers"][0]["values"] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert table.read_text().splitlines()[0] == f'near,"{NOW}",soon'
    assert "<svg" in figure.read_text()


def rows_of(drawn: dict[str, Any], panel: int, layer: int) -> list[dict[str, Any]]:
    """The data of a layer, which may be named with it, with its panel or with the whole chart."""
    inside = drawn["vconcat"][panel]
    named = next(one["data"] for one in (inside["layer"][layer], inside, drawn) if "data" in one)
    values: list[dict[str, Any]] = named.get("values") or drawn["datasets"][named["name"]]
    return values


def test_a_figure_has_a_panel_for_each_question_and_a_rule_at_each_threshold() -> None:
    found = trace(CASE, NOW, "soon", over="near", points=6, workers=1)
    drawn = chart(CASE, found).to_dict()
    titles = [panel["title"]["text"] for panel in drawn["vconcat"]]
    assert titles == [[NOW], ["soon"]]
    marks = [[layer["mark"]["type"] for layer in panel["layer"]] for panel in drawn["vconcat"]]
    assert marks == [["line"], ["rect", "rule", "text"]]
    strips = rows_of(drawn, 1, 0)
    assert [(one["truth"], round(one["x2"], 3)) for one in strips] == [
        ("false", 0.625),
        ("true", 1),
    ]


def test_a_line_is_broken_where_there_is_no_answer() -> None:
    found = trace(CASE, NOW, over="near=0.5..1.5", points=3, workers=1)
    values = [row["y"] for row in rows_of(chart(CASE, found).to_dict(), 0, 0)]
    assert values == [pytest.approx(0.4), pytest.approx(0.8), None]


def test_the_figure_of_a_plane_has_a_cell_for_each_point() -> None:
    found = trace(CASE, NOW, "soon", over="near", other="far=0.4..1", points=4, workers=1)
    drawn = chart(CASE, found).to_dict()
    cells = rows_of(drawn, 0, 0)
    assert len(cells) == 16
    assert (cells[0]["x"], cells[0]["x2"]) == pytest.approx((0.0, 1 / 6))
    assert len(rows_of(drawn, 1, 1)) == len(found.thresholds) == 3


def test_the_command_tells_every_fault_at_once(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(TEXT)
    run = CliRunner().invoke(
        app, ["trace", str(file), "soon", "--over", "far", "--figure", "f.pdf", "--points", "1"]
    )
    assert run.exit_code == 2
    for said in ("no range", "no such kind of figure", "wrong number of points", "3 problems"):
        assert said in run.stderr


def test_the_table_says_what_was_found_and_how(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(TEXT)
    run = CliRunner().invoke(app, ["trace", str(file), "soon", "--over", "near", "--points", "5"])
    assert "turns from false to true at 0.625" in run.stdout
    assert "Each threshold lies between two solutions that differ, at most 1.0e-04" in run.stdout


class _LinearReader:
    """Answers with the value itself, and on a finer grid with a little less."""

    plan = SimpleNamespace(grid_size=9)

    def __init__(self, shift: float) -> None:
        self.shift = shift

    def read(self, gap: ThresholdGap, value: float, halvings: int = 0) -> LineReading:
        del gap
        return LineReading(value, value - self.shift * halvings, None)


@pytest.mark.parametrize(("shift", "expected"), [(0.0, 1e-4), (5e-5, 1e-4), (0.1, 0.1)])
def test_a_grid_shift_is_how_far_the_threshold_moves(shift: float, expected: float) -> None:
    gap = ThresholdGap(0, "crosses", 0.3, (0.0, 1.0), (0.0, 1.0), (-0.3, 0.7))
    reader: Any = _LinearReader(shift)
    found = narrow_gap(reader, gap, accuracy=1e-4)
    assert found.at == pytest.approx(0.3, abs=1e-4)
    assert found.grid_shift == pytest.approx(expected, abs=2e-4)
    assert (found.grid_shift or 0.0) >= 1e-4


def test_a_threshold_that_a_finer_grid_does_not_have_marks_the_result() -> None:
    gap = ThresholdGap(0, "crosses", 0.3, (0.0, 1.0), (0.0, 1.0), (-0.3, 0.7))
    reader: Any = _LinearReader(2.0)
    lost = narrow_gap(reader, gap, accuracy=1e-4)
    assert lost.grid_shift == math.inf
    found = replace(trace(CASE, "soon", over="near", points=3, workers=1), thresholds=(lost,))
    assert found.mark_reasons == ("1 threshold not there on a finer belief grid",)
