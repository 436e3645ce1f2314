"""What decides each claim and what turns it, in words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.argument import percent
from ceasefire.case import Case, Expert
from ceasefire.ensemble import (
    CheckResult,
    ClaimCheck,
    ClaimRule,
    Driver,
    DriverAnalysis,
    JointTurningPoint,
    RuleBound,
    ShareOfWorlds,
    SweepResult,
    TurningPoint,
    TurningPoints,
)
from ceasefire.ensemble.coding_verdicts import CodingVerdicts
from ceasefire.ensemble.statistics import (
    SETTLED,
    interval_width,
    is_known_well_enough,
    is_settled,
)
from ceasefire.errors import Problem
from ceasefire.forecasts import ClaimBaseRate, claim_probability
from ceasefire.render.case_overview import case_heading
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    VERDICT_STYLES,
    claim_marks,
    escape_markup,
    format_number,
    is_note_on_start,
    note_on_starts,
    numerics_line,
    numerics_warnings,
    run_warning_lines,
    substitute_values,
    text_bar,
    truth_mark,
    warning_texts,
)
from ceasefire.render.tables_codings import sweep_coding_table
from ceasefire.render.tables_experts import sweep_expert_table
from ceasefire.results import (
    DEPENDS_ON_ENDING,
    DEPENDS_ON_EQUILIBRIUM,
    DEPENDS_ON_ORDER,
    DEPENDS_ON_PRECISION,
    format_count,
    join_phrases,
)
from ceasefire.shares import verdict_of_share


def best_estimate_table(case: Case, check_result: CheckResult) -> RenderableType:
    """Every claim with its sentence, true or false at the best estimates.

    case          the case
    check_result  the claims at the best estimates
    """
    claims = check_result.claim_checks
    true = sum(claim.best is True for claim in claims)
    count = format_count(len(claims), "claim")
    verb = "is" if true == 1 else "are"
    title = Text(f"At the best estimates {true} of {count} {verb} true", style="bold")
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for claim in claims:
        table.add_row(truth_mark(claim.best), claim.id, Text((claim.says or claim.test).strip()))
    return Group(case_heading(case), Text(), title, table, Text())


MARK_MEANINGS = {
    DEPENDS_ON_PRECISION: "when every party is two or four times as precise",
    DEPENDS_ON_ORDER: "with the steps of parties and tables in the opposite order",
    DEPENDS_ON_ENDING: "with the other ending, `lasts` for `nothing` or back",
    DEPENDS_ON_EQUILIBRIUM: (
        "with the fixed point in which the types' choices differ most, or least, wherever there "
        "are several"
    ),
}


def verdict_table(check_result: CheckResult) -> RenderableType:
    """The share of worlds in which each claim holds, and how good the numbers are.

    check_result  the check of a case
    """
    table = plain_table(gap=1)
    table.add_column("claim", style="bold", no_wrap=True)
    table.add_column("best\nestimates", justify="center")
    if check_result.run_stats is not None:
        table.add_column("verdict", no_wrap=True)
        table.add_column("share of worlds", no_wrap=True)
        table.add_column("95 %", no_wrap=True)
    table.add_column("the test at the\nbest estimates")
    for verdict in check_result.claim_checks:
        table.add_row(*_verdict_cells(verdict, worlds=check_result.run_stats is not None))
    about_claims, about_run = _claim_warnings(check_result), _run_warnings(check_result)
    return Group(
        table,
        Text(),
        numerics_line(check_result.numerics, check_result.run_stats),
        *warning_texts(each for each in about_claims if not is_note_on_start(each)),
        *note_on_starts([each.path for each in about_claims if is_note_on_start(each)]),
        *_mark_notes(check_result),
        *border_notes(check_result),
        *_replication_notes(check_result),
        *warning_texts(about_run),
    )


def check_warnings(check_result: CheckResult) -> list[Problem]:
    """What is to be said about each claim, the numbers, the worlds and the search.

    check_result  the check of a case
    """
    searched = check_result.turning_points
    return [
        *_claim_warnings(check_result),
        *_run_warnings(check_result),
        *([] if searched is None else _threshold_warnings(searched)),
    ]


def summary_warnings(check_result: CheckResult) -> list[Problem]:
    """What is to be said in short: of the numbers and worlds, then of claims that are in doubt.

    check_result  the check of a case
    """
    about_claims = [each for each in _claim_warnings(check_result) if not is_note_on_start(each)]
    return [*_run_warnings(check_result), *about_claims]


def _claim_warnings(check_result: CheckResult) -> list[Problem]:
    return [
        Problem(warning, path=verdict.id)
        for verdict in check_result.claim_checks
        for warning in verdict.warnings
    ]


def _verdict_cells(claim: ClaimCheck, *, worlds: bool) -> Iterator[RenderableType]:
    yield claim.id
    yield truth_mark(claim.best)
    if worlds:
        yield from share_cells(claim.share)
    numbers = Text(
        substitute_values(claim.question, [figure.value for figure in claim.quantities]),
        style="dim",
    )
    marks = Text(style="yellow")
    for mark, why in claim_marks(claim).items():
        marks.append(f"{mark}\n" if mark == DEPENDS_ON_PRECISION else f"{mark}: {why}\n")
    yield Text.assemble(marks, numbers)


def share_cells(share: ShareOfWorlds | None) -> Iterator[RenderableType]:
    """Verdict, share and interval, each a cell."""
    if share is None or share.share is None:
        yield from (Text("no answer", style="yellow"), Text(), Text())
        return
    style = VERDICT_STYLES[share.verdict or ""]
    low, high = share.interval
    yield Text(share.verdict or "", style=style)
    yield Text(text_bar(share.share), style=style).append(f" {share.share:4.0%}", style="default")
    yield Text(f"{low:.0%}-{high:.0%}", style="dim")


def _mark_notes(check_result: CheckResult) -> Iterator[Text]:
    """What each mark that some claim carries means."""
    marked = {mark for verdict in check_result.claim_checks for mark in claim_marks(verdict)}
    for mark, when in MARK_MEANINGS.items():
        if mark in marked:
            yield Text(f"A claim {mark} if its verdict changes {when}.", style="dim")


def _replication_notes(check_result: CheckResult) -> Iterator[Text]:
    """How far the shares in fresh worlds are from those shown, if no claim is too far."""
    replications = {
        v.id: v.replication for v in check_result.claim_checks if v.replication is not None
    }
    if check_result.fresh_run_stats is None or not replications or check_result.unreplicated:
        return
    name, most = max(replications.items(), key=lambda item: abs(item[1].difference))
    fresh = format_count(check_result.fresh_run_stats.computed, "fresh world")
    yield Text(
        f"{fresh} from seed {check_result.fresh_run_stats.seed} give shares at most "
        f"{100 * abs(most.difference):.1f} points away ({name}); chance alone allows "
        f"{100 * most.allowed:.0f} there.",
        style="dim",
    )


def border_notes(check_result: CheckResult) -> Iterator[Text]:
    """Which shares no number of worlds would settle soon, where verdicts were to be settled.

    check_result  the check of a case
    """
    shares = {claim.id: claim.share for claim in check_result.claim_checks}
    between = [
        f"{name} ({verdict_of_share(share.interval[0])} or {verdict_of_share(share.interval[1])})"
        for name, share in shares.items()
        if check_result.until == SETTLED
        and share is not None
        and is_known_well_enough(share, SETTLED)
        and not is_settled(share)
    ]
    if between:
        yield Text(f"On the border between two verdicts: {', '.join(between)}.", style="dim")


def _run_warnings(check_result: CheckResult) -> list[Problem]:
    lines = [
        f"{v.id}: true in {v.replication.share.share:.0%} of the fresh worlds, further away "
        f"than chance allows ({100 * v.replication.allowed:.0f} points): use more worlds"
        for v in check_result.unreplicated
        if v.replication is not None
    ]
    if check_result.interrupted:
        lines.append("ended early: what decides and turns claims was not looked for in full")
    if unsettled := check_result.unsettled:
        names, widest = ", ".join(claim.id for claim in unsettled), unsettled[0].share
        lines.append(
            f"not settled after all these worlds: {names}: allow more worlds"
            if widest is None or check_result.until == SETTLED
            else f"the widest interval is {interval_width(widest):.3f}, wider than the "
            f"{check_result.until:g} asked for: allow more worlds"
        )
    if check_result.fresh_run_stats is not None:
        lines += [
            f"in fresh worlds: {line}" for line in run_warning_lines(check_result.fresh_run_stats)
        ]
    about_numbers = numerics_warnings(
        check_result.numerics,
        check_result.run_stats,
        check_result.failed_checks,
        more_precise_runs=True,
    )
    lines += [f"not asked {reason}" for reason in check_result.not_asked]
    return about_numbers + [Problem(line) for line in lines]


MOST_ITEMS_LISTED = 4
LEAD_WORD_STYLE = "cyan"


def turning_point_table(case: Case, check_result: CheckResult) -> RenderableType:
    """What decides and what turns each claim, a few lines each; empty if nothing was computed.

    case          the case
    check_result  the check of the case
    """
    table = what_turns_table(case, check_result, check_result.claim_checks)
    if not table.row_count:
        return Text()
    title = Text("\nWhat decides each claim, and what turns it", style="bold")
    return Group(title, table, Text(), *_turning_point_notes(case, check_result))


def what_turns_table(
    case: Case, check_result: CheckResult, claim_checks: Sequence[ClaimCheck]
) -> Table:
    """The same of some claims without title and notes; without rows if nothing was computed.

    case          the case
    check_result  the check of the case
    claim_checks  the claims, in the order of the rows
    """
    discrete_unknowns = {
        unknown.label or name for name, unknown in case.unknowns.items() if unknown.kind == "oneof"
    }
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for claim_check in claim_checks:
        shown = with_labels(claim_check, case.unknown_labels)
        for row, line in enumerate(
            _turning_point_lines(
                shown, check_result.turning_points, discrete_unknowns, case.experts
            )
        ):
            table.add_row(claim_check.id if row == 0 else "", line)
    return table


def with_labels(claim_check: ClaimCheck, labels: Mapping[str, str]) -> ClaimCheck:
    """A claim for people to read: its drivers, rule and turning points name unknowns by labels.

    claim_check  a claim that was checked
    labels       what each unknown is called, by its name
    """
    drivers, rule = claim_check.drivers, claim_check.rule
    points, joint = claim_check.turning_points, claim_check.joint_turning_point
    return replace(
        claim_check,
        drivers=drivers
        and replace(drivers, drivers=tuple(_labelled(one, labels) for one in drivers.drivers)),
        rule=rule and replace(rule, bounds=tuple(_labelled(one, labels) for one in rule.bounds)),
        turning_points=points and tuple(_labelled(one, labels) for one in points),
        joint_turning_point=joint
        and replace(joint, unknowns=tuple(labels.get(name, name) for name in joint.unknowns)),
    )


NamedT = TypeVar("NamedT", Driver, RuleBound, TurningPoint)


def _labelled(one: NamedT, labels: Mapping[str, str]) -> NamedT:
    if isinstance(one, Driver) and one.kind != "unknown":
        return one  # an alternative may have the name of an unknown
    return replace(one, unknown=labels.get(one.unknown, one.unknown))


def _turning_point_lines(
    claim_check: ClaimCheck,
    searched: TurningPoints | None,
    discrete_unknowns: Collection[str],
    experts: Mapping[str, Expert],
) -> Iterator[Text]:
    if claim_check.drivers is not None:
        yield _drivers_line(claim_check)
    if claim_check.rule is not None:
        lead, rest = describe_rule(claim_check.rule, discrete_unknowns).split(" ", 1)
        yield Text(lead, style=LEAD_WORD_STYLE).append(f" {rest}", style="default")
    if claim_check.turning_points is not None and searched is not None and searched.unknown_count:
        yield _thresholds_line(claim_check.turning_points, searched, discrete_unknowns)
    if claim_check.read_at_ends:
        unknowns = format_count(len(claim_check.read_at_ends), "unknown")
        said = f"read at the ends of {unknowns} only: not enough worlds to tell where else to look"
        yield Text(f"{said}, or which changes together turn it", style="dim")
    if claim_check.joint_turning_point is not None:
        lead, rest = describe_joint_threshold(claim_check.joint_turning_point).split(" ", 1)
        yield Text(lead, style=LEAD_WORD_STYLE).append(f" {rest}", style="default")
    if claim_check.verdicts is not None:
        for said in describe_turning_choices(claim_check.verdicts, experts):
            lead, rest = said.split(" ", 1)
            yield Text(lead, style=LEAD_WORD_STYLE).append(f" {rest}", style="default")


def _drivers_line(claim_check: ClaimCheck) -> Text:
    assert claim_check.drivers is not None
    said = describe_drivers(claim_check.drivers, claim_check.share)
    if not claim_check.drivers.drivers:
        return Text(said, style="dim")
    lead, _, rest = said.partition(" by ")
    return Text(f"{lead} by", style=LEAD_WORD_STYLE).append(f" {rest}", style="default")


def describe_drivers(drivers: DriverAnalysis, share: ShareOfWorlds | None = None) -> str:
    """What decides a claim, as a sentence.

    drivers  what was found in the worlds
    share    in how many of them the claim is true

    >>> from ceasefire.ensemble import Driver
    >>> enough = Driver("enough", 0.61, (0.5, 0.72))
    >>> describe_drivers(DriverAnalysis((enough,), 0.84, 64))
    'decided by enough (61 %, 50 to 72) · predicts 84 % of the margin in other worlds'
    >>> describe_drivers(DriverAnalysis((), 0.12, 64, 256))
    'not enough worlds to tell what decides it (Q2 0.12 at 64 worlds; 256 would likely do)'
    >>> describe_drivers(DriverAnalysis((), 1.0, 64))
    'nothing decides it: the margin is the same in every world'
    """
    if drivers.constant:
        return "nothing decides it: the margin is the same in every world"
    if not drivers.enough_worlds:
        needed = drivers.worlds_needed
        likely = "" if needed is None else f"; {needed:,} would likely do"
        worlds = format_count(drivers.worlds, "world")
        return (
            f"not enough worlds to tell what decides it (Q2 {drivers.q2:.2f} at {worlds}{likely})"
        )
    predicts = f"predicts {_format_percent(drivers.q2)} of the {drivers.scale} in other worlds"
    if not drivers.drivers:
        return f"no unknown stands out among those that decide it ({predicts})"
    named = [
        f"{describe_driver(driver)} ({_format_percent(driver.influence)}, "
        f"{100 * driver.low:.0f} to {100 * driver.high:.0f})"
        for driver in drivers.drivers
    ]
    lead = "decided by"
    if share is not None and share.true in (0, share.worlds):
        same = "true" if share.true else "false"
        lead = f"{same} in every world, by a margin decided by"
    return f"{lead} {_join_first_items(named, ', ')} · {predicts}"


def describe_driver(driver: Driver) -> str:
    """What decides a claim: the unknown by its name, a choice in words.

    driver  one of those of a claim

    >>> describe_driver(Driver("truce", 0.4, (0.3, 0.5), "alternative"))
    'how truce is written'
    """
    if driver.kind == "expert":
        return "which expert is believed"
    return f"how {driver.unknown} is written" if driver.kind == "alternative" else driver.unknown


def describe_turning_choices(
    found: CodingVerdicts, experts: Mapping[str, Expert] | None = None
) -> tuple[str, ...]:
    """Which option, and which expert, turns a claim at the best estimates, in words.

    found    how it comes out at the best estimates
    experts  those of the case, for their names

    >>> first, other = (("truce", "any_time"),), (("truce", "after_pact"),)
    >>> describe_turning_choices(CodingVerdicts(first, {first: True, other: False}, {"ann": False}))
    ('turns if truce is written as after_pact', 'turns if only ann is believed')
    """
    said = []
    if found.turning_options:
        each = [f"{name} is written as {option}" for name, option in found.turning_options]
        said.append(f"turns if {_join_first_items(each, ' or ')}")
    if found.turning_experts:
        known = experts or {}
        names = [known[one].name if one in known else one for one in found.turning_experts]
        said.append(f"turns if only {_join_first_items(names, ' or only ')} is believed")
    return tuple(said)


def describe_rule(claim_rule: ClaimRule, discrete_unknowns: Collection[str] = ()) -> str:
    """A rule as a sentence.

    claim_rule         the rule of a claim
    discrete_unknowns  unknowns that take one of a few values

    >>> rule = (RuleBound("war_cost", 1.2, None), RuleBound("build_rate", None, 0.4))
    >>> found = ClaimRule(True, rule, worlds_inside=50, worlds_right=46, worlds_with_verdict=92)
    >>> describe_rule(found)
    'true in 92 % of worlds with war_cost above 1.20 and build_rate below 0.400, which are 50 % of
    all in which it is true (50 fresh worlds)'
    """
    verdict = "true" if claim_rule.verdict else "false"
    rule = " and ".join(describe_bound(bound, discrete_unknowns) for bound in claim_rule.bounds)
    return (
        f"{verdict} in {_format_percent(claim_rule.density)} of worlds with {rule}, which are "
        f"{_format_percent(claim_rule.coverage)} of all in which it is {verdict} "
        f"({format_count(claim_rule.worlds_inside, 'fresh world')})"
    )


def _format_percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def describe_bound(bound: RuleBound, discrete_unknowns: Collection[str] = ()) -> str:
    """One condition of a rule.

    bound              the condition
    discrete_unknowns  unknowns that take one of a few values

    >>> describe_bound(RuleBound("x", 1.0, 2.0))
    'x between 1 and 2'
    >>> describe_bound(RuleBound("x", 3.0, None), discrete_unknowns=["x"])
    'x at least 3'
    >>> describe_bound(RuleBound("switch", 1.0, 1.0), discrete_unknowns=["switch"])
    'switch = 1'
    """
    if bound.low is None or bound.high is None:
        sides = (
            ("at most", "at least") if bound.unknown in discrete_unknowns else ("below", "above")
        )
        side, end = (sides[1], bound.low) if bound.high is None else (sides[0], bound.high)
        return f"{bound.unknown} {side} {format_number(end)}"
    if bound.low == bound.high:
        return f"{bound.unknown} = {format_number(bound.low)}"
    return f"{bound.unknown} between {format_number(bound.low)} and {format_number(bound.high)}"


def _thresholds_line(
    turning_points: tuple[TurningPoint, ...],
    searched: TurningPoints,
    discrete_unknowns: Collection[str],
) -> Text:
    if turning_points:
        conditions = [
            f"{_describe_threshold(point.unknown, point.value, point.best, discrete_unknowns)} "
            f"(best estimate {format_number(point.best)})"
            for point in turning_points
        ]
        return Text("turns", style=LEAD_WORD_STYLE).append(
            f" if {_join_first_items(conditions, ' or ')}", style="default"
        )
    if len(searched.scanned) == searched.unknown_count:
        return Text(no_turning_point(searched), style="dim")
    so_far = format_count(len(searched.scanned), "unknown")
    return Text(f"none of the {so_far} tried so far turns it", style="dim")


MOST_UNKNOWNS_LEFT_NAMED = 6


def describe_search_left(turning_points: TurningPoints) -> str:
    """What a search that ended early left: unknowns, and changes of several at once.

    turning_points  how far it went
    """
    unknowns = format_count(turning_points.unknown_count, "unknown")
    tried = turning_points.unknown_count - len(turning_points.left)
    said = [f"{tried} of {unknowns} were searched for what turns a claim"]
    if turning_points.left:
        named = list(turning_points.left[:MOST_UNKNOWNS_LEFT_NAMED])
        more = len(turning_points.left) - len(named)
        named += [f"{more} more"] if more else []
        said.append(f"left are {join_phrases(named)}")
    if turning_points.joint_left:
        claims = format_count(turning_points.joint_left, "claim")
        said.append(f"of {claims} not whether several at once turn it")
    end = ": allow more with --budget" if turning_points.out_of_time else ""
    return "; ".join(said) + end


def no_turning_point(searched: TurningPoints) -> str:
    """What is said of a claim that no unknown alone turns, by how far they were read."""
    if searched.read_whole:
        return "no unknown alone turns it"
    return "no unknown alone turns it where the worlds say that it might"


def _describe_threshold(
    unknown: str, value: float, best: float, discrete_unknowns: Collection[str] = ()
) -> str:
    if unknown in discrete_unknowns:
        return f"{unknown} is {format_number(value)}"
    return f"{unknown} {'falls below' if value < best else 'rises above'} {format_number(value)}"


def describe_joint_threshold(change: JointTurningPoint) -> str:
    """The smallest change of several unknowns that turns a claim, in words.

    change  the unknowns with their values

    >>> best, moves = (0.5, 0.4), (0.2, 0.2)
    >>> describe_joint_threshold(JointTurningPoint(("x", "y"), (0.7, 0.2), best, 1.1, moves))
    'takes 2 changes at once: x up to 0.700 and y down to 0.200'
    """
    each = zip(change.unknowns, change.values, change.best, strict=True)
    moved = [f"{u} {'up' if at > best else 'down'} to {format_number(at)}" for u, at, best in each]
    return f"takes {len(moved)} changes at once: {join_phrases(moved)}"


def _join_first_items(phrases: Sequence[str], joint: str) -> str:
    """The first few, and how many more there are."""
    rest = len(phrases) - MOST_ITEMS_LISTED
    return joint.join(phrases[:MOST_ITEMS_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _turning_point_notes(case: Case, check_result: CheckResult) -> Iterator[Text]:
    if any(verdict.drivers and verdict.drivers.drivers for verdict in check_result.claim_checks):
        yield Text(
            "decided by: how much of the variance of the margin, by which the claim holds or "
            "fails, would be left if all other unknowns were known, and the 95 % interval of that.",
            style="dim",
        )
        if case.together:
            yield Text(
                "Of unknowns drawn together, each has the influence that it would have alone.",
                style="dim",
            )
    if check_result.turning_points is not None and check_result.turning_points.unknown_count:
        yield Text(
            "turns if: the value nearest to the best estimate at which the claim changes, all "
            "other unknowns at their best estimates. --json lists them all.",
            style="dim",
        )
        yield from warning_texts(_threshold_warnings(check_result.turning_points))


def _threshold_warnings(turning_points: TurningPoints) -> list[Problem]:
    lines = []
    if turning_points.interrupted:
        lines.append(f"ended early: {describe_search_left(turning_points)}")
    if turning_points.doubtful_evaluations:
        readings = format_count(turning_points.doubtful_evaluations, "point")
        lines.append(f"{readings} of the search with unresolved decisions or branch points")
    if turning_points.failed:
        name, at, why = turning_points.failed[0]
        values = format_count(len(turning_points.failed), "value")
        lines.append(f"no answer at {values} of the search; {name}={format_number(at)}: {why}")
    return [Problem(line) for line in lines]


def base_rate_table(
    check_result: CheckResult, rates: Mapping[str, ClaimBaseRate]
) -> RenderableType | None:
    """The model's probability of each claim that has a base rate, and that rate; None without.

    check_result  the check of a case
    rates         base rates by the names of the claims
    """
    if not rates:
        return None
    table = plain_table()
    table.add_column("claim", style="bold", no_wrap=True)
    for head in ("model", "base rate", "range"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("which base rate")
    for verdict in check_result.claim_checks:
        rate = rates.get(verdict.id)
        if rate is not None:
            table.add_row(*_base_rate_cells(verdict.id, claim_probability(verdict), rate))
    missing = sorted({rate.missing for rate in rates.values() if rate.missing})
    notes = [Text(f"No base rate: {why}", style="yellow") for why in missing]
    title = Text("\nThe claims compared with base rates", style="bold")
    return Group(title, table, *notes)


def _base_rate_cells(
    name: str, model: float | None, rate: ClaimBaseRate
) -> Iterator[RenderableType]:
    yield name
    yield "-" if model is None else f"{model:.2f}"
    yield "-" if rate.probability is None else f"{rate.probability:.2f}"
    low, high = rate.range or (None, None)
    yield "" if low is None or high is None else f"{low:.2f}-{high:.2f}"
    yield Text(describe_base_rate(rate), style="dim")


def describe_base_rate(rate: ClaimBaseRate) -> str:
    """What the base rate is of, in words.

    >>> from ceasefire.case import Baseline
    >>> describe_base_rate(ClaimBaseRate(Baseline(lasted="1177d", within="1y", deaths=10_000)))
    'a war that has lasted 1177d ends within 1y, by wars of 10,000 deaths or more'
    """
    written = rate.baseline
    if written.lasted is None:
        return written.about or (f"as in {written.source}" if written.source else "as written")
    ends = f"ends within {written.within}" if written.within else f"goes on beyond {written.beyond}"
    class_phrases = [f"of {written.deaths:,} deaths or more"] if written.deaths else []
    class_phrases += [f"since {written.after}"] if written.after is not None else []
    by = f", by wars {' '.join(class_phrases)}" if class_phrases else ""
    counts = (
        f": {rate.ending_rate.ended} of {rate.ending_rate.known} ended"
        if rate.ending_rate is not None
        else ""
    )
    return f"a war that has lasted {written.lasted} {ends}{by}{counts}"


def sweep_tables(case: Case, result: SweepResult) -> RenderableType:
    """The share of worlds in which each test is true, how numbers come out, and the store.

    case    the case
    result  the stored worlds
    """
    tables = [
        table
        for table in (
            _sweep_test_table(result),
            _sweep_argument_table(result),
            _sweep_number_table(result),
        )
        if table.row_count
    ]
    parts: list[RenderableType] = [case_heading(case), Text()]
    for table in tables:
        parts += [table, Text()]
    if result.summary.experts:
        parts += [sweep_expert_table(case, result), Text()]
    if result.summary.codings:
        parts += [sweep_coding_table(case, result), Text()]
    return Group(*parts, *_sweep_run_lines(result), *warning_texts(sweep_warnings(case, result)))


def _sweep_test_table(result: SweepResult) -> Table:
    table = plain_table(gap=1)
    for name in ("test", "best\nestimates", "verdict", "share of worlds", "95 %"):
        table.add_column(name, justify="center" if "best" in name else "left")
    for name, share in result.summary.tests.items():
        best = result.best[name]
        name_cell = Text(name.removeprefix("claim_"), style="bold")
        table.add_row(
            name_cell, truth_mark(None if best is None else bool(best)), *share_cells(share)
        )
    return table


def _sweep_argument_table(result: SweepResult) -> Table:
    """What each conclusion owes to its premises."""
    table = plain_table("conclusion", "reading", "its premises hold", "where they do", "elsewhere")
    for name, found in result.summary.argument.items():
        follows = found.follows.share if found.follows.is_enough else None
        shares = (found.premises.share, follows, found.otherwise.share)
        cells = ["-" if share is None else percent(share) for share in shares]
        table.add_row(Text(name.removeprefix("claim_"), style="bold"), found.reading, *cells)
    return table


def _sweep_number_table(result: SweepResult) -> Table:
    table = plain_table()
    table.add_column("number", style="bold")
    for name in ("best estimates", "mean", "lowest", "highest"):
        table.add_column(name, justify="right")
    for name, span in result.summary.numbers.items():
        best = result.best[name]
        assert not isinstance(best, str)
        table.add_row(
            escape_markup(name), *map(format_number, (best, span.mean, span.low, span.high))
        )
    return table


def _sweep_run_lines(result: SweepResult) -> Iterator[Text]:
    parts = [f"{format_count(result.summary.stored, 'world')} from seed {result.seed}"]
    if result.grid is not None:
        parts.append(f"{result.grid} belief nodes")
    if result.worlds_per_second is None:
        parts.append("all had been computed before")
    else:
        if result.computed < result.summary.stored:
            parts.append(f"{result.computed:,} of them new")
        parts.append(f"{format_number(result.worlds_per_second)} a second")
    yield Text(" · ".join(parts), style="dim")
    yield Text(f"stored in {result.store}", style="dim")


CLAIM_COLUMN = "claim_"  # how the columns of claims begin in a store


def sweep_warnings(case: Case, result: SweepResult) -> list[Problem]:
    """What is to be said about the worlds of a sweep.

    case    the case
    result  the sweep
    """
    summary, lines = result.summary, []
    if summary.stored < result.requested:
        lines.append(
            f"ended early: {summary.stored:,} of {format_count(result.requested, 'world')} done; "
            "run the same command to go on"
        )
    if summary.first_failure is not None:
        world, why = summary.first_failure
        lines.append(f"{format_count(summary.failed, 'world')} failed; world {world}: {why}")
    if summary.with_unresolved_decisions:
        lines.append(
            f"{format_count(summary.with_unresolved_decisions, 'world')} with unresolved decisions"
        )
    if summary.with_branch_points:
        lines.append(f"{format_count(summary.with_branch_points, 'world')} with branch points")
    if case.events and any(name.startswith(CLAIM_COLUMN) for name in summary.tests):
        count = format_count(len(case.events), "event")
        lines.append(
            f"the case records {count}, of which a sweep knows nothing: its claims are asked as "
            "they are written, before them. `ceasefire update CASE --table worlds.xlsx` asks the "
            "same worlds after them, in both readings"
        )
    return [Problem(line) for line in lines]
