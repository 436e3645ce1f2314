"""Files that are right load to what they say, and what is written out loads to the same."""

import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from ceasefire.case import (
    Baseline,
    Case,
    Step,
    bind_expression,
    digest,
    dump,
    evaluate,
    load,
    loads,
    question_scope,
    schema,
    template,
)
from ceasefire.case.yaml_nodes import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    normalise_text,
)
from ceasefire.case.yaml_parser import parse_yaml
from ceasefire.errors import CaseError, ExpressionError, Problem

FOLDER = Path(__file__).parent / "cases" / "valid"
FILES = sorted(FOLDER.glob("*.yaml"))


def problems_of(text: str) -> tuple[Problem, ...]:
    """What is wrong with a case; it must be something."""
    with pytest.raises(CaseError) as caught:
        loads(text)
    return tuple(caught.value.problems)


def name(file: Path) -> str:
    return file.stem


@pytest.mark.parametrize("file", FILES, ids=name)
def test_resolved_form_is_the_same_case(file: Path) -> None:
    case = load(file)
    text = dump(case)
    again = loads(text)
    assert again == case
    assert dump(again) == text
    assert digest(again) == digest(case)
    assert "extends" not in text
    assert pickle.loads(pickle.dumps(case)) == case


def test_a_changed_case_is_another_case() -> None:
    text = dump(load(FOLDER / "everything.yaml"))
    case = loads(text)
    for old, new in (
        ("force >= 3", "force >= 2"),
        ("0.98", "0.97"),
        ("best: 0.3", "best: 0.31"),
        ("tail: 12", "tail: 11"),
        ("seats: [europe, ukraine]", "seats: [ukraine, europe]"),
        ("swap.*", "swap"),
    ):
        assert (loads(text.replace(old, new)) == case) == (old not in text)


def test_design_example_loads() -> None:
    case = load(FOLDER / "everything.yaml")
    assert (case.period, case.start, case.horizon, case.tail) == ("month", "2025-05", 36, 12)
    assert case.state["attention"].values == ("gone", "engaged")
    assert case.state["line"].values == (0, 1, 2, 3)
    assert case.state["pledged"].start is False
    assert list(case.variables_and_promises) == [*case.state, "no_attack"]
    assert case.unknowns["war_cost"].parameters == (0.5, 1, 2)
    assert list(case.moves) == ["europe.invest", "russia.attack"]
    assert case.promises["no_attack"].forbids == ("russia.attack",)
    assert case.tables["kyiv_moscow"].proposes == "russia"
    assert case.tables["kyiv_moscow"].meets.text == "1"
    assert case.tables["kyiv_moscow"].deals["swap"].needs == ("russia", "ukraine")
    assert case.parties["us"].precision.text == "20"
    assert list(case.parties["russia"].believed_by) == ["us"]
    assert case.payoffs["us"] == {}
    assert case.order[0] == Step("chance", "washington_tires")
    assert [event.target for event in case.events] == ["kyiv_moscow.swap", "kyiv_moscow.ceasefire"]
    assert case.claims["decisive"].line == 72
    assert case.sources["oped"].published == "2025-05-17"
    assert not case.warnings


def test_defaults() -> None:
    case = load(FOLDER / "least.yaml")
    assert case.title == "least.yaml"
    assert (case.period, case.start, case.ending, case.tail) == ("month", None, "lasts", 0)
    assert case.order == (Step("party", "alone"),)
    small = load(FOLDER / "small.yaml")
    assert [step.id for step in small.order] == ["rain", "t", "a", "b"]


