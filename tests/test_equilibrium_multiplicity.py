"""All fixed points of a signalling decision: found, counted, chosen, and said where they matter."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ceasefire.case import load, loads
from ceasefire.cli.main import app
from ceasefire.ensemble import ask, check
from ceasefire.ensemble.rule_changes import find_selection_dependence
from ceasefire.equilibrium import solve
from ceasefire.equilibrium.kernels.interpolation import locate_segment
from ceasefire.equilibrium.kernels.multiplicity import (
    BOXES,
    MAX_FIXED_POINTS,
    allocate_fixed_point_search,
    bracket_shift,
    choose_fixed_point,
    find_fixed_points,
    shift_less_gap,
)
from ceasefire.equilibrium.kernels.newton import solve_newton
from ceasefire.equilibrium.kernels.signalling import prove_unique
from ceasefire.equilibrium.kernels.structures import (
    SEVERAL_FLAG,
    UNPROVED_FLAG,
    DecisionProblem,
    allocate_response,
)
from ceasefire.equilibrium.kernels.uniqueness import fill_widest_box
from ceasefire.errors import QuestionError, SolveError
from ceasefire.game import build
from ceasefire.query import plan_questions, read_claims
from ceasefire.render.formatting import claim_marks
from ceasefire.results import DEPENDS_ON_EQUILIBRIUM
from ceasefire.settings import SolveSettings

SMALL = Path(__file__).parent / "cases_small"
TWO_WAYS, WORDS = (
    load(SMALL / f"{name}.yaml") for name in ("two_ways_to_tell", "words_of_no_cost")
)
HAWK_SAYS_RED = "plays(envoy.say_red, types={envoy: hawk})"


def steep_decision(options: int, nodes: int, rng: np.random.Generator) -> DecisionProblem:
    """Values that jump where a reader would change its mind, which makes several fixed points."""
    record = np.linspace(-9, 9, nodes)
    belief = 1 / (1 + np.exp(-record))
    values = np.empty((2, options, nodes))
    for each in np.ndindex(2, options):
        jump = rng.normal() / (1 + np.exp(-rng.choice([5, 20, 100]) * (belief - rng.uniform())))
        values[each] = rng.normal() * belief + jump + 0.3 * rng.normal()
    return DecisionProblem(values, np.zeros(options), belief, -9.0, record[1] - record[0], 0.0)


@pytest.mark.parametrize("options", [2, 3, 4])
def test_no_start_of_newtons_method_finds_another_fixed_point(options):
    rng = np.random.default_rng(options)
    complete, several = 0, 0
    for number in range(30):
        problem = steep_decision(options, (17, 65, 129)[number % 3], rng)
        precision = (5.0, 20.0, 80.0)[number // 3 % 3]
        search, response = allocate_fixed_point_search(options), allocate_response(options)
        fill_widest_box(problem, precision, search.bounds)
        found, proved = find_fixed_points(problem, precision, 0.5, response, search, BOXES)
        complete += proved
        several += found > 1
        for _ in range(100 if proved else 0):
            shift = rng.uniform(*search.bounds.widest_box)
            if solve_newton(problem, precision, 0.5, shift, response, 60.0, 1e-11) < 1e-9:
                assert np.abs(search.shift[:found] - shift).max(axis=1).min() < 1e-4
    assert complete >= 27
    assert 5 <= several < 30


@pytest.mark.parametrize("options", [2, 3])
def test_newtons_method_does_not_contradict_what_is_shown_to_be_unique(options):
    """Among options that are worth much the same, and others: no bound excludes a fixed point."""
    rng = np.random.default_rng(options)
    shown, several = 0, 0
    for number in range(40):
        problem = steep_decision(options, (9, 17)[number % 2], rng)
        first = problem.values[:, :1]
        if number % 4 < 2:
            problem.values[:] = first + (1.0, 0.3, 0.05)[number % 3] * (problem.values - first)
        else:  # the types differ by as much at every record: each d_a is 1
            problem.values[1] = problem.values[0] + 0.2 * rng.normal(size=(options, 1))
        precision = (3.0, 30.0, 10.0, 40.0)[number % 4]
        search, response = allocate_fixed_point_search(options), allocate_response(options)
        fill_widest_box(problem, precision, search.bounds)
        unique = prove_unique(problem, precision, 0.5, search)
        least, most = search.bounds.widest_box
        found: list[np.ndarray] = []
        for _ in range(40):
            shift = rng.normal(size=options) * rng.choice([1, 4, 12])
            if solve_newton(problem, precision, 0.5, shift, response, 60.0, 1e-11) < 1e-9:
                assert (shift >= least - 1e-6).all()
                assert (shift <= most + 1e-6).all()
                if all(np.abs(shift - other).max() > 1e-4 for other in found):
                    found.append(shift)
        assert len(found) == 1 or not unique
        shown, several = shown + unique, several + (len(found) > 1)
    assert shown >= 12
    assert several >= 3


def test_a_bracket_of_a_shift_holds_what_is_asked_for():
    rng = np.random.default_rng(1)
    problem, q = steep_decision(2, 9, rng), 0.05
    for record, true in zip(rng.uniform(-8, 8, 60), rng.uniform(-9, 9, 60), strict=True):
        k, _ = locate_segment(record + true, problem.low, problem.step, 9)
        wanted, rate = shift_less_gap(problem, q, record, 0, k, true)
        ahead, _ = shift_less_gap(problem, q, record, 0, k, true + 1e-6)
        assert (ahead - wanted) / 1e-6 == pytest.approx(rate, abs=1e-4)
        left, right = bracket_shift(problem, q, record, 0, wanted, 1.0, -10.0, 10.0)
        assert left - 1e-12 <= true <= right + 1e-12
        assert right - left <= 20.0 / 64
        left, _ = bracket_shift(problem, q, record, 0, wanted, 1.0, true + 0.5, 10.0)
        assert left == pytest.approx(true + 0.5, abs=1e-9)


def test_a_search_that_is_cut_short_does_not_claim_to_have_found_all():
    rng = np.random.default_rng(2)
    problem = next(
        each for each in (steep_decision(2, 65, rng) for _ in range(50)) if found_in(each)[0] > 1
    )
    found, proved = found_in(problem, max_boxes=6)
    assert not proved
    assert found < found_in(problem)[0]


def found_in(problem: DecisionProblem, max_boxes: int = BOXES) -> tuple[int, bool]:
    """How many fixed points are found at the prior, and whether all are said to be found."""
    options = problem.values.shape[1]
    search, response = allocate_fixed_point_search(options), allocate_response(options)
    fill_widest_box(problem, 20.0, search.bounds)
    return find_fixed_points(problem, 20.0, 0.0, response, search, max_boxes)


def test_the_most_and_the_least_telling_are_chosen_and_ties_by_the_first_option():
    search = allocate_fixed_point_search(2)
    firsts, seconds = (0.5, 0.1, 0.9), (0.5, 0.9, 0.1)
    for n, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        search.choice[n] = [[first, 1 - first], [second, 1 - second]]
    assert choose_fixed_point(search, 3, True) == 2
    assert choose_fixed_point(search, 3, False) == 0
    assert len(search.shift) == MAX_FIXED_POINTS


@pytest.mark.parametrize(
    ("selection", "says_red"), [("principal", 0.999), ("telling", 0.0), ("silent", 0.40)]
)
def test_each_selection_plays_its_own_equilibrium(selection, says_red):
    options = f"types={{envoy: hawk}}, selection={selection}"
    (answer,) = ask(TWO_WAYS, f"plays(envoy.say_red, {options})").answers
    assert answer.best == pytest.approx(says_red, abs=0.01)


def test_words_can_mean_nothing_or_everything():
    questions = [f"value(hearer, selection={name})" for name in ("principal", "telling", "silent")]
    nothing, everything, least = (a.best for a in ask(WORDS, *questions).answers)
    assert nothing == pytest.approx(-0.25, abs=0.01)
    assert least == pytest.approx(nothing, abs=1e-12)
    assert everything == pytest.approx(0, abs=0.02)


def test_a_solution_counts_the_decisions_with_several_only_when_asked():
    game = build(TWO_WAYS)
    assert not solve(game, grid=65).flagged
    (flagged,) = solve(game, grid=65, count_fixed_points=True).flagged.values()
    assert {int(flag) for flag in flagged.flag} == {SEVERAL_FLAG}
    assert len(set(flagged.node)) == 1
    careless = loads(
        "extends: two_ways_to_tell.yaml\nparties: {envoy: {precision: 0.1}}\n",
        SMALL / "careless.yaml",
    )
    assert not solve(build(careless), grid=65, count_fixed_points=True).flagged


def test_an_unknown_selection_is_refused():
    with pytest.raises(SolveError, match="principal, telling, silent"):
        solve(build(TWO_WAYS), selection="loud")
    with pytest.raises(QuestionError, match="did you mean silent"):
        ask(TWO_WAYS, f"{HAWK_SAYS_RED[:-1]}, selection=silen)")


def test_a_claim_that_depends_on_the_equilibrium_is_marked_with_the_other_numbers():
    found = check(TWO_WAYS, worlds=0, flips=False)
    (claim,) = found.claim_checks
    assert claim.best is True
    assert (claim.selection.selection, claim.selection.best) == ("telling", False)
    ((text, value),) = claim.selection.quantities
    assert (text, value) == (HAWK_SAYS_RED, pytest.approx(0, abs=1e-6))
    assert found.numerics.several == pytest.approx(1)
    assert claim.as_json()["selection"]["selection"] == "telling"


def test_an_answer_that_depends_on_the_equilibrium_says_so():
    asked = [HAWK_SAYS_RED, "belief(envoy.hawk)", f"{HAWK_SAYS_RED[:-1]}, selection=silent)"]
    first, belief, chosen = ask(TWO_WAYS, *asked).answers
    said = [text for text in first.warnings if text.startswith("depends on which equilibrium")]
    (telling,) = ask(TWO_WAYS, f"{HAWK_SAYS_RED[:-1]}, selection=telling)").answers
    shown = f"{telling.best:.3g} with selection=telling and {chosen.best:.3g} with selection=silent"
    (said,) = said
    assert said.startswith(f"depends on which equilibrium is played: {shown}; the branch followed")
    assert not any("equilibrium" in text for text in (*belief.warnings, *chosen.warnings))


def test_the_command_line_and_its_document_say_it():
    path = str(SMALL / "two_ways_to_tell.yaml")
    text = CliRunner().invoke(app, ["check", path, "--worlds", "0", "--all"]).stdout
    assert "depends on which equilibrium is played" in text
    assert "several equilibria at the best estimates: the move by envoy" in " ".join(text.split())
    document = json.loads(
        CliRunner().invoke(app, ["check", path, "--worlds", "0", "--json"]).stdout
    )
    assert document["numerics"]["several"] == pytest.approx(1)
    assert document["numerics"]["several_complete"] is True
    assert document["claims"][0]["selection"]["best"] is False


TIED_HANDS = """
ceasefire: 1
horizon: 1
ending: nothing
parties:
  d: {precision: 1000, patience: 0, types: {resolved: 0.25, soft: 0.75}}
  c: {precision: 1000, patience: 0}
