"""A large run: every claim and question in every world, kept in a store that grows.

The store is cut into batches, one file each, whose size is chosen once, when it is begun, so that
a batch is about a minute's work. A batch is computed in pieces of about a second, so that cores
are evenly busy; a worker draws the worlds of its piece itself. Nothing is held but the batches
under way, whatever the number of worlds.
"""

import math
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
from llvmlite import binding

from ceasefire.ask import Prepared, prepare, read_all, read_claims
from ceasefire.case import Case, dump
from ceasefire.errors import CaseError, Problem, WorldError
from ceasefire.worlds.columns import Columns, Piece, Value, plain
from ceasefire.worlds.engines import Engine, deal, versions
from ceasefire.worlds.store import Store, digest_of
from ceasefire.worlds.summary import Summary, summary

Progress = Callable[[int, int], None]
BATCH_SECONDS, PIECE_SECONDS, LARGEST = 60.0, 1.0, 4096


@dataclass(frozen=True)
class Swept:
    """What a store says of worlds 1 to `wanted`, and how this run went.

    store        the folder that holds the batches
    best         the answers at the best estimates, by name of the column
    computed     worlds computed in this run, in `seconds`; the others were there
    interrupted  whether Ctrl-C ended the run
    """

    store: str
    seed: int
    grid: int | None
    wanted: int
    best: Mapping[str, Value]
    found: Summary
    computed: int
    seconds: float
    interrupted: bool = False

    @property
    def marked(self) -> bool:
        """True if a world failed, is missing, or its solution is marked."""
        found = self.found
        missing = found.done < self.wanted
        return bool(missing or found.failed or found.unresolved or found.branched)

    @property
    def pace(self) -> float | None:
        """Worlds per second of this run, None if there was nothing to compute."""
        return self.computed / self.seconds if self.computed else None

    def as_json(self) -> dict[str, Any]:
        """The document of `sweep --json`, digest and version of the case left to the command."""
        tests = [
            {
                "column": name,
                "best": self.best[name],
                "n": share.worlds,
                "share": share.share,
                "interval": list(share.interval),
                "verdict": share.verdict,
            }
            for name, share in self.found.tests.items()
        ]
        numbers = [
            {"column": name, "best": self.best[name], **span.as_json()}
            for name, span in self.found.numbers.items()
        ]
        run = {
            "seed": self.seed,
            "grid": self.grid,
            "wanted": self.wanted,
            "done": self.found.done,
            "computed": self.computed,
            "seconds": self.seconds,
            "worlds_per_second": self.pace,
            "failed": self.found.failed,
            "unresolved": self.found.unresolved,
            "branched": self.found.branched,
            "interrupted": self.interrupted,
        }
        return {"store": self.store, "tests": tests, "numbers": numbers, "run": run}


def sweep(
    case: Case,
    folder: str,
    worlds: int,
    *questions: str,
    seed: int = 0,
    engine: Engine | None = None,
    grid: int | None = None,
    memory: float = 4e9,
    batch: int | None = None,
    progress: Progress | None = None,
) -> Swept:
    """Compute the claims of a case, and these questions, in many worlds, and keep the results.

    folder    where; any place fsspec knows. Worlds that are there already are not computed again
    engine    where to compute, the cores of this machine if None
    batch     worlds per file where the store is begun, about a minute's work if None
    progress  called with the number of worlds that are there, and of all

    Raises CaseError for a case without claims if nothing else is asked, QuestionError with every
    problem of every text, WorldError for a place that cannot be written, files there that no sweep
    of this wrote, an engine that cannot be used, or another `batch` than that of the store.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {range: [0.2, 0.4]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... ''')
    >>> test, here = "P(at_end(not war)) < 0.35", Engine(workers=1)
    >>> sweep(coin, "memory://sweep", 16, test, engine=here).found.tests[test].share
    0.75
    >>> more = sweep(coin, "memory://sweep", 64, test, engine=here)
    >>> more.computed, more.found.tests[test].worlds
    (48, 64)
    """
    claims, engine = read_claims(case), engine or Engine()
    asked = [*claims.values(), *read_all(case, dict.fromkeys(questions))]
    if not asked:
        help = 'add one, or ask something: ceasefire sweep CASE "P(...) > 0.5" -o DIR'
        raise CaseError([Problem("the case makes no claim", case.file, path="claims", help=help)])
    prepared = prepare(case, asked, grid=grid, memory=memory)
    columns = Columns.of(case, tuple(claims), asked)
    tests, numbers = ([name for name, _ in kind] for kind in (columns.tests, columns.numbers))
    resolved = dump(case)
    facts = {
        "case": digest_of({"case": resolved}),
        "questions": {name: plain(asked[n].text) for name, n in (*columns.tests, *columns.numbers)},
        "seed": seed,
        "grid": prepared.nodes,
        "versions": versions(),
    }
    store = Store(folder, digest_of(facts))
    if not store.begun:
        store.begin({**facts, **_first(prepared, columns, batch)}, resolved)
    store.demand(_answers(columns))
    if batch not in (None, store.batch):
        raise WorldError([_other_batch(store, batch)])
    began = time.perf_counter()
    filling = _Filling(store, worlds, progress)
    if filling.lacking:
        store.note(_run(engine, worlds))
    filling.fill(Piece(prepared, columns, seed), engine)
    return Swept(
        store=store.shown,
        seed=seed,
        grid=prepared.nodes,
        wanted=worlds,
        best={k: float(v) if isinstance(v, str) else v for k, v in store.facts["best"].items()},
        found=summary(store, worlds, tests, numbers),
        computed=filling.computed,
        seconds=time.perf_counter() - began,
        interrupted=filling.interrupted,
    )


