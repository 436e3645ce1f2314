"""A file that a command writes is whole, or what was there before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ceasefire.errors import CeasefireError
from ceasefire.render.atomic_write import write_file_atomically

SHORT = """
import resource, sys
from ceasefire.errors import CeasefireError
from ceasefire.render.atomic_write import write_file_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_file_atomically(sys.argv[1], b"new" * 1000)
except CeasefireError as error:
    print(error)
"""


@pytest.mark.parametrize("before", [b"old", None])
def test_a_disk_that_is_too_small_leaves_what_was_there(tmp_path, before):
    path = tmp_path / "report.html"
    if before is not None:
        path.write_bytes(before)
    command = [sys.executable, "-c", SHORT, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"{path}  cannot be written: File too large" in said
    assert (path.read_bytes() if path.exists() else None) == before
    assert len(list(tmp_path.iterdir())) == (before is not None)


def test_a_file_is_written_with_the_rights_it_had(tmp_path):
    path = tmp_path / "report.html"
    for content in (b"one", b"two"):
        write_file_atomically(path, content)
        assert path.read_bytes() == content
        path.chmod(0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path):
    there, link, pipe = (tmp_path / name for name in ("there", "link", "pipe"))
    link.symlink_to(there)
    write_file_atomically(link, b"one")
    assert link.is_symlink()
    assert there.read_bytes() == b"one"
    read, write = os.pipe()
    write_file_atomically(f"/dev/fd/{write}", b"three")
    os.close(write)
    with os.fdopen(read, "rb") as reading:
        assert reading.read() == b"three"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        write_file_atomically(pipe, b"two")
        assert reader.communicate()[0] == b"two"
    assert pipe.is_fifo()


def test_interrupted_write_leaves_no_partial_file(tmp_path, monkeypatch):
    def stop(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_file_atomically(tmp_path / "report.html", b"one")
    assert not list(tmp_path.iterdir())


def test_a_file_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda place, how: Path(place) != path)
    with pytest.raises(CeasefireError, match="cannot be written: Permission denied"):
        write_file_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_file_in_a_folder_that_takes_no_other_is_written_in_place(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda place, how: Path(place) != tmp_path)
    write_file_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_link_loops_and_long_names_are_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(CeasefireError, match="cannot be written"):
        write_file_atomically(tmp_path / "a", b"")
    write_file_atomically(tmp_path / ("n" * 250), b"one")


def test_missing_folder_is_a_problem(tmp_path):
    for place in (tmp_path / "no" / "where", tmp_path):
        with pytest.raises(CeasefireError, match="cannot be written"):
            write_file_atomically(place, b"")
    assert not list(Path(tmp_path).iterdir())
