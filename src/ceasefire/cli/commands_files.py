"""The commands `export`, `import` and `lint`: files in and out, and what is wrong with them."""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from rich.text import Text

from ceasefire.case import Case, describe_coding, load, loads
from ceasefire.case.yaml_nodes import read_file_text
from ceasefire.cli.commands_coalitions import parse_type_options
from ceasefire.ensemble import draw_worlds
from ceasefire.ensemble.game_validation import (
    build_validated_game,
    describe_precisions,
    find_coarse_scales,
    find_frozen_changes,
    find_indifferent_proposers,
    find_scattered_offers,
    find_suspect_actions,
)
from ceasefire.equilibrium import default_grid_size, solve
from ceasefire.errors import CeasefireError, Problem
from ceasefire.formats import (
    add_experts,
    from_argdown,
    from_efg,
    from_ktab,
    from_nfg,
    read_sheets,
    to_argdown,
    to_dot,
    to_efg,
    to_nfg,
    to_prism,
    to_salib,
    to_sheet,
    to_tables,
    to_workbook,
)
from ceasefire.formats.case_writer import LARGEST_IMPORT_BYTES, ConvertedFile
from ceasefire.formats.coalition_goals import read_coalition_goals
from ceasefire.formats.elicitation import WORKBOOK_SUFFIX
from ceasefire.formats.tables import policy_tables
from ceasefire.game import Game, build
from ceasefire.gmcr import case_to_gmcr, gmcr_to_case
from ceasefire.query.claim_lint import lint_claims
from ceasefire.query.expectations import WorldSolution
from ceasefire.query.levers import lint_levers
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.console import (
    output_console,
    print_compiling_note,
    print_json,
    print_note,
    print_problems,
    print_warnings,
)
from ceasefire.results import format_count
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings


@dataclass(frozen=True)
class ExportOptions:
    """Where to write a case, and the settings of single formats.

    output        file, or folder for tables; - is standard output
    agents        efg: one player for each party, period and step
    worlds        salib: how many worlds to draw
    seed          salib: which worlds are drawn
    settings      how large a game, and for csv and parquet its solution, may be
    types         gmcr: party=type
    earlier_keys  gmcr: use the keys of its first generation
    believed_by   efg and nfg: whose beliefs chance draws types by
    """

    output: str = "-"
    agents: bool = False
    worlds: int = 256
    seed: int = 0
    settings: SolveSettings = DEFAULT_SETTINGS
    types: Sequence[str] = ()
    earlier_keys: bool = False
    believed_by: str | None = None


def run_export_command(path: str, to: str, export_options: ExportOptions) -> int:
    """Write a case in another program's format; the exit status."""
    if to not in EXPORTERS:
        help = "what each of them carries is in docs/exchange.md"
        raise CeasefireError(
            [
                Problem(
                    "no such format", path="--to", found=to, allowed=", ".join(EXPORTERS), help=help
                )
            ]
        )
    case = load(path)
    print_warnings(case.warnings)
    notes = EXPORTERS[to](case, export_options)
    for note in notes:
        print_note(f"note  {note}")
    return 0


def run_import_command(path: str, output: str) -> int:
    """Write another program's file as a case, never over an existing file; the exit status."""
    reader = IMPORTERS.get(Path(path).suffix.lower())
    if reader is None:
        help = "the ending of the file's name says what it is"
        raise CeasefireError(
            [Problem("no such format", path, allowed=", ".join(IMPORTERS), help=help)]
        )
    _refuse_existing(output)
    imported = reader(_read_content(path), path)
    _write_output(imported.text, output)
    for note in imported.notes:
        print_note(f"note  {note}")
    return 0


def _refuse_existing(output: str) -> None:
    if output != "-" and Path(output).exists():
        raise CeasefireError([Problem("is there already", output, help="choose another name")])


def _read_content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(LARGEST_IMPORT_BYTES + 1)
    except OSError as error:
        raise CeasefireError([Problem(f"cannot be read: {error.strerror}", path)]) from None


