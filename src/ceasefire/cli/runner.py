"""What commands share: the options that solve a game, and how a command ends.

Its exit status, how problems are printed, what happens if output fails.
"""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from ceasefire.errors import CeasefireError, Problem, QuestionError, SolveError
from ceasefire.settings import (
    ALLOWED_GRID_SIZES,
    DEFAULT_TOLERANCE,
    SolveSettings,
    check_grid_size,
    check_memory,
    check_tolerance,
)


@dataclass(frozen=True)
class CommandOptions:
    """How a command was asked to work.

    as_json    print one JSON document instead of tables
    strict     exit with status 1 if a case has warnings
    grid       belief nodes for each party with types, chosen automatically if None
    memory     gigabytes that a game may take
    tolerance  the grid change at which a grid that is chosen is fine enough

    Raises QuestionError for an impossible grid, and for memory or a tolerance that is not a
    positive number.

    >>> CommandOptions(grid=4)
    Traceback (most recent call last):
    ceasefire.errors.QuestionError: --grid: wrong number of belief nodes, found 4; ...
    """

    as_json: bool = False
    strict: bool = False
    grid: int | None = None
    memory: float = 4.0
    tolerance: float = DEFAULT_TOLERANCE

    def __post_init__(self) -> None:
        """Raise QuestionError for values with which no game can be solved."""
        problems = []
        if self.grid is not None:
            try:
                check_grid_size(self.grid)
            except SolveError:
                message, found = "wrong number of belief nodes", str(self.grid)
                problems.append(
                    Problem(message, path="--grid", found=found, allowed=ALLOWED_GRID_SIZES)
                )
        try:
            check_memory(self.memory * 1e9)
        except SolveError:
            message, allowed = "not an amount of memory", "gigabytes above 0"
            problems.append(
                Problem(message, path="--memory", found=f"{self.memory:g}", allowed=allowed)
            )
        try:
            check_tolerance(self.tolerance)
        except SolveError:
            found, allowed = f"{self.tolerance:g}", "a number above 0"
            problems.append(
                Problem("not a tolerance", path="--tolerance", found=found, allowed=allowed)
            )
        if problems:
            raise QuestionError(problems)

    @property
    def settings(self) -> SolveSettings:
        """How large a solution may be, in bytes."""
        return SolveSettings(self.grid, self.memory * 1e9, self.tolerance)


OUTPUT_FAILURE_ERRNOS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EBADF,
    errno.EPIPE,
)
OUT_OF_MEMORY_HELP = "give the case fewer states or a shorter horizon, or ask with a coarser --grid"


class CommandGroup(TyperGroup):
    """Runs a command; errors of the package are printed as problems, with exit status 2."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command in `args`, and exit with its status unless `standalone_mode` is off."""
        arguments = list(sys.argv[1:] if args is None else args)

        def run() -> Any:
            return super(CommandGroup, self).main(
                arguments, prog_name, complete_var, False, windows_expand_args, **extra
            )

        try:
            status = _run_command(run, arguments)
            sys.stdout.flush()
        except OSError as error:
            if error.filename is not None or error.errno not in OUTPUT_FAILURE_ERRNOS:
                raise
            status = _handle_output_failure(error)
        if standalone_mode:
            sys.exit(status or 0)
        return status


def _run_command(run: Callable[[], Any], arguments: Sequence[str]) -> Any:
    """The status of a command, after its problems have been printed if it has any."""
    try:
        return run()
    except CeasefireError as error:
        return _fail_with_problems(error.problems, arguments)
    except typer.TyperException as error:
        return _fail_with_problems([_usage_problem(error)], arguments)
    except MemoryError:
        return _fail_with_problems([Problem("out of memory", help=OUT_OF_MEMORY_HELP)], arguments)
    except typer.Abort:
        return 130


def _fail_with_problems(problems: Sequence[Problem], arguments: Sequence[str]) -> int:
    from ceasefire.render.console import print_problems

    print_problems(problems, as_json="--json" in arguments)
    return 2


def _handle_output_failure(error: OSError) -> int:
    """The exit status where output cannot be written: 1 if nobody reads it any more, else 2."""
    with suppress(OSError), Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())  # what is left is not tried again at the end
    if isinstance(error, BrokenPipeError):
        return 1
    help = "make room on the disk, or let the output go elsewhere"
    problem = Problem("the output cannot be written", found=error.strerror or "", help=help)
    with suppress(OSError):
        _fail_with_problems([problem], [])
    return 2


def _usage_problem(error: typer.TyperException) -> Problem:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "ceasefire"
    return Problem(error.format_message(), path=command, help=f"see {command} --help")


def prepare_output_streams() -> None:
    """Make output and error writable whatever they are; unknown characters are replaced."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, who wants nothing there
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  until the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
