"""Which decision keeps a goal in most worlds, and how much is lost where another one is better?

Every lever, and doing nothing, is asked about in the same worlds. With v(l, w) the goal under
lever l in world w, counted so that more is better (a test counts 1 where it is true, else 0),

    mean         of v(l, w) over the worlds
    worst        mean of v(l, w) over the twentieth of the worlds in which it is lowest
    regret       max over m of v(m, w), less v(l, w): its mean, and its mean over the twentieth of
                 the worlds in which it is largest

Levers are ranked by mean, which ranks them by mean regret too. Worlds in which a lever has no
answer are left out for all of them, and counted for this one.

Source: Savage (1951), The theory of statistical decision, JASA 46, for regret; Lempert, Groves,
Popper & Bankes (2006), A general, analytic method for generating robust strategies and narrative
scenarios, Management Science 52, for regret over worlds and rules about it.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from ceasefire.case import NO_LEVER, Case
from ceasefire.diagnostics import TextLocation, join_names, readable_name, suggest_closest_name
from ceasefire.ensemble.ask_questions import (
    DEPENDS_ON_RULE,
    NOT_ASKED_AGAIN,
    RULE_CHANGE_WORDS,
    ask_under_changed_rules,
)
from ceasefire.ensemble.rules import Bools, ClaimRule, find_claim_rule
from ceasefire.ensemble.run import (
    EnsembleResult,
    EnsembleRun,
    JobProgressCallback,
    RunStats,
    choose_grid,
    run_ensemble,
)
from ceasefire.ensemble.sampling import Floats
from ceasefire.ensemble.statistics import ShareOfWorlds
from ceasefire.errors import CeasefireError, Problem, QuestionError
from ceasefire.query import NumericalQuality, Question, plan_questions, read_question
from ceasefire.query.ast import AnswerValue
from ceasefire.query.levers import (
    LeverOptions,
    contradictions_with_question,
    describe_options,
    is_levelled,
    pull_lever,
    read_levers,
)
from ceasefire.query.numerical_quality import finite_or_none, improbable_conditions
from ceasefire.query.parser import read_claim
from ceasefire.query.plan import QueryPlan, WorldResult
from ceasefire.results import (
    DEPENDS_ON_EQUILIBRIUM,
    DEPENDS_ON_PRECISION,
    join_phrases,
)
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings
from ceasefire.shares import Interval

WORST_SHARE: Final = 0.05
LEAST_LOSS: Final = 0.01  # of the goal's spread: a lever that is better by less is no better
LEAST_LOSS_AT_BEST: Final = 0.1  # of what is at stake between levers, when asked again
Z_95: Final = 1.959964


class WorldMean(NamedTuple):
    """A mean over worlds and its mean over the worst twentieth of them."""

    mean: float
    worst: float

    def as_json(self) -> dict[str, Any]:
        """Both, as `choose --json` prints them."""
        return {"mean": finite_or_none(self.mean), "worst": finite_or_none(self.worst)}


@dataclass(frozen=True)
class LeverOutcome:
    """What becomes of the goal under one lever, or under a pair of levers.

    lever     its name; `nothing` where nothing is decided, names joined by + for a pair
    says, by  the decision in words and who could take it; of a pair, both
    sets      the options it sets, as they are written
    best      the goal at the best estimates, None where it has no answer
    goal      the goal over the worlds, None if there are none with an answer
    interval  95 % interval of the mean, None where it has none
    share     of a test, in which worlds it is true
    regret    what is lost against the best lever of each world
    gain      by how much it is better than doing nothing, with the 95 % interval of the mean
    missing   worlds in which the goal has no answer under this lever
    values    (N,) the goal in each of the worlds that are compared
    """

    lever: str
    says: str | None
    by: str | None
    sets: str
    best: AnswerValue
    goal: WorldMean | None = None
    interval: Interval | None = None
    share: ShareOfWorlds | None = None
    regret: WorldMean | None = None
    gain: tuple[float, Interval] | None = None
    missing: int = 0
    values: tuple[float, ...] = field(default=(), compare=False, repr=False)

    @property
    def title(self) -> str:
        """The lever for readers.

        >>> LeverOutcome("build_first + wait", None, None, "", None).title
        'Build first + wait'
        """
        return lever_title(self.lever)

    def as_json(self) -> dict[str, Any]:
        """A lever as `choose --json` prints it; what was not computed is null."""
        return {
            "lever": self.lever,
            "says": self.says,
            "by": self.by,
            "set": self.sets,
            "best": finite_or_none(self.best),
            "mean": self.goal and finite_or_none(self.goal.mean),
            "share": self.share and self.share.share,
            "interval": self.interval and list(self.interval),
            "worst": self.goal and finite_or_none(self.goal.worst),
            "regret": self.regret and self.regret.as_json(),
            "gain": self.gain
            and {"mean": finite_or_none(self.gain[0]), "interval": list(self.gain[1])},
            "missing": self.missing,
        }


def lever_title(name: str) -> str:
    """A lever for readers: its name with spaces; doing nothing by name.

    >>> lever_title("build_first"), lever_title("nothing")
    ('Build first', 'Doing nothing')
    """
    words = readable_name(name)
    return "Doing nothing" if name == NO_LEVER else words[:1].upper() + words[1:]


@dataclass(frozen=True)
class ChooseResult(EnsembleResult):
    """What each lever does to a goal, the best first.

    case            the file of the case
    goal            the goal as it was asked
    claim           the claim that is the goal, None if it is an expression
    is_test         whether the goal is true or false rather than a number
    less_is_better  whether the goal is the better the lower it is
    levers          by the mean of the goal, doing nothing among them
    worlds          how many worlds are compared: those in which every lever has an answer
    left_out        pairs that were not asked, and why
    warnings        what should be said: (levers it is said of, none for all; what)
    better          share of the worlds in which another lever than the first is clearly better
    rule            in which worlds that is, None where no rule holds up
    numerics        how good the numbers at the best estimates are
    run_stats       the run over the worlds, None if there was only world 0
    failed_checks   checks of the numbers that failed, with the reason
    """

    case: str
    goal: str
    claim: str | None
    is_test: bool
    less_is_better: bool
    levers: tuple[LeverOutcome, ...]
    numerics: NumericalQuality
    worlds: int = 0
    left_out: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    better: float | None = None
    rule: ClaimRule | None = None
    run_stats: RunStats | None = None
    failed_checks: tuple[str, ...] = ()
    improbable: tuple[str, ...] = field(default=(), repr=False)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, the run, and answers whose condition is too improbable."""
        return (*super().mark_reasons, *self.improbable)

    @property
    def nothing(self) -> LeverOutcome:
        """What becomes of the goal if nothing is decided."""
        return next(one for one in self.levers if one.lever == NO_LEVER)

    def as_json(self) -> dict[str, Any]:
        """The document of `choose --json`, digest and version left to the command."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        return {
            "case": self.case,
            "goal": self.goal,
            "claim": self.claim,
            "less_is_better": self.less_is_better,
            "worlds": self.worlds,
            "levers": [lever.as_json() for lever in self.levers],
            "left_out": list(self.left_out),
            "better": self.better,
            "rule": self.rule and self.rule.as_json(),
            "numerics": self.numerics.as_json(),
        } | run

    def frame(self) -> pl.DataFrame:
        """One row for each lever, the best first."""
        numbers = ("mean", "low", "high", "share", "worst", "regret_mean", "regret_worst", "gain")
        schema = {"lever": pl.String, "best": pl.Float64} | dict.fromkeys(numbers, pl.Float64)
        rows = [
            {
                "lever": one.lever,
                "best": None if one.best is None else float(one.best),
                "mean": one.goal and one.goal.mean,
                "low": one.interval and one.interval[0],
                "high": one.interval and one.interval[1],
                "share": one.share and one.share.share,
                "worst": one.goal and one.goal.worst,
                "regret_mean": one.regret and one.regret.mean,
                "regret_worst": one.regret and one.regret.worst,
                "gain": one.gain and one.gain[0],
                "missing": one.missing,
            }
            for one in self.levers
        ]
        return pl.DataFrame(rows, schema=schema | {"missing": pl.Int64})

    def world_frame(self) -> pl.DataFrame:
        """One row for each lever and world that is compared: the goal there."""
        schema = {"lever": pl.String, "place": pl.Int64, "goal": pl.Float64}
        rows = [
            (one.lever, place, value)
            for one in self.levers
            for place, value in enumerate(one.values)
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")


def worst_twentieth(values: Floats) -> float:
    """The mean of the lowest twentieth of N values, of the lowest one at least.

    >>> worst_twentieth(np.arange(40.0)), worst_twentieth(np.array([3.0, 1.0]))
    (0.5, 1.0)
    """
    count = max(1, math.ceil(WORST_SHARE * len(values) - 1e-9))
    return float(np.partition(values, count - 1)[:count].mean())


def regrets(values: Floats) -> Floats:
    """(L, N) what each lever loses in each world against the best one there.

    values   (L, N) the goal of L levers in N worlds, more being better

    >>> regrets(np.array([[1.0, 0.0], [0.5, 2.0]])).tolist()
    [[0.0, 2.0], [0.5, 0.0]]
    """
    best = values.max(axis=0)
    return np.where(values == best, 0.0, best - np.where(values == best, 0.0, values))


def choose(
    case: Case,
    goal: str,
    *,
    two: bool = False,
    levers: Sequence[str] | None = None,
    less_is_better: bool = False,
    worlds: int = 256,
    seed: int = 0,
    certify: bool = True,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> ChooseResult:
    """Compare what somebody could decide by what it does to a goal, over the same worlds.

    case            a case with levers
    goal            a test, the name of a claim, or a number of which more is better
    two             whether pairs of levers are compared too, those that do not contradict
    levers          which levers; all of the case if None
    less_is_better  whether the goal is the better the lower it is
    worlds          how many worlds; 0 for the best estimates alone
    seed            seed of the worlds
    certify         whether the best estimates are asked again on other grids, with longer tails,
                    more precise parties, another order, another ending, another equilibrium
    grid            belief nodes per party with types, chosen for the tolerance if None
    memory          most bytes that a solution may take
    tolerance       the grid is refined until its change is so small
    workers         processes at work; if None this one, and all cores if that takes more than a
                    moment
    progress        called with the number of readings done and of all while the grid is chosen,
                    then anew with those after the best estimates

    Raises QuestionError for a goal that is none, levers that cannot be read or contradict the
    goal, and a case without levers.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {luck: {range: [0, 1]}}
    ... parties: {north: {}}
    ... state: {war: {start: true}, force: {values: 0..1, start: 0}}
    ... chance:
    ...   end: {when: war, outcomes: [{chance: "luck + (0.6 - luck) * force", set: {war: false}}]}
    ... levers: {build_first: {by: north, set: "start={force: 1}"}}
    ... ''')
    >>> found = choose(case, "P(at_end(not war))", worlds=64, workers=1)
    >>> [(one.lever, round(one.goal.mean, 2), round(one.regret.worst, 1)) for one in found.levers]
    [('build_first', 0.6, 0.4), ('nothing', 0.5, 0.6)]
    """
    question, claim = read_goal(case, goal)
    if not case.levers:
        raise QuestionError([_no_levers_problem(case)])
    if less_is_better and question.is_test:
        help = f"ask that it be false: not ({' '.join(question.text.split())})"
        problem = Problem("a test is not better for being less", path="goal", help=help)
        raise QuestionError([problem])
    single = read_levers(case, levers)
    _refuse_contradictions(case, question, single)
    options: dict[str, LeverOptions] = {NO_LEVER: LeverOptions(), **single}
    left_out: tuple[str, ...] = ()
    if two:
        pairs, left_out = pairs_of_levers(single)
        options |= pairs
    asked = [pull_lever(question, each) for each in options.values()]
    settings = SolveSettings(grid, memory, tolerance)
    plan = plan_questions(case, asked, settings)
    try:
        if certify:
            plan = choose_grid(plan, workers, progress)
        run = run_ensemble(
            plan,
            worlds=worlds,
            seed=seed,
            certify=certify,
            check_precision=certify,
            workers=workers,
            progress=progress,
        )
    except CeasefireError as error:
        raise _blame_levers(plan, list(options), error) from None
    outcomes, compared, better, rule = _compare_levers(
        case, run, options, less_is_better=less_is_better
    )
    first = list(options).index(outcomes[0].lever)
    doubts: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    if certify and not run.interrupted:
        try:
            doubts = _choice_doubts(
                run, list(options), first, workers, less_is_better=less_is_better
            )
        except KeyboardInterrupt:
            not_asked = (NOT_ASKED_AGAIN,)
    return ChooseResult(
        case=case.file,
        goal=" ".join(question.text.split()),
        claim=claim,
        is_test=question.is_test,
        less_is_better=less_is_better,
        levers=outcomes,
        numerics=run.numerics,
        worlds=compared,
        left_out=left_out,
        warnings=(
            *(("", doubt) for doubt in doubts),
            *_warnings_of_levers(question, run, options),
        ),
        better=better,
        rule=rule,
        run_stats=run.run_stats,
        failed_checks=(*run.failed_checks, *not_asked),
        improbable=improbable_conditions(
            run.quantities_of_question(number) for number in range(len(options))
        ),
    )


def read_goal(case: Case, goal: str) -> tuple[Question, str | None]:
    """The question that a goal asks, and the claim it is, None if it is an expression.

    Raises QuestionError with every problem of its text.
    """
    name = goal.strip()
    if name in case.claims:
        return read_claim(case, case.claims[name]), name
    if name.isidentifier() and name not in case.unknowns:
        problem = Problem(
            "is neither a claim nor a question",
            path="goal",
            found=name,
            allowed=join_names(case.claims) or "a question: P(...), E(...), ...",
            help=suggest_closest_name(name, case.claims) or "or ask a question: P(...) > 0.5",
        )
        raise QuestionError([problem])
    return read_question(case, goal, TextLocation(path="goal", line_starts=((0, 1, 1),))), None


def _no_levers_problem(case: Case) -> Problem:
    return Problem(
        "has no levers to choose from",
        case.file,
        path="levers",
        help="write what somebody could decide: "
        'levers: {wait: {says: Wait a year., by: party, set: "closed={table: 4}"}}',
    )


def _refuse_contradictions(
    case: Case, question: Question, options: Mapping[str, LeverOptions]
) -> None:
    """Refuse levers that set what the goal sets otherwise: which of the two would be meant?"""
    found = {name: contradictions_with_question(question, one) for name, one in options.items()}
    fine = [name for name, against in found.items() if not against]
    problems = [
        case.levers[name].location.problem(
            f"the goal sets {join_phrases(names)} otherwise",
            found=f"{describe_options(options[name])}, and the goal has {text}",
            help="leave that out of the goal"
            + (f", or compare {join_phrases(fine)} alone (--lever)" if fine else ""),
        )
        for name, against in found.items()
        for text, names in against.items()
    ]
    if problems:
        raise QuestionError(problems)


def pairs_of_levers(
    options: Mapping[str, LeverOptions],
) -> tuple[dict[str, LeverOptions], tuple[str, ...]]:
    """Each pair of levers that can be pulled at once, and why the others are left out.

    >>> two, three = (LeverOptions(closed=(("talks", periods),)) for periods in (2, 3))
    >>> pairs_of_levers({"a": two, "b": three})
    ({}, ('a + b: they contradict each other in closed={talks}',))
    """
    pairs: dict[str, LeverOptions] = {}
    left_out: list[str] = []
    for (one, first), (two, second) in itertools.combinations(options.items(), 2):
        name, both = f"{one} + {two}", first.combined_with(second)
        against = first.contradictions(second)
        if against:
            left_out.append(f"{name}: they contradict each other in {join_phrases(against)}")
        elif both in (first, second):
            left_out.append(f"{name}: the same as {one if both == first else two} alone")
        else:
            pairs[name] = both
    return pairs, tuple(left_out)


def _blame_levers(plan: QueryPlan, names: Sequence[str], error: CeasefireError) -> CeasefireError:
    """Say which levers the game is impossible under, unless it is so anyhow."""
    problems: list[Problem] = []
    for number, name in enumerate(names):
        try:
            plan.restricted_to([number]).evaluate_world()
        except CeasefireError as own:
            if name == NO_LEVER:
                return error
            problems += [
                replace(one, path=f"levers.{name}" + (f": {one.path}" if one.path else ""))
                for one in own.problems
            ]
    return type(error)(problems) if problems else error


def _compare_levers(
    case: Case,
    run: EnsembleRun,
    options: Mapping[str, LeverOptions],
    *,
    less_is_better: bool,
) -> tuple[tuple[LeverOutcome, ...], int, float | None, ClaimRule | None]:
    """Every lever with its figures, the best first; how many worlds; and the rule."""
    sign = -1.0 if less_is_better else 1.0
    plain = tuple(
        LeverOutcome(
            name,
            _join_texts((case.levers[one].says for one in members_of(name)), " "),
            _join_texts((case.levers[one].by for one in members_of(name)), ", "),
            describe_options(each),
            run.best.values[number],
        )
        for number, (name, each) in enumerate(options.items())
    )
    answers = np.array(
        [
            [math.nan if value is None else float(value) for value in result.values]
            for result in run.results
        ],
        dtype=np.float64,
    ).reshape(len(run.results), len(options))
    missing = np.isnan(answers).sum(axis=0)
    answered = missing < len(answers)
    common: Bools = np.isnan(answers[:, answered]).sum(axis=1) == 0
    values = sign * answers[common].T
    if not values.size or not common.any():
        ranked = sorted(plain, key=lambda one: _rank_at_best(one.best, sign))
        return (
            tuple(
                replace(one, missing=int(missing[list(options).index(one.lever)])) for one in ranked
            ),
            0,
            None,
            None,
        )
    lost = np.zeros_like(values)
    lost[answered] = regrets(values[answered])
    nothing = values[list(options).index(NO_LEVER)]
    is_test = run.plan.questions[0].is_test
    outcomes = [
        replace(one, missing=int(missing[number]))
        if not answered[number]
        else _with_figures(
            one, values[number], lost[number], nothing, sign, int(missing[number]), is_test=is_test
        )
        for number, one in enumerate(plain)
    ]
    order = sorted(range(len(outcomes)), key=lambda number: _rank(outcomes[number], sign))
    beaten = _clearly_beaten(values[answered], lost[order[0]], is_test=is_test)
    rule = _find_rule(case, run, common, beaten)
    ranked_outcomes = tuple(outcomes[number] for number in order)
    return ranked_outcomes, int(common.sum()), float(beaten.mean()), rule


def _with_figures(
    outcome: LeverOutcome,
    values: Floats,
    lost: Floats,
    nothing: Floats,
    sign: float,
    missing: int,
    *,
    is_test: bool,
) -> LeverOutcome:
    """A lever with its figures.

    values, lost, nothing  (N,) the goal under the lever, its regret, the goal if nothing is done
    sign                   -1 where less is better: `values` and `nothing` are turned round then
    """
    share = ShareOfWorlds(int(values.sum()), len(values), missing) if is_test else None
    mean = sign * float(values.mean())
    with np.errstate(invalid="ignore"):
        gained = values - nothing
    return replace(
        outcome,
        goal=WorldMean(mean, sign * worst_twentieth(values)),
        interval=share.interval if share else _interval_of_mean(sign * values),
        share=share,
        regret=WorldMean(float(lost.mean()), -worst_twentieth(-lost)),
        gain=None
        if (found := _interval_of_mean(gained)) is None
        else (float(gained.mean()), found),
        missing=missing,
        values=tuple((sign * values).tolist()),
    )


def _interval_of_mean(values: Floats) -> Interval | None:
    """The 95 % interval of a mean over worlds, within the values found; None if one is infinite."""
    if not np.isfinite(values).all() or not len(values):
        return None
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    half = Z_95 * float(spread) / math.sqrt(len(values))
    mean = float(values.mean())
    return max(float(values.min()), mean - half), min(float(values.max()), mean + half)


def _rank(outcome: LeverOutcome, sign: float) -> tuple[bool, float, float, float]:
    """By mean, then by what is lost in the worst twentieth, then by the worst twentieth."""
    if outcome.goal is None or outcome.regret is None:
        return True, 0.0, 0.0, 0.0
    return (
        False,
        -round(sign * outcome.goal.mean, 9),
        round(outcome.regret.worst, 9),
        -round(sign * outcome.goal.worst, 9),
    )


def _rank_at_best(best: AnswerValue, sign: float) -> tuple[bool, float]:
    return best is None, 0.0 if best is None else -round(sign * float(best), 9)


def members_of(name: str) -> tuple[str, ...]:
    """The levers of a pair, the one lever, or none where nothing is decided."""
    return () if name == NO_LEVER else tuple(name.split(" + "))


def _join_texts(texts: Iterable[str | None], separator: str) -> str | None:
    """Texts of several levers as one, each once; None if there are none."""
    return separator.join(dict.fromkeys(text for text in texts if text)) or None


def _clearly_beaten(values: Floats, lost: Floats, *, is_test: bool) -> Bools:
    """(N,) in which worlds another lever is better by more than a hundredth of the spread."""
    finite = values[np.isfinite(values)]
    spread = float(np.ptp(finite)) if len(finite) else 0.0
    beaten: Bools = lost > (0.0 if is_test else LEAST_LOSS * spread)
    return beaten


def _find_rule(case: Case, run: EnsembleRun, common: Bools, beaten: Bools) -> ClaimRule | None:
    """In which worlds another lever is better, found in one half and counted in the other."""
    asked = range(len(run.plan.questions))
    mattering = {name for number in asked for name in run.plan.unknowns_of_question(number)}
    varied = (name for name, unknown in case.unknowns.items() if unknown.kind is not None)
    names = [name for name in varied if name in mattering]
    values = run.unknown_values(names)[common]
    truths = [bool(one) for one in beaten]
    half = len(truths) // 2
    discrete = [name for name in names if case.unknowns[name].kind == "oneof"]
    return find_claim_rule(
        names, (values[:half], truths[:half]), (values[half:], truths[half:]), discrete
    )


def _warnings_of_levers(
    question: Question, run: EnsembleRun, options: Mapping[str, LeverOptions]
) -> list[tuple[str, str]]:
    """What is to be said of answers at best: (the levers it is said of, none for all; what)."""
    said: dict[str, list[str]] = {}
    for number, (name, each) in enumerate(options.items()):
        for warning in run.warnings_of_question(number):
            said.setdefault(warning, []).append(name)
        if is_levelled(question, each):
            warning = (
                "two numbers of the goal are the same under it: the goal says itself what becomes "
                "of it"
            )
            said.setdefault(warning, []).append(name)
    return [
        ("" if len(names) == len(options) else ", ".join(names), warning)
        for warning, names in said.items()
    ]


def _choice_doubts(
    run: EnsembleRun,
    names: Sequence[str],
    first: int,
    workers: int | None,
    *,
    less_is_better: bool,
) -> tuple[str, ...]:
    """What else than the unknowns the first place depends on, asked at the best estimates."""
    sign = -1.0 if less_is_better else 1.0
    at_best = _better_lever(run.best, first, sign)
    if at_best is not None:
        return ()  # at the best estimates another one is better anyhow: the worlds decide
    doubts: list[str] = []

    def add(reason: str, again: WorldResult, words: str) -> None:
        other = _better_lever(again, first, sign)
        if other is not None and not any(doubt.startswith(reason) for doubt in doubts):
            doubts.append(f"{reason}: {lever_title(names[other])} is better {words}")

    for factor, again in run.at_higher_precision.items():
        times = {2.0: "twice", 4.0: "four times"}.get(factor, f"{factor:g} times")
        add(DEPENDS_ON_PRECISION, again, f"when everyone is {times} as precise")
    changed = ask_under_changed_rules(run.plan, workers=workers)
    for change, again in changed.answers.items():
        add(DEPENDS_ON_RULE[change], again, RULE_CHANGE_WORDS[change])
    for selection, again in run.plan.at_other_selections(run.best).items():
        add(DEPENDS_ON_EQUILIBRIUM, again, f"with selection={selection}")
    return (
        *doubts,
        *(f"not asked {RULE_CHANGE_WORDS[one]}: {why}" for one, why in changed.failed.items()),
    )


def _better_lever(result: WorldResult, first: int, sign: float) -> int | None:
    """The lever that is best here, if it beats the first by a tenth of what is at stake."""
    known = {n: sign * float(value) for n, value in enumerate(result.values) if value is not None}
    if first not in known:
        return None
    best = max(known, key=lambda number: known[number])
    stake = max(known.values()) - min(known.values())
    beaten = known[best] - known[first] > max(LEAST_LOSS_AT_BEST * stake, 1e-9)
    return best if beaten else None
