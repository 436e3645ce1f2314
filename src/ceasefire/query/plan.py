"""Lays out the games that questions need, so that each is built once and solved once a world.

Quantities that leave out and close the same things share one game; those that also agree on
what is given and how sharp play is share one solution.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ceasefire.case import Case
from ceasefire.equilibrium import ObserverMeasure, default_grid_size
from ceasefire.game import Game, build
from ceasefire.game.states import Floats
from ceasefire.query.arithmetic import AnswerValue, evaluate_question
from ceasefire.query.ast import (
    AtomicFormula,
    EventCondition,
    Formula,
    Quantity,
    Question,
    StartOverrides,
    conditions_of_formula,
)
from ceasefire.query.decisions import is_seen_in_first_period
from ceasefire.query.evaluator import Evaluator, GridEdgeErrorBound, QuantityValue
from ceasefire.query.name_resolver import PASS_OPTION


@dataclass(frozen=True)
class GameVariant:
    """A game to build: what does not exist, how long it goes on, whether steps may be skipped."""

    without: frozenset[str]
    closed: tuple[tuple[str, int], ...]
    skips: bool = False
    longer: bool = False


SolutionKey = tuple[GameVariant, tuple[tuple[str, float], ...], float]


@dataclass(frozen=True)
class WorldResult:
    """The answers to all questions in one world.

    values         one per question: a number, true or false, None where there is no answer
    readings       for each question, one reading per quantity in it
    warnings       for each question, what should be said about its answer
    residual       largest error left in a fixed point
    unresolved     decisions whose fixed point was not found, over all solutions
    branch_points  those at which the principal branch met another, over all solutions
    grid           belief nodes per party with types, None where no party has any
    rounding       for each question and quantity, what rounding beliefs near certainty may do to
                   it, in units of its scale; empty where the grid was not refined
    """

    values: tuple[AnswerValue, ...]
    readings: tuple[tuple[QuantityValue, ...], ...]
    warnings: tuple[tuple[str, ...], ...]
    residual: float
    unresolved: int
    branch_points: int
    grid: int | None
    rounding: tuple[tuple[float, ...], ...] = ()

    def truth(self, number: int) -> bool | None:
        """Whether a test is true; None where it has no answer."""
        value = self.values[number]
        return None if value is None else bool(value)


@dataclass
class QueryPlan:
    """Questions about a case with the games they need; `read` answers them in a world.

    stands  states in which things may stand, besides the case's own start
    """

    case: Case
    questions: tuple[Question, ...]
    grid: int | None = None
    memory: float = 4e9
    stands: tuple[StartOverrides, ...] = ()
    _games: dict[GameVariant, Game] = field(default_factory=dict, repr=False)
    _skipping: dict[Quantity, bool] = field(default_factory=dict, repr=False)
    _plans: dict[bool, dict[Quantity, SolutionKey]] = field(default_factory=dict, repr=False)

    def read(
        self,
        world: Mapping[str, float] | None = None,
        *,
        sharper: float = 1.0,
        halvings: int = 0,
        longer: bool = False,
    ) -> WorldResult:
        """Answer every question in one world, the best estimates if None.

        sharper   factor on all precisions, on top of `sharper=` in the questions
        halvings  how often the belief grid is refined
        longer    whether the tail grows by the horizon

        Raises WorldError for a world in which a number is impossible.
        """
        asked = self._plan(longer)
        oracles = self.oracles(world, sharper=sharper, halvings=halvings, longer=longer)
        answers = {quantity: oracles[key].read(quantity) for quantity, key in asked.items()}
        sheet = self.sheet(answers, oracles)
        return self._rounded(sheet, oracles) if halvings else sheet

    def _rounded(self, sheet: WorldResult, oracles: Mapping[SolutionKey, Evaluator]) -> WorldResult:
        """The sheet with what rounding beliefs near certainty may do to what is asked here."""
        asked, each = (
            self.asked(),
            {key: GridEdgeErrorBound(oracle) for key, oracle in oracles.items()},
        )

        def bound(quantity: Quantity, reading: QuantityValue) -> float:
            key = asked[quantity]

            def here(field: Floats, _: ObserverMeasure) -> float:
                play = oracles[key].play
                return float(field[play.game.index(dict(quantity.start)), play.records.prior_lane])

            return each[key].bound(quantity, reading, here)

        return self.bounded(sheet, bound)

    def bounded(
        self, sheet: WorldResult, bound: Callable[[Quantity, QuantityValue], float]
    ) -> WorldResult:
        """The sheet with what rounding may do to each reading of each quantity."""
        pairs = zip(self.questions, sheet.readings, strict=True)
        return replace(
            sheet,
            rounding=tuple(tuple(map(bound, q.quantities, readings)) for q, readings in pairs),
        )

    def oracles(
        self,
        world: Mapping[str, float] | None = None,
        *,
        sharper: float = 1.0,
        halvings: int = 0,
        longer: bool = False,
    ) -> dict[SolutionKey, Evaluator]:
        """What answers each solution's quantities in one world; each is solved when first asked."""
        drawn = {**self.case.best, **(world or {})}
        oracles: dict[SolutionKey, Evaluator] = {}
        grid = self._grid()
        asked = self._plan(longer)
        reopened = frozenset(n for layout, *_ in asked.values() for _, n in layout.closed)
        for layout, given, factor in sorted(
            dict.fromkeys(asked.values()), key=lambda key: bool(key[0].closed)
        ):
            oracles[layout, given, factor] = Evaluator(
                self._game(layout),
                {**drawn, **dict(given)},
                grid=grid,
                halvings=halvings,
                sharper=sharper * factor,
                memory=self.memory,
                keep=reopened,
                after=oracles.get((replace(layout, closed=()), given, factor)),
            )
        return oracles

    def asked(self, longer: bool = False) -> Mapping[Quantity, SolutionKey]:
        """Every quantity once, with the solution that answers it."""
        return self._plan(longer)

    def sheet(
        self, answers: Mapping[Quantity, QuantityValue], oracles: Mapping[SolutionKey, Evaluator]
    ) -> WorldResult:
        """The answers to all questions from those to every quantity in them."""
        solved = [oracle.play.certificate for oracle in oracles.values() if oracle.solved]
        values, warnings = [], []
        for question in self.questions:
            numbers = [answers[quantity].value for quantity in question.quantities]
            value, said = evaluate_question(question.tree, numbers)
            told = [w for q in question.quantities for w in answers[q].warnings]
            values.append(value)
            warnings.append(tuple(dict.fromkeys([*told, *said])))
        return WorldResult(
            values=tuple(values),
            readings=tuple(tuple(answers[x] for x in q.quantities) for q in self.questions),
            warnings=tuple(warnings),
            residual=max((c.residual for c in solved), default=0.0),
            unresolved=sum(c.unresolved for c in solved),
            branch_points=sum(c.branch_points for c in solved),
            grid=self.nodes,
        )

    def only(self, numbers: Sequence[int]) -> "QueryPlan":
        """The questions of these numbers alone, asked of the same games on the same grid."""
        chosen = tuple(self.questions[number] for number in numbers)
        for quantity in (q for question in chosen for q in question.quantities):
            self._game(self._layout(quantity, longer=False))
        return replace(self, questions=chosen, grid=self._grid(), _plans={})

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the games: they are built where they are needed, sooner than sent."""
        return {**self.__dict__, "_games": {}, "_skipping": {}, "_plans": {}}

    @property
    def nodes(self) -> int | None:
        """Belief nodes per party with types, None where no party has any."""
        return self._grid() if self._hidden else None

    @property
    def _hidden(self) -> bool:
        return any(party.types for party in self.case.parties.values())

    def _plan(self, longer: bool) -> dict[Quantity, SolutionKey]:
        """Every quantity once, with what names its solution; worked out once."""
        if longer not in self._plans:
            self._plans[longer] = {q: self._key(q, longer) for q in self._every()}
        return self._plans[longer]

    def _every(self) -> list[Quantity]:
        return [q for question in self.questions for q in question.quantities]

    def _grid(self) -> int | None:
        """One grid for all games, so that differences between them are not those of grids."""
        if self.grid is not None or not self._hidden:
            return self.grid
        layouts = dict.fromkeys(layout for layout, *_ in self._plan(longer=False).values())
        return min((default_grid_size(self._game(layout)) for layout in layouts), default=None)

    def _key(self, quantity: Quantity, longer: bool) -> SolutionKey:
        variant = quantity.variant
        return self._layout(quantity, longer), variant.given, variant.sharper

    def _layout(self, quantity: Quantity, longer: bool) -> GameVariant:
        plain = GameVariant(quantity.variant.without, quantity.variant.closed, longer=longer)
        if quantity not in self._skipping:
            self._skipping[quantity] = bool(quantity.after) and not self._within_reach(
                plain, quantity
            )
        return GameVariant(plain.without, plain.closed, self._skipping[quantity], longer)

    def _within_reach(self, layout: GameVariant, quantity: Quantity) -> bool:
        game = self._game(layout)
        return all(
            is_seen_in_first_period(
                game, quantity, game.index({**dict(stand), **dict(quantity.start)})
            )
            for stand in self.stands or ((),)
        )

    def _game(self, layout: GameVariant) -> Game:
        """The game of a layout, built when first needed, with every start that is asked."""
        if layout not in self._games:
            same = [
                q
                for q in self._every()
                if (q.variant.without, q.variant.closed) == (layout.without, layout.closed)
            ]
            starts = dict.fromkeys(q.start for q in same)
            self._games[layout] = build(
                self.case,
                starts=[
                    {**dict(stand), **dict(start)}
                    for stand in ((), *self.stands)
                    for start in starts
                ],
                without=layout.without,
                closed=dict(layout.closed),
                tail=self.case.tail + self.case.horizon if layout.longer else None,
                passes=frozenset(p for q in same for p in parties_with_pass_asked(q)),
                direct=any(q.kind in ("plays", "signs") or q.after for q in same),
                skips=layout.skips,
                memory=self.memory,
                like=self._open(layout),
            )
        return self._games[layout]

    def _open(self, layout: GameVariant) -> Game | None:
        """The same game with no table closed, if anything asks for it."""
        asked = any(
            q.variant.without == layout.without and not q.variant.closed for q in self._every()
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
    *,
    grid: int | None = None,
    memory: float = 4e9,
    stands: Sequence[StartOverrides] = (),
) -> QueryPlan:
    """Make questions ready to be answered in many worlds; the games are built when first needed."""
    return QueryPlan(case, tuple(questions), grid, memory, tuple(stands))
