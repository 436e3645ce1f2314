"""A solved game played forwards with the exact record of each path, for formulas on beliefs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ceasefire.game.states import Floats, Ints
from ceasefire.solve._follow import walk
from ceasefire.solve.onward import Points, start_point
from ceasefire.solve.play import Play
from ceasefire.solve.viewer import Viewer

RECORDS = 100_000
SAME = 1e-9


class Reader(Protocol):
    """An automaton that may read beliefs; beliefs are (n, P + 1, H), the analyst's last."""

    on_label: Ints  # (labels, Q)

    def start_of(self, states: Ints, beliefs: Floats) -> Ints:
        """(n,) its state after reading the states play starts in."""

    def end_of(self, states: Ints, beliefs: Floats, before: Ints) -> Ints:
        """(n,) its next state at a period's end."""


@dataclass(frozen=True, eq=False)
class Followed:
    """Where the automaton stands after 0, 1, …, n periods.

    mass   (n + 1, Q) probability of each of its states
    paths  (n + 1, N) its state on each sampled path, None where every record was followed
    """

    mass: Floats
    paths: npt.NDArray[np.int32] | None


def follow(
    play: Play,
    start: int | Points,
    reader: Reader,
    *,
    viewer: Viewer | None = None,
    periods: int | None = None,
    seed: int = 0,
) -> Followed:
    """Follow every record that play can leave, deciding between grid nodes by interpolation.

    start  a public state in which nothing has been shown, or points whose masses sum to 1

    Records are exact, paths that meet in the same state and record are joined. Beyond 100,000 of
    them 100,000 paths are drawn instead (`paths` is then given, for the standard error).
    """
    count = play.game.case.horizon if periods is None else periods
    viewer = play.viewer() if viewer is None else viewer
    begin = start if isinstance(start, Points) else start_point(play, start)
    exact = _run(play, begin, reader, viewer, count, None)
    if exact is not None:
        return exact
    sampled = _run(play, begin, reader, viewer, count, seed)
    if sampled is None:
        raise AssertionError("a sampled path always ends")
    return sampled


def _run(
    play: Play, begin: Points, reader: Reader, viewer: Viewer, count: int, seed: int | None
) -> Followed | None:
    game, grid = play.game, play.records
    believe = _believer(play)
    axis_of = game.axis_of
    known = np.array([w[0] if w[0] == w[-1] else -1.0 for w in viewer.weight])
    states, record, mass = begin.states, begin.records, begin.mass
    if seed is not None:
        ticks = (np.arange(RECORDS) + 0.5) / RECORDS
        drawn = np.searchsorted(np.cumsum(mass), ticks * mass.sum()).clip(max=len(mass) - 1)
        states, record = states[drawn], record[drawn]
        mass = np.full(RECORDS, 1.0 / RECORDS)
    q = reader.start_of(states, believe(record))
    size = reader.on_label.shape[1]
    masses, paths = [np.bincount(q, mass, size)], [q]
    for period in range(count):
        number = game.graph_number(period)
        graph = game.graphs[number]
        ends, q, record, mass, done = walk(
            graph.kind, graph.mover, graph.first, graph.successor, graph.label,
            play.offsets[number], play.chance(number), play.policies[period], axis_of,
            grid.low, grid.step, grid.size, grid.strides, grid.logit, grid.belief,
            known, viewer.logit, reader.on_label,
            graph.entry[0, states], q.astype(np.int32), record, mass,
            seed is not None, RECORDS * (10 if seed is None else 1),
            (seed or 0) + 1000003 * period,
        )  # fmt: skip
        if done < 0:
            return None
        states = ends
        q = reader.end_of(states, believe(record), q)
        if seed is None:
            states, q, record, mass = _joined(states, q, record, mass)
            if len(states) > RECORDS:
                return None
        masses.append(np.bincount(q, mass, size))
        paths.append(q)
    return Followed(np.array(masses), None if seed is None else np.array(paths))


def _believer(play: Play) -> Callable[[Floats], Floats]:
    grid = play.records
    axes = np.arange(grid.axes)
    logit = np.array([grid.logit[axes, kinds] for kinds in grid.kind])

    def believe(record: Floats) -> Floats:
        with np.errstate(over="ignore"):  # what is beyond it is 0, as it should be
            believed: Floats = 1.0 / (1.0 + np.exp(-(logit + record[:, None, :])))
        return believed

    return believe


def _joined(
    states: Ints, q: Ints, record: Floats, mass: Floats
) -> tuple[Ints, Ints, Floats, Floats]:
    """Paths in the same public state, automaton state and record, as one."""
    rounded = np.round(record / SAME).astype(np.int64)
    keys = np.column_stack([states, q, rounded])
    _, where, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    total: Floats = np.bincount(back.reshape(-1), mass).astype(np.float64)
    return states[where], q[where], record[where], total
