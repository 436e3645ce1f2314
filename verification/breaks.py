"""Breaks the package line by line, and shows that a test fails each time: `make breaks`.

    python -m verification.breaks [--fast] [--only TEXT] [--jobs N]

Everything happens in copies of the repository. First the tests that are named must pass on the
package as it is. Then each break is made in a fresh copy, and its test must fail: exit status 1
of pytest, from a comparison or an error of ours. A test that cannot be collected, or a crash of
the broken line itself (a name that does not exist, a wrong type), proves nothing and is a fault
of the break. Numba's compiled kernels travel with the copy. A broken kernel is run as Python,
where its test takes seconds and compiling a minute or more; where Python is the slower one, what
was compiled of it and of all that imports it is thrown away, since Numba does not look there.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from verification.broken import BREAKS, SOURCE, Break

ROOT = Path(__file__).parents[1]
COPIED = ("src", "tests", "cases", "verification", "pyproject.toml")
CRASH = re.compile(
    r"^E +(?:\w+\.)*(NameError|UnboundLocalError|TypeError|AttributeError|ImportError"
    r"|ModuleNotFoundError|SyntaxError|IndentationError|TypingError|LoweringError)\b",
    re.MULTILINE,
)
LONGEST = 900


class Outcome(NamedTuple):
    """What a test said to a break: `caught`, `SURVIVED`, or why the break proves nothing."""

    word: str
    seconds: float
    said: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make every break that is asked for; 1 if any is not caught."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--fast", action="store_true", help="every tenth break only")
    parser.add_argument("--only", default="", help="breaks whose file or test holds this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="tests at once")
    asked = parser.parse_args(arguments)
    chosen = [
        one
        for one in (fast(BREAKS) if asked.fast else BREAKS)
        if asked.only in f"{one.file} {one.test}"
    ]
    if not chosen:
        parser.error(f"no break's file or test holds {asked.only!r}")
    with TemporaryDirectory(prefix="breaks-") as folder:
        whole = Path(folder) / "whole"
        for name in COPIED:
            copy(ROOT / name, whole / name)
        if not sound(whole, chosen, asked.jobs):
            return 1
        copies = [Path(folder) / f"broken-{number}" for number in range(len(chosen))]
        lost = 0
        with ThreadPoolExecutor(asked.jobs) as pool:
            outcomes = pool.map(attempt, repeat(whole), copies, chosen)
            for number, (one, outcome) in enumerate(zip(chosen, outcomes, strict=True), start=1):
                lost += outcome.word != "caught"
                print(f"{number:3}/{len(chosen)} {outcome.word:8} {outcome.seconds:4.0f} s  {one}")
                print(outcome.said, end="", flush=True)
    print(f"{len(chosen) - lost} of {len(chosen)} breaks caught")
    return 1 if lost else 0


def fast(breaks: Sequence[Break]) -> Sequence[Break]:
    """The tenth of the breaks that CI makes: every tenth of each package, its first among them."""
    chosen, seen = [], Counter[Path]()
    for one in breaks:
        if seen[one.path.parent] % 10 == 0:
            chosen.append(one)
        seen[one.path.parent] += 1
    return chosen


def sound(whole: Path, breaks: Iterable[Break], jobs: int = 1) -> bool:
    """Whether all tests that are named pass on the package as it is."""
    breaks = list(breaks)
    begun, count = time.monotonic(), 0
    shared = ("--numprocesses", str(jobs), "--dist", "loadfile")
    for interpreted in (False, True):
        named = dict.fromkeys(one.test for one in breaks if one.interpreted is interpreted)
        ran = run(whole, *shared, *named, interpreted=interpreted) if named else None
        if ran is not None and ran.returncode:
            print(ran.stdout[-4000:] + ran.stderr[-2000:])
            print("the package as it is does not pass the tests that are named")
            return False
        count += len(named)
    print(f"unbroken: {count} tests and files pass, {time.monotonic() - begun:.0f} s")
    return True


def attempt(whole: Path, broken: Path, one: Break) -> Outcome:
    """Break a fresh copy, run the test on it and throw it away."""
    copy(whole, broken)
    one.apply(broken)
    if one.compiled:
        forget(broken, one.path)
    begun = time.monotonic()
    try:
        ran = run(broken, one.test, longest=LONGEST, interpreted=one.interpreted)
    except subprocess.TimeoutExpired:
        return Outcome("ENDLESS", LONGEST)
    finally:
        shutil.rmtree(broken)
    spent = time.monotonic() - begun
    if ran.returncode == 0:
        return Outcome("SURVIVED", spent)
    crash = CRASH.search(ran.stdout)
    if ran.returncode == 1 and "\nFAILED " in ran.stdout and not crash:
        return Outcome("caught", spent)
    word = crash[1] if crash else f"STATUS {ran.returncode}"
    return Outcome(word, spent, ran.stdout[-3000:] + ran.stderr[-1000:])


def run(
    root: Path, *asked: str, longest: float | None = None, interpreted: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run tests on the package in `root`, stopping at the first that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *asked]
    return subprocess.run(
        command,
        cwd=root,
        env={
            **os.environ,
            "PYTHONPATH": str(root / "src"),
            "NUMBA_DISABLE_JIT": str(int(interpreted)),
        },
        capture_output=True,
        text=True,
        timeout=longest,
        check=False,
    )


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder with its times, by which Numba knows what it compiled."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".hypothesis"))
    else:
        shutil.copy2(source, target)


def forget(root: Path, kernel: Path) -> None:
    """Throw away what was compiled of a kernel and of every kernel that imports it."""
    for name in dependents(root, module(kernel)):
        path = root / "src" / (name.replace(".", "/") + ".py")
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.nb?"):
            compiled.unlink()


def dependents(root: Path, name: str) -> set[str]:
    """A kernel module and all kernel modules that import it, directly or not."""
    imports = {
        module(path.relative_to(root)): imported(path)
        for pattern in ("*/kernels.py", "*/kernels/*.py")
        for path in root.glob(f"{SOURCE}/{pattern}")
    }
    found = {name}
    while more := {other for other, names in imports.items() if names & found} - found:
        found |= more
    return found


def module(path: Path) -> str:
    """The name of a module of the package, from its path in the repository."""
    return ".".join(path.relative_to("src").with_suffix("").parts)


def imported(path: Path) -> set[str]:
    """The modules that a file imports from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


if __name__ == "__main__":
    sys.exit(main())
