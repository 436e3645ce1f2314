"""Asked from where things may stand: one point is the start itself, and mixtures are mixtures."""

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import ParticleSet, expected_rewards_to_go, propagate_forward
from ceasefire.query import expectations, plan_questions, read_questions
from ceasefire.query.state_distribution import StateDistribution
from ceasefire.settings import SolveSettings

CASE = """
ceasefire: 1
horizon: 4
tail: 2
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}}
parties:
  north: {types: {calm: 0.6, rash: 0.4}, precision: 2, believed_by: {south: {calm: 0.3, rash: 0.7}}}
  south: {precision: 3, types: {firm: 0.5, soft: 0.5}}
state: {war: {start: true}, force: {values: 0..2, start: 0}}
conditions: {safe: force >= 1}
payoffs:
  north: {war: "-1 * war if type == calm else 0.3 * war", fear: -0.3 * force}
  south: {war: "-0.8 * war if type == firm else -1.2 * war", safe: 0.2 * force}
moves:
  shout: {by: north, when: war, cost: "0.2 if type == calm else 0"}
  attack: {by: north, when: not war, set: {war: true}, cost: 0.3 * force}
  arm:
    by: south
    when: force < 2
    cost: "0.1 if type == firm else 0.4"
    outcomes: [{name: grows, chance: odds, set: {force: force + 1}}]
promises: {no_attack: {by: north, forbids: [attack], breach: 0.4}}
tables:
  talks:
    seats: [north, south]
    proposes: any
    meets: 0.7
    deals: {truce: {when: war, set: {war: false}, promises: [no_attack]}, swap: {}}
chance:
  storm:
    when: war
    outcomes: [{name: hits, chance: 0.1, set: {force: "max(force - 1, 0)"}}]
order: [storm, talks, north, south, {south: [arm, pass]}]
"""
QUESTIONS = [
    "P(lasting(not war, 2))",
    "P(eventually(happens(north.attack)), start={war: false, no_attack: true})",
    "P(at_end(war), provided=eventually(safe))",
    "P(at_end(war), types={north: calm}, within=3)",
    "P(at_end(war), without=talks.swap)",
    "P(at_end(war), closed={talks: 2})",
    "P(at_end(war), sharper=2, given={odds: 0.2})",
    "P(before(happens(north.shout), happens(talks.truce)))",
    "P(at_end(war), provided=eventually(believes(south, north.calm) > 0.5))",
    "E(force)",
    "E(force, at=2)",
    "E(force, at=1, provided=at_end(war))",
    "time(not war)",
    "time(happens(talks.swap), types={south: soft})",
    "time(believes(south, north.calm) > 0.5, types={north: calm})",
    "value(north)",
    "value(south, type=soft)",
    "value(south, by=analyst)",
    "value(north, by=analyst, type=calm, types={south: soft})",
    "plays(north.shout)",
    "plays(talks.truce)",
    "signs(south, talks.truce)",
    "signs(north, talks.truce, types={north: rash})",
    "belief(north.calm)",
    "belief(north.rash, by=south)",
    "belief(north.calm, by=south, after=[talks.swap, north.shout])",
    "belief(south.soft, by=north, at=3)",
    "belief(south.firm, at=2, provided=at_end(war))",
    "can([south], eventually(force >= 2))",
    "kept(no_attack, 3)",
    "kept(no_attack, 3, types={north: rash})",
    "least(force, P(at_end(war), start={war: false}) < 0.4)",
]


@pytest.fixture(scope="module")
def asked():
    """All questions made ready, their solutions, and the answers read at the start."""
    prepared = plan_questions(loads(CASE), read_questions(loads(CASE), QUESTIONS), SolveSettings(9))
    return prepared, prepared.evaluators(), prepared.evaluate_world()


def answered_at(asked, states, records, weights, chosen=None, *, backward=None):
    """The answers to chosen questions, all if None, in each version of where things may stand."""
    prepared, evaluators, _ = asked
    prepared = prepared if chosen is None else prepared.restricted_to(chosen)
    table = next(iter(evaluators.values())).game.state_table
    points = StateDistribution(table, np.array(states), np.array(records), np.array(weights))
    there = {key: each.at(points, backward=backward) for key, each in evaluators.items()}
    answers = {q: there[key].values_of(q) for q, key in prepared.solutions_by_quantity().items()}
    return [
        prepared.assemble_result({q: found[v] for q, found in answers.items()}, there)
        for v in range(len(weights))
    ]


def start_of(asked):
    return next(iter(asked[1].values())).game.start_state({})


@pytest.fixture
def runs(monkeypatch):
    """How often expectations were counted backwards, and forwards."""
    counted = {"backward": 0, "forward": 0}
    for way, work in (("backward", expected_rewards_to_go), ("forward", propagate_forward)):

        def count(*given, way=way, work=work, **more):
            counted[way] += 1
            return work(*given, **more)

        monkeypatch.setattr(expectations, work.__name__, count)
    return counted


