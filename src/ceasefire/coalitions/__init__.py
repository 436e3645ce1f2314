"""What can a coalition bring about against everyone else, and by which strategy?"""

from ceasefire.coalitions.maxmin import StrategyChoice, maxmin_strategy, secured_probability
from ceasefire.coalitions.reachability import is_closed_game, secured_forever_bounds
from ceasefire.coalitions.stationary import stationary_strategy
from ceasefire.light_numba import prepare_numba

__all__ = [
    "StrategyChoice",
    "is_closed_game",
    "maxmin_strategy",
    "secured_forever_bounds",
    "secured_probability",
    "stationary_strategy",
]

prepare_numba()
