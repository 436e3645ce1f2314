"""A case written out in full: every default filled in, every expression in quotes."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from hashlib import sha256
from typing import Any

from ceasefire.case.expressions import Expression
from ceasefire.case.model import (
    Baseline,
    Case,
    Claim,
    Deal,
    Effects,
    Event,
    Forecast,
    Move,
    Noted,
    Outcome,
    Party,
    Promise,
    Source,
    Step,
    Table,
    Unknown,
    Value,
    Variable,
)


class Bare(str):
    """A name, which needs no quotes."""

    __slots__ = ()


def dump(case: Case) -> str:
    """Write a case as YAML that loads to the same case.

    >>> from ceasefire.case.load import loads
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
    return "".join(f"{line}\n" for line in _block(_case(case)))


def digest(case: Case) -> str:
    """A fingerprint of what the case says: 64 hexadecimal digits."""
    return sha256(dump(case).encode()).hexdigest()


def _case(case: Case) -> dict[str, Any]:
    moves = [move.name for move in case.moves.values()]
    keys = {
        key: move.name if moves.count(move.name) == 1 else key for key, move in case.moves.items()
    }
    return {
        "ceasefire": 1,
        "title": case.title,
        **_notes(case),
        "period": Bare(case.period),
        **({} if case.start is None else {"start": case.start}),
        "horizon": case.horizon,
        "ending": Bare(case.ending),
        "tail": case.tail,
        **_section("sources", {name: _source(one) for name, one in case.sources.items()}),
        **_section("unknowns", {name: _unknown(one) for name, one in case.unknowns.items()}),
        **_section("together", [[Bare(a), Bare(b), rank] for a, b, rank in case.together]),
        "parties": {name: _party(one) for name, one in case.parties.items()},
        "state": {name: _variable(one) for name, one in case.state.items()},
        **_section("conditions", _texts(case.conditions)),
        **_section(
            "payoffs", {name: _texts(terms) for name, terms in case.payoffs.items() if terms}
        ),
        **_section("moves", {keys[key]: _move(move) for key, move in case.moves.items()}),
        **_section("promises", {name: _promise(one) for name, one in case.promises.items()}),
        **_section("tables", {name: _table(one) for name, one in case.tables.items()}),
        **_section("chance", {name: _effects(one) for name, one in case.chance.items()}),
        "order": [_step(step) for step in case.order],
        **_section("claims", {name: _claim(one) for name, one in case.claims.items()}),
        **_section("forecasts", {name: _forecast(one) for name, one in case.forecasts.items()}),
        **_section("events", [_event(event) for event in case.events]),
    }


def _section(name: str, content: Any) -> dict[str, Any]:
    return {name: content} if content else {}


def _notes(item: Noted) -> dict[str, Any]:
    source = None if item.source is None else Bare(item.source)
    notes = {"about": item.about, "unit": item.unit, "source": source}
    return {name: text for name, text in notes.items() if text is not None}


def _texts(expressions: Mapping[str, Expression]) -> dict[str, str]:
    return {name: expression.text for name, expression in expressions.items()}


def _names(names: Iterable[str]) -> list[Bare]:
    return [Bare(name) for name in names]


def _source(source: Source) -> dict[str, Any]:
    named = {field.name: getattr(source, field.name) for field in fields(source)}
    more = named.pop("more")
    return {**{name: text for name, text in named.items() if text is not None}, **more}


def _unknown(unknown: Unknown) -> dict[str, Any]:
    shape: dict[str, Any] = {unknown.kind: list(unknown.parameters)} if unknown.kind else {}
    return {"best": unknown.best, **shape, **_notes(unknown)}


def _party(party: Party) -> dict[str, Any]:
    beliefs = {observer: _texts(priors) for observer, priors in party.believed_by.items()}
    return {
        "name": party.name,
        "patience": party.patience.text,
        "precision": party.precision.text,
        **_section("types", _texts(party.types)),
        **_section("believed_by", beliefs),
        **_notes(party),
    }


