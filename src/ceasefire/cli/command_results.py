"""What commands share: how a case is loaded, how a result is printed, and the exit status."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.console import RenderableType

from ceasefire.case import Case, load
from ceasefire.cli.runner import CommandOptions
from ceasefire.errors import Problem
from ceasefire.render.console import output_console, print_json, print_warnings, result_document

INTERRUPT_HINT = "Ctrl-C keeps what is done"
BEST_ESTIMATES_STAGE = "the best estimates"


def load_printing_warnings(path: str, options: CommandOptions) -> Case:
    """Load a case and print its warnings, unless JSON is asked for."""
    case = load(path)
    if not options.as_json:
        print_warnings(case.warnings)
    return case


def print_result(
    case: Case,
    options: CommandOptions,
    make_document: Callable[[], Mapping[str, Any]],
    make_table: Callable[[], RenderableType],
    *,
    marked: bool,
    warnings: Iterable[Problem] = (),
) -> int:
    """Print a result as one JSON document or as tables, and return the exit status.

    make_document  gives the result as JSON values
    make_table     gives what is printed without --json
    marked         whether the result is marked as doubtful: exit status 1
    warnings       what the tables say about the result, for the document
    """
    if options.as_json:
        print_json(result_document(case, make_document(), warnings))
    else:
        output_console().print(make_table())
    return exit_status([case], options, marked=marked)


def exit_status(cases: Iterable[Case], options: CommandOptions, *, marked: bool) -> int:
    """1 if a result is marked, or if a case has warnings and `--strict` was given; else 0."""
    return int(marked or (options.strict and any(case.warnings for case in cases)))
