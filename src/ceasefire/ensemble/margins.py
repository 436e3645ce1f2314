"""By how much does a claim hold in each world?

The comparisons of its test (`ceasefire.query.comparisons`) may be of probabilities, of payoffs and
of months. So that they can be compared, each is divided by its own standard deviation over the
worlds before the margin is composed of them:

    margin = compose(value_1 / deviation_1, ..., value_C / deviation_C)

A comparison that is the same in all worlds, or known in none, is divided by 1. The unit of a
margin is one standard deviation: a claim with margin 2 would have to lose twice what its decisive
comparison usually varies by. Its sign is the verdict; 0 is a tie, which the comparison decides.
Where `least` finds no value a comparison is infinite, and the margin may be; deviations are those
of the finite values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ceasefire.ensemble.run import EnsembleRun
from ceasefire.ensemble.sampling import Floats
from ceasefire.ensemble.statistics import world_quantiles
from ceasefire.query import Question, WorldResult
from ceasefire.query.comparisons import (
    comparison_values,
    compose_margins,
    format_question_part,
    list_comparisons,
)
from ceasefire.query.numerical_quality import finite_or_none


@dataclass(frozen=True, eq=False)
class ClaimMargins:
    """The margin of one claim in N worlds, and the values of the C comparisons in its test.

    claim              the name of the claim
    question           its test
    worlds             (N,) numbers of the worlds that have answers, in order
    truths             (N,) whether the test is true in each, None where it has no answer
    comparison_values  (N, C) each comparison as it is, in the unit of its sides; NaN where a
                       number is missing
    deviations         (C,) what each is divided by: its standard deviation, 1 where that is 0
    margins            (N,) in standard deviations; NaN where the test has no answer
    best_values        (C,) the comparisons at the best estimates
    best               the margin there, NaN where the test has no answer
    """

    claim: str
    question: Question
    worlds: NDArray[np.intp]
    truths: tuple[bool | None, ...]
    comparison_values: Floats
    deviations: Floats
    margins: Floats
    best_values: Floats
    best: float

    @property
    def comparisons(self) -> tuple[str, ...]:
        """The C comparisons of the test, from left to right, as an analyst would write them."""
        parts = list_comparisons(self.question.expression)
        return tuple(format_question_part(part, self.question.quantities) for part in parts)

    @property
    def compose(self) -> Callable[[Floats], Floats]:
        """Gives the margins (M,) of other values (M, C) of the comparisons, such as predicted ones.

        The values are undivided, in the order of `comparisons`.
        """
        return partial(_compose, self.question, deviations=self.deviations)

    def as_json(self) -> dict[str, Any]:
        """The `margin` of a claim: at best, over the worlds, and what it is made of."""
        over = world_quantiles(_known(self.margins))
        numbers = (self.best, over.mean, over.p05, over.p50, over.p95)
        keys = ("best", "mean", "p05", "p50", "p95")
        return {
            **dict(zip(keys, map(_number_or_none, numbers), strict=True)),
            "comparisons": [
                {
                    "expr": text,
                    "best": _number_or_none(self.best_values[place]),
                    "mean": _number_or_none(
                        world_quantiles(_known(self.comparison_values[:, place])).mean
                    ),
                    "deviation": float(self.deviations[place]),
                }
                for place, text in enumerate(self.comparisons)
            ],
        }

    def frame(self) -> pl.DataFrame:
        """One row for each world: claim, world, truth, margin (null where there is no answer)."""
        return pl.DataFrame(
            {
                "id": [self.claim] * len(self.worlds),
                "world": self.worlds,
                "truth": list(self.truths),
                "margin": self.margins,
            },
            schema=MARGIN_SCHEMA,
        ).with_columns(pl.col("margin").fill_nan(None))


MARGIN_SCHEMA = {
    "id": pl.String,
    "world": pl.Int64,
    "truth": pl.Boolean,
    "margin": pl.Float64,
}


def margins_of_question(run: EnsembleRun, question_index: int, claim: str) -> ClaimMargins | None:
    """The margins of a claim in the worlds of a run, None if there was only world 0.

    run             a run in which the test of the claim was asked
    question_index  which of its questions the test is
    claim           the name of the claim
    """
    if run.drawn is None:
        return None
    question = run.plan.questions[question_index]
    count = len(list_comparisons(question.expression))
    values = np.array(
        [_values_in_world(result, question, question_index) for result in run.results],
        dtype=np.float64,
    ).reshape(len(run.results), count)
    deviations = np.array([_deviation(column) for column in values.T], dtype=np.float64)
    at_best = np.array([_values_in_world(run.best, question, question_index)], dtype=np.float64)
    return ClaimMargins(
        claim,
        question,
        np.fromiter(run.answers, dtype=np.intp),
        tuple(run.truths_of_question(question_index)),
        values,
        deviations,
        _compose(question, values, deviations),
        at_best[0],
        float(_compose(question, at_best, deviations)[0]),
    )


def _compose(question: Question, values: Floats, deviations: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return compose_margins(question.expression, values / deviations)


def _values_in_world(
    result: WorldResult, question: Question, question_index: int
) -> tuple[float, ...]:
    numbers = [reading.value for reading in result.quantity_values[question_index]]
    return comparison_values(question.expression, numbers)


def _deviation(values: Floats) -> float:
    """The standard deviation of the finite values, 1 where nothing varies."""
    finite = values[np.isfinite(values)]
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(finite.std()) if len(finite) and np.ptp(finite) > 0.0 else 0.0
    return deviation if deviation > 0.0 and np.isfinite(deviation) else 1.0


def _known(values: Floats) -> list[float]:
    return [value for value in values.tolist() if not np.isnan(value)]


def _number_or_none(value: float | None) -> float | None:
    return None if value is None else finite_or_none(float(value))
