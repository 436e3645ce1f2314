"""Play read along one branch of a game tree, named by what everybody saw."""

import math
from collections.abc import Mapping, Sequence

from ceasefire.equilibrium import Equilibrium
from ceasefire.game.graph import DECISION, END

TINY = 1e-300  # of what one type rules out


class Walk:
    """Stands at a node of a solved game and keeps the public records on the way there.

    types  the type of each party that has any
    """

    def __init__(self, play: Equilibrium, types: Mapping[str, str]) -> None:
        self.play, self.game, self.types = play, play.game, types
        self.period = 0
        self.slot = int(self.game.graph_of(0).step_entry[0, self.game.start_state({})])
        self.record = play.prior_record
        self._settle()

    def choice(self) -> dict[str, float]:
        """What the mover does here, option by option, being of its type."""
        policy = self.play.choice_probabilities(self.period, self.slot, self.record)
        row = policy[self._type()] if len(policy) > 1 else policy[0]
        return {self._name(b): float(p) for b, p in zip(self._branches(), row, strict=True)}

    def options(self) -> list[str]:
        """The names of the branches here, in order."""
        return [self._name(b) for b in self._branches()]

    def take(self, label: str) -> None:
        """Follow the branch of this name; ValueError if there is none."""
        branches = self._branches()
        position = [self._name(b) for b in branches].index(label)
        graph = self.game.graph_of(self.period)
        axis = int(graph.axis[self.slot])
        if axis >= 0:
            shares = self._shares(branches[position], position)
            first, *others = (math.log(max(share, TINY)) for share in shares)
            record, place = list(self.record), self.game.record_places[axis]
            record[place] = [r + first - o for r, o in zip(record[place], others, strict=True)]
            self.record = tuple(record)
        self.slot = int(graph.successor[branches[position]])
        self._settle()

    def _shares(self, branch: int, position: int) -> list[float]:
        """How likely each type is to take a branch, or chance for it."""
        graph, number = self.game.graph_of(self.period), self.game.graph_index(self.period)
        if graph.node_kind[self.slot] == DECISION:
            policy = self.play.choice_probabilities(self.period, self.slot, self.record)
            return [float(share) for share in policy[:, position]]
        party = self.game.parties_with_types[int(graph.axis[self.slot])]
        by_type = self.play.parameters.by_graph[number].chance_by_type[branch]
        return [float(share) for share in by_type[: len(self.game.case.parties[party].types)]]

    def _settle(self) -> None:
        """Go on to where there is more than one branch, or to the end of play."""
        while True:
            graph = self.game.graph_of(self.period)
            if graph.node_kind[self.slot] == END:
                if self.period + 1 == self.game.periods:
                    return
                self.period += 1
                self.slot = int(self.game.graph_of(self.period).step_entry[0, self.slot])
            elif len(branches := self._branches()) == 1:
                self.slot = int(graph.successor[branches[0]])
            else:
                return

    def _branches(self) -> Sequence[int]:
        """The branches that may be taken; chance 0 is none."""
        graph = self.game.graph_of(self.period)
        every = range(graph.first_branch[self.slot], graph.first_branch[self.slot + 1])
        if graph.mover[self.slot] >= 0 or len(every) == 1:
            return every
        numbers = self.play.parameters.by_graph[self.game.graph_index(self.period)]
        chance, axis = numbers.chance, int(graph.axis[self.slot])
        if axis >= 0:
            party = self.game.parties_with_types[axis]
            chance = numbers.chance_by_type[:, self._kind(party)]
        return [b for b in every if chance[b] > 0]

    def _name(self, b: int) -> str:
        """The option on a branch; of outcomes without a name there is one at most here."""
        name: str = self.game.options[self.game.graph_of(self.period).option[b]]
        return name or "nothing more"

    def _mover(self) -> str:
        party: str = self.game.parties[self.game.graph_of(self.period).mover[self.slot]]
        return party

    def _type(self) -> int:
        return self._kind(self.game.case.party_known_to(self._mover()))

    def _kind(self, party: str) -> int:
        return list(self.game.case.parties[party].types).index(self.types[party])
