"""What is a game as arrays of states, nodes and branches, and how are the arrays filled?

One period is a graph of nodes. Row x of every (X, …) array is the public state x, row n of
every (N, …) array the node in slot n, row b of every (B, …) array the branch b; the branches
of node n are `first[n]` to `first[n + 1]`. The first X slots are the ends of a period, and a
branch always leads to a smaller slot, so one pass upwards over the slots is backward induction
and one pass downwards is play.

An automaton runs beside the game: it reads the state that play starts in, then in every period the
events of each step and the state at the period's end, and so tells which formulas a play satisfies.
It tells public states apart only by which of its conditions hold in them: such a combination is a
class. Row c of its (C, …) arrays is the class c; once expanded for a game, the public state c.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, permutations, product
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Expression, Step
from ceasefire.game.states import Floats, Ints, StateTable

Bools = npt.NDArray[np.bool_]

END, CHANCE, DECISION, PAYMENT, RENEWAL = range(5)
NODE_ROLES = (
    "end",
    "move",
    "meets",
    "proposer",
    "offer",
    "answer",
    "outcome",
    "payment",
    "renewal",
    "event",
    "order",
)


@dataclass(frozen=True, eq=False)
class ChanceExpressions:
    """Probabilities that a world fills in: `expressions[m]` in `state_codes` to `branches[:, m]`.

    The last column of `branches` takes what is left over; -1 stands for a branch left out because
    no world gives it a chance. `forbidden` marks branches that would take a variable outside its
    values: a world that gives one a chance above 0 is at fault.
    `party` is whose type the expressions read, so that the outcome tells of it; empty if none.
    """

    expressions: tuple[Expression, ...]
    state_codes: Ints
    branches: Ints
    forbidden: npt.NDArray[np.bool_]
    party: str = ""


@dataclass(frozen=True, eq=False)
class CostExpression:
    """Costs that a world fills in: `expression`, read in `state_codes`, is added at `targets`.

    For a move the places are branches and its mover pays; for a payment they are slots.
    """

    expression: Expression
    party: str
    state_codes: Ints
    targets: Ints


@dataclass(frozen=True, eq=False)
class WeightExpression:
    """The weight of an option, the same in every state, for all `branches` that carry it."""

    expression: Expression
    branches: Ints


@dataclass(frozen=True, eq=False)
class RenewalExpressions:
    """How likely each type of a party is where its type is drawn anew, by a world.

    types  {type: how likely it is to the analyst}
    slots  the nodes
    """

    party: str
    types: Mapping[str, Expression]
    slots: Ints


class PeriodStep(NamedTuple):
    """A step of a period as it is played once the order of every shuffle before it is drawn.

    step       what takes place; None where the order of a shuffle is drawn; the first of a moment
    following  the numbers of the steps that come next: all orders, equally likely, after a draw
    remaining  the steps of the same shuffle from this one on; all of them at a draw, none for a
               step that has its place
    together   the steps of all parties that choose at this moment; none for any other step
    """

    step: Step | None
    following: tuple[int, ...]
    remaining: tuple[Step, ...] = ()
    together: tuple[Step, ...] = ()

    @property
    def id(self) -> str:
        """The party, table or chance; all parties of a moment; empty where an order is drawn."""
        return ", ".join(one.id for one in self.taking_place)

    @property
    def taking_place(self) -> tuple[Step, ...]:
        """The step, all those of a moment, or none where an order is drawn."""
        return self.together or (() if self.step is None else (self.step,))

    def step_of(self, owner: str) -> Step | None:
        """The step of a party, table or chance that takes place here; None if it is not among them.

        owner   whose step it is
        """
        return next((one for one in self.taking_place if one.id == owner), None)


def period_steps(order: Sequence[Step]) -> tuple[PeriodStep, ...]:
    """The steps of a period, each in every order in which it may come, what comes first first.

    order  the steps as the case lists them

    What follows within a shuffle depends on which steps are still to come and in which order, not
    on the order of those before, so that a step stands once for each row of steps that it may head.

    >>> a, b = Step("party", "a", shuffle=0), Step("party", "b", shuffle=0)
    >>> [(each.id, each.following) for each in period_steps((a, b, Step("party", "c")))]
    [('', (1, 2)), ('a', (4,)), ('b', (3,)), ('a', (5,)), ('b', (5,)), ('c', (6,))]
    """
    steps: list[PeriodStep] = []
    for (shuffle, moment), listed in groupby(order, key=lambda step: (step.shuffle, step.moment)):
        group = tuple(listed)
        if moment is not None:
            steps.append(PeriodStep(group[0], (len(steps) + 1,), together=group))
            continue
        if shuffle is None:
            steps += [PeriodStep(step, (len(steps) + n + 1,)) for n, step in enumerate(group)]
            continue
        rows = [
            row
            for length in range(len(group), 0, -1)
            for row in permutations(range(len(group)), length)
        ]
        number = {row: len(steps) + 1 + n for n, row in enumerate(rows)}
        number[()] = len(steps) + 1 + len(rows)
        whole = tuple(number[row] for row in rows if len(row) == len(group))
        steps.append(PeriodStep(None, whole, group))
        steps += [
            PeriodStep(group[row[0]], (number[row[1:]],), tuple(group[n] for n in row))
            for row in rows
        ]
    return tuple(steps)


@dataclass(frozen=True, eq=False)
class PeriodGraph:
    """One period of play, for all periods from `first_period` to before `past_last_period`."""

    first_period: int
    past_last_period: int
    step_entry: Ints  # (steps + 1, X) slot at which step k begins in state x, -1 where never
    node_kind: npt.NDArray[np.int8]  # (N,) END, CHANCE, DECISION, PAYMENT or RENEWAL
    node_role: npt.NDArray[np.int8]  # (N,) index into ROLES
    step: npt.NDArray[np.int16]  # (N,) which of Game.steps, -1 at an end
    state: Ints  # (N,) the state in which the node's step began
    mover: npt.NDArray[np.int8]  # (N,) party that decides, -1 elsewhere
    deal: npt.NDArray[np.int16]  # (N,) deal that an answer is about, -1 elsewhere
    axis: npt.NDArray[np.int8]  # (N,) of which party with types the node tells, -1 if of none
    moment: Ints  # (N,) the first choice of the moment that a choice belongs to, -1 if to none
    renewed: npt.NDArray[np.int8]  # (N,) of which party with types it draws the type, else -1
    first_branch: npt.NDArray[np.int64]  # (N + 1,)
    successor: Ints  # (B,) slot
    label: Ints  # (B,) label set of what happens on the branch
    option: Ints  # (B,) index into Game.options
    fixed_chance: Floats  # (B,) chances of draws of proposers and orders, of certain branches
    chance_expressions: tuple[ChanceExpressions, ...]
    cost_expressions: tuple[CostExpression, ...]
    payment_expressions: tuple[CostExpression, ...]
    weight_expressions: tuple[WeightExpression, ...]
    renewal_expressions: tuple[RenewalExpressions, ...] = ()

    @property
    def node_count(self) -> int:
        """Number of slots, period ends included."""
        return len(self.node_kind)

    @property
    def tells_by_chance(self) -> bool:
        """Whether an outcome of chance tells of somebody's type."""
        return any(fill.party for fill in self.chance_expressions)

    def choices_at_moment(self, first: int) -> tuple[Ints, ...]:
        """The nodes of each party that chooses at a moment, those of the first in turn first.

        first   the first of these nodes

        Those who come later in turn do not see what was chosen before: their nodes are one
        information set, and the same options stand at each.
        """
        levels, now = list[Ints](), np.array([first], dtype=np.int32)
        while self.moment[now[0]] == first:
            levels.append(now)
            branches = self.first_branch[now][:, None] + np.arange(
                self.first_branch[now[0] + 1] - self.first_branch[now[0]]
            )
            now = self.successor[branches].ravel()
        return tuple(levels)


