"""Which improvements meet a sanction on a graph of moves (kernels)?

S states, P parties, M movers, A moves; R the ranks (P, S), r those of one party (S,), K (S,) the
states somebody knows of, C (S,) the options taken in each state, as bits.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

NONE_REACHED = np.int32(2**31 - 1)
NASH, GMR, SMR, SEQ = range(4)
ANSWER_UNKNOWN, ANSWER_EVADED, ANSWER_HOLDS = -1, 0, 1


class Moves(NamedTuple):
    """Mover m goes from state s to `target[first[m, s] : first[m, s + 1]]`.

    first       (M, S + 1) where each state's moves begin
    target      (A,) the state a move leads to
    mover_bits  (M,) the parties of each mover as bits
    rank        (P, S) rank of each state for each party, a higher one being better
    """

    first: npt.NDArray[np.int64]
    target: npt.NDArray[np.int32]
    mover_bits: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int32]


class JointReplies(NamedTuple):
    """The improvements of every party from one state, to be made at the same time.

    changes  options that each improvement flips, as bits
    first    (P + 1,) where each party's improvements begin in `changes`
    at       (P,) room to count through them
    """

    changes: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]


class Search(NamedTuple):
    """Room for searches; a stamp tells what the last one has found.

    arrived  (M, S) stamp of the last search that came to a state by a mover's step
    listed   (S,) stamp of the last search that listed a state
    queue    (M S + 1,) steps still to be followed
    """

    arrived: npt.NDArray[np.int64]
    listed: npt.NDArray[np.int64]
    queue: npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def is_move_allowed(code, other, kept, barred):
    """Whether a party may go from one code to another: `kept` stay, `barred` are not taken."""
    return (code & ~other & kept) == 0 and (other & ~code & barred) == 0


@numba.njit(cache=True, nogil=True)
def count_option_moves(others_options, code, order, kept, barred, counts):
    """Fill counts (S,) with the number of moves from each state.

    others_options  (S,) increasing; the party moves among states with the same value
    code            (S,) the options taken, in the same order; order (S,) which state that is
    """
    begin = 0
    while begin < len(others_options):
        end = begin
        while end < len(others_options) and others_options[end] == others_options[begin]:
            end += 1
        for i in range(begin, end):
            n = 0
            for j in range(begin, end):
                if i != j and is_move_allowed(code[i], code[j], kept, barred):
                    n += 1
            counts[order[i]] = n
        begin = end


@numba.njit(cache=True, nogil=True)
def fill_option_moves(others_options, code, order, kept, barred, first, target):
    """Write each state's moves into target, behind first (S + 1,)."""
    begin = 0
    while begin < len(others_options):
        end = begin
        while end < len(others_options) and others_options[end] == others_options[begin]:
            end += 1
        for i in range(begin, end):
            a = first[order[i]]
            for j in range(begin, end):
                if i != j and is_move_allowed(code[i], code[j], kept, barred):
                    target[a] = order[j]
                    a += 1
        begin = end


@numba.njit(cache=True, nogil=True)
def all_members_gain(R, bits, s, t):
    """Whether every party in `bits` ranks t above s."""
    every = True
    for p in range(R.shape[0]):
        every = every and (not bits >> p & 1 or R[p, t] > R[p, s])
    return every


@numba.njit(cache=True, nogil=True)
def least_reachable_rank(moves, value, outside, improving, K):
    """(S,) least value that the parties `outside` can reach from each state, or NONE_REACHED.

    They move in sequences of one move or more in which no party moves twice running; with
    `improving` every mover gains by each of its own steps. Sweeps until nothing changes.
    """
    F, T, B, R = moves
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
def best_rank_in_one_move(moves, r, m, K):
    """(S,) the best rank a mover holds at each state, by staying there or by one more move."""
    F, T, _, _ = moves
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
def clear_unsanctioned_states(moves, r, m, limit, K, sanctions, stable):
    """Clear stable (C, S) where some improvement of mover m meets no sanction of that concept.

    limit      (S,) the highest rank that counts as a sanction of leaving each state
    sanctions  (C, S) least rank that the others can answer with, for each concept
    """
    F, T, _, _ = moves
    for s in range(len(r)):
        if not K[s]:
            continue
        for a in range(F[m, s], F[m, s + 1]):
            t = T[a]
            if K[t] and r[t] > r[s]:
                for c in range(sanctions.shape[0]):
                    if sanctions[c, t] > limit[s]:
                        stable[c, s] = False


