"""Which step of an event was the unlikely one, and which unknown would have had to differ?

An event comes about in steps: the table had to meet, the deal had to be open, somebody had to offer
it, each seat had to say yes, an outcome had to come. Each has a probability given those before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import NO_OUTCOME, Event
from ceasefire.equilibrium import BranchConstraints
from ceasefire.evidence.events import RecordedEvent, branches_showing_event
from ceasefire.evidence.particle_filter import FilterRun, ParticleFilter
from ceasefire.game import NODE_ROLES, Game
from ceasefire.game.graph import PeriodGraph

Bools = npt.NDArray[np.bool_]

FEWEST_WORLDS_TO_COMPARE = 16
LEAST_RANK_CORRELATION = 0.5


@dataclass(frozen=True)
class EventStep:
    """A step on the way to an event.

    said         what had to happen
    probability  how likely that was, given the steps before it
    """

    said: str
    probability: float


@dataclass(frozen=True)
class UnknownBehind:
    """The unknown with which an event is likelier.

    unknown       its name
    higher        whether the event is likelier where it is higher
    correlation   rank correlation, over worlds, with how likely they made the event
    """

    unknown: str
    higher: bool
    correlation: float


def steps_of_event(
    filters: ParticleFilter, recorded_event: RecordedEvent, run: FilterRun
) -> tuple[EventStep, ...]:
    """The steps of an event with their probabilities, given the periods before; none of a sight.

    filters         the filter of a solved game
    recorded_event  the event
    run             a run through all events before its period
    """
    game, period = filters.equilibrium.game, recorded_event.period
    graph = game.graph_of(period)
    found, before = [], 1.0
    for said, branches in _way_to_event(game, graph, recorded_event):
        constraints = BranchConstraints(
            branches.astype(np.int64),
            np.zeros(len(branches), dtype=np.bool_),
            np.ones(len(game.states), dtype=np.bool_),
            1,
        )
        likely = min(before, filters.probability_of(constraints, period, run))
        found.append(EventStep(said, likely / before if before > 0 else 0.0))
        before = likely
    return tuple(found)


def _way_to_event(
    game: Game, graph: PeriodGraph, recorded_event: RecordedEvent
) -> Iterator[tuple[str, Bools]]:
    """What has to happen for an event, in order, with the branches (B,) one of which shows it."""
    event = recorded_event.first_report
    if event.kind in ("observed", "idle", "broken") or event.target.endswith(".pass"):
        return
    if event.kind == "chance":
        drawn = _branches_with_label(game, graph, {event.target.split(".")[0]}, prefix=True)
        yield f"{recorded_event.actor} had to be possible", drawn
        yield f"{event.target} had to come", branches_showing_event(game, graph, recorded_event)
        return
    members = set(game.case.members_of(recorded_event.act))
    if recorded_event.actor in game.case.tables:
        yield from _way_to_deal(game, graph, recorded_event, members)
    else:
        there = _branches_of_option(game, graph, members, "move")
        yield f"{recorded_event.act} had to be possible", _with_siblings(graph, there)
        yield f"{recorded_event.actor} had to choose it", there
    if event.kind == "outcome":
        came = branches_showing_event(game, graph, recorded_event)
        outcome = event.target.rsplit(".", 1)[1]
        none_came = "no outcome had to come of it" if outcome == NO_OUTCOME else ""
        yield none_came or f"{outcome} had to come of it", came


def _way_to_deal(
    game: Game, graph: PeriodGraph, recorded_event: RecordedEvent, members: set[str]
) -> Iterator[tuple[str, Bools]]:
    event, table = recorded_event.first_report, recorded_event.actor
    role = _of_node(graph, graph.node_role)
    steps = [k for k, step in enumerate(game.steps) if step.step_of(table)]
    at_table = np.isin(_of_node(graph, graph.step), steps)
    yield f"{table} had to meet", np.asarray(at_table & (role == NODE_ROLES.index("offer")))
    offered = _branches_of_option(game, graph, members, "offer")
    yield f"{recorded_event.act} had to be open", _with_siblings(graph, offered)
    yield "somebody had to put it forward", offered
    deal = game.case.tables[table].deals[min(members).split(".", 1)[1]]
    asked = [seat for seat in game.case.tables[table].seats if seat in deal.needs]
    for seat in asked:
        if event.kind in ("signed", "refused") and seat == event.by:
            word = "yes" if event.kind == "signed" else "no"
            yield f"{seat} had to say {word}", branches_showing_event(game, graph, recorded_event)
            return
        yes = Event(period=event.period, kind="signed", target=recorded_event.act, by=seat)
        said = branches_showing_event(game, graph, RecordedEvent(yes))
        yield f"{seat} had to agree", said


def _of_node(graph: PeriodGraph, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """(B,) what the node of each branch has."""
    return np.repeat(values, np.diff(graph.first_branch))


def _branches_of_option(game: Game, graph: PeriodGraph, names: set[str], role: str) -> Bools:
    numbers = [n for n, name in enumerate(game.options) if name in names]
    right = np.asarray(_of_node(graph, graph.node_role) == NODE_ROLES.index(role))
    return np.asarray(np.isin(graph.option, numbers) & right)


def _branches_with_label(
    game: Game, graph: PeriodGraph, names: set[str], *, prefix: bool = False
) -> Bools:
    heads = {name.split(".")[0] for name in names} if prefix else set()
    carrying = [
        number
        for number, label in enumerate(game.labels)
        if names & label or heads & {one.split(".")[0] for one in label}
    ]
    return np.isin(graph.label, carrying)


def _with_siblings(graph: PeriodGraph, branches: Bools) -> Bools:
    """(B,) all branches of the nodes at which one of these begins."""
    nodes = np.unique(np.asarray(_of_node(graph, np.arange(graph.node_count)))[branches])
    return np.isin(_of_node(graph, np.arange(graph.node_count)), nodes)


def unknown_behind(
    probabilities: Sequence[float | None], worlds: Sequence[Mapping[str, float]]
) -> UnknownBehind | None:
    """The unknown whose rank goes most with how likely worlds made an event; None if none does.

    probabilities  of the event in each world, None where it has none
    worlds         the unknowns of each

    >>> found = unknown_behind([0.1 * n for n in range(20)], [{"will": n} for n in range(20)])
    >>> found.unknown, found.higher
    ('will', True)
    """
    pairs = [(p, world) for p, world in zip(probabilities, worlds, strict=True) if p is not None]
    if len(pairs) < FEWEST_WORLDS_TO_COMPARE:
        return None
    likely = _ranks([p for p, _ in pairs])
    best: UnknownBehind | None = None
    for name in pairs[0][1]:
        drawn = _ranks([world[name] for _, world in pairs])
        if not (np.ptp(drawn) and np.ptp(likely)):
            continue
        correlation = float(np.corrcoef(likely, drawn)[0, 1])
        if best is None or abs(correlation) > abs(best.correlation):
            best = UnknownBehind(name, correlation > 0, correlation)
    return best if best is not None and abs(best.correlation) >= LEAST_RANK_CORRELATION else None


def _ranks(values: Sequence[float]) -> npt.NDArray[np.float64]:
    """Ranks, those that are equal sharing theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(np.float64)
    return (last - (counts - 1) / 2.0)[place]
