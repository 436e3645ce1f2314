"""One line of the table that `make verify` prints, and the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Row:
    """A check: what a number should be, what it is, and how near it must be.

    >>> Row("a coin", 0.5, 0.501, 0.01).ok
    True
    >>> Row("not a number", 0.5, float("nan"), 0.01).ok
    False
    """

    check: str
    expected: float
    got: float
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether the two are as near as they must be; what is not a number never is."""
        return abs(self.got - self.expected) <= self.tolerance


def report(rows: Sequence[Row], left_out: Iterable[str] = ()) -> int:
    """Print the table, and what no row could be made of; 1 if a row fails or there is none."""
    failed = sum(not row.ok for row in rows)
    title = f"{len(rows)} checks, {failed} failed"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("check", overflow="fold")
    for heading in ("expected", "got", "tolerance", "ok"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        numbers = (f"{row.expected:.6g}", f"{row.got:.6g}", f"{row.tolerance:.2g}")
        verdict = "yes" if row.ok else "NO"
        table.add_row(Text(row.check), *numbers, verdict, style="" if row.ok else "red")
    console = Console(width=110)
    console.print(table)
    for sentence in left_out:
        console.print(Text(f"Not checked: {sentence}"))
    return 1 if failed or not rows else 0
