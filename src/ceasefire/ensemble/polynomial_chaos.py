"""How a number depends on the unknowns, learned from some hundred worlds by a sparse polynomial.

Each unknown x_u has polynomials p_u1, p_u2, ... of degree 1, 2, ..., of mean 0 and variance 1 and
uncorrelated over the worlds: those of Legendre where x_u is uniform, of Hermite where it is normal
or, for its logarithm, lognormal; of an unknown with m values there are m - 1. The expansion

    f(x) = c_0 + sum over the terms t of  c_t * product over (u, a) in t of  p_ua(x_u)

has terms of one unknown or two. Few of the hundreds that are possible are needed: least angle
regression puts them in order, and the first k are fitted by least squares. The candidates (terms
of degree 1; of one unknown up to degree 2; all up to degree 2; and, where the unknowns are few,
all up to degree 3, 4, 6, 8 and 10) and k are chosen by cross-validation in eight folds, the
order being found anew in each. Chosen is the smallest model whose error is within one standard
error of the least. Terms are uncorrelated, so that variance is a sum of squares, and

    total index of x_u  =  (sum of c_t**2 over the terms with u) / (sum of all c_t**2)

is Sobol's: the share of the variance that would be left if all but x_u were known.

Source: Blatman & Sudret (2011), Adaptive sparse polynomial chaos expansion based on least angle
regression, Journal of Computational Physics 230; Sudret (2008), Global sensitivity analysis using
polynomial chaos expansions, Reliability Engineering and System Safety 93, for the indices;
Oladyshkin & Nowak (2012), ibid. 106, for polynomials from the worlds themselves; Hastie,
Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 7.10.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Term = tuple[tuple[int, int], ...]

FOLDS: Final = 8
MAX_TERMS: Final = 40
HIGHER_DEGREES: Final = (3, 4, 6, 8, 10)
MAX_HIGHER_CANDIDATES: Final = 600  # terms; with more, degree 2 has to do
_SAME = 1e-9  # deviation below which a column counts as constant


@dataclass(frozen=True, eq=False)
class UnivariatePolynomials:
    """The polynomials of one unknown.

    logarithmic   whether they are of its logarithm
    mean          what is subtracted from the value first
    deviation     what it is then divided by
    coefficients  (D + 1, D + 1) column a has the coefficients of p_a, of the power 0 first
    """

    logarithmic: bool
    mean: float
    deviation: float
    coefficients: Floats

    @property
    def degree(self) -> int:
        """The highest degree D; 0 for an unknown that does not vary."""
        return len(self.coefficients) - 1

    def evaluate(self, values: Floats) -> Floats:
        """(N, D + 1) all polynomials at values (N,) of the unknown, p_0 = 1 first."""
        scaled = ((np.log(values) if self.logarithmic else values) - self.mean) / self.deviation
        powers = np.vander(scaled, len(self.coefficients), increasing=True)
        return np.asarray(powers @ self.coefficients)


def orthonormal_polynomials(
    values: Floats, max_degree: int, *, logarithmic: bool = False
) -> UnivariatePolynomials:
    """Polynomials that have mean 0 and variance 1 and are uncorrelated over these values (N,).

    max_degree   how many at most: one fewer than there are different values
    logarithmic  take the logarithm first; all values are then positive

    >>> evenly = np.linspace(-1.0, 1.0, 2001)
    >>> of_legendre = orthonormal_polynomials(evenly, 2).evaluate(np.array([1.0]))
    >>> np.round(of_legendre[0], 2).tolist()  # 1, sqrt(3), sqrt(5)
    [1.0, 1.73, 2.23]
    """
    taken = np.log(values) if logarithmic else values
    mean, deviation = float(taken.mean()), float(taken.std())
    degree = min(max_degree, len(np.unique(values)) - 1)
    if degree < 1 or not deviation > _SAME * abs(mean):
        return UnivariatePolynomials(logarithmic, mean, 1.0, np.ones((1, 1)))
    powers = np.vander((taken - mean) / deviation, degree + 1, increasing=True)
    _, triangle = np.linalg.qr(powers / np.sqrt(len(values)))
    signs = np.sign(np.diag(triangle))
    return UnivariatePolynomials(logarithmic, mean, deviation, np.linalg.inv(triangle) * signs)


@dataclass(frozen=True, eq=False)
class PolynomialChaos:
    """A sparse expansion of a number in the unknowns.

    polynomials   those of each of the U unknowns
    constant      c_0, the mean
    terms         T products, each of one or two (unknown, degree)
    coefficients  (T,) the factors c_t
    """

    polynomials: tuple[UnivariatePolynomials, ...]
    constant: float
    terms: tuple[Term, ...]
    coefficients: Floats

    def predict(self, values: Floats) -> Floats:
        """(N,) the number at values (N, U) of the unknowns."""
        read = {unknown for term in self.terms for unknown, _ in term}
        factors = {u: self.polynomials[u].evaluate(values[:, u]) for u in read}
        found = np.full(len(values), self.constant)
        for coefficient, term in zip(self.coefficients, self.terms, strict=True):
            product = np.full(len(values), coefficient)
            for unknown, degree in term:
                product *= factors[unknown][:, degree]
            found += product
        return found

    def total_indices(self) -> Floats:
        """(U,) Sobol's total index of each unknown; all 0 without terms."""
        found = np.zeros(len(self.polynomials))
        variance = float(self.coefficients @ self.coefficients)
        for coefficient, term in zip(self.coefficients, self.terms, strict=True):
            for unknown, _ in term:
                found[unknown] += coefficient**2 / variance
        return found


