"""What happened, as tables: every claim beside past wars, and how good the forecasts were."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire import __version__
from ceasefire.case import Case, load
from ceasefire.errors import CaseError, EvidenceError, Problem
from ceasefire.evidence import Backtest, BaseRate, Hindsight, Score, Scores, backtest, score
from ceasefire.evidence.hindsight import with_outcomes
from ceasefire.show.options import Options
from ceasefire.show.screen import Bar, note_compiling, output, print_json
from ceasefire.show.verdicts import mark
from ceasefire.show.words import counted

FOLDER = "cases"


def open_cases(paths: Sequence[str]) -> tuple[Case, ...]:
    """Load the cases that are named, or all of the folder `cases` here.

    Raises CaseError with the problems of all files, EvidenceError if there is no case.
    """
    chosen = list(paths) or sorted(str(path) for path in Path(FOLDER).glob("*.yaml"))
    if not chosen:
        help = f"name case files, or go where there is a folder {FOLDER} with some"
        raise EvidenceError([Problem("there is no case here", help=help)])
    cases, problems = list[Case](), list[Problem]()
    for path in chosen:
        try:
            cases.append(load(path))
        except CaseError as error:
            problems += error.problems
    if problems:
        raise CaseError(problems)
    return tuple(cases)


def score_cases(paths: Sequence[str], worlds: int, seed: int, options: Options) -> int:
    """Score the model, past wars and other forecasts."""
    known, without = with_outcomes(open_cases(paths))
    note_compiling()
    with Bar("looking back") as bar:
        found = score(
            *known,
            worlds=worlds,
            seed=seed,
            grid=options.grid,
            memory=options.bytes,
            progress=bar,
        )
    if options.as_json:
        print_json({"version": __version__, **found.as_json(), "without": without})
    else:
        output().print(Group(score_table(found), *_silent(without)))
    return int(found.marked)


def backtest_cases(paths: Sequence[str], worlds: int, seed: int, options: Options) -> int:
    """Hold every claim whose outcome is known against the model and past wars."""
    cases = open_cases(paths)
    note_compiling()
    with Bar("looking back") as bar:
        found = backtest(
            *cases,
            worlds=worlds,
            seed=seed,
            grid=options.grid,
            memory=options.bytes,
            progress=bar,
        )
    if options.as_json:
        print_json({"version": __version__, **found.as_json()})
    else:
        output().print(backtest_table(found))
    return int(found.scores.marked)


def _silent(files: Sequence[str]) -> Iterator[Text]:
    if files:
        names = ", ".join(Path(file).stem for file in files)
        yield Text(f"No claim says what happened in: {names}", style="dim")


def score_table(found: Scores) -> RenderableType:
    """A line for each forecaster, beside the model on the same claims."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("forecaster", style="bold", no_wrap=True)
    heads = ("claims", "Brier", "log", "reliability", "resolution", "model's Brier", "difference")
    for head in heads:
        table.add_column(head, justify="right")
    for one in found.scores:
        table.add_row(*_line(one))
    return Group(table, Text(), *_said(found), *_unscored(found.claims))


def _line(one: Score) -> Iterator[str]:
    yield one.name
    yield f"{one.claims}"
    yield f"{one.brier:.3f}"
    yield "infinite" if math.isinf(one.log) else f"{one.log:.3f}"
    yield f"{one.parts.reliability:.3f}"
    yield f"{one.parts.resolution:.3f}"
    same = one.name == "model"
    yield "" if same else f"{one.model_brier:.3f}"
    apart = "" if one.error is None else f" ± {one.error:.3f}"
    yield "" if same else f"{one.difference:+.3f}{apart}"


def _said(found: Scores) -> Iterator[Text]:
    n, cases = len(found.scored), len({claim.case for claim in found.scored})
    yield Text(
        "Brier and log: 0 is perfect; who always says one half gets 0.250 and 0.693. Reliability "
        "is better the lower, resolution the higher. A difference above 0 (± its standard error) "
        "says that the model did worse on the claims both spoke of.",
        style="dim",
    )
    if found.few:
        yield Text(
            f"{counted(n, 'claim')} of {counted(cases, 'case')} are few: no more than a check "
            "that nothing is badly off. The cases were written by people who knew how they ended.",
            style="yellow",
        )
    for claim in found.claims:
        for said in claim.forecasts:
            if said.later:
                yield Text(
                    f"{claim.id}: {said.id} is of {said.as_of}, later than the case knows "
                    f"({claim.as_of})",
                    style="yellow",
                )


