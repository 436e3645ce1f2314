"""Which worlds are possible? One value for every unknown, drawn so that they cover its range.

Worlds come in blocks of 64. A block is a Latin hypercube: each unknown has one point u in each
64th of the unit interval, anywhere within it, and is sent through the inverse of its distribution:

    range      lo + u (hi - lo)
    triangle   lo + sqrt(u (hi - lo)(mode - lo)) left of the mode, mirrored right of it
    normal     mean + sd z, with z = ndtri(u)
    lognormal  median * gsd ** z
    oneof      each of up to 8 values as often as its share of the list, within one world; of more
               values, or where it is named in `together`, the k-th smallest of m, k = floor(u m)
    experts    the quantiles of the expert of the world, and those of the pool of all others for
               what this expert left out

In each block the order of the points is chosen so that unknowns are uncorrelated. With Z (64, K)
the normal scores ndtri((64 u + 1/2) / 65) in standard units, Z = U S V' their singular values and
C the correlations wanted, the points of each unknown are put in the order of its column of

    U V' C^(1/2)

and this is repeated: Iman and Conover's method, with the root of the correlations that moves the
scores least. It serves more unknowns than a block has worlds too, whose correlations cannot all
be 0. `together: [a, b, rho]` asks for Spearman's rank correlation rho, by a Gaussian copula: the
scores of a and b are given the correlation 2 sin(pi rho / 6).

The expert of a world is drawn by weight, as often in each block as the weights say within one
world, and is the same for all unknowns. The option of each alternative is drawn in the same way,
every option as often as the others if no weights are given; where only one has a weight, nothing
is drawn. An unknown that an option changes has the same share of its
distribution below it as without the option; where an option takes it away, it has the value that
it would have where it is first there.

World 0 is `best`. Block k depends on the seed and on k alone, so a world is the same however many
are drawn.

Source: Iman and Conover (1982), A distribution-free approach to inducing rank correlation among
input variables, Communications in Statistics B 11; Kruskal (1958), Ordinal measures of
association, JASA 53, for the sine.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ceasefire.case import (
    Alternative,
    Case,
    Coding,
    Expression,
    Unknown,
    pooled_quantiles,
    pooled_shares_below,
)
from ceasefire.errors import Problem, WorldError
from ceasefire.query import QueryPlan, World

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCK_SIZE: Final = 64
SAMPLING_METHOD: Final = "Latin hypercubes of 64, decorrelated"
MAX_BALANCED_VALUES: Final = 8
_DECORRELATION_ROUNDS = 6
_GOLDEN_RATIO = (math.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class DrawnWorlds:
    """Worlds `after + 1` to `after + N`, and world 0, which is best.

    Row 0 of `values` (N + 1, U) is world 0, row k world `after + k`; column u is `names[u]`.

    experts  (N + 1,) the expert of each world, None for world 0; empty if the case has none
    codings  (N + 1,) the option of every alternative; empty if the case has no alternatives
    """

    names: tuple[str, ...]
    values: Floats
    seed: int
    skipped: int = 0
    experts: tuple[str | None, ...] = ()
    codings: tuple[Coding, ...] = ()

    def __len__(self) -> int:
        """How many worlds were drawn; world 0 is not counted."""
        return len(self.values) - 1

    def __getitem__(self, number: int) -> World:
        """The value of every unknown in this world, by name, and the options it is played with."""
        row = number - self.skipped if number else 0
        values = zip(self.names, self.values[row].tolist(), strict=True)
        return World(dict(values), self.coding_of(number))

    def coding_of(self, number: int) -> Coding:
        """The option of every alternative in this world; empty without alternatives."""
        return self.codings[number - self.skipped if number else 0] if self.codings else ()

    def expert_of(self, number: int) -> str | None:
        """The expert that this world was drawn from; None for world 0 and without experts."""
        return self.experts[number - self.skipped] if number and self.experts else None

    @property
    def numbers(self) -> range:
        """The numbers of the worlds, world 0 left out."""
        return range(self.skipped + 1, self.skipped + len(self) + 1)

    def __iter__(self) -> Iterator[World]:
        """The worlds in order, world 0 left out."""
        return (self[number] for number in self.numbers)


def draw_worlds(case: Case, worlds: int, seed: int = 0, after: int = 0) -> DrawnWorlds:
    """Draw this many worlds for a case: world w is the same whatever their number.

    seed   worlds of one seed are the same on every machine
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
    >>> block = draw_worlds(case, 64)
    >>> block[0]
    {'stake': 2.0, 'fixed': 7.0}
    >>> np.bincount([int(world["stake"]) for world in block]).tolist()  # even over the range
    [16, 16, 16, 16]
    >>> draw_worlds(case, 2, after=2)[4] == block[4]
    True
    """
    unknowns = case.unknowns_of_codings
    names = tuple(unknowns)
    best = {**{name: unknown.best for name, unknown in unknowns.items()}, **case.best_estimates}
    values = np.tile(np.array([best[name] for name in names], dtype=np.float64), (worlds + 1, 1))
    codings = case.drawn_codings
    coding = np.zeros(worlds + 1, dtype=np.int64)
    experts = np.zeros(worlds + 1, dtype=np.int64)
    columns = [_RandomColumns.of_case(one, codings, unknowns) for one in codings]
    for number in range(after // BLOCK_SIZE, -(-(after + worlds) // BLOCK_SIZE)):
        first = number * BLOCK_SIZE - after + 1  # the row of the block's first world
        rows = slice(max(first, 1), min(first + BLOCK_SIZE, worlds + 1))
        drawn = slice(rows.start - first, rows.stop - first)
        coding[rows] = columns[0].codings(columns[0].block(seed, number), case)[drawn]
        for place in np.unique(coding[rows]):
            own = coding[rows] == place
            block = columns[place].block(seed, number)
            found, expert = columns[place].values(block, codings[place])
            values[rows][own] = found[drawn][own]
            experts[rows][own] = expert[drawn][own]
    values.flags.writeable = False
    drawn_from: tuple[str | None, ...] = ()
    if case.experts:
        ids = [tuple(one.experts) for one in codings]
        drawn_from = (None, *(ids[c][e] for c, e in zip(coding[1:], experts[1:], strict=True)))
    options = (
        tuple(case.chosen.items()),
        *(tuple(codings[place].chosen.items()) for place in coding[1:]),
    )
    return DrawnWorlds(names, values, seed, after, drawn_from, options if case.alternatives else ())


@dataclass(frozen=True)
class _RandomColumns:
    """What is drawn for the worlds of one coding: K points and D options, and what they stand for.

    spread        the unknowns that have a point each, in order
    balanced      the unknowns that take a few values evenly, each with these values
    weights       of each discrete column: the alternatives, these unknowns, the expert
    correlations  as for `draw_block`
    """

    names: tuple[str, ...]
    spread: tuple[str, ...]
    balanced: Mapping[str, Floats]
    weights: tuple[tuple[float, ...], ...]
    correlations: tuple[tuple[int, int, float], ...]

    @classmethod
    def of_case(
        cls, case: Case, codings: Sequence[Case], unknowns: Mapping[str, Unknown]
    ) -> "_RandomColumns":
        """The columns that a case needs, which are alike in all its codings as far as they can be.

        codings   the case with every combination of options that worlds have
        unknowns  those of all codings
        """
        joined = {name for one in codings for a, b, _ in one.together for name in (a, b)}
        kinds = {
            name: {
                (one.unknowns[name].kind, one.unknowns[name].parameters)
                for one in codings
                if name in one.unknowns
            }
            for name in unknowns
        }
        uncertain = [n for n, found in kinds.items() if any(kind is not None for kind, _ in found)]
        listed = {
            name: np.unique(unknowns[name].parameters, return_counts=True)
            for name in uncertain
            if len(kinds[name]) == 1 and unknowns[name].kind == "oneof" and name not in joined
        }
        listed = {k: found for k, found in listed.items() if len(found[0]) <= MAX_BALANCED_VALUES}
        spread = tuple(name for name in uncertain if name not in listed)
        weights = [
            *(_option_shares(case.alternatives[name]) for name in case.drawn_options),
            *(tuple((n / n.sum()).tolist()) for _, n in listed.values()),
        ]
        if case.experts:
            shares = np.array([expert.weight for expert in case.experts.values()])
            weights.append(tuple((shares / shares.sum()).tolist()))
        return cls(
            tuple(unknowns),
            spread,
            {name: values for name, (values, _) in listed.items()},
            tuple(weights),
            _rank_correlations(case, list(spread)),
        )

    def block(self, seed: int, number: int) -> "WorldBlock":
        """One block of 64 worlds."""
        return draw_block(seed, number, len(self.spread), self.weights, self.correlations)

    def codings(self, block: "WorldBlock", case: Case) -> Integers:
        """(64,) which coding each world has, counted as in `Case.drawn_codings`."""
        found = np.zeros(BLOCK_SIZE, dtype=np.int64)
        for column, options in zip(block.options.T, case.drawn_options.values(), strict=False):
            found = found * len(options) + column
        return found

    def values(self, block: "WorldBlock", case: Case) -> tuple[Floats, Integers]:
        """(64, U) the unknowns of worlds that all have this coding, and (64,) their experts."""
        unknowns = case.unknowns_of_codings | dict(case.unknowns)
        found = np.tile(
            np.array([unknowns[name].best for name in self.names], dtype=np.float64),
            (BLOCK_SIZE, 1),
        )
        experts = block.options[:, -1] if case.experts else np.zeros(BLOCK_SIZE, dtype=np.int64)
        for points, name in zip(block.points.T, self.spread, strict=True):
            column = self.names.index(name)
            found[:, column] = expert_quantiles(case, unknowns[name], experts, points)
        first = len(case.drawn_options)
        for places, (name, listed) in zip(
            block.options[:, first:].T, self.balanced.items(), strict=False
        ):
            found[:, self.names.index(name)] = listed[places]
        return found, experts


def _option_shares(alternative: Alternative) -> tuple[float, ...]:
    """The share of worlds that have each of the options of an alternative that worlds have."""
    weights = [alternative.weights[option] for option in alternative.drawn]
    return tuple(weight / math.fsum(weights) for weight in weights)


def expert_quantiles(case: Case, unknown: Unknown, experts: Integers, u: Floats) -> Floats:
    """(N,) values of an unknown, each by the expert of its world."""
    found = unknown_quantiles(unknown, u)
    for place, name in enumerate(case.experts):
        if name in unknown.experts:
            own = experts == place
            found[own] = unknown.experts[name].quantiles(u[own])
    return found


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
            return np.asarray(p[0] + p[1] * normal_scores(u))
        case "lognormal":
            return np.asarray(p[0] * p[1] ** normal_scores(u))
        case "oneof":
            return np.sort(np.asarray(p, dtype=np.float64))[(u * len(p)).astype(np.intp)]
        case "experts":
            return pooled_quantiles(unknown.experts.values(), u)
    return np.full_like(u, unknown.best)


def unknown_scores(unknown: Unknown, values: Floats) -> Floats:
    """The normal scores of values of an unknown: where a standard normal has the same share below.

    unknown  one whose values are continuous
    values   (N,) values within its distribution

    Returns (N,) scores; -inf and inf at the ends of a range.

    >>> triangle = Unknown(best=1.0, kind="triangle", parameters=(0.0, 1.0, 2.0))
    >>> unknown_scores(triangle, np.array([0.5, 1.0, 2.0])).round(2).tolist()
    [-1.15, 0.0, inf]
    """
    p = unknown.parameters
    match unknown.kind:
        case "normal":
            return np.asarray((values - p[0]) / p[1])
        case "lognormal":
            return np.asarray(np.log(values / p[0]) / np.log(p[1]))
        case "range":
            return normal_scores(np.clip((values - p[0]) / (p[1] - p[0]), 0.0, 1.0))
        case "triangle":
            low, mode, high = p
            inside = np.clip(values, low, high)
            left = (inside - low) ** 2 / ((high - low) * max(mode - low, 1e-300))
            right = 1.0 - (high - inside) ** 2 / ((high - low) * max(high - mode, 1e-300))
            return normal_scores(np.where(inside < mode, left, right))
        case "experts":
            return normal_scores(pooled_shares_below(unknown.experts.values(), values))
    raise ValueError(f"an unknown of kind {unknown.kind} has no scores")


class WorldBlock(NamedTuple):
    """One block of worlds: `points` (64, K) inside (0, 1), `options` (64, D) of discrete columns.

    Column k of `points` has one point in each 64th of the unit interval; column d of `options`
    takes each option as often as its weight says, within one world.
    """

    points: Floats
    options: Integers


@lru_cache(maxsize=256)
def draw_block(
    seed: int,
    number: int,
    continuous: int,
    discrete: tuple[tuple[float, ...], ...] = (),
    correlations: tuple[tuple[int, int, float], ...] = (),
) -> WorldBlock:
    """Draw one block of 64 worlds, whose columns are uncorrelated or as correlated as asked.

    seed          seed of the worlds
    number        which block, from 0 on
    continuous    K, how many columns have points in (0, 1)
    discrete      of each discrete column the weights of its options, which add up to 1
    correlations  (i, j, rho): columns i and j of the points are to have the rank correlation
                  rho; all other pairs are to have 0

    Options are balanced against those of the other discrete columns, and points are uncorrelated
    with every option. The options that have a world more than the others take turns by block.
    The first and the last 32 worlds are balanced in the same way, for those who draw 32.

    >>> block = draw_block(0, 0, 2, ((0.5, 0.25, 0.25),))
    >>> sorted((block.points[:, 0] * 64).astype(int).tolist()) == list(range(64))
    True
    >>> np.bincount(block.options[:, 0]).tolist()
    [32, 16, 16]
    >>> round(float(np.corrcoef(block.points.T)[0, 1]), 1)
    0.0
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    options = _balanced_options(seed, number, ((0.5, 0.5), *discrete), rng)
    options = options[options[:, 0].argsort(kind="stable")]
    contrasts = [_option_contrasts(column) for column in options.T]
    strata = np.tile(np.arange(BLOCK_SIZE)[:, None], continuous)
    # cell-centred: no point is 0 or 1
    places = (rng.integers(2**32, size=(BLOCK_SIZE, continuous)) + 0.5) / 2.0**32
    points = (rng.permuted(strata, axis=0) + places) / BLOCK_SIZE
    points = _decorrelated(points, np.hstack([np.empty((BLOCK_SIZE, 0)), *contrasts]), correlations)
    points.flags.writeable = options.flags.writeable = False
    return WorldBlock(points, options[:, 1:])


