"""What `lint` takes beyond building the game, and how much memory: a shipped case, two large ones.

Both are processes of their own; building is a process that reads the case and builds the game. The
large cases are made up: a conflict whose options are taken one after another, and a track.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.table import Effort, Row, limited, seconds, within
from benchmarks.typed import COLOMBIA, program_with_memory, typed, typed_with_memory

COLOMBIA_SECONDS, MOST_TIMES, GIGABYTES = 2.0, 3.0, 4.0
PARTIES = ("a", "b", "c")
BUILD = (
    "from ceasefire.case import load; from ceasefire.game import build; "
    "print(len(build(load(sys.argv[1])).states))"
)


def colombia(effort: Effort) -> Iterator[Row]:
    """The shipped case."""
    typed("lint", str(COLOMBIA))
    times = [typed("lint", str(COLOMBIA)).seconds for _ in range(effort.pick(1, 5))]
    yield within("`lint` of Colombia", times, COLOMBIA_SECONDS, "7 to 21 s")


def large_conflict(effort: Effort) -> Iterator[Row]:
    """A conflict of 138,240 states."""
    sizes = [2] * effort.pick(4, 10) + [3, 3, 3, 5]
    yield _beyond_building("a conflict", conflict(sizes, 16), "187 s")


def large_game(effort: Effort) -> Iterator[Row]:
    """A game of 1.7 million states."""
    yield _beyond_building("a game", track(effort.pick(23, 121), 16), "65 s, 4.5 GB")


def _beyond_building(what: str, text: str, before: str) -> Row:
    with TemporaryDirectory() as folder:
        case = Path(folder) / "made_up.yaml"
        case.write_text(text)
        built = program_with_memory(BUILD, str(case))
        linted = typed_with_memory("lint", str(case))
    states, memory = int(built.text), linted.memory / 1e9
    if f"no problem: {states:,} states" not in linted.text:
        raise AssertionError(f"{states:,} states, but lint says {linted.text}")
    return limited(
        f"`lint` of {what} of {states:,} states",
        f"{seconds(linted.seconds)}, {memory:.2g} GB",
        f"at most {MOST_TIMES:g} times building it ({seconds(built.seconds)}), {GIGABYTES:g} GB",
        min(MOST_TIMES * built.seconds / linted.seconds, GIGABYTES / memory),
        before,
    )


def conflict(sizes: Sequence[int], horizon: int) -> str:
    """A case of as many states as the product of the sizes; parties take the options in turn.

    sizes    how many values each variable of the state has
    horizon  periods; enough to reach every state
    """
    owned: dict[str, list[str]] = {party: [] for party in PARTIES}
    state, moves, worth = [], [], {party: list[str]() for party in PARTIES}
    for n, size in enumerate(sizes):
        mover = PARTIES[n % len(PARTIES)]
        owned[mover].append(f"step{n}")
        state.append(f"  x{n}: {{values: 0..{size - 1}, start: 0}}")
        moves.append(f'  step{n}: {{by: {mover}, cost: 0.1, set: {{x{n}: "(x{n} + 1) % {size}"}}}}')
        for k, party in enumerate(PARTIES):
            worth[party].append(f"{(7 * n + 3 * k) % 5 / 10 - 0.2:.1f} * x{n}")
    return _case(horizon, state, {p: " + ".join(terms) for p, terms in worth.items()}, moves, owned)


def track(places: int, horizon: int) -> str:
    """A case of three parties that move about a track each: places cubed states.

    places   how many places there are, no multiple of 3 or 7
    horizon  periods; enough to reach every state
    """
    state, moves, owned = [], [], {}
    for party in PARTIES:
        owned[party] = ["step", "leap", "pass"]
        state.append(f"  at_{party}: {{values: 0..{places - 1}, start: 0}}")
        for name, to in (("step", f"at_{party} * 7 + 1"), ("leap", f"at_{party} * 3 + 5")):
            leads = f'{{at_{party}: "({to}) % {places}"}}'
            moves.append(f"  {party}.{name}: {{by: {party}, cost: 0.1, set: {leads}}}")
    return _case(horizon, state, {p: f"0.01 * at_{p}" for p in PARTIES}, moves, owned)


def _case(
    horizon: int,
    state: Sequence[str],
    worth: dict[str, str],
    moves: Sequence[str],
    owned: dict[str, list[str]],
) -> str:
    lines = [
        "ceasefire: 1",
        f"horizon: {horizon}",
        "ending: nothing",
        f"parties: {{{', '.join(f'{party}: {{}}' for party in PARTIES)}}}",
        *("state:", *state),
        *("payoffs:", *(f'  {party}: {{worth: "{said}"}}' for party, said in worth.items())),
        *("moves:", *moves),
        *("order:", *(f"  - {party}: [{', '.join(names)}]" for party, names in owned.items())),
    ]
    return "\n".join(lines) + "\n"


MEASUREMENTS = (colombia, large_conflict, large_game)
