"""Moves within cells of states that differ in one party's options only (kernels)."""

import numba


@numba.njit(cache=True, nogil=True)
def allowed(code, other, once, never):
    """Whether a party may go from one code to another: `once` is never dropped, `never` taken."""
    return (code & ~other & once) == 0 and (other & ~code & never) == 0


@numba.njit(cache=True, nogil=True)
def count_moves(rest, code, order, once, never, counts):
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
                if i != j and allowed(code[i], code[j], once, never):
                    n += 1
            counts[order[i]] = n
        begin = end


@numba.njit(cache=True, nogil=True)
def fill_moves(rest, code, order, once, never, first, target):
    """Write each state's moves into target, behind first (S + 1,)."""
    begin = 0
    while begin < len(rest):
        end = begin
        while end < len(rest) and rest[end] == rest[begin]:
            end += 1
        for i in range(begin, end):
            place = first[order[i]]
            for j in range(begin, end):
                if i != j and allowed(code[i], code[j], once, never):
                    target[place] = order[j]
                    place += 1
        begin = end
