"""Draws `docs/check.svg` from a real check of the op-ed: `make picture`."""

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ceasefire.case import load
from ceasefire.ensemble import check
from ceasefire.render.check_summary import check_summary
from ceasefire.render.console import ProgressBar

ROOT = Path(__file__).parents[1]


def draw(worlds: int) -> None:
    """Check the op-ed in so many worlds and save what the terminal shows."""
    case = load(str(ROOT / "cases" / "ukraine-2025.yaml"))
    with ProgressBar(f"{worlds} worlds") as bar:
        checked = check(case, worlds, flips=False, progress=bar)
    console = Console(record=True, width=104, highlight=False)
    console.print(Text(f"$ ceasefire check cases/ukraine-2025.yaml --worlds {worlds}", "bold"))
    console.print(check_summary(case, checked))
    console.save_svg(str(ROOT / "docs" / "check.svg"), title=case.title)


if __name__ == "__main__":
    draw(int(sys.argv[1]) if len(sys.argv) > 1 else 64)
