"""Questions that fit a random small case: every quantity, formula and option."""

from typing import Any

from hypothesis import strategies as st

from ceasefire.equilibrium import SELECTIONS
from support.case_strategies import TYPES, tests
from support.drawn_cases import DrawnCase


class CaseNames:
    """What questions may name in a case."""

    def __init__(self, small: DrawnCase) -> None:
        spec = small.spec
        self.spec, self.horizon = spec, int(spec["horizon"])
        self.parties = list(spec["parties"])
        self.hidden = [name for name in self.parties if "types" in spec["parties"][name]]
        self.moves = list(spec["moves"])
        self.passes = [f"{name}.pass" for name in (*self.parties, *spec.get("roles", {}))]
        self.tables = list(spec.get("tables", {}))
        self.deals = [f"{t}.{d}" for t in self.tables for d in spec["tables"][t]["deals"]]
        self.chance = list(spec.get("chance", {}))
        self.promises = list(spec.get("promises", {}))
        owners = {**spec["moves"], **spec.get("chance", {})}
        for table in self.tables:
            owners |= {f"{table}.{d}": deal for d, deal in spec["tables"][table]["deals"].items()}
        outcomes = [f"{key}.goes" for key, owner in owners.items() if "outcomes" in owner]
        happen = [*self.moves, *self.passes, *self.deals, *self.chance, *outcomes]
        refusals = [
            f"refused({deal}, by={seat})"
            for deal in self.deals
            for seat in spec["tables"][deal.split(".")[0]]["seats"]
        ]
        came = [
            f"{key}.{one}"
            for key, owner in owners.items()
            if "outcomes" in owner
            for one in ("goes", "nothing")
        ]
        self.seen = [*self.moves, *self.passes, *self.deals, *refusals, *came]
        self.codings = {
            name: list(about["options"]) for name, about in spec.get("alternatives", {}).items()
        }
        self.events = [f"happens({name})" for name in happen]
        self.events += [f"broken({name})" for name in self.promises]


def events(names: CaseNames) -> st.SearchStrategy[str]:
    """One event, or two joined by or."""
    one = st.sampled_from(names.events)
    return st.one_of(one, st.builds("{} or {}".format, one, one))


@st.composite
def formulas(draw: st.DrawFn, names: CaseNames, depth: int = 1) -> str:
    """A formula, or several combined."""
    if depth and draw(st.integers(0, 2)) == 0:
        one, two = draw(formulas(names, depth - 1)), draw(formulas(names, depth - 1))
        return draw(st.sampled_from([f"({one} and {two})", f"({one} or {two})", f"not {one}"]))
    state, either = tests, st.one_of(tests, events(names))
    match draw(st.sampled_from(["eventually", "always", "at_end", "until", "before", "lasting"])):
        case "eventually":
            return f"eventually({draw(either)})"
        case "until":
            return f"until({draw(state)}, {draw(state)})"
        case "before":
            return f"before({draw(either)}, {draw(either)})"
        case "lasting":
            return f"lasting({draw(state)}, {draw(st.integers(1, names.horizon))})"
        case name:
            return f"{name}({draw(state)})"


@st.composite
def game_options(
    draw: st.DrawFn,
    names: CaseNames,
    *,
    types: bool = True,
    sharper: bool = True,
    n: bool = True,
    after: bool = True,
) -> str:
    """Options that change the game, or which plays are counted."""
    found = []
    gone = [*names.moves, *names.tables, *names.deals, *names.chance]
    kinds = ["start", "given", *["closed"] * bool(names.tables), *["without"] * bool(gone)]
    kinds += ["sharper", "selection"] * sharper + ["types"] * bool(names.hidden and types)
    kinds += ["after"] * after + ["coding"] * (2 * bool(names.codings))
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=2, unique=True)):
        match kind:
            case "start":
                number = f"n: {draw(st.integers(0, 2))}, " * n
                w = draw(st.sampled_from(["low", "high"]))
                fight = draw(st.sampled_from(["", ", fight: false", ", fight: true"]))
                found.append(f"start={{{number}w: {w}{fight}}}")
            case "without":
                each = draw(st.lists(st.sampled_from(gone), min_size=1, max_size=2, unique=True))
                found.append(f"without=[{', '.join(each)}]")
            case "given":
                found.append(f"given={{u: {draw(st.integers(2, 8)) / 10}}}")
            case "closed":
                found.append(f"closed={{talks: {draw(st.integers(1, names.horizon))}}}")
            case "sharper":
                found.append(f"sharper={draw(st.sampled_from(['0.5', '2']))}")
            case "selection":
                found.append(
                    f"selection={draw(st.sampled_from(SELECTIONS[:3]))}"
                )  # whole: elsewhere
            case "after":
                found.append(f"after={_some(draw, names.seen)}")
            case "coding":
                listed = st.sampled_from(sorted(names.codings))
                some = draw(st.lists(listed, min_size=1, max_size=2, unique=True))
                pairs = [f"{name}: {draw(st.sampled_from(names.codings[name]))}" for name in some]
                found.append(f"coding={{{', '.join(pairs)}}}")
            case "types":
                party = draw(st.sampled_from(names.hidden))
                found.append(f"types={{{party}: {draw(st.sampled_from(TYPES[party]))}}}")
    return "".join(f", {each}" for each in found)


