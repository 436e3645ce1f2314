"""Which fixed points does one signalling decision have at one record? All of them.

In a box of record shifts where every d_a keeps its sign, each r_a is a monotone function of
c = log S_A - log S_B, and where 1 + sum v / d keeps its sign too the fixed points are the zeros of
one monotone function of c: there is at most one. Boxes that do not show it are narrowed, then
halved, until each holds one fixed point at most or none.

`problem` is a DecisionProblem, q the mover's precision, `record` the record before the decision,
d, v and S those of `newton`; a box (2, K) holds the least and greatest shift r_a.

Source: Hansen & Walster (2004), Global Optimization Using Interval Analysis, chapter 11.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import locate_segment
from ceasefire.equilibrium.kernels.newton import (
    ACCEPTED_RESIDUAL,
    NEWTON_ITERATIONS,
    SOLUTION_RESIDUAL,
    jacobian_term,
    solve_newton,
)
from ceasefire.equilibrium.kernels.structures import (
    MAX_RECORD,
    UniquenessScratch,
    allocate_uniqueness_scratch,
)
from ceasefire.equilibrium.kernels.uniqueness import (
    DETERMINANT_MARGIN,
    MIN_NARROWING,
    bound_common_shift,
)
from ceasefire.game.states import Floats

MAX_FIXED_POINTS = 16  # found and kept at one record
BOXES, BOXES_BEFORE_FOLLOWING = 4000, 600  # looked at for one record, divided by its options
MAX_PENDING_BOXES = 200
SMALLEST_BOX = 1e-7
SAME_FIXED_POINT = 1e-6  # shifts closer than this are one fixed point
EMPTY, SINGLE, OPEN = range(3)  # what narrowing says of a box
MAX_INVERSION_STEPS, NEWTON_INVERSION_STEPS = 60, 12
BRACKET_PART = 1.0 / 64.0  # of an interval: how closely a shift in it is bounded at a time
ROUNDING = 1e-9
SMALLEST_GAIN = 1e-6
BAYES_ROUNDS = 2  # for each narrowing of the shifts


class FixedPointSearch(NamedTuple):
    """Room for the fixed points at one record, and for the search."""

    shift: Floats  # (MAX_FIXED_POINTS, K) the fixed points found
    choice: Floats  # (MAX_FIXED_POINTS, 2, K) what both types choose there
    pending: Floats  # (MAX_PENDING_BOXES, 2, K + 1) boxes not yet looked at, and c in them
    start: Floats  # (K,)
    common: Floats  # (2,) least and greatest c
    direction: Floats  # (K,) sign of d_a, 0 where it changes
    min_choice: Floats  # (2, K) least probability of each option
    gain: Floats  # (2, 2, K) least and greatest of what each type expects to be 0 of each option
    slopes: Floats  # (6,) least and greatest slopes of one option's utilities
    bounds: UniquenessScratch


@numba.njit(cache=True, error_model="numpy")
def allocate_fixed_point_search(K):
    """Room for the search at a decision with K options."""
    return FixedPointSearch(
        np.empty((MAX_FIXED_POINTS, K)), np.empty((MAX_FIXED_POINTS, 2, K)),
        np.empty((MAX_PENDING_BOXES, 2, K + 1)), np.empty(K), np.empty(2), np.empty(K),
        np.empty((2, K)), np.empty((2, 2, K)), np.empty(6),
        allocate_uniqueness_scratch(K),
    )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def find_fixed_points(problem, q, record, response, search, max_boxes):
    """All fixed points at one record, into search.shift and search.choice.

    max_boxes   how many boxes to look at, times the number of options;
                search.bounds.widest_box holds all fixed points

    Returns how many were found, and whether there are no others: not shown where the boxes ran
    out, more than MAX_FIXED_POINTS were found, or the indices of those found do not add up to 1.
    """
    pending, box, common = search.pending, search.bounds.box, search.common
    K = box.shape[1]
    pending[0, :, :K] = search.bounds.widest_box
    pending[0, 0, K], pending[0, 1, K] = -np.inf, np.inf
    waiting, found, indices, complete = 1, 0, 0, True
    for _ in range(max_boxes // K):
        if waiting == 0:
            break
        waiting -= 1
        box[:] = pending[waiting, :, :K]
        common[:] = pending[waiting, :, K]
        state = narrow_until_single(problem, q, record, search)
        if state == EMPTY:
            continue
        if state == SINGLE:
            narrow_by_inversion(problem, q, record, search)
        size = 0.0
        for a in range(K):
            search.start[a] = 0.5 * (box[0, a] + box[1, a])
            size = max(size, box[1, a] - box[0, a])
        if state == SINGLE or size < SMALLEST_BOX:
            residual = solve_newton(
                problem, q, record, search.start, response, NEWTON_ITERATIONS, SOLUTION_RESIDUAL
            )
            if residual <= ACCEPTED_RESIDUAL and is_inside(box, search.start):
                if not is_known(search, found):
                    if found == MAX_FIXED_POINTS:
                        return found, False
                    search.shift[found] = search.start
                    search.choice[found] = response.choice
                    indices += fixed_point_index(response)
                    found += 1
                continue
            if size < SMALLEST_BOX:
                continue
        if waiting + 2 > len(pending):
            complete = False
            continue
        at, middle = place_to_split(problem, record, search)
        for half in range(2):
            pending[waiting, :, :K] = box
            pending[waiting, :, K] = common
            pending[waiting, 1 - half, at] = middle
            waiting += 1
    return found, complete and waiting == 0 and indices == 1


@numba.njit(cache=True, error_model="numpy")
def place_to_split(problem, record, search):
    """Which coordinate of the box to halve, the last being the common shift, and where.

    The common shift where every r_a is a function of it; else the longest side along which some r_a
    is not, at a border of cells if it spans several.
    """
    box, common, low, step = search.bounds.box, search.common, problem.low, problem.step
    K, longest, length = box.shape[1], -1, 0.0
    for a in range(K):
        if search.direction[a] == 0.0 and box[1, a] - box[0, a] > length:
            longest, length = a, box[1, a] - box[0, a]
    if longest < 0:
        return K, 0.5 * (common[0] + common[1])
    middle = 0.5 * (box[0, longest] + box[1, longest])
    border = low + step * np.rint((record + middle - low) / step) - record
    if box[0, longest] + ROUNDING < border < box[1, longest] - ROUNDING:
        return longest, border
    return longest, middle


@numba.njit(cache=True, error_model="numpy")
def fixed_point_index(response):
    """The sign of det J: 1 or -1."""
    K = response.slope.shape[1]
    product, total = 1.0, 1.0
    for a in range(K):
        d, v = jacobian_term(response.choice, response.slope, a)
        product = -product if d < 0.0 else product
        total += v / d
    return 1 if product * total > 0.0 else -1


@numba.njit(cache=True, error_model="numpy")
def narrow_until_single(problem, q, record, search):
    """Narrow the box of the search, and the common shift in it, as far as it goes.

    Returns EMPTY where nothing is left, SINGLE where it holds one fixed point at most, or OPEN. The
    choices in it are bounded, and search.direction is filled.
    """
    box, common, bounds = search.bounds.box, search.common, search.bounds.value_bounds
    least, most = search.min_choice, search.bounds.max_choice
    K = box.shape[1]
    width = np.inf
    while True:
        low, high = bound_common_shift(problem, q, record, box, search.bounds)
        low, high = max(low, common[0]), min(high, common[1])
        fill_min_choice(problem, q, bounds, least)
        fill_information_gain(box, search.gain)
        for _ in range(BAYES_ROUNDS):
            if not narrow_choices(box, search.gain, least, most):
                return EMPTY
        for a in range(K):
            low = max(low, q * bounds[a, 2] - box[1, a] - ROUNDING)
            high = min(high, q * bounds[a, 5] - box[0, a] + ROUNDING)
        if low > high + ROUNDING:
            return EMPTY
        common[0], common[1] = low, high
        for a in range(K):
            shift_low = math.log(least[0, a] / most[1, a]) if least[0, a] > 0.0 else -np.inf
            shift_high = math.log(most[0, a] / least[1, a]) if least[1, a] > 0.0 else np.inf
            box[0, a] = max(box[0, a], max(q * bounds[a, 2] - high, shift_low) - ROUNDING)
            box[1, a] = min(box[1, a], min(q * bounds[a, 5] - low, shift_high) + ROUNDING)
            if box[0, a] > box[1, a]:
                return EMPTY
        if has_one_at_most(problem, q, record, search):
            return SINGLE
        now = narrow_by_inversion(problem, q, record, search)
        if not now < MIN_NARROWING * width:
            return OPEN
        width = now


@numba.njit(cache=True, error_model="numpy")
def narrow_by_inversion(problem, q, record, search):
    """Narrow every r_a that is a function of the common shift; the sum of the box's widths."""
    box, common, width = search.bounds.box, search.common, 0.0
    for a in range(box.shape[1]):
        if search.direction[a] != 0.0:
            invert_common_shift(
                problem, q, record, a, common[0], common[1], search.direction[a], box
            )
        width += box[1, a] - box[0, a]
    return width


