"""The three kinds of steps of a period: a party's, a table's, and chance."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Deal, Expression, Move, Table
from ceasefire.errors import GameError
from ceasefire.game.effects import (
    FORBIDDEN,
    IMPOSSIBLE,
    AppliedEffect,
    StateEffect,
    apply_effect,
    reads_unknowns,
)
from ceasefire.game.graph import ChanceExpressions, CostExpression
from ceasefire.game.graph_builder import GraphBuilder, NodeOption
from ceasefire.game.states import Ints, StateTable

BrokenPromiseMasks = Mapping[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class OptionTargets:
    """Where an option leads in each state, and what happens on its own branch."""

    states: Ints
    slots: Ints
    labels: Ints


class EffectTransitions:
    """An effect in the states of one step, collected as they are discovered."""

    def __init__(
        self, table: StateTable, name: str, effect: StateEffect, always: bool = True
    ) -> None:
        self.table, self.name, self.effect = table, name, effect
        self.happens = always or bool(effect.set or effect.promises or effect.releases)
        self._parts: list[tuple[AppliedEffect, BrokenPromiseMasks]] = []

    def expand(self, states: Ints, broken: BrokenPromiseMasks) -> tuple[Ints, Ints]:
        """Apply the effect in new states; gives the edges from state to state."""
        size = 4 * len(self.table.names) + 12 * (len(self.effect.outcomes) + 2)
        self.table.take(len(states) * size)
        applied = apply_effect(self.table, self.effect, states, broken)
        self._parts.append((applied, broken))
        possible = applied.targets >= 0
        sources = np.broadcast_to(states[:, None], applied.targets.shape)
        return sources[possible], applied.targets[possible]

    @property
    def states(self) -> Ints:
        """The states in which the effect is available, by number."""
        return np.sort(self._discovered)

    @property
    def _discovered(self) -> Ints:
        parts = [applied.states for applied, _ in self._parts]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)

    def _sorted(self, parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What was found for each state, in the order of `states`."""
        return np.concatenate(parts)[np.argsort(self._discovered)]

    def broken(self, promise: str) -> npt.NDArray[np.bool_]:
        """In which of `states` this breaks a promise."""
        return self._sorted([masks[promise] for _, masks in self._parts])

    def place(
        self,
        nodes: GraphBuilder,
        step: int,
        entry: Ints,
        costs: Mapping[str, Expression] | None = None,
    ) -> OptionTargets:
        """Add the payment and outcome nodes behind the option, if it has any.

        entry  (X,) slots at which the next step begins
        costs  what each party pays when the effect begins
        """
        states = self.states
        if not len(states):
            return OptionTargets(states, states, states)
        applied = AppliedEffect(
            states,
            self._sorted([part.rows for part, _ in self._parts]),
            self._sorted([part.targets for part, _ in self._parts]),
        )
        own = self._labels(nodes, (self.name,) if self.happens else ())
        if self.effect.outcomes:
            slots, labels = self._outcomes(nodes, step, entry, applied, own), np.zeros_like(states)
        else:
            slots, labels = entry[applied.targets[:, 0]], own
        if costs:
            slots = nodes.payment(step, states, NodeOption("", states, slots, labels))
            labels = np.zeros_like(states)
            for party, amount in costs.items():
                nodes.payments.append(
                    CostExpression(amount, party, self.table.codes[states], slots)
                )
        return OptionTargets(states, slots, labels)

    def _outcomes(
        self, nodes: GraphBuilder, step: int, entry: Ints, applied: AppliedEffect, own: Ints
    ) -> Ints:
        options: list[NodeOption] = []
        columns: list[int] = []
        kept: list[npt.NDArray[np.bool_]] = []
        for m in range(applied.targets.shape[1]):
            target = applied.targets[:, m]
            here = target != IMPOSSIBLE
            if not here.any():
                continue
            name, labels = "", own
            if m < len(self.effect.outcomes):
                name = self.effect.outcomes[m].name or ""
                labels = self._labels(nodes, self._events(name))
            slots = np.where(target == FORBIDDEN, applied.states, entry[np.maximum(target, 0)])
            options.append(NodeOption(name, applied.states[here], slots[here], labels[here]))
            columns.append(m)
            kept.append(here)
        slots, positions = nodes.chance("outcome", step, applied.states, options)
        branches = np.full(applied.targets.shape, -1, dtype=np.int32)
        for m, here, position in zip(columns, kept, positions, strict=True):
            branches[here, m] = position
        nodes.chances.append(
            ChanceExpressions(
                tuple(outcome.chance for outcome in self.effect.outcomes),
                applied.rows,
                branches,
                applied.targets == FORBIDDEN,
            )
        )
        return slots

    def _events(self, outcome: str) -> tuple[str, ...]:
        return (self.name, f"{self.name}.{outcome}") if outcome else (self.name,)

    def _labels(self, nodes: GraphBuilder, events: Sequence[str]) -> Ints:
        """(n,) label of these events in each state, with the promises that are broken there."""
        promises = list(self._parts[0][1])
        masks = [self.broken(promise) for promise in promises]
        pattern = sum((mask.astype(np.int64) << p for p, mask in enumerate(masks)), np.int64(0))
        pattern = np.broadcast_to(np.asarray(pattern), len(self.states))
        labels = np.zeros(len(pattern), dtype=np.int32)
        for value in np.unique(pattern):
            breaks = [f"broken:{p}" for i, p in enumerate(promises) if int(value) >> i & 1]
            labels[pattern == value] = nodes.names.label(*events, *breaks)
        return labels


