"""A form shows what is written, and an answer changes that one thing in the text."""
# ruff: noqa: E501

import re
from pathlib import Path

import pytest

from ceasefire.case import loads, template
from ceasefire.errors import CaseError
from ceasefire.formats.case_forms import (
    add_item,
    case_form,
    change_field,
    outcome_quantities,
    remove_item,
)
from ceasefire.formats.guided_case import PATTERNS, guided_case

CASES = Path(__file__).parents[1] / "cases"
TEXT = template()


def item(text, title):
    return next(i for section in case_form(text) for i in section.items if i.title == title)


def field(text, title, label):
    return next(f for f in item(text, title).fields if f.label == label)


@pytest.mark.parametrize(
    "file", sorted([*CASES.glob("*.yaml"), *CASES.glob("models/*.yaml")]), ids=lambda f: f.stem
)
def test_every_shipped_case_has_a_form_and_no_answer_changes_nothing(file):
    text = file.read_text(encoding="utf-8")
    for section in case_form(text):
        for one in section.items:
            for asked in one.fields:
                assert change_field(text, asked, asked.value) == text


@pytest.mark.parametrize(
    ("title", "label", "answer", "line"),
    [
        ("war cost", "estimate", "about 0,2 to 0,8", "  war_cost: {range: [0.2, 0.8], unit: payoff/month, about: what war costs North}"),
        ("war cost", "estimate", "50 %", "  war_cost: {best: 0.5, unit: payoff/month, about: what war costs North}"),
        ("war cost", "estimate", "1 (0.5 to 2)", "  war_cost: {best: 1, range: [0.5, 2], unit: payoff/month, about: what war costs North}"),
        ("North", "name", "The North: all of it", '  north: {name: "The North: all of it", patience: 0.95, precision: 10}'),
        ("North", "patience", "90 %", "  north: {name: North, patience: 0.9, precision: 10}"),
        ("Table: talks", "chance to meet", "1 in 4", "    meets: 0.25                    # they meet every other month"),
        ("North: attack", "what it changes", "fighting = true", None),
        ("North: attack", "what it costs", "0,3", "  attack: {by: north, when: not fighting, set: {fighting: true}, cost: 0.3}"),
        ("Each month in which fighting costs South", "amount", "1,5", "  south: {war: -1.5 * fighting}"),
        ("Each month in which fighting costs North", "amount", "2", "  north: {war: -2 * fighting, gain: 0.5 * fighting}"),
        ("", "how many periods", "24", "horizon: 24                       # questions look at twelve months"),
    ],
)  # fmt: skip
def test_an_answer_changes_its_line_and_no_other(title, label, answer, line):
    changed = change_field(TEXT, field(TEXT, title, label), answer)
    before, after = TEXT.splitlines(), changed.splitlines()
    assert len(before) == len(after)
    differing = [new for old, new in zip(before, after, strict=True) if old != new]
    assert differing == ([line] if line else [])
    loads(changed)


def test_an_empty_answer_takes_the_key_out():
    changed = change_field(TEXT, field(TEXT, "North: attack", "only when"), "")
    assert "  attack: {by: north, set: {fighting: true}, cost: 0.2}" in changed.splitlines()


