"""What do the forms of a case show of its alternatives, and how is an option given a change?

An option is a patch of the case. Its changes are asked as the parts are that they change: an
unknown by its estimate, a payoff by its amount, a table by whether it is there, the order in words.
Distributions and whole new parts are named, and stay in the text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ceasefire.diagnostics import readable_name
from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_text import CasePath, case_data, with_value, without_value
from ceasefire.formats.case_writer import UniqueIdentifiers
from ceasefire.formats.form_fields import (
    DISTRIBUTIONS,
    FormField,
    FormItem,
    chosen_answer,
    effects_field,
    estimate_words,
    field_at,
    label_or_name,
    mapping_at,
    party_names,
    payoff_field,
    read_amount,
    shown_value,
    with_amount,
    with_estimate,
    words_for,
)
from ceasefire.formats.form_order import order_field, order_in_words, read_order

OPTION_DEPTH = 4  # steps of the path of an option: alternatives, its name, options, its name
_AS_ELSEWHERE = "as the rest of the case has it"
_PRESENCE = {"false": "is not there", "": _AS_ELSEWHERE}
_REMOVAL = {"null": "is taken away", "": _AS_ELSEWHERE}
_KEY_WORDS = {"when": "only when", "meets": "chance to meet", "cost": "what it costs"}
_PARTS_BETWEEN = ("deals", "outcomes")  # keys that say nothing to a reader
_ADVICE = (
    "choose an unknown and another estimate, a table that is not there, a payoff and another "
    "amount, or another order"
)


def alternative_items(data: dict[str, Any]) -> Iterator[FormItem]:
    """Every alternative with its weights, each followed by its options.

    data  the case
    """
    for key, alternative in mapping_at(data, "alternatives").items():
        path = ("alternatives", key)
        weights, options = mapping_at(alternative, "weights"), mapping_at(alternative, "options")
        name = words_for(key, alternative)
        fields = [
            field_at(alternative, path, "label", "what is written in rival ways"),
            field_at(alternative, path, "best", "at the best estimates", "choice",
                     choices={option: readable_name(option) for option in options},
                     hint="the first unless said"),
        ]  # fmt: skip
        fields += [
            field_at(weights, (*path, "weights"), option, f"weight of {readable_name(option)}",
                     "number", hint="1 unless said; 0 for none of the worlds")
            for option in options
        ]  # fmt: skip
        yield FormItem(path, name, tuple(fields))
        for place, (option, patch) in enumerate(options.items()):
            yield _option_item(data, (*path, "options", option), name, patch, place, len(options))


def option_title(name: str, option: str) -> str:
    """An option, said after what it is an answer to.

    >>> option_title("Who moves last", "the_allies"), option_title("May they sign?", "no")
    ('Who moves last: the allies', 'May they sign? no')
    """
    return f"{name}{'' if name.endswith('?') else ':'} {readable_name(option)}"


def _option_item(
    data: dict[str, Any], path: CasePath, name: str, patch: Any, place: int, options: int
) -> FormItem:
    fields, left = [], list[str]()
    for change in _changes(data, path, patch if isinstance(patch, dict) else {}):
        if isinstance(change, FormField):
            fields.append(change)
        else:
            left.append(change)
    notes = [] if fields or left else ["As the rest of the case has it."]
    notes += [f"In the text: {'; '.join(left)}."] if left else []
    title = option_title(name, str(path[-1]))
    # the first option is the case, and one option alone is no alternative
    return FormItem(path, title, tuple(fields), place > 0 and options > 2, " ".join(notes))


def _changes(data: dict[str, Any], path: CasePath, patch: Any) -> Iterator[FormField | str]:
    """What a patch changes: what can be asked as a field, and what else in words."""
    for section, inside in patch.items():
        where = (*path, section)
        if not isinstance(inside, dict):
            yield _leaf(data, where, inside, readable_name(section))
            continue
        for key, change in inside.items():
            at = (*where, key)
            if section == "unknowns" and isinstance(change, dict):
                yield from _unknown_changes(data, at, change)
            elif section == "payoffs" and isinstance(change, dict):
                yield from (_payoff(data, (*at, term), one) for term, one in change.items())
            else:
                yield from _inner_changes(data, at, change, _part_words(data, section, key))


def _part_words(data: dict[str, Any], section: str, key: str) -> str:
    """What a part of the case is called."""
    if section == "parties":
        return party_names(data).get(key, readable_name(key))
    return words_for(key, mapping_at(data, section, key))


def _unknown_changes(
    data: dict[str, Any], path: CasePath, change: dict[str, Any]
) -> Iterator[FormField | str]:
    name = str(path[-1])
    words = label_or_name(name, mapping_at(data, "unknowns", name))
    if any(key in change for key in DISTRIBUTIONS):
        yield field_at(change, path, "best", f"{words}: best estimate", "number")
        yield f"the distribution of {words}"
    else:
        hint = "0.6 (0.3 to 0.9), 50 %; empty for none of its own"
        yield FormField(path, f"{words}: estimate", estimate_words(change), "estimate", hint=hint)


def _payoff(data: dict[str, Any], path: CasePath, written: Any) -> FormField:
    title, field = payoff_field(data, path, written)
    if written is None:
        party, term = map(str, path[-2:])
        title, _ = payoff_field(data, path, mapping_at(data, "payoffs", party).get(term))
        return FormField(path, title, "null", "choice", _REMOVAL)
    label = title if field.kind == "formula" else f"{title}: amount"
    return FormField(path, label, field.value, field.kind, hint=field.hint)


def _inner_changes(
    data: dict[str, Any], path: CasePath, change: Any, words: str
) -> Iterator[FormField | str]:
    if not isinstance(change, dict):
        yield _leaf(data, path, change, words)
        return
    for key, inside in change.items():
        if key == "set" and isinstance(inside, dict):
            field = effects_field(change, path)
            yield FormField(field.path, f"{words}: what it changes", field.value, field.kind,
                            hint=field.hint)  # fmt: skip
            continue
        named = (
            words
            if key in _PARTS_BETWEEN
            else f"{words}, {_KEY_WORDS.get(key, readable_name(key))}"
        )
        yield from _inner_changes(data, (*path, key), inside, named)


def _leaf(data: dict[str, Any], path: CasePath, value: Any, words: str) -> FormField | str:
    """One value that a patch sets."""
    if value is None:
        return FormField(path, words, "null", "choice", _REMOVAL)
    if len(path) == OPTION_DEPTH + 1 and path[-1] == "order":
        return order_field(data, path[:-1], value)
    table = len(path) == OPTION_DEPTH + 3 and path[OPTION_DEPTH] == "tables" and path[-1] == "when"
    if table and shown_value(value) == "false":
        return FormField(path, words.removesuffix(", only when"), "false", "choice", _PRESENCE)
    if isinstance(value, list):
        names = party_names(data)
        if not all(isinstance(one, str) and one in names for one in value):
            return words
        return FormField(path, words, tuple(value), "choices", names)
    return FormField(path, words, shown_value(value), "formula")


def without_change(text: str, path: CasePath) -> str:
    """The text with one change of an option taken out, and what would be left empty by that.

    text  the whole case
    path  the change
    """
    data: Any = case_data(text)
    while len(path) > OPTION_DEPTH + 1 and len(mapping_at(data, *map(str, path[:-1]))) == 1:
        path = path[:-1]
    return without_value(text, path)


def without_option(text: str, path: CasePath) -> str:
    """The text with an option taken out, its weight, and that it is the best one.

    text  the whole case
    path  the option
    """
    alternative, option = ("alternatives", str(path[1])), str(path[-1])
    data = mapping_at(case_data(text), *alternative)
    if option in mapping_at(data, "weights"):
        text = without_value(text, (*alternative, "weights", option))
    if data.get("best") == option:
        text = without_value(text, (*alternative, "best"))
    return without_value(text, path)


def add_alternative(text: str, name: str, answers: Mapping[str, Any]) -> str:
    """The text with a new alternative of two options, the first being the case as it is.

    text     the whole case
    name     what is written in rival ways
    answers  `first` and `option`, the names of the two, and what the second changes

    Raises CaseError, with the name of the field as its path, for what is missing.
    """
    names = UniqueIdentifiers()
    first = names.allocate(chosen_answer(answers, "first", "a name for the case as it is"), "first")
    other = names.allocate(chosen_answer(answers, "option", "a name for the other way"), "other")
    taken = UniqueIdentifiers(mapping_at(case_data(text), "alternatives"))
    path = ("alternatives", taken.allocate(name, "alternative"))
    changed = with_value(text, path, {"label": name, "options": {first: {}, other: {}}})
    return _with_changes(changed, (*path, "options", other), answers)


def add_option(text: str, name: str, answers: Mapping[str, Any]) -> str:
    """The text with one more option of an alternative.

    text     the whole case
    name     what the option is called
    answers  `alternative` and what the option changes

    Raises CaseError, with the name of the field as its path, for what is missing.
    """
    chosen = chosen_answer(answers, "alternative", "an alternative")
    path = ("alternatives", chosen, "options")
    option = UniqueIdentifiers(mapping_at(case_data(text), *path)).allocate(name, "option")
    return _with_changes(with_value(text, (*path, option), {}), (*path, option), answers)


def add_change(text: str, answers: Mapping[str, Any]) -> str:
    """The text with one more change in an option.

    text     the whole case
    answers  `option`, as `alternative.option`, and what it changes

    Raises CaseError, with the name of the field as its path, for what is missing.
    """
    alternative, _, option = chosen_answer(answers, "option", "an option").partition(".")
    return _with_changes(text, ("alternatives", alternative, "options", option), answers)


def _with_changes(text: str, path: CasePath, answers: Mapping[str, Any]) -> str:
    """The text with what was answered changed in an option; something must be."""
    before, data = text, case_data(text)
    said = {key: str(answers.get(key) or "").strip() for key in
            ("unknown", "estimate", "table", "payoff", "amount", "order")}  # fmt: skip
    for value, thing in (("estimate", "unknown"), ("amount", "payoff")):
        if said[value] and not said[thing]:
            raise CaseError([Problem("is still to be chosen", path=thing)])
    if said["unknown"]:
        where = (*path, "unknowns", said["unknown"])
        text = with_estimate(text, where, said["estimate"], "estimate")
    if said["table"]:
        text = with_value(text, (*path, "tables", said["table"], "when"), False)
    if said["payoff"]:
        party, _, term = said["payoff"].partition(".")
        written = mapping_at(data, "payoffs", party).get(term)
        amount = read_amount(said["amount"], "amount")
        _, field = payoff_field(data, ("payoffs", party, term), written)
        whole = with_amount(written, amount, "amount") if field.kind == "amount" else amount
        text = with_value(text, (*path, "payoffs", party, term), whole)
    if said["order"] not in ("", order_in_words(data, data.get("order"))):
        text = with_value(text, (*path, "order"), read_order(said["order"], data, "order"))
    if text == before:
        raise CaseError([Problem("changes nothing yet", path="unknown", help=_ADVICE)])
    return text


def alternatives_in_words(text: str) -> dict[str, str]:
    """The alternatives, by name, as people call them.

    text  the whole case
    """
    found = mapping_at(case_data(text), "alternatives")
    return {key: words_for(key, one) for key, one in found.items()}


def options_in_words(text: str) -> dict[str, str]:
    """The options of all alternatives but the first of each, as `alternative.option`, in words.

    text  the whole case
    """
    return {
        f"{key}.{option}": option_title(words_for(key, one), option)
        for key, one in mapping_at(case_data(text), "alternatives").items()
        for option in list(mapping_at(one, "options"))[1:]
    }


def unknowns_in_words(text: str) -> dict[str, str]:
    """The unknowns, by name, as people call them.

    text  the whole case
    """
    return {
        key: label_or_name(key, one) for key, one in mapping_at(case_data(text), "unknowns").items()
    }


def payoffs_in_words(text: str) -> dict[str, str]:
    """The payoffs, as `party.term`, in words.

    text  the whole case
    """
    data = case_data(text)
    return {
        f"{party}.{term}": payoff_field(data, ("payoffs", party, term), written)[0]
        for party, terms in mapping_at(data, "payoffs").items()
        for term, written in (terms.items() if isinstance(terms, dict) else ())
    }
