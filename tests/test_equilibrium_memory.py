"""A solution takes no more than it was allowed, and is refused before it takes it."""

import tracemalloc
from pathlib import Path

import pytest

from ceasefire.case import load
from ceasefire.equilibrium import solve
from ceasefire.errors import SolveError
from ceasefire.game import build

GAME = build(load(Path(__file__).parent / "browser" / "cases" / "truce.yaml"))


def peak(**how):
    tracemalloc.start()
    try:
        solve(GAME, **how)
        return tracemalloc.get_traced_memory()[1]
    except SolveError:
        return -tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("how", [{"grid": 20_001}, {"grid": 5_001, "halvings": 2}])
def test_memory_use_stays_within_the_limit(how):
    least = next(size for size in range(1, 500) if peak(memory=size * 1e6, **how) > 0)
    assert peak(memory=least * 1e6, **how) < 1.1 * least * 1e6
    assert -peak(memory=(least - 1) * 1e6, **how) < 0.3 * least * 1e6


def test_oversized_grid_is_refused_before_allocation():
    assert -1e6 < peak(grid=1_000_001, memory=1e9) < 0
    assert -1e6 < peak(grid=3, halvings=60) < 0


@pytest.mark.parametrize("size", [-5, 0, 1, 4, 1_000_003, 10**400 + 1])
def test_unaddressable_grid_is_refused(size):
    with pytest.raises(SolveError, match="from 3 to 1,000,001"):
        solve(GAME, grid=size)
