"""What are the steps of a period as nodes: a party's, a table's, and chance?"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import NO_OUTCOME, Case, Deal, Expression, Move, Renewals, Step, Table
from ceasefire.case.expressions import BinaryOperation, NumberLiteral
from ceasefire.errors import GameError
from ceasefire.game.graph import (
    ChanceExpressions,
    CostExpression,
    GraphBuilder,
    NodeOption,
    period_steps,
)
from ceasefire.game.states import (
    FORBIDDEN,
    IMPOSSIBLE,
    AppliedEffect,
    Ints,
    StateEffect,
    StateTable,
    apply_effect,
    party_told_of,
    reads_unknowns,
)

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
        self, state_table: StateTable, name: str, effect: StateEffect, always: bool = True
    ) -> None:
        self.state_table, self.name, self.effect = state_table, name, effect
        self.is_event = always or bool(
            effect.set or effect.promises or effect.releases or effect.renews
        )
        self._batches: list[tuple[AppliedEffect, BrokenPromiseMasks]] = []

    def apply_in(self, states: Ints, broken: BrokenPromiseMasks) -> tuple[Ints, Ints]:
        """Apply the effect in new states; gives the edges from state to state."""
        size = 4 * len(self.state_table.names) + 12 * (len(self.effect.outcomes) + 2)
        self.state_table.reserve_bytes(len(states) * size)
        applied = apply_effect(self.state_table, self.effect, states, broken)
        self._batches.append((applied, broken))
        possible = applied.targets >= 0
        sources = np.broadcast_to(states[:, None], applied.targets.shape)
        return sources[possible], applied.targets[possible]

    @property
    def states(self) -> Ints:
        """The states in which the effect is available, by number."""
        return np.sort(self._discovered)

    @property
    def _discovered(self) -> Ints:
        parts = [applied.states for applied, _ in self._batches]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)

    def _in_state_order(self, parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What was found for each state, in the order of `states`."""
        return np.concatenate(parts)[np.argsort(self._discovered)]

    def breaks_promise(self, promise: str) -> npt.NDArray[np.bool_]:
        """In which of `states` this breaks a promise."""
        return self._in_state_order([masks[promise] for _, masks in self._batches])

    def applied_in(self, states: Ints) -> AppliedEffect:
        """The effect in some of `states`, in ascending order."""
        place = np.searchsorted(self.states, states)
        parts = [part for part, _ in self._batches]
        return AppliedEffect(
            states,
            self._in_state_order([part.codes_before_outcomes for part in parts])[place],
            self._in_state_order([part.targets for part in parts])[place],
        )

    def compile_nodes(
        self,
        builder: GraphBuilder,
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
        applied = self.applied_in(states)
        own_events = (self.name,) if self.is_event else ()
        own = self._labels(builder, own_events)
        if self.effect.outcomes:

            def after(outcome: str | None, ends: Ints) -> tuple[Ints, Ints]:
                none_came = (*own_events, f"{self.name}.{NO_OUTCOME}")
                events = none_came if outcome is None else self._events(outcome)
                return entry[ends], self._labels(builder, events)

            slots = self.compile_outcomes(builder, step, applied, after)
            labels = np.zeros_like(states)
        else:
            slots, labels = entry[applied.targets[:, 0]], own
            slots = self._compile_renewals(builder, step, states, slots, self.effect.renews)
        if costs:
            slots = builder.add_payments(step, states, NodeOption("", states, slots, labels))
            labels = np.zeros_like(states)
            for party, amount in costs.items():
                builder.payment_expressions += costs_of_holders(
                    self.state_table, amount, party, self.state_table.codes[states], slots
                )
        return OptionTargets(states, slots, labels)

    def compile_outcomes(
        self,
        builder: GraphBuilder,
        step: int,
        applied: AppliedEffect,
        after: Callable[[str | None, Ints], tuple[Ints, Ints]],
    ) -> Ints:
        """Add the nodes at which chance draws an outcome in n states; gives their slots (n,).

        after  for an outcome by its name, empty if it has none, or None where there is nothing
               more, and the states (n,) in which it ends: the slots and labels (n,) to go on with
        """
        options: list[NodeOption] = []
        columns: list[int] = []
        kept: list[npt.NDArray[np.bool_]] = []
        for m in range(applied.targets.shape[1]):
            target = applied.targets[:, m]
            here = target != IMPOSSIBLE
            if not here.any():
                continue
            name = (self.effect.outcomes[m].name or "") if m < len(self.effect.outcomes) else None
            slots, labels = after(name, np.maximum(target, 0))
            slots = np.where(target == FORBIDDEN, applied.states, slots)
            renews = dict(self.effect.renews)
            if m < len(self.effect.outcomes):
                renews |= self.effect.outcomes[m].renews
            states = applied.states[here]
            slots = self._compile_renewals(builder, step, states, slots[here], renews)
            options.append(NodeOption(name or "", states, slots, labels[here]))
            columns.append(m)
            kept.append(here)
        chances = tuple(outcome.chance for outcome in self.effect.outcomes)
        told_of = party_told_of(chances)
        slots, positions = builder.add_chances(
            "outcome", step, applied.states, options, tells_of=told_of
        )
        branches = np.full(applied.targets.shape, -1, dtype=np.int32)
        for m, here, position in zip(columns, kept, positions, strict=True):
            branches[here, m] = position
        builder.chance_expressions.append(
            ChanceExpressions(
                chances,
                applied.codes_before_outcomes,
                branches,
                applied.targets == FORBIDDEN,
                told_of,
            )
        )
        return slots

    def _compile_renewals(
        self, builder: GraphBuilder, step: int, states: Ints, slots: Ints, renews: Renewals
    ) -> Ints:
        """The slots at which the types of parties are drawn anew before play goes on at `slots`."""
        for party, types in renews.items():
            then = NodeOption("", states, slots, np.zeros_like(states))
            types = types or self.state_table.case.parties[party].types
            slots = builder.add_renewals(step, states, then, party, types)
        return slots

    def _events(self, outcome: str) -> tuple[str, ...]:
        return (self.name, f"{self.name}.{outcome}") if outcome else (self.name,)

    def _labels(self, builder: GraphBuilder, events: Sequence[str]) -> Ints:
        """(n,) label of these events in each state, with the promises that are broken there."""
        promises = list(self._batches[0][1])
        masks = [self.breaks_promise(promise) for promise in promises]
        pattern = sum((mask.astype(np.int64) << p for p, mask in enumerate(masks)), np.int64(0))
        pattern = np.broadcast_to(np.asarray(pattern), len(self.states))
        labels = np.zeros(len(pattern), dtype=np.int32)
        for value in np.unique(pattern):
            breaks = [f"broken:{p}" for i, p in enumerate(promises) if int(value) >> i & 1]
            labels[pattern == value] = builder.numbering.label_number(*events, *breaks)
        return labels


Bools = npt.NDArray[np.bool_]
StateTransitions = tuple[Ints, Ints]


class StepCompiler(ABC):
    """One step of a period: the states in which it has begun, and where they lead."""

    def __init__(self, state_table: StateTable, number: int) -> None:
        self.state_table, self.number = state_table, number
        self.begun_in: Ints = np.zeros(0, dtype=np.int32)
        self._edges: list[StateTransitions] = []

    def next_states(self, states: Ints) -> Ints:
        """The states in which the next step may begin, after this one begins in `states`."""
        new = np.setdiff1d(states, self.begun_in, assume_unique=True)
        if len(new):
            self._edges += self.find_transitions(new)
            self.begun_in = np.union1d(self.begun_in, new)
        inside = np.zeros(len(self.state_table), dtype=np.bool_)
        inside[states] = True
        reached = np.zeros(len(self.state_table), dtype=np.bool_)
        for source, target in self._edges:
            reached[target[inside[source]]] = True
        return np.flatnonzero(reached).astype(np.int32)

    @abstractmethod
    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        """Edges from state to state out of new states."""

    @abstractmethod
    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        """Add the step's nodes; (X,) slots at which it begins, `entries` being those that follow.

        entries  (X,) slots at which each step begins that may come next: one, but after a draw
        """


def evaluate_when(state_table: StateTable, expression: Expression, states: Ints) -> Bools:
    """(n,) in which states a `when` holds; GameError where it is not a number."""
    rows = state_table.codes[states]
    values = state_table.evaluate(expression, rows, {})
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise GameError(
            [
                expression.location.problem(
                    "must be a finite number in every state",
                    found=f"none in the state {state_table.describe(rows[wrong][0])}",
                    allowed="a finite number, or true or false",
                    help="guard the division or root, as in `1 / x if x > 0 else 0`",
                )
            ]
        )
    holds: Bools = values != 0
    return holds


def option_weight(option: Move | Deal) -> Expression:
    """The weight of a move or offer; a family weighs as much as one option, however many it has."""
    if option.member is None:
        return option.weight
    members = NumberLiteral(float(len(option.member.values)))
    return replace(option.weight, tree=BinaryOperation("/", option.weight.tree, members))


def add_decisions_of_holders(
    state_table: StateTable,
    builder: GraphBuilder,
    role: str,
    step: int,
    states: Ints,
    options: Sequence[NodeOption],
    actor: str,
    deal: int = -1,
) -> tuple[Ints, list[Ints]]:
    """A party, or in each state whoever holds a role, chooses one of the options."""
    if actor in state_table.case.parties:
        party = list(state_table.case.parties).index(actor)
        return builder.add_decisions(role, step, states, options, party, deal)
    holders = state_table.holders(actor, state_table.codes[states])
    slots = np.empty(len(states), dtype=np.int32)
    branches = [np.empty(len(option.states), dtype=np.int32) for option in options]
    for holder in np.unique(holders):
        here = holders == holder
        parts = [np.isin(option.states, states[here]) for option in options]
        of_holder = [
            replace(
                option,
                states=option.states[part],
                slots=option.slots[part],
                labels=option.labels[part],
            )
            for option, part in zip(options, parts, strict=True)
        ]
        slots[here], found = builder.add_decisions(
            role, step, states[here], of_holder, int(holder), deal
        )
        for branch, part, where in zip(branches, parts, found, strict=True):
            branch[part] = where
    return slots, branches


def costs_of_holders(
    state_table: StateTable, expression: Expression, actor: str, rows: Ints, targets: Ints
) -> Iterator[CostExpression]:
    """What a party pays in these rows, or in each whoever holds a role there."""
    holders, parties = state_table.holders(actor, rows), list(state_table.case.parties)
    for holder in (
        np.unique(holders) if actor in state_table.case.roles else (parties.index(actor),)
    ):
        here = holders == holder
        yield CostExpression(expression, parties[holder], rows[here], targets[here])


class PartyStepCompiler(StepCompiler):
    """The step of a party or role: its moves whose `when` holds, and pass."""

    def __init__(
        self,
        state_table: StateTable,
        number: int,
        party: str,
        moves: Mapping[str, Move],
        *,
        may_pass: bool,
        pass_is_event: bool,
    ) -> None:
        super().__init__(state_table, number)
        self.party, self.may_pass, self.pass_is_event = party, may_pass, pass_is_event
        self.moves = moves
        self.effects = {
            key: EffectTransitions(state_table, key, move) for key, move in moves.items()
        }
        self._breaks = {
            key: [
                name
                for name, promise in state_table.case.promises.items()
                if key in promise.forbids
            ]
            for key in moves
        }

    def options_in(self, states: Ints) -> dict[str | None, Bools]:
        """For each move, and None for passing, in which of the states (n,) it can be chosen."""
        options: dict[str | None, Bools] = {
            key: evaluate_when(self.state_table, move.when, states)
            for key, move in self.moves.items()
        }
        idle = ~np.logical_or.reduce([np.zeros(len(states), dtype=np.bool_), *options.values()])
        options[None] = np.ones_like(idle) if self.may_pass else idle
        return options

    def decides_in(self, options: Mapping[str | None, Bools]) -> Bools:
        """(n,) where there is a node for its choice, of `options_in` these states."""
        moves = [mask for key, mask in options.items() if key is not None]
        nowhere = np.full(len(options[None]), self.pass_is_event)
        decides: Bools = np.logical_or.reduce([nowhere, *moves])
        return decides

    def promises_broken_by(self, choice: str | None) -> Sequence[str]:
        """The promises that forbid a move; none for passing."""
        return () if choice is None else self._breaks[choice]

    def compile_choice(
        self,
        builder: GraphBuilder,
        states: Ints,
        places: Mapping[str | None, tuple[Ints, tuple[Ints, Ints]]],
    ) -> Ints:
        """Add the party's choice at a moment in these states; gives the slots (n,) of its nodes.

        places  for each move, and None for passing, the states in which it stands, and (X,) the
                slots and labels with which play goes on
        """
        options = []
        for key, (here, (slots, labels)) in places.items():
            name = f"{self.party}.pass" if key is None else key
            weight = None if key is None else option_weight(self.moves[key])
            options.append(NodeOption(name, here, slots[here], labels[here], weight))
        mover = list(self.state_table.case.parties).index(self.party)
        nodes, branches = builder.add_decisions("move", self.number, states, options, mover)
        for (key, (here, _)), where in zip(places.items(), branches, strict=True):
            if key is not None:
                self._add_costs(builder, key, here, where)
        return nodes

    def _add_costs(self, builder: GraphBuilder, key: str, states: Ints, where: Ints) -> None:
        """What a move costs in these states, breaches counted, on its branches."""
        rows = self.state_table.codes[states]
        builder.cost_expressions += costs_of_holders(
            self.state_table, self.moves[key].cost, self.party, rows, where
        )
        for promise in self._breaks[key] if len(rows) else ():
            broken = rows[:, self.state_table.names.index(promise)] == 1
            breach = self.state_table.case.promises[promise].breach
            builder.cost_expressions += costs_of_holders(
                self.state_table, breach, self.party, rows[broken], where[broken]
            )

    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        idle, edges = np.ones(len(states), dtype=np.bool_), []
        for key, move in self.moves.items():
            here = evaluate_when(self.state_table, move.when, states)
            idle &= ~here
            rows = self.state_table.codes[states[here]]
            broken = {p: rows[:, self.state_table.names.index(p)] == 1 for p in self._breaks[key]}
            edges.append(self.effects[key].apply_in(states[here], broken))
        stay = states if self.may_pass else states[idle]
        return [*edges, (stay, stay)]

    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        (entry,) = entries
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.begun_in)] = -1
        options, moved = [], []
        for key, use in self.effects.items():
            place = use.compile_nodes(builder, self.number, entry)
            moved.append(place.states)
            options.append(
                NodeOption(
                    key, place.states, place.slots, place.labels, option_weight(self.moves[key])
                )
            )
        active = np.unique(np.concatenate([*moved, np.zeros(0, dtype=np.int32)]))
        idle = np.setdiff1d(self.begun_in, active, assume_unique=True)
        passing = self.begun_in if self.may_pass else idle
        nodes_at = self.begun_in if self.pass_is_event else active
        passing = np.intersect1d(passing, nodes_at, assume_unique=True)
        happens = np.full(len(passing), builder.numbering.label_number(f"{self.party}.pass"))
        options.append(NodeOption(f"{self.party}.pass", passing, entry[passing], happens))
        if not len(nodes_at):
            return begin
        slots, branches = add_decisions_of_holders(
            self.state_table, builder, "move", self.number, nodes_at, options, self.party
        )
        begin[nodes_at] = slots
        for (key, use), where in zip(self.effects.items(), branches, strict=False):
            self._add_costs(builder, key, use.states, where)
        return begin


