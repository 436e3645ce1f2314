"""`python -m benchmarks.profiles WHAT`: where the time goes, for what misses its target.

world    drawn worlds of the op-ed, the fastest, the median and the slowest: kernels and modules
slider   one solve in a drawn world of the op-ed, in the same way
update   what the recorded events of the op-ed change, without worlds, in the same way
colombia a drawn world of a check of Colombia, and an update without worlds, in the same way
trust    a thousand worlds of a case that takes milliseconds, in the same way
rival    one party, whose backward induction is compared with that of QuantEcon, in the same way
lint     a lint of Colombia in the same way; the memory of one of 1.8 million states, step by step
ray      one and two workers of a Ray cluster: how long until the first world, and after it
compile  each function of the first `ask`: its own seconds, those of LLVM and of Python
start    what `ask` and `--help` import, by package
"""

import inspect
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from cProfile import Profile
from functools import partial
from pathlib import Path
from pstats import Stats
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import psutil

from benchmarks.clock import seconds as timed
from benchmarks.clusters import ray_cluster
from benchmarks.commands import EVENTS
from benchmarks.lint import BUILD, track
from benchmarks.machines import CLUSTERED
from benchmarks.made import Ring
from benchmarks.table import seconds
from benchmarks.typed import (
    COLOMBIA,
    OPED,
    SMALL,
    SMALL_QUESTION,
    TRUST,
    program_with_memory,
    typed_with_memory,
)
from benchmarks.worlds import TEST
from ceasefire.case import load, loads
from ceasefire.cli.commands_files import lint_file
from ceasefire.ensemble import draw_worlds, sweep
from ceasefire.equilibrium import solve
from ceasefire.evidence import update
from ceasefire.game import build
from ceasefire.query import plan_questions, read_claims, read_questions

PACKAGE = f"{os.sep}ceasefire{os.sep}"
LEAST = 0.01  # share below which a part is not listed
WORLDS, RAY_WORLDS = 12, 32
_CODE = inspect.unwrap(solve).__code__
SOLVE = (_CODE.co_filename, _CODE.co_firstlineno, _CODE.co_name)  # as a profile names it
# Read by Python in a process of its own, with an empty cache: what is compiled, and for how long.
COMPILE = """
import json, sys, time
from collections import Counter
from numba.core import event
own, llvm, calls, stack = Counter(), Counter(), Counter(), []
class Watch(event.Listener):
    def on_start(self, said):
        stack.append([time.process_time(), 0.0])
    def on_end(self, said):
        began, within = stack.pop()
        took = time.process_time() - began
        if stack:
            stack[-1][1] += took
        if said.kind == "numba:llvm_lock":
            llvm[current[-1] if current else ""] += took - within
        if said.kind == "numba:compile":
            own[current.pop()] += took - within
class Names(event.Listener):
    def on_start(self, said):
        function = said.data["dispatcher"].py_func
        current.append(f"{function.__module__}.{function.__name__}")
        calls[current[-1]] += 1
    def on_end(self, said):
        pass
current = []
watch = Watch()
event.register("numba:compile", Names())
event.register("numba:compile", watch)
event.register("numba:llvm_lock", watch)
from ceasefire.cli.main import run_cli
try:
    run_cli()
finally:
    print(json.dumps([own, llvm, calls, time.process_time()]), file=sys.stderr)
"""


