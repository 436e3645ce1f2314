"""What does a question ask? It is an expression over quantities, or a test of them.

    read_question(case, "P(eventually(fighting)) - P(always(not fighting)) > 0.25")

Nothing is executed. Everything that is wrong with a question is said at once, each fault with
its column, what was found, what is allowed and a way out.
"""

import ast
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from ceasefire.case import UNWRITTEN_TEST, Case, Claim, Coding, describe_coding
from ceasefire.diagnostics import TextLocation
from ceasefire.errors import ExpressionError, Problem, QuestionError
from ceasefire.query.ast import (
    Constant,
    LeastValueSearch,
    Operation,
    Quantity,
    QuantityRef,
    Question,
    QuestionNode,
    is_test_node,
)
from ceasefire.query.formula_parser import (
    BINARY_OPERATORS,
    QUANTITY_NAMES,
    QUESTION_LOCATION,
    TEMPORAL_OPERATORS,
    UNARY_OPERATORS,
    QuestionContext,
    called_function_name,
    parse_question_tree,
    suggest_nearest_name,
)
from ceasefire.query.quantity_parser import (
    QuantityOptions,
    QuantityParser,
    context_of_quantity,
    read_choice_names,
    read_quantity_options,
    read_start_overrides,
)

VariableValue = bool | int | str


def read_state(case: Case, at: str | Mapping[str, VariableValue]) -> dict[str, VariableValue]:
    """The variables that are named, each with its value.

    Raises QuestionError with everything that is no variable or no value of it.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {start: true}, force: {values: 0..4, start: 0}}
    ... ''')
    >>> read_state(case, "war=false, force=2")
    {'war': False, 'force': 2}
    """
    words = (
        at
        if isinstance(at, str)
        else ", ".join(f"{k}={_format_state_value(v)}" for k, v in at.items())
    )
    if not words.strip():
        return {}
    place = TextLocation(path="state", line_starts=((0, 1, 1),))
    for part in words.split(","):
        if part.count("=") != 1 + part.count("=="):
            allowed = "variable=value, variable=value"
            raise QuestionError([place.problem("is no state", found=part.strip(), allowed=allowed)])
    braced = TextLocation(
        path="state", line_starts=((0, 1, 0),)
    )  # the brace stands before the first column
    reader = QuestionContext(case, braced)
    found = read_start_overrides(reader, parse_question_tree(_as_braced_mapping(words), braced))
    reader.diagnostics.raise_any()
    return dict(found)


def read_choices(case: Case, names: str) -> tuple[str, ...]:
    """The moves, passes and deals that are named, in order.

    names  such as "russia.speech, kyiv_moscow.swap"; none if empty

    Raises QuestionError with every name that is no choice.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... moves: {stop: {by: a, set: {war: false}}}
    ... ''')
    >>> read_choices(case, "a.pass, a.stop")
    ('a.pass', 'a.stop')
    """
    if not names.strip():
        return ()
    bracketed = TextLocation(path="--after", line_starts=((0, 1, 0),))
    reader = QuestionContext(case, bracketed)
    found = read_choice_names(reader, parse_question_tree(f"[{names}]", bracketed))
    reader.diagnostics.raise_any()
    return found or ()


