"""A case as a game in arrays: states, steps, options and outcomes, and their names."""

from ceasefire.game.build import build
from ceasefire.game.model import ROLES, Game, Graph
from ceasefire.game.numbers import Numbers, numbers

__all__ = ["ROLES", "Game", "Graph", "Numbers", "build", "numbers"]
