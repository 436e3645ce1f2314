"""What the commands print: one JSON document, tables that say the same, honest exit statuses."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.cli.main import app

RUNNER = CliRunner()
COIN = """
ceasefire: 1
title: Two coins
horizon: 2
unknowns:
  odds: {best: 0.3, range: [0.2, 0.4]}
parties:
  north: {types: {calm: 0.5, rash: 0.5}, precision: 2}
state: {war: {start: true}, claim: {values: 0..2, start: 0}}
payoffs: {north: {war: "-war if type == calm else -0.2 * war"}}
moves:
  shout: {by: north, cost: "0.2 if type == calm else 0"}
chance:
  end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}
claims:
  likely: {says: Peace is likelier than not., test: "P(at_end(not war)) > 0.5"}
  certain: {test: "P(at_end(not war)) >= 0", where: first line}
  never: {test: "P(at_end(not war)) > 0.9"}
"""


@pytest.fixture
def coin(tmp_path: Path) -> str:
    path = tmp_path / "coin.yaml"
    path.write_text(COIN, encoding="utf-8")
    return str(path)


def call(*arguments: str, status: int = 0) -> str:
    result = RUNNER.invoke(app, list(arguments))
    assert result.exit_code == status, result.output
    return result.stdout


def test_check_json_has_the_documented_keys(coin):
    document = json.loads(call("check", coin, "--worlds", "64", "--json"))
    assert {"case", "digest", "version", "headline", "claims", "numerics"} <= set(document)
    likely = document["claims"][0]
    keys = "id says test best share interval verdict noise quantities flips drivers q2"
    assert list(likely) == [
        *keys.split(),
        "worlds_needed",
        "rule",
        "pair",
        "together",
        "not_searched",
        "read_at_ends",
        "chance",
        "repeat",
        "moves_last",
        "ending",
        "selection",
        "whole_branch",
        "selection_in_worlds",
        "margin",
        "can_matter",
        "because",
        "argument",
        "experts",
        "disagreement",
        "codings",
        "codings_at_best",
        "turned_by",
        "baseline",
    ]
    assert (likely["id"], likely["best"], likely["says"]) == (
        "likely",
        True,
        "Peace is likelier than not.",
    )
    # 1 - (1 - odds)^2 > 0.5 where odds > 0.2929: in 53.6 % of the range, so 34 or 35 of 64 worlds
    assert likely["share"] in (34 / 64, 35 / 64)
    assert likely["verdict"] == "depends"
    low, high = likely["interval"]
    assert 0.2 < low < likely["share"] < high < 0.8
    (quantity,) = likely["quantities"]
    assert quantity["expr"] == "P(at_end(not war))"
    assert quantity["best"] == pytest.approx(1 - 0.7**2)
    assert set(quantity["worlds"]) == {"n", "mean", "p05", "p50", "p95", "share"}
    assert quantity["worlds"]["n"] == 64
    assert quantity["worlds"]["p50"] == pytest.approx(1 - 0.7**2, abs=0.02)
    verdicts = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    assert verdicts == {"likely": "depends", "certain": "holds", "never": "fails"}
    numerics = document["numerics"]
    names = "grid grid_change horizon_change residual unresolved branch_points"
    assert list(numerics) == [*names.split(), "several", "several_complete", "doubts"]
    assert numerics["unresolved"] == 0
    assert numerics["grid"] >= 3


def test_ask_json_has_the_documented_keys(coin):
    text = call("ask", coin, "P(at_end(not war))", "time(not war) > 1", "--json")
    document = json.loads(text)
    plain = {"expr", "best", "worlds"}
    assert [set(answer) for answer in document["answers"]] == [plain, {*plain, "censored"}]
    assert document["answers"][1]["censored"] == {"time(not war)": pytest.approx(0.49)}
    assert document["answers"][0]["best"] == pytest.approx(0.51)
    assert document["answers"][0]["worlds"] is None
    assert document["answers"][1]["best"] is True
    assert document["numerics"]["unresolved"] == 0


def test_ask_tells_how_likely_a_condition_is(coin):
    """In text and JSON; a condition as improbable as numerical error marks the answer."""
    text = "P(at_end(not war), provided=eventually(not war), within=1)"
    (answer,) = json.loads(call("ask", coin, text, "--json"))["answers"]
    assert answer["provided"] == {text: pytest.approx(0.3)}
    assert "the condition has probability 0.300" in call("ask", coin, text)
    rare = "P(at_end(not war), provided=eventually(not war), given={odds: 1e-9}, within=1)"
    said = " ".join(call("ask", coin, rare, status=1).split())
    assert "the condition has probability 1e-09, which may be numerical error alone" in said


def test_ask_says_that_a_time_is_at_least_so_long(coin):
    """Where play does not always come to it within the horizon, which is then counted."""
    asked = "time(war and not war)", "time(not war)", "2 * time(not war)"
    shown = " ".join(call("ask", coin, *asked).split())
    assert "at least 2, the horizon" in shown
    assert "at least 1.70" in shown
    assert "time(war and (not war)): it has not come within 2 periods" in shown
    assert "time(not war): with probability 0.490 it has not come within 2 periods" in shown
    assert "at least" not in call("ask", coin, "time(war)", "time(not war) > 1")


def test_ask_in_worlds_gives_a_spread_or_a_share(coin):
    arguments = ["ask", coin, "E(odds)", "E(odds) > 0.25", "--worlds", "64", "--json"]
    number, truth = (answer["worlds"] for answer in json.loads(call(*arguments))["answers"])
    assert (number["n"], number["share"]) == (64, None)
    assert number["mean"] == pytest.approx(0.3, abs=0.01)
    assert (truth["n"], truth["share"], truth["mean"]) == (64, 0.75, None)


def test_until_takes_a_width_or_settled(coin):
    settled = json.loads(call("check", coin, "--until", "settled", "--no-flips", "--json"))
    assert settled["run"]["until"] == "settled"
    assert settled["run"]["done"] % 64 == 0
    shown = call("check", coin, "--until", "settled", "--no-flips", "--worlds", "4096")
    assert "On the border between two verdicts" not in shown
    narrow = json.loads(call("check", coin, "--until", "0.4", "--no-flips", "--json"))
    assert (narrow["run"]["until"], narrow["run"]["done"]) == (0.4, 64)
    for wrong in ("soon", "0", "2", "nan"):
        said = RUNNER.invoke(app, ["check", coin, "--until", wrong])
        assert said.exit_code == 2
        assert "settled, or a width between 0.001 and 1" in " ".join(said.stderr.split())


def test_a_number_that_is_not_finite_is_null(coin):
    text = call("ask", coin, "least(claim, P(at_end(not war)) > 2)", "--json")
    assert json.loads(text)["answers"][0]["best"] is None
    assert "none" in call("ask", coin, "least(claim, P(at_end(not war)) > 2)")


LEVERS = """
levers:
  claim_it: {says: Lay claim to it., by: north, set: "start={claim: 1}"}
  be_lucky: {set: "given={odds: 0.6}"}
