"""Quantities about single choices: `plays`, `signs`, and `belief(..., after=...)`.

Each is asked at one step, in one state, as if the period began there. What is found is a number,
or an array of them where the walker begins with several records at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ceasefire.ask.paths import RARE, Path, Walker
from ceasefire.ask.question import Quantity
from ceasefire.errors import SolveError
from ceasefire.game import Game

Found = tuple[Any, tuple[str, ...]]
Signed = tuple[Any, Any, tuple[str, ...]]
Believed = tuple[Any, tuple[str, ...]]


def steps_of(game: Game, subject: str) -> list[int]:
    """The steps of a period at which `party.move` or `table.deal` may be offered."""
    owner = subject.split(".")[0]
    return [k for k, step in enumerate(game.case.order) if step.id == owner]


def slot_of(game: Game, period: int, step: int, state: int) -> int | None:
    """The node with which a step begins in a state; None where the step does nothing there.

    Raises SolveError where the game was built without this step in this state.
    """
    graph = game.graph_of(period)
    slot = int(graph.entry[step, state])
    if slot < 0:
        where = f"step {step} of period {period} in {game.describe(state)}"
        raise SolveError(f"play was never laid out for {where}")
    return slot if graph.step[slot] == step else None


def within_reach(game: Game, quantity: Quantity, state: int) -> bool:
    """Whether all that is seen can be seen in period 0, one step after another, in this state."""
    step = 0
    for subject in quantity.after:
        later = [k for k in steps_of(game, subject) if k >= step]
        found = next((k for k in later if _leads_to(game, subject, k, state)), None)
        last = subject == quantity.after[-1]
        if found is None or not (last or _leads_to(game, subject, found, state) == {state}):
            return False
        step = found + 1
    return True


def _leads_to(game: Game, subject: str, step: int, state: int) -> set[int]:
    """The states that may follow once a step of period 0 has offered this; none if it does not."""
    graph, slot = game.graph_of(0), slot_of(game, 0, step, state)
    waiting = [] if slot is None else [(slot, False)]
    found: set[int] = set()
    while waiting:
        now, chosen = waiting.pop()
        if graph.step[now] != step:
            found |= {int(graph.state[now])} if chosen else set()
            continue
        for b in range(int(graph.first[now]), int(graph.first[now + 1])):
            done = chosen or game.options[graph.option[b]] == subject
            waiting.append((int(graph.successor[b]), done))
    return found


def offered(walker: Walker, subject: str, path: Path) -> list[Path]:
    """Where `party.move` or `table.deal` may be chosen in the step that comes next."""
    if walker.role(path) == "move":
        return [path] if subject in walker.options(path) else []
    return [offer for offer in walker.offers(path) if subject in walker.options(offer)]


def first_offer(
    walker: Walker, subject: str, state: int, begin: Path, step: int, last: int
) -> tuple[int, list[Path]]:
    """The first step from `step` on that offers it, through periods up to `last`; -1 if none."""
    game = walker.game
    for period in range(begin.period, last):
        for k in steps_of(game, subject):
            if period == begin.period and k < step:
                continue
            slot = slot_of(game, period, k, state)
            if slot is None:
                continue
            found = offered(walker, subject, replace(begin, period=period, slot=slot))
            if found:
                return k, found
    return -1, []


def plays(walker: Walker, quantity: Quantity, state: int) -> Found:
    """How likely a move is, or an offer if the table meets, at the first step that offers it."""
    subject = quantity.subject
    step, paths = first_offer(walker, subject, state, walker.begin(0, 0), 0, 1)
    if step < 0:
        return 0.0, (f"{subject} is not offered in {walker.game.describe(state)}",)
    chosen = [walker.choose(path, subject) for path in paths]
    return sum(path.probability for path in chosen if path is not None), ()


def signs(walker: Walker, quantity: Quantity, state: int) -> Found:
    """How likely a party says yes once the deal is put to it, the offer and earlier yeses seen."""
    agreed, asked, warnings = signed(walker, quantity, state)
    return (agreed / asked if asked > 0 else 0.0), warnings


def signed(walker: Walker, quantity: Quantity, state: int) -> Signed:
    """How likely it is that a deal is put to a party and it says yes, and that it is put."""
    party, subject = quantity.party, quantity.subject
    step, paths = first_offer(walker, subject, state, walker.begin(0, 0), 0, 1)
    asked = [put for path in paths for put in _put(walker, subject, party, path, step)]
    total = sum(path.probability for path in asked)
    if step < 0:
        return 0.0, 0.0, (f"{subject} is not offered in {walker.game.describe(state)}",)
    if not np.any(total > 0):
        where = walker.game.describe(state)
        return 0.0, 0.0, (f"{party} is not asked about {subject} in {where}",)
    agreed = [walker.choose(path, "yes") for path in asked]
    return sum(path.probability for path in agreed if path is not None), total, ()


def _put(walker: Walker, subject: str, party: str, path: Path, step: int) -> Iterator[Path]:
    """The deal as it is put to a party, on one way of offering it; nothing if it never is."""
    now = walker.choose(path, subject)
    while now is not None and walker.answers(now, step):
        if walker.mover(now) == party:
            yield now
            return
        now = walker.choose(now, "yes")


@dataclass(frozen=True)
class _Stand:
    """One way through what is seen: where it stands, and how much it counts."""

    path: Path
    state: int
    step: int
    weight: Any


def belief_after(
    walker: Walker, quantity: Quantity, state: int, believe: Callable[[Path], Any]
) -> Believed:
    """What is believed once these choices have been seen, one after another.

    Chance on the way is averaged. Where several seats may propose a deal, each counts by how
    likely it is to put it and to have it signed.
    """
    stands = [_Stand(walker.begin(0, 0), state, 0, 1.0)]
    warnings: list[str] = []
    for subject in quantity.after:
        stands = [after for stand in stands for after in _see(walker, subject, stand, warnings)]
    if any(np.any(stand.path.dark) for stand in stands):
        seen = ", ".join(quantity.after)
        return None, (f"no type would choose {seen} at this precision: what it shows is unknown",)
    total = sum(stand.weight for stand in stands)
    expected = sum(stand.weight * believe(stand.path) for stand in stands) / total
    return expected, tuple(dict.fromkeys(warnings))


def _see(walker: Walker, subject: str, stand: _Stand, warnings: list[str]) -> Iterator[_Stand]:
    game = walker.game
    step, offers = first_offer(
        walker, subject, stand.state, stand.path, stand.step, game.case.horizon
    )
    if step < 0:
        where = game.describe(stand.state)
        warnings.append(f"{subject} is not offered from {where} on: the belief is unchanged")
        yield stand
        return
    done = [after for path in offers if (after := _done(walker, subject, path, step)) is not None]
    total = sum(path.probability for path in done)
    for path in done:
        known = np.maximum(total, RARE)
        share = np.where(total > 0, path.probability / known, 1.0 / len(done))
        for settled in walker.settle(replace(path, chance=1.0), step):
            there = int(walker.graph(settled.period).state[settled.slot])
            weight = stand.weight * share * settled.chance
            yield _Stand(settled, there, step + 1, weight)


def _done(walker: Walker, subject: str, path: Path, step: int) -> Path | None:
    """The path on which it is chosen; a deal is offered and everyone asked says yes."""
    now = walker.choose(path, subject)
    while now is not None and walker.answers(now, step):
        now = walker.choose(now, "yes")
    return now
