"""Files that a command writes: whole or not at all."""

import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from ceasefire.errors import CeasefireError, Problem


def save(path: str | Path, content: bytes) -> None:
    """Write a file; where that fails, a file that was there before is there still.

    Raises CeasefireError if it cannot be written.
    """
    target = Path(path).resolve()
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        if target.exists() and not target.is_file():  # a device or a pipe cannot be replaced
            target.write_bytes(content)
            return
        part.write_bytes(content)
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        problem = Problem(f"cannot be written: {error.strerror}", str(path))
        raise CeasefireError([problem]) from None
