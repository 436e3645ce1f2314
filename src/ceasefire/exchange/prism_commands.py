"""The steps of a period as commands of a PRISM module: one for each thing that may happen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ceasefire.case import Expression, Table
from ceasefire.case.model import During, Effects
from ceasefire.exchange.goals import Goal, Watch
from ceasefire.exchange.prism_words import Names, Said, Standing, Words
from ceasefire.game import Game

NATURE = ""  # owns what nobody chooses
Branch = tuple[str, Mapping[str, str]]  # probability, and what each variable becomes


@dataclass
class Watching:
    """One automaton in the model: its variable, and the text of its conditions."""

    watch: Watch
    name: str
    conditions: list[str]


class Commands:
    """The names of everything in the module, and its commands in the order of the steps.

    actions   the actions that each party, or `nature`, owns
    watching  the automata beside the game, by the identity of their watch
    """

    def __init__(self, game: Game, goals: Sequence[Goal], world: Mapping[str, float]) -> None:
        """Write the commands of every step."""
        self.game, self.world = game, world
        self.names = Names()
        self.lines: list[str] = []
        case = self.case = game.case
        self.words = Words(case, self.names)
        self.period, self.step, self.talk = (self.names.new(n) for n in ("period", "step", "talk"))
        self.players = {party: self.names.new(party) for party in case.parties}
        self.nature = self.names.new("nature")
        self.actions: dict[str, list[str]] = {name: [] for name in [*case.parties, NATURE]}
        self._action: dict[tuple[str, str], str] = {}
        self.talks = any(step.kind == "table" for step in case.order)
        self.most_talk = 0
        watches = list(dict.fromkeys(id(goal.watch) for goal in goals))
        one = {id(goal.watch): goal.watch for goal in goals}
        self.watching = {
            key: Watching(
                one[key],
                self.names.new(f"goal_{n}"),
                [self.names.new(f"goal_{n}_{m}") for m in range(len(one[key].conditions))],
            )
            for n, key in enumerate(watches, start=1)
        }
        for number, step in enumerate(case.order):
            self.lines += [f"  // step {number}: {step.id}"]
            if step.kind == "chance":
                self._chance(number, step.id)
            elif step.kind == "table":
                self._table(number, step.id, case.tables[step.id])
            else:
                self._party(number, step.id, step.only)
        self._period_end(len(case.order))
        for party in case.parties:
            if not self.actions[party]:  # PRISM wants every player to own something
                self._command(party, f"{party}_nothing", ["false"], [("1", {})])

    def _command(
        self, owner: str, action: str, guards: Sequence[str], branches: Sequence[Branch]
    ) -> None:
        key = (owner, action)
        if key not in self._action:
            self._action[key] = self.names.new(action)
            self.actions[owner].append(self._action[key])
        guard = " & ".join(g for g in guards if g != "true")
        updates = []
        for chance, changes in branches:
            text = "&".join(f"({name}'={value})" for name, value in changes.items()) or "true"
            updates.append(text if chance == "1" else f"{chance}:{text}")
        self.lines.append(f"  [{self._action[key]}] {guard} -> {' + '.join(updates)};")

    def _at(self, number: int, talk: int | None = 0) -> list[str]:
        guards = [f"{self.step}={number}"]
        if number == 0:
            guards.append(f"{self.period}<{self.case.horizon}")
        if talk is not None and self.case.order[number].kind == "table":
            guards.append(f"{self.talk}={talk}")
        return guards

    def _due(self, during: During) -> list[str]:
        if during is None:
            return []
        return [f"{self.period}>={during[0]}", f"{self.period}<={during[1]}"]

    def _next(self, number: int) -> dict[str, str]:
        on = {self.step: str(number + 1)}
        return on | ({self.talk: "0"} if self.case.order[number].kind == "table" else {})

    def _party(self, number: int, party: str, only: tuple[str, ...] | None) -> None:
        moves = {
            key: move
            for key, move in self.case.moves.items()
            if move.party == party and (only is None or move.name in only)
        }
        possible = []
        for key, move in moves.items():
            guards = [*self._due(move.during), self.words.truth(move.when)]
            possible.append(_both(guards))
            promises = [p for p, promise in self.case.promises.items() if key in promise.forbids]
            for broken in product((False, True), repeat=len(promises)):
                held = dict(zip(promises, broken, strict=True))
                standing = {p: Said("false", "bool") for p, breaks in held.items() if breaks}
                inforce = [
                    ("" if breaks else "!") + self.words.name[p] for p, breaks in held.items()
                ]
                events = {key, *(f"broken:{p}" for p, breaks in held.items() if breaks)}
                self._command(
                    party,
                    f"{party}_{move.name}",
                    [*self._at(number), *guards, *inforce],
                    self._effects(number, move, events, standing, True),
                )
        rest = [] if only is None or "pass" in only else [_neither(possible)]
        self._command(
            party,
            f"{party}_pass",
            [*self._at(number), *rest],
            [("1", self._next(number) | self._heard({f"{party}.pass"}))],
        )

    def _chance(self, number: int, name: str) -> None:
        chance = self.case.chance[name]
        guards = [*self._due(chance.during), self.words.truth(chance.when)]
        happens = bool(chance.set or chance.promises or chance.releases)
        self._command(
            NATURE,
            name,
            [*self._at(number), *guards],
            self._effects(number, chance, {name}, {}, happens),
        )
        self._skip(number, _neither([_both(guards)]))

    def _skip(self, number: int, guard: str) -> None:
        if guard != "false":
            self._command(NATURE, "skip", [*self._at(number), guard], [("1", self._next(number))])

    def _table(self, number: int, name: str, rules: Table) -> None:
        words = self.words
        there = [*self._due(rules.during), words.truth(rules.when)]
        when = {
            key: [*self._due(deal.during), words.truth(deal.when)]
            for key, deal in rules.deals.items()
        }
        active = _both([*there, _either([_both(guards) for guards in when.values()])])
        proposers = rules.seats if rules.proposes == "any" else (rules.proposes,)
        meets = words.number(rules.meets)
        if meets.text == "0":
            self._skip(number, "true")
            return
        self._skip(number, _neither([active]))
        count = len(proposers)
        share = meets.text if count == 1 else f"{meets.text} / {count}"
        branches: list[Branch] = [(share, {self.talk: str(1 + i)}) for i in range(count)]
        if count == 1 and meets.text == "1":
            branches = [("1", {self.talk: "1"})]
        elif meets.text != "1":
            branches.append((f"1 - {meets.text}", self._next(number)))
        self._command(NATURE, f"{name}_meets", [*self._at(number), active], branches)
        talk = count
        for i, proposer in enumerate(proposers):
            at = self._at(number, 1 + i)
            for key, deal in rules.deals.items():
                asked = [s for s in rules.seats if s != proposer and s in deal.needs]
                signed = self._effects(number, deal, {f"{name}.{key}"}, {}, True)
                first: list[Branch] = [("1", {self.talk: str(talk + 1)})] if asked else signed
                offers = f"{proposer}_offers_{name}_{key}"
                self._command(proposer, offers, [*at, *when[key]], first)
                for n, seat in enumerate(asked, start=1):
                    talk += 1
                    here = self._at(number, talk)
                    yes: list[Branch] = [("1", {self.talk: str(talk + 1)})]
                    yes = signed if n == len(asked) else yes
                    self._command(seat, f"{seat}_accepts_{name}_{key}", here, yes)
                    no: list[Branch] = [("1", self._next(number))]
                    self._command(seat, f"{seat}_refuses_{name}_{key}", here, no)
            nothing = f"{proposer}_offers_nothing_at_{name}"
            self._command(proposer, nothing, at, [("1", self._next(number))])
        self.most_talk = max(self.most_talk, talk)

    def _effects(
        self,
        number: int,
        item: Effects,
        events: set[str],
        standing: Standing,
        happens: bool,
    ) -> list[Branch]:
        """What comes of a move, deal or chance: one branch for each outcome, and nothing more."""
        after = self._set(item.set, dict(standing), standing)
        for names, text in ((item.releases, "false"), (item.promises, "true")):
            after |= {name: Said(text, "bool") for name in names}
        silent = events if happens else set()
        if not item.outcomes:
            return [("1", self._becomes(number, after, silent))]
        own = next(event for event in events if not event.startswith("broken:"))
        branches: list[Branch] = []
        chances: list[str] = []
        for outcome in item.outcomes:
            chances.append(self.words.number(outcome.chance, after).text)
            told = events | ({f"{own}.{outcome.name}"} if outcome.name else set())
            reached = self._set(outcome.set, dict(after), after)
            branches.append((chances[-1], self._becomes(number, reached, told)))
        left = self._left([outcome.chance for outcome in item.outcomes])
        if left is None:
            branches.append((f"1 - {' - '.join(chances)}", self._becomes(number, after, silent)))
        elif left > 1e-12:
            branches.append((repr(left), self._becomes(number, after, silent)))
        return branches

    def _left(self, chances: Sequence[Expression]) -> float | None:
        """What constant chances leave over; None where the state or the world decides."""
        if any(not chance.constant for chance in chances):
            return None
        table = self.game.table
        row = self.game.states[:1]
        return 1.0 - sum(float(table.evaluate(c, row, self.world)[0]) for c in chances)

    def _set(
        self, changes: Mapping[str, Expression], after: dict[str, Said], before: Standing
    ) -> dict[str, Said]:
        """All assignments at once, from what stood before them."""
        for name, expression in changes.items():
            variable = self.case.variables[name]
            after[name] = self.words.value(expression, variable, before)
        return after

    def _becomes(self, number: int, after: Standing, events: set[str]) -> dict[str, str]:
        changed = {
            self.words.name[name]: said.text
            for name, said in after.items()
            if said.text != self.words.name[name]
        }
        return changed | self._next(number) | self._heard(events)

    def _heard(self, events: set[str]) -> dict[str, str]:
        """What the automata become when these events happen together."""
        heard = {}
        for one in self.watching.values():
            row = one.watch.on_label.get(frozenset(events), ())
            text = _table_of(one.name, {q: to for q, to in enumerate(row) if q != to})
            if text != one.name:
                heard[one.name] = text
        return heard

    def _period_end(self, number: int) -> None:
        ends = {self.period: f"{self.period} + 1", self.step: "0"}
        for one in self.watching.values():
            text = one.name
            for bits, row in zip(one.watch.classes, one.watch.on_end, strict=True):
                moved = {q: to for q, to in enumerate(row) if q != to}
                holds = [
                    ("" if bit else "!") + name
                    for name, bit in zip(one.conditions, bits, strict=True)
                ]
                if moved:
                    new = _table_of(one.name, moved)
                    text = f"({_both(holds)} ? {new} : {text})"
            if text != one.name:
                ends[one.name] = text
        guards = [f"{self.step}={number}", f"{self.period}<{self.case.horizon}"]
        self.lines.append("  // the period ends")
        self._command(NATURE, "time_passes", guards, [("1", ends)])
        over = [f"{self.step}=0", f"{self.period}={self.case.horizon}"]
        self._command(NATURE, "time_is_up", over, [("1", {})])


def _table_of(name: str, moved: Mapping[int, int]) -> str:
    text = name
    for q, to in moved.items():
        text = f"({name}={q} ? {to} : {text})"
    return text


def _both(guards: Sequence[str]) -> str:
    return " & ".join(g for g in guards if g != "true") or "true"


def _either(guards: Sequence[str]) -> str:
    if "true" in guards:
        return "true"
    if len(guards) == 1:
        return guards[0]
    return f"({' | '.join(f'({guard})' for guard in guards)})" if guards else "false"


def _neither(guards: Sequence[str]) -> str:
    either = _either(guards)
    plain = either if either.isidentifier() else f"({either})"
    return {"true": "false", "false": "true"}.get(either, f"!{plain}")
