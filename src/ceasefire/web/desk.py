"""What all pages share, and what is known of a question that is under way."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from ceasefire.errors import Problem
from ceasefire.web.draft import Draft
from ceasefire.web.jobs import Progress
from ceasefire.web.library import Shelf
from ceasefire.web.settings import Limits
from ceasefire.web.work import Pool


@dataclass
class Desk:
    """What all pages share: the folder of cases, the limits, and the processes that solve.

    now    answers what somebody waits for
    later  computes shares, after everything else
    worlds how many there are unless a page asks for others
    """

    shelf: Shelf
    limits: Limits
    now: Pool
    later: Pool
    worlds: int

    def draft(self, name: str) -> Draft:
        """The text of a case, nothing done to it yet."""
        folder = self.shelf.folder
        return Draft(self.shelf.read(name), str(folder / name), str(folder))


@dataclass
class Asking:
    """A question under way: since when, how far, and how to stop it."""

    about: float | None = None
    progress: Progress | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.began


def shown(problem: Problem, folder: Path) -> Problem:
    """A problem whose file is named as the page names it, not by where it lies on this machine."""
    if problem.file is None:
        return problem
    try:
        return replace(problem, file=Path(problem.file).relative_to(folder).as_posix())
    except ValueError:
        return replace(problem, file=Path(problem.file).name)
