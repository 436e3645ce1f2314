"""Quantities about single choices: plays, signs, and beliefs after something was seen."""

from typing import Any

from twin.equilibrium import Records
from twin.plays import Asked
from twin.positions import Choice, Moment, Position
from twin.seen import choose, find_first


def plays(asked: Asked) -> float:
    """plays(party.move) or plays(table.deal), at the first step that offers it.

    That step is one of period 0, or with `after=` any that comes later. Where the order of the
    steps is drawn: the mean over the orders.
    """
    target, total = asked.name(), 0.0
    last = asked.rules.case.horizon if asked.after else 1
    for here, shown, mass in asked.standing():
        for place, share in find_first(asked, here, target, last):
            node = asked.rules.node(place)
            if isinstance(node, Moment):
                total += share * _at_moment(asked, node, place, shown, mass, target)
                continue
            assert isinstance(node, Choice)
            wanted = asked.rules.members(target)
            chosen = [n for n, option in enumerate(node.options) if option.name in wanted]
            policy, _ = asked.equilibrium.choice_probabilities(place, shown)
            for (profile, _), weight in zip(asked.paths.profiles, mass, strict=True):
                likely = sum(policy[profile.get(asked.rules.source[node.party])][n] for n in chosen)
                total += share * float(weight) * likely
    return total


def _at_moment(
    asked: Asked, node: Moment, place: Position, shown: Records, mass: Any, target: str
) -> float:
    """How likely a move is, or passing, where others choose without seeing it."""
    wanted = asked.rules.members(target)
    policies = asked.equilibrium.moment_policies(place, shown)
    return sum(
        float(weight) * float(policy[profile.get(asked.rules.source[mover])][n])
        for (profile, _), weight in zip(asked.paths.profiles, mass, strict=True)
        for (mover, options), policy in zip(node.movers, policies, strict=True)
        for n, option in enumerate(options)
        if option.name in wanted
    )


def signs(asked: Asked) -> float:
    """signs(party, table.deal), the offer and the yeses before its own having been seen."""
    party, target = asked.name(0), asked.name(1)
    reached = said = 0.0
    last = asked.rules.case.horizon if asked.after else 1
    for standing, records, weights in asked.standing():
        put = [
            (place, share, deal)
            for place, share in find_first(asked, standing, target, last)
            for deal in asked.rules.members(target)
            if deal in asked.rules.deals_of(place, deal.split(".")[0])
        ]
        for place, share, deal in put:
            shown, mass = records, share * weights
            here = place
            while isinstance(node := asked.rules.node(here), Choice) and here.step == place.step:
                after, shown, mass_after = choose(asked, here, shown, mass, deal)
                if (
                    node.party == asked.rules.holder(party, here.state)
                    and here.stage[0] == "answer"
                ):
                    reached += float(mass.sum())
                    said += float(mass_after.sum())
                    break
                here, mass = after, mass_after
    return said / reached if reached else 0.0


def belief(asked: Asked) -> Any:
    """belief(party.type), before anything, after some choices or after so many periods."""
    party, kind = asked.name().split(".")
    observer = None if asked.by in (None, "analyst") else asked.by
    number = asked.rules.types(party).index(kind)

    def seen(records: Records) -> float:
        return float(asked.equilibrium.beliefs(observer, party, records)[number])

    if asked.at is not None:
        return asked.mean(lambda mark, history: seen(mark[1]), [])
    return sum(float(mass.sum()) * seen(shown) for _, shown, mass in asked.standing())
