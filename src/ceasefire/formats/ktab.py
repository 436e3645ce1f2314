"""Actors, positions, salience and power from KTAB (`.csv`) as a case of spatial bargaining.

The file: a first line with title, description, number of actors and of dimensions; a line of
headings; then one line for each actor: name, description, power, and for each dimension its
position and its salience, both from 0 to 100.

Read so:

    position    where policy stands, one whole-number variable for each dimension, on a grid; at
                the start the grid point next to the median position, weighed by influence
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
from typing import NamedTuple, NoReturn

from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_writer import (
    ConvertedFile,
    UniqueIdentifiers,
    case_to_yaml,
    decode_import,
)

GRID_STEPS = {1: 5, 2: 10, 3: 10}  # dimensions -> distance of grid points
MOST_ACTORS = 100
DEFAULT_HORIZON = 12
DEFAULT_PATIENCE, DEFAULT_PRECISION = 0.9, 20
_KTAB_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class SpatialActor(NamedTuple):
    """One line of the file."""

    name: str
    about: str
    power: float
    positions: tuple[float, ...]
    saliences: tuple[float, ...]


class SpatialScenario(NamedTuple):
    """The whole file."""

    title: str
    about: str
    dimensions: tuple[str, ...]
    actors: tuple[SpatialActor, ...]


def from_ktab(content: bytes, file: str = "<csv>") -> ConvertedFile:
    """Write a KTAB scenario as a case; the notes say how it is read and what is chosen freely.

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
    scene = _parse_scenario(decode_import(content, file), file)
    return ConvertedFile(case_to_yaml(_case_document(scene)), tuple(_import_notes(scene)))


def _parse_scenario(text: str, file: str) -> SpatialScenario:
    reading = _KtabParser(file)
    rows = reading.rows(text)
    if len(rows) < 3:
        allowed = "a title, headings, and a line for each actor"
        line = rows[-1][0] if rows else 1
        reading.fault(line, "the file ends too early", f"{len(rows)} lines", allowed)
        reading.stop()
    (line, head), (heads_line, headings), *others = rows
    counts = [int(cell) if re.fullmatch(r"[0-9]{1,4}", cell) else 0 for cell in head[2:4]]
    if len(head) != 4 or not all(counts):
        way = "title, description, number of actors, of dimensions; quote a text with commas in it"
        reading.fault(line, "is no first line of KTAB's", ", ".join(head), "four values", way)
        reading.stop()
    actors, dimensions = counts
    if dimensions not in GRID_STEPS:
        way = "write one file for each issue"
        reading.fault(line, "has too many dimensions", str(dimensions), "1 to 3", way)
        reading.stop()
    width = 3 + 2 * dimensions
    if len(headings) != width:
        reading.fault(heads_line, "must name every column", f"{len(headings)}", f"{width}")
    if len(others) != actors or actors > MOST_ACTORS:
        found, allowed = f"{len(others)} lines of actors", f"{actors}, at most {MOST_ACTORS}"
        message = "must have as many actors as the first line says"
        reading.fault(others[-1][0], message, found, allowed)
    known: dict[str, SpatialActor] = {}
    for at, cells in others:
        actor = reading.actor(at, cells, width)
        if actor is not None and actor.name in known:
            reading.fault(at, "an actor stands twice", actor.name, "each once")
        elif actor is not None:
            known[actor.name] = actor
    if reading.problems:
        reading.stop()
    return SpatialScenario(head[0], head[1], tuple(headings[3::2]), tuple(known.values()))


