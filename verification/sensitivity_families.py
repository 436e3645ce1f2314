"""Drivers of claims whose indices are known: none false, none missed, each near its closed form.

Six functions of their unknowns are the test of a case each: `product`, `linear` and `interaction`,
in which two unknowns matter and forty stand by, and Ishigami's, Sobol's g and the borehole function
of the literature. Each is asked in the worlds of twenty seeds. No unknown without an index may be
named, at 64 worlds or at 128; at 128 besides none with an index above 0.1 be missed, and those that
are named must have their index within 0.1, at 64 within 0.15.

Source: Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, for Ishigami's function and
g; Harper & Gupta (1983), Sensitivity/uncertainty analysis of a borehole scenario, ONWI-516, for
the borehole.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ceasefire.case import Case, loads
from ceasefire.ensemble.margins import margins_of_question
from ceasefire.ensemble.run import run_ensemble
from ceasefire.ensemble.sampling import Floats, unknown_quantiles
from ceasefire.ensemble.sensitivity import MIN_Q2, DriverAnalysis, find_drivers
from ceasefire.query import plan_questions, read_claims
from verification.table import Row

SEEDS = 20
WORLDS = (64, 128)
NO_INDEX, LARGE_INDEX = 0.01, 0.1
MAX_ERROR = {64: 0.15, 128: 0.1}
REFERENCE_SAMPLE = 2**17

CASE = """
ceasefire: 1
title: {title}
horizon: 1
parties: {{a: {{}}}}
unknowns:
{unknowns}
state: {{war: {{start: true}}}}
payoffs: {{a: {{w: -war}}}}
claims:
  claim: {{test: "E({function}) > {limit}"}}
"""


@dataclass(frozen=True)
class Family:
    """A function of unknowns, as a case, and the total index of each unknown that has one."""

    name: str
    unknowns: Mapping[str, str]
    function: str
    limit: float
    indices: Mapping[str, float]
    bystanders: int = 0

    def case(self) -> Case:
        """The case; bystanders are read by the test, times 0."""
        idle = [f"z{number}" for number in range(1, self.bystanders + 1)]
        function = self.function + (f" + 0 * ({' + '.join(idle)})" if idle else "")
        written = dict(self.unknowns) | dict.fromkeys(idle, "range: [0, 1]")
        lines = "\n".join(f"  {name}: {{{spread}}}" for name, spread in written.items())
        return loads(
            CASE.format(title=self.name, unknowns=lines, function=function, limit=self.limit)
        )


def families() -> Iterator[Family]:
    """The six functions."""
    two = {"p": "range: [0, 1]", "q": "range: [0, 1]"}
    yield Family("product", two, "p * q", 0.25, {"p": 4 / 7, "q": 4 / 7}, 40)
    yield Family("linear", two, "p + q / 2", 0.7, {"p": 4 / 5, "q": 1 / 5}, 40)
    yield Family("interaction", two, "(p - 0.5) * (q - 0.5)", 0.0, {"p": 1.0, "q": 1.0}, 40)
    yield _ishigami()
    yield _sobol_g()
    yield _borehole()


def _ishigami(a: float = 7.0, b: float = 0.1) -> Family:
    """sin x1 + a sin(x2)**2 + b x3**4 sin x1 over [-pi, pi], the sine by its series."""
    series = " ".join(
        f"{'-' if k % 2 else '+'} {{x}}**{2 * k + 1} / {math.factorial(2 * k + 1)}"
        for k in range(13)
    ).removeprefix("+ ")
    sine = {x: f"({series.format(x=x)})" for x in ("x1", "x2")}
    pi4 = math.pi**4
    first = (1 + b * pi4 / 5) ** 2 / 2
    second, both = a**2 / 8, 8 * b**2 * pi4**2 / 225
    whole = first + second + both
    return Family(
        "Ishigami",
        dict.fromkeys(("x1", "x2", "x3"), f"range: [{-math.pi}, {math.pi}]"),
        f"{sine['x1']} + {a} * {sine['x2']}**2 + {b} * x3**4 * {sine['x1']}",
        3.0,
        {"x1": (first + both) / whole, "x2": second / whole, "x3": both / whole},
    )


def _sobol_g(weights: tuple[float, ...] = (0, 1, 4.5, 9, 99, 99, 99, 99)) -> Family:
    """Sobol's g, the product of (|4 x_i - 2| + a_i) / (1 + a_i)."""
    names = [f"x{place}" for place in range(1, len(weights) + 1)]
    parts = [1 / (3 * (1 + weight) ** 2) for weight in weights]
    whole = math.prod(1 + part for part in parts)
    return Family(
        "Sobol's g",
        dict.fromkeys(names, "range: [0, 1]"),
        " * ".join(
            f"(abs(4 * {name} - 2) + {weight}) / {1 + weight}"
            for name, weight in zip(names, weights, strict=True)
        ),
        1.0,
        {
            name: part * whole / (1 + part) / (whole - 1)
            for name, part in zip(names, parts, strict=True)
        },
    )


