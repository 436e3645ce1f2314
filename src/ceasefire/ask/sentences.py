"""Says in one English sentence why a party most likely chooses what it does."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceasefire.ask.explain import Choice, Decision

EVEN = 0.05
RARE = 1e-300


def sentence(decision: "Decision", name: str) -> str:
    """One sentence: the likeliest option, the runner-up, and the part that decides between them."""
    who = f"As {decision.type}, {name}" if decision.type else name
    best, *others = decision.choices
    if not others:
        return f"{who} can only {_words(decision, best)}."
    second = others[0]
    opening = (
        f"{who} would most likely {_words(decision, best)} ({best.probability:.2f}) "
        f"rather than {_words(decision, second)} ({second.probability:.2f})"
    )
    gain = best.value - second.value
    times = best.probability / max(second.probability, RARE) * math.exp(-decision.precision * gain)
    same = abs(decision.precision * gain) <= EVEN
    if times > 1.0 + EVEN and times > math.exp(decision.precision * gain):
        worth = f"is worth {abs(gain):.2f} {'more' if gain > 0 else 'less'}"
        worth = "the two are worth nearly the same" if same else f"it {worth}"
        return f"{opening}: it has {times:.1f} times the weight, and {worth}."
    if same or gain < 0:
        return f"{opening}, though the two are worth nearly the same ({best.value:.2f})."
    differences = {part: amount - second.parts[part] for part, amount in best.parts.items()}
    part, amount = max(differences.items(), key=lambda item: item[1])
    against, lost = min(differences.items(), key=lambda item: item[1])
    reason = f"{opening}: it is worth {gain:.2f} more, mostly by {_part(part)} ({amount:+.2f})"
    if lost < -0.1 * amount:
        reason += f", which outweighs {_part(against)} ({lost:+.2f})"
    return f"{reason}."


def _words(decision: "Decision", choice: "Choice") -> str:
    """What choosing an option is called."""
    short = choice.option.split(".")[-1]
    if decision.role == "answer":
        return f"say {choice.option} to {decision.deal}"
    if decision.role == "offer":
        return f"offer nothing at {decision.step}" if short == "none" else f"offer {choice.option}"
    return short


def _part(name: str) -> str:
    words = {"cost": "what it pays this period", "later value": "what comes later"}
    return words.get(name, f"'{name}' this period")
