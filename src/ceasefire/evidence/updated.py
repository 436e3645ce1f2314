"""What `update` found, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.ask import Numerics
from ceasefire.ask.certificate import plain
from ceasefire.evidence.changes import Change, Happened, Moved
from ceasefire.worlds import Ran


@dataclass(frozen=True)
class Updated:
    """What `update` found.

    today       the period that begins now; `left` are left
    notes       what was counted only once or not at all
    likelihood  logarithm of the probability of all events: at best, and of the mean over worlds
    errors      standard errors of these, None where nothing was sampled or drawn
    size        effective number of worlds, None without worlds
    exact       worlds in which nothing was sampled, best included
    """

    case: str
    today: int
    left: int
    events: tuple[Happened, ...]
    notes: tuple[str, ...]
    claims: tuple[Moved, ...]
    beliefs: Mapping[tuple[str, str, str], Change]
    conditions: Mapping[str, Change]
    likelihood: tuple[float, float | None]
    errors: tuple[float | None, float | None]
    size: float | None
    exact: int
    particles: int
    numerics: Numerics
    ran: Ran | None
    lost: tuple[str, ...] = ()

    @property
    def thin(self) -> bool:
        """Whether the worlds are worth less than a tenth of their number."""
        return self.ran is not None and self.size is not None and self.size < self._answered / 10

    @property
    def _answered(self) -> int:
        return 0 if self.ran is None else self.ran.done - len(self.ran.failed)

    @property
    def surprise(self) -> Happened | None:
        """The least likely event."""
        known = [event for event in self.events if event.expected is not None]
        return min(known, key=lambda event: event.expected or 0.0, default=None)

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        ran = self.ran is not None and self.ran.marked
        return self.numerics.marked or ran or self.thin or bool(self.lost)

    def as_json(self) -> dict[str, Any]:
        """The document of `update --json`, digest and version left to the command."""
        run = {} if self.ran is None else {"run": self.ran.as_json()}
        surprise = self.surprise
        return {
            "case": self.case,
            "today": self.today,
            "left": self.left,
            "events": [event.as_json() for event in self.events],
            "notes": list(self.notes),
            "claims": [claim.as_json() for claim in self.claims],
            "beliefs": [
                {"observer": observer, "belief": f"{party}.{kind}"} | change.as_json()
                for (observer, party, kind), change in self.beliefs.items()
            ],
            "conditions": [
                {"condition": name} | change.as_json() for name, change in self.conditions.items()
            ],
            "likelihood": {
                "best": plain(self.likelihood[0]),
                "best_error": self.errors[0],
                "worlds": plain(self.likelihood[1]),
                "worlds_error": self.errors[1],
            },
            "effective_worlds": self.size,
            "exact": self.exact,
            "particles": self.particles,
            "least_likely": None if surprise is None else surprise.as_json(),
            "numerics": self.numerics.as_json(),
        } | run

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        rows = [
            {
                "id": claim.id,
                "best_before": claim.best[0],
                "best_after": claim.best[1],
                "before": None if claim.before is None else claim.before.share,
                "after": None if claim.after is None else claim.after.share,
                "time_alone": None if claim.alone is None else claim.alone.share,
            }
            for claim in self.claims
        ]
        truths = dict.fromkeys(("best_before", "best_after"), pl.Boolean)
        shares = dict.fromkeys(("before", "after", "time_alone"), pl.Float64)
        return pl.DataFrame(rows, schema={"id": pl.String, **truths, **shares})
