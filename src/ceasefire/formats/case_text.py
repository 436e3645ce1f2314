"""How is one value of a case changed in its text, and nothing else?

A form changes a value where it stands: the characters of that value are replaced, a new line is
put in, or one taken out. Comments, blank lines, quotes and the order of everything else stay as
their author wrote them. Each change is read back: a text that would not mean just that is refused.
"""

import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ceasefire.errors import CaseError, Problem
from ceasefire.formats.case_writer import quoted_where_needed

CasePath = tuple[str | int, ...]
INDENT = 2
_BY_HAND = "change it in the text"
_REMOVED = object()


def case_data(text: str) -> dict[str, Any]:
    """What a case says, as plain mappings and lists; nothing is checked but that it is YAML.

    text  the whole case

    Raises CaseError for a text that is not YAML, or not a mapping.

    >>> case_data("a: {b: [1, two]}  # why")
    {'a': {'b': [1, 'two']}}
    """
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise CaseError([Problem("is not YAML", help=_BY_HAND)]) from error
    if not isinstance(data, dict):
        raise CaseError([Problem("is no case", help=_BY_HAND)])
    return data


def with_value(text: str, path: CasePath, value: Any) -> str:
    """The text with one value set, made where there is none; everything else as it is written.

    text   the whole case
    path   the keys and places in lists that lead to it
    value  a text, a number, true or false, or mappings and lists of these

    Raises CaseError where the text is not YAML, or cannot be changed by itself.

    >>> print(with_value("a: {b: 1}   # one", ("a", "c"), 0.5))
    a: {b: 1, c: 0.5}   # one
    >>> print(with_value("a:\\n  b: 1  # one\\n# two\\n", ("a", "c"), "x, y"))
    a:
      b: 1  # one
      c: "x, y"
    # two
    """
    expected = _with_plain_value(case_data(text), path, value)
    return _verified(_spliced(text, path, value), text, expected, path, value)


def without_value(text: str, path: CasePath) -> str:
    """The text with one key, or one place of a list, taken out with what it holds.

    text  the whole case
    path  the keys and places in lists that lead to it

    Raises CaseError where there is none, the text is not YAML, or cannot be changed by itself.

    >>> print(without_value("a: {b: 1, c: 2}  # both", ("a", "b")))
    a: {c: 2}  # both
    """
    expected = _without_plain_value(case_data(text), path)
    return _verified(_cut(text, path), text, expected, path, _REMOVED)


def _verified(changed: str | None, text: str, expected: Any, path: CasePath, value: Any) -> str:
    """The changed text if it means what it must; else the text as ruamel would write it."""
    for candidate in (changed, _rewritten(text, path, value)):
        if candidate is None:
            continue
        try:
            if _same(case_data(candidate), expected):
                return candidate
        except CaseError:
            continue
    where = ".".join(map(str, path))
    raise CaseError([Problem("cannot be changed here", path=where, help=_BY_HAND)])