class _KtabParser:
    """Collects what is wrong with a file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def fault(self, line: int, message: str, found: str, allowed: str = "", way: str = "") -> None:
        """Note a problem of one line."""
        self.problems.append(Problem(message, self.file, line, None, "", found[:60], allowed, way))

    def stop(self) -> NoReturn:
        """Raise all that was noted."""
        raise CaseError(self.problems)

    def rows(self, text: str) -> list[tuple[int, list[str]]]:
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
            self.fault(reader.line_num, "is no line of comma-separated values", str(error))
            self.stop()
        return rows

    def actor(self, line: int, cells: list[str], width: int) -> SpatialActor | None:
        """One actor, or None after a fault."""
        if len(cells) != width or not cells[0]:
            way = "name, description, power, then position and salience; quote a text with commas"
            self.fault(line, "is no line of an actor", f"{len(cells)} values", f"{width}", way)
            return None
        power, *rest = (self._number(line, cell) for cell in cells[2:])
        positions, saliences = rest[::2], rest[1::2]
        fine = [self._within(line, "power", power, 0, math.inf, open_=True)]
        fine += [self._within(line, "a position", one, 0, 100) for one in positions]
        fine += [self._within(line, "a salience", one, 0, 100, open_=True) for one in saliences]
        if not all(fine):
            return None
        return SpatialActor(cells[0], cells[1], power, tuple(positions), tuple(saliences))

    def _number(self, line: int, cell: str) -> float:
        if _KTAB_NUMBER.fullmatch(cell) and math.isfinite(float(cell)):
            return float(cell)
        self.fault(line, "must be a number", cell or "nothing", "such as 30 or 12.5")
        return math.nan

    def _within(
        self, line: int, what: str, value: float, low: float, high: float, open_: bool = False
    ) -> bool:
        if math.isnan(value):
            return False
        fine = low <= value <= high and not (open_ and value == low)
        if not fine:
            least = f"above {low:g}" if open_ else f"{low:g} or more"
            most = "" if math.isinf(high) else f", at most {high:g}"
            self.fault(line, f"{what} is out of range", f"{value:g}", least + most)
        return fine


def _case_document(scene: SpatialScenario) -> dict[str, object]:
    count = len(scene.dimensions)
    step = GRID_STEPS[count]
    names = UniqueIdentifiers(["council"])
    heads = scene.dimensions if count > 1 else ("position",)
    variables = [names.new(head, "position") for head in heads]
    parties = [names.new(actor.name, "actor") for actor in scene.actors]
    conditions: dict[str, str] = {}
    deals: dict[str, object] = {}
    for d, name in enumerate(variables):
        more, less = names.new(f"for more {name}", "more"), names.new(f"for less {name}", "less")
        conditions[more] = _support_expression(scene, d, name, step, "<")
        conditions[less] = _support_expression(scene, d, name, step, ">")
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
        "title": scene.title or "A spatial case",
        **({"about": scene.about} if scene.about else {}),
        "horizon": DEFAULT_HORIZON,
        "ending": "lasts",
        "parties": {
            name: {
                "name": actor.name,
                "patience": DEFAULT_PATIENCE,
                "precision": DEFAULT_PRECISION,
                **({"about": actor.about} if actor.about else {}),
            }
            for name, actor in zip(parties, scene.actors, strict=True)
        },
        "state": {
            name: {
                "values": f"0..{100 // step}",
                "start": _median_grid_point(scene, d, step),
                "about": f"{scene.dimensions[d]}, in steps of {step} from 0 to 100",
            }
            for d, name in enumerate(variables)
        },
        "conditions": conditions,
        "payoffs": {
            name: {"closeness": _utility_expression(actor, variables, step)}
            for name, actor in zip(parties, scene.actors, strict=True)
        },
        "tables": {"council": {"seats": parties, "proposes": "any", "deals": deals}},
        "order": ["council"],
    }


def _support_expression(scene: SpatialScenario, d: int, name: str, step: int, sign: str) -> str:
    """The influence of all whom a step on dimension d brings nearer, as an expression."""
    weights: dict[float, float] = {}
    for actor in scene.actors:
        middle = actor.positions[d] / step - 0.5 * (1 if sign == "<" else -1)
        weights[middle] = weights.get(middle, 0.0) + _actor_influence(actor, d)
    terms = [f"{weight:.10g} * ({name} {sign} {at:.10g})" for at, weight in sorted(weights.items())]
    return " + ".join(terms)


def _actor_influence(actor: SpatialActor, d: int) -> float:
    return actor.power * actor.saliences[d] / 100


def _median_grid_point(scene: SpatialScenario, d: int, step: int) -> int:
    """The grid point next to the median position, weighed by influence."""
    ranked = sorted((actor.positions[d], _actor_influence(actor, d)) for actor in scene.actors)
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


def _import_notes(scene: SpatialScenario) -> list[str]:
    step = GRID_STEPS[len(scene.dimensions)]
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
    if len(scene.dimensions) > 1:
        notes[-1] = "The case makes no claims: write your own, or ask."
    return notes
