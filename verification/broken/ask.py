"""Breaks of the ask room: formulas, quantities, beliefs, reasons and certificates."""

from verification.broken.change import Break

CHAINS = "tests/test_query_markov_chains.py"
CHOICES = "tests/test_query_decisions.py"
BELIEFS = "tests/test_query_beliefs.py"
GRID_CHANGE = "tests/test_query_grid_change.py"
GRID_CHOICE = "tests/test_query_grid_choice.py"
CLAIMS = "tests/test_query_answers.py"
FORMULAS = "tests/test_query_automata.py"
DOUBTS = "tests/test_query_numerical_quality.py"
PARSE = "tests/test_query_parser.py"
LAWS = "tests/test_query_probability_laws.py"
COURSE = "tests/test_query_explanation_timeline.py"
AFTER = "tests/test_query_after_choices.py"
DEPENDENCE = "tests/test_query_unknown_dependence.py"

DOUBTFUL = "tests/test_query_doubtful_decisions.py"

BREAKS = (
    # levers
    Break(
        "query/levers.py",
        "merged = options.combined_with(own)",
        "merged = own.combined_with(options)",
        "tests/test_query_levers.py::test_what_the_goal_sets_goes_before_the_lever",
    ),
    Break(
        "query/levers.py",
        "self.without | other.without,",
        "other.without or self.without,",
        "tests/test_query_levers.py::test_options_of_a_lever_join_those_of_the_question",
    ),
    Break(
        "query/levers.py",
        "if dict(getattr(other, option)).get(name, value) != value",
        "if name in dict(getattr(other, option))",
        "tests/test_query_levers.py::test_contradictions_are_named_and_agreement_is_none",
    ),
    # decisions in doubt
    Break(
        "query/numerical_quality.py",
        "[:, points] = 0.0",
        "[:, points] = 0.5",
        f"{DOUBTFUL}::test_play_comes_to_a_decision_in_doubt_as_often_as_the_line_opens",
    ),
    Break(
        "query/numerical_quality.py",
        "periods=begin.periods,",
        "periods=equilibrium.game.periods,",
        f"{DOUBTFUL}::test_play_comes_to_a_decision_in_doubt_as_often_as_the_line_opens",
    ),
    Break(
        "render/console.py",
        "for warning in (*case.warnings, *warnings)]",
        "for warning in case.warnings]",
        f"{DOUBTFUL}::test_the_document_has_every_warning_that_the_text_prints",
    ),
    # formulas
    Break(
        "query/automata.py",
        'return first if self.kind == "lasting" else self.step(first, self._holds(bits))',
        "return self.step(first, self._holds(bits))",
        f"{FORMULAS}::test_formulas_read_the_start_state_except_lasting",
    ),
    Break(
        "query/automata.py",
        "return FORMULA_FALSE if holds[1] else FORMULA_TRUE if holds[0] else FORMULA_OPEN",
        "return FORMULA_TRUE if holds[0] else FORMULA_FALSE if holds[1] else FORMULA_OPEN",
        f"{FORMULAS}::test_events_of_one_step_are_not_before_each_other",
    ),
    Break(
        "query/automata.py",
        "return q + 1 if holds[0] else 0",
        "return q + 1 if holds[0] else q",
        f"{FORMULAS}::test_lasting_restarts_after_a_gap",
    ),
    Break(
        "query/automata.py",
        "return FORMULA_TRUE if holds[1] else FORMULA_OPEN if holds[0] else FORMULA_FALSE",
        "return FORMULA_OPEN if holds[0] else FORMULA_TRUE if holds[1] else FORMULA_FALSE",
        f"{CHAINS}::test_closed_forms[P(until(war, force == 3))]",
    ),
    Break(
        "query/automata.py",
        "return q if holds[0] else FORMULA_FALSE",
        "return FORMULA_TRUE if holds[0] else FORMULA_FALSE",
        f"{CHAINS}::test_closed_forms[P(always(not war))]",
    ),
    Break(
        "query/automata.py",
        "if finer.max() == blocks.max():",
        "if finer.max() >= 0:",
        f"{CHAINS}::test_closed_forms[P(not lasting(not war, 3))]",
    ),
    Break(
        "query/automata.py",
        "return self.step(q, list(happening)) if any(happening) else q",
        "return self.step(q, list(happening))",
        f"{CHAINS}::test_closed_forms[P(always(war))]",
    ),
    Break(
        "game/graph.py",
        "period_end_transition=self.period_end_transition[class_of_state],",
        "period_end_transition=self.period_end_transition[class_of_state * 0],",
        f"{FORMULAS}::test_an_expanded_automaton_steps_like_its_classes",
    ),
    Break(
        "game/graph.py",
        "column: Bools = self.accepting[:, formula]",
        "column: Bools = self.accepting[:, 0 * formula] & False",
        f"{FORMULAS}::test_the_always_accepting_automaton_accepts_every_play",
    ),
    # watch
    Break(
        "query/expectations.py",
        "return range(periods) if each_period else (periods,)",
        "return range(periods + 1) if each_period else (periods,)",
        f"{CHAINS}::test_closed_forms[time(not war)]",
    ),
    Break(
        "query/evaluator.py",
        "both: Bools = np.logical_and.reduce(accepting, axis=1)",
        "both: Bools = np.logical_or.reduce(accepting, axis=1)",
        f"{CHAINS}::test_closed_forms[P(at_end(not war), provided=lasting(war, 2))]",
    ),
    Break(
        "query/automata.py",
        'row = -1 if belief.observer == "analyst" else parties.index(belief.observer)',
        "row = -1",
        f"{BELIEFS}::test_beliefs_in_closed_form[time(believes(b, h.firm) > 0.3, without=h.late)]",
    ),
    Break(
        "query/automata.py",
        "columns[belief.column] = np.round(1.0 - likely, BELIEF_DECIMALS)",
        "columns[belief.column] = np.round(likely, BELIEF_DECIMALS)",
        f"{CLAIMS}::test_belief_equal_to_its_threshold_up_to_rounding_passes",
    ),
    Break(
        "query/automata.py",
        "columns[belief.column] = np.round(believed[:, row, column], BELIEF_DECIMALS)",
        "columns[belief.column] = believed[:, row, column]",
        f"{CLAIMS}::test_belief_equal_to_its_threshold_up_to_rounding_passes",
    ),
    Break(
        "query/expectations.py",
        "return self.solution.equilibrium.observer_measure(types=dict(quantity.types))",
        "return self.solution.equilibrium.observer_measure()",
        f"{BELIEFS}::test_beliefs_in_closed_form[P(eventually(happens(h.act)), types={{h: firm}})]",
    ),
    Break(
        "query/evaluator.py",
        "np.sqrt(found * (1.0 - found) / len(counted))",
        "np.sqrt(found * (1.0 - found)) / len(counted)",
        "tests/test_equilibrium_forward.py::test_excess_records_are_sampled_with_an_error_estimate",
    ),
    # reading
    Break(
        "query/evaluator.py",
        "QuantityValue(part / whole, None, _doubt_of_condition(whole), scale, given=whole)",
        "QuantityValue(part, None, _doubt_of_condition(whole), scale, given=whole)",
        f"{CHAINS}::test_closed_forms[P(at_end(not war), provided=lasting(war, 2))]",
    ),
    Break(
        "query/evaluator.py",
        "QuantityValue(1.0 - clip_probability(value), None, warning)",
        "QuantityValue(clip_probability(value), None, warning)",
        f"{CHOICES}::test_kept_assumes_the_promise_is_in_force_at_the_start",
    ),
    Break(
        "query/evaluator.py",
        ("at = periods if quantity.after_periods is None else quantity.after_periods"),
        "at = periods",
        f"{CHAINS}::test_closed_forms[E(war, at=2)]",
    ),
    Break(
        "query/expectations.py",
        "after.automaton_mass[left - at] @ reward",
        "after.automaton_mass[0] @ reward",
        f"{CHAINS}::test_closed_forms[E(war, at=1, provided=at_end(not war), within=2)]",
    ),
    Break(
        "query/expectations.py",
        "patience**periods * float(income[-1]) / (1.0 - patience)",
        "patience ** (periods - 1) * float(income[-1]) / (1.0 - patience)",
        f"{CHAINS}::test_ending_lasts_values_the_final_state_for_ever",
    ),
    Break(
        "query/expectations.py",
        "float(discount @ (income - found.expected_costs))",
        "float(discount @ income)",
        f"{LAWS}::test_observers_with_equal_priors_agree",
    ),
    Break(
        "query/evaluator.py",
        "return np.asarray(believed[number])",
        "return np.asarray(believed[1 - number])",
        f"{BELIEFS}::test_value_by_type_and_by_observer",
    ),
    Break(
        "query/evaluator.py",
        "return equilibrium.beliefs(observer, party, path.record)[number]",
        "return equilibrium.beliefs(observer, party, path.record)[0]",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.soft, by=b)]",
    ),
    Break(
        "equilibrium/solution.py",
        'row = -1 if observer == "analyst" else self.game.parties.index(observer)',
        "row = -1",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=0, by=b)]",
    ),
    Break(
        "query/evaluator.py",
        "counted = ends[accepting[ends, 1:].all(axis=1)]",
        "counted = ends",
        "tests/test_equilibrium_forward.py::test_sampling_error_of_a_condition_counts_its_plays",
    ),
    # paths
    Break(
        "query/decisions.py",
        "shown = record[place.start] + (logs[0] - logs[1])",
        "shown = record[place.start] + (logs[1] - logs[0])",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=h.act)]",
    ),
    Break(
        "query/decisions.py",
        "tuple(a * b for a, b in zip(likely[axis], by_type, strict=True))",
        "(likely[axis][0] * by_type[0], *likely[axis][1:])",
        f"{BELIEFS}::test_beliefs_in_closed_form[plays(h.act)]",
    ),
    Break(
        "query/decisions.py",
        "likely.append(shares)",
        "likely.append((shares[0],) * len(shares))",
        f"{BELIEFS}::test_beliefs_in_closed_form[plays(h.act)]",
    ),
    # local
    Break(
        "query/decisions.py",
        "step if period == begin.period else 0",
        "step",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=[h.act, h.act], by=b)]",
    ),
    Break(
        "query/evaluator.py",
        "clip_probability(float(a / b)) if b > 0 else 0.0",
        "clip_probability(float(a)) if b > 0 else 0.0",
        f"{CHOICES}::test_signs_is_conditional_on_earlier_consents",
    ),
    Break(
        "query/decisions.py",
        "share = np.where(total > 0, path.probability / known, 1.0 / len(done))",
        "share = np.full_like(known, 1.0 / len(done))",
        f"{BELIEFS}::test_belief_after_a_deal_weighs_each_possible_proposer",
    ),
    Break(
        "query/decisions.py",
        "following = game.steps[step].following[0]",
        "following = step",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=[h.act, h.act], by=b)]",
    ),
    Break(
        "query/decisions.py",
        "weight = stand.weight * share * settled.probability",
        "weight = stand.weight * share",
        f"{BELIEFS}::test_belief_after_two_actions_averages_over_chance_between",
    ),
    # the games that questions need
    Break(
        "query/plan.py",
        "{**drawn, **dict(given)}",
        "{**dict(given), **drawn}",
        f"{CHAINS}::test_closed_forms[P(eventually(not war), given={{rate: 0.5}})]",
    ),
    Break(
        "query/plan.py",
        "sharper=sharper * factor,",
        "sharper=sharper,",
        f"{CHOICES}::test_plays_with_options",
    ),
    Break(
        "query/plan.py",
        "variant.given, variant.precision_factor, selection",
        "variant.given, 1.0, selection",
        f"{CLAIMS}::test_questions_of_different_variants_do_not_mix",
    ),
    Break(
        "query/plan.py",
        "closed=dict(layout.closed),",
        "closed={},",
        f"{CHOICES}::test_plays_or_signs_of_an_option_not_offered_is_0_with_a_warning",
    ),
    Break(
        "query/plan.py",
        "unresolved=sum(c.unresolved for c in solved),",
        "unresolved=sum(c.unresolved for c in solved[1:]),",
        f"{CLAIMS}::test_unresolved_decisions_of_any_solution_mark_the_result",
    ),
    # certificate
    Break(
        "query/numerical_quality.py",
        "return (case.horizon, 1) if case.horizon > 1 else (1,)",
        "return (case.horizon,)",
        f"{DOUBTS}::test_a_last_mover_who_decides_is_seen_in_the_horizon_change",
    ),
    Break(
        "query/numerical_quality.py",
        'if case.ending == "final":',
        'if case.ending == "nothing":',
        f"{DOUBTS}::test_a_finite_game_is_not_asked_with_a_longer_tail",
    ),
    Break(
        "ensemble/run.py",
        "ReadSettings(halvings=1)",
        "ReadSettings(halvings=0)",
        f"{DOUBTS}::test_a_grid_is_asked_again_once_finer_and_twice_coarser",
    ),
    Break(
        "ensemble/run.py",
        "_value_distance(one, two) / one.scale",
        "_value_distance(one, two)",
        f"{CHAINS}::test_horizon_change_is_the_effect_of_a_longer_tail",
    ),
    Break(
        "ensemble/run.py",
        "return abs(one.value - other.value)",
        "return one.value - other.value",
        f"{CHAINS}::test_horizon_change_is_the_effect_of_a_longer_tail",
    ),
    Break(
        "ensemble/run.py",
        "unresolved=sum(each.unresolved for each in reported),",
        "unresolved=self.best.unresolved,",
        f"{CLAIMS}::test_unresolved_decisions_at_sharper_precision_are_counted",
    ),
    Break(
        "query/grid_refinement.py",
        "return SAFETY_FACTOR * max(extrapolated, before, *shrunk)",
        "return SAFETY_FACTOR * extrapolated",
        f"{GRID_CHANGE}::test_the_slowest_of_what_grids_show_is_stated",
    ),
    Break(
        "query/grid_refinement.py",
        "return told + max((one for one in shifts if math.isfinite(one)), default=0.0)",
        "return told",
        f"{GRID_CHANGE}::test_what_steep_replies_may_do_is_added_and_numbers_move_that_way",
    ),
    Break(
        "query/grid_refinement.py",
        "extrapolated = change / (1.0 - max(rate, FIRST_ORDER_RATE))",
        "extrapolated = change",
        f"{GRID_CHANGE}::test_the_slowest_of_what_grids_show_is_stated",
    ),
    Break(
        "query/grid_refinement.py",
        "for share in (0.5, 1.0, -0.5, -1.0):",
        "for share in (0.5, 1.0):",
        f"{GRID_CHANGE}::test_numbers_move_together_as_far_as_they_may_be_off",
    ),
    Break(
        "query/grid_refinement.py",
        "out_of_reach = change * (size - 1) / (last - 1) > HOPEFUL * tolerance",
        "out_of_reach = change > HOPEFUL * tolerance",
        f"{GRID_CHOICE}::test_a_dear_grid_is_tried_where_the_tolerance_is_in_reach",
    ),
    Break(
        "query/grid_refinement.py",
        "if _decisions_in_doubt(answers[0, 0]) > _decisions_in_doubt(known[0, 0]):",
        "if not known:",
        f"{GRID_CHOICE}::test_a_grid_that_leaves_more_in_doubt_or_does_not_fit_is_not_taken",
    ),
    Break(
        "query/plan.py",
        "self, case=changed, settings=settings, known={},",
        "self, case=changed, settings=settings,",
        f"{GRID_CHOICE}::test_what_is_known_of_a_game_is_not_said_of_another",
    ),
    Break(
        "equilibrium/solution.py",
        "size, halvings = halved_grid_size(size, max(0, -halvings)), max(0, halvings)",
        "halvings = max(0, halvings)",
        "tests/test_equilibrium_forward.py::test_a_coarser_grid_is_the_one_of_half_as_many_nodes",
    ),
    Break(
        "query/comparisons.py",
        '"<": lambda apart: -apart',
        '"<": lambda apart: apart',
        "tests/test_ensemble_turning_points.py::test_the_margin_of_a_test_says_by_how_much_it_holds",
    ),
    Break(
        "query/comparisons.py",
        "(np.fmin if joint else np.fmax)",
        "(np.fmax if joint else np.fmin)",
        "tests/test_ensemble_turning_points.py::test_the_margin_of_a_test_says_by_how_much_it_holds",
    ),
    Break(
        "query/comparisons.py",
        "decided = (known & (~truths if joint else truths)).any(axis=0) | known.all(axis=0)",
        "decided = known.all(axis=0)",
        "tests/test_ensemble_margins.py::test_bare_truths_numbers_and_missing_answers",
    ),
    Break(
        "query/comparisons.py",
        'frozenset({">=", "<=", "=="})',
        'frozenset({">=", "<="})',
        "tests/test_ensemble_margins.py::test_bare_truths_numbers_and_missing_answers",
    ),
    Break(
        "query/comparisons.py",
        "np.where(truths[0], margins[1], margins[2])",
        "np.where(truths[0], margins[2], margins[1])",
        "tests/test_ensemble_turning_points.py::test_the_margin_of_a_test_says_by_how_much_it_holds",
    ),
    # what can matter
    Break(
        "query/unknown_dependence.py",
        "read += [parties[name].patience for name in valued]",
        "read += [parties[name].patience for name in deciders]",
        f"{DEPENDENCE}::test_what_can_matter_is_what_the_game_reads",
    ),
    Break(
        "query/unknown_dependence.py",
        "for term in condition.belief_terms:",
        "for term in ():",
        f"{DEPENDENCE}::test_what_can_matter_is_what_the_game_reads",
    ),
    Break(
        "query/unknown_dependence.py",
        "        if quantity.provided is None:\n            lengths",
        "        if True:\n            lengths",
        f"{DEPENDENCE}::test_what_can_matter_is_what_the_game_reads",
    ),
    Break(
        "query/unknown_dependence.py",
        "(graph.node_kind == DECISION) & (counts > 1)",
        "graph.node_kind == DECISION",
        f"{DEPENDENCE}::test_choices_after_which_it_is_asked_may_come_at_any_step",
    ),
    Break(
        "query/unknown_dependence.py",
        "return read(yes, rows[found != 0]) | read(no, rows[found == 0])",
        "return read(yes, rows[found != 0])",
        f"{DEPENDENCE}::test_what_can_matter_is_what_the_game_reads",
    ),
    Break(
        "query/unknown_dependence.py",
        "self._follow(valued.setdefault(party, self._nowhere()), number, own)",
        "self._follow(valued.setdefault(party, self._nowhere()), number, own, 1)",
        f"{DEPENDENCE}::test_what_cannot_matter_changes_no_bit_of_the_quarrel",
    ),
    Break(
        "query/unknown_dependence.py",
        "self._follow(seen, 0, _slots(slots), periods, skips=bool(quantity.after))",
        "self._follow(seen, 0, _slots(slots), periods)",
        f"{DEPENDENCE}::test_choices_after_which_it_is_asked_may_come_at_any_step",
    ),
    Break(
        "query/evaluator.py",
        "if quantity.provided is None and np.isfinite(values[0]) and not np.ptp(values):",
        "if False:",
        f"{DEPENDENCE}::test_the_expected_value_of_what_no_state_changes_is_exact",
    ),
    # claims
    Break(
        "ensemble/check_claims.py",
        "truth is not self.best",
        "truth is self.best",
        f"{CLAIMS}::test_claims_at_the_best_estimates",
    ),
    Break(
        "ensemble/run.py",
        "ReadSettings(precision_factor=factor)",
        "ReadSettings(precision_factor=1.0)",
        f"{CLAIMS}::test_claims_at_the_best_estimates",
    ),
    # the expression around the quantities
    Break(
        "query/ast.py",
        "return part if certain else None",
        "return part",
        f"{CHAINS}::test_logic_short_circuits_a_missing_value",
    ),
    Break(
        "query/ast.py",
        "return None if None in parts else parts[-1]",
        "return parts[-1]",
        f"{CHAINS}::test_logic_short_circuits_a_missing_value",
    ),
    Break(
        "query/ast.py",
        "return float(holding[0])",
        "return float(holding[-1])",
        f"{CHAINS}::test_least_warns_if_the_test_fails_again_further_up",
    ),
    Break(
        "query/ast.py",
        '"<": lambda a, b: a < b',
        '"<": lambda a, b: a <= b',
        f"{CLAIMS}::test_comparisons_at_equality",
    ),
    # the first decision that play comes to
    Break(
        "query/first_decision.py",
        "np.add.at(mass, graph.successor[first:last], mass[node] * rate)",
        "np.add.at(mass, graph.successor[first:last], mass[node])",
        f"{COURSE}::test_where_nothing_is_decided_at_the_start_the_likeliest_first_decision_is_explained",
    ),
    Break(
        "query/first_decision.py",
        "rate = believed[known] @ policy if known and len(policy) > 1 else policy[0]",
        "rate = policy[0]",
        f"{COURSE}::test_how_likely_play_comes_to_an_answer_is_how_likely_the_deal_is_offered",
    ),
    # explain and its sentences
    Break(
        "query/explanation.py",
        "cost = costs[0] + paid",
        "cost = costs[0]",
        f"{COURSE}::test_explained_parts_add_up_to_the_value_and_give_the_odds",
    ),
    Break(
        "query/explanation.py",
        "start_record=after.record,",
        "start_record=equilibrium.prior_record,",
        f"{COURSE}::test_explained_parts_add_up_to_the_value_and_give_the_odds",
    ),
    Break(
        "query/explanation.py",
        "observer = equilibrium.observer_measure(party=party, type=own)",
        "observer = equilibrium.observer_measure()",
        f"{COURSE}::test_explained_parts_add_up_to_the_value_and_give_the_odds",
    ),
    Break(
        "query/explanation.py",
        "later = later + patience**periods * income[-1] / (1.0 - patience)",
        "later = later + patience**periods * income[-1]",
        f"{COURSE}::test_explained_parts_add_up_to_the_value_and_give_the_odds",
    ),
    Break(
        "query/explanation.py",
        "float(discount[1:] @ costs[1:])",
        "float(costs[1:].sum())",
        f"{COURSE}::test_payoff_terms_now_and_later_add_up_to_the_value_of_the_solution",
    ),
    Break(
        "query/explanation.py",
        "later = discount[1:] @ income[1:]",
        "later = discount[:-1] @ income[1:]",
        f"{COURSE}::test_payoff_terms_now_and_later_add_up_to_the_value_of_the_solution",
    ),
    Break(
        "query/explanation.py",
        "rest = sum(amount for _, amount in largest[count:])",
        "rest = 0.0",
        f"{COURSE}::test_parts_that_are_not_named_are_said_together",
    ),
    Break(
        "query/explanation.py",
        "believed = dict(zip(parties[other].types, shares, strict=True))",
        "believed = dict(zip(parties[other].types, shares[::-1], strict=True))",
        f"{COURSE}::test_an_offer_not_made_and_the_beliefs_used_are_said_in_words",
    ),
    Break(
        "query/explanation.py",
        "gain = best.value - second.value\n    digits",
        "gain = second.value - best.value\n    digits",
        f"{CLAIMS}::test_explain_names_the_weight_if_it_decides",
    ),
    # timeline
    Break(
        "query/timeline_series.py",
        "values.append(1 - values[0])",
        "values.append(values[0])",
        f"{COURSE}::test_timeline_series_equal_the_answers_to_questions",
    ),
    Break(
        "query/timeline_series.py",
        'elif role == "answer" and option == "no":',
        'elif role == "answer" and option == "yes":',
        f"{COURSE}::test_timeline_offers_split_into_signed_and_refused",
    ),
    Break(
        "query/timeline_series.py",
        "observer=play.observer_measure(types=types),",
        "observer=play.observer_measure(),",
        f"{CLAIMS}::test_timeline_conditions_on_the_types_asked",
    ),
    # reading questions
    Break(
        "query/ast.py",
        "dict(sorted({**dict(self.start), name: value}.items()))",
        "dict(sorted({name: value}.items()))",
        f"{PARSE}::test_least_asks_once_per_value_with_its_options",
    ),
    Break(
        "query/parser.py",
        "(sides[i], sides[i + 1])",
        "(sides[0], sides[i + 1])",
        f"{CHAINS}::test_closed_forms[0 <= P(always(war)) < 0.1]",
    ),
    Break(
        "query/quantity_parser.py",
        "if n in outer.written_names - self.written_names\n        }",
        "if n in outer.written_names & self.written_names}",
        f"{PARSE}::test_least_asks_once_per_value_with_its_options",
    ),
    Break(
        "query/quantity_parser.py",
        "made.with_start_value(name, value=value)",
        "made",
        f"{CHOICES}::test_kept_assumes_the_promise_is_in_force_at_the_start",
    ),
    Break(
        "query/formula_parser.py",
        "low <= value <= high and",
        "low <= value <= high + 1 and",
        f"{PARSE}",
    ),
    Break(
        "query/formula_parser.py",
        "operation, parts = UNARY_OPERATORS[type(sign)], [_constant_tree(operand)]",
        'operation, parts = "positive", [_constant_tree(operand)]',
        f"{PARSE}::test_arithmetic_of_numbers_is_read_wherever_a_number_is",
    ),
    Break(
        "query/claim_lint.py",
        "near = {mark + nudge for mark in marks for nudge in (-NUDGE, 0.0, NUDGE)}",
        "near = {low, high}",
        "tests/test_query_claim_lint.py::test_only_a_test_that_no_number_decides_is_warned_of",
    ),
    Break(
        "query/claim_lint.py",
        "return answer if _truth_within(question.expression, ranges) is answer else None",
        "return answer",
        "tests/test_query_claim_lint.py::test_only_a_test_that_no_number_decides_is_warned_of",
    ),
    Break(
        "query/claim_lint.py",
        "if may_vanish or node.operator in",
        "if node.operator in",
        "tests/test_query_claim_lint.py::test_only_a_test_that_no_number_decides_is_warned_of",
    ),
    Break(
        "query/claim_lint.py",
        "marks = {low, high, *written}",
        "marks = {low, high}",
        "tests/test_query_claim_lint.py::test_only_a_test_that_no_number_decides_is_warned_of",
    ),
    # choices that come first
    Break(
        "query/decisions.py",
        "last = walker.game.case.horizon if quantity.after else 1",
        "last = 1",
        f"{AFTER}::test_quantities_after_choices_in_closed_form[plays(h.act, after=h.act)]",
    ),
    Break(
        "query/evaluator.py",
        "weights = weights * self._belief_in_type(beginning, known, number)",
        "weights = 0.5 * weights",
        f"{AFTER}::test_quantities_after_choices_in_closed_form[value(h, after=h.act)]",
    ),
    Break(
        "query/expectations.py",
        "weights[:, here] * branch.weight,",
        "weights[:, here],",
        f"{AFTER}::test_quantities_after_choices_in_closed_form[E(fort, at=0, after=h.act)]",
    ),
    Break(
        "query/expectations.py",
        "left[:, axis] = record",
        "left[:, axis] = 0.0 * record",
        f"{AFTER}::test_choice_after_a_threat_reads_what_the_threat_shows",
    ),
    Break(
        "query/quantity_parser.py",
        "            after=options.after,\n",
        "",
        f"{AFTER}::test_quantities_after_choices_in_closed_form[belief(h.firm, at=0, after=h.act)]",
    ),
    Break(
        "query/decisions.py",
        "if value != variables[name].start",
        "if value == variables[name].start",
        f"{AFTER}::test_start_says_that_it_begins_with_the_prior",
    ),
    Break(
        "query/decisions.py",
        "return step.id == owner and passes",
        "return step.id == owner",
        f"{CHOICES}::test_passing_is_asked_at_the_first_step_that_offers_it_as_a_choice",
    ),
    Break(
        "query/decisions.py",
        'return walker.after_choice(now, "no")',
        'return walker.after_choice(now, "yes")',
        f"{AFTER}::test_a_refusal_shows_what_it_shows",
    ),
    Break(
        "query/decisions.py",
        "if outcome in self.game.labels[graph.label[b]]:",
        "if True:",
        f"{AFTER}::test_an_outcome_of_chance_comes_first",
    ),
    Break(
        "query/decisions.py",
        "return walker.after_outcome(now, seen.outcome)",
        "return now",
        f"{AFTER}::test_an_outcome_of_a_move_or_deal_comes_first",
    ),
    # what a number rests on
    Break(
        "query/evaluator.py",
        "return met if met is not None else self._state_met(quantity, second)",
        "return met",
        f"{CHAINS}::test_a_condition_that_is_no_number_somewhere_names_the_state",
    ),
    Break(
        "query/evaluator.py",
        "return self.given < LEAST_CONDITION_PROBABILITY",
        "return self.given < 0",
        f"{CHAINS}::test_a_condition_as_improbable_as_numerical_error_is_doubted",
    ),
    Break(
        "query/evaluator.py",
        "left = self._expectations.expect(quantity, formulas, waiting)",
        "left = self._expectations.expect(quantity, formulas, ~waiting)",
        f"{CHAINS}::test_a_time_tells_how_often_it_has_not_come",
    ),
    Break(
        "query/numerical_quality.py",
        "doubtful = sum(any(one.has_improbable_condition for one in each) for each in answers)",
        "doubtful = 0",
        "tests/test_cli_results.py::test_ask_tells_how_likely_a_condition_is",
    ),
)
