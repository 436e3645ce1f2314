"""update, indicators and compare: worlds weigh what they expected; what results say of it."""

import csv
import json
import math
import re
from dataclasses import replace
from io import StringIO
from itertools import pairwise

import numpy as np
import pytest
from openpyxl import load_workbook
from rich.console import Console

from ceasefire import compare, indicators, update
from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.ensemble import draw_worlds
from ceasefire.errors import CaseError
from ceasefire.evidence import UpdateResult
from ceasefire.evidence.changes import STILL_CHECKED
from ceasefire.evidence.compare_cases import describe_bayes_factor
from ceasefire.evidence.particle_filter import (
    WeightedShare,
    effective_sample_size,
    likelihood_weights,
    log_marginal_likelihood,
    weighted_mean,
    weighted_share,
)
from ceasefire.evidence.remaining_case import truncate_case
from ceasefire.render.chart_theme import chart_svg
from ceasefire.render.charts_claims import claim_update_chart
from ceasefire.render.tables_evidence import indicator_table, update_tables
from support.event_cases import PUBLIC

COIN = """
ceasefire: 1
title: A coin
horizon: 5
unknowns: {odds: {range: [0.1, 0.7]}}
parties:
  a: {precision: 1, types: {good: 0.5, bad: 0.5}, believed_by: {b: {good: 0.25, bad: 0.75}}}
  b: {}
state: {war: {start: true}}
conditions: {peace: not war}
payoffs: {a: {war: "-war if type == good else 0 * war"}}
moves: {nod: {by: a, cost: "0 if type == good else 1"}}
chance: {end: {when: war, outcomes: [{name: comes, chance: odds, set: {war: false}}]}}
order: [end, a]
claims:
  likely: {says: Peace is likely., test: "P(eventually(not war), within=3) > 0.4"}
  nodded: {test: "P(eventually(happens(a.nod)), within=4) > 0.9"}
events:
  - {period: 0, observed: {war: true}}
  - {period: 1, observed: {war: true}}
  - {period: 1, move: a.nod}
"""
SHORT = COIN.replace("horizon: 5", "horizon: 2").replace("within=4", "within=2").replace("=3", "=2")


@pytest.fixture(scope="module")
def found():
    return update(loads(COIN), worlds=64, workers=1)


def test_the_best_estimates_are_told_before_their_numbers_are_checked() -> None:
    told = list[UpdateResult]()
    done = list[int]()
    found = update(
        loads(COIN), 4, workers=1,
        on_best=lambda result: told.append(result) or done.append(-1),
        progress=lambda one, _: done.append(one),
    )  # fmt: skip
    (early,) = told
    assert done[:2] == [-1, 1]
    assert [claim.best for claim in early.claims] == [claim.best for claim in found.claims]
    assert early.beliefs.keys() == found.beliefs.keys()
    assert early.failed_checks == (STILL_CHECKED,)
    assert early.run_stats is None
    assert found.failed_checks == ()


def test_the_chart_of_claims_before_and_after_has_their_sentences(found) -> None:
    drawn = chart_svg(claim_update_chart(found))
    texts = re.findall(r">([^<]+)</text>", drawn)
    assert texts.count("Peace is likely.") == 1
    assert "likely" not in texts


def test_what_was_not_checked_before_an_end_is_named() -> None:
    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    found = update(loads(COIN), 16, workers=1, progress=stop)
    assert found.run_stats is not None
    assert found.run_stats.interrupted
    assert found.run_stats.computed == 0
    assert "with a finer grid: ended early" in found.failed_checks
    assert "with a longer tail: ended early" not in found.failed_checks


def test_events_that_the_best_estimates_rule_out_are_told_with_the_worlds_only() -> None:
    case = loads(COIN.replace("{range: [0.1, 0.7]}", "{best: 1, range: [0.1, 1]}"))
    told = list[UpdateResult]()
    found = update(case, 16, workers=1, on_best=told.append)
    assert not told
    assert found.run_stats is not None


def test_what_comes_after_today_is_not_known_yet() -> None:
    case = loads(COIN)
    early = update(case, 0, workers=1, today=1)
    alone = update(replace(case, events=case.events[:1]), 0, workers=1)
    assert early.today == alone.today == 1
    assert [claim.best for claim in early.claims] == [claim.best for claim in alone.claims]
    assert early.log_likelihoods == alone.log_likelihoods
    assert "2 events of month 1 or later not counted" in early.notes


