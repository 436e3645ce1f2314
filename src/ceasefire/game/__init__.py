"""A case as a game in arrays: states, steps, options and outcomes, and their names.

Beside the game stands the graph that stability analysis reads: of a case, or of a conflict in
option form.
"""

from ceasefire.game.compiler import build
from ceasefire.game.graph import NODE_ROLES, Automaton, Game, PeriodGraph
from ceasefire.game.histories import unroll_histories
from ceasefire.game.parameters import GameParameters, NumberChecks, game_parameters

__all__ = [
    "NODE_ROLES",
    "Automaton",
    "Game",
    "GameParameters",
    "NumberChecks",
    "PeriodGraph",
    "build",
    "game_parameters",
    "unroll_histories",
]
