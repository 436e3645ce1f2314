"""The application in the browser: `ceasefire serve`."""

from importlib.util import find_spec
from pathlib import Path

from ceasefire.errors import Problem, WebError

__all__ = ["serve"]


def serve(
    folder: str,
    host: str,
    port: int,
    token: str | None,
    *,
    worlds: int = 64,
    memory: float = 4.0,
    save: bool = False,
    browse: bool = False,
) -> None:
    """Serve the cases of a folder until interrupted.

    folder  holds the cases
    host    address to listen on
    port    port to listen on; 0 takes any free one
    token   what a browser must show once; None asks for none on loopback
    worlds  how many are computed unless a page asks for more or fewer
    memory  gigabytes that a process that solves for a page may take
    save    whether pages may write cases to the folder
    browse  whether to open a browser

    Raises WebError if NiceGUI is not installed, the folder is none or the address cannot be had.
    """
    if find_spec("nicegui") is None:
        help = "install it: pip install 'ceasefire[web]'"
        raise WebError([Problem("`serve` needs NiceGUI, which is not installed", help=help)])
    from ceasefire.render.console import print_compiling_note
    from ceasefire.web import worker_pool

    print_compiling_note()
    worker_pool.start_fork_server()  # while the pages are loaded here

    from ceasefire.web import app
    from ceasefire.web.server_settings import ServerLimits, ServerSettings

    limits = ServerLimits(process=memory * 1e9)
    settings = ServerSettings(
        Path(folder), host, port, token, default_worlds=worlds, writable=save, limits=limits
    )
    app.run_server(settings, browse=browse)
