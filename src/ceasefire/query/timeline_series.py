"""What is likely when: conditions, beliefs, and what is done, period by period.

Everything is counted exactly, by playing the solved game forwards once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import NO_OUTCOME, Case, Coding
from ceasefire.equilibrium import Equilibrium, propagate_forward, solve
from ceasefire.game import NODE_ROLES, Game, build
from ceasefire.query.automata import undefined_expression_error
from ceasefire.query.numerical_quality import NumericalQuality, SolvedResult
from ceasefire.query.parser import read_state
from ceasefire.query.plan import coding_of
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings

if TYPE_CHECKING:
    import polars as pl

Floats = npt.NDArray[np.float64]

MOST_MEMBERS_FOLLOWED = 8  # a family that has more is followed as one


@dataclass(frozen=True)
class TimelineSeries:
    """One line of a timeline.

    kind    condition, number, state, belief, event, offer or refusal
    values  after 0, 1, …, n periods; for events, offers and refusals in period 0, 1, …, n - 1

    A condition has its probability, one that is a number its expected value as a number of the
    state has, a belief what the observer is expected to believe. An event has its expected number
    in the period, which is its probability where it can happen once. A family of more than eight
    moves or deals is one event.
    """

    kind: str
    name: str
    values: tuple[float, ...]
    observer: str | None = None


@dataclass(frozen=True)
class Timeline(SolvedResult):
    """Everything that can be followed from period to period."""

    case: str
    period: str
    start: str | None
    series: tuple[TimelineSeries, ...]
    numerics: NumericalQuality

    def as_json(self) -> dict[str, Any]:
        """The timeline as one document."""
        return {
            "case": self.case,
            "period": self.period,
            "start": self.start,
            "series": [
                {"kind": s.kind, "name": s.name, "observer": s.observer, "values": list(s.values)}
                for s in self.series
            ],
            "numerics": self.numerics.as_json(),
        }

    def frame(self) -> "pl.DataFrame":
        """One row for each series and period."""
        import polars as pl  # slow to import

        rows = [
            {"kind": s.kind, "name": s.name, "observer": s.observer, "period": n, "value": value}
            for s in self.series
            for n, value in enumerate(s.values)
        ]
        words = dict.fromkeys(("kind", "name", "observer"), pl.String)
        return pl.DataFrame(rows, schema={**words, "period": pl.Int64, "value": pl.Float64})


def timeline(
    case: Case,
    start: str | Mapping[str, bool | int | str] = "",
    *,
    world: Mapping[str, float] | None = None,
    types: Mapping[str, str] | None = None,
    grid: int | None = None,
    memory: float = 4e9,
) -> Timeline:
    """Follow a case over its horizon, at the best estimates or in another world.

    start   such as "fighting=false", what is not named being as the case has it
    world   {unknown: value}, the best estimates if None
    types   {party: type}: count only plays in which these parties are of these types
    grid    belief nodes for each party with types; None has them chosen by the game's size
    memory  most bytes that a solution may take

    Raises QuestionError for a start or types that the case does not have.
    """
    return TimelineQuery(case, read_state(case, start), SolveSettings(grid, memory)).run(
        world, types
    )


@dataclass
class TimelineQuery:
    """A case that is to be followed from one state, in any number of worlds."""

    case: Case
    start: Mapping[str, bool | int | str]
    settings: SolveSettings = DEFAULT_SETTINGS
    _game: Game | None = field(default=None, repr=False)
    _coded: dict[Coding, "TimelineQuery"] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the games: they are built where they are needed, sooner than sent."""
        return {**self.__dict__, "_game": None, "_coded": {}}

    @property
    def game(self) -> Game:
        """The game, built when first needed."""
        if self._game is None:
            self._game = build(self.case, starts=[self.start], memory=self.settings.memory)
        return self._game

    def run(
        self,
        world: Mapping[str, float] | None = None,
        types: Mapping[str, str] | None = None,
    ) -> Timeline:
        """Follow it in one world, the best estimates if None."""
        coding = coding_of(world)
        if coding and coding != tuple(self.case.chosen.items()):
            if coding not in self._coded:
                other = self.case.coding(dict(coding))
                self._coded[coding] = TimelineQuery(other, self.start, self.settings)
            return self._coded[coding].run(world, types)
        case, game = self.case, self.game
        play = solve(game, world, grid=self.settings.grid, memory=self.settings.memory)
        features = _state_features(game, dict(play.world))
        told = _with_offers_as_events(play)
        seen = propagate_forward(
            told,
            game.start_state(self.start),
            observer=play.observer_measure(types=types),
            state_features=np.stack([*features.values(), np.ones(len(game.states))], axis=1),
        )
        series = [
            TimelineSeries(kind, name, _as_floats(seen.expected_features[:, :, f].sum(axis=1)))
            for f, (kind, name) in enumerate(features)
        ]
        series += _belief_series(play, seen.expected_beliefs.sum(axis=1))
        used = {number for graph in told.game.graphs for number in np.unique(graph.label).tolist()}
        families = _long_families(case)
        happenings = [{families.get(event, event) for event in label} for label in told.game.labels]
        happened = {event for number in used for event in happenings[number]}
        order = {event: n for n, event in enumerate(_events_in_file_order(case))}
        happened = {event for event in happened if not event.endswith(f".{NO_OUTCOME}")}
        for event in sorted(happened, key=lambda e: (order.get(e, len(order)), e)):
            carrying = [number for number, label in enumerate(happenings) if event in label]
            values = seen.label_probability[:, carrying].sum(axis=1)
            series.append(_event_series(event, _as_floats(values)))
        return Timeline(
            case.file,
            case.period,
            case.start,
            tuple(series),
            NumericalQuality.of(play, game.start_state(self.start)),
        )


