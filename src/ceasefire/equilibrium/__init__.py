"""Solutions of a game: the equilibrium, play forwards, and what coalitions can secure."""

from ceasefire.equilibrium.backward_induction import (
    default_grid_size,
    first_grid_size,
    last_grid_size,
    solve,
)
from ceasefire.equilibrium.grid_propagation import (
    ForwardDistribution,
    expected_rewards_to_go,
    propagate_forward,
    type_in_combination,
)
from ceasefire.equilibrium.path_propagation import (
    AutomatonDistribution,
    BeliefReadingAutomaton,
    BranchConstraints,
    ParticleSet,
    PathMemory,
    belief_function,
    initial_particle,
    merge_equal_particles,
    propagate_exact_records,
    propagate_particles,
)
from ceasefire.equilibrium.solution import (
    SELECTIONS,
    Equilibrium,
    FixedPointCertificate,
    ObserverMeasure,
    types_known_by_movers,
)
from ceasefire.light_numba import prepare_numba

__all__ = [
    "SELECTIONS",
    "AutomatonDistribution",
    "BeliefReadingAutomaton",
    "BranchConstraints",
    "Equilibrium",
    "FixedPointCertificate",
    "ForwardDistribution",
    "ObserverMeasure",
    "ParticleSet",
    "PathMemory",
    "belief_function",
    "default_grid_size",
    "expected_rewards_to_go",
    "first_grid_size",
    "initial_particle",
    "last_grid_size",
    "merge_equal_particles",
    "propagate_exact_records",
    "propagate_forward",
    "propagate_particles",
    "solve",
    "type_in_combination",
    "types_known_by_movers",
]

prepare_numba()
