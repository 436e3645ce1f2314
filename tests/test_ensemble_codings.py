"""Rival ways to write a case: read, drawn, asked, checked, kept, and told."""

import json
from collections import Counter
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from ceasefire.case import digest, dump, load, loads
from ceasefire.cli.main import app
from ceasefire.ensemble import ask, check, draw_worlds, sweep, timeline_quantiles
from ceasefire.ensemble.coding_verdicts import CodingVerdicts, medians_of_expert
from ceasefire.ensemble.executors import Engine
from ceasefire.errors import CaseError, QuestionError
from ceasefire.evidence import update
from ceasefire.query import plan_questions, read_question, read_questions
from ceasefire.query.levers import read_levers
from ceasefire.query.plan import MOST_CODED_PLANS, World
from ceasefire.render.check_summary import check_summary
from ceasefire.render.tables_check import with_labels
from twin import Twin
from twin.codings import Codings

TEXT = """
ceasefire: 1
title: A truce before or after the pact
horizon: 6
experts: {desk_a: {name: Desk A}, desk_b: {name: Desk B}}
unknowns:
  war_cost: {range: [0.3, 0.9]}
  pact_chance: {is: range, experts: {desk_a: [0.05, 0.1, 0.2], desk_b: [0.3, 0.5, 0.9]}}
parties: {north: {}, south: {}}
state: {fighting: {start: true}, pledged: {}}
conditions: {quiet: not fighting}
payoffs:
  north: {war: -war_cost * fighting, gain: 0.3 * fighting}
  south: {war: -1.0 * fighting}
tables: {talks: {seats: [south, north], deals: {truce: {when: fighting, set: {fighting: false}}}}}
chance:
  pact: {when: not pledged, outcomes: [{name: comes, chance: pact_chance, set: {pledged: true}}]}
claims:
  stops: {says: The guns fall silent., because: [dear]}
  dear: {says: War is soon over., test: "P(eventually(quiet)) > 0.9"}
  pact: {says: The pact comes., test: P(eventually(pledged)) > 0.8}
alternatives:
  truce:
    label: When a truce may be signed
    options:
      any_time: {}
      after_pact: {tables: {talks: {deals: {truce: {when: fighting and pledged}}}}}
  zeal:
    options:
      none: {}
      some:
        unknowns: {zeal: {best: 0.2, range: [0.1, 0.3]}}
        payoffs: {north: {zeal: zeal * quiet}}
      more: {unknowns: {war_cost: {range: [1.3, 1.9]}}}
"""
CASE = loads(TEXT)
AFTER = (("truce", "after_pact"), ("zeal", "none"))


@pytest.fixture(scope="module")
def checked():
    return check(CASE, 128, workers=1)


def shown(thing) -> str:
    console = Console(file=StringIO(), width=100)
    console.print(thing)
    return " ".join(console.file.getvalue().split())


def test_a_coding_is_the_case_with_the_patches_of_its_options():
    after = CASE.coding({"truce": "after_pact"})
    assert after.tables["talks"].deals["truce"].when.text == "fighting and pledged"
    both = after.coding({"zeal": "some"})
    assert tuple(both.chosen.items()) == (("truce", "after_pact"), ("zeal", "some"))
    assert list(both.payoffs["north"]) == ["war", "gain", "zeal"]
    assert both.coding({"truce": "any_time"}) == CASE.coding({"zeal": "some"})
    assert both.coding(CASE.chosen) == CASE
    assert len(CASE.codings) == 6
    assert list(CASE.unknowns_of_codings) == ["war_cost", "pact_chance", "zeal"]
    read = Codings(TEXT)
    for one in CASE.codings:
        assert read.case(one.chosen).payoffs == one.payoffs
        assert read.case(one.chosen).tables == one.tables
        assert read.case(one.chosen).unknowns == one.unknowns


