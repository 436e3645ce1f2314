"""What does a case claim, on which sources, and what has happened? Its header and forecasts too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypedDict

from ceasefire.case.expressions import LONGEST_EXPRESSION_CHARACTERS, parse_options_ast
from ceasefire.case.file_schema import WrittenBaseline, WrittenClaim, WrittenEvent
from ceasefire.case.model import (
    EMPTY_MAPPING,
    EVENT_KINDS,
    NO_OUTCOME,
    Baseline,
    Case,
    Chance,
    Claim,
    Deal,
    Event,
    EventKind,
    Forecast,
    FrozenMapping,
    Lever,
    Move,
    Promise,
    Role,
    Table,
    VariableValue,
)
from ceasefire.case.model import Source as Citation
from ceasefire.case.resolution_context import ResolutionContext, key_node, scalar_text
from ceasefire.case.resolve_declarations import resolve_boolean, resolve_variable_value
from ceasefire.case.yaml_nodes import (
    YamlMapping,
    YamlScalar,
    YamlSequence,
    expression_text,
)
from ceasefire.diagnostics import (
    UNKNOWN_LOCATION,
    TextLocation,
    join_names,
    suggest_closest_name,
)
from ceasefire.errors import ExpressionError

DAYS_PER_YEAR = 365.25
_DAYS_PER_UNIT = {"d": 1.0, "w": 7.0, "m": DAYS_PER_YEAR / 12, "y": DAYS_PER_YEAR}
DATE_FORMAT_TEXT = "such as 2025, 2025-05 or 2025-05-17"
DURATION_FORMAT_TEXT = "a number with d, w, m or y, such as 1177d or 3y"


def is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day of the calendar.

    >>> is_date("2024-02-29"), is_date("2024-02"), is_date("2025-02-29"), is_date("May 2025")
    (True, True, False, False)
    """
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text, re.ASCII)
    if not found:
        return False
    try:
        date(*(int(part or 1) for part in found.groups()))
    except ValueError:
        return False
    return True


def duration_in_days(text: str) -> float | None:
    """The days of a length of time; None if it is not one above 0. A year has 365.25 days.

    >>> [duration_in_days(text) for text in ("1177d", "2w", "18m", "3y", "3 years", "0d")]
    [1177.0, 14.0, 547.875, 1095.75, None, None]
    """
    found = re.fullmatch(r"(\d{1,7}(?:\.\d{1,6})?)([dwmy])", text, re.ASCII)
    length = float(found[1]) * _DAYS_PER_UNIT[found[2]] if found else 0.0
    return length if length > 0 else None


MOST_PERIODS = 100_000
_START_DATE_FORMATS = {
    "day": ("2025-05-17", r"\d{4}-\d\d-\d\d"),
    "week": ("2025-05-17", r"\d{4}-\d\d-\d\d"),
    "month": ("2025-05", r"\d{4}-\d\d(-\d\d)?"),
    "quarter": ("2025-Q2 or 2025-04", r"\d{4}-(Q[1-4]|\d\d(-\d\d)?)"),
    "half-year": ("2025-H2 or 2025-07", r"\d{4}-(H[12]|\d\d(-\d\d)?)"),
    "year": ("2025", r"\d{4}(-\d\d(-\d\d)?)?"),
}


def resolve_case_header(context: ResolutionContext, file: str) -> Case:
    """A case that has its head and nothing else yet."""
    written = context.written
    if written.ceasefire is not None and written.ceasefire.integer != 1:
        context.diagnostics.report(
            written.ceasefire,
            "no such format version",
            allowed="1",
            help="a later version of the program may read it",
        )
    period = scalar_text(written.period) or "month"
    _check_nothing_follows_final_period(context)
    return Case(
        title=scalar_text(written.title) or Path(file).name or file,
        period=period,  # type: ignore[arg-type]
        start=_resolve_start_date(context, written.start, period),
        horizon=_resolve_period_count(context, written.horizon, 1, 1),
        ending=scalar_text(written.ending) or "lasts",  # type: ignore[arg-type]
        tail=_resolve_period_count(context, written.tail, 0, 0),
        parties=EMPTY_MAPPING,
        state=EMPTY_MAPPING,
        file=file,
        **context.documentation(written),
    )


