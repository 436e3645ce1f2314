"""What does a form show of a case, and what does an answer in it make of the text?

A form shows what is written, part by part, in words: an unknown as `0.6 (0.3 to 0.9)`, a payoff as
a sentence with an amount in it, an effect as `fighting = false`. What it has no words for it shows
as the formula that stands in the text. The text stays the case: each answer changes one value.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_text import CasePath, case_data, with_value, without_value
from ceasefire.formats.case_writer import UniqueIdentifiers
from ceasefire.formats.guided_case import CERTAINTIES, PERIODS
from ceasefire.formats.plain_numbers import read_estimate, read_plain_number

FieldKind = Literal["text", "number", "estimate", "choice", "choices", "formula", "effects"]
_AMOUNT = r"(?P<amount>\d*\.?\d+|[A-Za-z_]\w*)"
_PAYOFF = re.compile(rf"(?P<sign>-?)\s*{_AMOUNT}\s*\*\s*(?P<fact>[A-Za-z_]\w*|\([^()]*\))")
_EFFECT = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.+?)\s*")
_DISTRIBUTIONS = ("triangle", "normal", "lognormal", "oneof", "experts")


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


def case_form(text: str) -> tuple[FormSection, ...]:
    """Every part of a case as a form shows it.

    text  the whole case

    Raises CaseError for a text that is not YAML.

    >>> from ceasefire.case import template
    >>> [section.title for section in case_form(template())][:3]
    ['The case', 'Parties', 'What nobody knows']
    >>> case_form(template())[2].items[0].fields[1].value
    '0.6 (0.3 to 0.9)'
    """
    data = case_data(text)
    return (
        FormSection("The case", "", (_case_item(data),)),
        FormSection("Parties", "Who acts.", tuple(_party_items(data)), "party"),
        FormSection(
            "What nobody knows",
            "A best estimate, and how low and high it may be, in your words.",
            tuple(_unknown_items(data)),
            "unknown",
        ),
        FormSection(
            "What each gets",
            f"At the end of each {data.get('period', 'month')}; what is listed adds up.",
            tuple(_payoff_items(data)),
            "payoff",
        ),
        FormSection(
            "Tables and deals",
            "Who sits together, and what could be agreed.",
            tuple(_table_items(data)),
            "table",
        ),
        FormSection("Moves", "What a party can do alone.", tuple(_move_items(data)), "move"),
        FormSection(
            "Promises", "What a party can bind itself to.", tuple(_promise_items(data)), "promise"
        ),
        FormSection("Chance", "What happens by itself.", tuple(_chance_items(data)), "chance"),
        FormSection(
            "Claims", "Your sentences, each with its test.", tuple(_claim_items(data)), "claim"
        ),
        FormSection("Levers", "What somebody could decide.", tuple(_lever_items(data)), "lever"),
        FormSection(
            "Alternatives",
            "Rival ways to write a part of the case; what each changes stands in the text.",
            tuple(_alternative_items(data)),
        ),
    )


def change_field(text: str, field: FormField, value: str | tuple[str, ...]) -> str:
    """The text after an answer; unchanged if it is what stands there.

    text   the whole case
    field  what was answered
    value  the answer, as the field shows it

    Raises CaseError with the path of the field for an answer that means nothing there.
    """
    if value == field.value:
        return text
    if field.kind == "estimate":
        return _with_estimate(text, field, str(value))
    written: Any = value
    if field.kind == "number":
        number = read_plain_number(str(value), field.problem_path)
        written = int(number) if number.is_integer() else number
    elif field.kind == "effects":
        written = _read_effects(str(value), field.problem_path)
    elif field.kind == "formula":
        written = _formula(str(value))
    elif field.kind == "choices":
        written = list(value)
    else:
        written = str(value).strip()
    if written in ("", [], {}):
        return without_value(text, field.path) if field.value else text
    if field.path[0] == "payoffs" and field.label == "amount":
        written = _with_amount(text, field, str(value))
    return with_value(text, field.path, written)


def remove_item(text: str, item: FormItem) -> str:
    """The text without a party, a table, an unknown; what names it elsewhere is left as it is.

    text  the whole case
    item  what is taken out
    """
    return without_value(text, item.path)


def _at(data: Any, *path: str) -> Any:
    """What stands at a path, or an empty mapping."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _shown(value: Any) -> str:
    """A value as a field shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _field(
    holder: Any, path: CasePath, key: str, label: str, kind: FieldKind = "text", **more: Any
) -> FormField:
    inside = holder.get(key) if isinstance(holder, dict) else None
    value: str | tuple[str, ...] = (
        tuple(map(str, inside or ())) if kind == "choices" else _shown(inside)
    )
    return FormField((*path, key), label, value, kind, **more)


def _case_item(data: dict[str, Any]) -> FormItem:
    periods = {period: period for period in PERIODS}
    fields = (
        _field(data, (), "title", "title"),
        _field(data, (), "about", "what it is about"),
        _field(data, (), "period", "a period is a", "choice", choices=periods),
        _field(data, (), "horizon", "how many periods", "number"),
    )
    return FormItem((), "", fields, removable=False)


def _party_names(data: dict[str, Any]) -> dict[str, str]:
    """Every party with the name that people know it by."""
    return {
        key: str(party.get("name", key)) if isinstance(party, dict) else key
        for key, party in _at(data, "parties").items()
    }


def _words(key: str, thing: Any) -> str:
    """What a thing is called: what it says of itself if that is short, else its name, spaced."""
    said = thing.get("label") or thing.get("about") if isinstance(thing, dict) else None
    return str(said).strip().rstrip(".") if said and len(str(said)) <= 60 else key.replace("_", " ")


def _party_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, party in _at(data, "parties").items():
        path = ("parties", key)
        fields: tuple[FormField, ...] = (
            _field(party, path, "name", "name"),
            _field(party, path, "patience", "patience", "formula", hint="0 to 1, or an unknown"),
            _field(party, path, "precision", "precision", "formula", hint="above 0, or an unknown"),
        )
        types = _at(party, "types")
        fields += tuple(
            _field(types, (*path, "types"), kind, f"chance that it is {_words(kind, None)}",
                   "formula", hint="above 0 and below 1, or an unknown; together 1")
            for kind in types
        )  # fmt: skip
        note = "Who sees its types otherwise stands in the text." if types else ""
        yield FormItem(path, _party_names(data)[key], fields, note=note)


def _unknown_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, unknown in _at(data, "unknowns").items():
        path = ("unknowns", key)
        kind = next((k for k in _DISTRIBUTIONS if k in _at(data, *path)), "")
        hint = "0.6 (0.3 to 0.9), 50 %"
        note = f"Its distribution stands in the text ({kind})." if kind else ""
        estimate = (
            _field(unknown, path, "best", "best estimate", "number")
            if kind
            else FormField(
                path, "estimate", _estimate_words(_at(data, *path)), "estimate", hint=hint
            )
        )
        fields = (
            _field(unknown, path, "label", "what it is"),
            estimate,
            _field(unknown, path, "unit", "unit"),
            _field(unknown, path, "about", "why so"),
        )
        yield FormItem(
            path, _words(key, {"label": _at(data, *path).get("label")}), fields, note=note
        )


def _estimate_words(unknown: dict[str, Any]) -> str:
    ends = unknown.get("range")
    best = unknown.get("best")
    if not isinstance(ends, list) or len(ends) != 2:
        return _shown(best)
    low, high = map(_shown, ends)
    return f"{low} to {high}" if best is None else f"{_shown(best)} ({low} to {high})"


def _with_estimate(text: str, field: FormField, value: str) -> str:
    estimate = read_estimate(value, field.problem_path)
    unknown = _at(case_data(text), *map(str, field.path))
    for key, new in (
        ("best", estimate.best),
        ("range", None if estimate.low is None else [estimate.low, estimate.high]),
    ):
        if new is not None:
            text = with_value(text, (*field.path, key), _as_written(new))
        elif key in unknown:
            text = without_value(text, (*field.path, key))
    return text


def _as_written(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_written(one) for one in value]
    return int(value) if value.is_integer() else value


def _facts(data: dict[str, Any]) -> dict[str, str]:
    """Every condition and every fact that is true or false, in words."""
    named = {key: _words(key, None) for key in _at(data, "conditions")}
    facts = {
        key: _words(key, fact)
        for key, fact in _at(data, "state").items()
        if "values" not in (fact or {})
    }
    return facts | named


def _payoff_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names, facts, period = _party_names(data), _facts(data), data.get("period", "month")
    for party, terms in _at(data, "payoffs").items():
        for term, written in terms.items() if isinstance(terms, dict) else ():
            path = ("payoffs", party, term)
            who = names.get(party, party)
            found = _PAYOFF.fullmatch(str(written))
            if found is None:
                label = f"{who} gets for {term.replace('_', ' ')}"
                fields = (FormField(path, label, _shown(written), "formula"),)
                yield FormItem(path, label, fields)
                continue
            fact = found["fact"]
            thing = facts.get(fact, fact.strip("()").replace("_", " "))
            verb = "costs" if found["sign"] else "brings"
            fields = (
                FormField(
                    path, "amount", found["amount"], "formula", hint="a number, or an unknown"
                ),
            )
            yield FormItem(path, f"Each {period} in which {thing} {verb} {who}", fields)


def _with_amount(text: str, field: FormField, value: str) -> str:
    data = case_data(text)
    written = str(_at(data, *map(str, field.path[:-1])).get(str(field.path[-1])))
    found = _PAYOFF.fullmatch(written)
    if found is None:
        raise CaseError([Problem("is another formula by now", path=field.problem_path)])
    amount = str(_formula(value))
    if not re.fullmatch(_AMOUNT, amount):
        help = "write a number above 0, or the name of an unknown"
        raise CaseError([Problem("is no amount", path=field.problem_path, found=value, help=help)])
    return written[: found.start("amount")] + amount + written[found.end("amount") :]


def _table_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = _party_names(data)
    for key, table in _at(data, "tables").items():
        path = ("tables", key)
        fields = (
            _field(table, path, "about", "what it is"),
            _field(table, path, "seats", "who sits there", "choices", choices=names),
            _field(table, path, "meets", "chance to meet", "formula", hint="0 to 1, or an unknown"),
            _field(table, path, "when", "only when", "formula"),
        )
        yield FormItem(path, f"Table: {_words(key, table)}", fields)
        for name, deal in _at(data, *path, "deals").items():
            inner = (*path, "deals", name)
            deal_fields = (
                _field(deal, inner, "about", "what is agreed"),
                _field(deal, inner, "when", "only when", "formula"),
                _effects_field(deal, inner),
            )
            yield FormItem(inner, f"Deal: {_words(name, deal)}", deal_fields)


def _effects_field(holder: Any, path: CasePath) -> FormField:
    effects = _at(holder, "set")
    shown = ", ".join(f"{key} = {_shown(value)}" for key, value in effects.items())
    return FormField(
        (*path, "set"), "what it changes", shown, "effects", hint="such as fighting = false"
    )


def _read_effects(value: str, path: str) -> dict[str, Any]:
    effects: dict[str, Any] = {}
    parts = re.split(r",(?![^()]*\))", value) if value.strip() else []
    for part in parts:
        found = _EFFECT.fullmatch(part)
        if found is None or found[2].startswith("="):
            help = "write fact = value, such as fighting = false"
            raise CaseError([Problem("is no effect", path=path, found=part.strip(), help=help)])
        effects[found[1]] = _formula(found[2])
    return effects


def _formula(value: str) -> Any:
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


def _move_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = _party_names(data)
    for key, move in _at(data, "moves").items():
        path = ("moves", key)
        fields = (
            _field(move, path, "by", "by", "choice", choices=names),
            _field(move, path, "when", "only when", "formula"),
            _field(move, path, "cost", "what it costs", "formula"),
            _effects_field(move, path),
        )
        yield FormItem(path, key.replace("_", " "), fields)


def _promise_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = _party_names(data)
    for key, promise in _at(data, "promises").items():
        path = ("promises", key)
        by = str(_at(data, *path).get("by", ""))
        listed = [str(name) for name in _at(data, *path).get("forbids") or ()]
        own = [name for name, move in _at(data, "moves").items() if _at(move).get("by") == by]
        moves = {name: name.replace("_", " ") for name in dict.fromkeys([*own, *listed])}
        owes = _at(data, *path).get("owes")
        breaks = _field(promise, path, "forbids", "what breaks it", "choices", choices=moves)
        fields = (
            _field(promise, path, "by", "who promises", "choice", choices=names),
            *(() if owes else (breaks,)),
            _field(promise, path, "breach", "what breaking it costs", "formula"),
        )
        note = "What it owes, and by when, stands in the text." if owes else ""
        yield FormItem(path, key.replace("_", " "), fields, note=note)


def _chance_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, chance in _at(data, "chance").items():
        path = ("chance", key)
        fields = [_field(chance, path, "when", "only when", "formula")]
        outcomes = _at(data, *path).get("outcomes")
        if not isinstance(outcomes, list):
            fields.append(_effects_field(chance, path))
        for place, outcome in enumerate(outcomes if isinstance(outcomes, list) else ()):
            inner = (*path, "outcomes", place)
            name = str(_at(outcome).get("name") or f"outcome {place + 1}").replace("_", " ")
            odds = _field(outcome, inner, "chance", f"chance of {name}", "formula",
                          hint="0 to 1, or an unknown")  # fmt: skip
            effects = replace(_effects_field(outcome, inner), label=f"what {name} changes")
            fields += [odds, effects]
        yield FormItem(path, key.replace("_", " "), tuple(fields))


def _lever_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = _party_names(data)
    for key, lever in _at(data, "levers").items():
        path = ("levers", key)
        fields = (
            _field(lever, path, "says", "the decision in words"),
            _field(lever, path, "by", "who could take it", "choice", choices=names),
            _field(lever, path, "set", "what is different then",
                   hint="such as without=talks or given={odds: 0.5}"),
        )  # fmt: skip
        yield FormItem(path, str(_at(lever).get("says") or key.replace("_", " ")), fields)


def _alternative_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, alternative in _at(data, "alternatives").items():
        path = ("alternatives", key)
        weights = _at(alternative, "weights")
        fields = [_field(alternative, path, "label", "what is written in rival ways")]
        for option in _at(alternative, "options"):
            name = option.replace("_", " ")
            fields.append(
                _field(weights, (*path, "weights"), option, f"weight of {name}", "number",
                       hint="1 unless said; 0 for none of the worlds")
            )  # fmt: skip
        yield FormItem(path, _words(key, alternative), tuple(fields))


def _claim_items(data: dict[str, Any]) -> Iterator[FormItem]:
    claims = _at(data, "claims")
    for key, claim in claims.items():
        path = ("claims", key)
        others = {k: str(_at(claims, k).get("says") or k) for k in claims if k != key}
        fields = (
            _field(claim, path, "says", "sentence"),
            _field(claim, path, "test", "true if", "formula"),
            _field(claim, path, "because", "rests on", "choices", choices=others),
        )
        yield FormItem(path, str(_at(claims, key).get("says") or key), fields)


def outcome_quantities(text: str) -> dict[str, str]:
    """What a new claim can be about: quantities of the case, by quantity, in words.

    text  the whole case

    >>> from ceasefire.case import template
    >>> next(iter(outcome_quantities(template()).items()))
    ('P(eventually(happens(talks.ceasefire)))', '“ceasefire” is agreed')
    """
    data = case_data(text)
    names, found = _party_names(data), dict[str, str]()
    for key in _at(data, "tables"):
        for name, deal in _at(data, "tables", key, "deals").items():
            found[f"P(eventually(happens({key}.{name})))"] = f"“{_words(name, deal)}” is agreed"
    for key, move in _at(data, "moves").items():
        by, name = str(_at({"m": move}, "m").get("by")), key.rpartition(".")[2]
        words = name.replace("_", " ")
        found[f"P(eventually(happens({by}.{name})))"] = (
            f"{names.get(by, by)}: {words}, sooner or later"
        )
    for fact, words in _facts(data).items():
        found[f"P(at_end({fact}))"] = f"in the end: {words}"
        found[f"P(at_end(not {fact}))"] = f"in the end not: {words}"
    return found


def add_item(text: str, kind: str, answers: Mapping[str, Any]) -> str:
    """The text with a new party, type, unknown, payoff, table, deal, move, promise, chance, claim
    or lever.

    text     the whole case
    kind     one of these
    answers  what was answered, by the name of the field

    Raises CaseError, with the name of the field as its path, for what is missing or no number.
    """
    data = case_data(text)
    name = str(answers.get("name", "")).strip()
    if kind != "payoff" and not name:
        raise CaseError([Problem("needs a name", path="name")])
    names = UniqueIdentifiers(_taken(data))
    if kind == "party":
        return with_value(text, ("parties", names.allocate(name, "party")), {"name": name})
    if kind == "unknown":
        estimate = read_estimate(str(answers.get("estimate", "")), "estimate")
        best = {} if estimate.best is None else {"best": _as_written(estimate.best)}
        ends = [] if estimate.low is None else [_as_written([estimate.low, estimate.high])]
        reach = {"range": ends[0]} if ends else {}
        key = names.allocate(name, "number")
        return with_value(text, ("unknowns", key), {"label": name, **best, **reach})
    if kind in _ADDERS:
        return _ADDERS[kind](text, data, name, answers)
    if kind == "payoff":
        return _add_payoff(text, data, answers)
    if kind == "deal":
        table = str(answers.get("table", ""))
        deals = UniqueIdentifiers(_at(data, "tables", table, "deals"))
        effects = _read_effects(str(answers.get("effects", "")), "effects")
        inside = {"about": name} | ({"set": effects} if effects else {})
        return with_value(text, ("tables", table, "deals", deals.allocate(name, "deal")), inside)
    if kind == "move":
        effects = _read_effects(str(answers.get("effects", "")), "effects")
        by = str(answers.get("by") or "")
        if not by:
            raise CaseError([Problem("needs a party", path="by")])
        moves = UniqueIdentifiers(_at(data, "moves"))
        move = {"by": by, "set": effects}
        return _in_order(with_value(text, ("moves", moves.allocate(name, "move")), move), by)
    seats = list(answers.get("seats") or ())
    if len(seats) < 2:
        raise CaseError([Problem("takes two parties or more", path="seats")])
    deal_name = str(answers.get("deal", "")).strip()
    if not deal_name:
        raise CaseError([Problem("takes something that could be agreed", path="deal")])
    key, deal = names.allocate(name, "table"), UniqueIdentifiers().allocate(deal_name, "deal")
    effects = _read_effects(str(answers.get("effects", "")), "effects")
    inside = {"about": deal_name} | ({"set": effects} if effects else {})
    added = {"about": name, "seats": seats, "deals": {deal: inside}}
    return _in_order(with_value(text, ("tables", key), added), key)


def _in_order(text: str, step: str) -> str:
    """The text with a step at the end of the order, where there is an order that lacks it."""
    order = case_data(text).get("order")
    if not isinstance(order, list) or re.search(rf"\b{re.escape(step)}\b", repr(order)):
        return text
    return with_value(text, ("order", len(order)), step)


def _add_claim(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    quantity, test = str(answers.get("outcome") or ""), str(answers.get("test") or "likely")
    if not quantity or test not in CERTAINTIES:
        help = "say what has to come out for the sentence to be true"
        raise CaseError([Problem("has no test yet", path="outcome", help=help)])
    key = UniqueIdentifiers(_at(data, "claims")).allocate(name, "sentence")
    says = {"says": name, "test": f"{quantity} {CERTAINTIES[test][1]}"}
    return with_value(text, ("claims", key), says)


def _chosen(answers: Mapping[str, Any], field: str, what: str) -> str:
    """What was chosen in a field; raises CaseError at the field where nothing was."""
    value = str(answers.get(field) or "").strip()
    if not value:
        raise CaseError([Problem(f"needs {what}", path=field)])
    return value


def _add_type(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    party = _chosen(answers, "party", "a party")
    if _at(data, "parties", party, "types"):
        raise CaseError([Problem("has types already", path="party", help="open it above")])
    other = _chosen(answers, "other", "what it may be otherwise")
    chance = str(_formula(_chosen(answers, "chance", "a probability")))
    if not re.fullmatch(_AMOUNT, chance):
        help = "write a number above 0 and below 1, or the name of an unknown"
        raise CaseError([Problem("is no probability", path="chance", found=chance, help=help)])
    names = UniqueIdentifiers()
    first, second = names.allocate(name, "one"), names.allocate(other, "other")
    types = {first: _formula(chance), second: f"1 - {chance}"}
    return with_value(text, ("parties", party, "types"), types)


def _add_promise(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    forbids = list(answers.get("forbids") or ())
    if not forbids:
        raise CaseError([Problem("needs a move that breaks it", path="forbids")])
    movers = {str(_at(data, "moves", move).get("by", "")) for move in forbids}
    if len(movers) > 1:
        help = "choose moves of one party: a promise is its own"
        raise CaseError([Problem("has moves of several parties", path="forbids", help=help)])
    key = UniqueIdentifiers(_taken(data)).allocate(name, "promise")
    breach = str(answers.get("breach", "")).strip()
    costs = {"breach": _formula(breach)} if breach else {}
    promise = {"by": movers.pop(), "forbids": forbids} | costs
    return with_value(text, ("promises", key), promise)


def _add_chance(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    odds = _formula(_chosen(answers, "chance", "a probability"))
    effects = _read_effects(_chosen(answers, "effects", "what it changes"), "effects")
    key = UniqueIdentifiers(_taken(data)).allocate(name, "chance")
    when = str(answers.get("when", "")).strip()
    only = {"when": _formula(when)} if when else {}
    happens = {"name": "strikes", "chance": odds, "set": effects}
    return _in_order(with_value(text, ("chance", key), only | {"outcomes": [happens]}), key)


def _add_lever(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    options = _chosen(answers, "set", "what is different then")
    by = str(answers.get("by") or "")
    key = UniqueIdentifiers(_at(data, "levers")).allocate(name, "lever")
    lever = {"says": name} | ({"by": by} if by else {}) | {"set": options}
    return with_value(text, ("levers", key), lever)


_ADDERS = {
    "type": _add_type, "promise": _add_promise, "chance": _add_chance, "claim": _add_claim,
    "lever": _add_lever,
}  # fmt: skip


def _taken(data: dict[str, Any]) -> set[str]:
    """Names that a new part of the case must not have."""
    parts = ("parties", "state", "unknowns", "conditions", "promises", "tables", "chance")
    return {key for part in parts for key in _at(data, part)}


def moves_in_words(text: str) -> dict[str, str]:
    """The moves, by name, each with who makes it.

    text  the whole case
    """
    data = case_data(text)
    names = _party_names(data)
    return {
        key: f"{names.get(str(_at(move).get('by')), '')}: {key.replace('_', ' ')}"
        for key, move in _at(data, "moves").items()
    }


def _add_payoff(text: str, data: dict[str, Any], answers: Mapping[str, Any]) -> str:
    party, fact = str(answers.get("party") or ""), str(answers.get("fact") or "")
    for name, value in (("party", party), ("fact", fact)):
        if not value:
            raise CaseError([Problem("is still to be chosen", path=name)])
    amount = str(_formula(str(answers.get("amount", ""))))
    if not re.fullmatch(_AMOUNT, amount):
        help = "write a number above 0, or the name of an unknown"
        raise CaseError([Problem("is no amount", path="amount", found=amount, help=help)])
    sign = "-" if answers.get("verb", "costs") == "costs" else ""
    term = UniqueIdentifiers(_at(data, "payoffs", party)).allocate(fact, "term")
    return with_value(text, ("payoffs", party, term), f"{sign}{amount} * {fact}")


def facts_in_words(text: str) -> dict[str, str]:
    """The facts that are true or false, by name, in words.

    text  the whole case
    """
    return _facts(case_data(text))


def parties_in_words(text: str) -> dict[str, str]:
    """The parties, by name, as people call them.

    text  the whole case
    """
    return _party_names(case_data(text))


def tables_in_words(text: str) -> dict[str, str]:
    """The tables, by name, as people call them.

    text  the whole case
    """
    return {key: _words(key, table) for key, table in _at(case_data(text), "tables").items()}
