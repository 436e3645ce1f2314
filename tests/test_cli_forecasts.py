"""`baseline`, `score` and `backtest` as a person meets them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.cli.main import app
from test_forecasts_scoring import CLAIMS, COIN

RUNNER = CliRunner()


def call(*arguments: str, status: int = 0) -> str:
    result = RUNNER.invoke(app, list(arguments), env={"COLUMNS": "100"})
    assert result.exit_code == status, result.output
    return result.stdout


@pytest.fixture
def coin(tmp_path: Path) -> str:
    path = tmp_path / "coin.yaml"
    path.write_text(COIN + CLAIMS, encoding="utf-8")
    return str(path)


def words(text: str) -> str:
    return " ".join(text.split())


def test_baseline_prints_a_range_and_what_it_rests_on():
    said = words(call("baseline", "--lasted", "1177d", "--within", "1y", "2y"))
    assert "1y 15-27 % 15 % 4-42 27 % 20-34 20 % 5-43 2 of 13" in said
    assert "2y 43-54 %" in said
    assert "84 wars of Gibler & Miller's data" in said
    assert "the Second World War and Vietnam War added" in said
    assert "longer than 84 of 84" in said
    assert "11 %" in said
    assert "41 confrontations" in said
    fewer = words(call("baseline", "--lasted", "20y", "--deaths", "10000", "--after", "1945"))
    assert "with at least 10,000 deaths, begun after 1945" in fewer
    assert "None of them lasted longer than 20y" in fewer
    assert "none" in fewer


def test_baseline_json():
    document = json.loads(call("baseline", "--lasted", "1177d", "--within", "1y", "--json"))
    assert list(document) == [
        "version", "class", "lasted", "at_risk", "tail", "rates", "great_northern_war",
    ]  # fmt: skip
    assert document["rates"][0]["range"] == pytest.approx([2 / 13, 0.26875], abs=1e-4)
    problems = json.loads(call("baseline", "--lasted", "soon", "--json", status=2))["problems"]
    assert [(one["path"], one["found"]) for one in problems] == [("--lasted", "soon")]


def test_backtest_prints_verdicts_and_scores(coin):
    said = words(call("backtest", coin, "--worlds", "64"))
    assert "coin knows what happened up to 2025-05" in said
    assert "ends mostly holds 0.40 0.50 0.25 ✗ It ends. 0.00" in said
    assert "lasts mostly fails 0.60 ▼ 0.80 ✓ It goes on." in said
    assert "Of 3 verdicts 0 were right" in said
    assert "2 wrong, 1 said neither" in said
    assert "▼ worse than the base rate: coin lasts" in said
    assert "coin apart: its test does not compare" in said
    document = json.loads(call("backtest", coin, "--worlds", "0", "--json"))
    assert document["verdicts"] == {"right": 2, "wrong": 1, "open": 0}


def test_score_warns_of_few_claims_and_of_later_forecasts(coin):
    said = words(call("score", coin, "--worlds", "0"))
    assert "model 2 0.040 0.223" in said
    assert "2 claims of 1 case are few" in said
    assert (
        "ends: late dates from 2025-06, after the day up to which the case knows what happened"
        in said
    )
    document = json.loads(call("score", coin, "--worlds", "0", "--json"))
    assert [one["name"] for one in document["scores"]] == ["model", "base rate", "crowd", "expert"]


def test_cases_of_this_folder_are_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no case here" in RUNNER.invoke(app, ["backtest"]).stderr
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "silent.yaml").write_text(COIN, encoding="utf-8")
    for command in ("backtest", "score"):
        assert "says what happened" in RUNNER.invoke(app, [command]).stderr
    (tmp_path / "cases" / "coin.yaml").write_text(COIN + CLAIMS, encoding="utf-8")
    assert "No claim says what happened in: silent" in words(call("backtest", "--worlds", "0"))
    both = ("cases/silent.yaml", "cases/coin.yaml")
    for named in ((), both):
        said = words(call("score", *named, "--worlds", "0"))
        assert "model 2" in said
        assert "No claim says what happened in: silent" in said
    document = json.loads(call("score", *both, "--worlds", "0", "--json"))
    assert document["without"] == ["cases/silent.yaml"]
    (tmp_path / "cases" / "broken.yaml").write_text("ceasefire: 1", encoding="utf-8")
    call("backtest", status=2)


def test_check_prints_base_rates_beside_the_model(coin):
    said = words(call("check", coin, "--worlds", "0", "--no-flips"))
    assert "ends 0.20 0.50 as written" in said
    assert (
        "lasts 0.80 0.80 0.73-0.85 a war that has lasted 1177d goes on beyond 1y: 2 of 13 ended"
        in said
    )


def test_the_sources_of_base_rates_and_forecasts_are_cited():
    file = Path(__file__).parent / "cases" / "valid" / "hindsight.yaml"
    used = json.loads(call("cite", str(file), "--json"))["case"]["poll"]["used by"]
    assert used == ["forecasts.early", "claims.ends.baseline", "events[1]"]
