"""What jobs find out for a page, and what they say on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from ceasefire.ensemble import CheckResult, ChooseResult, ClaimCheck
from ceasefire.evidence import UpdateResult
from ceasefire.query import NumericalQuality


@dataclass(frozen=True)
class BestEstimateClaim:
    """A claim at the best estimates, with its test written in numbers."""

    claim: ClaimCheck
    numeric_test: str


@dataclass(frozen=True)
class BestEstimateTaskResult:
    """All claims at the best estimates, how good the numbers are, and how long it took.

    claims    each claim by its name
    numerics  how good the numbers are
    seconds   how long it took
    """

    claims: Mapping[str, BestEstimateClaim]
    numerics: NumericalQuality
    seconds: float


@dataclass(frozen=True)
class TaskProgress:
    """How far a part of a task is.

    done   evaluations that are done
    total  evaluations of the part; 0 while that is not known
    part   what is computed now
    unit   what is counted
    """

    done: int
    total: int
    part: str = ""
    unit: str = "readings"


@dataclass(frozen=True)
class CheckTaskResult:
    """What a check found, the document that `check --json` prints, and its charts.

    check_result   every claim over the worlds
    json_document  what `check --json` prints
    chart_html     the shares as a chart
    map_html       the argument as a chart; empty where no claim has premises
    """

    check_result: CheckResult
    json_document: str
    chart_html: Markup = field(default_factory=Markup)
    map_html: Markup = field(default_factory=Markup)


@dataclass(frozen=True)
class ChooseTaskResult:
    """What each lever does to a goal, and the chart of it."""

    choose_result: ChooseResult
    chart_html: Markup


@dataclass(frozen=True)
class UpdateTaskResult:
    """What an update found, and the chart of it."""

    update_result: UpdateResult
    chart_html: Markup


@dataclass(frozen=True)
class ReportDocuments:
    """A report in every form in which it can be taken away.

    page      one HTML document
    brief     one page for Word; None where the libraries are not installed
    slide     one slide for PowerPoint; None as above
    pictures  every chart as PNG, in one ZIP archive
    """

    page: str
    brief: bytes | None
    slide: bytes | None
    pictures: bytes
