"""Every probability again, by drawing plays: 100,000 of them, one choice after another.

Types are drawn by the analyst's prior, then each party chooses by its own type, and records grow
by what was chosen: nothing is ever spread over the nodes of the grid. Formulas are read off whole
histories by their words in the design, not by automata. What is shared with the package is what is
tested elsewhere: the game's arrays and the solved choices at the nodes.

The game is solved on the default grid refined twice, where what the grid leaves out is smaller
than what 100,000 plays can tell: records of drawn plays stand where they are, those of counted
ones on nodes (at the 9 nodes that are the default for the op-ed the two differ by up to 0.015, ten
standard errors). Each number must lie within four standard errors: of K of them, one fails by bad
luck with chance 6.3e-5 K.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ceasefire.ask import prepare, read_question
from ceasefire.ask.prepare import passes_of
from ceasefire.ask.question import Atom, Condition, Formula, Happening, Quantity, State, conditions
from ceasefire.case import Case, evaluate, load
from ceasefire.game import build
from ceasefire.solve import Play, solve
from verification._walk import play_period, reseed
from verification.table import Row

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "cases").glob("*.yaml"))
SMALL = ROOT / "tests" / "cases_small"
PATHS, ERRORS, HALVINGS = 100_000, 4.0, 2
MEMORY = 12e9
DRAWN = ("P", "kept", "time", "E")
NEVER, MOMENTS = -1, 1000

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


@dataclass(frozen=True, eq=False)
class Histories:
    """N plays drawn from one game over n periods.

    states   (n + 1, N) public state at the start and at each period's end
    records  (n + 1, N, H) record of each party with types
    seen     for each condition on events, the moment of its first occurrence on each path, or
             NEVER; period t ends at moment (t + 1) * MOMENTS
    """

    play: Play
    states: Ints
    records: Floats
    seen: Mapping[Condition, Ints]

    def holds(self, condition: State) -> Bools:
        """(n + 1, N) whether a condition on state and beliefs holds at each period's end."""
        game, play = self.play.game, self.play
        columns: dict[str, float | Floats] = {
            name: values[self.states.ravel()] if isinstance(values, np.ndarray) else values
            for name, values in game.columns(play.world).items()
        }
        for belief in condition.beliefs:
            h = game.hidden.index(belief.party)
            prior = play.prior(belief.observer, belief.party)
            odds = np.log(prior / (1.0 - prior)) + self.records[:, :, h].ravel()
            first = np.round(1.0 / (1.0 + np.exp(-odds)), 9)
            kinds = list(game.case.parties[belief.party].types)
            columns[belief.column] = first if kinds[0] == belief.type else np.round(1.0 - first, 9)
        rows = self.states.size
        values = evaluate(condition.expression, columns, game.case.conditions, rows)
        return (np.broadcast_to(values, rows) != 0).reshape(self.states.shape)

    def first(self, condition: Condition, periods: int) -> Ints:
        """(N,) the moment at which a condition first holds or occurs, past all ends if never."""
        never = MOMENTS * (periods + 1)
        if isinstance(condition, Happening):
            seen = self.seen[condition]
            return np.where((seen == NEVER) | (seen > MOMENTS * periods), never, seen)
        holds = self.holds(condition)[: periods + 1]
        return np.where(holds.any(axis=0), MOMENTS * holds.argmax(axis=0), never)

    def true(self, formula: Formula, periods: int) -> Bools:
        """(N,) whether a formula holds on each path if one stops looking after so many periods."""
        if not isinstance(formula, Atom):
            parts = [self.true(part, periods) for part in formula.parts]
            if formula.operator == "not":
                return ~parts[0]
            joined: Bools = np.logical_and.reduce(parts)
            return joined if formula.operator == "and" else np.logical_or.reduce(parts)
        never = MOMENTS * (periods + 1)
        moments = [self.first(condition, periods) for condition in formula.conditions]
        if formula.kind == "eventually":
            return moments[0] < never
        if formula.kind == "before":
            return moments[0] < np.minimum(moments[1], never)
        held = [self.holds(c)[: periods + 1] for c in formula.conditions if isinstance(c, State)]
        match formula.kind:
            case "always":
                return held[0].all(axis=0)
            case "at_end":
                return held[0][-1]
            case "until":
                lost = np.where(held[0].all(axis=0), periods + 1, (~held[0]).argmax(axis=0))
                return (moments[1] < never) & (moments[1] <= MOMENTS * lost)
            case "lasting":
                return _longest(held[0][1:]) >= formula.count
        raise AssertionError(formula.kind)


