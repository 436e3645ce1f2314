"""Breaks of the case room: what expressions are worth, and what the file's numbers mean."""

from verification.broken.change import Break

EXPRESSIONS = "tests/test_case_expressions.py"
VALID = "tests/test_case_valid.py"
DIAGNOSTICS = "tests/test_diagnostics.py"
INVALID = "tests/test_case_invalid.py::test_invalid_case_is_refused_at_its_line"

BREAKS = (
    Break(
        "case/expressions.py",
        "node.col_offset -= len(_OPTIONS_HEAD)",
        "node.col_offset -= 0",
        f"{VALID}::test_levers_are_loaded",
    ),
    Break(
        "case/resolve_claims_events.py",
        "if option.arg in [before.arg for before in options[:place]]:",
        "if option.arg in []:",
        f"{INVALID}[lever_option_twice]",
    ),
    Break(
        "case/resolve_claims_events.py",
        "if one in claims and one not in seen]",
        "if one in claims and one in seen]",
        f"{VALID}::test_premises_are_loaded_and_stand_for_a_test",
    ),
    Break(
        "case/resolve_claims_events.py",
        "circle = error.args[1][:0:-1]",
        "circle = error.args[1][1:]",
        f"{VALID}::test_all_faults_of_an_argument_are_found_at_once",
    ),
    Break(
        "case/expressions.py",
        '"%": np.mod',
        '"%": np.fmod',
        f"{EXPRESSIONS}::test_expression_values",
    ),
    Break(
        "case/expressions.py",
        '"<=": np.less_equal',
        '"<=": np.less',
        f"{EXPRESSIONS}::test_expressions_agree_with_python",
    ),
    Break(
        "case/expressions.py",
        "(value != 0) & ~np.isnan(value) if op",
        "value != 0 if op",
        f"{EXPRESSIONS}::test_expressions_agree_with_python",
    ),
    Break(
        "case/expressions.py",
        "_COMPARISON_OPERATORS[op](left, right), left + right)",
        "_COMPARISON_OPERATORS[op](left, right), left)",
        f"{EXPRESSIONS}::test_expression_values",
    ),
    Break(
        "case/expressions.py",
        (
            'return _evaluate_node(\n                LogicalOperation("and", '
            "tuple(Comparison(a, (b,)) for a, b in pairs)), frame\n            )"
        ),
        (
            'return _evaluate_node(LogicalOperation("or", tuple(Comparison(a, '
            "(b,)) for a, b in pairs)), frame)"
        ),
        f"{EXPRESSIONS}::test_expression_values",
    ),
    Break(
        "case/expressions.py",
        "value = value if value.ndim == 0 else value[self.mask]",
        "value = value if value.ndim == 0 else value[: self.mask.sum()]",
        f"{EXPRESSIONS}::test_expression_values",
    ),
    Break(
        "case/expression_binding.py",
        "if not math.isfinite(value):",
        "if math.isnan(value):",
        f"{INVALID}[literal_huge]",
    ),
    Break(
        "case/expressions.py",
        "    except OverflowError:\n        return math.inf",
        "    except OverflowError:\n        return 0.0",
        "tests/test_case_expressions.py::test_a_number_too_long_to_be_printed_is_refused",
    ),
    Break(
        "case/resolution_context.py",
        "value < high if open_high else value <= high",
        "value <= high if open_high else value < high",
        f"{INVALID}[patience_one]",
    ),
    Break(
        "case/file_schema.py",
        "(scalar.number is None or not math.isfinite(scalar.number))",
        "scalar.number is None",
        f"{INVALID}[unknown_infinite]",
    ),
    Break(
        "case/resolve_declarations.py",
        "tuple(range(low, high + 1))",
        "tuple(range(low, high))",
        f"{VALID}::test_design_example_loads",
    ),
    Break(
        "case/resolve_declarations.py",
        "level += levels.get(node.id, 0)",
        "level = levels.get(node.id, 0)",
        "tests/test_case_loading.py",
    ),
    Break(
        "case/resolve_declarations.py",
        'values[1 if kind == "triangle" else 0]',
        "values[0]",
        f"{VALID}::test_missing_best_estimate_is_the_median",
    ),
    Break(
        "case/resolve_declarations.py",
        "(values[0] + values[1]) / 2",
        "(values[1] - values[0]) / 2",
        f"{VALID}::test_missing_best_estimate_is_the_median",
    ),
    Break(
        "case/resolve_declarations.py",
        "values[0] <= best <= values[-1]",
        "values[0] < best <= values[-1]",
        f"{VALID}::test_missing_best_estimate_is_the_median",
    ),
    Break(
        "case/resolve_declarations.py",
        "return values[0] > 0 and values[1] > 1",
        "return values[0] > 0 and values[1] > 0",
        f"{INVALID}[lognormal_spread]",
    ),
    Break(
        "case/resolve_declarations.py",
        "float(np.linalg.eigvalsh(matrix).min()) < -1e-9",
        "float(np.linalg.eigvalsh(matrix).max()) < -1e-9",
        f"{INVALID}[together_impossible]",
    ),
    Break(
        "diagnostics.py",
        "None if column is None else column + offset - start",
        "None if column is None else column + offset",
        f"{DIAGNOSTICS}::test_a_location_counts_columns_only_where_they_are_known",
    ),
    Break(
        "diagnostics.py",
        "if file in self._files else len(self._files)",
        "if file in self._files else -1",
        f"{DIAGNOSTICS}::test_problems_come_by_file_and_line_and_each_once",
    ),
    Break(
        "diagnostics.py",
        "if problem not in known",
        "if problem in known",
        f"{DIAGNOSTICS}::test_only_the_first_problem_of_a_key_is_kept_also_of_another_collector",
    ),
    Break(
        "diagnostics.py",
        "if len(self.problems) >= self._most:",
        "if len(self.problems) > self._most:",
        f"{DIAGNOSTICS}::test_too_many_problems_end_the_reading",
    ),
)
