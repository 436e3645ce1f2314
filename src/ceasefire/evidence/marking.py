"""Lays events on the graph of a period, and finds those that no step explains.

A move, deal, refusal or outcome that is recorded for a period has happened at least once in it, at
whichever of its steps. An idle table gets no offer in the period, and a party that passes makes no
move, except those that are recorded too. What is observed holds at the period's end. Of a step of
which nothing is recorded nothing is known: it is played as the parties would play it.
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.facts import Fact, by_period, said
from ceasefire.game import ROLES, Game
from ceasefire.game.model import Graph
from ceasefire.game.states import Ints
from ceasefire.solve import Marks

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


def possible(game: Game, facts: tuple[Fact, ...], today: int) -> None:
    """Refuse events that no step explains, whatever the unknowns.

    Raises CaseError with every such event, its line, its period and what could have happened.
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
        problems += [_together(fact, period) for fact in together]
        rest = [fact for fact in here if fact not in (*faults, *together)]
        ends = _ends(game, period, states, rest)
        states = ends if len(ends) else _ends(game, period, states, [])
    if problems:
        raise CaseError(problems)


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
    instead = _could(game, period, states, fact)
    where = f"period {period}, after the events before it"
    later = _when(game, fact, states)
    advice = f"it can happen in period {later}: correct its period" if later is not None else ""
    return event.place.problem(
        f"no step explains this event in {where}",
        found=fact.words,
        allowed="; ".join(instead) if instead else "nothing there",
        advice=advice or "correct the event, or let the case allow it (`when`, `during`, `needs`)",
    )


def _could(game: Game, period: int, states: Ints, fact: Fact) -> list[str]:
    """What the same party, table or chance could have done instead; the states it could end in."""
    graph = game.graph_of(period)
    if fact.event.kind == "observed":
        ends = _ends(game, period, states, [])
        return [game.describe(int(end)) for end in ends[:6]] + ["…"] * (len(ends) > 6)
    reached: Bools = np.asarray(Marks.none(graph).met(graph, states).any(axis=1))
    there = np.flatnonzero(_owner(graph, reached))
    found: dict[str, None] = {}
    for b in there:
        n = int(np.searchsorted(graph.first, b, side="right")) - 1
        option = game.options[int(graph.option[b])]
        owner = game.case.order[int(graph.step[n])].id
        role = ROLES[int(graph.role[n])]
        if owner != fact.actor:
            continue
        if role == "answer" and option == "no":
            by = game.parties[int(graph.mover[n])]
            found[f"refused: {game.deals[int(graph.deal[n])]} by {by}"] = None
        elif role == "move":
            found[f"move: {option}"] = None
        elif role == "offer" and option.endswith(".pass"):
            found[f"idle: {owner}"] = None
        for event in game.labels[int(graph.label[b])]:
            if role in ("offer", "answer", "payment") and event in game.deals:
                found[f"deal: {event}"] = None
            if role in ("outcome", "event") and event.count(".") == 1 and owner in game.case.chance:
                found[f"chance: {event}"] = None
    return list(found)


def _when(game: Game, fact: Fact, states: Ints) -> int | None:
    """The first later period in which the event can happen."""
    for period in range(fact.period, game.periods):
        if period > fact.period and len(_ends(game, period, states, [fact])):
            return period
        states = _ends(game, period, states, [])
    return None


def _together(fact: Fact, period: int) -> Problem:
    return fact.event.place.problem(
        f"cannot have happened along with the other events of period {period}",
        found=said(fact.event),
        allowed="events that one course of the period can bring about",
        advice="correct one of them, or its period",
    )
