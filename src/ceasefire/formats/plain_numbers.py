"""What number does somebody mean who writes `50 %`, `0,6` or `about 0.3 to 0.9`?

A text that could mean two numbers is refused with both ways to write it, never guessed.
"""

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from ceasefire.case import LARGEST_MAGNITUDE
from ceasefire.errors import CaseError, Problem

EXAMPLES = "0.6, 0,6, 50 %, 1 in 5, 0.3 to 0.9"
_FILLERS = re.compile(
    r"\b(?:about|around|approximately|approx\.?|roughly|some|circa|ca\.?|maybe|perhaps|probably"
    r"|best|somewhere|say)(?![\w.])|[~≈]"
)
_NUMBER = r"[-+]?(?:\d[\d.,]*|[.,]\d+)(?:e[-+]?\d+)?"
_VALUE = rf"(?:{_NUMBER}(?:/{_NUMBER})?)%?"
_RANGE = re.compile(rf"(?:between|from)?({_VALUE})(?:to|and|-|–|—|…|\.\.\.?)({_VALUE})")
_SPREAD = re.compile(rf"({_VALUE})(?:±|\+/?-|plusorminus)({_VALUE})")
_BEST_AND_RANGE = re.compile(
    r"([^;(]+?)(?:[;:,] | ?\( ?| (?=between|from))(?:range )?([^;()]+?) ?\)?"
)
_WORDS = {"half": "1/2", "a half": "1/2", "a third": "1/3", "two thirds": "2/3", "a quarter": "1/4",
          "three quarters": "3/4", "a tenth": "1/10"}  # fmt: skip
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DIGITS = {word: number for number, word in enumerate(_COUNTS, 1)}


@dataclass(frozen=True)
class Estimate:
    """A number that nobody knows, as somebody put it.

    best  the best estimate; None if only a range was given
    low   the least it may be; None if no range was given
    high  the most it may be
    """

    best: float | None
    low: float | None = None
    high: float | None = None


def read_plain_number(text: str, path: str = "") -> float:
    """The one number that a text means.

    text  what somebody wrote
    path  where it stands, for the problem

    Raises CaseError for a text that is no number, or could be two.

    >>> [read_plain_number(text) for text in ("50 %", "0,6", "about 1 in 5", "30 000", "-.5")]
    [0.5, 0.6, 0.2, 30000.0, -0.5]
    >>> read_plain_number("30,000")
    Traceback (most recent call last):
    ceasefire.errors.CaseError: can be read in two ways, found 30,000; write 30000 or 30.000
    """
    estimate = read_estimate(text, path)
    if estimate.best is None or estimate.low is not None:
        _refuse("is a range, and one number is asked for", text, path)
    return estimate.best


def read_estimate(text: str, path: str = "") -> Estimate:
    """A best estimate, a range, or both, from what somebody wrote.

    text  what somebody wrote
    path  where it stands, for the problem

    Raises CaseError for a text that is none, whose ends are in the wrong order, or whose best
    estimate lies outside.

    >>> read_estimate("about 0.3 to 0.9")
    Estimate(best=None, low=0.3, high=0.9)
    >>> read_estimate("60 % (30 to 90 %)")
    Estimate(best=0.6, low=0.3, high=0.9)
    >>> read_estimate("0,6 ± 0,2").low
    0.4
    """
    said = _FILLERS.sub(" ", text.casefold().replace("per cent", "%").replace("percent", "%"))
    said = _with_digits(" ".join(said.split()).replace("−", "-"))
    tight = re.sub(r"(?<=\d)in(?=\d)", "/", said.replace(" ", ""))
    if re.search(r"(?<![\d.,])\d+ \d", said) and not re.search(
        r"(?<![\d.,])\d{1,3}( \d{3})+(?!\d)", said
    ):
        _refuse("is not one number", text, path)
    if re.fullmatch(_VALUE, tight):
        return Estimate(_value_of(tight, text, path))
    if (found := _SPREAD.fullmatch(tight)) is not None:
        middle, reach = _both(found[1], found[2], text, path)
        low, high = _rounded(middle - reach), _rounded(middle + reach)
        return _checked(Estimate(middle, low, high), text, path)
    parts = _BEST_AND_RANGE.fullmatch(said)
    first, rest = (part.replace(" ", "") for part in parts.groups()) if parts else ("", "")
    if (found := _RANGE.fullmatch(rest)) is not None and re.fullmatch(_VALUE, first):
        ends = _both(found[1], found[2], text, path)
        return _checked(Estimate(_value_of(first, text, path), *ends), text, path)
    if (found := _RANGE.fullmatch(tight)) is None:
        _refuse("is no number that can be read", text, path)
    return _checked(Estimate(None, *_both(found[1], found[2], text, path)), text, path)


