"""The commands `update`, `indicators` and `compare`, about what has happened."""

from collections.abc import Sequence

from ceasefire import __version__
from ceasefire.cli.command_results import (
    INTERRUPT_HINT,
    exit_status,
    load_printing_warnings,
    print_result,
)
from ceasefire.cli.runner import CommandOptions
from ceasefire.evidence import (
    compare,
    evidence_rows,
    indicators,
    rival_evidence,
    update,
)
from ceasefire.formats.spreadsheets import check_spreadsheet_path, table_as_file
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.console import (
    ProgressBar,
    output_console,
    print_compiling_note,
    print_json,
    print_note,
    result_document,
)
from ceasefire.render.formatting import numerics_warnings
from ceasefire.render.tables_evidence import (
    case_comparison_tables,
    indicator_table,
    update_tables,
    update_warnings,
)
from ceasefire.results import format_count
from ceasefire.stopping import limited_to

MOST_INDICATORS_SHOWN = 15


def run_update_command(
    path: str,
    worlds: int,
    seed: int,
    particles: int,
    options: CommandOptions,
    table: str | None = None,
    today: int | None = None,
) -> int:
    """Print each claim before and after the events of a case; the exit status.

    table  file to which every world is written, for a spreadsheet
    today  the period that begins now; None takes the one after the last event
    """
    if table is not None:
        check_spreadsheet_path(table, "--table")
    case = load_printing_warnings(path, options)
    print_compiling_note()
    title = f"{format_count(worlds, 'world')}, before and after, {INTERRUPT_HINT}"
    with ProgressBar(title) as bar, limited_to(options.seconds, once_kept=True):
        result = update(
            case, worlds, seed,
            particles=particles, grid=options.settings.grid, memory=options.settings.memory,
            progress=bar, today=today,
        )  # fmt: skip
    if table is not None:
        told = result.world_frame()
        content = table_as_file(table, "Worlds", told.columns, told.rows())
        write_file_atomically(table, content)
        if not options.as_json:
            print_note(f"written to {table}")
    return print_result(
        case,
        options,
        result.as_json,
        lambda: update_tables(case, result),
        marked=result.marked,
        warnings=update_warnings(result),
    )


def run_indicators_command(
    path: str, worlds: int, seed: int, particles: int, options: CommandOptions, *, every: bool
) -> int:
    """Print what may happen next and what each event would change; the exit status.

    every  show all events, not only the first 15
    """
    case = load_printing_warnings(path, options)
    print_compiling_note()
    title = f"{format_count(worlds, 'world')}, what may happen next, {INTERRUPT_HINT}"
    with ProgressBar(title) as bar, limited_to(options.seconds, once_kept=True):
        result = indicators(
            case, worlds, seed,
            particles=particles, grid=options.settings.grid, memory=options.settings.memory,
            progress=bar,
        )  # fmt: skip
    limit = None if every else MOST_INDICATORS_SHOWN
    return print_result(
        case, options, result.as_json, lambda: indicator_table(case, result, limit),
        marked=result.marked,
        warnings=numerics_warnings(result.numerics, result.run_stats, result.failed_checks),
    )  # fmt: skip


def run_compare_command(
    paths: Sequence[str],
    worlds: int,
    seed: int,
    particles: int,
    options: CommandOptions,
    table: str | None = None,
) -> int:
    """Print rival cases side by side; with `table` write the events against them."""
    if table is not None:
        check_spreadsheet_path(table, "--table")
    cases = [load_printing_warnings(path, options) for path in paths]
    print_compiling_note()
    title = f"{format_count(worlds, 'world')} of each case, {INTERRUPT_HINT}"
    with ProgressBar(title) as bar, limited_to(options.seconds, once_kept=True):
        result = compare(
            *cases, worlds=worlds, seed=seed,
            particles=particles, grid=options.settings.grid, memory=options.settings.memory,
            progress=bar,
        )  # fmt: skip
    evidence = rival_evidence(cases, result)
    names = [rival.case for rival in result.rivals]
    if table is not None:
        headings, rows = evidence_rows(evidence, names)
        content = table_as_file(table, "Events and rival cases", headings, rows)
        write_file_atomically(table, content)
        if not options.as_json:
            print_note(f"written to {table}")
    if options.as_json:
        document = result.as_json()
        document["evidence"] = [row.as_json(names) for row in evidence]
        rivals = [
            result_document(
                case,
                written,
                numerics_warnings(rival.numerics, rival.run_stats, rival.failed_checks),
            )
            for case, written, rival in zip(cases, document["rivals"], result.rivals, strict=True)
        ]
        print_json({"version": __version__, **document, "rivals": rivals})
    else:
        output_console().print(case_comparison_tables(result, evidence))
    return exit_status(cases, options, marked=result.marked)
