"""What do all parts of a case share while it is resolved? Problems, names and expressions."""

import keyword
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from ceasefire.case.expression_binding import NameScope, bind_expression
from ceasefire.case.expressions import (
    EXPRESSION_FUNCTIONS,
    Expression,
    NameReference,
    NumberLiteral,
    evaluate,
    walk_expression,
)
from ceasefire.case.file_schema import WrittenCase, WrittenMapping
from ceasefire.case.model import EMPTY_MAPPING, FrozenMapping, Variable, clock_name
from ceasefire.case.yaml_nodes import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    expression_text,
    order_of_writing,
)
from ceasefire.diagnostics import Diagnostics, join_names, suggest_closest_name
from ceasefire.errors import ExpressionError

QUANTITY_NAMES = ("P", "E", "time", "value", "plays", "signs", "belief", "can", "kept", "least")
FORMULA_NAMES = (
    "eventually",
    "always",
    "at_end",
    "until",
    "before",
    "lasting",
    "happens",
    "broken",
    "believes",
)
RESERVED_NAMES = frozenset(
    (
        *keyword.kwlist,
        *EXPRESSION_FUNCTIONS,
        *QUANTITY_NAMES,
        *FORMULA_NAMES,
        "type",
        "pass",
        "any",
        "true",
        "false",
    )
)
_SEPARATE_NAMESPACES = (
    ("experts", "an expert"),
    ("alternatives", "an alternative"),
    ("claims", "a claim"),
    ("levers", "a lever"),
    ("forecasts", "a forecast"),
    ("sources", "a source"),
)
_SHARED_NAMESPACE = {
    "parties": "a party",
    "roles": "a role",
    "state": "a variable",
    "unknowns": "an unknown",
    "conditions": "a condition",
    "promises": "a promise",
    "tables": "a table",
    "chance": "a chance",
}