class ShownChoice(NamedTuple):
    """A choice, or an outcome of chance, that tells of a type, after a history of such choices.

    before  the history before it
    axis    of which of the parties with types it tells
    period, node, option  where, in the game as built, and which option
    """

    before: int
    axis: int
    period: int
    node: int
    option: int


@dataclass(frozen=True, eq=False)
class UnrolledGame:
    """From what an unrolled game comes; see `game.histories`.

    game     the game as built
    state    (X,) its public state
    history  (X,) what was shown, as a number
    node     for each period (N,) its node
    branch   for each period (B,) its branch
    node_history  for each period (N,) what was shown before a node
    shown    for each history the choice that came last, None where nothing was shown
    """

    game: "Game"
    state: Ints
    history: Ints
    node: tuple[Ints, ...]
    branch: tuple[Ints, ...]
    node_history: tuple[Ints, ...]
    shown: tuple[ShownChoice | None, ...]


@dataclass(frozen=True, eq=False)
class Game:
    """A case as a game: what can be reached, who chooses where, and what may happen.

    unrolled  from what it comes where histories that show different things are kept apart
    """

    case: Case
    periods: int
    state_table: StateTable
    starts: tuple[Mapping[str, object], ...]
    graphs: tuple[PeriodGraph, ...]
    options: tuple[str, ...]
    labels: tuple[frozenset[str], ...]
    deals: tuple[str, ...]
    reached_states: tuple[Ints, ...]  # states in which each period may begin
    enters_any_step: bool
    may_skip_steps: bool
    unrolled: UnrolledGame | None = None

    @cached_property
    def steps(self) -> tuple[PeriodStep, ...]:
        """The steps of a period; PeriodGraph.step counts in it."""
        return period_steps(self.case.order)

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """The parties in file order; Graph.mover counts in it."""
        return tuple(self.case.parties)

    @cached_property
    def parties_with_types(self) -> tuple[str, ...]:
        """The parties with types, in file order; PeriodGraph.axis counts in it."""
        return parties_with_types(self.case)

    @cached_property
    def most_types(self) -> int:
        """The most types that a party has, at least 2."""
        return max([2, *(len(party.types) for party in self.case.parties.values())])

    @property
    def has_many_types(self) -> bool:
        """Whether a party has more than two types."""
        return self.most_types > 2

    @cached_property
    def has_moments(self) -> bool:
        """Whether some choose at one moment."""
        return any((graph.moment >= 0).any() for graph in self.graphs)

    @cached_property
    def tells_at_moments(self) -> bool:
        """Whether somebody who knows a type chooses at one moment with others."""
        return any(((graph.moment >= 0) & (graph.axis >= 0)).any() for graph in self.graphs)

    @property
    def kept_beliefs(self) -> int | None:
        """Of how many types of a party a solution keeps what is believed; None if of all."""
        return None if self.has_many_types else 1

    @cached_property
    def record_places(self) -> tuple[slice, ...]:
        """Where in a record the log-likelihood ratios of each party with types stand."""
        counts = [len(self.case.parties[party].types) - 1 for party in self.parties_with_types]
        return tuple(slice(sum(counts[:h]), sum(counts[: h + 1])) for h in range(len(counts)))

    @cached_property
    def record_size(self) -> int:
        """How many log-likelihood ratios a record has."""
        return self.record_places[-1].stop if self.record_places else 0

    @cached_property
    def type_combinations(self) -> tuple[dict[str, int], ...]:
        """Every combination of types of the parties with types, those of the last changing fastest.

        One, which is empty, where no party has types.
        """
        hidden = self.parties_with_types
        kinds = (range(len(self.case.parties[party].types)) for party in hidden)
        return tuple(dict(zip(hidden, each, strict=True)) for each in product(*kinds))

    @cached_property
    def type_axis(self) -> Ints:
        """(P,) of which party with types each knows the type, its own or another's; else -1."""
        axes = axis_of_informed_parties(self.case)
        return np.array([axes.get(party, -1) for party in self.parties], dtype=np.int32)

    @cached_property
    def player_types(self) -> tuple[tuple[str, int], ...]:
        """Every (party, type) that values the game: one for each type that a party knows of."""
        return tuple(
            (name, kind)
            for name in self.case.parties
            for kind in range(max(1, len(self.case.types_known_to(name))))
        )

    @cached_property
    def renewed_parties(self) -> tuple[str, ...]:
        """The parties whose type some event of the game draws anew, in file order."""
        axes = {int(axis) for graph in self.graphs for axis in np.unique(graph.renewed)}
        return tuple(name for h, name in enumerate(self.parties_with_types) if h in axes)

    @property
    def variables(self) -> tuple[str, ...]:
        """The public facts, promises last."""
        return self.state_table.names

    @property
    def states(self) -> Ints:
        """(X, V) index of each variable's value in each state."""
        codes = self.state_table.codes
        return codes if self.unrolled is None else codes[self.unrolled.state]

    def start_state(self, start: Mapping[str, object]) -> int:
        """The state in which `start` overrides the case's own start; KeyError if never built."""
        return self.state_table.find_start(start)

    def describe(self, state: int) -> str:
        """The state in words: `fighting=true, force=2`."""
        return self.state_table.describe(self.states[state])

    def holder(self, actor: str, state: int) -> str:
        """The party that acts as a party or role in a state."""
        return self.parties[int(self.state_table.holders(actor, self.states[[state]])[0])]

    def evaluate_in_states(
        self, expression: Expression, world: Mapping[str, float] | None = None
    ) -> Floats:
        """(X,) the value of a state expression in every state."""
        return self.state_table.evaluate(expression, self.states, world or self.case.best_estimates)

    def expression_values(
        self, world: Mapping[str, float] | None = None
    ) -> dict[str, float | Floats]:
        """Every name an expression may read, with its value in each state."""
        return {
            **(world or self.case.best_estimates),
            **self.state_table.variable_values(self.states),
        }

    def graph_index(self, period: int) -> int:
        """Which of `graphs` is played in a period."""
        number = self._graph_indices.get(period)
        if number is not None:
            return number
        raise IndexError(f"period {period} is outside 0 to {self.periods - 1}")

    @cached_property
    def _graph_indices(self) -> dict[int, int]:
        return {
            period: number
            for number, graph in enumerate(self.graphs)
            for period in range(graph.first_period, graph.past_last_period)
        }

    def graph_of(self, period: int) -> PeriodGraph:
        """The graph that is played in a period."""
        return self.graphs[self.graph_index(period)]


