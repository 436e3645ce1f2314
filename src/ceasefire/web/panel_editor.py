"""The text of a case in an editor, its problems at their lines."""

from nicegui import ui

from ceasefire.errors import CeasefireError, Problem
from ceasefire.results import format_count
from ceasefire.web import html_fragments
from ceasefire.web.browser_cases import file_name, keep_case, leave_for
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, status_line
from ceasefire.web.panel_forms import FormsPanel
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
        TextBlock("p", self._where_it_is_kept(), "soft")
        with ui.row().classes("items-center"):
            self.run_button = labelled_button("Use this text", self._replace_case_text, quiet=False)
            self.keep_button = labelled_button(self._keep_label, self._keep)
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
        self.saved_text = session.edited_case.text
        with ui.element("div").classes("beside two"):
            with ui.element("section").props('aria-label="The case as forms"'):
                self.forms = FormsPanel(session.edited_case.text, self._take_answer)
            with ui.element("section").classes("text-side").props('aria-label="The case as text"'):
                self.editor = ui.codemirror(
                    session.edited_case.text,
                    language="YAML",
                    theme="githubLight",
                    on_change=self._on_edit,
                )
        ui.run_javascript(LABEL_EDITOR_SCRIPT.format(id=self.editor.id))
        session.listeners.append(self.on_change)

    @property
    def _keep_label(self) -> str:
        if self.session.kept_in_browser:
            return "Keep it in this browser"
        return (
            "Save it in the folder"
            if self.session.server_state.case_folder.writable
            else "Keep a copy in this browser"
        )

    def _where_it_is_kept(self) -> str:
        """Where what is written here goes."""
        if self.session.kept_in_browser:
            return "This case is kept in this browser alone: download it to keep it elsewhere."
        if self.session.server_state.case_folder.writable:
            return "What you change is played when you use it, and is in the folder once you save."
        return "The folder is left as it is: download the case, or keep a copy in this browser."

    async def _keep(self) -> None:
        """Save the text in the folder, or keep it in the browser."""
        text, session = self.editor.value, self.session
        if len(text) > self.max_characters:
            return
        folder = session.server_state.case_folder
        in_folder = folder.writable and not session.kept_in_browser
        name = session.name if session.kept_in_browser else file_name(session.name[:-5])
        try:
            if in_folder:
                folder.save(session.name, text, self.saved_text)
            else:
                await keep_case(name, text)
            self.status_line.set_text(
                f"{'Saved in the folder' if in_folder else 'Kept in this browser'}."
            )
            session.mark_saved(text)
            self.saved_text = text
            if not in_folder and not session.kept_in_browser:
                await leave_for(f"/kept/{name}")
        except CeasefireError as error:
            self._show_problems(error.problems, ())

    def _take_answer(self, text: str) -> None:
        """An answer in the forms: the text follows, and is read."""
        self.editor.set_value(text)

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
        self.forms.show(self.editor.value, problems)
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
        elif topic == "text_restored":
            self.editor.set_value(session.draft_text)
        elif topic == "problems":
            self._show_problems(session.problems, ())
        elif topic == "case" and session.case is not None and not self.is_checking:
            self._show_problems((), session.case.warnings)


def _text_too_long(max_characters: int) -> Problem:
    help = "check it on the command line: ceasefire check"
    return Problem(
        "is too large for a page", allowed=f"at most {max_characters:,} characters", help=help
    )