def _first(prepared: Prepared, columns: Columns, batch: int | None) -> dict[str, Any]:
    """The best estimates, how long a world takes, and how many make a batch."""
    sheet = prepared.read()
    began = time.perf_counter()
    prepared.read()  # again: the first time may have compiled
    seconds = time.perf_counter() - began
    size = 2 ** max(0, math.floor(math.log2(BATCH_SECONDS / seconds)))
    return {
        "best": dict(zip(_answers(columns), columns.row(sheet, None), strict=True)),
        "seconds_per_world": seconds,
        "batch": batch or min(size, LARGEST),
    }


def _answers(columns: Columns) -> list[str]:
    """The columns that a world's answers fill."""
    return list(columns.schema)[1 + len(columns.unknowns) :]


def _run(engine: Engine, worlds: int) -> dict[str, Any]:
    """What provenance says of one run."""
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "worlds": worlds,
        "engine": engine.as_json(),
        "python": platform.python_version(),
        "machine": {
            "system": platform.platform(),
            "processor": binding.get_host_cpu_name(),
            "cores": os.cpu_count(),
        },
    }


def _other_batch(store: Store, batch: int | None) -> Problem:
    return Problem(
        "the store has batches of another size",
        store.shown,
        path="batch",
        found=str(batch),
        allowed=str(store.batch),
        help="leave it out: it is chosen when a store is begun",
    )


class _Filling:
    """Computes the worlds that a store lacks, and writes each batch as soon as it is whole."""

    def __init__(self, store: Store, worlds: int, progress: Progress | None) -> None:
        self.store, self.worlds, self.progress = store, worlds, progress
        self.held = store.held()
        self.piece = max(1, int(PIECE_SECONDS / store.facts["seconds_per_world"]))
        self.pieces: dict[int, dict[int, pl.DataFrame]] = {}
        self.there = sum(min(held, self._size(number)) for number, held in self.held.items())
        self.computed = 0
        self.interrupted = False

    @property
    def lacking(self) -> int:
        """How many worlds are not there; a store that lacks none need not be writable."""
        return self.worlds - self.there

    def fill(self, task: Piece, engine: Engine) -> None:
        """Compute; Ctrl-C ends it and keeps what is done."""
        with closing(deal(task, self._spans(), engine)) as answers:
            try:
                for (number, first), frame in answers:
                    self.pieces.setdefault(number, {})[first] = frame
                    self.computed += len(frame)
                    self._write_if_whole(number)
                    if self.progress is not None:
                        self.progress(self.there + self.computed, self.worlds)
            except KeyboardInterrupt:
                self.interrupted = True
        for number in list(self.pieces):
            self._write(number)

    def _size(self, number: int) -> int:
        """How many worlds of this run a batch is to hold in the end."""
        return max(0, min(self.store.batch, self.worlds - (number - 1) * self.store.batch))

    def _spans(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for number in range(1, -(-self.worlds // self.store.batch) + 1):
            before = (number - 1) * self.store.batch
            first, last = before + self.held.get(number, 0) + 1, before + self._size(number)
            for begin in range(first, last + 1, self.piece):
                yield (number, begin), (begin, min(begin + self.piece - 1, last))

    def _write_if_whole(self, number: int) -> None:
        computed = sum(len(frame) for frame in self.pieces[number].values())
        if self.held.get(number, 0) + computed == self._size(number):
            self._write(number)

    def _write(self, number: int) -> None:
        """Write the pieces of a batch that follow on what it holds without a gap."""
        pieces = self.pieces.pop(number)
        after = (number - 1) * self.store.batch + self.held.get(number, 0)
        whole = []
        for first in sorted(pieces):
            if first != after + 1:
                break
            whole.append(pieces[first])
            after += len(pieces[first])
        if whole:
            self.store.write(number, pl.concat(whole))
