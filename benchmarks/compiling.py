"""What a first question waits for: kernels compiled into an empty cache."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.startup import answered
from benchmarks.table import Effort, Row, within
from benchmarks.typed import OPED, SMALL, SMALL_QUESTION

LIMIT = 20.0
OPED_QUESTION = "P(lasting(not fighting, 4))"


def small_case(effort: Effort) -> Iterator[Row]:
    """The first question of a small case."""
    if not effort.quick:
        yield _compiled("compiling for the first `ask`, a small case", SMALL, SMALL_QUESTION)


def oped(effort: Effort) -> Iterator[Row]:
    """The first question of the op-ed."""
    if not effort.quick:
        yield _compiled("compiling for the first `ask`, the op-ed", OPED, OPED_QUESTION)


def _compiled(what: str, case: Path, question: str) -> Row:
    """The time beyond that of the same question once compiled; both must give the same answer."""
    with TemporaryDirectory() as folder:
        place = {"NUMBA_CACHE_DIR": folder}
        cold, first = answered(case, question, place)
        warm, again = answered(case, question, place)
    if first != again:
        raise AssertionError(f"{case.stem}: compiled anew {first}, then {again}")
    return within(what, [cold - warm], LIMIT, "41 to 65 s")


MEASUREMENTS = (small_case, oped)