def test_a_case_is_written_with_an_option_as_if_it_were_the_first():
    after = CASE.written_with({"truce": "after_pact"})
    assert dict(after.chosen) == {"truce": "after_pact", "zeal": "none"}
    assert loads(dump(after)) == after
    assert {dict(one.chosen)["truce"] for one in after.drawn_codings} == {"after_pact"}
    assert len(after.codings) == len(CASE.codings)
    text = "P(eventually(quiet))"
    asked = ask(CASE, text[:-1] + ", coding={truce: after_pact})", certify=False).answers[0].best
    assert ask(after, text, certify=False).answers[0].best == asked
    assert asked != ask(CASE, text, certify=False).answers[0].best
    back = after.written_with({"truce": CASE.alternatives["truce"].first})
    assert back.chosen == CASE.chosen
    assert CASE.written_with({}) == CASE


def test_the_best_option_is_the_first_wherever_it_stands():
    """Written as best it is the same case as written first."""
    said = loads(TEXT.replace("    label: When", "    best: after_pact\n    label: When"))
    moved = TEXT.replace("      any_time: {}\n", "")
    moved = moved.replace("pledged}}}}}\n", "pledged}}}}}\n      any_time: {}\n", 1)
    assert said == loads(moved) != CASE
    assert dict(said.chosen) == {"truce": "after_pact", "zeal": "none"}
    assert loads(dump(said)) == said
    assert loads(TEXT.replace("    label: When", "    best: any_time\n    label: When")) == CASE
    weighted = "    best: after_pact\n    weights: {after_pact: 0}\n    label: When"
    never_drawn = loads(TEXT.replace("    label: When", weighted))
    assert dict(never_drawn.chosen)["truce"] == "after_pact"
    assert {dict(one.chosen)["truce"] for one in never_drawn.drawn_codings} == {"any_time"}


def test_a_best_option_that_is_none_is_refused_with_those_that_are():
    wrong = TEXT.replace("    label: When", "    best: after_pacts\n    label: When")
    with pytest.raises(CaseError) as caught:
        loads(wrong)
    (problem,) = caught.value.problems
    assert problem.path == "alternatives.truce.best"
    assert (problem.found, problem.allowed) == ("after_pacts", "any_time, after_pact")
    assert "after_pact" in problem.help


def test_every_fault_of_every_option_is_told_at_once():
    wrong = TEXT.replace("when: fighting and pledged", "when: fihgting").replace(
        "zeal * quiet", "zael"
    )
    with pytest.raises(CaseError) as caught:
        loads(wrong.replace("range: [0.3, 0.9]", "range: [0.9, 0.3]"))
    lines = [problem.line for problem in caught.value.problems]
    assert lines == [7, 27, 33]
    assert [problem.path.split(".")[0] for problem in caught.value.problems] == [
        "unknowns", "alternatives", "alternatives",
    ]  # fmt: skip


def test_names_of_alternatives_have_a_space_of_their_own():
    assert loads(TEXT.replace("  zeal:\n", "  north:\n")).alternatives["north"]


def test_warnings_are_those_of_every_coding():
    assert CASE.warnings == ()
    unused = TEXT.replace("-war_cost * fighting", "-0.5 * fighting")
    more = "alternatives.zeal.options.more"
    paths = [warning.path for warning in loads(unused).warnings]
    assert paths == [f"{more}.unknowns.war_cost"]
    used_once = unused.replace("zeal * quiet", "war_cost * quiet")
    assert "unknowns.war_cost" not in [warning.path for warning in loads(used_once).warnings]


def test_an_extending_case_replaces_an_option_as_a_whole(tmp_path):
    (tmp_path / "base.yaml").write_text(TEXT)
    (tmp_path / "rival.yaml").write_text(
        "extends: base.yaml\nalternatives:\n  zeal: null\n"
        "  truce: {options: {after_pact: {payoffs: {north: {gain: null}}}}}\n"
    )
    rival = load(tmp_path / "rival.yaml")
    assert list(rival.alternatives) == ["truce"]
    after = rival.coding({"truce": "after_pact"})
    assert list(after.payoffs["north"]) == ["war"]
    assert after.tables["talks"].deals["truce"].when.text == "fighting"


