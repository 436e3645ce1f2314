"""The `.gmcr` files of GMCR+: one conflict in option form as plain JSON.

Both generations of keys are read and written (`preferenceVector` and
`useManualPreferenceVectors`, later `preferenceRanking` and `useManualPreferenceRanking`).
Options are identified by their index. A ranking lists feasible states by number, counted from 1
in the order of their decimals with the options grouped by decision maker, the first option
lowest; equally good states stand together in a list of their own.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ceasefire.case import FrozenMapping
from ceasefire.case.yaml_nodes import CONTROL_CHARACTERS, normalise_text, read_file_text
from ceasefire.diagnostics import Diagnostics, TextLocation
from ceasefire.errors import CaseError, Problem
from ceasefire.gmcr.conflict import (
    MOST_OPTIONS,
    Conflict,
    ConflictOption,
    OptionPattern,
    OptionStatement,
    StateRanking,
)
from ceasefire.gmcr.state_graph import Longs

MOST_CHARACTERS_QUOTED = 60


class JsonValidator:
    """Checks the values of one JSON document; `diagnostics` takes what is wrong, by path."""

    def __init__(self, file: str) -> None:
        self.diagnostics = Diagnostics[str](CaseError, lambda path: TextLocation(file, path))

    def reject(self, found: Any, path: str, allowed: str, help: str = "") -> None:
        """Report a value that is not allowed."""
        shown = found if isinstance(found, str) else repr(found)
        if len(shown) > MOST_CHARACTERS_QUOTED:
            shown = shown[: MOST_CHARACTERS_QUOTED - 1] + "…"
        self.diagnostics.report(path, "is not allowed", found=shown, allowed=allowed, help=help)

    def mapping(self, thing: Any, path: str, needed: Sequence[str]) -> Mapping[str, Any]:
        """An object with these keys, an empty one where it is none."""
        if not isinstance(thing, dict):
            self.reject(thing, path, "an object, as in {…}")
            return {}
        for key in needed:
            if key not in thing:
                self.reject("missing", f"{path}.{key}" if path else key, "this key is needed")
        return thing

    def items(self, thing: Any, path: str) -> Sequence[Any]:
        """A list, an empty one where it is none."""
        if isinstance(thing, list):
            return thing
        self.reject(thing, path, "a list, as in […]")
        return []

    def text(self, thing: Any, path: str) -> str:
        """A text, empty where it is none."""
        if isinstance(thing, str) and CONTROL_CHARACTERS.search(thing) is None:
            return thing
        self.reject(thing, path, "a text without control characters")
        return ""

    def index(self, thing: Any, path: str, end: int) -> bool:
        """Whether this is a whole number from 0 to below `end`; reported if not."""
        return self.indices([thing], path, 0, end)

    def indices(self, things: Sequence[Any], path: str, least: int, end: int) -> bool:
        """Whether these are whole numbers from `least` to below `end`; others are reported."""
        wrong = [
            thing
            for thing in things
            if not isinstance(thing, int) or isinstance(thing, bool) or not least <= thing < end
        ]
        for thing in wrong:
            self.reject(thing, path, f"a whole number, {least} to {end - 1}")
        return not wrong

    def warn_unread_keys(
        self, mapping: Mapping[str, Any], path: str, known: Collection[str]
    ) -> None:
        """Warn of keys that are not read."""
        for key in mapping:
            if key not in known:
                self.diagnostics.warn(f"{path}.{key}" if path else str(key), "is not read")


MANUAL_RANKING_KEYS = ("useManualPreferenceRanking", "useManualPreferenceVectors")
RANKING_KEYS = ("preferenceRanking", "preferenceVector")
CONFLICT_KEYS = {"options", "decisionMakers", "infeasibles", "coalitions", *MANUAL_RANKING_KEYS}
IGNORED_KEYS = {"coalitionsFull", "program", "version"}
PARTY_KEYS = {"name", "options", "preferences", "misperceptions", "payoffs", *RANKING_KEYS}


def read_gmcr(path: str | Path) -> Conflict:
    """Read a `.gmcr` file.

    Raises CaseError with every problem of the file, GameError if its states do not fit.
    """
    source = read_file_text(path)
    return _parse_document(source.text, source.file)


def parse_gmcr(text: str, file: str = "<text>") -> Conflict:
    """Read the text of a `.gmcr` file.

    Raises CaseError with every problem of the text, GameError if its states do not fit.

    >>> conflict = parse_gmcr('''{
    ...   "options": [{"name": "swerve", "permittedDirection": "both"}],
    ...   "decisionMakers": [{"name": "driver", "options": [0], "preferences": [[[0, "Y"]]]}],
    ...   "infeasibles": []
    ... }''')
    >>> conflict.rank_states("driver")
    array([0, 1], dtype=int32)
    """
    return _parse_document(normalise_text(text, file).text, file)


def conflict_to_gmcr(conflict: Conflict, *, earlier: bool = False) -> str:
    """Write a conflict as the text of a `.gmcr` file; reading it gives the same conflict.

    earlier  with the keys of the earlier generation
    """
    by_hand, ranking = MANUAL_RANKING_KEYS[earlier], RANKING_KEYS[earlier]
    number = {int(code): n for n, code in enumerate(_codes_in_file_order(conflict), 1)}
    index = {party: p for p, party in enumerate(conflict.parties)}
    parties = []
    for party in conflict.parties:
        written: dict[str, Any] = {
            "name": party,
            "options": [o for o, c in enumerate(conflict.options) if c.party == party],
            "preferences": [
                _statement_as_json(s) for s in conflict.preference_statements.get(party, ())
            ],
            "misperceptions": [_statement_as_json(s) for s in conflict.misperceived.get(party, ())],
        }
        if conflict.rankings is not None:
            groups = [[number[code] for code in group] for group in conflict.rankings[party]]
            written[ranking] = [g[0] if len(g) == 1 else g for g in groups]
        parties.append(written)
    blocks = conflict.coalition_structure or tuple((party,) for party in conflict.parties)
    members = [[index[party] for party in block] for block in blocks]
    document = {
        "decisionMakers": parties,
        "coalitions": [m[0] if len(m) == 1 else m for m in members],
        "options": [
            {"name": choice.name, "permittedDirection": choice.direction}
            for choice in conflict.options
        ],
        "infeasibles": [_statement_as_json(statement) for statement in conflict.infeasible],
        by_hand: conflict.rankings is not None,
        "program": "ceasefire",
        "version": "0.4",
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def _statement_as_json(statement: OptionStatement) -> Any:
    patterns = [[[o, "Y" if yes else "N"] for o, yes in pattern] for pattern in statement]
    return patterns[0] if len(patterns) == 1 else {"compound": True, "members": patterns}


def _codes_in_file_order(conflict: Conflict) -> Longs:
    """The feasible states in the order in which a ranking counts them."""
    order = [o for p in conflict.parties for o, c in enumerate(conflict.options) if c.party == p]
    decimal = np.zeros(len(conflict.codes), dtype=np.int64)
    for place, option in enumerate(order):
        decimal |= (conflict.codes >> option & 1) << place
    return conflict.codes[np.argsort(decimal)]


def _reject_repeated_keys(file: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """What makes an object of its keys and values; CaseError where a key stands twice."""

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise CaseError([Problem("a key stands twice", file, found=key)])
            found[key] = value
        return found

    return made


def _parse_document(text: str, file: str) -> Conflict:
    try:
        document = json.loads(text, object_pairs_hook=_reject_repeated_keys(file))
    except json.JSONDecodeError as error:
        place = (error.lineno, error.colno)
        raise CaseError([Problem("is not JSON", file, *place, found=error.msg)]) from None
    except (RecursionError, ValueError) as error:
        found = "too deep" if isinstance(error, RecursionError) else str(error)
        raise CaseError([Problem("is not JSON", file, found=found)]) from None
    validator = JsonValidator(file)
    whole = validator.mapping(document, "", ("options", "decisionMakers"))
    conflict = replace(_read_conflict(validator, whole), title=file)
    validator.diagnostics.raise_any()
    manual = _first_present_value(whole, MANUAL_RANKING_KEYS)
    if manual is True:
        rankings = _read_rankings(validator, whole["decisionMakers"], conflict)
        conflict = replace(conflict, rankings=FrozenMapping(rankings))
    elif manual not in (None, False):
        validator.reject(manual, MANUAL_RANKING_KEYS[0], "true or false")
    validator.diagnostics.raise_any()
    return conflict


def _first_present_value(mapping: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((mapping[name] for name in names if name in mapping), None)


def _read_conflict(validator: JsonValidator, whole: Mapping[str, Any]) -> Conflict:
    listed = validator.items(whole.get("options", []), "options")
    makers = validator.items(whole.get("decisionMakers", []), "decisionMakers")
    if len(listed) > MOST_OPTIONS:
        validator.reject(f"{len(listed)} options", "options", f"at most {MOST_OPTIONS}")
    if not makers:
        validator.reject("none", "decisionMakers", "one or more")
    validator.warn_unread_keys(whole, "", CONFLICT_KEYS | IGNORED_KEYS)
    parties, owner = _read_parties(validator, makers, len(listed))
    options = tuple(
        _read_option(validator, item, f"options[{o}]", owner.get(o, ""))
        for o, item in enumerate(listed)
    )
    for o in range(len(listed)):
        if o not in owner:
            help = "list its index with one of the decision makers"
            validator.reject(
                f"option {o}", f"options[{o}]", "an option some decision maker has", help
            )

    def statements(thing: Any, path: str) -> tuple[OptionStatement, ...]:
        found = validator.items(thing, path)
        return tuple(
            _read_statement(validator, s, f"{path}[{n}]", len(listed)) for n, s in enumerate(found)
        )

    def of_each(key: str) -> FrozenMapping[tuple[OptionStatement, ...]]:
        found = {
            name: statements(maker.get(key, []), f"decisionMakers[{n}].{key}")
            for n, (name, maker) in enumerate(zip(parties, makers, strict=True))
            if isinstance(maker, dict)
        }
        return FrozenMapping({name: those for name, those in found.items() if those})

    return Conflict(
        parties=parties,
        options=options,
        infeasible=statements(whole.get("infeasibles", []), "infeasibles"),
        misperceived=of_each("misperceptions"),
        preference_statements=of_each("preferences"),
        coalition_structure=_read_coalition_structure(
            validator, whole.get("coalitions", []), parties
        ),
        warnings=tuple(validator.diagnostics.warnings),
    )


def _read_option(validator: JsonValidator, item: Any, path: str, party: str) -> ConflictOption:
    fields = validator.mapping(item, path, ("name",))
    direction = fields.get("permittedDirection", "both")
    if direction not in ("both", "fwd", "back"):
        validator.reject(direction, f"{path}.permittedDirection", "both, fwd or back")
        direction = "both"
    validator.warn_unread_keys(fields, path, {"name", "permittedDirection"})
    return ConflictOption(validator.text(fields.get("name", ""), f"{path}.name"), party, direction)


def _read_parties(
    validator: JsonValidator, makers: Sequence[Any], options: int
) -> tuple[tuple[str, ...], dict[int, str]]:
    """The names of the decision makers, and whose each option is."""
    names: list[str] = []
    owner: dict[int, str] = {}
    for n, maker in enumerate(makers):
        path = f"decisionMakers[{n}]"
        fields = validator.mapping(maker, path, ("name", "options"))
        name = validator.text(fields.get("name", ""), f"{path}.name") or f"decision maker {n + 1}"
        if name in names:
            validator.reject(name, f"{path}.name", "a name of its own")
        names.append(name)
        validator.warn_unread_keys(fields, path, PARTY_KEYS)
        for k, index in enumerate(validator.items(fields.get("options", []), f"{path}.options")):
            where = f"{path}.options[{k}]"
            if not validator.index(index, where, options):
                continue
            if index in owner:
                help = "give each decision maker an option of its own"
                validator.reject(
                    f"option {index}, which {owner[index]} has", where, "one owner", help
                )
            owner.setdefault(index, name)
    return tuple(names), owner


def _read_statement(
    validator: JsonValidator, thing: Any, path: str, options: int
) -> OptionStatement:
    if isinstance(thing, dict):
        members = validator.items(thing.get("members"), f"{path}.members")
        return tuple(
            _read_pattern(validator, m, f"{path}.members[{n}]", options)
            for n, m in enumerate(members)
        )
    return (_read_pattern(validator, thing, path, options),)


def _read_pattern(validator: JsonValidator, thing: Any, path: str, options: int) -> OptionPattern:
    found: dict[int, bool] = {}
    for n, pair in enumerate(validator.items(thing, path)):
        where = f"{path}[{n}]"
        if not (isinstance(pair, list) and len(pair) == 2 and pair[1] in ("Y", "N")):
            validator.reject(pair, where, 'an option with "Y" or "N", as in [0, "Y"]')
        elif validator.index(pair[0], where, options):
            yes = pair[1] == "Y"
            if found.setdefault(pair[0], yes) != yes:
                validator.reject(f"option {pair[0]} as Y and as N", path, "each option once")
    return tuple(found.items())


def _read_coalition_structure(
    validator: JsonValidator, thing: Any, parties: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """The coalition structure; that of single parties is none, nor is one that is incomplete."""
    blocks, listed = [], []
    for n, item in enumerate(validator.items(thing, "coalitions")):
        path = f"coalitions[{n}]"
        members = item if isinstance(item, list) else [item]
        if validator.indices(members, path, 0, len(parties)):
            blocks.append(tuple(parties[p] for p in sorted(set(members))))
            listed += members
    if blocks and not validator.diagnostics.problems:
        if len(set(listed)) < len(listed):
            validator.reject(thing, "coalitions", "every decision maker once")
        elif missing := [name for p, name in enumerate(parties) if p not in listed]:
            without = f"leaves out {', '.join(missing)}: not read, everyone is taken alone"
            validator.diagnostics.warn("coalitions", without)
            return ()
    return tuple(blocks) if any(len(block) > 1 for block in blocks) else ()


def _read_rankings(
    validator: JsonValidator, makers: Sequence[Any], conflict: Conflict
) -> dict[str, StateRanking]:
    codes = _codes_in_file_order(conflict)
    rankings = {}
    for n, (party, maker) in enumerate(zip(conflict.parties, makers, strict=True)):
        key = next((key for key in RANKING_KEYS if key in maker), None)
        path = f"decisionMakers[{n}].{key or RANKING_KEYS[0]}"
        if key is None:
            help = f"add it, or set {MANUAL_RANKING_KEYS[0]} to false"
            validator.reject("no ranking", path, "a ranking of all feasible states", help)
            continue
        groups = [
            group if isinstance(group, list) else [group]
            for group in validator.items(maker[key], path)
        ]
        flat = [number for group in groups for number in group]
        allowed = f"each feasible state once, 1 to {len(codes)}"
        if not validator.indices(flat, path, 1, len(codes) + 1):
            continue
        if len(set(flat)) < len(flat):
            twice = next(number for number in flat if flat.count(number) > 1)
            validator.reject(f"state {twice} twice", path, allowed)
        elif len(flat) < len(codes):
            missing = next(x for x in range(1, len(codes) + 1) if x not in set(flat))
            validator.reject(f"no state {missing}", path, allowed)
        else:
            rankings[party] = tuple(
                tuple(sorted(int(codes[number - 1]) for number in group))
                for group in groups
                if group
            )
    return rankings
