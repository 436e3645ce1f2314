"""Game trees for Gambit, read back without Gambit: they pay what the game pays, and hide types."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import Equilibrium, solve
from ceasefire.errors import GameError
from ceasefire.formats import to_efg, to_nfg
from ceasefire.game import Game, build
from verification.oracles import case_of
from verification.walk import Walk

TREES = ["arms", "enforcement", "haggling", "ladder", "last_word", "truce"]
HIDING = ["observer", "reputation_three", "sunk_cost", "two_sided"]


@dataclass
class Node:
    """A node as the file has it."""

    kind: str
    set: tuple[int, int] = (0, 0)  # player and information set
    label: str = ""
    actions: list[str] = field(default_factory=list)
    chances: list[Fraction] = field(default_factory=list)
    paid: list[float] = field(default_factory=list)
    after: list["Node"] = field(default_factory=list)


def read(text: str) -> tuple[list[str], Node]:
    """The players, and the tree of an `.efg` file."""
    head, _, *lines = text.splitlines()
    players = re.findall('"([^"]*)"', head.split("{")[1])
    return players, _node(iter(lines))


def _node(lines: Iterator[str]) -> Node:
    line = next(lines)
    kind, inside = line[0], line[line.index("{") + 1 : line.rindex("}")]
    words = re.findall('"([^"]*)"', line[: line.index("{")])
    numbers = [int(n) for n in re.sub('"[^"]*"', "", line[1 : line.index("{")]).split()]
    if kind == "t":
        return Node(kind, paid=[float(each) for each in inside.split()])
    node = Node(kind, label=words[1], actions=re.findall('"([^"]*)"', inside))
    if kind == "c":
        node.chances = [Fraction(each) for each in re.sub('"[^"]*"', "", inside).split()]
    else:
        node.set = (numbers[0], numbers[1])
    node.after = [_node(lines) for _ in node.actions]
    return node


def every(node: Node, seen: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """All nodes, each with the branches that lead to it."""
    yield seen, node
    for action, after in zip(node.actions, node.after, strict=True):
        yield from every(after, (*seen, action))


def paid(node: Node, play: Equilibrium, seen: tuple[str, ...] = ()) -> np.ndarray[Any, Any]:
    """What each player expects where everybody plays as in our solution."""
    if node.kind == "t":
        return np.array(node.paid)
    chances = [float(p) for p in node.chances]
    if node.kind == "p":
        hidden = play.parties_with_types
        walk = Walk(play, dict(zip(hidden, seen[0].split(", "), strict=True)) if hidden else {})
        for label in seen[1:] if hidden else seen:
            walk.take(label)
        assert list(walk.choice()) == node.actions
        chances = list(walk.choice().values())
    each = zip(chances, node.actions, node.after, strict=True)
    return np.sum([p * paid(after, play, (*seen, a)) for p, a, after in each], axis=0)


def game_of(name: str) -> Game:
    """A case of `verification`, built."""
    return build(case_of(name))


@pytest.mark.parametrize("name", TREES)
def test_the_plain_tree_pays_what_the_game_pays(name: str) -> None:
    """Without types, to the last digits."""
    game = game_of(name)
    play = solve(game)
    players, root = read(to_efg(game).text)
    assert players == list(game.parties)
    expected = [play.value(party) for party in players]
    assert paid(root, play) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", HIDING)
def test_type_tree_pays_what_the_game_pays(name: str) -> None:
    """Chance draws the types; what our grid of beliefs leaves is small."""
    game = game_of(name)
    play = solve(game)
    players, root = read(to_efg(game).text)
    expected = [play.value(party) for party in players]
    assert paid(root, play) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", [*TREES, *HIDING])
@pytest.mark.parametrize("agents", [False, True])
def test_chances_sum_to_1_and_information_sets_are_consistent(name: str, agents: bool) -> None:
    """Exactly one in sum; nodes of a set offer the same, and differ by what others are alone."""
    game = game_of(name)
    players, root = read(to_efg(game, agents=agents).text)
    sets: dict[tuple[int, int], list[tuple[tuple[str, ...], Node]]] = defaultdict(list)
    for seen, node in every(root):
        if node.kind == "c":
            assert sum(node.chances) == 1
            assert min(node.chances) > 0
        elif node.kind == "p":
            sets[node.set].append((seen, node))
    drawn = 1 if game.parties_with_types else 0
    assert len(sets) > 1
    for (player, _), members in sets.items():
        assert len({tuple(node.actions) for _, node in members}) == 1
        assert len({seen[drawn:] for seen, _ in members}) == 1
        mover = players[player - 1].split(",")[0]
        unknown = [name for name in game.parties_with_types if name != mover]
        assert len(members) == 2 ** len(unknown)
        if mover in game.parties_with_types:
            place = game.parties_with_types.index(mover)
            assert len({seen[0].split(", ")[place] for seen, _ in members}) == 1
    labels = [(key[0], members[0][1].label) for key, members in sets.items()]
    assert len(set(labels)) == len(labels)


def test_agents_are_paid_by_precision_from_their_period_on() -> None:
    """Precision 3: in period 1 a gain of 1 and log 2 of weight, in period 0 its half."""
    text = """
    ceasefire: 1
    horizon: 2
    ending: nothing
    parties: {a: {precision: 3, patience: 0.5}}
    state: {done: {}}
    payoffs: {a: {gain: done}}
    moves: {act: {by: a, when: not done, weight: 2, cost: 0.25, set: {done: true}}}
    """
    players, root = read(to_efg(build(loads(text)), agents=True).text)
    assert players == ["a, period 0, step 1", "a, period 1, step 1"]
    now, later, never = root.after[0].paid, root.after[1].after[0].paid, root.after[1].after[1].paid
    assert now == pytest.approx([3 * (1 - 0.25 + 0.5) + np.log(2), 3 * 1])
    assert later == pytest.approx([3 * 0.5 * (1 - 0.25), 3 * (1 - 0.25) + np.log(2)])
    assert never == [0, 0]


def test_final_state_is_paid_for_ever() -> None:
    """A last state worth 1 a period, at patience 0.5, is worth 2 at the end of its own."""
    text = """
    ceasefire: 1
    horizon: 1
    parties: {a: {precision: 1, patience: 0.5}}
    state: {done: {}}
    payoffs: {a: {gain: done}}
    moves: {act: {by: a, set: {done: true}}}
    """
    _, root = read(to_efg(build(loads(text))).text)
    assert [after.paid for after in root.after] == [[2.0], [0.0]]


def test_exported_tree_uses_and_names_the_world() -> None:
    """The chance is that of the world, and the notes name it."""
    exported = to_efg(game_of("enforcement"), {"enforced": 0.8})
    chances = {p for _, n in every(read(exported.text)[1]) if n.kind == "c" for p in n.chances}
    assert Fraction("0.4") in chances
    assert "The tree is that of one world: enforced = 0.8." in exported.notes


def test_zero_probability_branches_are_left_out() -> None:
    """Nobody is caught in a world in which nothing is enforced."""
    game = game_of("enforcement")
    for enforced, there in ((0.0, False), (0.8, True)):
        _, root = read(to_efg(game, {"enforced": enforced}).text)
        draws = [node for _, node in every(root) if node.kind == "c"]
        assert any("caught" in node.actions for node in draws) is there
        assert draws
        assert all(sum(node.chances) == 1 and min(node.chances) > 0 for node in draws)


def test_a_tree_too_large_is_refused() -> None:
    """It says how large it may be; one node less than it has is too few."""
    game = game_of("sunk_cost")
    nodes = len(to_efg(game).text.splitlines()) - 2
    assert len(to_efg(game, max_nodes=nodes).text.splitlines()) - 2 == nodes
    with pytest.raises(GameError, match=f"more than {nodes - 1} nodes"):
        to_efg(game, max_nodes=nodes - 1)


@pytest.mark.parametrize("agents", [False, True])
def test_an_observer_with_a_prior_of_its_own_is_refused(agents: bool) -> None:
    """One tree has one prior."""
    with pytest.raises(GameError, match=r"believed_by\.defender: a game tree has one prior"):
        to_efg(game_of("reputation"), agents=agents)


def test_export_losses_are_reported() -> None:
    """Precision, patience and weights in the plain form; one step at a time with agents."""
    plain, agents = to_efg(game_of("truce")), to_efg(game_of("truce"), agents=True)
    said = " ".join(plain.notes)
    for words in ("north 3, south 5, broker 2", "valued in period 0", "south.attack, talks.truce"):
        assert words in said
    assert not any("Weights" in note for note in agents.notes)
    assert any("a single step" in note for note in agents.notes)
    assert any(
        "one branch for the whole tree" in n
        for n in to_efg(game_of("two_sided"), agents=True).notes
    )
    assert plain.notes
    for note in plain.notes:
        assert note in plain.text.splitlines()[1]


SEEN_APART = """
ceasefire: 1
title: Two who look at a third
horizon: 1
ending: nothing
parties:
  x: {types: {calm: 0.25, wild: 0.75}%s}
  y: {}
  z: {}
