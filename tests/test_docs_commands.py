"""Every command that the documentation shows exists, and every question in it can be read."""

import re
import shlex
from pathlib import Path

import pytest

from ceasefire.case import load
from ceasefire.cli.main import app
from ceasefire.query import read_question

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    *(f"docs/{name}.md" for name in ("baseline", "format", "howto", "levers", "stability")),
    *(f"docs/{name}.md" for name in ("trace", "trade", "tutorial", "update")),
)
FIRST = ROOT / "docs/first"  # the tutorial's files, as its reader has them
SHOWN = [
    (page, line.strip())
    for page in PAGES
    for line in re.findall(r"^ *(?:\$ )?(ceasefire \w+ .*)$", (ROOT / page).read_text(), re.M)
]
NAMES = {command.name or command.callback.__name__ for command in app.registered_commands}


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=[line for _, line in SHOWN])
def test_documented_commands_exist_and_questions_parse(page, line):
    _, command, *rest = shlex.split(line, comments=True)
    assert command in NAMES
    if command == "ask":
        case = load(str((FIRST if rest[0] == "mine.yaml" else ROOT) / rest[0]))
        for text in rest[1:]:
            if not text.startswith("--"):
                read_question(case, text)


def test_documentation_shows_commands():
    assert len(SHOWN) >= 8


def test_readme_opens_with_the_two_commands():
    lines = (ROOT / "README.md").read_text().splitlines()
    opening = [line.split("#")[0].strip() for line in lines if line.startswith("    ")][:2]
    assert opening == ["make run", "make test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    assert {"run", "test", "check", "lock", "clean"} <= set(targets)


def test_locks_pin_everything_with_hashes_and_name_no_host():
    locks = sorted(ROOT.glob("requirements*.txt"))
    assert len(locks) == 8
    for path in locks:
        text = path.read_text()
        assert not re.search(r"https?://|file://|--index-url|--find-links|--trusted-host", text)
        pins = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
        assert len(pins) > 15
        assert all(re.fullmatch(r"[a-z0-9-]+==[^ ]+ \\", line) for line in pins)
        assert text.count("--hash=sha256:") >= len(pins)
    check, every_command, tests = (
        set(re.findall(r"^\S+==\S+", (ROOT / f"requirements{name}.txt").read_text(), re.M))
        for name in ("", "-all", "-dev")
    )
    assert check < every_command < tests
