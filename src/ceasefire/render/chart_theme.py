"""How all charts look, and how they become pictures: colours, dashes, captions, PNG and SVG.

Colours are those of Okabe & Ito (2008), Color Universal Design; each goes with a dash and a shape
of its own, so that no line is recognised by its colour alone.
"""

import io
import json
import re
import textwrap
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from typing import Any, TypeVar

import altair as alt
from markupsafe import Markup, escape

from ceasefire.case import Case
from ceasefire.ensemble import VERDICTS, RunStats
from ceasefire.errors import CeasefireError, Problem
from ceasefire.render.calendar_dates import period_label
from ceasefire.results import format_count

BLACK, BLUE, ORANGE, GREEN = "#000000", "#0072B2", "#E69F00", "#009E73"
PURPLE, SKY, RED, GREY = "#CC79A7", "#56B4E9", "#D55E00", "#767676"
SERIES_COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, BLACK)
VERDICT_COLOURS = dict(zip(VERDICTS, (BLUE, SKY, GREY, ORANGE, RED), strict=True))
SERIES_DASHES = ([1, 0], [8, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4], [2, 5])
SERIES_SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-left",
)
CHART_WIDTH_PIXELS = 640
MOST_DATES = 6  # on an axis
# the first and the last date are moved to within the axis: each needs half its width more
DATE_LETTER_PIXELS = 11  # from one date to the next, for each letter of a date
DATE_STEPS = (1, 2, 3, 4, 6, 12, 24, 36, 48, 60)  # periods from one date of an axis to the next
CAPTION_LETTER_PIXELS = 5.9  # width of a letter of a caption in pixels, on average

_MARKUP_TAG = re.compile(r"<[^>]*>")
_ARIA_ATTRIBUTE = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')

AltairChart = alt.Chart | alt.LayerChart | alt.FacetChart
StyleValue = TypeVar("StyleValue")


def apply_chart_theme(
    chart: Any, title: str, caption: Sequence[str], width: int = CHART_WIDTH_PIXELS
) -> AltairChart:
    """A chart with its title, a caption below the title, and the look of all charts.

    chart    the chart, without title
    title    wrapped to the width
    caption  sentences, each on lines of its own
    width    pixels available for the text
    """
    lines = [
        line for text in caption for line in textwrap.wrap(text, int(width / CAPTION_LETTER_PIXELS))
    ]
    head = alt.TitleParams(
        textwrap.wrap(title, int(width / (CAPTION_LETTER_PIXELS * 1.3))),
        subtitle=lines,
        anchor="start",
        frame="group",
        fontSize=15,
        subtitleFontSize=11.5,
        subtitleColor="#333333",
        subtitlePadding=5,
        offset=14,
    )
    finished: AltairChart = (
        chart.properties(title=head, background="white", padding=10)
        .configure(font="Helvetica, Arial, 'Liberation Sans', sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=11, titleFontSize=11.5, titleFontWeight="normal", gridColor="#e4e4e4",
            domainColor="#777777", tickColor="#777777", labelColor="#222222", titleColor="#222222",
        )
        .configure_header(labelFontSize=12, labelFontWeight="bold", title=None, labelLimit=400)
        .configure_legend(
            labelFontSize=11.5, titleFontSize=11.5, labelLimit=300, symbolStrokeWidth=2,
        )
    )  # fmt: skip
    return finished


def cycle_styles(styles: Sequence[StyleValue], names: Sequence[str]) -> list[StyleValue]:
    """A style for each name, in turn; the first again after the last."""
    return [styles[n % len(styles)] for n in range(len(names))]