def test_today_may_be_later_than_the_last_event_or_without_any() -> None:
    case = replace(loads(COIN), events=())
    late = update(case, 0, workers=1, today=2)
    assert (late.today, late.periods_left, late.events) == (2, 3, ())
    (likely, nodded) = (claim.quantities[0][1].values_by_version for claim in late.claims)
    assert likely[0] == pytest.approx(1 - 0.6**3)  # nothing is known of what has happened
    assert nodded[0] == pytest.approx(nodded[1])
    after_all = update(loads(COIN), 0, workers=1, today=5)
    assert after_all.periods_left == 0


def test_a_day_that_the_case_does_not_reach_is_refused() -> None:
    for today in (0, 6):
        with pytest.raises(CaseError, match="no day after the start"):
            update(loads(COIN), 0, workers=1, today=today)


def test_worlds_are_weighted_by_likelihood_of_events(found) -> None:
    """Two periods of war have probability (1 - odds)^2; nodding does not depend on the odds."""
    odds = [world["odds"] for world in draw_worlds(loads(COIN), 64)]
    weights = [(1.0 - o) ** 2 for o in odds]
    total = sum(weights)
    nod = math.exp(found.log_likelihoods[0]) / 0.6**2  # odds are 0.4 at best
    after = sum(w for w, o in zip(weights, odds, strict=True) if o > 0.4) / total
    claim = found.claims[0]
    assert claim.before is not None
    assert claim.after is not None
    likely = [1.0 - (1.0 - o) ** 3 > 0.4 for o in odds]
    assert claim.before.share == sum(likely) / 64
    assert claim.after.share == pytest.approx(after, abs=1e-9)  # of three periods one is left
    assert claim.as_written is not None
    again = sum(w for w, true in zip(weights, likely, strict=True) if true) / total
    assert claim.as_written.share == pytest.approx(again, abs=1e-9)
    assert claim.as_written.share < claim.before.share
    assert claim.time_only is not None
    # peace may have come in the two periods, which counts: time alone tells nothing
    assert claim.time_only.share == claim.before.share
    assert found.effective_worlds == pytest.approx(total**2 / sum(w * w for w in weights), abs=1e-9)
    assert found.log_likelihoods[1] == pytest.approx(math.log(nod * total / 64), abs=1e-9)
    first = found.events[0]
    assert first.probability[0] == pytest.approx(0.6, abs=1e-9)
    assert first.probability[1] == pytest.approx(sum(1.0 - o for o in odds) / 64, abs=1e-9)
    second = found.events[1]
    assert second.probability[1] == pytest.approx(total / sum(1.0 - o for o in odds), abs=1e-9)


def test_each_world_is_told_with_its_weight_and_all_readings(found) -> None:
    """The shares of every reading are found again from its rows."""
    best, *worlds = found.world_frame().iter_rows(named=True)
    drawn = list(draw_worlds(loads(COIN), 64))
    assert [row["world"] for row in (best, *worlds)] == list(range(65))
    assert [row["unknown_odds"] for row in worlds] == [world["odds"] for world in drawn]
    assert best["unknown_odds"] == pytest.approx(0.4, abs=1e-12)
    assert best["weight"] is None
    assert sum(row["weight"] for row in worlds) == pytest.approx(1.0, abs=1e-12)
    total = math.log(sum(math.exp(row["log_likelihood"]) for row in worlds) / 64)
    assert total == pytest.approx(found.log_likelihoods[1], abs=1e-9)
    for claim in found.claims:
        alike = sum(row[f"before_{claim.id}"] for row in worlds) / 64
        assert alike == claim.before.share
        for reading, share in (("as_written", claim.as_written), ("after", claim.after)):
            weighed = sum(row["weight"] for row in worlds if row[f"{reading}_{claim.id}"])
            assert weighed == pytest.approx(share.share, abs=1e-9)
        told = (claim.best[0], claim.best_as_written, claim.best[1])
        assert told == tuple(best[f"{one}_{claim.id}"] for one in ("before", "as_written", "after"))


def test_leaving_out_an_event_shows_its_effect(found) -> None:
    """With only the last war seen the first is told too; without both the move says nothing."""
    likely = found.claims[0]
    assert likely.after is not None
    assert likely.without[0].share == pytest.approx(likely.after.share, abs=1e-9)
    believed = found.beliefs["b", "a", "good"]
    after, alone, *without = believed.means_by_version
    assert believed.before == pytest.approx((0.25, 0.25), abs=1e-12)
    assert alone is not None
    assert after is not None
    assert without[2] == pytest.approx(alone, abs=1e-9)
    assert after > alone + 0.1
    assert without[0] == pytest.approx(after, abs=1e-9)
    peace = found.conditions["peace"]
    assert peace.best_by_version[:2] == pytest.approx((0.0, 1.0 - 0.6**2), abs=1e-9)
    assert peace.before == (0.0, 0.0)


