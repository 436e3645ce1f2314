"""What a check found, as tables: best estimates first, then the shares of worlds."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.ask import Claims, Numerics, read_question
from ceasefire.case import Case
from ceasefire.show.arithmetic import in_numbers
from ceasefire.show.overview import heading
from ceasefire.show.words import VERDICT_STYLES, bar, counted
from ceasefire.worlds import Checked, Ran, Share, Verdict

MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}


def mark(truth: bool | None) -> Text:
    """A tick for true, a cross for false, a question mark for neither."""
    return Text(*MARKS[truth])


def best_table(case: Case, claims: Claims) -> RenderableType:
    """Every claim with its sentence, true or false at the best estimates."""
    true = sum(claim.best is True for claim in claims.claims)
    said = f"At the best estimates {true} of {counted(len(claims.claims), 'claim')} "
    title = Text(said + ("is true" if true == 1 else "are true"), style="bold")
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for claim in claims.claims:
        table.add_row(mark(claim.best), claim.id, Text((claim.says or claim.test).strip()))
    return Group(heading(case), Text(), title, table, Text())


def verdict_table(case: Case, checked: Checked) -> RenderableType:
    """The share of worlds in which each claim holds, and how good the numbers are."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", title_justify="left")
    table.add_column("claim", style="bold", no_wrap=True)
    table.add_column("best", justify="center")
    if checked.ran is not None:
        table.add_column("verdict", no_wrap=True)
        table.add_column("share", no_wrap=True)
        table.add_column("95 %", no_wrap=True)
    table.add_column("at best")
    for verdict in checked.verdicts:
        table.add_row(*_row(case, verdict, worlds=checked.ran is not None))
    numerics = checked.best.numerics
    noted = [*_footnotes(checked), *_repeated(checked)]
    lines = [*noted, *marks(numerics, checked.ran, checked.lost), *_doubts(checked)]
    return Group(table, Text(), certificate(numerics, checked.ran), *lines)


def _row(case: Case, verdict: Verdict, *, worlds: bool) -> Iterator[RenderableType]:
    claim = verdict.claim
    yield claim.id
    yield mark(claim.best)
    if worlds:
        yield from share_cells(verdict.share)
    question = read_question(case, claim.test)
    numbers = Text(in_numbers(question, [figure.value for figure in claim.quantities]), style="dim")
    if claim.noise:
        numbers = Text("rests on noise  ", style="yellow").append(numbers)
    yield numbers


def share_cells(share: Share | None) -> Iterator[RenderableType]:
    """Verdict, share and interval, each a cell."""
    if share is None or share.share is None:
        yield from (Text("no answer", style="yellow"), Text(), Text())
        return
    style = VERDICT_STYLES[share.verdict or ""]
    low, high = share.interval
    yield Text(share.verdict or "", style=style)
    yield Text(bar(share.share), style=style).append(f" {share.share:4.0%}", style="default")
    yield Text(f"{low:.0%}-{high:.0%}", style="dim")


def _footnotes(checked: Checked) -> Iterator[Text]:
    for verdict in checked.verdicts:
        for warning in verdict.claim.warnings:
            yield Text(f"{verdict.claim.id}: {warning}", style="yellow")
    if any(verdict.claim.noise for verdict in checked.verdicts):
        yield Text(
            "A claim rests on noise if its verdict changes when everyone is two or four times "
            "as precise.",
            style="dim",
        )


def _repeated(checked: Checked) -> Iterator[Text]:
    """Fresh worlds say the same, or how far off they are."""
    found = {v.claim.id: v.repeat for v in checked.verdicts if v.repeat is not None}
    if checked.again is None or not found or checked.unsteady:
        return
    name, most = max(found.items(), key=lambda item: abs(item[1].difference))
    fresh = counted(checked.again.done, "fresh world")
    yield Text(
        f"{fresh} from seed {checked.again.seed} give the same shares within "
        f"{abs(most.difference):.1%} ({name}); chance allows {most.allowed:.0%} there.",
        style="dim",
    )


def _doubts(checked: Checked) -> Iterator[Text]:
    lines = [
        f"{v.claim.id}: the share in fresh worlds is {v.repeat.share.share:.0%}, further off than "
        f"chance allows ({v.repeat.allowed:.0%}): ask for more worlds"
        for v in checked.unsteady
        if v.repeat is not None
    ]
    if checked.wide is not None and checked.until is not None:
        lines.append(
            f"the widest interval is {checked.wide:.3f}, wider than the {checked.until:g} asked "
            "for: allow more worlds"
        )
    if checked.again is not None:
        lines += [f"in fresh worlds: {line}" for line in _run_marks(checked.again)]
    for line in lines:
        yield Text(f"! {line}", style="bold yellow")


def certificate(numerics: Numerics, ran: Ran | None) -> Text:
    """How good the numbers are, in one line."""
    parts = []
    if ran is not None:
        parts.append(f"{counted(ran.done, 'world')} from seed {ran.seed}")
    if numerics.grid is not None:
        parts.append(f"{numerics.grid} belief nodes")
        parts.append(f"grid change {_change(numerics.grid_change)}")
    parts.append(f"horizon change {_change(numerics.horizon_change)}")
    parts.append(f"residual {_change(numerics.residual)}")
    return Text(" · ".join(parts), style="dim")


def _change(change: float | None) -> str:
    return "not known" if change is None else f"{change:.1g}"


def marks(numerics: Numerics, ran: Ran | None, lost: Sequence[str] = ()) -> list[Text]:
    """Everything that keeps a result from being trusted blindly."""
    lines = []
    if numerics.unresolved:
        lines.append(
            f"{counted(numerics.unresolved, 'decision')} unresolved at best, sharper play included"
        )
    if numerics.branch_points:
        found = counted(numerics.branch_points, "branch point")
        lines.append(f"{found} at best, sharper play included: play stays on the branch it came on")
    lines += [f"not checked {why}" for why in lost]
    if ran is not None:
        lines += _run_marks(ran)
    return [Text(f"! {line}", style="bold yellow") for line in lines]


def _run_marks(ran: Ran) -> Iterator[str]:
    if ran.interrupted:
        yield f"ended early: {ran.done} of {counted(ran.wanted, 'world')} done"
    if ran.failed:
        number_, why = next(iter(ran.failed.items()))
        yield f"{counted(len(ran.failed), 'world')} failed; world {number_}: {why}"
    if ran.unresolved:
        yield f"{counted(ran.unresolved, 'world')} with unresolved decisions"
    if ran.branched:
        yield f"{counted(ran.branched, 'world')} with branch points"
