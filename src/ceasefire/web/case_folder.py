"""The cases of one folder, by name; nothing outside it is ever opened or written."""

import re
from dataclasses import dataclass
from pathlib import Path

from ceasefire.errors import Problem, WebError
from ceasefire.render.atomic_write import write_file_atomically

CASE_SUFFIXES = (".yaml", ".yml")
CONFLICT_SUFFIXES = (".gmcr",)
MOST_CASES_LISTED = 500
_NEW_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.yaml")


@dataclass(frozen=True)
class CaseFolder:
    """The folder of cases; a case is named by its path below it, `europe/war.yaml`.

    folder          the folder
    max_characters  characters that a case may have
    writable        whether pages may save there
    """

    folder: Path
    max_characters: int
    writable: bool = False

    def names(self) -> list[str]:
        """Every case below the folder, sorted, at most `MOST`; hidden folders are left out."""
        return self._names(CASE_SUFFIXES)

    def conflict_names(self) -> list[str]:
        """Every conflict in option form below the folder, as `names`."""
        return self._names(CONFLICT_SUFFIXES)

    def _names(self, endings: tuple[str, ...]) -> list[str]:
        files = (
            path.relative_to(self.folder)
            for ending in endings
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
        return self._read(name, CASE_SUFFIXES)

    def read_conflict(self, name: str) -> str:
        """The text of a conflict in option form.

        Raises WebError for a name that is none below the folder, or is too large.
        """
        return self._read(name, CONFLICT_SUFFIXES)

    def _read(self, name: str, endings: tuple[str, ...]) -> str:
        path = self.folder / name
        if "\0" in name or path.suffix not in endings or not self._is_inside(path):
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

    def save(self, name: str, text: str, before: str | None) -> None:
        """Write a case, if that is allowed and nobody else has changed it in the meantime.

        name    the name of a case that is there, or a new one in the folder itself
        text    what it says from now on
        before  what it said when it was opened; None for a new case

        Raises WebError if pages may not save here, if another case of this name is there, or if the
        file says something else than `before` by now.
        """
        if not self.writable:
            help = "start the server with --save, or download the case"
            raise WebError([Problem("pages may not save in this folder", found=name, help=help)])
        if len(text) > self.max_characters:
            allowed = f"at most {self.max_characters:,} characters"
            raise WebError([Problem("is too large to save", name, allowed=allowed)])
        path = self.folder / name
        if before is None:
            if _NEW_NAME.fullmatch(name) is None:
                allowed = "small letters, digits and -, then .yaml"
                raise WebError([Problem("is no name for a case", found=name, allowed=allowed)])
            if path.exists() or path.is_symlink():
                help = "choose another name"
                raise WebError([Problem("a case of this name is there already", name, help=help)])
        elif self.read(name) != before:
            help = "download yours, then open the case anew"
            raise WebError([Problem("somebody has changed the file since", name, help=help)])
        write_file_atomically(path, text.encode())

    def _is_inside(self, path: Path) -> bool:
        try:
            there = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            return False
        return there.is_file() and there.is_relative_to(self.folder)
