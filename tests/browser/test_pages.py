"""What a person does on the pages, in a real browser, at the width of a desk and of a phone."""

import base64
import csv
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ceasefire.case import load, loads
from support.case_server import CASES
from support.page_checks import AT_ONE_WIDTH, check_usable


def summary(page: Page, words: str):
    """The line that says how the claims came out."""
    return page.get_by_role("status").filter(has_text=re.compile(words))


def opened(page: Page, name: str = "truce.yaml") -> Page:
    """A case with its claims answered."""
    page.goto(f"/case/{name}")
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    return page


def levers(page: Page) -> None:
    """Show the sliders where they are folded away."""
    toggle = page.get_by_role("button", name="Unknowns and tables")
    if toggle.is_visible():
        toggle.click()
        expect(toggle).to_have_attribute("aria-expanded", "true")


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def shut(page: Page) -> None:
    """Fold the sliders away again where they cover what is tested."""
    toggle = page.get_by_role("button", name="Unknowns and tables")
    if toggle.is_visible():
        toggle.click()


def claim(page: Page, name: str):
    return page.locator(f"[data-claim={name}]")


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list, and wait until the list is gone."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_choosing_a_case_opens_its_page_with_answers(page):
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cases")
    check_usable(page)
    page.get_by_role("link", name="A truce that may hold").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A truce that may hold")
    expect(claim(page, "quiet").get_by_label(re.compile("^true "))).not_to_have_count(0)
    expect(claim(page, "word_holds")).to_be_visible()


def test_an_unknown_case_address_says_so(page):
    page.goto("/case/elsewhere.yaml")
    expect(page.get_by_text("there is no such case")).to_be_visible()
    check_usable(page)


def test_shares_are_computed_in_the_background(page):
    opened(page)
    expect(page.get_by_text("Shares are over 1 world.")).to_be_visible()
    choose(page, "Worlds", "16 worlds")
    page.get_by_role("button", name="Compute the shares").click()
    expect(page.get_by_text("Shares are over 16 worlds.")).to_be_visible()
    strip = claim(page, "quiet").get_by_role("img", name=re.compile(r"^true in \d+ % of worlds$"))
    expect(strip).to_be_visible()
    claim(page, "speech_reveals").get_by_text("Test and source").click()
    expect(
        claim(page, "speech_reveals").get_by_text("depends on how precisely parties act")
    ).to_be_visible()
    page.get_by_text("The shares as a chart").click()
    expect(figures(page)).to_have_attribute(
        "aria-label", re.compile("^The share of worlds in which")
    )
    check_usable(page)


@AT_ONE_WIDTH
def test_a_run_over_worlds_is_stopped_and_keeps_what_is_done(page):
    opened(page)
    choose(page, "Worlds", "1,024 worlds")
    page.get_by_role("button", name="Compute the shares").click()
    expect(
        page.get_by_text(re.compile(r"Worlds: ([6-9]|\d\d+) of 1024; \d+ of 15\d\d readings"))
    ).to_be_visible()
    page.get_by_role("button", name="Stop and keep what is done").click()
    expect(page.get_by_text(re.compile(r"ended early: \d+ of 1,024 worlds done"))).to_be_visible()


def test_a_slider_moves_the_verdicts(page):
    opened(page)
    levers(page)
    before = claim(page, "speech_reveals").locator("code.numbers").text_content()
    slider = page.get_by_role("slider", name="calm prior")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowLeft")
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    expect(claim(page, "speech_reveals").locator("code.numbers")).not_to_have_text(before)
    expect(slider).to_have_attribute("aria-valuetext", "0.470 probability")
    check_usable(page)
    page.get_by_role("button", name="As written", exact=True).click()
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    expect(claim(page, "speech_reveals").locator("code.numbers")).to_have_text(before)
    assert slider.input_value() == "0.5"


def test_a_table_is_switched_off(page):
    opened(page)
    levers(page)
    page.get_by_role("switch", name="talks: South, North").click()
    expect(claim(page, "talks_matter").get_by_text("turned: was true")).to_be_visible()
    page.get_by_role("switch", name="talks: South, North").click()
    expect(claim(page, "talks_matter").get_by_text("turned: was true")).to_be_hidden()


