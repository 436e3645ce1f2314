"""What ends work before it is done, and keeps what was done: Ctrl-C, a signal, or time that is up.

A command takes requests to stop with `stops_taken`. Until something is known that is worth keeping,
a request raises KeyboardInterrupt wherever the program is. Once there is (`keep_results`), it does
so only where work can be given up (`giving_up_allowed`), so that no result is lost in between; what
would come next asks `stop_if_asked` and is not begun. A second request ends everything.

Where no command takes requests, Ctrl-C raises KeyboardInterrupt as in every Python program, but not
while compiled code hands over what it has computed (`interruptible`): that would be a crash.
"""

import _thread
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from time import monotonic, sleep
from types import CodeType, FrameType
from typing import Any, NamedTuple, ParamSpec, TypeVar

AnswerT = TypeVar("AnswerT")
Arguments = ParamSpec("Arguments")
Clock = Callable[[], float]
LEAST_SHARE_SECONDS = 2.0
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
SECONDS_OF_HANDING_OVER = 0.001
REMINDER = getattr(signal, "SIGALRM", signal.SIGINT)  # SIGINT is ignored in the background


@dataclass
class TimeLimit:
    """Until when something may go on.

    seconds    how long it may take, counted from now
    clock      gives the time in seconds
    once_kept  whether it goes on in any case until there are results to keep
    """

    seconds: float
    clock: Clock = monotonic
    once_kept: bool = False
    began: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count."""
        self.began = self.clock()

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return self.began + self.seconds - self.clock()

    @property
    def over(self) -> bool:
        """Whether time is up."""
        return self.left <= 0.0


@dataclass
class _Requests:
    """What has been asked of this process.

    taken     whether a command takes requests
    signal    the first signal that asked to stop, None if none did
    kept      whether there are results to keep
    allowed   how many parts run that may be given up
    reminded  whether what is to be taken next is a reminder that time is up
    limits    the times at which something ends
    """

    taken: bool = False
    signal: int | None = None
    kept: bool = False
    allowed: int = 0
    reminded: bool = False
    limits: list[TimeLimit] = field(default_factory=list)


_requests = _Requests()


def stop_signal() -> int | None:
    """The signal that asked this process to stop; None if none did."""
    return _requests.signal


def is_stopped() -> bool:
    """Whether nothing new may be begun: a signal asked to stop, or time is up."""
    return _requests.signal is not None or _is_time_up()


def _is_time_up() -> bool:
    return any(limit.over and (_requests.kept or not limit.once_kept) for limit in _requests.limits)


def stop_if_asked() -> None:
    """Raise KeyboardInterrupt if nothing new may be begun.

    >>> with limited_to(0.0):
    ...     try:
    ...         stop_if_asked()
    ...     except KeyboardInterrupt:
    ...         "time is up"
    'time is up'
    >>> stop_if_asked()
    """
    if is_stopped():
        raise KeyboardInterrupt


def keep_results() -> None:
    """Say that there are results from now on: a request to stop must not end it just anywhere."""
    _requests.kept = True


@contextmanager
def giving_up_allowed() -> Generator[None, None, None]:
    """While this runs a request to stop raises KeyboardInterrupt at once."""
    _requests.allowed += 1
    try:
        stop_if_asked()
        yield
    finally:
        _requests.allowed -= 1


def keep_each(answers: Iterator[AnswerT]) -> Iterator[AnswerT]:
    """Every answer as it comes: waiting for one may be given up, and what came is kept.

    answers  what is waited for

    >>> list(keep_each(iter([1, 2])))
    [1, 2]
    """
    while True:
        with giving_up_allowed():
            try:
                answer = next(answers)
            except StopIteration:
                return
        keep_results()
        yield answer


@contextmanager
def limited_to(
    seconds: float | None, clock: Clock = monotonic, *, once_kept: bool = False
) -> Generator[TimeLimit | None, None, None]:
    """While this runs, nothing new is begun once so much time has passed.

    seconds    how long it may take; None for as long as it takes
    clock      gives the time in seconds
    once_kept  whether it goes on in any case until there are results to keep

    Where a command takes requests to stop, what is under way is given up then, too. Gives the
    limit, which says afterwards whether time was up.
    """
    if seconds is None:
        yield None
        return
    limit = TimeLimit(seconds, clock, once_kept)
    _requests.limits.append(limit)
    timer = threading.Timer(max(seconds, 0.0), _remind) if _requests.taken else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield limit
    finally:
        _requests.limits.remove(limit)
        if timer is not None:
            timer.cancel()


@contextmanager
def limited_to_share(limit: TimeLimit | None, share: float = 1.0) -> Generator[None, None, None]:
    """As `limited_to`, for a share of what is left of another limit, and two seconds at least.

    limit  the other one; None for as long as it takes
    share  which share, 1 for all
    """
    if limit is None:
        yield
        return
    with limited_to(max(share * limit.left, LEAST_SHARE_SECONDS), limit.clock):
        yield


def _remind() -> None:
    """Let the main thread see that time is up; what it does then is in `_take`."""
    if _requests.taken:
        _requests.reminded = True
        _thread.interrupt_main(REMINDER)


@contextmanager
def stops_taken(signals: Sequence[int] = SIGNALS) -> Generator[None, None, None]:
    """While this runs, signals ask to stop and what was done is kept; for the main thread alone.

    signals  which; those that are ignored, as in a job in the background, stay so
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    _requests.taken, _requests.signal, _requests.kept = True, None, False
    try:
        for number in dict.fromkeys((*signals, REMINDER)):
            if number == REMINDER or signal.getsignal(number) is not signal.SIG_IGN:
                with suppress(OSError, ValueError):
                    before[number] = signal.signal(number, _take)
        yield
    finally:
        _requests.taken, _requests.signal, _requests.kept = False, None, False
        for number, handler in before.items():
            signal.signal(number, handler)


