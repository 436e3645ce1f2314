"""Breaks of what follows from events: the filter, what it is asked, and how worlds are weighed."""

from verification.broken.change import Break

STANDING = "tests/test_query_state_distributions.py"
TWIN = "tests/test_evidence_against_twin.py"
FILTER = "tests/test_evidence_particle_filter.py"
FACTS = "tests/test_evidence_events.py"
UPDATE = "tests/test_evidence_update.py"

ONE_POINT = f"{STANDING}::test_one_point_distribution_gives_the_same_quantities"
TRANSPOSE = f"{STANDING}::test_backward_rewards_are_the_transpose_of_forward_mass"
MIXTURE = f"{STANDING}::test_mixture_is_the_mean_of_its_points"
COUNTED = f"{STANDING}::test_types_are_weighed_by_the_belief_at_each_point"
PUBLIC = f"{TWIN}::test_without_types_everything_is_equal_to_rounding"
TIMES = f"{TWIN}::test_times_and_kept_promises_count_from_period_0"
ADDS_UP = f"{FILTER}::test_likelihoods_of_the_choices_at_a_step_sum_to_1"
THINNED = f"{FILTER}::test_resampling_keeps_heavy_particles_and_expected_mass"
SAMPLED = f"{FILTER}::test_few_particles_are_unbiased_with_an_error_estimate"
SHARED = f"{FILTER}::test_runs_sharing_a_prefix_equal_runs_from_scratch"
WEIGHED = f"{UPDATE}::test_worlds_are_weighted_by_likelihood_of_events"
WEIGHTS = f"{UPDATE}::test_weights_are_normalised_likelihoods"
LEFT_OUT = f"{UPDATE}::test_leaving_out_an_event_shows_its_effect"
RANKED = f"{UPDATE}::test_indicators_are_ranked_by_what_they_are_expected_to_move"
FAVOUR = f"{UPDATE}::test_the_events_favour_the_case_that_expected_them"

RIVALS = "tests/test_evidence_rivals.py"

