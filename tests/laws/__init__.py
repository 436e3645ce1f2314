"""Laws of play, what they are tried on, and the solvers that must keep them."""

import laws.chances
import laws.unchanged  # noqa: F401  each enters its laws into the list
from laws.law import LAWS, Law, Pair
from laws.solvers import SOLVERS, Solver
from laws.subjects import Subject, random, shipped, small

__all__ = [
    "LAWS",
    "SOLVERS",
    "Law",
    "Pair",
    "Solver",
    "Subject",
    "random",
    "shipped",
    "small",
]
