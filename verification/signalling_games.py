"""Games of the literature whose equilibrium is known without a grid, drawn at random.

A party of two types sends one of two messages, and what it shows is the belief after each: two
equations in the two types' log odds. Here they are solved to rounding by SciPy, from 26 starts,
with no code of the package. Where play goes on, what a belief is worth is found in the same way,
one period inside the other. Draws in which a decision on the way has more than one solution are
counted and left out: which of them is meant is no question of grids.

The package promises that the true error of a number stays below the `grid_change` that it states,
in 99 draws of 100, and below twice as much in all: on the grid that it chooses, and on one of 65
nodes, as larger games have it.

Sources: Fearon (1997), Journal of Conflict Resolution 41, for tied hands and sunk costs; Kreps &
Wilson (1982) and Milgrom & Roberts (1982), Journal of Economic Theory 27, for deterring entry; Cho
& Kreps (1987), Quarterly Journal of Economics 102, for beer and quiche; Fearon (1994), American
Political Science Review 88, for two parties each of which waits for the other to give way.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import product, repeat
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import root

from ceasefire.case import loads
from ceasefire.ensemble import ask
from verification.table import Row, report

World = Mapping[str, float]
Pair = tuple[float, float]  # of the first type and of the second
Values = dict[str, float]
Reply = Callable[[float, float], Pair]
SEED, CHUNK, QUICK = 0, 5, 0.1
COARSE_GRID_SIZE = 65
OFTEN = 0.01
ROUNDING = 1e-4  # what is nearer than this is as good as exact
SAME = 1e-6  # solutions whose log odds are nearer than this are one


class SeveralSolutionsError(Exception):
    """A decision has more than one solution, or none was found."""


def chance(odds: float) -> float:
    """The probability with these log odds."""
    return float(np.exp(-np.logaddexp(0.0, -odds)))


def chances(odds: Pair) -> Pair:
    """The probabilities with the log odds of either type."""
    return chance(odds[0]), chance(odds[1])


def opposite(odds: Pair) -> Pair:
    """The log odds of the other message."""
    return -odds[0], -odds[1]


def updated(prior: float, odds: Pair) -> float:
    """Belief in the first type after a message that the two types send with these log odds."""
    if not 0.0 < prior < 1.0:
        return prior
    shown = np.logaddexp(0.0, -odds[1]) - np.logaddexp(0.0, -odds[0])
    return chance(float(np.log(prior) - np.log1p(-prior) + shown))


def mean(belief: float, of: Pair) -> float:
    """What is expected by whoever believes so in the first type."""
    return belief * of[0] + (1.0 - belief) * of[1]


def signalling(prior: float, reply: Reply, *, sure: bool = True) -> Pair:
    """The log odds with which the two types send the first of two messages.

    prior  belief in the first type
    reply  log odds of the first message for each type, given the beliefs after either
    sure   whether to look for other solutions too

    Raises SeveralSolutionsError where the solution is not the only one that is found.
    """

    def miss(odds: Any) -> Any:
        beliefs = updated(prior, tuple(odds)), updated(prior, opposite(odds))
        return odds - np.array(reply(*beliefs))

    ends = np.array([reply(*beliefs) for beliefs in product((0.0, prior, 1.0), repeat=2)])
    low, high = ends.min(axis=0), ends.max(axis=0)
    parts = product(np.linspace(0.0, 1.0, 5), repeat=2)
    found: list[Any] = []
    for start in (ends[4], *(low + (high - low) * part for part in parts)):
        solved = root(miss, np.array(start), tol=1e-13).x
        if np.abs(miss(solved)).max() <= 1e-9:
            if all(np.abs(solved - other).max() > SAME for other in found):
                found.append(solved)
            if not sure:
                break
    if len(found) != 1:
        raise SeveralSolutionsError
    return float(found[0][0]), float(found[0][1])


class Family(NamedTuple):
    """Games of one kind.

    text   the case; its unknowns are what is drawn
    draws  how many are made for the table
    draw   draws a world
    exact  {question: answer} in a world; SeveralSolutionsError where that is no number
    """

    name: str
    text: str
    draws: int
    draw: Callable[[np.random.Generator], World]
    exact: Callable[[World], Values]


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _evenly_in_logarithm(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


THREAT = """
ceasefire: 1
title: A threat, a challenge, and whether to fight
horizon: 1
ending: final
unknowns: {prior: {best: 0.5}, shame: {best: 0.4}, fee_first: {best: 0}, fee_second: {best: 0},
  war_first: {best: 0.2}, war_second: {best: -0.6}, precision: {best: 20}}
