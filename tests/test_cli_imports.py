"""What a command may import before it knows what to do."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

HEAVY = ("numba", "polars", "scipy", "sklearn", "joblib", "pandas")


def imported(*words: str, statuses: tuple[int, ...] = (0,)) -> set[str]:
    """The packages that a command had imported when it ended, and SciPy's linear algebra."""
    code = (
        "import sys\nfrom ceasefire.cli.main import app\n"
        "try: app(prog_name='ceasefire')\n"
        "finally:\n"
        "    names = {name.split('.')[0] for name in sys.modules}\n"
        "    names |= {'scipy.linalg'} & set(sys.modules)\n"
        "    sys.stderr.write(' '.join(names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode in statuses, done.stderr
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


def test_a_question_about_a_small_case_needs_no_tables_statistics_or_other_processes():
    case = Path(__file__).parent / "cases_small" / "knife_edge.yaml"
    used = imported("ask", str(case), "P(eventually(said))", statuses=(0, 1))
    assert "numba" in used
    assert used.isdisjoint({"polars", "joblib", "sklearn", "cloudpickle"})
    assert "scipy.linalg" not in used


@pytest.mark.parametrize("package", ["ensemble", "evidence", "forecasts"])
def test_every_name_of_a_package_is_found_when_it_is_asked_for(package):
    door = import_module(f"ceasefire.{package}")
    assert [name for name in door.__all__ if getattr(door, name, None) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        door.nothing  # noqa: B018
