"""Stability against a twin written from the definitions, and against numbers worked by hand."""

import random
from itertools import permutations

import numpy as np
import pytest

from ceasefire.case import FrozenMapping
from ceasefire.errors import GameError
from ceasefire.gmcr import (
    STABILITY_CONCEPTS,
    Conflict,
    ConflictOption,
    StateGraph,
    all_coalitions,
    build_move_tree,
    equilibrium_shares,
    explain_stability,
    stability,
    stability_conditions,
)
from support.random_conflicts import differences, in_option_form, with_deals

HERE = 30  # of the 1,000 that verification/stability.py goes through


@pytest.mark.parametrize("make", [in_option_form, with_deals])
def test_every_verdict_agrees_with_the_definitions(make):
    wrong = {seed: found for seed in range(HERE) if (found := differences(*make(seed)))}
    assert not wrong


def test_comparison_detects_a_wrong_verdict():
    graph, slow = in_option_form(3)
    party = graph.parties[0]
    slow.worth[party] = {state: -worth for state, worth in slow.worth[party].items()}
    assert differences(graph, slow)


def chain(*, moves, rank, parties="abc"):
    """A graph of states 0 to 3 from {party: [(from, to), ...]} and ranks."""
    lists = [[[t for s, t in moves[p] if s == state] for state in range(4)] for p in parties]
    sizes = np.array([[len(to) for to in rows] for rows in lists])
    ends = np.cumsum(sizes).reshape(sizes.shape)
    begins = np.concatenate([[0], ends[:-1, -1]])
    return StateGraph(
        parties=tuple(parties),
        mover_bits=np.array([1 << p for p in range(len(parties))], dtype=np.int64),
        first_move=np.column_stack([begins, ends]).astype(np.int64),
        target=np.array([t for rows in lists for to in rows for t in to], dtype=np.int32),
        rank=np.array(rank, dtype=np.int32),
        known=np.ones((len(parties), 4), dtype=np.bool_),
        state_name=str,
    )


RETURNING = chain(  # b, then c, then b again: only so do they get from 1 back to 0
    moves={"a": [(0, 1)], "b": [(1, 2), (3, 0)], "c": [(2, 3)]},
    rank=[[0, 3, 2, 1], [3, 0, 1, 2], [0, 0, 0, 1]],
)


def test_in_a_sanction_a_party_may_move_again_after_another():
    found = stability(RETURNING)
    assert not found.by_party["a"]["Nash"][0]
    assert found.by_party["a"]["GMR"][0]
    assert found.by_party["a"]["SEQ"][0]
    reason = explain_stability(RETURNING, ("a",), 0, "SEQ")
    steps = [(*step.movers, step.start, step.to) for step in reason.responses[0].sanction]
    assert steps == [("b", 1, 2), ("c", 2, 3), ("b", 3, 0)]


def test_in_a_sanction_nobody_moves_twice_running():
    alone = chain(
        moves={"a": [(0, 1)], "b": [(1, 2), (2, 3)], "c": []},
        rank=[[1, 3, 2, 0], [0, 0, 1, 2], [0, 0, 0, 0]],
    )
    assert not stability(alone).by_party["a"]["GMR"][0]
    relieved = chain(
        moves={"a": [(0, 1)], "b": [(1, 2)], "c": [(2, 3)]},
        rank=[[1, 3, 2, 0], [0, 0, 1, 2], [0, 0, 0, 0]],
    )
    assert stability(relieved).by_party["a"]["GMR"][0]
    assert not stability(relieved).by_party["a"]["SEQ"][0]  # c gains nothing by its step


def test_a_sanction_need_only_leave_it_no_better_off():
    equal = chain(
        moves={"a": [(0, 1)], "b": [(1, 2)], "c": []},
        rank=[[1, 2, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]],
    )
    assert stability(equal).by_party["a"]["SEQ"][0]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("make", [in_option_form, with_deals])
def test_reasons_imply_the_verdicts(make, seed):
    graph, _ = make(seed)
    found = stability(graph, all_coalitions(graph.parties))
    assert graph.states > 1
    assert found.coalitions
    for state in range(graph.states):
        for party in graph.parties:
            for concept in found.concepts:
                reason = explain_stability(graph, (party,), state, concept)
                assert reason.stable == found.by_party[party][concept][state]
        for members, verdicts in found.coalitions.items():
            for concept in STABILITY_CONCEPTS[:4]:
                reason = explain_stability(graph, members, state, concept)
                assert reason.stable == verdicts[concept][state]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("make", [in_option_form, with_deals])
