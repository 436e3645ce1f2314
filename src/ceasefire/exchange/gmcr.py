"""The `.gmcr` files of GMCR+: one conflict in option form as plain JSON.

Both generations of keys are read and written (`preferenceVector` and
`useManualPreferenceVectors`, later `preferenceRanking` and `useManualPreferenceRanking`).
Options are identified by their index. A ranking lists feasible states by number, counted from 1
in the order of their decimals with the options grouped by decision maker, the first option
lowest; equally good states stand together in a list of their own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ceasefire.case import Frozen
from ceasefire.case.document import normal, read
from ceasefire.errors import CaseError, Problem
from ceasefire.exchange.sheet import Sheet
from ceasefire.game import Choice, Conflict, Pattern, Ranking, Statement
from ceasefire.game.conflict import MOST_OPTIONS
from ceasefire.game.graph import Longs

BY_HAND = ("useManualPreferenceRanking", "useManualPreferenceVectors")
RANKING = ("preferenceRanking", "preferenceVector")
KNOWN = {"options", "decisionMakers", "infeasibles", "coalitions", *BY_HAND}
DERIVED = {"coalitionsFull", "program", "version"}
OF_PARTY = {"name", "options", "preferences", "misperceptions", "payoffs", *RANKING}


def read_gmcr(path: str | Path) -> Conflict:
    """Read a `.gmcr` file.

    Raises CaseError with every problem of the file, GameError if its states do not fit.
    """
    source = read(path)
    return _read(source.text, source.file)


def parse_gmcr(text: str, file: str = "<text>") -> Conflict:
    """Read the text of a `.gmcr` file.

    Raises CaseError with every problem of the text, GameError if its states do not fit.

    >>> conflict = parse_gmcr('''{
    ...   "options": [{"name": "swerve", "permittedDirection": "both"}],
    ...   "decisionMakers": [{"name": "driver", "options": [0], "preferences": [[[0, "Y"]]]}],
    ...   "infeasibles": []
    ... }''')
    >>> conflict.rank("driver")
    array([0, 1], dtype=int32)
    """
    return _read(normal(text, file).text, file)


def to_gmcr(conflict: Conflict, *, earlier: bool = False) -> str:
    """Write a conflict as the text of a `.gmcr` file; reading it gives the same conflict.

    earlier  with the keys of the earlier generation
    """
    by_hand, ranking = BY_HAND[earlier], RANKING[earlier]
    number = {int(code): n for n, code in enumerate(_grouped(conflict), 1)}
    index = {party: p for p, party in enumerate(conflict.parties)}
    parties = []
    for party in conflict.parties:
        written: dict[str, Any] = {
            "name": party,
            "options": [o for o, c in enumerate(conflict.options) if c.party == party],
            "preferences": [_written(s) for s in conflict.statements.get(party, ())],
            "misperceptions": [_written(s) for s in conflict.unseen.get(party, ())],
        }
        if conflict.rankings is not None:
            groups = [[number[code] for code in group] for group in conflict.rankings[party]]
            written[ranking] = [g[0] if len(g) == 1 else g for g in groups]
        parties.append(written)
    blocks = conflict.blocks or tuple((party,) for party in conflict.parties)
    members = [[index[party] for party in block] for block in blocks]
    document = {
        "decisionMakers": parties,
        "coalitions": [m[0] if len(m) == 1 else m for m in members],
        "options": [
            {"name": choice.name, "permittedDirection": choice.direction}
            for choice in conflict.options
        ],
        "infeasibles": [_written(statement) for statement in conflict.infeasible],
        by_hand: conflict.rankings is not None,
        "program": "ceasefire",
        "version": "0.4",
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def _written(statement: Statement) -> Any:
    patterns = [[[o, "Y" if yes else "N"] for o, yes in pattern] for pattern in statement]
    return patterns[0] if len(patterns) == 1 else {"compound": True, "members": patterns}


def _grouped(conflict: Conflict) -> Longs:
    """The feasible states in the order in which a ranking counts them."""
    order = [o for p in conflict.parties for o, c in enumerate(conflict.options) if c.party == p]
    decimal = np.zeros(len(conflict.codes), dtype=np.int64)
    for place, option in enumerate(order):
        decimal |= (conflict.codes >> option & 1) << place
    return conflict.codes[np.argsort(decimal)]


def _each_key_once(file: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """What makes an object of its keys and values; CaseError where a key stands twice."""

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise CaseError([Problem("a key stands twice", file, found=key)])
            found[key] = value
        return found

    return made


def _read(text: str, file: str) -> Conflict:
    try:
        document = json.loads(text, object_pairs_hook=_each_key_once(file))
    except json.JSONDecodeError as error:
        place = (error.lineno, error.colno)
        raise CaseError([Problem("is not JSON", file, *place, found=error.msg)]) from None
    except (RecursionError, ValueError) as error:
        found = "too deep" if isinstance(error, RecursionError) else str(error)
        raise CaseError([Problem("is not JSON", file, found=found)]) from None
    sheet = Sheet(file)
    whole = sheet.mapping(document, "", ("options", "decisionMakers"))
    conflict = _conflict(sheet, whole)
    sheet.close()
    manual = _either(whole, BY_HAND)
    if manual is True:
        rankings = _rankings(sheet, whole["decisionMakers"], conflict)
        conflict = replace(conflict, rankings=Frozen(rankings))
    elif manual not in (None, False):
        sheet.fault(manual, BY_HAND[0], "true or false")
    sheet.close()
    return conflict


def _either(mapping: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((mapping[name] for name in names if name in mapping), None)


def _conflict(sheet: Sheet, whole: Mapping[str, Any]) -> Conflict:
    listed = sheet.items(whole.get("options", []), "options")
    makers = sheet.items(whole.get("decisionMakers", []), "decisionMakers")
    if len(listed) > MOST_OPTIONS:
        sheet.fault(f"{len(listed)} options", "options", f"at most {MOST_OPTIONS}")
    if not makers:
        sheet.fault("none", "decisionMakers", "one or more")
    sheet.others(whole, "", KNOWN | DERIVED)
    parties, owner = _parties(sheet, makers, len(listed))
    options = tuple(
        _option(sheet, item, f"options[{o}]", owner.get(o, "")) for o, item in enumerate(listed)
    )
    for o in range(len(listed)):
        if o not in owner:
            help = "list its index with one of the decision makers"
            sheet.fault(f"option {o}", f"options[{o}]", "an option some decision maker has", help)

    def statements(thing: Any, path: str) -> tuple[Statement, ...]:
        found = sheet.items(thing, path)
        return tuple(_statement(sheet, s, f"{path}[{n}]", len(listed)) for n, s in enumerate(found))

    def of_each(key: str) -> Frozen[tuple[Statement, ...]]:
        found = {
            name: statements(maker.get(key, []), f"decisionMakers[{n}].{key}")
            for n, (name, maker) in enumerate(zip(parties, makers, strict=True))
            if isinstance(maker, dict)
        }
        return Frozen({name: those for name, those in found.items() if those})

    return Conflict(
        parties=parties,
        options=options,
        infeasible=statements(whole.get("infeasibles", []), "infeasibles"),
        unseen=of_each("misperceptions"),
        statements=of_each("preferences"),
        blocks=_blocks(sheet, whole.get("coalitions", []), parties),
        title=sheet.file,
        warnings=tuple(sheet.warnings),
    )


def _option(sheet: Sheet, item: Any, path: str, party: str) -> Choice:
    fields = sheet.mapping(item, path, ("name",))
    direction = fields.get("permittedDirection", "both")
    if direction not in ("both", "fwd", "back"):
        sheet.fault(direction, f"{path}.permittedDirection", "both, fwd or back")
        direction = "both"
    sheet.others(fields, path, {"name", "permittedDirection"})
    return Choice(sheet.text(fields.get("name", ""), f"{path}.name"), party, direction)


def _parties(
    sheet: Sheet, makers: Sequence[Any], options: int
) -> tuple[tuple[str, ...], dict[int, str]]:
    """The names of the decision makers, and whose each option is."""
    names: list[str] = []
    owner: dict[int, str] = {}
    for n, maker in enumerate(makers):
        path = f"decisionMakers[{n}]"
        fields = sheet.mapping(maker, path, ("name", "options"))
        name = sheet.text(fields.get("name", ""), f"{path}.name") or f"decision maker {n + 1}"
        if name in names:
            sheet.fault(name, f"{path}.name", "a name of its own")
        names.append(name)
        sheet.others(fields, path, OF_PARTY)
        for k, index in enumerate(sheet.items(fields.get("options", []), f"{path}.options")):
            where = f"{path}.options[{k}]"
            if not sheet.index(index, where, options):
                continue
            if index in owner:
                help = "give each decision maker an option of its own"
                sheet.fault(f"option {index}, which {owner[index]} has", where, "one owner", help)
            owner.setdefault(index, name)
    return tuple(names), owner


def _statement(sheet: Sheet, thing: Any, path: str, options: int) -> Statement:
    if isinstance(thing, dict):
        members = sheet.items(thing.get("members"), f"{path}.members")
        return tuple(
            _pattern(sheet, m, f"{path}.members[{n}]", options) for n, m in enumerate(members)
        )
    return (_pattern(sheet, thing, path, options),)


def _pattern(sheet: Sheet, thing: Any, path: str, options: int) -> Pattern:
    found: dict[int, bool] = {}
    for n, pair in enumerate(sheet.items(thing, path)):
        where = f"{path}[{n}]"
        if not (isinstance(pair, list) and len(pair) == 2 and pair[1] in ("Y", "N")):
            sheet.fault(pair, where, 'an option with "Y" or "N", as in [0, "Y"]')
        elif sheet.index(pair[0], where, options):
            yes = pair[1] == "Y"
            if found.setdefault(pair[0], yes) != yes:
                sheet.fault(f"option {pair[0]} as Y and as N", path, "each option once")
    return tuple(found.items())


def _blocks(sheet: Sheet, thing: Any, parties: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The coalition structure; that of single parties is none."""
    blocks, listed = [], []
    for n, item in enumerate(sheet.items(thing, "coalitions")):
        path = f"coalitions[{n}]"
        members = item if isinstance(item, list) else [item]
        if sheet.indices(members, path, 0, len(parties)):
            blocks.append(tuple(parties[p] for p in sorted(set(members))))
            listed += members
    if blocks and sorted(listed) != list(range(len(parties))) and not sheet.problems:
        sheet.fault(thing, "coalitions", "every decision maker once")
    return tuple(blocks) if any(len(block) > 1 for block in blocks) else ()


