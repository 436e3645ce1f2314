"""What a check found of every claim: best, share, repetition, what decides it, what flips it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.rules import ClaimRule, find_claim_rule
from ceasefire.ensemble.run import (
    AnsweredWorlds,
    EnsembleRun,
    JobProgressCallback,
    RunStats,
    run_ensemble,
)
from ceasefire.ensemble.sensitivity import DriverAnalysis, find_drivers
from ceasefire.ensemble.statistics import (
    Replication,
    ShareOfWorlds,
    WorldStatistics,
    compare_replication,
    interval_width,
    summarise_quantity_over_worlds,
)
from ceasefire.ensemble.turning_points import (
    OnSearchPlan,
    TurningPair,
    TurningPoint,
    TurningPoints,
    find_turning_points,
)
from ceasefire.query import (
    ClaimAnswer,
    ClaimAnswers,
    QueryPlan,
    WorldResult,
    plan_questions,
    read_claims,
)
from ceasefire.query.answers import build_claim_answers


@dataclass(frozen=True)
class ClaimCheck:
    """A claim at best and over the worlds; what was not computed is None.

    repeat   the share again in fresh worlds
    drivers  the unknowns that decide the claim; none of them if chance explains all influence
    box      None too where no rule holds up in fresh worlds
    flips    for each unknown alone, the value nearest to best that turns the verdict
    pair     two unknowns that turn it by a clearly smaller move, or where none does alone
    """

    claim: ClaimAnswer
    share: ShareOfWorlds | None
    quantities: tuple[WorldStatistics | None, ...]
    repeat: Replication | None = None
    drivers: DriverAnalysis | None = None
    box: ClaimRule | None = None
    flips: tuple[TurningPoint, ...] | None = None
    pair: TurningPair | None = None

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it; what was not computed is null."""
        document = self.claim.as_json()
        for quantity, across in zip(document["quantities"], self.quantities, strict=True):
            quantity["worlds"] = across and across.as_json()
        if self.share is not None:
            document["share"] = self.share.share
            document["interval"] = list(self.share.interval)
            document["verdict"] = self.share.verdict
        return document | {
            "flips": None if self.flips is None else [flip.as_json() for flip in self.flips],
            "drivers": self.drivers and [driver.as_json() for driver in self.drivers.drivers],
            "box": self.box and self.box.as_json(),
            "pair": self.pair and self.pair.as_json(),
            "chance": self.drivers and self.drivers.chance,
            "repeat": self.repeat and self.repeat.as_json(),
        }


@dataclass(frozen=True)
class CheckResult:
    """Every claim of a case, at best and over the worlds.

    ran    the run over the worlds, `again` that over the fresh ones
    until  how wide the interval of a share was allowed to be, None if nothing was said
    flips  how far the search for flips went, None if there was none
    """

    best: ClaimAnswers
    verdicts: tuple[ClaimCheck, ...]
    ran: RunStats | None
    lost: tuple[str, ...] = ()
    again: RunStats | None = None
    until: float | None = None
    flips: TurningPoints | None = None

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        runs = (run.marked for run in (self.ran, self.again) if run is not None)
        turned = self.flips is not None and self.flips.doubtful
        doubtful = bool(self.lost or self.unsteady or self.wide or turned)
        return self.best.numerics.marked or doubtful or any(runs)

    @property
    def unsteady(self) -> tuple[ClaimCheck, ...]:
        """Claims whose share in fresh worlds is further off than chance explains."""
        return tuple(v for v in self.verdicts if v.repeat is not None and not v.repeat.within)

    @property
    def wide(self) -> float | None:
        """The widest interval, if it is wider than `until` allows."""
        shares = [verdict.share for verdict in self.verdicts if verdict.share is not None]
        widest = max((interval_width(share) for share in shares), default=0.0)
        return widest if self.until is not None and widest > self.until else None

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        claims = [verdict.as_json() for verdict in self.verdicts]
        document = self.best.as_json() | {"claims": claims}
        if self.ran is not None:
            again = self.again and self.again.as_json()
            document["run"] = self.ran.as_json() | {"until": self.until, "again": again}
        return document | {"flips": self.flips and self.flips.as_json()}

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        kinds: dict[str, Any] = {
            "id": pl.String,
            "best": pl.Boolean,
            "noise": pl.Boolean,
            "share": pl.Float64,
        }
        kinds |= dict.fromkeys(("share", "low", "high"), pl.Float64) | {"verdict": pl.String}
        kinds |= {"drivers": pl.List(pl.String), "flips": pl.List(pl.String)}
        rows = [
            {
                "id": verdict.claim.id,
                "best": verdict.claim.best,
                "noise": verdict.claim.noise,
                "share": verdict.share and verdict.share.share,
                "low": verdict.share and verdict.share.interval[0],
                "high": verdict.share and verdict.share.interval[1],
                "verdict": verdict.share and verdict.share.verdict,
                "drivers": verdict.drivers and [d.unknown for d in verdict.drivers.drivers],
                "flips": None if verdict.flips is None else [f.unknown for f in verdict.flips],
            }
            for verdict in self.verdicts
        ]
        return pl.DataFrame(rows, schema=kinds)

    def flip_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that flips it alone, nearest first."""
        names = ("unknown", "at", "best", "move")
        return self._listed(names, [(v.claim.id, v.flips or ()) for v in self.verdicts])

    def driver_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that decides it, strongest first."""
        found = [(v.claim.id, v.drivers.drivers if v.drivers else ()) for v in self.verdicts]
        return self._listed(("unknown", "influence"), found)

    @staticmethod
    def _listed(names: Sequence[str], found: Sequence[tuple[str, Sequence[Any]]]) -> pl.DataFrame:
        schema = {"id": pl.String, "unknown": pl.String} | dict.fromkeys(names[1:], pl.Float64)
        rows = [
            {"id": claim, **{name: getattr(thing, name) for name in names}}
            for claim, things in found
            for thing in things
        ]
        return pl.DataFrame(rows, schema=schema)


