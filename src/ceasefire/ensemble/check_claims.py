"""What a check found of every claim: best, share, repetition, what decides it, what flips it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from ceasefire.argument import (
    ClaimStanding,
    ConclusionFigures,
    ShareAmong,
    figures_of_conclusions,
    headline_paragraphs,
    percent,
)
from ceasefire.case import Case, Unknown
from ceasefire.ensemble.ask_questions import QUICK_ANSWER
from ceasefire.ensemble.coding_verdicts import (
    CodingVerdicts,
    SharesByOption,
    describe_coding_verdicts,
    find_coding_verdicts,
    shares_by_option,
    widest_alternative,
)
from ceasefire.ensemble.expert_shares import (
    Disagreement,
    SharesByExpert,
    find_disagreement,
    shares_by_expert,
)
from ceasefire.ensemble.joint_changes import JointTurningPoint
from ceasefire.ensemble.margins import MARGIN_SCHEMA, ClaimMargins, margins_of_question
from ceasefire.ensemble.range_scan import MarginForecast, TurningPoint
from ceasefire.ensemble.rule_changes import (
    OtherVerdict,
    RuleDependence,
    SelectionOverWorlds,
    find_rule_dependence,
    find_selection_dependence,
)
from ceasefire.ensemble.rules import ClaimRule, find_claim_rule
from ceasefire.ensemble.run import (
    EnsembleResult,
    EnsembleRun,
    JobProgressCallback,
    RunStats,
    choose_grid,
    run_ensemble,
    run_jobs,
)
from ceasefire.ensemble.sampling import Floats
from ceasefire.ensemble.sensitivity import Choice, DriverAnalysis, find_drivers
from ceasefire.ensemble.statistics import (
    Replication,
    ShareOfWorlds,
    Until,
    WorldStatistics,
    compare_replication,
    interval_width,
    is_known_well_enough,
    summarise_quantity_over_worlds,
)
from ceasefire.ensemble.tilted_worlds import (
    TiltedConclusion,
    conclusions_to_tilt,
    tilted_figures,
)
from ceasefire.ensemble.turning_points import (
    OnSearchPlan,
    TurningPoints,
    find_turning_points,
)
from ceasefire.query import (
    NumericalQuality,
    QuantityValue,
    Question,
    WorldResult,
    plan_questions,
    read_claims,
)
from ceasefire.query.numerical_quality import finite_or_none, improbable_conditions
from ceasefire.results import count_phrase
from ceasefire.settings import DEFAULT_TOLERANCE, QUICK_SECONDS, SolveSettings
from ceasefire.stopping import TimeLimit, limited_to_share


@dataclass(frozen=True)
class ClaimCheck:
    """A claim at best and over the worlds; what was not computed is None.

    id                   the name of the claim
    says                 its sentence
    question             its test
    best                 whether the test is true at the best estimates, None without an answer
    sharper              (factor, truth) for each precision it was asked again with
    quantities           what the test is made of, at the best estimates
    warnings             what should be said about its truth
    source, where        what the case cites for it
    share                the share of the worlds in which it is true
    quantity_statistics  how each quantity comes out over the worlds
    replication          the share again in fresh worlds
    drivers              the unknowns that decide it; none if the worlds are too few to tell
    rule                 None too where no rule holds up in fresh worlds
    turning_points       for each unknown alone, the value nearest to best that turns the verdict
    joint_turning_point  the smallest change of several unknowns that turns it, where that is
                         clearly smaller than that of any alone
    read_at_ends         the unknowns at the ends of whose ranges alone it was read, since worlds
                         are too few to tell where to look; no joint change was looked for then
    not_searched         the unknowns that can matter along which it was not read, since the
                         expansion of the margin foresees no other verdict there
    moves_last           the verdict with the steps in the opposite order, if it is another one
    ending               the verdict with the other ending, if it is another one
    selection            the verdict with another equilibrium played, if it is another one
    whole_branch         the verdict on the branch for the whole game, if it is another one
    selection_in_worlds  in how many drawn worlds it depends on which equilibrium is played; None
                         where none has a decision with several fixed points
    margins              by how much it holds in each of the worlds
    can_matter           the unknowns on which its numbers depend, in the order of the case
    because              its premises
    test_is_premises     whether its test is that all of them are true, having none of its own
    argument             what it owes to its premises; None without worlds or premises
    experts              the share in the worlds of each expert alone; empty without experts
    disagreement         the two experts furthest apart, where their intervals do not overlap
    codings              the share in the worlds of each option; empty without alternatives
    verdicts             how it comes out at best under every coding and for every expert; None
                         where there are neither, or it was not computed
    """

    id: str
    says: str | None
    question: Question
    best: bool | None
    sharper: tuple[tuple[float, bool | None], ...]
    quantities: tuple[QuantityValue, ...]
    warnings: tuple[str, ...]
    source: str | None
    where: str | None
    share: ShareOfWorlds | None
    quantity_statistics: tuple[WorldStatistics | None, ...]
    replication: Replication | None = None
    drivers: DriverAnalysis | None = None
    rule: ClaimRule | None = None
    turning_points: tuple[TurningPoint, ...] | None = None
    joint_turning_point: JointTurningPoint | None = None
    not_searched: tuple[str, ...] | None = None
    read_at_ends: tuple[str, ...] | None = None
    moves_last: OtherVerdict | None = None
    ending: OtherVerdict | None = None
    selection: OtherVerdict | None = None
    whole_branch: OtherVerdict | None = None
    selection_in_worlds: SelectionOverWorlds | None = None
    margins: ClaimMargins | None = field(default=None, compare=False, repr=False)
    can_matter: tuple[str, ...] | None = None
    because: tuple[str, ...] = ()
    test_is_premises: bool = False
    argument: ConclusionFigures | None = None
    experts: SharesByExpert = field(default_factory=dict)
    disagreement: Disagreement | None = None
    codings: SharesByOption = field(default_factory=dict)
    verdicts: CodingVerdicts | None = None

    @property
    def options_told(self) -> tuple[tuple[str, str], ...]:
        """Each alternative with each option of which it is known how the claim comes out."""
        asked = () if self.verdicts is None else self.verdicts.options
        drawn = [(name, option) for name, options in self.codings.items() for option in options]
        return tuple(dict.fromkeys((*asked, *drawn)))

    @property
    def written_otherwise(self) -> str:
        """What becomes of it where the case is written otherwise; empty without alternatives."""
        said = "" if self.verdicts is None else describe_coding_verdicts(self.verdicts)
        sentences = [f"Written otherwise, at the best estimates it is {said}."] if said else []
        if (widest := widest_alternative(self.codings)) is not None:
            name, low, high = widest
            shares = self.codings[name]
            sentences.append(
                f"In worlds with {name}: {high} it is true in {percent(shares[high].share or 0.0)},"
                f" with {name}: {low} in {percent(shares[low].share or 0.0)}."
            )
        elif self.codings and said:
            sentences.append("No alternative moves its share of worlds by 10 points.")
        return " ".join(sentences)

    @property
    def standing(self) -> ClaimStanding:
        """The claim as the headline and the tree of the argument tell it."""
        share = self.share
        return ClaimStanding(
            self.id,
            self.says,
            self.because,
            self.best,
            None if share is None else ShareAmong(share.share, share.worlds, share.variance_ratio),
            self.argument,
            self.test_is_premises,
            self.written_otherwise,
        )

    @property
    def test(self) -> str:
        """The test as the case has it."""
        return self.question.text

    @property
    def sentence(self) -> str:
        """What it says, or its test where it says nothing, on one line."""
        return " ".join((self.says or self.test).split())

    @property
    def noise(self) -> bool | None:
        """Whether the claim rests on noise; None if it was not asked again."""
        return any(truth is not self.best for _, truth in self.sharper) if self.sharper else None

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it; what was not computed is null."""
        quantities = []
        for quantity, across in zip(self.quantities, self.quantity_statistics, strict=True):
            numbers: dict[str, Any] = {
                "expr": quantity.expr,
                "best": finite_or_none(quantity.value),
                "worlds": across and across.as_json(),
            }
            error = {} if quantity.error is None else {"error": quantity.error}
            quantities.append(numbers | error | quantity.details)
        return {
            "id": self.id,
            "says": self.says,
            "test": self.test,
            "best": self.best,
            "share": self.share and self.share.share,
            "interval": self.share and list(self.share.interval),
            "verdict": self.share and self.share.verdict,
            "noise": self.noise,
            "quantities": quantities,
            "flips": None
            if self.turning_points is None
            else [flip.as_json() for flip in self.turning_points],
            "drivers": self.drivers and [driver.as_json() for driver in self.drivers.drivers],
            "q2": self.drivers and self.drivers.q2,
            "worlds_needed": self.drivers and self.drivers.worlds_needed,
            "rule": self.rule and self.rule.as_json(),
            "pair": self.joint_turning_point and self.joint_turning_point.pair_as_json(),
            "together": None
            if self.turning_points is None
            else [self.joint_turning_point.as_json()]
            if self.joint_turning_point
            else [],
            "not_searched": None if self.not_searched is None else list(self.not_searched),
            "read_at_ends": None if self.read_at_ends is None else list(self.read_at_ends),
            "chance": None,
            "repeat": self.replication and self.replication.as_json(),
            "moves_last": self.moves_last and self.moves_last.as_json(),
            "ending": self.ending and self.ending.as_json(),
            "selection": self.selection and self.selection.as_json(),
            "whole_branch": self.whole_branch and self.whole_branch.as_json(),
            "selection_in_worlds": self.selection_in_worlds and self.selection_in_worlds.as_json(),
            "margin": self.margins and self.margins.as_json(),
            "can_matter": None if self.can_matter is None else list(self.can_matter),
            "because": list(self.because),
            "argument": self.argument and self.argument.as_json(),
            "experts": {name: share.share for name, share in self.experts.items()} or None,
            "disagreement": self.disagreement and self.disagreement.as_json(),
            "codings": {
                name: {option: one.share for option, one in options.items()}
                for name, options in self.codings.items()
            }
            or None,
            "codings_at_best": self.verdicts.as_json()
            if self.verdicts is not None and len(self.verdicts.truths) > 1
            else None,
            "turned_by": None if self.verdicts is None else self.verdicts.turned_by_as_json(),
        }


