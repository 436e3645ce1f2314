"""How pages look: one calm sheet, legible at any width."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from ceasefire.render.formatting import format_count

STYLESHEET = """
@layer base, quasar, nicegui, components, utilities, overrides, quasar_importants, ceasefire;
@layer ceasefire {
:root { --paper: #faf9f6; --card: #ffffff; --ink: #1d2733; --soft: #54606e; --line: #dcd9d1;
  --accent: #0b5a75; --wash: #e8f0f3; --yes: #1d6b3f; --mid: #7a5200; --no: #a12b20;
  --yes-wash: #dcebe1; --mid-wash: #f3e8cf; --no-wash: #f5dfdb; }
html { color-scheme: light; }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system,
  "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-x: hidden; }
.nicegui-content { display: block; max-width: 76rem; margin: 0 auto; padding: 0 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 650; margin: .25rem 0 .25rem; }
h2 { font-size: 1.15rem; line-height: 1.3; font-weight: 650; margin: 1.25rem 0 .5rem; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 650; margin: 1rem 0 .25rem; }
p { margin: .25rem 0 .5rem; max-width: 46rem; }
a { color: var(--accent); text-underline-offset: .15em; }
code, .code { font: .82rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.top { display: flex; gap: .5rem 1.25rem; flex-wrap: wrap; align-items: baseline;
  padding: .75rem 0; border-bottom: 1px solid var(--line); margin-bottom: 1rem; }
.top .name { font-weight: 700; text-decoration: none; color: var(--ink); letter-spacing: .01em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .9rem 1rem; margin: 0 0 .75rem; box-shadow: none; }
.row { gap: .5rem; }
.q-btn { text-transform: none; letter-spacing: 0; font-weight: 550; }
ul.plain-list { width: 100%; list-style: none; margin: 0; padding: 0; }

.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.75rem; }
.levers { border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  padding: .5rem 1rem .75rem; margin-bottom: 1rem; }
.levers-body { display: none; }
.levers.open .levers-body { display: block; }
.levers-toggle { width: 100%; }
@media (min-width: 60rem) {
  .columns { grid-template-columns: minmax(17rem, 21rem) minmax(0, 1fr); }
  .levers { align-self: start; position: sticky; top: 1rem; max-height: calc(100vh - 2rem);
  overflow-y: auto; }
  .levers-body { display: block; }
  .levers-toggle { display: none; }
}
.levers .q-toggle { width: 100%; margin: .15rem 0; line-height: 1.3; }
.levers .q-toggle__label { font-size: .9rem; padding-left: .25rem; }
.lever { padding: .45rem 0 .1rem; border-top: 1px solid var(--line); }
.lever:first-of-type { border-top: 0; }
.lever-head { display: flex; justify-content: space-between; gap: .75rem; align-items: baseline; }
.lever-name { font-weight: 550; overflow-wrap: anywhere; }
.lever-value { font-variant-numeric: tabular-nums; white-space: nowrap; color: var(--soft); }
.lever.moved .lever-value { color: var(--accent); font-weight: 650; }
.slider { width: 100%; height: 1.75rem; margin: 0; accent-color: var(--accent); cursor: pointer; }

.status { min-height: 3.1rem; }
.line { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
.q-linear-progress { border-radius: 3px; }

.stale { filter: grayscale(1); border-left: 4px dashed var(--line); padding-left: .6rem; }
.claim { display: grid; grid-template-columns: 2rem minmax(0, 1fr); gap: 0 .5rem;
  padding: .8rem 0; border-top: 1px solid var(--line); }
.claim .says { font-weight: 550; }
.claim .numbers { color: var(--soft); }
.mark { font-size: 1.15rem; font-weight: 700; line-height: 1.35; width: 1.75rem; height: 1.75rem;
  border-radius: 50%; text-align: center; }
.mark.true { color: var(--yes); background: var(--yes-wash); }
.mark.false { color: var(--no); background: var(--no-wash); }
.mark.none { color: var(--mid); background: var(--mid-wash); }
.mark.waiting { color: var(--soft); background: transparent; }
.tag { display: inline-block; border-radius: 999px; padding: .05rem .6rem; font-size: .82rem;
  font-weight: 600; margin-right: .4rem; }
.tag.holds, .tag.mostly-holds { color: var(--yes); background: var(--yes-wash); }
.tag.depends, .tag.turned, .tag.noise, .tag.none { color: var(--mid); background: var(--mid-wash); }
.tag.fails, .tag.mostly-fails { color: var(--no); background: var(--no-wash); }
.share { display: flex; gap: .25rem .6rem; align-items: center; flex-wrap: wrap; margin: .2rem 0; }
.bar { position: relative; width: 9rem; height: .7rem; border-radius: 3px; background: #e7e4dc; }
.bar i { position: absolute; inset: 0 auto 0 0; border-radius: 3px; background: var(--accent); }
.bar b { position: absolute; top: -2px; bottom: -2px; border: 1.5px solid var(--ink);
  border-width: 0 1.5px; }
.bar.short { width: 4.5rem; display: inline-block; vertical-align: middle; margin-right: .5rem; }
details { margin: .25rem 0; }
summary { cursor: pointer; color: var(--accent); font-size: .875rem; width: fit-content; }

figure.chart { overflow-x: auto; width: fit-content; max-width: 100%; margin: .5rem 0 1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .25rem; }
figure.chart svg { max-width: none; display: block; }

.scroll { overflow-x: auto; margin: .25rem 0 .75rem; }
table.figures { border-collapse: collapse; width: 100%; font-size: .9rem; }
table.figures th { text-align: left; font-weight: 600; color: var(--soft); }
table.figures th, table.figures td { padding: .3rem .9rem .3rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
table.figures td:nth-child(2):has(.bar) { white-space: nowrap; }
table.figures th[scope=row] { font-weight: 400; color: var(--ink); }
table.figures .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
table.figures caption { text-align: left; color: var(--soft); font-size: .875rem; padding: .25rem
  0; }

.problem { border-left: 4px solid var(--no); background: var(--no-wash); padding: .5rem .75rem;
  border-radius: 4px; margin: .4rem 0; overflow-wrap: anywhere; }
.problem.warning { border-color: #b98900; background: var(--mid-wash); }
.problem .way { display: block; }
.doubt { color: var(--mid); font-weight: 550; }

.parties { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
.state { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .5rem
  .75rem; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .5rem
  .75rem;
  align-items: start; }
.fields > .q-btn { align-self: center; }
.q-tabs { border-bottom: 1px solid var(--line); }
.q-tab { text-transform: none; padding: 0 .8rem; min-width: 0; }
@media (max-width: 30rem) { .q-tab { padding: 0 .55rem; } .q-tabs__arrow { display: none; } }
.listed { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center;
  margin: .25rem 0; }
.q-tab__label { font-size: .95rem; }
.q-tab-panel, .q-tab-panels { padding: 0; background: transparent; }
.q-tab-panel { display: block; }
.q-tab-panel > .row { margin: .5rem 0; }
.card h2:first-child { margin-top: 0; }
.fields { margin-bottom: 1rem; }
.name-of { display: block; font-weight: 600; color: var(--ink); }
.q-field__label, .q-field__native, .q-placeholder { color: var(--ink); opacity: 1; }
.nicegui-codemirror { height: 60vh; min-height: 20rem; border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--card); }
.cm-fault { background: var(--no-wash); }
.beside { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.5rem; }
@media (min-width: 48rem) { .beside.two { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.hidden-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none
  !important; } }
}
"""

WORLD_COUNT_CHOICES = (0, 16, 64)  # worlds that a page offers for what takes long


class TextBlock(TextElement):
    """A text in an element of its own: h2, p, span, …"""

    def __init__(self, tag: str, text: str, classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        if classes:
            self.classes(classes)


class HtmlBlock(ui.html):
    """HTML that is made here from escaped parts; the browser purifies it once more."""

    def __init__(self, content: str = "", classes: str = "") -> None:
        super().__init__(content, sanitize=True)
        if classes:
            self.classes(classes)


@contextmanager
def page_layout(title: str, crumbs: str = "") -> Generator[None, None, None]:
    """A page: a link that skips to the content, the way home, one heading."""
    ui.page_title(f"{title} · ceasefire" if title != "ceasefire" else title)
    ui.add_css(STYLESHEET)
    ui.colors(primary="#0b5a75", positive="#1d6b3f", negative="#a12b20", warning="#7a5200")
    with ui.element("header").classes("top"):
        ui.link("ceasefire", "/").classes("name")
        ui.link("All cases", "/")
        ui.link("Compare two", "/compare")
        if crumbs:
            TextBlock("span", crumbs, "soft small code")
    content = ui.element("div")
    ui.skip_link("Skip to the content", target=content)
    with content:
        TextBlock("h1", title)
        yield


def labelled_button(
    text: str, handler: Any, *, quiet: bool = True, icon: str | None = None
) -> ui.button:
    """A button with a label; quiet ones are outlined."""
    made = ui.button(text, on_click=handler, icon=icon)
    return made.props(
        "no-caps outline dense padding='xs md'"
        if quiet
        else "no-caps unelevated dense padding='xs md'"
    )


class WorldCountSelect(ui.select):
    """A choice of how many worlds; `worlds` is 0 for the best estimates."""

    def __init__(
        self, counts: Iterable[int], value: int, label: str, zero_label: str = "best estimates"
    ) -> None:
        shown = {n: format_count(n, "world") if n else zero_label for n in counts}
        super().__init__(shown, value=value, label=label)
        self.props("dense options-dense outlined")

    @property
    def worlds(self) -> int:
        """What is chosen."""
        return int(self.value or 0)


def status_line() -> TextBlock:
    """A line that a screen reader says when it changes."""
    said = TextBlock("p", "", "small")
    said.props('role="status" aria-live="polite"')
    return said


class Slider(ui.element):
    """The browser's own slider: keyboard, touch and screen reader are its business."""

    def __init__(self, label: str, low: float, high: float, value: float) -> None:
        super().__init__("input")
        self._props |= {
            "type": "range",
            "min": low,
            "max": high,
            "step": "any",
            "defaultValue": value,
            "aria-label": label,
        }
        self.classes("slider")

    def on_move(self, handler: Callable[[Any], None]) -> None:
        """Call with every value that the slider comes to, at most ten times a second."""
        self.on(
            "input",
            lambda e: handler(e.args),
            js_handler="(e) => emit(+e.target.value)",
            throttle=0.1,
        )

    def set_value(self, value: float, value_text: str) -> None:
        """Set it from here."""
        ui.run_javascript(f"document.getElementById('{self.html_id}').value = {value!r}")
        self.set_value_text(value_text)

    def set_value_text(self, value_text: str) -> None:
        """What a screen reader says for its value."""
        self.props["aria-valuetext"] = value_text
