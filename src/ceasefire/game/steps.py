"""The three kinds of steps of a period: a party's, a table's, and chance."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Deal, Expression, Move, Table
from ceasefire.errors import GameError
from ceasefire.game.effects import world_decides
from ceasefire.game.model import ChanceFill, CostFill
from ceasefire.game.nodes import Nodes, Option
from ceasefire.game.states import Ints, States
from ceasefire.game.uses import Place, Use

Bools = npt.NDArray[np.bool_]
Edges = tuple[Ints, Ints]


class Layer(ABC):
    """One step of a period: the states in which it has begun, and where they lead."""

    def __init__(self, table: States, number: int) -> None:
        self.table, self.number = table, number
        self.known: Ints = np.zeros(0, dtype=np.int32)
        self._edges: list[Edges] = []

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
    def expand(self, states: Ints) -> list[Edges]:
        """Edges from state to state out of new states."""

    @abstractmethod
    def compile(self, nodes: Nodes, entry: Ints) -> Ints:
        """Add the step's nodes; (X,) slots at which it begins, `entry` being the next step's."""


def truth(table: States, expression: Expression, states: Ints) -> Bools:
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


class PartyLayer(Layer):
    """A party's step: its moves whose `when` holds, and pass."""

    def __init__(
        self,
        table: States,
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
        self.uses = {key: Use(table, key, move) for key, move in moves.items()}
        self._breaks = {
            key: [name for name, promise in table.case.promises.items() if key in promise.forbids]
            for key in moves
        }

    def expand(self, states: Ints) -> list[Edges]:
        idle, edges = np.ones(len(states), dtype=np.bool_), []
        for key, move in self.moves.items():
            here = truth(self.table, move.when, states)
            idle &= ~here
            rows = self.table.codes[states[here]]
            broken = {p: rows[:, self.table.names.index(p)] == 1 for p in self._breaks[key]}
            edges.append(self.uses[key].expand(states[here], broken))
        stay = states if self.passes else states[idle]
        return [*edges, (stay, stay)]

    def compile(self, nodes: Nodes, entry: Ints) -> Ints:
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.known)] = -1
        case, party = self.table.case, list(self.table.case.parties).index(self.party)
        options, moved = [], []
        for key, use in self.uses.items():
            place = use.place(nodes, self.number, entry)
            moved.append(place.states)
            options.append(
                Option(key, place.states, place.slots, place.labels, self.moves[key].weight)
            )
        active = np.unique(np.concatenate([*moved, np.zeros(0, dtype=np.int32)]))
        idle = np.setdiff1d(self.known, active, assume_unique=True)
        passing = self.known if self.passes else idle
        nodes_at = self.known if self.shows_pass else active
        passing = np.intersect1d(passing, nodes_at, assume_unique=True)
        happens = np.full(len(passing), nodes.names.label(f"{self.party}.pass"))
        options.append(Option(f"{self.party}.pass", passing, entry[passing], happens))
        if not len(nodes_at):
            return begin
        slots, branches = nodes.decision("move", self.number, nodes_at, options, party)
        begin[nodes_at] = slots
        for (key, use), where in zip(self.uses.items(), branches, strict=False):
            rows = self.table.codes[use.states]
            nodes.costs.append(CostFill(self.moves[key].cost, self.party, rows, where))
            for promise in self._breaks[key] if len(rows) else ():
                broken = use.broken(promise)
                breach = case.promises[promise].breach
                nodes.costs.append(CostFill(breach, self.party, rows[broken], where[broken]))
        return begin


