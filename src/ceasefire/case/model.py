"""What is a case once it is read? Frozen, every default filled in, in file order.

Two cases are equal if they say the same; where it was written plays no part.
"""

import ast
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, Literal, NamedTuple, TypeVar, get_args

from ceasefire.case.expressions import (
    Comparison,
    ConditionalExpression,
    Expression,
    ExpressionNode,
    LogicalOperation,
    MembershipTest,
    NameReference,
    UnaryOperation,
    parse_options_ast,
    parse_question_ast,
)
from ceasefire.case.judgements import Judgement
from ceasefire.diagnostics import UNKNOWN_LOCATION, TextLocation, readable_name
from ceasefire.errors import Problem

V = TypeVar("V")


class FrozenMapping(Mapping[str, V], Generic[V]):
    """A read-only mapping from names; equal to any mapping with the same items.

    >>> FrozenMapping({"fighting": True})
    {'fighting': True}
    >>> FrozenMapping({"fighting": True})["fighting"] = False
    Traceback (most recent call last):
    TypeError: 'FrozenMapping' object does not support item assignment
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        """Copy the items."""
        self._items: dict[str, V] = dict(items or {})

    def __getitem__(self, name: str) -> V:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._items == dict(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._items))

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenMapping, (self._items,))


EMPTY_MAPPING: FrozenMapping[Any] = FrozenMapping()

LARGEST_MAGNITUDE = (
    1e15  # of payoffs, costs, precisions, weights: beyond it their products may overflow
)
POSITIVE_RANGE_TEXT = f"above 0, {LARGEST_MAGNITUDE:.0e} at most"
BOUNDED_RANGE_TEXT = f"between -{LARGEST_MAGNITUDE:.0e} and {LARGEST_MAGNITUDE:.0e}"

VariableValue = bool | int | str
PeriodRange = tuple[int, int] | None
Renewals = Mapping[str, Mapping[str, Expression]]  # {party: {type: how likely it then is}}


@dataclass(frozen=True, kw_only=True)
class DocumentedItem:
    """What may stand on anything in a case and reaches the report.

    label  what people call it, in a few words; None for its name
    """

    label: str | None = None
    about: str | None = None
    unit: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a number or a sentence comes from; `more` holds any other field, such as a url."""

    title: str | None = None
    author: str | None = None
    published: str | None = None
    origin: str | None = None
    more: Mapping[str, str] = EMPTY_MAPPING


@dataclass(frozen=True, kw_only=True)
class Unknown(DocumentedItem):
    """A number nobody knows: its best estimate and how it may be distributed.

    parameters  range (lo, hi), triangle (lo, mode, hi), normal (mean, sd),
                lognormal (median, geometric sd), oneof the values, experts (lo, hi) of their
                pool; empty if fixed at best
    experts     what each expert says of it who says anything; the number is then of kind experts
    points_are  what the three points of the experts are: the 5, 50 and 95 % points, or the lowest,
                best and highest value
    least       below which experts' distributions do not reach; None if they may
    most        above which experts' distributions do not reach; None if they may
    """

    best: float
    kind: Literal["range", "triangle", "normal", "lognormal", "oneof", "experts"] | None = None
    parameters: tuple[float, ...] = ()
    experts: Mapping[str, Judgement] = EMPTY_MAPPING
    points_are: Literal["quantiles", "range"] = "quantiles"
    least: float | None = None
    most: float | None = None

    def held_at(self, value: float) -> "Unknown":
        """The same with one value that everybody knows, and nothing that experts say.

        value  the number
        """
        return Unknown(
            label=self.label, about=self.about, unit=self.unit, source=self.source, best=value
        )


@dataclass(frozen=True, kw_only=True)
class Expert(DocumentedItem):
    """Somebody who says what unknowns may be; a world is drawn from one expert, by weight."""

    name: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Party(DocumentedItem):
    """Who acts: discount factor per period, precision per unit of payoff, hidden types.

    types        the analyst's prior of each of two to four types; empty if it has none
    believed_by  the prior of an observer who sees it differently
    knows        the party whose type it knows besides: none, or one if it has no types itself
    """

    name: str
    patience: Expression
    precision: Expression
    types: Mapping[str, Expression] = EMPTY_MAPPING
    knows: tuple[str, ...] = ()
    believed_by: Mapping[str, Mapping[str, Expression]] = EMPTY_MAPPING