@dataclass(frozen=True, eq=False)
class Candidates:
    """Terms that may be taken, and their values (N, T) in the worlds."""

    terms: tuple[Term, ...]
    design: Floats


class PolynomialBasis:
    """The polynomials of all unknowns over some worlds, and the candidates made of them."""

    def __init__(
        self,
        values: Floats,
        logarithmic: Collection[int] = (),
        groups: Mapping[int, int] | None = None,
    ) -> None:
        """Take values (N, U) of the unknowns; `logarithmic` has the columns that are lognormal.

        groups  columns that are contrasts of one choice, each with the number of the choice: they
                enter to the first degree, and in no product with one another
        """
        count, self._groups = values.shape[1], groups or {}
        higher = [d for d in HIGHER_DEGREES if _term_count(count, d) <= MAX_HIGHER_CANDIDATES]
        self.higher_degrees = tuple(higher)
        self.polynomials = tuple(
            orthonormal_polynomials(
                column,
                1 if u in self._groups else max(higher, default=2),
                logarithmic=u in logarithmic,
            )
            for u, column in enumerate(values.T)
        )
        self._evaluated = [
            polynomials.evaluate(column)
            for polynomials, column in zip(self.polynomials, values.T, strict=True)
        ]
        self._known: dict[tuple[int, bool], Candidates] = {}

    def candidates(self, degree: int, *, pairs: bool) -> Candidates:
        """The terms up to a degree, of one unknown each or with `pairs` of two as well."""
        key = degree, pairs
        if key not in self._known:
            terms = tuple(self._terms(degree, pairs))
            design = np.empty((len(self._evaluated[0]) if self._evaluated else 0, len(terms)))
            for place, ((unknown, power), *second) in enumerate(terms):
                design[:, place] = self._evaluated[unknown][:, power]
                for other, with_power in second:
                    design[:, place] *= self._evaluated[other][:, with_power]
            self._known[key] = Candidates(terms, design)
        return self._known[key]

    def _terms(self, degree: int, pairs: bool) -> Iterator[Term]:
        tops = [polynomials.degree for polynomials in self.polynomials]
        for u, top in enumerate(tops):
            yield from (((u, a),) for a in range(1, min(degree, top) + 1))
        for u, v in combinations(range(len(tops)), 2) if pairs else ():
            if u in self._groups and self._groups[u] == self._groups.get(v):
                continue
            for a in range(1, min(degree - 1, tops[u]) + 1):
                yield from (((u, a), (v, b)) for b in range(1, min(degree - a, tops[v]) + 1))


def _term_count(unknowns: int, degree: int) -> int:
    return unknowns * degree + unknowns * (unknowns - 1) // 2 * degree * (degree - 1) // 2


@dataclass(frozen=True, eq=False)
class ChaosFit:
    """An expansion fitted to N numbers, and how well it predicts numbers it was not fitted to.

    expansion   fitted to all worlds
    held_out    (N,) what was predicted for each world by fits to the seven other folds, of terms
                and a number of terms chosen without it
    """

    expansion: PolynomialChaos
    held_out: Floats
    basis: PolynomialBasis = field(repr=False)
    response: Floats = field(repr=False)
    candidates: Candidates = field(repr=False)
    term_count: int

    def refit(self, rows: NDArray[np.intp]) -> PolynomialChaos:
        """The expansion of as many terms that these worlds give, such as a bootstrap sample."""
        return _fit_terms(self.basis, self.candidates, self.response, rows, self.term_count)


