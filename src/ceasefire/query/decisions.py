"""Quantities about single choices, and where play stands once the choices of `after=` were made.

Each is asked at one step, in one state, as if the period began there or went on from there. What
is found is a number, or an array of them where the walker begins with several records at once.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Step
from ceasefire.case.model import Effects
from ceasefire.equilibrium import Equilibrium
from ceasefire.equilibrium.solution import CERTAIN_RECORD
from ceasefire.errors import Problem, SolveError
from ceasefire.game import NODE_ROLES, Game, PeriodGraph
from ceasefire.query.ast import Quantity, SeenChoice
from ceasefire.query.formula_parser import PASS_OPTION

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_CHOICE_PROBABILITY = 1e-300
RULED_OUT = 1e5  # by how much less likely, in logs, what a type of several rules out counts
SMALLEST_PROBABILITY = 5e-324


@dataclass(frozen=True)
class PlayPath:
    """One way play may have gone: where it stands, and what has been shown on the way.

    period, node   the node that comes next
    chance_probability         probability of all chance on the way
    likelihood_by_type  for each party with types, probability of the choices of each type
    record         the log-likelihood ratios of the choices of each party with types
    uninformative           whether a choice on the way is too unlikely for every type to tell them
                            apart
    """

    period: int
    node: int
    chance_probability: Any
    likelihood_by_type: tuple[tuple[Any, ...], ...]
    record: tuple[Any, ...]
    uninformative: bool | Bools = False

    @property
    def probability(self) -> Any:
        """How likely the path is, chance and choices together."""
        return self.chance_probability * math.prod(map(sum, self.likelihood_by_type))


class PathExplorer:
    """Walks through one solved game, counting the plays in which parties have these types.

    records  (n, D) records with which paths begin, None for that of somebody unknown
    """

    def __init__(
        self, equilibrium: Equilibrium, types: dict[str, str], records: Floats | None = None
    ) -> None:
        self.equilibrium = equilibrium
        self.types = types
        self.game = equilibrium.game
        self.records = records

    def path_from(self, period: int, node: int) -> PlayPath:
        """A path on which nothing more has been shown yet than the records say."""
        play, likely = self.equilibrium, []
        record = play.prior_record if self.records is None else tuple(self.records.T)
        for party in play.parties_with_types:
            shares: tuple[Any, ...] = play.priors("analyst", party)
            if self.records is not None or party in self.types:
                shares = self._type_probabilities(party, record)
            likely.append(shares)
        return PlayPath(period, node, 1.0, tuple(likely), record)

    def _type_probabilities(self, party: str, record: tuple[Any, ...]) -> tuple[Any, ...]:
        """How likely a party is of each type among the plays that are counted."""
        if party in self.types:
            types = self.game.case.parties[party].types
            return tuple(float(self.types[party] == kind) for kind in types)
        return self.equilibrium.beliefs("analyst", party, record)

    def graph(self, period: int) -> PeriodGraph:
        """What is played in a period."""
        return self.game.graph_of(period)

    def role(self, path: PlayPath) -> str:
        """What the next node is."""
        return NODE_ROLES[int(self.graph(path.period).node_role[path.node])]

    def branch_of_option(self, path: PlayPath) -> dict[str, int]:
        """The branch of each option at the next node."""
        graph = self.graph(path.period)
        first, last = int(graph.first_branch[path.node]), int(graph.first_branch[path.node + 1])
        return {self.game.options[graph.option[b]]: b for b in range(first, last)}

    def mover(self, path: PlayPath) -> str:
        """Who decides at the next node."""
        return self.game.parties[int(self.graph(path.period).mover[path.node])]

    def decides(self, actor: str | None, path: PlayPath) -> bool:
        """Whether a party, or whoever holds a role there, decides at the next node."""
        if actor is None or actor in self.game.parties:
            return self.mover(path) == actor
        state = int(self.graph(path.period).state[path.node])
        return self.mover(path) == self.game.holder(actor, state)

    def at_choice_of(self, path: PlayPath, party: str) -> PlayPath | None:
        """The path where a party moves, if it does so now; None if it does not.

        At one moment others may come before it in turn. It does not see what they choose, so
        that any of their options will do.
        """
        graph, node = self.graph(path.period), path.node
        first = graph.moment[node]
        while first >= 0 and self.game.parties[int(graph.mover[node])] != party:
            node = int(graph.successor[graph.first_branch[node]])
            if graph.moment[node] != first:
                return None
        return replace(path, node=node)

    def choices_at_moment(self, path: PlayPath) -> dict[str, list[PlayPath]]:
        """For each party that chooses at the moment which begins next, every way to its choice."""
        graph, ways = self.graph(path.period), [path]
        first, found = graph.moment[path.node], dict[str, list[PlayPath]]()
        while first >= 0 and graph.moment[ways[0].node] == first:
            found[self.mover(ways[0])] = ways
            after = (self.after_choice(way, o) for way in ways for o in self.branch_of_option(way))
            ways = [way for way in after if way is not None]
        return found

    def choice_probabilities(self, path: PlayPath) -> Floats:
        """(types, K) or (types, K, n) what the mover does there.

        Raises SolveError for a node that play cannot come to, which is never solved.
        """
        policy = self.equilibrium.choice_probabilities(path.period, path.node, path.record)
        if not (np.abs(policy.sum(axis=1) - 1.0) < 1e-6).all():
            state = int(self.graph(path.period).state[path.node])
            where = f"period {path.period} in {self.game.describe(state)}"
            raise SolveError(f"nothing was solved for {self.mover(path)} at {where}")
        return policy

    def after_choice(self, path: PlayPath, option: str) -> PlayPath | None:
        """The path after this choice; None where it is not offered."""
        branches = self.branch_of_option(path)
        if option not in branches:
            return None
        graph, policy = self.graph(path.period), self.choice_probabilities(path)
        place = list(branches).index(option)
        moved = replace(path, node=int(graph.successor[branches[option]]))
        axis = int(graph.axis[path.node])
        if axis < 0:
            return replace(moved, chance_probability=path.chance_probability * policy[0, place])
        by_type = list(np.maximum(policy[:, place], MIN_CHOICE_PROBABILITY))
        return _with_shown(moved, axis, self.game.record_places[axis], by_type)

    def after_outcome(self, path: PlayPath, outcome: str) -> PlayPath | None:
        """The path after an outcome of a chance, move or deal; None where it cannot come."""
        graph = self.graph(path.period)
        for b in range(int(graph.first_branch[path.node]), int(graph.first_branch[path.node + 1])):
            if outcome in self.game.labels[graph.label[b]]:
                return self._after_chance(path, b)
        return None

    def after_payment(self, path: PlayPath) -> PlayPath:
        """The path once what is due at the next node has been paid."""
        graph = self.graph(path.period)
        return replace(path, node=int(graph.successor[graph.first_branch[path.node]]))

    def possible_offers(self, path: PlayPath) -> Iterator[PlayPath]:
        """The offers that a table's step may begin with once it meets, one for each proposer."""
        if self.role(path) == "meets":
            graph, branch = self.graph(path.period), self.branch_of_option(path)["meets"]
            if (
                not self.equilibrium.chance_probabilities(self.game.graph_index(path.period))[
                    branch
                ]
                > 0
            ):
                return
            path = replace(path, node=int(graph.successor[branch]))
        if self.role(path) == "proposer":
            yield from self.chance_branches(path)
        elif self.role(path) == "offer":
            yield path

    def is_consent_node(self, path: PlayPath, step: int) -> bool:
        """Whether somebody is asked next, in this step, for consent to a deal."""
        return int(self.graph(path.period).step[path.node]) == step and self.role(path) == "answer"

    def after_step(self, path: PlayPath, step: int) -> list[PlayPath]:
        """Let costs be paid and chance take its course until a step is over."""
        graph = self.graph(path.period)
        waiting, settled = [path], []
        while waiting:
            now = waiting.pop()
            if graph.step[now.node] != step:
                settled.append(now)
            elif self.role(now) == "payment":
                waiting.append(self.after_payment(now))
            elif self.role(now) == "renewal":
                waiting.append(self._after_renewal(now))
            else:
                waiting += self.chance_branches(now)
        return settled

    def chance_branches(self, path: PlayPath) -> list[PlayPath]:
        """Where chance may lead from the next node."""
        graph = self.graph(path.period)
        first, last = int(graph.first_branch[path.node]), int(graph.first_branch[path.node + 1])
        found = (self._after_chance(path, b) for b in range(first, last))
        return [after for after in found if after is not None]

    def _after_renewal(self, path: PlayPath) -> PlayPath:
        """The path after the type of a party was drawn anew: all it has shown is of another."""
        graph, number = self.graph(path.period), self.game.graph_index(path.period)
        axis, likely, record = (
            int(graph.renewed[path.node]), list(path.likelihood_by_type), list(path.record),
        )  # fmt: skip
        now = self.equilibrium.parameters.by_graph[number].renewal_record[path.node]
        record[axis] = now + 0.0 * np.asarray(record[axis])
        party = self.equilibrium.parties_with_types[axis]
        shares = self._type_probabilities(party, tuple(record))
        total = sum(likely[axis])
        likely[axis] = tuple(total * share for share in shares)
        return replace(
            path,
            node=int(graph.successor[graph.first_branch[path.node]]),
            likelihood_by_type=tuple(likely),
            record=tuple(record),
        )

    def _after_chance(self, path: PlayPath, branch: int) -> PlayPath | None:
        """The path after a branch of chance, and what it tells; None where it cannot come."""
        graph, number = self.graph(path.period), self.game.graph_index(path.period)
        axis, moved = int(graph.axis[path.node]), replace(path, node=int(graph.successor[branch]))
        if axis < 0:
            chance = float(self.equilibrium.chance_probabilities(number)[branch])
            likely = path.chance_probability * chance
            return replace(moved, chance_probability=likely) if chance > 0 else None
        by_type = self.equilibrium.parameters.by_graph[number].chance_by_type[branch]
        if not by_type.any():
            return None
        count = len(path.likelihood_by_type[axis])
        after = _with_shown(moved, axis, self.game.record_places[axis], by_type[:count].tolist())
        return after if np.any(after.probability > 0) else None


