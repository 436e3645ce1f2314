"""Closed forms of the literature as small cases: the package and the twin both give them.

Each row is a case of `cases_small`, a question, what the literature says, and how near it must be.
The numbers are those of `oracles.json` where the source is given there; demands and payoffs are
shifted by a hair wherever the closed form rests on a tie.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ceasefire.ask import ask
from ceasefire.case import Case, load
from twin import Twin

SMALL = Path(__file__).parent / "cases_small"
FEARON = "given={cost_a: 0.2, win: 0.7, cost_b: 0.4}"
DECLINE = "given={cost_a: 0.4, cost_b: 0.3}"
COSTLY = "given={kappa: 0.3}"
WEAK = "given={enforced: 0.2}"
YEARS = ", ".join(["regime.pass"] * 34)


class Oracle(NamedTuple):
    """One number of the literature."""

    case: str
    question: str
    expected: float
    tolerance: float = 1e-3


ORACLES = [
    # McKelvey and Palfrey 1998, four-node centipede at precision 1
    Oracle("centipede", "plays(first.take1)", 0.296257, 1e-6),
    Oracle("centipede", "plays(second.take2)", 0.277980, 1e-6),
    Oracle("centipede", "plays(first.take3)", 0.464884, 1e-6),
    Oracle("centipede", "plays(second.take4)", 0.832018, 1e-6),
    # a free message is decided by a hair
    Oracle("knife_edge", "belief(sender.left, after=sender.speak, given={hair: 0.001})", 0.979),
    Oracle("knife_edge", "belief(sender.left, after=sender.speak)", 0.500),
    Oracle("knife_edge", "belief(sender.left, after=sender.speak, given={hair: -0.001})", 0.021),
    # Fearon 1995: the offer is the other's limit, here a hundredth less
    Oracle("bargain", "E(share)", 7.0),
    Oracle("bargain", "value(a)", 0.69),
    Oracle("bargain", "value(b)", 0.31),
    Oracle("bargain", "P(at_end(share == 11))", 0.0),
    Oracle("bargain", f"value(a, {FEARON})", 0.99),
    # Fearon 1995, Powell 1999: screening, here half a hundredth less
    Oracle("screening", "plays(talks.ask_high)", 1.0),
    Oracle("screening", "P(at_end(share == war))", 0.4),
    Oracle("screening", "value(a)", 0.64 - 0.6 * 0.005),
    Oracle("screening", "plays(talks.ask_high, given={tough_share: 0.7})", 0.0),
    Oracle("screening", "P(at_end(share == war), given={tough_share: 0.7})", 0.0),
    Oracle("screening", "value(a, given={tough_share: 0.7})", 0.55 - 0.005),
    # Fearon 1995, Powell 2006: preventive war, demands a hundredth less
    Oracle("preventive_war", "P(at_end(now == 11))", 1.0),
    Oracle("preventive_war", "value(a)", 1.6),
    Oracle("preventive_war", f"P(at_end(now == 11), {DECLINE})", 0.0),
    Oracle("preventive_war", f"E(now, {DECLINE})", 10.0),
    Oracle("preventive_war", f"E(later, {DECLINE})", 5.0),
    # the op-ed in one tree
    Oracle("oped", "E(force)", 5.0),
    Oracle("oped", "P(at_end(signed == both and not attacked))", 1.0),
    Oracle("oped", "value(europe)", 0.75),
    Oracle("oped", f"E(force, {COSTLY})", 0.0),
    Oracle("oped", f"P(at_end(signed == both), {COSTLY})", 0.0),
    Oracle("oped", f"value(europe, {COSTLY})", 0.0),
    # Kydd 2005: cooperate above a trust of (P - S) / (R - T + P - S)
    Oracle("trust", "plays(you.cooperate, given={trusted: 0.65})", 0.0),
    Oracle("trust", "plays(you.cooperate, given={trusted: 0.68})", 1.0),
    Oracle("trust", "plays(you.cooperate, given={temptation: 0.8, sucker: -2, trusted: 0.9})", 0.0),
    Oracle(
        "trust", "plays(you.cooperate, given={temptation: 0.8, sucker: -2, trusted: 0.92})", 1.0
    ),
    # Bayes on that threshold: 35 good years, or 6
    Oracle("decades", f"belief(regime.trustworthy, after=[{YEARS}]) < 0.666667", True),
    Oracle("decades", f"belief(regime.trustworthy, after=[{YEARS}, regime.pass]) > 0.666667", True),
    Oracle(
        "decades",
        "belief(regime.trustworthy, after=regime.pass, given={mimic: 0.5})",
        0.05 / (0.05 + 0.95 * 0.5),
        1e-6,
    ),
    # Slantchev 2005, reduced: m* = 1.5 and 2/3 of the attacker's force, in quarters
    Oracle("deterrence", "least(force, plays(attacker.attack) < 0.6)", 6),
    Oracle("deterrence", "least(force, plays(attacker.attack, given={attack_cost: 0.6}) < 0.5)", 3),
    # Walter 1997: a guarantee that is believed, and one that is not
    Oracle("guarantee", "plays(victim.sign)", 1.0),
    Oracle("guarantee", "value(victim)", 0.5),
    Oracle("guarantee", "P(at_end(cheats), start={signed: true})", 0.0),
    Oracle("guarantee", f"plays(victim.sign, {WEAK})", 0.0),
    Oracle("guarantee", f"value(victim, start={{signed: true}}, {WEAK})", 0.1),
    Oracle("guarantee", f"P(at_end(cheats), start={{signed: true}}, {WEAK})", 1.0),
    # Sebenius 1996
    Oracle("sequencing", "P(at_end(ally and enemy))", 0.48, 1e-12),
    Oracle("sequencing", "P(at_end(ally and enemy), given={ally_first: 0})", 0.27, 1e-12),
    # Smith and Stam: the first steps of the walk over forts
    Oracle("forts", "P(at_end(held == 5), within=4)", 6 / 16, 1e-12),
]
LONG = [
    Oracle("forts", "P(at_end(held == 10))", 0.5, 1e-6),
    Oracle("forts", "time(over)", 25.0, 1e-4),
    Oracle("forts", "P(at_end(held == 10), given={p: 0.6})", 0.883636, 1e-6),
    Oracle("forts", "time(over, given={p: 0.6})", 19.181818, 1e-4),
    Oracle("decades", "time(believes(analyst, regime.trustworthy) >= 0.666667, "
           "types={regime: trustworthy})", 35.0, 1e-6),
    Oracle("decades", "time(believes(analyst, regime.trustworthy) >= 0.666667, "
           "types={regime: trustworthy}, given={mimic: 0.5})", 6.0, 1e-6),
]  # fmt: skip
Engine = Callable[[Case, str], float]


def package(case: Case, question: str) -> float:
    """The package's answer; no decision may be unresolved."""
    answers = ask(case, question, certify=False)
    assert not answers.numerics.unresolved
    best = answers.answers[0].best
    assert best is not None
    return best


