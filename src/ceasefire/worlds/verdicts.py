"""What a check found of every claim: best, share, repetition, what decides it, what flips it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.ask import ClaimAnswer, Claims
from ceasefire.worlds.across import Across
from ceasefire.worlds.boxes import Box
from ceasefire.worlds.drivers import Drivers
from ceasefire.worlds.enough import Repeat, width
from ceasefire.worlds.flips import Flip
from ceasefire.worlds.pairs import Pair
from ceasefire.worlds.sample import Ran
from ceasefire.worlds.search import Flips
from ceasefire.worlds.shares import Share


@dataclass(frozen=True)
class Verdict:
    """A claim at best and over the worlds; what was not computed is None.

    repeat   the share again in fresh worlds
    drivers  the unknowns that decide the claim; none of them if chance explains all influence
    box      None too where no rule holds up in fresh worlds
    flips    for each unknown alone, the value nearest to best that turns the verdict
    pair     two unknowns that turn it by a clearly smaller move, or where none does alone
    """

    claim: ClaimAnswer
    share: Share | None
    quantities: tuple[Across | None, ...]
    repeat: Repeat | None = None
    drivers: Drivers | None = None
    box: Box | None = None
    flips: tuple[Flip, ...] | None = None
    pair: Pair | None = None

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it; what was not computed is null."""
        document = self.claim.as_json()
        for quantity, across in zip(document["quantities"], self.quantities, strict=True):
            quantity["worlds"] = across and across.as_json()
        if self.share is not None:
            document["share"] = self.share.share
            document["interval"] = list(self.share.interval)
            document["verdict"] = self.share.verdict
        return document | {
            "flips": None if self.flips is None else [flip.as_json() for flip in self.flips],
            "drivers": self.drivers and [driver.as_json() for driver in self.drivers.drivers],
            "box": self.box and self.box.as_json(),
            "pair": self.pair and self.pair.as_json(),
            "chance": self.drivers and self.drivers.chance,
            "repeat": self.repeat and self.repeat.as_json(),
        }


@dataclass(frozen=True)
class Checked:
    """Every claim of a case, at best and over the worlds.

    ran    the run over the worlds, `again` that over the fresh ones
    until  how wide the interval of a share was allowed to be, None if nothing was said
    flips  how far the search for flips went, None if there was none
    """

    best: Claims
    verdicts: tuple[Verdict, ...]
    ran: Ran | None
    lost: tuple[str, ...] = ()
    again: Ran | None = None
    until: float | None = None
    flips: Flips | None = None

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        runs = (run.marked for run in (self.ran, self.again) if run is not None)
        turned = self.flips is not None and self.flips.doubtful
        doubtful = bool(self.lost or self.unsteady or self.wide or turned)
        return self.best.numerics.marked or doubtful or any(runs)

    @property
    def unsteady(self) -> tuple[Verdict, ...]:
        """Claims whose share in fresh worlds is further off than chance explains."""
        return tuple(v for v in self.verdicts if v.repeat is not None and not v.repeat.within)

    @property
    def wide(self) -> float | None:
        """The widest interval, if it is wider than `until` allows."""
        shares = [verdict.share for verdict in self.verdicts if verdict.share is not None]
        widest = max((width(share) for share in shares), default=0.0)
        return widest if self.until is not None and widest > self.until else None

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        claims = [verdict.as_json() for verdict in self.verdicts]
        document = self.best.as_json() | {"claims": claims}
        if self.ran is not None:
            again = self.again and self.again.as_json()
            document["run"] = self.ran.as_json() | {"until": self.until, "again": again}
        return document | {"flips": self.flips and self.flips.as_json()}

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        kinds: dict[str, Any] = {
            "id": pl.String,
            "best": pl.Boolean,
            "noise": pl.Boolean,
            "share": pl.Float64,
        }
        kinds |= dict.fromkeys(("share", "low", "high"), pl.Float64) | {"verdict": pl.String}
        kinds |= {"drivers": pl.List(pl.String), "flips": pl.List(pl.String)}
        rows = [
            {
                "id": verdict.claim.id,
                "best": verdict.claim.best,
                "noise": verdict.claim.noise,
                "share": verdict.share and verdict.share.share,
                "low": verdict.share and verdict.share.interval[0],
                "high": verdict.share and verdict.share.interval[1],
                "verdict": verdict.share and verdict.share.verdict,
                "drivers": verdict.drivers and [d.unknown for d in verdict.drivers.drivers],
                "flips": None if verdict.flips is None else [f.unknown for f in verdict.flips],
            }
            for verdict in self.verdicts
        ]
        return pl.DataFrame(rows, schema=kinds)

    def flip_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that flips it alone, nearest first."""
        names = ("unknown", "at", "best", "move")
        return self._listed(names, [(v.claim.id, v.flips or ()) for v in self.verdicts])

    def driver_frame(self) -> pl.DataFrame:
        """One row for each claim and unknown that decides it, strongest first."""
        found = [(v.claim.id, v.drivers.drivers if v.drivers else ()) for v in self.verdicts]
        return self._listed(("unknown", "influence"), found)

    @staticmethod
    def _listed(names: Sequence[str], found: Sequence[tuple[str, Sequence[Any]]]) -> pl.DataFrame:
        schema = {"id": pl.String, "unknown": pl.String} | dict.fromkeys(names[1:], pl.Float64)
        rows = [
            {"id": claim, **{name: getattr(thing, name) for name in names}}
            for claim, things in found
            for thing in things
        ]
        return pl.DataFrame(rows, schema=schema)
