"""The shipped cases that are a game of their own."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def games() -> list[Path]:
    """Every shipped case but those that start from another: they only change its numbers.

    >>> [path.stem for path in games() if path.stem.startswith("korea")]
    []
    """
    paths = sorted((ROOT / "cases").glob("*.yaml"))
    return [path for path in paths if "\nextends:" not in path.read_text(encoding="utf-8")]
