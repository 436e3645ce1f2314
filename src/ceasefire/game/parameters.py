"""What are a world's numbers on a game's arrays: chances, costs, weights, payoffs, priors?"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from ceasefire.case import BOUNDED_RANGE_TEXT, LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT, Expression
from ceasefire.case.model import EMPTY_MAPPING
from ceasefire.diagnostics import Diagnostics
from ceasefire.errors import Problem, WorldError
from ceasefire.game.graph import ChanceExpressions, CostExpression, Game, PeriodGraph, UnrolledGame
from ceasefire.game.states import Floats, Ints

PROBABILITY_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class GraphParameters:
    """What one world puts on one graph; K is the most types of a party, at least 2."""

    chance: Floats  # (B,) probability of each chance branch to the analyst, 0 elsewhere
    chance_by_type: Floats  # (B, K) the same by the type of which it tells; (0, K) if none does
    cost: Floats  # (B, K) what the mover of each type pays on a decision's branch
    log_weight: Floats  # (B,)
    payment_by_type: Floats  # (N, R) what each reader pays at a payment
    # (N,) record with which a party begins whose type a node draws anew; (0,) if none does
    renewal_record: Floats


@dataclass(frozen=True, eq=False)
class GameParameters:
    """All numbers of one world, index for index those of the game.

    What payoffs that read the types of other parties are worth stands there once for each of the S
    combinations of types, in the order of `Game.type_combinations`.
    """

    world: Mapping[str, float]
    by_graph: tuple[GraphParameters, ...]
    payoff: Floats  # (X, R) payoff of each reader at a period's end in state x, to the analyst
    payoff_by_types: Floats  # (S, X, R) the same by the types of all; (0, X, R) if none reads them
    patience: Floats  # (P,)
    precision: Floats  # (P,)
    # (P + 1, P, K) who believes what of whose types; the last row the analyst
    prior_by_type: Floats
    # reader -> term -> (X,), or (S, X) if it reads another's type
    terms: Mapping[tuple[str, int], Mapping[str, Floats]]

    @property
    def prior(self) -> Floats:
        """(P + 1, P) who believes what of whose first type; the last row the analyst."""
        return np.ascontiguousarray(self.prior_by_type[:, :, 0])


class _WorldIndependentValues:
    """What is the same in all worlds of a game: what expressions say that read no unknown."""

    def __init__(self, game: Game, unknowns: Collection[str] | None = None) -> None:
        self.states = game.state_table.codes
        self.any_state = self.states[:1]
        self.graphs: dict[int, GraphParameters] = {}
        self._state_table = game.state_table
        self._unknowns = frozenset(game.case.unknowns if unknowns is None else unknowns)
        self._cache: dict[tuple[object, ...], tuple[object, object, Floats]] = {}

    def reads_no_unknown(self, *expressions: Expression) -> bool:
        """Whether none of these expressions reads an unknown."""
        return all(self._unknowns.isdisjoint(expression.names_read) for expression in expressions)

    def evaluate(
        self,
        expression: Expression,
        rows: Ints,
        world: Mapping[str, float],
        kind: int = 0,
        types: Mapping[str, int] = EMPTY_MAPPING,
    ) -> Floats:
        """(n,) an expression in each of these rows, which belong to the game."""
        if not self.reads_no_unknown(expression):
            return self._state_table.evaluate(expression, rows, world, kind, types)
        key = (id(expression), id(rows), kind, *types.values())
        if key not in self._cache:
            values = self._state_table.evaluate(expression, rows, world, kind, types)
            values.flags.writeable = False
            self._cache[key] = (expression, rows, values)  # held, so that no id is used again
        return self._cache[key][2]


_VALUES_OF_GAMES: WeakKeyDictionary[Game, _WorldIndependentValues] = WeakKeyDictionary()


def _values_of_game(game: Game) -> _WorldIndependentValues:
    if game not in _VALUES_OF_GAMES:
        _VALUES_OF_GAMES[game] = _WorldIndependentValues(game)
    return _VALUES_OF_GAMES[game]


class _WorldChecks:
    """Reports the values that are impossible in one world, each expression once."""

    def __init__(self, game: Game, world: Mapping[str, float]) -> None:
        self.game, self.world = game, world
        self.diagnostics = Diagnostics[Expression](WorldError, lambda one: one.location)

    def report_wrong(
        self,
        expression: Expression,
        wrong: npt.NDArray[np.bool_],
        values: Floats,
        rows: npt.NDArray[np.int32] | None,
        allowed: str,
        help: str,
    ) -> None:
        """Report the first state in which an expression's value is wrong."""
        if not wrong.any() or self.diagnostics.is_reported(id(expression)):
            return
        x = int(np.argmax(wrong))
        where = (
            f" in the state {self.game.state_table.describe(rows[x])}" if rows is not None else ""
        )
        drawn = ", ".join(
            f"{name}={self.world[name]:.6g}"
            for name in sorted(expression.names_read & set(self.world))
        )
        self.diagnostics.report(
            expression,
            f"must be {allowed}",
            found=f"{values[x]:.6g}{where}" + (f" with {drawn}" if drawn else ""),
            help=help,
            key=id(expression),
        )


