"""The commands that solve a game: load, ask, print, and the exit status that follows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from ceasefire import __version__
from ceasefire.ask import explain, read_all, timeline
from ceasefire.case import Case, digest, load
from ceasefire.show.answers import answer_table
from ceasefire.show.course import course_table
from ceasefire.show.options import Options
from ceasefire.show.reasons import reason_tables
from ceasefire.show.screen import (
    Bar,
    note_compiling,
    output,
    print_json,
    print_warnings,
)
from ceasefire.show.swept import swept_table
from ceasefire.show.words import counted
from ceasefire.worlds import Engine, ask, sweep

STOP = "Ctrl-C keeps what is done"
BEST = "the best estimates"


def open_case(path: str, options: Options) -> Case:
    """Load a case, its warnings printed."""
    case = load(path)
    if not options.as_json:
        print_warnings(case.warnings)
    return case


def conclude(
    case: Case,
    options: Options,
    said: Callable[[], Mapping[str, Any]],
    table: Callable[[], RenderableType],
    *,
    marked: bool,
) -> int:
    """Print what was found about a case, as one JSON document or as tables; the exit status."""
    if options.as_json:
        print_json(document(case, said()))
    else:
        output().print(table())
    return status([case], options, marked=marked)


def status(cases: Iterable[Case], options: Options, *, marked: bool) -> int:
    """Exit status 1 if a result is marked, or if cases have warnings and `--strict` was given."""
    return int(marked or (options.strict and any(case.warnings for case in cases)))


def document(case: Case, found: Mapping[str, Any]) -> dict[str, Any]:
    """A `--json` document: the case, a digest of what it says, the version, and what was found.

    The digest is that of the resolved case, so it tells whether two results are of one case.
    """
    head = {"case": case.file, "digest": digest(case), "version": __version__}
    warnings = [warning.as_json() for warning in case.warnings]
    return {**head, **found, "warnings": warnings}


def ask_case(path: str, questions: Sequence[str], worlds: int, seed: int, options: Options) -> int:
    """Answer any question."""
    case = open_case(path, options)
    read_all(case, dict.fromkeys(questions))
    note_compiling()
    with Bar(BEST) as bar:
        asked = ask(
            case,
            *questions,
            worlds=worlds,
            seed=seed,
            grid=options.grid,
            memory=options.bytes,
            progress=bar,
        )
    return conclude(case, options, asked.as_json, lambda: answer_table(asked), marked=asked.marked)


def sweep_case(
    path: str,
    folder: str,
    questions: Sequence[str],
    worlds: int,
    seed: int,
    engine: Engine,
    options: Options,
) -> int:
    """Compute many worlds and keep them; say what all that are kept say together."""
    case = open_case(path, options)
    note_compiling()
    with Bar(f"{counted(worlds, 'world')}, {STOP}") as bar:
        swept = sweep(
            case,
            folder,
            worlds,
            *questions,
            seed=seed,
            engine=engine,
            grid=options.grid,
            memory=options.bytes,
            progress=bar,
        )
    return conclude(
        case, options, swept.as_json, lambda: swept_table(case, swept), marked=swept.marked
    )


def explain_case(path: str, party: str, at: str, options: Options) -> int:
    """Say what a party would do in a state, and why."""
    case = open_case(path, options)
    note_compiling()
    found = explain(case, party, at, grid=options.grid, memory=options.bytes)
    return conclude(
        case, options, found.as_json, lambda: reason_tables(found), marked=found.numerics.marked
    )


def timeline_case(path: str, options: Options) -> int:
    """Show what is likely when."""
    case = open_case(path, options)
    note_compiling()
    found = timeline(case, grid=options.grid, memory=options.bytes)
    return conclude(
        case, options, found.as_json, lambda: course_table(case, found),
        marked=found.numerics.marked,
    )  # fmt: skip