def fit_chaos(basis: PolynomialBasis, response: Floats, folds: int = FOLDS) -> ChaosFit:
    """The sparse expansion of a response (N,) over the worlds of the basis, N at least 16.

    folds  into how many the worlds are cut for cross-validation

    >>> worlds = np.random.default_rng(0).random((64, 4))
    >>> fit = fit_chaos(PolynomialBasis(worlds), worlds[:, 1] * worlds[:, 3])
    >>> np.round(fit.expansion.total_indices(), 1).tolist()
    [0.0, 0.5, 0.0, 0.6]
    """
    count = len(response)
    most = min(MAX_TERMS, count // 4 if folds == 2 else count // 3)
    fold_of_world = np.random.default_rng(0).permutation(count) % folds
    tried: list[Candidates] = []
    predictions: list[Floats] = []
    errors: list[Floats] = []

    def attempt(candidates: Candidates) -> float:
        tried.append(candidates)
        predictions.append(_held_out_predictions(candidates.design, response, fold_of_world, most))
        errors.append((predictions[-1] - response[:, None]) ** 2)
        return float(errors[-1].mean(axis=0).min())

    least = min(
        attempt(basis.candidates(1, pairs=False)),
        attempt(basis.candidates(2, pairs=False)),
        attempt(basis.candidates(2, pairs=True)),
    )
    in_vain = 0
    for degree in basis.higher_degrees:
        error = attempt(basis.candidates(degree, pairs=True))
        in_vain = 0 if error < least else in_vain + 1
        least = min(least, error)
        if in_vain == 2:
            break
    table, predicted = np.stack(errors), np.stack(predictions)
    held_out = np.empty(count)
    for fold in range(folds):
        outside = fold_of_world == fold
        which, terms = _smallest_good_model(table[:, ~outside])
        held_out[outside] = predicted[which, outside, terms]
    which, terms = _smallest_good_model(table)
    chosen = tried[which]
    expansion = _fit_terms(basis, chosen, response, np.arange(count), terms)
    return ChaosFit(expansion, held_out, basis, response, chosen, terms)


def _smallest_good_model(errors: Floats) -> tuple[int, int]:
    """Candidates and number of terms with an error within one standard error of the least.

    errors  (B, N, K) squared errors of B candidates in N worlds with 0 to K - 1 terms
    """
    means = errors.mean(axis=1)
    best_candidates, best_terms = np.unravel_index(means.argmin(), means.shape)
    excess = errors - errors[best_candidates, :, best_terms][None, :, None]
    allowed = excess.std(axis=1) / np.sqrt(errors.shape[1])
    good = excess.mean(axis=1) <= allowed
    terms = int(good.any(axis=0).argmax())
    return int(good[:, terms].argmax()), terms


def _held_out_predictions(
    design: Floats, response: Floats, fold_of_world: NDArray[np.intp], most: int
) -> Floats:
    """(N, most + 1) what 0, 1, ... terms predict for each world from the other folds."""
    found = np.empty((len(response), most + 1))
    for fold in range(int(fold_of_world.max()) + 1):
        outside = fold_of_world == fold
        inside = ~outside
        train, wanted = design[inside], response[inside]
        order = least_angle_order(train, wanted, most)
        found[outside] = _predict_by_prefixes(
            train[:, order], wanted, design[outside][:, order], most
        )
    return found


def _predict_by_prefixes(design: Floats, response: Floats, at: Floats, most: int) -> Floats:
    """(M, most + 1) least squares predictions with the first 0, 1, ... columns of a design."""
    from scipy.linalg import solve_triangular

    ones = np.ones((len(design), 1))
    orthogonal, triangle = np.linalg.qr(np.hstack([ones, design]))
    sizes = np.abs(np.diag(triangle))
    usable = int(np.cumprod(sizes > 1e-8 * sizes.max()).sum())
    columns = np.hstack([np.ones((len(at), 1)), at])[:, :usable]
    factors = solve_triangular(triangle[:usable, :usable], columns.T, trans="T").T
    sums = np.cumsum(factors * (orthogonal.T @ response)[:usable], axis=1)
    return np.asarray(sums[:, np.minimum(np.arange(most + 1), usable - 1)])


def _fit_terms(
    basis: PolynomialBasis,
    candidates: Candidates,
    response: Floats,
    rows: NDArray[np.intp],
    count: int,
) -> PolynomialChaos:
    design, wanted = candidates.design[rows], response[rows]
    order = least_angle_order(design, wanted, count)
    columns = np.hstack([np.ones((len(rows), 1)), design[:, order]])
    coefficients = np.asarray(np.linalg.lstsq(columns, wanted, rcond=None)[0], dtype=np.float64)
    terms = tuple(candidates.terms[place] for place in order)
    return PolynomialChaos(basis.polynomials, float(coefficients[0]), terms, coefficients[1:])


def least_angle_order(design: Floats, response: Floats, most: int) -> list[int]:
    """The columns of a design (N, T) in the order in which least angle regression takes them.

    most  how many at most

    >>> worlds = np.random.default_rng(0).random((64, 10))
    >>> least_angle_order(worlds, worlds[:, 3] + 0.5 * worlds[:, 7], 2)
    [3, 7]
    """
    deviations = design.std(axis=0)
    (varying,) = np.nonzero(deviations > _SAME)
    spread = float(response.std())
    if not most or not len(varying) or not spread > _SAME * float(np.abs(response).max()):
        return []
    from sklearn.linear_model import lars_path

    columns = (design[:, varying] - design[:, varying].mean(axis=0)) / deviations[varying]
    scaled = (response - response.mean()) / spread
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns it leaves out as combinations of others
        _, order, _ = lars_path(columns, scaled, method="lar", max_iter=min(most, len(varying)))
    return [int(varying[place]) for place in order]
