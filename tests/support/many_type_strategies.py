"""Random cases in which a party has more than two types."""

import json
from typing import Any

from hypothesis import strategies as st

from support.case_strategies import TYPES, amounts, tenths
from support.drawn_cases import DrawnCase, as_yaml

MORE_TYPES = {"alva": ("wary", "torn"), "bran": ("numb", "coy")}


@st.composite
def with_more_types(
    draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase], most: int = 4
) -> DrawnCase:
    """A case in which the first party with types has three or four of them.

    A new type takes a share of what the last one had, in every prior; what it is paid, and what its
    moves cost it, differs from the last one's by a term of its own.
    """
    spec = json.loads(json.dumps(draw(cases).spec))
    party = next(name for name, about in spec["parties"].items() if "types" in about)
    fresh = MORE_TYPES[party][: draw(st.integers(1, most - 2))]
    about = spec["parties"][party]
    about["types"] = _split(about["types"], fresh, draw(st.sampled_from([0.5, 0.25, 0.7])))
    for observer, prior in about.get("believed_by", {}).items():
        about["believed_by"][observer] = _split(prior, fresh, draw(st.sampled_from([0.5, 0.1])))
    for kind in fresh:
        worth = draw(amounts(unknown=False))
        spec["payoffs"].setdefault(party, {})[f"of_{kind}"] = f"({worth}) if type == {kind} else 0"
        for move in spec["moves"].values():
            if move["by"] == party and draw(st.booleans()):
                more = f"({draw(tenths)} if type == {kind} else 0)"
                move["cost"] = f"({move.get('cost', 0)}) + {more}"
    return DrawnCase(as_yaml(spec), spec)


def kinds_of(spec: dict[str, Any], party: str) -> tuple[str, ...]:
    """The types of a party in a drawn case."""
    return tuple(spec["parties"][party].get("types", TYPES.get(party, ())))


def _split(prior: dict[str, Any], fresh: tuple[str, ...], share: float) -> dict[str, Any]:
    *first, last = prior
    found = {kind: float(prior[kind]) for kind in first}
    left = float(prior[last])
    for kind in fresh:
        found[kind] = round(left * share, 6)
        left -= found[kind]
    return {**found, last: round(1.0 - sum(found.values()), 6)}
