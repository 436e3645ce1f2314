"""Rival cases side by side, as tables."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.evidence import Compared, Rival, Weighed
from ceasefire.evidence.comparing import in_words
from ceasefire.evidence.facts import Fact
from ceasefire.show.updated import one_in
from ceasefire.show.verdicts import mark, marks
from ceasefire.show.words import VERDICT_STYLES, counted


def compared_table(found: Compared) -> RenderableType:
    """What each case expected, what it says of each claim now, and which the events favour."""
    parts: list[RenderableType] = []
    if found.events:
        parts += [_events(found), Text()]
    parts += [_claims(found), Text(), *favoured(found, _letters(found))]
    parts += [Text(note, style="dim") for note in found.notes]
    parts += doubts(found, _letters(found))
    return Group(*_names(found), Text(), *parts)


def _letters(found: Compared) -> list[str]:
    return [chr(ord("A") + n) for n in range(len(found.rivals))]


def _names(found: Compared) -> Iterator[Text]:
    for letter, rival in zip(_letters(found), found.rivals, strict=True):
        yield Text(f"{letter}  ", style="bold").append(f"{rival.title}, {rival.case}")


def _events(found: Compared) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("period", justify="right")
    table.add_column("what has happened")
    for letter in _letters(found):
        table.add_column(f"expected by {letter}")
    for fact, expected in expectations(found):
        cells = [one_in(value) if value is not None else "no answer" for value in expected]
        table.add_row(str(fact.period), Text(fact.words), *cells)
    return table


def expectations(found: Compared) -> Iterator[tuple[Fact, list[float | None]]]:
    """Each event, and what each case expected of it."""
    for event in found.rivals[0].events:
        same = [
            next(e for e in rival.events if _key(e.fact) == _key(event.fact))
            for rival in found.rivals
        ]
        yield event.fact, [e.expected for e in same]


def _key(fact: object) -> tuple[object, ...]:
    return (getattr(fact, "period", None), getattr(fact, "words", None))


def _claims(found: Compared) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("claim", style="bold")
    for letter in _letters(found):
        table.add_column(f"{letter} before")
        if found.events:
            table.add_column(f"{letter} after")
    names = dict.fromkeys(name for rival in found.rivals for name in rival.claims)
    for name in names:
        cells: list[RenderableType] = []
        for rival in found.rivals:
            cells += _verdicts(rival, name, after=found.events > 0)
        table.add_row(name, *cells)
    return table


def _verdicts(rival: Rival, name: str, *, after: bool) -> list[RenderableType]:
    if name not in rival.claims:
        return [Text("not claimed", style="dim"), *([Text()] if after else [])]
    first, now, before, later = rival.claims[name]
    return [_cell(before, first), *([_cell(later, now)] if after else [])]


def _cell(share: Weighed | None, best: bool | None) -> RenderableType:
    if share is None:
        return mark(best)
    if share.share is None:
        return Text("no answer", style="yellow")
    style = VERDICT_STYLES[share.verdict or ""]
    return Text(f"{share.verdict} {share.share:.0%}", style=style)


def favoured(found: Compared, names: Sequence[str]) -> Iterator[Text]:
    """Which case the events favour and by how much, the cases being called by these names."""
    best = found.favoured
    if best is None:
        yield Text("Nothing has happened yet, so nothing favours one over another.")
        return
    first = names[found.rivals.index(best)]
    for name, rival in zip(names, found.rivals, strict=True):
        if rival is best:
            continue
        log, error = found.factor(rival)
        times = _times(log, error)
        words = in_words(log, error)
        said = {
            "not told apart from": f"The events do not tell {first} apart from {name}",
            "hardly more than": f"The events favour {first} hardly more than {name}",
        }.get(words, f"The events favour {first} {words} {name}")
        yield Text(f"{said}: {first} made them {times} as likely.", style="bold")
    for name, rival in zip(names, found.rivals, strict=True):
        noise = "" if rival.error is None else f" ± {100 * rival.error:.2g} %"
        count = "" if rival.size is None else f"; its worlds now count as {rival.size:.1f}"
        yield Text(f"{name} gave the events {_small(rival.evidence)}{noise}{count}", style="dim")
    drawn = "the best estimates" if not found.worlds else counted(found.worlds, "world")
    yield Text(f"From {drawn} of each case; nothing is said of how likely each was before.")


def doubts(found: Compared, names: Sequence[str]) -> Iterator[Text]:
    """What keeps each case's numbers from being trusted blindly."""
    for name, rival in zip(names, found.rivals, strict=True):
        for line in marks(rival.numerics, rival.ran, rival.lost):
            yield Text(f"{name}  ").append_text(line)


def _times(log: float, error: float | None) -> str:
    if not math.isfinite(log):
        return "infinitely many times"
    low, high = (math.exp(log + sign * 2.0 * (error or 0.0)) for sign in (-1, 1))
    factor = f"{math.exp(log):,.3g} times"
    return factor if error is None else f"{factor} ({low:,.3g} to {high:,.3g})"


def _small(log: float) -> str:
    return "no probability" if not math.isfinite(log) else f"probability {math.exp(log):.2g}"
