"""Texts made by coverage, for an hour of processor time, against the parser of expressions.

    make fuzz        or    python -m verification.fuzz [--cpu SECONDS] [--corpus FOLDER]

Any text, read as an expression of a case or as a question about one, either has a meaning, which
it keeps when it is printed and read again, and a value that is finite or nan, or it is refused
with a place and nothing else. All of it takes less than two seconds. A text for which this is not
so is printed and kept in the folder; the corpus is kept too, so that a later run goes on.
"""

import argparse
import ast
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ceasefire.case import (
    Case,
    NameScope,
    bind_expression,
    evaluate,
    load,
    parse_question_ast,
    question_scope,
)
from ceasefire.diagnostics import TextLocation
from ceasefire.errors import CeasefireError, ExpressionError, Problem, QuestionError
from ceasefire.query import read_question

ROOT = Path(__file__).parents[1]
CASE = ROOT / "tests" / "cases" / "valid" / "everything.yaml"
HERE = TextLocation(path="fuzz", line_starts=((0, 1, 1),))
SLOWEST = 2.0
PART = 300  # seconds; libFuzzer starts anew, and leaves a smaller corpus, this often
GROWN = ("nested too deeply", "too long")  # what printing may make of a text: more brackets
WORDS = """
and or not if else in min max abs exp log sqrt true false type pass P E at by start given least
eventually always until next within after before without closed sharper provided belief believes
value plays happens broken at_end power stable believes ** == != <= >= // 1e308 1e999 0x 0b _ j
lambda await yield None True f' b' ... := -> = { } [ ] ( ) , : . % 9**9**9 1_0 0.5
"""


def defect(text: str, case: Case, scope: NameScope) -> str | None:
    """What is wrong with how a text is received, in either language; None if all is well.

    Any error but a refusal is what is looked for, and passes through.
    """
    began = time.process_time()
    found = _as_expression(text, scope) or _as_question(text, case)
    spent = time.process_time() - began
    return found or (f"took {spent:.1f} s" if spent > SLOWEST else None)


def _as_expression(text: str, scope: NameScope) -> str | None:
    try:
        bound = bind_expression(text, scope, HERE)
    except ExpressionError as error:
        return _placeless(error.problems)
    columns = {name: np.arange(4.0) for name in (*scope.variables, *scope.unknowns, "type")}
    values = evaluate(bound, columns, scope.conditions, 4)
    if np.isinf(values).any():
        return f"is infinite: {values}"
    try:
        again = bind_expression(_printed(text), scope, HERE)
    except ExpressionError as error:
        return _refused_again(error)
    return None if again.tree == bound.tree else f"means another thing as {again.text}"


def _as_question(text: str, case: Case) -> str | None:
    try:
        question = read_question(case, text, HERE)
    except QuestionError as error:
        return _placeless(error.problems)
    try:
        again = read_question(case, _printed(text).replace("____", "pass"), HERE)
    except QuestionError as error:
        return _refused_again(error)
    return (
        None if again.expression == question.expression else f"means another thing as {again.text}"
    )


def _printed(text: str) -> str:
    return ast.unparse(parse_question_ast(text))


def _placeless(problems: Sequence[Problem]) -> str | None:
    if problems and all(p.message and p.line and p.column for p in problems):
        return None
    return f"refused without a place: {problems}"


def _refused_again(error: CeasefireError) -> str | None:
    if all(any(reason in p.message for reason in GROWN) for p in error.problems):
        return None
    return f"is refused when printed: {error}"


def subject() -> tuple[Case, NameScope]:
    """The case that is asked, and the names its expressions may read."""
    case = load(CASE)
    return case, question_scope(case)


def seeds() -> list[str]:
    """Every expression and test of the cases that tests use, to begin with."""
    found = set()
    for path in sorted((ROOT / "tests").glob("cases*/**/*.yaml")):
        try:
            case = load(path)
        except CeasefireError:
            continue
        found |= {claim.test for claim in case.claims.values()}
        found |= {one.text for one in case.conditions.values()}
        found |= {m.when.text for m in case.moves.values() if m.when is not None}
        found |= {t.text for terms in case.payoffs.values() for t in terms.values()}
    return sorted(found)


def fuzz(arguments: Sequence[str]) -> None:
    """Hand the property to libFuzzer; does not come back."""
    import atheris  # the extra `fuzz`

    with atheris.instrument_imports(include=["ceasefire.case", "ceasefire.query"]):
        for name in [name for name in sys.modules if name.startswith("ceasefire.")]:
            del sys.modules[name]
        import verification.fuzz as ours

    case, scope = ours.subject()

    def once(data: bytes) -> None:
        text = data.decode("utf-8", errors="replace")
        found = ours.defect(text, case, scope)
        if found is not None:
            raise AssertionError(f"{text!r} {found}")

    atheris.Setup([sys.argv[0], *arguments], once)
    atheris.Fuzz()


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz in parts until the processor time is spent; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cpu", type=int, default=3600)
    parser.add_argument("--corpus", type=Path, default=ROOT / "build" / "fuzz")
    asked = parser.parse_args(arguments)
    texts, found = asked.corpus / "texts", asked.corpus / "found"
    for folder in (texts, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds()):
        (texts / f"seed-{number}").write_text(text, encoding="utf-8")
    words = asked.corpus / "words"
    lines = [f'"{word}"' for word in WORDS.split()]
    words.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done, spent = 0, 0.0
    while spent < asked.cpu:
        options = [str(texts), f"-dict={words}", f"-artifact_prefix={found}/"]
        options += [f"-max_total_time={PART}", "-max_len=10100", "-print_final_stats=1"]
        options += ["-timeout=30", "-rss_limit_mb=2000"]
        command = [sys.executable, "-m", "verification.fuzz", "--", *options]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = used.ru_utime + used.ru_stime
        made = re.search(r"number_of_executed_units: *(\d+)", ended.stderr)
        done += int(made[1]) if made else 0
        kept = len(list(texts.iterdir()))
        print(f"{done:,} texts in {spent:,.0f} s of processor, {kept:,} kept", flush=True)
        if ended.returncode:
            said = [line for line in ended.stderr.splitlines() if not line.startswith("#")]
            print("\n".join(said[-60:]), flush=True)
            return 1
    return 0


if __name__ == "__main__":
    if "--" in sys.argv:
        fuzz(sys.argv[sys.argv.index("--") + 1 :])
    sys.exit(main())
