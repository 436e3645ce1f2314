"""What the events of a case say has happened, each thing once."""

from collections.abc import Mapping
from dataclasses import dataclass

from ceasefire.case import Case, Event
from ceasefire.errors import CaseError, Problem

MOST = 12  # facts of one period: what is shown on the way is counted for every set of them
ACTORS = {"move": "move", "deal": "deal", "refused": "deal"}


@dataclass(frozen=True)
class Fact:
    """One thing that has happened: an event, or several reports of the same.

    event    the first report of it
    reports  how many there are
    """

    event: Event
    reports: int = 1

    @property
    def period(self) -> int:
        """The period in which it happened."""
        return self.event.period

    @property
    def actor(self) -> str:
        """The party, table or chance concerned; nothing for what was observed."""
        return self.event.target.split(".")[0]

    @property
    def words(self) -> str:
        """The event as in the file.

        >>> Fact(Event(period=3, kind="refused", target="talks.truce", by="north")).words
        'refused: talks.truce by north'
        """
        return said(self.event)

    def as_json(self) -> dict[str, object]:
        """The event as `--json` prints it."""
        event = self.event
        return {
            "period": event.period,
            "event": self.words,
            "kind": event.kind,
            "target": dict(event.observed) if event.kind == "observed" else event.target,
            "by": event.by,
            "reports": self.reports,
            "line": event.place.line,
        }


def said(event: Event) -> str:
    """An event as in the file."""
    if event.kind == "observed":
        pairs = (f"{name}={_plain(value)}" for name, value in event.observed.items())
        return f"observed: {', '.join(pairs)}"
    return f"{event.kind}: {event.target}" + (f" by {event.by}" if event.by else "")


def _plain(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_facts(case: Case) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """Every event once, by period and then as in the file, and which reports were not counted.

    Reports of the same thing in the same period count once, whether or not their sources have one
    origin. What no report confirms is in doubt: nothing is known of it, one way or the other.

    Raises CaseError for reports that contradict each other, and for too many in one period.
    """
    groups: dict[tuple[object, ...], list[Event]] = {}
    for event in case.events:
        groups.setdefault(_key(event), []).append(event)
    ordered = sorted(groups.values(), key=lambda group: group[0].period)
    sure = [group for group in ordered if any(event.confirmed for event in group)]
    facts = tuple(Fact(group[0], len(group)) for group in sure)
    problems = [*_contradictions(case, facts), *_too_many(facts)]
    if problems:
        raise CaseError(problems)
    notes = (_note(case, group) for group in sure if len(group) > 1)
    doubts = (
        f"period {group[0].period}, {said(group[0])} (line {group[0].place.line}): "
        "in doubt, not counted"
        for group in ordered
        if group not in sure
    )
    return facts, (*notes, *doubts)


def _key(event: Event) -> tuple[object, ...]:
    seen = tuple(sorted(event.observed.items()))
    return event.period, event.kind, event.target, event.by, seen


def _note(case: Case, group: list[Event]) -> str:
    """Why several reports count once."""
    named = [case.sources.get(event.source or "") for event in group]
    origins = [None if source is None else source.origin for source in named]
    lines = ", ".join(str(event.place.line) for event in group)
    where = f"period {group[0].period}, {said(group[0])} (lines {lines})"
    if origins[0] is not None and len(set(origins)) == 1:
        return f"{where}: {len(group)} reports of one origin count once"
    return f"{where}: reported {len(group)} times, happened once"


def _contradictions(case: Case, facts: tuple[Fact, ...]) -> list[Problem]:
    problems = []
    seen: dict[tuple[int, str], tuple[Fact, object]] = {}
    for fact in facts:
        for name, value in fact.event.observed.items():
            other, before = seen.setdefault((fact.period, name), (fact, value))
            if before != value:
                problems.append(
                    fact.event.place.problem(
                        "contradicts another event",
                        found=f"{name}={_plain(value)}",
                        allowed=f"{name}={_plain(before)}, as line {other.event.place.line} has it",  # type: ignore[arg-type]
                        advice="a period ends in one state; correct one of the two, or its period",
                    )
                )
        if fact.event.kind == "idle" or fact.event.target.endswith(".pass"):
            steps = sum(step.id == fact.actor for step in case.order)
            others = [o for o in facts if _does(o, fact)]
            if len({o.event.target for o in others}) >= steps and others:
                problems.append(
                    fact.event.place.problem(
                        "contradicts another event",
                        found=fact.words,
                        allowed=f"{others[0].words} in the same period, as line "
                        f"{others[0].event.place.line} has it, or this",
                        advice=f"{fact.actor} has {steps} step{'s' * (steps != 1)} in a period",
                    )
                )
    return problems


def _does(other: Fact, idle: Fact) -> bool:
    """Whether another event says that the idle actor did something in the same period."""
    same = other.period == idle.period and other.actor == idle.actor and other is not idle
    return same and other.event.kind in ACTORS


def _too_many(facts: tuple[Fact, ...]) -> list[Problem]:
    counts: dict[int, int] = {}
    problems = []
    for fact in facts:
        counts[fact.period] = counts.get(fact.period, 0) + 1
        if counts[fact.period] == MOST + 1:
            problems.append(
                fact.event.place.problem(
                    "too many events in one period",
                    found=f"{MOST + 1} and more in period {fact.period}",
                    allowed=f"at most {MOST}",
                    advice="choose a shorter `period`, or leave out what says little",
                )
            )
    return problems


def by_period(facts: tuple[Fact, ...]) -> Mapping[int, tuple[Fact, ...]]:
    """The facts of each period that has any."""
    found: dict[int, tuple[Fact, ...]] = {}
    for fact in facts:
        found[fact.period] = (*found.get(fact.period, ()), fact)
    return found
