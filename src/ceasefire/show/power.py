"""What coalitions can secure, as tables and sentences."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.ask import Coalition, Powers
from ceasefire.ask.deeds import Deed
from ceasefire.case import Case
from ceasefire.show.words import bar, counted, likely, number

LONGEST = 8


def power_tables(case: Case, powers: Powers) -> RenderableType:
    """Every coalition, smallest first; then the minimal ones with their strategy and reasons."""
    bound = powers.periods
    time = "without a bound on time" if bound is None else f"within {counted(bound, case.period)}"
    title = Text(powers.goal, style="bold").append(f"  {time}", style="not bold")
    name = Text(case.title, style="bold")
    parts: list[RenderableType] = [name, Text(), title, _coalitions(powers), Text()]
    minimal = powers.minimal
    if not minimal:
        parts.append(Text(f"No coalition can secure {likely(powers.least)}.", style="bold"))
        return Group(*parts)
    counts = counted(len(minimal), "minimal coalition")
    parts.append(Text(f"{counts} can secure {likely(powers.least)} or more", style="bold"))
    for coalition in minimal:
        parts += [Text(), *_reasons(coalition)]
    return Group(*parts)


def _coalitions(powers: Powers) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("coalition")
    table.add_column("secures", no_wrap=True)
    table.add_column("", no_wrap=True)
    for coalition in powers.coalitions:
        note = "minimal" if coalition.minimal else ""
        name = Text(" + ".join(coalition.members) or "nobody", style="bold" if note else "")
        table.add_row(name, _secures(coalition), Text(note, style="green"))
    return table


def _secures(coalition: Coalition) -> Text:
    shown = likely(coalition.high)
    if coalition.high - coalition.low > 5e-7:
        shown = f"{number(coalition.low)} to {number(coalition.high)}"
    return Text(bar(coalition.low, 8), style="cyan").append(f" {shown}", style="default")


def _reasons(coalition: Coalition) -> Iterator[RenderableType]:
    yield Text(" + ".join(coalition.members) or "nobody", style="bold")
    if not coalition.strategy:
        yield Text("  whatever anybody does", style="dim")
        return
    told = coalition.told
    over = f", told for play of {told[0]} periods, which secures {likely(told[1])}" if told else ""
    yield Text(f"  how{over}", style="dim")
    for deed in coalition.strategy:
        yield from _deed(deed, rows=True)
    for party, value, deeds in coalition.without:
        yield Text(f"  without {party}: {likely(value)}", style="dim")
        if not deeds:
            yield Text("    its offers and consent are missing")
        for deed in deeds:
            yield from _deed(deed, rows=False)


def _deed(deed: Deed, *, rows: bool) -> Iterator[RenderableType]:
    matter = "" if deed.matter in ("moves", "offers") else f" {deed.matter}"
    words = deed.words.replace("accepts", f"accepts{matter}").replace("refuses", f"refuses{matter}")
    yield Text(f"    {deed.party} {words}")
    choices = {choice for _, _, choice in deed.rows}
    if not rows or len(choices) == 1:
        return
    table = Table(box=None, padding=(0, 2, 0, 6), header_style="dim", show_header=False)
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for state, periods, choice in deed.rows[:LONGEST]:
        table.add_row(Text(state, style="dim"), Text(f"periods {periods}", style="dim"), choice)
    yield table
    if len(deed.rows) > LONGEST:
        yield Text(f"      and {len(deed.rows) - LONGEST} more: see --json", style="dim")
