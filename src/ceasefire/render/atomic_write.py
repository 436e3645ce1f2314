"""Files that a command writes: whole or not at all."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from ceasefire.errors import CeasefireError, Problem


def write_file_atomically(path: str | Path, content: bytes) -> None:
    """Write a file; where that fails, a file that was there before is there still.

    What is no plain file, and a file in a folder where no other can be made, is written in place.

    Raises CeasefireError if it cannot be written.
    """
    place = Path(path)
    try:
        there = place.exists()
        if there and not os.access(place, os.W_OK):
            raise PermissionError(13, "Permission denied")
        if there and not (place.is_file() and os.access(place.resolve().parent, os.W_OK)):
            place.write_bytes(content)
        else:
            _write_then_rename(place.resolve(), content)
    except (OSError, RuntimeError) as error:  # a circle of links is the latter
        said = getattr(error, "strerror", None) or error
        raise CeasefireError([Problem(f"cannot be written: {said}", str(path))]) from None


def _write_then_rename(target: Path, content: bytes) -> None:
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        part.write_bytes(content)
        if target.exists():
            with suppress(OSError):  # some file systems know no rights
                shutil.copymode(target, part)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()
