"""The page to send: nothing fetched, nothing injected, every number leads to its assumption."""

import base64
import itertools
import json
import re
import shutil
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import html

from ceasefire.case import Unknown, load, loads
from ceasefire.cli.main import app
from ceasefire.errors import CeasefireError
from ceasefire.query import read_claims
from ceasefire.render import report
from ceasefire.render.report import link_unknowns, render_report
from ceasefire.render.report_data import (
    compute_report_data,
    decisions_to_explain,
    standalone_case_text,
)
from ceasefire.settings import SolveSettings

FILE = str(Path(__file__).parent / "support" / "report_case.yaml")
CASE = load(FILE)


@cache
def text() -> str:
    return render_report(compute_report_data(CASE, 16, settings=SolveSettings(9), workers=1))


@cache
def page():
    return html.document_fromstring(text())


def test_levers_are_listed_and_with_a_goal_compared():
    settings = SolveSettings(9)
    told = page().xpath("//section[@aria-labelledby='levers']")[0].text_content()
    assert "<b>They</b> meet every month." in told
    assert "closed={talks: 3}" in told
    assert "They were not compared" in told
    assert "Doing nothing" not in told
    report = compute_report_data(CASE, 4, goal="quiet", flips=False, settings=settings, workers=1)
    assert report.choice is not None
    compared = html.document_fromstring(render_report(report))
    (section,) = compared.xpath("//section[@aria-labelledby='levers']")
    assert "Doing nothing" in section.text_content()
    assert len(section.xpath(".//figure")) == 1
    rows = section.xpath(".//table")[0].xpath(".//tbody/tr/th")
    assert {row.text for row in rows} == {"Meet", "Stay away", "Doing nothing"}
    assert (
        "--goal quiet"
        in compared.xpath("//section[@aria-labelledby='provenance']")[0].text_content()
    )


def test_a_report_is_written_without_what_could_not_be_computed():
    whole = compute_report_data(CASE, 4, flips=False, settings=SolveSettings(9), workers=1)
    parts = ("timeline", "table_values", "delay_values")
    for names in (*((part,) for part in parts), parts):
        left = replace(whole, **dict.fromkeys(names))
        found = html.document_fromstring(render_report(left))
        assert found.xpath("//h2[@id='course']")


def test_options_and_experts_are_told_with_what_they_turn():
    text = (
        "ceasefire: 1\nhorizon: 6\nparties: {north: {}, south: {}}\n"
        "experts: {a: {name: Desk <A>}, b: {name: Desk B}}\n"
        "unknowns: {luck: {label: luck at sea, is: range, "
        "experts: {a: [0.01, 0.02, 0.03], b: [0.6, 0.7, 0.9]}}}\n"
        "state: {war: {start: true}}\n"
        "chance: {end: {when: war, outcomes: [{chance: luck, set: {war: false}}]}}\n"
        "claims:\n  quiet: {test: P(eventually(not war)) > 0.5}\n"
        "  sure: {test: P(at_end(war)) < 1.1}\n"
        "alternatives:\n  luck:\n    label: Whether luck <counts>\n    weights: {never: 0}\n"
        "    options: {counts: {}, never: {chance: {end: {when: not war}}}}\n"
    )
    report = compute_report_data(loads(text), 32, flips=False, workers=1)
    found = html.document_fromstring(render_report(report))
    (written,) = found.xpath("//section[@aria-labelledby='written']")
    said = " ".join(written.text_content().split())
    assert "Whether luck <counts>" in said
    assert "luck: nevermakes quiet false" in said
    assert "1 claimcomes out the same in both codings" in said
    (claim,) = found.xpath("//article[@id='claim-quiet']")
    told = [" ".join(one.text_content().split()) for one in claim.xpath(".//dl/dd")]
    assert "luck is written as never" in told
    assert "only Desk <A> is believed" in told
    (experts,) = found.xpath("//section[@aria-labelledby='experts']")
    said = " ".join(experts.text_content().split())
    assert "Desk <A> and Desk B disagree about this claim" in said
    assert "(0 % and 100 %)" in said
    plain = page().xpath("//section[@aria-labelledby='written' or @aria-labelledby='experts']")
    assert plain == []


