"""A case in the formats of neighbouring programs, and what each of them cannot carry."""

from ceasefire.exchange.as_case import from_gmcr
from ceasefire.exchange.as_conflict import case_to_gmcr
from ceasefire.exchange.dot import to_dot
from ceasefire.exchange.efg import from_efg
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.gambit import to_efg
from ceasefire.exchange.gmcr import parse_gmcr, read_gmcr, to_gmcr
from ceasefire.exchange.goals import Goal, Watch
from ceasefire.exchange.ktab import from_ktab
from ceasefire.exchange.nfg import to_nfg
from ceasefire.exchange.prism import to_prism
from ceasefire.exchange.salib import to_salib
from ceasefire.exchange.tables import to_tables

__all__ = [
    "Exported",
    "Goal",
    "Watch",
    "case_to_gmcr",
    "from_efg",
    "from_gmcr",
    "from_ktab",
    "parse_gmcr",
    "read_gmcr",
    "to_dot",
    "to_efg",
    "to_gmcr",
    "to_nfg",
    "to_prism",
    "to_salib",
    "to_tables",
]
