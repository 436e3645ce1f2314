"""Which names a case may use, and that no two things share one."""

import keyword
import re
from collections.abc import Iterable

from ceasefire.case.document import Block, Node, Scalar
from ceasefire.case.expressions import FUNCTIONS
from ceasefire.case.reading import Reading
from ceasefire.case.written import WrittenCase

QUANTITIES = ("P", "E", "time", "value", "plays", "signs", "belief", "can", "kept", "least")
FORMULAS = (
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
RESERVED = frozenset(
    (*keyword.kwlist, *FUNCTIONS, *QUANTITIES, *FORMULAS, "type", "pass", "any", "true", "false")
)
_APART = (("claims", "a claim"), ("forecasts", "a forecast"), ("sources", "a source"))
_SPACE = {
    "parties": "a party",
    "state": "a variable",
    "unknowns": "an unknown",
    "conditions": "a condition",
    "promises": "a promise",
    "tables": "a table",
    "chance": "a chance",
}


def check_name(reading: Reading, name: str, at: Node, what: str) -> bool:
    """Report a name that is no ASCII identifier or is taken by the language."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        advice = ""
        if "," in name or "(" in name or ")" in name:
            advice = "if this is part of an expression, quote the whole expression"
        elif ":" in name:
            advice = "YAML wants a space after the colon"
        elif (better := re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")).isidentifier():
            advice = f"write {better}"
        allowed = "ASCII letters, digits and _, not beginning with a digit"
        reading.fault(
            at,
            f"{what} needs a plain name",
            found=name or "an empty name",
            allowed=allowed,
            advice=advice,
        )
        return False
    if name in RESERVED:
        reading.fault(
            at,
            f"{what} cannot have a name that the language uses",
            found=name,
            advice=f"write {name}_ or another name",
        )
        return False
    return True


def check_names(reading: Reading, case: WrittenCase) -> dict[str, str]:
    """Check every name of the case; give each name of the common space with what it is."""
    taken: dict[str, tuple[str, Node]] = {}
    at: Node
    for section, what in _SPACE.items():
        for name, head in heads(case, section):
            if not check_name(reading, name, head, what):
                continue
            if what == "a party" and name == "analyst":
                reading.fault(
                    head, "the analyst cannot be a party", found=name, advice="write another name"
                )
            _claim(reading, taken, name, what, head)
    for section, what in _APART:
        for name, head in heads(case, section):
            check_name(reading, name, head, what)
    for terms in _blocks(case.at("payoffs"), case):
        for name, (head, _) in terms.entries.items():
            check_name(reading, name, head, "a payoff term")
    for word, at, what in _words(reading, case):
        if word in taken:
            _clash(reading, word, (what, at), taken[word])
    return {name: what for name, (what, _) in taken.items()}


def heads(case: WrittenCase, section: str) -> Iterable[tuple[str, Scalar]]:
    """The names of a section with their keys."""
    block = case.at(section)
    if isinstance(block, Block) and block is not case.node:
        for name, (head, _) in block.entries.items():
            yield name, head


def _blocks(block: Node, case: WrittenCase) -> Iterable[Block]:
    if isinstance(block, Block) and block is not case.node:
        yield from (inner for _, inner in block.entries.values() if isinstance(inner, Block))


def _claim(
    reading: Reading, taken: dict[str, tuple[str, Node]], name: str, what: str, head: Node
) -> None:
    if name in taken:
        _clash(reading, name, (what, head), taken[name])
    else:
        taken[name] = (what, head)


def _clash(reading: Reading, name: str, one: tuple[str, Node], two: tuple[str, Node]) -> None:
    first, later = sorted((one, two), key=lambda use: reading.rank(use[1]))
    line = first[1].source.at(first[1].start)[0]
    reading.fault(
        later[1],
        f"{later[0]} has the name of {first[0]}",
        found=f"{name}, also on line {line}",
        advice="write another name for one of them",
    )


def _words(reading: Reading, case: WrittenCase) -> Iterable[tuple[str, Node, str]]:
    for variable in (case.state or {}).values():
        for word in variable.words():
            if word.boolean is None and check_name(reading, word.text, word, "a value"):
                yield word.text, word, "a value"
    for party in (case.parties or {}).values():
        block = party.at("types")
        if isinstance(block, Block) and block is not party.node:
            for name, (head, _) in block.entries.items():
                if check_name(reading, name, head, "a type"):
                    yield name, head, "a type"
