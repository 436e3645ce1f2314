"""One-line breaks, room by room: mistakes that a test must notice."""

from verification.broken import (
    ask,
    case,
    charts,
    conflicts,
    evidence,
    exchange,
    game,
    hardness,
    kernels,
    many_types,
    pastwars,
    solve,
    tracing,
    worlds,
)
from verification.broken.change import SOURCE, Break

BREAKS: tuple[Break, ...] = (
    *case.BREAKS,
    *game.BREAKS,
    *solve.BREAKS,
    *kernels.BREAKS,
    *many_types.BREAKS,
    *ask.BREAKS,
    *worlds.BREAKS,
    *evidence.BREAKS,
    *exchange.BREAKS,
    *conflicts.BREAKS,
    *pastwars.BREAKS,
    *charts.BREAKS,
    *hardness.BREAKS,
    *tracing.BREAKS,
)

__all__ = ["BREAKS", "SOURCE", "Break"]