def test_questions_ask_for_a_coding_and_leave_the_others_as_the_world_has_them():
    quiet = "P(eventually(quiet){})"
    texts = [quiet.format(""), quiet.format(", coding={truce: after_pact}")]
    texts += [quiet.format(", coding={zeal: more, truce: after_pact}")]
    texts += ["E(zeal, coding={zeal: some})"]
    answers = [answer.best for answer in ask(CASE, *texts).answers]
    slow = Twin(Codings(TEXT).case({}), codings=Codings(TEXT))
    assert answers == pytest.approx([slow.ask(text) for text in texts], abs=1e-12)
    assert answers[1] < answers[0]
    plan = plan_questions(CASE, read_questions(CASE, texts[:2]))
    world = World({"war_cost": 0.5, "pact_chance": 0.2}, AFTER)
    one, two = plan.evaluate_world(world).values
    assert one == two
    assert one < plan.evaluate_world({"war_cost": 0.5, "pact_chance": 0.2}).values[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("P(eventually(quiet), coding={trce: after_pact})", "did you mean truce?"),
        ("P(eventually(quiet), coding={truce: after_pcat})", "did you mean after_pact?"),
        ("P(eventually(quiet), coding=truce)", "stands without braces"),
        ("E(zeal)", "found zeal"),
    ],
)
def test_questions_that_no_coding_answers_are_refused(text, said):
    with pytest.raises(QuestionError) as caught:
        read_question(CASE, text)
    assert said in str(caught.value)


def test_a_question_must_have_a_meaning_under_every_coding():
    case = loads(TEXT.replace("any_time: {}", "any_time: {moves: {march: {by: north}}}"))
    with pytest.raises(QuestionError) as caught:
        read_question(case, "plays(north.march) > 0.5")
    (problem,) = caught.value.problems
    assert problem.message.startswith("with truce: after_pact: ")


def test_a_question_is_read_anew_where_it_means_something_else():
    """`least` looks at the values that the variable has under each coding."""
    state = "state: {fighting: {start: true}, pledged: {}"
    counted = TEXT.replace(state, f"{state}, force: {{values: 0..1, start: 0}}").replace(
        "any_time: {}", "any_time: {}\n      wide: {state: {force: {values: 0..3}}}"
    )
    case = loads(counted)
    question = read_question(case, "least(force, E(force) > 1.5)")
    wide = (("truce", "wide"), ("zeal", "none"))
    plan = plan_questions(case, [question])
    assert plan.evaluate_world().values == (float("inf"),)
    assert plan.evaluate_world(World(case.best_estimates, wide)).values == (2.0,)


def test_levers_must_have_a_meaning_under_every_coding():
    lever = "levers: {shut: {set: without=talks.truce}}\n"
    assert read_levers(loads(TEXT + lever))["shut"].without == {"talks.truce"}
    gone = TEXT.replace(
        "{tables: {talks: {deals: {truce: {when: fighting and pledged}}}}}",
        "{tables: {talks: {deals: {truce: null, swap: {}}}}}",
    )
    with pytest.raises(QuestionError, match="with truce: after_pact"):
        read_levers(loads(gone + lever))


def test_worlds_have_every_option_equally_often_and_do_not_change_with_their_number():
    worlds = draw_worlds(CASE, 192)
    for first in (1, 65, 129):
        block = [worlds.coding_of(number) for number in range(first, first + 64)]
        counts = Counter(pair for coding in block for pair in coding)
        assert [counts["truce", one] for one in ("any_time", "after_pact")] == [32, 32]
        assert sorted(counts["zeal", one] for one in ("none", "some", "more")) == [21, 21, 22]
        pairs = Counter(block)
        assert set(pairs.values()) <= {9, 10, 11, 12}
    later = draw_worlds(CASE, 20, after=100)
    for number in range(101, 121):
        assert later[number] == worlds[number]
        assert later[number].coding == worlds[number].coding
    assert worlds[0].coding == tuple(CASE.chosen.items())
    for number in worlds.numbers:
        low, high = (1.3, 1.9) if ("zeal", "more") in worlds.coding_of(number) else (0.3, 0.9)
        assert low < worlds[number]["war_cost"] < high
        assert 0.1 < worlds[number]["zeal"] < 0.3


