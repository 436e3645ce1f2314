"""What jobs find out for a page, and what they say on the way."""

from collections.abc import Mapping
from dataclasses import dataclass

from ceasefire.ask import ClaimAnswer, Numerics
from ceasefire.evidence import Updated
from ceasefire.worlds import Checked


@dataclass(frozen=True)
class Line:
    """A claim at the best estimates, with its test written in numbers."""

    claim: ClaimAnswer
    numbers: str


@dataclass(frozen=True)
class Best:
    """All claims at best, how good the numbers are, and how long it took."""

    lines: Mapping[str, Line]
    numerics: Numerics
    seconds: float


@dataclass(frozen=True)
class Progress:
    """So many readings of so many are done of a part; `total` is 0 while that is not known."""

    done: int
    total: int
    part: str = ""
    unit: str = "readings"


@dataclass(frozen=True)
class Shares:
    """What a check found, the document that `check --json` prints, and the chart of it."""

    checked: Checked
    document: str
    figure: str = ""


@dataclass(frozen=True)
class Followed:
    """What an update found, and the chart of it."""

    updated: Updated
    figure: str
