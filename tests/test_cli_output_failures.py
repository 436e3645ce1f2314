"""Output that cannot be taken: a disk that is full, a reader that has gone, nothing at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LONG = 300  # seconds after which what is waited for has hung; nothing takes as long
CASE = str(Path(__file__).parent / "cases_small" / "guarantee.yaml")
COMMANDS = [["--help"], ["--version"], ["show", CASE], ["lint", CASE, "--json"], ["schema"]]
EACH = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
KEPT = pytest.mark.parametrize("kept", ["", "1"], ids=["kept until the end", "written at once"])


def begin(command, kept, **where):
    """The program begun; `kept` is empty if output is held back until there is much of it."""
    environment = {**os.environ, "PYTHONUNBUFFERED": kept}
    words = [sys.executable, "-m", "ceasefire", *command]
    return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True, **where)


@EACH
@KEPT
def test_a_full_disk_is_a_problem(command, kept):
    with Path("/dev/full").open("w") as full:
        running = begin(command, kept, stdout=full)
        said = running.communicate(timeout=LONG)[1]
    assert running.returncode == 2
    assert "No space left on device" in said
    assert "make room" in said
    assert "Traceback" not in said
    assert "Exception" not in said


@EACH
@KEPT
def test_closed_pipe_ends_quietly(command, kept):
    ours, theirs = os.pipe()
    os.close(ours)
    running = begin(command, kept, stdout=theirs)
    os.close(theirs)
    said = running.communicate(timeout=LONG)[1]
    assert (running.returncode, said) == (1, "")


@KEPT
def test_problems_are_reported_on_a_full_disk(kept):
    for more, word in ((), "file cannot be read"), (("--json",), "No space left on device"):
        with Path("/dev/full").open("w") as full:
            running = begin(["lint", "no-such-case.yaml", *more], kept, stdout=full)
            said = running.communicate(timeout=LONG)[1]
        assert running.returncode == 2
        assert word in said
        assert "Traceback" not in said
        assert "Exception" not in said


@EACH
def test_closed_standard_output_is_ignored(command):
    running = begin(command, "", preexec_fn=lambda: os.close(1))
    said = running.communicate(timeout=LONG)[1]
    assert (running.returncode, said) == (0, "")


def test_closed_standard_streams_keep_the_exit_status():
    closed = "exec 1>&- 2>&-; exec {} -m ceasefire lint {}"
    for case, status in ((CASE, 0), ("no-such-case.yaml", 2)):
        ran = subprocess.run(["sh", "-c", closed.format(sys.executable, case)], check=False)
        assert ran.returncode == status