def test_worlds_have_options_as_often_as_their_weights_say():
    assert [CASE.alternatives["zeal"].weights[one] for one in ("none", "some", "more")] == [1] * 3
    rare = loads(TEXT.replace("  zeal:\n", "  zeal:\n    weights: {some: 0, more: 3}\n"))
    counts = Counter(pair for coding in draw_worlds(rare, 64).codings[1:] for pair in coding)
    assert counts == {
        ("truce", "any_time"): 32,
        ("truce", "after_pact"): 32,
        ("zeal", "none"): 16,
        ("zeal", "more"): 48,
    }
    assert loads(dump(rare)) == rare
    assert "weights" not in dump(CASE)


def test_an_option_of_weight_0_is_asked_at_the_best_estimates_and_no_world_has_it():
    plain = loads(TEXT.partition("alternatives")[0])
    unweighed = TEXT.partition("  zeal:\n    options")[0]
    weighed = loads(
        unweighed.replace("    label: When", "    weights: {after_pact: 0}\n    label: When")
    )
    assert np.array_equal(draw_worlds(weighed, 96).values, draw_worlds(plain, 96).values)
    found, alone = (
        check(weighed, 32, workers=1, flips=False),
        check(plain, 32, workers=1, flips=False),
    )
    assert [one.share for one in found.claim_checks] == [one.share for one in alone.claim_checks]
    dear = found.claim_checks[1]
    assert (dear.codings, dear.verdicts.decisive_option) == ({}, ("truce", "after_pact"))
    assert dear.verdicts.true_count == 1
    said = shown(check_summary(weighed, found))
    assert "Written otherwise, at the best estimates" in said
    assert "and in worlds with each option" not in said
    assert "truce: after_pact makes stops and dear false" in said
    assert found.coding_frame().filter(id="dear")["best"].to_list() == [True, False]
    assert found.coding_frame()["worlds"].to_list() == [0] * 6


def test_only_options_that_worlds_have_must_leave_periods_as_they_are():
    longer = "    weights: {longer: 0}\n    label: When"
    text = TEXT.replace("any_time: {}", "any_time: {}\n      longer: {horizon: 9}")
    found = timeline_quantiles(loads(text.replace("    label: When", longer)), worlds=4, workers=1)
    assert len(found.bands[0].p50) == 7


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("{after_pcat: 0}", "did you mean after_pact?"),
        ("{after_pact: -1}", "weight of an option is impossible"),
        ("{after_pact: 0, any_time: 0}", "no world has any of the options"),
    ],
)
def test_weights_of_options_that_say_nothing_are_refused(weights, said):
    with pytest.raises(CaseError) as caught:
        loads(TEXT.replace("    label: When", f"    weights: {weights}\n    label: When"))
    assert said in str(caught.value)
    assert [problem.line for problem in caught.value.problems] == [24]


def test_a_world_is_answered_by_the_game_of_its_coding():
    question = "P(eventually(quiet))"
    answer = ask(CASE, question, worlds=8)
    worlds, codings = draw_worlds(CASE, 8), Codings(TEXT)
    expected = []
    for number in worlds.numbers:
        case = codings.case(dict(worlds.coding_of(number)))
        known = {n: v for n, v in worlds[number].items() if n in case.unknowns}
        expected.append(Twin(case, known).ask(question))
    assert answer.answers[0].worlds.quantiles.mean == pytest.approx(sum(expected) / 8, abs=1e-9)


def test_games_of_a_few_codings_only_are_kept():
    options = "{" + ", ".join(f"o{k}: {{horizon: {k + 1}}}" for k in range(20)) + "}"
    many = loads(
        TEXT.partition("alternatives")[0] + f"alternatives: {{long: {{options: {options}}}}}"
    )
    plan = plan_questions(many, read_questions(many, ["P(eventually(quiet))"]))
    for one in many.codings:
        plan.under_coding(tuple(one.chosen.items())).evaluate_world()
    assert len(plan._coded) == MOST_CODED_PLANS


