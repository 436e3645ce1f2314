"""What passes from one period to the next, and what is to be expected there?"""

import numba


@numba.njit(cache=True, error_model="numpy", nogil=True)
def enter_period(stands, entry, moving, busy):
    """Put what stands in each state (X, Q, L) at the slot (X,) where the period begins in it."""
    for x in range(stands.shape[0]):
        if stands[x].any():
            moving[entry[x]] = stands[x]
            busy[entry[x]] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def close_period(moving, busy, on_end, stands):
    """Let the automaton read the states (X, Q) reached at a period's end, and clear the way."""
    stands[:] = 0.0
    for x in range(stands.shape[0]):
        if busy[x]:
            for q in range(stands.shape[1]):
                to = on_end[x, q]
                for lane in range(stands.shape[2]):
                    stands[x, to, lane] += moving[x, q, lane]
        moving[x] = 0.0
        busy[x] = False


@numba.njit(cache=True, error_model="numpy", nogil=True)
def accumulate_expectations(stands, features, beliefs, mass, ends, observe, belief):
    """Add up what is expected: mass (Q,), ends (X,), observe (Q, m), belief (Q, P + 1, H)."""
    for x in range(stands.shape[0]):
        for q in range(stands.shape[1]):
            for lane in range(stands.shape[2]):
                s = stands[x, q, lane]
                if s == 0.0:
                    continue
                mass[q] += s
                ends[x] += s
                for m in range(features.shape[1]):
                    observe[q, m] += s * features[x, m]
                for j in range(beliefs.shape[0]):
                    for h in range(beliefs.shape[1]):
                        belief[q, j, h] += s * beliefs[j, h, lane]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def fill_period_end_values(payoff, patience, ahead, values):
    """What each end of a period is worth (X, R, L): its payoff and, discounted, what lies ahead."""
    for x in range(ahead.shape[0]):
        for r in range(ahead.shape[1]):
            for lane in range(ahead.shape[2]):
                values[x, r, lane] = payoff[x, r] + patience[r] * ahead[x, r, lane]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def collect_period_start_values(values, entry, ahead):
    """What each state is worth where a period begins in it; 0 where none does."""
    for x in range(ahead.shape[0]):
        if entry[x] >= 0:
            ahead[x] = values[entry[x]]
        else:
            ahead[x] = 0.0
