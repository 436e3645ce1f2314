"""A case on one page and one slide: what stands there is what the report says."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pptx
import pytest

from ceasefire.case import load
from ceasefire.cli.main import app
from ceasefire.errors import CeasefireError
from ceasefire.render import brief as briefs
from ceasefire.render.brief import (
    BriefSentence,
    brief_as_docx,
    brief_as_pptx,
    brief_of,
    check_brief_path,
    report_pictures,
)
from ceasefire.render.report_data import compute_report_data
from ceasefire.settings import SolveSettings

CASE = str(Path(__file__).parent / "support" / "report_case.yaml")
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def report():
    """A case whose texts are all hostile, over a few worlds."""
    return compute_report_data(load(CASE), 4, flips=False, settings=SolveSettings(9), workers=1)


def text_of_page(content):
    return "\n".join(p.text for p in docx.Document(io.BytesIO(content)).paragraphs)


def text_of_slide(content):
    (slide,) = pptx.Presentation(io.BytesIO(content)).slides
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_headline_sentences_shares_and_basis_stand_on_page_and_slide(report):
    brief = brief_of(report)
    assert brief.headline == tuple(report.check_result.headline_paragraphs)
    assert {s.says for s in brief.sentences} == {
        c.sentence for c in report.check_result.claim_checks
    }
    for said in (text_of_page(brief_as_docx(brief)), text_of_slide(brief_as_pptx(brief))):
        assert brief.title in said
        assert brief.headline[0].split(". ")[0] in said
        for sentence in brief.sentences:
            assert sentence.says in said
            assert sentence.share in said
        assert "From 4 worlds, seed 0" in said


def test_premises_stand_below_their_conclusion():
    path = Path(__file__).parents[1] / "cases" / "models" / "zartman-1985.yaml"
    case = load(str(path))
    claims = dict(case.claims)
    first, second, *_ = claims
    argued = replace(claims[first], because=(second,))
    case = replace(case, claims=type(case.claims)(claims | {first: argued}))
    brief = brief_of(compute_report_data(case, 0, flips=False, workers=1))
    depths = {sentence.says: sentence.depth for sentence in brief.sentences}
    assert depths[claims[first].says] == 0
    assert depths[claims[second].says] == 1
    assert "best estimates" in brief.basis


def test_charts_are_pictures(report):
    found = report_pictures(report)
    assert {"shares", "parties", "timeline"} <= set(found)
    assert all(picture.startswith(PNG) for picture in found.values())
    page = zipfile.ZipFile(io.BytesIO(brief_as_docx(brief_of(report))))
    assert any(name.startswith("word/media/") for name in page.namelist())


def test_marks_and_changes_are_not_left_out(report):
    brief = replace(brief_of(report), caveats=("in doubt",), edits=("odds is held at 0.2",))
    for said in (text_of_page(brief_as_docx(brief)), text_of_slide(brief_as_pptx(brief))):
        assert "n doubt" in said
    assert "As changed: odds is held at 0.2." in text_of_page(brief_as_docx(brief))


def test_marks_of_a_report_are_those_of_its_brief(report):
    marked = replace(report, failures=("The events: no answer",))
    assert "The events: no answer" in brief_of(marked).caveats


def test_a_long_argument_says_how_much_is_left_out(report):
    many = tuple(BriefSentence(0, "✓", "9 %", f"Sentence {n}.") for n in range(30))
    brief = replace(brief_of(report), sentences=many)
    assert "and 21 more claims" in text_of_page(brief_as_docx(brief))
    assert "and 24 more claims" in text_of_slide(brief_as_pptx(brief))


def test_characters_that_no_document_can_hold_are_left_out(report):
    brief = replace(brief_of(report), title="A\x00war\x1b[31m & <peace>")
    assert "A war [31m & <peace>" in text_of_page(brief_as_docx(brief))
    assert "A war [31m & <peace>" in text_of_slide(brief_as_pptx(brief))


def test_another_format_and_missing_libraries_are_said_before_anything_is_computed(monkeypatch):
    with pytest.raises(CeasefireError, match=r"\.docx or \.pptx"):
        check_brief_path("brief.odt")
    monkeypatch.setattr(briefs, "find_spec", lambda name: None)
    with pytest.raises(CeasefireError, match=r"pip install 'ceasefire\[office\]'"):
        check_brief_path("brief.docx")


def test_report_command_writes_what_is_asked_for(tmp_path, capsys):
    page, slide, folder = (str(tmp_path / name) for name in ("b.docx", "b.pptx", "charts"))
    asked = ["report", CASE, "--brief", page, "--brief", slide, "--pictures", folder]
    assert app([*asked, "--worlds", "0", "--no-flips", "--json"], standalone_mode=False) in (0, 1)
    document = json.loads(capsys.readouterr().out)
    assert document["report"] is None
    assert {page, slide} <= set(document["files"])
    assert all(Path(file).stat().st_size > 1000 for file in document["files"])
    assert (tmp_path / "charts" / "timeline.png").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "--brief report.docx"),
        (["--brief", "x.odt"], ".docx or .pptx"),
        (["--brief", "no-such-folder/x.docx"], "the folder does not exist"),
    ],
)
def test_report_command_without_a_file_that_can_be_written_is_refused(asked, said, capsys):
    assert app(["report", CASE, *asked], standalone_mode=False) == 2
    assert said in capsys.readouterr().err