def game_parameters(game: Game, world: Mapping[str, float] | None = None) -> GameParameters:
    """Evaluate every number of a game in one world.

    world  {unknown: value}, the best estimates if None; others keep their best

    Raises WorldError naming each number that is not finite or so large that it may overflow, each
    probability outside [0, 1] or sum of probabilities above 1, with the state and the drawn values.

    >>> from ceasefire.game import build
    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... ending: nothing
    ... parties: {a: {precision: 1}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: done}}
    ... moves: {act: {by: a, set: {done: true}}}
    ... ''')
    >>> game_parameters(build(case)).payoff
    array([[0.],
           [1.]])
    """
    if game.unrolled is not None:
        return _unrolled_parameters(game.unrolled, game_parameters(game.unrolled.game, world))
    full = {**game.case.best_estimates, **(world or {})}
    kept, checks = _values_of_game(game), _WorldChecks(game, full)
    graphs = tuple(_graph_parameters(kept, game, n, full, checks) for n in range(len(game.graphs)))
    terms = _evaluate_payoff_terms(kept, game, full, checks)
    patience, precision, prior = _evaluate_party_parameters(kept, game, full, checks)
    own = prior[-1]
    checks.diagnostics.raise_any()
    payoff, payoff_by_types = _total_payoffs(game, terms, own)
    for graph, filled in zip(game.graphs, graphs, strict=True):
        _weigh_chances_by_prior(game, graph, filled, own)
        _fill_renewal_records(kept, game, graph, full, checks, filled, own[:, 0])
    checks.diagnostics.raise_any()
    return GameParameters(full, graphs, payoff, payoff_by_types, patience, precision, prior, terms)


class NumberChecks:
    """Checks the numbers of a game where one unknown moves away from best, and only those it moves.

    game  its numbers at the best estimates are possible
    """

    def __init__(self, game: Game) -> None:
        self.game, self._scratch = game, dict[int, GraphParameters]()

    def find_wrong(self, name: str, value: float) -> tuple[Problem, ...]:
        """What is impossible with this unknown at a value and all others at best.

        Every number is evaluated that reads the unknown, in every state, and no other.
        """
        game, moving = self.game, _WorldIndependentValues(self.game, (name,))
        world = {**game.case.best_estimates, name: value}
        checks = _WorldChecks(game, world)
        for number, graph in enumerate(game.graphs):
            if _reads_any(graph, moving):
                into = self._room(number)
                _fill_graph_parameters(moving, game, graph, world, checks, into, constant=False)
        terms = {
            party: {term: e for term, e in own.items() if not moving.reads_no_unknown(e)}
            for party, own in game.case.payoffs.items()
        }
        _evaluate_payoff_terms(moving, game, world, checks, terms)
        prior = _evaluate_party_parameters(moving, game, world, checks)[2][-1]
        for number, graph in enumerate(game.graphs):
            if graph.renewal_expressions:
                into = self._room(number)
                _fill_renewal_records(moving, game, graph, world, checks, into, prior[:, 0])
        return tuple(checks.diagnostics.sort(checks.diagnostics.problems))

    def _room(self, number: int) -> GraphParameters:
        """Room for the numbers of a graph, which nobody reads."""
        if number not in self._scratch:
            self._scratch[number] = _empty_parameters(self.game, self.game.graphs[number])
        return self._scratch[number]


def _reads_any(graph: PeriodGraph, moving: _WorldIndependentValues) -> bool:
    """Whether a number of a graph reads what moves."""
    return not moving.reads_no_unknown(
        *(charge.expression for charge in graph.cost_expressions),
        *(charge.expression for charge in graph.payment_expressions),
        *(option.expression for option in graph.weight_expressions),
        *(one for fill in graph.chance_expressions for one in fill.expressions),
    )


