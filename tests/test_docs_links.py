"""Every link of the pages leads somewhere, and the tutorial's case is what its reader has made."""

import re
from pathlib import Path

import pytest

from ceasefire.case import load, template

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
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


def test_the_tutorial_adds_to_the_first_case_what_it_shows():
    tutorial = (ROOT / "docs/tutorial.md").read_text()
    added = re.search(r"```yaml\n(.*?)```", tutorial, re.S)[1]
    assert (ROOT / "docs/first/mine.yaml").read_text() == template() + added


def test_the_rival_is_the_one_shown():
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/howto.md").read_text(), re.S)[1]
    rival = ROOT / "docs/first/rival.yaml"
    assert rival.read_text() == shown
    assert load(str(rival)).title.endswith("can afford its war")
