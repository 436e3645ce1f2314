"""Breaks of the worlds room: draws, shares, runs and what lint finds in a game."""

from verification.broken.change import Break

DRAWS = "tests/test_ensemble_sampling.py"
SHARES = "tests/test_ensemble_statistics.py"
RUN = "tests/test_ensemble_run.py"
VERDICTS = "tests/test_ensemble_check_claims.py"
ENOUGH = "tests/test_ensemble_sample_size.py"
DRIVERS = "tests/test_ensemble_sensitivity.py"
FLIPS = "tests/test_ensemble_turning_points.py"
STORE = "tests/test_ensemble_store.py"
FAULTS = "tests/test_ensemble_game_validation.py"

BREAKS = (
    # draws
    Break(
        "worlds/draws.py",
        "low + np.sqrt(u * (high - low) * (mode - low))",
        "low + np.sqrt(u * (high - low) * (high - mode))",
        f"{DRAWS}::test_quantiles_are_those_of_the_distribution[triangle]",
    ),
    Break(
        "worlds/draws.py",
        "np.where(u * (high - low) < mode - low, left, right)",
        "np.where(u < mode - low, left, right)",
        f"{DRAWS}::test_quantiles_are_those_of_the_distribution[triangle]",
    ),
    Break(
        "worlds/draws.py",
        "p[0] * p[1] ** _score(u)",
        "p[0] * np.exp(p[1] * _score(u))",
        f"{DRAWS}::test_quantiles_are_those_of_the_distribution[lognormal]",
    ),
    Break(
        "worlds/draws.py",
        "np.sort(np.asarray(p, dtype=np.float64))",
        "np.asarray(p, dtype=np.float64)",
        f"{DRAWS}::test_oneof_is_correlated_by_value_not_by_its_place_in_the_list",
    ),
    Break(
        "worlds/draws.py",
        "points + _CELL / 2.0",
        "points + _CELL",
        f"{DRAWS}::test_sample_points_are_cell_centred",
    ),
    Break(
        "worlds/draws.py",
        "2.0 * np.sin(np.pi * rho / 6.0)",
        "rho",
        f"{DRAWS}::test_rank_correlation_is_the_one_asked_for",
    ),
    Break(
        "worlds/draws.py",
        "scores[:, k, None] * factor[:, k]",
        "scores[:, k, None] * factor[k]",
        f"{DRAWS}::test_correlation_leaves_each_distribution_as_it_is",
    ),
    Break(
        "worlds/draws.py",
        "return range(self.after + 1, self.after + len(self) + 1)",
        "return range(self.after, self.after + len(self))",
        f"{RUN}::test_answers_do_not_depend_on_workers",
    ),
    Break(
        "worlds/draws.py",
        "scramble=True, rng=seed",
        "scramble=True, rng=0",
        f"{DRAWS}::test_the_seed_changes_the_worlds",
    ),
    Break(
        "worlds/draws.py",
        "sequence.fast_forward(after)",
        "sequence.fast_forward(after - 1)",
        "src/ceasefire/worlds/draws.py",
    ),
    # sweeps that are kept
    Break(
        "worlds/summary.py",
        "max(high, *values)",
        "max(low, *values)",
        f"{STORE}::test_shares_and_numbers_are_those_of_the_rows_and_of_a_check",
    ),
    Break(
        "worlds/summary.py",
        "known + int(frame[name].count())",
        "int(frame[name].count())",
        f"{STORE}::test_shares_and_numbers_are_those_of_the_rows_and_of_a_check",
    ),
    Break(
        "worlds/sweeping.py",
        "dict(zip(_answers(columns), columns.row(sheet, None), strict=True))",
        "dict(zip(_answers(columns), columns.row(sheet, None)[::-1], strict=True))",
        f"{STORE}::test_stored_row_holds_the_answers_of_its_world",
    ),
    # shares
    Break(
        "worlds/shares.py",
        "centre = (true + z * z / 2.0) / (worlds + z * z)",
        "centre = (true + z * z) / (worlds + z * z)",
        f"{SHARES}::test_interval_is_wilsons",
    ),
    Break(
        "worlds/shares.py",
        "ndtri(0.5 + confidence / 2.0)",
        "ndtri(confidence)",
        f"{SHARES}::test_interval_is_wilsons",
    ),
    Break(
        "worlds/shares.py",
        "if share >= 0.95:",
        "if share > 0.95:",
        "src/ceasefire/worlds/shares.py",
    ),
    Break(
        "worlds/shares.py",
        "return Share(sum(known), len(known), len(answers) - len(known))",
        "return Share(sum(known), len(answers), len(answers) - len(known))",
        f"{SHARES}::test_failed_worlds_count_in_neither_part_of_the_share",
    ),
    Break(
        "worlds/shares.py",
        'method="inverted_cdf"',
        'method="linear"',
        f"{SHARES}::test_spread_keeps_infinite_answers_at_their_end",
    ),
    # across and survey
    Break(
        "worlds/across.py",
        "found.failed + failed",
        "found.failed",
        "tests/test_ensemble_statistics.py::test_worlds_that_failed_are_counted_beside_those_without_an_answer",
    ),
    Break(
        "worlds/survey.py",
        "sharper=asking.sharper,",
        "sharper=1.0,",
        f"{VERDICTS}::test_noise_dependence_is_detected",
    ),
    Break(
        "worlds/survey.py",
        "halvings=asking.halvings,",
        "halvings=0,",
        f"{VERDICTS}::test_certificate_equals_asking_one_by_one",
    ),
    Break(
        "worlds/survey.py",
        "range(before + 1, len(points) + 1)}",
        "range(before, len(points))}",
        f"{VERDICTS}::test_shares_match_the_drawn_worlds",
    ),
    Break(
        "worlds/checking.py",
        "claim_answers(prepared, names, sheet, found.checks, found.sharper)",
        "claim_answers(prepared, names, sheet, found.checks, {})",
        f"{VERDICTS}::test_noise_dependence_is_detected",
    ),
    Break(
        "ask/claims.py",
        "sharper=tuple((factor, again.truth(n)) for factor, again in sharper.items()),",
        "sharper=tuple((factor, sheet.truth(n)) for factor, again in sharper.items()),",
        f"{VERDICTS}::test_noise_dependence_is_detected",
    ),
    Break(
        "worlds/verdicts.py",
        "widest > self.until",
        "widest < self.until",
        f"{ENOUGH}::test_until_ends_at_the_most_worlds_allowed_and_says_so",
    ),
    Break(
        "worlds/sample.py",
        "Share(found.true, found.worlds, found.failed + len(self.ran.failed))",
        "Share(found.true, found.worlds + len(self.ran.failed), found.failed)",
        f"{VERDICTS}::test_failed_worlds_are_counted_with_every_share",
    ),
    # enough worlds
    Break(
        "worlds/enough.py",
        "math.hypot(first.share - below, high - again.share)",
        "math.hypot(above - first.share, again.share - low)",
        f"{ENOUGH}::test_difference_interval_is_newcombes",
    ),
    Break(
        "worlds/enough.py",
        "0.95 ** (1.0 / claims)",
        "0.95",
        f"{ENOUGH}::test_tolerance_grows_with_the_number_of_claims",
    ),
    Break(
        "worlds/enough.py",
        "(half + root) / until**2 - Z2",
        "(half - root) / until**2 - Z2",
        "src/ceasefire/worlds/enough.py",
    ),
    # what decides a claim
    Break(
        "worlds/drivers.py",
        'values.argsort(axis=0, kind="stable").argsort(axis=0)',
        'values.argsort(axis=0, kind="stable")',
        f"{DRIVERS}::test_deciding_unknown_is_a_driver_and_a_dummy_is_not",
    ),
    Break(
        "worlds/drivers.py",
        "0.95 ** (1.0 / unknowns)",
        "0.95",
        f"{DRIVERS}::test_noise_threshold_shrinks_with_worlds_and_grows_with_unknowns",
    ),
    Break(
        "worlds/drivers.py",
        "true / worlds).mean(axis=1)",
        "true / worlds).max(axis=1)",
        "src/ceasefire/worlds/drivers.py",
    ),
    Break(
        "worlds/boxes.py",
        "*_answered(*fresh)) if bounds",
        "*_answered(*seen)) if bounds",
        f"{DRIVERS}::test_density_and_coverage_are_counted_in_fresh_worlds",
    ),
    Break(
        "worlds/boxes.py",
        "bool(2 * truths.sum() <= len(truths))",
        "bool(2 * truths.sum() >= len(truths))",
        f"{DRIVERS}::test_the_rarer_verdict_is_described",
    ),
    Break(
        "worlds/boxes.py",
        "count, right, int(wanted.sum()))",
        "count, right, int(inside.sum()))",
        f"{DRIVERS}::test_density_and_coverage_are_counted_in_fresh_worlds",
    ),
    # what turns a claim
    Break(
        "worlds/axes.py",
        "range(1, steps))",
        "range(2, steps))",
        f"{FLIPS}::test_scan_gaps_are_at_most_a_quarter_of_the_range",
    ),
    Break(
        "worlds/axes.py",
        "abs(value - self.best) / self.width",
        "abs(value - self.low) / self.width",
        f"{FLIPS}::test_nearer_of_two_turning_points_is_reported",
    ),
    Break(
        "worlds/flips.py",
        "flip.move < flips[claim].move",
        "flip.move > flips[claim].move",
        f"{FLIPS}::test_nearer_of_two_turning_points_is_reported",
    ),
    Break(
        "worlds/flips.py",
        "dict.fromkeys(claims, gap.outside)",
        "dict.fromkeys(claims, gap.inside)",
        f"{FLIPS}::test_verdict_is_reversed_at_the_turning_point",
    ),
    Break(
        "worlds/pairs.py",
        "left = search.slack - within[first] - within[second]",
        "left = search.slack - within[first]",
        f"{FLIPS}::test_pair_is_found_where_no_unknown_turns_alone",
    ),
    Break(
        "worlds/pairs.py",
        "CLEARLY * min(alone) if alone else 1.0",
        "1.0",
        f"{FLIPS}::test_pair_hardly_nearer_than_one_alone_is_not_reported",
    ),
    # run
    Break(
        "worlds/run.py",
        "return {key: found[key] for key in jobs if key in found}",
        "return dict(found)",
        f"{RUN}::test_answers_that_arrive_backwards_are_put_in_order",
    ),
    Break(
        "worlds/run.py",
        "except CeasefireError as error:",
        "except Exception as error:",
        f"{RUN}::test_a_fault_of_the_program_is_not_taken_for_a_failed_world",
    ),
    # faults and habits
    Break(
        "worlds/faults.py",
        '"range": (0, 1)',
        '"range": (0,)',
        f"{FAULTS}::test_each_end_and_each_value_is_tried_in_every_state",
    ),
    Break(
        "worlds/faults.py",
        "for kind in kinds]",
        "for kind in kinds[:1]]",
        f"{FAULTS}::test_action_costing_one_type_is_not_costless",
    ),
    Break(
        "worlds/habits.py",
        "chosen * np.exp(lightest - log_weight[branches])[:, None, :, None]",
        "chosen",
        f"{FAULTS}::test_weight_does_not_excuse_a_dominated_move",
    ),
    Break(
        "worlds/habits.py",
        "score >= most * (1.0 - NEAR)",
        "score > 0.0",
        f"{FAULTS}::test_dominated_but_likely_moves_are_found",
    ),
)
