"""The command `check`: best estimates first, then the shares of worlds, then what turns them."""

from pathlib import Path

from ceasefire.case import Case
from ceasefire.cli.commands_query import (
    BEST_ESTIMATES_STAGE,
    INTERRUPT_HINT,
    exit_status,
    load_printing_warnings,
)
from ceasefire.cli.options import CommandOptions
from ceasefire.ensemble import CheckResult, check
from ceasefire.errors import CaseError, CeasefireError, Problem
from ceasefire.forecasts import base_rates_of_claims, check_json_with_base_rates
from ceasefire.query import ClaimAnswers, read_claims
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.chart_theme import require_chart_renderer
from ceasefire.render.console import (
    ProgressBar,
    output_console,
    print_compiling_note,
    print_json,
    print_note,
    result_document,
)
from ceasefire.render.formatting import format_count
from ceasefire.render.report import find_browser, print_pdf, render_report
from ceasefire.render.report_data import ReportData, compute_report_data
from ceasefire.render.tables_check import (
    base_rate_table,
    best_estimate_table,
    turning_point_table,
    verdict_table,
)


def run_check_command(
    path: str,
    worlds: int,
    seed: int,
    options: CommandOptions,
    *,
    until: float | None = None,
    flips: bool = True,
    page: str | None = None,
) -> int:
    """Check every claim: best estimates first, then the shares of worlds, then what turns it."""
    case = load_printing_warnings(path, options)
    if not read_claims(case):
        help = 'add one: claims: {quiet: {test: "P(...) > 0.5"}}'
        raise CaseError([Problem("the case makes no claim", case.file, path="claims", help=help)])
    rates = base_rates_of_claims(case)
    if page is not None:
        check_report_path(page)
    print_compiling_note()

    with ProgressBar(BEST_ESTIMATES_STAGE) as bar:

        def show_best(claims: ClaimAnswers) -> None:
            if not options.as_json:
                most = "up to " if until else ""
                title = f"{most}{format_count(worlds, 'world')} and half as many fresh ones"
                bar.print_above(best_estimate_table(case, claims), f"{title}, {INTERRUPT_HINT}")

        def show_shares(checked: CheckResult) -> None:
            if not options.as_json:
                bar.print_above(verdict_table(case, checked), "what turns each claim")

        def plan(unknowns: int, readings: int) -> None:
            each = f"{format_count(unknowns, 'unknown')} at {readings} values or more"
            bar.restart(f"what turns each claim: {each}, then pairs, {INTERRUPT_HINT}")

        checked = check(
            case,
            worlds,
            seed,
            until=until,
            flips=flips,
            grid=options.grid,
            memory=options.memory_bytes,
            on_best=show_best,
            on_shares=show_shares,
            on_plan=plan,
            progress=bar,
        )
    marked = checked.marked
    if page is not None:
        marked |= write_report(case, worlds, seed, page, options, check_result=checked).marked
    if options.as_json:
        print_json(result_document(case, check_json_with_base_rates(case, checked, rates)))
    else:
        output_console().print(turning_point_table(case, checked))
        beside = base_rate_table(case, checked, rates)
        if beside is not None:
            output_console().print(beside)
    return exit_status([case], options, marked=marked)


REPORT_SUFFIXES = (".html", ".htm")


def check_report_path(file: str) -> None:
    """See that a page can be written there, before hours of work.

    Raises CeasefireError for a file of another kind, for a folder that does not exist, and where
    charts cannot be drawn.
    """
    require_chart_renderer()
    path, problem = Path(file), None
    if path.suffix.lower() not in REPORT_SUFFIXES:
        help = "name it report.html; --pdf prints it as report.pdf beside it"
        problem = Problem(
            "is not the name of a page", file, found=path.suffix, allowed=".html", help=help
        )
    elif not path.parent.is_dir():
        problem = Problem("the folder does not exist", str(path.parent), help="make it first")
    elif path.is_dir():
        problem = Problem("is a folder", file, help="name a file in it")
    if problem is not None:
        raise CeasefireError([problem])


def write_report(
    case: Case,
    worlds: int,
    seed: int,
    file: str,
    options: CommandOptions,
    *,
    check_result: CheckResult | None = None,
    flips: bool = True,
) -> ReportData:
    """Compute what is still missing and write the page."""
    with ProgressBar("the report") as bar:
        found = compute_report_data(
            case, worlds, seed,
            check_result=check_result, flips=flips, grid=options.grid, memory=options.memory_bytes,
            progress=bar, on_stage=bar.restart,
        )  # fmt: skip
    write_file_atomically(file, render_report(found).encode())
    if not options.as_json:
        print_note(f"written to {file}")
    return found


def run_report_command(
    path: str,
    worlds: int,
    seed: int,
    file: str,
    options: CommandOptions,
    *,
    flips: bool = True,
    pdf: bool = False,
) -> int:
    """Compute everything about a case and write it as one page, with `pdf` printed too."""
    check_report_path(file)
    if pdf:
        find_browser()
    case = load_printing_warnings(path, options)
    print_compiling_note()
    found = write_report(case, worlds, seed, file, options, flips=flips)
    printed = Path(file).with_suffix(".pdf") if pdf else None
    if printed is not None:
        print_pdf(Path(file), printed)
    if options.as_json:
        said = found.check_result.as_json() | {"report": file, "pdf": printed and str(printed)}
        print_json(result_document(case, said))
    return exit_status([case], options, marked=found.marked)
