"""Conflicts of GMCR+ as cases and cases as conflicts: what comes over, and what is said not to."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ceasefire.case import load, loads
from ceasefire.cli.main import app
from ceasefire.errors import CaseError, GameError
from ceasefire.gmcr import (
    case_state_graph,
    case_to_gmcr,
    conflict_to_gmcr,
    gmcr_to_case,
    parse_gmcr,
    read_gmcr,
    stability,
)
from support.random_conflicts import conflict_and_twin

RUNNER = CliRunner()
CASES = Path(__file__).parents[1] / "cases"
ROOM = CASES / "fang-hipel"
FILES = sorted(ROOM.glob("*.gmcr"))


def written(conflict):
    """States, moves and rankings of a conflict, by letters."""
    graph = conflict.state_graph()
    moves = {
        (p, graph.state_name(s), graph.state_name(t))
        for p in range(len(graph.parties))
        for s in range(graph.states)
        for t in graph.targets_from(p, s)
    }
    return [graph.state_name(s) for s in range(graph.states)], moves, graph.rank.tolist()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_conflict_round_trips_through_a_case(path):
    case = loads(gmcr_to_case(path.read_bytes(), path.name).text)
    back = case_to_gmcr(case)
    assert written(parse_gmcr(back.text)) == written(read_gmcr(path))
    assert len(back.notes) == 2, back.notes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imported_case_has_the_verdicts_of_the_conflict(path):
    conflict = read_gmcr(path)
    there = stability(conflict.state_graph())
    graph = case_state_graph(loads(gmcr_to_case(path.read_bytes(), path.name).text))
    here = stability(graph)
    letters = {
        "".join(
            "Y" if word.endswith("true") else "N" for word in graph.state_name(s).split(", ")
        ): s
        for s in range(graph.states)
    }
    order = [letters[conflict.state_label(code)] for code in conflict.codes.tolist()]
    for mine, theirs in zip(graph.parties, conflict.parties, strict=True):
        for concept in ("Nash", "GMR", "SMR", "SEQ"):
            assert (here.by_party[mine][concept][order] == there.by_party[theirs][concept]).all()


@pytest.mark.parametrize("seed", range(12))
def test_random_conflicts_convert_where_reachable(seed):
    """With patterns, one-way options and ties; what a party does not know of is left out."""
    conflict, _ = conflict_and_twin(seed)
    imported = gmcr_to_case(conflict_to_gmcr(conflict).encode(), "random.gmcr")
    graph = case_state_graph(loads(imported.text))
    whole = conflict.state_graph()
    names = [conflict.state_label(code) for code in conflict.codes.tolist()]
    place = [
        names.index(
            "".join("NY"[word.endswith("true")] for word in graph.state_name(s).split(", "))
        )
        for s in range(graph.states)
    ]
    said = [note for note in imported.notes if "cannot be reached" in note]
    lost = whole.states - graph.states
    assert [int(note.split()[0]) for note in said] == ([lost] if lost else [])
    for p in range(len(graph.parties)):
        ranks = whole.rank[p][place]
        assert (
            np.sign(ranks[:, None] - ranks) == np.sign(np.subtract.outer(*[graph.rank[p]] * 2))
        ).all()
        for s in range(graph.states):
            assert {place[t] for t in graph.targets_from(p, s)} == set(
                whole.targets_from(p, place[s])
            )
    assert any("does not know" in note for note in imported.notes) == bool(conflict.misperceived)


def test_both_generations_of_keys_are_written():
    case = loads(gmcr_to_case((ROOM / "chicken.gmcr").read_bytes()).text)
    old = json.loads(case_to_gmcr(case, earlier=True).text)
    new = json.loads(case_to_gmcr(case).text)
    assert old["useManualPreferenceVectors"] is True
    assert "preferenceVector" in old["decisionMakers"][0]
    assert "preferenceRanking" in new["decisionMakers"][0]
    assert not {"useManualPreferenceRanking"} & set(old)
    assert parse_gmcr(json.dumps(old)) == parse_gmcr(json.dumps(new))


DEALS = """
ceasefire: 1
horizon: 2
parties: {a: {types: {hard: 0.7, soft: 0.3}}, b: {}, c: {}}
state:
  war: {start: true}
  force: {values: [0, 5, 9], start: 0}
  mood: {values: [calm, angry, gone], start: calm}
  calm_sea: {}
payoffs: {a: {war: "-war if type == hard else war"}, b: {force: force}}
moves:
  arm: {by: b, when: force < 9, set: {force: "5 if force == 0 else 9"}}
  storm: {by: c, when: mood != gone, set: {mood: gone, war: true}}
tables:
  talks:
    seats: [a, b]
    deals:
      truce: {when: war, set: {war: false}}
      spree: {when: war, set: {war: false, force: 9}}
chance:
  wind: {set: {calm_sea: true}}