def _resolve_period_count(
    context: ResolutionContext, scalar: YamlScalar | None, low: int, default: int
) -> int:
    value = default if scalar is None or scalar.integer is None else scalar.integer
    if scalar is not None and not low <= value <= MOST_PERIODS:
        context.diagnostics.report(
            scalar, "is out of range", allowed=f"{low} to {MOST_PERIODS:,} periods"
        )
        return default
    return value


def _check_nothing_follows_final_period(context: ResolutionContext) -> None:
    """A game that is over by its own rules has no periods after the horizon."""
    ending, tail = context.written.ending, context.written.tail
    if ending is None or ending.text != "final" or tail is None or not tail.integer:
        return
    horizon = scalar_text(context.written.horizon) or "the horizon"
    context.diagnostics.report(
        tail,
        "a game with `ending: final` has no tail: it is over by its own rules after the horizon",
        allowed="0",
        help=f"remove `tail` (`tail: null` if a case that this one extends has it), or write "
        f"`ending: nothing` for play that goes on unobserved after period {horizon}",
    )


def _resolve_start_date(
    context: ResolutionContext, scalar: YamlScalar | None, period: str
) -> str | None:
    if scalar is None:
        return None
    example, form = _START_DATE_FORMATS[period]
    fine = re.fullmatch(form, scalar.text, re.ASCII) is not None
    if fine:
        parts = [int(part) for part in re.findall(r"\d+", re.split("[QH]", scalar.text)[0])][:3]
        try:
            date(*(*parts, 1, 1)[:3])
        except ValueError:
            fine = False
    if not fine:
        context.diagnostics.report(
            scalar, f"is not the date of a {period}", allowed=f"such as {example}"
        )
        return None
    return scalar.text


def resolve_sources(context: ResolutionContext) -> FrozenMapping[Citation]:
    """Where it comes from."""
    found = {}
    for name, written in (context.written.sources or {}).items():
        more = {}
        known = type(written).known_keys()
        entries = written.node.entries if isinstance(written.node, YamlMapping) else {}
        for field, (_, value) in entries.items():
            if field in ("title", "author", "published", "origin") or (
                isinstance(value, YamlScalar) and value.is_null
            ):
                continue
            if not isinstance(value, YamlScalar):
                if field not in known:
                    context.diagnostics.report(value, "must be a text")
                continue
            more[field] = value.text
        found[name] = Citation(
            title=scalar_text(written.title),
            author=scalar_text(written.author),
            published=scalar_text(written.published),
            origin=scalar_text(written.origin),
            more=FrozenMapping(more),
        )
    return FrozenMapping(found)


_WAR_BASELINE_KEYS = ("lasted", "within", "beyond", "deaths", "after")
_BASELINE_FORMS = "{lasted: 1177d, within: 3y}, {lasted: 1177d, beyond: 3y} or {probability: 0.2}"


class ClaimOutcomeFields(TypedDict):
    """What a claim says of the world after it was made."""

    happened: bool | None
    as_of: str | None
    baseline: Baseline | None


def resolve_claim_outcome(context: ResolutionContext, written: WrittenClaim) -> ClaimOutcomeFields:
    """Whether a claim came true, up to when the case knows things, and its base rate."""
    return {
        "happened": resolve_boolean(context, written.happened),
        "as_of": _resolve_date(context, written.as_of),
        "baseline": None
        if written.baseline is None
        else _resolve_baseline(context, written.baseline),
    }


def resolve_forecasts(context: ResolutionContext) -> FrozenMapping[Forecast]:
    """What others said of the claims, and when."""
    found = {}
    for name, written in (context.written.forecasts or {}).items():
        claim = context.resolve_reference(written.claim, context.written.claims or {}, "claim")
        probability = _resolve_probability(context, written.probability)
        as_of, notes = _resolve_date(context, written.as_of), context.documentation(written)
        if claim is not None and probability is not None and as_of and written.kind is not None:
            kind = written.kind.text
            found[name] = Forecast(
                claim=claim,
                probability=probability,
                as_of=as_of,
                kind=kind,  # type: ignore[arg-type]
                **notes,
            )
    return FrozenMapping(found)


def _resolve_date(context: ResolutionContext, scalar: YamlScalar | None) -> str | None:
    if scalar is not None and not is_date(scalar.text):
        context.diagnostics.report(scalar, "is not a date", allowed=DATE_FORMAT_TEXT)
        return None
    return scalar_text(scalar)