def test_a_date_beyond_what_is_left_is_the_last_that_is() -> None:
    """An expected state or belief after more periods than are left is asked of the last one."""
    late = 'claims:\n  late: {test: "belief(a.good, at=5) > 0.2"}'
    result = update(loads(COIN.replace("claims:", late)), worlds=0, workers=1)
    assert "looks 3 periods ahead instead of 5" in result.claims[0].warnings[0]
    three = update(loads(COIN.replace("claims:", late.replace("=5", "=3"))), worlds=0, workers=1)
    after, expected = (one.claims[0].quantities[0][1] for one in (result, three))
    assert after.best_by_version == expected.best_by_version


def test_what_an_event_has_settled_is_said(found) -> None:
    """It nodded: that stays true, whatever happens next; and the record says by which event."""
    assert (found.today, found.periods_left, found.exact_worlds) == (2, 3, 65)
    likely, nodded = found.claims
    assert nodded.settled_by == ("move: a.nod in month 1",)
    assert likely.settled_by == ()
    assert nodded.after is not None
    assert (nodded.after.share, nodded.best[1]) == (1.0, True)
    assert nodded.quantities[0][1].best_by_version[0] == 1.0
    assert nodded.quantities[0][1].before[0] < 0.99
    assert found.least_likely_event is not None
    assert found.least_likely_event.event.description == "move: a.nod"
    assert not found.has_few_effective_worlds
    assert found.notes == ()
    assert found.numerics.grid_change is not None
    assert found.numerics.grid_change < 1e-3


def test_what_was_observed_of_something_else_settles_nothing() -> None:
    """A claim of the war is settled by what was seen of the war; a number is told as its mean."""
    text = COIN.replace("state: {", "state: {rain: {values: 0..4, start: 1}, ").replace(
        "not war}", "not war, wetness: 2 * rain}"
    )
    events = "\n  - {period: 1, observed: {rain: 3}}\n"
    text = text.replace("within=3", "within=2").replace(
        "{name: comes,", "{name: pours, chance: 0.2, set: {rain: 3}}, {name: comes,"
    )
    case = loads(text + events)
    found = update(case, worlds=0, workers=1)
    assert found.claims[0].settled_by == ("observed: war=true in month 1",)
    wetness = found.conditions["wetness"]
    assert (wetness.before[0], wetness.best_by_version[0]) == (2.0, pytest.approx(6.0))
    page = printed_at(100, update_tables(case, found))
    (row,) = [line.split() for line in page.splitlines() if line.startswith("wetness")]
    assert row[:3] == ["wetness,", "on", "average"]
    assert (float(row[3]), float(row[-1])) == (2.0, 6.0)


def test_a_window_that_is_over_is_settled_by_the_calendar() -> None:
    """Nothing came of it in one period: what comes later is no part of the sentence."""
    text = COIN.replace("within=3", "within=1")
    likely = update(loads(text), worlds=0, workers=1).claims[0]
    assert (likely.best[1], likely.quantities[0][1].best_by_version[0]) == (False, 0.0)
    assert likely.settled_by == ("observed: war=true in month 0",)


def test_a_lasting_peace_for_which_no_time_is_left_is_settled() -> None:
    """Of five periods two are over, both at war: four of peace in a row no longer fit."""
    text = COIN.replace("P(eventually(not war), within=3)", "P(lasting(not war, 4))")
    likely = update(loads(text), worlds=0, workers=1).claims[0]
    assert likely.best[1] is False
    assert likely.settled_by == ("observed: war=true in month 1",)


SUPPOSED = """
ceasefire: 1
title: Two neighbours
horizon: 12
tail: 6
unknowns: {war_cost: {best: 0.6, range: [0.3, 0.9]}}
parties:
  north: {patience: 0.95, precision: 10}
  south: {patience: 0.95, precision: 10}
state: {fighting: {start: true}}
payoffs:
  north: {war: -war_cost * fighting, gain: 0.5 * fighting}
  south: {war: -1.0 * fighting}
moves:
  attack: {by: north, when: not fighting, set: {fighting: true}, cost: 0.2}
promises:
  no_attack: {by: north, forbids: [attack], breach: 0.5}
tables:
  talks:
    seats: [south, north]
    meets: 0.5
    deals:
      ceasefire: {when: fighting, set: {fighting: false}, promises: [no_attack]}
order: [talks, north]
claims:
  signed: {test: "P(eventually(happens(talks.ceasefire))) > 0.5"}
  needless: {test: "P(at_end(fighting), without=talks) > 0.8"}
  holds: {test: "kept(no_attack, 12, start={fighting: false}) > 0.8"}
events:
"""


