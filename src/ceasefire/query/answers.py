"""What is the answer to a question or a claim at best, and how good are its numbers?

How good they are is found by asking again: on other grids, and with longer tails.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ceasefire.case import Case
from ceasefire.equilibrium import Equilibrium
from ceasefire.query.ast import AnswerValue, Question, evaluate_question
from ceasefire.query.doubtful_decisions import (
    UNPROVED,
    DecisionDoubt,
    doubts_of_solution,
    merge_doubts,
    probability_of_several,
)
from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.grid_change import GridRefinement, coarser_halvings
from ceasefire.query.grid_choice import with_fine_enough_grid
from ceasefire.query.parser import read_claims, read_questions
from ceasefire.query.plan import QueryPlan, WorldResult, plan_questions
from ceasefire.results import Markable, Result, count_phrase
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings


@dataclass(frozen=True)
class NumericalQuality(Markable):
    """How good the numbers are.

    grid_size            belief nodes per party with types, None where no party has types
    grid_change     by how much a number may be off because beliefs stand on a grid: told from what
                    coarser grids and a finer one change, and no less than what rounding beliefs
                    near certainty may do (`grid_change`)
    horizon_change  largest change when the tail grows by the horizon, or by one period: the second
                    shows whether it matters who moves last
    residual        largest error left in a fixed point
    unresolved      decisions whose fixed point was not found
    branch_points   decisions at which the principal branch met another
    finite          whether the game is over by its own rules (`ending: final`): there is nothing
                    that a longer tail could change, and it is not asked
    tolerance       the grid change that the grid was chosen for, None if the grid was given
    doubts          whose decisions were left unresolved or met branch points, where, and how likely
                    play is to come to one

    Changes are those of probabilities; a time counts per period looked at, an expected value per
    range of what is expected, a payoff per unit or, above 1, per its own size. None: not asked.
    """

    grid_size: int | None
    grid_change: float | None
    horizon_change: float | None
    residual: float
    unresolved: int
    branch_points: int
    finite: bool = False
    doubts: tuple[DecisionDoubt, ...] = ()
    tolerance: float | None = None

    @property
    def stopped_at_limit(self) -> bool:
        """Whether the grid is as fine as is allowed, though the change is above the tolerance."""
        wanted, change = self.tolerance, self.grid_change
        return wanted is not None and change is not None and change > wanted

    @classmethod
    def of(cls, equilibrium: Equilibrium, state: int) -> "NumericalQuality":
        """What one solution tells by itself, nothing having been asked again.

        equilibrium   the solution
        state         the public state in which play begins
        """
        found, hidden = equilibrium.certificate, bool(equilibrium.parties_with_types)
        return cls(
            grid_size=equilibrium.grid_size if hidden else None,
            grid_change=None if hidden else 0.0,
            horizon_change=None,
            residual=found.residual,
            unresolved=found.unresolved,
            branch_points=found.branch_points,
            finite=equilibrium.game.case.ending == "final",
            doubts=doubts_of_solution(equilibrium, state),
        )

    @property
    def several(self) -> float:
        """How likely play is to come to a decision with several fixed points."""
        return probability_of_several(self.doubts)

    @property
    def several_complete(self) -> bool:
        """Whether all fixed points were found, wherever they were looked for."""
        return all(each.kind != UNPROVED for each in self.doubts)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Decisions whose fixed point was not found, and branch points met."""
        return (
            *count_phrase(self.unresolved, "decision", "left unresolved"),
            *count_phrase(self.branch_points, "branch point", "met"),
        )

    def as_json(self) -> dict[str, Any]:
        """The numbers that `--json` prints, and which decisions are in doubt."""
        return {
            "grid": self.grid_size,
            "grid_change": self.grid_change,
            "horizon_change": self.horizon_change,
            "residual": self.residual,
            "unresolved": self.unresolved,
            "branch_points": self.branch_points,
            "several": self.several,
            "several_complete": self.several_complete,
            "doubts": [doubt.as_json() for doubt in self.doubts],
        }