"""


def test_conversion_losses_are_reported():
    exported = case_to_gmcr(loads(DEALS))
    conflict = parse_gmcr(exported.text)
    assert [(o.name, o.party, o.direction) for o in conflict.options] == [
        ("war", "c", "fwd"),
        ("force >= 5", "b", "fwd"),
        ("force >= 9", "b", "fwd"),
        ("mood = gone", "c", "fwd"),
    ]
    notes = "\n".join(exported.notes)
    for said in (
        "Left out as chance: wind.",
        "Types: a hard.",
        "No move changes calm_sea",
        "Deal talks.truce is a move of a and b together; in the file it changes options of c",
        "Deal talks.spree is a move of a and b together; in the file it is not one move",
        "In the file b has",
        "that the case does not have",
    ):
        assert said in notes, notes
    assert (
        parse_gmcr(exported.text).rank_states("a").tolist()
        != parse_gmcr(case_to_gmcr(loads(DEALS), {"a": "soft"}).text).rank_states("a").tolist()
    )


ONE_WAY = """
ceasefire: 1
title: A dam that only the river takes away
horizon: 1
parties: {town: {}, river: {}}
state: {dam: {}, high: {}}
payoffs: {town: {dry: 2 * dam - high}, river: {bed: 1 - high}}
moves:
  build: {by: town, when: not dam, set: {dam: true}}
  burst: {by: river, when: dam and not high, set: {dam: false, high: true}}
  sink: {by: river, when: high, set: {high: false}}
"""


def test_moves_left_out_of_the_file_do_not_say_which_way_an_option_goes():
    exported = case_to_gmcr(loads(ONE_WAY))
    conflict = parse_gmcr(exported.text)
    assert [(o.name, o.direction) for o in conflict.options] == [("dam", "fwd"), ("high", "back")]
    assert not [note for note in exported.notes if note.startswith("In the file town has")]


def test_a_published_equilibrium_survives_the_export():
    case = load(CASES / "fang-hipel/elmira.yaml")
    conflict = parse_gmcr(case_to_gmcr(case).text)
    found = stability(conflict.state_graph()).equilibria("Nash")
    letters = {conflict.state_label(int(conflict.codes[s])) for s in found}
    assert len(letters) == len(stability(case_state_graph(case)).equilibria("Nash")) == 3
    assert "YYNY" in letters


def test_equilibria_that_change_are_named():
    notes = case_to_gmcr(load(CASES / "dayton-1995.yaml")).notes
    (nash,) = [note for note in notes if note.startswith("Nash equilibria differ")]
    assert nash.startswith("Nash equilibria differ: 11 in the case, 3 in the file; lost ")
    quiet = case_to_gmcr(load(CASES / "fang-hipel/elmira.yaml")).notes
    assert not [note for note in quiet if note.startswith("Nash equilibria differ")]
    assert [note for note in quiet if "SMR equilibria differ: 5 in the case, 4" in note]


def test_states_of_the_file_are_those_of_the_case():
    case = load(CASES / "ukraine-2025.yaml")
    assert len(parse_gmcr(case_to_gmcr(case).text).codes) == case_state_graph(case).states


def test_cases_that_are_no_conflict_are_refused():
    still = loads("{ceasefire: 1, horizon: 1, parties: {a: {}}, state: {war: {}}}")
    with pytest.raises(GameError, match="changes anything"):
        case_to_gmcr(still)
    values = ", ".join(f"w{n}" for n in range(70))
    moves = "moves: {go: {by: a, when: x != w69, outcomes: [{chance: 0.5, set: {x: w69}}]}"
    moves += "".join(f", m{n}: {{by: a, when: x == w0, set: {{x: w{n}}}}}" for n in range(1, 69))
    wide = f"ceasefire: 1\nhorizon: 1\nparties: {{a: {{}}}}\nstate: {{x: {{values: [{values}], "
    wide += f"start: w0}}}}\n{moves}}}\n"
    with pytest.raises(GameError, match="too many options"):
        case_to_gmcr(loads(wide))


def large(statements=None):
    options = [{"name": f"o{n}"} for n in range(8)]
    maker = {"name": "a", "options": list(range(8))}
    maker |= (
        {"preferenceRanking": list(range(1, 257))}
        if statements is None
        else {"preferences": [[[n % 8, "Y"]] for n in range(statements)]}
    )
    return json.dumps(
        {
            "options": options,
            "decisionMakers": [maker],
            "infeasibles": [],
            "useManualPreferenceRanking": statements is None,
        }
    ).encode()


def test_large_conflicts_are_ranked_by_statements():
    with pytest.raises(CaseError, match="ranked by hand"):
        gmcr_to_case(large())
    with pytest.raises(CaseError, match="30 statements"):
        gmcr_to_case(large(30))
    imported = gmcr_to_case(large(3))
    graph = case_state_graph(loads(imported.text))
    assert graph.states == 256
    assert int(graph.rank.max()) == 7
    assert any("one at a time" in note for note in imported.notes)


def test_import_and_export_commands_convert_conflicts(tmp_path):
    source, case, back = ROOM / "elmira.gmcr", tmp_path / "e.yaml", tmp_path / "e.gmcr"
    result = RUNNER.invoke(app, ["import", str(source), "-o", str(case)])
    assert result.exit_code == 0, result.output
    assert "No status quo" in result.output
    arguments = ["export", str(case), "--to", "gmcr", "-o", str(back), "--earlier-keys"]
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "Not in the file" in result.output
    assert written(read_gmcr(back)) == written(read_gmcr(source))
    result = RUNNER.invoke(app, [*arguments, "--types", "moe=soft"])
    assert result.exit_code == 2
    assert "has no types" in result.output
