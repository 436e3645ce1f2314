"""Gives each file of a folder to `ceasefire lint` in a process of its own.

Run as `python -m support.lint_each_file FOLDER` in the folder of the tests. One process loads
everything once, reads a small case and forks: what a child takes beyond that is what its file made
it take. Prints a line of JSON for each file.
"""

import contextlib
import io
import json
import os
import resource
import sys
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from ceasefire.cli.main import app
from support.counted_work import calls_made

LONGEST = 600  # seconds of processor after which a child hangs, and is ended from outside


def peak() -> int:
    """The most memory this process had, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def attempt(path: Path) -> dict[str, object]:
    """What comes of one file: status, what was said, calls made, bytes taken."""
    held, found = peak(), list[Result]()
    with contextlib.redirect_stderr(io.StringIO()):
        calls = calls_made(
            lambda: found.append(CliRunner().invoke(app, ["lint", str(path), "--json"]))
        )
    (result,) = found
    known = result.exception is None or isinstance(result.exception, SystemExit)
    return {
        "name": path.stem,
        "status": result.exit_code if known else repr(result.exception),
        "said": result.stdout[:20_000],
        "calls": calls,
        "bytes": peak() - held,
    }


def main(folder: str) -> None:
    attempt(Path(folder, "small.yaml"))
    for path in sorted(Path(folder).glob("*.yaml")):
        if os.fork() == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
            sys.stdout.write(json.dumps(attempt(path)) + "\n")
            sys.stdout.flush()
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    main(sys.argv[1])
