"""Random small cases over the whole format, as YAML text, and questions that fit them.

The public facts are always the same three (a boolean, a whole number, a word), and the parties two
or three of alva, bran and cato; all the rest is drawn. Games stay small enough for the slow twin:
few steps, few periods, and few choices by parties with types.
"""

import json
from typing import Any

from hypothesis import strategies as st

from support.annotation_strategies import add_annotations
from support.drawn_cases import DrawnCase, as_yaml

STATE: dict[str, dict[str, Any]] = {
    "fight": {"start": True},
    "n": {"values": "0..2", "start": 0},
    "w": {"values": ["low", "high"], "start": "low"},
}
TYPES = {"alva": ("firm", "soft"), "bran": ("true_hand", "sly")}
tenths = st.integers(1, 9).map(lambda k: k / 10)
TESTS = """
fight; not fight; n > 0; n < 2; w == high; w != high; calm; 0 <= n < 2; n >= 1 and fight;
w in (low, high); not (fight or n == 2); n in (0, 2)
"""
tests = st.sampled_from([test.strip() for test in TESTS.split(";")])
atoms = st.sampled_from(["fight", "n", "(w == high)", "(w == low) * n", "0.5", "(n > 0)"])
SET = {
    "fight": ["true", "false", "not fight", "n == 0 or fight"],
    "n": ["0", "1", "2", "min(n + 1, 2)", "max(n - 1, 0)", "(n + 1) % 3", "2 - n"],
    "w": ["low", "high", "high if fight else low", "low if w == high else high"],
}


def amounts(*, unknown: bool, kinds: tuple[str, str] | None = None) -> st.SearchStrategy[str]:
    """Numbers over the state, of size about one; with unknowns or the type where that is read."""
    sizes = tenths.map(str)
    factors = st.one_of(sizes, st.just("u")) if unknown else sizes
    shapes = ["{f} * {a}", "-{f} * {a}", "{f} * max({a}, {b} / 2)", "{f} * abs({a} - {b})"]
    shapes += ["{f} if {t} else -{f} * {a}", "{f} * {a} * exp(-{b})", "{f} * {a} ** 2 / 2", "{f}"]
    plain = st.builds(
        lambda shape, f, a, b, t: shape.format(f=f, a=a, b=b, t=t),
        st.sampled_from(shapes), factors, atoms, atoms, tests,
    )  # fmt: skip
    if kinds is None:
        return plain
    return st.one_of(
        plain,
        st.builds(
            lambda x, y, k: f"({x}) if type == {k} else ({y})", plain, plain, st.sampled_from(kinds)
        ),
    )


def costs(kinds: tuple[str, str] | None) -> st.SearchStrategy[str]:
    """What an action costs: nothing, a number, or a number by state and type."""
    return st.one_of(amounts(unknown=True, kinds=kinds), st.sampled_from(["0.2", "0.05", "0"]))


@st.composite
def sets(draw: st.DrawFn) -> dict[str, str]:
    """New values for one or two variables."""
    names = draw(st.lists(st.sampled_from(sorted(SET)), min_size=1, max_size=2, unique=True))
    return {name: draw(st.sampled_from(SET[name])) for name in names}


@st.composite
def effects(draw: st.DrawFn, promises: list[str]) -> dict[str, Any]:
    """What an action does: set, outcomes, promises, releases."""
    action: dict[str, Any] = {}
    if draw(st.integers(0, 3)):
        action["set"] = draw(sets())
    if draw(st.integers(0, 3)) == 0:
        chances = ["u / 2", "0.3", "0.5 if fight else 0.2", "0.2 * n", "1 - n / 4"]
        first = {"name": "goes", "chance": draw(st.sampled_from(chances)), "set": draw(sets())}
        second = {"chance": draw(st.sampled_from(["0.4 * (n == 0)", "0"]))}
        alone = first["chance"] == "1 - n / 4" or draw(st.booleans())
        action["outcomes"] = [first] if alone else [first, second]
    for key in ("promises", "releases"):
        if promises and draw(st.integers(0, 2)) == 0:
            action[key] = list(promises)
    return action


@st.composite
def during(draw: st.DrawFn, last: int) -> dict[str, Any]:
    """Mostly nothing; now and then a stretch of periods."""
    if draw(st.integers(0, 4)):
        return {}
    a, b = sorted((draw(st.integers(0, last)), draw(st.integers(0, last))))
    return {"during": [a, b]}


