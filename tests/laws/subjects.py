"""What laws are tried on: every small case, every shipped case, and random ones.

A subject is a case taken apart, so that a law can change it, with formulas that tell what happens
in it. Shipped cases are cut short here; `whole=True` leaves them as they are.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ceasefire.case import Case, dump, load, loads
from support.case_strategies import DrawnCase, as_yaml, small_cases
from support.signalling_strategies import signal_cases
from verification.shipped import games

ROOT = Path(__file__).parents[2]
SHORT = {
    "ukraine-2025": 2,
    "coalition-2025": 6,
    "trust-after-regime-change": 4,
    "spoiler-1997": 1,
    "settlement": 2,
    "forts": 25,
    "colombia-2012": 3,
}
PROSE = ("about", "unit", "source")
ASIDE = ("title", "sources", "claims", "events", "forecasts")
Spec = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """A case as nested dicts, every default filled in, and what is asked of it.

    parties   everybody, whatever the order in which they are told
    formulas  what may be said of a play of it
    grid      belief nodes per party with types
    slow      whether the slow twin, too, can answer about it
    """

    name: str
    spec: Spec
    parties: tuple[str, ...]
    formulas: tuple[str, ...]
    grid: int | None = None
    slow: bool = False

    @cached_property
    def text(self) -> str:
        """The case as an analyst would write it."""
        return as_yaml(self.spec)

    @cached_property
    def case(self) -> Case:
        """The case as the package understands it."""
        return loads(self.text)

    @property
    def hidden(self) -> list[str]:
        """The parties with types."""
        return [name for name in self.parties if "types" in self.spec["parties"][name]]

    def types(self, party: str) -> list[str]:
        """The two types of a party."""
        return list(self.spec["parties"][party]["types"])

    def changed(self, change: Callable[[Spec], None]) -> "Subject":
        """The subject with its case changed in place by a function."""
        spec = YAML(typ="safe").load(self.text)
        change(spec)
        return replace(self, spec=spec)


def subject(
    case: Case,
    name: str,
    *,
    periods: int | None = None,
    grid: int | None = None,
    slow: bool = False,
) -> Subject:
    """Take a case apart as it is written first; with `periods` it is cut short."""
    alone = replace(case, alternatives={}, codings=(), chosen={}, as_written={})
    spec = _plain(YAML(typ="safe").load(io.StringIO(dump(alone))))
    spec = {key: part for key, part in spec.items() if key not in ASIDE}
    if periods is not None:
        spec |= {"horizon": periods, "tail": min(case.tail, 1)}
    formulas = tuple(_formulas(case, spec["horizon"]))
    return Subject(name, spec, tuple(case.parties), formulas, grid, slow)


def _plain(part: Any) -> Any:
    """Without what is there for readers only."""
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items() if key not in PROSE}
    return [_plain(each) for each in part] if isinstance(part, list) else part


def _formulas(case: Case, horizon: int) -> list[str]:
    """Ten formulas of every kind over the events and the state of a case."""
    acts = [*case.moves, *(f"{t}.{d}" for t, rules in case.tables.items() for d in rules.deals)]
    events = [f"happens({name})" for name in [*case.chance, *acts]]
    events += [f"broken({name})" for name in case.promises]
    tests = []
    for name, variable in case.variables_and_promises.items():
        other = next(value for value in reversed(variable.values) if value != variable.start)
        if variable.kind == "boolean":
            tests.append(f"not {name}" if variable.start else name)
        else:
            tests.append(f"{name} == {other}")
    one, two = tests[0], tests[-1]
    event = events[-1] if events else two
    return [
        *(f"eventually({each})" for each in islice(reversed(events), 3)),
        *(f"at_end({each})" for each in tests[:2]),
        f"until(not ({one}), {two})",
        f"before({event}, {one})",
        f"lasting({one}, {min(2, horizon)})",
        f"always(not ({two}))",
        f"eventually({one}) and not at_end({two})",
    ]


def drawn(strategy: st.SearchStrategy[DrawnCase], count: int) -> list[DrawnCase]:
    """So many random cases, the same ones each time."""
    found: list[DrawnCase] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(small: DrawnCase) -> None:
        found.append(small)

    collect()
    return found


RANDOM = {
    "plain": (small_cases(0, 2), 4, None),
    "typed": (small_cases(1, 2), 4, 9),
    "twice": (small_cases(2, 2), 2, 5),
    "signal": (signal_cases(1, 2), 3, 9),
}
QUICK_TWIN = ("centipede", "deterrence", "guarantee", "sequencing", "trust")


def shipped(*, whole: bool = False) -> list[Subject]:
    """Every game that ships, cut short unless the whole of it is wanted."""
    found = []
    for path in games():
        case = load(path)
        hidden = sum(bool(party.types) for party in case.parties.values())
        short = {} if whole else {"periods": SHORT[path.stem], "grid": (None, 9, 3)[hidden]}
        found.append(subject(case, path.stem, **short))
    return found


def small() -> list[Subject]:
    """Every small case of the tests."""
    paths = sorted((ROOT / "tests" / "cases_small").glob("*.yaml"))
    return [
        subject(
            load(path), path.stem, periods=SHORT.get(path.stem), grid=9,
            slow=path.stem in QUICK_TWIN,
        )
        for path in paths
    ]  # fmt: skip


def random() -> list[Subject]:
    """Random cases over the whole format, with types and without."""
    return [
        subject(loads(each.text), f"{name}{n}", grid=grid, slow=name == "plain")
        for name, (strategy, count, grid) in RANDOM.items()
        for n, each in enumerate(drawn(strategy, count))
    ]
