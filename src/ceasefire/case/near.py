"""The name that somebody may have meant."""

import difflib
from collections.abc import Iterable

MOST_NAMES = 300  # more are not searched for the closest one: each takes a while


def closest(name: str, known: Iterable[object]) -> str:
    """A way out for a name that does not exist: the closest one that does, or nothing.

    >>> closest("ceasfire", ["swap", "ceasefire"])
    'did you mean ceasefire?'
    """
    listed = [str(other) for other in known]
    if len(listed) > MOST_NAMES:
        return ""
    found = difflib.get_close_matches(name, listed, 1, 0.6)
    return f"did you mean {found[0]}?" if found else ""
