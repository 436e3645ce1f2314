"""Prepared questions asked at best, asked again to see how good that is, and asked in worlds.

Everything but the best estimate is shared out over all cores, the checks first: with every party
twice and four times as precise, with the belief grid refined once, with a longer tail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ceasefire.ask import Prepared, Sheet
from ceasefire.ask.certificate import Checks
from ceasefire.ask.claims import SHARPER
from ceasefire.worlds.draws import World, draw
from ceasefire.worlds.run import Progress, each


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
class Ran:
    """How a run over worlds went.

    wanted       worlds that were to be computed
    done         worlds that were, failed ones included
    failed       number of the world, and why it is impossible
    unresolved   worlds in which a decision was left unresolved
    branched     worlds in which a branch point was met
    interrupted  whether Ctrl-C ended the run
    """

    seed: int
    wanted: int
    done: int
    failed: Mapping[int, str] = field(default_factory=dict)
    unresolved: int = 0
    branched: int = 0
    interrupted: bool = False

    @property
    def marked(self) -> bool:
        """True if a world failed or its solution is marked."""
        return bool(self.failed or self.unresolved or self.branched)

    def as_json(self) -> dict[str, Any]:
        """Which worlds there were, and what went wrong in them."""
        return {
            "seed": self.seed,
            "wanted": self.wanted,
            "done": self.done,
            "failed": [{"world": number, "why": why} for number, why in self.failed.items()],
            "unresolved": self.unresolved,
            "branched": self.branched,
            "interrupted": self.interrupted,
        }


@dataclass(frozen=True)
class Survey:
    """What was read: at best, sharper, finer and longer, and in each world that has an answer.

    A check that Ctrl-C left undone is missing from `sharper`, or None in `checks`.
    """

    best: Sheet
    sharper: Mapping[float, Sheet]
    checks: Checks
    sheets: tuple[Sheet, ...]
    ran: Ran | None
    lost: tuple[str, ...] = ()

    @classmethod
    def only(cls, best: Sheet) -> "Survey":
        """The best estimates, nothing else being known yet."""
        return cls(best, {}, Checks(), (), None)


def survey(
    prepared: Prepared,
    *,
    worlds: int = 0,
    seed: int = 0,
    noise: bool = False,
    workers: int | None = None,
    on_best: Callable[[Sheet], None] | None = None,
    progress: Progress | None = None,
) -> Survey:
    """Ask prepared questions at best, then everything else on all cores.

    noise     whether to ask again at sharper precision
    on_best   called with the best estimates as soon as they are known
    progress  called with the number of readings done after that, and of all
    """
    points = draw(prepared.case, worlds, seed)
    best = prepared.read()
    if on_best is not None:
        on_best(best)
    jobs: dict[str | int, Asking] = {**checking(prepared, noise=noise)}
    jobs |= {number: Asking(world) for number, world in enumerate(points, start=1)}
    done = each(Reader(prepared), jobs, workers, progress)
    answered = {key: sheet for key, sheet in done.answers.items() if isinstance(key, int)}
    failed = {key: why for key, why in done.failed.items() if isinstance(key, int)}
    sheets = tuple(answered.values())
    ran = Ran(
        seed=seed,
        wanted=worlds,
        done=len(sheets) + len(failed),
        failed=failed,
        unresolved=sum(sheet.unresolved > 0 for sheet in sheets),
        branched=sum(sheet.branch_points > 0 for sheet in sheets),
        interrupted=done.interrupted,
    )
    return Survey(
        best=best,
        sharper={
            factor: done.answers[_sharper(factor)]
            for factor in SHARPER
            if _sharper(factor) in done.answers
        },
        checks=Checks(done.answers.get(FINER), done.answers.get(LONGER), hidden(prepared)),
        sheets=sheets,
        ran=ran if worlds else None,
        lost=tuple(f"{key}: {why}" for key, why in done.failed.items() if isinstance(key, str)),
    )


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
