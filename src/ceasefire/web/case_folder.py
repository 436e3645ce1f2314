"""The cases of one folder, by name; nothing outside it is ever opened."""

from dataclasses import dataclass
from pathlib import Path

from ceasefire.errors import Problem, WebError

CASE_SUFFIXES = (".yaml", ".yml")
MOST_CASES_LISTED = 500


@dataclass(frozen=True)
class CaseFolder:
    """The folder of cases; a case is named by its path below it, `europe/war.yaml`."""

    folder: Path
    max_characters: int

    def names(self) -> list[str]:
        """Every case below the folder, sorted, at most `MOST`; hidden folders are left out."""
        files = (
            path.relative_to(self.folder)
            for ending in CASE_SUFFIXES
            for path in self.folder.rglob(f"*{ending}")
        )
        names = (
            path.as_posix()
            for path in files
            if not any(part.startswith(".") for part in path.parts)
            and self._is_inside(self.folder / path)
        )
        return sorted(names)[:MOST_CASES_LISTED]

    def read(self, name: str) -> str:
        """The text of a case.

        Raises WebError for a name that is no case below the folder, or is too large.
        """
        path = self.folder / name
        if "\0" in name or path.suffix not in CASE_SUFFIXES or not self._is_inside(path):
            help = "choose one from the list"
            raise WebError([Problem("there is no such case", found=name[:100], help=help)])
        if path.stat().st_size > self.max_characters:
            help = "check it on the command line: ceasefire check"
            allowed = f"at most {self.max_characters:,} characters"
            raise WebError([Problem("is too large for a page", name, allowed=allowed, help=help)])
        try:
            return path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            help = "save it as UTF-8, where this program may read it"
            raise WebError([Problem("cannot be read", name, help=help)]) from None

    def _is_inside(self, path: Path) -> bool:
        try:
            there = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            return False
        return there.is_file() and there.is_relative_to(self.folder)
