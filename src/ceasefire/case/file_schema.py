"""Which keys may a case have, and what may stand there? Editors get it as JSON Schema."""

import math
import re
from typing import Annotated, Any, ClassVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic import WithJsonSchema as Json

from ceasefire.case.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence
from ceasefire.diagnostics import Diagnostics, join_names, suggest_closest_name

_QUOTE_BRACKET_ADVICE = "quote an expression that begins with { or ["
_EMPTY_VALUE_ADVICE = "remove the key, or write {} for an empty mapping"


def validation_diagnostics(info: ValidationInfo) -> Diagnostics[YamlNode]:
    """The diagnostics that a validation reports to."""
    return cast("Diagnostics[YamlNode]", info.context)


def _validate_scalar(value: Any, info: ValidationInfo, wanted: str) -> YamlScalar | None:
    diagnostics = validation_diagnostics(info)
    if isinstance(value, YamlScalar):
        return None if value.unreadable else value
    diagnostics.report(
        value,
        f"must be {wanted}",
        help=_QUOTE_BRACKET_ADVICE if wanted == "an expression" else "",
    )
    return None


def _validate_text(value: Any, info: ValidationInfo) -> YamlScalar | None:
    return _validate_scalar(value, info, "a text")


def _validate_expression(value: Any, info: ValidationInfo) -> YamlScalar | None:
    return _validate_scalar(value, info, "an expression")


def _validate_boolean(value: Any, info: ValidationInfo) -> YamlScalar | None:
    return _validate_scalar(value, info, "true or false")


def number_advice(text: str) -> str:
    """How to write what is meant to be a number, as a person would; nothing if that is not clear.

    text  what is written

    >>> number_advice("0,6"), number_advice("50 %"), number_advice("many")
    ('write 0.6, with a point', 'write 0.5: a share of 1, not per cent', '')
    """
    if found := re.fullmatch(r"\s*([-+]?[0-9]+),([0-9]+)\s*", text):
        return f"write {found[1]}.{found[2]}, with a point"
    if found := re.fullmatch(r"\s*([0-9]+)(?:[.,]([0-9]+))?\s*%\s*", text):
        share = float(f"{found[1]}.{found[2] or 0}") / 100
        return f"write {share:.12g}: a share of 1, not per cent"
    return ""


def _validate_number(value: Any, info: ValidationInfo) -> YamlScalar | None:
    scalar = _validate_scalar(value, info, "a number")
    if scalar is not None and (scalar.number is None or not math.isfinite(scalar.number)):
        help = "write the number without quotes" if not scalar.is_plain else ""
        help = number_advice(scalar.text) or help
        validation_diagnostics(info).report(scalar, "must be a finite number", help=help)
        return None
    return scalar


def _validate_integer(value: Any, info: ValidationInfo) -> YamlScalar | None:
    scalar = _validate_scalar(value, info, "a whole number")
    if scalar is not None and scalar.integer is None:
        help = "write the number without quotes" if not scalar.is_plain else ""
        validation_diagnostics(info).report(scalar, "must be a whole number", help=help)
        return None
    return scalar


def word_validator(*words: str) -> PlainValidator:
    """A validator for one of a few words."""

    def check(value: Any, info: ValidationInfo) -> YamlScalar | None:
        scalar = _validate_scalar(value, info, "a text")
        if scalar is not None and scalar.text not in words:
            validation_diagnostics(info).report(
                scalar,
                "is not one of the words allowed here",
                allowed=join_names(words),
                help=suggest_closest_name(scalar.text, words),
            )
            return None
        return scalar

    return PlainValidator(check)


def _validate_mapping(value: Any, info: ValidationInfo) -> dict[str, Any]:
    diagnostics = validation_diagnostics(info)
    if isinstance(value, YamlScalar) and value.unreadable:
        return {}
    if not isinstance(value, YamlMapping):
        diagnostics.report(
            value, "must be a mapping of names", help="write `name: value` lines, or {}"
        )
        return {}
    return nonempty_entries(value, diagnostics)


