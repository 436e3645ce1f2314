"""Grid, records and play forwards: what they hold by construction, and sampled where too many."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import Case, loads
from ceasefire.ensemble import ask
from ceasefire.equilibrium import solve
from ceasefire.equilibrium.kernels.structures import BRANCH_POINT_FLAG
from ceasefire.equilibrium.solution import build_belief_grid
from ceasefire.game import build, game_parameters

SMALL = Path(__file__).parent / "cases_small"
BOTH = loads("""
ceasefire: 1
horizon: 1
parties:
  h: {precision: 2, types: {firm: 0.3, soft: 0.7}, believed_by: {b: {firm: 0.8, soft: 0.2}}}
  g: {precision: 3, types: {kind: 0.6, cold: 0.4}}
  b: {}
state: {x: {}}
payoffs: {h: {x: "x * (0.5 if type == firm else -0.5)"}}
moves: {act: {by: h, set: {x: true}}, wave: {by: g, cost: "0.1 if type == kind else 0.4"}}
""")


def best(case: Case, question: str) -> object:
    """The answer to one question."""
    return ask(case, question, certify=False).answers[0].best


def test_each_party_discounts_by_its_own_patience() -> None:
    case = loads("""
    ceasefire: 1
    horizon: 3
    ending: nothing
    parties: {a: {patience: 0.5}, b: {patience: 0.9}}
    state: {x: {}}
    payoffs: {a: {calm: 1}, b: {calm: 1}}
    """)
    assert best(case, "value(a)") == pytest.approx(1.75)
    assert best(case, "value(b)") == pytest.approx(2.71)


def test_early_payoffs_are_enjoyed_longer() -> None:
    case = loads("""
    ceasefire: 1
    horizon: 3
    ending: nothing
    parties: {a: {patience: 0.5}}
    state: {x: {}}
    payoffs: {a: {joy: x}}
    chance: {luck: {during: [0, 0], set: {x: true}}}
    """)
    assert best(case, "value(a)") == pytest.approx(1.75)


def test_the_grid_reaches_to_where_every_observer_is_certain() -> None:
    game = build(BOTH)
    grid = build_belief_grid(game, game_parameters(game), 17)
    assert grid.belief[:, :, 0].max() <= 1e-4 + 1e-12
    assert grid.belief[:, :, -1].min() >= 1 - 1e-4 - 1e-12
    assert grid.lowest_record + grid.spacing * grid.prior_index == pytest.approx(
        [0.0, 0.0], abs=1e-12
    )
    assert grid.belief[0, 0, grid.prior_index[0]] == pytest.approx(0.3)


def test_a_finer_grid_keeps_the_nodes_of_the_coarse_one() -> None:
    game = build(BOTH)
    coarse, fine = (build_belief_grid(game, game_parameters(game), 17, halvings=n) for n in (0, 1))
    assert fine.spacing == pytest.approx(coarse.spacing / 2)
    first = np.rint((coarse.lowest_record - fine.lowest_record) / fine.spacing).astype(int)
    for h in range(2):
        kept = fine.belief[h, :, first[h] : first[h] + 33 : 2]
        assert kept == pytest.approx(coarse.belief[h], abs=1e-12)
    assert fine.belief[0, 0, fine.prior_index[0]] == pytest.approx(0.3)


def test_a_coarser_grid_is_the_one_of_half_as_many_nodes() -> None:
    game = build(BOTH)
    halved, plain = (
        build_belief_grid(game, game_parameters(game), size, halvings)
        for size, halvings in ((33, -2), (9, 0))
    )
    assert halved.axis_size == plain.axis_size == 9
    assert np.array_equal(halved.belief, plain.belief)
    assert solve(game, grid=33, halvings=-2).grid_size == 9


def test_last_grid_axis_varies_fastest() -> None:
    play = solve(build(BOTH), grid=5)
    of_h, of_g = play.point_beliefs[-1].reshape(2, 5, 5)
    assert (np.diff(of_h, axis=0) > 0).all()
    assert (np.diff(of_h, axis=1) == 0).all()
    assert (np.diff(of_g, axis=1) > 0).all()
    assert (np.diff(of_g, axis=0) == 0).all()


@pytest.mark.parametrize("record", [-2.0, 0.7, 3.1])
def test_interpolation_is_linear_in_belief(record: float) -> None:
    """The belief itself is carried without error."""
    play = solve(build(BOTH), grid=9)
    lanes, weights = play.interpolate((record, 0.0))
    believed = 1.0 / (1.0 + math.exp(-(math.log(0.3 / 0.7) + record)))
    assert weights @ play.point_beliefs[-1, 0, lanes] == pytest.approx(believed, abs=1e-12)
    assert play.point_beliefs[-1, 1, lanes] == pytest.approx(0.6)


def test_each_type_pays_its_own_costs() -> None:
    for kind in ("kind", "cold"):
        own, analyst = (best(BOTH, f"value(g, type={kind}{more})") for more in ("", ", by=analyst"))
        assert own == pytest.approx(analyst, abs=1e-9)
        assert own != pytest.approx(0.0, abs=0.01)


def test_what_must_be_done_is_paid_for_by_each_type() -> None:
    """No choice, so nothing is shown; the cost is still the type's own."""
    case = loads("""
    ceasefire: 1
    horizon: 1
    ending: nothing
    parties: {h: {types: {firm: 0.3, soft: 0.7}}}
    state: {x: {}}
    moves: {act: {by: h, cost: "0.1 if type == firm else 0.6"}}
    order: [{h: [act]}]
    """)
    assert best(case, "value(h, type=firm)") == pytest.approx(-0.1)
    assert best(case, "value(h, type=soft)") == pytest.approx(-0.6)
    assert best(case, "belief(h.firm, after=h.act)") == pytest.approx(0.3)


