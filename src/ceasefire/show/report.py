"""One page that holds a whole result: readable on paper, and with nothing fetched from elsewhere.

What a case says is text and nothing else: it is escaped wherever it stands, and a policy in the
page forbids every script but the page's own.
"""

import base64
import hashlib
import platform
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ceasefire import __version__
from ceasefire.ask import read_question
from ceasefire.case import Case, Source, digest
from ceasefire.evidence import model_probability
from ceasefire.show.arithmetic import in_numbers
from ceasefire.show.chart_beliefs import beliefs_chart
from ceasefire.show.chart_claims import flips_chart, shares_chart
from ceasefire.show.chart_events import events_chart
from ceasefire.show.chart_parties import parties_chart
from ceasefire.show.chart_paths import paths_chart
from ceasefire.show.chart_plane import plane_chart
from ceasefire.show.chart_worth import waiting_chart, worth_chart
from ceasefire.show.drawing import figure
from ceasefire.show.findings import Findings
from ceasefire.show.outside import which
from ceasefire.show.overview import METHODS, citations
from ceasefire.show.turns import box_words, pair_words
from ceasefire.show.unexplained import doubts, unexplained
from ceasefire.show.verdicts import certificate
from ceasefire.show.words import likely, number
from ceasefire.worlds import Verdict
from ceasefire.worlds.axes import names_read

KINDS = {
    "range": "anywhere from {} to {}",
    "triangle": "from {} over {} to {}",
    "normal": "normal, mean {}, standard deviation {}",
    "lognormal": "lognormal, median {}, factor {}",
}
READERS = ("parties", "conditions", "payoffs", "moves", "promises", "tables", "chance")


def report(found: Findings) -> str:
    """The page as one HTML document."""
    page = _environment(found.case).get_template("report.html.jinja")
    script, style = (_beside(name) for name in ("report.js", "report.css"))
    hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = page.render(
        case=found.case,
        found=found,
        claims=[_claim(found, verdict) for verdict in found.checked.verdicts],
        charts=_charts(found),
        planes=[figure(plane_chart(found.case, plane), plane.says) for plane in found.planes],
        unknowns=_unknowns(found),
        sources=_sources(found.case),
        methods=METHODS,
        yaml=_yaml(found),
        data=base64.b64encode(found.text.encode()).decode(),
        file=_name(found.case),
        script=Markup(script),  # noqa: S704  a file of this package
        style=Markup(style),  # noqa: S704  a file of this package
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'",
        provenance=_provenance(found),
        certificate=certificate(found.checked.best.numerics, found.checked.ran).plain,
        marks=doubts(found),
        open=unexplained(found),
    )
    return text.lstrip()


