"""Sweeps in a process that is killed at random moments, again and again; run as a script.

One process loads everything once and forks: each child begins to sweep at once and is killed.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from ceasefire.ask import prepare, read_claims
from ceasefire.case import load
from ceasefire.worlds import Engine, sweep

WORLDS, BATCH, LONGEST = 240, 6, 0.3


def begin(case, folder):
    child = os.fork()
    if child == 0:
        sweep(case, folder, WORLDS, engine=Engine(workers=1), batch=BATCH)
        os._exit(0)
    return child


def main(path: str, folder: str, kills: int) -> None:
    case, moment = load(path), random.Random(kills)
    prepare(case, tuple(read_claims(case).values())).read()  # compiled before the first fork
    killed = 0
    for _ in range(kills):
        child = begin(case, folder)
        time.sleep(moment.uniform(0.0, LONGEST))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        parts, whole = (len(list(Path(folder).glob(f"*/{p}"))) for p in (".*.part", "*.parquet"))
        sys.stdout.write(f"{parts} {whole}\n")
    _, status = os.waitpid(begin(case, folder), 0)
    sys.stdout.write(f"killed {killed}, then {status}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
