"""Reads values out of a parsed file and keeps a list of everything that is wrong with them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ceasefire.case.document import HIDDEN
from ceasefire.errors import CaseError, Problem

LONGEST = 60


class Sheet:
    """The problems and warnings of one file; a fault never stops the reading."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def fault(self, found: Any, path: str, allowed: str, help: str = "") -> None:
        """Note a value that is not allowed."""
        shown = found if isinstance(found, str) else repr(found)
        if len(shown) > LONGEST:
            shown = shown[: LONGEST - 1] + "…"
        self.problems.append(
            Problem("is not allowed", self.file, path=path, found=shown, allowed=allowed, help=help)
        )

    def close(self) -> None:
        """Raise CaseError if anything was noted."""
        if self.problems:
            raise CaseError(self.problems)

    def mapping(self, thing: Any, path: str, needed: Sequence[str]) -> Mapping[str, Any]:
        """An object with these keys, an empty one where it is none."""
        if not isinstance(thing, dict):
            self.fault(thing, path, "an object, as in {…}")
            return {}
        for key in needed:
            if key not in thing:
                self.fault("missing", f"{path}.{key}" if path else key, "this key is needed")
        return thing

    def items(self, thing: Any, path: str) -> Sequence[Any]:
        """A list, an empty one where it is none."""
        if isinstance(thing, list):
            return thing
        self.fault(thing, path, "a list, as in […]")
        return []

    def text(self, thing: Any, path: str) -> str:
        """A text, empty where it is none."""
        if isinstance(thing, str) and HIDDEN.search(thing) is None:
            return thing
        self.fault(thing, path, "a text without control characters")
        return ""

    def index(self, thing: Any, path: str, end: int) -> bool:
        """Whether this is a whole number from 0 to below `end`; noted if not."""
        return self.indices([thing], path, 0, end)

    def indices(self, things: Sequence[Any], path: str, least: int, end: int) -> bool:
        """Whether these are whole numbers from `least` to below `end`; others are noted."""
        wrong = [
            thing
            for thing in things
            if not isinstance(thing, int) or isinstance(thing, bool) or not least <= thing < end
        ]
        for thing in wrong:
            self.fault(thing, path, f"a whole number, {least} to {end - 1}")
        return not wrong

    def others(self, mapping: Mapping[str, Any], path: str, known: Collection[str]) -> None:
        """Warn of keys that are not read."""
        for key in mapping:
            if key not in known:
                place = f"{path}.{key}" if path else str(key)
                self.warnings.append(Problem("is not read", self.file, path=place))
