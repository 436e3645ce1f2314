"""Why a party would do what it does, as tables."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.ask import Choice, Decision, Explanation
from ceasefire.show.verdicts import marks
from ceasefire.show.words import bar, likely, number


def reason_tables(explanation: Explanation) -> RenderableType:
    """Each decision of the party: its options, what they are worth and from what, and why."""
    parts: list[RenderableType] = [
        Text(explanation.party, style="bold").append(
            f"  where {explanation.state}", style="not bold"
        )
    ]
    if not explanation.decisions:
        parts += [Text(), *map(Text, explanation.sentences)]
    for decision in explanation.decisions:
        parts += [Text(), _title(decision), _options(decision), Text(decision.why, style="italic")]
    parts += marks(explanation.numerics, None)
    return Group(*parts)


def _title(decision: Decision) -> Text:
    words = {"move": "its move", "offer": "its offer", "answer": "its answer"}
    title = Text(words.get(decision.role, decision.role), style="cyan")
    if decision.deal:
        by = f" from {decision.offered_by}" if decision.offered_by else ""
        title.append(f" to {decision.deal}{by}")
    elif decision.role == "offer":
        title.append(f" at {decision.step}")
    if decision.type:
        title.append(f", if {decision.type}")
    return title


def _options(decision: Decision) -> Table:
    shown = _parts(decision)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("option", no_wrap=True, style="bold")
    table.add_column("probability", no_wrap=True)
    table.add_column("value", justify="right", style="bold")
    for name in shown:
        table.add_column(name, justify="right")
    for choice in decision.choices:
        table.add_row(*_choice(choice, shown))
    return table


def _parts(decision: Decision) -> list[str]:
    """The parts that are not 0 for every option, in order."""
    names = dict.fromkeys(name for choice in decision.choices for name in choice.parts)
    return [name for name in names if any(c.parts.get(name) for c in decision.choices)]


def _choice(choice: Choice, shown: list[str]) -> Iterator[RenderableType]:
    yield choice.option
    yield Text(bar(choice.probability, 8), style="cyan").append(
        f" {likely(choice.probability)}", style="default"
    )
    yield number(choice.value)
    for name in shown:
        yield number(choice.parts.get(name, 0.0))
