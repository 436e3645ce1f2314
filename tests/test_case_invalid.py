"""One fault per file: each is refused at its line, with its message, and never with a traceback."""

import re
from pathlib import Path

import pytest

from ceasefire.case import load
from ceasefire.errors import CaseError

FILES = sorted((Path(__file__).parent / "cases" / "invalid").glob("*.yaml"))


def test_invalid_case_files_exist() -> None:
    assert len(FILES) >= 200


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_invalid_case_is_refused_at_its_line(file: Path) -> None:
    first = file.read_text(encoding="utf-8-sig").split("\n", 1)[0]
    expected = re.fullmatch(r"# expect: line (\d+)  (.+)", first)
    assert expected, first
    with pytest.raises(CaseError) as caught:
        load(file)
    problems = caught.value.problems
    assert len(problems) == 1, "\n".join(map(str, problems))
    problem = problems[0]
    assert problem.line == int(expected[1]), str(problem)
    assert expected[2] in str(problem)
    assert problem.column is not None
    assert problem.file is not None
    assert Path(problem.file).name == file.name
    assert all(value is None or "\n" not in str(value) for value in problem.as_json().values())
