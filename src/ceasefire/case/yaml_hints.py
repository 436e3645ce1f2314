"""Recognise what YAML does to unquoted expressions, and say it in the analyst's terms."""

import re
from dataclasses import replace
from typing import Any

from ceasefire.case.yaml_nodes import (
    FileText,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    locate_node,
)
from ceasefire.diagnostics import shorten_text
from ceasefire.errors import Problem

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
        if parts and depth <= 0:
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