def _resolve_probability(context: ResolutionContext, scalar: YamlScalar | None) -> float | None:
    if scalar is None or scalar.number is None:
        return None
    if not 0 <= scalar.number <= 1:
        context.diagnostics.report(scalar, "is not a probability", allowed="0 to 1")
        return None
    return float(scalar.number)


def _resolve_duration(context: ResolutionContext, scalar: YamlScalar | None) -> str | None:
    if scalar is not None and duration_in_days(scalar.text) is None:
        context.diagnostics.report(scalar, "is not a length of time", allowed=DURATION_FORMAT_TEXT)
        return None
    return scalar_text(scalar)


def _resolve_count(context: ResolutionContext, scalar: YamlScalar | None) -> int | None:
    if scalar is not None and not 0 <= (scalar.integer or 0) <= 10**9:
        context.diagnostics.report(scalar, "is out of range", allowed="0 or more")
        return None
    return None if scalar is None else scalar.integer


def _resolve_baseline(context: ResolutionContext, written: WrittenBaseline) -> Baseline:
    keys = [
        name for name in (*_WAR_BASELINE_KEYS, "probability") if getattr(written, name) is not None
    ]
    ends = [name for name in ("within", "beyond") if name in keys]
    whole = keys == ["probability"] or ("lasted" in keys and len(ends) == 1)
    if _has_only_known_keys(written, keys) and (
        not whole or ("probability" in keys and len(keys) > 1)
    ):
        context.diagnostics.report(
            written.node,
            "is no base rate",
            found=join_names(keys) or "{}",
            allowed=_BASELINE_FORMS,
            help="`within` if the sentence says that the war ends, `beyond` if it goes on",
        )
    return Baseline(
        lasted=_resolve_duration(context, written.lasted),
        within=_resolve_duration(context, written.within),
        beyond=_resolve_duration(context, written.beyond),
        deaths=_resolve_count(context, written.deaths),
        after=_resolve_count(context, written.after),
        probability=_resolve_probability(context, written.probability),
        **context.documentation(written),
    )


def _has_only_known_keys(written: WrittenBaseline, keys: list[str]) -> bool:
    """Whether nothing of it has been reported yet."""
    known = (*keys, "about", "unit", "source")
    return isinstance(written.node, YamlMapping) and set(written.node.entries) <= set(known)


def resolve_claims(context: ResolutionContext) -> FrozenMapping[Claim]:
    """Every claim; its test must parse, what it means is for whoever answers it."""
    found = {}
    premises = _resolve_premises(context)
    for name, written in (context.written.claims or {}).items():
        test, where = "", UNKNOWN_LOCATION
        if written.test is not None:
            test = expression_text(written.test)
            where = context.diagnostics.locate(written.test)
        elif written.because is not None:
            where = context.diagnostics.locate(written.value_node("because"))
        says = None if written.says is None else written.says.text
        text = None if written.where is None else written.where.text
        notes = context.documentation(written)
        known = resolve_claim_outcome(context, written)
        claim = Claim(
            says=says,
            test=test,
            because=premises.get(name, ()),
            test_is_premises=_has_premises_for_test(context, written),
            where=text,
            location=where,
            **known,
            **notes,
        )
        if written.test is not None:
            try:
                _ = claim.syntax
            except ExpressionError as error:
                context.diagnostics.extend(error.problems)
        found[name] = claim
    for name, claim in found.items():
        if claim.test_is_premises:
            found[name] = replace(claim, test=_test_of_premises(found, name))
            _check_length_of_premises(context, found[name], name)
    return FrozenMapping(found)


def _check_length_of_premises(context: ResolutionContext, claim: Claim, name: str) -> None:
    """Report a test made of premises that is longer than a test may be."""
    if len(claim.test) > LONGEST_EXPRESSION_CHARACTERS:
        context.diagnostics.report(
            (context.written.claims or {})[name].value_node("because"),
            "the tests of its premises are too long together",
            found=f"{len(claim.test):,} characters",
            allowed=f"at most {LONGEST_EXPRESSION_CHARACTERS:,}",
            help="give this claim a `test` of its own, or name parts of the tests as conditions",
        )


