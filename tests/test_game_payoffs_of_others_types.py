"""Payoffs that read the type of another party: counted by belief, and carried without error."""

import math

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import solve
from ceasefire.formats.game_tree import TerminalNode, unroll_game_tree
from ceasefire.formats.tables import to_tables
from ceasefire.game import build, game_parameters
from ceasefire.gmcr.case_graph import build_case_graph
from ceasefire.query import explain, plan_questions, read_question, read_questions
from ceasefire.query.unknown_dependence import UnknownDependence
from support.twin_comparison import compare

COURT = """
ceasefire: 1
horizon: 1
ending: {ending}
unknowns: {{guilt: {{best: 0.3, range: [0.2, 0.4]}}, harm: {{best: 2.0, range: [1, 3]}}}}
parties:
  judge: {{precision: 2, patience: 0.5}}
  accused:
    precision: 2
    types: {{guilty: guilt, innocent: 1 - guilt}}
    believed_by: {{judge: {{guilty: 0.6, innocent: 0.4}}}}
state: {{told: {{}}, jailed: {{}}}}
payoffs:
  judge: {{right: "jailed if type(accused) == guilty else -harm * jailed", peace: 0.1 * jailed}}
  accused: {{jail: -1 * jailed}}
moves:
  confess: {{by: accused, cost: "-0.5 if type == guilty else 0.3", set: {{told: true}}}}
  jail: {{by: judge, set: {{jailed: true}}}}
order: [{{accused: [confess, pass]}}, judge]
"""
COURT_ONCE = COURT.format(ending="nothing")


def answers(text: str, *asked: str, **world: float) -> list[float]:
    """What is answered, at the best estimates but for some unknowns."""
    case = loads(text)
    plan = plan_questions(case, read_questions(case, list(asked)))
    return [float(value) for value in plan.evaluate_world({**case.best_estimates, **world}).values]


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def test_what_nobody_has_shown_counts_by_the_prior() -> None:
    """The judge is worth .6 - .4 x 2 + .1 by its own prior if it jails: it does with s(2 x -.1)."""
    question = "plays(judge.jail, without=accused.confess)"
    assert answers(COURT_ONCE, question) == pytest.approx([logistic(2 * -0.1)], abs=1e-12)
    lasts = COURT.format(ending="lasts")  # .5 of a period's payoff for ever after: twice as much
    assert answers(lasts, question) == pytest.approx([logistic(2 * 2 * -0.1)], abs=1e-12)


def test_each_counts_by_its_own_belief() -> None:
    """The judge by its own prior, the analyst by another, and by the type where it is given."""
    jails = logistic(2 * -0.1)
    analyst = "value(judge, without=accused.confess, by=analyst"
    found = answers(
        COURT_ONCE,
        "value(judge, without=accused.confess)",
        f"{analyst})",
        f"{analyst}, types={{accused: guilty}})",
    )
    worth = [0.6 - 0.4 * 2 + 0.1, 0.3 - 0.7 * 2 + 0.1, 1 + 0.1]
    assert found == pytest.approx([jails * each for each in worth], abs=1e-9)


def test_what_was_shown_counts_by_what_it_left() -> None:
    """After a confession the judge jails by the belief that it left."""
    (belief, jails) = answers(
        COURT_ONCE,
        "belief(accused.guilty, by=judge, after=accused.confess)",
        "plays(judge.jail, after=accused.confess)",
    )
    assert belief > 0.75
    assert jails == pytest.approx(logistic(2 * (belief - 2 * (1 - belief) + 0.1)), abs=1e-3)


ASKED = [
    "value(judge)",
    "value(judge, by=analyst)",
    "value(judge, by=analyst, types={accused: innocent})",
    "value(accused, type=guilty)",
    "plays(judge.jail, after=accused.pass)",
    "P(eventually(jailed), types={accused: innocent})",
    "belief(accused.guilty, at=1, provided=eventually(jailed))",
    "value(judge, after=accused.confess)",
]


@pytest.mark.parametrize("ending", ["nothing", "lasts"])
def test_everything_agrees_with_the_twin(ending: str) -> None:
    rows = compare(COURT.format(ending=ending), ASKED)
    assert [row.question for row in rows] == ASKED
    assert [row for row in rows if not row.agree] == []
    assert max(row.allowed for row in rows) < 1e-2


def test_values_are_linear_in_what_is_believed_and_lose_nothing_on_the_grid() -> None:
    """Where nothing is shown, a value at any record is the mean of those of either type."""
    text = COURT_ONCE.replace(
        "order: [{accused: [confess, pass]}, judge]", "order: [{judge: [jail]}]"
    )
    play = solve(build(loads(text)), grid=9)
    judge = play.values[0, 0]
    believed = play.point_beliefs[0, 0]
    assert judge == pytest.approx(1.1 * believed - 1.9 * (1 - believed), abs=1e-12)


def test_explanations_add_up_to_the_value() -> None:
    case = loads(COURT_ONCE)
    (decision,) = explain(case, "judge", after="accused.confess").decisions
    jail = next(choice for choice in decision.choices if choice.option == "judge.jail")
    assert jail.value == pytest.approx(sum(jail.parts.values()))
    believed = decision.beliefs[0].probability
    assert dict(jail.terms)["right"] == pytest.approx(believed - 2 * (1 - believed), abs=1e-3)
    assert dict(jail.terms)["peace"] == pytest.approx(0.1)


def test_tree_tables_and_graph_say_it_by_type() -> None:
    case = loads(COURT_ONCE)
    game = build(case)
    leaves = [
        n
        for n in unroll_game_tree(game, game_parameters(game), 1000)
        if isinstance(n, TerminalNode)
    ]
    assert {round(float(leaf.payoff_from_period[0, 0]), 9) for leaf in leaves} == {0.0, 1.1, -1.9}
    rows = to_tables(game)[0]["payoffs"].filter(term="right").filter(value=-2.0)
    assert set(rows["others"]) == {"accused innocent"}
    jailed = [
        build_case_graph(case, types={"accused": kind}).payoff[0] for kind in ("guilty", "innocent")
    ]
    assert [sorted(set(np.round(row, 9))) for row in jailed] == [[0.0, 1.1], [-1.9, 0.0]]


def test_what_is_believed_of_those_paid_for_can_matter() -> None:
    case = loads(COURT_ONCE.replace("order: [{accused: [confess, pass]}, judge]", "order: [judge]"))
    dependence = UnknownDependence(build(case))
    found = dependence.unknowns_of(*read_question(case, "P(eventually(jailed))").quantities)
    assert found == {"guilt", "harm"}
