"""What has happened since: log an event, and see what it does to beliefs and claims."""

from html import escape

from nicegui import ui

from ceasefire.case import Case, Event, FrozenMapping
from ceasefire.evidence import UpdateResult, ValueChange
from ceasefire.evidence.events import describe_event as in_words
from ceasefire.render.formatting import format_count, format_probability
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, status_line
from ceasefire.web.panel_claims import ProgressLine
from ceasefire.web.panel_explain import format_case_value
from ceasefire.web.session import PageSession

EVENT_KIND_LABELS = {
    "deal": "a deal took effect",
    "refused": "a deal was refused",
    "move": "a party moved",
    "chance": "chance struck",
    "idle": "a table made no offer",
    "observed": "a fact was seen",
}


class EventsPanel:
    """The form, the events that are logged, and what they change."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        TextBlock(
            "p", "Log what has happened: beliefs move, and claims are asked from today.", "soft"
        )
        self.form = ui.element("div").classes("fields")
        self.listed = ui.element("ul").classes("plain-list").props('aria-label="Events"')
        self.weigh = labelled_button(
            "Weigh the worlds by what they expected", lambda: session.update(True)
        )
        self.under = ProgressLine(session, "update", "Following what happened", "Cancel")
        self.said = status_line()
        self.trouble, self.found = HtmlBlock(), HtmlBlock()
        session.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def build(self, case: Case) -> None:
        """Draw the form."""
        self.form.clear()
        kinds = {
            kind: text for kind, text in EVENT_KIND_LABELS.items() if event_targets(case, kind)
        }
        with self.form:
            self.period = ui.number(
                f"In {case.period}", value=0, min=0, max=case.horizon - 1, precision=0
            ).props("dense outlined")
            self.kind = ui.select(kinds, value=next(iter(kinds), None), label="What")
            self.target = ui.select([], label="Which")
            self.other = ui.select([], label="By")
            for chosen in (self.kind, self.target, self.other):
                chosen.props("dense options-dense outlined")
            self.kind.on_value_change(self._kind)
            self.target.on_value_change(self._target)
            labelled_button("Log it", self._log, quiet=False)
        self._kind()
        self._list()

    def _kind(self) -> None:
        case = self.session.case
        if case is not None and self.kind.value is not None:
            names = event_targets(case, self.kind.value)
            self.target.set_options(names, value=names[0])
            self._target()

    def _target(self) -> None:
        case = self.session.case
        if case is None or self.target.value is None:
            return
        kind, target = self.kind.value, self.target.value
        self.other.set_visibility(kind in ("refused", "observed"))
        if kind == "refused":
            table, deal = target.split(".")
            self.other.set_options(list(case.tables[table].seats))
            self.other.set_value(case.tables[table].deals[deal].needs[-1:][0])
        elif kind == "observed":
            values = {value: format_case_value(value) for value in case.variables[target].values}
            self.other.set_options(values, value=case.variables[target].values[0])
        self.other.props(f'label="{"Value" if kind == "observed" else "By"}"')

    def _log(self) -> None:
        kind, target, period = self.kind.value, self.target.value, self.period.value
        if kind is None or target is None or period is None:
            return
        seen = FrozenMapping({target: self.other.value}) if kind == "observed" else FrozenMapping()
        event = Event(
            period=int(period),
            kind=kind,
            target="" if kind == "observed" else target,
            by=self.other.value if kind == "refused" else None,
            observed=seen,
        )
        self.session.log(event)

    def _list(self) -> None:
        case, logged = self.session.case, self.session.draft.logged
        if case is None:
            return
        self.listed.clear()
        with self.listed:
            for event in case.events:
                TextBlock("li", f"{case.period} {event.period}: {in_words(event)}", "small")
            for place, event in enumerate(logged):
                with ui.element("li").classes("small listed"):
                    text = f"{case.period} {event.period}: {in_words(event)}"
                    TextBlock("span", text)
                    taken = labelled_button(
                        "Take back", lambda place=place: self.session.unlog(place)
                    )
                    taken.props(f'aria-label="Take back {text}"')
        self.weigh.set_visibility(bool(case.events or logged))

    def show(self, what: str) -> None:
        """Show what is new."""
        session = self.session
        if what == "case" and session.case is not None:
            self.build(session.case)
        self.under.show()
        self.trouble.set_content(html_fragments.problem_list_html(session.wrong("update")))
        if what == "draft":
            self._list()
        if what == "update":
            found = session.happened
            shown = "" if found is None else found.figure + update_html(found.updated)
            self.found.set_content(shown)
            if found is not None:
                count = format_count(len(found.updated.events), "event")
                self.said.set_text(f"{count} taken into account.")


def event_targets(case: Case, kind: str) -> list[str]:
    """What an event of a kind can be about, as a case writes it."""
    deals = [f"{table}.{deal}" for table, rules in case.tables.items() for deal in rules.deals]
    movers = dict.fromkeys(move.party for move in case.moves.values())
    return {
        "deal": deals,
        "refused": [d for d in deals if case.tables[d.split(".")[0]].deals[d.split(".")[1]].needs],
        "move": [*case.moves, *(f"{party}.pass" for party in movers)],
        "chance": [
            f"{name}.{outcome.name}"
            for name, chance in case.chance.items()
            for outcome in chance.outcomes
            if outcome.name
        ],
        "idle": list(case.tables),
        "observed": list(case.variables),
    }[kind]


def update_html(found: UpdateResult) -> str:
    """Events with what was expected of them, beliefs and claims before and after."""
    events = [
        [str(event.fact.period), event.fact.words, _probability_cell(event.expected)]
        for event in found.events
    ]
    beliefs = [
        [f"{party}.{kind}, by {observer}", *_change_cells(change)]
        for (observer, party, kind), change in found.beliefs.items()
    ]
    claims = [
        [
            claim.id,
            html_fragments.TRUTH_LABELS[claim.best[0]][2],
            html_fragments.TRUTH_LABELS[claim.best[1]][2],
            _share_cell(None if claim.before is None else claim.before.share),
            _share_cell(None if claim.after is None else claim.after.share),
        ]
        for claim in found.claims
    ]
    shown = html_fragments.table_html(
        ["period", "event", "expected"], events, "What has happened", words=2
    )
    heads = ["belief", "before", "now", "time alone"]
    shown += html_fragments.table_html(heads, beliefs, "What is believed") if beliefs else ""
    heads = ["claim", "before", "now", "share before", "share now"]
    shown += html_fragments.table_html(
        heads if found.ran else heads[:3], _drop_share_columns(claims, found), "Claims", words=3
    )
    return (
        shown
        + "".join(_update_notes_html(found))
        + html_fragments.numerics_html(found.numerics, found.ran)
    )


def _drop_share_columns(rows: list[list[str]], found: UpdateResult) -> list[list[str]]:
    return rows if found.ran else [row[:3] for row in rows]


def _update_notes_html(found: UpdateResult) -> list[str]:
    notes = [f'<p class="small soft">{escape(note)}</p>' for note in found.notes]
    if found.size is not None:
        worth = f"The worlds are worth {found.size:.1f} equal ones."
        kind = "doubt small" if found.thin else "small soft"
        more = " That is less than a tenth: take more worlds." if found.thin else ""
        notes.append(f'<p class="{kind}">{worth}{more}</p>')
    return notes


def _change_cells(change: ValueChange) -> list[str]:
    now, alone = change.versions[:2]
    return [_probability_cell(value) for value in (change.first, now, alone)]


def _probability_cell(value: float | None) -> str:
    return "no answer" if value is None else format_probability(value)


def _share_cell(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
