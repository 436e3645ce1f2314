"""What a report cannot explain, and what makes its numbers doubtful."""

import math
from collections.abc import Iterator

from ceasefire.show.findings import Findings
from ceasefire.show.verdicts import marks
from ceasefire.show.words import counted, likely, number

OFTEN = 0.2


def doubts(found: Findings) -> list[str]:
    """What marks the numbers: nothing where they are as good as the certificate says."""
    checked = found.checked
    lines = [text.plain for text in marks(checked.best.numerics, checked.ran, checked.lost)]
    if checked.flips is not None and checked.flips.doubtful:
        readings = counted(checked.flips.doubtful, "reading")
        lines.append(f"! {readings} on the way to flips with decisions unresolved or branch points")
    return [line.removeprefix("! ") for line in lines]


def unexplained(found: Findings) -> list[tuple[str, str]]:
    """What the page cannot explain: (where, what)."""
    told = [("", text) for text in found.unexplained]
    for verdict in found.checked.verdicts:
        claim, share = verdict.claim, verdict.share
        lines = list(claim.warnings)
        if claim.best is None:
            lines.append("has no answer at the best estimates")
        if claim.noise:
            lines.append("rests on noise: its verdict changes when everyone is more precise")
        if share is not None and share.failed:
            lines.append(f"has no answer in {counted(share.failed, 'world')}")
        varies = share is not None and 0 < share.true < share.worlds
        if verdict.drivers is not None and not verdict.drivers.drivers and varies:
            lines.append("varies over the worlds, but no unknown decides it beyond chance")
        if verdict.repeat is not None and not verdict.repeat.within:
            lines.append("fresh worlds give another share than chance explains")
        told += [(claim.id, line) for line in lines]
    told += [("", line) for line in _lesser(found)]
    if found.updated is not None:
        for event in found.updated.events:
            if event.expected is not None and event.expected < 0.1:
                words = f"{event.fact.words}: expected with {likely(event.expected)} only"
                told.append(("", words))
    return told


def _lesser(found: Findings) -> Iterator[str]:
    """Where a party often takes less than it could, at a cost above its noise; the rest counted.

    Among options of equal weight a loss of one over the precision makes an option e times rarer.
    """
    others = 0
    start = found.explanations[0].state if found.explanations else ""
    for explained in found.explanations:
        named = found.case.parties[explained.party].name
        for decision in explained.decisions:
            best = max(decision.choices, key=lambda choice: choice.value)
            for choice in decision.choices:
                lost = best.value - choice.value
                if lost < 1e-9 or choice.probability <= OFTEN:
                    continue
                if best.probability < math.e * choice.probability:
                    others += 1
                    continue
                kind = f", as {decision.type}," if decision.type else ""
                at = f"{decision.step}, {decision.deal}" if decision.deal else decision.step
                yield (
                    f"{_since(start, explained.state)}: {named}{kind} takes {choice.option} at "
                    f"{at} with {likely(choice.probability)}, though {best.option} is worth "
                    f"{number(lost)} more."
                )
    if others:
        yield (
            f"{counted(others, 'lesser option')} more {'is' if others == 1 else 'are'} taken with "
            f"over {OFTEN:g}, at a loss that the party hardly notices (less than one over its "
            "precision). They stand in the tables above."
        )


def _since(start: str, state: str) -> str:
    """A state by what sets it apart from the start."""
    apart = [part for part in state.split(", ") if part not in start.split(", ")]
    return f"Where {', '.join(apart)}" if apart else "At the start"
