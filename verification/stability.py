"""Stability analysis against the twin on 1,000 random conflicts: about two minutes.

Half are in option form, with ties, patterns, one-way options and states unknown to some; half have
any moves, some of them joint. Every verdict on every party and coalition is compared.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from verification.table import Row

sys.path.append(str(Path(__file__).parents[1] / "tests"))
conflicts = import_module("support.random_conflicts")

CONFLICTS = 500
KINDS = {
    "in option form": conflicts.in_option_form,
    "with joint moves": conflicts.with_deals,
}


def rows() -> Iterator[Row]:
    """How many verdicts differ, for each kind of conflict."""
    for name, make in KINDS.items():
        wrong = sum(len(conflicts.differences(*make(seed))) for seed in range(CONFLICTS))
        check = f"stability: verdicts that differ from the twin's, {CONFLICTS} conflicts {name}"
        yield Row(check, 0, wrong, 0)
