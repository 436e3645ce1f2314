"""Small cases in which something has happened, and the package's answer to them."""

from typing import Any

from ceasefire.case import loads
from ceasefire.evidence.events import read_recorded_events
from ceasefire.evidence.posterior import (
    PosteriorQuery,
    PosteriorSettings,
    WorldPosterior,
    prepare_posterior_query,
)
from ceasefire.query import read_questions
from ceasefire.settings import SolveSettings

PUBLIC = """
ceasefire: 1
horizon: 4
tail: 1
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}}
parties:
  north: {precision: 2}
  south: {precision: 3}
state: {war: {start: true}, force: {values: 0..2, start: 0}}
conditions: {safe: force >= 1}
payoffs:
  north: {war: -0.5 * war, fear: -0.3 * force}
  south: {war: -0.8 * war, safe: 0.2 * force}
moves:
  shout: {by: north, when: war}
  attack: {by: north, when: not war, set: {war: true}, cost: 0.3 * force}
  arm:
    by: south
    when: force < 2
    cost: 0.2
    outcomes: [{name: grows, chance: odds, set: {force: force + 1}}]
promises: {no_attack: {by: north, forbids: [attack], breach: 0.4}}
tables:
  talks:
    seats: [north, south]
    proposes: any
    meets: 0.7
    deals:
      truce: {when: war, set: {war: false}, promises: [no_attack], cost: {south: 0.1}}
      swap: {}
chance:
  storm:
    when: war
    outcomes: [{name: hits, chance: 0.1, set: {force: "max(force - 1, 0)"}}]
order: [storm, talks, north, south, {north: [attack, pass]}]
"""

HIDDEN = """
ceasefire: 1
horizon: 2
parties:
  north:
    precision: 2
    types: {calm: 0.6, rash: 0.4}
    believed_by: {south: {calm: 0.3, rash: 0.7}}
  south: {precision: 2}
state: {war: {start: true}}
payoffs:
  north: {war: "-0.6 * war if type == calm else 0.2 * war"}
  south: {war: -0.8 * war}
moves:
  shout: {by: north, when: war, cost: "0.3 if type == calm else 0"}
tables:
  talks:
    seats: [south, north]
    meets: 0.8
    deals: {truce: {when: war, set: {war: false}}}
chance: {flare: {when: not war, outcomes: [{name: up, chance: 0.3, set: {war: true}}]}}
order: [talks, flare, north]
"""


def answers_after(
    text: str,
    events: list[str],
    questions: list[str],
    today: int,
    grid: int | None = None,
    **options: Any,
) -> tuple[WorldPosterior, PosteriorQuery]:
    """What the package says at best after some events, one line of a case each."""
    lines = "\n".join(f"  - {event}" for event in events)
    case = loads(f"{text}events:\n{lines}\n" if events else text)
    facts, _ = read_recorded_events(case)
    made = prepare_posterior_query(
        case,
        read_questions(case, questions),
        [facts],
        today,
        particles=options.pop("particles", 10**6),
        seed=options.pop("seed", 0),
        settings=SolveSettings(grid),
        ask_at_start=options.pop("ask_at_start", False),
        **options,
    )
    return made(PosteriorSettings()), made
