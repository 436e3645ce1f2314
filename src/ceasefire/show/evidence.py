"""The commands about what has happened: load, update, print."""

from ceasefire.evidence import update
from ceasefire.show.doors import STOP, document, open_case
from ceasefire.show.options import Options
from ceasefire.show.screen import Bar, note_compiling, output, print_json
from ceasefire.show.updated import updated_table
from ceasefire.show.words import counted


def update_case(path: str, worlds: int, seed: int, particles: int, options: Options) -> int:
    """Ask every claim again after the events of a case."""
    case = open_case(path, options)
    note_compiling()
    with Bar(f"{counted(worlds, 'world')}, before and after, {STOP}") as bar:
        found = update(
            case,
            worlds,
            seed,
            particles=particles,
            grid=options.grid,
            memory=options.bytes,
            progress=bar,
        )
    if options.as_json:
        print_json(document(case, found.as_json()))
    else:
        output().print(updated_table(case, found))
    return int(found.marked or (options.strict and bool(case.warnings)))