def test_yaml_numbers_and_words_are_read_as_written() -> None:
    case = load(FOLDER / "numbers.yaml")
    assert case.horizon == 12
    assert case.parties["a"].name == "007"
    assert case.parties["a"].precision.text == "1e1"
    assert case.state["yes"].kind == "boolean"
    assert case.state["on"].values == ("off", "no", "y")
    assert case.state["war"].start is True
    assert case.state["line"].values == (-3, 5, 12)
    assert case.state["span"].values == (-2, -1, 0, 1, 2)
    assert case.unknowns["free"].best == 0.5
    assert case.unknowns["pick"].best == 0.2
    assert case.conditions["plain"].text == "war and line >= 5"
    assert case.conditions["folded"].tree == case.conditions["folded"].tree
    assert case.conditions["quoted"].text == "not war"
    assert case.conditions["again"].text == "0.5 * war"
    assert list(case.parties["c"].believed_by["a"]) == ["x", "y"]
    assert [step.only for step in case.order] == [None, ("wait", "pass"), None, None]
    assert case.moves["b.go"].during == (0, 3)


def test_missing_best_estimate_is_the_median() -> None:
    """And one that stands at an end of its range is inside it."""
    case = loads("""
    ceasefire: 1
    horizon: 1
    unknowns:
      a: {range: [1, 4]}
      b: {triangle: [0, 3, 4]}
      c: {normal: [2, 5]}
      d: {lognormal: [3, 2]}
      e: {oneof: [7, 1]}
      f: {best: 1, range: [1, 4]}
    parties: {x: {}}
    state: {}
    payoffs: {x: {all: a + b + c + d + e + f}}
    """)
    assert [unknown.best for unknown in case.unknowns.values()] == [2.5, 3, 2, 3, 7, 1]


def test_extended_case_merges_with_its_base() -> None:
    base, rival = load(FOLDER / "everything.yaml"), load(FOLDER / "rival.yaml")
    assert rival.about == base.about
    assert rival.title == "Ukraine, a rival reading"
    build = rival.unknowns["build_rate"]
    assert (build.kind, build.parameters, build.best) == ("triangle", (0.1, 0.2, 0.4), 0.3)
    assert build.unit == "probability/month"
    assert list(rival.unknowns) == ["build_rate", "war_cost", "oil_price"]
    assert rival.parties["russia"].patience.text == "0.97"
    assert rival.parties["russia"].types["maximalist"].text == "0.6"
    assert rival.parties["russia"].name == "Russia"
    assert list(rival.tables["kyiv_moscow"].deals) == ["ceasefire", "armistice"]
    assert rival.tables["kyiv_moscow"].deals["armistice"].needs == ()
    assert not rival.chance
    assert not rival.events
    assert rival.order[-2] == Step("party", "russia", ("attack", "pass"))
    assert load(FOLDER / "rival_of_rival.yaml").conditions["cheap"].text == "oil_price < 40"
    assert rival.conditions["cheap"].location.file == str(FOLDER / "rival.yaml")
    assert rival.conditions["secure"].location.file == str(FOLDER / "everything.yaml")


def test_premises_are_loaded_and_stand_for_a_test() -> None:
    """A claim without a test is true where its premises are, theirs included, each test once."""
    claims = load(FOLDER / "argument.yaml").claims
    ends = "P(eventually(not war)) > 0.5 or P(at_end(war)) < 0.1"
    assert claims["peace_lasts"].because == ("needs_force", "war_ends")
    assert claims["peace_lasts"].test == f"(P(always(war)) > 0.2) and ({ends})"
    assert claims["both"].test == f"({ends}) and (P(eventually(force >= 1)) > 0.5)"
    assert claims["alone"].test == f"({ends})"
    derived = [name for name, claim in claims.items() if claim.test_is_premises]
    assert derived == ["peace_lasts", "both", "alone"]
    assert [claims[name].line for name in ("peace_lasts", "needs_force", "both")] == [12, 13, 14]
    rival = load(FOLDER / "rival_argument.yaml").claims
    assert (rival["needs_force"].because, rival["both"].because) == ((), ("war_ends",))
    assert rival["both"].test == f"({ends})"


