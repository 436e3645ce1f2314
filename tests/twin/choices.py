"""Quantities about single choices: plays, signs, and beliefs after something was seen."""

from itertools import permutations
from typing import Any

import numpy as np

from twin.equilibrium import Records
from twin.paths import Masses
from twin.plays import Asked
from twin.positions import Choice, Position

Standing = tuple[Position, Records, Masses]


def plays(asked: Asked) -> float:
    """plays(party.move) or plays(table.deal), at the first step of period 0 that offers it.

    Where the order of the steps is drawn: the mean over the orders.
    """
    target = asked.name()
    total = 0.0
    for place, share in _first(asked, Position(0, 0, (), asked.start), target, 1):
        node = asked.rules.node(place)
        assert isinstance(node, Choice)
        index = [option.name for option in node.options].index(target)
        policy, _ = asked.equilibrium.choice_probabilities(place, asked.equilibrium.nothing_shown)
        for profile, weight in asked.paths.profiles:
            total += share * weight * policy[profile.get(node.party)][index]
    return total


def signs(asked: Asked) -> float:
    """signs(party, table.deal), the offer and the yeses before its own having been seen."""
    party, target = asked.name(0), asked.name(1)
    reached = said = 0.0
    for place, share in _first(asked, Position(0, 0, (), asked.start), target, 1):
        shown, mass = asked.equilibrium.nothing_shown, share * _prior(asked)
        here = place
        while isinstance(node := asked.rules.node(here), Choice) and here.step == place.step:
            after, shown, mass_after = _choose(asked, here, shown, mass, target)
            if node.party == party and here.stage[0] == "answer":
                reached += float(mass.sum())
                said += float(mass_after.sum())
                break
            here, mass = after, mass_after
    return said / reached if reached else 0.0


def belief(asked: Asked) -> Any:
    """belief(party.type), before anything, after some choices or after so many periods."""
    party, kind = asked.name().split(".")
    observer = None if asked.by in (None, "analyst") else asked.by
    is_first = kind == asked.rules.types(party)[0]

    def seen(records: Records) -> float:
        found = asked.equilibrium.belief(observer, party, records)
        return found if is_first else 1.0 - found

    if asked.at is not None:
        return asked.mean(lambda mark, history: seen(mark[1]), [])
    standing = [(Position(0, 0, (), asked.start), asked.equilibrium.nothing_shown, _prior(asked))]
    for item in asked.after:
        standing = [after for each in standing for after in _see(asked, item, each)]
    return sum(float(mass.sum()) * seen(shown) for _, shown, mass in standing)


def _see(asked: Asked, item: str, standing: Standing) -> list[Standing]:
    """Every way in which it is done at the first later step that offers it.

    Chance is averaged; of several proposers, or orders of steps, each counts by how likely it is to
    be done there.
    """
    position, shown, mass = standing
    begins = _first(asked, position, item, asked.rules.case.horizon)
    if not begins:
        return [standing]
    chosen = []
    for begin, share in begins:
        here, records, weight = begin, shown, share * mass
        while isinstance(asked.rules.node(here), Choice) and here.step == begin.step:
            here, records, weight = _choose(asked, here, records, weight, item)
        chosen.append((begin.step, here, records, weight))
    scale = float(mass.sum()) / sum(float(weight.sum()) for *_, weight in chosen)
    done = []
    while chosen:
        step, here, records, weight = chosen.pop()
        if here.step != step:
            done.append((here, records, scale * weight))
            continue
        for after, later, _, factor in asked.paths.edges(here, records):
            chosen.append((step, after, later, weight * factor))
    return done


def _choose(
    asked: Asked, here: Position, shown: Records, mass: Masses, target: str
) -> tuple[Position, Records, Masses]:
    """The target is chosen, or agreed to where it is put to somebody."""
    node = asked.rules.node(here)
    assert isinstance(node, Choice)
    names = [option.name for option in node.options]
    index = names.index("yes" if here.stage and here.stage[0] == "answer" else target)
    after, records, _, factor = list(asked.paths.edges(here, shown))[index]
    return after, records, mass * factor


def _begins(asked: Asked, position: Position, target: str) -> list[tuple[Position, float]]:
    """Where the choice is made in a step, by whom: a party, or each proposer of a table."""
    owner = target.split(".")[0]
    if owner not in asked.rules.case.tables:
        return [(position, 1.0)]
    seats = asked.rules.proposers(owner)
    return [(position._replace(stage=("offer", seat)), 1.0 / len(seats)) for seat in seats]


def _first(
    asked: Asked, position: Position, target: str, last: int, chance: float = 1.0
) -> list[tuple[Position, float]]:
    """Where it is chosen at the first step from here on that offers it, in periods before `last`.

    One place for each proposer and each order that may be drawn on the way, with its chance.
    """
    if position.period >= last:
        return []
    rules = asked.rules
    if position.step == len(rules.case.order):
        begin = Position(position.period + 1, 0, (), position.state)
        return _first(asked, begin, target, last, chance)
    shuffled = rules.shuffled(position.step)
    if shuffled and not position.drawn:
        orders = list(permutations(shuffled))
        drawn = [position._replace(drawn=order) for order in orders]
        every = [_first(asked, each, target, last, chance / len(orders)) for each in drawn]
        return [place for places in every for place in places]
    if _offers(asked, position, target):
        return [(place, chance * share) for place, share in _begins(asked, position, target)]
    return _first(asked, rules.next(position), target, last, chance)


def _offers(asked: Asked, position: Position, target: str) -> bool:
    """Whether a step offers a move, a pass or a deal."""
    owner = target.split(".")[0]
    if asked.rules.step(position).id != owner:
        return False
    if owner in asked.rules.case.tables:
        meets = asked.rules.meets(position, owner) > 0.0
        return meets and target in asked.rules.deals_of(position, owner)
    node = asked.rules.node(position)
    assert isinstance(node, Choice)
    return target in [option.name for option in node.options]


def _prior(asked: Asked) -> Masses:
    return np.array([weight for _, weight in asked.paths.profiles])