def _with_shown(path: PlayPath, axis: int, place: slice, by_type: Sequence[Any]) -> PlayPath:
    """The path after something that is so likely for each type of the party of an axis.

    place   where in the record the party's ratios stand
    """
    likely, record = list(path.likelihood_by_type), list(path.record)
    likely[axis] = tuple(a * b for a, b in zip(likely[axis], by_type, strict=True))
    with np.errstate(divide="ignore"):  # what one type rules out makes certain of the others
        logs = [np.log(each) for each in by_type]
    if len(logs) == 2:
        shown = record[place.start] + (logs[0] - logs[1])
        record[place] = [np.clip(shown, -CERTAIN_RECORD, CERTAIN_RECORD)]
    else:
        logs = [np.maximum(each, -RULED_OUT) for each in logs]
        record[place] = [
            before + (logs[0] - each) for before, each in zip(record[place], logs[1:], strict=True)
        ]
    dark = path.uninformative | (np.maximum.reduce(list(by_type)) <= MIN_CHOICE_PROBABILITY)
    return replace(path, likelihood_by_type=tuple(likely), record=tuple(record), uninformative=dark)


ValueAndWarnings = tuple[Any, tuple[str, ...]]
ConsentAndWarnings = tuple[Any, Any, tuple[str, ...]]
BeliefAndWarnings = tuple[Any, tuple[str, ...]]


