"""What a check found of every claim: best, share, repetition, what decides it, what flips it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.rule_changes import (
    OtherVerdict,
    RuleDependence,
    find_rule_dependence,
)
from ceasefire.ensemble.rules import ClaimRule, find_claim_rule
from ceasefire.ensemble.run import (
    AnsweredWorlds,
    EnsembleRun,
    JobProgressCallback,
    RunStats,
    run_ensemble,
    run_mark_reasons,
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
from ceasefire.query.answers import build_claim_answers, improbable_conditions
from ceasefire.query.grid_choice import with_fine_enough_grid
from ceasefire.results import Result, count_phrase
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings


@dataclass(frozen=True)
class ClaimCheck:
    """A claim at best and over the worlds; what was not computed is None.

    replication   the share again in fresh worlds
    drivers  the unknowns that decide the claim; none of them if chance explains all influence
    rule      None too where no rule holds up in fresh worlds
    turning_points    for each unknown alone, the value nearest to best that turns the verdict
    turning_pair     two unknowns that turn it by a clearly smaller move, or where none does alone
    moves_last       the verdict with the steps in the opposite order, if it is another one
    ending           the verdict with the other ending, if it is another one
    selection        the verdict with another equilibrium played, if it is another one
    """

    claim: ClaimAnswer
    share: ShareOfWorlds | None
    quantity_statistics: tuple[WorldStatistics | None, ...]
    replication: Replication | None = None
    drivers: DriverAnalysis | None = None
    rule: ClaimRule | None = None
    turning_points: tuple[TurningPoint, ...] | None = None
    turning_pair: TurningPair | None = None
    moves_last: OtherVerdict | None = None
    ending: OtherVerdict | None = None
    selection: OtherVerdict | None = None

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it; what was not computed is null."""
        document = self.claim.as_json()
        for quantity, across in zip(document["quantities"], self.quantity_statistics, strict=True):
            quantity["worlds"] = across and across.as_json()
        if self.share is not None:
            document["share"] = self.share.share
            document["interval"] = list(self.share.interval)
            document["verdict"] = self.share.verdict
        return document | {
            "flips": None
            if self.turning_points is None
            else [flip.as_json() for flip in self.turning_points],
            "drivers": self.drivers and [driver.as_json() for driver in self.drivers.drivers],
            "box": self.rule and self.rule.as_json(),
            "pair": self.turning_pair and self.turning_pair.as_json(),
            "chance": self.drivers and self.drivers.chance_influence,
            "repeat": self.replication and self.replication.as_json(),
            "moves_last": self.moves_last and self.moves_last.as_json(),
            "ending": self.ending and self.ending.as_json(),
            "selection": self.selection and self.selection.as_json(),
        }


