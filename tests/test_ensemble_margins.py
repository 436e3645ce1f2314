"""The margin of a claim in each world: its sign is the verdict, its unit a standard deviation."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.case import Claim, load, loads
from ceasefire.ensemble import check, draw_worlds
from ceasefire.query import plan_questions, read_claims, read_question
from ceasefire.query.ast import Constant, Operation, QuantityRef, evaluate_question
from ceasefire.query.comparisons import (
    comparison_values,
    compose_margins,
    format_question_part,
    list_comparisons,
    margin_of_test,
)
from ceasefire.settings import SolveSettings

SHIPPED = sorted((Path(__file__).parents[1] / "cases").glob("*.yaml"))
TEXT = """
ceasefire: 1
horizon: 1
unknowns:
  x: {range: [0, 1]}
  y: {range: [0, 10]}
parties: {a: {}}
state: {war: {start: true}, never: {}}
payoffs: {a: {w: -x * y * war}}
"""
CASE = loads(TEXT)


def checked(test: str, worlds: int = 32):
    case = replace(CASE, claims={"claim": Claim(says=None, test=test)})
    result = check(case, worlds, workers=1, flips=False)
    return result, result.claim_checks[0]


NUMBERS = st.sampled_from([0.0, 0.25, 0.5, 1.0, -1.0, math.inf])
QUANTITIES = 3
numeric = st.recursive(
    st.one_of(st.builds(Constant, st.sampled_from([0.0, 0.5, 2.0])),
              st.builds(QuantityRef, st.integers(0, QUANTITIES - 1))),
    lambda part: st.one_of(
        st.builds(lambda op, a, b: Operation(op, (a, b)),
                  st.sampled_from(["+", "-", "*", "/", "%", "min", "**"]), part, part),
        st.builds(lambda op, a: Operation(op, (a,)), st.sampled_from(["abs", "negative"]), part),
    ),
    max_leaves=4,
)  # fmt: skip
comparisons = st.builds(
    lambda op, a, b: Operation(op, (a, b)),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    numeric,
    numeric,
)
test_trees = st.recursive(
    st.one_of(comparisons, st.builds(Constant, st.booleans())),
    lambda part: st.one_of(
        st.builds(lambda op, parts: Operation(op, tuple(parts)),
                  st.sampled_from(["and", "or"]), st.lists(part, min_size=2, max_size=3)),
        st.builds(lambda a: Operation("not", (a,)), st.one_of(part, numeric)),
        st.builds(lambda c, a, b: Operation("if", (c, a, b)), st.one_of(part, numeric), part, part),
        st.builds(lambda a, b: Operation("==", (a, b)), part, part),
    ),
    max_leaves=6,
)  # fmt: skip


@given(test_trees, st.lists(st.one_of(st.none(), NUMBERS), min_size=3, max_size=3))
def test_the_sign_of_a_margin_is_the_verdict(tree, numbers):
    verdict, _ = evaluate_question(tree, numbers)
    margin = margin_of_test(tree, numbers)
    if verdict is None:
        assert margin is None
    else:
        assert margin is not None
        assert margin >= 0 if verdict else margin <= 0


@given(test_trees, st.lists(st.floats(0.1, 10.0), min_size=12, max_size=12), st.floats(0.1, 9))
def test_dividing_comparisons_never_changes_the_verdict(tree, numbers, unit):
    count = len(list_comparisons(tree))
    values = np.array([comparison_values(tree, numbers)])
    divided = compose_margins(tree, values / np.resize([unit, 1.0, 1 / unit], count))
    np.testing.assert_array_equal(np.sign(divided), np.sign(compose_margins(tree, values)))


@given(test_trees)
def test_a_comparison_is_written_so_that_it_reads_the_same(tree):
    names = ("E(x)", "E(y)", "E(war)")
    quantities = tuple(read_question(CASE, name).quantities[0] for name in names)
    text = format_question_part(tree, quantities)
    again = read_question(CASE, text)
    assert format_question_part(again.expression, again.quantities) == text
    order = [names.index(q.text) for q in again.quantities]
    numbers = [0.3, 0.7, 2.0]
    found = evaluate_question(again.expression, [numbers[place] for place in order])
    assert found[0] == evaluate_question(tree, numbers)[0]


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("E(x) > E(x)", False),
        ("E(x) >= E(x)", True),
        ("E(x) == E(x)", True),
        ("E(x) != E(x)", False),
        ("not E(x) > E(x)", True),
    ],
)
def test_a_tie_has_margin_0_and_the_comparison_decides_it(test, verdict):
    _, claim = checked(test)
    assert claim.share.share == float(verdict)
    assert set(claim.margins.margins.tolist()) == {0.0}
    assert not np.signbit(claim.margins.margins).any()


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("true", math.inf),
        ("false or E(x) > 0.3", 0.2),
        ("true and E(x) > 0.3", 0.2),
        ("not E(x)", -0.5),
        ("E(x) < 0.4 or P(at_end(war), provided=at_end(never)) > 0.5", None),
        ("E(x) > 0.4 or P(at_end(war), provided=at_end(never)) > 0.5", 0.1),
        ("E(x) < 0.4 and P(at_end(war), provided=at_end(never)) > 0.5", -0.1),
        ("E(x) > 0.9 if E(x) == E(x) else E(x) > 0.1", -0.4),
        ("E(x) > 0.9 if E(war) else P(at_end(war), provided=at_end(never)) > 0.5", -0.4),
    ],
)
def test_bare_truths_numbers_and_missing_answers(test, expected):
    _, claim = checked(test, worlds=0)
    margin = margin_of_test(claim.question.expression, [q.value for q in claim.quantities])
    assert margin == (None if expected is None else pytest.approx(expected))


def test_each_comparison_is_divided_by_its_own_standard_deviation():
    _, claim = checked("E(x) > 0.3 and E(y) < 8 and E(war) >= 1", worlds=64)
    found = claim.margins
    assert found.comparisons == ("E(x) > 0.3", "E(y) < 8", "E(war) >= 1")
    x, y = found.comparison_values[:, 0] + 0.3, 8 - found.comparison_values[:, 1]
    np.testing.assert_allclose(found.deviations, [x.std(), y.std(), 1.0])
    np.testing.assert_allclose(
        found.margins, np.min([(x - 0.3) / x.std(), (8 - y) / y.std(), 0 * x], axis=0)
    )
    np.testing.assert_array_equal(found.compose(found.comparison_values), found.margins)
    assert found.best == pytest.approx(min(0.2 / x.std(), 3 / y.std(), 0))
    assert found.worlds.tolist() == list(range(1, 65))


def test_json_gives_the_margin_at_best_and_over_the_worlds():
    _, claim = checked("E(x) > 0.3 and E(y) < 8", worlds=64)
    document = claim.as_json()["margin"]
    margins = np.sort(claim.margins.margins)
    assert document["mean"] == pytest.approx(margins.mean())
    assert document["p50"] == pytest.approx(margins[31])
    assert document["best"] == claim.margins.best
    assert document["comparisons"][1]["expr"] == "E(y) < 8"
    assert document["comparisons"][1]["best"] == pytest.approx(3.0)
    assert document["comparisons"][1]["mean"] == pytest.approx(3.0, abs=0.1)
    assert document["comparisons"][1]["deviation"] == claim.margins.deviations[1]
    assert checked("E(x) > 0.3", worlds=0)[1].as_json()["margin"] is None
    assert checked("true")[1].as_json()["margin"]["mean"] is None


def test_frame_has_a_row_for_each_claim_and_world():
    result, claim = checked("P(at_end(war), provided=at_end(never)) > 0.5 or E(x) > 0.5", 16)
    frame = result.margin_frame()
    assert frame.columns == ["id", "world", "truth", "margin"]
    assert frame["world"].to_list() == list(range(1, 17))
    answered = frame.filter(pl.col("truth").is_not_null())
    assert 0 < len(answered) < 16
    assert (answered["margin"] > 0).all()
    assert frame.filter(pl.col("truth").is_null())["margin"].null_count() == 16 - len(answered)
    assert checked("E(x) > 0.3", worlds=0)[0].margin_frame().is_empty()
    assert claim.margins.margins[0] != 0.0


def test_infinite_and_missing_comparisons_do_not_spoil_the_deviation():
    """Where no value of the variable will do, `least` is infinite."""
    text = TEXT.replace("never: {}", "never: {}, n: {values: 0..3, start: 0}")
    test = "least(n, E(n + 3 * x) > 4) <= 2"
    case = replace(loads(text), claims={"claim": Claim(says=None, test=test)})
    (claim,) = check(case, 64, workers=1, flips=False).claim_checks
    values = claim.margins.comparison_values[:, 0]
    finite = values[np.isfinite(values)]
    assert 0 < len(finite) < 64
    assert claim.margins.deviations[0] == pytest.approx(finite.std())
    assert ((claim.margins.margins >= 0) == np.array(claim.margins.truths)).all()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_in_every_shipped_case_the_sign_of_a_margin_is_the_verdict(path):
    case = load(path)
    questions = tuple(read_claims(case).values())
    plan = plan_questions(case, questions, SolveSettings(grid=9))
    for world in ({}, *draw_worlds(case, 1)):
        result = plan.evaluate_world(world)
        for number, question in enumerate(questions):
            numbers = [reading.value for reading in result.quantity_values[number]]
            margin, verdict = margin_of_test(question.expression, numbers), result.values[number]
            assert (margin is None) is (verdict is None), question.text
            assert verdict is None or (margin >= 0 if verdict else margin <= 0), question.text
