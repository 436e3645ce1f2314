"""The commands `choose`, `sweep`, `explain` and `timeline`."""

from collections.abc import Sequence
from dataclasses import replace

from ceasefire.cli.command_results import (
    INTERRUPT_HINT,
    load_printing_warnings,
    print_result,
)
from ceasefire.cli.runner import CommandOptions
from ceasefire.ensemble import Engine, choose, sweep
from ceasefire.ensemble.ask_questions import QUICK_ANSWER
from ceasefire.query import explain, timeline
from ceasefire.render.console import ProgressBar, print_compiling_note
from ceasefire.render.formatting import numerics_warnings
from ceasefire.render.tables_check import sweep_tables, sweep_warnings
from ceasefire.render.tables_levers import choice_table, choice_warnings
from ceasefire.render.tables_query import explanation_tables, timeline_table
from ceasefire.results import format_count
from ceasefire.stopping import limited_to


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
    title = f"{format_count(worlds, 'world')}, {INTERRUPT_HINT}"
    with ProgressBar(title) as bar, limited_to(options.seconds, once_kept=True):
        result = choose(
            case,
            goal,
            certify=not options.quick,
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
    if options.quick:
        result = replace(result, failed_checks=(*result.failed_checks, QUICK_ANSWER))
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
        warnings=sweep_warnings(case, result),
    )


def run_explain_command(path: str, party: str, at: str, after: str, options: CommandOptions) -> int:
    """Print what a party would do in a state, and why; the exit status."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar("what is decided, and why"):
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
    with ProgressBar("what is likely when"):
        result = timeline(case, grid=options.settings.grid, memory=options.settings.memory)
    return print_result(
        case, options, result.as_json, lambda: timeline_table(case, result),
        warnings=numerics_warnings(result.numerics),
        marked=result.marked,
    )  # fmt: skip
