"""Conclusions and premises whose truth in every world is known: every reading and figure."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console
from scipy.stats import binomtest

import ceasefire as cf
from ceasefire.argument import (
    READINGS,
    argument_steps,
    conclusion_figures,
    figures_of_conclusions,
    theses,
)
from ceasefire.case import loads
from ceasefire.render.tables_check import sweep_tables
from ceasefire.render.tables_query import answer_table

LINE = """
ceasefire: 1
horizon: 1
unknowns: {u: {best: 0.4, range: [0, 1]}}
parties: {a: {}}
state: {war: {start: true}}
claims:
  every: {test: u >= 0}
  half: {test: u < 0.5}
  most: {test: u < 0.75}
  eight: {test: u < 0.125}
  seven: {test: u < 7 / 64}
  sound: {test: u < 47 / 64, because: [most, every]}
  granted: {test: u < 0.5, because: [half]}
  leans: {test: u < 0.375, because: [half]}
  fails: {test: u < 0.25 or u >= 0.5, because: [half]}
  anyway: {test: u > 1 / 64, because: [half]}
  untested: {test: u < 0.5, because: [half, seven]}
  tested: {test: u < 0.5, because: [half, eight]}
  mostly: {test: u < 0.75, because: [every]}
  together: {because: [half, most]}