@dataclass(frozen=True)
class CheckResult(EnsembleResult):
    """Every claim of a case, at best and over the worlds.

    case                the file of the case
    claim_checks        the claims, in the order of the case
    numerics            how good the numbers at the best estimates are
    run_stats           the run over the worlds, None if there was only world 0
    failed_checks       checks of the numbers that failed, with the reason
    fresh_run_stats     the run over fresh worlds, None if there was none
    until               how wide the interval of a share was allowed to be, or `settled` if the
                        verdicts were to be; None if nothing was said
    turning_points      how far the search for flips went, None if there was none
    not_asked           what was not asked with a rule changed, and why; it marks nothing
    interrupted         whether Ctrl-C ended what comes after the worlds
    """

    case: str
    claim_checks: tuple[ClaimCheck, ...]
    numerics: NumericalQuality
    run_stats: RunStats | None = None
    failed_checks: tuple[str, ...] = ()
    fresh_run_stats: RunStats | None = None
    until: Until | None = None
    turning_points: TurningPoints | None = None
    not_asked: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, both runs, the shares, and the search for turning points."""
        fresh = () if self.fresh_run_stats is None else self.fresh_run_stats.mark_reasons
        turned = self.turning_points
        return (
            *super().mark_reasons,
            *improbable_conditions(claim.quantities for claim in self.claim_checks),
            *(f"fresh worlds: {reason}" for reason in fresh),
            *count_phrase(len(self.unreplicated), "share", "not confirmed by fresh worlds"),
            *count_phrase(len(self.unsettled), "share", "not known well enough"),
            *count_phrase(
                0 if turned is None else turned.doubtful_evaluations,
                "reading",
                "in doubt on the way to turning points",
            ),
        )

    @property
    def headline(self) -> str:
        """What was found, in a paragraph: of each thesis, or of all claims where none argues."""
        return " ".join(self.headline_paragraphs)

    @property
    def headline_paragraphs(self) -> tuple[str, ...]:
        """The same, a paragraph for each thesis."""
        return tuple(headline_paragraphs([claim.standing for claim in self.claim_checks]))

    @property
    def premises(self) -> dict[str, tuple[str, ...]]:
        """The premises of each claim, by its name; none of one that is no conclusion."""
        return {claim.id: claim.because for claim in self.claim_checks}

    @property
    def unreplicated(self) -> tuple[ClaimCheck, ...]:
        """Claims whose share in fresh worlds is further off than chance explains."""
        return tuple(
            v for v in self.claim_checks if v.replication is not None and not v.replication.within
        )

    @property
    def unsettled(self) -> tuple[ClaimCheck, ...]:
        """Claims whose share is not known as well as `until` asks for, the least known first."""
        if self.until is None:
            return ()
        left = [
            (interval_width(claim.share), claim)
            for claim in self.claim_checks
            if claim.share is not None and not is_known_well_enough(claim.share, self.until)
        ]
        return tuple(claim for _, claim in sorted(left, key=lambda one: -one[0]))

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        document: dict[str, Any] = {
            "case": self.case,
            "headline": self.headline,
            "claims": [verdict.as_json() for verdict in self.claim_checks],
            "numerics": self.numerics.as_json(),
        }
        if self.run_stats is not None:
            again = self.fresh_run_stats and self.fresh_run_stats.as_json()
            document["run"] = self.run_stats.as_json() | {
                "until": self.until,
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
                "id": verdict.id,
                "best": verdict.best,
                "noise": verdict.noise,
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

    def argument_frame(self) -> pl.DataFrame:
        """One row for each conclusion: what it owes to its premises."""
        kinds: dict[str, Any] = {"id": pl.String, "reading": pl.String}
        kinds |= dict.fromkeys(
            ("premises", "worlds_granted", "follows", "low", "high", "otherwise"), pl.Float64
        )
        kinds |= {"weakest": pl.String, "idle": pl.List(pl.String)}
        rows = []
        for claim in self.claim_checks:
            if claim.argument is not None:
                found = claim.argument.as_json()
                low, high = found["interval"] or (None, None)
                more = {"premises": found["premises"]["share"], "low": low, "high": high}
                more["worlds_granted"] = found["premises"]["n"]
                rows.append({"id": claim.id} | found | more)
        return pl.DataFrame([{name: row[name] for name in kinds} for row in rows], schema=kinds)

    def expert_frame(self) -> pl.DataFrame:
        """One row for each claim and expert: the share in the worlds of this expert alone."""
        kinds: dict[str, Any] = {"id": pl.String, "expert": pl.String, "worlds": pl.Int64}
        kinds |= dict.fromkeys(("share", "low", "high"), pl.Float64)
        rows = [
            (claim.id, name, share.worlds, share.share, *share.interval)
            for claim in self.claim_checks
            for name, share in claim.experts.items()
        ]
        return pl.DataFrame(rows, schema=kinds, orient="row")

    def coding_frame(self) -> pl.DataFrame:
        """One row for each claim and option: the share in its worlds, and the truth at best."""
        kinds: dict[str, Any] = dict.fromkeys(("id", "alternative", "option"), pl.String)
        kinds |= {"best": pl.Boolean, "worlds": pl.Int64}
        kinds |= dict.fromkeys(("share", "low", "high"), pl.Float64)
        rows = [
            (
                claim.id,
                name,
                option,
                None if claim.verdicts is None else claim.verdicts.alone(name, option),
                *_share_with_interval(claim.codings.get(name, {}).get(option)),
            )
            for claim in self.claim_checks
            for name, option in claim.options_told
        ]
        return pl.DataFrame(rows, schema=kinds, orient="row")

    def turning_point_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that flips it alone, nearest first."""
        attributes = {
            "unknown": "unknown",
            "at": "value",
            "best": "best",
            "move": "relative_distance",
        }
        found = [(v.id, v.turning_points or ()) for v in self.claim_checks]
        return self._rows_per_claim(attributes, found)

    def driver_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that decides it, strongest first."""
        found = [(v.id, v.drivers.drivers if v.drivers else ()) for v in self.claim_checks]
        attributes = {
            "unknown": "unknown",
            "influence": "influence",
            "low": "low",
            "high": "high",
        }
        return self._rows_per_claim(attributes, found)

    def margin_frame(self) -> pl.DataFrame:
        """One row for each claim and world that has answers: truth and margin.

        The margin is in standard deviations, null where the test has no answer.
        """
        frames = [claim.margins.frame() for claim in self.claim_checks if claim.margins]
        return pl.concat([pl.DataFrame(schema=MARGIN_SCHEMA), *frames])

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


SHARE_FOR_EQUILIBRIA = 0.25  # of a budget: for drawn worlds asked again with another equilibrium
OnCheckResult = Callable[[CheckResult], None]


def check(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    until: Until | None = None,
    flips: bool = True,
    tilt: int | None = None,
    budget: float | None = None,
    quick: bool = False,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    workers: int | None = None,
    on_best: OnCheckResult | None = None,
    on_world: Callable[["SharesSoFar"], None] | None = None,
    on_shares: OnCheckResult | None = None,
    on_stage: Callable[[str], None] | None = None,
    on_plan: OnSearchPlan | None = None,
    progress: JobProgressCallback | None = None,
) -> CheckResult:
    """Test every claim of a case at the best estimates and in many worlds.

    worlds     how many worlds, or the most there may be with `until`
    seed       seed of the worlds
    until      worlds are added until every claim's 95 % interval is so narrow, end to end; or until
               every verdict is "settled": its interval has one verdict from end to end, or it is
               at most 0.05 wide and the share lies where two verdicts meet
    grid       belief nodes for each party with types; None has them chosen for the tolerance
    memory     most bytes that a solution may take
    tolerance  the grid is refined until its change is so small, or as far as the game's size allows
    workers    processes at work; None for this one, and all cores if that takes more than a moment
    flips      whether to look for what turns each claim's verdict: this reads the claims some
               five times for each unknown, more where much turns
    tilt       how many worlds, in all, may be tilted towards the premises of conclusions that were
               never put to the test; None for as many as were computed, 0 for none
    budget     seconds after which the search for flips ends, and says what it left, with the drawn
               worlds that are asked again with another equilibrium; None for as long as it takes.
               Those unknowns come first that decide most
    quick      whether as much is done as takes about 20 seconds: no other grid, tail or precision
               is tried, no decision with several equilibria is looked for, worlds are drawn for
               half of the time, and what follows has the rest; the result is marked
    on_best    called with the claims at best as soon as they are known, certificate, noise and
               worlds still to come
    on_world   called with the shares so far each time a world is done
    on_shares  called with the shares as soon as they are known, flips still to come
    on_stage   called with what is done next, in words, after the worlds and before flips
    on_plan    called with the number of unknowns before flips are looked for
    progress   called with the number of readings done and of all while the grid is chosen, then
               anew with those after the best estimates, worlds and checks;
               then anew with the number of unknowns and claims for which flips were looked for

    Once the best estimates are known, Ctrl-C ends it with what is done by then.

    Raises QuestionError with the problems of all tests.
    """
    questions = read_claims(case)
    names = tuple(questions)
    settings = SolveSettings(grid, memory, tolerance)
    prepared = plan_questions(case, tuple(questions.values()), settings)
    whole = TimeLimit(QUICK_SECONDS) if quick else None
    prepared = (
        choose_grid(prepared, workers, progress) if whole is None else prepared.for_quick_answers()
    )

    def show_best(run: EnsembleRun) -> None:
        if on_best is not None:
            on_best(CheckResult(case.file, summarise_claims(run, names), run.numerics))

    tally = SharesSoFar(names)

    def count_world(number: str | int, result: WorldResult) -> None:
        if on_world is not None and isinstance(number, int):
            tally.add([result.test_result(place) for place in range(len(names))])
            on_world(tally)

    run = run_ensemble(
        prepared,
        worlds=worlds,
        seed=seed,
        certify=not quick,
        check_precision=not quick,
        until=until,
        replicate=True,
        time=whole,
        workers=workers,
        on_best=show_best,
        on_answer=count_world,
        progress=progress,
    )
    if quick and not run.answers:
        run = replace(run, drawn=None)  # there was time for the best estimates alone
    checked = CheckResult(
        case.file,
        summarise_claims(run, names),
        run.numerics_with_precision,
        run.run_stats,
        (*run.failed_checks, *((QUICK_ANSWER,) if quick else ())),
        fresh_run_stats=None if run.fresh is None else run.fresh.run_stats,
        until=until if worlds else None,
    )
    most = len(run.answers) if tilt is None else tilt
    try:
        with limited_to_share(whole):
            begin = on_stage or _say_nothing
            for further in _look_further(run, checked, most, budget, workers, begin, progress):
                checked = further
            if on_shares is not None:
                on_shares(checked)
            if flips and not checked.interrupted and (quick or not run.ended_early):
                turned = _find_what_turns(run, checked, budget, workers, on_plan, progress)
                checked = _with_turning_points(checked, turned)
    except KeyboardInterrupt:
        checked = replace(checked, interrupted=True)
    return checked


def _find_what_turns(
    run: EnsembleRun,
    checked: CheckResult,
    budget: float | None,
    workers: int | None,
    on_plan: OnSearchPlan | None,
    progress: JobProgressCallback | None,
) -> TurningPoints:
    unlearned = [
        number
        for number, claim in enumerate(checked.claim_checks)
        if claim.drivers is not None and not claim.drivers.enough_worlds
    ]
    influence: dict[str, float] = {}
    for claim in checked.claim_checks:
        for driver in () if claim.drivers is None else claim.drivers.drivers:
            influence[driver.unknown] = influence.get(driver.unknown, 0.0) + driver.influence
    searching = None if budget is None else (1.0 - SHARE_FOR_EQUILIBRIA) * budget
    return find_turning_points(
        run.plan,
        run.best,
        _margin_forecasts(run.plan.case, checked.claim_checks),
        at_ends_only=unlearned,
        whole_up_to=len(run.answers),
        budget=searching,
        first=sorted(influence, key=lambda name: -influence[name]),
        workers=workers,
        on_plan=on_plan,
        progress=progress,
    )


@dataclass
class SharesSoFar:
    """In how many of the worlds done so far each claim is true.

    names   the claims, in the order of a check
    worlds  how many worlds are done
    true    (C,) in how many of them each claim is true
    known   (C,) in how many it has an answer
    """

    names: tuple[str, ...]
    worlds: int = 0
    true: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is counted yet."""
        self.true, self.known = ([0] * len(self.names) for _ in range(2))

    def add(self, truths: Sequence[bool | None]) -> None:
        """Count one more world.

        truths  (C,) whether each claim is true in it, None without an answer
        """
        self.worlds += 1
        for place, truth in enumerate(truths):
            self.true[place] += truth is True
            self.known[place] += truth is not None

    def shares(self) -> dict[str, float | None]:
        """The share of the worlds so far in which each claim is true, None without an answer."""
        counted = zip(self.names, self.true, self.known, strict=True)
        return {name: true / known if known else None for name, true, known in counted}


