"""How a KTAB file (`.csv`) of actors and positions becomes a case of spatial bargaining.

The file: a first line with title, description, number of actors and of dimensions; a line of
headings; then one line for each actor: name, description, power, and for each dimension its
position and its salience, both from 0 to 100. Or a plain table, with headings such as `name`,
`capability`, `position` and `salience` in any order, and then one line for each actor: there the
scale goes from the least position to the greatest, and saliences may be shares of 1.

Read so:

    position    where policy stands, one whole-number variable for each dimension, on a grid; at
                the start the grid point next to the median position, weighted by influence
    payoff      an actor's utility of where policy stands, risk-neutral as in KTAB:
                1 - sqrt(sum_d (s_d (x_d - p_d) / 100)^2 / sum_d s_d^2)
    influence   power times salience of the dimension at issue, salience counting 0 to 1
    council     in each period one actor, each as likely, proposes one grid step on one dimension,
                or nothing; it is carried with the share of influence that is for it among all who
                care: an actor is for a step that brings policy nearer to its position

Columns are divided by commas, semicolons or tabs, or as a line `sep=;` says.

Source: Wise, Lester & Efird (2015), An Introduction to the KAPSARC Toolkit for Behavioral Analysis
(KTAB) using One-Dimensional Spatial Models, KAPSARC KS-1517-DP011A, for the model.
"""

import csv
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from ceasefire.diagnostics import Diagnostics, TextLocation
from ceasefire.errors import CaseError
from ceasefire.formats.case_writer import (
    ConvertedFile,
    UniqueIdentifiers,
    case_to_yaml,
    decode_import,
)

GRID_STEPS = {1: 5, 2: 10, 3: 10}  # dimensions -> distance of grid points
MOST_ACTORS = 200
MOST_CHARACTERS_QUOTED = 60
DEFAULT_HORIZON = 12
DEFAULT_PATIENCE, DEFAULT_PRECISION = 0.9, 20
_KTAB_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_COLUMN_NAMES = {
    "name": ("name", "actor", "player", "stakeholder"),
    "about": ("description", "about"),
    "power": ("capability", "capabilities", "power", "influence", "clout", "resources"),
    "position": ("position", "pstn", "preference"),
    "salience": ("salience", "sal"),
}


class SpatialActor(NamedTuple):
    """An actor: one line of the file.

    name       its name
    about      its description
    power      above 0
    positions  on each dimension, 0 to 100
    saliences  of each dimension, above 0 and at most 100
    """

    name: str
    about: str
    power: float
    positions: tuple[float, ...]
    saliences: tuple[float, ...]


class SpatialScenario(NamedTuple):
    """A whole file.

    title, about  what it says it is about
    dimensions    their names
    actors        its actors
    scale         what the positions 0 and 100 are in a plain table, None if just these
    """

    title: str
    about: str
    dimensions: tuple[str, ...]
    actors: tuple[SpatialActor, ...]
    scale: tuple[float, float] | None = None


def from_ktab(content: bytes, file: str = "<csv>") -> ConvertedFile:
    """Turn a KTAB scenario into a case; the notes say how it is read and what is assumed.

    content  the bytes of the file
    file     its name in problems

    Raises CaseError with every line that cannot be read so.

    >>> exported = from_ktab(b'''Reform, How far, 2, 1,
    ... SpatialActor,Description,Power,Position,Salience,
    ... Old,Old guard,50,10,80,
    ... New,Reformers,100,90,40,''')
    >>> print(exported.text[exported.text.index("payoffs") :].split("tables")[0])
    payoffs:
      old: {closeness: 1 - abs(5 * position - 10) / 100}
      new: {closeness: 1 - abs(5 * position - 90) / 100}
    <BLANKLINE>
    """
    scenario = _parse_scenario(decode_import(content, file, of_spreadsheet=True), file)
    return ConvertedFile(case_to_yaml(_case_document(scenario)), tuple(_import_notes(scenario)))


def _parse_scenario(text: str, file: str) -> SpatialScenario:
    diagnostics = Diagnostics[int](CaseError, lambda line: TextLocation.on_line(file, line))
    separator, text = _find_separator(text)
    rows = _read_rows(text, separator, diagnostics)
    plain = _plain_columns(rows[0][1]) if rows else None
    if len(rows) < 3:
        diagnostics.fail(
            rows[-1][0] if rows else 1,
            "the file ends too early",
            found=f"{len(rows)} lines",
            allowed="two or more actors below the headings"
            if plain
            else "a title, headings, and a line for each of two or more actors",
        )
    if plain is not None:
        return _read_plain_table(rows, plain, diagnostics)
    (line, head), (heads_line, headings), *others = rows
    actors, dimensions = _read_counts(line, head, diagnostics)
    width = 3 + 2 * dimensions
    if len(headings) != width:
        diagnostics.report(
            heads_line, "must name every column", found=f"{len(headings)}", allowed=f"{width}"
        )
    if len(others) != actors:
        diagnostics.report(
            others[-1][0],
            "must have as many actors as the first line says",
            found=f"{len(others)} lines of actors",
            allowed=f"{actors}",
        )
    read = [_read_actor(line, cells, width, diagnostics) for line, cells in others]
    known = _known_actors([line for line, _ in others], read, diagnostics)
    return SpatialScenario(head[0], head[1], tuple(headings[3::2]), known)


