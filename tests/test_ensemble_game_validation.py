"""What lint finds in the game: impossible numbers, gestures, mistakes that only noise explains."""

import pytest

from ceasefire.case import Case, loads
from ceasefire.cli.commands_files import ending_warnings
from ceasefire.ensemble.game_validation import (
    ScatteredOffers,
    build_validated_game,
    describe_precisions,
    find_coarse_scales,
    find_costless_actions,
    find_frozen_changes,
    find_impossible_numbers,
    find_indifferent_proposers,
    find_likely_mistakes,
    find_scattered_offers,
    find_suspect_actions,
)
from ceasefire.equilibrium import solve
from ceasefire.errors import GameError, WorldError
from ceasefire.query.expectations import WorldSolution

CASE = """
ceasefire: 1
horizon: 12
unknowns: {stake: {best: 0.5, range: [0, 1]}, level: {best: 2, oneof: [1, 2, 4]}}
parties: {north: {types: {calm: 0.5, rash: 0.5}, precision: 2}, south: {precision: 20}}
state: {war: {start: true}, arms: {values: 0..2, start: 0}}
payoffs: {north: {war: -stake * war, level: level - 2}, south: {war: -0.5 * war}}
moves:
  shout: {by: north}
  sulk: {by: north, cost: 0.3}
  brag: {by: north, cost: "0.1 if type == calm else 0"}
  stop: {by: south, when: war, set: {war: false}, cost: 0.01}
  arm: {by: north, when: arms < 2, set: {arms: arms + 1}}
order: [north, south]
"""


def build(old: str = "", new: str = "") -> Case:
    assert old in CASE
    return loads(CASE.replace(old, new) if old else CASE)


def solution(case: Case) -> WorldSolution:
    return WorldSolution(build_validated_game(case), case.best_estimates)


def test_sound_case_has_no_validation_error():
    assert find_impossible_numbers(build_validated_game(build())) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "found"),
    [
        ("-stake * war", "war / stake", "payoffs.north.war", "stake=0"),
        ("-stake * war", "war / (1 - stake)", "payoffs.north.war", "stake=1"),
        ("level - 2", "1 / (level - 4)", "payoffs.north.level", "level=4"),
        ("level - 2", "1 / arms", "payoffs.north.level", "arms=0"),
        ("cost: 0.3", "cost: log(arms)", "moves.sulk.cost", "arms=0"),
    ],
)
def test_each_end_and_each_value_is_tried_in_every_state(old, new, path, found):
    with pytest.raises(WorldError) as raised:
        build_validated_game(build(old, new))
    (problem,) = raised.value.problems
    assert problem.path.endswith(path.removeprefix("moves."))
    assert found in problem.found
    assert "finite number" in str(problem)


def test_a_value_out_of_range_names_the_state():
    with pytest.raises(GameError, match=r"arms=2"):
        build_validated_game(build("when: arms < 2, ", ""))


def test_costless_actions_are_found():
    assert find_costless_actions(build_validated_game(build())) == ("north.shout",)


def test_action_costing_one_type_is_not_costless():
    assert find_costless_actions(build_validated_game(build("type == calm", "type == rash"))) == (
        "north.shout",
    )


def test_forbidden_move_is_not_costless():
    promise = "promises: {calmly: {by: north, forbids: [shout]}}\norder:"
    assert find_costless_actions(build_validated_game(build("order:", promise))) == ()


def gestures(order: str) -> tuple[str, ...]:
    text = CASE.replace("  sulk:", "  whistle: {by: north}\n  sulk:")
    return find_costless_actions(
        build_validated_game(loads(text.replace("order: [north, south]", f"order: {order}")))
    )


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("[{north: [shout, arm, sulk]}, south]", ()),
        ("[{north: [shout, arm]}, {north: [shout, sulk]}, south]", ()),
        ("[{north: [shout, arm]}, north, south]", ("north.shout", "north.whistle")),
        ("[{north: [shout, whistle, arm]}, south]", ("north.shout", "north.whistle")),
        ("[{north: [shout]}, south]", ("north.shout",)),
    ],
)
def test_a_move_in_the_place_of_pass_is_no_gesture(order, found):
    assert [name for name in gestures(order) if name != "north.whistle" or name in found] == [
        *found
    ]