def test_a_ceasefire_that_was_signed_stays_signed() -> None:
    found = update(loads(SUPPOSED + "  - {period: 0, deal: talks.ceasefire}\n"), 8, workers=1)
    signed, needless, holds = found.claims
    assert signed.settled_by == ("deal: talks.ceasefire in month 0",)
    assert signed.best[1] is True
    assert signed.after is not None
    assert signed.after.share == 1.0
    # without talks the war would have gone on; from today, with a ceasefire in force, it need not
    assert (needless.best[0], needless.best_as_written, needless.best[1]) == (True, True, False)
    assert needless.settled_by == holds.settled_by == ()
    assert "suppose another start" in found.notes[0]
    assert found.notes[0].endswith(": holds")


WALK = """
ceasefire: 1
horizon: 10
parties: {a: {}}
state: {steps: {values: 0..12, start: 0}, noise: {}}
chance:
  walk:
    when: steps < 12
    outcomes: [{name: on, chance: 0.5, set: {steps: steps + 1}}]
claims:
  half: {test: "P(at_end(steps >= 5)) > 0.5"}
  ever: {test: "P(at_end(steps >= 0)) > 0.5"}
events: [{period: 8, observed: {noise: false}}]
"""


def test_disagreement_between_filter_runs_is_reported() -> None:
    half, ever = update(loads(WALK), worlds=0, particles=4, workers=1).claims
    assert "true in some runs and false in others: ask with more --particles" in half.warnings
    assert ever.warnings == ()
    assert not any("runs" in said for said in update(loads(WALK), 0, workers=1).claims[0].warnings)


def test_update_json_has_the_documented_keys(found) -> None:
    document = json.loads(json.dumps(found.as_json()))
    assert set(document) == {
        "case", "today", "left", "events", "notes", "claims", "beliefs", "conditions",
        "likelihood", "effective_worlds", "exact", "particles", "least_likely", "numerics", "run",
        "headline", "unknowns",
    }  # fmt: skip
    assert document["headline"] == dict(
        zip(("before", "as_written", "after"), found.headlines, strict=True)
    )
    assert set(document["claims"][0]) == {
        "id", "says", "test", "best", "before", "after", "time_alone", "without", "quantities",
        "warnings", "argument", "as_written", "settled_by",
    }  # fmt: skip
    assert set(document["events"][0]) >= {"period", "event", "line", "chance", "reports"}
    assert found.frame().shape == (2, 8)


def test_few_worlds_with_weight_are_a_warning() -> None:
    """Many periods of war leave little of the worlds in which peace is likely."""
    many = "\n".join(f"  - {{period: {n}, observed: {{war: true}}}}" for n in range(32))
    text = f"""
ceasefire: 1
horizon: 33
unknowns: {{odds: {{range: [0.001, 0.999]}}}}
parties: {{a: {{}}}}
state: {{war: {{start: true}}}}
chance: {{end: {{when: war, outcomes: [{{chance: odds, set: {{war: false}}}}]}}}}
events:
{many}
"""
    found = update(loads(text), worlds=16, workers=1)
    assert found.effective_worlds is not None
    assert found.effective_worlds < 1.6
    assert found.has_few_effective_worlds
    assert found.marked


def test_after_the_last_period_what_was_claimed_is_settled() -> None:
    found = update(loads(SHORT), worlds=2, workers=1)
    assert found.periods_left == 0
    assert [claim.best[1] for claim in found.claims] == [False, True]
    assert [claim.settled_by for claim in found.claims] == [
        ("observed: war=true in month 1",),
        ("move: a.nod in month 1",),
    ]
    late = update(loads(SHORT.replace("P(even", "value(b) + P(even")), worlds=0, workers=1)
    assert late.claims[0].best[1] is None
    assert found.beliefs["analyst", "a", "good"].best_by_version[0] > 0.6  # type: ignore[operator]


