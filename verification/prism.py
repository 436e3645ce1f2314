"""What a coalition can secure, against the exported model as Storm reads and builds it.

Storm builds the `smg` and says who owns each state; it computes no reachability in games (a
property of a coalition is parsed, and comes back without a result). So the max-min over its matrix
is taken here, by plain recursion, and Storm then certifies it from both sides: with the coalition
held to the choices found, the least that all others can bring about in what is a Markov decision
process; and with the others held to theirs, the most the coalition can. Both must be `can(...)`.
Without players the same model is a decision process, which Storm solves by itself: its maximum is
what all parties together can secure, its minimum what remains if nobody cares to.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, pairwise
from pathlib import Path

import numpy as np
import stormpy
from stormpy import developer
from stormpy.developer import storage

from ceasefire.case import Case, load
from ceasefire.ensemble import ask
from ceasefire.formats import CoalitionGoal, to_prism
from ceasefire.formats.coalition_goals import read_coalition_goals
from verification.table import Row

ROOT = Path(__file__).parents[1]
MODEL = Path(__file__).parent / "models" / "every_step.yaml"


def rows() -> Iterator[Row]:
    """Each claim's goal for each coalition: the check, expected, got, tolerance."""
    yield from _compare("every step", load(MODEL))
    for name in ("coalition-2025", "ukraine-2025"):
        yield from _compare(name, load(ROOT / "cases" / f"{name}.yaml"), alone=True)


def _compare(what: str, case: Case, alone: bool = False) -> Iterator[Row]:
    game, goals, _ = read_coalition_goals(case)
    exported, properties = to_prism(game, goals)
    smg = Built(exported.text)
    public = [line for line in exported.text.splitlines() if not line.startswith("player ")]
    mdp = Built("\n".join(public).replace("\nsmg\n", "\nmdp\n"))
    asked = stormpy.parse_properties(properties, smg.program)
    named = sum(1 if goal.coalition is not None else 2 for goal in goals)
    yield Row(f"{what}: properties that Storm parses", named, len(asked), 0.0)
    everybody = tuple(case.parties)
    found = zip(goals, labels(goals, properties), strict=True)
    for goal, label in {(goal.coalition, label): (goal, label) for goal, label in found}.values():
        sides = _coalitions(everybody) if not alone else [goal.coalition or everybody]
        for members in sides:
            formula = goal.text.removeprefix("P(")
            if goal.coalition is not None:
                formula = goal.text[goal.text.index("]") + 1 :].lstrip(", ")
            question = f"can([{', '.join(members)}], {formula}"
            expected = float(ask(case, question, certify=False).answers[0].best or 0.0)
            secured = smg.secures(case, members, label)
            yield Row(f"{what}: {question}", expected, secured.value, 1e-9)
            for held, way in (("its own play", "min"), ("the others' play", "max")):
                got = smg.held(secured.chosen[way], way, label)
                yield Row(f"{what}: Storm, {held} fixed, {question}", expected, got, 1e-6)
            if set(members) in (set(everybody), set()):
                way = "max" if members else "min"
                got = mdp.extreme(way, label)
                yield Row(f"{what}: Storm, {way} ({formula}", expected, got, 1e-6)


def labels(goals: list[CoalitionGoal], properties: str) -> list[str]:
    """The label of each goal in the properties of an exported model."""
    found = []
    lines = [line for line in properties.splitlines() if line.startswith('"')]
    for goal in goals:
        found.append(lines[0].split('F "')[1].split('"')[0])
        lines = lines[1 if goal.coalition is not None else 2 :]
    return found


def _coalitions(parties: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(parties, n) for n in range(len(parties) + 1)))


@dataclass(frozen=True)
class _Secured:
    """What is secured, and the choices of the side that Storm is not to decide for.

    chosen  `min`: the coalition's choice in each of its states; `max`: that of everyone else
    """

    value: float
    chosen: Mapping[str, Mapping[int, int]]


class Built:
    """A model as Storm builds it."""

    def __init__(self, text: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.prism"
            path.write_text(text, encoding="utf-8")
            self.program = stormpy.parse_prism_program(str(path))
        options = stormpy.BuilderOptions()
        options.set_build_all_labels()
        options.set_build_choice_labels()
        self.model = stormpy.build_model(self.program, options=options)
        matrix = self.model.transition_matrix
        rows = [
            [(entry.column, entry.value) for entry in matrix.get_row(row)]
            for row in range(matrix.nr_rows)
        ]
        first = [matrix.get_row_group_start(s) for s in range(self.model.nr_states)]
        self.choices = [rows[a:b] for a, b in pairwise([*first, len(rows)])]

    @property
    def states(self) -> int:
        """How many states it has."""
        return int(self.model.nr_states)

    def extreme(self, way: str, label: str) -> float:
        """Storm's own answer on a Markov decision process."""
        (asked,) = stormpy.parse_properties(f'P{way}=? [ F "{label}" ]', self.program)
        found = stormpy.model_checking(self.model, asked, only_initial_states=True)
        return float(found.get_value(self.model.initial_states[0]))

    def held(self, chosen: Mapping[int, int], way: str, label: str) -> float:
        """Storm's own answer where some states have one choice left."""
        matrix, states = self.model.transition_matrix, self.model.nr_states
        gone = {
            row
            for state, choice in chosen.items()
            for row in range(matrix.get_row_group_start(state), matrix.get_row_group_end(state))
            if row != matrix.get_row_group_start(state) + choice
        }
        parts = storage.SparseModelComponents(matrix, self.model.labeling)
        rows = storage.BitVector(
            matrix.nr_rows, [r for r in range(matrix.nr_rows) if r not in gone]
        )
        whole = storage.BitVector(states, list(range(states)))
        rest = developer.build_subsystem(storage.SparseMdp(parts), whole, rows).model
        (asked,) = stormpy.parse_properties(f'P{way}=? [ F "{label}" ]', self.program)
        found = stormpy.model_checking(rest, asked)
        return float(found.get_value(rest.initial_states[0]))

    def secures(self, case: Case, members: tuple[str, ...], label: str) -> _Secured:
        """Max-min reachability of a label; play never returns to a state but the last."""
        model = self.model
        good = model.labeling.get_states(label)
        value = np.full(model.nr_states, np.nan)
        stack = [model.initial_states[0]]
        names = _players(case, members)
        chosen: dict[str, dict[int, int]] = {"min": {}, "max": {}}
        while stack:
            s = stack[-1]
            choices = self.choices[s]
            if good.get(s):
                value[s] = 1.0
            elif choices == [[(s, 1.0)]]:
                value[s] = 0.0
            else:
                ahead = [t for choice in choices for t, _ in choice if np.isnan(value[t])]
                if ahead:
                    stack += ahead
                    continue
                worth = [sum(p * value[t] for t, p in choice) for choice in choices]
                ours = self._owner(s) in names
                value[s] = max(worth) if ours else min(worth)
                chosen["min" if ours else "max"][s] = worth.index(value[s])
            stack.pop()
        return _Secured(float(value[model.initial_states[0]]), chosen)

    def _owner(self, state: int) -> int:
        return int(self.model.get_player_of_state(state))


def _players(case: Case, members: tuple[str, ...]) -> set[int]:
    return {list(case.parties).index(member) for member in members}
