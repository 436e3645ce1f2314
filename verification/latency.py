"""How long does a person wait on the pages? A real Chromium, alone and beside two busy loops.

    python -m verification.latency [--rounds N] [--report WORLDS]

Each step begins on a page of its own, is done several times, and is timed from the click to the
answer on the screen, not to the first sign of life. The last two rows are over a line of 3G.
"""

import argparse
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from verification.browsing import BROWSER_ARGUMENTS, chromium
from verification.load import serving

SHIPPED = Path(__file__).parents[1] / "cases"
PATIENCE = 3600.0  # seconds after which an answer will not come
DESK = {"width": 1280, "height": 900}
SLOW_LINE = {  # Chromium's "Fast 3G"
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.44e6 / 8,
    "uploadThroughput": 0.675e6 / 8,
}


@dataclass(frozen=True)
class Scene:
    """What is opened and touched.

    small  a case that is solved at once
    large  a case that takes seconds
    table  a switch on the large case
    party  a party of the large case
    """

    small: str = "coalition-2025.yaml"
    large: str = "ukraine-2025.yaml"
    table: str = "Washington and Moscow"
    party: str = "Russia"


@dataclass(frozen=True)
class Step:
    """Something that a person does.

    name     what it is called in the table
    prepare  brings a new page to where it is done
    act      does it, and comes back when the answer stands on the screen
    slow     whether the line is slow
    """

    name: str
    prepare: Callable[[Page], None]
    act: Callable[[Page], None]
    slow: bool = False


def steps(scene: Scene, report_worlds: int | None = None) -> tuple[Step, ...]:
    """What is timed.

    scene          what is opened and touched
    report_worlds  worlds of a report of the large case; None leaves the report out
    """

    def nowhere(_: Page) -> None:
        return

    def front(page: Page) -> None:
        page.goto("/")
        page.locator(".case-verdict").first.filter(has_text=".").wait_for()

    def opens(name: str) -> Callable[[Page], None]:
        return lambda page: _open(page, name)

    found = [
        Step("front page", nowhere, front),
        Step("open the small case", nowhere, opens(scene.small)),
        Step("move a slider, small case", opens(scene.small), _move_a_slider),
        Step("log an event, small case", lambda page: _tab(page, scene.small, "Events"), _log),
        Step("open the large case", nowhere, opens(scene.large)),
        Step(
            "switch a table off, large case",
            opens(scene.large),
            lambda page: _switch_off(page, scene.table),
        ),
        Step(
            f"why, {scene.party}, large case",
            lambda page: _tab(page, scene.large, "Why"),
            lambda page: _why(page, scene.party),
        ),
        Step("front page, 3G", nowhere, front, slow=True),
        Step("open the small case, 3G", nowhere, opens(scene.small), slow=True),
    ]
    if report_worlds is not None:
        found.append(
            Step(
                f"report over {report_worlds} worlds, large case",
                lambda page: _tab(page, scene.large, "Save"),
                lambda page: _report(page, report_worlds),
            )
        )
    return tuple(found)


def _open(page: Page, name: str) -> None:
    page.goto(f"/case/{name}")
    page.locator("[role=status]").filter(has_text="At the best estimates").wait_for()


def _tab(page: Page, name: str, tab: str) -> None:
    _open(page, name)
    page.get_by_role("tab", name=tab).click()


def _move_a_slider(page: Page) -> None:
    slider = page.locator("input[type=range]").first
    slider.focus()
    slider.press("ArrowRight")
    page.locator("[role=status]").filter(has_text="Where you have moved it").wait_for()


def _switch_off(page: Page, table: str) -> None:
    page.get_by_role("switch", name=table).first.click()
    page.locator("[role=status]").filter(has_text="Where you have moved it").wait_for()


def _log(page: Page) -> None:
    page.get_by_role("button", name="Log it").click()
    page.get_by_text("1 event taken into account.").wait_for()


def _why(page: Page, party: str) -> None:
    page.get_by_role("button", name=party, exact=True).click()
    page.get_by_text(f"{party} is explained below.").wait_for()


def _report(page: Page, worlds: int) -> None:
    page.get_by_role("combobox", name="From").click()
    name = f"{worlds} worlds" if worlds else "best estimates alone"
    page.get_by_role("option", name=name, exact=True).click()
    page.get_by_role("button", name="Write the report").click()
    page.get_by_text("The report is written").wait_for()


def measure(browser: Browser, address: str, step: Step, rounds: int) -> list[float]:
    """Seconds that a step takes, each time on a new page of a browser without a cache.

    browser  the browser
    address  where the pages are served
    step     what is done
    rounds   how often
    """
    seconds = []
    for _ in range(rounds):
        context = browser.new_context(viewport=DESK, base_url=address)  # type: ignore[arg-type]
        context.set_default_timeout(1e3 * PATIENCE)
        page = context.new_page()
        if step.slow:
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_LINE)
        step.prepare(page)
        began = time.perf_counter()
        step.act(page)
        seconds.append(time.perf_counter() - began)
        context.close()
    return seconds


def _spin() -> None:
    while True:
        pass


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """So many processes that do nothing but keep a core busy."""
    loops = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(count)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


def table(quiet: dict[str, list[float]], busy: dict[str, list[float]]) -> str:
    """The seconds of each step, alone and beside busy loops, as Markdown.

    quiet  by step, what each time took
    busy   the same beside busy loops

    >>> print(table({"front page": [0.5, 0.4, 0.9]}, {"front page": [1.0]}))
    | step | median | slowest | beside two busy loops | slowest |
    | --- | --: | --: | --: | --: |
    | front page | 0.5 s | 0.9 s | 1.0 s | 1.0 s |
    """
    lines = [
        "| step | median | slowest | beside two busy loops | slowest |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, seconds in quiet.items():
        cells = []
        for found in (seconds, busy.get(name, [])):
            cells += [f"{f(found):.1f} s" if found else "" for f in (statistics.median, max)]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def _wait_until_ready(browser: Browser, address: str, cases: int) -> None:
    """Until every case on the front page has its verdict: the server has nothing left to do."""
    page = browser.new_page(base_url=address)
    page.set_default_timeout(1e3 * PATIENCE)
    page.goto("/")
    page.wait_for_function(
        "count => [...document.querySelectorAll('.case-verdict')]"
        ".filter(one => one.textContent).length >= count",
        arg=cases,
    )
    page.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve both cases, time every step alone and beside busy loops, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loops", type=int, default=2)
    parser.add_argument("--report", type=int, choices=(0, 16, 64), help="worlds; once, and quiet")
    asked = parser.parse_args(arguments)
    scene, quiet, busy = Scene(), dict[str, list[float]](), dict[str, list[float]]()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        names = (scene.small, scene.large)
        for name in names:
            shutil.copy(SHIPPED / name, folder)
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(BROWSER_ARGUMENTS)
        )
        with serving(Path(folder)) as (address, _):
            _wait_until_ready(browser, address, len(names))
            timed = steps(scene, asked.report)
            for step in timed:
                once = step.name.startswith("report")
                quiet[step.name] = measure(browser, address, step, 1 if once else asked.rounds)
                print(f"{step.name}: {quiet[step.name]}", file=sys.stderr)
            with busy_loops(asked.loops):
                for step in timed:
                    if not step.name.startswith("report"):
                        busy[step.name] = measure(browser, address, step, asked.rounds)
                        print(f"busy, {step.name}: {busy[step.name]}", file=sys.stderr)
        browser.close()
    print(table(quiet, busy))
    return 0


if __name__ == "__main__":
    sys.exit(main())
