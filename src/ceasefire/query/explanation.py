"""Says what a party would do in a state, and why.

At each of its decisions the expected value of an option is split exactly into

    value = payoff terms at this period's end - own costs in this period + later value

the later value being everything from the next period on, discounted. The parts are those of the
party itself: by its own beliefs, knowing its own type.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ceasefire.case import Case
from ceasefire.equilibrium import Equilibrium, propagate_forward, solve
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import build
from ceasefire.query.answers import NumericalQuality, SolvedResult
from ceasefire.query.decisions import PathExplorer, PlayPath, entry_node_of_step
from ceasefire.query.parser import read_state
from ceasefire.settings import SolveSettings

if TYPE_CHECKING:
    pass

NEAR_TIE_TOLERANCE = 0.05
MIN_CHOICE_PROBABILITY = 1e-300


def describe_decision(decision: "ExplainedDecision", name: str) -> str:
    """One sentence: the likeliest option, the runner-up, and the part that decides between them."""
    who = f"As {decision.type}, {name}" if decision.type else name
    best, *others = decision.choices
    if not others:
        return f"{who} can only {_describe_option(decision, best)}."
    second = others[0]
    opening = (
        f"{who} would most likely {_describe_option(decision, best)} ({best.probability:.2f}) "
        f"rather than {_describe_option(decision, second)} ({second.probability:.2f})"
    )
    gain = best.value - second.value
    times = (
        best.probability
        / max(second.probability, MIN_CHOICE_PROBABILITY)
        * math.exp(-decision.precision * gain)
    )
    same = abs(decision.precision * gain) <= NEAR_TIE_TOLERANCE
    if times > 1.0 + NEAR_TIE_TOLERANCE and times > math.exp(decision.precision * gain):
        worth = f"is worth {abs(gain):.2f} {'more' if gain > 0 else 'less'}"
        worth = "the two are worth nearly the same" if same else f"it {worth}"
        return f"{opening}: it has {times:.1f} times the weight, and {worth}."
    if same or gain < 0:
        return f"{opening}, though the two are worth nearly the same ({best.value:.2f})."
    differences = {part: amount - second.parts[part] for part, amount in best.parts.items()}
    part, amount = max(differences.items(), key=lambda item: item[1])
    against, lost = min(differences.items(), key=lambda item: item[1])
    gained = f"mostly by {_describe_value_part(part)} ({amount:+.2f})"
    reason = f"{opening}: it is worth {gain:.2f} more, {gained}"
    if lost < -0.1 * amount:
        reason += f", which outweighs {_describe_value_part(against)} ({lost:+.2f})"
    return f"{reason}."


def _describe_option(decision: "ExplainedDecision", choice: "ExplainedOption") -> str:
    """What choosing an option is called."""
    short = choice.option.split(".")[-1]
    if decision.role == "answer":
        return f"say {choice.option} to {decision.deal}"
    if decision.role == "offer":
        return f"offer nothing at {decision.step}" if short == "none" else f"offer {choice.option}"
    return short


def _describe_value_part(name: str) -> str:
    words = {"cost": "what it pays this period", "later value": "what comes later"}
    return words.get(name, f"'{name}' this period")


@dataclass(frozen=True)
class ExplainedOption:
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
class ExplainedDecision:
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
    choices: tuple[ExplainedOption, ...]
    precision: float
    why: str


@dataclass(frozen=True)
class Explanation(SolvedResult):
    """All decisions a party may have to take in one state, as if the period began there."""

    case: str
    party: str
    state: str
    decisions: tuple[ExplainedDecision, ...]
    numerics: NumericalQuality

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
    settings = SolveSettings(grid, memory)
    start = read_state(case, at)
    if party not in case.parties:
        known = ", ".join(case.parties)
        raise QuestionError([Problem("is no party", path="--party", found=party, allowed=known)])
    game = build(case, starts=[start], direct=True, memory=settings.memory)
    play = solve(game, world, grid=settings.grid, memory=settings.memory)
    state = game.start_state(start)
    decisions = [
        _explain_decision(play, party, state, point, kind)
        for point in _decision_points(play, party, state)
        for kind in range(max(1, len(case.parties[party].types)))
    ]
    return Explanation(
        case.file, party, game.describe(state), tuple(decisions), NumericalQuality.of(play)
    )


@dataclass(frozen=True)
class _DecisionPoint:
    """A node at which the party decides, and what led there within the step."""

    path: PlayPath
    role: str
    step: int
    deal: str | None = None
    offered_by: str | None = None


def _decision_points(equilibrium: Equilibrium, party: str, state: int) -> Iterator[_DecisionPoint]:
    """Every decision of a party in a period that begins in a state, step by step."""
    walker, game = PathExplorer(equilibrium, {}), equilibrium.game
    for step in range(len(game.case.order)):
        slot = entry_node_of_step(game, 0, step, state)
        if slot is None:
            continue
        path = walker.path_from(0, slot)
        if walker.role(path) == "move":
            if walker.mover(path) == party:
                yield _DecisionPoint(path, "move", step)
            continue
        for offer in walker.possible_offers(path):
            proposer = walker.mover(offer)
            if proposer == party:
                yield _DecisionPoint(offer, "offer", step)
            for deal in walker.branch_of_option(offer):
                now = walker.after_choice(offer, deal)
                while now is not None and walker.is_consent_node(now, step):
                    if walker.mover(now) == party:
                        yield _DecisionPoint(now, "answer", step, deal, proposer)
                        break
                    now = walker.after_choice(now, "yes")


def _explain_decision(
    equilibrium: Equilibrium, party: str, state: int, point: _DecisionPoint, type_index: int
) -> ExplainedDecision:
    walker, game = PathExplorer(equilibrium, {}), equilibrium.game
    rules = game.case.parties[party]
    types = list(rules.types)
    own = types[type_index] if types else None
    policy = walker.choice_probabilities(point.path)[type_index]
    choices = []
    for place, (option, branch) in enumerate(walker.branch_of_option(point.path).items()):
        after = walker.after_choice(point.path, option)
        assert after is not None
        terms, cost, later = _split_option_value(equilibrium, party, type_index, own, state, after)
        graph = game.graph_index(0)
        cost += float(equilibrium.parameters.by_graph[graph].cost[branch, type_index])
        value = sum(terms.values()) - cost + later
        choices.append(
            ExplainedOption(option, float(policy[place]), value, tuple(terms.items()), cost, later)
        )
    choices.sort(key=lambda choice: -choice.probability)
    bare = ExplainedDecision(
        role=point.role,
        step=game.case.order[point.step].id,
        deal=point.deal,
        offered_by=point.offered_by,
        type=own,
        choices=tuple(choices),
        precision=float(equilibrium.parameters.precision[game.parties.index(party)]),
        why="",
    )
    return replace(bare, why=describe_decision(bare, rules.name))


def _split_option_value(
    equilibrium: Equilibrium,
    party: str,
    type_index: int,
    own: str | None,
    state: int,
    after: PlayPath,
) -> tuple[dict[str, float], float, float]:
    """Payoff terms and costs of this period after a choice, and the value of what comes later."""
    game, numbers = equilibrium.game, equilibrium.parameters
    terms = numbers.terms[party, type_index]
    payoff = numbers.payoff[:, game.player_types.index((party, type_index))]
    seen = propagate_forward(
        equilibrium,
        state,
        observer=equilibrium.observer_measure(party=party, type=own),
        periods=game.periods,
        state_features=np.stack([*terms.values(), payoff], axis=1),
        payer=(party, type_index),
        start_node=after.node,
        start_record=after.record,
    )
    patience = float(numbers.patience[game.parties.index(party)])
    income = seen.expected_features[1:].sum(axis=1)  # (periods, terms + 1)
    discount = patience ** np.arange(game.periods)
    later = float(discount[1:] @ (income[1:, -1] - seen.expected_costs[1:]))
    if game.case.ending == "lasts":
        later += patience**game.periods * float(income[-1, -1]) / (1.0 - patience)
    return (
        dict(zip(terms, map(float, income[0]), strict=False)),
        float(seen.expected_costs[0]),
        later,
    )