def _balanced_options(
    seed: int, number: int, discrete: Sequence[Sequence[float]], rng: np.random.Generator
) -> Integers:
    """(64, D) the options of discrete columns, each as often as its weight says."""
    options = np.empty((BLOCK_SIZE, len(discrete)), dtype=np.int64)
    phases = (np.random.default_rng(seed).random(len(discrete)) + number * _GOLDEN_RATIO) % 1.0
    for d, (weights, phase) in enumerate(zip(discrete, phases, strict=True)):
        ends = np.cumsum(weights)[:-1]
        column = np.searchsorted(ends, (np.arange(BLOCK_SIZE) + phase) / BLOCK_SIZE, side="right")
        options[:, d] = rng.permutation(column)
        if d:
            others = np.hstack([_option_contrasts(one) for one in options[:, :d].T])
            options[:, d] = _exchanged(options[:, d], others, rng)
    return options


def _option_contrasts(column: Integers) -> Floats:
    """(64, M - 1) orthonormal columns that span what depends on M options and has the mean 0."""
    present = (column[:, None] == np.unique(column)[1:]).astype(np.float64)
    return np.asarray(np.linalg.qr(present - present.mean(axis=0))[0])


def _exchanged(column: Integers, others: Floats, rng: np.random.Generator) -> Integers:
    """The options of a column in an order that has the least to do with other contrasts.

    Two worlds exchange their options as long as that lowers the sum of squared correlations.
    """
    gram = others @ others.T
    far = np.diag(gram)[:, None] + np.diag(gram) - 2.0 * gram
    while True:
        own = _option_contrasts(column)
        mine = own @ own.T
        cross = gram @ mine
        swap = cross.diagonal()[:, None] + cross.diagonal() - cross - cross.T
        change = far * (mine.diagonal()[:, None] + mine.diagonal() - 2.0 * mine) - 2.0 * swap
        least = change.min()
        if least > -1e-9:
            return column
        # equal gains differ by rounding: a draw between them is the same on every machine
        a, b = rng.choice(np.argwhere(change <= least + 1e-9))
        column = column.copy()
        column[[a, b]] = column[[b, a]]


