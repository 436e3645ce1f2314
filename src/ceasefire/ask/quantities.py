"""Reads one quantity with its options, and checks that the two go together."""

import ast
from collections.abc import Callable
from typing import Final

from ceasefire.ask.binding import bind_state
from ceasefire.ask.clauses import Clauses
from ceasefire.ask.options import Options
from ceasefire.ask.question import Quantity, beliefs
from ceasefire.ask.reader import PASS, Reader

SHAPES: Final = {
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


class QuantityReader:
    """Reads what stands in the brackets of one quantity, its options having been read."""

    def __init__(self, reader: Reader, options: Options, call: ast.Call) -> None:
        self.reader = reader
        self.options = options
        self.call = call
        self.by_name: Final[dict[str, Callable[[ast.Call], Quantity | None]]] = {
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

    def quantity(self, call: ast.Call, name: str) -> Quantity | None:
        """The quantity, or None after a fault."""
        wanted = 2 if name in ("signs", "can", "kept") else 1
        if len(call.args) != wanted or any(isinstance(a, ast.Starred) for a in call.args):
            self.reader.fault(call, f"{name} is written otherwise", allowed=SHAPES[name])
            return None
        faults = len(self.reader.problems)
        provided = self.options.provided
        if name != "P" and provided is not None and beliefs(provided):
            way = "name a state or an event"
            self._fault("provided", "believes(...) in provided= conditions P only", way=way)
        found = self.by_name[name](call)
        return found if len(self.reader.problems) == faults else None

    def _made(self, call: ast.Call, kind: str, **more: object) -> Quantity:
        options = self.options
        return Quantity(
            text=self.reader.written(call),
            kind=kind,
            variant=options.variant,
            start=tuple(sorted(options.start)),
            types=options.types,
            **more,  # type: ignore[arg-type]
        )

    def _fault(self, option: str, message: str, **more: str) -> None:
        self.reader.fault(self.options.nodes.get(option, self.call), message, **more)

    def _probability(self, call: ast.Call) -> Quantity | None:
        formula = Clauses(self.reader).formula(call.args[0])
        options = self.options
        return self._made(
            call, "P", formula=formula, provided=options.provided, periods=options.within
        )

    def _expectation(self, call: ast.Call) -> Quantity | None:
        expression = bind_state(self.reader, call.args[0])
        options = self.options
        if options.at is not None and options.within is not None and options.at > options.within:
            self._fault("at", "at= lies after within=", allowed=f"0 to {options.within}")
        return self._made(
            call,
            "E",
            expression=expression,
            provided=options.provided,
            periods=options.within,
            at=options.at,
        )

    def _time(self, call: ast.Call) -> Quantity | None:
        condition = Clauses(self.reader).condition(call.args[0], "time")
        return self._made(call, "time", condition=condition, periods=self.options.within)

    def _value(self, call: ast.Call) -> Quantity | None:
        reader, options = self.reader, self.options
        party = reader.party(call.args[0])
        if options.by is not None and options.by != "analyst":
            self._fault("by", "value(...) is by the party itself, or by=analyst", allowed="analyst")
        if options.types and options.by != "analyst":
            way = "write type= for the party's own type, or by=analyst to count plays"
            self._fault("types", "a party values the game by its own beliefs", way=way)
        if party is None:
            return None
        known = reader.case.parties[party].types
        if options.type is not None and options.type not in known:
            reader.one_of(options.nodes["type"], tuple(known), f"type of {party}")
        counted = dict(options.types).get(party, options.type)
        if options.type is not None and counted != options.type:
            self._fault("types", f"type= already says which type {party} is")
        return self._made(call, "value", party=party, type=options.type, observer=options.by)

    def _choice(self, node: ast.expr) -> str | None:
        case = self.reader.case
        moves = [*case.moves, *(f"{party}.{PASS}" for party in case.parties)]
        return self.reader.one_of(node, [*moves, *self.reader.deals], "party.move or table.deal")

    def _plays(self, call: ast.Call) -> Quantity | None:
        subject = self._choice(call.args[0])
        return None if subject is None else self._made(call, "plays", subject=subject)

    def _signs(self, call: ast.Call) -> Quantity | None:
        reader = self.reader
        party = reader.party(call.args[0])
        deal = reader.one_of(call.args[1], reader.deals, "table.deal")
        if party is None or deal is None:
            return None
        seats = reader.case.tables[deal.split(".")[0]].seats
        if party not in seats:
            allowed = "a seat of the table: " + ", ".join(seats)
            reader.fault(call.args[0], f"has no seat where {deal} is made", allowed=allowed)
            return None
        return self._made(call, "signs", party=party, subject=deal)

    def _belief(self, call: ast.Call) -> Quantity | None:
        options, known = self.options, self.reader.party_type(call.args[0])
        if "after" in options.nodes and "at" in options.nodes:
            way = "after= starts from the prior; at= from play as a whole"
            self._fault("after", "after= and at= exclude each other", way=way)
        if "at" not in options.nodes:
            for option in ("provided", "within"):
                if option in options.nodes:
                    way = "write at=n, with provided=formula"
                    self._fault(option, f"{option}= needs at=", way=way)
            if "after" not in options.nodes:
                for option in ("start", "without", "closed", "sharper", "types"):
                    if option in options.nodes:
                        way = "write after= or at=: before play a belief is the prior"
                        self._fault(option, f"{option}= has no meaning for a prior", way=way)
        elif "within" in options.nodes and "provided" not in options.nodes:
            way = "at=n says when the belief is held"
            self._fault("within", "within= needs provided=", way=way)
        if options.at is not None and options.within is not None and options.at > options.within:
            self._fault("at", "at= lies after within=", allowed=f"0 to {options.within}")
        if known is None:
            return None
        party, kind = known
        if options.by == party:
            allowed = "another party, or analyst"
            self._fault("by", f"{party} knows its own type", allowed=allowed)
        return self._made(
            call,
            "belief",
            party=party,
            type=kind,
            observer=options.by or "analyst",
            at=options.at,
            after=options.after,
            provided=options.provided,
            periods=options.within,
        )

    def _can(self, call: ast.Call) -> Quantity | None:
        node, reader = call.args[0], self.reader
        each = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        members = [reader.party(member) for member in each]
        clauses = Clauses(
            reader, believing=False, why_not="in can(...) types and beliefs play no part"
        )
        formula = clauses.formula(call.args[1])
        named = [member for member in members if member is not None]
        for member in dict.fromkeys(named):
            if named.count(member) > 1:
                reader.fault(node, f"{member} stands twice", allowed="each party once")
        return self._made(
            call, "can", coalition=tuple(named), formula=formula, periods=self.options.within
        )

    def _kept(self, call: ast.Call) -> Quantity | None:
        reader = self.reader
        promise = reader.one_of(call.args[0], reader.case.promises, "promise")
        periods = reader.whole(call.args[1], "n", 0, reader.case.horizon)
        if promise is None or periods is None:
            return None
        if dict(self.options.start).get(promise) is False:
            way = f"leave {promise} out of start=: kept(...) puts it in force"
            self._fault("start", f"kept({promise}, ...) has the promise in force", way=way)
        made = self._made(call, "kept", subject=promise, periods=periods)
        return made.at_state(promise, value=True)
