"""What happened: past wars as a reference class, and claims and forecasts held against it."""

from ceasefire.evidence.backtesting import Backtest, backtest
from ceasefire.evidence.baselines import BaseRates, Rate, baseline
from ceasefire.evidence.beside import base_rates, model_probability, with_base_rates
from ceasefire.evidence.foreseen import Event, foreseen
from ceasefire.evidence.hindsight import Hindsight, look_back
from ceasefire.evidence.rates import BaseRate, base_rate
from ceasefire.evidence.scoring import Murphy, Score, Scores, brier, log_score, murphy, score
from ceasefire.evidence.tails import Estimate, Tail
from ceasefire.evidence.wars import War

__all__ = [
    "Backtest",
    "BaseRate",
    "BaseRates",
    "Estimate",
    "Event",
    "Hindsight",
    "Murphy",
    "Rate",
    "Score",
    "Scores",
    "Tail",
    "War",
    "backtest",
    "base_rate",
    "base_rates",
    "baseline",
    "brier",
    "foreseen",
    "log_score",
    "look_back",
    "model_probability",
    "murphy",
    "score",
    "with_base_rates",
]
