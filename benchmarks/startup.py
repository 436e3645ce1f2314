"""What somebody waits for who has just typed a command: start, and a small case once compiled."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.table import Effort, Row, within
from benchmarks.typed import SMALL, SMALL_QUESTION, typed

HELP, ASK = 0.15, 0.8


def help_page(effort: Effort) -> Iterator[Row]:
    """The help page."""
    typed("--help")
    times = [typed("--help").seconds for _ in range(effort.pick(2, 9))]
    yield within("`ceasefire --help`", times, HELP, "143 ms")


def small_case(effort: Effort) -> Iterator[Row]:
    """A question of a small case, compiled before."""
    answer = answered(SMALL, SMALL_QUESTION)[1]
    times = []
    for _ in range(effort.pick(1, 7)):
        time, again = answered(SMALL, SMALL_QUESTION)
        times.append(time)
        if again != answer:
            raise AssertionError(f"asked again: {again}, not {answer}")
    yield within("`ask`, a small case, compiled", times, ASK, "1.4 to 2.5 s")


def answered(
    case: Path, question: str, changed: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """Wall-clock seconds of `ask`, and the answer at the best estimates.

    case      a case file
    question  a quantity
    changed   what the environment has besides
    """
    asked = typed("ask", str(case), question, "--json", changed=changed)
    return asked.seconds, float(json.loads(asked.text)["answers"][0]["best"])


MEASUREMENTS = (help_page, small_case)
