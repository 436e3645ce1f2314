"""What a case says reaches a page as text, never as markup."""

import ast
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ceasefire import web
from ceasefire.case import load
from ceasefire.errors import Problem
from ceasefire.web import html_fragments
from ceasefire.web.panel_compare import case_differences_html
from support.case_server import CASES

HOSTILE = "<img src=x onerror='a()'>\"&<script>"


class Reader(HTMLParser):
    """The tags and the text of a fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [value or "" for _, value in attrs]

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    "fragment",
    [
        html_fragments.problem_list_html(
            [Problem(HOSTILE, HOSTILE, 3, path=HOSTILE, found="<b>", allowed="<i>", help="<u>")]
        ),
        html_fragments.table_html([HOSTILE, "b"], [[HOSTILE, "<b>"]], HOSTILE),
        html_fragments.claim_source_html(load(CASES / "hostile.yaml"), "quiet"),
        case_differences_html(
            [load(CASES / "hostile.yaml"), load(CASES / "truce.yaml")], [HOSTILE, "<b>"]
        ),
        html_fragments.render_fragment("paragraphs", [HOSTILE], HOSTILE),
        html_fragments.render_fragment("claim_name", [HOSTILE], True),
        html_fragments.render_fragment("truth_mark", HOSTILE, HOSTILE, HOSTILE),
        html_fragments.render_fragment("headline", [HOSTILE, "b"]),
        html_fragments.render_fragment("sentence_notes", HOSTILE, HOSTILE, (HOSTILE,), HOSTILE),
    ],
)
def test_markup_of_a_case_stays_text(fragment):
    read = Reader(fragment)
    assert not {"img", "script", "b", "i", "u"} & set(read.tags)
    assert "<" in read.text


def test_attributes_hold_hostile_text_whole():
    for fragment in (
        html_fragments.table_html(["a"], [], HOSTILE),
        html_fragments.claim_picture_html([(HOSTILE, True)]),
        html_fragments.type_bars_html("North", [(HOSTILE, [("calm", 0.5)])]),
    ):
        assert any(HOSTILE in text for text in Reader(fragment).attributes)


def test_no_module_of_the_pages_writes_html_by_hand():
    for file in Path(web.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
                assert not any("</" in text for text in texts), f"{file.name}:{node.lineno}"
