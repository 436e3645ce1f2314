"""Which unknowns can matter to a quantity? Those that its number is computed from, and no others.

What a quantity reads is known from the game, before any world is solved:

    can(...)       the chances on every way that play may take, and what its formula reads; of a
                   party of whose type a chance tells, what anybody believes of it beforehand
    belief(...)    at the start only what the observer believes of that party beforehand
    E(expression)  of unknowns alone, only these
    all others     what their formulas read; the chances on every way that play may take while it
                   is looked at; of each decision between several options on the way the weights,
                   the mover's precision and, from there to the end of play, the mover's costs and
                   payoffs, the chances and in turn the decisions of all; what anybody believes
                   beforehand of a party with types that decides
    value(party)   also the costs and payoffs of that party from the start on

So an unknown cannot matter that is given, or that is read only by what was left out or closed, in
states out of reach, or by a party that never has two options. An expression counts in the states
in which it is evaluated: of `a if c else b` with a public `c` what is taken in some of them, of
`cost * fighting` nothing where there is no fighting. In doubt an unknown can matter: whether what
it changes is large enough to be seen is not asked here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import Expression
from ceasefire.case.expressions import (
    BinaryOperation,
    ConditionalExpression,
    ExpressionNode,
    NameReference,
    child_nodes,
    evaluate,
    walk_expression,
)
from ceasefire.game.graph import DECISION, Game, PeriodGraph
from ceasefire.game.states import Ints
from ceasefire.query.ast import (
    Quantity,
    StateCondition,
    conditions_of_formula,
)

Bools = npt.NDArray[np.bool_]
Slots = npt.NDArray[np.intp]
Names = frozenset[str]


@dataclass(frozen=True, eq=False)
class _EvaluatedExpression:
    """An expression, the slots of a graph at which it is evaluated, and the states it reads there.

    party  who pays or is paid what it says, or of whose type it tells; empty for nobody
    """

    expression: Expression
    slots: Slots
    codes: Ints
    party: str = ""


class _GraphExpressions:
    """The decisions between several options in one graph, and its expressions."""

    def __init__(self, game: Game, graph: PeriodGraph) -> None:
        self.graph = graph
        counts = np.diff(graph.first_branch)
        node = np.repeat(np.arange(graph.node_count), counts)
        self.decides = (graph.node_kind == DECISION) & (counts > 1)
        self.chances = [
            _EvaluatedExpression(
                expression, node[fill.branches.max(axis=1)], fill.state_codes, fill.party
            )
            for fill in graph.chance_expressions
            for expression in fill.expressions
        ]
        self.chances += [
            _EvaluatedExpression(
                expression, renewal.slots.astype(np.intp), game.states[graph.state[renewal.slots]],
                renewal.party,
            )
            for renewal in graph.renewal_expressions
            for expression in renewal.types.values()
        ]  # fmt: skip
        self.weights = [(each.expression, node[each.branches]) for each in graph.weight_expressions]
        places = [(each, node[each.targets]) for each in graph.cost_expressions]
        places += [(each, each.targets.astype(np.intp)) for each in graph.payment_expressions]
        self.costs = [
            _EvaluatedExpression(each.expression, slots, each.state_codes, each.party)
            for each, slots in places
        ]
        ends = np.arange(len(game.states))
        self.payoffs = [
            _EvaluatedExpression(expression, ends, game.states, party)
            for party, terms in game.case.payoffs.items()
            for expression in terms.values()
        ]

    def follow(self, seen: Bools, slots: Slots) -> None:
        """Mark these slots, and all that play may come to from them within the period."""
        first, successor = self.graph.first_branch, self.graph.successor
        frontier = np.unique(slots[~seen[slots]])
        while len(frontier):
            seen[frontier] = True
            begin, count = first[frontier], first[frontier + 1] - first[frontier]
            within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            reached = successor[np.repeat(begin, count) + within]
            frontier = np.unique(reached[~seen[reached]])

    def follow_skipping(self, seen: Bools, slots: Slots) -> None:
        """The same where every step may also be left out, wherever play stands."""
        graph = self.graph
        while len(slots):
            self.follow(seen, slots)
            at_steps = np.unique(graph.state[seen & (graph.step >= 0)])
            entries = _slots(graph.step_entry[:, at_steps].ravel())
            slots = entries[~seen[entries]]


class UnknownDependence:
    """Says of quantities that are asked of one game which unknowns can matter to them.

    game    the game, built with every start that is asked
    stands  where play may stand; what `start=` says comes on top

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> from ceasefire.query import read_question
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... unknowns: {odds: {range: [0, 1]}, gain: {range: [0, 1]}, loss: {range: [0, 1]}}
    ... parties: {a: {}, b: {}}
    ... state: {war: {start: true}}
    ... payoffs: {a: {peace: gain * (not war)}, b: {war: -loss * war}}
    ... moves: {talk: {by: a, when: war, outcomes: [{chance: odds, set: {war: false}}]}}
    ... ''')
    >>> dependence = UnknownDependence(build(case))
    >>> def can_matter(text):
    ...     return sorted(dependence.unknowns_of(*read_question(case, text).quantities))
    >>> can_matter("P(eventually(not war))"), can_matter("can([a], eventually(not war))")
    (['gain', 'odds'], ['odds'])
    >>> can_matter("value(b)"), can_matter("P(eventually(not war), given={odds: 0.5})")
    (['gain', 'loss', 'odds'], ['gain'])
    """

    def __init__(self, game: Game, stands: Iterable[Mapping[str, object]] = ({},)) -> None:
        self.game, self.stands = game, tuple(stands)
        self.graphs = [_GraphExpressions(game, graph) for graph in game.graphs]

    def unknowns_of(self, quantity: Quantity) -> Names:
        """The unknowns that can matter to a quantity."""
        given = {name for name, _ in quantity.modification.given}
        return (self._read_aside(quantity) | self._read_in_play(quantity)) - given

    def _read_aside(self, quantity: Quantity) -> Names:
        """What is read besides play: formulas, the expression, and beliefs asked for."""
        parties = self.game.case.parties
        read = [] if quantity.expression is None else [quantity.expression]
        for condition in _state_conditions(quantity):
            read.append(condition.expression)
            for term in condition.belief_terms:
                read += self._priors(term.party)
        if quantity.kind == "value":
            read += self._priors(quantity.party)
        if quantity.kind == "belief":
            about = parties[quantity.party]
            observed = about.believed_by.get(quantity.observer or "", about.types)
            read += [*observed.values()]
        return self._unknowns(read)

    def _read_in_play(self, quantity: Quantity) -> Names:
        """What is read on the ways that play may take, and by those who decide on them."""
        kind, after = quantity.kind, bool(quantity.after)
        at_start = quantity.after_periods is None and not after
        if kind == "belief" and at_start:
            return frozenset()
        expression = quantity.expression
        variables = self.game.case.variables_and_promises
        if kind == "E" and quantity.provided is None and not after:
            assert expression is not None
            if expression.names_read.isdisjoint(variables):
                return frozenset()
        looked_at = self._play_from_start(quantity, self._periods_looked_at(quantity))
        if kind == "can" and not after:
            return self._chances(looked_at)
        valued = {}
        if kind == "value":
            valued[quantity.party] = self._play_from_start(quantity, self.game.periods)
        return self._read_by_deciders(looked_at, valued)

    def _periods_looked_at(self, quantity: Quantity) -> int:
        """In how many periods what happens counts; with `after=` in as many as there may be."""
        if quantity.after:
            return self.game.case.horizon
        if quantity.kind in ("plays", "signs"):
            return 1
        lengths = [quantity.periods, self.game.case.horizon]
        if quantity.provided is None:
            lengths.append(quantity.after_periods)
        return min(length for length in lengths if length is not None)

    def _play_from_start(self, quantity: Quantity, periods: int) -> list[Bools]:
        """What play may come to in so many periods; choices of `after=` may come at any step."""
        game = self.game
        states = [game.start_state({**stand, **dict(quantity.start)}) for stand in self.stands]
        anywhere = bool(quantity.after) or quantity.kind in ("plays", "signs")
        entries = game.graphs[0].step_entry[:, states]
        slots = (entries if anywhere else entries[:1]).ravel()
        seen = self._nowhere()
        if periods > 0:
            self._follow(seen, 0, _slots(slots), periods, skips=bool(quantity.after))
        return seen

    def _read_by_deciders(
        self, looked_at: Sequence[Bools], valued: dict[str, list[Bools]]
    ) -> Names:
        """The chances in play that is looked at, and all by which the decisions in it are made.

        valued  where a party values play, besides after its own decisions; more is added
        """
        game, parties = self.game, self.game.case.parties
        decided = self._nowhere()
        deciders: set[str] = set()
        while True:
            seen = [
                np.logical_or.reduce([marks, *(each[number] for each in valued.values())])
                for number, marks in enumerate(looked_at)
            ]
            found = False
            for number, each in enumerate(self.graphs):
                new = each.decides & seen[number] & ~decided[number]
                decided[number] |= new
                for mover in np.unique(each.graph.mover[new]):
                    found, party = True, game.parties[mover]
                    deciders.add(party)
                    own = np.flatnonzero(new & (each.graph.mover == mover))
                    self._follow(valued.setdefault(party, self._nowhere()), number, own)
            if not found:
                break
        read = [e for name in deciders for e in (parties[name].precision, *self._priors(name))]
        if game.periods > 1 or game.case.ending == "lasts":
            read += [parties[name].patience for name in valued]
        for each, marks in zip(self.graphs, decided, strict=True):
            read += [expression for expression, slots in each.weights if marks[slots].any()]
        paid = [
            self._unknowns_at(place, marks)
            for party, valued_by_party in valued.items()
            for each, marks in zip(self.graphs, valued_by_party, strict=True)
            for place in (*each.costs, *each.payoffs)
            if place.party == party
        ]
        told = {
            other
            for party, valued_by_party in valued.items()
            for each, marks in zip(self.graphs, valued_by_party, strict=True)
            for place in each.payoffs
            if place.party == party and marks[place.slots].any()
            for other in place.expression.parties_told_of
        }
        read += [prior for party in told for prior in self._priors(party)]
        return self._unknowns(read).union(self._chances(seen), *paid)

    def _chances(self, seen: Sequence[Bools]) -> Names:
        """What chance reads there; where it tells of a type, what is believed of it beforehand."""
        places = [
            (place, marks)
            for each, marks in zip(self.graphs, seen, strict=True)
            for place in each.chances
        ]
        told = {place.party for place, marks in places if marks[place.slots].any()} - {""}
        priors = [prior for party in told for prior in self._priors(party)]
        return self._unknowns(priors).union(*(self._unknowns_at(*each) for each in places))

    def _priors(self, party: str) -> list[Expression]:
        """What anybody believes of a party beforehand: the grid of beliefs reaches for all."""
        facts = self.game.case.parties[self.game.case.party_known_to(party) or party]
        return [e for each in (facts.types, *facts.believed_by.values()) for e in each.values()]

    def _nowhere(self) -> list[Bools]:
        return [np.zeros(each.graph.node_count, dtype=np.bool_) for each in self.graphs]

    def _follow(
        self,
        seen: Sequence[Bools],
        number: int,
        slots: Slots,
        periods: int | None = None,
        *,
        skips: bool = False,
    ) -> None:
        """Mark what play may come to from slots of a graph.

        periods  before so many periods of the game are over, all if None
        """
        count = len(self.game.states)
        limit = self.game.periods if periods is None else periods
        for place, each in enumerate(self.graphs[number:], start=number):
            marks, graph = seen[place], each.graph
            follow = each.follow_skipping if skips else each.follow
            if graph.first_period >= limit:
                return
            if place > number:
                slots = _slots(graph.step_entry[0, np.flatnonzero(seen[place - 1][:count])])
            for _ in range(graph.first_period, min(graph.past_last_period, limit)):
                before = marks[:count].copy()
                follow(marks, slots)
                ends = np.flatnonzero(marks[:count] & ~before)
                if not len(ends):
                    break
                slots = _slots(graph.step_entry[0, ends])

    def _unknowns(self, expressions: Collection[Expression]) -> Names:
        names = frozenset().union(*(each.names_read for each in expressions))
        return names & frozenset(self.game.case.unknowns)

    def _unknowns_at(self, place: _EvaluatedExpression, inside: Bools) -> Names:
        """The unknowns that an expression reads at those of its slots that are inside."""
        if not self._unknowns([place.expression]) or not inside[place.slots].any():
            return frozenset()
        return unknowns_read_in_states(
            self.game, place.expression, place.codes[inside[place.slots]]
        )


def _slots(entries: npt.NDArray[np.int32]) -> Slots:
    """The slots at which something begins, those left out at which nothing does."""
    return entries[entries >= 0].astype(np.intp)


def _state_conditions(quantity: Quantity) -> list[StateCondition]:
    """Every condition on the state that a quantity looks at."""
    formulas = [f for f in (quantity.formula, quantity.provided) if f is not None]
    found = [c for formula in formulas for c in conditions_of_formula(formula)]
    return [c for c in (*found, quantity.condition) if isinstance(c, StateCondition)]


def unknowns_read_in_states(game: Game, expression: Expression, codes: Ints) -> Names:
    """The unknowns on which an expression depends in some of these states.

    game        the game whose states they are
    expression  the expression
    codes       (n, V) the states

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> game = build(loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {toll: {best: 1}, price: {best: 2}}
    ... parties: {a: {}}
    ... state: {war: {}, line: {values: 0..3, start: 0}}
    ... payoffs: {a: {all: "-toll * war if line == 0 else price"}}
    ... '''))
    >>> unknowns_read_in_states(game, game.case.payoffs["a"]["all"], game.states)
    frozenset()
    """
    columns = game.state_table.variable_values(codes)
    unknowns = frozenset(game.case.unknowns)
    conditions = game.case.conditions

    def is_public(node: ExpressionNode) -> bool:
        for part in walk_expression(node):
            if isinstance(part, NameReference):
                if part.kind == "condition" and not unknowns.isdisjoint(
                    conditions[part.id].names_read
                ):
                    return False
                if part.kind in ("unknown", "type"):
                    return False
        return True

    def values(node: ExpressionNode, rows: Slots) -> npt.NDArray[np.float64]:
        here = {name: column[rows] for name, column in columns.items()}
        return evaluate(node, here, conditions, len(rows))

    def read(node: ExpressionNode, rows: Slots) -> Names:
        if not len(rows):
            return frozenset()
        match node:
            case NameReference("unknown", name):
                return frozenset({name})
            case NameReference("condition", name):
                return read(conditions[name].tree, rows)
            case ConditionalExpression(test, yes, no) if is_public(test):
                found = values(test, rows)
                return read(yes, rows[found != 0]) | read(no, rows[found == 0])
            case BinaryOperation("*", left, right) if is_public(left) or is_public(right):
                factor, other = (left, right) if is_public(left) else (right, left)
                return read(other, rows[values(factor, rows) != 0])
        return frozenset().union(*(read(part, rows) for part in child_nodes(node)))

    return read(expression.tree, np.arange(len(codes)))