def run_elicit_command(path: str, sheets: Sequence[str], output: str) -> int:
    """Write the sheet for the experts of a case, or the case with what they said; the status.

    path    the case file
    sheets  filled sheets; none to write an empty one
    output  file to write, never over an existing one; - is standard output
    """
    _refuse_other_spreadsheets((*sheets, output), with_sheets=bool(sheets))
    _refuse_existing(output)
    case = load(path)
    print_warnings(case.warnings)
    if not sheets and Path(output).suffix.lower() == WORKBOOK_SUFFIX:
        write_file_atomically(Path(output), to_workbook(case))
        return 0
    if sheets:
        read = read_sheets(case, [(file, _read_content(file)) for file in sheets])
        file = path if output == "-" else output
        converted = add_experts(read_file_text(Path(path)).text, file, case, read)
    else:
        converted = to_sheet(case)
    _write_output(converted.text, output)
    for note in converted.notes:
        print_note(f"note  {note}")
    return 0


OTHER_SPREADSHEETS = (".xls", ".xlsm", ".xlsb", ".ods", ".numbers")


def _refuse_other_spreadsheets(files: Sequence[str], *, with_sheets: bool) -> None:
    """Refuse formats that are not read, and a workbook where a case is to be written."""
    help = "save the sheet as .xlsx or CSV: every spreadsheet program writes them"
    problems = [
        Problem("no such format", file, allowed=f"{WORKBOOK_SUFFIX}, .csv", help=help)
        for file in files
        if Path(file).suffix.lower() in OTHER_SPREADSHEETS
    ]
    if with_sheets and Path(files[-1]).suffix.lower() in (WORKBOOK_SUFFIX, ".csv"):
        help = "with sheets, what is written is the case: -o case-with-experts.yaml"
        problems.append(Problem("is no name for a case", files[-1], allowed=".yaml", help=help))
    if problems:
        raise CeasefireError(problems)


def _write_output(text: str, output: str) -> None:
    if output == "-":
        sys.stdout.write(text)
    else:
        write_file_atomically(Path(output), text.encode())


def _write_converted(converted: ConvertedFile, export_options: ExportOptions) -> Sequence[str]:
    _write_output(converted.text, export_options.output)
    return converted.notes


def _export_efg(case: Case, export_options: ExportOptions) -> Sequence[str]:
    return _write_converted(
        to_efg(
            build(case, memory=export_options.settings.memory),
            agents=export_options.agents,
            believed_by=export_options.believed_by,
        ),
        export_options,
    )


def _export_nfg(case: Case, export_options: ExportOptions) -> Sequence[str]:
    game = build(case, memory=export_options.settings.memory)
    exported = to_nfg(game, believed_by=export_options.believed_by)
    return _write_converted(exported, export_options)


def _export_dot(case: Case, export_options: ExportOptions) -> Sequence[str]:
    game = build(case, memory=export_options.settings.memory)
    return _write_converted(to_dot(game), export_options)


def _export_argdown(case: Case, export_options: ExportOptions) -> Sequence[str]:
    return _write_converted(to_argdown(case), export_options)


def _export_gmcr(case: Case, export_options: ExportOptions) -> Sequence[str]:
    return _write_converted(
        case_to_gmcr(
            case, parse_type_options(export_options.types), earlier=export_options.earlier_keys
        ),
        export_options,
    )


def _export_salib(case: Case, export_options: ExportOptions) -> Sequence[str]:
    return _write_converted(
        to_salib(case, draw_worlds(case, export_options.worlds, export_options.seed)),
        export_options,
    )


def _export_prism(case: Case, export_options: ExportOptions) -> Sequence[str]:
    game, goals, left = read_coalition_goals(case, export_options.settings)
    exported, properties = to_prism(game, goals)
    path = Path(export_options.output)
    if path.suffix == ".props":
        help = "name the model, as in -o model.prism: its properties go to model.props"
        raise CeasefireError([Problem("is the name of a file of properties", str(path), help=help)])
    _write_output(exported.text, export_options.output)
    notes = [*exported.notes, *left]
    if export_options.output == "-":
        notes.append("The properties are a file of their own: write -o model.prism to have both.")
    else:
        write_file_atomically(path.with_suffix(".props"), properties.encode())
    return notes


def _export_csv(case: Case, export_options: ExportOptions) -> Sequence[str]:
    return _export_tables(case, export_options, "csv")


def _export_parquet(case: Case, export_options: ExportOptions) -> Sequence[str]:
    return _export_tables(case, export_options, "parquet")


