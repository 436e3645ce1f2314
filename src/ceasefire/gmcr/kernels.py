"""Sanctions and improvements on a graph of moves (kernels).

S states, P parties, M movers; F, T the moves (first, target), B each mover's members as bits,
R the ranks (P, S), K the states somebody knows of (S,).
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def is_move_allowed(code, other, once, never):
    """Whether a party may go from one code to another: `once` is never dropped, `never` taken."""
    return (code & ~other & once) == 0 and (other & ~code & never) == 0


@numba.njit(cache=True, nogil=True)
def count_option_moves(rest, code, order, once, never, counts):
    """Fill counts (S,) with the number of moves from each state.

    rest    (S,) increasing: states with the same value are one cell
    code    (S,) the options taken, in the same order; order (S,) which state that is
    """
    begin = 0
    while begin < len(rest):
        end = begin
        while end < len(rest) and rest[end] == rest[begin]:
            end += 1
        for i in range(begin, end):
            n = 0
            for j in range(begin, end):
                if i != j and is_move_allowed(code[i], code[j], once, never):
                    n += 1
            counts[order[i]] = n
        begin = end


@numba.njit(cache=True, nogil=True)
def fill_option_moves(rest, code, order, once, never, first, target):
    """Write each state's moves into target, behind first (S + 1,)."""
    begin = 0
    while begin < len(rest):
        end = begin
        while end < len(rest) and rest[end] == rest[begin]:
            end += 1
        for i in range(begin, end):
            place = first[order[i]]
            for j in range(begin, end):
                if i != j and is_move_allowed(code[i], code[j], once, never):
                    target[place] = order[j]
                    place += 1
        begin = end


NONE_REACHED = np.int32(2**31 - 1)


@numba.njit(cache=True, nogil=True)
def all_members_gain(R, bits, s, t):
    """Whether every party in `bits` ranks t above s."""
    every = True
    for p in range(R.shape[0]):
        every = every and (not bits >> p & 1 or R[p, t] > R[p, s])
    return every


@numba.njit(cache=True, nogil=True)
def least_reachable_rank(value, F, T, B, outside, R, improving, K):
    """(S,) least value that the parties `outside` can reach from each state, MOST if none.

    They move in sequences of one move or more in which no party moves twice running; with
    `improving` every mover gains by each of its own steps. Sweeps until nothing changes.
    """
    M, S = F.shape[0], F.shape[1] - 1
    best = np.full((M, S), NONE_REACHED, np.int32)  # least after a first step by this mover
    onward = np.empty((M, S), np.int32)  # least on arriving here by this mover's step
    for m in range(M):
        for s in range(S):
            onward[m, s] = value[s] if K[s] else NONE_REACHED
    changed, upwards = True, False
    while changed:
        changed, upwards = False, not upwards
        for i in range(S):
            s = i if upwards else S - 1 - i
            if not K[s]:
                continue
            for m in range(M):
                if B[m] & ~outside:
                    continue
                least = best[m, s]
                for a in range(F[m, s], F[m, s + 1]):
                    t = T[a]
                    if onward[m, t] < least and (not improving or all_members_gain(R, B[m], s, t)):
                        least = onward[m, t]
                if least < best[m, s]:
                    best[m, s] = least
                    changed = True
                    for n in range(M):
                        if B[n] & B[m] == 0 and least < onward[n, s]:
                            onward[n, s] = least
    found = np.full(S, NONE_REACHED, np.int32)
    for m in range(M):
        for s in range(S):
            found[s] = min(found[s], best[m, s])
    return found


@numba.njit(cache=True, nogil=True)
def best_rank_in_one_move(r, F, T, m, K):
    """(S,) the best rank a mover holds at each state, by staying there or by one more move."""
    S = len(r)
    found = np.empty(S, np.int32)
    for s in range(S):
        best = r[s]
        for a in range(F[m, s], F[m, s + 1]):
            if K[T[a]]:
                best = max(best, r[T[a]])
        found[s] = best
    return found


@numba.njit(cache=True, nogil=True)
def clear_unsanctioned_states(r, far, F, T, m, K, sanctions, stable):
    """Clear stable (C, S) where some improvement of mover m meets no sanction of that concept.

    far        (S,) the highest rank that counts as a sanction of leaving each state
    sanctions  (C, S) least value that the others can answer with, for each concept
    """
    for s in range(len(r)):
        if not K[s]:
            continue
        for a in range(F[m, s], F[m, s + 1]):
            t = T[a]
            if K[t] and r[t] > r[s]:
                for c in range(sanctions.shape[0]):
                    if sanctions[c, t] > far[s]:
                        stable[c, s] = False


