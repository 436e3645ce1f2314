"""How is a case written out in full? Every default filled in, every expression in quotes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from itertools import groupby
from typing import Any

from ceasefire.case.expressions import Expression
from ceasefire.case.model import (
    Baseline,
    Case,
    Claim,
    Deal,
    DocumentedItem,
    Effects,
    Event,
    Forecast,
    Lever,
    Move,
    Outcome,
    Party,
    Promise,
    Renewals,
    Source,
    Step,
    Table,
    Unknown,
    Variable,
    VariableValue,
)
from ceasefire.case.yaml_words import needs_quotes_in_yaml


class BareName(str):
    """A name, which needs no quotes unless a reader of YAML takes it for something else."""

    __slots__ = ()


class WrittenNumber(str):
    """A number as it stands in a file, digit by digit."""

    __slots__ = ()


def dump(case: Case) -> str:
    """Write a case as YAML that loads to the same case.

    >>> from ceasefire.case.loading import loads
    >>> case = loads("{ceasefire: 1, horizon: 3, parties: {us: {}}, state: {war: {start: true}}}")
    >>> print(dump(case))
    ceasefire: 1
    title: "<text>"
    period: month
    horizon: 3
    ending: lasts
    tail: 0
    parties:
      us:
        name: "us"
        patience: "0.98"
        precision: "20"
    state:
      war:
        start: true
    order: [us]
    <BLANKLINE>
    >>> loads(dump(case)) == case
    True
    """
    return "".join(f"{line}\n" for line in _block_style_lines(_case_as_mapping(case)))


def digest(case: Case) -> str:
    """A fingerprint of what the case says: 64 hexadecimal digits."""
    return sha256(dump(case).encode()).hexdigest()


def _case_as_mapping(case: Case) -> dict[str, Any]:
    """The case as a mapping; sections that options change stand as they are written.

    A default that is filled in there would be in the way of an option: a written `order` has no
    place for the table that an option adds.
    """
    resolved = _resolved_sections(case)
    if not case.codings or case.chosen != case.codings[0].chosen:
        return resolved
    written = {name: _dumpable(value) for name, value in case.as_written.items()}
    later = {name: value for name, value in written.items() if name not in resolved}
    found = {name: written.get(name, value) for name, value in resolved.items()} | later
    options = {
        name: {
            **_documentation_keys(one),
            "options": _dumpable(one.options),
            **({"weights": dict(one.weights)} if set(one.weights.values()) != {1.0} else {}),
        }
        for name, one in case.alternatives.items()
    }
    return {n: v for n, v in found.items() if v is not None} | {"alternatives": options}


def _dumpable(value: Any) -> Any:
    """Mappings and tuples of what is written as mappings and lists."""
    if isinstance(value, Mapping):
        return {name: _dumpable(item) for name, item in value.items()}
    return [_dumpable(item) for item in value] if isinstance(value, tuple) else value


def _resolved_sections(case: Case) -> dict[str, Any]:
    return {
        "ceasefire": 1,
        "title": case.title,
        **_documentation_keys(case),
        "period": BareName(case.period),
        **({} if case.start is None else {"start": case.start}),
        "horizon": case.horizon,
        "ending": BareName(case.ending),
        "tail": case.tail,
        **_optional_section(
            "sources", {name: _source_as_mapping(one) for name, one in case.sources.items()}
        ),
        **_optional_section(
            "experts",
            {
                name: {"name": one.name, "weight": one.weight, **_documentation_keys(one)}
                for name, one in case.experts.items()
            },
        ),
        **_optional_section(
            "unknowns", {name: _unknown_as_mapping(one) for name, one in case.unknowns.items()}
        ),
        **_optional_section(
            "together", [[BareName(a), BareName(b), rank] for a, b, rank in case.together]
        ),
        "parties": {name: _party_as_mapping(one) for name, one in case.parties.items()},
        "state": {name: _variable_as_mapping(one) for name, one in case.state.items()},
        **_optional_section("conditions", _expression_texts(case.conditions)),
        **_optional_section("roles", {name: role.holder.text for name, role in case.roles.items()}),
        **_optional_section(
            "payoffs",
            {name: _expression_texts(terms) for name, terms in case.payoffs.items() if terms},
        ),
        **_optional_section("moves", _moves_as_mapping(case)),
        **_optional_section(
            "promises",
            {name: _promise_as_mapping(one, case.moves) for name, one in case.promises.items()},
        ),
        **_optional_section(
            "tables", {name: _table_as_mapping(one) for name, one in case.tables.items()}
        ),
        **_optional_section(
            "chance", {name: _effects_as_mapping(one) for name, one in case.chance.items()}
        ),
        "order": _order_as_items(case.order, case.moves),
        **_optional_section(
            "claims", {name: _claim_as_mapping(one) for name, one in case.claims.items()}
        ),
        **_optional_section(
            "levers", {name: _lever_as_mapping(one) for name, one in case.levers.items()}
        ),
        **_optional_section(
            "forecasts", {name: _forecast_as_mapping(one) for name, one in case.forecasts.items()}
        ),
        **_optional_section("events", [_event_as_mapping(event) for event in case.events]),
    }


def _optional_section(name: str, content: Any) -> dict[str, Any]:
    return {name: content} if content else {}


def _documentation_keys(item: DocumentedItem) -> dict[str, Any]:
    source = None if item.source is None else BareName(item.source)
    notes = {"label": item.label, "about": item.about, "unit": item.unit, "source": source}
    return {name: text for name, text in notes.items() if text is not None}


def _expression_texts(expressions: Mapping[str, Expression]) -> dict[str, str]:
    return {name: expression.text for name, expression in expressions.items()}


def _bare_names(names: Iterable[str]) -> list[BareName]:
    return [BareName(name) for name in names]


def _source_as_mapping(source: Source) -> dict[str, Any]:
    named = {field.name: getattr(source, field.name) for field in fields(source)}
    more = named.pop("more")
    return {**{name: text for name, text in named.items() if text is not None}, **more}


def _unknown_as_mapping(unknown: Unknown) -> dict[str, Any]:
    shape: dict[str, Any] = {unknown.kind: list(unknown.parameters)} if unknown.kind else {}
    if unknown.kind == "experts":
        judgements = {name: list(one.points) for name, one in unknown.experts.items()}
        bounds = {"least": unknown.least, "most": unknown.most}
        shape = {
            "experts": judgements,
            "is": BareName(unknown.points_are),
            **{name: bound for name, bound in bounds.items() if bound is not None},
        }
    return {"best": unknown.best, **shape, **_documentation_keys(unknown)}


def _party_as_mapping(party: Party) -> dict[str, Any]:
    beliefs = {
        observer: _expression_texts(priors) for observer, priors in party.believed_by.items()
    }
    return {
        "name": party.name,
        "patience": party.patience.text,
        "precision": party.precision.text,
        **_optional_section("types", _expression_texts(party.types)),
        **({"knows": list(party.knows)} if party.knows else {}),
        **_optional_section("believed_by", beliefs),
        **_documentation_keys(party),
    }


def _variable_as_mapping(variable: Variable) -> dict[str, Any]:
    values = variable.values
    if variable.kind == "boolean":
        return {
            "start": variable.start,
            **_labels_of_values(variable),
            **_documentation_keys(variable),
        }
    whole = [value for value in values if isinstance(value, int)]
    row = bool(whole) and whole == list(range(whole[0], whole[0] + len(whole)))
    written: Any = (
        BareName(f"{whole[0]}..{whole[-1]}") if row else [_bare_if_word(value) for value in values]
    )
    return {
        "values": written,
        "start": _bare_if_word(variable.start),
        **_labels_of_values(variable),
        **_documentation_keys(variable),
    }


def _labels_of_values(variable: Variable) -> dict[str, Any]:
    return _optional_section("labels", {BareName(k): label for k, label in variable.labels.items()})


def _bare_if_word(value: VariableValue) -> VariableValue:
    return BareName(value) if isinstance(value, str) else value


def _effects_as_mapping(item: Effects) -> dict[str, Any]:
    return {
        "when": item.when.text,
        **_optional_section("set", _expression_texts(item.set)),
        **_optional_section(
            "outcomes", [_outcome_as_mapping(outcome) for outcome in item.outcomes]
        ),
        **_optional_section("promises", _bare_names(item.promises)),
        **_optional_section("releases", _bare_names(item.releases)),
        **_renewals_as_section(item.renews),
        **({} if item.during is None else {"during": list(item.during)}),
        **_documentation_keys(item),
    }


def _outcome_as_mapping(outcome: Outcome) -> dict[str, Any]:
    name = {} if outcome.name is None else {"name": BareName(outcome.name)}
    return {
        **name,
        "chance": outcome.chance.text,
        **_optional_section("set", _expression_texts(outcome.set)),
        **_renewals_as_section(outcome.renews),
        **_documentation_keys(outcome),
    }


def _renewals_as_section(renews: Renewals) -> dict[str, Any]:
    if not any(renews.values()):
        return _optional_section("renews", _bare_names(tuple(renews)))
    return {"renews": {party: _expression_texts(likely) for party, likely in renews.items()}}


def _moves_as_mapping(case: Case) -> dict[str, Any]:
    """Each move or family by its name, or by `party.name` where another party has one of it."""
    written = [move for move in case.moves.values() if _stands_for_itself(move)]
    names = [_written_name(move.name, move) for move in written]
    return {
        name if names.count(name) == 1 else f"{move.party}.{name}": _move_as_mapping(move)
        for name, move in zip(names, written, strict=True)
    }


def _stands_for_itself(option: Move | Deal) -> bool:
    """Whether the file says it with this one: a family is said with its first member."""
    return option.member is None or option.member.value == option.member.values[0]


def _written_name(name: str, option: Move | Deal) -> str:
    """The name under which a move or deal stands in the file."""
    return name.rpartition(".")[2] if option.member is None else option.member.family


def _family_as_mapping(option: Move | Deal) -> dict[str, Any]:
    if option.member is None:
        return {}
    low, high = min(option.member.values), max(option.member.values)
    is_range = option.member.values == tuple(range(low, high + 1))
    values = BareName(f"{low}..{high}") if is_range else list(option.member.values)
    return {"for": {option.member.number: values}}


def _move_as_mapping(move: Move) -> dict[str, Any]:
    start = {"by": BareName(move.party), **_family_as_mapping(move)}
    texts = {"cost": move.cost.text, "weight": move.weight.text}
    return {**start, **texts, **_effects_as_mapping(move)}


def _promise_as_mapping(promise: Promise, moves: Mapping[str, Move]) -> dict[str, Any]:
    kind, keys = ("owes", promise.owes) if promise.owes else ("forbids", promise.forbids)
    named = _bare_names(dict.fromkeys(_written_name(name, moves[name]) for name in keys))
    start = {"by": BareName(promise.by), kind: named}
    within = {"within": promise.within} if promise.owes else {}
    return {**start, **within, "breach": promise.breach.text, **_documentation_keys(promise)}


def _table_as_mapping(table: Table) -> dict[str, Any]:
    return {
        "seats": _bare_names(table.seats),
        "when": table.when.text,
        "meets": table.meets.text,
        "proposes": BareName(table.proposes),
        "deals": {
            _written_name(name, deal): _deal_as_mapping(deal)
            for name, deal in table.deals.items()
            if _stands_for_itself(deal)
        },
        **({} if table.during is None else {"during": list(table.during)}),
        **_documentation_keys(table),
    }


def _deal_as_mapping(deal: Deal) -> dict[str, Any]:
    cost = _optional_section("cost", _expression_texts(deal.cost))
    return {
        **_family_as_mapping(deal),
        "needs": _bare_names(deal.needs),
        "weight": deal.weight.text,
        **cost,
        **_effects_as_mapping(deal),
    }


def _order_as_items(order: Sequence[Step], moves: Mapping[str, Move]) -> list[Any]:
    items: list[Any] = []
    written = [step for step in order if step.kind != "deadline"]
    for (shuffle, moment), steps in groupby(written, key=lambda step: (step.shuffle, step.moment)):
        listed = [_step_as_item(step, moves) for step in steps]
        if moment is not None:
            items.append(listed)
        else:
            items += listed if shuffle is None else [{"shuffle": listed}]
    return items


def _step_as_item(step: Step, moves: Mapping[str, Move]) -> Any:
    if step.only is None:
        return BareName(step.id)
    every = {name: moves.get(f"{step.id}.{name}") for name in step.only}
    names = [name if move is None else _written_name(name, move) for name, move in every.items()]
    return {step.id: _bare_names(dict.fromkeys(names))}


def _claim_as_mapping(claim: Claim) -> dict[str, Any]:
    named = ("says", "test", "where", "happened", "as_of")
    written = _fields_not_none(claim, named)
    if claim.test_is_premises:
        del written["test"]
    because = {"because": _bare_names(claim.because)} if claim.because else {}
    baseline = {} if claim.baseline is None else {"baseline": _baseline_as_mapping(claim.baseline)}
    return {**written, **because, **baseline, **_documentation_keys(claim)}


def _baseline_as_mapping(baseline: Baseline) -> dict[str, Any]:
    named = ("lasted", "within", "beyond", "deaths", "after", "probability")
    return {**_fields_not_none(baseline, named), **_documentation_keys(baseline)}


def _lever_as_mapping(lever: Lever) -> dict[str, Any]:
    by = {} if lever.by is None else {"by": BareName(lever.by)}
    return {
        **_fields_not_none(lever, ("says",)),
        **by,
        "set": lever.set,
        **_documentation_keys(lever),
    }


def _forecast_as_mapping(forecast: Forecast) -> dict[str, Any]:
    start = {"claim": BareName(forecast.claim), "probability": forecast.probability}
    return {
        **start,
        "as_of": forecast.as_of,
        "kind": BareName(forecast.kind),
        **_documentation_keys(forecast),
    }


def _fields_not_none(item: DocumentedItem, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names if getattr(item, name) is not None}


def _event_as_mapping(event: Event) -> dict[str, Any]:
    observed = {name: _bare_if_word(value) for name, value in event.observed.items()}
    target: Any = observed if event.kind == "observed" else BareName(event.target)
    by = {} if event.by is None else {"by": BareName(event.by)}
    doubt = {} if event.confirmed else {"confirmed": False}
    return {"period": event.period, event.kind: target, **by, **doubt, **_documentation_keys(event)}


def _block_style_lines(mapping: Mapping[str, Any]) -> Iterable[str]:
    """The lines of a mapping, one entry after the other, indented by two."""
    for name, value in mapping.items():
        if isinstance(value, Mapping) and value:
            yield f"{_scalar_as_yaml(BareName(name))}:"
            yield from (f"  {line}" for line in _block_style_lines(value))
        elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
            yield f"{_scalar_as_yaml(BareName(name))}:"
            yield from (f"  - {_flow_style_text(item)}" for item in value)
        else:
            yield f"{_scalar_as_yaml(BareName(name))}: {_flow_style_text(value)}"


def _flow_style_text(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{_scalar_as_yaml(BareName(name))}: {_flow_style_text(item)}"
            for name, item in value.items()
        )
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow_style_text(item) for item in value)}]"
    return _scalar_as_yaml(value)


def _scalar_as_yaml(value: Any) -> str:
    if isinstance(value, BareName) and not needs_quotes_in_yaml(value):
        return value
    if isinstance(value, WrittenNumber):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, str):
        return '"' + "".join(_escape_character(letter) for letter in value) + '"'
    return repr(value)


def _escape_character(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    plain = letter.isprintable() and letter not in "\ufeff\u0085"
    return letter if plain else f"\\U{ord(letter):08X}"


_TEMPLATE_TEXT = """\
# A case is an argument written down so that it can be tested. Change anything here, then run
#   ceasefire check THIS_FILE
# Expressions read like `0.5 * line`; one with a comma or a `: ` in it wants quotes around it.
ceasefire: 1
title: Two neighbours
about: North holds the initiative; do talks end the war, and is the end worth anything?
period: month
horizon: 12                       # questions look at twelve months
tail: 6                           # play goes on for six more, so that nobody acts as if all ended

