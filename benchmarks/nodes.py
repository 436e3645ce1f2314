"""How many node-updates a second, and which part of what the machine can do.

A node-update is one decision worked out for all parties: the probability of every option and what
everyone then expects, chance after each option included; with types, at one belief node. What it
takes at least, where everything is done once and every number comes from memory once:

    exponentials  one an option; with types one an option and type, and one an option to place it
    additions     parties × options × (outcomes + 1); with types twice, reading between two nodes
    bytes         every branch's and node's index, chance and cost, every value once
"""

from collections.abc import Iterator
from statistics import median

from benchmarks.clock import in_kernels, where
from benchmarks.made import Ring
from benchmarks.roofline import Roofline, measured
from benchmarks.table import Effort, Row
from ceasefire.equilibrium import solve
from ceasefire.game import Game, build

AIM = 10e6
OUTCOMES, PER_BRANCH, PER_NODE = 2, 4 + 8 + 8 + 8, 8 + 1 + 1 + 1


def without_types(effort: Effort) -> Iterator[Row]:
    """The kernel without types: its rate, and its share of the roofline."""
    ring = Ring(places=effort.pick(1000, 5000), parties=4, options=6, horizon=effort.pick(4, 12))
    game = build(ring.case())
    shape = f"{ring.places:,} states, 4 parties, 6 options, 2 successors"
    rates = sorted(_rates(game, None, 5))
    values = [solve(game).value(party) for party in game.parties]
    if not max(abs(values - ring.by_numpy()[:, 0])) <= 1e-12:
        raise AssertionError("the solver and NumPy do not agree")
    yield Row(
        what=f"kernel without types ({shape})",
        ours=f"{median(rates) / 1e6:.3g} million node-updates/s/thread",
        other=f"at least {AIM / 1e6:g} million",
        ratio=median(rates) / AIM, low=rates[0] / AIM, high=rates[-1] / AIM, target=1.0,
        kind="limit",
        before="3.42 million",
        note=where(lambda: solve(game)),
    )  # fmt: skip
    yield _share("kernel without types", game, rates, measured(), beliefs=1)


def with_types(effort: Effort) -> Iterator[Row]:
    """The kernel with types: its share of the roofline."""
    hidden = Ring(effort.pick(30, 200), parties=3, options=4, horizon=8, hidden=1)
    game, grid = build(hidden.case()), 33
    certificate = solve(game, grid=grid).certificate
    if certificate.unresolved or not certificate.residual <= 1e-9:
        raise AssertionError(f"fixed points were not found: {certificate}")
    rates = sorted(_rates(game, grid, 5))
    yield _share("kernel with types", game, rates, measured(), beliefs=grid)


def _rates(game: Game, grid: int | None, count: int) -> Iterator[float]:
    """Node-updates a second of the backward induction, several times."""
    solve(game, grid=grid)
    for _ in range(count):
        with in_kernels() as spent:
            play = solve(game, grid=grid)
        yield play.certificate.decision_count / (
            spent["solve_period"] if game.parties_with_types else spent["solve_period_untyped"]
        )


def _share(what: str, game: Game, rates: list[float], top: Roofline, beliefs: int) -> Row:
    graph = game.graphs[0]
    deciding = int((graph.mover >= 0).sum())
    options = int((graph.first_branch[1:] - graph.first_branch[:-1])[graph.mover >= 0].mean())
    hidden, parties = len(game.parties_with_types), len(game.player_types)
    twice = 2 if hidden else 1
    least, limiter = top.least(
        exponentials=options * (3 if hidden else 1),
        additions=twice * parties * options * (OUTCOMES + 1),
        bytes=(PER_BRANCH * len(graph.successor) + PER_NODE * graph.node_count) / deciding / beliefs
        + 8.0 * parties * graph.node_count / deciding,
    )
    shares = [rate * least for rate in rates]
    return Row(
        what=f"{what}, share of the roofline",
        ours=f"{median(rates) / 1e6:.3g} million/s",
        other=f"{1 / least / 1e6:.3g} million/s by {limiter} ({top.bytes / 1e9:.1f} GB/s, "
        f"{top.exponentials / 1e9:.2f} G exp/s, {top.additions / 1e9:.1f} G fma/s)",
        ratio=median(shares),
        low=min(shares),
        high=max(shares),
        kind="share",
    )


MEASUREMENTS = (without_types, with_types)
