"""Every link of the pages leads somewhere, and the tutorial's case is what its reader has made."""

import re
import tomllib
from pathlib import Path

import pytest

from ceasefire.case import load, template

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "cases/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page):
    """The page without its code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", lambda found: found[0].replace("](", ""), text)


def anchors(page):
    heads = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", head).strip().lower()) for head in heads}


def broken(page):
    """Links of a page that lead to no file, or to no heading in it."""
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_leads_somewhere(page):
    assert list(broken(page)) == []


def test_a_broken_link_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](#here) [b](#there) [c](none.md) [d](https://example.org)\n`x](y)`\n"
    )
    assert list(broken(page)) == ["#there", "none.md"]


@pytest.mark.parametrize("page", DECISIONS, ids=[page.stem for page in DECISIONS])
def test_decision_has_the_four_parts_and_is_listed(page):
    text = page.read_text()
    number = page.name[:3]
    assert text.startswith(f"# {number}. ")
    parts = re.findall(r"^\*\*(\w[\w ]*)\.\*\*", text, re.M)
    assert parts == ["Question", "Choice", "Reason", "What would change it"]
    title = text.splitlines()[0].removeprefix(f"# {number}. ")
    assert f"- [{number}]({page.name}) {title}\n" in (page.parent / "README.md").read_text()
    assert f"decisions/{page.name}" in (ROOT / "mkdocs.yml").read_text()


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def test_architecture_page_names_what_the_code_has():
    named = re.findall(r"`(\w+)`\s\(`([\w/]+\.py)`\)", ARCHITECTURE)
    assert len(named) > 30
    package = ROOT / "src/ceasefire"
    for name, path in named:
        defined = rf"^(class |def |){name}\b"
        assert re.search(defined, (package / path).read_text(), re.M), f"{name} is not in {path}"
    paths = re.findall(r"`((?:\w+/)+\w+(?:\.py)?)`", ARCHITECTURE)
    assert all((package / path).exists() or (ROOT / path).exists() for path in paths)


def test_architecture_page_has_the_import_contract():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    shown = re.search(r"```toml\n(.*?)```", ARCHITECTURE, re.S)[1]
    assert tomllib.loads(shown)["layers"] == layers


def test_the_tutorial_adds_to_the_first_case_what_it_shows():
    tutorial = (ROOT / "docs/tutorial.md").read_text()
    added = re.search(r"```yaml\n(.*?)```", tutorial, re.S)[1]
    assert (ROOT / "docs/first/mine.yaml").read_text() == template() + added


def test_the_rival_is_the_one_shown():
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/howto.md").read_text(), re.S)[1]
    rival = ROOT / "docs/first/rival.yaml"
    assert rival.read_text() == shown
    assert load(str(rival)).title.endswith("can afford its war")
