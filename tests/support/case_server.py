"""A server of cases as a user starts it, for tests that ask it from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verification.load import serving

LONG = 300.0  # seconds after which what is waited for has hung; nothing takes as long
CASES = Path(__file__).parents[1] / "browser" / "cases"


@contextmanager
def running_server(*options: str, folder: Path = CASES) -> Iterator[str]:
    """`ceasefire serve`; gives the address, ends it as Ctrl-C does.

    Fails if the server printed anything but its welcome, or did not end in good order.
    """
    with serving(folder, "--worlds", "1", *options) as (address, server):
        yield address
    assert server.stderr is not None
    with server.stderr:
        said = server.stderr.read()
    assert not said, said
    assert server.returncode == 0