def next_steps_of_option(game: Game, subject: str, step: int) -> list[tuple[int, float]]:
    """The next step from `step` on at which `party.move` or `table.deal` may be offered.

    Where an order is drawn before, one for each order, with its probability; none if there is none.
    A restricted step that does not list `pass` does not offer it, even where nothing else is left.
    """
    while step < len(game.steps):
        here = game.steps[step]
        if any(_may_offer(one, subject) for one in here.taking_place):
            return [(step, 1.0)]
        if here.step is None and any(_may_offer(one, subject) for one in here.remaining):
            return [
                (found, chance / len(here.following))
                for order in here.following
                for found, chance in next_steps_of_option(game, subject, order)
            ]
        step = here.following[0]
    return []


def _may_offer(step: Step, subject: str) -> bool:
    owner, option = subject.split(".", 1)
    passes = option != PASS_OPTION or step.only is None or PASS_OPTION in step.only
    return step.id == owner and passes


def entry_node_of_step(game: Game, period: int, step: int, state: int) -> int | None:
    """The node with which a step begins in a state; None where the step does nothing there.

    Raises SolveError where the game was built without this step in this state.
    """
    graph = game.graph_of(period)
    slot = int(graph.step_entry[step, state])
    if slot < 0:
        where = f"step {step} of period {period} in {game.describe(state)}"
        if game.unrolled is not None:
            raise SolveError(
                [
                    Problem(
                        "one branch for the whole game is followed where play goes",
                        file=game.case.file,
                        path="selection=whole",
                        found=where,
                        allowed="choices in `after=` and questions that leave no step out",
                        help="ask it decision by decision, or take the last choice out of `after=`",
                    )
                ]
            )
        raise SolveError(f"play was never laid out for {where}")
    return slot if graph.step[slot] == step else None


