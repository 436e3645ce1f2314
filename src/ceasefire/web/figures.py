"""Charts of a case as it stands on a page, drawn where it is solved.

Each is a picture with its text alternative, the same in numbers as a table, and how good they are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from ceasefire.case import Case, Frozen
from ceasefire.show.chart_beliefs import beliefs_chart
from ceasefire.show.chart_claims import flips_chart
from ceasefire.show.chart_parties import parties_chart
from ceasefire.show.chart_paths import paths_chart
from ceasefire.show.chart_worth import waiting_chart, worth_chart
from ceasefire.show.drawing import Chart, figure
from ceasefire.show.turns import pair_words
from ceasefire.show.words import counted, likely, number
from ceasefire.web import parts
from ceasefire.worlds import Paths, Worth, Worths, check, paths, waiting, worth

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Wanted:
    """A chart that is asked for: one of `KINDS`, of a claim where it is about one.

    worlds  how many its bands are from; 0 for the best estimates alone
    """

    kind: str
    claim: str = ""
    worlds: int = 0


KINDS = {
    "parties": "Parties and tables",
    "paths": "What is likely when, and what is believed",
    "worth": "What each table is worth",
    "waiting": "Who gains from waiting",
    "flips": "What turns a claim",
}
WITH_WORLDS = ("paths", "worth", "waiting")


def kinds(case: Case) -> dict[str, str]:
    """The charts that a case can have."""
    lacking = set() if case.tables else {"parties", "worth", "waiting"}
    lacking |= set() if case.claims and _varied(case) else {"flips"}
    return {kind: words for kind, words in KINDS.items() if kind not in lacking}


def solutions(case: Case, wanted: Wanted) -> float:
    """About how many times a chart needs the case solved."""
    tables = len(case.tables)
    flips = 7 + 6 * _varied(case)
    each = {"paths": 1, "worth": 1 + tables, "waiting": 1 + 8 * tables, "flips": flips}
    return each.get(wanted.kind, 0) * (1 + wanted.worlds)


def _varied(case: Case) -> int:
    return sum(unknown.kind is not None for unknown in case.unknowns.values())


def drawn(case: Case, wanted: Wanted, memory: float, progress: Report) -> str:
    """A chart as HTML; numbers in it are those of the case as it is given.

    Raises what solving the case raises.
    """
    return "".join(_pieces(case, wanted, memory, progress))


def _pieces(case: Case, wanted: Wanted, memory: float, progress: Report) -> Iterator[str]:
    how: dict[str, Any] = {
        "worlds": wanted.worlds,
        "memory": memory,
        "workers": 1,
        "progress": progress,
    }
    match wanted.kind:
        case "parties":
            told = "; ".join(f"{t}: {', '.join(r.seats)}" for t, r in case.tables.items())
            yield placed(parties_chart(case), f"Who sits at which table. {told}")
        case "paths":
            yield from _followed(case, paths(case, **how))
        case "worth":
            found = worth(case, **how)
            yield placed(worth_chart(case, found), "Worth of each table, as in the table below")
            yield _worths(case, found)
        case "waiting":
            found = waiting(case, **how)
            told = "Gain of each party by the delay of each table, as in the table below"
            yield placed(waiting_chart(case, found), told)
            yield _worths(case, found)
        case "flips":
            yield from _turned(case, wanted.claim, memory, progress)


def placed(chart: Chart | None, told: str) -> str:
    """A chart as a picture that scrolls by itself where the page is narrow."""
    drawing = figure(chart, told)
    if drawing is None:
        return ""
    return f'<figure class="chart" tabindex="0" role="group" aria-label="Chart">{drawing}</figure>'


def _folded(table: str) -> str:
    return f"<details><summary>The same in numbers</summary>{table}</details>"


def _followed(case: Case, found: Paths) -> Iterator[str]:
    told = "over time, as in the table below"
    yield placed(paths_chart(case, found), f"Probability of each condition {told}")
    yield placed(beliefs_chart(case, found), f"What each observer believes {told}")
    rows = []
    for band in found.bands:
        if band.kind in ("condition", "belief"):
            line = [band.best[0], band.best[len(band.best) // 2], band.best[-1]]
            ends = [band.low[-1], band.high[-1]] if band.low else []
            rows.append([band.name, band.observer or "", *map(likely, [*line, *ends])])
    half = f"after {len(found.bands[0].best) // 2 if found.bands else 0}"
    heads = ["what", "by", "start", half, "end", *(["5 %", "95 %"] if found.worlds else [])]
    caption = f"At the start and after so many {case.period}s, at the best estimates"
    yield _folded(parts.table(heads, rows, caption, words=2)) if rows else ""
    yield parts.certificate(found.numerics, found.ran)


def _worths(case: Case, found: Worths) -> str:
    rows = [_worth(case, one, ranged=found.worlds > 0) for one in found.worths if one.closed != 0]
    asked = "closed for" if any(one.closed is not None for one in found.worths) else "asked"
    heads = ["table", "party", asked, "best", *(["5 %", "95 %"] if found.worlds else [])]
    caption = "Gain of each party, in its own units of payoff"
    table = parts.table(heads, rows, caption, words=2)
    return _folded(table) + parts.certificate(found.numerics, found.ran)


def _worth(case: Case, one: Worth, *, ranged: bool) -> list[str]:
    asked = "with, less without" if one.closed is None else counted(one.closed, case.period)
    best = "no answer" if one.best is None else number(one.best)
    row = [one.table, case.parties[one.party].name, asked, best]
    if ranged:
        ends = ("", "") if one.spread is None else (one.spread.p05, one.spread.p95)
        row += [end if isinstance(end, str) else number(end) for end in ends]
    return row


def _turned(case: Case, name: str, memory: float, progress: Report) -> Iterator[str]:
    """What turns one claim, the others left alone."""
    alone = replace(case, claims=Frozen({name: case.claims[name]}))
    found = check(alone, 0, flips=True, memory=memory, workers=1, progress=progress)
    verdict = found.verdicts[0]
    flips = verdict.flips or ()
    said = ", ".join(f"{f.unknown} at {number(f.at)}" for f in flips)
    yield placed(flips_chart(case, verdict), f"What turns {name}: {said}")
    if not flips:
        yield f"<p>No unknown alone turns {name} within its range.</p>"
    if verdict.pair is not None:
        yield f"<p>Two together turn it: {escape(pair_words(verdict.pair))}.</p>"
    rows = [[f.unknown, number(f.best), number(f.at), f"{f.move:.0%}"] for f in flips]
    heads = ["unknown", "best", "turns at", "move"]
    caption = "Moves are shares of the unknown's range"
    yield _folded(parts.table(heads, rows, caption)) if rows else ""
    if found.flips is not None and found.flips.doubtful:
        readings = counted(found.flips.doubtful, "reading")
        doubt = f"{readings} on the way had decisions unresolved or branch points"
        yield f'<p class="doubt small">! {doubt}</p>'
    yield parts.certificate(found.best.numerics)