parties:
  defender: {precision: precision, patience: 0, types: {resolved: prior, soft: 1 - prior}}
  challenger: {precision: precision, patience: 0}
state:
  threat: {}
  challenged: {}
  end: {values: [quo, backed, fought], start: quo}
payoffs:
  defender:
    prize: not challenged
    war: "(war_first if type == resolved else war_second) * (end == fought)"
  challenger: {prize: end == backed, war: -1 * (end == fought)}
moves:
  threaten: {by: defender, set: {threat: true}, cost: fee_first if type == resolved else fee_second}
  challenge: {by: challenger, set: {challenged: true}}
  fight: {by: defender, when: challenged, set: {end: fought}}
  back: {by: defender, when: challenged, set: {end: backed}, cost: shame * threat}
order: [{defender: [threaten, pass]}, {challenger: [challenge, pass]}, {defender: [fight, back]}]
"""


def _threat(world: World) -> Values:
    precision, prior = world["precision"], world["prior"]
    war = world["war_first"], world["war_second"]
    fee = world["fee_first"], world["fee_second"]
    shame = {True: world["shame"], False: 0.0}
    fights = {
        m: chances((precision * (war[0] + s), precision * (war[1] + s))) for m, s in shame.items()
    }
    worth = {
        m: tuple(f * w - (1.0 - f) * shame[m] for f, w in zip(fights[m], war, strict=True))
        for m in shame
    }

    def challenges(threat: bool, belief: float) -> float:
        return chance(precision * (1.0 - 2.0 * mean(belief, fights[threat])))

    def odds(after_threat: float, after_none: float) -> Pair:
        q, r = challenges(True, after_threat), challenges(False, after_none)
        first, second = (
            precision * (r - q + q * worth[True][k] - r * worth[False][k] - fee[k])
            for k in range(2)
        )
        return first, second

    threat = signalling(prior, odds)
    sent = {True: threat, False: opposite(threat)}
    likely = {m: chances(each) for m, each in sent.items()}
    met = {m: challenges(m, updated(prior, each)) for m, each in sent.items()}
    war_comes = sum(
        belief * likely[m][k] * met[m] * fights[m][k]
        for m in met
        for k, belief in enumerate((prior, 1.0 - prior))
    )
    soft = sum(likely[m][1] * (1.0 - met[m] + met[m] * worth[m][1] - m * fee[1]) for m in met)
    return {
        "plays(defender.threaten, types={defender: resolved})": likely[True][0],
        "plays(defender.threaten, types={defender: soft})": likely[True][1],
        "belief(defender.resolved, after=defender.threaten)": updated(prior, threat),
        "P(at_end(end == fought))": war_comes,
        "value(defender, type=soft)": soft,
    }


def _draw_tied_hands(rng: np.random.Generator) -> World:
    return {
        "prior": _between(rng, 0.05, 0.95), "shame": _between(rng, 0.0, 0.8),
        "war_first": _between(rng, 0.0, 0.4), "war_second": _between(rng, -1.0, -0.3),
        "precision": _evenly_in_logarithm(rng, 5.0, 300.0), "fee_first": 0.0, "fee_second": 0.0,
    }  # fmt: skip


def _draw_sunk_costs(rng: np.random.Generator) -> World:
    first = _between(rng, 0.0, 0.4)
    return {
        "prior": _between(rng, 0.05, 0.95), "shame": 0.0, "fee_first": first,
        "fee_second": first + _between(rng, 0.0, 0.5), "war_first": _between(rng, 0.0, 0.4),
        "war_second": _between(rng, -1.0, -0.3),
        "precision": _evenly_in_logarithm(rng, 5.0, 300.0),
    }  # fmt: skip


ENTRY = """
ceasefire: 1
title: Deterring entry
horizon: {horizon}
ending: final
unknowns: {{prior: {{best: 0.3}}, gain: {{best: 0.5}}, monopoly: {{best: 2}},
  pleasure: {{best: 0.5}}, patience: {{best: 0.9}}, sharp: {{best: 10}}, keen: {{best: 10}}}}
