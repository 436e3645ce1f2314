"""Breaks of the game room: states, effects, steps, and what a world puts on them."""

from verification.broken.change import Break

BUILD = "tests/test_game_compiler.py"
CHAINS = "tests/test_query_markov_chains.py"
CHOICES = "tests/test_query_decisions.py"
BELIEFS = "tests/test_query_beliefs.py"
EFFECTS = "tests/test_game_effects.py"
SHUFFLE = "tests/test_game_shuffled_steps.py"
NEWS = "tests/test_game_news_from_chance.py"
OTHERS = "tests/test_game_payoffs_of_others_types.py"
FAMILIES = "tests/test_case_families.py"
ROLES = "tests/test_game_roles.py"
MOMENT = "tests/test_game_one_moment.py"
MOMENT_TYPES = "tests/test_game_types_at_one_moment.py"
DEADLINES = "tests/test_game_deadlines.py"
RENEWALS = "tests/test_game_renewals.py"

BREAKS = (
    # types that chance tells of, and that payoffs read
    Break(
        "game/parameters.py",
        "@ of_types",
        "@ of_types[::-1]",
        f"{NEWS}::test_outcomes_count_by_the_prior_of_whoever_asks",
    ),
    Break(
        "game/parameters.py",
        "(weights[:, None] * each).reshape(",
        "(weights[:, None] * each[::-1]).reshape(",
        f"{OTHERS}::test_what_nobody_has_shown_counts_by_the_prior",
    ),
    Break(
        "formats/game_tree.py",
        "by_type: Floats = numbers.chance_by_type[branches, position.types[party]]",
        "by_type: Floats = numbers.chance_by_type[branches, 0]",
        f"{NEWS}::test_the_tree_draws_outcomes_by_the_type_that_was_drawn",
    ),
    # parties that choose at one moment
    Break(
        "game/step_compiler.py",
        "holds = evaluate_when(self.state_table, party.moves[choice].when, now)",
        "holds = evaluate_when(self.state_table, party.moves[choice].when, 0 * now + began[0])",
        f"{MOMENT}::test_moves_take_effect_in_the_order_listed",
    ),
    Break(
        "game/step_compiler.py",
        "if self.state_table.codes[began[0], names.index(promise)] == 1:",
        "if False:",
        f"{MOMENT}::test_a_choice_breaks_a_promise_even_if_the_move_can_no_longer_be_made",
    ),
    Break(
        "game/step_compiler.py",
        'happened = events | {f"{choice}.{came}"} if came else events',
        "happened = events",
        f"{MOMENT}::test_outcomes_of_several_moves_happen_at_the_same_moment",
    ),
    Break(
        "formats/game_tree.py",
        "if graph.moment[node] < 0 or graph.moment[node] == node:",
        "if True:",
        f"{MOMENT}::test_exported_tree_has_the_other_choices_in_one_information_set",
    ),
    Break(
        "equilibrium/kernels/moment_equilibrium.py",
        "scratch.residual[c] = z[c] - weights - s * problem.precision[i] * gain",
        "scratch.residual[c] = z[c] - s * problem.precision[i] * gain",
        f"{MOMENT}::test_each_answers_what_the_others_do",
    ),
    Break(
        "equilibrium/kernels/moment_equilibrium.py",
        "(worth > best) == (selection == TELLING)",
        "(worth > best) != (selection == TELLING)",
        f"{MOMENT}::test_of_several_the_one_on_the_branch_from_precision_0_is_played",
    ),
    Break(
        "equilibrium/kernels/moment_equilibrium.py",
        "if not (proved and solve_at(problem, z, scratch)):",
        "if not solve_at(problem, z, scratch):",
        f"{MOMENT}::test_the_branch_goes_straight_on_where_it_forks",
    ),
    Break(
        "query/explanation.py",
        "share = np.array(likely) / sum(likely)",
        "share = np.ones(len(likely)) / len(likely)",
        f"{MOMENT}::test_explain_says_what_the_others_were_expected_to_do",
    ),
    Break(
        "query/quantity_parser.py",
        "if reader.case.has_moments:",
        "if False:",
        f"{MOMENT}::test_questions_not_worked_out_yet_are_refused",
    ),
    Break(
        "evidence/events.py",
        "owner = game.parties[mover] if game.steps[step].together else game.steps[step].id",
        "owner = game.steps[step].id",
        f"{MOMENT}::test_events_at_a_moment_say_what_each_did",
    ),
    # a party with types at one moment
    Break(
        "equilibrium/kernels/moments.py",
        "problem.reads[i], problem.odds[i] = belief[kind], logit[kind]",
        "problem.reads[i], problem.odds[i] = belief[kind], -logit[kind]",
        f"{MOMENT_TYPES}::test_each_type_answers_and_is_answered_as_it_is_believed_to_be",
    ),
    Break(
        "equilibrium/kernels/moment_equilibrium.py",
        "problem.worth[i, t] = problem.along[i, t, k] + f * gap",
        "problem.worth[i, t] = problem.along[i, t, k] + 0.0 * gap",
        f"{MOMENT_TYPES}::test_what_it_shows_is_answered_later",
    ),
    Break(
        "equilibrium/kernels/moment_equilibrium.py",
        "slope[k, second + a] -= turn / max",
        "slope[k, second + a] += turn / max",
        f"{MOMENT_TYPES}::test_what_it_shows_is_answered_later",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/moment_equilibrium.py",
        "return of_first - scratch.log_choice",
        "return -of_first + scratch.log_choice",
        f"{MOMENT_TYPES}::test_what_it_shows_is_answered_later",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/moments.py",
        "payoffs.cost[begin + a, i - party[i]]",
        "payoffs.cost[begin + a, 0]",
        f"{MOMENT_TYPES}::test_what_it_shows_is_answered_later",
    ),
    Break(
        "equilibrium/kernels/moments.py",
        "problem.share[M - 1], problem.share[M] = belief[0, k], 1.0 - belief[0, k]",
        "problem.share[M - 1], problem.share[M] = 1.0 - belief[0, k], belief[0, k]",
        f"{MOMENT_TYPES}::test_of_several_the_best_is_reckoned_by_how_likely_each_type_is",
    ),
    Break(
        "game/step_compiler.py",
        "self._nodes_first = sorted(range(len(parties)), key=knows.__getitem__)",
        "self._nodes_first = list(range(len(parties)))",
        f"{MOMENT_TYPES}::test_what_it_shows_is_answered_later",
    ),
    Break(
        "game/step_compiler.py",
        "listed = tuple(chosen[self._nodes_first.index(n)] for n in range(len(chosen)))",
        "listed = chosen",
        f"{MOMENT_TYPES}::test_what_it_shows_is_answered_later",
    ),
    Break(
        "query/explanation.py",
        "chances = (np.array(shares) @ policy).tolist()",
        "chances = policy[0].tolist()",
        f"{MOMENT_TYPES}::test_what_others_expect_of_it_is_the_mean_of_what_its_types_do",
    ),
    # types that are drawn anew
    Break(
        "game/parameters.py",
        "_log_odds(likely) - _log_odds(before)",
        "_log_odds(likely)",
        f"{RENEWALS}::test_all_that_was_shown_is_of_another_government",
    ),
    Break(
        "game/step_compiler.py",
        "renews |= self.effect.outcomes[m].renews",
        "renews |= {}",
        f"{RENEWALS}::test_all_that_was_shown_is_of_another_government",
    ),
    Break(
        "query/decisions.py",
        "likely[axis] = tuple(total * share for share in shares)",
        "likely[axis] = tuple(total * share for share in shares[::-1])",
        f"{RENEWALS}::test_everything_agrees_with_the_twin",
    ),
    Break(
        "query/unknown_dependence.py",
        "for expression in renewal.types.values()",
        "for expression in ()",
        f"{RENEWALS}::test_how_likely_a_type_then_is_can_matter",
    ),
    # roles
    Break(
        "game/step_compiler.py",
        "role, step, states[here], of_holder, int(holder), deal",
        "role, step, states[here], of_holder, int(holders[0]), deal",
        f"{ROLES}::test_holder_decides_by_what_it_wants",
    ),
    Break(
        "game/step_compiler.py",
        "yield CostExpression(expression, parties[holder], rows[here], targets[here])",
        "yield CostExpression(expression, parties[0], rows[here], targets[here])",
        f"{ROLES}::test_agrees_with_the_twin",
    ),
    Break(
        "evidence/events.py",
        "holders = game.state_table.holders(event.by, game.states[graph.state])",
        "holders = game.state_table.holders(event.by, game.states[graph.state * 0])",
        f"{ROLES}::test_refusal_by_an_office_is_that_of_its_holder",
    ),
    # promises that owe a move
    Break(
        "game/states.py",
        "left = self.case.promises[promise].within + 1 if value else 0",
        "left = self.case.promises[promise].within if value else 0",
        f"{DEADLINES}::test_period_in_which_it_is_given_does_not_count",
    ),
    Break(
        "game/states.py",
        "if key in promise.owes",
        "if key in promise.forbids",
        f"{DEADLINES}::test_promise_fulfilled_is_over",
    ),
    Break(
        "game/step_compiler.py",
        "due = running[self._left(running) == 1]",
        "due = running[self._left(running) == 2]",
        f"{DEADLINES}::test_breach_is_paid_at_the_end_of_the_last_period",
    ),
    # states
    Break(
        "game/states.py",
        "math.prod(self._sizes[v + 1 :])",
        "math.prod(self._sizes[v + 2 :])",
        f"{BUILD}::test_only_reachable_states_are_built",
    ),
    Break(
        "game/states.py",
        'if variable.kind == "word"',
        'if variable.kind != "boolean"',
        f"{EFFECTS}::test_numeric_variables_are_their_values_not_indices",
    ),
    Break(
        "game/states.py",
        "variable.values.index(known.get(name, variable.start))",
        "variable.values.index(variable.start)",
        "tests/test_query_decisions.py::test_a_party_that_can_only_pass_passes",
    ),
    # effects
    Break(
        "game/states.py",
        "state_table.set_promise(rows, promise, where, value=False)",
        "state_table.set_promise(rows, promise, where, value=True)",
        f"{EFFECTS}::test_effects_come_in_their_order",
    ),
    Break(
        "game/states.py",
        "after, bad = assign_variables(state_table, effect.set, rows)",
        "after, bad = assign_variables(state_table, effect.set, state_table.codes[states])",
        f"{EFFECTS}::test_effects_come_in_their_order",
    ),
    Break(
        "game/states.py",
        (
            "state_table.set_promise(after, promise, slice(None), value=False)\n"
            "    for promise in effect.promises:"
        ),
        (
            "pass\n    for promise in (*effect.promises, *effect.releases):\n        state_table."
            "set_promise(after, promise, slice(None), value=False)\n"
            "    for promise in set(effect.promises) - set(effect.releases):"
        ),
        f"{EFFECTS}::test_what_is_released_and_promised_at_once_is_promised",
    ),
    Break(
        "game/states.py",
        "assign_variables(state_table, outcome.set, after[possible])",
        "assign_variables(state_table, outcome.set, rows[possible])",
        f"{EFFECTS}::test_effects_come_in_their_order",
    ),
    Break(
        "game/states.py",
        "_known_chances(state_table, effect, after)",
        "_known_chances(state_table, effect, rows)",
        f"{EFFECTS}::test_effects_come_in_their_order",
    ),
    Break(
        "game/states.py",
        "values = state_table.evaluate(expression, rows, {})\n        after",
        "values = state_table.evaluate(expression, after, {})\n        after",
        f"{EFFECTS}::test_assignments_read_the_old_values",
    ),
    # uses
    Break(
        "game/step_compiler.py",
        "effect.set or effect.promises or effect.releases or effect.renews",
        "False",
        f"{CHAINS}::test_closed_forms[P(eventually(happens(arm)))]",
    ),
    Break(
        "game/step_compiler.py",
        'return (self.name, f"{self.name}.{outcome}") if outcome else (self.name,)',
        'return (f"{self.name}.{outcome}",) if outcome else (self.name,)',
        f"{CHAINS}::test_closed_forms[P(eventually(happens(storm)))]",
    ),
    Break(
        "game/step_compiler.py",
        "if int(value) >> i & 1]",
        "if int(value)]",
        f"{EFFECTS}::test_promises_are_broken_one_by_one",
    ),
    Break(
        "game/step_compiler.py",
        "labels = np.zeros_like(states)\n            for party",
        "for party",
        "tests/test_query_explanation_timeline.py::test_timeline_offers_split_into_signed_and_refused",
    ),
    # nodes
    Break(
        "game/graph.py",
        "arranged = np.lexsort((number, node))",
        "arranged = np.lexsort((node, number))",
        f"{CHOICES}::test_plays_is_a_choice_in_one_state",
    ),
    Break(
        "game/graph.py",
        "for option, where in zip(options, branches, strict=True):",
        "for option, where in zip(options, branches[::-1], strict=True):",
        "tests/test_query_answers.py::test_explain_names_the_weight_if_it_decides",
    ),
    # steps
    Break(
        "game/step_compiler.py",
        "inside[states] = True",
        "inside[self.begun_in] = True",
        f"{BUILD}::test_transient_states_are_not_reached_again",
    ),
    Break(
        "game/step_compiler.py",
        "passing = self.begun_in if self.may_pass else idle",
        "passing = self.begun_in",
        f"{EFFECTS}::test_restricted_step_offers_exactly_what_it_lists",
    ),
    Break(
        "game/step_compiler.py",
        "breach, self.party, rows[broken], where[broken]",
        "breach, self.party, rows, where",
        f"{CHOICES}::test_plays_is_a_choice_in_one_state",
    ),
    Break(
        "game/step_compiler.py",
        "for party in reversed(self.rules.seats):",
        "for party in self.rules.seats:",
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "game/step_compiler.py",
        "if party == proposer or party not in deal.needs:",
        "if party == proposer:",
        f"{CHOICES}::test_deal_without_needed_consent_happens_when_offered",
    ),
    Break(
        "game/step_compiler.py",
        '"offer", self.number, active, options, proposer\n',
        '"offer", self.number, active, options, self.rules.seats[0]\n',
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "game/step_compiler.py",
        "self.number, active, drawn, chance=1.0 / len(drawn)",
        "self.number, active, drawn, chance=1.0 / (len(drawn) + 1)",
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "game/step_compiler.py",
        "period < closed.get(step.id, 0)",
        "period <= closed.get(step.id, 0)",
        f"{BUILD}::test_without_and_closed_remove_options",
    ),
    Break(
        "game/step_compiler.py",
        "during[0] <= period <= during[1]",
        "during[0] <= period < during[1]",
        f"{BELIEFS}::test_belief_waits_for_a_step_that_comes_later_in_the_period",
    ),
    # build
    Break(
        "game/compiler.py",
        "cuts |= {thing.during[0], thing.during[1] + 1}",
        "cuts |= {thing.during[0], thing.during[1]}",
        f"{BUILD}::test_period_graphs_follow_during",
    ),
    Break(
        "game/compiler.py",
        "case.horizon + (case.tail if tail is None else tail)",
        "case.horizon + (case.tail if tail is None else 0)",
        f"{CHAINS}::test_horizon_change_is_the_effect_of_a_longer_tail",
    ),
    Break(
        "game/compiler.py",
        "COARSEST_GRID_NODES**hidden",
        "COARSEST_GRID_NODES * hidden",
        f"{BUILD}::test_a_game_that_does_not_fit_is_refused_with_its_factors",
    ),
    Break(
        "game/compiler.py",
        "later = np.union1d(next_states, begin) if may_skip_steps else next_states",
        "later = next_states",
        f"{BELIEFS}::test_belief_after_ignores_steps_between_the_named_actions",
    ),
    # model
    Break(
        "game/graph.py",
        "for period in range(graph.first_period, graph.past_last_period)",
        "for period in range(graph.first_period + 1, graph.past_last_period + 1)",
        f"{BELIEFS}::test_belief_waits_for_a_step_that_comes_later_in_the_period",
    ),
    Break(
        "game/graph.py",
        "[axes.get(party, -1) for party in self.parties]",
        "[min(axes.get(party, -1), 0) for party in self.parties]",
        f"{BELIEFS}::test_a_signed_deal_shows_the_offer_and_every_yes",
    ),
    Break(
        "game/graph.py",
        "for kind in range(max(1, len(self.case.types_known_to(name))))",
        "for kind in range(len(self.case.types_known_to(name)) or 1)[::-1]",
        f"{BELIEFS}::test_value_by_type_and_by_observer",
    ),
    # numbers
    Break(
        "game/parameters.py",
        "key = (id(expression), id(rows), kind, *types.values())",
        "key = (id(expression), id(rows), 0, *types.values())",
        f"{BELIEFS}::test_beliefs_in_closed_form[plays(h.act)]",
    ),
    Break(
        "game/parameters.py",
        "values = constants.evaluate(charge.expression, charge.state_codes, world, kind)",
        "values = constants.evaluate(charge.expression, charge.state_codes, world)",
        f"{BELIEFS}::test_beliefs_in_closed_form[plays(h.act)]",
    ),
    Break(
        "game/parameters.py",
        "left = left - values",
        "left = 1.0 - values",
        f"{EFFECTS}::test_remaining_probability_of_outcomes_does_nothing",
    ),
    Break(
        "game/parameters.py",
        "chance[fill.branches[used, -1]] = np.maximum(left[used], 0.0)",
        "chance[fill.branches[used, -1]] = 1.0 - np.maximum(left[used], 0.0)",
        f"{CHAINS}::test_closed_forms[E(war)]",
    ),
    Break(
        "game/parameters.py",
        "prior[list(case.parties).index(observer), h, :count] = _evaluate_prior(",
        "prior[-1, h, :count] = _evaluate_prior(",
        f"{BELIEFS}::test_beliefs_in_closed_form",
    ),
    Break(
        "game/parameters.py",
        "into.log_weight[option.branches] = np.log(weight)",
        "into.log_weight[option.branches] = weight",
        "tests/test_query_answers.py::test_explain_names_the_weight_if_it_decides",
    ),
    Break(
        "game/parameters.py",
        "np.add.at(into.cost[:, kind], charge.targets, values)",
        "into.cost[charge.targets, kind] = values",
        f"{CHOICES}::test_plays_is_a_choice_in_one_state",
    ),
    Break(
        "game/parameters.py",
        "if charge.party == party:",
        "if charge.party:",
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "game/parameters.py",
        "values >= -PROBABILITY_TOLERANCE",
        "values >= -1.0",
        f"{BUILD}::test_a_chance_below_0_is_as_impossible_as_one_above_1",
    ),
    Break(
        "game/parameters.py",
        "payoff[:, r] += values",
        "payoff[:, r] = values",
        f"{CHAINS}::test_closed_forms[value(a)]",
    ),
    # shuffle
    Break(
        "game/graph.py",
        "PeriodStep(group[row[0]], (number[row[1:]],)",
        "PeriodStep(group[row[0]], (number[()],)",
        f"{SHUFFLE}::test_one_period_is_the_mean_over_its_orders",
    ),
    Break(
        "game/step_compiler.py",
        "apart = np.logical_or.reduce([entry != entries[0] for entry in entries])",
        "apart = np.zeros(len(begin), dtype=np.bool_)",
        f"{SHUFFLE}::test_one_period_is_the_mean_over_its_orders",
    ),
    Break(
        "case/resolve_actions.py",
        "replace(each, shuffle=number)",
        "replace(each, shuffle=1)",
        f"{SHUFFLE}::test_a_case_with_a_shuffle_is_written_as_it_is_read",
    ),
    Break(
        "query/decisions.py",
        "(found, chance / len(here.following))",
        "(found, chance)",
        f"{SHUFFLE}::test_one_period_is_the_mean_over_its_orders",
    ),
    Break(
        "formats/prism.py",
        "on = {self.step: str(self.game.steps[step_number].following[0])}",
        "on = {self.step: str(step_number + 1)}",
        f"{SHUFFLE}::test_exports_draw_the_order",
    ),
    # families
    Break(
        "game/step_compiler.py",
        "if option.member is None:\n        return option.weight",
        "if True:\n        return option.weight",
        f"{FAMILIES}::test_a_finer_scale_weighs_no_more",
    ),
    Break(
        "query/quantity_parser.py",
        "one for name in names if name for one in case.members_of(name)",
        "name for name in names if name",
        f"{FAMILIES}::test_a_family_is_what_is_written_out_with_shares_of_the_weight",
    ),
    Break(
        "query/decisions.py",
        "chosen = [walker.after_choice(path, one) for _, path in offers for one in options]",
        "chosen = [walker.after_choice(path, options[0]) for _, path in offers]",
        f"{FAMILIES}::test_a_family_is_what_is_written_out_with_shares_of_the_weight",
    ),
)
