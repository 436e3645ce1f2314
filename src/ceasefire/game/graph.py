"""The game as arrays: states, nodes and branches, and their names on the way back.

One period is a graph of nodes. Row x of every (X, …) array is the public state x, row n of
every (N, …) array the node in slot n, row b of every (B, …) array the branch b; the branches
of node n are `first[n]` to `first[n + 1]`. The first X slots are the ends of a period, and a
branch always leads to a smaller slot, so one pass upwards over the slots is backward induction
and one pass downwards is play.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Expression
from ceasefire.game.states import StateTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

END, CHANCE, DECISION, PAYMENT = range(4)
NODE_ROLES = ("end", "move", "meets", "proposer", "offer", "answer", "outcome", "payment", "event")


@dataclass(frozen=True, eq=False)
class ChanceExpressions:
    """Probabilities that a world fills in: `expressions[m]` in `state_codes` to `branches[:, m]`.

    The last column of `branches` takes what is left over; -1 stands for a branch left out because
    no world gives it a chance. `forbidden` marks branches that would take a variable outside its
    values: a world that gives one a chance above 0 is at fault.
    """

    expressions: tuple[Expression, ...]
    state_codes: Ints
    branches: Ints
    forbidden: npt.NDArray[np.bool_]


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
class PeriodGraph:
    """One period of play, for all periods from `first_period` to before `past_last_period`."""

    first_period: int
    past_last_period: int
    step_entry: Ints  # (steps + 1, X) slot at which step k begins in state x, -1 where never
    node_kind: npt.NDArray[np.int8]  # (N,) END, CHANCE, DECISION or PAYMENT
    node_role: npt.NDArray[np.int8]  # (N,) index into ROLES
    step: npt.NDArray[np.int16]  # (N,) the step of `order`, -1 at an end
    state: Ints  # (N,) the state in which the node's step began
    mover: npt.NDArray[np.int8]  # (N,) party that decides, -1 elsewhere
    deal: npt.NDArray[np.int16]  # (N,) deal that an answer is about, -1 elsewhere
    first_branch: npt.NDArray[np.int64]  # (N + 1,)
    successor: Ints  # (B,) slot
    label: Ints  # (B,) label set of what happens on the branch
    option: Ints  # (B,) index into Game.options
    fixed_chance: Floats  # (B,) chances of proposer draws and certain branches, else 0
    chance_expressions: tuple[ChanceExpressions, ...]
    cost_expressions: tuple[CostExpression, ...]
    payment_expressions: tuple[CostExpression, ...]
    weight_expressions: tuple[WeightExpression, ...]

    @property
    def node_count(self) -> int:
        """Number of slots, period ends included."""
        return len(self.node_kind)


@dataclass(frozen=True, eq=False)
class Game:
    """A case as a game: what can be reached, who chooses where, and what may happen."""

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

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """The parties in file order; Graph.mover counts in it."""
        return tuple(self.case.parties)

    @cached_property
    def parties_with_types(self) -> tuple[str, ...]:
        """The parties with types, in file order."""
        return tuple(name for name, party in self.case.parties.items() if party.types)

    @cached_property
    def type_axis(self) -> Ints:
        """(P,) which of `hidden` each party is, -1 for a party without types."""
        hidden = list(self.parties_with_types)
        return np.array(
            [hidden.index(p) if p in hidden else -1 for p in self.parties], dtype=np.int32
        )

    @cached_property
    def player_types(self) -> tuple[tuple[str, int], ...]:
        """Every (party, type) that values the game: two for a party with types."""
        return tuple(
            (name, kind)
            for name, party in self.case.parties.items()
            for kind in range(max(1, len(party.types)))
        )

    @property
    def variables(self) -> tuple[str, ...]:
        """The public facts, promises last."""
        return self.state_table.names

    @property
    def states(self) -> Ints:
        """(X, V) index of each variable's value in each state."""
        return self.state_table.codes

    def start_state(self, start: Mapping[str, object]) -> int:
        """The state in which `start` overrides the case's own start; KeyError if never built."""
        return self.state_table.find_start(start)

    def describe(self, state: int) -> str:
        """The state in words: `fighting=true, force=2`."""
        return self.state_table.describe(self.states[state])

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
