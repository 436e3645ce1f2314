"""How does a game become one in which every place is come to with one public record only?

A record says what the choices of the parties with types, and news from chance, have shown. In the
game as built, histories that lead to the same public state are one place, whatever they have shown;
a solution then says what is done there at every record. Here they are one place only if they have
shown the same: the same choices and outcomes that tell of a type, at the same places. Play from the
start reaches finitely many of these, so that what is done is a list of numbers for each place.

A place before a step or at a period's end is called a state of the unrolled game: a public state
and a history. The state numbered x is for each public state x the one in which nothing was shown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ceasefire.diagnostics import join_names
from ceasefire.errors import Problem, SolveError
from ceasefire.game.graph import DECISION, Game, PeriodGraph, ShownChoice, UnrolledGame
from ceasefire.game.states import Ints

MOST_CHOICES = 20_000  # numbers to be found: types times options, over all decisions
MOST_COUNTED = 10  # times as many are counted before it is said that there are more
DECISION_BY_DECISION = "decision by decision, with selection=telling and selection=silent"

Slot = tuple[int, int]  # a node, or a public state, of the game as built, and a history


class _Place(NamedTuple):
    """A node of an unrolled period.

    began  the public state and the history in which its step began
    after  the history that follows each branch
    """

    began: Slot
    after: tuple[int, ...]


def unroll_histories(game: Game, most_choices: int = MOST_CHOICES) -> Game:
    """Keep histories apart that have shown different things.

    game          a game as built
    most_choices  most choice probabilities that the unrolled game may have: for each decision
                  between two options or more, its options times the types of its mover

    Returns a game with a graph for each period, whose `unrolled` says where each place comes from.

    Raises SolveError for a larger game, and as `check_followed_as_whole` does.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... ending: final
    ... parties: {sender: {types: {firm: 0.5, soft: 0.5}}, reader: {}}
    ... state: {said: {}, yielded: {}}
    ... moves: {say: {by: sender, set: {said: true}}, yield_now: {by: reader, set: {yielded: true}}}
    ... order: [sender, reader]
    ... ''')
    >>> game = build(case)
    >>> unrolled = unroll_histories(game)
    >>> len(game.states), len(unrolled.states)  # four without anything shown, and four that are met
    (4, 8)
    """
    check_followed_as_whole(game)
    return _Unroller(game, most_choices).unroll()


def check_followed_as_whole(game: Game) -> None:
    """Raise SolveError for a game in which no branch for the whole of it is followed.

    game   a game as built
    """
    if game.case.has_moments:
        raise SolveError(
            [
                Problem(
                    "one branch for the whole game is not followed where parties choose at one "
                    "moment yet",
                    file=game.case.file,
                    path="selection=whole",
                    help="leave selection=whole out: each moment is then solved by itself",
                )
            ]
        )
    many = [name for name, party in game.case.parties.items() if len(party.types) > 2]
    refused = (
        (many, "a game in which a party has more than two types", ""),
        (game.renewed_parties, "a game in which types are drawn anew", "renews: "),
    )
    for parties, what, key in refused:
        if parties:
            raise SolveError(
                [
                    Problem(
                        message=f"{what} is not followed as a whole",
                        file=game.case.file,
                        path="selection=whole",
                        found=f"{key}{join_names(parties)}",
                        help=f"ask it {DECISION_BY_DECISION}",
                    )
                ]
            )


class _UnrolledPeriod(NamedTuple):
    """A period laid out; of its nodes and branches those of the game as built."""

    graph: PeriodGraph
    node: Ints
    branch: Ints
    node_history: Ints


class _Unroller:
    """Follows play from every start, one period after another."""

    def __init__(self, game: Game, most_choices: int) -> None:
        self.game, self.most_choices = game, most_choices
        self.choices = 0
        self.shown: list[ShownChoice | None] = [None]
        self._history_after: dict[ShownChoice, int] = {}
        self._state_of: dict[Slot, int] = {(x, 0): x for x in range(len(game.states))}

    def unroll(self) -> Game:
        game = self.game
        begins = sorted({(game.start_state(start), 0) for start in game.starts})
        reached, found = [], []
        for period in range(game.periods):
            reached.append(np.array([self._state_of[slot] for slot in begins], dtype=np.int32))
            places, begins = self._explore(period, begins)
            found.append(places)
        self._check_size()
        laid_out = [self._lay_out(period, places) for period, places in enumerate(found)]
        state, history = np.array(list(self._state_of), dtype=np.int32).T
        return replace(
            game,
            graphs=tuple(each.graph for each in laid_out),
            reached_states=tuple(reached),
            unrolled=UnrolledGame(
                game=game,
                state=np.ascontiguousarray(state),
                history=np.ascontiguousarray(history),
                node=tuple(each.node for each in laid_out),
                branch=tuple(each.branch for each in laid_out),
                node_history=tuple(each.node_history for each in laid_out),
                shown=tuple(self.shown),
            ),
        )

    def _check_size(self) -> None:
        if self.choices <= self.most_choices:
            return
        most = MOST_COUNTED * self.most_choices
        counted = f"more than {most:,}" if self.choices > most else f"{self.choices:,}"
        raise SolveError(
            [
                Problem(
                    message="the game is too large to be followed as a whole",
                    file=self.game.case.file,
                    path="selection=whole",
                    found=f"{counted} choice probabilities",
                    allowed=f"at most {self.most_choices:,}",
                    help="shorten the horizon or tail, leave moves, deals or tables out, or ask "
                    f"{DECISION_BY_DECISION}",
                )
            ]
        )

    def _explore(
        self, period: int, begins: Sequence[Slot]
    ) -> tuple[dict[Slot, _Place], list[Slot]]:
        """The places of a period by node and history, and where it may end."""
        game, graph, states = self.game, self.game.graph_of(period), len(self.game.states)
        at: defaultdict[int, dict[int, Slot]] = defaultdict(dict)
        places: dict[Slot, _Place] = {}

        def enter(x: int, history: int, first: int, past: int) -> None:
            for step in range(first, past):
                slot = int(graph.step_entry[step, x])
                if slot >= 0:
                    at[slot].setdefault(history, (x, history))

        anywhere = game.may_skip_steps or (period == 0 and game.enters_any_step)
        for x, history in begins:
            enter(x, history, 0, len(game.steps) if anywhere else 1)
        for slot in range(graph.node_count - 1, states - 1, -1):
            for history, began in at.pop(slot, {}).items():
                after = self._histories_after(period, slot, history)
                places[slot, history] = _Place(began, after)
                first = int(graph.first_branch[slot])
                for b, then in enumerate(after, start=first):
                    led = int(graph.successor[b])
                    x, step = int(graph.state[led]), int(graph.step[led])
                    inside = step == graph.step[slot]
                    at[led].setdefault(then, began if inside else (x, then))
                    if game.may_skip_steps and not inside and step >= 0:
                        enter(x, then, step, len(game.steps))
        ends = sorted((x, history) for x in range(states) for history in at.get(x, {}))
        for began in [*(place.began for place in places.values()), *ends]:
            self._state_of.setdefault(began, len(self._state_of))
        return places, ends

    def _histories_after(self, period: int, slot: int, history: int) -> tuple[int, ...]:
        """The history that follows each branch; what tells of a type adds to it."""
        graph = self.game.graph_of(period)
        options = int(graph.first_branch[slot + 1] - graph.first_branch[slot])
        axis = int(graph.axis[slot])
        if graph.node_kind[slot] == DECISION and options > 1:
            self.choices += options * (1 if axis < 0 else 2)
            if self.choices > MOST_COUNTED * self.most_choices:
                self._check_size()
        if axis < 0:
            return (history,) * options
        return tuple(
            self._history_with(ShownChoice(history, axis, period, slot, option))
            for option in range(options)
        )

    def _history_with(self, choice: ShownChoice) -> int:
        """The history of what was shown before and by this choice."""
        history = self._history_after.setdefault(choice, len(self.shown))
        if history == len(self.shown):
            self.shown.append(choice)
        return history

    def _lay_out(self, period: int, places: Mapping[Slot, _Place]) -> _UnrolledPeriod:
        """The graph of a period, and what is behind its nodes and branches."""
        game, graph, state_of = self.game, self.game.graph_of(period), self._state_of
        states, ends = len(game.states), list(state_of)
        slots = sorted(places)
        number = {slot: len(ends) + n for n, slot in enumerate(slots)}
        node = np.array([x for x, _ in ends] + [slot for slot, _ in slots], dtype=np.int32)
        branches, successors, first = [], [], [0] * (len(ends) + 1)
        for slot, history in slots:
            begin = int(graph.first_branch[slot])
            for b, then in enumerate(places[slot, history].after, start=begin):
                led = int(graph.successor[b])
                branches.append(b)
                successors.append(state_of[led, then] if led < states else number[led, then])
            first.append(len(branches))
        branch = np.array(branches, dtype=np.int32)
        entry = np.full((len(graph.step_entry), len(ends)), -1, dtype=np.int32)
        for (x, history), y in state_of.items():
            for step, slot in enumerate(graph.step_entry[:, x].tolist()):
                into = state_of if 0 <= slot < states else number
                entry[step, y] = into.get((slot, history), -1)
        began = [state_of[places[slot].began] for slot in slots]
        return _UnrolledPeriod(
            PeriodGraph(
                first_period=period,
                past_last_period=period + 1,
                step_entry=entry,
                node_kind=graph.node_kind[node],
                node_role=graph.node_role[node],
                step=graph.step[node],
                state=np.array([*range(len(ends)), *began], dtype=np.int32),
                mover=graph.mover[node],
                deal=graph.deal[node],
                axis=graph.axis[node],
                moment=np.full(len(node), -1, dtype=np.int32),
                renewed=graph.renewed[node],
                first_branch=np.array(first, dtype=np.int64),
                successor=np.array(successors, dtype=np.int32),
                label=graph.label[branch],
                option=graph.option[branch],
                fixed_chance=graph.fixed_chance[branch],
                chance_expressions=(),
                cost_expressions=(),
                payment_expressions=(),
                weight_expressions=(),
            ),
            node,
            branch,
            np.array([history for _, history in (*ends, *slots)], dtype=np.int32),
        )
