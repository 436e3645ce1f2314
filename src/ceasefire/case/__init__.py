"""What the analyst wrote: reading, checking and resolving a case file."""

from ceasefire.case.bind import bind
from ceasefire.case.dates import DATES, LENGTHS, YEAR, days, is_date
from ceasefire.case.dump import digest, dump
from ceasefire.case.editor import schema
from ceasefire.case.evaluate import evaluate
from ceasefire.case.expressions import (
    Binary,
    Call,
    Choice,
    Compare,
    Expression,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    Word,
    children,
    walk,
)
from ceasefire.case.frozen import Frozen
from ceasefire.case.load import load, loads, question_scope
from ceasefire.case.model import (
    GREATEST,
    POSITIVE,
    Baseline,
    Case,
    Chance,
    Claim,
    Deal,
    Event,
    Forecast,
    Move,
    Outcome,
    Party,
    Promise,
    Source,
    Step,
    Table,
    Unknown,
    Variable,
)
from ceasefire.case.parse import HIDDEN_PASS, parse_python, parse_question
from ceasefire.case.place import Place
from ceasefire.case.scope import Scope
from ceasefire.case.template import template

__all__ = [
    "DATES",
    "GREATEST",
    "HIDDEN_PASS",
    "LENGTHS",
    "POSITIVE",
    "YEAR",
    "Baseline",
    "Binary",
    "Call",
    "Case",
    "Chance",
    "Choice",
    "Claim",
    "Compare",
    "Deal",
    "Event",
    "Expression",
    "Forecast",
    "Frozen",
    "Logic",
    "Member",
    "Move",
    "Name",
    "Node",
    "Number",
    "Outcome",
    "Party",
    "Place",
    "Promise",
    "Scope",
    "Source",
    "Step",
    "Table",
    "Unary",
    "Unknown",
    "Variable",
    "Word",
    "bind",
    "children",
    "days",
    "digest",
    "dump",
    "evaluate",
    "is_date",
    "load",
    "loads",
    "parse_python",
    "parse_question",
    "question_scope",
    "schema",
    "template",
    "walk",
]
