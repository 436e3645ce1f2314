"""Write down how you think a conflict ends. Find out whether it follows.

    import ceasefire as cf
    case = cf.load("cases/ukraine-2025.yaml")
    cf.ask(case, "P(eventually(not fighting))")
    cf.check(case, worlds=256)

Below these: `game = cf.build(case)`, `play = cf.solve(game, world)`.
"""

from ceasefire.coalitions.maxmin import StrategyChoice, maxmin_strategy, secured_probability
from ceasefire.coalitions.reachability import is_closed_game, secured_forever_bounds
from ceasefire.coalitions.stationary import stationary_strategy

__all__ = [
    "StrategyChoice",
    "is_closed_game",
    "maxmin_strategy",
    "secured_forever_bounds",
    "secured_probability",
    "stationary_strategy",
]
