"""Convergence broken on purpose: what was not found is said, to the exit status.

The kernels run as plain Python here, in a process of their own, so that a step of them can be
taken away: Newton's method is given no step, or the path of a branch no length. What is solved
together because it is known to be gentle is not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CASE = """
ceasefire: 1
horizon: 1
ending: nothing
parties:
  sender: {precision: 3, patience: 0, types: {left: 0.6, right: 0.4}}
  receiver: {precision: 4, patience: 0}
state: {guess: {}, gone: {}}
payoffs:
  sender:
    guessed: guess if type == left else not guess
    nature: 5 * (gone if type == left else not gone)
  receiver: {right: guess == gone}
moves:
  speak: {by: sender, cost: 0.1 if type == right else 0}
  think_left: {by: receiver, set: {guess: true}}
  go_left: {by: sender, set: {gone: true}}
order: [{sender: [speak, pass]}, receiver, {sender: [go_left, pass]}]
claims:
  left: {test: "P(at_end(guess)) > 0.3"}
"""
ALONE = "signalling.MAX_SLOPE_FOR_UNIQUENESS = -1.0; patch(signalling, is_unique_everywhere=no)"
BREAKS = {
    "none": "",
    "no_step_of_newton": f"{ALONE}; patch(newton, signalling, continuation, solve_newton=stay)",
    "no_length_of_path": (
        f"{ALONE}; patch(signalling, prove_unique_in_box=no, continue_in_precision=no); "
        "continuation.MAX_ARCLENGTH_STEPS = 0"
    ),
}
PROGRAM = """
import json, sys
from typer.testing import CliRunner
from ceasefire.cli.main import app
from ceasefire.equilibrium.kernels import continuation, newton, signalling

def no(*arguments):
    return False

def patch(*modules, **functions):
    for module in modules:
        for name, function in functions.items():
            assert hasattr(module, name), (module, name)
            setattr(module, name, function)

whole = newton.solve_newton
def stay(*arguments):
    return whole(*arguments[:5], 0)

{broken}
commands = {{
    "check": ["--worlds", "0"],
    "ask": ["P(at_end(guess))"],
    "explain": ["--party", "sender", "--at", "guess=false"],
    "timeline": [],
}}
found = {{}}
for command, more in commands.items():
    arguments = [command, {path!r}, *more, "--grid", "3"]
    shown = CliRunner().invoke(app, arguments)
    told = CliRunner().invoke(app, [*arguments, "--json"])
    found[command] = shown.exit_code, told.exit_code, shown.output, told.stdout
print(json.dumps(found))
"""


@pytest.mark.parametrize("broken", BREAKS)
def test_unresolved_results_are_marked_in_every_command(broken: str, tmp_path: Path) -> None:
    """Status 1, a line that says so and the count in the document; nothing of it if all is well."""
    path = tmp_path / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    program = PROGRAM.format(broken=BREAKS[broken], path=str(path))
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "LOKY_MAX_CPU_COUNT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    commands = json.loads(done.stdout.splitlines()[-1])
    assert set(commands) == {"check", "ask", "explain", "timeline"}
    for command, (shown, told, text, document) in commands.items():
        unresolved = json.loads(document)["numerics"]["unresolved"]
        if broken == "none":
            assert (command, shown, told, unresolved) == (command, 0, 0, 0)
            assert "unresolved" not in text
        else:
            assert (command, shown, told) == (command, 1, 1)
            assert unresolved > 0
            assert "unresolved" in text
            doubts = json.loads(document)["numerics"]["doubts"]
            assert {d["party"] for doubt in doubts for d in doubt["decisions"]} == {"sender"}
            words = " ".join(text.split())
            assert "the move by sender in the state of the start" in words
            said = [each["found"] for each in json.loads(document)["warnings"]]
            assert any(
                "the move by sender in the state of the start" in each and each in words
                for each in said
            )
