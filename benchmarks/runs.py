"""Parts of a run: each measured by itself, kept in one JSON file, and shown on the page.

What goes wrong in one measurement is a row that says so, and the next one follows. The file holds
the last run of each part, with the commit it was of.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from traceback import print_exc
from typing import Any

from llvmlite import binding

from benchmarks.table import HEADINGS, Effort, Row, title, unmeasured

PARTS = (
    "startup", "compiling", "worlds", "many", "commands", "quick", "lint", "nodes", "backward",
    "machines", "gambit", "power", "stability", "growth",
)  # fmt: skip
ROOT = Path(__file__).parents[1]
FILE, PAGE = ROOT / "benchmarks/measured.json", ROOT / "docs/benchmarks.md"
CHART = ROOT / "docs/bench.svg"
BEGIN, END = "<!-- begin of the table -->", "<!-- end of the table -->"
WRITTEN = ("benchmarks/measured.json", "docs/benchmarks.md", "docs/bench.svg")


@dataclass(frozen=True)
class Part:
    """What one part of a run came to.

    rows    what was measured
    wrong   measurements that ended with an error other than a program that is missing
    facts   when, of which commit, how large, how long
    """

    name: str
    rows: tuple[Row, ...]
    wrong: int
    facts: dict[str, Any]


def measure(name: str, effort: Effort) -> Part:
    """Measure one part; each of its measurements by itself.

    name    one of `PARTS`
    effort  how much is measured
    """
    began, rows, wrong = monotonic(), list[Row](), 0
    facts = {"began": datetime.now(UTC).isoformat(timespec="seconds"), **_state(), **_machine()}
    try:
        measurements = import_module(f"benchmarks.{name}").MEASUREMENTS
    except ModuleNotFoundError as error:
        measurements = ()
        rows.append(unmeasured(name, f"{error.name} is not installed"))
    for one in measurements:
        what = f"{name}: {one.__doc__.splitlines()[0].rstrip('.')}"
        try:
            for row in one(effort):
                rows.append(row)
        except ModuleNotFoundError as error:
            rows.append(unmeasured(what, f"{error.name} is not installed"))
        except subprocess.TimeoutExpired as error:
            rows.append(unmeasured(what, f"took more than {error.timeout:.0f} s"))
            wrong += 1
        except Exception as error:  # noqa: BLE001, one failure must not cost the other rows
            print_exc()
            rows.append(unmeasured(what, _last_words(error)))
            wrong += 1
    minutes = round((monotonic() - began) / 60, 1)
    return Part(name, tuple(rows), wrong, {**facts, "size": effort.name, "minutes": minutes})


def _last_words(error: Exception) -> str:
    """One line of what went wrong; the traceback is on standard error."""
    said = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {said[-1].strip()}"


def _state() -> dict[str, Any]:
    """Which commit this is, and whether anything but what a run writes was changed since."""
    try:
        commit = _git("rev-parse", "--short=10", "HEAD").strip()
        changed = [line[3:] for line in _git("status", "--porcelain").splitlines()]
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "clean": None}
    return {"commit": commit, "clean": all(file in WRITTEN for file in changed)}


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _machine() -> dict[str, Any]:
    return {
        "processor": binding.get_host_cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "numba": version("numba"),
    }


def keep(part: Part, file: Path) -> None:
    """Put a part into the file, in place of its last run.

    part  what was measured
    file  a JSON file; begun where there is none
    """
    kept = json.loads(file.read_text())["parts"] if file.exists() else {}
    kept[part.name] = {**part.facts, "rows": [row.as_json() for row in part.rows]}
    ordered = {name: kept[name] for name in PARTS if name in kept}
    file.write_text(json.dumps({"parts": ordered}, indent=1, ensure_ascii=False) + "\n")


def read(file: Path = FILE) -> list[tuple[dict[str, Any], list[Row]]]:
    """Of each part that the file has its facts and its rows, in the order of `PARTS`."""
    parts = json.loads(file.read_text())["parts"].values()
    return [
        (
            {name: value for name, value in part.items() if name != "rows"},
            [Row.from_json(row) for row in part["rows"]],
        )
        for part in parts
    ]


def page_table(file: Path = FILE) -> list[str]:
    """The lines of Markdown between the two marks on the page."""
    parts = read(file)
    rows = [row for _, found in parts for row in found]
    return [
        BEGIN,
        "",
        f"{title(rows)}. {_origin([facts for facts, _ in parts])}",
        "",
        _line(HEADINGS),
        _line(["---"] * len(HEADINGS)),
        *(_line(row.cells()) for row in rows),
        "",
        *_notes(rows),
        END,
    ]


def _origin(parts: Iterable[dict[str, Any]]) -> str:
    """From what all figures are, in a sentence; several commits are all named."""
    parts = list(parts)
    commits = dict.fromkeys(
        f"{part['commit']}{'' if part['clean'] else ' with changes'}" for part in parts
    )
    days = sorted({part["began"][:10] for part in parts})
    sizes = dict.fromkeys(part["size"] for part in parts)
    machines = dict.fromkeys(
        f"{part['cores']} cores ({part['processor']}), Python {part['python']}, "
        f"Numba {part['numba']}"
        for part in parts
    )
    minutes = sum(part["minutes"] for part in parts)
    return (
        f"Measured at {', '.join(commits)} on {', '.join(days)} in {minutes:.0f} minutes, "
        f"size {', '.join(sizes)}: {'; '.join(machines)}."
    )


def _notes(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row.note:
            yield f"- **{row.what}.** {row.note}"
            yield ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def write_page(file: Path = FILE, page: Path = PAGE) -> None:
    """Put the table of the file between the two marks on the page.

    Raises ValueError for a page without the marks.
    """
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no place for the table: {BEGIN} … {END}")
    page.write_text(before + "\n".join(page_table(file)) + after)


def say(part: Part) -> None:
    """Say on standard error that a part is done."""
    print(
        f"{part.name}: {len(part.rows)} rows, {part.facts['minutes']} min",
        file=sys.stderr,
        flush=True,
    )
