"""Says what a party would do in a state, and why.

At each of its decisions the expected value of an option is split exactly into

    value = payoff terms at this period's end - own costs in this period + later value
    later value = payoff terms later - own costs later, discounted

later being everything from the next period on. The parts are those of the party itself: by its own
beliefs, knowing its own type.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ceasefire.case import Case
from ceasefire.equilibrium import (
    Equilibrium,
    ObserverMeasure,
    propagate_forward,
    solve,
    type_in_combination,
)
from ceasefire.equilibrium.solution import PublicRecord
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import Game, build
from ceasefire.game.graph import PeriodStep
from ceasefire.game.states import Floats
from ceasefire.query.ast import Quantity
from ceasefire.query.decisions import (
    ObservedBranch,
    PathExplorer,
    PlayPath,
    branches_after_choices,
    entry_node_of_step,
    note_on_start,
)
from ceasefire.query.first_decision import FirstDecision, first_decision, reach_of_nodes
from ceasefire.query.numerical_quality import NumericalQuality, SolvedResult
from ceasefire.query.parser import read_choices, read_state
from ceasefire.query.plan import parties_with_pass_asked
from ceasefire.results import join_phrases, probability_text
from ceasefire.settings import SolveSettings

if TYPE_CHECKING:
    import polars as pl

NEAR_TIE_TOLERANCE = 0.05
MIN_CHOICE_PROBABILITY = 1e-300
MOST_PARTS_NAMED = 4
UNNAMED_SHARE = 0.1  # share of a difference in value that the parts named may leave unsaid
NEGLIGIBLE_SHARE = 1e-4  # of the largest part of any option: less is not shown
OWN_COST, LATER = "own cost", " later"  # payoff terms have no spaces in their names


def describe_decision(decision: "ExplainedDecision", name: str) -> str:
    """One sentence: the likeliest option, the runner-up, and the parts that decide between them.

    The parts named are the largest differences: as many as make up the whole but for a tenth, at
    most four, with what the rest comes to.
    """
    who = f"As {decision.type}, {name}" if decision.type else name
    if decision.type_of:
        who = f"If {decision.type_of} is {decision.type}, {name}"
    reckoned = []
    if decision.beliefs:
        reckoned = [f"believing {join_phrases([b.description for b in decision.beliefs])}"]
    if decision.expected:
        reckoned += [f"expecting {_describe_expected(decision)} at the same moment"]
    if reckoned:
        who += f", {' and '.join(reckoned)},"
    best, *others = decision.choices
    if not others:
        return f"{who} can only {_describe_option(decision, best)}."
    second = others[0]
    opening = (
        f"{who} would most likely {_describe_option(decision, best)} "
        f"({probability_text(best.probability)}) rather than "
        f"{_describe_option(decision, second)} ({probability_text(second.probability)})"
    )
    gain = best.value - second.value
    digits = max(2, -math.floor(math.log10(abs(gain)))) if gain else 2
    times = (
        best.probability
        / max(second.probability, MIN_CHOICE_PROBABILITY)
        * math.exp(-decision.precision * gain)
    )
    same = abs(decision.precision * gain) <= NEAR_TIE_TOLERANCE
    if times > 1.0 + NEAR_TIE_TOLERANCE and times > math.exp(decision.precision * gain):
        worth = f"is worth {abs(gain):.{digits}f} {'more' if gain > 0 else 'less'}"
        worth = "the two are worth nearly the same" if same else f"it {worth}"
        return f"{opening}: it has {times:.1f} times the weight, and {worth}."
    if same or gain < 0:
        return f"{opening}, though the two are worth nearly the same ({best.value:.2f})."
    return (
        f"{opening}: it is worth {gain:.{digits}f} more, {_describe_reason(best, second, digits)}."
    )


def _describe_expected(decision: "ExplainedDecision") -> str:
    """The likeliest choice of each of the others, as in `Ukraine to defend (0.80)`."""
    likeliest: dict[str, ExpectedChoice] = {}
    for choice in decision.expected:
        known = likeliest.setdefault(choice.party, choice)
        if choice.probability > known.probability:
            likeliest[choice.party] = choice
    return join_phrases(
        [
            f"{c.name} to {c.option.split('.')[-1]} ({probability_text(c.probability)})"
            for c in likeliest.values()
        ]
    )


def _describe_reason(best: "ExplainedOption", second: "ExplainedOption", digits: int) -> str:
    """The parts that make one option worth more than another, and those that tell against it."""
    gain = best.value - second.value
    differences = {part: amount - second.parts[part] for part, amount in best.parts.items()}
    largest = sorted(differences.items(), key=lambda item: -abs(item[1]))
    count = next(
        (
            count
            for count in range(1, MOST_PARTS_NAMED)
            if abs(sum(amount for _, amount in largest[count:])) <= UNNAMED_SHARE * gain
        ),
        MOST_PARTS_NAMED,
    )
    rest = sum(amount for _, amount in largest[count:])
    for_it, against = list[str](), list[str]()
    for part, amount in largest[:count]:
        named = f"{_describe_part(part, amount)} ({amount:+.{digits}f})"
        (for_it if amount > 0 else against).append(named)
    mostly = "mostly " if rest else ""
    if abs(rest) > UNNAMED_SHARE * gain:
        (for_it if rest > 0 else against).append(f"the rest ({rest:+.{digits}f})")
        mostly = ""
    reason = f"{mostly}by {join_phrases(for_it)}"
    return f"{reason}, against {join_phrases(against)}" if against else reason


def _describe_option(decision: "ExplainedDecision", choice: "ExplainedOption") -> str:
    """What choosing an option is called."""
    short = choice.option.split(".")[-1]
    if decision.role == "answer":
        return f"say {choice.option} to {decision.deal}"
    if decision.role == "offer":
        return f"make no offer at {decision.step}" if short == "pass" else f"offer {choice.option}"
    return short


def _describe_part(name: str, amount: float) -> str:
    term, _, later = name.partition(LATER)
    when = "later" if later or name.endswith(LATER) else "this period"
    paying = "paying less" if amount > 0 else "paying more"
    return f"{paying if term == OWN_COST else repr(term)} {when}"


@dataclass(frozen=True)
class UsedBelief:
    """What a party believes of another's type, by which values are counted.

    observer     who believes it
    party        whose type it is; `name` as people call it
    type         the likeliest type
    probability  how likely it is held to be
    """

    observer: str
    party: str
    name: str
    type: str
    probability: float

    @property
    def description(self) -> str:
        """The belief in words.

        >>> UsedBelief("us", "russia", "Russia", "maximalist", 0.8).description
        'Russia maximalist with probability 0.80'
        """
        return f"{self.name} {self.type} with probability {probability_text(self.probability)}"


@dataclass(frozen=True)
class ExpectedChoice:
    """How likely somebody is to choose an option at the same moment, unseen.

    party  who chooses; `name` as people call it
    """

    party: str
    name: str
    option: str
    probability: float


@dataclass(frozen=True)
class ExplainedOption:
    """An option with its probability and value; the parts add up to the value.

    terms        (name, expected payoff) at this period's end
    cost         what the party expects to pay in the rest of this period, counted against the value
    later        value of everything after this period
    later_terms  (name, expected payoff) of everything after this period, discounted
    later_cost   what the party expects to pay after this period, discounted
    """

    option: str
    probability: float
    value: float
    terms: tuple[tuple[str, float], ...]
    cost: float
    later: float
    later_terms: tuple[tuple[str, float], ...]
    later_cost: float

    @property
    def parts_now(self) -> dict[str, float]:
        """What this period adds to the value, costs as a loss."""
        return {**dict(self.terms), OWN_COST: -self.cost}

    @property
    def parts_later(self) -> dict[str, float]:
        """What later periods add to the value, discounted, costs as a loss."""
        return {**dict(self.later_terms), OWN_COST: -self.later_cost}

    @property
    def parts(self) -> dict[str, float]:
        """What adds up to the value: `war` is of this period, `war later` of all that follow."""
        later = {name + LATER: amount for name, amount in self.parts_later.items()}
        return {**self.parts_now, **later}


FEWEST_CHOICES_SHOWN, MOST_CHOICES_SHOWN = 6, 16
RARE_CHOICE = 0.001
TABLES_SHOWN = 3
SET_BY_STATE = "the state has", "explain --after"


@dataclass(frozen=True)
class ExplainedDecision:
    """One decision of a party, as one of its types: what it may do, likeliest first, and why.

    role       move, offer or answer
    step       the party's or table's step of the period
    deal       the deal that an answer is about, `offered_by` whom
    type_of    the party whose type it is, as people call it, where it is not its own but known
    precision  weight of a unit of value in the logarithm of the odds
    beliefs    what the party believes of the others' types there, which its values use
    expected   what it expects of those who choose at the same moment, each of their options
    place      where the step stands in the order that was drawn; empty if it has its place
    reach      how likely play is to come to it in this period, with a party of this type
    """

    role: str
    step: str
    deal: str | None
    offered_by: str | None
    type: str | None
    choices: tuple[ExplainedOption, ...]
    precision: float
    why: str
    beliefs: tuple[UsedBelief, ...] = ()
    expected: tuple["ExpectedChoice", ...] = ()
    place: str = ""
    type_of: str = ""
    reach: float = 1.0

    @property
    def moment(self) -> tuple[str, str, str, str | None, str | None]:
        """What is decided, whatever the type of the party."""
        return self.role, self.step, self.place, self.deal, self.offered_by

    @property
    def weight(self) -> float:
        """How much the decision matters: what is at stake, times how likely play comes to it."""
        values = [option.value for option in self.choices]
        return self.reach * (max(values) - min(values))

    @property
    def shown_choices(self) -> tuple[ExplainedOption, ...]:
        """The options to show: of many, the likeliest six and those that are not rare."""
        if len(self.choices) <= MOST_CHOICES_SHOWN:
            return self.choices
        common = sum(option.probability >= RARE_CHOICE for option in self.choices)
        return self.choices[: min(max(common, FEWEST_CHOICES_SHOWN), MOST_CHOICES_SHOWN)]

    @property
    def choices_left_out(self) -> tuple[int, float]:
        """How many options are not shown, and how likely they are together."""
        rest = self.choices[len(self.shown_choices) :]
        return len(rest), sum(option.probability for option in rest)

    @property
    def part_names(self) -> tuple[str, ...]:
        """The parts that are worth showing for some option, in this period or later."""
        splits = [s for option in self.choices for s in (option.parts_now, option.parts_later)]
        least = self._least_shown
        return tuple(n for n in splits[0] if any(abs(split[n]) > least for split in splits))

    def shown_amounts(self, split: Mapping[str, float]) -> dict[str, float]:
        """The parts worth showing of one option, 0 where they are nothing beside the largest.

        split  `parts_now` or `parts_later` of an option
        """
        least = self._least_shown
        return {n: split[n] if abs(split[n]) > least else 0.0 for n in self.part_names}

    @property
    def _least_shown(self) -> float:
        amounts = [abs(amount) for option in self.choices for amount in option.parts.values()]
        return NEGLIGIBLE_SHARE * max(amounts)

    @property
    def pays_later(self) -> bool:
        """Whether anything that an option is worth comes after this period."""
        return any(any(option.parts_later.values()) for option in self.choices)


@dataclass(frozen=True)
class Explanation(SolvedResult):
    """All decisions a party may have to take in one state, as if the period began there.

    name          the party as people call it
    believed_by   what the others believe of the party's type, if it has types
    after         choices that were made first; what they show is believed
    notes         what is to be said of these choices, and of the state
    first         where the party is likeliest to decide first, where it does not at what was asked
    """

    case: str
    party: str
    name: str
    state: str
    decisions: tuple[ExplainedDecision, ...]
    numerics: NumericalQuality
    believed_by: tuple[UsedBelief, ...] = ()
    after: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    first: FirstDecision | None = None

    @property
    def decisions_that_matter(self) -> tuple[ExplainedDecision, ...]:
        """The decisions to show first, for all types alike, in the order of play.

        Those with most at stake, each by how likely play comes to it: as many as make three tables.
        """
        weights: dict[Any, float] = {}
        for each in self.decisions:
            weights[each.moment] = weights.get(each.moment, 0.0) + each.weight
        chosen = set[Any]()
        for moment in sorted(weights, key=lambda each: -weights[each]):
            if sum(each.moment in chosen for each in self.decisions) < TABLES_SHOWN:
                chosen.add(moment)
        return tuple(each for each in self.decisions if each.moment in chosen)

    @property
    def other_decisions(self) -> tuple[ExplainedDecision, ...]:
        """The decisions that are not among those to show first."""
        shown = {each.moment for each in self.decisions_that_matter}
        return tuple(each for each in self.decisions if each.moment not in shown)

    @property
    def opening(self) -> str:
        """That the party decides nothing at the start, and where instead; empty where it does."""
        if self.first is None or not self.decisions:
            return ""
        return (
            f"At the start {self.name} has nothing to decide. This is where it is likeliest to "
            f"decide first: {self.first.state}, in period {self.first.period}, with probability "
            f"{probability_text(self.first.probability)}."
        )

    @property
    def setting(self) -> str:
        """The state, the choices that led there, and what the others believe of the party there."""
        where = f"where {self.state}"
        if self.after:
            where += f", after {', then '.join(self.after)}"
        if not self.believed_by:
            return where
        observers: dict[tuple[str, str], list[str]] = {}
        for belief in self.believed_by:
            held = belief.type, probability_text(belief.probability)
            observers.setdefault(held, []).append(belief.observer)
        phrases = [
            f"{kind} with probability {probability}"
            + (f" by {join_phrases(names)}" if len(observers) > 1 else "")
            for (kind, probability), names in observers.items()
        ]
        return f"{where}; held to be {', '.join(phrases)}"

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The notes, as every command prints what should be said of its result."""
        return tuple(Problem(note) for note in self.notes)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each decision, or one that says where the party decides first."""
        if not self.decisions:
            nothing = f"{self.name} has nothing to decide where {self.state}"
            if self.first is None:
                return (f"{nothing}, nor anywhere that play comes to from there.",)
            return (f"{nothing}. It is likeliest to decide first where {self.first.state}.",)
        return tuple(decision.why for decision in self.decisions)

    def as_json(self) -> dict[str, Any]:
        """The explanation as one document."""
        document = {**asdict(self), "numerics": self.numerics.as_json()}
        for decision in document["decisions"]:
            for choice in decision["choices"]:
                choice["terms"] = dict(choice["terms"])
                choice["later_terms"] = dict(choice["later_terms"])
        return document

    def frame(self) -> "pl.DataFrame":
        """One row for each part of each option."""
        import polars as pl  # slow to import

        rows = [
            {
                "step": decision.step,
                "place": decision.place or None,
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
        words = ("step", "place", "role", "deal", "offered_by", "type", "option", "part")
        names = (*words[:7], "probability", "value", "part", "amount")
        return pl.DataFrame(
            rows, schema={n: pl.String if n in words else pl.Float64 for n in names}
        )


def explain(
    case: Case,
    party: str,
    at: str | Mapping[str, bool | int | str] = "",
    *,
    after: str = "",
    world: Mapping[str, float] | None = None,
    grid: int | None = None,
    memory: float = 4e9,
) -> Explanation:
    """Explain what a party would do in a state, as if the first period began there.

    party   the one whose decisions are explained
    at      such as "fighting=true, force=2"; what is not named is as at the start of the case. If
            nothing is named, and the party has nothing to decide at the start, the state in which
            it is likeliest to decide first
    after   choices that are made first, such as "russia.speech, kyiv_moscow.swap": explained are
            the decisions that come next, from the state and the beliefs that they leave
    world   {unknown: value}, the best estimates if None
    grid    belief nodes for each party with types; None has them chosen by the game's size
    memory  most bytes that a solution may take

    Raises QuestionError for a party, variable, value or choice that the case does not have, and for
    choices that no type would make.
    """
    (explained,) = explain_parties(
        case, (party,), at, after=after, world=world, grid=grid, memory=memory
    )
    return explained


def explain_parties(
    case: Case,
    parties: Sequence[str],
    at: str | Mapping[str, bool | int | str] = "",
    *,
    after: str = "",
    world: Mapping[str, float] | None = None,
    grid: int | None = None,
    memory: float = 4e9,
) -> tuple[Explanation, ...]:
    """Explain what each of several parties would do in a state, all in one solution.

    parties  those whose decisions are explained

    The other arguments and the errors are those of `explain`.
    """
    settings = SolveSettings(grid, memory)
    start = read_state(case, at)
    for party in parties:
        if party not in case.actors:
            known = ", ".join(case.actors)
            raise QuestionError(
                [Problem("is no party", path="--party", found=party, allowed=known)]
            )
    stand = _StateExplained(case, start, after, world, settings)
    explained = [stand.explain(party) for party in parties]
    if start or after:
        return tuple(explained)
    elsewhere: dict[str, _StateExplained] = {}
    for place, one in enumerate(explained):
        if one.decisions or one.first is None:
            continue
        state = one.first.state
        if state not in elsewhere:
            elsewhere[state] = _StateExplained(case, read_state(case, state), "", world, settings)
        there = elsewhere[state].explain(parties[place])
        if there.decisions:
            explained[place] = replace(there, first=one.first)
    return tuple(explained)


class _StateExplained:
    """One solution, and where play stands in it after the choices made first."""

    def __init__(
        self,
        case: Case,
        start: Mapping[str, bool | int | str],
        after: str,
        world: Mapping[str, float] | None,
        settings: SolveSettings,
    ) -> None:
        self.case, self.made = case, read_choices(case, after)
        quantity = Quantity(text=after, kind="explain", start=tuple(start.items()), after=self.made)
        game = build(
            case,
            starts=[start],
            passes=parties_with_pass_asked(quantity),
            direct=True,
            skips=bool(self.made),
            memory=settings.memory,
        )
        self.play = solve(game, world, grid=settings.grid, memory=settings.memory)
        self.start = game.start_state(start)
        stands, notes = branches_after_choices(PathExplorer(self.play, {}), quantity, self.start)
        if not stands:
            raise QuestionError([Problem(notes[0], path="--after", found=after)])
        self.notes = [*notes, *note_on_start(game, quantity, words=SET_BY_STATE)]
        self.stand = max(stands, key=lambda each: float(each.weight))
        self.ways = len(stands)
        self.numerics = NumericalQuality.of(self.play, self.start)

    def explain(self, party: str) -> Explanation:
        """What a party, or whoever holds a role, decides there."""
        case, play, stand, notes = self.case, self.play, self.stand, list(self.notes)
        if party in case.roles:
            office, party = party, play.game.holder(party, stand.state)
            notes.append(f"{party} holds {office} there: this is all that {party} decides")
        if self.ways > 1:
            notes.append(
                f"these choices may go {self.ways} ways: this is the likeliest, {stand.weight:.0%}"
            )
        points = list(_decision_points(play, party, stand))
        reach = _reach_of_points(play, stand, points)
        decisions = [
            _explain_decision(play, party, stand.state, point, kind, reached)
            for point, reached in zip(points, reach, strict=True)
            for kind in range(max(1, len(case.types_known_to(party))))
        ]
        return Explanation(
            case.file,
            party,
            case.name_of(party),
            play.game.describe(stand.state),
            tuple(decisions),
            self.numerics,
            tuple(
                belief
                for other in case.parties
                for belief in _used_beliefs(play, other, stand.path.record)
                if belief.party == party
            ),
            self.made,
            tuple(notes),
            None if decisions or self.made else first_decision(play, party, self.start),
        )


def _reach_of_points(
    equilibrium: Equilibrium, stand: ObservedBranch, points: "Sequence[_DecisionPoint]"
) -> list[float]:
    """How likely play is to come to each of these decisions, which are of one period."""
    if not points:
        return []
    period = points[0].path.period
    graph = equilibrium.game.graph_of(period)
    step = stand.step if period == stand.path.period else 0
    entry = int(graph.step_entry[step, stand.state])
    begin = {entry: 1.0} if entry >= 0 else {}
    reach = reach_of_nodes(equilibrium, period, begin, stand.path.record)
    ways = (point.unseen or (point.path,) for point in points)
    return [float(sum(reach[way.node] for way in each)) for each in ways]


@dataclass(frozen=True)
class _DecisionPoint:
    """A node at which the party decides, and what led there within the step.

    unseen  every way to the same choice at a moment, by what others choose there
    """

    path: PlayPath
    role: str
    step: int
    deal: str | None = None
    offered_by: str | None = None
    unseen: tuple[PlayPath, ...] = ()


def _decision_points(
    equilibrium: Equilibrium, party: str, stand: ObservedBranch
) -> Iterator[_DecisionPoint]:
    """Every decision of a party in the rest of the period, or after choices in the first later one.

    Each is looked at step by step in the state that play stands in.
    """
    last = equilibrium.game.case.horizon if stand.path.period or stand.step else 1
    for period in range(stand.path.period, last):
        begin = replace(stand.path, period=period)
        step = stand.step if period == stand.path.period else 0
        points = list(_decision_points_in_period(equilibrium, party, stand.state, begin, step))
        if points:
            yield from points
            return


def _steps_from(game: Game, step: int) -> list[int]:
    """The steps that may come in a period from a step on, in whatever order they are drawn."""
    ahead, found = [step], set[int]()
    while ahead:
        here = ahead.pop()
        if here < len(game.steps) and here not in found:
            found.add(here)
            ahead += game.steps[here].following
    return sorted(found)


def _decision_points_in_period(
    equilibrium: Equilibrium, party: str, state: int, begin: PlayPath, first_step: int
) -> Iterator[_DecisionPoint]:
    walker, game = PathExplorer(equilibrium, {}), equilibrium.game
    for step in _steps_from(game, first_step):
        if game.steps[step].step is None:
            continue
        slot = entry_node_of_step(game, begin.period, step, state)
        if slot is None:
            continue
        path = replace(begin, node=slot)
        if walker.role(path) == "move":
            ways = walker.choices_at_moment(path).get(party, [])
            if ways:
                yield _DecisionPoint(ways[0], "move", step, unseen=tuple(ways))
            elif walker.mover(path) == party:
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
    equilibrium: Equilibrium,
    party: str,
    state: int,
    point: _DecisionPoint,
    type_index: int,
    reached: float,
) -> ExplainedDecision:
    walker, game = PathExplorer(equilibrium, {}), equilibrium.game
    rules = game.case.parties[party]
    types = game.case.types_known_to(party)
    own = types[type_index] if types else None
    if types:
        known = game.case.party_known_to(party)
        shares = equilibrium.beliefs("analyst", known, point.path.record)
        reached *= float(shares[type_index])
    policy = walker.choice_probabilities(point.path)[type_index]
    choices = []
    ways = point.unseen or (point.path,)
    likely = [float(way.chance_probability) for way in ways]
    for place, (option, branch) in enumerate(walker.branch_of_option(point.path).items()):
        split = []
        for way in ways:
            after = walker.after_choice(way, option)
            assert after is not None
            split.append(_split_option_value(equilibrium, party, type_index, own, state, after))
        terms, costs = _mean_of_splits(split, likely)
        graph = game.graph_index(point.path.period)
        paid = float(equilibrium.parameters.by_graph[graph].cost[branch, type_index])
        now, then = (tuple((name, amount[k]) for name, amount in terms.items()) for k in (0, 1))
        later = sum(amount for _, amount in then) - costs[1]
        cost = costs[0] + paid
        value = sum(amount for _, amount in now) - cost + later
        choices.append(
            ExplainedOption(option, float(policy[place]), value, now, cost, later, then, costs[1])
        )
    choices.sort(key=lambda choice: -choice.probability)
    bare = ExplainedDecision(
        role=point.role,
        step=party if point.unseen else game.steps[point.step].id,
        place=_place_in_order(game.steps[point.step]),
        deal=point.deal,
        offered_by=point.offered_by,
        type=own,
        choices=tuple(choices),
        precision=float(equilibrium.parameters.precision[game.parties.index(party)]),
        why="",
        beliefs=tuple(_used_beliefs(equilibrium, party, point.path.record)),
        expected=tuple(_expected_choices(walker, party, point)),
        type_of="".join(game.case.parties[known].name for known in rules.knows),
        reach=reached,
    )
    return replace(bare, why=describe_decision(bare, rules.name))


OptionSplit = tuple[dict[str, tuple[float, float]], tuple[float, float]]


def _mean_of_splits(splits: list[OptionSplit], likely: list[float]) -> OptionSplit:
    """Terms and costs after a choice, the mean over what others choose at the same moment."""
    if len(splits) == 1:
        return splits[0]
    share = np.array(likely) / sum(likely)
    terms = {
        name: tuple((share @ np.array([split[0][name] for split in splits])).tolist())
        for name in splits[0][0]
    }
    return terms, tuple((share @ np.array([split[1] for split in splits])).tolist())


def _expected_choices(
    walker: PathExplorer, party: str, point: _DecisionPoint
) -> Iterator["ExpectedChoice"]:
    """What a party expects of each of the others who choose at the same moment."""
    game = walker.game
    if not point.unseen:
        return
    graph = walker.graph(point.path.period)
    begin = replace(point.path, node=int(graph.moment[point.path.node]))
    for other, ways in walker.choices_at_moment(begin).items():
        if other == party:
            continue
        policy, known = walker.choice_probabilities(ways[0]), game.case.party_known_to(other)
        record = ways[0].record
        shares = walker.equilibrium.beliefs(party, known, record) if known else (1.0,)
        chances = (np.array(shares) @ policy).tolist()
        for option, chance in zip(walker.branch_of_option(ways[0]), chances, strict=True):
            yield ExpectedChoice(other, game.case.parties[other].name, option, chance)


def _place_in_order(step: PeriodStep) -> str:
    if not step.remaining:
        return ""
    rest = [str(one) for one in step.remaining[1:]]
    return f"before {', then '.join(rest)}" if rest else "last of the shuffled steps"


def _used_beliefs(
    equilibrium: Equilibrium, party: str, record: PublicRecord
) -> Iterator[UsedBelief]:
    """The likeliest type of each party whose type a party does not know, as it believes."""
    parties = equilibrium.game.case.parties
    for other in equilibrium.parties_with_types:
        if other != equilibrium.game.case.party_known_to(party):
            shares = equilibrium.beliefs(party, other, record)
            believed = dict(zip(parties[other].types, shares, strict=True))
            likeliest = max(believed, key=lambda name: believed[name])
            yield UsedBelief(party, other, parties[other].name, likeliest, believed[likeliest])


def _split_option_value(
    equilibrium: Equilibrium,
    party: str,
    type_index: int,
    own: str | None,
    state: int,
    after: PlayPath,
) -> tuple[dict[str, tuple[float, float]], tuple[float, float]]:
    """Payoff terms, and costs, after a choice: each in this period, and later, discounted."""
    game, numbers = equilibrium.game, equilibrium.parameters
    periods = game.periods - after.period
    terms = numbers.terms[party, type_index]
    observer = equilibrium.observer_measure(party=party, type=own)
    features = [
        _term_features(equilibrium, (party, type_index), observer, number)
        for number in range(observer.combination_count)
    ]
    seen = propagate_forward(
        equilibrium,
        state,
        observer=observer,
        periods=periods,
        state_features=features,
        payer=(party, type_index),
        first_period=after.period,
        start_node=after.node,
        start_record=after.record,
    )
    patience = float(numbers.patience[game.parties.index(party)])
    income = seen.expected_features[1:].sum(axis=1)  # (periods, terms)
    costs = seen.expected_costs
    discount = patience ** np.arange(periods)
    later = discount[1:] @ income[1:]
    if game.case.ending == "lasts":
        later = later + patience**periods * income[-1] / (1.0 - patience)
    return (
        {name: (float(income[0, place]), float(later[place])) for place, name in enumerate(terms)},
        (float(costs[0]), float(discount[1:] @ costs[1:])),
    )


def _term_features(
    equilibrium: Equilibrium, player: tuple[str, int], observer: ObserverMeasure, combination: int
) -> Floats:
    """(X, terms), or (X, terms, L) if one reads a type: payoffs in a combination of known types."""
    kind = type_in_combination(equilibrium, player, observer, combination)
    terms = equilibrium.parameters.terms[player[0], kind]
    values = [*terms.values()] or [np.zeros(len(equilibrium.game.states))]
    if any(each.ndim == 2 for each in values):
        here = observer.types_in(combination)
        weights = here.weights_of_type_combinations(equilibrium.belief_grid)
        lanes = np.ones((1, weights.shape[1]))
        values = [each.T @ weights if each.ndim == 2 else each[:, None] * lanes for each in values]
    return np.stack(values, axis=1)
