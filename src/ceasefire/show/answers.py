"""Answers to questions, as a table."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.ask import Answer
from ceasefire.show.verdicts import certificate, mark, marks
from ceasefire.show.words import number
from ceasefire.worlds import Asked
from ceasefire.worlds.across import Across


def answer_table(asked: Asked) -> RenderableType:
    """Each question with its number, and how it varies over the worlds."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("question")
    table.add_column("best", justify="right", style="bold")
    if asked.ran is not None:
        for name in ("5 %", "median", "95 %", "mean", "share"):
            table.add_column(name, justify="right", no_wrap=True)
    for answer in asked.answers.answers:
        table.add_row(Text(answer.expr), _best(answer), *_worlds(answer.worlds))
    warnings = [Text(warning, style="yellow") for warning in asked.answers.warnings]
    numerics = asked.answers.numerics
    noted = marks(numerics, asked.ran, asked.lost)
    return Group(table, Text(), certificate(numerics, asked.ran), *warnings, *noted)


def _best(answer: Answer) -> RenderableType:
    if isinstance(answer.best, bool):
        return mark(answer.best).append(f" {number(answer.best)}")
    error = next((figure.error for figure in answer.quantities if figure.error), None)
    return Text(number(answer.best) + (f" ± {error:.1g}" if error else ""))


def _worlds(across: Across | None) -> list[str]:
    if across is None:
        return []
    if across.share is not None:
        share = across.share.share
        low, high = across.share.interval
        shown = "no answer" if share is None else f"{share:.0%} ({low:.0%}-{high:.0%})"
        return ["", "", "", "", shown]
    found = across.spread
    if found is None or not found.worlds:
        return ["", "", "", "", "no answer"]
    return [*(number(value) for value in (found.p05, found.p50, found.p95, found.mean)), ""]
