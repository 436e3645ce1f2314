"""The slow twin against numbers worked by hand and closed forms, and against itself."""

import math
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import Case, load, loads
from twin import TooLargeError, Twin, TwinError
from twin.branch import principal
from twin.positions import Position

SMALL = Path(__file__).parent / "cases_small"


def case_of(name: str) -> Case:
    """One of the small cases."""
    return load(SMALL / f"{name}.yaml")


def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + math.exp(-x))


def test_choice_by_hand() -> None:
    """Gain 1 for ever at patience 0.5 is worth 2; precision 3, cost 0.5, weight 2."""
    text = """
    ceasefire: 1
    horizon: 1
    parties: {a: {patience: 0.5, precision: 3}}
    state: {done: {}}
    payoffs: {a: {joy: done}}
    moves: {act: {by: a, cost: 0.5, weight: 2, set: {done: true}}}
    """
    chance = 2 * math.exp(3 * 1.5) / (2 * math.exp(3 * 1.5) + 1)
    twin = Twin(loads(text))
    assert twin.ask("plays(a.act)") == pytest.approx(chance, abs=1e-14)
    assert twin.ask("value(a)") == pytest.approx(1.5 * chance, abs=1e-14)


def test_a_tail_and_an_ending_by_hand() -> None:
    """Nothing to decide: 1 now and in the tail's period, then nothing or for ever."""
    text = """
    ceasefire: 1
    horizon: 1
    tail: 1
    ending: {ending}
    parties: {{a: {{patience: 0.5}}}}
    state: {{done: {{}}}}
    payoffs: {{a: {{calm: 1}}}}
    """
    assert Twin(loads(text.format(ending="nothing"))).ask("value(a)") == 1.5
    assert Twin(loads(text.format(ending="lasts"))).ask("value(a)") == 2.0


def test_a_table_by_hand() -> None:
    """It meets with .5, either seat proposes; the deal is worth 1 to b, 0 to a, precision 2."""
    text = """
    ceasefire: 1
    horizon: 1
    ending: nothing
    parties: {a: {precision: 2, patience: 0}, b: {precision: 2, patience: 0}}
    state: {signed: {}}
    payoffs: {b: {gain: signed}}
    tables:
      talks: {seats: [a, b], meets: 0.5, proposes: any, deals: {deal: {set: {signed: true}}}}
    """
    yes_b, yes_a = logistic(2), 0.5
    offer_a, offer_b = 0.5, logistic(2 * yes_a)
    twin = Twin(loads(text))
    assert twin.ask("signs(b, talks.deal)") == pytest.approx(yes_b)
    assert twin.ask("plays(talks.deal)") == pytest.approx((offer_a + offer_b) / 2)
    signed = 0.5 * (offer_a * yes_b + offer_b * yes_a) / 2
    assert twin.ask("P(eventually(happens(talks.deal)))") == pytest.approx(signed)
    assert twin.ask("can(b, eventually(signed))") == 0.0
    assert twin.ask("can([a, b], eventually(signed))") == 0.5


def test_effects_come_in_their_order() -> None:
    """A breach clears the promise before `set` reads it; the outcome sees the promise renewed."""
    text = """
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
    twin = Twin(loads(text))
    assert twin.ask("E(n, start={word: true})") == 7.0
    assert twin.ask("kept(word, 1)") == 0.0
    assert twin.ask("value(a, start={word: true})") == pytest.approx(-0.3)
    assert twin.ask("P(before(happens(a.act), happens(a.act.up)))") == 0.0


def test_formulas_on_a_play_that_is_certain() -> None:
    """n runs 0 1 2 3; everything can be read off."""
    text = """
    ceasefire: 1
    horizon: 3
    parties: {a: {}}
    state: {n: {values: 0..3, start: 0}}
    chance: {tick: {set: {n: n + 1}}}
    """
    twin = Twin(loads(text))
    true = """
    eventually(n == 0); eventually(n == 3); always(n >= 0); at_end(n == 3); until(n < 2, n == 2);
    until(n == 9, n == 0); before(n == 1, n == 2); before(happens(tick), n == 1); lasting(n > 0, 3);
    before(n == 3, n == 9); eventually(happens(tick)) and not eventually(n == 9)
    """
    false = """
    eventually(n == 4); always(n > 0); at_end(n == 2); until(n == 0, n == 2);
    before(n == 2, n == 1); before(n == 1, happens(tick)); before(n == 1, n == 1);
    before(n == 9, n == 3); lasting(n < 2, 2)
    """
    for formula in true.split(";"):
        assert twin.ask(f"P({formula.strip()})") == 1.0, formula
    for formula in false.split(";"):
        assert twin.ask(f"P({formula.strip()})") == 0.0, formula
    assert twin.ask("P(lasting(n >= 0, 3), within=2)") == 0.0
    assert twin.ask("time(n == 2)") == 2.0
    assert twin.ask("time(n == 0)") == 0.0
    assert twin.ask("time(happens(tick))") == 1.0
    assert twin.ask("time(n == 3, within=2)") == 2.0
    assert twin.ask("E(n, at=2)") == 2.0
    assert twin.ask("least(n, P(at_end(n == 3), within=1) > 0.5)") == 2.0
    assert twin.ask("P(at_end(n == 3), provided=eventually(n == 9))") is None


def test_centipede() -> None:
    """McKelvey and Palfrey's game at precision 1."""
    twin = Twin(case_of("centipede"))
    players = ("first", "second")
    got = [twin.ask(f"plays({players[k % 2]}.take{k + 1})") for k in range(4)]
    assert got == pytest.approx([0.296257, 0.277980, 0.464884, 0.832018], abs=1e-6)


