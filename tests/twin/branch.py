"""The fixed point of one signalling decision, on the principal branch.

The mover has two types and options a with weights w. Choosing a moves its record by
z_a = log sigma(a | first) - log sigma(a | second), and what each type gets by a depends on where
the record goes: Q_first(a), Q_second(a) = gain(a, z_a). So z solves

    z_a = D_a(z, L),   sigma(a | type) = w_a exp(L Q_type(a)) / sum over b of w_b exp(L Q_type(b)),

with L the precision. At L = 0 the only solution is z = 0; the curve of solutions that begins there
is followed by arclength until it first reaches the mover's precision. A step is accepted only if
the bordered Jacobian keeps the sign of its determinant, else it is halved. That alone would miss
two crossings in one step (three messages that are almost alike have such), so the eigenvalues of
the Jacobian in z that are below zero are counted as well: their number may change by one, where
the curve turns back in L. Options that differ in nothing have the same z on this branch and are
followed as one.
Source: DESIGN section 3; Turocy (2005) for the tracing of a quantal response branch.
"""

import math
from collections.abc import Callable
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Gain = Callable[[int, float], tuple[float, float]]
GainOfMany = Callable[[int, Vector], list[float]]
SMALLEST = 1e-7
LAST = 4.0


class Fixed(NamedTuple):
    """Log-probabilities of the options, rows first and second type, and how they were found."""

    logs: Vector  # (2, options)
    resolved: bool
    branch_points: int


class _Curve:
    """Solutions (z, m) with precision L = m * unit, m between 0 and `last`; a point is z then m."""

    def __init__(self, gain: Gain, weights: Vector, precision: float, last: float) -> None:
        self.gain, self.base = gain, np.log(weights)
        self.unit = precision / last

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return len(self.base)

    def gains(self, z: Vector) -> Vector:
        """What each option is worth to each type, (2, options)."""
        return np.array([self.gain(a, each) for a, each in enumerate(z.tolist())]).T

    def logs(self, point: Vector, gains: Vector) -> Vector:
        """Log-probabilities of the options for each type, (2, options)."""
        scores = self.base + self.unit * point[-1] * gains
        top = scores.max(axis=1, keepdims=True)
        total = np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
        return np.asarray(scores - top - total)

    def local(self, point: Vector) -> tuple[Vector, Vector]:
        """The residual, and its derivatives (options, options + 1) by z and by m."""
        z, count, width = point[:-1], len(point) - 1, 1e-5
        gains = self.gains(z)
        logs = self.logs(point, gains)
        chances = np.exp(logs)
        push = self.unit * point[-1] * (self.gains(z + width) - gains) / width
        more = self.unit * (gains - (chances * gains).sum(axis=1, keepdims=True))
        rows = np.zeros((count, count + 1))
        rows[:, :count] = chances[0] * push[0] - chances[1] * push[1]
        rows[:, count] = more[1] - more[0]
        rows[range(count), range(count)] += 1.0 - (push[0] - push[1])
        return z - (logs[0] - logs[1]), rows


def principal(
    gain: Gain,
    weights: Any,
    precision: float,
    *,
    longest: float = 0.4,
    limit: int = 4000,
) -> Fixed:
    """The mover's policy where the principal branch first reaches its precision.

    gain(a, z) is the pair of gains of the first and the second type when option a moves the record
    by z. `longest` bounds a step of the path; the answer must not depend on it.

    A message that costs the first type 1 less, heard by nobody, is sent by logit:

    >>> fixed = principal(lambda a, z: (1.0 - a, 0.0), [1.0, 1.0], 2.0)
    >>> [round(float(p), 6) for p in np.exp(fixed.logs).ravel()]
    [0.880797, 0.119203, 0.5, 0.5]
    """
    share = np.asarray(weights, dtype=float)
    alike = _alike(gain, len(share))
    kinds = sorted(set(alike))
    total = np.array([share[[k == kind for k in alike]].sum() for kind in kinds])
    curve = _Curve(lambda a, z: gain(kinds[a], z), total, precision, LAST)
    logs, resolved, crossings = _follow(curve, longest, limit)
    places = [kinds.index(kind) for kind in alike]
    return Fixed(logs[:, places] + np.log(share / total[places]), resolved, crossings)