def test_check_tells_shares_by_option_and_what_turns_a_claim(checked):
    _, dear, pact = checked.claim_checks
    worlds = draw_worlds(CASE, 128)
    for name, options in dear.codings.items():
        assert sum(share.true for share in options.values()) == dear.share.true
        for option, share in options.items():
            taken = [n for n in worlds.numbers if (name, option) in worlds.coding_of(n)]
            assert share.worlds == len(taken)
    assert dear.codings["truce"]["any_time"].share > dear.codings["truce"]["after_pact"].share
    assert dear.verdicts.decisive_option == ("truce", "after_pact")
    assert (dear.best, dear.verdicts.true_count, len(dear.verdicts.truths)) == (True, 3, 6)
    assert pact.verdicts.turning_options == ()
    assert pact.verdicts.turning_experts in ((), ("desk_a",), ("desk_b",))
    document = dear.as_json()
    assert document["codings"]["truce"].keys() == {"any_time", "after_pact"}
    assert document["codings_at_best"]["options"]["truce"] == {
        "any_time": True,
        "after_pact": False,
    }
    assert document["turned_by"][0] == {"alternative": "truce", "option": "after_pact"}
    frame = checked.coding_frame()
    assert frame.columns == [
        "id",
        "alternative",
        "option",
        "best",
        "worlds",
        "share",
        "low",
        "high",
    ]
    assert len(frame) == 3 * 5


def test_alternatives_and_experts_are_drivers(checked):
    _, dear, pact = checked.claim_checks
    named = {(driver.kind, driver.unknown) for driver in dear.drivers.drivers}
    assert ("alternative", "truce") in named
    assert ("alternative", "truce") not in {(d.kind, d.unknown) for d in pact.drivers.drivers}
    assert json.dumps(checked.as_json())


def test_an_alternative_with_the_name_of_an_unknown_keeps_it(checked):
    dear = checked.claim_checks[1]
    shown = with_labels(dear, {"truce": "no such unknown", "war_cost": "cost of war"})
    assert "truce" in {driver.unknown for driver in shown.drivers.drivers}
    assert "no such unknown" not in {driver.unknown for driver in shown.drivers.drivers}


def test_an_expert_turns_a_claim_at_their_own_medians(checked):
    pact = checked.claim_checks[2]
    for expert in CASE.experts:
        chance = medians_of_expert(CASE, expert)["pact_chance"]
        assert pact.verdicts.experts[expert] is (1 - (1 - chance) ** 6 > 0.8)
    assert pact.verdicts.experts == {"desk_a": False, "desk_b": True}


def test_the_first_screen_says_how_the_thesis_changes_with_each_alternative(checked):
    said = shown(check_summary(CASE, checked))
    assert "true in 3 of 6 codings; only truce: after_pact makes it false" in said
    assert "Written otherwise: at the best estimates, and in worlds with each option" in said
    assert "any_time ✓" in said
    assert "truce: after_pact makes stops and dear false" in said
    assert "1 claim comes out the same in all 6 codings" in said
    assert "after_pact ✗" in said
    assert "When a truce may be signed" in said
    assert "turns if truce is written as after_pact" in said
    assert "In worlds with truce: any_time it is true in" in checked.headline


def test_without_worlds_the_headline_tells_the_codings_at_the_best_estimates():
    said = check(CASE, 0, workers=1, flips=False).headline
    assert "at the best estimates it is true in 3 of 6 codings; only truce: after_pact" in said
    assert "In worlds with" not in said


