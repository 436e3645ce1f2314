"""A game that opens a table later is, from then on, the game in which it was never closed."""

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import solve
from ceasefire.equilibrium.backward_induction import first_identical_period
from ceasefire.game import Game, build

TEXT = """
ceasefire: 1
horizon: 5
tail: 2
parties:
  guest: {precision: 3, types: {honest: 0.6, sly: 0.4}}
  host: {precision: 4}
state: {peace: {}, trust: {values: 0..2, start: 0}}
payoffs:
  host: {quiet: peace - 0.3 * trust}
  guest: {gain: "trust * (0.2 if type == honest else 0.6) - 0.2 * peace"}
moves: {raid: {by: guest, when: peace, set: {peace: false}, cost: "0.4 if type == honest else 0.1"}}
tables:
  talks: {seats: [host, guest], deals: {truce: {when: not peace, set: {peace: true}}}}
  market: {seats: [guest, host], deals: {trade: {set: {trust: "min(trust + 1, 2)"}}}}
"""
CASE = loads(TEXT)
LATE = {"talks": 3}


def pair(**closed: int) -> tuple[Game, Game]:
    whole = build(CASE)
    return whole, build(CASE, closed=closed, like=whole)


def test_shared_tail_solution_is_bit_identical() -> None:
    whole, late = pair(**LATE)
    before = solve(whole, keep=(3,))
    alone, shared = solve(late), solve(late, after=before)
    assert first_identical_period(late, alone.parameters, before) == 3
    assert shared.certificate.decision_count < alone.certificate.decision_count
    assert np.array_equal(shared.values, alone.values)
    for ours, theirs in zip(shared.policies[:3], alone.policies[:3], strict=True):
        assert np.array_equal(ours, theirs)
    assert shared.policies[3] is before.policies[3]


@pytest.mark.parametrize("changed", ["numbers", "kept", "tail", "sharper"])
def test_different_games_share_no_tail(changed: str) -> None:
    whole, late = pair(**LATE)
    sharper = 2.0 if changed == "sharper" else 1.0
    keep = () if changed == "kept" else (3,)
    sterner = loads(TEXT.replace("precision: 4", "precision: 5"))
    others = {"tail": build(CASE, tail=4), "numbers": build(sterner)}
    other = others.get(changed, whole)
    before = solve(other, keep=keep, sharper=sharper)
    play = solve(late, after=before)
    assert np.array_equal(play.values, solve(late).values)
    assert play.policies[3] is not before.policies[3]
