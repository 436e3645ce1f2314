"""What is the answer to a question, how is it in many worlds, and what does it depend on?

Precision, the order of steps, the ending and which equilibrium is played have to be written down,
often without a reason. So every question is asked again with each of them changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ceasefire.argument import ConclusionFigures, figures_of_conclusions
from ceasefire.case import Case
from ceasefire.ensemble.run import (
    EnsembleResult,
    JobProgressCallback,
    JobResults,
    RunStats,
    choose_grid,
    run_ensemble,
    run_jobs,
    workers_at_once,
)
from ceasefire.ensemble.statistics import (
    WorldStatistics,
    summarise_number_over_worlds,
)
from ceasefire.query import (
    NumericalQuality,
    QuantityValue,
    QueryPlan,
    Question,
    WorldResult,
    plan_questions,
    read_questions,
)
from ceasefire.query.ast import AnswerValue
from ceasefire.query.numerical_quality import (
    finite_or_none,
    improbable_conditions,
)
from ceasefire.query.plan import (
    RULE_CHANGES,
    WHOLE,
    OtherSelection,
    RuleChange,
    change_rules,
)
from ceasefire.results import (
    DEPENDS_ON_ENDING,
    DEPENDS_ON_EQUILIBRIUM,
    DEPENDS_ON_ORDER,
    DEPENDS_ON_PRECISION,
    WHOLE_BRANCH_GIVES,
    join_phrases,
)
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings

if TYPE_CHECKING:
    import polars as pl

DEPENDS_ON_RULE: Mapping[RuleChange, str] = {
    "opposite order": DEPENDS_ON_ORDER,
    "other ending": DEPENDS_ON_ENDING,
}
RULE_CHANGE_WORDS: Mapping[RuleChange, str] = {
    "opposite order": "with the steps in the opposite order",
    "other ending": "with the other ending",
}
QUICK_ANSWER = (
    "on other grids, with longer tails, more precisely, nor for several equilibria: "
    "the answer is a quick one"
)
NOT_ASKED_AGAIN = "with another order, ending and equilibrium: stopped before"
MOST_RULE_CHANGE = 0.1
MOST_PRECISION_CHANGE = 0.2  # of a probability, or in the units in which other numbers are compared


def precision_doubts(
    question: Question,
    number: int,
    best: WorldResult,
    at_higher_precision: Mapping[float, WorldResult],
) -> tuple[str, ...]:
    """How an answer changes when every party is more precise; nothing if it hardly does.

    number               the number of the question
    at_higher_precision  the answers by factor on all precisions

    A test changes if its verdict does; a number if one of its
    quantities moves by more than 0.2: of probability, per period looked at for a time, per range
    for an expected value, per unit or own size for a payoff.
    """
    if _asks_for_precision(question):
        return ()
    for factor, again in at_higher_precision.items():
        shown = _changed_answer(question, number, best, again)
        if shown is not None:
            times = {2.0: "twice", 4.0: "four times"}.get(factor, f"{factor:g} times")
            when = f"when everyone is {times} as precise"
            return (f"{DEPENDS_ON_PRECISION}: {shown} {when}",)
    return ()


def _changed_answer(
    question: Question,
    number: int,
    best: WorldResult,
    again: WorldResult,
    most: float = MOST_PRECISION_CHANGE,
) -> str | None:
    """The answer when it is asked again, if it changed much; see `precision_doubts`.

    most   by how much a number may move without being said to change
    """
    value, other = best.values[number], again.values[number]
    pairs = zip(best.quantity_values[number], again.quantity_values[number], strict=True)
    moved = any(
        one.value is not None
        and two.value is not None
        and abs(two.value - one.value) > most * one.scale
        for one, two in pairs
    )
    if other is None or value is None or (other is value if question.is_test else not moved):
        return None
    return str(other).lower() if question.is_test else f"{float(other):.3g}"


def ask_under_changed_rules(
    plan: QueryPlan, *, workers: int | None = None, progress: JobProgressCallback | None = None
) -> JobResults[RuleChange, WorldResult]:
    """Ask questions with the steps in the opposite order, and with the other ending.

    plan      the questions, with the games that they need
    workers   processes at work; if None this one, and all cores if that takes more than a moment
    progress  called with the number of readings done, and of all

    A change that makes no difference to the rules is left out; an impossible game has failed.
    """
    changes = {c: c for c in RULE_CHANGES if change_rules(plan.case, c) is not None}
    at_once = workers_at_once(plan, workers)
    return run_jobs(plan.evaluate_under_changed_rules, changes, at_once, progress)


def rule_doubts(
    question: Question,
    number: int,
    best: WorldResult,
    changed: JobResults[RuleChange, WorldResult],
) -> tuple[str, ...]:
    """How an answer changes with who moves last and how play ends; nothing if it hardly does.

    number   the number of the question
    changed  the answers with a rule changed

    What counts as a change is said in `precision_doubts`, but half as much does: a rule that
    somebody has to write is no matter of degree, as precision is.
    """
    doubts = [
        f"{DEPENDS_ON_RULE[change]}: {shown} {RULE_CHANGE_WORDS[change]}"
        for change, again in changed.answers.items()
        if (shown := _changed_answer(question, number, best, again, MOST_RULE_CHANGE)) is not None
    ]
    failed = changed.failed.items()
    return (
        *doubts,
        *(f"not asked {RULE_CHANGE_WORDS[change]}: {why}" for change, why in failed),
    )


def ask_at_other_selections(
    plan: QueryPlan,
    best: WorldResult,
    *,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> JobResults[OtherSelection, WorldResult]:
    """Ask questions with other equilibria played, where play comes to a decision with several.

    plan      the questions, with the games that they need
    best      the answers at the best estimates
    workers   as for `ask_under_changed_rules`
    progress  called with the number of readings done, and of all

    Raises KeyboardInterrupt if Ctrl-C leaves a reading undone.
    """
    asked = {selection: selection for selection in plan.other_selections(best)}
    at_once = workers_at_once(plan, workers)
    done = run_jobs(plan.evaluate_at_selection, asked, at_once, progress)
    if done.interrupted:
        raise KeyboardInterrupt
    found = {selection: answer for selection, answer in done.answers.items() if answer is not None}
    return JobResults(found, done.failed, interrupted=False)


MOST_SELECTION_CHANGE = 0.005


def selection_doubts(
    question: Question,
    number: int,
    best: WorldResult,
    at_other_selections: Mapping[OtherSelection, WorldResult],
) -> tuple[str, ...]:
    """How an answer changes when another equilibrium is played; nothing if it hardly does.

    number               the number of the question
    at_other_selections  the answers by equilibrium

    A test changes if its verdict does, a number if one of its quantities moves by more than 0.005,
    counted as for `precision_doubts`.
    """
    answers = {
        selection: _changed_answer(question, number, best, again, MOST_SELECTION_CHANGE)
        for selection, again in at_other_selections.items()
    }
    shown = [
        f"{text} with selection={name}"
        for name, text in answers.items()
        if text is not None and name != WHOLE
    ]
    whole = answers.get(WHOLE)
    said = [join_phrases(shown)] if shown else []
    if whole is not None:
        said.append(f"{WHOLE_BRANCH_GIVES} {whole} (selection={WHOLE})")
    return (f"{DEPENDS_ON_EQUILIBRIUM}: {'; '.join(said)}",) if said else ()


def _asks_for_precision(question: Question) -> bool:
    return any(quantity.modification.precision_factor != 1.0 for quantity in question.quantities)


@dataclass(frozen=True)
class QuestionAnswer:
    """The answer to one question.

    expr        the question as it was asked
    best        the answer at the best estimates, None where there is none
    quantities  what the question is made of, at the best estimates
    warnings    what should be said about the answer
    worlds      how it comes out over the worlds, None if there was only world 0
    claim       the claim whose test it is, None if it was not asked by the name of one
    argument    what that claim owes to its premises; None without worlds or premises
    """

    expr: str
    best: AnswerValue
    quantities: tuple[QuantityValue, ...]
    warnings: tuple[str, ...]
    worlds: WorldStatistics | None = None
    claim: str | None = None
    argument: ConclusionFigures | None = None

    @property
    def error(self) -> float | None:
        """Largest standard error among the quantities, None where nothing was sampled."""
        return max((q.error for q in self.quantities if q.error is not None), default=None)

    def as_json(self) -> dict[str, Any]:
        """An answer as `ask --json` prints it, with its standard error if plays were sampled."""
        worlds = self.worlds and self.worlds.as_json()
        document: dict[str, Any] = {
            "expr": self.expr,
            "best": finite_or_none(self.best),
            "worlds": worlds,
        }
        if self.claim is not None:
            document |= {"claim": self.claim, "argument": self.argument and self.argument.as_json()}
        if self.error is not None:
            document["error"] = self.error
        for key in ("provided", "censored"):
            told = {q.expr: q.details[key] for q in self.quantities if key in q.details}
            if told:
                document[key] = told
        return document


@dataclass(frozen=True)
class AskResult(EnsembleResult):
    """What `ask` found.

    case           the file of the case
    answers        one for each question, in the order in which they were asked
    numerics       how good the numbers at the best estimates are
    run_stats      the run over the worlds, None if there was only world 0
    failed_checks  checks of the numbers that failed, with the reason
    """

    case: str
    answers: tuple[QuestionAnswer, ...]
    numerics: NumericalQuality
    run_stats: RunStats | None = None
    failed_checks: tuple[str, ...] = ()

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, the run, and answers whose condition is too improbable."""
        doubtful = improbable_conditions(answer.quantities for answer in self.answers)
        return (*super().mark_reasons, *doubtful)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be said about the answers, each with its question."""
        return tuple(f"{a.expr}: {warning}" for a in self.answers for warning in a.warnings)

    def as_json(self) -> dict[str, Any]:
        """The document of `ask --json`, digest and version left to the command."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        return {
            "case": self.case,
            "answers": [answer.as_json() for answer in self.answers],
            "numerics": self.numerics.as_json(),
        } | run

    def frame(self) -> "pl.DataFrame":
        """One row for each quantity of each question, at best."""
        import polars as pl  # slow to import

        rows = [
            {
                "question": answer.expr,
                "answer": None if answer.best is None else float(answer.best),
                "quantity": quantity.expr,
                "value": quantity.value,
                "error": quantity.error,
                "grid_change": quantity.grid_change,
                "horizon_change": quantity.horizon_change,
            }
            for answer in self.answers
            for quantity in answer.quantities
        ]
        names = ("answer", "value", "error", "grid_change", "horizon_change")
        schema = {"question": pl.String, "quantity": pl.String, **dict.fromkeys(names, pl.Float64)}
        order = ("question", "answer", "quantity", *names[1:])
        return pl.DataFrame(rows, schema={name: schema[name] for name in order})