def parties_with_types(case: Case) -> tuple[str, ...]:
    """The parties of a case that have types, in file order."""
    return tuple(name for name, party in case.parties.items() if party.types)


def axis_of_informed_parties(case: Case) -> dict[str, int]:
    """For each party that knows a type, its own or another's, which party with types that is."""
    hidden = parties_with_types(case)
    known = {party: case.party_known_to(party) for party in case.parties}
    return {party: hidden.index(known[party]) for party in known if known[party]}


class NameNumbering:
    """Options, labels and deals as numbers, shared by all graphs of a game."""

    def __init__(self, deals: Sequence[str]) -> None:
        self.deals = tuple(deals)
        self.options: dict[str, int] = {"": 0}
        self.labels: dict[frozenset[str], int] = {frozenset(): 0}

    def option_number(self, name: str) -> int:
        """The number of an option."""
        return self.options.setdefault(name, len(self.options))

    def label_number(self, *events: str) -> int:
        """The number of a set of events that happen together."""
        return self.labels.setdefault(frozenset(events), len(self.labels))


@dataclass(frozen=True, eq=False)
class NodeOption:
    """One option of a node in some of its states: where it leads and what happens on the way."""

    name: str
    states: Ints
    slots: Ints
    labels: Ints
    weight: Expression | None = None


