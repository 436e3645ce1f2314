"""The table at which a case is put together: problems, names, and expressions being bound."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from ceasefire.case.bind import bind
from ceasefire.case.document import Block, Items, Node, Scalar, place
from ceasefire.case.evaluate import evaluate
from ceasefire.case.expressions import Expression, Name, Number, walk
from ceasefire.case.frozen import Frozen
from ceasefire.case.model import Variable
from ceasefire.case.near import closest
from ceasefire.case.reading import Reading, listing, text_of
from ceasefire.case.scope import Scope
from ceasefire.case.written import Written, WrittenCase
from ceasefire.errors import ExpressionError

FAULTY = Expression("", Number(math.nan))


class Notes(TypedDict):
    """What may stand on anything."""

    about: str | None
    unit: str | None
    source: str | None


@dataclass
class Desk:
    """One case being resolved.

    scope    every name of the case and what it means
    best     unknown -> best estimate
    used     names that some expression reads
    types    party -> its two types, if it has any
    last     the last period of play, tail included
    """

    reading: Reading
    written: WrittenCase
    names: Mapping[str, str]
    scope: Scope = field(default_factory=Scope)
    best: dict[str, float] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    last: int = 0

    def expression(
        self,
        scalar: Scalar | None,
        scope: Scope,
        default: str = "0",
        target: Variable | None = None,
    ) -> Expression:
        """Bind what is written, or the default where nothing is; FAULTY if it cannot be bound."""
        if scalar is None:
            return bind(default, scope)
        path = self.reading.paths.get(id(scalar), "")
        if scalar.number is not None and not math.isfinite(scalar.number):
            self.reading.fault(scalar, "number is not finite", allowed="a finite number")
            return FAULTY
        try:
            bound = bind(text_of(scalar), scope, place(scalar, path), target)
        except ExpressionError as error:
            self.reading.enough()
            self.reading.problems.extend(error.problems)
            return FAULTY
        self.used |= {part.id for part in walk(bound.tree) if isinstance(part, Name)}
        return replace(bound, text=" ".join(bound.text.split()))

    def expressions(
        self, written: Mapping[str, Scalar | None] | None, scope: Scope
    ) -> Frozen[Expression]:
        """Bind each expression of a mapping."""
        return Frozen(
            {name: self.expression(scalar, scope) for name, scalar in (written or {}).items()}
        )

    def at_best(self, bound: Expression) -> float | None:
        """The value at best of what reads no state; None of what does, or is faulty."""
        if bound is FAULTY or not bound.names <= set(self.best):
            return None
        return float(evaluate(bound, self.best, self.scope.conditions, 1)[0])

    def within(
        self,
        bound: Expression,
        scalar: Scalar | None,
        allowed: str,
        low: float,
        high: float,
        *,
        open_low: bool = False,
        open_high: bool = False,
    ) -> None:
        """Report a value that is out of bounds already at best."""
        value = self.at_best(bound)
        if value is None or scalar is None:
            return
        fine = (low < value if open_low else low <= value) and (
            value < high if open_high else value <= high
        )
        if not fine:
            shown = f"{value:g}" if bound.constant else f"{value:g} at best"
            self.reading.fault(scalar, "is out of range", found=shown, allowed=allowed)

    def reference(self, scalar: Scalar | None, known: Iterable[str], what: str) -> str | None:
        """A name that must exist, or None after reporting that it does not."""
        if scalar is None:
            return None
        listed = list(known)
        if scalar.text in listed:
            return scalar.text
        actual = self.names.get(scalar.text)
        advice = closest(scalar.text, listed)
        if actual is not None and not advice:
            advice = f"{scalar.text} is {actual}"
        self.reading.fault(
            scalar, f"no such {what}", allowed=listing(listed) or "none is defined", advice=advice
        )
        return None

    def reference_key(self, block: Node, name: str, known: Iterable[str], what: str) -> bool:
        """Whether a key is a name that exists; reported if it is not."""
        listed = list(known)
        if name in listed:
            return True
        advice = closest(name, listed)
        if (actual := self.names.get(name)) is not None and not advice:
            advice = f"{name} is {actual}"
        at, path = head(block, name), self.reading.paths.get(id(block), "")
        self.reading.fault(
            at,
            f"no such {what}",
            found=name,
            allowed=listing(listed) or "none is defined",
            advice=advice,
            path=f"{path}.{name}",
        )
        return False

    def for_party(self, where: str, party: str | None) -> Scope:
        """State, unknowns, and `type` if the party has types, may be read."""
        types = self.types.get(party or "", ())
        return self.scope.reading(where, state=True, unknowns=True, types=types)

    def references(
        self, written: list[Scalar | None] | None, known: Iterable[str], what: str
    ) -> tuple[str, ...]:
        """A list of names that must exist and differ."""
        listed, found = list(known), dict[str, Scalar]()
        for scalar in written or []:
            name = self.reference(scalar, listed, what)
            if name is None or scalar is None:
                continue
            if name in found:
                self.reading.fault(scalar, f"{what} stands twice", advice="remove one of them")
            found[name] = scalar
        return tuple(found)

    def notes(self, item: Written) -> Notes:
        """What may stand on anything: about, unit, and a source that must exist."""
        source = self.reference(item.source, self.written.sources or {}, "source")
        return {"about": text(item.about), "unit": text(item.unit), "source": source}

    def during(
        self, written: list[Scalar | None] | None, at: Node, last: int
    ) -> tuple[int, int] | None:
        """The first and last period of availability; a warning where that is beyond the end."""
        if written is None or not isinstance(at, Items):
            return None
        if len(at.items) != 2:
            self.reading.fault(
                at, "must be two periods", found=f"{len(at.items)} values", allowed="[first, last]"
            )
            return None
        if len(written) != 2 or written[0] is None or written[1] is None:
            return None
        first, final = written[0].whole or 0, written[1].whole or 0
        if first < 0:
            self.reading.fault(written[0], "periods are numbered from 0", allowed="0 or more")
            return None
        if final < first:
            self.reading.fault(written[1], "ends before it begins", allowed=f"{first} or more")
            return None
        if final > last:
            self.reading.warn(written[1], f"`during` goes beyond the end of play, period {last}")
        return first, final


def text(scalar: Scalar | None) -> str | None:
    """The text of a scalar, or None."""
    return None if scalar is None else scalar.text


def head(block: Node, name: str) -> Node:
    """The key of an entry, or the mapping itself."""
    if isinstance(block, Block) and name in block.entries:
        return block.entries[name][0]
    return block
