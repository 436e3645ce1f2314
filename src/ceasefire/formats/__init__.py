"""How a case is written for other programs, how theirs are read, and what is lost on the way."""

from ceasefire.formats.argdown import from_argdown, to_argdown
from ceasefire.formats.case_writer import ConvertedFile
from ceasefire.formats.coalition_goals import CoalitionGoal
from ceasefire.formats.dot import to_dot
from ceasefire.formats.elicitation import add_experts, read_sheets, to_sheet, to_workbook
from ceasefire.formats.gambit_export import to_efg, to_nfg
from ceasefire.formats.gambit_import import from_efg, from_nfg
from ceasefire.formats.ktab import from_ktab
from ceasefire.formats.prism import to_prism
from ceasefire.formats.salib import to_salib
from ceasefire.formats.tables import to_tables

__all__ = [
    "CoalitionGoal",
    "ConvertedFile",
    "add_experts",
    "from_argdown",
    "from_efg",
    "from_ktab",
    "from_nfg",
    "read_sheets",
    "to_argdown",
    "to_dot",
    "to_efg",
    "to_nfg",
    "to_prism",
    "to_salib",
    "to_sheet",
    "to_tables",
    "to_workbook",
]