@st.composite
def small_cases(draw: st.DrawFn, hidden: int = 0, horizon: int = 3) -> DrawnCase:
    """A case with so many parties with types and at most so many periods."""
    parties = ["alva", "bran", "cato"][: draw(st.integers(2, 3))]
    kinds = {name: TYPES[name] for name in parties[:hidden]}
    tail = draw(st.integers(0, 1)) if horizon > 1 else 0
    length = draw(st.sampled_from([horizon, *range(1, horizon)]))
    spec: dict[str, Any] = {"ceasefire": 1, "horizon": length, "tail": tail}
    spec["horizon"] = max(1, spec["horizon"] - tail)
    last = spec["horizon"] + tail - 1
    spec["ending"] = draw(st.sampled_from(["lasts", "nothing", *["final"] * (tail == 0)]))
    spec["unknowns"] = {"u": draw(_unknown())}
    spec["parties"] = {name: draw(drawn_party(name, kinds, parties)) for name in parties}
    spec["state"] = {name: {**about} for name, about in STATE.items()}
    spec["state"]["n"]["start"] = draw(st.sampled_from([1, 0, 2]))
    spec["state"]["fight"]["start"] = draw(st.booleans())
    spec["conditions"] = {"calm": "not fight and n < 2"}
    spec["payoffs"] = {
        name: {
            f"term{k}": draw(amounts(unknown=True, kinds=kinds.get(name)))
            for k in range(draw(st.integers(1, 2)))
        }
        for name in parties
    }
    promises = ["word"] if draw(st.booleans()) else []
    spec["moves"] = draw(_moves(parties, kinds, promises, last))
    if promises:
        promiser = draw(st.sampled_from(parties))
        breach = draw(costs(kinds.get(promiser)))
        own = [key.split(".")[-1] for key, move in spec["moves"].items() if move["by"] == promiser]
        if own:
            owed = {"owes": own[:1], "within": draw(st.integers(1, 2))}
            kind = draw(st.sampled_from([{"forbids": own[:1]}, owed]))
            spec["promises"] = {"word": {"by": promiser, **kind, "breach": breach}}
        else:
            _forget(spec["moves"])
            promises = []
    if draw(st.integers(0, 2)):
        spec["tables"] = {"talks": draw(_table(parties, kinds, promises, last))}
    if draw(st.booleans()):
        action = draw(effects(promises))
        when = {"when": draw(tests)} if draw(st.booleans()) else {}
        spec["chance"] = {"luck": {**when, **action, **draw(during(last))}}
    spec["order"] = draw(_order(spec, parties, most=3 if hidden else 6))
    if draw(st.booleans()):
        add_annotations(draw, spec)
    return DrawnCase(as_yaml(spec), spec)


TOLD = """
0.8 if {t} else 0.2; 0.5 * ({t}); u if {t} else u / 3; (0.7 if {t} else 0.1) if fight else 0.4;
0.3 + 0.2 * n * ({t})
"""


@st.composite
def telling_cases(draw: st.DrawFn, hidden: int = 1, horizon: int = 2) -> DrawnCase:
    """The same, where chance tells of types: a leak always, a move's or a deal's outcomes or not.

    Payoffs may read the types of others, and a party may know one of them.
    """
    spec = draw(small_cases(hidden, horizon)).spec
    kinds = {name: TYPES[name] for name in list(spec["parties"])[:hidden]}

    def told() -> str:
        party = draw(st.sampled_from(sorted(kinds)))
        of_type = f"type({party}) == {draw(st.sampled_from(kinds[party]))}"
        return draw(st.sampled_from(TOLD.split(";"))).strip().format(t=of_type)

    owners = [*spec["moves"].values(), *spec.get("chance", {}).values()]
    owners += [d for table in spec.get("tables", {}).values() for d in table["deals"].values()]
    for owner in owners:
        if "outcomes" in owner and draw(st.booleans()):
            owner["outcomes"] = [{**owner["outcomes"][0], "chance": told()}]
    for party, terms in spec["payoffs"].items():
        others = sorted(set(kinds) - {party})
        if others and draw(st.booleans()):
            other = draw(st.sampled_from(others))
            of_type = f"type({other}) == {draw(st.sampled_from(kinds[other]))}"
            terms["other"] = f"{draw(tenths)} * {draw(atoms)} * ({of_type}) - {draw(tenths)} * n"
    unaware = [name for name in spec["parties"] if name not in kinds]
    if unaware and draw(st.booleans()):
        knower, known = draw(st.sampled_from(unaware)), draw(st.sampled_from(sorted(kinds)))
        spec["parties"][knower]["knows"] = [known]
        believed = spec["parties"][known].get("believed_by", {})
        if believed.pop(knower, None) and not believed:
            del spec["parties"][known]["believed_by"]
    leak = {"outcomes": [{"name": "goes", "chance": told(), "set": draw(sets())}]}
    spec["chance"] = {**spec.get("chance", {}), "leak": leak}
    spec["order"] = spec["order"][:2]
    spec["order"].insert(draw(st.integers(0, len(spec["order"]))), "leak")
    return DrawnCase(as_yaml(spec), spec)