unknowns:                         # numbers nobody knows: a best estimate and a range
  war_cost: {best: 0.6, range: [0.3, 0.9], unit: payoff/month, about: what war costs North}

parties:
  north: {name: North, patience: 0.95, precision: 10}
  south: {name: South, patience: 0.95, precision: 10}

state:                            # the public facts, and where they stand today
  fighting: {start: true}

payoffs:                          # what each receives at a month's end; the terms add up
  north: {war: -war_cost * fighting, gain: 0.5 * fighting}
  south: {war: -1.0 * fighting}

moves:                            # what a party can do alone
  attack: {by: north, when: not fighting, set: {fighting: true}, cost: 0.2}

promises:                         # breaking one costs `breach`
  no_attack: {by: north, forbids: [attack], breach: 0.5}

tables:                           # who sits together, and what can be agreed there
  talks:
    seats: [south, north]         # the first seat makes the offer
    meets: 0.5                    # they meet every other month
    deals:
      ceasefire: {when: fighting, set: {fighting: false}, promises: [no_attack]}

order: [talks, north]             # what comes first within a month

claims:                           # the argument: each sentence with its test
  the_war_stops:
    says: Within a year the guns fall silent.
    test: P(eventually(not fighting)) > 0.9
  the_promise_is_kept:
    says: North keeps its promise for a year.
    test: "kept(no_attack, 12, start={fighting: false}) > 0.8"
"""


def template() -> str:
    """Give a short, commented first case: two parties, a table, an unknown, a promise, two claims.

    >>> from ceasefire.case.loading import loads
    >>> loads(template()).title
    'Two neighbours'
    """
    return _TEMPLATE_TEXT
