"""The goals of a case's claims, for programs that ask what a coalition can secure."""

from collections.abc import Iterator
from dataclasses import dataclass

from ceasefire.case import Case
from ceasefire.game import Automaton, Game, build
from ceasefire.query.ast import Formula, GameModification, Quantity, belief_terms_of_formula
from ceasefire.query.automata import automaton_with_classes
from ceasefire.query.parser import read_claim
from ceasefire.query.plan import parties_with_pass_asked
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings


@dataclass(frozen=True)
class CoalitionGoal:
    """A formula, who is asked to secure it, and for how many periods one looks.

    coalition  its members; None where the question names none and all parties together are asked
               for the most and the least they can bring about
    periods    after how many periods one looks
    automaton  the formula's automaton, by classes of public states
    initial_state  the automaton's state once the start of play has been read
    """

    text: str
    claim: str
    coalition: tuple[str, ...] | None
    periods: int
    automaton: Automaton
    initial_state: int


def read_coalition_goals(
    case: Case, settings: SolveSettings = DEFAULT_SETTINGS
) -> tuple[Game, list[CoalitionGoal], list[str]]:
    """The game, the goals in its claims, and a sentence for each that has no place in it.

    A goal is the formula of a `can(...)`, with its coalition, or of a `P(...)`, with none.
    """
    asked = list(_quantities_in_claims(case))
    kept = [(claim, q) for claim, q in asked if not _reason_left_out(q)]
    passes = frozenset(party for _, q in kept for party in parties_with_pass_asked(q))
    game = build(case, passes=passes, memory=settings.memory)
    start, world = game.start_state({}), dict(case.best_estimates)
    automata: dict[Formula, tuple[Automaton, int]] = {}
    goals = []
    for claim, quantity in kept:
        formula = quantity.formula
        assert formula is not None
        if formula not in automata:
            automaton, class_of_state = automaton_with_classes(game, [formula], world)
            initial_state = int(automaton.initial_state[class_of_state[start]])
            automata[formula] = automaton, initial_state
        automaton, initial_state = automata[formula]
        goals.append(
            CoalitionGoal(
                text=quantity.text,
                claim=claim,
                coalition=quantity.coalition if quantity.kind == "can" else None,
                periods=case.horizon if quantity.periods is None else quantity.periods,
                automaton=automaton,
                initial_state=initial_state,
            )
        )
    left: dict[tuple[str, str], list[str]] = {}
    for claim, quantity in asked:
        if why := _reason_left_out(quantity):
            left.setdefault((claim, why), []).append(quantity.text)
    said = [
        f"Claim {claim} asks for {why}, and is left out: {', '.join(texts)}."
        for (claim, why), texts in left.items()
    ]
    return game, goals, said


def _quantities_in_claims(case: Case) -> Iterator[tuple[str, Quantity]]:
    for claim, one in case.claims.items():
        for quantity in read_claim(case, one).quantities:
            yield claim, quantity


def _reason_left_out(quantity: Quantity) -> str:
    """Why a quantity is no goal in the game as it stands; empty if it is one."""
    if quantity.kind not in ("can", "P") or quantity.formula is None:
        return "what is played, believed or got, not for what can be secured"
    if belief_terms_of_formula(quantity.formula):
        return "what is believed"
    if quantity.after:
        return "what comes once choices were made (after)"
    if quantity.modification != GameModification() or quantity.start:
        return "another game (start, without, closed, given or sharper)"
    if quantity.types:
        return "what holds for some types"
    if quantity.provided is not None:
        return "a probability under a condition"
    return ""
