"""A drawn case with an unknown of its own in every number that may read one."""

import copy
from typing import Any

from support.drawn_cases import DrawnCase, as_yaml

SCALED = ("cost", "weight", "chance", "meets", "breach", "patience", "precision")


def with_unknown_in_every_number(small: DrawnCase) -> DrawnCase:
    """The same case, each number times an unknown that is 1 at best and no less than a half."""
    spec = copy.deepcopy(small.spec)
    names: list[str] = []

    def times_unknown(value: Any) -> str:
        names.append(f"v{len(names)}")
        return f"({value}) * {names[-1]}"

    def scale(entry: dict[str, Any], default: dict[str, Any]) -> None:
        for key in SCALED:
            if isinstance(entry.get(key, default.get(key)), dict):
                entry[key] = {name: times_unknown(value) for name, value in entry[key].items()}
            elif key in entry or key in default:
                entry[key] = times_unknown(entry.get(key, default.get(key)))
        for outcome in entry.get("outcomes", ()):
            outcome["chance"] = times_unknown(outcome["chance"])

    for party in spec["parties"].values():
        scale(party, {"patience": 0.98, "precision": 20})
        for types in [party.get("types", {}), *party.get("believed_by", {}).values()]:
            for name, other in zip(types, list(types)[1:], strict=False):
                types[name] = times_unknown(types[name])
                types[other] = f"1 - {types[name]}"
    for terms in spec["payoffs"].values():
        terms.update({name: times_unknown(value) for name, value in terms.items()})
    for move in spec["moves"].values():
        scale(move, {"cost": 0.1, "weight": 1})
    for table in spec.get("tables", {}).values():
        scale(table, {"meets": 1})
        for deal in table["deals"].values():
            scale(deal, {"weight": 1})
    for each in (*spec.get("promises", {}).values(), *spec.get("chance", {}).values()):
        scale(each, {})
    spec["unknowns"].update({name: {"best": 1.0, "range": [0.5, 1.0]} for name in names})
    return DrawnCase(as_yaml(spec), spec)
