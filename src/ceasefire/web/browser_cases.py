"""Cases that are kept in the browser of whoever wrote them, and nowhere else."""

import json
import re
from typing import Any

from nicegui import ui

KEPT_PREFIX = "ceasefire-case:"
UNSAVED_PREFIX = "ceasefire-unsaved:"
ANSWER_SECONDS = 10.0  # seconds a browser may take to answer
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.yaml")


def is_kept_name(name: str) -> bool:
    """Whether a case may be kept under this name.

    >>> [is_kept_name(name) for name in ("a-war.yaml", "../a.yaml", "A.yaml")]
    [True, False, False]
    """
    return _NAME.fullmatch(name) is not None


def file_name(title: str) -> str:
    """A name for the file of a case.

    >>> file_name("Talks, and what ends them")
    'talks-and-what-ends-them.yaml'
    """
    stem = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:50].strip("-")
    return f"{stem or 'case'}.yaml"


def keep_case(name: str, text: str) -> None:
    """Keep a case in this browser.

    name  a name for which `is_kept_name` holds
    text  the whole case
    """
    ui.run_javascript(f"localStorage.setItem({_quoted(KEPT_PREFIX + name)}, {_quoted(text)})")


def remove_case(name: str) -> None:
    """Take a case out of this browser, with what was written in it and not saved.

    name  a name for which `is_kept_name` holds
    """
    keys = (KEPT_PREFIX + name, UNSAVED_PREFIX + name)
    ui.run_javascript("".join(f"localStorage.removeItem({_quoted(key)});" for key in keys))


async def kept_case(name: str) -> str | None:
    """The text of a case that is kept in this browser, None if there is none.

    name  the name of the case
    """
    found = await _answer(f"return localStorage.getItem({_quoted(KEPT_PREFIX + name)})")
    return found if isinstance(found, str) else None


async def kept_names() -> list[str]:
    """The names of the cases that are kept in this browser."""
    found = await _answer(
        f"return Object.keys(localStorage).filter(k => k.startsWith({_quoted(KEPT_PREFIX)}))"
    )
    names = [str(key).removeprefix(KEPT_PREFIX) for key in found or () if isinstance(key, str)]
    return sorted(name for name in names if is_kept_name(name))


async def _answer(script: str) -> Any:
    """What a script gives; None from a browser that has left, or is too busy to answer."""
    try:
        return await ui.run_javascript(script, timeout=ANSWER_SECONDS)
    except TimeoutError:
        return None


def _quoted(text: str) -> str:
    """A text as a script has it; nothing in it ends the script."""
    return json.dumps(text).replace("<", "\\u003c").replace("\u2028", "\\u2028")