@dataclass(frozen=True)
class CheckResult(Result):
    """Every claim of a case, at best and over the worlds.

    run_stats           the run over the worlds, `fresh_run_stats` that over the fresh ones
    max_interval_width  how wide the interval of a share was allowed to be, None if nothing was said
    turning_points      how far the search for flips went, None if there was none
    not_asked           what was not asked with a rule changed, and why; it marks nothing
    """

    best: ClaimAnswers
    claim_checks: tuple[ClaimCheck, ...]
    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()
    fresh_run_stats: RunStats | None = None
    max_interval_width: float | None = None
    turning_points: TurningPoints | None = None
    not_asked: tuple[str, ...] = ()

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, both runs, the shares, and the search for turning points."""
        fresh = () if self.fresh_run_stats is None else self.fresh_run_stats.mark_reasons
        width = self.widest_interval_over_limit
        turned = self.turning_points
        return (
            *run_mark_reasons(self.best.numerics, self.run_stats, self.failed_checks),
            *improbable_conditions(claim.quantities for claim in self.best.claims),
            *(f"fresh worlds: {reason}" for reason in fresh),
            *count_phrase(len(self.unreplicated), "share", "not confirmed by fresh worlds"),
            *(() if width is None else (f"an interval is still {width:.3g} wide",)),
            *count_phrase(
                0 if turned is None else turned.doubtful_evaluations,
                "reading",
                "in doubt on the way to turning points",
            ),
        )

    @property
    def unreplicated(self) -> tuple[ClaimCheck, ...]:
        """Claims whose share in fresh worlds is further off than chance explains."""
        return tuple(
            v for v in self.claim_checks if v.replication is not None and not v.replication.within
        )

    @property
    def widest_interval_over_limit(self) -> float | None:
        """The widest interval, if it is wider than `max_interval_width` allows."""
        shares = [verdict.share for verdict in self.claim_checks if verdict.share is not None]
        widest = max((interval_width(share) for share in shares), default=0.0)
        return (
            widest
            if self.max_interval_width is not None and widest > self.max_interval_width
            else None
        )

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        claims = [verdict.as_json() for verdict in self.claim_checks]
        document = self.best.as_json() | {"claims": claims}
        if self.run_stats is not None:
            again = self.fresh_run_stats and self.fresh_run_stats.as_json()
            document["run"] = self.run_stats.as_json() | {
                "until": self.max_interval_width,
                "again": again,
            }
        return document | {"flips": self.turning_points and self.turning_points.as_json()}

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        kinds: dict[str, Any] = {
            "id": pl.String,
            "best": pl.Boolean,
            "noise": pl.Boolean,
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
                "flips": None
                if verdict.turning_points is None
                else [f.unknown for f in verdict.turning_points],
            }
            for verdict in self.claim_checks
        ]
        return pl.DataFrame(rows, schema=kinds)

    def turning_point_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that flips it alone, nearest first."""
        attributes = {
            "unknown": "unknown",
            "at": "value",
            "best": "best",
            "move": "relative_distance",
        }
        found = [(v.claim.id, v.turning_points or ()) for v in self.claim_checks]
        return self._rows_per_claim(attributes, found)

    def driver_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that decides it, strongest first."""
        found = [(v.claim.id, v.drivers.drivers if v.drivers else ()) for v in self.claim_checks]
        attributes = {"unknown": "unknown", "influence": "influence"}
        return self._rows_per_claim(attributes, found)

    @staticmethod
    def _rows_per_claim(
        attributes: Mapping[str, str], found: Sequence[tuple[str, Sequence[Any]]]
    ) -> pl.DataFrame:
        schema = {"id": pl.String, "unknown": pl.String} | dict.fromkeys(
            list(attributes)[1:], pl.Float64
        )
        rows = [
            {
                "id": claim,
                **{name: getattr(thing, attribute) for name, attribute in attributes.items()},
            }
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
    tolerance: float = DEFAULT_TOLERANCE,
    workers: int | None = None,
    on_best: OnBestEstimates | None = None,
    on_shares: OnClaimShares | None = None,
    on_plan: OnSearchPlan | None = None,
    progress: JobProgressCallback | None = None,
) -> CheckResult:
    """Test every claim of a case at the best estimates and in many worlds.

    worlds     how many worlds, or the most there may be with `until`
    until      worlds are added until every claim's 95 % interval is so narrow, end to end
    tolerance  the grid is refined until its change is so small, or as far as the game's size allows
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
    settings = SolveSettings(grid, memory, tolerance)
    questions = read_claims(case)
    prepared = with_fine_enough_grid(plan_questions(case, tuple(questions.values()), settings))
    names = tuple(questions)

    def first(sheet: WorldResult) -> None:
        if on_best is not None:
            on_best(_claims_at_best(prepared, names, EnsembleRun.from_best(sheet)))

    found = run_ensemble(
        prepared,
        worlds=worlds,
        seed=seed,
        check_precision=True,
        max_interval_width=until,
        replicate=True,
        workers=workers,
        on_best=first,
        progress=progress,
    )
    best = _claims_at_best(prepared, names, found)
    verdicts, explained = _analyse_claims(prepared.case, found, best)
    dependence = RuleDependence()
    if not found.interrupted:
        dependence = find_rule_dependence(prepared, found.best, workers=workers)
    verdicts = tuple(
        replace(
            verdict,
            moves_last=dependence.verdict("opposite order", n),
            ending=dependence.verdict("other ending", n),
            selection=dependence.selections.get(n),
        )
        for n, verdict in enumerate(verdicts)
    )
    again = None if found.fresh_worlds is None else found.fresh_worlds.run_stats
    checked = CheckResult(
        best,
        verdicts,
        found.run_stats,
        found.failed_checks,
        again,
        until if worlds else None,
        not_asked=dependence.impossible,
    )
    if on_shares is not None:
        on_shares(checked)
    if not flips or found.interrupted or not explained:
        return checked
    turned = find_turning_points(
        prepared, found.best, workers=workers, on_plan=on_plan, progress=progress
    )
    return replace(
        checked,
        turning_points=turned,
        claim_checks=tuple(
            replace(
                verdict,
                turning_points=turned.points_by_claim.get(n),
                turning_pair=turned.pairs_by_claim.get(n),
            )
            for n, verdict in enumerate(verdicts)
        ),
    )


