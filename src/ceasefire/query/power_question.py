"""Power: which coalitions can secure a goal against everyone else, how, and who is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ceasefire.case import Case
from ceasefire.coalitions import is_closed_game, secured_forever_bounds, secured_probability
from ceasefire.coalitions.describe import StrategyDescriber, StrategyRule
from ceasefire.diagnostics import TextLocation
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import Game, build, game_parameters
from ceasefire.query.ast import Quantity, QuantityRef
from ceasefire.query.automata import automaton_over_states
from ceasefire.query.parser import read_question
from ceasefire.query.plan import parties_with_pass_asked
from ceasefire.results import Result, count_phrase
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings
from ceasefire.stopping import interruptible

if TYPE_CHECKING:
    import polars as pl

ENOUGH_TOLERANCE = 1e-7
MOST_COALITION_PARTIES = 12
DEFAULT_ENOUGH_FRACTION, UNBOUNDED_TAIL_PERIODS = 0.99, 512
GOAL_QUESTION_PREFIX = "can([], "

ProgressCallback = Callable[[int, int], None]


@dataclass(frozen=True)
class CoalitionPower:
    """What a coalition can secure, as bounds that are the same where time is bounded.

    minimal   whether it secures enough, and without any one member no longer would
    strategy  how, for minimal coalitions
    without   for these, each member with what is secured without it and what it then does
    strategy_value      where time has no bound, what the strategy secures, which never looks at
                        the clock
    undecided whether the bounds are too far apart to say if it secures enough
    """

    members: tuple[str, ...]
    lower: float
    upper: float
    minimal: bool
    strategy: tuple[StrategyRule, ...] = ()
    without: tuple[tuple[str, float, tuple[StrategyRule, ...]], ...] = ()
    strategy_value: float | None = None
    undecided: bool = False

    def as_json(self) -> dict[str, Any]:
        """A coalition as `--json` prints it."""
        return {
            "members": list(self.members),
            "secures": self.lower,
            "bounds": [self.lower, self.upper],
            "minimal": self.minimal,
            "strategy": [deed.as_json() for deed in self.strategy],
            "without": [
                {"party": party, "secures": value, "because": [deed.as_json() for deed in deeds]}
                for party, value, deeds in self.without
            ],
            "strategy_secures": self.lower if self.strategy_value is None else self.strategy_value,
            "undecided": self.undecided,
        }


@dataclass(frozen=True)
class PowerResult(Result):
    """Every coalition, smallest first, and how much of a goal it can secure.

    periods  within how many periods; None for ever
    threshold    what counts as enough
    """

    goal: str
    periods: int | None
    threshold: float
    coalitions: tuple[CoalitionPower, ...]

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Whether of some coalition it is not known if it secures enough."""
        undecided = sum(c.undecided for c in self.coalitions)
        return count_phrase(undecided, "coalition", "left undecided")

    @property
    def minimal(self) -> tuple[CoalitionPower, ...]:
        """The minimal coalitions that secure enough."""
        return tuple(c for c in self.coalitions if c.minimal)

    def as_json(self) -> dict[str, Any]:
        """The document of `power --json`, digest and version left to the command."""
        return {
            "goal": self.goal,
            "periods": self.periods,
            "least": self.threshold,
            "minimal": [list(c.members) for c in self.minimal],
            "coalitions": [c.as_json() for c in self.coalitions],
        }

    def frame(self) -> "pl.DataFrame":
        """One row for each coalition."""
        import polars as pl  # slow to import

        rows = [
            (list(c.members), c.lower, c.upper, c.minimal, c.undecided) for c in self.coalitions
        ]
        schema: dict[str, Any] = {
            "members": pl.List(pl.String),
            "secures": pl.Float64,
            "at_most": pl.Float64,
            "minimal": pl.Boolean,
            "undecided": pl.Boolean,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")


@interruptible
def power(
    case: Case,
    goal: str,
    *,
    within: int | None = None,
    forever: bool = False,
    least: float | None = None,
    settings: SolveSettings = DEFAULT_SETTINGS,
    progress: ProgressCallback = lambda *_: None,
) -> PowerResult:
    """Find out what every coalition can secure of a goal, whatever all others do.

    goal     a formula, as in `can`, which its options `start`, `without`, `closed` and `given`
             may follow
    within   in so many periods, the case's horizon if None
    forever  without a bound on time: what the last periods of play allow is allowed for ever
    least    the probability that counts as enough; if None, 0.99 of what all together can secure
    settings  how large a game may be

    Raises QuestionError for a goal that has no meaning.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {north: {}, south: {}}
    ... state: {war: {start: true}}
    ... tables: {talks: {seats: [north, south], deals: {truce: {when: war, set: {war: false}}}}}
    ... ''')
    >>> found = power(case, "at_end(not war)")
    >>> [(c.members, c.lower) for c in found.coalitions]
    [((), 0.0), (('north',), 0.0), (('south',), 0.0), (('north', 'south'), 1.0)]
    """
    quantity = _read_goal(case, goal, within, forever, least)
    game = _build_public_game(case, quantity, forever, settings)
    world = game_parameters(game, {**case.best_estimates, **dict(quantity.modification.given)})
    assert quantity.formula is not None
    automaton = automaton_over_states(game, [quantity.formula], dict(world.world))
    start = game.start_state(dict(quantity.start))
    periods = case.horizon if quantity.periods is None else quantity.periods
    found: dict[tuple[str, ...], tuple[float, float]] = {}
    groups = [
        members
        for size in range(len(case.parties) + 1)
        for members in combinations(case.parties, size)
    ]
    for number, members in enumerate(groups):
        if forever:
            found[members] = secured_forever_bounds(game, world, members, automaton, start)
        else:
            value = secured_probability(game, world, members, automaton, start, periods)
            found[members] = (value, value)
        progress(number + 1, len(groups))
    wanted = DEFAULT_ENOUGH_FRACTION * found[groups[-1]][0] if least is None else least
    teller = StrategyDescriber(game, world, automaton, start, None if forever else periods)
    coalitions = [_assess_coalition(teller, members, found, wanted) for members in groups]
    return PowerResult(goal, None if forever else periods, wanted, tuple(coalitions))


def _read_goal(
    case: Case, goal: str, within: int | None, forever: bool, least: float | None
) -> Quantity:
    problems = []
    if forever and within is not None:
        problems.append(Problem("cannot both be given", path="--within, --forever"))
    if least is not None and not 0 < least <= 1:
        allowed = "a probability above 0"
        problems.append(Problem("is none", path="--least", found=f"{least:g}", allowed=allowed))
    if not goal.strip():
        help = 'as in --goal "eventually(not fighting)"'
        problems.append(Problem("is empty", path="--goal", help=help))
    if within is not None and within < 0:
        allowed = "a number of periods, 0 or more"
        problems.append(Problem("is none", path="--within", found=f"{within}", allowed=allowed))
    if len(case.parties) > MOST_COALITION_PARTIES:
        found = f"{len(case.parties)} parties"
        problems.append(
            Problem("too many coalitions", found=found, allowed=f"{MOST_COALITION_PARTIES}")
        )
    if problems:
        raise QuestionError(problems)
    more = f", within={within}" if within is not None else ""
    place = TextLocation(None, "--goal", ((0, 1, 1 - len(GOAL_QUESTION_PREFIX)),))
    question = read_question(case, f"{GOAL_QUESTION_PREFIX}{goal}{more})", place)
    if not isinstance(question.expression, QuantityRef) or question.quantities[0].kind != "can":
        help = 'as in --goal "eventually(not fighting)"'
        raise QuestionError([Problem("is no formula", path="--goal", found=goal, help=help)])
    if question.quantities[0].after:
        help = "ask of one coalition: can([party, ...], formula, after=[...])"
        message = "power is asked from where a period begins, not after choices"
        raise QuestionError([Problem(message, path="--goal", found=goal, help=help)])
    return question.quantities[0]


def _build_public_game(
    case: Case, quantity: Quantity, forever: bool, settings: SolveSettings
) -> Game:
    """The public game; for play without end, played on until it knows every state."""
    tail = max(case.tail, UNBOUNDED_TAIL_PERIODS) if forever else case.tail
    while True:
        game = build(
            case,
            starts=[dict(quantity.start)],
            without=quantity.modification.without,
            closed=dict(quantity.modification.closed),
            tail=tail,
            passes=parties_with_pass_asked(quantity),
            memory=settings.memory,
        )
        if not forever or is_closed_game(game):
            return game
        tail = 2 * (case.horizon + tail)


def _assess_coalition(
    teller: StrategyDescriber,
    members: tuple[str, ...],
    found: dict[tuple[str, ...], tuple[float, float]],
    wanted: float,
) -> CoalitionPower:
    low, high = found[members]
    fewer = {party: tuple(other for other in members if other != party) for party in members}
    enough = low >= wanted - ENOUGH_TOLERANCE and wanted > 0
    undecided = not enough and high >= wanted > 0
    if not enough or any(found[less][0] >= wanted - ENOUGH_TOLERANCE for less in fewer.values()):
        return CoalitionPower(members, low, high, minimal=False, undecided=undecided)
    deeds, told = teller.rules_of(members)
    without = tuple(
        (party, found[less][0], teller.rules_of(less, party)[0]) for party, less in fewer.items()
    )
    return CoalitionPower(members, low, high, True, deeds, without, told)
