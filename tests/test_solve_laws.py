"""Laws that hold in every game, run over every small case and random ones."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asked import Names, formulas
from ceasefire.ask import ask
from ceasefire.case import Case, load, loads
from strategies import Small, as_yaml, small_cases

SMALL = Path(__file__).parent / "cases_small"
NAMES = sorted(path.stem for path in SMALL.glob("*.yaml") if path.stem not in ("forts", "decades"))
RENAMED = {"alva": "zoe", "bran": "yan", "cato": "xav", "push": "shove", "fight": "war", "n": "m"}
law = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
with_types = st.one_of(small_cases(0, 3), small_cases(1, 2))


def answers(case: Case, *asked: str) -> list[float]:
    """The best estimates; none may be null."""
    best = [answer.best for answer in ask(case, *asked, certify=False).answers]
    assert all(value is not None for value in best)
    return [float(value) for value in best if value is not None]


def near(one: list[float], other: list[float], tolerance: float = 1e-9) -> bool:
    """Whether two rows of numbers agree.

    >>> near([1.0, 2.0], [1.0, 2.0]), near([1.0], [1.1]), near([float("nan")], [1.0])
    (True, False, False)
    """
    pairs = zip(one, other, strict=True)
    return all(abs(a - b) <= tolerance * max(1.0, abs(a)) for a, b in pairs)


def all_chances(small: Small) -> list[str]:
    """Probabilities that tell most of what happens in a case."""
    names = Names(small)
    asked = [f"P(eventually({event}))" for event in names.events]
    return [*asked, "E(n)", "P(at_end(fight))", "P(eventually(w == high) and not always(n == 0))"]


@law
@given(with_types)
def test_names_do_not_matter(small: Small) -> None:
    """Parties, moves and variables called otherwise give the same numbers."""

    def other(text: str) -> str:
        return re.sub(r"\b\w+\b", lambda found: RENAMED.get(found[0], found[0]), text)

    asked = [*all_chances(small), "value(alva)", "value(bran)"]
    renamed = [other(question) for question in asked]
    assert near(answers(loads(small.text), *asked), answers(loads(other(small.text)), *renamed))


@law
@given(with_types, st.sampled_from([-3, 0.25, 10]))
def test_a_constant_in_a_payoff_does_not_matter(small: Small, constant: float) -> None:
    """Everybody's play is the same with so much more a period."""
    spec = {**small.spec, "payoffs": {p: {**t} for p, t in small.spec["payoffs"].items()}}
    for terms in spec["payoffs"].values():
        terms["constant"] = constant
    asked = all_chances(small)
    assert near(answers(loads(small.text), *asked), answers(loads(as_yaml(spec)), *asked), 1e-7)


def scaled(spec: dict[str, Any], k: float) -> dict[str, Any]:
    """The case with every payoff, cost and breach times k."""
    case: dict[str, Any] = {**spec}

    def times(text: str) -> str:
        return f"{k} * ({text})"

    case["payoffs"] = {
        party: {name: times(term) for name, term in terms.items()}
        for party, terms in spec["payoffs"].items()
    }
    case["moves"] = {n: {**m, "cost": times(m["cost"])} for n, m in spec["moves"].items()}
    promises = spec.get("promises", {})
    case["promises"] = {n: {**p, "breach": times(p["breach"])} for n, p in promises.items()}
    case["tables"] = {}
    for name, table in spec.get("tables", {}).items():
        deals = {
            deal: {**each, "cost": {p: times(c) for p, c in each.get("cost", {}).items()}}
            for deal, each in table["deals"].items()
        }
        case["tables"][name] = {**table, "deals": deals}
    return case


@law
@given(with_types, st.sampled_from([0.5, 3.0]))
def test_payoffs_times_k_are_precision_times_k(small: Small, k: float) -> None:
    """Only the product of precision and payoff matters."""
    asked = all_chances(small)
    sharper = [f"{question[:-1]}, sharper={k})" for question in asked]
    assert near(
        answers(loads(as_yaml(scaled(small.spec, k))), *asked),
        answers(loads(small.text), *sharper),
        1e-7,
    )