def _empty_parameters(game: Game, graph: PeriodGraph) -> GraphParameters:
    """Room for the numbers of a graph."""
    return GraphParameters(
        chance=graph.fixed_chance.copy(),
        chance_by_type=np.zeros(
            (len(graph.successor) if graph.tells_by_chance else 0, game.most_types)
        ),
        cost=np.zeros((len(graph.successor), game.most_types)),
        log_weight=np.zeros(len(graph.successor)),
        payment_by_type=np.zeros((graph.node_count, len(game.player_types))),
        renewal_record=np.zeros(graph.node_count if graph.renewal_expressions else 0),
    )


def _total_payoffs(
    game: Game, terms: Mapping[tuple[str, int], Mapping[str, Floats]], prior: Floats
) -> tuple[Floats, Floats]:
    """The sums of the terms (X, R), and (S, X, R) where one reads another's type.

    prior (P, K)   the analyst's probability of each type
    """
    payoff = np.zeros((len(game.states), len(game.player_types)))
    every = [values for found in terms.values() for values in found.values()]
    combinations = game.type_combinations if any(v.ndim == 2 for v in every) else ()
    by_types = np.zeros((len(combinations), *payoff.shape))
    for r, reader in enumerate(game.player_types):
        for values in terms[reader].values():
            if values.ndim == 1:
                payoff[:, r] += values
            if len(by_types):
                by_types[:, :, r] += values
    if len(by_types):
        weights = weights_of_type_combinations(prior_of_hidden_types(game, prior))
        payoff = np.tensordot(weights, by_types, axes=1)
    return payoff, by_types


def prior_of_hidden_types(game: Game, prior: Floats) -> list[Floats]:
    """(K,) probability of each type of each party with types.

    prior (P, K)   of all parties, by one observer
    """
    hidden = [(game.parties.index(party), party) for party in game.parties_with_types]
    return [prior[p, : len(game.case.parties[party].types)] for p, party in hidden]


def weights_of_type_combinations(by_type: Sequence[Floats]) -> Floats:
    """(S, …) probability of each combination of types, from that of each party's types (K, …).

    >>> weights_of_type_combinations([np.array([0.25, 0.75]), np.array([0.5, 0.5])]).tolist()
    [0.125, 0.125, 0.375, 0.375]
    """
    weights = np.ones((1, *(by_type[0].shape[1:] if by_type else ())))
    for each in by_type:
        weights = (weights[:, None] * each).reshape(-1, *each.shape[1:])
    return weights


def _unrolled_parameters(unrolled: UnrolledGame, built: GameParameters) -> GameParameters:
    """The same numbers on the arrays of the unrolled game."""
    graphs = []
    for period, (node, branch) in enumerate(zip(unrolled.node, unrolled.branch, strict=True)):
        same = built.by_graph[unrolled.game.graph_index(period)]
        graphs.append(
            GraphParameters(
                chance=same.chance[branch],
                chance_by_type=same.chance_by_type[branch if len(same.chance_by_type) else []],
                cost=same.cost[branch],
                log_weight=same.log_weight[branch],
                payment_by_type=same.payment_by_type[node],
                renewal_record=same.renewal_record,
            )
        )
    terms = {
        reader: {name: values[..., unrolled.state] for name, values in own.items()}
        for reader, own in built.terms.items()
    }
    return replace(
        built,
        by_graph=tuple(graphs),
        payoff=built.payoff[unrolled.state],
        payoff_by_types=built.payoff_by_types[:, unrolled.state],
        terms=terms,
    )


def _graph_parameters(
    constants: _WorldIndependentValues,
    game: Game,
    number: int,
    world: Mapping[str, float],
    checks: _WorldChecks,
) -> GraphParameters:
    """The numbers of a graph; what no unknown touches is worked out once."""
    graph = game.graphs[number]
    if number not in constants.graphs:
        empty = _empty_parameters(game, graph)
        own = _WorldChecks(game, world)
        _fill_graph_parameters(constants, game, graph, world, own, empty, constant=True)
        checks.diagnostics.merge(own.diagnostics)
        if own.diagnostics.problems:
            _fill_graph_parameters(constants, game, graph, world, checks, empty, constant=False)
            return empty
        constants.graphs[number] = empty
    same = constants.graphs[number]
    filled = GraphParameters(
        same.chance.copy(),
        same.chance_by_type.copy(),
        same.cost.copy(),
        same.log_weight.copy(),
        same.payment_by_type.copy(),
        same.renewal_record.copy(),
    )
    _fill_graph_parameters(constants, game, graph, world, checks, filled, constant=False)
    return filled


def _weigh_chances_by_prior(
    game: Game, graph: PeriodGraph, filled: GraphParameters, prior: Floats
) -> None:
    """Fill in the analyst's chances of what tells of a type; prior (P, K) of each type."""
    for fill in graph.chance_expressions:
        if fill.party:
            branches = fill.branches[fill.branches >= 0]
            of_types = prior[game.parties.index(fill.party)]
            filled.chance[branches] = filled.chance_by_type[branches] @ of_types


