"""Claims, certificates, and how many solutions it takes to answer."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import load, loads
from ceasefire.ensemble import ask, check
from ceasefire.ensemble.run import EnsembleRun, run_ensemble
from ceasefire.errors import QuestionError, SolveError, WorldError
from ceasefire.game import build
from ceasefire.query import (
    NumericalQuality,
    expectations,
    explain,
    plan_questions,
    read_question,
    read_state,
    timeline,
)
from ceasefire.query.ast import Constant, Operation, evaluate_question
from ceasefire.query.automata import BeliefFormulaAutomaton
from ceasefire.query.evaluator import clip_probability
from ceasefire.settings import SolveSettings

CASE = loads(
    """
ceasefire: 1
title: Two claims
horizon: 3
unknowns: {rate: {best: 0.4, range: [0.1, 0.9]}}
parties:
  a: {precision: 2, patience: 0.5}
  h: {precision: 2, patience: 0.5, types: {firm: 0.5, soft: 0.5}}
state: {war: {start: true}, n: {values: 0..2, start: 0}}
payoffs: {a: {war: -war}, h: {war: "-war if type == soft else 0"}}
moves:
  slip: {by: a, cost: 0.5}
  stop: {by: h, when: war, set: {war: false}, cost: 0.2}
chance: {end: {when: war, outcomes: [{name: comes, chance: rate, set: {war: false}}]}}
claims:
  likely: {says: It ends., test: P(eventually(not war)) > 0.5, where: first line, source: me}
  slips: {says: It slips., test: P(eventually(happens(a.slip))) > 0.3}
  never: {test: "P(always(war), provided=always(not war)) > 0.5"}