MEDIATION = """
ceasefire: 1
horizon: 6
parties: {mediator: {}, north: {}, south: {}}
state: {war: {start: true}, seen: {}}
payoffs: {north: {war: -1.0 * war}, south: {war: -0.5 * war}}
tables:
  talks:
    seats: [mediator, north, south]
    deals: {truce: {when: war, set: {war: false}}, photo: {set: {seen: true}}}
"""


def indifferent(text: str) -> tuple[tuple[str, str], ...]:
    return find_indifferent_proposers(solve(build_validated_game(loads(text))))


def test_a_proposer_to_whom_no_offer_matters_is_found():
    assert indifferent(MEDIATION) == (("mediator", "talks"),)
    assert indifferent(MEDIATION.replace("deals:", "proposes: any\n    deals:")) == (
        ("mediator", "talks"),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("payoffs: {", "payoffs: {mediator: {peace: 0.1 * (not war)}, "),
        ("deals:", "proposes: north\n    deals:"),
        ("set: {seen: true}", "set: {seen: true}, cost: {mediator: 0.1}"),
        ("photo: {", "photo: {weight: 0.2, "),
    ],
)
def test_a_proposer_who_gains_or_whose_weights_are_written_is_not_warned_of(old, new):
    assert old in MEDIATION
    assert indifferent(MEDIATION.replace(old, new)) == ()


def scattered(precision: float, deals: int, order: str = "[talks]") -> tuple[ScatteredOffers, ...]:
    """What is found where a asks for a share, and b accepts what leaves it a quarter or more."""
    rules = ", ".join(f"s{n}: {{set: {{share: {n}, over: true}}}}" for n in range(deals + 1))
    case = loads(f"""
ceasefire: 1
horizon: 2
ending: nothing
parties: {{a: {{precision: {precision}, patience: 0}}, b: {{precision: 50, patience: 0}}}}
order: {order}
state: {{share: {{values: 0..{deals}, start: 0}}, over: {{}}}}
payoffs:
  a: {{pie: "share / {deals} if over else 0.2"}}
  b: {{pie: "1 - share / {deals} if over else 0.25"}}
tables: {{talks: {{seats: [a, b], when: not over, deals: {{{rules}}}}}}}
""")
    return find_scattered_offers(solve(build_validated_game(case)))


@pytest.mark.parametrize("order", ["[talks]", "[{shuffle: [a, talks, b]}]"])
def test_offers_between_which_noise_decides_are_found(order):
    (found,) = scattered(precision=20, deals=100, order=order)
    assert (found.table, found.party, found.type, found.count) == ("talks", "a", None, 102)
    assert found.best == "talks.s69"
    assert 0.05 < found.probability < 0.15
    assert found.loss == pytest.approx(0.05, abs=0.02)
    assert found.state == "share=0, over=false"


@pytest.mark.parametrize(("precision", "deals"), [(400, 100), (20, 3), (20, 2)])
def test_precise_or_few_offers_are_not_warned_of(precision, deals):
    assert scattered(precision, deals) == ()


def test_dominated_but_likely_moves_are_found():
    found = find_likely_mistakes(solution(build()))
    assert "south.stop" not in found
    assert found["north.sulk"] > 0.8  # twelve months of about one in seven


def test_rare_mistakes_are_not_reported():
    careful = solution(build("sulk: {by: north,", "sulk: {by: north, weight: 0.001,"))
    assert "north.sulk" not in find_likely_mistakes(careful)


def test_weight_does_not_excuse_a_dominated_move():
    found = find_likely_mistakes(
        solution(build("sulk: {by: north,", "sulk: {by: north, weight: 1000,"))
    )
    assert found["north.sulk"] > 0.99


def test_mistakes_are_described_with_both_values():
    said = find_suspect_actions(solution(build()))
    assert "gesture" in said["north.shout"]
    assert "nowhere the best" in said["north.sulk"]


