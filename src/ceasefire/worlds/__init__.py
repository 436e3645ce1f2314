"""Thousands of worlds: what is drawn, how it is computed on all cores, what share says so."""

from ceasefire.worlds.draws import World, Worlds, draw, quantile
from ceasefire.worlds.engines import Engine, engine_at
from ceasefire.worlds.run import Run, run
from ceasefire.worlds.shares import VERDICTS, Share, Spread, shared, spread, verdict, wilson
from ceasefire.worlds.summary import Span, Summary
from ceasefire.worlds.survey import Ran
from ceasefire.worlds.sweeping import Swept, sweep
from ceasefire.worlds.verdicts import Asked, Checked, Verdict, ask, check

__all__ = [
    "VERDICTS",
    "Asked",
    "Checked",
    "Engine",
    "Ran",
    "Run",
    "Share",
    "Span",
    "Spread",
    "Summary",
    "Swept",
    "Verdict",
    "World",
    "Worlds",
    "ask",
    "check",
    "draw",
    "engine_at",
    "quantile",
    "run",
    "shared",
    "spread",
    "sweep",
    "verdict",
    "wilson",
]
