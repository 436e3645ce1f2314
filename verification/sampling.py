"""Every probability again, by drawing plays: 100,000 of them, one choice after another.

How plays are drawn and formulas read off them stands in `histories`. What is shared with the
package is what is tested elsewhere: the game's arrays and the solved choices at the nodes.

The game is solved on the default grid refined twice, where what the grid leaves out is smaller
than what 100,000 plays can tell: records of drawn plays stand where they are, those of counted
ones on nodes (at the 9 nodes that are the default for the op-ed the two differ by up to 0.015, ten
standard errors). Each number must lie within four standard errors and its change at the last
refinement, which at first order is the error of the finer grid. Of K numbers that are right, one
fails by bad luck with chance 6.3e-5 K.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from ceasefire.case import Case, load
from ceasefire.equilibrium import Equilibrium, default_grid_size
from ceasefire.game import build
from ceasefire.query import read_question
from ceasefire.query.ast import EventCondition, GameModification, Quantity, conditions_of_formula
from ceasefire.query.evaluator import Evaluator
from ceasefire.query.expectations import WorldSolution
from ceasefire.query.plan import parties_with_pass_asked
from ceasefire.settings import SolveSettings
from verification.histories import MOMENTS, PATHS, Floats, draw
from verification.shipped import games
from verification.table import Row

ROOT = Path(__file__).parents[1]
SHIPPED = games()
SMALL = ROOT / "tests" / "cases_small"
ERRORS, HALVINGS = 4.0, 2
MEMORY = 12e9
DRAWN = ("P", "kept", "time", "E")

MORE = {
    "reputation": [
        "P(eventually(fight), sharper=0.3)",
        "P(before(happens(ruler.resist), happens(ruler.hold)), sharper=0.3)",
        "P(eventually(lost == 2), types={ruler: soft}, sharper=0.3)",
        "P(at_end(lost == 1), provided=eventually(happens(ruler.resist)), sharper=0.3)",
        "time(believes(defender, ruler.firm) > 0.5, sharper=0.3)",
        "P(until(lost < 2, fight), sharper=0.3)",
        "E(lost, sharper=0.3)",
    ],
    "knife_edge": [
        "P(eventually(guess == goes_left), types={sender: left})",
        "P(at_end(believes(receiver, sender.left) > 0.9), given={hair: 0.001})",
        "P(eventually(happens(sender.speak)), given={hair: -0.001})",
    ],
    "three_messages": [
        "P(at_end(believes(analyst, sender.right) >= 0.5), given={other_hair: 0.0007})",
        "P(before(happens(sender.say_that), happens(receiver.guess_left)))",
    ],
    "trust": [
        "P(at_end(yours and theirs), sharper=0.005)",
        "P(at_end(theirs), types={other: untrustworthy}, sharper=0.005)",
    ],
    "screening": [
        "P(at_end(share == low), sharper=0.01)",
        "P(eventually(happens(talks.ask_high)))",
    ],
    "decades": ["P(always(not betrayed))", "P(lasting(not betrayed, 10), start={betrayed: false})"],
    "centipede": ["P(at_end(taken == 2))", "E(taken)"],
    "sequencing": ["P(at_end(ally and enemy))", "P(eventually(enemy), given={ally_first: 0})"],
    "forts": ["P(at_end(held == 10), given={p: 0.45}, within=60)", "time(over, within=30)"],
}


@dataclass(frozen=True)
class Drawn:
    """A quantity as counted and as drawn, in units of its scale."""

    text: str
    counted: float
    drawn: float
    error: float  # standard error
    change: float  # at the last refinement of the grid

    @property
    def off(self) -> float:
        """By how many standard errors the two differ."""
        return (self.drawn - self.counted) / self.error

    @property
    def row(self) -> Row:
        """The line of the table."""
        return Row(self.text, self.counted, self.drawn, ERRORS * self.error + self.change)


def sample(quantity: Quantity, play: Equilibrium, *, paths: int = PATHS, seed: int = 0) -> Floats:
    """What a quantity is on each drawn path; paths on which its condition fails are left out."""
    case, periods = play.game.case, quantity.periods
    periods = case.horizon if periods is None else periods
    formulas = [each for each in (quantity.formula, quantity.provided) if each is not None]
    read = [c for formula in formulas for c in conditions_of_formula(formula)]
    read += [quantity.condition] if quantity.condition is not None else []
    broken = EventCondition(frozenset({f"broken:{quantity.subject}"}))
    read += [broken] if quantity.kind == "kept" else []
    listened = tuple(dict.fromkeys(c for c in read if isinstance(c, EventCondition)))
    start = play.game.start_state(dict(quantity.start))
    types = dict(quantity.types)
    plays = draw(play, start, periods, listened, types, paths=paths, seed=seed)
    if quantity.kind == "kept":
        found = plays.first(broken, periods) > MOMENTS * periods
    elif quantity.kind == "time":
        assert quantity.condition is not None
        passed = -(-plays.first(quantity.condition, periods) // MOMENTS)
        found = np.minimum(passed, periods)
    elif quantity.kind == "E":
        assert quantity.expression is not None
        at = periods if quantity.after_periods is None else quantity.after_periods
        found = play.game.evaluate_in_states(quantity.expression, play.world)[plays.states[at]]
    else:
        assert quantity.formula is not None
        found = plays.true(quantity.formula, periods)
    if quantity.provided is not None:
        found = found[plays.true(quantity.provided, periods)]
    return np.asarray(found, dtype=np.float64)


def compare(
    case: Case, texts: Iterable[str], *, paths: int = PATHS, halvings: int = HALVINGS
) -> Iterator[Drawn]:
    """Each quantity of these questions that plays can tell, as counted and as drawn."""
    asked = dict.fromkeys(q for text in texts for q in read_question(case, text).quantities)
    # plays are drawn from the start, with nothing seen before it
    drawn = sorted((q for q in asked if q.kind in DRAWN and not q.after), key=_variant)
    games = {
        variant: build(
            case,
            starts=[dict(quantity.start) for quantity in group],
            without=variant.without,
            closed=dict(variant.closed),
            passes=frozenset(
                party for quantity in group for party in parties_with_pass_asked(quantity)
            ),
        )
        for variant, group in _by_variant(drawn)
    }
    grid = min((default_grid_size(game) for game in games.values()), default=None)
    for variant, quantities in _by_variant(drawn):
        game, world = games[variant], {**case.best_estimates, **dict(variant.given)}
        coarser, oracle = (
            Evaluator(
                WorldSolution(
                    game,
                    world,
                    SolveSettings(grid, MEMORY),
                    halvings=n,
                    sharper=variant.precision_factor,
                )
            )
            for n in (halvings - 1, halvings)
        )
        for quantity in quantities:
            reading = oracle.value_of(quantity)
            before = coarser.value_of(quantity).value
            assert reading.value is not None
            assert before is not None
            values = sample(quantity, oracle.equilibrium, paths=paths, seed=len(quantity.text))
            values, counted = values / reading.scale, reading.value / reading.scale
            error = np.hypot(
                _error(quantity, values, counted), (reading.error or 0) / reading.scale
            )
            change = abs(reading.value - before) / reading.scale
            yield Drawn(quantity.text, counted, float(values.mean()), float(error), change)


def _by_variant(quantities: Iterable[Quantity]) -> list[tuple[GameModification, list[Quantity]]]:
    """Quantities that are asked of one game."""
    return [
        (variant, list(group)) for variant, group in groupby(quantities, lambda q: q.modification)
    ]


def _variant(quantity: Quantity) -> str:
    return repr((sorted(quantity.modification.without), quantity.modification))


def _error(quantity: Quantity, values: Floats, counted: float) -> float:
    """Standard error of a mean; of a share, the one the counted probability would have.

    One play more or less is always allowed for, so that what is next to impossible may be drawn.
    """
    n = len(values)
    share = quantity.kind in ("P", "kept")
    spread = np.sqrt(counted * (1.0 - counted)) if share else values.std()
    return float(np.hypot(spread / np.sqrt(n), 1.0 / n))


def rows() -> Iterator[Row]:
    """Every quantity in the claims of the shipped cases, and more on the small ones.

    Not where a party has more than two types, which are not drawn here.
    """
    for path in SHIPPED:
        case = load(path)
        if any(len(party.types) > 2 for party in case.parties.values()):
            continue
        texts = [claim.test for claim in case.claims.values()]
        yield from _named(path.stem, compare(case, texts))
    for name, asked in MORE.items():
        found = compare(load(SMALL / f"{name}.yaml"), asked)
        yield from _named(name, found)


def _named(name: str, found: Iterator[Drawn]) -> Iterator[Row]:
    for each in found:
        row = each.row
        check = f"{name}: {row.check} drawn"
        yield Row(check, row.expected, row.got, row.tolerance)
