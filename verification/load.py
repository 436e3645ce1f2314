"""Many people at one `ceasefire serve` for minutes: whose numbers does each see, and how fast?

    python -m verification.load [--clients N] [--minutes M]

Each client opens pages as a browser does, over HTTP and then the websocket of NiceGUI, without a
browser: it takes what the server sends to draw, and sends what a slider sends when it is dragged.
Every client has values of its own, so each number that it is shown says whose it is; what it must
be is solved here, alone, beforehand. Clients leave their page now and then and open it again.
"""

import argparse
import asyncio
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import psutil
from aiohttp import ClientError
from socketio.exceptions import SocketIOError

from ceasefire.settings import SolveSettings
from ceasefire.web import worker_tasks
from ceasefire.web.edited_case import EditedCase
from verification.browsing import Page

STEPS = 200  # of a slider
PATIENCE = 300.0  # seconds after which a number will not come, nor a server end
GROWTH = 30e6  # bytes that the server may grow by after it has warmed up
CASE = """
ceasefire: 1
title: Whose is it?
horizon: 12
unknowns: {mine: {best: 0.5, range: [0, 1]}}
parties: {north: {precision: 3}, south: {}}
state: {war: {start: true}, force: {values: 0..9, start: 4}}
payoffs: {north: {war: -0.2 * war, force: 0.1 * force}, south: {war: -war}}
moves: {arm: {by: north, when: force < 9, cost: 0.05, set: {force: force + 1}}}
chance: {end: {when: war, outcomes: [{name: ends, chance: mine, set: {war: false}}]}}
claims:
  whose: {test: "WHOSE"}
  worth: {test: value(north) > 0}
"""
CASES = {
    "one.yaml": CASE.replace("WHOSE", "P(eventually(not war), within=1) > 0.5"),
    "two.yaml": CASE.replace("WHOSE", "P(always(war), within=1) + 2 > 2.5"),
}

Numbers = tuple[str, ...]
Must = Mapping[float, Numbers]


@dataclass
class Seen:
    """What happened to all clients together, and what memory was taken at each second."""

    delays: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    memory: list["Taken"] = field(default_factory=list)


@dataclass(frozen=True)
class Taken:
    """Memory at a moment.

    seconds   since the clients came
    server    bytes of the server that are in memory
    resident  the same of the processes that solve, what they share counted in each
    own       bytes that are theirs alone
    count     how many there are
    """

    seconds: float
    server: int
    resident: int = 0
    own: int = 0
    count: int = 0


def alone(text: str, values: Sequence[float]) -> dict[float, Numbers]:
    """What each value of the slider must show, solved without a server; claims in order."""
    found = {}
    for value in values:
        moved = (("mine", value),) if value != 0.5 else ()
        best = worker_tasks.best_estimates_task(
            lambda _: None, EditedCase(text, "alone.yaml", ".", moved), SolveSettings(memory=1e9)
        )
        found[value] = tuple(line.numeric_test for line in best.claims.values())
    return found


def numbers(page: Page) -> Numbers:
    """The numbers of the claims as the page shows them now; none while they are being solved."""
    shown = (re.search('<code class="numbers">(.*?)</code>', block) for block in page.blocks())
    return tuple(unescape(found[1]) for found in shown if found is not None)


class Client:
    """One person with values of their own."""

    def __init__(
        self, place: int, clients: int, must: Mapping[str, Mapping[float, Numbers]]
    ) -> None:
        self.name = sorted(CASES)[place % len(CASES)]
        must_show = must[self.name]
        own = [step for n, step in enumerate(must_show) if n % clients == place and step != 0.5]
        self.own, self.written = {step: must_show[step] for step in own}, must_show[0.5]
        self.draw = random.Random(place)  # noqa: S311  no secret

    async def visit(self, address: str, ends: float, stay: float, seen: Seen) -> None:
        """Open the page, move its slider until it is time to go, leave; and again."""
        await asyncio.sleep(self.draw.uniform(0.0, min(10.0, stay / 6)))
        while time.monotonic() < ends:
            leaves = min(ends, time.monotonic() + stay * self.draw.uniform(0.5, 1.5))
            began = time.monotonic()
            try:
                async with Page(address, f"/case/{self.name}") as page:
                    await page.until(lambda: numbers(page) == self.written, PATIENCE)
                    seen.opened.append(time.monotonic() - began)
                    await self._stay(page, leaves, seen)
            except (ClientError, SocketIOError, OSError, TimeoutError, ValueError) as error:
                seen.wrong.append(f"{type(error).__name__} {error}")
                await asyncio.sleep(1.0)

    async def _stay(self, page: Page, leaves: float, seen: Seen) -> None:
        at = 0.5
        allowed = {self.written, *self.own.values()}
        page.watch(lambda: self._look(page, allowed, seen))
        while time.monotonic() < leaves:
            drag = self.draw.sample(sorted(self.own), min(3, len(self.own)))
            at = drag[-1] if drag[-1] != at else drag[0]
            for value in drag[:-1]:
                await page.send("mine", value)
                await asyncio.sleep(0.1)
            began = time.monotonic()
            await page.send("mine", at)
            await page.until(lambda at=at: numbers(page) == self.own[at], PATIENCE)  # type: ignore[misc]
            seen.delays.append(time.monotonic() - began)
            allowed.discard(self.written)
            await asyncio.sleep(self.draw.uniform(0.5, 3.0))

    def _look(self, page: Page, allowed: set[Numbers], seen: Seen) -> None:
        """Every number shown must be one of this client's own."""
        shown = numbers(page)
        if strange := [one for n, one in enumerate(shown) if one not in {a[n] for a in allowed}]:
            seen.wrong.append(f"a number of somebody else: {strange}")


