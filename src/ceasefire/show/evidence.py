"""The commands about what has happened: load, ask, print."""

from collections.abc import Sequence

from ceasefire import __version__
from ceasefire.evidence import compare, indicators, update
from ceasefire.show.compared import compared_table
from ceasefire.show.doors import STOP, conclude, document, open_case, status
from ceasefire.show.indicated import indicated_table
from ceasefire.show.options import Options
from ceasefire.show.screen import Bar, note_compiling, output, print_json
from ceasefire.show.updated import updated_table
from ceasefire.show.words import counted

SHOWN = 15


def update_case(path: str, worlds: int, seed: int, particles: int, options: Options) -> int:
    """Ask every claim again after the events of a case."""
    case = open_case(path, options)
    note_compiling()
    with Bar(f"{counted(worlds, 'world')}, before and after, {STOP}") as bar:
        found = update(
            case, worlds, seed,
            particles=particles, grid=options.grid, memory=options.bytes, progress=bar,
        )  # fmt: skip
    return conclude(
        case, options, found.as_json, lambda: updated_table(case, found), marked=found.marked
    )


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
    most = None if every else SHOWN
    return conclude(
        case, options, found.as_json, lambda: indicated_table(case, found, most),
        marked=found.marked,
    )  # fmt: skip


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
    return status(cases, options, marked=found.marked)
