"""What past wars say, as tables: how likely an end is, and the wars that say so."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire import __version__
from ceasefire.evidence import BaseRates, Estimate, Rate, baseline
from ceasefire.show.options import Options
from ceasefire.show.screen import output, print_json
from ceasefire.show.words import counted, plain

HEADS = {"kaplan_meier": "Kaplan-Meier", "pareto": "Pareto tail", "laplace": "Laplace"}
LISTED = 20
FEW = 30
YEAR = 365.25


def show_baseline(
    lasted: str,
    within: tuple[str, ...],
    options: Options,
    *,
    deaths: int = 0,
    after: int | None = None,
    wars: str | None = None,
    added: bool = True,
) -> int:
    """Print how likely an end is by past wars."""
    found = baseline(lasted, *within, deaths=deaths, after=after, wars=wars, added=added)
    if options.as_json:
        print_json({"version": __version__, **found.as_json()})
    else:
        output().print(baseline_table(found))
    return 0


def baseline_table(found: BaseRates) -> RenderableType:
    """Three estimates side by side, the wars that lasted longer, what the class lacks."""
    title = Text(f"A war that has lasted {found.lasted} ends within", style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("range", no_wrap=True, justify="right")
    for head in HEADS.values():
        table.add_column(f"{head} (95 %)", no_wrap=True)
    table.add_column("ended", no_wrap=True)
    for rate in found.rates:
        cells = [_estimate(getattr(rate, name)) for name in HEADS]
        ended = f"{rate.ended} of {rate.known}"
        table.add_row(rate.within, between(rate), *cells, Text(ended, style="dim"))
    parts = (title, table, Text(), *_class(found), Text(), _longer(found), Text())
    return Group(*parts, _great_northern(found), *_omissions(found))


def between(rate: Rate) -> str:
    """The range of the estimates, such as 15-27 %."""
    if rate.range is None:
        return "no estimate"
    low, high = (f"{100 * end:.0f}" for end in rate.range)
    return f"{low} %" if low == high else f"{low}-{high} %"


def _estimate(estimate: Estimate | None) -> Text:
    if estimate is None:
        return Text("none", style="dim")
    low, high = estimate.interval
    text = Text(f"{estimate.probability:.0%}".replace("%", " %"))
    return text.append(f"  {100 * low:.0f}-{100 * high:.0f}", style="dim")


def _class(found: BaseRates) -> Iterator[Text]:
    own = found.own is not None
    where = f"of {found.own}" if own else "of Gibler & Miller's data on 1816-2014"
    if any(war.added for war in found.wars):
        names = " and ".join(war.name for war in found.wars if war.added)
        where += f" with the {names} added"
    kept = [f"with at least {found.deaths:,} deaths"] if found.deaths else []
    kept += [f"begun after {found.after}"] if found.after is not None else []
    years = f"{found.wars[-1].days / YEAR:.1f} years"
    yield Text(f"{counted(len(found.wars), 'war')} {', '.join([where, *kept])}.")
    median = f"Half of them lasted {found.median:,.0f} days or less, the longest {years}"
    tail = found.tail
    fitted = (
        f"; tail of {counted(tail.wars, 'war')} beyond a year, exponent {tail.exponent:.2f}"
        if tail is not None
        else ""
    )
    yield Text(median + fitted + ".")
    guessed = sum(war.guessed for war in found.wars)
    if guessed:
        yield Text(f"In {guessed} the day of the start or end is not known: the 15th is taken.")
    ongoing = sum(war.ongoing for war in found.wars)
    if ongoing:
        yield Text(f"{counted(ongoing, 'war')} still going on when last seen: counted till then.")
    if found.dropped:
        yield Text(f"{counted(found.dropped, 'war')} left out: deaths not known.")


def _longer(found: BaseRates) -> RenderableType:
    at_risk = found.at_risk
    if not at_risk:
        why = f"None of them lasted longer than {found.lasted}: only the tail says anything."
        return Text(why, style="yellow")
    names = [f"{plain(war.name)} {war.days / YEAR:.1f}" for war in at_risk[:LISTED]]
    more = f", and {len(at_risk) - LISTED} more" if len(at_risk) > LISTED else ""
    text = Text(f"{len(at_risk)} lasted longer (years): ", style="bold")
    few = (
        "\nSo few wars can say little; the intervals tell how little." if len(at_risk) < 30 else ""
    )
    return text.append(", ".join(names) + more + ".", style="not bold").append(
        few if len(at_risk) < FEW else "", style="not bold yellow"
    )


def _great_northern(found: BaseRates) -> Text:
    shorter, of = found.shorter_than_great_northern, len(found.wars)
    text = f"The 21 years of the Great Northern War (1700-1721) are longer than {shorter} of {of}."
    chance = found.as_long_as_great_northern
    if chance is not None:
        text += f" By the tail this war comes to as many with a probability of {chance:.0%}."
    return Text(text.replace("%.", " %."))


def _omissions(found: BaseRates) -> Iterator[Text]:
    if found.omissions:
        yield Text("\nWhat the data lack", style="bold")
    for sentence in found.omissions:
        yield Text(f"· {sentence}", style="dim")
