"""What decides each claim and what turns it, in words."""

from collections.abc import Collection, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case
from ceasefire.show.words import counted, number
from ceasefire.worlds import Bound, Box, Checked, Flip, Flips, Pair, Verdict

MOST = 4
LEAD = "cyan"


def turn_table(case: Case, checked: Checked) -> RenderableType:
    """Drivers, box and flips of every claim, a few lines each; empty if nothing was computed."""
    few = {name for name, unknown in case.unknowns.items() if unknown.kind == "oneof"}
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for verdict in checked.verdicts:
        for row, line in enumerate(_lines(verdict, checked.flips, few)):
            table.add_row(verdict.claim.id if row == 0 else "", line)
    if not table.row_count:
        return Text()
    title = Text("\nWhat decides each claim, and what turns it", style="bold")
    return Group(title, table, Text(), *_footnotes(case, checked))


def _lines(verdict: Verdict, searched: Flips | None, few: Collection[str]) -> Iterator[Text]:
    if verdict.drivers is not None:
        yield _drivers(verdict)
    if verdict.box is not None:
        lead, rest = box_words(verdict.box, few).split(" ", 1)
        yield Text(lead, style=LEAD).append(f" {rest}", style="default")
    if verdict.flips is not None and searched is not None and searched.unknowns:
        yield _flips(verdict.flips, searched, few)
    if verdict.pair is not None:
        yield Text("flips", style=LEAD).append(f" if {pair_words(verdict.pair)}", style="default")


def _drivers(verdict: Verdict) -> Text:
    found, share = verdict.drivers, verdict.share
    assert found is not None
    if share is not None and share.true in (0, share.worlds):
        same = "true" if share.true else "false"
        return Text(f"nothing decides it: {same} in every world", style="dim")
    chance = f"chance alone reaches {found.chance:.2f}"
    if not found.drivers:
        return Text(f"no unknown decides it beyond what chance explains ({chance})", style="dim")
    named = _first([f"{d.unknown} {d.influence:.2f}" for d in found.drivers], ", ")
    text = Text("driven", style=LEAD).append(f" by {named}", style="default")
    return text.append(f" ({chance})", style="dim")


def box_words(box: Box, few: Collection[str] = ()) -> str:
    """A box as a sentence; `few` are the unknowns that take one of a few values.

    >>> rule = (Bound("war_cost", 1.2, None), Bound("build_rate", None, 0.4))
    >>> box_words(Box(True, rule, inside=50, right=46, wanted=92))
    'true in 92 % of worlds with war_cost above 1.20 and build_rate below 0.400, which are 50 % of
    all in which it is true (50 fresh worlds)'
    """
    verdict = "true" if box.verdict else "false"
    rule = " and ".join(bound_words(bound, few) for bound in box.bounds)
    return (
        f"{verdict} in {_percent(box.density)} of worlds with {rule}, which are "
        f"{_percent(box.coverage)} of all in which it is {verdict} "
        f"({counted(box.inside, 'fresh world')})"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def bound_words(bound: Bound, few: Collection[str] = ()) -> str:
    """One condition of a rule.

    >>> bound_words(Bound("x", 1.0, 2.0)), bound_words(Bound("x", 3.0, None), few=["x"])
    ('x between 1 and 2', 'x at least 3')
    """
    if bound.low is None or bound.high is None:
        sides = ("at most", "at least") if bound.unknown in few else ("below", "above")
        side, end = (sides[1], bound.low) if bound.high is None else (sides[0], bound.high)
        return f"{bound.unknown} {side} {number(end)}"
    if bound.low == bound.high:
        return f"{bound.unknown} at {number(bound.low)}"
    return f"{bound.unknown} between {number(bound.low)} and {number(bound.high)}"


def _flips(flips: tuple[Flip, ...], searched: Flips, few: Collection[str]) -> Text:
    if flips:
        told = [f"{_moved(f.unknown, f.at, f.best, few)} (best {number(f.best)})" for f in flips]
        return Text("flips", style=LEAD).append(f" if {_first(told, ' or ')}", style="default")
    if len(searched.tried) == searched.unknowns:
        return Text("does not flip by any unknown alone", style="dim")
    so_far = counted(len(searched.tried), "unknown")
    return Text(f"does not flip by any of the {so_far} tried so far", style="dim")


def _moved(unknown: str, at: float, best: float, few: Collection[str] = ()) -> str:
    if unknown in few:
        return f"{unknown} is {number(at)}"
    return f"{unknown} {'falls below' if at < best else 'rises above'} {number(at)}"


def pair_words(pair: Pair) -> str:
    """A joint flip in words.

    >>> pair_words(Pair(("x", "y"), (0.7, 0.2), (0.5, 0.4), 0.2))
    'x rises above 0.700 and y falls below 0.200 together, each by 20 % of its range'
    """
    both = zip(pair.unknowns, pair.at, pair.best, strict=True)
    moved = " and ".join(_moved(unknown, at, best) for unknown, at, best in both)
    return f"{moved} together, each by {_percent(pair.move)} of its range"


def _first(told: Sequence[str], joint: str) -> str:
    """The first few, and how many more there are."""
    rest = len(told) - MOST
    return joint.join(told[:MOST]) + (f" and {rest} more" if rest > 0 else "")


def _footnotes(case: Case, checked: Checked) -> Iterator[Text]:
    if any(verdict.drivers and verdict.drivers.drivers for verdict in checked.verdicts):
        yield Text(
            "driven: how far the share of true worlds departs from its average, from one quarter "
            "of the unknown's values to the next.",
            style="dim",
        )
        if case.together:
            yield Text(
                "Of unknowns that are drawn together, one may be listed for what another does.",
                style="dim",
            )
    if checked.flips is not None and checked.flips.unknowns:
        yield Text(
            "flips: at the value nearest to best that changes the answer at best, all other "
            "unknowns at best. --json has all.",
            style="dim",
        )
        yield from _flip_marks(checked.flips)


def _flip_marks(flips: Flips) -> Iterator[Text]:
    lines = []
    if flips.interrupted:
        tried = f"{len(flips.tried)} of {counted(flips.unknowns, 'unknown')}"
        lines.append(f"ended early: flips looked for along {tried}, not by all pairs")
    if flips.doubtful:
        readings = counted(flips.doubtful, "reading")
        lines.append(f"{readings} on the way with unresolved decisions or branch points")
    if flips.failed:
        name, at, why = flips.failed[0]
        values = counted(len(flips.failed), "value")
        lines.append(f"no answer at {values} on the way; {name}={number(at)}: {why}")
    for line in lines:
        yield Text(f"! {line}", style="bold yellow")