state: {hit: {}, fled: {}}
payoffs: {x: {gain: "hit * (1 if type == wild else -1)"}, y: {loss: -2 * hit + fled}}
moves: {strike: {by: x, set: {hit: true}}, flee: {by: y, when: hit, set: {fled: true}}}
"""


@pytest.mark.parametrize(("observer", "first"), [("analyst", 0.25), ("y", 0.5), ("z", 0.875)])
def test_a_tree_as_an_observer_sees_it_is_that_of_a_game_in_which_all_believe_so(observer, first):
    apart = "{y: {calm: 0.5, wild: 0.5}, z: {calm: 0.875, wild: 0.125}}"
    game = build(loads(SEEN_APART % f", believed_by: {apart}"))
    alike = SEEN_APART.replace("calm: 0.25, wild: 0.75", f"calm: {first}, wild: {1 - first}") % ""
    there = to_efg(build(loads(alike))).text.splitlines()
    exported = to_efg(game, believed_by=observer)
    here = exported.text.splitlines()
    assert here[2:] == there[2:]
    assert f'"calm" {first} ' in here[2]
    assert exported.notes[0].startswith(f"Chance draws types as {observer} believes")
    game_form = to_nfg(game, believed_by=observer).text
    assert game_form == to_nfg(build(loads(alike))).text


def test_whose_beliefs_there_are_is_said() -> None:
    """The refusal names the options, and so does a name that is none."""
    game = game_of("reputation")
    with pytest.raises(GameError) as caught:
        to_efg(game)
    assert caught.value.problems[0].help.endswith("--believed-by analyst or --believed-by defender")
    with pytest.raises(GameError, match="no such observer"):
        to_efg(game, believed_by="nobody")
    shared = build(loads(SEEN_APART % ""))
    assert to_efg(shared, believed_by="y").text == to_efg(shared).text
