"""The game as arrays: what is reached, what is refused, and the numbers of a world."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import Case, dump, load, loads
from ceasefire.errors import GameError, WorldError
from ceasefire.game import NODE_ROLES, build, game_parameters
from ceasefire.gmcr import case_state_graph

CASES = Path(__file__).parents[1] / "cases"
SHIPPED = sorted(CASES.glob("*.yaml"))

BASE = """
ceasefire: 1
horizon: 3
unknowns:
  rate: {best: 0.5, range: [0.1, 0.9]}
parties:
  a: {name: A}
  b: {name: B}
state:
  level: {values: 0..3, start: 0}
  open: {start: true}
moves:
  rise: {by: a, when: level < 3, outcomes: [{chance: rate, set: {level: level + 1}}]}
  shut: {by: b, when: open, set: {open: false}}
"""


def test_only_reachable_states_are_built() -> None:
    game = build(loads(BASE))
    found = {game.describe(x) for x in range(len(game.states))}
    assert len(found) == 8
    game = build(loads(BASE + "order: [b]\n"))
    assert {game.describe(x) for x in range(len(game.states))} == {
        "level=0, open=true",
        "level=0, open=false",
    }


def test_each_period_reaches_one_level_further() -> None:
    game = build(loads(BASE))
    levels = [max(game.states[states, 0]) for states in game.reached_states]
    assert levels == [0, 1, 2]


def test_transient_states_are_not_reached_again() -> None:
    game = build(
        loads("""
    ceasefire: 1
    horizon: 3
    parties: {a: {}}
    state: {n: {values: 0..3, start: 0}}
    chance: {tick: {set: {n: n + 1}}}
    """)
    )
    assert [game.states[states, 0].tolist() for states in game.reached_states] == [[0], [1], [2]]


def test_successor_slots_come_in_solving_order() -> None:
    graph = build(loads(BASE)).graphs[0]
    for slot in range(graph.node_count):
        assert (
            graph.successor[graph.first_branch[slot] : graph.first_branch[slot + 1]] < slot
        ).all()


def test_a_value_out_of_range_names_the_state_and_the_line() -> None:
    text = BASE.replace("level < 3", "open").replace("horizon: 3", "horizon: 5")
    with pytest.raises(GameError) as caught:
        build(loads(text.replace("chance: rate", "chance: 0.5")))
    (problem,) = caught.value.problems
    assert problem.path == "moves.rise.outcomes[0].set.level"
    assert problem.line == 13
    assert "4 in the state level=3, open=true" in problem.found


def test_an_outcome_without_a_chance_may_lead_nowhere() -> None:
    text = BASE.replace("level < 3", "true").replace("chance: rate", "chance: 0.5 * (level < 3)")
    assert len(build(loads(text)).states) == 8


def test_a_game_that_does_not_fit_is_refused_with_its_factors() -> None:
    with pytest.raises(GameError) as caught:
        build(loads(BASE.replace("0..3", "0..999").replace("level < 3", "level < 999")), memory=1)
    (problem,) = caught.value.problems
    assert "of 2,000 in all, times 3 periods and 1 belief nodes" in problem.found
    assert "level (1000 values)" in problem.help


def switches(count: int, horizon: int, *, back: bool) -> Case:
    """Switches that one party turns on, and back again if it may."""
    names = [f"s{i}" for i in range(count)]
    state = "".join(f"  {name}: {{}}\n" for name in names)
    when = "true" if back else "not {0}"
    move = "  m{0}: {{by: a, when: " + when + ", set: {{{0}: not {0}}}}}\n"
    moves = "".join(move.format(name) for name in names)
    head = f"ceasefire: 1\nhorizon: {horizon}\nparties: {{a: {{}}}}\n"
    return loads(f"{head}state:\n{state}moves:\n{moves}")


def peak(work: Callable[[], object]) -> int:
    """The most memory that was held at once until a game was refused as too large."""
    tracemalloc.start()
    try:
        with pytest.raises(GameError, match="the game is too large"):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("work", [build, case_state_graph])
def test_a_million_million_states_are_refused_before_they_fill_the_memory(work) -> None:
    """The step that finds more states than fit does not find them all."""
    case = switches(40, 40, back=False)
    assert peak(lambda: work(case, memory=5e7)) < 7.5e7
    with pytest.raises(GameError) as caught:
        build(case, memory=1e6)
    assert "of 1,099,511,627,776 in all" in caught.value.problems[0].found


def test_few_states_with_many_moves_are_refused_before_they_fill_the_memory() -> None:
    case = switches(14, 20, back=True)
    assert peak(lambda: build(case, memory=2e7)) < 3e7


def test_a_product_beyond_any_machine_integer_is_no_obstacle() -> None:
    many = "".join(f"  v{i}: {{values: 0..999999, start: 0}}\n" for i in range(12))
    game = build(loads(BASE.replace("state:\n", "state:\n" + many)))
    assert game.state_table.possible_states == 10**72 * 8
    assert len(game.states) == 8


@pytest.mark.parametrize(
    ("during", "stretches"),
    [("[1, 1]", [(0, 1), (1, 2), (2, 3)]), ("[0, 2]", [(0, 3)]), ("[2, 2]", [(0, 2), (2, 3)])],
)
def test_period_graphs_follow_during(during: str, stretches: list[tuple[int, int]]) -> None:
    game = build(loads(BASE.replace("when: open,", f"when: open, during: {during},")))
    assert [(graph.first_period, graph.past_last_period) for graph in game.graphs] == stretches


def test_without_and_closed_remove_options() -> None:
    assert len(build(loads(BASE), without=["b.shut"]).states) == 4
    table = "tables:\n  t: {seats: [a, b], deals: {d: {when: open, set: {open: false}}}}\n"
    text = BASE.replace("  shut: {by: b, when: open, set: {open: false}}\n", table)
    closed = build(loads(text), closed={"t": 2})
    assert [len(states) for states in closed.reached_states] == [1, 2, 3]
    assert len(closed.states) == 8  # in the last period it meets
    assert len(build(loads(text), closed={"t": 3}).states) == 4


def test_an_impossible_world_is_named_and_the_others_unharmed() -> None:
    game = build(loads(BASE.replace("chance: rate", "chance: 2 * rate")))
    assert game_parameters(game, {"rate": 0.4}).by_graph[0].chance.max() == pytest.approx(0.8)
    with pytest.raises(WorldError) as caught:
        game_parameters(game, {"rate": 0.75})
    assert "1.5 in the state level=0, open=true with rate=0.75" in caught.value.problems[0].found


def test_a_chance_below_0_is_as_impossible_as_one_above_1() -> None:
    game = build(loads(BASE.replace("chance: rate", "chance: rate - 0.25")))
    with pytest.raises(WorldError, match=r"a probability from 0 to 1"):
        game_parameters(game, {"rate": 0.125})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_resolved_case_builds_the_same_game(path: Path) -> None:
    case = load(path)
    one, two = build(case), build(loads(dump(case)))
    assert np.array_equal(one.states, two.states)
    assert one.graphs
    for here, there in zip(one.graphs, two.graphs, strict=True):
        for name in (
            "node_kind",
            "node_role",
            "state",
            "mover",
            "first_branch",
            "successor",
            "label",
            "step_entry",
        ):
            assert np.array_equal(getattr(here, name), getattr(there, name)), name
    assert np.array_equal(game_parameters(one).payoff, game_parameters(two).payoff)


def test_slot_roles_match_their_steps() -> None:
    game = build(load(CASES / "ukraine-2025.yaml"))
    graph = game.graphs[0]
    offers = np.flatnonzero(graph.node_role == NODE_ROLES.index("offer"))
    assert len(offers) > 0
    for slot in offers:
        options = graph.option[graph.first_branch[slot] : graph.first_branch[slot + 1]]
        assert game.options[options[-1]].endswith(".pass")
