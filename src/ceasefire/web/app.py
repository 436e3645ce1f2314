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
from ceasefire.web import security, static_pages
from ceasefire.web.case_folder import CaseFolder
from ceasefire.web.pages import register_pages
from ceasefire.web.security import AsgiApplication, SecurityMiddleware
from ceasefire.web.server_settings import ServerSettings
from ceasefire.web.server_state import ServerState
from ceasefire.web.worker_pool import WorkerPool

LONG_TASK_PROCESSES = 4  # runs over worlds at the same time
UNASKED_TASK_PROCESSES = 2  # answers looked for before anybody asks
# Enough to give way to what is asked, too little to be starved by whatever else a machine does:
# nice 10 keeps about a tenth of a core beside a busy program, nice 19 a seventieth.
LONG_TASK_NICE, UNASKED_TASK_NICE = 5, 10
# How NiceGUI begins to say that tasks have not ended after two seconds.
SLOW_END = "Could not cancel"


def build_application(settings: ServerSettings) -> AsgiApplication:
    """The whole application behind its guards.

    settings  where the cases are and who may see them
    """
    limits = settings.limits
    cores = os.cpu_count() or 1
    waiting, memory = limits.queued_tasks, limits.process
    now, later, unasked = (
        WorkerPool(size, nice=nice, max_waiting=waiting, memory_headroom=memory)
        for size, nice in (
            (max(2, cores), 0),
            (LONG_TASK_PROCESSES, LONG_TASK_NICE),
            (UNASKED_TASK_PROCESSES, UNASKED_TASK_NICE),
        )
    )
    desk = ServerState(
        CaseFolder(settings.folder, limits.text_characters, settings.writable),
        limits,
        now,
        later,
        unasked,
        settings.default_worlds,
    )

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncGenerator[None, None]:
        ahead = asyncio.create_task(desk.precompute_claims())
        yield
        ahead.cancel()
        for pool in (now, later, unasked):
            pool.close()

    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    register_pages(desk)
    core.app.add_exception_handler(404, _not_found)
    core.app.config.socket_io_js_transports = ["websocket"]
    core.app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    core.sio.eio.max_http_buffer_size = limits.message_bytes
    security.isolate_clients(core.sio)
    log = logging.getLogger("nicegui")
    log.setLevel(logging.ERROR)  # else a line for every wrong address
    log.addFilter(FaultFilter())
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
    guard = SecurityMiddleware(outer, settings, open_page_count=lambda: len(Client.instances))
    return GZipMiddleware(guard, minimum_size=1000)


def run_server(settings: ServerSettings, *, browse: bool = False) -> None:
    """Serve the application until it is interrupted.

    settings  where the cases are and who may see them
    browse    whether to open a browser

    Raises WebError if the address cannot be had.
    """
    with _bind_socket(settings) as listener, tempfile.TemporaryDirectory() as kept:
        core.app.storage.path = type(core.app.storage.path)(kept)
        port = listener.getsockname()[1]
        there = replace(settings, port=port)
        config = uvicorn.Config(
            build_application(there),
            log_level="error",  # no line for every broken request
            ws="wsproto",
            ws_max_size=settings.limits.message_bytes,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=4 * settings.limits.open_pages,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=3,
        )
        sys.stderr.write(_welcome_text(there))
        if browse:
            opened = threading.Timer(1.0, webbrowser.open, (_entry_address(there),))
            opened.daemon = True
            opened.start()
        _PromptExitServer(config).run(sockets=[listener])


def _not_found(*_: object) -> HTMLResponse:
    """For a wrong address: nothing that the server would have to keep."""
    return HTMLResponse(static_pages.NOT_FOUND_PAGE, 404)


class FaultFilter(logging.Filter):
    """Lets each fault be said once: whoever brought it about can do so sixty times a second.

    That tasks take their time to end with the server is no fault: NiceGUI goes on to wait for them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reported: set[object] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is a fault, and nothing has been said yet of one of its kind at its place."""
        if str(record.msg).startswith(SLOW_END):
            return False
        kind, _, trace = record.exc_info or (None, None, None)
        place = traceback.extract_tb(trace)[-1] if trace is not None else record
        key = kind, getattr(place, "filename", None), place.lineno
        fresh = key not in self.reported
        self.reported.add(key)
        return fresh


class _PromptExitServer(uvicorn.Server):
    """Ends in good order, however often Ctrl-C is pressed: that takes three seconds at most."""

    def handle_exit(self, *_: object) -> None:
        self.should_exit = True


def _entry_address(settings: ServerSettings) -> str:
    return settings.address + (f"?token={settings.token}" if settings.token else "")


def _welcome_text(settings: ServerSettings) -> str:
    open_to_all = "" if settings.token is None else "Who has this address can use it.\n"
    address = _entry_address(settings)
    return f"The cases of {settings.folder} at {address}\n{open_to_all}Ctrl-C ends it.\n"


def _bind_socket(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen(128)
    except (OSError, UnicodeError) as error:
        listener.close()
        message = "the address cannot be had"
        address = f"{settings.host}:{settings.port}"
        help = f"choose another with --port ({getattr(error, 'strerror', None) or error})"
        raise WebError([Problem(message, path="--port", found=address, help=help)]) from None
    return listener
