"""Our equilibrium against Gambit's logit branch, choice for choice, on whole game trees.

Each tree is exported with one player for each party, period and step, so that lambda 1 of the
branch is our equilibrium (McKelvey & Palfrey 1998). Then every information set of Gambit's tree
is looked up in our play, by walking the same branches and keeping the same records. Gambit keeps
every history apart and puts beliefs on no grid: where there are types the distance may be as
large as the change when our grid is refined once (at most `COARSEST`), and `ENDS` more, for our
grid ends where beliefs are that near to certainty, which no refining mends.

Source: Turocy (2005), Games and Economic Behavior 51; Savani & Turocy, Gambit, version 17.
"""

import io
import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pygambit

from ceasefire.case import loads
from ceasefire.equilibrium import Equilibrium, solve
from ceasefire.formats import to_efg
from ceasefire.game import Game, build, unroll_histories
from verification.oracles import case_of
from verification.table import Row
from verification.walk import Walk

EXACT, COARSEST, ENDS = 1e-9, 1e-4, 1e-4
STRATEGIC_GAMES, GAMBIT_TOLERANCE = 60, 1e-6  # what Gambit leaves where its branch ends flat
WITHOUT_TYPES = (
    "arms",
    "blockade",
    "centipede",
    "enforcement",
    "haggling",
    "ladder",
    "last_word",
    "meeting",
    "patience",
    "truce",
)
WITH_TYPES = {
    "ambush": 257,
    "informed": 513,
    "observer": 513,
    "reputation_three": 513,
    "sunk_cost": 513,
    "two_sided": 65,
}
WHOLE_GAMES = (
    *(name for name in WITH_TYPES if name != "ambush"),  # one branch through a moment is refused
    "two_ways_to_tell",
    "three_messages",
    "screening",
    "trust",
)
HAIR = 0.001
Choices = dict[tuple[str, ...], dict[str, float]]  # what was seen -> option -> probability


def rows() -> Iterator[Row]:
    """Games without types, games with types, the knife edge, and the plain form of the tree."""
    for name in WITHOUT_TYPES:
        game = build(case_of(name))
        yield _farthest(name, on_branch(game), in_play(game), EXACT)
    yield _strategic_games()
    for name, grid in WITH_TYPES.items():
        yield _with_types(name, {}, grid)
    for hair in (HAIR, -HAIR):
        yield _with_types("knife_edge", {"hair": hair}, 513)
        yield _whole("knife_edge", {"hair": hair})
    for name in WHOLE_GAMES:
        yield _whole(name, {})
    yield from _knife_edge()
    yield from _plain()


def on_branch(
    game: Game,
    world: Mapping[str, float] | None = None,
    *,
    agents: bool = True,
    at: float = 1.0,
    most_acceleration: float = 1.1,
) -> Choices:
    """Every choice of the tree on Gambit's principal branch; nan where it does not arrive.

    at  lambda, 1 for the tree of agents
    """
    text = to_efg(game, world, agents=agents).text
    tree = pygambit.read_efg(io.BytesIO(text.encode()))
    return choices_at(pygambit.qre.logit_solve_lambda(tree, at, max_accel=most_acceleration)[0], at)


def choices_at(point: Any, at: float) -> Choices:
    """The choices at a point of Gambit's branch; nan where it is not the lambda asked for."""
    arrived = 1.0 if abs(point.lam - at) < 1e-6 else math.nan
    return {
        _seen(history): {label: arrived * float(chance) for label, chance in dict(choice).items()}
        for player in point.profile.game.players
        for history, choice in point.profile[player]
    }


def in_play(
    game: Game, world: Mapping[str, float] | None = None, grid: int | None = None, halvings: int = 0
) -> Choices:
    """The same choices in our play, at the records to which they lead."""
    return _choices_of(game, world, solve(game, world, grid=grid, halvings=halvings))


