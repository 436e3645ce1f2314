"""Drawing random values outside of a test, and writing a drawn case down."""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML


class DrawnCase(NamedTuple):
    """A drawn case: its text, and what questions may name in it."""

    text: str
    spec: dict[str, Any]


def draw_values(strategy: st.SearchStrategy[Any], count: int, begin: int = 0) -> Iterator[Any]:
    """So many values of a strategy, the same ones each time.

    They are drawn a few at a time, the plainest left out: Hypothesis soon repeats itself.
    """
    for number in range(-(-count // 4)):
        yield from _few(strategy, begin + number)[: count - 4 * number]


def _few(strategy: st.SearchStrategy[Any], number: int) -> list[Any]:
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found[1:]


def as_yaml(spec: dict[str, Any]) -> str:
    """The case as the text an analyst would write."""
    yaml = YAML()
    yaml.default_flow_style = False
    text = io.StringIO()
    yaml.dump(spec, text)
    return text.getvalue()


def plain_steps(order: list[Any]) -> list[Any]:
    """The entries of an order, those of a shuffle one by one."""
    return [
        step
        for entry in order
        for step in (
            entry["shuffle"] if isinstance(entry, dict) and "shuffle" in entry else [entry]
        )
    ]
