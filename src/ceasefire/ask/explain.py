"""Says what a party would do in a state, and why.

At each of its decisions the expected value of an option is split exactly into

    value = payoff terms at this period's end - own costs in this period + later value

the later value being everything from the next period on, discounted. The parts are those of the
party itself: by its own beliefs, knowing its own type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from ceasefire.ask.certificate import Numerics
from ceasefire.ask.local import slot_of
from ceasefire.ask.paths import Path, Walker
from ceasefire.ask.sentences import sentence
from ceasefire.ask.state import read_state
from ceasefire.case import Case
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import build
from ceasefire.solve import Play, solve, trace


@dataclass(frozen=True)
class Choice:
    """An option with its probability and value; the parts add up to the value.

    terms  (name, expected payoff) at this period's end
    cost   what the party expects to pay in this period from here on, counted against the value
    later  value of everything after this period
    """

    option: str
    probability: float
    value: float
    terms: tuple[tuple[str, float], ...]
    cost: float
    later: float

    @property
    def parts(self) -> dict[str, float]:
        """What adds up to the value, costs as a loss."""
        return {**dict(self.terms), "cost": -self.cost, "later value": self.later}


@dataclass(frozen=True)
class Decision:
    """One decision of a party, as one of its types: what it may do, likeliest first, and why.

    role       move, offer or answer
    step       the party's or table's step of the period
    deal       the deal that an answer is about, `offered_by` whom
    precision  weight of a unit of value in the logarithm of the odds
    """

    role: str
    step: str
    deal: str | None
    offered_by: str | None
    type: str | None
    choices: tuple[Choice, ...]
    precision: float
    why: str


@dataclass(frozen=True)
class Explanation:
    """All decisions a party may have to take in one state, as if the period began there."""

    case: str
    party: str
    state: str
    decisions: tuple[Decision, ...]
    numerics: Numerics

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each decision."""
        if not self.decisions:
            return (f"{self.party} has nothing to decide where {self.state}.",)
        return tuple(decision.why for decision in self.decisions)

    def as_json(self) -> dict[str, Any]:
        """The explanation as one document."""
        document = {**asdict(self), "numerics": self.numerics.as_json()}
        for decision in document["decisions"]:
            for choice in decision["choices"]:
                choice["terms"] = dict(choice["terms"])
        return document

    def frame(self) -> pl.DataFrame:
        """One row for each part of each option."""
        rows = [
            {
                "step": decision.step,
                "role": decision.role,
                "deal": decision.deal,
                "offered_by": decision.offered_by,
                "type": decision.type,
                "option": choice.option,
                "probability": choice.probability,
                "value": choice.value,
                "part": part,
                "amount": amount,
            }
            for decision in self.decisions
            for choice in decision.choices
            for part, amount in choice.parts.items()
        ]
        words = ("step", "role", "deal", "offered_by", "type", "option", "part")
        names = (*words[:6], "probability", "value", "part", "amount")
        return pl.DataFrame(
            rows, schema={n: pl.String if n in words else pl.Float64 for n in names}
        )


def explain(
    case: Case,
    party: str,
    at: str | Mapping[str, bool | int | str] = "",
    *,
    world: Mapping[str, float] | None = None,
    grid: int | None = None,
    memory: float = 4e9,
) -> Explanation:
    """Explain what a party would do in a state, as if the first period began there.

    at     such as "fighting=true, force=2"; what is not named is as at the start of the case
    world  {unknown: value}, the best estimates if None

    Raises QuestionError for a party, variable or value that the case does not have.
    """
    start = read_state(case, at)
    if party not in case.parties:
        known = ", ".join(case.parties)
        raise QuestionError([Problem("is no party", path="--party", found=party, allowed=known)])
    game = build(case, starts=[start], direct=True, memory=memory)
    play = solve(game, world, grid=grid, memory=memory)
    state = game.index(start)
    decisions = [
        _decision(play, party, state, point, kind)
        for point in _points(play, party, state)
        for kind in range(max(1, len(case.parties[party].types)))
    ]
    return Explanation(case.file, party, game.describe(state), tuple(decisions), Numerics.of(play))


@dataclass(frozen=True)
class _Point:
    """A node at which the party decides, and what led there within the step."""

    path: Path
    role: str
    step: int
    deal: str | None = None
    offered_by: str | None = None


def _points(play: Play, party: str, state: int) -> Iterator[_Point]:
    """Every decision of a party in a period that begins in a state, step by step."""
    walker, game = Walker(play, {}), play.game
    for step in range(len(game.case.order)):
        slot = slot_of(game, 0, step, state)
        if slot is None:
            continue
        path = walker.begin(0, slot)
        if walker.role(path) == "move":
            if walker.mover(path) == party:
                yield _Point(path, "move", step)
            continue
        for offer in walker.offers(path):
            proposer = walker.mover(offer)
            if proposer == party:
                yield _Point(offer, "offer", step)
            for deal in walker.options(offer):
                now = walker.choose(offer, deal)
                while now is not None and walker.answers(now, step):
                    if walker.mover(now) == party:
                        yield _Point(now, "answer", step, deal, proposer)
                        break
                    now = walker.choose(now, "yes")


def _decision(play: Play, party: str, state: int, point: _Point, kind: int) -> Decision:
    walker, game = Walker(play, {}), play.game
    rules = game.case.parties[party]
    types = list(rules.types)
    own = types[kind] if types else None
    policy = walker.policy(point.path)[kind]
    choices = []
    for place, (option, branch) in enumerate(walker.options(point.path).items()):
        after = walker.choose(point.path, option)
        assert after is not None
        terms, cost, later = _split(play, party, kind, own, state, after)
        graph = game.graph_number(0)
        cost += float(play.numbers.graphs[graph].cost[branch, kind])
        value = sum(terms.values()) - cost + later
        choices.append(
            Choice(option, float(policy[place]), value, tuple(terms.items()), cost, later)
        )
    choices.sort(key=lambda choice: -choice.probability)
    bare = Decision(
        role=point.role,
        step=game.case.order[point.step].id,
        deal=point.deal,
        offered_by=point.offered_by,
        type=own,
        choices=tuple(choices),
        precision=float(play.numbers.precision[game.parties.index(party)]),
        why="",
    )
    return replace(bare, why=sentence(bare, rules.name))


def _split(
    play: Play, party: str, kind: int, own: str | None, state: int, after: Path
) -> tuple[dict[str, float], float, float]:
    """Payoff terms and costs of this period after a choice, and the value of what comes later."""
    game, numbers = play.game, play.numbers
    terms = numbers.terms[party, kind]
    payoff = numbers.payoff[:, game.readers.index((party, kind))]
    seen = trace(
        play,
        state,
        viewer=play.viewer(party=party, type=own),
        periods=game.periods,
        observe=np.stack([*terms.values(), payoff], axis=1),
        payer=(party, kind),
        slot=after.slot,
        record=after.record,
    )
    patience = float(numbers.patience[game.parties.index(party)])
    income = seen.observe[1:].sum(axis=1)  # (periods, terms + 1)
    discount = patience ** np.arange(game.periods)
    later = float(discount[1:] @ (income[1:, -1] - seen.paid[1:]))
    if game.case.ending == "lasts":
        later += patience**game.periods * float(income[-1, -1]) / (1.0 - patience)
    return dict(zip(terms, map(float, income[0]), strict=False)), float(seen.paid[0]), later
