"""Moves and deals on a scale: written once, one for each value of a number."""

import re

import numpy as np
import pytest

from ceasefire import timeline
from ceasefire.case import dump, loads, schema
from ceasefire.diagnostics import fold_families, join_names
from ceasefire.ensemble import ask
from ceasefire.errors import CaseError, QuestionError
from ceasefire.game import build
from ceasefire.query.explanation import explain
from twin import Twin

SIZES = (0, 2, 3)
ALL_THE_SAME = "no expression of the family reads its number, so that all members are the same"
CASE = """
ceasefire: 1
horizon: 3
ending: nothing
unknowns: {rate: {best: 0.4, range: [0.2, 0.6]}}
parties:
  a: {precision: 3, patience: 0.8}
  b: {precision: 4, patience: 0.9, types: {greedy: 0.4, modest: 0.6}}
state: {pie: {values: 0..4, start: 0}, over: {}, armed: {}}
payoffs:
  a: {share: pie * over, fear: -0.5 * armed}
  b: {share: "(4 - pie) * over * (1 if type == greedy else 0.6)", arms: 0.2 * armed}
promises: {calm: {by: b, forbids: [arm], breach: 0.3}}
moves:
__MOVES__
  wait: {by: b}
tables:
  talks:
    seats: [a, b]
    meets: 0.8
    deals:
__DEALS__
      leave: {when: not over, set: {over: true}}
order: [talks, {b: [arm, wait]}]
"""
ARM = (
    "by: b, when: not armed and not over and {n} > 0, cost: 0.1 * {n}, weight: {w}, "
    "outcomes: [{{name: found, chance: rate * {n} / 4, set: {{armed: true}}}}]"
)
SPLIT = (
    "when: not over, set: {{pie: {n}, over: true}}, weight: {w}, promises: [calm], "
    "cost: {{a: 0.05 * {n}}}"
)
FAMILIES = CASE.replace(
    "__MOVES__", f"  arm: {{for: {{size: 1..3}}, {ARM.format(n='size', w='2 + size')}}}"
).replace("__DEALS__", f"      split: {{for: {{n: [0, 2, 3]}}, {SPLIT.format(n='n', w='rate')}}}")
WRITTEN_OUT = (
    CASE.replace(
        "__MOVES__",
        "\n".join(f"  arm_{n}: {{{ARM.format(n=n, w=f'(2 + {n}) / 3')}}}" for n in (1, 2, 3)),
    )
    .replace(
        "__DEALS__",
        "\n".join(f"      split_{n}: {{{SPLIT.format(n=n, w='rate / 3')}}}" for n in SIZES),
    )
    .replace("[arm]", "[arm_1, arm_2, arm_3]")
    .replace("[arm, wait]", "[arm_1, arm_2, arm_3, wait]")
)
QUESTIONS = (
    "value(a)",
    "value(b, type=modest)",
    "P(eventually(armed))",
    "E(pie)",
    "P(eventually(happens(talks.split[2])))",
    "P(eventually(happens(b.arm[3].found)))",
    "plays(talks.split[3])",
    "plays(b.arm[1])",
    "signs(b, talks.split[0])",
    "belief(b.greedy, after=b.arm[2])",
    "belief(b.greedy, after=refused(talks.split[3], by=b))",
    "value(a, without=[talks.split[2], b.arm[3]])",
    "kept(calm, 3)",
    "can([a, b], eventually(pie == 3))",
)
OF_FAMILIES = {
    "plays(talks.split)": "plays(talks.split_0) + plays(talks.split_2) + plays(talks.split_3)",
    "plays(b.arm)": "plays(b.arm_1) + plays(b.arm_2) + plays(b.arm_3)",
    "P(eventually(happens(talks.split)))": (
        "P(eventually(happens(talks.split_0) or happens(talks.split_2) or happens(talks.split_3)))"
    ),
    "time(happens(b.arm.found))": (
        "time(happens(b.arm_1.found) or happens(b.arm_2.found) or happens(b.arm_3.found))"
    ),
    "value(b, without=talks.split)": (
        "value(b, without=[talks.split_0, talks.split_2, talks.split_3])"
    ),
    "value(b, without=[b.arm, talks.split[0]])": (
        "value(b, without=[b.arm_1, b.arm_2, b.arm_3, talks.split_0])"
    ),
}