Bools = npt.NDArray[np.bool_]
StateTransitions = tuple[Ints, Ints]


class StepCompiler(ABC):
    """One step of a period: the states in which it has begun, and where they lead."""

    def __init__(self, table: StateTable, number: int) -> None:
        self.table, self.number = table, number
        self.known: Ints = np.zeros(0, dtype=np.int32)
        self._edges: list[StateTransitions] = []

    def image(self, states: Ints) -> Ints:
        """The states in which the next step may begin, after this one begins in `states`."""
        new = np.setdiff1d(states, self.known, assume_unique=True)
        if len(new):
            self._edges += self.expand(new)
            self.known = np.union1d(self.known, new)
        inside = np.zeros(len(self.table), dtype=np.bool_)
        inside[states] = True
        reached = [target[inside[source]] for source, target in self._edges]
        return np.unique(np.concatenate([*reached, np.zeros(0, dtype=np.int32)]))

    @abstractmethod
    def expand(self, states: Ints) -> list[StateTransitions]:
        """Edges from state to state out of new states."""

    @abstractmethod
    def compile(self, nodes: GraphBuilder, entry: Ints) -> Ints:
        """Add the step's nodes; (X,) slots at which it begins, `entry` being the next step's."""


def evaluate_when(table: StateTable, expression: Expression, states: Ints) -> Bools:
    """(n,) in which states a `when` holds; GameError where it is not a number."""
    rows = table.codes[states]
    values = table.evaluate(expression, rows, {})
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise GameError(
            [
                expression.place.problem(
                    "must be a finite number in every state",
                    found=f"none in the state {table.describe(rows[wrong][0])}",
                    allowed="a finite number, or true or false",
                    advice="guard the division or root, as in `1 / x if x > 0 else 0`",
                )
            ]
        )
    holds: Bools = values != 0
    return holds