def _share_with_interval(
    share: ShareOfWorlds | None,
) -> tuple[int, float | None, float | None, float | None]:
    """Of how many worlds, in which share of them, and its interval."""
    return (0, None, None, None) if share is None else (share.worlds, share.share, *share.interval)


def _say_nothing(_: str) -> None:
    pass


def _look_further(
    run: EnsembleRun,
    checked: CheckResult,
    most: int,
    budget: float | None,
    workers: int | None,
    begin: Callable[[str], None],
    progress: JobProgressCallback | None,
) -> Iterator[CheckResult]:
    """The check with what can matter, what decides claims, tilted worlds, and changed rules.

    run      the claims at the best estimates and over worlds
    checked  what it says of them
    most     how many worlds may be tilted
    budget   as for `check`
    workers  as for `check`
    begin    called with what is done next, in words

    Each step gives the check as far as it is known then.
    """
    begin("what decides each claim")
    claims = tuple(
        replace(claim, can_matter=run.plan.unknowns_of_question(number))
        for number, claim in enumerate(checked.claim_checks)
    )
    claims, explained = _explain_claims(run, claims, workers, progress)
    checked = replace(checked, claim_checks=claims, interrupted=not explained)
    yield checked
    if run.ended_early or not explained:
        return
    begin("worlds tilted towards premises that no drawn world has")
    for tilted in _with_tilted_worlds(run, claims, most, workers, progress):
        claims = tilted
        yield replace(checked, claim_checks=claims)
    begin("claims asked again with another order, another ending, another equilibrium")
    dependence = find_rule_dependence(run.plan, run.best, workers=workers, progress=progress)
    claims = _with_other_verdicts(claims, dependence)
    checked = replace(checked, not_asked=dependence.impossible, claim_checks=claims)
    yield checked
    if run.plan.case.alternatives:
        begin("claims asked again in each coding")
    verdicts = find_coding_verdicts(run.plan, run.best, workers, progress)
    claims = tuple(replace(claim, verdicts=verdicts.get(n)) for n, claim in enumerate(claims))
    checked = replace(checked, claim_checks=claims)
    yield checked
    drawn = {} if run.drawn is None else {n: run.drawn[n] for n in run.answers}
    begin("drawn worlds asked again with another equilibrium")
    share = None if budget is None else SHARE_FOR_EQUILIBRIA * budget
    over_worlds = find_selection_dependence(run.plan, drawn, workers, progress, share)
    yield replace(
        checked,
        claim_checks=tuple(
            replace(claim, selection_in_worlds=over_worlds.get(number))
            for number, claim in enumerate(claims)
        ),
    )


