"""Changes of a case that the laws speak of."""

import random
import re
from dataclasses import replace
from typing import Any

from ceasefire.case.model import clock_name
from laws.subjects import Spec, Subject
from support.drawn_cases import plain_steps

WORDS = re.compile(r"\b[A-Za-z_]\w*\b")
OPTIONS = frozenset({"start", "without", "closed", "given"})  # what levers set by these words
SCHEMA = frozenset(
    """
    ceasefire title about period start horizon ending tail unknowns parties state conditions payoffs
    moves promises tables chance order together best range triangle normal lognormal oneof patience
    precision types believed_by name values by when cost weight set outcomes releases renews
    forbids breach seats meets proposes deals needs during any pass true false type not and or if
    else in min max abs exp log sqrt lasts nothing final shuffle day week month quarter year
    """.split()  # noqa: SIM905
)
LISTED = ("values", "outcomes", "forbids", "promises", "releases", "renews")


def renamed(subject: Subject) -> Subject:
    """Parties, types, variables, values, moves and all else called otherwise, in another order."""
    case = subject.case
    names = {
        *case.parties,
        *case.variables_and_promises,
        *case.conditions,
        *case.unknowns,
        *case.promises,
    }
    names |= {*case.tables, *case.chance, *(move.name for move in case.moves.values())}
    for variable in case.variables_and_promises.values():
        names |= {str(value) for value in variable.values if variable.kind == "word"}
    for party in case.parties.values():
        names |= set(party.types)
    for table in case.tables.values():
        names |= set(table.deals)
    ordered = sorted(names - SCHEMA - OPTIONS - {*case.clocks.values()})
    called = {name: f"name_{len(ordered) - n:03d}" for n, name in enumerate(ordered)}
    called |= {clock: clock_name(called[promise]) for promise, clock in case.clocks.items()}

    def words(text: str) -> str:
        return WORDS.sub(lambda found: called.get(found[0], found[0]), text)

    def walk(part: Any) -> Any:
        if isinstance(part, dict):
            return {words(str(key)): walk(value) for key, value in part.items()}
        if isinstance(part, list):
            return [walk(each) for each in part]
        return words(part) if isinstance(part, str) else part

    return replace(
        subject,
        spec=walk(subject.spec),
        parties=tuple(words(each) for each in subject.parties),
        formulas=tuple(words(each) for each in subject.formulas),
    )


def shuffled(subject: Subject) -> Subject:
    """Keys and unordered lists in another order; `order`, seats and types stay as they are."""
    chooser = random.Random(7)

    def mixed(part: dict[str, Any]) -> dict[str, Any]:
        keys = list(part)
        chooser.shuffle(keys)
        return {key: part[key] for key in reversed(keys)}

    def walk(part: Any, name: str = "") -> Any:
        if isinstance(part, dict):
            found = {key: walk(value, key) for key, value in part.items()}
            return found if name == "types" else mixed(found)
        if isinstance(part, list):
            found_list = [walk(each) for each in part]
            if name in LISTED:
                found_list.reverse()
            return found_list
        return part

    return replace(subject, spec=walk(subject.spec))


def types_reversed(subject: Subject) -> Subject:
    """The second type of everybody told first."""

    def change(spec: Spec) -> None:
        for party in spec["parties"].values():
            if "types" in party:
                party["types"] = dict(reversed(party["types"].items()))
                for observer, prior in party.get("believed_by", {}).items():
                    party["believed_by"][observer] = dict(reversed(prior.items()))

    return subject.changed(change)


def with_constants(subject: Subject, constants: dict[str, float]) -> Subject:
    """So much more a period for each party."""

    def change(spec: Spec) -> None:
        payoffs = spec.setdefault("payoffs", {})
        for party, amount in constants.items():
            payoffs[party] = {**payoffs.get(party, {}), "constant": amount}

    return subject.changed(change)


def paid(spec: Spec, price: str) -> None:
    """Every payoff, cost and breach as `price` makes of it, in which {} stands for what it was."""

    def all_of(amounts: dict[str, Any]) -> dict[str, str]:
        return {name: price.format(f"({amount})") for name, amount in amounts.items()}

    spec["payoffs"] = {party: all_of(terms) for party, terms in spec.get("payoffs", {}).items()}
    for move in spec.get("moves", {}).values():
        move |= all_of({"cost": move.get("cost", 0)})
    for promise in spec.get("promises", {}).values():
        promise |= all_of({"breach": promise.get("breach", 0)})
    for table in spec.get("tables", {}).values():
        for deal in table["deals"].values():
            deal |= {"cost": all_of(deal.get("cost", {}))}


def payoffs_times(subject: Subject, factor: float) -> Subject:
    """Everything at stake times a factor."""
    return subject.changed(lambda spec: paid(spec, f"{factor} * {{}}"))


def nothing_at_stake(subject: Subject) -> Subject:
    """No payoffs, no costs."""
    return subject.changed(lambda spec: paid(spec, "0"))


def precision_times(subject: Subject, factor: float) -> Subject:
    """Everybody so many times as precise."""

    def change(spec: Spec) -> None:
        for party in spec["parties"].values():
            party["precision"] = f"{factor} * ({party['precision']})"

    return subject.changed(change)


def with_ruin(subject: Subject) -> Subject:
    """Everybody may ruin itself, wherever it may as well pass."""

    def change(spec: Spec) -> None:
        moves = spec.setdefault("moves", {})
        for party in spec["parties"]:
            moves[f"{party}.ruin"] = {"by": party, "cost": "100000"}
        for step in plain_steps(spec["order"]):
            if isinstance(step, dict):
                for listed in step.values():
                    listed += ["ruin"] if "pass" in listed else []

    return subject.changed(change)


def with_what_is_never_used(subject: Subject) -> Subject:
    """A move, a deal, a table and a chance that would change the state, but are never possible."""
    name, variable = next(iter(subject.case.state.items()))
    other = next(value for value in reversed(variable.values) if value != variable.start)

    def never() -> dict[str, Any]:
        return {"when": "1 == 0", "set": {name: str(other).lower()}}

    def change(spec: Spec) -> None:
        one, two = [*spec["parties"], *spec["parties"]][:2]
        spec["moves"] = {**spec.get("moves", {}), f"{one}.fly": {"by": one, **never()}}
        spec["chance"] = {"miracle": never(), **spec.get("chance", {})}
        tables = spec.setdefault("tables", {})
        for table in tables.values():
            table["deals"] = {"moon": never(), **table["deals"]}
        if one != two:
            bliss = {"bliss": {"set": never()["set"]}}
            tables["heaven"] = {"seats": [one, two], "when": "1 == 0", "deals": bliss}
            spec["order"] = ["heaven", *spec["order"]]
        spec["order"] = ["miracle", *spec["order"], {one: ["fly", "pass"]}]

    return subject.changed(change)


def seen_by(subject: Subject, observer: str) -> Subject:
    """The analyst believes at the start what an observer believes; nobody else changes."""

    def change(spec: Spec) -> None:
        for name, party in spec["parties"].items():
            if "types" not in party or name == observer:
                continue
            believed = party.setdefault("believed_by", {})
            for other in spec["parties"]:
                if other != name and name not in spec["parties"][other].get("knows", []):
                    believed.setdefault(other, dict(party["types"]))
            party["types"] = dict(believed[observer])

    return subject.changed(change)
