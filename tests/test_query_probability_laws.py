"""What must be true of any answer, whatever the game: laws of probability and of play."""

import pytest

from ceasefire.ensemble import ask
from ceasefire.query import plan_questions, read_question
from ceasefire.settings import SolveSettings
from support.truce_case import CASE, GRID, best_answers

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
def test_formula_and_negation_sum_to_1(formula):
    yes, no = best_answers(f"P({formula})", f"P(not ({formula}))")
    assert yes + no == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("other", FORMULAS[:4])
@pytest.mark.parametrize("formula", FORMULAS[4:])
def test_inclusion_exclusion(formula, other):
    one, two, both, either, given = best_answers(
        f"P({formula})",
        f"P({other})",
        f"P(({formula}) and ({other}))",
        f"P(({formula}) or ({other}))",
        f"P({formula}, provided={other})",
    )
    assert both + either == pytest.approx(one + two, abs=1e-9)
    assert given * two == pytest.approx(both, abs=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_probability_is_the_mean_over_types(formula):
    whole, hawk, dove = best_answers(
        f"P({formula})",
        f"P({formula}, types={{south: hawk}})",
        f"P({formula}, types={{south: dove}})",
    )
    assert 0.7 * hawk + 0.3 * dove == pytest.approx(whole, abs=SETTLED)


@pytest.mark.parametrize("formula", FORMULAS)
def test_security_of_nobody_and_everybody_bounds_play(formula):
    none, north, both, every, play = best_answers(
        f"can([], {formula})",
        f"can([north], {formula})",
        f"can([north, south], {formula})",
        f"can([north, south, east], {formula})",
        f"P({formula})",
    )
    assert none <= north + 1e-12 <= both + 2e-12 <= every + 3e-12
    assert none - 1e-9 <= play <= every + 1e-9


@pytest.mark.parametrize("formula", FORMULAS)
def test_coalition_and_complement_security_sum_to_1(formula):
    mine, theirs = best_answers(f"can([north], {formula})", f"can([south, east], not ({formula}))")
    assert mine + theirs == pytest.approx(1.0, abs=1e-12)


def test_lasting_implies_eventually_and_longer_implies_shorter():
    found = best_answers(*(f"P(lasting(not war, {n}))" for n in range(5)), "P(eventually(not war))")
    assert found[0] == pytest.approx(1.0)
    assert found[1] == pytest.approx(found[5])
    assert found[:5] == sorted(found[:5], reverse=True)


def test_eventually_grows_with_the_horizon():
    found = best_answers(*(f"P(eventually(strong), within={n})" for n in range(5)))
    assert found == sorted(found)


def test_expected_time_is_the_sum_of_survival_probabilities():
    time, *still = best_answers(
        "time(not war)", *(f"P(not eventually(not war), within={n})" for n in range(4))
    )
    assert time == pytest.approx(sum(still))


def test_an_event_after_the_start_takes_at_least_a_period():
    (time, never) = best_answers(
        "time(happens(talks.truce))", "P(not eventually(happens(talks.truce)))"
    )
    assert time >= 1 - never + 4 * never - 1e-9


def test_beliefs_are_martingales():
    for n in range(5):
        (belief,) = best_answers(f"belief(south.dove, at={n})")
        assert belief == pytest.approx(0.3, abs=1e-6)


def test_conditional_beliefs_average_to_the_prior():
    at, p, yes, no = best_answers(
        "belief(south.hawk, at=2)",
        "P(eventually(happens(south.attack)))",
        "belief(south.hawk, at=2, provided=eventually(happens(south.attack)))",
        "belief(south.hawk, at=2, provided=not eventually(happens(south.attack)))",
    )
    assert p * yes + (1 - p) * no == pytest.approx(at, abs=1e-9)


def test_belief_at_the_horizon_given_a_formula_is_bayes():
    formula = "eventually(happens(south.attack))"
    belief, p, hawk = best_answers(
        f"belief(south.hawk, at=4, provided={formula})",
        f"P({formula})",
        f"P({formula}, types={{south: hawk}})",
    )
    assert belief == pytest.approx(0.7 * hawk / p, abs=SETTLED)


def test_choices_sum_to_1_and_belief_after_them_is_bayes():
    attack, rest, hawk, belief = best_answers(
        "plays(south.attack, start={war: false})",
        "plays(south.pass, start={war: false})",
        "plays(south.attack, start={war: false}, types={south: hawk})",
        "belief(south.hawk, after=south.attack, start={war: false})",
    )
    assert attack + rest == pytest.approx(1.0)
    assert belief == pytest.approx(0.7 * hawk / attack)


def test_first_period_deal_is_offered_times_signed():
    offered, signed, by_south, happened = best_answers(
        "plays(talks.truce)",
        "signs(north, talks.truce)",
        "signs(south, talks.truce)",
        "P(eventually(happens(talks.truce)), within=1)",
    )
    assert min(signed, by_south) * offered * 0.8 - 1e-9 <= happened
    assert happened <= max(signed, by_south) * offered * 0.8 + 1e-9


def test_observers_with_equal_priors_agree():
    for party in ("north", "east", "south"):
        own, analyst = best_answers(f"value({party})", f"value({party}, by=analyst)")
        assert own == pytest.approx(analyst, abs=1e-6)


def test_beliefs_read_in_a_formula_agree_with_beliefs_expected():
    # Where belief can only be above or below, its average is fixed by how often it is which.
    above, below = best_answers(
        "P(at_end(believes(analyst, south.hawk) >= 0.7), within=2)",
        "P(at_end(believes(analyst, south.dove) > 0.3), within=2)",
    )
    assert above + below == pytest.approx(1.0, abs=1e-9)
    always, never = best_answers(
        "P(always(believes(east, south.hawk) >= 0), within=2)",
        "P(eventually(believes(north, south.dove) > 1), within=2)",
    )
    assert (always, never) == (pytest.approx(1.0), 0.0)


def test_a_vacuous_belief_condition_changes_nothing():
    with_belief, plain = best_answers(
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
    assert together == pytest.approx([best_answers(text)[0] for text in texts], abs=1e-12)


def test_start_names_a_state_and_changes_nothing_where_it_is_the_start():
    one, two = best_answers("P(always(war))", "P(always(war), start={war: true, force: 0})")
    assert one == two


def test_closed_for_the_whole_game_equals_without_the_table():
    closed, without = best_answers(
        "P(always(war), closed={talks: 5})", "P(always(war), without=talks)"
    )
    assert closed == pytest.approx(without, abs=1e-12)
    never, without_deals = best_answers(
        "P(eventually(happens(talks.truce)), closed={talks: 4})",
        "P(always(war), without=[talks.truce, talks.hint])",
    )
    assert never == 0.0
    assert without_deals == pytest.approx(without, abs=1e-12)


def test_sharper_option_equals_multiplied_precision():
    question = read_question(CASE, "P(always(war), sharper=3)")
    plain = read_question(CASE, "P(always(war))")
    by_option = plan_questions(CASE, [question], SolveSettings(GRID)).evaluate_world()
    for_all = plan_questions(CASE, [plain], SolveSettings(GRID)).evaluate_world(sharper=3.0)
    assert by_option.values == for_all.values
