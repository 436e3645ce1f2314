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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ceasefire.case import Case, Unknown
from ceasefire.errors import Problem, WorldError

Floats = NDArray[np.float64]
World = dict[str, float]

_CELL = 2.0**-30  # the mesh of scipy's Sobol points; half of it keeps them off 0 and 1


@dataclass(frozen=True)
class Worlds:
    """Worlds `after + 1` to `after + N`, and world 0, which is best.

    Row 0 of `values` (N + 1, U) is world 0, row k world `after + k`; column u is `names[u]`.
    """

    names: tuple[str, ...]
    values: Floats
    seed: int
    after: int = 0

    def __len__(self) -> int:
        """How many worlds were drawn; world 0 is not counted."""
        return len(self.values) - 1

    def __getitem__(self, number: int) -> World:
        """The value of every unknown in this world, by name."""
        row = number - self.after if number else 0
        return dict(zip(self.names, self.values[row].tolist(), strict=True))

    @property
    def numbers(self) -> range:
        """The numbers of the worlds, world 0 left out."""
        return range(self.after + 1, self.after + len(self) + 1)

    def __iter__(self) -> Iterator[World]:
        """The worlds in order, world 0 left out."""
        return (self[number] for number in self.numbers)


def draw(case: Case, worlds: int, seed: int = 0, after: int = 0) -> Worlds:
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
    >>> four = draw(case, 4)
    >>> four[0]
    {'stake': 2.0, 'fixed': 7.0}
    >>> sorted(int(world["stake"]) for world in four)  # one in each quarter of the range
    [0, 1, 2, 3]
    >>> draw(case, 2, after=2)[4] == four[4]
    True
    """
    best = np.array([unknown.best for unknown in case.unknowns.values()], dtype=np.float64)
    values = np.tile(best, (worlds + 1, 1))
    uncertain = [name for name, unknown in case.unknowns.items() if unknown.kind is not None]
    points = _correlate(case, uncertain, _sobol(worlds, len(uncertain), seed, after))
    names = tuple(case.unknowns)
    for point, name in zip(points.T, uncertain, strict=True):
        values[1:, names.index(name)] = quantile(case.unknowns[name], point)
    values.flags.writeable = False
    return Worlds(names, values, seed, after)


def quantile(unknown: Unknown, u: Floats) -> Floats:
    """The values below which a share `u` of an unknown's distribution lies, 0 < u < 1.

    >>> half = np.array([0.5])
    >>> quantile(Unknown(best=2.0, kind="lognormal", parameters=(2.0, 1.5)), half).tolist()
    [2.0]
    >>> quantile(Unknown(best=1.0, kind="triangle", parameters=(0.0, 1.0, 2.0)), half).tolist()
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
            return np.asarray(p[0] + p[1] * _score(u))
        case "lognormal":
            return np.asarray(p[0] * p[1] ** _score(u))
        case "oneof":
            return np.sort(np.asarray(p, dtype=np.float64))[(u * len(p)).astype(np.intp)]
    return np.full_like(u, unknown.best)


def _sobol(worlds: int, dimensions: int, seed: int, after: int) -> Floats:
    """(N, D) points strictly inside the unit cube, the ones after the first `after`."""
    if worlds == 0 or dimensions == 0:
        return np.empty((worlds, dimensions))
    from scipy.stats import qmc  # slow to import, and needed for more than the best world only

    sequence = qmc.Sobol(dimensions, scramble=True, rng=seed)
    if after:
        points = sequence.fast_forward(after).random(worlds)
    else:
        points = sequence.random_base2((worlds - 1).bit_length())[:worlds]
    return np.asarray(points + _CELL / 2.0)


def _correlate(case: Case, uncertain: list[str], points: Floats) -> Floats:
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
        raise WorldError([_contradiction(case, pairs)])
    points = points.copy()
    scores, factor = _score(points[:, involved]), np.linalg.cholesky(matrix)
    # not a matrix product, whose last bits depend on how many worlds are drawn at a time
    mixed = sum(scores[:, k, None] * factor[:, k] for k in range(len(involved)))
    from scipy.special import ndtr

    points[:, involved] = ndtr(mixed)
    return points


def _score(u: Floats) -> Floats:
    """Where the standard normal distribution has reached u."""
    from scipy.special import ndtri  # slow to import, as all of SciPy is

    return np.asarray(ndtri(u))


def _contradiction(case: Case, pairs: list[tuple[str, str, float]]) -> Problem:
    return Problem(
        "these rank correlations cannot all hold at once",
        file=case.file,
        path="together",
        found=", ".join(f"[{a}, {b}, {rho:g}]" for a, b, rho in pairs),
        allowed="correlations whose matrix is positive definite, each between -1 and 1",
        help="bring them nearer to 0, or add the pairs that are missing between them",
    )
