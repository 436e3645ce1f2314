"""How a case is played, in long tables: what everyone does, and where that leads.

play    one row for each period, node, type and option: the probability that a party of this
        type takes it there, nothing having been seen that tells types apart
course  one row for each period and state: the probability that the period begins in it, as
        the analyst sees it; the last period is the end
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from ceasefire.case import Case
from ceasefire.errors import Problem, SolveError
from ceasefire.game import ROLES
from ceasefire.game.model import DECISION, Graph
from ceasefire.solve import Play, trace

LEAST_LIKELY = 1e-6
MOST_ROWS = 2_000_000
SCHEMA = {
    "period": pl.Int64, "node": pl.Int64, "step": pl.String, "state": pl.Int64, "role": pl.String,
    "party": pl.String, "type": pl.String, "deal": pl.String, "option": pl.String,
    "probability": pl.Float64,
}  # fmt: skip


def played(play: Play) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
    """The tables by name, and what is not in them.

    Raises SolveError if play has more than two million rows.
    """
    case = play.game.case
    ends = trace(play).ends
    rows: list[tuple[object, ...]] = []
    for period in range(case.horizon):
        rows += _period(play, period, np.flatnonzero(ends[period] >= LEAST_LIKELY))
        if len(rows) > MOST_ROWS:
            raise SolveError([_too_many(case, len(rows))])
    when, where = np.nonzero(ends)
    course = {"period": when, "state": where, "probability": ends[when, where]}
    notes = [
        "`node` and `state` are numbers in `branches` and `states`.",
        f"`play` leaves out periods that begin in a state less likely than {LEAST_LIKELY:g}.",
    ]
    if play.hidden:
        notes.append(
            "`play` is what parties do as long as nothing tells their types apart; how it changes "
            "with what is believed is not in the tables."
        )
    if case.tail:
        notes.append("The tail is played, and is not in the tables.")
    tables = {
        "play": pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        "course": pl.DataFrame(course),
    }
    return tables, tuple(notes)


def _period(play: Play, period: int, states: npt.NDArray[np.intp]) -> Iterator[tuple[object, ...]]:
    game = play.game
    graph = game.graph_of(period)
    for slot in _met(graph, states)[::-1]:
        if graph.kind[slot] != DECISION:
            continue
        party = game.parties[int(graph.mover[slot])]
        types: list[str | None] = [*game.case.parties[party].types] or [None]
        deal = int(graph.deal[slot])
        branches = range(int(graph.first[slot]), int(graph.first[slot + 1]))
        where = (
            period, int(slot), game.case.order[int(graph.step[slot])].id, int(graph.state[slot]),
            ROLES[int(graph.role[slot])], party,
        )  # fmt: skip
        chosen = play.policy(period, int(slot), play.prior_record)
        for kind, row in zip(types, chosen, strict=True):
            for b, probability in zip(branches, row, strict=True):
                named = game.deals[deal] if deal >= 0 else None
                yield (*where, kind, named, game.options[graph.option[b]], float(probability))


def _met(graph: Graph, states: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The nodes that a period may meet if it begins in one of these states."""
    met = np.zeros(graph.nodes, dtype=np.bool_)
    ahead = np.unique(graph.entry[0, states])
    while len(ahead):
        met[ahead] = True
        branches = [np.arange(graph.first[slot], graph.first[slot + 1]) for slot in ahead]
        following = np.unique(graph.successor[np.concatenate(branches)])
        ahead = following[~met[following]]
    return np.flatnonzero(met)


def _too_many(case: Case, rows: int) -> Problem:
    return Problem(
        "the table of what is played is too large",
        case.file or None,
        path="horizon",
        found=f"{rows:,} rows and more",
        allowed=f"{MOST_ROWS:,}",
        help="shorten the horizon, or give the variables fewer values",
    )