@numba.njit(cache=True, error_model="numpy")
def invert_common_shift(problem, q, record, a, low, high, direction, box):
    """Narrow r_a, in place, to where q D_a - r_a, a monotone function of it, lies in the interval.

    direction   that of r_a - q D_a: 1 if it grows with r_a, -1 if it falls
    """
    for end in range(2):
        # as r_a - q D_a grows, c falls: the least r_a belongs to the greatest c
        wanted = -(high if (end == 0) == (direction > 0.0) else low)
        left, right = bracket_shift(problem, q, record, a, wanted, direction, box[0, a], box[1, a])
        if end == 0:
            box[0, a] = max(box[0, a], left - ROUNDING)
        else:
            box[1, a] = min(box[1, a], right + ROUNDING)


@numba.njit(cache=True, error_model="numpy")
def shift_less_gap(problem, q, record, a, k, shift):
    """r_a - q D_a where the record then lies in cell k, and how fast it grows with r_a."""
    W, belief, low, step = problem.values, problem.belief, problem.low, problem.step
    x = record + shift
    within = min(max(x, low + step * k), low + step * (k + 1))
    b = 1.0 / (1.0 + math.exp(-(problem.logit + within)))
    below = W[0, a, k] - W[1, a, k]
    slope = q * (W[0, a, k + 1] - W[1, a, k + 1] - below) / (belief[k + 1] - belief[k])
    rate = 1.0 - slope * b * (1.0 - b) if x == within else 1.0
    return shift - q * below - slope * (b - belief[k]), rate


