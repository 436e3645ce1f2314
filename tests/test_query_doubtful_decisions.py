"""Decisions in doubt: whose they are, where, and how likely play is to come to one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.ensemble import ask
from ceasefire.evidence import update
from ceasefire.query import NumericalQuality, explain, timeline
from ceasefire.query.numerical_quality import SEVERAL, DoubtfulDecision, merge_decisions

# Both types pay the same to speak, once the line is open: the message meets branch points.
TEXT = """
ceasefire: 1
horizon: 1
ending: nothing
unknowns: {connected: {best: 0.25, range: [0, 0.5]}}
parties:
  sender: {precision: 4, patience: 0, types: {left: 0.5, right: 0.5}}
  receiver: {precision: 4, patience: 0}
state:
  open: {}
  said: {}
  guess: {values: [none, goes_left, goes_right], start: none}
  gone: {values: [nowhere, to_left, to_right], start: nowhere}
payoffs:
  sender:
    guessed: guess == goes_left if type == left else guess == goes_right
    nature: 5 * (gone == to_left if type == left else gone == to_right)
  receiver:
    right: guess == goes_left and gone == to_left or guess == goes_right and gone == to_right
moves:
  speak: {by: sender, when: open, cost: 0.1, set: {said: true}}
  guess_left: {by: receiver, set: {guess: goes_left}}
  guess_right: {by: receiver, set: {guess: goes_right}}
  go_left: {by: sender, set: {gone: to_left}}
  go_right: {by: sender, set: {gone: to_right}}
chance:
  connect: {outcomes: [{chance: connected, set: {open: true}}]}
order:
  - connect
  - {sender: [speak, pass]}
  - {receiver: [guess_left, guess_right]}
  - {sender: [go_left, go_right]}
claims:
  heard: {test: "P(at_end(said)) > 0.1"}
"""
CASE = loads(TEXT)


def doubts(numerics: NumericalQuality) -> dict[str, float]:
    """The probability that play comes to a decision in doubt, by reason."""
    return {doubt.kind: doubt.probability for doubt in numerics.doubts}


@pytest.mark.parametrize(
    ("question", "probability"),
    [
        ("P(at_end(said))", 0.25),
        ("P(at_end(said), given={connected: 0.5})", 0.5),
        ("P(at_end(said), given={connected: 0})", 0.0),
        ("P(at_end(said), start={open: true})", 1.0),
        ("P(at_end(said), within=0)", 0.0),
        ("P(at_end(said), types={sender: left})", 0.25),
    ],
)
def test_play_comes_to_a_decision_in_doubt_as_often_as_the_line_opens(question, probability):
    answers = ask(CASE, question, grid=9, certify=False)
    expected = pytest.approx(probability, abs=1e-9)
    assert doubts(answers.numerics) == {"branch points": expected, SEVERAL: expected}
    assert answers.numerics.several == expected
    (decision,) = answers.numerics.doubts[0].decisions
    assert (decision.party, decision.decision, decision.type) == ("sender", "the move", "left")
    assert decision.states == ("open=true",) or decision.states == ("in the state of the start",)
    warned = any("rests on a decision in doubt" in text for text in answers.answers[0].warnings)
    assert warned == (probability > 0)


def test_questions_without_a_solution_in_doubt_are_not_warned_about():
    answers = ask(
        CASE, "P(at_end(said))", "P(at_end(said), without=sender.speak)", grid=9, certify=False
    )
    assert [bool(answer.warnings) for answer in answers.answers] == [True, False]


def test_explanations_and_timelines_name_the_decision_too():
    assert doubts(explain(CASE, "receiver", grid=9).numerics) == {
        "branch points": pytest.approx(0.25)
    }
    assert doubts(explain(CASE, "receiver", "open=true", grid=9).numerics) == {
        "branch points": pytest.approx(1.0)
    }
    assert doubts(timeline(CASE, grid=9).numerics) == {"branch points": pytest.approx(0.25)}


def test_an_update_names_the_decision_from_the_start_and_from_today():
    """Only the first period counts: by the second, where the sender went has told its type."""
    case = loads(
        TEXT.replace("horizon: 1", "horizon: 2")
        + "events:\n  - {period: 0, observed: {open: false}}\n"
    )
    doubt, several = update(case, 0, grid=9, workers=1).numerics.doubts
    assert several.kind == SEVERAL
    assert doubt.probability == pytest.approx(0.25)
    assert {decision.party for decision in doubt.decisions} == {"sender"}


def test_the_same_decision_in_several_states_is_named_once():
    found = [
        DoubtfulDecision("h", "the move", "firm", (0.2, 0.3), ("force=2, war=true",), 2),
        DoubtfulDecision("h", "the move", "firm", (0.1, 0.2), ("war=true",), 1),
        DoubtfulDecision("h", "the offer at talks", "firm", (0.5, 0.5), ("war=true",), 1),
    ]
    merged = merge_decisions(found)
    assert merged[0] == DoubtfulDecision(
        "h", "the move", "firm", (0.1, 0.3), ("war=true", "force=2, war=true"), 3
    )
    assert merged[1] == found[2]


@pytest.mark.parametrize(
    "command",
    [
        ["ask", "P(at_end(said))", "P(at_end(said), start={open: true})"],
        ["check", "--worlds", "0", "--all"],
        ["explain", "--party", "receiver"],
        ["timeline"],
    ],
)
def test_the_document_has_every_warning_that_the_text_prints(command, tmp_path: Path):
    path = tmp_path / "case.yaml"
    path.write_text(TEXT, encoding="utf-8")
    name, *options = command
    arguments = [name, str(path), *options, "--grid", "9"]
    shown = CliRunner().invoke(app, arguments)
    document = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    text = " ".join(shown.stdout.split())
    warnings = [
        f"{each['path']}: {each['found']}" if each["path"] else f"! {each['found']}"
        for each in document["warnings"]
    ]
    assert any("the move by sender where open=true" in warning for warning in warnings)
    for warning in warnings:
        assert " ".join(warning.split()) in text
    assert shown.stdout.count("! ") == sum(warning.startswith("! ") for warning in warnings)
