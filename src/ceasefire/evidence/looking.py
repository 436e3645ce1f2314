"""An inquiry made at best, finer, with a longer tail, and in worlds weighed by likelihood."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ceasefire.ask import Numerics
from ceasefire.case import Case
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import Change
from ceasefire.evidence.inquiry import Inquiry, Look, Told
from ceasefire.evidence.weights import Weighed, marginal, mean, weighed, weights_of
from ceasefire.worlds import Ran, draw
from ceasefire.worlds.run import Progress, each

RUNS_AT_BEST = 8
BEST, FINER, LONGER = "at best", "with a finer grid", "with a longer tail"

Told0 = Callable[[Told], float | None]
ToldV = Callable[[Told, int], float | None]


@dataclass(frozen=True)
class Looked:
    """What an inquiry found: at best, finer, with a longer tail, and in each world."""

    best: Told
    finer: Told | None
    longer: Told | None
    worlds: tuple[Told, ...]
    ran: Ran | None
    lost: tuple[str, ...]


def look(
    made: Inquiry,
    case: Case,
    worlds: int,
    seed: int,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Looked:
    """Make an inquiry at best, then finer and longer, and in worlds, on all cores."""
    points = draw(case, worlds, seed)
    jobs: dict[str | int, Look] = {BEST: Look(runs=RUNS_AT_BEST), LONGER: Look(longer=True)}
    if any(party.types for party in case.parties.values()):
        jobs[FINER] = Look(halvings=1)
    jobs |= {number: Look(points[number]) for number in points.numbers}
    done = each(made, jobs, workers, progress)
    if BEST not in done.answers:
        why = done.failed.get(BEST)
        if why is None:
            raise KeyboardInterrupt
        raise CaseError([Problem(f"at the best estimates: {why}", case.file or None)])
    told = {key: answer for key, answer in done.answers.items() if isinstance(key, int)}
    failed = {key: why for key, why in done.failed.items() if isinstance(key, int)}
    ran = Ran(
        seed=seed,
        wanted=worlds,
        done=len(told) + len(failed),
        failed=failed,
        unresolved=sum(each.unresolved > 0 for each in told.values()),
        branched=sum(each.branch_points > 0 for each in told.values()),
        interrupted=done.interrupted,
    )
    return Looked(
        best=done.answers[BEST],
        finer=done.answers.get(FINER),
        longer=done.answers.get(LONGER),
        worlds=tuple(told.values()),
        ran=ran if worlds else None,
        lost=tuple(f"{key}: {why}" for key, why in done.failed.items() if isinstance(key, str)),
    )


class Weigher:
    """Puts the worlds of an inquiry together, each version's by their likelihoods."""

    def __init__(self, found: Looked) -> None:
        self.best, self.worlds = found.best, found.worlds
        self.even = np.full(len(self.worlds), 1.0 / max(1, len(self.worlds)))
        self.weights = [
            weights_of([told.logs[v] for told in self.worlds]) for v in range(len(self.best.logs))
        ]

    def change(self, before: Told0, after: ToldV, error: float | None = None) -> Change:
        """A number of which `before(told)` and `after(told, version)` give the values."""
        count = range(len(self.best.logs))
        best = tuple(after(self.best, v) for v in count)
        if not self.worlds:
            return Change((before(self.best), None), best, (), error)
        means = tuple(
            mean([after(told, v) for told in self.worlds], self.weights[v]) for v in count
        )
        first = mean([before(told) for told in self.worlds], self.even)
        return Change((before(self.best), first), best, means, error)

    def share(self, number: int, version: int) -> Weighed | None:
        """The weighed share of worlds in which a test is true today; None without worlds."""
        if not self.worlds:
            return None
        truths = [told.truth(number, version) for told in self.worlds]
        return weighed(truths, self.weights[version])

    def standing(self, number: int, version: int) -> Weighed:
        """The same, or 1 or 0 by its truth at best where there are no worlds."""
        share = self.share(number, version)
        return share or weighed([self.best.truth(number, version)], np.ones(1))

    def ratio(self, version: int, given: int) -> tuple[float, float | None]:
        """How likely one version is given another that it adds to: at best, and over worlds."""
        logs = [[told.logs[v] for told in self.worlds] for v in (version, given)]
        over = None
        if self.worlds:
            one, other = (marginal(each)[0] for each in logs)
            over = min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0
        one, other = (self.best.logs[v] for v in (version, given))
        return min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0, over


def belief_changes(case: Case, weigher: Weigher) -> dict[tuple[str, str, str], Change]:
    """What every observer believes of every party's first type, before and after."""
    found = {}
    for observer, party in weigher.best.believed[0]:
        kinds = list(case.parties[party].types)

        def after(told: Told, version: int, key: tuple[str, str] = (observer, party)) -> float:
            return told.believed[version][key]

        def before(told: Told, key: tuple[str, str] = (observer, party)) -> float:
            return told.prior[key]

        found[observer, party, kinds[0]] = weigher.change(before, after)
    return found


def condition_changes(case: Case, weigher: Weigher) -> dict[str, Change]:
    """The probability of every condition, before and after."""
    found = {}
    for n, name in enumerate(case.conditions):

        def after(told: Told, version: int, n: int = n) -> float:
            return told.holds[version + 1][n]

        def before(told: Told, n: int = n) -> float:
            return told.holds[0][n]

        found[name] = weigher.change(before, after)
    return found


def numerics(found: Looked) -> Numerics:
    """The certificate of what is reported at best, before and after."""
    best = found.best
    sheets = [sheet for sheet in (best.before, *best.after[:1]) if sheet is not None]
    hidden = any(sheet.grid is not None for sheet in sheets)
    return Numerics(
        grid=next((sheet.grid for sheet in sheets if sheet.grid is not None), None),
        grid_change=_largest(best, found.finer) if hidden else 0.0,
        horizon_change=_largest(best, found.longer),
        residual=max((sheet.residual for sheet in sheets), default=0.0),
        unresolved=best.unresolved,
        branch_points=best.branch_points,
    )


def _largest(one: Told, other: Told | None) -> float | None:
    """The largest change of any number reported at best, or what rounding may do to one."""
    if other is None:
        return None
    found = [0.0]
    pairs = [(one.before, other.before), *zip(one.after[:1], other.after[:1], strict=True)]
    for first, second in pairs:
        if first is None or second is None:
            continue
        for a, b in zip(first.readings, second.readings, strict=True):
            for x, y in zip(a, b, strict=True):
                if x.value is not None and y.value is not None:
                    found.append(abs(x.value - y.value) / x.scale)
        found += [by for each in second.rounding for by in each]
    found += [abs(one.believed[0][key] - other.believed[0][key]) for key in one.believed[0]]
    found += [abs(a - b) for a, b in zip(one.holds[1], other.holds[1], strict=True)]
    return max(found)
