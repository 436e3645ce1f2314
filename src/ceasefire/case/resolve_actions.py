"""What can be done: moves, deals and chance, with their effects; promises and tables."""

from collections.abc import Mapping

from ceasefire.case.expressions import Expression
from ceasefire.case.file_schema import (
    WrittenDeal,
    WrittenEffects,
    WrittenMove,
    WrittenOutcome,
    WrittenTable,
)
from ceasefire.case.model import (
    EMPTY_MAPPING,
    LARGEST_MAGNITUDE,
    POSITIVE_RANGE_TEXT,
    Chance,
    Deal,
    FrozenMapping,
    Move,
    Outcome,
    Promise,
    Table,
)
from ceasefire.case.resolution_context import (
    FAULTY_EXPRESSION,
    DocumentationFields,
    ResolutionContext,
    check_name,
    key_node,
)
from ceasefire.case.resolve_state import check_assigned_value
from ceasefire.case.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, join_names


def resolve_moves(desk: ResolutionContext) -> FrozenMapping[Move]:
    """Every move, keyed `party.move`."""
    found: dict[str, Move] = {}
    block = desk.written.at("moves")
    parties = desk.written.parties or {}
    for key, written in (desk.written.moves or {}).items():
        at = key_node(block, key)
        prefix, dot, short = key.rpartition(".")
        fine = check_name(desk.reading, short if dot else key, at, "a move")
        party = desk.reference(written.by, parties, "party")
        if dot and party is not None and prefix != party:
            desk.reading.fault(
                at,
                "move is keyed by another party than `by`",
                found=key,
                allowed=f"{party}.{short}",
            )
            continue
        move = _resolve_move(desk, written, party or "", short)
        if party is None or not fine:
            continue
        if f"{party}.{short}" in found:
            desk.reading.fault(
                at,
                "party has two moves of this name",
                found=f"{party}.{short}",
                advice="give one of them another name",
            )
        found[f"{party}.{short}"] = move
    return FrozenMapping(found)


def _resolve_move(desk: ResolutionContext, written: WrittenMove, party: str, name: str) -> Move:
    cost = desk.expression(written.cost, desk.for_party("`cost`", party))
    return Move(
        party=party,
        name=name,
        cost=cost,
        weight=_resolve_weight(desk, written.weight),
        **_resolve_effects(desk, written),
    )


class EffectFields(DocumentationFields):
    """What a move, deal and chance have in common."""

    when: Expression
    set: Mapping[str, Expression]
    outcomes: tuple[Outcome, ...]
    promises: tuple[str, ...]
    releases: tuple[str, ...]
    during: tuple[int, int] | None


def _resolve_weight(desk: ResolutionContext, scalar: YamlScalar | None) -> Expression:
    scope = desk.scope.reading("`weight`", state=False, unknowns=True)
    weight = desk.expression(scalar, scope, "1")
    desk.within(weight, scalar, POSITIVE_RANGE_TEXT, 0, LARGEST_MAGNITUDE, open_low=True)
    return weight


def _resolve_when(desk: ResolutionContext, scalar: YamlScalar | None) -> Expression:
    return desk.expression(scalar, desk.scope.reading("`when`", state=True, unknowns=False), "true")


def _resolve_effects(desk: ResolutionContext, written: WrittenEffects) -> EffectFields:
    promises = desk.written.promises or {}
    return {
        "when": _resolve_when(desk, written.when),
        "set": _resolve_assignments(desk, written.set, written.at("set")),
        "outcomes": _resolve_outcomes(desk, written),
        "promises": desk.references(written.promises, promises, "promise"),
        "releases": desk.references(written.releases, promises, "promise"),
        "during": desk.during(written.during, written.at("during"), desk.last),
        **desk.notes(written),
    }


def _resolve_assignments(
    desk: ResolutionContext, written: Mapping[str, YamlScalar | None] | None, block: YamlNode
) -> FrozenMapping[Expression]:
    if written is None:
        return EMPTY_MAPPING
    scope = desk.scope.reading("`set`", state=True, unknowns=False)
    found = {}
    state = desk.written.state or {}
    for name, scalar in written.items():
        if name in (desk.written.promises or {}):
            desk.reading.fault(
                key_node(block, name),
                "no `set` touches a promise",
                found=name,
                advice="use `promises: [...]` or `releases: [...]`",
            )
        elif desk.reference_key(block, name, state, "variable") and scalar is not None:
            variable = desk.scope.variables[name]
            target = None if name in desk.scope.broken else variable
            found[name] = desk.expression(scalar, scope, target=target)
            if target is not None:
                check_assigned_value(desk, found[name], scalar, target)
    return FrozenMapping(found)