@numba.njit(cache=True, error_model="numpy")
def bracket_shift(problem, q, record, a, wanted, direction, left, right):
    """Narrow the interval of r_a to a bracket of where r_a - q D_a is as wanted.

    direction   as for `invert_common_shift`

    Nodes tell the cell and Newton's method the place in it, but a point bounds the bracket only
    once its own residual has been looked at.
    """
    W, low, step = problem.values, problem.low, problem.step
    N = W.shape[2]
    enough = max(ROUNDING, (right - left) * BRACKET_PART)
    k, _ = locate_segment(record + left, low, step, N)
    last, _ = locate_segment(record + right, low, step, N)
    while k < last:
        node = (k + last + 1) // 2
        shift = low + step * node - record
        if (shift - q * (W[0, a, node] - W[1, a, node]) - wanted) * direction < 0.0:
            k, left = node, max(left, shift)
        else:
            last, right = node - 1, min(right, shift)
    trial = 0.5 * (left + right)
    for n in range(MAX_INVERSION_STEPS):
        if not right - left > enough:
            break
        value, rate = shift_less_gap(problem, q, record, a, k, trial)
        move = (value - wanted) / rate if rate * direction > 0.0 else np.inf
        # a hair beyond where Newton's method leads, so that both sides close in
        if (value - wanted) * direction < 0.0:
            left, trial = trial, trial - move + 0.25 * enough
        else:
            right, trial = trial, trial - move - 0.25 * enough
        if not left < trial < right or n >= NEWTON_INVERSION_STEPS:
            trial = 0.5 * (left + right)
    return left, right


@numba.njit(cache=True, error_model="numpy")
def fill_min_choice(problem, q, bounds, least):
    """The least probability of each option to each type, given bounds of what options are worth."""
    log_weight = problem.log_weight
    K = len(log_weight)
    for a in range(K):
        for t in range(2):
            other = 0.0
            for b in range(K):
                if b != a:
                    gap = log_weight[b] - log_weight[a] + q * (bounds[b, 3 + t] - bounds[a, t])
                    other += math.exp(gap) if gap < MAX_RECORD else np.inf
            least[t, a] = 1.0 / (1.0 + other)


