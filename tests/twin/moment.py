"""What parties choose at one moment: the logit fixed point on the branch from precision 0.

Each party i plays option a, of weight w_a, with probability proportional to
w_a exp(L_i U_i(a)), U_i(a) being what it expects after a, the others playing their fixed point.
With all L_i multiplied by m, the only fixed point at m = 0 is that of the weights. The curve of
fixed points that begins there is followed by its length until m is 1 for the first time. Points
are log-probabilities of all options of all parties, then m times `UNIT`; derivatives are read off
by differences. Source: DESIGN section 3.
"""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
UNIT = 4.0
WIDTH = 1e-6
SHORTEST, LONGEST = 1e-7, 0.3


class _Solved:
    """What a curve is followed through: answers, and how far a point is from its own."""

    cuts: Vector

    def answers(self, point: Vector) -> Vector:
        """The log-probabilities with which all answer, the others choosing as the point says."""
        raise NotImplementedError

    def off(self, point: Vector) -> Vector:
        """How far the point is from a fixed point."""
        return point[:-1] - self.answers(point)

    def slopes(self, point: Vector) -> Vector:
        """The derivatives of `off`, (options, options + 1)."""
        columns = []
        for n in range(len(point)):
            up, down = point.copy(), point.copy()
            up[n] += WIDTH
            down[n] -= WIDTH
            columns.append((self.off(up) - self.off(down)) / (2.0 * WIDTH))
        return np.stack(columns, axis=1)


class _Game(_Solved):
    """Payoffs by joint choice, an array with an axis for each party, and what it weighs."""

    def __init__(self, payoffs: Sequence[Vector], weights: Sequence[Any], sharp: Any) -> None:
        self.payoffs, self.sharp = payoffs, [float(q) for q in sharp]
        self.base = [np.log(np.array(each, dtype=float)) for each in weights]
        ends = np.cumsum([len(each) for each in weights])
        self.cuts = ends[:-1]

    def answers(self, point: Vector) -> Vector:
        """The log-probabilities with which all answer, the others choosing as the point says."""
        chances = np.split(np.exp(point[:-1]), self.cuts)
        found = []
        for i, payoff in enumerate(self.payoffs):
            expected = payoff
            for j in reversed(range(len(chances))):
                if j != i:
                    expected = np.tensordot(expected, chances[j], axes=(j, 0))
            scores = self.base[i] + self.sharp[i] * point[-1] / UNIT * expected
            found.append(scores - scores.max() - np.log(np.exp(scores - scores.max()).sum()))
        return np.concatenate(found)


class _GameOfTypes(_Solved):
    """The same where types choose: a player for each type, its belief about who else is which.

    players  (mover, type) of each player
    belief   the probability a player gives another of being its mover
    worth    what a player gets by a joint choice of the movers, from what every player plays
    """

    def __init__(
        self,
        players: Sequence[tuple[int, Any]],
        belief: Callable[[int, int], float],
        worth: Callable[[tuple[int, ...], list[Vector]], list[float]],
        weights: Sequence[Any],
        sharp: Any,
    ) -> None:
        self.players, self.belief, self.worth = players, belief, worth
        self.sharp = [float(q) for q in sharp]
        self.base = [np.log(np.array(each, dtype=float)) for each in weights]
        self.cuts = np.cumsum([len(each) for each in weights])[:-1]

    def answers(self, point: Vector) -> Vector:
        """The log-probabilities with which all answer."""
        logs = np.split(point[:-1], self.cuts)
        movers = sorted({mover for mover, _ in self.players})
        counts = [len(logs[[m for m, _ in self.players].index(mover)]) for mover in movers]
        expected = [np.zeros(len(each)) for each in logs]
        for joint in joint_choices(counts):
            gains = self.worth(joint, logs)
            for n, (mine, _) in enumerate(self.players):
                chance = 1.0
                for other in movers:
                    if other != mine:
                        chance *= sum(
                            self.belief(n, m) * math.exp(logs[m][joint[other]])
                            for m, (mover, _) in enumerate(self.players)
                            if mover == other
                        )
                expected[n][joint[mine]] += chance * gains[n]
        found = []
        for base, sharp, gain in zip(self.base, self.sharp, expected, strict=True):
            scores = base + sharp * point[-1] / UNIT * gain
            found.append(scores - scores.max() - np.log(np.exp(scores - scores.max()).sum()))
        return np.concatenate(found)


def joint_choice(
    payoffs: Sequence[Vector], weights: Sequence[Any], precisions: Sequence[float]
) -> tuple[list[Vector], bool]:
    """The probabilities of each party's options, and whether the curve came so far.

    payoffs  for each party an array of what it gets by joint choice, costs counted
    """
    return _follow(_Game(payoffs, weights, precisions))


def joint_choice_of_types(
    players: Sequence[tuple[int, Any]],
    belief: Callable[[int, int], float],
    worth: Callable[[tuple[int, ...], list[Vector]], list[float]],
    weights: Sequence[Any],
    precisions: Sequence[float],
) -> tuple[list[Vector], bool]:
    """The same with a player for each type; see `_GameOfTypes`."""
    return _follow(_GameOfTypes(players, belief, worth, weights, precisions))


def _follow(game: Any) -> tuple[list[Vector], bool]:
    start = np.concatenate([each - np.log(np.exp(each).sum()) for each in game.base])
    point = np.append(start, 0.0)
    ahead = np.zeros(len(point))
    ahead[-1] = 1.0
    ahead, sign = _tangent(game, point, ahead)
    length = 0.05
    while length > SHORTEST:
        last = (UNIT - point[-1]) / ahead[-1] if ahead[-1] > 0 else np.inf
        arrives = last <= length
        border = ahead
        if arrives:
            length, border = last, np.append(np.zeros(len(start)), 1.0)
        guess = point + length * ahead
        found = _correct(game, guess, border)
        if found is not None and np.linalg.norm(found - guess) <= 0.2 * length + 1e-12:
            then, after = _tangent(game, found, ahead)
            smooth = then @ ahead > 0.98 and found[-1] <= UNIT + 1e-12
            if smooth and (after == sign or length < 1e-3):
                point, ahead, sign = found, then, after
                if arrives:
                    return np.split(np.exp(point[:-1]), game.cuts), True
                length = min(1.5 * length, LONGEST)
                continue
        length *= 0.5
    return np.split(np.exp(point[:-1]), game.cuts), False


def _tangent(game: _Solved, point: Vector, ahead: Vector) -> tuple[Vector, float]:
    """The direction of the curve, and the sign of the determinant bordered by the last one."""
    matrix = np.vstack([game.slopes(point), ahead])
    found = np.linalg.solve(matrix, np.append(np.zeros(len(point) - 1), 1.0))
    return found / np.linalg.norm(found), float(np.linalg.slogdet(matrix)[0])


def _correct(game: _Solved, point: Vector, border: Vector) -> Vector | None:
    """The point of the curve on the plane through this one, None where Newton does not find it."""
    for _ in range(8):
        off = game.off(point)
        if np.abs(off).max() < 1e-13 * (10.0 + np.abs(point).max()):
            return point
        matrix = np.vstack([game.slopes(point), border])
        if np.linalg.cond(matrix) > 1e14:
            return None
        point = point - np.linalg.solve(matrix, np.append(off, 0.0))
    return point if np.abs(game.off(point)).max() < 1e-11 * (1 + np.abs(point).max()) else None


def joint_choices(counts: Sequence[int]) -> list[tuple[int, ...]]:
    """Every joint choice of so many options each."""
    return list(product(*(range(count) for count in counts)))
