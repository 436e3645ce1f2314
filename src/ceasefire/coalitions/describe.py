"""Which rule does a strategy follow? In words, by the fewest variables that tell its choices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ceasefire.coalitions.maxmin import StrategyChoice, maxmin_strategy
from ceasefire.coalitions.stationary import stationary_strategy
from ceasefire.game import Automaton, Game, GameParameters


@dataclass(frozen=True)
class StrategyRule:
    """What one party does on one subject: its choices by state, and the same in words.

    subject  a deal put to it, `offers at` a table, or `moves`
    words    the rule in one sentence
    choices_by_state  each state, the periods and the choice there
    """

    party: str
    subject: str
    words: str
    choices_by_state: tuple[tuple[str, str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The rule as `--json` prints it."""
        rows = [{"state": s, "periods": p, "choice": c} for s, p, c in self.choices_by_state]
        return {"party": self.party, "matter": self.subject, "words": self.words, "rows": rows}


@dataclass(frozen=True, eq=False)
class StrategyDescriber:
    """Describes strategies of one game in words.

    parameters  the numbers of one world
    automaton   the formula's automaton, expanded to the public states
    start       public state in which play begins
    periods     how many periods are played; None where time has no bound
    """

    game: Game
    parameters: GameParameters
    automaton: Automaton
    start: int
    periods: int | None

    def rules_of(
        self, members: tuple[str, ...], party: str | None = None
    ) -> tuple[tuple[StrategyRule, ...], float | None]:
        """What the members do, or one outsider against them, and what that secures.

        members  names of the coalition's members
        party    the outsider, None to describe the members

        The second result is None where time is bounded: then it is all that can be secured.
        """
        described = None if party is None else [*members, party]
        secured = None
        if self.periods is None:
            choices, secured = stationary_strategy(
                self.game, self.parameters, members, self.automaton, self.start, described=described
            )
        else:
            choices = maxmin_strategy(
                self.game,
                self.parameters,
                members,
                self.automaton,
                self.start,
                self.periods,
                described=described,
            )
        if party is not None:
            choices = tuple(choice for choice in choices if choice.party == party)
        by_subject: dict[tuple[str, str], list[StrategyChoice]] = {}
        for choice in choices:
            by_subject.setdefault((choice.party, _subject_of_choice(choice)), []).append(choice)
        rules = [self._rule_from_choices(*key, chosen) for key, chosen in by_subject.items()]
        return tuple(rules), secured

    def _rule_from_choices(
        self, party: str, subject: str, choices: Sequence[StrategyChoice]
    ) -> StrategyRule:
        by_state: dict[tuple[int, str], list[int]] = {}
        for choice in choices:
            by_state.setdefault((choice.state, choice.option), []).append(choice.period)
        last = self.game.graphs[-1].first_period if self.periods is None else None
        rows = sorted(
            (self.game.describe(state), _format_period_ranges(periods, last), option)
            for (state, option), periods in by_state.items()
        )
        return StrategyRule(party, subject, self._describe_choices(choices), tuple(rows))

    def _describe_choices(self, choices: Sequence[StrategyChoice]) -> str:
        """The choices in one sentence: always one, by the period, or by the fewest variables."""
        taken = list(dict.fromkeys(choice.option for choice in choices))
        if len(taken) == 1:
            return f"always {_option_in_words(choices[0], taken[0])}"
        when = {option: {c.period for c in choices if c.option == option} for option in taken}
        if sum(map(len, when.values())) == len(set().union(*when.values())):
            last = self.game.graphs[-1].first_period if self.periods is None else None
            return "; ".join(
                f"{_option_in_words(choices[0], option)} in "
                f"{_periods_in_words(_format_period_ranges(periods, last))}"
                for option, periods in when.items()
            )
        states = {choice.state for choice in choices}
        codes = {x: self.game.states[x] for x in states}
        for count in (1, 2, 3):
            for picked in combinations(range(len(self.game.variables)), count):
                rule: dict[tuple[int, ...], set[str]] = {}
                for choice in choices:
                    key = tuple(int(codes[choice.state][v]) for v in picked)
                    rule.setdefault(key, set()).add(choice.option)
                if all(len(options) == 1 for options in rule.values()):
                    return self._describe_by_variables(choices[0], picked, rule)
        parts = [
            f"{_option_in_words(choices[0], option)} in {sum(c.option == option for c in choices)}"
            for option in taken
        ]
        what = "states" if self.periods is None else "states and periods"
        return f"{' and '.join(parts)} of {len(choices)} {what}"

    def _describe_by_variables(
        self, example: StrategyChoice, picked: Sequence[int], rule: dict[tuple[int, ...], set[str]]
    ) -> str:
        where: dict[str, list[str]] = {}
        variables = list(self.game.case.variables_and_promises.items())
        for key, options in sorted(rule.items()):
            named = []
            for v, code in zip(picked, key, strict=True):
                name, variable = variables[v]
                value = variable.values[code]
                shown = str(value).lower() if variable.kind == "boolean" else str(value)
                named.append(f"{name}={shown}")
            where.setdefault(next(iter(options)), []).append(" and ".join(named))
        return "; ".join(
            f"{_option_in_words(example, option)} where {' or '.join(places)}"
            for option, places in where.items()
        )


def _subject_of_choice(choice: StrategyChoice) -> str:
    if choice.role == "answer":
        return choice.subject
    return f"offers at {_table_of_option(choice.option)}" if choice.role == "offer" else "moves"


def _table_of_option(option: str) -> str:
    return option.split(".", 1)[0]


def _option_in_words(choice: StrategyChoice, option: str) -> str:
    """An option as something one does."""
    if choice.role == "answer":
        return f"{'accepts' if option == 'yes' else 'refuses'} {choice.subject}"
    if choice.role == "offer":
        passes = option.endswith(".pass")
        return f"offers nothing at {_table_of_option(option)}" if passes else f"offers {option}"
    short = option.split(".", 1)[1]
    return "passes" if short == "pass" else f"makes the move {short}"


def _periods_in_words(period_ranges: str) -> str:
    return f"period {period_ranges}" if period_ranges.isdecimal() else f"periods {period_ranges}"


def _format_period_ranges(periods: Iterable[int], last: int | None = None) -> str:
    """Periods as ranges; those from `last` on are all alike.

    >>> _format_period_ranges([0, 1, 2, 5]), _format_period_ranges([0, 1, 2], last=2)
    ('0-2, 5', '0-1, from 2 on')
    >>> _format_period_ranges([0], last=0)
    'any'
    """
    known = sorted(set(periods))
    if last in known:
        before = _format_period_ranges(known[: known.index(last)])
        return "any" if last == 0 else f"{before + ', ' if before else ''}from {last} on"
    parts: list[list[int]] = []
    for period in known:
        if parts and period == parts[-1][1] + 1:
            parts[-1][1] = period
        else:
            parts.append([period, period])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
