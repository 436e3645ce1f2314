"""How do five answers become a case: who, where they meet, what could be agreed, what nobody knows?

A pattern is a small game from the library of models: a war that talks may end, a strike, a
coalition, a threat. It says what the parties can do alone and which numbers it needs; the answers
say who they are, their tables and deals, how large the numbers may be, and the argument.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ceasefire.case import load, loads, model_files
from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_writer import UniqueIdentifiers, case_to_yaml
from ceasefire.formats.plain_numbers import Estimate, read_estimate
from ceasefire.results import format_count

MOST_PARTIES, MOST_TABLES, MOST_DEALS, MOST_SENTENCES = 8, 6, 8, 6
MOST_LINES, MOST_PERIODS = 4 * MOST_PARTIES, 120  # that are read
CERTAINTIES = {
    "likely": ("is more likely than not", "> 0.5"),
    "very_likely": ("is very likely (over 90 %)", "> 0.9"),
    "unlikely": ("is unlikely (under 30 %)", "< 0.3"),
}
PERIODS = ("day", "week", "month", "quarter", "half-year", "year")
HEAD = "# Made from five answers. Change anything: each line says what it stands for.\n"


@dataclass(frozen=True)
class GuidedTable:
    """A table: its name, who sits there, and what could be agreed, in words."""

    name: str
    seats: tuple[str, ...]
    deals: tuple[str, ...]


@dataclass(frozen=True)
class GuidedSentence:
    """A sentence of the argument, and what has to come out for it to be true.

    says     the sentence
    outcome  the key of one of `outcome_choices`
    test     the key of one of `test_choices`
    """

    says: str
    outcome: str
    test: str = "likely"


@dataclass(frozen=True)
class GuidedAnswers:
    """What somebody answered.

    pattern    the key of one of `PATTERNS`
    title      what the case is called
    parties    who, the first being whoever may attack or begins
    tables     where they meet, and what could be agreed
    estimates  by the key of one of `open_numbers`, what somebody wrote; left out: the proposal
    sentences  the thesis first, then what it rests on
    period     how long a period is
    horizon    how many periods are looked at
    """

    pattern: str
    title: str
    parties: tuple[str, ...]
    tables: tuple[GuidedTable, ...]
    sentences: tuple[GuidedSentence, ...]
    estimates: Mapping[str, str] = field(default_factory=dict)
    period: str = "month"
    horizon: int = 12


@dataclass(frozen=True)
class OpenNumber:
    """A number that the case needs and nobody knows.

    key       its name in the case
    label     what it is, in words
    proposal  what is taken unless somebody says otherwise
    unit      in what it is measured
    """

    key: str
    label: str
    proposal: str
    unit: str


@dataclass(frozen=True)
class CasePattern:
    """A kind of conflict that a case can be begun from.

    title     its name
    about     what it supposes, in a sentence or two
    first     what the first party is
    model     the model of the library that it follows
    example   answers that show what is meant
    build     makes the parts of the case
    """

    title: str
    about: str
    first: str
    model: str
    example: GuidedAnswers
    build: Callable[["_Draft"], None]


@dataclass
class _Draft:
    """A case under way: names for everything, and its parts so far."""

    answers: GuidedAnswers
    names: UniqueIdentifiers = field(default_factory=UniqueIdentifiers)
    parties: dict[str, str] = field(default_factory=dict)
    tables: dict[str, GuidedTable] = field(default_factory=dict)
    deals: dict[tuple[str, str], str] = field(default_factory=dict)
    numbers: list[OpenNumber] = field(default_factory=list)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    document: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.answers.parties:
            self.parties[name] = self.names.allocate(name, "party")
        for table in self.answers.tables:
            self.tables[self.names.allocate(table.name, "table")] = table
        for key, table in self.tables.items():
            for deal in table.deals:
                self.deals[key, deal] = self.names.allocate(deal, "deal")
        parts = ("parties", "state", "conditions", "payoffs", "moves", "promises", "tables")
        self.document = {part: {} for part in parts}
        for name, key in self.parties.items():
            self.document["parties"][key] = {"name": name}
            self.document["payoffs"][key] = {}

    @property
    def period(self) -> str:
        return self.answers.period

    def number(self, key: str, label: str, proposal: str, unit: str) -> str:
        """Ask for a number; its name in the case."""
        key = self.names.allocate(key, "number")
        label = re.sub(r"(?<=[ a-z])The (?=\w)", "the ", label)
        self.numbers.append(OpenNumber(key, label, proposal, unit.format(period=self.period)))
        return key

    def part(self, kind: str) -> dict[str, Any]:
        """A part of the case to be filled."""
        found: dict[str, Any] = self.document[kind]
        return found

    def pay(self, party: str, term: str, expression: str) -> None:
        """Add a term to what a party gets at the end of a period."""
        self.document["payoffs"][party][term] = expression

    def fact(self, key: str, label: str, *, start: bool = False) -> str:
        """Add a public fact; its name in the case."""
        key = self.names.allocate(key, "fact")
        self.part("state")[key] = {"start": True, "label": label} if start else {"label": label}
        return key

    def hold(self, key: str, deal: str) -> str:
        """Add the fact that a deal holds; its name in the case."""
        held = self.fact(f"{self.deals[key, deal]}_holds", f"“{deal}” holds")
        self.held[key, deal] = held
        return held

    def add_tables(
        self,
        effects: Callable[[str, str], Mapping[str, Any]],
        when: Callable[[GuidedTable], str] = lambda _: "",
    ) -> None:
        """Add every table with its deals; what a deal does is said by `effects`."""
        for key, table in self.tables.items():
            meets = self.number(
                f"{key}_meets", f"how likely “{table.name}” meets in a {self.period}",
                "0.5, between 0.2 and 0.8", "probability/{period}",
            )  # fmt: skip
            deals = {}
            for deal in table.deals:
                name = self.deals[key, deal]
                deals[name] = {"label": deal, **effects(key, deal)}
                self.outcomes[f"deal_{name}"] = (
                    f"“{deal}” is agreed", f"P(eventually(happens({key}.{name})))",
                )  # fmt: skip
            condition = when(table)
            self.part("tables")[key] = {
                "label": table.name, "seats": [self.parties[seat] for seat in table.seats],
                **({"when": condition} if condition else {}), "meets": meets, "deals": deals,
            }  # fmt: skip

    def worth_of(self, key: str, deal: str, holds: str, proposal: str) -> None:
        """What a period under a deal is worth to everybody at its table."""
        table, key = self.tables[key], self.deals[key, deal]
        for seat in table.seats:
            party = self.parties[seat]
            worth = self.number(
                f"{key}_worth_{party}",
                f"what a {self.period} under “{deal}” is worth to {seat}",
                proposal, "payoff/{period}",
            )  # fmt: skip
            self.pay(party, key, f"{worth} * {holds}")


def _build_war(draft: _Draft) -> None:
    """A war that talks may end; the first party may attack again; others may stand together."""
    first, period = draft.answers.parties[0], draft.period
    attacker = draft.parties[first]
    fighting = draft.fact("fighting", "there is war", start=True)
    for name, party in draft.parties.items():
        cost = draft.number(
            f"war_cost_{party}", f"what a {period} of war costs {name}", "0.6, 0.3 to 0.9",
            "payoff/{period}",
        )  # fmt: skip
        draft.pay(party, "war", f"-{cost} * {fighting}")
    gain = draft.number(
        f"war_gain_{attacker}", f"what a {period} of war gains {first}", "0.5, 0.2 to 0.8",
        "payoff/{period}",
    )  # fmt: skip
    draft.pay(attacker, "gain", f"{gain} * {fighting}")
    price = draft.number(
        "attack_price", f"what a new attack costs {first}", "0.2, 0.1 to 0.5", "payoff"
    )
    promise, deterrents = draft.names.allocate("no_attack", "promise"), list[str]()
    breach = draft.number(
        "breach_price", f"what a broken promise costs {first}", "0.3, 0.1 to 0.6", "payoff"
    ) if any(first in table.seats for table in draft.tables.values()) else ""  # fmt: skip

    def effects(key: str, deal: str) -> Mapping[str, Any]:
        held = draft.hold(key, deal)
        draft.worth_of(key, deal, held, "0.2, 0 to 0.4")
        if first in draft.tables[key].seats:
            return {"when": fighting, "set": {fighting: False, held: True}, "promises": [promise]}
        adds = draft.number(
            f"{draft.deals[key, deal]}_deters",
            f"what “{deal}” adds to the price of a new attack", "0.5, 0.2 to 1", "payoff",
        )  # fmt: skip
        deterrents.append(f"{adds} * {held}")
        return {"when": f"not {held}", "set": {held: True}}

    draft.add_tables(effects)
    broken = {
        held: False for (key, _), held in draft.held.items() if first in draft.tables[key].seats
    }
    draft.part("moves")["attack"] = {
        "by": attacker, "when": f"not {fighting}",
        "cost": " + ".join([price, *deterrents]), "set": {fighting: True, **broken},
    }  # fmt: skip
    if breach:
        draft.part("promises")[promise] = {"by": attacker, "forbids": ["attack"], "breach": breach}
        half = max(1, draft.answers.horizon // 2)
        signed = next(held for held in broken)
        draft.outcomes["kept"] = (
            f"{first} keeps its promise for {format_count(half, period)}",
            f"kept({promise}, {half}, start={{{fighting}: false, {signed}: true}})",
        )
    draft.outcomes["ends"] = ("the war ends", f"P(eventually(not {fighting}))")
    draft.outcomes["lasts"] = ("there is peace in the end", f"P(at_end(not {fighting}))")
    draft.outcomes["attack"] = (
        f"{first} attacks again", f"P(eventually(happens({attacker}.attack)))",
    )  # fmt: skip


def _build_strike(draft: _Draft) -> None:
    """Two sides hold out, which costs both; either may give way, or they settle."""
    period = draft.period
    striking = draft.fact("striking", "the strike goes on", start=True)
    for name, party in draft.parties.items():
        cost = draft.number(
            f"strike_cost_{party}", f"what a {period} of the strike costs {name}",
            "0.4, 0.2 to 0.8", "payoff/{period}",
        )  # fmt: skip
        draft.pay(party, "strike", f"-{cost} * {striking}")
    sides = list(draft.parties.items())[:2]
    for (name, party), (other_name, other) in (sides, sides[::-1]):
        gave = draft.fact(f"{party}_gave_way", f"{name} has given way")
        prize = draft.number(
            f"prize_{other}", f"what a {period} is worth to {other_name} once {name} gave way",
            "0.6, 0.3 to 1", "payoff/{period}",
        )  # fmt: skip
        draft.pay(other, f"victory_over_{party}", f"{prize} * {gave}")
        draft.part("moves")[f"{party}.give_way"] = {
            "by": party, "when": striking, "set": {striking: False, gave: True},
        }  # fmt: skip
        draft.outcomes[f"gives_way_{party}"] = (
            f"{name} gives way", f"P(eventually(happens({party}.give_way)))",
        )  # fmt: skip

    def effects(key: str, deal: str) -> Mapping[str, Any]:
        held = draft.hold(key, deal)
        draft.worth_of(key, deal, held, "0.3, 0 to 0.6")
        return {"set": {striking: False, held: True}}

    draft.add_tables(effects, lambda _: striking)
    draft.outcomes["ends"] = ("the strike ends", f"P(eventually(not {striking}))")


def _build_coalition(draft: _Draft) -> None:
    """What all want takes enough of them; each would rather that the others carry it."""
    period, weights, members = draft.period, list[str](), dict[str, str]()
    enough = draft.names.allocate("enough", "enough")
    for name, party in draft.parties.items():
        joined = members[name] = draft.fact(f"{party}_in", f"{name} has joined")
        brings = draft.number(f"{party}_brings", f"what {name} brings", "10, 5 to 15", "units")
        carries = draft.number(
            f"{party}_pays", f"what a {period} as a member costs {name}", "0.2, 0.1 to 0.4",
            "payoff/{period}",
        )  # fmt: skip
        worth = draft.number(
            f"{party}_wants", f"what a {period} is worth to {name} once there is enough",
            "0.6, 0.3 to 1", "payoff/{period}",
        )  # fmt: skip
        weights.append(f"{brings} * {joined}")
        draft.pay(party, "membership", f"-{carries} * {joined}")
        draft.pay(party, "success", f"{worth} * {enough}")
        draft.part("moves")[f"{party}.join"] = {
            "by": party, "when": f"not {joined}", "set": {joined: True},
        }  # fmt: skip
        draft.outcomes[f"joins_{party}"] = (f"{name} has joined in the end", f"P(at_end({joined}))")
    needed = draft.number("needed", "how much is needed", "15, 10 to 25", "units")
    draft.part("conditions")[enough] = f"{' + '.join(weights)} >= {needed}"

    def effects(key: str, _: str) -> Mapping[str, Any]:
        return {"set": {members[seat]: True for seat in draft.tables[key].seats}}

    draft.add_tables(
        effects, lambda table: f"not ({' and '.join(members[seat] for seat in table.seats)})"
    )
    draft.outcomes["enough"] = ("there is enough in the end", f"P(at_end({enough}))")


def _build_threat(draft: _Draft) -> None:
    """The first may attack; whether the second would fight for it, only the second knows."""
    (first, challenger), (second, defender) = list(draft.parties.items())[:2]
    period = draft.period
    attacked = draft.fact("attacked", f"{first} has attacked")
    resisted = draft.fact("resisted", f"{second} fights back")
    resolute = draft.number(
        "resolve", f"how likely {second} would rather fight than give way", "0.5, 0.2 to 0.8",
        "probability",
    )  # fmt: skip
    draft.part("parties")[defender]["types"] = {
        "resolute": resolute,
        "reluctant": f"1 - {resolute}",
    }
    gain = draft.number(
        "gain", f"what a {period} is worth to {first} if nobody fights back", "0.5, 0.3 to 0.8",
        "payoff/{period}",
    )  # fmt: skip
    cost = draft.number(
        f"war_cost_{challenger}", f"what a {period} of war costs {first}", "0.6, 0.3 to 1",
        "payoff/{period}",
    )  # fmt: skip
    loss = draft.number(
        "loss", f"what a {period} costs {second} if it gives way", "0.6, 0.4 to 1",
        "payoff/{period}",
    )  # fmt: skip
    ready = draft.number(
        "war_cost_resolute", f"what a {period} of war costs {second} if it would rather fight",
        "0.3, 0.1 to 0.4", "payoff/{period}",
    )  # fmt: skip
    unready = draft.number(
        "war_cost_reluctant", f"what a {period} of war costs {second} if it would rather not",
        "1.2, 0.9 to 1.6", "payoff/{period}",
    )  # fmt: skip
    draft.pay(challenger, "gain", f"{gain} * ({attacked} and not {resisted})")
    draft.pay(challenger, "war", f"-{cost} * {resisted}")
    draft.pay(defender, "loss", f"-{loss} * ({attacked} and not {resisted})")
    draft.pay(defender, "war", f"-({ready} if type == resolute else {unready}) * {resisted}")

    def effects(key: str, deal: str) -> Mapping[str, Any]:
        held = draft.hold(key, deal)
        draft.worth_of(key, deal, held, "0.2, 0 to 0.4")
        return {"when": f"not {held}", "set": {held: True}}

    draft.add_tables(effects, lambda _: f"not {attacked}")
    draft.part("moves")["attack"] = {
        "by": challenger, "when": f"not {attacked}",
        "set": {attacked: True, **dict.fromkeys(draft.held.values(), False)},
    }  # fmt: skip
    draft.part("moves")["resist"] = {
        "by": defender, "when": f"{attacked} and not {resisted}", "set": {resisted: True},
    }  # fmt: skip
    draft.outcomes["attack"] = (
        f"{first} attacks", f"P(eventually(happens({challenger}.attack)))",
    )  # fmt: skip
    draft.outcomes["war"] = ("it comes to war", f"P(eventually({resisted}))")
    draft.outcomes["quiet"] = ("nobody is attacked", f"P(always(not {attacked}))")


def answers_as_text(answers: GuidedAnswers) -> str:
    """Answers as JSON, to be gone on with later.

    answers  what was answered so far
    """
    return TypeAdapter(GuidedAnswers).dump_json(answers).decode()


def answers_from_text(text: str) -> GuidedAnswers | None:
    """Answers that were put away with `answers_as_text`; None for anything else.

    text  what was put away

    >>> answers = PATTERNS["strike"].example
    >>> answers_from_text(answers_as_text(answers)) == answers, answers_from_text("{}")
    (True, None)
    """
    try:
        answers = TypeAdapter(GuidedAnswers).validate_json(text)
    except ValidationError:
        return None
    offered = (
        answers.pattern in PATTERNS
        and answers.period in PERIODS
        and 1 <= answers.horizon <= MOST_PERIODS
    )
    few = (
        max(map(len, (answers.parties, *(table.deals for table in answers.tables)))) <= MOST_LINES
        and len(answers.tables) <= MOST_TABLES
        and len(answers.sentences) <= MOST_SENTENCES
    )
    if not (offered and few):
        return None
    seated = with_parties_seated(answers)
    tests = test_choices(seated)
    sentences = tuple(
        sentence if sentence.test in tests else replace(sentence, test="likely")
        for sentence in answers.sentences
    )
    return replace(seated, sentences=sentences)


def with_parties_seated(answers: GuidedAnswers) -> GuidedAnswers:
    """The same answers with nobody at a table who is not a party.

    answers  what was answered so far
    """
    tables = tuple(
        replace(table, seats=tuple(seat for seat in table.seats if seat in answers.parties))
        for table in answers.tables
    )
    return replace(answers, tables=tables)


def open_numbers(answers: GuidedAnswers) -> list[OpenNumber]:
    """The numbers that a case made of these answers needs and nobody knows.

    answers  what was answered so far
    """
    return _drafted(answers).numbers


def outcome_choices(answers: GuidedAnswers) -> dict[str, str]:
    """What a sentence can be about, in words, by key.

    answers  what was answered so far
    """
    return {key: phrase for key, (phrase, _) in _drafted(answers).outcomes.items()}


def test_choices(answers: GuidedAnswers) -> dict[str, str]:
    """How sure an outcome must be for a sentence to be true, in words, by key.

    answers  what was answered so far
    """
    words = {key: phrase for key, (phrase, _) in CERTAINTIES.items()}
    return words | {
        f"without_{key}": f"would be much less likely without “{table.name}”"
        for key, table in _drafted(answers).tables.items()
    }


def _drafted(answers: GuidedAnswers) -> _Draft:
    draft = _Draft(answers)
    PATTERNS[answers.pattern].build(draft)
    return draft


def answer_problems(answers: GuidedAnswers) -> list[Problem]:
    """What is still to be answered, each with the field where it stands.

    answers  what was answered so far
    """
    problems = [*_party_problems(answers), *_table_problems(answers)]
    if problems:
        return problems
    for number in open_numbers(answers):
        try:
            _estimate_of(number, answers)
        except CaseError as error:
            problems.extend(error.problems)
    outcomes, tests = outcome_choices(answers), test_choices(answers)
    if not answers.sentences:
        problems.append(Problem("is still to be written", path="sentences", help="one will do"))
    if len(answers.sentences) > MOST_SENTENCES:
        problems.append(_too_many("sentences", len(answers.sentences), MOST_SENTENCES))
    for place, sentence in enumerate(answers.sentences):
        path = f"sentences[{place}]"
        if not sentence.says.strip():
            problems.append(Problem("is still to be written", path=f"{path}.says"))
        if sentence.outcome not in outcomes or sentence.test not in tests:
            help = "say what has to come out for the sentence to be true"
            problems.append(Problem("has no test yet", path=f"{path}.outcome", help=help))
    if not 1 <= answers.horizon <= MOST_PERIODS:
        found, allowed = str(answers.horizon), f"1 to {MOST_PERIODS}"
        problems.append(Problem("is out of range", path="horizon", found=found, allowed=allowed))
    return problems


def _too_many(path: str, found: int, most: int) -> Problem:
    help = "leave out what no sentence needs; more can be added in the text"
    return Problem("are too many", path=path, found=str(found), allowed=f"{most}", help=help)


def _party_problems(answers: GuidedAnswers) -> Iterator[Problem]:
    names = answers.parties
    if len(names) < 2:
        yield Problem("takes two parties or more", path="parties", help="one name on each line")
    if len(names) > MOST_PARTIES:
        yield _too_many("parties", len(names), MOST_PARTIES)
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield Problem("is there twice", path="parties", found=name)


def _table_problems(answers: GuidedAnswers) -> Iterator[Problem]:
    if len(answers.tables) > MOST_TABLES:
        yield _too_many("tables", len(answers.tables), MOST_TABLES)
    for place, table in enumerate(answers.tables):
        path = f"tables[{place}]"
        if not table.name.strip():
            yield Problem("needs a name", path=f"{path}.name")
        if len(table.seats) < 2 or not {*table.seats} <= {*answers.parties}:
            yield Problem("takes two parties or more", path=f"{path}.seats")
        if not table.deals:
            help = "one on each line"
            yield Problem("takes something that could be agreed", path=f"{path}.deals", help=help)
        elif len(table.deals) > MOST_DEALS:
            yield _too_many(f"{path}.deals", len(table.deals), MOST_DEALS)
        for deal in dict.fromkeys(deal for deal in table.deals if table.deals.count(deal) > 1):
            yield Problem("is there twice", path=f"{path}.deals", found=deal)


def _estimate_of(number: OpenNumber, answers: GuidedAnswers) -> Estimate:
    path = f"estimates.{number.key}"
    estimate = read_estimate(answers.estimates.get(number.key) or number.proposal, path)
    given = [v for v in (estimate.best, estimate.low, estimate.high) if v is not None]
    if number.unit.startswith("probability") and not all(0 <= value <= 1 for value in given):
        found = answers.estimates[number.key].strip()
        raise CaseError([Problem("is a probability", path=path, found=found, allowed="0 to 100 %")])
    return estimate


def guided_case(answers: GuidedAnswers) -> str:
    """The case that was described, as text: it has no problem and can be played.

    answers  all five answers

    Raises CaseError with everything that is still to be answered, each with its field.

    >>> print(guided_case(PATTERNS["threat"].example).splitlines()[3])
    title: A threat
    """
    if problems := answer_problems(answers):
        raise CaseError(problems)
    draft = _drafted(answers)
    pattern = PATTERNS[answers.pattern]
    unknowns = {n.key: _unknown_of(n, _estimate_of(n, answers)) for n in draft.numbers}
    document = {
        "ceasefire": 1,
        "title": answers.title.strip() or pattern.title,
        "period": answers.period,
        "horizon": answers.horizon,
        "tail": max(1, answers.horizon // 2),
        "sources": _source_of(pattern),
        "unknowns": unknowns,
        **{part: content for part, content in draft.document.items() if content},
        "claims": _claims_of(draft),
    }
    text = HEAD + "\n" + _spaced(case_to_yaml(document))
    loads(text, "the new case")
    return text


def _spaced(text: str) -> str:
    """With a blank line before each part of the case that runs over lines."""
    return re.sub(r"(?m)^(?=[a-z]+:\n)", "\n", text)


def _unknown_of(number: OpenNumber, estimate: Estimate) -> dict[str, Any]:
    best = {} if estimate.best is None else {"best": _as_written(estimate.best)}
    ends = [_as_written(end) for end in (estimate.low, estimate.high) if end is not None]
    reach = {"range": ends} if ends else {}
    return {"label": number.label, **best, **reach, "unit": number.unit}


def _as_written(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _source_of(pattern: CasePattern) -> dict[str, Any]:
    """The source of the model that the pattern follows."""
    sources = load(str(model_files()[pattern.model])).sources
    key, source = next(iter(sources.items()))
    year = source.published or ""
    published = int(year) if year.isdigit() else year
    told = {"title": source.title, "author": source.author, "published": published}
    return {
        key: {k: v for k, v in told.items() if v}
        | {"origin": f"the model {pattern.model}, simplified"}
    }


def _claims_of(draft: _Draft) -> dict[str, Any]:
    names = UniqueIdentifiers()
    claims: dict[str, dict[str, Any]] = {}
    for sentence in draft.answers.sentences:
        quantity = draft.outcomes[sentence.outcome][1]
        if sentence.test in CERTAINTIES:
            test = f"{quantity} {CERTAINTIES[sentence.test][1]}"
        else:
            table = sentence.test.removeprefix("without_")
            test = f"{quantity} - {quantity[:-1]}, without={table}) > 0.2"
        claims[names.allocate(sentence.says, "sentence")] = {
            "says": sentence.says.strip(),
            "test": test,
        }
    thesis, *reasons = claims
    if reasons:
        claims[thesis]["because"] = reasons
    return claims


PATTERNS: Mapping[str, CasePattern] = {
    "war": CasePattern(
        "Talks to end a war",
        "There is war, which costs everybody. A deal with the first party ends it, on its "
        "promise not to attack again; a deal among the others makes a new attack dearer.",
        "whoever may attack again comes first",
        "walter-1997",
        GuidedAnswers(
            "war", "A war and its talks", ("North", "South", "The neighbours"),
            (
                GuidedTable("Peace talks", ("South", "North"), ("A ceasefire",)),
                GuidedTable("Talks among friends", ("The neighbours", "South"), ("A guarantee",)),
            ),
            (GuidedSentence("The war ends within a year.", "ends", "likely"),
             GuidedSentence("North keeps its word for half a year.", "kept", "likely")),
        ),
        _build_war,
    ),
    "strike": CasePattern(
        "A strike",
        "Two sides hold out, and holding out costs both. Either may give way, or they settle.",
        "the two sides come first",
        "hendricks-weiss-wilson-1988",
        GuidedAnswers(
            "strike", "A strike", ("The union", "The firm"),
            (GuidedTable("Wage talks", ("The union", "The firm"), ("Half the raise",)),),
            (GuidedSentence("The strike ends in a settlement.", "deal_half_the_raise", "likely"),),
            period="week",
        ),
        _build_strike,
    ),
    "coalition": CasePattern(
        "A coalition",
        "What all want takes enough of them, and each would rather that the others carry it.",
        "the order does not matter",
        "olson-zeckhauser-1966",
        GuidedAnswers(
            "coalition", "A coalition", ("Large", "Middle", "Small"),
            (GuidedTable("Conference", ("Large", "Middle"), ("Join together",)),),
            (GuidedSentence("In the end there is enough.", "enough", "likely"),),
            horizon=6,
        ),
        _build_coalition,
    ),
    "threat": CasePattern(
        "A threat, and whether it is believed",
        "The first party may attack. Whether the second would fight back, only the second knows.",
        "whoever may attack comes first, whoever would have to fight back second",
        "zagare-kilgour-2000",
        GuidedAnswers(
            "threat", "A threat", ("The challenger", "The defender"),
            (GuidedTable("Talks", ("The defender", "The challenger"), ("A concession",)),),
            (GuidedSentence("The defender is not attacked.", "quiet", "likely"),),
            horizon=6,
        ),
        _build_threat,
    ),
}  # fmt: skip