def _has_premises_for_test(context: ResolutionContext, written: WrittenClaim) -> bool:
    """Whether only `because` is written; a claim with neither is reported."""
    keys = written.node.entries if isinstance(written.node, YamlMapping) else {}
    if not keys or "test" in keys:
        return False
    if "because" not in keys:
        context.diagnostics.report(
            written.node,
            "needs `test`, or `because`",
            found=join_names(keys),
            help="write what makes it true, or the claims it rests on: because: [claim, claim]",
        )
    return "because" in keys


def _resolve_premises(context: ResolutionContext) -> dict[str, tuple[str, ...]]:
    """The premises of every claim that has some: other claims, each once, and no circle."""
    claims = context.written.claims or {}
    premises: dict[str, tuple[str, ...]] = {}
    for name, written in claims.items():
        if written.because is None:
            continue
        block = written.value_node("because")
        if isinstance(block, YamlSequence) and not block.items:
            context.diagnostics.report(
                block,
                "names no premise",
                found="[]",
                help="remove `because`, or name the claims that this one rests on",
            )
        for scalar in written.because:
            if scalar is not None and scalar.text == name:
                context.diagnostics.report(
                    scalar, "a claim cannot be its own premise", help="name what it rests on"
                )
        others = [one for one in written.because if one is None or one.text != name]
        premises[name] = context.resolve_references(others, claims, "claim")
    for circle in _circles_of_premises(premises):
        context.diagnostics.report(
            claims[circle[0]].value_node("because"),
            "claims rest on each other in a circle",
            found=" because ".join((*circle, circle[0])),
            help="let one of them rest on something else, or on nothing",
        )
    return premises