class TableLayer(Layer):
    """A table's step: does it meet, who proposes, what is offered, who says yes."""

    def __init__(
        self, table: States, number: int, name: str, rules: Table, deals: Mapping[str, Deal]
    ) -> None:
        super().__init__(table, number)
        self.name, self.rules, self.deals = name, rules, deals
        self.uses = {key: Use(table, f"{name}.{key}", deal) for key, deal in deals.items()}
        self.proposers = rules.seats if rules.proposes == "any" else (rules.proposes,)

    def expand(self, states: Ints) -> list[Edges]:
        edges = [(states, states)]
        open_ = states[truth(self.table, self.rules.when, states)]
        if not world_decides(self.table.case, self.rules.meets):
            meets = self.table.evaluate(self.rules.meets, self.table.codes[open_], {})
            open_ = open_[~(meets == 0)]
        for key, deal in self.deals.items():
            here = truth(self.table, deal.when, open_)
            edges.append(self.uses[key].expand(open_[here], {}))
        return edges

    def compile(self, nodes: Nodes, entry: Ints) -> Ints:
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
            Option(party, active, self._offer(nodes, entry, places, party, active), 0 * active)
            for party in self.proposers
        ]
        slots = drawn[0].slots
        if len(drawn) > 1:
            slots, _ = nodes.chance("proposer", self.number, active, drawn, chance=1.0 / len(drawn))
        begin[active] = self._meets(nodes, entry, active, slots)
        return begin

    def _offer(
        self, nodes: Nodes, entry: Ints, places: Mapping[str, Place], proposer: str, active: Ints
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
                    Option("yes", states, slots, labels),
                    Option("no", states, entry[states], 0 * states),
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
            options.append(Option(name, states, slots, labels, deal.weight))
        options.append(Option(f"{self.name}.pass", active, entry[active], 0 * active))
        slots, _ = nodes.decision("offer", self.number, active, options, parties.index(proposer))
        return slots

    def _meets(self, nodes: Nodes, entry: Ints, active: Ints, slots: Ints) -> Ints:
        case, rows = self.table.case, self.table.codes[active]
        sure = not world_decides(case, self.rules.meets)
        if sure and (self.table.evaluate(self.rules.meets, rows, {}) == 1).all():
            return slots
        options = [
            Option("meets", active, slots, 0 * active),
            Option("idle", active, entry[active], 0 * active),
        ]
        meeting, branches = nodes.chance("meets", self.number, active, options)
        never = np.zeros((len(active), 2), dtype=np.bool_)
        fill = ChanceFill((self.rules.meets,), rows, np.stack(branches, axis=1), never)
        nodes.chances.append(fill)
        return meeting


class ChanceLayer(Layer):
    """What happens by itself."""

    def __init__(self, table: States, number: int, name: str, available: bool) -> None:
        super().__init__(table, number)
        self.chance, self.available = table.case.chance[name], available
        self.use = Use(table, name, self.chance, always=False)

    def expand(self, states: Ints) -> list[Edges]:
        if not self.available:
            return [(states, states)]
        here = truth(self.table, self.chance.when, states)
        return [self.use.expand(states[here], {}), (states[~here], states[~here])]

    def compile(self, nodes: Nodes, entry: Ints) -> Ints:
        begin = entry.copy()
        begin[np.setdiff1d(np.arange(len(entry)), self.known)] = -1
        place = self.use.place(nodes, self.number, entry)
        if not len(place.states):
            return begin
        slots = place.slots
        if not self.chance.outcomes:
            certain = Option(self.use.name, place.states, place.slots, place.labels)
            slots, _ = nodes.chance("event", self.number, place.states, [certain], chance=1.0)
        begin[place.states] = slots
        return begin


def layers(
    case: Case,
    table: States,
    period: int,
    without: frozenset[str],
    closed: Mapping[str, int],
    passes: Iterable[str],
) -> list[Layer]:
    """The steps of `order` as they stand in one period, what is left out or not due removed."""

    def due(thing: Move | Deal | Table | object) -> bool:
        during = getattr(thing, "during", None)
        return during is None or during[0] <= period <= during[1]

    built: list[Layer] = []
    for number, step in enumerate(case.order):
        if step.kind == "chance":
            available = step.id not in without and due(case.chance[step.id])
            built.append(ChanceLayer(table, number, step.id, available))
        elif step.kind == "table":
            rules = case.tables[step.id]
            gone = step.id in without or not due(rules) or period < closed.get(step.id, 0)
            deals = {
                key: deal
                for key, deal in rules.deals.items()
                if not gone and due(deal) and f"{step.id}.{key}" not in without
            }
            built.append(TableLayer(table, number, step.id, rules, deals))
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
                PartyLayer(
                    table,
                    number,
                    step.id,
                    moves,
                    passes=step.only is None or "pass" in step.only,
                    shows_pass=step.id in passes,
                )
            )
    return built
