"""`python -m verification`: run every check, print one table, end with status 1 if one fails.

An error in a module ends everything with its traceback: nothing is skipped.
"""

import sys
from collections.abc import Iterator
from time import monotonic

from verification import (
    certificates,
    closed_forms,
    gambit,
    imported_games,
    laws,
    neighbours,
    pastwars,
    prism,
    published_models,
    recovery,
    sampling,
    sensitivity_families,
    share_coverage,
    signalling_games,
    stability,
)
from verification.oracles import LEFT_OUT
from verification.table import Row, report

MODULES = (
    gambit,
    imported_games,
    closed_forms,
    published_models,
    neighbours,
    prism,
    laws,
    signalling_games,
    certificates,
    sampling,
    sensitivity_families,
    share_coverage,
    stability,
    pastwars,
    recovery,
)


def rows() -> Iterator[Row]:
    """The rows of all modules; on standard error what each of them took."""
    for module in MODULES:
        began, found = monotonic(), list(module.rows())
        name = module.__name__.rpartition(".")[2]
        print(f"{name}: {len(found)} checks, {monotonic() - began:.0f} s", file=sys.stderr)
        yield from found


if __name__ == "__main__":
    sys.exit(report(list(rows()), LEFT_OUT))
