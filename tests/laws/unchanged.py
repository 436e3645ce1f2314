"""Laws of what changes nothing: names, order, constants, units, and what nobody can or will use."""

import math

import numpy as np

from ceasefire.equilibrium import solve
from ceasefire.game import build
from ceasefire.game.graph import DECISION
from laws import edits
from laws.law import Pair, Pairs, has_types, law
from laws.solvers import EQUILIBRIUM, PLAYING, POWER, SOLVERS, Solver
from laws.subjects import Subject


def same(solver: Solver, one: Subject, other: Subject, tolerance: float = 0.0) -> Pairs:
    """The same chances and values in both."""
    before, after = asked(solver, one), asked(solver, other)
    bound = max(tolerance, solver.exact)
    for what, a, b in zip(one.formulas + tuple(one.parties), before, after, strict=False):
        yield Pair(what, a, b, bound * max(1.0, abs(a)))


def asked(solver: Solver, subject: Subject) -> list[float]:
    """The chance of every formula, and what everybody expects where a solver knows it."""
    questions = [solver.chance(subject, formula) for formula in subject.formulas]
    if solver.values:
        questions += [f"value({party})" for party in subject.parties]
    return solver.answers(subject, questions)


@law(*SOLVERS)
def names_do_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """Parties, moves, variables, values and types called otherwise."""
    yield from same(solver, subject, edits.renamed(subject))


@law(*SOLVERS)
def order_in_the_file_does_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """Everything told in another order, `order` itself left as it is."""
    yield from same(solver, subject, edits.shuffled(subject), 1e-7)


@law(*SOLVERS, where=has_types)
def which_type_is_told_first_does_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """A record turned round is the same record."""
    yield from same(solver, subject, edits.types_reversed(subject), 1e-7)


@law(*SOLVERS)
def constants_do_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """So much more a period changes nothing in play, and values by so much discounted."""
    constants = {party: 0.75 * (-2) ** n for n, party in enumerate(subject.parties)}
    more = edits.with_constants(subject, constants)
    before, after = asked(solver, subject), asked(solver, more)
    case = subject.case
    gains = [0.0] * len(subject.formulas)
    for party, amount in constants.items():
        patience = _patience(subject, party)
        periods = math.inf if case.ending == "lasts" else case.horizon + case.tail
        gains.append(amount * (1.0 - patience**periods) / (1.0 - patience))
    names = subject.formulas + tuple(subject.parties)
    for what, a, b, gain in zip(names, before, after, gains, strict=False):
        yield Pair(what, a + gain, b, max(1e-7, solver.exact) * max(1.0, abs(b)))


def _patience(subject: Subject, party: str) -> float:
    case = subject.case
    game = build(case)
    return float(
        game.state_table.evaluate(
            case.parties[party].patience, game.states[:1], case.best_estimates
        )[0]
    )


@law(*SOLVERS)
def stakes_times_k_are_precision_times_k(solver: Solver, subject: Subject) -> Pairs:
    """Only the product of precision and payoff matters."""
    k = 3.0
    more, sharper = edits.payoffs_times(subject, k), edits.precision_times(subject, k)
    tolerance = max(1e-7, solver.exact)
    one, other = asked(solver, more), asked(solver, sharper)
    names = subject.formulas + tuple(subject.parties)
    for n, (what, a, b) in enumerate(zip(names, one, other, strict=False)):
        size = k if n >= len(subject.formulas) else 1.0
        yield Pair(what, a, size * b, tolerance * max(1.0, abs(a)))
    if solver.plays:
        questions = [f"{solver.chance(subject, f)[:-1]}, sharper={k})" for f in subject.formulas]
        option = solver.answers(subject, questions)
        for what, a, b in zip(names, option, other, strict=False):
            yield Pair(f"{what}, sharper={k}", a, b, tolerance)


@law(*PLAYING)
def without_precision_play_goes_by_weight(solver: Solver, subject: Subject) -> Pairs:
    """Nothing at stake, or nobody who cares, is the same; and each option has its share."""
    careless, free = edits.precision_times(subject, 1e-13), edits.nothing_at_stake(subject)
    chances = [solver.chances(each, subject.formulas) for each in (careless, free)]
    for what, a, b in zip(subject.formulas, *chances, strict=True):
        yield Pair(what, a, b, max(1e-8, solver.exact))
    if solver is EQUILIBRIUM:
        yield from _shares(subject)


def _shares(subject: Subject) -> Pairs:
    """Every choice of the solution at no precision against the weights as written."""
    case = subject.case
    game = build(case)
    play = solve(game, sharper=1e-13, grid=subject.grid)
    weights = {key: move.weight for key, move in case.moves.items()}
    for name, table in case.tables.items():
        weights |= {f"{name}.{key}": deal.weight for key, deal in table.deals.items()}
    written = [
        float(game.state_table.evaluate(weights[option], game.states[:1], case.best_estimates)[0])
        if option in weights
        else 1.0
        for option in game.options
    ]
    worst, chosen = 0.0, 0
    for period in range(game.periods):
        graph = game.graph_of(period)
        for slot in np.flatnonzero(graph.node_kind == DECISION):
            policy = play.choice_probabilities(period, int(slot), play.prior_record)
            if not policy.any():
                continue
            branches = range(int(graph.first_branch[slot]), int(graph.first_branch[slot + 1]))
            share = np.array([written[graph.option[b]] for b in branches])
            worst = max(worst, float(np.abs(policy - share / share.sum()).max()))
            chosen += 1
    yield Pair(f"{chosen} choices", worst, 0.0, 1e-9)


@law(*PLAYING)
def ruin_is_never_chosen(solver: Solver, subject: Subject) -> Pairs:
    """A move that nobody can afford is not made, and might as well not exist."""
    ruinous = edits.with_ruin(subject)
    events = [f"eventually(happens({party}.ruin))" for party in subject.parties]
    for event, chance in zip(events, solver.chances(ruinous, events), strict=True):
        yield Pair(event, chance, 0.0, 1e-100)
    yield from same(solver, subject, ruinous, 1e-7)


@law(*SOLVERS)
def what_is_never_used_changes_nothing(solver: Solver, subject: Subject) -> Pairs:
    """A move, deal, table and chance that are never possible, or that are taken away."""
    more = edits.with_what_is_never_used(subject)
    yield from same(solver, subject, more, 1e-7)
    if solver is POWER:
        return
    gone = [f"{next(iter(subject.spec['parties']))}.fly", "miracle"]
    gone += ["heaven"] * (len(subject.parties) > 1)
    before = solver.chances(subject, subject.formulas)
    asked_without = [
        f"{solver.chance(more, f)[:-1]}, without=[{', '.join(gone)}])" for f in subject.formulas
    ]
    for what, a, b in zip(
        subject.formulas, before, solver.answers(more, asked_without), strict=True
    ):
        yield Pair(f"{what}, without", a, b, max(1e-7, solver.exact))
