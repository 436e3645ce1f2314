"""The argument on one screen: verdict, sentences, what turns them, who sits where, and when."""

import re

from playwright.sync_api import Page, expect

from browser.test_pages import claim, levers, shut, summary
from support.page_checks import AT_ONE_WIDTH, check_usable


def argued(page: Page, query: str = "") -> Page:
    """The case that argues, its shares and what turns it known."""
    page.goto(f"/case/argued.yaml{query}")
    expect(page.get_by_text("Shares are over 1 world.")).to_be_visible()
    expect(page.get_by_text("Looking for what turns the sentences")).to_be_hidden()
    return page


def sentences(page: Page) -> list[str]:
    return page.locator(".sentences [data-claim]").evaluate_all(
        "rows => rows.map(row => row.dataset.claim)"
    )


def test_the_verdict_comes_first_and_the_thesis_above_its_premises(page):
    argued(page)
    expect(page.locator(".lead")).to_have_text(
        re.compile(r"^The argument (holds|does not hold)\.$")
    )
    expect(page.locator(".headline")).to_contain_text("“The talks bring peace”")
    assert sentences(page)[:3] == ["peace_comes", "quiet", "talks_matter"]
    expect(claim(page, "peace_comes").get_by_role("img", name="thesis")).to_be_visible()
    verdict = page.locator(".lead").bounding_box()
    first = claim(page, "peace_comes").bounding_box()
    assert verdict["y"] < first["y"]
    check_usable(page)


def test_all_strips_begin_and_end_at_the_same_place(page):
    argued(page)
    edges = page.locator(".sentences .strip").evaluate_all(
        "strips => strips.map(s => s.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    assert len(edges) == 5
    assert {tuple(map(round, edge)) for edge in edges} == {tuple(map(round, edges[0]))}


def test_trying_a_turning_point_turns_the_sentence_and_leaves_a_ghost(page):
    argued(page)
    row = claim(page, "speech_reveals")
    expect(row.locator(".turns")).to_contain_text("anger = 4")
    row.get_by_role("button", name="Try anger = 4").click()
    expect(row.get_by_text(re.compile("^turned: was"))).to_be_visible()
    expect(page.get_by_text(re.compile("^Turned by what you moved:"))).to_contain_text("rash North")
    expect(row.get_by_role("img", name=re.compile(r"; was (100|0) %$"))).to_be_visible()
    expect(row.locator(".strip .was")).to_have_count(1)
    levers(page)
    expect(page.locator("[data-unknown=anger] .lever-value")).to_have_text("4 per payoff")
    check_usable(page)


def test_trying_a_place_on_a_track_moves_the_slider_just_past_it(page):
    argued(page)
    turn = page.locator(".sentences .turn", has_text=re.compile("^grudge [<>]")).first
    said = turn.locator("span").first.inner_text()
    sign, value = re.fullmatch(r"grudge ([<>]) ([\d.]+)", said).groups()
    turn.get_by_role("button").click()
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    moved = float(page.get_by_role("slider", name="grudge", include_hidden=True).input_value())
    assert moved > float(value) - 1e-3 if sign == ">" else moved < float(value) + 1e-3
    assert abs(moved - float(value)) < 0.01


def test_sliders_that_turn_sentences_come_first_with_marks_on_their_tracks(page):
    argued(page)
    levers(page)
    shown = page.locator("[data-unknown]").evaluate_all(
        "all => all.map(one => one.dataset.unknown)"
    )
    said = page.locator(".sentences .turn > span").all_text_contents()
    turning = {re.split(" [<=>] ", one)[0] for one in said}
    assert "grudge" in turning
    assert {name.replace("_", " ") for name in shown[: len(turning)]} == turning
    mark = page.locator("[data-unknown=grudge] .marks li").first
    expect(mark).to_have_attribute("title", re.compile(r"^at [\d.]+ turns: "))
    check_usable(page)


def test_a_table_on_the_map_is_clicked_off_and_on(page):
    argued(page)
    levers(page)
    chart = page.locator(".who-and-where .live-chart")
    chart.locator("text", has_text="side talks").click(force=True)
    switch = page.get_by_role("switch", name="side talks: North, South")
    expect(switch).not_to_be_checked()
    expect(chart.locator("text", has_text="side talks (off)")).to_have_count(1)
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    chart.locator("text", has_text="side talks (off)").click(force=True)
    expect(switch).to_be_checked()
    expect(chart.locator("text", has_text="(off)")).to_have_count(0)


def test_a_party_says_what_it_would_do(page):
    argued(page)
    levers(page)
    page.get_by_role("button", name="Why North does what it does").click()
    card = page.locator(".moments")
    expect(card.get_by_role("heading", name="What North would do")).to_be_visible()
    types = card.get_by_role("img", name="at the start: calm 50 %, rash 50 %")
    expect(types).to_be_visible()
    expect(card.get_by_text("calm 50 %").first).to_be_visible()
    parts = types.locator("i").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().width)"
    )
    assert abs(parts[0] - parts[1]) < 3
    expect(card.get_by_text("Numbers").first).to_be_visible()
    card.get_by_text("Numbers").first.click()
    expect(card.get_by_role("table").first).to_be_visible()
    check_usable(page)
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()