def test_one_point_distribution_gives_the_same_quantities(asked, runs) -> None:
    """Counted backwards from the start, all comes out as it does forwards."""
    point = [start_of(asked)], [[0.0, 0.0]], [[1.0]]
    (forward,) = answered_at(asked, *point, backward=False)
    assert forward.quantity_values == asked[2].quantity_values
    assert runs["backward"] == 0 < runs["forward"]
    runs.update(forward=0)
    (backward,) = answered_at(asked, *point, backward=True)
    assert runs["forward"] == 3 < runs["backward"]  # what the analyst expects a party to get
    for question, expected, found in zip(QUESTIONS, asked[2].values, backward.values, strict=True):
        assert found == pytest.approx(expected, abs=1e-12), question


def test_mixtures_are_counted_backwards_as_they_are_forwards(asked) -> None:
    """Each question in each of three versions of two points at which much has been shown."""
    start, records = start_of(asked), [[0.8, -0.5], [-1.3, 2.0]]
    mixture = [start, start], records, [[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]]
    ways = [answered_at(asked, *mixture, backward=backward) for backward in (False, True)]
    for forward, backward in zip(*ways, strict=True):
        for number, question in enumerate(QUESTIONS):
            values = zip(
                forward.quantity_values[number], backward.quantity_values[number], strict=True
            )
            for one, other in values:
                assert other.value == pytest.approx(one.value, abs=1e-12), question
                assert other.given == pytest.approx(one.given, abs=1e-12), question


LINEAR = [0, 1, 4, 5, 6, 7, 9, 10, 12, 19, 20, 23, 25, 28, 29]


def test_mixture_is_the_mean_of_its_points(asked) -> None:
    start, records = start_of(asked), [[0.8, -0.5], [-1.3, 2.0]]
    weights = [[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]]
    one, other, both = answered_at(asked, [start, start], records, weights, LINEAR)
    for n, number in enumerate(LINEAR):
        mean = 0.25 * one.values[n] + 0.75 * other.values[n]
        assert both.values[n] == pytest.approx(mean, abs=1e-12), QUESTIONS[number]
    assert one.values[0] != pytest.approx(other.values[0], abs=1e-3)


def test_types_are_weighed_by_the_belief_at_each_point(asked) -> None:
    """A point at which north is surely calm counts for nothing among plays with a rash north."""
    start, records = start_of(asked), [[30.0, 0.0], [-30.0, 0.0]]
    chosen = [QUESTIONS.index("kept(no_attack, 3, types={north: rash})")]
    weights = [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    found = answered_at(asked, [start, start], records, weights, chosen)
    calm, rash, both = (sheet.values[0] for sheet in found)
    assert both == pytest.approx(rash, abs=1e-9)
    assert both != pytest.approx(0.5 * (rash + calm), abs=1e-3)


def test_backward_rewards_are_the_transpose_of_forward_mass(asked) -> None:
    """From any state and node of the records, both ways of counting agree."""
    play = next(iter(asked[1].values())).equilibrium
    rng = np.random.default_rng(1)
    reward = rng.random((len(play.game.states), 1, play.belief_grid.point_count))
    field = expected_rewards_to_go(play, 3, rewards={3: reward})
    assert len(play.game.reached_states[0]) > 0
    for state in play.game.reached_states[0]:
        for lane in rng.integers(0, play.belief_grid.point_count, 4):
            standing = np.zeros_like(reward)
            standing[state, 0, lane] = 1.0
            forward = (
                propagate_forward(play, initial_measure=standing, periods=3).final_measure * reward
            ).sum()
            assert field[state, lane] == pytest.approx(forward, abs=1e-12)


def test_beliefs_are_interpolated_without_error(asked) -> None:
    """Between the nodes the weights are linear in the reader's belief, so beliefs are exact."""
    play = next(iter(asked[1].values())).equilibrium
    records = np.random.default_rng(2).uniform(-5.0, 5.0, (50, 2))
    for row, viewer in ((-1, None), (1, play.observer_measure("south"))):
        lanes, weights = play.interpolate_batch(records, viewer)
        assert weights.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-12)
        observer = "analyst" if viewer is None else "south"
        read = (play.point_beliefs[row, 0][lanes] * weights).sum(axis=1)
        assert read == pytest.approx(play.belief(observer, "north", tuple(records.T)), abs=1e-9)


def test_points_report_their_mass() -> None:
    points = ParticleSet(np.array([0, 1]), np.zeros((2, 0)), np.array([0.25, 0.5]))
    assert (len(points), points.total_mass, points.scaled(2.0).total_mass) == (2, 0.75, 1.5)
