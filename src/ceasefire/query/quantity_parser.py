"""Which quantity is asked for, with which options, and do the two go together?"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ceasefire.case import LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT, Coding
from ceasefire.case.model import Effects
from ceasefire.equilibrium import SELECTIONS
from ceasefire.query.ast import (
    Formula,
    GameModification,
    Quantity,
    StartOverrides,
    belief_terms_of_formula,
    format_refusal,
)
from ceasefire.query.formula_parser import (
    PASS_OPTION,
    FormulaParser,
    QuestionContext,
    bind_state_expression,
    format_name_list,
    suggest_nearest_name,
)

GAME_OPTION_NAMES: Final = (
    "start", "after", "without", "closed", "given", "sharper", "selection", "coding",
)  # fmt: skip
OPTIONS_BY_QUANTITY: Final = {
    "P": (*GAME_OPTION_NAMES, "types", "within", "provided"),
    "E": (*GAME_OPTION_NAMES, "types", "within", "at", "provided"),
    "time": (*GAME_OPTION_NAMES, "types", "within"),
    "value": (*GAME_OPTION_NAMES, "types", "by", "type"),
    "plays": (*GAME_OPTION_NAMES, "types"),
    "signs": (*GAME_OPTION_NAMES, "types"),
    "belief": (*GAME_OPTION_NAMES, "types", "by", "at", "provided", "within"),
    "can": ("start", "after", "without", "closed", "given", "coding", "within"),
    "kept": (*GAME_OPTION_NAMES, "types"),
    "least": GAME_OPTION_NAMES,
}


@dataclass(frozen=True)
class QuantityOptions:
    """The options of one quantity as read; `written_names` are those that were written."""

    written_names: frozenset[str] = frozenset()
    start: StartOverrides = ()
    without: frozenset[str] = frozenset()
    closed: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, float], ...] = ()
    sharper: float = 1.0
    selection: str | None = None
    coding: Coding = ()
    types: tuple[tuple[str, str], ...] = ()
    within: int | None = None
    at: int | None = None
    by: str | None = None
    type: str | None = None
    after: tuple[str, ...] = ()
    provided: Formula | None = None
    syntax_by_name: dict[str, ast.expr] = field(default_factory=dict, compare=False, repr=False)

    @property
    def modification(self) -> GameModification:
        """The game that these options ask about."""
        return GameModification(
            self.without, self.closed, self.given, self.sharper, self.selection, self.coding
        )

    def inheriting_from(self, outer: "QuantityOptions") -> "QuantityOptions":
        """These options inside `least(..., outer)`: what is named here goes first."""
        inherited = {
            n: getattr(outer, n)
            for n in GAME_OPTION_NAMES
            if n in outer.written_names - self.written_names
        }
        if "start" in self.written_names and "start" in outer.written_names:
            inherited["start"] = tuple({**dict(outer.start), **dict(self.start)}.items())
        if "coding" in self.written_names and "coding" in outer.written_names:
            inherited["coding"] = tuple(sorted({**dict(outer.coding), **dict(self.coding)}.items()))
        return replace(self, written_names=self.written_names | set(inherited), **inherited)


def read_quantity_options(
    reader: QuestionContext, call: ast.Call, quantity: str
) -> QuantityOptions:
    """Read the keywords of a quantity; faults go to the reader."""
    allowed = OPTIONS_BY_QUANTITY[quantity]
    every = dict.fromkeys(name for names in OPTIONS_BY_QUANTITY.values() for name in names)
    found: dict[str, object] = {}
    nodes: dict[str, ast.expr] = {}
    readers = _OptionReaders(reader)
    for keyword in call.keywords:
        name = keyword.arg or "**"
        if name not in every:
            help = suggest_nearest_name(name, allowed)
            reader.diagnostics.report(
                keyword, "is no option", allowed=format_name_list(allowed), help=help
            )
        elif name not in allowed:
            message = f"{name}= has no meaning for {quantity}(...)"
            help = MISPLACED_OPTION_ADVICE.get(name, "")
            reader.diagnostics.report(
                keyword, message, allowed=format_name_list(allowed), help=help
            )
        elif name in nodes:
            allowed_text, help = "each option once", f"write all that it sets in one {name}="
            reader.diagnostics.report(
                keyword, "option stands twice", allowed=allowed_text, help=help
            )
        else:
            nodes[name] = keyword.value
            value = readers.reader_by_option[name](keyword.value)
            if value is not None:
                found[name] = value
    return QuantityOptions(written_names=frozenset(found), syntax_by_name=nodes, **found)  # type: ignore[arg-type]


MISPLACED_OPTION_ADVICE: Final = {
    "within": "it says how many periods a formula looks at",
    "at": "to look at a later moment, ask P(at_end(...), within=n) or E(..., at=n)",
    "by": "only value and belief have a beholder",
    "type": "to count only plays with a type, write types={party: type}",
    "types": "leave it out",
    "provided": "only P, E and belief(..., at=n) can be made conditional",
    "sharper": "precision plays no part in it",
    "selection": "no equilibrium plays a part in it",
}


def context_of_quantity(reader: QuestionContext, call: ast.Call) -> QuestionContext:
    """What knows the names of the case under the coding that a quantity asks for.

    What is wrong with `coding=` is told when the options are read.
    """
    written = [keyword.value for keyword in call.keywords if keyword.arg == "coding"]
    if len(written) != 1 or not isinstance(written[0], ast.Dict):
        return reader
    alternatives, found = reader.case.alternatives, dict[str, str]()
    for key, value in zip(written[0].keys, written[0].values, strict=True):
        name = None if key is None else reader.dotted_name(key)
        option = reader.dotted_name(value)
        if name is None or option is None or name not in alternatives:
            continue
        if option in alternatives[name].options:
            found[name] = option
    return reader.for_coding(found)


def read_mapping_items(
    reader: QuestionContext, node: ast.expr, what: str
) -> list[tuple[ast.expr, ast.expr]]:
    """The items of `{name: value}`; a fault where it is none, or a name stands twice."""
    if not isinstance(node, ast.Dict) or None in node.keys:
        reader.diagnostics.report(node, "stands without braces", allowed=f"{{{what}}}")
        return []
    items = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
    names = [reader.dotted_name(key) for key, _ in items]
    for (key, _), name in zip(items, names, strict=True):
        if names.count(name) > 1:
            reader.diagnostics.report(key, "stands twice", allowed="each name once")
            return []
    return items


def read_start_overrides(reader: QuestionContext, node: ast.expr) -> StartOverrides:
    """The variables that `{variable: value}` sets, promises among them."""
    found = []
    for key, value in read_mapping_items(reader, node, "variable: value"):
        name = reader.read_name(key, reader.case.variables_and_promises, "variable or promise")
        known = reader.read_variable_value(value, name) if name is not None else None
        if name is not None and known is not None:
            found.append((name, known))
    start = dict(found)
    for promise, clock in reader.case.clocks.items():
        if promise in start and clock in start and start[promise] != (int(start[clock]) > 0):
            help = f"leave out {clock}, or {promise}: each says what the other is"
            reader.diagnostics.report(
                node, f"{promise} is in force where {clock} is above 0", help=help
            )
    return tuple(reader.case.with_clocks_set(start).items())


def read_choice_names(reader: QuestionContext, node: ast.expr) -> tuple[str, ...] | None:
    """What a list names, or the one thing that stands alone; None after a fault."""
    case = reader.case
    each = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    if not each:
        reader.diagnostics.report(
            node, "after= names nothing", allowed=f"{WHAT_IS_SEEN}, or a list of them"
        )
        return None
    outcomes = _outcomes_by_owner(reader)
    names = [
        _read_refusal(reader, e)
        if isinstance(e, ast.Call)
        else _read_choice_or_outcome(reader, e, outcomes)
        for e in each
    ]
    at_moments = {step.id for step in case.order if step.moment is not None}
    for each_node, name in zip(each, names, strict=True):
        if name is not None and name.split(".")[0] in at_moments:
            reader.diagnostics.report(
                each_node,
                "is chosen at one moment with others, and cannot be seen first yet",
                found=name,
                help="ask P(...) of what follows, or give the party a step of its own",
            )
            return None
    read = tuple(name for name in names if name is not None)
    return read if len(read) == len(names) else None


WHAT_IS_SEEN: Final = (
    "party.move, table.deal, an outcome of either or of a chance, refused(table.deal, by=party)"
)
OTHER_CALLS_IN_AFTER: Final = {
    "happens": "write what happens without happens(...)",
    "broken": "name the move that breaks the promise",
    "signed": "name the deal, which all have signed then; one party's no is "
    "refused(table.deal, by=party)",
}


def _outcomes_by_owner(reader: QuestionContext) -> dict[str, tuple[str, ...]]:
    """What may come of each chance, move and deal that has outcomes."""
    case = reader.case
    owners: dict[str, Effects] = {**case.chance, **case.moves}
    for table, rules in case.tables.items():
        owners |= {f"{table}.{name}": deal for name, deal in rules.deals.items()}
    return {key: owner.outcome_names for key, owner in owners.items()}


def _read_choice_or_outcome(
    reader: QuestionContext, node: ast.expr, outcomes: Mapping[str, tuple[str, ...]]
) -> str | None:
    """A move, pass, deal or outcome as it is written; None after a fault."""
    case, name = reader.case, reader.dotted_name(node) or ""
    known = [
        *case.moves,
        *(f"{actor}.{PASS_OPTION}" for actor in case.actors),
        *reader.deal_names,
        *(f"{key}.{one}" for key, names in outcomes.items() for one in names),
    ]
    owner = name if name in case.chance else name.rpartition(".")[0]
    if name not in known and owner in outcomes:
        named = format_name_list(f"{owner}.{one}" for one in outcomes[owner])
        message = "is no outcome of it" if owner != name else "happens by itself: name its outcome"
        help = "" if named else f"{owner} has no outcomes: ask P(...) of what follows"
        allowed = named or "something that has outcomes"
        reader.diagnostics.report(node, message, found=name, allowed=allowed, help=help)
        return None
    if name in case.families:
        allowed, help = format_name_list(case.members_of(name)), "one of them is chosen: name it"
        reader.diagnostics.report(node, "is a family", found=name, allowed=allowed, help=help)
        return None
    return reader.read_name(node, known, "choice or outcome that can be seen")


def _read_refusal(reader: QuestionContext, node: ast.Call) -> str | None:
    """`refused(table.deal, by=party)` as it is written everywhere; None after a fault."""
    by = [keyword.value for keyword in node.keywords if keyword.arg == "by"]
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    if called != "refused" or len(node.args) != 1 or len(by) != 1 or len(node.keywords) != 1:
        help = OTHER_CALLS_IN_AFTER.get(called, "")
        reader.diagnostics.report(node, "is nothing that is seen", allowed=WHAT_IS_SEEN, help=help)
        return None
    deal = reader.read_name(node.args[0], reader.deal_names, "table.deal")
    if deal is None:
        return None
    seats = reader.case.tables[deal.split(".")[0]].seats
    party = reader.read_name(by[0], seats, f"seat where {deal} is made")
    return None if party is None else format_refusal(deal, party)


class _OptionReaders:
    """One way of reading for each option."""

    def __init__(self, reader: QuestionContext) -> None:
        self.reader = reader
        self.reader_by_option: dict[str, Callable[[ast.expr], object]] = {
            "start": lambda node: read_start_overrides(reader, node),
            "without": self.without,
            "closed": self.closed,
            "given": self.given,
            "sharper": self.sharper,
            "selection": lambda node: reader.read_name(node, SELECTIONS, "selection"),
            "coding": self.coding,
            "types": self.types,
            "within": lambda node: self.periods(node, "within="),
            "at": lambda node: self.periods(node, "at="),
            "by": lambda node: reader.read_party(node, "beholder", ("analyst",)),
            "type": reader.dotted_name,
            "after": lambda node: read_choice_names(reader, node),
            "provided": FormulaParser(reader).parse_formula,
        }

    def periods(self, node: ast.expr, what: str) -> int | None:
        return self.reader.read_integer(node, what, 0, self.reader.case.horizon)

    def without(self, node: ast.expr) -> frozenset[str]:
        case = self.reader.case
        known = [
            *case.tables, *case.families, *self.reader.deal_names, *case.moves, *case.chance,
        ]  # fmt: skip
        each = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
        what = "table, table.deal, party.move or chance"
        names = [self.reader.read_name(e, known, what) for e in each]
        return frozenset(one for name in names if name for one in case.members_of(name))

    def closed(self, node: ast.expr) -> tuple[tuple[str, int], ...]:
        case, found = self.reader.case, {}
        for key, value in read_mapping_items(self.reader, node, "table: periods"):
            name = self.reader.read_name(key, case.tables, "table")
            periods = self.reader.read_integer(value, "periods", 0, case.horizon + case.tail)
            if name is not None and periods is not None:
                found[name] = periods
        return tuple(sorted(found.items()))

    def given(self, node: ast.expr) -> tuple[tuple[str, float], ...]:
        found = {}
        for key, value in read_mapping_items(self.reader, node, "unknown: number"):
            name = self.reader.read_name(key, self.reader.case.unknowns, "unknown")
            number = self.reader.read_number(value, "the value of an unknown")
            if name is not None and number is not None:
                found[name] = number
        return tuple(sorted(found.items()))

    def coding(self, node: ast.expr) -> Coding:
        alternatives, found = self.reader.case.alternatives, {}
        for key, value in read_mapping_items(self.reader, node, "alternative: option"):
            name = self.reader.read_name(key, alternatives, "alternative")
            if name is not None:
                options = tuple(alternatives[name].options)
                option = self.reader.read_name(value, options, f"option of {name}")
                if option is not None:
                    found[name] = option
        return tuple(sorted(found.items()))

    def sharper(self, node: ast.expr) -> float | None:
        number = self.reader.read_number(node, "sharper=")
        if number is not None and not 0 < number <= LARGEST_MAGNITUDE:
            help = "2 makes every party twice as precise"
            self.reader.diagnostics.report(
                node, "sharper= cannot be this", allowed=POSITIVE_RANGE_TEXT, help=help
            )
            return None
        return number

    def types(self, node: ast.expr) -> tuple[tuple[str, str], ...]:
        case, found = self.reader.case, {}
        hidden = [name for name, party in case.parties.items() if party.types]
        for key, value in read_mapping_items(self.reader, node, "party: type"):
            name = self.reader.read_name(key, hidden, "party with types")
            if name is None:
                continue
            kind = self.reader.read_name(value, tuple(case.parties[name].types), f"type of {name}")
            if kind is not None:
                found[name] = kind
        return tuple(sorted(found.items()))


QUANTITY_SYNTAX: Final = {
    "P": "P(formula)",
    "E": "E(expression)",
    "time": "time(condition or event)",
    "value": "value(party)",
    "plays": "plays(party.move) or plays(table.deal)",
    "signs": "signs(party, table.deal)",
    "belief": "belief(party.type)",
    "can": "can([party, ...], formula)",
    "kept": "kept(promise, n)",
}


class QuantityParser:
    """Reads what stands in the brackets of one quantity, its options having been read."""

    def __init__(self, reader: QuestionContext, options: QuantityOptions, call: ast.Call) -> None:
        self.reader = reader
        self.options = options
        self.call = call
        self.parser_by_kind: Final[dict[str, Callable[[ast.Call], Quantity | None]]] = {
            "P": self._probability,
            "E": self._expectation,
            "time": self._time,
            "value": self._value,
            "plays": self._plays,
            "signs": self._signs,
            "belief": self._belief,
            "can": self._can,
            "kept": self._kept,
        }

    def parse(self, call: ast.Call, name: str) -> Quantity | None:
        """The quantity, or None after a fault."""
        wanted = 2 if name in ("signs", "can", "kept") else 1
        if len(call.args) != wanted or any(isinstance(a, ast.Starred) for a in call.args):
            self.reader.diagnostics.report(
                call, f"{name} is written otherwise", allowed=QUANTITY_SYNTAX[name]
            )
            return None
        faults = len(self.reader.diagnostics.problems)
        provided = self.options.provided
        if name != "P" and provided is not None and belief_terms_of_formula(provided):
            help = "name a state or an event"
            self._fault_option(
                "provided", "believes(...) in provided= conditions P only", help=help
            )
        found = self.parser_by_kind[name](call)
        return found if len(self.reader.diagnostics.problems) == faults else None

    def _make_quantity(self, call: ast.Call, kind: str, **more: object) -> Quantity:
        options = self.options
        return Quantity(
            text=self.reader.text_of(call),
            kind=kind,
            modification=options.modification,
            start=tuple(sorted(options.start)),
            after=options.after,
            types=options.types,
            **more,  # type: ignore[arg-type]
        )

    def _fault_option(self, option: str, message: str, **more: str) -> None:
        self.reader.diagnostics.report(
            self.options.syntax_by_name.get(option, self.call), message, **more
        )

    def _probability(self, call: ast.Call) -> Quantity | None:
        formula = FormulaParser(self.reader).parse_formula(call.args[0])
        options = self.options
        return self._make_quantity(
            call, "P", formula=formula, provided=options.provided, periods=options.within
        )

    def _expectation(self, call: ast.Call) -> Quantity | None:
        expression = bind_state_expression(self.reader, call.args[0])
        options = self.options
        if options.at is not None and options.within is not None and options.at > options.within:
            self._fault_option("at", "at= lies after within=", allowed=f"0 to {options.within}")
        return self._make_quantity(
            call,
            "E",
            expression=expression,
            provided=options.provided,
            periods=options.within,
            after_periods=options.at,
        )

    def _time(self, call: ast.Call) -> Quantity | None:
        condition = FormulaParser(self.reader).parse_condition(call.args[0], "time")
        return self._make_quantity(call, "time", condition=condition, periods=self.options.within)

    def _value(self, call: ast.Call) -> Quantity | None:
        reader, options = self.reader, self.options
        party = reader.read_party(call.args[0])
        if options.by is not None and options.by != "analyst":
            self._fault_option(
                "by", "value(...) is by the party itself, or by=analyst", allowed="analyst"
            )
        if options.types and options.by != "analyst":
            help = "write type= for the party's own type, or by=analyst to count plays"
            self._fault_option("types", "a party values the game by its own beliefs", help=help)
        if party is None:
            return None
        known = reader.case.types_known_to(party)
        if options.type is not None and options.type not in known:
            reader.read_name(options.syntax_by_name["type"], tuple(known), f"type of {party}")
        told_of = reader.case.party_known_to(party)
        counted = dict(options.types).get(told_of, options.type)
        if options.type is not None and counted != options.type:
            self._fault_option("types", f"type= already says which type {told_of} is")
        return self._make_quantity(
            call, "value", party=party, type=options.type, observer=options.by
        )

    def _read_choice_name(self, node: ast.expr) -> str | None:
        case = self.reader.case
        passes = [f"{actor}.{PASS_OPTION}" for actor in case.actors]
        known = [*case.families, *case.moves, *passes, *self.reader.deal_names]
        return self.reader.read_name(node, known, "party.move or table.deal")

    def _plays(self, call: ast.Call) -> Quantity | None:
        subject = self._read_choice_name(call.args[0])
        return None if subject is None else self._make_quantity(call, "plays", subject=subject)

    def _signs(self, call: ast.Call) -> Quantity | None:
        reader = self.reader
        party = reader.read_name(call.args[0], reader.case.actors, "party")
        families = [one for one in reader.case.families if one.split(".")[0] in reader.case.tables]
        deal = reader.read_name(call.args[1], [*families, *reader.deal_names], "table.deal")
        if party is None or deal is None:
            return None
        seats = reader.case.tables[deal.split(".")[0]].seats
        if party not in seats:
            allowed = "a seat of the table: " + ", ".join(seats)
            reader.diagnostics.report(
                call.args[0], f"has no seat where {deal} is made", allowed=allowed
            )
            return None
        return self._make_quantity(call, "signs", party=party, subject=deal)

    def _belief(self, call: ast.Call) -> Quantity | None:
        options, known = self.options, self.reader.read_party_type(call.args[0])
        if "at" not in options.syntax_by_name:
            for option in ("provided", "within"):
                if option in options.syntax_by_name:
                    help = "write at=n, with provided=formula"
                    self._fault_option(option, f"{option}= needs at=", help=help)
            if not options.after and "after" not in options.syntax_by_name:
                for option in ("start", "without", "closed", "sharper", "selection", "types"):
                    if option in options.syntax_by_name:
                        help = "write after= or at=: before play a belief is the prior"
                        self._fault_option(
                            option, f"{option}= has no meaning for a prior", help=help
                        )
        elif "within" in options.syntax_by_name and "provided" not in options.syntax_by_name:
            help = "at=n says when the belief is held"
            self._fault_option("within", "within= needs provided=", help=help)
        if options.at is not None and options.within is not None and options.at > options.within:
            self._fault_option("at", "at= lies after within=", allowed=f"0 to {options.within}")
        if known is None:
            return None
        party, kind = known
        if options.by is not None and self.reader.knows_type(options.by, party):
            own = "its own type" if options.by == party else f"the type of {party}"
            allowed = "another party, or analyst"
            self._fault_option("by", f"{options.by} knows {own}", allowed=allowed)
        return self._make_quantity(
            call,
            "belief",
            party=party,
            type=kind,
            observer=options.by or "analyst",
            after_periods=options.at,
            provided=options.provided,
            periods=options.within,
        )

    def _can(self, call: ast.Call) -> Quantity | None:
        node, reader = call.args[0], self.reader
        each = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        members = [reader.read_party(member) for member in each]
        clauses = FormulaParser(
            reader, allow_beliefs=False, beliefs_advice="in can(...) types and beliefs play no part"
        )
        formula = clauses.parse_formula(call.args[1])
        if reader.case.has_moments:
            reader.diagnostics.report(
                call,
                "what a coalition secures is not worked out where parties choose at one moment yet",
                help="give each of these parties a step of its own in `order`",
            )
            return None
        named = [member for member in members if member is not None]
        for member in dict.fromkeys(named):
            if named.count(member) > 1:
                reader.diagnostics.report(node, f"{member} stands twice", allowed="each party once")
        return self._make_quantity(
            call, "can", coalition=tuple(named), formula=formula, periods=self.options.within
        )

    def _kept(self, call: ast.Call) -> Quantity | None:
        reader = self.reader
        promise = reader.read_name(call.args[0], reader.case.promises, "promise")
        periods = reader.read_integer(call.args[1], "n", 0, reader.case.horizon)
        if promise is None or periods is None:
            return None
        if self.options.after:
            return self._make_quantity(call, "kept", subject=promise, periods=periods)
        start = dict(self.options.start)
        clock = reader.case.clocks.get(promise)
        if start.get(promise) is False or (clock is not None and start.get(clock) == 0):
            help = f"leave {promise} out of start=: kept(...) puts it in force"
            self._fault_option("start", f"kept({promise}, ...) has the promise in force", help=help)
        made = self._make_quantity(call, "kept", subject=promise, periods=periods)
        for name, value in reader.case.with_clocks_set({promise: True, **start}).items():
            made = made.with_start_value(name, value=value)
        return made
