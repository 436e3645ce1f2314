"""What follows from each way to write a case, and which option or expert turns a claim?

A world is drawn with one option of every alternative, so that the worlds of one option are a sample
of what follows from it. At the best estimates every combination of options is solved, each with its
own best estimates, and every expert alone: the unknowns at the expert's own medians.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ceasefire.case import Case, Coding, describe_coding
from ceasefire.ensemble.run import EnsembleRun, JobProgressCallback, run_jobs
from ceasefire.ensemble.statistics import ShareOfWorlds, count_true_worlds
from ceasefire.query import QueryPlan, World, WorldResult
from ceasefire.query.plan import ReadSettings
from ceasefire.results import format_count

SharesByOption = Mapping[str, Mapping[str, ShareOfWorlds]]
LEAST_SPREAD = 0.1  # between the shares of two options, for a word on it


def shares_by_option(run: EnsembleRun, question_index: int) -> SharesByOption:
    """The share of worlds in which a test is true, for each option that worlds have.

    Alternatives of which all worlds have the same option are left out.

    run             a run over worlds
    question_index  which of its questions, a test
    """
    drawn, options = run.drawn, run.plan.case.drawn_options
    if drawn is None or not options:
        return {}
    truths: dict[tuple[str, str], list[bool | None]] = {
        (name, option): [] for name, listed in options.items() for option in listed
    }
    for number, truth in run.truth_by_world(question_index).items():
        for pair in drawn.coding_of(number):
            if pair in truths:
                truths[pair].append(truth)
    return {
        name: {option: count_true_worlds(truths[name, option]) for option in listed}
        for name, listed in options.items()
    }


@dataclass(frozen=True)
class CodingVerdicts:
    """How a test comes out at the best estimates, however the case is written.

    first    the options that come first
    truths   whether it is true under each coding, `first` among them
    experts  whether it is true at each expert's own medians; empty without experts
    """

    first: Coding
    truths: Mapping[Coding, bool | None]
    experts: Mapping[str, bool | None] = field(default_factory=dict)

    @property
    def best(self) -> bool | None:
        """Whether it is true with the options that come first."""
        return self.truths[self.first]

    @property
    def true_count(self) -> int:
        """Under how many codings it is true."""
        return sum(truth is True for truth in self.truths.values())

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Every option of every alternative, in the order of the case."""
        every = dict.fromkeys(pair for coding in self.truths for pair in coding)
        return tuple(pair for name, _ in self.first for pair in every if pair[0] == name)

    def alone(self, alternative: str, option: str) -> bool | None:
        """Whether it is true with one option, all others being the first ones."""
        return self.truths[
            tuple((name, option if name == alternative else own) for name, own in self.first)
        ]

    @property
    def turning_options(self) -> tuple[tuple[str, str], ...]:
        """The options each of which turns it alone, in the order of the case."""
        if self.best is None:
            return ()
        return tuple(pair for pair in self.options if self.alone(*pair) is (not self.best))

    @property
    def turning_experts(self) -> tuple[str, ...]:
        """The experts at whose own medians it comes out otherwise."""
        if self.best is None:
            return ()
        return tuple(name for name, truth in self.experts.items() if truth is (not self.best))

    @property
    def decisive_option(self) -> tuple[str, str] | None:
        """The option, not a first one, that is all that turns it: with it, and only with it."""
        for pair in self.turning_options:
            if all((truth is not self.best) is (pair in c) for c, truth in self.truths.items()):
                return pair
        return None

    def as_json(self) -> dict[str, Any]:
        """Under how many codings it is true, under which, and each option alone."""
        options: dict[str, dict[str, bool | None]] = {}
        for name, option in self.options:
            options.setdefault(name, {})[option] = self.alone(name, option)
        return {
            "n": len(self.truths),
            "true": self.true_count,
            "true_with": [dict(coding) for coding, truth in self.truths.items() if truth is True],
            "options": options,
        }

    def turned_by_as_json(self) -> list[dict[str, str]]:
        """The options and the experts that turn it alone."""
        options = [{"alternative": name, "option": one} for name, one in self.turning_options]
        return [*options, *({"expert": name} for name in self.turning_experts)]


