"""Arguments as Argdown: what goes out and comes back, and what is wrong with a document."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.case import load, loads
from ceasefire.cli.commands_files import lint_file
from ceasefire.cli.main import app
from ceasefire.errors import CaseError
from ceasefire.formats import from_argdown, to_argdown

CASES = Path(__file__).parents[1] / "cases"
HEAD = "ceasefire: 1\nhorizon: 1\nparties: {a: {}}\nstate: {war: {}}\n"


def imported(text: str):
    return from_argdown(text.encode(), "debate.argdown")


def case_of(text: str):
    return loads(imported(text).text)


def argument(case):
    """By claim its sentence, on one line, and its premises, in the order of the case."""
    return {
        name: (" ".join((claim.says or "").split()), claim.because)
        for name, claim in case.claims.items()
    }


def problems_of(text: str):
    with pytest.raises(CaseError) as caught:
        imported(text)
    return [(p.line, p.message, p.found) for p in caught.value.problems]


@pytest.mark.parametrize("file", ["ukraine-2025.yaml", "coalition-2025.yaml"])
def test_what_goes_out_comes_back(file):
    case = load(CASES / file)
    back = case_of(to_argdown(case).text)
    assert argument(back) == argument(case)
    assert list(back.claims) == list(case.claims)
    assert back.title == case.title


@pytest.mark.parametrize(
    "says",
    [
        "Costs are *3* and **4**, _so_ it is 3 * 4 = 12.",
        "A [name] and a [link](http://a.b/c), @[x], <y> and #tag #(two words).",
        "// no comment /* none */ <!-- none -->, https://a.b, back\\slash",
        "In the U.S.A. and at :noon: {no: data}.",
        "+ not a relation",
        "----",
        "(1) not numbered",
    ],
)
def test_markup_in_a_sentence_is_text(says):
    case = loads(
        HEAD + "claims: {one: {says: " + repr(says).replace("\\\\", "\\") + ", test: TODO}}"
    )
    assert case.claims["one"].says == says
    assert case_of(to_argdown(case).text).claims["one"].says == says


def test_claims_without_a_sentence_stay_without_one():
    case = loads(HEAD + "title: 'a = b'\nclaims: {x: {test: TODO, because: [y]}, y: {test: TODO}}")
    back = case_of(to_argdown(case).text)
    assert [claim.says for claim in back.claims.values()] == [None, None]
    assert back.title == "a = b"


def test_export_says_what_it_leaves_out():
    assert to_argdown(load(CASES / "ukraine-2025.yaml")).notes == (
        "The game and the tests of the claims are not in the document.",
        "Premises that a conclusion needs together are supports of their own in Argdown.",
    )


def test_supports_nest_and_point_both_ways():
    case = case_of(
        "[a]: A.\n  + [b]: B,\n    on two lines.\n    <+ [c]: C.\n  + [d]\n\n[e]: E.\n  +> [d]: D."
    )
    assert argument(case) == {
        "a": ("A.", ("b", "d")),
        "b": ("B, on two lines.", ("c",)),
        "c": ("C.", ()),
        "d": ("D.", ("e",)),
        "e": ("E.", ()),
    }


def test_a_structure_gives_its_conclusion_the_premises_above_it():
    found = imported(
        "[God]: God exists.\n  + <Proof>\n\n<Proof>: From design.\n\n"
        "(1) [design]: The world seems designed.\n(2) Design needs a designer.\n----\n"
        "(3) There is a designer.\n(4) [only]: Only God designs.\n--\nModus ponens\n--\n(5) [God]\n"
    )
    case = loads(found.text)
    assert [(claim.says, claim.because) for claim in case.claims.values()] == [
        ("God exists.", ("there_is_a_designer", "only")),
        ("The world seems designed.", ()),
        ("Design needs a designer.", ()),
        ("There is a designer.", ("design", "design_needs_a_designer")),
        ("Only God designs.", ()),
    ]


def test_titles_become_names_that_a_case_can_have():
    found = imported(
        "[Censorship is wrong]: It is.\n  + [in]: B.\n  + <Free speech>\n  + It hurts."
    )
    assert argument(loads(found.text)) == {
        "censorship_is_wrong": ("It is.", ("in_", "free_speech", "it_hurts")),
        "in_": ("B.", ()),
        "free_speech": ("Free speech", ()),
        "it_hurts": ("It hurts.", ()),
    }
    assert "Censorship is wrong is censorship_is_wrong" in " ".join(found.notes)


def test_what_a_case_cannot_carry_is_said():
    found = imported(
        "# Debate\n\nSome prose.\n\n[a]: A. #tag {source: x,\n\n y: 1}\n  - [b]: B.\n"
        "  // aside\n  _ <c>: C.\n\n[a]: Another A."
    )
    case = loads(found.text)
    assert case.title == "Debate"
    assert argument(case) == {"a": ("A.", ()), "b": ("B.", ()), "c": ("C.", ())}
    notes = " ".join(found.notes)
    assert "2 attacks left out, since a case has premises only: line 8 and line 10." in notes
    assert "Said in several ways, of which the first is kept: a." in notes
    assert "1 paragraph without a name" in notes


def test_everything_wrong_is_said_at_once_with_its_line():
    assert problems_of(
        "[a: A.\n\n+ [b]\n\n[c]: C.\n  +\n  + []\n+ [d]\n\n(1) [e]: E.\n\n----\n"
    ) == [
        (1, "a title never ends", "[a: A."),
        (3, "a relation has nothing above it", "+ [b]"),
        (6, "names no statement", "+"),
        (7, "a title is empty", "[]"),
        (8, "must be indented more than the statement above it", "+ [d]"),
        (10, "premises without a conclusion", ""),
        (12, "nothing is inferred from", "----"),
        (12, "premises without a conclusion", ""),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("===\ntitle: x\n\n[a]: A.", 1, "front matter never ends"),
        ("[a]: A.\n\n[b]: B. {x: 1", 3, "metadata never ends"),
        ("[a]: A.\n/* to the end", 2, "a comment never ends"),
        ("[a]: A. <!-- to the end", 1, "a comment never ends"),
        ("", 1, "has no statement"),
        ("Only prose.", 1, "has no statement"),
        ("[a]: A.\n  + [a]", 2, "a statement cannot support itself"),
        ("[a]\n  + [b]\n    + [c]\n      + [a]", 4, "statements support each other in a circle"),
        ("[a]: A.\n(1) ", 2, "a numbered statement has no text"),
    ],
)
def test_each_fault_has_its_line_and_a_way_out(text, line, message):
    with pytest.raises(CaseError) as caught:
        imported(text)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.message) == ("debate.argdown", line, message)
    assert problem.help or problem.allowed or problem.found


def test_two_circles_are_two_problems():
    found = problems_of("[a]\n  + [b]\n    + [a]\n\n[c]\n  + [d]\n    + [c]")
    assert found == [
        (3, "statements support each other in a circle", "a because b because a"),
        (7, "statements support each other in a circle", "c because d because c"),
    ]


def test_too_many_statements_are_refused():
    found = problems_of("\n\n".join(f"[s{n}]: S." for n in range(1002)))
    assert found == [(2001, "has too many statements", "1,002")]


def test_damaged_documents_never_crash():
    draw, files = random.Random(11), set()
    text = to_argdown(load(CASES / "ukraine-2025.yaml")).text[:3000]
    for _ in range(150):
        letters = list(text)
        for _ in range(draw.randrange(1, 30)):
            letters[draw.randrange(len(letters))] = draw.choice("[]<>{}+-_()\n\n  =/*#@\\:1")
        try:
            loads(imported("".join(letters)).text)
        except CaseError as error:
            files.update(problem.file for problem in error.problems)
    assert files == {"debate.argdown"}


def test_lint_explains_each_test_that_is_still_to_be_written(tmp_path):
    file = tmp_path / "skeleton.yaml"
    file.write_text(imported("[peace]: The guns fall silent.\n  + [calm]: Nobody shoots.").text)
    found = lint_file(str(file))
    assert not found.warnings
    lines = file.read_text().splitlines()
    for problem, name in zip(found.problems, ["peace", "calm"], strict=True):
        assert problem.message == "has no test yet"
        assert problem.path == f"claims.{name}.test"
        assert lines[problem.line - 1].lstrip().startswith(name)
        assert problem.found == "TODO"
    assert found.problems[0].help == (
        "write what makes “The guns fall silent” true in the game: "
        "P(eventually(settled)) > 0.5, plays(first.settle) > 0.5"
    )


def test_skeleton_with_its_tests_written_is_a_case(tmp_path):
    file = tmp_path / "mended.yaml"
    text = imported("[peace]: The guns fall silent.\n  + [calm]: Nobody shoots.").text
    file.write_text(text.replace("TODO", "P(eventually(settled)) > 0.5"))
    assert not lint_file(str(file)).problems


def test_commands_take_argdown(tmp_path):
    document, case = tmp_path / "op-ed.argdown", tmp_path / "case.yaml"
    runner = CliRunner()
    written = runner.invoke(
        app, ["export", str(CASES / "ukraine-2025.yaml"), "--to", "argdown", "-o", str(document)]
    )
    assert written.exit_code == 0
    read = runner.invoke(app, ["import", str(document), "-o", str(case)])
    assert read.exit_code == 0
    assert argument(load(case)) == argument(load(CASES / "ukraine-2025.yaml"))