def test_nothing_is_fetched():
    outside = []
    for name in ("src", "href", "data", "poster", "action", "{http://www.w3.org/1999/xlink}href"):
        for element in page().xpath("//*[@*]"):
            target = element.get(name)
            if target is not None and not target.startswith(("#", "data:application/yaml")):
                outside.append((element.tag, target))
    assert set(outside) == {("a", "https://example.org/paper")}
    assert not page().xpath("//link | //img | //iframe | //object | //embed | //base | //form")
    assert not re.search(r"@import|url\((?!#)", page().findtext(".//style") + text())
    assert "default-src 'none'" in page().xpath("//meta[@http-equiv]/@content")[0]


def test_case_text_is_escaped():
    assert [s.get("src") for s in page().iter("script")] == [None]
    assert "alert(" not in page().xpath("//script")[0].text
    handlers = [name for e in page().iter() for name in e.attrib if name.lower().startswith("on")]
    assert handlers == []
    shown = page().text_content()
    for word in ("title", "about", "unknown", "says", "url"):
        assert f"alert('{word}')" in shown
    assert not page().xpath("//a[starts-with(@href, 'javascript')]")
    assert page().findtext(".//title").startswith("<script>")


def test_the_policy_allows_the_script_that_is_there():
    import hashlib

    policy = page().xpath("//meta[@http-equiv]/@content")[0]
    script = page().xpath("//script")[0].text
    found = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{found}'" in policy


def test_every_link_within_the_page_has_its_target_and_no_name_is_used_twice():
    names = page().xpath("//@id")
    assert len(names) == len(set(names))
    targets = {link[1:] for link in page().xpath("//@href") if link.startswith("#")}
    assert targets <= set(names)
    used = set(re.findall(r"url\(#([^)]+)\)", text()))
    assert used <= set(names)


def test_every_claim_unknown_and_source_is_there_and_linked():
    assert all((CASE.claims, CASE.unknowns, CASE.sources))
    for claim in CASE.claims:
        (article,) = page().xpath(f"//article[@id='claim-{claim}']")
        assert CASE.claims[claim].test in article.text_content()
    for unknown in CASE.unknowns:
        (article,) = page().xpath(f"//article[@id='unknown-{unknown}']")
        assert CASE.unknowns[unknown].unit in article.text_content()
        assert page().xpath(f"//pre//a[@href='#unknown-{unknown}']")
    for source in CASE.sources:
        (article,) = page().xpath(f"//article[@id='source-{source}']")
        assert article.xpath(".//a[starts-with(@href, '#unknown-')]")
    (odds,) = page().xpath("//article[@id='unknown-odds']")
    assert odds.xpath(".//a[@href='#source-paper']")
    assert "tables.talks" in odds.text_content()
    assert "payoffs" not in odds.text_content()


