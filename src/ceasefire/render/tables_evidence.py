"""What has happened and what it changes, as tables."""

import math
from collections.abc import Callable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ceasefire.argument import percent
from ceasefire.case import Case
from ceasefire.errors import Problem
from ceasefire.evidence import (
    ClaimChange,
    ComparisonResult,
    EventLikelihood,
    Indicator,
    IndicatorResult,
    RivalCase,
    RivalEvidence,
    UpdateResult,
    ValueChange,
    WeightedShare,
)
from ceasefire.evidence.changes import READINGS
from ceasefire.evidence.compare_cases import describe_bayes_factor
from ceasefire.render.case_overview import case_heading
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    VERDICT_STYLES,
    format_number,
    format_probability,
    is_note_on_start,
    note_on_starts,
    numerics_line,
    numerics_warnings,
    truth_mark,
    warning_texts,
)
from ceasefire.results import format_count

EVENTS_OF_ONE_PERIOD_NOTE = (
    "How telling each event is by itself, given everything before its period; events of one period "
    "are not independent, so the ratios need not multiply to the factor of them all."
)
LEAST_CHANGE_SHOWN = 0.005
SURPRISE_BELOW = 0.2
MOST_SURPRISES_EXPLAINED = 4
LEAST_COUNTED = 1e-6  # a probability below which nobody counts how rare it is
READING_TITLES = {
    "before": "Before",
    "as_written": "As written, after the evidence",
    "after": "From today",
}


def update_tables(case: Case, result: UpdateResult) -> RenderableType:
    """Events, claims before and after, beliefs and conditions, and what to make of them.

    case    the case
    result  what the events make of the case
    """
    parts: list[RenderableType] = [
        case_heading(case),
        Text(),
        Text(_today_sentence(case, result), style="bold"),
    ]
    for titles, said in headlines_once(result):
        parts += [Text(), Text.assemble((f"{titles}: ", "bold"), said)]
    parts += [Text(), _event_table(case, result), Text(), _claim_update_table(result)]
    parts += [*_settled_lines(result), *_reading_notes(result)]
    parts += _argument_change_lines(result)
    if result.beliefs or result.conditions:
        parts += [Text(), _belief_change_table(case, result)]
    return Group(*parts, Text(), *_update_notes(result))


def headlines_once(result: UpdateResult) -> Iterator[tuple[str, str]]:
    """Each headline once, with the readings of which it is true.

    result  the claims before and after the events
    """
    alike: dict[str, list[str]] = {}
    for reading, said in zip(READINGS, result.headlines, strict=True):
        if said:
            alike.setdefault(said, []).append(READING_TITLES[reading])
    for said, (first, *others) in alike.items():
        yield "; ".join((first, *(title[0].lower() + title[1:] for title in others))), said


def _today_sentence(case: Case, result: UpdateResult) -> str:
    left = format_count(result.periods_left, case.period)
    return f"Today is the beginning of period {result.today}: {left} left of {case.horizon}"


def describe_probability(probability: float) -> str:
    """A probability as one reads it: `1 in 40`.

    >>> [describe_probability(p) for p in (1.0, 0.9, 0.5, 0.025, 1e-12, 0.0)]
    ['sure', '9 in 10', '1 in 2', '1 in 40', 'hardly ever', 'impossible']
    """
    if probability <= 0:
        return "impossible"
    if probability < LEAST_COUNTED:
        return "hardly ever"
    if probability >= 0.995:
        return "sure" if probability == 1 else "nearly sure"
    if probability > 0.55:
        return f"{probability * 10:.0f} in 10" if probability < 0.95 else f"{probability:.0%}"
    chances = 1.0 / probability
    return f"1 in {chances:,.0f}" if chances >= 1.75 else "1 in 2"


def _event_table(case: Case, result: UpdateResult) -> Table:
    """The events with how likely each was held, the least expected first."""
    table = plain_table()
    for name in ("period", "what happened", "how likely it was", "", "what it changed most"):
        table.add_column(name, justify="right" if name in ("period", "") else "left")
    numbered = sorted(
        enumerate(result.events),
        key=lambda pair: 2.0 if pair[1].expected is None else pair[1].expected,
    )
    for n, event in numbered:
        chance = event.expected
        style = "bold yellow" if chance is not None and chance < SURPRISE_BELOW else ""
        table.add_row(
            str(event.event.period),
            Text(event.event.description),
            Text("no answer" if chance is None else describe_probability(chance), style=style),
            "" if chance is None else format_percent(chance),
            _largest_event_effect(case, result, n),
        )
    return table