def _same(one: Any, other: Any) -> bool:
    """Whether two plain values are alike, order and kinds included."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _with_plain_value(data: Any, path: CasePath, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        items = list(data or [])
        if first > len(items):
            raise CaseError([Problem("there is no such place in the list", found=str(first))])
        new = _with_plain_value(items[first] if first < len(items) else None, rest, value)
        return [*items[:first], new, *items[first + 1 :]]
    if data is not None and not isinstance(data, dict):
        raise CaseError([Problem("is no mapping", path=str(first), help=_BY_HAND)])
    return {**(data or {}), first: _with_plain_value((data or {}).get(first), rest, value)}


def _without_plain_value(data: Any, path: CasePath) -> Any:
    first, rest = path[0], path[1:]
    there = (
        isinstance(data, dict) and first in data
        if isinstance(first, str)
        else isinstance(data, list) and first < len(data)
    )
    if not there:
        raise CaseError([Problem("there is nothing to take out", path=str(first))])
    if rest:
        inner = _without_plain_value(data[first], rest)
        if isinstance(first, str):
            return {**data, first: inner}
        return [*data[:first], inner, *data[first + 1 :]]
    if isinstance(first, str):
        return {key: item for key, item in data.items() if key != first}
    return [item for number, item in enumerate(data) if number != first]


def _root_of(text: str) -> MappingNode:
    root = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        raise CaseError([Problem("is no case", help=_BY_HAND)])
    return root


def _find(root: Node, path: CasePath) -> tuple[Node | None, list[Node]]:
    """The node at a path, or None, and the nodes passed on the way, the root first."""
    passed, node = [], root
    for step in path:
        passed.append(node)
        if isinstance(node, MappingNode) and isinstance(step, str):
            inner = next((v for k, v in node.value if k.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            inner = node.value[step] if step < len(node.value) else None
        else:
            inner = None
        if inner is None:
            return None, passed
        node = inner
    return node, passed


def _spliced(text: str, path: CasePath, value: Any) -> str | None:
    root = _root_of(text)
    node, passed = _find(root, path)
    if node is not None:
        start, end = node.start_mark.index, _end_of(node, text)
        if _is_block(node):
            return None
        return text[:start] + _inline(value, node, text) + text[end:]
    depth = len(passed) - 1  # the last node that is there
    holder = passed[-1]
    for step in reversed(path[depth + 1 :]):
        if step not in (0,) and isinstance(step, int):
            return None
        value = [value] if isinstance(step, int) else {step: value}
    key = path[depth]
    if isinstance(holder, ScalarNode) and holder.value in ("", "null", "~"):
        inner = _flow({key: value} if isinstance(key, str) else [value])
        start, end = holder.start_mark.index, holder.end_mark.index
        return f"{text[:start].rstrip(' ')} {inner}{text[end:]}"
    entry = f"{_flow(key)}: {_flow(value)}" if isinstance(key, str) else _flow(value)
    if _is_flow(holder):
        return _added_inside_brackets(text, holder, entry)
    if isinstance(holder, MappingNode) and isinstance(key, str):
        return _added_as_lines(text, holder, key, value)
    if isinstance(holder, SequenceNode):
        return _added_line(text, holder.value[-1], holder.start_mark.column, f"- {_flow(value)}")
    return None


def _added_inside_brackets(text: str, holder: Node, entry: str) -> str:
    if not holder.value:
        end = holder.end_mark.index - 1
        return f"{text[:end].rstrip()}{entry}{text[end:]}"
    last = _end_of(_last_of(holder), text)
    return f"{text[:last]}, {entry}{text[last:]}"


def _added_as_lines(text: str, holder: MappingNode, key: str, value: Any) -> str:
    column = holder.value[0][0].start_mark.column
    lines = f"{_flow(key)}: {_flow(value)}"
    if column == 0 and isinstance(value, Mapping) and value:
        pad = " " * INDENT
        inner = "\n".join(f"{pad}{_flow(k)}: {_flow(v)}" for k, v in value.items())
        lines = f"{_flow(key)}:\n{inner}"
    return _added_line(text, _last_of(holder), column, lines, blank=column == 0)


def _added_line(text: str, last: Node, column: int, line: str, *, blank: bool = False) -> str:
    end = _end_of(last, text)
    stop = text.find("\n", end)
    head, tail = (text, "") if stop < 0 else (text[:stop], text[stop:])
    pad = " " * column
    gap = "\n\n" if blank and "\n\n" in head else "\n"
    return f"{head}{gap}{pad}{line}{tail or chr(10)}"


def _cut(text: str, path: CasePath) -> str | None:
    root = _root_of(text)
    node, passed = _find(root, path)
    if node is None:
        return None
    holder, step = passed[-1], path[-1]
    if len(holder.value) == 1 and len(path) > 1:
        if _is_flow(holder):
            start, end = holder.start_mark.index + 1, holder.end_mark.index - 1
            return text[:start] + text[end:]
        return None
    if isinstance(holder, MappingNode):
        place = next(n for n, (k, _) in enumerate(holder.value) if k.value == step)
        starts = [k.start_mark.index for k, _ in holder.value]
        ends = [_end_of(v, text) for _, v in holder.value]
    else:
        place = int(step)
        starts = [item.start_mark.index for item in holder.value]
        ends = [_end_of(item, text) for item in holder.value]
    if _is_flow(holder):
        if place + 1 < len(starts):
            return text[: starts[place]] + text[starts[place + 1] :]
        return text[: ends[place - 1]] + text[ends[place] :]
    begin = text.rfind("\n", 0, starts[place]) + 1
    before = text[begin : starts[place]].strip()
    if before not in ("", "-") or (before and isinstance(holder, MappingNode)):
        return None
    stop = text.find("\n", ends[place])
    return text[:begin] + ("" if stop < 0 else text[stop + 1 :])


def _is_flow(node: Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def _is_block(node: Node) -> bool:
    return not isinstance(node, ScalarNode) and not _is_flow(node)


def _last_of(holder: Node) -> Node:
    last = holder.value[-1]
    inner: Node = last[1] if isinstance(last, tuple) else last
    return inner


def _end_of(node: Node, text: str) -> int:
    """Where the last character of a value stands that belongs to it."""
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">"):
            return _end_of_lines(node, text)
        return int(node.end_mark.index)
    if _is_flow(node) or not node.value:
        return int(node.end_mark.index)
    return _end_of(_last_of(node), text)


def _end_of_lines(node: ScalarNode, text: str) -> int:
    """Where a text that runs over indented lines ends; what follows at a lower indent is not it."""
    start = node.start_mark.index
    end = text.find("\n", start)
    line = text[text.rfind("\n", 0, start) + 1 : start]
    indent = len(line) - len(line.lstrip(" "))
    stop = end = len(text) if end < 0 else end
    while stop < len(text):
        begin = stop + 1
        stop = text.find("\n", begin)
        stop = len(text) if stop < 0 else stop
        row = text[begin:stop]
        if row.strip():
            if len(row) - len(row.lstrip(" ")) <= indent:
                break
            end = len(text[:stop].rstrip())
    return end


def _inline(value: Any, node: Node, text: str) -> str:
    """A value as it stands in a line; quoted as the one before it was, if that is a text."""
    single = isinstance(node, ScalarNode) and node.style == "'"
    if single and isinstance(value, str) and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    written = _flow(value)
    before = text[: node.start_mark.index]
    return f" {written}" if before.endswith(":") else written


def _flow(value: Any) -> str:
    """A value on one line, as YAML 1.1 and 1.2 both read it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _flow_text(str(value))


