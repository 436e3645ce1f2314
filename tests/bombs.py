"""Gives each file of a folder to `ceasefire lint` in a process of its own; run as a script.

One process loads everything once, reads a small case and forks: what a child takes beyond that is
what its file made it take. Prints a line of JSON for each file.
"""

import contextlib
import io
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

from typer.testing import CliRunner

from ceasefire.cli import app

LONGEST = 60  # seconds before a child is ended from outside


def peak() -> int:
    """The most memory this process had, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def attempt(path: Path) -> dict[str, object]:
    """What comes of one file: status, what was said, seconds of processor, bytes."""
    held, began = peak(), time.process_time()
    with contextlib.redirect_stderr(io.StringIO()):
        result = CliRunner().invoke(app, ["lint", str(path), "--json"])
    known = result.exception is None or isinstance(result.exception, SystemExit)
    return {
        "name": path.stem,
        "status": result.exit_code if known else repr(result.exception),
        "said": result.stdout[:20_000],
        "seconds": time.process_time() - began,
        "bytes": peak() - held,
    }


def main(folder: str) -> None:
    attempt(Path(folder, "small.yaml"))
    for path in sorted(Path(folder).glob("*.yaml")):
        if os.fork() == 0:
            signal.alarm(LONGEST)
            sys.stdout.write(json.dumps(attempt(path)) + "\n")
            sys.stdout.flush()
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    main(sys.argv[1])
