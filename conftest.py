"""What holds for all tests, also where files of tests run in processes side by side.

Without Chromium the tests in a browser are left out, which is said; CEASEFIRE_BROWSER=1 demands
them. Such processes are told how wide a terminal is, though none of them has one.
"""

import os
from pathlib import Path

import pytest

IN_A_BROWSER = Path(__file__).parent / "tests" / "browser"
LEFT_OUT = pytest.StashKey[bool]()
HELP = "install Chromium (Debian: apt-get install chromium)"

os.environ.pop("COLUMNS", None)
os.environ.pop("LINES", None)


def pytest_configure() -> None:
    """Refuse to leave out what is demanded."""
    if os.environ.get("CEASEFIRE_BROWSER") and _no_browser():
        raise pytest.UsageError(
            f"no Chromium is found, but the browser tests are asked for: {HELP}"
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none."""
    in_a_browser = [item for item in items if item.path.is_relative_to(IN_A_BROWSER)]
    if in_a_browser and _no_browser():
        config.hook.pytest_deselected(items=in_a_browser)
        items[:] = [item for item in items if item not in in_a_browser]
        config.stash[LEFT_OUT] = True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that tests were left out; processes side by side cannot say it themselves."""
    config = terminalreporter.config
    side_by_side = bool(config.getoption("numprocesses", None))
    if config.stash.get(LEFT_OUT, side_by_side and _no_browser()):
        terminalreporter.write_line(f"browser tests left out, no Chromium found: {HELP}")


def _no_browser() -> bool:
    from verification.browsing import chromium

    return chromium() is None
