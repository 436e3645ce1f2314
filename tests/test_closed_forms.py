"""Closed forms of the literature as small cases: the package and the twin both give them.

The rows are those of `verification/oracles.yaml` that the twin can answer; all of them are run by
`make verify`.
"""

import math
from collections.abc import Callable

import pytest

from ceasefire.case import Case, model_files
from ceasefire.ensemble import ask
from twin import Twin
from verification.oracles import FOLDERS, ORACLES, Oracle, case_of

Engine = Callable[[Case, str], float]
SMALL = [oracle for oracle in ORACLES if oracle.twin]
ELSEWHERE = {"informed",   # compared with Gambit, or with the twin on questions of their own
    "arms", "blockade", "enforcement", "haggling", "ladder", "levers", "meeting", "observer",
    "patience", "reputation", "reputation_three", "sunk_cost", "three_messages", "truce",
    "ambush", "two_sided", "two_ways_to_tell", "words_of_no_cost",
}  # fmt: skip


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
@pytest.mark.parametrize("oracle", SMALL, ids=lambda oracle: f"{oracle.case}-{oracle.question}")
def test_package_and_twin_match_closed_forms(oracle: Oracle, engine: Engine) -> None:
    """Both engines give what theory says."""
    got = engine(case_of(oracle.case), oracle.question)
    assert abs(got - oracle.expected) <= oracle.tolerance


def test_a_wrong_number_is_rejected() -> None:
    """The comparison fails where it should."""
    case = case_of("centipede")
    assert abs(package(case, "plays(first.take1)") - 0.2963) > 1e-6
    assert math.isfinite(package(case, "value(first)"))


def test_every_case_is_used() -> None:
    """A case nobody asks anything proves nothing."""
    asked = {oracle.case for oracle in ORACLES} | ELSEWHERE
    own = [folder for folder in FOLDERS if folder.name != "models"]
    assert {path.stem for folder in own for path in folder.glob("*.yaml")} == {
        name for name in asked if name not in model_files()
    }
