"""Planted types and unknowns are recovered from played histories, as often as the filter says.

A world and a type are drawn from what the case says of them, the game is played, and what one step
after another brought is written down as events: the table, the move or the promise that it broke,
one party's yes or the whole deal, what came of a move, every third storm or that none came, and
every other period the state. Then the filter, which knows neither world nor type, runs through the
events in many worlds. If it is right, the place of the true unknown among the weighed worlds is
uniform on [0, 1], and of histories after which a type is believed with probability b a share b has
it (Cook, Gelman & Rubin 2006, Validation of software for Bayesian models using posterior quantiles,
JCGS 15). Each mean must lie within four standard errors, and the grid of worlds adds one part in
their number.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import NO_OUTCOME, Case, Event, loads
from ceasefire.ensemble import draw_worlds
from ceasefire.equilibrium import Equilibrium, solve
from ceasefire.evidence.events import RecordedEvent
from ceasefire.evidence.particle_filter import ParticleFilter, expected_beliefs, likelihood_weights
from ceasefire.game import NODE_ROLES, Game, build
from verification.table import Row

Floats = npt.NDArray[np.float64]

CASE = """
ceasefire: 1
title: A shout and a storm
horizon: 4
unknowns: {odds: {range: [0.05, 0.95]}}
parties:
  north: {precision: 2, types: {calm: 0.6, rash: 0.4}, believed_by: {south: {calm: 0.3, rash: 0.7}}}
  south: {precision: 2}
state: {war: {start: true}, ruin: {values: 0..3, start: 0}}
payoffs:
  north: {war: "-0.6 * war if type == calm else 0.3 * war"}
  south: {war: -0.8 * war, ruin: -0.2 * ruin}
moves:
  shout: {by: north, cost: "0.4 if type == calm else 0", outcomes: [{name: heard, chance: 0.5}]}
  attack: {by: north, when: not war, set: {war: true}, cost: "0.4 if type == calm else 0"}
promises: {word: {by: north, forbids: [attack], breach: 0.1}}
tables:
  talks:
    seats: [south, north]
    meets: 0.8
    deals: {truce: {when: war, set: {war: false}, promises: [word]}}
chance:
  storm: {outcomes: [{name: hits, chance: odds * 0.6, set: {ruin: "min(ruin + 1, 3)"}}]}
