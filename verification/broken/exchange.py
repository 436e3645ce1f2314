"""Breaks of the exchange room: what a game tree for another program pays."""

from verification.broken.change import Break

GAMBIT = "tests/test_formats_gambit_export.py"
CONFLICTS = "tests/test_gmcr_case_conversion.py"
FOREIGN = "tests/test_formats_foreign_games.py"
ARGDOWN = "tests/test_formats_argdown.py"
OUT, IN = "tests/test_formats_export.py", "tests/test_formats_import.py"
AGENTS = f"{GAMBIT}::test_agents_are_paid_by_precision_from_their_period_on"

NUMBERS = "tests/test_formats_plain_numbers.py"
TEXT = "tests/test_formats_case_text.py"
GUIDED = "tests/test_formats_guided_case.py"
FORMS = "tests/test_formats_case_forms.py"
FOLDER = "tests/test_web_case_folder.py"

BREAKS = (
    Break(
        "formats/plain_numbers.py",
        "_rounded(value / 100) if percent else value",
        "value",
        f"{NUMBERS}::test_numbers_are_read_as_meant",
    ),
    Break(
        "formats/plain_numbers.py",
        r'elif re.fullmatch(r"[1-9]\d{0,2},\d{3}", whole):',
        r'elif re.fullmatch(r"nothing", whole):',
        f"{NUMBERS}::test_what_could_be_misread_is_refused",
    ),
    Break(
        "formats/case_text.py",
        "return text[:start] + _inline(value, node, text) + text[end:]",
        "return None",
        f"{TEXT}::test_values_are_written_where_they_belong",
    ),
    Break(
        "formats/case_text.py",
        "if _same(case_data(candidate), expected):",
        "if candidate:",
        f"{TEXT}::test_a_change_that_would_break_another_value_is_written_anew",
    ),
    Break(
        "formats/guided_case.py",
        'claims[thesis]["because"] = reasons',
        "pass",
        f"{GUIDED}::test_the_thesis_rests_on_the_sentences_after_it",
    ),
    Break(
        "formats/form_fields.py",
        'verb = "costs" if found["sign"] else "brings"',
        'verb = "brings"',
        f"{FORMS}::test_an_answer_changes_its_line_and_no_other",
    ),
    Break(
        "formats/form_alternatives.py",
        'if option in mapping_at(data, "weights"):',
        "if False:",
        f"{FORMS}::test_an_option_is_taken_out_with_its_weight_but_never_the_first",
    ),
    Break(
        "formats/form_alternatives.py",
        'if data.get("best") == option:',
        "if False:",
        f"{FORMS}::test_an_option_that_is_best_is_taken_out_with_that",
    ),
    Break(
        "case/alternatives.py",
        "key=lambda option: option.name != best",
        "key=lambda option: 0",
        "tests/test_ensemble_codings.py::test_the_best_option_is_the_first_wherever_it_stands",
    ),
    Break(
        "web/edited_case.py",
        'unknowns[name]["best"] = value',
        "pass",
        "tests/test_web_case_folder.py::test_what_was_changed_is_saved_in_every_option",
    ),
    Break(
        "light_numba.py",
        "name = self._data_name(int(sha256(repr(key).encode()).hexdigest()[:12], 16))",
        "name = self._data_name(1)",
        "tests/test_light_numba.py"
        "::test_two_processes_that_keep_code_at_one_moment_are_not_mixed_up",
    ),
    Break(
        "formats/case_forms.py",
        'return with_value(text, (*path, names.allocate(name, "other")), read_formula(chance))',
        "return text",
        f"{FORMS}::test_a_party_has_up_to_four_types_and_its_chances_add_up",
    ),
    Break(
        "web/edited_case.py",
        "return case.written_with(case.options_otherwise(dict(edited_case.chosen_options)))",
        "return case",
        f"{FOLDER}::test_a_chosen_option_is_the_case_at_best_and_in_worlds_and_is_saved",
    ),
    Break(
        "web/progress_line.py",
        "if elapsed <= expected:",
        "if elapsed >= 0:",
        "tests/test_web_estimates.py::test_what_takes_longer_than_expected_says_so",
    ),
    Break(
        "web/page_address.py",
        "text.isdigit() and least <= int(text[:9]) <= most",
        "text.isdigit() and int(text[:9]) <= most",
        "tests/test_web_page_address.py",
    ),
    Break(
        "web/panel_presets.py",
        "lever.start or lever.closed or not shown",
        "lever.start or not shown",
        "src/ceasefire/web/panel_presets.py",
    ),
    Break(
        "web/case_folder.py",
        "elif self.read(name) != before:",
        "elif False:",
        f"{FOLDER}::test_nothing_else_is_written",
    ),
    Break(
        "formats/game_tree.py",
        "position.past_payoffs[period] + patience * later",
        "position.past_payoffs[period] + later",
        AGENTS,
    ),
    Break(
        "formats/game_tree.py",
        "later = self._payoffs(position, position.node) / (1 - patience)",
        "later = self._payoffs(position, position.node)",
        f"{GAMBIT}::test_final_state_is_paid_for_ever",
    ),
    Break(
        "formats/game_tree.py",
        "self.parameters.prior_by_type[-1, p, profile[p]]",
        "self.parameters.prior_by_type[-1, p, 1 - profile[p]]",
        f"{GAMBIT}::test_type_tree_pays_what_the_game_pays",
    ),
    Break(
        "formats/gambit_export.py",
        "parameters.precision[self._party] if agents",
        "parameters.patience[self._party] if agents",
        AGENTS,
    ),
    Break(
        "formats/gambit_export.py",
        "paid[self._player_index[EfgPlayer(*who)]] += log_weight",
        "paid[self._player_index[EfgPlayer(*who)]] -= log_weight",
        AGENTS,
    ),
    Break(
        "formats/gambit_export.py",
        "product(*reversed(plans))",
        "product(*plans)",
        OUT,
    ),
    Break(
        "formats/gambit_export.py",
        "np.array(node.probabilities) @ np.array(below)",
        "np.mean(below, axis=0)",
        OUT,
    ),
    Break(
        "formats/salib.py",
        "[math.log(p[0]), math.log(p[1])]",
        "p",
        OUT,
    ),
    Break(
        "formats/tables.py",
        "np.where(drawn, filled.chance, np.nan)",
        "np.where(drawn, 1.0, np.nan)",
        OUT,
    ),
    Break(
        "formats/tables.py",
        "types[kind] if types else None",
        "types[0] if types else None",
        OUT,
    ),
    Break(
        "gmcr/case_conversion.py",
        "not own or any(sets.get(o, yes) != yes",
        "not own or any(sets.get(o, yes) == yes",
        CONFLICTS,
    ),
    Break(
        "gmcr/case_conversion.py",
        '(way == "fwd" and not yes) or (way == "back" and yes)',
        '(way == "fwd" and yes) or (way == "back" and not yes)',
        CONFLICTS,
    ),
    Break(
        "gmcr/case_conversion.py",
        "alone if alone.any() else together",
        "together",
        CONFLICTS,
    ),
    Break(
        "gmcr/case_conversion.py",
        "if fewer and not fits(fewer, codes).any():",
        "if fewer:",
        CONFLICTS,
    ),
    Break(
        "formats/ktab.py",
        'middle = actor.positions[dimension] / step - 0.5 * (1 if sign == "<" else -1)',
        "middle = actor.positions[dimension] / step",
        IN,
    ),
    Break(
        "formats/ktab.py",
        "return actor.power * actor.saliences[dimension] / 100",
        "return actor.power",
        IN,
    ),
    Break(
        "formats/coalition_goals.py",
        "case.horizon if quantity.periods is None else quantity.periods",
        "case.horizon",
        "tests/test_formats_export.py::test_goals_have_their_coalition_and_their_period",
    ),
    Break(
        "formats/argdown.py",
        'if sign == "+>" else (key, parent)',
        'if sign != "+>" else (key, parent)',
        f"{ARGDOWN}::test_supports_nest_and_point_both_ways",
    ),
    Break(
        "formats/argdown.py",
        "says = _MARKUP.sub(",
        'says = re.compile("(?!)").sub(',
        f"{ARGDOWN}::test_markup_in_a_sentence_is_text",
    ),
    Break(
        "formats/argdown.py",
        "[key], None, True",
        "[], None, True",
        f"{ARGDOWN}::test_a_structure_gives_its_conclusion_the_premises_above_it",
    ),
    Break(
        "formats/gambit_import.py",
        "prod(map(len, run.place.actions[k + 1 :]))",
        "prod(map(len, run.place.actions[:k]))",
        FOREIGN,
    ),
    Break(
        "formats/gambit_import.py",
        "if owner == p + 1:",
        "if owner == p:",
        FOREIGN,
    ),
    Break(
        "formats/public_tree.py",
        "case.weight / total[case.types] * payoff",
        "case.weight * payoff",
        FOREIGN,
    ),
    Break(
        "formats/public_tree.py",
        "{types: there[types] / total[types] for types in total}",
        "{types: sum(there.values()) / sum(total.values()) for types in total}",
        FOREIGN,
    ),
    Break(
        "formats/public_tree.py",
        "_weights(group).get(types, Fraction(0)) / total[types]",
        "Fraction(1, len(groups))",
        FOREIGN,
    ),
    Break(
        "formats/gambit_files.py",
        "prod(len(s) for s in strategies[:player])",
        "prod(len(s) for s in strategies[player + 1 :])",
        f"{FOREIGN}::test_the_first_players_strategy_changes_fastest",
    ),
    Break(
        "formats/gambit_files.py",
        "[chance / whole for chance in node.probabilities]",
        "list(node.probabilities)",
        f"{FOREIGN}::test_thirds_that_miss_one_are_made_to_sum_to_one",
    ),
    Break(
        "gmcr/case_conversion.py",
        "enumerate((kept & own, own, True))",
        "enumerate((kept | True, own, True))",
        f"{CONFLICTS}::test_moves_left_out_of_the_file_do_not_say_which_way_an_option_goes",
    ),
    Break(
        "formats/ktab.py",
        "100 * (position - low) / (high - low)",
        "100 * position / high",
        f"{IN}::test_where_the_scale_of_a_plain_table_begins_does_not_matter",
    ),
)
