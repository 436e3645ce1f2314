"""From where to where a slider goes, and the values that it stops at."""

import math

import numpy as np

from ceasefire.case import Case, Unknown
from ceasefire.ensemble import TurningPoint, unknown_quantiles

SLIDER_STEPS = 200
OMITTED_TAIL_PROBABILITY = (
    0.001  # of a distribution without ends that the slider leaves out on each side
)


def slider_range(unknown: Unknown) -> tuple[float, float]:
    """From where to where a slider goes.

    unknown  an unknown that can vary

    >>> slider_range(Unknown(best=0.3, kind="triangle", parameters=(0.0, 0.3, 1.0)))
    (0.0, 1.0)
    """
    p = unknown.parameters
    match unknown.kind:
        case "range" | "experts":
            return min(p[0], unknown.best), max(p[1], unknown.best)
        case "triangle":
            return p[0], p[2]
        case "oneof":
            return min(*p, unknown.best), max(*p, unknown.best)
        case _:
            low, high = unknown_quantiles(
                unknown, np.array([OMITTED_TAIL_PROBABILITY, 1.0 - OMITTED_TAIL_PROBABILITY])
            ).tolist()
            return min(low, unknown.best), max(high, unknown.best)


def round_to_step(unknown: Unknown, value: float) -> float:
    """A value as a slider means it: one of `SLIDER_STEPS` steps, or the best estimate near it.

    >>> unknown = Unknown(best=0.4, kind="range", parameters=(0.1, 0.9))
    >>> round_to_step(unknown, 0.4013), round_to_step(unknown, 0.75731)
    (0.4, 0.756)
    """
    low, high = slider_range(unknown)
    step = (high - low) / SLIDER_STEPS
    if unknown.kind == "oneof" or step == 0:
        return value
    if abs(value - unknown.best) < 0.75 * step:
        return unknown.best
    return float(f"{low + round((value - low) / step) * step:.6g}")


def just_past(unknown: Unknown, point: TurningPoint) -> float:
    """The value of a slider that lies just beyond where a claim turns.

    unknown  the unknown that is moved
    point    where a claim turns along it

    >>> unknown = Unknown(best=0.4, kind="range", parameters=(0.0, 1.0))
    >>> just_past(unknown, TurningPoint("x", 0.1234, 0.4, 0.28))
    0.12
    """
    low, high = slider_range(unknown)
    step = (high - low) / SLIDER_STEPS
    if unknown.kind == "oneof" or step == 0:
        return point.value
    steps = (point.value - low) / step
    place = np.floor(steps - 1e-6) if point.value < unknown.best else np.ceil(steps + 1e-6)
    return round_to_step(unknown, min(max(low + float(place) * step, low), high))


def place_on_slider(unknown: Unknown, value: float) -> float:
    """How far along its slider a value lies, from 0 to 1.

    >>> place_on_slider(Unknown(best=0.5, kind="range", parameters=(0.0, 2.0)), 0.5)
    0.25
    """
    low, high = slider_range(unknown)
    return 0.5 if high == low else min(max((value - low) / (high - low), 0.0), 1.0)


def can_be_held(case: Case, name: str, value: float) -> bool:
    """Whether a slider of a page, and so its address, can have a value.

    case   the case as the page shows it
    name   what may be an unknown of it
    value  the value
    """
    unknown = case.unknowns.get(name)
    if unknown is None or unknown.kind is None or not math.isfinite(value):
        return False
    low, high = slider_range(unknown)
    return low <= value <= high and (unknown.kind != "oneof" or value in unknown.parameters)