order: [storm, talks, north]
"""


KINDS = (
    "move", "broken", "deal", "signed", "refused", "idle", "outcome", "chance", NO_OUTCOME,
    "observed",
)  # fmt: skip


@dataclass(frozen=True)
class Recovered:
    """What n histories say.

    place     (n,) share of the worlds' weight below the true unknown
    believed  (n,) belief in the first type after the events
    first     (n,) whether the party was of its first type
    kinds     how often each kind of event was written down; `nothing` is that no outcome came
    """

    place: Floats
    believed: Floats
    first: Floats
    kinds: Mapping[str, int]


def rows() -> Iterator[Row]:
    """Calibration over 400 histories in 64 worlds."""
    found = recover(loads(CASE), 400, 64)
    yield from calibration(found, 64)
    told = sum(count > 0 for kind, count in found.kinds.items() if kind in KINDS)
    yield Row("kinds of events among them", len(KINDS), told, 0.0)


def calibration(found: Recovered, worlds: int) -> Iterator[Row]:
    """The rows that say whether places and beliefs are what they should be."""
    n, allowed = len(found.place), 4.0
    grid = 1.0 / worlds
    said = f"{n} played histories, "
    spread = allowed * np.sqrt(1.0 / 12.0 / n) + grid
    yield Row(f"{said}place of the true unknown", 0.5, float(found.place.mean()), float(spread))
    square = float(((found.place - 0.5) ** 2).mean())
    spread = allowed * np.sqrt(1.0 / 180.0 / n) + grid
    yield Row(f"{said}its variance", 1.0 / 12.0, square, float(spread))
    for name, weight in (
        ("a type believed", np.ones(n)),
        ("the surer, the righter", found.believed),
    ):
        miss = weight * (found.first - found.believed)
        error = np.sqrt((weight**2 * found.believed * (1.0 - found.believed)).sum()) / n
        yield Row(f"{said}{name}", 0.0, float(miss.mean()), float(allowed * error + 1e-3))


def recover(case: Case, count: int, worlds: int, *, grid: int = 33, seed: int = 0) -> Recovered:
    """Play `count` histories, each in a world and with a type of its own, and look back at them."""
    game = build(case)
    known = [solve(game, world, grid=grid) for world in draw_worlds(case, worlds, seed)]
    filters = [ParticleFilter(play, case.horizon, 4000, seed) for play in known]
    odds = np.array([play.world["odds"] for play in known])
    rng = np.random.default_rng(seed)
    found: list[tuple[float, float, float]] = []
    kinds: Counter[str] = Counter()
    for world in draw_worlds(case, count, seed + 1):
        play = solve(game, world, grid=grid)
        first = rng.random() < play.priors("analyst", play.parties_with_types[0])[0]
        facts = tuple(RecordedEvent(event) for event in played(play, 0 if first else 1, rng))
        kinds.update(kind for fact in facts for kind in _kinds_of(fact.first_report))
        runs = [each.run(facts) for each in filters]
        weights = likelihood_weights([run.log_likelihood for run in runs])
        hidden = play.parties_with_types[0]
        key = ("analyst", hidden, next(iter(case.parties[hidden].types)))
        believed = [
            expected_beliefs(one, run.points)[key] for one, run in zip(known, runs, strict=True)
        ]
        below = float(weights[odds < world["odds"]].sum())
        found.append((below, float(weights @ np.array(believed)), float(first)))
    place, belief, types = np.array(found).T
    return Recovered(place, belief, types, dict(kinds))


def _kinds_of(event: Event) -> tuple[str, ...]:
    """The kind of an event, and `nothing` besides where it is that no outcome came."""
    return (event.kind, NO_OUTCOME) if event.target.endswith(f".{NO_OUTCOME}") else (event.kind,)


def played(play: Equilibrium, kind: int, rng: np.random.Generator) -> Sequence[Event]:
    """One history of a game with one hidden party of type `kind`, written down as events."""
    game = play.game
    state, record, events = game.start_state({}), play.prior_record, list[Event]()
    for period in range(game.case.horizon):
        graph, chance = game.graph_of(period), play.chance_probabilities(game.graph_index(period))
        slot = int(graph.step_entry[0, state])
        while graph.node_kind[slot] != 0:
            branches = np.arange(graph.first_branch[slot], graph.first_branch[slot + 1])
            if graph.mover[slot] >= 0:
                policy = play.choice_probabilities(period, slot, record)
                shares = policy[min(kind, len(policy) - 1)]
                taken = int(rng.choice(len(shares), p=shares / shares.sum()))
                if len(policy) == 2 and len(shares) > 1:
                    moved = float(np.log(policy[0, taken]) - np.log(policy[1, taken]))
                    record = (record[0] + moved,)
            else:
                shares = chance[branches]
                taken = int(rng.choice(len(shares), p=shares / shares.sum()))
            b = int(branches[taken])
            events += _seen(game, period, slot, b)
            slot = int(graph.successor[b])
        state = slot
        if period % 2 == 1:
            codes = zip(game.case.variables_and_promises.items(), game.states[state], strict=True)
            observed = {name: variable.values[int(code)] for (name, variable), code in codes}
            events.append(Event(period=period, kind="observed", observed=observed))
    return events


def _seen(game: Game, period: int, slot: int, branch: int) -> list[Event]:
    """What is written down of a branch."""
    graph = game.graph_of(period)
    role, name = NODE_ROLES[int(graph.node_role[slot])], game.options[int(graph.option[branch])]
    owner = game.steps[int(graph.step[slot])].id
    happened = game.labels[int(graph.label[branch])]
    if role == "move":
        broken = [one.removeprefix("broken:") for one in happened if one.startswith("broken:")]
        if broken:
            return [Event(period=period, kind="broken", target=one) for one in broken]
        return [Event(period=period, kind="move", target=name)]
    if (role, name) in (("meets", "idle"), ("offer", f"{owner}.pass")):
        return [Event(period=period, kind="idle", target=owner)]
    if role == "answer":
        deal, by = game.deals[int(graph.deal[slot])], game.parties[int(graph.mover[slot])]
        if name == "no":
            return [Event(period=period, kind="refused", target=deal, by=by)]
        signed = Event(period=period, kind="signed", target=deal, by=by)
        return [signed, Event(period=period, kind="deal", target=deal)][period % 2 :]
    if role == "outcome" and owner in game.case.chance:
        drawn = [one for one in happened if one != owner and period % 3 == 2]
        return [Event(period=period, kind="chance", target=one) for one in drawn]
    outcomes = [one for one in happened if one.count(".") == 2]
    return [Event(period=period, kind="outcome", target=one) for one in outcomes]
