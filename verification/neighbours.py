"""Files that go to Gambit and SALib and come from Gambit, as those programs read them.

A tree of Gambit's is read as a case, and at every node the choice there is compared with Gambit's
logit branch at lambda equal to the precision; the tree of a case comes back as the same game. A
strategic game must pay what the tree pays, and what backward induction plays must be an
equilibrium of it. SALib, drawing from a problem, must find the quantiles that worlds are drawn by.

Source: McKelvey & Palfrey (1998), Quantal response equilibria for extensive form games,
Experimental Economics 1, for logit play of trees.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pygambit
from SALib.util import scale_samples

from ceasefire.case import load, loads
from ceasefire.ensemble import draw_worlds
from ceasefire.ensemble.sampling import unknown_quantiles
from ceasefire.equilibrium import solve
from ceasefire.formats import from_efg, to_efg, to_nfg, to_salib
from ceasefire.game import build
from verification.table import Row

ROUND = Path(__file__).parent / "models" / "round.yaml"
PRECISION = 4.0
TREE = """EFG 2 R "Entry in good times and bad" { "Entrant" "Incumbent" }
c "weather" 1 "" { "boom" 1/3 "bust" 2/3 } 0
p "" 1 1 "" { "in" "out" } 0
p "" 2 1 "" { "fight" "share" "leave" } 1 "entered" { -1/2, 0 }
t "" 2 "war" { -1, 0 }
t "" 3 "peace" { 2.5, 1 }
c "" 2 "" { "late" 0.25 "early" 0.75 } 0
t "" 4 "late" { 0, .5 }
t "" 5 "early" { 1.25, 0.75 }
t "" 6 "alone" { 0, 3 }
p "" 1 2 "" { "in" "out" } 0
p "" 2 2 "" { "fight" "share" } 1
t "" 2
t "" 7 "poor peace" { 1, .5 }
t "" 6
"""
UNKNOWNS = """
ceasefire: 1
horizon: 1
unknowns:
  even: {range: [-1, 3]}
  peaked: {triangle: [1, 1.5, 4]}
  bell: {normal: [2, 0.5]}
  skewed: {lognormal: [2, 1.5]}
parties: {a: {}}
state: {war: {}}
payoffs: {a: {war: -even * peaked * bell * skewed * war}}
"""


def rows() -> Iterator[Row]:
    """Our tree, our strategic game, and our unknowns."""
    yield _round_trip()
    yield from _strategies()
    yield from _unknowns()


def _round_trip() -> Row:
    case = load(ROUND)
    back = loads(
        from_efg(to_efg(build(case)).text.encode()).text.replace("precision: 20", "precision: 6")
    )
    here, there = solve(build(case)), solve(build(back))
    off = max(abs(here.value(party) - there.value(party)) for party in case.parties)
    return Row("our tree read again: values off by", 0.0, off, 1e-12)


def _strategies() -> Iterator[Row]:
    game = build(load(ROUND))
    tree = pygambit.read_efg(io.BytesIO(to_efg(game).text.encode()))
    ours = pygambit.read_nfg(io.BytesIO(to_nfg(game).text.encode()))
    for player, theirs, mine in zip(game.parties, tree.to_arrays(), ours.to_arrays(), strict=True):
        same = sorted(np.unique(np.round(np.array(theirs, dtype=float), 9)))
        kept = sorted(np.unique(np.round(np.array(mine, dtype=float), 9)))
        yield Row(f"a strategic game: payoffs of {player}", 1.0, float(same == kept), 0.0)
    sharp = solve(game, sharper=1000)
    values = [sharp.value(player) for player in game.parties]
    pure = pygambit.nash.enumpure_solve(ours).equilibria
    paid = [[float(profile.payoffs[player]) for player in game.parties] for profile in pure]
    nearest = min(paid, key=lambda found: max(map(abs, np.subtract(found, values))))
    for player, expected, got in zip(game.parties, values, nearest, strict=True):
        yield Row(f"a strategic game: {player} at a pure equilibrium", expected, got, 1e-3)


def _unknowns() -> Iterator[Row]:
    case = loads(UNKNOWNS)
    document = json.loads(to_salib(case, draw_worlds(case, 16)).text)
    problem = document["problem"]
    levels = np.linspace(0.01, 0.99, 25)
    drawn = scale_samples(np.repeat(levels[:, None], problem["num_vars"], axis=1), problem)
    worst: dict[str, float] = {}
    for column, name in enumerate(problem["names"]):
        unknown = case.unknowns[name]
        if unknown.kind != "oneof":
            off = np.abs(drawn[:, column] - unknown_quantiles(unknown, levels)).max()
            worst[str(unknown.kind)] = max(worst.get(str(unknown.kind), 0.0), float(off))
    for kind, off in worst.items():
        yield Row(f"SALib draws {kind}: quantiles off by", 0.0, off, 1e-9)
    shape = np.array(document["sample"]).shape
    yield Row("SALib: columns of the sample", problem["num_vars"], shape[1], 0.0)
