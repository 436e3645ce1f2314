"""Does a conclusion follow where its premises hold, if hardly a drawn world has them?

Worlds are then drawn towards those in which the premises are all true. Unknown u has the normal
score z_u, where a standard normal has the same share below; drawn worlds have z ~ N(0, C), with C
the correlations that the case asks for. Tilted ones have

    z ~ N(m, C),    m = mean of z over the worlds in which the premises are likely to hold together

as the expansions of their margins foresee (`ceasefire.ensemble.sensitivity`):

    m = E[z L(z)] / E[L(z)],    L(z) = product over premises of Phi(predicted margin / its error)

found by raising L to powers that grow to 1, so that each step has worlds enough. That is the shift
of the mean which is nearest, in the sense of Kullback and Leibler, to what is looked for. Drawn
and tilted worlds are then pooled, each with the weight (balance heuristic)

    w = 1 / (a + (1 - a) r),    r = exp(m' C^-1 z - m' C^-1 m / 2)

a being the share of drawn worlds in the pool; for an unknown of a few values r is the ratio of the
probabilities of its value. No value is drawn that its range does not have. It ends with 32 worlds,
or as many as are worth that (Kish), in which all premises are true; or is given up.

Source: Rubinstein and Kroese (2004), The Cross-Entropy Method, Springer, chapter 3, for the shift;
Veach and Guibas (1995), Optimally combining sampling techniques, SIGGRAPH 95, for the weights;
Kish (1965), Survey Sampling, Wiley, for the effective number.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from ceasefire.argument import (
    UNTESTED,
    ClaimStanding,
    TiltedFigures,
    conclusion_figures,
    theses,
)
from ceasefire.case import Case, Unknown, pooled_shares_below
from ceasefire.ensemble.margins import ClaimMargins
from ceasefire.ensemble.run import EnsembleRun, JobProgressCallback, ProgressCounter
from ceasefire.ensemble.sampling import (
    DrawnWorlds,
    Floats,
    Integers,
    draw_worlds,
    expert_quantiles,
    normal_scores,
    score_correlations,
    unknown_scores,
)
from ceasefire.ensemble.sensitivity import DriverAnalysis, MarginExpansion
from ceasefire.query.plan import ReadSettings
from ceasefire.results import join_phrases

WANTED_WORLDS: Final = 32.0  # effective ones in which all premises are true
STAGE_WORLDS: Final = 32
MAX_SHIFT: Final = 3.0  # normal scores
LEAST_SHIFT: Final = 0.15  # normal scores, below which an unknown is left as it is
NAMED_SHIFT: Final = 0.5
MOST_NAMED: Final = 3
_FORESEEN_WORLDS = 4096
_ROUNDS = 30
_LEAST_EFFECTIVE = 0.1  # of the worlds foreseen, for one more step of the power
_LARGEST_SCORE = 8.0
_LEAST_ERROR = 0.05  # of the spread of a margin


@dataclass(frozen=True, eq=False)
class PremiseForecast:
    """What is expected of the margin of a premise away from the drawn worlds.

    expansion  predicts the margin, or its normal scores
    turns_at   where the predicted number stands for a margin of 0
    error      how far a prediction usually is from the truth
    """

    expansion: MarginExpansion
    turns_at: float
    error: float

    def log_likelihood(self, columns: Mapping[str, Floats], count: int) -> Floats:
        """(N,) log of how likely the premise is to hold, given each unknown's values (N,)."""
        from scipy.special import log_ndtr

        read = [columns[name] for name in self.expansion.unknowns]
        # contrasts of 0 are the mean over options
        contrasts = [np.zeros(count)] * len(self.expansion.choices)
        values = (
            np.stack([*read, *contrasts], axis=1) if read or contrasts else np.empty((count, 0))
        )
        ahead = self.expansion.predict_scale(values) - self.turns_at
        return np.asarray(log_ndtr(ahead / self.error))


def forecast_premise(drivers: DriverAnalysis, margins: ClaimMargins) -> PremiseForecast | None:
    """What the expansion of a premise's margin foresees; None where nothing moves the margin.

    drivers  what decides the premise
    margins  its margin in the drawn worlds
    """
    if drivers.expansion is None:
        return None
    error = math.sqrt(min(max(1.0 - drivers.q2, 0.0), 1.0))
    if drivers.expansion.scores is None:
        spread = float(margins.margins[np.isfinite(margins.margins)].std())
        return PremiseForecast(drivers.expansion, 0.0, max(error, _LEAST_ERROR) * spread)
    scores, table = drivers.expansion.scores
    return PremiseForecast(
        drivers.expansion, _score_of_zero(scores, table), max(error, _LEAST_ERROR)
    )


