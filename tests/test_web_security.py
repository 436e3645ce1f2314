"""Who is let in: hosts, origins, tokens, sizes, paces; and what a page may load."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ceasefire.errors import WebError
from ceasefire.web.security import LARGEST_BODY_BYTES, SecurityMiddleware
from ceasefire.web.server_settings import ServerLimits, ServerSettings

HERE = ServerSettings(Path(), limits=ServerLimits(messages_per_second=5.0))
OPEN = replace(HERE, host="0.0.0.0", token="a-token-of-sixteen")
PAGE = b'<html><script>one()</script><script src="/two"></script><p>&lt;script></p></html>'


OPENS = "client_id=c&tab_id=t&document_id=d&next_message_id=0&transport=websocket"


async def inner(scope, receive, send):
    """An application that says yes to everything."""
    if scope["type"] == "websocket":
        while (await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": "yes"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
    for start, more in ((0, True), (30, False)):
        body = PAGE[start : 30 if more else None]
        await send({"type": "http.response.body", "body": body, "more_body": more})


HTML = (b"content-type", b"text/html; charset=utf-8")


def ask(
    settings, path="/", *, kind="http", method="GET", query="", messages=1, text="3", opened=0,
    **headers,
):  # fmt: skip
    """What is sent back: the status or closing code, the headers, the body."""
    query = query or (OPENS if kind == "websocket" else "")
    sent, left = [], messages
    given = {"host": f"localhost:{settings.port}", **headers}
    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in given.items() if v],
        **({"method": method} if kind == "http" else {}),
    }

    async def receive():
        nonlocal left
        left -= 1
        frame = {"type": "websocket.receive", "text": text}
        return frame if left >= 0 else {"type": "websocket.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(SecurityMiddleware(inner, settings, lambda: opened)(scope, receive, send))
    first = sent[0] if sent else {}
    if kind == "websocket":
        return first.get("code", "open"), len(sent)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return first["status"], {k.decode(): v.decode() for k, v in first["headers"]}, body


def test_a_page_is_bound_to_this_server_and_its_scripts_carry_a_nonce():
    status, headers, body = ask(HERE)
    policy = headers["content-security-policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert status == 200
    assert body.count(f'<script nonce="{nonce}"'.encode()) == 2
    assert b"&lt;script>" in body
    assert int(headers["content-length"]) == len(body)
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "http" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert ask(HERE)[1]["content-security-policy"] != policy


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8123", 200), ("127.0.0.1:8123", 200), ("[::1]:8123", 200),
        ("rebound.example:8123", 421), ("localhost.rebound.example", 421), ("", 421),
    ],
)  # fmt: skip
def test_dns_rebinding_hosts_are_refused(host, status):
    assert ask(HERE, host=host)[0] == status


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        ("http://localhost:8123", "open"),
        ("http://elsewhere.example", 1008),
        ("http://localhost:9999", 1008),
        ("null", 1008),
        ("", 1008),
    ],
)
def test_a_websocket_from_another_site_is_refused(origin, code):
    assert ask(HERE, kind="websocket", origin=origin)[0] == code


def test_a_form_from_another_site_is_refused():
    assert ask(HERE, method="POST", origin="http://elsewhere.example")[0] == 403
    assert ask(HERE, method="POST")[0] == 403
    assert ask(HERE, method="POST", origin="http://localhost:8123")[0] == 200


@pytest.mark.parametrize(
    ("site", "dest", "status"),
    [
        ("cross-site", "image", 403), ("cross-site", "iframe", 403), ("same-site", "script", 403),
        ("cross-site", "", 403), ("cross-site", "document", 200), ("none", "document", 200),
        ("same-origin", "script", 200), ("same-origin", "empty", 200),
    ],
)  # fmt: skip
def test_a_page_of_another_site_may_lead_here_but_not_fetch(site, dest, status):
    assert ask(HERE, sec_fetch_site=site, sec_fetch_dest=dest)[0] == status


def test_no_more_pages_are_made_than_may_be_open():
    most = HERE.limits.open_pages
    assert ask(HERE, opened=most - 1)[0] == 200
    status, headers, body = ask(HERE, opened=most)
    assert (status, headers["retry-after"]) == (503, "60")
    assert b"Too many pages are open" in body
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ask(HERE, "/_nicegui/3.18.0/static/nicegui.js", opened=most)[0] == 200
    assert ask(HERE, kind="websocket", origin="http://localhost:8123", opened=most)[0] == "open"


def test_pages_are_made_one_after_another_and_open_ones_are_answered_between():
    """Nor does a browser that does not read what it asked for keep the others waiting."""
    happened = []

    async def slow(scope, receive, send):
        happened.append("begun")
        for _ in range(3):
            await asyncio.sleep(0)
        happened.append("made")
        await inner(scope, receive, send)

    async def unread(message):
        await asyncio.sleep(3600)

    async def read(message):
        happened.append(message["type"])

    async def heartbeat():
        while True:
            happened.append("beat")
            await asyncio.sleep(0)

    async def attempt():
        middleware = SecurityMiddleware(slow, HERE, lambda: 0)
        scope = {"type": "http", "path": "/", "query_string": b"", "method": "GET"}
        scope["headers"] = [(b"host", b"localhost:8123")]
        never = asyncio.create_task(middleware(scope, None, unread))
        beating = asyncio.create_task(heartbeat())
        await asyncio.gather(*(middleware(scope, None, read) for _ in range(3)))
        never.cancel()
        beating.cancel()

    asyncio.run(attempt())
    made = [what for what in happened if what in ("begun", "made")]
    assert made == ["begun", "made"] * 4
    second, last = happened.index("made"), len(happened) - happened[::-1].index("begun")
    assert happened[second:last].count("beat") > 100


def test_oversized_requests_are_refused():
    ours = {"method": "POST", "origin": "http://localhost:8123"}
    assert ask(HERE, **ours, content_length=str(LARGEST_BODY_BYTES))[0] == 200
    assert ask(HERE, **ours, content_length=str(LARGEST_BODY_BYTES + 1))[0] == 413
    assert ask(HERE, **ours, content_length="many")[0] == 413
    assert ask(HERE, **ours, transfer_encoding="chunked")[0] == 413


def test_only_websockets_reach_the_websocket():
    assert ask(HERE, "/_nicegui_ws/socket.io/")[0] == 403


def test_a_browser_that_sends_faster_than_it_may_is_ended():
    ours = {"kind": "websocket", "origin": "http://localhost:8123"}
    assert ask(HERE, messages=15, **ours) == ("open", 15)
    assert ask(HERE, messages=500, **ours) == ("open", 20)


def test_without_the_token_nothing_is_shown():
    ours = {"origin": "http://localhost:8123"}
    assert ask(OPEN)[0] == 401
    assert ask(OPEN, "/case/war.yaml")[0] == 401
    assert ask(OPEN, cookie="ceasefire=a-token-of-sixteem")[0] == 401
    assert ask(OPEN, cookie="ceasefire=a-token-of-sixteen")[0] == 200
    assert ask(OPEN, kind="websocket", **ours)[0] == 1008
    shown = {"cookie": "ceasefire=a-token-of-sixteen", **ours}
    assert ask(OPEN, kind="websocket", **shown)[0] == "open"


def test_the_token_in_the_address_becomes_a_cookie():
    status, headers, _ = ask(OPEN, "//elsewhere.example", query="token=a-token-of-sixteen")
    assert (status, headers["location"]) == (303, "/elsewhere.example")
    cookie = headers["set-cookie"]
    assert cookie.startswith("ceasefire=a-token-of-sixteen;")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert ask(OPEN, query="token=another")[0] == 401


def test_anything_but_loopback_demands_a_token():
    assert HERE.token is None
    made = [
        ServerSettings(Path(), host).token for host in ("0.0.0.0", "10.0.0.1", "::", "me.example")
    ]
    assert all(token is not None and len(token) >= 32 for token in made)
    assert len(set(made)) == 4


def test_settings_that_cannot_be_served_are_refused_all_at_once():
    with pytest.raises(WebError) as caught:
        ServerSettings(Path("no-such-folder"), port=70_000, token="short")
    assert [p.message for p in caught.value.problems] == [
        "is no folder", "is no port", "token is too short to be safe",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "EIO=4", OPENS.replace("=0", "=x"), OPENS.replace("=0", "=" + "9" * 400),
        OPENS.replace("tab_id=t", "tab_id="), OPENS + "&client_id=another", OPENS + "&%ff&=&",
        OPENS.replace("=c", "=" + "c" * 101), "&".join([OPENS, *(f"a{n}=1" for n in range(30))]),
    ],
)  # fmt: skip
def test_a_websocket_that_no_page_of_ours_opens_is_refused(query):
    ours = {"kind": "websocket", "origin": "http://localhost:8123"}
    assert ask(HERE, **ours)[0] == "open"
    assert ask(HERE, query=query, **ours)[0] == 1008


EVENT = '42["event",{"client_id":"c","id":7,"listener_id":"l","args":%s}]'


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("40", True), ("3", True), (EVENT % "[]", True), (EVENT % '["0.5",null]', True),
        ('42["ack",{"client_id":"c","next_message_id":3}]', True),
        ('420["handshake",{"client_id":"c","tab_id":"t","document_id":"d","next_message_id":0}]',
         True),
        (None, False), ("", False), ("4", False), ("9", False), ("42", False), ("42[", False),
        ("42[]", False), ("42null", False), ('42["event"]', False), ('42["event",[]]', False),
        ('42["connect",{}]', False), ('42["event",{},{}]', False), ("42" + "[" * 5000, False),
        ('451-["event",{"_placeholder":true,"num":0}]', False), ("2probe", False),
        ('42["ack",{"client_id":"c"}]', False), ('42["ack",{"client_id":"c","next_message_id":-1}]',
         False), ('42["ack",{"client_id":["c"],"next_message_id":1}]', False),
        (EVENT % '["{"]', False), (EVENT % "[0.5]", False), (EVENT % '"0.5"', False),
        (EVENT % '["NaN"]', False), (EVENT.replace("7", '"7x"') % "[]", False),
    ],
)  # fmt: skip
def test_a_frame_that_no_page_of_ours_sends_ends_the_connection(text, passes):
    ours = {"kind": "websocket", "origin": "http://localhost:8123"}
    assert ask(HERE, messages=2, text=text, **ours) == ("open", 2 if passes else 0)