def _margin_forecasts(case: Case, claim_checks: Sequence[ClaimCheck]) -> dict[int, MarginForecast]:
    """What the expansions foresee of each claim away from best, where the worlds are enough."""
    found, unknowns = {}, case.unknowns_of_codings
    for number, claim in enumerate(claim_checks):
        drivers, margins = claim.drivers, claim.margins
        if drivers is None or margins is None or claim.best is None:
            continue
        if not drivers.enough_worlds or not math.isfinite(margins.best):
            continue
        spread = float(margins.margins[np.isfinite(margins.margins)].std())
        read = () if drivers.expansion is None else drivers.expansion.unknowns
        found[number] = MarginForecast(
            read,
            _same_everywhere if drivers.expansion is None else drivers.expansion.predict,
            np.array([unknowns[name].best for name in read]),
            claim.best,
            margins.best,
            math.sqrt(max(1.0 - drivers.q2, 0.0)) * spread,
        )
    return found


def _same_everywhere(values: Floats) -> Floats:
    return np.zeros(len(values))


def _with_other_verdicts(
    claim_checks: tuple[ClaimCheck, ...], dependence: RuleDependence
) -> tuple[ClaimCheck, ...]:
    return tuple(
        replace(
            claim,
            moves_last=dependence.verdict("opposite order", n),
            ending=dependence.verdict("other ending", n),
            selection=dependence.selections.get(n),
            whole_branch=dependence.whole_branch.get(n),
        )
        for n, claim in enumerate(claim_checks)
    )


