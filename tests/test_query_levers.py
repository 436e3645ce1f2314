"""What a lever changes in a question, what contradicts it, and what lint says of levers."""

from pathlib import Path

import pytest

from ceasefire.case import Case, load, loads
from ceasefire.errors import QuestionError
from ceasefire.query import read_question
from ceasefire.query.levers import (
    LeverOptions,
    contradictions_with_question,
    describe_options,
    is_levelled,
    lint_levers,
    pull_lever,
    read_levers,
)

FILE = Path(__file__).parent / "cases_small" / "levers.yaml"


@pytest.fixture(scope="module")
def case() -> Case:
    return load(FILE)


def with_levers(**levers: str) -> Case:
    lines = [f'  {name}: {{set: "{text}"}}' for name, text in levers.items()]
    text = FILE.read_text(encoding="utf-8")
    return loads("\n".join([text[: text.index("levers:")] + "levers:", *lines]))


def test_every_option_is_read(case: Case) -> None:
    assert read_levers(case) == {
        "be_ready": LeverOptions(start=(("force", 2),)),
        "stand_aside": LeverOptions(without=frozenset({"b.build", "talks"})),
        "wait": LeverOptions(closed=(("talks", 2),)),
        "be_sure": LeverOptions(without=frozenset({"a.threaten"}), given=(("luck", 0.9),)),
    }
    assert list(read_levers(case, ["wait", "be_ready", "wait"])) == ["wait", "be_ready"]


def test_a_lever_that_is_none_is_refused(case: Case) -> None:
    with pytest.raises(QuestionError, match="no such lever, found be_redy; allowed: be_ready"):
        read_levers(case, ["be_redy"])


def test_all_faults_are_found_at_their_places() -> None:
    case = with_levers(
        one="start={force: 3, wer: true}, without=talk",
        two="closed={talks: 7}, given={lucky: 1}",
        three="start={}",
        four="start={force: 1}",
    )
    problems, warnings = lint_levers(case)
    assert [(p.line, p.path, p.message) for p in problems] == [
        (14, "levers.one.set", "is no value of force"),
        (14, "levers.one.set", "is no variable or promise"),
        (14, "levers.one.set", "is no table, table.deal, party.move or chance"),
        (15, "levers.two.set", "periods cannot be this"),
        (15, "levers.two.set", "is no unknown"),
        (16, "levers.three.set", "decides nothing"),
    ]
    assert [p.column for p in problems[:3]] == [29, 32, 52]
    assert not warnings
    with pytest.raises(QuestionError) as caught:
        read_levers(case)
    assert tuple(caught.value.problems) == problems


def test_a_lever_that_changes_nothing_is_warned_of() -> None:
    case = with_levers(
        idle="start={force: 0, war: true}",
        half="start={force: 0}, closed={talks: 1}",
        real="start={force: 0, war: false}",
    )
    problems, (warning,) = lint_levers(case)
    assert not problems
    assert (warning.path, warning.line) == ("levers.idle.set", 14)
    assert warning.message == "changes nothing: the case begins so"


def test_options_of_a_lever_join_those_of_the_question(case: Case) -> None:
    question = read_question(
        case,
        "P(eventually(not war), start={war: true}, closed={talks: 1}, without=tires) - E(force)",
    )
    options = LeverOptions(
        start=(("force", 2),), without=frozenset({"b.build"}), given=(("luck", 0.9),)
    )
    pulled = pull_lever(question, options)
    assert (pulled.text, pulled.expression) == (question.text, question.expression)
    first, second = pulled.quantities
    assert first.start == (("force", 2), ("war", True))
    assert first.modification.without == {"tires", "b.build"}
    assert first.modification.closed == (("talks", 1),)
    assert first.modification.given == (("luck", 0.9),)
    assert second.start == (("force", 2),)
    assert second.modification.without == {"b.build"}


def test_contradictions_are_named_and_agreement_is_none(case: Case) -> None:
    text = "P(eventually(not war), start={force: 1}, closed={talks: 2}, given={luck: 0.5})"
    question = read_question(case, text)

    def contradicting(**options: object) -> object:
        found = contradictions_with_question(question, LeverOptions(**options))  # type: ignore[arg-type]
        assert set(found) <= {text}
        return found.get(text, ())

    assert contradicting(start=(("force", 2),)) == ("start={force}",)
    assert contradicting(closed=(("talks", 3),), given=(("luck", 0.1),)) == (
        "closed={talks}",
        "given={luck}",
    )
    assert contradicting(start=(("force", 1), ("war", False)), closed=(("talks", 2),)) == ()
    assert contradicting(without=frozenset({"talks"})) == ()


def test_a_question_whose_difference_a_lever_levels_is_noticed(case: Case) -> None:
    question = read_question(case, "P(always(war)) - P(always(war), without=talks) > 0.1")
    assert is_levelled(question, LeverOptions(without=frozenset({"talks"})))
    assert not is_levelled(question, LeverOptions(without=frozenset({"b.build"})))


def test_options_are_written_as_in_a_question(case: Case) -> None:
    options = LeverOptions(
        start=(("force", 2), ("war", False)),
        without=frozenset({"talks", "b.build"}),
        closed=(("talks", 2),),
        given=(("luck", 0.25),),
    )
    text = describe_options(options)
    assert text == (
        "start={force: 2, war: false}, closed={talks: 2}, given={luck: 0.25}, "
        "without=[b.build, talks]"
    )
    assert read_levers(with_levers(again=text))["again"] == options


def test_what_the_goal_sets_goes_before_the_lever(case: Case) -> None:
    """Nobody sees it: `choose` refuses such a goal. `least` tries one value after the other."""
    question = read_question(case, "P(eventually(not war), start={force: 1})")
    (quantity,) = pull_lever(question, LeverOptions(start=(("force", 2),))).quantities
    assert quantity.start == (("force", 1),)
