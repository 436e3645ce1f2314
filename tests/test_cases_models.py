"""The models of the literature that ship: they build, their claims hold, and closed forms agree."""

from pathlib import Path

import pytest

from ceasefire.case import load
from ceasefire.cli.commands_files import lint_file
from ceasefire.query import plan_questions, read_claims
from verification.published_models import rows, wins_war

MODELS = sorted((Path(__file__).parents[1] / "cases" / "models").glob("*.yaml"))
WORDS_ARE_FREE = "a gesture without cost or effect for any type: it can show a type only by mistake"


def test_there_are_models() -> None:
    assert len(MODELS) >= 2


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_has_no_problem_and_all_its_claims_hold(path: Path) -> None:
    found = lint_file(str(path))
    assert not found.problems
    assert {problem.message for problem in found.warnings} <= {WORDS_ARE_FREE}
    case = load(path)
    claims = read_claims(case)
    result = plan_questions(case, tuple(claims.values())).evaluate_world(dict(case.best_estimates))
    assert [result.test_result(number) for number in range(len(claims))] == [True] * len(claims)
    assert all(claim.source in case.sources for claim in case.claims.values())


def test_numbers_are_those_of_the_literature() -> None:
    found = list(rows())
    assert len(found) == 17
    assert [row for row in found if not row.ok] == []


def test_the_closed_form_is_that_of_a_fair_and_of_a_sure_game() -> None:
    assert wins_war(0.5 + 1e-9, 1, 4) == pytest.approx(0.25, abs=1e-6)
    assert wins_war(1.0, 1, 4) == 1.0