def nonempty_entries(block: YamlMapping, diagnostics: Diagnostics[YamlNode]) -> dict[str, Any]:
    """The entries of a mapping that are not empty; the empty ones are reported."""
    kept: dict[str, Any] = {}
    for name, (_, node) in block.entries.items():
        if isinstance(node, YamlScalar) and node.is_null:
            help = _EMPTY_VALUE_ADVICE
            if ":" in name:
                help = "YAML wants a space after the colon"
            diagnostics.report(node, "is empty", help=help)
        else:
            kept[name] = node
    return kept


def _validate_list(value: Any, info: ValidationInfo) -> list[Any]:
    diagnostics = validation_diagnostics(info)
    if isinstance(value, YamlScalar) and value.unreadable:
        return []
    if not isinstance(value, YamlSequence):
        diagnostics.report(value, "must be a list", help="write [a, b]")
        return []
    kept = []
    for item in value.items:
        if isinstance(item, YamlScalar) and item.is_null:
            diagnostics.report(item, "is empty", help="remove it")
        else:
            kept.append(item)
    return kept


def _accept_any(value: Any) -> Any:
    return value


_EXPRESSION_JSON_SCHEMA = {"type": ["string", "number", "boolean"]}
TextField = Annotated[
    YamlScalar | None,
    PlainValidator(_validate_text),
    WithJsonSchema({"type": ["string", "number"]}),
]
ExpressionField = Annotated[
    YamlScalar | None, PlainValidator(_validate_expression), WithJsonSchema(_EXPRESSION_JSON_SCHEMA)
]
TestField = Annotated[
    YamlScalar | None,
    PlainValidator(_validate_expression),
    WithJsonSchema({"type": ["string", "boolean"], "pattern": "[<>]|==|!=|true|false"}),
]
NumberField = Annotated[
    YamlScalar | None, PlainValidator(_validate_number), WithJsonSchema({"type": "number"})
]
IntegerField = Annotated[
    YamlScalar | None, PlainValidator(_validate_integer), WithJsonSchema({"type": "integer"})
]
BooleanField = Annotated[
    YamlScalar | None, PlainValidator(_validate_boolean), WithJsonSchema({"type": "boolean"})
]
ReferenceField = Annotated[
    YamlScalar | None, PlainValidator(_validate_text), WithJsonSchema({"type": "string"})
]
MappingValidator = BeforeValidator(_validate_mapping)
ListValidator = BeforeValidator(_validate_list)
AnyValidator = PlainValidator(_accept_any)


def schema_key(description: str, *, needed: bool = False, alias: str | None = None) -> Any:
    """A key of a mapping, described for editors; `needed` ones may not be left out."""
    return Field(
        default=None, description=description, alias=alias, json_schema_extra={"needed": needed}
    )


ReferenceListField = Annotated[list[ReferenceField], ListValidator]
ExpressionMappingField = Annotated[dict[str, ExpressionField], MappingValidator]
NumberListField = Annotated[list[NumberField], ListValidator]
PeriodRangeField = Annotated[list[IntegerField], ListValidator]
PERIODS = ("day", "week", "month", "quarter", "half-year", "year")
ENDINGS = ("lasts", "nothing", "final")
POINT_KINDS = ("quantiles", "range")
FAMILY_DESCRIPTION = (
    "{number: a..b}, or a list of whole numbers: one for each value, which its expressions read."
)
FORECASTER_KINDS = ("crowd", "expert", "market", "model")


KEYS_OF_WHAT_IS_HIDDEN = ("secret", "hidden", "private", "covert", "seen_by", "visible_to")


