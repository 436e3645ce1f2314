"""What an analyst waits for: the commands on a case with one hidden type and 146 states.

Wall-clock time of the command as it is typed, the workers of all cores included. The same command
runs before on a small case, so that nothing is compiled while it is timed.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import TimeoutExpired
from tempfile import TemporaryDirectory

from benchmarks.table import Effort, Row, seconds, within
from benchmarks.typed import COLOMBIA, ROOT, typed

CHECK, UPDATE, REPORT = 60.0, 20.0, 90.0
SMALL_WITH_EVENTS = str(ROOT / "tests/browser/cases/told.yaml")
# The shipped case records no events: these are what happened in its first two and a half years.
EVENTS = """
events:
  - {period: 0, deal: havana.chapter, source: agenda}
  - {period: 1, deal: havana.chapter, source: agenda}
  - {period: 3, observed: {office: santistas}, source: elections}
  - {period: 4, observed: {fighting: true, accord: false}, source: agenda}
"""


def check(effort: Effort) -> Iterator[Row]:
    """A check of Colombia."""
    typed("check", SMALL_WITH_EVENTS, "--worlds", "2")
    worlds, flips = effort.pick(2, 16), ["--no-flips", "--tilt", "0"] if effort.quick else []
    what = f"Colombia, `check --worlds {worlds}` with what turns the claims"
    words = ("check", str(COLOMBIA), "--worlds", str(worlds), *flips)
    yield _waited(what, CHECK, "killed at 590 s", words)


def update(effort: Effort) -> Iterator[Row]:
    """An update of Colombia by four events."""
    with TemporaryDirectory() as folder:
        case = Path(folder) / COLOMBIA.name
        case.write_text(COLOMBIA.read_text() + EVENTS)
        typed("update", SMALL_WITH_EVENTS, "--worlds", "2")
        worlds = effort.pick(1, 8)
        what = f"Colombia with four events, `update --worlds {worlds}`"
        yield _waited(what, UPDATE, "2 min", ("update", str(case), "--worlds", str(worlds)))


def report(effort: Effort) -> Iterator[Row]:
    """A report on Colombia."""
    with TemporaryDirectory() as folder:
        page = str(Path(folder) / "report.html")
        typed("report", SMALL_WITH_EVENTS, "-o", page, "--worlds", "2")
        less = ["--worlds", "0", "--no-flips"] if effort.quick else []
        words = ("report", str(COLOMBIA), "-o", page, *less)
        yield _waited("Colombia, `report`", REPORT, "8 min 20 s", words)


def _waited(what: str, limit: float, before: str, words: tuple[str, ...]) -> Row:
    """How long a command took; of one that was stopped for taking too long, after how long."""
    try:
        return within(what, [typed(*words).seconds], limit, before)
    except TimeoutExpired as stopped:
        row = within(what, [stopped.timeout], limit, before)
        return replace(row, ours=f"more than {seconds(stopped.timeout)}")


MEASUREMENTS = (check, update, report)
