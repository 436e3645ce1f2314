"""What commands share: the options that solve a game, and how a command ends.

Its exit status, how problems are printed, what happens if output fails.
"""

import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from ceasefire.errors import CeasefireError, Problem, QuestionError, SolveError
from ceasefire.settings import (
    ALLOWED_GRID_SIZES,
    DEFAULT_TOLERANCE,
    QUICK_SECONDS,
    SolveSettings,
    check_grid_size,
    check_memory,
    check_tolerance,
)
from ceasefire.stopping import stop_signal, stops_taken


@dataclass(frozen=True)
class CommandOptions:
    """How a command was asked to work.

    as_json    print one JSON document instead of tables
    strict     exit with status 1 if a case has warnings
    grid       belief nodes for each party with types, chosen automatically if None
    memory     gigabytes that a game may take
    tolerance  the grid change at which a grid that is chosen is fine enough
    quick      keep what is done after 20 seconds

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
    quick: bool = False

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
    def seconds(self) -> float | None:
        """After how many seconds what is done is kept; None for when all is."""
        return QUICK_SECONDS if self.quick else None

    @property
    def settings(self) -> SolveSettings:
        """How large a solution may be, in bytes."""
        return SolveSettings(self.grid, self.memory * 1e9, self.tolerance)


SECONDS_OF_UNIT = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def read_seconds(text: str, option: str) -> float:
    """A length of time as it is typed, in seconds.

    text    such as 90, 90s, 2m or 1.5h
    option  where it stands, for the problem

    Raises QuestionError for anything else.

    >>> read_seconds("2m", "--budget"), read_seconds("1.5h", "--budget")
    (120.0, 5400.0)
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", text)
    if found is None or found[2] not in SECONDS_OF_UNIT or not float(found[1]) > 0:
        allowed = "seconds, minutes or hours above 0, such as 90s, 2m or 1h"
        raise QuestionError(
            [Problem("is not a length of time", path=option, found=text, allowed=allowed)]
        )
    return float(found[1]) * SECONDS_OF_UNIT[found[2]]


OUTPUT_FAILURE_ERRNOS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EBADF,
    errno.EPIPE,
)
STOPPED, STATUS_OF_SIGNALS = 130, 128
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
            with nullcontext() if "serve" in arguments[:1] else stops_taken():
                status = _run_command(run, arguments)
                sys.stdout.flush()
                status = _after_stop(status)
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
    except (typer.Abort, KeyboardInterrupt):
        return STOPPED


def _after_stop(status: Any) -> Any:
    """The status of a command that may have been asked to stop; its processes are ended then."""
    asked = stop_signal()
    if asked is None:
        if status == STOPPED:
            sys.stderr.write("no result within the time: leave out --quick\n")
        return status
    executors = sys.modules.get("ceasefire.ensemble.executors")
    if executors is not None:
        executors.end_local_workers()
    if status != STOPPED:
        return status
    sys.stderr.write("stopped before there was a result\n")
    return STATUS_OF_SIGNALS + asked


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
