"""What is wrong with case files, and what may be a slip."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from ceasefire.case import Case, load, loads
from ceasefire.errors import CeasefireError, Problem
from ceasefire.game import Game
from ceasefire.show.screen import output, print_json, print_problems, print_warnings
from ceasefire.show.words import counted
from ceasefire.worlds.faults import checked, meanings
from ceasefire.worlds.habits import slips


@dataclass(frozen=True)
class Finding:
    """What was found in one file; `game` is None if the problems forbid to build it."""

    file: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    game: Game | None = None


def examine(file: str, memory: float = 4e9) -> Finding:
    """Read one file (`-` is standard input), build its game and check every number in it."""
    warnings: tuple[Problem, ...] = ()
    try:
        case = _read(file)
        warnings = case.warnings
        game = checked(case, memory)
    except CeasefireError as error:
        return Finding(file, error.problems, warnings)
    return Finding(file, (), (*warnings, *_slips(game, memory)), game)


def _read(file: str) -> Case:
    if file != "-":
        return load(file)
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Problem("is not UTF-8", "<stdin>", found=str(error.reason), allowed="UTF-8 text")
        raise CeasefireError([fault]) from None
    return loads(text, file="<stdin>")


def _slips(game: Game, memory: float) -> tuple[Problem, ...]:
    """Warnings that need the game."""
    advice = "give it a cost or an effect, or a small weight if it is possible but out of character"
    return tuple(
        Problem(message, game.case.file, path=_path(game.case, name), help=advice)
        for name, message in slips(game, memory).items()
    )


def _path(case: Case, name: str) -> str:
    if name in case.moves:
        return f"moves.{name}"
    table, deal = name.split(".")
    return f"tables.{table}.deals.{deal}"


def print_findings(findings: Sequence[Finding], *, as_json: bool = False) -> None:
    """Print problems and warnings on standard error, and a line for each file that is fine."""
    problems = [problem for finding in findings for problem in finding.problems]
    warnings = [warning for finding in findings for warning in finding.warnings]
    if as_json:
        found = {"problems": problems, "warnings": warnings}
        print_json({name: [p.as_json() for p in those] for name, those in found.items()})
        return
    print_warnings(warnings)
    if problems:
        print_problems(problems)
    for finding in findings:
        if finding.game is not None:
            _print_fine(finding.game)


def _print_fine(game: Game) -> None:
    case = game.case
    size = f"{counted(len(game.states), 'state')}, {counted(game.periods, case.period)}"
    claims = f", {counted(len(case.claims), 'claim')}" if case.claims else ""
    console = output()
    console.print(
        Text(case.file, style="bold").append(f"  no problem: {size}{claims}", style="not bold")
    )
    for line in meanings(case):
        console.print(Text(f"  {line}", style="dim"))
