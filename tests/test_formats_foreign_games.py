"""Games of Gambit as cases: what is hidden comes in right, or is refused with its reason."""

from itertools import product
from pathlib import Path

import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError
from ceasefire.formats import from_efg, from_nfg
from ceasefire.game import build
from verification.foreign_strategies import (
    imported_case,
    logit_residual,
    our_strategy,
    read_game,
    strategy_of,
)

GAMES = sorted((Path(__file__).parent / "games").iterdir())
POINTS = "".join(f't "" {n} "" {{ {n}, {-n} }}\n' for n in range(1, 9))


def tree(*lines: str, players: str = '"A" "B"') -> str:
    """A tree of these lines, `end` standing for the next end."""
    ends, found = 0, []
    for line in lines:
        ends += line == "end"
        paid = " ".join(str(ends * (-1) ** p) for p in range(players.count('"') // 2))
        found.append(f't "" {ends} "" {{ {paid} }}' if line == "end" else line)
    return "\n".join([f'EFG 2 R "made" {{ {players} }}', '""', *found]) + "\n"


@pytest.mark.parametrize("path", GAMES, ids=lambda path: path.name)
def test_play_of_an_imported_game_is_a_logit_equilibrium_of_the_file(path):
    text = path.read_text()
    strategy = our_strategy(text, path.suffix, 0.7)
    information_sets = {
        (node.player, node.infoset)
        for node in read_game(text, path.suffix)[0].nodes
        if len(node.actions) > 1 and node.player
    }
    assert set(strategy) == information_sets
    on_a_grid = path.stem == "three_types"  # more than two types are not followed as a whole
    assert logit_residual(text, path.suffix, strategy, 0.7) < (1e-4 if on_a_grid else 1e-11)
    assert logit_residual(text, path.suffix, strategy, 0.8) > 1e-3


def test_types_are_played_on_the_grid_as_on_the_whole_branch():
    text = next(path for path in GAMES if path.name == "type.efg").read_text()
    play = solve(build(imported_case(text, ".efg", 0.7)))
    assert logit_residual(text, ".efg", strategy_of(play, text, ".efg"), 0.7) < 1e-4


def test_the_first_players_strategy_changes_fastest():
    text = next(path for path in GAMES if path.name == "payoffs.nfg").read_text()
    played, _ = read_game(text, ".nfg")
    paid = {}
    for first, second in product(range(2), range(3)):
        end = played.nodes[played.nodes[played.nodes[0].children[first]].children[second]]
        paid[first, second] = tuple(
            map(float, played.payoffs[played.nodes[end.children[0]].outcome])
        )
    assert paid[1, 0] == (3, 0, 1)
    assert paid[0, 1] == (0, 1, 2)
    assert paid[1, 2] == (4, 1.5, 1)


def test_outcomes_and_payoffs_say_the_same():
    listed = 'NFG 1 R "" { "A" "B" } { 2 2 } 1 2 0 0 0 0 1 2'
    named = 'NFG 1 R "" { "A" "B" } { { "1" "2" } { "1" "2" } } "" { { "x" 1, 2 } } 1 0 0 1'
    assert from_nfg(listed.encode()).text == from_nfg(named.encode()).text


def test_moves_unseen_are_one_moment_and_a_single_player_has_none():
    case = loads(from_nfg(b'NFG 1 R "" { "A" "B" } { 2 2 } 1 2 0 0 0 0 1 2').text)
    assert case.has_moments
    alone = loads(from_nfg(b'NFG 1 R "" { "A" } { 3 } 1 2 0').text)
    assert not alone.has_moments
    assert len(alone.moves) == 3


def test_places_side_by_side_share_their_moves():
    lines = ['c "" 1 "" { "x" 1/2 "y" 1/2 } 0']
    for n in (1, 2):
        lines += [f'p "" 1 {n} "" {{ "l" "r" }} 0', "end", "end"]
    text = from_efg(tree(*lines).encode()).text
    assert "a.l: {by: a, when: 1 <= node <= 2, set: {node: 2 * node + 1}}" in text


def test_thirds_that_miss_one_are_made_to_sum_to_one():
    read = from_efg(
        tree('c "" 1 "" { "x" 0.333333 "y" 0.333333 "z" 0.333333 } 0', *["end"] * 3).encode()
    )
    chances = [outcome.chance.text for outcome in loads(read.text).chance["chance_0"].outcomes]
    assert chances == ["1 / 3"] * 3
    assert any("divided by their sum" in note for note in read.notes)


def test_a_draw_that_nobody_sees_stands_after_the_moves():
    path = next(path for path in GAMES if path.name == "nobody_sees.efg")
    case = imported_case(path.read_text(), ".efg")
    assert [step.kind for step in case.order][-1] == "chance"
    assert not any(party.types for party in case.parties.values())
    names = {tuple(o.name for o in draw.outcomes) for draw in case.chance.values()}
    assert names == {("mined", "clear")}


MOVE = 'p "" {} {} "" {{ "l" "r" }} 0'
REFUSED = {
    "absent-mindedness": (
        [MOVE.format(1, 1), "end", MOVE.format(1, 1), "end", "end"],
        "passes this information set twice",
        "information set 1 of A, first on line 3",
    ),
    "forgotten": (
        [MOVE.format(1, 1), MOVE.format(1, 2), "end", "end", MOVE.format(1, 2), "end", "end"],
        "has forgotten what it did",
        "information set 2 of A, first on line 4",
    ),
    "seen in part": (
        ['p "" 1 1 "" { "out" "l" "r" } 0', "end",
         MOVE.format(2, 1), "end", "end", MOVE.format(2, 1), "end", "end"],
        "does not see all that was done by A",
        "information set 1 of B, first on line 5",
    ),
    "five types": (
        ['c "" 1 "" { "v" 1/5 "w" 1/5 "x" 1/5 "y" 1/5 "z" 1/5 } 0']
        + [line for n in range(1, 6) for line in (MOVE.format(1, n), MOVE.format(2, 1), "end",
                                                  "end", "end")],
        "A alone sees a draw of 5 outcomes",
        "information set 1 of A, first on line 4",
    ),
    "dependent draws": (
        ['c "" 1 "" { "x" 1/2 "y" 1/4 "z" 1/4 } 0',
         MOVE.format(1, 1), MOVE.format(2, 1), "end", "end", MOVE.format(2, 2), "end", "end",
         MOVE.format(1, 1), MOVE.format(2, 3), "end", "end", MOVE.format(2, 4), "end", "end",
         MOVE.format(1, 2), MOVE.format(2, 3), "end", "end", MOVE.format(2, 4), "end", "end"],
        "is not independent",
        "information set 1 of A, first on line 4",
    ),
    "a type that learns late": (
        [MOVE.format(1, 1), "end", 'c "" 1 "" { "x" 1/2 "y" 1/2 } 0',
         MOVE.format(1, 2), "end", MOVE.format(2, 1), "end", "end",
         MOVE.format(1, 3), "end", MOVE.format(2, 1), "end", "end"],
        "A moves before it sees a draw",
        "information set 2 of A, first on line 6",
    ),
    "types at one moment": (
        ['c "" 1 "" { "x" 1/2 "y" 1/2 } 0']
        + [line for n in (1, 2) for line in (MOVE.format(1, n), MOVE.format(2, 1), "end", "end",
                                             MOVE.format(2, 1), "end", "end")],
        "without seeing each other's move, and one of them has seen a draw",
        "information set 1 of A, first on line 4",
    ),
    "other actions": (
        ['c "" 1 "" { "x" 1/2 "y" 1/2 } 0', MOVE.format(1, 1), MOVE.format(2, 1), "end", "end",
         "end", 'p "" 1 2 "" { "l" "r" "s" } 0', MOVE.format(2, 1), "end", "end", "end", "end"],
        "how many actions there are depends on what was drawn",
        "information set 2 of A, first on line 9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_hidden_otherwise_is_refused_with_its_reason(name):
    lines, message, found = REFUSED[name]
    with pytest.raises(CaseError) as caught:
        from_efg(tree(*lines).encode(), "made.efg")
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.found == found
    assert problem.file == "made.efg"
    assert "types" not in problem.help


def test_five_at_one_moment_are_too_many():
    players, payoffs = '"A" "B" "C" "D" "E"', " ".join(map(str, range(160)))
    with pytest.raises(CaseError, match="5 players move without seeing"):
        from_nfg(f'NFG 1 R "" {{ {players} }} {{ 2 2 2 2 2 }} {payoffs}'.encode())


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("NFG 1 R", "EFG 2 R", 1, "is no strategic game"),
        ("{ 2 2 }", "{ 2 }", 2, "the strategies are missing"),
        ("{ 2 2 }", "{ 2 0 }", 2, "how many strategies must be a whole number"),
        ("0 0 1 2", "0 0 1", 4, "the file ends too early"),
        ("0 0 1 2", "0 0 1 2 3", 3, "the game is complete here"),
        ("0 0 1 2", "0 0 1 1e16", 3, "a payoff is out of range"),
        ("{ 2 2 }", "{ 200 200 }", 3, "the game is too large"),
    ],
)
def test_a_malformed_strategic_game_names_the_line(old, new, line, message):
    text = 'NFG 1 R "" { "A" "B" }\n{ 2 2 }\n1 2 0 0 0 0 1 2\n'
    assert old in text
    with pytest.raises(CaseError) as caught:
        from_nfg(text.replace(old, new).encode())
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.line == line


def test_payoffs_that_no_case_can_have_are_refused_with_their_line():
    huge = tree(MOVE.format(1, 1), "end", "end").replace("{ 2 -2 }", "{ 1e300, 0 }")
    with pytest.raises(CaseError) as caught:
        from_efg(huge.encode())
    (problem,) = caught.value.problems
    assert (problem.line, problem.found) == (5, "1e+300")
    sums = tree('p "" 1 1 "" { "l" } 7 "" { 9e14, 0 }', "end").replace("{ 1 -1 }", "{ 9e14 0 }")
    with pytest.raises(CaseError, match="add up to too much"):
        from_efg(sums.encode())