def _fill_renewal_records(
    constants: _WorldIndependentValues,
    game: Game,
    graph: PeriodGraph,
    world: Mapping[str, float],
    checks: _WorldChecks,
    into: GraphParameters,
    prior: Floats,
) -> None:
    """Where a type is drawn anew, the record at which the analyst believes what is said of it.

    prior (P,)   the analyst's probability of each first type beforehand
    """
    for renewal in graph.renewal_expressions:
        likely = _evaluate_prior(constants, renewal.types, world, checks)[0]
        before = prior[game.parties.index(renewal.party)]
        into.renewal_record[renewal.slots] = _log_odds(likely) - _log_odds(before)


def _log_odds(probability: float) -> float:
    """Log odds of a probability."""
    return float(np.log(probability) - np.log1p(-probability))


def _fill_graph_parameters(
    constants: _WorldIndependentValues,
    game: Game,
    graph: PeriodGraph,
    world: Mapping[str, float],
    checks: _WorldChecks,
    into: GraphParameters,
    *,
    constant: bool,
) -> None:
    """Put the numbers that read no unknown, or those that do, into their places."""
    for fill in graph.chance_expressions:
        if constants.reads_no_unknown(*fill.expressions) is constant:
            types = len(game.case.parties[fill.party].types) if fill.party else 0
            by_type = into.chance_by_type.T[:types] if fill.party else (into.chance,)
            for kind, chance in enumerate(by_type):
                _fill_chances(constants, fill, world, checks, chance, kind)
    for charge in graph.cost_expressions:
        if constants.reads_no_unknown(charge.expression) is constant:
            for kind in range(max(2, len(game.case.types_known_to(charge.party)))):
                values = _evaluate_cost(constants, charge, world, kind, checks)
                np.add.at(into.cost[:, kind], charge.targets, values)
    for charge in graph.payment_expressions:
        if constants.reads_no_unknown(charge.expression) is constant:
            for r, (party, kind) in enumerate(game.player_types):
                if charge.party == party:
                    values = _evaluate_cost(constants, charge, world, kind, checks)
                    np.add.at(into.payment_by_type[:, r], charge.targets, values)
    for option in graph.weight_expressions:
        if constants.reads_no_unknown(option.expression) is constant:
            weight = _evaluate_scalar(constants, option.expression, world, checks, "weight")
            into.log_weight[option.branches] = np.log(weight)


def _fill_chances(
    constants: _WorldIndependentValues,
    fill: ChanceExpressions,
    world: Mapping[str, float],
    checks: _WorldChecks,
    chance: Floats,
    kind: int = 0,
) -> None:
    left = np.ones(len(fill.state_codes))
    for m, expression in enumerate(fill.expressions):
        values = constants.evaluate(expression, fill.state_codes, world, kind)
        _check_probability(checks, expression, values, fill.state_codes)
        checks.report_wrong(
            expression,
            fill.forbidden[:, m] & (values > 0),
            values,
            fill.state_codes,
            "0 where the outcome would take a variable outside its values",
            "keep the value in range with min(…) or max(…)",
        )
        left = left - values
        used = fill.branches[:, m] >= 0
        chance[fill.branches[used, m]] = values[used]
    checks.report_wrong(
        fill.expressions[-1],
        ~(left >= -PROBABILITY_TOLERANCE),
        1.0 - left,
        fill.state_codes,
        "outcomes whose chances sum to at most 1",
        "lower one of the chances",
    )
    used = fill.branches[:, -1] >= 0
    chance[fill.branches[used, -1]] = np.maximum(left[used], 0.0)


def _evaluate_cost(
    constants: _WorldIndependentValues,
    charge: CostExpression,
    world: Mapping[str, float],
    kind: int,
    checks: _WorldChecks,
) -> Floats:
    values = constants.evaluate(charge.expression, charge.state_codes, world, kind)
    _check_finite(checks, charge.expression, values, charge.state_codes)
    return values


