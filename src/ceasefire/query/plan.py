"""Lays out the games that questions need, so that each is built once and solved once a world.

Quantities that leave out and close the same things share one game; those that also agree on
what is given and how sharp play is share one solution.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from ceasefire.case import Case, Coding, Step
from ceasefire.equilibrium import default_grid_size, first_grid_size, last_grid_size
from ceasefire.equilibrium.backward_induction import SMALL_GAME_CELLS
from ceasefire.errors import SolveError
from ceasefire.game import Game, build, unroll_histories
from ceasefire.query.ast import (
    AnswerValue,
    AtomicFormula,
    EventCondition,
    Formula,
    Quantity,
    Question,
    StartOverrides,
    conditions_of_formula,
    evaluate_question,
)
from ceasefire.query.decisions import is_seen_in_first_period
from ceasefire.query.evaluator import Evaluator, QuantityValue
from ceasefire.query.expectations import WorldSolution
from ceasefire.query.formula_parser import PASS_OPTION
from ceasefire.query.numerical_quality import (
    LEAST_PASSING_PROBABILITY,
    DecisionDoubt,
    describe_passing,
    find_doubts,
    probability_of_several,
)
from ceasefire.query.unknown_dependence import UnknownDependence
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings


@dataclass(frozen=True)
class GameVariant:
    """A game to build: what does not exist, how long it goes on, whether steps may be skipped.

    extra_tail  by how many periods the tail is longer than the case's own
    unrolled    whether histories that have shown different things are kept apart
    coding      the option of some alternatives, where a question says it
    """

    without: frozenset[str]
    closed: tuple[tuple[str, int], ...]
    may_skip_steps: bool = False
    extra_tail: int = 0
    unrolled: bool = False
    coding: Coding = ()


SolutionKey = tuple[GameVariant, tuple[tuple[str, float], ...], float, str]


class World(dict[str, float]):
    """One value for every unknown, and the option of every alternative.

    coding  the options in full; empty for those of the case as it is

    >>> world = World({"stake": 2.0}, (("truce", "after_pact"),))
    >>> world, world.coding
    ({'stake': 2.0}, (('truce', 'after_pact'),))
    """

    __slots__ = ("coding",)

    def __init__(self, values: Mapping[str, float], coding: Coding = ()) -> None:
        super().__init__(values)
        self.coding = coding

    def __reduce__(self) -> tuple[Any, ...]:
        return World, (dict(self), self.coding)


def coding_of(world: Mapping[str, float] | None) -> Coding:
    """The options with which a world is played; none where it does not say it."""
    return world.coding if isinstance(world, World) else ()


class ReadSettings(NamedTuple):
    """How questions are asked once: in which world, how sharp, how finely, how long.

    world             the unknowns that differ from best, None for world 0
    precision_factor  factor on all precisions, on top of `sharper=` in the questions
    halvings          how often the belief grid is refined
    extra_tail        by how many periods the tail grows
    reply_shift       1 or -1 where steep replies are those at the next grid point, as in `solve`
    """

    world: Mapping[str, float] | None = None
    precision_factor: float = 1.0
    halvings: int = 0
    extra_tail: int = 0
    reply_shift: int = 0


AS_AT_BEST: Final = ReadSettings()


@dataclass(frozen=True)
class WorldResult:
    """The answers to all questions in one world.

    values         one per question: a number, true or false, None where there is no answer
    quantity_values       for each question, one reading per quantity in it
    warnings       for each question, what should be said about its answer
    residual       largest error left in a fixed point
    unresolved     decisions whose fixed point was not found, over all solutions
    branch_points  those at which the principal branch met another, over all solutions
    grid_size           belief nodes per party with types, None where no party has any
    doubts         whose decisions were left in doubt, and whether play comes to them; worked out
                   at the best estimates only
    """

    values: tuple[AnswerValue, ...]
    quantity_values: tuple[tuple[QuantityValue, ...], ...]
    warnings: tuple[tuple[str, ...], ...]
    residual: float
    unresolved: int
    branch_points: int
    grid_size: int | None
    doubts: tuple[DecisionDoubt, ...] = ()

    @property
    def several(self) -> float:
        """How likely play is to come to a decision with several fixed points."""
        return probability_of_several(self.doubts)

    def test_result(self, number: int) -> bool | None:
        """Whether a test is true; None where it has no answer."""
        value = self.values[number]
        return None if value is None else bool(value)


RuleChange = Literal["opposite order", "other ending"]
RULE_CHANGES: Final[tuple[RuleChange, ...]] = ("opposite order", "other ending")
OtherSelection = Literal["telling", "silent", "whole"]
WHOLE: Final[OtherSelection] = "whole"  # one branch for the whole game
MOST_CHOICES_UNASKED: Final = 2_000  # of a game that is followed as a whole without being asked to
LEAST_SEVERAL_PROBABILITY: Final = 0.001  # of coming to a decision with several fixed points
MOST_CODED_PLANS: Final = 16  # codings whose games are kept at the same time
OTHER_SELECTIONS: Final[tuple[OtherSelection, ...]] = ("telling", "silent")


def change_rules(case: Case, change: RuleChange) -> Case | None:
    """The case with a rule changed that an analyst has to write and may not have meant to matter.

    case    the case
    change  `opposite order`: the steps of parties and tables come in the opposite order, steps
            that are shuffled as one, while chances stay in their places; `other ending`: `lasts`
            for `nothing` and back

    None where that changes nothing: there is one such step, or the game is finite.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}, b: {}}
    ... state: {war: {start: true}}
    ... chance: {rain: {}}
    ... order: [a, rain, b]
    ... ''')
    >>> [step.id for step in change_rules(case, "opposite order").order]
    ['b', 'rain', 'a']
    >>> change_rules(case, "other ending").ending
    'nothing'
    """
    if change == "other ending":
        others: dict[str, Literal["lasts", "nothing"]] = {"lasts": "nothing", "nothing": "lasts"}
        return replace(case, ending=others[case.ending]) if case.ending in others else None
    blocks: list[list[Step]] = []
    for step in case.order:
        last = blocks[-1][0] if blocks else Step("chance", "")
        mark = step.shuffle, step.moment
        if mark != (None, None) and (last.shuffle, last.moment) == mark:
            blocks[-1].append(step)
        else:
            blocks.append([step])
    moving = [
        n
        for n, steps in enumerate(blocks)
        if any(one.kind not in ("chance", "deadline") for one in steps)
    ]
    opposite = list(blocks)
    for place, n in zip(moving, reversed(moving), strict=True):
        effects_last_first = reversed(blocks[n]) if blocks[n][0].moment is not None else blocks[n]
        opposite[place] = list(effects_last_first)
    order = tuple(chain.from_iterable(opposite))
    return None if order == case.order else replace(case, order=order)


@dataclass
class QueryPlan:
    """Questions about a case with the games they need; `evaluate_world` answers them in a world.

    start_states  states in which things may stand, besides the case's own start
    known         answers at the best estimates that are known already, by `halvings` and
                  `reply_shift`
    tolerance     the grid change that was looked for when the grid was chosen, None if it was given
    selection     which fixed point is played at decisions with several, where a question does not
                  say it
    """

    case: Case
    questions: tuple[Question, ...]
    settings: SolveSettings = DEFAULT_SETTINGS
    start_states: tuple[StartOverrides, ...] = ()
    known: Mapping[tuple[int, int], WorldResult] = field(default_factory=dict, repr=False)
    tolerance: float | None = None
    selection: str = "principal"
    _games: dict[GameVariant, Game] = field(default_factory=dict, repr=False)
    _needs_skipping: dict[Quantity, bool] = field(default_factory=dict, repr=False)
    _plans: dict[int, dict[Quantity, SolutionKey]] = field(default_factory=dict, repr=False)
    _unknowns: dict[Quantity, frozenset[str]] = field(default_factory=dict, repr=False)
    _coded: dict[Coding, "QueryPlan"] = field(default_factory=dict, repr=False)

    def under_coding(self, coding: Coding) -> "QueryPlan":
        """The same questions, on the same grid, asked of the case with these options.

        coding  an option of every alternative; empty for those of the case as it is

        The games of the sixteen codings asked last are kept.
        """
        if not coding or coding == tuple(self.case.chosen.items()):
            return self
        found = self._coded.pop(coding, None) or replace(
            self,
            case=self.case.coding(dict(coding)),
            questions=tuple(question.under(coding) for question in self.questions),
            settings=self._settings_of_plan() if self.case.has_types else self.settings,
            known={},
            _games={}, _needs_skipping={}, _plans={}, _unknowns={}, _coded={},
        )  # fmt: skip
        self._coded[coding] = found
        if len(self._coded) > MOST_CODED_PLANS:
            del self._coded[next(iter(self._coded))]
        return found

    def evaluate_world(
        self,
        world: Mapping[str, float] | None = None,
        *,
        sharper: float = 1.0,
        halvings: int = 0,
        extra_tail: int = 0,
        reply_shift: int = 0,
    ) -> WorldResult:
        """Answer every question in one world, the best estimates if None.

        sharper     factor on all precisions, on top of `sharper=` in the questions
        halvings    how often the belief grid is refined
        extra_tail  by how many periods the tail grows
        reply_shift  1 or -1 where steep replies are those at the next grid point, as in `solve`

        Raises WorldError for a world in which a number is impossible.
        """
        grid = halvings, reply_shift
        if world is None and (sharper, extra_tail) == (1.0, 0) and grid in self.known:
            return self.known[grid]
        settings = ReadSettings(world, sharper, halvings, extra_tail, reply_shift)
        if (other := self.under_coding(coding_of(world))) is not self:
            return other.evaluate_as(settings)
        asked, oracles = self._plan(extra_tail), self.evaluators(settings)
        answers = {quantity: oracles[key].value_of(quantity) for quantity, key in asked.items()}
        result = self.assemble_result(answers, oracles)
        if world is None and grid == (0, 0) and not extra_tail:
            return self.with_doubts(result, oracles)
        return result

    def evaluate_as(self, settings: ReadSettings) -> WorldResult:
        """Answer every question as it is asked here; sent to other processes."""
        return self.evaluate_world(
            settings.world,
            sharper=settings.precision_factor,
            halvings=settings.halvings,
            extra_tail=settings.extra_tail,
            reply_shift=settings.reply_shift,
        )

    def with_doubts(
        self, result: WorldResult, evaluators: Mapping[SolutionKey, Evaluator]
    ) -> WorldResult:
        """The same answers with what is to be said of decisions that were left in doubt.

        result      answers to all questions
        evaluators  what gave them
        """
        if not any(e.solution.solved and e.equilibrium.flagged for e in evaluators.values()):
            return result
        doubts, passing = find_doubts((q, evaluators[key]) for q, key in self._plan(0).items())
        warnings = []
        for question, said in zip(self.questions, result.warnings, strict=True):
            most = max(
                (passing.get(quantity, 0.0) for quantity in question.quantities), default=0.0
            )
            more = (
                (f"rests on a decision in doubt: {describe_passing(most)}",)
                if most >= LEAST_PASSING_PROBABILITY
                else ()
            )
            warnings.append(said + more)
        return replace(result, warnings=tuple(warnings), doubts=doubts)

    def evaluators(
        self, asked_as: ReadSettings = AS_AT_BEST, *, count_fixed_points: bool = False
    ) -> dict[SolutionKey, Evaluator]:
        """What answers each solution's quantities in one world; each is solved when first asked.

        asked_as            how the questions are asked
        count_fixed_points  whether decisions with several are looked for, as at the best estimates
        """
        world, sharper, halvings, extra_tail, reply_shift = asked_as
        oracles: dict[SolutionKey, Evaluator] = {}
        settings = self._settings_of_plan()
        asked = self._plan(extra_tail)
        reopened = frozenset(n for layout, *_ in asked.values() for _, n in layout.closed)
        at_best = asked_as == AS_AT_BEST
        for layout, given, factor, selection in sorted(
            dict.fromkeys(asked.values()), key=lambda key: bool(key[0].closed)
        ):
            best = self.case.coding(dict(layout.coding)).best_estimates
            drawn = {**best, **(world or {})}
            opened = None
            if not layout.unrolled:
                opened = oracles.get((replace(layout, closed=()), given, factor, selection))
            oracles[layout, given, factor, selection] = Evaluator(
                WorldSolution(
                    self._game(layout),
                    {**drawn, **dict(given)},
                    settings,
                    halvings=halvings,
                    reply_shift=reply_shift,
                    sharper=sharper * factor,
                    selection=selection,
                    count_fixed_points=at_best or count_fixed_points,
                    keep=reopened,
                    reuse=None if opened is None else opened.solution,
                )
            )
        return oracles

    def solutions_by_quantity(self, extra_tail: int = 0) -> Mapping[Quantity, SolutionKey]:
        """Every quantity once, with the solution that answers it."""
        return self._plan(extra_tail)

    def unknowns_of_question(self, number: int) -> tuple[str, ...]:
        """The unknowns that can matter to the answer of a question, in the order of the case."""
        read = self._unknowns_read(number).union(
            *(
                self.under_coding(tuple(one.chosen.items()))._unknowns_read(number)
                for one in self.case.drawn_codings
            )
        )
        return tuple(name for name in self.case.unknowns_of_codings if name in read)

    def _unknowns_read(self, number: int) -> frozenset[str]:
        """The unknowns that can matter to a question with the options of the case as it is."""
        quantities = self.questions[number].quantities
        if not all(quantity in self._unknowns for quantity in quantities):
            by_game: dict[GameVariant, list[Quantity]] = {}
            for quantity in self._plan(0):
                by_game.setdefault(self._layout(quantity, 0), []).append(quantity)
            for layout, asked in by_game.items():
                stands = [dict(stand) for stand in self.start_states or ((),)]
                dependence = UnknownDependence(self._game(layout), stands)
                self._unknowns |= {q: dependence.unknowns_of(q) for q in asked}
        return frozenset().union(*(self._unknowns[quantity] for quantity in quantities))

    def assemble_result(
        self, answers: Mapping[Quantity, QuantityValue], evaluators: Mapping[SolutionKey, Evaluator]
    ) -> WorldResult:
        """The answers to all questions from those to every quantity in them."""
        solutions = [evaluator.solution for evaluator in evaluators.values()]
        solved = [each.equilibrium.certificate for each in solutions if each.solved]
        values, warnings = [], []
        for question in self.questions:
            numbers = [answers[quantity].value for quantity in question.quantities]
            value, said = evaluate_question(question.expression, numbers)
            told = [w for q in question.quantities for w in answers[q].warnings]
            values.append(value)
            warnings.append(tuple(dict.fromkeys([*told, *said])))
        return WorldResult(
            values=tuple(values),
            quantity_values=tuple(tuple(answers[x] for x in q.quantities) for q in self.questions),
            warnings=tuple(warnings),
            residual=max((c.residual for c in solved), default=0.0),
            unresolved=sum(c.unresolved for c in solved),
            branch_points=sum(c.branch_points for c in solved),
            grid_size=self.grid_size,
        )

    def restricted_to(self, numbers: Sequence[int]) -> "QueryPlan":
        """The questions of these numbers alone, asked of the same games on the same grid."""
        chosen = tuple(self.questions[number] for number in numbers)
        for quantity in (q for question in chosen for q in question.quantities):
            self._game(self._layout(quantity, 0))
        return replace(
            self,
            questions=chosen,
            settings=self._settings_of_plan(),
            known={},
            _plans={},
            _coded={},
        )

    def on_grid(
        self,
        size: int,
        known: Mapping[tuple[int, int], WorldResult],
        tolerance: float | None = None,
    ) -> "QueryPlan":
        """The same questions asked of the same games on a grid of this size.

        known, tolerance  as for the plan itself
        """
        settings = replace(self.settings, grid=size)
        return replace(self, settings=settings, known=known, tolerance=tolerance, _coded={})

    @property
    def grid_sizes(self) -> tuple[int, int, int]:
        """Nodes per party with which a search for a grid begins, that cost little, and at most."""
        games = self._games_as_built()
        cheap = min(last_grid_size(game, SMALL_GAME_CELLS) for game in games)
        return min(map(first_grid_size, games)), cheap, min(map(last_grid_size, games))

    def for_quick_answers(self) -> "QueryPlan":
        """The same questions on the grid with which a search for one begins, asked at best.

        Decisions with several fixed points are not looked for, and no doubt is worked out.
        """
        settings = self.settings
        if settings.grid is None and self.case.has_types:
            settings = replace(settings, grid=self.grid_sizes[0])
        known: dict[tuple[int, int], WorldResult] = {}
        plan = replace(self, settings=settings, known=known, _coded={})
        known[0, 0] = plan._evaluate_numbers_at_best()
        return plan

    @property
    def takes_long(self) -> bool:
        """Whether one reading is so long that other processes are worth starting for it."""
        if not self.case.has_types:
            return False
        first, cheap, _ = self.grid_sizes
        size = first if self.settings.grid is None else self.settings.grid
        return size > cheap

    def under_changed_rules(self, change: RuleChange) -> "QueryPlan | None":
        """The same questions, on the same grid, asked of the case with its rules changed.

        change  what is changed

        None where the change makes no difference to the rules.
        """
        changed = self.case.in_every_coding(lambda one: change_rules(one, change) or one)
        if changed == self.case:
            return None
        settings = self._settings_of_plan()
        return replace(
            self, case=changed, settings=settings, known={},
            _games={}, _needs_skipping={}, _plans={}, _unknowns={}, _coded={},
        )  # fmt: skip

    def evaluate_under_changed_rules(self, change: RuleChange) -> WorldResult:
        """Answer every question at the best estimates with the rules changed, if that changes them.

        change  what is changed

        Raises GameError where the changed game takes a variable outside its values.
        """
        return (self.under_changed_rules(change) or self)._evaluate_numbers_at_best()

    def under_selection(self, selection: OtherSelection) -> "QueryPlan":
        """The same questions, on the same grid, with another fixed point played where several are.

        selection   which one; questions that say it themselves keep theirs
        """
        return replace(
            self,
            settings=self._settings_of_plan(),
            selection=selection,
            known={},
            _plans={},
            _coded={},
        )

    def at_other_selections(self, best: WorldResult) -> dict[OtherSelection, WorldResult]:
        """The same questions at the best estimates with the other fixed points played.

        best   the answers with the fixed points of the principal branch

        In small games the end of the branch for the whole game is among them. Nothing where play
        hardly comes to a decision with several.
        """
        asked = self.other_selections(best)
        answers = {selection: self.evaluate_at_selection(selection) for selection in asked}
        return {selection: found for selection, found in answers.items() if found is not None}

    def other_selections(self, best: WorldResult) -> tuple[OtherSelection, ...]:
        """The other fixed points that are worth asking about; none where play hardly comes to any.

        best   the answers with the fixed points of the principal branch
        """
        return (*OTHER_SELECTIONS, WHOLE) if best.several > LEAST_SEVERAL_PROBABILITY else ()

    def evaluate_at_selection(self, selection: OtherSelection) -> WorldResult | None:
        """The same questions at the best estimates with another fixed point played.

        selection   which one

        None for the branch for the whole game where that is too large to be followed, or a
        question asks where no history of play leads.
        """
        if selection != WHOLE:
            return self.under_selection(selection)._evaluate_numbers_at_best()
        try:
            for layout in {self._layout(quantity, 0) for quantity in self._plan(0)}:
                unrolled = replace(layout, unrolled=True)
                if unrolled not in self._games:
                    built = self._game(layout)
                    self._games[unrolled] = unroll_histories(built, MOST_CHOICES_UNASKED)
            return self.under_selection(WHOLE)._evaluate_numbers_at_best()
        except SolveError:
            return None

    def tests_that_depend_on_selection(self, world: Mapping[str, float]) -> frozenset[int] | None:
        """The tests whose truth in a world is another with `telling` or `silent` fixed points.

        world   {unknown: value}

        Asked are those whose games have a decision with several. None where play hardly comes to
        one.
        """
        if (other := self.under_coding(coding_of(world))) is not self:
            return other.tests_that_depend_on_selection(world)
        evaluators, by_quantity = (
            self.evaluators(ReadSettings(world), count_fixed_points=True),
            self._plan(0),
        )
        answers = {
            quantity: evaluators[key].value_of(quantity) for quantity, key in by_quantity.items()
        }
        found = self.assemble_result(answers, evaluators)
        doubts, _ = find_doubts((q, evaluators[key]) for q, key in by_quantity.items())
        if not probability_of_several(doubts) > LEAST_SEVERAL_PROBABILITY:
            return None
        several = {key for key, each in evaluators.items() if each.solution.has_several}
        asked = [
            number
            for number, question in enumerate(self.questions)
            if any(by_quantity[quantity] in several for quantity in question.quantities)
        ]
        changed = set[int]()
        for selection in OTHER_SELECTIONS:
            again = self.restricted_to(asked).under_selection(selection).evaluate_world(world)
            changed |= {
                number
                for place, number in enumerate(asked)
                if again.test_result(place) is not found.test_result(number)
            }
        return frozenset(changed)

    def _evaluate_numbers_at_best(self) -> WorldResult:
        """Answers at the best estimates, as in any world: no decision in doubt is looked for."""
        return self.evaluate_world(self.case.best_estimates)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the games: they are built where they are needed, sooner than sent."""
        return {**self.__dict__, "_games": {}, "_needs_skipping": {}, "_plans": {}, "_coded": {}}

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Every quantity of the questions, each once."""
        return tuple(dict.fromkeys(self._all_quantities()))

    @property
    def grid_size(self) -> int | None:
        """Belief nodes per party with types, None where no party has any."""
        return self._settings_of_plan().grid if self.case.has_types else None

    def _plan(self, extra_tail: int) -> dict[Quantity, SolutionKey]:
        """Every quantity once, with what names its solution; worked out once."""
        if extra_tail not in self._plans:
            self._plans[extra_tail] = {q: self._key(q, extra_tail) for q in self._all_quantities()}
        return self._plans[extra_tail]

    def _all_quantities(self) -> list[Quantity]:
        return [q for question in self.questions for q in question.quantities]

    def _settings_of_plan(self) -> SolveSettings:
        """One grid for all games, so that differences between them are not those of grids."""
        if self.settings.grid is not None or not self.case.has_types:
            return self.settings
        grid = min(map(default_grid_size, self._games_as_built()), default=None)
        return replace(self.settings, grid=grid)

    def _games_as_built(self) -> list[Game]:
        """The games of all quantities, none unrolled."""
        layouts = dict.fromkeys(self._layout(quantity, 0) for quantity in self._plan(0))
        return [self._game(layout) for layout in layouts]

    def _key(self, quantity: Quantity, extra_tail: int) -> SolutionKey:
        variant = quantity.modification
        layout, selection = self._layout(quantity, extra_tail), variant.selection or self.selection
        if selection == WHOLE and self.case.has_types:
            layout = replace(layout, unrolled=True)
        return layout, variant.given, variant.precision_factor, selection

    def _layout(self, quantity: Quantity, extra_tail: int) -> GameVariant:
        asked = quantity.modification
        plain = GameVariant(asked.without, asked.closed, extra_tail=extra_tail, coding=asked.coding)
        if quantity not in self._needs_skipping:
            self._needs_skipping[quantity] = bool(quantity.after) and not self._within_reach(
                plain, quantity
            )
        return replace(plain, may_skip_steps=self._needs_skipping[quantity])

    def _within_reach(self, layout: GameVariant, quantity: Quantity) -> bool:
        game = self._game(layout)
        return all(
            is_seen_in_first_period(
                game, quantity, game.start_state({**dict(stand), **dict(quantity.start)})
            )
            for stand in self.start_states or ((),)
        )

    def _game(self, layout: GameVariant) -> Game:
        """The game of a layout, built when first needed, with every start that is asked."""
        if layout.unrolled and layout not in self._games:
            self._games[layout] = unroll_histories(self._game(replace(layout, unrolled=False)))
        if layout not in self._games:
            same = [
                q
                for q in self._all_quantities()
                if (q.modification.without, q.modification.closed, q.modification.coding)
                == (layout.without, layout.closed, layout.coding)
            ]
            starts = dict.fromkeys(q.start for q in same)
            case = self.case.coding(dict(layout.coding))
            self._games[layout] = build(
                case,
                starts=[
                    {**dict(stand), **dict(start)}
                    for stand in ((), *self.start_states)
                    for start in starts
                ],
                without=layout.without,
                closed=dict(layout.closed),
                tail=case.tail + layout.extra_tail,
                passes=frozenset(p for q in same for p in parties_with_pass_asked(q)),
                direct=any(q.kind in ("plays", "signs") or q.after for q in same),
                skips=layout.may_skip_steps,
                memory=self.settings.memory,
                like=self._game_without_closures(layout),
            )
        return self._games[layout]

    def _game_without_closures(self, layout: GameVariant) -> Game | None:
        """The same game with no table closed, if anything asks for it."""
        asked = any(
            (q.modification.without, q.modification.coding) == (layout.without, layout.coding)
            and not q.modification.closed
            for q in self._all_quantities()
        )
        return self._game(replace(layout, closed=())) if layout.closed and asked else None


def parties_with_pass_asked(quantity: Quantity) -> frozenset[str]:
    """Parties whose passing a quantity asks about."""
    condition = quantity.condition
    formulas: list[Formula] = [f for f in (quantity.formula, quantity.provided) if f is not None]
    if condition is not None:
        formulas.append(AtomicFormula("eventually", (condition,)))
    listened = [c for formula in formulas for c in conditions_of_formula(formula)]
    events = [e for c in listened if isinstance(c, EventCondition) for e in c.events]
    named = [*events, quantity.subject, *quantity.after]
    return frozenset(
        n.removesuffix(f".{PASS_OPTION}") for n in named if n.endswith(f".{PASS_OPTION}")
    )


def plan_questions(
    case: Case,
    questions: Sequence[Question],
    settings: SolveSettings = DEFAULT_SETTINGS,
    *,
    start_states: Sequence[StartOverrides] = (),
) -> QueryPlan:
    """Make questions ready to be answered in many worlds; the games are built when first needed."""
    return QueryPlan(case, tuple(questions), settings, tuple(start_states))