Choice = str | None  # the move of one party at a moment; None if it passes
SlotsAndLabels = tuple[Ints, Ints]  # (X,) where to go on from each state, and what has happened


class MomentStepCompiler(StepCompiler):
    """Parties that choose without seeing each other's choice; then their moves take effect.

    The choices are nodes one after another, those of each party one information set: at each of
    them the same options stand. What follows depends on all of them. A promise that a choice breaks
    is gone when its turn comes, whether or not the move can still be made. The party that knows a
    type, if there is one, chooses at the last nodes: nobody's choice is then read at a record that
    another's has moved. Moves take effect in the order listed all the same.
    """

    def __init__(
        self, state_table: StateTable, number: int, parties: Sequence[PartyStepCompiler]
    ) -> None:
        super().__init__(state_table, number)
        self.parties = parties
        case = state_table.case
        knows = [bool(case.types_known_to(each.party)) for each in parties]
        self._nodes_first = sorted(range(len(parties)), key=knows.__getitem__)

    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        edges: list[StateTransitions] = []
        for choices, here in self._combinations(states):
            for group in self._alike(choices, here):
                begin, now = group, group
                for party, choice in zip(self.parties, choices, strict=True):
                    after, holds = self._turn(party, choice, group, now)
                    if choice is None:
                        continue
                    effect = party.effects[choice]
                    wanted = np.unique(after[holds])
                    effect.apply_in(np.setdiff1d(wanted, effect.states), {})
                    targets = effect.applied_in(wanted).targets[
                        np.searchsorted(wanted, after[holds])
                    ]
                    possible = targets >= 0
                    led = np.broadcast_to(begin[holds][:, None], targets.shape)[possible]
                    pairs = np.stack(
                        [
                            np.concatenate([begin[~holds], led]),
                            np.concatenate([after[~holds], targets[possible]]),
                        ]
                    )
                    begin, now = np.unique(pairs, axis=1).astype(np.int32)
                edges.append((begin, now))
        return edges

    def _combinations(self, states: Ints) -> Iterator[tuple[tuple[Choice, ...], Ints]]:
        """Every combination of choices, and the states (n,) in which each of them is there."""
        offered = [party.options_in(states) for party in self.parties]
        for choices in product(*offered):
            there = np.logical_and.reduce(
                [masks[choice] for masks, choice in zip(offered, choices, strict=True)]
            )
            if there.any():
                yield choices, states[there]

    def _alike(self, choices: Sequence[Choice], states: Ints) -> list[Ints]:
        """The states apart by which promises these choices break there, and who could but pass."""
        apart = [np.zeros(len(states), dtype=np.int64)]
        for party, choice in zip(self.parties, choices, strict=True):
            if choice is None:
                apart.append(party.decides_in(party.options_in(states)).astype(np.int64))
            for promise in party.promises_broken_by(choice):
                codes = self.state_table.codes[states]
                apart.append(codes[:, self.state_table.names.index(promise)].astype(np.int64))
        _, kind = np.unique(np.stack(apart), axis=1, return_inverse=True)
        return [states[kind.ravel() == k] for k in np.unique(kind)]

    def _turn(
        self, party: PartyStepCompiler, choice: Choice, began: Ints, now: Ints
    ) -> tuple[Ints, Bools]:
        """The states (n,) `now` once promises are broken, and in which the move can still be made.

        began   states in which the choice was made and in all of which it breaks the same promises
        """
        if choice is None:
            return now, np.zeros(len(now), dtype=np.bool_)
        holds = evaluate_when(self.state_table, party.moves[choice].when, now)
        names, rows = self.state_table.names, self.state_table.codes[now]
        for promise in party.promises_broken_by(choice):
            if self.state_table.codes[began[0], names.index(promise)] == 1:
                self.state_table.set_promise(rows, promise, slice(None), value=False)
        return self.state_table.add_states(rows), holds

    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        (entry,) = entries
        count = len(self.begun_in)
        if not count:
            return np.full(len(entry), -1, dtype=np.int32)
        options = [party.options_in(self.begun_in) for party in self.parties]
        nodes: list[tuple[Ints, Ints]] = []

        def compile_choice(chosen: tuple[Choice, ...], there: Bools) -> SlotsAndLabels:
            """(X,) where the next party chooses, and after the last what all of it leads to."""
            slots, labels = np.full(len(entry), -1, dtype=np.int32), np.zeros_like(entry)
            if len(chosen) == len(self.parties):
                listed = tuple(chosen[self._nodes_first.index(n)] for n in range(len(chosen)))
                for group in self._alike(listed, self.begun_in[there]):
                    events = self._events(listed, int(group[0]))
                    after = self._compile_turns(builder, entry, listed, group, group, events)
                    slots[group], labels[group] = after[0][group], after[1][group]
                return slots, labels
            here = self._nodes_first[len(chosen)]
            party, offered = self.parties[here], options[here]
            places = {
                choice: (there & masks, compile_choice((*chosen, choice), there & masks))
                for choice, masks in offered.items()
                if (there & masks).any()
            }
            deciding = there & party.decides_in(offered)
            for mask, after in places.values():
                idle = self.begun_in[mask & ~deciding]
                slots[idle], labels[idle] = after[0][idle], after[1][idle]
            if not deciding.any():
                return slots, labels
            at = self.begun_in[deciding]
            slots[at] = party.compile_choice(
                builder,
                at,
                {c: (self.begun_in[m & deciding], after) for c, (m, after) in places.items()},
            )
            nodes.append((slots[at], at))
            return slots, labels

        begin, _ = compile_choice((), np.ones(count, dtype=np.bool_))
        several = np.zeros(len(entry), dtype=np.int64)
        for party, offered in zip(self.parties, options, strict=True):
            several[self.begun_in] += party.decides_in(offered)
        for slots, states in nodes:
            joint = several[states] > 1
            builder.join_into_moment(slots[joint], begin[states[joint]])
        return begin

    def _events(self, choices: Sequence[Choice], state: int) -> frozenset[str]:
        """What happens by these choices in a state: all of it at the same moment."""
        events, row = set[str](), self.state_table.codes[state]
        for party, choice in zip(self.parties, choices, strict=True):
            if choice is not None:
                events.add(choice)
            elif party.decides_in(party.options_in(np.array([state])))[0]:
                events.add(f"{party.party}.pass")
            for promise in party.promises_broken_by(choice):
                if row[self.state_table.names.index(promise)] == 1:
                    events.add(f"broken:{promise}")
        return frozenset(events)

    def _compile_turns(
        self,
        builder: GraphBuilder,
        entry: Ints,
        choices: Sequence[Choice],
        began: Ints,
        now: Ints,
        events: frozenset[str],
        turn: int = 0,
    ) -> SlotsAndLabels:
        """(X,) where play goes on in the states `now`, from one party's turn on.

        began   states in which the choices were made, breaking the same promises in all of them
        events  what has happened so far; it is read when the last turn is over
        """
        if turn == len(choices):
            return entry, np.full_like(entry, builder.numbering.label_number(*sorted(events)))
        party, choice = self.parties[turn], choices[turn]
        after, holds = self._turn(party, choice, began, now)

        def later(ends: Ints, happened: frozenset[str] = events) -> SlotsAndLabels:
            known = np.unique(ends)
            return self._compile_turns(builder, entry, choices, began, known, happened, turn + 1)

        slots, labels = np.full(len(entry), -1, dtype=np.int32), np.zeros_like(entry)
        if choice is None or not holds.any():
            then = later(after)
            slots[now], labels[now] = then[0][after], then[1][after]
            return slots, labels
        if not holds.all():
            then = later(after[~holds])
            void = now[~holds]
            slots[void], labels[void] = then[0][after[~holds]], then[1][after[~holds]]
        effect = party.effects[choice]
        made = np.unique(after[holds])
        applied, place = effect.applied_in(made), np.searchsorted(made, after[holds])
        if not effect.effect.outcomes:
            ends = applied.targets[:, 0]
            then = later(ends)
            slots[now[holds]], labels[now[holds]] = then[0][ends][place], then[1][ends][place]
            return slots, labels

        def after_outcome(outcome: str | None, ends: Ints) -> tuple[Ints, Ints]:
            came = NO_OUTCOME if outcome is None else outcome
            happened = events | {f"{choice}.{came}"} if came else events
            then = later(ends, happened)
            return then[0][ends], then[1][ends]

        drawn = effect.compile_outcomes(builder, self.number, applied, after_outcome)
        slots[now[holds]] = drawn[place]
        return slots, labels


