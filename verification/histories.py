"""Plays of a solved game, drawn one choice after another, and what happened in them.

Types are drawn by the analyst's prior, then each party chooses by its own type, and records grow
by what was chosen: nothing is ever spread over the nodes of the grid. Formulas are read off whole
histories by their words in the design, not by automata.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import evaluate
from ceasefire.equilibrium import Equilibrium
from ceasefire.query.ast import (
    AtomicFormula,
    EventCondition,
    Formula,
    FormulaCondition,
    StateCondition,
)
from verification._walk import play_period, reseed

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PATHS = 100_000
NEVER, MOMENTS = -1, 1000


@dataclass(frozen=True, eq=False)
class Histories:
    """N plays drawn from one game over n periods.

    states   (n + 1, N) public state at the start and at each period's end
    records  (n + 1, N, H) record of each party with types
    seen     for each condition on events, the moment of its first occurrence on each path, or
             NEVER; period t ends at moment (t + 1) * MOMENTS
    """

    play: Equilibrium
    states: Ints
    records: Floats
    seen: Mapping[FormulaCondition, Ints]

    def holds(self, condition: StateCondition) -> Bools:
        """(n + 1, N) whether a condition on state and beliefs holds at each period's end."""
        game, play = self.play.game, self.play
        columns: dict[str, float | Floats] = {
            name: values[self.states.ravel()] if isinstance(values, np.ndarray) else values
            for name, values in game.expression_values(play.world).items()
        }
        for belief in condition.belief_terms:
            h = game.parties_with_types.index(belief.party)
            prior = play.priors(belief.observer, belief.party)[0]
            odds = np.log(prior / (1.0 - prior)) + self.records[:, :, h].ravel()
            first = np.round(1.0 / (1.0 + np.exp(-odds)), 9)
            kinds = list(game.case.parties[belief.party].types)
            columns[belief.column] = first if kinds[0] == belief.type else np.round(1.0 - first, 9)
        rows = self.states.size
        values = evaluate(condition.expression, columns, game.case.conditions, rows)
        held: Bools = (np.broadcast_to(values, rows) != 0).reshape(self.states.shape)
        return held

    def first(self, condition: FormulaCondition, periods: int) -> Ints:
        """(N,) the moment at which a condition first holds or occurs, past all ends if never."""
        never = MOMENTS * (periods + 1)
        if isinstance(condition, EventCondition):
            seen = self.seen[condition]
            return np.where((seen == NEVER) | (seen > MOMENTS * periods), never, seen)
        holds = self.holds(condition)[: periods + 1]
        return np.where(holds.any(axis=0), MOMENTS * holds.argmax(axis=0), never)

    def true(self, formula: Formula, periods: int) -> Bools:
        """(N,) whether a formula holds on each path if one stops looking after so many periods."""
        if not isinstance(formula, AtomicFormula):
            parts = [self.true(part, periods) for part in formula.parts]
            if formula.operator == "not":
                return ~parts[0]
            join = np.logical_and if formula.operator == "and" else np.logical_or
            joined: Bools = join.reduce(parts)
            return joined
        never = MOMENTS * (periods + 1)
        moments = [self.first(condition, periods) for condition in formula.conditions]
        if formula.kind == "eventually":
            return moments[0] < never
        if formula.kind == "before":
            earlier: Bools = moments[0] < np.minimum(moments[1], never)
            return earlier
        held = [
            self.holds(c)[: periods + 1]
            for c in formula.conditions
            if isinstance(c, StateCondition)
        ]
        match formula.kind:
            case "always":
                return np.asarray(held[0].all(axis=0))
            case "at_end":
                return np.asarray(held[0][-1], dtype=np.bool_)
            case "until":
                lost = np.where(held[0].all(axis=0), periods + 1, (~held[0]).argmax(axis=0))
                return np.asarray((moments[1] < never) & (moments[1] <= MOMENTS * lost))
            case "lasting":
                return np.asarray(_longest(held[0][1:]) >= formula.count)
        raise AssertionError(formula.kind)


def _longest(held: Bools) -> Ints:
    """(N,) the longest run of rows in which each column holds."""
    run = longest = np.zeros(held.shape[1], dtype=np.int64)
    for row in held:
        run = np.where(row, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def draw(
    play: Equilibrium,
    start: int,
    periods: int,
    listened: tuple[EventCondition, ...] = (),
    types: Mapping[str, str] | None = None,
    *,
    paths: int = PATHS,
    seed: int = 0,
) -> Histories:
    """Draw plays of a solved game from a state."""
    game, grid = play.game, play.belief_grid
    rng = np.random.default_rng(seed)
    kinds = np.zeros((paths, len(game.parties_with_types)), dtype=np.int64)
    for h, party in enumerate(game.parties_with_types):
        names = list(game.case.parties[party].types)
        kinds[:, h] = rng.random(paths) >= play.priors("analyst", party)[0]
        if types and party in types:
            kinds[:, h] = names.index(types[party])
    heard = np.zeros((len(listened), len(game.labels)), dtype=np.bool_)
    for c, condition in enumerate(listened):
        heard[c] = [bool(label & condition.events) for label in game.labels]
    record = np.zeros((paths, len(game.parties_with_types)))
    seen = np.full((len(listened), paths), NEVER, dtype=np.int64)
    state = np.full(paths, start, dtype=np.int64)
    states, records = [state], [record.copy()]
    reseed(int(rng.integers(2**31)))
    for period in range(periods):
        number = game.graph_index(period)
        graph = game.graphs[number]
        state = play_period(
            graph.node_kind, graph.axis, graph.first_branch, graph.successor, graph.label,
            play.policy_offsets[number], play.chance_probabilities(number), play.policies[period],
            grid.lowest_record, grid.spacing, grid.prior_logit[:, 0], grid.belief[:, 0], heard,
            graph.step_entry[0, state], kinds, record, MOMENTS * period, seen, graph.renewed,
            play.parameters.by_graph[number].renewal_record,
        )  # fmt: skip
        states.append(state)
        records.append(record.copy())
    found: dict[FormulaCondition, Ints] = dict(zip(listened, seen, strict=True))
    return Histories(play, np.array(states), np.array(records), found)
