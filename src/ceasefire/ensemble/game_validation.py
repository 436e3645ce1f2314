"""What is wrong with a case that its text does not show: numbers impossible in some state.

The game is built and its numbers are worked out at `best`, and with each unknown in turn at the
ends of its range, or at each value it may take, the others at best. What goes wrong only when
several unknowns are extreme together is found in the world that draws it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Expression, Step, Unknown
from ceasefire.equilibrium import (
    BranchConstraints,
    Equilibrium,
    propagate_forward,
    types_known_by_movers,
)
from ceasefire.errors import Problem, SolveError, WorldError
from ceasefire.game import NODE_ROLES, Game, NumberChecks, build, game_parameters
from ceasefire.game.parameters import prior_of_hidden_types, weights_of_type_combinations
from ceasefire.game.states import Floats, Ints, assign_variables
from ceasefire.query import read_question
from ceasefire.query.decisions import MIN_CHOICE_PROBABILITY, PathExplorer, PlayPath
from ceasefire.query.evaluator import Evaluator
from ceasefire.query.expectations import WorldSolution
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings

NEGLIGIBLE_PAYOFF = 1e-9  # a period
RANGE_END_INDICES = {"range": (0, 1), "triangle": (0, 2), "experts": (0, 1)}


def find_impossible_numbers(game: Game) -> tuple[Problem, ...]:
    """Every number of a game that some state makes impossible, each expression once."""
    found: dict[tuple[object, ...], Problem] = {}

    def take_in(problems: Iterable[Problem]) -> None:
        for problem in problems:
            key = (problem.path, problem.line, problem.column, problem.allowed)
            found.setdefault(key, problem)

    try:
        game_parameters(game)
    except WorldError as error:
        take_in(error.problems)
    checks = NumberChecks(game)
    for name, unknown in game.case.unknowns.items():
        for value in _extreme_values(unknown):
            take_in(checks.find_wrong(name, value))
    return tuple(found.values())


def _extreme_values(unknown: Unknown) -> tuple[float, ...]:
    if unknown.kind == "oneof":
        return unknown.parameters
    return tuple(unknown.parameters[end] for end in RANGE_END_INDICES.get(unknown.kind or "", ()))


def build_validated_game(case: Case, settings: SolveSettings = DEFAULT_SETTINGS) -> Game:
    """Build the game of a case and check all its numbers.

    Raises GameError for a state outside its values or a game too large, WorldError with every
    number that is impossible.
    """
    game = build(case, memory=settings.memory)
    if problems := find_impossible_numbers(game):
        raise WorldError(problems)
    return game


def find_costless_actions(game: Game) -> tuple[str, ...]:
    """Moves and deals that neither cost nor change anything, whatever the type: words.

    What is done for nothing shows a type only through the mistakes that noise makes. A move that
    stands in for `pass`, where a step lists the moves and no other of them is free, is no words:
    it is how a party acquiesces.
    """
    case, free = game.case, []
    forbidden = {
        move for promise in case.promises.values() for move in (*promise.forbids, *promise.owes)
    }
    for key, move in case.moves.items():
        changes = move.set or move.outcomes or move.promises or move.releases or move.renews
        if not (changes or key in forbidden) and _is_costless(game, move.party, move.cost):
            free.append(key)
    for table, rules in case.tables.items():
        for name, deal in rules.deals.items():
            changes = deal.set or deal.outcomes or deal.promises or deal.releases or deal.renews
            if not changes and all(_is_costless(game, p, cost) for p, cost in deal.cost.items()):
                free.append(f"{table}.{name}")
    acquiescence = _moves_in_place_of_pass(case, free)
    return tuple(name for name in free if name not in acquiescence)


def _moves_in_place_of_pass(case: Case, free: Sequence[str]) -> set[str]:
    """Costless moves that only steps offer which list them beside moves that are not costless."""
    found: set[str] = set()
    for key in set(free) & set(case.moves):
        move = case.moves[key]
        steps = [step for step in case.order if step.kind == "party" and step.id == move.party]
        offering = [step for step in steps if step.only is None or move.name in step.only]
        if offering and all(
            step.only is not None and len(step.only) > 1 and _costless_in(case, step, free) == 1
            for step in offering
        ):
            found.add(key)
    return found


def _costless_in(case: Case, step: Step, free: Sequence[str]) -> int:
    keys = (key for key, move in case.moves.items() if move.party == step.id)
    return sum(key in free and case.moves[key].name in (step.only or ()) for key in keys)


def _is_costless(game: Game, party: str, cost: Expression) -> bool:
    known = (len(game.case.types_known_to(each)) for each in game.case.holders_of(party))
    kinds = range(max(1, *known))
    worth = [
        game.state_table.evaluate(cost, game.states, game.case.best_estimates, kind)
        for kind in kinds
    ]
    return not np.any(worth)


def describe_precisions(case: Case, stake: float = 0.5) -> tuple[str, ...]:
    """What each precision means: how often a stake is followed.

    The worse of two options that differ by `stake` is taken once in 1 + exp(precision * stake)
    choices: with 20 and 0.5 that is 22,027.
    """
    said: dict[float, list[str]] = {}
    for name, party in case.parties.items():
        precision = float(_evaluate_at_best(case, party.precision))
        said.setdefault(precision, []).append(name)
    return tuple(
        f"precision {precision:g} ({', '.join(names)}): a stake of {stake:g} is followed in all "
        f"but 1 of {_round_to_two_digits(1.0 + float(np.exp(min(precision * stake, 50.0))))} "
        "choices"
        for precision, names in said.items()
    )


def _evaluate_at_best(case: Case, expression: Expression) -> float:
    from ceasefire.case import evaluate

    return float(evaluate(expression, case.best_estimates, case.conditions, 1)[0])


def _round_to_two_digits(count: float) -> str:
    """Two digits that matter: 22,000."""
    if count >= 1e9:
        return "more than a thousand million"
    size = 10 ** max(0, int(np.log10(count)) - 1)
    return f"{round(count / size) * size:,}" if count >= 10 else f"{count:.1f}"


MIN_MISTAKE_PROBABILITY = 0.2
BEST_OPTION_TOLERANCE = 1e-9


def find_likely_mistakes(
    solution: WorldSolution, *, min_probability: float = MIN_MISTAKE_PROBABILITY
) -> dict[str, float]:
    """Moves and deals that are nowhere the best and yet happen, with their probability.

    solution         the game solved at the best estimates
    min_probability  the probability from which a mistake is worth a word
    """
    game, evaluator = solution.game, Evaluator(solution)
    best = find_options_ever_best(solution.equilibrium)
    found = {}
    for name in sorted((set(game.case.moves) | set(game.deals)) - best):
        (quantity,) = read_question(game.case, f"P(eventually(happens({name})))").quantities
        value = evaluator.value_of(quantity).value
        if value is not None and value > min_probability:
            found[name] = value
    return found


def find_options_ever_best(equilibrium: Equilibrium) -> set[str]:
    """Names of the moves and offers that are the best in some decision of some period."""
    found: set[str] = set()
    for period in range(equilibrium.game.case.horizon):
        found |= _best_options_of_period(equilibrium, period)
    return found


def _best_options_of_period(equilibrium: Equilibrium, period: int) -> set[str]:
    game = equilibrium.game
    graph = game.graphs[game.graph_index(period)]
    roles = (NODE_ROLES.index("move"), NODE_ROLES.index("offer"))
    found: set[str] = set()
    for slots, score in _choice_scores(equilibrium, period, roles):
        branches = graph.first_branch[slots][:, None] + np.arange(score.shape[2])
        most = score.max(axis=2, keepdims=True)
        best = ((score >= most * (1.0 - BEST_OPTION_TOLERANCE)) & (most > 0)).any(axis=(1, 3))
        found |= {game.options[option] for option in np.unique(graph.option[branches][best])}
    return found


def _choice_scores(
    equilibrium: Equilibrium, period: int, roles: Sequence[int]
) -> Iterator[tuple[npt.NDArray[np.intp], Floats]]:
    """Decisions (n,) of these kinds that offer equally much, and how good each option is there.

    The score (n, types, options, belief nodes) is the probability over the weight: equal where
    options are worth the same.
    """
    game, number = equilibrium.game, equilibrium.game.graph_index(period)
    graph, lanes = game.graphs[number], equilibrium.belief_grid.point_count
    log_weight = equilibrium.parameters.by_graph[number].log_weight
    choosing = np.isin(graph.node_role, roles)
    counts = np.diff(graph.first_branch)
    known = types_known_by_movers(graph, game)
    for types in np.unique(known[choosing]).tolist():
        owns = known == types
        for count in np.unique(counts[choosing & owns]):
            slots = np.flatnonzero(choosing & owns & (counts == count))
            size = types * int(count) * lanes
            places = equilibrium.policy_offsets[number][slots][:, None] + np.arange(size)
            chosen = equilibrium.policies[period][places].reshape(len(slots), types, count, lanes)
            branches = graph.first_branch[slots][:, None] + np.arange(count)
            lightest = log_weight[branches].min(axis=1, keepdims=True)  # so that nothing overflows
            yield slots, chosen * np.exp(lightest - log_weight[branches])[:, None, :, None]


def find_indifferent_proposers(equilibrium: Equilibrium) -> tuple[tuple[str, str], ...]:
    """Parties to whom no offer at a table makes any difference, with the table: (party, table).

    equilibrium  the solution at the best estimates

    Such a party offers each deal, and none, as often as the weights say: it proposes at random,
    and each deal that nobody wants delays the one that somebody does. Where the file writes the
    weight of a deal at that table, this is taken to be meant.
    """
    game = equilibrium.game
    tables = list(game.case.tables)
    table_of_option = np.array(
        [tables.index(name.split(".")[0]) if name in game.deals else -1 for name in game.options],
        dtype=np.int64,
    )
    indifferent: dict[tuple[int, int], bool] = {}
    for period in range(game.case.horizon):
        graph = game.graphs[game.graph_index(period)]
        for slots, score in _choice_scores(equilibrium, period, (NODE_ROLES.index("offer"),)):
            branches = graph.first_branch[slots][:, None] + np.arange(score.shape[2])
            offered_at = table_of_option[graph.option[branches]].max(axis=1)
            least, most = score.min(axis=(1, 2, 3)), score.max(axis=(1, 2, 3))
            matters = (most > 0) & (least <= most * (1.0 - BEST_OPTION_TOLERANCE))
            found = np.stack([graph.mover[slots], offered_at, matters], axis=1)
            for mover, table, matter in np.unique(found, axis=0).tolist():
                key = (mover, table)
                indifferent[key] = indifferent.get(key, True) and not matter
    meant = {
        name
        for name, rules in game.case.tables.items()
        if any(deal.weight.line is not None for deal in rules.deals.values())
    }
    return tuple(
        (game.parties[mover], tables[table])
        for (mover, table), alike in indifferent.items()
        if alike and table >= 0 and tables[table] not in meant
    )


@dataclass(frozen=True)
class ScatteredOffers:
    """Offers at a table among which the proposer's best is seldom made, each nearly as good.

    party        who proposes, as a `type` if it has types
    best         the best offer
    probability  how likely it is made, with those that are exactly as good
    count        how many choices there are, that of no offer included
    loss         payoff that the party forgoes on average by making others
    state        a state in which it is so
    """

    table: str
    party: str
    type: str | None
    best: str
    probability: float
    count: int
    loss: float
    state: str


LEAST_SCATTERED_OFFERS = 5
MOST_LIKELY_SCATTERED = 0.5
LEAST_LOSS_SHARE = 0.02  # of the difference between the best and the worst offer
VISITED_STATE_PROBABILITY = 0.1


def find_scattered_offers(equilibrium: Equilibrium) -> tuple[ScatteredOffers, ...]:
    """The tables at which noise spreads a proposer's offers, the most scattered case of each.

    equilibrium  the solution at the best estimates

    Looked at is every table in each state in which a period begins with probability 0.1 or more,
    the first time that it does, where at least five choices are possible. Offers that are exactly
    as good as the best count as the best, and what is lost by making others must be at least 2 %
    of the difference between the best and the worst.
    """
    game, walker = equilibrium.game, PathExplorer(equilibrium, {})
    likely = propagate_forward(equilibrium).state_probability
    found: dict[tuple[str, str], ScatteredOffers] = {}
    seen: set[tuple[int, int]] = set()
    for period in range(game.case.horizon):
        for state in np.flatnonzero(likely[period] >= VISITED_STATE_PROBABILITY).tolist():
            if (key := (game.graph_index(period), state)) in seen:
                continue
            seen.add(key)
            for path in _offers_in(walker, period, state):
                for scattered in _scattered_at(equilibrium, walker, path, state):
                    table = (scattered.table, scattered.party)
                    known = found.get(table)
                    if known is None or scattered.probability < known.probability:
                        found[table] = scattered
    return tuple(found.values())


def _offers_in(walker: PathExplorer, period: int, state: int) -> Iterator[PlayPath]:
    """Where offers are made in a period that begins in a state, as far as the state lasts."""
    graph = walker.game.graph_of(period)
    for step in range(len(walker.game.steps)):
        slot = int(graph.step_entry[step, state])
        if slot >= 0 and graph.step[slot] == step:
            yield from walker.possible_offers(walker.path_from(period, slot))


def _scattered_at(
    equilibrium: Equilibrium, walker: PathExplorer, path: PlayPath, state: int
) -> Iterator[ScatteredOffers]:
    """Each type of a proposer whose best offer is made less often than not."""
    game, options = equilibrium.game, walker.branch_of_option(path)
    party = walker.mover(path)
    if len(options) < LEAST_SCATTERED_OFFERS:
        return
    try:
        policy = walker.choice_probabilities(path)
    except SolveError:
        return  # play does not come to this step in this state
    log_weight = equilibrium.parameters.by_graph[game.graph_index(path.period)].log_weight
    weight = log_weight[list(options.values())]
    precision = float(equilibrium.parameters.precision[game.parties.index(party)])
    types: list[str | None] = [*game.case.types_known_to(party)] or [None]
    for own, chosen in zip(types, policy, strict=True):
        value = (np.log(np.maximum(chosen, MIN_CHOICE_PROBABILITY)) - weight) / (
            precision * equilibrium.precision_factor
        )
        lost = value.max() - value
        best = lost <= BEST_OPTION_TOLERANCE
        probability = float(chosen[best].sum())
        if probability < MOST_LIKELY_SCATTERED and chosen @ lost > LEAST_LOSS_SHARE * lost.max():
            name = list(options)[int(value.argmax())]
            yield ScatteredOffers(
                name.split(".")[0], party, own, name, probability, len(options),
                float(chosen @ lost), game.describe(state),
            )  # fmt: skip


def find_suspect_actions(solution: WorldSolution) -> dict[str, str]:
    """What may be a slip in a game, by the move or deal: gestures, and mistakes that are likely.

    solution  the game solved at the best estimates
    """
    free = dict.fromkeys(
        find_costless_actions(solution.game),
        "a gesture without cost or effect for any type: it can show a type only by mistake",
    )
    for name, probability in find_likely_mistakes(solution).items():
        said = f"is nowhere the best, and yet happens with probability {probability:.2f}"
        free[name] = f"{free[name]}; it {said}" if name in free else said
    return free


@dataclass(frozen=True)
class FrozenChange:
    """What chance would change a period after the last, though it is paid for ever.

    chance    what would change it
    variable  the variable that would change
    party     who is paid most for the difference, so much a period `before` and `after`
    state     a state in which play may end
    """

    chance: str
    variable: str
    party: str
    before: float
    after: float
    state: str


def find_frozen_changes(game: Game) -> tuple[FrozenChange, ...]:
    """Last states that `ending: lasts` pays for ever, though chance is certain to change them.

    game  the game at the best estimates

    Looked at is what each chance that is not bound to a period does for certain where it is
    possible in a state in which play may end; one finding for each chance and variable.
    """
    case, table = game.case, game.state_table
    if case.ending != "lasts":
        return ()
    graph = game.graph_of(game.periods - 1)
    met = BranchConstraints.unconstrained(graph).reached_nodes(graph, game.reached_states[-1])
    ends = np.flatnonzero(met[: len(game.states), 0])
    taking_place = {step.id for step in case.order if step.kind == "chance"}
    found: dict[tuple[str, str], FrozenChange] = {}
    for name, chance in case.chance.items():
        if name not in taking_place or chance.during is not None or not chance.set:
            continue
        rows = table.codes[ends]
        rows = rows[table.evaluate(chance.when, rows, case.best_estimates) != 0]
        changed, _ = assign_variables(table, chance.set, rows)
        rows, changed = (each[(changed >= 0).all(axis=1)] for each in (rows, changed))
        for variable in chance.set:
            alone = rows.copy()
            alone[:, table.names.index(variable)] = changed[:, table.names.index(variable)]
            finding = _largest_difference(game, name, variable, rows, alone)
            if finding is not None:
                found[name, variable] = finding
    return tuple(found.values())


def _largest_difference(
    game: Game, chance: str, variable: str, rows: Ints, changed: Ints
) -> FrozenChange | None:
    """The state and party for which a change matters most; None if it does for nobody."""
    best: tuple[float, FrozenChange] | None = None
    for party, kind in game.player_types:
        before, after = (_payoffs(game, party, kind, each) for each in (rows, changed))
        if not len(rows):
            continue
        x = int(np.argmax(np.abs(after - before)))
        size = abs(float(after[x] - before[x]))
        if size > NEGLIGIBLE_PAYOFF and (best is None or size > best[0]):
            state = game.state_table.describe(rows[x])
            amounts = float(before[x]), float(after[x])
            best = (size, FrozenChange(chance, variable, party, *amounts, state))
    return None if best is None else best[1]


def _payoffs(game: Game, party: str, kind: int, rows: Ints) -> Floats:
    """(n,) what a party of this type receives a period in each of these states.

    What reads the types of others counts by the analyst's prior.
    """
    case, total = game.case, np.zeros(len(rows))
    for term in case.payoffs.get(party, {}).values():
        known = {party, case.party_known_to(party)}
        others = not known.issuperset(term.parties_told_of)
        combinations = game.type_combinations if others else ({},)
        shares = _prior_of_type_combinations(game) if others else np.ones(1)
        for share, types in zip(shares, combinations, strict=True):
            total = total + share * game.state_table.evaluate(
                term, rows, case.best_estimates, kind, {**types, **dict.fromkeys(known, kind)}
            )
    return total


def _prior_of_type_combinations(game: Game) -> Floats:
    prior = game_parameters(game).prior_by_type[-1]
    return weights_of_type_combinations(prior_of_hidden_types(game, prior))


@dataclass(frozen=True)
class CoarseScale:
    """Offers of parties that take turns, in steps larger than what waiting a turn costs.

    tables   where they are made
    party    who loses least by waiting
    step     the largest step between neighbouring offers, as a share of what is at stake for it
    waiting  what waiting for a period costs it, as the same share
    """

    tables: tuple[str, ...]
    party: str
    step: float
    waiting: float


def find_coarse_scales(game: Game) -> tuple[CoarseScale, ...]:
    """Scales of offers so coarse that whoever makes the last one may decide.

    game  the game at the best estimates

    Where parties take turns to propose, each concedes the other at most what waiting a turn costs.
    If that is less than a step of the scale, nobody concedes, and how play ends decides it all. In
    a finite game that is as its rules have it.
    """
    case, found = game.case, list[CoarseScale]()
    if case.ending == "final":
        return ()
    for tables in _tables_taking_turns(case):
        worst: CoarseScale | None = None
        seats = case.tables[tables[0]].seats
        for party, kind in game.player_types:
            steps = [_largest_step(game, name, party, kind) for name in tables]
            known = [step for step in steps if step is not None]
            if party not in seats or len(known) < len(tables):
                continue
            waiting = 1.0 - _evaluate_at_best(case, case.parties[party].patience)
            scale = CoarseScale(tables, party, min(known), waiting)
            if scale.step > waiting and (worst is None or waiting < worst.waiting):
                worst = scale
        if worst is not None:
            found.append(worst)
    return tuple(found)


def _tables_taking_turns(case: Case) -> Iterator[tuple[str, ...]]:
    """Tables at which several of the same seats propose: one with `any`, or one for each."""
    by_seats: dict[frozenset[str], list[str]] = {}
    for name, rules in case.tables.items():
        by_seats.setdefault(frozenset(rules.seats), []).append(name)
    for names in by_seats.values():
        proposers = {case.tables[name].proposes for name in names}
        if len(proposers) > 1 or "any" in proposers:
            yield tuple(names)


FEWEST_OFFERS_ON_A_SCALE = 3
MOST_STATES_WITH_OFFERS = 100  # that are looked at


def _largest_step(game: Game, table: str, party: str, kind: int) -> float | None:
    """The largest step between neighbouring offers over the range of all, for one type of a party.

    The state in which it tells most offers apart counts, of those with most of them; None if
    there are fewer than three.
    """
    case, states = game.case, game.state_table
    rules = case.tables[table]
    rows = states.codes[states.evaluate(rules.when, states.codes, case.best_estimates) != 0]
    deals = rules.deals.values()
    there = [states.evaluate(deal.when, rows, case.best_estimates) != 0 for deal in deals]
    fullest = np.argsort(-np.sum(there, axis=0), kind="stable")[:MOST_STATES_WITH_OFFERS]
    rows = rows[fullest]
    worth = np.full((len(deals), len(rows)), np.nan)
    for n, (deal, possible) in enumerate(zip(deals, there, strict=True)):
        where = np.flatnonzero(possible[fullest])
        after, _ = assign_variables(states, deal.set, rows[where])
        fine = (after >= 0).all(axis=1)
        worth[n, where[fine]] = _payoffs(game, party, kind, after[fine])
    best: float | None = None
    most = FEWEST_OFFERS_ON_A_SCALE - 1
    for column in worth.T:
        levels = np.unique(np.round(column[~np.isnan(column)], 9))
        if len(levels) > most:
            most = len(levels)
            best = float(np.diff(levels).max() / (levels[-1] - levels[0]))
    return best
