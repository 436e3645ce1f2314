"""The cases that ship: worlds a second, what passes outside kernels, and what an analyst waits.

Processor time of one process. `trust` has a closed form for its share: you cooperate where that
pays on average.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.clock import in_kernels, rounds
from benchmarks.clock import seconds as timed
from benchmarks.table import Effort, Row, seconds, within
from benchmarks.typed import OPED, ROOT, TRUST
from ceasefire.case import load
from ceasefire.ensemble import DrawnWorlds, draw_worlds
from ceasefire.equilibrium import solve
from ceasefire.game import build
from ceasefire.query import plan_questions, read_claims, read_questions
from ceasefire.query.plan import QueryPlan, WorldResult

TEST = "P(at_end(yours)) > 0.5"
BEST, WORLD, SLIDER = 5.0, 1.2, 0.3


def trust(effort: Effort) -> Iterator[Row]:
    """Worlds of a case with a closed form."""
    yield _trust(effort.pick(200, 2000))


def shipped(effort: Effort) -> Iterator[Row]:
    """Worlds of the other cases that ship."""
    paths = sorted((ROOT / "cases").glob("*.yaml"))
    for path in [ROOT / "cases/coalition-2025.yaml"] if effort.quick else paths:
        if path != OPED:
            yield _worlds(path, effort.pick(2, 6))[0]


def oped(effort: Effort) -> Iterator[Row]:
    """Worlds of the op-ed."""
    pace, times = _worlds(OPED, effort.pick(1, 12, 64))
    yield pace
    yield within("op-ed, best estimate with all counterfactuals", times[:1], BEST, "1.96 s")
    what = f"op-ed, a world on one core, median of {len(times) - 1} drawn (fastest – slowest)"
    yield within(what, times[1:], WORLD, "3.6 s")


def slider(effort: Effort) -> Iterator[Row]:
    """One slider move of the op-ed in drawn worlds."""
    case = load(str(OPED))
    game, times = build(case), []
    for world in draw_worlds(case, effort.pick(1, 5)):
        play = solve(game, world)
        if not (play.certificate.residual <= 1e-9 or play.certificate.unresolved):
            raise AssertionError(f"fixed points were not found: {play.certificate}")
        times.append(rounds(partial(solve, game, world), effort.pick(1, 3))[0])
    what = f"op-ed, a slider moved in a drawn world: one solve, median of {len(times)} worlds"
    yield within(what, times, SLIDER, "1.11 s")


def _trust(worlds: int) -> Row:
    case = load(str(TRUST))
    prepared = plan_questions(case, read_questions(case, [TEST]))
    sheets, times, outside = read(prepared, worlds)
    share = float(np.mean([sheet.test_result(0) for sheet in sheets[1:]]))
    expected = float(np.mean(pays(draw_worlds(case, worlds))))
    if not abs(share - expected) <= 0.005:
        raise AssertionError(f"the share is {share}, by the closed form {expected}")
    return _pace("trust", times[1:], outside)


def pays(drawn: DrawnWorlds) -> npt.NDArray[np.bool_]:
    """(N,) in which worlds of `trust` to cooperate pays on average."""
    trusted, reward, temptation, defection, sucker = drawn.values[1:].T
    paid = trusted * reward + (1.0 - trusted) * sucker
    kept = trusted * temptation + (1.0 - trusted) * defection
    return np.asarray(paid > kept)


def _worlds(path: Path, worlds: int) -> tuple[Row, list[float]]:
    case = load(str(path))
    prepared = plan_questions(case, tuple(read_claims(case).values()))
    sheets, times, outside = read(prepared, worlds)
    for sheet in sheets:
        if not (sheet.residual <= 1e-8 or sheet.unresolved):
            raise AssertionError(f"{path.stem}: fixed points were not found: {sheet.residual}")
    if prepared.evaluate_world(draw_worlds(case, worlds)[worlds]).values != sheets[-1].values:
        raise AssertionError(f"{path.stem}: the same world gave another answer")
    marked = sum(sheet.unresolved > 0 for sheet in sheets)
    said = f"{marked} of {len(sheets)} readings have decisions unresolved" if marked else ""
    return _pace(path.stem, times[1:], outside, said), times


def read(prepared: QueryPlan, worlds: int) -> tuple[list[WorldResult], list[float], float]:
    """Answers at best and in each world, what each took, and which share passed outside kernels."""
    drawn = draw_worlds(prepared.case, worlds)
    prepared.evaluate_world()
    sheets: list[WorldResult] = []
    times = []

    def one(world: Mapping[str, float] | None) -> None:
        sheets.append(prepared.evaluate_world(world))

    with in_kernels() as spent:
        for number in range(worlds + 1):
            world = drawn[number] if number else None
            times.append(timed(partial(one, world), 0.0))
    return sheets, times, 1.0 - sum(spent.values()) / sum(times)


def _pace(name: str, times: list[float], outside: float, said: str = "") -> Row:
    middle = float(np.median(times))
    return Row(
        what=f"{name}, all claims, worlds a second on one core",
        ours=f"{1 / middle:.3g} worlds/s, {seconds(middle)} each",
        other="share of time outside kernels",
        ratio=outside,
        low=outside,
        high=outside,
        kind="share",
        note=said,
    )


MEASUREMENTS = (trust, shipped, oped, slider)