class _CurveOfMany:
    """The same for a mover of K types; z is (K - 1, options), the first type against each other."""

    def __init__(self, gain: GainOfMany, kinds: int, weights: Vector, precision: float) -> None:
        self.gain, self.kinds, self.base = gain, kinds, np.log(weights)
        self.unit = precision / LAST

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return (self.kinds - 1) * len(self.base)

    def gains(self, z: Vector) -> Vector:
        """What each option is worth to each type, (types, options)."""
        shifts = z.reshape(self.kinds - 1, -1)
        return np.array([self.gain(a, shifts[:, a]) for a in range(len(self.base))]).T

    def logs(self, point: Vector, gains: Vector) -> Vector:
        """Log-probabilities of the options for each type, (types, options)."""
        scores = self.base + self.unit * point[-1] * gains
        return np.asarray(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))

    def local(self, point: Vector) -> tuple[Vector, Vector]:
        """The residual, and its derivatives by differences, in z and in m."""

        def residual(at: Vector) -> Vector:
            logs = self.logs(at, self.gains(at[:-1]))
            return at[:-1] - (logs[0] - logs[1:]).ravel()

        here, width = residual(point), 1e-6
        columns = [(residual(point + width * e) - here) / width for e in np.eye(len(point))]
        return here, np.array(columns).T


def principal_of_many(gain: GainOfMany, kinds: int, weights: Any, precision: float) -> Fixed:
    """As `principal` for a mover of so many types; gain(a, z) gives one gain for each of them.

    Unheard, all go by logit:

    >>> fixed = principal_of_many(lambda a, z: [a * 1.0, 0.0, a * -1.0], 3, [1.0, 1.0], 2.0)
    >>> np.exp(fixed.logs).round(3).tolist()
    [[0.119, 0.881], [0.5, 0.5], [0.881, 0.119]]
    """
    share = np.asarray(weights, dtype=float)
    tried = np.random.default_rng(0).normal(0.0, 2.0, (5, kinds - 1))
    tried[0] = 0.0

    def same(a: int, b: int) -> bool:
        return all(math.dist(gain(a, z), gain(b, z)) < 1e-9 for z in tried)

    alike = [next(b for b in range(a + 1) if b == a or same(a, b)) for a in range(len(share))]
    first = sorted(set(alike))
    total = np.array([share[[k == one for k in alike]].sum() for one in first])
    curve = _CurveOfMany(lambda a, z: gain(first[a], z), kinds, total, precision)
    logs, resolved, crossings = _follow(curve, 0.4, 4000)
    places = [first.index(one) for one in alike]
    return Fixed(logs[:, places] + np.log(share / total[places]), resolved, crossings)


def chosen(gain: Gain, weights: Any, precision: float, selection: str) -> Vector:
    """Log-probabilities (2, options) at the fixed point that `selection` chooses of all found.

    Newton's method is started wherever each type may prefer any option, mildly or strongly. With
    `telling` the types' choices differ most, with `silent` least; of equals the one in which the
    first type's first options are likelier.
    """
    curve = _Curve(gain, np.asarray(weights, dtype=float), precision, LAST)
    count = len(curve.base)
    found: list[Vector] = []
    levels = [
        0.0,
        *(size * np.eye(count)[a] for size in (0.5, 1.5, 4.0, 9.0) for a in range(count)),
    ]
    for first in levels:
        for second in levels:
            scores = np.array([curve.base + first, curve.base + second])
            logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
            point = _settle(curve, np.append(logs[0] - logs[1], LAST))
            if point is not None and all(np.abs(point - one).max() > 1e-6 for one in found):
                found.append(point)
    choices = [curve.logs(point, curve.gains(point[:-1])) for point in found]

    def rank(logs: Vector) -> tuple[Any, ...]:
        shares = np.exp(logs)
        apart = 0.5 * float(np.abs(shares[0] - shares[1]).sum())
        return (round(apart if selection == "telling" else -apart, 6), *shares[0].round(6))

    return max(choices, key=rank)


def chosen_of_many(
    gain: GainOfMany, kinds: int, weights: Any, precision: float, selection: str
) -> Vector:
    """As `chosen` for a mover of so many types, from every assignment of options to them."""
    curve = _CurveOfMany(gain, kinds, np.asarray(weights, dtype=float), precision)
    count = len(curve.base)
    found: list[Vector] = []
    for picked in [None, *product(range(count), repeat=kinds)]:
        for size in (1.5, 6.0) if picked else (0.0,):
            scores = curve.base + size * np.eye(count)[list(picked or [0] * kinds)]
            logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
            point = _settle(curve, np.append((logs[0] - logs[1:]).ravel(), LAST))
            if point is not None and all(np.abs(point - one).max() > 1e-6 for one in found):
                found.append(point)
    choices = [curve.logs(point, curve.gains(point[:-1])) for point in found]

    def rank(logs: Vector) -> tuple[Any, ...]:
        shares = np.exp(logs)
        pairs = list(combinations(range(kinds), 2))
        apart = sum(0.5 * float(np.abs(shares[i] - shares[j]).sum()) for i, j in pairs) / len(pairs)
        return (round(apart if selection == "telling" else -apart, 6), *shares[0].round(6))

    return max(choices, key=rank)


