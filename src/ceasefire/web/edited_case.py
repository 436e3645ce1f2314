"""A case as it stands on one page: its text, and what was moved, switched off and logged there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ceasefire.case import Case, Event, Expression, FrozenMapping, NumberLiteral, Unknown, loads
from ceasefire.case.dumping import WrittenNumber
from ceasefire.case.resolve_declarations import DISTRIBUTION_KEYS
from ceasefire.evidence.events import event_in_words
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.formatting import format_number
from ceasefire.render.tables_codings import option_words

NEVER_CONDITION = Expression("false", NumberLiteral(0.0))


@dataclass(frozen=True)
class EditedCase:
    """What a page asks about.

    text             the case as YAML
    file             where the text came from, so that `extends` is found; inside `folder`
    folder           the folder of cases
    fixed_unknowns   (unknown, value) held at another value than the best estimate
    disabled_tables  tables that do not exist, which everybody knows
    added_events     events added to those of the text
    chosen_options   (alternative, option) that the case is written with, none being the first
    today            the period that begins now, as `update` has it; None leaves that to the events
    """

    text: str
    file: str
    folder: str
    fixed_unknowns: tuple[tuple[str, float], ...] = ()
    disabled_tables: tuple[str, ...] = ()
    added_events: tuple[Event, ...] = ()
    today: int | None = None
    chosen_options: tuple[tuple[str, str], ...] = ()

    @property
    def is_moved(self) -> bool:
        """Whether it is another case than its text, whatever has been logged."""
        return bool(self.fixed_unknowns or self.disabled_tables or self.chosen_options)

    @property
    def without_fixed_unknowns(self) -> "EditedCase":
        """The same with nothing moved: games are built once for all values of the unknowns."""
        return replace(self, fixed_unknowns=(), today=None)

    @property
    def without_evidence(self) -> "EditedCase":
        """The same with nothing logged: what claims say as they are asked from the start."""
        return replace(self, added_events=(), today=None)

    def build_case(self) -> Case:
        """The case with everything that was done to it.

        Raises CaseError with every problem of the text.
        """
        return apply_edits(loads(self.text, self.file, Path(self.folder)), self)


def apply_edits(case: Case, edited_case: EditedCase) -> Case:
    """A case with options chosen, unknowns held, tables switched off and events logged.

    case         the case as it is written
    edited_case  what was changed on the page

    A held unknown has no distribution left. A table that is off is never there, as `without=` has
    it; questions may still name it. All this is so whatever the options of other alternatives.
    """
    chosen = with_chosen_options(case, edited_case)
    return chosen.in_every_coding(lambda one: _apply_edits_to_coding(one, edited_case))


def with_chosen_options(case: Case, edited_case: EditedCase) -> Case:
    """A case with the options that were chosen on a page, as far as it has them.

    case         the case as it is written
    edited_case  what was changed on the page
    """
    return case.written_with(case.options_otherwise(dict(edited_case.chosen_options)))


def what_fits(case: Case, edited_case: EditedCase) -> EditedCase:
    """What was changed on a page, without what a case as it is now written does not have.

    case         the case as it is written
    edited_case  what was changed on the page
    """
    options = case.options_otherwise(dict(edited_case.chosen_options))
    kept = replace(edited_case, chosen_options=tuple(options.items()))
    chosen = with_chosen_options(case, kept)
    return replace(
        kept,
        fixed_unknowns=tuple((n, v) for n, v in kept.fixed_unknowns if n in chosen.unknowns),
        disabled_tables=tuple(name for name in kept.disabled_tables if name in chosen.tables),
    )


def _apply_edits_to_coding(case: Case, edited_case: EditedCase) -> Case:
    fixed_values = dict(edited_case.fixed_unknowns)
    unknowns = {
        name: unknown.held_at(fixed_values[name]) if name in fixed_values else unknown
        for name, unknown in case.unknowns.items()
    }
    tables = {
        name: replace(table, when=NEVER_CONDITION) if name in edited_case.disabled_tables else table
        for name, table in case.tables.items()
    }
    together = tuple(pair for pair in case.together if not {pair[0], pair[1]} & fixed_values.keys())
    return replace(
        case,
        unknowns=FrozenMapping(unknowns),
        tables=FrozenMapping(tables),
        together=together,
        events=(*case.events, *edited_case.added_events),
    )


def extension_document(case: Case, edited_case: EditedCase) -> dict[str, Any]:
    """What turns the case of the text into the one on the page, as a file that extends it.

    case         the case as it is written
    edited_case  what was changed on the page
    """
    fixed = dict(edited_case.fixed_unknowns)
    unknowns, tables = (_section_as_written(case, name) for name in ("unknowns", "tables"))
    document: dict[str, Any] = {
        "unknowns": {
            name: {"best": value, **dict.fromkeys(_distribution_keys(unknowns[name]))}
            for name, value in fixed.items()
            if name in unknowns
        },
        "tables": {
            name: {"when": "false"} for name in edited_case.disabled_tables if name in tables
        },
    }
    document = {section: changes for section, changes in document.items() if changes}
    together = [list(pair) for pair in case.together if not fixed.keys() & set(pair[:2])]
    if len(together) < len(case.together):
        document["together"] = together or None
    alternatives: dict[str, Any] = {}
    for name, alternative in case.alternatives.items():
        patches = {option: _plain(patch) for option, patch in alternative.options.items()}
        options = {option: patch for option, patch in patches.items() if _hold(patch, edited_case)}
        if options:
            alternatives[name] = {"options": options}
    for name, option in edited_case.chosen_options:
        weights = dict(case.alternatives[name].always(option).weights)
        alternatives[name] = alternatives.get(name, {}) | {"best": option, "weights": weights}
    if alternatives:
        document["alternatives"] = alternatives
    if edited_case.added_events:
        document["events"] = [
            _event_document(event) for event in (*case.events, *edited_case.added_events)
        ]
    return document


def _section_as_written(case: Case, section: str) -> dict[str, Any]:
    """A section as it is before any option changes it: what each of its entries says.

    Where no option changes it, all that is said of an entry is its distribution.
    """
    if section in case.as_written:
        return dict(_plain(case.as_written[section]) or {})
    if section == "tables":
        return {name: {} for name in case.tables}
    return {name: _distribution(unknown) for name, unknown in case.unknowns.items()}


def _distribution_keys(said: Mapping[str, Any]) -> list[str]:
    return [key for key in said if key in DISTRIBUTION_KEYS]


def _distribution(unknown: Unknown) -> dict[str, Any]:
    """How an unknown is distributed; what goes with experts only is removed with them."""
    if unknown.kind == "experts":
        return {"experts": unknown.experts}
    return {unknown.kind: unknown.parameters} if unknown.kind else {}


def _hold(patch: dict[str, Any], edited_case: EditedCase) -> bool:
    """Let the patch of an option leave what is held and switched off; whether it said otherwise."""
    unknowns, tables = patch.get("unknowns") or {}, patch.get("tables") or {}
    held = [(n, v) for n, v in edited_case.fixed_unknowns if unknowns.get(n) is not None]
    off = [name for name in edited_case.disabled_tables if tables.get(name) is not None]
    for name, value in held:
        for key in _distribution_keys(unknowns[name]):
            del unknowns[name][key]
        unknowns[name]["best"] = value
    for name in off:
        tables[name]["when"] = "false"
    return bool(held or off)


def describe_edits(edited_case: EditedCase) -> tuple[str, ...]:
    """What was changed on the page, in words.

    edited_case  what was changed on the page
    """
    case = loads(edited_case.text, edited_case.file, Path(edited_case.folder))
    chosen = with_chosen_options(case, edited_case)
    options = (
        f"written otherwise: {option_words(name, case.alternatives[name], option)}"
        for name, option in edited_case.chosen_options
    )
    held = (
        f"{name} is held at {format_number(value)} (best as written: "
        f"{format_number(chosen.unknowns[name].best)})"
        for name, value in edited_case.fixed_unknowns
        if name in chosen.unknowns
    )
    off = (f"the table {name} does not exist" for name in edited_case.disabled_tables)
    added = (
        f"added: {period_label(case, event.period)}, {event_in_words(chosen, event)}"
        for event in edited_case.added_events
    )
    return (*options, *held, *off, *added)


def _plain(value: Any) -> Any:
    """What an option changes, as a file has it."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, WrittenNumber):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    return value


def _event_document(event: Event) -> dict[str, Any]:
    about: Mapping[str, Any] = {"by": event.by, "source": event.source}
    what = dict(event.observed) if event.kind == "observed" else event.target
    return {"period": event.period, event.kind: what} | {k: v for k, v in about.items() if v}
