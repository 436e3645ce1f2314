"""Breaks of the solve room above its kernels: grid, equilibrium, play and its reading."""

from verification.broken.change import Break

CHAINS = "tests/test_query_markov_chains.py"
CHOICES = "tests/test_query_decisions.py"
BELIEFS = "tests/test_query_beliefs.py"
FORWARD = "tests/test_equilibrium_forward.py"
NEWS = "tests/test_game_news_from_chance.py"
OTHERS = "tests/test_game_payoffs_of_others_types.py"

BREAKS = (
    # equilibrium
    Break(
        "equilibrium/backward_induction.py",
        "payoff / (1.0 - self.patience[:, None])",
        "payoff * self.patience[:, None] / (1.0 - self.patience[:, None])",
        f"{CHAINS}::test_ending_lasts_values_the_final_state_for_ever",
    ),
    Break(
        "equilibrium/backward_induction.py",
        "weights_of_type_combinations(beliefs[party])",
        "weights_of_type_combinations(beliefs[-1])",
        f"{OTHERS}::test_what_nobody_has_shown_counts_by_the_prior",
    ),
    Break(
        "equilibrium/solution.py",
        "sure = (filled.chance_by_type > 0).sum(axis=1) == 1",
        "sure = (filled.chance_by_type > 0).sum(axis=1) == 3",
        f"{NEWS}::test_the_grid_reaches_further_where_a_type_may_be_ruled_out",
    ),
    Break(
        "equilibrium/backward_induction.py",
        "parameters.patience[self.types.party]",
        "parameters.patience[self.types.type_index]",
        f"{FORWARD}::test_each_party_discounts_by_its_own_patience",
    ),
    Break(
        "equilibrium/backward_induction.py",
        "parameters.precision * precision_factor",
        "parameters.precision",
        f"{CHOICES}::test_plays_with_options",
    ),
    Break(
        "equilibrium/backward_induction.py",
        "range(reused_from - 1, -1, -1)",
        "range(reused_from)",
        f"{FORWARD}::test_early_payoffs_are_enjoyed_longer",
    ),
    Break(
        "equilibrium/backward_induction.py",
        "if game.enters_any_step and period == 0:",
        "if game.enters_any_step and period == 1:",
        f"{CHOICES}::test_plays_is_answered_in_states_off_the_path",
    ),
    # what is taken over from a solution of the same game
    Break(
        "equilibrium/backward_induction.py",
        "after.precision_factor != precision_factor",
        "after.precision_factor is None",
        "tests/test_equilibrium_shared_tail.py::test_different_games_share_no_tail",
    ),
    Break(
        "equilibrium/backward_induction.py",
        '"patience", "precision", "prior_by_type"',
        '"patience", "prior_by_type"',
        "tests/test_equilibrium_shared_tail.py::test_different_games_share_no_tail",
    ),
    # grid
    Break(
        "equilibrium/solution.py",
        "np.log(prior) - np.log1p(-prior)\n    kind",
        "np.log(prior) + np.log1p(-prior)\n    kind",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=0, by=b)]",
    ),
    Break(
        "equilibrium/solution.py",
        "kind[j, h] = 0 if knows[j] else distinct.index(odds[j, h])",
        "kind[j, h] = 0",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=0, by=b)]",
    ),
    Break(
        "equilibrium/solution.py",
        "certain + max(odds)",
        "certain - max(odds)",
        f"{FORWARD}::test_the_grid_reaches_to_where_every_observer_is_certain",
    ),
    Break(
        "equilibrium/solution.py",
        "certain - min(odds)",
        "certain - max(odds)",
        f"{FORWARD}::test_the_grid_reaches_to_where_every_observer_is_certain",
    ),
    Break(
        "equilibrium/solution.py",
        "step[h] = spacings.min() / 2**halvings",
        "step[h] = spacings.min()",
        f"{FORWARD}::test_a_finer_grid_keeps_the_nodes_of_the_coarse_one",
    ),
    Break(
        "equilibrium/solution.py",
        "self.axis_size ** (self.axes - 1 - h)",
        "self.axis_size**h",
        f"{FORWARD}::test_last_grid_axis_varies_fastest",
    ),
    # play
    Break(
        "equilibrium/solution.py",
        "share * value_of_type(k) for k, share in enumerate(prior)",
        "share * value_of_type(1 - k) for k, share in enumerate(prior)",
        f"{BELIEFS}::test_value_by_type_and_by_observer",
    ),
    Break(
        "equilibrium/solution.py",
        'row = len(parties) if observer in ("analyst", party) else parties.index(observer)',
        "row = len(parties)",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.soft, by=b)]",
    ),
    Break(
        "equilibrium/solution.py",
        "np.log1p(-prior) + shown",
        "np.log1p(-prior) - shown",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=h.act)]",
    ),
    Break(
        "equilibrium/solution.py",
        "np.hstack([weights * (1.0 - f), weights * f])",
        "np.hstack([weights * f, weights * (1.0 - f)])",
        f"{FORWARD}::test_interpolation_is_linear_in_belief",
    ),
    Break(
        "equilibrium/solution.py",
        "logit = grid.prior_logit[h, 0] if observer is None else observer.prior_logit[h]",
        "logit = 0.0 if observer is None else observer.prior_logit[h]",
        f"{FORWARD}::test_interpolation_is_linear_in_belief",
    ),
    Break(
        "equilibrium/solution.py",
        ".index(known[name]) == 0",
        ".index(known[name]) == 1",
        f"{BELIEFS}::test_beliefs_in_closed_form[P(eventually(happens(h.act)), types={{h: firm}})]",
    ),
    Break(
        "equilibrium/solution.py",
        "k = (point // grid.strides[h]) % grid.axis_size",
        "k = point % grid.axis_size",
        f"{FORWARD}::test_last_grid_axis_varies_fastest",
    ),
    Break(
        "equilibrium/solution.py",
        "beliefs[j, h] = grid.belief[h, grid.prior_kind[j, h], k]",
        "beliefs[j, h] = grid.belief[h, 0, k]",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=0, by=b)]",
    ),
    # power
    Break(
        "coalitions/maxmin.py",
        "party in coalition",
        "party not in coalition",
        f"{CHOICES}::test_coalition_security_values",
    ),
    Break(
        "coalitions/maxmin.py",
        "next_values[rows, automaton.period_end_transition]",
        "next_values[rows, automaton.initial_state[:, None]]",
        f"{CHOICES}::test_coalition_security_values",
    ),
    # trace
    Break(
        "equilibrium/grid_propagation.py",
        "moves = np.repeat(graph.mover == party, np.diff(graph.first_branch))",
        "moves = np.repeat(graph.mover >= 0, np.diff(graph.first_branch))",
        "tests/test_query_probability_laws.py::test_observers_with_equal_priors_agree",
    ),
    Break(
        "equilibrium/grid_propagation.py",
        "np.where(moves, parameters.cost[:, kind], 0.0) for kind in kinds",
        "np.where(moves, parameters.cost[:, 0], 0.0) for kind in kinds",
        f"{FORWARD}::test_each_type_pays_its_own_costs",
    ),
    Break(
        "equilibrium/grid_propagation.py",
        "number = game.graph_index(period)",
        "number = game.graph_index(n)",
        f"{FORWARD}::test_play_continues_with_steps_still_due",
    ),
    Break(
        "equilibrium/grid_propagation.py",
        "self.result.expected_costs[n] = advance_grid_measure(\n"
        "                graph_arrays(graph), period_policy(equilibrium, period)",
        "self.result.expected_costs[n] = advance_grid_measure(\n"
        "                graph_arrays(graph), period_policy(equilibrium, n)",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=1, "
        "provided=eventually(happens(h.act)), without=h.late)]",
    ),
    # follow
    Break(
        "equilibrium/path_propagation.py",
        "np.column_stack([states, q, rounded])",
        "np.column_stack([states, rounded])",
        f"{FORWARD}::test_converging_paths_are_summed",
    ),
    Break(
        "equilibrium/path_propagation.py",
        "w[0] if w[0] == w[-1] else NOT_KNOWN",
        "NOT_KNOWN",
        f"{BELIEFS}::test_beliefs_in_closed_form"
        "[P(at_end(believes(b, h.soft) < 0.7), within=1, without=h.late, types={h: firm})]",
    ),
    Break(
        "equilibrium/path_propagation.py",
        "grid.prior_logit[axes, kinds]",
        "grid.prior_logit[axes, 0 * kinds]",
        f"{BELIEFS}::test_beliefs_in_closed_form[time(believes(b, h.firm) > 0.3, without=h.late)]",
    ),
    Break(
        "equilibrium/path_propagation.py",
        "total: Floats = np.bincount(back.reshape(-1), mass).astype(np.float64)",
        "total: Floats = mass[where]",
        f"{FORWARD}::test_converging_paths_are_summed",
    ),
    Break(
        "equilibrium/path_propagation.py",
        "if len(states) > MAX_EXACT_PATHS:",
        "if len(states) > 2 * MAX_EXACT_PATHS:",
        f"{FORWARD}::test_excess_records_are_sampled_with_an_error_estimate",
    ),
)
