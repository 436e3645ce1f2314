"""What holds for all tests, also where files of tests run in processes side by side.

Without Chromium the tests in a browser are left out, which is said; CEASEFIRE_BROWSER=1 demands
them. Such processes are told how wide a terminal is, though none of them has one.
"""

import os
from pathlib import Path

import pytest

from verification.browsing import chromium

IN_A_BROWSER = Path(__file__).parent / "tests" / "browser"
HELP = "install Chromium (Debian: apt-get install chromium)"

os.environ.pop("COLUMNS", None)
os.environ.pop("LINES", None)


def pytest_configure() -> None:
    """Refuse to leave out what is demanded."""
    if os.environ.get("CEASEFIRE_BROWSER") and chromium() is None:
        raise pytest.UsageError(
            f"no Chromium is found, but the browser tests are asked for: {HELP}"
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none."""
    if chromium() is not None:
        return
    left_out = [item for item in items if item.path.is_relative_to(IN_A_BROWSER)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that tests were left out."""
    if chromium() is None:
        terminalreporter.write_line(f"browser tests left out, no Chromium found: {HELP}")
