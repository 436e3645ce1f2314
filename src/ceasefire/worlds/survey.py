"""Prepared questions asked at best, asked again to see how good that is, and asked in worlds.

Everything but the best estimate is shared out over all cores, the checks first: with every party
twice and four times as precise, with the belief grid refined once, with a longer tail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ceasefire.ask import Prepared, Sheet
from ceasefire.ask.certificate import Checks
from ceasefire.ask.claims import SHARPER
from ceasefire.worlds.draws import World, Worlds, draw
from ceasefire.worlds.enough import batch
from ceasefire.worlds.run import Answer, Job, Key, Progress, Run, each
from ceasefire.worlds.sample import Ran, Sample, sampled


class Asking(NamedTuple):
    """How prepared questions are asked once: in which world, how sharp, how finely, how long.

    world     the unknowns that differ from best, None for world 0
    halvings  how often the belief grid is refined
    longer    whether the tail grows by the horizon
    """

    world: World | None = None
    sharper: float = 1.0
    halvings: int = 0
    longer: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads prepared questions; sent to other processes with the games it needs."""

    prepared: Prepared

    def __call__(self, asking: Asking) -> Sheet:
        """Answer every question as it is asked here."""
        return self.prepared.read(
            asking.world,
            sharper=asking.sharper,
            halvings=asking.halvings,
            longer=asking.longer,
        )


@dataclass(frozen=True)
class Survey:
    """What was read: at best, sharper, finer and longer, and in each world that has an answer.

    A check that Ctrl-C left undone is missing from `sharper`, or None in `checks`.

    sample  the worlds, None if there was only world 0
    again   fresh worlds from the next seed, None if they were not asked for
    """

    best: Sheet
    sharper: Mapping[float, Sheet]
    checks: Checks
    sample: Sample | None
    again: Sample | None = None
    lost: tuple[str, ...] = ()
    interrupted: bool = False

    @classmethod
    def only(cls, best: Sheet) -> "Survey":
        """The best estimates, nothing else being known yet."""
        return cls(best, {}, Checks(), None)

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The answers in the worlds, in their order."""
        return () if self.sample is None else self.sample.sheets

    @property
    def ran(self) -> Ran | None:
        """How the run over the worlds went."""
        return None if self.sample is None else self.sample.ran


def survey(
    prepared: Prepared,
    *,
    worlds: int = 0,
    seed: int = 0,
    noise: bool = False,
    until: float | None = None,
    repeat: bool = False,
    workers: int | None = None,
    on_best: Callable[[Sheet], None] | None = None,
    progress: Progress | None = None,
) -> Survey:
    """Ask prepared questions at best, then everything else on all cores.

    worlds    how many worlds, or the most there may be with `until`
    noise     whether to ask again at sharper precision
    until     worlds are added until every test's interval is so narrow
    repeat    whether to ask half as many fresh worlds from the next seed
    on_best   called with the best estimates as soon as they are known
    progress  called with the number of readings done after that, and of all
    """
    first = batch((), 0, worlds, until)
    points = draw(prepared.case, first, seed)
    best = prepared.read()
    if on_best is not None:
        on_best(best)
    checks = checking(prepared, noise=noise)
    meter = Meter(progress, len(checks) + (first + first // 2 if repeat else first))
    reader = Reader(prepared)
    done = meter.each(reader, checks | _asked(points, 0), workers)
    found, failed, interrupted = dict(done.answers), dict(done.failed), done.interrupted
    while not interrupted:
        sample = sampled(points, found, failed, interrupted=False)
        shares = [sample.share(n) for n in range(len(prepared.questions))] if until else []
        more = batch(shares, len(points), worlds, until)
        if more == len(points):
            break
        before, points = len(points), draw(prepared.case, more, seed)
        meter.total += (more - before) * 3 // 2 if repeat else more - before
        done = meter.each(reader, _asked(points, before), workers)
        found, failed = {**found, **done.answers}, {**failed, **done.failed}
        interrupted = done.interrupted
    again, ended = None, interrupted
    if repeat and not interrupted and len(points) > 1:
        fresh = draw(prepared.case, len(points) // 2, seed + 1)
        done = meter.each(reader, _asked(fresh, 0), workers)
        interrupted = done.interrupted
        again = sampled(fresh, done.answers, done.failed, interrupted=interrupted)
    return Survey(
        best=best,
        sharper={
            factor: found[_sharper(factor)] for factor in SHARPER if _sharper(factor) in found
        },
        checks=Checks(found.get(FINER), found.get(LONGER), hidden(prepared)),
        sample=sampled(points, found, failed, interrupted=ended) if worlds else None,
        again=again,
        lost=tuple(f"{key}: {why}" for key, why in failed.items() if isinstance(key, str)),
        interrupted=interrupted,
    )


class Meter:
    """Counts the jobs of several runs for one progress bar; `total` may grow."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def each(
        self, task: Callable[[Job], Answer], jobs: Mapping[Key, Job], workers: int | None
    ) -> Run[Key, Answer]:
        """Do `task` for every job, as `each` does."""
        before = self.done

        def step(done: int, _: int) -> None:
            self.done = before + done
            if self.progress is not None:
                self.progress(self.done, self.total)

        return each(task, jobs, workers, step)


def _asked(points: Worlds, before: int) -> dict[str | int, Asking]:
    """The worlds after the first `before`, by number."""
    return {number: Asking(points[number]) for number in range(before + 1, len(points) + 1)}


FINER, LONGER = "with a finer grid", "with a longer tail"


def _sharper(factor: float) -> str:
    return f"with everyone {factor:g} times as precise"


def checking(prepared: Prepared, *, noise: bool) -> dict[str | int, Asking]:
    """The readings that say how good the best estimate is."""
    jobs: dict[str | int, Asking] = {LONGER: Asking(longer=True)}
    if hidden(prepared):
        jobs[FINER] = Asking(halvings=1)
    if noise:
        jobs |= {_sharper(factor): Asking(sharper=factor) for factor in SHARPER}
    return jobs


def hidden(prepared: Prepared) -> bool:
    """Whether any party has types, so that there is a belief grid to refine."""
    return any(party.types for party in prepared.case.parties.values())