def is_seen_in_first_period(game: Game, quantity: Quantity, state: int) -> bool:
    """Whether all that is seen can be seen in period 0 from this state, with no step missed out.

    A step may be missed out only before anything has changed: there every step was laid out.
    """
    asked = (quantity.subject,) if quantity.kind in ("plays", "signs") else ()
    seen = tuple(SeenChoice.read(event).subject for event in quantity.after)
    return _are_seen_in_turn(game, (*seen, *asked), state, 0, state)


def _are_seen_in_turn(
    game: Game, subjects: tuple[str, ...], state: int, step: int, start: int
) -> bool:
    """Whether these can be seen from a step of period 0 on, in whatever order steps come."""
    if not subjects:
        return True
    steps = next_steps_of_option(game, subjects[0], step)
    for found, _ in steps:
        if state != start and found != step:
            return False
        after = game.steps[found].following[0]
        states = _states_after_choice(game, subjects[0], found, state)
        if not states and state != start:
            return False
        left = subjects[1:] if states else subjects
        if not all(_are_seen_in_turn(game, left, x, after, start) for x in states or {state}):
            return False
    return bool(steps)


def _states_after_choice(game: Game, subject: str, step: int, state: int) -> set[int]:
    """The states that may follow once a step of period 0 has offered this; none if it does not."""
    graph, slot = game.graph_of(0), entry_node_of_step(game, 0, step, state)
    waiting = [] if slot is None else [(slot, False)]
    found: set[int] = set()
    while waiting:
        now, chosen = waiting.pop()
        if graph.step[now] != step:
            found |= {int(graph.state[now])} if chosen else set()
            continue
        options = set(game.case.members_of(subject))
        for b in range(int(graph.first_branch[now]), int(graph.first_branch[now + 1])):
            named = {game.options[graph.option[b]], *game.labels[graph.label[b]]}
            done = chosen or not options.isdisjoint(named)
            waiting.append((int(graph.successor[b]), done))
    return found


def paths_offering(walker: PathExplorer, subject: str, path: PlayPath) -> list[PlayPath]:
    """Where a move, a deal or an outcome of chance may be chosen in the step that comes next.

    subject  its name, or that of a family any of whose members will do
    """
    options = set(walker.game.case.members_of(subject))
    if walker.role(path) == "move":
        choice = walker.at_choice_of(path, subject.split(".")[0])
        there = choice is not None and options & walker.branch_of_option(choice).keys()
        return [choice] if choice is not None and there else []
    if walker.role(path) == "outcome":
        return [] if walker.after_outcome(path, subject) is None else [path]
    return [
        offer
        for offer in walker.possible_offers(path)
        if options & walker.branch_of_option(offer).keys()
    ]


