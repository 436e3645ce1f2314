"""A long random campaign: the package against the slow twin, on as many cases as there is time for.

`python verification/campaign.py 1000 7` draws 1000 cases from seed 7, asks both everything there is
to ask, prints every disagreement with its case, and ends with three numbers.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hypothesis import strategies as st

from support.case_strategies import small_cases, telling_cases
from support.drawn_cases import DrawnCase, draw_values
from support.question_strategies import with_questions
from support.signalling_strategies import signal_cases
from support.twin_comparison import Compared, compare
from twin import TooLargeError

Told = Callable[[str], Any]
LOOSEST = 1.0  # on a coarse grid a certificate may allow much, but never more than a probability


class Family(NamedTuple):
    """Cases of one kind: how many of ten, questions each, belief nodes, the twin's patience."""

    cases: st.SearchStrategy[DrawnCase]
    share: int
    questions: int
    grid: int | None
    most: int


FAMILIES = [
    Family(small_cases(hidden=0, horizon=3), 3, 99, None, 10**6),
    Family(small_cases(hidden=1, horizon=3), 2, 12, 33, 2000),
    Family(small_cases(hidden=2, horizon=2), 1, 8, 17, 2000),
    Family(signal_cases(hidden=1, horizon=2), 2, 12, 33, 4000),
    Family(telling_cases(hidden=1, horizon=2), 1, 12, 33, 2000),
    Family(signal_cases(hidden=2, horizon=1), 1, 4, 17, 4000),
]


def campaign(cases: int, seed: int, tell: Told = str) -> tuple[int, float, float]:
    """How many cases were compared, the largest difference without types, and with types.

    cases  how many to draw; those too large for the twin, or unresolved, are drawn and not counted
    tell   is given the text of every disagreement

    The first difference is absolute (per unit, for a number above 1); the second is a multiple of
    what the certificate of the result allows, so that 1 is its very end.
    """
    done, plain, typed = 0, 0.0, 0.0
    for family in FAMILIES:
        wanted = with_questions(family.cases, family.questions)
        for small, asked in draw_values(wanted, cases * family.share // 10, 10_000 * seed):
            try:
                rows = compare(
                    small.text, asked, most=family.most, grid=family.grid, loosest=LOOSEST
                )
            except TooLargeError:
                continue
            done += bool(rows)
            for row in rows:
                plain = max(plain, 0.0 if row.allowed else row.miss)
                typed = max(typed, row.ratio if row.allowed else 0.0)
                if not row.agree:
                    tell(_told(small, row, family.grid))
    return done, plain, typed


def _told(small: DrawnCase, row: Compared, grid: int | None) -> str:
    return f"{small.text}\n# {row} at {grid} nodes, {row.ratio:.3f} of the certificate\n"


if __name__ == "__main__":
    count, exact, relative = campaign(int(sys.argv[1]), int(sys.argv[2]), sys.stdout.write)
    text = f"{count} cases; without types {exact:.1e}; with types {relative:.3f} of the certificate"
    sys.stdout.write(f"{text}\n")
