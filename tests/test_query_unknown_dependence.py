"""An unknown that cannot matter changes no bit of a claim's numbers; what can is known exactly."""

from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings

from ceasefire.case import load, loads
from ceasefire.ensemble import check
from ceasefire.ensemble.sampling import find_unknown_ranges
from ceasefire.ensemble.sensitivity import find_drivers
from ceasefire.ensemble.turning_points import ClaimTruthReader, scan_range
from ceasefire.query import plan_questions, read_claims, read_questions
from ceasefire.query.plan import QueryPlan, ReadSettings
from ceasefire.settings import SolveSettings
from support.case_strategies import small_cases
from support.question_strategies import with_questions
from support.signalling_strategies import signal_cases
from support.unknown_in_every_number import with_unknown_in_every_number

HERE = Path(__file__).parent
SHIPPED = sorted((HERE.parent / "cases").glob("*.yaml"))
SMALL = sorted((HERE / "cases_small").glob("*.yaml"))
QUARREL = loads("""
ceasefire: 1
horizon: 3
unknowns:
  foresight: {range: [0.5, 0.9]}
  sharpness: {range: [1, 9]}
  idle_foresight: {range: [0.5, 0.9]}
  idle_sharpness: {range: [1, 9]}
  weight_of_stop: {range: [0.5, 2]}
  gain: {range: [0, 1]}
  toll: {range: [0, 1]}
  spoils: {range: [0, 1]}
  watcher_gain: {range: [0, 1]}
  price: {range: [0, 1]}
  luck: {range: [0.1, 0.9]}
  flood: {range: [0.1, 0.9]}
  second_flood: {range: [0.1, 0.9]}
  met: {range: [0.1, 0.9]}
  fine: {range: [0, 1]}
  limit: {range: [0, 1]}
  level: {range: [0, 2]}
  firm_prior: {range: [0.1, 0.9]}
  firm_prior_seen: {range: [0.1, 0.9]}
  nobody: {range: [0, 1]}
parties:
  mover:
    patience: foresight
    precision: sharpness
    types: {firm: firm_prior, soft: 1 - firm_prior}
    believed_by: {watcher: {firm: firm_prior_seen, soft: 1 - firm_prior_seen}}
  watcher: {patience: idle_foresight, precision: idle_sharpness}
state:
  war: {start: true}
  wet: {}
  lost: {}
  n: {values: 0..3, start: 0}
conditions: {deep: n >= level}
payoffs:
  mover:
    peace: "gain * (not war) * (1 if type == firm else 0.5)"
    war: -toll * war if n < 3 else -spoils
  watcher: {peace: watcher_gain * (not war)}
moves:
  stop:
    by: mover
    when: war
    cost: price * (n == 3)
    weight: weight_of_stop
    outcomes: [{chance: luck, set: {war: false}}]
promises: {calm: {by: mover, forbids: [stop], breach: fine}}
tables:
  talks:
    seats: [mover, watcher]
    meets: met
    deals: {end: {when: war and lost, set: {war: false}}}
chance:
  rain: {when: not wet, outcomes: [{name: comes, chance: flood, set: {wet: true}}]}
  surge:
    when: wet and not lost
    during: [1, 2]
    outcomes: [{name: comes, chance: second_flood, set: {lost: true}}]
order: [rain, surge, talks, mover]
""")
DECIDING = {"foresight", "sharpness", "weight_of_stop", "gain", "toll", "luck"}
PRIORS = {"firm_prior", "firm_prior_seen"}
FLOODS = {"flood", "second_flood"}
TABLE = {"met", "idle_foresight", "idle_sharpness", "watcher_gain"}
MANY = DECIDING | PRIORS | FLOODS | TABLE
EXACTLY = {
    "P(eventually(not war))": MANY,
    "P(eventually(not war), without=talks)": DECIDING | PRIORS | FLOODS,
    "P(eventually(not war), closed={talks: 3})": DECIDING | PRIORS | FLOODS,
    "P(eventually(not war), without=[surge])": DECIDING | PRIORS | {"flood"},
    "P(eventually(wet))": MANY,
    "P(eventually(wet), without=[mover.stop, talks])": FLOODS,
    "P(eventually(wet), without=[mover.stop, talks], within=1)": {"flood"},
    "P(eventually(wet), without=[mover.stop, talks], within=0)": set(),
    "P(eventually(lost), without=[mover.stop, talks], start={wet: true})": {"second_flood"},
    "P(eventually(lost), start={war: false})": FLOODS,
    "P(eventually(not war), given={gain: 0.5, met: 0.2})": MANY - {"gain", "met"},
    "P(eventually(not war), start={n: 3, war: true}, without=talks)":
        DECIDING - {"toll"} | PRIORS | FLOODS | {"spoils", "price"},
    "P(eventually(deep), without=[mover.stop, talks])": FLOODS | {"level"},
    "can([mover], eventually(not war))": {"luck", "met"} | FLOODS,
    "can([mover], eventually(not war), without=[talks, rain])": {"luck"},
    "can([mover], eventually(deep), within=0)": {"level"},
    "belief(mover.firm)": {"firm_prior"},
    "belief(mover.firm, by=watcher)": {"firm_prior_seen"},
    "belief(mover.firm, by=watcher, given={firm_prior_seen: 0.5})": set(),
    "belief(mover.firm, after=mover.stop, without=[talks, rain])": DECIDING | PRIORS,
    "belief(mover.firm, at=2, start={war: false})": FLOODS | {"firm_prior"},
    "belief(mover.firm, by=watcher, at=2, start={war: false})": FLOODS | {"firm_prior_seen"},
    "E(n, at=0)": set(),
    "E(n, at=0, provided=eventually(wet))": MANY,
    "time(believes(watcher, mover.firm) > 0.6, start={war: false})": FLOODS | PRIORS,
    "signs(watcher, talks.end, start={lost: true}, without=[rain, mover.stop])":
        TABLE - {"met"} | {"met", "foresight", "sharpness", "gain", "toll"} | PRIORS,
    "plays(mover.stop, without=[talks, rain])": DECIDING | PRIORS,
    "value(watcher, without=[talks, rain])": DECIDING | PRIORS | {"idle_foresight", "watcher_gain"},
    "value(watcher, start={war: false}, without=[rain])": {"idle_foresight", "watcher_gain"},
    "value(mover, start={war: false}, without=[rain])": {"foresight", "gain"} | PRIORS,
    "kept(calm, 2, without=[talks, rain])": DECIDING | PRIORS | {"fine"},
    "limit": {"limit"},
    "E(2 * limit + foresight)": {"limit", "foresight"},
    "E(n * limit, without=[mover.stop, talks, rain])": {"limit"},
    "least(n, P(eventually(not war), start={war: false}) > limit)": FLOODS | {"limit"},
    "P(eventually(wet), without=[mover.stop, talks]) > limit and E(nobody) >= 0":
        FLOODS | {"limit", "nobody"},
}  # fmt: skip


