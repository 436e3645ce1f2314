"""What a report cannot explain: choices against one's own gain, not those that are close."""

from ceasefire.case import loads
from ceasefire.ensemble import check
from ceasefire.query import explain
from ceasefire.render.report_caveats import unexplained_results
from ceasefire.render.report_data import ReportData

CASE = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {name: The north, precision: 4}, b: {precision: 1}}
state: {war: {start: true}, fed: {}}
payoffs: {a: {peace: 0.5 * (not war)}, b: {food: 0.4 * fed}}
moves:
  stop: {by: a, when: war, set: {war: false}}
  hold: {by: a, weight: 2}
  eat: {by: b, set: {fed: true}}
order: [{a: [stop, hold]}, {b: [eat, pass]}]
claims: {quiet: {test: P(at_end(not war)) > 0.5}}
""")


def told(*started: dict[str, bool]) -> list[str]:
    reasons = [explain(CASE, party, start) for start in started or ({},) for party in CASE.parties]
    found = ReportData(CASE, "", check(CASE, 0, workers=1), explanations=tuple(reasons))
    return [line for _, line in unexplained_results(found)]


def test_costly_mistakes_are_listed_and_cheap_ones_counted() -> None:
    """The north holds with 2 e^-2 / (1 + 2 e^-2); b passes with 1 / (1 + e^0.4)."""
    dear, cheap = told()
    assert dear == (
        "At the start: The north takes a.hold at a with probability 0.213, "
        "though a.stop is worth 0.500 more."
    )
    assert cheap.startswith(
        "1 further option that is worth less is taken with a probability above 0.2"
    )


def test_states_are_named_by_their_differences() -> None:
    assert told({}, {"fed": True})[1].startswith("Where fed=true: The north takes a.hold")
