"""How good are the numbers of a result, and which decisions of its solution are in doubt?

A decision is in doubt where its fixed point was not found, where the principal branch met another,
or where there are, or may be, other fixed points than the one that is played. How likely play is
to come to one is counted forwards: whoever stands at such a decision, at a grid point at which it
is in doubt, is taken out of the game, and what is missing at the end is the probability. Between
grid points play counts at both, as it is interpolated.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case
from ceasefire.equilibrium import Equilibrium, ObserverMeasure, propagate_forward
from ceasefire.equilibrium.kernels.structures import (
    BRANCH_POINT_FLAG,
    SEVERAL_FLAG,
    UNPROVED_FLAG,
    UNRESOLVED_FLAG,
)
from ceasefire.equilibrium.solution import FlaggedDecisions
from ceasefire.game import NODE_ROLES, Game, PeriodGraph
from ceasefire.query.ast import AnswerValue, Quantity
from ceasefire.query.evaluator import Evaluator, QuantityValue
from ceasefire.query.expectations import PlayStart
from ceasefire.results import (
    CERTAIN_AT_TWO_DIGITS,
    Markable,
    Result,
    count_phrase,
    format_count,
    join_phrases,
    probability_text,
)

SEVERAL, UNPROVED = "several fixed points", "not all fixed points looked for"
KINDS = {
    UNRESOLVED_FLAG: "unresolved",
    BRANCH_POINT_FLAG: "branch points",
    SEVERAL_FLAG: SEVERAL,
    UNPROVED_FLAG: UNPROVED,
}
MARKING_FLAGS = UNRESOLVED_FLAG | BRANCH_POINT_FLAG  # an answer that meets them is in doubt
AT_START = "in the state of the start"
LEAST_PASSING_PROBABILITY = 1e-6  # less is what the grid's edges let through
MOST_STATES_NAMED = 3
MOST_DECISIONS_NAMED = 3


@dataclass(frozen=True)
class DoubtfulDecision:
    """A decision of a party that is in doubt in some states, periods and at some beliefs.

    party     who decides
    decision  what is decided, such as `its answer to talks.truce`
    type      the party's first type; empty for parties that choose at one moment
    beliefs   least and greatest belief in that type, as the analyst's, at which it is in doubt
    states    the states, by what differs from the start, shortest first
    count     number of states, periods and grid points together
    """

    party: str
    decision: str
    type: str
    beliefs: tuple[float, float]
    states: tuple[str, ...]
    count: int

    @property
    def description(self) -> str:
        """Whose decision it is, where, and at which beliefs.

        >>> DoubtfulDecision("h", "its move", "firm", (0.25, 0.5), ("n=1", "n=2"), 4).description
        'its move by h where n=1 or n=2, while held to be firm with probability 0.25 to 0.50'
        """
        named = list(self.states[:MOST_STATES_NAMED])
        left = len(self.states) - len(named)
        if left:
            named.append(f"{left:,} more")
        low, high = map(probability_text, self.beliefs)
        held = low if low == high else f"{low} to {high}"
        states = " or ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
        where = AT_START if self.states == (AT_START,) else f"where {states}"
        what = f"{self.decision} by {self.party} {where}"
        return (
            f"{what}, while held to be {self.type} with probability {held}" if self.type else what
        )

    def as_json(self) -> dict[str, Any]:
        """Whose decision it is and where it is in doubt."""
        return {
            "party": self.party,
            "decision": self.decision,
            "type": self.type,
            "beliefs": list(self.beliefs),
            "states": list(self.states),
            "count": self.count,
        }


@dataclass(frozen=True)
class DecisionDoubt:
    """All decisions in doubt for one reason.

    kind         `unresolved`, `branch points`, or that there are, or may be, several fixed points
    decisions    whose they are, most first
    probability  that play comes to one of them within the horizon, the largest of what was asked
    """

    kind: str
    decisions: tuple[DoubtfulDecision, ...]
    probability: float

    @property
    def description(self) -> str:
        """Where they are, and whether play comes there."""
        named = [each.description for each in self.decisions[:MOST_DECISIONS_NAMED]]
        if len(self.decisions) > len(named):
            named.append(format_count(len(self.decisions) - len(named), "other decision"))
        return f"{join_phrases(named)}; {describe_passing(self.probability)}"

    def as_json(self) -> dict[str, Any]:
        """The decisions, and the probability that play comes to one."""
        return {
            "kind": self.kind,
            "probability": self.probability,
            "decisions": [each.as_json() for each in self.decisions],
        }


def probability_of_several(doubts: Iterable[DecisionDoubt]) -> float:
    """How likely play is to come to a decision with several fixed points; 0 where there is none.

    doubts   of one solution or more
    """
    return max((each.probability for each in doubts if each.kind == SEVERAL), default=0.0)


def describe_passing(probability: float) -> str:
    """Whether play comes to decisions in doubt, in words.

    probability   that it does

    >>> describe_passing(0.0), describe_passing(0.25)
    ('play never comes there within the horizon', 'play comes there with probability 0.25')
    """
    if probability < LEAST_PASSING_PROBABILITY:
        rarely = f" (probability {probability:.0e})" if probability > 0 else ""
        return f"play never comes there within the horizon{rarely}"
    digits = f"{probability:.2g}" if probability < CERTAIN_AT_TWO_DIGITS else "above 0.99"
    return f"play comes there with probability {digits}"


def find_doubts(
    asked: Iterable[tuple[Quantity, Evaluator]],
) -> tuple[tuple[DecisionDoubt, ...], dict[Quantity, float]]:
    """The decisions in doubt in the solutions of some quantities.

    asked   each quantity with what answers it

    Returns them by reason, and for each quantity the probability that play comes to any of them,
    from where the quantity starts and as far as it looks; quantities whose solution has none are
    left out.
    """
    solutions: dict[int, Equilibrium] = {}
    largest: dict[int, float] = {}
    by_quantity: dict[Quantity, float] = {}
    counted: dict[object, dict[int, float]] = {}
    for quantity, evaluator in asked:
        if quantity.kind == "can" or not evaluator.solution.solved:
            continue
        if not evaluator.equilibrium.flagged:
            continue
        equilibrium = evaluator.equilibrium
        solutions[id(equilibrium)] = equilibrium
        asked_from = quantity.start, quantity.after, quantity.types, quantity.periods
        key = id(equilibrium), *asked_from
        if key not in counted:
            starts = evaluator.starts_of(quantity)
            observer = equilibrium.observer_measure(types=dict(quantity.types))
            counted[key] = {
                flags: probability_of_passing(equilibrium, flags, starts, observer)
                for flags in (*_kinds_of(equilibrium), MARKING_FLAGS)
            }
        for flags, probability in counted[key].items():
            largest[flags] = max(largest.get(flags, 0.0), probability)
        by_quantity[quantity] = counted[key][MARKING_FLAGS]
    doubts = tuple(
        DecisionDoubt(
            KINDS[flag],
            merge_decisions(
                each for one in solutions.values() for each in doubtful_decisions(one, flag)
            ),
            largest[flag],
        )
        for flag in KINDS
        if flag in largest
    )
    return doubts, by_quantity


def doubts_of_solution(equilibrium: Equilibrium, state: int) -> tuple[DecisionDoubt, ...]:
    """The decisions in doubt in one solution, for whoever begins in a state.

    equilibrium   the solution
    state         the public state in which play begins
    """
    measure = np.zeros((len(equilibrium.game.states), 1, equilibrium.belief_grid.point_count))
    points, weights = equilibrium.interpolate(equilibrium.prior_record)
    measure[state, 0, points] = weights
    starts = [PlayStart(0, equilibrium.game.case.horizon, measure)]
    observer = equilibrium.observer_measure()
    return tuple(
        DecisionDoubt(
            KINDS[flag],
            merge_decisions(doubtful_decisions(equilibrium, flag)),
            probability_of_passing(equilibrium, flag, starts, observer),
        )
        for flag in _kinds_of(equilibrium)
    )


def _kinds_of(equilibrium: Equilibrium) -> list[int]:
    return [
        flag
        for flag in KINDS
        if any((found.flag & flag).any() for found in equilibrium.flagged.values())
    ]


def probability_of_passing(
    equilibrium: Equilibrium,
    flags: int,
    starts: Sequence[PlayStart],
    observer: ObserverMeasure,
) -> float:
    """How likely play is to come to a flagged decision within the periods that are looked at.

    flags     bits, any of which counts
    starts    where play begins; probabilities need not sum to 1
    observer  whose probabilities are counted
    """
    game, policies = equilibrium.game, list(equilibrium.policies)
    for period, found in equilibrium.flagged.items():
        number = equilibrium.game.graph_index(period)
        graph, choices = equilibrium.game.graphs[number], policies[period].copy()
        for node, points in _points_by_node(found, flags):
            first = equilibrium.policy_offsets[number][node]
            rows = int(graph.first_branch[node + 1] - graph.first_branch[node])
            if graph.axis[node] >= 0:
                rows *= len(game.case.types_known_to(game.parties[graph.mover[node]]))
            block = choices[first : first + rows * equilibrium.belief_grid.point_count]
            block.reshape(rows, -1)[:, points] = 0.0
        policies[period] = choices
    doubtful = replace(equilibrium, policies=tuple(policies))
    whole = sum(float(begin.measure.sum()) for begin in starts)
    left = 0.0
    for begin in starts:
        followed = propagate_forward(
            doubtful,
            observer=observer,
            periods=begin.periods,
            first_period=begin.first_period,
            initial_measure=begin.measure,
            node_measure=begin.nodes,
        )
        left += float(followed.automaton_mass[-1].sum())
    return max(0.0, 1.0 - left / whole) if whole else 0.0


def _points_by_node(
    found: FlaggedDecisions, flags: int
) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Each flagged node with the grid points at which it is."""
    chosen = (found.flag & flags) != 0
    for node in np.unique(found.node[chosen]).tolist():
        yield node, found.point[chosen & (found.node == node)]


