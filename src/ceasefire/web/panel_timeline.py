"""What is likely when: one course in calendar dates, the band of the worlds, events as flags."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from nicegui import ui

from ceasefire.argument import theses
from ceasefire.case import Case, Event
from ceasefire.diagnostics import readable_name
from ceasefire.ensemble import QuantileBand, TimelineQuantiles
from ceasefire.evidence.changes import STILL_CHECKED
from ceasefire.evidence.events import event_in_words
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.chart_theme import BLUE, ORANGE
from ceasefire.render.formatting import format_number, format_probability
from ceasefire.results import format_count
from ceasefire.web import html_fragments
from ceasefire.web.chart_options import FONT, INK, svg_chart
from ceasefire.web.layout import HtmlBlock, Slider, TextBlock, labelled_button
from ceasefire.web.progress_line import ProgressLine
from ceasefire.web.session import PageSession
from ceasefire.web.worker_results import UpdateTaskResult

FOLLOWED_KINDS = ("condition", "number", "state", "belief")
MOST_ROWS = 13


class TimelinePanel:
    """What to follow, and its course."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.chart: ui.echart | None = None
        with ui.element("section").classes("when").props('aria-label="When"') as self.section:
            with ui.element("div").classes("edit-count"):
                TextBlock("h2", "When")
                self.series_select = ui.select([], label="Follow")
                self.series_select.props("dense options-dense outlined")
                self.series_select.on_value_change(lambda: self._show())
            self.progress_line = ProgressLine(session, "timeline", "Following the months")
            self.band_line = ProgressLine(session, "band", "Band of the worlds")
            self.problems_html = HtmlBlock()
            TextBlock("p", "Drag “today” along the months: every sentence is asked from then on.",
                      "small soft")  # fmt: skip
            self.holder = ui.element("div")
            self.today_row = ui.element("div").classes("today")
            self.today_slider: Slider | None = None
            self.today_on_slider = 0
            self.today_words = TextBlock("p", "", "small")
            self.today_words.props('role="status" aria-live="polite"')
            self.update_line = ProgressLine(session, "update", "Asking from that day")
            self.caption = TextBlock("p", "", "small soft")
            self.events_html = HtmlBlock()
            self.band_button = labelled_button("Draw the band of the worlds", session.draw_band)
            with ui.element("details"):
                TextBlock("summary", "The same in numbers")
                self.table_html = HtmlBlock()
        self.section.set_visibility(False)
        session.listeners.append(self._on_change)
        ui.timer(0.5, self._refresh_lines)

    def _refresh_lines(self) -> None:
        for line in (self.progress_line, self.band_line, self.update_line):
            line.refresh()

    def _build(self, case: Case, timeline: TimelineQuantiles) -> None:
        offered = followed_series(case, timeline)
        chosen = self.series_select.value
        if list(self.series_select.options) != list(offered):
            chosen = chosen if chosen in offered else first_followed(case, list(offered))
            self.series_select.set_options(offered, value=chosen)

    def _show(self) -> None:
        session, case = self.session, self.session.case
        if case is None or session.timeline is None:
            self.section.set_visibility(False)
            return
        key = self.series_select.value
        now = find_band(session.timeline, key)
        self.section.set_visibility(now is not None)
        if now is None:
            return
        name = series_label(case, now)
        moved = session.edited_case.is_moved
        was = find_band(session.written_timeline, key) if moved else None
        band = find_band(session.band, key)
        happened = events_in_words(case, session.edited_case.added_events)
        events = [event for event in happened if event[0] < len(now.best)]
        options = timeline_options(case, now, was, band, events, session.today)
        description = f"{name} from {options['xAxis']['data'][0]} on, as in the table below"
        if self.chart is None:
            with self.holder:
                self.chart = svg_chart(options, description).style("height: 260px")
        else:
            self.chart.options.clear()
            self.chart.options.update(options)
            self.chart.props["aria-label"] = description
            self.chart.update()
        dates = options["xAxis"]["data"]
        expected = expected_events(case, session.update_result)
        self.events_html.set_content(event_list_html(dates, events, expected))
        self._show_today(case, dates)
        said = ["At the best estimates" if not moved else "Where you have moved it"]
        said += ["as written (dashed)"] if was is not None else []
        said += ["from the 5th to the 95th percentile of the worlds (shaded)"] if band else []
        self.caption.set_text("; ".join(said) + ".")
        self.band_button.set_visibility(band is None and "band" not in session.pending)
        self.table_html.set_content(timeline_table_html(case, now, was, band))

    def _show_today(self, case: Case, dates: Sequence[str]) -> None:
        """The handle below the dates, and what is said of the claims from then on."""
        session, last = self.session, min(case.horizon, len(dates) - 1)
        when = dates[min(session.today, last)]
        if self.today_slider is None or self.today_slider.props["max"] != last:
            self.today_row.clear()
            with self.today_row:
                self.today_slider = Slider("Today", 0, last, session.today, step=1)
            self.today_slider.on_move(self._move_today)
            self.today_on_slider = session.today
        if self.today_on_slider != session.today:
            self.today_on_slider = session.today
            self.today_slider.set_value(session.today, when)
        self.today_slider.set_value_text(when)
        self.today_words.set_text(describe_today(case, session.update_result, session.today, when))

    def _move_today(self, period: object) -> None:
        if isinstance(period, int | float) and math.isfinite(period):
            self.today_on_slider = round(period)
            self.session.set_today(self.today_on_slider)

    def _on_change(self, topic: str) -> None:
        session = self.session
        if topic in ("timeline", "case") and session.case is not None:
            if session.timeline is not None:
                self._build(session.case, session.timeline)
            self._show()
        elif topic in ("draft", "restored", "band", "update", "tab"):
            if topic == "tab":
                self.today_on_slider = -1  # moves on a page that is hidden do not reach it
            self._show()
        if topic in ("progress", "timeline", "case", "update"):
            self._refresh_lines()
            self.problems_html.set_content(
                html_fragments.problem_list_html(session.problems_of("timeline", "band", "update"))
            )


