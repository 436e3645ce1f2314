"""What coalitions can secure, as tables and sentences."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ceasefire.ask import Coalition, Powers
from ceasefire.ask.deeds import Deed
from ceasefire.case import Case
from ceasefire.show.words import bar, counted, distinct, likely, number

LONGEST = 8
MEANING = "the probability of bringing it about whatever all others do; wishes play no part"
UNDECIDED = "the bounds are too far apart to say whether this is enough"


def power_tables(case: Case, powers: Powers) -> RenderableType:
    """Every coalition, smallest first; then the minimal ones with their strategy and reasons."""
    bound = powers.periods
    time = "without a bound on time" if bound is None else f"within {counted(bound, case.period)}"
    title = Text(powers.goal, style="bold").append(f"  {time}", style="not bold")
    parts: list[RenderableType] = [Text(case.title, style="bold"), Text(), title]
    parts += [Text(MEANING, style="dim"), _coalitions(powers), Text()]
    minimal = powers.minimal
    if not minimal:
        enough = f"No coalition can secure {likely(powers.least)}."
        said = (
            enough if powers.least > 0 else "It cannot be brought about: not even by all together."
        )
        parts.append(Text(said, style="bold"))
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
    table.add_column("")
    for coalition in powers.coalitions:
        note = Text("minimal" if coalition.minimal else "", style="green")
        if coalition.undecided:
            note = Text(UNDECIDED, style="yellow")
        name = " + ".join(coalition.members) or "nobody"
        table.add_row(Text(name, "bold" if coalition.minimal else ""), _secures(coalition), note)
    return table


def _secures(coalition: Coalition) -> Text:
    shown = likely(coalition.high)
    if coalition.high - coalition.low > 5e-7:
        shown = f"{number(coalition.low)} to {number(coalition.high)}"
    return Text(bar(coalition.low, 8), style="cyan").append(f" {shown}", style="default")


def _reasons(coalition: Coalition) -> Iterator[RenderableType]:
    yield Text(" + ".join(coalition.members) or "nobody", style="bold")
    if not coalition.members:
        yield Text("  it comes about whatever anybody does")
        return
    if not coalition.strategy:
        yield Text("  any play of theirs will do")
    else:
        alike = "" if coalition.told is None else ", in every period alike"
        far = coalition.told is not None and coalition.low - coalition.told > 5e-7
        less = f"; this secures {likely(coalition.told or 0.0)}" if far else ""
        many = len(coalition.members) > 1
        yield Text(f"  what {'they do' if many else 'it does'}{alike}{less}", style="dim")
        yield from (_sentence(deed) for deed in coalition.strategy)
        yield Text("  the same as a table", style="dim")
        yield Padding(_table(coalition.strategy), (0, 0, 0, 4))
    yield Text("  why each is needed", style="dim")
    for party, value, deeds in coalition.without:
        yield Text(f"    without {party} {likely(value)} is left to secure, since {party}:")
        for deed in deeds:
            yield Text(f"      {deed.words}")
        if not deeds:
            yield Text("      need do nothing: its offers, consent and moves are missing")
        varied = [deed for deed in deeds if _varies(deed)]
        if varied:
            yield Padding(_table(varied), (0, 0, 0, 6))


def _sentence(deed: Deed) -> Text:
    return Text(f"    {deed.party} {deed.words}")


def _varies(deed: Deed) -> bool:
    return len({choice for _, _, choice in deed.rows}) > 1


def _table(deeds: Iterable[Deed]) -> Table:
    """A line for every state in which a choice depends on it; one for what is always done."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("party", "matter", "choice", "in the states", "periods"):
        table.add_column(column, overflow="fold")
    for deed in deeds:
        if not _varies(deed):
            where = f"all {len(deed.rows)} in which it matters" if len(deed.rows) > 1 else ""
            when = _union(deed.rows)
            state = where or deed.rows[0][0]
            table.add_row(deed.party, deed.matter, _choice(deed.rows[0][2]), state, when)
            continue
        short, _ = distinct([state for state, _, _ in deed.rows])
        for state, (_, periods, choice) in zip(short[:LONGEST], deed.rows, strict=False):
            table.add_row(deed.party, deed.matter, _choice(choice), Text(state, "dim"), periods)
        if len(deed.rows) > LONGEST:
            more = f"and {len(deed.rows) - LONGEST} more: see --json"
            table.add_row("", "", "", Text(more, style="dim"), "")
    return table


def _choice(option: str) -> str:
    return {"pass": "nothing"}.get(short := option.split(".", 1)[-1], short)


def _union(rows: Sequence[tuple[str, str, str]]) -> str:
    """The periods of all rows, if they are the same; else the first and the last."""
    said = list(dict.fromkeys(periods for _, periods, _ in rows))
    if len(said) == 1:
        return said[0]
    ends = [int(word) for text in said for word in text.replace("-", " ").replace(",", " ").split()
            if word.isdecimal()]  # fmt: skip
    onward = any("on" in text.split() for text in said)
    return f"from {min(ends)} on" if onward else f"{min(ends)}-{max(ends)}"