MAX_WORLDS_ANALYSED = (
    16_384  # worlds for drivers and boxes: more would take hours and change nothing
)

OnBestEstimates = Callable[[ClaimAnswers], None]
OnClaimShares = Callable[[CheckResult], None]


def check(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    until: float | None = None,
    flips: bool = True,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    on_best: OnBestEstimates | None = None,
    on_shares: OnClaimShares | None = None,
    on_plan: OnSearchPlan | None = None,
    progress: JobProgressCallback | None = None,
) -> CheckResult:
    """Test every claim of a case at the best estimates and in many worlds.

    worlds     how many worlds, or the most there may be with `until`
    until      worlds are added until every claim's 95 % interval is so narrow, end to end
    flips      whether to look for what turns each claim's verdict: this reads the claims some
               five times for each unknown, more where much turns
    on_best    called with the claims at best as soon as they are known, certificate and noise
               still to come
    on_shares  called with the shares as soon as they are known, flips still to come
    on_plan    called with the number of unknowns before flips are looked for
    progress   called with the number of readings done after that, worlds and checks, and of all;
               then anew with the number of unknowns and claims for which flips were looked for

    Raises QuestionError with the problems of all tests.
    """
    questions = read_claims(case)
    prepared = plan_questions(case, tuple(questions.values()), grid=grid, memory=memory)
    names = tuple(questions)

    def first(sheet: WorldResult) -> None:
        if on_best is not None:
            on_best(_claims_at_best(prepared, names, EnsembleRun.only(sheet)))

    found = run_ensemble(
        prepared,
        worlds=worlds,
        seed=seed,
        noise=True,
        until=until,
        repeat=True,
        workers=workers,
        on_best=first,
        progress=progress,
    )
    best = _claims_at_best(prepared, names, found)
    verdicts, explained = _analyse_claims(prepared.case, found, best)
    again = None if found.again is None else found.again.ran
    checked = CheckResult(best, verdicts, found.ran, found.lost, again, until if worlds else None)
    if on_shares is not None:
        on_shares(checked)
    if not flips or found.interrupted or not explained:
        return checked
    turned = find_turning_points(
        prepared, found.best, workers=workers, on_plan=on_plan, progress=progress
    )
    return replace(
        checked,
        flips=turned,
        verdicts=tuple(
            replace(verdict, flips=turned.flips.get(n), pair=turned.pairs.get(n))
            for n, verdict in enumerate(verdicts)
        ),
    )


def _claims_at_best(
    prepared: QueryPlan, names: tuple[str, ...], found: EnsembleRun
) -> ClaimAnswers:
    case, sheet = prepared.case, found.best
    claims = build_claim_answers(prepared, names, sheet, found.checks, found.sharper)
    return ClaimAnswers(
        case.file, claims, found.checks.numerics(sheet, tuple(found.sharper.values()))
    )


def _analyse_claims(
    case: Case, found: EnsembleRun, best: ClaimAnswers
) -> tuple[tuple[ClaimCheck, ...], bool]:
    """Every claim with its share and what decides it, and whether Ctrl-C left that to the end."""
    verdicts = [_summarise_claim(claim, found, number) for number, claim in enumerate(best.claims)]
    if found.sample is None:
        return tuple(verdicts), True
    try:
        for number, verdict in enumerate(verdicts):
            deciding = _find_drivers_of_claim(case, found.sample, number)
            verdicts[number] = replace(
                verdict,
                drivers=deciding,
                box=_find_rule_of_claim(case, deciding, found.sample, found.again, number),
            )
    except KeyboardInterrupt:
        return tuple(verdicts), False
    return tuple(verdicts), True


def _summarise_claim(claim: ClaimAnswer, found: EnsembleRun, number: int) -> ClaimCheck:
    places, sample, again = range(len(claim.quantities)), found.sample, found.again
    if sample is None:
        return ClaimCheck(claim, None, tuple(None for _ in places))
    share = sample.share(number)
    spreads = tuple(
        summarise_quantity_over_worlds(sample.sheets, number, place) for place in places
    )
    if again is None:
        return ClaimCheck(claim, share, spreads)
    repeated = compare_replication(share, again.share(number), len(found.best.values))
    return ClaimCheck(claim, share, spreads, repeated)


def _find_drivers_of_claim(
    case: Case, sample: AnsweredWorlds, number: int
) -> DriverAnalysis | None:
    varied = [name for name, unknown in case.unknowns.items() if unknown.kind is not None]
    return find_drivers(
        varied,
        sample.columns(varied)[:MAX_WORLDS_ANALYSED],
        sample.truths(number)[:MAX_WORLDS_ANALYSED],
    )


def _find_rule_of_claim(
    case: Case,
    deciding: DriverAnalysis | None,
    sample: AnsweredWorlds,
    again: AnsweredWorlds | None,
    number: int,
) -> ClaimRule | None:
    if deciding is None or again is None:
        return None
    names = [driver.unknown for driver in deciding.drivers]
    seen, fresh = (
        (s.columns(names)[:MAX_WORLDS_ANALYSED], s.truths(number)[:MAX_WORLDS_ANALYSED])
        for s in (sample, again)
    )
    few = {name for name in names if case.unknowns[name].kind == "oneof"}
    return find_claim_rule(names, seen, fresh, few)
