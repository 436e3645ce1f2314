"""A first case to change into one's own."""

_TEXT = """\
# A case is an argument written down so that it can be tested. Change anything here, then run
#   ceasefire check THIS_FILE
# Expressions read like `0.5 * line`; one with a comma or a `: ` in it wants quotes around it.
ceasefire: 1
title: Two neighbours
about: North holds the initiative; do talks end the war, and is the end worth anything?
period: month
horizon: 12                       # questions look at twelve months
tail: 6                           # play goes on for six more, so that nobody acts as if all ended

unknowns:                         # numbers nobody knows: a best estimate and a range
  war_cost: {best: 0.6, range: [0.3, 0.9], unit: payoff/month, about: what war costs North}

parties:
  north: {name: North, patience: 0.95, precision: 10}
  south: {name: South, patience: 0.95, precision: 10}

state:                            # the public facts, and where they stand today
  fighting: {start: true}

payoffs:                          # what each receives at a month's end; the terms add up
  north: {war: -war_cost * fighting, gain: 0.5 * fighting}
  south: {war: -1.0 * fighting}

moves:                            # what a party can do alone
  attack: {by: north, when: not fighting, set: {fighting: true}, cost: 0.2}

promises:                         # breaking one costs `breach`
  no_attack: {by: north, forbids: [attack], breach: 0.5}

tables:                           # who sits together, and what can be agreed there
  talks:
    seats: [south, north]         # the first seat makes the offer
    meets: 0.5                    # they meet every other month
    deals:
      ceasefire: {when: fighting, set: {fighting: false}, promises: [no_attack]}

order: [talks, north]             # what comes first within a month

claims:                           # the argument: each sentence with its test
  the_war_stops:
    says: Within a year the guns fall silent.
    test: P(eventually(not fighting)) > 0.9
  the_promise_is_kept:
    says: North keeps its promise for a year.
    test: "kept(no_attack, 12, start={fighting: false}) > 0.8"
"""


def template() -> str:
    """Give a short, commented first case: two parties, a table, an unknown, a promise, two claims.

    >>> from ceasefire.case.load import loads
    >>> loads(template()).title
    'Two neighbours'
    """
    return _TEXT
