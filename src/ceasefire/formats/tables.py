"""How a game and its equilibrium are written as long tables.

states    one row for each state: its number, a column for each variable and condition, and
          the first period that may begin in it
payoffs   one row for each state, party, type and payoff term, and the types of others if it reads
          them
branches  one row for each branch of a node: where it stands, who takes it, how likely chance
          takes it, what it costs the mover, and where it leads
play      one row for each option of each decision that is reached: how likely it is taken
course    one row for each period and state that is reached: how likely it is
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from ceasefire.case import Case
from ceasefire.equilibrium import Equilibrium, propagate_forward
from ceasefire.errors import GameError, Problem, SolveError
from ceasefire.game import NODE_ROLES, Game, GameParameters, game_parameters
from ceasefire.game.graph import CHANCE, DECISION, PeriodGraph
from ceasefire.game.states import Floats

MOST_TABLE_ROWS = 5_000_000
ORDER_DRAW = "shuffle"  # the step at which the order of others is drawn


def to_tables(
    game: Game, world: Mapping[str, float] | None = None, *, max_rows: int = MOST_TABLE_ROWS
) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
    """Write a game in one world as the tables `states`, `payoffs` and `branches`.

    game      the game
    world     {unknown: value}, the best estimates if None
    max_rows  most rows that a table may have

    Returns the tables by name, and a sentence for each thing that is not in them. Raises GameError
    for a larger table.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: 2 * done}}
    ... moves: {act: {by: a, cost: 0.5, set: {done: true}}}
    ... ''')
    >>> tables, _ = to_tables(build(case))
    >>> tables["payoffs"].rows()
    [(0, 'a', None, 'gain', None, 0.0), (1, 'a', None, 'gain', None, 2.0)]
    >>> tables["branches"].select("node", "state", "party", "option", "cost", "to_state").rows()
    [(2, 0, 'a', 'a.act', 0.5, 1), (2, 0, 'a', 'a.pass', 0.0, 0)]
    """
    parameters = game_parameters(game, world)
    _check_table_sizes(game, parameters, max_rows)
    tables = {
        "states": _state_table(game, parameters),
        "payoffs": _payoff_table(game, parameters),
        "branches": _branch_table(game, parameters),
    }
    notes = ["Numbers are those of one world."] if game.case.unknowns else []
    if game.parties_with_types:
        costs = _by_type("cost", "cost", game.most_types)
        notes.append(f"Costs that only one type pays stand in {_columns_in_words(costs)}, by type.")
    if any(graph.tells_by_chance for graph in game.graphs):
        notes.append(
            f"Chances that read a type stand in "
            f"{_columns_in_words(_by_type('chance_first', 'chance', game.most_types))}, by type; "
            "`chance` weighs them by the analyst's prior."
        )
    left = [key for key in ("claims", "events", "sources", "together") if getattr(game.case, key)]
    if left:
        notes.append(f"Not in the tables: {', '.join(left)}.")
    return tables, tuple(notes)


def _by_type(first: str, stem: str, types: int) -> list[str]:
    """The columns of a number that depends on a type, one for each."""
    return [first, *(f"{stem}_{ordinal}" for ordinal in ("second", "third", "fourth")[: types - 1])]


def _columns_in_words(columns: Sequence[str]) -> str:
    *first, last = (f"`{column}`" for column in columns)
    return f"{', '.join(first)} and {last}"


def _check_table_sizes(game: Game, parameters: GameParameters, max_rows: int) -> None:
    """Raise GameError for a table of more rows than allowed."""
    rows = {
        "states": len(game.states),
        "payoffs": sum(v.size for terms in parameters.terms.values() for v in terms.values()),
        "branches": sum(len(graph.successor) for graph in game.graphs),
    }
    for name, count in rows.items():
        if count > max_rows:
            raise GameError(
                [
                    Problem(
                        "a table is too large",
                        game.case.file or None,
                        path=name,
                        found=f"{count:,} rows",
                        allowed=f"{max_rows:,}",
                        help="give the variables fewer values",
                    )
                ]
            )


def _state_table(game: Game, parameters: GameParameters) -> pl.DataFrame:
    first = np.full(len(game.states), -1)
    for period in range(len(game.reached_states) - 1, -1, -1):
        first[game.reached_states[period]] = period
    columns: dict[str, object] = {"state": np.arange(len(game.states))}
    for v, (name, variable) in enumerate(game.case.variables_and_promises.items()):
        values = list(variable.values)
        columns[_free_column_name(name)] = [values[code] for code in game.states[:, v].tolist()]
    for name, condition in game.case.conditions.items():
        columns[_free_column_name(name)] = game.evaluate_in_states(condition, parameters.world)
    columns["first_period"] = [None if period < 0 else period for period in first.tolist()]
    return pl.DataFrame(columns, schema_overrides={"first_period": pl.Int64})


def _free_column_name(name: str) -> str:
    """The name of a variable's column; two names are those of the table itself."""
    return f"{name}_" if name in ("state", "first_period") else name


def _payoff_table(game: Game, parameters: GameParameters) -> pl.DataFrame:
    schema = {
        "state": pl.Int64, "party": pl.String, "type": pl.String, "term": pl.String,
        "others": pl.String, "value": pl.Float64,
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for (party, kind), terms in parameters.terms.items():
        types = game.case.types_known_to(party)
        for term, by_types in terms.items():
            for others, values in _by_types_of_others(game, party, term, by_types).items():
                own = types[kind] if types else None
                same = {"party": party, "type": own, "term": term, "others": others or None}
                part = pl.DataFrame({"state": np.arange(len(values)), "value": values})
                texts = [pl.lit(text, dtype=pl.String).alias(name) for name, text in same.items()]
                parts.append(part.with_columns(texts).select(list(schema)))
    return pl.concat(parts)


def _by_types_of_others(game: Game, party: str, term: str, values: Floats) -> dict[str, Floats]:
    """What a term is worth, by the types of the other parties that it reads."""
    if values.ndim == 1:
        return {"": values}
    parties, found = game.case.parties, dict[str, Floats]()
    read = game.case.payoffs[party][term].parties_told_of
    for types, row in zip(game.type_combinations, values, strict=True):
        named = [f"{p} {list(parties[p].types)[types[p]]}" for p in read if p != party]
        found[", ".join(named)] = row
    return found


def _branch_table(game: Game, parameters: GameParameters) -> pl.DataFrame:
    parts, types = [], game.most_types
    steps, parties = [step.id or ORDER_DRAW for step in game.steps], list(game.parties)
    for graph, filled in zip(game.graphs, parameters.by_graph, strict=True):
        node = np.repeat(np.arange(graph.node_count), np.diff(graph.first_branch))
        decides, drawn = graph.node_kind[node] == DECISION, graph.node_kind[node] == CHANCE
        mover, deal = graph.mover[node], graph.deal[node]
        tells = drawn & (graph.axis[node] >= 0)
        by_type = np.full((len(node), game.most_types), np.nan)
        by_type[tells] = filled.chance_by_type[tells[: len(filled.chance_by_type)]]
        renewed = graph.renewed[node]
        for n in np.flatnonzero(renewed >= 0).tolist():
            prior = parameters.prior[-1, parties.index(game.parties_with_types[renewed[n]])]
            odds = prior / (1.0 - prior) * np.exp(filled.renewal_record[node[n]])
            by_type[n] = odds / (1.0 + odds), 1.0 / (1.0 + odds)
        happens = [" + ".join(sorted(game.labels[n])) or None for n in graph.label.tolist()]
        part = pl.DataFrame(
            {
                "from_period": np.full(len(node), graph.first_period),
                "to_period": np.full(len(node), graph.past_last_period - 1),
                "node": node,
                "step": [steps[k] for k in graph.step[node].tolist()],
                "state": graph.state[node],
                "role": [NODE_ROLES[k] for k in graph.node_role[node].tolist()],
                "party": [
                    parties[m] if m >= 0 else game.parties_with_types[h] if h >= 0 else None
                    for m, h in zip(mover.tolist(), renewed.tolist(), strict=True)
                ],
                "deal": [game.deals[d] if d >= 0 else None for d in deal.tolist()],
                "option": [game.options[n] or None for n in graph.option.tolist()],
                "chance": np.where(drawn, filled.chance, np.nan),
                **dict(zip(_by_type("chance_first", "chance", types), by_type.T, strict=True)),
                "weight": np.where(decides, np.exp(filled.log_weight), np.nan),
                **{
                    column: np.where(decides, filled.cost[:, kind], np.nan)
                    for kind, column in enumerate(_by_type("cost", "cost", types))
                },
                "happens": happens,
                "to_node": graph.successor,
                "to_state": graph.state[graph.successor],
            },
            schema_overrides=dict.fromkeys(("party", "deal", "option", "happens"), pl.String),
        )
        parts.append(part.with_columns(pl.col(pl.Float64).fill_nan(None)))
    return pl.concat(parts)


LEAST_STATE_PROBABILITY = 1e-6
MOST_POLICY_ROWS = 2_000_000
POLICY_SCHEMA = {
    "period": pl.Int64, "node": pl.Int64, "step": pl.String, "state": pl.Int64, "role": pl.String,
    "party": pl.String, "type": pl.String, "deal": pl.String, "option": pl.String,
    "probability": pl.Float64,
}  # fmt: skip


def policy_tables(equilibrium: Equilibrium) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
    """Write an equilibrium as the tables `play` and `course`.

    equilibrium  of the game whose `to_tables` give the numbers of nodes and states

    Returns the tables by name, and a sentence for each thing that is not in them. Raises SolveError
    if `play` has more than two million rows.
    """
    case = equilibrium.game.case
    ends = propagate_forward(equilibrium).state_probability
    rows: list[tuple[object, ...]] = []
    for period in range(case.horizon):
        rows += _policy_rows(
            equilibrium, period, np.flatnonzero(ends[period] >= LEAST_STATE_PROBABILITY)
        )
        if len(rows) > MOST_POLICY_ROWS:
            raise SolveError([_too_many_rows_problem(case, len(rows))])
    periods, states = np.nonzero(ends)
    course = {"period": periods, "state": states, "probability": ends[periods, states]}
    notes = [
        "`node` and `state` are numbers in `branches` and `states`.",
        (
            "`play` leaves out periods that begin in a state less likely than "
            f"{LEAST_STATE_PROBABILITY:g}."
        ),
    ]
    if equilibrium.parties_with_types:
        notes.append(
            "`play` is what parties do as long as nothing tells their types apart; how it changes "
            "with what is believed is not in the tables."
        )
    if case.tail:
        notes.append("The tail is played, and is not in the tables.")
    tables = {
        "play": pl.DataFrame(rows, schema=POLICY_SCHEMA, orient="row"),
        "course": pl.DataFrame(course),
    }
    return tables, tuple(notes)


def _policy_rows(
    equilibrium: Equilibrium, period: int, states: npt.NDArray[np.intp]
) -> Iterator[tuple[object, ...]]:
    game = equilibrium.game
    graph = game.graph_of(period)
    for node in _reachable_nodes(graph, states)[::-1]:
        if graph.node_kind[node] != DECISION:
            continue
        party = game.parties[int(graph.mover[node])]
        types: list[str | None] = [*game.case.types_known_to(party)] or [None]
        deal = int(graph.deal[node])
        branches = range(int(graph.first_branch[node]), int(graph.first_branch[node + 1]))
        where = (
            period, int(node), game.steps[int(graph.step[node])].id, int(graph.state[node]),
            NODE_ROLES[int(graph.node_role[node])], party,
        )  # fmt: skip
        chosen = equilibrium.choice_probabilities(period, int(node), equilibrium.prior_record)
        for kind, row in zip(types, chosen, strict=True):
            for b, probability in zip(branches, row, strict=True):
                named = game.deals[deal] if deal >= 0 else None
                yield (*where, kind, named, game.options[graph.option[b]], float(probability))


def _reachable_nodes(graph: PeriodGraph, states: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The nodes that a period may reach if it begins in one of these states."""
    reached = np.zeros(graph.node_count, dtype=np.bool_)
    ahead = np.unique(graph.step_entry[0, states])
    while len(ahead):
        reached[ahead] = True
        branches = [
            np.arange(graph.first_branch[node], graph.first_branch[node + 1]) for node in ahead
        ]
        following = np.unique(graph.successor[np.concatenate(branches)])
        ahead = following[~reached[following]]
    return np.flatnonzero(reached)


def _too_many_rows_problem(case: Case, rows: int) -> Problem:
    return Problem(
        "the table of what is played is too large",
        case.file or None,
        path="horizon",
        found=f"{rows:,} rows and more",
        allowed=f"{MOST_POLICY_ROWS:,}",
        help="shorten the horizon, or give the variables fewer values",
    )
