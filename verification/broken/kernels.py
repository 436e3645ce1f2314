"""Breaks of the kernels: backward induction, the fixed point of a signal, play forwards."""

from verification.broken.change import Break

CHAINS = "tests/test_query_markov_chains.py"
CHOICES = "tests/test_query_decisions.py"
BELIEFS = "tests/test_query_beliefs.py"
RECORDS = "tests/test_equilibrium_interpolation.py"
FORWARD = "tests/test_equilibrium_forward.py"
SWEEP = "tests/test_equilibrium_induction.py"
LANES = "tests/test_equilibrium_newton_batched.py"
NEWS = "tests/test_game_news_from_chance.py"
KNOWERS = "tests/test_game_parties_that_know.py"
SEVERAL = "tests/test_equilibrium_multiplicity.py"
BRANCH = "tests/test_equilibrium_continuation.py"
WHOLE = "tests/test_equilibrium_whole_branch.py"
RENEWALS = "tests/test_game_renewals.py"

BREAKS = (
    # one branch for the whole game
    Break(
        "equilibrium/whole_branch.py",
        "branch_points, sign = branch_points + 1, -sign",
        "branch_points, sign = branch_points, -sign",
        f"{WHOLE}::test_it_goes_straight_on_where_words_that_cost_nothing_could_mean_either",
    ),
    Break(
        "game/histories.py",
        "self._history_with(ShownChoice(history, axis, period, slot, option))",
        "self._history_with(ShownChoice(0, axis, period, slot, option))",
        f"{WHOLE}::test_what_was_said_before_is_part_of_the_history_though_no_state_recalls_it",
    ),
    Break(
        "query/plan.py",
        "        return frozenset(changed)",
        "        return frozenset(asked)",
        f"{SEVERAL}::test_a_check_says_in_how_many_drawn_worlds_a_claim_depends_on_the_equilibrium",
    ),
    Break(
        "query/plan.py",
        "return self.under_selection(WHOLE)._evaluate_numbers_at_best()",
        "return self.under_selection(OTHER_SELECTIONS[-1])._evaluate_numbers_at_best()",
        f"{WHOLE}::test_a_check_says_what_the_whole_branch_gives",
    ),
    # types that are drawn anew
    Break(
        "equilibrium/kernels/induction.py",
        "value = first * value + (1.0 - first) * other",
        "value = first * other + (1.0 - first) * value",
        f"{RENEWALS}::test_a_party_values_what_comes_after_as_whichever_type_it_then_is",
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "target[to, z] += y - f * y",
        "target[to, z] += y",
        f"{RENEWALS}::test_plays_of_a_type_go_on_with_whichever_comes_after_it",
    ),
    Break(
        "equilibrium/kernels/structures.py",
        "return 1.0 - first if second else first, combination",
        "return first if second else 1.0 - first, combination",
        f"{RENEWALS}::test_everything_agrees_with_the_twin",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "now[graph.renewed[n]] = renewal_record[n]",
        "now[graph.renewed[n]] += renewal_record[n]",
        f"{RENEWALS}::test_events_draw_types_anew",
    ),
    # what coalitions can secure
    Break(
        "coalitions/kernels.py",
        "most if member[mover[n]] else least",
        "least if member[mover[n]] else most",
        f"{CHOICES}::test_coalition_security_values",
    ),
    Break(
        "coalitions/kernels.py",
        "                    total += chance[b] * y",
        "                    total = max(total, chance[b] * y)",
        f"{CHAINS}::test_closed_forms[can([a], eventually(not war))]",
    ),
    # reading between the nodes of a record
    Break(
        "equilibrium/kernels/interpolation.py",
        "return size - 2, top",
        "return size - 1, top",
        f"{RECORDS}::test_records_are_located_in_their_grid_cell",
    ),
    Break(
        "equilibrium/kernels/whole_game.py",
        "out.record[k, game.shown_axis[k]] += first - second",
        "out.record[k, game.shown_axis[k]] += 0.0 * (first - second)",
        f"{WHOLE}::test_it_ends_elsewhere_than_the_branch_of_each_decision",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/interpolation.py",
        "math.exp(-(logit + record))",
        "math.exp(-record)",
        f"{RECORDS}::test_interpolation_weights_are_linear_in_belief",
    ),
    Break(
        "equilibrium/kernels/interpolation.py",
        "if f > 1.0:\n        return 1.0",
        "if f > 1.0:\n        return 0.0",
        f"{RECORDS}::test_interpolation_weights_are_linear_in_belief",
    ),
    # what is kept of decisions in doubt
    Break(
        "equilibrium/kernels/signalling.py",
        "return BRANCH_POINT_FLAG",
        "return 0",
        f"{FORWARD}::test_doubtful_decisions_are_kept_with_their_node_and_grid_point",
    ),
    # what the loops read
    Break(
        "equilibrium/kernels/structures.py",
        "        graph.axis,\n",
        "        np.full_like(graph.axis, -1),\n",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(at_end(believes(analyst, h.firm) > 0.6), within=1, without=h.late)]",
    ),
    Break(
        "equilibrium/kernels/structures.py",
        "type_index=np.array([index for _, index",
        "type_index=np.array([0 for _, index",
        f"{FORWARD}::test_each_type_pays_its_own_costs",
    ),
    # who knows a type
    Break(
        "equilibrium/kernels/newton_batched.py",
        "paid = cost[a, t] if p == i else 0.0",
        "paid = cost[a, t]",
        f"{KNOWERS}::test_others_do_not_pay_what_a_knower_pays",
    ),
    Break(
        "case/model.py",
        'return party if found.types else next(iter(found.knows), "")',
        'return party if found.types else ""',
        f"{KNOWERS}::test_a_knower_plays_by_the_type_and_shows_it",
    ),
    # what chance tells of a type
    Break(
        "equilibrium/kernels/structures.py",
        "return math.log(first) - math.log(second)",
        "return math.log(second) - math.log(first)",
        f"{NEWS}::test_news_is_the_log_ratio_of_its_chances",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "if record[x] == 0.0 or not 0 <= node[x] + reply_shift < size:",
        "if not 0 <= node[x] + reply_shift < size:",
        f"{SWEEP}::test_steep_replies_are_those_of_the_next_point_and_others_stay",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "y = x + reply_shift * stride",
        "y = x + reply_shift",
        f"{SWEEP}::test_steep_replies_are_those_of_the_next_point_and_others_stay",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "if reply_shift != 0 and H > 1:",
        "if reply_shift != 0 and H > 2:",
        "tests/test_verification_signalling_games.py"
        "::test_a_reader_who_turns_within_a_cell_is_reckoned_with",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "r[a, x] = chance[a, 0], chance[a, 1], shift",
        "r[a, x] = chance[a, 0], chance[a, 1], 0.0",
        f"{NEWS}::test_everything_agrees_with_the_twin",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "                elif kind[n] == DECISION or axis >= 0:\n"
        "                    at = policy.offset[n] + a * L\n"
        "                    probability, shift = choice_and_shift(\n"
        "                        policy.choices, at, at + K * L, corners, weights, 2**H, "
        "axis >= 0, belief\n"
        "                    )\n"
        "                if probability <= 0.0:\n"
        "                    continue\n"
        "                if depth == MAX_PARTICLE_STACK",
        "                elif kind[n] == DECISION or axis >= 0:\n"
        "                    at = policy.offset[n] + a * L\n"
        "                    probability, shift = choice_and_shift(\n"
        "                        policy.choices, at, at + K * L, corners, weights, 2**H, "
        "axis >= 0, 0.5\n"
        "                    )\n"
        "                if probability <= 0.0:\n"
        "                    continue\n"
        "                if depth == MAX_PARTICLE_STACK",
        f"{NEWS}::test_events_weigh_types_by_what_chance_told[it went well]",
    ),
    # backward induction
    Break(
        "equilibrium/kernels/induction.py",
        "                    V[n, r] += p * V[s, r]\n        elif",
        "                    V[n, r] = p * V[s, r]\n        elif",
        f"{CHAINS}::test_closed_forms[value(a)]",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "V[s, r] - payment[n, r]",
        "V[s, r] + payment[n, r]",
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "y = log_weight[b] + precision[i]",
        "y = precision[i]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "                V[n, i] -= p * cost[b, 0]",
        "                V[n, i] -= cost[b, 0]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "            if stop - start == 1:\n",
        "            if stop - start < 0:\n",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "V[n, r, x] += p * V[s, r, x]",
        "V[n, r, x] = p * V[s, r, x]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "V[s, r, x] - payment[n, r]",
        "V[s, r, x] + payment[n, r]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "equilibrium/kernels/newton_batched.py",
        "paid = cost[start, types.type_index[r]] if types.party[r] == i else 0.0",
        "paid = cost[start, 0] if types.party[r] == i else 0.0",
        f"{SWEEP}::test_what_must_be_done_is_paid_for_by_each_type",
    ),
    Break(
        "equilibrium/kernels/induction.py",
        "y = log_weight[start + a] + q * (",
        "y = q * (",
        f"{SWEEP}::test_untyped_choice_is_logit",
    ),
    Break(
        "equilibrium/kernels/newton_batched.py",
        "V[n, own, x] -= choices[at + a * L + x] * cost[start + a, 0]",
        "V[n, own, x] -= cost[start + a, 0]",
        f"{SWEEP}::test_untyped_choice_is_logit",
    ),
    Break(
        "equilibrium/kernels/signalling.py",
        "weight[found] = max(x, y) + math.log1p(math.exp(-abs(x - y)))",
        "weight[found] = max(x, y)",
        f"{SWEEP}::test_equal_options_act_as_one_with_summed_weight",
    ),
    Break(
        "equilibrium/kernels/signalling.py",
        "        if prove_unique(problem, q, problem.low + problem.step * k, search):\n",
        "        if True:\n",
        f"{FORWARD}::test_branch_points_on_the_path_are_counted",
    ),
    Break(
        "equilibrium/kernels/signalling.py",
        "if status != CONVERGED:",
        "if status == CONVERGED:",
        f"{FORWARD}::test_branch_points_on_the_path_are_counted",
    ),
    # from one period to the next
    Break(
        "equilibrium/kernels/period_boundary.py",
        "patience[r] * ahead[x, r, lane]",
        "ahead[x, r, lane]",
        f"{CHAINS}::test_closed_forms[value(a)]",
    ),
    Break(
        "equilibrium/kernels/period_boundary.py",
        "stands[x, to, lane] += moving[x, q, lane]",
        "stands[x, to, lane] = moving[x, q, lane]",
        f"{CHAINS}::test_closed_forms[P(eventually(not war))]",
    ),
    Break(
        "equilibrium/kernels/period_boundary.py",
        "s * beliefs[j, h, lane]",
        "s * beliefs[-1, h, lane]",
        "tests/test_query_explanation_timeline.py::test_timeline_keeps_observers_beliefs_apart",
    ),
    # the records of a decision together
    Break(
        "equilibrium/kernels/vector_math.py",
        "p = p * y + 4.1666666666666664e-02",
        "p = p * y + 4.1666666666666664e-03",
        f"{LANES}::test_exponential_and_logarithm_are_right_to_the_last_digits",
    ),
    Break(
        "equilibrium/kernels/vector_math.py",
        "p = p * z + 1.0 / 7.0",
        "p = p * z - 1.0 / 7.0",
        f"{LANES}::test_exponential_and_logarithm_are_right_to_the_last_digits",
    ),
    Break(
        "equilibrium/kernels/newton_batched.py",
        "believed[m, x] = b * sigma[0, a, x] + (1.0 - b) * sigma[1, a, x]",
        "believed[m, x] = b * sigma[1, a, x] + (1.0 - b) * sigma[0, a, x]",
        f"{LANES}::test_values_are_mixed_by_each_observers_belief",
    ),
    Break(
        "equilibrium/kernels/newton_batched.py",
        "ratio = math.exp(logit[0] - logit[m])",
        "ratio = math.exp(logit[m] - logit[0])",
        f"{LANES}::test_values_are_mixed_by_each_observers_belief",
    ),
    Break(
        "equilibrium/kernels/newton_batched.py",
        "(row[point_below[x] + stride] - here) - cost)",
        "(row[point_below[x] + stride] - here))",
        f"{LANES}::test_values_are_mixed_by_each_observers_belief",
    ),
    # play forwards
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "low + step * place[x] + vectorisable_log(",
        "low + step * place[x] - vectorisable_log(",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=1, types={{h: firm}}, "
        "without=h.late)]",
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "weight[m] * first[x] + (1.0 - weight[m]) * second[x]",
        "weight[m] * second[x] + (1.0 - weight[m]) * first[x]",
        f"{BELIEFS}::test_beliefs_in_closed_form[P(eventually(happens(h.act)), within=1)]",
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "target[to[x]] += y - z",
        "target[to[x]] += z",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=2)]",
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "paid += moved * costs.branch[combination, b]",
        "paid += costs.branch[combination, b]",
        f"{FORWARD}::test_each_type_pays_its_own_costs",
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "paid += costs.node[held[c] // states, n] * total_mass(M[n, held[c]])",
        "paid -= costs.node[held[c] // states, n] * total_mass(M[n, held[c]])",
        "tests/test_query_probability_laws.py::test_observers_with_equal_priors_agree",
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        (
            "p = label_transition[here, q]\n                    if axis >= 0:\n"
            "                        move"
        ),
        "p = q\n                    if axis >= 0:\n                        move",
        f"{CHAINS}::test_closed_forms[P(eventually(happens(storm)))]",
    ),
    # play forwards with exact records
    Break(
        "equilibrium/kernels/path_propagation.py",
        "probability = belief * s_a + (1.0 - belief) * s_b",
        "probability = belief * s_b + (1.0 - belief) * s_a",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(at_end(believes(analyst, h.firm) > 0.6), within=1, without=h.late)]",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "math.exp(-(logit + record))",
        "math.exp(-logit)",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(eventually(happens(h.act)) and always(believes(b, h.firm) >= 0), without=h.late)]",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "shift = math.log(s_a) - math.log(s_b)",
        "shift = math.log(s_b) - math.log(s_a)",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(at_end(believes(analyst, h.firm) > 0.6), within=1, without=h.late)]",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "p if draws else p * probability",
        "p * probability",
        f"{FORWARD}::test_excess_records_are_sampled_with_an_error_estimate",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "if draws and u >= passed and a < K - 1:",
        "if draws and u < passed and a < K - 1:",
        f"{FORWARD}::test_excess_records_are_sampled_with_an_error_estimate",
    ),
    # the fixed point of a signal
    Break(
        "equilibrium/kernels/newton.py",
        "sigma[t, a] = log_weight[a] + q * value[t, a]",
        "sigma[t, a] = q * value[t, a]",
        f"{BRANCH}::test_choices_are_weighted_logit",
    ),
    Break(
        "equilibrium/kernels/newton.py",
        "sign = 1.0 - 2.0 * t",
        "sign = 1.0 + 2.0 * t",
        f"{BRANCH}::test_choices_are_weighted_logit",
    ),
    Break(
        "equilibrium/kernels/newton.py",
        "f, rate = (b - belief[k]) / width, b * (1.0 - b) / width",
        "f, rate = (b - belief[k]) / width, b / width",
        f"{BRANCH}::test_slopes_match_finite_differences",
    ),
    Break(
        "equilibrium/kernels/newton.py",
        " and has_no_negative_eigenvalue(sigma, slope)",
        "",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "equilibrium/kernels/newton.py",
        "return trace * minors > product * total",
        "return True",
        f"{BRANCH}::test_no_negative_eigenvalues_test_matches_lapack",
    ),
    Break(
        "equilibrium/kernels/newton.py",
        "move[a] = (F[a] - top / bottom) / d",
        "move[a] = (F[a] + top / bottom) / d",
        f"{BRANCH}::test_principal_branch_starts_at_zero_precision",
        compiled=True,
    ),
    # whether there is only one
    Break(
        "equilibrium/kernels/uniqueness.py",
        "for k in range(first + 1, last + 1):",
        "for k in range(first + 1, last):",
        f"{BRANCH}::test_interval_bounds_are_tight_over_the_segment",
    ),
    Break(
        "equilibrium/kernels/uniqueness.py",
        "q * bounds[a, 2] - high)",
        "q * bounds[a, 2] - low)",
        f"{BRANCH}::test_interval_uniqueness_is_not_contradicted",
    ),
    Break(
        "equilibrium/kernels/uniqueness.py",
        "if d <= DETERMINANT_MARGIN:",
        "if d <= -1e9:",
        f"{BRANCH}::test_interval_uniqueness_is_not_contradicted",
    ),
    Break(
        "equilibrium/kernels/uniqueness.py",
        "return 1.0 + max(least - greatest, total) > DETERMINANT_MARGIN",
        "return 1.0 + max(greatest - least, total) > DETERMINANT_MARGIN",
        f"{BRANCH}::test_interval_uniqueness_is_not_contradicted",
    ),
    Break(
        "equilibrium/kernels/uniqueness.py",
        "min(found[b, 2], -high), max(found[b, 3], -low)",
        "min(found[b, 2], low), max(found[b, 3], high)",
        f"{SEVERAL}::test_newtons_method_does_not_contradict_what_is_shown_to_be_unique",
    ),
    Break(
        "equilibrium/kernels/uniqueness.py",
        "low = max(low, least / (d_high if least > 0.0 else d_low))",
        "low = max(low, least / (d_low if least > 0.0 else d_high))",
        f"{SEVERAL}::test_newtons_method_does_not_contradict_what_is_shown_to_be_unique",
    ),
    Break(
        "equilibrium/kernels/uniqueness.py",
        "scratch.widest_choice[:] = scratch.max_choice",
        "scratch.widest_choice[:] = 0.0",
        f"{SEVERAL}::test_newtons_method_does_not_contradict_what_is_shown_to_be_unique",
    ),
    Break(
        "equilibrium/kernels/multiplicity.py",
        "(W[0, a, node] - W[1, a, node]) - wanted) * direction < 0.0",
        "(W[0, a, node] - W[1, a, node]) - wanted) * direction > 0.0",
        f"{SEVERAL}::test_a_bracket_of_a_shift_holds_what_is_asked_for",
    ),
    Break(
        "equilibrium/kernels/multiplicity.py",
        "rate = 1.0 - slope * b * (1.0 - b) if x == within else 1.0",
        "rate = 1.0 + slope * b * (1.0 - b) if x == within else 1.0",
        f"{SEVERAL}::test_a_bracket_of_a_shift_holds_what_is_asked_for",
    ),
    # the path of the branch
    Break(
        "equilibrium/kernels/continuation.py",
        "                y[i] -= f * y[c]",
        "                y[i] += f * y[c]",
        f"{BRANCH}::test_elimination_solves_and_gives_the_sign_of_the_determinant",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "            y[c], y[p] = y[p], y[c]\n            sign = -sign",
        "            y[c], y[p] = y[p], y[c]",
        f"{BRANCH}::test_elimination_solves_and_gives_the_sign_of_the_determinant",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "M[b, b] += d",
        "M[b, b] += 2.0 - d",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "d = M[a, a] / scale - v",
        "d = M[a, a] / scale",
        f"{BRANCH}::test_negative_eigenvalues_of_a_bordered_matrix_are_counted",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "status, sign, negative_before = PASSED_BRANCH_POINT, -sign, negative_now",
        "status, sign, negative_before = CONVERGED, -sign, negative_now",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "if not fine or new_sign != sign:",
        "if not fine:",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "cell[first] += 1 if over > 0.0 else -1",
        "cell[first] += 1",
        f"{BRANCH}::test_principal_branch_starts_at_zero_precision",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "if tangent[K] < 0.0 < along[K] and h > MIN_ARCLENGTH_STEP:",
        "if False:",
        f"{BRANCH}::test_path_that_folds_beyond_the_end_stops_at_the_end",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "if abs(negative_now - negative_before) > 1 and h > 1e-7 * scale:",
        "if abs(negative_now - negative_before) > 2 and h > 1e-7 * scale:",
        f"{BRANCH}::test_path_is_followed_through_a_double_eigenvalue_crossing",
    ),
    Break(
        "equilibrium/kernels/continuation.py",
        "if (tangent[first] > 0.0) != (over > 0.0):",
        "if (tangent[first] > 0.0) == (over > 0.0):",
        f"{BRANCH}::test_principal_branch_starts_at_zero_precision",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/signalling.py",
        "if found > 1:",
        "if found > 3:",
        f"{SEVERAL}::test_a_solution_counts_the_decisions_with_several_only_when_asked",
    ),
    Break(
        "equilibrium/kernels/signalling.py",
        "if complete and found == 1:",
        "if complete and found == 7:",
        f"{SEVERAL}::test_a_finer_grid_resolves_what_a_coarse_one_does",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/multiplicity.py",
        "gain = apart - difference if most_telling else difference - apart",
        "gain = apart - difference",
        f"{SEVERAL}::test_each_selection_plays_its_own_equilibrium",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/multiplicity.py",
        "return found, complete and waiting == 0 and indices == 1",
        "return found, True",
        f"{SEVERAL}::test_a_search_that_is_cut_short_does_not_claim_to_have_found_all",
    ),
    Break(
        "equilibrium/kernels/multiplicity.py",
        "gain_high += h * (most[t, b] if h > 0.0 else least[t, b])",
        "gain_high += h * least[t, b]",
        f"{SEVERAL}::test_no_start_of_newtons_method_finds_another_fixed_point",
    ),
)
