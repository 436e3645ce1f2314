"""What does everyone do on the branch of logit equilibria that is followed for the whole game?

Everybody's precision rises together, from 0, where all play by weight, and one path of equilibria
of the whole game is followed by arclength: at each of its points every decision is in equilibrium
with all others. Decision by decision what comes later is held fixed instead, at full precision.

A step is taken only if the bordered Jacobian keeps the sign of its determinant and the direction
turns little, else it is shortened; where the sign changes at every step size the path has met a
branch point and goes straight on.

Source: McKelvey & Palfrey (1998), Experimental Economics 1; Turocy (2005), Games and Economic
Behavior 51, section 3; Allgower & Georg (1990), Numerical Continuation Methods.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.structures import BRANCH_POINT_FLAG, UNRESOLVED_FLAG
from ceasefire.equilibrium.kernels.whole_game import (
    JacobianEntries,
    WholeGameArrays,
    WholeGamePlayers,
    WholeGameValues,
    evaluate_whole_game,
    fill_whole_jacobian,
    permutation_sign,
)
from ceasefire.equilibrium.solution import (
    BeliefGrid,
    Equilibrium,
    FixedPointCertificate,
    FlaggedDecisions,
    build_belief_grid,
    policy_layout,
)
from ceasefire.game.graph import DECISION, Game, UnrolledGame
from ceasefire.game.parameters import GameParameters
from ceasefire.game.states import Floats
from ceasefire.stopping import stop_if_asked

SURE = 45.0  # beyond it a belief is 0 or 1 in floating point
CORRECTOR_TOLERANCE, FINAL_TOLERANCE = 1e-8, 1e-10
CORRECTOR_ITERATIONS, FINAL_ITERATIONS = 6, 12
FIRST_STEP, LONGEST_STEP, LONGEST_SHARE = 0.02, 20.0, 0.1
SHORTEST_STEP, SMALL_STEP = 1e-9, 1e-4  # a step so small may turn; one past a branch point too
MOST_TURN, LITTLE_TURN = 0.5, 0.15  # of the direction, in its largest coordinate
SHORTEN, LENGTHEN = 0.25, 2.0
SHORTER = 0.1  # all steps, if the path was lost
LEAST_SHARE = -0.01  # a path that turns back so far is lost
DIVERGED_RESIDUAL = 1e8
MOST_DENSE_EQUATIONS = 100  # more are solved sparsely, for which SciPy is imported
MOST_STEPS = 5_000


@dataclass(frozen=True)
class PathEnd:
    """Where the path was left.

    log_odds       (n,) of every option against the first of its decision, weights aside
    arrived        whether everybody's full precision was reached
    branch_points  how many were met on the way
    residual       largest error left in an equation
    steps          how many steps were taken
    """

    log_odds: Floats
    arrived: bool
    branch_points: int
    residual: float
    steps: int


def solve_on_whole_branch(
    game: Game, parameters: GameParameters, precision_factor: float
) -> Equilibrium:
    """The equilibrium at the end of the branch for the whole game.

    game              unrolled, with parties with types
    parameters        its numbers in one world
    precision_factor  factor on every party's precision

    Choices and values do not depend on the grid point: every place has one record.
    """
    assert game.unrolled is not None
    system = _WholeSystem(game, game.unrolled, parameters, precision_factor)
    end = system.follow_branch()
    grid = _certain_grid(game, parameters)
    values, layouts, policies = system.as_policies(end.log_odds, grid.point_count)
    return Equilibrium(
        game=game,
        parameters=parameters,
        belief_grid=grid,
        precision_factor=precision_factor,
        selection="whole",
        certificate=FixedPointCertificate(
            residual=end.residual,
            unresolved=0 if end.arrived else 1,
            branch_points=end.branch_points,
            decision_count=system.decision_count,
            continued_by_arclength=system.decision_count,
        ),
        policies=policies,
        policy_offsets=layouts,
        values=values,
        values_at={},
        flagged=system.flag_decisions(end, grid.point_count),
        record_of_state=system.records(end.log_odds)[game.unrolled.history],
    )


class _WholeSystem:
    """The equations of an unrolled game in one world, and the path of their solutions."""

    def __init__(
        self,
        game: Game,
        unrolled: UnrolledGame,
        parameters: GameParameters,
        precision_factor: float,
    ) -> None:
        self.game, self.unrolled, self.parameters = game, unrolled, parameters
        self._place: list[npt.NDArray[Any]] = []
        self.arrays = self._lay_out()
        self.players = self._players(precision_factor)
        places, readers = len(self.arrays.kind), len(game.player_types)
        histories, axes = len(unrolled.shown), len(game.parties_with_types)
        self.values = WholeGameValues(
            log_choice=self._log_news.copy(),
            record=np.zeros((histories, axes)),
            value=np.zeros((places, readers)),
            residual=np.zeros(self._unknowns),
            slope=np.zeros(self._unknowns),
        )
        self.size = self._unknowns + 1 + places * readers + histories * axes
        self.scale = np.ones(self._unknowns)
        options = np.diff(self.arrays.first)
        most = (
            3 * self._unknowns + 1
            + int((readers * (1 + 5 * options + axes) + 8 * options + 2 * readers).sum())
            + histories * (2 * axes + 2 * int(options.max(initial=1)))
        )  # fmt: skip
        self._jacobian = JacobianEntries(
            np.zeros(most, dtype=np.int32), np.zeros(most, dtype=np.int32), np.zeros(most)
        )

    @property
    def decision_count(self) -> int:
        """Decisions between two options or more."""
        return int((self.arrays.unknown >= 0).sum())

    def _lay_out(self) -> WholeGameArrays:
        """All periods in one, the last period first; ends that play cannot come to are left out."""
        game, last = self.game, self.game.periods - 1
        payoff, types_payoff = self.parameters.payoff, self.parameters.payoff_by_types
        patience, readers = self._patience(), len(game.player_types)
        forever = patience / (1.0 - patience) * (game.case.ending == "lasts")
        self._place = [np.zeros(0, dtype=np.int64)] * game.periods
        parts: list[dict[str, npt.NDArray[Any]]] = []
        base = 0
        for period in range(last, -1, -1):
            graph, numbers = game.graphs[period], self.parameters.by_graph[period]
            states = len(game.states)
            used = np.ones(graph.node_count, dtype=np.bool_)
            used[:states] = False
            used[graph.successor] = True
            place = np.where(used, base + np.cumsum(used) - 1, -1)
            self._place[period] = place
            ends = np.flatnonzero(used[:states])
            gain = -numbers.payment_by_type
            by_types = np.zeros((len(types_payoff), graph.node_count, readers))
            news = numbers.chance_by_type
            news = news if len(news) else np.zeros((len(graph.successor), 2))
            ever = 1.0 + (forever if period == last else 0.0)
            if len(types_payoff):
                by_types[:, ends] = types_payoff[:, ends] * ever
            else:
                gain[ends] = payoff[ends] * ever
            counts = np.diff(graph.first_branch)[used]
            successor = place[graph.successor]
            extra = np.zeros(0, dtype=np.int64)
            if period < last:
                begins = game.graphs[period + 1].step_entry[0, ends]
                extra = self._place[period + 1][begins]
                counts[: len(ends)] = 1
            blank = np.zeros(len(extra))
            parts.append(
                {
                    "kind": graph.node_kind[used],
                    "mover": graph.mover[used].astype(np.int32),
                    "axis": graph.axis[used].astype(np.int32),
                    "history": self.unrolled.node_history[period][used],
                    "counts": counts,
                    "successor": np.concatenate([extra, successor]),
                    "chance": np.concatenate([blank, numbers.chance]),
                    "cost": np.concatenate([np.zeros((len(extra), 2)), numbers.cost]),
                    "log_weight": np.concatenate([blank, numbers.log_weight]),
                    "gain": gain[used],
                    "gain_by_types": by_types[:, used].transpose(1, 0, 2),
                    "news": np.concatenate([np.zeros((len(extra), 2)), news]),
                }
            )
            base += int(used.sum())
        joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        counts, news = joined.pop("counts"), joined.pop("news")
        joined["gain_by_types"] = joined["gain_by_types"].transpose(1, 0, 2)
        decides = (joined["kind"] == DECISION) & (counts > 1)
        kinds = np.where(joined["axis"] >= 0, 2, 1)
        unknowns = np.where(decides, kinds * (counts - 1), 0)
        choices = np.where(decides | (joined["axis"] >= 0), kinds * counts, 0)
        self._unknowns = int(unknowns.sum())
        first = np.cumsum(counts) - counts
        place = np.cumsum(choices) - choices
        self._log_news = np.zeros(int(choices.sum()))
        for g in np.flatnonzero((joined["axis"] >= 0) & ~decides):
            told = news[first[g] : first[g] + counts[g]].T.ravel()
            with np.errstate(divide="ignore"):  # an outcome that a type rules out
                self._log_news[place[g] : place[g] + choices[g]] = np.log(told)
        before, at, option, axis = self._histories()
        return WholeGameArrays(
            first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            unknown=np.where(decides, np.cumsum(unknowns) - unknowns, -1),
            choice=np.where(choices > 0, place, -1),
            before=before,
            shown_at=at,
            shown_option=option,
            shown_axis=axis,
            **{key: np.ascontiguousarray(array) for key, array in joined.items()},
        )

    def _histories(self) -> tuple[npt.NDArray[Any], ...]:
        shown = self.unrolled.shown
        numbers = np.zeros((4, len(shown)), dtype=np.int64)
        place_of: dict[tuple[int, int, int], int] = {}
        for period, graph in enumerate(self.game.graphs):
            decisions = np.flatnonzero(graph.axis >= 0)
            built, history = self.unrolled.node[period], self.unrolled.node_history[period]
            for n in decisions.tolist():
                place_of[period, int(built[n]), int(history[n])] = int(self._place[period][n])
        for k, choice in enumerate(shown):
            if choice is not None:
                at = place_of[choice.period, choice.node, choice.before]
                numbers[:, k] = choice.before, at, choice.option, choice.axis
        before, at_place, option, axis = numbers
        return before.astype(np.int32), at_place, option.astype(np.int32), axis.astype(np.int32)

    def _patience(self) -> Floats:
        party = [self.game.parties.index(name) for name, _ in self.game.player_types]
        patience: Floats = self.parameters.patience[party]
        return patience

    def _players(self, precision_factor: float) -> WholeGamePlayers:
        game = self.game
        names = [name for name, _ in game.player_types]
        hidden = [game.parties.index(name) for name in game.parties_with_types]
        prior = self.parameters.prior[:-1, hidden]
        return WholeGamePlayers(
            axis=game.type_axis,
            own=np.array([names.index(name) for name in game.parties], dtype=np.int32),
            party=np.array([game.parties.index(name) for name in names], dtype=np.int32),
            type_index=np.array([kind for _, kind in game.player_types], dtype=np.int32),
            logit=np.ascontiguousarray(np.log(prior) - np.log1p(-prior)),
            patience=self._patience(),
            precision=self.parameters.precision * precision_factor,
        )

    def records(self, log_odds: Floats) -> Floats:
        """(S, H) what each history has shown."""
        evaluate_whole_game(self.arrays, self.players, log_odds, 1.0, self.values)
        return self.values.record.copy()

    def as_policies(
        self, log_odds: Floats, points: int
    ) -> tuple[Floats, tuple[npt.NDArray[Any], ...], tuple[Floats, ...]]:
        """Values (X, R, L) at the start; offsets and choices as an equilibrium lays them out."""
        evaluate_whole_game(self.arrays, self.players, log_odds, 1.0, self.values)
        game, chosen = self.game, np.exp(self.values.log_choice)
        entry = game.graphs[0].step_entry[0]
        place = np.where(entry >= 0, self._place[0][entry], -1)
        start = np.where((place >= 0)[:, None], self.values.value[place], 0.0)
        values = np.repeat(start[:, :, None], points, axis=2)
        offsets, policies = [], []
        for graph, place in zip(game.graphs, self._place, strict=True):
            options = np.diff(graph.first_branch)
            offset, count = policy_layout(graph, game)
            choices = np.ones(int(count.sum()))
            for n in np.flatnonzero((count > 0) & (options > 1)):
                first = self.arrays.choice[place[n]]
                choices[offset[n] : offset[n] + count[n]] = chosen[first : first + count[n]]
            offsets.append((offset * points).astype(np.int64))
            policies.append(np.repeat(choices, points))
        return values, tuple(offsets), tuple(policies)

    def flag_decisions(self, end: PathEnd, points: int) -> dict[int, FlaggedDecisions]:
        """Every signalling decision, where the path was lost or met a branch point."""
        flag = (0 if end.arrived else UNRESOLVED_FLAG) | (
            BRANCH_POINT_FLAG if end.branch_points else 0
        )
        flagged: dict[int, FlaggedDecisions] = {}
        for period, graph in enumerate(self.game.graphs):
            nodes = np.flatnonzero((graph.node_kind == DECISION) & (graph.axis >= 0))
            if flag and len(nodes):
                node, point = np.repeat(nodes, points), np.tile(np.arange(points), len(nodes))
                flagged[period] = FlaggedDecisions(node, point, np.full(len(node), flag, np.int8))
        return flagged

    def follow_branch(self) -> PathEnd:
        """Follow the branch from precision 0; once more with shorter steps if it was lost."""
        end = self._follow(1.0)
        return end if end.arrived else self._follow(SHORTER)

    def _follow(self, shortened: float) -> PathEnd:
        """The end of the branch, or the point where it was lost.

        A point is (n + 1,): the unknowns divided by the scale, and the share of precision.
        """
        n, branch_points = self._unknowns, 0
        z, along = np.zeros(n + 1), np.zeros(n + 1)
        along[n] = 1.0
        self._evaluate(z)
        self.scale = np.maximum(1.0, np.abs(self.values.slope))
        found = self._tangent(z, along)
        assert found is not None, "at precision 0 every choice is determined"
        along, sign = found
        h = FIRST_STEP * shortened
        for step in range(MOST_STEPS):
            stop_if_asked()
            longest = LONGEST_SHARE / max(abs(along[n]), LONGEST_SHARE / LONGEST_STEP)
            h = min(h, shortened * longest)
            fine, trial, turned, new_sign, turn = self._try_step(z, along, h)
            if not fine or new_sign != sign:
                if h > SHORTEST_STEP:
                    h *= SHORTEN
                    continue
                if not fine:
                    break
                branch_points, sign = branch_points + 1, -sign
                z, along, h = trial, turned, SMALL_STEP
                continue
            if trial[n] >= 1.0:
                at_end = self._finish(z, trial, h)
                if at_end is not None:
                    return PathEnd(at_end, True, branch_points, self._residual(at_end), step)
                if h <= SHORTEST_STEP:
                    break
                h *= SHORTEN
                continue
            z, along = trial, turned
            if z[n] < LEAST_SHARE:
                break
            h *= LENGTHEN if turn < LITTLE_TURN else 1.0
        left = z[:n] * self.scale
        return PathEnd(left, False, branch_points, self._residual(left), step)

    def _try_step(
        self, z: Floats, along: Floats, h: float
    ) -> tuple[bool, Floats, Floats, float, float]:
        """Predict by h and correct: if it may be taken, the point, direction, sign and turn."""
        n = self._unknowns
        predicted = z + h * along
        trial = self._correct(predicted, along)
        found = None if trial is None else self._tangent(trial, along)
        if trial is None or found is None:
            return False, z, along, 0.0, np.inf
        turned, sign = found
        turn, drift = float(np.abs(turned - along).max()), float(np.abs(trial - predicted).max())
        fine = (turn < MOST_TURN and drift < 0.5 * h) or h < SMALL_STEP
        if turned[n] < 0.0 < along[n] and h > SHORTEST_STEP:  # a fold may reach beyond the end
            part = (trial[n] - z[n] - h * turned[n]) / (along[n] - turned[n])
            fine = fine and z[n] + part * along[n] < 1.0
        return fine, trial, turned, sign, turn

    def _correct(self, z: Floats, along: Floats) -> Floats | None:
        """Back to the path, at right angles to `along`; None where it is not reached."""
        n, start, point = self._unknowns, z, z.copy()
        for _ in range(CORRECTOR_ITERATIONS):
            self._evaluate(point)
            residual, off = self.values.residual / self.scale, float(along @ (point - start))
            size = np.abs(residual).max(initial=0.0)
            if not size < DIVERGED_RESIDUAL:
                return None
            if size <= CORRECTOR_TOLERANCE and abs(off) <= CORRECTOR_TOLERANCE:
                return point
            solved = self._solve(point[n], along, np.append(residual, off))
            if solved is None:
                return None
            point = point - solved[0]
        return None

    def _finish(self, z: Floats, beyond: Floats, h: float) -> Floats | None:
        """Log odds at full precision between two points; None where Newton leaves the path."""
        n = self._unknowns
        start = z + (1.0 - z[n]) / (beyond[n] - z[n]) * (beyond - z)
        point, fixed = start.copy(), np.zeros(n + 1)
        point[n] = fixed[n] = 1.0
        for _ in range(FINAL_ITERATIONS):
            self._evaluate(point)
            residual = self.values.residual / self.scale
            if np.abs(residual).max(initial=0.0) <= FINAL_TOLERANCE:
                near = np.abs(point - start).max() <= max(0.5 * h, 1e-6)
                return point[:n] * self.scale if near else None
            solved = self._solve(1.0, fixed, np.append(residual, 0.0))
            if solved is None:
                return None
            point = point - solved[0]
        return None

    def _tangent(self, z: Floats, along: Floats) -> tuple[Floats, float] | None:
        """Direction of the path at a point of it, and the sign of the bordered determinant."""
        self._evaluate(z)
        wanted = np.zeros(self._unknowns + 1)
        wanted[-1] = 1.0
        solved = self._solve(z[-1], along, wanted)
        if solved is None:
            return None
        direction, sign = solved
        return direction / np.abs(direction).max(), sign

    def _solve(self, share: float, along: Floats, wanted: Floats) -> tuple[Floats, float] | None:
        """The bordered system where it was evaluated last; None where it is singular.

        wanted (n + 1,)  right side of the equations and the border; values and records are exact
        """
        count = fill_whole_jacobian(
            self.arrays, self.players, share, self.values, self.scale, along, self._jacobian
        )
        rows, columns = self._jacobian.row[:count], self._jacobian.column[:count]
        entries = self._jacobian.entry[:count]
        right = np.zeros(self.size)
        right[: len(wanted)] = wanted
        solve = _solve_dense if self.size <= MOST_DENSE_EQUATIONS else _solve_sparse
        found = solve(rows, columns, entries, right)
        if found is None or not np.isfinite(found[0][: len(wanted)]).all():
            return None
        return found[0][: len(wanted)], found[1]

    def _evaluate(self, z: Floats) -> None:
        evaluate_whole_game(self.arrays, self.players, z[:-1] * self.scale, z[-1], self.values)

    def _residual(self, log_odds: Floats) -> float:
        """Largest error left in an equation at full precision."""
        evaluate_whole_game(self.arrays, self.players, log_odds, 1.0, self.values)
        return float(np.abs(self.values.residual).max(initial=0.0))


def _solve_dense(
    rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], entries: Floats, right: Floats
) -> tuple[Floats, float] | None:
    """The solution, and the sign of the determinant; None where that is 0."""
    matrix = np.zeros((len(right), len(right)))
    np.add.at(matrix, (rows, columns), entries)
    try:
        solved = np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
        return solved, float(np.linalg.slogdet(matrix)[0])
    except np.linalg.LinAlgError:
        return None


def _solve_sparse(
    rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], entries: Floats, right: Floats
) -> tuple[Floats, float] | None:
    """As `_solve_dense`, for many equations."""
    from scipy.sparse import csc_array  # slow to import
    from scipy.sparse.linalg import splu

    try:
        factors = splu(csc_array((entries, (rows, columns)), shape=(len(right), len(right))))
    except RuntimeError:  # exactly singular
        return None
    sign = permutation_sign(factors.perm_r) * permutation_sign(factors.perm_c)
    sign *= -1.0 if (factors.U.diagonal() < 0.0).sum() % 2 else 1.0
    return factors.solve(right), sign


def _certain_grid(game: Game, parameters: GameParameters) -> BeliefGrid:
    """Three records on each axis: certainty either way and, between them, the prior.

    What is constant in the record is carried exactly by what is linear in belief.
    """
    laid = build_belief_grid(game, parameters, 3)
    furthest = SURE + np.abs(laid.prior_logit).max(axis=1, initial=0.0)
    record = furthest[:, None] * np.array([-1.0, 0.0, 1.0])
    return replace(
        laid,
        axis_size=3,
        lowest_record=-furthest,
        spacing=furthest,
        prior_index=np.ones(laid.axes, dtype=np.int32),
        belief=1.0 / (1.0 + np.exp(-(laid.prior_logit[:, :, None] + record[:, None, :]))),
    )
