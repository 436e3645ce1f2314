"""A claim over two unknowns: read where it stands, with the line at which it flips."""

from dataclasses import replace

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import threshold_plane
from ceasefire.errors import WorldError
from ceasefire.query import QueryPlan

CASE = loads("""
ceasefire: 1
horizon: 1
unknowns:
  near: {best: 0.5, range: [0, 1]}
  far: {best: 0.2, range: [0.1, 0.5]}
  few: {oneof: [0.2, 0.6]}
  idle: {range: [0, 1]}
parties: {a: {}}
state: {war: {start: true}}
chance: {end: {when: war, outcomes: [{chance: near ** 2 * far * few, set: {war: false}}]}}
claims: {quiet: {test: "P(at_end(not war)) > 0.05"}}
""")


def test_plane_points_are_evaluated_at_their_position():
    found = threshold_plane(CASE, "quiet", "near", "far", points=3, workers=1)
    assert [r.x for r in found.points] == [0, 0.5, 1] * 3
    assert [r.y for r in found.points] == pytest.approx([0.1] * 3 + [0.3] * 3 + [0.5] * 3)
    for reading in found.points:
        assert reading.margin == pytest.approx(0.2 * reading.x**2 * reading.y - 0.05)
        assert reading.truth is (reading.margin > 0)


def test_threshold_line_has_zero_margin():
    (line,) = threshold_plane(CASE, "quiet", "near", "far", points=5, workers=1).boundary_lines
    assert line
    for x, y in line:
        assert 0.2 * x**2 * y == pytest.approx(0.05, abs=0.005)


def test_doubtful_points_mark_the_plane(monkeypatch):
    assert not threshold_plane(CASE, "quiet", "near", "far", points=3, workers=1).marked

    known = QueryPlan.evaluate_as

    def doubtful(plan, settings):
        unresolved = int(settings.world["near"] == 1.0)
        return replace(known(plan, settings), unresolved=unresolved)

    monkeypatch.setattr(QueryPlan, "evaluate_as", doubtful)
    found = threshold_plane(CASE, "quiet", "near", "far", points=3, workers=1)
    assert (found.doubtful_points, found.unanswered_points, found.marked) == (3, 0, True)


def test_unknowns_of_few_values_are_read_at_these_and_have_no_line():
    found = threshold_plane(CASE, "quiet", "near", "few", points=3, workers=1)
    assert {reading.y for reading in found.points} == {0.2, 0.6}
    assert found.boundary_lines == ()


@pytest.mark.parametrize("pair", [("near", "near"), ("near", "idle"), ("near", "nobody")])
def test_what_cannot_span_a_plane_is_refused(pair):
    with pytest.raises(WorldError, match="near, far, few"):
        threshold_plane(CASE, "quiet", *pair)
