"""The outside view below a check: base rates beside what the model says."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case
from ceasefire.evidence import BaseRate, model_probability
from ceasefire.worlds import Checked


def outside_table(
    case: Case, checked: Checked, rates: Mapping[str, BaseRate]
) -> RenderableType | None:
    """The model's probability of each claim that has a base rate, and that rate; None without."""
    if not rates:
        return None
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("beside base rates", style="bold", no_wrap=True)
    for head in ("model", "base rate", "range"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("which")
    for verdict in checked.verdicts:
        rate = rates.get(verdict.claim.id)
        if rate is not None:
            table.add_row(*_cells(verdict.claim.id, model_probability(case, verdict), rate))
    missing = sorted({rate.missing for rate in rates.values() if rate.missing})
    notes = [Text(f"No base rate: {why}", style="yellow") for why in missing]
    return Group(Text(), table, *notes)


def _cells(name: str, model: float | None, rate: BaseRate) -> Iterator[RenderableType]:
    yield name
    yield "-" if model is None else f"{model:.2f}"
    yield "-" if rate.probability is None else f"{rate.probability:.2f}"
    low, high = rate.range or (None, None)
    yield "" if low is None or high is None else f"{low:.2f}-{high:.2f}"
    yield Text(which(rate), style="dim")


def which(rate: BaseRate) -> str:
    """What the base rate is of, in words.

    >>> from ceasefire.case import Baseline
    >>> which(BaseRate(Baseline(lasted="1177d", within="1y", deaths=10_000)))
    'a war that has lasted 1177d ends within 1y, by wars of 10,000 deaths or more'
    """
    written = rate.written
    if written.lasted is None:
        return written.about or (f"as in {written.source}" if written.source else "as written")
    ends = f"ends within {written.within}" if written.within else f"goes on beyond {written.beyond}"
    told = [f"of {written.deaths:,} deaths or more"] if written.deaths else []
    told += [f"since {written.after}"] if written.after is not None else []
    by = f", by wars {' '.join(told)}" if told else ""
    few = f": {rate.rate.ended} of {rate.rate.known} ended" if rate.rate is not None else ""
    return f"a war that has lasted {written.lasted} {ends}{by}{few}"
