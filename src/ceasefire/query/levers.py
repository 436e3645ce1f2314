"""How does a question change when somebody decides something?

A lever is a handful of options of questions, `start=`, `without=`, `closed=` and `given=`. A goal
under a lever is the goal with these options on every quantity in it.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ceasefire.case import Case, describe_coding
from ceasefire.errors import ExpressionError, Problem, QuestionError
from ceasefire.query.ast import Quantity, Question, StartOverrides
from ceasefire.query.formula_parser import QuestionContext
from ceasefire.query.quantity_parser import read_quantity_options

_QUANTITY_WITH_ALL_OPTIONS = "least"


@dataclass(frozen=True)
class LeverOptions:
    """What is different once something is decided; as for `GameModification` and `Quantity`."""

    start: StartOverrides = ()
    without: frozenset[str] = frozenset()
    closed: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, float], ...] = ()

    def combined_with(self, other: "LeverOptions") -> "LeverOptions":
        """Both at once; where they contradict each other, as `other` has it."""
        return LeverOptions(
            _merge(self.start, other.start),
            self.without | other.without,
            _merge(self.closed, other.closed),
            _merge(self.given, other.given),
        )

    def contradictions(self, other: "LeverOptions") -> tuple[str, ...]:
        """What the two set to different values, such as `start={force}`.

        >>> built = LeverOptions(start=(("force", 3), ("pledged", True)))
        >>> built.contradictions(LeverOptions(start=(("force", 2), ("pledged", True))))
        ('start={force}',)
        """
        return tuple(
            f"{option}={{{name}}}"
            for option in ("start", "closed", "given")
            for name, value in getattr(self, option)
            if dict(getattr(other, option)).get(name, value) != value
        )


def _merge(one: tuple[tuple[str, Any], ...], other: tuple[tuple[str, Any], ...]) -> Any:
    return tuple(sorted({**dict(one), **dict(other)}.items()))


def read_levers(case: Case, names: Iterable[str] | None = None) -> dict[str, LeverOptions]:
    """What the levers of a case change, by name.

    names  which levers; all of them if None

    Raises QuestionError with the problems of all of them, each at its place in the file, and with
    every name that is no lever.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {start: true}, force: {values: 0..2, start: 0}}
    ... levers: {build_first: {by: a, set: "start={force: 2}"}}
    ... ''')
    >>> read_levers(case)["build_first"].start
    (('force', 2),)
    """
    wanted = list(case.levers) if names is None else list(dict.fromkeys(names))
    problems = [
        Problem(
            "no such lever",
            case.file,
            path="levers",
            found=name,
            allowed=", ".join(case.levers) or "none: the case has no levers",
        )
        for name in wanted
        if name not in case.levers
    ]
    found, wrong = read_each_lever(case, [name for name in wanted if name in case.levers])
    if problems or wrong:
        raise QuestionError([*problems, *wrong])
    return found


def read_each_lever(
    case: Case, names: Iterable[str]
) -> tuple[dict[str, LeverOptions], list[Problem]]:
    """The levers that can be read, and the problems of those that cannot."""
    found: dict[str, LeverOptions] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            found[name] = _read_lever(case, name)
        except (ExpressionError, QuestionError) as error:
            problems += error.problems
    return found, problems


def _read_lever(case: Case, name: str) -> LeverOptions:
    """The options of a lever, which must have a meaning under every coding of the case."""
    found = _read_lever_under_coding(case, name)
    for other in case.codings:
        try:
            _read_lever_under_coding(other, name)
        except QuestionError as error:
            options = tuple(set(other.chosen.items()) - set(case.chosen.items()))
            beside = f"with {describe_coding(options)}: "
            raise QuestionError(
                [replace(problem, message=beside + problem.message) for problem in error.problems]
            ) from None
    return found


def _read_lever_under_coding(case: Case, name: str) -> LeverOptions:
    lever = case.levers[name]
    reader = QuestionContext(case, lever.location)
    call = ast.Call(ast.Name("_", ast.Load()), [], list(lever.syntax))
    read = read_quantity_options(reader, call, _QUANTITY_WITH_ALL_OPTIONS)
    reader.diagnostics.raise_any()
    options = LeverOptions(
        tuple(sorted(read.start)), read.without, tuple(sorted(read.closed)), read.given
    )
    if options == LeverOptions():
        help = "name what it sets, or remove the lever: doing nothing is always compared"
        problem = lever.location.problem("decides nothing", found=lever.set, help=help)
        raise QuestionError([problem])
    return options


def lint_levers(case: Case) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """What forbids to ask with the levers of a case, and which of them change nothing.

    case  the case

    Returns problems and warnings, each at its place in the file.
    """
    found, problems = read_each_lever(case, case.levers)
    known = case.variables_and_promises
    warnings = [
        case.levers[name].location.problem(
            "changes nothing: the case begins so", found=case.levers[name].set
        )
        for name, options in found.items()
        if options == LeverOptions(start=options.start)
        and all(known[variable].start == value for variable, value in options.start)
    ]
    return tuple(problems), tuple(warnings)


def pull_lever(question: Question, options: LeverOptions) -> Question:
    """The same question once something is decided; see `contradictions_with_question` first."""
    changed = partial(_changed_quantity, options=options)
    return question.with_quantities(changed)


def _changed_quantity(quantity: Quantity, options: LeverOptions) -> Quantity:
    own = _options_of_quantity(quantity)
    merged = options.combined_with(own)
    return replace(
        quantity,
        start=merged.start,
        modification=replace(
            quantity.modification,
            without=merged.without,
            closed=merged.closed,
            given=merged.given,
        ),
    )


def _options_of_quantity(quantity: Quantity) -> LeverOptions:
    changed = quantity.modification
    return LeverOptions(quantity.start, changed.without, changed.closed, changed.given)


def contradictions_with_question(
    question: Question, options: LeverOptions
) -> dict[str, tuple[str, ...]]:
    """What a question says otherwise than a lever: {quantity as written: options}."""
    found = {
        quantity.text: options.contradictions(_options_of_quantity(quantity))
        for quantity in question.quantities
    }
    return {text: names for text, names in found.items() if names}


def is_levelled(question: Question, options: LeverOptions) -> bool:
    """Whether a lever makes two numbers of a question one and the same.

    Such as `P(c) - P(c, without=talks)` under `without=talks`.
    """
    before, after = question.quantities, pull_lever(question, options).quantities
    return len(set(after)) < len(set(before))


def describe_options(options: LeverOptions) -> str:
    """Options as they are written."""
    shown: Mapping[str, tuple[tuple[str, Any], ...]] = {
        "start": options.start,
        "closed": options.closed,
        "given": options.given,
    }
    parts = [f"{name}={{{_pairs(pairs)}}}" for name, pairs in shown.items() if pairs]
    if options.without:
        parts.append(f"without=[{', '.join(sorted(options.without))}]")
    return ", ".join(parts)


def _pairs(pairs: tuple[tuple[str, Any], ...]) -> str:
    return ", ".join(
        f"{name}: {str(value).lower() if isinstance(value, bool) else f'{value}'}"
        for name, value in pairs
    )
