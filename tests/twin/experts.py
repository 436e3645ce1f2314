"""What experts say of an unknown, from the words of the format alone: slow, and by halving."""

from ceasefire.case import Case


def share_below(case: Case, name: str, value: float, expert: str | None = None) -> float:
    """The probability that one expert, or the pool of all who say anything, gives to less."""
    unknown = case.unknowns[name]
    asked = [expert] if expert in unknown.experts else list(unknown.experts)
    total = sum(case.experts[one].weight for one in asked)
    return sum(
        case.experts[one].weight / total * _share_of_one(case, name, one, value) for one in asked
    )


def _share_of_one(case: Case, name: str, expert: str, value: float) -> float:
    unknown = case.unknowns[name]
    low, middle, high = unknown.experts[expert].points
    pieces = [(low, middle, 0.5), (middle, high, 0.5)]
    if unknown.points_are == "quantiles":
        span = 0.1 * (high - low)
        start = low - span if unknown.least is None else max(low - span, unknown.least)
        end = high + span if unknown.most is None else min(high + span, unknown.most)
        pieces = [(start, low, 0.05), (low, middle, 0.45), (middle, high, 0.45), (high, end, 0.05)]
    return sum(
        mass * min(max((value - left) / (right - left), 0.0), 1.0) for left, right, mass in pieces
    )


def quantile(case: Case, name: str, share: float, expert: str | None = None) -> float:
    """Where the probability of less is this share; nothing is known of gaps."""
    low, high = -1e6, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if share_below(case, name, middle, expert) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2
