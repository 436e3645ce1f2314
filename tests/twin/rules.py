"""The rules of a case, one small position at a time.

`Rules.node` says what happens at a position; nothing is built in advance. Source: DESIGN
sections 2 and 3, read line by line.
"""

import ast
from collections.abc import Iterable, Mapping
from itertools import permutations, product
from types import MappingProxyType
from typing import Any

from twin.expressions import TwinError, Value, parse, scope, walk
from twin.positions import (
    NOTHING,
    Chance,
    Choice,
    Costs,
    End,
    Moment,
    News,
    Node,
    Option,
    Payment,
    Position,
    Renewal,
    State,
    Variant,
)


class Rules:
    """The rules of one case in one world."""

    def __init__(self, case: Any, variant: Variant | None = None, world: Any = None) -> None:
        self.case = case
        self.variant = variant or Variant()
        self.clocks = {p: f"{p}_left" for p, promise in case.promises.items() if promise.owes}
        self.variables = (*case.state, *case.promises, *self.clocks.values())
        self.values: dict[str, tuple[Value, ...]] = {
            **{name: tuple(variable.values) for name, variable in case.state.items()},
            **dict.fromkeys(case.promises, (False, True)),
            **{c: tuple(range(case.promises[p].within + 2)) for p, c in self.clocks.items()},
        }
        self.conditions = {name: each.text for name, each in case.conditions.items()}
        best = {name: unknown.best for name, unknown in case.unknowns.items()}
        self.unknowns: dict[str, float] = {**best, **(world or {}), **self.variant.given}
        self.periods: int = case.horizon + case.tail
        self.hidden = tuple(name for name, party in case.parties.items() if party.types)
        self.source = {
            name: name if p.types else next(iter(p.knows), name) for name, p in case.parties.items()
        }
        self._types = {
            name: tuple(case.parties[known].types) or (None,) for name, known in self.source.items()
        }
        self._nodes: dict[Position, Node] = {}
        self._payoffs: dict[Any, float] = {}
        self.told_by_payoffs = {
            party: frozenset(p for term in terms.values() for p in types_read(parse(term.text)))
            - {party, self.source[party]}
            for party, terms in case.payoffs.items()
        }

    def holder(self, actor: str, state: State) -> str:
        """Who acts in a state: the party itself, or whoever holds the office then."""
        if actor in self.case.parties:
            return actor
        return str(self.read(self.case.roles[actor].holder, state))

    def types(self, party: str) -> tuple[str | None, ...]:
        """The types that a party tells apart, its own or those it knows; None: the only one.

        `source` says whose types these are.
        """
        return self._types[party]

    def start(self, changes: Mapping[str, Value] | None = None) -> State:
        """The state in which play starts, some variables started elsewhere."""
        begin = {name: variable.start for name, variable in self.case.state.items()}
        begin |= dict.fromkeys(self.case.promises, False)
        begin |= dict.fromkeys(self.clocks.values(), 0)
        begin |= dict(changes or {})
        for promise, clock in self.clocks.items():
            if clock not in (changes or {}):
                begin[clock] = self.case.promises[promise].within if begin[promise] else 0
            begin[promise] = begin[clock] > 0
        return tuple(self._member(name, begin[name]) for name in self.variables)

    def read(
        self,
        expression: Any,
        state: State,
        kind: str | None = None,
        types: Mapping[str, str | None] = MappingProxyType({}),
        thing: Any = None,
    ) -> Any:
        """The value of an expression in a public state, for one type of its party.

        types   of which type each party is whose `type(party)` may be read
        thing   the move or deal that it belongs to, which may be one of a family
        """
        public = dict(zip(self.variables, state, strict=True))
        mine: dict[str, Value] = own_number(thing) | ({} if kind is None else {"type": kind})
        text = expression if isinstance(expression, str) else expression.text
        look = scope(mine, public, self.unknowns, conditions=self.conditions)
        return walk(parse(text), look, lambda call: str(types[types_read(call)[0]]))

    def number(self, expression: Any, thing: Any = None) -> float:
        """The value of an expression that reads unknowns only."""
        return float(walk(parse(expression.text), scope(own_number(thing), self.unknowns)))

    def weight(self, thing: Any) -> float:
        """The weight of a move or an offer; all of a family weigh as much as one alone."""
        member = getattr(thing, "member", None)
        return self.number(thing.weight, thing) / (1 if member is None else len(member.values))

    def members(self, target: str) -> list[str]:
        """The moves or deals of a family, or the one that goes by this name."""
        named = [(move.party, move.name, move.member) for move in self.case.moves.values()]
        for table, there in self.case.tables.items():
            named += [(table, name, deal.member) for name, deal in there.deals.items()]
        listed = [f"{o}.{n}" for o, n, m in named if m and f"{o}.{m.family}" == target]
        return listed or [target]

    def payoff(
        self, party: str, kind: str | None, state: State, others: Mapping[str, str | None]
    ) -> float:
        """What a party receives at a period's end in a state, others being of these types."""
        read = {name: others[name] for name in self.told_by_payoffs.get(party, ())}
        key = (party, kind, state, tuple(read.items()))
        if key not in self._payoffs:
            terms = self.case.payoffs.get(party, {}).values()
            types = {**read, party: kind, self.source[party]: kind}
            self._payoffs[key] = float(sum(self.read(term, state, kind, types) for term in terms))
        return self._payoffs[key]

    def patience(self, party: str) -> float:
        """The discount factor per period."""
        return self.number(self.case.parties[party].patience)

    def precision(self, party: str) -> float:
        """How sharply the party follows its payoff, as the question wants it."""
        return self.number(self.case.parties[party].precision) * self.variant.sharper

    def priors(self, observer: str | None, party: str) -> tuple[float, ...]:
        """The probability an observer (None: the analyst) gives each type at the start."""
        about = self.case.parties[party]
        priors = about.types
        if observer is not None and observer in about.believed_by:
            priors = about.believed_by[observer]
        found = [self.number(priors[kind]) for kind in about.types]
        return (found[0], 1.0 - found[0]) if len(found) == 2 else tuple(found)

    def node(self, position: Position) -> Node:
        """What happens at a position."""
        if position not in self._nodes:
            self._nodes[position] = self._node(position)
        return self._nodes[position]

    def _node(self, position: Position) -> Node:
        if position.step == len(self.case.order):
            return End()
        shuffled = self.shuffled(position.step)
        if shuffled and not position.drawn:
            orders = list(permutations(shuffled))
            return Chance(
                tuple((1.0 / len(orders), NOTHING, position._replace(drawn=o)) for o in orders)
            )
        step = self.step(position)
        if position.stage and position.stage[0] == "outcome":
            return self._outcome(position, position.stage[1])
        if position.stage and position.stage[0] == "turn":
            return self._turn(position, position.stage[1])
        if self.together(position.step):
            return self._moment(position)
        if step.kind == "deadline":
            return self._deadline(position, step.id)
        if position.stage and position.stage[0] == "renewal":
            return self._renewal(position, *position.stage[1:])
        if step.kind == "chance":
            return self._chance(position, step.id)
        if step.kind == "party":
            return self._party(position, step.id, step.only)
        return self._table(position, step.id)

    def together(self, number: int) -> tuple[int, ...]:
        """The steps at one moment with the one of this number; none if it stands by itself."""
        mark = self.case.order[number].moment
        every = range(len(self.case.order))
        return () if mark is None else tuple(n for n in every if self.case.order[n].moment == mark)

    def _moment(self, position: Position) -> Node:
        """All choose at the first of the steps; the others have nothing left to do."""
        steps = self.together(position.step)
        if position.step > steps[0]:
            return Chance(((1.0, NOTHING, self.next(position)),))
        alone = [
            self._party(position, self.case.order[n].id, self.case.order[n].only) for n in steps
        ]
        choices = [each for each in alone if isinstance(each, Choice)]
        joint = {}
        for chosen in product(*(range(len(each.options)) for each in choices)):
            taken = [each.options[n] for each, n in zip(choices, chosen, strict=True)]
            turns = tuple(
                (option.name, tuple(self._broken_by(option.name, position.state)))
                for option in taken
                if option.name in self.case.moves
            )
            stage = ("turn", *turns) if turns else ()
            after = position._replace(stage=stage) if turns else self.next(position)
            joint[chosen] = (frozenset().union(*(option.events for option in taken)), after)
        return Moment(tuple((each.party, each.options) for each in choices), joint)

    def _broken_by(self, key: str, state: State) -> list[str]:
        """The promises in force that a move breaks."""
        promises = self.case.promises.items()
        return [n for n, each in promises if key in each.forbids and self._holds(n, state)]

    def _turn(self, position: Position, turn: tuple[str, tuple[str, ...]]) -> Node:
        """A move takes effect, if it still can; the promises that choosing it broke are gone."""
        key, broken = turn
        move = self.case.moves[key]
        there = bool(self.read(move.when, position.state, thing=move))
        state = self._promise(position.state, broken, False)
        if there:
            owed = [name for name, promise in self.case.promises.items() if key in promise.owes]
            after = self._after(position, key, move, self._promise(state, owed, False))
        else:
            after = self._onward(position)._replace(state=state)
        return Chance(((1.0, NOTHING, after),))

    def _onward(self, position: Position) -> Position:
        """Where play goes on once an action is over: a turn at this moment, or the next step."""
        rest = position.stage[2:]
        if rest and position.stage[0] in ("turn", "outcome") and self.together(position.step):
            return position._replace(stage=("turn", *rest))
        return self.next(position)

    def shuffled(self, number: int) -> tuple[int, ...]:
        """The steps among which the one of this number is shuffled; none if it has its place."""
        mark = self.case.order[number].shuffle
        every = range(len(self.case.order))
        return () if mark is None else tuple(n for n in every if self.case.order[n].shuffle == mark)

    def step(self, position: Position) -> Any:
        """The step that comes at a position whose order, if it needs one, has been drawn."""
        shuffled = self.shuffled(position.step)
        if not shuffled:
            return self.case.order[position.step]
        return self.case.order[position.drawn[position.step - shuffled[0]]]

    def next(self, position: Position) -> Position:
        """The beginning of the next step; an order is forgotten once its last step is over."""
        shuffled = self.shuffled(position.step)
        drawn = position.drawn if shuffled and position.step < shuffled[-1] else ()
        return position._replace(step=position.step + 1, stage=(), drawn=drawn)

    def moves_of(self, position: Position, party: str, only: Any) -> list[str]:
        """The moves a party could make at a step, by their keys."""
        found = []
        for key, move in self.case.moves.items():
            listed = only is None or move.name in only
            if move.party == party and listed and self._there(key, move, position):
                found.append(key)
        return found

    def deals_of(self, position: Position, table: str) -> list[str]:
        """The deals that could be offered at a table, by their keys."""
        deals = self.case.tables[table].deals
        keys = {f"{table}.{name}": deal for name, deal in deals.items()}
        return [key for key, deal in keys.items() if self._there(key, deal, position)]

    def meets(self, position: Position, table: str) -> float:
        """The probability that a table meets at a step."""
        closed = position.period < self.variant.closed.get(table, 0)
        if closed or not self._there(table, self.case.tables[table], position):
            return 0.0
        return float(self.read(self.case.tables[table].meets, position.state))

    def proposers(self, table: str) -> tuple[str, ...]:
        """Who may be drawn to propose, each equally likely."""
        proposes = self.case.tables[table].proposes
        return tuple(self.case.tables[table].seats) if proposes == "any" else (proposes,)

    def answers(self, table: str, deal: str, proposer: str) -> tuple[str, ...]:
        """Who is asked to sign a deal, in speaking order."""
        needs = self.case.tables[table].deals[deal.split(".")[1]].needs
        seats = self.case.tables[table].seats
        return tuple(seat for seat in seats if seat in needs and seat != proposer)

    def _there(self, key: str, thing: Any, position: Position) -> bool:
        """Whether a move, deal, table or chance is available."""
        first, last = thing.during or (0, self.periods)
        if {key, *families(key)} & self.variant.without or not first <= position.period <= last:
            return False
        return bool(self.read(thing.when, position.state, thing=thing))

    def _chance(self, position: Position, name: str) -> Node:
        thing = self.case.chance[name]
        if not self._there(name, thing, position):
            return Chance(((1.0, NOTHING, self.next(position)),))
        own = bool(thing.set or thing.promises or thing.releases or thing.renews)
        events = frozenset({name}) if own else NOTHING
        return Chance(((1.0, events, self._after(position, name, thing, position.state)),))

    def _deadline(self, position: Position, name: str) -> Node:
        """One period less is left for what is owed; with none left the promise is broken."""
        promise, state, after = self.case.promises[name], position.state, self.next(position)
        left = int(state[self.variables.index(self.clocks[name])])
        if left == 1:
            by = self.holder(promise.by, state)
            paid = {by: self._costs(by, [promise.breach], position, promise)}
            state = self._promise(state, [name], False)
            return Payment(paid, frozenset({f"broken({name})"}), after._replace(state=state))
        state = self._change(state, {self.clocks[name]: left - 1} if left else {})
        return Chance(((1.0, NOTHING, after._replace(state=state)),))

    def _promise(self, state: State, names: Iterable[str], given: bool) -> State:
        """Promises given or gone, with what is left for what they owe, this period counted."""
        clocks = {
            self.clocks[name]: self.case.promises[name].within + 1 if given else 0
            for name in names
            if name in self.clocks
        }
        return self._change(state, {**dict.fromkeys(names, given), **clocks})

    def _party(self, position: Position, actor: str, only: Any) -> Node:
        options, party = [], self.holder(actor, position.state)
        for key in self.moves_of(position, actor, only):
            move = self.case.moves[key]
            broken = [
                name
                for name, promise in self.case.promises.items()
                if key in promise.forbids and self._holds(name, position.state)
            ]
            bills = [move.cost, *(self.case.promises[name].breach for name in broken)]
            owed = [name for name, promise in self.case.promises.items() if key in promise.owes]
            state = self._promise(position.state, [*broken, *owed], False)
            events = frozenset({key, *families(key), *(f"broken({name})" for name in broken)})
            after = self._after(position, key, move, state)
            costs = self._costs(party, bills, position, move)
            options.append(Option(key, self.weight(move), costs, events, after))
        if only is None or "pass" in only or not options:
            free = dict.fromkeys(self.types(party), 0.0)
            name = f"{actor}.pass"
            options.append(Option(name, 1.0, free, frozenset({name}), self.next(position)))
        return Choice(party, tuple(options))

    def _table(self, position: Position, table: str) -> Node:
        match position.stage:
            case ():
                meets = self.meets(position, table)
                drawn = tuple(
                    (meets / len(self.proposers(table)), NOTHING, _stage(position, "offer", seat))
                    for seat in self.proposers(table)
                )
                apart = (1.0 - meets, NOTHING, self.next(position))
                return Chance(tuple(each for each in (*drawn, apart) if each[0] != 0.0))
            case ("offer", proposer):
                return self._offer(position, table, proposer)
            case ("answer", proposer, deal, count):
                answering = self.answers(table, deal, proposer)
                later = ("answer", proposer, deal, count + 1)
                signed = count + 1 == len(answering)
                yes = _stage(position, "sign", deal) if signed else _stage(position, *later)
                party = self.holder(answering[count], position.state)
                free = dict.fromkeys(self.types(party), 0.0)
                return Choice(
                    party,
                    (
                        Option("yes", 1.0, free, NOTHING, yes),
                        Option("no", 1.0, free, NOTHING, self.next(position)),
                    ),
                )
            case ("sign", deal):
                thing = self.case.tables[table].deals[deal.split(".")[1]]
                costs = self._shared_costs(thing, position)
                after = self._after(position, deal, thing, position.state)
                return Payment(costs, frozenset({deal, *families(deal)}), after)
        raise TwinError(f"no such stage: {position.stage}")

    def _shared_costs(self, deal: Any, position: Position) -> dict[str, Costs]:
        """What each party pays for a deal; one that pays as itself and in an office pays both."""
        costs: dict[str, Costs] = {}
        for actor, cost in deal.cost.items():
            party = self.holder(actor, position.state)
            paid, before = self._costs(party, [cost], position, deal), costs.get(party, {})
            costs[party] = {kind: paid[kind] + before.get(kind, 0.0) for kind in paid}
        return costs

    def _offer(self, position: Position, table: str, proposer: str) -> Node:
        party = self.holder(proposer, position.state)
        free = dict.fromkeys(self.types(party), 0.0)
        options = []
        for key in self.deals_of(position, table):
            deal = self.case.tables[table].deals[key.split(".")[1]]
            asked = self.answers(table, key, proposer)
            stage = ("answer", proposer, key, 0) if asked else ("sign", key)
            after = _stage(position, *stage)
            options.append(Option(key, self.weight(deal), free, NOTHING, after))
        none = Option(f"{table}.none", 1.0, free, NOTHING, self.next(position))
        return Choice(party, (*options, none))

    def _after(self, position: Position, key: str, thing: Any, state: State) -> Position:
        """Where an action leads: its own effects done, one outcome still to come."""
        state = self._set(state, thing.set, thing)
        state = self._promise(state, thing.releases, False)
        state = self._promise(state, thing.promises, True)
        if thing.outcomes:
            left = position.stage[2:] if position.stage[:1] == ("turn",) else ()
            return position._replace(stage=("outcome", key, *left), state=state)
        return self._then(position, key, thing, None, state)

    def _then(
        self, position: Position, key: str, thing: Any, number: int | None, state: State
    ) -> Position:
        """What comes once all is done, with the outcome of this number: types are drawn anew."""
        if thing.renews or (number is not None and thing.outcomes[number].renews):
            return position._replace(stage=("renewal", key, number), state=state)
        return self._onward(position)._replace(state=state)

    def _renewal(self, position: Position, key: str, number: int | None) -> Node:
        """The types of all parties that the action, or its outcome, draws anew."""
        owner = self._owner(position, key)
        drawn = dict(owner.renews)
        if number is not None:
            drawn |= owner.outcomes[number].renews
        first = {}
        for party, likely in drawn.items():
            every = [
                self.number(each) for each in (likely or self.case.parties[party].types).values()
            ]
            first[party] = every[0] / sum(every)
        return Renewal(first, self.next(position))

    def _owner(self, position: Position, key: str) -> Any:
        """The move, chance or deal of this name at a step."""
        owner: Any = self.case.moves.get(key) or self.case.chance.get(key)
        if owner is None:
            owner = self.case.tables[self.step(position).id].deals[key.split(".")[1]]
        return owner

    def _outcome(self, position: Position, key: str) -> Node:
        """One of the outcomes of an action, or nothing more."""
        step = self.step(position)
        owner = self._owner(position, key)
        told = sorted({p for each in owner.outcomes for p in types_read(parse(each.chance.text))})
        kinds = self.types(told[0]) if told else (None,)
        branches: list[tuple[dict[str | None, float], frozenset[str], Position]] = []
        rest = dict.fromkeys(kinds, 1.0)
        for number, outcome in enumerate(owner.outcomes):
            chances = {}
            for kind in kinds:
                types = dict.fromkeys(told, kind)
                chance = float(self.read(outcome.chance, position.state, None, types, owner))
                if not 0.0 <= chance <= 1.0:
                    raise TwinError(f"{key}: a chance of {chance}")
                chances[kind], rest[kind] = chance, rest[kind] - chance
            named = (key, *families(key)) if outcome.name else ()
            events = {f"{name}.{outcome.name}" for name in named}
            events |= {key} if step.kind == "chance" else set()
            if max(chances.values()) > 0.0:
                state = self._set(position.state, outcome.set, owner)
                after = self._then(position, key, owner, number, state)
                branches.append((chances, frozenset(events), after))
        if min(rest.values()) < -1e-9:
            raise TwinError(f"{key}: chances sum to {1.0 - min(rest.values())}")
        if max(rest.values()) > 1e-12:
            left = {kind: max(0.0, chance) for kind, chance in rest.items()}
            after = self._then(position, key, owner, None, position.state)
            none_came = frozenset(f"{name}.nothing" for name in (key, *families(key)))
            branches.append((left, none_came, after))
        if told:
            return News(told[0], tuple(branches))
        return Chance(tuple((each[None], events, after) for each, events, after in branches))

    def _costs(self, party: str, bills: Iterable[Any], position: Position, thing: Any) -> Costs:
        """What a party of each type pays, read in the state before everything."""
        total = {}
        for kind in self.types(party):
            read = [self.read(bill, position.state, kind, thing=thing) for bill in bills]
            total[kind] = float(sum(read))
        return total

    def _holds(self, name: str, state: State) -> bool:
        return bool(state[self.variables.index(name)])

    def _set(self, state: State, changes: Mapping[str, Any], thing: Any) -> State:
        """All at the same time, from the old values."""
        values = {name: self.read(to, state, thing=thing) for name, to in changes.items()}
        return self._change(state, values)

    def _change(self, state: State, changes: Mapping[str, Value]) -> State:
        new = [changes.get(name, old) for name, old in zip(self.variables, state, strict=True)]
        return tuple(self._member(*each) for each in zip(self.variables, new, strict=True))

    def _member(self, name: str, value: Value) -> Value:
        """The value as the variable writes it (1 and true are the same, 1.0 and 1 too)."""
        for known in self.values[name]:
            if known == value:
                return known
        raise TwinError(f"{name} cannot be {value!r}")


def types_read(node: ast.AST) -> list[str]:
    """The parties whose type an expression reads by `type(party)`."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    read = [each for each in calls if isinstance(each.func, ast.Name) and each.func.id == "type"]
    return [ast.unparse(each.args[0]) for each in read]


def own_number(thing: Any) -> dict[str, Value]:
    """What a move or deal reads by the number of its family."""
    member = getattr(thing, "member", None)
    return {} if member is None else {member.number: member.value}


def families(key: str) -> tuple[str, ...]:
    """The family of a move or deal.

    >>> families("talks.split[4]"), families("talks.end")
    (('talks.split',), ())
    """
    return (key.split("[")[0],) if key.endswith("]") else ()


def _stage(position: Position, *stage: Any) -> Position:
    return position._replace(stage=stage)