def _resolve_outcomes(desk: ResolutionContext, written: WrittenEffects) -> tuple[Outcome, ...]:
    found, names = [], set[str]()
    for one in written.outcomes or []:
        if one.name is not None and check_name(desk.reading, one.name.text, one.name, "an outcome"):
            if one.name.text in names:
                desk.reading.fault(
                    one.name, "two outcomes have one name", advice="give one of them another name"
                )
            names.add(one.name.text)
        found.append(_resolve_outcome(desk, one))
    chances = [desk.at_best(one.chance) for one in found]
    known = [chance for chance in chances if chance is not None and 0 <= chance <= 1]
    if sum(known) > 1 + 1e-9 and isinstance(written.at("outcomes"), YamlSequence):
        desk.reading.fault(
            written.at("outcomes"),
            "chances of the outcomes sum to more than 1",
            found=f"{sum(known):g}",
            allowed="at most 1",
        )
    return tuple(found)


def _resolve_outcome(desk: ResolutionContext, written: WrittenOutcome) -> Outcome:
    scope = desk.scope.reading("`chance`", state=True, unknowns=True)
    chance = desk.expression(written.chance, scope)
    desk.within(chance, written.chance, "a probability, 0 to 1", 0, 1)
    return Outcome(
        name=None if written.name is None else written.name.text,
        chance=chance,
        set=_resolve_assignments(desk, written.set, written.at("set")),
        **desk.notes(written),
    )


def resolve_chance(desk: ResolutionContext) -> FrozenMapping[Chance]:
    """What happens by itself."""
    chances = desk.written.chance or {}
    return FrozenMapping(
        {name: Chance(**_resolve_effects(desk, written)) for name, written in chances.items()}
    )


def resolve_promises(desk: ResolutionContext, moves: Mapping[str, Move]) -> FrozenMapping[Promise]:
    """Every promise; it forbids moves of the party that gives it."""
    found = {}
    for name, written in (desk.written.promises or {}).items():
        by = desk.reference(written.by, desk.written.parties or {}, "party")
        own = [move.name for move in moves.values() if move.party == by]
        forbids: tuple[str, ...] = ()
        if by is not None:
            forbids = desk.references(written.forbids, own, f"move of {by}")
        listed = written.at("forbids")
        if isinstance(listed, YamlSequence) and not listed.items:
            desk.reading.warn(listed, "promise forbids nothing")
        breach = desk.expression(written.breach, desk.for_party("`breach`", by))
        moves_forbidden = tuple(f"{by}.{move}" for move in forbids)
        found[name] = Promise(
            by=by or "", forbids=moves_forbidden, breach=breach, **desk.notes(written)
        )
    return FrozenMapping(found)


def resolve_tables(desk: ResolutionContext) -> FrozenMapping[Table]:
    """Every table with its seats and deals."""
    return FrozenMapping(
        {
            name: _resolve_table(desk, written)
            for name, written in (desk.written.tables or {}).items()
        }
    )


def _resolve_table(desk: ResolutionContext, written: WrittenTable) -> Table:
    seats = desk.references(written.seats, desk.written.parties or {}, "party")
    block = written.at("seats")
    if isinstance(block, YamlSequence) and len(block.items) < 2:
        desk.reading.fault(
            block, "a table needs two seats or more", found=join_names(seats) or "none"
        )
    proposes = seats[0] if seats else ""
    if written.proposes is not None and written.seats is not None and seats:
        allowed = [*seats, "any"]
        whole = isinstance(block, YamlSequence) and len(block.items) == len(seats)
        if written.proposes.text in allowed or whole:
            proposes = desk.reference(written.proposes, allowed, "seat") or proposes
    meets = desk.expression(
        written.meets, desk.scope.reading("`meets`", state=True, unknowns=True), "1"
    )
    desk.within(meets, written.meets, "a probability, 0 to 1", 0, 1)
    deals, at = {}, written.at("deals")
    for name, deal in (written.deals or {}).items():
        check_name(desk.reading, name, key_node(at, name), "a deal")
        deals[name] = _resolve_deal(desk, deal, seats)
    if written.deals == {} and isinstance(at, YamlMapping) and not at.entries:
        desk.reading.fault(
            at, "a table needs a deal", found="none", advice="write `deals: {talk: {}}`"
        )
    return Table(
        seats=seats,
        when=_resolve_when(desk, written.when),
        meets=meets,
        proposes=proposes,
        deals=FrozenMapping(deals),
        during=desk.during(written.during, written.at("during"), desk.last),
        **desk.notes(written),
    )


def _resolve_deal(desk: ResolutionContext, written: WrittenDeal, seats: tuple[str, ...]) -> Deal:
    block = written.at("cost")
    costs = {}
    for name, scalar in (written.cost or {}).items():
        if desk.reference_key(block, name, desk.written.parties or {}, "party"):
            bound = (
                desk.expression(scalar, desk.for_party("`cost`", name))
                if scalar
                else FAULTY_EXPRESSION
            )
            costs[name] = bound
    needs = seats
    if written.needs is not None and seats:
        needs = desk.references(written.needs, seats, "seat")
    return Deal(
        weight=_resolve_weight(desk, written.weight),
        cost=FrozenMapping(costs),
        needs=tuple(seat for seat in seats if seat in needs),
        **_resolve_effects(desk, written),
    )
