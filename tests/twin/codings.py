"""Rival ways to write a case, from the words of the format alone: one text for each coding."""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from ceasefire.case import Case, loads

DISTRIBUTIONS = ("range", "triangle", "normal", "lognormal", "oneof")
WITH_EXPERTS = ("experts", "is", "least", "most")


class Codings:
    """The text of a case, read anew for every combination of options."""

    def __init__(self, text: str) -> None:
        self.written = YAML(typ="rt").load(text)
        self.alternatives = self.written.pop("alternatives", {})
        self._read: dict[tuple[str, ...], Case] = {}

    def case(self, chosen: Mapping[str, str]) -> Case:
        """The case with these options, of every other alternative the best one, else the first."""
        options = {
            name: chosen.get(name, about.get("best", next(iter(about["options"]))))
            for name, about in self.alternatives.items()
        }
        key = tuple(options.values())
        if key not in self._read:
            tree = self.written
            for name, option in options.items():
                tree = patched(tree, self.alternatives[name]["options"][option])
            text = io.StringIO()
            YAML(typ="rt").dump(tree, text)
            self._read[key] = loads(text.getvalue())
        return self._read[key]


def patched(tree: Any, patch: Any, above: tuple[str, ...] = ()) -> Any:
    """The tree with a patch: mappings key by key, null removes, all else takes its place."""
    if not isinstance(tree, dict) or not isinstance(patch, dict):
        return patch
    gone: tuple[str, ...] = ()
    if above[:1] == ("unknowns",) and len(above) == 2:
        if any(patch.get(name) is not None for name in DISTRIBUTIONS):
            gone = (*DISTRIBUTIONS, *WITH_EXPERTS)
        elif patch.get("experts") is not None and "experts" not in tree:
            gone = (*DISTRIBUTIONS, "best")
        elif "experts" in patch and patch["experts"] is None:
            gone = WITH_EXPERTS
    found = {name: value for name, value in tree.items() if name not in gone}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = patched(tree.get(name), value, (*above, name))
    return found
