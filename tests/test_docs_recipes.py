"""How things are written: every example is a case whose claims hold, every key is named."""

import re
from pathlib import Path

import pytest

from ceasefire.case import load, schema
from ceasefire.cli.commands_files import lint_file
from ceasefire.query import plan_questions, read_claims

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = [
    text
    for text in re.findall(
        r"^```yaml\n(.*?)^```", (DOCS / "recipes.md").read_text(encoding="utf-8"), re.M | re.S
    )
    if text.startswith("ceasefire: 1")
]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.splitlines()[1])
def test_an_example_is_a_case_whose_claims_hold(text: str, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(text, encoding="utf-8")
    linted = lint_file(str(file))
    assert [*linted.problems, *linted.warnings] == []
    case = load(file)
    claims = read_claims(case)
    found = plan_questions(case, tuple(claims.values())).evaluate_world(dict(case.best_estimates))
    assert [found.test_result(n) for n in range(len(claims))] == [True] * len(claims)


def test_there_is_an_example_of_each() -> None:
    page = (DOCS / "recipes.md").read_text(encoding="utf-8")
    assert len(EXAMPLES) == len(re.findall(r"^## ", page, re.M)) == 7


def test_every_key_of_the_format_stands_on_the_page_of_a_period() -> None:
    page = (DOCS / "period.md").read_text(encoding="utf-8")
    whole = schema()
    keys = {key for part in (whole, *whole["$defs"].values()) for key in part.get("properties", {})}
    named = set(re.findall(r"`([a-z_]+)(?:: [^`]*)?`", page))
    assert keys - named == set()