def test_headings_are_in_order_and_tables_have_headers():
    levels = [int(e.tag[1]) for e in page().iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    tables, drawings = list(page().iter("table")), page().xpath("//figure/*")
    assert tables
    assert drawings
    assert all(table.xpath(".//th[@scope]") for table in tables)
    assert all(svg.get("aria-label") for svg in drawings)
    assert page().get("lang") == "en"


def test_the_page_holds_a_case_that_can_be_run_again():
    (link,) = page().xpath("//a[@download]")
    kept = base64.b64decode(link.get("href").split(",")[1]).decode()
    assert loads(kept) == CASE
    assert kept == Path(FILE).read_text()
    assert page().xpath("//pre")[0].text_content() == kept


def test_a_case_that_does_not_stand_alone_is_written_out(tmp_path):
    (tmp_path / "rival.yaml").write_text(f"extends: {FILE}\ntitle: Rival\n")
    rival = load(str(tmp_path / "rival.yaml"))
    assert "extends" not in standalone_case_text(rival)
    assert loads(standalone_case_text(rival)) == rival


def test_parties_are_explained_where_claims_ask_what_they_do():
    questions = read_claims(CASE).values()
    assert decisions_to_explain(CASE, questions) == [
        ("north", {}),
        ("south", {}),
        ("south", {"war": False}),
    ]


def test_details_are_open_without_scripts():
    folds = list(page().iter("details"))
    assert folds
    assert all(one.get("open") is not None for one in folds)


def test_names_are_linked_as_whole_words():
    assert (
        str(link_unknowns("odds + odds2", {"odds": Unknown(best=1.0)}))
        == '<a href="#unknown-odds">odds</a> + odds2'
    )


def test_the_command_writes_the_page(tmp_path, capsys):
    out = tmp_path / "page.html"
    case = tmp_path / "case.yaml"
    case.write_text(
        "{ceasefire: 1, horizon: 2, parties: {a: {}}, unknowns: {p: {range: [0.1, 0.3]}},"
        " state: {war: {start: true}},"
        " chance: {end: {when: war, outcomes: [{chance: p, set: {war: false}}]}},"
        " claims: {quiet: {test: 'P(at_end(not war)) > 0.4'}}}"
    )
    asked = ["report", str(case), "-o", str(out), "--worlds", "4", "--no-flips", "--json"]
    assert app(asked, standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out)["report"] == str(out)
    assert "claim-quiet" in out.read_text()
    again = ["check", str(case), "--report", str(out), "--worlds", "4", "--no-flips"]
    out.unlink()
    assert app(again, standalone_mode=False) == 0
    assert "4 worlds from seed 0" in out.read_text()


@pytest.mark.parametrize(
    ("today", "says"),
    [
        ("1", "1 of 2 months has gone by, with 1 event recorded."),
        ("0", "the 1 event of the case has not happened yet"),
    ],
)
def test_the_day_from_which_a_report_asks_is_an_option(tmp_path, today, says):
    out, case = tmp_path / "page.html", tmp_path / "case.yaml"
    case.write_text(
        "{ceasefire: 1, horizon: 2, parties: {a: {}}, state: {war: {start: true}},"
        " chance: {end: {when: war, outcomes: [{chance: 0.3, set: {war: false}}]}},"
        " claims: {quiet: {test: 'P(at_end(not war)) > 0.4'}},"
        " events: [{period: 0, observed: {war: true}}]}"
    )
    asked = ["report", str(case), "-o", str(out), "--worlds", "2", "--no-flips", "--today", today]
    assert app(asked, standalone_mode=False) == 0
    assert says in out.read_text()


def test_a_day_that_a_case_does_not_reach_is_refused_before_solving(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "ceasefire.render.report_data.check", lambda *_, **__: pytest.fail("solved")
    )
    page = tmp_path / "page.html"
    assert app(["report", FILE, "-o", str(page), "--today", "99"], standalone_mode=False) == 2
    assert "is no day after the start that the case reaches" in capsys.readouterr().err
    assert not page.exists()


@pytest.mark.parametrize("name", ["page.pdf", "missing/page.html"])
def test_unwritable_report_path_is_refused_before_solving(tmp_path, name, capsys):
    assert app(["report", FILE, "-o", str(tmp_path / name)], standalone_mode=False) == 2
    assert "1 problem" in capsys.readouterr().err


def test_missing_chart_renderer_says_how_to_install_it_before_solving(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = tmp_path / "page.html"
    assert app(["report", FILE, "-o", str(page)], standalone_mode=False) == 2
    assert "pip install 'ceasefire[report]'" in " ".join(capsys.readouterr().err.split())
    assert not page.exists()


def test_a_browser_that_prints_nothing_leaves_an_older_file_and_says_so(tmp_path, monkeypatch):
    silent = shutil.which("false")
    monkeypatch.setattr(report.shutil, "which", lambda name: silent)
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text("<p>new", encoding="utf-8")
    pdf.write_text("old", encoding="utf-8")
    with pytest.raises(CeasefireError, match="did not print"):
        report.print_pdf(page, pdf)
    assert pdf.read_text(encoding="utf-8") == "old"


def test_without_a_browser_pdf_is_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr(report.shutil, "which", lambda name: None)
    with pytest.raises(CeasefireError, match="install Chromium"):
        report.find_browser()


def test_a_label_stands_for_an_unknown_where_people_read_and_leads_to_it():
    named = {"odds": Unknown(best=1.0, label="Luck (of a day)"), "x": Unknown(best=0.0)}
    assert str(link_unknowns("decided by Luck (of a day), x", named)) == (
        'decided by <a href="#unknown-odds">Luck (of a day)</a>, <a href="#unknown-x">x</a>'
    )
