"""Loaded once by the server that worker processes are forked from: the solver, ready to run."""

from ceasefire.settings import SolveSettings
from ceasefire.web import worker_tasks
from ceasefire.web.edited_case import EditedCase

WARM_UP_CASE = """
ceasefire: 1
horizon: 2
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}}
parties: {north: {types: {calm: 0.5, rash: 0.5}}, south: {}}
state: {war: {start: true}}
payoffs: {north: {war: -war if type == calm else -0.2 * war}}
moves: {shout: {by: north, cost: "0.2 if type == calm else 0"}}
tables: {talks: {seats: [south, north], deals: {truce: {when: war, set: {war: false}}}}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
claims: {quiet: {test: P(eventually(not war)) > 0.5}}
"""


def solve_warm_up_case() -> None:
    """Solve a tiny case, so that kernels are compiled or read from where they are kept."""
    worker_tasks.written_case_task(
        lambda _: None, EditedCase(WARM_UP_CASE, "tiny.yaml", "."), SolveSettings(memory=1e9)
    )
    worker_tasks.explain_task(
        lambda _: None,
        EditedCase(WARM_UP_CASE, "tiny.yaml", "."),
        SolveSettings(memory=1e9),
        "north",
        "",
    )


solve_warm_up_case()
