"""What has happened and what it changes, as tables."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case
from ceasefire.evidence import Change, Happened, Moved, Updated, Weighed
from ceasefire.show.overview import heading
from ceasefire.show.verdicts import certificate, mark, marks
from ceasefire.show.words import VERDICT_STYLES, counted, likely, number

EVEN = 0.005


def updated_table(case: Case, found: Updated) -> RenderableType:
    """Events, claims before and after, beliefs and conditions, and what to make of them."""
    parts: list[RenderableType] = [heading(case), Text(), Text(_today(case, found), style="bold")]
    parts += [Text(), _events(found), Text(), _claims(found)]
    parts += [Text(), _changes(found)]
    return Group(*parts, Text(), *_notes(found))


def _today(case: Case, found: Updated) -> str:
    left = counted(found.left, case.period)
    return f"Today is the beginning of period {found.today}: {left} left of {case.horizon}"


def one_in(probability: float) -> str:
    """A probability as one reads it: `1 in 40`.

    >>> [one_in(p) for p in (1.0, 0.9, 0.5, 0.025, 0.0)]
    ['sure', '9 in 10', '1 in 2', '1 in 40', 'impossible']
    """
    if probability <= 0:
        return "impossible"
    if probability >= 0.995:
        return "sure" if probability == 1 else "nearly sure"
    if probability > 0.55:
        return f"{probability * 10:.0f} in 10" if probability < 0.95 else f"{probability:.0%}"
    chances = 1.0 / probability
    return f"1 in {chances:.0f}" if chances >= 1.75 else "1 in 2"


def _events(found: Updated) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("period", "what has happened", "expected", "moves most"):
        table.add_column(name, justify="right" if name == "period" else "left")
    for n, event in enumerate(found.events):
        chance = event.expected
        said = "no answer" if chance is None else one_in(chance)
        style = "bold yellow" if event is found.surprise and chance and chance < 0.2 else ""
        table.add_row(
            str(event.fact.period), Text(event.fact.words), Text(said, style=style), _most(found, n)
        )
    return table


def _most(found: Updated, n: int) -> Text:
    """The claim, belief or condition that changes most if this event is left out."""
    moves: list[tuple[float, str]] = []
    for claim in found.claims:
        if claim.after is None:
            truths = claim.best[1], claim.best_without[n]
            if None not in truths and truths[0] != truths[1]:
                moves.append((1.0 if truths[0] else -1.0, f"{claim.id}, at best"))
        elif claim.after.share is not None and claim.without[n].share is not None:
            moves.append((claim.after.share - (claim.without[n].share or 0.0), claim.id))
    named = {f"{p} {k} to {o}": c for (o, p, k), c in found.beliefs.items()}
    for name, change in (named | dict(found.conditions)).items():
        now, _, *rest = change.versions
        left = rest[n]
        if now is not None and left is not None:
            moves.append((now - left, name))
    moves = [move for move in moves if abs(move[0]) >= EVEN]
    if not moves:
        return Text("nothing", style="dim")
    by, name = max(moves, key=lambda move: abs(move[0]))
    return Text(f"{name} {by:+.2f}")


def _claims(found: Updated) -> Table:
    worlds = found.ran is not None
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("claim", style="bold", no_wrap=True)
    table.add_column("at best")
    if worlds:
        table.add_column("before", justify="right")
        table.add_column("time alone", justify="right")
        table.add_column("after", justify="right")
        table.add_column("95 %", no_wrap=True)
        table.add_column("verdict after", no_wrap=True)
    for claim in found.claims:
        best = mark(claim.best[0]).append(" → ").append(mark(claim.best[1]))
        table.add_row(claim.id, best, *(_shares(claim) if worlds else ()))
    return table


def _shares(claim: Moved) -> Iterator[RenderableType]:
    for share in (claim.before, claim.alone):
        yield Text(_percent(share), style="dim" if share is claim.alone else "")
    after = claim.after
    if after is None or after.share is None:
        yield from (Text("no answer", style="yellow"), Text(), Text())
        return
    low, high = after.interval
    style = VERDICT_STYLES[after.verdict or ""]
    yield Text(_percent(after), style=style)
    yield Text(f"{low:.0%}-{high:.0%}", style="dim")
    changed = claim.before is not None and claim.before.verdict != after.verdict
    said = f"{after.verdict}" + (
        f", {claim.before.verdict} before" if changed and claim.before else ""
    )
    yield Text(said, style=style)


def _percent(share: Weighed | None) -> str:
    return "no answer" if share is None or share.share is None else f"{share.share:.0%}"


def _changes(found: Updated) -> Table:
    """Beliefs and conditions, over worlds if there are any."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for name in ("before", "time alone", "after"):
        table.add_column(name, justify="right")
    alike: dict[tuple[str, ...], list[str]] = {}
    for (observer, party, kind), change in found.beliefs.items():
        alike.setdefault((f"{party} {kind}", *_three(change)), []).append(observer)
    for (belief, *cells), observers in alike.items():
        who = "analyst and others" if len(observers) > 2 else " and ".join(observers)
        table.add_row(f"{belief}, to {who}", *cells)
    for name, change in found.conditions.items():
        table.add_row(name, *_three(change))
    return table


def _three(change: Change) -> Iterator[str]:
    after, alone, *_ = change.versions
    for value in (change.first, alone, after):
        yield "no value" if value is None else likely(value)


def _notes(found: Updated) -> Iterator[RenderableType]:
    if found.surprise is not None and found.surprise.expected is not None:
        yield Text(_surprise(found.surprise))
    if found.ran is not None and found.size is not None:
        answered = found.ran.done - len(found.ran.failed)
        worlds = counted(answered, "world")
        said = f"{worlds}, weighed by what they expected, count as {found.size:.1f}"
        yield Text(said, style="dim")
    yield Text(_sampled(found), style="dim")
    yield certificate(found.numerics, found.ran)
    for note in found.notes:
        yield Text(note, style="dim")
    for claim in found.claims:
        for warning in claim.warnings:
            yield Text(f"{claim.id}: {warning}", style="yellow")
    if found.thin:
        yield Text(
            "! weighed by the events the worlds count as less than a tenth: ask for more worlds",
            style="bold yellow",
        )
    yield from marks(found.numerics, found.ran, found.lost)


def _surprise(event: Happened) -> str:
    said = one_in(event.expected or 0.0)
    fact = event.fact
    if event.expected is not None and event.expected >= 0.2:
        return (
            f"Nothing that happened was a surprise; the least expected was {fact.words} ({said})."
        )
    return f"The model did not expect {fact.words} in period {fact.period}: {said}."


def _sampled(found: Updated) -> str:
    answered = 1 + (0 if found.ran is None else found.ran.done - len(found.ran.failed))
    if found.exact == answered:
        return "every way things may have gone was followed: nothing was sampled"
    error = found.errors[0]
    by = "" if error is None else f"; likelihood at best ± {100 * error:.1g} %"
    worst = max(
        (change.error or 0.0 for claim in found.claims for _, change in claim.quantities),
        default=0.0,
    )
    return f"{found.particles:,} points kept{by}; numbers at best ± {number(worst)} at most"
