"""A case in the formats of neighbouring programs, and what each of them cannot carry.

Of GMCR+ it is the conflict in option form that goes in and out.
"""

from ceasefire.exchange.exported import Exported
from ceasefire.exchange.gambit import to_efg
from ceasefire.exchange.gmcr import parse_gmcr, read_gmcr, to_gmcr

__all__ = ["Exported", "parse_gmcr", "read_gmcr", "to_efg", "to_gmcr"]
