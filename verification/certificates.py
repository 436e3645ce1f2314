"""Certificates that are true: the changes that are stated bound the changes that are there.

Every claim of every shipped case is asked again on the belief grid refined twice, and with a tail
that is longer by four horizons. `grid_change` bounds the error: no finer grid moves a number by
more. The stated `horizon_change` shrinks with every further horizon H at least as the patience d
of the most patient party does, by d^H, so nothing longer moves a number by more than
horizon_change / (1 - d^H).
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from ceasefire.case import Case, load
from ceasefire.ensemble.run import run_ensemble
from ceasefire.game import build, game_parameters
from ceasefire.query import WorldResult, plan_questions, read_claims
from ceasefire.query.plan import QueryPlan
from ceasefire.settings import SolveSettings
from verification.shipped import games
from verification.table import Row

SHIPPED = games()
MEMORY = 12e9


def rows() -> Iterator[Row]:
    """For each quantity of each claim: what it is on the finer grid, and with the longer tail."""
    for path in SHIPPED:
        yield from of(load(path), path.stem)


def of(case: Case, name: str) -> Iterator[Row]:
    """The rows of one case; a tolerance is the bound that its certificate states."""
    questions = tuple(read_claims(case).values())
    prepared = plan_questions(case, questions, SolveSettings(memory=MEMORY))
    run = run_ensemble(prepared, workers=1)
    sheet, stated = run.best, run.numerics
    if any(party.types for party in case.parties.values()):
        assert stated.grid_change is not None
        finest = prepared.evaluate_world(halvings=2)
        refined = f"{name}, grid refined twice"
        yield from _compared(refined, prepared, sheet, finest, stated.grid_change)
    later = plan_questions(
        replace(case, tail=case.tail + 4 * case.horizon), questions, SolveSettings(sheet.grid_size)
    )
    assert stated.horizon_change is not None
    fading = float(game_parameters(build(case)).patience.max()) ** case.horizon
    bound = stated.horizon_change / (1.0 - fading)
    yield from _compared(
        f"{name}, tail four horizons longer", prepared, sheet, later.evaluate_world(), bound
    )


def _compared(
    name: str, prepared: QueryPlan, sheet: WorldResult, other: WorldResult, bound: float
) -> Iterator[Row]:
    """Each quantity once, in units of its scale; where plays were drawn, give or take 4 errors."""
    told = set()
    for n, question in enumerate(prepared.questions):
        for place, quantity in enumerate(question.quantities):
            one, two = sheet.quantity_values[n][place], other.quantity_values[n][place]
            assert one.value is not None
            assert two.value is not None
            if quantity not in told:
                told.add(quantity)
                drawn = 4.0 * math.hypot(one.error or 0.0, two.error or 0.0) / one.scale
                expected, got = two.value / one.scale, one.value / one.scale
                yield Row(f"{name}: {quantity.text}", expected, got, bound + drawn)