@st.composite
def with_alternatives(draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase]) -> DrawnCase:
    """A case with two alternatives of two or three options; the first may change something.

    What questions may name is left in every option.
    """
    spec = dict(draw(cases).spec)
    firsts = st.sampled_from([{}, {}, {"tail": spec["tail"]}])
    spec["alternatives"] = {
        name: {"options": {"plain": draw(firsts)} | {o: draw(_patch(spec)) for o in options}}
        for name, options in (("x", ["rival"]), ("y", ["other", "third"]))
    }
    if "sources" in spec:
        noted = {"about": "On it.", "unit": "payoff", "source": "paper", "label": "It"}
        spec["alternatives"]["x"] |= noted
    for name, option in (("x", "rival"), ("y", "third")):
        if (weight := draw(st.sampled_from([0, 0.5, 1]))) != 1:
            spec["alternatives"][name]["weights"] = {option: weight}
    for about in spec["alternatives"].values():
        if (best := draw(st.sampled_from([None, *about["options"]]))) is not None:
            about["best"] = best
    return DrawnCase(as_yaml(json.loads(json.dumps(spec))), spec)  # no anchors for equal parts


@st.composite
def with_families(draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase]) -> DrawnCase:
    """A case with a family of two deals more, or of two moves; questions may name them."""
    spec = json.loads(json.dumps(draw(cases).spec))
    family: dict[str, Any] = {
        "for": {"k": draw(st.sampled_from(["1..2", [0, 2], [2, 1]]))},
        "set": {"n": draw(st.sampled_from(["k", "min(n + k, 2)", "k if fight else 0"]))},
        "weight": draw(st.sampled_from(["1", "1 + k", "u / (1 + k)"])),
    }
    if draw(st.booleans()):
        family["when"] = draw(st.sampled_from(["n < k", "fight or k > 1"]))
    if draw(st.booleans()):
        outcome = {"name": "goes", "chance": "u * k / 2", "set": {"w": "high"}}
        family["outcomes"] = [outcome]
    if "tables" in spec and draw(st.booleans()):
        table = spec["tables"]["talks"]
        seat = draw(st.sampled_from(table["seats"]))
        table["deals"]["scale"] = {**family, "cost": {seat: "0.1 * k"}}
    else:
        party = draw(st.sampled_from(sorted(spec["parties"])))
        spec["moves"][f"{party}.scale"] = {"by": party, **family, "cost": "0.1 * k"}
    return DrawnCase(as_yaml(spec), spec)


@st.composite
def with_moments(draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase]) -> DrawnCase:
    """A case in which two parties or three choose at one moment, some only among a few moves."""
    spec = json.loads(json.dumps(draw(cases).spec))
    parties = spec["parties"]
    free = [name for name, party in parties.items() if not {"types", "knows"} & {*party}]
    knowing = sorted({*parties} - {*free})
    if knowing and all(len(party.get("types", {})) <= 2 for party in parties.values()):
        free += draw(st.lists(st.sampled_from(knowing), max_size=1))
    if len(free) < 2:
        return DrawnCase(as_yaml(spec), spec)
    entries: list[Any] = []
    for name in draw(st.permutations(free))[: draw(st.sampled_from([2, 2, 3]))]:
        own = [key.split(".")[1] for key, move in spec["moves"].items() if move["by"] == name]
        only = draw(st.lists(st.sampled_from([*own, "pass"]), min_size=1, unique=True))
        entries.append({name: only} if draw(st.integers(0, 2)) == 0 else name)
    order = [step for step in spec["order"] if step not in entries]
    order = order[: draw(st.integers(0, 2))]
    order.insert(draw(st.integers(0, len(order))), entries)
    spec["order"] = order
    for note in ("events", "levers"):
        spec.pop(note, None)
    return DrawnCase(as_yaml(spec), spec)


