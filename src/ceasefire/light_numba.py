"""Numba without SciPy, and with a cache that several processes can fill at once.

Numba would import SciPy to find out whether there is linear algebra. No kernel multiplies matrices;
one that did would import SciPy when it is compiled.

Its cache numbers what it keeps of a function. Two processes that at one moment keep the code for
different arguments take the same number, and one of them may then be given the other's code.
"""

import sys
from hashlib import sha256
from importlib import import_module
from typing import Any


def prepare_numba() -> None:
    """Let Numba find no SciPy, and name what it keeps by what it is; before a kernel is read.

    >>> prepare_numba()
    >>> import scipy
    """
    import_module("numba.core.caching").IndexDataCacheFile.save = _save_by_key
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


def _save_by_key(self: Any, key: Any, data: Any) -> None:
    """Keep code in a file named after the arguments it is for, and only then say where it is."""
    overloads = self._load_index()
    name = self._data_name(int(sha256(repr(key).encode()).hexdigest()[:12], 16))
    self._save_data(name, data)
    if overloads.get(key) != name:
        self._save_index({**overloads, key: name})
