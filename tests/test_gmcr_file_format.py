"""`.gmcr` files: both generations of keys, round trips, and everything that can be wrong."""

import json
import random
import re

import pytest

from ceasefire.case import FrozenMapping, loads
from ceasefire.errors import CaseError, GameError
from ceasefire.gmcr import (
    Conflict,
    ConflictOption,
    conflict_to_gmcr,
    gmcr_to_case,
    parse_gmcr,
    read_gmcr,
)
from support.random_conflicts import conflict_and_twin

SMALL = {
    "decisionMakers": [
        {"name": "a", "options": [0], "preferences": [], "preferenceRanking": [[2, 1], 3]},
        {"name": "b", "options": [1], "preferences": [], "preferenceRanking": [3, 2, 1]},
    ],
    "options": [
        {"name": "x", "permittedDirection": "fwd"},
        {"name": "y", "permittedDirection": "both"},
    ],
    "infeasibles": [[[0, "Y"], [1, "Y"]]],
    "useManualPreferenceRanking": True,
    "program": "gmcr-py",
    "version": "0.4",
}


def changed(**fields):
    return json.dumps({**SMALL, **fields})


def first(**fields):
    """The small conflict with a changed first decision maker."""
    return changed(decisionMakers=[{**SMALL["decisionMakers"][0], **fields}, MAKERS[1]])


MAKERS = SMALL["decisionMakers"]


def test_current_generation_of_keys():
    conflict = parse_gmcr(json.dumps(SMALL))
    assert [conflict.state_label(code) for code in conflict.codes.tolist()] == ["NN", "YN", "NY"]
    assert conflict.rank_states("a").tolist() == [1, 1, 0]
    assert conflict.rank_states("b").tolist() == [0, 1, 2]
    assert conflict.options[0] == ConflictOption("x", "a", "fwd")


def test_earlier_generation_of_keys_reads_the_same():
    makers = [
        {("preferenceVector" if k == "preferenceRanking" else k): v for k, v in maker.items()}
        for maker in MAKERS
    ]
    old = {k: v for k, v in SMALL.items() if k != "useManualPreferenceRanking"}
    old |= {"decisionMakers": makers, "useManualPreferenceVectors": True}
    assert parse_gmcr(json.dumps(old)) == parse_gmcr(json.dumps(SMALL))


def test_a_ranking_counts_with_options_grouped_by_decision_maker():
    """b's option comes first in the file, a's lowest in the count: 2 is x alone, 3 is y alone."""
    text = changed(
        decisionMakers=[{**MAKERS[0], "options": [1]}, {**MAKERS[1], "options": [0]}],
        options=[{"name": "y"}, {"name": "x"}],
    )
    conflict = parse_gmcr(text)
    assert [conflict.state_label(code) for code in conflict.codes.tolist()] == ["NN", "YN", "NY"]
    assert conflict.rank_states("b").tolist() == [0, 2, 1]
    assert parse_gmcr(conflict_to_gmcr(conflict)) == conflict


def test_statements_patterns_and_coalitions():
    wants = [[[0, "Y"]], {"compound": True, "members": [[[1, "N"]], [[0, "N"], [1, "Y"]]]}]
    text = changed(
        decisionMakers=[
            {**MAKERS[0], "preferences": wants, "misperceptions": [[[1, "Y"]]]},
            MAKERS[1],
        ],
        useManualPreferenceRanking=False,
        coalitions=[[0, 1]],
    )
    conflict = parse_gmcr(text)
    assert conflict.preference_statements["a"][1] == (((1, False),), ((0, False), (1, True)))
    assert conflict.misperceived["a"] == ((((1, True),),),)
    assert conflict.state_graph().known.tolist() == [[True, True, False], [True, True, True]]
    assert conflict.coalition_structure == (("a", "b"),)
    assert parse_gmcr(conflict_to_gmcr(conflict)) == conflict


def test_two_options_may_share_a_name():
    options = [{"name": "full"}, {"name": "full"}]
    assert len(parse_gmcr(changed(options=options)).options) == 2


def test_ignored_fields_are_reported():
    conflict = parse_gmcr(changed(colour="red", payoffs=[1]))
    assert [w.path for w in conflict.warnings] == ["colour", "payoffs"]


@pytest.mark.parametrize("seed", range(40))
def test_a_conflict_written_and_read_is_the_same(seed):
    conflict, _ = conflict_and_twin(seed)
    assert parse_gmcr(conflict_to_gmcr(conflict)) == conflict


