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
    from ceasefire.ask import explain, timeline
    from ceasefire.case import Case, dump, load, loads
    from ceasefire.errors import CeasefireError, Problem
    from ceasefire.evidence import backtest, baseline, compare, indicators, score, update
    from ceasefire.game import Game, build
    from ceasefire.solve import Play, solve
    from ceasefire.worlds import (
        Engine,
        ask,
        check,
        draw,
        paths,
        plane,
        sweep,
        waiting,
        worth,
    )

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
    "chart": "show.charts",
    "check": "worlds",
    "compare": "evidence",
    "draw": "worlds",
    "dump": "case",
    "explain": "ask",
    "indicators": "evidence",
    "load": "case",
    "loads": "case",
    "paths": "worlds",
    "plane": "worlds",
    "score": "evidence",
    "solve": "solve",
    "sweep": "worlds",
    "timeline": "ask",
    "update": "evidence",
    "waiting": "worlds",
    "worth": "worlds",
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
    "chart",
    "check",
    "compare",
    "draw",
    "dump",
    "explain",
    "indicators",
    "load",
    "loads",
    "paths",
    "plane",
    "score",
    "solve",
    "sweep",
    "timeline",
    "update",
    "waiting",
    "worth",
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

_SHOWN = {
    "ceasefire.ask.answer": ("Answers",),
    "ceasefire.ask.claims": ("Claims",),
    "ceasefire.ask.explain": ("Explanation",),
    "ceasefire.ask.timeline": ("Timeline",),
    "ceasefire.evidence.updated": ("Updated",),
    "ceasefire.worlds.asking": ("Asked",),
    "ceasefire.worlds.bands": ("Paths",),
    "ceasefire.worlds.planes": ("Plane",),
    "ceasefire.worlds.verdicts": ("Checked",),
    "ceasefire.worlds.worths": ("Worths",),
}


def _show_in_notebooks() -> None:
    """Tell a notebook how results look; the rooms that compute know nothing of it."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for module, names in _SHOWN.items():
        for name in names:
            formatter.for_type_by_name(module, name, _page)


def _page(result: Any) -> str:
    shown: str = import_module("ceasefire.show.notebook").page(result)
    return shown


_show_in_notebooks()
