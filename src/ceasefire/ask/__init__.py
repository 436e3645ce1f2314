"""Questions of a case: what is likely, what is believed, what follows, and why."""

from ceasefire.ask.answer import Answer, Answers, Figure, ask, read_all
from ceasefire.ask.certificate import Numerics, certify_sheet
from ceasefire.ask.claims import ClaimAnswer, Claims, check_claims, read_claims
from ceasefire.ask.explain import Choice, Decision, Explanation, explain
from ceasefire.ask.parse import read_question
from ceasefire.ask.power import Coalition, Powers, power
from ceasefire.ask.prepare import Prepared, Sheet, prepare
from ceasefire.ask.question import Question
from ceasefire.ask.reading import Reading
from ceasefire.ask.state import read_state
from ceasefire.ask.timeline import Course, Series, Timeline, timeline

__all__ = [
    "Answer",
    "Answers",
    "Choice",
    "ClaimAnswer",
    "Claims",
    "Coalition",
    "Course",
    "Decision",
    "Explanation",
    "Figure",
    "Numerics",
    "Powers",
    "Prepared",
    "Question",
    "Reading",
    "Series",
    "Sheet",
    "Timeline",
    "ask",
    "certify_sheet",
    "check_claims",
    "explain",
    "power",
    "prepare",
    "read_all",
    "read_claims",
    "read_question",
    "read_state",
    "timeline",
]