@pytest.mark.parametrize(
    ("title", "label", "answer", "path"),
    [
        ("war cost", "estimate", "some", "unknowns.war_cost"),
        ("North: attack", "what it changes", "fighting: false", "moves.attack.set"),
        ("North: attack", "what it changes", "fighting == false", "moves.attack.set"),
        ("Each month in which fighting costs South", "amount", "-1", "payoffs.south.war"),
        ("", "how many periods", "a year", "horizon"),
    ],
)
def test_an_answer_that_means_nothing_is_refused_at_its_field(title, label, answer, path):
    with pytest.raises(CaseError) as caught:
        change_field(TEXT, field(TEXT, title, label), answer)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_what_is_added_is_there_and_the_case_still_stands():
    text = add_item(TEXT, "party", {"name": "Éire"})
    text = add_item(text, "unknown", {"name": "Price of peace", "estimate": "0,4, 0,1 to 0,6"})
    text = add_item(
        text, "payoff", {"party": "eire", "fact": "fighting", "amount": "price_of_peace"}
    )
    text = add_item(
        text,
        "table",
        {
            "name": "Dublin",
            "seats": ["eire", "south"],
            "deal": "Help",
            "effects": "fighting = false",
        },
    )
    text = add_item(text, "deal", {"table": "talks", "name": "A swap"})
    text = add_item(text, "move", {"name": "Protest", "by": "eire", "effects": "fighting = false"})
    quantity = next(
        q for q, words in outcome_quantities(text).items() if words == "“Help” is agreed"
    )
    text = add_item(text, "claim", {"name": "Help comes.", "outcome": quantity, "test": "likely"})
    case = loads(text)
    assert case.parties["eire"].name == "Éire"
    assert case.unknowns["price_of_peace"].parameters == (0.1, 0.6)
    assert case.payoffs["eire"]["fighting"].text == "-price_of_peace * fighting"
    assert case.tables["dublin"].seats == ("eire", "south")
    assert [step.id for step in case.order] == ["talks", "north", "dublin", "eire"]
    assert "a_swap" in case.tables["talks"].deals
    assert case.claims["help_comes"].test == "P(eventually(happens(dublin.help))) > 0.5"
    kept = [line for line in TEXT.splitlines() if "#" in line and not line.startswith("order")]
    assert [line for line in text.splitlines() if line in kept] == kept
    out = remove_item(text, item(text, "Help comes."))
    assert "help_comes" not in loads(out).claims


def test_what_is_missing_of_something_new_is_said_at_its_field():
    for kind, answers, path in (
        ("party", {}, "name"),
        ("unknown", {"name": "x", "estimate": "much"}, "estimate"),
        ("payoff", {"party": "north", "amount": "1"}, "fact"),
        ("table", {"name": "x", "seats": ["north"], "deal": "y"}, "seats"),
        ("move", {"name": "x"}, "by"),
        ("claim", {"name": "x"}, "outcome"),
    ):
        with pytest.raises(CaseError) as caught:
            add_item(TEXT, kind, answers)
        assert caught.value.problems[0].path == path


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_payoff_of_a_new_case_is_a_sentence(pattern):
    text = guided_case(PATTERNS[pattern].example)
    payoffs = next(s for s in case_form(text) if s.kind == "payoff")
    formulas = [i.title for i in payoffs.items if not i.title.startswith("Each ")]
    assert len(formulas) == (1 if pattern == "threat" else 0)  # one reads a type


@pytest.mark.parametrize(
    ("kind", "answers", "line"),
    [
        ("type", {"party": "south", "name": "Tired out", "chance": "0,3", "other": "fresh"},
         "  south: {name: South, patience: 0.95, precision: 10, types: {tired_out: 0.3, fresh: 1 - 0.3}}"),
        ("promise", {"name": "No shelling", "forbids": ["attack"], "breach": "0,2"},
         "  no_shelling: {by: north, forbids: [attack], breach: 0.2}"),
        ("chance", {"name": "Collapse", "when": "fighting", "chance": "5 %", "effects": "fighting = false"},
         "  collapse: {when: fighting, outcomes: [{name: strikes, chance: 0.05, set: {fighting: false}}]}"),
        ("lever", {"name": "Nobody talks", "by": "north", "set": "without=talks"},
         "  nobody_talks: {says: Nobody talks, by: north, set: without=talks}"),
    ],
)  # fmt: skip
def test_types_promises_chance_and_levers_are_added(kind, answers, line):
    changed = add_item(TEXT, kind, answers)
    assert line in changed.splitlines()
    before, after = (re.findall("#.*", one) for one in (TEXT, changed))
    assert before == after  # comments stay
    loads(changed)


@pytest.mark.parametrize(
    ("kind", "answers", "path"),
    [
        ("type", {"name": "calm", "chance": "0.5", "other": "rash"}, "party"),
        ("type", {"party": "south", "name": "calm", "chance": "often", "other": ""}, "other"),
        ("type", {"party": "south", "name": "a", "chance": "a or b", "other": "b"}, "chance"),
        ("promise", {"name": "peace"}, "forbids"),
        ("chance", {"name": "rain", "chance": "0.5"}, "effects"),
        ("lever", {"name": "wait"}, "set"),
    ],
)
def test_what_is_missing_in_them_is_said_at_its_field(kind, answers, path):
    with pytest.raises(CaseError) as caught:
        add_item(TEXT, kind, answers)
    assert caught.value.problems[0].path == path