"""


def test_choose_compares_levers_and_leads_with_a_sentence(tmp_path):
    path = tmp_path / "levers.yaml"
    path.write_text(COIN + LEVERS, encoding="utf-8")
    arguments = ["choose", str(path), "--goal", "likely", "--worlds", "64"]
    document = json.loads(call(*arguments, "--json"))
    assert {"case", "digest", "version", "goal", "worlds", "levers", "rule"} <= set(document)
    assert (document["claim"], document["worlds"]) == ("likely", 64)
    first, *others = document["levers"]
    assert (first["lever"], first["share"], first["regret"]["mean"]) == ("be_lucky", 1.0, 0.0)
    assert {one["lever"] for one in others} == {"claim_it", "nothing"}
    shown = " ".join(call(*arguments).split())
    assert shown.startswith("Be lucky makes the goal true in 100 % of worlds")
    assert "claim_it (north): Lay claim to it. [start={claim: 1}]" in shown
    assert "64 worlds from seed 0" in shown
    alone = json.loads(call(*arguments, "--lever", "claim_it", "--json"))
    assert [one["lever"] for one in alone["levers"]] == ["nothing", "claim_it"]
    both = json.loads(call(*arguments, "--two", "--json"))
    assert "claim_it + be_lucky" in {one["lever"] for one in both["levers"]}


def test_the_same_seed_gives_the_same_document(coin):
    first, second = (call("check", coin, "--worlds", "8", "--json") for _ in range(2))
    assert first == second
    other = call("check", coin, "--worlds", "8", "--seed", "1", "--json")
    assert (
        json.loads(other)["claims"][0]["quantities"] != json.loads(first)["claims"][0]["quantities"]
    )
    assert json.loads(other)["digest"] == json.loads(first)["digest"]


def test_digest_depends_on_the_case_content(coin):
    digest = json.loads(call("timeline", coin, "--json"))["digest"]
    path = Path(coin)
    path.write_text("# a comment\n" + COIN)
    assert json.loads(call("timeline", coin, "--json"))["digest"] == digest
    path.write_text(COIN.replace("0.3,", "0.31,"))
    assert json.loads(call("timeline", coin, "--json"))["digest"] != digest


def test_check_begins_with_the_headline_and_lists_each_claim_with_its_share(coin):
    text = call("check", coin, "--worlds", "64")
    document = json.loads(call("check", coin, "--worlds", "64", "--json"))
    assert " ".join(text.split()).startswith(document["headline"])
    share = document["claims"][0]["share"]
    assert re.search(rf"^ *{share:.0%} ~ likely +Peace is likelier".replace("%", " %"), text, re.M)
    assert "Two coins: numerics fine (64 worlds from seed 0" in text
    assert "0.510 > 0.5" not in text


def test_all_lists_every_number_after_the_summary(coin):
    text = call("check", coin, "--worlds", "64", "--all")
    assert text.startswith(call("check", coin, "--worlds", "64")[:200])
    assert "0.510 > 0.5" in text
    assert text.index("At the best estimates 2 of 3") < text.index("verdict")
    assert text.index("verdict") < text.index("What decides each claim, and what turns it")


def test_without_worlds_there_are_no_shares(coin):
    text = call("check", coin, "--worlds", "0")
    assert "verdict" not in text
    document = json.loads(call("check", coin, "--worlds", "0", "--json"))
    assert [document["claims"][0][key] for key in ("share", "interval", "verdict")] == [None] * 3


def test_a_world_that_fails_is_counted_and_marks_the_result(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(COIN.replace("range: [0.2, 0.4]", "normal: [0.3, 0.4]"))
    document = json.loads(call("check", str(path), "--worlds", "16", "--json", status=1))
    failed = document["run"]["failed"]
    assert 0 < len(failed) < 16
    assert "probability" in failed[0]["why"]
    assert document["claims"][1]["share"] == 1.0
    assert document["claims"][1]["quantities"][0]["worlds"]["n"] == 16 - len(failed)
    text = call("check", str(path), "--worlds", "16", status=1)
    assert f"{len(failed)} worlds failed" in text


def test_a_claim_without_an_answer_is_neither_true_nor_false(tmp_path):
    path = tmp_path / "case.yaml"
    never = '"P(at_end(war), provided=at_end(claim == 2)) > 0.5"'
    path.write_text(COIN.replace('"P(at_end(not war)) > 0.9"', never))
    claim = json.loads(call("check", str(path), "--worlds", "4", "--json", status=0))["claims"][2]
    assert (claim["best"], claim["share"], claim["verdict"]) == (None, None, None)
    assert "no answer" in call("check", str(path), "--worlds", "4")


def test_a_case_without_claims_has_nothing_to_check(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(COIN[: COIN.index("claims:")])
    assert RUNNER.invoke(app, ["check", str(path)]).exit_code == 2


def test_explain_splits_each_value_into_its_parts(coin):
    document = json.loads(call("explain", coin, "--party", "north", "--at", "war=true", "--json"))
    assert document["decisions"]
    for decision in document["decisions"]:
        assert sum(c["probability"] for c in decision["choices"]) == pytest.approx(1)
        for choice in decision["choices"]:
            whole = sum(choice["terms"].values()) - choice["cost"] + choice["later"]
            assert choice["value"] == pytest.approx(whole)
    text = call("explain", coin, "--party", "north")
    assert "if calm" in text
    assert "north.shout" in text


def test_explain_without_a_party_tells_what_each_decides(coin):
    text = call("explain", coin)
    assert "would most likely" in text
    assert "--party NAME shows the numbers of one party" in text
    document = json.loads(call("explain", coin, "--json"))
    assert [one["party"] for one in document["parties"]] == ["north"]
    alone = json.loads(call("explain", coin, "--party", "north", "--json"))
    assert document["parties"][0]["decisions"] == alone["decisions"]


def test_timeline_follows_the_state(coin):
    document = json.loads(call("timeline", coin, "--json"))
    war = next(series for series in document["series"] if series["name"] == "war")
    assert war["values"] == pytest.approx([1, 0.7, 0.49])
    assert "war" in call("timeline", coin)


def test_cite_names_the_sources_of_case_and_methods(coin):
    assert "McKelvey" in call("cite", coin)
    assert "equilibrium" in json.loads(call("cite", coin, "--json"))["methods"]


def test_show_lists_all_names_of_a_case(coin):
    text = call("show", coin)
    for name in ("Two coins", "north", "calm or rash", "shout", "odds", "likely"):
        assert name in text


def test_brackets_in_a_case_are_not_taken_for_markup(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(COIN.replace("Two coins", '"Two [bold]coins[/nonsense]"'))
    assert "[bold]coins[/nonsense]" in call("check", str(path), "--worlds", "0")


def test_first_case_checks_clean(tmp_path):
    path = str(tmp_path / "mine.yaml")
    call("new", path)
    call("lint", path, "--strict")
    call("check", path, "--worlds", "4")


def terminal(ours: int) -> str:
    """What comes next on a terminal; nothing once the program has ended."""
    try:
        return os.read(ours, 4096).decode(errors="replace")
    except OSError:
        return ""


def test_ctrl_c_reports_on_what_is_done(tmp_path):
    path = tmp_path / "slow.yaml"
    path.write_text(COIN.replace("horizon: 2", "horizon: 60"))
    program = [sys.executable, "-m", "ceasefire", "check", str(path), "--worlds", "5000"]
    ours, theirs = pty.openpty()  # a terminal is shown how many worlds are done
    with subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "200", "TERM": "xterm"},
    ) as running:
        os.close(theirs)
        errors = ""
        try:
            for said in iter(lambda: terminal(ours), ""):
                errors += said
                shown = "█" in errors and re.search(r"\b[1-9]\d*/[\d,]+", errors)
                if running.poll() is None and shown:
                    break
            os.killpg(running.pid, signal.SIGINT)
            errors += "".join(iter(lambda: terminal(ours), ""))
            printed, _ = running.communicate(timeout=300)
        finally:
            running.kill()
            os.close(ours)
    assert "█" in errors, "shares fill a table above the bar"
    assert "likely" in printed
    assert "ended early" in printed, errors[-500:]
    assert "of 5,000 worlds done" in printed
    assert "Traceback" not in errors
    assert running.returncode in (0, 1)


def test_output_survives_a_terminal_that_knows_ascii_only(coin):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    program = [sys.executable, "-m", "ceasefire", "check", coin, "--worlds", "0"]
    done = subprocess.run(program, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


def test_where_there_is_no_terminal_check_says_every_ten_seconds_how_far_it_is(coin, monkeypatch):
    monkeypatch.setattr("ceasefire.render.console.SECONDS_BETWEEN_LINES", 0.0)
    said = CliRunner().invoke(app, ["check", coin, "--worlds", "4"]).stderr.splitlines()
    lines = [line for line in said if "4 worlds and half as many fresh ones" in line]
    shares = r" of 15, about .* left: 2 worlds so far, likely \d+ %"
    assert any(re.search(shares, line) for line in lines), said
    none = CliRunner().invoke(app, ["check", coin, "--worlds", "0"]).stderr
    assert "how far the best estimates can be trusted" in none
    assert "0 worlds" not in none
    quiet = CliRunner().invoke(app, ["check", coin, "--worlds", "4", "--json"])
    assert json.loads(quiet.stdout)["claims"]
    assert "likely" not in quiet.stderr
    monkeypatch.setattr("ceasefire.render.console.SECONDS_BETWEEN_LINES", 10.0)
    assert "so far" not in CliRunner().invoke(app, ["check", coin, "--worlds", "4"]).stderr
