"""How long does it still take? Told from what was measured since the work began, on this machine.

Nothing is said before two pieces of work are measured. After that the later half of those done
tells how long one takes: the first ones may be slower, for other processes start with them, or be
of another kind.
"""

from bisect import bisect_right
from collections.abc import Callable
from time import monotonic

MEASURED_FIRST, MOST_REMEMBERED = 2, 256


class Pace:
    """The pace of some work.

    clock  gives the time in seconds

    >>> times = iter([0.0, 1.0, 2.0, 2.0])
    >>> pace = Pace(lambda: next(times))
    >>> for done in (1, 2):
    ...     pace.note(done, 10)
    >>> pace.seconds_left()
    8.0
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock, self.began = clock, clock()
        self.done, self.total = 0, 0
        self._counts, self._times = [0], [self.began]

    def note(self, done: int, total: int) -> None:
        """Take in that so much is done of so much."""
        self.total = total
        if done > self.done:
            self.done = done
            self._counts.append(done)
            self._times.append(self.clock())
            if len(self._counts) > MOST_REMEMBERED:
                del self._counts[1:-1:2], self._times[1:-1:2]

    def seconds_each(self) -> float | None:
        """Seconds from one piece of work done to the next; None before two are."""
        if self.done < MEASURED_FIRST:
            return None
        before = bisect_right(self._counts, self.done // 2) - 1
        return (self._times[-1] - self._times[before]) / (self.done - self._counts[before])

    def seconds_left(self) -> float | None:
        """Seconds until all is done; None before two pieces are."""
        each = self.seconds_each()
        if each is None:
            return None
        since = max(self.clock() - self._times[-1], 0.0)
        return max(each * (self.total - self.done) - since, 0.0)


def describe_seconds(seconds: float) -> str:
    """A length of time, in the digits that an estimate has.

    seconds  how long

    >>> [describe_seconds(s) for s in (0.3, 8.2, 43.0, 110.0, 1500.0, 9000.0)]
    ['1 s', '8 s', '45 s', '2 min', '25 min', '2 h 30 min']
    """
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{5 * round(seconds / 5)} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, rest = divmod(10 * round(minutes / 10), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def describe_elapsed(seconds: float) -> str:
    """A time that has gone by, so that each of several lines says another.

    seconds  how long

    >>> [describe_elapsed(s) for s in (8.2, 43.0, 110.0, 120.0, 9000.0)]
    ['8 s', '45 s', '1 min 50 s', '2 min', '2 h 30 min']
    """
    if not 90 <= seconds < 5400:
        return describe_seconds(seconds)
    minutes, rest = divmod(10 * round(seconds / 10), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
