"""Two cases side by side: the thesis and its rival, claim by claim."""

from collections.abc import Mapping
from functools import partial
from html import escape

from nicegui import ui

from ceasefire.case import Case
from ceasefire.evidence import Compared
from ceasefire.show.compared import doubts, expectations, favoured
from ceasefire.show.words import counted, likely, number
from ceasefire.web import jobs, parts
from ceasefire.web.draft import Draft
from ceasefire.web.found import Line
from ceasefire.web.frame import SOME, Block, HowMany, Words, button, status
from ceasefire.web.parts import Html
from ceasefire.web.session import Session
from ceasefire.web.verdicts import Under

SIGNS = {True: "✓ true", False: "✗ false", None: "? no answer"}


class Beside:
    """Both cases, and a table of the claims of either."""

    def __init__(self, left: Session, right: Session) -> None:
        self.sides = (left, right)
        self.under: list[Under] = []
        with ui.element("div").classes("beside two"):
            for side in self.sides:
                with ui.element("section").classes("card"):
                    head = Words("h2", side.name)
                    self.under.append(Under(side, "best", "Solving", "Cancel"))
                    self.under.append(Under(side, "shares", "Worlds", "Stop and keep what is done"))
                    trouble, foot = Block(), Block()
                    button("Compute the shares", side.share)
                    ui.link("Open this case", f"/case/{side.name}").classes("small q-ml-sm")
                side.changed.append(partial(self._side, side, head, trouble, foot))
        self.said = status()
        self.favoured = Favoured(left, right)
        self.table = Block()
        self.differences = Block()
        ui.timer(0.5, self._tick)

    def _tick(self) -> None:
        for under in self.under:
            under.show()

    def _side(self, side: Session, head: Words, trouble: Block, foot: Block, what: str) -> None:
        if what == "progress":
            return
        if side.case is not None:
            head.set_text(side.case.title)
        wrong = [*map(side.shown, side.problems), *side.wrong("best", "shares")]
        trouble.set_content(parts.problem_list(wrong))
        if side.shares is not None:
            foot.set_content(
                parts.certificate(side.shares.checked.best.numerics, side.shares.checked.ran)
            )
        elif side.best is not None:
            foot.set_content(parts.certificate(side.best.numerics, seconds=side.best.seconds))
        self._both()

    def _both(self) -> None:
        left, right = self.sides
        if left.case is None or right.case is None:
            return
        names = dict.fromkeys([*left.case.claims, *right.case.claims])
        rows = [
            [_named(name, left.case, right.case), _cell(left, name), _cell(right, name)]
            for name in names
        ]
        heads = ["claim", left.name, right.name]
        self.table.set_content(parts.table(heads, rows, "The claims of both cases", words=3))
        self.differences.set_content(differences(left.case, right.case, left.name, right.name))
        same = [n for n in names if not tests_differ(n, left.case, right.case)]
        both = [n for n in same if n in left.lines and n in right.lines]
        apart = sum(left.lines[n].claim.best is not right.lines[n].claim.best for n in both)
        if both:
            made = f"Of {counted(len(both), 'test')} that both cases make, {apart}"
            self.said.set_text(f"{made} {'comes' if apart == 1 else 'come'} out differently.")


class Favoured:
    """Which of two cases the events favour, once somebody asks."""

    def __init__(self, left: Session, right: Session) -> None:
        self.left, self.right = left, right
        with ui.element("section").classes("card") as self.box:
            Words("h2", "Which of the two do the events favour?")
            with ui.row().classes("items-center"):
                self.count = HowMany(SOME, 0, "From").style("min-width: 9rem")
                button("Ask the events", self._ask, quiet=False)
            self.under = Under(left, "rivals", "Following what happened in both", "Cancel")
            self.said = status()
            self.trouble, self.found = Block(), Block()
        self.box.set_visibility(False)
        for side in (left, right):
            side.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def _ask(self) -> None:
        self.said.set_text("")
        self.found.set_content("")
        other = self.right.draft
        self.left.run("rivals", jobs.rivals, other, self.count.worlds, then=self._tell)

    def _tell(self, _: Draft, found: Compared) -> None:
        first, *rest = (text.plain for text in favoured(found, self._names))
        self.said.set_text(first)
        rows = [
            [str(fact.period), fact.words, *("no answer" if e is None else likely(e) for e in each)]
            for fact, each in expectations(found)
        ]
        heads = ["period", "event", *self._names]
        told = "".join(
            f'<p class="small soft">{escape(text)}</p>' for text in (*rest, *found.notes)
        )
        told += "".join(
            f'<p class="doubt small">{escape(text.plain)}</p>'
            for text in doubts(found, self._names)
        )
        caption = "What has happened, and how likely each case held it to be"
        self.found.set_content(told + parts.table(heads, rows, caption, words=2))

    @property
    def _names(self) -> list[str]:
        return [self.left.name, self.right.name]

    def show(self, what: str) -> None:
        """Show what is new."""
        cases = (self.left.case, self.right.case)
        self.box.set_visibility(all(cases) and any(case.events for case in cases if case))
        self.under.show()
        if what in ("progress", "rivals"):
            self.trouble.set_content(parts.problem_list(self.left.wrong("rivals")))


def _named(name: str, left: Case, right: Case) -> str:
    """The name of a claim and what it says; both sentences where they are not the same."""
    said = [case.claims[name].says for case in (left, right) if name in case.claims]
    texts = " / ".join(dict.fromkeys(text.strip() for text in said if text))
    other = '<div class="doubt small">not the same test</div>'
    note = other if tests_differ(name, left, right) else ""
    return Html(f'<span class="name-of">{escape(name)}</span>{escape(texts)}{note}')


def tests_differ(name: str, left: Case, right: Case) -> bool:
    """Whether both cases make a claim, with tests that are not the same."""
    tests = {case.claims[name].test for case in (left, right) if name in case.claims}
    return len(tests) > 1


def _cell(side: Session, name: str) -> str:
    line: Line | None = side.lines.get(name)
    if side.case is None or name not in side.case.claims:
        return "no such claim"
    best = SIGNS[line.claim.best] if line is not None else "…"
    if side.shares is None:
        return best
    found = {v.claim.id: v.share for v in side.shares.checked.verdicts}.get(name)
    if found is None or found.share is None:
        return best
    return f"{best}; {found.share:.0%}, {found.verdict}"


def differences(left: Case, right: Case, first: str, second: str) -> str:
    """What either case has that the other has not, and unknowns with other best values."""
    rows = []
    kinds: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
        "party": (left.parties, right.parties),
        "table": (left.tables, right.tables),
        "move": (left.moves, right.moves),
        "chance": (left.chance, right.chance),
        "unknown": (left.unknowns, right.unknowns),
    }
    for kind, (one, other) in kinds.items():
        for name in dict.fromkeys([*one, *other]):
            if (name in one) != (name in other):
                rows.append(
                    [
                        f"{kind} {name}",
                        *("yes" if name in those else "no" for those in (one, other)),
                    ]
                )
            elif one[name] != other[name]:
                rows.append([f"{kind} {name}", *_values(kind, name, left, right)])
    if not rows:
        return "<p>Parties, tables, moves, chance and unknowns are the same.</p>"
    return "<h2>Where they differ</h2>" + parts.table(
        ["what", first, second], rows, "Differences", words=3
    )


def _values(kind: str, name: str, left: Case, right: Case) -> list[str]:
    if kind != "unknown":
        return ["otherwise", "otherwise"]
    return [number(case.unknowns[name].best) for case in (left, right)]
