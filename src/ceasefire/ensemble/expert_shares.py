"""What follows from each expert's numbers alone, and who disagrees about what?

A world is drawn from one expert, so that the worlds of one expert are a sample of what this expert
says. Two experts disagree about a claim if the 95 % intervals of their shares do not overlap. The
reason given is the driver for which the influence times the Kolmogorov distance of what the two
say is largest:

    influence * max over x of |F(x) - G(x)|
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ceasefire.case import Case, Judgement, Unknown, pooled_shares_below
from ceasefire.ensemble.run import EnsembleRun
from ceasefire.ensemble.sensitivity import Driver
from ceasefire.ensemble.statistics import ShareOfWorlds, count_true_worlds

SharesByExpert = Mapping[str, ShareOfWorlds]


@dataclass(frozen=True)
class Disagreement:
    """Two experts from whose numbers different things follow.

    experts  the two whose shares are furthest apart, the lower share first
    unknown  the driver about which they differ; None if no driver is known or they agree on all
    """

    experts: tuple[str, str]
    unknown: str | None

    def as_json(self) -> dict[str, Any]:
        """The two experts and the unknown."""
        return {"experts": list(self.experts), "unknown": self.unknown}


def shares_by_expert(run: EnsembleRun, question_index: int) -> SharesByExpert:
    """The share of each expert's worlds in which a test is true; empty without experts.

    run             a run over worlds
    question_index  which of its questions, a test
    """
    drawn, experts = run.drawn, run.plan.case.experts
    if drawn is None or not experts:
        return {}
    truths: dict[str, list[bool | None]] = {name: [] for name in experts}
    for number, truth in run.truth_by_world(question_index).items():
        truths[drawn.expert_of(number) or ""].append(truth)
    return {name: count_true_worlds(found) for name, found in truths.items()}


def find_disagreement(
    case: Case, shares: SharesByExpert, drivers: Sequence[Driver]
) -> Disagreement | None:
    """The two experts furthest apart whose intervals do not overlap; None if all do.

    case     the case
    shares   the share of each expert
    drivers  the unknowns that decide the claim
    """
    known = sorted(
        (name for name, share in shares.items() if share.share is not None),
        key=lambda name: shares[name].share or 0.0,
    )
    apart = [
        (one, other)
        for one, other in combinations(known, 2)
        if shares[one].interval[1] < shares[other].interval[0]
    ]
    if not apart:
        return None
    pair = max(apart, key=lambda two: (shares[two[1]].share or 0) - (shares[two[0]].share or 0))
    reasons = {
        driver.unknown: driver.influence * expert_distance(case.unknowns[driver.unknown], *pair)
        for driver in drivers
    }
    unknown = max(reasons, key=reasons.__getitem__, default=None)
    return Disagreement(pair, unknown if unknown is not None and reasons[unknown] > 0 else None)


def expert_distance(unknown: Unknown, one: str, other: str) -> float:
    """The Kolmogorov distance between what two experts say of an unknown, from 0 to 1.

    An expert who says nothing of it counts with the pool of the others.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... experts: {a: {}, b: {}, c: {}}
    ... unknowns: {u: {is: range, experts: {a: [0, 1, 2], b: [1, 2, 3]}}}
    ... parties: {north: {}}
    ... state: {war: {}}
    ... payoffs: {north: {war: u * war}}
    ... ''')
    >>> expert_distance(case.unknowns["u"], "a", "b"), expert_distance(case.unknowns["u"], "a", "c")
    (0.5, 0.25)
    """
    if not unknown.experts:
        return 0.0
    first, second = (_judgements_of(unknown, name) for name in (one, other))
    knots = np.unique(np.concatenate([judgement.edges for judgement in (*first, *second)]))
    apart = pooled_shares_below(first, knots) - pooled_shares_below(second, knots)
    return float(np.abs(apart).max())


def _judgements_of(unknown: Unknown, expert: str) -> tuple[Judgement, ...]:
    if expert in unknown.experts:
        return (unknown.experts[expert],)
    return tuple(unknown.experts.values())
