"""The guard in front of every page: who may ask, and what a page may load.

Each request and each websocket passes here first. A request for another host than ours is a
rebound name; a websocket or a form from another origin comes from a foreign page; both are
refused, as are bodies that are too large, browsers that send faster than anybody can type, what
no page of ours would send, and pages beyond those that may be open.
"""

import asyncio
import hmac
import re
import secrets
import time
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import wraps
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from nicegui import json

from ceasefire.web import static_pages
from ceasefire.web.server_settings import ServerSettings

_EVENT_FRAME = re.compile(r"42\d{0,9}(\[.*\])", re.DOTALL)
_CONTROL_FRAMES = frozenset({"1", "2", "3", "6", "40", "40{}", "41"})
_MOST_ID_CHARACTERS = 100
_LARGEST_COUNT = 2**53
_SECONDS_BETWEEN_PAGES = 0.02


def is_valid_frame(frame: str | None) -> bool:
    """Whether a text is one that a page sends.

    frame  a message from a browser

    >>> [is_valid_frame(text) for text in ("3", '42["ack",{"client_id":"c","next_message_id":7}]')]
    [True, True]
    >>> wrong = ("", "9", "42[]", '42["event",1]', '451-["event",{}]', None)
    >>> any(is_valid_frame(text) for text in wrong)
    False
    """
    if frame is None or frame in _CONTROL_FRAMES:
        return frame is not None
    frame_match = _EVENT_FRAME.fullmatch(frame)
    if frame_match is None:
        return False
    try:
        match json.loads(frame_match[1]):
            case [str() as name, dict() as payload] if name in _EVENT_FIELDS:
                return all(
                    key in payload and holds(payload[key])
                    for key, holds in _EVENT_FIELDS[name].items()
                )
    except ValueError:
        return False
    return False


