"""The models of the literature that ship with the package: where they are, and their text.

In a clone they are in `cases/models`; an installed package has them among its data files.
"""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ceasefire.diagnostics import suggest_closest_name
from ceasefire.errors import CaseError, Problem

INSTALLED_FOLDER = "share/ceasefire/models"
_EXTENDS = re.compile(r"^extends: *(\S+)\.yaml *$", re.M)


def model_files() -> dict[str, Path]:
    """The file of every model, by name, in alphabetical order; empty if there are none here.

    >>> "fearon-1995" in model_files()
    True
    """
    in_clone = Path(__file__).parents[3] / "cases" / "models"
    found = in_clone.glob("*.yaml") if in_clone.is_dir() else _installed_files()
    return {path.stem: path for path in sorted(found)}


def _installed_files() -> list[Path]:
    try:
        files = distribution("ceasefire").files or []
    except PackageNotFoundError:
        files = []
    located = [
        Path(str(file.locate()))
        for file in files
        if file.suffix == ".yaml" and file.parent.as_posix().endswith(INSTALLED_FOLDER)
    ]
    beside = (Path(__file__).parents[2] / INSTALLED_FOLDER).glob("*.yaml")  # pip install --target
    return [path for path in located if path.is_file()] or list(beside)


def model_texts(name: str) -> dict[str, str]:
    """The text of a model and of the models that it extends, by name, itself first.

    name  such as `fearon-1995`

    Raises CaseError for a name that no model has.

    >>> list(model_texts("stahl-1972"))
    ['stahl-1972', 'rubinstein-1982']
    """
    known = model_files()
    if name not in known:
        near = suggest_closest_name(name, known)
        help = near or "`ceasefire new --list` lists them"
        raise CaseError([Problem("no such model", path="--from", found=name, help=help)])
    text = known[name].read_text(encoding="utf-8")
    base = _EXTENDS.search(text)
    return {name: text} | ({} if base is None else model_texts(base[1]))
