"""Expressions mean what Python means by them, in every state at once."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.case import NameScope, Variable, bind_expression, evaluate, parse_expression_ast
from ceasefire.errors import ExpressionError, Problem
from support.counted_work import calls_made

MOOD = Variable(kind="word", values=("gone", "engaged", "keen"), start="gone")
FORCE = Variable(kind="number", values=(0, 1, 2, 3), start=0)
WAR = Variable(kind="boolean", values=(False, True), start=True)
SCOPE = NameScope(variables={"mood": MOOD, "force": FORCE, "war": WAR}, unknowns=frozenset({"u"}))

ATOMS = st.sampled_from(["force", "war", "u", "0", "1", "2", "0.5", "3", "true", "false"])


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions from smaller ones."""
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "%"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]}) <= ({parts[3]})"
        ),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner, inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]}) {parts[1]} ({parts[3]})"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) if ({p[1]}) else ({p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) in (({p[1]}), ({p[2]}))"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) not in (({p[1]}), 2)"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        st.tuples(st.sampled_from(["abs", "exp", "log", "sqrt", "-", "not "]), inner).map(
            lambda p: f"({p[0]}({p[1]}))"
        ),
    )


EXPRESSIONS = st.recursive(ATOMS, combine, max_leaves=12)


class Strict(float):
    """A Python number whose arithmetic fails as soon as something is not a finite real number."""


def _strict(name: str) -> Callable[[Any, Any], Strict]:
    operation = getattr(float, name)

    def method(self: Any, other: Any) -> Strict:
        value = operation(self, float(other))
        if isinstance(value, complex) or not math.isfinite(value):
            raise ArithmeticError(name)
        return Strict(value)

    return method


for _operation in ("add", "sub", "mul", "truediv", "mod", "pow"):
    for _name in (f"__{_operation}__", f"__r{_operation}__"):
        setattr(Strict, _name, _strict(_name))


def python(text: str, force: float, war: float, u: float) -> float:
    """What Python itself says; nan where it cannot or a number is not finite."""
    names = {"force": force, "war": war, "u": u, "true": 1, "false": 0}
    functions = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs}
    wrapped = {name: lambda x, f=f: Strict(f(x)) for name, f in functions.items()}
    text = re.sub(r"\b(\d\.\d|\d)\b", r"Strict(\1)", text)
    scope: dict[str, Any] = {name: Strict(value) for name, value in names.items()}
    scope |= {"Strict": Strict, "min": min, "max": max, **wrapped}
    try:
        value = float(eval(text, {"__builtins__": {}}, scope))
    except (ArithmeticError, ValueError):
        return math.nan
    return value if math.isfinite(value) else math.nan


@settings(derandomize=True, deadline=None, max_examples=300)
@given(EXPRESSIONS, st.sampled_from([0.25, -1.5, 3.0]))
def test_expressions_agree_with_python(text: str, u: float) -> None:
    if (found := problems(text)) is not None:
        # Arithmetic on plain numbers that is impossible is refused when it is read.
        assert {problem.message for problem in found} == {"number is not finite"}
        return
    bound = bind_expression(text, SCOPE)
    force, war = np.array([0.0, 1, 2, 3, 0, 1, 2, 3]), np.repeat([0.0, 1.0], 4)
    values = evaluate(bound, {"force": force, "war": war, "u": u}, {}, 8)
    expected = [python(text, f, w, u) for f, w in zip(force.tolist(), war.tolist(), strict=True)]
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12, err_msg=text)


@given(EXPRESSIONS)
def test_free_names_of_an_expression(text: str) -> None:
    try:
        bound = bind_expression(text, SCOPE)
    except ExpressionError:
        return
    assert bound.names_read == set(re.findall(r"\b(?:force|war|u)\b", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mood == engaged", [0, 1, 0]),
        ("engaged != mood", [1, 0, 1]),
        ("mood in (gone, keen)", [1, 0, 1]),
        ("gone in (mood, keen)", [1, 0, 0]),
        ("mood == (keen if war else gone)", [0, 0, 1]),
        ("not mood == gone", [0, 1, 1]),
        ("force or 7", [7, 1, 2]),
        ("force and 7", [0, 7, 7]),
        ("1 / force if force > 0 else -1", [-1, 1, 0.5]),
        ("force > 0 and 1 / force > 0.7", [0, 1, 0]),
        ("0 < force < 1 / force", [0, 0, 0]),
        ("-2 ** 2", [-4, -4, -4]),
        ("2 ** 3 ** 0", [2, 2, 2]),
        ("-5 % 3", [1, 1, 1]),
        ("1 / force > 0", [np.nan, 1, 1]),
        ("0 < 1 / force", [np.nan, 1, 1]),
        ("not 1 / force", [np.nan, 0, 0]),
        ("min(1 / force, 9)", [np.nan, 1, 0.5]),
        ("1 / force in (1, 2)", [np.nan, 1, 0]),
        ("war or 1 / force", [1, 1, 1]),
        ("10 ** (400 * force)", [1, np.nan, np.nan]),
    ],
)
def test_expression_values(text: str, expected: list[float]) -> None:
    columns = {"mood": np.arange(3.0), "force": np.arange(3.0), "war": np.ones(3)}
    np.testing.assert_allclose(evaluate(bind_expression(text, SCOPE), columns, {}, 3), expected)


