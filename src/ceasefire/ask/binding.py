"""Gives the names in a condition on the state their meaning."""

import ast
from dataclasses import replace

from ceasefire.ask.reader import Reader
from ceasefire.case import Expression, Variable, bind, question_scope
from ceasefire.errors import ExpressionError


def bind_state(reader: Reader, node: ast.AST, believed: tuple[str, ...] = ()) -> Expression | None:
    """Bind an expression over the state, conditions and unknowns; None after a fault.

    believed  names that stand for a belief, a number between 0 and 1
    """
    scope = question_scope(reader.case)
    beliefs = {name: Variable(kind="number", values=(0, 1), start=0) for name in believed}
    scope = replace(scope, variables={**scope.variables, **beliefs})
    try:
        return bind(node, scope, reader.place)
    except ExpressionError as error:
        reader.problems.extend(error.problems)
        return None
