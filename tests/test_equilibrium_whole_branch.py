"""One branch for the whole game: where it ends, what it refuses, what is said of it."""

from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import load, loads
from ceasefire.ensemble import ask, check
from ceasefire.equilibrium import solve
from ceasefire.errors import QuestionError, SolveError
from ceasefire.game import build, game_parameters, unroll_histories
from ceasefire.query import plan_questions, read_question
from ceasefire.query.evaluator import Evaluator
from ceasefire.query.state_distribution import StateDistribution
from support.twin_comparison import compare
from test_game_news_from_chance import LEAK
from test_game_parties_that_know import MEDIATOR
from test_game_payoffs_of_others_types import COURT

SMALL = Path(__file__).parent / "cases_small"
TWO_WAYS, WORDS, REPUTATION = (
    load(SMALL / f"{name}.yaml") for name in ("two_ways_to_tell", "words_of_no_cost", "reputation")
)
HAWK_SAYS_RED = "plays(envoy.say_red, types={envoy: hawk}"
IN_REPUTATION = [
    "P(eventually(fight), selection=whole)",
    "value(ruler, type=soft, selection=whole)",
    "value(defender, selection=whole)",
    "value(defender, by=analyst, selection=whole)",
    "plays(defender.challenge, selection=whole)",
    "belief(ruler.firm, by=defender, after=[defender.challenge, ruler.resist], selection=whole)",
    "belief(ruler.firm, at=2, provided=eventually(happens(ruler.resist)), selection=whole)",
    "time(believes(defender, ruler.firm) > 0.4, selection=whole)",
    "P(eventually(fight), after=defender.challenge, types={ruler: soft}, selection=whole)",
    "P(eventually(lost == 2), start={lost: 1}, sharper=0.2, selection=whole)",
]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("reputation", IN_REPUTATION),
        ("two_ways_to_tell", [f"{HAWK_SAYS_RED}, selection=whole)"]),
        ("knife_edge", ["value(receiver, given={hair: 0.001}, selection=whole)"]),
    ],
)
def test_every_quantity_agrees_with_the_twin_that_follows_histories(name, asked):
    """Without a grid: the two agree to rounding, an observer with a prior of its own included."""
    rows = compare((SMALL / f"{name}.yaml").read_text(encoding="utf-8"), asked)
    assert [row.question for row in rows] == asked
    assert max(row.miss for row in rows) < 1e-9


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            LEAK,
            [
                "P(eventually(war == false), selection=whole)",
                "value(watcher, selection=whole)",
                "belief(owner.strong, by=watcher, at=1, selection=whole)",
                "plays(watcher.yield_ground, after=drill.farce, selection=whole)",
                "P(always(war), types={owner: strong}, selection=whole)",
            ],
        ),
        (
            MEDIATOR,
            [
                "value(mediator, selection=whole)",
                "value(power, selection=whole)",
                "value(rival, type=weak, selection=whole)",
                "belief(rival.strong, by=power, after=mediator.warn, selection=whole)",
                "P(at_end(war), types={rival: strong}, selection=whole)",
            ],
        ),
        *(
            (
                COURT.format(ending=ending),
                [
                    "value(judge, selection=whole)",
                    "value(judge, by=analyst, selection=whole)",
                    "plays(accused.confess, types={accused: guilty}, selection=whole)",
                    "P(at_end(jailed), after=accused.confess, selection=whole)",
                ],
            )
            for ending in ("nothing", "lasts")
        ),
    ],
)
def test_news_payoffs_of_others_types_and_parties_that_know_agree_with_the_twin(text, asked):
    rows = compare(text, asked)
    assert [row.question for row in rows] == asked
    assert max(row.miss for row in rows) < 1e-9


def test_it_ends_elsewhere_than_the_branch_of_each_decision():
    whole, apart = (
        ask(TWO_WAYS, f"{HAWK_SAYS_RED}, selection={name})").answers[0].best
        for name in ("whole", "principal")
    )
    assert (whole, apart) == (pytest.approx(0, abs=1e-9), pytest.approx(1, abs=0.01))


def test_it_goes_straight_on_where_words_that_cost_nothing_could_mean_either():
    play = solve(unroll_histories(build(WORDS)), selection="whole")
    assert play.certificate.branch_points == 1
    assert play.value("hearer") == pytest.approx(-0.25, abs=0.01)


def test_without_types_it_is_the_only_equilibrium():
    case = load(SMALL / "centipede.yaml")
    party = next(iter(case.parties))
    numbers = [
        ask(case, f"value({party}, selection={name})").answers[0].best
        for name in ("whole", "principal")
    ]
    assert numbers[0] == numbers[1]