def on_our_branch(game: Game, world: Mapping[str, float] | None = None) -> Choices:
    """The same choices on the branch that we follow for the whole game."""
    return _choices_of(game, world, solve(unroll_histories(game), world, selection="whole"))


def _choices_of(game: Game, world: Mapping[str, float] | None, play: Equilibrium) -> Choices:
    if play.certificate.unresolved:
        raise AssertionError(f"unresolved: {play.certificate}")
    text = to_efg(game, world, agents=True).text
    tree = pygambit.read_efg(io.BytesIO(text.encode()))
    found = {}
    for player in tree.players:
        for history in tree.get_infosets(player):
            seen = _seen(history)
            types = (
                dict(zip(game.parties_with_types, seen[0].split(", "), strict=True))
                if game.parties_with_types
                else {}
            )
            walk = Walk(play, types)
            for label in seen[1:] if game.parties_with_types else seen:
                walk.take(label)
            found[seen] = walk.choice()
    return found


def _seen(history: Any) -> tuple[str, ...]:
    return tuple(step.action for step in history)


def _farthest(name: str, theirs: Choices, ours: Choices, tolerance: float) -> Row:
    """The one probability of a tree on which the two are farthest apart."""
    every = [(seen, option) for seen, choice in theirs.items() for option in choice]
    if sum(len(choice) for choice in ours.values()) != len(every):
        raise AssertionError(f"{name}: the two do not have the same choices")

    def apart(key: tuple[tuple[str, ...], str]) -> float:
        distance = abs(theirs[key[0]][key[1]] - ours[key[0]][key[1]])
        return distance if distance >= 0 else math.inf

    seen, option = max(every, key=apart)
    after = f" after {' · '.join(seen)}" if seen else ""
    check = f"Gambit, {name}: of {len(every)} probabilities the farthest apart, {option}{after}"
    return Row(check, theirs[seen][option], ours[seen][option], tolerance)


def _strategic_games() -> Row:
    """Random strategic games as one moment, of two or three parties with two to four moves."""
    draw, farthest, counted = np.random.default_rng(0), (0.0, 0.0), 0
    for _ in range(STRATEGIC_GAMES):
        parties, most = (2, 4) if draw.random() < 2 / 3 else (3, 3)
        options = draw.integers(2, most + 1, size=parties)
        game = build(loads(_strategic_game(draw, options.tolist())))
        theirs, ours = on_branch(game), in_play(game)
        pairs = [(theirs[s][o], p) for s, choice in ours.items() for o, p in choice.items()]
        counted += len(pairs)
        farthest = max([farthest, *pairs], key=lambda pair: abs(pair[0] - pair[1]))
    what = f"{STRATEGIC_GAMES} random strategic games: of {counted} probabilities the farthest"
    check = f"Gambit, {what} apart"
    return Row(check, *farthest, GAMBIT_TOLERANCE)


def _strategic_game(draw: np.random.Generator, options: list[int]) -> str:
    """A case in which so many parties have so many moves each, all at one moment."""
    parties = "abc"[: len(options)]
    state = "".join(
        f"  in_{p}: {{values: 0..{n}, start: 0}}\n" for p, n in zip(parties, options, strict=True)
    )
    moves = "".join(
        f"  {p}.m{k}: {{by: {p}, set: {{in_{p}: {k}}}}}\n"
        for p, n in zip(parties, options, strict=True)
        for k in range(1, n + 1)
    )
    payoffs = ""
    for party in parties:
        terms = [
            f"{draw.normal():.6f} * ("
            + " and ".join(f"in_{p} == {k}" for p, k in zip(parties, joint, strict=True))
            + ")"
            for joint in product(*(range(1, n + 1) for n in options))
        ]
        payoffs += f"  {party}: {{worth: {' + '.join(terms)}}}\n"
    sharp = ", ".join(f"{p}: {{precision: {draw.uniform(0.5, 30):.3f}}}" for p in parties)
    listed = ", ".join(
        f"{{{p}: [{', '.join(f'm{k}' for k in range(1, n + 1))}]}}"
        for p, n in zip(parties, options, strict=True)
    )
    return (
        f"ceasefire: 1\ntitle: Strategic game\nhorizon: 1\nending: nothing\nparties: {{{sharp}}}\n"
        f"state:\n{state}payoffs:\n{payoffs}moves:\n{moves}order: [[{listed}]]\n"
    )