def test_weights_are_normalised_likelihoods() -> None:
    logs = [math.log(0.2), math.log(0.6), -math.inf]
    weights = likelihood_weights(logs)
    assert weights == pytest.approx([0.25, 0.75, 0.0])
    assert effective_sample_size(weights) == pytest.approx(1.6)
    share = weighted_share([False, True, True], weights)
    assert (share.share, share.failed) == (pytest.approx(0.75), 0)
    assert share.effective_worlds == pytest.approx(1.6)
    assert share.interval[0] < 0.3
    assert weighted_mean([1.0, 3.0, 100.0], weights) == pytest.approx(2.5)
    assert weighted_mean([1.0, None, 100.0], weights) == 1.0
    assert weighted_share([None, None, True], weights).share is None
    assert weighted_share([None, True, False], weights).share == 1.0
    log, error = log_marginal_likelihood(logs, [0.0, 0.5, 0.0])
    assert math.exp(log) == pytest.approx(0.8 / 3)
    within, between = (0.5 * 0.6 / 3) ** 2, (0.4 - 3 * (0.8 / 3) ** 2) / 2 / 3
    assert error == pytest.approx(math.sqrt(within + between) / (0.8 / 3))


def test_remaining_case_is_the_continuation_game() -> None:
    """What lasts for certain periods is moved along with everything else."""
    text = PUBLIC.replace("arm:", "arm:\n    during: [2, 3]")
    rest = truncate_case(loads(text), 1)
    assert (rest.horizon, rest.moves["south.arm"].during) == (3, (1, 2))
    bare = text.replace("unknowns", "claims: {c: {test: 'E(force) > 0'}}\nunknowns")
    whole = update(loads(bare + "events: [{period: 0, idle: talks}]"), worlds=0, workers=1)
    assert whole.claims[0].quantities[0][1].best_by_version[0] == pytest.approx(
        whole.claims[0].quantities[0][1].before[0], abs=0.2
    )


def test_indicators_are_ranked_by_what_they_are_expected_to_move() -> None:
    found = indicators(loads(COIN.split("events:")[0]), worlds=64, workers=1)
    assert (found.period, found.periods_left) == (0, 4)
    by_words = {one.event.description: one for one in found.indicators}
    assert set(by_words) == {
        "chance: end.comes", "chance: end.nothing", "move: a.nod", "move: a.pass",
    }  # fmt: skip
    peace = by_words["chance: end.comes"]
    assert peace.probability[0] == pytest.approx(0.4, abs=1e-9)
    assert peace.probability[1] == pytest.approx(0.4, abs=0.02)
    assert peace.share_change("likely") == pytest.approx(1.0 - found_alone(found), abs=1e-9)
    nod, silence = by_words["move: a.nod"], by_words["move: a.pass"]
    assert nod.expected + silence.expected == pytest.approx(1.0, abs=1e-9)
    without, given = nod.beliefs["b", "a", "good"]
    assert without < given
    mixed = nod.expected * given + silence.expected * silence.beliefs["b", "a", "good"][1]
    assert mixed == pytest.approx(without, abs=1e-6)
    assert found.indicators[0].expected_share_change >= found.indicators[-1].expected_share_change
    assert peace.itself == ("likely",)
    for one in found.indicators:
        moved = [abs(one.share_change(name)) for name in one.claims if name not in one.itself]
        assert one.expected_share_change == pytest.approx(one.expected * np.mean(moved), abs=1e-12)
    assert found.indicators[0].expected_share_change > 0.0
    document = json.loads(json.dumps(found.as_json()))
    assert set(document["indicators"][0]) == {
        "event", "kind", "target", "by", "chance", "weight", "turns", "claims", "beliefs",
        "itself", "within", "absence_tells_after",
    }  # fmt: skip
    within = {one["event"]: one["within"] for one in document["indicators"]}
    assert within["chance: end.comes"][:2] == pytest.approx([0.4, 0.64], abs=1e-9)
    assert peace.absence_tells_after == 2
    assert peace.likely_within(2) == pytest.approx(0.64, abs=1e-9)
    assert found.frame().height == 8


def test_what_an_event_settles_is_no_reason_to_watch_for_it() -> None:
    found = indicators(loads(SUPPOSED.removesuffix("events:\n")), worlds=0, workers=1)
    deal = next(o for o in found.indicators if o.event.description == "deal: talks.ceasefire")
    assert deal.itself == ("signed",)
    assert found.theses == ("signed", "needless", "holds")
    assert "signed" not in deal.claims_turned
    alone = replace(deal, theses=("signed",))
    assert [one.rank for one in found.indicators] == sorted(one.rank for one in found.indicators)
    moved = replace(alone, itself=(), claims={"signed": (found_share(0.5), found_share(1.0))})
    assert alone.expected_share_change == 0.0
    assert moved.expected_share_change == pytest.approx(deal.expected * 0.5, abs=1e-12)
    assert 0.0 < deal.absences[1] < deal.absences[0] < 1.0
    assert deal.absences[0] == pytest.approx(1.0 - deal.probability[0], abs=1e-9)


