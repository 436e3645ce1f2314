"""A real browser in front of a real server: each test on a page of its own, at both widths."""

from collections.abc import Iterator
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from ceasefire.case import Event
from ceasefire.settings import SolveSettings
from ceasefire.web import worker_tasks
from ceasefire.web.edited_case import EditedCase
from support.case_server import CASES, LONG, running_server
from support.page_checks import WIDTHS
from verification.browsing import BROWSER_ARGUMENTS, chromium


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server for all tests; kernels are compiled before it is asked."""
    import_module("ceasefire.web.worker_preload")
    file = CASES / "truce.yaml"
    refused = Event(period=0, kind="refused", target="talks.truce", by="north")
    draft = EditedCase(file.read_text(), str(file), str(CASES), added_events=(refused,))
    worker_tasks.check_task(lambda _: None, draft, SolveSettings(memory=1e9), 1)
    worker_tasks.update_task(lambda _: None, draft, SolveSettings(memory=1e9), 0)
    with running_server() as found:
        yield found


@pytest.fixture(scope="module")  # the browser keeps an event loop running until it is closed
def browser() -> Iterator[Browser]:
    """A browser for all tests."""
    expect.set_options(timeout=1e3 * LONG)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=list(BROWSER_ARGUMENTS))
        yield found
        found.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser, address: str) -> dict[str, BrowserContext]:
    """A browser of each width, which keeps scripts and styles from test to test."""
    return {
        name: browser.new_context(
            viewport={"width": width, "height": height}, base_url=address, accept_downloads=True
        )
        for name, (width, height) in WIDTHS.items()
    }


@pytest.fixture(scope="module", params=list(WIDTHS))
def width(request: pytest.FixtureRequest) -> str:
    """Whether the page is as wide as on a desktop or on a phone."""
    return request.param


@pytest.fixture
def page(width: str, contexts: dict[str, BrowserContext], address: str) -> Iterator[Page]:
    """A page that must load nothing from elsewhere and complain of nothing."""
    found, faults = contexts[width].new_page(), list[str]()
    found.set_default_timeout(1e3 * LONG)

    def asked(sent: Request) -> None:
        parts = urlsplit(sent.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(address).netloc:
            faults.append(f"asked {sent.url}")

    def said(message: ConsoleMessage) -> None:
        missing = "elsewhere" in message.location.get("url", "")  # asked for to see it refused
        if message.type in ("error", "warning") and not missing:
            faults.append(message.text)

    found.on("request", asked)
    found.on("console", said)
    found.on("pageerror", lambda error: faults.append(str(error)))
    yield found
    found.close()
    assert not faults