@dataclass(frozen=True, kw_only=True)
class Role:
    """An office that parties hold in turn, and which acts as they do.

    holder   which party holds it in a state, as the number of a party in file order
    holders  the parties that may hold it, in file order
    """

    holder: Expression
    holders: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Variable(DocumentedItem):
    """A public fact: the values it can take, in order, and the one at the start.

    labels  what people call a value, by the value as it is written; not every value needs one
    """

    kind: Literal["boolean", "number", "word"]
    values: tuple[VariableValue, ...]
    start: VariableValue
    labels: Mapping[str, str] = EMPTY_MAPPING


@dataclass(frozen=True, kw_only=True)
class Outcome(DocumentedItem):
    """What may come of a move, deal or chance; without a name it cannot be an event."""

    name: str | None
    chance: Expression
    set: Mapping[str, Expression] = EMPTY_MAPPING
    renews: Renewals = EMPTY_MAPPING


NO_OUTCOME = "nothing"  # how it is written that no outcome of a move, deal or chance came


@dataclass(frozen=True, kw_only=True)
class Effects(DocumentedItem):
    """What a move, deal or chance does, and when it is there at all.

    renews  the parties whose types are drawn anew, and how likely each type then is to the
            analyst: as likely as beforehand where nothing is said
    """

    when: Expression
    set: Mapping[str, Expression] = EMPTY_MAPPING
    outcomes: tuple[Outcome, ...] = ()
    promises: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    renews: Renewals = EMPTY_MAPPING
    during: PeriodRange = None

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """The outcomes that have a name, and `nothing` where one may fail to come."""
        named = tuple(outcome.name for outcome in self.outcomes if outcome.name)
        return (*named, NO_OUTCOME) if self.outcomes else ()


