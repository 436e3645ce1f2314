"""What is seen before a quantity is asked: choices made one after another, all between skipped."""

import re
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from twin.equilibrium import Records
from twin.paths import Factor, Masses, Standing, apply
from twin.positions import Choice, Moment, Payment, Position, Renewal

if TYPE_CHECKING:
    from twin.plays import Asked


def see(asked: "Asked", item: str, standing: Standing) -> list[Standing]:
    """Every way in which it is done at the first later step that offers it.

    Chance is averaged; of several proposers, or orders of steps, each counts by how likely it is to
    be done there.
    """
    position, shown, mass = standing
    target, refuser = refusal(item)
    target, came = (target, None) if target.count(".") < 2 else (target.rpartition(".")[0], target)
    if target.split(".")[0] in asked.rules.case.chance:
        return _see_outcome(asked, target, standing)
    chosen = []
    for begin, share in find_first(asked, position, target, asked.rules.case.horizon):
        here, records, weight, refused = begin, shown, share * mass, False
        while isinstance(node := asked.rules.node(here), Choice) and here.step == begin.step:
            asks = bool(here.stage) and here.stage[0] == "answer"
            refused = asks and refuser is not None and holds(asked, refuser, here) == node.party
            answer = "no" if refused else "yes"
            here, records, weight = choose(asked, here, records, weight, target, answer)
        if refused or refuser is None:
            chosen.append((begin.step, here, records, weight))
    if came is not None:
        chosen = [
            (step, after, later, weight * chances)
            for step, here, records, weight in chosen
            for after, later, chances in _outcome_of_act(asked, here, records, came)
        ]
    if not chosen:
        return [standing]
    scale = float(mass.sum()) / sum(float(weight.sum()) for *_, weight in chosen)
    done = []
    while chosen:
        step, here, records, weight = chosen.pop()
        if here.step != step:
            done.append((here, records, scale * weight))
            continue
        for after, later, _, factor in asked.paths.edges(here, records):
            chosen.append((step, after, later, _counted(asked, factor, weight)))
    return done


def _counted(asked: "Asked", factor: Factor, weight: Masses) -> Masses:
    """What becomes of masses; a type drawn anew is of those that are counted too."""
    after = apply(factor, weight)
    if factor.ndim == 1:
        return after
    wanted = [
        all(profile[p] == t for p, t in asked.types.items()) for profile, _ in asked.paths.profiles
    ]
    kept = after * wanted
    return np.asarray(kept * (after.sum() / kept.sum()))


def _see_outcome(asked: "Asked", target: str, standing: Standing) -> list[Standing]:
    """An outcome of chance comes; every order in which its step may come counts by its chance."""
    position, shown, mass = standing
    found = find_first(asked, position, target, asked.rules.case.horizon)
    came = [
        (after, record, share * mass * chances)
        for place, share in found
        for after, record, chances in _outcome(asked, place, shown, target)
    ]
    whole = sum(float(weight.sum()) for *_, weight in came)
    done = []
    while came:
        after, record, weight = came.pop(0)
        if not isinstance(asked.rules.node(after), Renewal):
            done.append((after, record, mass.sum() / whole * weight))
            continue
        for then, later, _, factor in asked.paths.edges(after, record):
            came.append((then, later, _counted(asked, factor, weight)))
    return done or [standing]


def _outcome(
    asked: "Asked", position: Position, shown: Records, target: str
) -> list[tuple[Position, Records, Masses]]:
    """Where an outcome leads at the step of a chance, and how likely it is; nothing if never."""
    for after, _, _, _ in asked.paths.edges(position, shown):
        if after.stage and after.stage[0] == "outcome":
            for end, record, events, chances in asked.paths.edges(after, shown):
                weights = [w for _, w in asked.paths.profiles]
                if target in events and (chances * weights).any():
                    return [(end, record, chances)]
    return []