@st.composite
def with_roles(draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase]) -> DrawnCase:
    """A case in which an office acts in place of a party without types, and another may hold it."""
    spec = json.loads(json.dumps(draw(cases).spec))
    free = [name for name, party in spec["parties"].items() if "types" not in party]
    if not free:
        return DrawnCase(as_yaml(spec), spec)
    old = draw(st.sampled_from(free))
    other = draw(st.sampled_from([name for name in spec["parties"] if name != old]))
    spec["roles"] = {"office": f"{old} if {draw(tests)} else {other}"}
    for note in ("events", "levers"):
        spec.pop(note, None)

    def renamed(part: Any) -> Any:
        if isinstance(part, list):
            return [renamed(each) for each in part]
        if isinstance(part, dict):
            return {renamed(key): renamed(each) for key, each in part.items()}
        owner, dot, rest = part.partition(".") if isinstance(part, str) else (part, "", "")
        return f"office{dot}{rest}" if owner == old else part

    spec["order"] = renamed(spec["order"])
    moves = {renamed(key): move for key, move in spec["moves"].items()}
    spec["moves"] = {key: {**move, "by": renamed(move["by"])} for key, move in moves.items()}
    for promise in spec.get("promises", {}).values():
        promise["by"] = renamed(promise["by"])
    for table in spec.get("tables", {}).values():
        if other in table["seats"]:
            continue
        table |= {key: renamed(table[key]) for key in ("seats", "proposes") if key in table}
        for deal in table["deals"].values():
            deal |= {key: renamed(deal[key]) for key in ("needs", "cost") if key in deal}
    return DrawnCase(as_yaml(spec), spec)


@st.composite
def with_renewals(draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase]) -> DrawnCase:
    """A case in which up to three things draw types anew, one of them a chance."""
    spec = json.loads(json.dumps(draw(cases).spec))
    kinds = {name: party["types"] for name, party in spec["parties"].items() if "types" in party}

    def renewals() -> Any:
        parties = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, unique=True))
        if draw(st.booleans()):
            return parties
        numbers = st.sampled_from([("0.3", "0.7"), ("u", "1 - u"), ("0.9", "0.1")])
        return {party: dict(zip(kinds[party], draw(numbers), strict=True)) for party in parties}

    coup = {"outcomes": [{"name": "goes", "chance": "0.5 * u", "renews": renewals()}]}
    owners = [*spec["moves"].values(), *spec.get("chance", {}).values()]
    owners += [d for table in spec.get("tables", {}).values() for d in table["deals"].values()]
    for owner in draw(st.lists(st.sampled_from(owners), max_size=2, unique_by=id)):
        changed = owner["outcomes"][0] if "outcomes" in owner and draw(st.booleans()) else owner
        changed["renews"] = renewals()
    spec["chance"] = {**spec.get("chance", {}), "coup": coup}
    spec["order"] = spec["order"][:2]
    spec["order"].insert(draw(st.integers(0, len(spec["order"]))), "coup")
    return DrawnCase(as_yaml(json.loads(json.dumps(spec))), spec)


@st.composite
def _patch(draw: st.DrawFn, spec: dict[str, Any]) -> dict[str, Any]:
    """A change of one or two parts of a case."""
    party = draw(st.sampled_from(sorted(spec["parties"])))
    changes: list[dict[str, Any]] = [
        {"payoffs": {party: {"term0": draw(amounts(unknown=True))}}},
        {"payoffs": {party: {"term0": None, "rival": draw(amounts(unknown=True))}}},
        {"parties": {party: {"precision": "3"}}},
        {"state": {"n": {"start": draw(st.integers(0, 2))}}},
        {"unknowns": {"u": {"best": draw(tenths), "range": [0.1, 0.9]}}},
        {"order": list(reversed(spec["order"]))},
        {"conditions": {"calm": "n == 0"}},
    ]
    changes += [{"moves": {key: {"cost": "0.3 * n"}}} for key in spec["moves"]]
    changes += [
        {"moves": {key: {"set": None}}} for key, move in spec["moves"].items() if "set" in move
    ]
    changes += [{"tables": {key: {"meets": "0.4"}}} for key in spec.get("tables", {})]
    found: dict[str, Any] = {}
    for change in draw(st.lists(st.sampled_from(changes), min_size=1, max_size=2)):
        found |= change
    return found


@st.composite
def _unknown(draw: st.DrawFn) -> dict[str, Any]:
    """A number between 0.1 and 0.9: its distribution, and mostly a best estimate."""
    spread = {
        "range": [0.1, 0.9],
        "triangle": [0.1, 0.6, 0.9],
        "normal": [0.5, 0.1],
        "lognormal": [0.4, 1.3],
        "oneof": [k / 10 for k in range(1, 10)],
    }
    kind = draw(st.sampled_from(sorted(spread)))
    best = {"best": draw(tenths)} if draw(st.integers(0, 2)) else {}
    return {**best, kind: spread[kind]}


