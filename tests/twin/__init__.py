"""The slow twin: the definitions of DESIGN sections 3 and 4, read aloud in plain Python.

It shares nothing with the package but the loader, uses no grid of beliefs, and is never made fast.
The package is compared with it on small cases of one to three periods.
"""

from twin.equilibrium import TooLargeError
from twin.expressions import TwinError
from twin.questions import Twin

__all__ = ["TooLargeError", "Twin", "TwinError"]