def plan_of(case, *texts: str) -> QueryPlan:
    return plan_questions(case, read_questions(case, texts), SolveSettings(grid=9))


@pytest.mark.parametrize("text", EXACTLY)
def test_what_can_matter_is_what_the_game_reads(text):
    plan = plan_of(QUARREL, text)
    assert set(plan.unknowns_of_question(0)) == EXACTLY[text]


def changed_questions(plan: QueryPlan, values: dict[str, tuple[float, ...]]) -> list[str]:
    """Questions whose numbers change where all that cannot matter to them stands elsewhere."""
    best, found = plan.case.best_estimates, []
    groups: dict[frozenset[str], list[int]] = {}
    for number in range(len(plan.questions)):
        groups.setdefault(frozenset(plan.unknowns_of_question(number)), []).append(number)
    for can_matter, numbers in groups.items():
        moved = [name for name in values if name not in can_matter]
        asked = plan.restricted_to(numbers)
        before = asked.evaluate_world(best) if moved else None
        for place in range(2) if moved else ():
            after = asked.evaluate_world({**best, **{name: values[name][place] for name in moved}})
            found += [
                question.text
                for question, *both in zip(
                    asked.questions, before.quantity_values, after.quantity_values, strict=True
                )
                if [one.value for one in both[0]] != [one.value for one in both[1]]
            ]
    return found


def ends_of_ranges(plan: QueryPlan) -> dict[str, tuple[float, ...]]:
    return {axis.name: (axis.low, axis.high) for axis in find_unknown_ranges(plan)}


def test_what_cannot_matter_changes_no_bit_of_the_quarrel():
    plan = plan_of(QUARREL, *EXACTLY)
    assert changed_questions(plan, ends_of_ranges(plan)) == []


@pytest.mark.parametrize("path", [*SHIPPED, *SMALL], ids=lambda path: path.stem)
def test_what_cannot_matter_changes_no_bit_of_a_claim(path):
    case = load(path)
    plan = plan_questions(case, tuple(read_claims(case).values()), SolveSettings(grid=9))
    assert changed_questions(plan, ends_of_ranges(plan)) == []


@pytest.mark.parametrize("name", ["plain", "typed", "signals"])
def test_what_cannot_matter_changes_no_bit_of_a_drawn_case(name):
    """Every number of the case has an unknown of its own, so that each that counts is seen."""
    kinds = {
        "plain": small_cases(hidden=0, horizon=3),
        "typed": small_cases(hidden=1, horizon=2),
        "signals": signal_cases(),
    }

    @settings(max_examples=12, deadline=None)
    @given(with_questions(kinds[name], most=8))
    def holds(drawn):
        small, texts = drawn
        case = loads(with_unknown_in_every_number(small).text)
        plan = plan_of(case, *texts)
        assert changed_questions(plan, dict.fromkeys(case.unknowns, (0.5, 0.75))) == []

    holds()