def test_an_unrolled_game_has_one_record_in_each_place():
    game = unroll_histories(build(REPUTATION))
    play = solve(game, selection="whole")
    assert play.record_of_state.shape == (len(game.states), 1)
    assert np.ptp(play.record_of_state) > 1
    first = game_parameters(build(REPUTATION))
    same = game_parameters(game)
    assert np.array_equal(first.payoff[game.unrolled.state], same.payoff)
    for period, graph in enumerate(game.graphs):
        built = game.unrolled.game.graph_of(period)
        assert np.array_equal(built.mover[game.unrolled.node[period]], graph.mover)
        before = np.repeat(np.arange(graph.node_count), np.diff(graph.first_branch))
        assert (graph.successor < before).all()


def test_what_was_said_before_is_part_of_the_history_though_no_state_recalls_it():
    game = unroll_histories(
        build(
            loads("""
ceasefire: 1
horizon: 3
ending: final
parties: {sender: {types: {kind: 0.5, cold: 0.5}}, reader: {}}
state: {x: {}}
moves: {say: {by: sender}}
order: [sender]
""")
        )
    )
    assert game.unrolled is not None
    assert len(game.unrolled.shown) == 1 + 2 + 4 + 8


def test_a_game_that_is_too_large_is_refused_with_the_count_and_a_way_out():
    with pytest.raises(SolveError) as refused:
        unroll_histories(build(REPUTATION), 20)
    (problem,) = refused.value.problems
    assert (problem.found, problem.allowed) == ("50 choice probabilities", "at most 20")
    assert "selection=telling" in problem.help
    with pytest.raises(SolveError, match="more than 40 choice probabilities"):
        unroll_histories(build(REPUTATION), 4)


def test_what_lies_off_the_branch_is_refused():
    asked = "belief(ruler.firm, after=[ruler.resist, ruler.resist], selection=whole)"
    with pytest.raises(SolveError, match="followed where play goes"):
        ask(REPUTATION, asked)
    plan = plan_questions(TWO_WAYS, [read_question(TWO_WAYS, f"{HAWK_SAYS_RED}, selection=whole)")])
    (evaluator,) = plan.evaluators().values()
    start = StateDistribution.at_start(evaluator.game)
    seen = StateDistribution(start.state_table, start.states, start.records + 1, start.weights)
    with pytest.raises(QuestionError, match="begins where nothing was shown"):
        Evaluator(evaluator.solution, seen)


def test_a_check_says_what_the_whole_branch_gives():
    found = check(TWO_WAYS, worlds=0, flips=False)
    (claim,) = found.claim_checks
    assert (claim.selection.selection, claim.whole_branch.selection) == ("telling", "whole")
    assert claim.as_json()["whole_branch"]["best"] is False
    (whole,) = ask(TWO_WAYS, f"{HAWK_SAYS_RED}, selection=whole)").answers
    assert claim.whole_branch.quantities[0][1] == pytest.approx(whole.best, rel=1e-9)
    said = f"the branch followed for the whole game gives {claim.whole_branch.quantities[0][1]:.3g}"
    (answer,) = ask(TWO_WAYS, f"{HAWK_SAYS_RED})").answers
    assert any(said in text for text in answer.warnings)


def test_a_check_of_a_large_game_says_nothing_of_it(monkeypatch):
    monkeypatch.setattr("ceasefire.query.plan.MOST_CHOICES_UNASKED", 10)
    (claim,) = check(TWO_WAYS, worlds=0, flips=False).claim_checks
    assert claim.selection is not None
    assert claim.whole_branch is None


LATE_SIGNAL = """
ceasefire: 1
horizon: 2
ending: final
parties: {a: {types: {firm: 0.4, soft: 0.6}, precision: 6}, b: {precision: 6}}
state: {armed: {}, left: {}}
payoffs: {a: {left: left, arms: "-0.4 * armed if type == soft else 0"}, b: {left: -0.5 * left}}
moves:
  arm: {by: a, set: {armed: true}, cost: 0.1}
  leave: {by: b, when: not left, set: {left: true}, cost: "-0.8 if armed else 0"}
chance: {rust: {when: armed, outcomes: [{chance: 0.3, set: {armed: false}}]}}
"""


def test_it_agrees_with_each_decision_where_there_is_one_equilibrium():
    """Solved on a grid decision by decision, and without one: as far as the grid allows."""
    case = loads(LATE_SIGNAL)
    asked = [f"E(left, selection={name})" for name in ("principal", "whole")]
    apart, whole = ask(case, *asked).answers
    assert whole.best == pytest.approx(apart.best, abs=apart.quantities[0].grid_change + 1e-9)
    assert whole.quantities[0].grid_change < 1e-9