def _outcome_of_act(
    asked: "Asked", here: Position, shown: Records, target: str
) -> list[tuple[Position, Records, Masses]]:
    """What follows where this outcome comes of what was chosen, once it is paid; or nothing."""
    edges = list(asked.paths.edges(here, shown))
    if isinstance(asked.rules.node(here), Payment):
        return _outcome_of_act(asked, edges[0][0], shown, target)
    weights = [w for _, w in asked.paths.profiles]
    return [
        (after, record, chances)
        for after, record, events, chances in edges
        if target in events and (chances * weights).any()
    ]


def refusal(item: str) -> tuple[str, str | None]:
    """What is offered, and who refuses it if anybody does.

    >>> refusal("refused(t.d, by=a)")
    ('t.d', 'a')
    """
    found = re.fullmatch(r"refused\((.+), by=(.+)\)", item)
    return (found[1], found[2]) if found else (item, None)


def choose(
    asked: "Asked",
    here: Position,
    shown: Records,
    mass: Masses,
    target: str,
    answer: str = "yes",
) -> tuple[Position, Records, Masses]:
    """The target is chosen, or answered where it is put to somebody."""
    node = asked.rules.node(here)
    assert isinstance(node, Choice)
    names = [option.name for option in node.options]
    index = names.index(answer if here.stage and here.stage[0] == "answer" else target)
    after, records, _, factor = list(asked.paths.edges(here, shown))[index]
    return after, records, apply(factor, mass)


def holds(asked: "Asked", actor: str, here: Position) -> str:
    """Who acts as a party or role at a position."""
    return asked.rules.holder(actor, here.state)


def _begins(asked: "Asked", position: Position, target: str) -> list[tuple[Position, float]]:
    """Where the choice is made in a step, by whom: a party, or each proposer of a table."""
    owner = target.split(".")[0]
    if owner not in asked.rules.case.tables:
        return [(position, 1.0)]
    seats = asked.rules.proposers(owner)
    return [(position._replace(stage=("offer", seat)), 1.0 / len(seats)) for seat in seats]


def find_first(
    asked: "Asked", position: Position, target: str, last: int, chance: float = 1.0
) -> list[tuple[Position, float]]:
    """Where it is chosen at the first step from here on that offers it, in periods before `last`.

    One place for each proposer and each order that may be drawn on the way, with its chance.
    """
    if position.period >= last:
        return []
    rules = asked.rules
    if position.step == len(rules.case.order):
        begin = Position(position.period + 1, 0, (), position.state)
        return find_first(asked, begin, target, last, chance)
    shuffled = rules.shuffled(position.step)
    if shuffled and not position.drawn:
        orders = list(permutations(shuffled))
        drawn = [position._replace(drawn=order) for order in orders]
        every = [find_first(asked, each, target, last, chance / len(orders)) for each in drawn]
        return [place for places in every for place in places]
    if _offers(asked, position, target):
        return [(place, chance * share) for place, share in _begins(asked, position, target)]
    return find_first(asked, rules.next(position), target, last, chance)


def _offers(asked: "Asked", position: Position, target: str) -> bool:
    """Whether a step offers a move, a pass or a deal."""
    owner, option = target.split(".", 1)
    step = asked.rules.step(position)
    if together := asked.rules.together(position.step):
        steps = [asked.rules.case.order[n] for n in together]
        node = asked.rules.node(position)
        here = [one for one in steps if one.id == owner and isinstance(node, Moment)]
        if not here or (option == "pass" and "pass" not in (here[0].only or ["pass"])):
            return False
        assert isinstance(node, Moment)
        named = [o.name for _, options in node.movers for o in options]
        return not set(asked.rules.members(target)).isdisjoint(named)
    if step.id != owner or (option == "pass" and "pass" not in (step.only or ["pass"])):
        return False
    if owner in asked.rules.case.chance:
        return bool(_outcome(asked, position, asked.equilibrium.nothing_shown, target))
    if owner in asked.rules.case.tables:
        meets = asked.rules.meets(position, owner) > 0.0
        there = asked.rules.deals_of(position, owner)
        return meets and not set(asked.rules.members(target)).isdisjoint(there)
    node = asked.rules.node(position)
    assert isinstance(node, Choice)
    there = [option.name for option in node.options]
    return not set(asked.rules.members(target)).isdisjoint(there)
