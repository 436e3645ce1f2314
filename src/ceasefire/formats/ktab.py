"""How a KTAB file (`.csv`) of actors and positions becomes a case of spatial bargaining.

The file: a first line with title, description, number of actors and of dimensions; a line of
headings; then one line for each actor: name, description, power, and for each dimension its
position and its salience, both from 0 to 100.

Read so:

    position    where policy stands, one whole-number variable for each dimension, on a grid; at
                the start the grid point next to the median position, weighted by influence
    payoff      an actor's utility of where policy stands, risk-neutral as in KTAB:
                1 - sqrt(sum_d (s_d (x_d - p_d) / 100)^2 / sum_d s_d^2)
    influence   power times salience of the dimension at issue, salience counting 0 to 1
    council     in each period one actor, each as likely, proposes one grid step on one dimension,
                or nothing; it is carried with the share of influence that is for it among all who
                care: an actor is for a step that brings policy nearer to its position

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
MOST_ACTORS = 100
MOST_CHARACTERS_QUOTED = 60
DEFAULT_HORIZON = 12
DEFAULT_PATIENCE, DEFAULT_PRECISION = 0.9, 20
_KTAB_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


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
    """A whole file: its title and description, the names of its dimensions, and its actors."""

    title: str
    about: str
    dimensions: tuple[str, ...]
    actors: tuple[SpatialActor, ...]


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
    scenario = _parse_scenario(decode_import(content, file), file)
    return ConvertedFile(case_to_yaml(_case_document(scenario)), tuple(_import_notes(scenario)))


def _parse_scenario(text: str, file: str) -> SpatialScenario:
    diagnostics = Diagnostics[int](CaseError, lambda line: TextLocation.on_line(file, line))
    rows = _read_rows(text, diagnostics)
    if len(rows) < 3:
        diagnostics.fail(
            rows[-1][0] if rows else 1,
            "the file ends too early",
            found=f"{len(rows)} lines",
            allowed="a title, headings, and a line for each actor",
        )
    (line, head), (heads_line, headings), *others = rows
    counts = [int(cell) if re.fullmatch(r"[0-9]{1,4}", cell) else 0 for cell in head[2:4]]
    if len(head) != 4 or not all(counts):
        diagnostics.fail(
            line,
            "is no first line of KTAB's",
            found=", ".join(head)[:MOST_CHARACTERS_QUOTED],
            allowed="four values",
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
            help="write one file for each issue",
        )
    width = 3 + 2 * dimensions
    if len(headings) != width:
        diagnostics.report(
            heads_line, "must name every column", found=f"{len(headings)}", allowed=f"{width}"
        )
    if len(others) != actors or actors > MOST_ACTORS:
        diagnostics.report(
            others[-1][0],
            "must have as many actors as the first line says",
            found=f"{len(others)} lines of actors",
            allowed=f"{actors}, at most {MOST_ACTORS}",
        )
    known: dict[str, SpatialActor] = {}
    for line, cells in others:
        actor = _read_actor(line, cells, width, diagnostics)
        if actor is not None and actor.name in known:
            found = actor.name[:MOST_CHARACTERS_QUOTED]
            diagnostics.report(line, "an actor stands twice", found=found, allowed="each once")
        elif actor is not None:
            known[actor.name] = actor
    diagnostics.raise_any()
    return SpatialScenario(head[0], head[1], tuple(headings[3::2]), tuple(known.values()))


def _read_rows(text: str, diagnostics: Diagnostics[int]) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, without the commas at their ends."""
    rows = []
    reader = csv.reader(text.split("\n"), skipinitialspace=True, strict=True)
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        found = str(error)[:MOST_CHARACTERS_QUOTED]
        message = "is no line of comma-separated values"
        diagnostics.fail(reader.line_num, message, found=found)
    return rows


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
    if len(scenario.dimensions) > 1:
        notes[-1] = "The case makes no claims: write your own, or ask."
    return notes