def _with_types(name: str, world: Mapping[str, float], grid: int) -> Row:
    game = build(case_of(name))
    coarse, fine = (in_play(game, world, grid, halvings) for halvings in (0, 1))
    change = max(abs(p - coarse[seen][o]) for seen, row in fine.items() for o, p in row.items())
    label = ", ".join((name, *(f"{key} {value:g}" for key, value in world.items())))
    return _farthest(label, on_branch(game, world), fine, min(change, COARSEST) + ENDS)


def _whole(name: str, world: Mapping[str, float]) -> Row:
    """One branch for the whole game on both sides, and no grid on either."""
    game = build(case_of(name))
    label = ", ".join((name, *(f"{key} {value:g}" for key, value in world.items()), "whole"))
    return _farthest(label, on_branch(game, world), on_our_branch(game, world), EXACT)


def _knife_edge() -> Iterator[Row]:
    """A message that is free but for a hair; with no hair at all the branch forks at lambda 1/2.

    We go straight on. Gambit stops at the fork, or with shorter steps hops over to one of the two
    arms: which of these it does is for its step size to decide.
    """
    game = build(case_of("knife_edge"))
    for hair, expected in ((HAIR, 0.979), (0.0, 0.5), (-HAIR, 0.021)):
        belief = _belief(in_play(game, {"hair": hair}, 513))
        yield Row(
            f"knife edge, hair {hair:g}: our belief after the message", expected, belief, 1e-3
        )
    for hair, expected in ((HAIR, 0.979), (-HAIR, 0.021)):
        belief = _belief(on_branch(game, {"hair": hair}))
        yield Row(f"knife edge, hair {hair:g}: Gambit's belief", expected, belief, 1e-3)
    text = to_efg(game, {"hair": 0.0}, agents=True).text
    tree = pygambit.read_efg(io.BytesIO(text.encode()))
    stopped = pygambit.qre.logit_solve_lambda(tree, 1.0)[0].lam
    yield Row(
        "knife edge, hair 0: the lambda at which Gambit stops, asked for 1", 0.5, stopped, 1e-3
    )
    hopped = _belief(on_branch(game, {"hair": 0.0}, most_acceleration=1.05))
    check = "knife edge, hair 0: how far Gambit hops from one half with shorter steps"
    yield Row(check, 0.479, abs(hopped - 0.5), 1e-3)


def _belief(choices: Choices) -> float:
    left, right = (choices[kind,]["sender.speak"] for kind in ("left", "right"))
    return left / (left + right)


def _plain() -> Iterator[Row]:
    """One player a party: lambda then weighs a later period's gain less, by patience.

    A gain of 0.5 in the second period is taken with probability 1 / (1 + exp(-2 · 0.5)) at
    precision 2, and in the plain tree at lambda 2 with 1 / (1 + exp(-2 · 0.8 · 0.5)).
    """
    game = build(case_of("patience"))
    later = ("a.hold",)
    ours = in_play(game)[later]["a.hold"]
    plain = on_branch(game, agents=False, at=2.0)[later]["a.hold"]
    yield Row("later gain, patience 0.8: ours", 1 / (1 + math.exp(-1)), ours, EXACT)
    yield Row(
        "later gain, patience 0.8: Gambit's plain tree", 1 / (1 + math.exp(-0.8)), plain, EXACT
    )
    yield Row(
        "later gain, patience 0.8: by how much a plain tree differs", 0.041, ours - plain, 1e-3
    )