class FamilyMember(NamedTuple):
    """Which of a family of moves or deals one is: there is one for each value of a number.

    family  the name of the family, such as `split`; the member is called `split[40]`
    number  the name by which its expressions read its value
    value   its own value
    values  those of all members, in order
    """

    family: str
    number: str
    value: int
    values: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of the member.

        >>> FamilyMember("split", "share", 40, (40, 60)).name
        'split[40]'
        """
        return f"{self.family}[{self.value}]"


@dataclass(frozen=True, kw_only=True)
class Move(Effects):
    """What a party can do alone; cost in payoff, paid at once."""

    party: str
    name: str
    cost: Expression
    weight: Expression
    member: FamilyMember | None = None


@dataclass(frozen=True, kw_only=True)
class Deal(Effects):
    """What can be agreed at a table; `needs` are the seats whose consent it takes."""

    weight: Expression
    cost: Mapping[str, Expression] = EMPTY_MAPPING
    needs: tuple[str, ...]
    member: FamilyMember | None = None


@dataclass(frozen=True, kw_only=True)
class Chance(Effects):
    """What happens by itself."""


@dataclass(frozen=True, kw_only=True)
class Promise(DocumentedItem):
    """A promise not to make moves, or to make one of some moves in time.

    forbids  the moves (`party.move`) that break it
    owes     the moves of which one fulfils it, after which it is over; empty if it forbids moves
    within   how many periods there are for that, the one in which it is given not counted
    breach   cost of breaking it: of a forbidden move, or at the end of the last of these periods
    """

    by: str
    forbids: tuple[str, ...] = ()
    owes: tuple[str, ...] = ()
    within: int = 0
    breach: Expression


def clock_name(promise: str) -> str:
    """The name of the clock of a promise that owes a move."""
    return f"{promise}_left"


def promise_clock(within: int) -> Variable:
    """How many periods are left for what a promise owes, this one counted; 0 if not in force.

    within  how many there are after the period in which it is given
    """
    about = "periods left for what is owed, this one counted"
    return Variable(kind="number", values=tuple(range(within + 2)), start=0, about=about)


@dataclass(frozen=True, kw_only=True)
class Table(DocumentedItem):
    """Who sits together in speaking order; meets is the probability that they do in a period."""

    seats: tuple[str, ...]
    when: Expression
    meets: Expression
    proposes: str
    deals: Mapping[str, Deal]
    during: PeriodRange = None


@dataclass(frozen=True)
class Step:
    """One step of a period; only lists the moves (and `pass`) a restricted step offers.

    kind     the last steps of a period are the deadlines of promises that owe a move
    shuffle  steps next to each other with the same number come in random order; None for a step
             that has its place
    moment   parties next to each other with the same number choose without seeing each other's
             choice; what they chose takes effect in this order. None for a step by itself
    """

    kind: Literal["chance", "table", "party", "deadline"]
    id: str
    only: tuple[str, ...] | None = None
    shuffle: int | None = None
    moment: int | None = None

    def __str__(self) -> str:
        return self.id if self.only is None else f"{self.id}: [{', '.join(self.only)}]"


@dataclass(frozen=True, kw_only=True)
class Baseline(DocumentedItem):
    """How likely a sentence is before any model.

    Either the war had `lasted` so long and ends `within`, or goes on `beyond`, a time, among
    past wars with at least `deaths` that began `after` a year; or a probability from elsewhere.
    Times are written as in 1177d, 2w, 18m, 3y.
    """

    lasted: str | None = None
    within: str | None = None
    beyond: str | None = None
    deaths: int | None = None
    after: int | None = None
    probability: float | None = None


UNWRITTEN_TEST = "TODO"  # the test of a claim that nobody has written yet


@dataclass(frozen=True, kw_only=True)
class Claim(DocumentedItem):
    """A sentence of the argument and its test.

    because           the claims that it rests on, its premises; empty for one that rests on none
    test_is_premises  whether no test was written, so that `test` is that all premises are true
    happened          whether what the sentence says came true; None if not known or not said
    as_of             the date up to which the case knows things
    """

    says: str | None
    test: str
    because: tuple[str, ...] = ()
    test_is_premises: bool = False
    where: str | None = None
    happened: bool | None = None
    as_of: str | None = None
    baseline: Baseline | None = None
    location: TextLocation = field(default=UNKNOWN_LOCATION, compare=False, repr=False)

    @cached_property
    def syntax(self) -> ast.Expression:
        """The test as Python's own tree, parsed once; raises ExpressionError if it is none."""
        return parse_question_ast(self.test, self.location)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the tree: it may be nested too deeply to be sent."""
        return {name: value for name, value in self.__dict__.items() if name != "syntax"}

    @property
    def line(self) -> int | None:
        """The line of the test in the file."""
        return self.location.line


@dataclass(frozen=True, kw_only=True)
class Lever(DocumentedItem):
    """What somebody could decide: the game in which it is decided differs by these options.

    says  the decision in words
    by    the party that could take it; None if it takes several, or somebody outside the game
    set   options of questions joined by commas: start=, without=, closed= and given=
    """

    says: str | None
    by: str | None
    set: str
    location: TextLocation = field(default=UNKNOWN_LOCATION, compare=False, repr=False)

    @cached_property
    def syntax(self) -> tuple[ast.keyword, ...]:
        """The options as Python's own tree, parsed once; raises ExpressionError if they are none.

        Their offsets count the characters of `set`.
        """
        return parse_options_ast(self.set, self.location)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the tree: it may be nested too deeply to be sent."""
        return {name: value for name, value in self.__dict__.items() if name != "syntax"}


@dataclass(frozen=True, kw_only=True)
class Forecast(DocumentedItem):
    """What somebody else said of a claim, and when; the probability is that of its sentence."""

    claim: str
    probability: float
    as_of: str
    kind: Literal["crowd", "expert", "market", "model"]


EventKind = Literal[
    "move", "deal", "outcome", "signed", "refused", "idle", "chance", "broken", "observed"
]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)


