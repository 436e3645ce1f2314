"""The commands `ask`, `choose`, `sweep`, `explain` and `timeline`, and what commands share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from ceasefire.case import Case, load
from ceasefire.cli.runner import CommandOptions
from ceasefire.ensemble import Engine, ask, choose, sweep
from ceasefire.errors import Problem
from ceasefire.query import explain, read_questions, timeline
from ceasefire.render.console import (
    ProgressBar,
    output_console,
    print_compiling_note,
    print_json,
    print_warnings,
    result_document,
)
from ceasefire.render.formatting import numerics_warnings
from ceasefire.render.tables_check import sweep_tables, sweep_warnings
from ceasefire.render.tables_levers import choice_table, choice_warnings
from ceasefire.render.tables_query import (
    answer_table,
    answer_warnings,
    explanation_tables,
    timeline_table,
)
from ceasefire.results import format_count

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


def run_ask_command(
    path: str, questions: Sequence[str], worlds: int, seed: int, options: CommandOptions
) -> int:
    """Print the answers to questions; returns the exit status."""
    case = load_printing_warnings(path, options)
    read_questions(case, dict.fromkeys(questions))
    print_compiling_note()
    with ProgressBar(BEST_ESTIMATES_STAGE) as bar:
        result = ask(
            case,
            *questions,
            worlds=worlds,
            seed=seed,
            grid=options.settings.grid,
            memory=options.settings.memory,
            tolerance=options.tolerance,
            progress=bar,
        )
    return print_result(
        case,
        options,
        result.as_json,
        lambda: answer_table(result),
        marked=result.marked,
        warnings=answer_warnings(result),
    )


def run_choose_command(
    path: str,
    goal: str,
    worlds: int,
    seed: int,
    options: CommandOptions,
    *,
    two: bool,
    levers: Sequence[str] | None,
    less_is_better: bool,
) -> int:
    """Print what each lever of a case does to a goal; the exit status."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar(f"{format_count(worlds, 'world')}, {INTERRUPT_HINT}") as bar:
        result = choose(
            case,
            goal,
            two=two,
            levers=levers,
            less_is_better=less_is_better,
            worlds=worlds,
            seed=seed,
            grid=options.settings.grid,
            memory=options.settings.memory,
            tolerance=options.tolerance,
            progress=bar,
        )
    return print_result(
        case,
        options,
        result.as_json,
        lambda: choice_table(case, result),
        marked=result.marked,
        warnings=choice_warnings(result),
    )


def run_sweep_command(
    path: str,
    folder: str,
    questions: Sequence[str],
    worlds: int,
    seed: int,
    engine: Engine,
    options: CommandOptions,
) -> int:
    """Compute worlds, store them, and print what all stored worlds say; the exit status."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar(f"{format_count(worlds, 'world')}, {INTERRUPT_HINT}") as bar:
        result = sweep(
            case,
            folder,
            worlds,
            *questions,
            seed=seed,
            engine=engine,
            grid=options.settings.grid,
            memory=options.settings.memory,
            tolerance=options.tolerance,
            progress=bar,
        )
    return print_result(
        case,
        options,
        result.as_json,
        lambda: sweep_tables(case, result),
        marked=result.marked,
        warnings=sweep_warnings(result),
    )


def run_explain_command(path: str, party: str, at: str, after: str, options: CommandOptions) -> int:
    """Print what a party would do in a state, and why; the exit status."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    explanation = explain(
        case, party, at, after=after, grid=options.settings.grid, memory=options.settings.memory
    )
    return print_result(
        case,
        options,
        explanation.as_json,
        lambda: explanation_tables(explanation),
        marked=explanation.marked,
        warnings=(*explanation.warnings, *numerics_warnings(explanation.numerics)),
    )


def run_timeline_command(path: str, options: CommandOptions) -> int:
    """Print what is likely when; the exit status."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    result = timeline(case, grid=options.settings.grid, memory=options.settings.memory)
    return print_result(
        case, options, result.as_json, lambda: timeline_table(case, result),
        warnings=numerics_warnings(result.numerics),
        marked=result.marked,
    )  # fmt: skip