@numba.njit(cache=True, error_model="numpy")
def narrow_choices(box, gain, least, most):
    """Narrow the bounds (2, K) of choices by Bayes's rule; whether any choices are left.

    Choices of a type add up to 1, and s_A(a) = s_B(a) exp(r_a): hence sum s_B (exp(r) - 1) = 0 and
    sum s_A (1 - exp(-r)) = 0.
    """
    K = box.shape[1]
    for a in range(K):
        factor_low = math.exp(box[0, a])
        factor_high = math.exp(min(box[1, a], MAX_RECORD))
        most[0, a] = min(most[0, a], factor_high * most[1, a])
        most[1, a] = min(most[1, a], most[0, a] / factor_low)
        least[0, a] = max(least[0, a], factor_low * least[1, a])
        least[1, a] = max(least[1, a], least[0, a] / factor_high)
    for t in range(2):
        for a in range(K):
            # the others' sums anew: a difference of large numbers would lose the small ones
            lower, upper, gain_low, gain_high = 0.0, 0.0, 0.0, 0.0
            for b in range(K):
                if b != a:
                    lower += least[t, b]
                    upper += most[t, b]
                    g, h = gain[t, 0, b], gain[t, 1, b]
                    gain_low += g * (least[t, b] if g > 0.0 else most[t, b])
                    gain_high += h * (most[t, b] if h > 0.0 else least[t, b])
            top, bottom = 1.0 - lower, 1.0 - upper
            g, h = gain[t, 0, a], gain[t, 1, a]
            if g > SMALLEST_GAIN:
                top = min(top, -gain_low / g)
                bottom = max(bottom, -gain_high / h)
            elif h < -SMALLEST_GAIN:
                top = min(top, gain_high / -h)
                bottom = max(bottom, gain_low / -g)
            top = min(most[t, a], top * (1.0 + ROUNDING) + ROUNDING)
            bottom = max(least[t, a], bottom * (1.0 - ROUNDING) - ROUNDING)
            if bottom > top * (1.0 + ROUNDING) + ROUNDING:
                return False
            most[t, a], least[t, a] = top, min(bottom, top)
    return True


@numba.njit(cache=True, error_model="numpy")
def fill_information_gain(box, gain):
    """Least and greatest 1 - exp(-r_a), which type A expects to be 0, and exp(r_a) - 1 for type B.

    gain (2, 2, K), filled: the type, then the end.
    """
    for a in range(box.shape[1]):
        low, high = max(box[0, a], -MAX_RECORD), min(box[1, a], MAX_RECORD)
        gain[0, 0, a], gain[0, 1, a] = -math.expm1(-low), -math.expm1(-high)
        gain[1, 0, a], gain[1, 1, a] = math.expm1(low), math.expm1(high)


@numba.njit(cache=True, error_model="numpy")
def has_one_at_most(problem, q, record, search):
    """Whether every d_a and 1 + sum v / d keep their signs all over the box of the search.

    search.direction is filled with the sign of each d_a, 0 where it changes.
    """
    box, slopes, direction = search.bounds.box, search.slopes, search.direction
    min_choice, max_choice = search.min_choice, search.bounds.max_choice
    low, step, N = problem.low, problem.step, problem.values.shape[2]
    K = box.shape[1]
    least, greatest, known = 1.0, 1.0, True
    for a in range(K):
        start, stop = record + box[0, a], record + box[1, a]
        slopes[:] = 0.0  # outside the grid
        if stop > low and start < low + step * (N - 1):
            inside = start >= low and stop <= low + step * (N - 1)
            fill_slope_bounds(problem, q, a, start, stop, inside, slopes)
        d_low, d_high = 1.0 - slopes[5], 1.0 - slopes[2]
        direction[a] = 0.0
        if d_low > DETERMINANT_MARGIN:
            direction[a] = 1.0
        elif d_high < -DETERMINANT_MARGIN:
            direction[a] = -1.0
        else:
            known = False
            continue
        v_low, v_high = 0.0, 0.0
        for t in range(2):
            choice_low, choice_high = min_choice[t, a], max_choice[t, a]
            x, y = slopes[t], slopes[3 + t]
            product_low = min(choice_low * x, choice_high * x)
            product_high = max(choice_low * y, choice_high * y)
            if t == 0:
                v_low, v_high = v_low + product_low, v_high + product_high
            else:
                v_low, v_high = v_low - product_high, v_high - product_low
        ratios = (v_low / d_low, v_low / d_high, v_high / d_low, v_high / d_high)
        least += min(ratios)
        greatest += max(ratios)
    return known and (least > DETERMINANT_MARGIN or greatest < -DETERMINANT_MARGIN)


