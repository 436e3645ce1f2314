"""The case format as JSON Schema, by which editors complete and check."""

from typing import Any

from ceasefire.case.written import WrittenCase


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a case file, by which editors complete and check.

    >>> schema()["properties"]["horizon"]["type"]
    'integer'
    """
    found = _tidy(WrittenCase.model_json_schema(by_alias=True))
    needed = found.pop("required")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **found,
        "title": "ceasefire case, format 1",
        "anyOf": [{"required": needed}, {"required": ["extends"]}],
    }


def _tidy(part: Any) -> Any:
    """Without what is of no use to an editor; needed keys as JSON Schema says it."""
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidy = {name: _tidy(item) for name, item in part.items() if name not in ("default", "needed")}
    options = [option for option in tidy.pop("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        tidy = {**options[0], **tidy}
    elif options:
        tidy["anyOf"] = options
    properties = part.get("properties")
    if part.get("type") == "object" and isinstance(properties, dict):
        properties.pop("node", None)
        tidy["properties"].pop("node", None)
        needed = [name for name, one in properties.items() if one.get("needed")]
        tidy |= {"required": needed} if needed else {}
        tidy.setdefault("additionalProperties", False)
    return tidy
