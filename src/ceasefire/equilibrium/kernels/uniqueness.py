"""Where do the fixed points of a signalling decision lie, and is there only one?

With c = log S_A - log S_B every fixed point has r_a = q D_a(l + r_a) - c. From an interval for
each r_a follow bounds on the values there, from these bounds on what each type can choose and so
on c, and from c narrower intervals. Once they no longer shrink: if det J > 0 all over the box,
the fixed point is the only one, since the indices of all fixed points add up to 1.

`problem` is a DecisionProblem, q the mover's precision, `record` the record before the decision,
`scratch` a UniquenessScratch; a box (2, K) holds the least and greatest shift r_a.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment
from ceasefire.equilibrium.kernels.structures import MAX_RECORD, allocate_uniqueness_scratch

MAX_NARROWING_ROUNDS = 12
MIN_NARROWING = 0.8  # a round that leaves more than this of the width is the last
MIN_BOX_WIDTH = 1e-9
DETERMINANT_MARGIN = 1e-3
FRACTION_HALVINGS = 5


@numba.njit(cache=True, error_model="numpy")
def fill_value_bounds(problem, a, low_record, high_record, found):
    """Least and greatest W_A, W_B and D of option a over an interval of records.

    found (6,), filled: the least W_A, W_B and D, then the greatest.
    """
    W, belief = problem.values, problem.belief
    low, step, logit = problem.low, problem.step, problem.logit
    N = W.shape[2]
    first, x = locate_segment(low_record, low, step, N)
    f = interpolation_weight(x, first, logit, belief)
    last, y = locate_segment(high_record, low, step, N)
    g = interpolation_weight(y, last, logit, belief)
    for i in range(2):
        k, h = (first, f) if i == 0 else (last, g)
        w_a = W[0, a, k] + h * (W[0, a, k + 1] - W[0, a, k])
        w_b = W[1, a, k] + h * (W[1, a, k + 1] - W[1, a, k])
        if i == 0:
            found[0], found[1], found[2] = w_a, w_b, w_a - w_b
            found[3], found[4], found[5] = w_a, w_b, w_a - w_b
        else:
            widen_value_bounds(found, w_a, w_b)
    for k in range(first + 1, last + 1):
        widen_value_bounds(found, W[0, a, k], W[1, a, k])


@numba.njit(cache=True, error_model="numpy", inline="always")
def widen_value_bounds(found, w_a, w_b):
    """Take one more pair of values into the bounds."""
    d = w_a - w_b
    found[0], found[1], found[2] = min(found[0], w_a), min(found[1], w_b), min(found[2], d)
    found[3], found[4], found[5] = max(found[3], w_a), max(found[4], w_b), max(found[5], d)


@numba.njit(cache=True, error_model="numpy")
def max_belief_slope(belief, k):
    """The most that belief grows with the record between nodes k and k + 1."""
    if belief[k] < 0.5 < belief[k + 1]:
        return 0.25
    return max(belief[k] * (1.0 - belief[k]), belief[k + 1] * (1.0 - belief[k + 1]))


@numba.njit(cache=True, error_model="numpy")
def is_determinant_positive(problem, q, record, box, max_choice):
    """Whether det J > 0 all over the box, where no option is likelier than max_choice (2, K)."""
    W, belief, low, step = problem.values, problem.belief, problem.low, problem.step
    K, N = W.shape[1], W.shape[2]
    least, greatest, total = 0.0, 0.0, 0.0
    for a in range(K):
        start, stop = record + box[0, a], record + box[1, a]
        if stop <= low or start >= low + step * (N - 1):
            continue
        first, _ = locate_segment(start, low, step, N)
        last, _ = locate_segment(stop, low, step, N)
        low_a, high_b = 0.0, 0.0
        for k in range(first, last + 1):
            width = belief[k + 1] - belief[k]
            slope_a = q * (W[0, a, k + 1] - W[0, a, k]) / width
            slope_b = q * (W[1, a, k + 1] - W[1, a, k]) / width
            left = belief[k] * (1.0 - belief[k])
            right = belief[k + 1] * (1.0 - belief[k + 1])
            for g in (min(left, right), max_belief_slope(belief, k)):
                d = 1.0 - g * (slope_a - slope_b)
                if d <= DETERMINANT_MARGIN:
                    return False
                low_a, high_b = min(low_a, g * slope_a / d), max(high_b, g * slope_b / d)
        least, greatest = min(least, low_a), max(greatest, high_b)
        total += max_choice[0, a] * low_a - max_choice[1, a] * high_b
    return 1.0 + max(least - greatest, total) > DETERMINANT_MARGIN


@numba.njit(cache=True, error_model="numpy")
def bound_common_shift(problem, q, record, box, scratch):
    """Least and greatest c = log S_A - log S_B, whatever the shifts in the box.

    scratch.value_bounds and scratch.max_choice are filled.
    """
    log_weight, bounds, max_choice = problem.log_weight, scratch.value_bounds, scratch.max_choice
    K = len(log_weight)
    least, greatest = np.inf, -np.inf
    for a in range(K):
        fill_value_bounds(problem, a, record + box[0, a], record + box[1, a], bounds[a])
        least, greatest = min(least, bounds[a, 2]), max(greatest, bounds[a, 5])
    up, down = 0.0, 0.0
    for a in range(K):
        for t in range(2):
            other = 0.0
            for b in range(K):
                if b != a:
                    gap = log_weight[b] - log_weight[a] + q * (bounds[b, t] - bounds[a, 3 + t])
                    other += math.exp(min(gap, MAX_RECORD))
            max_choice[t, a] = 1.0 / (1.0 + other)
        up += max_choice[1, a] * math.exp(q * (bounds[a, 5] - greatest))
        down += max_choice[0, a] * math.exp(q * (least - bounds[a, 2]))
    high = q * greatest + min(math.log(up), 0.0)
    low = q * least - min(math.log(down), 0.0)
    return low, high


@numba.njit(cache=True, error_model="numpy")
def narrow_box(problem, q, record, box, scratch):
    """Narrow the box [box[0, a], box[1, a]] of every r_a once, in place; the sum of its widths.

    scratch.value_bounds and scratch.max_choice are filled. From a box without bounds this gives
    one that holds at every record.
    """
    low, high = bound_common_shift(problem, q, record, box, scratch)
    bounds = scratch.value_bounds
    width = 0.0
    for a in range(len(problem.log_weight)):
        box[0, a] = max(box[0, a], q * bounds[a, 2] - high)
        box[1, a] = min(box[1, a], q * bounds[a, 5] - low)
        if box[0, a] > box[1, a]:
            middle = 0.5 * (box[0, a] + box[1, a])
            box[0, a], box[1, a] = middle - MIN_BOX_WIDTH, middle + MIN_BOX_WIDTH
        width += box[1, a] - box[0, a]
    return width


@numba.njit(cache=True, error_model="numpy")
def prove_unique_in_box(problem, q, record, scratch):
    """Narrow scratch.box until it is shown to hold one fixed point only, or no longer shrinks.

    Returns whether it was shown.
    """
    box = scratch.box
    width = np.inf
    for _ in range(MAX_NARROWING_ROUNDS):
        now = narrow_box(problem, q, record, box, scratch)
        if is_determinant_positive(problem, q, record, box, scratch.max_choice):
            return True
        if not now < MIN_NARROWING * width or now < MIN_BOX_WIDTH:
            return False
        width = now
    return False


@numba.njit(cache=True, error_model="numpy")
def fill_widest_box(problem, q, scratch):
    """The box that holds every fixed point at every record, into scratch.widest_box.

    scratch.widest_choice is filled with bounds of the choices there.
    """
    bound_by_values(problem, q, scratch)
    narrow_by_other_options(problem, q, scratch)


@numba.njit(cache=True, error_model="numpy")
def bound_by_values(problem, q, scratch):
    """Fill scratch.widest_box and widest_choice with what follows from bounds of all values."""
    scratch.widest_box[0], scratch.widest_box[1] = -np.inf, np.inf
    narrow_box(problem, q, 0.0, scratch.widest_box, scratch)
    scratch.widest_choice[:] = scratch.max_choice


@numba.njit(cache=True, error_model="numpy")
def narrow_by_other_options(problem, q, scratch):
    """Narrow scratch.widest_box to what each r_a may be apart from the others, at any record.

    By the mean value theorem r_a - r_b = q (D_a - D_b) + q D' (r_a - r_b), the first read at one
    record and D' the slope of D_a or of D_b somewhere. Some r_b is 0 at most and some at least,
    since the choices of each type add up to 1. scratch.value_bounds is used up.
    """
    W, box, found = problem.values, scratch.widest_box, scratch.value_bounds
    K, N = W.shape[1], W.shape[2]
    for a in range(K):
        found[a, 0], found[a, 1] = bound_diagonal(problem, q, a)
        found[a, 2], found[a, 3] = 0.0, 0.0
    for a in range(K):
        for b in range(a):
            least, most = np.inf, -np.inf
            for k in range(N):
                gap = q * (W[0, a, k] - W[1, a, k] - W[0, b, k] + W[1, b, k])
                least, most = min(least, gap), max(most, gap)
            low, high = -np.inf, np.inf
            for option in (a, b):
                d_low, d_high = found[option, 0], found[option, 1]
                if d_low > DETERMINANT_MARGIN:
                    low = max(low, least / (d_high if least > 0.0 else d_low))
                    high = min(high, most / (d_low if most > 0.0 else d_high))
            found[a, 2], found[a, 3] = min(found[a, 2], low), max(found[a, 3], high)
            found[b, 2], found[b, 3] = min(found[b, 2], -high), max(found[b, 3], -low)
    for a in range(K):
        box[0, a] = max(box[0, a], found[a, 2] - MIN_BOX_WIDTH)
        box[1, a] = min(box[1, a], found[a, 3] + MIN_BOX_WIDTH)


@numba.njit(cache=True, error_model="numpy")
def bound_diagonal(problem, q, a):
    """Least and greatest d_a = 1 - q D_a', whatever the record."""
    W, belief = problem.values, problem.belief
    least, most = 1.0, 1.0
    for k in range(W.shape[2] - 1):
        gap = W[0, a, k + 1] - W[1, a, k + 1] - W[0, a, k] + W[1, a, k]
        d = 1.0 - q * gap / (belief[k + 1] - belief[k]) * max_belief_slope(belief, k)
        least, most = min(least, d), max(most, d)
    return least, most


@numba.njit(cache=True, error_model="numpy")
def is_unique_everywhere(problem, q, scratch):
    """Whether there is one fixed point only, whatever the record: det J > 0 all over the grid.

    scratch.widest_box and widest_choice are filled by bounds of all values.
    """
    bound_by_values(problem, q, scratch)
    scratch.box[0], scratch.box[1] = -np.inf, np.inf
    return is_determinant_positive(problem, q, 0.0, scratch.box, scratch.max_choice)


@numba.njit(cache=True, error_model="numpy")
def unique_precision_fraction(problem, q):
    """A fraction of the precision q at which there is one fixed point only at every record."""
    scratch = allocate_uniqueness_scratch(len(problem.log_weight))
    least, most = 0.0, 1.0
    for _ in range(FRACTION_HALVINGS):
        fraction = 0.5 * (least + most)
        if is_unique_everywhere(problem, fraction * q, scratch):
            least = fraction
        else:
            most = fraction
    return least