def answers(case, questions):
    return [answer.best for answer in ask(case, *questions, certify=False).answers]


def test_a_family_is_what_is_written_out_with_shares_of_the_weight():
    plain = [re.sub(r"\[(\d)\]", r"_\1", question) for question in QUESTIONS]
    found = answers(loads(FAMILIES), [*QUESTIONS, *OF_FAMILIES])
    wanted = answers(loads(WRITTEN_OUT), [*plain, *OF_FAMILIES.values()])
    assert found == pytest.approx(wanted, abs=1e-12)


UNTYPED = (
    FAMILIES.replace(", types: {greedy: 0.4, modest: 0.6}", "")
    .replace("(1 if type == greedy else 0.6)", "rate")
    .replace("horizon: 3", "horizon: 2")
)


@pytest.mark.parametrize("text", [UNTYPED, FAMILIES.replace("horizon: 3", "horizon: 1")])
def test_the_twin_agrees_on_families(text):
    case = loads(text)
    twin = Twin(case, quick=True)
    hidden = ("belief", "value(b, type") if text == UNTYPED else ("kept",)
    asked = [q for q in (*QUESTIONS, *OF_FAMILIES) if not q.startswith(hidden)]
    asked = [q.replace("kept(calm, 3)", "kept(calm, 2)") for q in asked]
    assert answers(case, asked) == pytest.approx([twin.ask(q) for q in asked], abs=2e-3)


def test_signing_any_of_a_family_is_the_mean_over_what_is_offered():
    case = loads(FAMILIES)
    members = [f"talks.split[{n}]" for n in SIZES]
    offers = answers(case, [f"plays({member})" for member in members])
    yeses = answers(case, [f"signs(b, {member})" for member in members])
    (any_of_them,) = answers(case, ["signs(b, talks.split)"])
    assert any_of_them == pytest.approx(np.average(yeses, weights=offers), abs=1e-9)


def test_a_finer_scale_weighs_no_more():
    def nobody_offers(values):
        text = FAMILIES.replace("[0, 2, 3]", values).replace("precision: 3", "precision: 1.0e-6")
        return answers(loads(text), ["1 - plays(talks.split) - plays(talks.leave)"])[0]

    assert nobody_offers("[2]") == pytest.approx(nobody_offers("0..4"), abs=1e-5)


def test_the_resolved_form_says_the_family_once_and_gives_the_same_case():
    case = loads(FAMILIES)
    text = dump(case)
    assert text.count("split:") == 1
    assert '"n": [0, 2, 3]' in text  # in quotes: readers of YAML 1.1 take a bare n for no
    assert "size: 1..3" in text
    assert "forbids: [arm]" in text
    assert "b: [arm, wait]" in text
    assert loads(text) == case
    assert case.families == {
        "b.arm": ("b.arm[1]", "b.arm[2]", "b.arm[3]"),
        "talks.split": ("talks.split[0]", "talks.split[2]", "talks.split[3]"),
    }


def test_two_parties_may_have_a_family_of_one_name():
    text = FAMILIES.replace("  wait: {by: b}", "  a.arm: {by: a, for: {k: 1..2}, cost: k}")
    case = loads(text.replace("  arm:", "  b.arm:").replace("[arm, wait]", "[arm, pass]"))
    assert [key for key in case.moves if key.startswith("a.")] == ["a.arm[1]", "a.arm[2]"]
    assert loads(dump(case)) == case


