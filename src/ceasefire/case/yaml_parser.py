"""How does a YAML text become a tree of nodes, and what is wrong with it as YAML?

Most often an expression lacks quotes: what YAML makes of it is recognised and said in the
author's terms.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ceasefire.case.yaml_nodes import (
    CONTROL_CHARACTERS,
    LARGEST_FILE_BYTES,
    FileText,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    locate_node,
)
from ceasefire.diagnostics import shorten_text
from ceasefire.errors import Problem

DEEPEST_YAML_LEVELS = 100
MOST_YAML_NODES = 30_000
MOST_PARSE_RETRIES = 50
TOO_LARGE_ADVICE = "leave out what no claim needs; a game of this size cannot be solved"


def parse_yaml(file_text: FileText) -> tuple[YamlNode | None, list[Problem]]:
    """The tree of a text, or None if there is none to speak of, with the problems on the way.

    >>> from ceasefire.case.yaml_nodes import normalise_text
    >>> tree, problems = parse_yaml(normalise_text("a: 1\\na: 2", "war.yaml"))
    >>> print(problems[0])
    war.yaml:2:1  a: key stands twice, found lines 1 and 2; remove one of them
    """
    lost: list[tuple[int, int]] = []
    problems: list[Problem] = []
    while True:
        composer = _YamlTreeBuilder(file_text, lost)
        try:
            return composer.build_document(), problems + composer.problems
        except _StopParsingError:
            return None, problems + composer.problems
        except MarkedYAMLError as error:
            problem = explain_yaml_error(error, file_text)
            found = find_value_on_line(file_text, problem.line or 1)
            if found in lost:
                return None, problems + composer.problems
            problems.append(problem)
            if (
                found is None
                or problem.help != QUOTE_EXPRESSION_ADVICE
                or len(lost) >= MOST_PARSE_RETRIES
            ):
                return None, problems + composer.problems
            lost.append(found)
        except (YAMLError, ValueError, RecursionError, AssertionError, LookupError) as error:
            problems.append(_unreadable_problem(error, file_text))
            return None, problems + composer.problems


def _unreadable_problem(error: Exception, file_text: FileText) -> Problem:
    """The problem of a character, or of anything else that the parser cannot take."""
    offset = getattr(error, "position", 0)
    line, column = file_text.position_at(offset if isinstance(offset, int) else 0)
    letter = getattr(error, "character", None)
    found = f"U+{ord(letter):04X}" if isinstance(letter, str) and len(letter) == 1 else ""
    return Problem("is not YAML", file_text.file, line, column, found=found or "an odd character")


def _mask_lost_values(text: str, unreadable_ranges: list[tuple[int, int]]) -> str:
    """The text with each lost value covered by a quoted text of the same length."""
    for low, high in unreadable_ranges:
        text = text[:low] + "'" + "x" * (high - low - 2) + "'" + text[high:]
    return text


class _StopParsingError(Exception):
    """The rest of the text cannot be read with sense."""


class _YamlTreeBuilder:
    def __init__(self, file_text: FileText, unreadable_ranges: list[tuple[int, int]]) -> None:
        self.file_text, self.unreadable_ranges = file_text, unreadable_ranges
        self.problems: list[Problem] = []
        self.anchors: dict[str, YamlScalar | None] = {}
        self.alias_characters = self.node_count = 0
        yaml = YAML(typ="safe", pure=True)
        yaml.version = (1, 2)
        self.events: Iterator[Any] = iter(
            yaml.parse(_mask_lost_values(file_text.text, unreadable_ranges))
        )

    def fault(
        self,
        event: Any,
        message: str,
        path: str = "",
        *,
        found: str = "",
        allowed: str = "",
        help: str = "",
    ) -> None:
        line, column = self.file_text.position_at(event.start_mark.index)
        self.problems.append(
            Problem(message, self.file_text.file, line, column, path, found, allowed, help)
        )

    def build_document(self) -> YamlNode | None:
        tree: YamlNode | None = None
        for event in self.events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                if tree is not None:
                    self.fault(
                        event,
                        "a file is one document",
                        found="a second one",
                        help="put rival cases into files of their own",
                    )
                    break
                tree = self.build_tree(next(self.events))
        return tree

    def build_tree(self, first: Any) -> YamlNode:
        """Build one document without recursion: `open_nodes` is the path from the root."""
        root: YamlNode | None = None
        open_nodes: list[_OpenCollection] = []
        event = first
        while True:
            kind = type(event).__name__
            node: YamlNode | None = None
            if kind in ("MappingStartEvent", "SequenceStartEvent"):
                if len(open_nodes) >= DEEPEST_YAML_LEVELS:
                    self.fault(
                        event, "file is nested too deeply", allowed=f"{DEEPEST_YAML_LEVELS} levels"
                    )
                    raise _StopParsingError
                self.report_tag(event)
                open_nodes.append(_OpenCollection(event, self.file_text))
                if event.anchor:
                    self.anchors[event.anchor] = None
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                node = open_nodes.pop().node
            else:
                node = self.build_scalar(event, kind)
            if node is not None:
                self.node_count += 1
                if self.node_count > MOST_YAML_NODES:
                    allowed = f"{MOST_YAML_NODES:,} keys and values"
                    self.fault(event, "file holds too much", allowed=allowed, help=TOO_LARGE_ADVICE)
                    raise _StopParsingError
                if not open_nodes:
                    root = node
                    break
                self.attach(open_nodes, node)
            event = next(self.events)
        return root

    def report_tag(self, event: Any) -> bool:
        """Report a tag; whether there is one."""
        if event.tag is not None:
            self.fault(
                event,
                "tags are not allowed",
                found=str(event.tag),
                help="write `not` for !, or quote the text",
            )
        return event.tag is not None

    def build_scalar(self, event: Any, kind: str) -> YamlScalar:
        start, end = event.start_mark.index, event.end_mark.index
        if kind == "AliasEvent":
            target = self.anchors.get(event.anchor, "")
            if not isinstance(target, YamlScalar):
                message = "no such anchor" if target == "" else "aliases may stand for scalars only"
                self.fault(
                    event,
                    message,
                    found=f"*{event.anchor}",
                    help="a name that begins with * must be quoted",
                )
                return YamlScalar(self.file_text, start, end, "", True, True, unreadable=True)
            self.alias_characters += len(target.text)
            if self.alias_characters > LARGEST_FILE_BYTES:
                self.fault(event, "aliases make the file too large", allowed="at most 10 MB")
                raise _StopParsingError
            return YamlScalar(self.file_text, start, end, target.text, target.is_plain, True)
        plain = event.style is None or event.style == ""
        lost = self.report_tag(event) or any(
            low <= start < high for low, high in self.unreadable_ranges
        )
        if event.anchor and plain and not event.value:
            help = "quote a text that begins with &, or write `and` for &"
            self.fault(event, "& begins an anchor of YAML", found=f"&{event.anchor}", help=help)
            lost = True
        if (hidden := CONTROL_CHARACTERS.search(event.value)) is not None:
            help = "it would change what a terminal shows: leave it out"
            found = f"U+{ord(hidden[0]):04X}"
            self.fault(event, "character is not allowed", found=found, help=help)
            lost = True
        value = YamlScalar(
            self.file_text, self.value_start(event), end, event.value, plain, unreadable=lost
        )
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def value_start(self, event: Any) -> int:
        """Where the value itself starts, after its anchor and tag."""
        start, end = event.start_mark.index, event.end_mark.index
        text = self.file_text.text
        while start < end and text[start] in "&!":
            while start < end and not text[start].isspace():
                start += 1
            while start < end and text[start].isspace():
                start += 1
        return int(start)

    def attach(self, open_nodes: list["_OpenCollection"], node: YamlNode) -> None:
        top = open_nodes[-1]
        if isinstance(top.node, YamlSequence):
            top.node.items.append(node)
            return
        if top.key is None:
            if not isinstance(node, YamlScalar):
                path = _path_of_open_nodes(open_nodes)
                line, column = self.file_text.position_at(node.start)
                self.problems.append(
                    Problem(
                        "a key must be a name",
                        self.file_text.file,
                        line,
                        column,
                        path,
                        found="a mapping or list",
                        help="quote an expression that begins with { or [",
                    )
                )
                node = YamlScalar(self.file_text, node.start, node.start, "\0", True)
            top.key = node
            return
        key, top.key = top.key, None
        if isinstance(node, YamlScalar) and node.is_null and node.start == node.end:
            node = replace(node, start=key.start, end=key.start)
        if key.text.startswith("\0"):
            return
        if key.text == "<<" and key.is_plain:
            if not (isinstance(node, YamlScalar) and node.unreadable):
                where = locate_node(key, _path_of_open_nodes(open_nodes))
                self.problems.append(where.problem("merge keys are not allowed", found="<<"))
            return
        if key.text in top.node.entries and is_key_without_colon(key, node):
            top.node.entries[f"{key.text}\0{key.start}"] = (key, node)
            return
        if key.text in top.node.entries:
            line = self.file_text.position_at(top.node.entries[key.text][0].start)[0]
            path = _path_of_open_nodes([*open_nodes[:-1]], key.text)
            self.problems.append(
                locate_node(key, path).problem(
                    "key stands twice",
                    found=f"lines {line} and {self.file_text.position_at(key.start)[0]}",
                    help="remove one of them",
                )
            )
            return
        top.node.entries[key.text] = (key, node)


class _OpenCollection:
    """A mapping or list that is not closed yet; key waits for its value."""

    def __init__(self, event: Any, file_text: FileText) -> None:
        self.key: YamlScalar | None = None
        start = event.start_mark.index
        mapping = type(event).__name__ == "MappingStartEvent"
        self.node: YamlMapping | YamlSequence = (
            YamlMapping(file_text, start, {}) if mapping else YamlSequence(file_text, start, [])
        )


def _path_of_open_nodes(open_nodes: list[_OpenCollection], last: str = "") -> str:
    parts = ""
    for level in open_nodes:
        if isinstance(level.node, YamlSequence):
            parts += f"[{len(level.node.items)}]"
        elif level.key is not None:
            parts += f".{level.key.text}"
    return (parts + (f".{last}" if last else "")).removeprefix(".")


QUOTE_EXPRESSION_ADVICE = 'quote the expression: "..."'


def explain_yaml_error(error: Any, file_text: FileText) -> Problem:
    """The problem behind a text that is not YAML: most often an expression without quotes."""
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    offset = min(mark.index, len(file_text.text)) if mark is not None else 0
    if (
        begun is not None
        and not file_text.text[offset:].strip()
        and file_text.text[begun.index : begun.index + 1] in ("'", '"', "{", "[")
    ):
        line, column = file_text.position_at(begun.index)
        opened = file_text.text[begun.index]
        return Problem("is opened and never closed", file_text.file, line, column, found=opened)
    line, column = file_text.position_at(offset)
    text = file_text.text[file_text.line_starts[line - 1] :].split("\n", 1)[0]
    reason = str(error.problem or "cannot be read")
    before, after = text[: column - 1], text[column - 1 :]
    message, help = "is not YAML", ""
    if re.search(r"[:,\[{]\s*!\w", before + after[:2]):
        message, help = "! begins a tag of YAML", "write `not` for !, or quote the text"
    elif "mapping values are not allowed" in reason:
        message = "`: ` stands inside an unquoted text"
        help = QUOTE_EXPRESSION_ADVICE
    elif after.startswith("%") or "%" in reason:
        message, help = "% begins a directive of YAML", QUOTE_EXPRESSION_ADVICE
    elif after[:1] in ("@", "`"):
        message, help = f"{after[0]} cannot begin a text in YAML", QUOTE_EXPRESSION_ADVICE
    elif "\t" in text[: column + 1]:
        message, help = "a tab cannot indent", "indent with spaces"
    elif "undefined alias" in reason or re.search(r":\s*\*", before + after[:1]):
        message, help = "* begins an alias of YAML", QUOTE_EXPRESSION_ADVICE
    elif "(" in before and re.search(r"[{\[,:=]", after[:1] + before[-1:]):
        message, help = "YAML cut an unquoted expression into parts", QUOTE_EXPRESSION_ADVICE
    elif after.startswith(":"):
        message, help = "`:` stands inside an unquoted text", QUOTE_EXPRESSION_ADVICE
    elif re.search(r"[\"']\s*$", before):
        message, help = "text goes on after the closing quote", "quote the whole of it"
    elif "a comment or a line break" in reason or "chomping" in reason:
        message, help = "| and > begin a block of lines in YAML", QUOTE_EXPRESSION_ADVICE
    elif "sequence entries are not allowed" in reason:
        message, help = "`- ` begins an item of a list", QUOTE_EXPRESSION_ADVICE
    elif "," in reason and "expected" in reason:
        help = "a bracket or comma is missing, or an expression needs quotes"
    elif "could not find expected ':'" in reason:
        message, help = "a key without `:`", "write `key: value`"
    return Problem(
        message, file_text.file, line, column, "", shorten_text(text) or "the end", "", help
    )


def find_value_on_line(file_text: FileText, line: int) -> tuple[int, int] | None:
    """Where the value of a line `key: value` stands, if it is neither a mapping nor a list."""
    start = file_text.line_starts[line - 1]
    text = file_text.text[start:].split("\n", 1)[0]
    found = re.match(r"\s*(?:- +)?[A-Za-z_][A-Za-z0-9_.]*: +([^\s{\[|>&].+?)\s*$", text)
    return (start + found.start(1), start + found.end(1)) if found else None


def repair_cut_expressions(tree: YamlNode) -> list[Problem]:
    """Find expressions that a comma inside {...} or [...] cut into parts, and take the parts out.

    `{force: min(force + 1, 4)}` is read by YAML as `{force: "min(force + 1", "4)": null}`.
    """
    problems: list[Problem] = []
    waiting: list[tuple[YamlNode, str]] = [(tree, "")]
    while waiting:
        node, path = waiting.pop()
        if isinstance(node, YamlMapping):
            _repair_mapping(node, path, problems)
            waiting.extend(
                (value, f"{path}.{name}" if path else name)
                for name, (_, value) in node.entries.items()
            )
        elif isinstance(node, YamlSequence):
            _repair_sequence(node, path, problems)
            waiting.extend((item, f"{path}[{i}]") for i, item in enumerate(node.items))
    return problems


def _count_open_brackets(node: YamlNode) -> int:
    """How many round brackets an unquoted text leaves open."""
    return (
        node.text.count("(") - node.text.count(")")
        if isinstance(node, YamlScalar) and node.is_plain
        else 0
    )


def is_key_without_colon(key: YamlScalar, value: YamlNode) -> bool:
    """Whether a key stands alone between commas, as the rest of a text that a comma cut does."""
    alone = isinstance(value, YamlScalar) and value.is_null and value.start == key.start
    return alone and re.compile(r"\s*[,}]").match(key.file_text.text, key.end) is not None


def _repair_mapping(block: YamlMapping, path: str, problems: list[Problem]) -> None:
    names = list(block.entries)
    for i, name in enumerate(names):
        first = block.entries[name][1] if name in block.entries else None
        if not isinstance(first, YamlScalar) or not first.is_plain or first.is_alias:
            continue
        depth, parts = _count_open_brackets(first), list[str]()
        for later in names[i + 1 :]:
            key, value = block.entries[later]
            name_like = re.fullmatch(r"\w+(:\S.*)?", key.text) is not None
            if not is_key_without_colon(key, value) or (depth <= 0 and name_like):
                break
            depth += _count_open_brackets(key)
            parts.append(later)
        if not parts and (decimals := _decimals_after_comma(first, names[i + 1 :], block)):
            problems.append(
                locate_node(first, f"{path}.{name}" if path else name).problem(
                    "a comma ends the number",
                    found=f"{first.text},{decimals}",
                    help=f"write {first.text}.{decimals}, with a point",
                )
            )
            block.entries[name] = (block.entries[name][0], replace(first, unreadable=True))
            del block.entries[decimals]
        elif parts and depth <= 0:
            whole = ", ".join([first.text, *(block.entries[part][0].text for part in parts)])
            problems.append(
                _cut_expression_problem(first, f"{path}.{name}" if path else name, whole)
            )
            block.entries[name] = (block.entries[name][0], replace(first, unreadable=True))
            for part in parts:
                del block.entries[part]
    for name in [name for name in block.entries if "\0" in name]:
        key, _ = block.entries.pop(name)
        inner = f"{path}.{key.text}" if path else key.text
        first = block.entries[key.text][0] if key.text in block.entries else key
        lines = " and ".join(str(one.file_text.position_at(one.start)[0]) for one in (first, key))
        problems.append(locate_node(key, inner).problem("key stands twice", found=f"lines {lines}"))


def _decimals_after_comma(first: YamlScalar, later: list[str], block: YamlMapping) -> str:
    """The digits behind the comma where a number is cut by one, as in `{best: 0,6}`; else none."""
    if first.integer is None or not later or not re.fullmatch("[0-9]+", later[0]):
        return ""
    return later[0] if is_key_without_colon(*block.entries[later[0]]) else ""


def _repair_sequence(items: YamlSequence, path: str, problems: list[Problem]) -> None:
    i = 0
    while i < len(items.items):
        depth, end = _count_open_brackets(items.items[i]), i + 1
        while depth > 0 and end < len(items.items) and isinstance(items.items[end], YamlScalar):
            depth += _count_open_brackets(items.items[end])
            end += 1
        if end > i + 1 and depth <= 0:
            parts = [getattr(item, "text", "") for item in items.items[i:end]]
            problems.append(
                _cut_expression_problem(items.items[i], f"{path}[{i}]", ", ".join(parts))
            )
            del items.items[i:end]
        else:
            i += 1


def _cut_expression_problem(value: YamlNode, path: str, whole: str) -> Problem:
    return locate_node(value, path).problem(
        "a comma cuts this unquoted text into parts",
        found=shorten_text(whole),
        help=f'quote it: "{shorten_text(whole)}"',
    )
