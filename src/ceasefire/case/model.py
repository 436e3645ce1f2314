"""A case as the program understands it: frozen, every default filled in, in file order.

Two cases are equal if they say the same; where it was written plays no part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ceasefire.case.expressions import Expression
from ceasefire.case.frozen import NOTHING
from ceasefire.case.place import NOWHERE, Place
from ceasefire.errors import Problem

GREATEST = 1e15  # of payoffs, costs, precisions, weights: beyond it their products may overflow
POSITIVE = f"above 0, {GREATEST:.0e} at most"
BOUNDED = f"between -{GREATEST:.0e} and {GREATEST:.0e}"

Value = bool | int | str
During = tuple[int, int] | None


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What may stand on anything in a case and reaches the report."""

    about: str | None = None
    unit: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a number or a sentence comes from; `more` holds any other field, such as a url."""

    title: str | None = None
    author: str | None = None
    published: str | None = None
    origin: str | None = None
    more: Mapping[str, str] = NOTHING


@dataclass(frozen=True, kw_only=True)
class Unknown(Noted):
    """A number nobody knows: its best estimate and how it may be distributed.

    parameters  range (lo, hi), triangle (lo, mode, hi), normal (mean, sd),
                lognormal (median, geometric sd), oneof the values; empty if fixed at best
    """

    best: float
    kind: Literal["range", "triangle", "normal", "lognormal", "oneof"] | None = None
    parameters: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Party(Noted):
    """Who acts: discount factor per period, precision per unit of payoff, hidden types.

    types        the analyst's prior of each of two types; empty if the party has none
    believed_by  the prior of an observer who sees it differently
    """

    name: str
    patience: Expression
    precision: Expression
    types: Mapping[str, Expression] = NOTHING
    believed_by: Mapping[str, Mapping[str, Expression]] = NOTHING


@dataclass(frozen=True, kw_only=True)
class Variable(Noted):
    """A public fact: the values it can take, in order, and the one at the start."""

    kind: Literal["boolean", "number", "word"]
    values: tuple[Value, ...]
    start: Value


@dataclass(frozen=True, kw_only=True)
class Outcome(Noted):
    """What may come of a move, deal or chance; without a name it cannot be an event."""

    name: str | None
    chance: Expression
    set: Mapping[str, Expression] = NOTHING


@dataclass(frozen=True, kw_only=True)
class Effects(Noted):
    """What a move, deal or chance does, and when it is there at all."""

    when: Expression
    set: Mapping[str, Expression] = NOTHING
    outcomes: tuple[Outcome, ...] = ()
    promises: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    during: During = None


@dataclass(frozen=True, kw_only=True)
class Move(Effects):
    """What a party can do alone; cost in payoff, paid at once."""

    party: str
    name: str
    cost: Expression
    weight: Expression


@dataclass(frozen=True, kw_only=True)
class Deal(Effects):
    """What can be agreed at a table; `needs` are the seats whose consent it takes."""

    weight: Expression
    cost: Mapping[str, Expression] = NOTHING
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chance(Effects):
    """What happens by itself."""


@dataclass(frozen=True, kw_only=True)
class Promise(Noted):
    """A promise not to make moves (`party.move`); breach is the cost of breaking it."""

    by: str
    forbids: tuple[str, ...]
    breach: Expression


@dataclass(frozen=True, kw_only=True)
class Table(Noted):
    """Who sits together in speaking order; meets is the probability that they do in a period."""

    seats: tuple[str, ...]
    when: Expression
    meets: Expression
    proposes: str
    deals: Mapping[str, Deal]
    during: During = None


@dataclass(frozen=True)
class Step:
    """One step of a period; only lists the moves (and `pass`) a restricted step offers."""

    kind: Literal["chance", "table", "party"]
    id: str
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Baseline(Noted):
    """How likely a sentence is before any model.

    Either the war had `lasted` so long and ends `within`, or goes on `beyond`, a time, among
    past wars with at least `deaths` that began `after` a year; or a probability from elsewhere.
    Times are written as in 1177d, 2w, 18m, 3y.
    """

    lasted: str | None = None
    within: str | None = None
    beyond: str | None = None
    deaths: int | None = None
    after: int | None = None
    probability: float | None = None


@dataclass(frozen=True, kw_only=True)
class Claim(Noted):
    """A sentence of the argument and its test.

    happened  whether what the sentence says came true; None if not known or not said
    as_of     the date up to which the case knows things
    """

    says: str | None
    test: str
    where: str | None = None
    happened: bool | None = None
    as_of: str | None = None
    baseline: Baseline | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def line(self) -> int | None:
        """The line of the test in the file."""
        return self.place.line


@dataclass(frozen=True, kw_only=True)
class Forecast(Noted):
    """What somebody else said of a claim, and when; the probability is that of its sentence."""

    claim: str
    probability: float
    as_of: str
    kind: Literal["crowd", "expert", "market", "model"]


@dataclass(frozen=True, kw_only=True)
class Event(Noted):
    """What has happened: target is `party.move`, `table.deal`, a table, or `id.outcome`.

    confirmed  False where it is in doubt that it happened
    """

    period: int
    kind: Literal["move", "deal", "refused", "idle", "chance", "observed"]
    target: str = ""
    by: str | None = None
    observed: Mapping[str, Value] = NOTHING
    confirmed: bool = True
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Case(Noted):
    """A whole case; moves are keyed `party.move`, everything else by its name."""

    title: str
    period: Literal["day", "week", "month", "quarter", "year"]
    start: str | None
    horizon: int
    ending: Literal["lasts", "nothing"]
    tail: int
    parties: Mapping[str, Party]
    state: Mapping[str, Variable]
    sources: Mapping[str, Source] = NOTHING
    unknowns: Mapping[str, Unknown] = NOTHING
    together: tuple[tuple[str, str, float], ...] = ()
    conditions: Mapping[str, Expression] = NOTHING
    payoffs: Mapping[str, Mapping[str, Expression]] = NOTHING
    moves: Mapping[str, Move] = NOTHING
    promises: Mapping[str, Promise] = NOTHING
    tables: Mapping[str, Table] = NOTHING
    chance: Mapping[str, Chance] = NOTHING
    order: tuple[Step, ...] = ()
    claims: Mapping[str, Claim] = NOTHING
    forecasts: Mapping[str, Forecast] = NOTHING
    events: tuple[Event, ...] = ()
    file: str = field(default="", compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False, repr=False)

    @property
    def variables(self) -> dict[str, Variable]:
        """The state, then a boolean for each promise (false at the start), in file order."""
        promised = {
            name: Variable(kind="boolean", values=(False, True), start=False, about=promise.about)
            for name, promise in self.promises.items()
        }
        return {**self.state, **promised}

    @property
    def best(self) -> dict[str, float]:
        """World 0: every unknown at its best estimate."""
        return {name: unknown.best for name, unknown in self.unknowns.items()}
