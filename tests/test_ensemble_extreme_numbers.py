"""A number that some worlds make impossible: those are named, the others are what they were."""

import json

import polars as pl
import pytest

from ceasefire.case import LARGEST_MAGNITUDE, loads
from ceasefire.cli.main import app
from ceasefire.ensemble import Engine, ask, check, sweep
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError, QuestionError, WorldError
from ceasefire.game import build

CASE = """
ceasefire: 1
title: A wall
horizon: 4
unknowns: {u: {best: 0.5, range: [0, 1]}}
parties:
  north: {precision: <precision>, patience: <patience>}
  south: {precision: 3, types: {calm: "<prior>", rash: "1 - (<prior>)"}}
state: {war: {start: true}, arms: {values: 0..2, start: 0}}
payoffs: {north: {war: <payoff>}, south: {war: -u * war, arms: 0.1 * arms}}
moves:
  stop: {by: north, when: war, set: {war: false}, cost: <cost>}
  arm: {by: south, when: arms < 2, set: {arms: arms + 1}, cost: "0.1 if type == calm else 0"}
chance:
  end:
    when: war
    outcomes:
      - {name: won, chance: 0.1, set: {war: false}}
      - {name: lost, chance: "<chance>", set: {war: false}}
  rain: {outcomes: [{name: falls, chance: 0.5}]}
claims: {soon: {test: "P(eventually(not war), within=2) > 0.5"}}
"""
SOUND = {
    "precision": "5", "patience": "0.9", "prior": "0.5", "payoff": "-war", "cost": "0.1",
    "chance": "0.2",
}  # fmt: skip
ASKED = (
    "value(north)",
    "belief(south.calm, by=north, after=south.arm)",
    "P(eventually(happens(north.stop)))",
)
IMPOSSIBLE = [
    ("payoff", "log(u - 0.5)", "a finite number, found nan in the state war="),
    ("payoff", "-war / (u > 0.2)", "a finite number, found nan"),
    ("payoff", "exp(1000 - u)", "a finite number, found nan"),
    ("payoff", "-1e16 * war", "between -1e+15 and 1e+15, found -1e+16 in the state war="),
    ("cost", "sqrt(-u)", "a finite number, found nan"),
    ("cost", "1e300", "between -1e+15 and 1e+15, found 1e+300"),
    ("chance", "1 + u + 1e-6", "a probability from 0 to 1"),
    ("chance", "-1e-6 - u", "a probability from 0 to 1"),
    ("chance", "0.95", "outcomes whose chances sum to at most 1, found 1.05"),
    ("precision", "0", "above 0, 1e+15 at most, found 0"),
    ("precision", "1e16", "above 0, 1e+15 at most, found 1e+16"),
    ("precision", "1 / (u > 0.2)", "above 0, 1e+15 at most, found nan"),
    ("patience", "1", "0 or more and below 1, found 1"),
    ("patience", "-u - 1e-9", "0 or more and below 1"),
    ("prior", "1", "above 0 and below 1, found 1"),
    ("prior", "0 * u", "above 0 and below 1, found 0"),
]
HERE = Engine(workers=1)


def text(**changed: str) -> str:
    """The case with these numbers."""
    made = CASE
    for name, value in {**SOUND, **changed}.items():
        quoted = value if name in ("prior", "chance") else f'"{value}"'
        made = made.replace(f"<{name}>", quoted)
    return made


def rows(case_text: str, place: str) -> pl.DataFrame:
    """What a sweep of 24 worlds keeps of each."""
    swept = sweep(loads(case_text), place, 24, *ASKED, engine=HERE, batch=24)
    return pl.read_parquet(f"{swept.store}/batch-000001.parquet")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return rows(text(), str(tmp_path_factory.mktemp("sound")))


@pytest.mark.parametrize(("name", "wrong", "said"), IMPOSSIBLE)
def test_worlds_with_impossible_numbers_are_reported_and_others_unchanged(
    tmp_path, sound, name, wrong, said
):
    found = rows(text(**{name: f"{SOUND[name]} if u > 0.2 else {wrong}"}), str(tmp_path))
    impossible = found["unknown_u"] <= 0.2
    assert 0 < impossible.sum() < 12
    assert (found["failed"].is_not_null() == impossible).all()
    for why, drawn in found.filter(impossible).select("failed", "unknown_u").iter_rows():
        assert said in why
        assert f"with u={drawn:.6g}" in why
    answers = [column for column in sound.columns if column != "failed"]
    assert (
        found.filter(~impossible).select(answers).equals(sound.filter(~impossible).select(answers))
    )
    lost = found.filter(impossible).select(answers[2:])
    assert all(value is None for row in lost.iter_rows() for value in row)


@pytest.mark.parametrize("command", ["check", "update", "indicators", "compare", "sweep"])
def test_every_command_reports_an_impossible_world(tmp_path, capsys, command):
    events = "events: [{period: 0, observed: {war: true}}]\n"
    path, other = tmp_path / "wall.yaml", tmp_path / "other.yaml"
    path.write_text(text(payoff="-war if u > 0.2 else -war / 0") + events, encoding="utf-8")
    other.write_text(text() + events, encoding="utf-8")
    words = [command, str(path), "--worlds", "24"]
    words += {"compare": [str(other)], "sweep": ["-o", str(tmp_path / "kept")]}.get(command, [])
    assert app(words, standalone_mode=False) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "worlds failed; world" in printed
    assert "must be a finite number, found nan in the state war=true, arms=0 with u=0." in printed
    assert app([*words, "--json"], standalone_mode=False) == 1
    kept = json.dumps(json.loads(capsys.readouterr().out))
    assert '"failed"' in kept


@pytest.mark.parametrize("prior", ["0.5", "0.001"])
def test_greatest_numbers_do_not_overflow(prior):
    """With 1e15 of everything play is what it is at 1e6, where nothing is left to noise."""
    found = {}
    for size in (1e6, LARGEST_MAGNITUDE):
        changed = {"payoff": f"-{size} * war", "cost": f"0.01 * {size}", "precision": f"{size}"}
        asked = ask(loads(text(prior=prior, **changed)), *ASKED)
        assert not asked.numerics.marked
        found[size] = [answer.best for answer in asked.answers]
    small, great = found[1e6], found[LARGEST_MAGNITUDE]
    assert great[0] / LARGEST_MAGNITUDE == pytest.approx(small[0] / 1e6, rel=1e-12)
    assert great[1:] == pytest.approx(small[1:], abs=1e-9)


def test_too_large_best_estimate_is_refused_at_its_line():
    for name, value in (("precision", "1e16"), ("payoff", "1e16"), ("cost", "-1e16")):
        with pytest.raises((CaseError, WorldError), match=r"1e\+15"):
            ask(loads(text(**{name: value})), "value(north)")
    with pytest.raises(QuestionError, match=r"above 0, 1e\+15 at most"):
        ask(loads(text()), "P(eventually(not war), sharper=1e16)")


def test_precision_of_a_million_is_the_best_reply():
    """Stopping costs 0.1 and spares four periods of war: it is taken wherever it is best."""
    case = loads(text(precision="1e6"))
    play, careful = solve(build(case)), solve(build(loads(text(precision="1e4"))))
    assert play.certificate.residual < 1e-9
    assert play.value("north") == pytest.approx(careful.value("north"), abs=1e-6)
    checked = check(case, 8, flips=False, workers=1)
    assert not checked.marked
