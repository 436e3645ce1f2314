"""What a sweep found, as tables: shares of worlds, numbers, where they are kept and how fast."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case
from ceasefire.show.overview import heading
from ceasefire.show.verdicts import mark, share_cells
from ceasefire.show.words import counted, number, plain
from ceasefire.worlds import Swept


def swept_table(case: Case, swept: Swept) -> RenderableType:
    """The share of worlds in which each test is true, how numbers come out, and the store."""
    tables = [table for table in (_tests(swept), _numbers(swept)) if table.row_count]
    parts: list[RenderableType] = [heading(case), Text()]
    for table in tables:
        parts += [table, Text()]
    return Group(*parts, *_lines(swept), *_marks(swept))


def _tests(swept: Swept) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name in ("test", "best", "verdict", "share", "95 %"):
        table.add_column(name, justify="center" if name == "best" else "left")
    for name, share in swept.found.tests.items():
        best = swept.best[name]
        shown = Text(name.removeprefix("claim_"), style="bold")
        table.add_row(shown, mark(None if best is None else bool(best)), *share_cells(share))
    return table


def _numbers(swept: Swept) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("number", style="bold")
    for name in ("best", "mean", "lowest", "highest"):
        table.add_column(name, justify="right")
    for name, span in swept.found.numbers.items():
        best = swept.best[name]
        assert not isinstance(best, str)
        table.add_row(plain(name), *map(number, (best, span.mean, span.low, span.high)))
    return table


def _lines(swept: Swept) -> Iterator[Text]:
    parts = [f"{counted(swept.found.done, 'world')} from seed {swept.seed}"]
    if swept.grid is not None:
        parts.append(f"{swept.grid} belief nodes")
    if swept.pace is None:
        parts.append("all of them were there")
    else:
        if swept.computed < swept.found.done:
            parts.append(f"{swept.computed:,} of them new")
        parts.append(f"{number(swept.pace)} a second")
    yield Text(" · ".join(parts), style="dim")
    yield Text(f"kept in {swept.store}", style="dim")


def _marks(swept: Swept) -> Iterator[Text]:
    found, lines = swept.found, []
    if found.done < swept.wanted:
        lines.append(
            f"ended early: {found.done:,} of {counted(swept.wanted, 'world')} done; "
            "the same command goes on"
        )
    if found.first_failure is not None:
        world, why = found.first_failure
        lines.append(f"{counted(found.failed, 'world')} failed; world {world}: {why}")
    if found.unresolved:
        lines.append(f"{counted(found.unresolved, 'world')} with unresolved decisions")
    if found.branched:
        lines.append(f"{counted(found.branched, 'world')} with branch points")
    yield from (Text(f"! {line}", style="bold yellow") for line in lines)