def _decorrelated(
    points: Floats, contrasts: Floats, correlations: Sequence[tuple[int, int, float]]
) -> Floats:
    """Points (64, K), each column in an order that gives the rank correlations wanted, else 0."""
    size = points.shape[1]
    if size + contrasts.shape[1] < 2:
        return points
    goal = [rho for _, _, rho in correlations]
    root, inverse = _matrix_roots(score_correlations(size, correlations))
    ordered = np.sort(points, axis=0)
    for _ in range(_DECORRELATION_ROUNDS):
        scores = normal_scores((BLOCK_SIZE * points + 0.5) / (BLOCK_SIZE + 1))
        scores -= scores.mean(axis=0)
        scores /= np.sqrt((scores**2).sum(axis=0))
        u, s, v = np.linalg.svd(np.hstack([scores @ inverse, contrasts]), full_matrices=False)
        kept = s > 1e-8 * s[0]
        wanted = (u[:, kept] @ v[kept, :size]) @ root
        ranks = wanted.argsort(axis=0).argsort(axis=0)
        points = np.take_along_axis(ordered, ranks, axis=0)
        if correlations:  # in 64 worlds ranks are less correlated than scores promise
            found = np.corrcoef(ranks.T)
            goal = [
                g + rho - found[i, j] for g, (i, j, rho) in zip(goal, correlations, strict=True)
            ]
            matrix = score_correlations(
                size, [(i, j, g) for g, (i, j, _) in zip(goal, correlations, strict=True)]
            )
            if np.linalg.eigvalsh(matrix)[0] > 1e-3:
                root, inverse = _matrix_roots(matrix)
    return points


