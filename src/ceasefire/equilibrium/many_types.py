"""The equilibrium of a game in which a party has more than two types.

As in `backward_induction`, on a simplex of beliefs (`simplex_grid`): a record of a party with K
types is K - 1 log-likelihood ratios, and a decision of it a fixed point in as many unknowns for
each option (`kernels.many_types`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.many_types_paths import PathReaderArrays
from ceasefire.equilibrium.kernels.many_types_propagation import TypeReaderArrays
from ceasefire.equilibrium.kernels.simplex import locate_in_simplex
from ceasefire.equilibrium.simplex_grid import SimplexGrid, TypeReader
from ceasefire.equilibrium.solution import Equilibrium, ObserverMeasure, PublicRecord
from ceasefire.game.graph import Game
from ceasefire.game.states import Floats


def type_reader_arrays(reader: ObserverMeasure, grid: SimplexGrid) -> TypeReaderArrays:
    """The probabilities of a reader as the loops read them."""
    assert isinstance(reader, TypeReader)
    probability = np.zeros((grid.axes, grid.nodes.shape[2], grid.nodes.shape[1]))
    for h, each in enumerate(reader.probability):
        probability[h, : each.shape[0], : each.shape[1]] = each
    return TypeReaderArrays(probability, reader.density, reader.known != 0)


def path_reader_arrays(reader: ObserverMeasure, game: Game, grid: SimplexGrid) -> PathReaderArrays:
    """The records and a reader as the loops that follow exact records read them."""
    assert isinstance(reader, TypeReader)
    place = np.array([*(each.start for each in game.record_places), game.record_size])
    known = [
        int(each[:, 0].argmax()) if knows else -1
        for each, knows in zip(reader.probability, reader.known, strict=True)
    ]
    return PathReaderArrays(
        place.astype(np.int32), grid.reference, reader.prior, np.array(known, dtype=np.int32)
    )


@dataclass(frozen=True, eq=False)
class ManyTypeEquilibrium(Equilibrium):
    """A solved game in which a party has more than two types; its grid is a `SimplexGrid`."""

    @property
    def simplex(self) -> SimplexGrid:
        """The grid."""
        assert isinstance(self.belief_grid, SimplexGrid)
        return self.belief_grid

    def beliefs(self, observer: str, party: str, record: PublicRecord) -> tuple[Any, ...]:
        """What an observer believes of each type of a party at a public record.

        record   one entry for each log-likelihood ratio; arrays are returned if they are arrays

        Belief in type k is proportional to its prior times exp of less its ratio.
        """
        prior = np.array(self.priors(observer, party))
        shown = record[self.game.record_places[self.parties_with_types.index(party)]]
        logs = [np.log(prior[0]) + 0.0 * np.asarray(shown[0])]
        logs += [np.log(share) - np.asarray(r) for share, r in zip(prior[1:], shown, strict=True)]
        top = np.maximum.reduce(logs)
        odds = [np.exp(each - top) for each in logs]
        total = sum(odds)
        found = [each / total for each in odds]
        return tuple(each if each.ndim else float(each) for each in found)

    def interpolate_batch(
        self, records: Floats, observer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """(n, product of K) grid points around each of n records, and their weights.

        records (n, D)   log-likelihood ratios
        """
        grid = self.simplex
        density = grid.density[:, 0] if observer is None else _density(observer)
        points = np.zeros((len(records), 1), dtype=np.int64)
        weights = np.ones((len(records), 1))
        for h, place in enumerate(self.game.record_places):
            count = int(grid.types[h])
            around, parts = _cells_of_records(
                records[:, place], grid.reference[h, :count], int(grid.parts[h])
            )
            parts = parts * density[h, around]
            parts /= parts.sum(axis=1, keepdims=True)
            stride = int(grid.strides[h])
            points = (points[:, :, None] + around[:, None, :] * stride).reshape(len(records), -1)
            weights = (weights[:, :, None] * parts[:, None, :]).reshape(len(records), -1)
        return points, weights

    def beliefs_of_all(self, records: Floats) -> Floats:
        """(n, P + 1, B) what everybody, the analyst last, believes of each of `believed_types`.

        records (n, D)   log-likelihood ratios
        """
        grid, found = self.simplex, []
        for kinds in grid.prior_kind:
            parts = []
            for h, place in enumerate(self.game.record_places):
                prior = grid.priors[h, kinds[h], : grid.types[h]]
                parts.append(_softmax(np.log(prior) - _with_first(records[:, place])))
            found.append(np.hstack(parts))
        return np.stack(found, axis=1)

    @cached_property
    def believed_types(self) -> tuple[tuple[str, str], ...]:
        """The party and the type of each column of `point_beliefs`."""
        parties = self.game.case.parties
        return tuple((p, kind) for p in self.parties_with_types for kind in parties[p].types)

    @cached_property
    def point_beliefs(self) -> Floats:
        """(P + 1, B, L) belief of each party, the analyst last, in each of `believed_types`."""
        grid = self.simplex
        return np.array(
            [
                np.concatenate(
                    [grid.beliefs(h, kinds[h])[:, grid.axis_points(h)] for h in range(grid.axes)]
                )
                for kinds in grid.prior_kind
            ]
        )

    def type_beliefs(self, observer: str, party: str) -> tuple[Floats, ...]:
        """(1, L) what an observer believes of each type of a party at each grid point."""
        row = -1 if observer == "analyst" else self.game.parties.index(observer)
        columns = [c for c, (name, _) in enumerate(self.believed_types) if name == party]
        return tuple(self.point_beliefs[row, c][None, :] for c in columns)

    def observer_measure(
        self,
        party: str | None = None,
        type: str | None = None,
        types: Mapping[str, str] | None = None,
    ) -> TypeReader:
        """Whose probabilities are counted: by default the analyst's; see `Equilibrium`."""
        grid, game = self.simplex, self.game
        known_types, row = dict(types or {}), -1
        if party is not None:
            row = game.parties.index(party)
            if type is not None:
                known_types[game.case.party_known_to(party)] = type
        kinds = grid.prior_kind[row]
        probability, known = [], np.zeros(grid.axes, dtype=np.int32)
        for h, name in enumerate(game.parties_with_types):
            believed = grid.beliefs(h, int(kinds[h]))
            if name in known_types:
                own = list(game.case.parties[name].types).index(known_types[name])
                believed = np.zeros_like(believed)
                believed[own], known[h] = 1.0, 1
            probability.append(believed)
        density = np.array([grid.density[h, kinds[h]] for h in range(grid.axes)])
        return TypeReader(
            first_type_probability=np.concatenate([each.ravel() for each in probability])[None],
            interpolation_belief=np.zeros((0, 0)),
            prior_logit=density,
            probability=tuple(probability),
            density=density,
            known=known,
            prior=np.array([grid.priors[h, kinds[h]] for h in range(grid.axes)]),
        )


def _density(observer: ObserverMeasure) -> Floats:
    assert isinstance(observer, TypeReader)
    return observer.density


def _with_first(records: Floats) -> Floats:
    """(n, K) the ratio of the first type against each type, from those against the others."""
    return np.hstack([np.zeros((len(records), 1)), records])


def _softmax(logs: Floats) -> Floats:
    """(n, K) shares in proportion to exp of (n, K) logs."""
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Floats = odds / odds.sum(axis=1, keepdims=True)
    return found


def _cells_of_records(
    records: Floats, reference: Floats, parts: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """(n, K) corners of the cell of each record (n, K - 1), and their weights."""
    beliefs = _softmax(np.log(reference) - _with_first(records))
    points, weights = np.zeros(beliefs.shape, dtype=np.int64), np.zeros(beliefs.shape)
    raised = np.zeros(beliefs.shape[1], dtype=np.int64)
    for belief, point, weight in zip(beliefs, points, weights, strict=True):
        locate_in_simplex(belief, parts, point, weight, raised)
    return points, weights
