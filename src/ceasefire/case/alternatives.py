"""What do rival ways to write a part of a case change, and where are their faults told?

Each option of an alternative is a patch. A coding is one option of every alternative; its case is
the case as it is written, merged with the patches of these options as `extends` merges.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ceasefire.case.dumping import WrittenNumber
from ceasefire.case.file_schema import UNCHANGED_BY_OPTIONS, WrittenAlternative
from ceasefire.case.model import (
    EMPTY_MAPPING,
    LARGEST_MAGNITUDE,
    Alternative,
    Case,
    Coding,
    FrozenMapping,
)
from ceasefire.case.resolution_context import (
    ResolutionContext,
    check_name,
    key_node,
)
from ceasefire.case.yaml_nodes import YamlMapping, YamlNode, YamlScalar, locate_node
from ceasefire.diagnostics import join_names, suggest_closest_name
from ceasefire.errors import CaseError, Problem

MOST_CODINGS: Final = 64
_SECTIONS_OF_ORDER: Final = frozenset({"parties", "moves", "tables", "chance"})


@dataclass(frozen=True, eq=False)
class WrittenOption:
    """One option as it stands in the file.

    key    its name, where its faults are told
    patch  what it changes
    """

    alternative: str
    name: str
    key: YamlScalar
    patch: YamlMapping

    @property
    def path(self) -> str:
        """Where it stands in the file."""
        return f"alternatives.{self.alternative}.options.{self.name}"

    def contains(self, file: str | None, line: int | None) -> bool:
        """Whether a line of a file is one of the lines of the patch."""
        first, last = self._first_and_last_line
        return file == self.key.file_text.file and first <= (line or 0) <= last

    @cached_property
    def _first_and_last_line(self) -> tuple[int, int]:
        lines = [_line_of(node) for node in (self.key, *_nodes_within(self.patch))]
        return min(lines), max(lines)


WrittenCoding = tuple[WrittenOption, ...]


def _line_of(node: YamlNode) -> int:
    end = node.end if isinstance(node, YamlScalar) else node.start
    return node.file_text.position_at(end)[0]


def _nodes_within(node: YamlNode) -> Iterable[YamlNode]:
    yield node
    if isinstance(node, YamlMapping):
        for key, value in node.entries.values():
            yield key
            yield from _nodes_within(value)
    elif not isinstance(node, YamlScalar):
        for item in node.items:
            yield from _nodes_within(item)


def written_options(tree: YamlMapping) -> tuple[WrittenCoding, ...]:
    """The options of each alternative of a tree, the best one first; what is malformed is left out.

    tree  the case
    """
    found = []
    for name, alternative in _entries(tree, "alternatives"):
        options = [
            WrittenOption(name, option, alternative_key, patch)
            for option, patch, alternative_key in _keyed_entries(alternative, "options")
            if isinstance(patch, YamlMapping)
        ]
        if options:
            best = _best_option(alternative)
            found.append(tuple(sorted(options, key=lambda option: option.name != best)))
    return tuple(found)


def _best_option(alternative: YamlNode) -> str | None:
    """The option that an alternative says is best, whether or not there is one of that name."""
    said = alternative.entries.get("best") if isinstance(alternative, YamlMapping) else None
    return said[1].text if said is not None and isinstance(said[1], YamlScalar) else None


def _entries(block: YamlNode, section: str) -> list[tuple[str, YamlNode]]:
    return [(name, value) for name, value, _ in _keyed_entries(block, section)]


def _keyed_entries(block: YamlNode, section: str) -> list[tuple[str, YamlNode, YamlScalar]]:
    inner = block.entries.get(section) if isinstance(block, YamlMapping) else None
    if inner is None or not isinstance(inner[1], YamlMapping):
        return []
    return [(name, value, key) for name, (key, value) in inner[1].entries.items()]


def codings_to_check(alternatives: Sequence[WrittenCoding]) -> list[WrittenCoding]:
    """Every combination of options; only those with one that is not the first, if too many.

    Ordered by how many options are not the first, so that a fault is told where it first appears.
    """
    if math.prod(map(len, alternatives)) <= MOST_CODINGS:
        every = list(itertools.product(*alternatives))
        return sorted(every, key=lambda coding: len(deviating_options(coding, alternatives)))
    first = tuple(options[0] for options in alternatives)
    alone = [
        (*first[:place], option, *first[place + 1 :])
        for place, options in enumerate(alternatives)
        for option in options[1:]
    ]
    return [first, *alone]


def deviating_options(
    coding: WrittenCoding, alternatives: Sequence[WrittenCoding]
) -> list[WrittenOption]:
    """The options of a coding that are not the first of their alternative."""
    pairs = zip(coding, alternatives, strict=True)
    return [option for option, options in pairs if option is not options[0]]


def too_many_codings(
    tree: YamlMapping, alternatives: Sequence[WrittenCoding]
) -> tuple[Problem, ...]:
    """The problem of alternatives whose options make too many games, if they do."""
    count = math.prod(map(len, alternatives))
    if count <= MOST_CODINGS:
        return ()
    factors = " x ".join(f"{len(options)} ({options[0].alternative})" for options in alternatives)
    key = tree.entries["alternatives"][0]
    return (
        locate_node(key, "alternatives").problem(
            "the options make too many games",
            found=f"{count:,} = {factors}",
            allowed=f"at most {MOST_CODINGS}",
            help="leave out alternatives that matter little, or options of them",
        ),
    )


def told_at_patch(
    problem: Problem, coding: WrittenCoding, blamed: Sequence[WrittenOption]
) -> Problem:
    """A problem of a coding at its own line if that is in a patch, else where the patch begins.

    coding  the options of the coding
    blamed  those of them from which the problem comes, one at least
    """
    if any(option.contains(problem.file, problem.line) for option in coding):
        return problem
    option, others = blamed[-1], blamed[:-1]
    beside = f" beside {_names(others)}" if others else ""
    place = f"line {problem.line}" if problem.line else "the case"
    path = f"{problem.path}: " if problem.path else ""
    advice = f"; {problem.help}" if problem.help else ""
    return locate_node(option.key, option.path).problem(
        f"leaves a fault{beside} on {place}: {path}{problem.message}",
        found=problem.found,
        allowed=problem.allowed,
        help=f"change that place in this option too{advice}",
    )


def _names(options: Iterable[WrittenOption]) -> str:
    return " and ".join(f"{option.alternative}: {option.name}" for option in options)


def warnings_of_codings(
    alternatives: Sequence[WrittenCoding], warnings: Mapping[WrittenCoding, Sequence[Problem]]
) -> list[Problem]:
    """The warnings that every coding has, or every one with the option in whose patch they are."""
    found: dict[Problem, None] = {}
    for warning in dict.fromkeys(itertools.chain.from_iterable(warnings.values())):
        within = [
            option
            for options in alternatives
            for option in options
            if option.contains(warning.file, warning.line)
        ]
        concerned = [
            coding for coding in warnings if not within or any(o in coding for o in within)
        ]
        if all(warning in warnings[coding] for coding in concerned):
            found[warning] = None
    return list(found)


def resolve_alternatives(context: ResolutionContext) -> FrozenMapping[Alternative]:
    """Every alternative; its options must have names and change what options may change."""
    found = {}
    for name, written in (context.written.alternatives or {}).items():
        block = written.value_node("options")
        if not written.options:
            if written.options is not None:
                context.diagnostics.report(
                    block, "has no options", found="{}", allowed="{option: what it changes}"
                )
            continue
        options = {}
        for option, patch in written.options.items():
            check_name(context.diagnostics, option, key_node(block, option), "an option")
            if isinstance(patch, YamlMapping):
                _check_sections(context, patch)
                options[option] = plain_values(patch)
            else:
                context.diagnostics.report(
                    patch, "must be a mapping of what it changes", help="write {} for no change"
                )
        alternative = Alternative(
            options=FrozenMapping(options),
            weights=FrozenMapping(_option_weights(context, written)),
            **context.documentation(written),
        )
        best = None if written.best is None else written.best.text
        if best is not None and best not in written.options:
            context.diagnostics.report(
                written.value_node("best"),
                "no such option",
                found=best,
                allowed=join_names(written.options),
                help=suggest_closest_name(best, written.options),
            )
        elif best in options:
            alternative = alternative.beginning_with(best)
        found[name] = alternative
    return FrozenMapping(found)


def _option_weights(context: ResolutionContext, written: WrittenAlternative) -> dict[str, float]:
    """How often worlds have each option, 1 where nothing is said; one at least must be above 0."""
    options, said = written.options or {}, written.weights or {}
    found = dict.fromkeys(options, 1.0)
    block = written.value_node("weights")
    for option, node in said.items():
        if option not in options:
            context.diagnostics.report(
                key_node(block, option),
                "no such option",
                found=option,
                allowed=join_names(options),
                help=suggest_closest_name(option, options),
            )
        elif node is None or node.number is None:
            continue
        elif not 0.0 <= node.number <= LARGEST_MAGNITUDE:
            context.diagnostics.report(
                node,
                "weight of an option is impossible",
                allowed=f"from 0 to {LARGEST_MAGNITUDE:.0e}",
                help="with 0 no world has it: it is asked at the best estimates alone",
            )
        else:
            found[option] = node.number
    if not any(found.values()):
        context.diagnostics.report(
            block, "no world has any of the options", allowed="one weight above 0 at least"
        )
        return dict.fromkeys(options, 1.0)
    return found


def _check_sections(context: ResolutionContext, patch: YamlMapping) -> None:
    for section in UNCHANGED_BY_OPTIONS:
        if section in patch.entries:
            context.diagnostics.report(
                patch.entries[section][0],
                "no option can change this",
                found=section,
                allowed="anything but " + join_names(UNCHANGED_BY_OPTIONS),
                help="what is claimed, asked and recorded is the same whatever the option",
            )


def plain_values(node: YamlNode) -> Any:
    """What is written, as mappings, tuples, texts, numbers as they stand, true, false and None."""
    if isinstance(node, YamlMapping):
        return FrozenMapping({name: plain_values(one) for name, (_, one) in node.entries.items()})
    if not isinstance(node, YamlScalar):
        return tuple(plain_values(item) for item in node.items)
    if node.is_null:
        return None
    if node.boolean is not None:
        return node.boolean
    return WrittenNumber(node.text) if node.number is not None else node.text


def sections_as_written(
    tree: YamlMapping, alternatives: Sequence[WrittenCoding]
) -> Mapping[str, Any]:
    """The sections that some option changes as the tree has them; None for those left out.

    The order of steps is among them where an option changes what has steps, since it may be left
    out and then follows.
    """
    changed = dict.fromkeys(
        section
        for options in alternatives
        for option in options
        for section in option.patch.entries
    )
    if _SECTIONS_OF_ORDER & changed.keys():
        changed["order"] = None
    if not changed:
        return EMPTY_MAPPING
    return FrozenMapping(
        {
            section: plain_values(tree.entries[section][1]) if section in tree.entries else None
            for section in changed
            if section not in UNCHANGED_BY_OPTIONS
        }
    )


def refuse_other_periods(case: Case, what: str) -> None:
    """Refuse options of worlds that change how periods are counted, where these are put together.

    what  what needs them to be the same

    Raises CaseError.
    """
    first = (case.horizon, case.period, case.start)
    for one in case.drawn_codings:
        if (one.horizon, one.period, one.start) != first:
            other = tuple((n, o) for n, o in one.chosen.items() if case.chosen[n] != o)
            problem = Problem(
                f"{what} needs periods that are the same whatever the option",
                case.file or None,
                path="alternatives",
                found=f"{one.horizon} periods with {describe_coding(other)}, {case.horizon} else",
                help="ask `check` or `ask` instead, or leave horizon, period and start as they are",
            )
            raise CaseError([problem])


def describe_coding(coding: Coding) -> str:
    """A coding, or a part of one, as people read it.

    >>> describe_coding((("truce", "after_pact"), ("order", "moscow_last")))
    'truce: after_pact, order: moscow_last'
    """
    return ", ".join(f"{alternative}: {option}" for alternative, option in coding)
