"""Charts draw what was computed, say how many worlds that is from, and stand beside each other."""

import json
import re
from dataclasses import replace
from functools import cache
from html import unescape

import pytest

from ceasefire.case import load, loads
from ceasefire.ensemble import (
    ask,
    check,
    delay_values,
    table_values,
    threshold_plane,
    timeline_quantiles,
)
from ceasefire.ensemble.range_scan import TurningPoint
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.chart_theme import (
    CAPTION_LETTER_PIXELS,
    chart_png,
    chart_svg,
    time_encoding,
)
from ceasefire.render.charts_claims import (
    claim_shares_chart,
    threshold_plane_chart,
    turning_points_chart,
)
from ceasefire.render.charts_parties import delay_values_chart, seating_chart, table_values_chart
from ceasefire.render.charts_timeline import belief_timeline_chart, condition_timeline_chart
from test_render_report import FILE

CASE = load(FILE)


@cache
def found():
    return {
        "paths": timeline_quantiles(CASE, 8, grid=9, workers=1),
        "worth": table_values(CASE, 4, grid=9, workers=1),
        "waiting": delay_values(CASE, grid=9, workers=1),
        "plane": threshold_plane(CASE, "quiet", "odds", "war_cost", points=3, grid=9, workers=1),
        "check": check(CASE, 16, grid=9, workers=1),
    }


def turned():
    return next(v for v in found()["check"].claim_checks if v.turning_points)


def kept(chart):
    """The largest set of rows that a chart carries."""
    return max(chart.to_dict()["datasets"].values(), key=len)


CHARTS = {
    "paths": lambda: condition_timeline_chart(CASE, found()["paths"]),
    "beliefs": lambda: belief_timeline_chart(CASE, found()["paths"]),
    "worth": lambda: table_values_chart(CASE, found()["worth"]),
    "waiting": lambda: delay_values_chart(CASE, found()["waiting"]),
    "shares": lambda: claim_shares_chart(found()["check"]),
    "flips": lambda: turning_points_chart(CASE, turned()),
    "parties": lambda: seating_chart(CASE),
    "plane": lambda: threshold_plane_chart(CASE, found()["plane"]),
}
SAYS = {
    "paths": "8 worlds from seed 0",
    "beliefs": "8 worlds from seed 0",
    "worth": "4 worlds from seed 0",
    "waiting": "At the best estimates alone",
    "shares": "16 worlds from seed 0",
    "flips": "no other worlds are drawn",
    "parties": "A line joins each table",
    "plane": "9 points",
}


@pytest.mark.parametrize("name", CHARTS)
def test_chart_names_its_worlds_and_seed(name):
    drawn = chart_svg(CHARTS[name]())
    told = " ".join(re.sub(r"<[^>]+>", " ", drawn).split())
    assert SAYS[name] in told


def test_shares_are_drawn_with_the_sentences_of_claims_no_wider_than_a_phone():
    drawn = chart_svg(CHARTS["shares"]())
    texts = [unescape(text) for text in re.findall(r">([^<]+)</text>", drawn)]
    for claim in found()["check"].claim_checks:
        assert claim.id not in texts
        assert any(text.startswith(claim.sentence[:20]) for text in texts)
    assert float(re.search(r'<svg[^>]* width="([0-9.]+)"', drawn)[1]) <= 364


def dates_of(case):
    drawn = chart_svg(condition_timeline_chart(case, found()["paths"]))
    axis = re.search(r'<g [^>]*aria-label="X-axis.*', drawn)
    texts = re.findall(r">([^<]+)</text>", axis[0] if axis else drawn)
    return [text for text in texts if re.fullmatch(r"[A-Z][a-z]{2} \d{4}|\d+", text)], drawn


def test_time_runs_in_calendar_dates_where_the_case_has_any():
    dated, drawn = dates_of(replace(CASE, start="2025-05"))
    assert "May 2025" in dated
    assert "months" not in drawn
    numbered, drawn = dates_of(replace(CASE, start=None))
    assert "May 2025" not in numbered
    assert ">months</text>" in drawn


