"""The commands `check` and `report`."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from ceasefire.case import Case
from ceasefire.cli.command_results import (
    BEST_ESTIMATES_STAGE,
    INTERRUPT_HINT,
    exit_status,
    load_printing_warnings,
)
from ceasefire.cli.runner import CommandOptions, read_seconds
from ceasefire.ensemble import CheckResult, check
from ceasefire.ensemble.check_claims import SharesSoFar
from ceasefire.ensemble.statistics import SETTLED, Until
from ceasefire.errors import CaseError, CeasefireError, Problem
from ceasefire.forecasts import base_rates_of_claims, check_json_with_base_rates
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.brief import check_brief_path, report_pictures, write_brief
from ceasefire.render.chart_theme import require_chart_renderer
from ceasefire.render.check_summary import check_summary, describe_shares, shares_so_far
from ceasefire.render.console import (
    WORTH_SAYING,
    ProgressBar,
    output_console,
    print_compiling_note,
    print_json,
    print_note,
    result_document,
    rich_table,
)
from ceasefire.render.pace import describe_seconds
from ceasefire.render.report import find_browser, print_pdf, render_report
from ceasefire.render.report_data import ReportData, compute_report_data
from ceasefire.render.tables_check import (
    base_rate_table,
    best_estimate_table,
    check_warnings,
    turning_point_table,
    verdict_table,
)
from ceasefire.render.tables_codings import coding_table
from ceasefire.render.tables_experts import expert_table
from ceasefire.results import format_count

LINES_BESIDE_SHARES = 8  # of a terminal: the headline and the bar
REPORT_SUFFIXES = (".html", ".htm")


def run_check_command(
    path: str,
    worlds: int,
    seed: int,
    options: CommandOptions,
    *,
    until: str | None = None,
    flips: bool = True,
    tilt: int | None = None,
    budget: str | None = None,
    page: str | None = None,
    everything: bool = False,
) -> int:
    """Check every claim and print what was found; returns the exit status.

    path        the case file
    worlds      how many worlds to draw; with `until`, at most this many
    seed        which worlds are drawn
    options     the options that all commands share
    until       `settled`, or the widest interval of a share that is wanted; None for exactly
                `worlds` worlds
    flips       whether to look for what turns each claim
    tilt        how many worlds may be tilted towards premises that are never true together; None
                for as many as are drawn
    budget      how long the search for what turns claims may take, such as `2m`; None for as long
                as it takes
    page        the HTML file of a report to write as well, None for none
    everything  whether to list every number, after the screen that sums them up
    """
    enough = None if until is None else _read_until(until)
    seconds = None if budget is None else read_seconds(budget, "--budget")
    case = load_printing_warnings(path, options)
    if not case.claims:
        help = 'add one: claims: {quiet: {test: "P(...) > 0.5"}}'
        raise CaseError([Problem("the case makes no claim", case.file, path="claims", help=help)])
    rates = base_rates_of_claims(case)
    if page is not None:
        check_report_path(page)
    print_compiling_note()
    with ProgressBar(BEST_ESTIMATES_STAGE) as bar:
        stages = _CheckStages(worlds, options, bar, at_most=until is not None, flips=flips)
        result = check(
            case, worlds, seed,
            until=enough, flips=flips, tilt=tilt, budget=seconds,
            quick=options.quick, grid=options.settings.grid,
            memory=options.settings.memory, tolerance=options.tolerance,
            on_best=stages.show_best_estimates, on_world=stages.show_world,
            on_stage=stages.show_stage, on_shares=stages.show_shares, on_plan=stages.show_search,
            progress=bar,
        )  # fmt: skip
    marked = result.marked
    if page is not None:
        marked |= write_report(case, worlds, seed, page, options, check_result=result).marked
    if options.as_json:
        document = check_json_with_base_rates(result, rates)
        print_json(result_document(case, document, check_warnings(result)))
    else:
        console = output_console()
        console.print(check_summary(case, result, warnings=not everything))
        if everything:
            console.print(Text(), best_estimate_table(case, result), verdict_table(result))
            console.print(turning_point_table(case, result))
            for table in (expert_table(case, result), coding_table(case, result)):
                if table is not None:
                    console.print(rich_table(table))
        rate_table = base_rate_table(result, rates)
        if rate_table is not None:
            console.print(rate_table)
    return exit_status([case], options, marked=marked)


def _read_until(text: str) -> Until:
    """The word `settled`, or the width of an interval."""
    if text == SETTLED:
        return SETTLED
    with suppress(ValueError):
        if 0.001 <= float(text) <= 1.0:
            return float(text)
    allowed = "settled, or a width between 0.001 and 1"
    help = "--until settled ends when more worlds would change no verdict"
    raise CeasefireError([Problem("is no end", "--until", found=text, allowed=allowed, help=help)])


class _CheckStages:
    """Says on standard error what is known so far, and names the part at work."""

    def __init__(
        self, worlds: int, options: CommandOptions, bar: ProgressBar, *, at_most: bool, flips: bool
    ) -> None:
        self.bar, self.quiet, self.flips = bar, options.as_json, flips
        self.quick = options.quick
        self.at_best: CheckResult | None = None
        self.seconds_each_reading: float | None = None
        self.rows = bar.progress.console.height - LINES_BESIDE_SHARES
        asked = f"{format_count(worlds, 'world')} and half as many fresh ones"
        if at_most:
            most = f"at most {worlds:,}, and half as many fresh ones"
            asked = f"as many worlds as are likely needed, {most}"
        elif not worlds:
            asked = "how far the best estimates can be trusted"
        if options.quick:
            asked = f"as many of {format_count(worlds, 'world')} as there is time for"
        self.shares_title = f"{asked}, {INTERRUPT_HINT}"

    def show_best_estimates(self, result: CheckResult) -> None:
        self.bar.restart(self.shares_title)
        if not self.quiet:
            self.bar.note(result.headline)
            self.at_best = result
            self.bar.show(shares_so_far(result, {}, self.rows), "")

    def show_world(self, so_far: SharesSoFar) -> None:
        self.seconds_each_reading = self.bar.pace.seconds_each()
        if self.at_best is not None:
            shares = so_far.shares()
            table = shares_so_far(self.at_best, shares, self.rows)
            worlds = format_count(so_far.worlds, "world")
            self.bar.show(table, f"{worlds} so far, {describe_shares(self.at_best, shares)}")

    def show_stage(self, title: str) -> None:
        self.bar.restart(f"{title}, {INTERRUPT_HINT}")

    def show_shares(self, result: CheckResult) -> None:
        self.bar.restart("what turns each claim")
        if not self.quiet and self.flips:
            self.bar.note(result.headline)

    def show_search(self, unknowns: int, points: int) -> None:
        search = f"{format_count(unknowns, 'unknown')} at {points} values at most"
        each = self.seconds_each_reading
        if each is not None and points * each > WORTH_SAYING and not self.quick:
            most = describe_seconds(points * each)
            self.bar.note(
                f"What turns each claim takes at most about {most}, and several unknowns at once "
                "longer; --budget 2m ends it sooner, --no-flips leaves it out."
            )
        self.bar.restart(f"what turns each claim: {search}, then several, {INTERRUPT_HINT}")


def check_report_path(file: str) -> None:
    """Raise CeasefireError if no page can be written to a file, before hours of work.

    That is: it is not named as a page, its folder does not exist, it is a folder, or charts cannot
    be drawn here.
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
    file: str | None,
    options: CommandOptions,
    *,
    check_result: CheckResult | None = None,
    goal: str | None = None,
    flips: bool = True,
    budget: float | None = None,
    today: int | None = None,
) -> ReportData:
    """Compute what a report needs besides the claims, write the page, and return its data.

    file          the page; only computed if None
    check_result  the claims, if they have been checked already
    goal          what levers are compared by; they are not if None
    flips, budget  as for `check`
    today         the period that begins on the day from which the claims are asked; 0 the start
    """
    with ProgressBar("the report") as bar:
        report = compute_report_data(
            case, worlds, seed,
            check_result=check_result, goal=goal, flips=flips, budget=budget,
            quick=options.quick, settings=options.settings,
            progress=bar, on_stage=bar.restart, today=today,
        )  # fmt: skip
    if file is not None:
        write_file_atomically(file, render_report(report).encode())
        if not options.as_json:
            print_note(f"written to {file}")
    return report


