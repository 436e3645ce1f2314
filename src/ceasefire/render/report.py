"""How a report becomes an HTML page, and the page a PDF file.

The page is complete in itself and fetches nothing. Text from the case is escaped wherever it
stands, and a policy in the page forbids every script but the page's own.
"""

import base64
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from ceasefire import __version__
from ceasefire.case import Case, Source, Unknown, digest
from ceasefire.ensemble import ClaimCheck
from ceasefire.ensemble.sampling import iter_names_read
from ceasefire.errors import CeasefireError, Problem
from ceasefire.forecasts import claim_probability
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.case_overview import METHOD_REFERENCES, collect_citations
from ceasefire.render.chart_theme import chart_markup
from ceasefire.render.charts_argument import argument_map, describe_argument_map
from ceasefire.render.charts_claims import (
    claim_shares_chart,
    claim_update_chart,
    lever_choice_chart,
    threshold_plane_chart,
    turning_points_chart,
)
from ceasefire.render.charts_parties import delay_values_chart, seating_chart, table_values_chart
from ceasefire.render.charts_timeline import belief_timeline_chart, condition_timeline_chart
from ceasefire.render.formatting import (
    claim_marks,
    format_number,
    format_probability,
    numerics_line,
    substitute_values,
)
from ceasefire.render.html_templates import html_environment
from ceasefire.render.report_caveats import report_warnings, unexplained_results
from ceasefire.render.report_data import ReportData
from ceasefire.render.report_day import (
    claims_from_day,
    day_of,
    describe_share_then,
    first_paragraphs,
    nodes_from_day,
)
from ceasefire.render.tables_check import (
    describe_base_rate,
    describe_drivers,
    describe_joint_threshold,
    describe_rule,
    describe_turning_choices,
    no_turning_point,
    with_labels,
)
from ceasefire.render.tables_codings import alternative_name, coding_tables
from ceasefire.render.tables_experts import expert_table
from ceasefire.render.tables_levers import (
    choice_cells,
    choice_headings,
    choice_sentences,
    choice_warnings,
)
from ceasefire.results import format_count

PRINTING_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
HEADLESS_OPTIONS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
)  # fmt: skip
PRINT_TIMEOUT_SECONDS = 180


def find_browser() -> str:
    """The path of a browser that can print.

    Raises CeasefireError if there is none.
    """
    for name in PRINTING_BROWSERS:
        if (path := shutil.which(name)) is not None:
            return path
    problem = Problem(
        "there is no browser to print the page with",
        path="--pdf",
        allowed=", ".join(PRINTING_BROWSERS),
        help="install Chromium, or leave out --pdf and print the page from any browser",
    )
    raise CeasefireError([problem])


