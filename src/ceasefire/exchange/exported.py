"""What an export gives: the file, and what is not in it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exported:
    """The text of a file for another program.

    text   the whole file
    notes  one sentence for each thing the format cannot carry, or says otherwise
    """

    text: str
    notes: tuple[str, ...]
