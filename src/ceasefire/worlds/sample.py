"""What was read in the worlds of one seed, and how the run over them went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ceasefire.ask import Numerics, Sheet
from ceasefire.worlds.draws import Floats, Worlds
from ceasefire.worlds.shares import Share, shared


class Solved(Protocol):
    """What says of a solution how many decisions were left unresolved or met a branch point."""

    @property
    def unresolved(self) -> int: ...
    @property
    def branch_points(self) -> int: ...


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

    @classmethod
    def of(
        cls,
        points: Worlds,
        solved: Sequence[Solved],
        failed: Mapping[int, str],
        *,
        interrupted: bool,
    ) -> "Ran":
        """Count up what became of the worlds that were drawn; `solved` are those with an answer."""
        return cls(
            seed=points.seed,
            wanted=len(points),
            done=len(solved) + len(failed),
            failed=failed,
            unresolved=sum(one.unresolved > 0 for one in solved),
            branched=sum(one.branch_points > 0 for one in solved),
            interrupted=interrupted,
        )

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


class OverWorlds:
    """A result at best and, with `ran`, over worlds."""

    numerics: Numerics
    ran: Ran | None

    @property
    def worlds(self) -> int:
        """How many worlds have an answer."""
        return 0 if self.ran is None else self.ran.done - len(self.ran.failed)

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        return self.numerics.marked or (self.ran is not None and self.ran.marked)


@dataclass(frozen=True)
class Sample:
    """The worlds of one seed: what was drawn, and the answers by number of the world."""

    points: Worlds
    answers: Mapping[int, Sheet]
    ran: Ran

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The answers, in the order of the worlds."""
        return tuple(self.answers.values())

    def columns(self, names: Sequence[str]) -> Floats:
        """(n, U) these unknowns in the worlds that have an answer."""
        places = [self.points.names.index(name) for name in names]
        rows = np.fromiter(self.answers, dtype=np.intp)
        return self.points.values[np.ix_(rows, np.array(places, dtype=np.intp))]

    def truths(self, number: int) -> list[bool | None]:
        """Whether a test is true in each of them, None where it has no answer."""
        return [sheet.truth(number) for sheet in self.sheets]

    def share(self, number: int) -> Share:
        """The share of the worlds in which a test is true."""
        found = shared(self.truths(number))
        return Share(found.true, found.worlds, found.failed + len(self.ran.failed))


def sampled(
    points: Worlds,
    found: Mapping[str | int, Sheet],
    failed: Mapping[str | int, str],
    *,
    interrupted: bool,
) -> Sample:
    """The worlds among jobs that were done; the other jobs have names instead of numbers."""
    answers = {key: sheet for key, sheet in found.items() if isinstance(key, int)}
    impossible = {key: why for key, why in failed.items() if isinstance(key, int)}
    ran = Ran.of(points, tuple(answers.values()), impossible, interrupted=interrupted)
    return Sample(points, answers, ran)