def _unscored(claims: Sequence[Hindsight]) -> Iterator[Text]:
    without = [claim for claim in claims if claim.model is None]
    if without:
        yield Text(f"\n{counted(len(without), 'claim')} without a probability", style="bold")
    for claim in without:
        why = claim.unscored or "it has no answer"
        yield Text(f"· {_stem(claim)} {claim.id}: {why}", style="dim")


def _stem(claim: Hindsight) -> str:
    return Path(claim.case).stem


def backtest_table(found: Backtest) -> RenderableType:
    """Every claim with its verdict, its probability, past wars, and what happened."""
    width = max(len(claim.id) for claim in found.claims)
    parts = list[RenderableType]()
    for _, claims in groupby(found.claims, lambda claim: claim.case):
        parts += [*_of_case(list(claims), width), Text()]
    return Group(*parts, *_summary(found), *_unscored(found.claims))


def _of_case(claims: Sequence[Hindsight], width: int) -> Iterator[RenderableType]:
    """A table of one case; the columns of all are of one width."""
    first = claims[0]
    known = f"  knows things up to {first.as_of}" if first.as_of else ""
    yield Text(_stem(first), style="bold cyan").append(known, style="not bold dim")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("claim", no_wrap=True, width=width)
    table.add_column("verdict", no_wrap=True, width=12)
    table.add_column("model", justify="right", no_wrap=True, width=6)
    table.add_column("base", justify="right", no_wrap=True, width=4)
    table.add_column("others", justify="right", width=6)
    table.add_column("true", justify="center", width=4)
    table.add_column("says")
    for claim in claims:
        table.add_row(*_cells(claim))
    yield table


def _cells(claim: Hindsight) -> Iterator[RenderableType]:
    yield claim.id
    verdict = None if claim.share is None else claim.share.verdict
    if verdict is None:
        yield mark(claim.holds)
    else:
        style = "yellow" if claim.right is None else "green" if claim.right else "red"
        yield Text(verdict, style=style)
    model = Text("" if claim.model is None else f"{claim.model:.2f}")
    yield model.append(" ▼", style="red") if claim.worse else model.append("  ")
    yield _base(claim.base)
    yield Text(" ".join(f"{said.probability:.2f}" for said in claim.forecasts))
    yield mark(claim.happened)
    yield Text(claim.says, style="dim")


def _base(base: BaseRate | None) -> Text:
    if base is None:
        return Text()
    if base.probability is None:
        return Text("none", style="dim")
    return Text(f"{base.probability:.2f}")


def _summary(found: Backtest) -> Iterator[Text]:
    counts, scores = found.verdicts, found.scores
    yield Text(
        f"Of {counted(len(found.claims), 'verdict')} {counts['right']} were right (holds and came "
        f"true, or fails and did not), {counts['wrong']} wrong, {counts['open']} said neither."
    )
    by_name = {one.name: one for one in scores.scores}
    if "model" in by_name:
        one = by_name["model"]
        of = counted(one.claims, "claim")
        line = f"The model's probabilities have a Brier score of {one.brier:.3f} on {of}"
        if "base rate" in by_name:
            base = by_name["base rate"]
            both = counted(base.claims, "claim")
            line += (
                f"; on the {both} with a base rate {base.model_brier:.3f}, that of the base rates "
                f"{base.brier:.3f}"
            )
        yield Text(line + ". One half everywhere: 0.250.")
    if scores.error is not None:
        drawn = counted(scores.worlds, "world")
        yield Text(
            f"These are means over {drawn}, known to ± {scores.error:.2f} or better (standard "
            "error): --worlds N asks for more.",
            style="dim",
        )
    if scores.worse:
        names = ", ".join(f"{_stem(claim)} {claim.id}" for claim in scores.worse)
        yield Text("▼ worse than the base rate: ", style="red").append(names, style="default")
    missing = {claim.base.missing for claim in found.claims if claim.base and claim.base.missing}
    for why in sorted(missing):
        yield Text(f"No base rate: {why}", style="yellow")
    yield from _silent(found.without)
    yield Text(
        "`score` has the scores of all forecasters. The cases were written by people who knew "
        "how they ended.",
        style="dim",
    )