Offers = list[tuple[int, PlayPath]]


def find_first_offers(
    walker: PathExplorer, subject: str, state: int, begin: PlayPath, step: int, last: int
) -> Offers:
    """Where it is offered at the first step from `step` on, with that step; nothing if never.

    Periods before `last` are looked through. Where an order is drawn before that step, every order
    has a first step of its own, and its paths count by its probability.
    """
    for period in range(begin.period, last):
        path = replace(begin, period=period)
        found = _offers_in_period(
            walker, subject, state, path, step if period == begin.period else 0
        )
        if found:
            return found
    return []


def _offers_in_period(
    walker: PathExplorer, subject: str, state: int, begin: PlayPath, step: int
) -> Offers:
    game, offers = walker.game, list[tuple[int, PlayPath]]()
    for k, chance in next_steps_of_option(game, subject, step):
        likely = replace(begin, chance_probability=begin.chance_probability * chance)
        slot = entry_node_of_step(game, begin.period, k, state)
        here = [] if slot is None else paths_offering(walker, subject, replace(likely, node=slot))
        offers += [(k, path) for path in here] or _offers_in_period(
            walker, subject, state, likely, game.steps[k].following[0]
        )
    return offers


def choice_probability(walker: PathExplorer, quantity: Quantity, state: int) -> ValueAndWarnings:
    """How likely a move is, or an offer if the table meets, at the first step that offers it.

    Where the order of the steps is drawn, this is its mean over the orders.
    """
    stands, warnings = branches_after_choices(walker, quantity, state)
    total: Any = 0.0
    for stand in stands:
        offers = _offers_of_subject(walker, quantity, stand, warnings)
        options = walker.game.case.members_of(quantity.subject)
        chosen = [walker.after_choice(path, one) for _, path in offers for one in options]
        likely = sum(path.probability for path in chosen if path is not None)
        total = total + stand.weight * likely
    return (total if stands else None), tuple(dict.fromkeys(warnings))


def consent_and_proposal(
    walker: PathExplorer, quantity: Quantity, state: int
) -> ConsentAndWarnings:
    """How likely it is that a deal is put to a party and it says yes, and that it is put."""
    party, subject = quantity.party, quantity.subject
    stands, warnings = branches_after_choices(walker, quantity, state)
    total: Any = 0.0
    consent: Any = 0.0
    for stand in stands:
        offers = _offers_of_subject(walker, quantity, stand, warnings)
        asked = [
            put
            for step, path in offers
            for deal in walker.game.case.members_of(subject)
            for put in _proposal_to_party(walker, deal, party, path, step)
        ]
        put = sum(path.probability for path in asked)
        if offers and not np.any(put > 0):
            where = walker.game.describe(stand.state)
            warnings.append(f"{party} is not asked about {subject} in {where}")
            continue
        agreed = [walker.after_choice(path, "yes") for path in asked]
        total = total + stand.weight * put
        consent = consent + stand.weight * sum(p.probability for p in agreed if p is not None)
    if not stands:
        return None, None, tuple(warnings)
    return consent, total, tuple(dict.fromkeys(warnings))


def _offers_of_subject(
    walker: PathExplorer, quantity: Quantity, stand: "ObservedBranch", warnings: list[str]
) -> Offers:
    """The first step that offers what is asked about: in period 0, or from what was seen on."""
    last = walker.game.case.horizon if quantity.after else 1
    found = find_first_offers(walker, quantity.subject, stand.state, stand.path, stand.step, last)
    if not found:
        where = walker.game.describe(stand.state)
        on = f"from {where} on" if quantity.after else f"in {where}"
        warnings.append(f"{quantity.subject} is not offered {on}")
    return found


def _proposal_to_party(
    walker: PathExplorer, subject: str, party: str, path: PlayPath, step: int
) -> Iterator[PlayPath]:
    """The deal as it is put to a party, on one way of offering it; nothing if it never is."""
    now = walker.after_choice(path, subject)
    while now is not None and walker.is_consent_node(now, step):
        if walker.decides(party, now):
            yield now
            return
        now = walker.after_choice(now, "yes")


