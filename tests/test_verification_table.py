"""The table that `make verify` prints: what fails must show, and end with status 1."""

import math

import pytest

from verification.table import Row, report


@pytest.mark.parametrize(
    ("row", "ok"),
    [
        (Row("near enough", 0.5, 0.5009, 1e-3), True),
        (Row("too far", 0.5, 0.5011, 1e-3), False),
        (Row("exactly", True, True, 0.0), True),
        (Row("not at all", True, False, 0.0), False),
        (Row("no number", 0.5, math.nan, 1e-3), False),
        (Row("no tolerance", 0.5, 0.5, math.nan), False),
        (Row("without bound", 0.5, math.inf, 1e-3), False),
    ],
)
def test_a_row_is_ok_only_if_it_is_near(
    row: Row, ok: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert row.ok is ok
    assert report([row]) == (0 if ok else 1)
    assert (" yes" if ok else " NO") in capsys.readouterr().out


def test_one_failing_row_fails_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        Row("good", 1.0, 1.0, 0.0),
        Row("bad [a, b]", 1.0, 2.0, 0.0),
        Row("good", 1.0, 1.0, 0.0),
    ]
    assert report(rows, ["the rest"]) == 1
    out = capsys.readouterr().out
    assert "3 checks, 1 failed" in out
    assert "bad [a, b]" in out
    assert "Not checked: the rest" in out


def test_empty_table_fails() -> None:
    assert report([]) == 1
