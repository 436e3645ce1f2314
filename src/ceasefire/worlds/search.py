"""Looks for the flips of every claim: along each unknown alone, then by two unknowns together.

What is read along an unknown serves all claims at once; pairs are looked for claim by claim,
among the unknowns that this shows to matter. Each unknown, and then each claim, is one job.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ceasefire.ask import Prepared, Sheet
from ceasefire.ask.margin import margin
from ceasefire.worlds.axes import SCAN, axes
from ceasefire.worlds.flips import Along, Flip, Truths, Walk
from ceasefire.worlds.pairs import Joined, Joint, Pair, searches
from ceasefire.worlds.run import Progress
from ceasefire.worlds.survey import Meter

OnPlan = Callable[[int, int], None]


@dataclass(frozen=True)
class Flips:
    """What flips each claim, by its number.

    flips        nearest first, in shares of the unknown's range; no entry for a claim that has no
                 answer at best
    pairs        a pair whose move is clearly smaller than that of any unknown alone
    unknowns     how many unknowns can move and are read by the case or a claim
    tried        those that were walked along
    readings     how often claims were read along them
    doubtful     readings, those for pairs included, with a decision left unresolved or a branch
                 point met
    failed       (unknown, value, why) where a number was impossible
    interrupted  whether Ctrl-C left something untried
    """

    flips: Mapping[int, tuple[Flip, ...]]
    pairs: Mapping[int, Pair]
    unknowns: int
    tried: tuple[str, ...]
    readings: int
    doubtful: int
    failed: tuple[tuple[str, float, str], ...]
    interrupted: bool

    def as_json(self) -> dict[str, Any]:
        """How far the search went: the `flips` of a run."""
        return {
            "unknowns": self.unknowns,
            "tried": list(self.tried),
            "scan": SCAN,
            "readings": self.readings,
            "doubtful": self.doubtful,
            "failed": [{"unknown": name, "at": at, "why": why} for name, at, why in self.failed],
            "interrupted": self.interrupted,
        }


def find_flips(
    prepared: Prepared,
    best: Sheet,
    *,
    workers: int | None = None,
    on_plan: OnPlan | None = None,
    progress: Progress | None = None,
) -> Flips:
    """Find what flips each claim, alone or in pairs.

    best      the answers at best
    on_plan   called once with the number of unknowns, and of readings that the scan alone takes
    progress  called with the number of jobs done, and of all: unknowns, then claims
    """
    truths, lines = Truths(prepared, best), axes(prepared)
    if on_plan is not None:
        on_plan(len(lines), sum(len(a.scan(-1)) + len(a.scan(1)) for a in lines))
    meter = Meter(progress, len(lines) + len(truths.answered))
    walked = meter.each(Walk(truths), {axis.name: axis for axis in lines}, workers)
    alongs = tuple(walked.answers.values())
    joined: Mapping[int, Joined] = {}
    interrupted = walked.interrupted
    if not interrupted:
        wanted = searches(truths, _margins(prepared, best), alongs)
        meter.total = len(lines) + len(wanted)
        found = meter.each(Joint(truths), {search.claim: search for search in wanted}, workers)
        interrupted, joined = found.interrupted, found.answers
    return Flips(
        {claim: _nearest(alongs, claim) for claim in truths.answered if alongs or not interrupted},
        {claim: found.pair for claim, found in joined.items() if found.pair is not None},
        len(lines),
        tuple(walked.answers),
        sum(along.readings for along in alongs),
        sum(a.doubtful for a in alongs) + sum(found.doubtful for found in joined.values()),
        tuple((a.axis.name, at, why) for a in alongs for at, why in a.failed.items()),
        interrupted,
    )


def _nearest(alongs: tuple[Along, ...], claim: int) -> tuple[Flip, ...]:
    found = [along.flips[claim] for along in alongs if claim in along.flips]
    return tuple(sorted(found, key=lambda flip: flip.move))


def _margins(prepared: Prepared, best: Sheet) -> list[float | None]:
    pairs = zip(prepared.questions, best.readings, strict=True)
    return [margin(q.tree, [reading.value for reading in read]) for q, read in pairs]
