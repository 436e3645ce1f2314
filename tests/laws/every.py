"""The laws: what must hold in every game, whoever solves it.

A law takes a solver and a subject and gives pairs of numbers that must be equal, or in order.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ceasefire.ask import prepare, read_question
from ceasefire.game import build
from ceasefire.game.model import DECISION
from ceasefire.solve import solve
from ceasefire.worlds import draw, run
from ceasefire.worlds.survey import Asking, Reader
from laws import edits
from laws.solvers import DRAWING, EQUILIBRIUM, FOLLOWING, PLAYING, POWER, SOLVERS, TWIN, Solver
from laws.subjects import Subject

ENDS = 1e-4  # a record ends where every belief is as near to certainty


@dataclass(frozen=True)
class Pair:
    """Two numbers of which a law says that they are equal, or that the first is not larger."""

    what: str
    one: float
    other: float
    tolerance: float
    ordered: bool = False

    @property
    def holds(self) -> bool:
        """Phrased so that what is no number breaks the law."""
        gap = self.one - self.other
        return gap <= self.tolerance if self.ordered else abs(gap) <= self.tolerance


Pairs = Iterator[Pair]
Run = Callable[[Solver, Subject], Pairs]


@dataclass(frozen=True)
class Law:
    """A law, whom it binds, and the subjects that it has something to say about."""

    run: Run
    binds: tuple[Solver, ...]
    where: Callable[[Subject], bool]

    @property
    def name(self) -> str:
        """What it says."""
        return self.run.__name__

    def speaks_of(self, solver: Solver, subject: Subject) -> bool:
        """Whether it is to be kept by a solver for a subject."""
        return solver in self.binds and solver.can_answer(subject) and self.where(subject)


LAWS: list[Law] = []


def law(
    *binds: Solver, where: Callable[[Subject], bool] = lambda subject: True
) -> Callable[[Run], Run]:
    """Enter a law into the list of all."""

    def enter(run: Run) -> Run:
        LAWS.append(Law(run, binds, where))
        return run

    return enter


def has_types(subject: Subject) -> bool:
    """Whether anybody has types."""
    return bool(subject.hidden)


def has_unknowns(subject: Subject) -> bool:
    """Whether worlds differ."""
    return any(unknown.kind for unknown in subject.case.unknowns.values())


def same(solver: Solver, one: Subject, other: Subject, tolerance: float = 0.0) -> Pairs:
    """The same chances and values in both."""
    before, after = asked(solver, one), asked(solver, other)
    bound = max(tolerance, solver.exact)
    for what, a, b in zip(one.formulas + tuple(one.parties), before, after, strict=False):
        yield Pair(what, a, b, bound * max(1.0, abs(a)))


def asked(solver: Solver, subject: Subject) -> list[float]:
    """The chance of every formula, and what everybody expects where a solver knows it."""
    questions = [solver.chance(subject, formula) for formula in subject.formulas]
    if solver.values:
        questions += [f"value({party})" for party in subject.parties]
    return solver.answers(subject, questions)


@law(*SOLVERS)
def names_do_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """Parties, moves, variables, values and types called otherwise."""
    yield from same(solver, subject, edits.renamed(subject))


@law(*SOLVERS)
def order_in_the_file_does_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """Everything told in another order, `order` itself left as it is."""
    yield from same(solver, subject, edits.shuffled(subject), 1e-7)


@law(*SOLVERS, where=has_types)
def which_type_is_told_first_does_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """A record turned round is the same record."""
    yield from same(solver, subject, edits.types_reversed(subject), 1e-7)


@law(*SOLVERS)
def constants_do_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """So much more a period changes nothing in play, and values by so much discounted."""
    constants = {party: 0.75 * (-2) ** n for n, party in enumerate(subject.parties)}
    more = edits.with_constants(subject, constants)
    before, after = asked(solver, subject), asked(solver, more)
    case = subject.case
    gains = [0.0] * len(subject.formulas)
    for party, amount in constants.items():
        patience = _patience(subject, party)
        periods = math.inf if case.ending == "lasts" else case.horizon + case.tail
        gains.append(amount * (1.0 - patience**periods) / (1.0 - patience))
    names = subject.formulas + tuple(subject.parties)
    for what, a, b, gain in zip(names, before, after, gains, strict=False):
        yield Pair(what, a + gain, b, max(1e-7, solver.exact) * max(1.0, abs(b)))


def _patience(subject: Subject, party: str) -> float:
    case = subject.case
    game = build(case)
    return float(game.table.evaluate(case.parties[party].patience, game.states[:1], case.best)[0])


@law(*SOLVERS)
def stakes_times_k_are_precision_times_k(solver: Solver, subject: Subject) -> Pairs:
    """Only the product of precision and payoff matters."""
    k = 3.0
    more, sharper = edits.payoffs_times(subject, k), edits.precision_times(subject, k)
    tolerance = max(1e-7, solver.exact)
    one, other = asked(solver, more), asked(solver, sharper)
    names = subject.formulas + tuple(subject.parties)
    for n, (what, a, b) in enumerate(zip(names, one, other, strict=False)):
        size = k if n >= len(subject.formulas) else 1.0
        yield Pair(what, a, size * b, tolerance * max(1.0, abs(a)))
    if solver.plays:
        questions = [f"{solver.chance(subject, f)[:-1]}, sharper={k})" for f in subject.formulas]
        option = solver.answers(subject, questions)
        for what, a, b in zip(names, option, other, strict=False):
            yield Pair(f"{what}, sharper={k}", a, b, tolerance)


@law(*PLAYING)
def without_precision_play_goes_by_weight(solver: Solver, subject: Subject) -> Pairs:
    """Nothing at stake, or nobody who cares, is the same; and each option has its share."""
    careless, free = edits.precision_times(subject, 1e-13), edits.nothing_at_stake(subject)
    chances = [solver.chances(each, subject.formulas) for each in (careless, free)]
    for what, a, b in zip(subject.formulas, *chances, strict=True):
        yield Pair(what, a, b, max(1e-8, solver.exact))
    if solver is EQUILIBRIUM:
        yield from _shares(subject)


def _shares(subject: Subject) -> Pairs:
    """Every choice of the solution at no precision against the weights as written."""
    case = subject.case
    game = build(case)
    play = solve(game, sharper=1e-13, grid=subject.grid)
    weights = {key: move.weight for key, move in case.moves.items()}
    for name, table in case.tables.items():
        weights |= {f"{name}.{key}": deal.weight for key, deal in table.deals.items()}
    written = [
        float(game.table.evaluate(weights[option], game.states[:1], case.best)[0])
        if option in weights
        else 1.0
        for option in game.options
    ]
    worst, chosen = 0.0, 0
    for period in range(game.periods):
        graph = game.graph_of(period)
        for slot in np.flatnonzero(graph.kind == DECISION):
            policy = play.policy(period, int(slot), play.prior_record)
            if not policy.any():
                continue
            branches = range(int(graph.first[slot]), int(graph.first[slot + 1]))
            share = np.array([written[graph.option[b]] for b in branches])
            worst = max(worst, float(np.abs(policy - share / share.sum()).max()))
            chosen += 1
    yield Pair(f"{chosen} choices", worst, 0.0, 1e-9)


@law(*PLAYING)
def ruin_is_never_chosen(solver: Solver, subject: Subject) -> Pairs:
    """A move that nobody can afford is not made, and might as well not exist."""
    ruinous = edits.with_ruin(subject)
    events = [f"eventually(happens({party}.ruin))" for party in subject.parties]
    for event, chance in zip(events, solver.chances(ruinous, events), strict=True):
        yield Pair(event, chance, 0.0, 1e-100)
    yield from same(solver, subject, ruinous, 1e-7)


@law(*SOLVERS)
def what_is_never_used_changes_nothing(solver: Solver, subject: Subject) -> Pairs:
    """A move, deal, table and chance that are never possible, or that are taken away."""
    more = edits.with_what_is_never_used(subject)
    yield from same(solver, subject, more, 1e-7)
    if solver is POWER:
        return
    gone = [f"{next(iter(subject.spec['parties']))}.fly", "miracle"]
    gone += ["heaven"] * (len(subject.parties) > 1)
    before = solver.chances(subject, subject.formulas)
    asked_without = [
        f"{solver.chance(more, f)[:-1]}, without=[{', '.join(gone)}])" for f in subject.formulas
    ]
    for what, a, b in zip(
        subject.formulas, before, solver.answers(more, asked_without), strict=True
    ):
        yield Pair(f"{what}, without", a, b, max(1e-7, solver.exact))


@law(EQUILIBRIUM, TWIN, where=has_types)
def beliefs_are_martingales(solver: Solver, subject: Subject) -> Pairs:
    """What an observer expects to believe later, by its own prior, is what it believes now."""
    for party in subject.hidden:
        kind = subject.types(party)[0]
        for observer in ("analyst", *(name for name in subject.parties if name != party)):
            seen = subject if observer == "analyst" else edits.seen_by(subject, observer)
            horizon = subject.case.horizon
            asked_at = [f"belief({party}.{kind}, by={observer}, at={n})" for n in (0, 1, horizon)]
            now, *later = solver.answers(seen, asked_at)
            for n, belief in zip((1, horizon), later, strict=True):
                yield Pair(f"{observer} of {party} after {n}", belief, now, ENDS)


@law(*PLAYING)
def chances_add_up(solver: Solver, subject: Subject) -> Pairs:
    """Of what excludes each other the chances add up; of opposites, to one."""
    formulas = subject.formulas
    pairs = list(zip(formulas, (*formulas[1:], formulas[0]), strict=True))
    shapes = ("({0})", "not ({0})", "({0}) and ({1})", "({0}) and not ({1})", "({0}) or ({1})")
    found = solver.chances(subject, [shape.format(f, g) for shape in shapes for f, g in pairs])
    whole, rest, both, only, either = np.array(found).reshape(len(shapes), len(pairs)).tolist()
    for n, f in enumerate(formulas):
        if solver.name in ("equilibrium", "twin"):
            yield Pair(f"{f} or not", whole[n] + rest[n], 1.0, 1e-9)
        yield Pair(f"{f} split", both[n] + only[n], whole[n], 1e-9)
        other = whole[(n + 1) % len(formulas)]
        yield Pair(f"{f} or else", both[n] + either[n], whole[n] + other, 1e-9)


@law(*SOLVERS)
def looking_longer_only_helps_what_is_to_happen(solver: Solver, subject: Subject) -> Pairs:
    """`eventually` grows with the periods looked at, `always` falls, and both meet `at_end`."""
    horizon = subject.case.horizon
    times = sorted({0, 1, horizon // 2, horizon})
    grows = [f for f in subject.formulas if f.startswith("eventually") and " and " not in f]
    tests = [f.removeprefix("at_end") for f in subject.formulas if f.startswith("at_end")]
    grows += [f"eventually{test}" for test in tests]
    shapes = [f"{f} within {n}" for f in grows for n in times]
    asked_at = [f"{solver.chance(subject, f)[:-1]}, within={n})" for f in grows for n in times]
    found = solver.answers(subject, asked_at)
    for (what, a), (then, b) in pairwise(zip(shapes, found, strict=True)):
        if what.split(" within ")[0] == then.split(" within ")[0]:
            yield Pair(f"{what} and {then}", a, b, 1e-12, ordered=True)
    chain = ["always({0})", "at_end({0})", "eventually({0})"]
    chain += [f"lasting({{0}}, {n})" for n in (1, min(2, horizon))]
    found = solver.chances(subject, [shape.format(t[1:-1]) for t in tests for shape in chain])
    for test, row in zip(tests, np.array(found).reshape(len(tests), -1).tolist(), strict=True):
        always, end, ever, once, twice = row
        yield Pair(f"always{test}", always, end, 1e-12, ordered=True)
        yield Pair(f"at_end{test}", end, ever, 1e-12, ordered=True)
        yield Pair(f"lasting{test}", twice, once, 1e-12, ordered=True)
        yield Pair(f"lasting{test} once", once, ever, 1e-12, ordered=True)


@law(POWER)
def what_some_can_secure_others_cannot_prevent(solver: Solver, subject: Subject) -> Pairs:
    """Power grows with the coalition and is just what the others leave; play lies between."""
    parties = subject.parties
    crowds = [parties[:n] for n in range(len(parties) + 1)]
    played = EQUILIBRIUM.chances(subject, subject.formulas)
    for formula, chance in list(zip(subject.formulas, played, strict=True))[::2]:
        mine = [f"can([{', '.join(crowd)}], {formula})" for crowd in crowds]
        theirs = [f"can([{', '.join(parties[n:])}], not ({formula}))" for n in range(len(crowds))]
        found = solver.answers(subject, [*mine, *theirs])
        secured, left = found[: len(crowds)], found[len(crowds) :]
        for n, (a, b) in enumerate(pairwise(secured)):
            yield Pair(f"{formula} by {n} and {n + 1}", a, b, 1e-12, ordered=True)
        for n, (a, b) in enumerate(zip(secured, left, strict=True)):
            yield Pair(f"{formula} by {n} and against", a, 1.0 - b, 1e-12)
        yield Pair(f"{formula} by nobody", secured[0], chance, 1e-9, ordered=True)
        yield Pair(f"{formula} by all", chance, secured[-1], 1e-9, ordered=True)


@law(*PLAYING, where=lambda subject: bool(subject.case.best))
def the_first_world_is_the_best(solver: Solver, subject: Subject) -> Pairs:
    """Every unknown given its best estimate changes nothing."""
    best = subject.case.best
    given = ", ".join(f"{name}: {value!r}" for name, value in best.items())
    questions = [solver.chance(subject, formula) for formula in subject.formulas]
    before = solver.answers(subject, questions)
    after = solver.answers(
        subject, [f"{question[:-1]}, given={{{given}}})" for question in questions]
    )
    for what, a, b in zip(subject.formulas, before, after, strict=True):
        yield Pair(what, a, b, 0.0)


@law(EQUILIBRIUM, FOLLOWING, DRAWING, where=has_unknowns)
def how_worlds_are_dealt_out_does_not_matter(solver: Solver, subject: Subject) -> Pairs:
    """Answers stand by the world alone: one batch or two, whatever came before."""
    texts = [solver.chance(subject, formula) for formula in subject.formulas[:3]]
    questions = [read_question(subject.case, text) for text in texts]
    few, many = draw(subject.case, 2, 3), draw(subject.case, 4, 3)

    def task() -> Callable[[dict[str, float]], tuple[float, ...]]:
        read = Reader(prepare(subject.case, questions, grid=subject.grid))
        return lambda world: read(Asking(world)).values

    one, two = run(task(), many, 1), run(task(), few, 1)
    last = task()(many[4])
    for n, text in enumerate(texts):
        for world in (1, 2):
            yield Pair(f"{text} in {world}", one.answers[world][n], two.answers[world][n], 0.0)
        yield Pair(f"{text} in 4", one.answers[4][n], last[n], 0.0)
