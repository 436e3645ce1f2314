"""Memory does not pile up from world to world: what a world needed is free when it is read."""

import gc
import tracemalloc
from pathlib import Path

import pytest

from ceasefire.case import load
from ceasefire.ensemble.sampling import draw_worlds
from ceasefire.equilibrium import Equilibrium
from ceasefire.evidence import update
from ceasefire.query import plan_questions, read_claims

CASES = Path(__file__).parent / "browser" / "cases"


@pytest.fixture
def uncollected():
    """No garbage collector: solutions are few and large, so that it comes by far too seldom."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def solutions():
    return sum(isinstance(one, Equilibrium) for one in gc.get_objects())


def test_many_worlds_take_no_more_memory_than_a_few(uncollected):
    case = load(CASES / "truce.yaml")
    prepared = plan_questions(case, tuple(read_claims(case).values()))
    worlds, held = list(draw_worlds(case, 12, 0)), []
    prepared.evaluate_world(worlds[0])
    tracemalloc.start()
    for world in worlds:
        prepared.evaluate_world(world)
        held.append(tracemalloc.get_traced_memory()[0])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held[-1] - held[3] < 0.2 * most


def test_a_world_that_is_weighed_by_events_leaves_no_solution_behind(uncollected):
    case = load(CASES / "told.yaml")
    update(case, 1, workers=1)  # loading the kernels leaves garbage too
    before = solutions()
    update(case, 4, workers=1)
    assert solutions() == before