@st.composite
def drawn_party(
    draw: st.DrawFn, name: str, kinds: dict[str, tuple[str, str]], parties: list[str]
) -> dict[str, Any]:
    party: dict[str, Any] = {
        "patience": draw(st.sampled_from([0.0, 0.5, 0.9])),
        "precision": draw(st.sampled_from(["1", "5", "2 + 8 * u", "12"])),
    }
    if name in kinds:
        party["types"] = _prior(kinds[name], draw(tenths))
        observer = draw(st.sampled_from(["nobody", *(each for each in parties if each != name)]))
        if observer != "nobody":
            party["believed_by"] = {observer: _prior(kinds[name], draw(tenths))}
    return party


def _prior(kinds: tuple[str, str], chance: float) -> dict[str, float]:
    return {kinds[0]: chance, kinds[1]: round(1.0 - chance, 1)}


@st.composite
def _moves(
    draw: st.DrawFn,
    parties: list[str],
    kinds: dict[str, tuple[str, str]],
    promises: list[str],
    last: int,
) -> dict[str, Any]:
    moves: dict[str, Any] = {}
    for name in parties:
        for short in ("push", "yield_ground")[: draw(st.sampled_from([2, 1, 0]))]:
            move: dict[str, Any] = {"by": name, "cost": draw(costs(kinds.get(name)))}
            if draw(st.integers(0, 2)) == 0:
                move["when"] = draw(tests)
            if draw(st.integers(0, 2)) == 0:
                move["weight"] = draw(st.sampled_from(["0.5", "2", "u"]))
            moves[f"{name}.{short}"] = move | draw(effects(promises)) | draw(during(last))
    return moves


@st.composite
def _table(
    draw: st.DrawFn,
    parties: list[str],
    kinds: dict[str, tuple[str, str]],
    promises: list[str],
    last: int,
) -> dict[str, Any]:
    seats = draw(st.permutations(parties).map(lambda each: list(each)))
    seats = seats[: draw(st.integers(2, len(seats)))]
    table: dict[str, Any] = {"seats": seats, "deals": {}}
    if draw(st.booleans()):
        table["when"] = draw(tests)
    if draw(st.booleans()):
        table["meets"] = draw(st.sampled_from(["0.5", "u", "0.9 if fight else 0.3"]))
    if draw(st.booleans()):
        table["proposes"] = draw(st.sampled_from([*seats, "any", "any"]))
    for name in ("truce", "swap")[: draw(st.integers(1, 2))]:
        deal = draw(effects(promises)) | draw(during(last))
        if draw(st.integers(0, 2)) == 0:
            deal["when"] = draw(tests)
        if draw(st.integers(0, 2)) == 0:
            deal["weight"] = draw(st.sampled_from(["0.5", "2", "u"]))
        if draw(st.integers(0, 2)) == 0:
            deal["needs"] = draw(st.lists(st.sampled_from(seats), unique=True))
        if draw(st.integers(0, 2)) == 0:
            payer = draw(st.sampled_from(seats))
            deal["cost"] = {payer: draw(costs(kinds.get(payer)))}
        table["deals"][name] = deal
    return table | draw(during(last))


@st.composite
def _order(draw: st.DrawFn, spec: dict[str, Any], parties: list[str], most: int) -> list[Any]:
    """Most of what there is, in any order, sometimes restricted or shuffled."""
    movers = [name for name in parties if any(m["by"] == name for m in spec["moves"].values())]
    entries: list[Any] = [*spec.get("chance", {}), *spec.get("tables", {}), *movers]
    if movers and draw(st.integers(0, 1)):
        name: str = draw(st.sampled_from(movers))
        own = [key.split(".")[-1] for key, m in spec["moves"].items() if m["by"] == name]
        listed: list[list[str]] = [[own[0], "pass"], own, own[:1]]
        entries.append({name: draw(st.sampled_from(listed))})
    order = list(draw(st.permutations(entries)))[:most] or [parties[0]]
    if len(order) > 1 and draw(st.integers(0, 2)) == 0:
        first = draw(st.integers(0, len(order) - 2))
        last = min(len(order), first + draw(st.sampled_from([2, 2, 3])))
        order[first:last] = [{"shuffle": order[first:last]}]
    return order


def _forget(moves: dict[str, Any]) -> None:
    """Nobody owns a move to promise about: no promise then."""
    for move in moves.values():
        move.pop("promises", None)
        move.pop("releases", None)
