"""What a browser may say over its websocket; anything else ends the connection.

The pages' script sends text alone: the heartbeats of Engine.IO, and events of Socket.IO with one
mapping each. A frame that is none of these was not sent by a page of ours.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qs

from nicegui import json

_FRAME = re.compile(r"42\d{0,9}(\[.*\])", re.DOTALL)
_PLAIN = frozenset({"1", "2", "3", "6", "40", "40{}", "41"})
_LONGEST_ID = 100
_LARGEST = 2**53


def sound(frame: str | None) -> bool:
    """Whether a text is one that a page sends.

    >>> [sound(text) for text in ("3", '42["ack",{"client_id":"c","next_message_id":7}]')]
    [True, True]
    >>> [sound(text) for text in ("", "9", "42[]", '42["event",1]', '451-["event",{}]', None)]
    [False, False, False, False, False, False]
    """
    if frame is None or frame in _PLAIN:
        return frame is not None
    found = _FRAME.fullmatch(frame)
    if found is None:
        return False
    try:
        match json.loads(found[1]):
            case [str() as name, dict() as said] if name in _EVENTS:
                return all(key in said and holds(said[key]) for key, holds in _EVENTS[name].items())
    except ValueError:
        return False
    return False


def opens(query: bytes) -> bool:
    """Whether a websocket is opened as a page opens it: in the name of one page, from one place.

    >>> opens(b"client_id=c&tab_id=t&document_id=d&next_message_id=0&EIO=4"), opens(b"EIO=4")
    (True, False)
    """
    try:
        asked = parse_qs(query.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except ValueError:
        return False
    known = all(len(asked.get(name, ())) == 1 for name in _OPENS)
    return known and all(holds(asked[name][0]) for name, holds in _OPENS.items())


def keep_apart(server: Any) -> None:
    """Let each websocket speak for its own page alone, and nobody write to the server's log.

    server  the Socket.IO server of the pages, its handlers in place
    """
    handlers = server.handlers["/"]
    for name in ("event", "ack", "javascript_response"):
        handlers[name] = _of_its_own(server, handlers[name])
    handlers["log"] = lambda *_: None


def _of_its_own(server: Any, handler: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
    @wraps(handler)
    def checked(socket: str, said: Any) -> None:
        if said["client_id"] in server.rooms(socket):
            try:
                handler(socket, said)
            except KeyError:  # a listener that is gone, or never was
                return

    return checked


def _name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_ID


def _count(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\d{1,15}", value, re.ASCII) is not None
    return isinstance(value, int) and 0 <= value < _LARGEST


def _arguments(value: object) -> bool:
    """JSON texts, or nothing, as many as the event has arguments."""
    if not isinstance(value, list) or not all(isinstance(one, str | None) for one in value):
        return False
    for one in value:
        if one is not None:
            json.loads(one)
    return True


_Checks = Mapping[str, Callable[[object], bool]]
_OPENS: _Checks = {
    "client_id": _name, "tab_id": _name, "document_id": _name, "next_message_id": _count,
}  # fmt: skip
_EVENTS: Mapping[str, _Checks] = {
    "event": {"client_id": _name, "id": _count, "listener_id": _name, "args": _arguments},
    "ack": {"client_id": _name, "next_message_id": _count},
    "javascript_response": {"client_id": _name, "request_id": _name},
    "handshake": _OPENS,
    "log": {"client_id": _name},
}
