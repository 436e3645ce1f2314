"""The commands about what has happened: load, ask, print."""

from collections.abc import Sequence

from ceasefire import __version__
from ceasefire.cli.commands_query import (
    INTERRUPT_HINT,
    exit_status,
    load_printing_warnings,
    print_result,
)
from ceasefire.cli.options import CommandOptions
from ceasefire.evidence import compare, indicators, update
from ceasefire.render.console import (
    ProgressBar,
    output_console,
    print_compiling_note,
    print_json,
    result_document,
)
from ceasefire.render.formatting import format_count
from ceasefire.render.tables_evidence import case_comparison_tables, indicator_table, update_tables

MOST_INDICATORS_SHOWN = 15


def run_update_command(
    path: str, worlds: int, seed: int, particles: int, options: CommandOptions
) -> int:
    """Ask every claim again after the events of a case."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar(f"{format_count(worlds, 'world')}, before and after, {INTERRUPT_HINT}") as bar:
        found = update(
            case, worlds, seed,
            particles=particles, grid=options.grid, memory=options.memory_bytes, progress=bar,
        )  # fmt: skip
    return print_result(
        case, options, found.as_json, lambda: update_tables(case, found), marked=found.marked
    )


def run_indicators_command(
    path: str, worlds: int, seed: int, particles: int, options: CommandOptions, *, every: bool
) -> int:
    """Say what may happen next and what each event would change."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar(
        f"{format_count(worlds, 'world')}, what may happen next, {INTERRUPT_HINT}"
    ) as bar:
        found = indicators(
            case, worlds, seed,
            particles=particles, grid=options.grid, memory=options.memory_bytes, progress=bar,
        )  # fmt: skip
    most = None if every else MOST_INDICATORS_SHOWN
    return print_result(
        case, options, found.as_json, lambda: indicator_table(case, found, most),
        marked=found.marked,
    )  # fmt: skip


def run_compare_command(
    paths: Sequence[str], worlds: int, seed: int, particles: int, options: CommandOptions
) -> int:
    """Put rival cases side by side."""
    cases = [load_printing_warnings(path, options) for path in paths]
    print_compiling_note()
    with ProgressBar(f"{format_count(worlds, 'world')} of each case, {INTERRUPT_HINT}") as bar:
        found = compare(
            *cases, worlds=worlds, seed=seed,
            particles=particles, grid=options.grid, memory=options.memory_bytes, progress=bar,
        )  # fmt: skip
    if options.as_json:
        said = found.as_json()
        rivals = [
            result_document(case, rival) for case, rival in zip(cases, said["rivals"], strict=False)
        ]
        print_json({"version": __version__, **said, "rivals": rivals})
    else:
        output_console().print(case_comparison_tables(found))
    return exit_status(cases, options, marked=found.marked)
