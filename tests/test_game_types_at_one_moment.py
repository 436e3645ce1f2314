"""A party with types that chooses at one moment with others: what it does, and what it shows."""

import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import load, loads
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError
from ceasefire.game import build
from ceasefire.query import explain, plan_questions, read_question
from ceasefire.settings import SolveSettings
from support.twin_comparison import compare

STRIKE = """
ceasefire: 1
horizon: 1
ending: nothing
parties:
  raider: {precision: 4, types: {bold: 0.4, meek: 0.6}}
  guard: {precision: 3}
state: {raided: {}, ready: {}}
payoffs:
  raider: {prize: raided * (1 - 2 * ready) * (1.5 if type == bold else 0.7)}
  guard: {loss: -raided * (not ready)}
moves:
  raider.raid: {by: raider, cost: 0.2, set: {raided: true}}
  guard.watch: {by: guard, cost: 0.3, set: {ready: true}}
order: [[raider, guard]]
"""


def answers_by_hand() -> tuple[float, float, float]:
    """How likely the bold raid, the meek, and the guard to watch, each by the others."""
    bold = meek = watch = 0.5
    for _ in range(5000):
        raid = 0.4 * bold + 0.6 * meek
        last = bold, meek, watch
        bold = 1 / (1 + math.exp(-4 * (1.5 * (1 - 2 * watch) - 0.2)))
        meek = 1 / (1 + math.exp(-4 * (0.7 * (1 - 2 * watch) - 0.2)))
        watch = 1 / (1 + math.exp(-3 * (raid - 0.3)))
        bold, meek, watch = (0.5 * (a + b) for a, b in zip(last, (bold, meek, watch), strict=True))
    return bold, meek, watch


def test_each_type_answers_and_is_answered_as_it_is_believed_to_be() -> None:
    equilibrium = solve(build(loads(STRIKE)), grid=17)
    bold, meek, watch = answers_by_hand()
    assert equilibrium.certificate.unresolved == 0
    game, size = equilibrium.game, equilibrium.belief_grid.point_count
    graph = game.graphs[0]
    at = equilibrium.belief_grid.prior_point
    raid = [
        n for n in range(graph.node_count) if graph.moment[n] >= 0 and graph.axis[n] >= 0
    ]  # fmt: skip
    assert len(raid) == 2
    for node in raid:
        start = equilibrium.policy_offsets[0][node]
        found = equilibrium.policies[0][start : start + 4 * size].reshape(2, 2, size)[:, :, at]
        assert found[:, 0] == pytest.approx([bold, meek], abs=1e-9)
    (guard,) = {int(n) for n in graph.moment[graph.moment >= 0]}
    start = equilibrium.policy_offsets[0][guard]
    found = equilibrium.policies[0][start : start + 2 * size].reshape(2, size)[:, at]
    assert found[0] == pytest.approx(watch, abs=1e-9)
    assert np.isfinite(equilibrium.values).all()


NIGHT = """
ceasefire: 1
horizon: 2
ending: nothing
unknowns: {firm: {best: 0.35, range: [0.2, 0.6]}}
parties:
  guard: {precision: 5, patience: 0.8}
  raider: {precision: 4, patience: 0.9, types: {bold: firm, meek: 1 - firm}}
  ally: {precision: 3, patience: 0.9}
state: {raided: {}, ready: {}, dawn: {}, war: {start: true}}
payoffs:
  raider:
    prize: 0.5 * raided * (1 - 1.6 * ready) * (1.4 if type == bold else 0.6) + 0.3 * (not war)
  guard: {loss: -raided * (not ready) * (1.5 if type(raider) == bold else 0.7) + 0.4 * (not war)}
  ally: {calm: 0.5 * (not war) - 0.3 * raided}
moves:
  raider.raid:
    {by: raider, when: not dawn, cost: 0.1 if type == bold else 0.3, set: {raided: true}}
  guard.watch: {by: guard, when: not dawn, cost: 0.15, set: {ready: true}}
  ally.send: {by: ally, when: not dawn, cost: 0.1, set: {ready: true}}
  guard.yield_ground: {by: guard, when: war and dawn, cost: 0.5, set: {war: false}}
chance: {sunrise: {when: not dawn, outcomes: [{chance: 1, set: {dawn: true}}]}}
order: [[raider, {guard: [watch, pass]}, ally], {guard: [yield_ground, pass]}, sunrise]
"""

ASKED = [
    "P(at_end(raided))",
    "P(at_end(raided), types={raider: bold})",
    "P(at_end(raided), types={raider: meek})",
    "P(at_end(not war))",
    "P(eventually(happens(ally.send)))",
    "plays(raider.raid)",
    "plays(raider.raid, types={raider: bold})",
    "plays(guard.watch)",
    "value(guard)",
    "value(raider, type=bold)",
    "value(raider, type=meek)",
    "value(ally)",
    "value(raider, by=analyst)",
    "belief(raider.bold, at=1)",
    "belief(raider.bold, at=2, provided=at_end(raided))",
    "time(believes(guard, raider.bold) > 0.5, types={raider: bold})",
]


def test_everything_agrees_with_the_twin() -> None:
    rows = compare(NIGHT, ASKED)
    assert [row.question for row in rows] == ASKED
    assert [row for row in rows if not row.agree] == []
    assert max(row.allowed for row in rows) < 2e-2


