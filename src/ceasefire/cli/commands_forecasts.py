"""The commands `baseline`, `score` and `backtest`: past wars, and how good forecasts were."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group

from ceasefire import __version__
from ceasefire.case import Case, load
from ceasefire.cli.command_results import load_printing_warnings, print_result
from ceasefire.cli.runner import CommandOptions
from ceasefire.errors import CaseError, EvidenceError, Problem
from ceasefire.forecasts import backtest, baseline, review, score
from ceasefire.forecasts.outcomes import select_cases_with_outcomes
from ceasefire.render.console import ProgressBar, output_console, print_compiling_note, print_json
from ceasefire.render.tables_evidence import update_warnings
from ceasefire.render.tables_forecasts import (
    backtest_table,
    cases_without_outcomes_line,
    forecaster_score_table,
    war_ending_table,
)
from ceasefire.render.tables_review import review_page

DEFAULT_CASE_FOLDER = "cases"


def run_baseline_command(
    lasted: str,
    within: tuple[str, ...],
    options: CommandOptions,
    *,
    deaths: int = 0,
    after: int | None = None,
    wars: str | None = None,
    added: bool = True,
) -> int:
    """Print how likely an end is, judging by past wars; the exit status.

    lasted   how long the war has lasted, such as 1177d
    within   how far to look ahead, one row each
    options  of these only `as_json` matters
    deaths   only wars with at least this many deaths
    after    only wars begun after this year; None for all
    wars     a CSV file to use instead of the data; None for the data
    added    whether the Second World War and Vietnam are added to the data
    """
    result = baseline(lasted, *within, deaths=deaths, after=after, wars=wars, added=added)
    if options.as_json:
        print_json({"version": __version__, **result.as_json()})
    else:
        output_console().print(war_ending_table(result))
    return 0


def load_cases(paths: Sequence[str]) -> tuple[Case, ...]:
    """Load the cases that are named, or without names all in the folder `cases`.

    Raises CaseError with the problems of all files, EvidenceError if there is no case.
    """
    chosen = list(paths) or sorted(str(path) for path in Path(DEFAULT_CASE_FOLDER).glob("*.yaml"))
    if not chosen:
        help = f"name case files, or go where there is a folder {DEFAULT_CASE_FOLDER} with some"
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


def run_score_command(paths: Sequence[str], worlds: int, seed: int, options: CommandOptions) -> int:
    """Print the scores of the model, past wars and other forecasts; the exit status."""
    known, without = select_cases_with_outcomes(load_cases(paths))
    print_compiling_note()
    with ProgressBar("looking back") as bar:
        result = score(
            *known,
            worlds=worlds,
            seed=seed,
            grid=options.settings.grid,
            memory=options.settings.memory,
            progress=bar,
        )
    if options.as_json:
        print_json({"version": __version__, **result.as_json(), "without": without})
    else:
        output_console().print(
            Group(forecaster_score_table(result), *cases_without_outcomes_line(without))
        )
    return int(result.marked)


def run_backtest_command(
    paths: Sequence[str], worlds: int, seed: int, options: CommandOptions
) -> int:
    """Print each claim whose outcome is known beside the model and past wars; the exit status."""
    cases = load_cases(paths)
    print_compiling_note()
    with ProgressBar("looking back") as bar:
        result = backtest(
            *cases,
            worlds=worlds,
            seed=seed,
            grid=options.settings.grid,
            memory=options.settings.memory,
            progress=bar,
        )
    if options.as_json:
        print_json({"version": __version__, **result.as_json()})
    else:
        output_console().print(backtest_table(result))
    return int(result.marked)


def run_review_command(
    path: str,
    others: Sequence[str],
    rival: str | None,
    worlds: int,
    seed: int,
    options: CommandOptions,
) -> int:
    """Print a page that looks back at a case; the exit status."""
    case = load_printing_warnings(path, options)
    beside = load_cases(others) if others else ()
    against = None if rival is None else load_printing_warnings(rival, options)
    print_compiling_note()
    with ProgressBar("looking back") as bar:
        result = review(
            case, *beside,
            rival=against, worlds=worlds, seed=seed, grid=options.settings.grid,
            memory=options.settings.memory, progress=bar,
        )  # fmt: skip
    warnings = [] if result.update is None else update_warnings(result.update)
    return print_result(
        case, options, result.as_json, lambda: review_page(case, result),
        marked=result.marked, warnings=warnings,
    )  # fmt: skip
