"""Breaks of what a party with more than two types needs: grid, fixed point, play and records."""

from verification.broken.change import Break

MANY = "tests/test_equilibrium_many_types.py"

BREAKS = (
    Break(
        "equilibrium/kernels/simplex.py",
        "while k > 1 and part[raised[k - 1] - 1] < part[moved - 1]:",
        "while k > 1 and part[raised[k - 1] - 1] > part[moved - 1]:",
        f"{MANY}::test_a_belief_is_the_mean_of_the_corners_of_its_cell",
    ),
    Break(
        "equilibrium/kernels/simplex.py",
        "read[m] = weight[m] * density[point[m]]",
        "read[m] = weight[m]",
        f"{MANY}::test_beliefs_are_martingales_and_nothing_leaks",
    ),
    Break(
        "equilibrium/simplex_grid.py",
        "own = whole[::-1].cumsum()[::-1][1:] * 2**halvings",
        "own = whole[::-1].cumsum()[::-1][1:]",
        f"{MANY}::test_where_nothing_was_shown_is_a_grid_point[1]",
    ),
    Break(
        "equilibrium/simplex_grid.py",
        "moved = tuple(y + by * (i < m <= j) for m, y in enumerate(place, start=1))",
        "moved = tuple(y + by * (m == j) for m, y in enumerate(place, start=1))",
        f"{MANY}::test_cells_and_neighbours_lie_a_step_apart",
    ),
    Break(
        "equilibrium/many_types.py",
        "parts = parts * density[h, around]",
        "parts = parts * grid.density[h, 0, around]",
        f"{MANY}::test_what_is_linear_in_a_readers_own_belief_is_read_without_error",
    ),
    Break(
        "equilibrium/kernels/many_types.py",
        "gradient[m] = (gradient[m] - value * ratio[m]) / below",
        "gradient[m] = gradient[m] / below",
        f"{MANY}::test_the_jacobian_is_that_of_differences",
    ),
    Break(
        "equilibrium/kernels/many_types.py",
        "apart = parts * (slope[i] - slope[j]) - v * (ratio[i] - ratio[j])",
        "apart = 0.1 * parts * (slope[i] - slope[j])",
        f"{MANY}::test_the_slope_is_bounded_by_what_is_said_of_the_cells",
    ),
    Break(
        "equilibrium/kernels/many_types.py",
        "rate = max(rate, 0.5 * q * (own + shared))",
        "rate = max(rate, 0.01 * q * (own + shared))",
        f"{MANY}::test_a_fixed_point_is_one_and_proofs_hold",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/many_types.py",
        "factor = 1.0 / (1.0 - rate) if rate != 1.0 else 1.0",
        "factor = 0.0",
        f"{MANY}::test_a_known_fixed_point_is_not_found_again",
    ),
    Break(
        "equilibrium/kernels/many_types_induction.py",
        "part = c[k] * simplex.ratio[axis, kind, k]",
        "part = c[k] * simplex.ratio[axis, 0, k]",
        f"{MANY}::test_a_watcher_with_a_prior_of_its_own_goes_by_it",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/many_types_propagation.py",
        "M[s, p, to[x, k]] += share[x, k] * y",
        "M[s, p, to[x, 0]] += share[x, k] * y",
        f"{MANY}::test_beliefs_are_martingales_and_nothing_leaks",
    ),
    Break(
        "equilibrium/kernels/many_types_propagation.py",
        "worth += share[x, k] * G[s, p, to[x, k]]",
        "worth += share[x, k] * G[s, p, to[x, 0]]",
        f"{MANY}::test_probabilities_forwards_and_backwards_agree",
    ),
    Break(
        "equilibrium/kernels/many_types_paths.py",
        "stack.record[depth, first + k - 1] += own - log_or_ruled_out(by_type[k])",
        "stack.record[depth, first] += own - log_or_ruled_out(by_type[k])",
        f"{MANY}::test_exact_records_and_the_grid_agree",
        compiled=True,
    ),
    Break(
        "equilibrium/kernels/many_types.py",
        "r[(k - 1) * A + a] = odds * ((a == first) - 1.0 * (a == own))",
        "r[(k - 1) * A + a] = odds * ((a == own) - 1.0 * (a == first))",
        f"{MANY}::test_an_assignment_is_read_off_the_digits_of_its_number",
    ),
    Break(
        "equilibrium/kernels/many_types.py",
        "LIKELY, SURE = 4.0, 30.0",
        "LIKELY, SURE = 4.0, 0.0",
        f"{MANY}::test_the_partition_is_found_whatever_the_grid[9]",
        compiled=True,
    ),
)