parties:
  incumbent: {{precision: sharp, patience: patience, types: {{strong: prior, weak: 1 - prior}}}}
  entrants: {{precision: keen, patience: 0}}
state:
  market: {{values: [alone, entered, fought, shared], start: alone}}
payoffs:
  incumbent:
    profit: monopoly * (market == alone)
    fight: "(pleasure if type == strong else -1) * (market == fought)"
  entrants: {{profit: "gain * (market == shared) - (1 - gain) * (market == fought)"}}
moves:
  enter: {{by: entrants, set: {{market: entered}}}}
  stay: {{by: entrants, set: {{market: alone}}}}
  fight: {{by: incumbent, when: market == entered, set: {{market: fought}}}}
  share: {{by: incumbent, when: market == entered, set: {{market: shared}}}}
order: [{{entrants: [enter, stay]}}, {{incumbent: [fight, share]}}]
"""


class _Entry:
    """Deterring entry for some periods: what a belief is worth in each, one inside the other."""

    def __init__(self, world: World, horizon: int) -> None:
        self.world, self.last = world, horizon - 1
        self.fight = world["pleasure"], -1.0
        self.quick = cache(self._quick)

    def fights(self, period: int, belief: float, *, sure: bool) -> Pair:
        """The log odds with which either type fights somebody who has entered."""
        sharp, patience = self.world["sharp"], self.world["patience"]
        if period == self.last:
            return sharp * self.fight[0], sharp * self.fight[1]

        def odds(after_fight: float, after_share: float) -> Pair:
            one, two = self.quick(period + 1, after_fight), self.quick(period + 1, after_share)
            first, second = (
                sharp * (self.fight[k] + patience * (one[k] - two[k])) for k in range(2)
            )
            return first, second

        return signalling(belief, odds, sure=sure)

    def enters(self, belief: float, odds: Pair) -> float:
        """How likely entry is."""
        fought = mean(belief, chances(odds))
        return chance(self.world["keen"] * (self.world["gain"] - fought))

    def _quick(self, period: int, belief: float) -> Pair:
        return self.period(period, belief, sure=False)[0]

    def period(self, period: int, belief: float, *, sure: bool = True) -> tuple[Pair, Pair]:
        """What either type expects from a period on, and how likely nobody enters in the last."""
        odds = self.fights(period, belief, sure=sure)
        entry, fights, shares = self.enters(belief, odds), chances(odds), chances(opposite(odds))
        alone = self.world["monopoly"]
        if period == self.last:
            first, second = (
                (1.0 - entry) * alone + entry * f * u
                for f, u in zip(fights, self.fight, strict=True)
            )
            return (first, second), (1.0 - entry, 1.0 - entry)
        patience = self.world["patience"]
        after = updated(belief, odds), updated(belief, opposite(odds)), belief
        later = [
            self.period(period + 1, one) if sure else (self.quick(period + 1, one), (0.0, 0.0))
            for one in after
        ]
        worth, none = [], []
        for k in range(2):
            fought, shared, passed = (found[0][k] for found in later)
            worth.append(
                (1.0 - entry) * (alone + patience * passed)
                + entry * fights[k] * (self.fight[k] + patience * fought)
                + entry * shares[k] * patience * shared
            )
            fought, shared, passed = (found[1][k] for found in later)
            none.append((1.0 - entry) * passed + entry * (fights[k] * fought + shares[k] * shared))
        return (worth[0], worth[1]), (none[0], none[1])


def _entry(horizon: int, world: World) -> Values:
    game, prior = _Entry(world, horizon), world["prior"]
    worth, none = game.period(0, prior)
    odds = game.fights(0, prior, sure=True)
    return {
        "plays(entrants.enter)": game.enters(prior, odds),
        "plays(incumbent.fight, start={market: entered}, types={incumbent: weak})": chance(odds[1]),
        "belief(incumbent.strong, after=[entrants.enter, incumbent.fight])": updated(prior, odds),
        "value(incumbent, type=weak)": worth[1],
        "P(at_end(market == alone))": mean(prior, none),
    }


def _draw_entry(rng: np.random.Generator) -> World:
    return {
        "prior": _between(rng, 0.05, 0.7), "gain": _between(rng, 0.2, 0.8),
        "monopoly": _between(rng, 1.0, 3.0), "pleasure": _between(rng, 0.0, 1.0),
        "patience": _between(rng, 0.6, 0.98), "sharp": _evenly_in_logarithm(rng, 3.0, 60.0),
        "keen": _evenly_in_logarithm(rng, 3.0, 60.0),
    }  # fmt: skip


BREAKFAST = """
ceasefire: 1
title: Beer and quiche
horizon: 1
ending: final
unknowns: {prior: {best: 0.9}, taste: {best: 1}, distaste: {best: 1}, bruise: {best: 2},
  sharp: {best: 5}, keen: {best: 5}}
