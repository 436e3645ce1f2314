"""What each event says of rival cases: which it speaks for, and how tellingly.

The rows are events, the columns rival cases, as in an analysis of competing hypotheses; but where
an analyst would write a plus or a minus stands the probability that each case gave to the event,
given everything in the periods before it. The likelihood ratio of the case that expected it most
to the one that expected it least says how telling it is. Events of one period are not independent,
so that their ratios need not multiply to the Bayes factor of them all.

Sources: Heuer (1999), Psychology of Intelligence Analysis, ch. 8, for the table; Good (1950),
Probability and the Weighing of Evidence, for the ratio as the weight of evidence.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ceasefire.case import Case
from ceasefire.evidence.compare_cases import BAYES_FACTOR_WORDS, ComparisonResult
from ceasefire.evidence.events import RecordedEvent
from ceasefire.results import format_count

TELLING_WORDS = ("hardly tells them apart", "tells", "tells strongly")
MOST_TELLING_WORDS = "tells very strongly"
ALIKE = 1.01  # ratios below this favour nobody


@dataclass(frozen=True)
class RivalEvidence:
    """An event, and what it says of each rival.

    event          what happened
    probabilities  what each case expected of it, in the order of the cases; None without an answer
    favoured       the case that expected it most, by its place; None where none stands out
    against        the case that expected it least; None as above
    ratio          likelihood ratio of these two; inf where one case ruled it out, None as above
    source         where it is known from, in words; empty if the case does not say
    reliability    in how many reports it stands; what is in doubt is not counted at all
    """

    event: RecordedEvent
    probabilities: tuple[float | None, ...]
    favoured: int | None
    against: int | None
    ratio: float | None
    source: str
    reliability: str

    @property
    def words(self) -> str:
        """How telling it is, in words."""
        return describe_likelihood_ratio(self.ratio)

    def as_json(self, names: Sequence[str]) -> dict[str, Any]:
        """The row as `compare --json` prints it; the ratio is null where a case ruled it out.

        names  the rival cases
        """
        finite = self.ratio is not None and math.isfinite(self.ratio)
        return self.event.as_json() | {
            "expected": dict(zip(names, self.probabilities, strict=True)),
            "speaks_for": None if self.favoured is None else names[self.favoured],
            "speaks_against": None if self.against is None else names[self.against],
            "ratio": self.ratio if finite else None,
            "words": self.words,
            "source": self.source,
            "reliability": self.reliability,
        }


def describe_likelihood_ratio(ratio: float | None) -> str:
    """How telling a likelihood ratio is, in words.

    ratio  of the case that expected the event most to the one that expected it least

    >>> [describe_likelihood_ratio(ratio) for ratio in (1.5, 4, 30, 200, math.inf, None)][:3]
    ['hardly tells them apart', 'tells', 'tells strongly']
    """
    if ratio is None:
        return "favours none"
    if math.isinf(ratio):
        return "rules one out"
    return next(
        (
            words
            for (most, _), words in zip(BAYES_FACTOR_WORDS, TELLING_WORDS, strict=True)
            if ratio < most
        ),
        MOST_TELLING_WORDS,
    )


def rival_evidence(cases: Sequence[Case], result: ComparisonResult) -> tuple[RivalEvidence, ...]:
    """Every event with what it says of each rival, the most telling first.

    cases   the rival cases, in the order of the comparison
    result  the comparison

    >>> from ceasefire.case import loads
    >>> from ceasefire.evidence import compare
    >>> text = '''
    ... ceasefire: 1
    ... horizon: 4
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: ODDS, set: {war: false}}]}}
    ... events: [{period: 0, chance: end.peace}]
    ... '''
    >>> cases = [loads(text.replace("ODDS", odds)) for odds in ("0.4", "0.1")]
    >>> row, = rival_evidence(cases, compare(*cases, worlds=0, workers=1))
    >>> row.favoured, round(row.ratio, 6), row.words
    (0, 4.0, 'tells')
    """
    rows = []
    for place, (event, expected) in enumerate(event_expectations(result)):
        row = _evidence_of(event, expected, cases)
        rows.append((-math.inf if row.ratio is None else row.ratio, place, row))
    return tuple(row for _, _, row in sorted(rows, key=lambda one: (-one[0], one[1])))


def event_expectations(
    result: ComparisonResult,
) -> Iterator[tuple[RecordedEvent, tuple[float | None, ...]]]:
    """Each event, and what each case expected of it, in the order of the first case.

    result  the comparison
    """
    for first in result.rivals[0].events if result.rivals else ():
        key = (first.event.period, first.event.description)
        yield (
            first.event,
            tuple(
                next(
                    e for e in rival.events if (e.event.period, e.event.description) == key
                ).expected
                for rival in result.rivals
            ),
        )


def _evidence_of(
    event: RecordedEvent, expected: tuple[float | None, ...], cases: Sequence[Case]
) -> RivalEvidence:
    known = [(value, place) for place, value in enumerate(expected) if value is not None]
    favoured = against = ratio = None
    if len(known) > 1:
        most, least = max(known, key=lambda one: one[0]), min(known, key=lambda one: one[0])
        found = math.inf if least[0] <= 0 < most[0] else most[0] / (least[0] or 1.0)
        if found > ALIKE:
            favoured, against, ratio = most[1], least[1], found
    return RivalEvidence(
        event, expected, favoured, against, ratio, _source_of(event, cases), _reliability_of(event)
    )


def _source_of(event: RecordedEvent, cases: Sequence[Case]) -> str:
    """The title of the source that the first case which knows it gives."""
    named = event.first_report.source
    if not named:
        return ""
    titles = (case.sources[named].title for case in cases if named in case.sources)
    return next((title for title in titles if title), named)


def _reliability_of(event: RecordedEvent) -> str:
    return format_count(event.report_count, "report")


def evidence_rows(
    rows: Sequence[RivalEvidence], names: Sequence[str]
) -> tuple[list[str], list[list[str | float | None]]]:
    """The table for a spreadsheet: its headings, and a row for each event.

    rows   the events with what they say
    names  the rival cases
    """
    headings = [
        "period", "event", *(f"probability by {name}" for name in names), "speaks for",
        "against", "likelihood ratio", "in words", "source", "reliability",
    ]  # fmt: skip
    return headings, [
        [
            row.event.period,
            row.event.description,
            *row.probabilities,
            "" if row.favoured is None else names[row.favoured],
            "" if row.against is None else names[row.against],
            row.ratio if row.ratio is None or math.isfinite(row.ratio) else "infinite",
            row.words,
            row.source,
            row.reliability,
        ]
        for row in rows
    ]
