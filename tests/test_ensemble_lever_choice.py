"""Levers against closed forms: who is best, what is lost, what is refused, and what is said."""

import math

import numpy as np
import polars as pl
import pytest

from ceasefire.case import Case, loads
from ceasefire.ensemble import ChooseResult, choose, run
from ceasefire.ensemble.lever_choice import (
    LeverOptions,
    pairs_of_levers,
    read_goal,
    regrets,
    worst_twentieth,
)
from ceasefire.errors import CeasefireError, QuestionError
from ceasefire.render.charts import chart
from ceasefire.render.tables_levers import choice_sentences

END = "P(at_end(not war))"


def lottery(chance: str, *levers: str, unknowns: str = "luck: {range: [0, 1]}") -> Case:
    """War ends in the one period with this chance, which may read `force`."""
    return loads(
        f"""
        ceasefire: 1
        horizon: 1
        unknowns: {{{unknowns}}}
        parties: {{north: {{}}, south: {{}}}}
        state: {{war: {{start: true}}, force: {{values: 0..3, start: 0}}, cold: {{}}}}
        tables: {{talks: {{seats: [north, south], deals: {{}}}}}}
        chance: {{end: {{when: war, outcomes: [{{chance: "{chance}", set: {{war: false}}}}]}}}}
        claims: {{ends: {{test: "{END} > 0.5"}}}}
        levers: {{{", ".join(levers)}}}
        """.replace("deals: {}", "deals: {truce: {when: false}}")
    )


BUILD = 'build: {says: Build first., by: north, set: "start={force: 1}"}'
MORE = 'more: {set: "start={force: 2}"}'


def figures(result: ChooseResult) -> dict[str, tuple[float, ...]]:
    return {
        one.lever: (one.goal.mean, one.goal.worst, one.regret.mean, one.regret.worst)
        for one in result.levers
        if one.goal is not None and one.regret is not None
    }


def test_a_lever_that_is_best_by_construction_is_found() -> None:
    case = lottery("luck + 0.1 * force if luck < 0.7 else luck", BUILD, MORE)
    found = choose(case, END, worlds=64, workers=1)
    assert [one.lever for one in found.levers] == ["more", "build", "nothing"]
    best, _, nothing = found.levers
    assert best.regret is not None
    assert best.regret == (0.0, 0.0)
    assert found.better == 0.0
    assert best.gain is not None
    assert nothing.gain == (0.0, (0.0, 0.0))
    share = sum(v < 0.7 for v in nothing.values) / 64
    assert best.gain[0] == pytest.approx(0.2 * share)
    assert best.gain[1][0] < 0.2 * share < best.gain[1][1]
    assert found.worlds == 64
    assert not found.marked
    lead, regret = choice_sentences(case, found)
    assert lead.startswith("With more the goal is highest: ")
    assert regret == "In no world would another lever do better."


def test_figures_by_hand_on_three_worlds() -> None:
    """The unknown takes 0.2, 0.6 and 0.8, each in about a third of the worlds."""
    case = lottery(
        "luck if force == 0 else 1 - luck if force == 1 else 0.4",
        BUILD,
        MORE,
        unknowns="luck: {oneof: [0.2, 0.6, 0.8]}",
    )
    found = choose(case, END, worlds=192, workers=1)
    odds = {odd: found.nothing.values.count(odd) / 192 for odd in set(found.nothing.values)}
    odds = {round(odd, 6): share for odd, share in odds.items()}
    assert sum(odds.values()) == pytest.approx(1)
    low, middle, high = (odds[odd] for odd in (0.2, 0.6, 0.8))
    wanted = {
        "nothing": (
            0.2 * low + 0.6 * middle + 0.8 * high, 0.2, 0.6 * low, 0.6,
        ),
        "build": (
            0.8 * low + 0.4 * middle + 0.2 * high, 0.2, 0.2 * middle + 0.6 * high, 0.6,
        ),
        "more": (
            0.4, 0.4, 0.4 * low + 0.2 * middle + 0.4 * high, 0.4,
        ),
    }  # fmt: skip
    for lever, numbers in figures(found).items():
        assert numbers == pytest.approx(wanted[lever]), lever
    assert found.levers[0].lever == "nothing", "doing nothing may be best"
    assert found.better == pytest.approx(low)


