"""A case in the formats of neighbouring programs, and what each of them cannot carry."""

from ceasefire.exchange.exported import Exported
from ceasefire.exchange.gambit import to_efg

__all__ = ["Exported", "to_efg"]
