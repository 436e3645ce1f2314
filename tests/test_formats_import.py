"""Files of other programs as cases: what is read, what is refused, and that nothing crashes."""

import math
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError
from ceasefire.formats import from_efg, from_ktab
from ceasefire.game import build, game_parameters

ENTRY = """EFG 2 R "Market \\"entry\\"" { "Entrant" "Incumbent, old" }
"A chance of a boom; entering costs 1/2 at once."

c "weather" 1 "" { "boom" 1/3 "bust" 2/3 } 0
p "" 1 1 "after boom" { "in" "out" } 0
p "" 2 1 "" { "fight" "yield" } 1 "entered" { -1/2, 0 }
t "" 2 "war" { -1 0 }
t "" 3 "peace" { 2.5, 1 }
t "" 4 "alone" { 0, 3 }
p "" 1 2 "after bust" { "in" "out" } 0
p "" 2 2 "" { "fight" "yield" } 1
t "" 2
t "" 5 "poor peace" { 1, .5 }
t "" 4
"""

REFORM = """Reform,"A test, with a comma",3,1,
Actor,Description,Influence,Policy Position,Policy Salience,
OLD,Old guard,50,10,80,
MID,Middle,30,45,65,
NEW,Reformers,40,90,75
"""

PLANE = """Plane,,2,2
Actor,Description,Power,Pstn1,Sal1,Pstn2,Sal2,
North,,100,0,30,100,40,
South,,50,100,100,0,50,
"""


def case_of(text: str):
    return loads(from_efg(text.encode()).text)


def logit(a: float, b: float, precision: float = 20) -> float:
    return 1 / (1 + math.exp(precision * (b - a)))


def test_imported_tree_is_played_as_by_hand():
    game = build(case_of(ENTRY))
    play = solve(game)
    incumbent = {"boom": logit(0, 1), "bust": logit(0, 0.5)}  # the chance of a fight
    worth = {}
    for weather, peace in (("boom", 2.5), ("bust", 1.0)):
        enters = -0.5 + incumbent[weather] * -1 + (1 - incumbent[weather]) * peace
        worth[weather] = logit(enters, 0) * enters
    expected = worth["boom"] / 3 + worth["bust"] * 2 / 3
    assert play.value("entrant") == pytest.approx(expected, abs=1e-12)


def test_imported_tree_keeps_its_labels():
    case = case_of(ENTRY)
    assert case.title == 'Market "entry"'
    assert case.about == "A chance of a boom; entering costs 1/2 at once."
    assert [party.name for party in case.parties.values()] == ["Entrant", "Incumbent, old"]
    assert list(case.moves) == [
        "entrant.in_", "entrant.out", "incumbent_old.fight", "incumbent_old.yield_",
        "incumbent_old.fight_2", "incumbent_old.yield__2",
    ]  # fmt: skip
    assert [outcome.name for outcome in case.chance["weather"].outcomes] == ["boom", "bust"]
    assert case.chance["weather"].outcomes[0].chance.text == "1 / 3"


def test_tree_with_one_outcome_and_a_forced_move():
    alone = case_of('EFG 2 R "" { "A" } t "" 1 "" { 4 }')
    assert solve(build(alone)).value("a") == 4
    forced = case_of('EFG 2 D "x" { "A" } p "" 1 1 "" { "go" } 0 t "" 1 "" { 4e-1 }')
    assert solve(build(forced)).value("a") == pytest.approx(0.4)


def test_imported_tree_has_no_pass():
    game = build(case_of(ENTRY))
    ends = {game.describe(x) for x in game.reached_states[0]}
    assert ends == {"node=0"}
    offered = {game.options[n] for n in game.graphs[0].option}
    assert not {option for option in offered if option.endswith(".pass")}