def _circles_of_premises(premises: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Claims that rest on each other, each circle whole and from the first in file order."""
    uses = {name: list(rests_on) for name, rests_on in premises.items()}
    order = list(uses)
    circles: list[list[str]] = []
    while True:
        try:
            TopologicalSorter(uses).prepare()
        except CycleError as error:
            circle = error.args[1][:0:-1]
            first = min(range(len(circle)), key=lambda place: order.index(circle[place]))
            circles.append(circle[first:] + circle[:first])
            uses[circles[-1][0]].remove((circles[-1] * 2)[1])
        else:
            return sorted(circles, key=lambda circle: order.index(circle[0]))


def _test_of_premises(claims: Mapping[str, Claim], name: str) -> str:
    """That all premises are true, in terms of the tests that are written."""
    waiting, seen, tests = [name], {name}, dict[str, None]()
    while waiting:
        claim = claims[waiting.pop()]
        if not claim.test_is_premises:
            tests[" ".join(claim.test.split())] = None
            continue
        new = [one for one in claim.because if one in claims and one not in seen]
        seen.update(new)
        waiting += reversed(new)
    return " and ".join(f"({test})" for test in tests)


NO_LEVER = "nothing"  # how results call it that nothing is decided
LEVER_OPTIONS = ("start", "without", "closed", "given")
_OPTIONS_NO_LEVER_SETS = {
    "coding": "nobody decides how the case is written: write coding= in the goal",
    "within": "how long one looks is no decision: write within= in the goal",
    "at": "when one looks is no decision: write at= in the goal",
    "types": "nobody decides of which type a party is: ask about types= in the goal",
    "type": "nobody decides of which type a party is: ask about type= in the goal",
    "provided": "what comes about is no decision: write provided= in the goal",
    "after": "what is done first belongs to the goal; for a state that somebody brings about write "
    "start={variable: value}",
    "by": "who believes it belongs to the goal; who decides it stands beside `set`, as by: party",
    "sharper": "nobody decides how precisely parties act: write sharper= in the goal",
    "selection": "nobody decides which equilibrium is played: write selection= in the goal",
}


def resolve_levers(context: ResolutionContext) -> FrozenMapping[Lever]:
    """Every lever; its options must be such as somebody can decide.

    What they name is for whoever asks with them, as it is with the tests of claims.
    """
    found, block = {}, context.written.value_node("levers")
    for name, written in (context.written.levers or {}).items():
        if name == NO_LEVER:
            context.diagnostics.report(
                key_node(block, name),
                "a lever cannot have the name of doing nothing",
                found=name,
                help="doing nothing is always compared: give the lever the name of what is done",
            )
        by = context.resolve_reference(written.by, context.actors, "party")
        if written.set is None:
            continue
        says = scalar_text(written.says)
        where = context.diagnostics.locate(written.set)
        lever = Lever(
            says=says,
            by=by,
            set=expression_text(written.set),
            location=where,
            **context.documentation(written),
        )
        _check_lever_options(context, written.set, where)
        found[name] = lever
    return FrozenMapping(found)


def _check_lever_options(
    context: ResolutionContext, scalar: YamlScalar, where: TextLocation
) -> None:
    """Report options that no lever can set, and a lever that sets none."""
    text, allowed = expression_text(scalar), join_names(f"{name}=" for name in LEVER_OPTIONS)
    if not text.strip():
        context.diagnostics.report(
            scalar,
            "decides nothing",
            found="nothing",
            allowed=allowed,
            help="such as start={force: 3}, or remove the lever: doing nothing is always compared",
        )
        return
    try:
        options = parse_options_ast(text, where)
    except ExpressionError as error:
        context.diagnostics.extend(error.problems)
        return
    for place, option in enumerate(options):
        if option.arg in [before.arg for before in options[:place]]:
            problem = where.problem(
                "option stands twice",
                option.col_offset,
                found=f"{option.arg}=",
                allowed="each option once",
                help=f"write all that it sets in one {option.arg}=",
            )
            context.diagnostics.extend([problem])
        elif option.arg not in LEVER_OPTIONS:
            help = _OPTIONS_NO_LEVER_SETS.get(option.arg or "") or suggest_closest_name(
                option.arg or "", LEVER_OPTIONS
            )
            problem = where.problem(
                "is no option that a lever sets",
                option.col_offset,
                found=f"{option.arg}=",
                allowed=allowed,
                help=help,
            )
            context.diagnostics.extend([problem])


EventTargets = Mapping[EventKind, Sequence[str]]


def resolve_events(
    context: ResolutionContext,
    moves: Mapping[str, Move],
    tables: Mapping[str, Table],
    chance: Mapping[str, Chance],
    promises: Mapping[str, Promise],
    roles: Mapping[str, Role],
) -> tuple[Event, ...]:
    """What has happened since."""
    targets = _event_targets(context, moves, tables, chance, promises)
    found = [
        _resolve_event(context, written, targets, tables, roles)
        for written in context.written.events or []
    ]
    return tuple(event for event in found if event is not None)


def _event_targets(
    context: ResolutionContext,
    moves: Mapping[str, Move],
    tables: Mapping[str, Table],
    chance: Mapping[str, Chance],
    promises: Mapping[str, Promise],
) -> EventTargets:
    """What an event of each kind can be about."""
    deals = {
        f"{name}.{deal}": rules
        for name, table in tables.items()
        for deal, rules in table.deals.items()
    }
    acts: dict[str, Move | Deal] = {**moves, **deals}
    families = dict.fromkeys(key.partition("[")[0] for key in acts if "[" in key)
    outcomes = [
        f"{name}.{outcome}"
        for key, effects in acts.items()
        for name in dict.fromkeys((key, key.partition("[")[0]))
        for outcome in effects.outcome_names
    ]
    drawn = [f"{key}.{name}" for key, one in chance.items() for name in one.outcome_names]
    every_deal = [*deals, *(name for name in families if name.split(".")[0] in tables)]
    return {
        "move": [
            *moves,
            *(name for name in families if name.split(".")[0] not in tables),
            *(f"{actor}.pass" for actor in context.actors),
        ],
        "deal": every_deal,
        "outcome": list(dict.fromkeys(outcomes)),
        "signed": every_deal,
        "refused": every_deal,
        "idle": list(tables),
        "chance": [*drawn, *chance],
        "broken": list(promises),
    }


def _resolve_event(
    context: ResolutionContext,
    written: WrittenEvent,
    targets: EventTargets,
    tables: Mapping[str, Table],
    roles: Mapping[str, Role],
) -> Event | None:
    if not isinstance(written.node, YamlMapping):
        return None
    diagnostics, period = (
        context.diagnostics,
        written.period.integer if written.period is not None else 0,
    )
    if written.period is not None and not 0 <= (period or 0) <= context.last_period:
        diagnostics.report(
            written.period, "is not a period of play", allowed=f"0 to {context.last_period}"
        )
    given = [kind for kind in EVENT_KINDS if kind in written.node.entries]
    if len(given) != 1:
        diagnostics.report(
            written.node,
            "an event is of exactly one kind",
            found=join_names(given) or "none",
            allowed=join_names(EVENT_KINDS),
        )
        return None
    kind, target = given[0], ""
    observed: Mapping[str, VariableValue] = EMPTY_MAPPING
    if kind == "observed":
        observed = _resolve_observed_values(context, written)
    else:
        target = _resolve_event_target(context, getattr(written, kind), kind, targets) or ""
    return Event(
        period=period or 0,
        kind=kind,
        target=target,
        by=_resolve_event_party(context, written, kind, target, tables, roles),
        observed=observed,
        confirmed=resolve_boolean(context, written.confirmed) is not False,
        location=diagnostics.locate(written.node),
        **context.documentation(written),
    )


def _resolve_event_target(
    context: ResolutionContext, scalar: YamlScalar | None, kind: EventKind, targets: EventTargets
) -> str | None:
    """What an event is about; if there is no such thing, what its owner has is listed."""
    if scalar is None or scalar.text in targets[kind]:
        return scalar_text(scalar)
    owner = scalar.text.rpartition(".")[0]
    siblings = [one for one in targets[kind] if owner and one.rpartition(".")[0] == owner]
    others = [other for other in targets if scalar.text in targets[other]]
    if not (siblings or others):
        return context.resolve_reference(scalar, targets[kind], _EVENT_TARGET_TEXTS[kind])
    help = suggest_closest_name(scalar.text, siblings)
    if others:
        help = f"write it as `{others[0]}: {scalar.text}`"
    elif kind == "chance" and not help:
        help = f"{owner}.{NO_OUTCOME} is that none of its outcomes came"
    context.diagnostics.report(
        scalar,
        f"no such {_EVENT_TARGET_TEXTS[kind]}",
        allowed=join_names(siblings or targets[kind]) or "none is defined",
        help=help,
    )
    return None


def _resolve_event_party(
    context: ResolutionContext,
    written: WrittenEvent,
    kind: EventKind,
    target: str,
    tables: Mapping[str, Table],
    roles: Mapping[str, Role],
) -> str | None:
    """Who refused a deal, or said yes to it."""
    assert isinstance(written.node, YamlMapping)
    if kind not in ("refused", "signed"):
        if "by" in written.node.entries:
            context.diagnostics.report(
                written.node.entries["by"][0],
                "`by` goes with `refused` and `signed` only",
                found="by",
                help="remove it",
            )
        return None
    if written.by is None:
        if "by" not in written.node.entries:
            context.diagnostics.report(
                written.node, f"`{kind}` needs `by`", found=join_names(written.node.entries)
            )
        return None
    if not target:
        return None
    table, deal = target.split(".")
    deals = tables[table].deals
    asked = next(rules for name, rules in deals.items() if deal in (name, name.partition("[")[0]))
    holders = (party for seat in asked.needs if seat in roles for party in roles[seat].holders)
    return context.resolve_reference(
        written.by,
        dict.fromkeys((*asked.needs, *holders)),
        f"seat whose consent {deal} takes",
    )


_EVENT_TARGET_TEXTS: Mapping[EventKind, str] = {
    "move": "move (write party.move)",
    "deal": "deal (write table.deal)",
    "outcome": "outcome (write table.deal.outcome or party.move.outcome)",
    "signed": "deal (write table.deal)",
    "refused": "deal (write table.deal)",
    "idle": "table",
    "chance": "outcome with a name (write chance.outcome)",
    "broken": "promise",
}


def _resolve_observed_values(
    context: ResolutionContext, written: WrittenEvent
) -> FrozenMapping[VariableValue]:
    block = written.value_node("observed")
    found: dict[str, VariableValue] = {}
    if isinstance(block, YamlMapping) and not block.entries:
        context.diagnostics.report(
            block, "observes nothing", found="{}", allowed="{variable: value}"
        )
    for name, scalar in (written.observed or {}).items():
        if (
            context.check_key(block, name, context.scope.variables, "variable")
            and scalar is not None
        ):
            variable = context.scope.variables[name]
            if name not in context.scope.faulty_names:
                value = resolve_variable_value(context, variable.kind, variable.values, scalar)
                if value is not None:
                    found[name] = value
    return FrozenMapping(found)
