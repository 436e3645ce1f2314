"""What to watch, as a table: the events of the next period, and what each would change."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case
from ceasefire.evidence import Indicated, Indicator
from ceasefire.show.overview import heading
from ceasefire.show.updated import one_in
from ceasefire.show.verdicts import certificate, marks
from ceasefire.show.words import counted

EVEN = 0.005
MOST = 3


def indicated_table(case: Case, found: Indicated, most: int | None = None) -> RenderableType:
    """Events of the next period, those first that are expected to move the claims most.

    most  how many to show, all if None
    """
    left = counted(found.left, case.period)
    title = f"What may happen in period {found.period}; {left} are left after it"
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("event", "likely", "moves claims", "moves beliefs"):
        table.add_column(name)
    shown = found.indicators if most is None else found.indicators[:most]
    for one in shown:
        table.add_row(Text(one.fact.words), one_in(one.expected), _claims(one), _beliefs(one))
    lines = [*_rest(found, len(shown)), *_turning(found)]
    return Group(
        heading(case), Text(), Text(title, style="bold"), Text(), table, Text(), *lines,
        *_notes(found), certificate(found.numerics, found.ran),
        *marks(found.numerics, found.ran, found.lost),
    )  # fmt: skip


def _largest(moves: list[tuple[float, str]]) -> Text:
    chosen = sorted((m for m in moves if abs(m[0]) >= EVEN), key=lambda move: -abs(move[0]))
    if not chosen:
        return Text("nothing", style="dim")
    more = f" and {len(chosen) - MOST} more" if len(chosen) > MOST else ""
    return Text(", ".join(f"{name} {by:+.2f}" for by, name in chosen[:MOST]) + more)


def _claims(one: Indicator) -> Text:
    return _largest([(by, name) for name in one.claims if (by := one.moves(name)) is not None])


def _beliefs(one: Indicator) -> Text:
    """The analyst's, and those of others that move otherwise."""
    told: dict[str, tuple[float, str]] = {}
    for (observer, party, kind), (without, given) in one.beliefs.items():
        by = given - without
        known = told.get(f"{party}.{kind}")
        if known is None:
            told[f"{party}.{kind}"] = (by, f"{party}.{kind}")
        elif abs(by - known[0]) >= 0.02:
            told[f"{party}.{kind}, {observer}"] = (by, f"{party}.{kind} to {observer}")
    return _largest(list(told.values()))


def _rest(found: Indicated, shown: int) -> Iterator[Text]:
    if shown < len(found.indicators):
        more = counted(len(found.indicators) - shown, "event")
        yield Text(f"{more} more: --all shows them", style="dim")


def _turning(found: Indicated) -> Iterator[Text]:
    """What would change our mind: events after which a claim has another verdict."""
    turning = sorted((o for o in found.indicators if o.turns), key=lambda one: -one.expected)
    if not turning:
        yield Text("No single event of that period changes the verdict of a claim.")
        return
    yield Text("What would change the verdict of a claim:", style="bold")
    for one in turning[:10]:
        said = []
        for name in one.turns[:4]:
            before, after = one.claims[name]
            assert before is not None
            assert after is not None
            said.append(f"{name} ({before.verdict} → {after.verdict})")
        more = f" and {len(one.turns) - 4} more" if len(one.turns) > 4 else ""
        yield Text(f"  {one.fact.words} ({one_in(one.expected)}): {', '.join(said)}{more}")


def _notes(found: Indicated) -> Iterator[Text]:
    yield Text(
        "A change is that of a claim's share or of a belief once the period is over: if this has "
        "happened, against nothing known of the period.",
        style="dim",
    )
    if found.size is not None and found.ran is not None:
        done = counted(found.ran.done - len(found.ran.failed), "world")
        yield Text(f"{done} after the events so far count as {found.size:.1f}", style="dim")
