"""Formulas on written-out plays: every automaton against the definition it stands for."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.case import NameScope, Variable, bind_expression
from ceasefire.errors import QuestionError
from ceasefire.game import Automaton
from ceasefire.query import automata
from ceasefire.query.ast import (
    AtomicFormula,
    CompoundFormula,
    EventCondition,
    Formula,
    StateCondition,
)
from ceasefire.query.automata import build_formula_automaton

FLAG = Variable(kind="boolean", values=(False, True), start=False)
SCOPE = NameScope(variables={"c": FLAG, "d": FLAG})
C, D = StateCondition(bind_expression("c", SCOPE)), StateCondition(bind_expression("d", SCOPE))
A, B = EventCondition(frozenset({"a"})), EventCondition(frozenset({"b"}))
LABELS = [frozenset[str](), frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"})]
CLASSES = list(product((False, True), repeat=2))

FORMULA_OF_EVERY_KIND = CompoundFormula(
    "or",
    (
        AtomicFormula("lasting", (C,), 2),
        CompoundFormula("and", (AtomicFormula("until", (C, D)), AtomicFormula("eventually", (A,)))),
        CompoundFormula(
            "and",
            (
                CompoundFormula("not", (AtomicFormula("always", (D,)),)),
                AtomicFormula("at_end", (C,)),
            ),
        ),
    ),
)

# A play: the start state, then periods of (label of each step, state at the end).
Play = tuple[tuple[bool, bool], list[tuple[list[int], tuple[bool, bool]]]]


def run(machine: Automaton, play: Play) -> list[bool]:
    """Feed a play to an automaton, and say whether each of its formulas accepts it."""
    places = [(C.expression, D.expression).index(c) for c in machine.conditions]

    def kind(state: tuple[bool, bool]) -> int:
        return int(machine.classes_of_states(np.array([[state[place] for place in places]]))[0])

    start, periods = play
    q = machine.initial_state[kind(start)]
    for labels, state in periods:
        for label in labels:
            q = machine.label_transition[label, q]
        q = machine.period_end_transition[kind(state), q]
    return [bool(accepts) for accepts in machine.accepting[q]]


def moments(play: Play) -> list[tuple[bool, tuple[bool, bool], frozenset[str]]]:
    """Every moment in order: is it a period's end, its state, its events."""
    start, periods = play
    found = [(True, start, frozenset[str]())]
    for labels, state in periods:
        found += [(False, (False, False), LABELS[label]) for label in labels]
        found.append((True, state, frozenset()))
    return found


def true(formula: Formula, play: Play) -> bool:
    """The formula by its definition, on the whole play at once."""
    if isinstance(formula, CompoundFormula):
        parts = [true(part, play) for part in formula.parts]
        return {"and": all(parts), "or": any(parts), "not": not parts[0]}[formula.operator]

    def at(condition, moment) -> bool:  # type: ignore[no-untyped-def]
        is_end, state, events = moment
        if isinstance(condition, EventCondition):
            return bool(condition.events & events)
        return is_end and state[(C, D).index(condition)]

    every = moments(play)
    first, *rest = formula.conditions
    hits = [n for n, moment in enumerate(every) if at(first, moment)]
    ends = [at(first, moment) for moment in every if moment[0]]
    if formula.kind == "eventually":
        return bool(hits)
    if formula.kind == "always":
        return all(ends)
    if formula.kind == "at_end":
        return ends[-1]
    if formula.kind == "lasting":
        n, later = formula.count, ends[1:]
        return any(all(later[i : i + n]) for i in range(len(later) - n + 1))
    if formula.kind == "before":
        others = [n for n, moment in enumerate(every) if at(rest[0], moment)]
        return bool(hits) and (not others or hits[0] < others[0])
    second = [at(rest[0], moment) for moment in every if moment[0]]
    return any(second[i] and all(ends[:i]) for i in range(len(second)))


ATOMS = [
    *(AtomicFormula("eventually", (x,)) for x in (C, D, A)),
    *(AtomicFormula("always", (x,)) for x in (C, D)),
    AtomicFormula("at_end", (C,)),
    AtomicFormula("until", (C, D)),
    *(AtomicFormula("before", pair) for pair in ((A, B), (C, B), (A, D), (C, D), (A, A))),
    *(AtomicFormula("lasting", (C,), n) for n in range(4)),
]
formulas = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        inner.map(lambda f: CompoundFormula("not", (f,))),
        st.tuples(inner, inner).map(lambda two: CompoundFormula("and", two)),
        st.tuples(inner, inner).map(lambda two: CompoundFormula("or", two)),
    ),
    max_leaves=3,
)
states = st.tuples(st.booleans(), st.booleans())
period = st.tuples(st.lists(st.integers(0, 3), max_size=3), states)
plays = st.tuples(states, st.lists(period, max_size=6))


@settings(max_examples=400)
@given(st.lists(formulas, min_size=1, max_size=2), plays)
def test_automaton_agrees_with_the_definition(some, play):
    assert run(build_formula_automaton(some, LABELS), play) == [
        true(formula, play) for formula in some
    ]