def test_all_faults_of_an_argument_are_found_at_once() -> None:
    text = (FOLDER / "argument.yaml").read_text()
    text = text.replace("[alone, force_comes]", "[alon, both, alone, alone]")
    text = text.replace("because: [war_ends]", "because: [peace_lasts]")
    text = text.replace("because: [force_comes, war_ends]", "because: [alone]")
    problems = problems_of(text)
    assert [(p.line, p.path, p.message) for p in problems] == [
        (12, "claims.peace_lasts.because", "claims rest on each other in a circle"),
        (14, "claims.both.because[0]", "no such claim"),
        (14, "claims.both.because[1]", "a claim cannot be its own premise"),
        (14, "claims.both.because[3]", "claim stands twice"),
    ]
    circle, unknown, *_ = problems
    assert circle.found == "peace_lasts because needs_force because alone because peace_lasts"
    assert unknown.help == "did you mean alone?"


def test_premises_whose_tests_are_too_long_together_are_named_where_they_are_listed() -> None:
    text, sum_of_many = (FOLDER / "argument.yaml").read_text(), " + ".join(["0.0001"] * 250)
    for number in range(6):
        text += f"  long_{number}: {{test: P(eventually(not war)) > {sum_of_many}{number}}}\n"
    text += f"  sum: {{because: [{', '.join(f'long_{number}' for number in range(6))}]}}\n"
    (problem,) = problems_of(text)
    assert (problem.path, problem.message, problem.allowed) == (
        "claims.sum.because",
        "the tests of its premises are too long together",
        "at most 10,000",
    )
    assert "`test` of its own" in problem.help


def test_levers_are_loaded() -> None:
    """In a name space of their own: a lever may be called like a claim, a table, an unknown."""
    case = load(FOLDER / "levers.yaml")
    first, talks, sworn = case.levers.values()
    assert (first.says, first.by, first.source) == ("Build the force first.", "a", "text")
    assert first.set == "start={force: 2}"
    assert (talks.says, talks.by) == (None, None)
    assert [option.arg for option in talks.syntax] == ["closed", "without"]
    assert [talks.location.position_at(one.col_offset) for one in talks.syntax] == [
        (18, 7),
        (19, 7),
    ]
    assert [option.arg for option in sworn.syntax] == ["start", "given"]
    assert not case.warnings, "an unknown that a lever gives and a promise that one makes are used"
    rival = load(FOLDER / "rival_levers.yaml").levers
    assert list(rival) == ["build_first", "sworn", "luck"]
    assert (rival["build_first"].by, rival["build_first"].set) == (None, "start={force: 1}")
    assert rival["build_first"].says == first.says


def test_all_faults_of_levers_are_found_at_once() -> None:
    text = (FOLDER / "levers.yaml").read_text()
    text = text.replace("by: a, set", "by: c, set").replace("start={force: 2}", "within=2, typ=1")
    text = text.replace("closed={talks: 2},", "closed={talks: 2}, after=[b.attack],")
    assert [(p.line, p.path, p.found) for p in problems_of(text)] == [
        (15, "levers.build_first.by", "c"),
        (15, "levers.build_first.set", "within="),
        (15, "levers.build_first.set", "typ="),
        (18, "levers.talks.set", "after="),
    ]


def test_experts_are_loaded() -> None:
    case = load(FOLDER / "experts.yaml")
    assert [(e.name, e.weight) for e in case.experts.values()] == [
        ("Desk A", 1.0),
        ("desk_b", 3.0),
        ("desk_c", 1.0),
    ]
    luck, cost, noise = case.unknowns.values()
    assert luck.experts["desk_a"].edges == pytest.approx((0.035, 0.05, 0.1, 0.2, 0.215))
    assert luck.experts["desk_b"].edges == pytest.approx((0.565, 0.6, 0.8, 0.95, 0.985))
    assert (luck.kind, luck.parameters) == ("experts", pytest.approx((0.035, 0.985)))
    assert (cost.points_are, cost.best, cost.parameters) == ("range", 1.0, (0.0, 4.0))
    assert (noise.kind, noise.experts) == ("triangle", {})
    rival = load(FOLDER / "rival_experts.yaml")
    assert rival.experts["desk_b"].weight == 1.0
    assert list(rival.unknowns["luck"].experts) == ["desk_a", "desk_c"]
    assert (rival.unknowns["luck"].least, rival.unknowns["luck"].most) == (0.0, 1.0)
    assert (rival.unknowns["cost"].kind, rival.unknowns["cost"].experts) == ("range", {})
    assert list(rival.unknowns["noise"].experts) == ["desk_a"]
    assert [str(w.message) for w in rival.warnings] == ["expert says nothing of any unknown"]


