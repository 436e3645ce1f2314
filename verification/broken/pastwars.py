"""Breaks of the evidence room: past wars, and what forecasts are worth."""

from verification.broken.change import Break

BASELINE = "tests/test_forecasts_base_rates.py"
SCORES = "tests/test_forecasts_scoring.py"

BREAKS = (
    # survival
    Break(
        "evidence/tails.py",
        "CensoredData.right_censored(days, ongoing)",
        "CensoredData.right_censored(days, ongoing & False)",
        f"{BASELINE}::test_kaplan_meier_is_the_product_limit",
    ),
    Break(
        "evidence/tails.py",
        "longer = [war for war in wars if war.days > lasted]\n    seen",
        "longer = list(wars)\n    seen",
        f"{BASELINE}::test_kaplan_meier_conditional_on_duration_so_far",
    ),
    Break(
        "evidence/tails.py",
        "ended + sum(war.days > lasted + within for war in longer)",
        "len(longer)",
        f"{BASELINE}::test_only_wars_whose_fate_is_known_are_counted",
    ),
    Break(
        "evidence/tails.py",
        "ended = sum(not war.ongoing for war in long)",
        "ended = len(long)",
        f"{BASELINE}::test_an_ongoing_war_makes_the_tail_longer",
    ),
    Break(
        "evidence/tails.py",
        "np.log([war.days / YEAR for war in long])",
        "np.log10([war.days / YEAR for war in long])",
        f"{BASELINE}::test_tail_exponent_equals_scipy_fit",
    ),
    Break(
        "evidence/tails.py",
        "chi2.ppf(q, 2 * ended)",
        "chi2.ppf(q, ended)",
        f"{BASELINE}::test_tail_interval_has_its_coverage",
    ),
    Break(
        "evidence/tails.py",
        "(ended + 1) / (known + 2)",
        "(ended + 1) / (known + 1)",
        f"{BASELINE}::test_laplace_rule_of_succession",
    ),
    # the class
    Break(
        "evidence/wars.py",
        "MIDDLE = 15",
        "MIDDLE = 1",
        f"{BASELINE}::test_a_war_is_put_together_from_its_states",
    ),
    Break(
        "evidence/wars.py",
        'max(_day(row["enddate"]) for row in listed)',
        '_day(listed[0]["enddate"])',
        f"{BASELINE}::test_a_war_is_put_together_from_its_states",
    ),
    Break(
        "evidence/wars.py",
        'int(row["fatalmin"]) for row in listed',
        'int(row["fatalmax"]) for row in listed',
        f"{BASELINE}::test_war_filters",
    ),
    Break(
        "evidence/baselines.py",
        "war.start.year > after",
        "war.end.year > after",
        f"{BASELINE}::test_reference_class_from_a_file",
    ),
    Break(
        "evidence/baselines.py",
        "statistics.median(found) if found",
        "statistics.fmean(found) if found",
        f"{BASELINE}::test_war_data_is_complete",
    ),
    Break(
        "evidence/rates.py",
        "BaseRate(written, 1.0 - rate.middle,",
        "BaseRate(written, rate.middle,",
        f"{SCORES}::test_base_rates_are_scored_beside_the_model",
    ),
    # what a claim gives
    Break(
        "evidence/foreseen.py",
        "left.index, tree.operator in BELOW",
        "left.index, tree.operator in ABOVE",
        f"{SCORES}::test_claims_that_state_a_probability",
    ),
    Break(
        "evidence/foreseen.py",
        "if quantity.variant != Variant():",
        "if False:",
        f"{SCORES}::test_claims_that_state_a_probability",
    ),
    Break(
        "evidence/foreseen.py",
        "1.0 - value if self.turned else value",
        "value",
        f"{SCORES}::test_probability_of_a_claim_is_that_of_event_or_complement",
    ),
    Break(
        "evidence/hindsight.py",
        "mean, error = _mean([one for one in seen if one is not None])",
        "mean = read.sample.share(n).share",
        f"{SCORES}::test_probability_of_a_claim_is_that_of_event_or_complement",
    ),
    Break(
        "evidence/hindsight.py",
        "date[: len(than)] > than[: len(date)]",
        "date > than[: len(date)]",
        "src/ceasefire/evidence/hindsight.py",
    ),
    Break(
        "evidence/hindsight.py",
        "statistics.stdev(values) / math.sqrt(len(values))",
        "statistics.stdev(values)",
        "src/ceasefire/evidence/hindsight.py",
    ),
    # scores
    Break(
        "evidence/scoring.py",
        "((p - o) ** 2).mean()",
        "np.abs(p - o).mean()",
        f"{SCORES}::test_scores_are_proper",
    ),
    Break(
        "evidence/scoring.py",
        "weight * (came - float(o.mean())) ** 2",
        "weight * (came - float(p.mean())) ** 2",
        "src/ceasefire/evidence/scoring.py",
    ),
    Break(
        "evidence/scoring.py",
        "len(sums) / (len(sums) - 1)",
        "1",
        f"{SCORES}::test_standard_error_clusters_by_case",
    ),
    Break(
        "evidence/scoring.py",
        "model_brier=ours",
        "model_brier=own",
        f"{SCORES}::test_scores_of_known_outcomes",
    ),
    # the format
    Break(
        "case/foresight.py",
        "len(ends) == 1",
        "len(ends) >= 1",
        "tests/test_case_invalid.py::test_invalid_case_is_refused_at_its_line[baseline_both_ends]",
    ),
    Break(
        "case/dates.py",
        '"m": YEAR / 12',
        '"m": 30.0',
        "src/ceasefire/case/dates.py",
    ),
)