@pytest.mark.parametrize(
    ("formula", "states"),
    [
        (AtomicFormula("eventually", (C,)), 2),
        (AtomicFormula("lasting", (C,), 12), 13),
        (AtomicFormula("before", (A, B)), 3),
        (CompoundFormula("or", (ATOMS[0], CompoundFormula("not", (ATOMS[0],)))), 1),
        (
            CompoundFormula(
                "and", (AtomicFormula("always", (C,)), AtomicFormula("eventually", (C,)))
            ),
            2,
        ),
    ],
)
def test_equivalent_automaton_states_are_merged(formula, states):
    assert build_formula_automaton([formula], LABELS).state_count <= states


def test_formulas_read_the_start_state_except_lasting():
    play: Play = ((True, False), [([], (False, False))])
    found = run(
        build_formula_automaton(
            [AtomicFormula("eventually", (C,)), AtomicFormula("lasting", (C,), 1)], LABELS
        ),
        play,
    )
    assert found == [True, False]


def test_events_of_one_step_are_not_before_each_other():
    play: Play = ((False, False), [([3], (False, False))])
    assert run(build_formula_automaton([AtomicFormula("before", (A, B))], LABELS), play) == [False]


def test_an_event_comes_before_the_end_of_its_period():
    play: Play = ((False, False), [([1], (False, True))])
    assert run(
        build_formula_automaton(
            [AtomicFormula("before", (A, D)), AtomicFormula("before", (D, A))], LABELS
        ),
        play,
    ) == [
        True,
        False,
    ]


def test_lasting_restarts_after_a_gap():
    yes, no = (True, False), (False, False)
    broken: Play = (no, [([], state) for state in (yes, no, yes, no)])
    whole: Play = (no, [([], state) for state in (yes, no, yes, yes)])
    machine = build_formula_automaton([AtomicFormula("lasting", (C,), 2)], LABELS)
    assert [run(machine, play) for play in (broken, whole)] == [[False], [True]]


@pytest.mark.parametrize("states", [[0, 1, 2, 3], [3, 0, 0, 2, 1, 2]])
def test_an_expanded_automaton_steps_like_its_classes(states):
    """Row x of an expanded automaton is the row of the class of state x, in every table."""
    machine = build_formula_automaton([FORMULA_OF_EVERY_KIND], LABELS)
    holds = machine.classes[states]
    expanded = machine.expand(machine.classes_of_states(holds))
    assert not expanded.conditions
    assert expanded.state_count == machine.state_count > 2
    assert (expanded.accepts() == machine.accepts()).all()
    assert (expanded.label_transition == machine.label_transition).all()
    assert len(set(machine.period_end_transition[:, 0].tolist())) > 1
    for state, number in enumerate(states):
        assert expanded.initial_state[state] == machine.initial_state[number]
        targets = expanded.period_end_transition[state].tolist()
        assert targets == machine.period_end_transition[number].tolist()


def test_the_always_accepting_automaton_accepts_every_play():
    accepting = Automaton.always_accepting(states=3, labels=len(LABELS))
    assert accepting.accepts().tolist() == [True]
    assert accepting.initial_state.tolist() == [0] * 3
    assert accepting.label_transition.tolist() == [[0]] * len(LABELS)
    assert accepting.period_end_transition.tolist() == [[0]] * 3


@pytest.mark.parametrize("seed", range(5))
def test_merging_automaton_states_changes_no_verdict(monkeypatch, seed):
    draw = np.random.default_rng(seed)
    merged = build_formula_automaton([FORMULA_OF_EVERY_KIND], LABELS)
    monkeypatch.setattr(automata, "MOST_STATES_MINIMISED", 0)
    whole = build_formula_automaton([FORMULA_OF_EVERY_KIND], LABELS)
    assert merged.state_count < whole.state_count
    start, *ends = [CLASSES[n] for n in draw.integers(len(CLASSES), size=6)]
    play: Play = (start, [(draw.integers(len(LABELS), size=2).tolist(), end) for end in ends])
    assert run(merged, play) == run(whole, play)


def test_an_undeclared_label_class_is_refused():
    machine = build_formula_automaton(
        [AtomicFormula("eventually", (C,))], LABELS, np.array([[True]])
    )
    with pytest.raises(KeyError):
        machine.classes_of_states(np.array([[False]]))


def test_long_lasting_counts_work_and_too_many_conditions_are_refused():
    assert (
        build_formula_automaton([AtomicFormula("lasting", (C,), 20_000)], LABELS).state_count
        == 20_001
    )
    many = [StateCondition(bind_expression(f"c + {n}", SCOPE)) for n in range(21)]
    with pytest.raises(QuestionError, match="21 different ones"):
        build_formula_automaton(
            [AtomicFormula("always", (condition,)) for condition in many], LABELS
        )
    with pytest.raises(QuestionError, match="where beliefs are read"):
        build_formula_automaton(
            [AtomicFormula("always", (condition,)) for condition in many[:9]], LABELS
        )