class TableStepCompiler(StepCompiler):
    """A table's step: does it meet, who proposes, what is offered, who says yes."""

    def __init__(
        self,
        state_table: StateTable,
        number: int,
        name: str,
        rules: Table,
        deals: Mapping[str, Deal],
    ) -> None:
        super().__init__(state_table, number)
        self.name, self.rules, self.deals = name, rules, deals
        self.effects = {
            key: EffectTransitions(state_table, f"{name}.{key}", deal)
            for key, deal in deals.items()
        }
        self.proposers = rules.seats if rules.proposes == "any" else (rules.proposes,)

    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        edges = [(states, states)]
        open_ = states[evaluate_when(self.state_table, self.rules.when, states)]
        if not reads_unknowns(self.state_table.case, self.rules.meets):
            meets = self.state_table.evaluate(self.rules.meets, self.state_table.codes[open_], {})
            open_ = open_[~(meets == 0)]
        for key, deal in self.deals.items():
            here = evaluate_when(self.state_table, deal.when, open_)
            edges.append(self.effects[key].apply_in(open_[here], {}))
        return edges

    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        (entry,) = entries
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.begun_in)] = -1
        places = {
            key: use.compile_nodes(builder, self.number, entry, self.deals[key].cost)
            for key, use in self.effects.items()
        }
        active = np.unique(
            np.concatenate([*(p.states for p in places.values()), np.zeros(0, dtype=np.int32)])
        )
        if not len(active):
            return begin
        self._check_seats(active)
        drawn = [
            NodeOption(
                party,
                active,
                self._compile_offer(builder, entry, places, party, active),
                0 * active,
            )
            for party in self.proposers
        ]
        slots = drawn[0].slots
        if len(drawn) > 1:
            slots, _ = builder.add_chances(
                "proposer", self.number, active, drawn, chance=1.0 / len(drawn)
            )
        begin[active] = self._compile_meeting(builder, entry, active, slots)
        return begin

    def _compile_offer(
        self,
        builder: GraphBuilder,
        entry: Ints,
        places: Mapping[str, OptionTargets],
        proposer: str,
        active: Ints,
    ) -> Ints:
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
                slots, _ = add_decisions_of_holders(
                    self.state_table,
                    builder,
                    "answer",
                    self.number,
                    states,
                    answers,
                    party,
                    builder.numbering.deals.index(name),
                )
                labels = 0 * states
            options.append(NodeOption(name, states, slots, labels, option_weight(deal)))
        options.append(NodeOption(f"{self.name}.pass", active, entry[active], 0 * active))
        slots, _ = add_decisions_of_holders(
            self.state_table, builder, "offer", self.number, active, options, proposer
        )
        return slots

    def _check_seats(self, active: Ints) -> None:
        """Raise GameError where a party would sit at the table twice."""
        case, rows = self.state_table.case, self.state_table.codes[active]
        for role in (seat for seat in self.rules.seats if seat in case.roles):
            held = self.state_table.holders(role, rows)
            for seat in self.rules.seats:
                twice = held == self.state_table.holders(seat, rows)
                if seat != role and twice.any():
                    party = list(case.parties)[held[twice][0]]
                    where = self.state_table.describe(rows[twice][0])
                    found = f"{party} as {role} and as {seat} in the state {where}"
                    raise GameError(
                        [
                            case.roles[role].holder.location.problem(
                                f"a party would sit at {self.name} twice",
                                found=found.replace(f" and as {party} ", " and as itself "),
                                help=f"say `when` {self.name} can meet, so that it does not there",
                            )
                        ]
                    )

    def _compile_meeting(
        self, builder: GraphBuilder, entry: Ints, active: Ints, slots: Ints
    ) -> Ints:
        case, rows = self.state_table.case, self.state_table.codes[active]
        sure = not reads_unknowns(case, self.rules.meets)
        if sure and (self.state_table.evaluate(self.rules.meets, rows, {}) == 1).all():
            return slots
        options = [
            NodeOption("meets", active, slots, 0 * active),
            NodeOption("idle", active, entry[active], 0 * active),
        ]
        meeting, branches = builder.add_chances("meets", self.number, active, options)
        never = np.zeros((len(active), 2), dtype=np.bool_)
        fill = ChanceExpressions((self.rules.meets,), rows, np.stack(branches, axis=1), never)
        builder.chance_expressions.append(fill)
        return meeting


