"""How far a question under way has come, in a line with a way to stop it."""

from nicegui import ui

from ceasefire.results import format_count
from ceasefire.web.layout import TextBlock, labelled_button
from ceasefire.web.server_state import PendingTask
from ceasefire.web.session import PageSession

LOADING_NOTE_SECONDS = 3.0  # seconds after which it is said why nothing is known yet
LEAST_TOLD_SECONDS = 2.0  # below that what is left is not told
LONG_SECONDS = 90.0  # from here on a time is told in minutes


class ProgressLine:
    """A line for one kind of question: what is done, how far it is, and a way to stop it."""

    def __init__(
        self, session: PageSession, kind: str, activity: str, stop_label: str = "Cancel"
    ) -> None:
        self.session, self.kind, self.activity = session, kind, activity
        self.stop_label = stop_label
        with ui.element("div").classes("line") as self.line:
            self.text = TextBlock("span", "", "small")
            self.bar = ui.linear_progress(value=0, show_value=False).props(
                f'aria-label="{activity}" instant-feedback rounded'
            )
            self.bar.style("width: 9rem; flex: none")
            self.stop_button = labelled_button(stop_label, lambda: session.stop_or_cancel(kind))
        self.refresh()

    def refresh(self) -> None:
        """Say how far it is."""
        task = self.session.pending.get(self.kind)
        self.line.set_visibility(task is not None)
        if task is None:
            return
        label = "Stop and keep what is done" if task.keeps else self.stop_label
        if self.stop_button.text != label:
            self.stop_button.set_text(label)
        progress, expected_seconds = task.progress, task.expected_seconds
        known = progress is not None and progress.total > 0
        part = f", {progress.part}" if progress is not None and progress.part else ""
        if task.stop_requested.is_set():
            self.text.set_text("Stopping; what is done is kept")
        elif (
            self.kind == "open"
            and not self.session.server_state.solver_loaded
            and task.elapsed_seconds > LOADING_NOTE_SECONDS
        ):
            once = "after it was installed this takes a minute or two, once"
            self.text.set_text(f"Loading the solver ({once}): {task.elapsed_seconds:.0f} s")
        elif progress is not None and known:
            done = f"{progress.done} of {progress.total} {progress.unit}".rstrip()
            partial = self.session.partial_shares if self.kind == "shares" else None
            if partial is not None and not part:
                done = f"{partial.worlds} of {partial.wanted}; {done} with the checks"
            elif partial is not None:
                part = f" {partial.worlds} of {partial.wanted}{part}"
            left = task.seconds_left or 0.0
            foreseen = f", about {format_duration(left)} left" if left > LEAST_TOLD_SECONDS else ""
            self.text.set_text(f"{self.activity}{part}: {done}{foreseen}")
            self.bar.set_value(round(progress.done / progress.total, 3))
        elif expected_seconds is not None and expected_seconds > 1.0:
            self.text.set_text(f"{self.activity}: {describe_wait(task)}")
            self.bar.set_value(round(min(task.elapsed_seconds / expected_seconds, 0.97), 2))
        else:
            self.text.set_text(f"{self.activity}{part}: {task.elapsed_seconds:.0f} s")
        self.bar.props(remove="indeterminate") if known or expected_seconds else self.bar.props(
            "indeterminate"
        )


def describe_wait(task: PendingTask) -> str:
    """How long a task has gone on, and how long it was expected to; once that is over, so much.

    task  a task of which it was expected how long it takes
    """
    elapsed, expected = task.elapsed_seconds, task.expected_seconds or 0.0
    about = f"{expected:.0f} s" if expected < LONG_SECONDS else format_duration(expected)
    if elapsed <= expected:
        return f"{elapsed:.0f} s of about {about}"
    return f"{elapsed:.0f} s; it was expected to take about {about}"


def format_duration(seconds: float) -> str:
    """A time as one would say it.

    >>> [format_duration(seconds) for seconds in (0.2, 40.0, 400.0, 9000.0)]
    ['1 second', '40 seconds', '7 minutes', '2.5 hours']
    """
    if seconds < LONG_SECONDS:
        return format_count(max(1, round(seconds)), "second")
    if seconds < 5400:
        return format_count(round(seconds / 60), "minute")
    return f"{seconds / 3600:.1f} hours"
