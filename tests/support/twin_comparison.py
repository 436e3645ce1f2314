"""The package's answers beside the slow twin's, and how far apart they are."""

import math
import re
from typing import Any, NamedTuple

from ceasefire.case import loads
from ceasefire.ensemble.run import run_ensemble
from ceasefire.query.parser import read_questions
from ceasefire.query.plan import plan_questions
from ceasefire.settings import SolveSettings
from twin import Twin
from twin.codings import Codings

EXACT, FLOOR, HAIR = 1e-9, 1e-6, 0.01
WORST = 2.0  # no error is more than so many times what is stated
LOOSEST = 0.05  # a certificate that allows more than this proves nothing
THRESHOLD = re.compile(r"(?<=> |= )0\.\d+")


class Compared(NamedTuple):
    """One question answered by both.

    low, high  what the twin says; they differ where a question jumps at a threshold
    miss       how far the package is from that, as certificates count: a probability as it is
    allowed    twice what the result's certificate says that its grid may change, 0 without types
    loosest    the most that a certificate may allow: agreeing with one that allows anything,
               or is infinite, proves nothing
    """

    question: str
    got: Any
    low: Any
    high: Any
    miss: float
    allowed: float
    loosest: float = LOOSEST

    @property
    def ratio(self) -> float:
        """The miss as a multiple of the certificate, or of the twin's own error if that is more."""
        return self.miss / max(min(self.allowed, self.loosest), FLOOR)

    @property
    def agree(self) -> bool:
        """Equal to rounding without types, within a certificate that says something with them."""
        if not self.allowed:
            return self.miss <= EXACT
        return self.miss <= max(self.allowed, FLOOR) <= self.loosest


def compare(
    text: str,
    asked: list[str],
    *,
    most: int = 10**6,
    grid: int | None = None,
    loosest: float = LOOSEST,
) -> list[Compared]:
    """Ask both; empty where either says that a decision of its own is not resolved.

    Raises TooLargeError for a case that takes the twin more than `most` decisions.
    """
    case, asked = loads(text), list(dict.fromkeys(asked))
    hidden = any(party.types for party in case.parties.values())
    codings = Codings(text)
    slow = Twin(codings.case({}), quick=hidden, most=most, codings=codings)
    expected = [_between(slow, question) if hidden else (slow.ask(question),) for question in asked]
    prepared = plan_questions(case, read_questions(case, asked), SolveSettings(grid))
    run = run_ensemble(prepared, certify=hidden, workers=1)
    sheet, numerics = run.best, run.numerics if hidden else None
    if slow.unresolved or sheet.unresolved:
        return []
    allowed = WORST * float(numerics.grid_change or 0.0) + FLOOR if numerics else 0.0
    rows = []
    for question, got, said, readings in zip(
        asked, sheet.values, expected, sheet.quantity_values, strict=True
    ):
        scale = readings[0].scale if hidden and readings else max(1.0, abs(said[0] or 0.0))
        miss = off(got, said[0], said[-1]) / (scale if math.isfinite(scale) else 1.0)
        rows.append(Compared(question, got, said[0], said[-1], miss, allowed, loosest))
    return rows


def off(got: Any, low: Any, high: Any) -> float:
    """How far a number lies outside of two others; None and infinity match themselves alone.

    >>> [off(0.5, 0.25, 0.75), off(0.5, 0.75, 1.0), off(None, 0.5, 0.5), off(None, None, None)]
    [0.0, 0.25, inf, 0.0]
    >>> [off(math.inf, 1.0, math.inf), off(2.0, math.inf, math.inf), off(math.nan, 0.0, 1.0)]
    [0.0, inf, inf]
    """
    if None in (got, low, high):
        return 0.0 if got is low is high else math.inf
    if low <= got <= high:
        return 0.0
    miss = max(low - got, got - high)
    return float(miss) if math.isfinite(miss) else math.inf


def _between(slow: Twin, question: str) -> tuple[Any, ...]:
    """The twin's answer; where a hair more or less may change it for good, both answers.

    Whether a belief is above a threshold, and the smallest value that passes a test, jump.
    """
    if not ("believes(" in question or question.startswith("least(")):
        return (slow.ask(question),)
    found = []
    for hair in (-HAIR, HAIR):
        moved = THRESHOLD.sub(lambda m, h=hair: f"{float(m[0]) + h:.4f}", question)
        found.append(slow.ask(moved))
    return min(found), max(found)
