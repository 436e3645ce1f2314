"""All cases whose outcome is known in one table: what the model said, and what happened."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.evidence.hindsight import Hindsight, with_outcomes
from ceasefire.evidence.scoring import Scores, score
from ceasefire.worlds.run import Progress


@dataclass(frozen=True)
class Backtest:
    """What the model said of claims whose outcome is known.

    without  the cases in which no claim says what happened
    """

    scores: Scores
    without: tuple[str, ...]

    @property
    def claims(self) -> tuple[Hindsight, ...]:
        """Every claim that says what happened, case by case."""
        return self.scores.claims

    @property
    def verdicts(self) -> dict[str, int]:
        """How many verdicts were right, how many wrong, and how many said neither."""
        named = {True: "right", False: "wrong", None: "open"}
        found = [named[claim.right] for claim in self.claims]
        return {name: found.count(name) for name in named.values()}

    def as_json(self) -> dict[str, Any]:
        """The document of `backtest --json`, the version left to the command."""
        worse = [{"case": claim.case, "id": claim.id} for claim in self.scores.worse]
        more = {"verdicts": self.verdicts, "worse_than_baseline": worse}
        return {**self.scores.as_json(), **more, "without": list(self.without)}

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        return self.scores.frame()


def backtest(
    *cases: Case,
    worlds: int = 32,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Hold every claim that says what happened against the model and against past wars.

    Cases in which no claim does are left out, and named.

    Raises EvidenceError if that leaves none.
    """
    known, without = with_outcomes(cases)
    found = score(
        *known,
        worlds=worlds,
        seed=seed,
        grid=grid,
        memory=memory,
        workers=workers,
        progress=progress,
    )
    return Backtest(found, without)
