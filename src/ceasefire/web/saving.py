"""What can be taken away: the report, the case, the numbers."""

import csv
import io
import json
from pathlib import PurePosixPath

from nicegui import ui
from ruamel.yaml import YAML

from ceasefire.web.draft import changes
from ceasefire.web.frame import Words, button
from ceasefire.web.session import Session


class Saving:
    """Buttons that download."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stem = PurePosixPath(session.name).stem
        Words("h3", "The case")
        with ui.row():
            button("The text (YAML)", self._case)
            self.small = button("What you changed (YAML)", self._changes)
        Words(
            "p", "The second is a small file that extends the case as it is written.", "soft small"
        )
        Words("h3", "The numbers")
        with ui.row():
            self.table = button("Claims (CSV)", self._table)
            self.document = button("Everything (JSON)", self._document)
        self.hint = Words("p", "", "soft small")
        session.changed.append(self.show)
        self.show("draft")

    def show(self, what: str) -> None:
        """What is not there cannot be taken."""
        session = self.session
        self.small.set_enabled(bool(session.moved or session.draft.off or session.draft.logged))
        self.table.set_enabled(session.best is not None)
        self.document.set_enabled(session.shares is not None)
        if what != "progress":
            missing = (
                "The JSON document is that of `ceasefire check --json`: compute the shares first."
            )
            self.hint.set_text("" if session.shares is not None else missing.replace("`", ""))

    def _case(self) -> None:
        self._give(self.session.draft.text, f"{self.stem}.yaml", "application/yaml")

    def _changes(self) -> None:
        case, draft = self.session.case, self.session.draft
        if case is not None:
            written = {"extends": f"{self.stem}.yaml", **changes(case, draft)}
            stream = io.StringIO()
            YAML(typ="safe", pure=True).dump(written, stream)
            self._give(stream.getvalue(), f"{self.stem}-changed.yaml", "application/yaml")

    def _table(self) -> None:
        self._give(claim_table(self.session), f"{self.stem}-claims.csv", "text/csv")

    def _document(self) -> None:
        if self.session.shares is not None:
            text = self.session.shares.document
            self._give(text, f"{self.stem}-check.json", "application/json")

    def _give(self, text: str, name: str, kind: str) -> None:
        ui.download.content(text.encode(), name, kind)


def claim_table(session: Session) -> str:
    """One row for each claim and quantity, as a table for other programs."""
    found = {v.claim.id: v for v in session.shares.checked.verdicts} if session.shares else {}
    out = io.StringIO()
    heads = ("claim", "says", "test", "best", "share", "low", "high", "worlds", "quantity", "value")
    rows = csv.writer(out)
    rows.writerow((*heads, "held"))
    held = json.dumps({**session.moved, **dict.fromkeys(session.draft.off, "off")})
    for name, line in session.lines.items():
        share = found[name].share if name in found else None
        low, high = share.interval if share is not None else (None, None)
        shown = (share.share, low, high, share.worlds) if share is not None else (None,) * 4
        for figure in line.claim.quantities:
            start = (name, line.claim.says, line.claim.test, line.claim.best)
            rows.writerow((*map(_safe, start), *shown, _safe(figure.expr), figure.value, held))
    return out.getvalue()


def _safe(cell: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell
