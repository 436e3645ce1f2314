"""`python -m verification [MODULE...]`: run checks, print one table, end with 1 if one fails.

An error in a module ends everything with its traceback: nothing is skipped.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from types import ModuleType

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


def rows(modules: Iterable[ModuleType]) -> Iterator[Row]:
    """The rows of these modules; on standard error what each of them took."""
    for module in modules:
        began, found = monotonic(), list(module.rows())
        print(f"{_name(module)}: {len(found)} checks, {monotonic() - began:.0f} s", file=sys.stderr)
        yield from found


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the modules that are asked for, all if none is; 1 if a check fails."""
    by_name = {_name(module): module for module in MODULES}
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "only", nargs="*", metavar="MODULE", help=f"all unless named: {', '.join(by_name)}"
    )
    names = parser.parse_args(arguments).only
    if unknown := [name for name in names if name not in by_name]:
        parser.error(f"no module {', '.join(unknown)}; there are {', '.join(by_name)}")
    chosen = [by_name[name] for name in names] or MODULES
    return report(list(rows(chosen)), () if names else LEFT_OUT)


if __name__ == "__main__":
    sys.exit(main())
