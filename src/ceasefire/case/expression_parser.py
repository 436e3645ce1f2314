"""What does Python's grammar make of a text, within limits? Nothing is ever executed.

Expressions of a case and questions asked of it are parsed alike.
"""

import ast
import math
import re
import warnings
from collections.abc import Iterator
from typing import Final

from ceasefire.diagnostics import UNKNOWN_LOCATION, TextLocation, shorten_text
from ceasefire.errors import ExpressionError, Problem

LONGEST_EXPRESSION_CHARACTERS = 10_000
DEEPEST_EXPRESSION_LEVELS = 100
LONGEST_OPERATOR_CHAIN = 300
PASS_PLACEHOLDER: Final = "____"  # noqa: S105 - Python keeps `pass` for itself

_OPENING_BRACKETS = {")": "(", "]": "[", "}": "{"}
_FORBIDDEN_CHARACTER_ADVICE = {
    "#": "a comment cannot stand inside an expression",
    "\\": "",
    ";": "",
    "`": "",
    "$": "",
    "?": "write `a if condition else b`",
    "@": "",
    "!": "write `not x`, or `!=`",
    "&": "write `and`",
    "|": "write `or`",
    "^": "a power is written `**`",
    "~": "write `not x`",
    "'": "words are written without quotes: `attention == engaged`",
    '"': "words are written without quotes: `attention == engaged`",
}
_LOOKALIKE_REPLACEMENTS = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "*",
    "·": "*",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "“": "no quotes",
    "”": "no quotes",
    "‘": "no quotes",
    "’": "no quotes",
    "\u00a0": "a plain space",
}


def parse_expression_ast(text: str, location: TextLocation = UNKNOWN_LOCATION) -> ast.Expression:
    """Parse an expression of at most 10,000 characters and 100 levels into Python's own tree.

    Offsets (`col_offset`) count characters of `text`. A flat chain such as a + b + c is one level.
    A whole number too large for a float stands there as infinity.

    Raises ExpressionError, whose problem points at the character at fault.

    >>> ast.unparse(parse_expression_ast("force >= 3"))
    'force >= 3'
    >>> parse_expression_ast("(force")
    Traceback (most recent call last):
    ceasefire.errors.ExpressionError: bracket is not closed, found (; ...
    """
    _check_characters(text, location)
    spaced = re.sub(r"\s", " ", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(spaced.lstrip(), mode="eval")
    except SyntaxError as error:
        shift = len(spaced) - len(spaced.lstrip())
        raise ExpressionError([_syntax_problem(error, text, shift, location)]) from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        raise ExpressionError([_nesting_problem(location, 0)]) from None
    shift = len(spaced) - len(spaced.lstrip())
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset += shift
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = _float_or_infinity(node.value)
    _check_nesting(tree, location)
    return tree


NO_EXPRESSION_MESSAGE = "is not an expression"


def parse_question_ast(text: str, location: TextLocation = UNKNOWN_LOCATION) -> ast.Expression:
    """Parse a question, in which a party's `pass` may be named: it stands there as HIDDEN_PASS.

    Raises ExpressionError, whose problem points at the character at fault.

    >>> ast.unparse(parse_question_ast("plays(russia.pass)"))
    'plays(russia.____)'
    """
    return parse_expression_ast(re.sub(r"(\.\s*)pass\b", rf"\1{PASS_PLACEHOLDER}", text), location)


def _check_characters(text: str, location: TextLocation) -> None:
    """Refuse what Python's tokens would hide: comments, odd characters, open brackets."""
    if len(text) > LONGEST_EXPRESSION_CHARACTERS:
        raise _expression_error(
            location,
            0,
            "expression is too long",
            f"{len(text):,} characters",
            f"at most {LONGEST_EXPRESSION_CHARACTERS:,}",
            "name its parts as conditions",
        )
    if not text.strip():
        raise _expression_error(location, 0, "expression is empty", "nothing", "an expression", "")
    open_brackets: list[tuple[str, int]] = []
    for offset, letter in enumerate(text):
        if (
            not letter.isascii()
            or (ord(letter) < 32 and letter not in "\t\n\r")
            or letter == "\x7f"
        ):
            better = _LOOKALIKE_REPLACEMENTS.get(letter)
            way = f"write {better}" if better else "names and signs are plain ASCII"
            raise _expression_error(
                location, offset, "character is not allowed", _show_character(letter), "", way
            )
        if letter in _FORBIDDEN_CHARACTER_ADVICE and text[offset : offset + 2] != "!=":
            raise _expression_error(
                location,
                offset,
                "character is not allowed",
                letter,
                "",
                _FORBIDDEN_CHARACTER_ADVICE[letter],
            )
        if letter in "([{":
            open_brackets.append((letter, offset))
            if len(open_brackets) > DEEPEST_EXPRESSION_LEVELS:
                raise ExpressionError([_nesting_problem(location, offset)])
        elif letter in _OPENING_BRACKETS and (
            not open_brackets or open_brackets.pop()[0] != _OPENING_BRACKETS[letter]
        ):
            raise _expression_error(location, offset, "bracket closes nothing", letter, "", "")
    if open_brackets:
        raise _expression_error(
            location,
            open_brackets[-1][1],
            "bracket is not closed",
            open_brackets[-1][0],
            "",
            "in YAML, quote an expression with a comma inside {...} or [...]",
        )


def _float_or_infinity(value: int) -> float:
    """A number; infinity for one that no float holds, which Python may refuse even to print."""
    try:
        return value if math.isfinite(value) else math.inf
    except OverflowError:
        return math.inf


def _check_nesting(tree: ast.Expression, location: TextLocation) -> None:
    waiting: list[tuple[ast.AST, int, int]] = [(tree.body, 0, 0)]
    while waiting:
        node, level, depth = waiting.pop()
        if level > DEEPEST_EXPRESSION_LEVELS or depth > LONGEST_OPERATOR_CHAIN:
            raise ExpressionError([_nesting_problem(location, getattr(node, "col_offset", 0))])
        for child in _child_expressions(node):
            flat = isinstance(node, ast.BinOp) and isinstance(child, ast.BinOp)
            flat = flat and child is node.left  # type: ignore[attr-defined]
            waiting.append((child, level if flat else level + 1, depth + 1))


def _child_expressions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.keyword):
            yield child.value
        elif isinstance(child, ast.expr):
            yield child


