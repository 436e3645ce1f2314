"""Bad input of every kind: exit status 2, every problem named, never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.cli.main import app

RUNNER = CliRunner()
SMALL = """
ceasefire: 1
title: Two neighbours
horizon: 2
unknowns: {stake: {best: 0.5, range: [0, 1]}}
parties: {north: {}, south: {}}
state: {war: {start: true}}
payoffs: {north: {war: -stake * war}, south: {war: -war}}
moves:
  stop: {by: north, when: war, set: {war: false}}
claims:
  ends: {says: The war ends., test: "P(eventually(not war)) > 0.5"}
"""
READERS = ("check", "choose", "ask", "trace", "explain", "timeline", "show", "lint", "cite")
MORE = {
    "ask": ["P(at_end(war))"],
    "choose": ["--goal", "ends"],
    "explain": ["--party", "north"],
    "trace": ["P(at_end(war))", "--over", "stake=0..1"],
}


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


def call(*arguments: str, text: str | None = None):
    return RUNNER.invoke(app, list(arguments), input=text)


def arguments(command: str, file: str) -> list[str]:
    return [command, file, *MORE.get(command, [])]


def is_refused(result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "empty", "broken", "not yaml"])
def test_non_case_files_are_refused(command, kind, tmp_path):
    path = tmp_path / "case.yaml"
    content = {
        "binary": b"\x00\xff\xfe\x00\x89PNG",
        "empty": b"",
        "broken": b"ceasefire: 1\nhorizon: none\n",
        "not yaml": b"a: [1, 2\nb: }",
    }
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(content[kind])
    is_refused(call(*arguments(command, str(path))), "case.yaml", "problem")


@pytest.mark.parametrize("command", [name for name in READERS if name != "show"])
def test_json_problems_have_the_seven_keys_and_nothing_else_is_printed(command, tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text("ceasefire: 1\nhorizon: none\n")
    result = call(*arguments(command, str(path)), "--json")
    is_refused(result)
    problems = json.loads(result.stdout)["problems"]
    assert len(problems) >= 2
    for problem in problems:
        keys = {"file", "line", "column", "path", "found", "allowed", "help"}
        assert set(problem) == keys
        assert problem["file"] == str(path)
    assert result.stderr == ""


@pytest.mark.parametrize(
    "wrong",
    [
        ["--worlds", "-1"],
        ["--worlds", "many"],
        ["--seed", "-3"],
        ["--grid", "4"],
        ["--grid", "-5"],
        ["--grid", "1000003"],
        ["--grid", "9" * 400],
        ["--memory", "nan"],
        ["--memory", "0"],
        ["--tolerance", "nan"],
        ["--tolerance", "0"],
        ["--nonsense"],
        ["two", "three"],
    ],
)
def test_wrong_option_values_are_refused(wrong, small):
    is_refused(call("check", small, *wrong))
    result = call("check", small, "--json", *wrong)
    is_refused(result)
    assert json.loads(result.stdout)["problems"]


def test_an_unknown_command_suggests_the_nearest():
    is_refused(call("chek"), "check")


def test_a_question_that_does_not_parse_shows_the_place(small):
    is_refused(call("ask", small, "P(eventualy(war))"), "eventually")
    is_refused(call("ask", small, "P(eventually(war)) +"))
    is_refused(call("ask", small, ""))


def test_all_problems_of_all_questions_at_once(small):
    is_refused(call("ask", small, "P(eventualy(war))", "value(nrth)"), "eventually", "north")


def test_explain_names_what_is_possible(small):
    is_refused(call("explain", small, "--party", "nrth"), "north")
    is_refused(call("explain", small, "--party", "north", "--at", "wr=true"), "war")
    is_refused(call("explain", small, "--party", "north", "--at", "war=7"), "1:5")
    is_refused(call("explain", small, "--party", "north", "--at", "war"))


def test_lint_lists_the_problems_of_all_files_and_of_standard_input(small, monkeypatch):
    monkeypatch.chdir(Path(small).parent)  # a long path would be told over two lines
    Path("broken.yaml").write_text(SMALL.replace("horizon: 2", "horizon: two"))
    wrong = SMALL.replace("war: -war", "war: -wra")
    result = call("lint", "broken.yaml", "small.yaml", "-", text=wrong)
    is_refused(result, "broken.yaml:4", "horizon", "<stdin>", "war", "small.yaml")


def test_lint_finds_what_only_a_state_shows(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(SMALL.replace("{war: -war}", "{war: 1 / war}"))
    is_refused(call("lint", str(path)), "payoffs.south.war", "war=false", "finite")


def test_lint_finds_what_only_the_end_of_a_range_shows(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(SMALL.replace("-stake * war", "1 / (1 - stake)"))
    is_refused(call("lint", str(path)), "payoffs.north.war", "stake=1")


def test_warnings_change_the_status_under_strict_only(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(SMALL.replace("unknowns: {", "unknowns: {idle: {best: 1}, "))
    assert call("lint", str(path)).exit_code == 0
    assert call("lint", str(path), "--strict").exit_code == 1
    assert "idle" in call("lint", str(path)).stderr


def test_new_never_overwrites(tmp_path):
    path = tmp_path / "mine.yaml"
    assert call("new", str(path)).exit_code == 0
    is_refused(call("new", str(path)), "is there already")
    is_refused(call("new", str(tmp_path / "no" / "where.yaml")), "cannot be written")
    assert path.read_text() == call("new").stdout


def test_resolved_form_is_the_same_game_and_goes_through_standard_output(small):
    shown = call("show", small, "--resolved")
    assert shown.exit_code == 0
    again = call("lint", "-", text=shown.stdout)
    assert again.exit_code == 0, again.output


def test_help_imports_nothing_heavy_and_lists_every_command():
    program = [sys.executable, "-m", "ceasefire", "--help"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    for command in READERS:
        assert f"\n  {command} " in done.stdout
    heavy = "print([m for m in ('numba', 'scipy', 'polars') if m in sys.modules])"
    heavy = f"import sys, ceasefire.cli; {heavy}"
    found = subprocess.run(
        [sys.executable, "-c", heavy], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
