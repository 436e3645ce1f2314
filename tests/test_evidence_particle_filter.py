"""The filter: what is exact, what is sampled and how well, and the laws of probability."""

import math

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import ParticleSet, initial_particle, propagate_particles, solve
from ceasefire.equilibrium.path_propagation import thin_particles
from ceasefire.evidence.events import read_recorded_events
from ceasefire.evidence.particle_filter import ParticleFilter, merge_filter_runs
from ceasefire.game import build
from support.event_cases import HIDDEN, PUBLIC, answers_after

WAYS = [
    ["{period: 0, move: north.shout}"],
    ["{period: 0, move: north.attack}"],
    ["{period: 0, move: north.pass}"],
]


def test_likelihoods_of_the_choices_at_a_step_sum_to_1() -> None:
    found = [answers_after(HIDDEN, way, [], 1, grid=33)[0] for way in (WAYS[0], WAYS[2])]
    chances = [math.exp(each.log_likelihoods[0]) for each in found]
    assert sum(chances) == pytest.approx(1.0, abs=1e-12)
    believed = [each.beliefs_by_version[0]["analyst", "north", "calm"] for each in found]
    assert np.dot(chances, believed) == pytest.approx(0.6, abs=1e-12)
    assert believed[0] < 0.6 < believed[1]


def test_claim_is_the_mean_over_possible_events() -> None:
    """Refused, signed, idle or offered nothing: whatever the table brings, and nothing known."""
    ways = [["{period: 0, deal: talks.truce}"], ["{period: 0, refused: talks.truce, by: north}"]]
    ways += [["{period: 0, idle: talks}"], []]
    *parts, whole = [answers_after(HIDDEN, way, ["P(at_end(war))"], 1, grid=33)[0] for way in ways]
    chances = [math.exp(part.log_likelihoods[0]) for part in parts]
    assert sum(chances) == pytest.approx(1.0, abs=1e-12)
    mean = sum(
        p * part.results_by_version[0].values[0] for p, part in zip(chances, parts, strict=True)
    )
    assert mean == pytest.approx(whole.results_by_version[0].values[0], abs=2e-4)


def test_resampling_keeps_heavy_particles_and_expected_mass() -> None:
    mass = np.array([0.4, 0.01, 0.2, 0.05, 0.04, 0.02, 0.18, 0.06, 0.03, 0.01])
    mean = np.zeros(len(mass))
    for seed in range(1500):
        kept, weights = thin_particles(mass, 5, np.random.default_rng(seed))
        assert len(kept) <= 5
        assert weights.sum() == pytest.approx(mass.sum(), rel=0.35)
        mean[kept] += weights / 1500
    assert mean == pytest.approx(mass, abs=0.01)
    kept, weights = thin_particles(mass, 5, np.random.default_rng(0))
    assert {0, 2, 6} <= set(kept.tolist())
    assert weights[np.isin(kept, [0, 2, 6])].tolist() == [0.4, 0.2, 0.18]


@pytest.fixture(scope="module")
def play():
    return solve(build(loads(PUBLIC)))


EVENTS = "events: [{period: 1, move: south.arm}, {period: 2, observed: {force: 1, war: true}}]"


def test_few_particles_are_unbiased_with_an_error_estimate(play) -> None:
    facts, _ = read_recorded_events(loads(PUBLIC + EVENTS))
    exact = ParticleFilter(play, 3, 10**6, 0).run(facts)
    assert exact.is_exact
    runs = [ParticleFilter(play, 3, 4, 0).run(facts, run_number=turn) for turn in range(200)]
    assert not any(run.is_exact for run in runs)
    points, log, error = merge_filter_runs(runs)
    assert error is not None
    assert 0.001 < error < 0.05
    likely = np.exp([run.log_likelihood for run in runs])
    assert error == pytest.approx(likely.std(ddof=1) / likely.mean() / 200**0.5, rel=1e-9)
    assert abs(math.exp(log - exact.log_likelihood) - 1.0) < 4.0 * error
    assert points.total_mass == pytest.approx(1.0, abs=1e-12)
    states = np.bincount(points.states, points.mass, len(play.game.states))
    right = np.bincount(exact.points.states, exact.points.mass, len(play.game.states))
    assert states == pytest.approx(right, abs=0.1)


def test_runs_sharing_a_prefix_equal_runs_from_scratch(play) -> None:
    facts, _ = read_recorded_events(loads(PUBLIC + EVENTS))
    filters = ParticleFilter(play, 3, 10**6, 0)
    whole = filters.run(facts)
    without = filters.run(facts[:1])
    shared = filters.run(facts[:1], shared_run=whole, shared_periods=2)
    assert shared.log_likelihood == pytest.approx(without.log_likelihood, abs=1e-12)
    assert shared.points.mass == pytest.approx(without.points.mass, abs=1e-12)
    assert filters.event_probability(facts[1], whole) == pytest.approx(
        math.exp(whole.period_log_probabilities[2]), abs=1e-12
    )


def test_equal_particles_are_merged(play) -> None:
    start = initial_particle(play, play.game.start_state({}))
    twice = ParticleSet(
        np.repeat(start.states, 2), np.repeat(start.records, 2, axis=0), np.array([0.5, 0.5])
    )
    one, two = (
        propagate_particles(play, 0, points, max_particles=10**6, rng=np.random.default_rng(0))[0]
        for points in (start, twice)
    )
    assert len(one) == len(two) == len(np.unique(one.states))
    assert one.mass == pytest.approx(two.mass, abs=1e-15)
