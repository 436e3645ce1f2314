"""How a case is written for Gambit: as a game tree (`.efg`) or as a strategic game (`.nfg`).

Source of the formats: The Gambit Project, "The extensive game (.efg) file format".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from itertools import product
from math import prod
from typing import NamedTuple, NoReturn

import numpy as np

from ceasefire.errors import GameError, Problem
from ceasefire.formats.case_writer import ConvertedFile
from ceasefire.formats.game_tree import (
    ChanceNode,
    DecisionNode,
    GameTreeNode,
    TerminalNode,
    unroll_game_tree,
)
from ceasefire.formats.latin_letters import spell_in_ascii
from ceasefire.game import Game, GameParameters, game_parameters
from ceasefire.game.states import Floats


class EfgPlayer(NamedTuple):
    """A player of the tree: a party, or with a period and a step that party only there."""

    party: str
    period: int = 0
    step: int | None = None

    def __str__(self) -> str:
        if self.step is None:
            return self.party
        return f"{self.party}, period {self.period}, step {self.step + 1}"


def to_efg(
    game: Game,
    world: Mapping[str, float] | None = None,
    *,
    agents: bool = False,
    believed_by: str | None = None,
    max_nodes: int = 200_000,
) -> ConvertedFile:
    r"""Write a game in one world as a tree with information sets for hidden types.

    game         the game
    world        {unknown: value}, the best estimates if None
    agents       one player for each party, period and step, paid what play is worth to the party
                 from that period on, times its precision, plus the log of the weight of what it
                 takes: then Gambit's logit branch is at lambda 1 where our equilibrium is
    believed_by  whose beliefs chance draws types by: a party, or `analyst`; left out, they must be
                 the same for all
    max_nodes    most nodes that the tree may have

    Without `agents` each party is one player, paid the discounted sum from period 0. What the tree
    does not carry is in the notes.

    Raises GameError for a larger tree, and for an observer with a prior of its own, since in a tree
    chance draws the types with one probability for all: `believed_by` then writes the tree as one
    of them sees it.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... title: Act or not
    ... horizon: 1
    ... ending: nothing
    ... parties: {a: {precision: 4}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: done}}
    ... moves: {act: {by: a, cost: 0.5, set: {done: true}}}
    ... ''')
    >>> tree = to_efg(build(case))
    >>> tree.text.splitlines()[0]
    'EFG 2 R "Act or not" { "a" }'
    >>> print(*tree.text.splitlines()[2:], sep="\n")
    p "" 1 1 "1: period 0, move, done=false" { "a.act" "a.pass" } 0
    t "" 1 "" { 0.5 }
    t "" 2 "" { 0 }
    >>> print(*to_efg(build(case), agents=True).text.splitlines()[3:], sep="\n")
    t "" 1 "" { 2 }
    t "" 2 "" { 0 }
    >>> tree.notes[-1]
    'Precision is not in the tree (a 4): Gambit has one lambda for all players.'
    """
    parameters = _parameters_as_believed(game, game_parameters(game, world), believed_by)
    nodes = list(unroll_game_tree(game, parameters, max_nodes))
    players = _list_players(game, nodes, agents)
    writer = _EfgWriter(game, parameters, players, agents)
    head = f"EFG 2 R {_quote_efg(game.case.title)} {{ {_join_quoted(str(p) for p in players)}}}"
    notes = tuple(_efg_notes(game, parameters, players, agents))
    if believed_by is not None and _observers(game, game_parameters(game, world)) != ["analyst"]:
        notes = (_belief_note(believed_by, agents=agents), *notes)
    lines = [
        head,
        _quote_efg(" ".join((game.case.about or "", *notes))),
        *map(writer.format_node, nodes),
    ]
    return ConvertedFile("\n".join(lines) + "\n", notes)


class _EfgWriter:
    """Writes one node after another, numbering information sets and outcomes."""

    def __init__(
        self, game: Game, parameters: GameParameters, players: Sequence[EfgPlayer], agents: bool
    ) -> None:
        self.players, self.agents = players, agents
        self._period = np.array([player.period for player in players], dtype=int)
        self._party = np.array([game.parties.index(player.party) for player in players], dtype=int)
        self._scale = parameters.precision[self._party] if agents else np.ones(len(players))
        self._player_index = {player: place for place, player in enumerate(players)}
        self._information_sets: dict[EfgPlayer, dict[tuple[int, str], int]] = {
            player: {} for player in players
        }
        self._chance_count = self._terminal_count = 0

    def format_node(self, node: GameTreeNode) -> str:
        """The line of the file for a node."""
        if isinstance(node, ChanceNode):
            self._chance_count += 1
            each = zip(node.labels, _exact_decimals(node.probabilities), strict=True)
            branches = " ".join(f"{_quote_efg(label)} {chance}" for label, chance in each)
            return f'c "" {self._chance_count} "" {{ {branches} }} 0'
        if isinstance(node, DecisionNode):
            player = _player_of(node, self.agents)
            known = self._information_sets[player]
            number = known.setdefault((node.history, node.type), len(known) + 1)
            words = ", ".join(
                part for part in (f"period {node.period}", node.type, node.role, node.state) if part
            )
            label = _quote_efg(f"{number}: {words}")
            actions = _join_quoted(node.labels)
            return f'p "" {self._player_index[player] + 1} {number} {label} {{ {actions}}} 0'
        self._terminal_count += 1
        paid = "".join(f"{_format_decimal(value)} " for value in self._payoffs(node))
        return f't "" {self._terminal_count} "" {{ {paid}}}'

    def _payoffs(self, leaf: TerminalNode) -> list[float]:
        paid = self._scale * leaf.payoff_from_period[self._period, self._party]
        for who, log_weight in leaf.choices if self.agents else ():
            if EfgPlayer(*who) in self._player_index:
                paid[self._player_index[EfgPlayer(*who)]] += log_weight
        values: list[float] = paid.tolist()
        return values


def _list_players(game: Game, nodes: Iterable[GameTreeNode], agents: bool) -> list[EfgPlayer]:
    if not agents:
        return [EfgPlayer(party) for party in game.parties]
    found = {_player_of(node, agents) for node in nodes if isinstance(node, DecisionNode)}
    return sorted(found, key=lambda p: (p.period, p.step, p.party))


def _player_of(node: DecisionNode, agents: bool) -> EfgPlayer:
    return EfgPlayer(node.party, node.period, node.step) if agents else EfgPlayer(node.party)


def _observers(game: Game, parameters: GameParameters) -> list[str]:
    """The analyst, and every party whose belief about another's type is not the analyst's."""
    found = ["analyst"]
    for j, observer in enumerate(game.parties):
        others = [game.parties.index(h) for h in game.parties_with_types if h != observer]
        prior = parameters.prior_by_type
        if not np.array_equal(prior[j, others], prior[-1, others]):
            found.append(observer)
    return found


def _parameters_as_believed(
    game: Game, parameters: GameParameters, believed_by: str | None
) -> GameParameters:
    """The numbers with one prior for all: that of an observer, or the one that all share."""
    observers = _observers(game, parameters)
    if believed_by is None:
        if len(observers) > 1:
            _raise_several_priors(game, parameters, observers)
        return parameters
    if believed_by not in ("analyst", *game.parties):
        raise GameError(
            [
                Problem(
                    message="no such observer",
                    file=game.case.file,
                    path="--believed-by",
                    found=believed_by,
                    allowed=", ".join(("analyst", *game.parties)),
                )
            ]
        )
    prior = parameters.prior_by_type
    row = prior[-1].copy()
    if believed_by != "analyst":
        j = game.parties.index(believed_by)
        row = prior[j].copy()
        row[j] = prior[-1, j]
    return replace(parameters, prior_by_type=np.broadcast_to(row, prior.shape).copy())


def _raise_several_priors(
    game: Game, parameters: GameParameters, observers: Sequence[str]
) -> NoReturn:
    problems, prior = [], parameters.prior_by_type
    for observer in observers[1:]:
        j = game.parties.index(observer)
        for party in game.parties_with_types:
            h = game.parties.index(party)
            if j == h or np.array_equal(prior[j, h], prior[-1, h]):
                continue
            apart = int(np.flatnonzero(prior[j, h] != prior[-1, h])[0])
            kind = list(game.case.parties[party].types)[apart]
            there, here = (float(prior[k, h, apart]) for k in (j, -1))
            commands = " or ".join(f"--believed-by {name}" for name in observers)
            problems.append(
                Problem(
                    message="a game tree has one prior for all",
                    file=game.case.file,
                    path=f"parties.{party}.believed_by.{observer}",
                    found=f"{there:.6g} for {kind}, the analyst's being {here:.6g}",
                    help=f"write the game as one of them sees it: {commands}",
                )
            )
    raise GameError(problems)


def _belief_note(believed_by: str, *, agents: bool) -> str:
    note = f"Chance draws types as {believed_by} believes; the beliefs of others are left out"
    return f"{note}, so that lambda 1 is not our equilibrium." if agents else f"{note}."


def _efg_notes(
    game: Game, parameters: GameParameters, players: Sequence[EfgPlayer], agents: bool
) -> Iterator[str]:
    case = game.case
    if parameters.world:
        values = ", ".join(f"{name} = {value:.6g}" for name, value in parameters.world.items())
        yield f"The tree is that of one world: {values}."
    if case.ending == "lasts":
        yield "What the last state pays for ever after is counted at the end of the last period."
    if game.periods > case.horizon:
        tail = game.periods - case.horizon
        yield f"The tree has {game.periods} periods, of which the last {tail} are tail."
    if not f"{case.title}{case.about}".isascii():
        yield "Gambit knows the letters of ASCII only: title and text are spelled with them."
    yield "A choice or a draw with one possible branch is passed over; what it costs is counted."
    yield "Payoff terms are added up, and states are not joined: each history is a node of its own."
    if len(game.starts) > 1:
        yield "Play begins in the case's own start; other starts are not in the tree."
    left = [key for key in ("conditions", "claims", "events", "sources") if getattr(case, key)]
    if left:
        yield f"A game tree has no place for {', '.join(left)}."
    silent = [name for name in game.parties if name not in {player.party for player in players}]
    if silent:
        yield f"Nothing is to be decided by {', '.join(silent)}, whose payoffs are not in the tree."
    yield from _precision_notes(game, parameters) if not agents else _agent_form_notes(game)


def _precision_notes(game: Game, parameters: GameParameters) -> Iterator[str]:
    values = zip(game.parties, parameters.precision, strict=True)
    listed = ", ".join(f"{party} {value:.6g}" for party, value in values)
    yield f"Precision is not in the tree ({listed}): Gambit has one lambda for all players."
    if (parameters.patience > 0).any() and game.periods > 1:
        yield (
            "Payoffs are valued in period 0, so lambda weighs later periods less than precision "
            "does: logit play differs from ours wherever patience is below 1."
        )
    weighty = {
        game.options[option]
        for graph, filled in zip(game.graphs, parameters.by_graph, strict=True)
        for option in graph.option[filled.log_weight != 0]
    }
    if weighty:
        yield f"Weights are not in the tree: {', '.join(sorted(weighty))}."


def _agent_form_notes(game: Game) -> Iterator[str]:
    yield (
        "A player is one party in one period and step, so that a Nash equilibrium of the tree only "
        "says that no party gains by a change in a single step."
    )
    if game.parties_with_types or game.case.has_moments:
        yield (
            "Gambit follows one branch for the whole tree, we follow one for each decision: "
            "where play has several fixed points the two may end on different ones."
        )


def _exact_decimals(chances: Sequence[float]) -> list[str]:
    """Probabilities as decimals that add up to exactly one, the largest taking the rounding."""
    with localcontext(prec=400):
        exact = [Decimal(repr(float(chance))) for chance in chances]
        largest = exact.index(max(exact))
        exact[largest] += 1 - sum(exact)
        return [format(chance, "f") for chance in exact]


def _format_decimal(value: float) -> str:
    """A number to the last digit, without exponent."""
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text.removesuffix(".0")


def _quote_efg(text: str) -> str:
    """Text as Gambit reads it: ASCII on one line, without quotation marks and backslashes."""
    plain = spell_in_ascii(" ".join(text.split())).replace('"', "'").replace("\\", "/")
    return f'"{plain}"'


def _join_quoted(texts: Iterable[str]) -> str:
    return "".join(f"{_quote_efg(text)} " for text in texts)


MOST_UNROLLED_NODES = 2_000
DecisionKey = tuple[str, int, str]  # whose choice, after which history, of which type


def to_nfg(
    game: Game,
    world: Mapping[str, float] | None = None,
    *,
    believed_by: str | None = None,
    max_combinations: int = 20_000,
) -> ConvertedFile:
    """Write a game of one period in one world as a strategic game.

    game              the game
    world             {unknown: value}, the best estimates if None
    believed_by       whose beliefs chance draws types by, as in `to_efg`
    max_combinations  most combinations of strategies that the game may have

    Raises GameError for more than one period, too many strategies, or an observer with a prior of
    its own.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... title: Act or not
    ... horizon: 1
    ... ending: nothing
    ... parties: {a: {}, b: {}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: done}, b: {loss: -2 * done}}
    ... moves: {act: {by: a, cost: 0.5, set: {done: true}}}
    ... ''')
    >>> print(to_nfg(build(case)).text)
    NFG 1 R "Act or not" { "a" "b" }
    <BLANKLINE>
    { { "a.act" "a.pass" }
    { "nothing to choose" }
    }
    ""
    <BLANKLINE>
    0.5 -2
    0 0
    <BLANKLINE>
    """
    if game.periods != 1:
        help = "set horizon: 1 and tail: 0, or export the tree: --to efg"
        raise _nfg_error(game, "must be a game of one period", f"{game.periods} periods", "1", help)
    efg = to_efg(game, world, believed_by=believed_by, max_nodes=MOST_UNROLLED_NODES)
    parameters = _parameters_as_believed(game, game_parameters(game, world), believed_by)
    nodes = list(unroll_game_tree(game, parameters, MOST_UNROLLED_NODES))
    information_sets: dict[DecisionKey, tuple[str, ...]] = {}
    for node in nodes:
        if isinstance(node, DecisionNode):
            information_sets.setdefault(_decision_key(node), node.labels)
    count = prod(len(labels) for labels in information_sets.values())
    if count > max_combinations:
        help = "take moves, deals or chance out, or export the tree: --to efg"
        found, allowed = f"{count:,} combinations", f"{max_combinations:,}"
        raise _nfg_error(game, "has too many strategies", found, allowed, help)
    own = [[key for key in information_sets if key[0] == party] for party in game.parties]
    plans = [list(product(*(range(len(information_sets[key])) for key in keys))) for keys in own]
    labels = [
        " ".join(f'"{_strategy_label(information_sets, keys, plan)}"' for plan in of_party)
        for keys, of_party in zip(own, plans, strict=True)
    ]
    head = efg.text.splitlines()[0].replace("EFG 2 R", "NFG 1 R", 1)
    strategies = "{ " + "\n".join(f"{{ {of_party} }}" for of_party in labels) + "\n}"
    payoffs = _payoff_lines(nodes, own, plans)
    text = "\n".join([head, "", strategies, '""', "", *payoffs]) + "\n"
    notes = [
        note.replace("tree", "game") for note in efg.notes if "one world" in note or "ASCII" in note
    ]
    return ConvertedFile(text, (*notes, *_NFG_NOTES))


_NFG_NOTES = (
    "A strategy lists its choices in the order in which the exported tree asks for them.",
    "The order of moves is not in the game: threats nobody would carry out can be equilibria.",
    "Precision and weights are not in the game: logit play of whole strategies is not ours.",
)


def _decision_key(node: DecisionNode) -> DecisionKey:
    return node.party, node.history, node.type


def _payoff_lines(
    nodes: Sequence[GameTreeNode],
    own: Sequence[Sequence[DecisionKey]],
    plans: Sequence[Sequence[Sequence[int]]],
) -> Iterator[str]:
    """A line of payoffs for each combination of strategies.

    own    the information sets of each party
    plans  the strategies of each party: an option for each of its information sets
    """
    for profile in product(*reversed(plans)):  # the first party's strategy varies fastest
        choices: dict[DecisionKey, int] = {}
        for keys, plan in zip(own, reversed(profile), strict=True):
            choices |= dict(zip(keys, plan, strict=True))
        payoffs = _expected_payoffs(nodes, choices)
        yield " ".join(f"{_remove_negative_zero(value):.12g}" for value in payoffs)


def _strategy_label(
    information_sets: Mapping[DecisionKey, tuple[str, ...]],
    keys: Sequence[DecisionKey],
    plan: Sequence[int],
) -> str:
    words = [
        f"{key[2]}: {information_sets[key][option]}" if key[2] else information_sets[key][option]
        for key, option in zip(keys, plan, strict=True)
    ]
    return "; ".join(words) or "nothing to choose"


def _expected_payoffs(nodes: Sequence[GameTreeNode], choices: Mapping[DecisionKey, int]) -> Floats:
    """(P,) what each party expects: nodes in the order of the file, read from the end."""
    values: list[Floats] = []
    for node in reversed(nodes):
        if isinstance(node, TerminalNode):
            values.append(node.payoff_from_period[0])
            continue
        below = [values.pop() for _ in node.labels]
        if isinstance(node, ChanceNode):
            values.append(np.array(node.probabilities) @ np.array(below))
        else:
            values.append(below[choices[_decision_key(node)]])
    return values[0]


def _remove_negative_zero(value: float) -> float:
    return float(value) + 0.0  # no minus before a zero


def _nfg_error(game: Game, message: str, found: str, allowed: str, help: str) -> GameError:
    file = game.case.file or None
    return GameError([Problem(message, file, None, None, "horizon", found, allowed, help)])
