"""Claims that depend on who moves last, or on how play ends: found, shown, and never guessed."""

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.ensemble import ask, check
from ceasefire.ensemble.ask_questions import rule_doubts
from ceasefire.ensemble.run import JobResults
from ceasefire.query import QuantityValue, WorldResult, read_question
from ceasefire.query.plan import change_rules
from ceasefire.render.charts_claims import claim_shares_chart
from ceasefire.render.report_caveats import unexplained_results
from ceasefire.render.report_data import ReportData
from ceasefire.render.tables_check import check_warnings, verdict_table
from ceasefire.web.html_fragments import share_html

STRIKE = """
ceasefire: 1
title: A strike at a port
period: week
horizon: 12
tail: 4
parties:
  union: {patience: 0.97, precision: 6}
  operator: {patience: 0.98, precision: 6, types: {rich: 0.5, poor: 0.5}}
  mediator: {}
state:
  strike: {start: true}
  settled: {values: [0, 2, 4, 6], start: 0}
  fund: {values: 0..3, start: 3}
payoffs:
  union: {wage: 0.05 * settled, lost: -0.5 * strike * (1 if fund > 0 else 2)}
  operator: {trade: -0.8 * strike, wage_bill: "-(0.02 if type == rich else 0.08) * settled"}
moves:
  call_off: {by: union, when: strike, set: {strike: false}, cost: 4}
tables:
  bilateral:
    seats: [operator, union]
    when: strike
    deals:
      two: {set: {strike: false, settled: 2}}
      four: {set: {strike: false, settled: 4}}
      six: {set: {strike: false, settled: 6}}
  conciliation:
    seats: [mediator, union, operator]
    when: strike
    meets: 0.5
    deals:
      four: {set: {strike: false, settled: 4}, needs: [union, operator]}
      six: {set: {strike: false, settled: 6}, needs: [union, operator]}
chance:
  drain: {when: strike and fund > 0, outcomes: [{chance: 0.5, set: {fund: fund - 1}}]}
order: [drain, conciliation, bilateral, union]
claims:
  pays: {says: The dockers get a rise., test: E(settled) > 1}
  ends: {says: The strike ends within six weeks., test: "P(eventually(not strike), within=6) > 0.8"}
"""


@pytest.fixture(scope="module")
def strike():
    return check(loads(STRIKE), 0, flips=False, grid=17, workers=1)


def test_a_claim_that_turns_with_the_order_and_the_ending_is_marked_with_its_numbers(strike):
    pays, ends = strike.claim_checks
    assert pays.best is False
    assert pays.moves_last.best is True
    assert dict(pays.moves_last.quantities)["E(settled)"] == pytest.approx(2.0, abs=0.01)
    assert pays.ending.best is True
    assert dict(pays.ending.quantities)["E(settled)"] == pytest.approx(2.05, abs=0.01)
    assert (ends.moves_last, ends.ending) == (None, None)
    assert not strike.marked


def test_what_does_not_turn_is_not_marked_and_neither_is_a_shuffle_or_a_finite_game():
    """A shuffle has no opposite order; a finite game has no other ending."""
    order = "order: [drain, conciliation, bilateral, union]"
    fair = STRIKE.replace(order, "order: [drain, {shuffle: [conciliation, bilateral, union]}]")
    assert change_rules(loads(fair), "opposite order") is None
    final = STRIKE.replace("tail: 4", "ending: final")
    assert change_rules(loads(final), "other ending") is None
    (pays, _) = check(loads(final), 0, flips=False, grid=17, workers=1).claim_checks
    assert pays.ending is None
    (_, ends) = check(loads(fair), 0, flips=False, grid=17, workers=1).claim_checks
    assert (ends.moves_last, ends.ending) == (None, None)


def test_a_longer_tail_does_not_cure_it():
    text = STRIKE.replace("tail: 4", "tail: 30")
    (pays, _) = check(loads(text), 0, flips=False, grid=17, workers=1).claim_checks
    assert pays.moves_last.best is True
    assert pays.ending.best is True


def test_chances_stay_in_their_places_and_shuffled_steps_move_as_one():
    order = "order: [drain, conciliation, {shuffle: [bilateral, mediator]}, drain, union, operator]"
    case = loads(STRIKE.replace("order: [drain, conciliation, bilateral, union]", order))
    changed = change_rules(case, "opposite order")
    assert [str(step) for step in changed.order] == [
        "drain", "operator", "union", "drain", "bilateral", "mediator", "conciliation",
    ]  # fmt: skip
    assert [step.shuffle for step in changed.order] == [None, None, None, None, 2, 2, None]