def printed_at(width: int, shown: object) -> str:
    page = StringIO()
    Console(file=page, width=width).print(shown)
    return page.getvalue()


def test_at_the_best_estimates_each_sign_says_what_it_turns_and_until_when() -> None:
    """Without worlds shares are 0 or 1, and a thesis hardly ever moves: other claims do."""
    text = COIN.split("events:", maxsplit=1)[0].replace("within=3) > 0.4", "within=2) > 0.5")
    case = loads(text)
    lines = printed_at(100, indicator_table(case, indicators(case, worlds=0, workers=1)))
    rows = dict(pairwise(lines.splitlines()))
    nothing, nod = (
        next(row for row in rows if row.startswith(name))
        for name in ("chance: end.nothing", "move: a.nod")
    )
    assert "turns false: likely" in rows[nothing]
    assert nothing.rstrip().endswith("after month 0")  # likelier than not from the first month on
    assert "belief that a good +" in rows[nod]
    assert nod.split()[-3:-1] == ["after", "month"]


TWICE = """
ceasefire: 1
horizon: 6
parties:
  owner: {precision: 2, types: {ready: 0.3, bluffing: 0.7}}
  rival: {precision: 2}
state: {warned: {}, taken: {}}
payoffs: {owner: {prize: not taken}, rival: {prize: taken}}
moves:
  warn: {by: owner, set: {warned: true}, cost: "0 if type == ready else 0.4"}
  take: {by: rival, when: not taken, set: {taken: true}, cost: 0.5}
claims:
  first: {test: "P(eventually(taken), start={warned: true}, within=5) > 0.1"}
  second: {test: "P(eventually(taken), start={warned: true}, within=5) > 0.9"}
events: [{period: 0, move: rival.pass}, {period: 1, move: rival.pass}]
"""


def test_what_is_true_of_several_claims_is_said_once() -> None:
    case = loads(TWICE)
    result = update(case, worlds=0, workers=1)
    page = " ".join(printed_at(100, update_tables(case, result)).split())
    assert "start= in 2 claims (first, second) puts in place" in page
    assert page.count("as if nothing had been shown") == 1
    assert page.count("first, second: looks 4 periods ahead instead of 5, all that are left") == 1
    said = [warning for claim in result.claims for warning in claim.warnings]
    assert sum("as if nothing had been shown" in one for one in said) == 2


VETO = """
ceasefire: 1
horizon: 3
ending: nothing
unknowns: {fear: {range: [0, 1.5]}, weather: {range: [0, 1]}}
parties:
  north: {precision: 4}
  south: {precision: 4}
  hawks: {precision: 4}
state: {war: {start: true}}
payoffs:
  north: {war: -0.5 * war}
  hawks: {war: fear * war + 0 * weather}
tables:
  talks:
    seats: [north, south, hawks]
    meets: 0.5
    deals: {accord: {when: war, set: {war: false}}}
claims: {war_goes_on: {test: "P(at_end(war)) > 0.5"}}
events: [{period: 0, deal: talks.accord}]
"""


def test_a_surprise_names_its_step_and_the_unknown_behind_it() -> None:
    """The accord came about, and what was unlikely is that the hawks agreed."""
    found = update(loads(VETO), worlds=32, workers=1)
    (event,) = found.events
    assert [step.said for step in event.steps] == [
        "talks had to meet",
        "talks.accord had to be open",
        "somebody had to put it forward",
        "north had to agree",
        "south had to agree",
        "hawks had to agree",
    ]
    product = math.prod(step.probability for step in event.steps)
    assert product == pytest.approx(event.probability[0], rel=1e-9, abs=0.0)
    assert event.steps[0].probability == pytest.approx(0.5, abs=1e-12)
    assert event.unlikely_step is not None
    assert event.unlikely_step.said == "hawks had to agree"
    assert event.behind is not None
    assert (event.behind.unknown, event.behind.higher) == ("fear", False)
    screen = Console(file=StringIO(), width=400)
    screen.print(update_tables(loads(VETO), found))
    said = screen.file.getvalue()
    assert "The unlikely step, at the best estimates: hawks had to agree" in said
    assert "likelier in worlds in which fear is lower" in said