def test_choices_after_which_it_is_asked_may_come_at_any_step():
    """The strike is offered only where the step between is missed out; a has no choice there."""
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
unknowns: {aim: {range: [0.1, 0.9]}, zeal: {range: [0.1, 0.9]}, toll: {range: [0.1, 0.9]}}
parties: {a: {}, b: {}, c: {}}
state: {ready: {}, shut: {}, hit: {}}
payoffs: {b: {hit: hit}}
moves:
  prepare: {by: c, cost: zeal, set: {ready: true}}
  close: {by: a, cost: toll, set: {shut: true}}
  strike: {by: b, when: ready and not shut, outcomes: [{chance: aim, set: {hit: true}}]}
order: [c, {a: [close]}, b]
""")
    plain, after = "P(eventually(hit))", "P(eventually(hit), after=[c.prepare, b.strike])"
    plan = plan_of(case, plain, after)
    assert plan.unknowns_of_question(0) == ("zeal",)
    assert plan.unknowns_of_question(1) == ("aim", "zeal")
    answers = [plan.evaluate_world({"aim": aim}).values for aim in (0.2, 0.8)]
    assert answers == [(0.0, pytest.approx(0.2)), (0.0, pytest.approx(0.8))]


def test_the_expected_value_of_what_no_state_changes_is_exact():
    """What play makes of it would be the same but for rounding."""
    plan = plan_of(QUARREL, "E(limit / 3)", "least(n, E(limit / 3) > 0.2)")
    world = {**QUARREL.best_estimates, "limit": 0.7, "luck": 0.3}
    assert plan.evaluate_world(world).values == (0.7 / 3, 0.0)
    (evaluator,) = plan.evaluators(ReadSettings(world)).values()
    evaluator.value_of(plan.questions[0].quantities[0])
    assert not evaluator.solution.solved


TALKS = """
ceasefire: 1
horizon: 1
unknowns:
  odds: {best: 0.5, range: [0, 1]}
  gain: {best: 0.5, range: [0, 1]}
  idle: {best: 0.5, range: [0, 1]}
parties: {a: {}, b: {}}
state: {war: {start: true}}
payoffs: {a: {peace: gain * (not war)}, b: {war: -idle * war}}
moves: {talk: {by: a, when: war, outcomes: [{chance: odds, set: {war: false}}]}}
claims:
  likely: {test: "P(eventually(not war)) > 0.3"}
  able: {test: "can([a], eventually(not war)) > 0.3"}
"""


def test_drivers_are_looked_for_among_what_can_matter(monkeypatch):
    asked = []

    def record(names, *rest, **options):
        asked.append(list(names))
        return find_drivers(names, *rest, **options)

    checking = import_module("ceasefire.ensemble.check_claims")
    monkeypatch.setattr(checking, "find_drivers", record)
    found = check(loads(TALKS), 64, workers=1, flips=False)
    assert asked == [["odds", "gain"], ["odds"]]
    assert [driver.unknown for driver in found.claim_checks[1].drivers.drivers] == ["odds"]


def test_check_says_what_can_matter_and_turning_points_look_nowhere_else():
    found = check(loads(TALKS), 0, workers=1)
    likely, able = found.claim_checks
    assert (likely.can_matter, able.can_matter) == (("odds", "gain"), ("odds",))
    assert likely.as_json()["can_matter"] == ["odds", "gain"]
    assert found.turning_points.scanned == ("odds", "gain")
    assert found.turning_points.unknown_count == 2
    assert [turn.unknown for turn in able.turning_points] == ["odds"]
    assert able.turning_points[0].value == pytest.approx(0.3, abs=0.001)


def test_of_64_unknowns_of_the_op_ed_16_can_matter_to_what_the_allies_can_do():
    case = load(HERE.parent / "cases" / "ukraine-2025.yaml")
    names = list(case.claims)
    plan = plan_questions(case, tuple(read_claims(case).values()), SolveSettings(grid=9))
    counts = {n: len(plan.unknowns_of_question(k)) for k, n in enumerate(names)}
    assert len(case.unknowns) == 64
    assert (counts["allies_can"], counts["washington_cannot"]) == (16, 16)
    assert counts["no_futility_no_peace"] == 51
    assert min(counts.values()) == 16


def test_claims_are_read_only_where_an_unknown_can_matter():
    case = loads(TALKS)
    plan = plan_questions(case, tuple(read_claims(case).values()))
    truths = ClaimTruthReader(plan, plan.evaluate_world())
    ranges = {axis.name: axis for axis in find_unknown_ranges(plan)}
    assert truths.claims_of("idle") == ()
    for unknown, read in {"odds": [True, True], "gain": [True, False]}.items():
        for margins in scan_range(truths, ranges[unknown]).margins.values():
            assert [margin is not None for margin in margins] == read