def figures(page: Page):
    return page.locator("figure.chart:visible svg[role=img]")


def draw(page: Page) -> None:
    """Draw the chart that is chosen, which on a slow machine is not done unasked."""
    button = page.get_by_role("button", name="Draw", exact=True, include_hidden=True)
    button.dispatch_event("click")


def in_numbers(page: Page) -> str:
    """The table below a chart, open or folded: a chart that is drawn anew folds it again."""
    expect(page.get_by_text("The same in numbers", exact=True)).to_have_count(1)
    text = page.locator("details:has-text('The same in numbers') table").text_content()
    assert text
    return text


def test_charts_follow_what_is_moved(page):
    opened(page)
    tab(page, "Charts")
    expect(figures(page)).to_have_attribute("aria-label", re.compile("talks: south, north"))
    check_usable(page)
    choose(page, "Chart", "What is likely when, and what is believed")
    draw(page)
    expect(page.get_by_text(re.compile("believed: drawn below"))).to_be_visible()
    expect(figures(page)).to_have_count(2)
    before = in_numbers(page)
    levers(page)
    slider = page.get_by_role("slider", name="odds")
    slider.focus()
    slider.press("End")
    expect(page.get_by_text("What is drawn below is from before")).to_be_visible()
    draw(page)
    expect(page.locator(".stale")).to_have_count(0)
    shut(page)
    expect(figures(page)).to_have_count(2)
    assert in_numbers(page) != before
    check_usable(page)
    for chart in ("What each table is worth", "Who gains from waiting"):
        choose(page, "Chart", chart)
        draw(page)
        expect(page.get_by_text(f"{chart}: drawn below.")).to_be_visible()
        assert "South" in in_numbers(page)


def test_the_turning_points_chart_is_drawn(page):
    opened(page)
    tab(page, "Charts")
    choose(page, "Chart", "What turns a claim")
    choose(page, "Claim", "A speech shows a rash North")
    draw(page)
    said = re.compile("^What turns “A speech shows a rash North”")
    expect(figures(page)).to_have_attribute("aria-label", said)
    assert "turns at" in in_numbers(page)
    check_usable(page)


def test_a_chart_of_many_worlds_shows_how_far_it_is_and_is_cancelled(page):
    opened(page, "long.yaml")
    tab(page, "Charts")
    choose(page, "Chart", "Who gains from waiting")
    draw(page)
    expect(page.get_by_text("Who gains from waiting: drawn below.")).to_be_visible()
    choose(page, "Band from", "64 worlds")
    draw(page)
    expect(page.get_by_text(re.compile(r"^Drawing: \d+ of \d+ readings"))).to_be_visible()
    check_usable(page)
    page.get_by_role("button", name="Cancel").locator("visible=true").click()
    expect(page.get_by_text(re.compile(r"^Drawing:"))).to_be_hidden()
    expect(page.locator(".stale figure.chart")).to_be_visible()


def test_a_party_at_a_state_is_explained(page):
    opened(page)
    tab(page, "Why")
    choose(page, "war", "no")
    page.get_by_role("button", name="North", exact=True).click()
    expect(page.get_by_text("North is explained below.")).to_be_visible()
    expect(page.get_by_text("where war=false, guards=0, no_attack=false")).to_be_visible()
    expect(page.get_by_role("rowheader", name="north.attack").first).to_be_visible()
    check_usable(page)


def test_levers_are_compared_by_a_goal(page):
    opened(page)
    tab(page, "Levers")
    choose(page, "Over", "best estimates")
    page.get_by_role("button", name="Compare the levers").click()
    expect(page.get_by_role("rowheader", name="Doing nothing")).to_be_visible()
    expect(page.get_by_text("shut (South): Nobody talks for a month.")).to_be_visible()
    check_usable(page)
    page.get_by_label("or a test or number of your own").fill("P(always(")
    page.get_by_role("button", name="Compare the levers").click()
    expect(page.locator(".problem")).to_contain_text("bracket is not closed")