def format_percent(probability: float) -> str:
    """A probability in per cent, with as many digits as it takes to see it.

    >>> [format_percent(p) for p in (1.0, 0.333, 0.025, 0.00068, 0.0)]
    ['100 %', '33 %', '2.5 %', '0.068 %', '0 %']
    """
    if probability >= 0.1 or probability <= 0:
        return f"{probability:.0%}".replace("%", " %")
    return f"{100 * probability:.2g} %"


def _largest_event_effect(case: Case, result: UpdateResult, n: int) -> Text:
    """The claim, belief or condition that changes most if this event is left out."""
    moves: list[tuple[float, str]] = []
    for claim in result.claims:
        if claim.after is None:
            truths = claim.best[1], claim.best_without[n]
            if None not in truths and truths[0] != truths[1]:
                moves.append((1.0 if truths[0] else -1.0, f"{claim.id}, at the best estimates"))
        elif claim.after.share is not None and claim.without[n].share is not None:
            moves.append((claim.after.share - (claim.without[n].share or 0.0), claim.id))
    named = {f"{p} {k}, believed by {o}": c for (o, p, k), c in result.beliefs.items()}
    named |= {o: c for o, c in result.conditions.items() if not _is_number(case, o)}
    for name, change in named.items():
        now, _, *rest = change.values_by_version
        left = rest[n]
        if now is not None and left is not None:
            moves.append((now - left, name))
    moves = [move for move in moves if abs(move[0]) >= LEAST_CHANGE_SHOWN]
    if not moves:
        return Text("nothing", style="dim")
    by, name = max(moves, key=lambda move: abs(move[0]))
    return Text(f"{name} {by:+.2f}")


def _claim_update_table(result: UpdateResult) -> Table:
    worlds = result.run_stats is not None
    table = plain_table()
    table.add_column("claim", style="bold", no_wrap=True)
    if not worlds:
        for name in ("before", "as written,\nafter the evidence", "time alone", "from today"):
            table.add_column(name)
        for claim in result.claims:
            truths = (claim.best[0], claim.best_as_written, claim.best[2], claim.best[1])
            table.add_row(claim.id, *map(truth_mark, truths))
        return table
    table.add_column("best\nestimates")
    table.add_column("before", justify="right")
    table.add_column("as written,\nafter the\nevidence", justify="right")
    table.add_column("time\nalone", justify="right")
    table.add_column("from\ntoday", justify="right")
    table.add_column("95 %", no_wrap=True)
    table.add_column("verdict\nfrom today")
    for claim in result.claims:
        best = truth_mark(claim.best[0]).append(" → ").append(truth_mark(claim.best[1]))
        table.add_row(claim.id, best, *_share_change_cells(claim))
    return table


def _settled_lines(result: UpdateResult) -> Iterator[RenderableType]:
    """What has decided claims, so that nothing that may come changes them."""
    settled = [claim for claim in result.claims if claim.settled_by]
    if not settled:
        return
    yield Text()
    for claim in settled:
        word = "true" if claim.best[1] else "false"
        yield Text.assemble(
            (claim.id, "bold"), f" is {word}, settled by: {'; '.join(claim.settled_by)}"
        )


def _reading_notes(result: UpdateResult) -> Iterator[RenderableType]:
    """What the two readings are."""
    if not result.claims:
        return
    yield Text()
    yield Text(
        "As written: the sentence asked once more of the case's first period, with the worlds and "
        "types that the events have made likelier counting for more. It says whether the argument "
        "was right. From today: what has happened counts, and play goes on from where things "
        "stand; without= and closed= begin now. It says what to expect.",
        style="dim",
    )


def _argument_change_lines(result: UpdateResult) -> Iterator[RenderableType]:
    """What each conclusion owes to its premises, before the events and after them."""
    argued = {claim.id: claim.argument for claim in result.claims if claim.argument is not None}
    if not argued:
        return
    table = plain_table(
        "conclusion",
        "before",
        "as written,\nafter the evidence",
        "its premises hold",
        "where they do",
    )
    for name, (before, after, _) in argued.items():
        changed = "bold" if before.reading != after.reading else ""
        table.add_row(
            Text(name, style="bold"),
            before.reading,
            Text(after.reading, style=changed),
            _change_text(before.premises.share, after.premises.share),
            _change_text(
                *(o.follows.share if o.follows.is_enough else None for o in (before, after))
            ),
        )
    yield from (Text(), table)