def print_pdf(page: Path, pdf: Path) -> None:
    """Print an HTML page to a PDF file with a browser that is installed.

    page  the HTML file
    pdf   the PDF file

    Raises CeasefireError if there is no browser, it fails, or the file cannot be written; an older
    PDF file then stays as it was.
    """
    program = find_browser()
    with TemporaryDirectory(prefix="ceasefire-") as profile:
        printed = Path(profile) / "page.pdf"
        command = [
            program,
            *HEADLESS_OPTIONS,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={printed}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium's sandbox refuses to start for root
        try:
            done = subprocess.run(  # noqa: S603  a browser that was looked up, a page of ours
                [*command, page.resolve().as_uri()],
                capture_output=True,
                timeout=PRINT_TIMEOUT_SECONDS,
                check=False,
            )
            messages = done.stderr.decode(errors="replace").strip().splitlines()
        except subprocess.TimeoutExpired:
            messages = [f"no answer after {PRINT_TIMEOUT_SECONDS} seconds"]
        if not printed.exists():
            help = messages[-1] if messages else "try another browser"
            raise CeasefireError(
                [Problem("the browser did not print", path="--pdf", found=program, help=help)]
            )
        write_file_atomically(pdf, printed.read_bytes())


DISTRIBUTION_PHRASES = {
    "range": "anywhere from {} to {}",
    "triangle": "from {} over {} to {}",
    "normal": "normal, mean {}, standard deviation {}",
    "lognormal": "lognormal, median {}, factor {}",
    "experts": "from {} to {} by what experts say",
}
SECTIONS_WITH_UNKNOWNS = (
    "parties",
    "conditions",
    "payoffs",
    "moves",
    "promises",
    "tables",
    "chance",
)


def render_report(report: ReportData) -> str:
    """A report as one HTML document."""
    page = _template_environment(report.case).get_template("report.html.jinja")
    script, style = (_read_asset(name) for name in ("report.js", "report.css"))
    hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    then = {name: describe_share_then(*one) for name, one in claims_from_day(report).items()}
    text = page.render(
        case=report.case,
        found=report,
        headline=first_paragraphs(report),
        theses=nodes_from_day(report),
        day=day_of(report),
        start=period_label(report.case, 0),
        claims=[
            {**_claim_entry(report, claim), "then": then.get(claim.id)}
            for claim in report.check_result.claim_checks
        ],
        charts=_report_charts(report),
        planes=[
            chart_markup(threshold_plane_chart(report.case, plane), plane.sentence)
            for plane in report.planes
        ],
        written=coding_tables(report.case, report.check_result),
        experts=expert_table(report.case, report.check_result),
        alternatives=_alternative_entries(report),
        levers=_lever_entries(report),
        chosen=_choice_entry(report),
        unknowns=_unknown_entries(report),
        sources=_source_entries(report.case),
        methods=METHOD_REFERENCES,
        yaml=_linked_case_text(report),
        data=base64.b64encode(report.text.encode()).decode(),
        file=_case_file_name(report.case),
        script=Markup(script),  # noqa: S704  a file of this package
        style=Markup(style),  # noqa: S704  a file of this package
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'",
        provenance=_provenance_entries(report),
        certificate=numerics_line(
            report.check_result.numerics, report.check_result.run_stats
        ).plain,
        marks=report_warnings(report),
        open=unexplained_results(report),
    )
    return text.lstrip()


def _template_environment(case: Case) -> Environment:
    environment = html_environment("render")
    environment.filters |= {
        "counted": format_count,
        "number": format_number,
        "likely": format_probability,
        "linked": lambda text: link_unknowns(str(text), case.unknowns),
        "percent": lambda share: f"{100 * share:.0f} %",
    }
    environment.globals["which"] = describe_base_rate
    return environment


def _read_asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def link_unknowns(text: str, names: Mapping[str, Unknown]) -> Markup:
    """A text, escaped, in which every name or label of an unknown links to its section of the page.

    text   any text
    names  the unknowns

    >>> link_unknowns("P(x) < odds", {"odds": Unknown(best=1.0)})
    Markup('P(x) &lt; <a href="#unknown-odds">odds</a>')
    """
    linked = {name: name for name in names}
    linked |= {one.label: name for name, one in names.items() if one.label}
    if not linked:
        return escape(text)
    listed = "|".join(map(re.escape, sorted(linked, key=len, reverse=True)))
    parts = re.split(rf"(?<![A-Za-z_0-9])({listed})(?![A-Za-z_0-9])", text)
    done = (
        Markup('<a href="#unknown-{}">{}</a>').format(linked[part], part)
        if part in linked
        else escape(part)
        for part in parts
    )
    return Markup("").join(done)


def _report_charts(report: ReportData) -> dict[str, Markup | None]:
    """The charts of a page by their names in the template, with words for who cannot see them."""
    case = report.case
    computed_apart = ("paths", "beliefs", "worth", "waiting", "events", "levers")
    charts: dict[str, Markup | None] = dict.fromkeys(computed_apart) | {
        "argument": chart_markup(
            argument_map(report.check_result), describe_argument_map(report.check_result)
        ),
        "parties": chart_markup(seating_chart(case), "Which parties sit at which tables."),
        "shares": chart_markup(
            claim_shares_chart(report.check_result),
            "The share of worlds in which each claim is true, as listed with the claims.",
        ),
    }
    if report.timeline is not None:
        charts["paths"] = chart_markup(
            condition_timeline_chart(case, report.timeline),
            "Probability of each condition over time, as in the table below.",
        )
        charts["beliefs"] = chart_markup(
            belief_timeline_chart(case, report.timeline),
            "Beliefs of each observer over time, as in the table below.",
        )
    if report.table_values is not None:
        charts["worth"] = chart_markup(
            table_values_chart(case, report.table_values),
            "What each party gains from each table, as in the table below.",
        )
    if report.delay_values is not None:
        charts["waiting"] = chart_markup(
            delay_values_chart(case, report.delay_values),
            "What each party gains by waiting, as in the table below.",
        )
    if report.update_result is not None:
        charts["events"] = chart_markup(
            claim_update_chart(report.update_result),
            "The share of worlds of each claim before and after the events.",
        )
    if report.choice is not None:
        charts["levers"] = chart_markup(
            lever_choice_chart(report.choice),
            "The goal under each lever, as in the table below.",
        )
    return charts


def _alternative_entries(report: ReportData) -> list[dict[str, Any]]:
    """What each alternative is about, in the order of the case."""
    return [
        {
            "name": name,
            "label": alternative_name(name, alternative),
            "about": alternative.about if alternative.label else None,
            "source": alternative.source,
        }
        for name, alternative in report.case.alternatives.items()
    ]


def _lever_entries(report: ReportData) -> list[dict[str, Any]]:
    """What could be decided, in the order of the case."""
    return [
        {
            "name": name,
            "says": lever.says,
            "by": "" if lever.by is None else report.case.name_of(lever.by),
            "set": " ".join(lever.set.split()),
            "about": lever.about,
            "source": lever.source,
        }
        for name, lever in report.case.levers.items()
    ]


def _choice_entry(report: ReportData) -> dict[str, Any] | None:
    """What the levers do to the goal, None if it was not asked."""
    choice = report.choice
    if choice is None:
        return None
    return {
        "text": " ".join(choice_sentences(report.case, choice)),
        "goal": choice.goal,
        "headings": choice_headings(choice),
        "rows": [(one.title, choice_cells(choice, one)) for one in choice.levers],
        "warnings": [
            f"{said.path}: {said.message}" if said.path else said.message
            for said in choice_warnings(choice)
        ],
    }


def _claim_entry(report: ReportData, claim: ClaimCheck) -> dict[str, Any]:
    case = report.case
    discrete = {
        unknown.label or name for name, unknown in case.unknowns.items() if unknown.kind == "oneof"
    }
    tornado, claim = turning_points_chart(case, claim), with_labels(claim, case.unknown_labels)
    flips = " or ".join(
        f"{point.unknown} reaches {format_number(point.value)} "
        f"(best estimate {format_number(point.best)})"
        for point in claim.turning_points or ()
    )
    searched = report.check_result.turning_points
    none_turns = "" if searched is None else no_turning_point(searched)
    return {
        "id": claim.id,
        "says": (claim.says or claim.test).strip(),
        "test": claim.test.strip(),
        "best": {True: "true", False: "false", None: "without an answer"}[claim.best],
        "numbers": substitute_values(claim.question, [figure.value for figure in claim.quantities]),
        "quantities": [
            (figure.expr, figure.value, across and across.quantiles)
            for figure, across in zip(claim.quantities, claim.quantity_statistics, strict=True)
        ],
        "share": claim.share,
        "repeat": claim.replication,
        "marks": list(claim_marks(claim)),
        "drivers": claim.drivers and describe_drivers(claim.drivers, claim.share),
        "rule": claim.rule and describe_rule(claim.rule, discrete),
        "choices": [
            said.removeprefix("turns if ")
            for said in (
                describe_turning_choices(claim.verdicts, case.experts) if claim.verdicts else ()
            )
        ],
        "flips": None if searched is None or claim.turning_points is None else flips or none_turns,
        "joint_change": claim.joint_turning_point
        and describe_joint_threshold(claim.joint_turning_point),
        "tornado": chart_markup(tornado, f"What turns the claim: {flips}"),
        "rate": report.base_rates.get(claim.id),
        "model": claim_probability(claim) if claim.id in report.base_rates else None,
        "warnings": claim.warnings,
        "source": claim.source,
        "where": claim.where,
    }


def _unknown_entries(report: ReportData) -> list[dict[str, Any]]:
    case = report.case
    names_read = {
        f"{section}.{name}": set(iter_names_read(item))
        for section in SECTIONS_WITH_UNKNOWNS
        for name, item in getattr(case, section).items()
    }
    rows = []
    for name, unknown in case.unknowns.items():
        numbers = [format_number(value) for value in unknown.parameters]
        spread = f"one of {', '.join(numbers)}" if unknown.kind == "oneof" else "fixed"
        if unknown.kind in DISTRIBUTION_PHRASES:
            spread = DISTRIBUTION_PHRASES[unknown.kind].format(*numbers)
        deciding = [
            v.id
            for v in report.check_result.claim_checks
            if name in {d.unknown for d in (v.drivers.drivers if v.drivers else ())}
            or name in {point.unknown for point in v.turning_points or ()}
        ]
        used = [place for place, names in names_read.items() if name in names]
        rows.append(
            {"name": name, "unknown": unknown, "spread": spread, "used": used, "claims": deciding}
        )
    return rows


def _source_entries(case: Case) -> list[dict[str, Any]]:
    used = collect_citations(case)["case"]
    return [
        {"name": name, "source": source, "url": _source_url(source), "used": used[name]["used by"]}
        for name, source in case.sources.items()
    ]


def _source_url(source: Source) -> str | None:
    """The first web address of a source; None without, since any other address stays text."""
    address = next((text for text in source.more.values() if re.match(r"https?://", text)), None)
    if address is None and re.match(r"https?://\S+$", source.origin or ""):
        return source.origin
    return address


def _linked_case_text(report: ReportData) -> Markup:
    return link_unknowns(report.text, report.case.unknowns)


def _case_file_name(case: Case) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(case.file).stem).strip("-")
    return f"{stem or 'case'}.yaml"


def _provenance_entries(report: ReportData) -> dict[str, str]:
    case, run_stats = report.case, report.check_result.run_stats
    worlds = 0 if run_stats is None else run_stats.requested
    seed = 0 if run_stats is None else run_stats.seed
    flips = (
        "" if report.check_result.turning_points is not None or not case.claims else " --no-flips"
    )
    name = shlex.quote(_case_file_name(case))
    choice = report.choice
    goal = "" if choice is None else f" --goal {shlex.quote(choice.claim or choice.goal)}"
    entries = {
        "ceasefire": __version__,
        "digest of the case": digest(case),
        "worlds": f"{worlds:,} from seed {seed}",
        "belief nodes": str(report.check_result.numerics.grid_size or "none needed"),
        "Python": f"{platform.python_version()} on {platform.machine()}",
        "to run it again": f"ceasefire report {name} --worlds {worlds} --seed {seed}{flips}{goal} "
        "-o report.html",
    }
    if report.check_result.fresh_run_stats is not None:
        entries["fresh worlds"] = (
            f"{report.check_result.fresh_run_stats.computed:,} from seed "
            f"{report.check_result.fresh_run_stats.seed}"
        )
    return entries
