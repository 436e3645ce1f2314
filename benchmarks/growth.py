"""How the time of one solve grows with states, parties, types, belief nodes and periods.

Games made up for the purpose; those without types are checked against the same game in NumPy,
those with types by their certificate and by values that move less and less as the grid grows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.clock import rounds
from benchmarks.fit import exponents
from benchmarks.made import Ring
from benchmarks.table import Effort, Row, seconds
from ceasefire.case import Case, loads
from ceasefire.equilibrium import solve
from ceasefire.game import build

Time = tuple[float, float, float]
ROUNDS = 3
MOST_MOVED = 0.1  # of values up to 3 of which beliefs lie between nodes
MOVES_ON_LINE, MOVES_ON_SIMPLEX = 0.5, 2.0  # of values when nodes are doubled, times grid ** 2


def rows(effort: Effort) -> Iterator[Row]:
    """How a solve grows, one exponent for each kind of size."""
    ring = Ring(places=effort.pick(200, 1000), parties=2, options=4, horizon=8)
    more = (1, 2, 4) if effort.quick else (1, 2, 4, 8)
    for name, rings in {
        "states": [replace(ring, places=ring.places * n) for n in more],
        "parties": [replace(ring, places=effort.pick(100, 300), parties=2 * n) for n in more[:3]],
        "periods": [replace(ring, horizon=ring.horizon * n) for n in more],
    }.items():
        key = {"states": "places", "periods": "horizon"}.get(name, name)
        sizes = [getattr(one, key) for one in rings]
        yield _grows(name, sizes, [_without_types(one) for one in rings])
    hidden = Ring(effort.pick(10, 40), parties=3, options=3, horizon=4, hidden=1, precision=2.0)
    grids = (9, 17, 33) if effort.quick else (17, 33, 65, 129)
    yield _grows("belief nodes", grids, _with_types([hidden] * len(grids), grids))
    rings = [replace(hidden, hidden=n) for n in (1, 2, 3)]
    if effort.quick:
        rings = rings[:2]
    times = _with_types(rings, [9] * len(rings))
    yield _grows("9 ^ parties with types", [9**n for n in range(1, len(rings) + 1)], times)
    rings = [replace(hidden, types=n) for n in (3, 4)]
    edge = 5 if effort.quick else 9
    times = _with_types(rings, [edge] * len(rings), MOVES_ON_SIMPLEX)
    yield _grows(f"types of a party ({edge} nodes on an edge)", [3, 4], times)
    yield _error_grows(edge)


def _without_types(ring: Ring) -> Time:
    game = build(ring.case())
    play, expected = solve(game), ring.by_numpy()[:, 0]
    for party, value in zip(game.parties, expected, strict=True):
        if not abs(play.value(party) - value) <= 1e-12:
            raise AssertionError(f"{ring}: {play.value(party)} for {party}, NumPy says {value}")
    return rounds(lambda: solve(game), ROUNDS)


def _with_types(
    rings: Sequence[Ring], grids: Sequence[int], moves: float = MOVES_ON_LINE
) -> list[Time]:
    times = []
    for ring, grid in zip(rings, grids, strict=True):
        game = build(ring.case())
        play, finer = solve(game, grid=grid), solve(game, grid=2 * grid - 1)
        if play.certificate.unresolved or not play.certificate.residual <= 1e-9:
            raise AssertionError(f"{ring}: fixed points were not found: {play.certificate}")
        apart = max(abs(play.value(p) - finer.value(p)) for p in game.parties)
        if not apart <= moves / grid**2:
            raise AssertionError(f"{ring}: values move by {apart} when {grid} nodes are doubled")
        times.append(rounds(partial(solve, game, grid=grid), ROUNDS))
    return times


WARNED = """
ceasefire: 1
horizon: 3
ending: final
parties: {{sender: {{precision: 3, types: {{{types}}}}}, reader: {{precision: 6}}}}
state: {{quiet: {{}}}}
payoffs:
  sender: {{prize: quiet}}
  reader: {{risk: "(not quiet) * ({firm} - 0.5)"}}
moves:
  warn: {{by: sender, cost: "{cost}"}}
  give_way: {{by: reader, when: not quiet, set: {{quiet: true}}}}
order: [sender, reader]
"""


def warned(count: int) -> Case:
    """A reader who reads, three times over, warnings that cost a sender of so many types less.

    Beliefs come to lie between nodes, so that the grid has an error.
    """
    shares = [(k + 0.5) / count for k in range(count)]

    def by_type(asked: str, values: Sequence[float]) -> str:
        text = f"{values[-1]:.6g}"
        for k in range(count - 2, -1, -1):
            text = f"({values[k]:.6g} if {asked} == t{k} else {text})"
        return text

    types = ", ".join(f"t{k}: 1 / {count}" for k in range(count))
    return loads(
        WARNED.format(
            types=types,
            firm=by_type("type(sender)", shares),
            cost=by_type("type", [0.6 * share for share in shares]),
        )
    )


def _error_grows(edge: int) -> Row:
    """By how much values move when nodes are doubled, for two, three and four types of a party."""
    counts, moves = (2, 3, 4), list[float]()
    for count in counts:
        game = build(warned(count))
        play, finer = solve(game, grid=edge), solve(game, grid=2 * edge - 1)
        moves.append(max(abs(play.value(p) - finer.value(p)) for p in game.parties))
        if play.certificate.unresolved:
            raise AssertionError(f"{count} types: fixed points were not found")
    if not max(moves) <= MOST_MOVED:
        raise AssertionError(f"values move by {moves} when {edge} nodes are doubled")
    power, low, high = exponents(counts, [(move, move, move) for move in moves])
    return Row(
        what=f"the error of the grid grows with types of a party ({edge} nodes)",
        ours=f"{moves[-1]:.2g} at {counts[-1]}",
        other=f"{moves[0]:.2g} at {counts[0]}",
        ratio=power, low=low, high=high, kind="growth",
    )  # fmt: skip


def _grows(name: str, sizes: Sequence[float], times: Sequence[Time]) -> Row:
    power, low, high = exponents(sizes, times)
    return Row(
        what=f"a solve grows with {name}",
        ours=f"{seconds(times[-1][0])} at {sizes[-1]:,}",
        other=f"{seconds(times[0][0])} at {sizes[0]:,}",
        ratio=power, low=low, high=high, kind="growth",
    )  # fmt: skip


MEASUREMENTS = (rows,)