def _environment(case: Case) -> Environment:
    made = Environment(
        loader=PackageLoader("ceasefire", "show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": number,
        "likely": likely,
        "linked": lambda text: linked(str(text), case.unknowns),
        "percent": lambda share: f"{100 * share:.0f} %",
    }
    made.globals["which"] = which
    return made


def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def linked(text: str, names: Mapping[str, Any]) -> Markup:
    """A text, escaped, with every name of an unknown in it leading to the assumption.

    >>> linked("P(x) < odds", {"odds": 1})
    Markup('P(x) &lt; <a href="#unknown-odds">odds</a>')
    """
    parts = re.split(r"([A-Za-z_][A-Za-z_0-9]*)", text)
    done = (
        Markup('<a href="#unknown-{0}">{0}</a>').format(part) if part in names else escape(part)
        for part in parts
    )
    return Markup("").join(done)


def _charts(found: Findings) -> dict[str, Markup | None]:
    case, charts = found.case, dict[str, Markup | None]()
    charts["parties"] = figure(parties_chart(case), "Which parties sit at which tables.")
    charts["shares"] = figure(
        shares_chart(found.checked), "Share of worlds of each claim; the numbers stand with them."
    )
    if found.paths is not None:
        drawn = paths_chart(case, found.paths)
        charts["paths"] = figure(drawn, "Probability of each condition over time, as in the table")
        believed = beliefs_chart(case, found.paths)
        charts["beliefs"] = figure(believed, "Beliefs of each observer over time, as in the table")
    if found.worth is not None:
        charts["worth"] = figure(worth_chart(case, found.worth), "Worth of tables, as listed.")
    if found.waiting is not None:
        drawn_delays = waiting_chart(case, found.waiting)
        charts["waiting"] = figure(drawn_delays, "Gain by waiting, as listed in the table.")
    if found.updated is not None:
        charts["events"] = figure(events_chart(found.updated), "Shares before and after.")
    return charts


def _claim(found: Findings, verdict: Verdict) -> dict[str, Any]:
    claim, case = verdict.claim, found.case
    few = {name for name, unknown in case.unknowns.items() if unknown.kind == "oneof"}
    question = read_question(case, claim.test)
    tornado = flips_chart(case, verdict)
    flips = ", ".join(
        f"{f.unknown} at {number(f.at)} (best {number(f.best)})" for f in verdict.flips or ()
    )
    return {
        "id": claim.id,
        "says": (claim.says or claim.test).strip(),
        "test": claim.test.strip(),
        "best": {True: "true", False: "false", None: "without an answer"}[claim.best],
        "numbers": in_numbers(question, [figure.value for figure in claim.quantities]),
        "quantities": [
            (figure.expr, figure.value, across and across.spread)
            for figure, across in zip(claim.quantities, verdict.quantities, strict=True)
        ],
        "share": verdict.share,
        "repeat": verdict.repeat,
        "noise": claim.noise,
        "drivers": verdict.drivers,
        "box": verdict.box and box_words(verdict.box, few),
        "flips": None if verdict.flips is None else flips,
        "pair": verdict.pair and pair_words(verdict.pair),
        "tornado": figure(tornado, f"What turns the claim: {flips}"),
        "rate": found.rates.get(claim.id),
        "model": model_probability(case, verdict) if claim.id in found.rates else None,
        "warnings": claim.warnings,
        "source": claim.source,
        "where": claim.where,
    }


def _unknowns(found: Findings) -> list[dict[str, Any]]:
    case, checked = found.case, found.checked
    read = {
        f"{room}.{name}": set(names_read(thing))
        for room in READERS
        for name, thing in getattr(case, room).items()
    }
    rows = []
    for name, unknown in case.unknowns.items():
        known = [number(value) for value in unknown.parameters]
        spread = f"one of {', '.join(known)}" if unknown.kind == "oneof" else "fixed"
        if unknown.kind in KINDS:
            spread = KINDS[unknown.kind].format(*known)
        deciding = [
            v.claim.id
            for v in checked.verdicts
            if name in {d.unknown for d in (v.drivers.drivers if v.drivers else ())}
            or name in {flip.unknown for flip in v.flips or ()}
        ]
        used = [place for place, names in read.items() if name in names]
        rows.append(
            {"name": name, "unknown": unknown, "spread": spread, "used": used, "claims": deciding}
        )
    return rows


def _sources(case: Case) -> list[dict[str, Any]]:
    used = citations(case)["case"]
    return [
        {"name": name, "source": source, "url": _url(source), "used": used[name]["used by"]}
        for name, source in case.sources.items()
    ]


def _url(source: Source) -> str | None:
    """An address that a browser may open; anything else stays text."""
    found = next((text for text in source.more.values() if re.match(r"https?://", text)), None)
    if found is None and re.match(r"https?://\S+$", source.origin or ""):
        return source.origin
    return found


def _yaml(found: Findings) -> Markup:
    return linked(found.text, found.case.unknowns)


def _name(case: Case) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(case.file).stem).strip("-")
    return f"{stem or 'case'}.yaml"


def _provenance(found: Findings) -> dict[str, str]:
    case, ran = found.case, found.checked.ran
    worlds = 0 if ran is None else ran.wanted
    seed = 0 if ran is None else ran.seed
    flips = "" if found.checked.flips is not None or not case.claims else " --no-flips"
    name = shlex.quote(_name(case))
    told = {
        "ceasefire": __version__,
        "digest of the case": digest(case),
        "worlds": f"{worlds:,} from seed {seed}",
        "belief nodes": str(found.checked.best.numerics.grid or "none needed"),
        "Python": f"{platform.python_version()} on {platform.machine()}",
        "to run it again": f"ceasefire report {name} --worlds {worlds} --seed {seed}{flips} "
        "-o report.html",
    }
    if found.checked.again is not None:
        told["fresh worlds"] = f"{found.checked.again.done:,} from seed {found.checked.again.seed}"
    return told