def _with_turning_points(checked: CheckResult, turned: TurningPoints) -> CheckResult:
    return replace(
        checked,
        turning_points=turned,
        claim_checks=tuple(
            replace(
                claim,
                turning_points=turned.points_by_claim.get(n),
                joint_turning_point=turned.joint_by_claim.get(n),
                not_searched=turned.unsearched_by_claim.get(n),
                read_at_ends=turned.ends_only_by_claim.get(n),
            )
            for n, claim in enumerate(checked.claim_checks)
        ),
    )


def _with_tilted_worlds(
    run: EnsembleRun,
    claim_checks: tuple[ClaimCheck, ...],
    most: int,
    workers: int | None,
    progress: JobProgressCallback | None,
) -> Iterator[tuple[ClaimCheck, ...]]:
    """The claims, with tilted worlds of one more conclusion that was never put to the test."""
    numbers = {claim.id: number for number, claim in enumerate(claim_checks)}
    found, left = list(claim_checks), most
    for name in conclusions_to_tilt([claim.standing for claim in claim_checks]):
        if left <= 0:
            break
        claim = found[numbers[name]]
        premises = {one: claim_checks[numbers[one]] for one in claim.because}
        asked = TiltedConclusion(
            tuple(numbers[one] for one in (name, *claim.because)),
            {one: (premise.drivers, premise.margins) for one, premise in premises.items()},
        )
        tilted = tilted_figures(run, asked, left, workers, progress)
        left -= tilted.worlds
        assert claim.argument is not None
        found[numbers[name]] = replace(claim, argument=replace(claim.argument, tilted=tilted))
        yield tuple(found)


