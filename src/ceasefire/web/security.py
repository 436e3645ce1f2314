"""The guard in front of every page: who may ask, and what a page may load.

Each request and each websocket passes here first. A request for another host than ours is a
rebound name; a websocket or a form from another origin comes from a foreign page; both are
refused, as are bodies that are too large, browsers that send faster than anybody can type, what
no page of ours would send, and pages beyond those that may be open.
"""

import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from ceasefire.web import frames, plain
from ceasefire.web.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

COOKIE = "ceasefire"
LARGEST_BODY = 10_000
_SCRIPT = re.compile(rb"<script(?=[\s>])")
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' {sockets}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)


class Guard:
    """Stands in front of an application and refuses what does not belong.

    opened  how many pages are open
    """

    def __init__(
        self, application: Application, settings: Settings, opened: Callable[[], int]
    ) -> None:
        self.application, self.settings, self.opened = application, settings, opened
        self.coming = 0  # pages that are being made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request or websocket through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refusal is not None or not self.known(headers):
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.application(scope, self._measured(receive), send)
            return
        if refusal is not None:
            await _answer(send, *refusal)
        elif (shown := _shown(scope)) is not None and self.settings.token is not None:
            await self._enter(scope, shown, send)
        elif not self.known(headers):
            await _answer(send, 401, plain.SIGN_IN, plain.KIND, self._headers(headers))
        elif _is_part(scope):
            await self._pass(scope, receive, send, headers)
        elif self.opened() + self.coming >= self.settings.limits.pages:
            later: Headers = [(b"retry-after", b"60"), *self._headers(headers)]
            await _answer(send, 503, plain.CROWDED, plain.KIND, later)
        else:
            self.coming += 1
            try:
                await self._pass(scope, receive, send, headers)
            finally:
                self.coming -= 1

    def known(self, headers: dict[bytes, str]) -> bool:
        """Whether the browser has shown the token, if one is asked for."""
        if self.settings.token is None:
            return True
        try:
            morsel = SimpleCookie(headers.get(b"cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and _same(morsel.value, self.settings.token)

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> tuple[int, str] | None:
        host = headers.get(b"host", "")
        allowed = self.settings.hosts
        if not host or (allowed is not None and _bare(host) not in allowed):
            return 421, "This address is not served here: use the one that was printed."
        origin = headers.get(b"origin")
        foreign = origin is not None and origin not in (f"http://{host}", f"https://{host}")
        careful = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        embedded = scope["type"] == "http" and _embeds(headers)
        if foreign or embedded or (careful and origin is None):
            return 403, "Another site asked for this."
        if scope["type"] == "websocket":
            ours = frames.opens(scope["query_string"])
            return None if ours else (403, "Only pages of ours are answered here.")
        if scope["path"].startswith("/_nicegui_ws"):
            return 403, "Only websockets are answered here."
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY or b"transfer-encoding" in headers:
            return 413, "Too much was sent."
        return None

    async def _enter(self, scope: Scope, shown: str, send: Send) -> None:
        """Exchange a token in the address for a cookie."""
        token = self.settings.token or ""
        if not _same(shown, token):
            await _answer(send, 401, plain.SIGN_IN, plain.KIND, self._headers({}))
            return
        cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800"
        place = "/" + scope["path"].lstrip("/\\")
        go: Headers = [(b"location", place.encode()), (b"set-cookie", cookie.encode())]
        await _answer(send, 303, "", headers=go)

    def _measured(self, receive: Receive) -> Receive:
        """Messages of one browser, ended when it sends faster than it may."""
        pace = self.settings.limits.messages
        left, before = pace * 4, time.monotonic()

        async def measured() -> Message:
            nonlocal left, before
            message = await receive()
            now = time.monotonic()
            left, before = min(pace * 4, left + (now - before) * pace) - 1, now
            said = message["type"] == "websocket.receive"
            if left < 0 or (said and not frames.sound(message.get("text"))):
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return measured

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, str]
    ) -> None:
        """Answer, with a nonce for each script that is ours and the headers that bind the page."""
        nonce = secrets.token_urlsafe(16)
        begun: Message = {}
        page = bytearray()

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
                begun["headers"] = _without(message["headers"], {b"content-security-policy"})
                begun["headers"] += self._headers(headers, nonce)
                if not _is_page(message["headers"]):
                    await send(begun)
            elif message["type"] == "http.response.body" and _is_page(begun["headers"]):
                page.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    body = _SCRIPT.sub(b'<script nonce="' + nonce.encode() + b'"', bytes(page))
                    begun["headers"] = [
                        *_without(begun["headers"], {b"content-length"}),
                        (b"content-length", str(len(body)).encode()),
                    ]
                    await send(begun)
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        await self.application(scope, receive, guarded)

    def _headers(self, asked: dict[bytes, str], nonce: str = "none") -> Headers:
        host = asked.get(b"host", "")
        sockets = f"ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else ""
        policy = _POLICY.format(nonce=nonce, sockets=sockets)
        return [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        ]


def _bare(host: str) -> str:
    """A host without its port.

    >>> [_bare(host) for host in ("localhost:8123", "127.0.0.1", "[::1]:8123")]
    ['localhost', '127.0.0.1', '[::1]']
    """
    return re.sub(r":\d*$", "", host).lower()


def _embeds(headers: dict[bytes, str]) -> bool:
    """Whether a page of another site asks, for anything but to be left for ours.

    >>> _embeds({b"sec-fetch-site": "cross-site", b"sec-fetch-dest": "image"})
    True
    >>> _embeds({b"sec-fetch-site": "cross-site", b"sec-fetch-dest": "document"})
    False
    """
    site = headers.get(b"sec-fetch-site", "none")
    left = headers.get(b"sec-fetch-dest") == "document"
    return site not in ("none", "same-origin") and not left


def _is_part(scope: Scope) -> bool:
    """Whether a script, style or image is asked for, and not a page, which takes memory."""
    return bool(scope["path"].startswith("/_nicegui/"))


def _shown(scope: Scope) -> str | None:
    if scope["method"] != "GET":
        return None
    shown: list[str] = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
    return shown[0] if shown else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(n.lower() == b"content-type" and v.startswith(b"text/html") for n, v in headers)


def _without(headers: Iterable[tuple[bytes, bytes]], names: set[bytes]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in names]


async def _answer(
    send: Send,
    status: int,
    text: str,
    kind: str = "text/plain; charset=utf-8",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    body = text.encode()
    about = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*about, *headers]})
    await send({"type": "http.response.body", "body": body})