def ask(
    case: Case,
    *texts: str,
    worlds: int = 0,
    seed: int = 0,
    certify: bool = True,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> AskResult:
    """Ask any quantity or test at the best estimates and, with `worlds`, in that many worlds.

    Each is asked again with every party two and four times as precise, unless it says `sharper=`
    itself, with the steps in the opposite order, and with the other ending; an answer that changes
    much is warned about.

    case       the case
    texts      such as "P(lasting(not fighting, 4), without=kyiv_europe)", or names of claims; of a
               conclusion it is also said, with worlds, what it owes to its premises
    worlds     how many worlds; 0 for the best estimates alone
    seed       seed of the worlds
    certify    whether all this is asked again, on other grids and with longer tails besides;
               without it the grid is the default for the game's size
    grid       belief nodes per party with types, chosen for the tolerance if None
    memory     most bytes that a solution may take
    tolerance  the grid is refined until its change is so small, or as far as the game's size allows
    workers    processes at work; if None this one, and all cores if that takes more than a moment
    progress   called with the number of readings done and of all while the grid is chosen, then
               anew with those after the best estimates

    Raises QuestionError with every problem of every text.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {range: [0.2, 0.4]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... ''')
    >>> found = ask(coin, "P(at_end(not war))", "P(at_end(not war)) < 0.35", worlds=64, workers=1)
    >>> number, test = found.answers
    >>> round(number.best, 2), test.best, test.worlds.share.share
    (0.3, True, 0.75)
    """
    asked = list(dict.fromkeys(texts))
    named = {text: text.strip() for text in asked if text.strip() in case.claims}
    premises = list(
        dict.fromkeys(
            one for claim in named.values() if worlds for one in case.claims[claim].because
        )
    )
    questions = read_questions(case, asked)
    plan = plan_questions(
        case, questions + read_questions(case, premises), SolveSettings(grid, memory, tolerance)
    )
    if certify:
        plan = choose_grid(plan, workers, progress)
    run = run_ensemble(
        plan,
        worlds=worlds,
        seed=seed,
        certify=certify,
        check_precision=certify and not all(map(_asks_for_precision, questions)),
        workers=workers,
        progress=progress,
    )
    changed: JobResults[RuleChange, WorldResult] = JobResults({}, {}, interrupted=False)
    selections: JobResults[OtherSelection, WorldResult] = JobResults({}, {}, interrupted=False)
    stopped = False
    if certify and not run.interrupted:
        try:
            changed = ask_under_changed_rules(plan, workers=workers, progress=progress)
            selections = ask_at_other_selections(plan, run.best, workers=workers, progress=progress)
        except KeyboardInterrupt:
            stopped = True
    not_asked = (NOT_ASKED_AGAIN,) if stopped or changed.interrupted else ()
    truths = {
        name: run.truths_of_question(n)
        for n, name in enumerate([named.get(text, "") for text in asked] + premises)
        if name and run.drawn is not None
    }
    figures = figures_of_conclusions(case.claims, truths) if truths else {}
    answers = {
        text: QuestionAnswer(
            question.text,
            run.best.values[n],
            run.quantities_of_question(n),
            (
                *run.warnings_of_question(n),
                *precision_doubts(question, n, run.best, run.at_higher_precision),
                *rule_doubts(question, n, run.best, changed),
                *selection_doubts(question, n, run.best, selections.answers),
            ),
            None
            if run.drawn is None
            else WorldStatistics(None, run.share_of_question(n))
            if question.is_test
            else summarise_number_over_worlds(run.results, n),
            named.get(text),
            figures.get(named.get(text, "")),
        )
        for n, (text, question) in enumerate(zip(asked, questions, strict=True))
    }
    listed = tuple(answers[text] for text in texts)
    failed = (f"with selection={name}: {why}" for name, why in selections.failed.items())
    checks = (*run.failed_checks, *not_asked, *failed)
    return AskResult(case.file, listed, run.numerics, run.run_stats, checks)
