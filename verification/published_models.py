"""Models of the literature that ship as cases, against what is published of them.

What each is checked for is in `published_models.yaml`: numbers at the best estimates, and
thresholds that `trace` finds. Two models are checked for more here, one in `war_offers`.

Battles: a war over N forts is a gambler's ruin. From k forts, with p the chance of winning a battle
and q = 1 - p, the attacker wins the war with probability (1 - (q/p)^k) / (1 - (q/p)^N), and each
battle moves the odds of its strength by the ratio of its chances. Sources: Feller (1968), chapter
XIV.2; Smith & Stam (2004), Journal of Conflict Resolution 48; Slantchev (2003), American Political
Science Review 97.

A mediator that knows (Kydd 2003, American Journal of Political Science 47), in two types and two
words: calling an irresolute rival resolute saves it the risk s of war, which costs 1; telling the
truth is worth its share b of what the side gains, (1 - s) - s c. It can be believed from
b = s / ((1 - s) - s c) on, where it does either half the time, and with b = 0 never.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ceasefire.case import Case, load
from ceasefire.ensemble import trace
from ceasefire.query import plan_questions, read_questions
from ceasefire.settings import SolveSettings
from verification import war_offers
from verification.table import Row

MODELS = Path(__file__).parents[1] / "cases" / "models"
EXACT, SHARP, LOGIT = 1e-9, 1e-6, 1e-3


@dataclass(frozen=True)
class PublishedNumber:
    """One number of a model, and the question or the threshold that answers it.

    says       what it is, with its formula
    ask        a question at the best estimates; None for a threshold
    turns      a test that turns just once along `over`; None for a question
    over       the unknown that moves, as `trace` has it
    why        what moves our number, where the tolerance is not tight
    grid       belief nodes; None for what is chosen
    """

    model: str
    says: str
    expected: float
    tolerance: float = LOGIT
    ask: str | None = None
    turns: str | None = None
    over: str = ""
    why: str = ""
    grid: int | None = None

    def ours(self, case: Case) -> float:
        """What we get; not a number where there is no answer, or not just one threshold."""
        if self.ask is not None:
            return answer(case, self.ask, self.grid)
        found = trace(case, str(self.turns), over=self.over, points=5, grid=self.grid, workers=1)
        return found.thresholds[0].at if len(found.thresholds) == 1 else math.nan


@dataclass(frozen=True)
class PublishedModel:
    """A model of `cases/models`, what is published of it, and what its figure shows.

    figure  the questions (`ask`) and the unknown (`over`), with `points` if they are few or many
    grid    belief nodes, where those that would be chosen take long; else None
    """

    name: str
    numbers: tuple[PublishedNumber, ...]
    figure: dict[str, Any]
    grid: int | None = None

    @property
    def path(self) -> Path:
        """Its file."""
        return MODELS / f"{self.name}.yaml"


def published_models() -> tuple[PublishedModel, ...]:
    """All models, in the order of the page."""
    page = YAML(typ="safe").load(Path(__file__).with_suffix(".yaml"))
    return tuple(
        PublishedModel(
            one["model"],
            tuple(
                PublishedNumber(one["model"], grid=one.get("grid"), **row) for row in one["rows"]
            ),
            one["figure"],
            one.get("grid"),
        )
        for one in page["models"]
    )


def answer(case: Case, question: str, grid: int | None = None) -> float:
    """What is answered at the best estimates, with so many belief nodes."""
    plan = plan_questions(case, read_questions(case, [question]), SolveSettings(grid=grid))
    found = plan.evaluate_world(dict(case.best_estimates)).values[0]
    return math.nan if found is None else float(found)


def wins_war(battle: float, forts: int, all_forts: int) -> float:
    """The gambler's ruin: who wins a battle with this chance holds so many forts of so many."""
    odds = (1.0 - battle) / battle
    return (1.0 - odds**forts) / (1.0 - odds**all_forts)


def rows() -> Iterator[Row]:
    """One row for each number."""
    for model in published_models():
        case = load(model.path)
        for number in model.numbers:
            check = f"{model.name}: {number.says}"
            yield Row(check, number.expected, number.ours(case), number.tolerance)
    yield from battles_and_words()
    yield from war_offers.rows()


def battles_and_words() -> Iterator[Row]:
    """A gambler's ruin in more states, what battles show, and a mediator that is not believed."""
    battles, mediator = load(MODELS / "smith-stam-2004.yaml"), load(MODELS / "kydd-2003.yaml")
    chances = {kind: battles.best_estimates[f"{kind}_wins"] for kind in ("strong", "weak")}
    ever = "P(eventually(forts == 4){})"
    for start in (1, 2, 3):
        by_type = {kind: wins_war(p, start, 4) for kind, p in chances.items()}
        for kind, expected in by_type.items():
            asked = ever.format(f", types={{attacker: {kind}}}, start={{forts: {start}}}")
            yield Row(f"forts: {asked}", expected, answer(battles, asked), SHARP)
        asked = ever.format(f", start={{forts: {start}}}")
        yield Row(f"forts: {asked}", sum(by_type.values()) / 2, answer(battles, asked), 1e-4)
    for seen, prior, observer in (
        ("battle.won", 0.5, "analyst"),
        ("[battle.won, battle.won]", 0.1, "defender"),
        ("[battle.lost, battle.won]", 0.5, "analyst"),
        ("[battle.lost, battle.lost]", 0.1, "defender"),
    ):
        odds = prior / (1.0 - prior)
        for outcome in seen.strip("[]").split(", "):
            strong, weak = chances.values()
            odds *= strong / weak if outcome == "battle.won" else (1 - strong) / (1 - weak)
        asked = f"belief(attacker.strong, by={observer}, after={seen})"
        yield Row(f"forts: {asked}", odds / (1.0 + odds), answer(battles, asked), EXACT)
    word = "belief(rival.resolute, after=mediator.warn, given={{bias: {}}}, selection={})"
    for selection in ("principal", "silent", "telling"):
        asked = word.format(0.0, selection)
        yield Row(f"mediator: {asked}", 0.5, answer(mediator, asked), LOGIT)