@dataclass(frozen=True, kw_only=True)
class Event(DocumentedItem):
    """What has happened: target is `party.move`, `table.deal`, a table, a promise, or an outcome.

    by         who refused the deal, or said yes to it
    confirmed  False where it is in doubt that it happened
    """

    period: int
    kind: EventKind
    target: str = ""
    by: str | None = None
    observed: Mapping[str, VariableValue] = EMPTY_MAPPING
    confirmed: bool = True
    location: TextLocation = field(default=UNKNOWN_LOCATION, compare=False, repr=False)


Coding = tuple[tuple[str, str], ...]  # (alternative, option) pairs


@dataclass(frozen=True, kw_only=True)
class Alternative(DocumentedItem):
    """Rival ways to write a part of the case; the option that the case calls best comes first.

    options  by name what each changes, as it is written: mappings, tuples and texts
    weights  how often worlds have each option; no world has one with 0, which is asked at the
             best estimates alone
    """

    options: Mapping[str, Mapping[str, Any]]
    weights: Mapping[str, float]

    @property
    def first(self) -> str:
        """The option that holds at the best estimates."""
        return next(iter(self.options))

    def beginning_with(self, option: str) -> "Alternative":
        """The same with an option that is the first.

        option  the name of the option
        """
        others = (name for name in self.options if name != option)
        options = {name: self.options[name] for name in (option, *others)}
        weights = {name: self.weights[name] for name in options}
        return replace(self, options=FrozenMapping(options), weights=FrozenMapping(weights))

    def always(self, option: str) -> "Alternative":
        """The same with an option that is the first, and the only one that worlds have.

        option  the name of the option
        """
        weights = {name: float(name == option) for name in self.options}
        return replace(self, weights=FrozenMapping(weights)).beginning_with(option)

    @property
    def drawn(self) -> tuple[str, ...]:
        """The options that worlds have, in the order of the case."""
        return tuple(name for name in self.options if self.weights[name] > 0)


