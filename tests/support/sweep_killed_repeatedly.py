"""Sweeps in a process that is killed at random moments, again and again; run as a script.

One process loads everything once and forks: each child begins to sweep at once and is killed.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from ceasefire.case import load
from ceasefire.ensemble import Engine, sweep
from ceasefire.query import plan_questions, read_claims

MANY, BATCH = 100_000, 6


def begin(case, folder, worlds):
    child = os.fork()
    if child == 0:
        sweep(case, folder, worlds, engine=Engine(workers=1), batch=BATCH)
        os._exit(0)
    return child


def main(path: str, folder: str, kills: int, worlds: int) -> None:
    case, moment = load(path), random.Random(kills)
    plan_questions(
        case, tuple(read_claims(case).values())
    ).evaluate_world()  # compiled before the first fork
    killed, longest, held = 0, 0.1, 0
    for _ in range(kills):
        child = begin(case, folder, MANY)
        time.sleep(moment.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        whole = len(list(Path(folder).glob("*/*.parquet")))
        longest *= 1.5 if whole == held else 0.75  # about one in two gets a batch done
        held = whole
        sys.stdout.write(f"{held}\n")
    worlds = worlds or (held + 1) * BATCH
    _, status = os.waitpid(begin(case, folder, worlds), 0)
    sys.stdout.write(f"killed {killed}, then {status}\n{worlds}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