def doubtful_decisions(equilibrium: Equilibrium, flag: int) -> Iterable[DoubtfulDecision]:
    """Each decision in doubt for one reason, one for each node and period.

    flag   the bit of the reason
    """
    game = equilibrium.game
    for period, found in equilibrium.flagged.items():
        graph = game.graph_of(period)
        for node, points in _points_by_node(found, flag):
            party, state = game.parties[int(graph.mover[node])], int(graph.state[node])
            axis = int(graph.axis[node])
            if graph.moment[node] >= 0:
                levels = graph.choices_at_moment(node)
                yield DoubtfulDecision(
                    " and ".join(game.parties[int(graph.mover[nodes[0]])] for nodes in levels),
                    "the choices at one moment",
                    "",
                    (0.0, 1.0),
                    (_describe_state(game, state),),
                    len(points),
                )
                continue
            hidden, kind = game.parties_with_types[axis], game.case.types_known_to(party)[0]
            column = equilibrium.believed_types.index((hidden, kind))
            beliefs = equilibrium.point_beliefs[-1, column, points]
            yield DoubtfulDecision(
                party,
                _describe_node(game, graph, node),
                kind,
                (float(beliefs.min()), float(beliefs.max())),
                (_describe_state(game, state),),
                len(points),
            )


def merge_decisions(decisions: Iterable[DoubtfulDecision]) -> tuple[DoubtfulDecision, ...]:
    """The same decision in several states, periods or solutions put together, most first.

    decisions   in any order
    """
    merged: dict[tuple[str, str, str], DoubtfulDecision] = {}
    for each in decisions:
        key = each.party, each.decision, each.type
        known = merged.get(key)
        if known is not None:
            each = replace(
                each,
                beliefs=(
                    min(each.beliefs[0], known.beliefs[0]),
                    max(each.beliefs[1], known.beliefs[1]),
                ),
                states=tuple(
                    sorted({*known.states, *each.states}, key=lambda text: (len(text), text))
                ),
                count=known.count + each.count,
            )
        merged[key] = each
    return tuple(sorted(merged.values(), key=lambda each: -each.count))


