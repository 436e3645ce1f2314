"""Every case that ships builds without a warning; those of one shape differ in what they say."""

from pathlib import Path

import pytest

from ceasefire.case import Case, load
from ceasefire.cli.commands_files import lint_file
from verification.shipped import games

CASES = Path(__file__).parents[1] / "cases"
SHIPPED = sorted(CASES.glob("*.yaml"))
SETTLEMENT = load(CASES / "settlement.yaml")
HISTORY = [
    load(path)
    for path in SHIPPED
    if "\nextends: settlement.yaml\n" in path.read_text(encoding="utf-8")
]


def name(case: Case) -> str:
    return Path(case.file).stem


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_case_has_neither_problems_nor_warnings(path: Path) -> None:
    found = lint_file(str(path))
    assert found.game is not None
    assert [problem.message for problem in (*found.problems, *found.warnings)] == []


def test_cases_that_change_numbers_alone_share_a_game() -> None:
    assert len(HISTORY) == 6
    assert {name(case) for case in HISTORY}.isdisjoint(path.stem for path in games())
    assert CASES / "settlement.yaml" in games()


@pytest.mark.parametrize("case", HISTORY, ids=name)
def test_past_wars_share_the_settlement_claims(case: Case) -> None:
    asked = {claim.test for claim in SETTLEMENT.claims.values()}
    assert len([claim for claim in case.claims.values() if claim.test in asked]) >= 13
    told = [claim for claim in case.claims.values() if claim.happened is not None]
    assert len(told) >= 6
    for claim in told:
        assert claim.as_of is not None
        assert str(case.start) <= claim.as_of < "2016"
        assert claim.source in case.sources


@pytest.mark.parametrize("case", HISTORY, ids=name)
def test_past_wars_document_their_own_numbers(case: Case) -> None:
    own = [one for one, told in case.unknowns.items() if told != SETTLEMENT.unknowns[one]]
    assert len(own) >= 10
    for one in own:
        assert case.unknowns[one].about != SETTLEMENT.unknowns[one].about, one


def test_levers_say_where_they_come_from() -> None:
    cases = [load(path) for path in SHIPPED]
    assert {"ukraine-2025", "korea-1953", "minsk-2015"} <= {name(c) for c in cases if c.levers}
    for lever in (lever for case in cases for lever in case.levers.values()):
        assert lever.says
        assert lever.source or lever.about