def _belief_series(play: Equilibrium, believed: Floats) -> Iterator[TimelineSeries]:
    """What is believed (n + 1, P + 1, B) of each of `believed_types`, the analyst's row last."""
    game = play.game
    for party in game.parties_with_types:
        types = list(game.case.parties[party].types)
        for row, observer in [(-1, "analyst"), *enumerate(game.parties)]:
            if observer != "analyst" and game.case.party_known_to(observer) == party:
                continue
            columns = [c for c, (name, _) in enumerate(play.believed_types) if name == party]
            values = [believed[:, row, column] for column in columns]
            if len(values) < len(types):
                values.append(1 - values[0])
            for kind, each in zip(types, values, strict=True):
                yield TimelineSeries("belief", f"{party}.{kind}", _as_floats(each), observer)


def _as_floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _state_features(game: Game, world: dict[str, float]) -> dict[tuple[str, str], Floats]:
    """(X,) what is followed of the state: conditions, booleans, numbers, and words one by one."""
    found: dict[tuple[str, str], Floats] = {}
    for name, condition in game.case.conditions.items():
        values = game.evaluate_in_states(condition, world)
        if not np.isfinite(values).all():
            raise undefined_expression_error(
                game, condition.text, int(np.argmax(~np.isfinite(values)))
            )
        if game.case.is_truth(condition.tree):
            found["condition", name] = values
        else:
            found["number", name] = values
    columns = game.expression_values(world)
    for name, variable in game.case.variables_and_promises.items():
        column = np.asarray(columns[name], dtype=np.float64)
        if variable.kind == "word":
            for code, word in enumerate(variable.values):
                found["state", f"{name}={word}"] = (column == code).astype(np.float64)
        else:
            found["state", name] = column
    return found


def _with_offers_as_events(equilibrium: Equilibrium) -> Equilibrium:
    """The same play with offers and refusals among the events that are counted."""
    game = equilibrium.game
    labels = {label: number for number, label in enumerate(game.labels)}
    graphs = []
    for graph in game.graphs:
        label = graph.label.copy()
        roles = np.repeat(graph.node_role, np.diff(graph.first_branch))
        owner = np.repeat(np.arange(graph.node_count), np.diff(graph.first_branch))
        for role in ("offer", "answer"):
            for b in np.flatnonzero(roles == NODE_ROLES.index(role)):
                mover = game.parties[int(graph.mover[owner[b]])]
                option = game.options[graph.option[b]]
                if role == "offer" and not option.endswith(".pass"):
                    event = f"offer {option} {mover}"
                elif role == "answer" and option == "no":
                    event = f"refusal {game.deals[graph.deal[owner[b]]]} {mover}"
                else:
                    continue
                wanted = game.labels[label[b]] | {event}
                label[b] = labels.setdefault(wanted, len(labels))
        graphs.append(replace(graph, label=label))
    return replace(equilibrium, game=replace(game, graphs=tuple(graphs), labels=tuple(labels)))


def _long_families(case: Case) -> dict[str, str]:
    """What is followed as one: the members of a long family, and offers and refusals of them."""
    found: dict[str, str] = {}
    for family, members in case.families.items():
        if len(members) <= MOST_MEMBERS_FOLLOWED:
            continue
        found |= dict.fromkeys(members, family)
        table = case.tables.get(family.split(".")[0])
        seats = () if table is None else table.seats
        for seat in dict.fromkeys(party for one in seats for party in case.holders_of(one)):
            for event in ("offer", "refusal"):
                found |= {f"{event} {one} {seat}": f"{event} {family} {seat}" for one in members}
    return found


def _events_in_file_order(case: Case) -> list[str]:
    """Moves, deals and chance in the order of the file; what is made of them comes after."""
    deals = [f"{t}.{d}" for t, table in case.tables.items() for d in table.deals]
    passes = [f"{actor}.pass" for actor in case.actors]
    return [*case.families, *case.moves, *passes, *deals, *case.chance]


def _event_series(event: str, values: tuple[float, ...]) -> TimelineSeries:
    words = event.split(" ")
    if len(words) == 3:
        return TimelineSeries(words[0], words[1], values, words[2])
    return TimelineSeries("event", event, values)