def summarise_claims(run: EnsembleRun, names: Sequence[str]) -> tuple[ClaimCheck, ...]:
    """What a run says of claims at best and over its worlds.

    run    a run whose questions are the tests of these claims
    names  the claims in the order of its questions
    """
    argument = _figures_of_conclusions(run, names)
    return tuple(
        _summarise_claim(run, number, name, argument.get(name)) for number, name in enumerate(names)
    )


def _figures_of_conclusions(
    run: EnsembleRun, names: Sequence[str]
) -> Mapping[str, ConclusionFigures]:
    if run.drawn is None:
        return {}
    truths = {name: run.truths_of_question(number) for number, name in enumerate(names)}
    return figures_of_conclusions(run.plan.case.claims, truths)


def _summarise_claim(
    run: EnsembleRun, number: int, name: str, argument: ConclusionFigures | None
) -> ClaimCheck:
    claim, question = run.plan.case.claims[name], run.plan.questions[number]
    share = run.share_of_question(number)
    again = None if run.fresh is None else run.fresh.share_of_question(number)
    return ClaimCheck(
        id=name,
        says=claim.says,
        question=question,
        best=run.best.test_result(number),
        sharper=tuple(
            (factor, result.test_result(number))
            for factor, result in run.at_higher_precision.items()
        ),
        quantities=run.quantities_of_question(number),
        warnings=run.warnings_of_question(number),
        source=claim.source,
        where=claim.where,
        share=share,
        quantity_statistics=tuple(
            None if share is None else summarise_quantity_over_worlds(run.results, number, place)
            for place in range(len(question.quantities))
        ),
        replication=None
        if share is None or again is None
        else compare_replication(share, again, len(run.plan.questions)),
        margins=margins_of_question(run, number, name),
        because=claim.because,
        test_is_premises=claim.test_is_premises,
        argument=argument,
        experts=shares_by_expert(run, number),
        codings=shares_by_option(run, number),
    )


