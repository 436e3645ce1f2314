"""A case on one page and on one slide: what it says, what it rests on, what turns it, when.

Sources: Office Open XML (ISO/IEC 29500), written with python-docx and python-pptx.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ceasefire.ensemble import CheckResult, ClaimCheck
from ceasefire.errors import CeasefireError, Problem
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.chart_theme import chart_png
from ceasefire.render.charts_argument import argument_map
from ceasefire.render.charts_claims import claim_shares_chart
from ceasefire.render.charts_parties import (
    delay_values_chart,
    seating_chart,
    table_values_chart,
)
from ceasefire.render.charts_timeline import belief_timeline_chart, condition_timeline_chart
from ceasefire.render.check_summary import (
    ArgumentNode,
    argument_nodes,
    claims_to_explain,
    describe_share,
    verdict_mark,
)
from ceasefire.render.formatting import TruthMark
from ceasefire.render.report_caveats import report_warnings
from ceasefire.render.report_data import ReportData
from ceasefire.render.report_day import claims_from_day, day_of, first_paragraphs
from ceasefire.render.tables_check import what_turns_table
from ceasefire.results import format_count

BRIEF_FORMATS = (".docx", ".pptx")
OFFICE_ADVICE = "install them: pip install 'ceasefire[office]'"
MOST_SENTENCES_ON_A_PAGE, MOST_SENTENCES_ON_A_SLIDE = 9, 6
MOST_TURNING_LINES, MOST_CAVEATS = 2, 3
TELLING = ("decided by", "turns if", "takes ")
MARK_COLOURS = {"✓": "1D6B3F", "✗": "A12B20"}
OTHER_COLOUR, SOFT_COLOUR, INK_COLOUR = "7A5200", "54606E", "1D2733"


@dataclass(frozen=True)
class BriefSentence:
    """A sentence of the argument.

    depth  how many conclusions stand above it
    sign   tick, cross or tilde
    share  in how many worlds it is true, in words; empty without worlds
    says   the sentence
    """

    depth: int
    sign: str
    share: str
    says: str


@dataclass(frozen=True)
class Brief:
    """What stands on one page.

    title      the title of the case
    headline   a paragraph for each thesis
    sentences  theses and what they rest on, then the other claims
    turns      what decides and what turns the first thesis and its weakest premise
    caveats    what keeps the numbers from being trusted blindly
    edits      how the case differs from what its author wrote
    basis      from how many worlds, and by what
    timeline   what is likely when, as a picture; None if nothing changes
    """

    title: str
    headline: tuple[str, ...]
    sentences: tuple[BriefSentence, ...]
    turns: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    basis: str = ""
    timeline: bytes | None = field(default=None, repr=False)


def brief_of(report: ReportData) -> Brief:
    """What a report says, on one page.

    report  everything about a case
    """
    checked = report.check_result
    nodes = argument_nodes(checked)
    then = claims_from_day(report)
    sentences = [sentence for node in nodes for sentence in _sentences_of(node, 0, then)]
    argued = {sentence.says for sentence in sentences}
    rest = [_sentence_of(claim, 0, then) for claim in checked.claim_checks]
    sentences += [sentence for sentence in rest if sentence.says not in argued]
    drawn = None
    if report.timeline is not None:
        timeline = condition_timeline_chart(report.case, report.timeline)
        drawn = None if timeline is None else chart_png(timeline)
    marks = [*report.mark_reasons, *report_warnings(report)]
    return Brief(
        report.case.title,
        first_paragraphs(report),
        tuple(sentences),
        tuple(_turning_lines(report, checked)),
        tuple(dict.fromkeys(marks)),
        report.edits,
        _basis_of(report),
        drawn,
    )


def _sentences_of(
    node: ArgumentNode, depth: int, then: Mapping[str, tuple[TruthMark, str]]
) -> Iterator[BriefSentence]:
    yield _sentence_of(node.claim, depth, then)
    for premise in node.premises:
        yield from _sentences_of(premise, depth + 1, then)


def _sentence_of(
    claim: ClaimCheck, depth: int, then: Mapping[str, tuple[TruthMark, str]]
) -> BriefSentence:
    """A claim as it comes out from the day of the report on, else from the start."""
    if claim.id in then:
        mark, share = then[claim.id]
        return BriefSentence(depth, mark.sign, share, claim.sentence)
    return BriefSentence(depth, verdict_mark(claim).sign, describe_share(claim), claim.sentence)


def _turning_lines(report: ReportData, checked: CheckResult) -> Iterator[str]:
    """What decides and turns the claims that the headline is about, where that was found."""
    for claim in claims_to_explain(checked):
        table = what_turns_table(report.case, checked, [claim])
        texts = (getattr(cell, "plain", str(cell)) for cell in table.columns[1].cells)
        said = [text for text in texts if text.startswith(TELLING)]
        if said:
            yield f"“{claim.sentence.rstrip('.')}”: {'; '.join(said)}."


def _basis_of(report: ReportData) -> str:
    from ceasefire import __version__

    stats = report.check_result.run_stats
    worlds = (
        "At the best estimates alone"
        if stats is None
        else f"From {format_count(stats.computed, 'world')}, seed {stats.seed}"
    )
    after = report.update_result
    if day_of(report) and after is not None and after.run_stats is not None:
        counted = format_count(after.run_stats.computed, "world")
        worlds = f"From {counted} weighted by what has happened, seed {after.run_stats.seed}"
    name = Path(report.case.file).name if report.case.file else report.case.title
    return f"{worlds}. {name}, ceasefire {__version__}."


def report_pictures(report: ReportData) -> dict[str, bytes]:
    """Every chart of a report as a PNG picture, by name; those that show nothing are left out.

    report  everything about a case
    """
    case, checked = report.case, report.check_result
    charts: dict[str, Any] = {
        "argument": argument_map(checked),
        "shares": claim_shares_chart(checked),
        "parties": seating_chart(case),
    }
    if report.timeline is not None:
        charts["timeline"] = condition_timeline_chart(case, report.timeline)
        charts["beliefs"] = belief_timeline_chart(case, report.timeline)
    if report.table_values is not None:
        charts["tables"] = table_values_chart(case, report.table_values)
    if report.delay_values is not None:
        charts["waiting"] = delay_values_chart(case, report.delay_values)
    return {name: chart_png(drawn) for name, drawn in charts.items() if drawn is not None}


def check_brief_path(file: str) -> None:
    """Refuse a brief that cannot be written, before anything is computed.

    file  the file to write

    Raises CeasefireError for an ending that is none of `BRIEF_FORMATS`, or without the libraries.
    """
    ending = Path(file).suffix.lower()
    if ending not in BRIEF_FORMATS:
        allowed = " or ".join(BRIEF_FORMATS)
        raise CeasefireError(
            [Problem("cannot be written as this", path="--brief", found=file, allowed=allowed)]
        )
    missing = [name for name in ("docx", "pptx") if find_spec(name) is None]
    if missing:
        message = "a brief needs python-docx and python-pptx, which are not installed"
        raise CeasefireError([Problem(message, path="--brief", help=OFFICE_ADVICE)])


def write_brief(report: ReportData, file: str) -> None:
    """Write a report as one page for Word or one slide for PowerPoint, by the ending of the file.

    report  everything about a case
    file    ends in .docx or .pptx
    """
    check_brief_path(file)
    writer = BRIEF_WRITERS[Path(file).suffix.lower()]
    write_file_atomically(file, writer(brief_of(report)))


def brief_as_docx(brief: Brief) -> bytes:
    """One page for Word.

    brief  what stands on it
    """
    import docx
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm, Pt, RGBColor

    rgb: Any = RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10)
    normal.paragraph_format.space_after = Pt(3)
    document.core_properties.title = _printable(brief.title)[:255]
    document.core_properties.author = "ceasefire"

    def add(text: str, size: float = 10, colour: str = INK_COLOUR, *, bold: bool = False) -> Any:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(_printable(text))
        run.font.size, run.bold = Pt(size), bold
        run.font.color.rgb = rgb.from_string(colour)
        return paragraph

    def head(text: str) -> None:
        title = document.add_heading(_printable(text), level=2)
        title.paragraph_format.space_before = Pt(8)
        title.paragraph_format.space_after = Pt(2)
        for run in title.runs:
            run.font.size, run.font.name = Pt(11), "Calibri"
            run.font.color.rgb = rgb.from_string("0B5A75")

    title = document.add_heading(_printable(brief.title), level=1)
    title.paragraph_format.space_before = Pt(0)
    for run in title.runs:
        run.font.size, run.font.name = Pt(18), "Calibri"
        run.font.color.rgb = rgb.from_string(INK_COLOUR)
    for paragraph in brief.headline:
        first, stop, rest = paragraph.partition(". ")
        line = add(first + stop, 11.5, bold=True)
        line.add_run(_printable(rest)).font.size = Pt(10.5)
    for edit in brief.edits:
        add(f"As changed: {edit}.", 9, SOFT_COLOUR)
    head("The argument" if any(s.depth for s in brief.sentences) else "The claims")
    shown = brief.sentences[:MOST_SENTENCES_ON_A_PAGE]
    for sentence in shown:
        line = document.add_paragraph()
        indent = 0.6 * sentence.depth
        line.paragraph_format.left_indent = Cm(2 + indent)
        line.paragraph_format.first_line_indent = Cm(-2 - indent)
        line.paragraph_format.tab_stops.add_tab_stop(Cm(1.2), WD_TAB_ALIGNMENT.RIGHT)
        line.paragraph_format.tab_stops.add_tab_stop(Cm(1.4))
        line.paragraph_format.tab_stops.add_tab_stop(Cm(2 + indent))
        line.paragraph_format.space_after = Pt(1)
        line.add_run(f"\t{sentence.share}\t").bold = True
        mark = line.add_run(f"{sentence.sign}\t")
        mark.font.color.rgb = rgb.from_string(MARK_COLOURS.get(sentence.sign, OTHER_COLOUR))
        line.add_run(_printable(sentence.says)).bold = not sentence.depth
    if len(brief.sentences) > len(shown):
        add(f"and {len(brief.sentences) - len(shown)} more claims", 9, SOFT_COLOUR)
    if brief.turns:
        head("What decides it, and what turns it")
        for text in brief.turns[:MOST_TURNING_LINES]:
            add(text, 9.5)
    if brief.timeline is not None:
        head("What is likely when")
        width, height = _fitted(brief.timeline, 16.5, 6.8)
        document.add_picture(io.BytesIO(brief.timeline), Cm(width), Cm(height))
    head("What to keep in mind")
    for caveat in brief.caveats[:MOST_CAVEATS] or ("The numbers are not marked.",):
        add(f"{caveat[:1].upper()}{caveat[1:].rstrip('.')}.", 9)
    if len(brief.caveats) > MOST_CAVEATS:
        add(f"and {len(brief.caveats) - MOST_CAVEATS} more: see the report", 9, SOFT_COLOUR)
    add(brief.basis, 8.5, SOFT_COLOUR)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def brief_as_pptx(brief: Brief) -> bytes:
    """One slide for PowerPoint.

    brief  what stands on it
    """
    import pptx
    from pptx.dml.color import RGBColor
    from pptx.util import Cm, Pt

    rgb: Any = RGBColor

    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Cm(33.87), Cm(19.05)
    deck.core_properties.title = _printable(brief.title)[:255]
    deck.core_properties.author = "ceasefire"
    slide = deck.slides.add_slide(deck.slide_layouts[5])  # a title alone
    named = slide.shapes.title
    named.left, named.top, named.width, named.height = Cm(1.2), Cm(0.6), Cm(31.4), Cm(1.6)
    named.text_frame.text = _printable(brief.title)
    named.text_frame.word_wrap = True
    run = named.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold = Pt(28), True
    run.font.color.rgb = rgb.from_string(INK_COLOUR)
    named.text_frame.paragraphs[0].alignment = 1

    def box(left: float, top: float, width: float, height: float) -> Any:
        frame = slide.shapes.add_textbox(Cm(left), Cm(top), Cm(width), Cm(height)).text_frame
        frame.word_wrap = True
        return frame

    def write(frame: Any, parts: list[tuple[str, str, bool]], size: float) -> Any:
        fresh = frame.paragraphs[0].text == "" and not frame.paragraphs[0].runs
        line = frame.paragraphs[0] if fresh else frame.add_paragraph()
        line.space_after = Pt(4)
        for text, colour, bold in parts:
            run = line.add_run()
            run.text = _printable(text)
            run.font.size, run.font.bold = Pt(size), bold
            run.font.color.rgb = rgb.from_string(colour)
        return line._p

    top = box(1.2, 2.3, 31.4, 2.8)
    for paragraph in brief.headline[:2]:
        first, stop, rest = paragraph.partition(". ")
        write(top, [(first + stop, INK_COLOUR, True), (rest, INK_COLOUR, False)], 15)
    width = 17.0 if brief.timeline is not None else 31.4
    tree = box(1.2, 6.6, width, 9.0)
    for sentence in brief.sentences[:MOST_SENTENCES_ON_A_SLIDE]:
        colour = MARK_COLOURS.get(sentence.sign, OTHER_COLOUR)
        lead = f"{sentence.sign} {sentence.share}\t"
        says = (sentence.says, INK_COLOUR, not sentence.depth)
        line = write(tree, [(lead, colour, True), says], 14)
        hanging = line.get_or_add_pPr()
        hanging.set("marL", str(Cm(2.2 + 0.9 * sentence.depth)))
        hanging.set("indent", str(-Cm(2.2)))
    left_out = len(brief.sentences) - MOST_SENTENCES_ON_A_SLIDE
    if left_out > 0:
        write(tree, [(f"and {format_count(left_out, 'more claim')}", SOFT_COLOUR, False)], 11)
    if brief.turns:
        write(tree, [("What turns it", "0B5A75", True)], 13)
        write(tree, [(brief.turns[0], INK_COLOUR, False)], 12)
    if brief.timeline is not None:
        wide, high = _fitted(brief.timeline, 14.2, 10.0)
        picture = slide.shapes.add_picture(
            io.BytesIO(brief.timeline), Cm(18.6), Cm(6.6), Cm(wide), Cm(high)
        )
        picture.name = "What is likely when"
    foot = box(1.2, 17.2, 31.4, 1.4)
    marked = "; ".join(caveat.rstrip(".") for caveat in brief.caveats[:2])
    write(foot, [(f"Marked: {marked}. " if marked else "", OTHER_COLOUR, False)], 10)
    write(foot, [(brief.basis, SOFT_COLOUR, False)], 10)
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


BRIEF_WRITERS: Mapping[str, Callable[[Brief], bytes]] = {
    ".docx": brief_as_docx,
    ".pptx": brief_as_pptx,
}


def _fitted(picture: bytes, width: float, height: float) -> tuple[float, float]:
    """The largest size of a PNG picture inside a frame, in the frame's unit."""
    wide, high = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
    scale = min(width / wide, height / high)
    return wide * scale, high * scale


def _printable(text: str) -> str:
    """A text without characters that no XML may hold."""
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
