"""How a game is written as a PRISM-games model: a command for each thing that may happen.

Source: Kwiatkowska, Norman & Parker (2011), PRISM 4.0, CAV 2011, LNCS 6806, for the language.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ceasefire.case import Expression, Table, Variable
from ceasefire.case.expressions import type_of_party
from ceasefire.case.model import Effects, PeriodRange
from ceasefire.errors import GameError, Problem
from ceasefire.formats.case_writer import ConvertedFile
from ceasefire.formats.coalition_goals import CoalitionGoal
from ceasefire.formats.game_tree import refuse_renewals
from ceasefire.formats.prism_expressions import (
    PrismExpression,
    PrismNames,
    PrismTranslator,
    SubstitutedValues,
)
from ceasefire.game import Automaton, Game, game_parameters
from ceasefire.game.graph import PeriodStep
from ceasefire.game.states import fulfilled_by

NATURE = ""  # owns what nobody chooses
CommandBranch = tuple[str, Mapping[str, str]]  # probability, and what each variable becomes


@dataclass
class PrismAutomaton:
    """One automaton in the model: its variable, and the names of its conditions."""

    automaton: Automaton
    initial_state: int
    name: str
    conditions: list[str]


class PrismModule:
    """The module of a model: the names of everything in it, and its commands.

    lines     the commands, in the order of the steps
    actions   the actions that each party, or nature, owns
    automata  the variable that follows each automaton of the goals
    """

    def __init__(
        self, game: Game, goals: Sequence[CoalitionGoal], world: Mapping[str, float]
    ) -> None:
        """Write the commands of every step.

        game   the game
        goals  what coalitions are asked to secure
        world  {unknown: value}
        """
        self.game, self.world = game, world
        self._prior = game_parameters(game, world).prior_by_type[-1]
        self.names = PrismNames()
        self.lines: list[str] = []
        case = self.case = game.case
        self.translator = PrismTranslator(case, self.names)
        self.period, self.step, self.table_step = (
            self.names.allocate(n) for n in ("period", "step", "talk")
        )
        self.players = {party: self.names.allocate(party) for party in case.parties}
        self.nature = self.names.allocate("nature")
        self.actions: dict[str, list[str]] = {name: [] for name in [*case.parties, NATURE]}
        self._action_names: dict[tuple[str, str], str] = {}
        self.has_tables = any(step.kind == "table" for step in case.order)
        self.last_table_step = 0
        self._label_number = {label: number for number, label in enumerate(game.labels)}
        initial_states = {goal.automaton: goal.initial_state for goal in goals}
        self.automata = {
            automaton: PrismAutomaton(
                automaton,
                initial_state,
                self.names.allocate(f"goal_{n}"),
                [self.names.allocate(f"goal_{n}_{m}") for m in range(len(automaton.conditions))],
            )
            for n, (automaton, initial_state) in enumerate(initial_states.items(), start=1)
        }
        self._add_steps()

    def _add_steps(self) -> None:
        """The commands of each step, then those that end a period and the play."""
        case = self.case
        for number, (step, following, *_) in enumerate(self.game.steps):
            self.lines += [f"  // step {number}: {_step_name(self.game.steps[number])}"]
            if step is None:
                drawn = [(f"1 / {len(following)}", {self.step: str(k)}) for k in following]
                self._add_command(NATURE, "draw_order", self._guards(number), drawn)
            elif step.kind == "deadline":
                self._add_deadline_step(number, step.id)
            elif step.kind == "chance":
                self._add_chance_step(number, step.id)
            elif step.kind == "table":
                self._add_table_step(number, step.id, case.tables[step.id])
            else:
                self._add_party_step(number, step.id, step.only)
        self._add_period_end(len(self.game.steps))
        for party in case.parties:
            if not self.actions[party]:  # PRISM wants every player to own something
                self._add_command(party, f"{party}_nothing", ["false"], [("1", {})])

    def _add_command(
        self, owner: str, action: str, guards: Sequence[str], branches: Sequence[CommandBranch]
    ) -> None:
        key = (owner, action)
        if key not in self._action_names:
            self._action_names[key] = self.names.allocate(action)
            self.actions[owner].append(self._action_names[key])
        guard = " & ".join(g for g in guards if g != "true")
        updates = []
        for chance, changes in branches:
            text = "&".join(f"({name}'={value})" for name, value in changes.items()) or "true"
            updates.append(text if chance == "1" else f"{chance}:{text}")
        self.lines.append(f"  [{self._action_names[key]}] {guard} -> {' + '.join(updates)};")

    def _add_commands(
        self, actor: str, action: str, guards: Sequence[str], branches: Sequence[CommandBranch]
    ) -> None:
        """A command for each party that may act as this party or role."""
        for party, held in self._held(actor):
            self._add_command(party, _action_as(actor, party, action), [*guards, *held], branches)

    def _guards(self, step_number: int, table_step: int | None = 0) -> list[str]:
        guards = [f"{self.step}={step_number}"]
        if step_number == 0:
            guards.append(f"{self.period}<{self.case.horizon}")
        if table_step is not None and self._is_at_table(step_number):
            guards.append(f"{self.table_step}={table_step}")
        return guards

    def _period_guards(self, during: PeriodRange) -> list[str]:
        if during is None:
            return []
        return [f"{self.period}>={during[0]}", f"{self.period}<={during[1]}"]

    def _advance(self, step_number: int) -> dict[str, str]:
        on = {self.step: str(self.game.steps[step_number].following[0])}
        return on | ({self.table_step: "0"} if self._is_at_table(step_number) else {})

    def _is_at_table(self, step_number: int) -> bool:
        step = self.game.steps[step_number].step
        return step is not None and step.kind == "table"

    def _held(self, actor: str) -> list[tuple[str, list[str]]]:
        """Each party that may act as a party or role, and the guards of its doing so."""
        if actor in self.case.parties:
            return [(actor, [])]
        holder = self.translator.translate_number(self.case.roles[actor].holder).text
        parties = list(self.case.parties)
        return [
            (party, [f"({holder})={parties.index(party)}"])
            for party in self.case.roles[actor].holders
        ]

    def _add_party_step(self, step_number: int, actor: str, only: tuple[str, ...] | None) -> None:
        for party, held in self._held(actor):
            self._add_choices(step_number, actor, party, held, only)

    def _add_choices(
        self,
        step_number: int,
        actor: str,
        party: str,
        at: list[str],
        only: tuple[str, ...] | None,
    ) -> None:
        """What a party, or one that holds a role there, may do at a step."""
        moves = {
            key: move
            for key, move in self.case.moves.items()
            if move.party == actor and (only is None or move.name in only)
        }
        possible = []
        for key, move in moves.items():
            guards = [
                *self._period_guards(move.during),
                self.translator.translate_boolean(move.when),
            ]
            possible.append(_conjunction(guards))
            promises = [p for p, promise in self.case.promises.items() if key in promise.forbids]
            owed = self._promises_set(fulfilled_by(self.case, move), in_force=False)
            for broken in product((False, True), repeat=len(promises)):
                held = dict(zip(promises, broken, strict=True))
                standing = owed | self._promises_set(
                    [p for p, breaks in held.items() if breaks], in_force=False
                )
                inforce = [
                    ("" if breaks else "!") + self.translator.prism_name[p]
                    for p, breaks in held.items()
                ]
                events = {key, *(f"broken:{p}" for p, breaks in held.items() if breaks)}
                self._add_command(
                    party,
                    _action_as(actor, party, f"{actor}_{move.name}"),
                    [*self._guards(step_number), *at, *guards, *inforce],
                    self._effect_branches(step_number, move, events, standing, True),
                )
        rest = [] if only is None or "pass" in only else [_negated_disjunction(possible)]
        self._add_command(
            party,
            _action_as(actor, party, f"{actor}_pass"),
            [*self._guards(step_number), *at, *rest],
            [("1", self._advance(step_number) | self._automaton_updates({f"{actor}.pass"}))],
        )

    def _add_chance_step(self, step_number: int, name: str) -> None:
        chance = self.case.chance[name]
        guards = [
            *self._period_guards(chance.during),
            self.translator.translate_boolean(chance.when),
        ]
        happens = bool(chance.set or chance.promises or chance.releases)
        self._add_command(
            NATURE,
            name,
            [*self._guards(step_number), *guards],
            self._effect_branches(step_number, chance, {name}, {}, happens),
        )
        self._add_skip(step_number, _negated_disjunction([_conjunction(guards)]))

    def _add_skip(self, step_number: int, guard: str) -> None:
        if guard != "false":
            self._add_command(
                NATURE,
                "skip",
                [*self._guards(step_number), guard],
                [("1", self._advance(step_number))],
            )

    def _add_table_step(self, step_number: int, name: str, rules: Table) -> None:
        words = self.translator
        there = [*self._period_guards(rules.during), words.translate_boolean(rules.when)]
        when = {
            key: [*self._period_guards(deal.during), words.translate_boolean(deal.when)]
            for key, deal in rules.deals.items()
        }
        active = _conjunction(
            [*there, _disjunction([_conjunction(guards) for guards in when.values()])]
        )
        proposers = rules.seats if rules.proposes == "any" else (rules.proposes,)
        meets = words.translate_number(rules.meets)
        if meets.text == "0":
            self._add_skip(step_number, "true")
            return
        self._add_skip(step_number, _negated_disjunction([active]))
        count = len(proposers)
        share = meets.text if count == 1 else f"{meets.text} / {count}"
        branches: list[CommandBranch] = [
            (share, {self.table_step: str(1 + i)}) for i in range(count)
        ]
        if count == 1 and meets.text == "1":
            branches = [("1", {self.table_step: "1"})]
        elif meets.text != "1":
            branches.append((f"1 - {meets.text}", self._advance(step_number)))
        self._add_command(NATURE, f"{name}_meets", [*self._guards(step_number), active], branches)
        talk = count
        for i, proposer in enumerate(proposers):
            at = self._guards(step_number, 1 + i)
            for key, deal in rules.deals.items():
                asked = [s for s in rules.seats if s != proposer and s in deal.needs]
                signed = self._effect_branches(step_number, deal, {f"{name}.{key}"}, {}, True)
                first: list[CommandBranch] = (
                    [("1", {self.table_step: str(talk + 1)})] if asked else signed
                )
                offers = f"{proposer}_offers_{name}_{key}"
                self._add_commands(proposer, offers, [*at, *when[key]], first)
                for n, seat in enumerate(asked, start=1):
                    talk += 1
                    here = self._guards(step_number, talk)
                    yes: list[CommandBranch] = [("1", {self.table_step: str(talk + 1)})]
                    yes = signed if n == len(asked) else yes
                    self._add_commands(seat, f"{seat}_accepts_{name}_{key}", here, yes)
                    no: list[CommandBranch] = [("1", self._advance(step_number))]
                    self._add_commands(seat, f"{seat}_refuses_{name}_{key}", here, no)
            nothing = f"{proposer}_offers_nothing_at_{name}"
            self._add_commands(proposer, nothing, at, [("1", self._advance(step_number))])
        self.last_table_step = max(self.last_table_step, talk)

    def _effect_branches(
        self,
        step_number: int,
        item: Effects,
        events: set[str],
        substituted: SubstitutedValues,
        is_event: bool,
    ) -> list[CommandBranch]:
        """What comes of a move, deal or chance: one branch for each outcome, and nothing more."""
        after = self._assign(item.set, dict(substituted), substituted)
        after |= self._promises_set(item.releases, in_force=False)
        after |= self._promises_set(item.promises, in_force=True)
        silent = events if is_event else set()
        if not item.outcomes:
            return [("1", self._updates(step_number, after, silent))]
        own = next(event for event in events if not event.startswith("broken:"))
        branches: list[CommandBranch] = []
        chances: list[str] = []
        for outcome in item.outcomes:
            chances.append(self._chance(outcome.chance, after))
            labels = events | ({f"{own}.{outcome.name}"} if outcome.name else set())
            reached = self._assign(outcome.set, dict(after), after)
            branches.append((chances[-1], self._updates(step_number, reached, labels)))
        remaining = self._remaining_probability([outcome.chance for outcome in item.outcomes])
        if remaining is None:
            branches.append(
                (f"1 - {' - '.join(chances)}", self._updates(step_number, after, silent))
            )
        elif remaining > 1e-12:
            branches.append((repr(remaining), self._updates(step_number, after, silent)))
        return branches

    def _promises_set(
        self, promises: Collection[str], *, in_force: bool
    ) -> dict[str, PrismExpression]:
        """Promises put in force or out of it, and their clocks."""
        found = {p: PrismExpression(str(in_force).lower(), "bool") for p in promises}
        for promise in promises:
            if promise in self.case.clocks:
                left = self.case.promises[promise].within + 1 if in_force else 0
                found[self.case.clocks[promise]] = PrismExpression(str(left), "int")
        return found

    def _add_deadline_step(self, step_number: int, promise: str) -> None:
        """The end of a period for a promise that owes a move."""
        clock = self.case.clocks[promise]
        left = self.translator.prism_name[clock]
        at = self._guards(step_number)
        fewer = {clock: PrismExpression(f"{left} - 1", "int")}
        running = self._updates(step_number, fewer, set())
        self._add_command(NATURE, f"{promise}_waits", [*at, f"{left}>1"], [("1", running)])
        broken = self._promises_set([promise], in_force=False)
        due = self._updates(step_number, broken, {f"broken:{promise}"})
        self._add_command(NATURE, f"{promise}_is_due", [*at, f"{left}=1"], [("1", due)])
        self._add_skip(step_number, f"{left}=0")

    def _chance(self, chance: Expression, after: dict[str, PrismExpression]) -> str:
        """A chance in the state it is read in; what tells of a type by the analyst's prior."""
        if not chance.parties_told_of:
            return self.translator.translate_number(chance, after).text
        (party,) = chance.parties_told_of
        by_type = [
            self.translator.translate_number(
                chance, {**after, type_of_party(party): PrismExpression(str(kind), "int")}
            )
            for kind in range(len(self.case.parties[party].types))
        ]
        shares = self._prior[self.game.parties.index(party), : len(by_type)].tolist()
        parts = zip(shares, by_type, strict=True)
        return f"({' + '.join(f'{share!r} * {text}' for share, (text, _) in parts)})"

    def _remaining_probability(self, chances: Sequence[Expression]) -> float | None:
        """What constant chances leave over; None where the state or the world decides."""
        if any(not chance.is_constant for chance in chances):
            return None
        table = self.game.state_table
        row = self.game.states[:1]
        return 1.0 - sum(float(table.evaluate(c, row, self.world)[0]) for c in chances)

    def _assign(
        self,
        changes: Mapping[str, Expression],
        after: dict[str, PrismExpression],
        before: SubstitutedValues,
    ) -> dict[str, PrismExpression]:
        """All assignments at once, from what stood before them."""
        for name, expression in changes.items():
            variable = self.case.variables_and_promises[name]
            after[name] = self.translator.translate_assignment(expression, variable, before)
        return after

    def _updates(
        self, step_number: int, after: SubstitutedValues, events: set[str]
    ) -> dict[str, str]:
        changed = {
            self.translator.prism_name[name]: value.text
            for name, value in after.items()
            if value.text != self.translator.prism_name[name]
        }
        return changed | self._advance(step_number) | self._automaton_updates(events)

    def _automaton_updates(self, events: set[str]) -> dict[str, str]:
        """What the automata become when these events happen together."""
        number = self._label_number.get(frozenset(events))
        if number is None:
            return {}
        updates = {}
        for variable in self.automata.values():
            row = variable.automaton.label_transition[number].tolist()
            moved = {q: to for q, to in enumerate(row) if q != to}
            text = _transition_expression(variable.name, moved)
            if text != variable.name:
                updates[variable.name] = text
        return updates

    def _add_period_end(self, step_number: int) -> None:
        ends = {self.period: f"{self.period} + 1", self.step: "0"}
        for one in self.automata.values():
            text = one.name
            for bits, row in zip(
                one.automaton.classes.tolist(),
                one.automaton.period_end_transition.tolist(),
                strict=True,
            ):
                moved = {q: to for q, to in enumerate(row) if q != to}
                holds = [
                    ("" if bit else "!") + name
                    for name, bit in zip(one.conditions, bits, strict=True)
                ]
                if moved:
                    new = _transition_expression(one.name, moved)
                    text = f"({_conjunction(holds)} ? {new} : {text})"
            if text != one.name:
                ends[one.name] = text
        guards = [f"{self.step}={step_number}", f"{self.period}<{self.case.horizon}"]
        self.lines.append("  // the period ends")
        self._add_command(NATURE, "time_passes", guards, [("1", ends)])
        over = [f"{self.step}=0", f"{self.period}={self.case.horizon}"]
        self._add_command(NATURE, "time_is_up", over, [("1", {})])


