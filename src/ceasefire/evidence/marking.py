"""Lays events on the graph of a period, and finds those that no step explains.

A move, deal, refusal or outcome that is recorded for a period has happened at least once in it, at
whichever of its steps. An idle table gets no offer in the period, and a party that passes makes no
move, except those that are recorded too. What is observed holds at the period's end. Of a step of
which nothing is recorded nothing is known: it is played as the parties would play it.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from ceasefire.case import Event
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.facts import Fact, by_period, said
from ceasefire.game import ROLES, Game
from ceasefire.game.model import Graph
from ceasefire.game.states import Ints
from ceasefire.solve import Marks

Kind = Literal["move", "deal", "refused", "idle", "chance"]
Bools = npt.NDArray[np.bool_]


def marks(game: Game, period: int, facts: Collection[Fact]) -> Marks:
    """What these facts of one period say about the branches and ends of its graph."""
    graph = game.graph_of(period)
    need = np.zeros(len(graph.successor), dtype=np.int64)
    barred = np.zeros(len(graph.successor), dtype=np.bool_)
    fits = np.ones(len(game.states), dtype=np.bool_)
    bit = 0
    recorded = {fact.event.target for fact in facts}
    for fact in facts:
        event = fact.event
        if event.kind == "observed":
            for name, value in event.observed.items():
                variable, column = game.case.variables[name], game.variables.index(name)
                fits &= game.states[:, column] == variable.values.index(value)
        elif event.kind == "idle" or event.target.endswith(".pass"):
            barred |= _doing(game, graph, fact.actor, event.kind == "idle", recorded)
        else:
            need[showing(game, graph, fact)] |= 1 << bit
            bit += 1
    return Marks(need, barred, fits, (1 << bit) - 1)


def _owner(graph: Graph, of: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """(B,) what the node of each branch has."""
    return np.repeat(of, np.diff(graph.first))


def showing(game: Game, graph: Graph, fact: Fact) -> Bools:
    """(B,) the branches on which a move, deal, refusal or outcome happens."""
    event = fact.event
    if event.kind == "refused":
        assert event.by is not None
        answers = _owner(graph, graph.role) == ROLES.index("answer")
        about = _owner(graph, graph.deal) == game.deals.index(event.target)
        by = _owner(graph, graph.mover) == game.parties.index(event.by)
        no = graph.option == game.options.index("no") if "no" in game.options else False
        return np.asarray(answers & about & by & no)
    carrying = [number for number, label in enumerate(game.labels) if event.target in label]
    return np.isin(graph.label, carrying)


def _doing(game: Game, graph: Graph, actor: str, table: bool, recorded: Collection[str]) -> Bools:
    """(B,) offers made at a table, or moves made by a party, that are not recorded."""
    role = ROLES.index("offer" if table else "move")
    allowed = [n for n, name in enumerate(game.options) if name in {f"{actor}.pass", *recorded}]
    steps = [k for k, step in enumerate(game.case.order) if step.id == actor]
    here = (_owner(graph, graph.role) == role) & np.isin(_owner(graph, graph.step), steps)
    return np.asarray(here & ~np.isin(graph.option, allowed))


def possible(game: Game, facts: tuple[Fact, ...], today: int) -> Ints:
    """The states in which things may stand today, whatever the unknowns.

    Raises CaseError with every event that no step explains, its line, its period and what could
    have happened instead.
    """
    known, problems = by_period(facts), []
    states = np.array([game.index({})], dtype=np.int32)
    for period in range(today):
        here = known.get(period, ())
        ends = _ends(game, period, states, here)
        if len(ends):
            states = ends
            continue
        faults = [fact for fact in here if not len(_ends(game, period, states, [fact]))]
        together = [] if faults else [_last_straw(game, period, states, here)]
        problems += [_unexplained(game, period, states, fact) for fact in faults]
        problems += [_together(fact, here, period) for fact in together]
        rest = [fact for fact in here if fact not in (*faults, *together)]
        ends = _ends(game, period, states, rest)
        states = ends if len(ends) else _ends(game, period, states, [])
    if problems:
        raise CaseError(problems)
    return states


def _ends(game: Game, period: int, states: Ints, facts: Sequence[Fact]) -> Ints:
    """The states in which a period can end that begins in one of these and shows these facts."""
    known = marks(game, period, facts)
    met = known.met(game.graph_of(period), states)
    return np.flatnonzero(met[: len(game.states), known.full] & known.fits).astype(np.int32)


def _last_straw(game: Game, period: int, states: Ints, facts: Sequence[Fact]) -> Fact:
    """The first fact that cannot have happened along with those before it in the file."""
    for count in range(1, len(facts)):
        if not len(_ends(game, period, states, facts[: count + 1])):
            return facts[count]
    raise AssertionError("all facts together are impossible")


def _unexplained(game: Game, period: int, states: Ints, fact: Fact) -> Problem:
    event = fact.event
    if event.kind == "observed":
        ends = _ends(game, period, states, [])
        instead = [game.describe(int(end)) for end in ends[:6]] + ["…"] * (len(ends) > 6)
    else:
        instead = list(could(game, period, states, fact.actor))
    where = f"period {period}, after the events before it"
    later = _when(game, fact, states)
    advice = f"it can happen in period {later}: correct its period" if later is not None else ""
    return event.place.problem(
        f"no step explains this event in {where}",
        found=fact.words,
        allowed="; ".join(instead) if instead else "nothing there",
        advice=advice or "correct the event, or let the case allow it (`when`, `during`, `needs`)",
    )


def could(game: Game, period: int, states: Ints, actor: str | None = None) -> dict[str, Event]:
    """Everything that may happen in a period that begins in one of these states, by its words.

    actor  only what this party, table or chance does
    """
    graph = game.graph_of(period)
    met: Bools = np.asarray(Marks.none(graph).met(graph, states).any(axis=1))
    there = np.flatnonzero(_owner(graph, met))
    columns = [_owner(graph, graph.step), _owner(graph, graph.role), _owner(graph, graph.deal)]
    columns += [_owner(graph, graph.mover), graph.option, graph.label]
    rows = np.unique(np.stack([column[there] for column in columns], axis=1), axis=0)
    found: dict[str, Event] = {}
    for step, role, deal, mover, option, label in rows.astype(np.int64).tolist():
        owner = game.case.order[step].id
        if actor is not None and owner != actor:
            continue
        for kind, target, by in _shown(game, owner, ROLES[role], deal, mover, option, label):
            event = Event(period=period, kind=kind, target=target, by=by)
            found[said(event)] = event
    return found


def _shown(
    game: Game, owner: str, role: str, deal: int, mover: int, option: int, label: int
) -> Iterator[tuple[Kind, str, str | None]]:
    """The events that a branch is, as kind, target and by whom."""
    name, happens = game.options[option], game.labels[label]
    if role == "move":
        yield "move", name, None
    elif (role == "meets" and name == "idle") or (role == "offer" and name == f"{owner}.pass"):
        yield "idle", owner, None
    elif role == "answer" and name == "no":
        yield "refused", game.deals[deal], game.parties[mover]
    for event in happens:
        if event in game.deals:
            yield "deal", event, None
        elif owner in game.case.chance and event.startswith(f"{owner}."):
            yield "chance", event, None


def _when(game: Game, fact: Fact, states: Ints) -> int | None:
    """The first later period in which the event can happen."""
    for period in range(fact.period, game.periods):
        if period > fact.period and len(_ends(game, period, states, [fact])):
            return period
        states = _ends(game, period, states, [])
    return None


def _together(fact: Fact, others: Sequence[Fact], period: int) -> Problem:
    before = [other.words for other in others[: list(others).index(fact)]]
    return fact.event.place.problem(
        f"cannot have happened in period {period} along with others",
        found=fact.words,
        allowed=f"what goes with {'; '.join(before)}",
        advice="correct one of them, or its period",
    )
