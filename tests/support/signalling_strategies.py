"""Random cases in which beliefs matter."""

from typing import Any

from hypothesis import strategies as st

from support.case_strategies import STATE, TYPES, drawn_party, tenths
from support.drawn_cases import DrawnCase, as_yaml

hundredths = st.integers(-100, 100).map(lambda k: k / 100)
prices = st.integers(0, 60).map(lambda k: k / 100)


@st.composite
def signal_cases(draw: st.DrawFn, hidden: int = 1, horizon: int = 1) -> DrawnCase:
    """Cases in which beliefs matter: alva shows something, bran answers, alva acts on its type.

    Words, a gesture at a table and a costly step are there or not; cato, who watches with a prior
    of its own, may have the last word but one. With two hidden parties bran shows something as
    well, and acts last: each reads the other before it acts.
    """
    kinds = {name: TYPES[name] for name in ("alva", "bran")[:hidden]}
    cato = draw(st.booleans())
    parties = ["alva", "bran", *["cato"] * cato]
    spec: dict[str, Any] = {"ceasefire": 1, "horizon": draw(st.integers(1, horizon))}
    spec["ending"] = draw(st.sampled_from(["nothing", "lasts"])) if horizon > 1 else "nothing"
    spec["unknowns"] = {"u": {"best": draw(tenths), "range": [0.1, 0.9]}}
    spec["parties"] = {name: draw(_signaller(name, kinds, parties)) for name in parties}
    spec["state"] = {name: {**about} for name, about in STATE.items()} | {"struck": {}}
    spec["state"]["fight"]["start"] = False
    spec["conditions"] = {"calm": "not fight and n < 2"}

    def stake(name: str) -> str:
        if name not in kinds:
            return str(draw(hundredths))
        return f"({draw(hundredths)} if type == {kinds[name][0]} else {draw(hundredths)})"

    spec["payoffs"] = {
        name: {
            "guard": f"{stake(name) if name == 'bran' else draw(hundredths)} * n",
            "war": f"{stake(name)} * 2 * fight",
            "both": f"{stake(name)} * fight * n",
        }
        for name in ("alva", "bran")
    }
    moves: dict[str, Any] = {
        "say": {"by": "alva", "cost": draw(_word_cost("alva"))},
        "shout": {"by": "alva", "cost": draw(_word_cost("alva")), "set": {"w": "high"}},
        "arm": {"by": "bran", "cost": draw(prices), "set": {"n": "min(n + 1, 2)"}},
        "attack": {"by": "alva", "cost": draw(prices), "set": {"fight": "true"}},
    }
    if cato:
        moves["help"] = {"by": "cato", "cost": draw(prices), "set": {"n": "min(n + 1, 2)"}}
        wants = f"{draw(hundredths)} * fight + {draw(hundredths)} * n * fight"
        spec["payoffs"]["cato"] = {"end": wants}
    bran: list[Any] = ["bran"]
    if hidden == 2:
        moves["warn"] = {"by": "bran", "cost": draw(_word_cost("bran"))}
        moves["strike"] = {"by": "bran", "cost": draw(prices), "set": {"struck": "true"}}
        for name in ("alva", "bran"):
            spec["payoffs"][name]["hurt"] = f"{stake(name)} * struck * (2 - fight)"
        shown = [["warn", "pass"], ["arm", "warn", "pass"], ["arm", "pass"]]
        bran = [{"bran": draw(st.sampled_from(shown))}, {"bran": ["strike", "pass"]}]
    spec["moves"] = {f"{move['by']}.{name}": move for name, move in moves.items()}
    spec["tables"] = {"talks": {"seats": ["alva", "bran"], "deals": {"swap": {}}}}
    words = [["say", "pass"], ["say", "shout", "pass"], ["shout", "pass"]]
    begin = draw(st.sampled_from([*({"alva": each} for each in words), "talks"]))
    acts = {"alva": ["attack", "pass"]}
    spec["order"] = [begin, bran[0], *["cato"] * cato, acts, *bran[1:]]
    return DrawnCase(as_yaml(spec), spec)


@st.composite
def _signaller(
    draw: st.DrawFn, name: str, kinds: dict[str, tuple[str, str]], parties: list[str]
) -> dict[str, Any]:
    party = draw(drawn_party(name, kinds, parties))
    return party | {"precision": draw(st.sampled_from([4, 2, 8, 15])), "patience": 0.7}


def _word_cost(name: str) -> st.SearchStrategy[str]:
    """What a word costs: nothing, a hair for one type, or something for each."""
    first, second = TYPES[name]
    cheap = ["0", f"0.001 if type == {second} else 0", f"0.02 if type == {first} else 0"]
    dear = st.builds(f"{{}} if type == {first} else {{}}".format, prices, prices)
    return st.one_of(dear, st.sampled_from(cheap))
