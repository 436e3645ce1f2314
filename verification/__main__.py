"""`python -m verification`: run every check, print one table, end with status 1 if one fails.

An error in a module ends everything with its traceback: nothing is skipped.
"""

import sys

from verification import (
    certificates,
    closed_forms,
    gambit,
    laws,
    neighbours,
    prism,
    sampling,
    stability,
)
from verification.oracles import LEFT_OUT
from verification.table import report

MODULES = (gambit, closed_forms, neighbours, prism, laws, certificates, sampling, stability)

if __name__ == "__main__":
    sys.exit(report([row for module in MODULES for row in module.rows()], LEFT_OUT))
