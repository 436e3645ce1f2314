"""The application as a whole: pages, guard, processes, and the server that runs them."""

import asyncio
import logging
import os
import socket
import sys
import tempfile
import threading
import traceback
import webbrowser
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import uvicorn
from fastapi import FastAPI
from nicegui import Client, core, ui
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse

from ceasefire.errors import Problem, WebError
from ceasefire.web import frames, plain
from ceasefire.web.desk import Desk
from ceasefire.web.pages import register
from ceasefire.web.security import Application, Guard
from ceasefire.web.settings import Settings
from ceasefire.web.shelf import Shelf
from ceasefire.web.work import Pool

LATER = 4  # runs over worlds at the same time


def application(settings: Settings) -> Application:
    """The whole application, guarded."""
    limits = settings.limits
    cores = os.cpu_count() or 1
    now = Pool(max(2, cores), waiting=limits.waiting, spare=limits.process)
    later = Pool(LATER, nice=10, waiting=limits.waiting, spare=limits.process)
    desk = Desk(Shelf(settings.folder, limits.text), limits, now, later, settings.worlds)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncGenerator[None, None]:
        ahead = asyncio.create_task(desk.prepare())
        yield
        ahead.cancel()
        now.close()
        later.close()

    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    register(desk)
    core.app.add_exception_handler(404, _nothing)
    core.app.config.socket_io_js_transports = ["websocket"]
    core.app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    core.sio.eio.max_http_buffer_size = limits.message
    frames.keep_apart(core.sio)
    log = logging.getLogger("nicegui")
    log.setLevel(logging.ERROR)  # else a line for every wrong address
    log.addFilter(_Once())
    ui.run_with(
        outer,
        title="ceasefire",
        language="en-US",
        tailwind=False,
        gzip_middleware_factory=None,
        reconnect_timeout=10.0,
        show_welcome_message=False,
        storage_secret=None,
    )
    guard = Guard(outer, settings, opened=lambda: len(Client.instances))
    return GZipMiddleware(guard, minimum_size=1000)


def serve(settings: Settings, *, browse: bool = False) -> None:
    """Serve the application until it is interrupted.

    Raises WebError if the address cannot be had.
    """
    with _listening(settings) as listener, tempfile.TemporaryDirectory() as kept:
        core.app.storage.path = type(core.app.storage.path)(kept)
        port = listener.getsockname()[1]
        there = replace(settings, port=port)
        config = uvicorn.Config(
            application(there),
            log_level="error",  # no line for every broken request
            ws="wsproto",
            ws_max_size=settings.limits.message,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=4 * settings.limits.pages,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=3,
        )
        sys.stderr.write(_welcome(there))
        if browse:
            opened = threading.Timer(1.0, webbrowser.open, (_entrance(there),))
            opened.daemon = True
            opened.start()
        _Server(config).run(sockets=[listener])


def _nothing(*_: object) -> HTMLResponse:
    """For a wrong address: nothing that the server would have to keep."""
    return HTMLResponse(plain.NOTHING, 404)


class _Once(logging.Filter):
    """Lets each fault be said once: whoever brought it about can do so sixty times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[object] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether nothing has been said yet of a fault of this kind at this place."""
        kind, _, trace = record.exc_info or (None, None, None)
        place = traceback.extract_tb(trace)[-1] if trace is not None else record
        key = kind, getattr(place, "filename", None), place.lineno
        fresh = key not in self.said
        self.said.add(key)
        return fresh


class _Server(uvicorn.Server):
    """Ends in good order, however often Ctrl-C is pressed: that takes three seconds at most."""

    def handle_exit(self, *_: object) -> None:
        self.should_exit = True


def _entrance(settings: Settings) -> str:
    return settings.address + (f"?token={settings.token}" if settings.token else "")


def _welcome(settings: Settings) -> str:
    open_to_all = "" if settings.token is None else "Who has this address can use it.\n"
    return (
        f"The cases of {settings.folder} at {_entrance(settings)}\n{open_to_all}Ctrl-C ends it.\n"
    )


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen(128)
    except (OSError, UnicodeError) as error:
        listener.close()
        message = "the address cannot be had"
        found = f"{settings.host}:{settings.port}"
        help = f"choose another with --port ({getattr(error, 'strerror', None) or error})"
        raise WebError([Problem(message, path="--port", found=found, help=help)]) from None
    return listener
