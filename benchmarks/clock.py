"""Times that stand comparison: processor time, in turns, medians, with what they spread over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from statistics import median
from time import process_time, thread_time
from typing import Any

from numba.core.dispatcher import Dispatcher

SHORTEST = 0.05


@dataclass(frozen=True)
class Duel:
    """Median seconds of two programs that took turns, and the ratios theirs / ours of all turns."""

    ours: float
    theirs: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio."""
        return min(self.ratios), max(self.ratios)


def seconds(do: Callable[[], Any], shortest: float = SHORTEST) -> float:
    """Processor seconds of one call, all threads together; repeated until it can be measured."""
    calls, total = 0, 0.0
    while not calls or total < shortest:
        began = process_time()
        do()
        total += process_time() - began
        calls += 1
    return total / calls


def rounds(do: Callable[[], Any], count: int) -> tuple[float, float, float]:
    """Median, least and most processor seconds of one call; the first call is not counted."""
    do()
    times = [seconds(do) for _ in range(count)]
    return median(times), min(times), max(times)


def duel(ours: Callable[[], Any], theirs: Callable[[], Any], turns: int) -> Duel:
    """Let two programs take turns, so that whatever else the machine does meets both."""
    found = [(seconds(ours), seconds(theirs)) for _ in range(turns)]
    return Duel(
        median(a for a, _ in found), median(b for _, b in found), tuple(b / a for a, b in found)
    )


@contextmanager
def in_kernels() -> Iterator[dict[str, float]]:
    """Processor seconds of this thread inside each compiled kernel that is called from Python."""
    spent: dict[str, float] = {}
    kept = []
    names = [
        f"ceasefire.{package}.{info.name}"
        for package in ("coalitions", "equilibrium", "gmcr")
        for info in iter_modules(import_module(f"ceasefire.{package}").__path__)
        if info.name != "kernels"
    ]
    for module in names:
        room = import_module(module)
        for name, kernel in list(vars(room).items()):
            if isinstance(kernel, Dispatcher):
                kept.append((room, name, kernel))
                setattr(room, name, _timed(name, kernel, spent))
    if not kept:
        raise AssertionError("no kernel was found to be timed")
    try:
        yield spent
    finally:
        for room, name, kernel in kept:
            setattr(room, name, kernel)


def where(do: Callable[[], Any], calls: int = 5) -> str:
    """Which share of the time passes in which kernel, and which outside them all."""
    with in_kernels() as spent:
        began = thread_time()
        for _ in range(calls):
            do()
        total = thread_time() - began
    parts = sorted(spent.items(), key=lambda item: -item[1])
    inside = ", ".join(f"{name} {time / total:.0%}" for name, time in parts if time > 0.01 * total)
    return f"{inside}, outside kernels {1 - sum(spent.values()) / total:.0%}"


def _timed(name: str, kernel: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        began = thread_time()
        try:
            return kernel(*arguments)
        finally:
            spent[name] = spent.get(name, 0.0) + thread_time() - began

    return run