def _settle(curve: "_Curve | _CurveOfMany", point: Vector) -> Vector | None:
    """Damped Newton's method at the precision of the point; None where it does not converge."""
    wrong, jacobian = curve.local(point)
    for _ in range(60):
        size = float(np.abs(wrong).max())
        if size < 1e-10:
            return point
        try:
            move = np.append(np.linalg.solve(jacobian[:, :-1], wrong), 0.0)
        except np.linalg.LinAlgError:
            return None
        damping = 1.0
        while damping > 1e-4:
            there = point - damping * move
            residual, derivatives = curve.local(there)
            if float(np.abs(residual).max()) < size:
                break
            damping /= 2.0
        else:
            return None
        point, wrong, jacobian = there, residual, derivatives
    return None


def _alike(gain: Gain, count: int) -> list[int]:
    """For each option the first that gains the same at every record that is tried."""

    def same(a: int, b: int) -> bool:
        tried = ((gain(a, z), gain(b, z)) for z in (0.0, -0.4, 0.9, -2.3, 3.1))
        return all(math.dist(mine, other) < 1e-9 for mine, other in tried)

    found: list[int] = []
    for a in range(count):
        found.append(next((b for b in sorted(set(found)) if same(a, b)), a))
    return found


def _follow(curve: "_Curve | _CurveOfMany", longest: float, limit: int) -> Fixed:
    """Follow the curve of solutions from z = 0 at precision 0."""
    last, count = LAST, curve.size
    point = np.zeros(count + 1)
    tangent, side = _tangent(curve.local(point)[1], np.eye(count + 1)[count])
    step, crossings = 0.1, 0
    for _ in range(limit):
        guess = point + step * tangent
        found, jacobian = _correct(curve, guess, tangent)
        good = found is not None and float(np.linalg.norm(found - guess)) <= 0.3 * step
        if found is not None and good:
            turned, now = _tangent(jacobian, tangent)
            turns = (turned[count] > 0) != (tangent[count] > 0)
            kept = now.sign == side.sign and abs(now.below - side.below) == turns
            good = float(turned @ tangent) > 0.9 and (kept or step < SMALLEST)
            if good:
                crossings, side = crossings + (not kept), now
        if not good or found is None:
            step /= 2.0
            if step < SMALLEST / 8.0:
                break
            continue
        if found[count] >= last:
            end = _finish(curve, point, found, last)
            if end is None:
                step /= 2.0
                if step < SMALLEST:
                    break
                continue
            return Fixed(curve.logs(end, curve.gains(end[:-1])), True, crossings)
        point, tangent = found, turned
        step = min(longest, 1.5 * step)
    return Fixed(curve.logs(point, curve.gains(point[:-1])), False, crossings)


class _Side(NamedTuple):
    """Sign of the bordered determinant, and how many eigenvalues in z are below zero."""

    sign: float
    below: int


def _tangent(jacobian: Vector, before: Vector) -> tuple[Vector, _Side]:
    """The unit tangent on the side of the one before, and on which side of branch points it is."""
    bordered = np.vstack([jacobian, before])
    right = np.zeros(len(before))
    right[-1] = 1.0
    direction: Any
    try:
        direction = np.linalg.solve(bordered, right)
    except np.linalg.LinAlgError:
        direction = np.linalg.lstsq(bordered, right, rcond=None)[0]
    direction = np.array(direction / np.linalg.norm(direction), dtype=float)
    sign = float(np.sign(np.linalg.det(np.vstack([jacobian, direction]))))
    below = int((np.linalg.eigvals(jacobian[:, :-1]).real < 0.0).sum())
    return direction, _Side(sign, below)


def _correct(
    curve: "_Curve | _CurveOfMany", guess: Vector, tangent: Vector
) -> tuple[Vector | None, Vector]:
    """Newton's method in the plane through the guess, across the tangent; the Jacobian there."""
    point = guess
    for _ in range(6):
        residual, jacobian = curve.local(point)
        wrong = np.append(residual, tangent @ (point - guess))
        if not np.abs(wrong).max() > 1e-9:
            return point, jacobian
        try:
            point = point - np.linalg.solve(np.vstack([jacobian, tangent]), wrong)
        except np.linalg.LinAlgError:
            break
    return None, np.zeros(0)


def _finish(
    curve: "_Curve | _CurveOfMany", before: Vector, after: Vector, last: float
) -> Vector | None:
    """The solution at exactly the mover's precision, between two points of the curve."""
    share = (last - before[-1]) / (after[-1] - before[-1])
    guess = before + share * (after - before)
    point = guess
    for _ in range(12):
        wrong, jacobian = curve.local(point)
        if not np.abs(wrong).max() > 1e-12:
            break
        try:
            point = point - np.append(np.linalg.solve(jacobian[:, :-1], wrong), 0.0)
        except np.linalg.LinAlgError:
            return None
    near = float(np.linalg.norm(point - guess)) <= float(np.linalg.norm(after - before))
    return point if near and float(np.abs(curve.local(point)[0]).max()) < 1e-9 else None
