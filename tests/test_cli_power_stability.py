"""The commands `power` and `stability`: what they print, their documents, and bad input."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire.cli.main import app

RUNNER = CliRunner()
CASES = Path(__file__).parents[1] / "cases"
ELMIRA = str(CASES / "fang-hipel" / "elmira.gmcr")
NINE = str(CASES / "fang-hipel" / "elmira.yaml")
TRUST = str(CASES / "trust-after-regime-change.yaml")


def call(*arguments):
    return RUNNER.invoke(app, list(arguments))


def document(*arguments):
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_stability_json_of_a_conflict():
    found = document("stability", ELMIRA)
    assert found["file"] == ELMIRA
    assert found["options"][3] == {"name": "Abandon", "party": "Uniroyal", "direction": "fwd"}
    assert found["states"][0] == "NYNNN"
    assert len(found["states"]) == 12
    assert found["parties"] == ["MoE", "Uniroyal", "Local Government"]
    assert set(found["stable"]["MoE"]) == {"Nash", "GMR", "SMR", "SEQ", "SIM"}
    assert found["equilibria"]["Nash"] == ["NNNYN", "YNNYN", "NYNNY", "YNYNY", "NNNYY", "YNNYY"]
    pair = found["coalitions"][0]
    assert pair["members"] == ["MoE", "Uniroyal"]
    assert "NYNNY" not in pair["stable"]["SEQ"]
    assert set(pair["stable"]) == {"Nash", "GMR", "SMR", "SEQ"}
    assert found["notes"] == []


def test_stability_json_of_a_case():
    found = document("stability", NINE)
    assert found["options"] == []
    assert "modify=true, plant=accept, insist=true" in found["equilibria"]["Nash"]
    assert found["equilibria"]["SIM"] is None
    assert found["stable"]["moe"]["SIM"] is None
    assert any("chance" in note for note in found["notes"])


def test_types_are_chosen_and_named():
    assert "types: russia waiting" in document("stability", TRUST)["notes"]
    chosen = document("stability", TRUST, "--types", "russia=reformed")
    assert "types: russia reformed" in chosen["notes"]


def test_stability_reasons_are_printed():
    shown = call("stability", NINE, "--why", "plant=delay").stdout
    assert "local gains by 1 to 5, but moe can answer 5 to 6, which is no" in shown
    assert "no answer by which the others gain" in shown
    found = document("stability", NINE, "--why", "1")["why"]
    assert found[0]["because"] == ["from 1 moe has no move to anything better"]


def test_stability_options():
    found = document(
        "stability", ELMIRA, "--inverse", "NYNNN", "--from", "1", "--depth", "2",
        "--structure", "MoE+Uniroyal", "--unknown", "MoE", "--samples", "20",
    )  # fmt: skip
    nash = [c for c in found["inverse"]["conditions"] if c["concept"] == "Nash"]
    assert [(c["party"], c["move"], c["met"]) for c in nash] == [
        ("MoE", "YYNNN", True),
        ("Uniroyal", "NNYNN", True),
        ("Uniroyal", "NNNYN", True),
        ("Local Government", "NYNNY", False),
    ]
    assert [move["to"] for move in found["tree"]["moves"]] == ["YYNNN", "NNYNN", "NNNYN", "NYNNY"]
    assert found["structure"]["blocks"] == [["MoE", "Uniroyal"], ["Local Government"]]
    assert "NYNNY" not in found["structure"]["equilibria"]["Nash"]
    assert found["shares"]["equilibria"]["Nash"]["YNYNY"] == 1.0


def test_stability_tables_print_every_verdict():
    shown = call(
        "stability", ELMIRA, "--inverse", "1", "--from", "1", "--gains", "--why", "1",
        "--ties", "MoE", "--samples", "5", "--coalitions", "none",
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    for words in ("Equilibria: Nash 6", "no better than 1: 3", "gains", "5 sampled rankings"):
        assert words in shown.stdout
    assert "Coalitions" not in shown.stdout


def test_power_says_who_can_and_why():
    case = str(CASES / "ukraine-2025.yaml")
    goal = "lasting(not fighting, 4)"
    found = document("power", case, "--goal", goal)
    assert found["minimal"] == [["ukraine", "russia", "host"]]
    assert found["periods"] == 12
    assert len(found["coalitions"]) == 32
    shown = call("power", case, "--goal", goal).stdout
    assert "1 minimal coalition can secure" in shown
    assert "ukraine always accepts kyiv_moscow.terms" in shown
    assert "without host the others can secure 0.005, since host:" in shown
    assert "the same as a table" in shown
    never = call("power", case, "--goal", "eventually(own_peace and fighting)").stdout
    assert "Not even all parties together can bring it about." in never


def test_coalitions_of_a_large_conflict_are_optional(tmp_path):
    options = [{"name": str(o)} for o in range(11)]
    makers = [{"name": p, "options": o, "preferences": []} for p, o in WHO.items()]
    path = tmp_path / "large.gmcr"
    path.write_text(json.dumps({"options": options, "decisionMakers": makers, "infeasibles": []}))
    assert "coalitions are left out" in document("stability", str(path))["notes"][-1]
    asked = document("stability", str(path), "--coalitions", "all")
    assert [c["members"] for c in asked["coalitions"]] == [["a", "b"]]
    assert not asked["notes"]


WHO = {"a": list(range(5)), "b": list(range(5, 11))}
BAD = [
    (["stability", "none.gmcr"], "cannot be read"),
    (["stability", ELMIRA, "--why", "99"], "no such state"),
    (["stability", ELMIRA, "--why", "YYYYY"], "no such state"),
    (["stability", NINE, "--why", "plant=gone"], "gone"),
    (["stability", ELMIRA, "--coalitions", "MoE+Nobody"], "no such party"),
    (["stability", ELMIRA, "--structure", "MoE", "--structure", "MoE"], "in two blocks"),
    (["stability", ELMIRA, "--types", "MoE=soft"], "has no types"),
    (["stability", TRUST, "--types", "russia=soft"], "no such type"),
    (["stability", TRUST, "--types", "ukraine=soft"], "has no types"),
    (["stability", TRUST, "--types", "russia"], "party=type"),
    (["stability", ELMIRA, "--unknown", "Nobody"], "no such party"),
    (["stability", ELMIRA, "--memory", "0.0000001"], "cannot be analysed"),
    (["power", TRUST, "--goal", "always("], "--goal"),
    (["power", TRUST, "--goal", "at_end(fighting)", "--forever"], "settles"),
    (["power", TRUST], "--goal"),
    (["power", TRUST, "--goal", " "], "is empty"),
    (["power", TRUST, "--goal", "at_end(fighting)", "--within", "-1"], "0 or more"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD)
@pytest.mark.parametrize("as_json", [False, True])
def test_bad_input(arguments, said, as_json):
    result = call(*arguments, *(["--json"] if as_json else []))
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    if as_json:
        assert json.loads(result.stdout)["problems"]
    else:
        assert said in result.output


def test_a_malformed_gmcr_file_is_refused(tmp_path):
    path = tmp_path / "broken.gmcr"
    path.write_text('{"options": [{}], "decisionMakers": 3}')
    result = call("stability", str(path), "--json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)["problems"]) >= 2


def test_states_of_many_options_keep_their_letters(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    makers = [
        {"name": f"The government of country {n}", "options": [3 * n, 3 * n + 1, 3 * n + 2],
         "preferences": [[[3 * n, "Y"]]]}
        for n in range(5)
    ]  # fmt: skip
    path = tmp_path / "many.gmcr"
    options = [{"name": f"o{n}"} for n in range(15)]
    path.write_text(json.dumps({"options": options, "decisionMakers": makers, "infeasibles": []}))
    lines = call("stability", str(path)).stdout.splitlines()
    assert any("YNNYNNYNNYNNYNN" in line and "NGSQI" in line for line in lines)
    (more,) = [line for line in lines if "more: see --json" in line]
    assert more.strip() == "and 984 more: see --json"
