"""What a case says beside the game, and the same case in two files."""

from typing import Any

from hypothesis import strategies as st

from support.drawn_cases import DrawnCase, as_yaml, plain_steps


def add_annotations(draw: st.DrawFn, spec: dict[str, Any]) -> None:
    """What readers are told, what is claimed and what has happened: no part of the game."""
    noted = {"label": "It", "about": "What it is.", "unit": "payoff", "source": "paper"}
    spec |= {"title": "A small case", **noted, "period": draw(st.sampled_from(["day", "week"]))}
    spec["start"] = "2025-05-17"
    spec["sources"] = {
        "paper": {"title": "On it", "author": "A. N.", "published": "2025-05", "origin": "here"}
    }
    spec["unknowns"] |= {"v": {"label": "How v it is", "best": 0.5, "range": [0.0, 1.0]}}
    spec["experts"] = {"desk": {"name": "The desk", "weight": 2.0, **noted}}
    spec["unknowns"] |= {
        "judged": {
            "best": 0.5,
            "experts": {"desk": [0.1, 0.4, 0.8]},
            "is": "quantiles",
            "least": 0.05,
            "most": 1.0,
        }
    }
    spec["together"] = [["u", "v", 0.5]]
    spec["claims"] = {"it": {"says": "It is so.", "where": "p. 1", "test": "E(n) > 1", **noted}}
    spec["claims"] |= {"so": {"because": ["it"]}}
    spec["levers"] = {
        "raise_it": {"says": "Raise it.", "by": "alva", "set": "start={n: 2}", **noted}
    }
    parts = ("parties", "state", "unknowns", "moves", "promises", "chance", "tables")
    things = [each for name in parts for each in spec.get(name, {}).values()]
    things += [
        deal for table in spec.get("tables", {}).values() for deal in table["deals"].values()
    ]
    things += [outcome for thing in things for outcome in thing.get("outcomes", [])]
    for thing in things:
        thing |= noted
    for variable in spec["state"].values():
        variable["labels"] = {str(variable["start"]).lower(): "as at the start"}
    spec["parties"]["alva"]["name"] = "Alva"
    spec["events"] = [{"period": 0, "observed": {"n": 1}, **noted}]
    seen = [(move["by"], {"move": key}) for key, move in spec["moves"].items()]
    seen += [
        (move["by"], {"outcome": f"{key}.nothing"})
        for key, move in spec["moves"].items()
        if "outcomes" in move
    ]
    seen += [(one["by"], {"broken": name}) for name, one in spec.get("promises", {}).items()]
    for name, table in spec.get("tables", {}).items():
        deal = f"{name}.{next(iter(table['deals']))}"
        seen += [(name, {"idle": name}), (name, {"deal": deal})]
        if seat := _answering(table):
            seen += [(name, {kind: deal, "by": seat}) for kind in ("refused", "signed")]
    for name, thing in spec.get("chance", {}).items():
        seen += [(name, {"chance": f"{name}.goes"})] if "outcomes" in thing else []
    steps = {
        step if isinstance(step, str) else next(iter(step)) for step in plain_steps(spec["order"])
    }
    spec["events"] += [{"period": 0, **event} for step, event in seen if step in steps]


def _answering(table: dict[str, Any]) -> str | None:
    """A seat that may be asked about the first deal of a table."""
    asked = next(iter(table["deals"].values())).get("needs", table["seats"])
    proposes = table.get("proposes", table["seats"][0])
    return next((seat for seat in asked if seat != proposes), None)


@st.composite
def split_in_two_files(draw: st.DrawFn, small: DrawnCase) -> tuple[str, str]:
    """The same case as a rival that extends `base.yaml`, and that base: (rival, base)."""
    base: dict[str, Any] = {**small.spec, "conditions": {"calm": "n == 2", "gone": "fight"}}
    base["state"] = {**base["state"], "spare": {}}
    rival: dict[str, Any] = {"extends": "base.yaml", "state": {"spare": None}}
    rival["conditions"] = {"gone": None, **small.spec["conditions"]}
    for key in draw(
        st.lists(st.sampled_from(["moves", "payoffs", "order", "horizon"]), unique=True)
    ):
        rival[key] = base.pop(key)
    if "horizon" in rival:
        base["horizon"] = 9
    return as_yaml(rival), as_yaml(base)
