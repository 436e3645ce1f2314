"""Breaks of the evidence room: past wars, and what forecasts are worth."""

from verification.broken.change import Break

BASELINE = "tests/test_forecasts_base_rates.py"
SCORES = "tests/test_forecasts_scoring.py"

BREAKS = (
    # survival
    Break(
        "forecasts/durations.py",
        "CensoredData.right_censored(days, ongoing)",
        "CensoredData.right_censored(days, ongoing & False)",
        f"{BASELINE}::test_kaplan_meier_is_the_product_limit",
    ),
    Break(
        "forecasts/durations.py",
        "longer = [war for war in wars if war.days > lasted]\n    seen",
        "longer = list(wars)\n    seen",
        f"{BASELINE}::test_kaplan_meier_conditional_on_duration_so_far",
    ),
    Break(
        "forecasts/durations.py",
        "ended + sum(war.days > lasted + within for war in longer)",
        "len(longer)",
        f"{BASELINE}::test_only_wars_whose_fate_is_known_are_counted",
    ),
    Break(
        "forecasts/durations.py",
        "ended = sum(not war.ongoing for war in long)",
        "ended = len(long)",
        f"{BASELINE}::test_an_ongoing_war_makes_the_tail_longer",
    ),
    Break(
        "forecasts/durations.py",
        "np.log([war.days / DAYS_PER_YEAR for war in long])",
        "np.log10([war.days / DAYS_PER_YEAR for war in long])",
        f"{BASELINE}::test_tail_exponent_equals_scipy_fit",
    ),
    Break(
        "forecasts/durations.py",
        "chi2.ppf(q, 2 * ended)",
        "chi2.ppf(q, ended)",
        f"{BASELINE}::test_tail_interval_has_its_coverage",
    ),
    Break(
        "forecasts/durations.py",
        "(ended + 1) / (known + 2)",
        "(ended + 1) / (known + 1)",
        f"{BASELINE}::test_laplace_rule_of_succession",
    ),
    # the class
    Break(
        "forecasts/wars.py",
        "MID_MONTH_DAY = 15",
        "MID_MONTH_DAY = 1",
        f"{BASELINE}::test_a_war_is_put_together_from_its_states",
    ),
    Break(
        "forecasts/wars.py",
        'max(_parse_day(row["enddate"]) for row in listed)',
        '_parse_day(listed[0]["enddate"])',
        f"{BASELINE}::test_a_war_is_put_together_from_its_states",
    ),
    Break(
        "forecasts/wars.py",
        'int(row["fatalmin"]) for row in listed',
        'int(row["fatalmax"]) for row in listed',
        f"{BASELINE}::test_war_filters",
    ),
    Break(
        "forecasts/base_rates.py",
        "war.start.year > after",
        "war.end.year > after",
        f"{BASELINE}::test_reference_class_from_a_file",
    ),
    Break(
        "forecasts/base_rates.py",
        "statistics.median(probabilities) if probabilities",
        "statistics.fmean(probabilities) if probabilities",
        f"{BASELINE}::test_war_data_is_complete",
    ),
    Break(
        "forecasts/base_rates.py",
        "ClaimBaseRate(written, 1.0 - rate.median,",
        "ClaimBaseRate(written, rate.median,",
        f"{SCORES}::test_base_rates_are_scored_beside_the_model",
    ),
    # what a claim gives
    Break(
        "forecasts/base_rates.py",
        "left.index, tree.operator in BELOW_OPERATORS",
        "left.index, tree.operator in ABOVE_OPERATORS",
        f"{SCORES}::test_claims_that_state_a_probability",
    ),
    Break(
        "forecasts/base_rates.py",
        "if quantity.modification != GameModification():",
        "if False:",
        f"{SCORES}::test_claims_that_state_a_probability",
    ),
    Break(
        "forecasts/base_rates.py",
        "1.0 - value if self.negated else value",
        "value",
        f"{SCORES}::test_probability_of_a_claim_is_that_of_event_or_complement",
    ),
    Break(
        "forecasts/outcomes.py",
        "mean, error = _mean_and_standard_error([one for one in seen if one is not None])",
        "mean = read.share_of_question(n).share",
        f"{SCORES}::test_probability_of_a_claim_is_that_of_event_or_complement",
    ),
    Break(
        "forecasts/outcomes.py",
        "date[: len(than)] > than[: len(date)]",
        "date > than[: len(date)]",
        "src/ceasefire/forecasts/outcomes.py",
    ),
    Break(
        "forecasts/outcomes.py",
        "statistics.stdev(values) / math.sqrt(len(values))",
        "statistics.stdev(values)",
        "src/ceasefire/forecasts/outcomes.py",
    ),
    # scores
    Break(
        "forecasts/scoring.py",
        "((p - o) ** 2).mean()",
        "np.abs(p - o).mean()",
        f"{SCORES}::test_scores_are_proper",
    ),
    Break(
        "forecasts/scoring.py",
        "weight * (came - float(o.mean())) ** 2",
        "weight * (came - float(p.mean())) ** 2",
        "src/ceasefire/forecasts/scoring.py",
    ),
    Break(
        "forecasts/scoring.py",
        "len(sums) / (len(sums) - 1)",
        "1",
        f"{SCORES}::test_standard_error_clusters_by_case",
    ),
    Break(
        "forecasts/scoring.py",
        "model_brier=ours",
        "model_brier=own",
        f"{SCORES}::test_scores_of_known_outcomes",
    ),
    # the format
    Break(
        "case/resolve_claims_events.py",
        "len(ends) == 1",
        "len(ends) >= 1",
        "tests/test_case_invalid.py::test_invalid_case_is_refused_at_its_line[baseline_both_ends]",
    ),
    Break(
        "case/resolve_claims_events.py",
        '"m": DAYS_PER_YEAR / 12',
        '"m": 30.0',
        "src/ceasefire/case/resolve_claims_events.py",
    ),
)
