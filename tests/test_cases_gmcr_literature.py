"""The conflicts of the literature with their published results."""

from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import load
from ceasefire.gmcr import (
    all_coalitions,
    case_state_graph,
    conflict_to_gmcr,
    parse_gmcr,
    read_gmcr,
    stability,
)

ROOM = Path(__file__).parents[1] / "cases" / "fang-hipel"


def numbers(name, *, coalitions=False):
    """The equilibria of a conflict by concept, states counted from 1."""
    graph = read_gmcr(ROOM / f"{name}.gmcr").state_graph()
    found = stability(graph, all_coalitions(graph.parties) if coalitions else ())
    return found, {c: {int(s) + 1 for s in found.equilibria(c)} for c in found.concepts}


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.gmcr")), ids=lambda path: path.stem)
def test_each_conflict_round_trips(path):
    conflict = read_gmcr(path)
    assert not conflict.warnings
    assert parse_gmcr(conflict_to_gmcr(conflict)) == conflict


def test_the_prisoners_dilemma():
    """States silence, first, second, both confess (Fang, Hipel & Kilgour 1993, chapter 3)."""
    _, found = numbers("prisoners-dilemma")
    assert found["Nash"] == {4}
    assert all(found[c] == {1, 4} for c in ("GMR", "SMR", "SEQ", "SIM"))


def test_chicken():
    """Both swerving is held by fear of the crash only, never by what the other would gain."""
    _, found = numbers("chicken")
    assert found["Nash"] == found["SEQ"] == {2, 3}
    assert found["GMR"] == found["SMR"] == found["SIM"] == {1, 2, 3}


ELMIRA = {1: 1, 2: 2, 3: 3, 4: 4, 5: 9, 6: 9, 7: 5, 8: 6, 9: 7, 10: 8, 11: 9, 12: 9}


def test_elmira():
    """s5, s8 and s9 by every concept, s1 and s4 by GMR and SMR (Hipel and others 1997)."""
    _, found = numbers("elmira")
    published = {c: {ELMIRA[s] for s in found[c]} for c in found}
    assert published["Nash"] == published["SEQ"] == {5, 8, 9}
    assert published["GMR"] == published["SMR"] == {1, 4, 5, 8, 9}


def test_elmira_ministry_and_uniroyal_leave_s5_together():
    """The jump from s5 to s8 (Kilgour, Hipel, Fang & Peng 2001)."""
    found, _ = numbers("elmira", coalitions=True)
    left = {c: set(np.flatnonzero(~v)) for c, v in found.coalitions["MoE", "Uniroyal"].items()}
    s5, s8 = 6, 9
    assert all(s5 in states and s8 not in states for states in left.values())


def test_elmira_as_a_case_has_nine_states_and_the_same_verdicts():
    graph = case_state_graph(load(ROOM / "elmira.yaml"))
    assert graph.states == 9
    case = load(ROOM / "elmira.yaml")
    twelve, _ = numbers("elmira")
    nine = stability(graph)
    payoff = {name: graph.rank[p] for p, name in enumerate(graph.parties)}
    place = {int(r): s for s, r in enumerate(payoff["moe"])}  # moe's ranking has no ties
    order = [None, 3, 2, 7, 6, 4, 1, 8, 5, 0]  # moe's rank of s1 to s9, from 0 for the worst
    assert list(case.parties) == ["moe", "uniroyal", "local"]
    for mine, theirs in zip(case.parties, twelve.graph.parties, strict=True):
        for concept in ("Nash", "GMR", "SMR", "SEQ"):
            for state, published in ELMIRA.items():
                there = twelve.by_party[theirs][concept][state - 1]
                assert nine.by_party[mine][concept][place[order[published]]] == there


def test_cuba():
    """The Soviet Union withdraws, with or without the blockade (Fraser & Hipel 1984, chapter 1)."""
    _, found = numbers("cuba-1962")
    assert found["SEQ"] == {4 + 1, 6 + 1}


def test_garrison():
    """23 feasible outcomes (Hipel & Fraser 1980); the other numbers are this program's own."""
    conflict = read_gmcr(ROOM / "garrison.gmcr")
    assert len(conflict.codes) == 23
    _, found = numbers("garrison")
    assert found["Nash"] == {2, 3, 11, 17, 18, 21, 22}
