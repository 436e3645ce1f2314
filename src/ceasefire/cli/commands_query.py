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
from ceasefire.query import explain_parties, timeline
from ceasefire.render.console import ProgressBar, print_compiling_note
from ceasefire.render.formatting import numerics_warnings
from ceasefire.render.tables_check import sweep_tables, sweep_warnings
from ceasefire.render.tables_levers import choice_table, choice_warnings
from ceasefire.render.tables_query import (
    explanation_tables,
    explanation_warnings,
    parties_explained,
    timeline_table,
)
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


def run_explain_command(
    path: str, party: str | None, at: str, after: str, options: CommandOptions, *, every: bool
) -> int:
    """Print what a party, or each, would do in a state, and why; the exit status."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    parties = list(case.parties) if party is None else [party]
    with ProgressBar("what is decided, and why"):
        explanations = explain_parties(
            case, parties, at, after=after, grid=options.settings.grid,
            memory=options.settings.memory,
        )  # fmt: skip
    return print_result(
        case,
        options,
        lambda: (
            explanations[0].as_json()
            if party is not None
            else {"parties": [one.as_json() for one in explanations]}
        ),
        lambda: (
            explanation_tables(explanations[0], every=every)
            if party is not None
            else parties_explained(explanations, every=every)
        ),
        marked=any(one.marked for one in explanations),
        warnings=explanation_warnings(explanations),
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