def series_encodings(names: Sequence[str]) -> tuple[alt.Color, alt.StrokeDash, alt.Shape]:
    """Colour, dash and shape by the field `who` of the data, in the order of `names`."""
    domain = list(names)
    colours, dashes = cycle_styles(SERIES_COLOURS, domain), cycle_styles(SERIES_DASHES, domain)
    shapes = cycle_styles(SERIES_SHAPES, domain)
    legend = alt.Legend(title=None, orient="bottom", columns=2, symbolSize=90, symbolStrokeWidth=0)
    return (
        alt.Color("who:N", scale=alt.Scale(domain=domain, range=colours), legend=legend),
        alt.StrokeDash("who:N", scale=alt.Scale(domain=domain, range=dashes), legend=None),
        alt.Shape("who:N", scale=alt.Scale(domain=domain, range=shapes), legend=legend),
    )


def inline_data(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Rows as the data of a chart."""
    return alt.InlineData(values=list(rows))


def time_encoding(case: Case, last: int, width: int) -> alt.X:
    """The field `period` along a time axis: calendar dates where the case has any, else numbers.

    case   the case
    last   the last period that is drawn
    width  pixels that the axis has
    """
    if case.start is None:
        title = f"{case.period}s"
        return alt.X("period:Q", title=title, axis=alt.Axis(tickMinStep=1, tickCount=6))
    letters = max(len(period_label(case, period)) for period in range(last + 1))
    spaces = min(MOST_DATES - 1, max(1, width // (DATE_LETTER_PIXELS * letters)))
    least = max(1, -(-last // spaces))
    step = next((each for each in DATE_STEPS if each >= least), least)
    step = step if step <= last else least  # two dates at least
    dates = {str(period): period_label(case, period) for period in range(0, last + 1, step)}
    axis = alt.Axis(values=[*map(int, dates)], labelExpr=f"{json.dumps(dates)}[datum.value]")
    scale = alt.Scale(domain=[0, max(1, last)], nice=False)
    return alt.X("period:Q", title=None, axis=axis, scale=scale)


def describe_worlds(run_stats: RunStats | None) -> str:
    """A sentence on the worlds behind a chart: how many, from which seed, how many failed."""
    if run_stats is None:
        return "At the best estimates alone."
    answered = run_stats.computed - len(run_stats.failed)
    text = f"{format_count(answered, 'world')} from seed {run_stats.seed}"
    failed = f"; {format_count(len(run_stats.failed), 'world')} failed" if run_stats.failed else ""
    ended = (
        f"; ended early, {run_stats.requested:,} were asked for" if run_stats.interrupted else ""
    )
    return f"{text}{failed}{ended}."


def require_chart_renderer() -> None:
    """Raise CeasefireError, with the command that installs it, if charts cannot be drawn here."""
    if find_spec("vl_convert") is None:
        help = "install it: pip install 'ceasefire[report]', or `make all` in a clone"
        raise CeasefireError([Problem("charts need vl-convert, which is not installed", help=help)])


def chart_png(chart: alt.TopLevelMixin, scale: float = 2.0) -> bytes:
    """A chart as PNG, by default with two dots to a pixel."""
    require_chart_renderer()
    file = io.BytesIO()
    chart.save(file, format="png", scale_factor=scale)
    return file.getvalue()


def chart_svg(chart: alt.TopLevelMixin) -> str:
    """A chart as SVG; its element names are unique, so that a page can hold several."""
    require_chart_renderer()
    file = io.StringIO()
    chart.save(file, format="svg")
    text = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>", "", file.getvalue(), flags=re.DOTALL).strip()
    prefix = f"c{sha256(text.encode()).hexdigest()[:8]}-"
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}", text)


def chart_markup(chart: AltairChart | None, description: str) -> Markup | None:
    """A chart as SVG for a page, with a description for readers who cannot see it.

    Returns None without a chart.
    """
    if chart is None:
        return None
    # a screen reader reads the description of the whole: roles of single marks only disturb
    plain = _MARKUP_TAG.sub(lambda tag: _ARIA_ATTRIBUTE.sub("", tag[0]), chart_svg(chart))
    drawn = plain.replace("<svg ", '<svg role="img" aria-label="@description@" ', 1)
    quoted = str(escape(description))
    return Markup(drawn.replace("@description@", quoted, 1))  # noqa: S704  Vega escapes the texts in it
