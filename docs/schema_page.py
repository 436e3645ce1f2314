"""A hook of the site: the keys of the case file from its schema, links out of docs made whole."""

import re
from typing import Any

from ceasefire.case import schema

OUT = re.compile(r"\[([^\]]*)\]\((?:\.\./)+(?:cases|src|tests|benchmarks|verification)[^)]*\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the tables where the page asks for them; a link into the clone becomes its words."""
    text = OUT.sub(r"\1", markdown)
    return text.replace("<!-- schema -->", tables()) if "reference/schema" in page.url else text


def tables() -> str:
    """One table for the case and one for each of its parts."""
    whole = schema()
    parts = [("The case", whole), *sorted(whole.get("$defs", {}).items())]
    return "\n\n".join(_table(name, part) for name, part in parts if "properties" in part)


def _table(name: str, part: dict[str, Any]) -> str:
    needed = part.get("required", [])
    rows = [
        f"| `{key}` | {_kind(one)} | {'yes' if key in needed else ''} "
        f"| {one.get('description', '').replace('|', '/')} |"
        for key, one in part["properties"].items()
    ]
    head = f"## {name}\n\n{part.get('description', '')}\n\n| key | holds | needed | what it says |"
    return "\n".join([head, "| --- | --- | --- | --- |", *rows])


def _kind(one: dict[str, Any]) -> str:
    if "$ref" in one:
        name = one["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in one:
        return " or ".join(dict.fromkeys(_kind(each) for each in one["anyOf"]))
    if isinstance(one.get("additionalProperties"), dict):
        return f"names, each with {_kind(one['additionalProperties'])}"
    if "items" in one:
        return f"a list of {_kind(one['items'])}"
    if "enum" in one:
        return ", ".join(map(str, one["enum"]))
    kind = one.get("type", "anything")
    return kind if isinstance(kind, str) else " or ".join(kind)
