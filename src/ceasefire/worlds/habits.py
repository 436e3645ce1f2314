"""What happens though it never pays: moves that only noise explains.

An option is the best somewhere if, in some decision that play can meet within the horizon, for
some type and some belief, its probability divided by its weight is the largest: the ratio is
that of exp(precision * value). One that is nowhere the best and yet likely to happen is there by
mistake, and mistakes add up over the periods.
"""

import numpy as np

from ceasefire.ask import prepare, read_question
from ceasefire.game import ROLES, Game
from ceasefire.solve import Play, solve
from ceasefire.worlds.faults import gestures

LIKELY = 0.2
NEAR = 1e-9


def mistakes(game: Game, *, likely: float = LIKELY, memory: float = 4e9) -> dict[str, float]:
    """Moves and deals that are nowhere the best and yet happen, with their probability at best.

    likely  the probability from which a mistake is worth a word
    """
    play = solve(game, memory=memory)
    never = sorted((set(game.case.moves) | set(game.deals)) - best_somewhere(play))
    questions = [read_question(game.case, f"P(eventually(happens({name})))") for name in never]
    if not questions:
        return {}
    sheet = prepare(game.case, questions, grid=play.grid, memory=memory).read()
    found = zip(never, sheet.values, strict=True)
    return {name: float(value) for name, value in found if value is not None and value > likely}


def best_somewhere(play: Play) -> set[str]:
    """Names of the moves and offers that are the best in some decision of some period."""
    found: set[str] = set()
    for period in range(play.game.case.horizon):
        found |= _best_in(play, period)
    return found


def _best_in(play: Play, period: int) -> set[str]:
    game, number = play.game, play.game.graph_number(period)
    graph, lanes = game.graphs[number], play.records.lanes
    log_weight = play.numbers.graphs[number].log_weight
    choosing = np.isin(graph.role, [ROLES.index("move"), ROLES.index("offer")])
    counts = np.diff(graph.first)
    hidden = np.isin(graph.mover, [game.parties.index(party) for party in game.hidden])
    found: set[str] = set()
    for types, owns in ((1, ~hidden), (2, hidden)):
        for count in np.unique(counts[choosing & owns]):
            slots = np.flatnonzero(choosing & owns & (counts == count))
            size = types * int(count) * lanes
            places = play.offsets[number][slots][:, None] + np.arange(size)
            chosen = play.policies[period][places].reshape(len(slots), types, count, lanes)
            branches = graph.first[slots][:, None] + np.arange(count)
            lightest = log_weight[branches].min(axis=1, keepdims=True)  # so that nothing overflows
            score = chosen * np.exp(lightest - log_weight[branches])[:, None, :, None]
            most = score.max(axis=2, keepdims=True)
            best = ((score >= most * (1.0 - NEAR)) & (most > 0)).any(axis=(1, 3))
            found |= {game.options[option] for option in np.unique(graph.option[branches][best])}
    return found


def slips(game: Game, memory: float = 4e9) -> dict[str, str]:
    """What may be a slip in a game, by the move or deal: gestures, and mistakes that are likely."""
    free = dict.fromkeys(
        gestures(game),
        "a gesture without cost or effect for any type: it can show a type only by mistake",
    )
    for name, probability in mistakes(game, memory=memory).items():
        said = f"is nowhere the best, and yet happens with probability {probability:.2f}"
        free[name] = f"{free[name]}; it {said}" if name in free else said
    return free