def _change_text(before: float | None, after: float | None) -> Text:
    """A share before and after; a dash where too few worlds tell."""
    return Text(" → ".join("-" if share is None else percent(share) for share in (before, after)))


def _share_change_cells(claim: ClaimChange) -> Iterator[RenderableType]:
    for share in (claim.before, claim.as_written, claim.time_only):
        yield Text(_format_share(share), style="dim" if share is claim.time_only else "")
    after = claim.after
    if after is None or after.share is None:
        yield from (Text("no answer", style="yellow"), Text(), Text())
        return
    low, high = after.interval
    style = VERDICT_STYLES[after.verdict or ""]
    yield Text(_format_share(after), style=style)
    yield Text(f"{low:.0%}-{high:.0%}", style="dim")
    changed = claim.before is not None and claim.before.verdict != after.verdict
    verdict_words = f"{after.verdict}" + (
        f", {claim.before.verdict} before" if changed and claim.before else ""
    )
    yield Text(verdict_words, style=style)


def _format_share(share: WeightedShare | None) -> str:
    return "no answer" if share is None or share.share is None else f"{share.share:.0%}"


def _is_number(case: Case, condition: str) -> bool:
    """Whether a condition is no truth but a number, so that its mean is told."""
    return not case.is_truth(case.conditions[condition].tree)


def _belief_change_table(case: Case, result: UpdateResult) -> Table:
    """Beliefs and conditions, over worlds if there are any."""
    table = plain_table()
    table.add_column("")
    for name in ("before", "time alone", "after"):
        table.add_column(name, justify="right")
    alike: dict[tuple[str, ...], list[str]] = {}
    for (observer, party, kind), change in result.beliefs.items():
        alike.setdefault((f"{party} {kind}", *_change_cells(change)), []).append(observer)
    for (belief, *cells), observers in alike.items():
        who = "analyst and others" if len(observers) > 2 else " and ".join(observers)
        table.add_row(f"{belief}, believed by {who}", *cells)
    for name, change in result.conditions.items():
        if _is_number(case, name):
            table.add_row(f"{name}, on average", *_change_cells(change, format_number))
        else:
            table.add_row(name, *_change_cells(change))
    return table


def _change_cells(
    change: ValueChange, written: Callable[[float], str] = format_probability
) -> Iterator[str]:
    after, alone, *_ = change.values_by_version
    for value in (change.value_before, alone, after):
        yield "no value" if value is None else written(value)


def _update_notes(result: UpdateResult) -> Iterator[RenderableType]:
    yield from map(Text, surprise_sentences(result))
    if result.run_stats is not None and result.effective_worlds is not None:
        answered = result.run_stats.computed - len(result.run_stats.failed)
        worlds = format_count(answered, "world")
        yield Text(
            f"{worlds}, weighted by how well they predicted the events, count as "
            f"{result.effective_worlds:.1f} equal ones",
            style="dim",
        )
    yield Text(_sampling_sentence(result), style="dim")
    yield numerics_line(result.numerics, result.run_stats)
    for note in result.notes:
        yield Text(note, style="dim")
    yield from _folded_warnings(result)


LEFT_ENDS, LOOKS = ": no more are left", " looks "  # how a claim that looks too far ahead is noted


def _folded_warnings(result: UpdateResult) -> Iterator[Text]:
    """The same warnings, each said once for all claims of which it is true."""
    warnings = update_warnings(result)
    starts = [each.path for each in warnings if each.path and is_note_on_start(each)]
    yield from note_on_starts(starts)
    alike: dict[str, dict[str, None]] = {}
    for each in warnings:
        said = each.message
        if not each.path or is_note_on_start(each):
            continue
        if LOOKS in said and said.endswith(LEFT_ENDS):
            said = f"{said.rpartition(LOOKS)[2].removesuffix(LEFT_ENDS)}, all that are left"
            said = f"looks {said}"
        alike.setdefault(said, {})[each.path] = None
    yield from warning_texts(Problem(said, path=", ".join(c)) for said, c in alike.items())
    yield from warning_texts(each for each in warnings if not each.path)