def _flow_text(value: str) -> str:
    plain = not isinstance(quoted_where_needed(value), DoubleQuotedScalarString)
    safe = re.fullmatch(r"[\w(.\-][^\n\r\t,\[\]{}#:'\"%@`]*", value) is not None
    if value and plain and safe and value == value.strip() and value.isprintable():
        try:
            if YAML(typ="safe", pure=True).load(f"[{value}]") == [value]:
                return value
        except YAMLError:
            pass
    escaped = "".join(
        f"\\{c}" if c in '"\\' else c if c.isprintable() else _escape(c) for c in value
    )
    return f'"{escaped}"'


def _escape(letter: str) -> str:
    code = ord(letter)
    return {"\n": "\\n", "\t": "\\t"}.get(letter) or (
        f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
    )


def _rewritten(text: str, path: CasePath, value: Any) -> str | None:
    """The text as ruamel writes it after the change; comments are kept, spacing may change."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    if re.search(r"(?m)^( *)[\w.]+:[^\S\n]*(#.*)?\n\1  +- ", text):
        yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        holder = document = yaml.load(text)
        for step in path[:-1]:
            if isinstance(holder, CommentedMap) and holder.get(step) is None:
                holder[step] = CommentedMap()
            holder = holder[step]
        if value is _REMOVED:
            del holder[path[-1]]
        elif isinstance(holder, CommentedSeq) and path[-1] == len(holder):
            holder.append(value)
        else:
            holder[path[-1]] = _styled(value)
        stream = io.StringIO()
        yaml.dump(document, stream)
    except (YAMLError, LookupError, TypeError, ValueError):
        return None
    return stream.getvalue()


def _styled(value: Any) -> Any:
    if isinstance(value, Mapping):
        block = CommentedMap((k, _styled(v)) for k, v in value.items())
        block.fa.set_flow_style()
        return block
    if isinstance(value, list):
        items = CommentedSeq(map(_styled, value))
        items.fa.set_flow_style()
        return items
    return quoted_where_needed(value)
