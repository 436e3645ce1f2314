"""Against QuantEcon's backward induction where one party chooses alone.

At a precision of 1e9 a logit choice is the best one: what is expected is that of the decision
process, but for log(options) / precision a period at most. QuantEcon is given its sparse form.

Source: Sargent & Stachurski, QuantEcon.py; Puterman (2005), Markov Decision Processes, 4.5.
"""

from collections.abc import Iterator

import numpy as np
from quantecon.markov import DiscreteDP, backward_induction
from scipy.sparse import csr_matrix

from benchmarks.clock import duel, where
from benchmarks.made import Ring
from benchmarks.table import Effort, Row, seconds
from ceasefire.equilibrium import solve
from ceasefire.game import build

AIM, SHARP = 1.0, 1e9


def rows(effort: Effort) -> Iterator[Row]:
    """Backward induction of one party with six options of two successors each."""
    ring = Ring(effort.pick(500, 5000), 1, 6, effort.pick(10, 50), precision=SHARP)
    game, process = build(ring.case()), decision_process(ring)
    ending = np.zeros(ring.places)
    expected = float(backward_induction(process, ring.horizon, ending)[0][0, 0])
    found = solve(game).value("p0")
    if not abs(found - expected) <= ring.horizon * np.log(ring.options) / SHARP:
        raise AssertionError(f"QuantEcon expects {expected}, we {found}")
    met = duel(
        lambda: solve(game),
        lambda: backward_induction(process, ring.horizon, ending),
        effort.pick(3, 7),
    )
    yield Row(
        what=f"one party, {ring.places:,} states, 6 options, {ring.horizon} periods",
        ours=seconds(met.ours),
        other=f"QuantEcon {seconds(met.theirs)}",
        ratio=met.ratio,
        low=met.spread[0],
        high=met.spread[1],
        target=AIM,
        before="63.2 ms, a seventh as fast",
        note=where(lambda: solve(game)),
    )


def decision_process(ring: Ring) -> DiscreteDP:
    """The same game as pairs of state and action."""
    leads, payoff = ring.successors()[0], ring.payoff()[0]
    to = leads.transpose(2, 0, 1).reshape(-1, 2)  # (state, option) after another
    pairs = len(to)
    chance = csr_matrix(
        (np.full(2 * pairs, 0.5), to.reshape(-1), np.arange(0, 2 * pairs + 1, 2)),
        shape=(pairs, ring.places),
    )
    state = np.repeat(np.arange(ring.places), ring.options)
    action = np.tile(np.arange(ring.options), ring.places)
    return DiscreteDP(payoff[to].mean(axis=1), chance, ring.patience, state, action)


MEASUREMENTS = (rows,)
