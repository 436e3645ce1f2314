"""What a worker process does for the panels about power and stability."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ceasefire.gmcr import (
    STABILITY_CONCEPTS,
    Conflict,
    Stability,
    all_coalitions,
    build_case_graph,
    describe_option_state,
    parse_gmcr,
    stability,
)
from ceasefire.query import PowerResult, power
from ceasefire.settings import SolveSettings
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.worker_results import TaskProgress

MOST_STATES_FOR_COALITIONS = 1024
MOST_COALITIONS = 64
MOST_STATES_SHOWN = 200


@dataclass(frozen=True)
class StableState:
    """A state, and by which concepts it is stable for whom.

    number       its number, from 1
    words        who does what in it, or its facts
    equilibrium  the concepts by which it is stable for everybody
    by_party     for each party the concepts by which it is stable
    leaving      coalitions that would leave it although it is an equilibrium
    """

    number: int
    words: str
    equilibrium: tuple[str, ...]
    by_party: tuple[tuple[str, ...], ...]
    leaving: tuple[str, ...]


@dataclass(frozen=True)
class StabilityTaskResult:
    """Which states of a conflict are stable.

    parties   as people call them
    concepts  the concepts of stability that were looked at
    states    those shown, equilibria by most concepts first
    total     how many states there are
    notes     what was left out
    """

    parties: tuple[str, ...]
    concepts: tuple[str, ...]
    states: tuple[StableState, ...]
    total: int
    notes: tuple[str, ...]


def power_task(
    send_message: Callable[[Any], None],
    edited_case: EditedCase,
    settings: SolveSettings,
    goal: str,
    within: int | None,
) -> PowerResult:
    """What every coalition can secure of a goal.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    goal          a formula
    within        in how many periods; None for the horizon
    """
    return power(
        edited_case.build_case(),
        goal,
        within=within,
        settings=settings,
        progress=lambda done, total: send_message(TaskProgress(done, total, unit="coalitions")),
    )


def case_stability_task(
    _: Callable[[Any], None], edited_case: EditedCase, settings: SolveSettings
) -> StabilityTaskResult:
    """Which states of a case are stable, and for whom.

    edited_case  the case as it stands on the page
    settings     how large a solution may be
    """
    case = edited_case.build_case()
    graph = build_case_graph(case, {}, {}, settings.memory).graph
    found = stability(graph, _coalitions_of(graph.parties, graph.states))
    names = tuple(case.parties[name].name for name in graph.parties)
    return _result(found, names, lambda state: state_in_words(graph.state_name(state)))


def conflict_stability_task(
    _: Callable[[Any], None], text: str, name: str, settings: SolveSettings
) -> StabilityTaskResult:
    """Which states of a conflict in option form are stable, and for whom.

    text      the .gmcr file
    name      what it is called
    settings  how large a solution may be
    """
    conflict: Conflict = parse_gmcr(text, Path(name).name)
    graph = conflict.state_graph(settings.memory)
    found = stability(graph, _coalitions_of(graph.parties, graph.states))
    return _result(
        found,
        graph.parties,
        lambda state: describe_option_state(graph.state_name(state), conflict.options),
    )


def state_in_words(name: str) -> str:
    """A state of a case as people read it: facts that hold, facts that do not, and values.

    name  the state as `fighting=true, force=2`

    >>> state_in_words("fighting=false, in_power=true, force=2")
    'not fighting, in power, force 2'
    """
    words = []
    for pair in name.split(", "):
        key, _, value = pair.replace("_", " ").partition("=")
        words.append({"true": key, "false": f"not {key}"}.get(value, f"{key} {value}"))
    return ", ".join(words)


def _coalitions_of(parties: Sequence[str], states: int) -> list[tuple[str, ...]]:
    """All coalitions of two or more, where they can be looked at in a moment."""
    if states > MOST_STATES_FOR_COALITIONS or 2 ** len(parties) > MOST_COALITIONS:
        return []
    return all_coalitions(tuple(parties))


def _result(
    found: Stability, parties: Sequence[str], words: Callable[[int], str]
) -> StabilityTaskResult:
    def concepts_of(party: str, state: int) -> tuple[str, ...]:
        verdicts = found.by_party[party]
        return tuple(c for c in STABILITY_CONCEPTS if c in verdicts and verdicts[c][state])

    called = dict(zip(found.graph.parties, parties, strict=True))
    rows = []
    for state in range(found.graph.states):
        each = tuple(concepts_of(party, state) for party in found.graph.parties)
        common = tuple(c for c in found.concepts if all(c in one for one in each))
        rows.append((-len(common), state, common, each))
    shown = sorted(rows)[:MOST_STATES_SHOWN]
    return StabilityTaskResult(
        tuple(parties),
        tuple(found.concepts),
        tuple(
            StableState(
                state + 1,
                words(state),
                common,
                each,
                tuple(_leaving(found, state, called)) if common else (),
            )
            for _, state, common, each in shown
        ),
        found.graph.states,
        tuple(found.notes),
    )


def _leaving(found: Stability, state: int, called: dict[str, str]) -> Iterable[str]:
    for members, verdicts in found.coalitions.items():
        if not verdicts["Nash"][state]:
            yield " and ".join(called[member] for member in members)
