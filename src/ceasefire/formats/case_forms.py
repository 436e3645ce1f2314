"""What does a form show of a case, and what does an answer in it make of the text?

A form shows what is written, part by part, in words: an unknown as `0.6 (0.3 to 0.9)`, a payoff as
a sentence with an amount in it, an effect as `fighting = false`. What it has no words for it shows
as the formula that stands in the text. The text stays the case: each answer changes one value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ceasefire.diagnostics import join_names, readable_name
from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_text import CasePath, case_data, with_value, without_value
from ceasefire.formats.case_writer import UniqueIdentifiers
from ceasefire.formats.form_alternatives import (
    OPTION_DEPTH,
    add_alternative,
    add_change,
    add_option,
    alternative_items,
    without_change,
    without_option,
)
from ceasefire.formats.form_fields import (
    AMOUNT,
    DISTRIBUTIONS,
    FormField,
    FormItem,
    FormSection,
    as_written,
    chosen_answer,
    effects_field,
    estimate_words,
    facts_of,
    field_at,
    label_or_name,
    mapping_at,
    party_names,
    payoff_field,
    read_amount,
    read_effects,
    read_formula,
    with_amount,
    with_estimate,
    words_for,
)
from ceasefire.formats.form_order import order_field, read_order
from ceasefire.formats.guided_case import CERTAINTIES, PERIODS
from ceasefire.formats.plain_numbers import read_estimate, read_plain_number

MOST_TYPES = 4
ENDINGS = {  # the first unless said
    "lasts": "the last state lasts for ever and goes on paying",
    "nothing": "play stops and pays nothing more",
    "final": "the game is over by its own rules",
}


def case_form(text: str) -> tuple[FormSection, ...]:
    """Every part of a case as a form shows it.

    text  the whole case

    Raises CaseError for a text that is not YAML, and where a number or nothing stands for a name.

    >>> from ceasefire.case import template
    >>> [section.title for section in case_form(template())][:3]
    ['The case', 'Parties', 'What nobody knows']
    >>> case_form(template())[2].items[0].fields[1].value
    '0.6 (0.3 to 0.9)'
    """
    data = case_data(text)
    _refuse_numbers_as_names(data)
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
            "Rival ways to write a part of the case; the first option is the case as it is.",
            tuple(alternative_items(data)),
            "alternative",
        ),
    )


def _refuse_numbers_as_names(data: dict[str, Any]) -> None:
    """Raise CaseError for a part of the case whose name is no text: no case has such a part."""
    holders = {str(section): mapping_at(named) for section, named in data.items()}
    for section, inside in (("tables", "deals"), ("alternatives", "options")):
        for key, part in mapping_at(data, section).items():
            holders[f"{section}.{key}.{inside}"] = mapping_at(part, inside)
    for key, terms in mapping_at(data, "payoffs").items():
        holders[f"payoffs.{key}"] = mapping_at(terms)
    problems = [
        Problem("a name is text", path=path, found=str(key), help="put it in quotes")
        for path, named in holders.items()
        for key in named
        if not isinstance(key, str)
    ]
    if problems:
        raise CaseError(problems)


def change_field(text: str, field: FormField, value: str | tuple[str, ...]) -> str:
    """The text after an answer; unchanged if it is what stands there.

    text   the whole case
    field  what was answered
    value  the answer, as the field shows it

    Raises CaseError with the path of the field for an answer that means nothing there.
    """
    if value == field.value:
        return text
    of_option = len(field.path) > OPTION_DEPTH and field.path[0] == "alternatives"
    if of_option and not (value.strip() if isinstance(value, str) else value):
        return without_change(text, field.path)
    if field.kind == "estimate":
        return with_estimate(text, field.path, str(value))
    written: Any = value
    if field.kind == "number":
        number = read_plain_number(str(value), field.problem_path)
        written = int(number) if number.is_integer() else number
    elif field.kind == "effects":
        written = read_effects(str(value), field.problem_path)
    elif field.kind == "formula":
        written = read_formula(str(value))
    elif field.kind == "choices":
        written = list(value)
    elif field.kind == "order":
        written = read_order(str(value), case_data(text), field.problem_path)
    else:
        written = str(value).strip()
    if written in ("", [], {}):
        return without_value(text, field.path) if _is_written(text, field.path) else text
    if field.kind == "amount":
        holder = mapping_at(case_data(text), *map(str, field.path[:-1]))
        written = with_amount(holder.get(str(field.path[-1])), str(value), field.problem_path)
    return with_value(text, field.path, written)


def _is_written(text: str, path: CasePath) -> bool:
    return path[-1] in mapping_at(case_data(text), *map(str, path[:-1]))


def remove_item(text: str, item: FormItem) -> str:
    """The text without a party, a table, an unknown; what names it elsewhere is left as it is.

    text  the whole case
    item  what is taken out
    """
    if len(item.path) == OPTION_DEPTH and item.path[0] == "alternatives":
        return without_option(text, item.path)
    return without_value(text, item.path)


def _case_item(data: dict[str, Any]) -> FormItem:
    periods = {period: period for period in PERIODS}
    usual = {} if "extends" in data else {"ending": next(iter(ENDINGS))}
    fields = (
        field_at(data, (), "title", "title"),
        field_at(data, (), "about", "what it is about"),
        field_at(data, (), "period", "a period is a", "choice", choices=periods),
        field_at(data, (), "start", "the first begins", hint="a date, such as 2025-05"),
        field_at(data, (), "horizon", "how many periods", "number"),
        field_at(usual | data, (), "ending", "after the last", "choice", choices=ENDINGS),
        order_field(data, (), data.get("order")),
    )
    return FormItem((), "", fields, removable=False)


def _party_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, party in mapping_at(data, "parties").items():
        path = ("parties", key)
        fields: tuple[FormField, ...] = (
            field_at(party, path, "name", "name"),
            field_at(party, path, "patience", "patience", "formula", hint="0 to 1, or an unknown"),
            field_at(
                party, path, "precision", "precision", "formula", hint="above 0, or an unknown"
            ),
        )
        types = mapping_at(party, "types")
        fields += tuple(
            field_at(types, (*path, "types"), kind, f"chance that it is {words_for(kind, None)}",
                   "formula", hint="above 0 and below 1, or an unknown; together 1")
            for kind in types
        )  # fmt: skip
        note = "Who sees its types otherwise stands in the text." if types else ""
        yield FormItem(path, party_names(data)[key], fields, note=note)


def _unknown_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, unknown in mapping_at(data, "unknowns").items():
        path = ("unknowns", key)
        kind = next((k for k in DISTRIBUTIONS if k in mapping_at(data, *path)), "")
        hint = "0.6 (0.3 to 0.9), 50 %"
        note = f"Its distribution stands in the text ({kind})." if kind else ""
        estimate = (
            field_at(unknown, path, "best", "best estimate", "number")
            if kind
            else FormField(
                path, "estimate", estimate_words(mapping_at(data, *path)), "estimate", hint=hint
            )
        )
        fields = (
            field_at(unknown, path, "label", "what it is"),
            estimate,
            field_at(unknown, path, "unit", "unit"),
            field_at(unknown, path, "about", "why so"),
        )
        yield FormItem(
            path, words_for(key, {"label": mapping_at(data, *path).get("label")}), fields, note=note
        )


def _payoff_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for party, terms in mapping_at(data, "payoffs").items():
        for term, written in terms.items() if isinstance(terms, dict) else ():
            path = ("payoffs", party, term)
            title, field = payoff_field(data, path, written)
            yield FormItem(path, title, (field,))


def _table_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = party_names(data)
    for key, table in mapping_at(data, "tables").items():
        path = ("tables", key)
        fields = (
            field_at(table, path, "label", "what people call it"),
            field_at(table, path, "about", "what it is"),
            field_at(table, path, "seats", "who sits there", "choices", choices=names),
            field_at(
                table, path, "meets", "chance to meet", "formula", hint="0 to 1, or an unknown"
            ),
            field_at(table, path, "when", "only when", "formula"),
        )
        yield FormItem(path, f"Table: {words_for(key, table)}", fields)
        for name, deal in mapping_at(data, *path, "deals").items():
            inner = (*path, "deals", name)
            deal_fields = (
                field_at(deal, inner, "label", "what people call it"),
                field_at(deal, inner, "about", "what is agreed"),
                field_at(deal, inner, "when", "only when", "formula"),
                effects_field(deal, inner),
                *_promises_given(data, deal, inner),
            )
            yield FormItem(inner, f"Deal: {words_for(name, deal)}", deal_fields)


def _promises_given(data: dict[str, Any], holder: Any, path: CasePath) -> Iterator[FormField]:
    """Which promises a deal or a move gives, where there are any to give."""
    promises = {key: readable_name(key) for key in mapping_at(data, "promises")}
    if promises:
        yield field_at(holder, path, "promises", "what it promises", "choices", choices=promises)


def _move_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = party_names(data)
    for key, move in mapping_at(data, "moves").items():
        path = ("moves", key)
        fields = (
            field_at(move, path, "by", "by", "choice", choices=names),
            field_at(move, path, "when", "only when", "formula"),
            field_at(move, path, "cost", "what it costs", "formula"),
            effects_field(move, path),
            *_promises_given(data, move, path),
        )
        yield FormItem(path, move_title(data, key), fields)


def move_title(data: dict[str, Any], key: str) -> str:
    """A move as people call it: whose it is, and its label or its name.

    data  the case
    key   the name of the move, with its party where the file has it so

    >>> data = {"parties": {"uk": {"name": "Britain"}}, "moves": {"uk.send_troops": {"by": "uk"}}}
    >>> move_title(data, "uk.send_troops")
    'Britain: send troops'
    """
    move, names = mapping_at(data, "moves", key), party_names(data)
    words = label_or_name(key.rpartition(".")[2], move)
    party = names.get(str(move.get("by", "")))
    return f"{party}: {words}" if party else words


def _promise_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names, period = party_names(data), data.get("period", "month")
    for key, promise in mapping_at(data, "promises").items():
        path = ("promises", key)
        said = mapping_at(data, *path)
        about = "owes" if said.get("owes") else "forbids"
        listed = [str(name) for name in said.get(about) or ()]
        own = [
            name
            for name, move in mapping_at(data, "moves").items()
            if mapping_at(move).get("by") == said.get("by", "")
        ]
        moves = {name: move_title(data, name) for name in dict.fromkeys([*own, *listed])}
        asked = "what it owes, one of these" if about == "owes" else "what breaks it"
        within = field_at(promise, path, "within", f"within how many {period}s", "number")
        yield FormItem(path, readable_name(key), (
            field_at(promise, path, "by", "who promises", "choice", choices=names),
            field_at(promise, path, about, asked, "choices", choices=moves),
            *((within,) if about == "owes" else ()),
            field_at(promise, path, "breach", "what breaking it costs", "formula"),
        ))  # fmt: skip


def _chance_items(data: dict[str, Any]) -> Iterator[FormItem]:
    for key, chance in mapping_at(data, "chance").items():
        path = ("chance", key)
        fields = [field_at(chance, path, "when", "only when", "formula")]
        outcomes = mapping_at(data, *path).get("outcomes")
        if not isinstance(outcomes, list):
            fields.append(effects_field(chance, path))
        for place, outcome in enumerate(outcomes if isinstance(outcomes, list) else ()):
            inner = (*path, "outcomes", place)
            name = readable_name(str(mapping_at(outcome).get("name") or f"outcome {place + 1}"))
            odds = field_at(outcome, inner, "chance", f"chance of {name}", "formula",
                          hint="0 to 1, or an unknown")  # fmt: skip
            effects = replace(effects_field(outcome, inner), label=f"what {name} changes")
            fields += [odds, effects]
        yield FormItem(path, readable_name(key), tuple(fields))


def _lever_items(data: dict[str, Any]) -> Iterator[FormItem]:
    names = party_names(data)
    for key, lever in mapping_at(data, "levers").items():
        path = ("levers", key)
        fields = (
            field_at(lever, path, "says", "the decision in words"),
            field_at(lever, path, "by", "who could take it", "choice", choices=names),
            field_at(lever, path, "set", "what is different then",
                   hint="such as without=talks or given={odds: 0.5}"),
        )  # fmt: skip
        yield FormItem(path, str(mapping_at(lever).get("says") or readable_name(key)), fields)


def _claim_items(data: dict[str, Any]) -> Iterator[FormItem]:
    claims = mapping_at(data, "claims")
    for key, claim in claims.items():
        path = ("claims", key)
        others = {k: str(mapping_at(claims, k).get("says") or k) for k in claims if k != key}
        fields = (
            field_at(claim, path, "says", "sentence"),
            field_at(claim, path, "test", "true if", "formula"),
            field_at(claim, path, "because", "rests on", "choices", choices=others),
        )
        yield FormItem(path, str(mapping_at(claims, key).get("says") or key), fields)


def outcome_quantities(text: str) -> dict[str, str]:
    """What a new claim can be about: quantities of the case, by quantity, in words.

    text  the whole case

    >>> from ceasefire.case import template
    >>> next(iter(outcome_quantities(template()).items()))
    ('P(eventually(happens(talks.ceasefire)))', '“ceasefire” is agreed')
    """
    data = case_data(text)
    found = dict[str, str]()
    for key in mapping_at(data, "tables"):
        for name, deal in mapping_at(data, "tables", key, "deals").items():
            found[f"P(eventually(happens({key}.{name})))"] = f"“{words_for(name, deal)}” is agreed"
    for key in mapping_at(data, "moves"):
        by, name = str(mapping_at(data, "moves", key).get("by")), key.rpartition(".")[2]
        asked = f"P(eventually(happens({by}.{name})))"
        found[asked] = f"{move_title(data, key)}, sooner or later"
    for fact, words in facts_of(data).items():
        found[f"P(at_end({fact}))"] = f"in the end: {words}"
        found[f"P(at_end(not {fact}))"] = f"in the end not: {words}"
    return found


def add_item(text: str, kind: str, answers: Mapping[str, Any]) -> str:
    """The text with a new party, type, unknown, payoff, table, deal, move, promise, chance, claim,
    lever, alternative, option, or change of an option.

    text     the whole case
    kind     one of these
    answers  what was answered, by the name of the field

    Raises CaseError, with the name of the field as its path, for what is missing or no number.
    """
    data = case_data(text)
    if kind == "change":
        return add_change(text, answers)
    name = str(answers.get("name", "")).strip()
    if kind != "payoff" and not name:
        raise CaseError([Problem("needs a name", path="name")])
    names = UniqueIdentifiers(_taken(data))
    if kind == "party":
        return with_value(text, ("parties", names.allocate(name, "party")), {"name": name})
    if kind == "unknown":
        estimate = read_estimate(str(answers.get("estimate", "")), "estimate")
        best = {} if estimate.best is None else {"best": as_written(estimate.best)}
        ends = [] if estimate.low is None else [as_written([estimate.low, estimate.high])]
        reach = {"range": ends[0]} if ends else {}
        key = names.allocate(name, "number")
        return with_value(text, ("unknowns", key), {"label": name, **best, **reach})
    if kind in _ADDERS:
        return _ADDERS[kind](text, data, name, answers)
    if kind == "payoff":
        return _add_payoff(text, data, answers)
    if kind == "deal":
        table = str(answers.get("table", ""))
        deals = UniqueIdentifiers(mapping_at(data, "tables", table, "deals"))
        effects = read_effects(str(answers.get("effects", "")), "effects")
        inside = {"label": name} | ({"set": effects} if effects else {})
        return with_value(text, ("tables", table, "deals", deals.allocate(name, "deal")), inside)
    if kind == "move":
        effects = read_effects(str(answers.get("effects", "")), "effects")
        by = str(answers.get("by") or "")
        if not by:
            raise CaseError([Problem("needs a party", path="by")])
        moves = UniqueIdentifiers(mapping_at(data, "moves"))
        move = {"by": by, "set": effects}
        return _in_order(with_value(text, ("moves", moves.allocate(name, "move")), move), by)
    seats = list(answers.get("seats") or ())
    if len(seats) < 2:
        raise CaseError([Problem("takes two parties or more", path="seats")])
    deal_name = str(answers.get("deal", "")).strip()
    if not deal_name:
        raise CaseError([Problem("takes something that could be agreed", path="deal")])
    key, deal = names.allocate(name, "table"), UniqueIdentifiers().allocate(deal_name, "deal")
    effects = read_effects(str(answers.get("effects", "")), "effects")
    inside = {"label": deal_name} | ({"set": effects} if effects else {})
    added = {"label": name, "seats": seats, "deals": {deal: inside}}
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
    key = UniqueIdentifiers(mapping_at(data, "claims")).allocate(name, "sentence")
    says = {"says": name, "test": f"{quantity} {CERTAINTIES[test][1]}"}
    return with_value(text, ("claims", key), says)


def _add_type(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    party = chosen_answer(answers, "party", "a party")
    types = mapping_at(data, "parties", party, "types")
    if len(types) == MOST_TYPES:
        help = "change one of them, or join types that act alike"
        raise CaseError([Problem("has four types already", path="party", help=help)])
    other = str(answers.get("other") or "").strip()
    if not types:
        other = chosen_answer(answers, "other", "what it may be otherwise")
    chance = str(read_formula(chosen_answer(answers, "chance", "a probability")))
    if not re.fullmatch(AMOUNT, chance):
        help = "write a number above 0 and below 1, or the name of an unknown"
        raise CaseError([Problem("is no probability", path="chance", found=chance, help=help)])
    names, path = UniqueIdentifiers(types), ("parties", party, "types")
    if types:
        rest = _type_of_the_rest(types, other)
        text = with_value(text, (*path, rest), _less(types[rest], chance))
        return with_value(text, (*path, names.allocate(name, "other")), read_formula(chance))
    first, second = names.allocate(name, "one"), names.allocate(other, "other")
    return with_value(text, path, {first: read_formula(chance), second: f"1 - {chance}"})


def _type_of_the_rest(types: Mapping[str, Any], said: str) -> str:
    """The type that a new one takes its chance from: the one that was said, else the rest."""
    if not said:
        left = [name for name, prior in types.items() if str(prior).startswith("1 -")]
        return (left or list(types))[-1]
    named = {readable_name(name).casefold(): name for name in types}
    found = named.get(readable_name(said).casefold())
    if found is None:
        help = "name the type that is less likely now that there is another"
        problem = Problem("is none of its types", path="other", found=said,
                          allowed=join_names(types), help=help)  # fmt: skip
        raise CaseError([problem])
    return found


def _less(prior: Any, chance: str) -> Any:
    """A prior after a part of it went to another type; raises CaseError if nothing is left."""
    if isinstance(prior, int | float) and re.fullmatch(r"[\d.]+", chance):
        left = round(prior - float(chance), 12)
        if left <= 0:
            problem = Problem("leaves nothing of the other type", path="chance", found=chance,
                              allowed=f"below {prior}")  # fmt: skip
            raise CaseError([problem])
        return left
    written = str(prior)
    simple = re.fullmatch(r"[\w.\s*/+-]+", written) and " if " not in written
    return f"{written} - {chance}" if simple else f"({written}) - {chance}"


def _add_promise(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    forbids, owes = list(answers.get("forbids") or ()), list(answers.get("owes") or ())
    if forbids and owes:
        help = "leave one of the two empty: a promise forbids moves or owes one"
        raise CaseError(
            [Problem("cannot stand beside moves that break it", path="owes", help=help)]
        )
    asked, moves = ("owes", owes) if owes else ("forbids", forbids)
    if not moves:
        raise CaseError([Problem("needs a move that breaks it, or one that it owes", path=asked)])
    movers = {str(mapping_at(data, "moves", move).get("by", "")) for move in moves}
    if len(movers) > 1:
        help = "choose moves of one party: a promise is its own"
        raise CaseError([Problem("has moves of several parties", path=asked, help=help)])
    within: dict[str, Any] = {}
    if owes:
        periods = read_plain_number(
            chosen_answer(answers, "within", "a number of periods"), "within"
        )
        within = {"within": int(periods) if periods.is_integer() else periods}
    key = UniqueIdentifiers(_taken(data)).allocate(name, "promise")
    breach = str(answers.get("breach", "")).strip()
    costs = {"breach": read_formula(breach)} if breach else {}
    promise = {"by": movers.pop(), asked: moves} | within | costs
    return with_value(text, ("promises", key), promise)


def _add_chance(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    odds = read_formula(chosen_answer(answers, "chance", "a probability"))
    effects = read_effects(chosen_answer(answers, "effects", "what it changes"), "effects")
    key = UniqueIdentifiers(_taken(data)).allocate(name, "chance")
    when = str(answers.get("when", "")).strip()
    only = {"when": read_formula(when)} if when else {}
    happens = {"name": "strikes", "chance": odds, "set": effects}
    return _in_order(with_value(text, ("chance", key), only | {"outcomes": [happens]}), key)


def _add_lever(text: str, data: dict[str, Any], name: str, answers: Mapping[str, Any]) -> str:
    options = chosen_answer(answers, "set", "what is different then")
    by = str(answers.get("by") or "")
    key = UniqueIdentifiers(mapping_at(data, "levers")).allocate(name, "lever")
    lever = {"says": name} | ({"by": by} if by else {}) | {"set": options}
    return with_value(text, ("levers", key), lever)


_ADDERS: Mapping[str, Callable[[str, dict[str, Any], str, Mapping[str, Any]], str]] = {
    "type": _add_type, "promise": _add_promise, "chance": _add_chance, "claim": _add_claim,
    "lever": _add_lever,
    "alternative": lambda text, _, name, answers: add_alternative(text, name, answers),
    "option": lambda text, _, name, answers: add_option(text, name, answers),
}  # fmt: skip


def _taken(data: dict[str, Any]) -> set[str]:
    """Names that a new part of the case must not have."""
    parts = ("parties", "state", "unknowns", "conditions", "promises", "tables", "chance")
    return {key for part in parts for key in mapping_at(data, part)}


def moves_in_words(text: str) -> dict[str, str]:
    """The moves, by name, each with who makes it.

    text  the whole case
    """
    data = case_data(text)
    names = party_names(data)
    return {
        key: f"{names.get(str(mapping_at(move).get('by')), '')}: {key.replace('_', ' ')}"
        for key, move in mapping_at(data, "moves").items()
    }


def _add_payoff(text: str, data: dict[str, Any], answers: Mapping[str, Any]) -> str:
    party, fact = str(answers.get("party") or ""), str(answers.get("fact") or "")
    for name, value in (("party", party), ("fact", fact)):
        if not value:
            raise CaseError([Problem("is still to be chosen", path=name)])
    amount = read_amount(str(answers.get("amount", "")), "amount")
    sign = "-" if answers.get("verb", "costs") == "costs" else ""
    term = UniqueIdentifiers(mapping_at(data, "payoffs", party)).allocate(fact, "term")
    return with_value(text, ("payoffs", party, term), f"{sign}{amount} * {fact}")


def facts_in_words(text: str) -> dict[str, str]:
    """The facts that are true or false, by name, in words.

    text  the whole case
    """
    return facts_of(case_data(text))


def parties_in_words(text: str) -> dict[str, str]:
    """The parties, by name, as people call them.

    text  the whole case
    """
    return party_names(case_data(text))


def tables_in_words(text: str) -> dict[str, str]:
    """The tables, by name, as people call them.

    text  the whole case
    """
    return {
        key: words_for(key, table) for key, table in mapping_at(case_data(text), "tables").items()
    }
