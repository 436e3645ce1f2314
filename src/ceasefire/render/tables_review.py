"""A page that looks back at a case."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from ceasefire.case import Case
from ceasefire.forecasts import BacktestResult, ReviewResult
from ceasefire.render.case_overview import case_heading
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import format_number, truth_mark
from ceasefire.render.tables_evidence import bayes_factor_lines, format_percent, surprise_sentences
from ceasefire.render.tables_forecasts import forecaster_score_table

NEVER_SCORED = "no claim has a probability that can be scored"


def review_page(case: Case, result: ReviewResult) -> RenderableType:
    """What came true, what misled, what a rival would have said, and the scores.

    case    the case
    result  what looking back found
    """
    parts: list[RenderableType] = [case_heading(case), Text(), _heading("What came true")]
    parts += [*_claims_known(result), *_verdict_lines(result.outcomes)]
    parts += [Text(), _heading("What misled"), *_misled_lines(result)]
    if result.rival is not None:
        parts += [Text(), _heading("What the rival would have said"), *_rival_lines(result)]
    parts += [Text(), _heading("Scores"), forecaster_score_table(result.outcomes)]
    if result.all_cases is not None:
        parts += [Text(), _heading("Over all cases at hand"), *_calibration_lines(result.all_cases)]
        parts.append(forecaster_score_table(result.all_cases))
    return Group(*parts)


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _claims_known(result: ReviewResult) -> Iterator[RenderableType]:
    """Each claim whose outcome is known, with what was said of it."""
    table = plain_table()
    table.add_column("claim", no_wrap=True)
    for name in ("came true", "the case said", "past wars", "others"):
        table.add_column(name)
    after = {} if result.update is None else {c.id: c for c in result.update.claims}
    for claim in result.outcomes.claims:
        verdict = None if claim.share is None else claim.share.verdict
        said = Text(verdict or ("true" if claim.true_at_best else "false"))
        if claim.model_probability is not None:
            said.append(f", probability {claim.model_probability:.2f}")
        if claim.verdict_right is not None:
            said.stylize("green" if claim.verdict_right else "red")
        base = None if claim.base_rate is None else claim.base_rate.probability
        table.add_row(
            claim.id,
            truth_mark(claim.happened),
            said,
            "" if base is None else f"{base:.2f}",
            " ".join(f"{one.probability:.2f}" for one in claim.forecasts),
        )
    yield table
    yield Text()
    for claim in result.outcomes.claims:
        settled = after[claim.id].settled_by if claim.id in after else ()
        how = f" Its test was settled by: {'; '.join(settled)}." if settled else ""
        yield Text(f"{claim.id}: {claim.sentence}{how}", style="dim")


def _verdict_lines(outcomes: BacktestResult) -> Iterator[Text]:
    counts = outcomes.verdicts
    yield Text()
    yield Text(
        f"Verdicts: {counts['right']} right, {counts['wrong']} wrong, {counts['open']} that said "
        "neither."
    )


def _misled_lines(result: ReviewResult) -> Iterator[Text]:
    """Assumptions, types and events that turned out other than the case had them."""
    if result.update is None:
        yield Text("The case records no events, so nothing tells which of its assumptions misled.")
        return
    for shift in result.misleading_unknowns:
        word = "higher" if shift.after > shift.before else "lower"
        yield Text(
            f"Assumption: {shift.unknown} was likely {word} than assumed "
            f"({format_number(shift.before)} → {format_number(shift.after)} on average)."
        )
    if not result.misleading_unknowns:
        said = "the events move no unknown much."
        if result.update.run_stats is None:
            said = "what the events say of the unknowns is seen over worlds only: add --worlds 64."
        yield Text(f"Assumptions: {said}", style="dim")
    for party, kind, before, after in result.misleading_types:
        yield Text(
            f"Type: {party} is {kind} with {format_percent(after)} after the events, "
            f"{format_percent(before)} before."
        )
    for sentence in surprise_sentences(result.update):
        yield Text(f"Event: {sentence}")


def _rival_lines(result: ReviewResult) -> Iterator[RenderableType]:
    assert result.rival is not None
    mine, other = result.rival.rivals
    table = plain_table("claim", "came true", "this case", "the rival")
    known = {claim.id: claim.happened for claim in result.outcomes.claims}
    for name, happened in known.items():
        cells = []
        for one in (mine, other):
            claim = one.claims.get(name)
            share = None if claim is None else claim.shares[0]
            best = None if claim is None else truth_mark(claim.best[0])
            shown = best if share is None or share.share is None else Text(f"{share.share:.0%}")
            cells.append(shown if claim is not None else Text("not claimed", style="dim"))
        table.add_row(name, truth_mark(happened), *cells)
    yield table
    yield Text()
    yield from bayes_factor_lines(result.rival, ("this case", "the rival"))


def _calibration_lines(outcomes: BacktestResult) -> Iterator[Text]:
    """How often what was said came true, in words."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for claim in outcomes.scored:
        assert claim.model_probability is not None
        number = min(int(claim.model_probability * 5), 4)
        bins.setdefault(number, []).append((claim.model_probability, claim.happened))
    if not bins:
        yield Text(NEVER_SCORED)
    for number, pairs in sorted(bins.items()):
        came = sum(happened for _, happened in pairs)
        yield Text(
            f"Of what was given {20 * number} to {20 * number + 20} %, {came} of {len(pairs)} "
            "came true."
        )
