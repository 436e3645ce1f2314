"""The case as written: which keys stand where. Editors get it as JSON Schema."""

from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationInfo,
    model_validator,
)
from pydantic import WithJsonSchema as Json

from ceasefire.case.document import Block, Items, Node, Scalar
from ceasefire.case.fields import (
    Expr,
    Listed,
    Mapping,
    Number,
    Raw,
    Reference,
    Text,
    Truth,
    Whole,
    key,
    one_of,
    present,
    reading_of,
)
from ceasefire.case.near import closest
from ceasefire.case.reading import listing

References = Annotated[list[Reference], Listed]
Expressions = Annotated[dict[str, Expr], Mapping]
Numbers = Annotated[list[Number], Listed]
During = Annotated[list[Whole], Listed]
FORECASTERS = ("crowd", "expert", "market", "model")


class Written(BaseModel):
    """A mapping of the file; `node` is the mapping itself."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="ignore")
    free: ClassVar[bool] = False
    node: Annotated[Any, Raw] = None

    about: Text = key("What it means, in a sentence; reaches the report.")
    unit: Text = key("Unit, such as payoff/month; reaches the report.")
    source: Reference = key("A key of `sources`.")

    @model_validator(mode="wrap")
    @classmethod
    def _read(
        cls, value: Any, handler: ModelWrapValidatorHandler["Written"], info: ValidationInfo
    ) -> "Written":
        reading = reading_of(info)
        if isinstance(value, Scalar) and value.lost:
            return handler({"node": None})
        if not isinstance(value, Block):
            reading.fault(value, "must be a mapping", advice="write `key: value` lines, or {}")
            return handler({"node": None})
        fields = present(value, reading)
        known = cls.keys()
        for name in list(fields):
            if name not in known and not cls.free:
                head = value.entries[name][0]
                advice = closest(name, known)
                if ":" in name:
                    advice = "YAML wants a space after the colon"
                reading.fault(
                    head, "unexpected key", found=name, allowed=listing(known, 40), advice=advice
                )
                del fields[name]
        for name, needed in known.items():
            if needed and name not in value.entries:
                reading.fault(value, f"needs `{name}`", found=listing(value.entries) or "{}")
        return handler({**fields, "node": value})

    @classmethod
    def keys(cls) -> dict[str, bool]:
        """Each key as it stands in the file, and whether it is needed."""
        found = {}
        for name, field in cls.model_fields.items():
            if name != "node":
                extra = field.json_schema_extra
                needed = isinstance(extra, dict) and bool(extra.get("needed"))
                found[field.alias or name] = needed
        return found

    def at(self, name: str) -> Node:
        """The value of a key, or the mapping itself if the key is left out."""
        if isinstance(self.node, Block) and name in self.node.entries:
            return self.node.entries[name][1]
        return self.node  # type: ignore[no-any-return]


class WrittenSource(Written):
    """Where a number or a sentence comes from."""

    free: ClassVar[bool] = True
    model_config = ConfigDict(extra="allow")
    title: Text = key("Title of the work.")
    author: Text = key("Who wrote it.")
    published: Text = key("When, such as 2025-05-17.")
    origin: Text = key("Where it is found.")


class WrittenUnknown(Written):
    """A number nobody knows: `best` and one distribution."""

    best: Number = key("Best estimate.")
    range: Numbers | None = key("Uniform between [lo, hi].")
    triangle: Numbers | None = key("[lo, mode, hi].")
    normal: Numbers | None = key("[mean, sd].")
    lognormal: Numbers | None = key("[median, geometric sd].")
    oneof: Numbers | None = key("Equally likely values.")


class WrittenParty(Written):
    """Who acts."""

    name: Text = key("Name for readers.")
    patience: Expr = key("Discount factor per period, 0 <= d < 1; default 0.98.")
    precision: Expr = key(
        "How surely the better option is taken, above 0, 1e15 at most; default 20."
    )
    types: Expressions | None = key("Two hidden types with the analyst's priors.")
    believed_by: Annotated[dict[str, Expressions], Mapping] | None = key(
        "Priors of observers who see it differently."
    )


class WrittenVariable(Written):
    """A public fact; without `values` it is true or false."""

    values: Annotated[Scalar | Items | None, Raw, Json({"type": ["string", "array"]})] = key(
        "a..b, a list of whole numbers, or a list of words; left out: true or false."
    )
    start: Expr = key("The value at the start.")

    def words(self) -> list[Scalar]:
        """The values written as words, if they are."""
        if not isinstance(self.values, Items):
            return []
        scalars = [item for item in self.values.items if isinstance(item, Scalar) and not item.null]
        return [] if any(item.number is not None for item in scalars) else scalars


class WrittenOutcome(Written):
    """One of the things that may come of it."""

    name: Text = key("Name, if it may be an event.")
    chance: Expr = key("Its probability.", needed=True)
    set: Expressions | None = key("What changes: {variable: expression}.")


class WrittenEffects(Written):
    """What a move, deal or chance does."""

    when: Expr = key("When it is possible; default true.")
    set: Expressions | None = key("What changes: {variable: expression}.")
    outcomes: Annotated[list[WrittenOutcome], Listed] | None = key("At most one of them happens.")
    promises: References | None = key("Promises it gives.")
    releases: References | None = key("Promises it releases.")
    during: During | None = key("[first, last] period in which it is there.")


class WrittenMove(WrittenEffects):
    """What a party can do alone."""

    by: Reference = key("The party.", needed=True)
    cost: Expr = key("Payoff the mover pays at once; default 0.")
    weight: Expr = key("How much in character, > 0; default 1.")


class WrittenDeal(WrittenEffects):
    """What can be agreed at a table."""

    weight: Expr = key("How much in character an offer is, > 0; default 1.")
    cost: Expressions | None = key("{party: payoff it pays when the deal is signed}.")
    needs: References | None = key("Seats whose consent it takes; default every seat.")


class WrittenChance(WrittenEffects):
    """What happens by itself."""


class WrittenPromise(Written):
    """A promise not to make moves."""

    by: Reference = key("Who promises.", needed=True)
    forbids: References | None = key("The promiser's moves that break it.", needed=True)
    breach: Expr = key("Cost of breaking it, on top; default 0.")


class WrittenTable(Written):
    """Who sits together, and what can be agreed there."""

    seats: References | None = key("Parties in speaking order, two or more.", needed=True)
    when: Expr = key("When it can meet; default true.")
    meets: Expr = key("Probability that it meets in a period; default 1.")
    proposes: Reference = key("A seat, or any; default the first seat.")
    deals: Annotated[dict[str, WrittenDeal], Mapping] | None = key(
        "What can be agreed.", needed=True
    )
    during: During | None = key("[first, last] period in which it is there.")


class WrittenBaseline(Written):
    """How likely the sentence is before any model: by past wars, or by a cited number."""

    lasted: Text = key("How long the war had lasted, such as 1177d or 3y.")
    within: Text = key("The sentence says that the war ends within this time.")
    beyond: Text = key("The sentence says that the war goes on for longer than this.")
    deaths: Whole = key("Only wars with at least so many battle deaths.")
    after: Whole = key("Only wars that began after this year.")
    probability: Number = key("A base rate from elsewhere, instead of all of the above.")


class WrittenClaim(Written):
    """A sentence of the argument and its test."""

    says: Text = key("The sentence.")
    test: Expr = key("A true-or-false expression over quantities.", needed=True)
    where: Text = key("Where it stands in the source.")
    happened: Truth = key("Whether what the sentence says came true.")
    as_of: Text = key("The date up to which the case knows things, such as 2025-05.")
    baseline: WrittenBaseline | None = key("How likely the sentence is before any model.")


class WrittenForecast(Written):
    """What somebody else said of a claim before it was known."""

    claim: Reference = key("The claim whose sentence it is about.", needed=True)
    probability: Number = key("The probability given to the sentence.", needed=True)
    as_of: Text = key("The date of the forecast, such as 2025-01.", needed=True)
    kind: Annotated[Scalar | None, one_of(*FORECASTERS), Json({"enum": list(FORECASTERS)})] = key(
        "Who forecasts.", needed=True
    )


class WrittenEvent(Written):
    """What has happened: exactly one of move, deal, refused, idle, chance, observed."""

    period: Whole = key("In which period, from 0.", needed=True)
    move: Reference = key("party.move, or party.pass.")
    deal: Reference = key("table.deal that took effect.")
    refused: Reference = key("table.deal that was refused; needs `by`.")
    by: Reference = key("Who refused.")
    idle: Reference = key("A table that did not meet or where no offer was made.")
    chance: Reference = key("chance.outcome")
    observed: Expressions | None = key("{variable: value} at the period's end.")
    confirmed: Truth = key("Whether it is beyond doubt that it happened; default true.")


_PAIR = {"type": "array", "minItems": 3, "maxItems": 3}
_STEP = {
    "anyOf": [
        {"type": "string"},
        {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    ]
}


class WrittenCase(Written):
    """A case for the program `ceasefire`."""

    ceasefire: Whole = key("Format version: 1.", needed=True)
    extends: Text = key("Another case this one starts from, relative to this file.")
    title: Text = key("Title; default the file's name.")
    period: Annotated[
        Scalar | None,
        one_of("day", "week", "month", "quarter", "year"),
        Json({"enum": ["day", "week", "month", "quarter", "year"]}),
    ] = key("Length of a period.")
    start: Text = key("Date of period 0, such as 2025-05.")
    horizon: Whole = key("Number of periods questions look at.", needed=True)
    ending: Annotated[
        Scalar | None, one_of("lasts", "nothing"), Json({"enum": ["lasts", "nothing"]})
    ] = key("After the last period.")
    tail: Whole = key("Periods played on unobserved; default 0.")
    sources: Annotated[dict[str, WrittenSource], Mapping] | None = key("Where it comes from.")
    unknowns: Annotated[dict[str, WrittenUnknown], Mapping] | None = key("Numbers nobody knows.")
    together: Annotated[list[Annotated[Any, Raw, Json(_PAIR)]], Listed] | None = key(
        "Rank correlations: [[a, b, 0.6], ...]."
    )
    parties: Annotated[dict[str, WrittenParty], Mapping] | None = key("Who acts.", needed=True)
    state: Annotated[dict[str, WrittenVariable], Mapping] | None = key(
        "The public facts.", needed=True
    )
    conditions: Expressions | None = key("Names for expressions over the state.")
    payoffs: Annotated[dict[str, Expressions], Mapping] | None = key("{party: {term: expression}}.")
    moves: Annotated[dict[str, WrittenMove], Mapping] | None = key("What a party can do alone.")
    promises: Annotated[dict[str, WrittenPromise], Mapping] | None = key("Promises.")
    tables: Annotated[dict[str, WrittenTable], Mapping] | None = key("Who sits together.")
    chance: Annotated[dict[str, WrittenChance], Mapping] | None = key("What happens by itself.")
    order: Annotated[list[Annotated[Any, Raw, Json(_STEP)]], Listed] | None = key(
        "The steps of a period, in order."
    )
    claims: Annotated[dict[str, WrittenClaim], Mapping] | None = key("The argument.")
    forecasts: Annotated[dict[str, WrittenForecast], Mapping] | None = key(
        "What others said of the claims."
    )
    events: Annotated[list[WrittenEvent], Listed] | None = key("What has happened since.")
