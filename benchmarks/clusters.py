"""A Dask and a Ray cluster on this machine, for tests and to be measured."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from distributed import Client

from ceasefire.ensemble import Engine

LONG = 300  # seconds after which what is waited for has hung; nothing takes as long
ALONE = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Engine]:
    """A scheduler and workers, each of one thread, that are not begun anew when they die."""
    port = free_port()
    place, quiet = f"tcp://127.0.0.1:{port}", ["--no-dashboard"]
    begin = [sys.executable, "-m", "dask"]
    near = ["--host", "127.0.0.1"]
    with ExitStack() as stack:
        scheduler = [*begin, "scheduler", *near, "--port", str(port), *quiet]
        stack.enter_context(running_process(folder, *scheduler))
        wait_until_listening(port)
        worker = [*begin, "worker", place, *near, "--nthreads", "1", "--no-nanny", *quiet]
        for _ in range(workers):
            stack.enter_context(running_process(folder, *worker))
        if workers:
            client: Any = Client
            with client(place, set_as_default=False, timeout=LONG) as connected:
                connected.wait_for_workers(workers, timeout=LONG)
        yield Engine("dask", place)


@contextmanager
def ray_cluster(folder: Path, workers: int = 2) -> Iterator[Engine]:
    """A node with so many processors and workers; Ray replaces those that die."""
    port = free_port()
    near = ["--node-ip-address", "127.0.0.1", "--port", str(port)]
    alone = ["--include-dashboard=false", "--disable-usage-stats", "--block"]
    size = ["--num-cpus", str(workers), "--object-store-memory", "100000000"]
    begin = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head"]
    with running_process(folder, *begin, *near, *size, *alone):
        wait_until_listening(port)
        yield Engine("ray", f"127.0.0.1:{port}")


@contextmanager
def running_process(folder: Path, *command: str) -> Iterator[int]:
    """A process that is ended with all that it began."""
    with (folder / "cluster.log").open("ab") as log:
        begun = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, env=os.environ | ALONE
        )
    try:
        yield begun.pid
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(begun.pid, number)
            except ProcessLookupError:
                break
            try:
                begun.wait(timeout=5)
            except subprocess.TimeoutExpired:
                continue
        begun.wait()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until_listening(port: int, seconds: float = LONG) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, f"nobody listens on {port}"
            time.sleep(0.1)
        else:
            return