def _syntax_problem(error: SyntaxError, text: str, shift: int, location: TextLocation) -> Problem:
    offset = min(max(0, (error.offset or 1) - 1) + shift, len(text) - 1)
    message, help = NO_EXPRESSION_MESSAGE, ""
    reason = error.msg
    if arrow := re.search("=>|=<", text):
        help = f"write {arrow[0][::-1]}"
    elif re.search(r"(?<![=!<>:])=(?!=)", text):
        help = "to compare, write =="
    elif percent := re.search(r"([0-9]+(?:\.[0-9]+)?)\s*%\s*(?=$|[-)+*/<>=])", text):
        help = f"write {float(percent[1]) / 100:.12g}: a share of 1, not per cent"
    elif "leading zeros" in reason:
        help = "write the number without leading zeros"
    elif "limit" in reason and "digit" in reason:
        return location.problem(
            "number is not finite",
            offset,
            found="a number of over 4,300 digits",
            allowed="a finite number",
        )
    elif word := re.search(r"\b(AND|OR|NOT|If|Else)\b", text):
        help = f"write {word[0].lower()}"
    elif "forgot a comma" in reason or "invalid syntax" in reason:
        help = "is an operator missing, or a YAML quote?"
    else:
        help = reason
    return location.problem(message, offset, found=shorten_text(text), help=help)


def _nesting_problem(location: TextLocation, offset: int) -> Problem:
    return location.problem(
        "expression is nested too deeply",
        offset,
        allowed=f"{DEEPEST_EXPRESSION_LEVELS} levels",
        help="name its parts as conditions",
    )


def _expression_error(
    location: TextLocation, offset: int, message: str, found: str, allowed: str, help: str
) -> ExpressionError:
    return ExpressionError(
        [location.problem(message, offset, found=found, allowed=allowed, help=help)]
    )


def _show_character(letter: str) -> str:
    return f"{letter} (U+{ord(letter):04X})" if letter.isprintable() else f"U+{ord(letter):04X}"
