"""Changed case files are refused with a place, or accepted and mean one thing; nothing else."""

from importlib import import_module

import pytest

from verification.mutations import Mutant, defect, mutants, subjects

VALID = "{ceasefire: 1, horizon: 3, parties: {us: {}}, state: {war: {start: true}}}"


def test_mutated_case_files_are_refused_or_round_trip(monkeypatch) -> None:
    monkeypatch.setattr(import_module("verification.mutations"), "SLOWEST", 300.0)  # hangs alone
    found = [(m.what, defect(m), m.text) for m in mutants(subjects(), 2000, seed=1)]
    assert len({text for _, _, text in found}) > 1500
    assert {what for what, _, _ in found} >= {
        "a tag", "half an expression", "letters gone", "a prior above 1", "a type of nobody",
    }  # fmt: skip
    assert [one for one in found if one[1] is not None] == []


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (Mutant(VALID, "nothing", fault=True), "accepted"),
        (Mutant(VALID.replace("3", "none"), "a word", line=2), "line 2 is not blamed"),
        (Mutant(VALID, "nothing"), None),
    ],
)
def test_mutation_check_sees_wrong_outcomes(mutant: Mutant, said: str | None) -> None:
    assert (defect(mutant) or "None").startswith(str(said))


@pytest.mark.parametrize(
    ("name", "instead", "said"),
    [
        ("loads", lambda *_: {}["gone"], "KeyError"),
        ("dump", lambda case: VALID.replace("3", "4"), "differs when read again"),
        ("SLOWEST", -1.0, "slow"),
    ],
)
def test_mutation_check_sees_crash_difference_and_slowness(
    monkeypatch, name, instead, said
) -> None:
    monkeypatch.setattr(import_module("verification.mutations"), name, instead)
    assert (defect(Mutant(VALID, "nothing")) or "").startswith(said)