def update_warnings(result: UpdateResult) -> list[Problem]:
    """What is to be said about each claim, the weights of the worlds, and the numbers.

    result  the claims before and after the events
    """
    said = [Problem(text, path=claim.id) for claim in result.claims for text in claim.warnings]
    if result.has_few_effective_worlds:
        said.append(
            Problem(
                "weighted by the events, the worlds count as less than a tenth of their number: "
                "use more worlds"
            )
        )
    return said + numerics_warnings(result.numerics, result.run_stats, result.failed_checks)


def surprise_sentences(result: UpdateResult) -> Iterator[str]:
    """What the case did not expect, at which step, and with which unknown it was likelier.

    result  the claims before and after the events
    """
    known = [event for event in result.events if event.expected is not None]
    surprises = sorted(
        (event for event in known if (event.expected or 0.0) < SURPRISE_BELOW),
        key=lambda event: event.expected or 0.0,
    )
    if not surprises and known:
        least = min(known, key=lambda event: event.expected or 0.0)
        words = describe_probability(least.expected or 0.0)
        said = f'the least expected was "{least.event.description}" ({words})'
        yield f"Nothing that happened was a surprise; {said}."
    for event in surprises[:MOST_SURPRISES_EXPLAINED]:
        yield _surprise_sentence(event)


def _surprise_sentence(event: EventLikelihood) -> str:
    words = describe_probability(event.expected or 0.0)
    held = "held it nearly impossible" if (event.expected or 0.0) < 0.01 else "did not expect it"
    said = f'"{event.event.description}" in period {event.event.period}: the case {held} ({words}).'
    step = event.unlikely_step
    if step is not None and event.probability[0] is not None:
        likely = describe_probability(step.probability)
        said += f" The unlikely step, at the best estimates: {step.said} ({likely})."
    if event.behind is not None:
        word = "higher" if event.behind.higher else "lower"
        said += f" It was likelier in worlds in which {event.behind.unknown} is {word}."
    return said


def _sampling_sentence(result: UpdateResult) -> str:
    answered = 1 + (
        0 if result.run_stats is None else result.run_stats.computed - len(result.run_stats.failed)
    )
    if result.exact_worlds == answered:
        return "every possible course of events was followed: nothing was sampled"
    error = result.log_likelihood_errors[0]
    by = "" if error is None else f"the likelihood is known to ± {100 * error:.1g} %, "
    worst = max(
        (change.error or 0.0 for claim in result.claims for _, change in claim.quantities),
        default=0.0,
    )
    return (
        f"{result.particles:,} particles; at the best estimates {by}numbers are known to ± "
        f"{format_number(worst)} or better"
    )


MOST_CHANGES_LISTED = 3
PERIODS_AHEAD = 4
WIDEST_EVENT = 44  # letters of an event on one line
COLUMNS_AFTER_EVENT = (16, 16, 20)  # letters of the other columns
TURNS = (("turns true", True), ("turns false", False))


def indicator_table(
    case: Case, result: IndicatorResult, limit: int | None = None
) -> RenderableType:
    """Events of the next period, those first that are expected to move the claims most.

    case    the case
    result  the events of the next period
    limit   how many to show, all if None
    """
    left = format_count(result.periods_left, case.period)
    verb = "is" if result.periods_left == 1 else "are"
    title = f"What to watch for from {case.period} {result.period} on; {left} {verb} left after it"
    shown = result.indicators if limit is None else result.indicators[:limit]
    lines = [*_hidden_events_note(result, len(shown)), *_verdict_change_lines(result)]
    return Group(
        case_heading(case), Text(), Text(title, style="bold"),
        Text(_ranking_sentence(result), style="dim"), Text(),
        *_indicator_rows(case, result, shown), Text(), *lines, *_indicator_notes(result),
        numerics_line(result.numerics, result.run_stats),
        *warning_texts(
            numerics_warnings(result.numerics, result.run_stats, result.failed_checks)
        ),
    )  # fmt: skip


def _ranking_sentence(result: IndicatorResult) -> str:
    """By what the events are put in order."""
    what = "the theses" if len(result.theses) > 1 else "the thesis"
    named = ", ".join(result.theses)
    if any(one.expected_share_change for one in result.indicators):
        return f"Those first that are expected to move {what} most: {named}"
    return f"None of them moves {what} ({named}); those first that move other claims most"