class GraphBuilder:
    """Nodes of one graph in the making; each call adds one node per state and gives its slots."""

    def __init__(self, case: Case, numbering: NameNumbering, state_count: int) -> None:
        self.numbering = numbering
        self._axis_of_party = axis_of_informed_parties(case)
        self._parties = tuple(case.parties)
        self._nodes: dict[str, list[npt.NDArray[np.generic]]] = {
            "kind": [np.full(state_count, END)],
            "role": [np.full(state_count, NODE_ROLES.index("end"))],
            "step": [np.full(state_count, -1)],
            "state": [np.arange(state_count)],
            "mover": [np.full(state_count, -1)],
            "deal": [np.full(state_count, -1)],
            "axis": [np.full(state_count, -1)],
            "renewed": [np.full(state_count, -1)],
            "count": [np.zeros(state_count, dtype=np.int64)],
        }
        self._branches: dict[str, list[npt.NDArray[np.generic]]] = {
            "successor": [],
            "label": [],
            "option": [],
            "chance": [],
        }
        self._moments: list[tuple[Ints, Ints]] = []
        self.node_count, self.branch_count = state_count, 0
        self.chance_expressions: list[ChanceExpressions] = []
        self.cost_expressions: list[CostExpression] = []
        self.payment_expressions: list[CostExpression] = []
        self.weight_expressions: list[WeightExpression] = []
        self.renewal_expressions: list[RenewalExpressions] = []

    def add_nodes(
        self,
        kind: int,
        role: str,
        step: int,
        states: Ints,
        options: Sequence[NodeOption],
        *,
        mover: int = -1,
        deal: int = -1,
        chance: float = 0.0,
        tells_of: str = "",
        renews: str = "",
    ) -> tuple[Ints, list[Ints]]:
        """Add one node for each of `states`; gives their slots and each option's branches.

        An option stands in the states it lists, in the order of `options` at each node. Where
        there are several, they tell of the type of `tells_of`.
        """
        node, number, arranged = _arrange_branches(states, options)
        position = np.empty(len(arranged), dtype=np.int32)
        position[arranged] = np.arange(self.branch_count, self.branch_count + len(arranged))
        for key, values in (
            ("successor", np.concatenate([o.slots for o in options])),
            ("label", np.concatenate([o.labels for o in options])),
            ("option", np.array([self.numbering.option_number(o.name) for o in options])[number]),
            ("chance", np.full(len(arranged), chance)),
        ):
            self._branches[key].append(values[arranged])
        counts = np.bincount(node, minlength=len(states))
        for key, value in (
            ("kind", kind),
            ("role", NODE_ROLES.index(role)),
            ("step", step),
            ("mover", mover),
            ("deal", deal),
        ):
            self._nodes[key].append(np.full(len(states), value))
        axis = self._axis_of_party.get(tells_of, -1)
        self._nodes["axis"].append(np.where(counts > 1, axis, -1))
        renewed = self._axis_of_party[renews] if renews else -1
        self._nodes["renewed"].append(np.full(len(states), renewed))
        self._nodes["state"].append(states)
        self._nodes["count"].append(counts)
        slots = np.arange(self.node_count, self.node_count + len(states), dtype=np.int32)
        self.node_count += len(states)
        self.branch_count += len(arranged)
        ends = np.cumsum([len(o.states) for o in options])[:-1]
        branches = np.split(position, ends)
        for option, where in zip(options, branches, strict=True):
            if option.weight is not None:
                self.weight_expressions.append(WeightExpression(option.weight, where))
        return slots, branches

    def add_decisions(
        self,
        role: str,
        step: int,
        states: Ints,
        options: Sequence[NodeOption],
        mover: int,
        deal: int = -1,
    ) -> tuple[Ints, list[Ints]]:
        """A party chooses one of the options."""
        return self.add_nodes(
            DECISION, role, step, states, options,
            mover=mover, deal=deal, tells_of=self._parties[mover],
        )  # fmt: skip

    def join_into_moment(self, nodes: Ints, first: Ints) -> None:
        """These decisions are taken without seeing those before them, `first` being the first."""
        self._moments.append((nodes, first))

    def add_chances(
        self,
        role: str,
        step: int,
        states: Ints,
        options: Sequence[NodeOption],
        chance: float = 0.0,
        tells_of: str = "",
    ) -> tuple[Ints, list[Ints]]:
        """Chance takes one of the options.

        chance    that of every branch, where it is the same and fixed
        tells_of  the party on whose type the chances depend, if they do
        """
        return self.add_nodes(CHANCE, role, step, states, options, chance=chance, tells_of=tells_of)

    def add_payments(self, step: int, states: Ints, option: NodeOption) -> Ints:
        """Somebody pays, and play goes on."""
        return self.add_nodes(PAYMENT, "payment", step, states, [option])[0]

    def add_renewals(
        self,
        step: int,
        states: Ints,
        option: NodeOption,
        party: str,
        types: Mapping[str, Expression],
    ) -> Ints:
        """The type of a party is drawn anew for all to see, and play goes on.

        types  how likely each type then is to the analyst
        """
        slots, _ = self.add_nodes(RENEWAL, "renewal", step, states, [option], renews=party)
        self.renewal_expressions.append(RenewalExpressions(party, types, slots))
        return slots

    def finish(self, first_period: int, past_last_period: int, step_entry: Ints) -> PeriodGraph:
        """The finished graph, its arrays read-only."""

        def node(key: str, kind: type) -> npt.NDArray[Any]:
            return _concatenate_read_only(self._nodes[key], kind)

        def branch(key: str, kind: type) -> npt.NDArray[Any]:
            return _concatenate_read_only(self._branches[key], kind)

        first = np.concatenate([[0], np.cumsum(node("count", np.int64))])
        moment = np.full(self.node_count, -1, dtype=np.int32)
        for nodes, begin in self._moments:
            moment[nodes] = begin
        for array in (first, step_entry, moment):
            array.flags.writeable = False
        return PeriodGraph(
            first_period=first_period,
            past_last_period=past_last_period,
            step_entry=step_entry,
            node_kind=node("kind", np.int8),
            node_role=node("role", np.int8),
            step=node("step", np.int16),
            state=node("state", np.int32),
            mover=node("mover", np.int8),
            deal=node("deal", np.int16),
            axis=node("axis", np.int8),
            moment=moment,
            renewed=node("renewed", np.int8),
            first_branch=first,
            successor=branch("successor", np.int32),
            label=branch("label", np.int32),
            option=branch("option", np.int32),
            fixed_chance=branch("chance", np.float64),
            chance_expressions=tuple(self.chance_expressions),
            cost_expressions=tuple(self.cost_expressions),
            payment_expressions=tuple(self.payment_expressions),
            weight_expressions=tuple(self.weight_expressions),
            renewal_expressions=tuple(self.renewal_expressions),
        )


