"""Reading between the nodes of a record, on a grid small enough to check by hand."""

import math

import numpy as np
import pytest

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment

LOW, STEP, SIZE = -2.0, 1.0, 5


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (-9.0, (0, -2.0)),
        (-2.0, (0, -2.0)),
        (-1.5, (0, -1.5)),
        (-1.0, (1, -1.0)),
        (1.9, (3, 1.9)),
        (2.0, (3, 2.0)),
        (math.inf, (3, 2.0)),
        (-math.inf, (0, -2.0)),
    ],
)
def test_records_are_located_in_their_grid_cell(record: float, expected: tuple[int, float]) -> None:
    assert locate_segment(record, LOW, STEP, SIZE) == expected


@pytest.mark.parametrize("logit", [0.0, -1.2])
def test_interpolation_weights_are_linear_in_belief(logit: float) -> None:
    nodes = LOW + STEP * np.arange(SIZE)
    belief = 1.0 / (1.0 + np.exp(-(logit + nodes)))
    for record in (-1.7, -0.5, 0.0, 1.25):
        k, _ = locate_segment(record, LOW, STEP, SIZE)
        f = interpolation_weight(record, k, logit, belief)
        read = (1.0 - f) * belief[k] + f * belief[k + 1]
        assert read == pytest.approx(1.0 / (1.0 + math.exp(-(logit + record))), abs=1e-14)
    assert interpolation_weight(9.0, SIZE - 2, logit, belief) == 1.0
    assert interpolation_weight(-9.0, 0, logit, belief) == 0.0
