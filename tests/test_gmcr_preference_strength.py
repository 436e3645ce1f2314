"""Strength of preference against the definitions, and what the command says of it."""

import json
import random
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ceasefire.cli.main import app
from ceasefire.gmcr import (
    STRENGTH_CONCEPTS,
    equilibrium_shares,
    greatly_worse_below_cuts,
    greatly_worse_by_payoff,
    read_gmcr,
    stability,
    strong_stability,
)
from support.random_conflicts import in_option_form, with_deals

RUNNER = CliRunner()
ROOM = Path(__file__).parents[1] / "cases" / "fang-hipel"
CHICKEN = ROOM / "chicken.gmcr"


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("make", [in_option_form, with_deals])
def test_strong_stability_is_that_of_the_definitions(make, seed):
    """Gulfs for one party, a gap of two in worth for the next, and so on in turn."""
    graph, slow = make(seed)
    draw = random.Random(seed)
    rows, far = [], {}
    for p, party in enumerate(graph.parties):
        worth = slow.worth[party]
        if p % 2:
            payoff = np.array([float(worth[s]) for s in slow.states])
            rows.append(greatly_worse_by_payoff(graph.rank[p], payoff, 2.0))
            far[party] = lambda s, u, worth=worth: worth[u] <= worth[s] - 2
        else:
            cut = worth[draw.choice(slow.states)]
            here = [n for n, s in enumerate(slow.states) if worth[s] == cut]
            rows.append(greatly_worse_below_cuts(graph.rank[p], [int(graph.rank[p][here[0]])]))
            far[party] = lambda s, u, worth=worth, cut=cut: worth[u] < cut <= worth[s]
    found = strong_stability(graph, np.stack(rows))
    plain = stability(graph)
    for party in graph.parties:
        for concept in STRENGTH_CONCEPTS:
            quick = {slow.states[s] for s in np.flatnonzero(found.by_party[party][concept])}
            assert quick == slow.strongly(concept, party, far[party]), (party, concept)
            assert not (found.by_party[party][concept] & ~plain.by_party[party][concept]).any()


def test_without_great_preference_only_nash_is_strong():
    graph = read_gmcr(CHICKEN).state_graph()
    none = np.full_like(graph.rank, -1)
    nash = stability(graph).equilibria("Nash").tolist()
    for concept in STRENGTH_CONCEPTS:
        assert strong_stability(graph, none).equilibria(concept).tolist() == nash


def test_shares_come_near_those_of_all_rankings():
    """Of First's 24 rankings, each with its gulf above the worst, as Second has it."""
    graph = read_gmcr(CHICKEN).state_graph()
    found = equilibrium_shares(
        graph, ["First"], strength_cuts={"First": [3], "Second": [3]}, samples=800, seed=2
    )
    assert set(found) == {
        "Nash",
        "GMR",
        "SMR",
        "SEQ",
        "SIM",
        *(f"strong {c}" for c in STRENGTH_CONCEPTS),
    }
    wanted = {concept: np.zeros(4) for concept in STRENGTH_CONCEPTS}
    second = greatly_worse_below_cuts(graph.rank[1], [1])
    for rank in permutations(range(4)):
        graph.rank[0] = rank
        strong = strong_stability(
            graph, np.stack([greatly_worse_below_cuts(graph.rank[0], [1]), second])
        )
        for concept in STRENGTH_CONCEPTS:
            wanted[concept][strong.equilibria(concept)] += 1 / 24
    for concept in STRENGTH_CONCEPTS:
        assert found[f"strong {concept}"] == pytest.approx(wanted[concept], abs=0.05)
    assert 0 < wanted["GMR"][0] < 1


def call(*arguments):
    return RUNNER.invoke(app, ["stability", *arguments])


def test_the_command():
    wanted = ["--strong", "First=3", "--strong", "Second=2"]
    result = call(str(CHICKEN), *wanted, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)["strength"]
    assert document["equilibria"] == {"GMR": ["NN", "YN", "NY"], "SMR": ["YN", "NY"],
                                      "SEQ": ["YN", "NY"]}  # fmt: skip
    assert document["strong"]["First"]["SMR"] == ["YN", "NY"]
    shown = call(str(CHICKEN), *wanted).stdout
    assert "Gs·" in shown
    assert "Drive on (First)" in shown
    case = call(str(ROOM / "elmira.yaml"), "--gap", "3", "--json")
    found = json.loads(case.stdout)["strength"]["equilibria"]
    assert "modify=true, plant=accept, insist=true" in found["SEQ"]
    assert "modify=true, plant=accept, insist=false" not in found["GMR"]


BAD = [
    (["--strong", "First"], "party=state"),
    (["--strong", "Nobody=1"], "no such party"),
    (["--strong", "First=9"], "no such state"),
    (["--gap", "1"], "has no payoffs"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD)
def test_bad_input(arguments, said):
    result = call(str(CHICKEN), *arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_payoff_gap_is_refused_for_sampled_rankings():
    result = call(str(ROOM / "elmira.yaml"), "--gap", "3", "--unknown", "moe")
    assert result.exit_code == 2
    assert "--gap" in result.output
