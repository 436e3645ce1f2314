"""Thousands of worlds: what is drawn, how it is computed on all cores, what share says so."""

from ceasefire.worlds.draws import World, Worlds, draw, quantile
from ceasefire.worlds.run import Run, run
from ceasefire.worlds.shares import VERDICTS, Share, Spread, shared, spread, verdict, wilson
from ceasefire.worlds.survey import Ran
from ceasefire.worlds.verdicts import Asked, Checked, Verdict, ask, check

__all__ = [
    "VERDICTS",
    "Asked",
    "Checked",
    "Ran",
    "Run",
    "Share",
    "Spread",
    "Verdict",
    "World",
    "Worlds",
    "ask",
    "check",
    "draw",
    "quantile",
    "run",
    "shared",
    "spread",
    "verdict",
    "wilson",
]