def _rankings(sheet: Sheet, makers: Sequence[Any], conflict: Conflict) -> dict[str, Ranking]:
    codes = _grouped(conflict)
    rankings = {}
    for n, (party, maker) in enumerate(zip(conflict.parties, makers, strict=True)):
        key = next((key for key in RANKING if key in maker), None)
        path = f"decisionMakers[{n}].{key or RANKING[0]}"
        if key is None:
            help = f"add it, or set {BY_HAND[0]} to false"
            sheet.fault("no ranking", path, "a ranking of all feasible states", help)
            continue
        groups = [
            group if isinstance(group, list) else [group] for group in sheet.items(maker[key], path)
        ]
        flat = [number for group in groups for number in group]
        allowed = f"each feasible state once, 1 to {len(codes)}"
        if not sheet.indices(flat, path, 1, len(codes) + 1):
            continue
        if len(set(flat)) < len(flat):
            twice = next(number for number in flat if flat.count(number) > 1)
            sheet.fault(f"state {twice} twice", path, allowed)
        elif len(flat) < len(codes):
            missing = next(x for x in range(1, len(codes) + 1) if x not in set(flat))
            sheet.fault(f"no state {missing}", path, allowed)
        else:
            rankings[party] = tuple(
                tuple(sorted(int(codes[number - 1]) for number in group))
                for group in groups
                if group
            )
    return rankings
