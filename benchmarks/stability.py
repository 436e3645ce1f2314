"""Stability against the dense matrix method, and its growth with the moves.

Options are shared out among three parties and every party ranks all states at random. The matrix
method writes moves, improvements and preferences as S × S matrices; who can sanction whom is then
a product of matrices. All verdicts are compared. SIM, which has no such form, is left out.

Source: Xu, Hipel, Kilgour & Fang (2018), Conflict Resolution Using the Graph Model, chapter 4.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.clock import duel, rounds
from benchmarks.fit import exponents
from benchmarks.table import Effort, Row, seconds
from ceasefire.case import FrozenMapping
from ceasefire.gmcr import Conflict, ConflictOption, StateGraph, stability

PARTIES = ("a", "b", "c")
CONCEPTS = ("Nash", "GMR", "SMR", "SEQ")
LINEAR = 1.2
Matrix = npt.NDArray[np.float32]


def rows(effort: Effort) -> Iterator[Row]:
    """Stability against matrices, then how its time grows with the moves."""
    graph = conflict(effort.pick(7, 10))
    found, matrices = stability(graph).by_party, by_matrices(graph)
    for party in PARTIES:
        for concept in CONCEPTS:
            if not (found[party][concept] == matrices[party][concept]).all():
                raise AssertionError(f"{concept} of {party}: the matrix method disagrees")
    met = duel(lambda: stability(graph), lambda: by_matrices(graph), effort.pick(3, 5))
    yield Row(
        what=f"stability of {graph.states:,} states, 3 parties",
        ours=seconds(met.ours),
        other=f"NumPy matrices {seconds(met.theirs)}",
        ratio=met.ratio,
        low=met.spread[0],
        high=met.spread[1],
        before="442 times as fast",
    )
    graphs = [conflict(options) for options in ((6, 8, 10) if effort.quick else (12, 15, 17))]
    moves = [len(graph.target) for graph in graphs]
    times = [rounds(partial(stability, graph), 3) for graph in graphs]
    power, low, high = exponents(moves, times)
    yield Row(
        what="stability grows with the moves",
        ours=f"{seconds(times[-1][0])} at {moves[-1]:,} moves",
        other=f"{seconds(times[0][0])} at {moves[0]:,} moves",
        ratio=power, low=low, high=high, target=LINEAR, kind="growth",
        before="exponent 0.964",
    )  # fmt: skip


def conflict(options: int) -> StateGraph:
    """2 ** options states, options dealt out in turn, rankings at random."""
    draw = np.random.default_rng(options)
    rankings = {p: tuple((int(c),) for c in draw.permutation(1 << options)) for p in PARTIES}
    chosen = tuple(ConflictOption(f"option {o}", PARTIES[o % 3]) for o in range(options))
    graph = Conflict(PARTIES, chosen, rankings=FrozenMapping(rankings)).state_graph()
    return replace(graph, encoding=None)


def by_matrices(graph: StateGraph) -> dict[str, dict[str, npt.NDArray[np.bool_]]]:
    """The same verdicts from S × S matrices of noughts and ones."""
    moves = [_moves(graph, m) for m in range(len(graph.parties))]
    better = [(rank > rank[:, None]).astype(np.float32) for rank in graph.rank]
    gains = [move * gain for move, gain in zip(moves, better, strict=True)]
    stable = {}
    for p, party in enumerate(graph.parties):
        others = [m for m in range(len(moves)) if m != p]
        worse, held = 1 - better[p], 1 - _some(better[p] @ moves[p].T)
        answers, chains = _reached([moves[m] for m in others]), _reached([gains[m] for m in others])
        sanctions = {
            "Nash": np.zeros_like(worse),
            "GMR": _some(worse @ answers.T),
            "SMR": _some((worse * held) @ answers.T),
            "SEQ": _some(worse @ chains.T),
        }
        stable[party] = {
            concept: ~(gains[p] > sanction).any(axis=1) for concept, sanction in sanctions.items()
        }
    return stable


def _moves(graph: StateGraph, mover: int) -> Matrix:
    first = graph.first_move[mover]
    source = np.repeat(np.arange(graph.states), np.diff(first))
    matrix = np.zeros((graph.states, graph.states), dtype=np.float32)
    matrix[source, graph.target[first[0] : first[-1]]] = 1
    return matrix


def _some(counts: Matrix) -> Matrix:
    return (counts > 0).astype(np.float32)


def _reached(moves: list[Matrix]) -> Matrix:
    """What legal sequences reach: nobody moves twice running, so who moved last is kept apart."""
    last, before = [move.copy() for move in moves], -1.0
    while (count := float(sum(matrix.sum(dtype=np.float64) for matrix in last))) > before:
        before = count
        for m, move in enumerate(moves):
            for k in range(len(moves)):
                if k != m:
                    last[m] = _some(last[m] + last[k] @ move)
    return _some(np.asarray(sum(last), dtype=np.float32))


MEASUREMENTS = (rows,)