def test_types_promises_chance_levers_and_alternatives_are_answered_in_the_form():
    text = (CASES / "ukraine-2025.yaml").read_text(encoding="utf-8")
    for title, label, answer, expected in (
        ("Russia", "chance that it is maximalist", "0.6", "types: {maximalist: 0.6, pragmatic: 1 - maximalist_prior}"),
        ("no attack", "what breaking it costs", "0,3", "no_attack: {by: russia, forbids: [attack], breach: 0.3}"),
        ("recovery", "chance of rearms", "20 %", "{name: rearms, chance: 0.2, set: {worn: false}}"),
        ("What stopping costs a Moscow that wants more", "weight of costs nothing", "2", "weights: {costs_nothing: 2}"),
        ("What stopping costs a Moscow that wants more", "at the best estimates", "costs_nothing", "best: costs_nothing"),
        ("Washington rules out any deal with Moscow over the heads of others.", "what is different then", "without=washington_moscow", "set: without=washington_moscow,"),
    ):  # fmt: skip
        changed = change_field(text, field(text, title, label), answer)
        assert expected in changed
        assert changed.count("#") == text.count("#")


TWO_WAYS = """
alternatives:           # two doubts
  cost:                 # the first
    label: What war costs
    weights: {high: 0}
    options:
      low: {}
      high: {unknowns: {war_cost: {best: 0.8}}}   # as some say
      fixed: {tables: {talks: {when: false, deals: {ceasefire: {needs: [north], set: {fighting: false}}}}}, order: [talks, north]}
"""


@pytest.mark.parametrize(
    ("kind", "answers", "line"),
    [
        ("promise", {"name": "Disarm", "owes": ["attack"], "within": "4", "breach": "0,2"},
         "  disarm: {by: north, owes: [attack], within: 4, breach: 0.2}"),
        ("option", {"alternative": "cost", "name": "No talks", "table": "talks"},
         "      no_talks: {tables: {talks: {when: false}}}"),
        ("change", {"option": "cost.high", "payoff": "south.war", "amount": "2"},
         "      high: {unknowns: {war_cost: {best: 0.8}}, payoffs: {south: {war: -2 * fighting}}}   # as some say"),
        ("change", {"option": "cost.high", "unknown": "war_cost", "estimate": "0.7 (0.6 to 0.9)"},
         "      high: {unknowns: {war_cost: {best: 0.7, range: [0.6, 0.9]}}}   # as some say"),
        ("change", {"option": "cost.high", "order": "North, talks"},
         "      high: {unknowns: {war_cost: {best: 0.8}}, order: [north, talks]}   # as some say"),
        ("alternative", {"name": "Who talks", "first": "Both", "option": "Nobody", "table": "talks"},
         "  who_talks: {label: Who talks, options: {both: {}, nobody: {tables: {talks: {when: false}}}}}"),
    ],
)  # fmt: skip
def test_promises_to_act_and_rival_ways_are_added(kind, answers, line):
    text = TEXT + TWO_WAYS
    changed = add_item(text, kind, answers)
    assert line in changed.splitlines()
    assert re.findall("#.*", text) == re.findall("#.*", changed)  # comments stay
    loads(changed)


def test_a_first_alternative_is_made_where_there_was_none():
    answers = {"name": "War", "first": "cheap", "option": "dear",
               "unknown": "war_cost", "estimate": "0.8"}  # fmt: skip
    case = loads(add_item(TEXT, "alternative", answers))
    assert case.unknowns["war_cost"].best == 0.6
    assert case.coding({"war": "dear"}).unknowns["war_cost"].best == 0.8


def test_a_party_has_up_to_four_types_and_its_chances_add_up():
    text = add_item(
        TEXT, "type", {"party": "south", "name": "tired", "chance": "0.3", "other": "fresh"}
    )
    text = add_item(text, "type", {"party": "south", "name": "broke", "chance": "0.1"})
    assert "types: {tired: 0.3, fresh: 1 - 0.3 - 0.1, broke: 0.1}}" in text
    text = add_item(
        text, "type", {"party": "south", "name": "mad", "chance": "0.2", "other": "Tired"}
    )
    assert "types: {tired: 0.1, fresh: 1 - 0.3 - 0.1, broke: 0.1, mad: 0.2}}" in text
    assert list(loads(text).parties["south"].types) == ["tired", "fresh", "broke", "mad"]
    with pytest.raises(CaseError, match="four types already"):
        add_item(text, "type", {"party": "south", "name": "calm", "chance": "0.1"})