class SolvedResult(Result):
    """A result of solved games; `numerics` says how good its numbers are."""

    numerics: NumericalQuality

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers at the best estimates."""
        return self.numerics.mark_reasons


@dataclass(frozen=True)
class RefinementChecks:
    """The same questions asked with the grid refined once, and with longer tails.

    longer      with a tail that grows by the horizon
    hidden      whether any party has types
    one_longer  with a tail that grows by one period, None if that is the horizon or was not asked
    finite      whether the game is over by its own rules, so that no tail is asked
    coarser     with a grid half as fine, and a quarter as fine
    tolerance   the grid change that the grid was chosen for, None if the grid was given
    """

    finer: WorldResult | None = None
    longer: WorldResult | None = None
    hidden: bool = True
    one_longer: WorldResult | None = None
    finite: bool = False
    coarser: tuple[WorldResult, ...] = ()
    tolerance: float | None = None

    def changes(
        self, sheet: WorldResult, number: int, place: int
    ) -> tuple[float | None, float | None]:
        """By how much one quantity may be off, and how far it moves with the longer tails."""
        reading = sheet.quantity_values[number][place]
        grid, still = self._refinement(sheet), 0.0 if not self.hidden else None
        return (
            still if grid is None else grid.change(number, place),
            max(
                (
                    _value_distance(reading, other.quantity_values[number][place])
                    for other in self._with_longer_tails
                ),
                default=None,
            ),
        )

    @property
    def _with_longer_tails(self) -> tuple[WorldResult, ...]:
        """The answers with longer tails; none where the longest is missing."""
        if self.longer is None:
            return ()
        return (self.longer,) if self.one_longer is None else (self.longer, self.one_longer)

    def _refinement(self, sheet: WorldResult) -> GridRefinement | None:
        return None if self.finer is None else GridRefinement(sheet, self.finer, self.coarser)

    def doubts(self, question: Question, sheet: WorldResult, number: int) -> tuple[str, ...]:
        """Why the truth of a test may be one of numerics only; nothing if there is no reason.

        It is asked whether the test still comes out as it did once its quantities have moved as
        far as the grid may have put them wrong, and as they do with the longer tails.
        """
        best = sheet.values[number]
        if not question.is_test or best is None:
            return ()

        def turned(moved: Iterable[Sequence[AnswerValue]]) -> bool:
            answers = (evaluate_question(question.expression, values)[0] for values in moved)
            return any(answer is not best for answer in answers)

        def turns(other: WorldResult | None) -> bool:
            return other is not None and turned([[v.value for v in other.quantity_values[number]]])

        doubts, grid = [], self._refinement(sheet)
        if grid is not None and turned(grid.moved_by_refining(number)):
            doubts.append("too close to call on this grid: ask again with a larger --grid")
        elif grid is not None and turned(grid.moved_by_edges(number)):
            doubts.append(
                "too close to call: beliefs are rounded near certainty, period after period; "
                "ask given `types=`, or look at fewer periods"
            )
        if turns(self.longer):
            doubts.append("turns round with a longer tail: let play go on for longer")
        if turns(self.one_longer):
            doubts.append(
                "turns round when play goes on for one period more: who moves last decides it"
            )
        return tuple(doubts)

    def numerics(self, sheet: WorldResult, also: Iterable[WorldResult] = ()) -> NumericalQuality:
        """The certificate of a sheet, and of others whose answers are reported with it."""
        sheets = (sheet, *also)
        grid, still = self._refinement(sheet), 0.0 if not self.hidden else None
        return NumericalQuality(
            grid_size=sheet.grid_size,
            grid_change=still if grid is None else grid.largest_change,
            horizon_change=max(
                (_largest_scaled_change(sheet, other) for other in self._with_longer_tails),
                default=None,
            ),
            residual=max(each.residual for each in sheets),
            unresolved=sum(each.unresolved for each in sheets),
            branch_points=sum(each.branch_points for each in sheets),
            finite=self.finite,
            tolerance=self.tolerance,
            doubts=merge_doubts(each.doubts for each in sheets),
        )


def run_refinement_checks(
    prepared: QueryPlan, world: dict[str, float] | None = None, *, sharper: float = 1.0
) -> RefinementChecks:
    """Ask prepared questions again on a finer grid and on coarser ones, and with longer tails."""
    hidden = prepared.case.has_types
    finer = prepared.evaluate_world(world, sharper=sharper, halvings=1) if hidden else None
    coarser = tuple(
        prepared.evaluate_world(world, sharper=sharper, halvings=times)
        for times in coarser_halvings(prepared.grid_size)
    )
    longer = [
        prepared.evaluate_world(world, sharper=sharper, extra_tail=extra)
        for extra in extra_tails(prepared.case)
    ]
    return RefinementChecks(
        finer,
        longer[0] if longer else None,
        hidden,
        longer[1] if len(longer) > 1 else None,
        prepared.case.ending == "final",
        coarser,
        prepared.tolerance,
    )


def extra_tails(case: Case) -> tuple[int, ...]:
    """By how many periods the tail grows when a case is asked again; none for a finite game.

    It grows by the horizon, and by one period, after which somebody else may be last to move.
    """
    if case.ending == "final":
        return ()
    return (case.horizon, 1) if case.horizon > 1 else (1,)


def finite_or_none(value: AnswerValue) -> AnswerValue:
    """A value as JSON can hold it: null where it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _value_distance(one: QuantityValue, other: QuantityValue) -> float:
    if one.value is None or other.value is None:
        return 0.0 if one.value is other.value else math.inf
    return abs(one.value - other.value)