def world() -> Iterator[str]:
    """Where the seconds of a drawn world go."""
    case = load(str(OPED))
    plan = plan_questions(case, tuple(read_claims(case).values()))
    drawn = [*draw_worlds(case, WORLDS)]
    plan.evaluate_world()
    times = [timed(partial(plan.evaluate_world, one), 0.0) for one in drawn]
    order = sorted(range(len(drawn)), key=times.__getitem__)
    for name, place in (("fastest", 0), ("median", len(order) // 2), ("slowest", -1)):
        yield f"{name} of {len(drawn)} worlds, number {order[place] + 1}"
        yield from parts(partial(plan.evaluate_world, drawn[order[place]]))


def slider() -> Iterator[str]:
    """Where the seconds of one solve go."""
    case = load(str(OPED))
    game, one = build(case), draw_worlds(case, 1)[1]
    solve(game, one)
    yield from parts(partial(solve, game, one))


def updated() -> Iterator[str]:
    """Where the seconds of an update go."""
    case = load(str(OPED))
    update(case, worlds=0, workers=1)
    yield from parts(partial(update, case, worlds=0, workers=1))


def colombia() -> Iterator[str]:
    """Where the seconds of Colombia go: a drawn world of a check, and an update without worlds."""
    case = loads(COLOMBIA.read_text() + EVENTS)
    plan, one = plan_questions(case, tuple(read_claims(case).values())), draw_worlds(case, 1)[1]
    plan.evaluate_world(one)
    yield "one world of `check`, which the search for what turns the claims asks again and again"
    yield from parts(partial(plan.evaluate_world, one))
    yield "`update` without worlds: how fine a grid is needed, then the best estimates"
    yield from parts(partial(update, case, worlds=0, workers=1))


def trust() -> Iterator[str]:
    """Where the seconds of a thousand worlds of a small case go."""
    case = load(str(TRUST))
    plan = plan_questions(case, read_questions(case, [TEST]))
    drawn = draw_worlds(case, 1000)
    plan.evaluate_world(drawn[0])
    yield from parts(lambda: [plan.evaluate_world(one) for one in drawn])


def linted() -> Iterator[str]:
    """Where the seconds of a lint go, and its memory."""
    lint_file(str(COLOMBIA))
    yield from parts(partial(lint_file, str(COLOMBIA)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made_up.yaml"
        path.write_text(track(121, 16))
        for step, done in {
            "read it": program_with_memory(
                "from ceasefire.case import load; load(sys.argv[1])", str(path)
            ),
            "build its game": program_with_memory(BUILD, str(path)),
            "lint it": typed_with_memory("lint", str(path)),
        }.items():
            yield f"{done.memory / 1e9:5.2f} GB at most to {step}"


def rival() -> Iterator[str]:
    """Where the seconds of one party's backward induction go, and how many nodes it has."""
    ring = Ring(5000, 1, 6, 50, precision=1e9)
    game = build(ring.case())
    solve(game)
    yield from parts(partial(solve, game))
    decided = solve(game).certificate.decision_count
    nodes, branches = game.graphs[0].node_count, len(game.graphs[0].successor)
    each = timed(partial(solve, game)) / decided
    yield f"{decided:,} decisions of {ring.options} options, {1e9 * each:.0f} ns each"
    yield f"a period has {nodes:,} nodes and {branches:,} branches"


def on_ray() -> Iterator[str]:
    """What workers of a Ray cluster wait for: the first world, and each one after it."""
    case = load(str(CLUSTERED))
    for workers in (1, 2):
        with TemporaryDirectory() as folder, ray_cluster(Path(folder), workers) as engine:
            sweep(case, str(Path(folder) / "before"), 2 * workers, engine=engine)
            marks, before = [perf_counter()], _processor_seconds()
            sweep(
                case, str(Path(folder) / "timed"), RAY_WORLDS, engine=engine,
                progress=lambda *_, marks=marks: marks.append(perf_counter()),
            )  # fmt: skip
            spent = {who: took - before[who] for who, took in _processor_seconds().items()}
        first, rest = marks[1] - marks[0], marks[-1] - marks[1]
        yield (
            f"{workers} of them: {seconds(first)} until the first of {len(marks) - 1} answers, "
            f"{seconds(rest / (len(marks) - 2))} from each to the next; of a processor "
            + ", ".join(f"{seconds(took)} {who}" for who, took in spent.items())
        )


def _processor_seconds() -> Counter[str]:
    """Processor seconds of this process and of what Ray has running besides its workers."""
    found = Counter[str]()
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline())
            used = sum(process.cpu_times()[:2])
            if process.pid == os.getpid():
                found["this process"] = used
            elif "/ray/" in command and not command.startswith("ray::"):
                found["Ray itself"] += used
    return found


def compiled() -> Iterator[str]:
    """What is compiled for a first question: own seconds of each function, callees left out."""
    with TemporaryDirectory() as folder:
        own, llvm, calls, total = json.loads(
            _python("-c", COMPILE, *_asked(), NUMBA_CACHE_DIR=folder).splitlines()[-1]
        )
    spent, of_llvm = sum(own.values()) + sum(llvm.values()), sum(llvm.values())
    yield f"compiling {seconds(spent)} of {seconds(total)}, of it in LLVM {of_llvm / spent:.0%}"
    files = Counter[str]()
    for name in own:
        files[name.rpartition(".")[0]] += own[name] + llvm.get(name, 0.0)
    for name, each in files.most_common():
        if each > LEAST * spent:
            yield f"{each:7.2f} s  {each / spent:4.0%}  all of {name}"
    for name in sorted(own, key=lambda one: -own[one] - llvm.get(one, 0.0)):
        each, machine = own[name] + llvm.get(name, 0.0), llvm.get(name, 0.0)
        if each > LEAST * spent:
            share = f"{each:7.2f} s  {each / spent:4.0%}  LLVM {machine / each:4.0%}"
            yield f"{share}  {name} ({calls[name]})"


def started() -> Iterator[str]:
    """What is imported for a question and for the help page, own milliseconds of each package."""
    for words in (_asked(), ("--help",)):
        spent = Counter[str]()
        for line in _python("-X", "importtime", "-m", "ceasefire", *words).splitlines():
            fields = line.removeprefix("import time:").split("|")
            if len(fields) == 3 and fields[0].strip().isdigit():
                package, *inside = fields[2].strip().split(".")
                spent[".".join([package, *inside[: package == "ceasefire"]])] += int(fields[0])
        yield f"`{words[0]}` imports {spent.total() / 1e3:.0f} ms"
        for name, each in spent.most_common():
            if each > LEAST * spent.total():
                yield f"{each / 1e3:7.0f} ms  {each / spent.total():4.0%}  {name}"


def parts(do: Callable[[], Any]) -> Iterator[str]:
    """Where the seconds of a call go: each kernel, and each module by what passes outside them.

    do  is called once; what a module calls elsewhere, in NumPy or Python, counts as the module's
    """
    profile = Profile(process_time)
    profile.enable()
    try:
        do()
    finally:
        profile.disable()
    stats = Stats(profile)
    found = by_module(stats)
    total = found.total()
    kernels = sum(time for name, time in found.items() if name.startswith("kernel "))
    games, *_ = stats.stats.get(SOLVE, (0,))  # type: ignore[attr-defined]
    yield f"{seconds(total)}, of it {kernels / total:.0%} in kernels; {games:,} solutions"
    for name, time in found.most_common():
        if time > LEAST * total:
            yield f"{time:7.3f} s  {time / total:4.0%}  {name}"


def by_module(stats: Stats) -> Counter[str]:
    """Own seconds by kernel and by module of the package; other code counts where it was called.

    stats  of a profile; Numba tells the profiler when a kernel begins and ends
    """
    found = Counter[str]()
    for where, (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        if PACKAGE in where[0] or not callers:
            found[_part(where)] += own
            continue
        for caller, (_, _, of_caller, _) in callers.items():
            found[_part(caller)] += of_caller
    return found


def _part(where: tuple[str, int, str]) -> str:
    file, _, function = where
    if PACKAGE not in file:
        return "other packages"
    module = file.rpartition(PACKAGE)[2].removesuffix(".py").replace(os.sep, ".")
    return f"kernel {function}" if "kernels" in module else module


def _asked() -> tuple[str, ...]:
    return ("ask", str(SMALL), SMALL_QUESTION)


def _python(*words: str, **changed: str) -> str:
    """What a Python of its own says on standard error."""
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=True,
        env={**os.environ, **changed},
    )  # fmt: skip
    return done.stderr


PROFILES = {
    "world": world,
    "slider": slider,
    "update": updated,
    "colombia": colombia,
    "trust": trust,
    "rival": rival,
    "lint": linted,
    "ray": on_ray,
    "compile": compiled,
    "start": started,
}


def main() -> None:
    """Print the profiles that are named, or all."""
    parser = ArgumentParser(prog="python -m benchmarks.profiles", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="WHAT", help=f"of {', '.join(PROFILES)}")
    which = parser.parse_args().which
    if strangers := set(which) - set(PROFILES):
        parser.error(f"no such profile: {', '.join(sorted(strangers))}; one of {[*PROFILES]}")
    for name in which or PROFILES:
        print(f"{name}: {(PROFILES[name].__doc__ or '').strip()}")
        for line in PROFILES[name]():
            print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
