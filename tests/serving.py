"""A server of cases as a user starts it, for tests that ask it from outside."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CASES = Path(__file__).parent / "browser" / "cases"


@contextmanager
def served(*options: str, folder: Path = CASES) -> Iterator[str]:
    """`ceasefire serve`, warnings being errors; gives the address, ends it as Ctrl-C does.

    Fails if the server printed anything but its welcome, or did not end in good order.
    """
    command = [sys.executable, "-W", "error", "-m", "ceasefire", "serve", str(folder)]
    command += ["--no-open", "--port", "0", "--worlds", "1", *options]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=kept)
    assert server.stderr is not None
    try:
        said, last = "", "-"
        while last and last != "Ctrl-C ends it.\n":
            last = server.stderr.readline()
            said += last
        found = re.search(r" at (http://\S+)$", said, re.MULTILINE)
        assert found, said
        yield found[1]
    finally:
        server.send_signal(2)
        try:
            _, said = server.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            raise
    assert not said, said
    assert server.returncode == 0