@numba.njit(cache=True, nogil=True)
def find_state_index(C, whole, code):
    """Index of a code in the increasing C, -1 if absent; `whole` if C is 0, 1, 2, …"""
    if whole:
        return code
    low, high = 0, len(C)
    while low < high:
        middle = (low + high) // 2
        if C[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low if low < len(C) and C[low] == code else -1


@numba.njit(cache=True, nogil=True)
def is_simultaneously_sanctioned(C, whole, r, s, t, changes, first, at, K, budget):
    """Whether some joint choice of the others, made with the move to t, is no better than s.

    changes[first[j] : first[j + 1]] are party j's improvements from s, as flipped bits; at (P,)
    is for use. Gives 1, 0, or -1 where `budget` is spent; counts it down.
    """
    P = len(first) - 1
    inner = 0  # the party whose changes are gone through in a plain loop
    for j in range(P):
        if first[j + 1] - first[j] > first[inner + 1] - first[inner]:
            inner = j
    at[:] = first[:-1] - 1  # one below the first change: staying
    worst = r[s]
    while True:
        base = C[t]
        for j in range(P):
            if j != inner and at[j] >= first[j]:
                base ^= changes[at[j]]
        x = find_state_index(C, whole, base)
        if x >= 0 and K[x] and r[x] <= worst:
            return 1
        for b in range(first[inner], first[inner + 1]):
            x = find_state_index(C, whole, base ^ changes[b])
            if x >= 0 and r[x] <= worst and K[x]:
                return 1
        budget[0] -= 1 + first[inner + 1] - first[inner]
        if budget[0] < 0:
            return -1
        j = 0
        while j < P:
            if j != inner:
                at[j] += 1
                if at[j] < first[j + 1]:
                    break
                at[j] = first[j] - 1
            j += 1
        if j == P:
            return 0


@numba.njit(cache=True, nogil=True)
def fill_simultaneous_stability(C, R, F, T, p, K, budget, stable):
    """Fill stable (S,) for party p where moves are made at the same time; -1 if over budget."""
    P, S = R.shape
    first = np.zeros(P + 1, np.int64)
    changes = np.empty(1, np.int64)
    at = np.empty(P, np.int64)
    whole = len(C) > 0 and C[0] == 0 and C[-1] == len(C) - 1 and len(C) & (len(C) - 1) == 0
    for s in range(S):
        if not K[s]:
            continue
        ready = False
        for a in range(F[p, s], F[p, s + 1]):
            t = T[a]
            if not K[t] or R[p, t] <= R[p, s]:
                continue
            if not ready:
                most = 0
                for j in range(P):
                    most += F[j, s + 1] - F[j, s]
                if most > len(changes):
                    changes = np.empty(most, np.int64)
                n = 0
                for j in range(P):
                    first[j] = n
                    if j != p:
                        for b in range(F[j, s], F[j, s + 1]):
                            if K[T[b]] and R[j, T[b]] > R[j, s]:
                                changes[n] = C[T[b]] ^ C[s]
                                n += 1
                first[P] = n
                ready = True
            answer = is_simultaneously_sanctioned(
                C, whole, R[p], s, t, changes, first, at, K, budget
            )
            if answer < 0:
                return -1
            if answer == 0:
                stable[s] = False
                break
    return 0


@numba.njit(cache=True, nogil=True)
def list_reachable_states(F, T, B, group, K, s, stamp, arrived, listed, queue, out):
    """Write into out the states the parties in `group` can reach from s; gives their number.

    arrived (M, S) and listed (S,) hold the stamp of the last search; queue (M * S,) is for use.
    """
    M, S = F.shape[0], F.shape[1] - 1
    head, tail, n = 0, 1, 0
    queue[0] = -1
    while head < tail:
        last, x = (-1, s) if queue[head] < 0 else (queue[head] // S, queue[head] % S)
        head += 1
        for m in range(M):
            if B[m] & ~group or (last >= 0 and B[m] & B[last]):
                continue
            for a in range(F[m, x], F[m, x + 1]):
                t = T[a]
                if not K[t] or arrived[m, t] == stamp:
                    continue
                arrived[m, t] = stamp
                queue[tail] = m * S + t
                tail += 1
                if listed[t] != stamp:
                    listed[t] = stamp
                    out[n] = t
                    n += 1
    return n


@numba.njit(cache=True, nogil=True)
def clear_unstable_for_coalition(F, T, B, R, group, outside, K, answers, chains, stable):
    """Clear stable (4, S: Nash, GMR, SMR, SEQ) where a coalition has an improvement that holds.

    answers, chains  (P, S) least rank of each member after the others' moves, or improvements
    """
    P, S = R.shape
    M = F.shape[0]
    arrived = np.zeros((3, M, S), np.int64)
    listed = np.zeros((3, S), np.int64)
    queue = np.empty(M * S + 1, np.int64)
    moves, replies, more = np.empty(S, np.int64), np.empty(S, np.int64), np.empty(S, np.int64)
    weak = np.empty(S, np.int8)  # 1 answers that hold, 0 those the coalition can answer, -1 unknown
    stamps = np.zeros(3, np.int64)
    for s in range(S):
        if not K[s]:
            continue
        stamps[0] += 1
        weak[:] = -1
        for i in range(
            list_reachable_states(
                F, T, B, group, K, s, stamps[0], arrived[0], listed[0], queue, moves
            )
        ):
            t = moves[i]
            if not all_members_gain(R, group, s, t):
                continue
            stable[0, s] = False
            answered = chained = False
            for p in range(P):
                if group >> p & 1:
                    answered |= answers[p, t] <= R[p, s]
                    chained |= chains[p, t] <= R[p, s]
            if not answered:
                stable[1, s] = stable[2, s] = False
            if not chained:
                stable[3, s] = False
            if stable[2, s]:
                stamps[1] += 1
                holds = False
                n = list_reachable_states(
                    F, T, B, outside, K, t, stamps[1], arrived[1], listed[1], queue, replies
                )
                for k in range(n):
                    u = replies[k]
                    if weak[u] < 0:
                        weak[u] = 0
                        if not all_members_gain(R, group, s, u):
                            weak[u] = 1
                            stamps[2] += 1
                            e = list_reachable_states(
                                F, T, B, group, K, u, stamps[2], arrived[2], listed[2], queue, more
                            )
                            for j in range(e):
                                if all_members_gain(R, group, s, more[j]):
                                    weak[u] = 0
                                    break
                    if weak[u] == 1:
                        holds = True
                        break
                if not holds:
                    stable[2, s] = False
            if not (stable[1, s] or stable[2, s] or stable[3, s]):
                break
