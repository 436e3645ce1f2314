"""Every setting of a page is in its address; what is written stays until it is saved."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Dialog, Page, expect

from browser.test_argument_screen import argued
from browser.test_pages import choose, levers, opened, summary, tab
from support.case_server import CASES
from support.page_checks import AT_ONE_WIDTH, LEAVES_AT_ONCE, check_usable


def settings(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_link_opens_with_everything_that_was_set(page):
    opened(page)
    levers(page)
    slider = page.get_by_role("slider", name="odds")
    slider.focus()
    slider.press("ArrowRight")
    page.get_by_role("switch", name="talks: South, North").click()
    tab(page, "Events")
    choose(page, "What", "chance struck")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("1 event taken into account.")).to_be_visible()
    expect(page).to_have_url(re.compile("tab=Events"))
    assert settings(page)["set"] == ["odds~0.1025"]
    assert settings(page)["off"] == ["talks"]
    assert settings(page)["event"] == ["0~chance~fatigue.ends"]
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("tab", name="Events")).to_have_attribute("aria-selected", "true")
    expect(other.get_by_text("1 event taken into account.")).to_be_visible()
    levers(other)
    expect(other.get_by_role("switch", name="talks: South, North")).not_to_be_checked()
    expect(other.get_by_role("slider", name="odds")).to_have_js_property("value", "0.1025")
    other.close()


@AT_ONE_WIDTH
def test_back_and_forward_go_from_setting_to_setting(page):
    opened(page)
    levers(page)
    switch = page.get_by_role("switch", name="talks: South, North")
    slider = page.get_by_role("slider", name="odds")
    switch.click()
    expect(page).to_have_url(re.compile("off=talks"))
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"set=odds~0\.1075"))
    page.evaluate("history.back()")
    expect(slider).to_have_js_property("value", "0.1")
    expect(switch).not_to_be_checked()
    page.evaluate("history.back()")
    expect(switch).to_be_checked()
    expect(page).to_have_url(re.compile(r"/case/truce\.yaml$"))
    page.evaluate("history.forward()")
    expect(switch).not_to_be_checked()
    expect(summary(page, r"^Where you have moved it")).to_be_visible()


@AT_ONE_WIDTH
def test_an_address_that_nobody_could_have_shared_opens_the_case_as_written(page):
    page.goto(
        "/case/truce.yaml?set=odds~9&set=nobody~1&set=calm_prior~nan&set=anger~3&off=elsewhere"
        "&event=9~deal~talks.truce&event=0~deal~nowhere&worlds=999999999&tab=Nowhere&x=%00"
    )
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    levers(page)
    expect(page.get_by_text("As the case is written.")).to_be_visible()


@AT_ONE_WIDTH
def test_the_link_is_copied(page):
    opened(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share: copy the link").click()
    expect(page.get_by_text("The link is copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def write(page: Page, text: str) -> None:
    tab(page, "Text")
    page.get_by_role("textbox", name="Text of the case").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)


def test_text_that_was_not_saved_comes_back_after_a_reload(page):
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    opened(page)
    write(page, "# mine\n")
    expect(page.get_by_text("The text has changes that are not in use")).to_be_visible()
    page.wait_for_function("localStorage.getItem('ceasefire-unsaved:truce.yaml')?.includes('mine')")
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.get_by_text("A text that you wrote here and did not save")).to_be_visible()
    check_usable(page)
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("This is your text.")).to_be_visible()
    tab(page, "Text")
    expect(page.locator(".cm-content")).to_contain_text("# mine")
    tab(page, "Save")
    with page.expect_download() as download:
        page.get_by_role("button", name="The text (YAML)").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert saved == "# mine\n" + (CASES / "truce.yaml").read_text()
    expect(page.get_by_text("This is your text.")).to_be_hidden()
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator(".lead")).to_have_text(re.compile("claims hold"))
    expect(page.locator(".unsaved")).to_be_hidden()


@AT_ONE_WIDTH
def test_a_text_in_use_names_the_page(page):
    page.on("dialog", lambda dialog: dialog.accept())
    opened(page)
    tab(page, "Text")
    text = (CASES / "truce.yaml").read_text().replace("A truce that may hold", "Another truce")
    page.get_by_label("Bring in a file").set_input_files(
        {"name": "mine.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
    )
    expect(page.locator(".cm-content")).to_contain_text("Another truce")
    expect(page.get_by_text("No problem", exact=True)).to_be_visible()
    page.get_by_role("button", name="Use this text").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Another truce")
    expect(page).to_have_title("Another truce · ceasefire")
    page.evaluate("window.ceasefireUnsaved = false; localStorage.clear()")


@AT_ONE_WIDTH
def test_a_copy_is_kept_and_nothing_left_unsaved_before_its_page_is_opened(page):
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.add_init_script(LEAVES_AT_ONCE)
    opened(page)
    write(page, "# my copy\n")
    expect(page.get_by_text("The text has changes that are not in use")).to_be_visible()
    page.get_by_role("button", name="Keep a copy in this browser").click()
    expect(page).to_have_url(re.compile("/kept/truce.yaml$"))
    tab(page, "Text")
    expect(page.locator(".cm-content")).to_contain_text("# my copy")
    assert asked == []
    assert page.evaluate("localStorage.getItem('ceasefire-unsaved:truce.yaml')") is None
    page.evaluate("localStorage.clear()")


@AT_ONE_WIDTH
def test_an_unknown_case_is_not_found(page):
    answer = page.request.get("/case/elsewhere.yaml")
    assert answer.status == 404


def test_the_front_page_says_how_each_argument_stands(page):
    page.goto("/")
    card = page.get_by_role("article").filter(has_text="argued.yaml")
    expect(card.locator(".case-verdict")).to_have_text(
        re.compile(r"^The argument (holds|does not hold) at the best estimates\.$")
    )
    expect(card.get_by_role("img", name=re.compile(r"^\d of 5 claims true"))).to_be_visible()
    check_usable(page)
    page.get_by_role("link", name="Take the one-minute tour").click()
    tour = page.get_by_role("region", name="Tour")
    expect(tour.get_by_role("heading")).to_have_text("1 of 6: The verdict")
    expect(page.locator(".lead.toured")).to_have_count(1)
    check_usable(page)
    for _ in range(5):
        tour.get_by_role("button", name="Next").click()
    expect(page.locator(".page-tools.toured")).to_have_count(1)
    tour.get_by_role("button", name="Done").click()
    expect(tour).to_be_hidden()
    expect(page.locator(".toured")).to_have_count(0)


def test_dark_is_chosen_and_stays(page):
    argued(page)
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("body.body--dark")).to_have_count(1)
    check_usable(page)
    page.reload()
    expect(page.locator("body.body--dark")).to_have_count(1)
    expect(summary(page, r"^At the best estimates")).to_be_visible()
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("body.body--dark")).to_have_count(0)
    page.evaluate("localStorage.clear()")


def test_experts_and_codings_stand_beside_each_other(page):
    page.goto("/case/rivals.yaml")
    expect(page.get_by_text("Shares are over 1 world.")).to_be_visible()
    tab(page, "Experts")
    expect(page.get_by_text("In the worlds of each expert").first).to_be_visible()
    for name in ("Desk A", "Desk B", "any time", "never"):
        expect(page.locator(".group-of-strips").get_by_text(name, exact=True).first).to_be_visible()
    check_usable(page)


def test_a_case_kept_in_the_browser_is_removed_once_it_is_said_twice(page):
    text = (CASES / "truce.yaml").read_text()
    page.goto("/")
    page.evaluate(
        "text => { for (const name of ['mine', 'other'])"
        " localStorage.setItem(`ceasefire-case:${name}-war.yaml`, text);"
        " localStorage.setItem('ceasefire-unsaved:mine-war.yaml', text + '#'); }",
        text,
    )
    page.reload()
    expect(page.get_by_role("link", name="mine war")).to_be_visible()
    page.get_by_role("button", name="Remove mine war").click()
    question = page.get_by_text("Remove “mine war” for good? It is kept nowhere else.")
    expect(question).to_be_visible()
    check_usable(page)
    page.get_by_role("button", name="Keep it").locator("visible=true").click()
    expect(question).to_be_hidden()
    page.get_by_role("button", name="Remove mine war").click()
    page.get_by_role("button", name="Yes, remove it").locator("visible=true").click()
    expect(page.get_by_role("link", name="mine war")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="other war")).to_be_visible()
    expect(page.get_by_role("link", name="mine war")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('ceasefire-unsaved:mine-war.yaml')") is None
    page.evaluate("localStorage.clear()")
