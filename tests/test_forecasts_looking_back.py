"""`review`: what came true, what misled, what a rival would have said, and the scores."""

import json

import pytest
from typer.testing import CliRunner

from ceasefire import review
from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.errors import EvidenceError

COIN = """
ceasefire: 1
title: A coin
horizon: 5
unknowns: {odds: {range: [0.1, 0.7]}}
parties: {a: {precision: 1, types: {good: 0.5, bad: 0.5}}, b: {}}
state: {war: {start: true}}
payoffs: {a: {war: "-war if type == good else 0 * war"}}
moves: {nod: {by: a, cost: "0 if type == good else 1"}}
chance: {end: {when: war, outcomes: [{name: comes, chance: odds, set: {war: false}}]}}
order: [end, a]
claims:
  likely:
    says: Peace is likely.
    test: "P(eventually(not war), within=3) > 0.4"
    happened: false
    baseline: {probability: 0.3}
  nodded: {says: A nods., test: "P(eventually(happens(a.nod)), within=4) > 0.5", happened: true}
  open: {says: Nobody knows yet., test: P(at_end(war)) > 0.1}
forecasts: {paper: {claim: likely, probability: 0.2, as_of: 2024-01, kind: expert}}
events:
  - {period: 0, observed: {war: true}}
  - {period: 1, observed: {war: true}}
  - {period: 1, move: a.nod}
"""


def test_what_misled_is_what_the_events_have_moved() -> None:
    """Two periods of war: the odds were lower than assumed, by hand (1 - odds)^2."""
    found = review(loads(COIN), worlds=64, workers=1)
    (shift,) = found.misleading_unknowns
    assert shift.unknown == "odds"
    # over [0.1, 0.7] the mean is 0.4; weighted by (1 - odds)^2 it is 0.3077
    assert shift.before == pytest.approx(0.4, abs=0.002)
    assert shift.after == pytest.approx(0.3077, abs=0.003)
    ((party, kind, before, after),) = found.misleading_types
    assert (party, kind) == ("a", "good")
    assert after > before + 0.1
    assert [claim.id for claim in found.outcomes.claims] == ["likely", "nodded"]
    assert found.outcomes.verdicts == {"right": 1, "wrong": 1, "open": 0}
    names = {one.name: one.brier for one in found.outcomes.scores}
    assert names["base rate"] == pytest.approx(0.09)
    assert names["expert"] == pytest.approx(0.04)
    assert found.all_cases is None


def test_the_command_prints_one_page_and_one_document(tmp_path) -> None:
    mine, rival = tmp_path / "coin.yaml", tmp_path / "gloomy.yaml"
    mine.write_text(COIN)
    rival.write_text(COIN.replace("[0.1, 0.7]", "[0.05, 0.2]"))
    asked = ["review", str(mine), str(rival), "--rival", str(rival), "--worlds", "8"]
    printed = CliRunner().invoke(app, asked).stdout
    for heading in ("What came true", "What misled", "What the rival would have said", "Scores"):
        assert heading in printed
    assert "Over all cases at hand" in printed
    assert "settled by" in printed
    assert "favour" in printed
    document = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert {"outcomes", "unknowns", "types", "update", "rival", "all_cases"} <= set(document)


def test_without_an_outcome_there_is_nothing_to_look_back_at() -> None:
    text = COIN.replace("    happened: false\n", "").replace(", happened: true", "")
    with pytest.raises(EvidenceError, match="no claim says what happened"):
        review(loads(text), worlds=0, workers=1)
