"""Write down how you think a conflict ends. Find out whether it follows.

    import ceasefire as cf
    case = cf.load("cases/ukraine-2025.yaml")
    cf.ask(case, "P(eventually(not fighting))")
    cf.check(case, worlds=256)

Below these: `game = cf.build(case)`, `play = cf.solve(game, world)`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ceasefire.case import Case, dump, load, loads
    from ceasefire.errors import CeasefireError, Problem
    from ceasefire.evidence import backtest, baseline, compare, indicators, score, update
    from ceasefire.game import Game, build
    from ceasefire.solve import Play, solve
    from ceasefire.worlds import Engine, ask, check, draw, sweep

__version__ = "0.1.0"

_ROOMS = {
    "Case": "case",
    "CeasefireError": "errors",
    "Engine": "worlds",
    "Game": "game",
    "Play": "solve",
    "Problem": "errors",
    "ask": "worlds",
    "backtest": "evidence",
    "baseline": "evidence",
    "build": "game",
    "check": "worlds",
    "compare": "evidence",
    "draw": "worlds",
    "dump": "case",
    "indicators": "evidence",
    "load": "case",
    "loads": "case",
    "score": "evidence",
    "solve": "solve",
    "sweep": "worlds",
    "update": "evidence",
}

__all__ = [
    "Case",
    "CeasefireError",
    "Engine",
    "Game",
    "Play",
    "Problem",
    "ask",
    "backtest",
    "baseline",
    "build",
    "check",
    "compare",
    "draw",
    "dump",
    "indicators",
    "load",
    "loads",
    "score",
    "solve",
    "sweep",
    "update",
]


def __getattr__(name: str) -> Any:
    """Open a room when it is first asked for, so that `import ceasefire` costs nothing."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'ceasefire' has no attribute {name!r}")
    return getattr(import_module(f"ceasefire.{_ROOMS[name]}"), name)


class _Package(ModuleType):
    """Keeps the functions `ask` and `solve` from being hidden by the rooms of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _ROOMS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