def test_option_weights_count_in_signalling_decisions() -> None:
    case = loads("""
    ceasefire: 1
    horizon: 1
    ending: nothing
    parties: {h: {precision: 2, types: {firm: 0.3, soft: 0.7}}}
    state: {x: {}}
    moves: {act: {by: h, weight: 3, cost: "0.5 if type == firm else 0"}}
    """)
    firm, soft = 3 * math.exp(-1.0) / (3 * math.exp(-1.0) + 1), 0.75
    assert best(case, "plays(h.act, types={h: firm})") == pytest.approx(firm)
    assert best(case, "plays(h.act, types={h: soft})") == pytest.approx(soft)
    assert best(case, "plays(h.act)") == pytest.approx(0.3 * firm + 0.7 * soft)


def test_branch_points_on_the_path_are_counted() -> None:
    """To speak costs either type the same; a hair's breadth away nothing is met."""
    text = (SMALL / "knife_edge.yaml").read_text(encoding="utf-8")
    for cost, met in (("0.1", True), ("0.1 + 0.001 * (type == right)", False)):
        case = loads(text.replace("hair if type == right else 0", cost))
        found = ask(case, "plays(sender.speak)", certify=False).numerics
        assert (found.branch_points > 0, found.unresolved) == (met, 0)
        assert found.marked == met


def test_doubtful_decisions_are_kept_with_their_node_and_grid_point() -> None:
    """Only the message meets branch points, and each that the certificate counts is kept."""
    text = (SMALL / "knife_edge.yaml").read_text(encoding="utf-8")
    game = build(loads(text.replace("hair if type == right else 0", "0.1")))
    play = solve(game, grid=9)
    assert list(play.flagged) == [0]
    graph, found = game.graph_of(0), play.flagged[0]
    assert found.flag.tolist() == [BRANCH_POINT_FLAG] * play.certificate.branch_points
    assert {game.options[graph.option[graph.first_branch[n]]] for n in found.node} == {
        "sender.speak"
    }
    assert play.belief_grid.prior_point in found.point
    again = solve(game, grid=9, after=solve(game, grid=9, keep=(0,)))
    assert again.flagged[0].point.tolist() == found.point.tolist()
    hair = text.replace("hair if type == right else 0", "0.1 + 0.001 * (type == right)")
    assert not solve(build(loads(hair)), grid=9).flagged


def test_play_continues_with_steps_still_due() -> None:
    case = loads("""
    ceasefire: 1
    horizon: 2
    parties: {a: {}}
    state: {x: {}, late: {}}
    chance:
      coin: {during: [0, 0], outcomes: [{chance: 0.5, set: {x: true}}]}
      end: {during: [1, 1], outcomes: [{chance: "0.2 if x else 0.6", set: {late: true}}]}
    """)
    assert best(case, "E(x, at=1, provided=at_end(late))") == pytest.approx(0.25)


def words(periods: int) -> Case:
    """A party says one of three words each period, and nobody heeds it."""
    return loads(f"""
    ceasefire: 1
    horizon: {periods}
    ending: nothing
    parties: {{h: {{precision: 1, patience: 0, types: {{firm: 0.5, soft: 0.5}}}}, b: {{}}}}
    state: {{x: {{}}}}
    moves:
      one: {{by: h, cost: "0.37 if type == firm else 0"}}
      two: {{by: h, cost: "0.1 if type == soft else 0.2"}}
    chance: {{storm: {{outcomes: [{{chance: 0.5}}]}}}}
    """)


def test_converging_paths_are_summed() -> None:
    """But not those on which a formula stands otherwise."""
    idle = "always(believes(b, h.firm) >= 0)"
    assert best(words(3), f"P({idle})") == pytest.approx(1.0)
    assert best(words(3), f"P(eventually(happens(storm)) and {idle})") == pytest.approx(0.875)


BELIEVED = "P(at_end(believes(b, h.firm) > 0.6))"
GIVEN = "eventually(believes(b, h.soft) > 0.55)"


def test_excess_records_are_sampled_with_an_error_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three words over 30 periods leave 496 records; 400 are allowed here."""
    case = words(30)
    (exact,) = ask(case, BELIEVED, certify=False, grid=9).answers
    assert exact.error is None
    monkeypatch.setattr(
        sys.modules["ceasefire.equilibrium.path_propagation"], "MAX_EXACT_PATHS", 400
    )
    (sampled,) = ask(case, BELIEVED, certify=False, grid=9).answers
    share = float(sampled.best or 0)
    assert 0.05 < share < 0.95
    assert sampled.error == pytest.approx(math.sqrt(share * (1 - share) / 400))
    assert abs(share - float(exact.best or 0)) < 4 * sampled.error


def test_sampling_error_of_a_condition_counts_its_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    case = words(30)
    monkeypatch.setattr(
        sys.modules["ceasefire.equilibrium.path_propagation"], "MAX_EXACT_PATHS", 400
    )
    texts = (f"P({GIVEN})", f"{BELIEVED[:-1]}, provided={GIVEN})")
    condition, found = ask(case, *texts, certify=False, grid=9).answers
    plays, share = 400 * float(condition.best or 0), float(found.best or 0)
    assert 0 < plays < 400
    assert found.error == pytest.approx(math.sqrt(share * (1 - share) / plays))