class PartyStepCompiler(StepCompiler):
    """A party's step: its moves whose `when` holds, and pass."""

    def __init__(
        self,
        table: StateTable,
        number: int,
        party: str,
        moves: Mapping[str, Move],
        *,
        passes: bool,
        shows_pass: bool,
    ) -> None:
        super().__init__(table, number)
        self.party, self.passes, self.shows_pass = party, passes, shows_pass
        self.moves = moves
        self.uses = {key: EffectTransitions(table, key, move) for key, move in moves.items()}
        self._breaks = {
            key: [name for name, promise in table.case.promises.items() if key in promise.forbids]
            for key in moves
        }

    def expand(self, states: Ints) -> list[StateTransitions]:
        idle, edges = np.ones(len(states), dtype=np.bool_), []
        for key, move in self.moves.items():
            here = evaluate_when(self.table, move.when, states)
            idle &= ~here
            rows = self.table.codes[states[here]]
            broken = {p: rows[:, self.table.names.index(p)] == 1 for p in self._breaks[key]}
            edges.append(self.uses[key].expand(states[here], broken))
        stay = states if self.passes else states[idle]
        return [*edges, (stay, stay)]

    def compile(self, nodes: GraphBuilder, entry: Ints) -> Ints:
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.known)] = -1
        case, party = self.table.case, list(self.table.case.parties).index(self.party)
        options, moved = [], []
        for key, use in self.uses.items():
            place = use.place(nodes, self.number, entry)
            moved.append(place.states)
            options.append(
                NodeOption(key, place.states, place.slots, place.labels, self.moves[key].weight)
            )
        active = np.unique(np.concatenate([*moved, np.zeros(0, dtype=np.int32)]))
        idle = np.setdiff1d(self.known, active, assume_unique=True)
        passing = self.known if self.passes else idle
        nodes_at = self.known if self.shows_pass else active
        passing = np.intersect1d(passing, nodes_at, assume_unique=True)
        happens = np.full(len(passing), nodes.names.label(f"{self.party}.pass"))
        options.append(NodeOption(f"{self.party}.pass", passing, entry[passing], happens))
        if not len(nodes_at):
            return begin
        slots, branches = nodes.decision("move", self.number, nodes_at, options, party)
        begin[nodes_at] = slots
        for (key, use), where in zip(self.uses.items(), branches, strict=False):
            rows = self.table.codes[use.states]
            nodes.costs.append(CostExpression(self.moves[key].cost, self.party, rows, where))
            for promise in self._breaks[key] if len(rows) else ():
                broken = use.broken(promise)
                breach = case.promises[promise].breach
                nodes.costs.append(CostExpression(breach, self.party, rows[broken], where[broken]))
        return begin


class TableStepCompiler(StepCompiler):
    """A table's step: does it meet, who proposes, what is offered, who says yes."""

    def __init__(
        self, table: StateTable, number: int, name: str, rules: Table, deals: Mapping[str, Deal]
    ) -> None:
        super().__init__(table, number)
        self.name, self.rules, self.deals = name, rules, deals
        self.uses = {
            key: EffectTransitions(table, f"{name}.{key}", deal) for key, deal in deals.items()
        }
        self.proposers = rules.seats if rules.proposes == "any" else (rules.proposes,)

    def expand(self, states: Ints) -> list[StateTransitions]:
        edges = [(states, states)]
        open_ = states[evaluate_when(self.table, self.rules.when, states)]
        if not reads_unknowns(self.table.case, self.rules.meets):
            meets = self.table.evaluate(self.rules.meets, self.table.codes[open_], {})
            open_ = open_[~(meets == 0)]
        for key, deal in self.deals.items():
            here = evaluate_when(self.table, deal.when, open_)
            edges.append(self.uses[key].expand(open_[here], {}))
        return edges

    def compile(self, nodes: GraphBuilder, entry: Ints) -> Ints:
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.known)] = -1
        places = {
            key: use.place(nodes, self.number, entry, self.deals[key].cost)
            for key, use in self.uses.items()
        }
        active = np.unique(
            np.concatenate([*(p.states for p in places.values()), np.zeros(0, dtype=np.int32)])
        )
        if not len(active):
            return begin
        drawn = [
            NodeOption(party, active, self._offer(nodes, entry, places, party, active), 0 * active)
            for party in self.proposers
        ]
        slots = drawn[0].slots
        if len(drawn) > 1:
            slots, _ = nodes.chance("proposer", self.number, active, drawn, chance=1.0 / len(drawn))
        begin[active] = self._meets(nodes, entry, active, slots)
        return begin

    def _offer(
        self,
        nodes: GraphBuilder,
        entry: Ints,
        places: Mapping[str, OptionTargets],
        proposer: str,
        active: Ints,
    ) -> Ints:
        parties = list(self.table.case.parties)
        options = []
        for key, place in places.items():
            if not len(place.states):
                continue
            name, deal = f"{self.name}.{key}", self.deals[key]
            states, slots, labels = place.states, place.slots, place.labels
            for party in reversed(self.rules.seats):
                if party == proposer or party not in deal.needs:
                    continue
                answers = [
                    NodeOption("yes", states, slots, labels),
                    NodeOption("no", states, entry[states], 0 * states),
                ]
                slots, _ = nodes.decision(
                    "answer",
                    self.number,
                    states,
                    answers,
                    parties.index(party),
                    nodes.names.deals.index(name),
                )
                labels = 0 * states
            options.append(NodeOption(name, states, slots, labels, deal.weight))
        options.append(NodeOption(f"{self.name}.pass", active, entry[active], 0 * active))
        slots, _ = nodes.decision("offer", self.number, active, options, parties.index(proposer))
        return slots

    def _meets(self, nodes: GraphBuilder, entry: Ints, active: Ints, slots: Ints) -> Ints:
        case, rows = self.table.case, self.table.codes[active]
        sure = not reads_unknowns(case, self.rules.meets)
        if sure and (self.table.evaluate(self.rules.meets, rows, {}) == 1).all():
            return slots
        options = [
            NodeOption("meets", active, slots, 0 * active),
            NodeOption("idle", active, entry[active], 0 * active),
        ]
        meeting, branches = nodes.chance("meets", self.number, active, options)
        never = np.zeros((len(active), 2), dtype=np.bool_)
        fill = ChanceExpressions((self.rules.meets,), rows, np.stack(branches, axis=1), never)
        nodes.chances.append(fill)
        return meeting