def test_an_event_moves_beliefs(page):
    opened(page)
    tab(page, "Events")
    choose(page, "What", "a deal was refused")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("1 event taken into account.")).to_be_visible()
    row = page.get_by_role("row", name="South believes North calm")
    before, now = (float(row.get_by_role("cell").nth(n).inner_text()) for n in (0, 1))
    assert now < before - 0.05
    check_usable(page)
    tab(page, "Argument")
    expect(page.get_by_role("slider", name="Today")).to_have_js_property("value", "1")
    tab(page, "Events")
    page.get_by_role("button", name="Take back").click()
    expect(row).to_be_hidden()


def test_shares_before_and_after_the_events_are_drawn(page):
    opened(page, "told.yaml")
    tab(page, "Events")
    page.get_by_role("button", name="Weigh the worlds by what they expected").click()
    expect(figures(page)).to_have_attribute("aria-label", re.compile("before and after"))
    check_usable(page)


def test_events_that_contradict_each_other_are_refused_with_the_reason(page):
    opened(page)
    tab(page, "Events")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("1 event taken into account.")).to_be_visible()
    choose(page, "What", "a deal was refused")
    page.get_by_role("button", name="Log it").click()
    expect(page.locator(".problem:visible").first).to_contain_text("talks")
    check_usable(page)


