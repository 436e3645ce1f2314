"""How a command writes a file: whole, or not at all."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from ceasefire.errors import CeasefireError, Problem


def write_file_atomically(path: str | Path, content: bytes) -> None:
    """Write a file; if that fails, a file that was there before stays as it was.

    path     the file
    content  its bytes

    A device or a pipe, and a file in a folder where no other can be made, is written in place and
    may be left incomplete. Raises CeasefireError if the file cannot be written.
    """
    target = Path(path)
    try:
        exists = target.exists()
        if exists and not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")
        if exists and not (target.is_file() and os.access(target.resolve().parent, os.W_OK)):
            target.write_bytes(content)
        else:
            _write_then_rename(target.resolve(), content)
    except (OSError, RuntimeError) as error:  # a circle of links is the latter
        reason = getattr(error, "strerror", None) or error
        raise CeasefireError([Problem(f"cannot be written: {reason}", str(path))]) from None


def _write_then_rename(target: Path, content: bytes) -> None:
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        part.write_bytes(content)
        if target.exists():
            with suppress(OSError):  # some file systems have no permissions
                shutil.copymode(target, part)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()