class WrittenMapping(BaseModel):
    """A mapping of the file; `node` is the mapping itself."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="ignore", defer_build=True)
    extra_keys_allowed: ClassVar[bool] = False
    node: Annotated[Any, AnyValidator] = None

    label: TextField = schema_key("What people call it, in a few words.")
    about: TextField = schema_key("What it means, in a sentence; reaches the report.")
    unit: TextField = schema_key("Unit, such as payoff/month; reaches the report.")
    source: ReferenceField = schema_key("A key of `sources`.")

    @model_validator(mode="wrap")
    @classmethod
    def _validate(
        cls, value: Any, handler: ModelWrapValidatorHandler["WrittenMapping"], info: ValidationInfo
    ) -> "WrittenMapping":
        diagnostics = validation_diagnostics(info)
        if isinstance(value, YamlScalar) and value.unreadable:
            return handler({"node": None})
        if not isinstance(value, YamlMapping):
            diagnostics.report(value, "must be a mapping", help="write `key: value` lines, or {}")
            return handler({"node": None})
        fields = nonempty_entries(value, diagnostics)
        known = cls.known_keys()
        for name in list(fields):
            if name not in known and not cls.extra_keys_allowed:
                head = value.entries[name][0]
                help = suggest_closest_name(name, known)
                if ":" in name:
                    help = "YAML wants a space after the colon"
                elif name in KEYS_OF_WHAT_IS_HIDDEN:
                    help = "all that is done is seen: say it with a type, see docs/howto.md"
                diagnostics.report(
                    head, "unexpected key", found=name, allowed=join_names(known, 40), help=help
                )
                del fields[name]
        for name, needed in known.items():
            if needed and name not in value.entries:
                diagnostics.report(
                    value, f"needs `{name}`", found=join_names(value.entries) or "{}"
                )
        return handler({**fields, "node": value})

    @classmethod
    def known_keys(cls) -> dict[str, bool]:
        """Each key as it stands in the file, and whether it is needed."""
        found = {}
        for name, field in cls.model_fields.items():
            if name != "node":
                extra = field.json_schema_extra
                needed = isinstance(extra, dict) and bool(extra.get("needed"))
                found[field.alias or name] = needed
        return found

    def value_node(self, name: str) -> YamlNode:
        """The value of a key, or the mapping itself if the key is left out."""
        if isinstance(self.node, YamlMapping) and name in self.node.entries:
            return self.node.entries[name][1]
        return self.node  # type: ignore[no-any-return]


class WrittenSource(WrittenMapping):
    """Where a number or a sentence comes from."""

    extra_keys_allowed: ClassVar[bool] = True
    model_config = ConfigDict(extra="allow")
    title: TextField = schema_key("Title of the work.")
    author: TextField = schema_key("Who wrote it.")
    published: TextField = schema_key("When, such as 2025-05-17.")
    origin: TextField = schema_key("Where it is found.")


class WrittenUnknown(WrittenMapping):
    """A number nobody knows: `best` and one distribution."""

    best: NumberField = schema_key("Best estimate.")
    range: NumberListField | None = schema_key("Uniform between [lo, hi].")
    triangle: NumberListField | None = schema_key("[lo, mode, hi].")
    normal: NumberListField | None = schema_key("[mean, sd].")
    lognormal: NumberListField | None = schema_key("[median, geometric sd].")
    oneof: NumberListField | None = schema_key("Equally likely values.")
    experts: Annotated[dict[str, NumberListField], MappingValidator] | None = schema_key(
        "{expert: [5 % point, 50 % point, 95 % point]}."
    )
    points_are: Annotated[
        YamlScalar | None, word_validator(*POINT_KINDS), Json({"enum": list(POINT_KINDS)})
    ] = schema_key(
        "What the numbers of experts are: quantiles (5, 50 and 95 %), the default, or range "
        "(lowest, best and highest value).",
        alias="is",
    )
    least: NumberField = schema_key("Below it no expert's distribution reaches.")
    most: NumberField = schema_key("Above it no expert's distribution reaches.")


class WrittenExpert(WrittenMapping):
    """Somebody who says what unknowns may be."""

    name: TextField = schema_key("Name for readers.")
    weight: NumberField = schema_key("How often worlds are drawn from this expert; default 1.")


class WrittenParty(WrittenMapping):
    """Who acts."""

    name: TextField = schema_key("Name for readers.")
    patience: ExpressionField = schema_key("Discount factor per period, 0 <= d < 1; default 0.98.")
    precision: ExpressionField = schema_key(
        "How surely the better option is taken, above 0, 1e15 at most; default 20."
    )
    types: ExpressionMappingField | None = schema_key(
        "Two to four hidden types with the analyst's priors."
    )
    knows: ReferenceListField | None = schema_key(
        "The party whose type it knows; for one without types of its own."
    )
    believed_by: Annotated[dict[str, ExpressionMappingField], MappingValidator] | None = schema_key(
        "Priors of observers who see it differently."
    )


class WrittenVariable(WrittenMapping):
    """A public fact; without `values` it is true or false."""

    values: Annotated[
        YamlScalar | YamlSequence | None, AnyValidator, Json({"type": ["string", "array"]})
    ] = schema_key("a..b, a list of whole numbers, or a list of words; left out: true or false.")
    start: ExpressionField = schema_key("The value at the start.")
    labels: Annotated[dict[str, TextField], MappingValidator] | None = schema_key(
        "What people call its values: {value: a few words}."
    )

    def word_values(self) -> list[YamlScalar]:
        """The values written as words, if they are."""
        if not isinstance(self.values, YamlSequence):
            return []
        scalars = [
            item for item in self.values.items if isinstance(item, YamlScalar) and not item.is_null
        ]
        return [] if any(item.number is not None for item in scalars) else scalars


RENEWAL_DESCRIPTION = (
    "Parties whose types are drawn anew, for all to see: [russia], or how likely each type is "
    "then: {russia: {firm: 0.4, soft: 0.6}}."
)
RenewalField = Annotated[
    YamlNode | None,
    AnyValidator,
    Json(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": _EXPRESSION_JSON_SCHEMA,
                    },
                },
            ]
        }
    ),
]


class WrittenOutcome(WrittenMapping):
    """One of the things that may come of it."""

    name: TextField = schema_key("Name, if it may be an event.")
    chance: ExpressionField = schema_key(
        "Its probability; it may read type(party), and then tells of that type.", needed=True
    )
    set: ExpressionMappingField | None = schema_key("What changes: {variable: expression}.")
    renews: RenewalField = schema_key(RENEWAL_DESCRIPTION)


class WrittenEffects(WrittenMapping):
    """What a move, deal or chance does."""

    when: ExpressionField = schema_key("When it is possible; default true.")
    set: ExpressionMappingField | None = schema_key("What changes: {variable: expression}.")
    outcomes: Annotated[list[WrittenOutcome], ListValidator] | None = schema_key(
        "At most one of them happens."
    )
    promises: ReferenceListField | None = schema_key("Promises it gives.")
    releases: ReferenceListField | None = schema_key("Promises it releases.")
    renews: RenewalField = schema_key(RENEWAL_DESCRIPTION)
    during: PeriodRangeField | None = schema_key("[first, last] period in which it is there.")


FamilyField = Annotated[
    dict[str, Annotated[Any, AnyValidator, Json({"type": ["string", "array"]})]], MappingValidator
]


class WrittenMove(WrittenEffects):
    """What a party can do alone."""

    by: ReferenceField = schema_key("The party, or a role.", needed=True)
    for_: FamilyField | None = schema_key(FAMILY_DESCRIPTION, alias="for")
    cost: ExpressionField = schema_key("Payoff the mover pays at once; default 0.")
    weight: ExpressionField = schema_key("How much in character, > 0; default 1.")


class WrittenDeal(WrittenEffects):
    """What can be agreed at a table."""

    for_: FamilyField | None = schema_key(FAMILY_DESCRIPTION, alias="for")
    weight: ExpressionField = schema_key("How much in character an offer is, > 0; default 1.")
    cost: ExpressionMappingField | None = schema_key(
        "{party or role: payoff it pays when the deal is signed}."
    )
    needs: ReferenceListField | None = schema_key(
        "Seats whose consent it takes; default every seat."
    )


class WrittenChance(WrittenEffects):
    """What happens by itself."""


class WrittenPromise(WrittenMapping):
    """A promise not to make moves, or to make one of some moves in time."""

    by: ReferenceField = schema_key("Who promises: a party, or a role.", needed=True)
    forbids: ReferenceListField | None = schema_key("The promiser's moves that break it.")
    owes: ReferenceListField | None = schema_key(
        "The promiser's moves of which one fulfils it, in place of `forbids`; needs `within`."
    )
    within: IntegerField = schema_key(
        "How many periods there are for one of the moves of `owes`, 1 or more."
    )
    breach: ExpressionField = schema_key("Cost of breaking it, on top; default 0.")


class WrittenTable(WrittenMapping):
    """Who sits together, and what can be agreed there."""

    seats: ReferenceListField | None = schema_key(
        "Parties or roles in speaking order, two or more.", needed=True
    )
    when: ExpressionField = schema_key("When it can meet; default true.")
    meets: ExpressionField = schema_key("Probability that it meets in a period; default 1.")
    proposes: ReferenceField = schema_key("A seat, or any; default the first seat.")
    deals: Annotated[dict[str, WrittenDeal], MappingValidator] | None = schema_key(
        "What can be agreed.", needed=True
    )
    during: PeriodRangeField | None = schema_key("[first, last] period in which it is there.")


class WrittenBaseline(WrittenMapping):
    """How likely the sentence is before any model: by past wars, or by a cited number."""

    lasted: TextField = schema_key("How long the war had lasted, such as 1177d or 3y.")
    within: TextField = schema_key("The sentence says that the war ends within this time.")
    beyond: TextField = schema_key("The sentence says that the war goes on for longer than this.")
    deaths: IntegerField = schema_key("Only wars with at least so many battle deaths.")
    after: IntegerField = schema_key("Only wars that began after this year.")
    probability: NumberField = schema_key(
        "A base rate from elsewhere, instead of all of the above."
    )


class WrittenClaim(WrittenMapping):
    """A sentence of the argument and its test."""

    says: TextField = schema_key("The sentence.")
    test: TestField = schema_key(
        "A true-or-false expression over quantities; left out, that all of `because` are true."
    )
    because: ReferenceListField | None = schema_key("The claims it rests on, its premises.")
    where: TextField = schema_key("Where it stands in the source.")
    happened: BooleanField = schema_key("Whether what the sentence says came true.")
    as_of: TextField = schema_key("The date up to which the case knows things, such as 2025-05.")
    baseline: WrittenBaseline | None = schema_key("How likely the sentence is before any model.")


class WrittenLever(WrittenMapping):
    """What somebody could decide."""

    says: TextField = schema_key("The decision in words.")
    by: ReferenceField = schema_key(
        "The party or role that could take it; left out if it takes several, or somebody else."
    )
    set: ExpressionField = schema_key(
        "What is different then: the options start, without, closed and given of questions, "
        "joined by commas.",
        needed=True,
    )


UNCHANGED_BY_OPTIONS = (
    "alternatives", "sources", "claims", "levers", "forecasts", "events", "extends", "ceasefire",
)  # fmt: skip
_PATCH_JSON_SCHEMA = {
    "type": "object",
    "propertyNames": {"not": {"enum": list(UNCHANGED_BY_OPTIONS)}},
}


class WrittenAlternative(WrittenMapping):
    """Rival ways to write a part of the case."""

    options: (
        Annotated[
            dict[str, Annotated[YamlNode, AnyValidator, Json(_PATCH_JSON_SCHEMA)]], MappingValidator
        ]
        | None
    ) = schema_key(
        "{option: what it changes}, merged as `extends` merges.",
        needed=True,
    )
    best: ReferenceField = schema_key("The option at the best estimates; the first unless said.")
    weights: Annotated[dict[str, NumberField], MappingValidator] | None = schema_key(
        "{option: weight}, how often worlds have it; default 1. One with 0 is asked at best alone."
    )


class WrittenForecast(WrittenMapping):
    """What somebody else said of a claim before it was known."""

    claim: ReferenceField = schema_key("The claim whose sentence it is about.", needed=True)
    probability: NumberField = schema_key("The probability given to the sentence.", needed=True)
    as_of: TextField = schema_key("The date of the forecast, such as 2025-01.", needed=True)
    kind: Annotated[
        YamlScalar | None, word_validator(*FORECASTER_KINDS), Json({"enum": list(FORECASTER_KINDS)})
    ] = schema_key("Who forecasts.", needed=True)


class WrittenEvent(WrittenMapping):
    """What has happened: of exactly one kind, in one period."""

    period: IntegerField = schema_key("In which period, from 0.", needed=True)
    move: ReferenceField = schema_key("party.move, or party.pass.")
    deal: ReferenceField = schema_key("table.deal that took effect.")
    outcome: ReferenceField = schema_key(
        "table.deal.outcome or party.move.outcome; `nothing` where none of its outcomes came."
    )
    signed: ReferenceField = schema_key("table.deal that one party said yes to; needs `by`.")
    refused: ReferenceField = schema_key("table.deal that was refused; needs `by`.")
    by: ReferenceField = schema_key("Who refused, or said yes.")
    idle: ReferenceField = schema_key("A table that did not meet or where no offer was made.")
    chance: ReferenceField = schema_key(
        "chance.outcome; chance.nothing where none came; or chance alone, if it happened at all."
    )
    broken: ReferenceField = schema_key("A promise that was broken.")
    observed: ExpressionMappingField | None = schema_key("{variable: value} at the period's end.")
    confirmed: BooleanField = schema_key(
        "Whether it is beyond doubt that it happened; default true."
    )


_CORRELATION_JSON_SCHEMA = {"type": "array", "minItems": 3, "maxItems": 3}
SHUFFLE_SIZES = (2, 4)  # fewest and most steps that may come in random order
TYPE_COUNTS = (2, 4)  # fewest and most types of a party that has any
MOMENT_SIZES = (2, 4)  # fewest and most parties that may choose at one moment
_PLAIN_STEPS_JSON_SCHEMA: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
]
_STEP_JSON_SCHEMA = {
    "anyOf": [
        *_PLAIN_STEPS_JSON_SCHEMA,
        {
            "type": "array",
            "items": {"anyOf": _PLAIN_STEPS_JSON_SCHEMA},
            "minItems": MOMENT_SIZES[0],
            "maxItems": MOMENT_SIZES[1],
            "description": "These parties choose without seeing each other's choice.",
        },
        {
            "type": "object",
            "properties": {
                "shuffle": {
                    "type": "array",
                    "items": {"anyOf": _PLAIN_STEPS_JSON_SCHEMA},
                    "minItems": SHUFFLE_SIZES[0],
                    "maxItems": SHUFFLE_SIZES[1],
                    "description": "These steps come in random order, drawn in public each period.",
                }
            },
            "required": ["shuffle"],
            "additionalProperties": False,
        },
    ]
}


class WrittenCase(WrittenMapping):
    """A case for the program `ceasefire`."""

    ceasefire: IntegerField = schema_key("Format version: 1.", needed=True)
    extends: TextField = schema_key("Another case this one starts from, relative to this file.")
    title: TextField = schema_key("Title; default the file's name.")
    period: Annotated[
        YamlScalar | None, word_validator(*PERIODS), Json({"enum": list(PERIODS)})
    ] = schema_key("Length of a period.")
    start: TextField = schema_key("Date of period 0, such as 2025-05.")
    horizon: IntegerField = schema_key("Number of periods questions look at.", needed=True)
    ending: Annotated[
        YamlScalar | None, word_validator(*ENDINGS), Json({"enum": list(ENDINGS)})
    ] = schema_key(
        "After the last period: its state lasts for ever, play stops, or the game is over by its "
        "own rules."
    )
    tail: IntegerField = schema_key("Periods played on unobserved; default 0.")
    sources: Annotated[dict[str, WrittenSource], MappingValidator] | None = schema_key(
        "Where it comes from."
    )
    experts: Annotated[dict[str, WrittenExpert], MappingValidator] | None = schema_key(
        "Who says what unknowns may be."
    )
    unknowns: Annotated[dict[str, WrittenUnknown], MappingValidator] | None = schema_key(
        "Numbers nobody knows."
    )
    together: (
        Annotated[list[Annotated[Any, AnyValidator, Json(_CORRELATION_JSON_SCHEMA)]], ListValidator]
        | None
    ) = schema_key("Rank correlations: [[a, b, 0.6], ...].")
    parties: Annotated[dict[str, WrittenParty], MappingValidator] | None = schema_key(
        "Who acts.", needed=True
    )
    state: Annotated[dict[str, WrittenVariable], MappingValidator] | None = schema_key(
        "The public facts.", needed=True
    )
    conditions: ExpressionMappingField | None = schema_key("Names for expressions over the state.")
    roles: ExpressionMappingField | None = schema_key(
        "Offices: {role: which party holds it}, an expression over the state."
    )
    payoffs: Annotated[dict[str, ExpressionMappingField], MappingValidator] | None = schema_key(
        "{party: {term: expression}}."
    )
    moves: Annotated[dict[str, WrittenMove], MappingValidator] | None = schema_key(
        "What a party can do alone."
    )
    promises: Annotated[dict[str, WrittenPromise], MappingValidator] | None = schema_key(
        "Promises."
    )
    tables: Annotated[dict[str, WrittenTable], MappingValidator] | None = schema_key(
        "Who sits together."
    )
    chance: Annotated[dict[str, WrittenChance], MappingValidator] | None = schema_key(
        "What happens by itself."
    )
    order: (
        Annotated[list[Annotated[Any, AnyValidator, Json(_STEP_JSON_SCHEMA)]], ListValidator] | None
    ) = schema_key("The steps of a period, in order.")
    alternatives: Annotated[dict[str, WrittenAlternative], MappingValidator] | None = schema_key(
        "Rival ways to write a part of the case."
    )
    claims: Annotated[dict[str, WrittenClaim], MappingValidator] | None = schema_key(
        "The argument."
    )
    levers: Annotated[dict[str, WrittenLever], MappingValidator] | None = schema_key(
        "What somebody could decide."
    )
    forecasts: Annotated[dict[str, WrittenForecast], MappingValidator] | None = schema_key(
        "What others said of the claims."
    )
    events: Annotated[list[WrittenEvent], ListValidator] | None = schema_key(
        "What has happened since."
    )


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a case file, by which editors complete and check.

    >>> schema()["properties"]["horizon"]["type"]
    'integer'
    """
    found = _simplify_json_schema(WrittenCase.model_json_schema(by_alias=True))
    needed = found.pop("required")
    found["$defs"]["WrittenPromise"]["oneOf"] = [
        {"required": keys} for keys in (["forbids"], ["owes", "within"])
    ]
    found["$defs"]["WrittenClaim"]["anyOf"] = [{"required": [key]} for key in ("test", "because")]
    fewest, most = TYPE_COUNTS
    types = {"properties": {"types": {"minProperties": fewest, "maxProperties": most}}}
    whole = {"properties": {"parties": {"additionalProperties": types}}, "required": needed}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **found,
        "title": "ceasefire case, format 1",
        "anyOf": [whole, {"required": ["extends"]}],
    }


def _simplify_json_schema(part: Any) -> Any:
    """Without what is of no use to an editor; needed keys as JSON Schema says it."""
    if isinstance(part, list):
        return [_simplify_json_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidy = {
        name: _simplify_json_schema(item)
        for name, item in part.items()
        if name not in ("default", "needed")
    }
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