def test_best_on_average_may_be_worst_in_the_tail() -> None:
    """0.9 but for the worst tenth of worlds, where it is nothing; a sure half otherwise."""
    case = lottery("(0.9 if luck > 0.1 else 0) if force == 1 else 0.5", BUILD)
    found = choose(case, END, worlds=256, workers=1)
    build, nothing = found.levers
    assert build.lever == "build"
    assert build.goal is not None
    assert nothing.goal is not None
    assert build.goal.mean > nothing.goal.mean == 0.5
    assert (build.goal.worst, nothing.goal.worst) == (0.0, 0.5)
    text = " ".join(choice_sentences(case, found))
    assert "In its worst twentieth of worlds doing nothing does better: 0.500." in text
    assert found.rule is not None
    assert [(one.unknown, one.low) for one in found.rule.bounds] == [("luck", None)]
    assert found.rule.bounds[0].high == pytest.approx(0.1, abs=0.03)
    assert "With luck below" in text
    assert "another lever is better in 100 % of worlds" in text


def test_a_rule_calls_unknowns_by_their_labels() -> None:
    chance = "(0.9 if luck > 0.1 else 0) if force == 1 else 0.5"
    case = lottery(chance, BUILD, unknowns="luck: {label: luck at sea, range: [0, 1]}")
    found = choose(case, END, worlds=256, workers=1)
    assert "With luck at sea below" in " ".join(choice_sentences(case, found))


def test_a_test_counts_the_worlds_in_which_it_is_true() -> None:
    case = lottery("min(luck + 0.3 * force, 1)", BUILD)
    found = choose(case, "ends", worlds=128, workers=1)
    assert found.claim == "ends"
    assert found.goal == f"{END} > 0.5"
    build, nothing = found.levers
    assert build.share is not None
    assert nothing.share is not None
    assert build.share.true == pytest.approx(0.8 * 128, abs=2)
    assert nothing.share.true == pytest.approx(0.5 * 128, abs=2)
    assert build.interval == build.share.interval
    assert nothing.regret is not None
    assert nothing.regret.mean == (build.share.true - nothing.share.true) / 128
    lead = choice_sentences(case, found)[0]
    assert lead.startswith("Build makes the goal true in 80 % of worlds")
    same = choose(case, f"{END} > 0.5", worlds=128, workers=1)
    assert (same.claim, same.levers) == (None, found.levers)


def test_less_may_be_better() -> None:
    case = lottery("min(luck + 0.3 * force, 1)", BUILD)
    found = choose(case, END, less_is_better=True, worlds=64, workers=1)
    assert [one.lever for one in found.levers] == ["nothing", "build"]
    nothing, build = found.levers
    assert nothing.goal is not None
    assert nothing.goal.worst > 0.9, "the worst worlds are those in which it is highest"
    assert build.gain is not None
    assert build.gain[0] < 0
    assert nothing.values[0] >= 0
    with pytest.raises(QuestionError, match="a test is not better for being less"):
        choose(case, "ends", less_is_better=True)


def test_infinite_goals_are_compared() -> None:
    case = lottery("luck if force < 2 else 0.9", MORE)
    goal = f"least(force, {END} > 2)"
    with pytest.raises(QuestionError, match=r"the goal sets start=\{force\} otherwise"):
        choose(case, goal, worlds=8)
    by_two = "2 * (least(force, P(at_end(cold)) > 0.5))"
    case = lottery("luck", 'freeze: {set: "start={cold: true}"}')
    found = choose(case, by_two, less_is_better=True, worlds=8, workers=1)
    assert [one.lever for one in found.levers] == ["freeze", "nothing"]
    nothing = found.nothing
    assert nothing.goal is not None
    assert nothing.goal.mean == math.inf
    assert nothing.interval is None
    assert nothing.as_json()["regret"] == {"mean": None, "worst": None}