def _indicator_rows(
    case: Case, result: IndicatorResult, shown: Sequence[Indicator]
) -> Iterator[RenderableType]:
    """Each event with how likely it is, and below it what it would change."""
    widest = max([len(one.event.description) for one in shown], default=0)
    ahead = min(PERIODS_AHEAD, result.periods_left + 1)
    later = f"by {case.period} {result.period + ahead - 1}" if ahead > 1 else ""
    headings = ("event", f"in {case.period} {result.period}", later, "as telling if absent")

    def columns() -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
        table.add_column(overflow="fold", width=min(widest, WIDEST_EVENT))
        for width in COLUMNS_AFTER_EVENT:
            table.add_column(width=width)
        return table

    table = columns()
    table.add_row(*headings, style="dim")
    yield table
    for one in shown:
        table = columns()
        table.add_row(
            Text(one.event.description),
            describe_probability(one.expected),
            _later_likelihood(one, ahead),
            _absence_text(case, result, one),
        )
        yield table
        changes = [said for said in (_claim_changes(result, one), _belief_changes(one)) if said]
        yield Padding(Text("; ".join(changes) or "changes nothing", style="dim"), (0, 0, 0, 4))


def _later_likelihood(indicator: Indicator, ahead: int) -> str:
    """How likely it is to come within so many periods, at the best estimates."""
    likely = indicator.likely_within(ahead)
    return "" if ahead < 2 or likely is None else describe_probability(likely)


def _absence_text(case: Case, result: IndicatorResult, indicator: Indicator) -> Text:
    """From when on its absence says as much as its coming."""
    if not indicator.absences or not any(indicator.rank):
        return Text()
    after = indicator.absence_tells_after
    if after is None:
        followed = len(indicator.absences) > min(1, result.periods_left)
        return Text("never" if followed else "", style="dim")
    return Text(f"after {case.period} {result.period + after - 1}")


def _claim_changes(result: IndicatorResult, indicator: Indicator) -> str:
    """What it makes of the theses, or of other claims where it moves no thesis."""
    moved = _moved_claims(result, indicator, indicator.theses)
    if moved:
        return moved
    others = [name for name in indicator.claims if name not in indicator.theses]
    moved = _moved_claims(result, indicator, others)
    some = any(one.expected_share_change for one in result.indicators)
    return f"no thesis; {moved}" if moved and some and indicator.theses else moved


def _moved_claims(result: IndicatorResult, indicator: Indicator, names: Sequence[str]) -> str:
    """The shares of some claims that it changes, most first; what it settles is left out."""
    parts = []
    for name in names:
        without, given = indicator.claims[name]
        if name in indicator.itself or without is None or given is None:
            continue
        if without.share is None or given.share is None:
            continue
        if abs(given.share - without.share) >= LEAST_CHANGE_SHOWN:
            parts.append((given.share - without.share, without.share, given.share, name))
    if result.run_stats is None:
        turned = {word: [p[3] for p in parts if (p[0] > 0) == up] for word, up in TURNS}
        return "; ".join(f"{word}: {_first_few(names)}" for word, names in turned.items() if names)
    parts.sort(key=lambda part: -abs(part[0]))
    return _first_few([f"{name} {one:.0%} → {other:.0%}" for _, one, other, name in parts])


def _first_few(phrases: Sequence[str]) -> str:
    more = len(phrases) - MOST_CHANGES_LISTED
    return ", ".join(phrases[:MOST_CHANGES_LISTED]) + (f" and {more} more" if more > 0 else "")


def _belief_changes(indicator: Indicator) -> str:
    """What the analyst believes that it changes most; nothing where it hardly does."""
    moves = [
        (given - without, f"{party} {kind}")
        for (observer, party, kind), (without, given) in indicator.beliefs.items()
        if observer == "analyst"
    ]
    by, name = max(moves, key=lambda move: abs(move[0]), default=(0.0, ""))
    return f"belief that {name} {by:+.2f}" if abs(by) >= LEAST_CHANGE_SHOWN else ""


def _hidden_events_note(result: IndicatorResult, shown: int) -> Iterator[Text]:
    if shown < len(result.indicators):
        more = format_count(len(result.indicators) - shown, "event")
        yield Text(f"{more} more: --all shows them", style="dim")