def find_coding_verdicts(
    plan: QueryPlan,
    best: WorldResult,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> dict[int, CodingVerdicts]:
    """Every test under every coding and at every expert's medians, by number of the question.

    plan      the questions, with the games they need
    best      the answers at the best estimates
    workers   processes at work; None takes one for each core
    progress  called with the number of codings and experts asked, and of all

    Nothing for a case without alternatives and experts. Where a game is impossible, a truth is
    None. Raises KeyboardInterrupt if Ctrl-C leaves a reading undone.
    """
    case = plan.case
    first = tuple(case.chosen.items())
    jobs: dict[Coding | str, ReadSettings] = {}
    for one in case.codings:
        coding = tuple(one.chosen.items())
        if coding != first:
            jobs[coding] = ReadSettings(World(one.best_estimates, coding))
    for name in case.experts:
        jobs[name] = ReadSettings(World(medians_of_expert(case, name), first))
    if not jobs:
        return {}
    ran = run_jobs(plan.evaluate_as, jobs, workers, progress)
    if ran.interrupted:
        raise KeyboardInterrupt
    done = ran.answers
    codings = [tuple(one.chosen.items()) for one in case.codings] or [()]
    found = {}
    for number in range(len(plan.questions)):
        truths = {
            coding: (best if coding == first else done[coding]).test_result(number)
            if coding == first or coding in done
            else None
            for coding in codings
        }
        experts = {
            name: done[name].test_result(number) if name in done else None for name in case.experts
        }
        found[number] = CodingVerdicts(first, truths, experts)
    return found


def medians_of_expert(case: Case, expert: str) -> dict[str, float]:
    """Every unknown at the median of one expert; at best where the expert says nothing of it.

    case    the case
    expert  one of its experts
    """
    return {
        name: unknown.experts[expert].points[1] if expert in unknown.experts else unknown.best
        for name, unknown in case.unknowns.items()
    }


def describe_coding_verdicts(found: CodingVerdicts) -> str:
    """Under how many codings a claim is true, and what makes it so; nothing without alternatives.

    found  how it comes out at the best estimates

    >>> first, other = (("truce", "any_time"),), (("truce", "after_pact"),)
    >>> describe_coding_verdicts(CodingVerdicts(first, {first: False, other: True}))
    'true in 1 of 2 codings; only truce: after_pact makes it true'
    >>> describe_coding_verdicts(CodingVerdicts(first, {first: True, other: True}))
    'true in both codings'
    """
    count, true = len(found.truths), found.true_count
    if count < 2:
        return ""
    every = "both codings" if count == 2 else f"all {format_count(count, 'coding')}"
    if true == count:
        return f"true in {every}"
    if all(truth is False for truth in found.truths.values()):
        return f"false in {every}"
    lead = f"true in {true} of {format_count(count, 'coding')}"
    if (pair := found.decisive_option) is not None:
        return f"{lead}; only {describe_coding((pair,))} makes it {_word(not found.best)}"
    if turning := found.turning_options:
        named = " or ".join(describe_coding((pair,)) for pair in turning)
        return f"{lead}; {named} alone makes it {_word(not found.best)}"
    return f"{lead}; no option alone turns it"


def _word(truth: bool) -> str:
    return "true" if truth else "false"


def widest_alternative(shares: SharesByOption) -> tuple[str, str, str] | None:
    """The alternative whose options differ most, with its option of least and of largest share.

    shares  the share for each option of each alternative

    None where no two options differ by a tenth.
    """
    spreads: dict[tuple[str, str, str], float] = {}
    for name, options in shares.items():
        known = {option: one.share for option, one in options.items() if one.share is not None}
        if known:
            low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
            spreads[name, low, high] = known[high] - known[low]
    widest = max(spreads, key=spreads.__getitem__, default=None)
    return widest if widest is not None and spreads[widest] >= LEAST_SPREAD else None