def _explain_claims(
    run: EnsembleRun,
    claim_checks: tuple[ClaimCheck, ...],
    workers: int | None,
    progress: JobProgressCallback | None,
) -> tuple[tuple[ClaimCheck, ...], bool]:
    """Every claim with what decides it, and whether Ctrl-C left that to the end."""
    jobs = {
        number: _claim_worlds(run, number, claim.margins)
        for number, claim in enumerate(claim_checks)
        if claim.margins is not None
    }
    done = run_jobs(_explain_claim, jobs, workers, progress)
    explained = list(claim_checks)
    for number, (drivers, rule) in done.answers.items():
        explained[number] = replace(explained[number], drivers=drivers, rule=rule)
    for number, claim in enumerate(explained):
        found = () if claim.drivers is None else claim.drivers.drivers
        unknown = [driver for driver in found if driver.kind == "unknown"]
        differ = find_disagreement(run.plan.case, claim.experts, unknown)
        explained[number] = replace(claim, disagreement=differ)
    return tuple(explained), not done.interrupted


@dataclass(frozen=True)
class _ClaimWorlds:
    """What is known of one claim: unknowns and margins, and unknowns and truth in fresh worlds.

    unknowns  those that can matter to it and vary
    choices   of the worlds: the options of alternatives, and the experts
    """

    unknowns: Mapping[str, Unknown]
    values: Floats
    margins: ClaimMargins
    choices: tuple[Choice, ...]
    fresh_worlds: tuple[Floats, list[bool | None]] | None


