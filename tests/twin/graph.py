"""Stability on a graph of moves, written straight from the definitions. Slow, and meant to be."""

from dataclasses import dataclass, field
from itertools import product


@dataclass
class Graph:
    """States are any hashable things; a mover is a set of parties that move together."""

    parties: list[str]
    states: list
    moves: dict[frozenset, dict]  # mover -> state -> set of states
    worth: dict[str, dict]  # party -> state -> number, more is better
    unseen: dict[str, set] = field(default_factory=dict)

    def view(self, *members):
        """The graph as a coalition knows it: without the states that no member knows of."""
        hidden = set.intersection(*(self.unseen.get(p, set()) for p in members))
        states = [s for s in self.states if s not in hidden]
        moves = {
            mover: {s: to.get(s, set()) - hidden for s in states}
            for mover, to in self.moves.items()
        }
        return Graph(self.parties, states, moves, self.worth)

    def gains(self, group, s, t):
        return all(self.worth[p][t] > self.worth[p][s] for p in group)

    def sequences(self, group, s, improving=False):
        """States reached from s by one move or more of the group, nobody moving twice running."""
        found, todo = set(), [(s, frozenset())]
        known = set(todo)
        while todo:
            here, last = todo.pop()
            for mover, to in self.moves.items():
                if not mover <= set(group) or mover & last:
                    continue
                for t in to.get(here, set()):
                    if improving and not self.gains(mover, here, t):
                        continue
                    found.add(t)
                    if (t, mover) not in known:
                        known.add((t, mover))
                        todo.append((t, mover))
        return found

    def stable(self, concept, *members):
        """The states at which a party, or a coalition, has no improvement that holds."""
        seen = self.view(*members)
        holds = getattr(seen, f"_{concept.lower()}")
        return {s for s in self.states if s not in seen.states or holds(members, s)}

    def strongly(self, concept, party, far):
        """The states at which every improvement meets a sanction that is greatly worse.

        far  of two states, whether the second is greatly worse than the first
        """
        seen = self.view(party)
        others = self._others([party])

        def holds(s, u):
            after = seen.sequences([party], u) if concept == "SMR" else set()
            return all(far(s, x) for x in {u} | after)

        return {
            s
            for s in self.states
            if s not in seen.states
            or all(
                any(holds(s, u) for u in seen.sequences(others, t, concept == "SEQ"))
                for t in seen._improvements([party], s)
            )
        }

    def _others(self, group):
        return [p for p in self.parties if p not in group]

    def _improvements(self, group, s):
        return [t for t in self.sequences(group, s) if self.gains(group, s, t)]

    def _nash(self, group, s):
        return not self._improvements(group, s)

    def _gmr(self, group, s):
        return all(
            any(not self.gains(group, s, u) for u in self.sequences(self._others(group), t))
            for t in self._improvements(group, s)
        )

    def _smr(self, group, s):
        def final(u):
            return not any(self.gains(group, s, v) for v in {u} | self.sequences(group, u))

        return all(
            any(final(u) for u in self.sequences(self._others(group), t))
            for t in self._improvements(group, s)
        )

    def _seq(self, group, s):
        return all(
            any(not self.gains(group, s, u) for u in self.sequences(self._others(group), t, True))
            for t in self._improvements(group, s)
        )

    def _sim(self, group, s):
        """States are tuples of (option, taken); only what a party changes counts."""
        (party,) = group
        others = self._others(group)
        choices = [[s, *self._improvements([other], s)] for other in others]
        for t in self._improvements(group, s):
            sanctioned = False
            for chosen in product(*choices):
                joint = list(t)
                for other_state in chosen:
                    for n, (before, after) in enumerate(zip(s, other_state, strict=True)):
                        if before != after:
                            joint[n] = after
                x = tuple(joint)
                if x in self.states and self.worth[party][x] <= self.worth[party][s]:
                    sanctioned = True
            if not sanctioned:
                return False
        return True


def option_form(owners, directions, infeasible, worth, unseen):
    """A graph whose states say yes or no to each option; patterns are {option: yes}."""

    def fits(state, patterns):
        return any(all(state[o] == yes for o, yes in pattern.items()) for pattern in patterns)

    every = product((False, True), repeat=len(owners))
    states = [s for s in every if not fits(s, infeasible)]
    states.sort(key=lambda s: sum(1 << n for n, yes in enumerate(s) if yes))
    parties = sorted(worth)

    def may(party, s, t):
        for n, (before, after) in enumerate(zip(s, t, strict=True)):
            if before == after:
                continue
            if owners[n] != party:
                return False
            if directions[n] == ("back" if after else "fwd"):
                return False
        return s != t

    moves = {
        frozenset([p]): {s: {t for t in states if may(p, s, t)} for s in states} for p in parties
    }
    values = {p: {s: worth[p][n] for n, s in enumerate(states)} for p in parties}
    hidden = {p: {s for s in states if fits(s, unseen.get(p, []))} for p in parties}
    return Graph(parties, states, moves, values, hidden)
