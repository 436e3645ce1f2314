"""What Numba keeps for one process is never given to another that asked for something else."""

from functools import partial

import pytest
from numba.core.caching import IndexDataCacheFile

from ceasefire.light_numba import prepare_numba


@pytest.fixture
def kept(tmp_path):
    prepare_numba()
    return lambda: IndexDataCacheFile(str(tmp_path), "solve-1.py311", "as of now")


def test_code_is_found_again_by_its_arguments(kept):
    kept().save(("float64",), "code for a number")
    kept().save(("int64",), "code for a whole number")
    kept().save(("float64",), "newer code for a number")
    assert kept().load(("float64",)) == "newer code for a number"
    assert kept().load(("int64",)) == "code for a whole number"
    assert kept().load(("array",)) is None


@pytest.mark.parametrize("written", [[0, 1], [1, 0]])
def test_two_processes_that_keep_code_at_one_moment_are_not_mixed_up(kept, written, monkeypatch):
    """Both have read that nothing is kept, and write their code in either order."""
    asked, writing = [("float64",), ("int64",)], []
    for key in asked:
        one = kept()
        monkeypatch.setattr(one, "_load_index", dict)
        write = partial(IndexDataCacheFile._save_data, one)
        monkeypatch.setattr(
            one, "_save_data", lambda *words, write=write: writing.append(partial(write, *words))
        )
        one.save(key, f"code for {key[0]}")
    for place in written:
        writing[place]()
    assert [kept().load(key) for key in asked] == [None, "code for int64"]
