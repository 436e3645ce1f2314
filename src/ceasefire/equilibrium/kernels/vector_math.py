"""What are exp and log as plain arithmetic, of which the compiler makes vector instructions?"""

import numba
import numpy as np

ROUND_TO_INTEGER = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number
LOG2E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
SQRT_HALF = 0.7071067811865476


@numba.njit(inline="always", cache=True, error_model="numpy", fastmath={"contract"})
def vectorisable_exp(x):
    """exp(x) to 4e-16 of itself: a polynomial, so it vectorises. 0 below -708, exp(709) above."""
    within = min(max(x, -708.0), 709.0)
    t = within * LOG2E + ROUND_TO_INTEGER
    n = t - ROUND_TO_INTEGER
    y = (within - n * LN2_HIGH) - n * LN2_LOW
    p = 2.08767569878681e-09
    p = p * y + 2.505210838544172e-08
    p = p * y + 2.755731922398589e-07
    p = p * y + 2.7557319223985893e-06
    p = p * y + 2.48015873015873e-05
    p = p * y + 1.984126984126984e-04
    p = p * y + 1.388888888888889e-03
    p = p * y + 8.333333333333333e-03
    p = p * y + 4.1666666666666664e-02
    p = p * y + 1.6666666666666666e-01
    p = p * y + 0.5
    p = p * y + 1.0
    p = p * y + 1.0
    bits = np.float64(p).view(np.int64) + (np.float64(t).view(np.int64) << 52)
    return np.int64(bits).view(np.float64) if x >= -708.0 else 0.0


@numba.njit(inline="always", cache=True, error_model="numpy", fastmath={"contract"})
def vectorisable_log(x):
    """log(x) of a positive normal number, to 3e-16: a series, so it vectorises."""
    bits = np.float64(x).view(np.int64)
    shifted = bits - np.float64(SQRT_HALF).view(np.int64)
    e = shifted >> 52
    m = np.int64(bits - (e << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1.0 / 21.0
    p = p * z + 1.0 / 19.0
    p = p * z + 1.0 / 17.0
    p = p * z + 1.0 / 15.0
    p = p * z + 1.0 / 13.0
    p = p * z + 1.0 / 11.0
    p = p * z + 1.0 / 9.0
    p = p * z + 1.0 / 7.0
    p = p * z + 1.0 / 5.0
    p = p * z + 1.0 / 3.0
    n = np.float64(e)
    return n * LN2_HIGH + (2.0 * s + (2.0 * s * z * p + n * LN2_LOW))