def _read_counts(line: int, head: list[str], diagnostics: Diagnostics[int]) -> tuple[int, int]:
    """How many actors and dimensions the first line announces; its fifth value is not read."""
    counts = [int(cell) if re.fullmatch(r"[0-9]{1,4}", cell) else 0 for cell in head[2:4]]
    if len(head) not in (4, 5) or not all(counts):
        diagnostics.fail(
            line,
            "is no first line of KTAB's",
            found=", ".join(head)[:MOST_CHARACTERS_QUOTED],
            allowed="four values, or headings of a plain table: name, capability, position, "
            "salience",
            help="title, description, number of actors, of dimensions; "
            "quote a text with commas in it",
        )
    actors, dimensions = counts
    if dimensions not in GRID_STEPS:
        diagnostics.fail(
            line,
            "has too many dimensions",
            found=str(dimensions),
            allowed="1 to 3",
            help="write one file for each issue: where policy stands on six at once is one of "
            "1.7 million states",
        )
    return actors, dimensions


def _known_actors(
    lines: Sequence[int], read: Sequence[SpatialActor | None], diagnostics: Diagnostics[int]
) -> tuple[SpatialActor, ...]:
    """The actors, each name once, two or more; raises with all faults."""
    known: dict[str, SpatialActor] = {}
    for line, actor in zip(lines, read, strict=True):
        if actor is not None and actor.name in known:
            found = actor.name[:MOST_CHARACTERS_QUOTED]
            diagnostics.report(line, "an actor stands twice", found=found, allowed="each once")
        elif actor is not None:
            known[actor.name] = actor
    if not 2 <= len(lines) <= MOST_ACTORS:
        number = f"{len(lines)} actor{'s' if len(lines) > 1 else ''}"
        allowed = f"2 to {MOST_ACTORS}"
        message = "a council has two seats or more"
        diagnostics.report(lines[-1], message, found=number, allowed=allowed)
    diagnostics.raise_any()
    return tuple(known.values())


def _find_separator(text: str) -> tuple[str, str]:
    """What divides the columns, and the text with a line `sep=` emptied."""
    first, _, rest = text.partition("\n")
    if found := re.fullmatch(r'"?sep=(.)"?[,;]*', first.strip(" "), re.IGNORECASE):
        return found[1], f"\n{rest}"
    counts = {sign: first.count(sign) for sign in (",", ";", "\t")}
    return (max(counts, key=lambda sign: counts[sign]) if any(counts.values()) else ","), text


