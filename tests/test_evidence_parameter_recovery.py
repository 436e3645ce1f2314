"""Planted types and unknowns come back from played histories; a filter that is off fails."""

from dataclasses import replace

import pytest

from ceasefire.case import loads
from verification.recovery import CASE, KINDS, calibration, recover


@pytest.fixture(scope="module")
def found():
    return recover(loads(CASE), 60, 16, grid=17)


def test_planted_parameters_are_recovered_with_nominal_coverage(found) -> None:
    rows = list(calibration(found, 16))
    assert len(rows) >= 3
    assert all(row.ok for row in rows), rows
    assert found.believed.std() > 0.1
    assert set(KINDS) == set(found.kinds)


def test_calibration_detects_wrong_beliefs(found) -> None:
    wrong = [
        replace(found, believed=1.0 - found.believed),
        replace(found, place=found.place * 0.5),
        replace(found, believed=0.0 * found.believed + 0.95),
    ]
    for one in wrong:
        assert not all(row.ok for row in calibration(one, 16))
