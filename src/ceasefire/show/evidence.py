"""The commands about what has happened: load, ask, print."""

from collections.abc import Sequence

from ceasefire import __version__
from ceasefire.case import Case
from ceasefire.evidence import compare, indicators, update
from ceasefire.show.compared import compared_table
from ceasefire.show.doors import STOP, document, open_case
from ceasefire.show.indicated import indicated_table
from ceasefire.show.options import Options
from ceasefire.show.screen import Bar, note_compiling, output, print_json
from ceasefire.show.updated import updated_table
from ceasefire.show.words import counted

SHOWN = 15


def _status(cases: Sequence[Case], options: Options, *, marked: bool) -> int:
    return int(marked or (options.strict and any(case.warnings for case in cases)))


def update_case(path: str, worlds: int, seed: int, particles: int, options: Options) -> int:
    """Ask every claim again after the events of a case."""
    case = open_case(path, options)
    note_compiling()
    with Bar(f"{counted(worlds, 'world')}, before and after, {STOP}") as bar:
        found = update(
            case, worlds, seed,
            particles=particles, grid=options.grid, memory=options.bytes, progress=bar,
        )  # fmt: skip
    if options.as_json:
        print_json(document(case, found.as_json()))
    else:
        output().print(updated_table(case, found))
    return _status([case], options, marked=found.marked)


def indicate_case(
    path: str, worlds: int, seed: int, particles: int, options: Options, *, every: bool
) -> int:
    """Say what may happen next and what each event would change."""
    case = open_case(path, options)
    note_compiling()
    with Bar(f"{counted(worlds, 'world')}, what may happen next, {STOP}") as bar:
        found = indicators(
            case, worlds, seed,
            particles=particles, grid=options.grid, memory=options.bytes, progress=bar,
        )  # fmt: skip
    if options.as_json:
        print_json(document(case, found.as_json()))
    else:
        output().print(indicated_table(case, found, None if every else SHOWN))
    return _status([case], options, marked=found.marked)


def compare_cases(
    paths: Sequence[str], worlds: int, seed: int, particles: int, options: Options
) -> int:
    """Put rival cases side by side."""
    cases = [open_case(path, options) for path in paths]
    note_compiling()
    with Bar(f"{counted(worlds, 'world')} of each case, {STOP}") as bar:
        found = compare(
            *cases, worlds=worlds, seed=seed,
            particles=particles, grid=options.grid, memory=options.bytes, progress=bar,
        )  # fmt: skip
    if options.as_json:
        said = found.as_json()
        rivals = [document(case, rival) for case, rival in zip(cases, said["rivals"], strict=False)]
        print_json({"version": __version__, **said, "rivals": rivals})
    else:
        output().print(compared_table(found))
    return _status(cases, options, marked=found.marked)