@dataclass(frozen=True)
class ObservedBranch:
    """One way through what is seen: where it stands, and how much it counts.

    path    from there on; what its choices have shown is in its record
    state   public state in which it stands
    step    step of the period that comes next
    weight  share among all ways through the same, one for each record where there are several
    """

    path: PlayPath
    state: int
    step: int
    weight: Any


def branches_after_choices(
    walker: PathExplorer, quantity: Quantity, state: int
) -> tuple[list[ObservedBranch], list[str]]:
    """Where play stands once the choices of `after=` were made, one after another, and warnings.

    Each is made at the first later step that offers it, in the state that those before it left;
    all between is missed out, and one that is never offered changes nothing. Chance on the way is
    averaged. Where several seats may propose a deal, each counts by how likely it is to put it and
    to have it signed; an order that may be drawn, likewise. No branches where no type would choose
    so: what it shows is then unknown.
    """
    begin = int(walker.graph(0).step_entry[0, state])
    stands = [ObservedBranch(walker.path_from(0, begin), state, 0, 1.0)]
    warnings: list[str] = []
    for subject in quantity.after:
        stands = [
            after
            for stand in stands
            for after in _after_observing(walker, subject, stand, warnings)
        ]
    if any(np.any(stand.path.uninformative) for stand in stands):
        seen = ", ".join(quantity.after)
        return [], [f"no type would choose {seen} at this precision: what it shows is unknown"]
    return stands, list(dict.fromkeys(warnings))


def belief_after_choices(
    walker: PathExplorer, quantity: Quantity, state: int, believe: Callable[[PlayPath], Any]
) -> BeliefAndWarnings:
    """What is believed once the choices of `after=` have been seen."""
    stands, warnings = branches_after_choices(walker, quantity, state)
    if not stands:
        return None, tuple(warnings)
    total = sum(stand.weight for stand in stands)
    return sum(stand.weight * believe(stand.path) for stand in stands) / total, tuple(warnings)


def _after_observing(
    walker: PathExplorer, event: str, stand: ObservedBranch, warnings: list[str]
) -> Iterator[ObservedBranch]:
    game = walker.game
    seen = SeenChoice.read(event)
    offers = find_first_offers(
        walker, seen.subject, stand.state, stand.path, stand.step, game.case.horizon
    )
    done = [
        (step, after)
        for step, path in offers
        if (after := _after_completing(walker, seen, path, step)) is not None
    ]
    if not done:
        where = game.describe(stand.state)
        missing = f"{seen.subject if seen.outcome else event} is not offered"
        if offers and seen.refuser:
            missing = f"{seen.refuser} is not asked about {seen.subject}"
        elif offers:
            missing = f"{event} cannot come"
        warnings.append(f"{missing} from {where} on: it changes nothing")
        yield stand
        return
    total = sum(path.probability for _, path in done)
    for step, path in done:
        known = np.maximum(total, MIN_CHOICE_PROBABILITY)
        share = np.where(total > 0, path.probability / known, 1.0 / len(done))
        for settled in walker.after_step(_as_certain(path), step):
            there = int(walker.graph(settled.period).state[settled.node])
            following = game.steps[step].following[0]
            weight = stand.weight * share * settled.probability
            yield ObservedBranch(_as_certain(settled), there, following, weight)


def _as_certain(path: PlayPath) -> PlayPath:
    """The path as it is known to have been gone: its types as likely as it leaves them."""
    likely = []
    for by_type in path.likelihood_by_type:
        total = np.maximum(sum(by_type), SMALLEST_PROBABILITY)
        likely.append(tuple(each / total for each in by_type))
    return replace(path, chance_probability=1.0, likelihood_by_type=tuple(likely))


