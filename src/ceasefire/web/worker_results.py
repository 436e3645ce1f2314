"""What jobs find out for a page, and what they say on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from ceasefire.argument import headline_paragraphs, theses, verdict_in_short
from ceasefire.case import Case
from ceasefire.diagnostics import readable_name
from ceasefire.ensemble import CheckResult, ChooseResult, ClaimCheck, TurningPoint
from ceasefire.evidence import UpdateResult
from ceasefire.query import NumericalQuality


@dataclass(frozen=True)
class BestEstimateClaim:
    """A claim at the best estimates, with its test written in numbers."""

    claim: ClaimCheck
    numeric_test: str


@dataclass(frozen=True)
class BestEstimateTaskResult:
    """All claims at the best estimates, how good the numbers are, and how much work it was.

    claims    each claim by its name
    numerics  how good the numbers are
    seconds   of a processor, however long others kept it from the work
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
    unit   what is counted, empty if it goes without saying
    """

    done: int
    total: int
    part: str = ""
    unit: str = "readings"


@dataclass(frozen=True)
class CaseOverview:
    """What the front page says of a case.

    title    what it calls itself
    about    the first sentence on it
    verdict  how its argument stands at the best estimates, in a few words
    detail   the same in a sentence or two
    truths   (sentence, truth) of each claim, the theses first
    """

    title: str
    about: str
    verdict: str
    detail: str
    truths: tuple[tuple[str, bool | None], ...]

    @classmethod
    def of(cls, case: Case, best: BestEstimateTaskResult) -> "CaseOverview":
        """The overview of a case whose claims are answered.

        case  the case
        best  its claims at the best estimates
        """
        standings = [line.claim.standing for line in in_file_order(case, best.claims)]
        first = theses({one.id: one.because for one in standings})
        ordered = sorted(standings, key=lambda one: one.id not in first)
        paragraphs = headline_paragraphs(standings)
        return cls(
            case.title,
            first_sentence(case.about or ""),
            verdict_in_short(standings),
            paragraphs[0] if paragraphs else "",
            tuple((one.says or readable_name(one.id), one.best) for one in ordered),
        )


def in_file_order(
    case: Case, claims: Mapping[str, BestEstimateClaim]
) -> tuple[BestEstimateClaim, ...]:
    """The claims that are known, in the order of the case."""
    return tuple(claims[name] for name in case.claims if name in claims)


def first_sentence(text: str) -> str:
    """The first sentence of a text.

    >>> first_sentence("A war. And its end.")
    'A war.'
    """
    first, stop, _ = " ".join(text.split()).partition(". ")
    return first + stop.strip()


@dataclass(frozen=True)
class PartialShares:
    """The shares over the worlds that are done so far.

    shares  by claim, None where no world so far has an answer
    worlds  how many worlds are done
    wanted  how many there will be
    """

    shares: Mapping[str, float | None]
    worlds: int
    wanted: int


@dataclass(frozen=True)
class ClaimTurningPoints:
    """What turns each claim, one unknown at a time, as far as the unknowns have been read.

    by_claim  by claim, the nearest first
    read      how many unknowns have been read
    wanted    how many there are to read
    """

    by_claim: Mapping[str, tuple[TurningPoint, ...]]
    read: int
    wanted: int

    @property
    def is_complete(self) -> bool:
        """Whether every unknown has been read."""
        return self.read >= self.wanted


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
