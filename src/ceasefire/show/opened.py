"""A case or a `.gmcr` file opened for stability analysis, and how its states are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ceasefire.ask import read_state
from ceasefire.case import Case
from ceasefire.errors import Problem, QuestionError
from ceasefire.exchange import read_gmcr
from ceasefire.game import Conflict, StateGraph, lay_out
from ceasefire.game.graph import Ints
from ceasefire.game.states import Floats
from ceasefire.show.doors import open_case
from ceasefire.show.options import Options
from ceasefire.show.screen import print_warnings
from ceasefire.solve import all_coalitions, apart, below

MOST_TOGETHER, MOST_COALITIONS = 1024, 64


@dataclass(frozen=True, eq=False)
class Opened:
    """A file as a graph, with what it was read as: a case, or a conflict in option form."""

    file: str
    graph: StateGraph
    read: Case | Conflict
    payoff: Floats | None = None  # (P, S) of a case

    @property
    def title(self) -> str:
        """What is printed above the verdicts."""
        return self.read.title

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What may be a slip in the file."""
        return self.read.warnings

    def state(self, text: str, option: str) -> int:
        """A state by its number from 1, its letters, or the variables it names.

        Raises QuestionError for one that is not there.
        """
        graph = self.graph
        if text.isdecimal() and 1 <= int(text) <= graph.states:
            return int(text) - 1
        name = self._written(text) if isinstance(self.read, Case) else text.upper()
        for state in range(graph.states):
            if graph.name(state) == name:
                return state
        allowed = f"a number, 1 to {graph.states}, or a state such as {graph.name(0)}"
        raise _fault("no such state", self.file, option, text, allowed)

    def _written(self, text: str) -> str:
        assert isinstance(self.read, Case)
        if "=" not in text:
            return text
        start = {name: variable.start for name, variable in self.read.variables.items()}
        values = {**start, **read_state(self.read, text)}
        shown = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in values.items()}
        return ", ".join(f"{name}={value}" for name, value in shown.items())

    def parties(self, names: Sequence[str], option: str) -> tuple[str, ...]:
        """Parties in the order of the graph; QuestionError for one that is not there."""
        for name in names:
            if name not in self.graph.parties:
                allowed = ", ".join(self.graph.parties)
                raise _fault("no such party", self.file, option, name, allowed)
        return tuple(name for name in self.graph.parties if name in names)

    def coalitions(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """Coalitions as written, `a+b`, `all` or `none`; nothing written is all if they are few."""
        graph = self.graph
        if not words:
            few = graph.states <= MOST_TOGETHER and 2 ** len(graph.parties) <= MOST_COALITIONS
            return all_coalitions(graph.parties) if few else []
        found: list[tuple[str, ...]] = []
        for word in words:
            if word == "all":
                found += all_coalitions(graph.parties)
            elif word != "none":
                found.append(self.parties(_names(word), "--coalitions"))
        return [members for members in dict.fromkeys(found) if len(members) > 1]

    def gulfs(self, words: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Gulfs as written, `party=state`: of each party, how many states stand above each."""
        found: dict[str, tuple[int, ...]] = {}
        for word in words:
            name, sign, state = (part.strip() for part in word.partition("="))
            if not sign:
                raise _fault("is no gulf", self.file, "--strong", word, "party=state")
            (party,) = self.parties([name], "--strong")
            rank = self.graph.rank[self.graph.parties.index(party)]
            above = int(np.count_nonzero(rank >= rank[self.state(state, "--strong")]))
            found[party] = (*found.get(party, ()), above)
        return found

    def far(self, gulfs: Mapping[str, Sequence[int]], gap: float | None) -> Ints:
        """(P, S) the highest rank greatly worse than each state, for gulfs and a gap in payoff."""
        if gap is not None and self.payoff is None:
            raise _fault("has no payoffs", self.file, "--gap", f"{gap:g}", "--strong party=state")
        rows = []
        for p, party in enumerate(self.graph.parties):
            rank = self.graph.rank[p]
            ordered = np.sort(rank)[::-1]
            far = below(rank, [int(ordered[above - 1]) for above in gulfs.get(party, ())])
            if gap is not None and self.payoff is not None:
                far = np.maximum(far, apart(rank, self.payoff[p], gap))
            rows.append(far)
        return np.stack(rows)

    def structure(self, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """A coalition structure as written, or that of the file; empty if there is none."""
        if not words:
            return self.read.blocks if isinstance(self.read, Conflict) else ()
        blocks = [self.parties(_names(word), "--structure") for word in words]
        named = [party for block in blocks for party in block]
        for party in named:
            if named.count(party) > 1:
                raise _fault(
                    "two blocks hold a party", self.file, "--structure", party, "one block"
                )
        return (*blocks, *((party,) for party in self.graph.parties if party not in named))


def open_file(path: str, types: Sequence[str], start: str | None, options: Options) -> Opened:
    """Open a `.gmcr` file, or else a case.

    types  `party=type` for parties with types
    start  variables that stand otherwise at a case's start

    Raises CaseError for what is wrong with the file, QuestionError for an option without meaning.
    """
    if path.lower().endswith(".gmcr"):
        if types:
            raise _fault("has no types", path, "--types", types[0], "nothing: this is no case")
        conflict = read_gmcr(path)
        if not options.as_json:
            print_warnings(conflict.warnings)
        return Opened(path, conflict.graph(options.bytes), conflict)
    case = open_case(path, options)
    chosen = type_options(types, path)
    begin = read_state(case, start) if start and "=" in start else {}
    laid = lay_out(case, chosen, begin, options.bytes)
    return Opened(path, laid.graph, case, laid.payoff)


def type_options(types: Sequence[str], path: str = "") -> dict[str, str]:
    """Types as written, `party=type`; QuestionError for a word that is none."""
    chosen = {}
    for word in types:
        party, sign, kind = word.partition("=")
        if not sign:
            raise _fault("is no type", path, "--types", word, "party=type")
        chosen[party.strip()] = kind.strip()
    return chosen


def _names(word: str) -> list[str]:
    return [name.strip() for name in word.split("+")]


def _fault(message: str, file: str, option: str, found: str, allowed: str) -> QuestionError:
    return QuestionError([Problem(message, file, path=option, found=found, allowed=allowed)])