def _with_digits(said: str) -> str:
    for words, number in sorted(_WORDS.items(), key=lambda item: -len(item[0])):
        said = re.sub(rf"\b{words}\b", number, said)
    return re.sub(r"\b[a-z]+\b", lambda word: str(_DIGITS.get(word[0], word[0])), said)


def _both(first: str, second: str, text: str, path: str) -> tuple[float, float]:
    """Two values, a percent sign behind the second being meant for both."""
    if second.endswith("%") and not first.endswith("%"):
        first += "%"
    elif first.endswith("%") and not second.endswith("%"):
        _refuse("only one of the two is per cent", text, path, "write % behind both")
    return _value_of(first, text, path), _value_of(second, text, path)


def _value_of(word: str, text: str, path: str) -> float:
    percent = word.endswith("%")
    upper, _, lower = word.rstrip("%").partition("/")
    value = _number_of(upper, text, path)
    if lower:
        below = _number_of(lower, text, path)
        if below == 0:
            _refuse("divides by nothing", text, path)
        value /= below
    value = _rounded(value / 100) if percent else value
    if not math.isfinite(value) or abs(value) > LARGEST_MAGNITUDE:
        _refuse("is too large", text, path)
    return value


def _number_of(word: str, text: str, path: str) -> float:
    """A number with a point or a comma before its decimals; thousands in groups."""
    sign, digits = (word[0], word[1:]) if word[0] in "+-" else ("", word)
    whole, mark, exponent = digits.partition("e")
    if re.fullmatch(r"\d{1,3}(,\d{3}){2,}(\.\d+)?", whole):
        whole = whole.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?", whole):
        whole = whole.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2},\d{3}", whole):
        ways = f"{whole.replace(',', '')} or {whole.replace(',', '.')}"
        _refuse("can be read in two ways", text, path, f"write {ways}")
    elif "," in whole and "." in whole:
        thousands, decimals = (",", ".") if whole.rfind(".") > whole.rfind(",") else (".", ",")
        if not re.fullmatch(rf"\d{{1,3}}(\{thousands}\d{{3}})+\{decimals}\d+", whole):
            _refuse("is no number that can be read", text, path)
        whole = whole.replace(thousands, "").replace(decimals, ".")
    else:
        whole = whole.replace(",", ".")
    if whole.count(".") > 1 or whole in (".", ""):
        _refuse("is no number that can be read", text, path)
    return float(f"{sign}{whole}{mark}{exponent}")


def _rounded(value: float) -> float:
    """Without what adding or dividing in binary leaves behind."""
    return float(f"{value:.12g}")


def _checked(estimate: Estimate, text: str, path: str) -> Estimate:
    low, high, best = estimate.low, estimate.high, estimate.best
    if low is not None and high is not None:
        if low >= high:
            _refuse("the lower end comes first, and below the other", text, path)
        if best is not None and not low <= best <= high:
            _refuse("the best estimate lies outside of the range", text, path)
    return estimate


def _refuse(
    message: str, text: str, path: str, help: str = f"write for example {EXAMPLES}"
) -> NoReturn:
    raise CaseError([Problem(message, path=path, found=text.strip()[:60] or "nothing", help=help)])