IMPOSSIBLE = """
ceasefire: 1
horizon: 2
parties: {a: {}, b: {}}
state: {n: {values: 0..1, start: 1}}
moves:
  clear: {by: b, set: {n: 0}}
  fill: {by: a, set: {n: n + 1}}
order: [{b: [clear]}, a]
claims: {full: {test: P(at_end(n == 1)) > 0.4}}
"""


def test_an_order_that_cannot_be_played_is_said_and_marks_nothing():
    found = check(loads(IMPOSSIBLE), 0, flips=False, grid=17, workers=1)
    (said,) = found.not_asked
    assert said.startswith("with the steps in the opposite order: ")
    assert "n would leave its values" in said
    assert not found.marked
    assert found.claim_checks[0].moves_last is None
    assert any(
        "not asked with the steps in the opposite" in p.message for p in check_warnings(found)
    )


def test_marks_are_shown_with_what_the_claim_is_otherwise(strike):
    console = Console(file=io.StringIO(), width=200)
    console.print(verdict_table(strike))
    text = console.file.getvalue()
    assert "depends on who moves last: 2.00 > 1 with the steps in the opposite order" in text
    assert "depends on how play ends: 2.05 > 1 with the other ending" in text
    assert text.count("A claim depends on who moves last if its verdict changes") == 1
    lines = unexplained_results(ReportData(loads(STRIKE), "", strike))
    assert (
        "pays",
        "depends on who moves last: 2.00 > 1 with the steps in the opposite order",
    ) in lines


def test_pages_and_charts_show_the_marks():
    found = check(loads(STRIKE), 4, flips=False, grid=17, workers=1)
    pays, ends = found.claim_checks
    assert "depends on who moves last" in share_html(pays)
    assert "depends on how play ends" in share_html(pays)
    assert "depends on" not in share_html(ends)
    drawn = json.dumps(claim_shares_chart(found).to_dict())
    assert "depends on who moves last and on how play ends" in drawn


def test_json_has_the_other_verdict_with_its_numbers(tmp_path):
    path = tmp_path / "strike.yaml"
    path.write_text(STRIKE, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(path), "--worlds", "0", "--grid", "17", "--json"])
    assert done.exit_code == 0
    pays, ends = json.loads(done.stdout)["claims"]
    (quantity,) = pays["moves_last"]["quantities"]
    assert (pays["moves_last"]["best"], quantity["expr"]) == (True, "E(settled)")
    assert quantity["best"] == pytest.approx(2.0, abs=0.01)
    assert pays["ending"]["best"] is True
    assert (ends["moves_last"], ends["ending"]) == (None, None)


@pytest.mark.parametrize(("other", "said"), [(0.295, ("0.295",)), (0.17, ())])
def test_a_rule_that_moves_a_probability_by_a_tenth_is_told(other: float, said: tuple[str, ...]):
    """Twice that is what precision may do unsaid; nobody chooses an ending by degrees."""
    best, again = (
        WorldResult((value,), ((QuantityValue(value),),), ((),), 0.0, 0, 0, 17)
        for value in (0.11, other)
    )
    question = read_question(loads(STRIKE), "P(eventually(settled > 0))")
    changed = JobResults({"other ending": again}, {}, interrupted=False)
    shown = f"depends on how play ends: {''.join(said)} with the other ending"
    assert rule_doubts(question, 0, best, changed) == ((shown,) if said else ())


def test_ask_warns_of_a_number_and_of_a_test_that_turn_with_the_rules():
    found = ask(
        loads(STRIKE), "E(settled)", "E(settled) > 1", "time(not strike)", grid=17, workers=1
    )
    number, test, unmoved = found.answers
    order, ending = "depends on who moves last", "depends on how play ends"
    assert f"{order}: 2 with the steps in the opposite order" in number.warnings
    assert f"{ending}: 2.05 with the other ending" in number.warnings
    assert f"{order}: true with the steps in the opposite order" in test.warnings
    assert not any("depends on" in said for said in unmoved.warnings)
    assert not found.marked


def test_ask_says_that_an_order_cannot_be_played():
    (answer,) = ask(loads(IMPOSSIBLE), "E(n)", workers=1).answers
    assert any(said.startswith("not asked with the steps in the opp") for said in answer.warnings)