@dataclass(frozen=True)
class ReportFiles:
    """What a report is written to.

    page      the HTML file, None for none
    briefs    files that end in .docx or .pptx
    pictures  the folder for the charts, None for none
    pdf       whether the page is printed beside it
    """

    page: str | None
    briefs: tuple[str, ...] = ()
    pictures: str | None = None
    pdf: bool = False

    def require_writable(self) -> None:
        """Raise CeasefireError for what cannot be written, before anything is computed."""
        if self.page is not None:
            check_report_path(self.page)
        elif self.pdf or not (self.briefs or self.pictures):
            help = "name one: -o report.html, --brief report.docx, or --pictures DIR"
            raise CeasefireError([Problem("there is no file to write", path="-o", help=help)])
        require_chart_renderer()
        for brief in self.briefs:
            check_brief_path(brief)
        folders = [Path(brief).parent for brief in self.briefs]
        folders += [Path(self.pictures).parent] if self.pictures is not None else []
        for folder in folders:
            if not folder.is_dir():
                raise CeasefireError(
                    [Problem("the folder does not exist", str(folder), help="make it first")]
                )
        if self.pdf:
            find_browser()

    def write_others(self, report: ReportData) -> Iterator[str]:
        """Write everything but the page; gives the name of each file."""
        if self.pdf and self.page is not None:
            printed = Path(self.page).with_suffix(".pdf")
            print_pdf(Path(self.page), printed)
            yield str(printed)
        for brief in self.briefs:
            write_brief(report, brief)
            yield brief
        if self.pictures is not None:
            folder = Path(self.pictures)
            folder.mkdir(exist_ok=True)
            for name, picture in report_pictures(report).items():
                write_file_atomically(folder / f"{name}.png", picture)
                yield str(folder / f"{name}.png")


def run_report_command(
    path: str,
    worlds: int,
    seed: int,
    files: ReportFiles,
    options: CommandOptions,
    *,
    goal: str | None = None,
    flips: bool = True,
    budget: str | None = None,
    today: int | None = None,
) -> int:
    """Write everything about a case as a page, a brief and pictures, as asked; the exit status."""
    files.require_writable()
    seconds = None if budget is None else read_seconds(budget, "--budget")
    case = load_printing_warnings(path, options)
    print_compiling_note()
    report = write_report(
        case, worlds, seed, files.page, options,
        goal=goal, flips=flips, budget=seconds, today=today,
    )  # fmt: skip
    others = list(files.write_others(report))
    if options.as_json:
        printed = next((file for file in others if file.endswith(".pdf")), None)
        written = {"report": files.page, "pdf": printed, "files": others}
        choice = {} if report.choice is None else {"choice": report.choice.as_json()}
        document = report.check_result.as_json() | written | choice
        print_json(result_document(case, document, check_warnings(report.check_result)))
    else:
        for file in others:
            print_note(f"written to {file}")
    return exit_status([case], options, marked=report.marked)