def problems(text):
    with pytest.raises(CaseError) as caught:
        loads(text)
    return [(one.message, one.found) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "message", "found"),
    [
        ("{n: 3..1}", "values end before they begin", "3..1"),
        ("{n: 0..5000}", "has too many values", "0..5000"),
        ("{n: [0.5]}", "must be a whole number", "0.5"),
        ("{n: [1, 1]}", "value stands twice", "1"),
        ("{n: {}}", "values cannot be read", "a mapping"),
        ("{n: 0..1, m: 0..1}", "must name one number and its values", "n, m"),
        ("{}", "must name one number and its values", "no number"),
        ("{pie: 0..1}", "the number of a family has the name of a variable", "pie"),
        ("{if: 0..1}", "the number of a family cannot have a name that the language uses", "if"),
        ("{m: 0..1}", ALL_THE_SAME, "m"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_family_is_said_once(written, message, found):
    said = problems(FAMILIES.replace("{n: [0, 2, 3]}", written))
    assert [one for one in said if one[0] == message] == [(message, found)]
    assert all(one[0] in (message, "no such name") for one in said)


def test_a_value_out_of_range_is_told_for_the_first_member_alone():
    assert problems(FAMILIES.replace("[0, 2, 3]", "3..9")) == [("is not one of the values", "5")]


def test_a_division_that_is_guarded_is_allowed():
    text = FAMILIES.replace("cost: 0.1 * size", 'cost: "1 / (size - 1) if size > 1 else 0"')
    assert len(loads(text).families["b.arm"]) == 3


def test_the_number_is_read_nowhere_else():
    (said,) = problems(FAMILIES.replace("fear: -0.5 * armed", "fear: -0.5 * n"))
    assert said == ("no such name", "n")


@pytest.mark.parametrize("target", ["talks.split[2]", "talks.split"])
def test_an_event_names_one_member_or_any_of_them(target):
    event = "events: [{{period: 0, deal: '{}'}}]\n"
    assert loads(FAMILIES + event.format(target)).events[0].target == target
    (said,) = problems(FAMILIES + event.format("talks.split[1]"))
    assert said == ("no such deal (write table.deal)", "talks.split[1]")


@pytest.mark.parametrize("question", ["plays(talks.split[1])", "belief(b.greedy, after=b.arm)"])
def test_questions_about_no_member_are_refused(question):
    with pytest.raises(QuestionError):
        ask(loads(FAMILIES), question)


def test_editors_complete_a_family():
    found = schema()["$defs"]
    for kind in ("WrittenMove", "WrittenDeal"):
        assert found[kind]["properties"]["for"]["additionalProperties"]["type"]


def test_a_family_is_laid_out_as_options_of_one_step():
    game = build(loads(FAMILIES))
    assert {f"talks.split[{n}]" for n in SIZES} <= set(game.options)


def test_explain_lists_each_member_that_matters():
    shown = explain(loads(FAMILIES), "b", {})
    assert "arm[" in str(shown.as_json())


def test_many_options_are_told_by_the_likeliest_and_counted():
    text = FAMILIES.replace("[0, 2, 3]", "0..4").replace("0..4, start", "0..40, start")
    wide = text.replace("{n: 0..4}", "{n: 0..40}").replace("(4 - pie)", "(40 - pie) / 10")
    (decision,) = explain(loads(wide), "a", {}).decisions
    count, probability = decision.choices_left_out
    assert len(decision.shown_choices) + count == len(decision.choices) == 43
    left = decision.choices[len(decision.shown_choices) :]
    assert probability == pytest.approx(sum(option.probability for option in left))


def test_a_long_family_is_one_line_of_the_timeline():
    text = FAMILIES.replace("[0, 2, 3]", "0..4").replace("0..4, start", "0..40, start")
    short, long = timeline(loads(text)), timeline(loads(text.replace("{n: 0..4}", "{n: 0..40}")))
    assert "talks.split[4]" in [series.name for series in short.series]
    named = [series for series in long.series if "split" in series.name]
    assert {(s.kind, s.name) for s in named} == {
        (kind, "talks.split") for kind in ("event", "offer", "refusal")
    }
    (event,) = [series for series in named if series.kind == "event"]
    (asked,) = answers(loads(text.replace("{n: 0..4}", "{n: 0..40}")), [
        "P(eventually(happens(talks.split)), within=1)"
    ])  # fmt: skip
    assert event.values[0] == pytest.approx(asked, abs=1e-9)


def test_names_of_a_family_are_folded_for_readers():
    assert fold_families(["a[1]", "a[2]", "b", "a[3]"]) == ["a[1..2]", "b", "a[3]"]
    assert "split[0, 2, 3]" in join_names(loads(FAMILIES).tables["talks"].deals)


def test_names_that_only_look_like_a_family_are_left_as_they_are():
    assert join_names(["a[x]", "a[y]", "[1, 2]", "[3]", "b[1]"]) == "a[x], a[y], [1, 2], [3], b[1]"
    assert join_names(["a[-1]", "a[0]", "a[1]"]) == "a[-1..1]"
