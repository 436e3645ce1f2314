"""A case as a game in arrays: states, steps, options and outcomes, and their names.

Beside the game stands the graph that stability analysis reads: of a case, or of a conflict in
option form.
"""

from ceasefire.game.build import build
from ceasefire.game.conflict import Choice, Conflict, Pattern, Ranking, Statement
from ceasefire.game.graph import Choices, StateGraph, ranks
from ceasefire.game.model import ROLES, Game, Graph
from ceasefire.game.numbers import Numbers, numbers
from ceasefire.game.outline import Outline, Way, lay_out, outline

__all__ = [
    "ROLES", "Choice", "Choices", "Conflict", "Game", "Graph", "Numbers", "Outline", "Pattern",
    "Ranking", "StateGraph", "Statement", "Way", "build", "lay_out", "numbers", "outline", "ranks",
]  # fmt: skip
