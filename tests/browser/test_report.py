"""The page to send, opened as a file in a real browser: scripts off and on, and printed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from ceasefire.case import load
from ceasefire.cli.main import app
from ceasefire.render.report import render_report
from ceasefire.render.report_data import compute_report_data
from ceasefire.settings import SolveSettings
from support.case_server import LONG
from support.page_checks import WIDTHS, check_usable

CASE = str(Path(__file__).parents[1] / "support" / "report_case.yaml")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a case whose texts are all hostile."""
    written = tmp_path_factory.mktemp("report") / "report.html"
    written.write_text(
        render_report(compute_report_data(load(CASE), 4, settings=SolveSettings(9), workers=1)),
        encoding="utf-8",
    )
    return written


@pytest.fixture(params=[(width, scripts) for width in WIDTHS for scripts in (True, False)], ids=str)
def opened(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    """The file in a browser that asks for nothing else and has nothing to complain of."""
    width, scripts = request.param
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    context = browser.new_context(viewport=size, java_script_enabled=scripts)
    page, faults = context.new_page(), list[str]()
    page.set_default_timeout(1e3 * LONG)

    def asked(sent: Request) -> None:
        if sent.url not in (file.as_uri(), f"{file.as_uri()}#unknown-odds"):
            faults.append(f"asked {sent.url}")

    page.on("request", asked)
    page.on("console", lambda said: faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert not faults


def test_report_is_complete_and_accessible(opened, request):
    scripts = request.node.callspec.params["opened"][1]
    expect(opened.get_by_role("heading", level=1)).to_contain_text("A truce")
    expect(
        opened.get_by_role("img", name=re.compile("^The share of worlds in which"))
    ).to_be_visible()
    numbers = opened.get_by_text("with it, minus without it").first
    search = opened.get_by_role("searchbox", name="Show claims with")
    if scripts:
        check_usable(opened)
        expect(numbers).to_be_hidden()
        opened.get_by_role("button", name="Unfold all").click()
    else:
        expect(search).to_be_hidden()
    expect(numbers).to_be_visible()
    if scripts:  # axe needs them
        check_usable(opened)
    opened.get_by_role("article").get_by_role("link", name="odds").first.click()
    expect(opened).to_have_url(re.compile("#unknown-odds$"))


@pytest.mark.parametrize("opened", [("phone", True)], indirect=True, ids=str)
def test_on_a_phone_a_chart_fits_or_says_that_it_goes_on(opened):
    opened.get_by_role("button", name="Unfold all").click()
    shares = opened.locator(
        "figure",
        has=opened.get_by_role("img", name=re.compile("^The share of worlds in which each")),
    )
    assert shares.evaluate("one => one.scrollWidth <= one.clientWidth")
    expect(opened.locator("figure.map")).to_be_hidden()
    wide = opened.locator("figure.wider")
    expect(wide).not_to_have_count(0)
    for number in range(wide.count()):
        says = wide.nth(number).evaluate("one => getComputedStyle(one, '::before').content")
        assert "Scroll sideways" in says
    cut = opened.locator("figure:not(.wider)").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert cut == 0


@pytest.mark.parametrize("opened", [(width, True) for width in WIDTHS], indirect=True, ids=str)
def test_claims_are_filtered_by_keyboard(opened):
    search = opened.get_by_role("searchbox", name="Show claims with")
    search.focus()
    opened.keyboard.type("made lasts")
    expect(opened.get_by_role("status")).to_have_text("1 of 2 claims")
    expect(opened.locator("#claim-lasts")).to_be_visible()
    expect(opened.locator("#claim-quiet")).to_be_hidden()


def test_report_command_prints_a_pdf(tmp_path):
    page = tmp_path / "page.html"
    asked = ["report", CASE, "-o", str(page), "--pdf", "--worlds", "0", "--no-flips", "--grid", "9"]
    assert app(asked, standalone_mode=False) in (0, 1)
    printed = page.with_suffix(".pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 2
    assert len(printed) > 50_000