@pytest.mark.parametrize(
    ("kind", "answers", "path"),
    [
        ("type", {"party": "south", "name": "c", "chance": "0.1", "other": "d"}, "other"),
        ("type", {"party": "south", "name": "c", "chance": "0.4", "other": "a"}, "chance"),
        ("promise", {"name": "peace", "forbids": ["attack"], "owes": ["attack"]}, "owes"),
        ("promise", {"name": "peace", "owes": ["attack"]}, "within"),
        ("promise", {"name": "peace", "owes": ["attack"], "within": "soon"}, "within"),
        ("alternative", {"name": "x", "first": "a"}, "option"),
        ("alternative", {"name": "x", "first": "a", "option": "b"}, "unknown"),
        ("option", {"name": "x"}, "alternative"),
        ("option", {"name": "x", "alternative": "cost", "amount": "1"}, "payoff"),
        ("option", {"name": "x", "alternative": "cost", "unknown": "war_cost"}, "estimate"),
        ("change", {"option": "cost.high", "payoff": "north.gain", "amount": "x or y"}, "amount"),
        ("change", {"table": "talks"}, "option"),
        ("change", {"option": "cost.high", "order": "talks, North"}, "unknown"),
        ("change", {"option": "cost.high", "order": "talks, East"}, "order"),
    ],
)
def test_what_is_missing_in_promises_types_and_options_is_said_at_its_field(kind, answers, path):
    text = TEXT.replace("north: {name", "north: {types: {c: 0.5, d: 0.5}, name") + TWO_WAYS
    text = text.replace("south: {name", "south: {types: {a: 0.3, b: 0.7}, name")
    with pytest.raises(CaseError) as caught:
        add_item(text, kind, answers)
    assert caught.value.problems[0].path == path


def test_what_an_option_changes_is_shown_in_words_and_changed_where_it_stands():
    text = TEXT + TWO_WAYS
    high, fixed = "What war costs: high", "What war costs: fixed"
    assert item(text, "What war costs: low").note == "As the rest of the case has it."
    assert field(text, high, "war cost: estimate").value == "0.8"
    assert [(f.label, f.value) for f in item(text, fixed).fields] == [
        ("talks", "false"),
        ("talks, ceasefire, needs", ("north",)),
        ("talks, ceasefire: what it changes", "fighting = false"),
        ("who moves when in a period", "talks, North"),
    ]
    assert item(text, fixed).note == ""
    changed = change_field(text, field(text, high, "war cost: estimate"), "75 % (0.7 to 0.9)")
    assert (
        "high: {unknowns: {war_cost: {best: 0.75, range: [0.7, 0.9]}}}   # as some say" in changed
    )
    both = field(text, fixed, "talks, ceasefire, needs")
    assert "needs: [north, south]" in change_field(text, both, ("north", "south"))
    there = change_field(text, field(text, fixed, "talks"), "")
    assert "fixed: {tables: {talks: {deals:" in there
    none = change_field(text, field(text, high, "war cost: estimate"), "")
    assert "high: {}   # as some say" in none  # nothing empty is left behind
    for one in (changed, there, none):
        assert re.findall("#.*", text) == re.findall("#.*", one)


def test_what_an_option_takes_away_is_shown_and_can_be_kept():
    ways = """
alternatives:
  gain:
    options:
      some: {}
      none: {payoffs: {north: {gain: null}}, claims: {the_promise_is_kept: null}}
      other: {unknowns: {war_cost: {best: 0.5, triangle: [0.2, 0.9]}}}
"""
    title = "gain: none"
    fields = item(TEXT + ways, title).fields
    assert [(f.label, f.value) for f in fields] == [
        ("Each month in which fighting brings North", "null"),
        ("the promise is kept", "null"),
    ]
    kept = change_field(TEXT + ways, fields[0], "")
    assert "none: {claims: {the_promise_is_kept: null}}" in kept
    drawn = item(TEXT + ways, "gain: other")
    assert drawn.note == "In the text: the distribution of war cost."
    assert "{best: 0.6, triangle: [0.2, 0.9]}" in change_field(TEXT + ways, drawn.fields[0], "60 %")


STEPS = """
order: [rain, [{north: [attack, pass]}, south], {shuffle: [talks, {south: [attack]}]}]  # so
"""
IN_WORDS = "rain, North (attack, pass) + South, in random order (talks, South (attack))"


