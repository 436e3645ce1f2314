"""What verification/latency.py times is what a person does: every step comes to its answer."""

from playwright.sync_api import Browser

from support.case_server import CASES
from verification.latency import Scene, busy_loops, measure, steps, table

SCENE = Scene(small="truce.yaml", large="argued.yaml", table="side talks", party="North")


def test_every_step_is_done_and_timed(browser: Browser, address: str):
    assert (CASES / SCENE.large).exists()
    found = {step.name: measure(browser, address, step, 1) for step in steps(SCENE, 0)}
    assert len(found) == 10
    assert all(seconds[0] > 0.05 for seconds in found.values())
    assert found["open the small case, 3G"] > found["open the small case"]
    with busy_loops(1):
        busy = measure(browser, address, steps(SCENE)[0], 2)
    assert len(busy) == 2
    shown = table(found, {"front page": busy}).splitlines()
    assert [line.split(" | ")[0] for line in shown[2:]] == [f"| {name}" for name in found]