def is_valid_handshake(query: bytes) -> bool:
    """Whether a websocket is opened as a page opens it: in the name of one page, from one place.

    query  the query of the address that the websocket is opened at

    >>> is_valid_handshake(b"client_id=c&tab_id=t&document_id=d&next_message_id=0&EIO=4")
    True
    >>> is_valid_handshake(b"EIO=4")
    False
    """
    try:
        asked = parse_qs(query.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except ValueError:
        return False
    known = all(len(asked.get(name, ())) == 1 for name in _HANDSHAKE_FIELDS)
    return known and all(holds(asked[name][0]) for name, holds in _HANDSHAKE_FIELDS.items())


def isolate_clients(server: Any) -> None:
    """Let each websocket speak for its own page alone, and nobody write to the server's log.

    server  the Socket.IO server of the pages, its handlers in place
    """
    handlers = server.handlers["/"]
    for name in ("event", "ack", "javascript_response"):
        handlers[name] = _restrict_to_own_client(server, handlers[name])
    handlers["log"] = lambda *_: None


def _restrict_to_own_client(
    server: Any, handler: Callable[[str, Any], None]
) -> Callable[[str, Any], None]:
    @wraps(handler)
    def checked(socket: str, payload: Any) -> None:
        if payload["client_id"] in server.rooms(socket):
            try:
                handler(socket, payload)
            except KeyError:  # a listener that is gone, or never was
                return

    return checked


def _is_identifier(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MOST_ID_CHARACTERS


def _is_count(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\d{1,15}", value, re.ASCII) is not None
    return isinstance(value, int) and 0 <= value < _LARGEST_COUNT


def _are_json_arguments(value: object) -> bool:
    """JSON texts, or nothing, as many as the event has arguments."""
    if not isinstance(value, list) or not all(isinstance(one, str | None) for one in value):
        return False
    for one in value:
        if one is not None:
            json.loads(one)
    return True


_FieldChecks = Mapping[str, Callable[[object], bool]]
_HANDSHAKE_FIELDS: _FieldChecks = {
    "client_id": _is_identifier,
    "tab_id": _is_identifier,
    "document_id": _is_identifier,
    "next_message_id": _is_count,
}
_EVENT_FIELDS: Mapping[str, _FieldChecks] = {
    "event": {
        "client_id": _is_identifier,
        "id": _is_count,
        "listener_id": _is_identifier,
        "args": _are_json_arguments,
    },
    "ack": {"client_id": _is_identifier, "next_message_id": _is_count},
    "javascript_response": {"client_id": _is_identifier, "request_id": _is_identifier},
    "handshake": _HANDSHAKE_FIELDS,
    "log": {"client_id": _is_identifier},
}

AsgiScope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
AsgiReceive = Callable[[], Awaitable[AsgiMessage]]
AsgiSend = Callable[[AsgiMessage], Awaitable[None]]
AsgiApplication = Callable[[AsgiScope, AsgiReceive, AsgiSend], Awaitable[None]]
HeaderList = list[tuple[bytes, bytes]]

SIGN_IN_COOKIE = "ceasefire"
LARGEST_BODY_BYTES = 10_000
_SCRIPT_TAG = re.compile(rb"<script(?=[\s>])")
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' {sockets}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)


class SecurityMiddleware:
    """Stands in front of an application and refuses what does not belong.

    open_page_count  how many pages are open
    """

    def __init__(
        self,
        application: AsgiApplication,
        settings: ServerSettings,
        open_page_count: Callable[[], int],
    ) -> None:
        self.application, self.settings, self.open_page_count = (
            application,
            settings,
            open_page_count,
        )
        self.pages_opening = 0  # pages that are being made
        self._page_turn = asyncio.Lock()

    async def __call__(self, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Let one request or websocket through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refusal is not None or not self.is_signed_in(headers):
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.application(scope, self._rate_limited(receive), send)
            return
        if refusal is not None:
            await _send_response(send, *refusal)
        elif (token := _token_in_address(scope)) is not None and self.settings.token is not None:
            await self._sign_in(scope, token, send)
        elif not self.is_signed_in(headers):
            await _send_response(
                send,
                401,
                static_pages.SIGN_IN_PAGE,
                static_pages.HTML_CONTENT_TYPE,
                self._security_headers(headers),
            )
        elif _is_static_asset(scope):
            await self._forward(scope, receive, send, headers)
        elif self.open_page_count() + self.pages_opening >= self.settings.limits.open_pages:
            later: HeaderList = [(b"retry-after", b"60"), *self._security_headers(headers)]
            await _send_response(
                send, 503, static_pages.SERVER_FULL_PAGE, static_pages.HTML_CONTENT_TYPE, later
            )
        else:
            self.pages_opening += 1
            try:
                await self._forward(scope, receive, send, headers, self._one_page_at_a_time)
            finally:
                self.pages_opening -= 1

    @asynccontextmanager
    async def _one_page_at_a_time(self) -> AsyncGenerator[None, None]:
        """Make pages one after another, with a pause in which those that are open are answered."""
        others = self._page_turn.locked()
        async with self._page_turn:
            if others:
                await asyncio.sleep(_SECONDS_BETWEEN_PAGES)
            yield

    def is_signed_in(self, headers: dict[bytes, str]) -> bool:
        """Whether the browser has shown the token, if one is asked for."""
        if self.settings.token is None:
            return True
        try:
            morsel = SimpleCookie(headers.get(b"cookie", "")).get(SIGN_IN_COOKIE)
        except CookieError:
            return False
        return morsel is not None and _equal_in_constant_time(morsel.value, self.settings.token)

    def _refusal(self, scope: AsgiScope, headers: dict[bytes, str]) -> tuple[int, str] | None:
        host = headers.get(b"host", "")
        allowed = self.settings.hosts
        if not host or (allowed is not None and _host_without_port(host) not in allowed):
            return 421, "This address is not served here: use the one that was printed."
        origin = headers.get(b"origin")
        foreign = origin is not None and origin not in (f"http://{host}", f"https://{host}")
        careful = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        embedded = scope["type"] == "http" and _is_cross_site(headers)
        if foreign or embedded or (careful and origin is None):
            return 403, "Another site asked for this."
        if scope["type"] == "websocket":
            ours = is_valid_handshake(scope["query_string"])
            return None if ours else (403, "Only pages of ours are answered here.")
        if scope["path"].startswith("/_nicegui_ws"):
            return 403, "Only websockets are answered here."
        length = headers.get(b"content-length", "0")
        if (
            not length.isdigit()
            or int(length) > LARGEST_BODY_BYTES
            or b"transfer-encoding" in headers
        ):
            return 413, "Too much was sent."
        return None

    async def _sign_in(self, scope: AsgiScope, submitted_token: str, send: AsgiSend) -> None:
        """Exchange a token in the address for a cookie."""
        token = self.settings.token or ""
        if not _equal_in_constant_time(submitted_token, token):
            await _send_response(
                send,
                401,
                static_pages.SIGN_IN_PAGE,
                static_pages.HTML_CONTENT_TYPE,
                self._security_headers({}),
            )
            return
        cookie = f"{SIGN_IN_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800"
        place = "/" + scope["path"].lstrip("/\\")
        go: HeaderList = [(b"location", place.encode()), (b"set-cookie", cookie.encode())]
        await _send_response(send, 303, "", headers=go)

    def _rate_limited(self, receive: AsgiReceive) -> AsgiReceive:
        """Messages of one browser, ended when it sends faster than it may."""
        pace = self.settings.limits.messages_per_second
        left, before = pace * 4, time.monotonic()

        async def measured() -> AsgiMessage:
            nonlocal left, before
            message = await receive()
            now = time.monotonic()
            left, before = min(pace * 4, left + (now - before) * pace) - 1, now
            is_message = message["type"] == "websocket.receive"
            if left < 0 or (is_message and not is_valid_frame(message.get("text"))):
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return measured

    async def _forward(
        self,
        scope: AsgiScope,
        receive: AsgiReceive,
        send: AsgiSend,
        headers: dict[bytes, str],
        turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        """Answer, with a nonce for each script that is ours and the headers that bind the page.

        turn  held while the answer is made; a page is sent after it: a slow reader delays nobody
        """
        nonce = secrets.token_urlsafe(16)
        begun: AsgiMessage = {}
        page: list[bytes] = []

        async def guarded(message: AsgiMessage) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
                begun["headers"] = _drop_headers(message["headers"], {b"content-security-policy"})
                begun["headers"] += self._security_headers(headers, nonce)
                if not _is_html(message["headers"]):
                    await send(begun)
            elif message["type"] == "http.response.body" and _is_html(begun["headers"]):
                page.append(message.get("body", b""))
            else:
                await send(message)

        async with turn():
            await self.application(scope, receive, guarded)
        if page:
            body = _SCRIPT_TAG.sub(b'<script nonce="' + nonce.encode() + b'"', b"".join(page))
            begun["headers"] = [
                *_drop_headers(begun["headers"], {b"content-length"}),
                (b"content-length", str(len(body)).encode()),
            ]
            await send(begun)
            await send({"type": "http.response.body", "body": body})

    def _security_headers(
        self, request_headers: dict[bytes, str], nonce: str = "none"
    ) -> HeaderList:
        host = request_headers.get(b"host", "")
        sockets = f"ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else ""
        policy = _CONTENT_SECURITY_POLICY.format(nonce=nonce, sockets=sockets)
        return [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        ]


def _host_without_port(host: str) -> str:
    """A host without its port.

    >>> [_host_without_port(host) for host in ("localhost:8123", "127.0.0.1", "[::1]:8123")]
    ['localhost', '127.0.0.1', '[::1]']
    """
    return re.sub(r":\d*$", "", host).lower()


def _is_cross_site(headers: dict[bytes, str]) -> bool:
    """Whether a page of another site asks, for anything but to be left for ours.

    >>> _is_cross_site({b"sec-fetch-site": "cross-site", b"sec-fetch-dest": "image"})
    True
    >>> _is_cross_site({b"sec-fetch-site": "cross-site", b"sec-fetch-dest": "document"})
    False
    """
    site = headers.get(b"sec-fetch-site", "none")
    left = headers.get(b"sec-fetch-dest") == "document"
    return site not in ("none", "same-origin") and not left


def _is_static_asset(scope: AsgiScope) -> bool:
    """Whether a script, style or image is asked for, and not a page, which takes memory."""
    return bool(scope["path"].startswith("/_nicegui/"))


def _token_in_address(scope: AsgiScope) -> str | None:
    if scope["method"] != "GET":
        return None
    tokens: list[str] = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
    return tokens[0] if tokens else None


def _equal_in_constant_time(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def _is_html(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(n.lower() == b"content-type" and v.startswith(b"text/html") for n, v in headers)


def _drop_headers(headers: Iterable[tuple[bytes, bytes]], names: set[bytes]) -> HeaderList:
    return [(name, value) for name, value in headers if name.lower() not in names]


async def _send_response(
    send: AsgiSend,
    status: int,
    text: str,
    kind: str = "text/plain; charset=utf-8",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    body = text.encode()
    about = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*about, *headers]})
    await send({"type": "http.response.body", "body": body})
