"""A state in option form said in words: who does what, and never a noun as a verb."""

import pytest

from ceasefire.cli.main import app
from ceasefire.gmcr import ConflictOption, describe_option_state, read_gmcr

FOLDER = "cases/fang-hipel"


@pytest.mark.parametrize(
    ("options", "letters", "words"),
    [
        ([("Modify", "MoE"), ("Delay", "Uniroyal")], "YY", "MoE modifies, Uniroyal delays"),
        ([("Air strike", "US"), ("Blockade", "US")], "YN", "US: air strike"),
        ([("Air strike", "US"), ("Blockade", "US")], "YY", "US: air strike and blockade"),
        ([("Withdraw", "USSR"), ("Escalate", "USSR")], "NY", "USSR escalates"),
        (
            [("Drive on", "First"), ("Drive on", "Second")],
            "YY",
            "First drives on, Second drives on",
        ),
        ([("Accept", "the allies")], "Y", "the allies accept"),
        ([("Press", "Paris"), ("Stay", "US")], "YY", "Paris presses, US stays"),
        ([("Full", "US Support")], "Y", "US Support: full"),
        ([("Treaty", "IJC")], "N", "nobody does any of it"),
    ],
)
def test_states_in_words(options, letters, words):
    assert describe_option_state(letters, [ConflictOption(*one) for one in options]) == words


def test_every_state_of_a_conflict_reads_differently():
    conflict = read_gmcr(f"{FOLDER}/garrison.gmcr")
    names = [conflict.state_label(code) for code in conflict.codes.tolist()]
    said = {describe_option_state(name, conflict.options) for name in names}
    assert len(said) == len(names)


def test_stability_prints_states_in_words_beside_their_letters(capsys):
    assert app(["stability", f"{FOLDER}/elmira.gmcr"], standalone_mode=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("NNNYN  Uniroyal abandons " in line and "all" in line for line in lines)