def _verdict_change_lines(result: IndicatorResult) -> Iterator[Text]:
    """What would change our mind: events after which a claim has another verdict."""
    if result.run_stats is None:
        return  # at the best estimates alone each event says what it turns
    turning = sorted(
        (o for o in result.indicators if o.claims_turned), key=lambda one: -one.expected
    )
    if not turning:
        yield Text("No single event of that period changes the verdict of a claim.")
        return
    yield Text("What would change the verdict of a claim:", style="bold")
    for one in turning[:10]:
        phrases = []
        for name in one.claims_turned[:4]:
            before, after = one.claims[name]
            assert before is not None
            assert after is not None
            phrases.append(f"{name} ({before.verdict} → {after.verdict})")
        more = f" and {len(one.claims_turned) - 4} more" if len(one.claims_turned) > 4 else ""
        yield Text(
            f"  {one.event.description} ({describe_probability(one.expected)}): "
            f"{', '.join(phrases)}{more}"
        )


def _indicator_notes(result: IndicatorResult) -> Iterator[Text]:
    yield Text(
        "A change compares the share of a claim, asked from today, once the period is over: "
        "knowing nothing of the period, and knowing that the event happened. A claim that an event "
        "settles is not among those it changes: the event is what that claim speaks of. As "
        "telling if absent: from then on it is likelier than not to have come, so that its absence "
        "moves the claim as far the other way.",
        style="dim",
    )
    if result.effective_worlds is not None and result.run_stats is not None:
        done = format_count(result.run_stats.computed - len(result.run_stats.failed), "world")
        yield Text(
            f"{done}, weighted by the events so far, count as {result.effective_worlds:.1f} equal "
            "ones",
            style="dim",
        )


def case_comparison_tables(
    result: ComparisonResult, evidence: Sequence[RivalEvidence]
) -> RenderableType:
    """What each case expected, what it says of each claim now, and which the events favour.

    result    the cases with what each expected
    evidence  the events with which of them each speaks for
    """
    parts: list[RenderableType] = []
    if evidence:
        parts += [*_rival_evidence_table(result, evidence), Text()]
    parts += [
        _claims_by_case_table(result),
        Text(),
        *bayes_factor_lines(result, _case_letters(result)),
    ]
    parts += [Text(note, style="dim") for note in result.notes]
    parts += case_warnings(result, _case_letters(result))
    return Group(*_case_legend(result), Text(), *parts)


def _case_letters(result: ComparisonResult) -> list[str]:
    return [chr(ord("A") + n) for n in range(len(result.rivals))]


def _case_legend(result: ComparisonResult) -> Iterator[Text]:
    for letter, rival in zip(_case_letters(result), result.rivals, strict=True):
        yield Text(f"{letter}  ", style="bold").append(f"{rival.title}, {rival.case}")


def _rival_evidence_table(
    result: ComparisonResult, rows: Sequence[RivalEvidence]
) -> Iterator[RenderableType]:
    """The events in rows, the rivals in columns, the most telling event first."""
    letters = _case_letters(result)
    table = plain_table()
    table.add_column("period", justify="right")
    table.add_column("what happened")
    for letter in letters:
        table.add_column(f"how likely by {letter}")
    table.add_column("speaks for")
    sourced = any(row.source for row in rows)
    if sourced:
        table.add_column("source")
    for row in rows:
        cells = [
            describe_probability(value) if value is not None else "no answer"
            for value in row.probabilities
        ]
        last = [Text(_source_and_reports(row))] if sourced else []
        table.add_row(
            str(row.event.period),
            Text(row.event.description),
            *cells,
            Text(describe_evidence(row, letters)),
            *last,
        )
    yield table
    if len(rows) > 1:
        yield Text(EVENTS_OF_ONE_PERIOD_NOTE, style="dim")


def describe_evidence(row: RivalEvidence, names: Sequence[str]) -> str:
    """Which case an event speaks for, and how tellingly, in words and as a ratio.

    row    the event
    names  what the cases are called
    """
    if row.favoured is None or row.against is None or row.ratio is None:
        return "none"
    if math.isinf(row.ratio):
        return f"{names[row.favoured]}: rules {names[row.against]} out"
    over = f" over {names[row.against]}" if len(names) > 2 else ""
    ratio = f"{row.ratio:.0f}" if row.ratio >= 10 else f"{row.ratio:.1f}"
    return f"{names[row.favoured]}{over}: {row.words} ({ratio} to 1)"


def _source_and_reports(row: RivalEvidence) -> str:
    return f"{row.source}, {row.reliability}" if row.source else ""