def test_experts_of_a_case_that_extends_another_replace_its_best_estimate_too(tmp_path) -> None:
    """The author's best estimate may lie where no expert's numbers reach."""
    base = (FOLDER / "experts.yaml").read_text().replace("noise: {", "noise: {best: 1.9, ")
    (tmp_path / "experts.yaml").write_text(base)
    said = "extends: experts.yaml\nunknowns: {noise: {experts: {desk_a: [0.1, 0.3, 0.6]}}}\n"
    (tmp_path / "rival.yaml").write_text(said)
    noise = load(tmp_path / "rival.yaml").unknowns["noise"]
    assert (noise.kind, noise.best) == ("experts", pytest.approx(0.3))
    (tmp_path / "rival.yaml").write_text(said.replace("noise: {", "noise: {best: 0.5, "))
    assert load(tmp_path / "rival.yaml").unknowns["noise"].best == 0.5
    pooled = "noise: {best: 0.6, experts: {desk_b: [0.1, 0.5, 0.9]}}"
    (tmp_path / "experts.yaml").write_text(
        base.replace("noise: {best: 1.9, triangle: [0, 1, 2]}", pooled)
    )
    (tmp_path / "rival.yaml").write_text(said)
    assert load(tmp_path / "rival.yaml").unknowns["noise"].best == 0.6


def test_an_unknown_may_have_a_label_which_is_written_again() -> None:
    text = (FOLDER / "experts.yaml").read_text()
    case = loads(text.replace("noise: {", "noise: {label: Noise of war, "))
    assert (case.unknowns["noise"].label, case.unknowns["luck"].label) == ("Noise of war", None)
    labels = {"luck": "luck", "cost": "cost", "noise": "Noise of war"}
    assert case.unknown_labels == labels
    assert loads(dump(case)).unknown_labels == labels


def test_all_faults_of_experts_are_found_at_once() -> None:
    text = (FOLDER / "experts.yaml").read_text()
    text = text.replace("weight: 3", "weight: -3").replace(
        "desk_a: [0.05, 0.1, 0.2]", "desk_d: [3]"
    )
    text = text.replace("desk_c: [0, 1, 4]", "desk_c: [4, 1, 0]")
    assert [(p.line, p.path, p.found) for p in problems_of(text)] == [
        (7, "experts.desk_b.weight", "-3"),
        (10, "unknowns.luck.experts.desk_d", "desk_d"),
        (10, "unknowns.luck.experts.desk_d", "1 of them"),
        (11, "unknowns.cost.experts.desk_c", "[4, 1, 0]"),
    ]


def test_claim_outcomes_are_loaded() -> None:
    case = load(FOLDER / "hindsight.yaml")
    ends, goes_on, again = case.claims.values()
    assert (ends.happened, goes_on.happened, again.happened) == (False, True, None)
    assert (ends.as_of, goes_on.as_of, again.as_of) == ("2025-05", "2025-05-17", "2025")
    assert ends.baseline == Baseline(
        lasted="1177d", within="4m", deaths=10000, after=1945, source="poll", about="of all"
    )
    assert goes_on.baseline == Baseline(lasted="3.2y", beyond="17w")
    assert again.baseline == Baseline(probability=0.1)
    early, late = case.forecasts.values()
    assert (early.claim, early.probability, early.as_of) == ("ends", 0.54, "2025-01")
    assert (early.kind, early.source, early.about) == ("crowd", "poll", "read later")
    assert (late.claim, late.probability, late.kind) == ("goes_on", 1, "expert")
    assert [event.confirmed for event in case.events] == [True, False]
    plain = load(FOLDER / "everything.yaml")
    assert plain.claims["decisive"].happened is None
    assert plain.claims["decisive"].baseline is None
    assert [event.confirmed for event in plain.events] == [True, True]