parties:
  guest: {precision: sharp, patience: 0, types: {surly: prior, meek: 1 - prior}}
  bully: {precision: keen, patience: 0}
state:
  breakfast: {values: [none, beer, quiche], start: none}
  fought: {}
  down: {values: [none, first, second], start: none}
payoffs:
  guest:
    taste: "(taste * (breakfast == beer) if type == surly else distaste * (breakfast == quiche))"
    bruise: -bruise * fought
  bully: {fight: (down == first) - (down == second)}
moves:
  beer: {by: guest, set: {breakfast: beer}}
  quiche: {by: guest, set: {breakfast: quiche}}
  fight: {by: bully, set: {fought: true}}
  win: {by: guest, when: fought, set: {down: second}, cost: 0 if type == surly else 100}
  lose: {by: guest, when: fought, set: {down: first}, cost: 100 if type == surly else 0}
order: [{guest: [beer, quiche]}, {bully: [fight, pass]}, {guest: [win, lose]}]
"""


def _breakfast(world: World) -> Values:
    sharp, prior, bruise = world["sharp"], world["prior"], world["bruise"]

    def fights(belief: float) -> float:
        return chance(world["keen"] * (1.0 - 2.0 * belief))

    def odds(after_beer: float, after_quiche: float) -> Pair:
        saved = bruise * (fights(after_quiche) - fights(after_beer))
        return sharp * (world["taste"] + saved), sharp * (saved - world["distaste"])

    beer = signalling(prior, odds)
    fought = sum(
        mean(prior, chances(sent)) * fights(updated(prior, sent)) for sent in (beer, opposite(beer))
    )
    return {
        "plays(guest.beer, types={guest: surly})": chance(beer[0]),
        "plays(guest.beer, types={guest: meek})": chance(beer[1]),
        "belief(guest.surly, after=guest.quiche)": updated(prior, opposite(beer)),
        "P(at_end(fought))": fought,
    }


def _draw_breakfast(rng: np.random.Generator) -> World:
    return {
        "prior": _between(rng, 0.05, 0.95), "taste": _between(rng, 0.1, 1.0),
        "distaste": _between(rng, 0.1, 1.0), "bruise": _between(rng, 0.3, 2.0),
        "sharp": _evenly_in_logarithm(rng, 2.0, 100.0),
        "keen": _evenly_in_logarithm(rng, 2.0, 100.0),
    }  # fmt: skip


ATTRITION = """
ceasefire: 1
title: Either waits for the other to give way
horizon: 2
ending: final
unknowns: {prior_a: {best: 0.5}, prior_b: {best: 0.5}, patience: {best: 0.9}, sharp: {best: 10},
  tough_a: {best: 0.2}, soft_a: {best: 0.8}, tough_b: {best: 0.2}, soft_b: {best: 0.8}}
parties:
  a: {precision: sharp, patience: patience, types: {strong: prior_a, weak: 1 - prior_a}}
  b: {precision: sharp, patience: patience, types: {tough: prior_b, soft: 1 - prior_b}}
state:
  won: {values: [none, by_a, by_b], start: none}
payoffs:
  a: {prize: won == by_a, wait: "-(tough_a if type == strong else soft_a) * (won == none)"}
  b: {prize: won == by_b, wait: "-(tough_b if type == tough else soft_b) * (won == none)"}