@dataclass(frozen=True, kw_only=True)
class Case(DocumentedItem):
    """A whole case; moves are keyed `party.move`, everything else by its name.

    chosen      the option of each alternative with which it is written here
    codings     the case with every combination of options, the last alternative changing first;
                empty without alternatives
    as_written  the sections that some option changes, as they are before any does
    """

    title: str
    period: Literal["day", "week", "month", "quarter", "half-year", "year"]
    start: str | None
    horizon: int
    ending: Literal["lasts", "nothing", "final"]
    tail: int
    parties: Mapping[str, Party]
    state: Mapping[str, Variable]
    sources: Mapping[str, Source] = EMPTY_MAPPING
    experts: Mapping[str, Expert] = EMPTY_MAPPING
    unknowns: Mapping[str, Unknown] = EMPTY_MAPPING
    together: tuple[tuple[str, str, float], ...] = ()
    conditions: Mapping[str, Expression] = EMPTY_MAPPING
    roles: Mapping[str, Role] = EMPTY_MAPPING
    payoffs: Mapping[str, Mapping[str, Expression]] = EMPTY_MAPPING
    moves: Mapping[str, Move] = EMPTY_MAPPING
    promises: Mapping[str, Promise] = EMPTY_MAPPING
    tables: Mapping[str, Table] = EMPTY_MAPPING
    chance: Mapping[str, Chance] = EMPTY_MAPPING
    order: tuple[Step, ...] = ()
    claims: Mapping[str, Claim] = EMPTY_MAPPING
    levers: Mapping[str, Lever] = EMPTY_MAPPING
    forecasts: Mapping[str, Forecast] = EMPTY_MAPPING
    events: tuple[Event, ...] = ()
    alternatives: Mapping[str, Alternative] = EMPTY_MAPPING
    chosen: Mapping[str, str] = EMPTY_MAPPING
    codings: "tuple[Case, ...]" = field(default=(), repr=False)
    as_written: Mapping[str, Any] = field(default=EMPTY_MAPPING, compare=False, repr=False)
    file: str = field(default="", compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False, repr=False)

    def coding(self, options: Mapping[str, str]) -> "Case":
        """The case with these options of its alternatives, the others as they are here.

        options  an option for some of the alternatives

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}}
        ... state: {war: {start: true}}
        ... moves: {stop: {by: a, when: war, set: {war: false}}}
        ... alternatives:
        ...   stopping: {options: {free: {}, dear: {moves: {stop: {cost: 2}}}}}
        ... ''')
        >>> dear = case.coding({"stopping": "dear"})
        >>> case.moves["a.stop"].cost.text, dear.moves["a.stop"].cost.text
        ('0', '2')
        """
        wanted = {**self.chosen, **options}
        if wanted == self.chosen:
            return self
        return replace(self.codings[self._place_of_coding(wanted)], codings=self.codings)

    def _place_of_coding(self, options: Mapping[str, str]) -> int:
        place = 0
        for name, alternative in self.alternatives.items():
            listed = list(alternative.options)
            place = place * len(listed) + listed.index(options[name])
        return place

    def written_with(self, options: Mapping[str, str]) -> "Case":
        """The case as if these options had been written first, and worlds had no others of theirs.

        options  an option for some of the alternatives

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}}
        ... state: {war: {start: true}}
        ... moves: {stop: {by: a, when: war, set: {war: false}}}
        ... alternatives:
        ...   stopping: {options: {free: {}, dear: {moves: {stop: {cost: 2}}}}}
        ... ''')
        >>> dear = case.written_with({"stopping": "dear"})
        >>> dear.moves["a.stop"].cost.text, dear.alternatives["stopping"].drawn
        ('2', ('dear',))
        """
        if not options:
            return self
        alternatives = {
            name: one.always(options[name]) if name in options else one
            for name, one in self.alternatives.items()
        }
        written = FrozenMapping(alternatives)
        every = itertools.product(*(one.options for one in alternatives.values()))
        codings = tuple(
            replace(self.coding(dict(zip(alternatives, coding, strict=True))),
                    alternatives=written, codings=())
            for coding in every
        )  # fmt: skip
        return replace(codings[0], codings=codings)

    def in_every_coding(self, change: "Callable[[Case], Case]") -> "Case":
        """The case with a change made to it and to all its codings.

        change  gives the changed case; it changes neither alternatives nor their options
        """
        return replace(change(self), codings=tuple(map(change, self.codings)))

    @property
    def drawn_codings(self) -> "tuple[Case, ...]":
        """The case with every combination of options that worlds have; itself without any."""
        every = itertools.product(*(one.drawn for one in self.alternatives.values()))
        return tuple(
            self.coding(dict(zip(self.alternatives, options, strict=True))) for options in every
        )

    def options_otherwise(self, options: Mapping[str, str]) -> dict[str, str]:
        """Those of some options that the case has, and that are not the first of its alternatives.

        options  an option for each of some names
        """
        return {
            name: option
            for name, option in options.items()
            if name in self.alternatives
            and option in self.alternatives[name].options
            and option != self.alternatives[name].first
        }

    @property
    def drawn_options(self) -> dict[str, tuple[str, ...]]:
        """Of each alternative between whose options worlds differ, the options that they have."""
        drawn = {name: one.drawn for name, one in self.alternatives.items()}
        return {name: options for name, options in drawn.items() if len(options) > 1}

    @property
    def unknown_labels(self) -> "dict[str, str]":
        """What people call each unknown of any coding: its label, else its name."""
        return {name: one.label or name for name, one in self.unknowns_of_codings.items()}

    @property
    def unknowns_of_codings(self) -> "dict[str, Unknown]":
        """Every unknown of any coding, as it is where it may take more than one value first."""
        found = dict(self.unknowns)
        for one in self.codings:
            for name, unknown in one.unknowns.items():
                if name not in found or found[name].kind is None:
                    found[name] = unknown
        return found

    def is_truth(self, node: ExpressionNode) -> bool:
        """Whether an expression of the case is true or false rather than a number.

        node   the expression's tree

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}}
        ... state: {war: {start: true}, front: {values: 0..3, start: 1}}
        ... conditions: {calm: not war and front < 2, losses: 2 * front}
        ... ''')
        >>> [case.is_truth(case.conditions[name].tree) for name in ("calm", "losses")]
        [True, False]
        """
        match node:
            case NameReference("variable", name):
                return self.variables_and_promises[name].kind == "boolean"
            case NameReference("condition", name):
                return self.is_truth(self.conditions[name].tree)
            case Comparison() | MembershipTest() | UnaryOperation("not"):
                return True
            case LogicalOperation(_, operands):
                return all(self.is_truth(operand) for operand in operands)
            case ConditionalExpression(_, yes, no):
                return self.is_truth(yes) and self.is_truth(no)
        return False

    @property
    def variables_and_promises(self) -> dict[str, Variable]:
        """The state, a boolean for each promise (false at the start), and their clocks.

        In file order; a promise that owes a move has a clock, see `promise_clock`.
        """
        promised = {
            name: Variable(kind="boolean", values=(False, True), start=False, about=promise.about)
            for name, promise in self.promises.items()
        }
        clocks = {
            name: promise_clock(self.promises[promise].within)
            for promise, name in self.clocks.items()
        }
        return {**self.state, **promised, **clocks}

    @property
    def clocks(self) -> dict[str, str]:
        """The name of the clock of each promise that owes a move."""
        return {name: clock_name(name) for name, promise in self.promises.items() if promise.owes}

    def with_clocks_set(self, start: Mapping[str, Any]) -> dict[str, Any]:
        """A start in which a promise that owes a move and its clock agree.

        start  values of some variables, the others being as the case starts them

        One that is put in force has all its periods before it; one whose clock runs is in force.

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}}
        ... state: {armed: {start: true}}
        ... moves: {hand_in: {by: a, set: {armed: false}}}
        ... promises: {disarm: {by: a, owes: [hand_in], within: 4}}
        ... ''')
        >>> case.with_clocks_set({"disarm": True}), case.with_clocks_set({"disarm_left": 2})
        ({'disarm': True, 'disarm_left': 4}, {'disarm_left': 2, 'disarm': True})
        """
        found = dict(start)
        for promise, clock in self.clocks.items():
            if clock in found:
                found[promise] = found[clock] > 0
            elif promise in found:
                found[clock] = self.promises[promise].within if found[promise] else 0
        return found

    def party_known_to(self, party: str) -> str:
        """Whose type a party knows: its own, or that of a party that it knows; empty if nobody's.

        party   a party of the case

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {types: {firm: 0.5, soft: 0.5}}, b: {knows: [a]}, c: {}}
        ... state: {war: {}}
        ... ''')
        >>> [case.party_known_to(party) for party in "abc"], case.types_known_to("b")
        (['a', 'a', ''], ('firm', 'soft'))
        """
        found = self.parties[party]
        return party if found.types else next(iter(found.knows), "")

    def types_known_to(self, party: str) -> tuple[str, ...]:
        """The types that a party tells apart when it decides: those of `party_known_to`."""
        known = self.party_known_to(party)
        return tuple(self.parties[known].types) if known else ()

    @property
    def actors(self) -> tuple[str, ...]:
        """Whoever may act: the parties, then the roles."""
        return (*self.parties, *self.roles)

    def holders_of(self, actor: str) -> tuple[str, ...]:
        """The parties that may act as a party or role: itself, or whoever may hold the office.

        actor   a party or role of the case

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {left: {}, right: {}}
        ... state: {won: {}}
        ... roles: {government: right if won else left}
        ... ''')
        >>> case.holders_of("right"), case.holders_of("government")
        (('right',), ('left', 'right'))
        """
        return self.roles[actor].holders if actor in self.roles else (actor,)

    def name_of(self, actor: str) -> str:
        """What readers call a party or role."""
        return self.parties[actor].name if actor in self.parties else actor

    def sentence_of(self, claim: str) -> str:
        """What a claim says, without its full stop; its name with spaces if it has no sentence.

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}}
        ... state: {war: {start: true}}
        ... claims: {it_lasts: {test: P(war) > 0.5}, it_ends: {says: It ends., test: P(war) < 0.5}}
        ... ''')
        >>> case.sentence_of("it_ends"), case.sentence_of("it_lasts")
        ('It ends', 'it lasts')
        """
        written = self.claims.get(claim)
        says = " ".join((written.says or "").split()) if written is not None else ""
        return says.rstrip(".") or readable_name(claim)

    def label_of(self, name: str) -> str:
        """What readers call an unknown, a table, a deal, a move, a fact or a value of one.

        name  as questions and events have it: `talks`, `talks.truce`, `north.attack`, `front`,
              `front=far`

        Its label, with its name where something else has the same; the name with spaces where it
        has none.

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}, b: {}}
        ... state: {front: {values: [near, far], start: near, labels: {far: on the far bank}}}
        ... payoffs: {a: {gain: "1 if front == far else 0"}}
        ... tables:
        ...   river_talks:
        ...     label: Talks at the river
        ...     seats: [a, b]
        ...     deals: {cross: {set: {front: far}}, stay_put: {}}
        ...   first: {label: Talks, seats: [a, b], deals: {rest: {}}}
        ...   second: {label: Talks, seats: [a, b], deals: {rest: {}}}
        ... ''')
        >>> for name in ("river_talks", "river_talks.stay_put", "front", "front=far", "second"):
        ...     print(case.label_of(name))
        Talks at the river
        Talks at the river: stay put
        front
        front: on the far bank
        Talks (second)
        """
        return self._labels.get(name) or readable_name(name)

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        """What is called otherwise than its name with spaces, by name."""
        found: dict[str, str] = {}

        def put(name: str, item: DocumentedItem, within: str = "") -> None:
            own = name.rpartition(".")[2]
            if item.label is not None:
                own = item.label + "".join(own.partition("[")[1:])  # the member of a family
            if item.label is not None or within:
                found[name] = f"{within}: {readable_name(own)}" if within else own

        named: tuple[Mapping[str, DocumentedItem], ...] = (
            self.unknowns, self.state, self.promises, self.moves, self.chance, self.tables,
        )  # fmt: skip
        for items in named:
            for name, item in items.items():
                put(name, item)
        for name, variable in self.state.items():
            for value, label in variable.labels.items():
                found[f"{name}={value}"] = f"{found.get(name) or readable_name(name)}: {label}"
        for name, table in self.tables.items():
            for deal_name, deal in table.deals.items():
                if table.label is not None or deal.label is not None:
                    put(f"{name}.{deal_name}", deal, table.label or readable_name(name))
        plain = (readable_name(n) for items in named for n in items if n not in found)
        count = Counter((*found.values(), *plain))
        return {n: said if count[said] == 1 else f"{said} ({n})" for n, said in found.items()}

    @cached_property
    def families(self) -> Mapping[str, tuple[str, ...]]:
        """The members of each family of moves (`party.move`) and deals (`table.deal`).

        >>> from ceasefire.case import loads
        >>> case = loads('''
        ... ceasefire: 1
        ... horizon: 1
        ... parties: {a: {}}
        ... state: {pie: {values: 0..2, start: 0}}
        ... moves: {take: {by: a, for: {share: 0..2}, set: {pie: share}}}
        ... ''')
        >>> case.families
        {'a.take': ('a.take[0]', 'a.take[1]', 'a.take[2]')}
        """
        named = [(move.party, move.member) for move in self.moves.values()]
        for table, rules in self.tables.items():
            named += [(table, deal.member) for deal in rules.deals.values()]
        found: dict[str, tuple[str, ...]] = {}
        for owner, member in named:
            if member is not None:
                family = f"{owner}.{member.family}"
                found[family] = (*found.get(family, ()), f"{owner}.{member.name}")
        return FrozenMapping(found)

    def members_of(self, name: str) -> tuple[str, ...]:
        """The members of a family of moves or deals; the name itself if it names no family."""
        return self.families.get(name, (name,))

    @property
    def has_types(self) -> bool:
        """Whether any party has types, so that there are beliefs to keep track of."""
        return any(party.types for party in self.parties.values())

    @property
    def has_moments(self) -> bool:
        """Whether parties choose anywhere without seeing each other's choice."""
        return any(step.moment is not None for step in self.order)

    @property
    def best_estimates(self) -> dict[str, float]:
        """World 0: every unknown at its best estimate."""
        return {name: unknown.best for name, unknown in self.unknowns.items()}