def test_every_information_set_that_cannot_be_carried_is_refused_with_its_line():
    twice = 'p "" 1 {0} "" {{ "l" "r" }} 0\np "" 1 {0} "" {{ "l" "r" }} 0\nt "" 0\nt "" 0\n'
    text = 'EFG 2 R "" { "A" }\nc "" 1 "" { "x" 1/2 "y" 1/2 } 0\n'
    text += "".join(f'{twice.format(n)}t "" 0\n' for n in (1, 2))
    with pytest.raises(CaseError) as caught:
        from_efg(text.encode(), "entry.efg")
    found = [(p.line, p.found) for p in caught.value.problems]
    assert found == [
        (4, "information set 1 of A, first on line 3"),
        (9, "information set 2 of A, first on line 8"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("EFG 2 R", "NFG 1 R", 1, "is no extensive game"),
        ('"Entrant" ', "Entrant ", 1, "must stand in quotes"),
        ('{ "Entrant" "Incumbent, old" }', "{ }", 1, "how many players"),
        ("1/3", "1/4", 4, "must be probabilities that sum to 1"),
        ("1/3", "1/0", 4, "a probability must be a number"),
        ("1/3", "one", 4, "a probability must be a number"),
        ("2.5, 1", "2.5", 8, "one payoff for each player"),
        ("2.5, 1", "2.5, 1, 7", 8, "one payoff for each player"),
        ('t "" 5 "poor peace" { 1, .5 }', 't "" 5', 13, "no payoffs"),
        ('t "" 5 "poor peace" { 1, .5 }', 'x "" 5', 13, "a node is missing"),
        ('p "" 2 1', 'p "" 3 1', 6, "the player must be a whole number"),
        ('t "" 2\n', 't "" 2 "war" { 7, 7 }\n', 12, "an outcome has one list of payoffs"),
        ('t "" 2\n', 't "" -2\n', 12, "the outcome must be a whole number"),
        ('2 2 "" { "fight" "yield" }', "2 2", 11, "the actions are missing"),
        ('2 2 "" { "fight" "yield" }', "2 2 { }", 11, "the actions are missing"),
        ('"alone" { 0, 3 }\n', '"alone" { 0, 3 }\nt "" 4\nt "" 4\n', 11, "the tree is complete"),
        ('"after bust"', '"after bust', 14, "text is not closed"),
        ('"weather"', '"wea\x00ther"', 4, "character is not allowed"),
    ],
)
def test_a_malformed_tree_names_the_line(old, new, line, message):
    assert old in ENTRY
    with pytest.raises(CaseError) as caught:
        from_efg(ENTRY.replace(old, new, 1).encode())
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.line == line


@pytest.mark.parametrize(
    ("third", "found"),
    [
        ("0.3333", "a sum of 0.9999666667, 3.33e-05 too little"),
        ("0.34", "a sum of 1.006666667, 0.00667 too much"),
    ],
)
def test_chances_that_miss_one_say_by_how_much_and_how_to_write_a_third(third, found):
    with pytest.raises(CaseError) as caught:
        from_efg(ENTRY.replace("1/3", third, 1).encode())
    (problem,) = caught.value.problems
    assert problem.found == found
    assert problem.help.endswith("as fractions, such as 1/3")


def test_chances_within_a_millionth_of_one_pass():
    ends = "".join(f't "" {n} "" {{ {n} }}\n' for n in (1, 2, 3))
    thirds = '{ "x" 0.333333 "y" 0.333333 "z" 0.333333 }'
    assert from_efg(f'EFG 2 R "Thirds" {{ "A" }}\nc "" 1 "" {thirds} 0\n{ends}'.encode()).text


def test_a_tree_too_large_is_refused():
    node = 'p "" 1 {} "" {{ "a" "b" }} 0\nt "" 0\n'
    text = 'EFG 2 R "" { "A" }\n' + "".join(node.format(i) for i in range(1, 10_001)) + 't "" 0'
    with pytest.raises(CaseError, match="the game is too large") as caught:
        from_efg(text.encode())
    assert "complete" not in caught.value.problems[0].help


def test_ktab_actors_bargain_as_by_hand():
    case = loads(from_ktab(REFORM.encode()).text)
    assert list(case.parties) == ["old", "mid", "new"]
    position = case.state["position"]
    assert (position.values, position.start) == (tuple(range(21)), 9)  # 45 of 100, where MID is
    game = build(case)
    at = {int(code): x for x, code in enumerate(game.states[:, 0])}
    # OLD has 50 * 0.8 = 40, NEW 40 * 0.75 = 30; MID, 30 * 0.65 = 19.5, is where it wants to be
    more = case.tables["council"].deals["more_position"].outcomes[0].chance
    less = case.tables["council"].deals["less_position"].outcomes[0].chance
    assert game.evaluate_in_states(more)[at[9]] == pytest.approx(30 / 70)
    assert game.evaluate_in_states(less)[at[9]] == pytest.approx(40 / 70)
    assert game.evaluate_in_states(more)[at[8]] == pytest.approx(49.5 / 89.5)
    assert game.evaluate_in_states(less)[at[10]] == pytest.approx(59.5 / 89.5)
    given = game_parameters(game)
    assert given.payoff[at[9]] == pytest.approx([1 - 0.35, 1, 1 - 0.45])


