"""Write down how you think a conflict ends. Find out whether it follows.

    import ceasefire as cf
    case = cf.load("cases/ukraine-2025.yaml")
    cf.ask(case, "P(eventually(not fighting))")
    cf.check(case, worlds=256)

Below these: `game = cf.build(case)`, `equilibrium = cf.solve(game, world)`.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ceasefire.case import Case, dump, load, loads
    from ceasefire.ensemble import (
        Engine,
        ask,
        check,
        choose,
        delay_values,
        draw_worlds,
        sweep,
        table_values,
        threshold_plane,
        timeline_quantiles,
        trace,
    )
    from ceasefire.equilibrium import Equilibrium, solve
    from ceasefire.errors import CeasefireError, Problem
    from ceasefire.evidence import compare, indicators, update
    from ceasefire.forecasts import backtest, baseline, review, score
    from ceasefire.game import Game, build
    from ceasefire.query import explain, timeline
    from ceasefire.render.charts import chart

__version__ = "0.1.0"

_MODULES = {
    "Case": "case",
    "CeasefireError": "errors",
    "Engine": "ensemble",
    "Equilibrium": "equilibrium",
    "Game": "game",
    "Problem": "errors",
    "ask": "ensemble",
    "backtest": "forecasts",
    "baseline": "forecasts",
    "build": "game",
    "chart": "render.charts",
    "check": "ensemble",
    "choose": "ensemble",
    "compare": "evidence",
    "delay_values": "ensemble",
    "draw_worlds": "ensemble",
    "dump": "case",
    "explain": "query",
    "indicators": "evidence",
    "load": "case",
    "loads": "case",
    "review": "forecasts",
    "score": "forecasts",
    "solve": "equilibrium",
    "sweep": "ensemble",
    "table_values": "ensemble",
    "threshold_plane": "ensemble",
    "timeline": "query",
    "timeline_quantiles": "ensemble",
    "trace": "ensemble",
    "update": "evidence",
}

__all__ = [
    "Case",
    "CeasefireError",
    "Engine",
    "Equilibrium",
    "Game",
    "Problem",
    "ask",
    "backtest",
    "baseline",
    "build",
    "chart",
    "check",
    "choose",
    "compare",
    "delay_values",
    "draw_worlds",
    "dump",
    "explain",
    "indicators",
    "load",
    "loads",
    "review",
    "score",
    "solve",
    "sweep",
    "table_values",
    "threshold_plane",
    "timeline",
    "timeline_quantiles",
    "trace",
    "update",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import ceasefire` costs nothing."""
    if name not in _MODULES:
        raise AttributeError(f"module 'ceasefire' has no attribute {name!r}")
    return getattr(import_module(f"ceasefire.{_MODULES[name]}"), name)


_SHOWN_IN_NOTEBOOKS = {
    "ceasefire.ensemble.ask_questions": ("AskResult",),
    "ceasefire.ensemble.check_claims": ("CheckResult",),
    "ceasefire.ensemble.lever_choice": ("ChooseResult",),
    "ceasefire.ensemble.plane_scan": ("ThresholdPlane",),
    "ceasefire.ensemble.quantile_bands": ("TimelineQuantiles",),
    "ceasefire.ensemble.table_value": ("TableValues",),
    "ceasefire.ensemble.trace_questions": ("TraceResult",),
    "ceasefire.evidence.update_claims": ("UpdateResult",),
    "ceasefire.query.explanation": ("Explanation",),
    "ceasefire.query.timeline_series": ("Timeline",),
}


def _register_notebook_formatters() -> None:
    """Tell a notebook how results look; the packages that compute know nothing of it."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for module, names in _SHOWN_IN_NOTEBOOKS.items():
        for name in names:
            formatter.for_type_by_name(module, name, _notebook_html)


def _notebook_html(result: Any) -> str:
    html: str = import_module("ceasefire.render.notebook").notebook_html(result)
    return html


_register_notebook_formatters()
