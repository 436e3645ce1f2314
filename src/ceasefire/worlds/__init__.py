"""Thousands of worlds: what is drawn, how it is computed on all cores, what share says so."""

from ceasefire.worlds.asking import Asked, ask
from ceasefire.worlds.bands import Band, Paths, paths
from ceasefire.worlds.boxes import Bound, Box
from ceasefire.worlds.checking import check
from ceasefire.worlds.draws import World, Worlds, draw, quantile
from ceasefire.worlds.drivers import Driver, Drivers
from ceasefire.worlds.engines import Engine, engine_at
from ceasefire.worlds.enough import Repeat
from ceasefire.worlds.flips import Flip
from ceasefire.worlds.pairs import Pair
from ceasefire.worlds.planes import Plane, plane
from ceasefire.worlds.run import Run, run
from ceasefire.worlds.sample import Ran
from ceasefire.worlds.search import Flips
from ceasefire.worlds.shares import VERDICTS, Share, Spread, shared, spread, verdict, wilson
from ceasefire.worlds.summary import Span, Summary
from ceasefire.worlds.sweeping import Swept, sweep
from ceasefire.worlds.verdicts import Checked, Verdict
from ceasefire.worlds.worths import Worth, Worths, waiting, worth

__all__ = [
    "VERDICTS",
    "Asked",
    "Band",
    "Bound",
    "Box",
    "Checked",
    "Driver",
    "Drivers",
    "Engine",
    "Flip",
    "Flips",
    "Pair",
    "Paths",
    "Plane",
    "Ran",
    "Repeat",
    "Run",
    "Share",
    "Span",
    "Spread",
    "Summary",
    "Swept",
    "Verdict",
    "World",
    "Worlds",
    "Worth",
    "Worths",
    "ask",
    "check",
    "draw",
    "engine_at",
    "paths",
    "plane",
    "quantile",
    "run",
    "shared",
    "spread",
    "sweep",
    "verdict",
    "waiting",
    "wilson",
    "worth",
]