def test_ktab_position_rounds_to_the_nearest_grid_point():
    case = loads(from_ktab(REFORM.replace("45,65", "47,65").encode()).text)
    game = build(case)
    at = {int(code): x for x, code in enumerate(game.states[:, 0])}
    more = game.evaluate_in_states(case.tables["council"].deals["more_position"].outcomes[0].chance)
    assert more[at[9]] == pytest.approx(30 / 70)  # MID is 2 off at 45 and 3 at 50: it stays out


def test_ktab_dimensions_weigh_by_salience():
    case = loads(from_ktab(PLANE.encode()).text)
    assert list(case.state) == ["pstn1", "pstn2"]
    # influence on the first: 30 against 50, on the second 40 against 25
    assert [variable.start for variable in case.state.values()] == [10, 10]
    game = build(case)
    start = game.start_state({})
    north, south = game_parameters(game).payoff[start]
    assert north == pytest.approx(1 - 0.6)  # off by 1 on the first, saliences 3 to 4
    assert south == pytest.approx(1 - math.sqrt(0.2))  # off by 1 on the second, saliences 2 to 1


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (",3,1,", ",4,1,", 5, "must have as many actors"),
        (",3,1,", ",3,4,", 1, "has too many dimensions"),
        (",3,1,", ",x,1,", 1, "is no first line"),
        ('"A test, with a comma"', "A test, with a comma", 1, "is no first line"),
        (",Policy Salience", "", 2, "must name every column"),
        ("Old guard,50", "Old guard,0", 3, "power is out of range"),
        ("Old guard,50", "Old guard,-5", 3, "power is out of range"),
        ("Old guard,50", "Old guard,much", 3, "must be a number"),
        ("Old guard,50", "Old guard,nan", 3, "must be a number"),
        ("Old guard,50", "Old guard,1e999", 3, "must be a number"),
        ("45,65", "145,65", 4, "a position is out of range"),
        ("45,65", "45,0", 4, "a salience is out of range"),
        ("45,65", "45,105.9", 4, "a salience is out of range"),
        ("90,75", "90", 5, "is no line of an actor"),
        ("NEW,", "OLD,", 5, "an actor stands twice"),
        ("Old guard", '"Old guard', 6, "is no line of separated values"),
    ],
)
def test_a_malformed_table_of_actors_names_the_line(old, new, line, message):
    assert old in REFORM
    with pytest.raises(CaseError) as caught:
        from_ktab(REFORM.replace(old, new, 1).encode())
    assert any(message in p.message and p.line == line for p in caught.value.problems), caught.value


def test_all_faults_of_an_actor_table_are_reported():
    text = REFORM.replace("50,10", "0,110").replace("45,65", "x,y")
    with pytest.raises(CaseError) as caught:
        from_ktab(text.encode())
    assert [p.line for p in caught.value.problems] == [3, 3, 4, 4]


@pytest.mark.parametrize(("reader", "text"), [(from_efg, ENTRY), (from_ktab, REFORM)])
def test_damaged_files_give_a_case_or_problems_with_lines(reader, text):
    draw = random.Random(7)
    whole = text.encode()
    trials = [whole[:n] for n in range(0, len(whole), 3)]
    for _ in range(600):
        mangled = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(mangled))
            change = draw.randint(0, 2)
            if change == 0:
                del mangled[place : place + draw.randint(1, 9)]
            elif change == 1:
                mangled[place] = draw.choice(b'"{},.0129-/ \n\\xcpte\x00\xff')
            else:
                mangled[place:place] = mangled[: draw.randint(1, 30)]
        trials.append(bytes(mangled))
    refused: list[CaseError] = []
    for trial in trials:
        try:
            read = reader(trial, "some.file")
        except CaseError as error:
            refused.append(error)
        else:
            loads(read.text)
    assert 100 < len(refused) < len(trials)
    found = [problem for error in refused for problem in error.problems]
    assert all(problem.line and problem.file == "some.file" for problem in found)


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_the_command_writes_a_case_that_checks(tmp_path: Path):
    source, target = tmp_path / "entry.efg", tmp_path / "entry.yaml"
    source.write_text(ENTRY)
    done = call("import", str(source), "-o", str(target))
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "note  Precision is not in the file" in done.stderr
    assert call("lint", "--strict", str(target)).exit_code == 0
    again = call("import", str(source), "-o", str(target))
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert call("import", str(source)).stdout == target.read_text()
    assert "\nending: final\n" in target.read_text()