def _format_state_value(value: VariableValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_braced_mapping(words: str) -> str:
    pairs = [part.replace("==", "=").replace("=", ":", 1) for part in words.split(",")]
    return "{" + ",".join(pairs) + "}"


FUNCTION_ARGUMENT_COUNTS: Final = {"min": 2, "max": 2, "abs": 1, "exp": 1, "log": 1, "sqrt": 1}
COMPARISON_OPERATORS: Final = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
FAULTY_NODE: Final = Constant(0.0)
MOST_QUANTITIES_IN_LEAST: Final = 10_000


def read_question(
    case: Case, text: str, location: TextLocation = QUESTION_LOCATION, *, test: bool = False
) -> Question:
    """Read one question about a case.

    location  where it stands, for messages
    test      True if only true or false will do, as for a claim

    Raises QuestionError with every problem of the text.
    """
    return _read_question_tree(case, text, parse_question_tree(text, location), location, test=test)


def read_claim(case: Case, claim: Claim) -> Question:
    """Read the test of a claim, whose text has been parsed with the case.

    Raises QuestionError with every problem of the test.
    """
    if claim.test.strip() == UNWRITTEN_TEST:
        raise QuestionError([_problem_of_unwritten_test(case, claim)])
    try:
        tree = claim.syntax.body
    except ExpressionError as error:
        raise QuestionError(error.problems) from None
    return _read_question_tree(case, claim.test, tree, claim.location, test=True)


def _problem_of_unwritten_test(case: Case, claim: Claim) -> Problem:
    """Which quantities a test may compare, with examples in the words of the case."""
    truths = [name for name, one in case.state.items() if one.kind == "boolean"]
    fact = next(iter([*case.conditions, *truths]), "CONDITION")
    examples = [f"P(eventually({fact})) > 0.5"]
    examples += [f"plays({move}) > 0.5" for move in list(case.moves)[:1]]
    examples += [
        f"value({party}) > value({party}, without={table})"
        for table in list(case.tables)[:1]
        for party in list(case.parties)[:1]
    ]
    said = " ".join((claim.says or "").split()).rstrip(".")
    return claim.location.problem(
        "has no test yet",
        found=UNWRITTEN_TEST,
        allowed=f"a comparison of {', '.join(QUANTITY_NAMES)}",
        help=f"write what makes {f'“{said}”' if said else 'the claim'} true in the game: "
        f"{', '.join(examples)}",
    )


KeyT = TypeVar("KeyT")
EntryT = TypeVar("EntryT")


def read_each(
    entries: Mapping[KeyT, EntryT], read: Callable[[EntryT], Question]
) -> tuple[dict[KeyT, Question], list[Problem]]:
    """The questions of all entries that can be read, and the problems of those that cannot."""
    questions: dict[KeyT, Question] = {}
    problems: list[Problem] = []
    for key, entry in entries.items():
        try:
            questions[key] = read(entry)
        except QuestionError as error:
            problems += error.problems
    return questions, problems


def read_questions(case: Case, texts: Iterable[str]) -> list[Question]:
    """Read questions, or claims by their names; QuestionError with the problems of all."""
    questions, problems = read_each(dict(enumerate(texts)), partial(_read_question_or_claim, case))
    if problems:
        raise QuestionError(problems)
    return list(questions.values())


def _read_question_or_claim(case: Case, text: str) -> Question:
    claim = case.claims.get(text.strip())
    return read_question(case, text) if claim is None else read_claim(case, claim)


def read_claims(case: Case) -> dict[str, Question]:
    """Read the test of every claim.

    Raises QuestionError with the problems of all tests, each at its place in the file.
    """
    questions, problems = read_each_claim(case)
    if problems:
        raise QuestionError(problems)
    return questions


def read_each_claim(case: Case) -> tuple[dict[str, Question], list[Problem]]:
    """The tests of all claims that can be read, and the problems of those that cannot.

    A test that only says that all premises are true repeats no problem of theirs.
    """
    own = {name: claim for name, claim in case.claims.items() if not claim.test_is_premises}
    questions, problems = read_each(own, partial(read_claim, case))
    if problems:
        return questions, problems
    others = {name: claim for name, claim in case.claims.items() if name not in own}
    conclusions, problems = read_each(others, partial(read_claim, case))
    read = questions | conclusions
    return {name: read[name] for name in case.claims if name in read}, problems


def _read_question_tree(
    case: Case, text: str, tree: ast.expr, location: TextLocation, *, test: bool
) -> Question:
    """The question, and how it is read under each coding of the case, if it can be under all.

    A coding is blamed for what no coding with fewer options that are not the first is blamed for.
    """
    codings = {tuple(one.chosen.items()): one for one in case.codings}
    if not codings:
        return _read_under_coding(case, text, tree, location, test=test)
    here = tuple(case.chosen.items())
    apart = {coding: dict(set(coding) - set(here)) for coding in codings}
    readings: dict[Coding, Question] = {}
    problems: list[Problem] = []
    known: set[Problem] = set()
    for coding in sorted(codings, key=lambda one: len(apart[one])):
        try:
            one = case.coding(dict(coding))
            readings[coding] = _read_under_coding(one, text, tree, location, test=test)
        except QuestionError as error:
            options = [(name, option) for name, option in coding if name in apart[coding]]
            beside = f"with {describe_coding(tuple(options))}: " if options else ""
            problems += [
                replace(problem, message=beside + problem.message)
                for problem in error.problems
                if problem not in known
            ]
            known |= set(error.problems)
    if problems:
        raise QuestionError(problems)
    first = readings[here]
    others = tuple((coding, one) for coding, one in readings.items() if one != first)
    return replace(first, readings=others)


def _read_under_coding(
    case: Case, text: str, tree: ast.expr, location: TextLocation, *, test: bool
) -> Question:
    reader = QuestionContext(case, location)
    parser = _QuestionParser(reader)
    node = parser.parse_node(tree)
    if test and not reader.diagnostics.problems and not is_test_node(node):
        help = f"write {text.strip()} > 0.5, or whatever would make the claim true"
        reader.diagnostics.report(
            tree, "a claim's test is a number", allowed="true or false", help=help
        )
    reader.diagnostics.raise_any()
    return Question(text, node, tuple(parser.quantities))


class _QuestionParser:
    """Turns Python's tree into a question; after a fault it reads on to find the others."""

    def __init__(self, reader: QuestionContext) -> None:
        self.reader = reader
        self.quantities: dict[Quantity, int] = {}
        self.options_of_least: QuantityOptions | None = None
        self.in_least = False

    def parse_node(self, tree: ast.expr) -> QuestionNode:
        """One part of a question."""
        match tree:
            case ast.Constant(value=bool() | int() | float() as value):
                return self._number(tree, value)
            case ast.Name(id="true" | "false" as name):
                return Constant(name == "true")
            case ast.Name(id=name) if name in self.reader.case.unknowns:
                return self._unknown(tree, name)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in UNARY_OPERATORS:
                return Operation(UNARY_OPERATORS[type(op)], (self.parse_node(operand),))
            case ast.BinOp(op=op, left=left, right=right) if type(op) in BINARY_OPERATORS:
                return Operation(
                    BINARY_OPERATORS[type(op)], (self.parse_node(left), self.parse_node(right))
                )
            case ast.BoolOp(op=op, values=values):
                operator = "and" if isinstance(op, ast.And) else "or"
                return Operation(operator, tuple(self.parse_node(value) for value in values))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Operation(
                    "if", (self.parse_node(test), self.parse_node(body), self.parse_node(orelse))
                )
            case ast.Compare(ops=ops) if all(type(op) in COMPARISON_OPERATORS for op in ops):
                return self._compare(tree)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(tree, name)
        return self._fault_misplaced(tree)

    def _number(self, tree: ast.expr, value: float) -> QuestionNode:
        if math.isfinite(value):
            return Constant(float(value))
        self.reader.diagnostics.report(tree, "number is not finite", allowed="a finite number")
        return FAULTY_NODE

    def _unknown(self, tree: ast.Name, name: str) -> QuestionNode:
        """The value of an unknown in each world, which is what E(unknown) is."""
        call = ast.copy_location(ast.Call(ast.Name("E", ast.Load()), [tree], []), tree)
        options = replace(self.options_of_least or QuantityOptions(), after=())
        quantity = QuantityParser(self.reader, options, call).parse(call, "E")
        if quantity is None:
            return FAULTY_NODE
        return QuantityRef(self.index_of_quantity(replace(quantity, text=name)))

    def _compare(self, tree: ast.Compare) -> QuestionNode:
        sides = [self.parse_node(side) for side in (tree.left, *tree.comparators)]
        links: list[QuestionNode] = [
            Operation(COMPARISON_OPERATORS[type(op)], (sides[i], sides[i + 1]))
            for i, op in enumerate(tree.ops)
        ]
        return links[0] if len(links) == 1 else Operation("and", tuple(links))

    def _call(self, tree: ast.Call, name: str) -> QuestionNode:
        if name == "least":
            return self._least(tree)
        if name in QUANTITY_NAMES:
            reader = context_of_quantity(self.reader, tree)
            options = read_quantity_options(reader, tree, name)
            if self.options_of_least is not None:
                options = options.inheriting_from(self.options_of_least)
            quantity = QuantityParser(reader, options, tree).parse(tree, name)
            return (
                FAULTY_NODE if quantity is None else QuantityRef(self.index_of_quantity(quantity))
            )
        if name in FUNCTION_ARGUMENT_COUNTS:
            few, many = FUNCTION_ARGUMENT_COUNTS[name], FUNCTION_ARGUMENT_COUNTS[name] == 2
            if tree.keywords or (len(tree.args) < few if many else len(tree.args) != few):
                allowed = f"{name}(a, b, ...)" if many else f"{name}(a)"
                self.reader.diagnostics.report(
                    tree, f"{name} is written otherwise", allowed=allowed
                )
            return Operation(name, tuple(self.parse_node(part) for part in tree.args))
        return self._fault_misplaced(tree)

    def index_of_quantity(self, quantity: Quantity) -> int:
        """Where a quantity stands among those of the question, each kept once."""
        return self.quantities.setdefault(quantity, len(self.quantities))

    def _least(self, tree: ast.Call) -> QuestionNode:
        outside, self.reader = self.reader, context_of_quantity(self.reader, tree)
        try:
            return self._least_of_coding(tree)
        finally:
            self.reader = outside

    def _least_of_coding(self, tree: ast.Call) -> QuestionNode:
        reader, case = self.reader, self.reader.case
        options = read_quantity_options(reader, tree, "least")
        if self.in_least:
            reader.diagnostics.report(tree, "least(...) does not stand inside another")
            return FAULTY_NODE
        if len(tree.args) != 2:
            reader.diagnostics.report(
                tree, "least is written otherwise", allowed="least(variable, test)"
            )
            return FAULTY_NODE
        numeric = [name for name, facts in case.state.items() if facts.kind == "number"]
        variable = reader.read_name(tree.args[0], numeric, "whole-number variable")
        faults = len(reader.diagnostics.problems)
        known, self.quantities = self.quantities, {}
        self.options_of_least, self.in_least = options, True
        test = self.parse_node(tree.args[1])
        self.options_of_least, self.in_least = None, False
        inside, self.quantities = self.quantities, known
        if len(reader.diagnostics.problems) == faults and not is_test_node(test):
            help = "compare it: P(...) > 0.5"
            reader.diagnostics.report(
                tree.args[1], "a number is no test", allowed="a comparison", help=help
            )
        if variable is None or len(reader.diagnostics.problems) > faults:
            return FAULTY_NODE
        if any(variable in dict(quantity.start) for quantity in inside):
            help = f"leave {variable} out of start=: least sets it to each value in turn"
            reader.diagnostics.report(tree, f"start= sets {variable} too", help=help)
            return FAULTY_NODE
        values = sorted(int(v) for v in case.state[variable].values)
        if len(values) * len(inside) > MOST_QUANTITIES_IN_LEAST:
            found = f"{len(values):,} values of {variable}, {len(inside):,} at each"
            allowed, help = (
                f"at most {MOST_QUANTITIES_IN_LEAST:,} in all",
                "ask at the values that matter",
            )
            reader.diagnostics.report(
                tree, "least asks too much", found=found, allowed=allowed, help=help
            )
            return FAULTY_NODE
        tests = []
        for value in values:
            places = [
                self.index_of_quantity(
                    q.with_start_value(variable, value, f"{q.text} at {variable}={value}")
                )
                for q in inside
            ]
            tests.append((value, _renumber_quantities(test, places)))
        return LeastValueSearch(variable, reader.text_of(tree), tuple(tests))

    def _fault_misplaced(self, tree: ast.expr) -> QuestionNode:
        """What has no place in a question, and what was probably meant."""
        reader, name = self.reader, called_function_name(tree) or bare_name_of_node(tree)
        written = reader.text_of(tree)
        allowed = "quantities: " + ", ".join(QUANTITY_NAMES)
        if name in TEMPORAL_OPERATORS:
            message, help = "a formula is no number", f"ask for its probability: P({written})"
        elif name in ("happens", "broken"):
            message, help = "an event is no number", f"write P(eventually({written}))"
        elif name == "believes":
            message = "believes(...) stands in formulas only"
            help = "write belief(party.type, by=observer)"
        elif isinstance(tree, ast.Call):
            message, help = (
                "is no quantity",
                suggest_nearest_name(str(name), [*QUANTITY_NAMES, *FUNCTION_ARGUMENT_COUNTS]),
            )
        elif name in reader.case.variables_and_promises or name in reader.case.conditions:
            message = "a condition is no quantity: when should it hold?"
            help = f"write P(eventually({name})), P(always({name})), P(at_end({name})) or E({name})"
        else:
            message, help = (
                "has no place in a question",
                suggest_nearest_name(str(name or ""), QUANTITY_NAMES),
            )
        reader.diagnostics.report(tree, message, allowed=allowed, help=help)
        return FAULTY_NODE


def bare_name_of_node(tree: ast.expr) -> str | None:
    """The name that stands here alone, if it is one."""
    return tree.id if isinstance(tree, ast.Name) else None


def _renumber_quantities(node: QuestionNode, places: list[int]) -> QuestionNode:
    """The same expression over quantities that stand elsewhere."""
    if isinstance(node, QuantityRef):
        return QuantityRef(places[node.index])
    if isinstance(node, Operation):
        return Operation(
            node.operator, tuple(_renumber_quantities(part, places) for part in node.parts)
        )
    return node