sources: {me: {title: A note}}
""",
    "two.yaml",
)


def test_claims_at_the_best_estimates():
    found = check(CASE, 0, flips=False, grid=9)
    by_id = {claim.id: claim for claim in found.claim_checks}
    assert list(by_id) == ["likely", "slips", "never"]
    likely, slips, never = found.claim_checks
    assert (likely.best, likely.noise) == (True, False)
    assert (likely.source, likely.where, likely.says) == ("me", "first line", "It ends.")
    assert likely.quantities[0].expr == "P(eventually(not war))"
    # A cost of 0.5 without gain is a mistake: .27 a period at precision 2, .02 at 8.
    assert slips.best is True
    assert slips.noise is True
    assert dict(slips.sharper)[4.0] is False
    assert never.best is None
    assert "probability 0" in never.warnings[0]


def test_claims_as_json_and_frame():
    at_best = []
    check(CASE, 0, flips=False, grid=9, workers=1, on_best=at_best.append)
    (found,) = at_best
    document = json.loads(json.dumps(found.as_json()))
    assert document["case"] == "two.yaml"
    first = document["claims"][0]
    assert set(first) == {
        "id", "says", "test", "best", "share", "interval", "verdict", "noise", "quantities",
        "flips", "drivers", "q2", "worlds_needed", "rule", "pair", "chance", "repeat", "moves_last",
        "ending", "selection", "whole_branch", "selection_in_worlds", "margin", "can_matter",
        "because", "argument",
        "experts", "disagreement", "codings", "codings_at_best", "turned_by",
        "together", "not_searched", "read_at_ends",
    }  # fmt: skip
    assert first["noise"] is None
    assert document["claims"][2]["best"] is None
    assert document["numerics"]["grid_change"] is None
    assert found.frame()["best"].to_list() == [True, True, None]


def test_certificate_has_eight_entries_and_the_decisions_in_doubt():
    answers = ask(CASE, "P(eventually(not war))", "value(a)", grid=9)
    numerics = answers.as_json()["numerics"]
    assert list(numerics) == [
        "grid", "grid_change", "horizon_change", "residual", "unresolved", "branch_points",
        "several", "several_complete", "doubts",
    ]  # fmt: skip
    assert numerics["grid"] == 9
    assert 0 <= numerics["grid_change"] < 0.01
    assert 0 < numerics["horizon_change"] < 0.2
    assert numerics["residual"] < 1e-9
    assert answers.answers[0].quantities[0].grid_change <= numerics["grid_change"]


def test_grid_change_bounds_the_effect_of_every_refinement():
    case = load(Path(__file__).parent / "cases_regression" / "costly_word.yaml")
    coarse, fine, finest = (
        ask(case, "E(n)", grid=grid, certify=grid < 10) for grid in (9, 17, 513)
    )
    once, real = (abs(coarse.answers[0].best - each.answers[0].best) for each in (fine, finest))
    stated = coarse.answers[0].quantities[0].grid_change
    assert stated == pytest.approx(2.0 * coarse.numerics.grid_change)
    assert 1e-6 < once < real <= stated <= 12.0 * once


@pytest.mark.parametrize(("unresolved", "branch_points"), [(1, 0), (0, 2)])
def test_result_with_an_unresolved_decision_is_marked(unresolved, branch_points):
    assert NumericalQuality(9, 0.0, 0.0, 0.0, unresolved, branch_points).marked
    assert not NumericalQuality(9, 0.5, 0.5, 0.1, 0, 0).marked


def test_unresolved_decisions_at_sharper_precision_are_counted():
    plan = plan_questions(CASE, [read_question(CASE, "P(always(war))")], SolveSettings(9))
    sheet = plan.evaluate_world()
    other = replace(sheet, unresolved=3, residual=0.5)
    run = EnsembleRun(plan, sheet, at_higher_precision={2.0: other})
    found = run.numerics_with_precision
    assert run.numerics.unresolved == 0
    assert (found.unresolved, found.residual, found.branch_points) == (3, 0.5, 0)


def test_unresolved_decisions_of_any_solution_mark_the_result(monkeypatch):
    solve = expectations.solve

    def doubtful(game, world, **settings):
        play = solve(game, world, **settings)
        left = replace(play.certificate, unresolved=2, residual=settings["sharper"])
        return replace(play, certificate=left)

    monkeypatch.setattr(expectations, "solve", doubtful)
    texts = ("P(always(war))", "P(always(war), sharper=3)")
    sheet = plan_questions(
        CASE, [read_question(CASE, text) for text in texts], SolveSettings(9)
    ).evaluate_world()
    assert (sheet.unresolved, sheet.residual) == (4, 3.0)


def test_questions_of_one_game_variant_share_a_solution(monkeypatch):
    solved = []

    def counted(game, world, **settings):
        solved.append(settings["sharper"])
        return solve(game, world, **settings)

    solve = expectations.solve
    monkeypatch.setattr(expectations, "solve", counted)
    questions = [
        read_question(CASE, text)
        for text in (
            "P(always(war)) + E(n, at=1) - time(not war)",
            "value(a) > plays(h.stop) or belief(h.firm, after=h.stop) > 0.5",
            "least(n, P(eventually(not war)) > 0.5) + P(at_end(war), types={h: firm}, within=1)",
            "can([a], always(war))",
        )
    ]
    prepared = plan_questions(CASE, questions, SolveSettings(9))
    prepared.evaluate_world()
    assert solved == [1.0]
    prepared.evaluate_world({"rate": 0.2})
    assert solved == [1.0, 1.0]
    built = dict(prepared._games)
    prepared.evaluate_world({"rate": 0.3}, sharper=2.0)
    assert prepared._games == built
    more = plan_questions(
        CASE, [*questions, read_question(CASE, "P(always(war), given={rate: 0.5})")]
    )
    more.evaluate_world()
    assert len(more._games) == 1
    assert len(solved) == 5


def test_coalition_questions_solve_no_equilibrium(monkeypatch):
    monkeypatch.setattr(expectations, "solve", None)
    sheet = plan_questions(
        CASE, [read_question(CASE, "can([h], eventually(not war))")]
    ).evaluate_world()
    assert sheet.values == (1.0,)
    assert (sheet.residual, sheet.unresolved) == (0.0, 0)


def test_questions_of_different_variants_do_not_mix():
    texts = ["P(eventually(happens(a.slip)))", "P(eventually(happens(a.slip)), sharper=4)"]
    one, two = (answer.best for answer in ask(CASE, *texts, grid=9, certify=False).answers)
    assert one > 3 * two
    apart = [ask(CASE, text, grid=9, certify=False).answers[0].best for text in texts]
    assert [one, two] == apart


def test_given_overrides_the_world():
    prepared = plan_questions(
        CASE,
        [
            read_question(CASE, "P(eventually(happens(end)), within=1)"),
            read_question(CASE, "P(eventually(happens(end)), within=1, given={rate: 0.9})"),
        ],
        SolveSettings(9),
    )
    assert prepared.evaluate_world().values == pytest.approx((0.4, 0.9))
    assert prepared.evaluate_world({"rate": 0.25}).values == pytest.approx((0.25, 0.9))
    with pytest.raises(WorldError):
        prepared.evaluate_world({"rate": 1.5})


def test_prepared_questions_can_be_pickled():
    prepared = plan_questions(CASE, [read_question(CASE, "P(always(war)) > 0.1")], SolveSettings(9))
    sheet = prepared.evaluate_world()
    again = pickle.loads(pickle.dumps(prepared))
    assert again.evaluate_world() == sheet
    assert pickle.loads(pickle.dumps(sheet)) == sheet
    assert run_ensemble(again).numerics.grid_size == 9


def test_every_question_is_parsed_before_solving():
    with pytest.raises(QuestionError) as caught:
        ask(CASE, "P(war)", "P(always(war))", "value(nobody)")
    assert len(caught.value.problems) == 2


def test_start_state_is_read_from_text_or_mapping():
    assert read_state(CASE, "war=false, n=2") == {"war": False, "n": 2}
    assert read_state(CASE, {"war": True}) == {"war": True}
    assert read_state(CASE, "") == {}
    for bad, what in (("war=maybe", "value of war"), ("m=2", "variable"), ("n", "is no state")):
        with pytest.raises(QuestionError, match=what):
            read_state(CASE, bad)


@pytest.mark.parametrize("said", ["h.firm) >= 0.7", "h.soft) <= 0.3"])
def test_belief_equal_to_its_threshold_up_to_rounding_passes(said):
    question = read_question(CASE, f"P(always(believes(a, {said}))")
    game = build(CASE)
    reader = BeliefFormulaAutomaton(game, [question.quantities[0].formula], CASE.best_estimates)
    states = np.zeros(2, dtype=np.int32)
    believed = np.zeros((2, 3, 1))
    believed[:, 0, 0] = (0.7 - 1e-15, 0.69)
    assert reader.automaton.accepting[reader.initial_states(states, believed), 0].tolist() == [
        True,
        False,
    ]


def test_probabilities_are_clipped_by_rounding_error_only():
    assert (clip_probability(1 + 1e-12), clip_probability(-1e-12), clip_probability(0.3)) == (
        1.0,
        0.0,
        0.3,
    )
    for wrong in (1.1, -0.1, float("nan")):
        with pytest.raises(SolveError):
            clip_probability(wrong)


def test_comparisons_at_equality():
    found = {
        sign: evaluate_question(Operation(sign, (Constant(1.0),) * 2), ())[0] for sign in SIGNS
    }
    assert [sign for sign in SIGNS if found[sign]] == ["==", "<=", ">="]


SIGNS = ("==", "!=", "<", "<=", ">", ">=")


def test_explain_says_why_in_one_sentence():
    explained = explain(CASE, "a", grid=9)
    (why,) = explained.sentences
    assert why.startswith(
        "a, believing h firm with probability 0.50, would most likely pass (0.73) rather than slip "
        "(0.27)"
    )
    assert "paying less this period (+0.50)" in why
    assert why.count(".") - why.count("0.") - why.count("+0.") <= 1 or why.endswith(".")
    soft = explain(CASE, "h", grid=9).decisions[1]
    assert soft.type == "soft"
    assert "As soft, h would most likely stop" in soft.why
    assert "'war' this period" in soft.why
    document = json.loads(json.dumps(explained.as_json()))
    assert document["decisions"][0]["choices"][0]["terms"] == {"war": pytest.approx(-0.18, abs=0.2)}
    assert set(explained.frame()["part"]) == {
        "war", "own cost", "war later", "own cost later"
    }  # fmt: skip


def test_explain_names_the_weight_if_it_decides():
    case = loads("""