def twin(case: Case, question: str) -> float:
    """The twin's answer; no decision may be unresolved."""
    slow = Twin(case)
    best: float = slow.ask(question)
    assert not slow.unresolved
    return best


@pytest.mark.parametrize("engine", [package, twin])
@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: f"{oracle.case}-{oracle.question}")
def test_small_oracles(oracle: Oracle, engine: Engine) -> None:
    """Short games: both engines."""
    got = engine(load(SMALL / f"{oracle.case}.yaml"), oracle.question)
    assert abs(got - oracle.expected) <= oracle.tolerance


@pytest.mark.parametrize("oracle", LONG, ids=lambda oracle: f"{oracle.case}-{oracle.question}")
def test_long_oracles(oracle: Oracle) -> None:
    """Long games: the package alone."""
    got = package(load(SMALL / f"{oracle.case}.yaml"), oracle.question)
    assert abs(got - oracle.expected) <= oracle.tolerance


def test_a_wrong_number_is_rejected() -> None:
    """The comparison fails where it should."""
    case = load(SMALL / "centipede.yaml")
    assert abs(package(case, "plays(first.take1)") - 0.2963) > 1e-6
    assert math.isfinite(package(case, "value(first)"))


def test_every_small_case_is_used() -> None:
    """A case nobody asks anything proves nothing."""
    asked = {oracle.case for oracle in [*ORACLES, *LONG]} | {"reputation", "three_messages"}
    assert {path.stem for path in SMALL.glob("*.yaml")} <= asked
