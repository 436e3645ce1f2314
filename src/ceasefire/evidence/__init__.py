"""What has happened: events and what they make of a case, past wars, claims held against both."""

from ceasefire.evidence.backtesting import Backtest, backtest
from ceasefire.evidence.baselines import BaseRates, Rate, baseline
from ceasefire.evidence.beside import base_rates, model_probability, with_base_rates
from ceasefire.evidence.changes import Change, Happened, Moved
from ceasefire.evidence.comparing import Compared, Rival, compare
from ceasefire.evidence.facts import Fact
from ceasefire.evidence.foreseen import Foreseen, foreseen
from ceasefire.evidence.hindsight import Hindsight, look_back
from ceasefire.evidence.indicating import Indicated, Indicator, indicators
from ceasefire.evidence.rates import BaseRate, base_rate
from ceasefire.evidence.scoring import Murphy, Score, Scores, brier, log_score, murphy, score
from ceasefire.evidence.tails import Estimate, Tail
from ceasefire.evidence.updated import Updated
from ceasefire.evidence.updating import update
from ceasefire.evidence.wars import War
from ceasefire.evidence.weights import Weighed

__all__ = [
    "Backtest",
    "BaseRate",
    "BaseRates",
    "Change",
    "Compared",
    "Estimate",
    "Fact",
    "Foreseen",
    "Happened",
    "Hindsight",
    "Indicated",
    "Indicator",
    "Moved",
    "Murphy",
    "Rate",
    "Rival",
    "Score",
    "Scores",
    "Tail",
    "Updated",
    "War",
    "Weighed",
    "backtest",
    "base_rate",
    "base_rates",
    "baseline",
    "brier",
    "compare",
    "foreseen",
    "indicators",
    "log_score",
    "look_back",
    "model_probability",
    "murphy",
    "score",
    "update",
    "with_base_rates",
]