def test_the_timeline_has_dates_events_a_ghost_and_a_band(page):
    argued(page)
    chart = page.locator(".when .live-chart")
    expect(chart).to_have_attribute("aria-label", re.compile("^peace from May 2025 on"))
    expect(chart.locator("text", has_text="May 2025")).to_have_count(1)
    numbered = chart.locator("text", has_text=re.compile("^1$"))
    expect(numbered).to_have_count(2)  # the flag, and the end of the axis
    happened = page.locator(".when ol").get_by_role("listitem")
    expect(happened).to_have_text(re.compile("^[A-Z][a-z]+ 2025: .* refused talks: truce"))
    page.get_by_role("button", name="Draw the band of the worlds").click()
    expect(page.get_by_text("from the 5th to the 95th percentile")).to_be_visible()
    page.locator(".when").get_by_text("The same in numbers").click()
    expect(page.locator(".when").get_by_role("columnheader", name="95 %")).to_be_visible()
    levers(page)
    slider = page.get_by_role("slider", name="odds")
    slider.focus()
    slider.press("End")
    expect(page.get_by_text("as written (dashed)")).to_be_visible()
    shut(page)
    expect(page.locator(".when").get_by_role("columnheader", name="as written")).to_be_visible()
    check_usable(page)


def test_every_move_is_undone_and_done_again(page):
    argued(page)
    expect(page.get_by_role("navigation", name="History")).to_be_hidden()
    levers(page)
    page.get_by_role("switch", name="talks: South, North", exact=True).click()
    slider = page.get_by_role("slider", name="odds")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    moves = page.get_by_role("list", name="Moves").get_by_role("button")
    expect(moves).to_have_text(["as written", "talks off", re.compile("^odds = ")])
    page.get_by_role("button", name="Undo").click()
    expect(slider).to_have_js_property("value", "0.1")
    page.get_by_role("button", name="Undo").click()
    switch = page.get_by_role("switch", name="talks: South, North", exact=True)
    expect(switch).to_be_checked()
    expect(summary(page, r"^At the best estimates")).not_to_have_count(0)
    page.get_by_role("button", name="Redo").click()
    expect(switch).not_to_be_checked()
    check_usable(page)


def test_a_sentence_is_taken_as_the_thesis(page):
    argued(page)
    row = claim(page, "word_holds")
    row.get_by_text("Test and source").click()
    row.get_by_role("button", name="Take as the thesis").click()
    expect(page.locator(".sentences [data-claim]").first).to_have_attribute(
        "data-claim", "word_holds"
    )
    expect(claim(page, "word_holds").get_by_role("img", name="thesis")).to_be_visible()


def test_the_screen_is_used_with_the_keyboard_alone(page):
    argued(page)
    row = claim(page, "speech_reveals")
    row.get_by_role("button", name="Try anger = 4").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_text(re.compile("^turned: was"))).to_be_visible()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Space")
    expect(row.get_by_text(re.compile("^turned: was"))).to_be_hidden()


COLOURS = """figure => {
  const of = (part, what) => getComputedStyle(figure.querySelector(part))[what];
  const solid = colour => { const [r, g, b, a] = colour.match(/[\\d.]+/g).map(Number);
    return a === 0 ? null : (r + g + b) / 765; };
  return { paper: solid(getComputedStyle(figure).backgroundColor),
    sheet: of("svg > rect", "fill"), ink: solid(of("svg text", "fill")),
    page: solid(getComputedStyle(document.body).color) };
}"""


def test_drawn_charts_are_dark_on_a_dark_page_and_light_in_print(page):
    argued(page)
    page.get_by_text("The argument as a map").click()
    page.get_by_text("The shares as a chart").click()
    figures = page.locator("figure.chart:visible")
    expect(figures).to_have_count(2)
    light = [figure.evaluate(COLOURS) for figure in figures.all()]
    assert all(one["paper"] == 1 and one["ink"] < 0.3 for one in light)
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("body.body--dark")).to_have_count(1)
    check_usable(page)
    for figure in figures.all():
        shown = figure.evaluate(COLOURS)
        assert shown["sheet"] == "none"
        assert shown["paper"] < 0.3
        assert shown["ink"] > 0.7
    page.emulate_media(media="print")
    printed = [figure.evaluate(COLOURS) for figure in figures.all()]
    assert printed == light
    page.emulate_media(media="screen")
    page.evaluate("localStorage.clear()")