def test_words_for_codings_in_which_no_option_alone_tells():
    a, b = (("x", "a"), ("y", "a")), (("x", "b"), ("y", "a"))
    c, d = (("x", "a"), ("y", "b")), (("x", "b"), ("y", "b"))
    found = CodingVerdicts(a, {a: True, b: True, c: True, d: False})
    assert found.turning_options == ()
    assert found.decisive_option is None
    both = CodingVerdicts(a, {a: True, b: False, c: False, d: False})
    assert both.turning_options == (("x", "b"), ("y", "b"))
    assert both.as_json()["true_with"] == [{"x": "a", "y": "a"}]


def test_a_case_without_alternatives_has_nothing_of_this():
    plain = loads(TEXT.partition("alternatives")[0].replace("experts: {desk_a: {name: Desk A}, "
        "desk_b: {name: Desk B}}\n", "").replace("is: range, experts: {desk_a: [0.05, 0.1, 0.2], "
        "desk_b: [0.3, 0.5, 0.9]}", "range: [0, 1]"))  # fmt: skip
    found = check(plain, 32, workers=1, flips=False)
    claim = found.claim_checks[1].as_json()
    assert (claim["codings"], claim["codings_at_best"], claim["turned_by"]) == (None, None, None)
    assert draw_worlds(plain, 4).codings == ()
    assert "Written otherwise" not in shown(check_summary(plain, found))


def test_a_sweep_keeps_the_option_of_each_world(tmp_path):
    found = sweep(CASE, str(tmp_path), 64, engine=Engine(workers=1))
    shares = check(CASE, 64, workers=1, flips=False).claim_checks[1].codings
    kept = found.summary.codings["claim_dear"]
    assert {n: {o: (s.true, s.worlds) for o, s in one.items()} for n, one in kept.items()} == {
        n: {o: (s.true, s.worlds) for o, s in one.items()} for n, one in shares.items()
    }
    assert found.as_json()["tests"][1]["codings"]["truce"].keys() == {"any_time", "after_pact"}


def test_an_update_weighs_each_world_with_its_own_game():
    events = "events: [{period: 0, deal: talks.truce}]\n"
    case = loads(TEXT + events)
    found = update(case, worlds=32, workers=1)
    assert found.run_stats.failed == {}
    before = ask(case, "P(eventually(quiet))", worlds=32).answers[0]
    assert before.worlds is not None
    assert found.claims[1].before.share is not None
    # a truce in the first period is likelier where it needs no pact
    assert found.claims[1].after.share > found.claims[1].before.share


def test_what_needs_equal_periods_refuses_options_that_change_them():
    longer = loads(TEXT.replace("any_time: {}", "any_time: {}\n      longer: {horizon: 9}"))
    assert len(longer.codings) == 9
    assert ask(longer, "P(eventually(quiet))", worlds=9).answers[0].best is not None
    with pytest.raises(CaseError, match="whatever the option"):
        timeline_quantiles(longer, worlds=4, workers=1)
    with pytest.raises(CaseError, match="whatever the option"):
        update(loads(TEXT.replace("any_time: {}", "any_time: {}\n      longer: {horizon: 9}")
                     + "events: [{period: 0, deal: talks.truce}]\n"), worlds=4)  # fmt: skip


def test_a_timeline_follows_each_world_with_its_own_game():
    bands = timeline_quantiles(CASE, worlds=32, workers=1).bands
    quiet = next(band for band in bands if band.name == "quiet")
    assert quiet.p05[1] < 0.2 < quiet.p95[1]


def test_lint_and_show_on_the_command_line(tmp_path):
    file = tmp_path / "case.yaml"
    file.write_text(TEXT)
    assert CliRunner().invoke(app, ["lint", str(file)]).exit_code == 0
    text = CliRunner().invoke(app, ["show", str(file), "--resolved"]).stdout
    assert loads(text) == load(file)
    assert digest(loads(text)) == digest(load(file))
    likely = "chance: {pact: {outcomes: [{name: comes, chance: pledged + 2}]}}"
    file.write_text(TEXT.replace("more: {unknowns", f"more: {{{likely}, unknowns"))
    result = CliRunner().invoke(app, ["lint", str(file)])
    assert result.exit_code == 2
    assert "with zeal: more" in result.output
