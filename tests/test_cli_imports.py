"""What a command may import before it knows what to do."""

import subprocess
import sys

import pytest

HEAVY = ("numba", "polars", "scipy", "sklearn", "joblib", "pandas")


def imported(*words: str) -> set[str]:
    """The packages that a command had imported when it ended."""
    code = (
        "import sys\nfrom ceasefire.cli.main import app\n"
        "try: app(prog_name='ceasefire')\n"
        "finally: sys.stderr.write(' '.join({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert "Usage" in done.stdout or "ceasefire" in done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("--help",), ("check", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(words):
    assert imported(*words).isdisjoint(HEAVY)


def test_help_does_not_load_the_packages_of_cases_and_games():
    assert imported("--help").isdisjoint({"numpy", "pydantic"})


def test_statistics_are_imported_when_worlds_are_drawn_and_not_before():
    code = (
        "import sys, ceasefire.cli.commands_query\n"
        "print(*(n for n in ('scipy.stats', 'sklearn') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