def _longest(held: Bools) -> Ints:
    """(N,) the longest run of rows in which each column holds."""
    run = longest = np.zeros(held.shape[1], dtype=np.int64)
    for row in held:
        run = np.where(row, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def draw(
    play: Play,
    start: int,
    periods: int,
    listened: tuple[Happening, ...] = (),
    types: Mapping[str, str] | None = None,
    *,
    paths: int = PATHS,
    seed: int = 0,
) -> Histories:
    """Draw plays of a solved game from a state."""
    game, grid = play.game, play.records
    rng = np.random.default_rng(seed)
    kinds = np.zeros((paths, len(game.hidden)), dtype=np.int64)
    for h, party in enumerate(game.hidden):
        names = list(game.case.parties[party].types)
        kinds[:, h] = rng.random(paths) >= play.prior("analyst", party)
        if types and party in types:
            kinds[:, h] = names.index(types[party])
    heard = np.zeros((len(listened), len(game.labels)), dtype=np.bool_)
    for c, condition in enumerate(listened):
        heard[c] = [bool(label & condition.events) for label in game.labels]
    record = np.zeros((paths, len(game.hidden)))
    seen = np.full((len(listened), paths), NEVER, dtype=np.int64)
    state = np.full(paths, start, dtype=np.int64)
    states, records = [state], [record.copy()]
    reseed(int(rng.integers(2**31)))
    for period in range(periods):
        number = game.graph_number(period)
        graph = game.graphs[number]
        state = play_period(
            graph.kind, graph.mover, graph.first, graph.successor, graph.label,
            play.offsets[number], play.chance(number), play.policies[period], game.axis_of,
            grid.low, grid.step, grid.logit[:, 0], grid.belief[:, 0], heard,
            graph.entry[0, state], kinds, record, MOMENTS * period, seen,
        )  # fmt: skip
        states.append(state)
        records.append(record.copy())
    found = dict(zip(listened, seen, strict=True))
    return Histories(play, np.array(states), np.array(records), found)


@dataclass(frozen=True)
class Drawn:
    """A quantity as counted and as drawn, in units of its scale."""

    text: str
    counted: float
    drawn: float
    error: float  # standard error

    @property
    def off(self) -> float:
        """By how many standard errors the two differ."""
        return (self.drawn - self.counted) / self.error

    @property
    def row(self) -> Row:
        """The line of the table."""
        return Row(self.text, self.counted, self.drawn, ERRORS * self.error)


def sample(quantity: Quantity, play: Play, *, paths: int = PATHS, seed: int = 0) -> Floats:
    """What a quantity is on each drawn path; paths on which its condition fails are left out."""
    case, periods = play.game.case, quantity.periods
    periods = case.horizon if periods is None else periods
    formulas = [each for each in (quantity.formula, quantity.provided) if each is not None]
    read = [c for formula in formulas for c in conditions(formula)]
    read += [quantity.condition] if quantity.condition is not None else []
    broken = Happening(frozenset({f"broken:{quantity.subject}"}))
    read += [broken] if quantity.kind == "kept" else []
    listened = tuple(dict.fromkeys(c for c in read if isinstance(c, Happening)))
    start = play.game.index(dict(quantity.start))
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
        at = periods if quantity.at is None else quantity.at
        found = play.game.evaluate(quantity.expression, play.world)[plays.states[at]]
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
    questions = [read_question(case, text) for text in texts]
    prepared = prepare(case, questions, memory=MEMORY)
    sheet = prepared.read(halvings=halvings)
    asked: dict[Quantity, tuple[int, int]] = {}
    for n, question in enumerate(questions):
        for place, quantity in enumerate(question.quantities):
            if quantity.kind in DRAWN:
                asked.setdefault(quantity, (n, place))
    for variant, group in groupby(sorted(asked, key=_variant), key=lambda q: q.variant):
        quantities = list(group)
        game = build(
            case,
            starts=[dict(quantity.start) for quantity in quantities],
            without=variant.without,
            closed=dict(variant.closed),
            passes=frozenset(party for q in quantities for party in passes_of(q)),
        )
        world = {**case.best, **dict(variant.given)}
        play = solve(
            game, world, grid=sheet.grid, halvings=halvings, sharper=variant.sharper, memory=MEMORY
        )
        for quantity in quantities:
            n, place = asked[quantity]
            reading = sheet.readings[n][place]
            assert reading.value is not None
            values = sample(quantity, play, paths=paths, seed=len(quantity.text)) / reading.scale
            counted = reading.value / reading.scale
            error = _error(quantity, values, counted)
            sampled = (reading.error or 0.0) / reading.scale
            yield Drawn(
                quantity.text,
                counted,
                float(values.mean()),
                float(np.hypot(error, sampled)),
            )


def _variant(quantity: Quantity) -> str:
    return repr((sorted(quantity.variant.without), quantity.variant))


def _error(quantity: Quantity, values: Floats, counted: float) -> float:
    """Standard error of a mean; of a share, the one the counted probability would have.

    One play more or less is always allowed for, so that what is next to impossible may be drawn.
    """
    n = len(values)
    share = quantity.kind in ("P", "kept")
    spread = np.sqrt(counted * (1.0 - counted)) if share else values.std()
    return float(np.hypot(spread / np.sqrt(n), 1.0 / n))


def rows() -> Iterator[Row]:
    """Every quantity in the claims of the shipped cases, and more on the small ones."""
    for path in SHIPPED:
        case = load(path)
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
