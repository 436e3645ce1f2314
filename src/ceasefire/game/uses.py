"""One move, deal or chance in all the states of a step: where it leads, and its nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import Expression
from ceasefire.game.effects import FORBIDDEN, IMPOSSIBLE, Applied, Effect, apply
from ceasefire.game.model import ChanceFill, CostFill
from ceasefire.game.nodes import Nodes, Option
from ceasefire.game.states import Ints, States

Masks = Mapping[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Place:
    """Where an option leads in each state, and what happens on its own branch."""

    states: Ints
    slots: Ints
    labels: Ints


class Use:
    """An effect in the states of one step, collected as they are discovered."""

    def __init__(self, table: States, name: str, effect: Effect, always: bool = True) -> None:
        self.table, self.name, self.effect = table, name, effect
        self.happens = always or bool(effect.set or effect.promises or effect.releases)
        self._parts: list[tuple[Applied, Masks]] = []

    def expand(self, states: Ints, broken: Masks) -> tuple[Ints, Ints]:
        """Apply the effect in new states; gives the edges from state to state."""
        size = 4 * len(self.table.names) + 12 * (len(self.effect.outcomes) + 2)
        self.table.take(len(states) * size)
        applied = apply(self.table, self.effect, states, broken)
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
        nodes: Nodes,
        step: int,
        entry: Ints,
        costs: Mapping[str, Expression] | None = None,
    ) -> Place:
        """Add the payment and outcome nodes behind the option, if it has any.

        entry  (X,) slots at which the next step begins
        costs  what each party pays when the effect begins
        """
        states = self.states
        if not len(states):
            return Place(states, states, states)
        applied = Applied(
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
            slots = nodes.payment(step, states, Option("", states, slots, labels))
            labels = np.zeros_like(states)
            for party, amount in costs.items():
                nodes.payments.append(CostFill(amount, party, self.table.codes[states], slots))
        return Place(states, slots, labels)

    def _outcomes(self, nodes: Nodes, step: int, entry: Ints, applied: Applied, own: Ints) -> Ints:
        options: list[Option] = []
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
            options.append(Option(name, applied.states[here], slots[here], labels[here]))
            columns.append(m)
            kept.append(here)
        slots, positions = nodes.chance("outcome", step, applied.states, options)
        branches = np.full(applied.targets.shape, -1, dtype=np.int32)
        for m, here, position in zip(columns, kept, positions, strict=True):
            branches[here, m] = position
        nodes.chances.append(
            ChanceFill(
                tuple(outcome.chance for outcome in self.effect.outcomes),
                applied.rows,
                branches,
                applied.targets == FORBIDDEN,
            )
        )
        return slots

    def _events(self, outcome: str) -> tuple[str, ...]:
        return (self.name, f"{self.name}.{outcome}") if outcome else (self.name,)

    def _labels(self, nodes: Nodes, events: Sequence[str]) -> Ints:
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
