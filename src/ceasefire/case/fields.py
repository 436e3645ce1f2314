"""The kinds of values a key may have, as Pydantic types that report instead of raising.

A value at fault is reported where it stands and read as if it were left out, so that one
reading finds every problem of a file.
"""

import math
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema

from ceasefire.case.document import Block, Items, Scalar
from ceasefire.case.near import closest
from ceasefire.case.reading import Reading, listing

_BEGINS = "quote an expression that begins with { or ["
_EMPTY = "remove the key, or write {} for an empty mapping"


def reading_of(info: ValidationInfo) -> Reading:
    """The reading that a validation reports to."""
    return cast("Reading", info.context)


def _scalar(value: Any, info: ValidationInfo, wanted: str) -> Scalar | None:
    reading = reading_of(info)
    if isinstance(value, Scalar):
        return None if value.lost else value
    reading.fault(value, f"must be {wanted}", advice=_BEGINS if wanted == "an expression" else "")
    return None


def _text(value: Any, info: ValidationInfo) -> Scalar | None:
    return _scalar(value, info, "a text")


def _expression(value: Any, info: ValidationInfo) -> Scalar | None:
    return _scalar(value, info, "an expression")


def _truth(value: Any, info: ValidationInfo) -> Scalar | None:
    return _scalar(value, info, "true or false")


def _number(value: Any, info: ValidationInfo) -> Scalar | None:
    scalar = _scalar(value, info, "a number")
    if scalar is not None and (scalar.number is None or not math.isfinite(scalar.number)):
        advice = "write the number without quotes" if not scalar.plain else ""
        reading_of(info).fault(scalar, "must be a finite number", advice=advice)
        return None
    return scalar


def _whole(value: Any, info: ValidationInfo) -> Scalar | None:
    scalar = _scalar(value, info, "a whole number")
    if scalar is not None and scalar.whole is None:
        advice = "write the number without quotes" if not scalar.plain else ""
        reading_of(info).fault(scalar, "must be a whole number", advice=advice)
        return None
    return scalar


def one_of(*words: str) -> PlainValidator:
    """A validator for one of a few words."""

    def check(value: Any, info: ValidationInfo) -> Scalar | None:
        scalar = _scalar(value, info, "a text")
        if scalar is not None and scalar.text not in words:
            reading_of(info).fault(
                scalar,
                "is not one of the words allowed here",
                allowed=listing(words),
                advice=closest(scalar.text, words),
            )
            return None
        return scalar

    return PlainValidator(check)


def _mapping(value: Any, info: ValidationInfo) -> dict[str, Any]:
    reading = reading_of(info)
    if isinstance(value, Scalar) and value.lost:
        return {}
    if not isinstance(value, Block):
        reading.fault(
            value, "must be a mapping of names", advice="write `name: value` lines, or {}"
        )
        return {}
    return present(value, reading)


def present(block: Block, reading: Reading) -> dict[str, Any]:
    """The entries of a mapping that are not empty; the empty ones are reported."""
    kept: dict[str, Any] = {}
    for name, (_, node) in block.entries.items():
        if isinstance(node, Scalar) and node.null:
            advice = _EMPTY
            if ":" in name:
                advice = "YAML wants a space after the colon"
            reading.fault(node, "is empty", advice=advice)
        else:
            kept[name] = node
    return kept


def _items(value: Any, info: ValidationInfo) -> list[Any]:
    reading = reading_of(info)
    if isinstance(value, Scalar) and value.lost:
        return []
    if not isinstance(value, Items):
        reading.fault(value, "must be a list", advice="write [a, b]")
        return []
    kept = []
    for item in value.items:
        if isinstance(item, Scalar) and item.null:
            reading.fault(item, "is empty", advice="remove it")
        else:
            kept.append(item)
    return kept


def _any(value: Any) -> Any:
    return value


_EXPRESSION = {"type": ["string", "number", "boolean"]}
Text = Annotated[
    Scalar | None, PlainValidator(_text), WithJsonSchema({"type": ["string", "number"]})
]
Expr = Annotated[Scalar | None, PlainValidator(_expression), WithJsonSchema(_EXPRESSION)]
Number = Annotated[Scalar | None, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Whole = Annotated[Scalar | None, PlainValidator(_whole), WithJsonSchema({"type": "integer"})]
Truth = Annotated[Scalar | None, PlainValidator(_truth), WithJsonSchema({"type": "boolean"})]
Reference = Annotated[Scalar | None, PlainValidator(_text), WithJsonSchema({"type": "string"})]
Mapping = BeforeValidator(_mapping)
Listed = BeforeValidator(_items)
Raw = PlainValidator(_any)


def key(description: str, *, needed: bool = False, alias: str | None = None) -> Any:
    """A key of a mapping, described for editors; `needed` ones may not be left out."""
    return Field(
        default=None, description=description, alias=alias, json_schema_extra={"needed": needed}
    )
