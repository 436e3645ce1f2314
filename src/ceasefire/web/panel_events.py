"""What has happened since: log an event, and see what it does to beliefs and claims."""

from markupsafe import Markup
from nicegui import ui

from ceasefire.case import Case, Deal, Event, FrozenMapping, Move
from ceasefire.evidence import UpdateResult, ValueChange
from ceasefire.evidence.events import event_in_words, target_in_words, value_in_words
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.formatting import (
    TRUTH_MARKS,
    format_probability,
)
from ceasefire.results import format_count
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, status_line
from ceasefire.web.panel_timeline import belief_in_words
from ceasefire.web.progress_line import ProgressLine
from ceasefire.web.session import PageSession

EVENT_KIND_LABELS = {
    "deal": "a deal took effect",
    "signed": "one party said yes",
    "refused": "a deal was refused",
    "move": "a party moved",
    "outcome": "a move or deal had this outcome",
    "chance": "chance struck",
    "broken": "a promise was broken",
    "idle": "a table made no offer",
    "observed": "a fact was seen",
}
KINDS_WITH_PARTY = ("refused", "signed")


class EventsPanel:
    """The form, the events that are logged, and what they change."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        TextBlock(
            "p", "Log what has happened: beliefs move, and claims are asked from today.", "soft"
        )
        self.form = ui.element("div").classes("fields")
        self.event_list = ui.element("ul").classes("plain-list").props('aria-label="Events"')
        self.reweight_button = labelled_button(
            "Weigh the worlds by what they expected", lambda: session.update(True)
        )
        self.progress_line = ProgressLine(session, "update", "Following what happened")
        self.status_line = status_line()
        self.problems_html, self.result_html = HtmlBlock(), HtmlBlock()
        session.listeners.append(self.on_change)
        ui.timer(0.5, self.progress_line.refresh)

    def build(self, case: Case) -> None:
        """Draw the form."""
        self.form.clear()
        kinds = {
            kind: text for kind, text in EVENT_KIND_LABELS.items() if event_targets(case, kind)
        }
        with self.form:
            dates = {period: period_label(case, period) for period in range(case.horizon)}
            self.period_select = ui.select(dates, value=0, label="When")
            self.kind_select = ui.select(kinds, value=next(iter(kinds), None), label="What")
            self.target_select = ui.select([], label="Which")
            self.by_or_value_select = ui.select([], label="By")
            for chosen in (
                self.period_select, self.kind_select, self.target_select, self.by_or_value_select,
            ):  # fmt: skip
                chosen.props("dense options-dense outlined")
            self.kind_select.on_value_change(self._on_kind_chosen)
            self.target_select.on_value_change(self._on_target_chosen)
            labelled_button("Log it", self._add_event, quiet=False)
        self._on_kind_chosen()
        self._refresh_events()

    def _on_kind_chosen(self) -> None:
        case = self.session.case
        if case is not None and self.kind_select.value is not None:
            kind = self.kind_select.value
            names = event_targets(case, kind)
            words = {name: target_in_words(case, name) for name in names}
            self.target_select.set_options(words, value=names[0])
            self._on_target_chosen()

    def _on_target_chosen(self) -> None:
        case = self.session.case
        if case is None or self.target_select.value is None:
            return
        kind, target = self.kind_select.value, self.target_select.value
        self.by_or_value_select.set_visibility(kind in (*KINDS_WITH_PARTY, "observed"))
        if kind in KINDS_WITH_PARTY:
            table, deal = target.split(".")
            seats = {seat: case.name_of(seat) for seat in case.tables[table].seats}
            self.by_or_value_select.set_options(seats)
            self.by_or_value_select.set_value(case.tables[table].deals[deal].needs[-1:][0])
        elif kind == "observed":
            values = {
                value: value_in_words(case, target, value)
                for value in case.variables_and_promises[target].values
            }
            self.by_or_value_select.set_options(
                values, value=case.variables_and_promises[target].values[0]
            )
        self.by_or_value_select.props(f'label="{"Value" if kind == "observed" else "By"}"')

    def _add_event(self) -> None:
        kind, target, period = (
            self.kind_select.value,
            self.target_select.value,
            self.period_select.value,
        )
        if kind is None or target is None or period is None:
            return
        seen = (
            FrozenMapping({target: self.by_or_value_select.value})
            if kind == "observed"
            else FrozenMapping()
        )
        event = Event(
            period=int(period),
            kind=kind,
            target="" if kind == "observed" else target,
            by=self.by_or_value_select.value if kind in KINDS_WITH_PARTY else None,
            observed=seen,
        )
        self.session.add_event(event)

    def _refresh_events(self) -> None:
        case, logged = self.session.case, self.session.edited_case.added_events
        if case is None:
            return
        self.event_list.clear()
        with self.event_list:
            for event in case.events:
                text = f"{period_label(case, event.period)}: {event_in_words(case, event)}"
                TextBlock("li", text, "small")
            for place, event in enumerate(logged):
                with ui.element("li").classes("small listed"):
                    text = f"{period_label(case, event.period)}: {event_in_words(case, event)}"
                    TextBlock("span", text)
                    taken = labelled_button(
                        "Take back", lambda place=place: self.session.remove_event(place)
                    )
                    taken.props["aria-label"] = f"Take back {text}"
        self.reweight_button.set_visibility(bool(case.events or logged))

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "case" and session.case is not None:
            self.build(session.case)
        self.progress_line.refresh()
        self.problems_html.set_content(
            html_fragments.problem_list_html(session.problems_of("update"))
        )
        if topic == "draft":
            self._refresh_events()
        if topic == "update":
            found = session.update_result
            shown = Markup("")
            if found is not None and session.case is not None:
                shown = found.chart_html + update_html(session.case, found.update_result)
            self.result_html.set_content(shown)
            if found is not None:
                count = format_count(len(found.update_result.events), "event")
                self.status_line.set_text(f"{count} taken into account.")


def event_targets(case: Case, kind: str) -> list[str]:
    """What an event of a kind can be about, as a case writes it."""
    deals = {
        f"{table}.{deal}": one
        for table, rules in case.tables.items()
        for deal, one in rules.deals.items()
    }
    asked = [name for name, deal in deals.items() if deal.needs]
    movers = dict.fromkeys(move.party for move in case.moves.values())
    acts: dict[str, Move | Deal] = {**case.moves, **deals}
    return {
        "deal": list(deals),
        "signed": asked,
        "refused": asked,
        "move": [*case.moves, *(f"{party}.pass" for party in movers)],
        "outcome": [f"{key}.{name}" for key, act in acts.items() for name in act.outcome_names],
        "chance": [
            f"{key}.{name}" for key, one in case.chance.items() for name in one.outcome_names
        ]
        + [key for key, one in case.chance.items() if not one.outcomes],
        "broken": list(case.promises),
        "idle": list(case.tables),
        "observed": list(case.variables_and_promises),
    }[kind]


def update_html(case: Case, result: UpdateResult) -> Markup:
    """Events with what was expected of them, beliefs and claims before and after.

    case    the case
    result  what the events make of beliefs and claims
    """
    events = [
        [
            period_label(case, event.event.period),
            event_in_words(case, event.event.first_report),
            _probability_cell(event.expected),
        ]
        for event in result.events
    ]
    beliefs = [
        [belief_in_words(case, observer, party, kind), *_change_cells(change)]
        for (observer, party, kind), change in result.beliefs.items()
    ]
    claims = [
        [
            case.sentence_of(claim.id),
            *(
                TRUTH_MARKS[one].word
                for one in (claim.best[0], claim.best_as_written, claim.best[1])
            ),
            *(
                _share_cell(None if share is None else share.share)
                for share in (claim.before, claim.as_written, claim.after)
            ),
        ]
        for claim in result.claims
    ]
    shown = html_fragments.table_html(
        ["when", "event", "expected"], events, "What has happened", text_columns=2
    )
    if beliefs:
        headings = ["belief", "before", "now", "time alone"]
        shown += html_fragments.table_html(headings, beliefs, "What is believed")
    readings = ["before", "as written, after the evidence", "from today"]
    headings = ["claim", *readings, *(f"share {reading}" for reading in readings)]
    columns = len(headings) if result.run_stats else 4
    shown += html_fragments.table_html(
        headings[:columns], [row[:columns] for row in claims], "Claims", text_columns=4
    )
    settled = [
        f"“{case.sentence_of(claim.id)}” is settled by: {'; '.join(claim.settled_by)}"
        for claim in result.claims
        if claim.settled_by
    ]
    shown += html_fragments.render_fragment("paragraphs", settled, "small")
    return (
        shown
        + _update_notes_html(result)
        + html_fragments.numerics_html(
            result.numerics, result.run_stats, failed_checks=result.failed_checks
        )
    )


def _update_notes_html(result: UpdateResult) -> Markup:
    notes = html_fragments.render_fragment("paragraphs", result.notes, "small soft")
    if result.effective_worlds is None:
        return notes
    sentence = f"The worlds are worth {result.effective_worlds:.1f} equal ones."
    classes = "small soft"
    if result.has_few_effective_worlds:
        sentence += " That is less than a tenth: take more worlds."
        classes = "doubt small"
    return notes + html_fragments.render_fragment("paragraphs", [sentence], classes)


def _change_cells(change: ValueChange) -> list[str]:
    now, alone = change.values_by_version[:2]
    return [_probability_cell(value) for value in (change.value_before, now, alone)]


def _probability_cell(value: float | None) -> str:
    return "no answer" if value is None else format_probability(value)


def _share_cell(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
