"""Every quantity of DESIGN section 4, counted out over whole histories."""

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from twin.choices import belief, plays, signs
from twin.codings import Codings
from twin.equilibrium import Equilibrium
from twin.expressions import TwinError, parse, walk
from twin.histories import label
from twin.plays import Asked, expectation, kept, probability, time, value
from twin.positions import Variant
from twin.power import can
from twin.rules import Rules
from twin.whole import WholeEquilibrium

Options = dict[str, Any]  # as written, but `start` as pairs of a variable and a value

QUANTITIES: dict[str, Callable[[Asked], Any]] = {
    "P": probability,
    "E": expectation,
    "time": time,
    "value": value,
    "plays": plays,
    "signs": signs,
    "belief": belief,
    "can": can,
    "kept": kept,
}


class Twin:
    """A case in one world, asked anything.

    `quick` is told in `Equilibrium`; `most` bounds the decisions it may take to answer. `codings`
    reads the case with other options of its alternatives, where a question asks for them.

    >>> from ceasefire.case import loads
    >>> text = '''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}}
    ... state: {peace: {}}
    ... chance: {luck: {outcomes: [{chance: 0.5, set: {peace: true}}]}}
    ... '''
    >>> Twin(loads(text)).ask("P(eventually(peace)) + time(peace)")
    2.25
    """

    def __init__(
        self,
        case: Any,
        world: Mapping[str, float] | None = None,
        *,
        quick: bool = False,
        most: int = 10**9,
        codings: Codings | None = None,
    ) -> None:
        self.case, self.world, self.quick, self.most = case, dict(world or {}), quick, most
        self.codings = codings
        self._solved: dict[str, Equilibrium] = {}
        self._decided: Options = {}
        self.runs: dict[Any, Any] = {}

    @property
    def unresolved(self) -> int:
        """Decisions whose branch was lost, in everything asked so far."""
        return sum(each.unresolved for each in self._solved.values())

    @property
    def branch_points(self) -> int:
        """Decisions whose branch met a branch point, in everything asked so far."""
        return sum(each.branch_points for each in self._solved.values())

    def ask(self, text: str, lever: str | None = None) -> Any:
        """The value of an expression over quantities; None where a condition has probability 0.

        `lever` is what somebody has decided, an id of the case.
        """
        call = parse(f"f({self.case.levers[lever].set})" if lever else "f()")
        assert isinstance(call, ast.Call)
        self._decided = {str(keyword.arg): keyword.value for keyword in call.keywords}
        return self._walk(parse(text), {})

    def is_true(self, claim: str) -> Any:
        """Whether a claim is true: its test or, without one of its own, that its premises are."""
        written = self.case.claims[claim]
        if not written.test_is_premises:
            return self.ask(written.test)
        return all(self.is_true(premise) for premise in written.because)

    def _walk(self, node: ast.expr, outer: Options) -> Any:
        """The value of an expression; what stands in `least` takes over its options."""

        def call(inner: ast.Call) -> Any:
            assert isinstance(inner.func, ast.Name)
            own = {str(keyword.arg): keyword.value for keyword in inner.keywords}
            starts = [*outer.get("start", []), *pairs(own.get("start"))]
            options = {**outer, **own, "start": starts}
            options["coding"] = [*outer.get("coding", []), *pairs(own.get("coding"))]
            if inner.func.id == "least":
                return self._least(inner.args[0], inner.args[1], options)
            return QUANTITIES[inner.func.id](self._asked(inner, options))

        return walk(node, lambda name: self._number_or_word(name, outer), call)

    def _number_or_word(self, name: str, outer: Options) -> Any:
        """An unknown is its value in this world; any other name stands for itself."""
        case = self._case(outer)
        if name not in case.unknowns:
            return name
        given = {label(k): float(v) for k, v in self._pairs("given", outer)}
        return given.get(name, self.world.get(name, case.unknowns[name].best))

    def _case(self, options: Options) -> Any:
        """The case that is asked."""
        coding = {label(k): str(v) for k, v in options.get("coding", [])}
        if not coding:
            return self.case
        assert self.codings is not None, "a coding is asked for, and the text is not known"
        return self.codings.case(coding)

    def _pairs(self, option: str, options: Options) -> list[tuple[ast.expr, Any]]:
        """What a question sets by an option after what has been decided."""
        return pairs(self._decided.get(option)) + pairs(options.get(option))

    def _least(self, variable: ast.expr, test: ast.expr, options: Options) -> float:
        for number in sorted(self._case(options).state[label(variable)].values):
            start = [*options["start"], (variable, number)]
            if self._walk(test, {**options, "start": start}):
                return float(number)
        return math.inf

    def _asked(self, node: ast.Call, options: Options) -> Asked:
        """The quantity with the options that change the game read."""
        variant = Variant(
            without=frozenset(
                labels(self._decided.get("without")) + labels(options.get("without"))
            ),
            closed={label(k): int(v) for k, v in self._pairs("closed", options)},
            given={label(k): float(v) for k, v in self._pairs("given", options)},
            sharper=float(plain(options["sharper"])) if "sharper" in options else 1.0,
            selection=label(options["selection"]) if "selection" in options else "principal",
        )
        case = self._case(options)
        coding = repr({label(k): v for k, v in options.get("coding", [])})
        key = f"{variant!r} {coding}"
        if key not in self._solved:
            rules = Rules(case, variant, self.world)
            whole = variant.selection == "whole" and bool(rules.hidden)
            kind = WholeEquilibrium if whole else Equilibrium
            self._solved[key] = kind(rules, quick=self.quick, most=self.most)
        horizon = case.horizon
        within = int(plain(options["within"])) if "within" in options else horizon
        return Asked(
            self._solved[key],
            arguments=list(node.args),
            types={label(k): str(v) for k, v in pairs(options.get("types"))},
            start={label(k): v for k, v in [*pairs(self._decided.get("start")), *options["start"]]},
            periods=within,
            at=int(plain(options["at"])) if "at" in options else None,
            by=label(options["by"]) if "by" in options else None,
            kind=label(options["type"]) if "type" in options else None,
            after=labels(options.get("after")),
            provided=options.get("provided"),
            runs=self.runs.setdefault(coding, {}),
        )


def plain(node: ast.expr) -> Any:
    """A number, a word or true and false."""
    return walk(node, lambda name: name)


def labels(node: ast.expr | None) -> list[str]:
    """One dotted name, or a list of them."""
    if node is None:
        return []
    if isinstance(node, ast.List | ast.Tuple):
        return [label(item) for item in node.elts]
    return [label(node)]


def pairs(node: ast.expr | None) -> list[tuple[ast.expr, Any]]:
    """The entries of {name: value}."""
    if node is None:
        return []
    assert isinstance(node, ast.Dict)
    keys = [key for key in node.keys if key is not None]
    return [(key, plain(entry)) for key, entry in zip(keys, node.values, strict=True)]


__all__ = ["Twin", "TwinError"]
