"""What does every public function return? A document, a table, and whether it is marked.

A result is marked where something keeps it from being trusted blindly, such as a world that
failed; a command that prints it then ends with exit status 1.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

# what an answer, or the verdict of a claim, depends on that has to be written down anyhow
DEPENDS_ON_PRECISION = "depends on how precisely parties act"
DEPENDS_ON_ORDER = "depends on who moves last"
DEPENDS_ON_ENDING = "depends on how play ends"
DEPENDS_ON_EQUILIBRIUM = "depends on which equilibrium is played"
WHOLE_BRANCH_GIVES = "the branch followed for the whole game gives"


CERTAIN_AT_TWO_DIGITS, LEAST_IN_TWO_DIGITS = 0.995, 0.005


class Markable:
    """Something that says why it should not be trusted blindly."""

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Why it is marked, one phrase each; empty if it is not."""
        return ()

    @property
    def marked(self) -> bool:
        """True if it is marked: exit status 1."""
        return bool(self.mark_reasons)


class Result(Markable, ABC):
    """What a public function returns."""

    @abstractmethod
    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints, without what the command adds to it."""

    @abstractmethod
    def frame(self) -> "pl.DataFrame":
        """The result as a table."""


def format_count(count: int, thing: str, things: str | None = None) -> str:
    """A count with its noun.

    count   how many things there are
    thing   one of them
    things  several of them; an s is added if None

    >>> format_count(1, "problem"), format_count(1200, "state")
    ('1 problem', '1,200 states')
    """
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def join_phrases(phrases: Sequence[str]) -> str:
    """Several phrases as one.

    phrases  at least one

    >>> join_phrases(["war", "land", "defeat"]), join_phrases(["war", "land"])
    ('war, land and defeat', 'war and land')
    """
    *first, last = phrases
    return f"{', '.join(first)} and {last}" if first else last


def probability_text(probability: float) -> str:
    """A probability in a sentence: two digits after the point, 0 and 1 only where it is so.

    probability   from 0 to 1

    >>> [probability_text(p) for p in (0.25, 0.9999, 1.0, 0.012, 2e-5)]
    ['0.25', 'above 0.99', '1.00', '0.01', 'below 0.01']
    """
    if CERTAIN_AT_TWO_DIGITS < probability < 1:
        return "above 0.99"
    return "below 0.01" if 0 < probability < LEAST_IN_TWO_DIGITS else f"{probability:.2f}"


def count_phrase(count: int, noun: str, rest: str) -> tuple[str, ...]:
    """One phrase that counts things, none where there are none.

    count  how many things there are
    noun   one of them
    rest   what is said of them

    >>> count_phrase(0, "world", "failed"), count_phrase(2, "world", "failed")
    ((), ('2 worlds failed',))
    """
    return (f"{format_count(count, noun)} {rest}",) if count else ()