def test_conditions_are_expanded() -> None:
    first = bind_expression("1 / force", SCOPE)
    scope = NameScope(variables=SCOPE.variables, conditions={"share": first})
    bound = bind_expression("share if force else 5", scope)
    assert bound.names_read == {"force"}
    value = evaluate(bound, {"force": np.array([0.0, 4.0])}, {"share": first}, 2)
    np.testing.assert_allclose(value, [5, 0.25])


def test_a_condition_is_valued_once_per_branch() -> None:
    conditions = {"c0": bind_expression("force + 1", SCOPE)}
    for i in range(60):
        scope = NameScope(variables=SCOPE.variables, conditions=conditions)
        text = f"(c{i} if war else c{i}) / 2 + (c{i} if force > 1 else c{i}) / 2"
        conditions[f"c{i + 1}"] = bind_expression(text, scope)
    columns = {"force": np.array([0.0, 1, 2, 3]), "war": np.array([0.0, 1, 0, 1])}
    value = evaluate(conditions["c60"], columns, conditions, 4)
    np.testing.assert_allclose(value, [1, 2, 3, 4])


def test_scalar_expressions_broadcast_over_states() -> None:
    assert evaluate(bind_expression("2 * u", SCOPE), {"u": 3.0}, {}, 3).tolist() == [6, 6, 6]
    assert evaluate(bind_expression("2", SCOPE), {}, {}, 0).shape == (0,)


def test_long_flat_sums_are_not_deep() -> None:
    assert (
        evaluate(bind_expression("+".join(["force"] * 290), SCOPE), {"force": 1.0}, {}, 1)[0] == 290
    )


@pytest.mark.parametrize("text", ["(" * 100 + "force" + ")" * 100, "-" * 100 + "force"])
def test_nesting_of_100_levels_is_allowed(text: str) -> None:
    assert evaluate(bind_expression(text, SCOPE), {"force": 1.0}, {}, 1)[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "-" * 9999 + "1",
        "not " * 2400 + "1",
        "~" * 9000 + "1",
        "f(" * 101 + ")" * 101,
        "1" + "+1" * 4999,
        "1" + "**1" * 3000,
        "1" + " if 1 else 1" * 800,
        "[" * 100 + "1 1" + "]" * 100,
        "(" * 100 + "1 1" + ")" * 100,
        "({[" * 33 + "1 1" + "]})" * 33,
        "9" * 5000,
        "1" + "0" * 4000,
        "9**9**9**9**9",
        "x" * 10_001,
        "1 if",
        "a.b.c.d",
        "\x00",
        "war\u2028and",
        "é",
        "",
        " ",
        "lambda: 1",
        "f'{war}'",
        "__import__('os')",
        "yield",
        "await war",
        "*war",
        "war[0:1]",
        "[force for force in war]",
        "max(*war)",
        "max(1, key=2)",
        "force == mood",
        "mood == 1 + 1",
        "mood",
        "0x1for x",
        "1if war else 2",
        "...",
        "war == 'x'",
    ],
)
def test_unsupported_syntax_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        bind_expression(text, SCOPE)
    assert caught.value.problems


def problems(text: str) -> tuple[Problem, ...] | None:
    """What is wrong with an expression; None if nothing is."""
    try:
        bind_expression(text, SCOPE)
    except ExpressionError as error:
        return error.problems
    return None


@given(st.text(max_size=40))
def test_arbitrary_text_never_crashes_the_parser(text: str) -> None:
    assert problems(text) != ()


@given(st.text(alphabet="()[]{} +-*/<>=!,.:ifelsandort01x", max_size=40))
def test_almost_valid_text_never_crashes_the_parser(text: str) -> None:
    assert problems(text) != ()


def test_offsets_count_characters() -> None:
    tree = parse_expression_ast("  war and\n  forse")
    assert [node.col_offset for node in tree.body.values] == [2, 12]  # type: ignore[attr-defined]


def test_all_problems_of_an_expression_are_reported() -> None:
    with pytest.raises(ExpressionError) as caught:
        bind_expression("forse + mood + wat(1) + 1/0", SCOPE)
    assert [problem.found for problem in caught.value.problems] == [
        "forse",
        "mood",
        "wat(1)",
        "1 / 0",
    ]


@pytest.mark.parametrize(
    "text",
    ["max(10**200*10**200, war*1*10**200)", "max(10**200 * 10**200, (u*1)**2 * 10**200, u)"],
)
def test_a_refused_part_leaves_no_value_behind(text: str) -> None:
    found = problems(text) or ()
    assert [problem.found for problem in found] == ["10 ** 200 * 10 ** 200"]


ENDLESS = 3_000_000  # calls, where a third is enough
LONG = "0x" + "f" * 5_000  # Python will not write it out: 6,000 digits


@pytest.mark.parametrize("text", [f"min({LONG})", f"{LONG} // 2", f"[{LONG}]", f"force < {LONG}"])
def test_a_number_too_long_to_be_printed_is_refused(text: str) -> None:
    assert problems(text)


def test_a_long_number_that_is_finite_is_a_number() -> None:
    assert evaluate(bind_expression("-" + "2" * 300, SCOPE), {}, {}, 1)[0] == -float("2" * 300)


@pytest.mark.parametrize(
    "text",
    ["max(" + ",".join(["1" + "+1" * 289] * 17) + ")", "max(" + ",".join(["9**9**9"] * 1200) + ")"],
)
def test_longest_expressions_take_bounded_work(text: str) -> None:
    assert calls_made(problems, text) < ENDLESS