def _after_completing(
    walker: PathExplorer, seen: SeenChoice, path: PlayPath, step: int
) -> PlayPath | None:
    """The path on which it is chosen; a deal is offered and everyone asked says yes.

    With somebody who refuses it, all who are asked before say yes; None where it is not asked, or
    where the outcome that is named cannot come of it.
    """
    if walker.role(path) == "outcome":
        return walker.after_outcome(path, seen.subject)
    now = walker.after_choice(path, seen.subject)
    while now is not None and walker.is_consent_node(now, step):
        if walker.decides(seen.refuser, now):
            return walker.after_choice(now, "no")
        now = walker.after_choice(now, "yes")
    if seen.outcome is None or now is None:
        return now if seen.refuser is None else None
    while walker.role(now) == "payment":
        now = walker.after_payment(now)
    return walker.after_outcome(now, seen.outcome)


_NOTES_ON_START: WeakKeyDictionary[Game, dict[Quantity, tuple[str, ...]]] = WeakKeyDictionary()


START_PUTS = "start= puts"  # how what is said of `start=` begins


def note_on_start(
    game: Game, quantity: Quantity, *, words: tuple[str, str] = (START_PUTS, "ask after=")
) -> tuple[str, ...]:
    """What `start=` leaves out: parties with types could have brought that state about.

    words  what has set the state, and how to let choices be made instead

    Records begin at the prior, as if the choices that lead there had shown nothing. Nothing is said
    where something that `start=` changes cannot come about by a choice of a party with types.
    """
    notes = _NOTES_ON_START.setdefault(game, {})
    if quantity not in notes:
        notes[quantity] = _note_on_start(game, quantity)
    put, ask = words
    return tuple(f"{put} {note}: {ask} choices" for note in notes[quantity])


def _note_on_start(game: Game, quantity: Quantity) -> tuple[str, ...]:
    variables = game.case.variables_and_promises
    changed = {
        name: variables[name].values.index(value)
        for name, value in quantity.start
        if value != variables[name].start
        and name not in game.case.clocks.values()
        and not (quantity.kind == "kept" and name == quantity.subject)
    }
    if quantity.kind == "can" or not changed:
        return ()
    choices, parties = dict[str, None](), dict[str, None]()
    telling = list(_choices_of_parties_with_types(game.case, quantity))
    for name, value in changed.items():
        found = [each for each in telling if _brings_about(game, each[1], name, value)]
        if not found:
            return ()
        choices[found[0][0]] = None
        parties |= dict.fromkeys(found[0][2])
    who, seen = " and ".join(parties), ", ".join(choices)
    said = f"{', '.join(changed)} in place as if nothing had been shown"
    return (f"{said}, though {who} could have brought it about ({seen})",)


def _choices_of_parties_with_types(
    case: Case, quantity: Quantity
) -> Iterator[tuple[str, Effects, list[str]]]:
    """Moves and deals that exist, and the parties with types whose choice each is."""
    gone = quantity.modification.without
    typed = [party for party in case.parties if case.party_known_to(party)]
    for key, move in case.moves.items():
        movers = [party for party in typed if party in case.holders_of(move.party)]
        if movers and key not in gone:
            yield key, move, movers
    for table, rules in case.tables.items():
        proposers = rules.seats if rules.proposes == "any" else (rules.proposes,)
        for name, deal in rules.deals.items():
            deciding = {p for seat in (*proposers, *deal.needs) for p in case.holders_of(seat)}
            who = [party for party in typed if party in deciding]
            if who and not {table, f"{table}.{name}"} & gone:
                yield f"{table}.{name}", deal, who


def _brings_about(game: Game, effects: Effects, name: str, value: int) -> bool:
    """Whether a move or deal changes a variable to its value of this number in some state."""
    if name in (effects.promises if value else effects.releases):
        return True
    codes = game.states[:, game.variables.index(name)]
    free = (game.evaluate_in_states(effects.when) != 0) & (codes != value)
    if not free.any():
        return False
    variable = game.case.variables_and_promises[name]
    wanted = float(value if variable.kind != "number" else variable.values[value])
    return any(
        bool((game.evaluate_in_states(changes[name])[free] == wanted).any())
        for changes in (effects.set, *(outcome.set for outcome in effects.outcomes))
        if name in changes
    )