def test_pairs_are_compared_unless_they_contradict() -> None:
    options = {
        "a": LeverOptions(start=(("force", 1),)),
        "b": LeverOptions(start=(("force", 2),)),
        "c": LeverOptions(closed=(("talks", 1),)),
        "d": LeverOptions(closed=(("talks", 1),), without=frozenset({"end"})),
    }
    pairs, left_out = pairs_of_levers(options)
    assert list(pairs) == ["a + c", "a + d", "b + c", "b + d"]
    assert pairs["a + d"].start == (("force", 1),)
    assert pairs["a + d"].without == {"end"}
    assert left_out == (
        "a + b: they contradict each other in start={force}",
        "c + d: the same as d alone",
    )
    freeze = 'freeze: {says: Freeze., set: "start={cold: true}"}'
    case = lottery("luck * 0.5 + 0.2 * (force == 1 and cold)", BUILD, MORE, freeze)
    found = choose(case, END, two=True, worlds=64, workers=1)
    assert found.levers[0].lever == "build + freeze"
    assert found.levers[0].title == "Build + freeze"
    assert found.levers[0].says == "Build first. Freeze."
    assert {one.lever for one in found.levers} == {
        "nothing", "build", "more", "freeze", "build + freeze", "more + freeze",
    }  # fmt: skip
    assert found.left_out == ("build + more: they contradict each other in start={force}",)


def test_contradicting_levers_are_refused_with_a_way_out() -> None:
    wait = 'wait: {set: "closed={talks: 1}"}'
    case = lottery("luck", BUILD, MORE, wait)
    goal = "P(at_end(not war), start={force: 1})"
    with pytest.raises(QuestionError) as caught:
        choose(case, goal, worlds=8)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("levers.more.set", 10)
    assert problem.found == f"start={{force: 2}}, and the goal has {goal}"
    assert problem.help == "leave that out of the goal, or compare build and wait alone (--lever)"
    found = choose(case, goal, levers=["wait", "build"], worlds=8, workers=1)
    assert {one.lever for one in found.levers} == {"nothing", "wait", "build"}


def test_goals_that_are_none_are_refused() -> None:
    case = lottery("luck", BUILD)
    assert read_goal(case, "luck")[1] is None
    with pytest.raises(QuestionError, match="neither a claim nor a question, found end"):
        choose(case, "end")
    with pytest.raises(QuestionError, match="did you mean ends"):
        choose(case, "endss")
    with pytest.raises(QuestionError, match="no such lever, found biuld"):
        choose(case, "ends", levers=["biuld"])
    with pytest.raises(QuestionError, match="has no levers to choose from"):
        choose(lottery("luck"), "ends")


def test_worlds_without_an_answer_are_counted_and_left_out_for_all() -> None:
    """A condition that never comes about under one lever; one that fails in half the worlds."""
    provided = "P(at_end(not war), provided=eventually(not cold))"
    freeze = 'freeze: {set: "start={cold: true}"}'
    case = lottery("luck", BUILD, freeze)
    found = choose(case, provided, worlds=16, workers=1)
    last = found.levers[-1]
    assert (last.lever, last.missing, last.goal) == ("freeze", 16, None)
    assert found.worlds == 16, "a lever without any answer keeps no world from the others"
    half = "1 / (force_luck > 0.5) + P(at_end(war))".replace("force_luck", "luck")
    found = choose(case, half, worlds=64, workers=1)
    assert {one.missing for one in found.levers} == {32}
    assert found.worlds == 32


def test_levers_under_which_the_game_is_impossible_are_named() -> None:
    case = lottery("luck", BUILD, 'sure: {set: "given={luck: 2}"}')
    with pytest.raises(CeasefireError) as caught:
        choose(case, END, worlds=4, workers=1)
    assert all(problem.path.startswith("levers.sure") for problem in caught.value.problems)
    assert caught.value.problems


def test_a_difference_that_a_lever_levels_is_said() -> None:
    case = lottery("luck", 'alone: {set: "without=end"}', BUILD)
    found = choose(case, f"{END} - P(at_end(not war), without=end) > 0.1", worlds=8, workers=1)
    ((lever, said),) = [one for one in found.warnings if "the same" in one[1]]
    assert lever == "alone"
    assert said.startswith("two numbers of the goal are the same under it")