def check_name(
    diagnostics: Diagnostics[YamlNode], name: str, node: YamlNode, kind_text: str
) -> bool:
    """Report a name that is no ASCII identifier or is taken by the language."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        help = ""
        if "," in name or "(" in name or ")" in name:
            help = "if this is part of an expression, quote the whole expression"
        elif ":" in name:
            help = "YAML wants a space after the colon"
        elif (better := re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")).isidentifier():
            help = f"write {better}"
        allowed = "ASCII letters, digits and _, not beginning with a digit"
        diagnostics.report(
            node,
            f"{kind_text} needs a plain name",
            found=name or "an empty name",
            allowed=allowed,
            help=help,
        )
        return False
    if name in RESERVED_NAMES:
        diagnostics.report(
            node,
            f"{kind_text} {RESERVED_NAME_MESSAGE}",
            found=name,
            help=f"write {name}_ or another name",
        )
        return False
    return True


RESERVED_NAME_MESSAGE = "cannot have a name that the language uses"


def check_case_names(diagnostics: Diagnostics[YamlNode], case: WrittenCase) -> dict[str, str]:
    """Check every name of the case; give each name of the common space with what it is."""
    taken: dict[str, tuple[str, YamlNode]] = {}
    at: YamlNode
    for section, what in _SHARED_NAMESPACE.items():
        for name, head in section_keys(case, section):
            if not check_name(diagnostics, name, head, what):
                continue
            if what in ("a party", "a role") and name == "analyst":
                diagnostics.report(
                    head, f"the analyst cannot be {what}", found=name, help="write another name"
                )
            _register_name(diagnostics, taken, name, what, head)
    for promise, head in section_keys(case, "promises"):
        written = (case.promises or {}).get(promise)
        if written is not None and "owes" in getattr(written.node, "entries", ()):
            _register_name(diagnostics, taken, clock_name(promise), "the clock of a promise", head)
    for section, what in _SEPARATE_NAMESPACES:
        for name, head in section_keys(case, section):
            check_name(diagnostics, name, head, what)
    for terms in _inner_mappings(case.value_node("payoffs"), case):
        for name, (head, _) in terms.entries.items():
            check_name(diagnostics, name, head, "a payoff term")
    for word, at, what in _word_and_type_names(diagnostics, case):
        if word in taken:
            _report_name_clash(diagnostics, word, (what, at), taken[word])
    return {name: what for name, (what, _) in taken.items()}


def section_keys(case: WrittenCase, section: str) -> Iterable[tuple[str, YamlScalar]]:
    """The names of a section with their keys."""
    block = case.value_node(section)
    if isinstance(block, YamlMapping) and block is not case.node:
        for name, (head, _) in block.entries.items():
            yield name, head


def _inner_mappings(block: YamlNode, case: WrittenCase) -> Iterable[YamlMapping]:
    if isinstance(block, YamlMapping) and block is not case.node:
        yield from (inner for _, inner in block.entries.values() if isinstance(inner, YamlMapping))


def _register_name(
    diagnostics: Diagnostics[YamlNode],
    taken: dict[str, tuple[str, YamlNode]],
    name: str,
    kind_text: str,
    key: YamlNode,
) -> None:
    if name in taken:
        _report_name_clash(diagnostics, name, (kind_text, key), taken[name])
    else:
        taken[name] = (kind_text, key)


def _report_name_clash(
    diagnostics: Diagnostics[YamlNode],
    name: str,
    one: tuple[str, YamlNode],
    two: tuple[str, YamlNode],
) -> None:
    first, later = sorted((one, two), key=lambda use: order_of_writing(diagnostics, use[1]))
    line = first[1].file_text.position_at(first[1].start)[0]
    diagnostics.report(
        later[1],
        f"{later[0]} has the name of {first[0]}",
        found=f"{name}, also on line {line}",
        help="write another name for one of them",
    )


def _word_and_type_names(
    diagnostics: Diagnostics[YamlNode], case: WrittenCase
) -> Iterable[tuple[str, YamlNode, str]]:
    for variable in (case.state or {}).values():
        for word in variable.word_values():
            if word.boolean is None and check_name(diagnostics, word.text, word, "a value"):
                yield word.text, word, "a value"
    for party in (case.parties or {}).values():
        block = party.value_node("types")
        if isinstance(block, YamlMapping) and block is not party.node:
            for name, (head, _) in block.entries.items():
                if check_name(diagnostics, name, head, "a type"):
                    yield name, head, "a type"


FAULTY_EXPRESSION = Expression("", NumberLiteral(math.nan))


class DocumentationFields(TypedDict):
    """What may stand on anything."""

    label: str | None
    about: str | None
    unit: str | None
    source: str | None


@dataclass
class ResolutionContext:
    """One case being resolved.

    scope           every name of the case and what it means
    best_estimates  unknown -> best estimate
    names_used      names that some expression reads
    types_by_party  party -> its types, if it has any
    last_period     the last period of play, tail included
    """

    diagnostics: Diagnostics[YamlNode]
    written: WrittenCase
    shared_names: Mapping[str, str]
    scope: NameScope = field(default_factory=NameScope)
    best_estimates: dict[str, float] = field(default_factory=dict)
    names_used: set[str] = field(default_factory=set)
    types_by_party: dict[str, tuple[str, ...]] = field(default_factory=dict)
    last_period: int = 0

    @property
    def actors(self) -> tuple[str, ...]:
        """Whoever may act: the parties, then the roles."""
        return (*(self.written.parties or {}), *(self.written.roles or {}))

    def bind_expression(
        self,
        scalar: YamlScalar | None,
        scope: NameScope,
        default: str = "0",
        target: Variable | None = None,
    ) -> Expression:
        """Bind what is written, or the default where nothing is; FAULTY if it cannot be bound."""
        if scalar is None:
            return bind_expression(default, scope)
        if scalar.number is not None and not math.isfinite(scalar.number):
            self.diagnostics.report(scalar, "number is not finite", allowed="a finite number")
            return FAULTY_EXPRESSION
        try:
            bound = bind_expression(
                expression_text(scalar), scope, self.diagnostics.locate(scalar), target
            )
        except ExpressionError as error:
            self.diagnostics.extend(error.problems)
            return FAULTY_EXPRESSION
        self.names_used |= {
            part.id for part in walk_expression(bound.tree) if isinstance(part, NameReference)
        }
        return replace(bound, text=" ".join(bound.text.split()))

    def bind_expressions(
        self, written: Mapping[str, YamlScalar | None] | None, scope: NameScope
    ) -> FrozenMapping[Expression]:
        """Bind each expression of a mapping."""
        return FrozenMapping(
            {name: self.bind_expression(scalar, scope) for name, scalar in (written or {}).items()}
        )

    def value_at_best(self, bound: Expression) -> float | None:
        """The value at best of what reads no state; None of what does, or is faulty."""
        if bound is FAULTY_EXPRESSION or not bound.names_read <= set(self.best_estimates):
            return None
        return float(evaluate(bound, self.best_estimates, self.scope.conditions, 1)[0])

    def check_range(
        self,
        bound: Expression,
        scalar: YamlScalar | None,
        allowed: str,
        low: float,
        high: float,
        *,
        open_low: bool = False,
        open_high: bool = False,
    ) -> None:
        """Report a value that is out of bounds already at best."""
        value = self.value_at_best(bound)
        if value is None or scalar is None:
            return
        fine = (low < value if open_low else low <= value) and (
            value < high if open_high else value <= high
        )
        if not fine:
            shown = f"{value:g}" if bound.is_constant else f"{value:g} at best"
            self.diagnostics.report(scalar, "is out of range", found=shown, allowed=allowed)

    def resolve_reference(
        self, scalar: YamlScalar | None, known: Iterable[str], kind_text: str
    ) -> str | None:
        """A name that must exist, or None after reporting that it does not."""
        if scalar is None:
            return None
        listed = list(known)
        if scalar.text in listed:
            return scalar.text
        actual = self.shared_names.get(scalar.text)
        help = suggest_closest_name(scalar.text, listed)
        if actual is not None and not help:
            help = f"{scalar.text} is {actual}"
        if kind_text in ("party", "seat") and re.search(r"\bif\b.+\belse\b", scalar.text):
            help = "give it a name under `roles`, which may read the state, and write that name"
        self.diagnostics.report(
            scalar,
            f"no such {kind_text}",
            allowed=join_names(listed) or "none is defined",
            help=help,
        )
        return None

    def check_key(
        self, block: YamlNode, name: str, known: Iterable[str], kind_text: str, way_out: str = ""
    ) -> bool:
        """Whether a key is a name that exists; reported if it is not.

        way_out  what helps where no name that exists is close
        """
        listed = list(known)
        if name in listed:
            return True
        help = suggest_closest_name(name, listed)
        if (actual := self.shared_names.get(name)) is not None and not help:
            help = f"{name} is {actual}"
        self.diagnostics.report(
            key_node(block, name),
            f"no such {kind_text}",
            found=name,
            allowed=join_names(listed) or "none is defined",
            help=help or way_out,
        )
        return False

    def party_scope(
        self, place_text: str, party: str | None, *, of_others: bool = False
    ) -> NameScope:
        """State, unknowns, and `type` if the party has types, may be read.

        of_others   whether the types of other parties may be read, too
        """
        types = self.types_by_party.get(party or "", ())
        return self.scope.for_place(
            place_text,
            state_allowed=True,
            unknowns_allowed=True,
            types=types,
            types_by_party=self.types_by_party if of_others else EMPTY_MAPPING,
        )

    def resolve_references(
        self, written: list[YamlScalar | None] | None, known: Iterable[str], kind_text: str
    ) -> tuple[str, ...]:
        """A list of names that must exist and differ."""
        listed, found = list(known), dict[str, YamlScalar]()
        for scalar in written or []:
            name = self.resolve_reference(scalar, listed, kind_text)
            if name is None or scalar is None:
                continue
            if name in found:
                self.diagnostics.report(
                    scalar, f"{kind_text} stands twice", help="remove one of them"
                )
            found[name] = scalar
        return tuple(found)

    def documentation(self, item: WrittenMapping) -> DocumentationFields:
        """What may stand on anything: label, about, unit, and a source that must exist."""
        source = self.resolve_reference(item.source, self.written.sources or {}, "source")
        return {
            "label": scalar_text(item.label),
            "about": scalar_text(item.about),
            "unit": scalar_text(item.unit),
            "source": source,
        }

    def resolve_period_range(
        self, written: list[YamlScalar | None] | None, node: YamlNode, last_period: int
    ) -> tuple[int, int] | None:
        """The first and last period of availability; a warning where that is beyond the end."""
        if written is None or not isinstance(node, YamlSequence):
            return None
        if len(node.items) != 2:
            self.diagnostics.report(
                node,
                "must be two periods",
                found=f"{len(node.items)} values",
                allowed="[first, last]",
            )
            return None
        if len(written) != 2 or written[0] is None or written[1] is None:
            return None
        first, final = written[0].integer or 0, written[1].integer or 0
        if first < 0:
            self.diagnostics.report(written[0], "periods are numbered from 0", allowed="0 or more")
            return None
        if final < first:
            self.diagnostics.report(written[1], "ends before it begins", allowed=f"{first} or more")
            return None
        if final > last_period:
            self.diagnostics.warn(
                written[1], f"`during` goes beyond the end of play, period {last_period}"
            )
        return first, final


def scalar_text(scalar: YamlScalar | None) -> str | None:
    """The text of a scalar, or None."""
    return None if scalar is None else scalar.text


def key_node(block: YamlNode, name: str) -> YamlNode:
    """The key of an entry, or the mapping itself."""
    if isinstance(block, YamlMapping) and name in block.entries:
        return block.entries[name][0]
    return block
