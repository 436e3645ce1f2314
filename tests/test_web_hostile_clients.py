"""Whatever is sent to a running server: refused or answered, never a fault of the server's own.

What the server printed is read at the end: a traceback that ends in our code is a failure, and so
is one that is printed again and again.
"""

import asyncio
import json
import random
import re
import socket
import subprocess
import sys
from collections import Counter
from urllib.parse import quote, urlsplit

import aiohttp
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verification.browsing import Page
from verification.load import CASES, PATIENCE, alone, numbers, serving

SECRET = "a-secret-that-lies-outside"
ROUTES = """
import json
from pathlib import Path
from ceasefire.web.app import build_application
from ceasefire.web.server_settings import ServerSettings
from nicegui import core
guard = build_application(ServerSettings(Path("."))).app
def paths(routes):
    for route in routes:
        inner = getattr(getattr(route, "app", None), "routes", None)
        yield from ([route.path + p for p in paths(inner)] if inner else [route.path])
print(json.dumps(sorted({*paths(core.app.routes), *paths(guard.application.routes)})))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "cases"
    (folder / "deeper").mkdir(parents=True)
    for name, text in CASES.items():
        (folder / name).write_text(text, encoding="utf-8")
    for outside in (folder.parent / "secret.yaml", folder.parent / "secret.txt"):
        outside.write_text(f"ceasefire: 1\ntitle: {SECRET}\n", encoding="utf-8")
    (folder / "link.yaml").symlink_to(folder.parent / "secret.yaml")
    (folder / "up").symlink_to(folder.parent)
    (folder / "deeper" / "out.yaml").write_text("extends: ../../secret.yaml\n", encoding="utf-8")
    with serving(folder) as (address, server):
        yield urlsplit(address).netloc
    said = server.stderr.read()
    server.stderr.close()
    faults = re.findall(r'File "([^"]+", line \d+), in \w+\n.*\n(?:[ ~^]*\n)?(\w+):', said)
    assert said.count("Traceback") == len(set(faults)), said  # each is said once
    assert not [place for place, _ in faults if "nicegui" not in place], said
    assert "ASGI" not in said


@pytest.fixture(scope="module")
def routes():
    """Every path that the application knows, from the application itself."""
    made = subprocess.run(
        [sys.executable, "-c", ROUTES], capture_output=True, text=True, check=True
    )
    found = json.loads(made.stdout)
    assert {"/", "/compare", "/case/{name:path}"} <= set(found)
    return found


def exchange(place: str, request: bytes) -> tuple[int, bytes, bytes]:
    """Status, head and body of what comes back; status 0 if that is nothing."""
    host, port = place.split(":")
    patience = 1 if b"chunked" in request else PATIENCE  # half a request is waited for
    with socket.create_connection((host, int(port)), timeout=patience) as wire:
        try:
            wire.sendall(request)
            answer = b"".join(iter(lambda: wire.recv(65536), b""))
        except ConnectionError:
            return 0, b"", b""
        except TimeoutError:
            assert patience == 1, request
            return 0, b"", b""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if head else 0, head.lower(), body


NASTY = [
    "..", "../secret.yaml", "../../secret.txt", "link.yaml", "up/secret.yaml", "deeper/out.yaml",
    "/etc/passwd", "//etc/passwd", "....//", "one.yaml", "one.yaml/", "one.yaml\0", "\0", "%", "é",
    "\u202e", "\ud83d\ude00", "\\..\\secret.yaml", "C:\\secret.yaml", ".", "~", "con", "a" * 5000,
    "{name}", "__proto__", "*", "?x", "#", ";", "\r\nX: y", " ", "\n",
]  # fmt: skip
PARTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=20))
ENCODED = st.sampled_from(
    [
        lambda t: quote(t.encode("utf-8", "surrogatepass"), safe="/"),
        lambda t: quote(t.encode("utf-8", "surrogatepass"), safe=""),
        lambda t: quote(quote(t.encode("utf-8", "surrogatepass"), safe=""), safe=""),
        lambda t: "".join(f"%{byte:02x}" for byte in t.encode("utf-8", "surrogatepass")),
        lambda t: "%c0%ae%c0%ae/" + quote(t.encode("utf-8", "surrogatepass")),
    ]
)
METHODS = st.sampled_from(
    ["GET"] * 6
    + ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "G"]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            ("Origin", "OURS"), ("Origin", "null"), ("Origin", "http://[::1"), ("Origin", "\xff"),
            ("Host", "elsewhere"), ("Host", ""), ("Host", "[::1"), ("Content-Type", "\xff/\x01"),
            ("Content-Type", "multipart/form-data; boundary="), ("Content-Type", "text/html"),
            ("Cookie", "a=" + "b" * 60_000), ("Cookie", "ceasefire=\xff; =; a"), ("Cookie", "[=]"),
            ("Accept", "text/markdown"), ("Accept", ";q=x"), ("Range", "bytes=5-1"),
            ("Range", "bytes=0-,0-,0-"), ("If-None-Match", "\xff"), ("If-Modified-Since", "x"),
            ("Accept-Encoding", "gzip;q=x, br"), ("X-Forwarded-Prefix", "\"><script>"),
            ("X-Forwarded-For", "1.2.3.4"), ("Expect", "100-continue"), ("Sec-Purpose", "prefetch"),
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Upgrade", "h2c"),
            ("Transfer-Encoding", "chunked"), ("Content-Length", "-1"), ("X-" + "a" * 500, "b"),
            ("User-Agent", "ClaudeBot"), ("Accept-Language", "x" * 3000),
        ]
    ),
    max_size=4,
)  # fmt: skip
QUERIES = st.one_of(
    st.just(""),
    st.sampled_from(
        ["?left=../secret.yaml&right=link.yaml", "?token=%ff", "?%ff=%00", "?" + "a&" * 999,
         "?left=up/secret.yaml&right=one.yaml", "?left=deeper/out.yaml&right=deeper/out.yaml"]
    ),
    st.text(max_size=20).map(lambda t: "?" + quote(t.encode("utf-8", "surrogatepass"), safe="=&")),
)  # fmt: skip


@settings(
    deadline=None, max_examples=400, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.data())
def test_no_request_to_any_route_is_a_server_error(place, routes, data):
    route = data.draw(st.sampled_from([*routes, "", "/nothing", "*", "http://elsewhere/"]))
    path = route
    while "{" in path:
        part = data.draw(ENCODED)(data.draw(PARTS))
        path = path[: path.index("{")] + part + path[path.index("}") + 1 :]
    path += data.draw(st.sampled_from(["", "", "/", "/../secret.yaml", "/%2e%2e/secret.yaml"]))
    body = data.draw(st.binary(max_size=50))
    given_ = data.draw(HEADERS)
    head = [f"{data.draw(METHODS)} {path}{data.draw(QUERIES)} HTTP/1.1", f"Host: {place}"]
    head = head if not any(name == "Host" for name, _ in given_) else head[:1]
    head += [f"{n}: {v.replace('OURS', 'http://' + place)}" for n, v in given_]
    head += [f"Content-Length: {len(body)}", "Connection: close"]
    request = "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body
    status, said, answer = exchange(place, request)
    assert status < 500 or (status == 501 and b"upgrade" in request.lower()), (request, answer)
    assert b"Traceback" not in answer
    assert SECRET.encode() not in answer
    assert b"root:" not in answer
    if b"content-type: text/html" in said:
        assert b"content-security-policy: default-src 'none'" in said, request


WRITTEN = alone(CASES["one.yaml"], (0.5,))[0.5]
GARBAGE = [
    "", "4", "9", "42", "42[", "42[]", "42null", '42["event"]', "42" + "[" * 99_999, "2probe",
    '451-["event",{"_placeholder":true,"num":0}]', "b4", "44", "0{}", b"\x04\xff",
    '42["event",{"client_id":"ME","id":"x","listener_id":"","args":[]}]',
    '42["handshake",{"client_id":"ME"}]', '42["ack",{"client_id":"ME","next_message_id":"x"}]',
    '42["log",{"level":"error"}]', "42" + json.dumps(["event", "x" * 3_000_000]),
]  # fmt: skip
ARGUMENTS = [
    None, [], {}, "x", -1, 1e300, True, [1, [2]], {"value": 99}, {"value": "x"}, "a" * 99_999,
    {"label": "x", "value": -1}, {"files": [{}]}, "\U0001f600\u202e\0", [None] * 50,
]  # fmt: skip


def at(place: str) -> Page:
    """A page of the first case."""
    return Page(f"http://{place}", "/case/one.yaml")


async def settled(page: Page) -> None:
    """Wait until the numbers of the case as it is written are there."""
    await page.until(lambda: numbers(page) == WRITTEN, PATIENCE)


def test_garbage_frames_end_only_their_connection(place):
    where = f"http://{place}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    where += "&client_id=ME&tab_id=t&document_id=d&next_message_id=0"

    async def attempt() -> None:
        async with at(place) as bystander:
            await settled(bystander)
            async with aiohttp.ClientSession() as browser:
                for frame in GARBAGE:
                    wire = await browser.ws_connect(where, headers={"Origin": f"http://{place}"})
                    assert str((await wire.receive()).data).startswith('0{"sid"')
                    await (wire.send_bytes if isinstance(frame, bytes) else wire.send_str)(frame)
                    ended = await wire.receive(timeout=PATIENCE)
                    assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED), frame
            await bystander.send("mine", 0.25)
            await bystander.until(lambda: "0.250 > 0.5" in numbers(bystander), PATIENCE)

    asyncio.run(attempt())


def test_nobody_moves_the_slider_of_another(place):
    async def attempt() -> None:
        async with at(place) as victim, at(place) as page:
            await settled(victim)
            await settled(page)
            await page.socket.emit("event", victim.message("mine", 0.25))
            theirs = {**page.message("mine", 0.75), "id": 10**6}
            await page.socket.emit("event", theirs)
            await page.send("mine", 0.75)
            await page.until(lambda: "0.750 > 0.5" in numbers(page), PATIENCE)
            assert numbers(victim) == WRITTEN
            await victim.send("mine", 0.3)
            await victim.until(lambda: "0.300 > 0.5" in numbers(victim), PATIENCE)

    asyncio.run(attempt())


def test_nobody_writes_to_the_log_of_the_server(tmp_path):
    (tmp_path / "one.yaml").write_text(CASES["one.yaml"], encoding="utf-8")

    async def attempt(place: str) -> None:
        async with at(place) as page:
            await settled(page)
            said = {"client_id": page.about["client_id"], "level": "error", "message": "forged"}
            await page.socket.emit("log", said)
            await page.send("mine", 0.25)
            await page.until(lambda: "0.250 > 0.5" in numbers(page), PATIENCE)

    with serving(tmp_path) as (address, server):
        asyncio.run(attempt(urlsplit(address).netloc))
    with server.stderr:
        assert server.stderr.read() == ""


def test_a_server_that_is_killed_leaves_no_process(tmp_path):
    (tmp_path / "one.yaml").write_text(CASES["one.yaml"], encoding="utf-8")

    async def attempt(place: str) -> None:
        async with at(place) as page:
            await settled(page)

    with serving(tmp_path) as (address, server):
        asyncio.run(attempt(urlsplit(address).netloc))
        left = psutil.Process(server.pid).children(recursive=True)
        assert len(left) > 2
        server.kill()
        _, alive = psutil.wait_procs(left, PATIENCE)
        assert not alive
    server.stderr.close()


def test_no_event_to_any_element_breaks_the_page(place):
    async def attempt() -> None:
        draw = random.Random(5)
        async with at(place) as page:
            await settled(page)
            made = sorted(page.elements, key=int)
            heard = [(n, e) for n in made for e in page.elements[n].get("events", ())]
            assert len(heard) > 10
            for number, event in [*heard, *heard[:3]]:
                for value in draw.sample(ARGUMENTS, 4):
                    said = {"client_id": page.about["client_id"], "id": int(number)}
                    said |= {"listener_id": event["listener_id"], "args": [json.dumps(value)]}
                    await page.socket.emit("event", said)
                    await asyncio.sleep(1 / 50)
            assert page.socket.connected
        async with at(place) as page:
            await settled(page)

    asyncio.run(attempt())


def test_a_flood_is_ended_and_others_are_served(place):
    async def attempt() -> None:
        async with at(place) as bystander, at(place) as page:
            await settled(bystander)
            await settled(page)
            said = page.message("mine", 0.25)
            async with asyncio.timeout(PATIENCE):
                while page.socket.connected:
                    await page.socket.emit("event", said)
                    await asyncio.sleep(0)
            await bystander.send("mine", 0.25)
            await bystander.until(lambda: "0.250 > 0.5" in numbers(bystander), PATIENCE)

    asyncio.run(attempt())


FORTY_PAGES = """
import sys
from dataclasses import replace
from ceasefire.__main__ import main
from ceasefire.web import app
serve = app.run_server
def serve_few(settings, **options):
    serve(replace(settings, limits=replace(settings.limits, open_pages=40)), **options)
