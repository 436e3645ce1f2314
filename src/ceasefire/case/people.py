"""The parties: patience, precision, hidden types, and what each wants."""

from collections.abc import Mapping

from ceasefire.case.desk import FAULTY, Desk, head
from ceasefire.case.document import Block, Scalar
from ceasefire.case.expressions import Expression
from ceasefire.case.frozen import NOTHING, Frozen
from ceasefire.case.model import GREATEST, POSITIVE, Party
from ceasefire.case.near import closest
from ceasefire.case.reading import listing
from ceasefire.case.scope import Scope
from ceasefire.case.written import WrittenParty

MOST_HIDDEN = 3


def resolve_parties(desk: Desk) -> Frozen[Party]:
    """Every party with its defaults; at most three of them have types."""
    found, hidden = {}, 0
    for name, written in (desk.written.parties or {}).items():
        party = _party(desk, name, written)
        found[name] = party
        hidden += bool(party.types)
        if party.types and hidden == MOST_HIDDEN + 1:
            desk.reading.fault(
                written.at("types"),
                "too many parties have types",
                found="a fourth",
                allowed="three",
                advice="leave out the types that matter least",
            )
    if not found and isinstance(desk.written.at("parties"), Block):
        block = desk.written.at("parties")
        if block is not desk.written.node and not getattr(block, "entries", {}):
            desk.reading.fault(block, "a case needs a party", found="none")
    return Frozen(found)


def _party(desk: Desk, name: str, written: WrittenParty) -> Party:
    numbers = desk.scope.reading("`patience`", state=False, unknowns=True)
    patience = desk.expression(written.patience, numbers, "0.98")
    desk.within(patience, written.patience, "0 <= patience < 1", 0, 1, open_high=True)
    numbers = desk.scope.reading("`precision`", state=False, unknowns=True)
    precision = desk.expression(written.precision, numbers, "20")
    desk.within(precision, written.precision, POSITIVE, 0, GREATEST, open_low=True)
    types = _types(desk, written)
    return Party(
        name=written.name.text if written.name is not None else name,
        patience=patience,
        precision=precision,
        types=types,
        believed_by=_observers(desk, name, written, types),
        **desk.notes(written),
    )


def _types(desk: Desk, written: WrittenParty) -> Frozen[Expression]:
    block = written.at("types")
    if written.types is None or not isinstance(block, Block):
        return NOTHING
    if len(block.entries) != 2:
        desk.reading.fault(
            block, "a party has exactly two types or none", found=listing(block.entries) or "{}"
        )
        return NOTHING
    return _priors(desk, block, written.types)


def _observers(
    desk: Desk, name: str, written: WrittenParty, types: Frozen[Expression]
) -> Mapping[str, Mapping[str, Expression]]:
    block = written.at("believed_by")
    if written.believed_by is None or not isinstance(block, Block):
        return NOTHING
    if not types:
        if written.types is None and "types" not in written.node.entries:
            desk.reading.fault(
                head(written.node, "believed_by"),
                "a party without `types` hides nothing",
                found="believed_by",
                advice="add `types`",
            )
        return NOTHING
    found = {}
    parties = desk.written.parties or {}
    for observer, beliefs in written.believed_by.items():
        key, value = block.entries[observer]
        if observer not in parties:
            advice = (
                "the analyst's prior stands in `types`"
                if observer == "analyst"
                else closest(observer, parties)
            )
            desk.reading.fault(
                key, "no such party", found=observer, allowed=listing(parties), advice=advice
            )
        elif observer == name:
            desk.reading.fault(
                key, "a party knows its own type", found=observer, allowed="another party"
            )
        elif isinstance(value, Block):
            if set(value.entries) != set(types):
                desk.reading.fault(
                    value,
                    "must give a prior for each type",
                    found=listing(value.entries) or "{}",
                    allowed=listing(types),
                )
            else:
                priors = _priors(desk, value, beliefs)
                found[observer] = Frozen({one: priors[one] for one in types})
    return Frozen(found)


def _priors(desk: Desk, block: Block, written: Mapping[str, Scalar | None]) -> Frozen[Expression]:
    scope: Scope = desk.scope.reading("a prior", state=False, unknowns=True)
    priors = {}
    for name in block.entries:
        scalar = written.get(name)
        priors[name] = desk.expression(scalar, scope) if scalar is not None else FAULTY
        desk.within(priors[name], scalar, "above 0, below 1", 0, 1, open_low=True, open_high=True)
    values = [desk.at_best(prior) for prior in priors.values()]
    if all(value is not None and 0 < value < 1 for value in values):
        total = sum(value for value in values if value is not None)
        if not abs(total - 1) <= 1e-9:
            constant = all(prior.constant for prior in priors.values())
            shown = f"{total:g}" if constant else f"{total:g} at best"
            desk.reading.fault(block, "priors must sum to 1", found=shown, allowed="1")
    return Frozen(priors)


def resolve_payoffs(desk: Desk, parties: Mapping[str, Party]) -> Frozen[Mapping[str, Expression]]:
    """What each party receives at a period's end, term by term."""
    found: dict[str, Mapping[str, Expression]] = dict.fromkeys(parties, NOTHING)
    block = desk.written.at("payoffs")
    for name, terms in (desk.written.payoffs or {}).items():
        known = desk.reference_key(block, name, parties, "party")
        scope = desk.for_party("a payoff term", name if known else None)
        bound = desk.expressions(terms, scope)
        if known:
            found[name] = bound
    return Frozen(found)