state: {threat: {}, challenged: {}, end: {values: [quo, backed, fought], start: quo}}
payoffs:
  d: {prize: not challenged, war: "(0.2 if type == resolved else -0.6) * (end == fought)"}
  c: {prize: end == backed, war: -1 * (end == fought)}
moves:
  threaten: {by: d, set: {threat: true}}
  challenge: {by: c, set: {challenged: true}}
  fight: {by: d, when: challenged, set: {end: fought}}
  back: {by: d, when: challenged, set: {end: backed}, cost: 0.4 * threat}
order: [{d: [threaten, pass]}, {c: [challenge, pass]}, {d: [fight, back]}]
"""


@pytest.mark.parametrize("grid", [129, 1025, 2049])
def test_a_finer_grid_resolves_what_a_coarse_one_does(grid):
    """The soft type bluffs with a third; the branch itself takes thousands of steps to follow."""
    solution = solve(build(loads(TIED_HANDS)), grid=grid, count_fixed_points=grid == 129)
    found = solution.certificate
    assert (found.unresolved, found.branch_points) == (0, 0)
    assert found.residual < 1e-9
    assert found.continued_by_arclength <= 1
    assert not any((each.flag & UNPROVED_FLAG).any() for each in solution.flagged.values())
    if grid > 129:
        node = int(solution.game.graphs[0].step_entry[0, 0])
        soft = solution.choice_probabilities(0, node, (0.0,))[1]
        assert soft[0] == pytest.approx(1 / 3, abs=0.003)


VARIED = """
extends: two_ways_to_tell.yaml
unknowns: {care: {best: 8, range: [0.2, 12]}}
parties: {envoy: {precision: care}, listener: {precision: care}}
claims: {hawks_exist: {test: belief(envoy.hawk) > 0.5}}
"""


def test_a_check_says_in_how_many_drawn_worlds_a_claim_depends_on_the_equilibrium():
    case = loads(VARIED, SMALL / "varied.yaml")
    first, belief = check(case, worlds=64, grid=33, flips=False, workers=1).claim_checks
    found = first.selection_in_worlds
    assert (found.looked_at, found.several, found.depends) == (8, found.several, found.several)
    assert 0 < found.several < 8
    assert belief.selection_in_worlds.depends == 0
    said = f"its verdict does in {found.depends} of the 8 drawn worlds looked at"
    assert said in claim_marks(first)[DEPENDS_ON_EQUILIBRIUM]
    assert DEPENDS_ON_EQUILIBRIUM not in claim_marks(belief)
    assert first.as_json()["selection_in_worlds"]["looked_at"] == 8


def test_without_several_fixed_points_in_a_drawn_world_nothing_is_said_of_them():
    careless = VARIED.replace("best: 8, range: [0.2, 12]", "best: 0.2, range: [0.1, 0.3]")
    case = loads(careless, SMALL / "careless.yaml")
    plan = plan_questions(case, tuple(read_claims(case).values()), SolveSettings(33))
    worlds = {n: {"care": n / 100} for n in range(10, 30)}
    assert find_selection_dependence(plan, worlds, 1) == {}
    assert find_selection_dependence(plan, {n: {"care": 8.0} for n in range(7)}, 1) == {}
