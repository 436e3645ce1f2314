"""The text of a case in an editor, its problems at their lines."""

from nicegui import ui

from ceasefire.errors import Problem
from ceasefire.results import format_count
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, status_line
from ceasefire.web.session import PageSession

LABEL_EDITOR_SCRIPT = """
const name = () => {{
  const box = document.querySelector('#c{id} .cm-content');
  if (!box) return setTimeout(name, 100);
  box.setAttribute('aria-label', 'Text of the case');
  box.setAttribute('tabindex', '0');
}};
name();
"""
READ_FILE_SCRIPT = """async (e) => {{
  const file = e.target.files[0];
  e.target.value = '';
  if (!file) return;
  emit(file.size > {most} ? null : await file.text());
}}"""


class EditorPanel:
    """The editor, the list of problems, and a button that puts the text in use."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.max_characters = session.server_state.limits.text_characters
        self.is_checking = False
        TextBlock(
            "p",
            "Nothing is written to the folder: download the case to keep it.",
            "soft",
        )
        with ui.row().classes("items-center"):
            self.run_button = labelled_button("Use this text", self._replace_case_text, quiet=False)
            with ui.element("label").classes("small"):
                TextBlock("span", "Bring in a file ")
                chosen = ui.element("input").props('type="file" accept=".yaml,.yml"')
                chosen.on(
                    "change",
                    self._load_file,
                    js_handler=READ_FILE_SCRIPT.format(most=self.max_characters),
                )
        self.status_line = status_line()
        self.problem_list = ui.element("ul").classes("plain-list").props('aria-label="Problems"')
        self.editor = ui.codemirror(
            session.edited_case.text, language="YAML", theme="githubLight", on_change=self._on_edit
        )
        ui.run_javascript(LABEL_EDITOR_SCRIPT.format(id=self.editor.id))
        session.listeners.append(self.on_change)

    def _on_edit(self) -> None:
        text = self.editor.value
        if len(text) > self.max_characters:
            self._show_problems((_text_too_long(self.max_characters),), ())
            self.session.cancel("text")
            return
        self.is_checking = True
        self.status_line.set_text("Reading…")
        self.session.check_text(text)

    def _load_file(self, event: object) -> None:
        text = getattr(event, "args", None)
        if not isinstance(text, str) or len(text) > self.max_characters:
            self._show_problems((_text_too_long(self.max_characters),), ())
            return
        self.editor.set_value(text)

    def _replace_case_text(self) -> None:
        text = self.editor.value
        if len(text) <= self.max_characters:
            self.session.replace_text(text)

    def _show_problems(self, problems: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> None:
        self.is_checking = False
        self.problem_list.clear()
        with self.problem_list:
            for kind, those in (("problem", problems), ("warning", warnings)):
                for problem in those[:50]:
                    shown = self.session.with_relative_path(problem)
                    with ui.element("li").classes(
                        f"problem {'warning' if kind != 'problem' else ''}"
                    ):
                        HtmlBlock(html_fragments.problem_html(shown))
                        if problem.line is not None:
                            labelled_button(
                                f"Go to line {problem.line}",
                                lambda line=problem.line: self.editor.reveal_line(line),
                            )
        lines = {p.line for p in problems if p.line is not None}
        last = self.editor.value.count("\n") + 1
        self.editor.decorations = [
            {"kind": "line", "line": line, "class": "cm-fault"} for line in lines if line <= last
        ]
        warned = f", {format_count(len(warnings), 'warning')}" if warnings else ""
        none = "No problem" if not problems else format_count(len(problems), "problem")
        self.status_line.set_text(none + warned)
        self.run_button.set_enabled(not problems)

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "text":
            self._show_problems(
                session.problems_by_kind.get("text", ()),
                session.problems_by_kind.get("warnings", ()),
            )
        elif topic == "problems":
            self._show_problems(session.problems, ())
        elif topic == "case" and session.case is not None and not self.is_checking:
            self._show_problems((), session.case.warnings)


def _text_too_long(max_characters: int) -> Problem:
    help = "check it on the command line: ceasefire check"
    return Problem(
        "is too large for a page", allowed=f"at most {max_characters:,} characters", help=help
    )