def test_the_text_is_edited_with_problems_at_their_lines(page):
    opened(page)
    tab(page, "Text")
    editor = page.get_by_role("textbox", name="Text of the case")
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("horizn: 4\n")
    problems = page.get_by_role("list", name="Problems")
    expect(problems).to_contain_text("truce.yaml:1")
    expect(problems).to_contain_text("horizn")
    expect(page.get_by_role("button", name="Use this text")).to_be_disabled()
    expect(page.locator(".cm-fault").first).to_contain_text("horizn")
    problems.get_by_role("button", name="Go to line 1").first.click()
    check_usable(page)
    editor.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    expect(page.get_by_text("No problem", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Use this text")).to_be_enabled()


@AT_ONE_WIDTH
def test_an_uploaded_case_replaces_the_one_shown(page, tmp_path):
    opened(page)
    tab(page, "Text")
    text = (CASES / "truce.yaml").read_text()
    text = "# Brought in\n" + text.replace("P(at_end(peace)) > 0.5", "P(at_end(war)) > 0.5")
    page.get_by_label("Bring in a file").set_input_files(
        {"name": "mine.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
    )
    expect(page.locator(".cm-content")).to_contain_text("# Brought in")
    expect(page.get_by_text("No problem", exact=True)).to_be_visible()
    page.get_by_role("button", name="Use this text").click()
    tab(page, "Argument")
    expect(summary(page, r"^At the best estimates 1 of 4 claims is true")).to_be_visible()


@AT_ONE_WIDTH
def test_a_file_that_is_too_large_is_refused(page):
    opened(page)
    tab(page, "Text")
    page.get_by_label("Bring in a file").set_input_files(
        {"name": "mine.yaml", "mimeType": "application/yaml", "buffer": b"#" * 600_000}
    )
    expect(page.get_by_text("is too large for a page")).to_be_visible()


def test_downloads_hold_the_case_the_changes_and_the_claims(page):
    opened(page)
    levers(page)
    slider = page.get_by_role("slider", name="odds")
    slider.focus()
    slider.press("ArrowRight")
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    tab(page, "Save")
    check_usable(page)
    assert saved(page, "The text (YAML)") == (CASES / "truce.yaml").read_text()
    small = saved(page, "What you changed (YAML)")
    rows = list(csv.DictReader(saved(page, "Claims (CSV)").splitlines()))
    assert {row["claim"] for row in rows} == set(load(CASES / "truce.yaml").claims)
    assert json.loads(rows[0]["held"]) == {"odds": pytest.approx(0.1025)}
    assert small.splitlines()[0] == "extends: truce.yaml"
    assert "best: 0.1025" in small


def test_the_report_is_of_the_case_as_it_was_changed(page):
    opened(page)
    levers(page)
    page.get_by_role("switch", name="talks: South, North").click()
    slider = page.get_by_role("slider", name="odds")
    slider.focus()
    slider.press("ArrowRight")
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    tab(page, "Save")
    choose(page, "From", "best estimates alone")
    page.get_by_role("button", name="Write the report").click()
    expect(page.get_by_text(re.compile("^The report is written"))).to_be_visible()
    check_usable(page)
    for name, ending in (("One page (Word)", "docx"), ("One slide (PowerPoint)", "pptx"),
                         ("Charts (PNG)", "zip")):  # fmt: skip
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
        assert zipfile.is_zipfile(download.value.path())
    text = saved(page, "Download the report (HTML)")
    assert "odds is held at 0.102 (best as written: 0.100); the table talks does not exist" in text
    assert "<svg" in text
    assert str(CASES) not in text
    (case,) = re.findall(r"data:application/yaml;base64,([^\"]+)", text)
    assert loads(base64.b64decode(case).decode()).unknowns["odds"].best == 0.1025
    slider.press("ArrowLeft")
    expect(page.get_by_text("The report is of the case before your last change.")).to_be_visible()


@AT_ONE_WIDTH
def test_a_report_shows_how_far_it_is_and_is_cancelled(page):
    opened(page, "long.yaml")
    tab(page, "Save")
    choose(page, "From", "64 worlds")
    page.get_by_role("button", name="Write the report").click()
    expect(page.get_by_text(re.compile(r"^The report, claims.*: \d+ of \d+"))).to_be_visible()
    page.get_by_role("button", name="Cancel").locator("visible=true").click()
    expect(page.get_by_text(re.compile(r"^The report, "))).to_be_hidden()
    expect(page.get_by_role("button", name="Download the report (HTML)")).to_be_hidden()


def saved(page: Page, name: str) -> str:
    """The text of what a button downloads."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


@AT_ONE_WIDTH
def test_markup_in_a_case_is_shown_as_text(page):
    page.goto("/")
    expect(page.get_by_role("link", name="<img src=x")).to_be_visible()
    opened(page, "hostile.yaml")
    levers(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x onerror")
    expect(page.get_by_text("<script>document.title")).to_be_visible()
    claim(page, "quiet").get_by_text("Test and source").click()
    expect(claim(page, "quiet").get_by_text("<u>page</u>")).to_be_visible()
    tab(page, "Why")
    page.get_by_role("button", name="<b>One</b>", exact=True).click()
    expect(page.get_by_text("is explained below")).to_be_visible()
    tab(page, "Charts")
    draw(page)
    expect(page.get_by_text(re.compile("believed: drawn below"))).to_be_visible()
    expect(figures(page)).to_have_count(1)
    assert page.locator("img, u, .lever b, .parties b, svg script, .live-chart image").count() == 0
    assert "hostile" in page.title()


def test_two_cases_side_by_side(page):
    page.goto("/compare")
    check_usable(page)
    for label, name in (("One case", "truce.yaml"), ("The other", "rival.yaml")):
        choose(page, label, name)
    page.get_by_role("button", name="Compare").click()
    told = "Of 3 tests that both cases make, 1 comes out differently, in the first row."
    expect(page.get_by_text(told)).to_be_visible()
    verdicts = page.locator("table").first.locator("tbody tr").first.get_by_role("cell")
    assert verdicts.nth(0).inner_text() != verdicts.nth(1).inner_text()
    expect(
        page.get_by_role(
            "row", name=re.compile("^The war is over after three months . The war is still on")
        )
    ).to_contain_text("not the same test")
    differing = page.get_by_role("row", name=re.compile("^unknown calm prior"))
    expect(differing.get_by_role("cell").nth(1)).to_have_text("0.300")
    check_usable(page)


def test_comparing_by_events_says_which_case_they_favour(page):
    page.goto("/compare?left=told.yaml&right=told-rival.yaml")
    expect(page.get_by_text("Of 4 tests that both cases make")).to_be_visible()
    page.get_by_role("button", name="Ask the events").click()
    said = page.get_by_text(
        re.compile(
            "^The events favour “After a refusal, North being rash” hardly more than “After a"
        )
    )
    expect(said).to_be_visible()
    row = page.get_by_role("row", name=re.compile("North refused .*truce"))
    cells = row.get_by_role("cell")
    left, right = (float(cells.nth(n).inner_text().split(" ")[0]) for n in (1, 2))
    assert left < right
    expect(cells.nth(3)).to_contain_text("North being rash”: ")
    for name, ending in (("Table (CSV)", "csv"), ("Table (Excel)", "xlsx")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
    assert "likelihood ratio" in saved(page, "Table (CSV)")
    check_usable(page)


def test_three_cases_are_compared_event_by_event(page):
    page.goto("/compare?left=told.yaml&right=told-rival.yaml&more=told-third.yaml")
    expect(page.get_by_text("Of 4 tests that all cases make")).to_be_visible()
    expect(page.get_by_role("heading", name="Which of these do the events favour?")).to_be_visible()
    page.get_by_role("button", name="Ask the events").click()
    row = page.get_by_role("row", name=re.compile("North refused .*truce"))
    cells = row.get_by_role("cell")
    expect(cells.nth(4)).to_contain_text("After a refusal")
    heads = page.get_by_role("columnheader", name="North being less rash")
    expect(heads).not_to_have_count(0)
    chances = [float(cells.nth(n).inner_text().split(" ")[0]) for n in (1, 2, 3)]
    assert len(set(chances)) == 3
    check_usable(page)


@AT_ONE_WIDTH
def test_changes_on_one_page_do_not_reach_another(page, browser: Browser, address):
    other = browser.new_context(base_url=address).new_page()
    for one in (page, other):
        opened(one)
        tab(one, "Charts")
        choose(one, "Chart", "What each table is worth")
        draw(one)
        expect(one.get_by_text("What each table is worth: drawn below.")).to_be_visible()
    before = in_numbers(other)
    levers(page)
    slider = page.get_by_role("slider", name="grudge")
    slider.focus()
    slider.press("End")
    expect(page.get_by_text("What is drawn below is from before")).to_be_visible()
    draw(page)
    expect(page.locator(".stale")).to_have_count(0)
    shut(page)
    assert in_numbers(page) != before
    assert in_numbers(other) == before
    tab(page, "Argument")
    tab(other, "Argument")
    levers(page)
    page.get_by_role("switch", name="talks: South, North").click()
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    levers(other)  # a change and its answer: whatever was sent to this page before has arrived
    slider = other.get_by_role("slider", name="odds")
    slider.focus()
    slider.press("ArrowRight")
    expect(summary(other, r"^Where you have moved it")).to_be_visible()
    other.get_by_role("button", name="As written", exact=True).click()
    expect(summary(other, r"^At the best estimates")).to_be_visible()
    expect(other.get_by_role("switch", name="talks: South, North")).to_be_checked()
    other.context.close()


def test_skip_link_is_first_in_the_tab_order(page):
    opened(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    focused = "document.activeElement.querySelector('h1')?.textContent"
    assert page.evaluate(focused) == "A truce that may hold"


def test_the_tabs_are_three_keys_away_from_the_top(page):
    opened(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the answers")).to_be_focused()
    check_usable(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Argument")).to_be_focused()


def test_a_printed_page_keeps_its_bars_and_leaves_its_buttons_out(page):
    opened(page)
    expect(page.get_by_text("Shares are over 1 world.")).to_be_visible()
    page.emulate_media(media="print")
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    adjusted = "getComputedStyle(document.querySelector('.strip i')).printColorAdjust"
    assert page.evaluate(adjusted) == "exact"


def test_power_and_stability_are_asked_of_a_case(page):
    opened(page)
    tab(page, "Power")
    expect(page.get_by_label("Goal, as a formula")).to_have_value("eventually(peace)")
    page.get_by_role("button", name="Ask every coalition").click()
    expect(page.get_by_role("row", name=re.compile("^North and South"))).to_be_visible()
    page.get_by_role("button", name="Look at every state").click()
    expect(page.get_by_text(re.compile("by every concept"))).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("^not war, guards 1")).first).to_be_visible()
    check_usable(page)
    page.get_by_label("Goal, as a formula").fill("eventually(")
    page.get_by_role("button", name="Ask every coalition").click()
    expect(page.locator(".problem:visible").first).to_contain_text("bracket")


def test_a_conflict_in_option_form_is_read_in_words(page):
    page.goto("/")
    page.get_by_role("link", name="Elmira").click()
    expect(page.get_by_text("Of 12 states 6 are equilibria by every concept.")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^7 Uniroyal delays, Local Government insists"))
    expect(row).to_contain_text("MoE and Uniroyal")
    check_usable(page)
    page.goto("/conflict/none.gmcr")
    expect(page.get_by_text("there is no such case")).to_be_visible()
