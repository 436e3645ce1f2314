"""How the application was asked to run, and the limits it keeps."""

import ipaddress
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ceasefire.errors import Problem, WebError
from ceasefire.settings import SolveSettings

LEAST_TOKEN_CHARACTERS = 16


@dataclass(frozen=True)
class ServerLimits:
    """What one page, and all pages together, may use.

    text_characters      characters of a case that is edited or brought in
    process              bytes that a process that solves for a page may take
    interactive_seconds  seconds for one answer at the best estimates
    batch_seconds        seconds for the shares of many worlds
    open_pages           pages open at the same time
    queued_tasks         questions that may wait for a free process
    message_bytes        bytes of one message from a browser
    messages_per_second  messages from a browser each second, four times as many at a stroke
    """

    text_characters: int = 500_000
    process: float = 4e9
    interactive_seconds: float = 120.0
    batch_seconds: float = 3600.0
    open_pages: int = 200
    queued_tasks: int = 100
    message_bytes: int = 2_000_000
    messages_per_second: float = 60.0

    @property
    def solve_settings(self) -> SolveSettings:
        """How large a game may be: several are solved side by side."""
        return SolveSettings(memory=self.process / 3)


@dataclass(frozen=True)
class ServerSettings:
    """Where the cases are and who may see them.

    folder          holds the cases; nothing outside it is opened
    host            address to listen on
    port            port to listen on; 0 takes any free one
    token           what a browser must show once; None on loopback unless one was given
    names           further host names under which the pages are asked for
    default_worlds  how many worlds are drawn unless a page asks for another number
    writable        whether pages may save cases in the folder
    limits          what one page, and all pages together, may use

    Raises WebError for a folder that is none, a port out of range, and a token that is too short.

    >>> ServerSettings(Path("."), "0.0.0.0").token is None
    False
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8123
    token: str | None = None
    names: tuple[str, ...] = ()
    default_worlds: int = 64
    writable: bool = False
    limits: ServerLimits = field(default_factory=ServerLimits)

    def __post_init__(self) -> None:
        """Refuse what cannot be served; make a token where one is needed."""
        problems = []
        if not self.folder.is_dir():
            help = "name a folder that holds cases: ceasefire serve DIR"
            problems.append(Problem("is no folder", str(self.folder), help=help))
        if not 0 <= self.port <= 65535:
            problems.append(
                Problem("is no port", path="--port", found=str(self.port), allowed="0 to 65535")
            )
        if self.token is not None and len(self.token) < LEAST_TOKEN_CHARACTERS:
            problems.append(
                Problem(
                    "token is too short to be safe",
                    path="--token",
                    found=f"{len(self.token)} characters",
                    allowed=f"{LEAST_TOKEN_CHARACTERS} or more",
                    help="leave it out: a safe one is made and printed",
                )
            )
        if problems:
            raise WebError(problems)
        object.__setattr__(self, "folder", self.folder.resolve())
        if self.token is None and not is_loopback(self.host):
            object.__setattr__(self, "token", secrets.token_urlsafe(24))

    @property
    def hosts(self) -> frozenset[str] | None:
        """Host names that may stand in an address; None for any, a token being asked for."""
        if not is_loopback(self.host):
            return None
        return frozenset({"localhost", "127.0.0.1", "[::1]", self.host, *self.names})

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the application."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        bare = f"[{host}]" if ":" in host and not host.startswith("[") else host
        return f"http://{bare}:{self.port}/"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.3", "::1", "0.0.0.0", "10.0.0.1")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
