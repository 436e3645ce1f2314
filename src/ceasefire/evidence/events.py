"""Lays events on the graph of a period, and finds those that no step explains.

A move, deal, yes, refusal, outcome or breach that is recorded for a period has happened at least
once in it, at whichever of its steps. An idle table gets no offer in the period, and a party that
passes makes no move, except those that are recorded too. What is observed holds at the period's
end. Of a step of which nothing is recorded nothing is known: it is played as the parties would.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import NO_OUTCOME, Case, Event, EventKind
from ceasefire.diagnostics import readable_name
from ceasefire.equilibrium import BranchConstraints
from ceasefire.errors import CaseError, Problem
from ceasefire.game import NODE_ROLES, Game
from ceasefire.game.graph import PeriodGraph
from ceasefire.game.states import Ints

MAX_EVENTS_PER_PERIOD = (
    12  # facts of one period: what is shown on the way is counted for every set of them
)
MOST_CONSENTS_IN_A_DEAL = 2  # more than these, and one party's yes is not yet the deal
KINDS_OF_ACTS = ("move", "deal", "outcome", "signed", "refused")


@dataclass(frozen=True)
class RecordedEvent:
    """One thing that has happened: an event, or several reports of the same.

    first_report  the first report of it
    report_count  how many there are
    """

    first_report: Event
    report_count: int = 1

    @property
    def period(self) -> int:
        """The period in which it happened."""
        return self.first_report.period

    @property
    def actor(self) -> str:
        """The party, table or chance concerned; nothing for what was observed."""
        return self.first_report.target.split(".")[0]

    @property
    def act(self) -> str:
        """The move or deal of which it tells, without the outcome; else what it is about."""
        return ".".join(self.first_report.target.split(".")[:2])

    @property
    def description(self) -> str:
        """The event as in the file.

        >>> event = Event(period=3, kind="refused", target="talks.truce", by="north")
        >>> RecordedEvent(event).description
        'refused: talks.truce by north'
        """
        return describe_event(self.first_report)

    def as_json(self) -> dict[str, object]:
        """The event as `--json` prints it."""
        event = self.first_report
        return {
            "period": event.period,
            "event": self.description,
            "kind": event.kind,
            "target": dict(event.observed) if event.kind == "observed" else event.target,
            "by": event.by,
            "reports": self.report_count,
            "line": event.location.line,
        }


def describe_event(event: Event) -> str:
    """An event as in the file."""
    if event.kind == "observed":
        pairs = (f"{name}={_observed_value_text(value)}" for name, value in event.observed.items())
        return f"observed: {', '.join(pairs)}"
    return f"{event.kind}: {event.target}" + (f" by {event.by}" if event.by else "")


def event_in_words(case: Case, event: Event) -> str:
    """An event as people say it, by labels.

    case   the case
    event  one of its events, or one that it could have

    >>> from ceasefire.case import Event, loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {north: {name: The North}, south: {}}
    ... state: {war: {start: true}}
    ... moves: {attack_now: {by: north, set: {war: true}}}
    ... tables: {t: {label: The talks, seats: [north, south], deals: {truce: {set: {war: false}}}}}
    ... chance: {fatigue: {when: war, outcomes: [{name: it_ends, chance: 0.1, set: {war: false}}]}}
    ... ''')
    >>> for kind, target, by in [
    ...     ("deal", "t.truce", None), ("refused", "t.truce", "north"), ("idle", "t", None),
    ...     ("move", "north.attack_now", None), ("move", "north.pass", None),
    ...     ("chance", "fatigue.it_ends", None),
    ... ]:
    ...     print(event_in_words(case, Event(period=0, kind=kind, target=target, by=by)))
    The talks: truce took effect
    The North refused The talks: truce
    The talks made no offer
    The North: attack now
    The North: did nothing
    fatigue: it ends
    >>> print(event_in_words(case, Event(period=0, kind="observed", observed={"war": False})))
    war: no
    """
    if event.kind == "observed":
        return ", ".join(
            f"{case.label_of(name)}: {value_in_words(case, name, value)}"
            for name, value in event.observed.items()
        )
    target = target_in_words(case, event.target)
    by = case.name_of(event.by) if event.by else "somebody"
    match event.kind:
        case "deal":
            return f"{target} took effect"
        case "signed":
            return f"{by} said yes to {target}"
        case "refused":
            return f"{by} refused {target}"
        case "broken":
            return f"{target} was broken"
        case "idle":
            return f"{target} made no offer"
        case _:
            return target


def target_in_words(case: Case, target: str) -> str:
    """What an event is about as people say it: a deal, a move, an outcome, a promise, a fact.

    case    the case
    target  as the event has it
    """
    owner, _, name = target.rpartition(".")
    if owner in case.parties:
        move = case.moves.get(target)
        said = "did nothing" if move is None else move.label or readable_name(name)
        return f"{case.name_of(owner)}: {said}"
    label = case.label_of(target)
    if not owner or label != readable_name(target):
        return label
    return f"{target_in_words(case, owner)}: {readable_name(name)}"


def value_in_words(case: Case, name: str, value: bool | int | str) -> str:
    """A value of a fact as people say it.

    case   the case
    name   a variable or a promise
    value  one of its values
    """
    text = _observed_value_text(value)
    labels = case.state[name].labels if name in case.state else {}
    plain = readable_name(str(value)) if not isinstance(value, bool) else "yes" if value else "no"
    return labels.get(text, plain)


def _observed_value_text(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_recorded_events(case: Case) -> tuple[tuple[RecordedEvent, ...], tuple[str, ...]]:
    """Every event once, by period and then as in the file, and which reports were not counted.

    case  a case with events

    Reports of the same thing in the same period count once, whether or not their sources have one
    origin. What no report confirms is in doubt: nothing is known of it, one way or the other.

    Raises CaseError for reports that contradict each other, and for too many in one period.
    """
    groups: dict[tuple[object, ...], list[Event]] = {}
    for event in case.events:
        groups.setdefault(_event_identity(event), []).append(event)
    ordered = sorted(groups.values(), key=lambda group: group[0].period)
    sure = [group for group in ordered if any(event.confirmed for event in group)]
    recorded_events = tuple(RecordedEvent(group[0], len(group)) for group in sure)
    problems = [
        *_contradiction_problems(case, recorded_events),
        *_too_many_events_problems(recorded_events),
    ]
    if problems:
        raise CaseError(problems)
    notes = (_repeated_report_note(case, group) for group in sure if len(group) > 1)
    doubts = (
        f"period {group[0].period}, {describe_event(group[0])} (line {group[0].location.line}): "
        "in doubt, not counted"
        for group in ordered
        if group not in sure
    )
    return recorded_events, (*notes, *doubts)


def _event_identity(event: Event) -> tuple[object, ...]:
    seen = tuple(sorted(event.observed.items()))
    return event.period, event.kind, event.target, event.by, seen


def _repeated_report_note(case: Case, group: list[Event]) -> str:
    """Why several reports count once."""
    named = [case.sources.get(event.source or "") for event in group]
    origins = [None if source is None else source.origin for source in named]
    lines = ", ".join(str(event.location.line) for event in group)
    where = f"period {group[0].period}, {describe_event(group[0])} (lines {lines})"
    if origins[0] is not None and len(set(origins)) == 1:
        return f"{where}: {len(group)} reports of one origin count once"
    return f"{where}: reported {len(group)} times, happened once"


def _contradiction_problems(case: Case, events: tuple[RecordedEvent, ...]) -> list[Problem]:
    problems = []
    seen: dict[tuple[int, str], tuple[RecordedEvent, object]] = {}
    for event in events:
        for name, value in event.first_report.observed.items():
            other, before = seen.setdefault((event.period, name), (event, value))
            if before != value:
                problems.append(
                    event.first_report.location.problem(
                        "contradicts another event",
                        found=f"{name}={_observed_value_text(value)}",
                        allowed=f"{name}={_observed_value_text(before)}, "  # type: ignore[arg-type]
                        f"as line {other.first_report.location.line} has it",
                        help="a period ends in one state; correct one of the two, or its period",
                    )
                )
        if event.first_report.kind == "idle" or event.first_report.target.endswith(".pass"):
            steps = sum(step.id == event.actor for step in case.order)
            others = [o for o in events if _acts_though_idle(o, event)]
            if len({other.act for other in others}) >= steps and others:
                problems.append(
                    event.first_report.location.problem(
                        "contradicts another event",
                        found=event.description,
                        allowed=f"{others[0].description} in the same period, as line "
                        f"{others[0].first_report.location.line} has it, or this",
                        help=f"{event.actor} has {steps} step{'s' * (steps != 1)} in a period",
                    )
                )
    return problems


def _acts_though_idle(other: RecordedEvent, idle: RecordedEvent) -> bool:
    """Whether another event says that the idle actor did something in the same period."""
    same = other.period == idle.period and other.actor == idle.actor and other is not idle
    return same and other.first_report.kind in KINDS_OF_ACTS


def _too_many_events_problems(events: tuple[RecordedEvent, ...]) -> list[Problem]:
    counts: dict[int, int] = {}
    problems = []
    for event in events:
        counts[event.period] = counts.get(event.period, 0) + 1
        if counts[event.period] == MAX_EVENTS_PER_PERIOD + 1:
            problems.append(
                event.first_report.location.problem(
                    "too many events in one period",
                    found=f"{MAX_EVENTS_PER_PERIOD + 1} and more in period {event.period}",
                    allowed=f"at most {MAX_EVENTS_PER_PERIOD}",
                    help="choose a shorter `period`, or leave out what says little",
                )
            )
    return problems


def group_events_by_period(
    events: tuple[RecordedEvent, ...],
) -> Mapping[int, tuple[RecordedEvent, ...]]:
    """The facts of each period that has any.

    events  any events
    """
    events_by_period: dict[int, tuple[RecordedEvent, ...]] = {}
    for event in events:
        events_by_period[event.period] = (*events_by_period.get(event.period, ()), event)
    return events_by_period


Bools = npt.NDArray[np.bool_]


def mark_graph_with_events(
    game: Game, period: int, events: Collection[RecordedEvent]
) -> BranchConstraints:
    """What these facts of one period say about the branches and ends of its graph.

    game    the case as a game
    period  the period
    events  all of that period
    """
    graph = game.graph_of(period)
    need = np.zeros(len(graph.successor), dtype=np.int64)
    barred = np.zeros(len(graph.successor), dtype=np.bool_)
    fits = np.ones(len(game.states), dtype=np.bool_)
    bit = 0
    recorded = {
        one
        for recorded_event in events
        for one in game.case.members_of(recorded_event.act)
        if recorded_event.first_report.kind in KINDS_OF_ACTS
    }
    for recorded_event in events:
        event = recorded_event.first_report
        if event.kind == "observed":
            for name, value in event.observed.items():
                variable, column = (
                    game.case.variables_and_promises[name],
                    game.variables.index(name),
                )
                fits &= game.states[:, column] == variable.values.index(value)
        elif event.kind == "idle" or event.target.endswith(".pass"):
            barred |= _branches_breaking_idleness(
                game, graph, recorded_event.actor, event.kind == "idle", recorded
            )
        else:
            need[branches_showing_event(game, graph, recorded_event)] |= 1 << bit
            bit += 1
    return BranchConstraints(need, barred, fits, (1 << bit) - 1)


def _node_value_by_branch(
    graph: PeriodGraph, of: npt.NDArray[np.generic]
) -> npt.NDArray[np.generic]:
    """(B,) what the node of each branch has."""
    return np.repeat(of, np.diff(graph.first_branch))


def branches_showing_event(game: Game, graph: PeriodGraph, recorded_event: RecordedEvent) -> Bools:
    """(B,) the branches on which something happens that is no idleness and no observation.

    game            the case as a game
    graph           the graph of a period
    recorded_event  an event of that period
    """
    event = recorded_event.first_report
    if event.kind in ("refused", "signed"):
        return _branches_of_consent(game, graph, event)
    names = frozenset(_labels_of_event(game.case, event))
    carrying = [number for number, label in enumerate(game.labels) if names & label]
    return np.isin(graph.label, carrying)


def _labels_of_event(case: Case, event: Event) -> tuple[str, ...]:
    """What the branches carry on which an event happens; one member of a family will do."""
    if event.kind == "broken":
        return (f"broken:{event.target}",)
    owner, _, outcome = event.target.rpartition(".")
    if event.kind == "outcome" and owner in case.families:
        return tuple(f"{member}.{outcome}" for member in case.families[owner])
    return case.members_of(event.target)


def _branches_of_consent(game: Game, graph: PeriodGraph, event: Event) -> Bools:
    """(B,) where a party says no to a deal, or says yes to it; who proposes a deal agrees to it."""
    assert event.by is not None
    members = game.case.members_of(event.target)
    role = np.asarray(_node_value_by_branch(graph, graph.node_role))
    about = np.isin(
        _node_value_by_branch(graph, graph.deal),
        [game.deals.index(member) for member in members if member in game.deals],
    )
    holders = game.state_table.holders(event.by, game.states[graph.state])
    by = np.asarray(_node_value_by_branch(graph, graph.mover == holders), dtype=np.bool_)
    answers = by & about & (role == NODE_ROLES.index("answer"))
    if event.kind == "refused":
        return np.asarray(answers & _takes_option(game, graph, ("no",)))
    offers = by & (role == NODE_ROLES.index("offer")) & _takes_option(game, graph, members)
    return np.asarray((answers & _takes_option(game, graph, ("yes",))) | offers)


def _takes_option(game: Game, graph: PeriodGraph, names: Collection[str]) -> Bools:
    """(B,) whether a branch is one of these options."""
    return np.isin(graph.option, [n for n, name in enumerate(game.options) if name in names])


def _branches_breaking_idleness(
    game: Game, graph: PeriodGraph, actor: str, table: bool, recorded: Collection[str]
) -> Bools:
    """(B,) offers made at a table, or moves made by a party, that are not recorded."""
    role = NODE_ROLES.index("offer" if table else "move")
    allowed = [n for n, name in enumerate(game.options) if name in {f"{actor}.pass", *recorded}]
    steps = [k for k, step in enumerate(game.steps) if step.step_of(actor)]
    here = (_node_value_by_branch(graph, graph.node_role) == role) & np.isin(
        _node_value_by_branch(graph, graph.step), steps
    )
    if actor in game.parties:  # at one moment others choose in the same step
        here &= _node_value_by_branch(graph, graph.mover) == game.parties.index(actor)
    return np.asarray(here & ~np.isin(graph.option, allowed))


def find_states_after_events(game: Game, events: tuple[RecordedEvent, ...], today: int) -> Ints:
    """The states in which things may stand today, whatever the unknowns.

    game    the case as a game
    events  all that happened before today
    today   the period that begins now

    Raises CaseError with every event that no step explains, its line, its period and what could
    have happened instead.
    """
    known, problems = group_events_by_period(events), []
    states = np.array([game.start_state({})], dtype=np.int32)
    for period in range(today):
        here = known.get(period, ())
        ends = _period_end_states(game, period, states, here)
        if len(ends):
            states = ends
            continue
        faults = [
            event for event in here if not len(_period_end_states(game, period, states, [event]))
        ]
        together = [] if faults else [_first_conflicting_event(game, period, states, here)]
        problems += [_unexplained_event_problem(game, period, states, event) for event in faults]
        problems += [_conflicting_event_problem(event, here, period) for event in together]
        rest = [event for event in here if event not in (*faults, *together)]
        ends = _period_end_states(game, period, states, rest)
        states = ends if len(ends) else _period_end_states(game, period, states, [])
    if problems:
        raise CaseError(problems)
    return states


def _period_end_states(
    game: Game, period: int, states: Ints, events: Sequence[RecordedEvent]
) -> Ints:
    """The states in which a period can end that begins in one of these and shows these facts."""
    known = mark_graph_with_events(game, period, events)
    met = known.reached_nodes(game.graph_of(period), states)
    return np.flatnonzero(met[: len(game.states), known.all_facts] & known.allowed_ends).astype(
        np.int32
    )


def _first_conflicting_event(
    game: Game, period: int, states: Ints, events: Sequence[RecordedEvent]
) -> RecordedEvent:
    """The first fact that cannot have happened along with those before it in the file."""
    for count in range(1, len(events)):
        if not len(_period_end_states(game, period, states, events[: count + 1])):
            return events[count]
    raise AssertionError("all facts together are impossible")


def _unexplained_event_problem(
    game: Game, period: int, states: Ints, recorded_event: RecordedEvent
) -> Problem:
    event = recorded_event.first_report
    if event.kind == "observed":
        ends = _period_end_states(game, period, states, [])
        instead = [game.describe(int(end)) for end in ends[:6]] + ["…"] * (len(ends) > 6)
    else:
        instead = list(find_possible_events(game, period, states, _actor_of(game.case, event)))
    where = f"period {period}, after the events before it"
    later = _first_possible_period(game, recorded_event, states)
    advice = f"it can happen in period {later}: correct its period" if later is not None else ""
    return event.location.problem(
        f"no step explains this event in {where}",
        found=recorded_event.description,
        allowed="; ".join(instead) if instead else "nothing there",
        help=advice or "correct the event, or let the case allow it (`when`, `during`, `needs`)",
    )


def _actor_of(case: Case, event: Event) -> str:
    """Who did it or could have: a party, a table or a chance; of a breach, who gave the promise."""
    if event.kind == "broken":
        return case.promises[event.target].by
    return event.target.split(".")[0]


def find_possible_events(
    game: Game, period: int, states: Ints, actor: str | None = None
) -> dict[str, Event]:
    """Everything that may happen in a period that begins in one of these states, by its words.

    game    the case as a game
    period  the period
    states  the states in which it may begin
    actor   only what this party, table or chance does
    """
    graph = game.graph_of(period)
    met: Bools = np.asarray(
        BranchConstraints.unconstrained(graph).reached_nodes(graph, states).any(axis=1)
    )
    there = np.flatnonzero(_node_value_by_branch(graph, met))
    columns = [
        _node_value_by_branch(graph, graph.step),
        _node_value_by_branch(graph, graph.node_role),
        _node_value_by_branch(graph, graph.deal),
    ]
    columns += [_node_value_by_branch(graph, graph.mover), graph.option, graph.label]
    rows = np.unique(np.stack([column[there] for column in columns], axis=1), axis=0)
    possible_events: dict[str, Event] = {}
    for step, role, deal, mover, option, label in rows.astype(np.int64).tolist():
        owner = game.parties[mover] if game.steps[step].together else game.steps[step].id
        if actor is not None and owner != actor:
            continue
        for kind, target, by in _events_of_branch(
            game, owner, NODE_ROLES[role], deal, mover, option, label
        ):
            event = Event(period=period, kind=kind, target=target, by=by)
            possible_events[describe_event(event)] = event
    return possible_events


def _events_of_branch(
    game: Game, owner: str, role: str, deal: int, mover: int, option: int, label: int
) -> Iterator[tuple[EventKind, str, str | None]]:
    """The events that a branch is, as kind, target and by whom."""
    name, happens = game.options[option], game.labels[label]
    if role == "move":
        yield "move", name, None
    elif (role == "meets" and name == "idle") or (role == "offer" and name == f"{owner}.pass"):
        yield "idle", owner, None
    elif role == "answer":
        table, own_name = game.deals[deal].split(".", 1)
        if name == "no":
            yield "refused", game.deals[deal], game.parties[mover]
        elif len(game.case.tables[table].deals[own_name].needs) > MOST_CONSENTS_IN_A_DEAL:
            yield "signed", game.deals[deal], game.parties[mover]
    for event in sorted(happens):
        if event in game.deals:
            yield "deal", event, None
        elif event.startswith("broken:"):
            yield "broken", event.removeprefix("broken:"), None
        elif owner in game.case.chance:
            if event != owner or not game.case.chance[owner].outcomes:
                yield "chance", event, None
        elif event.count(".") == 2 and not event.endswith(f".{NO_OUTCOME}"):
            yield "outcome", event, None


def _first_possible_period(game: Game, recorded_event: RecordedEvent, states: Ints) -> int | None:
    """The first later period in which the event can happen."""
    for period in range(recorded_event.period, game.periods):
        if period > recorded_event.period and len(
            _period_end_states(game, period, states, [recorded_event])
        ):
            return period
        states = _period_end_states(game, period, states, [])
    return None


def _conflicting_event_problem(
    recorded_event: RecordedEvent, others: Sequence[RecordedEvent], period: int
) -> Problem:
    before = [other.description for other in others[: list(others).index(recorded_event)]]
    return recorded_event.first_report.location.problem(
        f"cannot have happened in period {period} along with others",
        found=recorded_event.description,
        allowed=f"what goes with {'; '.join(before)}",
        help="correct one of them, or its period",
    )
