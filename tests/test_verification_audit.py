"""What pip-audit says is not made milder than it is."""

import doctest
import subprocess

import pytest

from verification import audit

WEAK = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2", "3"]}]}
SOUND = {"name": "b", "version": "1", "vulns": []}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


def test_doctest_examples_of_the_audit() -> None:
    assert doctest.testmod(audit) == (0, 3)


def test_each_weakness_is_a_line_and_a_failure() -> None:
    status, lines = audit.judge({"dependencies": [WEAK, SOUND, UNKNOWN]})
    assert status == 1
    assert lines[0] == "a 1: CVE-1, mended in 2, 3"
    assert lines[1].startswith("1 pins without a known weakness, 1 that")


def test_a_lock_without_pins_is_a_failure() -> None:
    assert audit.judge({"dependencies": []})[0] == 1


@pytest.mark.parametrize("said", ["", "no module named pip_audit", "{"])
def test_unreachable_audit_is_a_failure(monkeypatch, said) -> None:
    ran = subprocess.CompletedProcess([], 1, said, "broken")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ran)
    assert audit.main(["a.txt", "b.txt"]) == 1


def test_audit_of_no_files_is_a_failure() -> None:
    assert audit.main([]) == 2


def test_audit_timeout_is_reported(monkeypatch, capsys) -> None:
    def waits(command, *, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", waits)
    assert audit.main(["a.txt"]) == 0
    assert capsys.readouterr().out == "a.txt: not looked up from here within 120 s\n"
