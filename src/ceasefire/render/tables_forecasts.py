"""How often wars like this one ended, and how good forecasts were, as tables."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from ceasefire.case import DAYS_PER_YEAR
from ceasefire.forecasts import (
    BacktestResult,
    BaselineResult,
    ClaimBaseRate,
    ClaimOutcome,
    EndingRate,
    ForecasterScore,
    ProbabilityEstimate,
    ScoreResult,
)
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    escape_markup,
    truth_mark,
)
from ceasefire.results import format_count

ESTIMATOR_TITLES = {"kaplan_meier": "Kaplan-Meier", "pareto": "Pareto tail", "laplace": "Laplace"}
MOST_WARS_LISTED = 20
FEW_WARS = 30


def war_ending_table(result: BaselineResult) -> RenderableType:
    """Three estimates side by side, the wars that lasted longer, what the class lacks.

    result  the estimates and the wars they are from
    """
    title = Text(f"A war that has lasted {result.lasted} ends within", style="bold")
    table = plain_table()
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("range", no_wrap=True, justify="right")
    for head in ESTIMATOR_TITLES.values():
        table.add_column(f"{head} (95 %)", no_wrap=True)
    table.add_column("ended", no_wrap=True)
    for rate in result.rates:
        cells = [_estimate_cell(getattr(rate, name)) for name in ESTIMATOR_TITLES]
        ended = f"{rate.ended} of {rate.known}"
        table.add_row(rate.within, _format_rate_range(rate), *cells, Text(ended, style="dim"))
    parts = (
        title,
        table,
        Text(),
        *_reference_class_lines(result),
        Text(),
        _longer_wars_line(result),
        Text(),
    )
    return Group(*parts, _great_northern_war_line(result), *_omission_lines(result))


def _format_rate_range(rate: EndingRate) -> str:
    """The range of the estimates, such as 15-27 %."""
    if rate.range is None:
        return "no estimate"
    low, high = (f"{100 * end:.0f}" for end in rate.range)
    return f"{low} %" if low == high else f"{low}-{high} %"


def _estimate_cell(estimate: ProbabilityEstimate | None) -> Text:
    if estimate is None:
        return Text("none", style="dim")
    low, high = estimate.interval
    text = Text(f"{estimate.probability:.0%}".replace("%", " %"))
    return text.append(f"  {100 * low:.0f}-{100 * high:.0f}", style="dim")


def _reference_class_lines(result: BaselineResult) -> Iterator[Text]:
    own = result.own_file is not None
    where = f"of {result.own_file}" if own else "of Gibler & Miller's data on 1816-2014"
    if any(war.added for war in result.wars):
        names = " and ".join(war.name for war in result.wars if war.added)
        where += f" with the {names} added"
    kept = [f"with at least {result.deaths:,} deaths"] if result.deaths else []
    kept += [f"begun after {result.after}"] if result.after is not None else []
    years = f"{result.wars[-1].days / DAYS_PER_YEAR:.1f} years"
    yield Text(f"{format_count(len(result.wars), 'war')} {', '.join([where, *kept])}.")
    median = f"Half of them lasted {result.median:,.0f} days or less, the longest {years}"
    tail = result.pareto_tail
    fitted = (
        f"; tail of {format_count(tail.wars, 'war')} beyond a year, exponent {tail.exponent:.2f}"
        if tail is not None
        else ""
    )
    yield Text(median + fitted + ".")
    guessed = sum(war.guessed for war in result.wars)
    if guessed:
        yield Text(f"For {guessed} the day of the start or end is not known: the 15th is used.")
    ongoing = sum(war.ongoing for war in result.wars)
    if ongoing:
        yield Text(
            f"{format_count(ongoing, 'war')} still going on when last seen: counted up to then."
        )
    if result.without_deaths:
        yield Text(f"{format_count(result.without_deaths, 'war')} left out: deaths not known.")


def _longer_wars_line(result: BaselineResult) -> RenderableType:
    at_risk = result.at_risk
    if not at_risk:
        why = f"None of them lasted longer than {result.lasted}: only the tail says anything."
        return Text(why, style="yellow")
    names = [
        f"{escape_markup(war.name)} {war.days / DAYS_PER_YEAR:.1f}"
        for war in at_risk[:MOST_WARS_LISTED]
    ]
    more = (
        f", and {len(at_risk) - MOST_WARS_LISTED} more" if len(at_risk) > MOST_WARS_LISTED else ""
    )
    text = Text(f"{len(at_risk)} lasted longer (years): ", style="bold")
    few = (
        "\nSo few wars say little: the intervals show how little."
        if len(at_risk) < FEW_WARS
        else ""
    )
    return text.append(", ".join(names) + more + ".", style="not bold").append(
        few, style="not bold yellow"
    )


def _great_northern_war_line(result: BaselineResult) -> Text:
    shorter, of = result.shorter_than_great_northern, len(result.wars)
    text = f"The 21 years of the Great Northern War (1700-1721) are longer than {shorter} of {of}."
    chance = result.as_long_as_great_northern
    if chance is not None:
        text += f" By the fitted tail, this war lasts as long with a probability of {chance:.0%}."
    return Text(text.replace("%.", " %."))


def _omission_lines(result: BaselineResult) -> Iterator[Text]:
    if result.omissions:
        yield Text("\nWhat the data lack", style="bold")
    for sentence in result.omissions:
        yield Text(f"· {sentence}", style="dim")


def cases_without_outcomes_line(files: Sequence[str]) -> Iterator[Text]:
    """Which case files say nothing of what happened; nothing if all do."""
    if files:
        names = ", ".join(Path(file).stem for file in files)
        yield Text(f"No claim says what happened in: {names}", style="dim")


def forecaster_score_table(result: ScoreResult) -> RenderableType:
    """A line for each forecaster, beside the model on the same claims.

    result  the scores
    """
    table = plain_table()
    table.add_column("forecaster", style="bold", no_wrap=True)
    headings = (
        "claims",
        "Brier",
        "log",
        "reliability",
        "resolution",
        "model's Brier",
        "difference",
    )
    for head in headings:
        table.add_column(head, justify="right")
    for one in result.scores:
        table.add_row(*_score_cells(one))
    return Group(table, Text(), *_score_notes(result), *_unscored_claim_lines(result.claims))


def _score_cells(score: ForecasterScore) -> Iterator[str]:
    yield score.name
    yield f"{score.claims}"
    yield f"{score.brier:.3f}"
    yield "infinite" if math.isinf(score.log) else f"{score.log:.3f}"
    yield f"{score.parts.reliability:.3f}"
    yield f"{score.parts.resolution:.3f}"
    same = score.name == "model"
    yield "" if same else f"{score.model_brier:.3f}"
    apart = "" if score.error is None else f" ± {score.error:.3f}"
    yield "" if same else f"{score.difference:+.3f}{apart}"


def _score_notes(result: ScoreResult) -> Iterator[Text]:
    n, cases = len(result.scored), len({claim.case for claim in result.scored})
    yield Text(
        "Brier and log: 0 is perfect; always saying one half gives 0.250 and 0.693. Reliability "
        "should be low, resolution high. A difference above 0 (± its standard error) means that "
        "the model did worse on the claims that both forecast.",
        style="dim",
    )
    if result.too_few_claims:
        verb = "is" if n == 1 else "are"
        yield Text(
            f"{format_count(n, 'claim')} of {format_count(cases, 'case')} {verb} few: no more than "
            "a check that nothing is badly off. The cases were written by people who knew how they "
            "ended.",
            style="yellow",
        )
    for claim in result.claims:
        for forecast in claim.forecasts:
            if forecast.later:
                yield Text(
                    f"{claim.id}: {forecast.id} dates from {forecast.as_of}, after the day up to "
                    f"which the case knows what happened ({claim.as_of})",
                    style="yellow",
                )


def _unscored_claim_lines(claims: Sequence[ClaimOutcome]) -> Iterator[Text]:
    without = [claim for claim in claims if claim.model_probability is None]
    if without:
        yield Text(f"\n{format_count(len(without), 'claim')} without a probability", style="bold")
    for claim in without:
        why = claim.unscored or "it has no answer"
        yield Text(f"· {_case_stem(claim)} {claim.id}: {why}", style="dim")


def _case_stem(claim: ClaimOutcome) -> str:
    return Path(claim.case).stem


def backtest_table(result: BacktestResult) -> RenderableType:
    """Every claim with its verdict, its probability, past wars, and what happened.

    result  the claims with their outcomes
    """
    width = max(len(claim.id) for claim in result.claims)
    parts = list[RenderableType]()
    for _, claims in groupby(result.claims, lambda claim: claim.case):
        parts += [*_case_backtest_table(list(claims), width), Text()]
    return Group(*parts, *_backtest_summary(result), *_unscored_claim_lines(result.claims))


def _case_backtest_table(claims: Sequence[ClaimOutcome], width: int) -> Iterator[RenderableType]:
    """A table of one case; the columns of all are of one width."""
    first = claims[0]
    known = f"  knows what happened up to {first.as_of}" if first.as_of else ""
    yield Text(_case_stem(first), style="bold cyan").append(known, style="not bold dim")
    table = plain_table()
    table.add_column("claim", no_wrap=True, width=width)
    table.add_column("verdict", no_wrap=True, width=12)
    table.add_column("model", justify="right", no_wrap=True, width=6)
    table.add_column("base", justify="right", no_wrap=True, width=4)
    table.add_column("others", justify="right", width=6)
    table.add_column("true", justify="center", width=4)
    table.add_column("says")
    for claim in claims:
        table.add_row(*_claim_outcome_cells(claim))
    yield table


def _claim_outcome_cells(claim: ClaimOutcome) -> Iterator[RenderableType]:
    yield claim.id
    verdict = None if claim.share is None else claim.share.verdict
    if verdict is None:
        yield truth_mark(claim.true_at_best)
    else:
        style = (
            "yellow" if claim.verdict_right is None else "green" if claim.verdict_right else "red"
        )
        yield Text(verdict, style=style)
    model = Text("" if claim.model_probability is None else f"{claim.model_probability:.2f}")
    yield model.append(" ▼", style="red") if claim.worse_than_base_rate else model.append("  ")
    yield _base_rate_cell(claim.base_rate)
    yield Text(" ".join(f"{forecast.probability:.2f}" for forecast in claim.forecasts))
    yield truth_mark(claim.happened)
    yield Text(claim.sentence, style="dim")


def _base_rate_cell(base_rate: ClaimBaseRate | None) -> Text:
    if base_rate is None:
        return Text()
    if base_rate.probability is None:
        return Text("none", style="dim")
    return Text(f"{base_rate.probability:.2f}")


def _backtest_summary(result: BacktestResult) -> Iterator[Text]:
    counts = result.verdicts
    yield Text(
        f"Of {format_count(len(result.claims), 'verdict')} {counts['right']} were right (holds and "
        f"came true, or fails and did not), {counts['wrong']} wrong, {counts['open']} said neither."
    )
    by_name = {one.name: one for one in result.scores}
    if "model" in by_name:
        one = by_name["model"]
        of = format_count(one.claims, "claim")
        line = f"The model's Brier score is {one.brier:.3f} on {of}"
        if "base rate" in by_name:
            base = by_name["base rate"]
            both = format_count(base.claims, "claim")
            line += (
                f"; on the {both} with a base rate it is {base.model_brier:.3f}, that of the base "
                f"rates {base.brier:.3f}"
            )
        yield Text(line + ". Always saying one half gives 0.250.")
    if result.max_model_error is not None:
        worlds = format_count(result.worlds, "world")
        yield Text(
            f"These are means over {worlds}, known to ± {result.max_model_error:.2f} or better "
            "(standard error): --worlds N uses more.",
            style="dim",
        )
    if result.worse_than_base_rate:
        names = ", ".join(
            f"{_case_stem(claim)} {claim.id}" for claim in result.worse_than_base_rate
        )
        yield Text("▼ worse than the base rate: ", style="red").append(names, style="default")
    missing = {
        claim.base_rate.missing
        for claim in result.claims
        if claim.base_rate and claim.base_rate.missing
    }
    for why in sorted(missing):
        yield Text(f"No base rate: {why}", style="yellow")
    yield from cases_without_outcomes_line(result.without)
    yield Text(
        "`ceasefire score` compares all forecasters. The cases were written by people who knew "
        "how they ended.",
        style="dim",
    )
