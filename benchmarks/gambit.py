"""Against Gambit's logit branch: the same trees at the same lambda, larger and larger.

Two parties raise or ease a pressure in turns; each tree has one decision a step, all histories
kept apart by Gambit and those that lead to the same state put together by us. Lambda is 1 of the
tree of agents (see `verification/gambit.py`), and every probability of the tree is compared.
"""

import io
from collections.abc import Iterator
from math import isfinite
from typing import Any

import pygambit

from benchmarks.clock import rounds, seconds
from benchmarks.table import Effort, Row
from benchmarks.table import seconds as written
from ceasefire.case import Case, loads
from ceasefire.equilibrium import solve
from ceasefire.formats import to_efg
from ceasefire.game import build
from verification.gambit import choices_at, in_play

AIM, NEAR = 2000.0, 1e-6
FEWEST, MOST = 4, 14
GROWTH = 6  # Gambit needs about so many times longer for one step more


def rows(effort: Effort) -> Iterator[Row]:
    """The logit equilibrium of the largest tree that Gambit solves within the patience there is."""
    patience = min(effort.patience, effort.pick(1, 10**6))
    for steps in range(FEWEST, MOST):
        ours, theirs = _times(steps)
        if theirs * GROWTH > patience:
            break
    middle, low, high = (theirs / time for time in ours)
    yield Row(
        what=f"logit equilibrium of a tree of {2**steps - 1:,} decisions",
        ours=written(ours[0]),
        other=f"Gambit {written(theirs)}",
        ratio=middle,
        low=high,
        high=low,
        target=AIM,
        before="42,716 times as fast",
    )


def _times(steps: int) -> tuple[tuple[float, float, float], float]:
    """Our median, least and most, and Gambit's one, for a tree on which the answers agree."""
    game = build(ladder(steps))
    text = to_efg(game, agents=True).text
    tree = pygambit.read_efg(io.BytesIO(text.encode()))
    points: list[Any] = []
    theirs = seconds(lambda: points.append(pygambit.qre.logit_solve_lambda(tree, 1.0)[0]), 0.0)
    found, play = choices_at(points[0], 1.0), in_play(game)
    apart = max(abs(p - play[seen][o]) for seen, row in found.items() for o, p in row.items())
    if not (isfinite(apart) and apart <= NEAR):
        raise AssertionError(f"{steps} steps: Gambit and we are {apart} apart")
    return rounds(lambda: solve(game), 5), theirs


def ladder(steps: int) -> Case:
    """A case of so many decisions in one period, by two parties in turns."""
    return loads(f"""
ceasefire: 1
horizon: 1
ending: nothing
parties: {{a: {{precision: 2}}, b: {{precision: 2}}}}
state: {{pressure: {{values: -{steps}..{steps}, start: 0}}}}
payoffs: {{a: {{gain: 0.4 * pressure}}, b: {{gain: "-0.3 * abs(pressure - 1)"}}}}
moves:
  a.push: {{by: a, cost: 0.1, set: {{pressure: pressure + 1}}}}
  a.ease: {{by: a, set: {{pressure: pressure - 1}}}}
  b.push: {{by: b, cost: 0.2, set: {{pressure: pressure + 1}}}}
  b.ease: {{by: b, set: {{pressure: pressure - 1}}}}
order: [{", ".join(f"{{{'ab'[n % 2]}: [push, ease]}}" for n in range(steps))}]
""")


MEASUREMENTS = (rows,)