app.run_server = serve_few
sys.argv[1:1] = ["serve"]
main()
"""


def test_excess_pages_are_refused_and_open_ones_served(tmp_path):
    """The page that is open is answered between any two that are made: it is not lost."""
    (tmp_path / "one.yaml").write_text(CASES["one.yaml"], encoding="utf-8")

    async def attempt(place: str) -> list[int]:
        many = aiohttp.TCPConnector(limit=20)
        async with at(place) as bystander, aiohttp.ClientSession(connector=many) as stranger:
            await settled(bystander)
            asked = (f"http://{place}/case/one.yaml", f"http://{place}/", f"http://{place}/no")

            async def get(address: str) -> int:
                async with stranger.get(address) as answer:
                    return answer.status

            got = await asyncio.gather(*(get(one) for one in asked for _ in range(50)))
            await bystander.send("mine", 0.25)
            await bystander.until(lambda: "0.250 > 0.5" in numbers(bystander), PATIENCE)
        return got

    with serving(tmp_path, command=("-c", FORTY_PAGES)) as (address, server):
        place, process = urlsplit(address).netloc, psutil.Process(server.pid)
        held = process.memory_info().rss
        got = asyncio.run(attempt(place))
        grown = process.memory_info().rss - held
    with server.stderr:
        assert server.stderr.read() == ""
    assert Counter(got) == {200: 39, 503: 111}
    assert grown < 150e6  # a page takes about 1.5 MB
