"""Cases, and answers on the way to one, that are kept in the browser of whoever wrote them."""

import json
import re
from typing import Any

from nicegui import ui

from ceasefire.errors import Problem, WebError

KEPT_PREFIX = "ceasefire-case:"
UNSAVED_PREFIX = "ceasefire-unsaved:"
ANSWERS_KEY = "ceasefire-answers"
ANSWER_SECONDS = 60.0  # seconds a browser may take to answer
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


async def keep_case(name: str, text: str) -> None:
    """Keep a case in this browser; it is kept once this has returned.

    name  a name for which `is_kept_name` holds
    text  the whole case

    Raises WebError from a browser that has no room for it, or that does not answer.
    """
    key = _quoted(KEPT_PREFIX + name)
    kept = await _answer(
        f"try {{ localStorage.setItem({key}, {_quoted(text)}); return true; }}"
        "catch { return false; }"
    )
    if not kept:
        help = "remove a case that is kept, or download this one"
        raise WebError([Problem("this browser has no room for the case", help=help)])


async def leave_for(address: str) -> None:
    """Open another page, once the browser has done what it was told before.

    address  the page

    Raises WebError from a browser that does not answer.
    """
    await _answer("return true")
    ui.navigate.to(address)


def remove_case(name: str) -> None:
    """Take a case out of this browser, with what was written in it and not saved.

    name  a name for which `is_kept_name` holds
    """
    keys = (KEPT_PREFIX + name, UNSAVED_PREFIX + name)
    ui.run_javascript("".join(f"localStorage.removeItem({_quoted(key)});" for key in keys))


async def kept_case(name: str) -> str | None:
    """The text of a case that is kept in this browser, None if there is none.

    name  the name of the case

    Raises WebError from a browser that does not answer.
    """
    found = await _answer(f"return localStorage.getItem({_quoted(KEPT_PREFIX + name)})")
    return found if isinstance(found, str) else None


async def kept_names() -> list[str]:
    """The names of the cases that are kept in this browser; WebError if it does not answer."""
    found = await _answer(
        f"return Object.keys(localStorage).filter(k => k.startsWith({_quoted(KEPT_PREFIX)}))"
    )
    names = [str(key).removeprefix(KEPT_PREFIX) for key in found or () if isinstance(key, str)]
    return sorted(name for name in names if is_kept_name(name))


def keep_answers(text: str | None) -> None:
    """Keep answers to the five questions in this browser, or take them out.

    text  the answers, None to take them out
    """
    key = _quoted(ANSWERS_KEY)
    kept = f"setItem({key}, {_quoted(text)})" if text is not None else f"removeItem({key})"
    ui.run_javascript(f"try {{ localStorage.{kept}; }} catch {{}}")


async def kept_answers() -> str | None:
    """Answers to the five questions that this browser keeps; None if none, or if it is silent."""
    try:
        found = await _answer(f"return localStorage.getItem({_quoted(ANSWERS_KEY)})")
    except WebError:
        return None
    return found if isinstance(found, str) else None


async def _answer(script: str) -> Any:
    """What a script gives."""
    try:
        return await ui.run_javascript(script, timeout=ANSWER_SECONDS)
    except TimeoutError:
        silent = f"this browser has not answered within {ANSWER_SECONDS:g} seconds"
        raise WebError([Problem(silent, help="try again, or load the page anew")]) from None


def _quoted(text: str) -> str:
    """A text as a script has it; nothing in it ends the script."""
    return json.dumps(text).replace("<", "\\u003c").replace("\u2028", "\\u2028")
