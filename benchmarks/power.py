"""What all parties together can secure, against Storm and against value iteration in NumPy.

The exported public game without its players is a Markov decision process of everybody together.
Storm reads and builds it; only its answering is timed. NumPy iterates over the matrix that Storm
built until no value changes. Ours is the backward induction of `secure`, the game built before.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.clock import duel, where
from benchmarks.table import Effort, Row, seconds
from ceasefire.case import Case, loads
from ceasefire.coalitions import secured_probability
from ceasefire.formats import to_prism
from ceasefire.formats.coalition_goals import read_coalition_goals
from ceasefire.game import Automaton, Game, build, game_parameters
from verification.prism import Built, labels

AIM, NEAR = 10.0, 1e-6
GOAL = "eventually(place == 0)"


def rows(effort: Effort) -> Iterator[Row]:
    """What all can secure in a process of about 10^5 states, 10^4 if it has to be quick."""
    case = ring(effort.pick(300, 2000), effort.pick(8, 20))
    game, goals, _ = read_coalition_goals(case)
    exported, properties = to_prism(game, goals)
    public = [line for line in exported.text.splitlines() if not line.startswith("player ")]
    process = Built("\n".join(public).replace("\nsmg\n", "\nmdp\n"))
    (label,) = labels(goals, properties)
    chance, column, rows_of, state_of = arrays(process)
    good = np.array(
        [process.model.labeling.get_states(label).get(s) for s in range(process.states)]
    )
    first = process.model.initial_states[0]

    plain = build(case)
    world, monitor, members = game_parameters(plain), reaching(plain), tuple(case.parties)

    def ours() -> float:
        return secured_probability(plain, world, members, monitor)

    def storm() -> float:
        return process.extreme("max", label)

    def numpy() -> float:
        value = good.astype(float)
        while True:
            each = np.add.reduceat(chance * value[column], rows_of)
            new = np.where(good, 1.0, np.maximum.reduceat(each, state_of))
            if (new == value).all():
                return float(value[first])
            value = new

    answers = [ours(), storm(), numpy()]
    if not max(answers) - min(answers) <= NEAR:
        raise AssertionError(f"we, Storm and NumPy do not agree: {answers}")
    for name, other, aim in (("Storm", storm, AIM), ("NumPy", numpy, None)):
        met = duel(ours, other, effort.pick(3, 5))
        yield Row(
            what=f"what all can secure, {process.states:,} states",
            ours=seconds(met.ours),
            other=f"{name} {seconds(met.theirs)}",
            ratio=met.ratio,
            low=met.spread[0],
            high=met.spread[1],
            target=aim,
            before="34.7 times as fast" if aim else "44.5 times as fast",
            note=where(ours) if aim else "",
        )


def ring(places: int, periods: int) -> Case:
    """Two parties that move about a ring of places, and chance that pushes back."""

    def leads(shift: int) -> str:
        return (
            f'{{chance: 0.5, set: {{place: "(place * 7 + {shift}) % {places}"}}}}, '
            f'{{chance: 0.3, set: {{place: "(place * 3 + {2 * shift}) % {places}"}}}}'
        )

    moves = [
        f"  {party}{shift}: {{by: {party}, when: place > 0, outcomes: [{leads(shift)}]}}"
        for party, shift in (("a", 11), ("a", 17), ("b", 23), ("b", 31))
    ]
    lines = [
        "ceasefire: 1",
        f"horizon: {periods}",
        "parties: {a: {}, b: {}}",
        f"state: {{place: {{values: 0..{places - 1}, start: 1}}}}",
        *("moves:", *moves),
        f'claims: {{there: {{test: "can([a, b], {GOAL}) > 0.5"}}}}',
    ]
    return loads("\n".join(lines) + "\n")


def reaching(game: Game) -> Automaton:
    """The goal as an automaton: it waits until the place is 0, then it has been there."""
    goal = game.states[:, game.variables.index("place")] == 0
    return Automaton(
        conditions=(),
        classes=np.zeros((len(goal), 0), dtype=bool),
        initial_state=goal.astype(int),
        label_transition=np.tile([0, 1], (len(game.labels), 1)),
        period_end_transition=np.stack([goal.astype(int), np.ones(len(goal), dtype=int)], axis=1),
        accepting=np.array([[False], [True]]),
    )


def arrays(process: Built) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Chances, columns, where each choice's begin, and where each state's choices begin."""
    choices = [choice for state in process.choices for choice in state]
    entries = [entry for choice in choices for entry in choice]
    begins = np.cumsum([0, *(len(choice) for choice in choices)])[:-1]
    groups = np.cumsum([0, *(len(state) for state in process.choices)])[:-1]
    return (
        np.array([chance for _, chance in entries]),
        np.array([column for column, _ in entries]),
        begins,
        groups,
    )


MEASUREMENTS = (rows,)