def _largest_scaled_change(sheet: WorldResult, other: WorldResult) -> float:
    pairs = [
        pair
        for first, second in zip(sheet.quantity_values, other.quantity_values, strict=True)
        for pair in zip(first, second, strict=True)
    ]
    return max((_value_distance(one, two) / one.scale for one, two in pairs), default=0.0)


@dataclass(frozen=True)
class QuantityEstimate:
    """A quantity of a question with its number, and by how much numerics could move it.

    reading  all that is known of its number
    """

    expr: str
    value: float | None
    error: float | None
    grid_change: float | None
    horizon_change: float | None
    warnings: tuple[str, ...]
    reading: QuantityValue

    def as_json(self) -> dict[str, Any]:
        """A quantity as `--json` prints it; no value, and no finite one, is null."""
        document = {"expr": self.expr, "best": finite_or_none(self.value), "worlds": None}
        if self.error is not None:
            document["error"] = self.error
        return document | self.reading.details


@dataclass(frozen=True)
class QuestionAnswer:
    """The answer to one question; `worlds` is for whoever asked in many worlds to fill in."""

    expr: str
    best: AnswerValue
    quantities: tuple[QuantityEstimate, ...]
    warnings: tuple[str, ...]
    worlds: Any = None

    @property
    def error(self) -> float | None:
        """Largest standard error among the quantities, None where nothing was sampled."""
        return max((f.error for f in self.quantities if f.error is not None), default=None)

    def as_json(self) -> dict[str, Any]:
        """An answer as `ask --json` prints it, with its standard error if plays were sampled."""
        worlds = self.worlds.as_json() if hasattr(self.worlds, "as_json") else self.worlds
        document = {"expr": self.expr, "best": finite_or_none(self.best), "worlds": worlds}
        if self.error is not None:
            document["error"] = self.error
        for key in ("provided", "censored"):
            told = [
                (f.expr, f.reading.details[key])
                for f in self.quantities
                if key in f.reading.details
            ]
            if told:
                document[key] = dict(told)
        return document


def improbable_conditions(answers: Iterable[Sequence[QuantityEstimate]]) -> tuple[str, ...]:
    """A phrase that counts the answers conditional on what may be numerical error; none if none.

    answers  the quantities of each
    """
    doubtful = sum(any(f.reading.has_improbable_condition for f in each) for each in answers)
    return count_phrase(doubtful, "answer", "conditional on what may be numerical error")


