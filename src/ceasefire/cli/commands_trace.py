"""The command `trace`: answers along an unknown, as tables, JSON, CSV and a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from ceasefire.case import Case
from ceasefire.cli.command_results import (
    INTERRUPT_HINT,
    load_printing_warnings,
    print_result,
)
from ceasefire.cli.runner import CommandOptions
from ceasefire.ensemble import TraceRequest, TraceResult, trace
from ceasefire.errors import CeasefireError, Problem, QuestionError
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.console import ProgressBar, print_compiling_note, print_note
from ceasefire.render.tables_trace import trace_table, trace_warnings

FIGURE_ENDINGS = (".svg", ".png")


@dataclass(frozen=True)
class TraceOutputs:
    """What is written besides what is printed.

    csv     where the answers go as CSV, `-` for standard output instead of tables; None for nowhere
    figure  where the figure goes, None for nowhere
    """

    csv: str | None = None
    figure: str | None = None

    def problems(self, *, as_json: bool) -> list[Problem]:
        """What is wrong with them."""
        found = []
        if self.csv == "-" and as_json:
            help = "give --csv a file, or leave out one of the two"
            found.append(Problem("--json and --csv - both print", path="--csv", help=help))
        if self.figure is not None and Path(self.figure).suffix.lower() not in FIGURE_ENDINGS:
            found.append(
                Problem(
                    "no such kind of figure",
                    path="--figure",
                    found=self.figure,
                    allowed=", ".join(FIGURE_ENDINGS),
                )
            )
        return found


def run_trace_command(
    path: str,
    questions: Sequence[str],
    options: CommandOptions,
    outputs: TraceOutputs,
    **asked: Any,
) -> int:
    """Print answers along an unknown, and write what is asked for; the exit status.

    asked  over, other, points, crossing and accuracy, as `trace` has them
    """
    case = load_printing_warnings(path, options)
    problems = outputs.problems(as_json=options.as_json)
    if outputs.figure is not None:
        problems += _renderer_problems()
    try:
        TraceRequest.read(case, questions, **asked)
    except QuestionError as error:
        problems = [*error.problems, *problems]
    if problems:
        raise QuestionError(problems)
    print_compiling_note()
    with ProgressBar(f"points and thresholds, {INTERRUPT_HINT}") as bar:
        result = trace(
            case,
            *questions,
            grid=options.settings.grid,
            memory=options.settings.memory,
            tolerance=options.tolerance,
            progress=bar,
            **asked,
        )
    return _print_and_write(case, result, options, outputs)


def _renderer_problems() -> Sequence[Problem]:
    from ceasefire.render.chart_theme import require_chart_renderer

    try:
        require_chart_renderer()
    except CeasefireError as error:
        return error.problems
    return ()


def _print_and_write(
    case: Case, result: TraceResult, options: CommandOptions, outputs: TraceOutputs
) -> int:
    table = result.frame().write_csv()
    if outputs.csv == "-":
        typer.echo(table, nl=False)
        status = int(result.marked or (options.strict and bool(case.warnings)))
    else:
        status = print_result(
            case,
            options,
            result.as_json,
            lambda: trace_table(case, result),
            marked=result.marked,
            warnings=trace_warnings(result),
        )
    if outputs.csv not in (None, "-"):
        write_file_atomically(str(outputs.csv), table.encode())
        print_note(f"{outputs.csv} has the answers")
    if outputs.figure is not None:
        write_file_atomically(outputs.figure, _picture(case, result, outputs.figure))
        print_note(f"{outputs.figure} is the figure")
    return status


def _picture(case: Case, result: TraceResult, file: str) -> bytes:
    from ceasefire.render.chart_theme import chart_png, chart_svg
    from ceasefire.render.charts import chart

    drawn = chart(case, result)
    return chart_png(drawn) if file.lower().endswith(".png") else chart_svg(drawn).encode()