def found_share(share: float) -> WeightedShare:
    return WeightedShare(share, 8.0)


def found_alone(found) -> float:
    share = found.indicators[0].claims["likely"][0]
    return float(share.share)


def test_no_period_left_is_no_time_for_indicators() -> None:
    with pytest.raises(CaseError, match="reach period 1, the last"):
        indicators(loads(SHORT), worlds=0, workers=1)


def test_the_events_favour_the_case_that_expected_them() -> None:
    gloomy = COIN.replace("[0.1, 0.7]", "[0.05, 0.15]").replace("A coin", "Gloomy")
    found = compare(loads(COIN), loads(gloomy), worlds=32, workers=1)
    claim = found.rivals[0].claims["nodded"]
    assert claim.best[2] is True
    assert claim.shares[2].share == pytest.approx(1.0, abs=1e-12)
    assert found.as_json()["notes"] == list(found.notes)
    assert found.favoured is found.rivals[1]
    log, error = found.log_bayes_factor(found.rivals[0])
    mine, other = ([w["odds"] for w in draw_worlds(loads(text), 32)] for text in (COIN, gloomy))
    ratio = sum((1 - o) ** 2 for o in other) / sum((1 - o) ** 2 for o in mine)
    assert math.exp(log) == pytest.approx(ratio, rel=1e-6)
    assert error is not None
    assert 0.01 < error < 0.2
    assert sum(found.rivals[0].log_evidence_by_period) == pytest.approx(
        found.rivals[0].log_evidence, abs=1e-9
    )
    assert found.log_bayes_factor(found.rivals[1]) == (0.0, None)
    document = json.loads(json.dumps(found.as_json()))
    assert document["rivals"][0]["words"] == "hardly more than"


def test_cases_with_other_events_are_not_compared() -> None:
    other = COIN.replace("move: a.nod", "move: a.pass")
    with pytest.raises(CaseError) as error:
        compare(loads(COIN), loads(other), worlds=0, workers=1)
    assert [problem.found.split(" in period")[0] for problem in error.value.problems] == [
        "move: a.pass",
        "move: a.nod",
    ]
    with pytest.raises(CaseError, match="counts other periods"):
        compare(loads(COIN), loads(COIN.replace("title", "period: year\ntitle")), worlds=0)
    with pytest.raises(CaseError, match="two cases or more"):
        compare(loads(COIN), worlds=0)


@pytest.mark.parametrize(
    ("factor", "error", "words"),
    [
        (2.9, None, "hardly more than"),
        (3.1, None, "positively over"),
        (21.0, None, "strongly over"),
        (151.0, None, "very strongly over"),
        (151.0, 3.0, "not told apart from"),
    ],
)
def test_bayes_factor_in_words_respects_its_error(factor, error, words) -> None:
    assert describe_bayes_factor(math.log(factor), error) == words


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "coin.yaml").write_text(COIN, encoding="utf-8")
    rival = "extends: coin.yaml\nunknowns: {odds: {range: [0.05, 0.15]}}\n"
    (tmp_path / "rival.yaml").write_text(rival, encoding="utf-8")
    return tmp_path


def run(capsys, *arguments: str):
    status = app([*arguments], standalone_mode=False)
    return status, capsys.readouterr()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("update", ("Today is the beginning of period 2", "observed: war=true", "count as")),
        ("indicators", ("What to watch for from month 2 on", "move: a.nod", "chance: end.comes")),
    ],
)
def test_the_commands_print_tables_and_one_document(folder, capsys, command, words) -> None:
    path = str(folder / "coin.yaml")
    status, printed = run(capsys, command, path, "--worlds", "2")
    assert status == 0
    assert all(word in printed.out for word in words)
    status, printed = run(capsys, command, path, "--worlds", "2", "--json")
    assert {"case", "digest", "version"} <= set(json.loads(printed.out))