def _claims_at_best(plan: QueryPlan, names: tuple[str, ...], run: EnsembleRun) -> ClaimAnswers:
    case, sheet = plan.case, run.best
    claims = build_claim_answers(plan, names, sheet, run.checks, run.at_higher_precision)
    return ClaimAnswers(
        case.file, claims, run.checks.numerics(sheet, tuple(run.at_higher_precision.values()))
    )


def _analyse_claims(
    case: Case, run: EnsembleRun, best: ClaimAnswers
) -> tuple[tuple[ClaimCheck, ...], bool]:
    """Every claim with its share and what decides it, and whether Ctrl-C left that to the end."""
    verdicts = [_summarise_claim(claim, run, number) for number, claim in enumerate(best.claims)]
    if run.sample is None:
        return tuple(verdicts), True
    try:
        for number, verdict in enumerate(verdicts):
            deciding = _find_drivers_of_claim(case, run.sample, number)
            verdicts[number] = replace(
                verdict,
                drivers=deciding,
                rule=_find_rule_of_claim(case, deciding, run.sample, run.fresh_worlds, number),
            )
    except KeyboardInterrupt:
        return tuple(verdicts), False
    return tuple(verdicts), True


def _summarise_claim(claim: ClaimAnswer, run: EnsembleRun, claim_index: int) -> ClaimCheck:
    places, sample, again = range(len(claim.quantities)), run.sample, run.fresh_worlds
    if sample is None:
        return ClaimCheck(claim, None, tuple(None for _ in places))
    share = sample.share_of_question(claim_index)
    spreads = tuple(
        summarise_quantity_over_worlds(sample.results, claim_index, place) for place in places
    )
    if again is None:
        return ClaimCheck(claim, share, spreads)
    repeated = compare_replication(
        share, again.share_of_question(claim_index), len(run.best.values)
    )
    return ClaimCheck(claim, share, spreads, repeated)


def _find_drivers_of_claim(
    case: Case, sample: AnsweredWorlds, claim_index: int
) -> DriverAnalysis | None:
    varied = [name for name, unknown in case.unknowns.items() if unknown.kind is not None]
    return find_drivers(
        varied,
        sample.unknown_values(varied)[:MAX_WORLDS_ANALYSED],
        sample.truths_of_question(claim_index)[:MAX_WORLDS_ANALYSED],
    )


def _find_rule_of_claim(
    case: Case,
    driver_analysis: DriverAnalysis | None,
    sample: AnsweredWorlds,
    fresh_worlds: AnsweredWorlds | None,
    claim_index: int,
) -> ClaimRule | None:
    if driver_analysis is None or fresh_worlds is None:
        return None
    names = [driver.unknown for driver in driver_analysis.drivers]
    seen, fresh = (
        (
            s.unknown_values(names)[:MAX_WORLDS_ANALYSED],
            s.truths_of_question(claim_index)[:MAX_WORLDS_ANALYSED],
        )
        for s in (sample, fresh_worlds)
    )
    few = {name for name in names if case.unknowns[name].kind == "oneof"}
    return find_claim_rule(names, seen, fresh, few)
