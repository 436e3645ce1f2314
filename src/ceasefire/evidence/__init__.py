"""What happened: past wars as a reference class, and claims and forecasts held against it."""

from ceasefire.evidence.baseline import BaseRates, Rate, baseline
from ceasefire.evidence.tails import Estimate, Tail
from ceasefire.evidence.wars import War

__all__ = ["BaseRates", "Estimate", "Rate", "Tail", "War", "baseline"]
