"""The reference: every argument of a public function is described where it is defined."""

import inspect
import re

import pytest

import ceasefire as cf

FUNCTIONS = [name for name in cf.__all__ if inspect.isfunction(getattr(cf, name))]


def undescribed(function) -> list[str]:
    """The arguments that the docstring has no line or words for."""
    text = inspect.getdoc(function) or ""
    return [
        name for name in inspect.signature(function).parameters
        if not re.search(rf"\b{name}\b", text)
    ]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_is_described(name):
    assert undescribed(getattr(cf, name)) == []


def test_an_argument_without_a_line_is_found():
    def double(number, times):
        """Twice the number."""

    assert undescribed(double) == ["times"]
