"""The text of a case in an editor, its problems at their lines."""

from nicegui import ui

from ceasefire.errors import Problem
from ceasefire.render.formatting import format_count
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
    """The editor, the list of problems, and a button that plays what is written."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.most = session.desk.limits.text
        self.waiting = False
        TextBlock(
            "p",
            "Nothing is written to the folder: download the case to keep it.",
            "soft",
        )
        with ui.row().classes("items-center"):
            self.play = labelled_button("Play this text", self._play, quiet=False)
            with ui.element("label").classes("small"):
                TextBlock("span", "Bring in a file ")
                chosen = ui.element("input").props('type="file" accept=".yaml,.yml"')
                chosen.on("change", self._bring, js_handler=READ_FILE_SCRIPT.format(most=self.most))
        self.said = status_line()
        self.problems = ui.element("ul").classes("plain-list").props('aria-label="Problems"')
        self.editor = ui.codemirror(
            session.draft.text, language="YAML", theme="githubLight", on_change=self._written
        )
        ui.run_javascript(LABEL_EDITOR_SCRIPT.format(id=self.editor.id))
        session.changed.append(self.show)

    def _written(self) -> None:
        text = self.editor.value
        if len(text) > self.most:
            self._say((_text_too_long(self.most),), ())
            self.session.give_up("text")
            return
        self.waiting = True
        self.said.set_text("Reading…")
        self.session.check_text(text)

    def _bring(self, event: object) -> None:
        text = getattr(event, "args", None)
        if not isinstance(text, str) or len(text) > self.most:
            self._say((_text_too_long(self.most),), ())
            return
        self.editor.set_value(text)

    def _play(self) -> None:
        text = self.editor.value
        if len(text) <= self.most:
            self.session.rewrite(text)

    def _say(self, problems: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> None:
        self.waiting = False
        self.problems.clear()
        with self.problems:
            for kind, those in (("problem", problems), ("warning", warnings)):
                for problem in those[:50]:
                    shown = self.session.shown(problem)
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
        self.said.set_text(none + warned)
        self.play.set_enabled(not problems)

    def show(self, what: str) -> None:
        """Show what is new."""
        session = self.session
        if what == "text":
            self._say(session.trouble.get("text", ()), session.trouble.get("warnings", ()))
        elif what == "problems":
            self._say(session.problems, ())
        elif what == "case" and session.case is not None and not self.waiting:
            self._say((), session.case.warnings)


def _text_too_long(most: int) -> Problem:
    help = "check it on the command line: ceasefire check"
    return Problem("is too large for a page", allowed=f"at most {most:,} characters", help=help)
