"""Laws of probability: of beliefs, formulas, power, and the worlds they are asked in."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from ceasefire.ensemble import draw_worlds, run_worlds
from ceasefire.query import plan_questions, read_question
from ceasefire.query.plan import ReadSettings
from ceasefire.settings import SolveSettings
from laws import edits
from laws.law import Pair, Pairs, has_unknowns, keeps_types, law
from laws.solvers import DRAWING, EQUILIBRIUM, FOLLOWING, PLAYING, POWER, SOLVERS, TWIN, Solver
from laws.subjects import Subject

ENDS = 1e-4  # a record ends where every belief is as near to certainty


@law(EQUILIBRIUM, TWIN, where=keeps_types)
def beliefs_are_martingales(solver: Solver, subject: Subject) -> Pairs:
    """What an observer expects to believe later, by its own prior, is what it believes now."""
    for party in subject.hidden:
        kind = subject.types(party)[0]
        knowers = [name for name, each in subject.case.parties.items() if party in each.knows]
        others = [name for name in subject.parties if name not in (party, *knowers)]
        for observer in ("analyst", *others):
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


@law(*PLAYING, where=lambda subject: bool(subject.case.best_estimates))
def the_first_world_is_the_best(solver: Solver, subject: Subject) -> Pairs:
    """Every unknown given its best estimate changes nothing."""
    best = subject.case.best_estimates
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
    few, many = draw_worlds(subject.case, 2, 3), draw_worlds(subject.case, 4, 3)

    def task() -> Callable[[dict[str, float]], tuple[float, ...]]:
        plan = plan_questions(subject.case, questions, SolveSettings(subject.grid))
        return lambda world: plan.evaluate_as(ReadSettings(world)).values

    one, two = run_worlds(task(), many, 1), run_worlds(task(), few, 1)
    last = task()(many[4])
    for n, text in enumerate(texts):
        for world in (1, 2):
            yield Pair(f"{text} in {world}", one.answers[world][n], two.answers[world][n], 0.0)
        yield Pair(f"{text} in 4", one.answers[4][n], last[n], 0.0)
