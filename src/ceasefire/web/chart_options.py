"""How charts look that are clicked: the colours of all charts, no HTML, no animation."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments

from ceasefire.render.chart_theme import BLUE, GREY, ORANGE, SKY

MAP_COLOURS = {"party": BLUE, "table": ORANGE, "off": GREY, "line": SKY}
INK = "#6b7683"  # legible on light and on dark paper
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


def svg_chart(
    options: dict[str, Any],
    description: str,
    on_point_click: Callable[[EChartPointClickEventArguments], None] | None = None,
) -> ui.echart:
    """A chart drawn as SVG, with a description for those who do not see it.

    options         as ECharts has them
    description     the chart in words
    on_point_click  called with the point that is clicked
    """
    chart = ui.echart(options, on_point_click, renderer="svg").classes("live-chart")
    chart.props('role="img"').props["aria-label"] = description
    return chart


def label_style(text: str, position: str) -> dict[str, Any]:
    """A label beside a node, wrapped where it is long.

    text      shown as it is
    position  left or right
    """
    return {
        "show": True, "formatter": text.replace("{", "(").replace("}", ")"),
        "position": position, "distance": 6, "fontSize": 12, "fontFamily": FONT, "color": INK,
        "width": 92, "overflow": "break", "lineHeight": 14,
    }  # fmt: skip
