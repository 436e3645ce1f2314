"""`python -m benchmarks`: measure everything in one go, print one table, draw one chart.

A wrong answer ends everything with its traceback; a missed target is said in the table and no
error. Times are processor seconds, taken in turns with what they are compared with.
"""

import json
import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from time import monotonic

from benchmarks import against
from benchmarks.chart import draw
from benchmarks.table import Effort, report

MODULES = (
    "nodes", "gambit", "backward", "power", "stability", "worlds", "many", "growth", "startup",
)  # fmt: skip


def main() -> None:
    """Read the options, measure, print, draw."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="MODULE", help=f"of {', '.join(MODULES)}")
    parser.add_argument("--quick", action="store_true", help="everything small, about a minute")
    parser.add_argument(
        "--patience", type=float, default=60.0, help="seconds Gambit may take (default 60)"
    )
    parser.add_argument("--chart", type=Path, help="write an SVG there")
    parser.add_argument("--json", type=Path, help="write the rows there")
    parser.add_argument("--record", type=Path, help="write there what later runs are compared with")
    parser.add_argument("--against", type=Path, help="say what is slower than was recorded there")
    asked = parser.parse_args()
    if strangers := set(asked.only) - set(MODULES):
        parser.error(f"no such module: {', '.join(sorted(strangers))}; one of {MODULES}")
    effort, found = Effort(asked.quick, asked.patience), []
    machine = against.machine_seconds()
    for name in asked.only or MODULES:
        began = monotonic()
        rows = list(import_module(f"benchmarks.{name}").rows(effort))
        print(f"{name}: {len(rows)} rows, {monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        found += rows
    report(found)
    if asked.chart is not None:
        draw(found, asked.chart)
    if asked.json is not None:
        asked.json.write_text(json.dumps([row.as_json() for row in found], indent=2) + "\n")
    if asked.against is not None:
        print(*against.lines(list(against.compare(found, asked.against, machine))), sep="\n")
    if asked.record is not None:
        against.record(found, asked.record, machine)


if __name__ == "__main__":
    main()
