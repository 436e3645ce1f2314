"""Does a claim depend on who moves last, on how play ends, or on which equilibrium is played?

Order and ending have to be written down, often without a reason. So every claim is asked again at
the best estimates with the steps in the opposite order, and with the other ending; and, where play
comes to a decision with several fixed points, with each of the others that can be chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ceasefire.ensemble.ask_questions import (
    RULE_CHANGE_WORDS,
    ask_at_other_selections,
    ask_under_changed_rules,
)
from ceasefire.ensemble.run import JobProgressCallback, run_jobs, workers_at_once
from ceasefire.query import QueryPlan, WorldResult
from ceasefire.query.numerical_quality import finite_or_none
from ceasefire.query.plan import WHOLE, OtherSelection, RuleChange
from ceasefire.stopping import limited_to, stop_if_asked


@dataclass(frozen=True)
class OtherVerdict:
    """What a claim is at the best estimates where a rule, or the equilibrium played, is another.

    best        whether its test is true then; None without an answer
    quantities  (text, number) of each of its quantities then
    selection   the equilibrium that is played then; None where a rule was changed
    """

    best: bool | None
    quantities: tuple[tuple[str, float | None], ...]
    selection: OtherSelection | None = None

    def as_json(self) -> dict[str, Any]:
        """The verdict with its quantities, as `check --json` prints it."""
        played = {} if self.selection is None else {"selection": self.selection}
        return played | {
            "best": self.best,
            "quantities": [
                {"expr": text, "best": finite_or_none(value)} for text, value in self.quantities
            ],
        }


MOST_WORLDS_ASKED, WORLDS_FOR_ONE_ASKED = 16, 8


@dataclass(frozen=True)
class SelectionOverWorlds:
    """In how many drawn worlds a claim depends on which equilibrium is played.

    looked_at  in how many worlds decisions with several fixed points were looked for
    several    in how many of them play comes to one, so that the claim was asked again
    depends    in how many of these its verdict is another with `selection=telling` or `silent`
    """

    looked_at: int
    several: int
    depends: int

    def as_json(self) -> dict[str, int]:
        """The three counts, as `check --json` prints them."""
        return {"looked_at": self.looked_at, "several": self.several, "depends": self.depends}


@dataclass(frozen=True)
class RuleDependence:
    """The claims that depend on who moves last, on how play ends, or on the equilibrium played.

    verdicts    for each rule that was changed, by number of the claim, the verdicts that changed
    selections  by number of the claim, the first other equilibrium whose verdict is another
    whole_branch  by number of the claim, the verdict on the branch for the whole game, if another
    impossible  why a game with a rule changed cannot be played, or was not; it marks nothing
    """

    verdicts: Mapping[RuleChange, Mapping[int, OtherVerdict]] = field(default_factory=dict)
    impossible: tuple[str, ...] = ()
    selections: Mapping[int, OtherVerdict] = field(default_factory=dict)
    whole_branch: Mapping[int, OtherVerdict] = field(default_factory=dict)

    def verdict(self, change: RuleChange, claim_index: int) -> OtherVerdict | None:
        """The changed verdict of a claim; None if it is the same, or was not asked.

        change       the rule that was changed
        claim_index  which claim
        """
        return self.verdicts.get(change, {}).get(claim_index)


def find_rule_dependence(
    plan: QueryPlan,
    best: WorldResult,
    *,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> RuleDependence:
    """Ask tests again with the order, the ending, or the equilibrium that is played changed.

    plan      the tests, with the games that they need
    best      what they are at the best estimates
    workers   processes at work; if None this one, and all cores if that takes more than a moment
    progress  called with the number of readings done, and of all

    Raises KeyboardInterrupt if Ctrl-C leaves a reading undone.

    >>> from ceasefire.case import loads
    >>> from ceasefire.query import plan_questions, read_question
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {precision: 1000}, b: {precision: 1000}}
    ... state: {hill: {values: [nobody, held_by_a, held_by_b], start: nobody}}
    ... payoffs: {a: {hill: hill == held_by_a}, b: {hill: hill == held_by_b}}
    ... moves:
    ...   a.claim: {by: a, set: {hill: held_by_a}}
    ...   b.claim: {by: b, set: {hill: held_by_b}}
    ... ''')
    >>> plan = plan_questions(case, [read_question(case, "P(at_end(hill == held_by_b)) > 0.5")])
    >>> found = find_rule_dependence(plan, plan.evaluate_world(), workers=1)
    >>> found.verdict("opposite order", 0).best, found.verdict("other ending", 0)
    (False, None)
    """
    done = ask_under_changed_rules(plan, workers=workers, progress=progress)
    if done.interrupted:
        raise KeyboardInterrupt
    played = ask_at_other_selections(plan, best, workers=workers, progress=progress)
    selections, whole_branch = _other_selections(plan, best, played.answers)
    return RuleDependence(
        {change: _changed_verdicts(plan, best, other) for change, other in done.answers.items()},
        (
            *(f"{RULE_CHANGE_WORDS[change]}: {why}" for change, why in done.failed.items()),
            *(f"with selection={name}: {why}" for name, why in played.failed.items()),
        ),
        selections,
        whole_branch,
    )


def find_selection_dependence(
    plan: QueryPlan,
    worlds: Mapping[int, Mapping[str, float]],
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
    budget: float | None = None,
) -> dict[int, SelectionOverWorlds]:
    """In how many drawn worlds each test depends on which equilibrium is played, by its number.

    plan      the tests, with the games that they need
    worlds    the drawn worlds by number; one in eight is looked at, sixteen at most, spread evenly
    workers   as for `find_rule_dependence`
    progress  called with the number of worlds looked at, and of all
    budget    seconds after which no more worlds are looked at; None for as long as it takes

    Nothing where no party has types and none choose at one moment, or where play nowhere comes to a
    decision with several fixed points.
    """
    count = min(MOST_WORLDS_ASKED, len(worlds) // WORLDS_FOR_ONE_ASKED)
    may_have_several = plan.case.has_types or plan.case.has_moments
    if not may_have_several or not count:
        return {}
    numbers = sorted(worlds)
    chosen = [numbers[(2 * k + 1) * len(numbers) // (2 * count)] for k in range(count)]
    jobs = {number: worlds[number] for number in chosen}
    with limited_to(budget) as limit:
        at_once = workers_at_once(plan, workers)
        done = run_jobs(plan.tests_that_depend_on_selection, jobs, at_once, progress)
    if done.interrupted and (limit is None or not limit.over):
        raise KeyboardInterrupt
    stop_if_asked()
    several = [changed for changed in done.answers.values() if changed is not None]
    if not several:
        return {}
    return {
        number: SelectionOverWorlds(
            len(done.answers), len(several), sum(number in changed for changed in several)
        )
        for number in range(len(plan.questions))
    }


def _other_selections(
    plan: QueryPlan, best: WorldResult, played: Mapping[OtherSelection, WorldResult]
) -> tuple[dict[int, OtherVerdict], dict[int, OtherVerdict]]:
    """The first other equilibrium that changes each verdict, and the whole branch where it does."""
    first: dict[int, OtherVerdict] = {}
    whole: dict[int, OtherVerdict] = {}
    for selection, other in played.items():
        for number, verdict in _changed_verdicts(plan, best, other).items():
            first.setdefault(number, replace(verdict, selection=selection))
            if selection == WHOLE:
                whole[number] = replace(verdict, selection=selection)
    return first, whole


def _changed_verdicts(
    plan: QueryPlan, best: WorldResult, other: WorldResult
) -> dict[int, OtherVerdict]:
    def numbers(number: int) -> Sequence[tuple[str, float | None]]:
        named = zip(plan.questions[number].quantities, other.quantity_values[number], strict=True)
        return [(quantity.text, value.value) for quantity, value in named]

    return {
        number: OtherVerdict(other.test_result(number), tuple(numbers(number)))
        for number in range(len(plan.questions))
        if other.test_result(number) is not best.test_result(number)
    }
