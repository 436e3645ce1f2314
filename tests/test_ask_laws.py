"""What must be true of any answer, whatever the game: laws of probability and of play."""

import pytest

from ceasefire.ask import ask, prepare, read_question
from truce import CASE, GRID, numbers

SETTLED = 1e-3

FORMULAS = [
    "eventually(not war)",
    "always(war)",
    "at_end(strong)",
    "until(war, strong)",
    "before(happens(north.build), happens(talks.truce))",
    "before(not war, strong)",
    "lasting(not war, 2)",
    "eventually(happens(south.attack) or broken(oath))",
    "eventually(happens(talks.hint)) and not at_end(war)",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_and_its_opposite_make_one(formula):
    yes, no = numbers(f"P({formula})", f"P(not ({formula}))")
    assert yes + no == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("other", FORMULAS[:4])
@pytest.mark.parametrize("formula", FORMULAS[4:])
def test_either_and_both(formula, other):
    one, two, both, either, given = numbers(
        f"P({formula})",
        f"P({other})",
        f"P(({formula}) and ({other}))",
        f"P(({formula}) or ({other}))",
        f"P({formula}, provided={other})",
    )
    assert both + either == pytest.approx(one + two, abs=1e-9)
    assert given * two == pytest.approx(both, abs=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_types_make_up_the_whole(formula):
    whole, hawk, dove = numbers(
        f"P({formula})",
        f"P({formula}, types={{south: hawk}})",
        f"P({formula}, types={{south: dove}})",
    )
    assert 0.7 * hawk + 0.3 * dove == pytest.approx(whole, abs=SETTLED)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_coalition_of_all_does_no_worse_than_play_and_one_of_none_no_better(formula):
    none, north, both, every, play = numbers(
        f"can([], {formula})",
        f"can([north], {formula})",
        f"can([north, south], {formula})",
        f"can([north, south, east], {formula})",
        f"P({formula})",
    )
    assert none <= north + 1e-12 <= both + 2e-12 <= every + 3e-12
    assert none - 1e-9 <= play <= every + 1e-9


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_everybody_can_secure_nobody_else_can_prevent(formula):
    mine, theirs = numbers(f"can([north], {formula})", f"can([south, east], not ({formula}))")
    assert mine + theirs == pytest.approx(1.0, abs=1e-12)


def test_lasting_implies_eventually_and_longer_implies_shorter():
    found = numbers(*(f"P(lasting(not war, {n}))" for n in range(5)), "P(eventually(not war))")
    assert found[0] == pytest.approx(1.0)
    assert found[1] == pytest.approx(found[5])
    assert found[:5] == sorted(found[:5], reverse=True)


def test_looking_longer_only_helps_what_is_to_happen():
    found = numbers(*(f"P(eventually(strong), within={n})" for n in range(5)))
    assert found == sorted(found)


def test_time_is_the_sum_of_the_chances_of_waiting():
    time, *still = numbers(
        "time(not war)", *(f"P(not eventually(not war), within={n})" for n in range(4))
    )
    assert time == pytest.approx(sum(still))


def test_an_event_after_the_start_takes_at_least_a_period():
    (time, never) = numbers("time(happens(talks.truce))", "P(not eventually(happens(talks.truce)))")
    assert time >= 1 - never + 4 * never - 1e-9


def test_beliefs_stay_at_the_prior_on_average():
    for n in range(5):
        (belief,) = numbers(f"belief(south.dove, at={n})")
        assert belief == pytest.approx(0.3, abs=1e-6)


def test_conditional_beliefs_average_to_the_prior():
    at, p, yes, no = numbers(
        "belief(south.hawk, at=2)",
        "P(eventually(happens(south.attack)))",
        "belief(south.hawk, at=2, provided=eventually(happens(south.attack)))",
        "belief(south.hawk, at=2, provided=not eventually(happens(south.attack)))",
    )
    assert p * yes + (1 - p) * no == pytest.approx(at, abs=1e-9)


def test_belief_at_the_horizon_given_a_formula_is_bayes():
    formula = "eventually(happens(south.attack))"
    belief, p, hawk = numbers(
        f"belief(south.hawk, at=4, provided={formula})",
        f"P({formula})",
        f"P({formula}, types={{south: hawk}})",
    )
    assert belief == pytest.approx(0.7 * hawk / p, abs=SETTLED)


def test_choices_make_up_the_whole_and_the_belief_after_them_is_bayes():
    attack, rest, hawk, belief = numbers(
        "plays(south.attack, start={war: false})",
        "plays(south.pass, start={war: false})",
        "plays(south.attack, start={war: false}, types={south: hawk})",
        "belief(south.hawk, after=south.attack, start={war: false})",
    )
    assert attack + rest == pytest.approx(1.0)
    assert belief == pytest.approx(0.7 * hawk / attack)


def test_the_first_period_is_made_of_its_choices():
    offered, signed, by_south, happened = numbers(
        "plays(talks.truce)",
        "signs(north, talks.truce)",
        "signs(south, talks.truce)",
        "P(eventually(happens(talks.truce)), within=1)",
    )
    assert min(signed, by_south) * offered * 0.8 - 1e-9 <= happened
    assert happened <= max(signed, by_south) * offered * 0.8 + 1e-9


def test_those_who_believe_alike_expect_alike():
    for party in ("north", "east", "south"):
        own, analyst = numbers(f"value({party})", f"value({party}, by=analyst)")
        assert own == pytest.approx(analyst, abs=1e-6)


def test_beliefs_read_in_a_formula_agree_with_beliefs_expected():
    # Where belief can only be above or below, its average is fixed by how often it is which.
    above, below = numbers(
        "P(at_end(believes(analyst, south.hawk) >= 0.7), within=2)",
        "P(at_end(believes(analyst, south.dove) > 0.3), within=2)",
    )
    assert above + below == pytest.approx(1.0, abs=1e-9)
    always, never = numbers(
        "P(always(believes(east, south.hawk) >= 0), within=2)",
        "P(eventually(believes(north, south.dove) > 1), within=2)",
    )
    assert (always, never) == (pytest.approx(1.0), 0.0)


def test_a_formula_that_reads_beliefs_idly_is_the_same_formula():
    with_belief, plain = numbers(
        "P(eventually(not war and believes(east, south.hawk) >= 0))", "P(eventually(not war))"
    )
    assert with_belief == pytest.approx(plain, abs=SETTLED)


def test_questions_asked_together_or_alone_get_the_same_answers():
    texts = [
        "P(always(war))",
        "P(always(war), without=north.build)",
        "plays(south.attack, start={war: false})",
    ]
    together = [answer.best for answer in ask(CASE, *texts, certify=False, grid=GRID).answers]
    assert together == pytest.approx([numbers(text)[0] for text in texts], abs=1e-12)


def test_start_names_a_state_and_changes_nothing_where_it_is_the_start():
    one, two = numbers("P(always(war))", "P(always(war), start={war: true, force: 0})")
    assert one == two


def test_closing_for_the_whole_game_is_as_if_there_were_no_table():
    closed, without = numbers("P(always(war), closed={talks: 5})", "P(always(war), without=talks)")
    assert closed == pytest.approx(without, abs=1e-12)
    never, without_deals = numbers(
        "P(eventually(happens(talks.truce)), closed={talks: 4})",
        "P(always(war), without=[talks.truce, talks.hint])",
    )
    assert never == 0.0
    assert without_deals == pytest.approx(without, abs=1e-12)


def test_sharper_play_by_option_or_for_all():
    question = read_question(CASE, "P(always(war), sharper=3)")
    plain = read_question(CASE, "P(always(war))")
    by_option = prepare(CASE, [question], grid=GRID).read()
    for_all = prepare(CASE, [plain], grid=GRID).read(sharper=3.0)
    assert by_option.values == for_all.values