def merge_doubts(found: Iterable[tuple[DecisionDoubt, ...]]) -> tuple[DecisionDoubt, ...]:
    """The doubts of several runs put together by reason, with the largest probability.

    found   the doubts of each run
    """
    merged: dict[str, DecisionDoubt] = {}
    for each in (doubt for doubts in found for doubt in doubts):
        known = merged.get(each.kind)
        if known is not None:
            each = DecisionDoubt(
                each.kind,
                merge_decisions([*known.decisions, *each.decisions]),
                max(known.probability, each.probability),
            )
        merged[each.kind] = each
    return tuple(merged.values())


def _describe_node(game: Game, graph: PeriodGraph, node: int) -> str:
    """What is decided at a node."""
    role = NODE_ROLES[int(graph.node_role[node])]
    if role == "answer":
        return f"the answer to {game.deals[int(graph.deal[node])]}"
    step = game.steps[int(graph.step[node])].id
    return f"the offer at {step}" if role == "offer" else "the move"


def _describe_state(game: Game, state: int) -> str:
    """A state by what differs from the start."""
    start = game.describe(game.start_state({})).split(", ")
    differing = [part for part in game.describe(state).split(", ") if part not in start]
    return ", ".join(differing) or AT_START


@dataclass(frozen=True)
class NumericalQuality(Markable):
    """How good the numbers are.

    grid_size            belief nodes per party with types, None where no party has types
    grid_change     by how much a number may be off because beliefs stand on a grid: told from what
                    coarser grids and a finer one change, and no less than what rounding beliefs
                    near certainty may do (`grid_change`)
    horizon_change  largest change when the tail grows by the horizon, or by one period: the second
                    shows whether it matters who moves last
    residual        largest error left in a fixed point
    unresolved      decisions whose fixed point was not found
    branch_points   decisions at which the principal branch met another
    finite          whether the game is over by its own rules (`ending: final`): there is nothing
                    that a longer tail could change, and it is not asked
    tolerance       the grid change that the grid was chosen for, None if the grid was given
    doubts          whose decisions were left unresolved or met branch points, where, and how likely
                    play is to come to one

    Changes are those of probabilities; a time counts per period looked at, an expected value per
    range of what is expected, a payoff per unit or, above 1, per its own size. None: not asked.
    """

    grid_size: int | None
    grid_change: float | None
    horizon_change: float | None
    residual: float
    unresolved: int
    branch_points: int
    finite: bool = False
    doubts: tuple[DecisionDoubt, ...] = ()
    tolerance: float | None = None

    @property
    def stopped_at_limit(self) -> bool:
        """Whether the grid is as fine as is allowed, though the change is above the tolerance."""
        wanted, change = self.tolerance, self.grid_change
        return wanted is not None and change is not None and change > wanted

    @classmethod
    def of(cls, equilibrium: Equilibrium, state: int) -> "NumericalQuality":
        """What one solution tells by itself, nothing having been asked again.

        equilibrium   the solution
        state         the public state in which play begins
        """
        found, hidden = equilibrium.certificate, bool(equilibrium.parties_with_types)
        return cls(
            grid_size=equilibrium.grid_size if hidden else None,
            grid_change=None if hidden else 0.0,
            horizon_change=None,
            residual=found.residual,
            unresolved=found.unresolved,
            branch_points=found.branch_points,
            finite=equilibrium.game.case.ending == "final",
            doubts=doubts_of_solution(equilibrium, state),
        )

    @property
    def several(self) -> float:
        """How likely play is to come to a decision with several fixed points."""
        return probability_of_several(self.doubts)

    @property
    def several_complete(self) -> bool:
        """Whether all fixed points were found, wherever they were looked for."""
        return all(each.kind != UNPROVED for each in self.doubts)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Decisions whose fixed point was not found, and branch points met."""
        return (
            *count_phrase(self.unresolved, "decision", "left unresolved"),
            *count_phrase(self.branch_points, "branch point", "met"),
        )

    def as_json(self) -> dict[str, Any]:
        """The numbers that `--json` prints, and which decisions are in doubt."""
        return {
            "grid": self.grid_size,
            "grid_change": self.grid_change,
            "horizon_change": self.horizon_change,
            "residual": self.residual,
            "unresolved": self.unresolved,
            "branch_points": self.branch_points,
            "several": self.several,
            "several_complete": self.several_complete,
            "doubts": [doubt.as_json() for doubt in self.doubts],
        }


class SolvedResult(Result):
    """A result of solved games; `numerics` says how good its numbers are."""

    numerics: NumericalQuality

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers at the best estimates."""
        return self.numerics.mark_reasons


def extra_tails(case: Case) -> tuple[int, ...]:
    """By how many periods the tail grows when a case is asked again; none for a finite game.

    It grows by the horizon, and by one period, after which somebody else may be last to move.
    """
    if case.ending == "final":
        return ()
    return (case.horizon, 1) if case.horizon > 1 else (1,)


def finite_or_none(value: AnswerValue) -> AnswerValue:
    """A value as JSON can hold it: null where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def improbable_conditions(answers: Iterable[Sequence[QuantityValue]]) -> tuple[str, ...]:
    """A phrase that counts the answers conditional on what may be numerical error; none if none.

    answers  the quantities of each
    """
    doubtful = sum(any(one.has_improbable_condition for one in each) for each in answers)
    return count_phrase(doubtful, "answer", "conditional on what may be numerical error")