def _action_as(actor: str, party: str, action: str) -> str:
    """The name of an action, with who takes it where a role may be held by several."""
    return action if actor == party else f"{party}_as_{action}"


def _step_name(step: PeriodStep) -> str:
    """A step for a comment: what takes place, and in a shuffle what comes after it."""
    if step.step is None:
        return f"order of {', '.join(map(str, step.remaining))}"
    rest = ", ".join(map(str, step.remaining[1:]))
    return f"{step.id} before {rest}" if rest else step.id


def _transition_expression(name: str, targets: Mapping[int, int]) -> str:
    text = name
    for q, to in targets.items():
        text = f"({name}={q} ? {to} : {text})"
    return text


def _conjunction(guards: Sequence[str]) -> str:
    return " & ".join(g for g in guards if g != "true") or "true"


def _disjunction(guards: Sequence[str]) -> str:
    if "true" in guards:
        return "true"
    if len(guards) == 1:
        return guards[0]
    return f"({' | '.join(f'({guard})' for guard in guards)})" if guards else "false"


def _negated_disjunction(guards: Sequence[str]) -> str:
    either = _disjunction(guards)
    plain = either if either.isidentifier() else f"({either})"
    return {"true": "false", "false": "true"}.get(either, f"!{plain}")


def to_prism(
    game: Game, goals: Sequence[CoalitionGoal] = (), world: Mapping[str, float] | None = None
) -> tuple[ConvertedFile, str]:
    r"""Write a game in one world for PRISM-games.

    game   the game
    goals  what coalitions are asked to secure; each adds a variable that follows the formula
    world  {unknown: value}, the best estimates if None; they become constants

    Returns the model with its notes, and the text of the properties file. Raises WorldError for a
    world whose numbers are impossible, GameError where parties choose at one moment or types are
    drawn anew.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... title: Act or not
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {done: {}}
    ... moves: {act: {by: a, when: not done, outcomes: [{chance: 0.5, set: {done: true}}]}}
    ... ''')
    >>> exported, properties = to_prism(build(case))
    >>> print(*(line.strip() for line in exported.text.splitlines() if "[a_act]" in line), sep="\n")
    player a [a_act], [a_pass] endplayer
    [a_act] step=0 & period<1 & !done -> 0.5:(done'=true)&(step'=1) + 0.5:(step'=1);
    """
    refuse_renewals(game, "a model for PRISM-games counts every type as it was beforehand")
    if game.case.has_moments:
        raise GameError(
            [
                Problem(
                    "parties that choose at one moment are not written for PRISM yet",
                    file=game.case.file,
                    path="order",
                    help="export the tree with --to efg, or give each party a step of its own",
                )
            ]
        )
    model = _PrismModel(game, goals, game_parameters(game, world).world)
    return ConvertedFile(model.text(), tuple(model.notes())), "\n".join(
        model.property_lines()
    ) + "\n"


