"""A page of `ceasefire serve` without a browser: HTTP for the page, then NiceGUI's websocket.

What the server sends to be drawn is kept as a browser keeps it, element by element.
"""

import ast
import asyncio
import json
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
import socketio

SLOWEST = 300  # seconds to connect in; a guard against what hangs
BROWSER_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ESCAPED = {"&#36;": "$", "&#96;": "`", "&gt;": ">", "&lt;": "<", "&amp;": "&"}


def chromium() -> str | None:
    """Where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, BROWSER_NAMES)), None)


class Page:
    """One page, open while the context lasts.

    elements  by number, everything to be drawn
    about     the names under which the websocket knows the page
    """

    def __init__(self, address: str, path: str, token: str | None = None) -> None:
        split = urlsplit(address)
        self.address, self.path = f"{split.scheme}://{split.netloc}", path
        self.headers = {"Cookie": f"ceasefire={token}"} if token else {}
        self.elements: dict[str, dict[str, Any]] = {}
        self.about: dict[str, Any] = {}
        self.next = 0
        self._new = asyncio.Event()
        self._why_lost = ""
        self._watchers: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(headers=self.headers)
        self.socket = socketio.AsyncClient(
            reconnection=False, http_session=self.http, request_timeout=SLOWEST
        )
        try:
            async with self.http.get(self.address + self.path) as answer:
                text = await answer.text()
                if answer.status != 200:
                    raise ValueError(f"status {answer.status}")
            self._read(text)
            self.socket.on("update", self._update)
            self.socket.on("*", self._other)
            self.socket.on("disconnect", self._lose)
            query = {**self.about, "document_id": uuid.uuid4(), "tab_id": uuid.uuid4()}
            query["implicit_handshake"] = "true"
            await self.socket.connect(
                f"{self.address}?{urlencode(query)}",
                headers={"Origin": self.address, **self.headers},
                transports=["websocket"],
                socketio_path="/_nicegui_ws/socket.io",
                wait_timeout=SLOWEST,
            )
        except BaseException:
            await self.http.close()
            raise
        self._tasks.append(asyncio.create_task(self._acknowledge()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self.socket.disconnect()
        await self.http.close()

    def _read(self, text: str) -> None:
        found = re.search(r"parseElements\(String\.raw`(.*?)`\)", text, re.DOTALL)
        query = re.search(r"^\s*query: (\{.*\}),$", text, re.MULTILINE)
        if found is None or query is None:
            raise ValueError("is no page")
        written = found[1]
        for escaped, plain in _ESCAPED.items():
            written = written.replace(escaped, plain)
        self.elements, self.about = json.loads(written), ast.literal_eval(query[1])
        self.next = self.about["next_message_id"]

    async def _update(self, message: dict[str, Any]) -> None:
        self.next = message.pop("_id") + 1
        for number, element in message.items():
            if element is None:
                self.elements.pop(number, None)
            else:
                self.elements[number] = element
        for watcher in self._watchers:
            watcher()
        self._new.set()

    async def _other(self, _: str, message: Any = None) -> None:
        if isinstance(message, dict) and "_id" in message:
            self.next = message["_id"] + 1

    async def _lose(self, reason: str) -> None:
        self._why_lost = reason
        self._new.set()

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(3.0)
            about = {"client_id": self.about["client_id"], "next_message_id": self.next}
            await self.socket.emit("ack", about)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call with everything new that is drawn."""
        self._watchers.append(watcher)

    def blocks(self) -> Iterator[str]:
        """The HTML of every element that is a piece of HTML, in the order of their making."""
        for number in sorted(self.elements, key=int):
            html = self.elements[number].get("props", {}).get("innerHTML")
            if html is not None:
                yield str(html)

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until something holds of what is drawn.

        Raises TimeoutError if it does not in time, ValueError if the connection is lost.
        """
        async with asyncio.timeout(seconds):
            while not holds():
                if not self.socket.connected:
                    raise ValueError(f"the connection was lost: {self._why_lost}")
                self._new.clear()
                await self._new.wait()

    def message(self, label: str, value: object) -> Mapping[str, Any]:
        """What a slider of this name sends when it comes to a value."""
        for number, element in self.elements.items():
            if element.get("props", {}).get("aria-label") == label and element["tag"] == "input":
                (event,) = [e for e in element["events"] if e["type"] == "input"]
                about = {"id": int(number), "client_id": self.about["client_id"]}
                return {**about, "listener_id": event["listener_id"], "args": [json.dumps(value)]}
        raise ValueError(f"no slider named {label}")

    async def send(self, label: str, value: object) -> None:
        """Bring a slider to a value."""
        await self.socket.emit("event", self.message(label, value))