moves:
  a.quit: {by: a, when: won == none, set: {won: by_b}}
  a.wait: {by: a, when: won == none}
  b.quit: {by: b, when: won == none, set: {won: by_a}}
  b.wait: {by: b, when: won == none}
order: [{a: [quit, wait]}, {b: [quit, wait]}]
"""


class _Attrition:
    """Two periods of waiting: a decides, then b, then a again, then b again."""

    def __init__(self, world: World) -> None:
        self.sharp, self.patience = world["sharp"], world["patience"]
        self.cost_a = world["tough_a"], world["soft_a"]
        self.cost_b = world["tough_b"], world["soft_b"]
        self.last_b = chance(-self.sharp * self.cost_b[0]), chance(-self.sharp * self.cost_b[1])

    def last_a(self, of_b: float) -> tuple[Pair, Pair]:
        """How likely either type of a waits in the last period, and what the period is worth."""
        stays = mean(of_b, self.last_b)
        wait = tuple((1.0 - stays) - stays * cost for cost in self.cost_a)
        waits = chance(self.sharp * wait[0]), chance(self.sharp * wait[1])
        return waits, (waits[0] * wait[0], waits[1] * wait[1])

    def last_worth_b(self, of_a: float, of_b: float) -> Pair:
        """What the last period is worth to either type of b."""
        waits = mean(of_a, self.last_a(of_b)[0])
        first, second = (
            (1.0 - waits) - waits * stays * cost
            for stays, cost in zip(self.last_b, self.cost_b, strict=True)
        )
        return first, second

    def first_b(self, of_a: float, of_b: float, *, sure: bool = True) -> Pair:
        """The log odds with which either type of b waits in the first period."""

        def odds(after_wait: float, _: float) -> Pair:
            later = self.last_worth_b(of_a, after_wait)
            first, second = (
                self.sharp * (self.patience * later[k] - self.cost_b[k]) for k in range(2)
            )
            return first, second

        return signalling(of_b, odds, sure=sure)

    def worth_of_waiting_a(self, of_a: float, of_b: float, *, sure: bool = True) -> Pair:
        """What it is worth to either type of a to have waited in the first period."""
        waits = self.first_b(of_a, of_b, sure=sure)
        later = self.last_a(updated(of_b, waits))[1]
        met = mean(of_b, chances(waits))
        first, second = (
            (1.0 - met) * (1.0 + self.patience) + met * (self.patience * later[k] - self.cost_a[k])
            for k in range(2)
        )
        return first, second

    def first_a(self, of_a: float, of_b: float) -> Pair:
        """The log odds with which either type of a waits in the first period."""

        def odds(after_wait: float, _: float) -> Pair:
            worth = self.worth_of_waiting_a(after_wait, of_b, sure=False)
            return self.sharp * worth[0], self.sharp * worth[1]

        return signalling(of_a, odds)


def _attrition(world: World) -> Values:
    game, of_a, of_b = _Attrition(world), world["prior_a"], world["prior_b"]
    odds_a = game.first_a(of_a, of_b)
    after, first_a = updated(of_a, odds_a), chances(odds_a)
    odds_b = game.first_b(after, of_b)
    after_b, first_b = updated(of_b, odds_b), chances(odds_b)
    last_a, wait = game.last_a(after_b)[0], game.worth_of_waiting_a(after, of_b)
    stays_a = mean(of_a, (first_a[0] * last_a[0], first_a[1] * last_a[1]))
    stays_b = mean(of_b, (first_b[0] * game.last_b[0], first_b[1] * game.last_b[1]))
    return {
        "plays(a.wait, types={a: weak})": first_a[1],
        "plays(b.wait, types={b: soft})": chance(game.first_b(of_a, of_b)[1]),
        "belief(a.strong, after=a.wait)": after,
        "P(at_end(won == none))": stays_a * stays_b,
        "value(a, type=weak)": first_a[1] * wait[1],
    }


def _draw_attrition(rng: np.random.Generator) -> World:
    return {
        "prior_a": _between(rng, 0.1, 0.9), "prior_b": _between(rng, 0.1, 0.9),
        "patience": _between(rng, 0.6, 0.98), "sharp": _evenly_in_logarithm(rng, 3.0, 40.0),
        "tough_a": _between(rng, -0.5, 0.1), "tough_b": _between(rng, -0.5, 0.1),
        "soft_a": _between(rng, 0.1, 1.2), "soft_b": _between(rng, 0.1, 1.2),
    }  # fmt: skip


FAMILIES = (
    Family("tied hands", THREAT, 100, _draw_tied_hands, _threat),
    Family("sunk costs", THREAT, 100, _draw_sunk_costs, _threat),
    Family("entry, two periods", ENTRY.format(horizon=2), 50, _draw_entry, partial(_entry, 2)),
    Family("entry, three periods", ENTRY.format(horizon=3), 50, _draw_entry, partial(_entry, 3)),
    Family("beer and quiche", BREAKFAST, 100, _draw_breakfast, _breakfast),
    Family("attrition", ATTRITION, 100, _draw_attrition, _attrition),
)


class Comparison(NamedTuple):
    """One draw: how far the answers are off, and how far they say that they may be.

    error   of the answer that is farthest off compared with what it states, in units of its scale
    stated  by that answer
    marked  whether a decision is unresolved, or met another branch, and the result says so
    """

    error: float
    stated: float
    marked: bool

    @property
    def ratio(self) -> float:
        """The error as a multiple of what is stated."""
        return self.error / max(self.stated, ROUNDING)

    @property
    def allowed(self) -> float:
        """The error that no draw may exceed."""
        return 2.0 * max(self.stated, ROUNDING)


def compare(family: Family, number: int, grid: int | None = None) -> Comparison | None:
    """What the package says of one draw; None where the game has several solutions.

    grid  grid points for each party with types, None for what the package chooses
    """
    world = family.draw(np.random.default_rng([SEED, number]))
    try:
        exact = family.exact(world)
    except SeveralSolutionsError:
        return None
    given = ", ".join(f"{name}: {value!r}" for name, value in world.items())
    asked = [f"{question[:-1]}, given={{{given}}})" for question in exact]
    found = ask(loads(family.text), *asked, grid=grid, workers=1)
    far = []
    for answer, right in zip(found.answers, exact.values(), strict=True):
        (quantity,) = answer.quantities
        assert quantity.value is not None
        assert quantity.grid_change is not None
        scale = max(1.0, abs(quantity.value))
        far.append((abs(quantity.value - right) / scale, quantity.grid_change / scale))
    marked = found.numerics.unresolved + found.numerics.branch_points > 0
    return max((Comparison(*each, marked) for each in far), key=lambda each: each.ratio)


def comparisons(family: Family, draws: int, grid: int | None = None) -> list[Comparison | None]:
    """The first so many draws of a family, on all cores."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(compare, repeat(family), range(draws), repeat(grid), chunksize=CHUNK))