def _claims_by_case_table(result: ComparisonResult) -> Table:
    table = plain_table()
    table.add_column("claim", style="bold")
    for letter in _case_letters(result):
        table.add_column(f"{letter} before")
        if result.events:
            table.add_column(f"{letter} as written,\nafter the evidence")
            table.add_column(f"{letter} from today")
    names = dict.fromkeys(name for rival in result.rivals for name in rival.claims)
    for name in names:
        cells: list[RenderableType] = []
        for rival in result.rivals:
            cells += _case_verdict_cells(rival, name, after=result.events > 0)
        table.add_row(name, *cells)
    return table


def _case_verdict_cells(rival: RivalCase, name: str, *, after: bool) -> list[RenderableType]:
    if name not in rival.claims:
        return [Text("not claimed", style="dim"), *([Text(), Text()] if after else [])]
    claim = rival.claims[name]
    cells = [_case_share_cell(*each) for each in zip(claim.shares, claim.best, strict=True)]
    return cells if after else cells[:1]


def _case_share_cell(share: WeightedShare | None, best: bool | None) -> RenderableType:
    if share is None:
        return truth_mark(best)
    if share.share is None:
        return Text("no answer", style="yellow")
    style = VERDICT_STYLES[share.verdict or ""]
    return Text(f"{share.verdict} {share.share:.0%}", style=style)


def bayes_factor_lines(result: ComparisonResult, names: Sequence[str]) -> Iterator[Text]:
    """Which case the events favour and by how much, the cases being called by these names.

    result  the cases with what each expected
    names   one for each case
    """
    best = result.favoured
    if best is None:
        yield Text("No events are recorded yet, so nothing favours one case over another.")
        return
    first = names[result.rivals.index(best)]
    for name, rival in zip(names, result.rivals, strict=True):
        if rival is best:
            continue
        log, error = result.log_bayes_factor(rival)
        times = _format_bayes_factor(log, error)
        words = describe_bayes_factor(log, error)
        strength_words = {
            "not told apart from": f"The events do not tell {first} apart from {name}",
            "hardly more than": f"The events favour {first} hardly more than {name}",
        }.get(words, f"The events favour {first} {words} {name}")
        said = f"{strength_words}: {first} made them {times} as likely."
        yield Text(said, style="bold")
    for name, rival in zip(names, result.rivals, strict=True):
        noise = (
            ""
            if rival.log_evidence_error is None
            else f", give or take {100 * rival.log_evidence_error:.2g} % of that"
        )
        count = (
            ""
            if rival.effective_worlds is None
            else f"; its worlds now count as {rival.effective_worlds:.1f} equal ones"
        )
        said = f"{name} gave all the events {_format_evidence(rival.log_evidence)}{noise}{count}"
        yield Text(said[:1].upper() + said[1:], style="dim")
    source = "the best estimates" if not result.worlds else format_count(result.worlds, "world")
    yield Text(f"From {source} of each case. How likely each was before the events is left open.")


def case_warnings(result: ComparisonResult, names: Sequence[str]) -> Iterator[Text]:
    """What keeps each case's numbers from being trusted blindly.

    result  the cases with what each expected
    names   one for each case
    """
    for name, rival in zip(names, result.rivals, strict=True):
        warnings = numerics_warnings(rival.numerics, rival.run_stats, rival.failed_checks)
        for line in warning_texts(warnings):
            yield Text(f"{name}  ").append_text(line)


def _format_bayes_factor(log: float, error: float | None) -> str:
    if not math.isfinite(log):
        return "infinitely many times"
    low, high = (math.exp(log + sign * 2.0 * (error or 0.0)) for sign in (-1, 1))
    factor = f"{math.exp(log):,.3g}"
    if error is None or f"{low:,.3g}" == f"{high:,.3g}" == factor:
        return f"{factor} times"
    return f"{factor} times ({low:,.3g} to {high:,.3g})"


def _format_evidence(log: float) -> str:
    """How likely all events were together, in digits that can be compared at a glance."""
    if not math.isfinite(log):
        return "no probability"
    if log > math.log(0.01):
        return f"{100 * math.exp(log):.2g} %"
    if log < math.log(1e-12):
        return f"a probability of {math.exp(log):.2g}"
    digits = math.floor(-log / math.log(10)) - 1
    return f"1 in {round(math.exp(-log) / 10**digits) * 10**digits:,}"