async def crowd(
    address: str, pid: int, clients: int, seconds: float, stay: float = 60.0, steps: int = STEPS
) -> Seen:
    """Let so many clients at a server; what they saw, and what memory its process took."""
    values = [round(step / steps, 6) for step in range(1, steps)]
    must = {name: alone(text, values) for name, text in CASES.items()}
    seen, began = Seen(), time.monotonic()
    watched = asyncio.create_task(_watch(pid, seen))
    people = [Client(place, clients, must) for place in range(clients)]
    await asyncio.gather(*(one.visit(address, began + seconds, stay, seen) for one in people))
    watched.cancel()
    return seen


async def _watch(pid: int, seen: Seen) -> None:
    server, began = psutil.Process(pid), time.monotonic()
    while True:
        others = server.children(recursive=True)
        resident = own = 0
        for other in others:
            try:
                found = other.memory_full_info()
            except psutil.Error:  # it has ended meanwhile
                continue
            resident, own = resident + found.rss, own + found.uss
        spent, rss = time.monotonic() - began, server.memory_info().rss
        seen.memory.append(Taken(spent, rss, resident, own, len(others)))
        await asyncio.sleep(1.0)


@contextmanager
def serving(
    folder: Path, *options: str, command: Sequence[str] = ("-m", "ceasefire", "serve")
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`ceasefire serve` on a free port, warnings being errors; its address and its process.

    folder   holds the cases
    options  further options of the command
    command  what Python runs to serve, if it is served in another way

    Ended as Ctrl-C does; what it printed after its welcome is left in its standard error.
    """
    run = [sys.executable, "-W", "error", *command, str(folder)]
    run += ["--no-open", "--port", "0", *options]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    server = subprocess.Popen(run, stderr=subprocess.PIPE, text=True, env=kept)
    assert server.stderr is not None
    try:
        said, last = "", "-"
        while last and last != "Ctrl-C ends it.\n":
            last = server.stderr.readline()
            said += last
        found = re.search(r" at (http://\S+)$", said, re.MULTILINE)
        if found is None:
            raise AssertionError(said)
        yield found[1], server
    finally:
        server.send_signal(2)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def grown(seen: Seen, warm: float) -> float:
    """Bytes by which the server grew from when it was warm to the end, medians of a fifth each."""
    late = [taken.server for taken in seen.memory if taken.seconds >= warm]
    part = max(1, len(late) // 5)
    return statistics.median(late[-part:]) - statistics.median(late[:part])


def peaks(seen: Seen, minutes: Sequence[float]) -> list[str]:
    """The most memory that was taken until each of these minutes, in words.

    seen     what was seen
    minutes  after the clients came

    >>> for line in peaks(Seen(memory=[Taken(9, 2 * 10**8), Taken(80, 3 * 10**8)]), (1, 5)):
    ...     print(line)
    peak until minute 1: server 200 MB, processes 0 MB resident, 0 MB their own
    peak until minute 5: server 300 MB, processes 0 MB resident, 0 MB their own
    """
    lines = []
    for minute in minutes:
        until = [taken for taken in seen.memory if taken.seconds <= 60 * minute]
        server, resident, own = (
            max((getattr(taken, what) for taken in until), default=0) / 1e6
            for what in ("server", "resident", "own")
        )
        lines.append(
            f"peak until minute {minute:g}: server {server:.0f} MB, "
            f"processes {resident:.0f} MB resident, {own:.0f} MB their own"
        )
    return lines


def report(seen: Seen, warm: float) -> str:
    """The figures in words."""
    delays = sorted(seen.delays) or [math.nan]
    at = {name: delays[int(share * (len(delays) - 1))] for name, share in _SHARES.items()}
    opened = seen.opened or [math.nan]
    lines = [
        f"{len(seen.delays)} drags answered: {', '.join(f'{n} {v:.2f} s' for n, v in at.items())}",
        (
            f"{len(seen.opened)} pages opened: median {statistics.median(opened):.2f} s, "
            f"slowest {max(opened):.2f} s"
        ),
    ]
    end = seen.memory[-1].seconds
    marks = {"at the start": 0.0, f"after {warm:.0f} s": warm, "at the end": end}
    for name, moment in marks.items():
        taken = min(seen.memory, key=lambda one: abs(one.seconds - moment))
        lines.append(
            f"{name}: server {taken.server / 1e6:.0f} MB, {taken.count} processes "
            f"{taken.resident / 1e6:.0f} MB resident, {taken.own / 1e6:.0f} MB their own"
        )
    lines += peaks(seen, [minute for minute in (1, 5, 10) if 60 * minute <= end + 30])
    lines.append(f"grown since {warm:.0f} s: {grown(seen, warm) / 1e6:+.1f} MB")
    kinds = Counter(seen.wrong).most_common(20)
    return "\n".join([*lines, f"{len(seen.wrong)} wrong", *(f"{n} times {w}" for w, n in kinds)])


_SHARES = {"median": 0.5, "95 % within": 0.95, "slowest": 1.0}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, let the clients in, print what they saw; 1 if anything was wrong or memory grew."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--clients", type=int, default=50, help="at most 99")
    parser.add_argument("--minutes", type=float, default=10.0)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CASES.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        with serving(Path(folder)) as (address, server):
            seconds = 60 * asked.minutes
            seen = asyncio.run(crowd(address, server.pid, asked.clients, seconds))
        said: Any = server.stderr.read() if server.stderr is not None else ""
    warm = min(60.0, seconds / 3)
    print(report(seen, warm) + (f"\nthe server said: {said}" if said else ""))
    return 1 if seen.wrong or said or not seen.delays or grown(seen, warm) > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