def _export_tables(case: Case, export_options: ExportOptions, ending: str) -> Sequence[str]:
    if export_options.output == "-":
        help = f"write -o FOLDER: it becomes states.{ending}, payoffs.{ending} and others"
        raise CeasefireError([Problem("tables are several files", path="--output", help=help)])
    print_compiling_note()
    game = build(case, memory=export_options.settings.memory)
    tables, notes = to_tables(game)
    play = solve(game, grid=export_options.settings.grid, memory=export_options.settings.memory)
    results, play_notes = policy_tables(play)
    folder = Path(export_options.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CeasefireError(
            [Problem(f"cannot be written: {error.strerror}", str(folder))]
        ) from None
    for name, table in {**tables, **results}.items():
        write_file_atomically(folder / f"{name}.{ending}", _encode_table(table, ending))
    return [*notes, *play_notes]


def _encode_table(table: pl.DataFrame, ending: str) -> bytes:
    if ending == "csv":
        return table.write_csv().encode()
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


EXPORTERS: dict[str, Callable[[Case, ExportOptions], Sequence[str]]] = {
    "efg": _export_efg,
    "nfg": _export_nfg,
    "prism": _export_prism,
    "gmcr": _export_gmcr,
    "salib": _export_salib,
    "csv": _export_csv,
    "parquet": _export_parquet,
    "dot": _export_dot,
    "argdown": _export_argdown,
}
IMPORTERS: dict[str, Callable[[bytes, str], ConvertedFile]] = {
    ".gmcr": gmcr_to_case,
    ".efg": from_efg,
    ".nfg": from_nfg,
    ".csv": from_ktab,
    ".argdown": from_argdown,
}


@dataclass(frozen=True)
class LintResult:
    """The problems and warnings of one case file.

    file      the file
    problems  what forbids to play it
    warnings  what may be a mistake
    game      its game; None if there are problems
    """

    file: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    game: Game | None = None


def lint_file(file: str, settings: SolveSettings = DEFAULT_SETTINGS) -> LintResult:
    """Read a case file, build its game, and check every number in it.

    file      the file; - is standard input
    settings  how large the game may be
    """
    try:
        case = _read_case(file)
    except CeasefireError as error:
        return LintResult(file, error.problems)
    wrong_claims, odd_claims = lint_claims(case)
    wrong_levers, odd_levers = lint_levers(case)
    problems = (*wrong_claims, *wrong_levers)
    warnings = (*case.warnings, *odd_claims, *odd_levers)
    try:
        game = build_validated_game(case, settings)
    except CeasefireError as error:
        return LintResult(file, (*problems, *error.problems), warnings)
    problems = (*problems, *_problems_of_other_codings(case, settings))
    if problems:
        return LintResult(file, problems, warnings)
    return LintResult(file, (), (*warnings, *_warnings_of_game(game, settings)), game)


def _problems_of_other_codings(case: Case, settings: SolveSettings) -> tuple[Problem, ...]:
    """What is impossible in a game of another coding, each problem once."""
    found: dict[Problem, Problem] = {}
    for one in case.codings[1:]:
        try:
            build_validated_game(one, settings)
        except CeasefireError as error:
            other = tuple((n, o) for n, o in one.chosen.items() if case.chosen[n] != o)
            for problem in error.problems:
                beside = f"with {describe_coding(other)}: {problem.message}"
                found.setdefault(problem, replace(problem, message=beside))
    return tuple(found.values())


def _read_case(file: str) -> Case:
    if file != "-":
        return load(file)
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Problem("is not UTF-8", "<stdin>", found=str(error.reason), allowed="UTF-8 text")
        raise CeasefireError([fault]) from None
    return loads(text, file="<stdin>")


def _warnings_of_game(game: Game, settings: SolveSettings) -> tuple[Problem, ...]:
    """Warnings that need the game.

    What a solution tells is looked for on a few belief nodes first, which is fast; what is found
    there is looked for again on as many as a question has.
    """
    coarse = coarse_settings(game, settings)
    if coarse != settings and not _warnings_of_solution(game, coarse):
        return tuple(ending_warnings(game))
    return (*_warnings_of_solution(game, settings), *ending_warnings(game))


FEWEST_NODES = 5
COARSENINGS = (8, 4, 2)


def coarse_settings(game: Game, settings: SolveSettings) -> SolveSettings:
    """The same with a grid that has every second node of its own, or fewer, if it has a grid.

    game      the game
    settings  of which the grid is made coarser, or the default grid of the game
    """
    if not game.parties_with_types:
        return settings
    size = default_grid_size(game) if settings.grid is None else settings.grid
    for factor in COARSENINGS:
        nodes, rest = divmod(size - 1, factor)
        if not rest and nodes % 2 == 0 and nodes + 1 >= FEWEST_NODES:
            return replace(settings, grid=nodes + 1)
    return settings


def _warnings_of_solution(game: Game, settings: SolveSettings) -> tuple[Problem, ...]:
    """Warnings that need the game solved at the best estimates."""
    case, solution = game.case, WorldSolution(game, game.case.best_estimates, settings)
    advice = "give it a cost or an effect, or a small weight if it is possible but out of character"
    slips = [
        Problem(message, case.file, path=_option_path(case, name), help=advice)
        for name, message in find_suspect_actions(solution).items()
    ]
    advice = (
        "give it a payoff from what it works for, or let a seat that gains propose; "
        "if chance is meant, write the weights of the deals"
    )
    indifferent = [
        Problem(
            f"no offer makes a difference to {party}: it proposes at random, no offer included",
            case.file,
            path=f"tables.{table}.proposes",
            found=party,
            help=advice,
        )
        for party, table in find_indifferent_proposers(solution.equilibrium)
    ]
    scattered = [
        Problem(
            f"noise decides between the {offers.count} choices of {offers.party}"
            f"{f' ({offers.type})' if offers.type else ''} at this table: the best, "
            f"{offers.best}, has probability {offers.probability:.2g} only",
            case.file,
            path=f"tables.{offers.table}.deals",
            found=f"others that are nearly as good, {offers.loss:.2g} lost on average where "
            f"{offers.state}",
            help=f"raise the precision of {offers.party}, or offer fewer deals; `sharper=4` in a "
            "question shows how much it matters",
        )
        for offers in find_scattered_offers(solution.equilibrium)
    ]
    return (*slips, *indifferent, *scattered)


def ending_warnings(game: Game) -> Iterator[Problem]:
    """Where the last period decides more than is likely to be meant.

    game  the game at the best estimates
    """
    case = game.case
    for change in find_frozen_changes(game):
        yield Problem(
            f"would change {change.variable} a period later, but the last state is paid for ever",
            case.file,
            path=f"chance.{change.chance}",
            found=f"{change.before:g} a period to {change.party} where {change.state}, and "
            f"{change.after:g} after {change.chance}",
            help="write `ending: nothing`, or let what happens once be paid as a `cost`",
        )
    for scale in find_coarse_scales(game):
        yield Problem(
            "offers come in steps larger than what waiting for a turn costs: whoever makes the "
            "last one may decide",
            case.file,
            path=f"tables.{scale.tables[0]}.deals",
            found=f"a step of {scale.step:.3g} of what is at stake at "
            f"{' and '.join(scale.tables)}; waiting costs {scale.party} {scale.waiting:.3g}",
            help=f"offer steps below {scale.waiting:.3g}, lower `patience`, or write "
            "`ending: final` if there is a last offer by rule",
        )


def _option_path(case: Case, name: str) -> str:
    if name in case.moves:
        return f"moves.{name}"
    table, deal = name.split(".")
    return f"tables.{table}.deals.{deal}"


def print_lint_results(results: Sequence[LintResult], *, as_json: bool = False) -> None:
    """Print problems and warnings on standard error, and a line for each file without problems."""
    problems = [problem for result in results for problem in result.problems]
    warnings = [warning for result in results for warning in result.warnings]
    if as_json:
        document = {"problems": problems, "warnings": warnings}
        print_json({key: [p.as_json() for p in entries] for key, entries in document.items()})
        return
    print_warnings(warnings)
    if problems:
        print_problems(problems)
    for result in results:
        if result.game is not None:
            _print_case_size(result.game)


def _print_case_size(game: Game) -> None:
    case = game.case
    size = f"{format_count(len(game.states), 'state')}, {format_count(game.periods, case.period)}"
    claims = f", {format_count(len(case.claims), 'claim')}" if case.claims else ""
    console = output_console()
    console.print(
        Text(case.file, style="bold").append(f"  no problem: {size}{claims}", style="not bold")
    )
    for line in describe_precisions(case):
        console.print(Text(f"  {line}", style="dim"))