def test_update_writes_a_table_of_worlds(folder, capsys) -> None:
    options = "alternatives: {zeal: {options: {none: {}, more: {moves: {nod: {cost: 0.5}}}}}}\n"
    (folder / "coded.yaml").write_text(COIN + options, encoding="utf-8")
    for name, ending in (("coin", "csv"), ("coded", "xlsx")):
        table = folder / f"worlds.{ending}"
        asked = ["update", str(folder / f"{name}.yaml"), "--worlds", "3", "--table", str(table)]
        status, printed = run(capsys, *asked)
        assert status == 0
        assert "written to" in printed.err
    listed = list(csv.DictReader(StringIO((folder / "worlds.csv").read_text(encoding="utf-8"))))
    assert [row["world"] for row in listed] == ["0", "1", "2", "3"]
    headings, best, *worlds = load_workbook(folder / "worlds.xlsx").active.iter_rows(
        values_only=True
    )
    added = headings.index("alternative_zeal")
    assert [one for one in headings if one != "alternative_zeal"] == list(listed[0])
    assert best[added] == "none"
    assert {row[added] for row in worlds} <= {"none", "more"}
    status, printed = run(capsys, *asked[:-1], str(folder / "worlds.odt"))
    assert (status, ".csv or .xlsx" in printed.err) == (2, True)


def test_a_day_before_the_last_event_is_asked_on_the_command_line(folder, capsys) -> None:
    asked = ["update", str(folder / "coin.yaml"), "--worlds", "0", "--today"]
    _, printed = run(capsys, *asked, "1", "--json")
    document = json.loads(printed.out)
    assert (document["today"], len(document["events"])) == (1, 1)
    status, printed = run(capsys, *asked, "6")
    assert status == 2
    assert "no day after the start that the case reaches" in printed.err


def test_a_sweep_says_that_it_asks_claims_before_the_events(folder, capsys) -> None:
    place = ["-o", str(folder / "store"), "--json"]
    run(capsys, "sweep", str(folder / "coin.yaml"), "--worlds", "2", *place)
    _, printed = run(capsys, "sweep", str(folder / "coin.yaml"), "--worlds", "2", *place)
    said = [warning["found"] for warning in json.loads(printed.out)["warnings"]]
    assert any("records 3 events, of which a sweep knows nothing" in one for one in said)
    assert "ceasefire update CASE --table worlds.xlsx" in printed.out
    (folder / "quiet.yaml").write_text(COIN.split("events:", maxsplit=1)[0], encoding="utf-8")
    _, printed = run(capsys, "sweep", str(folder / "quiet.yaml"), "--worlds", "2", *place)
    assert not json.loads(printed.out)["warnings"]


def test_compare_prints_the_rivals_side_by_side(folder, capsys) -> None:
    paths = [str(folder / name) for name in ("coin.yaml", "rival.yaml")]
    status, printed = run(capsys, "compare", *paths, "--worlds", "4")
    assert status == 0
    assert "The events" in printed.out
    assert "how likely by B" in printed.out
    _, printed = run(capsys, "compare", *paths, "--worlds", "2", "--json")
    document = json.loads(printed.out)
    assert [set(rival) >= {"case", "digest", "evidence"} for rival in document["rivals"]] == [
        True,
        True,
    ]


def test_a_finite_game_is_updated_with_the_periods_that_are_left():
    """Two of five periods are over; nothing follows the three that are left."""
    final = update(loads(COIN.replace("horizon: 5", "horizon: 5\nending: final")), workers=1)
    stops = update(loads(COIN.replace("horizon: 5", "horizon: 5\nending: nothing")), workers=1)
    assert final.periods_left == 3
    assert final.numerics.horizon_change is None
    assert final.numerics.finite
    assert [claim.quantities for claim in final.claims] == [c.quantities for c in stops.claims]


def test_the_headline_is_told_before_and_after_the_events() -> None:
    text = """
ceasefire: 1
horizon: 4
unknowns: {odds: {oneof: [0.2, 0.6]}}
parties: {a: {}}
state: {war: {start: true}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
claims:
  likely: {test: odds > 0.5}
  soon: {says: It ends soon., test: odds > 0.5, because: [likely]}
events: [{period: 0, observed: {war: true}}, {period: 1, observed: {war: true}}]
"""
    case = loads(text)
    found = update(case, worlds=64, workers=1)
    before, as_written, after = found.headlines
    assert as_written == after  # nothing in it changes with time
    assert before.startswith("The thesis is open: “It ends soon” is true in 50 % of 64 worlds")
    assert after.startswith("The thesis mostly fails: “It ends soon” is true in 20 % of ")
    assert "its premise is true in 50 % of 64 worlds" in before
    assert "its premise is true in 20 % of" in after
    screen = Console(file=StringIO(), width=400)
    screen.print(update_tables(case, found))
    said = screen.file.getvalue()
    assert f"Before: {before}" in said
    assert f"As written, after the evidence; from today: {after}" in said
    at_best = update(case, worlds=0, workers=1).headlines
    assert at_best[0] == at_best[1]
    assert at_best[0].startswith("At the best estimates the thesis is")
