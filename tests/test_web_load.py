"""A few people at one server for seconds; verification/load.py has fifty for ten minutes."""

import asyncio

from verification.load import CASES, Client, Seen, Taken, alone, crowd, grown, report, serving

SECONDS, ROUNDS = 12.0, 25


def test_clients_see_their_own_numbers_and_memory_is_bounded(tmp_path):
    for name, text in CASES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with serving(tmp_path, "--worlds", "4") as (address, server):
        asyncio.run(crowd(address, server.pid, 1, 0.1, steps=20))  # until the solver is loaded
        seen = asyncio.run(crowd(address, server.pid, 3, SECONDS, stay=SECONDS / 3, steps=20))
        for _ in range(ROUNDS):  # on a machine that is busy it takes longer until enough is said
            if len(seen.delays) >= 3:
                break
            seen = asyncio.run(crowd(address, server.pid, 3, SECONDS, stay=SECONDS / 3, steps=20))
    said = server.stderr.read()
    server.stderr.close()
    assert not said
    assert seen.wrong == []
    assert len(seen.delays) >= 3
    assert grown(seen, SECONDS / 3) < 30e6


class Drawn:
    """A page that shows these numbers."""

    def __init__(self, *shown: str) -> None:
        self.shown = shown

    def blocks(self):
        return [f'<code class="numbers">{one}</code>' for one in self.shown]


def test_load_check_detects_foreign_numbers_and_growth():
    must = {name: alone(text, (0.25, 0.5, 0.75)) for name, text in CASES.items()}
    one, seen = Client(0, 2, must), Seen()
    mine, theirs = must["one.yaml"][0.25], must["one.yaml"][0.75]
    one._look(Drawn(*mine), {mine}, seen)
    assert seen.wrong == []
    one._look(Drawn(theirs[0].replace(">", "&gt;"), mine[1]), {mine}, seen)
    assert seen.wrong == [f"a number of somebody else: {[theirs[0]]}"]
    seen.memory = [Taken(float(n), 10**6 * n, 10**7 * n) for n in range(100)]
    assert grown(seen, 10.0) > 50e6
    assert "peak until minute 1: server 60 MB, processes 600 MB resident" in report(seen, 10.0)