def test_the_order_of_steps_is_written_in_words():
    text = TEXT.replace("order: [talks, north]", STEPS.strip()) + "\nchance: {rain: {}}\n"
    shown = field(text, "", "who moves when in a period")
    assert shown.value == IN_WORDS
    changed = change_field(text, shown, "Talks, in random order (north (Attack), south), RAIN")
    assert "order: [talks, {shuffle: [{north: [attack]}, south]}, rain]" in changed
    assert re.findall("#.*", text) == re.findall("#.*", changed)
    for wrong in ("east", "north (wave)", "talks north", "talks,"):
        with pytest.raises(CaseError) as caught:
            change_field(text, shown, wrong)
        assert caught.value.problems[0].path == "order"
    unsaid = re.sub("order:.*", "", text)
    shown = field(unsaid, "", "who moves when in a period")
    assert shown.value == "rain, talks, North"  # South has no moves
    assert change_field(unsaid, shown, "") == unsaid


def test_what_a_case_that_extends_another_leaves_to_it_is_not_filled_in():
    rival = "extends: war.yaml\nmoves: {wait: {by: north}}\nparties: {north: {}}\n"
    assert field(rival, "", "who moves when in a period").value == ""
    assert field(rival, "", "after the last").value == ""
    asked = field(rival, "", "who moves when in a period")
    assert "order: [talks, north]" in change_field(rival, asked, "talks, north")
    assert field(TEXT, "", "after the last").value == "lasts"
    assert "ending: nothing" in change_field(TEXT, field(TEXT, "", "after the last"), "nothing")


@pytest.mark.parametrize("order", ["[{}]", "[{a: 1, b: 2}]", "[[], 3]", "talks", "{talks: north}"])
def test_an_order_that_is_none_is_shown_and_can_be_mended(order):
    text = re.sub(r"order: .*", f"order: {order}", TEXT)
    shown = field(text, "", "who moves when in a period")
    assert change_field(text, shown, "north, talks").count("order: [north, talks]") == 1


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("moves: {2: {by: north}}", "moves"),
        ("parties: {null: {}}", "parties"),
        ("tables: {talks: {deals: {1: {}}}}", "tables.talks.deals"),
        ("alternatives: {a: {options: {1: {}}}}", "alternatives.a.options"),
        ("payoffs: {north: {1: 2}}", "payoffs.north"),
    ],
)
def test_a_number_for_a_name_is_a_problem_and_no_traceback(text, path):
    with pytest.raises(CaseError) as caught:
        case_form(text)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_names_that_would_be_misread_stand_in_the_order_as_the_case_has_them():
    text = TEXT.replace("name: North", "name: 'North, and the far north'")
    text = text.replace("name: South", "name: Talks")
    shown = field(text, "", "who moves when in a period")
    assert shown.value == "talks, north"
    assert "order: [south, talks]" in change_field(text, shown, "south, talks")


def test_an_option_is_taken_out_with_its_weight_but_never_the_first():
    text = TEXT + TWO_WAYS
    assert not item(text, "What war costs: low").removable
    left = remove_item(text, item(text, "What war costs: high"))
    assert "high" not in left
    assert list(loads(left).alternatives["cost"].options) == ["low", "fixed"]
    assert not item(left, "What war costs: fixed").removable  # one way alone is no alternative


def test_an_option_that_is_best_is_taken_out_with_that():
    text = TEXT + TWO_WAYS
    best = change_field(text, field(text, "What war costs", "at the best estimates"), "fixed")
    assert loads(best).alternatives["cost"].first == "fixed"
    left = remove_item(best, item(best, "What war costs: fixed"))
    assert "best: fixed" not in left
    assert loads(left).alternatives["cost"].first == "low"


def test_a_promise_to_act_is_answered_and_given_by_a_deal():
    text = add_item(TEXT, "promise", {"name": "Disarm", "owes": ["attack"], "within": "4"})
    text = change_field(text, field(text, "disarm", "within how many months"), "6")
    given = field(text, "Deal: ceasefire", "what it promises")
    text = change_field(text, given, ("no_attack", "disarm"))
    case = loads(text)
    assert case.promises["disarm"].within == 6
    assert case.tables["talks"].deals["ceasefire"].promises == ("no_attack", "disarm")