def _matrix_roots(matrix: Floats) -> tuple[Floats, Floats]:
    """The symmetric square root of a positive definite matrix, and its inverse."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T


def score_correlations(size: int, correlations: Sequence[tuple[int, int, float]]) -> Floats:
    """(K, K) the correlations of normal scores that give these rank correlations."""
    matrix = np.eye(size)
    for i, j, rho in correlations:
        matrix[i, j] = matrix[j, i] = 2.0 * math.sin(math.pi * rho / 6.0)
    return matrix


def _rank_correlations(case: Case, names: list[str]) -> tuple[tuple[int, int, float], ...]:
    """Which of these unknowns are to be correlated, and how much."""
    pairs = [(a, b, rho) for a, b, rho in case.together if a in names and b in names]
    found = tuple((names.index(a), names.index(b), rho) for a, b, rho in pairs)
    if not np.linalg.eigvalsh(score_correlations(len(names), found)).min(initial=1.0) > 1e-12:
        raise WorldError([_correlation_problem(case, pairs)])
    return found


def normal_scores(u: Floats) -> Floats:
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
    found = (range_of_unknown(name, unknown) for name, unknown in plan.case.unknowns.items())
    return tuple(axis for axis in found if axis.width > 0 and axis.name in read)


def range_of_unknown(name: str, unknown: Unknown) -> UnknownRange:
    """Where one unknown can move: its range, or all but the tails where it has no ends.

    name, unknown  as the case has them; the range of one that is fixed has no width
    """
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
