"""A case as forms: parties, unknowns, payoffs, tables, moves and claims, each answered in words."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from ceasefire.errors import CaseError, CeasefireError, Problem
from ceasefire.formats.case_forms import (
    add_item,
    case_form,
    change_field,
    facts_in_words,
    moves_in_words,
    outcome_quantities,
    parties_in_words,
    remove_item,
    tables_in_words,
)
from ceasefire.formats.form_alternatives import (
    alternatives_in_words,
    options_in_words,
    payoffs_in_words,
    unknowns_in_words,
)
from ceasefire.formats.form_fields import FormField, FormItem, FormSection
from ceasefire.formats.form_order import current_order
from ceasefire.formats.guided_case import CERTAINTIES
from ceasefire.web.layout import TextBlock, labelled_button

OPTION_CHANGES = (
    ("unknown", "an unknown is estimated otherwise"), ("estimate", "estimate then"),
    ("table", "a table is not there"), ("payoff", "a payoff has another amount"),
    ("amount", "amount then"), ("order", "who moves when in a period"),
)  # fmt: skip
NEW_FIELDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "party": (("name", "name"),),
    "unknown": (("name", "what nobody knows"), ("estimate", "estimate, such as 0.6 (0.3 to 0.9)")),
    "payoff": (("fact", "each period in which"), ("verb", "this"), ("party", "whom"),
               ("amount", "amount, or an unknown")),
    "table": (("name", "name"), ("seats", "who sits there"), ("deal", "what could be agreed"),
              ("effects", "what that changes, such as fighting = false")),
    "deal": (("table", "table"), ("name", "what could be agreed"),
             ("effects", "what that changes, such as fighting = false")),
    "move": (("name", "what it does"), ("by", "who"),
             ("effects", "what that changes, such as fighting = true")),
    "type": (("party", "party"), ("name", "it may be"), ("chance", "how likely, or an unknown"),
             ("other", "otherwise it is")),
    "promise": (("name", "what is promised"), ("forbids", "what breaks it"),
                ("owes", "or what it owes, one of these"), ("within", "within how many periods"),
                ("breach", "what breaking it costs")),
    "chance": (("name", "what may happen"), ("when", "only when"),
               ("chance", "how likely, or an unknown"),
               ("effects", "what that changes, such as fighting = false")),
    "lever": (("name", "the decision in words"), ("by", "who could take it"),
              ("set", "what is different then, such as without=talks")),
    "claim": (("name", "your sentence"), ("outcome", "it is true if this"), ("test", "is so")),
    "alternative": (("name", "what is written in rival ways"), ("first", "as it is now is called"),
                    ("option", "the other way is called"), *OPTION_CHANGES),
    "option": (("alternative", "what is written in rival ways"),
               ("name", "the new way is called"), *OPTION_CHANGES),
    "change": (("option", "in which option"), *OPTION_CHANGES),
}  # fmt: skip
ALSO_ADDED = {"table": ("deal",), "party": ("type",), "alternative": ("option", "change")}
MANY = ("seats", "forbids", "owes")
ADD_WORDS = {
    "unknown": "Add an unknown",
    "type": "Add what a party may be, hidden from others",
    "chance": "Add something that happens by itself",
    "alternative": "Add an alternative: a part written in two rival ways",
    "option": "Add one more way to write an alternative",
    "change": "Add a change to an option",
}
VERBS = {"costs": "costs", "brings": "brings"}
LONG_CHARACTERS = 100  # of a text that takes a line of its own


class FormsPanel:
    """The forms of one text; what is answered gives a new text."""

    def __init__(self, text: str, on_text: Callable[[str], None]) -> None:
        """Draw the forms.

        text     the case
        on_text  called with the new text after each answer
        """
        self.text, self.on_text = text, on_text
        self.problems: tuple[Problem, ...] = ()
        self.sections: tuple[FormSection, ...] = ()
        self.fields: dict[tuple[object, ...], tuple[FormField, Any]] = {}
        self.refused: dict[tuple[object, ...], str] = {}  # why an answer is not in the text
        self.open_items: set[tuple[object, ...]] = set()
        self.root = ui.element("div").classes("forms")
        self.note = TextBlock("p", "", "doubt small")
        self.show(text)

    def show(self, text: str, problems: tuple[Problem, ...] = ()) -> None:
        """Bring the forms in step with a text.

        text      the case as it stands now
        problems  what is wrong with it
        """
        self.text, self.problems = text, problems
        try:
            sections = case_form(text)
        except CaseError:
            self.note.set_text("The text cannot be read just now: mend it there first.")
            return
        self.note.set_text("")
        if _outline(sections) != _outline(self.sections):
            self.sections = sections
            self._build()
        self.sections = sections
        by_path: dict[tuple[object, ...], FormField] = {
            (*f.path, f.label): f for s in sections for i in s.items for f in i.fields
        }
        for key, (field, shown) in self.fields.items():
            fresh = by_path.get(key)
            if fresh is not None and fresh != field:
                self.fields[key] = (fresh, shown)
                self.refused.pop(key, None)
                shown.value = _shown_value(fresh)
        self._mark_problems()

    def _mark_problems(self) -> None:
        for key, (field, shown) in self.fields.items():
            said = [_in_words(p) for p in self.problems if _belongs(p.path, field)]
            shown.error = self.refused.get(key) or next(iter(said), None)

    def _build(self) -> None:
        self.root.clear()
        self.fields, self.refused = {}, {}
        with self.root:
            for section in self.sections:
                TextBlock("h3", section.title)
                if section.about:
                    TextBlock("p", section.about, "soft small")
                for item in section.items:
                    self._item(item)
                if section.kind:
                    self._adder(section.kind)
                    for kind in ALSO_ADDED.get(section.kind, ()):
                        self._adder(kind)

    def _item(self, item: FormItem) -> None:
        """An item, its fields built when it is first opened: a case may have hundreds."""
        if not item.path:
            self._fields(item)
            return
        if len(item.fields) == 1:
            with ui.element("div").classes("sentence"):
                TextBlock("span", item.title)
                self._fields(item)
            return
        with ui.element("details") as fold:
            TextBlock("summary", item.title)
            inside = ui.element("div")
        if item.path in self.open_items:
            fold.props("open")
            with inside:
                self._fields(item)

        def opened() -> None:
            if item.path not in self.open_items:
                self.open_items.add(item.path)
                with inside:
                    self._fields(self._current(item))
                self._mark_problems()

        fold.on("toggle", opened, args=[])

    def _current(self, item: FormItem) -> FormItem:
        """The item as the text has it now."""
        found = (i for s in self.sections for i in s.items if i.path == item.path)
        return next(found, item)

    def _fields(self, item: FormItem) -> None:
        with ui.element("div").classes("fields"):
            for field in item.fields:
                key = (*field.path, field.label)
                self.fields[key] = (field, self._input(key, field))
        if item.note:
            TextBlock("p", item.note, "soft small")
        if item.removable and item.path:
            labelled_button("Take out", lambda: self._answer(lambda t: remove_item(t, item)))

    def _input(self, key: tuple[object, ...], field: FormField) -> Any:
        def commit() -> None:
            current, shown = self.fields[key]
            value = shown.value
            answer = tuple(value or ()) if current.kind == "choices" else str(value or "")
            if answer != current.value:
                self._answer(lambda text: change_field(text, current, answer), key)
            elif self.refused.pop(key, None) is not None:
                self._mark_problems()

        if field.choices is not None:
            return _select(field.label, field.choices, field.kind == "choices", commit, field.value)
        wide = field.kind == "order"
        return _text_input(field.label, str(field.value), commit, field.hint, wide=wide)

    def _answer(self, change: Callable[[str], str], key: tuple[object, ...] = ()) -> None:
        """Change the text; what cannot be taken is said at the field until it is answered anew."""
        try:
            text = change(self.text)
        except CeasefireError as error:
            if key:
                self.refused[key] = _in_words(error.problems[0])
                self._mark_problems()
            else:
                self.note.set_text(_in_words(error.problems[0]))
            return
        self.refused.pop(key, None)
        self.show(text)
        self.on_text(text)

    def _adder(self, kind: str) -> None:
        """A folded form that adds something new."""
        with ui.element("details") as fold:
            TextBlock("summary", ADD_WORDS.get(kind, f"Add a {kind}"))
            inside = ui.element("div")

        def opened() -> None:
            inside.clear()
            with inside:
                try:
                    self._new_item_form(kind)
                except CaseError as error:
                    TextBlock("p", _in_words(error.problems[0]), "soft")

        fold.on("toggle", opened, args=[])

    def _new_item_form(self, kind: str) -> None:
        inputs: dict[str, Any] = {}
        choices = self._choices(kind)
        proposed = {"verb": "costs", "test": "likely", "order": current_order(self.text)}
        with ui.element("div").classes("fields adder"):
            for name, label in NEW_FIELDS[kind]:
                if name in choices:
                    many = name in MANY
                    value = () if many else proposed.get(name, "")
                    inputs[name] = _select(label, choices[name], many, lambda: None, value)
                else:
                    value, wide = proposed.get(name, ""), name == "order"
                    inputs[name] = _text_input(label, value, lambda: None, "", wide=wide)

        def add() -> None:
            answers = {name: shown.value or "" for name, shown in inputs.items()}
            for shown in inputs.values():
                shown.error = None
            try:
                text = add_item(self.text, kind, answers)
            except CeasefireError as error:
                problem = error.problems[0]
                at = inputs.get(problem.path) or next(iter(inputs.values()))
                at.error = _in_words(problem)
                return
            self.show(text)
            self.on_text(text)

        labelled_button("Add it", add, quiet=False)

    def _choices(self, kind: str) -> dict[str, Mapping[str, str]]:
        """What can be chosen in the fields of something new."""
        text = self.text
        parties, moves = parties_in_words(text), moves_in_words(text)
        found: dict[str, Mapping[str, str]] = {
            "fact": facts_in_words(text),
            "verb": VERBS,
            "party": parties,
            "by": parties,
            "seats": parties,
            "forbids": moves,
            "owes": moves,
            "table": tables_in_words(text),
            "outcome": outcome_quantities(text),
            "test": {key: words for key, (words, _) in CERTAINTIES.items()},
            "unknown": unknowns_in_words(text),
            "payoff": payoffs_in_words(text),
            "alternative": alternatives_in_words(text),
        }
        if OPTION_CHANGES[0] not in NEW_FIELDS[kind]:
            return found
        for name in ("unknown", "table", "payoff"):
            found[name] = {"": "none", **found[name]}
        return found if kind == "alternative" else {**found, "option": options_in_words(text)}


def _outline(sections: tuple[FormSection, ...]) -> list[object]:
    """What the forms look like, whatever stands in the fields."""
    return [
        (s.title, [(i.path, i.title, [(f.path, f.label) for f in i.fields]) for i in s.items])
        for s in sections
    ]


def _shown_value(field: FormField) -> Any:
    if field.kind == "choices":
        return [v for v in field.value if v in (field.choices or ())]
    if field.choices is not None:
        return field.value if field.value in field.choices else None
    return field.value


def _belongs(path: str, field: FormField) -> bool:
    """Whether a problem is one of a field: of it, or of something inside of it."""
    own = field.problem_path
    return bool(own) and (path == own or path.startswith((f"{own}.", f"{own}[")))


def _in_words(problem: Problem) -> str:
    found = f", found {problem.found}" if problem.found else ""
    ways = "; ".join(filter(None, (problem.allowed, problem.help)))
    return f"{problem.message}{found}" + (f" ({ways})" if ways else "")


def _text_input(
    label: str, value: str, commit: Callable[[], None], hint: str, *, wide: bool = False
) -> Any:
    shown = ui.input(label, value=value).props("dense outlined autogrow type=textarea rows=1")
    if wide or len(value) > LONG_CHARACTERS:
        shown.classes("long")
    shown.on("focusout", commit, args=[]).on("keydown.enter.prevent", commit, args=[])
    if hint:
        shown.props["hint"] = hint
    return shown


def _select(
    label: str, choices: Mapping[str, str], many: bool, commit: Callable[[], None], value: Any
) -> Any:
    known = [v for v in value if v in choices] if many else value if value in choices else None
    shown = ui.select(dict(choices), value=known, label=label, multiple=many)
    shown.props("dense options-dense outlined" + (" use-chips" if many else ""))
    shown.on_value_change(commit)
    return shown