@pytest.mark.parametrize("name", NAMES)
def test_precision_near_zero_is_play_by_weight(name: str) -> None:
    """Each first choice of the period is made by the weights of what is offered there."""
    case = load(SMALL / f"{name}.yaml")
    for step in case.order:
        if step.kind != "party":
            continue
        offered = [f"{step.id}.{short}" for short in step.only or ()]
        asked = [f"plays({key}, sharper=1e-12)" for key in offered]
        if not asked:
            continue
        got = answers(case, *asked)
        weights = [
            float(case.moves[key].weight.text) if key in case.moves else 1.0 for key in offered
        ]
        total = sum(w for w, chance in zip(weights, got, strict=True) if chance > 0)
        for weight, chance in zip(weights, got, strict=True):
            assert chance == 0.0 or chance == pytest.approx(weight / total, abs=1e-6)


@law
@given(with_types, st.data())
def test_disjoint_formulas_add_up(small: Small, data: st.DataObject) -> None:
    """P(f) = P(f and g) + P(f and not g), and P(f) + P(not f) = 1."""
    names = Names(small)
    f, g = data.draw(formulas(names)), data.draw(formulas(names))
    asked = [f"P({f})", f"P({f} and {g})", f"P({f} and not {g})", f"P(not {f})"]
    whole, both, one, none = answers(loads(small.text), *asked)
    assert near([whole, 1.0], [both + one, whole + none])


@law
@given(small_cases(0, 3), st.data())
def test_can_grows_with_the_coalition(small: Small, data: st.DataObject) -> None:
    """More members secure no less, just what the others leave, and all together the most."""
    names = Names(small)
    formula = data.draw(formulas(names))
    one, others = names.parties[0], ", ".join(names.parties[1:])
    asked = [
        f"can([{one}], {formula})",
        f"can([{one}, {names.parties[1]}], {formula})",
        f"can([{', '.join(names.parties)}], {formula})",
        f"can([{others}], not {formula})",
        f"P({formula})",
    ]
    alone, two, every, against, played = answers(loads(small.text), *asked)
    assert alone <= two + 1e-12
    assert two <= every + 1e-12
    assert alone == pytest.approx(1.0 - against, abs=1e-12)
    assert played <= every + 1e-9


@law
@given(with_types)
def test_without_something_never_used_changes_nothing(small: Small) -> None:
    """A move and a chance that are never possible may as well not exist."""
    idle = {"by": "alva", "when": "n == 0 and n == 1", "cost": "0"}
    luck = {"when": "n == 0 and n == 1", "set": {"n": "0"}}
    spec = {
        **small.spec,
        "moves": {**small.spec["moves"], "alva.never": idle},
        "chance": {**small.spec.get("chance", {}), "miracle": luck},
        "order": ["miracle", *small.spec["order"], {"alva": ["never", "pass"]}],
    }
    asked = ["E(n)", "P(at_end(fight))", "value(alva)", "value(bran)"]
    gone = [f"{question[:-1]}, without=[alva.never, miracle])" for question in asked]
    plain = answers(loads(small.text), *asked)
    assert near(plain, answers(loads(as_yaml(spec)), *asked), 1e-9)
    assert near(plain, answers(loads(as_yaml(spec)), *gone), 1e-9)


@pytest.mark.parametrize("name", ["knife_edge", "screening", "trust", "reputation", "decades"])
def test_beliefs_are_martingales(name: str) -> None:
    """What the analyst expects to believe later is what it believes now.

    Records end where beliefs are within 1e-4 of certainty, and that much may be lost there.
    """
    case = load(SMALL / f"{name}.yaml")
    party = next(name for name, each in case.parties.items() if each.types)
    kind = next(iter(case.parties[party].types))
    times = range(min(case.horizon, 3) + 1)
    now, *later = answers(case, *(f"belief({party}.{kind}, at={n})" for n in times))
    assert later == pytest.approx([now] * len(later), abs=1e-4)


def test_a_move_that_nobody_can_afford_is_not_made() -> None:
    """At high precision the probability of a useless, costly move is nothing."""
    text = """
    ceasefire: 1
    horizon: 3
    parties: {a: {precision: 500}}
    state: {done: {}}
    moves: {waste: {by: a, cost: 1, set: {done: true}}}
    """
    assert answers(loads(text), "P(eventually(done))")[0] < 1e-100