def test_a_state_is_stable_if_and_only_if_every_condition_is_met(make, seed):
    graph, _ = make(seed)
    draw = random.Random(seed)
    for party in graph.parties:
        p = graph.parties.index(party)
        graph.rank[p] = [draw.randint(0, 5) for _ in range(graph.states)]
        found = stability(graph)
        for state in range(graph.states):
            for concept in STABILITY_CONCEPTS[:4]:
                met = all(c.met for c in stability_conditions(graph, party, state, concept))
                assert met == found.by_party[party][concept][state]


def dilemma():
    return Conflict(
        parties=("a", "b"),
        options=(ConflictOption("confess", "a"), ConflictOption("confess", "b")),
        rankings=FrozenMapping({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    )


def test_shares_come_near_those_of_all_rankings():
    """Both silent under each of the 24 rankings of a, b's being known."""
    graph = dilemma().state_graph()
    wanted = dict.fromkeys(STABILITY_CONCEPTS, 0)
    for rank in permutations(range(4)):
        graph.rank[0] = rank
        for concept in STABILITY_CONCEPTS:
            wanted[concept] += 0 in stability(graph).equilibria(concept)
    found = equilibrium_shares(graph, ["a"], samples=4000, seed=1)
    for concept in STABILITY_CONCEPTS:
        assert found[concept][0] == pytest.approx(wanted[concept] / 24, abs=0.03), concept
    assert 0 < wanted["SEQ"] < 24


def test_weak_rankings_are_completed_by_ties_only():
    tied = Conflict(
        ("a",),
        (ConflictOption("x", "a"), ConflictOption("y", "a")),
        rankings=FrozenMapping({"a": ((1, 2), (0,), (3,))}),
    )
    found = equilibrium_shares(tied.state_graph(), [], ["a"], samples=2000)["Nash"]
    assert found.tolist() == pytest.approx([0.0, 0.5, 0.5, 0.0], abs=0.05)


def test_improvement_tree_of_silence():
    graph = dilemma().state_graph()
    branches = build_move_tree(graph, 0, 3, improving=True)
    assert [(b.move.movers, b.move.to) for b in branches] == [(("a",), 1), (("b",), 2)]
    assert [(b.move.movers, b.move.to) for b in branches[0].next_moves] == [(("b",), 3)]
    assert branches[1].next_moves[0].shown_elsewhere


def test_one_way_options_keep_their_direction():
    once = Conflict(("a",), (ConflictOption("x", "a", "fwd"), ConflictOption("y", "a", "back")))
    graph = once.state_graph()
    leads = {
        once.state_label(s): sorted(map(once.state_label, graph.targets_from(0, s)))
        for s in range(4)
    }
    assert leads == {"NN": ["YN"], "YN": [], "NY": ["NN", "YN", "YY"], "YY": ["YN"]}


def test_infeasible_patterns_are_no_states():
    asked = Conflict(
        ("a",), (ConflictOption("x", "a"), ConflictOption("y", "a")), ((((0, True), (1, True)),),)
    )
    assert asked.codes.tolist() == [0, 1, 2]
    with pytest.raises(GameError, match="no feasible state"):
        _ = Conflict(("a",), (ConflictOption("x", "a"),), ((((0, True),),), (((0, False),),))).codes


def test_the_first_statement_that_divides_two_states_decides():
    wants = (((((0, True),)),), (((1, False),),))
    asked = Conflict(
        ("a",),
        (ConflictOption("x", "a"), ConflictOption("y", "a")),
        preference_statements=FrozenMapping({"a": wants}),
    )
    assert asked.rank_states("a").tolist() == [1, 3, 0, 2]


def test_more_statements_than_bits_of_a_number_still_rank():
    wants = tuple((((o % 5, True),),) for o in range(200))
    options = tuple(ConflictOption(str(o), "a") for o in range(5))
    asked = Conflict(("a",), options, preference_statements=FrozenMapping({"a": wants}))
    rank = asked.rank_states("a")
    backwards = [int(f"{code:05b}"[::-1], 2) for code in range(32)]
    assert rank.tolist() == backwards


def test_moves_that_do_not_fit_in_memory_are_refused():
    options = tuple(ConflictOption(str(o), "a") for o in range(16))
    with pytest.raises(GameError, match="moves"):
        Conflict(("a",), options).state_graph(memory=1e9)
    with pytest.raises(GameError, match="feasible"):
        _ = Conflict(("a",), tuple(ConflictOption(str(o), "a") for o in range(40))).codes