def _evaluate_payoff_terms(
    constants: _WorldIndependentValues,
    game: Game,
    world: Mapping[str, float],
    checks: _WorldChecks,
    payoffs: Mapping[str, Mapping[str, Expression]] | None = None,
) -> dict[tuple[str, int], dict[str, Floats]]:
    """Every term of every reader in every state; of `payoffs`, those of the case if None."""
    terms: dict[tuple[str, int], dict[str, Floats]] = {}
    payoffs = game.case.payoffs if payoffs is None else payoffs
    for party, kind in game.player_types:
        terms[party, kind] = {}
        for name, expression in payoffs.get(party, {}).items():
            known = dict.fromkeys((party, game.case.party_known_to(party)), kind)
            others = [told for told in expression.parties_told_of if told not in known]
            combinations = game.type_combinations if others else (EMPTY_MAPPING,)
            by_types = [
                constants.evaluate(expression, constants.states, world, kind, {**types, **known})
                for types in combinations
            ]
            for values in by_types:
                _check_finite(checks, expression, values, constants.states)
            terms[party, kind][name] = np.stack(by_types) if others else by_types[0]
    return terms


def _evaluate_party_parameters(
    constants: _WorldIndependentValues,
    game: Game,
    world: Mapping[str, float],
    checks: _WorldChecks,
) -> tuple[Floats, Floats, Floats]:
    case = game.case
    patience = np.array(
        [
            _evaluate_scalar(constants, p.patience, world, checks, "patience")
            for p in case.parties.values()
        ]
    )
    precision = np.array(
        [
            _evaluate_scalar(constants, p.precision, world, checks, "precision")
            for p in case.parties.values()
        ]
    )
    prior = np.zeros((len(case.parties) + 1, len(case.parties), game.most_types))
    prior[:, :, :2] = 0.5
    for h, (_, party) in enumerate(case.parties.items()):
        if not party.types:
            continue
        count = len(party.types)
        prior[:, h, :count] = _evaluate_prior(constants, party.types, world, checks)
        for observer, believed in party.believed_by.items():
            prior[list(case.parties).index(observer), h, :count] = _evaluate_prior(
                constants, {kind: believed[kind] for kind in party.types}, world, checks
            )
    return patience, precision, prior


def _evaluate_prior(
    constants: _WorldIndependentValues,
    types: Mapping[str, Expression],
    world: Mapping[str, float],
    checks: _WorldChecks,
) -> list[float]:
    """How likely each type is; the last is what the others leave."""
    values = [_evaluate_scalar(constants, p, world, checks, "prior") for p in types.values()]
    last = list(types.values())[-1]
    total = np.array([sum(values)])
    wrong = ~(np.abs(total - 1.0) <= 1e-6)
    way_out = "write one as 1 - the other" if len(values) == 2 else "write one as 1 - the others"
    checks.report_wrong(last, wrong, total, None, "priors that sum to 1", way_out)
    if not total[0] > 0:
        return [1.0 / len(values)] * len(values)
    if len(values) == 2:
        first = float(values[0] / total[0])
        return [first, 1.0 - first]
    return [float(value / total[0]) for value in values]


_PARAMETER_RANGES: Mapping[str, tuple[Callable[[float], bool], str, float]] = {
    "patience": (lambda v: 0 <= v < 1, "0 or more and below 1", 0.5),
    "precision": (lambda v: 0 < v <= LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT, 1.0),
    "weight": (lambda v: 0 < v <= LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT, 1.0),
    "prior": (lambda v: 0 < v < 1, "above 0 and below 1", 0.5),
}


def _evaluate_scalar(
    constants: _WorldIndependentValues,
    expression: Expression,
    world: Mapping[str, float],
    checks: _WorldChecks,
    role: str,
) -> float:
    values = constants.evaluate(expression, constants.any_state, world)
    fine, allowed, instead = _PARAMETER_RANGES[role]
    wrong = np.array([not fine(float(values[0]))])
    help = "change the number, or the range of the unknowns in it"
    checks.report_wrong(expression, wrong, values, None, allowed, help)
    return float(instead if wrong[0] else values[0])


def _check_probability(
    checks: _WorldChecks, expression: Expression, values: Floats, rows: npt.NDArray[np.int32]
) -> None:
    wrong = ~((values >= -PROBABILITY_TOLERANCE) & (values <= 1 + PROBABILITY_TOLERANCE))
    help = "narrow the range of the unknowns in it, or bound it with min(…) and max(…)"
    checks.report_wrong(expression, wrong, values, rows, "a probability from 0 to 1", help)


def _check_finite(
    checks: _WorldChecks, expression: Expression, values: Floats, rows: npt.NDArray[np.int32]
) -> None:
    help = "guard the division, root or power, as in `1 / x if x > 0 else 0`"
    checks.report_wrong(expression, ~np.isfinite(values), values, rows, "a finite number", help)
    large = np.abs(values) > LARGEST_MAGNITUDE
    checks.report_wrong(expression, large, values, rows, BOUNDED_RANGE_TEXT, "choose a larger unit")