@pytest.mark.parametrize("width", [180, 240, 270, 420])
@pytest.mark.parametrize(
    ("period", "start"),
    [("day", "2025-12-20"), ("week", "2025-05-30"), ("month", "2025-05"), ("year", "2025")],
)
def test_dates_on_a_time_axis_are_at_most_six_and_do_not_overlap(period, start, width):
    case = replace(CASE, period=period, start=start)
    for last in (1, 2, 3, 7, 12, 13, 24, 30, 60, 120, 365):
        axis = time_encoding(case, last, width).to_dict()["axis"]
        assert 2 <= len(axis["values"]) <= 6, (last, axis["values"])
        ends = 0.0
        for value in axis["values"]:
            wide = 7 * len(period_label(case, value))  # where letters are as wide as in DejaVu Sans
            left = min(max(value / last * width - wide / 2, 0), width - wide)
            assert left >= ends, (last, value)
            ends = left + wide


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_no_caption_is_wider_than_its_chart(panels):
    paths = found()["paths"]
    likely = [band for band in paths.bands if band.kind == "condition" and 0 < band.best[-1] < 1]
    same = [replace(likely[0], name=name) for name in ("one", "two", "three")]
    bands = (*same[:panels], replace(likely[0], kind="number", name="four"))
    drawn = chart_svg(condition_timeline_chart(CASE, replace(paths, bands=bands)))
    width = float(re.search(r'<svg[^>]* width="([0-9.]+)"', drawn)[1])
    lines = re.findall(r">([^<]+)</tspan>", drawn)
    assert lines
    left = float(re.search(r"translate\(([0-9.]+),", drawn)[1])
    assert left + max(map(len, lines)) * CAPTION_LETTER_PIXELS * 0.9 < width, (left, width, lines)


def test_element_ids_are_unique_across_drawings():
    first, second = (
        set(re.findall(r'id="([^"]+)"', chart_svg(CHARTS["paths"]()))) for _ in range(2)
    )
    assert first
    assert not first & second


def test_a_picture_is_a_png():
    assert chart_png(CHARTS["parties"](), 1).startswith(b"\x89PNG")


def test_a_chart_draws_the_numbers_of_its_result():
    rows = kept(CHARTS["paths"]())
    band = next(b for b in found()["paths"].bands if b.name == "peace")
    assert [row["best"] for row in rows if row["name"] == "peace"] == list(band.best)
    bars = kept(CHARTS["flips"]())
    distances = [point.relative_distance for point in turned().turning_points]
    assert [abs(row["move"]) for row in bars] == distances


def test_chart_over_worlds_equals_answers():
    table = {(w.party, w.periods_closed): w.best for w in found()["worth"].worths}
    delay = {(w.party, w.periods_closed): w.best for w in found()["waiting"].worths}
    texts = [
        "value(north) - value(north, without=talks)",
        "value(north, closed={talks: 2}) - value(north)",
    ]
    gain, lost = (a.best for a in ask(CASE, *texts, grid=9, certify=False).answers)
    assert table["north", None] == pytest.approx(gain)
    assert delay["north", 2] == pytest.approx(lost)
    assert delay["north", 0] == 0


def test_chart_bands_are_quantiles():
    from ceasefire.ensemble import draw_worlds
    from ceasefire.query import timeline

    each = [timeline(CASE, world=world, grid=9) for world in draw_worlds(CASE, 8)]
    band = found()["paths"].bands[0]
    ends = sorted(line.series[0].values[-1] for line in each)
    assert band.name == each[0].series[0].name
    assert (band.p05[-1], band.p50[-1], band.p95[-1]) == (ends[0], ends[3], ends[7])


def test_a_check_that_could_not_be_made_marks_what_tables_are_worth(monkeypatch):
    from ceasefire.ensemble import table_value

    def lacking(*texts, **how):
        return replace(
            ask_over_worlds(*texts, **how), failed_checks=("with a finer grid: too large",)
        )

    ask_over_worlds = table_value.ask
    assert not table_value.table_values(CASE, grid=9, workers=1).marked
    monkeypatch.setattr(table_value, "ask", lacking)
    assert table_value.table_values(CASE, grid=9, workers=1).marked


def test_charts_call_unknowns_by_their_labels():
    known = {
        name: replace(one, label="luck <at> sea" if name == "odds" else None)
        for name, one in CASE.unknowns.items()
    }
    case = replace(CASE, unknowns=known)
    point = TurningPoint("odds", 0.2, CASE.unknowns["odds"].best, 0.1)
    claim = replace(found()["check"].claim_checks[0], turning_points=(point,))
    assert kept(turning_points_chart(case, claim))[0]["unknown"] == "luck <at> sea"
    assert "luck <at> sea" in threshold_plane_chart(case, found()["plane"]).to_json()


def test_a_table_and_a_deal_with_labels_are_called_by_them():
    case = loads("""
ceasefire: 1
horizon: 1
parties: {a: {}, b: {}}
state: {war: {start: true}}
payoffs: {a: {peace: not war}}
tables:
  river_talks:
    label: Talks at the river
    seats: [a, b]
    deals: {truce_one: {label: A truce of a month, set: {war: false}}, no_name: {}}
""")
    drawn = json.dumps(seating_chart(case).to_dict())
    assert "Talks at the river" in drawn
    assert "A truce of a month, no name" in drawn
    assert "river_talks" not in json.dumps(
        table_values_chart(case, table_values(case, workers=1)).to_dict()
    )