class ChanceStepCompiler(StepCompiler):
    """What happens by itself."""

    def __init__(self, state_table: StateTable, number: int, name: str, available: bool) -> None:
        super().__init__(state_table, number)
        self.chance, self.available = state_table.case.chance[name], available
        self.effect = EffectTransitions(state_table, name, self.chance, always=False)

    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        if not self.available:
            return [(states, states)]
        here = evaluate_when(self.state_table, self.chance.when, states)
        return [self.effect.apply_in(states[here], {}), (states[~here], states[~here])]

    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        (entry,) = entries
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.begun_in)] = -1
        place = self.effect.compile_nodes(builder, self.number, entry)
        if not len(place.states):
            return begin
        slots = place.slots
        if not self.chance.outcomes:
            certain = NodeOption(self.effect.name, place.states, place.slots, place.labels)
            slots, _ = builder.add_chances(
                "event", self.number, place.states, [certain], chance=1.0
            )
        begin[place.states] = slots
        return begin


class DeadlineStepCompiler(StepCompiler):
    """The end of a period for a promise that owes a move: one less is left, or it is broken."""

    def __init__(self, state_table: StateTable, number: int, promise: str) -> None:
        super().__init__(state_table, number)
        self.promise = promise
        self._clock = state_table.names.index(state_table.case.clocks[promise])

    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        running = states[self._left(states) > 0]
        still = np.setdiff1d(states, running, assume_unique=True)
        return [(still, still), (running, self._states_after(running))]

    def _left(self, states: Ints) -> Ints:
        left: Ints = self.state_table.codes[states, self._clock]
        return left

    def _states_after(self, running: Ints) -> Ints:
        rows = self.state_table.codes[running]
        due = rows[:, self._clock] == 1
        rows[:, self._clock] -= 1
        self.state_table.set_promise(rows, self.promise, due, value=False)
        return self.state_table.add_states(rows)

    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        (entry,) = entries
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.begun_in)] = -1
        running = self.begun_in[self._left(self.begun_in) > 0]
        begin[running] = entry[self._states_after(running)]
        due = running[self._left(running) == 1]
        if not len(due):
            return begin
        happens = np.full(len(due), builder.numbering.label_number(f"broken:{self.promise}"))
        breaks = NodeOption("", due, begin[due], happens)
        begin[due] = slots = builder.add_payments(self.number, due, breaks)
        promise = self.state_table.case.promises[self.promise]
        builder.payment_expressions += costs_of_holders(
            self.state_table, promise.breach, promise.by, self.state_table.codes[due], slots
        )
        return begin


