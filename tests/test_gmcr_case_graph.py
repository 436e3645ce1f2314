"""A case as a graph of moves, worked by hand."""

import pytest

from ceasefire.case import loads
from ceasefire.errors import GameError, QuestionError
from ceasefire.gmcr import case_state_graph, explain_stability, stability

CASE = loads("""
ceasefire: 1
horizon: 2
unknowns: {gain: {best: 1.0, range: [0, 2]}}
parties:
  a: {types: {soft: 0.3, hard: 0.7}}
  b: {}
  host: {}
state: {war: {start: true}, tired: {}}
payoffs:
  a: {war: "-gain * war if type == soft else gain * war"}
  b: {war: -war, hair: 1e-12 * tired}
moves:
  attack: {by: a, when: not war, set: {war: true}}
  escalate: {by: b, when: war, outcomes: [{chance: 0.5, set: {tired: true}}]}
  never: {by: b, when: war, set: {war: false}}
promises: {calm: {by: a, forbids: [attack]}}
tables:
  talks:
    seats: [host, a, b]
    deals:
      truce: {when: war, needs: [a, b], set: {war: false}, promises: [calm]}
  club: {seats: [a, b], proposes: any, deals: {toast: {needs: [], set: {tired: true}}}}
chance:
  fatigue: {outcomes: [{chance: 0.1, set: {tired: true}}]}
order: [fatigue, talks, club, a, {b: [escalate, pass]}]
""")


def moves(graph):
    """Every move as (parties, from, to), states in words."""
    return {
        (graph.parties_in(bits), graph.state_name(s), graph.state_name(t))
        for m, bits in enumerate(graph.mover_bits.tolist())
        for s in range(graph.states)
        for t in graph.targets_from(m, s)
    }


def state(war, tired, calm=False):
    values = {"war": war, "tired": tired, "calm": calm}
    return ", ".join(f"{name}={str(value).lower()}" for name, value in values.items())


def test_moves_of_parties_and_groups():
    found = moves(case_state_graph(CASE))
    everyone = ("a", "b", "host")
    assert (everyone, state(True, False), state(False, False, True)) in found
    assert (("a",), state(False, False, True), state(True, False)) in found  # breaks the promise
    assert (("b",), state(True, False), state(True, True)) in found  # one outcome
    assert (("a",), state(True, False), state(True, True)) in found  # an offer is enough
    assert all(len(people) in (1, 3) for people, _, _ in found)
    assert all(start != to for _, start, to in found)
    assert not any(people == ("host",) for people, _, _ in found)
    assert (("b",), state(True, False), state(False, False)) not in found  # no step offers it


def test_actions_no_step_offers_are_no_moves():
    text = """
ceasefire: 1
horizon: 1
parties: {a: {}, b: {}}
state: {x: {}, y: {}}
moves: {one: {by: a, set: {x: true}}, two: {by: b, set: {y: true}}}
order: [a]
"""
    assert len(moves(case_state_graph(loads(text)))) == 1


def test_payoffs_rank_the_states_by_type():
    hard, soft = case_state_graph(CASE), case_state_graph(CASE, {"a": "soft"})
    war = [name.startswith("war=true") for name in map(hard.state_name, range(hard.states))]
    assert hard.rank[0].tolist() == [int(w) for w in war]
    assert soft.rank[0].tolist() == [int(not w) for w in war]
    assert hard.rank[1].tolist() == [int(not w) for w in war]  # a hair's breadth is none
    assert not hard.rank[2].any()


def test_type_decides_stability_of_the_truce():
    graph = case_state_graph(CASE)
    found = stability(graph)
    peace = [s for s in range(graph.states) if graph.state_name(s).startswith("war=false")]
    assert not found.by_party["a"]["Nash"][peace].any()
    # b and the host cannot bring the truce back without a
    assert not found.by_party["a"]["GMR"][peace].any()
    assert "SIM" not in found.by_party["a"]
    assert explain_stability(graph, ("b",), peace[0], "Nash").stable


def test_features_left_out_are_reported():
    notes = " ".join(case_state_graph(CASE).notes)
    for words in ("chance is left out", "fatigue", "b.escalate", "a hard"):
        assert words in notes


def test_graph_from_another_start_state():
    graph = case_state_graph(CASE, None, {"war": False})
    assert graph.state_name(0) == state(False, False)


def test_a_graph_that_does_not_fit_is_refused():
    with pytest.raises(GameError, match="too large"):
        case_state_graph(CASE, memory=1000)


def test_invalid_graphs_are_refused():
    with pytest.raises(QuestionError, match="no such type"):
        case_state_graph(CASE, {"a": "kind"})
    with pytest.raises(QuestionError, match="has no types"):
        case_state_graph(CASE, {"b": "soft"})
    with pytest.raises(GameError, match="would leave its values"):
        case_state_graph(
            loads("""
ceasefire: 1
horizon: 1
parties: {a: {}}
state: {n: {values: 0..1, start: 1}}
moves: {up: {by: a, set: {n: n + 1}}}
""")
        )
    with pytest.raises(QuestionError, match="finite"):
        case_state_graph(
            loads("""
ceasefire: 1
horizon: 1
parties: {a: {}}
state: {n: {values: 0..1, start: 1}}
payoffs: {a: {odd: 1 / (n - 1)}}
""")
        )