def test_what_others_expect_of_it_is_the_mean_of_what_its_types_do() -> None:
    bold, meek, _ = answers_by_hand()
    (guarding,) = explain(loads(STRIKE), "guard", grid=9).decisions
    expected = {one.option: one.probability for one in guarding.expected}
    assert expected["raider.raid"] == pytest.approx(0.4 * bold + 0.6 * meek, abs=1e-9)


def ambush_by_hand(strong: float = 0.35) -> dict[str, float]:
    """What each does in the ambush, by answering each other again and again, and no grid."""
    raid, watch = {"strong": 0.5, "weak": 0.5}, 0.5
    held: dict[tuple[int, int], tuple[float, float]] = {}
    for _ in range(3000):
        for raided, ready in product((0, 1), (0, 1)):
            likely = {kind: p if raided else 1 - p for kind, p in raid.items()}
            believed = strong * likely["strong"]
            believed /= believed + (1 - strong) * likely["weak"]
            harm = (0.3 + raided) * (1 - 0.4 * ready) * (1.4 * believed + 0.4 * (1 - believed))
            yields = 1 / (1 + math.exp(-3 * (harm - 0.6)))
            held[raided, ready] = yields, -0.6 * yields - harm * (1 - yields)
        spoils = {"strong": lambda w: 0.9 - 0.4 * w, "weak": lambda w: 0.5 - w}
        cost = {"strong": 0.1, "weak": 0.3}
        for kind, gain in spoils.items():
            by_ready = [gain(w) + 1.2 * (held[1, w][0] - held[0, w][0]) for w in (0, 1)]
            worth = (1 - watch) * by_ready[0] + watch * by_ready[1] - cost[kind]
            raid[kind] += 0.3 * (1 / (1 + math.exp(-2 * worth)) - raid[kind])
        mean = strong * raid["strong"] + (1 - strong) * raid["weak"]
        gain_of_watching = sum(
            p * (held[r, 1][1] - held[r, 0][1]) for r, p in ((1, mean), (0, 1 - mean))
        )
        watch += 0.3 * (1 / (1 + math.exp(-3 * (gain_of_watching - 0.25))) - watch)
    return {**raid, "watch": watch, "yields": held[1, 0][0]}


def test_what_it_shows_is_answered_later() -> None:
    case = load(str(Path(__file__).parents[1] / "verification/cases/ambush.yaml"))
    asked = [
        "plays(raider.raid, types={raider: strong})",
        "plays(raider.raid, types={raider: weak})",
        "plays(guard.watch)",
        "P(at_end(yielded), provided=at_end(raided and not ready))",
    ]
    plan = plan_questions(case, [read_question(case, text) for text in asked], SolveSettings(65))
    result = plan.evaluate_world(case.best_estimates)
    assert result.unresolved == 0
    found = [float(each) for each in result.values]
    assert found == pytest.approx(list(ambush_by_hand().values()), abs=2e-4)


@pytest.mark.parametrize(("order", "left"), [("[a, b]", 1.0), ("[b, a]", 2.0)])
def test_moves_take_effect_in_the_order_listed_whoever_has_types(order: str, left: float) -> None:
    """The one with types chooses at the last nodes all the same."""
    case = loads(f"""
ceasefire: 1
horizon: 1
ending: nothing
parties: {{a: {{types: {{x: 0.5, y: 0.5}}}}, b: {{}}}}
state: {{n: {{values: 0..3, start: 0}}}}
payoffs: {{a: {{n: 0 * n}}, b: {{n: 0 * n}}}}
moves:
  a.double: {{by: a, set: {{n: "min(2 * n, 3)"}}}}
  b.begin: {{by: b, set: {{n: "min(n + 1, 3)"}}}}
order: [{order}]
""")
    asked = "P(at_end(n == 2))" if left == 2.0 else "P(at_end(n == 1))"
    plan = plan_questions(case, [read_question(case, asked)])
    found = float(plan.evaluate_world(case.best_estimates).values[0])
    assert found == pytest.approx(0.25 if left == 2.0 else 0.5, abs=1e-9)


def test_two_who_know_types_are_refused_and_one_beside_many_types() -> None:
    both = STRIKE.replace("guard: {precision: 3}", "guard: {knows: [raider]}")
    with pytest.raises(CaseError, match="one may know a type, found raider, guard"):
        loads(both)
    many = STRIKE.replace("  guard: {", "  other: {types: {x: 0.5, y: 0.3, z: 0.2}}\n  guard: {", 1)
    with pytest.raises(CaseError, match="more than two types, found other"):
        loads(many)


def test_of_several_the_best_is_reckoned_by_how_likely_each_type_is() -> None:
    """The likely type wants to meet at one place, the other at the other, and a goes along."""
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 30}, b: {precision: 30, types: {common: 0.9, rare: 0.1}}}
state: {a_left: {}, b_left: {}}
payoffs:
  a: {together: 1 * (a_left == b_left)}
  b: {together: (a_left == b_left) * (1.2 * (a_left if type == common else not a_left) + 0.3)}
moves: {a.left: {by: a, set: {a_left: true}}, b.left: {by: b, set: {b_left: true}}}
order: [[a, b]]
""")
    question = "P(at_end(a_left), selection={})"
    asked = [read_question(case, question.format(one)) for one in ("telling", "silent")]
    plan = plan_questions(case, asked, SolveSettings(9))
    best, worst = (float(each) for each in plan.evaluate_world(case.best_estimates).values)
    assert best > 0.999
    assert worst < 0.5