WRONG = [
    ("{", "is not JSON", ""),
    ("[" * 100_000, "is not JSON", ""),
    ("[]", "an object", ""),
    ("{}", "this key is needed", "options"),
    (changed(options=[]), "a whole number", "decisionMakers[0].options[0]"),
    (changed(options=[{}, {}]), "this key is needed", "options[0].name"),
    (changed(options=[{"name": 3}, {"name": "y"}]), "a text", "options[0].name"),
    (changed(options=[*SMALL["options"], {"name": "z"}]), "some decision maker", "options[2]"),
    (
        changed(options=[{"name": "x", "permittedDirection": "up"}, {"name": "y"}]),
        "both, fwd or back",
        "options[0].permittedDirection",
    ),
    (changed(options=[{"name": "x"}] * 63), "at most 62", "options"),
    (changed(decisionMakers=[]), "one or more", "decisionMakers"),
    (changed(decisionMakers=[MAKERS[0], 7]), "an object", "decisionMakers[1]"),
    (first(name="b"), "a name of its own", "decisionMakers[1].name"),
    (first(options=[True]), "a whole number", "decisionMakers[0].options[0]"),
    (first(options=[0, 1]), "one owner", "decisionMakers[1].options[0]"),
    (first(preferences={"a": 1}), "a list", "decisionMakers[0].preferences"),
    (first(preferences=[[[0, "y"]]]), '"Y" or "N"', "decisionMakers[0].preferences[0][0]"),
    (first(preferences=[{"compound": True}]), "a list", "decisionMakers[0].preferences[0].members"),
    (first(misperceptions=[[[5, "Y"]]]), "0 to 1", "decisionMakers[0].misperceptions[0][0]"),
    (first(preferenceRanking=[1, 2]), "each feasible state once", "preferenceRanking"),
    (first(preferenceRanking=[1, 2, 2]), "each feasible state once", "preferenceRanking"),
    (first(preferenceRanking=[1, 2, 4]), "1 to 3", "preferenceRanking"),
    (first(preferenceRanking="best"), "a list", "preferenceRanking"),
    (changed(useManualPreferenceRanking="yes"), "true or false", "useManualPreferenceRanking"),
    (changed(infeasibles=[[[0, "Y"], [0, "N"]]]), "each option once", "infeasibles[0]"),
    (changed(coalitions=[0, 0]), "every decision maker once", "coalitions"),
    (changed(coalitions=[[0, 9]]), "a whole number", "coalitions[0]"),
]


@pytest.mark.parametrize(("text", "allowed", "path"), WRONG)
def test_every_fault_of_a_gmcr_file_is_reported(text, allowed, path):
    with pytest.raises(CaseError) as caught:
        parse_gmcr(text, "war.gmcr")
    assert any(
        allowed in f"{p.allowed} {p.message}" and path in p.path for p in caught.value.problems
    ), caught.value
    assert all(problem.file == "war.gmcr" for problem in caught.value.problems)


def test_duplicate_key_is_refused():
    with pytest.raises(CaseError, match="stands twice, found options"):
        parse_gmcr('{"options": [], "options": []}')


def test_missing_ranking_is_refused():
    makers = [{k: v for k, v in MAKERS[0].items() if k != "preferenceRanking"}, MAKERS[1]]
    with pytest.raises(CaseError, match="no ranking"):
        parse_gmcr(changed(decisionMakers=makers))


def test_mismatched_states_are_refused(tmp_path):
    options = [{"name": str(o)} for o in range(40)]
    makers = [{"name": "a", "options": list(range(40)), "preferenceRanking": [1]}]
    with pytest.raises(GameError, match="feasible"):
        parse_gmcr(changed(options=options, decisionMakers=makers, infeasibles=[]))
    path = tmp_path / "large.gmcr"
    path.write_bytes(b" " * 10_000_001)
    with pytest.raises(CaseError, match="too large"):
        read_gmcr(path)


VALUES = (
    "null", "-1", "1e999", "9" * 20, '"x"', "[]", "{}", "true", "0.5", '""', '"\\ud800"', "NaN",
    "[[[[]]]]", "Infinity", '"\\u0000"', '": #"', '"- {"', '"? *&!"', '"|"', '"%: @"', '"no"',
)  # fmt: skip


def test_damaged_gmcr_files_give_a_case_or_problems():
    draw, text = random.Random(11), json.dumps(SMALL)
    spots = [m.span() for m in re.finditer(r'-?[0-9]+|true|"[^"]*"|[][{}:,]', text)]
    trials = [text[:n] for n in range(0, len(text), 5)]
    for low, high in spots:
        trials += [text[:low] + value + text[high:] for value in draw.sample(VALUES, 8)]
    refused: list[CaseError] = []
    for trial in trials:
        try:
            read = gmcr_to_case(trial.encode(), "some.gmcr")
        except CaseError as error:
            refused.append(error)
        else:
            loads(read.text)
    assert 100 < len(refused) < len(trials)
    assert all(problem.file for error in refused for problem in error.problems)


def test_a_ranking_is_needed_only_where_it_is_used():
    conflict = Conflict(
        ("a",),
        (ConflictOption("x", "a"),),
        preference_statements=FrozenMapping({"a": ((((0, True),),),)}),
    )
    assert "preferenceRanking" not in json.loads(conflict_to_gmcr(conflict))["decisionMakers"][0]


def test_an_incomplete_coalition_structure_is_left_out_with_a_warning():
    conflict = parse_gmcr(changed(coalitions=[0]))
    assert conflict.coalition_structure == ()
    (warning,) = conflict.warnings
    assert (warning.path, warning.message) == (
        "coalitions",
        "leaves out b: not read, everyone is taken alone",
    )
    assert parse_gmcr(changed(coalitions=[[0, 1]])).coalition_structure == (("a", "b"),)
