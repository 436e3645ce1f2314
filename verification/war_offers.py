"""Offers made during a war, to somebody who may be strong or weak: closed forms and our numbers.

Each month the holder of a pie of 1 offers a share x. It is taken, or there is a battle: the holder
collapses with probability k, a challenger of type i with probability d_i, and the rest, s_i = 1 - k
- d_i, is another month of war, which costs the challenger c_i and the holder h. Next month is worth
p of this one. To fight to the end is worth to type i

    w_i = (k - s_i c_i) / (1 - p s_i).

The holder makes all offers, so that a strong challenger never gets more than its w: with it pooling
is worth 1 - w to the holder. A weak one takes what it would get by refusing once and then being
taken for strong, x = k + s (p w - c). The holder offers x to screen, or w to have peace at once;
with probability m of the strong, screening is worth

    (1 - m) (1 - x) + m (d + s (p (1 - w) - h)),      d and s of the strong,

and is better up to one m. If the strong are unlikely enough it is better to offer less still and
to screen twice; the settings here are between the two. What a battle itself tells is Bayes's rule:
odds of being strong are multiplied by s_strong / s_weak, and by 1 where only costs differ.

Sources: Powell (2004), American Journal of Political Science 48, for offers and news during a war;
Fudenberg, Levine & Tirole (1985), in Roth, Game-theoretic models of bargaining, for one side's
offers to two types, of which there is one equilibrium if even the stronger has something to gain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ceasefire.case import load
from ceasefire.ensemble import ask
from verification.table import Row

CASE = Path(__file__).parents[1] / "cases" / "models" / "powell-2004.yaml"
HUNDREDTH, LOGIT, EXACT = 0.01, 1e-3, 1e-6
GRID_SIZE = 129


@dataclass(frozen=True)
class War:
    """A war of two types; the fields are the unknowns of the case."""

    strong: float
    collapse: float
    strong_falls: float
    weak_falls: float
    cost: float
    strong_cost: float
    weak_cost: float
    patience: float = 0.9

    def stands(self, falls: float) -> float:
        """Probability that a battle leaves both standing."""
        return 1.0 - self.collapse - falls

    @property
    def war_of_the_strong(self) -> float:
        """What fighting to the end is worth to the strong, w."""
        stands = self.stands(self.strong_falls)
        return (self.collapse - stands * self.strong_cost) / (1.0 - self.patience * stands)

    @property
    def share_of_the_weak(self) -> float:
        """The least share that the weak sign for, x."""
        later = self.patience * self.war_of_the_strong - self.weak_cost
        return self.collapse + self.stands(self.weak_falls) * later

    @property
    def met_by_the_strong(self) -> float:
        """What the holder expects of a strong challenger if it screens."""
        later = self.patience * (1.0 - self.war_of_the_strong) - self.cost
        return self.strong_falls + self.stands(self.strong_falls) * later

    @property
    def screening(self) -> float:
        """What screening is worth to the holder."""
        return (1.0 - self.strong) * (
            1.0 - self.share_of_the_weak
        ) + self.strong * self.met_by_the_strong

    @property
    def most_strong(self) -> float:
        """The probability of the strong up to which the holder screens."""
        by_the_weak = 1.0 - self.share_of_the_weak
        return (self.war_of_the_strong - self.share_of_the_weak) / (
            by_the_weak - self.met_by_the_strong
        )

    @property
    def screening_twice(self) -> float:
        """What it is worth to the holder to screen twice, where the strong are unlikely.

        It offers x' = k + s (p x - c), what the weak would get by refusing twice. So many of them
        sign that those who are left and standing make it indifferent whether to screen once more.
        """
        stands = self.stands(self.weak_falls)
        share = self.collapse + stands * (self.patience * self.share_of_the_weak - self.weak_cost)
        m, strong = self.most_strong, self.strong * self.stands(self.strong_falls)
        refuse = strong * (1.0 - m) / m / stands
        falls = self.strong * self.strong_falls + refuse * self.weak_falls
        left = strong + refuse * stands
        later = self.patience * (1.0 - self.war_of_the_strong) - self.cost
        return (1.0 - self.strong - refuse) * (1.0 - share) + falls + left * later

    @property
    def after_battle(self) -> float:
        """Belief in a strong challenger that has stood one battle."""
        odds = self.strong / (1.0 - self.strong)
        odds *= self.stands(self.strong_falls) / self.stands(self.weak_falls)
        return odds / (1.0 + odds)


BY_POWER = War(0.2, 0.2, 0.1, 0.3, 0.1, 0.05, 0.05)
BY_COSTS = War(0.2, 0.2, 0.2, 0.2, 0.1, 0.02, 0.13)
BY_BOTH = War(0.15, 0.22, 0.08, 0.26, 0.12, 0.03, 0.08)


def rows() -> Iterator[Row]:
    """What each setting gives by closed form and by us."""
    case = load(CASE)
    for name, war in (("power", BY_POWER), ("costs", BY_COSTS), ("both", BY_BOTH)):
        given = ", ".join(f"{unknown}: {value}" for unknown, value in vars(war).items())
        at = f"given={{{given}}}"
        assert war.screening > max(war.screening_twice, 1.0 - war.war_of_the_strong)
        second = 1.0 - war.strong * (1.0 - war.stands(war.strong_falls))
        expected = {
            f"value(challenger, type=soft, {at})": (war.share_of_the_weak, HUNDREDTH),
            f"value(challenger, type=tough, {at})": (war.war_of_the_strong, HUNDREDTH),
            f"value(holder, {at})": (war.screening, HUNDREDTH),
            f"P(eventually(end == peace), within=1, {at})": (1.0 - war.strong, LOGIT),
            f"P(eventually(end == peace), within=2, {at})": (second, LOGIT),
            f"belief(challenger.tough, after=battle.undecided, closed={{talks: 1}}, {at})": (
                war.after_battle,
                EXACT,
            ),
        }
        expected |= peace_on_both_sides(war)
        found = ask(case, *expected, grid=GRID_SIZE, certify=False)
        for (question, (right, tolerance)), answer in zip(
            expected.items(), found.answers, strict=True
        ):
            assert answer.best is not None
            check = f"war of unknown {name}: {question.replace(at, '…')}"
            yield Row(check, right, float(answer.best), tolerance)


def peace_on_both_sides(war: War) -> dict[str, tuple[float, float]]:
    """Peace at once where the strong are a little likelier than is screened for, else not."""
    found = {}
    for apart in (-0.03, 0.03):
        at = vars(war) | {"strong": war.most_strong + apart}
        given = ", ".join(f"{unknown}: {value}" for unknown, value in at.items())
        asked = f"P(eventually(end == peace), within=1, given={{{given}}})"
        found[asked] = (1.0 if apart > 0.0 else 1.0 - at["strong"], HUNDREDTH)
    return found
