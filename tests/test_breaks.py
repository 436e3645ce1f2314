"""The list of breaks does not rot, no numerical module escapes it, and its runner can say no."""

import ast
import re
from pathlib import Path

import pytest

from verification.breaks import attempt, dependents, fast, main, sound
from verification.broken import BREAKS, SOURCE, Break

ROOT = Path(__file__).parents[1]
NUMERICAL = re.compile(r"^(?:import|from) (?:math|numba|numpy|scipy)\b", re.MULTILINE)
SHOWING = ("render", "web", "cli")  # packages that print numbers and make none
KEEPING = ("store.py",)  # only asks whether a number is finite
PLAIN = {  # modules that make numbers, or say which are asked for, in plain Python
    "query/numerical_quality.py",
    "query/decisions.py",
    "query/quantity_parser.py",
    "query/parser.py",
    "query/plan.py",
    "query/ast.py",
    "case/resolve_declarations.py",
    "forecasts/base_rates.py",
    "forecasts/outcomes.py",
    "forecasts/wars.py",
    "ensemble/statistics.py",
    "ensemble/check_claims.py",
    "ensemble/turning_points.py",
    "ensemble/run.py",
}


def numerical() -> set[str]:
    """The modules of every package that computes which import what one computes with."""
    found = {
        path.relative_to(ROOT / SOURCE).as_posix()
        for path in (ROOT / SOURCE).glob("*/**/*.py")
        if path.relative_to(ROOT / SOURCE).parts[0] not in SHOWING
        and path.name not in KEEPING
        and NUMERICAL.search(path.read_text(encoding="utf-8"))
    }
    return found | PLAIN


def test_every_numerical_module_is_broken_somewhere() -> None:
    assert numerical() <= {one.file for one in BREAKS}


@pytest.mark.parametrize("file", sorted({one.file for one in BREAKS}))
def test_every_break_finds_its_place_once_and_is_python(file: str) -> None:
    text = (ROOT / SOURCE / file).read_text(encoding="utf-8")
    for one in BREAKS:
        if one.file == file:
            assert text.count(one.old) == 1, one
            assert one.old != one.new
            ast.parse(text.replace(one.old, one.new))


def test_no_break_stands_twice() -> None:
    assert len({(one.file, one.old, one.new) for one in BREAKS}) == len(BREAKS) >= 80


def test_every_test_that_is_named_exists() -> None:
    for one in BREAKS:
        file, _, node = one.test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not node or f"def {node.partition('[')[0]}(" in text, one


def test_the_fast_tenth_reaches_every_package() -> None:
    chosen = fast(BREAKS)
    packages = {one.path.parent for one in BREAKS}
    assert len(BREAKS) <= 10 * len(chosen) <= len(BREAKS) + 9 * len(packages)
    assert {one.path.parent for one in chosen} == packages


def test_a_broken_kernel_takes_along_those_that_import_it() -> None:
    kernels = "ceasefire.equilibrium.kernels"
    names = dependents(ROOT, f"{kernels}.continuation")
    assert names == {
        f"{kernels}.{name}"
        for name in (
            "continuation",
            "moment_equilibrium",
            "moments",
            "signalling",
            "induction",
            "many_types",
            "many_types_induction",
        )
    }
    assert dependents(ROOT, "ceasefire.coalitions.kernels") == {"ceasefire.coalitions.kernels"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one module with one test."""
    for name, text in (
        ("pytest.ini", "[pytest]\npythonpath = src/ceasefire\n"),
        ("src/ceasefire/sums.py", "def add(a, b):\n    return a + b + 0\n"),
        ("tests/test_sum.py", "import sums\ndef test_add():\n    assert sums.add(2, 3) == 5\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("new", "test", "word"),
    [
        ("a - b + 0", "tests/test_sum.py", "caught"),
        ("a + b - 0", "tests/test_sum.py", "SURVIVED"),
        ("a + c + 0", "tests/test_sum.py", "NameError"),
        ("a + + b + (", "tests/test_sum.py", "SyntaxError"),
        ("a - b + 0", "tests/test_sum.py::test_subtract", "STATUS 4"),
    ],
)
def test_outcome_of_a_break(package: Path, new: str, test: str, word: str) -> None:
    """Only a failing comparison, or an error of ours, counts as caught."""
    one = Break("sums.py", "a + b + 0", new, test)
    assert attempt(package, package.parent / "broken", one).word == word


def test_a_package_that_fails_as_it_is_is_not_sound(package: Path) -> None:
    one = Break("sums.py", "a + b + 0", "a - b", "tests/test_sum.py")
    assert sound(package, [one])
    one.apply(package)
    assert not sound(package, [one])
    with pytest.raises(ValueError, match="0 times"):
        one.apply(package)


def test_a_name_that_no_break_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "solve/_nothing.py"])
    assert "no break's file or test holds 'solve/_nothing.py'" in capsys.readouterr().err