def describe_today(case: Case, found: UpdateTaskResult | None, today: int, when: str) -> str:
    """How the claims come out when they are asked from a day on.

    case   the case
    found  what was found for that day, None while that is not known
    today  the period that begins then; 0 is the start
    when   that day in words
    """
    if today == 0:
        return f"Today is {when}, the start: nothing has happened yet."
    past = "has" if today == 1 else "have"
    periods = format_count(case.horizon, case.period)
    gone = f"Today is {when}: {today} of {periods} {past} gone by"
    if found is None:
        return f"{gone}."
    claims = found.update_result.claims
    true = sum(claim.best[1] is True for claim in claims)
    turned = sum(claim.best[1] is not claim.best[0] for claim in claims)
    events = format_count(len(found.update_result.events), "event")
    sentence = f"{gone}, with {events}. {true} of {format_count(len(claims), 'claim')} "
    sentence += "is true" if true == 1 else "are true"
    other = "comes out" if turned == 1 else "come out"
    sentence += f" from then on; {turned} {other} otherwise than from the start."
    if STILL_CHECKED in found.update_result.failed_checks:
        sentence += " The numbers are still being checked."
    return sentence


def events_in_words(case: Case, added: Sequence[Event]) -> list[tuple[int, str]]:
    """What has happened, (period, in words), by period; what is reported twice is there once.

    case   the case
    added  what was logged besides the events of the case
    """
    found = ((event.period, event_in_words(case, event)) for event in (*case.events, *added))
    return sorted(dict.fromkeys(found), key=lambda event: event[0])


def expected_events(
    case: Case, found: UpdateTaskResult | None
) -> dict[tuple[int, str], float | None]:
    """How likely each event was held to be, by period and words.

    case   the case
    found  what the events say, None while that is not known
    """
    events = () if found is None else found.update_result.events
    return {
        (one.event.period, event_in_words(case, one.event.first_report)): one.expected
        for one in events
    }


def event_list_html(
    dates: Sequence[str],
    events: Sequence[tuple[int, str]],
    expected: Mapping[tuple[int, str], float | None],
) -> Markup:
    """What has happened, with the numbers that the flags of the chart have.

    dates     each period in words
    events    (period, in words), by period
    expected  how likely each was held to be, as far as that is known

    >>> event_list_html(["May 2025"], [(0, "a truce")], {(0, "a truce"): 0.25}).striptags()
    'May 2025: a truce; it was expected with probability 0.250'
    """
    said = []
    for event in events:
        probability = expected.get(event)
        words = f"{dates[event[0]]}: {event[1]}"
        if probability is not None:
            words += f"; it was expected with probability {format_probability(probability)}"
        said.append(words)
    return html_fragments.render_fragment("numbered_list", said, "small soft")


def series_key(band: QuantileBand) -> str:
    """What tells a series from all others."""
    return f"{band.kind} {band.name} {band.observer or ''}".strip()


def belief_in_words(case: Case, observer: str, party: str, kind: str) -> str:
    """Whose belief about whom a probability is.

    case      the case
    observer  a party, or the analyst
    party     whose type nobody else sees
    kind      the type
    """
    who = "the analyst" if observer == "analyst" else case.name_of(observer)
    return f"{who} believes {case.name_of(party)} {readable_name(kind)}"


def series_label(case: Case, band: QuantileBand) -> str:
    """What people call a series."""
    if band.kind == "belief":
        party, _, kind = band.name.partition(".")
        return belief_in_words(case, band.observer or "", party, kind)
    name = case.label_of(band.name)
    return f"expected {name}" if band.kind == "number" else name


def followed_series(case: Case, timeline: TimelineQuantiles) -> dict[str, str]:
    """The series that can be followed: conditions first, then numbers, facts and beliefs."""
    known = [band for band in timeline.bands if band.kind in FOLLOWED_KINDS]
    ordered = sorted(known, key=lambda band: FOLLOWED_KINDS.index(band.kind))
    return {series_key(band): series_label(case, band) for band in ordered}


