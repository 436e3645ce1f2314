"""How do nodes and branches become the arrays of a period graph? They are collected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import Expression
from ceasefire.game.graph import (
    CHANCE,
    DECISION,
    END,
    NODE_ROLES,
    PAYMENT,
    ChanceExpressions,
    CostExpression,
    PeriodGraph,
    WeightExpression,
)
from ceasefire.game.states import Ints


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

    def __init__(self, numbering: NameNumbering, state_count: int) -> None:
        self.numbering = numbering
        self._nodes: dict[str, list[npt.NDArray[np.generic]]] = {
            "kind": [np.full(state_count, END)],
            "role": [np.full(state_count, NODE_ROLES.index("end"))],
            "step": [np.full(state_count, -1)],
            "state": [np.arange(state_count)],
            "mover": [np.full(state_count, -1)],
            "deal": [np.full(state_count, -1)],
            "count": [np.zeros(state_count, dtype=np.int64)],
        }
        self._branches: dict[str, list[npt.NDArray[np.generic]]] = {
            "successor": [],
            "label": [],
            "option": [],
            "chance": [],
        }
        self.node_count, self.branch_count = state_count, 0
        self.chance_expressions: list[ChanceExpressions] = []
        self.cost_expressions: list[CostExpression] = []
        self.payment_expressions: list[CostExpression] = []
        self.weight_expressions: list[WeightExpression] = []

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
    ) -> tuple[Ints, list[Ints]]:
        """Add one node for each of `states`; gives their slots and each option's branches.

        An option stands in the states it lists, in the order of `options` at each node.
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
        return self.add_nodes(DECISION, role, step, states, options, mover=mover, deal=deal)

    def add_chances(
        self, role: str, step: int, states: Ints, options: Sequence[NodeOption], chance: float = 0.0
    ) -> tuple[Ints, list[Ints]]:
        """Chance takes one of the options; `chance` where every branch has the same, fixed one."""
        return self.add_nodes(CHANCE, role, step, states, options, chance=chance)

    def add_payments(self, step: int, states: Ints, option: NodeOption) -> Ints:
        """Somebody pays, and play goes on."""
        return self.add_nodes(PAYMENT, "payment", step, states, [option])[0]

    def finish(self, first_period: int, past_last_period: int, step_entry: Ints) -> PeriodGraph:
        """The finished graph, its arrays read-only."""

        def node(key: str, kind: type) -> npt.NDArray[Any]:
            return _concatenate_read_only(self._nodes[key], kind)

        def branch(key: str, kind: type) -> npt.NDArray[Any]:
            return _concatenate_read_only(self._branches[key], kind)

        first = np.concatenate([[0], np.cumsum(node("count", np.int64))])
        for array in (first, step_entry):
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
            first_branch=first,
            successor=branch("successor", np.int32),
            label=branch("label", np.int32),
            option=branch("option", np.int32),
            fixed_chance=branch("chance", np.float64),
            chance_expressions=tuple(self.chance_expressions),
            cost_expressions=tuple(self.cost_expressions),
            payment_expressions=tuple(self.payment_expressions),
            weight_expressions=tuple(self.weight_expressions),
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
