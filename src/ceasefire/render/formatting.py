"""How are numbers, their quality, shares and problems written for readers?"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.markup import escape
from rich.text import Text

from ceasefire.case.yaml_nodes import CONTROL_CHARACTERS
from ceasefire.errors import Problem
from ceasefire.query import NumericalQuality, Question
from ceasefire.query.ast import (
    Constant,
    LeastValueSearch,
    QuantityRef,
    QuestionNode,
    evaluate_question,
)
from ceasefire.query.decisions import START_PUTS
from ceasefire.query.numerical_quality import SEVERAL
from ceasefire.query.plan import LEAST_SEVERAL_PROBABILITY
from ceasefire.results import (
    DEPENDS_ON_ENDING,
    DEPENDS_ON_EQUILIBRIUM,
    DEPENDS_ON_ORDER,
    DEPENDS_ON_PRECISION,
    WHOLE_BRANCH_GIVES,
    format_count,
)

if TYPE_CHECKING:
    from ceasefire.ensemble import ClaimCheck, RunStats, Threshold

BAR_BLOCKS = " ▏▎▍▌▋▊▉█"
SPARKLINE_LEVELS = "▁▂▃▄▅▆▇█"


class TruthMark(NamedTuple):
    """How it is shown that a test is true, false or neither.

    sign   one character
    word   what the sign means
    style  the colour of the sign, as Rich names it
    """

    sign: str
    word: str
    style: str


TRUTH_MARKS = {
    True: TruthMark("✓", "true", "green"),
    False: TruthMark("✗", "false", "red"),
    None: TruthMark("?", "no answer", "yellow"),
}
VERDICT_STYLES = {
    "holds": "bold green",
    "mostly holds": "green",
    "depends": "yellow",
    "mostly fails": "red",
    "fails": "bold red",
}


def truth_mark(truth: bool | None) -> Text:
    """A tick for true, a cross for false, a question mark for neither.

    >>> print(truth_mark(True), truth_mark(None))
    ✓ ?
    """
    mark = TRUTH_MARKS[truth]
    return Text(mark.sign, style=mark.style)


def format_number(value: float | bool | None) -> str:
    """A number for a reader: three significant digits, never rounded to 0 or 1 unless it is.

    >>> [format_number(value) for value in (0.61803, 1e-7, 0.9999, 12.345, 1234567.0, 1.0, -0.0)]
    ['0.618', '1.0e-07', '0.9999', '12.3', '1,234,567', '1', '0']
    >>> [format_number(value) for value in (True, None, math.inf, 1 - 1e-9)]
    ['true', 'no value', 'none', '>0.9999']
    """
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isinf(value):
        return "none" if value > 0 else "-inf"
    size = abs(value)
    if value == round(value) and size < 1e9:
        return f"{value + 0.0:,.0f}"
    if size < 5e-4 or size >= 1e9:
        return f"{value:.1e}"
    if size >= 1000:
        return f"{value:,.0f}"
    if 0.99995 <= size < 1:
        return ">0.9999" if value > 0 else "-1.000"
    return f"{value:.4f}" if 0.9995 <= size < 1 else f"{value:#.3g}".rstrip(".")


def format_probability(probability: float) -> str:
    """A probability or an expected number for a table: three places.

    >>> [format_probability(value) for value in (0.0, 1e-9, 0.25, 0.9999, 1.0, 2.5)]
    ['0', '<0.001', '0.250', '>0.999', '1', '2.500']
    """
    if probability in (0.0, 1.0):
        return f"{probability:.0f}"
    if 0 < probability < 5e-4:
        return "<0.001"
    if 0.9995 <= probability < 1:
        return ">0.999"
    return f"{probability:.3f}"


def text_bar(share: float, width: int = 10) -> str:
    """A share from 0 to 1 as a bar `width` characters wide, in eighths of a character.

    >>> text_bar(0.5, 4), text_bar(0.03, 4)
    ('██  ', '▏   ')
    """
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (BAR_BLOCKS[rest] if rest else "")).ljust(width)


def threshold_value(threshold: "Threshold") -> str:
    """A threshold with the digits that its accuracy allows.

    threshold  what `trace` found

    >>> from ceasefire.ensemble import Threshold
    >>> half = Threshold(0, "turns", 0.33334, 4e-5, False, True, None, None, None, 9)
    >>> threshold_value(half)
    '0.3333'
    """
    size = max(threshold.within, 1e-12)
    digits = min(max(0, -math.floor(math.log10(size)) - 1), 12)
    return f"{threshold.at:.{digits}f}"


def threshold_sentence(threshold: "Threshold", question: str = "") -> str:
    """A threshold in words.

    threshold  what `trace` found
    question   named first, if it is to be named

    >>> from ceasefire.ensemble import Threshold
    >>> threshold_sentence(Threshold(0, "jumps", 0.625, 5e-4, 0.1, 0.9, 0.5, None, None, 9))
    'jumps from 0.100 to 0.900 at 0.625'
    """
    before, after = format_number(threshold.before), format_number(threshold.after)
    way = {
        "turns": f"turns from {before} to {after}",
        "crosses": f"crosses {format_number(threshold.level)}",
        "jumps": f"jumps from {before} to {after}",
        "steep": f"goes steeply from {before} to {after}, half way",
    }[threshold.kind]
    named = f"{' '.join(question.split())}: " if question else ""
    return f"{named}{way} at {threshold_value(threshold)}"


def sparkline(values: Sequence[float], low: float = 0.0, high: float = 1.0) -> str:
    """Numbers as a row of blocks, one for each, the lowest for `low`, the highest for `high`.

    >>> sparkline([0.0, 0.5, 1.0])
    '▁▅█'
    """
    span = high - low or 1.0
    steps = [round((value - low) / span * (len(SPARKLINE_LEVELS) - 1) + 1e-9) for value in values]
    return "".join(SPARKLINE_LEVELS[min(max(step, 0), len(SPARKLINE_LEVELS) - 1)] for step in steps)


def problem_text(problem: Problem) -> Text:
    """A problem in a few lines: where it is, what it is, and how to mend it.

    >>> print(problem_text(Problem("no such field", "war.yaml", 3, found="\\x1b[2J")))
    war.yaml:3  no such field
        found: U+001B[2J
    """
    location = (problem.file, problem.line, problem.column)
    place = ":".join(str(part) for part in location if part is not None)
    text = Text()
    if place:
        text.append(_escape_control_characters(place) + "  ", style="bold")
    if problem.path:
        text.append(_escape_control_characters(problem.path) + "  ", style="cyan")
    text.append(_escape_control_characters(problem.message))
    for label, value in (("found", problem.found), ("allowed", problem.allowed)):
        if value and value != problem.message:
            text.append(f"\n    {label}: ", style="dim").append(_escape_control_characters(value))
    if problem.help:
        text.append("\n    → ", style="green").append(_escape_control_characters(problem.help))
    return text


def _escape_control_characters(text: str) -> str:
    """A text without control characters, which could change the terminal."""
    return CONTROL_CHARACTERS.sub(lambda character: f"U+{ord(character[0]):04X}", text)


def escape_markup(text: str) -> str:
    """Text from a case, escaped so that Rich does not read brackets in it as markup."""
    return escape(text)


def split_common_variables(states: Sequence[str]) -> tuple[list[str], str]:
    """States shortened to the variables in which they differ, and what all have in common.

    >>> split_common_variables(["war=true, force=1", "war=true, force=2"])
    (['force=1', 'force=2'], 'war=true')
    >>> split_common_variables(["YN", "NN"])
    (['YN', 'NN'], '')
    """
    split = [state.split(", ") for state in states]
    common = [len(set(words)) == 1 for words in zip(*split, strict=True)]
    if all(common) or not any(common):
        return list(states), ""
    short = [
        ", ".join(w for w, alike in zip(words, common, strict=True) if not alike) for words in split
    ]
    return short, ", ".join(w for w, alike in zip(split[0], common, strict=True) if alike)


OPERATOR_PRECEDENCE = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "negative": 7, "positive": 7, "**": 8,
}  # fmt: skip
HIGHEST_PRECEDENCE = 9


def substitute_values(question: Question, values: Sequence[float | None]) -> str:
    """The expression of a question with a number in place of each quantity.

    question  the parsed question
    values    one for each quantity of the question, in order; None where it has no value

    >>> from ceasefire.query.ast import Operation
    >>> tree = Operation(">", (Operation("-", (QuantityRef(0), QuantityRef(1))), Constant(0.25)))
    >>> substitute_values(Question("P(...) - P(...) > 0.25", tree, ()), [0.8125, 0.5])
    '0.812 - 0.500 > 0.25'
    """
    return _format_node(question.expression, values)


def _format_node(node: QuestionNode, values: Sequence[float | None], around: int = 0) -> str:
    if isinstance(node, Constant):
        return format_number(node.value) if isinstance(node.value, bool) else f"{node.value:g}"
    if isinstance(node, QuantityRef):
        return format_number(values[node.index])
    if isinstance(node, LeastValueSearch):
        return format_number(evaluate_question(node, values)[0])
    binds = OPERATOR_PRECEDENCE.get(node.operator, HIGHEST_PRECEDENCE)
    parts = node.parts
    if node.operator == "if":
        test, yes, no = (_format_node(part, values, 1) for part in parts)
        text = f"{yes} if {test} else {no}"
    elif node.operator not in OPERATOR_PRECEDENCE:
        return f"{node.operator}({', '.join(_format_node(part, values) for part in parts)})"
    elif len(parts) == 1:
        sign = {"not": "not ", "negative": "-", "positive": "+"}[node.operator]
        text = sign + _format_node(parts[0], values, binds)
    else:
        shown = [
            _format_node(part, values, binds + (place > 0)) for place, part in enumerate(parts)
        ]
        text = f" {node.operator} ".join(shown)
    return f"({text})" if binds < around else text


AT_BEST = " at the best estimates"


def claim_marks(claim_check: "ClaimCheck") -> dict[str, str]:
    """What the verdict of a claim depends on that it should not, each with why it is said.

    claim_check  a claim that was checked
    """
    marks = {}
    if claim_check.noise:
        marks[DEPENDS_ON_PRECISION] = (
            "its verdict changes when every party is two or four times as precise"
        )
    for mark, other, rule in (
        (DEPENDS_ON_ORDER, claim_check.moves_last, "the steps in the opposite order"),
        (DEPENDS_ON_ENDING, claim_check.ending, "the other ending"),
        (DEPENDS_ON_EQUILIBRIUM, claim_check.selection, "selection="),
    ):
        if other is not None:
            numbers = substitute_values(
                claim_check.question, [value for _, value in other.quantities]
            )
            marks[mark] = f"{numbers} with {rule}{other.selection or ''}"
    whole = claim_check.whole_branch
    if whole is not None:
        numbers = substitute_values(claim_check.question, [value for _, value in whole.quantities])
        said = f"{WHOLE_BRANCH_GIVES} {numbers} (selection={whole.selection})"
        alone = claim_check.selection is None or claim_check.selection.selection == whole.selection
        before = "" if alone else f"{marks[DEPENDS_ON_EQUILIBRIUM]}; "
        marks[DEPENDS_ON_EQUILIBRIUM] = before + said
    drawn = claim_check.selection_in_worlds
    if drawn is not None and drawn.depends:
        said = (
            f"its verdict does in {drawn.depends} of the {drawn.looked_at} drawn worlds looked at"
        )
        known = marks.get(DEPENDS_ON_EQUILIBRIUM)
        marks[DEPENDS_ON_EQUILIBRIUM] = f"{known}; {said}" if known else said
    return marks


MORE_PRECISE_RUNS = f"{AT_BEST}, runs with more precise parties included"


def numerics_line(numerics: NumericalQuality, run_stats: "RunStats | None") -> Text:
    """How good the numbers are, in one line.

    numerics   what was measured at the best estimates
    run_stats  the worlds that were computed, None if there were none
    """
    parts = []
    if run_stats is not None:
        parts.append(f"{format_count(run_stats.computed, 'world')} from seed {run_stats.seed}")
    if numerics.grid_size is not None:
        parts.append(belief_node_count(numerics))
        parts.append(f"grid change {_format_numeric_change(numerics.grid_change)}")
    change = _format_numeric_change(numerics.horizon_change)
    parts.append("the game is finite" if numerics.finite else f"horizon change {change}")
    parts.append(f"residual {_format_numeric_change(numerics.residual)}")
    return Text(" · ".join(parts), style="dim")


def belief_node_count(numerics: NumericalQuality) -> str:
    """How many belief nodes there are, and that there may be more where it matters."""
    more = " (more with --grid)" if numerics.stopped_at_limit else ""
    return f"{numerics.grid_size} belief nodes{more}"


def _format_numeric_change(change: float | None) -> str:
    return "not known" if change is None else f"{change:.1g}"


def warning_texts(warnings: Iterable[Problem]) -> list[Text]:
    """Warnings about a result as a command prints them, a line each.

    warnings  what is said; those about one question or claim have it as their path
    """
    return [
        Text(f"{warning.path}: {warning.message}", style="yellow")
        if warning.path
        else Text(f"! {warning.message}", style="bold yellow")
        for warning in warnings
    ]


def is_note_on_start(warning: Problem) -> bool:
    """Whether a warning says what `start=` leaves out.

    warning  what is said of a claim
    """
    return warning.message.startswith(START_PUTS)


def note_on_starts(claims: Sequence[str]) -> Iterator[Text]:
    """What all notes on `start=` say together; `ask` has each with its variables and choices.

    claims  the claims of which one says so, as often as they come
    """
    if named := list(dict.fromkeys(claims)):
        count = format_count(len(named), "claim")
        yield Text(
            f"start= in {count} ({', '.join(named)}) puts in place what parties with types could "
            "have brought about, as if nothing had been shown; after= asks once their choices have "
            "been seen.",
            style="dim",
        )


def numerics_warnings(
    numerics: NumericalQuality,
    run_stats: "RunStats | None" = None,
    failed_checks: Sequence[str] = (),
    *,
    more_precise_runs: bool = False,
) -> list[Problem]:
    """What keeps a result from being trusted blindly, as warnings about it.

    The arguments are those of `numerics_warning_lines`.
    """
    lines = numerics_warning_lines(
        numerics, run_stats, failed_checks, more_precise_runs=more_precise_runs
    )
    return [Problem(line) for line in lines]


def numerics_warning_lines(
    numerics: NumericalQuality,
    run_stats: "RunStats | None",
    failed_checks: Sequence[str] = (),
    *,
    more_precise_runs: bool = False,
) -> list[str]:
    """What keeps a result from being trusted blindly, a line each; empty if nothing does.

    numerics           what was measured at the best estimates
    run_stats          the worlds that were computed, None if there were none
    failed_checks      the checks of the numbers that failed, with the reason
    more_precise_runs  whether `numerics` counts runs with more precise parties too

    >>> numerics_warning_lines(
    ...     NumericalQuality(None, None, None, 0.0, unresolved=2, branch_points=0), None
    ... )
    ['2 decisions unresolved at the best estimates']
    """
    scope = MORE_PRECISE_RUNS if more_precise_runs else AT_BEST
    where = {doubt.kind: f": {doubt.description}" for doubt in numerics.doubts}
    lines = []
    if numerics.unresolved:
        count = format_count(numerics.unresolved, "decision")
        lines.append(f"{count} unresolved{scope}{where.get('unresolved', '')}")
    if numerics.branch_points:
        points = format_count(numerics.branch_points, "branch point")
        place = where.get("branch points", "")
        lines.append(f"{points}{scope}{place}: play stays on the branch it was on")
    if numerics.several > LEAST_SEVERAL_PROBABILITY:
        least = "" if numerics.several_complete else "; there may be more than were found"
        lines.append(
            f"several equilibria{AT_BEST}{where.get(SEVERAL, '')}{least}: play follows, decision "
            "by decision, the branch from precision 0; selection=telling and selection=silent "
            "play the others"
        )
    lines += [f"not checked {reason}" for reason in failed_checks]
    if run_stats is not None:
        lines += run_warning_lines(run_stats)
    return lines


def run_warning_lines(run_stats: "RunStats") -> Iterator[str]:
    """What keeps a run over worlds from being trusted blindly, a line each.

    run_stats  the worlds that were asked for, were computed and failed
    """
    if run_stats.interrupted:
        requested = format_count(run_stats.requested, "world")
        yield f"ended early: {run_stats.computed} of {requested} done"
    reasons = list(run_stats.mark_reasons)
    if run_stats.failed:
        world, reason = next(iter(run_stats.failed.items()))
        reasons[0] += f"; world {world}: {reason}"
    yield from reasons
