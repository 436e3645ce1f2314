"""After events the package thinks what the slow twin counts out over whole histories."""

import math

import pytest

from ceasefire.case import loads
from support.event_cases import HIDDEN, PUBLIC, answers_after
from twin.equilibrium import Equilibrium
from twin.events import Events
from twin.rules import Rules


@pytest.fixture(scope="module")
def public() -> Equilibrium:
    """What everybody does in the case without types."""
    return Equilibrium(Rules(loads(PUBLIC)))


@pytest.fixture(scope="module")
def hidden() -> Equilibrium:
    """What everybody does in the case with types."""
    return Equilibrium(Rules(loads(HIDDEN)), quick=True)


FORMULAS = [
    "at_end(war)",
    "lasting(not war, 2)",
    "eventually(happens(north.attack))",
    "before(happens(talks.truce), happens(north.attack))",
    "always(force < 2) or eventually(broken(no_attack))",
    "until(force < 2, not war) and not eventually(happens(storm.hits) or happens(talks.swap))",
    "eventually(happens(south.arm.grows))",
]
STORIES = {
    "two steps of one party": ["{period: 0, move: north.attack}", "{period: 1, move: north.shout}"],
    "refused by either seat": ["{period: 0, refused: talks.truce, by: south}"],
    "refused and signed": [
        "{period: 0, refused: talks.truce, by: north}",
        "{period: 1, deal: talks.truce}",
        "{period: 1, move: north.pass}",
    ],
    "idle": ["{period: 0, idle: talks}", "{period: 1, idle: talks}"],
    "idle where it cannot meet": ["{period: 0, deal: talks.truce}", "{period: 1, idle: talks}"],
    "outcomes and observation": [
        "{period: 0, observed: {force: 1}}",
        "{period: 1, chance: storm.hits}",
        "{period: 1, observed: {force: 0, war: true}}",
    ],
    "two deeds in one period": ["{period: 0, deal: talks.swap}", "{period: 0, move: south.arm}"],
    "an outcome of a move": ["{period: 1, outcome: south.arm.grows}"],
    "a move without its outcome": [
        "{period: 0, outcome: south.arm.nothing}",
        "{period: 1, observed: {force: 0}}",
    ],
    "no storm": ["{period: 0, chance: storm.nothing}", "{period: 1, chance: storm.hits}"],
    "whether it storms": ["{period: 0, deal: talks.truce}", "{period: 1, chance: storm.nothing}"],
    "one yes": ["{period: 0, signed: talks.swap, by: north}"],
    "a yes and a no at one table": [
        "{period: 0, signed: talks.truce, by: south}",
        "{period: 0, refused: talks.truce, by: north}",
        "{period: 0, move: north.pass}",
    ],
    "a broken promise": ["{period: 0, deal: talks.truce}", "{period: 1, broken: no_attack}"],
    "any order in the file": [
        "{period: 1, move: south.arm}",
        "{period: 0, move: north.pass}",
        "{period: 0, deal: talks.swap}",
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_without_types_everything_is_equal_to_rounding(story: str, public: Equilibrium) -> None:
    events = STORIES[story]
    case = loads(PUBLIC + "events:\n" + "".join(f"  - {e}\n" for e in events))
    slow = Events(case, 2, equilibrium=public)
    found, _ = answers_after(PUBLIC, events, [f"P({f})" for f in FORMULAS], 2)
    assert found.exact
    assert math.exp(found.log_likelihoods[0]) == pytest.approx(slow.likelihood, rel=1e-9)
    expected = [slow.probability(formula) for formula in FORMULAS]
    assert found.results_by_version[0].values == pytest.approx(expected, abs=1e-9)
    windows = [f"P({f}, within={n})" for f in FORMULAS for n in (1, 3)]
    found, _ = answers_after(PUBLIC, events, windows, 2)
    expected = [slow.probability(f, within=n) for f in FORMULAS for n in (1, 3)]
    assert found.results_by_version[0].values == pytest.approx(expected, abs=1e-9)
    safe = slow.mean(lambda state, records, mass: mass.sum() * (state[1] >= 1))
    assert found.condition_probabilities[1][0] == pytest.approx(safe, abs=1e-9)


@pytest.mark.parametrize("story", ["two steps of one party", "refused and signed", "no storm"])
def test_times_and_kept_promises_count_from_period_0(story: str, public: Equilibrium) -> None:
    events = STORIES[story]
    case = loads(PUBLIC + "events:\n" + "".join(f"  - {e}\n" for e in events))
    slow = Events(case, 2, equilibrium=public)
    conditions = ["not war", "happens(talks.truce)", "happens(north.shout)"]
    questions = [f"time({c}, within={n})" for c in conditions for n in (1, 2, 4)]
    found, _ = answers_after(PUBLIC, events, questions, 2)
    expected = [
        sum(1.0 - slow.probability(f"eventually({c})", within=k) for k in range(n))
        for c in conditions
        for n in (1, 2, 4)
    ]
    assert found.results_by_version[0].values == pytest.approx(expected, abs=1e-9)
    both = "P(eventually(happens(north.attack)), provided=eventually(happens(talks.truce)))"
    found, _ = answers_after(PUBLIC, events, [both, "kept(no_attack, 2)"], 2)
    signed = slow.probability("eventually(happens(talks.truce))")
    joint = slow.probability(
        "eventually(happens(north.attack)) and eventually(happens(talks.truce))"
    )
    broken = slow.probability("eventually(broken(no_attack))", within=2)
    expected = [joint / signed, 1.0 - broken]
    assert found.results_by_version[0].values == pytest.approx(expected, abs=1e-9)


LATER = [
    "at_end(war)",
    "eventually(believes(south, north.calm) >= 0.4)",
    "eventually(happens(north.shout))",
    "before(happens(talks.truce), happens(north.shout))",
]
SEEN = {
    "a shout": ["{period: 0, move: north.shout}"],
    "silence": ["{period: 0, move: north.pass}", "{period: 0, idle: talks}"],
    "a refusal": ["{period: 0, refused: talks.truce, by: north}"],
    "a truce that broke": ["{period: 0, deal: talks.truce}", "{period: 0, chance: flare.up}"],
    "only the state": ["{period: 0, observed: {war: true}}"],
    "twice": [
        "{period: 0, refused: talks.truce, by: north}",
        "{period: 1, move: north.pass}",
        "{period: 1, observed: {war: true}}",
    ],
}


@pytest.mark.parametrize("story", SEEN)
def test_with_types_everything_agrees_on_a_fine_grid(story: str, hidden: Equilibrium) -> None:
    events = SEEN[story]
    today = 2 if story == "twice" else 1
    case = loads(HIDDEN + "events:\n" + "".join(f"  - {e}\n" for e in events))
    slow = Events(case, today, equilibrium=hidden)
    questions = [f"P({f})" for f in LATER] + [f"P({f}, types={{north: rash}})" for f in LATER]
    found, _ = answers_after(HIDDEN, events, questions, today, grid=129, ask_at_start=True)
    assert math.exp(found.log_likelihoods[0]) == pytest.approx(slow.likelihood, rel=2e-4)
    believed = found.beliefs_by_version[0]
    assert believed["analyst", "north", "calm"] == pytest.approx(slow.is_type("north"), abs=2e-4)
    assert slow.believes(None, "north") == pytest.approx(slow.is_type("north"), abs=1e-9)
    seen = believed["south", "north", "calm"]
    assert seen == pytest.approx(slow.believes("south", "north"), abs=2e-4)
    expected = [slow.probability(formula) for formula in LATER]
    expected += [slow.probability(formula, {"north": "rash"}) for formula in LATER]
    assert found.results_by_version[0].values == pytest.approx(expected, abs=2e-4)
    assert found.weighed_results is not None
    expected = [slow.as_written(formula) for formula in LATER]
    expected += [slow.as_written(formula, {"north": "rash"}) for formula in LATER]
    assert found.weighed_results.values == pytest.approx(expected, abs=2e-4)
