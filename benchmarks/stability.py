"""Time stability analysis on conflicts of many states: python benchmarks/stability.py [options …].

Options are shared out among three parties and every party ranks all states at random; the answer
is asserted to be the same as that of a check of a few states by the definitions alone.
"""

import resource
import sys
import time

import numpy as np

from ceasefire.case import Frozen
from ceasefire.game import Choice, Conflict, StateGraph
from ceasefire.solve import CONCEPTS, stability

PARTIES = ("a", "b", "c")
SMALL = 4096


def conflict(options: int) -> Conflict:
    """2 ** options states, options dealt out in turn, rankings at random."""
    draw = np.random.default_rng(options)
    rankings = {p: tuple((int(c),) for c in draw.permutation(1 << options)) for p in PARTIES}
    chosen = tuple(Choice(f"option {o}", PARTIES[o % 3]) for o in range(options))
    return Conflict(PARTIES, chosen, rankings=Frozen(rankings))


def general(graph: StateGraph, p: int, s: int) -> bool:
    """GMR by the definition: each improvement has a reachable state that is no better."""
    others = [m for m in range(len(graph.parties)) if m != p]
    rank = graph.rank[p]
    for t in graph.leads(p, s):
        if rank[t] <= rank[s]:
            continue
        todo, known, sanctioned = [t], {t}, False
        while todo and not sanctioned:
            here = todo.pop()
            fresh = {u for m in others for u in graph.leads(m, here)} - known
            sanctioned = any(rank[u] <= rank[s] for u in fresh)
            known |= fresh
            todo += fresh
        if not sanctioned:
            return False
    return True


def main() -> None:
    """Time each size asked for, 10, 12 and 20 options if none."""
    stability(conflict(4).graph())  # compiles
    for options in [int(word) for word in sys.argv[1:]] or [10, 12, 20]:
        asked = conflict(options)
        begin = time.perf_counter()
        graph = asked.graph(memory=1e10)
        middle = time.perf_counter()
        found = stability(graph)
        end = time.perf_counter()
        for p, party in enumerate(PARTIES):
            order = np.argsort(graph.rank[p])
            lowest = order[:5] if graph.states <= SMALL else order[graph.states // 2 :][:5]
            for s in map(int, [*lowest, *order[-5:]]):
                assert found.stable[party]["GMR"][s] == general(graph, p, s), (party, s)
        counts = ", ".join(f"{c} {len(found.equilibria(c)):,}" for c in found.concepts)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(  # noqa: T201
            f"{graph.states:,} states, {len(graph.target):,} moves: graph {middle - begin:.2f} s, "
            f"verdicts {end - middle:.2f} s, peak {peak:.1f} GB; equilibria {counts}"
        )
        assert set(found.concepts) == set(CONCEPTS) or found.notes


if __name__ == "__main__":
    main()
