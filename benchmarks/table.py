"""One line of what was measured, and all lines as a table: on the screen and on the page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

Kind = Literal["rival", "limit", "share", "growth", "none"]
HEADINGS = ("what", "target, or what it stands beside", "before", "now", "met")


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    quick    everything small, in a few minutes
    full     what is usually measured in part and scaled is measured as a whole
    patience seconds that the slowest program may take for one tree
    """

    quick: bool = False
    full: bool = False
    patience: float = 60.0

    def pick(self, small: int, usual: int, full: int | None = None) -> int:
        """The small number if it has to be quick; `full`, where there is one, if it need not."""
        if self.quick:
            return small
        return usual if full is None or not self.full else full

    @property
    def name(self) -> str:
        """The size in one word."""
        return "quick" if self.quick else "full" if self.full else "usual"


@dataclass(frozen=True)
class Row:
    """What was measured, against what, and how often it was better.

    ours    what was measured now
    other   what it stands beside: another program's time, a limit, the smallest size
    ratio   of a "rival" its time over ours; of a "limit" how often we would fit into it; of a
            "share" what part of the whole; of a "growth" the exponent; `low` to `high` over rounds;
            0 of what could not be measured, whose kind is "none"
    target  the ratio that was aimed at, at least or for a growth at most; None where none was
    before  the figure from which the target was set; empty where none was given
    note    where the time goes, or why it could not be measured

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
    before: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; what is not a number never meets one."""
        if self.target is None or self.kind == "none":
            return None
        return self.ratio <= self.target if self.kind == "growth" else self.ratio >= self.target

    @property
    def aim(self) -> str:
        """The target in words, with what the figure stands beside."""
        if self.target is None or self.kind in ("limit", "none"):
            return self.other
        if self.kind == "growth":
            return f"exponent at most {self.target:g}, from {self.other}"
        if self.target == 1:
            return f"as fast as {self.other}"
        return f"{self.target:,g} times as fast as {self.other}"

    @property
    def now(self) -> str:
        """The figure in words; a ratio with its spread where there is one."""
        if self.kind in ("limit", "none"):
            return self.ours
        spread = ""
        if _figure(self.low) != _figure(self.high):
            spread = f" ({_figure(self.low)} – {_figure(self.high)})"
        says = {"rival": "{} times as fast", "growth": "exponent {}", "share": "share {}"}
        return f"{self.ours}; {says[self.kind].format(_figure(self.ratio))}{spread}"

    def as_json(self) -> dict[str, Any]:
        """The row as plain values."""
        return {**asdict(self), "met": self.met}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Row":
        """The row that `as_json` wrote."""
        return cls(**{name: value for name, value in values.items() if name != "met"})

    def cells(self) -> tuple[str, ...]:
        """What stands under each of `HEADINGS`."""
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return self.what, self.aim, self.before, self.now, met


def within(
    what: str, times: Sequence[float], limit: float, before: str = "", note: str = ""
) -> Row:
    """A row of seconds that are to stay within a limit; the median decides.

    what    what takes so long
    times   seconds, of several rounds
    limit   most seconds it should take
    before  the figure from which the limit was set
    note    where the time goes

    >>> within("a start", [1.0, 3.0, 2.0], 2.5, "4 s").cells()
    ('a start', 'at most 2.5 s', '4 s', '2 s (1 s – 3 s)', 'yes')
    """
    middle, least, most = median(times), min(times), max(times)
    spread = f" ({seconds(least)} – {seconds(most)})" if len(times) > 1 else ""
    return Row(
        what=what,
        ours=f"{seconds(middle)}{spread}",
        other=f"at most {seconds(limit)}",
        ratio=limit / middle,
        low=limit / most,
        high=limit / least,
        target=1.0,
        kind="limit",
        before=before,
        note=note,
    )


def limited(what: str, ours: str, other: str, fits: float, before: str = "") -> Row:
    """A row of one figure that is to stay within a limit, or to reach one.

    what    what was measured
    ours    the figure
    other   the limit
    fits    how many times the limit is kept; 1 is just enough
    before  the figure from which the limit was set

    >>> limited("memory", "2 GB", "at most 4 GB", 2.0).cells()
    ('memory', 'at most 4 GB', '', '2 GB', 'yes')
    """
    return Row(what, ours, other, fits, fits, fits, target=1.0, kind="limit", before=before)


def unmeasured(what: str, reason: str) -> Row:
    """A row of what could not be measured.

    what    what was to be measured
    reason  why it was not

    >>> unmeasured("one party", "quantecon is not installed").cells()
    ('one party', '', '', 'not measured', '')
    """
    return Row(what, "not measured", "", 0.0, 0.0, 0.0, kind="none", note=reason)


def title(rows: Sequence[Row]) -> str:
    """How many were measured, and how many of the targets are met."""
    aimed = [row for row in rows if row.met is not None]
    measured = sum(row.kind != "none" for row in rows)
    missing = f", {len(rows) - measured} not" if measured < len(rows) else ""
    met = sum(row.met is True for row in aimed)
    return f"{measured} measured{missing}, {met} of {len(aimed)} targets"


def report(rows: Sequence[Row], width: int = 150) -> None:
    """Print the table; below it what limits where a target is missed."""
    table = Table(title=title(rows), title_justify="left", box=None, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for row in rows:
        style = "red" if row.met is False or row.kind == "none" else ""
        table.add_row(*map(Text, row.cells()), style=style)
    console = Console(width=width, highlight=False)
    console.print(table)
    for row in rows:
        if row.note:
            console.print(Text(f"{row.what}: {row.note}"))


def _figure(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def seconds(number: float) -> str:
    """A time in the unit that suits it.

    >>> seconds(0.0123), seconds(75.0), seconds(0.0000042), seconds(1234.0)
    ('12.3 ms', '75 s', '4.2 µs', '21 min')
    """
    if number >= 600:
        return f"{number / 60:.0f} min"
    if number >= 1:
        return f"{number:.3g} s"
    return f"{1e3 * number:.3g} ms" if number >= 1e-3 else f"{1e6 * number:.3g} µs"