def _variable(variable: Variable) -> dict[str, Any]:
    values = variable.values
    if variable.kind == "boolean":
        return {"start": variable.start, **_notes(variable)}
    whole = [value for value in values if isinstance(value, int)]
    row = bool(whole) and whole == list(range(whole[0], whole[0] + len(whole)))
    written: Any = Bare(f"{whole[0]}..{whole[-1]}") if row else [_value(value) for value in values]
    return {"values": written, "start": _value(variable.start), **_notes(variable)}


def _value(value: Value) -> Value:
    return Bare(value) if isinstance(value, str) else value


def _effects(item: Effects) -> dict[str, Any]:
    return {
        "when": item.when.text,
        **_section("set", _texts(item.set)),
        **_section("outcomes", [_outcome(outcome) for outcome in item.outcomes]),
        **_section("promises", _names(item.promises)),
        **_section("releases", _names(item.releases)),
        **({} if item.during is None else {"during": list(item.during)}),
        **_notes(item),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    name = {} if outcome.name is None else {"name": Bare(outcome.name)}
    return {
        **name,
        "chance": outcome.chance.text,
        **_section("set", _texts(outcome.set)),
        **_notes(outcome),
    }


def _move(move: Move) -> dict[str, Any]:
    start = {"by": Bare(move.party), "cost": move.cost.text, "weight": move.weight.text}
    return {**start, **_effects(move)}


def _promise(promise: Promise) -> dict[str, Any]:
    forbids = _names(move.split(".")[1] for move in promise.forbids)
    start = {"by": Bare(promise.by), "forbids": forbids, "breach": promise.breach.text}
    return {**start, **_notes(promise)}


def _table(table: Table) -> dict[str, Any]:
    return {
        "seats": _names(table.seats),
        "when": table.when.text,
        "meets": table.meets.text,
        "proposes": Bare(table.proposes),
        "deals": {name: _deal(deal) for name, deal in table.deals.items()},
        **({} if table.during is None else {"during": list(table.during)}),
        **_notes(table),
    }


def _deal(deal: Deal) -> dict[str, Any]:
    cost = _section("cost", _texts(deal.cost))
    return {"needs": _names(deal.needs), "weight": deal.weight.text, **cost, **_effects(deal)}


def _step(step: Step) -> Any:
    return Bare(step.id) if step.only is None else {step.id: _names(step.only)}


def _claim(claim: Claim) -> dict[str, Any]:
    named = ("says", "test", "where", "happened", "as_of")
    baseline = {} if claim.baseline is None else {"baseline": _baseline(claim.baseline)}
    return {**_given(claim, named), **baseline, **_notes(claim)}


def _baseline(baseline: Baseline) -> dict[str, Any]:
    named = ("lasted", "within", "beyond", "deaths", "after", "probability")
    return {**_given(baseline, named), **_notes(baseline)}


def _forecast(forecast: Forecast) -> dict[str, Any]:
    start = {"claim": Bare(forecast.claim), "probability": forecast.probability}
    return {**start, "as_of": forecast.as_of, "kind": Bare(forecast.kind), **_notes(forecast)}


def _given(item: Noted, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names if getattr(item, name) is not None}


def _event(event: Event) -> dict[str, Any]:
    observed = {name: _value(value) for name, value in event.observed.items()}
    target: Any = observed if event.kind == "observed" else Bare(event.target)
    by = {} if event.by is None else {"by": Bare(event.by)}
    doubt = {} if event.confirmed else {"confirmed": False}
    return {"period": event.period, event.kind: target, **by, **doubt, **_notes(event)}


def _block(mapping: Mapping[str, Any]) -> Iterable[str]:
    """The lines of a mapping, one entry after the other, indented by two."""
    for name, value in mapping.items():
        if isinstance(value, Mapping) and value:
            yield f"{_scalar(Bare(name))}:"
            yield from (f"  {line}" for line in _block(value))
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            yield f"{_scalar(Bare(name))}:"
            yield from (f"  - {_flow(item)}" for item in value)
        else:
            yield f"{_scalar(Bare(name))}: {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_scalar(Bare(name))}: {_flow(item)}" for name, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(item) for item in value)}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, Bare) and value.lower() not in ("null", "true", "false"):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(_letter(letter) for letter in value) + '"'
    return repr(value)


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    plain = letter.isprintable() and letter not in "\ufeff\u0085"
    return letter if plain else f"\\U{ord(letter):08X}"