@numba.njit(cache=True, error_model="numpy")
def fill_slope_bounds(problem, q, a, start, stop, inside, slopes):
    """Least and greatest slope in the record of q W_A, q W_B and q D, from `start` to `stop`.

    slopes (6,), filled: the least of each, then the greatest; with 0 among them unless `inside`
    """
    W, belief, logit = problem.values, problem.belief, problem.logit
    low, step, N = problem.low, problem.step, problem.values.shape[2]
    slopes[:3], slopes[3:] = np.inf, -np.inf
    if not inside:
        slopes[:] = 0.0
    first, x = locate_segment(start, low, step, N)
    last, y = locate_segment(stop, low, step, N)
    b = 1.0 / (1.0 + math.exp(-(logit + x)))
    end = 1.0 / (1.0 + math.exp(-(logit + y)))
    for k in range(first, last + 1):
        c = belief[k + 1] if k < last else end
        rate_low = min(b * (1.0 - b), c * (1.0 - c))
        rate_high = 0.25 if b < 0.5 < c else max(b * (1.0 - b), c * (1.0 - c))
        factor = q / (belief[k + 1] - belief[k])
        slope_a = factor * (W[0, a, k + 1] - W[0, a, k])
        slope_b = factor * (W[1, a, k + 1] - W[1, a, k])
        for j in range(3):
            slope = slope_a if j == 0 else (slope_b if j == 1 else slope_a - slope_b)
            slopes[j] = min(slopes[j], min(rate_low * slope, rate_high * slope))
            slopes[3 + j] = max(slopes[3 + j], max(rate_low * slope, rate_high * slope))
        b = c


@numba.njit(cache=True, error_model="numpy")
def is_inside(box, shift):
    """Whether a point lies in a box, rounding aside."""
    for a in range(len(shift)):
        if not box[0, a] - SAME_FIXED_POINT <= shift[a] <= box[1, a] + SAME_FIXED_POINT:
            return False
    return True


@numba.njit(cache=True, error_model="numpy")
def is_known(search, found):
    """Whether search.start is one of the first `found` fixed points."""
    for n in range(found):
        apart = 0.0
        for a in range(len(search.start)):
            apart = max(apart, abs(search.shift[n, a] - search.start[a]))
        if apart < SAME_FIXED_POINT:
            return True
    return False


@numba.njit(cache=True, error_model="numpy")
def include_fixed_point(search, found, shift, choice):
    """Put one that was found otherwise among the first `found`, last; how many there are now."""
    search.start[:] = shift
    if is_known(search, found):
        return found
    n = min(found, MAX_FIXED_POINTS - 1)
    search.shift[n] = shift
    search.choice[n] = choice
    return n + 1


@numba.njit(cache=True, error_model="numpy")
def nearest_fixed_point(search, found, r):
    """Which of the first `found` fixed points lies nearest to where a path was lost, r (K,)."""
    best, nearest = 0, np.inf
    for n in range(found):
        apart = 0.0
        for a in range(len(r)):
            apart = max(apart, abs(search.shift[n, a] - r[a]))
        if apart < nearest:
            best, nearest = n, apart
    return best


@numba.njit(cache=True, error_model="numpy")
def choose_fixed_point(search, found, most_telling):
    """The fixed point in which the types' choices differ most, or least; the first of equals.

    Equals are ordered by how likely the first type's first options are.
    """
    best, difference = 0, 0.0
    for n in range(found):
        apart = 0.0
        for a in range(search.shift.shape[1]):
            apart += 0.5 * abs(search.choice[n, 0, a] - search.choice[n, 1, a])
        gain = apart - difference if most_telling else difference - apart
        if n == 0 or gain > SAME_FIXED_POINT:
            best, difference = n, apart
        elif gain > -SAME_FIXED_POINT:
            for a in range(search.shift.shape[1]):
                ahead = search.choice[n, 0, a] - search.choice[best, 0, a]
                if abs(ahead) > SAME_FIXED_POINT:
                    if ahead > 0.0:
                        best, difference = n, apart
                    break
    return best