def _score_of_zero(scores: Floats, margins: Floats) -> float:
    """The score of a margin of 0: between those seen, or beyond them as steeply as at that end."""
    if margins[0] <= 0.0 <= margins[-1]:
        return float(np.interp(0.0, margins, scores))
    upper = margins[-1] < 0.0
    part = slice(-(len(scores) // 4 + 2), None) if upper else slice(0, len(scores) // 4 + 2)
    end = -1 if upper else 0
    rise = float(np.ptp(margins[part])) / max(float(np.ptp(scores[part])), 1e-12)
    beyond = min(abs(float(margins[end])) / max(rise, 1e-12), MAX_SHIFT)
    return float(scores[end]) + (beyond if upper else -beyond)


@dataclass(frozen=True, eq=False)
class ScoreSpace:
    """The unknowns of a case as normal scores, and worlds moved along these.

    Unknowns that are drawn together stay where they are if one of them has only a few values.
    """

    case: Case

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The U unknowns that can be moved."""
        unknowns = self.case.unknowns
        joined = {name for a, b, _ in self.case.together for name in (a, b)}
        if any(unknowns[name].kind == "oneof" for name in joined):
            return tuple(n for n, one in unknowns.items() if one.kind and n not in joined)
        return tuple(name for name, one in unknowns.items() if one.kind is not None)

    @cached_property
    def correlations(self) -> Floats:
        """(U, U) the correlations C of their scores."""
        place = {name: number for number, name in enumerate(self.names)}
        pairs = [(a, b, rho) for a, b, rho in self.case.together if a in place and b in place]
        return score_correlations(
            len(self.names), [(place[a], place[b], rho) for a, b, rho in pairs]
        )

    def values(self, scores: Floats, experts: Sequence[str | None]) -> dict[str, Floats]:
        """The values (N,) of each unknown at scores (N, U), by the expert of each world."""
        from scipy.special import ndtr

        shares = ndtr(np.clip(scores, -_LARGEST_SCORE, _LARGEST_SCORE))
        numbers = self._expert_numbers(experts)
        found = {}
        for name, u in zip(self.names, np.clip(shares, 1e-12, 1.0 - 1e-12).T, strict=True):
            found[name] = expert_quantiles(self.case, self.case.unknowns[name], numbers, u)
        return found

    def scores(self, drawn: DrawnWorlds, draw: np.random.Generator) -> Floats:
        """(N, U) the scores of drawn worlds; of an unknown with a few values anywhere in its own.

        drawn  worlds 1 to N of the case
        draw   for the scores of unknowns with a few values
        """
        experts = self._expert_numbers(drawn.experts[1:])
        columns = []
        for name in self.names:
            unknown = self.case.unknowns[name]
            values = drawn.values[1:, drawn.names.index(name)]
            if unknown.kind == "oneof":
                low, high = self._ends_of_values(unknown, values)
                columns.append(normal_scores(low + draw.random(len(values)) * (high - low)))
            elif unknown.kind == "experts":
                columns.append(self._expert_scores(unknown, experts, values))
            else:
                columns.append(unknown_scores(unknown, values))
        found = np.array(columns).reshape(len(self.names), len(drawn)).T
        return np.clip(found, -_LARGEST_SCORE, _LARGEST_SCORE)

    def tilt(self, drawn: DrawnWorlds, shifts: Floats, draw: np.random.Generator) -> DrawnWorlds:
        """The drawn worlds with the scores of the unknowns moved by `shifts` (U,)."""
        moved = self.values(self.scores(drawn, draw) + shifts, drawn.experts[1:])
        values = drawn.values.copy()
        for name, shift in zip(self.names, shifts, strict=True):
            if shift:
                values[1:, drawn.names.index(name)] = moved[name]
        values.flags.writeable = False
        return replace(drawn, values=values)

    def log_ratio(self, drawn: DrawnWorlds, shifts: Floats) -> Floats:
        """(N,) log of how much likelier each world is among the tilted ones than among all."""
        from scipy.special import ndtr

        few = np.array([self.case.unknowns[name].kind == "oneof" for name in self.names])
        scores = self.scores(drawn, np.random.default_rng(0))
        smooth = np.where(few, 0.0, shifts)
        direction = np.linalg.solve(self.correlations, smooth) if len(smooth) else smooth
        found = np.where(few, 0.0, scores) @ direction - smooth @ direction / 2.0
        for name, shift in zip(self.names, shifts, strict=True):
            unknown = self.case.unknowns[name]
            if unknown.kind == "oneof" and shift:
                values = drawn.values[1:, drawn.names.index(name)]
                ends = self._ends_of_values(unknown, values)
                low, high = (ndtr(normal_scores(end) - shift) for end in ends)
                found += np.log((high - low) / (ends[1] - ends[0]))
        return found

    def _ends_of_values(self, unknown: Unknown, values: Floats) -> tuple[Floats, Floats]:
        """(N,) the shares below each value of an unknown with a few, and up to it."""
        listed = np.sort(np.asarray(unknown.parameters, dtype=np.float64))
        low, high = (np.searchsorted(listed, values, side=side) for side in ("left", "right"))
        return low / len(listed), high / len(listed)

    def _expert_scores(self, unknown: Unknown, experts: Integers, values: Floats) -> Floats:
        shares = pooled_shares_below(unknown.experts.values(), values)
        for place, name in enumerate(self.case.experts):
            if name in unknown.experts:
                own = experts == place
                shares[own] = unknown.experts[name].shares_below(values[own])
        return normal_scores(shares)

    def _expert_numbers(self, experts: Sequence[str | None]) -> Integers:
        ids = list(self.case.experts)
        return np.array([0 if one is None else ids.index(one) for one in experts], dtype=np.int64)


def find_shifts(space: ScoreSpace, premises: Sequence[PremiseForecast], seed: int) -> Floats:
    """(U,) by how many normal scores to move each unknown so that the premises likely hold.

    space     the unknowns of the case
    premises  what is foreseen of each premise that can be true and can be false
    seed      of the worlds foreseen

    An unknown that no premise reads, or that would hardly be moved, stays where it is.
    """
    draw, count = np.random.default_rng(seed), len(space.names)
    root = np.linalg.cholesky(space.correlations) if count else np.empty((0, 0))
    inverse = np.linalg.inv(space.correlations) if count else root
    experts = _likely_experts(space.case, draw)
    read = {name for premise in premises for name in premise.expansion.unknowns}
    kept = np.array([name in read for name in space.names], dtype=np.float64)
    fixed = {
        name: np.full(_FORESEEN_WORLDS, unknown.best)
        for name, unknown in space.case.unknowns.items()
        if name not in space.names
    }
    shifts, power = np.zeros(count), 0.0
    for _ in range(_ROUNDS):
        scores = shifts + draw.standard_normal((_FORESEEN_WORLDS, count)) @ root.T
        columns = {**fixed, **space.values(scores, experts)}
        likely = sum(p.log_likelihood(columns, _FORESEEN_WORLDS) for p in premises)
        drawn_less = scores @ (inverse @ shifts) - shifts @ inverse @ shifts / 2.0
        before, power = power, _next_power(power, np.asarray(likely), drawn_less)
        weights = _scaled(power * np.asarray(likely) - drawn_less)
        shifts = kept * np.clip(weights @ scores / weights.sum(), -MAX_SHIFT, MAX_SHIFT)
        if before == 1.0:
            break
    return np.where(np.abs(shifts) < LEAST_SHIFT, 0.0, shifts)


def _next_power(power: float, likely: Floats, drawn_less: Floats) -> float:
    """The largest power up to 1 that leaves worlds enough, and no smaller one than before."""
    low, high = power, 1.0
    if _effective(_scaled(likely - drawn_less)) >= _LEAST_EFFECTIVE * len(likely):
        return 1.0
    for _ in range(20):
        middle = (low + high) / 2.0
        enough = _effective(_scaled(middle * likely - drawn_less))
        low, high = (middle, high) if enough >= _LEAST_EFFECTIVE * len(likely) else (low, middle)
    return low


def _scaled(logs: Floats) -> Floats:
    """Weights from their logarithms, the largest 1."""
    return np.asarray(np.exp(logs - logs.max()))


def _effective(weights: Floats) -> float:
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0.0 else 0.0


def _likely_experts(case: Case, draw: np.random.Generator) -> tuple[str | None, ...]:
    if not case.experts:
        return (None,) * _FORESEEN_WORLDS
    weights = np.array([expert.weight for expert in case.experts.values()])
    return tuple(draw.choice(list(case.experts), _FORESEEN_WORLDS, p=weights / weights.sum()))


@dataclass(frozen=True, eq=False)
class TiltedConclusion:
    """A conclusion for which tilted worlds are to be looked for.

    numbers   the questions of the conclusion and of its premises, in this order
    premises  what is known of each premise: what decides it, and by how much it holds
    """

    numbers: tuple[int, ...]
    premises: Mapping[str, tuple[DriverAnalysis | None, ClaimMargins | None]]


def tilted_figures(
    run: EnsembleRun,
    conclusion: TiltedConclusion,
    most: int,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> TiltedFigures:
    """Look for worlds in which the premises of a conclusion hold, and see whether it follows there.

    run         the drawn worlds
    conclusion  one whose premises hold in too few of them
    most        how many worlds may be computed
    workers     as for `run_worlds`
    progress    called with the worlds done and all that there may be

    It is given up where no premise can be moved, and after 32 worlds in none of which all
    premises are true. Raises KeyboardInterrupt if Ctrl-C leaves a world undone.
    """
    assert run.drawn is not None
    forecasts = []
    for name, (drivers, margins) in conclusion.premises.items():
        if drivers is None or margins is None:
            return TiltedFigures(given_up="too few worlds to see where the premises might hold")
        forecast = forecast_premise(drivers, margins)
        if forecast is not None:
            forecasts.append(forecast)
        elif not all(margins.truths):
            return TiltedFigures(given_up=f"{name} is false whatever the unknowns are")
    if any(one.unknowns != run.plan.case.unknowns for one in run.plan.case.drawn_codings):
        return TiltedFigures(given_up="what unknowns may be depends on how the case is written")
    space = ScoreSpace(run.plan.case)
    shifts = find_shifts(space, forecasts, run.drawn.seed)
    moved = {name: float(s) for name, s in zip(space.names, shifts, strict=True) if s}
    if not moved:
        return TiltedFigures(given_up="no unknown makes the premises likelier")
    plan, draw = run.plan.restricted_to(conclusion.numbers), np.random.default_rng(run.drawn.seed)
    rows = np.fromiter(run.answers, dtype=np.intp)
    truths = [list(run.truths_of_question(number)) for number in conclusion.numbers]
    ratios = [space.log_ratio(run.drawn, shifts)[rows - 1]]
    direction = _describe_direction(moved, run.plan.case.unknown_labels)
    found, meter = (
        TiltedFigures(towards=moved, direction=direction),
        ProgressCounter(progress, most),
    )
    while found.worlds < most and found.granted < WANTED_WORLDS:
        count = min(STAGE_WORLDS, most - found.worlds)
        drawn = draw_worlds(run.plan.case, count, run.drawn.seed + 2, after=found.worlds)
        tilted = space.tilt(drawn, shifts, draw)
        jobs = {number: ReadSettings(tilted[number]) for number in tilted.numbers}
        done = meter.run_jobs(plan.evaluate_as, jobs, workers)
        for place, column in enumerate(truths):
            column += [result.test_result(place) for result in done.answers.values()]
        answered = [number - drawn.skipped - 1 for number in done.answers]
        ratios.append(space.log_ratio(tilted, shifts)[answered])
        drawn_share = len(rows) / len(truths[0])
        pooled = np.exp(np.minimum(np.concatenate(ratios), 700.0))
        figures = conclusion_figures(
            truths[0],
            dict(zip(conclusion.premises, truths[1:], strict=True)),
            1.0 / (drawn_share + (1.0 - drawn_share) * pooled),
        )
        found = replace(
            found,
            worlds=found.worlds + len(done),
            granted=figures.worlds_granted,
            premises=figures.premises.share,
            follows=figures.follows,
        )
        if done.interrupted:
            raise KeyboardInterrupt
        if not any(all(row) for row in zip(*truths[1:], strict=True)):
            return replace(found, given_up="none was found in which they all hold")
    return found


def conclusions_to_tilt(claims: Sequence[ClaimStanding]) -> tuple[str, ...]:
    """The conclusions that were never put to the test, the theses first.

    claims  every claim of a case; one without a test of its own follows in any case
    """
    first = theses({claim.id: claim.because for claim in claims})
    untested = [
        claim.id
        for claim in claims
        if claim.figures and claim.figures.reading == UNTESTED and not claim.by_premises
    ]
    return tuple(sorted(untested, key=lambda name: name not in first))


def _describe_direction(moved: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """The unknowns that were moved most, and whether up or down."""
    far = sorted(moved, key=lambda name: -abs(moved[name]))
    named = [name for name in far if abs(moved[name]) >= NAMED_SHIFT][:MOST_NAMED] or far[:1]
    return join_phrases(
        [f"{'higher' if moved[name] > 0 else 'lower'} {labels[name]}" for name in named]
    )
