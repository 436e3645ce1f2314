"""A case with a hidden type and a table, solved once for all the tests that ask it."""

from functools import cache

from ceasefire.case import loads
from ceasefire.ensemble import ask
from ceasefire.game import build
from ceasefire.query import read_question
from ceasefire.query.ast import GameModification, evaluate_question
from ceasefire.query.evaluator import Evaluator
from ceasefire.query.expectations import WorldSolution
from ceasefire.settings import SolveSettings

CASE = loads("""
ceasefire: 1
horizon: 4
tail: 1
parties:
  north: {patience: 0.9, precision: 3}
  south:
    patience: 0.95
    precision: 3
    types: {hawk: 0.7, dove: 0.3}
  east: {patience: 0.9, precision: 5}
state:
  war: {start: true}
  force: {values: 0..2, start: 0}
conditions: {strong: force >= 1}
payoffs:
  north: {war: -1.0 * war, force: -0.1 * force}
  south: {war: "-(0.3 if type == hawk else 1) * war", fear: "-0.2 * force"}
  east: {war: -0.5 * war}
moves:
  build: {by: north, when: force < 2, cost: 0.1,
          outcomes: [{name: done, chance: 0.6, set: {force: force + 1}}]}
  attack: {by: south, when: not war, set: {war: true}, cost: 0.1 + 0.2 * force}
promises: {oath: {by: south, forbids: [attack], breach: 0.3}}
tables:
  talks:
    seats: [south, north]
    meets: 0.8
    proposes: any
    deals: {truce: {when: war, set: {war: false}, promises: [oath], cost: {north: 0.05}}, hint: {}}
chance: {wear: {when: force > 0, outcomes: [{name: out, chance: 0.1, set: {force: force - 1}}]}}
order: [wear, talks, north, south]
""")  # fmt: skip
GRID = 33


@cache
def oracle():
    """The case as it is, solved once."""
    starts = [{"war": False}, {"war": True, "force": 0}]
    game = build(CASE, starts=starts, direct=True)
    return Evaluator(WorldSolution(game, CASE.best_estimates, SolveSettings(GRID)))


def best_answers(*texts):
    """The answers to questions, in order."""
    found = []
    for text in texts:
        question = read_question(CASE, text)
        if all(quantity.modification == GameModification() for quantity in question.quantities):
            readings = [oracle().value_of(quantity).value for quantity in question.quantities]
            found.append(evaluate_question(question.expression, readings)[0])
        else:
            found.append(ask(CASE, text, certify=False, grid=GRID).answers[0].best)
    return found
