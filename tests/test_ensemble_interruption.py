"""Whatever ends a sweep: what was finished stays, nothing wrong is kept, nothing is left behind."""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import Engine, check, check_claims, sweep
from ceasefire.ensemble.store import LocalFileSystem
from ceasefire.errors import WorldError

LONG = 300  # seconds after which what is waited for has hung; nothing takes as long
CASE = """
ceasefire: 1
title: A coin
horizon: 2
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}}
parties: {north: {precision: 2}}
state: {war: {start: true}}
payoffs: {north: {war: -war}}
moves: {wait: {by: north}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
claims: {likely: {test: "P(at_end(not war)) > 0.5"}}
"""
HERE = Engine(workers=1)
SWEEP = """
import sys
from ceasefire.case import load
from ceasefire.ensemble import Engine, check, check_claims, sweep
worlds, folder = int(sys.argv[2]), sys.argv[3]
found = sweep(load(sys.argv[1]), folder, worlds, engine=Engine(workers=int(sys.argv[4])), batch=8,
    progress=lambda done, of: print(done, flush=True))
sys.exit(0 if found.summary.stored == worlds else 3)
"""


def begin(tmp_path: Path, folder: Path, worlds: int, workers: int = 1, **more):
    path = tmp_path / "coin.yaml"
    path.write_text(CASE, encoding="utf-8")
    command = [sys.executable, "-c", SWEEP, str(path), str(worlds), str(folder), str(workers)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


def batches(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*/*.parquet"))}


def parts(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*/*") if path.name.startswith(".")]


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, bytes]:
    """The batches of a sweep of 64 worlds that nothing disturbed."""
    sweep(loads(CASE), str(tmp_path / "whole"), 64, engine=HERE, batch=8)
    return batches(tmp_path / "whole")


def test_two_sweeps_on_one_store_come_to_the_same(tmp_path, whole):
    both = [begin(tmp_path, tmp_path / "both", 64) for _ in range(2)]
    said = [one.communicate(timeout=LONG) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert batches(tmp_path / "both") == whole
    assert parts(tmp_path / "both") == []


def test_partial_file_removed_by_another_run_is_rewritten(tmp_path, whole, monkeypatch):
    plain, gone = LocalFileSystem.pipe_file, []

    def tidied(self, path, value, **more):
        plain(self, path, value, **more)
        if len(gone) < 3:
            gone.append(path)
            Path(path).unlink()

    monkeypatch.setattr(LocalFileSystem, "pipe_file", tidied)
    sweep(loads(CASE), str(tmp_path / "tidied"), 64, engine=HERE, batch=8)
    assert len(gone) == 3
    assert batches(tmp_path / "tidied") == whole


def test_full_disk_is_reported_and_finished_batches_kept(tmp_path, whole):
    smallest = min(map(len, whole.values()))
    provenance = max(p.stat().st_size for p in (tmp_path / "whole").glob("*/*.json"))
    assert smallest > provenance + 200, "room for all but a batch"

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (smallest - 100, smallest - 100))

    sweep(loads(CASE), str(tmp_path / "full"), 16, engine=HERE, batch=8)
    stopped = begin(tmp_path, tmp_path / "full", 64, preexec_fn=full)
    _, errors = stopped.communicate(timeout=LONG)
    assert stopped.returncode == 1
    assert "WorldError" in errors
    assert "cannot be written" in errors
    held = batches(tmp_path / "full")
    assert held == {name: whole[name] for name in list(whole)[: len(held)]}
    assert len(held) == 2
    assert parts(tmp_path / "full") == []
    assert sweep(loads(CASE), str(tmp_path / "full"), 64, engine=HERE).computed == 48
    assert batches(tmp_path / "full") == whole


@pytest.fixture
def apart() -> list[str]:
    """What begins a command that may mount a disk which nobody else sees."""
    command = ["unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",))]
    attempt = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
    if subprocess.run(attempt, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk: a limit on files stands for it")
    return command


def test_sweep_resumes_on_a_disk_made_larger_then_read_only(tmp_path, whole, apart):
    (tmp_path / "coin.yaml").write_text(CASE, encoding="utf-8")
    (tmp_path / "disk").mkdir()
    script = str(Path(__file__).parent / "support" / "sweep_on_full_disk.py")
    command = [*apart, sys.executable, script, str(tmp_path / "coin.yaml"), str(tmp_path / "disk")]
    made = subprocess.run([*command, "24k"], capture_output=True, text=True, check=True)
    small, larger, again, more = map(json.loads, made.stdout.splitlines())
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in whole.items()}
    kept = {name: one for name, one in small["held"].items() if name != "case.yaml"}
    assert "cannot be written: [Errno 28] No space left on device" in small["said"]
    assert kept == {name: sums[name] for name in list(sums)[: len(kept)]}
    assert 0 < len(kept) < len(sums)
    assert (larger["said"], larger["computed"]) == ("", 64 - 8 * len(kept))
    assert (again["said"], again["computed"]) == ("", 0)
    assert "Read-only file system" in more["said"]
    assert {**sums, "case.yaml": small["held"]["case.yaml"]} == larger["held"]
    assert larger["held"] == again["held"] == more["held"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_sweep_that_is_ended_leaves_no_worker_and_loses_no_batch(tmp_path, whole, end):
    running = begin(tmp_path, tmp_path / "ended", 100_000, workers=2, start_new_session=True)
    while int(running.stdout.readline()) < 24:
        pass
    running.send_signal(end)
    running.communicate(timeout=LONG)
    assert running.returncode == -end
    until = time.monotonic() + LONG
    while alive(running.pid):
        assert time.monotonic() < until, "workers go on"
        time.sleep(0.1)
    held = batches(tmp_path / "ended")
    common = [name for name in whole if name in held]
    assert len(common) >= 2
    assert all(held[name] == whole[name] for name in common)
    assert sweep(loads(CASE), str(tmp_path / "ended"), 64, engine=HERE).summary.stored == 64


def alive(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, owner = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(owner) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def test_a_clock_that_jumps_changes_nothing(tmp_path, whole, monkeypatch):
    hours = iter(range(10_000, 0, -1))
    monkeypatch.setattr(time, "time", lambda: 3600.0 * next(hours))
    sweep(loads(CASE), str(tmp_path / "jumping"), 64, engine=HERE, batch=8)
    assert batches(tmp_path / "jumping") == whole


def test_read_only_store_is_reported(tmp_path, monkeypatch):
    def refused(self, path, value, **more):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(LocalFileSystem, "pipe_file", refused)
    with pytest.raises(WorldError, match=r"cannot be written.*Permission denied"):
        sweep(loads(CASE), str(tmp_path), 8, engine=HERE)


def test_complete_read_only_store_is_read(tmp_path, whole, monkeypatch):
    def refused(self, *_, **__):
        raise PermissionError(13, "Permission denied")

    (next((tmp_path / "whole").glob("*")) / ".batch-000009.parquet.0123.part").touch()
    for name in ("pipe_file", "rm_file"):
        monkeypatch.setattr(LocalFileSystem, name, refused)
    again = sweep(loads(CASE), str(tmp_path / "whole"), 64, engine=HERE)
    assert (again.summary.stored, again.computed) == (64, 0)
    with pytest.raises(WorldError, match=r"cannot be written.*Permission denied"):
        sweep(loads(CASE), str(tmp_path / "whole"), 72, engine=HERE)
    assert batches(tmp_path / "whole") == whole


RARE = "rare: {test: odds > 0.397}, quiet: {test: P(at_end(not war)) > 0.5, because: [rare]}"
ARGUED = CASE.replace('0.5"}}', '0.5"}, ' + RARE + "}")
STEPS = ("_explain_claims", "tilted_figures", "find_rule_dependence", "find_turning_points")


@pytest.mark.parametrize("step", STEPS)
def test_a_check_ended_at_any_step_keeps_what_is_done(step, monkeypatch):
    """Steps before the one that Ctrl-C ends are there, the shares always."""

    def ended(*_, **__):
        raise KeyboardInterrupt

    whole = check(loads(ARGUED), 64, workers=1)
    monkeypatch.setattr(check_claims, step, ended)
    found = check(loads(ARGUED), 64, workers=1)
    assert found.interrupted
    assert not whole.interrupted
    assert [claim.share for claim in found.claim_checks] == [c.share for c in whole.claim_checks]
    done = STEPS.index(step)
    assert (found.claim_checks[0].drivers is not None) == (done > 0)
    assert (found.claim_checks[-1].argument.tilted is not None) == (done > 1)
    assert found.turning_points is None


def test_worlds_ended_by_ctrl_c_are_counted_as_they_are(monkeypatch):
    seen = []

    def stop(so_far):
        seen.append((so_far.worlds, so_far.shares()["likely"]))
        if so_far.worlds == 20:
            raise KeyboardInterrupt

    found = check(loads(CASE), 64, workers=1, on_world=stop)
    assert [worlds for worlds, _ in seen] == list(range(1, 21))
    assert seen[-1][1] == found.claim_checks[0].share.share
    assert (found.run_stats.computed, found.run_stats.interrupted) == (20, True)
    assert found.fresh_run_stats is None


def test_tilted_worlds_and_changed_rules_end_with_ctrl_c(monkeypatch):
    from ceasefire.ensemble import rule_changes, tilted_worlds
    from ceasefire.ensemble.run import JobResults

    def nothing(*_, **__):
        return JobResults({}, {}, interrupted=True)

    monkeypatch.setattr(
        tilted_worlds, "ProgressCounter", lambda *_: SimpleNamespace(run_jobs=nothing)
    )
    monkeypatch.setattr(rule_changes, "ask_under_changed_rules", nothing)
    found = check(loads(ARGUED), 64, workers=1)
    assert found.interrupted
    assert found.claim_checks[-1].argument.tilted is None
    found = check(loads(CASE), 64, workers=1)
    assert found.interrupted
