"""Reads a state as an analyst writes it: `fighting=true, force=2`."""

from collections.abc import Mapping

from ceasefire.ask.options import read_start
from ceasefire.ask.reader import Reader, read
from ceasefire.case import Case, Place
from ceasefire.errors import QuestionError

Value = bool | int | str


def read_state(case: Case, at: str | Mapping[str, Value]) -> dict[str, Value]:
    """The variables that are named, each with its value.

    Raises QuestionError with everything that is no variable or no value of it.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {start: true}, force: {values: 0..4, start: 0}}
    ... ''')
    >>> read_state(case, "war=false, force=2")
    {'war': False, 'force': 2}
    """
    words = at if isinstance(at, str) else ", ".join(f"{k}={_word(v)}" for k, v in at.items())
    if not words.strip():
        return {}
    place = Place(path="state", spots=((0, 1, 1),))
    for part in words.split(","):
        if part.count("=") != 1 + part.count("=="):
            allowed = "variable=value, variable=value"
            raise QuestionError([place.problem("is no state", found=part.strip(), allowed=allowed)])
    braced = Place(path="state", spots=((0, 1, 0),))  # the brace stands before the first column
    reader = Reader(case, braced)
    found = read_start(reader, read(_braced(words), braced))
    if reader.problems:
        raise QuestionError(reader.problems)
    return dict(found)


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _braced(words: str) -> str:
    pairs = [part.replace("==", "=").replace("=", ":", 1) for part in words.split(",")]
    return "{" + ",".join(pairs) + "}"