def test_template_is_a_valid_case() -> None:
    case = loads(template())
    assert not case.warnings
    assert len(case.parties) == 2
    assert len(case.claims) == 2
    assert "#" in template()
    assert max(map(len, template().splitlines())) <= 100


def plain(node: YamlNode) -> object:
    """A tree as JSON would hold it."""
    if isinstance(node, YamlMapping):
        return {name: plain(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, YamlSequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, YamlScalar)
    for value in (node.boolean, node.integer, node.number):
        if value is not None:
            return value
    return node.text


def accepts(rule: dict[str, Any], value: object, whole: dict[str, Any]) -> bool:
    """Whether a value fits a JSON Schema, as far as ours goes."""
    if "$ref" in rule:
        target = str(rule["$ref"]).rsplit("/", 1)[1]
        return accepts(whole["$defs"][target], value, whole)
    if "anyOf" in rule and not any(accepts(one, value, whole) for one in rule["anyOf"]):
        return False
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    kinds |= {"array": list, "object": dict}
    wanted = rule.get("type", [])
    allowed = [wanted] if isinstance(wanted, str) else wanted
    if allowed and not any(isinstance(value, kinds[one]) for one in allowed):
        return False
    if isinstance(value, dict):
        if not rule.get("minProperties", 0) <= len(value) <= rule.get("maxProperties", 999):
            return False
        known: dict[str, Any] = rule.get("properties", {})
        if any(one not in value for one in rule.get("required", [])):
            return False
        more = rule.get("additionalProperties", True)
        for one, item in value.items():
            inner = known.get(one, more)
            if inner is False or (isinstance(inner, dict) and not accepts(inner, item, whole)):
                return False
    if isinstance(value, list) and isinstance(items := rule.get("items"), dict):
        return all(accepts(items, item, whole) for item in value)
    if isinstance(value, str) and not re.search(rule.get("pattern", ""), value):
        return False
    return "enum" not in rule or value in rule["enum"]


WHOLE = [file for file in FILES if not file.stem.startswith("rival")]


@pytest.mark.parametrize("file", WHOLE, ids=name)
def test_schema_accepts(file: Path) -> None:
    tree, _ = parse_yaml(normalise_text(file.read_text(encoding="utf-8"), file.name))
    assert tree is not None
    assert accepts(schema(), plain(tree), schema())


SMALLEST = {"ceasefire": 1, "horizon": 1, "parties": {"a": {}}, "state": {"war": {}}}
MISTAKES: list[dict[str, object]] = [
    {"horizon": "x"},
    {"parties": 3},
    {"moves": {"go": {"by": "a", "wen": "war"}}},
    {"claims": {"c": {"says": "x"}}},
    {"claims": {"c": {"because": "d"}}},
    {"levers": {"l": {"says": "x"}}},
    {"experts": {"e": {"weight": "much"}}},
    {"unknowns": {"u": {"experts": [1, 2, 3]}}},
    {"unknowns": {"u": {"is": "quantile"}}},
    {"claims": {"c": {"test": 0.5}}},
    {"claims": {"c": {"test": "war"}}},
    {"claims": {"c": {"test": "P(eventually(war))"}}},
    {"parties": {"a": {"types": {"only": 1}}}},
    {"parties": {"a": {"types": dict.fromkeys("vwxyz", 0.2)}}},
]


def test_schema_accepts_the_smallest_case() -> None:
    claim = {"claims": {"c": {"test": "P(eventually(war)) > 0.5"}}}
    move = {"moves": {"go": {"by": "a", "when": "war"}}}
    assert accepts(schema(), SMALLEST | claim | move, schema())


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_schema_refuses_one_mistake(mistake: dict[str, object]) -> None:
    assert not accepts(schema(), SMALLEST | mistake, schema())


def test_schema_lets_a_case_change_some_of_the_types_of_another() -> None:
    party = {"parties": {"a": {"types": {"mild": 0.4}}}}
    assert accepts(schema(), {"extends": "other.yaml"} | party, schema())
    three = {"parties": {"a": {"types": {"mild": 0.4, "hard": 0.4, "torn": 0.2}}}}
    assert accepts(schema(), SMALLEST | three, schema())


def test_schema_is_json_with_words_for_every_key() -> None:
    found = json.loads(json.dumps(schema()))
    for part in (found, *found["$defs"].values()):
        assert all(entry["description"] for entry in part["properties"].values())


def test_case_is_frozen() -> None:
    case: Case = load(FOLDER / "small.yaml")
    with pytest.raises(AttributeError):
        case.horizon = 4  # type: ignore[misc]
    with pytest.raises(TypeError):
        case.state["war"] = case.state["war"]  # type: ignore[index]


def test_names_available_in_questions() -> None:
    case = load(FOLDER / "everything.yaml")
    scope = question_scope(case)
    bound = bind_expression(
        "secure and no_attack and build_rate > 0.2 and attention == gone", scope
    )
    assert bound.names_read == {"force", "no_attack", "build_rate", "attention"}
    columns = {"force": 3.0, "no_attack": 1.0, "attention": 0.0, **case.best_estimates}
    assert evaluate(bound, columns, case.conditions, 1).tolist() == [1]
    with pytest.raises(ExpressionError, match="a table, which has no value"):
        bind_expression("kyiv_europe", scope)
    with pytest.raises(ExpressionError, match="the name of a type"):
        bind_expression("pragmatic", scope)


def test_source_positions_are_recorded() -> None:
    case = load(FOLDER / "numbers.yaml")
    folded = case.conditions["folded"]
    assert folded.location.position_at(0) == (23, 5)
    assert folded.location.position_at(folded.text.index("line")) == (24, 9)
    assert (folded.line, folded.column, folded.path) == (23, 5, "conditions.folded")
    assert case.conditions["single"].location.position_at(4) == (30, 16)
    assert case.conditions["again"].line == 35


def test_sources_keep_unknown_fields() -> None:
    least = "ceasefire: 1, horizon: 1, parties: {a: {}}, state: {}"
    text = f"{{{least}, sources: {{x: {{url: 'a: b', year: 2}}}}}}"
    case = loads(text)
    assert case.sources["x"].more == {"url": "a: b", "year": "2"}
    assert loads(dump(case)) == case
    assert len({case, loads(text)}) == 1


@pytest.mark.parametrize("start", ["2025-H2", "2025-07", "2025-07-15"])
def test_a_half_year_is_a_period(start):
    text = f"{{ceasefire: 1, horizon: 3, period: half-year, start: {start}, parties: {{a: {{}}}}, "
    case = loads(text + "state: {war: {}}}")
    assert (case.period, case.start) == ("half-year", start)
    assert loads(dump(case)) == case


@pytest.mark.parametrize("start", ["2025-H3", "2025-Q1", "2025"])
def test_a_half_year_has_no_other_dates(start):
    text = f"{{ceasefire: 1, horizon: 3, period: half-year, start: {start}, parties: {{a: {{}}}}, "
    with pytest.raises(CaseError) as caught:
        loads(text + "state: {war: {}}}")
    (problem,) = caught.value.problems
    assert problem.message == "is not the date of a half-year"
    assert "2025-H2" in problem.allowed
