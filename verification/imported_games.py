"""Games of Gambit read as cases: our play against Gambit's logit branch of the file itself.

The games are small and our own; each has something that a case carries in a way of its own: moves
at one moment, a draw that one player or two see, one that nobody sees, news of a draw, a draw that
who moves shows.

Source: Turocy (2005), Games and Economic Behavior 51; Gambit, version 17.
"""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pygambit

from ceasefire.formats.gambit_files import EfgTree
from verification.foreign_strategies import PRECISION, Strategy, our_strategy, read_game
from verification.table import Row

TOLERANCE = 1e-6
MANY_TYPES, TOLERANCE_ON_A_GRID = "three_types", 3e-5  # solved decision by decision, on a grid
FOLDER = Path(__file__).parents[1] / "tests" / "games"


def rows() -> Iterator[Row]:
    """For each game, the two probabilities that are farthest apart."""
    for path in sorted(FOLDER.iterdir()):
        text = path.read_text()
        theirs, ours = gambit_strategy(text, path.suffix), our_strategy(text, path.suffix)
        if theirs.keys() != ours.keys():
            raise AssertionError(f"{path.name}: {sorted(theirs.keys() ^ ours.keys())}")
        pairs = [pair for key, mine in ours.items() for pair in zip(theirs[key], mine, strict=True)]
        there, here = max(pairs, key=lambda pair: abs(pair[0] - pair[1]))
        check = f"Gambit's {path.name} read as a case: of {len(pairs)} probabilities the farthest"
        within = TOLERANCE_ON_A_GRID if path.stem == MANY_TYPES else TOLERANCE
        yield Row(f"{check} apart", there, here, within)


def gambit_strategy(text: str, suffix: str, precision: float = PRECISION) -> Strategy:
    """The same on Gambit's logit branch of the file; nan where it does not arrive."""
    read = pygambit.read_efg if suffix == ".efg" else pygambit.read_nfg
    game: Any = read(io.BytesIO(text.encode()))
    point = pygambit.qre.logit_solve_lambda(game, precision)[0]
    arrived = 1.0 if abs(point.lam - precision) < 1e-6 else math.nan
    tree, _ = read_game(text, suffix)
    found: Strategy = {}
    for number, player in enumerate(game.players, start=1):
        if suffix == ".nfg":
            choices = [(1, point.profile[player])]
        else:
            choices = [
                (_information_set(tree, history), choice)
                for history, choice in point.profile[player]
            ]
        for infoset, choice in choices:
            if len(row := [arrived * float(chance) for _, chance in choice]) > 1:
                found[number, infoset] = row
    return found


def _information_set(tree: EfgTree, history: Any) -> int:
    at = 0
    for step in history:
        node = tree.nodes[at]
        at = node.children[node.actions.index(step.action)]
    return tree.nodes[at].infoset
