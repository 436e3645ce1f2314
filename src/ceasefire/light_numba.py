"""Numba without SciPy, which it would import to find out whether there is linear algebra.

No kernel multiplies matrices; one that did would import SciPy when it is compiled.
"""

import sys
from importlib import import_module


def prepare_numba() -> None:
    """Let Numba find no SciPy while it looks for linear algebra; before the first kernel is read.

    >>> prepare_numba()
    >>> import scipy
    """
    if "numba.np.arraymath" in sys.modules:
        return
    known = sys.modules.get("scipy")
    sys.modules["scipy"] = None  # type: ignore[assignment]
    try:
        import_module("numba.np.arraymath")
    finally:
        if known is None:
            del sys.modules["scipy"]
        else:
            sys.modules["scipy"] = known
