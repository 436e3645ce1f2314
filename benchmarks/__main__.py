"""`python -m benchmarks [PART …]`: measure, print one table, keep the figures, write the page.

A missed target is said in the table and no error. What goes wrong in one measurement is a row that
says so, and the status is 1 in the end. Times are processor seconds, taken in turns with what they
are compared with; those of commands as typed are wall-clock time.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

from benchmarks import against, runs
from benchmarks.table import Effort, report


def main() -> int:
    """Read the options, measure, print; gives the status."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="PART", help=f"of {', '.join(runs.PARTS)}")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="everything small, a few minutes")
    size.add_argument("--full", action="store_true", help="256 and a million worlds, not a part")
    parser.add_argument(
        "--patience", type=float, default=60.0, help="seconds Gambit may take (default 60)"
    )
    parser.add_argument("--json", type=Path, help="keep the figures of each part there")
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page")
    parser.add_argument("--record", type=Path, help="write there what later runs are compared with")
    parser.add_argument("--against", type=Path, help="say what is slower than was recorded there")
    asked = parser.parse_args()
    if strangers := set(asked.only) - set(runs.PARTS):
        parser.error(f"no such part: {', '.join(sorted(strangers))}; one of {runs.PARTS}")
    if asked.page:
        from benchmarks.chart import draw  # slow to import

        runs.write_page(asked.json or runs.FILE)
        draw([row for _, rows in runs.read(asked.json or runs.FILE) for row in rows], runs.CHART)
        return 0
    effort = Effort(asked.quick, asked.full, asked.patience)
    machine, parts = against.machine_seconds(), []
    for name in asked.only or runs.PARTS:
        parts.append(runs.measure(name, effort))
        runs.say(parts[-1])
        if asked.json is not None:
            runs.keep(parts[-1], asked.json)
    found = [row for part in parts for row in part.rows]
    report(found)
    if asked.against is not None:
        print(*against.lines(list(against.compare(found, asked.against, machine))), sep="\n")
    if asked.record is not None:
        against.record(found, asked.record, machine)
    return int(any(part.wrong for part in parts))


if __name__ == "__main__":
    sys.exit(main())
