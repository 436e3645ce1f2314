"""Breaks of the ask room: formulas, quantities, beliefs, reasons and certificates."""

from verification.broken.change import Break

CHAINS = "tests/test_ask_chains.py"
CHOICES = "tests/test_ask_choices.py"
BELIEFS = "tests/test_ask_beliefs.py"
CLAIMS = "tests/test_ask_claims.py"
FORMULAS = "tests/test_ask_formulas.py"
PARSE = "tests/test_ask_parse.py"
LAWS = "tests/test_ask_laws.py"
COURSE = "tests/test_ask_course.py"

BREAKS = (
    # formulas
    Break(
        "ask/formulas.py",
        'return first if self.kind == "lasting" else self.step(first, self._holds(bits))',
        "return self.step(first, self._holds(bits))",
        f"{FORMULAS}::test_the_start_counts_except_for_lasting",
    ),
    Break(
        "ask/formulas.py",
        "return NO if holds[1] else YES if holds[0] else WAITING",
        "return YES if holds[0] else NO if holds[1] else WAITING",
        f"{FORMULAS}::test_events_of_one_step_are_one_moment_and_not_before",
    ),
    Break(
        "ask/formulas.py",
        "return q + 1 if holds[0] else 0",
        "return q + 1 if holds[0] else q",
        f"{FORMULAS}::test_lasting_starts_again_after_every_gap",
    ),
    Break(
        "ask/formulas.py",
        "return YES if holds[1] else WAITING if holds[0] else NO",
        "return WAITING if holds[0] else YES if holds[1] else NO",
        f"{CHAINS}::test_closed_form[P(until(war, force == 3))]",
    ),
    Break(
        "ask/formulas.py",
        "return q if holds[0] else NO",
        "return YES if holds[0] else NO",
        f"{CHAINS}::test_closed_form[P(always(not war))]",
    ),
    Break(
        "ask/formulas.py",
        "if finer.max() == blocks.max():",
        "if finer.max() >= 0:",
        f"{CHAINS}::test_closed_form[P(not lasting(not war, 3))]",
    ),
    Break(
        "ask/formulas.py",
        "return self.step(q, list(happening)) if any(happening) else q",
        "return self.step(q, list(happening))",
        f"{CHAINS}::test_closed_form[P(always(war))]",
    ),
    # watch
    Break(
        "ask/watch.py",
        "expected = float((self.mass[:periods] @ passed).sum())",
        "expected = float((self.mass[: periods + 1] @ passed).sum())",
        f"{CHAINS}::test_closed_form[time(not war)]",
    ),
    Break(
        "ask/watch.py",
        "self.accept[:, 0] & self.accept[:, 1]",
        "self.accept[:, 0] | self.accept[:, 1]",
        f"{CHAINS}::test_closed_form[P(at_end(not war), provided=lasting(war, 2))]",
    ),
    Break(
        "ask/watch.py",
        'row = -1 if belief.observer == "analyst" else parties.index(belief.observer)',
        "row = -1",
        f"{BELIEFS}::test_beliefs_in_closed_form[time(believes(b, h.firm) > 0.3, without=h.late)]",
    ),
    Break(
        "ask/watch.py",
        "first if types[0] == belief.type else second",
        "first if types[1] == belief.type else second",
        f"{CLAIMS}::test_a_belief_that_nothing_has_moved_is_the_prior_as_written",
    ),
    Break(
        "ask/watch.py",
        "np.round(believed[:, row, hidden.index(belief.party)], BELIEF_DIGITS)",
        "believed[:, row, hidden.index(belief.party)]",
        f"{CLAIMS}::test_a_belief_that_nothing_has_moved_is_the_prior_as_written",
    ),
    Break(
        "ask/watch.py",
        "viewer = play.viewer(types=types)",
        "viewer = play.viewer()",
        f"{BELIEFS}::test_beliefs_in_closed_form[P(eventually(happens(h.act)), types={{h: firm}})]",
    ),
    Break(
        "ask/watch.py",
        "np.sqrt(found * (1.0 - found) / len(counted))",
        "np.sqrt(found * (1.0 - found)) / len(counted)",
        "tests/test_solve_forward.py::test_too_many_records_are_sampled_and_the_error_is_said",
    ),
    # reading
    Break(
        "ask/reading.py",
        "share(seen.both(periods) / condition)",
        "share(seen.both(periods))",
        f"{CHAINS}::test_closed_form[P(at_end(not war), provided=lasting(war, 2))]",
    ),
    Break(
        "ask/reading.py",
        "return Reading(1.0 - seen.probability(periods), None",
        "return Reading(seen.probability(periods), None",
        f"{CHOICES}::test_kept_starts_with_the_promise_in_force",
    ),
    Break(
        "ask/reading.py",
        "at = periods if quantity.at is None else quantity.at",
        "at = periods",
        f"{CHAINS}::test_closed_form[E(war, at=2)]",
    ),
    Break(
        "ask/reading.py",
        "periods=periods - at,",
        "periods=periods,",
        f"{CHAINS}::test_closed_form[E(war, at=1, provided=at_end(not war), within=2)]",
    ),
    Break(
        "ask/reading.py",
        "patience**game.periods * float(income[-1]) / (1.0 - patience)",
        "patience ** (game.periods - 1) * float(income[-1]) / (1.0 - patience)",
        f"{CHAINS}::test_the_last_state_that_lasts_is_worth_its_payoff_for_ever",
    ),
    Break(
        "ask/reading.py",
        "float(discount @ (income - seen.paid))",
        "float(discount @ income)",
        f"{LAWS}::test_those_who_believe_alike_expect_alike",
    ),
    Break(
        "ask/reading.py",
        "for kind, weight in ((0, first), (1, 1.0 - first))",
        "for kind, weight in ((0, 1.0 - first), (1, first))",
        f"{BELIEFS}::test_value_by_type_and_by_whom",
    ),
    Break(
        "ask/reading.py",
        "return 1.0 - first if second else first\n",
        "return first\n",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.soft, by=b)]",
    ),
    Break(
        "ask/reading.py",
        'row = -1 if observer == "analyst" else self.game.parties.index(observer)',
        "row = -1",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, at=0, by=b)]",
    ),
    Break(
        "ask/reading.py",
        "seen.error(periods, given=1)",
        "seen.error(periods)",
        "tests/test_solve_forward.py::test_the_error_of_a_condition_counts_its_plays_alone",
    ),
    # paths
    Break(
        "ask/paths.py",
        "record[h] = record[h] + np.log(first) - np.log(second)",
        "record[h] = record[h] + np.log(second) - np.log(first)",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=h.act)]",
    ),
    Break(
        "ask/paths.py",
        "likely[h] = (likely[h][0] * first, likely[h][1] * second)",
        "likely[h] = (likely[h][0] * first, likely[h][1])",
        f"{BELIEFS}::test_beliefs_in_closed_form[plays(h.act)]",
    ),
    Break(
        "ask/paths.py",
        "likely.append((first, 1.0 - first))",
        "likely.append((first, first))",
        f"{BELIEFS}::test_beliefs_in_closed_form[plays(h.act)]",
    ),
    # local
    Break(
        "ask/local.py",
        "if period == begin.period and k < step:",
        "if k < step:",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=[h.act, h.act], by=b)]",
    ),
    Break(
        "ask/local.py",
        "return (agreed / asked if asked > 0 else 0.0), warnings",
        "return (agreed if asked > 0 else 0.0), warnings",
        f"{CHOICES}::test_signs_sees_the_yeses_before",
    ),
    Break(
        "ask/local.py",
        "share = np.where(total > 0, path.probability / known, 1.0 / len(done))",
        "share = np.full_like(known, 1.0 / len(done))",
        f"{BELIEFS}::test_of_several_proposers_each_counts_by_what_it_would_sign",
    ),
    Break(
        "ask/local.py",
        "yield _Stand(settled, there, step + 1, weight)",
        "yield _Stand(settled, there, step, weight)",
        f"{BELIEFS}::test_beliefs_in_closed_form[belief(h.firm, after=[h.act, h.act], by=b)]",
    ),
    Break(
        "ask/local.py",
        "weight = stand.weight * share * settled.chance",
        "weight = stand.weight * share",
        f"{BELIEFS}::test_chance_on_the_way_is_averaged_by_how_likely_it_is",
    ),
    # the games that questions need
    Break(
        "ask/prepare.py",
        "{**drawn, **dict(given)}",
        "{**dict(given), **drawn}",
        f"{CHAINS}::test_closed_form[P(eventually(not war), given={{rate: 0.5}})]",
    ),
    Break(
        "ask/prepare.py",
        "sharper=sharper * factor,",
        "sharper=sharper,",
        f"{CHOICES}::test_plays_with_options",
    ),
    Break(
        "ask/prepare.py",
        "longer), variant.given, variant.sharper",
        "longer), variant.given, 1.0",
        f"{CLAIMS}::test_variants_are_kept_apart_when_asked_together",
    ),
    Break(
        "ask/prepare.py",
        "closed=dict(layout.closed),",
        "closed={},",
        f"{CHOICES}::test_what_is_not_offered_or_asked_is_0_with_a_warning",
    ),
    Break(
        "ask/prepare.py",
        "unresolved=sum(c.unresolved for c in solved),",
        "unresolved=sum(c.unresolved for c in solved[1:]),",
        f"{CLAIMS}::test_what_any_solution_leaves_unresolved_marks_the_sheet",
    ),
    # certificate
    Break(
        "ask/certificate.py",
        "halvings=1) if hidden",
        "halvings=0) if hidden",
        f"{CLAIMS}::test_grid_change_is_one_refinement_and_its_bound_covers_all",
    ),
    Break(
        "ask/certificate.py",
        "_distance(one, two) / one.scale",
        "_distance(one, two)",
        f"{CHAINS}::test_a_longer_tail_changes_a_value_and_that_is_said",
    ),
    Break(
        "ask/certificate.py",
        "return abs(one.value - other.value)",
        "return one.value - other.value",
        f"{CHAINS}::test_a_longer_tail_changes_a_value_and_that_is_said",
    ),
    Break(
        "ask/certificate.py",
        "unresolved=sum(each.unresolved for each in sheets),",
        "unresolved=sheet.unresolved,",
        f"{CLAIMS}::test_what_is_unresolved_at_sharper_precision_is_certified_too",
    ),
    Break(
        "ask/certificate.py",
        "return one + times * (other - one)",
        "return one + (other - one)",
        "tests/test_ask_certificate.py",
    ),
    Break(
        "ask/margin.py",
        '"<": lambda apart: -apart',
        '"<": lambda apart: apart',
        "tests/test_worlds_flips.py::test_the_margin_of_a_test_says_by_how_much_it_holds",
    ),
    Break(
        "ask/margin.py",
        '{"and": min, "or": max}',
        '{"and": max, "or": min}',
        "tests/test_worlds_flips.py::test_the_margin_of_a_test_says_by_how_much_it_holds",
    ),
    # claims
    Break(
        "ask/claims.py",
        "truth is not self.best",
        "truth is self.best",
        f"{CLAIMS}::test_claims_at_the_best_estimates",
    ),
    Break(
        "ask/claims.py",
        "prepared.read(sharper=factor) for factor in SHARPER",
        "prepared.read(sharper=1.0) for factor in SHARPER",
        f"{CLAIMS}::test_claims_at_the_best_estimates",
    ),
    # the expression around the quantities
    Break(
        "ask/expression.py",
        "return part if certain else None",
        "return part",
        f"{CHAINS}::test_what_needs_no_missing_value_has_one",
    ),
    Break(
        "ask/expression.py",
        "return None if None in parts else parts[-1]",
        "return parts[-1]",
        f"{CHAINS}::test_what_needs_no_missing_value_has_one",
    ),
    Break(
        "ask/expression.py",
        "return float(holding[0])",
        "return float(holding[-1])",
        f"{CHAINS}::test_least_warns_if_the_test_fails_again_further_up",
    ),
    Break(
        "ask/expression.py",
        '"<": lambda a, b: a < b',
        '"<": lambda a, b: a <= b',
        f"{CLAIMS}::test_comparisons_at_equality",
    ),
    # explain and its sentences
    Break(
        "ask/explain.py",
        "cost += float(play.numbers.graphs[graph].cost[branch, kind])",
        "cost += 0.0",
        f"{COURSE}::test_explained_parts_add_up_and_decide",
    ),
    Break(
        "ask/explain.py",
        "record=after.record,",
        "record=play.prior_record,",
        f"{COURSE}::test_explained_parts_add_up_and_decide",
    ),
    Break(
        "ask/explain.py",
        "viewer=play.viewer(party=party, type=own),",
        "viewer=play.viewer(),",
        f"{COURSE}::test_explained_parts_add_up_and_decide",
    ),
    Break(
        "ask/explain.py",
        "later += patience**game.periods * float(income[-1, -1]) / (1.0 - patience)",
        "later += patience**game.periods * float(income[-1, -1])",
        f"{COURSE}::test_explained_parts_add_up_and_decide",
    ),
    Break(
        "ask/explain.py",
        "discount[1:] @ (income[1:, -1] - seen.paid[1:])",
        "discount[1:] @ income[1:, -1]",
        f"{COURSE}::test_explained_parts_add_up_and_decide",
    ),
    Break(
        "ask/sentences.py",
        "gain = best.value - second.value",
        "gain = second.value - best.value",
        f"{CLAIMS}::test_explain_says_when_it_is_the_weight_that_tells",
    ),
    # timeline
    Break(
        "ask/timeline.py",
        "_row(1 - values), observer)",
        "_row(values), observer)",
        f"{COURSE}::test_a_timeline_says_what_questions_say",
    ),
    Break(
        "ask/timeline.py",
        'elif role == "answer" and option == "no":',
        'elif role == "answer" and option == "yes":',
        f"{COURSE}::test_offers_are_signed_or_refused",
    ),
    Break(
        "ask/timeline.py",
        "viewer=play.viewer(types=types),",
        "viewer=play.viewer(),",
        f"{CLAIMS}::test_a_timeline_counts_the_plays_with_the_types_asked",
    ),
    # reading questions
    Break(
        "ask/question.py",
        "dict(sorted({**dict(self.start), name: value}.items()))",
        "dict(sorted({name: value}.items()))",
        f"{PARSE}::test_least_asks_at_each_value_and_hands_its_options_down",
    ),
    Break(
        "ask/parse.py",
        "(sides[i], sides[i + 1])",
        "(sides[0], sides[i + 1])",
        f"{CHAINS}::test_closed_form[0 <= P(always(war)) < 0.1]",
    ),
    Break(
        "ask/options.py",
        "if n in outer.named - self.named}",
        "if n in outer.named & self.named}",
        f"{PARSE}::test_least_asks_at_each_value_and_hands_its_options_down",
    ),
    Break(
        "ask/quantities.py",
        "made.at_state(promise, value=True)",
        "made",
        f"{CHOICES}::test_kept_starts_with_the_promise_in_force",
    ),
    Break(
        "ask/reader.py",
        "low <= value <= high:",
        "low <= value <= high + 1:",
        f"{PARSE}",
    ),
)
