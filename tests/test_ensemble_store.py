"""A store holds what was computed and nothing else, grows, and survives whatever ends a run."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.ensemble import Engine, check, draw_worlds, sweep
from ceasefire.ensemble.sampling import SAMPLING_METHOD
from ceasefire.errors import CaseError, WorldError
from ceasefire.query import plan_questions, read_questions

HERE = Engine(workers=1)
CASE = """
ceasefire: 1
title: Two coins
horizon: 2
unknowns:
  odds: {best: 0.3, range: [0.2, 0.4]}
parties:
  north: {types: {calm: 0.5, rash: 0.5}, precision: 2}
state: {war: {start: true}, claim: {values: 0..2, start: 0}}
payoffs: {north: {war: "-war if type == calm else -0.2 * war"}}
moves:
  shout: {by: north, cost: "0.2 if type == calm else 0"}
chance:
  end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}
claims:
  likely: {test: "P(at_end(not war)) > 0.5"}
  never: {test: "P(at_end(not war)) > 0.9"}
"""
PEACE, WAR = "P(at_end(not war))", "E(war)"


def batches(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*/*.parquet"))}


def kept(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "*" / "*.parquet").sort("world")


def test_stored_row_holds_the_answers_of_its_world(tmp_path):
    case = loads(CASE)
    found = sweep(case, str(tmp_path), 10, WAR, "E(war) < 0.5", engine=HERE, batch=4)
    frame = kept(tmp_path)
    assert frame.columns == [
        "world", "unknown_odds", "claim_likely", "claim_never", "E(war) < 0.5", WAR, PEACE,
        "margin_likely_1", "margin_never_1", "unresolved", "branch_points", "failed",
    ]  # fmt: skip
    prepared = plan_questions(case, read_questions(case, ["P(at_end(not war)) > 0.5", WAR]))
    for number, world in enumerate(draw_worlds(case, 10), start=1):
        row, sheet = frame.row(number - 1, named=True), prepared.evaluate_world(world)
        assert row["world"] == number
        assert row["unknown_odds"] == world["odds"]
        assert row["claim_likely"] is sheet.test_result(0)
        assert row[WAR] == sheet.values[1]
        assert row[PEACE] == sheet.quantity_values[0][0].value
        assert row["margin_likely_1"] == row[PEACE] - 0.5
        assert (row["unresolved"], row["failed"]) == (0, None)
    assert found.best[WAR] == prepared.evaluate_world().values[1]
    assert found.best["claim_likely"] is True
    (span,) = [each for each in found.as_json()["margins"] if each["column"] == "margin_never_1"]
    assert span["best"] == found.best[PEACE] - 0.9
    assert (span["n"], span["high"]) == (10, frame["margin_never_1"].max())
    assert found.frame()["column"].to_list()[-2:] == ["margin_likely_1", "margin_never_1"]


def test_shares_and_numbers_are_those_of_the_rows_and_of_a_check(tmp_path):
    case = loads(CASE)
    found = sweep(case, str(tmp_path), 21, WAR, engine=HERE, batch=4).summary
    frame, checked = kept(tmp_path), check(case, 21, workers=1)
    assert [found.tests[f"claim_{v.id}"] for v in checked.claim_checks] == [
        verdict.share for verdict in checked.claim_checks
    ]
    assert found.tests["claim_likely"].true == frame["claim_likely"].sum() not in (0, 21)
    span = found.numbers[WAR]
    assert (span.worlds, span.low, span.high) == (21, frame[WAR].min(), frame[WAR].max())
    assert span.mean == pytest.approx(frame[WAR].mean(), abs=1e-15)


def test_more_worlds_later_are_added_and_none_computed_again(tmp_path):
    case = loads(CASE)
    whole = sweep(case, str(tmp_path / "whole"), 25, WAR, engine=HERE, batch=8)
    first = sweep(case, str(tmp_path / "grown"), 10, WAR, engine=HERE, batch=8)
    again = sweep(case, str(tmp_path / "grown"), 10, WAR, engine=HERE)
    grown = sweep(case, str(tmp_path / "grown"), 25, WAR, engine=HERE)
    assert [s.computed for s in (whole, first, again, grown)] == [25, 10, 0, 15]
    assert again.worlds_per_second is None
    assert first.summary == again.summary
    assert whole.summary == grown.summary
    assert batches(tmp_path / "whole") == batches(tmp_path / "grown")
    fewer = sweep(case, str(tmp_path / "grown"), 10, WAR, engine=HERE)
    assert fewer.summary == first.summary


CHANGES = {
    "an unknown": (CASE.replace("[0.2, 0.4]", "[0.2, 0.5]"), {}),
    "a claim": (CASE.replace("> 0.9", "> 0.8"), {}),
    "the seed": (CASE, {"seed": 1}),
    "the grid": (CASE, {"grid": 9}),
    "a question": (CASE, {"asked": [WAR]}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_settings_use_another_store(change, tmp_path):
    text, how = CHANGES[change]
    asked = how.pop("asked", []) if "asked" in how else []
    old = sweep(loads(CASE), str(tmp_path), 6, engine=HERE, batch=4)
    before = {path: path.read_bytes() for path in tmp_path.glob("*/*")}
    new = sweep(loads(text), str(tmp_path), 6, *asked, engine=HERE, batch=4, **how)
    assert new.store != old.store
    assert new.computed == 6
    assert before == {path: path.read_bytes() for path in before}


def test_another_version_uses_another_store(tmp_path, monkeypatch):
    old = sweep(loads(CASE), str(tmp_path), 4, engine=HERE)
    sweeping = import_module("ceasefire.ensemble.sweep_worlds")
    other = sweeping.package_versions() | {"numba": "99"}
    monkeypatch.setattr(sweeping, "package_versions", lambda: other)
    assert sweep(loads(CASE), str(tmp_path), 4, engine=HERE).store != old.store


@pytest.mark.parametrize("sampling", [None, "plain random points"])
def test_worlds_drawn_in_another_way_are_refused_not_mixed(sampling, tmp_path, monkeypatch):
    old = Path(sweep(loads(CASE), str(tmp_path), 4, engine=HERE).store)
    facts = json.loads((old / "provenance.json").read_text())
    assert facts.pop("sampling") == SAMPLING_METHOD
    older = tmp_path / "0123456789abcdef"
    facts |= {"digest": older.name} | ({} if sampling is None else {"sampling": sampling})
    old.rename(older)
    (older / "provenance.json").write_text(json.dumps(facts))
    with pytest.raises(WorldError, match="worlds that were drawn in another way") as caught:
        sweep(loads(CASE), str(tmp_path), 4, engine=HERE)
    (problem,) = caught.value.problems
    assert problem.file == str(older)
    assert problem.found == (sampling or "scrambled Sobol points, by an earlier version")
    assert "delete that folder" in problem.help
    assert sweep(loads(CASE), str(tmp_path), 4, WAR, engine=HERE).computed == 4
    assert sweep(loads(CASE), str(tmp_path), 4, engine=HERE, seed=1).computed == 4


def test_a_store_says_where_it_comes_from_and_is_read_without_this_package(tmp_path):
    case = loads(CASE)
    swept = sweep(case, str(tmp_path), 10, WAR, seed=3, engine=HERE, batch=4)
    folder = Path(swept.store)
    says = json.loads((folder / "provenance.json").read_text())
    assert says["digest"] == folder.name
    assert (says["seed"], says["batch"], says["grid"]) == (3, 4, swept.grid)
    assert set(says["versions"]) == {"ceasefire", "llvmlite", "numba", "numpy", "scipy"}
    assert says["questions"]["claim_likely"] == "P(at_end(not war)) > 0.5"
    (run,) = says["runs"]
    assert run["engine"] == {"name": "local", "address": None, "workers": 1}
    assert {"began", "worlds", "machine", "python"} <= set(run)
    again = loads((folder / "case.yaml").read_text())
    assert (again.unknowns, list(again.claims)) == (case.unknowns, list(case.claims))
    files = f"read_parquet('{tmp_path}/*/*.parquet')"
    asked = duckdb.sql(f"select count(*) filter (claim_likely), count(*) from {files}")
    ((true, rows),) = asked.fetchall()
    assert (true, rows) == (swept.summary.tests["claim_likely"].true, 10)
    assert pl.scan_parquet(tmp_path / "*" / "*.parquet").select(WAR).collect().height == 10


def test_an_impossible_world_is_kept_with_its_reason(tmp_path):
    text = CASE.replace("range: [0.2, 0.4]", "range: [-0.4, 1]")
    swept = sweep(loads(text), str(tmp_path), 16, WAR, engine=HERE, batch=4)
    frame = kept(tmp_path)
    failed = frame.filter(pl.col("failed").is_not_null())
    assert swept.summary.failed == len(failed) == (frame["unknown_odds"] < 0).sum() > 0
    assert failed["claim_likely"].null_count() == failed[WAR].null_count() == len(failed)
    assert swept.summary.first_failure == (failed["world"][0], failed["failed"][0])
    assert swept.marked
    share = swept.summary.tests["claim_likely"]
    assert (share.worlds, share.failed) == (16 - len(failed), len(failed))
    assert swept.summary.numbers[WAR].worlds == 16 - len(failed)


def test_ctrl_c_keeps_what_is_done(tmp_path):
    def stop(done, _):
        if done == 7:
            raise KeyboardInterrupt

    sweeping = import_module("ceasefire.ensemble.sweep_worlds")
    case, folder = loads(CASE), str(tmp_path / "stopped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "CHUNK_SECONDS", 0.0)
        stopped = sweep(case, folder, 12, WAR, engine=HERE, batch=4, progress=stop)
    assert (stopped.interrupted, stopped.summary.stored, stopped.marked) == (True, 7, True)
    rest = sweep(case, folder, 12, WAR, engine=HERE)
    assert rest.computed == 5
    assert not rest.interrupted
    sweep(case, str(tmp_path / "whole"), 12, WAR, engine=HERE, batch=4)
    assert batches(tmp_path / "stopped") == batches(tmp_path / "whole")


def test_stores_on_any_fsspec_filesystem(tmp_path):
    places = (f"file://{tmp_path}", "memory://any/place")
    one, two = (sweep(loads(CASE), place, 6, engine=HERE, batch=4) for place in places)
    assert one.summary == two.summary
    assert two.store.startswith("memory://any/place/")
    assert sweep(loads(CASE), "memory://any/place", 9, engine=HERE).computed == 3


@pytest.mark.parametrize("place", ["nowhere://x", "/proc/none"])
def test_unwritable_store_is_refused(place):
    with pytest.raises(WorldError, match="cannot be written"):
        sweep(loads(CASE), place, 4, engine=HERE)


def test_foreign_batch_file_is_refused(tmp_path):
    swept = sweep(loads(CASE), str(tmp_path), 8, engine=HERE, batch=4)
    first, second = (Path(swept.store) / f"batch-00000{n}.parquet" for n in (1, 2))
    whole = first.read_bytes()
    for wrong in (second.read_bytes(), whole[: len(whole) // 2], b""):
        first.write_bytes(wrong)
        with pytest.raises(WorldError, match="is no batch of this store") as caught:
            sweep(loads(CASE), str(tmp_path), 8, engine=HERE)
        assert caught.value.problems[0].file == str(first)
    first.unlink()
    assert sweep(loads(CASE), str(tmp_path), 8, engine=HERE).computed == 4
    assert first.read_bytes() == whole


def test_malformed_provenance_is_refused(tmp_path):
    path = Path(sweep(loads(CASE), str(tmp_path), 8, engine=HERE, batch=4).store, "provenance.json")
    written = path.read_text()
    facts = json.loads(written)
    wrong = [{**facts, name: value} for name, value in WRONG] + [{}, [], None, "batch"]
    for text in [*map(json.dumps, wrong), "", "{", written[:-9], "[" * 99_999, "\xff"]:
        path.write_text(text, encoding="latin-1")
        with pytest.raises(WorldError, match="is not what a sweep wrote there") as caught:
            sweep(loads(CASE), str(tmp_path), 8, engine=HERE)
        assert caught.value.problems[0].file == str(path)
        assert path.read_text(encoding="latin-1") == text
    path.write_text(written)
    assert sweep(loads(CASE), str(tmp_path), 8, engine=HERE).computed == 0


WRONG = [
    ("batch", 0), ("batch", "4"), ("batch", None), ("seconds_per_world", 0.0), ("runs", {}),
    ("seconds_per_world", "nan"), ("best", []), ("best", {"claim_likely": "yes"}),
    ("best", {"claim_likely": [1]}), ("best", {}), ("seconds_per_world", 1e-310), ("batch", True),
    ("digest", "another"),
]  # fmt: skip


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    folder = Path(sweep(loads(CASE), str(tmp_path), 8, engine=HERE, batch=4).store)
    names = ("batch-first.parquet", "batch-1.parquet", "batch-0000001.parquet", "notes.txt")
    others = [folder / name for name in names]
    for path in others:
        path.write_text("mine")
    assert sweep(loads(CASE), str(tmp_path), 12, engine=HERE).computed == 4
    assert {path.read_text() for path in others} == {"mine"}


def test_batches_keep_their_size(tmp_path):
    sweep(loads(CASE), str(tmp_path), 8, engine=HERE, batch=4)
    with pytest.raises(WorldError, match="another size"):
        sweep(loads(CASE), str(tmp_path), 8, engine=HERE, batch=8)


def test_a_case_without_claims_needs_a_question(tmp_path):
    case = loads(CASE.partition("claims:")[0])
    with pytest.raises(CaseError, match="makes no claim"):
        sweep(case, str(tmp_path), 8, engine=HERE)
    assert sweep(case, str(tmp_path), 8, WAR, engine=HERE).summary.numbers[WAR].worlds == 8


def test_sweep_killed_fifty_times_is_byte_identical(tmp_path):
    path = tmp_path / "coins.yaml"
    path.write_text(CASE)
    script = str(Path(__file__).parent / "support" / "sweep_killed_repeatedly.py")
    worlds = "0"  # one batch more than the killed ones got done
    for name, kills in (("killed", 50), ("whole", 0)):
        command = [sys.executable, script, str(path), str(tmp_path / name), str(kills), worlds]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        *after, last, worlds = done.stdout.splitlines()
        assert last == f"killed {kills}, then 0"
        if kills:
            assert len(set(after)) > 10, "killed while batches were computed"
    whole, killed = (
        {p.name: p for p in (tmp_path / name).glob("*/*")} for name in ("whole", "killed")
    )
    assert set(whole) == set(killed)
    assert len(whole) == int(worlds) / 6 + 2
    for name in whole:
        if name != "provenance.json":
            assert whole[name].read_bytes() == killed[name].read_bytes()


def test_partial_files_of_a_killed_run_are_removed(tmp_path):
    swept = sweep(loads(CASE), str(tmp_path), 4, engine=HERE)
    junk = Path(swept.store) / ".batch-000001.parquet.0123.part"
    junk.write_bytes(b"half")
    sweep(loads(CASE), str(tmp_path), 4, engine=HERE)
    assert not junk.exists()


def test_the_command_prints_shares_and_where_they_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    path = tmp_path / "coins.yaml"
    path.write_text(CASE)
    call = ["sweep", str(path), "-o", str(tmp_path / "out"), "--worlds", "16", WAR]
    shown = CliRunner().invoke(app, call)
    assert shown.exit_code == 0, shown.output
    for part in ("likely", "depends", "never", "fails", "E(war)", "16 worlds", "a second"):
        assert part in shown.stdout
    again = json.loads(CliRunner().invoke(app, [*call, "--json"]).stdout)
    assert again["run"]["computed"] == 0
    assert again["run"]["worlds_per_second"] is None
    assert [test["column"] for test in again["tests"]] == ["claim_likely", "claim_never"]
    assert again["tests"][0]["n"] == 16
    assert again["numbers"][0]["column"] == WAR
    assert {"case", "digest", "version", "store", "warnings"} <= set(again)


def test_the_command_says_what_an_engine_lacks(tmp_path):
    path = tmp_path / "coins.yaml"
    path.write_text(CASE)
    call = ["sweep", str(path), "-o", str(tmp_path / "out"), "--engine", "dask", "--json"]
    said = CliRunner().invoke(app, call)
    assert said.exit_code == 2
    assert json.loads(said.stdout)["problems"][0]["path"] == "--scheduler"
