"""Which worlds are possible? One value for every unknown, drawn so that they cover its range.

A world is one point u of a scrambled Sobol sequence in the unit cube, one dimension for each
unknown that has a distribution, sent through the inverse of each distribution:

    range      lo + u (hi - lo)
    triangle   lo + sqrt(u (hi - lo)(mode - lo)) left of the mode, mirrored right of it
    normal     mean + sd z, with z = ndtri(u)
    lognormal  median * gsd ** z
    oneof      the k-th smallest of m values from 0 on, k = floor(u m)

World 0 is `best`. `together: [a, b, rho]` asks for Spearman's rank correlation rho, by a Gaussian
copula: the normal scores z of the unknowns concerned are given the correlation 2 sin(pi rho / 6).

Source: Owen (1998), Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity 14;
Kruskal (1958), Ordinal measures of association, JASA 53, for the sine.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceasefire.case import Case, Expression, Unknown
from ceasefire.errors import Problem, WorldError
from ceasefire.query import QueryPlan

Floats = NDArray[np.float64]
World = dict[str, float]

_SOBOL_CELL_WIDTH = 2.0**-30  # the mesh of scipy's Sobol points; half of it keeps them off 0 and 1


@dataclass(frozen=True)
class DrawnWorlds:
    """Worlds `after + 1` to `after + N`, and world 0, which is best.

    Row 0 of `values` (N + 1, U) is world 0, row k world `after + k`; column u is `names[u]`.
    """

    names: tuple[str, ...]
    values: Floats
    seed: int
    skipped: int = 0

    def __len__(self) -> int:
        """How many worlds were drawn; world 0 is not counted."""
        return len(self.values) - 1

    def __getitem__(self, number: int) -> World:
        """The value of every unknown in this world, by name."""
        row = number - self.skipped if number else 0
        return dict(zip(self.names, self.values[row].tolist(), strict=True))

    @property
    def numbers(self) -> range:
        """The numbers of the worlds, world 0 left out."""
        return range(self.skipped + 1, self.skipped + len(self) + 1)

    def __iter__(self) -> Iterator[World]:
        """The worlds in order, world 0 left out."""
        return (self[number] for number in self.numbers)


def draw_worlds(case: Case, worlds: int, seed: int = 0, after: int = 0) -> DrawnWorlds:
    """Draw this many worlds for a case: world w is the same whatever their number.

    after  how many worlds to skip: those drawn are `after + 1` to `after + worlds`

    Raises WorldError if the rank correlations of `together` cannot all hold at once.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {north: {}}
    ... unknowns: {stake: {range: [0, 4]}, fixed: {best: 7}}
    ... state: {war: {}}
    ... payoffs: {north: {war: -stake * war * fixed}}
    ... ''')
    >>> four = draw_worlds(case, 4)
    >>> four[0]
    {'stake': 2.0, 'fixed': 7.0}
    >>> sorted(int(world["stake"]) for world in four)  # one in each quarter of the range
    [0, 1, 2, 3]
    >>> draw_worlds(case, 2, after=2)[4] == four[4]
    True
    """
    best = np.array([unknown.best for unknown in case.unknowns.values()], dtype=np.float64)
    values = np.tile(best, (worlds + 1, 1))
    uncertain = [name for name, unknown in case.unknowns.items() if unknown.kind is not None]
    points = _impose_rank_correlations(
        case, uncertain, _sobol_points(worlds, len(uncertain), seed, after)
    )
    names = tuple(case.unknowns)
    for point, name in zip(points.T, uncertain, strict=True):
        values[1:, names.index(name)] = unknown_quantiles(case.unknowns[name], point)
    values.flags.writeable = False
    return DrawnWorlds(names, values, seed, after)


def unknown_quantiles(unknown: Unknown, u: Floats) -> Floats:
    """The values below which a share `u` of an unknown's distribution lies, 0 < u < 1.

    >>> half = np.array([0.5])
    >>> unknown_quantiles(Unknown(best=2.0, kind="lognormal", parameters=(2.0, 1.5)), half).tolist()
    [2.0]
    >>> triangle = Unknown(best=1.0, kind="triangle", parameters=(0.0, 1.0, 2.0))
    >>> unknown_quantiles(triangle, half).tolist()
    [1.0]
    """
    p = unknown.parameters
    match unknown.kind:
        case "range":
            return p[0] + u * (p[1] - p[0])
        case "triangle":
            low, mode, high = p
            left = low + np.sqrt(u * (high - low) * (mode - low))
            right = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
            return np.where(u * (high - low) < mode - low, left, right)
        case "normal":
            return np.asarray(p[0] + p[1] * _normal_scores(u))
        case "lognormal":
            return np.asarray(p[0] * p[1] ** _normal_scores(u))
        case "oneof":
            return np.sort(np.asarray(p, dtype=np.float64))[(u * len(p)).astype(np.intp)]
    return np.full_like(u, unknown.best)


def _sobol_points(worlds: int, dimensions: int, seed: int, skipped: int) -> Floats:
    """(N, D) points strictly inside the unit cube, the ones after the first `skipped`."""
    if worlds == 0 or dimensions == 0:
        return np.empty((worlds, dimensions))
    from scipy.stats import qmc  # slow to import, and needed for more than the best world only

    sequence = qmc.Sobol(dimensions, scramble=True, rng=seed)
    if skipped:
        points = sequence.fast_forward(skipped).random(worlds)
    else:
        points = sequence.random_base2((worlds - 1).bit_length())[:worlds]
    return np.asarray(points + _SOBOL_CELL_WIDTH / 2.0)


def _impose_rank_correlations(case: Case, uncertain: list[str], points: Floats) -> Floats:
    """Points (N, D) with the rank correlations that the case asks for."""
    pairs = [(a, b, rho) for a, b, rho in case.together if a in uncertain and b in uncertain]
    involved = sorted({uncertain.index(name) for a, b, _ in pairs for name in (a, b)})
    if not involved:
        return points
    matrix = np.eye(len(involved))
    for a, b, rho in pairs:
        i, j = (involved.index(uncertain.index(name)) for name in (a, b))
        matrix[i, j] = matrix[j, i] = 2.0 * np.sin(np.pi * rho / 6.0)
    if not np.linalg.eigvalsh(matrix)[0] > 1e-12:
        raise WorldError([_correlation_problem(case, pairs)])
    points = points.copy()
    scores, factor = _normal_scores(points[:, involved]), np.linalg.cholesky(matrix)
    # not a matrix product, whose last bits depend on how many worlds are drawn at a time
    mixed = sum(scores[:, k, None] * factor[:, k] for k in range(len(involved)))
    from scipy.special import ndtr

    points[:, involved] = ndtr(mixed)
    return points


def _normal_scores(u: Floats) -> Floats:
    """Where the standard normal distribution has reached u."""
    from scipy.special import ndtri  # slow to import, as all of SciPy is

    return np.asarray(ndtri(u))


def _correlation_problem(case: Case, pairs: list[tuple[str, str, float]]) -> Problem:
    return Problem(
        "these rank correlations cannot all hold at once",
        file=case.file,
        path="together",
        found=", ".join(f"[{a}, {b}, {rho:g}]" for a, b, rho in pairs),
        allowed="correlations whose matrix is positive definite, each between -1 and 1",
        help="bring them nearer to 0, or add the pairs that are missing between them",
    )


MAX_SCAN_STEP = 0.25
UNBOUNDED_RANGE_QUANTILES = (0.01, 0.99)


@dataclass(frozen=True)
class UnknownRange:
    """Where one unknown can move, all others at best; `values` only where it is one of a few."""

    name: str
    best: float
    low: float
    high: float
    values: tuple[float, ...] = ()

    @property
    def width(self) -> float:
        """The length of the range in which moves are measured."""
        return self.high - self.low

    def relative_distance(self, value: float) -> float:
        """How far a value is from best, as a share of the range."""
        return abs(value - self.best) / self.width

    def value_at(self, direction: int, relative_distance: float) -> float:
        """The value so far from best, upwards for 1 and downwards for -1, or the end."""
        return min(max(self.best + direction * relative_distance * self.width, self.low), self.high)

    def scan_values(self, direction: int) -> tuple[float, ...]:
        """The values to try on one side of best, nearest first, the end included.

        No two neighbours are further apart than a quarter of the range.

        >>> middle, end = UnknownRange("x", 0.5, 0.0, 1.0), UnknownRange("x", 0.0, 0.0, 1.0)
        >>> middle.scan_values(1), end.scan_values(-1)
        ((0.75, 1.0), ())
        """
        if self.values:
            beyond = [value for value in self.values if (value - self.best) * direction > 0]
            return tuple(sorted(beyond, key=self.relative_distance))
        end = self.high if direction > 0 else self.low
        steps = math.ceil(self.relative_distance(end) / MAX_SCAN_STEP - 1e-9)
        inner = (self.best + (end - self.best) * k / steps for k in range(1, steps))
        return (*inner, end) if steps else ()


def find_unknown_ranges(plan: QueryPlan) -> tuple[UnknownRange, ...]:
    """Every unknown that can move and that the case or a question reads at all."""
    read = set(iter_names_read([plan.case, plan.questions]))
    found = (_range_of_unknown(name, unknown) for name, unknown in plan.case.unknowns.items())
    return tuple(axis for axis in found if axis.width > 0 and axis.name in read)


def _range_of_unknown(name: str, unknown: Unknown) -> UnknownRange:
    if unknown.kind is None:
        return UnknownRange(name, unknown.best, unknown.best, unknown.best)
    if unknown.kind == "oneof":
        values = tuple(sorted(set(unknown.parameters)))
        return UnknownRange(name, unknown.best, values[0], values[-1], values)
    ends = unknown.parameters[0], unknown.parameters[-1]
    if unknown.kind in ("normal", "lognormal"):
        low, high = unknown_quantiles(unknown, np.array(UNBOUNDED_RANGE_QUANTILES)).tolist()
        ends = min(low, unknown.best), max(high, unknown.best)
    return UnknownRange(name, unknown.best, *ends)


def iter_names_read(thing: Any) -> Iterator[str]:
    """The names that any expression within reads."""
    if isinstance(thing, Expression):
        yield from thing.names_read
    elif is_dataclass(thing):
        yield from iter_names_read([getattr(thing, part.name) for part in fields(thing)])
    elif isinstance(thing, Mapping):
        yield from iter_names_read(list(thing.values()))
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from iter_names_read(part)