"""


@pytest.fixture(scope="module")
def line():
    return cf.check(loads(LINE), 64, flips=False, workers=1)


def _of(result, name):
    return next(claim.argument for claim in result.claim_checks if claim.id == name)


@pytest.mark.parametrize(
    ("name", "reading", "premises", "follows", "otherwise"),
    [
        ("sound", "sound", 48 / 64, 47 / 48, 0.0),
        ("granted", "follows, if its premises are granted", 0.5, 1.0, 0.0),
        ("leans", "leans on its premises", 0.5, 0.75, 0.0),
        ("fails", "does not follow", 0.5, 0.5, 1.0),
        ("anyway", "true anyway", 0.5, 31 / 32, 1.0),
        ("untested", "never put to the test", 7 / 64, None, 25 / 57),
        ("tested", "follows, if its premises are granted", 8 / 64, 1.0, 24 / 56),
        ("mostly", "mostly follows", 1.0, 0.75, None),
        ("together", "follows, if its premises are granted", 0.5, 1.0, 0.0),
    ],
)
def test_reading_of_a_conclusion(line, name, reading, premises, follows, otherwise) -> None:
    """One world in each 64th of u, so that shares are known exactly."""
    found = _of(line, name).as_json()
    assert found["reading"] == reading
    assert found["premises"]["share"] == premises
    assert found["premises"]["n"] == round(64 * premises)
    assert found["premises"]["of"] == 64
    assert found["follows"] == (None if follows is None else pytest.approx(follows, abs=1e-12))
    assert found["otherwise"] == (None if otherwise is None else pytest.approx(otherwise))
    if follows is None:
        assert found["interval"] is None
    else:
        count = round(64 * premises)
        known = binomtest(round(follows * count), count).proportion_ci(0.95, method="wilson")
        assert found["interval"] == pytest.approx([known.low, known.high], abs=1e-9)


def test_every_reading_is_met(line) -> None:
    met = {claim.argument.reading for claim in line.claim_checks if claim.argument is not None}
    assert met == set(READINGS)


def test_claims_without_premises_and_results_without_worlds_have_no_figures(line) -> None:
    assert _of(line, "half") is None
    alone = cf.check(loads(LINE), 0, workers=1)
    assert all(claim.argument is None for claim in alone.claim_checks)
    assert [claim.because for claim in alone.claim_checks][5] == ("most", "every")


def test_frame_and_document_have_the_figures(line) -> None:
    frame = line.argument_frame()
    assert frame.columns == [
        "id", "reading", "premises", "worlds_granted", "follows", "low", "high", "otherwise",
        "weakest", "idle",
    ]  # fmt: skip
    row = frame.row(0, named=True)
    assert (row["id"], row["reading"], row["premises"]) == ("sound", "sound", 0.75)
    assert (row["follows"], row["worlds_granted"]) == (pytest.approx(47 / 48), 48)
    document = line.as_json()
    assert document["headline"] == line.headline
    thesis = next(claim for claim in line.claim_checks if claim.id == "sound")
    low, high = (f"{100 * end:.0f}" for end in thesis.share.interval)
    assert f"73 % of 64 worlds (95 % interval {low} to {high} %)" in line.headline
    by_id = {claim["id"]: claim for claim in document["claims"]}
    assert by_id["half"]["argument"] is None
    assert by_id["tested"]["because"] == ["half", "eight"]
    assert set(by_id["tested"]["argument"]) == {
        "premises", "follows", "interval", "otherwise", "weakest", "idle", "never_fails_alone",
        "reading", "tilted",
    }  # fmt: skip
    assert by_id["tested"]["argument"]["tilted"] is None
    assert by_id["untested"]["argument"]["premises"]["each"] == {"half": 0.5, "seven": 7 / 64}


def truths(pattern: str, times: int = 1) -> list[bool | None]:
    """Worlds as letters: t true, f false, ? without an answer."""
    return [{"t": True, "f": False, "?": None}[letter] for letter in pattern] * times


def test_weakest_premise_is_the_one_that_costs_most_worlds() -> None:
    """Without b all others are true in 3 of 4 worlds, without a in 1 of 4."""
    found = conclusion_figures(truths("tttt"), {"a": truths("tttf"), "b": truths("tfff")})
    assert (found.premises.share, found.weakest) == (0.25, "b")


def test_weakest_of_premises_that_fail_together_is_the_one_that_is_true_least() -> None:
    """Leaving out one of two that are never true together makes neither true."""
    both = {"a": truths("ttff"), "b": truths("ffff"), "c": truths("ffft")}
    assert conclusion_figures(truths("tttt"), both).weakest == "b"
    assert conclusion_figures(truths("tt"), {"a": truths("tt")}).weakest is None


def test_idle_is_a_premise_whose_failing_alone_changes_nothing() -> None:
    """Of 8 times 4 worlds: with a and b, with a alone, with b alone, with neither."""
    a, b, c = truths("ttff", 8), truths("tftf", 8), truths("ttff", 8)
    found = conclusion_figures(c, {"a": a, "b": b})
    assert (found.follows.share, found.idle, found.never_fails_alone) == (1.0, ("b",), ())
    short = conclusion_figures(c[:28], {"a": a[:28], "b": b[:28]})
    assert (short.follows.is_enough, short.idle, short.never_fails_alone) == (False, (), ("a", "b"))


def test_premise_that_is_never_false_is_not_called_idle() -> None:
    """What it carries cannot be told."""
    found = conclusion_figures(
        truths("tf", 10), {"a": truths("tf", 10), "always": truths("tt", 10)}
    )
    assert (found.idle, found.never_fails_alone) == ((), ("always",))


def test_worlds_without_an_answer_are_left_out_where_it_is_needed() -> None:
    """One false premise makes all premises false, whatever has no answer."""
    found = conclusion_figures(truths("tttf?t"), {"a": truths("tt?ttf"), "b": truths("t?ttt?")})
    assert (found.premises.share, found.premises.worlds) == (3 / 4, 4)
    assert found.worlds_granted == 3
    assert (found.follows.share, found.follows.worlds) == (0.5, 2)
    assert (found.otherwise.share, found.otherwise.worlds) == (1.0, 1)
    assert found.each == {"a": 0.8, "b": 1.0}
    nothing = conclusion_figures(truths("??"), {"a": truths("??")})
    assert nothing.as_json()["premises"] == {"share": None, "n": 0, "of": 0, "each": {"a": None}}
    assert nothing.reading == "never put to the test"


def test_weights_count_as_worlds_do() -> None:
    """Twice the weight is two worlds in every share; effective numbers are fewer."""
    a, b, c = truths("tttf"), truths("tfft"), truths("tfft")
    weighted = conclusion_figures(c, {"a": a, "b": b}, [2.0, 1.0, 1.0, 4.0])
    plain = conclusion_figures(
        truths("ttfftttt"), {"a": truths("ttttffff"), "b": truths("ttfftttt")}
    )
    for one in ("premises", "follows", "otherwise", "conclusion"):
        assert getattr(weighted, one).share == getattr(plain, one).share
    assert (weighted.each, weighted.weakest) == (plain.each, plain.weakest)
    assert weighted.premises.worlds == pytest.approx(64 / 22)
    assert weighted.worlds_granted == 1.0


def test_few_heavy_worlds_put_nothing_to_the_test() -> None:
    """Sixteen worlds of which one has nearly all the weight are worth about one."""
    heavy = [1.0] + [0.001] * 15
    found = conclusion_figures(truths("t", 16), {"a": truths("t", 16)}, heavy)
    assert (found.reading, found.as_json()["follows"]) == ("never put to the test", None)


def test_counted_worlds_are_the_same_as_listed_ones() -> None:
    a, c = truths("tttffftf", 4), truths("ttftfftf", 4)
    listed = conclusion_figures(c, {"a": a})
    pairs = sorted(set(zip(a, c, strict=True)))
    counts = [list(zip(a, c, strict=True)).count(pair) for pair in pairs]
    counted = conclusion_figures(
        [pair[1] for pair in pairs], {"a": [pair[0] for pair in pairs]}, counts=counts
    )
    assert counted == listed


def test_conclusion_that_lacks_a_premise_is_left_out() -> None:
    claims = loads(LINE).claims
    assert set(figures_of_conclusions(claims, {"half": [True], "granted": [True]})) == {"granted"}
    assert not figures_of_conclusions(claims, {"sound": [True], "most": [True]})


def test_argument_is_told_from_its_theses_down() -> None:
    rests_on = {"a": ["b", "c"], "b": ["c"], "c": ["d"], "d": [], "alone": [], "z": ["d"]}
    assert theses(rests_on) == ("a", "z")
    told = [(step.depth, step.claim, step.repeated) for step in argument_steps(rests_on)]
    assert told == [
        (0, "a", False), (1, "b", False), (2, "c", False), (3, "d", False), (1, "c", True),
        (0, "z", False), (1, "d", False),
    ]  # fmt: skip


def test_stored_worlds_give_the_same_figures(line) -> None:
    case = loads(LINE)
    stored = cf.sweep(case, "memory://argument", 64, engine=cf.Engine(workers=1))
    for name in ("sound", "fails", "untested", "mostly"):
        drawn = replace(_of(line, name), tilted=None)
        assert stored.summary.argument[f"claim_{name}"] == drawn
    document = {test["column"]: test["argument"] for test in stored.as_json()["tests"]}
    assert document["claim_half"] is None
    assert document["claim_leans"]["reading"] == "leans on its premises"
    console = Console(width=120, file=StringIO(), highlight=False)
    console.print(sweep_tables(case, stored))
    said = " ".join(console.file.getvalue().split())
    assert "leans leans on its premises 50 % 75 % 0 %" in said
    assert "untested never put to the test 11 % - 44 %" in said


def test_events_weigh_the_worlds_of_an_argument() -> None:
    """After a period of war worlds weigh 1 - u: u below a half has 3 of 4 parts of the weight."""
    text = LINE.replace(
        "claims:",
        "chance: {end: {when: war, outcomes: [{name: comes, chance: u, set: {war: false}}]}}\n"
        "claims:",
    ).replace("horizon: 1", "horizon: 2")
    case = loads(text + "events: [{period: 0, observed: {war: true}}]\n")
    found = {claim.id: claim for claim in cf.update(case, 64, workers=1).claims}
    before, as_written, after = found["sound"].argument
    assert before.reading == "sound"
    assert before.premises.share == 0.75
    assert after.premises.share == pytest.approx(15 / 16, abs=2e-3)
    expected = found["sound"].after.share / after.premises.share
    assert after.follows.share == pytest.approx(expected, abs=1e-9)
    document = found["sound"].as_json()["argument"]
    assert document == {
        "before": before.as_json(),
        "as_written": as_written.as_json(),
        "after": after.as_json(),
    }
    assert as_written.premises.share == pytest.approx(15 / 16, abs=2e-3)
    assert found["half"].argument is None
    alone = cf.update(case, 0, workers=1).claims
    assert all(claim.argument is None for claim in alone)
    assert replace(found["sound"], argument=None).as_json()["argument"] is None


def test_a_claim_is_asked_by_its_name_with_what_it_owes_to_its_premises(line) -> None:
    case = loads(LINE)
    found = cf.ask(case, "leans", "u < 0.375", " half", worlds=64, workers=1)
    leans, test, half = found.answers
    assert (leans.claim, leans.expr, test.claim, half.claim) == ("leans", "u < 0.375", None, "half")
    assert leans.worlds == test.worlds
    assert leans.argument == _of(line, "leans")
    assert half.argument is None
    document = found.as_json()["answers"]
    assert [one.get("claim") for one in document] == ["leans", None, "half"]
    assert document[0]["argument"]["follows"] == 0.75
    assert "argument" not in document[1]
    screen = Console(file=StringIO(), width=200)
    screen.print(answer_table(found))
    said = screen.file.getvalue()
    assert "leans: u < 0.375\n" in said
    assert (
        "because half (50 %): leans on its premises: true in 75 % of worlds where its premise is "
        "true, in 0 % of the others\n"
    ) in said
    at_best = cf.ask(case, "leans", workers=1).answers[0]
    assert (at_best.best, at_best.argument) == (False, None)