def test_the_choice_may_depend_on_how_precisely_parties_act() -> None:
    """A chooser with little at stake: twice as precise, and the other lever is better."""
    case = loads(
        """
        ceasefire: 1
        horizon: 1
        ending: final
        parties: {north: {precision: 1}}
        state: {war: {start: true}, force: {values: 0..1, start: 0}}
        payoffs: {north: {war: "-war * (1 if force == 0 else 0)"}}
        moves: {stop: {by: north, when: war and force == 0, set: {war: false}}}
        chance: {end: {when: war and force == 1, outcomes: [{chance: 0.8, set: {war: false}}]}}
        levers: {build: {set: "start={force: 1}"}}
        """
    )
    found = choose(case, END, worlds=0, workers=1)
    assert found.levers[0].lever == "build"
    ((levers, said),) = found.warnings
    assert levers == ""
    assert said == (
        "depends on how precisely parties act: Doing nothing is better when everyone is twice as "
        "precise"
    )
    assert choice_sentences(case, found) == [
        "At the best estimates the goal is 0.800 with build, 0.731 if nothing is done."
    ]


def test_worlds_are_the_same_for_all_levers_and_kept_when_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = lottery("luck", BUILD, 'freeze: {set: "start={cold: true}"}')
    done = 0

    def stop(count: int, _: int) -> None:
        nonlocal done
        done = count
        if count == 30:
            raise KeyboardInterrupt

    monkeypatch.setattr(run, "SECONDS_BEFORE_WORKERS", 60.0)
    found = choose(case, END, worlds=64, progress=stop)
    assert found.run_stats is not None
    assert found.run_stats.interrupted
    assert 0 < found.worlds < 30
    assert {len(one.values) for one in found.levers} == {found.worlds}
    assert len({one.values for one in found.levers}) == 1


def test_results_have_a_document_frames_and_a_chart() -> None:
    case = lottery("min(luck + 0.3 * force, 1)", BUILD)
    found = choose(case, END, worlds=16, workers=1)
    document = found.as_json()
    assert list(document) == [
        "case", "goal", "claim", "less_is_better", "worlds", "levers", "left_out", "better", "rule",
        "numerics", "run",
    ]  # fmt: skip
    assert list(document["levers"][0]) == [
        "lever", "says", "by", "set", "best", "mean", "share", "interval", "worst", "regret",
        "gain", "missing",
    ]  # fmt: skip
    assert document["levers"][0]["set"] == "start={force: 1}"
    frame = found.frame()
    assert frame["lever"].to_list() == ["build", "nothing"]
    assert frame.schema["regret_worst"] == pl.Float64
    worlds = found.world_frame()
    assert worlds.height == 32
    means = worlds.group_by("lever", maintain_order=True).agg(pl.col("goal").mean())
    assert means["goal"].to_list() == pytest.approx(frame["mean"].to_list())
    drawn = chart(case, found).to_dict()
    (data,) = drawn["datasets"].values() if "datasets" in drawn else (drawn["data"]["values"],)
    assert [row["lever"] for row in data] == ["Build", "Doing nothing"]
    at_best = choose(case, "ends", worlds=0, workers=1)
    with pytest.raises(QuestionError, match="nothing to draw"):
        chart(case, at_best)
    assert at_best.frame()["best"].to_list() == [1.0, 0.0]


def test_worst_twentieth_and_regrets() -> None:
    values = np.array([5.0, 1.0, *([9.0] * 38)])
    assert worst_twentieth(values) == 3.0
    assert worst_twentieth(np.arange(41.0)) == 1.0, "a twentieth, rounded up"
    table = np.array([[1.0, math.inf, 3.0], [2.0, math.inf, -math.inf]])
    assert regrets(table).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, math.inf]]


def test_the_interval_of_a_mean_stays_within_the_values_found() -> None:
    """A probability that is nearly always 0 has no mean below 0."""
    case = lottery("luck ** 40", BUILD)
    (first, *_) = choose(case, END, worlds=16, workers=1).levers
    assert first.goal is not None
    assert first.interval is not None
    assert min(first.values) == first.interval[0] < first.goal.mean
    spread = 1.959964 * np.std(first.values, ddof=1) / 4
    assert first.interval[1] == pytest.approx(first.goal.mean + spread)
