"""Five answers become a case that has no problem and can be played."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.case import loads
from ceasefire.ensemble import ask
from ceasefire.errors import CaseError
from ceasefire.formats.guided_case import (
    PATTERNS,
    GuidedAnswers,
    GuidedSentence,
    GuidedTable,
    answers_as_text,
    answers_from_text,
    guided_case,
    outcome_choices,
    test_choices,
)

test_choices.__test__ = False
NAMES = st.sampled_from(
    ["Kyiv", "The allies", "Moscow", "pass", "État", "Нова", "2nd side", "fighting", "a: b", "{x}"]
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_gives_a_case_without_problem_or_warning(pattern):
    text = guided_case(PATTERNS[pattern].example)
    case = loads(text)
    assert not case.warnings
    assert case.sources
    answers = ask(case, *[claim.test for claim in case.claims.values()]).answers
    assert all(isinstance(answer.best, bool) for answer in answers)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_outcome_and_every_test_can_be_asked(pattern):
    example = PATTERNS[pattern].example
    tests = []
    for outcome in outcome_choices(example):
        for test in test_choices(example):
            sentence = GuidedSentence("It is so.", outcome, test)
            case = loads(guided_case(replace(example, sentences=(sentence,))))
            tests += [claim.test for claim in case.claims.values()]
    assert all(isinstance(answer.best, bool) for answer in ask(case, *tests).answers)


@given(st.data(), st.sampled_from(sorted(PATTERNS)))
@settings(max_examples=30, deadline=None)
def test_whatever_is_answered_gives_a_case_without_problem_or_says_which_field(data, pattern):
    parties = tuple(data.draw(st.lists(NAMES, min_size=2, max_size=4, unique=True)))
    tables = data.draw(
        st.lists(
            st.builds(
                GuidedTable,
                NAMES,
                st.lists(st.sampled_from(parties), min_size=2, max_size=3, unique=True).map(tuple),
                st.lists(NAMES, min_size=1, max_size=2, unique=True).map(tuple),
            ),
            max_size=2,
        )
    )
    answers = GuidedAnswers(pattern, "A case", parties, tuple(tables), ())
    outcome = data.draw(st.sampled_from(sorted(outcome_choices(answers))))
    test = data.draw(st.sampled_from(sorted(test_choices(answers))))
    said = data.draw(NAMES)
    case = loads(guided_case(replace(answers, sentences=(GuidedSentence(said, outcome, test),))))
    assert not case.warnings
    assert [party.name for party in case.parties.values()] == list(parties)


def test_numbers_in_the_words_of_their_author_reach_the_case():
    example = PATTERNS["war"].example
    said = {
        "war_cost_north": "0,6",
        "war_cost_south": "about 0.3 to 0.9",
        "peace_talks_meets": "50 %",
    }
    unknowns = loads(guided_case(replace(example, estimates=said))).unknowns
    assert unknowns["war_cost_north"].best == 0.6
    assert unknowns["war_cost_north"].kind is None
    assert unknowns["war_cost_south"].parameters == (0.3, 0.9)
    assert unknowns["war_cost_south"].best == pytest.approx(0.6)
    assert unknowns["peace_talks_meets"].best == 0.5


def test_everything_that_is_missing_is_said_at_its_field():
    bad = GuidedAnswers("war", "", ("A", "A"), (GuidedTable("", ("A",), ()),), ())
    with pytest.raises(CaseError) as caught:
        guided_case(bad)
    assert {p.path for p in caught.value.problems} == {
        "parties", "tables[0].name", "tables[0].seats", "tables[0].deals",
    }  # fmt: skip
    good = PATTERNS["war"].example
    said = {"war_cost_north": "much", "peace_talks_meets": "150 %"}
    with pytest.raises(CaseError) as caught:
        guided_case(replace(good, estimates=said, sentences=(GuidedSentence(" ", "none"),)))
    assert {p.path for p in caught.value.problems} == {
        "estimates.war_cost_north", "estimates.peace_talks_meets",
        "sentences[0].says", "sentences[0].outcome",
    }  # fmt: skip


def test_the_thesis_rests_on_the_sentences_after_it():
    case = loads(guided_case(PATTERNS["war"].example))
    thesis, reason = case.claims
    assert case.claims[thesis].because == (reason,)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_answers_that_are_put_away_are_the_same_when_taken_out(pattern):
    example = PATTERNS[pattern].example
    mine = replace(example, title="Ours — «наша»", estimates={"odds": "50 %"}, horizon=7)
    assert answers_from_text(answers_as_text(mine)) == mine


def test_what_is_offered_no_longer_is_left_out_of_answers_that_were_put_away():
    example = PATTERNS["war"].example
    tables = (GuidedTable("Talks", ("North", "Nobody"), ("A truce",)),)
    sentences = (GuidedSentence("It ends.", "ends", "without_peace_talks"),)
    found = answers_from_text(answers_as_text(replace(example, tables=tables, sentences=sentences)))
    assert found is not None
    assert found.tables[0].seats == ("North",)
    assert found.sentences[0].test == "likely"


@pytest.mark.parametrize(
    "changes",
    [
        {"pattern": "feud"},
        {"period": "era"},
        {"horizon": 10**9},
        {"parties": tuple(map(str, range(1000)))},
        {"sentences": (GuidedSentence("It ends.", "ends"),) * 100},
    ],
)
def test_answers_that_no_page_could_have_put_away_are_none(changes):
    assert answers_from_text(answers_as_text(replace(PATTERNS["war"].example, **changes))) is None


@pytest.mark.parametrize("text", ["", "null", "[]", '{"pattern": "war"}', "a" * 100])
def test_a_text_that_is_no_answers_is_none(text):
    assert answers_from_text(text) is None
