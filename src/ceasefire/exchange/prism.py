"""The public game of a case as a stochastic game for PRISM-games (`smg`), and its goals.

One module walks through the steps of a period: `step` says which is next, `talk` where a table
stands. Whoever decides owns the actions of that moment; chance, meetings and the passing of time
belong to a player `nature`, who never has a choice. A coalition's `Pmax` is then what `can(...)`
asks: its members maximise, all others minimise, chance is chance.

Source: Kwiatkowska, Norman, Parker & Santos (2020), PRISM-games 3.0, CAV 2020, LNCS 12225.
"""

from collections.abc import Iterator, Mapping, Sequence

from ceasefire.case import Variable
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.goals import Goal
from ceasefire.exchange.prism_commands import NATURE, Commands
from ceasefire.game import Game, numbers


def to_prism(
    game: Game, goals: Sequence[Goal] = (), world: Mapping[str, float] | None = None
) -> tuple[Exported, str]:
    r"""Write a game in one world for PRISM-games: the model with its notes, and the properties.

    goals  what coalitions are asked to secure; each adds a variable that watches the formula
    world  {unknown: value}, the best estimates if None; they become constants

    Raises WorldError for a world whose numbers are impossible.

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
    given = numbers(game, world)
    model = _Model(game, goals, given.world)
    return Exported(model.text(), tuple(model.notes())), "\n".join(model.properties()) + "\n"


class _Model:
    """The two files, and what they do not say."""

    def __init__(self, game: Game, goals: Sequence[Goal], world: Mapping[str, float]) -> None:
        self.game, self.goals = game, goals
        self.module = Commands(game, goals, world)

    def text(self) -> str:
        case, words = self.module.case, self.module.words
        steps = ", ".join(f"{n} {step.id}" for n, step in enumerate(case.order))
        lines = [f"// {' '.join(case.title.split())}", "smg", ""]
        for name, unknown in case.unknowns.items():
            about = " ".join((unknown.about or "").split())
            value = float(self.module.world[name])
            lines.append(f"const double {words.name[name]} = {value!r};{about and f' // {about}'}")
        lines.append("")
        for name in (*case.parties, NATURE):
            player = self.module.nature if name == NATURE else self.module.players[name]
            actions = ", ".join(f"[{action}]" for action in self.module.actions[name])
            lines.append(f"player {player} {actions} endplayer")
        lines.append("")
        lines += [f"formula {words.name[n]} = {words.condition(n)};" for n in case.conditions]
        for one in self.module.watching.values():
            for name, condition in zip(one.conditions, one.watch.conditions, strict=True):
                lines.append(f"formula {name} = {words.truth(condition)};")
        lines += ["", "module play"]
        lines.append(f"  {self.module.period} : [0..{case.horizon}] init 0;")
        lines.append(f"  {self.module.step} : [0..{len(case.order)}] init 0; // {steps}")
        if self.module.talks:
            most = max(1, self.module.most_talk)
            lines.append(f"  {self.module.talk} : [0..{most}] init 0;")
        lines += [f"  {self._declared(name, v)}" for name, v in case.variables.items()]
        for one in self.module.watching.values():
            lines.append(f"  {one.name} : [0..{len(one.watch.accept) - 1}] init {one.watch.start};")
        lines += [*self.module.lines, "endmodule", ""]
        for goal in self._ends():
            lines.append(f'label "{self._label(goal)}" = {self._reached(goal)};')
        return "\n".join(lines) + "\n"

    def _declared(self, name: str, variable: Variable) -> str:
        said = self.module.words.name[name]
        if variable.kind == "boolean":
            return f"{said} : bool init {str(variable.start).lower()};"
        if variable.kind == "word":
            coded = ", ".join(f"{code} {word}" for code, word in enumerate(variable.values))
            last, start = len(variable.values) - 1, variable.values.index(variable.start)
            return f"{said} : [0..{last}] init {start}; // {coded}"
        whole = [int(value) for value in variable.values]
        return f"{said} : [{min(whole)}..{max(whole)}] init {variable.start};"

    def properties(self) -> Iterator[str]:
        """The lines of the `.props` file."""
        everybody = ",".join(self.module.players.values())
        seen: dict[str, int] = {}
        for goal in self.goals:
            label = f'[ F "{self._label(goal)}" ]'
            seen[goal.claim] = number = seen.get(goal.claim, 0) + 1
            name = goal.claim if number == 1 else f"{goal.claim}_{number}"
            yield f"// {goal.claim}: {' '.join(goal.text.split())}"
            if goal.coalition is None:
                yield f'"{name}_most": <<{everybody}>> Pmax=? {label};'
                yield f'"{name}_least": <<{everybody}>> Pmin=? {label};'
            else:
                members = ",".join(self.module.players[party] for party in goal.coalition)
                yield f'"{name}": <<{members}>> Pmax=? {label};'

    def _ends(self) -> list[Goal]:
        return list({self._label(goal): goal for goal in self.goals}.values())

    def _label(self, goal: Goal) -> str:
        return f"{self.module.watching[id(goal.watch)].name}_after_{goal.periods}"

    def _reached(self, goal: Goal) -> str:
        one = self.module.watching[id(goal.watch)]
        good = [f"{one.name}={q}" for q, accepts in enumerate(goal.watch.accept) if accepts]
        when = [f"{self.module.period}={goal.periods}", f"{self.module.step}=0"]
        when += [f"{self.module.talk}=0"] if self.module.talks else []
        return f"{' & '.join(when)} & ({' | '.join(good) or 'false'})"

    def notes(self) -> Iterator[str]:
        """One sentence for each thing that the model does not say."""
        case = self.game.case
        if case.unknowns:
            values = ", ".join(f"{name} = {value:.6g}" for name, value in self.module.world.items())
            yield f"Unknowns are constants, those of one world: {values}."
        if self.game.hidden:
            hidden = ", ".join(self.game.hidden)
            yield f"Hidden types are not in the model ({hidden}): in can(...) they play no part."
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
        for name, variable in case.variables.items():
            if variable.kind == "number" and len(variable.values) > 1:
                whole = [int(value) for value in variable.values]
                if len(whole) != max(whole) - min(whole) + 1:
                    yield f"{name} is declared with every number between its least and largest."
