"""The cases that ship: worlds a second, what passes outside kernels, and what an analyst waits.

Processor time of one process; the many worlds are shared out to two cores by arithmetic, without
what it costs to start workers. `trust` has a closed form for its share: you cooperate where that
pays on average.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.clock import in_kernels, rounds
from benchmarks.clock import seconds as timed
from benchmarks.table import Effort, Row, seconds
from ceasefire.case import load
from ceasefire.ensemble import DrawnWorlds, draw_worlds
from ceasefire.equilibrium import solve
from ceasefire.game import build
from ceasefire.query import plan_questions, read_claims, read_questions
from ceasefire.query.plan import QueryPlan, WorldResult

ROOT = Path(__file__).parents[1]
OPED, TRUST = ROOT / "cases/ukraine-2025.yaml", ROOT / "tests/cases_small/trust.yaml"
TEST = "P(at_end(yours)) > 0.5"
BEST, MANY, SLIDER, WORLDS, CORES = 5.0, 300.0, 0.3, 256, 2


def rows(effort: Effort) -> Iterator[Row]:
    """Each case that ships, then what was promised of the op-ed."""
    yield _trust(effort.pick(200, 2000))
    if effort.quick:
        yield _worlds(ROOT / "cases/coalition-2025.yaml", 2)[0]
        return
    for path in sorted((ROOT / "cases").glob("*.yaml")):
        if path != OPED:
            yield _worlds(path, 8)[0]
    shipped, times = _worlds(OPED, 6)
    yield shipped
    yield _limit("op-ed, best estimate with all counterfactuals", times[:1], BEST)
    total = [time * WORLDS / CORES for time in times[1:]]
    yield _limit(f"op-ed, {WORLDS} worlds on two cores, by {len(total)} of them", total, MANY)
    game, case = build(load(str(OPED))), load(str(OPED))
    world = draw_worlds(case, 1)[1]
    play = solve(game, world)
    if not play.certificate.residual <= 1e-9:
        raise AssertionError(f"fixed points were not found: {play.certificate}")
    middle, low, high = rounds(lambda: solve(game, world), 5)
    yield _limit("op-ed, one slider move (one solve)", [low, middle, high], SLIDER)


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


def _limit(what: str, times: list[float], limit: float) -> Row:
    middle = float(np.median(times))
    return Row(
        what=what,
        ours=seconds(middle),
        other=f"limit {seconds(limit)}",
        ratio=limit / middle,
        low=limit / max(times),
        high=limit / min(times),
        target=1.0,
        kind="limit",
    )