class _PrismModel:
    """The two files, and what they do not say."""

    def __init__(
        self, game: Game, goals: Sequence[CoalitionGoal], world: Mapping[str, float]
    ) -> None:
        self.game, self.goals = game, goals
        self.module = PrismModule(game, goals, world)

    def text(self) -> str:
        case, words = self.module.case, self.module.translator
        steps = ", ".join(f"{n} {_step_name(step)}" for n, step in enumerate(self.game.steps))
        lines = [f"// {' '.join(case.title.split())}", "smg", ""]
        for name, unknown in case.unknowns.items():
            about = " ".join((unknown.about or "").split())
            value = float(self.module.world[name])
            lines.append(
                f"const double {words.prism_name[name]} = {value!r};{about and f' // {about}'}"
            )
        lines.append("")
        for name in (*case.parties, NATURE):
            player = self.module.nature if name == NATURE else self.module.players[name]
            actions = ", ".join(f"[{action}]" for action in self.module.actions[name])
            lines.append(f"player {player} {actions} endplayer")
        lines.append("")
        lines += [
            f"formula {words.prism_name[n]} = {words.translate_condition(n)};"
            for n in case.conditions
        ]
        for one in self.module.automata.values():
            for name, condition in zip(one.conditions, one.automaton.conditions, strict=True):
                lines.append(f"formula {name} = {words.translate_boolean(condition)};")
        lines += ["", "module play"]
        lines.append(f"  {self.module.period} : [0..{case.horizon}] init 0;")
        lines.append(f"  {self.module.step} : [0..{len(self.game.steps)}] init 0; // {steps}")
        if self.module.has_tables:
            most = max(1, self.module.last_table_step)
            lines.append(f"  {self.module.table_step} : [0..{most}] init 0;")
        lines += [
            f"  {self._variable_declaration(name, v)}"
            for name, v in case.variables_and_promises.items()
        ]
        for one in self.module.automata.values():
            lines.append(
                f"  {one.name} : [0..{one.automaton.state_count - 1}] init {one.initial_state};"
            )
        lines += [*self.module.lines, "endmodule", ""]
        for goal in self._distinct_goals():
            lines.append(f'label "{self._goal_label(goal)}" = {self._goal_formula(goal)};')
        return "\n".join(lines) + "\n"

    def _variable_declaration(self, name: str, variable: Variable) -> str:
        prism_name = self.module.translator.prism_name[name]
        if variable.kind == "boolean":
            return f"{prism_name} : bool init {str(variable.start).lower()};"
        if variable.kind == "word":
            coded = ", ".join(f"{code} {word}" for code, word in enumerate(variable.values))
            last, start = len(variable.values) - 1, variable.values.index(variable.start)
            return f"{prism_name} : [0..{last}] init {start}; // {coded}"
        whole = [int(value) for value in variable.values]
        return f"{prism_name} : [{min(whole)}..{max(whole)}] init {variable.start};"

    def property_lines(self) -> Iterator[str]:
        """The lines of the `.props` file."""
        everybody = ",".join(self.module.players.values())
        seen: dict[str, int] = {}
        for goal in self.goals:
            label = f'[ F "{self._goal_label(goal)}" ]'
            seen[goal.claim] = number = seen.get(goal.claim, 0) + 1
            name = goal.claim if number == 1 else f"{goal.claim}_{number}"
            yield f"// {goal.claim}: {' '.join(goal.text.split())}"
            if goal.coalition is None:
                yield f'"{name}_most": <<{everybody}>> Pmax=? {label};'
                yield f'"{name}_least": <<{everybody}>> Pmin=? {label};'
            else:
                members = ",".join(self.module.players[party] for party in goal.coalition)
                yield f'"{name}": <<{members}>> Pmax=? {label};'

    def _distinct_goals(self) -> list[CoalitionGoal]:
        return list({self._goal_label(goal): goal for goal in self.goals}.values())

    def _goal_label(self, goal: CoalitionGoal) -> str:
        return f"{self.module.automata[goal.automaton].name}_after_{goal.periods}"

    def _goal_formula(self, goal: CoalitionGoal) -> str:
        one = self.module.automata[goal.automaton]
        good = [f"{one.name}={q}" for q, accepts in enumerate(goal.automaton.accepts()) if accepts]
        when = [f"{self.module.period}={goal.periods}", f"{self.module.step}=0"]
        when += [f"{self.module.table_step}=0"] if self.module.has_tables else []
        return f"{' & '.join(when)} & ({' | '.join(good) or 'false'})"

    def notes(self) -> Iterator[str]:
        """One sentence for each thing that the model does not say."""
        case = self.game.case
        if case.unknowns:
            values = ", ".join(f"{name} = {value:.6g}" for name, value in self.module.world.items())
            yield f"Unknowns are constants, those of one world: {values}."
        if self.game.parties_with_types:
            hidden = ", ".join(self.game.parties_with_types)
            yield f"Hidden types are not in the model ({hidden}): in can(...) they play no part."
            if any(graph.tells_by_chance for graph in self.game.graphs):
                yield "Chances that read a type are weighed by the analyst's prior, as in can(...)."
        yield (
            "Payoffs, costs, breaches, patience, precision and weights are not in the model: "
            "a coalition maximises a probability, all others minimise it."
        )
        if case.tail:
            yield f"The tail of {case.tail} periods is not in the model, nor `ending`."
        left = [key for key in ("events", "sources") if getattr(case, key)]
        if left:
            yield f"A PRISM model has no place for {', '.join(left)}."
        for old, new in self.module.names.renamed.items():
            yield f"{old} is called {new}: the name is taken."
        for name, variable in case.variables_and_promises.items():
            if variable.kind == "number" and len(variable.values) > 1:
                whole = [int(value) for value in variable.values]
                if len(whole) != max(whole) - min(whole) + 1:
                    yield f"{name} is declared with every number between its least and largest."
