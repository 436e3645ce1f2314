"""How pages look: one calm sheet, legible at any width."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from ceasefire.results import format_count

STYLESHEET = (Path(__file__).parent / "pages.css").read_text(encoding="utf-8")
THEME_KEY = "ceasefire-theme"
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
def page_layout(title: str, crumbs: str = "") -> Generator[TextBlock, None, None]:
    """A page: a link that skips to the content, the way home, one heading.

    title   the heading
    crumbs  where the page stands, beside the links at the top
    """
    ui.page_title(f"{title} · ceasefire" if title != "ceasefire" else title)
    ui.add_css(STYLESHEET)
    ui.colors(primary="#00598a", positive="#0072b2", negative="#8f3600", warning="#5b4a12")
    with ui.element("header").classes("top"):
        ui.link("ceasefire", "/").classes("name")
        ui.link("All cases", "/")
        ui.link("Compare cases", "/compare")
        if crumbs:
            TextBlock("span", crumbs, "soft small code")
        with ui.element("div").classes("end"):
            _theme_button()
    content = ui.element("div")
    ui.skip_link("Skip to the content", target=content)
    with content:
        yield TextBlock("h1", title)


def _theme_button() -> None:
    """Light or dark: as the system has it until somebody chooses, then as chosen."""
    mode = ui.dark_mode(None)

    def apply(theme: str | None) -> None:
        mode.value = {"dark": True, "light": False}.get(theme or "")

    def choose() -> None:
        theme = "light" if mode.value else "dark"
        apply(theme)
        ui.run_javascript(f"localStorage.setItem('{THEME_KEY}', '{theme}')")

    button = labelled_button("", choose, icon="contrast")
    button.props["aria-label"] = "Light or dark"
    ui.on("theme", lambda event: apply(event.args if event.args in ("dark", "light") else None))
    ui.run_javascript(
        f"const kept = localStorage.getItem('{THEME_KEY}'); if (kept) emitEvent('theme', kept);"
    )


def labelled_button(
    text: str, handler: Any, *, quiet: bool = True, icon: str | None = None
) -> ui.button:
    """A button with a label; quiet ones are outlined.

    text     the label
    handler  called when it is pressed
    quiet    whether it is outlined
    icon     a sign before the label
    """
    button = ui.button(text, on_click=handler, icon=icon)
    return button.props(
        "no-caps outline dense padding='xs md'"
        if quiet
        else "no-caps unelevated dense padding='xs md'"
    )


class WorldCountSelect(ui.select):
    """A choice of how many worlds; `worlds` is 0 for the best estimates."""

    def __init__(
        self, counts: Iterable[int], value: int, label: str, zero_label: str = "best estimates"
    ) -> None:
        labels = {n: format_count(n, "world") if n else zero_label for n in counts}
        super().__init__(labels, value=value, label=label)
        self.props("dense options-dense outlined")

    @property
    def worlds(self) -> int:
        """What is chosen."""
        return int(self.value or 0)


def status_line() -> TextBlock:
    """A line that a screen reader says when it changes."""
    line = TextBlock("p", "", "small")
    line.props('role="status" aria-live="polite"')
    return line


class Slider(ui.element):
    """The browser's own slider: keyboard, touch and screen reader are its business."""

    def __init__(
        self, label: str, low: float, high: float, value: float, step: float | None = None
    ) -> None:
        super().__init__("input")
        self._props |= {
            "type": "range",
            "min": low,
            "max": high,
            "step": "any" if step is None else step,
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
        """Move the slider from the server; nothing happens while its tab is not open.

        value       the value
        value_text  the value as a screen reader says it
        """
        self.client.run_javascript(
            f"const s = document.getElementById('{self.html_id}'); if (s) s.value = {value!r};"
        )
        self.set_value_text(value_text)

    def set_value_text(self, value_text: str) -> None:
        """What a screen reader says for its value."""
        self.props["aria-valuetext"] = value_text