def rows_of(name: str, found: Sequence[Comparison | None]) -> Iterator[Row]:
    """How often the error exceeds what is stated, and the worst error beside what may be."""
    told = [each for each in found if each is not None and not each.marked]
    several, marked = found.count(None), len(found) - found.count(None) - len(told)
    over = sum(each.ratio > 1.0 for each in told) / len(told)
    worst = max(told, key=lambda each: each.error / each.allowed)
    check = f"{name}, {len(told)} draws ({several} more with several solutions, {marked} marked)"
    often = max(OFTEN, 1.0 / len(told))
    yield Row(f"{check}: share in which the error exceeds the grid change", 0.0, over, often)
    yield Row(
        f"{name}: the worst error, beside twice the grid change",
        0.0, worst.error, worst.allowed,
    )  # fmt: skip


def rows(share: float = 1.0) -> Iterator[Row]:
    """Every family, and all of them together; with a share of the draws it takes less time."""
    everything: list[Comparison | None] = []
    for family in FAMILIES:
        found = comparisons(family, round(share * family.draws))
        everything += found
        yield from rows_of(family.name, found)
    yield from rows_of("all signalling games", everything)
    coarse: list[Comparison | None] = []
    for family in FAMILIES:
        coarse += comparisons(family, round(share * family.draws), COARSE_GRID_SIZE)
    yield from rows_of(f"all signalling games, {COARSE_GRID_SIZE} nodes", coarse)


if __name__ == "__main__":
    sys.exit(report(list(rows(QUICK if "--quick" in sys.argv else 1.0))))
