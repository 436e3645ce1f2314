"""What can happen in a period, and in which order? Moves, deals, chance, promises and tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from ceasefire.case.expressions import Expression, type_of_party
from ceasefire.case.file_schema import (
    MOMENT_SIZES,
    SHUFFLE_SIZES,
    TYPE_COUNTS,
    WrittenCase,
    WrittenDeal,
    WrittenEffects,
    WrittenMove,
    WrittenOutcome,
    WrittenPromise,
    WrittenTable,
)
from ceasefire.case.model import (
    EMPTY_MAPPING,
    LARGEST_MAGNITUDE,
    NO_OUTCOME,
    POSITIVE_RANGE_TEXT,
    Chance,
    Deal,
    FamilyMember,
    FrozenMapping,
    Move,
    Outcome,
    Promise,
    Renewals,
    Step,
    Table,
    Variable,
    clock_name,
    promise_clock,
)
from ceasefire.case.resolution_context import (
    FAULTY_EXPRESSION,
    DocumentationFields,
    ResolutionContext,
    check_name,
    key_node,
)
from ceasefire.case.resolve_declarations import (
    check_assigned_value,
    resolve_priors,
    resolve_whole_range,
)
from ceasefire.case.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence
from ceasefire.diagnostics import join_names, suggest_closest_name

SHUFFLE = "shuffle"
LARGEST_FAMILY = 2_000
LARGEST_DEADLINE = 1_000


def resolve_moves(context: ResolutionContext) -> FrozenMapping[Move]:
    """Every move, keyed `party.move`."""
    found: dict[str, Move] = {}
    block = context.written.value_node("moves")
    for key, written in (context.written.moves or {}).items():
        at = key_node(block, key)
        prefix, dot, short = key.rpartition(".")
        fine = check_name(context.diagnostics, short if dot else key, at, "a move")
        party = context.resolve_reference(written.by, context.actors, "party")
        if dot and party is not None and prefix != party:
            context.diagnostics.report(
                at,
                "move is keyed by another party than `by`",
                found=key,
                allowed=f"{party}.{short}",
            )
            continue
        members = [
            _resolve_move(inside, written, party or "", name, member)
            for name, inside, member in _family_members(context, written, short)
        ]
        if party is None or not fine:
            continue
        if any(short == _family_name(move) for move in found.values() if move.party == party):
            context.diagnostics.report(
                at,
                "party has two moves of this name",
                found=f"{party}.{short}",
                help="give one of them another name",
            )
        found |= {f"{party}.{move.name}": move for move in members}
    return FrozenMapping(found)


def _resolve_move(
    context: ResolutionContext,
    written: WrittenMove,
    party: str,
    name: str,
    member: FamilyMember | None,
) -> Move:
    cost = context.bind_expression(written.cost, context.party_scope("`cost`", party))
    return Move(
        party=party,
        name=name,
        cost=cost,
        weight=_resolve_weight(context, written.weight),
        member=member,
        **_resolve_effects(context, written),
    )


def _family_name(move: Move) -> str:
    """The name by which a case calls a move: that of its family, if it is of one."""
    return move.name if move.member is None else move.member.family


def _family_members(
    context: ResolutionContext, written: WrittenMove | WrittenDeal, name: str
) -> Iterator[tuple[str, ResolutionContext, FamilyMember | None]]:
    """The name of each member, what it is resolved in, and which it is; one thing without `for`.

    No further member follows one with a problem: the others would repeat it.
    """
    if written.for_ is None:
        yield name, context, None
        return
    problems, warnings = context.diagnostics.problems, context.diagnostics.warnings
    before = len(problems)
    number, values = _resolve_family(context, written)
    if len(problems) > before:
        known = FrozenMapping(dict.fromkeys(written.for_, 0))
        yield name, replace(context, scope=replace(context.scope, constants=known)), None
        return
    for value in values:
        member = FamilyMember(name, number, value, values)
        known = FrozenMapping({number: value})
        said = len(warnings)
        yield member.name, replace(context, scope=replace(context.scope, constants=known)), member
        if value != values[0]:
            del warnings[said:]
        if len(problems) > before:
            return


def _resolve_family(
    context: ResolutionContext, written: WrittenMove | WrittenDeal
) -> tuple[str, tuple[int, ...]]:
    """The number of a family and its values; what is wrong with them is reported."""
    diagnostics, block = context.diagnostics, written.value_node("for")
    form = "{share: 0..100}, or a list of whole numbers in place of 0..100"
    if written.for_ is None or len(written.for_) != 1:
        found = join_names(written.for_ or ()) or "no number"
        diagnostics.report(block, "must name one number and its values", found=found, allowed=form)
        return "", ()
    ((number, node),) = written.for_.items()
    at = key_node(block, number)
    named = check_name(diagnostics, number, at, "the number of a family")
    if (taken := context.shared_names.get(number)) is not None:
        diagnostics.report(
            at, f"the number of a family has the name of {taken}", help="write another name"
        )
    elif named and not _is_read(written.node, number):
        diagnostics.report(
            at,
            "no expression of the family reads its number, so that all members are the same",
            found=number,
            help=f"read {number} in `set`, `cost`, `when` or `chance`, or remove `for`",
        )
    values: tuple[int, ...] = ()
    if isinstance(node, YamlScalar):
        values = resolve_whole_range(context, node, f"a..b, in {form}", LARGEST_FAMILY)
    elif isinstance(node, YamlSequence) and node.items:
        values = _listed_values(context, node, form)
    else:
        diagnostics.report(node, "values cannot be read", allowed=form)
    return number, values


def _listed_values(context: ResolutionContext, listed: YamlSequence, form: str) -> tuple[int, ...]:
    values: dict[int, None] = {}
    for item in listed.items:
        value = item.integer if isinstance(item, YamlScalar) else None
        if value is None or abs(value) > 10**15:
            help = "for a share write per cent, and divide by 100 where it is read"
            context.diagnostics.report(item, "must be a whole number", allowed=form, help=help)
        elif value in values:
            context.diagnostics.report(item, "value stands twice", help="remove one of them")
        else:
            values[value] = None
    if len(listed.items) > LARGEST_FAMILY:
        context.diagnostics.report(
            listed, "has too many values", allowed=f"at most {LARGEST_FAMILY:,}"
        )
    return tuple(values)


def _is_read(node: YamlNode, name: str) -> bool:
    """Whether a name stands in an expression of a move or deal."""
    if isinstance(node, YamlScalar):
        return re.search(rf"\b{name}\b", node.text) is not None
    if isinstance(node, YamlSequence):
        return any(_is_read(item, name) for item in node.items)
    plain = (
        *("for", "by", "about", "unit", "source", "label", "promises", "releases", "needs"),
        "renews",
    )
    return any(_is_read(each, name) for key, (_, each) in node.entries.items() if key not in plain)


class EffectFields(DocumentationFields):
    """What a move, deal and chance have in common."""

    when: Expression
    set: Mapping[str, Expression]
    outcomes: tuple[Outcome, ...]
    promises: tuple[str, ...]
    releases: tuple[str, ...]
    renews: Renewals
    during: tuple[int, int] | None


def _resolve_weight(context: ResolutionContext, scalar: YamlScalar | None) -> Expression:
    scope = context.scope.for_place("`weight`", state_allowed=False, unknowns_allowed=True)
    weight = context.bind_expression(scalar, scope, "1")
    context.check_range(weight, scalar, POSITIVE_RANGE_TEXT, 0, LARGEST_MAGNITUDE, open_low=True)
    return weight


def _resolve_when(context: ResolutionContext, scalar: YamlScalar | None) -> Expression:
    return context.bind_expression(
        scalar,
        context.scope.for_place("`when`", state_allowed=True, unknowns_allowed=False),
        "true",
    )


def _resolve_effects(context: ResolutionContext, written: WrittenEffects) -> EffectFields:
    promises = context.written.promises or {}
    return {
        "when": _resolve_when(context, written.when),
        "set": _resolve_assignments(context, written.set, written.value_node("set")),
        "outcomes": _resolve_outcomes(context, written),
        "promises": context.resolve_references(written.promises, promises, "promise"),
        "releases": context.resolve_references(written.releases, promises, "promise"),
        "renews": _resolve_renewals(context, written),
        "during": context.resolve_period_range(
            written.during, written.value_node("during"), context.last_period
        ),
        **context.documentation(written),
    }


def _resolve_assignments(
    context: ResolutionContext, written: Mapping[str, YamlScalar | None] | None, block: YamlNode
) -> FrozenMapping[Expression]:
    if written is None:
        return EMPTY_MAPPING
    scope = context.scope.for_place("`set`", state_allowed=True, unknowns_allowed=False)
    found = {}
    state = context.written.state or {}
    for name, scalar in written.items():
        if name in (context.written.promises or {}):
            context.diagnostics.report(
                key_node(block, name),
                "no `set` touches a promise",
                found=name,
                help="use `promises: [...]` or `releases: [...]`",
            )
        elif name in written_clocks(context.written):
            context.diagnostics.report(
                key_node(block, name),
                "no `set` touches the clock of a promise",
                found=name,
                help="give the promise again, which sets a new date, or release it",
            )
        elif context.check_key(block, name, state, "variable") and scalar is not None:
            variable = context.scope.variables[name]
            target = None if name in context.scope.faulty_names else variable
            found[name] = context.bind_expression(scalar, scope, target=target)
            if target is not None:
                check_assigned_value(context, found[name], scalar, target)
    return FrozenMapping(found)


def _resolve_outcomes(context: ResolutionContext, written: WrittenEffects) -> tuple[Outcome, ...]:
    found, names = [], set[str]()
    for one in written.outcomes or []:
        if one.name is not None and check_name(
            context.diagnostics, one.name.text, one.name, "an outcome"
        ):
            if one.name.text == NO_OUTCOME:
                context.diagnostics.report(
                    one.name,
                    "an outcome cannot have the name of no outcome",
                    help="what is left over is `nothing` already: leave this outcome out, or "
                    "give it another name",
                )
            if one.name.text in names:
                context.diagnostics.report(
                    one.name, "two outcomes have one name", help="give one of them another name"
                )
            names.add(one.name.text)
        found.append(_resolve_outcome(context, one))
    chances = [context.value_at_best(one.chance) for one in found]
    known = [chance for chance in chances if chance is not None and 0 <= chance <= 1]
    if sum(known) > 1 + 1e-9 and isinstance(written.value_node("outcomes"), YamlSequence):
        context.diagnostics.report(
            written.value_node("outcomes"),
            "chances of the outcomes sum to more than 1",
            found=f"{sum(known):g}",
            allowed="at most 1",
        )
    told_of = sorted({party for one in found for party in one.chance.parties_told_of})
    if len(told_of) > 1:
        context.diagnostics.report(
            written.value_node("outcomes"),
            "outcomes tell of more than one party",
            found=join_names(map(type_of_party, told_of)),
            allowed="chances that read the type of one party, the same in all outcomes",
            help="write a chance for each party: what is believed of one says nothing of another",
        )
    return tuple(found)


def _resolve_outcome(context: ResolutionContext, written: WrittenOutcome) -> Outcome:
    scope = context.scope.for_place(
        "`chance`",
        state_allowed=True,
        unknowns_allowed=True,
        types_by_party=context.types_by_party,
    )
    chance = context.bind_expression(written.chance, scope)
    context.check_range(chance, written.chance, "a probability, 0 to 1", 0, 1)
    return Outcome(
        name=None if written.name is None else written.name.text,
        chance=chance,
        set=_resolve_assignments(context, written.set, written.value_node("set")),
        renews=_resolve_renewals(context, written),
        **context.documentation(written),
    )


def _resolve_renewals(
    context: ResolutionContext, written: WrittenEffects | WrittenOutcome
) -> Renewals:
    """Whose types are drawn anew, and how likely each then is; {} where as likely as beforehand."""
    block = written.renews
    if block is None:
        return EMPTY_MAPPING
    form = "[russia], or {russia: {firm: 0.4, soft: 0.6}}"
    many = [name for name, types in context.types_by_party.items() if len(types) > TYPE_COUNTS[0]]
    if many:
        context.diagnostics.report(
            block,
            "types are drawn anew only where no party has more than two",
            found=f"{many[0]} has {len(context.types_by_party[many[0]])}",
            help=f"join types of {many[0]} that act alike, or leave `renews` out",
        )
        return EMPTY_MAPPING
    if isinstance(block, YamlSequence):
        scalars: list[YamlScalar | None] = [
            item for item in block.items if isinstance(item, YamlScalar)
        ]
        if len(scalars) < len(block.items):
            context.diagnostics.report(block, "must be a list of parties", allowed=form)
        named = context.resolve_references(scalars, context.types_by_party, "party with types")
        return FrozenMapping(dict.fromkeys(named, EMPTY_MAPPING))
    if not isinstance(block, YamlMapping):
        context.diagnostics.report(block, "must list parties with types", allowed=form)
        return EMPTY_MAPPING
    found: dict[str, Mapping[str, Expression]] = {}
    for party, (_, value) in block.entries.items():
        if not context.check_key(block, party, context.types_by_party, "party with types"):
            continue
        types = context.types_by_party[party]
        if not isinstance(value, YamlMapping) or {*value.entries} not in ({*types}, set()):
            written_types = join_names(value.entries) if isinstance(value, YamlMapping) else ""
            context.diagnostics.report(
                value,
                "must say how likely each type is then",
                found=written_types,
                allowed=f"{join_names(types)}, or {{}} for as likely as beforehand",
            )
            continue
        scalars_by_type = {
            one: node if isinstance(node, YamlScalar) else None
            for one, (_, node) in value.entries.items()
        }
        likely = resolve_priors(context, value, scalars_by_type)
        found[party] = FrozenMapping({one: likely[one] for one in types if likely})
    return FrozenMapping(found)


def resolve_chance(context: ResolutionContext) -> FrozenMapping[Chance]:
    """What happens by itself."""
    chances = context.written.chance or {}
    return FrozenMapping(
        {name: Chance(**_resolve_effects(context, written)) for name, written in chances.items()}
    )


def moves_by_name(moves: Mapping[str, Move], party: str | None) -> dict[str, tuple[str, ...]]:
    """The moves of a party by the name under which a case lists them, a family under its own."""
    found: dict[str, tuple[str, ...]] = {}
    for move in moves.values():
        if move.party == party:
            name = _family_name(move)
            found[name] = (*found.get(name, ()), move.name)
    return found


def resolve_promises(
    context: ResolutionContext, moves: Mapping[str, Move]
) -> FrozenMapping[Promise]:
    """Every promise; it forbids or owes moves of the party that gives it."""
    found = {}
    for name, written in (context.written.promises or {}).items():
        by = context.resolve_reference(written.by, context.actors, "party")
        own = moves_by_name(moves, by)
        breach = context.bind_expression(written.breach, context.party_scope("`breach`", by))
        found[name] = Promise(
            by=by or "",
            forbids=_promised_moves(context, written, "forbids", by, own),
            owes=_promised_moves(context, written, "owes", by, own),
            within=_resolve_within(context, name, written),
            breach=breach,
            **context.documentation(written),
        )
    return FrozenMapping(found)


def _promised_moves(
    context: ResolutionContext,
    promise: WrittenPromise,
    key: Literal["forbids", "owes"],
    by: str | None,
    own: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """The moves (`party.move`) that a promise forbids or owes."""
    if key not in promise.node.entries:
        return ()
    listed = promise.value_node(key)
    if isinstance(listed, YamlSequence) and not listed.items:
        if key == "forbids":
            context.diagnostics.warn(listed, "promise forbids nothing")
        else:
            context.diagnostics.report(
                listed, "promise owes nothing", found="[]", allowed="a list of moves"
            )
    if by is None:
        return ()
    named = context.resolve_references(getattr(promise, key), own, f"move of {by}")
    return tuple(f"{by}.{move}" for each in named for move in own[each])


def _resolve_within(context: ResolutionContext, name: str, promise: WrittenPromise) -> int:
    """How many periods there are for what a promise owes; what does not go together is reported."""
    keys, report = promise.node.entries, context.diagnostics.report
    if "forbids" not in keys and "owes" not in keys:
        report(
            promise.node,
            "promises nothing",
            found=join_names(keys),
            allowed="`forbids: [moves]`, or `owes: [moves]` with `within: periods`",
        )
    elif "forbids" in keys and "owes" in keys:
        report(
            key_node(promise.node, "owes"),
            "a promise forbids moves or owes one",
            help="write two promises, and give both where this one is given",
        )
    elif ("owes" in keys) != ("within" in keys):
        report(
            key_node(promise.node, "owes" if "owes" in keys else "within"),
            "`owes` and `within` belong together",
            found=join_names(keys),
            help=f"write how many periods there are: `{name}: {{by: …, owes: […], within: 4}}`",
        )
    if promise.within is None or promise.within.integer is None:
        return 1
    periods = promise.within.integer
    if not 1 <= periods <= LARGEST_DEADLINE:
        report(promise.within, "no such number of periods", allowed=f"1 to {LARGEST_DEADLINE:,}")
        return 1
    if periods > context.last_period + 1:
        context.diagnostics.warn(
            promise.within,
            "promise falls due after the end of play, so that nothing breaks it",
            help=f"{context.last_period + 1} periods are played, with `tail`",
        )
    return periods


def written_clocks(written: WrittenCase) -> dict[str, Variable]:
    """The clocks of promises that owe a move, by the names under which expressions read them."""
    return {
        clock_name(name): promise_clock((one.within and one.within.integer) or 1)
        for name, one in (written.promises or {}).items()
        if "owes" in getattr(one.node, "entries", ())
    }


def resolve_tables(context: ResolutionContext) -> FrozenMapping[Table]:
    """Every table with its seats and deals."""
    return FrozenMapping(
        {
            name: _resolve_table(context, written)
            for name, written in (context.written.tables or {}).items()
        }
    )


def _resolve_table(context: ResolutionContext, written: WrittenTable) -> Table:
    seats = context.resolve_references(written.seats, context.actors, "party")
    block = written.value_node("seats")
    if isinstance(block, YamlSequence) and len(block.items) < 2:
        context.diagnostics.report(
            block, "a table needs two seats or more", found=join_names(seats) or "none"
        )
    proposes = seats[0] if seats else ""
    if written.proposes is not None and written.seats is not None and seats:
        allowed = [*seats, "any"]
        whole = isinstance(block, YamlSequence) and len(block.items) == len(seats)
        if written.proposes.text in allowed or whole:
            proposes = context.resolve_reference(written.proposes, allowed, "seat") or proposes
    meets = context.bind_expression(
        written.meets,
        context.scope.for_place("`meets`", state_allowed=True, unknowns_allowed=True),
        "1",
    )
    context.check_range(meets, written.meets, "a probability, 0 to 1", 0, 1)
    deals, at = {}, written.value_node("deals")
    for name, deal in (written.deals or {}).items():
        check_name(context.diagnostics, name, key_node(at, name), "a deal")
        for each, inside, member in _family_members(context, deal, name):
            deals[each] = _resolve_deal(inside, deal, seats, member)
    if written.deals == {} and isinstance(at, YamlMapping) and not at.entries:
        context.diagnostics.report(
            at, "a table needs a deal", found="none", help="write `deals: {talk: {}}`"
        )
    return Table(
        seats=seats,
        when=_resolve_when(context, written.when),
        meets=meets,
        proposes=proposes,
        deals=FrozenMapping(deals),
        during=context.resolve_period_range(
            written.during, written.value_node("during"), context.last_period
        ),
        **context.documentation(written),
    )


def _resolve_deal(
    context: ResolutionContext,
    written: WrittenDeal,
    seats: tuple[str, ...],
    member: FamilyMember | None,
) -> Deal:
    block = written.value_node("cost")
    costs = {}
    for name, scalar in (written.cost or {}).items():
        if context.check_key(block, name, context.actors, "party"):
            bound = (
                context.bind_expression(scalar, context.party_scope("`cost`", name))
                if scalar
                else FAULTY_EXPRESSION
            )
            costs[name] = bound
    needs = seats
    if written.needs is not None and seats:
        needs = context.resolve_references(written.needs, seats, "seat")
    return Deal(
        weight=_resolve_weight(context, written.weight),
        cost=FrozenMapping(costs),
        needs=tuple(seat for seat in seats if seat in needs),
        member=member,
        **_resolve_effects(context, written),
    )


def resolve_order(
    context: ResolutionContext, moves: Mapping[str, Move], promises: Mapping[str, Promise]
) -> tuple[Step, ...]:
    """The steps of a period, then the deadlines of promises.

    Left out: all chance, all tables, all parties, all roles, in file order.
    """
    written = context.written
    deadlines = (Step("deadline", name) for name, one in promises.items() if one.owes)
    if written.order is None:
        return (
            *(Step("chance", name) for name in written.chance or {}),
            *(Step("table", name) for name in written.tables or {}),
            *(Step("party", name) for name in context.actors),
            *deadlines,
        )
    steps: list[Step | None] = []
    for number, entry in enumerate(written.order):
        if isinstance(entry, YamlSequence):
            together = _resolve_moment(context, entry, moves)
            steps += [replace(each, moment=number) for each in together]
            continue
        shuffled = _shuffled_entries(context, entry)
        if shuffled is None:
            steps.append(_resolve_step(context, entry, moves))
            continue
        found = [_resolve_step(context, each, moves) for each in shuffled]
        steps += [each and replace(each, shuffle=number) for each in found]
    return (*(step for step in steps if step is not None), *deadlines)


def _shuffled_entries(context: ResolutionContext, entry: YamlNode) -> Sequence[YamlNode] | None:
    """The steps that come in random order; None for an entry that is one step."""
    if not isinstance(entry, YamlMapping) or list(entry.entries) != [SHUFFLE]:
        return None
    key, listed = entry.entries[SHUFFLE]
    fewest, most = SHUFFLE_SIZES
    if SHUFFLE in context.actors:
        what = context.shared_names[SHUFFLE]
        context.diagnostics.report(
            key,
            f"`{SHUFFLE}:` in `order` stands for a random order and is the name of {what} too",
            help=f"give {what.replace('a ', 'the ')} another name",
        )
        return ()
    if not isinstance(listed, YamlSequence) or not fewest <= len(listed.items) <= most:
        found = len(listed.items) if isinstance(listed, YamlSequence) else None
        context.diagnostics.report(
            listed,
            f"a shuffle needs {fewest} to {most} steps",
            found="no list" if found is None else str(found),
            help=f"write `{SHUFFLE}: [a, b]`; a single step stands by itself",
        )
    return listed.items if isinstance(listed, YamlSequence) else ()


def _resolve_moment(
    context: ResolutionContext, entry: YamlSequence, moves: Mapping[str, Move]
) -> list[Step]:
    """The parties that choose at one moment, in the order in which their moves take effect."""
    fewest, most = MOMENT_SIZES
    if not fewest <= len(entry.items) <= most:
        context.diagnostics.report(
            entry,
            f"{fewest} to {most} parties choose at one moment",
            found=str(len(entry.items)),
            help="write `[a, b]`; a single step stands by itself",
        )
    found = list[Step]()
    for item in entry.items:
        step = _resolve_step(context, item, moves)
        if step is None:
            continue
        if step.kind != "party" or step.id not in (context.written.parties or {}):
            context.diagnostics.report(
                item,
                "only parties choose at one moment",
                found=f"{step.id}, {context.shared_names.get(step.id)}",
                help=f"give {step.id} a step of its own",
            )
        elif any(step.id == other.id for other in found):
            context.diagnostics.report(
                item,
                "a party chooses once at one moment",
                found=f"{step.id} twice",
                help="list its moves in one step, or give it another step",
            )
        elif _knows_a_type(context, step.id) and (
            knowing := [other.id for other in found if _knows_a_type(context, other.id)]
        ):
            context.diagnostics.report(
                item,
                "of the parties that choose at one moment, one may know a type",
                found=join_names([*knowing, step.id]),
                allowed="one party with `types` or `knows`",
                help=f"give {step.id} a step of its own, in a `shuffle` if nobody is first",
            )
        elif _knows_a_type(context, step.id) and (several := _parties_of_many_types(context)):
            context.diagnostics.report(
                item,
                "a party that knows a type cannot choose at one moment with others yet where a "
                "party has more than two types",
                found=join_names(several),
                help=f"give {step.id} a step of its own, in a `shuffle` if nobody is first",
            )
        elif renewing := _renewing_moves(step, moves):
            context.diagnostics.report(
                item,
                "a move that draws a type anew cannot be made at one moment with others yet",
                found=join_names(renewing),
                help="leave it out of the step, and offer it in a step of its own",
            )
        else:
            found.append(step)
    return found


def _renewing_moves(step: Step, moves: Mapping[str, Move]) -> list[str]:
    """The moves of a step that draw a type anew, or may."""
    offered = [each for each in moves.values() if each.party == step.id]
    if step.only is not None:
        offered = [each for each in offered if each.name in step.only]
    return [
        each.name
        for each in offered
        if each.renews or any(outcome.renews for outcome in each.outcomes)
    ]


def _knows_a_type(context: ResolutionContext, party: str) -> bool:
    written = (context.written.parties or {})[party]
    return bool(written.types or written.knows)


def _parties_of_many_types(context: ResolutionContext) -> list[str]:
    parties = context.written.parties or {}
    return [name for name, written in parties.items() if len(written.types or {}) > 2]


def _resolve_step(
    context: ResolutionContext, entry: YamlNode, moves: Mapping[str, Move]
) -> Step | None:
    written = context.written
    known = {
        **dict.fromkeys(written.chance or {}, "chance"),
        **dict.fromkeys(written.tables or {}, "table"),
        **dict.fromkeys(context.actors, "party"),
    }
    if isinstance(entry, YamlScalar):
        if ":" in entry.text:
            context.diagnostics.report(
                entry, "YAML wants a space after the colon", allowed="`party: [moves]`"
            )
            return None
        name = context.resolve_reference(entry, known, "chance, table or party")
        return None if name is None else Step(known[name], name)  # type: ignore[arg-type]
    if isinstance(entry, YamlSequence):
        context.diagnostics.report(
            entry,
            "parties that choose at one moment cannot stand in a shuffle or in another moment",
            help="give them a place in `order`",
        )
        return None
    if not isinstance(entry, YamlMapping) or len(entry.entries) != 1:
        context.diagnostics.report(
            entry,
            "must be a chance, a table, a party, `party: [moves]`, `shuffle: [steps]`, or "
            "`[parties]` that choose at one moment",
        )
        return None
    ((name, (key, items)),) = entry.entries.items()
    if name == SHUFFLE:
        context.diagnostics.report(
            key, "a shuffle cannot stand in another", help="list all its steps in one"
        )
        return None
    if name not in known:
        context.diagnostics.report(
            key,
            "no such party",
            found=name,
            allowed=join_names(context.actors),
            help=suggest_closest_name(name, context.actors),
        )
        return None
    if known[name] != "party":
        context.diagnostics.report(
            key,
            "only a party's step can be restricted",
            found=f"{name}, {context.shared_names.get(name)}",
            help=f"write {name} alone",
        )
        return None
    own = moves_by_name(moves, name) | {"pass": ("pass",)}
    listed = _resolve_allowed_moves(context, items, list(own), name)
    only = None if listed is None else tuple(move for each in listed for move in own[each])
    return None if only is None else Step("party", name, only)


def _resolve_allowed_moves(
    context: ResolutionContext, items: YamlNode, own: list[str], party: str
) -> tuple[str, ...] | None:
    if not isinstance(items, YamlSequence) or not items.items:
        context.diagnostics.report(
            items,
            "must be a list of moves",
            allowed=join_names(own),
            help=f"or write {party} alone",
        )
        return None
    scalars: list[YamlScalar | None] = []
    for item in items.items:
        if isinstance(item, YamlScalar):
            scalars.append(item)
        else:
            context.diagnostics.report(item, "must be the name of a move", allowed=join_names(own))
    return context.resolve_references(scalars, own, f"move of {party}")
