"""The laws over every solver and every subject; each pair of law and subject has its turn.

All of them together, and the shipped cases as they are, take minutes: `verification/laws.py`.
"""

import pytest

from laws import LAWS, SOLVERS, Law, Solver, Subject, random, shipped, small

TURN, QUICK = 6, ("equilibrium", "power")
SUBJECTS = [*small(), *shipped(), *random()]
CASES = [
    pytest.param(law, solver, subject, id=f"{law.name}-{solver.name}-{subject.name}")
    for m, law in enumerate(LAWS)
    for solver in SOLVERS
    for n, subject in enumerate(SUBJECTS)
    if (m + n) % (TURN if solver.name in QUICK else 2 * TURN) == 0
    and law.speaks_of(solver, subject)
]


@pytest.mark.parametrize(("law", "solver", "subject"), CASES)
def test_law(law: Law, solver: Solver, subject: Subject) -> None:
    """It says something, and no pair of numbers breaks it."""
    pairs = list(law.run(solver, subject))
    assert pairs
    assert [pair for pair in pairs if not pair.holds] == []


def test_every_law_solver_and_subject_is_tried() -> None:
    """Nothing that is listed is left out."""
    taken = [case.values for case in CASES]
    assert {law for law, _, _ in taken} == set(LAWS)
    assert {solver for _, solver, _ in taken} == set(SOLVERS)
    assert {subject.name for _, _, subject in taken} == {subject.name for subject in SUBJECTS}
