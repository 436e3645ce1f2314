"""From an empty folder to a checked claim of one's own, without a line of YAML."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from ceasefire.case import load
from support.case_server import running_server
from support.page_checks import AT_ONE_WIDTH, LEAVES_AT_ONCE, check_usable


@pytest.fixture(scope="module")
def folder(saves: bool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="module")
def saves(width: str) -> bool:
    """Whether pages may save in the folder: those of the desktop do, those of the phone may not."""
    return width == "desktop"


@pytest.fixture(scope="module")
def address(saves: bool, folder: Path) -> Iterator[str]:
    """A server of a folder without cases."""
    options = ["--save"] if saves else []
    with running_server(*options, folder=folder) as found:
        yield found


def fill(page: Page, label: str, text: str) -> None:
    """Write into a field and go on to the next."""
    box = page.get_by_label(label, exact=True)
    box.fill(text)
    box.press("Tab")
    expect(page.get_by_label(label, exact=True)).to_have_value(text)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)


def forms_of_a_new_case(page: Page) -> Locator:
    """The forms of a case that is made of what the five questions hold at first."""
    page.goto("/new")
    page.get_by_role("button", name="Make the case").click()
    page.get_by_role("tab", name="Text").click()
    return page.get_by_role("region", name="The case as forms")


def test_five_questions_make_a_case_that_is_checked(page, width, saves, folder):
    page.goto("/")
    check_usable(page)
    page.get_by_role("link", name="A case of your own").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A case of your own")
    expect(page.get_by_role("button", name="Make the case")).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    check_usable(page)
    fill(page, "What the case is called", f"The river war {width}")
    fill(page, "Parties", "Upstream\nDownstream")
    fill(page, "Name of table 1", "The dam talks")
    page.get_by_role("button", name="Take this table out").last.click()
    expect(page.get_by_label("Name of table 2", exact=True)).to_have_count(0)
    fill(page, "What could be agreed at table 1, one on each line", "Share the water")
    fill(page, "What a month of war costs Upstream", "lots")
    expect(page.get_by_text("is no number that can be read")).to_be_visible()
    fill(page, "What a month of war costs Upstream", "about 0,5 to 1,5")
    expect(page.get_by_text("read as 1, from 0.5 to 1.5", exact=False)).to_be_visible()
    fill(page, "How likely “The dam talks” meets in a month", "50 %")
    fill(page, "Your thesis", "")
    page.get_by_role("button", name="Make the case").click()
    expect(page.get_by_text("still missing")).to_be_visible()
    fill(page, "Your thesis", "The river war ends in an agreement.")
    choose(page, "Your thesis is true if", "“Share the water” is agreed")
    choose(page, "It rests on (1) is true if", "the war ends")
    kept = "Upstream keeps its word for half a year."
    expect(page.get_by_label("It rests on (1)", exact=True)).to_have_value(kept)
    fill(page, "It rests on (1)", "The war does end.")
    check_usable(page)
    page.get_by_role("button", name="Make the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"The river war {width}")
    expect(page.get_by_text("The river war ends in an agreement.").first).to_be_visible()
    known = re.compile("(true|false) at the best estimates|true in .* of worlds")
    expect(page.get_by_label(known).first).to_be_visible()
    check_usable(page)
    name = f"the-river-war-{width}.yaml"
    assert (folder / name).exists() == saves
    if saves:
        case = load(str(folder / name))
        assert case.unknowns["war_cost_upstream"].parameters == (0.5, 1.5)
        assert case.unknowns["the_dam_talks_meets"].best == 0.5


def test_nothing_is_asked_before_an_answer_can_be_heard(page):
    held, servers, is_open = list[str | bytes](), list[WebSocketRoute](), list[bool]()

    def hold(line: WebSocketRoute) -> None:
        servers.append(line.connect_to_server())
        line.on_message(lambda said: servers[0].send(said) if is_open else held.append(said))

    page.route_web_socket(re.compile("socket.io"), hold)
    page.goto("/new")
    expect(page.get_by_text("Five questions.")).to_be_visible()
    page.wait_for_timeout(500)
    assert held
    title = page.get_by_label("What the case is called", exact=True)
    expect(title).to_have_count(0)
    is_open.append(True)
    for said in held:
        servers[0].send(said)
    expect(title).to_be_visible()


def test_answers_are_kept_in_the_browser_until_the_case_is_made(page, width):
    page.goto("/new")
    kept = page.get_by_text("These are your answers from before")
    title = page.get_by_label("What the case is called", exact=True)
    expect(title).to_be_visible()
    expect(kept).to_be_hidden()
    choose(page, "It is most like", "A strike")
    expect(title).to_have_value("A strike")
    fill(page, "What the case is called", f"The dockers {width}")
    fill(page, "What a week of the strike costs the firm", "50 %")
    fill(page, "Your thesis", "The dockers win.")
    page.wait_for_function(
        "Object.values(localStorage).some(kept => kept.includes('The dockers win.'))"
    )
    page.reload()
    expect(kept).to_be_visible()
    expect(title).to_have_value(f"The dockers {width}")
    cost = page.get_by_label("What a week of the strike costs the firm", exact=True)
    expect(cost).to_have_value("50 %")
    expect(page.get_by_label("Your thesis", exact=True)).to_have_value("The dockers win.")
    check_usable(page)
    page.get_by_role("button", name="Begin anew").click()
    expect(title).to_have_value("A strike")
    expect(kept).to_be_hidden()
    page.reload()
    expect(title).to_be_visible()
    expect(kept).to_be_hidden()
    title.fill(f"The dockers {width}")
    page.get_by_role("button", name="Make the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"The dockers {width}")
    page.goto("/new")
    expect(title).to_have_value("A war and its talks")
    expect(kept).to_be_hidden()


def test_forms_and_text_are_in_step_and_comments_stay(page, width, saves, folder):
    page.goto("/new")
    fill(page, "What the case is called", f"In step {width}")
    page.get_by_role("button", name="Make the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"In step {width}")
    page.get_by_role("tab", name="Text").click()
    forms = page.get_by_role("region", name="The case as forms")
    text = page.get_by_role("textbox", name="Text of the case")
    expect(text).to_contain_text("# Made from five answers")
    forms.get_by_text("what a month of war costs North", exact=True).click()
    estimate = forms.get_by_label("estimate").locator("visible=true")
    expect(estimate).to_have_value("0.6 (0.3 to 0.9)")
    estimate.fill("70 %, between 0,5 and 0,9")
    estimate.press("Tab")
    expect(text).to_contain_text("best: 0.7, range: [0.5, 0.9]")
    expect(text).to_contain_text("# Made from five answers")
    estimate.fill("rather much")
    estimate.press("Tab")
    expect(forms.get_by_text("is no number that can be read")).to_be_visible()
    estimate.fill("0.6")
    estimate.press("Tab")
    expect(text).not_to_contain_text("best: 0.7")
    forms.get_by_text("Add a claim", exact=True).click()
    forms.get_by_label("your sentence", exact=True).fill("North attacks again.")
    choose(page, "it is true if this", "North: attack, sooner or later")
    forms.get_by_role("button", name="Add it").locator("visible=true").click()
    expect(forms.get_by_text("North attacks again.", exact=True)).to_be_visible()
    check_usable(page)
    expect(page.get_by_text("No problem", exact=True)).to_be_visible()
    page.get_by_role("button", name="Use this text").click()
    page.get_by_role("button", name=re.compile("^(Save|Keep) it in")).click()
    expect(
        page.get_by_text(re.compile("^(Saved in the folder|Kept in this browser).$"))
    ).to_be_visible()
    page.reload()
    expect(page.get_by_text("North attacks again.").first).to_be_visible()
    if saves:
        written = (folder / f"in-step-{width}.yaml").read_text()
        assert "# Made from five answers" in written
        assert "North attacks again." in written


def test_a_problem_of_the_text_is_said_at_its_field(page):
    forms = forms_of_a_new_case(page)
    forms.get_by_text("Table: Peace talks", exact=True).click()
    meets = forms.get_by_label("chance to meet").locator("visible=true").first
    meets.fill("no_such_number")
    meets.press("Tab")
    expect(forms.get_by_text(re.compile("no_such_number"))).to_be_visible()
    expect(page.get_by_role("button", name="Use this text")).to_be_disabled()


@AT_ONE_WIDTH
def test_a_case_is_kept_before_its_page_is_opened(page, width):
    page.add_init_script(LEAVES_AT_ONCE)
    page.goto("/new")
    name = f"In time {width}"
    fill(page, "What the case is called", name)
    page.get_by_role("button", name="Make the case").click()
    expect(page).to_have_url(re.compile(r"/(kept|case)/in-time-"))
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"{name}|^Cases$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name, timeout=1e3)


def test_a_kept_case_is_found_again_and_no_other_is(page, saves):
    page.goto("/kept/nothing.yaml")
    expect(page.get_by_text("No case of the name nothing.yaml is kept")).to_be_visible()
    check_usable(page)


def test_types_promises_and_levers_are_added_without_yaml(page):
    forms = forms_of_a_new_case(page)
    text = page.get_by_role("textbox", name="Text of the case")
    expect(text).to_contain_text("# Made from five answers")
    forms.get_by_text("Add what a party may be, hidden from others").click()
    choose(page, "party", "South")
    fill(page, "it may be", "tired")
    fill(page, "how likely, or an unknown", "30 %")
    forms.get_by_role("button", name="Add it").locator("visible=true").click()
    expect(forms.get_by_text("needs what it may be otherwise")).to_be_visible()
    fill(page, "otherwise it is", "fresh")
    forms.get_by_role("button", name="Add it").locator("visible=true").click()
    expect(text).to_contain_text("types: {tired: 0.3, fresh: 1 - 0.3}")
    forms.get_by_text("Add a lever", exact=True).click()
    fill(page, "the decision in words", "Nobody comes to the talks")
    fill(page, "what is different then, such as without=talks", "without=peace_talks")
    forms.get_by_role("button", name="Add it").locator("visible=true").click()
    expect(forms.get_by_text("Nobody comes to the talks", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("^No problem"))).to_be_visible()
    expect(text).to_contain_text("# Made from five answers")
    check_usable(page)
    page.evaluate("window.ceasefireUnsaved = false; localStorage.clear()")


def test_labels_of_new_things_are_whole_and_hints_stand_free(page):
    forms = forms_of_a_new_case(page)
    forms.get_by_text("Add something that happens by itself").click()
    expect(forms.get_by_label("what may happen")).to_be_visible()
    cut = forms.locator(".adder .q-field__label").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    )
    assert cut == []
    hint = forms.locator(".sentence", has_text="a number, or an unknown").first
    below = hint.locator(".q-field__bottom").bounding_box()
    button = hint.get_by_role("button", name="Take out").bounding_box()
    assert below["y"] + below["height"] <= button["y"] + 1


def test_rival_ways_and_promises_to_act_are_written_without_yaml(page):
    forms = forms_of_a_new_case(page)
    text = page.get_by_role("textbox", name="Text of the case")
    add = forms.get_by_role("button", name="Add it").locator("visible=true")
    expect(text).to_contain_text("# Made from five answers")
    forms.get_by_text("Add a promise", exact=True).click()
    fill(page, "what is promised", "Attack soon")
    choose(page, "or what it owes, one of these", "North: attack")
    add.click()
    expect(forms.get_by_text("needs a number of periods")).to_be_visible()
    fill(page, "within how many periods", "4")
    add.click()
    forms.get_by_text("attack soon", exact=True).click()
    expect(forms.get_by_label("within how many months")).to_have_value("4")
    forms.get_by_text("Add an alternative: a part written in two rival ways").click()
    fill(page, "what is written in rival ways", "What war costs")
    fill(page, "as it is now is called", "much")
    fill(page, "the other way is called", "little")
    add.click()
    expect(forms.get_by_text("changes nothing yet")).to_be_visible()
    choose(page, "an unknown is estimated otherwise", "what a month of war costs North")
    fill(page, "estimate then", "0.4 (0.3 to 0.9)")
    add.click()
    forms.get_by_text("What war costs: little", exact=True).click()
    estimate = forms.get_by_label("what a month of war costs North: estimate")
    expect(estimate).to_have_value("0.4 (0.3 to 0.9)")
    estimate.fill("2 (0.3 to 0.9)")
    estimate.press("Tab")
    refused = forms.get_by_text("the best estimate lies outside of the range")
    expect(refused).to_be_visible()
    expect(page.get_by_text(re.compile("^No problem"))).to_be_visible()
    expect(refused).to_be_visible()  # the check of the text, which has it not, leaves it there
    estimate.fill("0.5 (0.3 to 0.9)")
    estimate.press("Tab")
    expect(refused).to_be_hidden()
    expect(page.get_by_text(re.compile("^No problem"))).to_be_visible()
    expect(text).to_contain_text("# Made from five answers")
    check_usable(page)
    page.evaluate("window.ceasefireUnsaved = false; localStorage.clear()")


def test_who_moves_when_is_shown_and_changed_in_words(page):
    forms = forms_of_a_new_case(page)
    order = forms.get_by_label("who moves when in a period").first
    expect(order).to_have_value("Peace talks, Talks among friends, North")
    order.fill("North, talk")
    order.press("Tab")
    expect(forms.get_by_text("is no step of a period, found talk")).to_be_visible()
    order.fill("North, peace talks, Talks among friends")
    order.press("Tab")
    expect(order).to_have_value("North, Peace talks, Talks among friends")
    expect(forms.get_by_text("is no step of a period")).to_be_hidden()
    expect(page.get_by_text(re.compile("^No problem"))).to_be_visible()
    order.fill("North + Peace talks, Talks among friends")
    order.press("Tab")
    expect(forms.get_by_text("only parties choose at one moment")).to_be_visible()
    order.fill("Talks among friends, in random order (North, Peace talks)")
    order.press("Tab")
    expect(forms.get_by_text("only parties choose at one moment")).to_be_hidden()
    choose(page, "after the last", "play stops and pays nothing more")
    expect(page.get_by_text(re.compile("^No problem"))).to_be_visible()
    check_usable(page)
    page.evaluate("window.ceasefireUnsaved = false; localStorage.clear()")
