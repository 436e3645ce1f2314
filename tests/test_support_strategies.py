"""What the random cases and questions reach: everything there is, or a check here is red."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from ceasefire.case import load, loads, schema
from ceasefire.query.formula_parser import QUANTITY_NAMES, TEMPORAL_OPERATORS
from ceasefire.query.quantity_parser import OPTIONS_BY_QUANTITY
from support.annotation_strategies import split_in_two_files
from support.case_strategies import (
    small_cases,
    telling_cases,
    with_alternatives,
    with_families,
    with_renewals,
    with_roles,
)
from support.drawn_cases import DrawnCase, draw_values, plain_steps
from support.question_strategies import with_questions
from support.signalling_strategies import signal_cases
from twin.expressions import parse

DRAWS = 120
Sample = list[tuple[DrawnCase, list[str]]]


def keys_of(form: dict[str, Any]) -> set[tuple[str, str]]:
    """Every key of the format, with the kind of mapping it stands in."""
    kinds = {"Case": form, **form["$defs"]}
    return {(kind, key) for kind, each in kinds.items() for key in each.get("properties", {})}


def reached(form: dict[str, Any], part: dict[str, Any], value: Any, kind: str) -> set[Any]:
    """The keys that a value uses."""
    if "$ref" in part:
        kind = part["$ref"].rpartition("/")[2]
        part = form["$defs"][kind]
    if isinstance(value, list):
        return set().union(*(reached(form, part.get("items", {}), each, kind) for each in value))
    if not isinstance(value, dict):
        return set()
    known, rest = part.get("properties", {}), part.get("additionalProperties")
    found = {(kind, key) for key in value if key in known}
    for key, each in value.items():
        inside = known.get(key, rest if isinstance(rest, dict) else {})
        found |= reached(form, inside, each, kind)
    return found


def used(text: str) -> set[Any]:
    """Quantities, their options, formulas and functions in a question."""
    calls = [node for node in ast.walk(parse(text)) if isinstance(node, ast.Call)]
    found: set[Any] = set()
    for call in calls:
        name = ast.unparse(call.func)
        found |= {name} | {(name, str(keyword.arg)) for keyword in call.keywords}
    return found


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Cases with questions, the same ones each time."""
    cases = small_cases(hidden=1, horizon=2)
    drawn = [*draw_values(with_questions(cases), DRAWS)]
    drawn += draw_values(with_questions(with_alternatives(cases)), DRAWS, DRAWS)
    drawn += draw_values(with_questions(with_families(cases)), DRAWS // 4, 2 * DRAWS)
    drawn += draw_values(with_questions(with_renewals(cases)), DRAWS // 4, 5 * DRAWS)
    drawn += draw_values(with_questions(with_roles(cases)), DRAWS // 4, 4 * DRAWS)
    return [*drawn, *draw_values(with_questions(telling_cases()), DRAWS // 4, 3 * DRAWS)]


def test_every_key_of_the_format_is_drawn(sample: Sample) -> None:
    """A key that the schema gains and no strategy draws is found here."""
    form = schema()
    found = set().union(*(reached(form, form, small.spec, "Case") for small, _ in sample))
    elsewhere = {("Case", "extends"), ("Case", "forecasts"), ("WrittenEvent", "confirmed")}
    elsewhere |= {("WrittenSource", key) for key in ("label", "about", "unit", "source")}
    elsewhere |= {("WrittenClaim", key) for key in ("happened", "as_of", "baseline")}
    hindsight = ("WrittenForecast", "WrittenBaseline")
    elsewhere |= {(name, key) for name in hindsight for key in form["$defs"][name]["properties"]}
    assert keys_of(form) - found == elsewhere, "`in_two` draws the first; the others mean nothing"
    more = {**form, "properties": {**form["properties"], "novel": {}}}
    assert ("Case", "novel") in keys_of(more) - found


def test_every_question_is_drawn(sample: Sample) -> None:
    """Every quantity, each of its options, every formula and what stands in one."""
    found = set().union(*(used(text) for _, asked in sample for text in asked))
    options = {(name, option) for name, known in OPTIONS_BY_QUANTITY.items() for option in known}
    assert not {"novel", ("P", "novel")} & found
    wanted = {*QUANTITY_NAMES, *TEMPORAL_OPERATORS, "happens", "broken", "believes", *options}
    assert wanted - found == set()


def test_every_word_of_the_format_is_drawn(sample: Sample) -> None:
    """Choices that are values, not keys."""
    specs = [small.spec for small, _ in sample]
    assert {spec["ending"] for spec in specs} == {"lasts", "nothing", "final"}
    assert {spec["tail"] for spec in specs} == {0, 1}
    tables = [table for spec in specs for table in spec.get("tables", {}).values()]
    assert "any" in {table.get("proposes") for table in tables}
    assert {len(table["seats"]) for table in tables} == {2, 3}
    deals = [deal for table in tables for deal in table["deals"].values()]
    assert {len(deal["needs"]) for deal in deals if "needs" in deal} >= {0, 1, 2}
    orders = [plain_steps(spec["order"]) for spec in specs]
    shuffles = [entry["shuffle"] for spec in specs for entry in spec["order"] if "shuffle" in entry]
    assert {len(steps) for steps in shuffles} == {2, 3}
    steps = [step for order in orders for step in order if isinstance(step, dict)]
    only = [names for step in steps for names in step.values()]
    assert {"pass" in names for names in only} == {False, True}
    again = [[s if isinstance(s, str) else next(iter(s)) for s in order] for order in orders]
    assert any(len(set(order)) < len(order) for order in again), "several steps of a party"
    words = "+ - * / ** % < <= > >= == != in and or not if max min abs exp"
    text = " ".join(small.text for small, _ in sample)
    assert all(f" {word} " in text or f"{word}(" in text for word in words.split(" "))


@pytest.mark.parametrize("cases", [signal_cases(), signal_cases(2, 2), small_cases(0)], ids=repr)
def test_random_cases_are_valid(cases: st.SearchStrategy[DrawnCase]) -> None:
    """Whatever is drawn can be read."""
    drawn = list(draw_values(cases, 10))
    assert len(drawn) >= 8
    for small in drawn:
        assert loads(small.text).parties


def test_case_split_into_two_files_is_the_same(tmp_path: Path) -> None:
    """`extends` merges, removes by null and replaces lists."""
    strategy = st.shared(small_cases(hidden=1), key="case")
    drawn = list(draw_values(st.tuples(strategy, strategy.flatmap(split_in_two_files)), 12))
    assert len(drawn) >= 8
    for small, (rival, base) in drawn:
        (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
        (tmp_path / "rival.yaml").write_text(rival, encoding="utf-8")
        merged, whole = load(tmp_path / "rival.yaml"), loads(small.text)
        assert replace(merged, title="") == replace(whole, title="")