@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "empty", "ending", "broken"])
def test_what_cannot_be_imported_is_refused(kind, tmp_path: Path):
    path = tmp_path / ("game.txt" if kind == "ending" else "game.efg")
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        content = {"binary": b"\xff\xfe\x00EFG", "empty": b"", "broken": ENTRY[:200].encode()}
        path.write_bytes(content.get(kind, ENTRY.encode()))
    done = call("import", str(path))
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert path.name in done.stderr.replace("\n", "")


PLAIN = """Name,Capability,Position,Salience
Old,1,0,0.5
Middle,"1,000",4,1
New,2,10,0.25
"""


def test_a_plain_table_has_its_scale_from_its_positions():
    read = from_ktab(PLAIN.encode())
    case = loads(read.text)
    assert read.notes[0] == "The scale goes from the least position, 0, to the greatest, 10."
    assert case.state["position"].start == 8  # of 20, where Middle is
    game = build(case)
    at = {int(code): x for x, code in enumerate(game.states[:, 0])}
    more = game.evaluate_in_states(case.tables["council"].deals["more_position"].outcomes[0].chance)
    assert more[at[8]] == pytest.approx((2 * 0.25) / (2 * 0.25 + 1 * 0.5))
    assert more[at[7]] == pytest.approx((1000 + 0.5) / (1000 + 0.5 + 0.5))


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace(",", ";").replace('"1;000"', "1000").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";").replace('"1;000"', "1000")).encode(),
        PLAIN.replace('"1,000"', "1000").replace(",", "\t").encode("utf-16"),
        PLAIN.replace(",", ";").replace('"1;000"', "1000").replace("0.", "0,").encode(),
    ],
    ids=["semicolons", "sep=", "UTF-16 with tabs", "decimal commas"],
)
def test_other_ways_to_save_a_table_say_the_same(content):
    assert from_ktab(content).text == from_ktab(PLAIN.encode()).text


def test_a_table_in_cp1252_keeps_its_letters():
    case = loads(from_ktab(PLAIN.replace("Old", "Café").encode("cp1252")).text)
    assert case.parties["cafe"].name == "Café"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (PLAIN.replace(",", ";").replace('"1;000"', "1,000"), 3, "may be thousands or a decimal"),
        (PLAIN.split("Middle")[0], 2, "the file ends too early"),
        (PLAIN.replace("10,0.25", "10"), 4, "is no line of an actor"),
        (PLAIN.replace("4,", "x,"), 3, "must be a number"),
        (PLAIN.replace(",4,", ",0,").replace(",10,", ",0,"), 4, "positions do not differ"),
        (PLAIN.replace("2,10,0.25", "0,10,0.25"), 4, "power is out of range"),
        ("R,x,1,1,\nActor,Description,Power,P,S\nOld,x,50,10,80", 3, "two seats or more"),
        ("R,x,2,6,0\nActor\nOld", 1, "has too many dimensions"),
    ],
)
def test_what_no_table_of_actors_may_be(text, line, message):
    with pytest.raises(CaseError) as caught:
        from_ktab(text.encode())
    assert any(message in p.message and p.line == line for p in caught.value.problems), caught.value


def test_a_fifth_value_of_the_first_line_is_not_read():
    assert from_ktab(REFORM.replace(",3,1,", ",3,1,0,,,", 1).encode()) == from_ktab(REFORM.encode())


def test_a_hundred_and_sixty_actors_are_seated():
    lines = "".join(f"A{n},,1,{n % 100},50\n" for n in range(160))
    text = f"Many,,160,1\nActor,Description,Power,Position,Salience\n{lines}"
    assert len(loads(from_ktab(text.encode()).text).parties) == 160


def test_where_the_scale_of_a_plain_table_begins_does_not_matter():
    moved = PLAIN.replace(",0,", ",10,").replace(",4,", ",14,").replace("2,10,", "2,20,")
    assert from_ktab(moved.encode()).text == from_ktab(PLAIN.encode()).text