@st.composite
def with_questions(
    draw: st.DrawFn, cases: st.SearchStrategy[DrawnCase], most: int = 99
) -> tuple[DrawnCase, list[str]]:
    """A case and what is asked of it, at most so many questions."""
    small = draw(cases)
    asked = draw(questions(small))
    return small, draw(st.permutations(asked))[:most] if most < len(asked) else asked


@st.composite
def questions(draw: st.DrawFn, small: DrawnCase) -> list[str]:
    """One question for each quantity that has a meaning in this case."""
    names = CaseNames(small)
    wait = st.integers(0, names.horizon)
    within = st.one_of(st.just(""), wait.map(lambda n: f", within={n}"))
    provided = st.one_of(st.just(""), formulas(names, 0).map(lambda f: f", provided={f}"))
    at = draw(wait)
    public = draw(game_options(names, types=False, sharper=False))
    elsewhere = draw(game_options(names, types=False, n=False))
    choice = draw(st.sampled_from([*names.moves, *names.passes, *names.deals]))
    asked = [
        f"P({draw(formulas(names))}{draw(within)}{draw(provided)}{draw(game_options(names))})",
        f"P({draw(formulas(names, 2))}{draw(game_options(names))})",
        f"E(n + 2 * fight * (w == high), at={at}{draw(provided)}{draw(game_options(names))})",
        f"E(n{draw(within)})",
        f"time({draw(st.one_of(tests, events(names)))}{draw(within)}{draw(game_options(names))})",
        f"value({draw(st.sampled_from(names.parties))}{draw(game_options(names, types=False))})",
        f"value({draw(st.sampled_from(names.parties))}, by=analyst{draw(game_options(names))})",
        f"can({_some(draw, names.parties)}, {draw(formulas(names))}{draw(within)}{public})",
        f"plays({choice}{draw(game_options(names))})",
        f"least(n, P({draw(formulas(names))}) > 0.387{elsewhere})",
    ]
    if names.deals:
        deal = draw(st.sampled_from(names.deals))
        seat = draw(st.sampled_from(names.spec["tables"]["talks"]["seats"]))
        asked.append(f"signs({seat}, {deal}{draw(game_options(names))})")
    if names.promises:
        asked.append(f"kept({names.promises[0]}, {draw(wait)}{draw(game_options(names))})")
    if names.hidden:
        asked += _about_types(draw, names)
    return asked


def _about_types(draw: st.DrawFn, names: CaseNames) -> list[str]:
    party = draw(st.sampled_from(names.hidden))
    kind = draw(st.sampled_from(TYPES[party]))
    knows = {name: names.spec["parties"][name].get("knows", []) for name in names.parties}
    others = [name for name in names.parties if name != party and party not in knows[name]]
    observer = draw(st.sampled_from(["analyst", *others]))
    seen = _some(draw, names.seen)
    rest = draw(game_options(names, after=False))
    bound = draw(st.sampled_from(["0.35", "0.55", "0.8"]))
    at, provided = draw(st.integers(0, names.horizon)), draw(formulas(names, 0))
    later = draw(st.one_of(st.just(""), st.integers(at, names.horizon).map(", within={}".format)))
    thinks = f"believes({observer}, {party}.{kind}) >= {bound}"
    return [
        f"value({party}, type={kind})",
        f"belief({party}.{kind}, by={observer}, after={seen}{rest})",
        f"belief({party}.{kind}, by={observer}, at={at}, provided={provided}{later})",
        f"P(eventually({thinks}), types={{{party}: {kind}}})",
        f"time({thinks} or n == 2)",
    ]


def _some(draw: st.DrawFn, items: list[Any]) -> str:
    each = draw(st.lists(st.sampled_from(items), min_size=1, max_size=2, unique=True))
    return f"[{', '.join(each)}]"
