"""Packages import their names when they are first asked for, so that a command starts soon."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def import_when_asked(
    package: str, names_by_module: Mapping[str, Sequence[str]]
) -> Callable[[str], Any]:
    """The `__getattr__` of a package: a name is imported when it is first asked for.

    package          the package
    names_by_module  which names come from which module

    >>> from_door = import_when_asked("ceasefire.ensemble", {"ceasefire.shares": ["VERDICTS"]})
    >>> from_door("VERDICTS")[0]
    'holds'
    >>> from_door("VERDICT")
    Traceback (most recent call last):
    AttributeError: module 'ceasefire.ensemble' has no attribute 'VERDICT'
    """
    module_of = {name: module for module, names in names_by_module.items() for name in names}

    def get(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(module_of[name]), name)

    return get