ceasefire: 1
horizon: 1
parties: {a: {precision: 2}}
state: {x: {}}
moves: {one: {by: a, weight: 6, cost: 0.3}, two: {by: a}}
""")
    (decision,) = explain(case, "a").decisions
    assert decision.choices[0].option == "a.one"
    assert decision.why == (
        "a would most likely one (0.62) rather than two (0.19): it has 6.0 times the weight, "
        "and it is worth 0.30 less."
    )
    (even,) = explain(case, "a", world={}).decisions
    assert even == decision
    same = loads(
        "{ceasefire: 1, horizon: 1, parties: {a: {}}, state: {x: {}}, moves: {m: {by: a}}}"
    )
    assert "worth nearly the same" in explain(same, "a").sentences[0]


def test_explain_of_a_party_without_a_decision():
    explained = explain(CASE, "h", "war=false", grid=9)
    assert explained.decisions == ()
    nowhere = "nor anywhere that play comes to from there"
    assert explained.sentences == (f"h has nothing to decide where war=false, n=0, {nowhere}.",)
    assert explained.frame().height == 0
    with pytest.raises(QuestionError, match="nobody"):
        explain(CASE, "nobody")


def test_timeline_conditions_on_the_types_asked():
    both = {}
    for kind in ("firm", "soft"):
        series = {s.name: s.values for s in timeline(CASE, types={"h": kind}, grid=9).series}
        both[kind] = series["h.stop"][0]
        text = f"P(eventually(happens(h.stop)), within=1, types={{h: {kind}}})"
        (asked,) = ask(CASE, text, grid=9, certify=False).answers
        assert both[kind] == pytest.approx(asked.best)
    assert both["soft"] > 1.5 * both["firm"]


def test_timeline_becomes_json_and_data_frame():
    found = timeline(CASE, "n=1", grid=9)
    document = json.loads(json.dumps(found.as_json()))
    assert document["period"] == "month"
    kinds = {series["kind"] for series in document["series"]}
    assert kinds == {"state", "belief", "event"}
    frame = found.frame()
    assert frame.filter(frame["name"] == "n")["value"].to_list() == pytest.approx([1.0] * 4)
    assert frame.filter(frame["name"] == "end.comes").height == 3


def test_a_claim_may_name_passing():
    case = loads(
        """
ceasefire: 1
horizon: 1
parties: {a: {}}
state: {war: {start: true}}
moves: {stop: {by: a, when: war, set: {war: false}}}
claims: {idle: {test: "P(eventually(happens(a.pass))) == plays(a. pass)"}}
"""
    )
    assert check(case, 0, flips=False).claim_checks[0].best is True