def _plain_columns(headings: Sequence[str]) -> dict[str, int] | None:
    """Where a plain table has what; None if these are no headings of one."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        for column, names in _COLUMN_NAMES.items():
            if heading.lower() in names:
                places.setdefault(column, place)
    needed = {"name", "power", "position", "salience"}
    return places if needed <= set(places) else None


def _read_plain_table(
    rows: Sequence[tuple[int, list[str]]], places: dict[str, int], diagnostics: Diagnostics[int]
) -> SpatialScenario:
    """A table with one dimension, its scale from the least position to the greatest."""
    heading, width = rows[0][1][places["position"]], len(rows[0][1])
    numbers: list[tuple[float, float, float]] = []
    for line, cells in rows[1:]:
        if len(cells) != width or not cells[places["name"]]:
            found, message = f"{len(cells)} values", "is no line of an actor"
            allowed = f"{width}, as many as headings"
            diagnostics.report(line, message, found=found, allowed=allowed)
            numbers.append((math.nan,) * 3)
        else:
            power, position, salience = (
                _read_number(line, cells[places[what]], diagnostics)
                for what in ("power", "position", "salience")
            )
            numbers.append((power, position, salience))
    diagnostics.raise_any()
    low, high = min(row[1] for row in numbers), max(row[1] for row in numbers)
    if low == high:
        line = rows[-1][0]
        found = f"{low:g} throughout"
        diagnostics.fail(line, "positions do not differ", found=found, allowed="two or more")
    share = 100 if all(salience <= 1 for _, _, salience in numbers) else 1
    read = []
    for (line, cells), (power, position, salience) in zip(rows[1:], numbers, strict=True):
        before = len(diagnostics.problems)
        _check_range(line, "power", power, math.inf, diagnostics, low_excluded=True)
        _check_range(line, "a salience", share * salience, 100, diagnostics, low_excluded=True)
        place = 100 * (position - low) / (high - low)
        about = cells[places["about"]] if "about" in places else ""
        actor = SpatialActor(cells[places["name"]], about, power, (place,), (share * salience,))
        read.append(actor if len(diagnostics.problems) == before else None)
    known = _known_actors([line for line, _ in rows[1:]], read, diagnostics)
    return SpatialScenario("", "", (heading,), known, (low, high))


def _read_rows(
    text: str, separator: str, diagnostics: Diagnostics[int]
) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, without what divides columns at their ends."""
    rows = []
    reader = csv.reader(text.split("\n"), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        found = str(error)[:MOST_CHARACTERS_QUOTED]
        message = "is no line of separated values"
        diagnostics.fail(reader.line_num, message, found=found)
    return _without_commas_in_numbers(rows, separator, diagnostics)


def _without_commas_in_numbers(
    rows: list[tuple[int, list[str]]], separator: str, diagnostics: Diagnostics[int]
) -> list[tuple[int, list[str]]]:
    """The lines with `1,000` as 1000, or `12,5` as 12.5 where commas stand for decimal points."""
    cells = [cell for _, row in rows[1:] for cell in row]
    decimal = any(_DECIMAL_COMMA.fullmatch(c) and not _THOUSANDS.fullmatch(c) for c in cells)
    thousands = any(_THOUSANDS.fullmatch(c) and not _DECIMAL_COMMA.fullmatch(c) for c in cells)
    unclear = decimal == thousands and (decimal or separator != ",")
    found = []
    for line, row in rows:
        for place, cell in enumerate(row):
            if not (_THOUSANDS.fullmatch(cell) or _DECIMAL_COMMA.fullmatch(cell)):
                continue
            if unclear and _THOUSANDS.fullmatch(cell):
                diagnostics.report(
                    line,
                    "may be thousands or a decimal",
                    found=cell,
                    allowed=f"{cell.replace(',', '')} or {cell.replace(',', '.')}",
                )
            row[place] = cell.replace(",", "." if decimal and not thousands else "")
        found.append((line, row))
    return found


def _read_actor(
    line: int, cells: list[str], width: int, diagnostics: Diagnostics[int]
) -> SpatialActor | None:
    """One actor, or None after a fault."""
    if len(cells) != width or not cells[0]:
        diagnostics.report(
            line,
            "is no line of an actor",
            found=f"{len(cells)} values",
            allowed=f"{width}",
            help="name, description, power, then position and salience; quote a text with commas",
        )
        return None
    power, *rest = (_read_number(line, cell, diagnostics) for cell in cells[2:])
    positions, saliences = rest[::2], rest[1::2]
    before = len(diagnostics.problems)
    _check_range(line, "power", power, math.inf, diagnostics, low_excluded=True)
    for position in positions:
        _check_range(line, "a position", position, 100, diagnostics)
    for salience in saliences:
        _check_range(line, "a salience", salience, 100, diagnostics, low_excluded=True)
    if len(diagnostics.problems) > before or any(map(math.isnan, (power, *rest))):
        return None
    return SpatialActor(cells[0], cells[1], power, tuple(positions), tuple(saliences))


def _read_number(line: int, cell: str, diagnostics: Diagnostics[int]) -> float:
    """A number; NaN after a fault."""
    if _KTAB_NUMBER.fullmatch(cell) and math.isfinite(float(cell)):
        return float(cell)
    found = cell[:MOST_CHARACTERS_QUOTED] or "nothing"
    diagnostics.report(line, "must be a number", found=found, allowed="such as 30 or 12.5")
    return math.nan


def _check_range(
    line: int,
    what: str,
    value: float,
    high: float,
    diagnostics: Diagnostics[int],
    *,
    low_excluded: bool = False,
) -> None:
    """Report a number below 0 or above `high`."""
    if math.isnan(value) or (0 <= value <= high and not (low_excluded and value == 0)):
        return
    least = "above 0" if low_excluded else "0 or more"
    most = "" if math.isinf(high) else f", at most {high:g}"
    message = f"{what} is out of range"
    diagnostics.report(line, message, found=f"{value:g}", allowed=least + most)


def _case_document(scenario: SpatialScenario) -> dict[str, object]:
    count = len(scenario.dimensions)
    step = GRID_STEPS[count]
    names = UniqueIdentifiers(["council"])
    heads = scenario.dimensions if count > 1 else ("position",)
    variables = [names.allocate(head, "position") for head in heads]
    parties = [names.allocate(actor.name, "actor") for actor in scenario.actors]
    conditions: dict[str, str] = {}
    deals: dict[str, object] = {}
    for d, name in enumerate(variables):
        more, less = (
            names.allocate(f"for more {name}", "more"),
            names.allocate(f"for less {name}", "less"),
        )
        conditions[more] = _support_expression(scenario, d, name, step, "<")
        conditions[less] = _support_expression(scenario, d, name, step, ">")
        last = 100 // step
        for deal, wanted, when, by in (
            (f"more_{name}", more, f"{name} < {last}", f"{name} + 1"),
            (f"less_{name}", less, f"{name} > 0", f"{name} - 1"),
        ):
            chance = f"{wanted} / ({more} + {less})"
            carried = {"name": "carried", "chance": chance, "set": {name: by}}
            when = f"{when} and {wanted} > 0"
            deals[deal] = {"when": when, "needs": [], "outcomes": [carried]}
    return {
        "ceasefire": 1,
        "title": scenario.title or "A spatial case",
        **({"about": scenario.about} if scenario.about else {}),
        "horizon": DEFAULT_HORIZON,
        "ending": "lasts",
        "parties": {
            name: {
                "name": actor.name,
                "patience": DEFAULT_PATIENCE,
                "precision": DEFAULT_PRECISION,
                **({"about": actor.about} if actor.about else {}),
            }
            for name, actor in zip(parties, scenario.actors, strict=True)
        },
        "state": {
            name: {
                "values": f"0..{100 // step}",
                "start": _median_grid_point(scenario, d, step),
                "about": f"{scenario.dimensions[d]}, in steps of {step} from 0 to 100",
            }
            for d, name in enumerate(variables)
        },
        "conditions": conditions,
        "payoffs": {
            name: {"closeness": _utility_expression(actor, variables, step)}
            for name, actor in zip(parties, scenario.actors, strict=True)
        },
        "tables": {"council": {"seats": parties, "proposes": "any", "deals": deals}},
        "order": ["council"],
    }


def _support_expression(
    scenario: SpatialScenario, dimension: int, name: str, step: int, sign: str
) -> str:
    """The influence of all whom a step on dimension d brings nearer, as an expression."""
    weights: dict[float, float] = {}
    for actor in scenario.actors:
        middle = actor.positions[dimension] / step - 0.5 * (1 if sign == "<" else -1)
        weights[middle] = weights.get(middle, 0.0) + _actor_influence(actor, dimension)
    terms = [f"{weight:.10g} * ({name} {sign} {at:.10g})" for at, weight in sorted(weights.items())]
    return " + ".join(terms)


def _actor_influence(actor: SpatialActor, dimension: int) -> float:
    return actor.power * actor.saliences[dimension] / 100


def _median_grid_point(scenario: SpatialScenario, dimension: int, step: int) -> int:
    """The grid point next to the median position, weighted by influence."""
    ranked = sorted(
        (actor.positions[dimension], _actor_influence(actor, dimension))
        for actor in scenario.actors
    )
    half, passed = sum(weight for _, weight in ranked) / 2, 0.0
    for position, weight in ranked:
        passed += weight
        if passed >= half:
            return math.floor(position / step + 0.5)
    raise AssertionError("half of the whole is passed")


def _utility_expression(actor: SpatialActor, variables: Sequence[str], step: int) -> str:
    if len(variables) == 1:
        return f"1 - abs({step} * {variables[0]} - {actor.positions[0]:.10g}) / 100"
    length = math.sqrt(sum(salience**2 for salience in actor.saliences))
    squares = [
        f"({salience / length:.10g} * ({step} * {name} - {position:.10g})) ** 2"
        for name, position, salience in zip(
            variables, actor.positions, actor.saliences, strict=True
        )
    ]
    return f"1 - sqrt({' + '.join(squares)}) / 100"


def _import_notes(scenario: SpatialScenario) -> list[str]:
    step = GRID_STEPS[len(scenario.dimensions)]
    notes = [
        f"Positions are on a grid {step} apart, of 100; payoffs use the actors' to the last digit.",
        "Influence is power times salience; a proposal is carried with the share of it in favour.",
        "Pairwise challenges, risk attitudes and coalitions are not in the case.",
        (
            f"Patience {DEFAULT_PATIENCE}, precision {DEFAULT_PRECISION} and {DEFAULT_HORIZON} "
            "turns are not in the file."
        ),
        "A turn is called a month; turns have no length in the file.",
        "The case makes no claims: write your own, or ask, such as E(position).",
    ]
    if scenario.scale is not None:
        low, high = scenario.scale
        notes.insert(
            0, f"The scale goes from the least position, {low:g}, to the greatest, {high:g}."
        )
    if len(scenario.dimensions) > 1:
        notes[-1] = "The case makes no claims: write your own, or ask."
    return notes
