"""`lint` refuses the claims that `check` refuses, and warns of those that nothing can decide."""

import pytest

from ceasefire.case import loads
from ceasefire.cli.commands_files import lint_file
from ceasefire.errors import QuestionError
from ceasefire.query import read_claims, read_question
from ceasefire.query.claim_lint import answer_whatever_the_numbers, lint_claims

TEXT = """
ceasefire: 1
horizon: 6
unknowns: {rate: {best: 0.5, range: [0.1, 0.9]}}
parties: {ally: {}, rival: {types: {hawk: 0.6, dove: 0.4}}}
state: {war: {start: true}, force: {values: 0..3, start: 0}}
conditions: {safe: force >= 2}
moves:
  act: {by: ally, when: force < 3, outcomes: [{name: win, chance: rate, set: {force: force + 1}}]}
  strike: {by: rival, when: not war, set: {war: true}}
promises: {pledge: {by: rival, forbids: [strike]}}
tables:
  talks:
    seats: [rival, ally]
    deals: {truce: {when: war, set: {war: false}, promises: [pledge]}}
"""
WRONG_TESTS = [
    "P(eventualy(war)) > 0.5",
    "P(war) > 0.5",
    "war",
    "safe",
    "0.7",
    "P(always(war))",
    "value(nobody) > 1",
    "value(ally, type=hawk) > 1",
    "P(always(war), within=99) > 0.5",
    "P(always(war), within=-1) > 0.5",
    "P(always(war), start={force: 7}) > 0.5",
    "P(always(war), start={forse: 1}) > 0.5",
    "P(always(war), without=talk) > 0.5",
    "P(always(war), given={rat: 0.5}) > 0.5",
    "P(always(war), sharper=0) > 0.5",
    "plays(ally.strike) > 0.5",
    "signs(ally, talks.peace) > 0.5",
    "belief(rival.hawkish) > 0.5",
    "can([], war) > 0.5",
    "kept(war, 2) > 0.5",
    "P(eventually(happens(drift))) > 0.5",
    "Prob(always(war)) > 0.5",
    "P(always(war)) > some_limit",
]


@pytest.mark.parametrize("wrong", WRONG_TESTS)
def test_lint_says_of_a_claim_what_check_says(wrong, tmp_path):
    file = tmp_path / "case.yaml"
    file.write_text(TEXT + f'claims:\n  fine: {{test: "P(always(war)) > 0.5"}}\n  wrong:\n'
                    f'    test: "{wrong}"\n')  # fmt: skip
    with pytest.raises(QuestionError) as refused:
        read_claims(loads(file.read_text(), str(file)))
    linted = lint_file(str(file))
    assert linted.game is None
    assert linted.problems == refused.value.problems
    assert {problem.line for problem in linted.problems} == {file.read_text().count("\n")}


def test_lint_reports_claims_and_numbers_at_once(tmp_path):
    file = tmp_path / "case.yaml"
    text = TEXT.replace("force: force + 1", "force: force + 2")
    file.write_text(text + 'claims: {wrong: {test: "P(war) > 0.5"}}\n')
    paths = [problem.path for problem in lint_file(str(file)).problems]
    assert paths[0] == "claims.wrong.test"
    assert any("act" in path for path in paths[1:])


@pytest.mark.parametrize(
    ("test", "answer"),
    [
        ("P(always(war)) > 0.9 or P(always(war)) <= 0.9", True),
        ("P(always(war)) >= 0", True),
        ("P(always(war)) > 1", False),
        ("P(always(war)) > 0.6 and P(always(war)) < 0.4", False),
        ("time(not war) <= 6", True),
        ("not (value(ally) > 2 or value(ally) <= 2)", False),
        ("true", True),
        ("P(always(war)) > 0.999999", None),
        ("P(always(war)) == 0.37", None),
        ("abs(P(always(war)) - kept(pledge, 2)) < 0.0000001", None),
        ("P(always(war)) + kept(pledge, 2) > 1.999", None),
        ("P(always(war)) * 3 < kept(pledge, 2)", None),
        ("E(force) > 2.9 and E(force) < 2.91", None),
        ("time(not war) < 6", None),
        ("value(ally) > 500000", None),
        ("P(always(war)) > rate", None),
        ("least(force, P(always(war)) < 0.1) <= 2", None),
        ("1 / P(always(war)) > 0.5", None),
        ("abs(E(force) / 100 - 0.2) < 0.015", None),
        ("abs(E(force) - E(war)) <= 1e-12", None),
        ("0.3 < 2 * P(always(war)) - 0.5 < 0.3000001", None),
        ("E(force) ** 2 == 2", None),
        ("P(always(war)) - kept(pledge, 2) <= 1", True),
        ("abs(P(always(war)) - kept(pledge, 2)) > 1", False),
        ("2 * P(always(war)) > 2 or time(not war) > 6", False),
        ("not exp(P(always(war))) < 1", True),
        ("P(always(war)) + 1 != 0 if E(force) > 1 else sqrt(E(force)) >= 0 or 1 < 2", True),
        ("1 / (1 + P(always(war))) == 2", False),
        ("1 / (2 * P(always(war)) - 0.123) == 7.5", None),
    ],
)
def test_only_a_test_that_no_number_decides_is_warned_of(test, answer):
    case = loads(TEXT)
    assert answer_whatever_the_numbers(case, read_question(case, test, test=True)) is answer


def test_a_claim_that_nothing_can_decide_is_a_warning_at_its_line():
    case = loads(TEXT + 'claims:\n  sure:\n    test: "P(always(war)) <= 1"\n', "some.yaml")
    problems, (warning,) = lint_claims(case)
    assert problems == ()
    assert str(warning).startswith("some.yaml:18:")
    assert "claims.sure.test: is true whatever its numbers are" in str(warning)
