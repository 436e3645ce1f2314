"""Breaks of the worlds room: draws, shares, runs and what lint finds in a game."""

from verification.broken.change import Break

DISAGREE = "tests/test_ensemble_expert_shares.py"
CODINGS = "tests/test_ensemble_codings.py"
DRAWS = "tests/test_ensemble_sampling.py"
SHARES = "tests/test_ensemble_statistics.py"
RUN = "tests/test_ensemble_run.py"
VERDICTS = "tests/test_ensemble_check_claims.py"
ENOUGH = "tests/test_ensemble_sample_size.py"
DRIVERS = "tests/test_ensemble_sensitivity.py"
FLIPS = "tests/test_ensemble_turning_points.py"
STORE = "tests/test_ensemble_store.py"
FAULTS = "tests/test_ensemble_game_validation.py"
CHANGED = "tests/test_ensemble_rule_changes.py"
MARGINS = "tests/test_ensemble_margins.py"
LEVERS = "tests/test_ensemble_lever_choice.py"

BREAKS = (
    # turning points of claims of which the worlds tell too little
    Break(
        "ensemble/turning_points.py",
        "read_whole = most <= whole_up_to or not",
        "read_whole = not",
        f"{FLIPS}::test_ranges_are_read_whole_where_that_takes_no_more_readings_than_there_are_worlds",
    ),
    Break(
        "ensemble/range_scan.py",
        "return abs(self.holds) > self.error",
        "return False",
        f"{FLIPS}::test_a_coarser_grid_says_which_ends_are_worth_a_reading",
    ),
    Break(
        "ensemble/range_scan.py",
        "if at_end and claim not in flipped:",
        "if at_end and claim in ():",
        f"{FLIPS}::test_what_only_a_coarser_grid_says_of_an_end_turns_nothing",
    ),
    Break(
        "ensemble/range_scan.py",
        "abs(self.holds - self.at_best) > self.at_best",
        "self.holds < 0.0",
        f"{FLIPS}::test_half_the_way_is_read_where_an_end_changes_more_than_the_margin",
    ),
    Break(
        "ensemble/range_scan.py",
        "if self._solutions[n] <= self._solutions[asking]]",
        "if self._solutions[n]]",
        f"{FLIPS}::test_claims_that_need_other_solutions_wait_for_their_own_places",
    ),
    Break(
        "ensemble/range_scan.py",
        "+ z * before * after / ((other - before) * (other - after))",
        "- z * before * after / ((other - before) * (other - after))",
        f"{FLIPS}::test_a_curve_is_followed_in_few_readings",
    ),
    Break(
        "query/grid_refinement.py",
        "growth = min(change / before, MOST_GROWTH)",
        "growth = change / before",
        "tests/test_query_grid_change.py::test_the_slowest_of_what_grids_show_is_stated",
    ),
    Break(
        "query/grid_refinement.py",
        "if earlier and before > 0.0 and before >= LEAST_GROWTH * earlier[0] > 0.0:",
        "if earlier and before > 0.0:",
        "tests/test_query_grid_change.py::test_the_slowest_of_what_grids_show_is_stated",
    ),
    Break(
        "ensemble/turning_points.py",
        "if claim in truths.at_ends_only:",
        "if claim in ():",
        f"{FLIPS}::test_a_claim_of_which_worlds_tell_too_little_is_read_at_the_ends_alone",
    ),
    # alternatives
    Break(
        "case/alternatives.py",
        "if any(option.contains(problem.file, problem.line) for option in coding):",
        "if True:",
        "tests/test_case_invalid.py"
        "::test_invalid_case_is_refused_at_its_line[alternatives_fault_elsewhere]",
    ),
    Break(
        "case/alternatives.py",
        "if count <= MOST_CODINGS:",
        "if True:",
        "tests/test_case_invalid.py::test_invalid_case_is_refused_at_its_line[alternatives_too_many]",
    ),
    Break(
        "case/model.py",
        "place = place * len(listed) + listed.index(options[name])",
        "place = place + listed.index(options[name])",
        f"{CODINGS}::test_a_coding_is_the_case_with_the_patches_of_its_options",
    ),
    Break(
        "case/loading.py",
        'and not (len(inner) == 4 and (inner[0], inner[2]) == ("alternatives", "options"))',
        "and True",
        f"{CODINGS}::test_an_extending_case_replaces_an_option_as_a_whole",
    ),
    Break(
        "query/plan.py",
        "questions=tuple(question.under(coding) for question in self.questions),",
        "questions=self.questions, selection=self.selection,",
        f"{CODINGS}::test_a_question_is_read_anew_where_it_means_something_else",
    ),
    Break(
        "query/plan.py",
        "return world.coding if isinstance(world, World) else ()",
        "return ()",
        f"{CODINGS}::test_a_world_is_answered_by_the_game_of_its_coding",
    ),
    Break(
        "query/plan.py",
        "if len(self._coded) > MOST_CODED_PLANS:",
        "if False:",
        f"{CODINGS}::test_games_of_a_few_codings_only_are_kept",
    ),
    Break(
        "ensemble/sampling.py",
        "found = found * len(options) + column",
        "found = found + column",
        f"{CODINGS}::test_worlds_have_every_option_equally_often_and_do_not_change_with_their_number",
    ),
    Break(
        "case/model.py",
        "return tuple(name for name in self.options if self.weights[name] > 0)",
        "return tuple(self.options)",
        f"{CODINGS}::test_an_option_of_weight_0_is_asked_at_the_best_estimates_and_no_world_has_it",
    ),
    Break(
        "ensemble/sampling.py",
        "return tuple(weight / math.fsum(weights) for weight in weights)",
        "return tuple(1.0 / len(weights) for _ in weights)",
        f"{CODINGS}::test_worlds_have_options_as_often_as_their_weights_say",
    ),
    Break(
        "render/tables_check.py",
        'if isinstance(one, Driver) and one.kind != "unknown":',
        "if False:",
        f"{CODINGS}::test_an_alternative_with_the_name_of_an_unknown_keeps_it",
    ),
    Break(
        "render/tables_codings.py",
        "turned[not found.best].append(claim)",
        "turned[found.best].append(claim)",
        f"{CODINGS}::test_the_first_screen_says_how_the_thesis_changes_with_each_alternative",
    ),
    Break(
        "ensemble/coding_verdicts.py",
        "jobs[coding] = ReadSettings(World(one.best_estimates, coding))",
        "jobs[coding] = ReadSettings(World(one.best_estimates, first))",
        f"{CODINGS}::test_check_tells_shares_by_option_and_what_turns_a_claim",
    ),
    Break(
        "ensemble/coding_verdicts.py",
        "name: unknown.experts[expert].points[1] if expert in unknown.experts else unknown.best",
        "name: unknown.best",
        f"{CODINGS}::test_an_expert_turns_a_claim_at_their_own_medians",
    ),
    Break(
        "ensemble/check_claims.py",
        "choices=known.choices,",
        "choices=(),",
        f"{CODINGS}::test_alternatives_and_experts_are_drivers",
    ),
    # what can matter
    Break(
        "ensemble/check_claims.py",
        "for name in run.plan.unknowns_of_question(claim_index)}",
        "for name in case.unknowns}",
        "tests/test_query_unknown_dependence.py::test_drivers_are_looked_for_among_what_can_matter",
    ),
    Break(
        "ensemble/turning_points.py",
        "[axis for axis in find_unknown_ranges(plan) if truths.claims_of(axis.name)]",
        "list(find_unknown_ranges(plan))",
        "tests/test_query_unknown_dependence.py"
        "::test_check_says_what_can_matter_and_turning_points_look_nowhere_else",
    ),
    Break(
        "ensemble/range_scan.py",
        "for claim in self.truths.claims_of(self.axis.name):",
        "for claim in self.truths.answered_claims:",
        "tests/test_query_unknown_dependence.py::test_claims_are_read_only_where_an_unknown_can_matter",
    ),
    # levers
    Break(
        "ensemble/lever_choice.py",
        "best = values.max(axis=0)",
        "best = values.max(axis=1, keepdims=True)",
        f"{LEVERS}::test_worst_twentieth_and_regrets",
    ),
    Break(
        "ensemble/lever_choice.py",
        "math.ceil(WORST_SHARE * len(values) - 1e-9)",
        "math.floor(WORST_SHARE * len(values) - 1e-9)",
        f"{LEVERS}::test_worst_twentieth_and_regrets",
    ),
    Break(
        "ensemble/lever_choice.py",
        "values = sign * answers[common].T",
        "values = answers[common].T",
        f"{LEVERS}::test_less_may_be_better",
    ),
    Break(
        "ensemble/lever_choice.py",
        "answered = missing < len(answers)",
        "answered = missing <= len(answers)",
        f"{LEVERS}::test_worlds_without_an_answer_are_counted_and_left_out_for_all",
    ),
    Break(
        "ensemble/lever_choice.py",
        "elif both in (first, second):",
        "elif both in ():",
        f"{LEVERS}::test_pairs_are_compared_unless_they_contradict",
    ),
    Break(
        "ensemble/lever_choice.py",
        "_refuse_contradictions(case, question, single)\n",
        "pass\n",
        f"{LEVERS}::test_contradicting_levers_are_refused_with_a_way_out",
    ),
    # margins
    Break(
        "ensemble/margins.py",
        "compose_margins(question.expression, values / deviations)",
        "compose_margins(question.expression, values)",
        f"{MARGINS}::test_each_comparison_is_divided_by_its_own_standard_deviation",
    ),
    Break(
        "ensemble/margins.py",
        "finite = values[np.isfinite(values)]",
        "finite = values",
        f"{MARGINS}::test_infinite_and_missing_comparisons_do_not_spoil_the_deviation",
    ),
    Break(
        "argument/headline.py",
        "briefly=thesis is not found[0]",
        "briefly=False",
        "tests/test_argument_headline.py::test_second_thesis_takes_one_sentence",
    ),
    Break(
        "argument/structure.py",
        "repeated = bool(below) and name in told",
        "repeated = False",
        "tests/test_argument_figures.py::test_argument_is_told_from_its_theses_down",
    ),
    Break(
        "argument/figures.py",
        "follows = worlds.share(true, together == 1)",
        "follows = worlds.share(true, together != 0)",
        "tests/test_argument_figures.py::test_worlds_without_an_answer_are_left_out_where_it_is_needed",
    ),
    Break(
        "argument/figures.py",
        "share.share or 0.0) >= follows.interval[0]",
        "share.share or 0.0) >= 0.0",
        "tests/test_argument_figures.py::test_idle_is_a_premise_whose_failing_alone_changes_nothing",
    ),
    Break(
        "argument/figures.py",
        "float((counts * weights).sum()) ** 2 / squares if",
        "float(counts.sum()) if",
        "tests/test_argument_figures.py::test_few_heavy_worlds_put_nothing_to_the_test",
    ),
    # experts
    Break(
        "case/judgements.py",
        "(weights / weights.sum()) @ np.array(shares)",
        "np.mean(np.array(shares), axis=0)",
        f"{DRAWS}::test_the_pool_of_experts_is_the_mixture_of_what_they_say[luck]",
    ),
    Break(
        "ensemble/sampling.py",
        "found[own] = unknown.experts[name].quantiles(u[own])",
        "found[own] = unknown_quantiles(unknown, u)[own]",
        f"{DRAWS}::test_a_world_is_drawn_from_one_expert_and_from_the_others_for_what_they_left_out",
    ),
    Break(
        "case/judgements.py",
        "low = low if least is None else max(low, least)",
        "low = low if least is None else least",
        "tests/test_case_valid.py::test_experts_are_loaded",
    ),
    Break(
        "ensemble/expert_shares.py",
        "max(reasons, key=reasons.__getitem__, default=None)",
        "min(reasons, key=reasons.__getitem__, default=None)",
        f"{DISAGREE}::test_two_experts_disagree_because_of_the_driver_they_differ_about",
    ),
    Break(
        "ensemble/expert_shares.py",
        "interval[1] < shares[other].interval[0]",
        "interval[0] < shares[other].interval[0]",
        f"{DISAGREE}::test_two_experts_disagree_because_of_the_driver_they_differ_about",
    ),
    Break(
        "formats/elicitation.py",
        'value = float(f"{value / 100:.15g}")',
        'value = float(f"{value:.15g}")',
        "tests/test_formats_elicitation.py::"
        "test_what_three_people_say_goes_in_and_comes_out_without_loss",
    ),
    Break(
        "formats/elicitation.py",
        'numbers.add(f"{first}2:{last}{len(case.unknowns) + 1}")',
        'numbers.add(f"{first}2:{last}{len(case.unknowns)}")',
        "tests/test_formats_elicitation.py::"
        "test_a_workbook_has_the_rows_of_a_sheet_and_cells_that_refuse_words",
    ),
    Break(
        "formats/elicitation.py",
        "if value is None and formula is not None:",
        "if formula is None:",
        "tests/test_formats_elicitation.py::test_all_faults_of_workbooks_are_found_at_once",
    ),
    Break(
        "case/loading.py",
        'for kind in (*DISTRIBUTION_PARAMETER_COUNTS, "best"):',
        "for kind in DISTRIBUTION_PARAMETER_COUNTS:",
        "tests/test_case_valid.py::"
        "test_experts_of_a_case_that_extends_another_replace_its_best_estimate_too",
    ),
    # results as they come
    Break(
        "ensemble/check_claims.py",
        "self.known[place] += truth is not None",
        "self.known[place] += 1 + (truth is True)",
        "tests/test_ensemble_interruption.py::test_worlds_ended_by_ctrl_c_are_counted_as_they_are",
    ),
    Break(
        "ensemble/rule_changes.py",
        "    if done.interrupted:\n        raise KeyboardInterrupt\n    played",
        "    played",
        "tests/test_ensemble_interruption.py::test_tilted_worlds_and_changed_rules_end_with_ctrl_c",
    ),
    # ended early
    Break(
        "ensemble/turning_points.py",
        "tuple(axis.name for axis in lines if axis.name not in done)",
        "tuple(axis.name for axis in lines if axis.name in done)",
        "tests/test_stopping.py::test_a_search_with_a_budget_says_what_it_left_and_begins_with_what_decides",
    ),
    Break(
        "stopping.py",
        "if again or _requests.allowed or not _requests.kept:",
        "if again or not _requests.kept:",
        "tests/test_stopping.py::test_after_a_signal_no_job_is_begun_and_those_done_are_kept",
    ),
    Break(
        "stopping.py",
        "if _place(frame.f_code) == _UNPICKLING:",
        "if _place(frame.f_code) is _UNPICKLING:",
        "tests/test_stopping.py::test_a_signal_that_comes_while_compiled_code_runs_does_not_crash_it",
    ),
    Break(
        "ensemble/executors.py",
        "Finalize(None, end_local_workers, exitpriority=100)",
        "Finalize(None, end_local_workers, exitpriority=0)",
        "tests/test_ensemble_executors.py::test_a_process_of_a_pool_ends_at_once_with_workers_of_its_own",
    ),
    Break(
        "render/pace.py",
        "return (self._times[-1] - self._times[before])",
        "return (self._times[-1] - self._times[0])",
        "tests/test_stopping.py::test_how_long_it_takes_is_told_from_two_pieces_of_work",
    ),
    Break(
        "game/parameters.py",
        "world = {**game.case.best_estimates, name: value}",
        "world = {name: value, **game.case.best_estimates}",
        "tests/test_ensemble_game_validation.py::test_each_end_and_each_value_is_tried_in_every_state",
    ),
    # tilted worlds
    Break(
        "ensemble/tilted_worlds.py",
        "found = np.where(few, 0.0, scores) @ direction - smooth @ direction / 2.0",
        "found = np.where(few, 0.0, scores) @ smooth - smooth @ smooth / 2.0",
        "tests/test_ensemble_tilted_worlds.py::test_weights_make_up_for_the_tilt[all]",
    ),
    Break(
        "ensemble/tilted_worlds.py",
        "1.0 / (drawn_share + (1.0 - drawn_share) * pooled),",
        "pooled / pooled,",
        "tests/test_ensemble_tilted_worlds.py::test_a_conclusion_follows_as_often_as_is_known_"
        "where_its_premises_hold_in_one_of_1000",
    ),
    # draws
    Break(
        "ensemble/sampling.py",
        "low + np.sqrt(u * (high - low) * (mode - low))",
        "low + np.sqrt(u * (high - low) * (high - mode))",
        f"{DRAWS}::test_quantiles_are_those_of_the_distribution[triangle]",
    ),
    Break(
        "ensemble/sampling.py",
        "np.where(u * (high - low) < mode - low, left, right)",
        "np.where(u < mode - low, left, right)",
        f"{DRAWS}::test_quantiles_are_those_of_the_distribution[triangle]",
    ),
    Break(
        "ensemble/sampling.py",
        "p[0] * p[1] ** normal_scores(u)",
        "p[0] * np.exp(p[1] * normal_scores(u))",
        f"{DRAWS}::test_quantiles_are_those_of_the_distribution[lognormal]",
    ),
    Break(
        "ensemble/sampling.py",
        "np.sort(np.asarray(p, dtype=np.float64))",
        "np.asarray(p, dtype=np.float64)",
        f"{DRAWS}::test_oneof_is_correlated_by_value_not_by_its_place_in_the_list",
    ),
    Break(
        "ensemble/sampling.py",
        "size=(BLOCK_SIZE, continuous)) + 0.5)",
        "size=(BLOCK_SIZE, continuous)) + 0.0)",
        f"{DRAWS}::test_points_lie_anywhere_strictly_within_their_stratum",
    ),
    Break(
        "ensemble/sampling.py",
        "2.0 * math.sin(math.pi * rho / 6.0)",
        "2.0 * math.sin(math.pi * rho / 3.0)",
        f"{DRAWS}::test_rank_correlation_is_the_one_asked_for",
    ),
    Break(
        "ensemble/sampling.py",
        "np.take_along_axis(ordered, ranks, axis=0)",
        "np.take_along_axis(points, ranks, axis=0)",
        f"{DRAWS}::test_unknowns_are_uncorrelated",
    ),
    Break(
        "ensemble/sampling.py",
        "scores @ inverse, contrasts",
        "scores, contrasts",
        f"{DRAWS}::test_each_block_reaches_the_rank_correlation",
    ),
    Break(
        "ensemble/sampling.py",
        "g + rho - found[i, j] for",
        "g for",
        f"{DRAWS}::test_each_block_reaches_the_rank_correlation",
    ),
    Break(
        "ensemble/sampling.py",
        "np.hstack([scores @ inverse, contrasts])",
        "np.hstack([scores @ inverse, contrasts[:, :0]])",
        f"{DRAWS}::test_options_are_balanced_against_each_other_and_against_points",
    ),
    Break(
        "ensemble/sampling.py",
        "column[[a, b]] = column[[b, a]]",
        "return column",
        f"{DRAWS}::test_options_are_balanced_against_each_other_and_against_points",
    ),
    Break(
        "ensemble/sampling.py",
        "+ number * _GOLDEN_RATIO) % 1.0",
        ") % 1.0",
        f"{DRAWS}::test_values_of_oneof_take_turns_at_the_world_left_over",
    ),
    Break(
        "ensemble/sampling.py",
        "return range(self.skipped + 1, self.skipped + len(self) + 1)",
        "return range(self.skipped, self.skipped + len(self))",
        f"{RUN}::test_answers_do_not_depend_on_workers",
    ),
    Break(
        "ensemble/sampling.py",
        "np.random.SeedSequence(seed, spawn_key=(number,))",
        "np.random.SeedSequence(0, spawn_key=(number,))",
        f"{DRAWS}::test_the_seed_changes_the_worlds",
    ),
    Break(
        "ensemble/sampling.py",
        "first = number * BLOCK_SIZE - after + 1",
        "first = number * BLOCK_SIZE + 1",
        f"{DRAWS}::test_a_range_of_worlds_is_drawn_by_itself",
    ),
    Break(
        "ensemble/sampling.py",
        "spawn_key=(number,)",
        "spawn_key=(0,)",
        f"{DRAWS}::test_each_block_is_a_latin_hypercube_of_its_own",
    ),
    # sweeps that are kept
    Break(
        "ensemble/store.py",
        'there.get("sampling") != facts["sampling"]',
        'there.get("sampling", facts["sampling"]) != facts["sampling"]',
        f"{STORE}::test_worlds_drawn_in_another_way_are_refused_not_mixed",
    ),
    Break(
        "ensemble/sweep_worlds.py",
        "max(high, *values)",
        "max(low, *values)",
        f"{STORE}::test_shares_and_numbers_are_those_of_the_rows_and_of_a_check",
    ),
    Break(
        "ensemble/sweep_worlds.py",
        "known + int(frame[name].count())",
        "int(frame[name].count())",
        f"{STORE}::test_shares_and_numbers_are_those_of_the_rows_and_of_a_check",
    ),
    Break(
        "ensemble/sweep_worlds.py",
        "dict(zip(columns.answer_columns, columns.row(sheet, None), strict=True))",
        "dict(zip(columns.answer_columns, columns.row(sheet, None)[::-1], strict=True))",
        f"{STORE}::test_stored_row_holds_the_answers_of_its_world",
    ),
    # shares
    Break(
        "shares.py",
        "centre = (true + z * z / 2.0) / (worlds + z * z)",
        "centre = (true + z * z) / (worlds + z * z)",
        f"{SHARES}::test_interval_is_wilsons",
    ),
    Break(
        "shares.py",
        "ndtri(0.5 + confidence / 2.0)",
        "ndtri(confidence)",
        f"{SHARES}::test_interval_is_wilsons",
    ),
    Break(
        "shares.py",
        "if share >= 0.95:",
        "if share > 0.95:",
        "src/ceasefire/shares.py",
    ),
    Break(
        "ensemble/statistics.py",
        "return ShareOfWorlds(sum(known), len(known), len(answers) - len(known))",
        "return ShareOfWorlds(sum(known), len(answers), len(answers) - len(known))",
        f"{SHARES}::test_failed_worlds_count_in_neither_part_of_the_share",
    ),
    Break(
        "ensemble/statistics.py",
        'method="inverted_cdf"',
        'method="linear"',
        f"{SHARES}::test_spread_keeps_infinite_answers_at_their_end",
    ),
    # across and survey
    Break(
        "ensemble/statistics.py",
        "products.sum(axis=0) - products[fold]",
        "products.sum(axis=0)",
        f"{SHARES}::test_noise_is_not_taken_for_evenness",
    ),
    Break(
        "ensemble/statistics.py",
        "wilson_interval(self.true / ratio, self.worlds / ratio, confidence)",
        "wilson_interval(self.true, self.worlds, confidence)",
        f"{SHARES}::test_the_interval_is_that_of_more_independent_worlds",
    ),
    Break(
        "ensemble/statistics.py",
        "return (whole + len(truths) - self._whole) / len(truths)",
        "return whole / self._whole",
        f"{SHARES}::test_only_whole_blocks_are_even",
    ),
    Break(
        "query/plan.py",
        "sharper=settings.precision_factor,",
        "sharper=1.0,",
        f"{VERDICTS}::test_noise_dependence_is_detected",
    ),
    Break(
        "query/plan.py",
        "halvings=settings.halvings,",
        "halvings=0,",
        f"{VERDICTS}::test_certificate_equals_asking_one_by_one",
    ),
    Break(
        "ensemble/run.py",
        "range(skipped + 1, len(drawn) + 1)}",
        "range(skipped, len(drawn))}",
        f"{VERDICTS}::test_shares_match_the_drawn_worlds",
    ),
    Break(
        "ensemble/check_claims.py",
        "(factor, result.test_result(number))",
        "(factor, run.best.test_result(number))",
        f"{VERDICTS}::test_noise_dependence_is_detected",
    ),
    Break(
        "ensemble/check_claims.py",
        "not is_known_well_enough(claim.share, self.until)",
        "is_known_well_enough(claim.share, self.until)",
        f"{ENOUGH}::test_until_ends_at_the_most_worlds_allowed_and_says_so",
    ),
    Break(
        "ensemble/run.py",
        "return found | dict.fromkeys(self.failed)",
        "return found",
        f"{VERDICTS}::test_failed_worlds_are_counted_with_every_share",
    ),
    # enough worlds
    Break(
        "ensemble/statistics.py",
        "math.hypot(original.share - below, high - fresh.share)",
        "math.hypot(above - original.share, fresh.share - low)",
        f"{ENOUGH}::test_difference_interval_is_newcombes",
    ),
    Break(
        "ensemble/statistics.py",
        "0.95 ** (1.0 / claims)",
        "0.95",
        f"{ENOUGH}::test_tolerance_grows_with_the_number_of_claims",
    ),
    Break(
        "ensemble/statistics.py",
        "verdict_of_share(low) == verdict_of_share(high)",
        "verdict_of_share(low) == share.verdict",
        f"{ENOUGH}::test_a_verdict_is_settled_if_its_interval_has_no_other",
    ),
    Break(
        "ensemble/statistics.py",
        "is_settled(share) or interval_width(share) <= SETTLED_WIDTH",
        "is_settled(share)",
        f"{ENOUGH}::test_a_share_on_the_border_of_two_verdicts_ends_too",
    ),
    # what decides a claim
    Break(
        "ensemble/sensitivity.py",
        "size >= MIN_INFLUENCE and size > s and often >= MIN_FOUND_AGAIN",
        "size > 0.0",
        f"{DRIVERS}::test_no_bystander_is_taken_for_a_driver",
    ),
    Break(
        "ensemble/sensitivity.py",
        "if fitted.q2 < MIN_Q2:",
        "if fitted.q2 < -MIN_Q2:",
        f"{DRIVERS}::test_what_predicts_too_little_is_not_named_though_it_is_there",
    ),
    Break(
        "ensemble/sensitivity.py",
        "np.ptp(margins) <= SAME_MARGINS * np.abs(margins).max()",
        "np.ptp(margins) <= 0",
        f"{DRIVERS}::test_rounding_is_not_explained",
    ),
    Break(
        "ensemble/sensitivity.py",
        "moved[:, own] = there[:, own]",
        "moved = there",
        f"{DRIVERS}::test_a_compound_test_is_fitted_comparison_by_comparison",
    ),
    Break(
        "ensemble/sensitivity.py",
        "np.interp(found, *self.scores)",
        "found",
        f"{DRIVERS}::test_a_margin_near_its_limits_is_fitted_by_its_order",
    ),
    Break(
        "ensemble/polynomial_chaos.py",
        "train, wanted = design[inside], response[inside]",
        "train, wanted = design, response",
        f"{DRIVERS}::test_q2_is_of_worlds_not_fitted_to",
    ),
    Break(
        "ensemble/polynomial_chaos.py",
        "for unknown, _ in term:\n                found[unknown] +=",
        "for unknown, _ in term[:1]:\n                found[unknown] +=",
        f"{DRIVERS}::test_unknowns_that_work_only_together_are_seen",
    ),
    Break(
        "ensemble/rules.py",
        "+ MIN_GAIN_OF_SECOND_BOUND:",
        ":",
        f"{DRIVERS}::test_a_second_bound_has_to_earn_its_place",
    ),
    Break(
        "ensemble/rules.py",
        "*_drop_unanswered(*test_worlds)) if bounds",
        "*_drop_unanswered(*search_worlds)) if bounds",
        f"{DRIVERS}::test_density_and_coverage_are_counted_in_fresh_worlds",
    ),
    Break(
        "ensemble/rules.py",
        "bool(2 * truths.sum() <= len(truths))",
        "bool(2 * truths.sum() >= len(truths))",
        f"{DRIVERS}::test_the_rarer_verdict_is_described",
    ),
    Break(
        "ensemble/rules.py",
        "count, right, int(wanted.sum()))",
        "count, right, int(inside.sum()))",
        f"{DRIVERS}::test_density_and_coverage_are_counted_in_fresh_worlds",
    ),
    # what turns a claim
    Break(
        "ensemble/sampling.py",
        "range(1, steps))",
        "range(2, steps))",
        f"{FLIPS}::test_scan_gaps_are_at_most_a_quarter_of_the_range",
    ),
    Break(
        "ensemble/sampling.py",
        "abs(value - self.best) / self.width",
        "abs(value - self.low) / self.width",
        f"{FLIPS}::test_nearer_of_two_turning_points_is_reported",
    ),
    Break(
        "ensemble/range_scan.py",
        "flip.relative_distance < flips[claim].relative_distance",
        "flip.relative_distance > flips[claim].relative_distance",
        f"{FLIPS}::test_nearer_of_two_turning_points_is_reported",
    ),
    Break(
        "ensemble/range_scan.py",
        "dict.fromkeys(claims, gap.outside)",
        "dict.fromkeys(claims, gap.inside)",
        f"{FLIPS}::test_discrete_unknown_turns_at_the_nearest_value",
    ),
    Break(
        "ensemble/range_scan.py",
        "{claim: search.gap.outside for claim",
        "{claim: search.gap.inside for claim",
        f"{FLIPS}::test_verdict_is_reversed_at_the_turning_point",
    ),
    Break(
        "ensemble/range_scan.py",
        "shown_digits(inside) == shown_digits(outside)",
        "shown_digits(inside)[:-1] == shown_digits(outside)[:-1]",
        f"{FLIPS}::test_the_three_digits_of_a_turning_point_are_right",
    ),
    Break(
        "ensemble/range_scan.py",
        "line = x + (y - x) * before / (before - after)",
        "line = x + (y - x) * 0.999",
        f"{FLIPS}::test_a_curve_is_followed_in_few_readings",
    ),
    Break(
        "ensemble/range_scan.py",
        "holds.min() > forecast.error",
        "holds.min() > 0.0",
        f"{FLIPS}::test_a_forecast_is_not_trusted_further_than_its_error",
    ),
    Break(
        "ensemble/joint_changes.py",
        "<= SPARSITY_ALLOWANCE * _length(full)",
        "<= 1e-9 * _length(full)",
        f"{FLIPS}::test_as_few_unknowns_are_changed_as_come_within_a_tenth",
    ),
    Break(
        "ensemble/joint_changes.py",
        "moved = (gradient @ change - here) / steepness * gradient",
        "moved = (gradient @ change + here) / steepness * gradient",
        "src/ceasefire/ensemble/joint_changes.py",
    ),
    Break(
        "ensemble/joint_changes.py",
        "low, self.at_best, high = scores.clip(-MAX_SCORE, MAX_SCORE).T",
        "low, self.at_best, high = 0.1 * scores.clip(-MAX_SCORE, MAX_SCORE).T",
        f"{FLIPS}::test_the_smallest_joint_change_is_that_of_a_search_of_the_whole_plane",
    ),
    Break(
        "ensemble/joint_changes.py",
        "if len(self.unknowns) != 2:",
        "if len(self.unknowns) == 2:",
        f"{FLIPS}::test_a_joint_change_is_found_where_no_unknown_turns_alone",
    ),
    # offers between which noise decides
    Break(
        "ensemble/game_validation.py",
        "chosen @ lost > LEAST_LOSS_SHARE * lost.max()",
        "chosen @ lost > 0.0",
        f"{FAULTS}::test_precise_or_few_offers_are_not_warned_of",
    ),
    Break(
        "ensemble/game_validation.py",
        "probability = float(chosen[best].sum())",
        "probability = 1.0",
        f"{FAULTS}::test_offers_between_which_noise_decides_are_found",
    ),
    # run
    Break(
        "ensemble/ask_questions.py",
        "abs(two.value - one.value) > most * one.scale",
        "abs(two.value - one.value) > one.scale",
        f"{RUN}::test_an_answer_that_noise_decides_is_warned_about",
    ),
    Break(
        "ensemble/run.py",
        "return {key: found[key] for key in jobs if key in found}",
        "return dict(found)",
        f"{RUN}::test_answers_that_arrive_backwards_are_put_in_order",
    ),
    Break(
        "ensemble/run.py",
        "except CeasefireError as error:",
        "except Exception as error:",
        f"{RUN}::test_a_fault_of_the_program_is_not_taken_for_a_failed_world",
    ),
    # faults and habits
    Break(
        "ensemble/game_validation.py",
        '"range": (0, 1)',
        '"range": (0,)',
        f"{FAULTS}::test_each_end_and_each_value_is_tried_in_every_state",
    ),
    Break(
        "ensemble/game_validation.py",
        ("for kind in kinds\n"),
        ("for kind in kinds[:1]\n"),
        f"{FAULTS}::test_action_costing_one_type_is_not_costless",
    ),
    Break(
        "ensemble/game_validation.py",
        "chosen * np.exp(lightest - log_weight[branches])[:, None, :, None]",
        "chosen",
        f"{FAULTS}::test_weight_does_not_excuse_a_dominated_move",
    ),
    Break(
        "ensemble/game_validation.py",
        "score >= most * (1.0 - BEST_OPTION_TOLERANCE)",
        "score > 0.0",
        f"{FAULTS}::test_dominated_but_likely_moves_are_found",
    ),
    Break(
        "ensemble/game_validation.py",
        "if name not in taking_place or chance.during is not None or not chance.set:",
        "if not chance.set:",
        f"{FAULTS}::test_what_is_not_certain_paid_or_left_at_the_end_is_not_warned_of",
    ),
    Break(
        "ensemble/game_validation.py",
        "if scale.step > waiting and",
        "if",
        f"{FAULTS}::test_a_fine_scale_or_a_single_proposer_is_not_warned_of",
    ),
    # who moves last, how play ends
    Break(
        "ensemble/ask_questions.py",
        "*rule_doubts(question, n, run.best, changed),",
        "*rule_doubts(question, 0, run.best, changed),",
        f"{CHANGED}::test_ask_warns_of_a_number_and_of_a_test_that_turn_with_the_rules",
    ),
    Break(
        "ensemble/ask_questions.py",
        "MOST_RULE_CHANGE = 0.1",
        "MOST_RULE_CHANGE = 0.2",
        f"{CHANGED}::test_a_rule_that_moves_a_probability_by_a_tenth_is_told",
    ),
    Break(
        "query/plan.py",
        "if mark != (None, None) and (last.shuffle, last.moment) == mark:",
        "if False:",
        f"{CHANGED}::test_chances_stay_in_their_places_and_shuffled_steps_move_as_one",
    ),
    Break(
        "ensemble/rule_changes.py",
        "if other.test_result(number) is not best.test_result(number)",
        "if other.test_result(number) is best.test_result(number)",
        f"{CHANGED}::test_what_does_not_turn_is_not_marked_and_neither_is_a_shuffle_or_a_finite_game",
    ),
    Break(
        "ensemble/check_claims.py",
        "not_asked=dependence.impossible, claim_checks=claims",
        "claim_checks=claims",
        f"{CHANGED}::test_an_order_that_cannot_be_played_is_said_and_marks_nothing",
    ),
)
