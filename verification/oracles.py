"""The closed forms of `oracles.yaml`: a case, a question, what theory says, how near it must be."""

from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from ceasefire.case import Case, load

HERE = Path(__file__).parent
FOLDERS = (HERE / "cases", HERE.parent / "cases" / "models", HERE.parent / "tests" / "cases_small")


class Oracle(NamedTuple):
    """One number of the literature.

    twin  whether the slow twin of the tests answers too
    """

    source: str
    case: str
    twin: bool
    question: str
    expected: float
    tolerance: float = 1e-3


def case_of(name: str) -> Case:
    """A case of `cases/`, a model of the literature, or a small case that the tests use too."""
    paths = (folder / f"{name}.yaml" for folder in FOLDERS)
    return load(next(path for path in paths if path.exists()))


def _read() -> tuple[tuple[Oracle, ...], tuple[str, ...]]:
    page = YAML(typ="safe").load(HERE / "oracles.yaml")
    oracles = tuple(
        Oracle(group["source"], group["case"], group.get("twin", True), *row)
        for group in page["oracles"]
        for row in group["rows"]
    )
    return oracles, tuple(page["left_out"])


ORACLES, LEFT_OUT = _read()
