"""Breaks of the kernels: backward induction, the fixed point of a signal, play forwards."""

from verification.broken.change import Break

CHAINS = "tests/test_query_markov_chains.py"
CHOICES = "tests/test_query_decisions.py"
BELIEFS = "tests/test_query_beliefs.py"
RECORDS = "tests/test_equilibrium_interpolation.py"
FORWARD = "tests/test_equilibrium_forward.py"
SWEEP = "tests/test_equilibrium_induction.py"
LANES = "tests/test_equilibrium_newton_batched.py"
BRANCH = "tests/test_equilibrium_continuation.py"

BREAKS = (
    # what coalitions can secure
    Break(
        "solve/_power.py",
        "most if member[mover[n]] else least",
        "least if member[mover[n]] else most",
        f"{CHOICES}::test_coalition_security_values",
    ),
    Break(
        "solve/_power.py",
        "                    total += chance[b] * y",
        "                    total = max(total, chance[b] * y)",
        f"{CHAINS}::test_closed_forms[can([a], eventually(not war))]",
    ),
    # reading between the nodes of a record
    Break(
        "solve/_record.py",
        "return size - 2, top",
        "return size - 1, top",
        f"{RECORDS}::test_records_are_located_in_their_grid_cell",
    ),
    Break(
        "solve/_record.py",
        "math.exp(-(logit + record))",
        "math.exp(-record)",
        f"{RECORDS}::test_interpolation_weights_are_linear_in_belief",
    ),
    Break(
        "solve/_record.py",
        "if f > 1.0:\n        return 1.0",
        "if f > 1.0:\n        return 0.0",
        f"{RECORDS}::test_interpolation_weights_are_linear_in_belief",
    ),
    # backward induction
    Break(
        "solve/_plain.py",
        "                    V[n, r] += p * V[s, r]\n        elif",
        "                    V[n, r] = p * V[s, r]\n        elif",
        f"{CHAINS}::test_closed_forms[value(a)]",
    ),
    Break(
        "solve/_plain.py",
        "V[s, r] - payment[n, r]",
        "V[s, r] + payment[n, r]",
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "solve/_plain.py",
        "y = log_weight[b] + precision[i]",
        "y = precision[i]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "solve/_plain.py",
        "                V[n, i] -= p * cost[b, 0]",
        "                V[n, i] -= cost[b, 0]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "solve/_plain.py",
        "            if stop - start == 1:\n",
        "            if stop - start < 0:\n",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "solve/_sweep.py",
        "V[n, r, x] += p * V[successor[b], r, x]",
        "V[n, r, x] = p * V[successor[b], r, x]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "solve/_sweep.py",
        "V[successor[start], r, x] - payment[n, r]",
        "V[successor[start], r, x] + payment[n, r]",
        f"{SWEEP}::test_typed_kernel_equals_untyped_at_one_record",
    ),
    Break(
        "solve/_sweep.py",
        "paid = cost[start, reader_type[r]] if reader_party[r] == i else 0.0",
        "paid = cost[start, 0] if reader_party[r] == i else 0.0",
        f"{SWEEP}::test_what_must_be_done_is_paid_for_by_each_type",
    ),
    Break(
        "solve/_sweep.py",
        "y = log_weight[start + a] + q * (",
        "y = q * (",
        f"{SWEEP}::test_untyped_choice_is_logit",
    ),
    Break(
        "solve/_sweep.py",
        "V[n, own, x] -= policy[at + a * L + x] * cost[start + a, 0]",
        "V[n, own, x] -= cost[start + a, 0]",
        f"{SWEEP}::test_untyped_choice_is_logit",
    ),
    Break(
        "solve/_settle.py",
        "weight[found] = max(x, y) + math.log1p(math.exp(-abs(x - y)))",
        "weight[found] = max(x, y)",
        f"{SWEEP}::test_equal_options_act_as_one_with_summed_weight",
    ),
    Break(
        "solve/_settle.py",
        "        if enclose(W, log_weight, q, low + step * k, grid, belief, box, bounds, most):\n",
        "        if True:\n",
        f"{FORWARD}::test_branch_points_on_the_path_are_counted",
    ),
    Break(
        "solve/_settle.py",
        "elif status != CONVERGED:",
        "elif status == CONVERGED:",
        f"{FORWARD}::test_branch_points_on_the_path_are_counted",
    ),
    # from one period to the next
    Break(
        "solve/_turn.py",
        "patience[r] * ahead[x, r, lane]",
        "ahead[x, r, lane]",
        f"{CHAINS}::test_closed_forms[value(a)]",
    ),
    Break(
        "solve/_turn.py",
        "stands[x, to, lane] += moving[x, q, lane]",
        "stands[x, to, lane] = moving[x, q, lane]",
        f"{CHAINS}::test_closed_forms[P(eventually(not war))]",
    ),
    Break(
        "solve/_turn.py",
        "s * beliefs[j, h, lane]",
        "s * beliefs[-1, h, lane]",
        "tests/test_query_explanation_timeline.py::test_timeline_keeps_observers_beliefs_apart",
    ),
    # the records of a decision together
    Break(
        "solve/_elementary.py",
        "p = p * y + 4.1666666666666664e-02",
        "p = p * y + 4.1666666666666664e-03",
        f"{LANES}::test_exponential_and_logarithm_are_right_to_the_last_digits",
    ),
    Break(
        "solve/_elementary.py",
        "p = p * z + 1.0 / 7.0",
        "p = p * z - 1.0 / 7.0",
        f"{LANES}::test_exponential_and_logarithm_are_right_to_the_last_digits",
    ),
    Break(
        "solve/_lanes.py",
        "believed[m, x] = b * sigma[0, a, x] + (1.0 - b) * sigma[1, a, x]",
        "believed[m, x] = b * sigma[1, a, x] + (1.0 - b) * sigma[0, a, x]",
        f"{LANES}::test_values_are_mixed_by_each_observers_belief",
    ),
    Break(
        "solve/_lanes.py",
        "ratio = math.exp(logit[0] - logit[m])",
        "ratio = math.exp(logit[m] - logit[0])",
        f"{LANES}::test_values_are_mixed_by_each_observers_belief",
    ),
    Break(
        "solve/_lanes.py",
        "(row[at[x] + stride] - here) - cost)",
        "(row[at[x] + stride] - here))",
        f"{LANES}::test_values_are_mixed_by_each_observers_belief",
    ),
    # play forwards
    Break(
        "solve/_trace.py",
        "low + step * place[x] + logarithm(",
        "low + step * place[x] - logarithm(",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=1, types={{h: firm}}, "
        "without=h.late)]",
    ),
    Break(
        "solve/_trace.py",
        "weight[m] * first[x] + (1.0 - weight[m]) * second[x]",
        "weight[m] * second[x] + (1.0 - weight[m]) * first[x]",
        f"{BELIEFS}::test_beliefs_in_closed_form[P(eventually(happens(h.act)), within=1)]",
    ),
    Break(
        "solve/_trace.py",
        "target[to[x]] += y - z",
        "target[to[x]] += z",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=2)]",
    ),
    Break(
        "solve/_trace.py",
        "paid += moved * branch_paid[b]",
        "paid += branch_paid[b]",
        f"{FORWARD}::test_each_type_pays_its_own_costs",
    ),
    Break(
        "solve/_trace.py",
        "paid += node_paid[n] * amount(M[n, q])",
        "paid -= node_paid[n] * amount(M[n, q])",
        "tests/test_query_probability_laws.py::test_observers_with_equal_priors_agree",
    ),
    Break(
        "solve/_trace.py",
        "p = on_label[here, q]",
        "p = q",
        f"{CHAINS}::test_closed_forms[P(eventually(happens(storm)))]",
    ),
    # play forwards with exact records
    Break(
        "solve/_follow.py",
        "y = w * s_a + (1.0 - w) * s_b",
        "y = w * s_b + (1.0 - w) * s_a",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(at_end(believes(analyst, h.firm) > 0.6), within=1, without=h.late)]",
    ),
    Break(
        "solve/_follow.py",
        "math.exp(-(odds[axis] + now[axis]))",
        "math.exp(-odds[axis])",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(eventually(happens(h.act)) and always(believes(b, h.firm) >= 0), without=h.late)]",
    ),
    Break(
        "solve/_follow.py",
        "moved = math.log(s_a) - math.log(s_b)",
        "moved = math.log(s_b) - math.log(s_a)",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(at_end(believes(analyst, h.firm) > 0.6), within=1, without=h.late)]",
    ),
    Break(
        "solve/_follow.py",
        "p if draws else p * y",
        "p * y",
        f"{FORWARD}::test_excess_records_are_sampled_with_an_error_estimate",
    ),
    Break(
        "solve/_follow.py",
        "if draws and u >= passed and a < K - 1:",
        "if draws and u < passed and a < K - 1:",
        f"{FORWARD}::test_excess_records_are_sampled_with_an_error_estimate",
    ),
    # the fixed point of a signal
    Break(
        "solve/_signal.py",
        "sigma[t, a] = log_weight[a] + q * value[t, a]",
        "sigma[t, a] = q * value[t, a]",
        f"{BRANCH}::test_choices_are_weighted_logit",
    ),
    Break(
        "solve/_signal.py",
        "sign = 1.0 - 2.0 * t",
        "sign = 1.0 + 2.0 * t",
        f"{BRANCH}::test_choices_are_weighted_logit",
    ),
    Break(
        "solve/_signal.py",
        "f, rate = (b - belief[k]) / width, b * (1.0 - b) / width",
        "f, rate = (b - belief[k]) / width, b / width",
        f"{BRANCH}::test_slopes_match_finite_differences",
    ),
    Break(
        "solve/_signal.py",
        " and upright(sigma, slope)",
        "",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "solve/_signal.py",
        "return trace * minors > product * total",
        "return True",
        f"{BRANCH}::test_no_negative_eigenvalues_test_matches_lapack",
    ),
    Break(
        "solve/_signal.py",
        "move[a] = (F[a] - top / bottom) / d",
        "move[a] = (F[a] + top / bottom) / d",
        f"{BRANCH}::test_principal_branch_starts_at_zero_precision",
    ),
    # whether there is only one
    Break(
        "solve/_enclose.py",
        "for k in range(first + 1, last + 1):",
        "for k in range(first + 1, last):",
        f"{BRANCH}::test_interval_bounds_are_tight_over_the_segment",
    ),
    Break(
        "solve/_enclose.py",
        "q * bounds[a, 2] - high)",
        "q * bounds[a, 2] - low)",
        f"{BRANCH}::test_interval_uniqueness_is_not_contradicted",
    ),
    Break(
        "solve/_enclose.py",
        "if d <= 1e-3:",
        "if d <= -1e9:",
        f"{BRANCH}::test_interval_uniqueness_is_not_contradicted",
    ),
    Break(
        "solve/_enclose.py",
        "return 1.0 + max(least - greatest, total) > 1e-3",
        "return 1.0 + max(greatest - least, total) > 1e-3",
        f"{BRANCH}::test_interval_uniqueness_is_not_contradicted",
    ),
    # the path of the branch
    Break(
        "solve/_path.py",
        "                y[i] -= f * y[c]",
        "                y[i] += f * y[c]",
        f"{BRANCH}::test_elimination_solves_and_gives_the_sign_of_the_determinant",
    ),
    Break(
        "solve/_path.py",
        "            y[c], y[p] = y[p], y[c]\n            sign = -sign",
        "            y[c], y[p] = y[p], y[c]",
        f"{BRANCH}::test_elimination_solves_and_gives_the_sign_of_the_determinant",
    ),
    Break(
        "solve/_path.py",
        "M[b, b] += 1.0 - slope[0, b] + slope[1, b]",
        "M[b, b] += 1.0 + slope[0, b] - slope[1, b]",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "solve/_path.py",
        "d = M[a, a] / scale - v",
        "d = M[a, a] / scale",
        f"{BRANCH}::test_negative_eigenvalues_of_a_bordered_matrix_are_counted",
    ),
    Break(
        "solve/_branch.py",
        "status, sign, below = BRANCHED, -sign, left",
        "status, sign, below = CONVERGED, -sign, left",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "solve/_branch.py",
        "if not fine or turned != sign:",
        "if not fine:",
        f"{BRANCH}::test_knife_edge_of_an_almost_free_message",
    ),
    Break(
        "solve/_branch.py",
        "cell[first] += 1 if over > 0.0 else -1",
        "cell[first] += 1",
        f"{BRANCH}::test_principal_branch_starts_at_zero_precision",
    ),
    Break(
        "solve/_branch.py",
        "if tangent[K] < 0.0 < along[K] and h > SHORTEST:",
        "if False:",
        f"{BRANCH}::test_path_that_folds_beyond_the_end_stops_at_the_end",
    ),
    Break(
        "solve/_branch.py",
        "if abs(left - below) > 1 and h > 1e-7 * scale:",
        "if abs(left - below) > 2 and h > 1e-7 * scale:",
        f"{BRANCH}::test_path_is_followed_through_a_double_eigenvalue_crossing",
    ),
    Break(
        "solve/_branch.py",
        "if (tangent[first] > 0.0) != (over > 0.0):",
        "if (tangent[first] > 0.0) == (over > 0.0):",
        f"{BRANCH}::test_principal_branch_starts_at_zero_precision",
    ),
)
