"""Every closed form of `oracles.yaml` against what the package answers."""

import math
from collections.abc import Iterator

from ceasefire.ensemble import ask
from verification.oracles import ORACLES, case_of
from verification.table import Row


def rows() -> Iterator[Row]:
    """One row for each number of the literature; nan for an answer that is not to be relied on."""
    for oracle in ORACLES:
        answers = ask(case_of(oracle.case), oracle.question, certify=False)
        best = answers.answers[0].best
        yield Row(
            f"{oracle.source} ({oracle.case}): {oracle.question}",
            float(oracle.expected),
            math.nan if best is None or answers.numerics.unresolved else float(best),
            oracle.tolerance,
        )
