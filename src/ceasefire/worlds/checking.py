"""Checks every claim of a case: at best, in many worlds, in fresh ones, and what turns it."""

from collections.abc import Callable
from dataclasses import replace

from ceasefire.ask import ClaimAnswer, Claims, Prepared, Sheet, prepare, read_claims
from ceasefire.ask.claims import claim_answers
from ceasefire.case import Case
from ceasefire.worlds.across import across_quantity
from ceasefire.worlds.boxes import Box, box
from ceasefire.worlds.drivers import Drivers, drivers
from ceasefire.worlds.enough import repeat
from ceasefire.worlds.run import Progress
from ceasefire.worlds.sample import Sample
from ceasefire.worlds.search import OnPlan, find_flips
from ceasefire.worlds.survey import Survey, survey
from ceasefire.worlds.verdicts import Checked, Verdict

MOST = 16_384  # worlds for drivers and boxes: more would take hours and change nothing

OnBest = Callable[[Claims], None]
OnShares = Callable[[Checked], None]


def check(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    until: float | None = None,
    flips: bool = True,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    on_best: OnBest | None = None,
    on_shares: OnShares | None = None,
    on_plan: OnPlan | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Test every claim of a case at the best estimates and in many worlds.

    worlds     how many worlds, or the most there may be with `until`
    until      worlds are added until every claim's 95 % interval is so narrow, end to end
    flips      whether to look for what turns each claim's verdict: this reads the claims some
               five times for each unknown, more where much turns
    on_best    called with the claims at best as soon as they are known, certificate and noise
               still to come
    on_shares  called with the shares as soon as they are known, flips still to come
    on_plan    called with the number of unknowns before flips are looked for
    progress   called with the number of readings done after that, worlds and checks, and of all;
               then anew with the number of unknowns and claims for which flips were looked for

    Raises QuestionError with the problems of all tests.
    """
    questions = read_claims(case)
    prepared = prepare(case, tuple(questions.values()), grid=grid, memory=memory)
    names = tuple(questions)

    def first(sheet: Sheet) -> None:
        if on_best is not None:
            on_best(_claims(prepared, names, Survey.only(sheet)))

    found = survey(
        prepared,
        worlds=worlds,
        seed=seed,
        noise=True,
        until=until,
        repeat=True,
        workers=workers,
        on_best=first,
        progress=progress,
    )
    best = _claims(prepared, names, found)
    verdicts, explained = _explained(prepared.case, found, best)
    again = None if found.again is None else found.again.ran
    checked = Checked(best, verdicts, found.ran, found.lost, again, until if worlds else None)
    if on_shares is not None:
        on_shares(checked)
    if not flips or found.interrupted or not explained:
        return checked
    turned = find_flips(prepared, found.best, workers=workers, on_plan=on_plan, progress=progress)
    return replace(
        checked,
        flips=turned,
        verdicts=tuple(
            replace(verdict, flips=turned.flips.get(n), pair=turned.pairs.get(n))
            for n, verdict in enumerate(verdicts)
        ),
    )


def _claims(prepared: Prepared, names: tuple[str, ...], found: Survey) -> Claims:
    case, sheet = prepared.case, found.best
    claims = claim_answers(prepared, names, sheet, found.checks, found.sharper)
    return Claims(case.file, claims, found.checks.numerics(sheet, tuple(found.sharper.values())))


def _explained(case: Case, found: Survey, best: Claims) -> tuple[tuple[Verdict, ...], bool]:
    """Every claim with its share and what decides it, and whether Ctrl-C left that to the end."""
    verdicts = [_shared(claim, found, number) for number, claim in enumerate(best.claims)]
    if found.sample is None:
        return tuple(verdicts), True
    try:
        for number, verdict in enumerate(verdicts):
            deciding = _drivers(case, found.sample, number)
            verdicts[number] = replace(
                verdict,
                drivers=deciding,
                box=_box(case, deciding, found.sample, found.again, number),
            )
    except KeyboardInterrupt:
        return tuple(verdicts), False
    return tuple(verdicts), True


def _shared(claim: ClaimAnswer, found: Survey, number: int) -> Verdict:
    places, sample, again = range(len(claim.quantities)), found.sample, found.again
    if sample is None:
        return Verdict(claim, None, tuple(None for _ in places))
    share = sample.share(number)
    spreads = tuple(across_quantity(sample.sheets, number, place) for place in places)
    if again is None:
        return Verdict(claim, share, spreads)
    repeated = repeat(share, again.share(number), len(found.best.values))
    return Verdict(claim, share, spreads, repeated)


def _drivers(case: Case, sample: Sample, number: int) -> Drivers | None:
    varied = [name for name, unknown in case.unknowns.items() if unknown.kind is not None]
    return drivers(varied, sample.columns(varied)[:MOST], sample.truths(number)[:MOST])


def _box(
    case: Case, deciding: Drivers | None, sample: Sample, again: Sample | None, number: int
) -> Box | None:
    if deciding is None or again is None:
        return None
    names = [driver.unknown for driver in deciding.drivers]
    seen, fresh = ((s.columns(names)[:MOST], s.truths(number)[:MOST]) for s in (sample, again))
    few = {name for name in names if case.unknowns[name].kind == "oneof"}
    return box(names, seen, fresh, few)