@numba.njit(cache=True, nogil=True)
def find_state_index(C, code):
    """Index of a code in the increasing C, -1 if absent."""
    if C[-1] == len(C) - 1:  # every code is there: 0, 1, 2, …
        return code if code < len(C) else -1
    low, high = 0, len(C)
    while low < high:
        middle = (low + high) // 2
        if C[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low if low < len(C) and C[low] == code else -1


@numba.njit(cache=True, nogil=True)
def is_simultaneously_sanctioned(C, replies, r, s, t, K, budget):
    """Whether some joint choice of the others, made with the move to t, is no better than s.

    replies  the others' improvements from s
    budget   (1,) joint choices that may still be looked at, counted down

    Gives 1, 0, or -1 where `budget` is spent.
    """
    changes, first, at = replies
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
        x = find_state_index(C, base)
        if x >= 0 and K[x] and r[x] <= worst:
            return 1
        for b in range(first[inner], first[inner + 1]):
            x = find_state_index(C, base ^ changes[b])
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
def fill_simultaneous_stability(moves, C, p, K, budget, stable):
    """Fill stable (S,) for party p where moves are made at the same time; -1 if over budget."""
    F, T, _, R = moves
    P, S = R.shape
    first = np.zeros(P + 1, np.int64)
    changes = np.empty(1, np.int64)
    at = np.empty(P, np.int64)
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
            replies = JointReplies(changes, first, at)
            answer = is_simultaneously_sanctioned(C, replies, R[p], s, t, K, budget)
            if answer < 0:
                return -1
            if answer == 0:
                stable[s] = False
                break
    return 0


@numba.njit(cache=True, nogil=True)
def list_reachable_states(moves, group, K, s, stamp, search, out):
    """Write into out the states the parties in `group` can reach from s; gives their number.

    stamp  number of this search, another one than those of all before
    """
    F, T, B, _ = moves
    arrived, listed, queue = search
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
def holds_against_coalition(moves, group, K, s, u, stamp, search, out):
    """Whether a coalition that left s for gain is no better off at u, nor wherever it goes next."""
    R = moves.rank
    if all_members_gain(R, group, s, u):
        return False
    for i in range(list_reachable_states(moves, group, K, u, stamp, search, out)):
        if all_members_gain(R, group, s, out[i]):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def clear_unstable_for_coalition(moves, group, outside, K, answers, chains, stable):
    """Clear stable (4, S: NASH, GMR, SMR, SEQ) where a coalition has an improvement that holds.

    answers, chains  (P, S) least rank of each member after the others' moves, or improvements
    """
    F, _, _, R = moves
    P, S = R.shape
    M = F.shape[0]
    queue = np.empty(M * S + 1, np.int64)
    own = Search(np.zeros((M, S), np.int64), np.zeros(S, np.int64), queue)
    others = Search(np.zeros((M, S), np.int64), np.zeros(S, np.int64), queue)
    again = Search(np.zeros((M, S), np.int64), np.zeros(S, np.int64), queue)
    targets, replies, further = np.empty(S, np.int64), np.empty(S, np.int64), np.empty(S, np.int64)
    verdict = np.empty(S, np.int8)  # on each answer of the others to an improvement from s
    stamp = 0
    for s in range(S):
        if not K[s]:
            continue
        stamp += 1
        verdict[:] = ANSWER_UNKNOWN
        for i in range(list_reachable_states(moves, group, K, s, stamp, own, targets)):
            t = targets[i]
            if not all_members_gain(R, group, s, t):
                continue
            stable[NASH, s] = False
            answered = chained = False
            for p in range(P):
                if group >> p & 1:
                    answered |= answers[p, t] <= R[p, s]
                    chained |= chains[p, t] <= R[p, s]
            if not answered:
                stable[GMR, s] = stable[SMR, s] = False
            if not chained:
                stable[SEQ, s] = False
            if stable[SMR, s]:
                stamp += 1
                sanctioned = False
                for k in range(list_reachable_states(moves, outside, K, t, stamp, others, replies)):
                    u = replies[k]
                    if verdict[u] == ANSWER_UNKNOWN:
                        stamp += 1
                        holds = holds_against_coalition(
                            moves, group, K, s, u, stamp, again, further
                        )
                        verdict[u] = ANSWER_HOLDS if holds else ANSWER_EVADED
                    if verdict[u] == ANSWER_HOLDS:
                        sanctioned = True
                        break
                stable[SMR, s] = sanctioned
            if not (stable[GMR, s] or stable[SMR, s] or stable[SEQ, s]):
                break
