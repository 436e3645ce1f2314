"""The commands `export` and `import`: files in and out; what they leave out is said."""

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ceasefire.case import Case, load
from ceasefire.errors import CeasefireError, Problem
from ceasefire.exchange import (
    case_to_gmcr,
    from_efg,
    from_gmcr,
    from_ktab,
    to_dot,
    to_efg,
    to_nfg,
    to_prism,
    to_salib,
    to_tables,
)
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.writing import LARGEST_FILE
from ceasefire.game import build
from ceasefire.show.files import save
from ceasefire.show.goals import goals_of
from ceasefire.show.opened import type_options
from ceasefire.show.played import played
from ceasefire.show.screen import note_compiling, print_note, print_warnings
from ceasefire.solve import solve
from ceasefire.worlds import draw


@dataclass(frozen=True)
class Wanted:
    """What the command was told: where to write, and the settings of single formats."""

    output: str = "-"
    agents: bool = False
    worlds: int = 256
    seed: int = 0
    grid: int | None = None
    memory: float = 4e9
    types: Sequence[str] = ()
    earlier: bool = False


def export_case(path: str, to: str, wanted: Wanted) -> int:
    """Write a case in another program's format."""
    if to not in FORMATS:
        help = "what each of them carries is in docs/exchange.md"
        raise CeasefireError(
            [
                Problem(
                    "no such format", path="--to", found=to, allowed=", ".join(FORMATS), help=help
                )
            ]
        )
    case = load(path)
    print_warnings(case.warnings)
    notes = FORMATS[to](case, wanted)
    for note in notes:
        print_note(f"note  {note}")
    return 0


def import_file(path: str, output: str) -> int:
    """Write another program's file as a case; an existing file is never overwritten."""
    reader = READERS.get(Path(path).suffix.lower())
    if reader is None:
        help = "the ending of the file's name says what it is"
        raise CeasefireError(
            [Problem("no such format", path, allowed=", ".join(READERS), help=help)]
        )
    if output != "-" and Path(output).exists():
        raise CeasefireError([Problem("is there already", output, help="choose another name")])
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CeasefireError([Problem(f"cannot be read: {error.strerror}", path)]) from None
    imported = reader(content, path)
    _write(imported.text, output)
    for note in imported.notes:
        print_note(f"note  {note}")
    return 0


def _write(text: str, output: str) -> None:
    if output == "-":
        sys.stdout.write(text)
    else:
        save(Path(output), text.encode())


def _one(exported: Exported, wanted: Wanted) -> Sequence[str]:
    _write(exported.text, wanted.output)
    return exported.notes


def _efg(case: Case, wanted: Wanted) -> Sequence[str]:
    return _one(to_efg(build(case, memory=wanted.memory), agents=wanted.agents), wanted)


def _nfg(case: Case, wanted: Wanted) -> Sequence[str]:
    return _one(to_nfg(build(case, memory=wanted.memory)), wanted)


def _dot(case: Case, wanted: Wanted) -> Sequence[str]:
    return _one(to_dot(build(case, memory=wanted.memory)), wanted)


def _gmcr(case: Case, wanted: Wanted) -> Sequence[str]:
    return _one(case_to_gmcr(case, type_options(wanted.types), earlier=wanted.earlier), wanted)


def _salib(case: Case, wanted: Wanted) -> Sequence[str]:
    return _one(to_salib(case, draw(case, wanted.worlds, wanted.seed)), wanted)


def _prism(case: Case, wanted: Wanted) -> Sequence[str]:
    game, goals, left = goals_of(case, wanted.memory)
    exported, properties = to_prism(game, goals)
    path = Path(wanted.output)
    if path.suffix == ".props":
        help = "name the model, as in -o model.prism: its properties go to model.props"
        raise CeasefireError([Problem("is the name of a file of properties", str(path), help=help)])
    _write(exported.text, wanted.output)
    notes = [*exported.notes, *left]
    if wanted.output == "-":
        notes.append("The properties are a file of their own: write -o model.prism to have both.")
    else:
        save(path.with_suffix(".props"), properties.encode())
    return notes


def _csv(case: Case, wanted: Wanted) -> Sequence[str]:
    return _folder(case, wanted, "csv")


def _parquet(case: Case, wanted: Wanted) -> Sequence[str]:
    return _folder(case, wanted, "parquet")


def _folder(case: Case, wanted: Wanted, ending: str) -> Sequence[str]:
    if wanted.output == "-":
        help = f"write -o FOLDER: it becomes states.{ending}, payoffs.{ending} and others"
        raise CeasefireError([Problem("tables are several files", path="--output", help=help)])
    note_compiling()
    game = build(case, memory=wanted.memory)
    tables, notes = to_tables(game)
    play = solve(game, grid=wanted.grid, memory=wanted.memory)
    results, more = played(play)
    folder = Path(wanted.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CeasefireError(
            [Problem(f"cannot be written: {error.strerror}", str(folder))]
        ) from None
    for name, table in {**tables, **results}.items():
        save(folder / f"{name}.{ending}", _bytes(table, ending))
    return [*notes, *more]


def _bytes(table: pl.DataFrame, ending: str) -> bytes:
    if ending == "csv":
        return table.write_csv().encode()
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


FORMATS: dict[str, Callable[[Case, Wanted], Sequence[str]]] = {
    "efg": _efg,
    "nfg": _nfg,
    "prism": _prism,
    "gmcr": _gmcr,
    "salib": _salib,
    "csv": _csv,
    "parquet": _parquet,
    "dot": _dot,
}
READERS: dict[str, Callable[[bytes, str], Exported]] = {
    ".gmcr": from_gmcr,
    ".efg": from_efg,
    ".csv": from_ktab,
}