def _claim_worlds(run: EnsembleRun, claim_index: int, margins: ClaimMargins) -> _ClaimWorlds:
    case = run.plan.case
    every = case.unknowns_of_codings
    reading = {name: every[name] for name in run.plan.unknowns_of_question(claim_index)}
    unknowns = {name: unknown for name, unknown in reading.items() if unknown.kind is not None}
    names, fresh = list(unknowns), run.fresh
    return _ClaimWorlds(
        unknowns,
        run.unknown_values(names),
        margins,
        _choices_of_worlds(run),
        None
        if fresh is None
        else (fresh.unknown_values(names), fresh.truths_of_question(claim_index)),
    )


def _choices_of_worlds(run: EnsembleRun) -> tuple[Choice, ...]:
    """The option of each alternative, and the expert, in the worlds that have an answer."""
    drawn, case = run.drawn, run.plan.case
    if drawn is None:
        return ()
    found = []
    for name, options in case.drawn_options.items():
        taken = [options.index(dict(drawn.coding_of(number))[name]) for number in run.answers]
        found.append(Choice(name, "alternative", np.array(taken, dtype=np.intp), len(options)))
    if len(case.experts) > 1:
        experts = list(case.experts)
        taken = [experts.index(drawn.expert_of(number) or "") for number in run.answers]
        places = np.array(taken, dtype=np.intp)
        found.append(Choice("experts", "expert", places, len(experts), best=None))
    return tuple(choice for choice in found if choice.size > 1)


def _explain_claim(known: _ClaimWorlds) -> tuple[DriverAnalysis | None, ClaimRule | None]:
    """The drivers of a claim and the rule along them; done in other processes."""
    names, margins = list(known.unknowns), known.margins
    kinds = {name: unknown.kind for name, unknown in known.unknowns.items()}
    found = find_drivers(
        names,
        known.values,
        margins.margins,
        logarithmic={name for name in names if kinds[name] == "lognormal"},
        comparisons=margins.comparison_values,
        compose=margins.compose,
        choices=known.choices,
    )
    if found is None or known.fresh_worlds is None:
        return found, None
    drivers = [driver.unknown for driver in found.drivers if driver.kind == "unknown"]
    columns = [names.index(name) for name in drivers]
    values, truths = known.fresh_worlds
    few = {name for name in drivers if kinds[name] == "oneof"}
    seen = known.values[:, columns], margins.truths
    return found, find_claim_rule(drivers, seen, (values[:, columns], truths), few)