def _arrange_branches(
    states: Ints, options: Sequence[NodeOption]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Of each option in each of its states: its node, its option, and the order by node."""
    order = np.argsort(states, kind="stable")
    node = order[np.searchsorted(states, np.concatenate([o.states for o in options]), sorter=order)]
    number = np.concatenate([np.full(len(o.states), i) for i, o in enumerate(options)])
    arranged = np.lexsort((number, node))
    return node, number, arranged


def _concatenate_read_only(parts: list[npt.NDArray[np.generic]], kind: type) -> npt.NDArray[Any]:
    """One read-only array of all parts."""
    array: npt.NDArray[Any] = np.concatenate([*parts, np.zeros(0)]).astype(kind)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Automaton:
    """F formulas read side by side by one automaton with Q states.

    conditions             the M conditions on the public state that it reads; none once expanded
    classes                (C, M) which of them hold in a class; (X, 0) once expanded
    initial_state          (C,) automaton state after the state that play starts in has been read
    label_transition       (L, Q) next automaton state when the events of a label happen together
    period_end_transition  (C, Q) next automaton state at a period's end
    accepting              (Q, F) whether a formula holds if one stops looking in an automaton state
    """

    conditions: tuple[Expression, ...]
    classes: Bools
    initial_state: Ints
    label_transition: Ints
    period_end_transition: Ints
    accepting: Bools

    @classmethod
    def always_accepting(cls, states: int, labels: int) -> Self:
        """The expanded automaton with one state, which accepts.

        states  X, number of public states
        labels  L, number of label sets

        >>> Automaton.always_accepting(2, 3).accepts().tolist()
        [True]
        """
        return cls(
            conditions=(),
            classes=np.zeros((states, 0), dtype=np.bool_),
            initial_state=np.zeros(states, dtype=np.int32),
            label_transition=np.zeros((labels, 1), dtype=np.int32),
            period_end_transition=np.zeros((states, 1), dtype=np.int32),
            accepting=np.ones((1, 1), dtype=np.bool_),
        )

    @property
    def state_count(self) -> int:
        """Q, the number of automaton states."""
        return len(self.accepting)

    def accepts(self, formula: int = 0) -> Bools:
        """(Q,) in which automaton states one of the formulas, by its number, holds."""
        column: Bools = self.accepting[:, formula]
        return column

    def classes_of_states(self, holds: Bools) -> Ints:
        """(X,) the class of each row of `holds` (X, M), which says what conditions hold there.

        Raises KeyError for a row that is no class of this automaton.
        """
        weights = 1 << np.arange(len(self.conditions), dtype=np.int64)
        known = self.classes @ weights
        class_of_bits = np.full(1 << len(self.conditions), -1, dtype=np.int32)
        class_of_bits[known] = np.arange(len(known), dtype=np.int32)
        classes: Ints = class_of_bits[holds.astype(np.bool_) @ weights]
        if (classes < 0).any():
            raise KeyError(f"no such class: {holds[int(np.argmin(classes))].tolist()}")
        return classes

    def expand(self, class_of_state: Ints) -> Self:
        """The same automaton with one class for each public state.

        class_of_state  (X,) the class of each public state
        """
        return replace(
            self,
            conditions=(),
            classes=np.zeros((len(class_of_state), 0), dtype=np.bool_),
            initial_state=self.initial_state[class_of_state],
            period_end_transition=self.period_end_transition[class_of_state],
        )
