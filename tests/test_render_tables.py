"""What a reader sees: numbers never rounded into a lie, marks never left out."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ceasefire.case import loads
from ceasefire.ensemble import RunStats, check
from ceasefire.errors import Problem
from ceasefire.query import Timeline, TimelineSeries, read_question
from ceasefire.query.numerical_quality import NumericalQuality
from ceasefire.render.formatting import (
    format_number,
    format_probability,
    numerics_warnings,
    problem_text,
    sparkline,
    substitute_values,
    text_bar,
)
from ceasefire.render.tables_check import verdict_table
from ceasefire.render.tables_query import timeline_table
from ceasefire.results import DEPENDS_ON_PRECISION

CASE = loads("""
ceasefire: 1
horizon: 2
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}}
parties: {north: {types: {calm: 0.5, rash: 0.5}}, south: {}}
state: {war: {start: true}, force: {values: 0..4, start: 0}}
chance: {end: {when: war, outcomes: [{chance: odds, set: {war: false}}]}}
claims: {likely: {test: "P(at_end(not war)) > 0.5"}}
""")
SOUND = NumericalQuality(9, 0.001, 0.002, 1e-12, 0, 0)


def printed(what) -> str:
    out = io.StringIO()
    Console(file=out, width=100).print(what)
    return out.getvalue()


@given(st.floats(0, 1))
def test_a_probability_is_shown_as_0_or_1_only_if_it_is(value):
    for text in (format_number(value), format_probability(value)):
        assert (text == "0") == (value == 0)
        assert (text == "1") == (value == 1)


@given(st.floats(-1e12, 1e12))
def test_numbers_have_three_significant_digits(value):
    text = format_number(value)
    if not text.startswith(">"):
        assert float(text.replace(",", "")) == pytest.approx(value, rel=0.06, abs=1e-300)


@given(st.floats(0, 1))
def test_a_bar_is_as_wide_as_asked_and_empty_only_for_nothing(share):
    assert len(text_bar(share)) == 10
    assert (text_bar(share).strip() == "") == (share == 0)


def test_sparkline_spans_its_range():
    assert sparkline([0, 1, 2, 3, 4], 0, 4) == "▁▃▅▆█"
    assert sparkline([7, 7], 7, 7) == "▁▁"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1 - (E(force) - E(odds)) > 0.25", "1 - (0 - 0.300) > 0.25"),
        ("(1 + E(odds)) * 2", "(1 + 0.300) * 2"),
        ("1 + E(odds) * 2", "1 + 0.300 * 2"),
        ("2 - 1 - E(odds)", "2 - 1 - 0.300"),
        ("2 - (1 - E(odds))", "2 - (1 - 0.300)"),
        ("not E(odds) > 1 and true", "not 0.300 > 1 and true"),
        ("not (E(odds) > 1 and E(force) < 2)", "not (0.300 > 1 and 0 < 2)"),
        ("max(E(odds), -E(force))", "max(0.300, -0)"),
        ("1 if E(odds) > 0 else 2", "1 if 0.300 > 0 else 2"),
        ("0.1 < E(odds) < 0.5", "0.1 < 0.300 and 0.300 < 0.5"),
    ],
)
def test_claim_test_is_printed_with_its_numbers(text, shown):
    question = read_question(CASE, text)
    known = {"E(force)": 0.0, "E(odds)": 0.3}
    assert substitute_values(question, [known[q.text] for q in question.quantities]) == shown


def test_least_is_printed_as_its_value():
    question = read_question(CASE, "least(force, E(force) >= 2) <= 3")
    values = [float(dict(q.start)["force"]) for q in question.quantities]
    assert substitute_values(question, values) == "2 <= 3"
    assert substitute_values(question, [0.0] * len(values)) == "none <= 3"


def test_reliable_result_has_no_mark():
    assert numerics_warnings(SOUND, RunStats(seed=0, requested=8, computed=8)) == []


@pytest.mark.parametrize(
    ("numerics", "ran", "said"),
    [
        (replace(SOUND, unresolved=3), None, "3 decisions unresolved"),
        (replace(SOUND, branch_points=1), None, "1 branch point"),
        (SOUND, RunStats(0, 8, 5, interrupted=True), "ended early: 5 of 8 worlds"),
        (SOUND, RunStats(0, 8, 8, failed={4: "too hot"}), "1 world failed; world 4: too hot"),
        (SOUND, RunStats(0, 8, 8, with_unresolved_decisions=2), "2 worlds with unresolved"),
        (SOUND, RunStats(0, 8, 8, with_branch_points=1), "1 world with branch points"),
    ],
)
def test_every_defect_of_a_result_is_marked(numerics, ran, said):
    (line,) = numerics_warnings(numerics, ran)
    assert said in line.message


def test_a_check_that_could_not_be_made_is_named():
    (line,) = numerics_warnings(SOUND, None, ["with a longer tail: too large"])
    assert "not checked with a longer tail: too large" in line.message


def test_noise_dependent_claim_is_marked():
    checked = check(CASE, 0, workers=1)
    assert DEPENDS_ON_PRECISION not in printed(verdict_table(checked))
    (verdict,) = checked.claim_checks
    noisy = replace(verdict, sharper=((2.0, False), (4.0, True)))
    checked = replace(checked, claim_checks=(noisy,))
    assert printed(verdict_table(checked)).count(DEPENDS_ON_PRECISION) == 2


def test_timeline_table_omits_repeats_and_zero_rows():
    series = (
        TimelineSeries("belief", "north.calm", (0.5, 0.6, 0.7), "analyst"),
        TimelineSeries("belief", "north.rash", (0.5, 0.4, 0.3), "analyst"),
        TimelineSeries("belief", "north.calm", (0.5, 0.6, 0.7), "south"),
        TimelineSeries("state", "force", (0.0, 2.0, 4.0)),
        TimelineSeries("event", "north.strike", (1e-9, 0.0)),
        TimelineSeries("event", "north.pass", (1.0, 1.0)),
    )
    text = printed(timeline_table(CASE, Timeline("case.yaml", "month", None, series, SOUND)))
    assert text.count("north.") == 1
    assert "north.calm, analyst" in text
    assert "▁▅█" in text
    assert "0.700" in text


def test_long_timeline_is_thinned_to_the_screen():
    steady = TimelineSeries("state", "war", tuple(1 - n / 5000 for n in range(5000)))
    text = printed(timeline_table(CASE, Timeline("case.yaml", "month", None, (steady,), SOUND)))
    assert max(map(len, text.splitlines())) <= 100
    assert "█" in text


def test_a_problem_shows_where_what_and_the_way_out():
    problem = Problem(
        "must be a number", "war.yaml", 3, 9, "horizon", "'x'", "1 or more", "write 3"
    )
    shown = problem_text(problem).plain
    assert shown.splitlines() == [
        "war.yaml:3:9  horizon  must be a number",
        "    found: 'x'",
        "    allowed: 1 or more",
        "    → write 3",
    ]