BOREHOLE_UNKNOWNS = {
    "rw": "normal: [0.1, 0.0161812]",
    "r": f"lognormal: [{math.exp(7.71)}, {math.exp(1.0056)}]",
    "tu": "range: [63070, 115600]",
    "hu": "range: [990, 1110]",
    "tl": "range: [63.1, 116]",
    "hl": "range: [700, 820]",
    "l": "range: [1120, 1680]",
    "kw": "range: [9855, 12045]",
}


def _borehole() -> Family:
    """The flow of water through a borehole in cubic metres a year."""
    function = (
        "2 * 3.141592653589793 * tu * (hu - hl) / (log(r / rw)"
        " * (1 + 2 * l * tu / (log(r / rw) * rw**2 * kw) + tu / tl))"
    )
    family = Family("borehole", BOREHOLE_UNKNOWNS, function, 75.0, {})
    case = family.case()

    def flow(x: Mapping[str, Floats]) -> Floats:
        log = np.log(x["r"] / x["rw"])
        below = 1 + 2 * x["l"] * x["tu"] / (log * x["rw"] ** 2 * x["kw"]) + x["tu"] / x["tl"]
        return np.asarray(2 * math.pi * x["tu"] * (x["hu"] - x["hl"]) / (log * below))

    return replace(family, indices=reference_indices(case, flow))


def reference_indices(
    case: Case, function: Callable[[Mapping[str, Floats]], Floats]
) -> dict[str, float]:
    """The total indices of a function of the unknowns by Jansen's estimate in 2**17 pairs."""
    from scipy.stats import qmc

    names = list(case.unknowns)
    points = qmc.Sobol(2 * len(names), rng=0).random(REFERENCE_SAMPLE)
    here, there = (
        {
            name: unknown_quantiles(case.unknowns[name], half[:, place])
            for place, name in enumerate(names)
        }
        for half in np.split(points, 2, axis=1)
    )
    values = function(here)
    return {
        name: float(
            ((values - function({**here, name: there[name]})) ** 2).mean() / 2 / values.var()
        )
        for name in names
    }


def analyses(case: Case, seed: int) -> Iterator[tuple[int, DriverAnalysis]]:
    """What is found in the first 64 and in 128 worlds of a seed."""
    plan = plan_questions(case, tuple(read_claims(case).values()))
    run = run_ensemble(plan, worlds=max(WORLDS), seed=seed, certify=False, workers=1)
    margins = margins_of_question(run, 0, "claim")
    assert margins is not None
    names = list(case.unknowns)
    logarithmic = [name for name in names if case.unknowns[name].kind == "lognormal"]
    values = run.unknown_values(names)
    for count in WORLDS:
        found = find_drivers(
            names, values[:count], margins.margins[:count], logarithmic=logarithmic
        )
        assert found is not None
        yield count, found


def family_rows(family: Family, seeds: int = SEEDS) -> Iterator[Row]:
    """False and missed drivers over the seeds, and the farthest index of those named."""
    case, index = family.case(), family.indices
    false, missed = dict.fromkeys(WORLDS, 0), dict.fromkeys(WORLDS, 0)
    error, q2 = dict.fromkeys(WORLDS, 0.0), dict.fromkeys(WORLDS, 1.0)
    for seed in range(seeds):
        for count, found in analyses(case, seed):
            named = {driver.unknown: driver.influence for driver in found.drivers}
            false[count] += sum(index.get(name, 0.0) < NO_INDEX for name in named)
            missed[count] += sum(
                name not in named for name, size in index.items() if size > LARGE_INDEX
            )
            away = [abs(size - index.get(name, 0.0)) for name, size in named.items()]
            error[count] = max(error[count], *away, 0.0)
            q2[count] = min(q2[count], found.q2)
    many = max(WORLDS)
    about = f"{family.name}, {seeds} seeds"
    for count in WORLDS:
        yield Row(f"{about}, {count} worlds: drivers without an index", 0, false[count], 0)
        yield Row(
            f"{about}, {count} worlds: index off by, at most", 0, error[count], MAX_ERROR[count]
        )
        yield Row(f"{about}, {count} worlds: Q2, at least", 1, q2[count], 1 - MIN_Q2)
    yield Row(f"{about}, {many} worlds: indices above .1 missed", 0, missed[many], 0)


def rows() -> Iterator[Row]:
    """The rows of all families."""
    for family in families():
        yield from family_rows(family)
