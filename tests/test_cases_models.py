"""The models of the literature that ship: they build, their claims hold, and closed forms agree."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.case import load, model_files, model_texts
from ceasefire.cli.commands_files import lint_file
from ceasefire.cli.main import app
from ceasefire.errors import CaseError
from ceasefire.query import plan_questions, read_claims
from ceasefire.settings import SolveSettings
from verification.published_models import (
    PublishedNumber,
    battles_and_words,
    published_models,
    wins_war,
)

ROOT = Path(__file__).parents[1]
MODELS = sorted((ROOT / "cases" / "models").glob("*.yaml"))
WORDS_ARE_FREE = "a gesture without cost or effect for any type: it can show a type only by mistake"
MIXED = "is nowhere the best, and yet happens with probability"
MIXING = {  # by theory, or because noise is what they are about
    "dresher-1962",
    "hendricks-weiss-wilson-1988",
    "maynard-smith-price-1973",
    "mckelvey-palfrey-1998",
    "signorino-1999",
}
OFFERS_BY_THE_THOUSAND = {"rubinstein-1982", "stahl-1972"}
GRID_SIZES = {model.name: model.grid for model in published_models()}
FAST = [
    number
    for model in published_models()
    if model.name not in OFFERS_BY_THE_THOUSAND
    for number in model.numbers
    if number.ask is not None
]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_has_no_problem_and_all_its_claims_hold(path: Path) -> None:
    said = set[str]()
    if path.stem not in OFFERS_BY_THE_THOUSAND:
        found = lint_file(str(path))
        assert not found.problems
        said = {problem.message for problem in found.warnings}
    if path.stem in MIXING:
        said = {message for message in said if not message.startswith(MIXED)}
    assert said <= {WORDS_ARE_FREE}
    case = load(path)
    claims = read_claims(case)
    settings = SolveSettings(grid=GRID_SIZES[path.stem])
    plan = plan_questions(case, tuple(claims.values()), settings)
    result = plan.evaluate_world(dict(case.best_estimates))
    assert [result.test_result(number) for number in range(len(claims))] == [True] * len(claims)
    assert case.claims
    assert all(claim.source in case.sources for claim in case.claims.values())
    assert all(source.origin for source in case.sources.values())


@pytest.mark.parametrize("number", FAST, ids=lambda number: f"{number.model}: {number.says}")
def test_numbers_are_those_of_the_literature(number: PublishedNumber) -> None:
    ours = number.ours(load(model_files()[number.model]))
    assert ours == pytest.approx(number.expected, abs=number.tolerance)


def test_battles_tell_what_the_closed_forms_say() -> None:
    found = list(battles_and_words())
    assert len(found) == 16
    assert [row for row in found if not row.ok] == []


def test_every_model_has_a_number_a_reason_for_a_wide_tolerance_and_a_place_on_the_page() -> None:
    models = published_models()
    assert sorted(model.name for model in models) == sorted(path.stem for path in MODELS)
    assert len(models) >= 30
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for model in models:
        assert model.numbers
        assert all(number.why for number in model.numbers if number.tolerance > 1e-3)
        assert all((number.ask is None) != (number.turns is None) for number in model.numbers)
        assert all(f"| {number.says} |" in page for number in model.numbers)
        assert f"(models/{model.name}.svg)" in page
        figure = (ROOT / "docs" / "models" / f"{model.name}.svg").read_text(encoding="utf-8")
        assert figure.startswith("<svg")
        assert " ".join((load(model.path).about or "").split()) in page


def test_a_model_can_be_copied_with_what_it_extends(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    run = CliRunner().invoke(app, ["new", str(mine), "--from", "stahl-1972"])
    assert run.exit_code == 0, run.output
    assert load(mine).horizon == 5
    assert (tmp_path / "rubinstein-1982.yaml").exists()
    assert CliRunner().invoke(app, ["new", str(mine), "--from", "stahl-1972"]).exit_code == 2


def test_a_model_can_be_printed_and_all_are_listed() -> None:
    printed = CliRunner().invoke(app, ["new", "--from", "fearon-1995"])
    assert printed.stdout == model_texts("fearon-1995")["fearon-1995"]
    listed = CliRunner().invoke(app, ["new", "--list"]).stdout.splitlines()
    assert [line.split()[0] for line in listed] == [path.stem for path in MODELS]


def test_a_name_that_no_model_has_comes_with_the_nearest() -> None:
    with pytest.raises(CaseError) as raised:
        model_texts("feron-1995")
    assert raised.value.problems[0].help == "did you mean fearon-1995?"


def test_the_closed_form_is_that_of_a_fair_and_of_a_sure_game() -> None:
    assert wins_war(0.5 + 1e-9, 1, 4) == pytest.approx(0.25, abs=1e-6)
    assert wins_war(1.0, 1, 4) == 1.0