BREAKS = (
    Break(
        "evidence/events_against_rivals.py",
        "rows.append((-math.inf if row.ratio is None else row.ratio, place, row))",
        "rows.append((0.0, place, row))",
        f"{RIVALS}::test_ratios_are_those_of_the_probabilities_and_the_most_telling_comes_first",
    ),
    Break(
        "evidence/events_against_rivals.py",
        "most[0] / (least[0] or 1.0)",
        "most[0] - (least[0] or 1.0)",
        f"{RIVALS}::test_ratios_are_those_of_the_probabilities_and_the_most_telling_comes_first",
    ),
    Break(
        "formats/spreadsheets.py",
        'cell.data_type = "s"',
        "pass",
        f"{RIVALS}::test_the_table_for_spreadsheets_has_every_row_and_no_formula",
    ),
    Break(
        "evidence/update_claims.py",
        "event for event in events if event.period < today",
        "event for event in events if event.period <= today",
        f"{UPDATE}::test_what_comes_after_today_is_not_known_yet",
    ),
    Break(
        "evidence/update_claims.py",
        "weights = (None, *weighting.weights_by_version[0].tolist())",
        "weights = (None, *weighting.equal_weights.tolist())",
        f"{UPDATE}::test_each_world_is_told_with_its_weight_and_all_readings",
    ),
    Break(
        "evidence/events.py",
        "any(event.confirmed for event in group)",
        "all(event.confirmed for event in group)",
        f"{FACTS}::test_doubtful_events_are_left_out_and_reported",
    ),
    Break(
        "evidence/events.py",
        '(answers & _takes_option(game, graph, ("yes",))) | offers',
        'answers & _takes_option(game, graph, ("yes",))',
        f"{PUBLIC}[one yes]",
    ),
    Break(
        "game/step_compiler.py",
        'none_came = (*own_events, f"{self.name}.{NO_OUTCOME}")',
        "none_came = own_events",
        f"{PUBLIC}[no storm]",
    ),
    Break(
        "evidence/update_claims.py",
        "if not read.isdisjoint(event.first_report.observed)]",
        "if event.first_report.observed and read]",
        f"{UPDATE}::test_what_was_observed_of_something_else_settles_nothing",
    ),
    Break(
        "evidence/posterior.py",
        "values.append(found != 0 if game.case.is_truth(condition.tree) else found)",
        "values.append(found != 0)",
        f"{UPDATE}::test_what_was_observed_of_something_else_settles_nothing",
    ),
    # what formulas remember
    Break(
        "equilibrium/path_propagation.py",
        "(state & MOST_FACTS) | (remembered << MEMORY_SHIFT)",
        "(state & MOST_FACTS) | ((state >> MEMORY_SHIFT) << MEMORY_SHIFT)",
        f"{PUBLIC}[two steps of one party]",
    ),
    Break(
        "evidence/formula_memory.py",
        "row[m] = automaton.after_period_end(row[m], bits)",
        "pass",
        f"{PUBLIC}[idle where it cannot meet]",
    ),
    Break(
        "evidence/formula_memory.py",
        "if self._period < self._until[m] and not self._counts_waiting[m]:\n"
        "                    row[m] = automaton.after_events",
        "if not self._counts_waiting[m]:\n                    row[m] = automaton.after_events",
        f"{PUBLIC}[two steps of one party]",
    ),
    Break(
        "evidence/formula_memory.py",
        "waited[m] = (before[m] if at else 0) + open_still",
        "waited[m] = open_still",
        f"{TIMES}[no storm]",
    ),
    Break(
        "evidence/remembered_answers.py",
        "likely = likely * shares_at_points[kind]",
        "likely = likely * shares_at_points[kind - 1]",
        f"{TWIN}::test_with_types_everything_agrees_on_a_fine_grid[a shout]",
    ),
    Break(
        "evidence/remembered_answers.py",
        "masses = evaluator.at(standing).masses_given(quantity.types)",
        "masses = standing.weights.sum(axis=1)",
        f"{TWIN}::test_with_types_everything_agrees_on_a_fine_grid[only the state]",
    ),
    Break(
        "query/automata.py",
        'if left == 0 or (self.kind == "lasting" and self.count - q > left):',
        "if left == 0:",
        f"{UPDATE}::test_a_lasting_peace_for_which_no_time_is_left_is_settled",
    ),
    Break(
        "query/automata.py",
        "if self.begun is not None:",
        "if False:",
        f"{PUBLIC}[any order in the file]",
    ),
    # surprises, and what to watch
    Break(
        "evidence/surprise.py",
        "found.append(EventStep(said, likely / before if before > 0 else 0.0))",
        "found.append(EventStep(said, likely))",
        f"{UPDATE}::test_a_surprise_names_its_step_and_the_unknown_behind_it",
    ),
    Break(
        "evidence/surprise.py",
        "return (last - (counts - 1) / 2.0)[place]",
        "return last",
        f"{UPDATE}::test_a_surprise_names_its_step_and_the_unknown_behind_it",
    ),
    Break(
        "evidence/watching.py",
        "absent = BranchConstraints(free.required_facts, shows, free.allowed_ends, 0)",
        "absent = free",
        f"{UPDATE}::test_what_an_event_settles_is_no_reason_to_watch_for_it",
    ),
    Break(
        "evidence/next_events.py",
        "if weigher.best.is_settled(n, version) and not weigher.best.is_settled(n, 0)",
        "if weigher.best.is_settled(n, 0)",
        f"{UPDATE}::test_what_an_event_settles_is_no_reason_to_watch_for_it",
    ),
    # playing on from many points
    Break(
        "equilibrium/kernels/path_propagation.py",
        "facts_ahead[n] |= required[b] | facts_ahead[s]",
        "facts_ahead[n] |= required[b]",
        f"{PUBLIC}[two steps of one party]",
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "probability = belief * s_a + (1.0 - belief) * s_b",
        "probability = 0.5 * (s_a + s_b)",
        ADDS_UP,
    ),
    Break(
        "equilibrium/kernels/path_propagation.py",
        "stack.record[depth, axis] = min(max(record[axis] + shift, ",
        "stack.record[depth, axis] = min(max(record[axis] - shift, ",
        ADDS_UP,
    ),
    Break(
        "equilibrium/path_propagation.py",
        "share = np.minimum(mass / threshold, 1.0)",
        "share = np.minimum(2.0 * mass / threshold, 1.0)",
        THINNED,
    ),
    Break(
        "equilibrium/path_propagation.py",
        "np.where(certain[kept], mass[kept], threshold)",
        "mass[kept]",
        THINNED,
    ),
    Break(
        "equilibrium/path_propagation.py",
        "np.add.reduceat(mass[order], first)",
        "mass[kept]",
        f"{FILTER}::test_equal_particles_are_merged",
    ),
    # playing backwards
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "G[n, q, x] += rate[x] * value",
        "G[n, q, x] += rate[x] * G[s, p, x]",
        TRANSPOSE,
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/grid_propagation.py",
        "value += f * (G[s, p, cell[x] + stride] - value)",
        "value += f * G[s, p, cell[x] + stride]",
        TRANSPOSE,
        compiled=True,
    ),
    Break(
        "equilibrium/grid_propagation.py",
        "value[every[:, None], end_transition]",
        "value",
        ONE_POINT,
    ),
    Break(
        "equilibrium/grid_propagation.py",
        "value = value * by_combination(factors[n])",
        "value = value + 0.0 * by_combination(factors[n])",
        ONE_POINT,
    ),
    # asking from where things may stand
    Break(
        "query/state_distribution.py",
        "weights = weights * self.analyst_belief(party, known)",
        "weights = weights * 1.0",
        COUNTED,
    ),
    Break(
        "query/expectations.py",
        "rewards=dict.fromkeys(times, reward.astype(np.float64)[:, None]),",
        "rewards=dict.fromkeys([n + 1 for n in times], reward.astype(np.float64)[:, None]),",
        ONE_POINT,
    ),
    Break(
        "query/evaluator.py",
        "points.analyst_belief(known, number) * self._own_value",
        "0.5 * self._own_value",
        "tests/test_query_beliefs.py::test_value_by_type_and_by_observer",
    ),
    Break(
        "query/state_distribution.py",
        "means: Floats = weights @ np.broadcast_to(values, len(weights.T))",
        "means: Floats = weights[[0] * len(weights)] @ np.broadcast_to(values, len(weights.T))",
        MIXTURE,
    ),
    # events on the branches of a period
    Break(
        "evidence/events.py",
        "need[branches_showing_event(game, graph, recorded_event)] |= 1 << bit",
        "need[branches_showing_event(game, graph, recorded_event)] |= 1",
        f"{PUBLIC}[two deeds in one period]",
    ),
    Break(
        "evidence/events.py",
        "return np.asarray(here & ~np.isin(graph.option, allowed))",
        "return np.asarray(here & np.isin(graph.option, []))",
        f"{PUBLIC}[idle]",
    ),
    Break(
        "evidence/events.py",
        "answers = by & about & (role",
        "answers = about & (role",
        f"{PUBLIC}[refused by either seat]",
    ),
    Break(
        "evidence/events.py",
        "fits &= game.states[:, column] == variable.values.index(value)",
        "fits &= game.states[:, column] >= variable.values.index(value)",
        f"{PUBLIC}[outcomes and observation]",
    ),
    # the filter
    Break(
        "evidence/particle_filter.py",
        "points = points.scaled(1.0 / total) if total > 0 else points",
        "points = points.scaled(1.0)",
        f"{PUBLIC}[idle]",
    ),
    Break(
        "evidence/particle_filter.py",
        "list(shared_run.period_log_probabilities[:shared_periods])",
        "[0.0] * shared_periods",
        SHARED,
    ),
    Break(
        "evidence/particle_filter.py",
        "likely.std(ddof=1) / math.sqrt(len(runs)) / mean",
        "likely.std(ddof=1) / math.sqrt(len(runs))",
        SAMPLED,
    ),
    Break(
        "evidence/posterior.py",
        "return min(apart, default=today)",
        "return min(apart, default=today) + 1",
        LEFT_OUT,
    ),
    Break(
        "evidence/posterior.py",
        "np.add.at(weights[v], back.reshape(-1)[begin : begin + len(points)], points.mass)",
        "np.add.at(weights[v], back.reshape(-1)[: len(points)], points.mass)",
        WEIGHED,
    ),
    # worlds
    Break(
        "evidence/particle_filter.py",
        "likely = np.exp(log_likelihoods - log_likelihoods.max())\n    weights",
        "likely = np.ones(len(log_likelihoods))\n    weights",
        WEIGHED,
    ),
    Break(
        "evidence/particle_filter.py",
        "return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0",
        "return 1.0 / squares ** 2 if squares > 0 else 0.0",
        WEIGHTS,
    ),
    Break(
        "evidence/particle_filter.py",
        (
            "return WeightedShare(\n        min(1.0, float(there @ true) / total), "
            "effective_sample_size(there), failed\n    )"
        ),
        (
            "return WeightedShare(min(1.0, float(there @ true)), "
            "effective_sample_size(there), failed)"
        ),
        WEIGHTS,
    ),
    Break(
        "evidence/particle_filter.py",
        "between = float(likely.var(ddof=1)) / len(log_likelihoods)",
        "between = float(likely.var(ddof=1))",
        WEIGHTS,
    ),
    Break(
        "evidence/posterior.py",
        "over = min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0",
        "over = min(1.0, math.exp(other - one)) if math.isfinite(other) else 0.0",
        RANKED,
    ),
    Break(
        "evidence/update_claims.py",
        (
            "weights = "
            "likelihood_weights([world.event_probabilities[event_index][1] for world "
            "in worlds])"
        ),
        "weights = likelihood_weights([0.0 for world in worlds])",
        WEIGHED,
    ),
    Break(
        "evidence/update_claims.py",
        "        recorded_events,\n        (),\n",
        "        recorded_events,\n        recorded_events,\n",
        WEIGHED,
    ),
    Break(
        "evidence/next_events.py",
        "return self.expected * float(np.mean(moves)) if moves else 0.0",
        "return -float(np.mean(moves)) if moves else 0.0",
        RANKED,
    ),
    Break(
        "evidence/next_events.py",
        "return given.share - without.share",
        "return given.share",
        RANKED,
    ),
    Break(
        "evidence/compare_cases.py",
        "if error is not None and log < 2.0 * error:",
        "if error is not None and log < 0.0 * error:",
        f"{UPDATE}::test_bayes_factor_in_words_respects_its_error[151.0-3.0-not told apart from]",
    ),
    Break(
        "evidence/compare_cases.py",
        ("return max(self.rivals, key=lambda rival: rival.log_evidence) if self.events else None"),
        ("return min(self.rivals, key=lambda rival: rival.log_evidence) if self.events else None"),
        FAVOUR,
    ),
    Break(
        "evidence/remaining_case.py",
        "return replace(thing, during=(thing.during[0] - today, thing.during[1] - today))",
        "return replace(thing, during=thing.during)",
        f"{UPDATE}::test_remaining_case_is_the_continuation_game",
    ),
    Break(
        "evidence/remaining_case.py",
        "replace(changed, **{name: horizon})",
        "replace(changed, **{name: horizon - 1})",
        f"{UPDATE}::test_a_date_beyond_what_is_left_is_the_last_that_is",
    ),
    Break(
        "evidence/events.py",
        "return event.period, event.kind, event.target, event.by, seen",
        "return event.period, event.kind, event.target, event.by, seen, event.source",
        f"{FACTS}::test_two_reports_of_one_origin_count_once",
    ),
    Break(
        "evidence/remaining_case.py",
        "return bool(reads) and not remembers(quantity)",
        "return not reads and not remembers(quantity)",
        f"{UPDATE}::test_a_ceasefire_that_was_signed_stays_signed",
    ),
)