@dataclass(frozen=True)
class QuestionAnswers(SolvedResult):
    """What a case answers, and how good the numbers are."""

    case: str
    answers: tuple[QuestionAnswer, ...]
    numerics: NumericalQuality

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, and answers whose condition is too improbable."""
        doubtful = improbable_conditions(answer.quantities for answer in self.answers)
        return (*super().mark_reasons, *doubtful)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be said about the answers, each with its question."""
        return tuple(f"{a.expr}: {warning}" for a in self.answers for warning in a.warnings)

    def as_json(self) -> dict[str, Any]:
        """The document of `ask --json`, digest and version left to the command."""
        return {
            "case": self.case,
            "answers": [answer.as_json() for answer in self.answers],
            "numerics": self.numerics.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each quantity of each question."""
        rows = [
            {
                "question": answer.expr,
                "answer": None if answer.best is None else float(answer.best),
                "quantity": figure.expr,
                "value": figure.value,
                "error": figure.error,
                "grid_change": figure.grid_change,
                "horizon_change": figure.horizon_change,
            }
            for answer in self.answers
            for figure in answer.quantities
        ]
        names = ("answer", "value", "error", "grid_change", "horizon_change")
        schema = {"question": pl.String, "quantity": pl.String, **dict.fromkeys(names, pl.Float64)}
        order = ("question", "answer", "quantity", *names[1:])
        return pl.DataFrame(rows, schema={name: schema[name] for name in order})


def ask_at_best(
    case: Case,
    *texts: str,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    certify: bool = True,
) -> QuestionAnswers:
    """Ask a case any quantity or test, at the best estimates.

    texts      such as "P(lasting(not fighting, 4), without=kyiv_europe)"
    tolerance  the grid is refined until its change is so small, or as far as the game's size allows
    certify    whether to ask again on other grids and with longer tails; without it the grid is
               the default for the game's size

    Raises QuestionError with every problem of every text.

    >>> from ceasefire.case import loads
    >>> coin = '''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}, b: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: 0.5, set: {war: false}}]}}
    ... '''
    >>> answers = ask_at_best(loads(coin), "P(at_end(not war))", "time(not war) > 1")
    >>> [answer.best for answer in answers.answers]
    [0.75, True]
    """
    questions = read_questions(case, dict.fromkeys(texts))
    prepared = plan_questions(case, questions, SolveSettings(grid, memory, tolerance))
    if certify:
        prepared = with_fine_enough_grid(prepared)
    sheet = prepared.evaluate_world()
    checks = run_refinement_checks(prepared) if certify else RefinementChecks()
    answers = tuple(
        QuestionAnswer(
            question.text,
            sheet.values[n],
            estimate_quantities(prepared, sheet, n, checks),
            sheet.warnings[n] + checks.doubts(question, sheet, n),
        )
        for n, question in enumerate(questions)
    )
    by_text = {answer.expr: answer for answer in answers}
    return QuestionAnswers(
        case.file, tuple(by_text[text] for text in texts), checks.numerics(sheet)
    )


def estimate_quantities(
    prepared: QueryPlan, sheet: WorldResult, number: int, checks: RefinementChecks
) -> tuple[QuantityEstimate, ...]:
    """The quantities of one question with their numbers."""
    found = []
    for place, quantity in enumerate(prepared.questions[number].quantities):
        reading = sheet.quantity_values[number][place]
        finer, longer = checks.changes(sheet, number, place)
        found.append(
            QuantityEstimate(
                quantity.text,
                reading.value,
                reading.error,
                finer,
                longer,
                reading.warnings,
                reading,
            )
        )
    return tuple(found)


PRECISION_FACTORS: Final = (2.0, 4.0)


@dataclass(frozen=True)
class ClaimAnswer:
    """A claim at the best estimates.

    best     whether its test is true; None where it has no answer
    sharper  (factor, truth) for each precision it was asked again with
    """

    id: str
    says: str | None
    question: Question
    best: bool | None
    sharper: tuple[tuple[float, bool | None], ...]
    quantities: tuple[QuantityEstimate, ...]
    warnings: tuple[str, ...]
    source: str | None = None
    where: str | None = None

    @property
    def test(self) -> str:
        """The test as the case has it."""
        return self.question.text

    @property
    def noise(self) -> bool | None:
        """Whether the claim rests on noise; None if it was not asked again."""
        return any(truth is not self.best for _, truth in self.sharper) if self.sharper else None

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it, what only many worlds tell left null."""
        return {
            "id": self.id,
            "says": self.says,
            "test": self.test,
            "best": self.best,
            "share": None,
            "interval": None,
            "verdict": None,
            "noise": self.noise,
            "quantities": [figure.as_json() for figure in self.quantities],
            "flips": None,
            "drivers": None,
            "box": None,
        }


@dataclass(frozen=True)
class ClaimAnswers(SolvedResult):
    """Every claim of a case at the best estimates, and how good the numbers are."""

    case: str
    claims: tuple[ClaimAnswer, ...]
    numerics: NumericalQuality

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers, and claims about what is too improbable."""
        doubtful = improbable_conditions(claim.quantities for claim in self.claims)
        return (*super().mark_reasons, *doubtful)

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        return {
            "case": self.case,
            "claims": [claim.as_json() for claim in self.claims],
            "numerics": self.numerics.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        schema = {"id": pl.String, "says": pl.String, "test": pl.String}
        truths = {"best": pl.Boolean, "noise": pl.Boolean}
        rows = [
            {name: getattr(claim, name) for name in (*schema, *truths)} for claim in self.claims
        ]
        return pl.DataFrame(rows, schema={**schema, **truths})


def check_claims_at_best(
    case: Case,
    *,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    noise: bool = True,
    certify: bool = True,
) -> ClaimAnswers:
    """Test every claim at the best estimates.

    noise      whether to ask again with every party twice and four times as precise
    tolerance  the grid is refined until its change is so small, or as far as the game's size allows
    certify    whether to ask again on other grids and with longer tails; without it the grid is
               the default for the game's size
    """
    questions = read_claims(case)
    settings = SolveSettings(grid, memory, tolerance)
    prepared = plan_questions(case, tuple(questions.values()), settings)
    if certify:
        prepared = with_fine_enough_grid(prepared)
    sheet = prepared.evaluate_world()
    again: dict[float, WorldResult] = {}
    if noise:
        again = {factor: prepared.evaluate_world(sharper=factor) for factor in PRECISION_FACTORS}
    checks = run_refinement_checks(prepared) if certify else RefinementChecks()
    claims = build_claim_answers(prepared, questions, sheet, checks, again)
    return ClaimAnswers(case.file, claims, checks.numerics(sheet, again.values()))


def build_claim_answers(
    prepared: QueryPlan,
    names: Iterable[str],
    sheet: WorldResult,
    checks: RefinementChecks,
    sharper: Mapping[float, WorldResult],
) -> tuple[ClaimAnswer, ...]:
    """What a sheet says of claims, `names` in the order of its questions.

    checks   the certificate; an empty one leaves doubts and errors unsaid
    sharper  the same questions asked again, by the factor on all precisions
    """
    claims = prepared.case.claims
    return tuple(
        ClaimAnswer(
            id=name,
            says=claims[name].says,
            question=prepared.questions[n],
            best=sheet.test_result(n),
            sharper=tuple((factor, again.test_result(n)) for factor, again in sharper.items()),
            quantities=estimate_quantities(prepared, sheet, n, checks),
            warnings=sheet.warnings[n] + checks.doubts(prepared.questions[n], sheet, n),
            source=claims[name].source,
            where=claims[name].where,
        )
        for n, name in enumerate(names)
    )
