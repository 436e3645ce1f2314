"""A case of one period as a strategic game for Gambit (`.nfg`).

A strategy says what its party does wherever it may have to choose, each of its types by itself;
a payoff is what the party expects before types and chance are drawn.

Source of the format: The Gambit Project, "The strategic game (.nfg) file format".
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

import numpy as np

from ceasefire.errors import GameError, Problem
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.gambit import to_efg
from ceasefire.exchange.tree import Decision, Draw, Leaf, Node, unroll
from ceasefire.game import Game, numbers
from ceasefire.game.states import Floats

MOST_NODES = 2_000
Key = tuple[str, int, str]  # whose choice, after which history, of which type


def to_nfg(game: Game, world: Mapping[str, float] | None = None, *, most: int = 20_000) -> Exported:
    """Write a game of one period in one world as a strategic game.

    world  {unknown: value}, the best estimates if None
    most   combinations of strategies that the game may have

    Raises GameError for more than one period, too many strategies, or an observer with a prior of
    its own.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... title: Act or not
    ... horizon: 1
    ... ending: nothing
    ... parties: {a: {}, b: {}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: done}, b: {loss: -2 * done}}
    ... moves: {act: {by: a, cost: 0.5, set: {done: true}}}
    ... ''')
    >>> print(to_nfg(build(case)).text)
    NFG 1 R "Act or not" { "a" "b" }
    <BLANKLINE>
    { { "a.act" "a.pass" }
    { "nothing to choose" }
    }
    ""
    <BLANKLINE>
    0.5 -2
    0 0
    <BLANKLINE>
    """
    if game.periods != 1:
        way = "set horizon: 1 and tail: 0, or export the tree: --to efg"
        raise _refused(game, "must be a game of one period", f"{game.periods} periods", "1", way)
    efg = to_efg(game, world, most=MOST_NODES)  # refuses what no tree can say
    nodes = list(unroll(game, numbers(game, world), MOST_NODES))
    sets: dict[Key, tuple[str, ...]] = {}
    for node in nodes:
        if isinstance(node, Decision):
            sets.setdefault(_key(node), node.labels)
    count = prod(len(labels) for labels in sets.values())
    if count > most:
        way = "take moves, deals or chance out, or export the tree: --to efg"
        found, allowed = f"{count:,} combinations", f"{most:,}"
        raise _refused(game, "has too many strategies", found, allowed, way)
    own = [[key for key in sets if key[0] == party] for party in game.parties]
    plans = [list(product(*(range(len(sets[key])) for key in keys))) for keys in own]
    lines = []
    for profile in product(*reversed(plans)):  # the first party's strategy varies fastest
        chosen: dict[Key, int] = {}
        for keys, plan in zip(own, reversed(profile), strict=True):
            chosen |= dict(zip(keys, plan, strict=True))
        lines.append(" ".join(f"{_rounded(value):.12g}" for value in _expected(nodes, chosen)))
    named = [
        " ".join(f'"{_label(sets, keys, plan)}"' for plan in of_party)
        for keys, of_party in zip(own, plans, strict=True)
    ]
    head = efg.text.splitlines()[0].replace("EFG 2 R", "NFG 1 R", 1)
    strategies = "{ " + "\n".join(f"{{ {labels} }}" for labels in named) + "\n}"
    text = "\n".join([head, "", strategies, '""', "", *lines]) + "\n"
    notes = [note.replace("tree", "game") for note in efg.notes if "one world" in note]
    return Exported(text, (*notes, *_NOTES))


_NOTES = (
    "A strategy lists its choices in the order in which the exported tree asks for them.",
    "The order of moves is not in the game: threats nobody would carry out can be equilibria.",
    "Precision and weights are not in the game: logit play of whole strategies is not ours.",
)


def _key(node: Decision) -> Key:
    return node.party, node.seen, node.type


def _label(sets: Mapping[Key, tuple[str, ...]], keys: Sequence[Key], plan: Sequence[int]) -> str:
    words = [
        f"{key[2]}: {sets[key][option]}" if key[2] else sets[key][option]
        for key, option in zip(keys, plan, strict=True)
    ]
    return "; ".join(words) or "nothing to choose"


def _expected(nodes: Sequence[Node], chosen: Mapping[Key, int]) -> Floats:
    """(P,) what each party expects: nodes in the order of the file, read from the end."""
    values: list[Floats] = []
    for node in reversed(nodes):
        if isinstance(node, Leaf):
            values.append(node.worth[0])
            continue
        below = [values.pop() for _ in node.labels]
        if isinstance(node, Draw):
            values.append(np.array(node.chances) @ np.array(below))
        else:
            values.append(below[chosen[_key(node)]])
    return values[0]


def _rounded(value: float) -> float:
    return float(value) + 0.0  # no minus before a zero


def _refused(game: Game, message: str, found: str, allowed: str, way: str) -> GameError:
    file = game.case.file or None
    return GameError([Problem(message, file, None, None, "horizon", found, allowed, way)])
