"""One line of the table that `make bench` prints, and the table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

Kind = Literal["rival", "limit", "share", "growth"]


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    quick    everything small, in about a minute
    patience seconds that the slowest program may take for one tree
    """

    quick: bool = False
    patience: float = 60.0

    def pick(self, small: int, full: int) -> int:
        """The small number if it has to be quick."""
        return small if self.quick else full


@dataclass(frozen=True)
class Row:
    """What was measured, against what, and how often it was better.

    ratio   of a "rival" its time over ours; of a "limit" how often we would fit into it; of a
            "share" what part of the whole; of a "growth" the exponent; `low` to `high` over rounds
    target  the ratio that was aimed at, at least or for a growth at most; None where none was
    note    where the time goes

    >>> Row("a sum", "1 ms", "NumPy 3 ms", 3.0, 2.8, 3.4, target=2.0).met
    True
    >>> Row("not a number", "1 ms", "NumPy 3 ms", float("nan"), 1.0, 1.0, target=2.0).met
    False
    """

    what: str
    ours: str
    other: str
    ratio: float
    low: float
    high: float
    target: float | None = None
    kind: Kind = "rival"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; what is not a number never meets one."""
        if self.target is None:
            return None
        return self.ratio <= self.target if self.kind == "growth" else self.ratio >= self.target

    def as_json(self) -> dict[str, Any]:
        """The row as plain values."""
        return {**asdict(self), "met": self.met}


def report(rows: Sequence[Row], width: int = 150) -> None:
    """Print the table; below it what limits where a target is missed."""
    aimed = [row for row in rows if row.target is not None]
    title = f"{len(rows)} measured, {sum(row.met is True for row in aimed)} of {len(aimed)} targets"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("what", overflow="fold")
    for heading in ("ours", "peer or limit"):
        table.add_column(heading, overflow="fold")
    for heading in ("ratio", "target", "met", "spread"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        side = "<" if row.kind == "growth" else ">"
        target = "" if row.target is None else f"{side} {row.target:,g}"
        met = {None: "", True: "yes", False: "NO"}[row.met]
        spread = f"{_figure(row.low)} – {_figure(row.high)}"
        words = (Text(row.what), Text(row.ours), Text(row.other))
        style = "red" if row.met is False else ""
        table.add_row(*words, _figure(row.ratio), target, met, spread, style=style)
    console = Console(width=width, highlight=False)
    console.print(table)
    for row in rows:
        if row.note:
            console.print(Text(f"{row.what}: {row.note}"))


def _figure(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def seconds(number: float) -> str:
    """A time in the unit that suits it.

    >>> seconds(0.0123), seconds(75.0), seconds(0.0000042)
    ('12.3 ms', '75 s', '4.2 µs')
    """
    if number >= 1:
        return f"{number:.3g} s"
    return f"{1e3 * number:.3g} ms" if number >= 1e-3 else f"{1e6 * number:.3g} µs"
