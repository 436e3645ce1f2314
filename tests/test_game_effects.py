"""What a move, a deal or a chance does, in which order: certain plays, read off by hand."""

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import ask


def best(text: str, question: str) -> object:
    """The answer to one question about a case."""
    return ask(loads(text), question, certify=False).answers[0].best


ORDERED = """
ceasefire: 1
horizon: 1
parties: {a: {precision: 1}}
state: {n: {values: 0..9, start: 0}}
promises: {word: {by: a, forbids: [act], breach: 0.3}}
moves:
  act:
    by: a
    set: {n: "1 if word else 2"}
    promises: [word]
    outcomes: [{name: up, chance: "1 if word and n == 2 else 0", set: {n: n + 5}}]
order: [{a: [act]}]
"""


def test_effects_come_in_their_order() -> None:
    """A breach clears the promise before `set` reads it; the outcome sees the promise renewed."""
    assert best(ORDERED, "E(n, start={word: true})") == 7.0
    assert best(ORDERED, "kept(word, 1)") == 0.0
    assert best(ORDERED, "value(a, start={word: true})") == pytest.approx(-0.3)
    assert best(ORDERED, "P(before(happens(a.act), happens(a.act.up)))") == 0.0


def test_what_is_released_and_promised_at_once_is_promised() -> None:
    both = ORDERED.replace("promises: [word]", "promises: [word]\n    releases: [word]")
    assert best(both, "P(at_end(word))") == 1.0


def test_assignments_read_the_old_values() -> None:
    text = """
    ceasefire: 1
    horizon: 1
    parties: {a: {}}
    state: {x: {values: 0..3, start: 1}, y: {values: 0..3, start: 3}}
    chance: {swap: {set: {x: y, y: x}}}
    """
    assert best(text, "E(10 * x + y)") == 31.0


def test_numeric_variables_are_their_values_not_indices() -> None:
    text = """
    ceasefire: 1
    horizon: 1
    ending: nothing
    parties: {a: {}}
    state: {n: {values: [-3, 5, 12], start: 5}}
    payoffs: {a: {worth: n}}
    chance: {jump: {set: {n: n + 7}}}
    """
    assert best(text, "E(n, at=0)") == 5.0
    assert best(text, "value(a)") == 12.0


def test_promises_are_broken_one_by_one() -> None:
    text = """
    ceasefire: 1
    horizon: 1
    parties: {a: {}}
    state: {x: {}}
    promises: {one: {by: a, forbids: [act]}, two: {by: a, forbids: [act]}}
    moves: {act: {by: a}}
    order: [{a: [act]}]
    """
    for held, broken in (("one", 1.0), ("two", 0.0)):
        question = f"P(eventually(broken(one)), start={{{held}: true}})"
        assert best(text, question) == broken


def test_restricted_step_offers_exactly_what_it_lists() -> None:
    """If none is possible, it passes."""
    text = """
    ceasefire: 1
    horizon: 2
    parties: {a: {}}
    state: {done: {}}
    moves: {act: {by: a, when: not done, set: {done: true}}}
    order: [{a: [act]}]
    """
    assert best(text, "P(eventually(happens(a.act)), within=1)") == 1.0
    assert best(text, "time(happens(a.pass))") == 2.0


def test_remaining_probability_of_outcomes_does_nothing() -> None:
    text = """
    ceasefire: 1
    horizon: 1
    unknowns: {half: {best: 0.3, range: [0, 0.5]}}
    parties: {a: {}}
    state: {n: {values: 0..2, start: 0}}
    chance: {fall: {outcomes: [{chance: half, set: {n: 1}}, {chance: 0.2, set: {n: 2}}]}}
    """
    assert best(text, "P(at_end(n == 0))") == pytest.approx(0.5)
    assert best(text, "E(n)") == pytest.approx(0.7)
