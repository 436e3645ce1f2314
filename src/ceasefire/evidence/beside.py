"""What a check found, with the base rate of every claim that has one beside the model's figure."""

from collections.abc import Mapping
from typing import Any

from ceasefire.ask import read_question
from ceasefire.case import Case
from ceasefire.evidence.foreseen import Foreseen, foreseen
from ceasefire.evidence.rates import BaseRate, base_rate
from ceasefire.worlds import Checked, Verdict


def base_rates(case: Case) -> dict[str, BaseRate]:
    """The base rate of every claim that asks for one."""
    found = {name: claim.baseline for name, claim in case.claims.items()}
    return {name: base_rate(written) for name, written in found.items() if written is not None}


def model_probability(case: Case, verdict: Verdict) -> float | None:
    """The model's probability of a claim's sentence: the mean over worlds, else that at best."""
    event = foreseen(read_question(case, case.claims[verdict.claim.id].test, test=True))
    if not isinstance(event, Foreseen):
        return None
    across = verdict.quantities[event.place]
    if across is not None and across.spread is not None:
        return event.probability(across.spread.mean)
    return event.probability(verdict.claim.quantities[event.place].value)


def with_base_rates(case: Case, checked: Checked, rates: Mapping[str, BaseRate]) -> dict[str, Any]:
    """The document of `check --json`; a claim's `baseline` is null where it asks for none."""
    document = checked.as_json()
    for claim, verdict in zip(document["claims"], checked.verdicts, strict=True):
        rate = rates.get(claim["id"])
        claim["baseline"] = None
        if rate is not None:
            claim["baseline"] = {"model": model_probability(case, verdict), **rate.as_json()}
    return document
