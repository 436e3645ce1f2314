"""How much is done, counted in calls: the same on every machine, however busy it is."""

import sys
from collections.abc import Callable
from typing import Any


def calls_made(function: Callable[..., object], *arguments: Any) -> int:
    """How many functions, of Python or of C, are called until it returns or raises.

    >>> calls_made(lambda: [abs(n) for n in range(100)]) >= 100
    True
    """
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return calls
