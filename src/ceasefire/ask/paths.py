"""Follows single choices through a period: who would choose this, and what would it show?

A `Path` is one way play may have gone so far: the public records after it, and, for each party
with types, how likely its own choices on the way were for each of its types. A party's choices
depend on its own type alone, so the probability of a path is the product over the parties.

The numbers of a path are floats, or arrays (n,) if it began with n records at once.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.errors import SolveError
from ceasefire.game import ROLES, Graph
from ceasefire.solve import Play

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

RARE = 1e-300


@dataclass(frozen=True)
class Path:
    """One way play may have gone: where it stands, and what has been shown on the way.

    period, slot   the node that comes next
    chance         probability of all chance on the way
    likely         for each party with types, probability of (first, choices) and (second, choices)
    record         for each party with types, the log-likelihood ratio of its choices
    dark           whether a choice on the way is too unlikely for every type to tell them apart
    """

    period: int
    slot: int
    chance: Any
    likely: tuple[tuple[Any, Any], ...]
    record: tuple[Any, ...]
    dark: bool | Bools = False

    @property
    def probability(self) -> Any:
        """How likely the path is, chance and choices together."""
        return self.chance * math.prod(first + second for first, second in self.likely)


class Walker:
    """Walks through one solved game, counting the plays in which parties have these types.

    records  (n, H) records with which paths begin, None for that of somebody unknown
    """

    def __init__(self, play: Play, types: dict[str, str], records: Floats | None = None) -> None:
        self.play = play
        self.types = types
        self.game = play.game
        self.records = records

    def begin(self, period: int, slot: int) -> Path:
        """A path on which nothing more has been shown yet."""
        play, likely = self.play, []
        record = play.prior_record if self.records is None else tuple(self.records.T)
        for party in play.hidden:
            first = play.prior("analyst", party)
            if self.records is not None:
                first = play.belief("analyst", party, record)
            if party in self.types:
                first = float(self.types[party] == next(iter(self.game.case.parties[party].types)))
            likely.append((first, 1.0 - first))
        return Path(period, slot, 1.0, tuple(likely), record)

    def graph(self, period: int) -> Graph:
        """What is played in a period."""
        return self.game.graph_of(period)

    def role(self, path: Path) -> str:
        """What the next node is."""
        return ROLES[int(self.graph(path.period).role[path.slot])]

    def options(self, path: Path) -> dict[str, int]:
        """The branch of each option at the next node."""
        graph = self.graph(path.period)
        first, last = int(graph.first[path.slot]), int(graph.first[path.slot + 1])
        return {self.game.options[graph.option[b]]: b for b in range(first, last)}

    def mover(self, path: Path) -> str:
        """Who decides at the next node."""
        return self.game.parties[int(self.graph(path.period).mover[path.slot])]

    def policy(self, path: Path) -> Floats:
        """(types, K) or (types, K, n) what the mover does there.

        Raises SolveError for a node that play cannot come to, which is never solved.
        """
        policy = self.play.policy(path.period, path.slot, path.record)
        if not (np.abs(policy.sum(axis=1) - 1.0) < 1e-6).all():
            state = int(self.graph(path.period).state[path.slot])
            where = f"period {path.period} in {self.game.describe(state)}"
            raise SolveError(f"nothing was solved for {self.mover(path)} at {where}")
        return policy

    def choose(self, path: Path, option: str) -> Path | None:
        """The path after this choice; None where it is not offered."""
        branches = self.options(path)
        if option not in branches:
            return None
        graph, policy = self.graph(path.period), self.policy(path)
        place = list(branches).index(option)
        moved = replace(path, slot=int(graph.successor[branches[option]]))
        party = self.mover(path)
        if party not in self.play.hidden:
            return replace(moved, chance=path.chance * policy[0, place])
        h = self.play.hidden.index(party)
        first, second = np.maximum(policy[:, place], RARE)
        likely = list(path.likely)
        likely[h] = (likely[h][0] * first, likely[h][1] * second)
        record = list(path.record)
        if len(branches) > 1:
            record[h] = record[h] + np.log(first) - np.log(second)
        dark = path.dark | (np.maximum(first, second) <= RARE)
        return replace(moved, likely=tuple(likely), record=tuple(record), dark=dark)

    def probability(self, path: Path, option: str) -> Any:
        """How likely this choice is, given that the path has been gone."""
        after = self.choose(path, option)
        return 0.0 if after is None else after.probability / path.probability

    def offers(self, path: Path) -> Iterator[Path]:
        """The offers that a table's step may begin with once it meets, one for each proposer."""
        if self.role(path) == "meets":
            graph, branch = self.graph(path.period), self.options(path)["meets"]
            if not self.play.chance(self.game.graph_number(path.period))[branch] > 0:
                return
            path = replace(path, slot=int(graph.successor[branch]))
        if self.role(path) == "proposer":
            yield from self.branches(path)
        elif self.role(path) == "offer":
            yield path

    def answers(self, path: Path, step: int) -> bool:
        """Whether somebody is asked next, in this step, for consent to a deal."""
        return int(self.graph(path.period).step[path.slot]) == step and self.role(path) == "answer"

    def settle(self, path: Path, step: int) -> list[Path]:
        """Let costs be paid and chance take its course until a step is over."""
        graph = self.graph(path.period)
        waiting, settled = [path], []
        while waiting:
            now = waiting.pop()
            if graph.step[now.slot] != step:
                settled.append(now)
            elif self.role(now) == "payment":
                slot = int(graph.successor[graph.first[now.slot]])
                waiting.append(replace(now, slot=slot))
            else:
                waiting += self.branches(now)
        return settled

    def branches(self, path: Path) -> list[Path]:
        """Where chance may lead from the next node."""
        graph = self.graph(path.period)
        chance = self.play.chance(self.game.graph_number(path.period))
        first, last = int(graph.first[path.slot]), int(graph.first[path.slot + 1])
        return [
            replace(path, slot=int(graph.successor[b]), chance=path.chance * float(chance[b]))
            for b in range(first, last)
            if chance[b] > 0
        ]
