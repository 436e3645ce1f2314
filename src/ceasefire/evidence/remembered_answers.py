"""Numbers asked from today by formulas that remember, and from the start with types weighed anew.

A number that remembers is a mean over memories: in each the formulas go on from what they have
read, and play from the points at which it may then stand. A number asked of period 0 after the
evidence is a mean over combinations of types, each as likely as the events make it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium import Equilibrium, ParticleSet
from ceasefire.evidence.formula_memory import FormulaMemory, formula_begun
from ceasefire.evidence.remaining_case import formulas_remembered
from ceasefire.query.ast import AtomicFormula, Quantity, atomic_formulas_of
from ceasefire.query.evaluator import CONDITION_NEVER_HOLDS, Evaluator, QuantityValue
from ceasefire.query.state_distribution import StateDistribution

LEAST_MASS = 1e-12
KINDS_WEIGHED_BY_TYPES = ("P", "E", "time", "kept", "plays", "signs", "value")
TypeWeights = Mapping[tuple[tuple[str, str], ...], float]


class Part(NamedTuple):
    """A number in one of several cases, and how likely that case is."""

    mass: float
    found: QuantityValue


def mean_of_parts(parts: Sequence[Part]) -> QuantityValue:
    """One number from several cases that exclude each other; a ratio stays one of means.

    parts  the number in each, which counts by its mass and by the condition it is asked under

    >>> rare, usual = QuantityValue(1.0, given=0.2), QuantityValue(0.0, given=0.6)
    >>> round(mean_of_parts([Part(0.5, rare), Part(0.5, usual)]).value, 3)
    0.25
    """
    there = [part for part in parts if part.mass > LEAST_MASS]
    if not there:
        return QuantityValue(None)
    warnings = tuple(dict.fromkeys(said for part in there for said in part.found.warnings))
    first = there[0].found
    if any(part.found.value is None and part.found.given != 0.0 for part in there):
        return replace(first, value=None, warnings=warnings)
    wholes = [
        part.mass
        * (1.0 if part.found.given is None else part.found.given)
        * (1.0 if part.found.asked is None else part.found.asked)
        for part in there
    ]
    total, mass = sum(wholes), sum(part.mass for part in there)
    given = None if first.given is None else total / mass
    if not total > 0:
        if first.asked is not None:
            return replace(first, value=0.0, warnings=warnings)
        return QuantityValue(None, None, (CONDITION_NEVER_HOLDS,), first.scale, given=0.0)
    shares = [whole / total for whole in wholes]
    said = tuple(one for one in warnings if one != CONDITION_NEVER_HOLDS)
    errors = [part.found.error for part in there]
    known = [(share * (error or 0.0)) ** 2 for share, error in zip(shares, errors, strict=True)]
    numbers = [part.found.value or 0.0 for part in there]
    censored = [part.found.censored for part in there]
    return QuantityValue(
        float(np.dot(shares, numbers)),
        float(np.sqrt(sum(known))) if any(error is not None for error in errors) else None,
        said,
        first.scale,
        given=given,
        edge_error=max(part.found.edge_error for part in there),
        censored=None
        if None in censored
        else float(np.dot(shares, [each or 0.0 for each in censored])),
        asked=None if first.asked is None else total / mass,
    )


@dataclass(frozen=True, eq=False)
class RememberedPoints:
    """Where play may stand today in each version, and with which memory.

    standing  the points, each with one memory
    memory    (n,) memory of each point
    read      what the memories say
    horizon   how many periods there are in all
    today     the period that begins now
    """

    standing: StateDistribution
    memory: npt.NDArray[np.int64]
    read: FormulaMemory
    horizon: int
    today: int

    def values_of(
        self, quantity: Quantity, evaluator: Evaluator | None
    ) -> tuple[QuantityValue, ...]:
        """The number that a quantity which remembers has in each version.

        quantity   as it is asked today
        evaluator  of the game that the quantity is asked of; None where no period is left
        """
        columns = self.read.columns[quantity]
        rows = self.read.rows[:, columns][self.memory]
        distinct, place = np.unique(rows, axis=0, return_inverse=True)
        parts: list[list[Part]] = [[] for _ in self.standing.weights]
        for number, row in enumerate(distinct.tolist()):
            here = np.flatnonzero(place.reshape(-1) == number)
            weights = self.standing.weights[:, here]
            versions = np.flatnonzero(weights.sum(axis=1) > LEAST_MASS)
            if not len(versions):
                continue
            standing = replace(
                self.standing,
                states=self.standing.states[here],
                records=self.standing.records[here],
                weights=weights[versions],
            )
            masses = standing.weights.sum(axis=1)
            if quantity.types and evaluator is not None:
                masses = evaluator.at(standing).masses_given(quantity.types)
            found = self._values_from(quantity, row, standing, evaluator)
            for version, mass, value in zip(versions, masses, found, strict=True):
                parts[int(version)].append(Part(float(mass), value))
        return tuple(map(mean_of_parts, parts))

    def _values_from(
        self,
        quantity: Quantity,
        row: list[int],
        standing: StateDistribution,
        evaluator: Evaluator | None,
    ) -> tuple[QuantityValue, ...]:
        """The number in each version where all points have one memory."""
        count, left = standing.version_count, self._periods_left(quantity, evaluator)
        formulas = formulas_remembered(quantity)
        atoms = [atom for formula in formulas for atom in atomic_formulas_of(formula)]
        states = dict(zip(atoms, row, strict=False))
        truths = [self.read.truth(formula, states, left) for formula in formulas]
        if quantity.kind == "time":
            return self._times(quantity, row[-1], truths[0], standing, evaluator)
        if quantity.kind == "kept":
            if truths[0] is not None or evaluator is None:
                return (QuantityValue(0.0 if truths[0] else 1.0),) * count
            return evaluator.at(standing).values_of(quantity)
        if quantity.provided is not None and truths[-1] is False:
            return (QuantityValue(None, None, (CONDITION_NEVER_HOLDS,), given=0.0),) * count
        known = truths[0] is not None and (len(truths) == 1 or truths[1])
        if quantity.kind == "P" and known:
            given = None if quantity.provided is None else 1.0
            return (QuantityValue(float(truths[0] or 0.0), given=given),) * count
        over = quantity.kind == "E" and quantity.periods == 0
        if evaluator is None or over:
            said = ("asks how things stood at a date that is past",) if over else ()
            return (QuantityValue(None, None, said),) * count
        return evaluator.at(standing).values_of(_begun(quantity, states))

    def _periods_left(self, quantity: Quantity, evaluator: Evaluator | None) -> int:
        if evaluator is None:
            return 0
        horizon = evaluator.game.case.horizon
        return horizon if quantity.periods is None else min(quantity.periods, horizon)

    def _times(
        self,
        quantity: Quantity,
        waited: int,
        come: bool | None,
        standing: StateDistribution,
        evaluator: Evaluator | None,
    ) -> tuple[QuantityValue, ...]:
        """How long it has been and will be waited for."""
        scale = float(max(1, (quantity.remembers or 0) + self._periods_left(quantity, evaluator)))
        if come is not None or evaluator is None:
            never = 0.0 if come else 1.0
            return (QuantityValue(float(waited), None, (), scale, censored=never),) * (
                standing.version_count
            )
        return tuple(
            replace(one, value=None if one.value is None else one.value + waited, scale=scale)
            for one in evaluator.at(standing).values_of(quantity)
        )

    def is_decided(self, quantity: Quantity, version: int) -> bool:
        """Whether nothing that may come can change a quantity in a version.

        quantity  a quantity that remembers
        version   which version
        """
        ends = self._end_of(quantity)
        there = np.unique(self.memory[self.standing.weights[version] > LEAST_MASS])
        rows = {tuple(self.read.rows[one][self.read.columns[quantity]]) for one in there}
        left = max(0, ends - self.today)
        return len(rows) == 1 and self.read.decided(quantity, int(there[0]), left)

    def _end_of(self, quantity: Quantity) -> int:
        """The first period that a quantity no longer looks at."""
        if quantity.periods is None:
            return self.horizon
        return (quantity.remembers or 0) + quantity.periods

    def decided_since(self, quantity: Quantity, stages: Sequence[ParticleSet]) -> int | None:
        """The number of periods after which a quantity could no longer change; None if it can.

        quantity  a quantity that remembers
        stages    where play may have stood at the beginning of each period, today's the last
        """
        ends = self._end_of(quantity)
        for period, points in enumerate(stages):
            left = max(0, ends - period)
            memories = np.unique(points.memory[points.mass > LEAST_MASS])
            rows = {tuple(self.read.rows[one][self.read.columns[quantity]]) for one in memories}
            if len(rows) == 1 and self.read.decided(quantity, int(memories[0]), left):
                return period
        return None


def _begun(quantity: Quantity, states: Mapping[AtomicFormula, int]) -> Quantity:
    """A quantity whose formulas go on from what they have read."""
    formula, provided = (
        None if one is None else formula_begun(one, states)
        for one in (quantity.formula, quantity.provided)
    )
    return replace(quantity, formula=formula, provided=provided)


def type_weights(
    equilibrium: Equilibrium, points: ParticleSet, renewed: frozenset[str]
) -> TypeWeights:
    """How likely each combination of the types of period 0 is after the events.

    equilibrium  how the parties play
    points       where play may stand today, masses summing to 1
    renewed      parties whose types may have been drawn anew since: they count as beforehand
    """
    case = equilibrium.game.case
    believed = []
    for party in equilibrium.parties_with_types:
        shares = (
            equilibrium.priors("analyst", party)
            if party in renewed
            else equilibrium.beliefs("analyst", party, tuple(points.records.T))
        )
        believed.append([np.broadcast_to(share, len(points)) for share in shares])
    found = {}
    names = equilibrium.parties_with_types
    for kinds in product(*(range(len(shares)) for shares in believed)):
        likely = points.mass.copy()
        for shares_at_points, kind in zip(believed, kinds, strict=True):
            likely = likely * shares_at_points[kind]
        types = (
            (party, list(case.parties[party].types)[kind])
            for party, kind in zip(names, kinds, strict=True)
        )
        found[tuple(sorted(types))] = float(likely.sum())
    return found


def value_with_types_weighed(
    evaluator: Evaluator, quantity: Quantity, weights: TypeWeights
) -> QuantityValue:
    """A quantity asked of period 0, its types as likely as the weights say.

    evaluator  of the game that it is asked of, from the start
    quantity   the quantity
    weights    of each combination of types

    Beliefs are asked as they were: they go by the prior and by what is shown.
    """
    moved = quantity.kind in KINDS_WEIGHED_BY_TYPES or (
        quantity.kind == "belief" and quantity.after_periods is not None
    )
    if not moved or len(weights) < 2 or quantity.type is not None:
        return evaluator.value_of(quantity)
    case, fixed = evaluator.game.case, dict(quantity.types)
    parts: dict[Quantity, float] = {}
    for types, weight in weights.items():
        if any(dict(types)[party] != kind for party, kind in fixed.items()):
            continue
        one = replace(quantity, types=types)
        if quantity.kind == "value" and quantity.observer != "analyst":
            known = case.party_known_to(quantity.party)
            own = dict(types)[known] if case.types_known_to(quantity.party) else None
            one = replace(one if quantity.after else quantity, type=own)
        parts[one] = parts.get(one, 0.0) + weight
    return mean_of_parts([Part(mass, evaluator.value_of(one)) for one, mass in parts.items()])
