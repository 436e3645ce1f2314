"""What is one thing that a form asks of a case, and how is its answer read and written?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ceasefire.diagnostics import readable_name
from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_text import CasePath, case_data, with_value, without_value
from ceasefire.formats.plain_numbers import read_estimate, read_plain_number

FieldKind = Literal[
    "text", "number", "estimate", "choice", "choices", "formula", "amount", "effects", "order"
]
AMOUNT = r"(?P<amount>\d*\.?\d+|[A-Za-z_]\w*)"
DISTRIBUTIONS = ("triangle", "normal", "lognormal", "oneof", "experts")
_PAYOFF = re.compile(rf"(?P<sign>-?)\s*{AMOUNT}\s*\*\s*(?P<fact>[A-Za-z_]\w*|\([^()]*\))")
_EFFECT = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.+?)\s*")


@dataclass(frozen=True)
class FormField:
    """One thing that can be answered.

    path     the keys that lead to it in the case
    label    what is asked
    value    what stands there, as the field shows it
    kind     how it is answered and what it becomes
    choices  what may be chosen, by key, in words
    hint     what may be written
    """

    path: CasePath
    label: str
    value: str | tuple[str, ...]
    kind: FieldKind = "text"
    choices: Mapping[str, str] | None = None
    hint: str = ""

    @property
    def problem_path(self) -> str:
        """The path as problems of a case name it."""
        return problem_path(self.path)


@dataclass(frozen=True)
class FormItem:
    """A party, a table, an unknown: its name, its fields, and whether it can be taken out."""

    path: CasePath
    title: str
    fields: tuple[FormField, ...]
    removable: bool = True
    note: str = ""


@dataclass(frozen=True)
class FormSection:
    """A part of the case: `kind` is what `add_item` adds to it, empty if nothing."""

    title: str
    about: str
    items: tuple[FormItem, ...]
    kind: str = ""


def problem_path(path: CasePath) -> str:
    """A path as problems of a case name it.

    >>> problem_path(("order", 0, "north"))
    'order[0].north'
    """
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(parts).removeprefix(".")


def mapping_at(data: Any, *path: str) -> Any:
    """What stands at a path, or an empty mapping."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def shown_value(value: Any) -> str:
    """A value as a field shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def field_at(
    holder: Any, path: CasePath, key: str, label: str, kind: FieldKind = "text", **more: Any
) -> FormField:
    """A field for what stands under a key.

    holder  the mapping that has the key, or may have it
    path    where the mapping stands
    key     the key
    label   what is asked
    kind    how it is answered
    more    choices and hint, as FormField has them
    """
    inside = holder.get(key) if isinstance(holder, dict) else None
    value: str | tuple[str, ...] = (
        tuple(map(str, inside or ())) if kind == "choices" else shown_value(inside)
    )
    return FormField((*path, key), label, value, kind, **more)


def party_names(data: dict[str, Any]) -> dict[str, str]:
    """Every party with the name that people know it by."""
    return {
        key: str(party.get("name", key)) if isinstance(party, dict) else key
        for key, party in mapping_at(data, "parties").items()
    }


def label_or_name(name: str, thing: Any) -> str:
    """What people call a thing: its label, else its name with spaces.

    name   its name
    thing  what the case says of it
    """
    return str(mapping_at(thing).get("label") or readable_name(name))


def words_for(key: str, thing: Any) -> str:
    """What a thing is called: what it says of itself if that is short, else its name, spaced."""
    said = thing.get("label") or thing.get("about") if isinstance(thing, dict) else None
    return str(said).strip().rstrip(".") if said and len(str(said)) <= 60 else readable_name(key)


def estimate_words(unknown: dict[str, Any]) -> str:
    """The best estimate and the range of an unknown, as a field shows them."""
    ends = unknown.get("range")
    best = unknown.get("best")
    if not isinstance(ends, list) or len(ends) != 2:
        return shown_value(best)
    low, high = map(shown_value, ends)
    return f"{low} to {high}" if best is None else f"{shown_value(best)} ({low} to {high})"


def with_estimate(text: str, path: CasePath, value: str, asked: str = "") -> str:
    """The text with another estimate of an unknown.

    text   the whole case
    path   where the unknown stands
    value  the estimate, in the words of its author
    asked  the field, for problems; the path if empty

    Raises CaseError for an estimate that cannot be read.
    """
    estimate = read_estimate(value, asked or problem_path(path))
    unknown = mapping_at(case_data(text), *map(str, path))
    for key, new in (
        ("best", estimate.best),
        ("range", None if estimate.low is None else [estimate.low, estimate.high]),
    ):
        if new is not None:
            text = with_value(text, (*path, key), as_written(new))
        elif key in unknown:
            text = without_value(text, (*path, key))
    return text


def as_written(value: Any) -> Any:
    """A number, or a list of them, with whole numbers written without a point."""
    if isinstance(value, list):
        return [as_written(one) for one in value]
    return int(value) if value.is_integer() else value


def effects_field(holder: Any, path: CasePath) -> FormField:
    """A field for what a move, a deal or an outcome changes."""
    effects = mapping_at(holder, "set")
    shown = ", ".join(f"{key} = {shown_value(value)}" for key, value in effects.items())
    return FormField(
        (*path, "set"), "what it changes", shown, "effects", hint="such as fighting = false"
    )


def read_effects(value: str, path: str) -> dict[str, Any]:
    """Effects as the text has them, from `fact = value, fact = value`; raises CaseError."""
    effects: dict[str, Any] = {}
    parts = re.split(r",(?![^()]*\))", value) if value.strip() else []
    for part in parts:
        found = _EFFECT.fullmatch(part)
        if found is None or found[2].startswith("="):
            help = "write fact = value, such as fighting = false"
            raise CaseError([Problem("is no effect", path=path, found=part.strip(), help=help)])
        effects[found[1]] = read_formula(found[2])
    return effects


def read_formula(value: str) -> Any:
    """A formula as the text has it; a number in the words of its author, and true and false."""
    said = value.strip()
    if said in ("true", "false"):
        return said == "true"
    try:
        number = read_plain_number(said) if re.search(r"\d", said) else None
    except CaseError:
        number = None
    if number is None:
        return said
    return int(number) if number.is_integer() else number


def chosen_answer(answers: Mapping[str, Any], field: str, what: str) -> str:
    """What was chosen in a field; raises CaseError at the field where nothing was."""
    value = str(answers.get(field) or "").strip()
    if not value:
        raise CaseError([Problem(f"needs {what}", path=field)])
    return value


def facts_of(data: dict[str, Any]) -> dict[str, str]:
    """Every condition and every fact that is true or false, in words."""
    named = {key: words_for(key, None) for key in mapping_at(data, "conditions")}
    facts = {
        key: words_for(key, fact)
        for key, fact in mapping_at(data, "state").items()
        if "values" not in (fact or {})
    }
    return facts | named


def payoff_field(data: dict[str, Any], path: CasePath, written: Any) -> tuple[str, FormField]:
    """A payoff as a sentence, and the amount in it; as a formula where it is no such sentence.

    data     the case
    path     where the payoff stands; its last two steps are the party and the term
    written  the formula
    """
    party, term = map(str, path[-2:])
    who = party_names(data).get(party, party)
    found = _PAYOFF.fullmatch(str(written))
    if found is None:
        label = f"{who} gets for {term.replace('_', ' ')}"
        return label, FormField(path, label, shown_value(written), "formula")
    fact = found["fact"]
    thing = facts_of(data).get(fact, readable_name(fact.strip("()")))
    verb = "costs" if found["sign"] else "brings"
    amount = FormField(path, "amount", found["amount"], "amount", hint="a number, or an unknown")
    return f"Each {data.get('period', 'month')} in which {thing} {verb} {who}", amount


def with_amount(written: Any, value: str, path: str) -> str:
    """A payoff with another amount in it.

    written  the formula as it stands
    value    the amount, as somebody wrote it
    path     the field, for problems

    Raises CaseError where there is no amount to change, or the value is none.
    """
    found = _PAYOFF.fullmatch(str(written))
    if found is None:
        raise CaseError([Problem("is another formula by now", path=path)])
    amount = read_amount(value, path)
    return str(written)[: found.start("amount")] + amount + str(written)[found.end("amount") :]


def read_amount(value: str, path: str) -> str:
    """An amount: a number or the name of an unknown; raises CaseError at the field for others."""
    amount = str(read_formula(value))
    if not re.fullmatch(AMOUNT, amount):
        help = "write a number above 0, or the name of an unknown"
        raise CaseError([Problem("is no amount", path=path, found=value, help=help)])
    return amount