def first_followed(case: Case, keys: Sequence[str]) -> str | None:
    """The condition that the first thesis, or the first claim that names one, is about."""
    because = {name: claim.because for name, claim in case.claims.items()}
    for name in (*theses(because), *case.claims):
        test = case.claims[name].test
        for key in keys:
            kind, _, condition = key.partition(" ")
            if kind == "condition" and condition in test:
                return key
    return next(iter(keys), None)


def find_band(timeline: TimelineQuantiles | None, key: object) -> QuantileBand | None:
    """The series with this key."""
    if timeline is None:
        return None
    return next((band for band in timeline.bands if series_key(band) == key), None)


def is_probability(case: Case, band: QuantileBand) -> bool:
    """Whether a series lies between 0 and 1 by its nature."""
    if band.kind == "state":
        return all(0.0 <= value <= 1.0 + 1e-9 for value in band.best) and (
            band.name not in case.variables_and_promises
            or case.variables_and_promises[band.name].kind != "number"
        )
    return band.kind != "number"


def timeline_options(
    case: Case,
    now: QuantileBand,
    was: QuantileBand | None,
    band: QuantileBand | None,
    events: Sequence[tuple[int, str]],
    today: int = 0,
) -> dict[str, Any]:
    """The chart of one series.

    case    the case
    now     its course as the page has the case
    was     its course as the case is written, None where nothing is moved
    band    its course over worlds, None while that is not known
    events  (period, in words) what has happened, by period; flags have the numbers of the list
    today   the period that begins now; 0, the start, is not drawn
    """
    dates = [period_label(case, period) for period in range(len(now.best))]
    numbers: dict[int, list[int]] = {}
    for number, (period, _) in enumerate(events, 1):
        numbers.setdefault(period, []).append(number)
    flags = [
        {"xAxis": period, "label": {"formatter": "–".join(dict.fromkeys((f"{n[0]}", f"{n[-1]}")))}}
        for period, n in numbers.items()
    ]
    if 0 < today < len(dates):
        flags.append(
            {
                "xAxis": today, "symbol": "none",
                "lineStyle": {"color": BLUE, "type": "dashed", "width": 2},
                "label": {"formatter": "today", "position": "insideEndTop", "rotate": 90},
            }
        )  # fmt: skip
    line: dict[str, Any] = {"type": "line", "showSymbol": False, "silent": False}
    series = [
        {
            **line, "name": series_label(case, now), "data": _rounded(now.best),
            "lineStyle": {"width": 3, "color": BLUE}, "itemStyle": {"color": BLUE}, "z": 5,
            "markLine": {
                "symbol": ["none", "pin"], "symbolSize": 18, "data": flags, "silent": True,
                "lineStyle": {"color": ORANGE, "type": "solid", "width": 1},
                "label": {"color": INK, "fontSize": 12, "position": "end", "rotate": 0,
                          "padding": [0, 0, 12, 0]},
            },
        },
        {
            **line, "name": "as written", "data": _rounded(was.best) if was is not None else [],
            "lineStyle": {"width": 2, "type": "dashed", "color": INK}, "itemStyle": {"color": INK},
        },
        {
            **line, "name": "5th percentile", "stack": "band", "lineStyle": {"opacity": 0},
            "data": _rounded(band.p05) if band is not None else [], "tooltip": {"show": False},
        },
        {
            **line, "name": "band", "stack": "band", "lineStyle": {"opacity": 0},
            "areaStyle": {"color": BLUE, "opacity": 0.18}, "tooltip": {"show": False},
            "data": [round(high - low, 6) for low, high in zip(band.p05, band.p95, strict=True)]
            if band is not None
            else [],
        },
    ]  # fmt: skip
    probability = is_probability(case, now)
    text = {"color": INK, "fontFamily": FONT, "fontSize": 12}
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT},
        "grid": {"left": 48, "right": 24, "top": 48 if flags else 24, "bottom": 28},
        "tooltip": {"trigger": "axis", "renderMode": "richText", "confine": True},
        "xAxis": {
            "type": "category", "data": dates, "boundaryGap": False,
            "axisLabel": {**text, "hideOverlap": True}, "axisLine": {"lineStyle": {"color": INK}},
        },
        "yAxis": {
            "type": "value", "axisLabel": text,
            "splitLine": {"lineStyle": {"color": INK, "opacity": 0.3}},
            **({"min": 0, "max": 1} if probability else {}),
        },
        "series": series,
    }  # fmt: skip


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 6) for value in values]


def timeline_table_html(
    case: Case, now: QuantileBand, was: QuantileBand | None, band: QuantileBand | None
) -> Markup:
    """The course in numbers, at a dozen dates."""
    dates = [period_label(case, period) for period in range(len(now.best))]
    step = max(1, -(-len(dates) // MOST_ROWS))
    number = format_probability if is_probability(case, now) else format_number
    headings = ["when", "now", *(["as written"] if was is not None else [])]
    headings += ["5 %", "95 %"] if band is not None else []
    rows = []
    for place in range(0, len(dates), step):
        row = [dates[place], number(now.best[place])]
        row += [number(was.best[place])] if was is not None else []
        row += [number(band.p05[place]), number(band.p95[place])] if band is not None else []
        rows.append(row)
    return html_fragments.table_html(headings, rows, series_label(case, now))