class ChanceStepCompiler(StepCompiler):
    """What happens by itself."""

    def __init__(self, table: StateTable, number: int, name: str, available: bool) -> None:
        super().__init__(table, number)
        self.chance, self.available = table.case.chance[name], available
        self.use = EffectTransitions(table, name, self.chance, always=False)

    def expand(self, states: Ints) -> list[StateTransitions]:
        if not self.available:
            return [(states, states)]
        here = evaluate_when(self.table, self.chance.when, states)
        return [self.use.expand(states[here], {}), (states[~here], states[~here])]

    def compile(self, nodes: GraphBuilder, entry: Ints) -> Ints:
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.known)] = -1
        place = self.use.place(nodes, self.number, entry)
        if not len(place.states):
            return begin
        slots = place.slots
        if not self.chance.outcomes:
            certain = NodeOption(self.use.name, place.states, place.slots, place.labels)
            slots, _ = nodes.chance("event", self.number, place.states, [certain], chance=1.0)
        begin[place.states] = slots
        return begin


def steps_in_period(
    case: Case,
    table: StateTable,
    period: int,
    without: frozenset[str],
    closed: Mapping[str, int],
    passes: Iterable[str],
) -> list[StepCompiler]:
    """The steps of `order` as they stand in one period, what is left out or not due removed."""

    def due(thing: Move | Deal | Table | object) -> bool:
        during = getattr(thing, "during", None)
        return during is None or during[0] <= period <= during[1]

    built: list[StepCompiler] = []
    for number, step in enumerate(case.order):
        if step.kind == "chance":
            available = step.id not in without and due(case.chance[step.id])
            built.append(ChanceStepCompiler(table, number, step.id, available))
        elif step.kind == "table":
            rules = case.tables[step.id]
            gone = step.id in without or not due(rules) or period < closed.get(step.id, 0)
            deals = {
                key: deal
                for key, deal in rules.deals.items()
                if not gone and due(deal) and f"{step.id}.{key}" not in without
            }
            built.append(TableStepCompiler(table, number, step.id, rules, deals))
        else:
            moves = {
                key: move
                for key, move in case.moves.items()
                if move.party == step.id
                and due(move)
                and key not in without
                and (step.only is None or move.name in step.only)
            }
            built.append(
                PartyStepCompiler(
                    table,
                    number,
                    step.id,
                    moves,
                    passes=step.only is None or "pass" in step.only,
                    shows_pass=step.id in passes,
                )
            )
    return built