def test_today_is_moved_and_every_sentence_is_asked_from_then_on(page):
    argued(page)
    when = page.locator(".when")
    expect(when.get_by_text("Today is May 2025, the start")).to_be_visible()
    today = when.get_by_role("slider", name="Today")
    today.focus()
    today.press("ArrowRight")
    today.press("ArrowRight")
    expect(today).to_have_attribute("aria-valuetext", "Jul 2025")
    said = when.get_by_text("Today is Jul 2025: 2 of 3 months have gone by, with 1 event.")
    expect(said).to_be_visible()
    expect(when.locator(".live-chart text", has_text="today")).to_have_count(1)
    expect(page).to_have_url(re.compile("today=2"))
    turned = re.search(r"(\d+) comes? out otherwise", said.inner_text())[1]
    expect(page.locator(".sentences .tag", has_text="from Jul 2025")).to_have_count(int(turned))
    check_usable(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("Today is Jul 2025: 2 of 3 months have gone by, with")).to_be_visible()
    other.close()
    page.get_by_role("button", name="Undo").click()
    expect(when.get_by_text("Today is May 2025, the start")).to_be_visible()
    expect(today).to_have_js_property("value", "0")
    today.scroll_into_view_if_needed()
    box = today.bounding_box()
    today.click(position={"x": box["width"] - 4, "y": box["height"] / 2})
    expect(when.get_by_text("Today is Aug 2025: 3 of 3 months have gone by, with")).to_be_visible()


def test_what_the_case_suggests_is_one_click_away(page):
    page.goto("/case/truce.yaml")
    expect(page.get_by_text("Looking for what turns the sentences")).to_be_hidden()
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    expect(claim(page, "speech_reveals").locator(".turns")).to_contain_text("anger = 4")
    page.get_by_role("button", name="What if").click()
    menu = page.get_by_role("menu", name="What if")
    expect(menu.get_by_text("A table is not there")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Without talks")).to_be_visible()
    expect(menu.get_by_text("What turns it")).to_be_visible()
    check_usable(page)
    menu.get_by_role("menuitem", name="Without talks").click()
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    expect(page).to_have_url(re.compile(r"off=talks"))
    expect(claim(page, "talks_matter").get_by_text("turned: was true")).to_be_visible()
    expect(claim(page, "quiet").locator(".turns")).to_contain_text("odds > ")
    expect(page.get_by_text("Looking for what turns the sentences")).to_be_hidden()
    page.get_by_role("button", name="What if").click()
    turning = menu.get_by_role("menuitem", name=re.compile("^anger = 4: turns"))
    turning.first.click()
    expect(page).to_have_url(re.compile(r"set=anger~4\.0&off=talks"))
    moves = page.get_by_role("list", name="Moves").get_by_role("button")
    expect(moves).to_have_text(["as written", "Without talks", re.compile("^anger = 4")])
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(r"truce\.yaml$"))
    expect(claim(page, "talks_matter").get_by_text("turned: was true")).to_be_hidden()
    page.get_by_role("button", name="What if").click()
    menu.get_by_role("menuitem", name=re.compile("compared under Levers")).first.click()
    expect(page.get_by_role("tab", name="Levers")).to_have_attribute("aria-selected", "true")


@AT_ONE_WIDTH
def test_an_open_menu_stays_as_it_is_while_answers_come_in(page):
    page.goto("/case/truce.yaml")
    expect(claim(page, "speech_reveals").locator(".turns")).to_contain_text("anger = 4")
    page.get_by_role("button", name="What if").click()
    menu = page.get_by_role("menu", name="What if")
    expect(menu.get_by_text("What turns it")).to_be_visible()
    item = menu.get_by_role("menuitem", name="Without talks").element_handle()
    page.locator("[role=switch]").dispatch_event("click")
    expect(claim(page, "quiet").locator(".turns")).to_contain_text("odds > ")
    looking = page.get_by_text(re.compile("^Looking for what turns the sentences"))
    expect(looking).to_be_hidden()
    assert item.evaluate("item => item.isConnected")
    menu.get_by_role("menuitem", name=re.compile("compared under Levers")).first.click()
    expect(page.get_by_role("tab", name="Levers")).to_have_attribute("aria-selected", "true")
    expect(menu).to_be_hidden()


def test_a_rival_way_to_write_the_case_is_one_click_away(page, width):
    page.goto("/case/rivals.yaml")
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    page.get_by_role("button", name="What if").click()
    menu = page.get_by_role("menu", name="What if")
    expect(menu.get_by_text("It is written otherwise")).to_be_visible()
    menu.get_by_role("menuitem", name="May South post guards? never").click()
    expect(page).to_have_url(re.compile(r"\?option=guards~never$"))
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    expect(menu).to_be_hidden()
    if width == "phone":
        toggle = page.get_by_role("button", name="Unknowns and tables")
        toggle.click()
        expect(toggle).to_have_attribute("aria-expanded", "true")
    said = page.get_by_text("Written otherwise. May South post guards? never.")
    expect(said).to_be_visible()
    check_usable(page)
    page.reload()
    expect(summary(page, r"^Where you have moved it")).to_be_visible()
    moves = page.get_by_role("list", name="Moves").get_by_role("button")
    expect(moves).to_have_text(["as written", "from a link"])
    page.get_by_role("button", name="What if").click()
    expect(menu.get_by_role("menuitem", name="May South post guards? any time")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(r"rivals\.yaml$"))
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    expect(said).to_be_hidden()
