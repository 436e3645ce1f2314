"""Whether a page can be used: nothing out of sight, nothing that a screen reader cannot say."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
# For what looks at no layout and is the same at any width: files, addresses, who sees what.
AT_ONE_WIDTH = pytest.mark.parametrize("width", ["desktop"], indirect=True)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# A colour on its way from light to dark has neither's contrast; a spinner's motion never ends.
SETTLED = """Promise.all(document.getAnimations()
    .filter(motion => motion.playState === "running"
        && Number.isFinite(motion.effect.getComputedTiming().endTime))
    .map(motion => motion.finished.catch(() => null))).then(() => null)"""
SERIOUS = """axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes[0].html}`))"""
# A browser that does nothing more on a page once it leaves for another.
LEAVES_AT_ONCE = """
const open = window.open;
window.open = (...to) => { Storage.prototype.setItem = () => {}; return open(...to); };
"""


def check_usable(page: Page) -> None:
    """Fail if the page scrolls sideways, or if axe finds anything serious on it."""
    page.evaluate(SETTLED)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"the page is {wide} pixels too wide"
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    serious = page.evaluate(SERIOUS)
    assert not serious, serious
