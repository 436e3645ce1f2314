"""The server as it is started, asked over its port as a stranger would."""

import http.client
import importlib.util
import inspect
import logging
from urllib.parse import urlsplit

import pytest
from nicegui import background_tasks

from ceasefire.errors import WebError
from ceasefire.web import serve
from ceasefire.web.app import SLOW_END, FaultFilter
from support.case_server import LONG, running_server

TOKEN = "a-token-that-is-long-enough"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
SOCKET = (
    "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    "&client_id=c&tab_id=t&document_id=d&next_message_id=0"
)


@pytest.fixture(scope="module")
def place():
    with running_server("--token", TOKEN) as address:
        yield urlsplit(address.split("?")[0]).netloc


def ask(place, path, method="GET", **headers):
    """Status, headers and text of one request that shows the token."""
    connection = http.client.HTTPConnection(place, timeout=LONG)
    given = {"Cookie": f"ceasefire={TOKEN}", **headers}
    connection.request(method, path, headers={k: v for k, v in given.items() if v})
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read().decode()
    connection.close()
    return found


def test_the_token_opens_the_pages(place):
    assert ask(place, "/", Cookie="")[0] == 401
    status, headers, _ = ask(place, f"/?token={TOKEN}", Cookie="")
    assert status == 303
    assert headers["Set-Cookie"].startswith(f"ceasefire={TOKEN};")
    status, headers, text = ask(place, "/")
    assert status == 200
    assert "A truce that may hold" in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "http://" not in text.replace(f"http://{place}", "")
    assert "https://" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/case/../../../etc/passwd", "/case/%2e%2e/%2e%2e/conftest.py", "/case//etc/passwd",
        "/case/..%2fconftest.py", "/case/%00truce.yaml",
        "/compare?left=../conftest.py&right=/etc/passwd",
        "/_nicegui/3.18.0/static/../../../etc/passwd", "/etc/passwd",
    ],
)  # fmt: skip
def test_nothing_outside_the_folder_is_shown(place, path):
    status, _, text = ask(place, path)
    assert status in (200, 403, 404)
    assert "root:" not in text
    assert "sync_playwright" not in text


def test_a_wrong_address_is_a_page_that_the_server_forgets(place):
    for path in ("/nothing", "/cases", "/_nicegui/nothing"):
        status, headers, text = ask(place, path)
        assert status == 404
        assert "There is no such page" in text
        assert "<script" not in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_websocket_opens_for_our_pages_alone(place):
    ours = f"http://{place}"
    assert ask(place, SOCKET, Origin="http://elsewhere.example", **UPGRADE)[0] == 403
    assert ask(place, SOCKET, **UPGRADE)[0] == 403
    assert ask(place, SOCKET, Origin=ours, Cookie="", **UPGRADE)[0] == 403
    assert ask(place, SOCKET, Host="rebound.example", Origin=ours, **UPGRADE)[0] == 403
    connection = http.client.HTTPConnection(place, timeout=LONG)
    shown = {"Cookie": f"ceasefire={TOKEN}", "Origin": ours, **UPGRADE}
    connection.request("GET", SOCKET, headers=shown)
    assert connection.getresponse().status == 101
    connection.close()


def test_wrong_hosts_methods_and_bodies_are_refused(place):
    assert ask(place, "/", Host="rebound.example")[0] == 421
    assert ask(place, "/", "POST")[0] == 403
    assert (
        ask(place, "/", "POST", Origin=f"http://{place}", **{"Content-Length": "9" * 9})[0] == 413
    )
    assert ask(place, SOCKET.replace("websocket", "polling"))[0] == 403


def test_without_nicegui_a_problem_says_what_to_install(monkeypatch):
    monkeypatch.setattr("ceasefire.web.find_spec", lambda name: None)
    with pytest.raises(WebError, match=r"pip install 'ceasefire\[web\]'"):
        serve("cases", "127.0.0.1", 8123, None)
    assert importlib.util.find_spec("nicegui") is not None


def test_a_port_that_is_taken_is_a_problem(place):
    with pytest.raises(WebError, match="the address cannot be had"):
        serve("cases", "127.0.0.1", int(place.split(":")[1]), None)


def test_a_fault_is_said_once_and_a_slow_end_is_none():
    def record(message: str, line: int) -> logging.LogRecord:
        return logging.LogRecord("nicegui", logging.ERROR, "a.py", line, message, (29, "x"), None)

    lets_pass = FaultFilter().filter
    assert lets_pass(record("%s faults: %s", 1))
    assert not lets_pass(record("%s faults: %s", 1))
    assert lets_pass(record("%s faults: %s", 2))
    assert SLOW_END in inspect.getsource(background_tasks.teardown)
    assert not lets_pass(record(f"{SLOW_END} %s tasks within timeout: %s", 3))
