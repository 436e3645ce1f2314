"""What is wrong with a case that its text does not show: numbers impossible in some state.

The game is built and its numbers are worked out at `best`, and with each unknown in turn at the
ends of its range, or at each value it may take, the others at best. What goes wrong only when
several unknowns are extreme together is found in the world that draws it.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from ceasefire.case import Case, Expression, Unknown
from ceasefire.errors import Problem, WorldError
from ceasefire.game import Game, build, numbers

ENDS = {"range": (0, 1), "triangle": (0, 2)}


def impossible(game: Game) -> tuple[Problem, ...]:
    """Every number of a game that some state makes impossible, each expression once."""
    found: dict[tuple[object, ...], Problem] = {}
    for world in _extremes(game.case):
        try:
            numbers(game, world)
        except WorldError as error:
            for problem in error.problems:
                key = (problem.path, problem.line, problem.column, problem.allowed)
                found.setdefault(key, problem)
    return tuple(found.values())


def _extremes(case: Case) -> Iterator[Mapping[str, float]]:
    yield {}
    for name, unknown in case.unknowns.items():
        for value in _ends(unknown):
            yield {name: value}


def _ends(unknown: Unknown) -> tuple[float, ...]:
    if unknown.kind == "oneof":
        return unknown.parameters
    return tuple(unknown.parameters[end] for end in ENDS.get(unknown.kind or "", ()))


def checked(case: Case, memory: float = 4e9) -> Game:
    """Build the game of a case and check all its numbers.

    Raises GameError for a state outside its values or a game too large, WorldError with every
    number that is impossible.
    """
    game = build(case, memory=memory)
    if problems := impossible(game):
        raise WorldError(problems)
    return game


def gestures(game: Game) -> tuple[str, ...]:
    """Moves and deals that neither cost nor change anything, whatever the type: words.

    What is done for nothing shows a type only through the mistakes that noise makes.
    """
    case, free = game.case, []
    forbidden = {move for promise in case.promises.values() for move in promise.forbids}
    for key, move in case.moves.items():
        changes = move.set or move.outcomes or move.promises or move.releases
        if not (changes or key in forbidden) and _nothing(game, move.party, move.cost):
            free.append(key)
    for table, rules in case.tables.items():
        for name, deal in rules.deals.items():
            changes = deal.set or deal.outcomes or deal.promises or deal.releases
            if not changes and all(_nothing(game, p, cost) for p, cost in deal.cost.items()):
                free.append(f"{table}.{name}")
    return tuple(free)


def _nothing(game: Game, party: str, cost: Expression) -> bool:
    kinds = range(max(1, len(game.case.parties[party].types)))
    worth = [game.table.evaluate(cost, game.states, game.case.best, kind) for kind in kinds]
    return not np.any(worth)


def meanings(case: Case, stake: float = 0.5) -> tuple[str, ...]:
    """What each precision means: how often a stake is followed.

    The worse of two options that differ by `stake` is taken once in 1 + exp(precision * stake)
    choices: with 20 and 0.5 that is 22,027.
    """
    said: dict[float, list[str]] = {}
    for name, party in case.parties.items():
        precision = float(_at_best(case, party.precision))
        said.setdefault(precision, []).append(name)
    return tuple(
        f"precision {precision:g} ({', '.join(names)}): a stake of {stake:g} is followed in all "
        f"but 1 of {_rounded(1.0 + float(np.exp(min(precision * stake, 50.0))))} choices"
        for precision, names in said.items()
    )


def _at_best(case: Case, expression: Expression) -> float:
    from ceasefire.case import evaluate

    return float(evaluate(expression, case.best, case.conditions, 1)[0])


def _rounded(count: float) -> str:
    """Two digits that matter: 22,000."""
    if count >= 1e9:
        return "more than a thousand million"
    size = 10 ** max(0, int(np.log10(count)) - 1)
    return f"{round(count / size) * size:,}" if count >= 10 else f"{count:.1f}"
