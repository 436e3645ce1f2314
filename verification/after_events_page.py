"""`python -m verification.after_events_page [WORLDS]`: the page of the op-ed after its events.

It writes `docs/after.md`. Run it after the case, its rival or the program has changed what it
says; a test compares the digests of both cases with those in the page. At the best estimates it
takes some minutes, with worlds as many times as long.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from ceasefire.case import Case, digest, load
from ceasefire.evidence import (
    ClaimChange,
    ComparisonResult,
    UpdateResult,
    ValueChange,
    event_expectations,
)
from ceasefire.evidence.compare_cases import BAYES_FACTOR_WORDS
from ceasefire.forecasts import ReviewResult, review
from ceasefire.render.formatting import format_number, format_probability
from ceasefire.render.tables_evidence import (
    bayes_factor_lines,
    format_percent,
    headlines_once,
    surprise_sentences,
)

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "after.md"
CASE, RIVAL = (ROOT / "cases" / f"ukraine-{name}2025.yaml" for name in ("", "exhaustion-"))
HEAD = """# The op-ed after its events

What [the case of the op-ed](../cases/ukraine-2025.yaml) said in May 2025, what has happened since,
and what that makes of it, as it comes out. Its [rival](../cases/ukraine-exhaustion-2025.yaml) has
other numbers and the same events. The commands are

```console
$ ceasefire update cases/ukraine-2025.yaml
$ ceasefire review cases/ukraine-2025.yaml --rival cases/ukraine-exhaustion-2025.yaml
```

and [what the words mean](update.md) stands elsewhere. The events change no number of the case as it
is written: `check` reads it as before.
"""


def text_of_page(case: Case, rival: Case, found: ReviewResult) -> str:
    """The page: events, claims in both readings, beliefs, the rival, and what came true."""
    assert found.update is not None
    assert found.rival is not None
    parts = (
        _events(case, found.rival),
        _surprises(found.update),
        _claims(case, found.update),
        _beliefs(case, found.update),
        _favoured(found.rival),
        _outcomes(found),
    )
    lines = [HEAD.rstrip("\n"), "", _source_of_numbers(found.update)]
    for readings, said in headlines_once(found.update):
        lines += ["", f"**{readings}.** {said}"]
    for part in parts:
        lines += ["", *part]
    return "\n".join([*lines, "", digests(case, rival), ""])


def digests(case: Case, rival: Case) -> str:
    """What says of which cases the page is, unseen by its readers."""
    return f"<!-- {digest(case)} {digest(rival)} -->"


def _source_of_numbers(update: UpdateResult) -> str:
    if update.run_stats is None:
        return (
            "All numbers are at the best estimates; over worlds they are shares "
            "(`--worlds 64`, some minutes)."
        )
    return f"All numbers are over {update.answered_worlds} worlds, unless they say otherwise."


def _events(case: Case, rivals: ComparisonResult) -> Iterator[str]:
    yield "## How likely each event was held"
    yield ""
    doubtful = [event for event in case.events if not event.confirmed]
    named = (f"`{e.kind}: {e.target or ', '.join(e.observed)}` ({e.about})" for e in doubtful)
    begins = f"{case.period.capitalize()} 0 begins in {case.start}."
    yield f"{begins} In doubt, and not counted, are {'; '.join(named)}."
    yield ""
    yield f"| {case.period} | event | the op-ed | its rival | source in the case |"
    yield "| --- | --- | --- | --- | --- |"
    for event, expected in event_expectations(rivals):
        likely = ("no answer" if one is None else format_percent(one) for one in expected)
        source = event.first_report.source or ""
        yield f"| {event.period} | `{event.description}` | {' | '.join(likely)} | {source} |"


def _surprises(update: UpdateResult) -> Iterator[str]:
    for sentence in surprise_sentences(update):
        yield f"* {sentence}"


def _claims(case: Case, update: UpdateResult) -> Iterator[str]:
    yield "## The claims in both readings"
    yield ""
    yield "| claim | before | as written, after the evidence | time alone | from today |"
    yield "| --- | --- | --- | --- | --- |"
    for claim in update.claims:
        yield f"| {case.claims[claim.id].says} | {' | '.join(_readings(claim))} |"
    for claim in update.claims:
        if claim.settled_by:
            yield ""
            word = "true" if claim.best[1] else "false"
            yield f"*{claim.sentence}* is {word}, settled by: {'; '.join(claim.settled_by)}."


def _readings(claim: ClaimChange) -> Iterator[str]:
    shares = claim.before, claim.as_written, claim.time_only, claim.after
    truths = claim.best[0], claim.best_as_written, claim.best[2], claim.best[1]
    for share, truth in zip(shares, truths, strict=True):
        if share is None:
            yield {True: "true", False: "false", None: "no answer"}[truth]
        else:
            yield "no answer" if share.share is None else f"{share.share:.0%}"


def _beliefs(case: Case, update: UpdateResult) -> Iterator[str]:
    yield "## What each is expected to believe, and where things stand"
    yield ""
    yield "| | before | time alone | after |"
    yield "| --- | --- | --- | --- |"
    alike: dict[tuple[str, str], list[str]] = {}
    for (observer, party, kind), change in update.beliefs.items():
        alike.setdefault((f"{party} is {kind}", _changes(change)), []).append(observer)
    for (belief, cells), observers in alike.items():
        yield f"| {belief}, to {', '.join(observers)} | {cells} |"
    for name, change in update.conditions.items():
        truth = case.is_truth(case.conditions[name].tree)
        yield f"| `{name}`{'' if truth else ', on average'} | {_changes(change, truth=truth)} |"


def _changes(change: ValueChange, *, truth: bool = True) -> str:
    after, alone, *_ = change.values_by_version
    written = format_probability if truth else format_number
    cells = (change.value_before, alone, after)
    return " | ".join("no value" if value is None else written(value) for value in cells)


def _favoured(rivals: ComparisonResult) -> Iterator[str]:
    yield "## Which of the two the events favour"
    for line in bayes_factor_lines(rivals, ("the op-ed", "its rival")):
        yield ""
        yield line.plain
    yield ""
    named = ", ".join(f"“{words}” is said below {most:g}" for most, words in BAYES_FACTOR_WORDS)
    yield f"Of ratios {named}. A good guess at the numbers counts like a good story."


def _outcomes(found: ReviewResult) -> Iterator[str]:
    yield "## What came true"
    yield ""
    yield "| claim | came true | the case said | past wars | others |"
    yield "| --- | --- | --- | --- | --- |"
    for claim in found.outcomes.claims:
        said = "true" if claim.true_at_best else "false"
        if claim.model_probability is not None:
            said += f", probability {claim.model_probability:.2f}"
        base = "" if claim.base_rate is None else f"{claim.base_rate.probability:.2f}"
        others = " ".join(f"{one.probability:.2f}" for one in claim.forecasts)
        yield f"| {claim.sentence} | {claim.happened} | {said} | {base} | {others} |".replace(
            "True", "yes"
        ).replace("False", "no")


def write(worlds: int = 0) -> None:
    """Write the page."""
    case, rival = load(CASE), load(RIVAL)
    found = review(case, rival=rival, worlds=worlds)
    PAGE.write_text(text_of_page(case, rival, found), encoding="utf-8")


if __name__ == "__main__":
    write(*map(int, sys.argv[1:]))
