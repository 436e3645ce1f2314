"""In which order do the steps of a period come, in words?

`election, Havana, Farc + Government, in random order (rain, storm)`: one after another, two at one
moment, and some whose order is drawn each period. `Farc (raid, pass)` has only these moves.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ceasefire.diagnostics import readable_name
from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_text import CasePath, case_data
from ceasefire.formats.form_fields import FormField, label_or_name, mapping_at, party_names

ORDER_HINT = (
    "one after another; North + South at one moment; in random order (North, South); "
    "North (attack, pass) for these moves alone"
)
_SHUFFLED = re.compile(r"in random order\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_SOME_MOVES = re.compile(r"([^()]+?)\s*\(([^()]*)\)")


def order_field(data: dict[str, Any], path: CasePath, order: Any) -> FormField:
    """A field for the order of steps that the case, or an option of it, has.

    data   the case
    path   where the order stands
    order  the order; None for that of a case that says nothing
    """
    said = order_in_words(data, order)
    return FormField((*path, "order"), "who moves when in a period", said, "order", hint=ORDER_HINT)


def order_in_words(data: dict[str, Any], order: Any) -> str:
    """The steps of a period, as people call them.

    data   the case
    order  the order as the case or an option has it; None for that of a case that says nothing:
           all chance, all tables, all parties that can act, all roles; nothing for a case that
           extends another

    >>> order_in_words({"parties": {"north": {}}}, [["north", {"south": ["wait"]}], "rain"])
    'north + south (wait), rain'
    """
    names = _step_names(data)
    steps = order if isinstance(order, list) else [] if "extends" in data else _usual_steps(data)
    return ", ".join(_step_in_words(step, names) for step in steps)


def _usual_steps(data: dict[str, Any]) -> list[str]:
    acting = [str(mapping_at(move).get("by")) for move in mapping_at(data, "moves").values()]
    return [
        *mapping_at(data, "chance"), *mapping_at(data, "tables"),
        *(party for party in mapping_at(data, "parties") if party in acting),
        *mapping_at(data, "roles"),
    ]  # fmt: skip


def current_order(text: str) -> str:
    """The steps of a period of a whole case, in words."""
    data = case_data(text)
    return order_in_words(data, data.get("order"))


def read_order(words: str, data: dict[str, Any], path: str) -> list[Any]:
    """The order as the text has it; steps and moves may be called by their names or their words.

    words  what a person wrote
    data   the case
    path   the field, for problems

    Raises CaseError for what is no step or move of the case.

    >>> case = {"parties": {"north": {"name": "The North"}}, "chance": {"rain": {}}}
    >>> read_order("rain, the north + rain", case, "order")
    ['rain', ['north', 'rain']]
    """
    steps = {said.lower(): key for key, words in _step_names(data).items() for said in (key, words)}
    # of a move of a role, `chair.veto`, the role is named before
    own = [str(key).rpartition(".")[2] for key in mapping_at(data, "moves")]
    moves = {said.lower(): key for key in (*own, "pass") for said in (key, readable_name(key))}

    def named(known: dict[str, str], said: str, what: str) -> str:
        key = known.get(" ".join(said.lower().split()))
        if key is None and "extends" in data and said.isidentifier():
            return said  # of the case that it builds on
        if key is None:
            allowed = ", ".join(dict.fromkeys(known.values()))
            raise CaseError([Problem(f"is no {what}", path=path, found=said, allowed=allowed)])
        return key

    def read(said: str) -> Any:
        together = list(_parts(said, "+"))
        if len(together) > 1:
            return [read(one) for one in together]
        if shuffled := _SHUFFLED.fullmatch(said):
            return {"shuffle": [read(one) for one in _parts(shuffled[1], ",")]}
        if some := _SOME_MOVES.fullmatch(said):
            chosen = [named(moves, one, "move") for one in _parts(some[2], ",")]
            return {named(steps, some[1], "step of a period"): chosen}
        return named(steps, said, "step of a period")

    return [read(one) for one in _parts(words, ",")] if words.strip() else []


def _parts(said: str, separator: str) -> Iterator[str]:
    """What stands between separators that are not in brackets."""
    part, depth = "", 0
    for letter in said:
        depth += (letter == "(") - (letter == ")")
        if letter == separator and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()


def _step_in_words(step: Any, names: dict[str, str]) -> str:
    if isinstance(step, list):
        return " + ".join(_step_in_words(one, names) for one in step)
    if not isinstance(step, dict) or len(step) != 1:
        return names.get(str(step), str(step))
    key, inside = next((str(key), inside) for key, inside in step.items())
    listed = inside if isinstance(inside, list) else [inside]
    if key == "shuffle":
        return f"in random order ({', '.join(_step_in_words(one, names) for one in listed)})"
    return f"{names.get(key, key)} ({', '.join(readable_name(str(one)) for one in listed)})"


def _step_names(data: dict[str, Any]) -> dict[str, str]:
    """What can stand in an order, in words; by its name where these would be misread."""
    said = {
        key: label_or_name(key, mapping_at(data, section, key))
        for section in ("chance", "tables", "roles")
        for key in map(str, mapping_at(data, section))
    } | {str(key): name for key, name in party_names(data).items()}
    taken = Counter(word for key, words in said.items() for word in {key.lower(), words.lower()})
    return {
        key: key if taken[words.lower()] > 1 or re.search(r"[,+()]", words) else words
        for key, words in said.items()
    }
