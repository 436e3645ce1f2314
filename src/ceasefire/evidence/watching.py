"""How long must one watch for an event until its absence says as much as its coming?

If an event comes with probability p and then moves a number by d, its absence moves it by
-d p / (1 - p): the two cancel on average. So its absence says as much once p has reached a half.
"""

import numpy as np

from ceasefire.equilibrium import BranchConstraints, propagate_particles
from ceasefire.evidence.events import RecordedEvent, branches_showing_event, mark_graph_with_events
from ceasefire.evidence.particle_filter import FilterRun, ParticleFilter


def absence_by_period(
    filters: ParticleFilter, watched: RecordedEvent, run: FilterRun, horizon: int
) -> tuple[float, ...]:
    """How likely an event is not to have come after 1, 2, … periods from its own, to the horizon.

    filters  the filter of a solved game
    watched  the event, in the first period in which it is watched for
    run      a run through all events before that period
    horizon  the first period that is not looked at
    """
    equilibrium, game = filters.equilibrium, filters.equilibrium.game
    points, found = run.period_points[watched.period], list[float]()
    rng, mass = np.random.default_rng([filters.seed, 0]), 1.0
    for period in range(watched.period, horizon):
        graph = game.graph_of(period)
        event = watched.first_report
        if event.kind == "idle" or event.target.endswith(".pass"):
            idle = mark_graph_with_events(game, period, [watched])
            after, _ = propagate_particles(
                equilibrium, period, points, idle, max_particles=filters.particles, rng=rng
            )
            return (*found, max(0.0, mass - after.total_mass))
        shows = branches_showing_event(game, graph, watched)
        free = BranchConstraints.unconstrained(graph)
        absent = BranchConstraints(free.required_facts, shows, free.allowed_ends, 0)
        points, _ = propagate_particles(
            equilibrium, period, points, absent, max_particles=filters.particles, rng=rng
        )
        mass = points.total_mass
        found.append(mass)
        if mass < 1e-6:
            break
    return tuple(found)