def test_knife_edge_of_a_message_that_is_almost_free() -> None:
    """The belief solves b = s(4(2q - 1)), q = s(4(2b - 1)); a hair decides which root."""
    b = 0.98
    for _ in range(100):
        b = logistic(4 * (2 * logistic(4 * (2 * b - 1)) - 1))
    twin = Twin(case_of("knife_edge"))
    asked = "belief(sender.left, after=sender.speak, given={{hair: {}}})"
    got = [twin.ask(asked.format(hair)) for hair in (0.001, 0, -0.001)]
    assert got == pytest.approx([0.979, 0.5, 0.021], abs=5e-4)
    assert got == pytest.approx([b, 0.5, 1 - b], abs=1e-3)
    assert twin.unresolved == 0


def test_branch_is_independent_of_step_size() -> None:
    """Shorter steps of the path lead to the same fixed point."""

    def gain(a: int, z: float) -> tuple[float, float]:
        heard = 2 * logistic(4 * (2 * logistic(z) - 1)) - 1
        return heard + 0.001 * (a == 0), -heard

    for precision in (2.0, 4.0, 12.0):
        coarse = principal(gain, [1.0, 2.0, 0.5], precision)
        fine = principal(gain, [1.0, 2.0, 0.5], precision, longest=0.03, limit=20000)
        assert coarse.resolved
        assert fine.resolved
        assert np.exp(coarse.logs) == pytest.approx(np.exp(fine.logs), abs=1e-9)


def test_a_branch_that_jumps_is_called_unresolved() -> None:
    """No curve leads to this precision: the gain has a step where the branch would have to go."""

    def gain(a: int, z: float) -> tuple[float, float]:
        return (1.0 if z < 0.5 else -1.0) * (a == 0), 0.0

    assert not principal(gain, [1.0, 1.0], 4.0).resolved


@pytest.mark.parametrize("name", ["knife_edge", "screening", "trust", "reputation"])
def test_values_by_recursion_are_means_over_plays(name: str) -> None:
    """Beliefs are martingales: a party's own value is the mean over types by its own prior."""
    case = case_of(name)
    twin = Twin(case)
    for party in case.parties:
        forward = twin.ask(f"value({party})")
        solved = next(iter(twin._solved.values()))
        start = solved.rules.start()
        values = solved.values(Position(0, 0, (), start), solved.nothing_shown)
        kinds = solved.rules.types(party)
        weights = [1.0] if len(kinds) == 1 else solved.priors[None, party]
        backward = sum(w * values[party, kind] for w, kind in zip(weights, kinds, strict=True))
        assert forward == pytest.approx(backward, abs=1e-9)


def test_curves_are_as_good_as_recursion() -> None:
    """Remembering what follows as a curve changes nothing that can be seen."""
    case = case_of("reputation")
    asked = ("P(eventually(fight))", "value(defender)", "belief(ruler.firm, after=ruler.hold)")
    slow, quick = Twin(case), Twin(case, quick=True)
    for text in asked:
        assert quick.ask(text) == pytest.approx(slow.ask(text), abs=1e-7)


def test_twin_refuses_unsupported_cases() -> None:
    """A value out of range, a chance above 1, and more decisions than it may take."""
    text = """
    ceasefire: 1
    horizon: 2
    parties: {{a: {{}}}}
    state: {{n: {{values: 0..1, start: 0}}}}
    moves: {{act: {{by: a, set: {{n: {to}}}, outcomes: [{{chance: {chance}}}]}}}}
    """
    with pytest.raises(TwinError, match="n cannot be 2"):
        Twin(loads(text.format(to="n + 1", chance="0.5"))).ask("E(n)")
    with pytest.raises(TwinError, match="a chance of 2"):
        Twin(loads(text.format(to="1", chance="2 - n * 0"))).ask("E(n)")
    with pytest.raises(TooLargeError):
        Twin(loads(text.format(to="1", chance="0.5")), most=1).ask("E(n)")
