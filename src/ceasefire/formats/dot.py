"""How a case is drawn by Graphviz (DOT): parties, tables, and moves between states.

Source: Gansner & North (2000), An open graph visualization system and its applications to
software engineering, Software: Practice and Experience 30, 1203-1233.
"""

from collections.abc import Iterator

from ceasefire.diagnostics import fold_families
from ceasefire.formats.case_writer import ConvertedFile
from ceasefire.game import Game
from ceasefire.game.graph import END

MOST_STATES_DRAWN = 60


def to_dot(game: Game, *, max_states: int = MOST_STATES_DRAWN) -> ConvertedFile:
    """Draw parties and tables, and how play moves between states if they are few.

    game        the game of the case
    max_states  most states to draw; if there are more they are left out, and a note says so

    An arrow between states is labelled with the moves, deals and chances that may lead from the
    one to the other.

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> case = loads('''
    ... ceasefire: 1
    ... title: Act or not
    ... horizon: 2
    ... parties: {a: {}, b: {}}
    ... state: {done: {}}
    ... moves: {act: {by: a, when: not done, set: {done: true}}}
    ... tables: {talks: {seats: [b, a], deals: {undo: {when: done, set: {done: false}}}}}
    ... ''')
    >>> for line in to_dot(build(case)).text.splitlines():
    ...     if "->" in line:
    ...         print(line.strip())
    "table talks" -> "party b" [dir=none label="proposes"];
    "table talks" -> "party a" [dir=none label="answers"];
    "state 0" -> "state 1" [label="a.act"];
    "state 1" -> "state 0" [label="talks.undo"];
    """
    notes = ["Probabilities, payoffs and beliefs are not in the drawing."]
    count = len(game.states)
    lines = ["digraph case {", f"  label={_quote_dot(game.case.title)};", "  compound=true;"]
    lines += _seat_lines(game)
    if count <= max_states:
        lines += _state_lines(game)
    else:
        notes.append(
            f"{count:,} states are too many to draw (at most {max_states}): they are left out."
        )
    return ConvertedFile("\n".join([*lines, "}"]) + "\n", tuple(notes))


def _seat_lines(game: Game) -> Iterator[str]:
    case = game.case
    yield "  subgraph cluster_seats {"
    yield '    label="parties and tables";'
    for name, party in case.parties.items():
        moves = [move.name for move in case.moves.values() if move.party == name]
        hidden = [
            *(f"hidden: {kind}" for kind in party.types),
            *map("knows: {}".format, party.knows),
        ]
        label = "\n".join([party.name, *fold_families(moves), *hidden])
        yield f"    {_quote_dot(f'party {name}')} [label={_quote_dot(label)} shape=box];"
    for name, office in case.roles.items():
        moves = [move.name for move in case.moves.values() if move.party == name]
        label = "\n".join([name, *fold_families(moves), f"held by: {' or '.join(office.holders)}"])
        yield f"    {_quote_dot(f'party {name}')} [label={_quote_dot(label)} shape=box];"
    for name, table in case.tables.items():
        label = "\n".join([name, *fold_families(table.deals)])
        yield f"    {_quote_dot(f'table {name}')} [label={_quote_dot(label)} shape=ellipse];"
        for seat in table.seats:
            role = "proposes" if table.proposes in (seat, "any") else "answers"
            ends = f"{_quote_dot(f'table {name}')} -> {_quote_dot(f'party {seat}')}"
            yield f"    {ends} [dir=none label={_quote_dot(role)}];"
    yield "  }"


def _state_lines(game: Game) -> Iterator[str]:
    start = game.start_state({})
    yield "  subgraph cluster_states {"
    yield '    label="states";'
    for state in range(len(game.states)):
        label = game.describe(state).replace(", ", "\n")
        bold = " style=bold" if state == start else ""
        yield f"    {_quote_dot(f'state {state}')} [label={_quote_dot(label)} shape=box{bold}];"
    for (source, target), names in _state_transitions(game).items():
        ends = f"{_quote_dot(f'state {source}')} -> {_quote_dot(f'state {target}')}"
        yield f"    {ends} [label={_quote_dot(chr(10).join(names))}];"
    yield "  }"


def _state_transitions(game: Game) -> dict[tuple[int, int], list[str]]:
    """(state, next state): the moves, deals and chances that lead from one to the other."""
    transitions: dict[tuple[int, int], dict[str, None]] = {}
    for graph in game.graphs:
        for node in range(graph.node_count):
            if graph.node_kind[node] == END:
                continue
            for b in range(int(graph.first_branch[node]), int(graph.first_branch[node + 1])):
                here, there = int(graph.state[node]), int(graph.state[graph.successor[b]])
                if there == here:
                    continue
                events = sorted(game.labels[graph.label[b]])
                names = [event for event in events if not event.startswith("broken:")]
                transitions.setdefault((here, there), {}).update(dict.fromkeys(names[-1:]))
    return {pair: list(names) for pair, names in transitions.items()}


def _quote_dot(text: str) -> str:
    plain = " ".join(text.split(" ")).replace("\\", "/").replace('"', "'")
    return '"' + plain.replace("\n", "\\n") + '"'