class OrderDrawCompiler(StepCompiler):
    """The draw of the order in which the steps of a shuffle come, for all to see."""

    def __init__(self, state_table: StateTable, number: int, orders: Sequence[str]) -> None:
        super().__init__(state_table, number)
        self.orders = orders

    def find_transitions(self, states: Ints) -> list[StateTransitions]:
        return [(states, states)]

    def compile_nodes(self, builder: GraphBuilder, entries: Sequence[Ints]) -> Ints:
        begin = entries[0].copy()
        begin[np.setdiff1d(np.arange(len(begin)), self.begun_in)] = -1
        apart = np.logical_or.reduce([entry != entries[0] for entry in entries])
        states = self.begun_in[apart[self.begun_in]]
        if not len(states):
            return begin
        drawn = [
            NodeOption(order, states, entry[states], 0 * states)
            for order, entry in zip(self.orders, entries, strict=True)
        ]
        begin[states], _ = builder.add_chances(
            "order", self.number, states, drawn, chance=1.0 / len(drawn)
        )
        return begin


def steps_in_period(
    case: Case,
    state_table: StateTable,
    period: int,
    without: frozenset[str],
    closed: Mapping[str, int],
    passes: Iterable[str],
) -> list[StepCompiler]:
    """The steps of a period as they stand in one, what is left out or not due removed.

    They are numbered as `period_steps` numbers them.
    """

    def due(thing: Move | Deal | Table | object) -> bool:
        during = getattr(thing, "during", None)
        return during is None or during[0] <= period <= during[1]

    def party_step(number: int, step: Step) -> PartyStepCompiler:
        moves = {
            key: move
            for key, move in case.moves.items()
            if move.party == step.id
            and due(move)
            and key not in without
            and (step.only is None or move.name in step.only)
        }
        return PartyStepCompiler(
            state_table,
            number,
            step.id,
            moves,
            may_pass=step.only is None or "pass" in step.only,
            pass_is_event=step.id in passes,
        )

    built: list[StepCompiler] = []
    steps = period_steps(case.order)
    for number, (step, following, _, together) in enumerate(steps):
        if together:
            parties = [party_step(number, one) for one in together]
            built.append(MomentStepCompiler(state_table, number, parties))
        elif step is None:
            orders = [", ".join(map(str, steps[k].remaining)) for k in following]
            built.append(OrderDrawCompiler(state_table, number, orders))
        elif step.kind == "deadline":
            built.append(DeadlineStepCompiler(state_table, number, step.id))
        elif step.kind == "chance":
            available = step.id not in without and due(case.chance[step.id])
            built.append(ChanceStepCompiler(state_table, number, step.id, available))
        elif step.kind == "table":
            rules = case.tables[step.id]
            gone = step.id in without or not due(rules) or period < closed.get(step.id, 0)
            deals = {
                key: deal
                for key, deal in rules.deals.items()
                if not gone and due(deal) and f"{step.id}.{key}" not in without
            }
            built.append(TableStepCompiler(state_table, number, step.id, rules, deals))
        else:
            built.append(party_step(number, step))
    return built