def test_precision_is_explained_in_words():
    calm, exact = describe_precisions(build())
    assert calm == "precision 2 (north): a stake of 0.5 is followed in all but 1 of 3.7 choices"
    assert "1 of 22,000 choices" in exact


RAID = """
ceasefire: 1
title: A raid that costs something once
horizon: 2
parties: {raider: {patience: 0.9}, other: {}}
state: {alarm: {values: [quiet, now, over], start: quiet}, loot: {}, day: {}}
payoffs: {raider: {loot: loot, trouble: -0.2 * (alarm == now)}, other: {loss: -loot}}
moves: {raid: {by: raider, when: alarm == quiet, set: {alarm: now, loot: true}}}
chance: {calm: {when: alarm == now, set: {alarm: over}}, turn: {set: {day: not day}}}
order: [calm, turn, raider]
"""


def test_a_state_that_chance_would_have_changed_is_not_paid_for_ever_in_silence():
    (found,) = find_frozen_changes(build_validated_game(loads(RAID)))
    assert (found.chance, found.variable, found.party) == ("calm", "alarm", "raider")
    assert found.after - found.before == pytest.approx(0.2)
    assert "alarm=now" in found.state


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("horizon: 2", "horizon: 2\nending: nothing"),
        ("horizon: 2", "horizon: 2\nending: final"),
        ("set: {alarm: over}", "outcomes: [{chance: 0.9, set: {alarm: over}}]"),
        ("alarm == now, set: {alarm: over}", "alarm == now, during: [0, 1], set: {alarm: over}"),
        ("-0.2 * (alarm == now)", "-0.2 * (alarm == quiet)"),
        ("[calm, turn, raider]", "[turn, raider, calm]"),
    ],
)
def test_what_is_not_certain_paid_or_left_at_the_end_is_not_warned_of(old, new):
    assert old in RAID
    assert find_frozen_changes(build_validated_game(loads(RAID.replace(old, new)))) == ()


TURNS = """
ceasefire: 1
horizon: 10
ending: nothing
parties: {a: {patience: 0.9}, b: {patience: 0.8}}
state: {share: {values: 0..40, start: 0}, over: {}}
payoffs: {a: {estate: over * share / 40}, b: {estate: over * (1 - share / 40)}}
tables:
  a_offers: {seats: [a, b], when: not over, deals: {DEALS}}
  b_offers: {seats: [b, a], when: not over, deals: {DEALS}}
"""


def scales(step: int, old: str = "", new: str = ""):
    deals = ", ".join(f"s{k}: {{set: {{share: {k}, over: true}}}}" for k in range(0, 41, step))
    assert old in TURNS
    text = TURNS.replace(old, new) if old else TURNS
    return find_coarse_scales(build_validated_game(loads(text.replace("DEALS", deals))))


def test_offers_in_steps_larger_than_the_cost_of_waiting_are_found():
    (found,) = scales(10)
    assert (found.tables, found.party) == (("a_offers", "b_offers"), "a")
    assert found.step == pytest.approx(0.25)
    assert found.waiting == pytest.approx(0.1)
    assert scales(10, "seats: [b, a]", "seats: [b, a], proposes: any") != ()


@pytest.mark.parametrize(
    ("step", "old", "new"),
    [
        (2, "", ""),  # steps of a twentieth: waiting costs more
        (20, "seats: [b, a]", "seats: [a, b]"),  # only a ever proposes
        (40, "", ""),  # two offers are no scale
        (10, "ending: nothing", "ending: final"),
    ],
)
def test_a_fine_scale_or_a_single_proposer_is_not_warned_of(step, old, new):
    assert scales(step, old, new) == ()


def test_lint_says_what_the_last_period_decides():
    for text, said in (
        (RAID, "the last state is paid for ever"),
        (TURNS.replace("DEALS", ", ".join(
            f"s{k}: {{set: {{share: {k}, over: true}}}}" for k in (0, 20, 40)
        )), "whoever makes the last one may decide"),
    ):  # fmt: skip
        game = build_validated_game(loads(text))
        messages = [problem.message for problem in ending_warnings(game)]
        assert any(said in message for message in messages)