def interruptible(function: Callable[Arguments, AnswerT]) -> Callable[Arguments, AnswerT]:
    """Let Ctrl-C raise KeyboardInterrupt in what calls compiled code, and not crash it.

    function  calls compiled code that returns arrays

    >>> interruptible(abs)(-1)
    1
    """

    @wraps(function)
    def called(*arguments: Arguments.args, **options: Arguments.kwargs) -> AnswerT:
        ours = (
            signal.getsignal(signal.SIGINT) is signal.default_int_handler
            and threading.current_thread() is threading.main_thread()
        )
        if not ours:
            return function(*arguments, **options)
        signal.signal(signal.SIGINT, _interrupt)
        try:
            return function(*arguments, **options)
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    return called


def _interrupt(number: int, frame: FrameType | None) -> None:
    if not _put_off(number, frame):
        raise KeyboardInterrupt


class _Pair(NamedTuple):
    first: int
    second: int


def _place(code: CodeType) -> tuple[str, str]:
    return code.co_name, code.co_filename.rpartition("numba")[2]


_NAMED_TUPLE = _place(_Pair.__new__.__code__)
_UNPICKLING = "_numba_unpickle", "/core/serialize.py"


def _is_handing_over(frame: FrameType | None) -> bool:
    """Whether compiled code is making Python objects of its results.

    It calls Python for named tuples and for the types of arrays, takes no notice of an exception
    there, and crashes.
    """
    if frame is not None and _place(frame.f_code) == _NAMED_TUPLE:
        return True
    while frame is not None:
        if _place(frame.f_code) == _UNPICKLING:
            return True
        frame = frame.f_back
    return False


def _put_off(number: int, frame: FrameType | None) -> bool:
    """Whether a signal must wait for compiled code to hand over; if so, it comes again."""
    waits = _is_handing_over(frame)
    if waits:
        _thread.start_new_thread(_send_again, (number,))
    return waits


def _send_again(number: int) -> None:
    sleep(SECONDS_OF_HANDING_OVER)
    if number == REMINDER and not callable(signal.getsignal(number)):
        return  # nobody waits for it any more
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)  # ends its sleep as well
    else:
        _thread.interrupt_main(signal.Signals(number))


def _take(number: int, frame: FrameType | None) -> None:
    """A request to stop, or a reminder that time is up."""
    if _put_off(number, frame):
        return
    if _requests.reminded and number == REMINDER:
        _requests.reminded = False
        if not _is_time_up():
            return
        again = False
    else:
        again = _requests.signal is not None
        _requests.signal = _requests.signal or number
    if again or _requests.allowed or not _requests.kept:
        raise KeyboardInterrupt
