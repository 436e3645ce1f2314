"""Everything that a report tells, computed once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ceasefire.ask import Explanation, explain, read_claims
from ceasefire.ask.question import Happening, Quantity, conditions
from ceasefire.case import Case, dump, loads
from ceasefire.errors import CaseError, CeasefireError
from ceasefire.evidence import BaseRate, Updated, base_rates, update
from ceasefire.worlds import (
    Checked,
    Paths,
    Plane,
    Verdict,
    Worths,
    check,
    paths,
    plane,
    waiting,
    worth,
)

CHARTED = 64  # worlds of a chart: a band needs fewer than a share
STATES = 8  # explanations besides those of the start
PLANES = 2
POINTS = 7

Report = Callable[[int, int], None]
Stage = Callable[[str], None]


@dataclass(frozen=True)
class Findings:
    """What a report is made of; what was not computed is None or empty.

    text          the case as YAML that can be run again
    explanations  what each party does at the start, then in states that claims ask about
    unexplained   what could not be computed, and why
    changed       what makes the case another than its author wrote, if anything does
    """

    case: Case
    text: str
    checked: Checked
    rates: Mapping[str, BaseRate] = field(default_factory=dict)
    paths: Paths | None = None
    worth: Worths | None = None
    waiting: Worths | None = None
    planes: tuple[Plane, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    updated: Updated | None = None
    unexplained: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        found = (
            self.checked, self.paths, self.worth, self.waiting, self.updated, *self.planes,
        )  # fmt: skip
        return bool(self.unexplained) or any(one is not None and one.marked for one in found)


def gather(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    checked: Checked | None = None,
    flips: bool = True,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: Report | None = None,
    on_stage: Stage | None = None,
) -> Findings:
    """Compute everything that a report of a case tells.

    checked   the claims, if they have been checked already
    flips     whether to look for what turns each claim, the longest part
    on_stage  called with the name of each part before it is computed

    Bands and worths are from at most 64 worlds, waiting from the best estimates alone.
    """
    say = on_stage or (lambda _: None)
    charted = min(worlds, CHARTED)
    if checked is None:
        say("claims, and what turns them")
        checked = check(
            case, worlds, seed,
            flips=flips, grid=grid, memory=memory, workers=workers, progress=progress,
        )  # fmt: skip
    say("paths")
    course = paths(
        case, charted, seed, grid=grid, memory=memory, workers=workers, progress=progress
    )
    tables = delays = None
    if case.tables:
        say("what tables are worth")
        tables = worth(
            case, charted, seed, grid=grid, memory=memory, workers=workers, progress=progress
        )
        say("who gains from waiting")
        delays = waiting(case, grid=grid, memory=memory, workers=workers)
    missing: list[str] = []
    say("why")
    reasons = tuple(_explained(case, grid, memory, missing))
    say("planes")
    planes = tuple(
        plane(
            case, v.claim.id, *v.pair.unknowns,
            points=POINTS, grid=grid, memory=memory, workers=workers, progress=progress,
        )
        for v in _paired(checked)
        if v.pair is not None
    )  # fmt: skip
    happened = None
    if case.events:
        say("before and after the events")
        try:
            happened = update(
                case, charted, seed,
                grid=grid, memory=memory, workers=workers, progress=progress,
            )  # fmt: skip
        except CeasefireError as error:
            missing.append(f"The events: {error}")
    return Findings(
        case, source_text(case), checked, base_rates(case), course, tables, delays, planes,
        reasons, happened, tuple(missing),
    )  # fmt: skip


def source_text(case: Case) -> str:
    """The case as its author wrote it if that stands alone, else with every default filled in."""
    try:
        text = Path(case.file).read_text(encoding="utf-8-sig")
        if "extends" not in text and loads(text) == case:
            return text
    except (OSError, ValueError, CaseError):
        pass
    return dump(case)


def _paired(checked: Checked) -> list[Verdict]:
    return [verdict for verdict in checked.verdicts if verdict.pair is not None][:PLANES]


def _explained(
    case: Case, grid: int | None, memory: float, missing: list[str]
) -> Iterator[Explanation]:
    for party, at in telling(case):
        try:
            found = explain(case, party, at, grid=grid, memory=memory)
        except CeasefireError as error:
            missing.append(f"{party}: {error}")
            continue
        if found.decisions:
            yield found


def telling(case: Case) -> list[tuple[str, dict[str, bool | int | str]]]:
    """Every party at the start, then parties in the states in which claims ask what they do."""
    asked = [q for question in read_claims(case).values() for q in question.quantities]
    pairs = [(party, q.start) for q in asked if q.start for party in _movers(case, q)]
    elsewhere = list(dict.fromkeys(pairs))[:STATES]
    return [(party, {}) for party in case.parties] + [(p, dict(s)) for p, s in elsewhere]


def _movers(case: Case, quantity: Quantity) -> Iterator[str]:
    if quantity.kind == "signs":
        yield quantity.party
    if quantity.kind == "kept":
        yield case.promises[quantity.subject].by
    if quantity.kind == "plays" and quantity.subject in case.moves:
        yield case.moves[quantity.subject].party
    for formula in (quantity.formula, quantity.provided):
        for condition in conditions(formula) if formula is not None else ():
            for event in sorted(condition.events) if isinstance(condition, Happening) else ():
                if event in case.moves:
                    yield case.moves[event].party
