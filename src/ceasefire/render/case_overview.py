"""What a case contains and which sources it names, as tables."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case, Promise, Source, Unknown
from ceasefire.diagnostics import fold_families, join_names
from ceasefire.render.formatting import (
    escape_markup,
    format_number,
)
from ceasefire.results import format_count

MOST_VALUES_LISTED = 8
METHOD_REFERENCES = {
    "equilibrium": "McKelvey, R. D. & Palfrey, T. R. (1998). Quantal response equilibria for "
    "extensive form games. Experimental Economics 1, 9-41. doi:10.1023/A:1009905800005",
    "principal branch": "Turocy, T. L. (2005). A dynamic homotopy interpretation of the logistic "
    "quantal response equilibrium correspondence. Games and Economic Behavior 51, 243-263. "
    "doi:10.1016/j.geb.2004.04.003",
    "formulas": "De Giacomo, G. & Vardi, M. Y. (2013). Linear temporal logic and linear dynamic "
    "logic on finite traces. IJCAI 2013, 854-860.",
    "worlds": "Iman, R. L. & Conover, W. J. (1982). A distribution-free approach to inducing rank "
    "correlation among input variables. Communications in Statistics B 11, 311-334. "
    "doi:10.1080/03610918208812265",
    "drivers": "Blatman, G. & Sudret, B. (2011). Adaptive sparse polynomial chaos expansion based "
    "on least angle regression. Journal of Computational Physics 230, 2345-2367. "
    "doi:10.1016/j.jcp.2010.12.021; least angle regression in scikit-learn: Pedregosa, F. et al. "
    "(2011). Journal of Machine Learning Research 12, 2825-2830",
    "rules": "Bryant, B. P. & Lempert, R. J. (2010). Thinking inside the box. Technological "
    "Forecasting & Social Change 77, 34-49. doi:10.1016/j.techfore.2009.08.002",
    "repetition": "Newcombe, R. G. (1998). Interval estimation for the difference between "
    "independent proportions. Statistics in Medicine 17, 873-890. "
    "doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
    "base rates": "Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete "
    "observations. JASA 53, 457-481. doi:10.1080/01621459.1958.10501452; wars of: Gibler, D. M. & "
    "Miller, S. V. (2024). The Militarized Interstate Confrontation Dataset, 1816-2014. Journal of "
    "Conflict Resolution 68, 562-586.",
    "scores": "Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. "
    "Monthly Weather Review 78, 1-3; Murphy, A. H. (1973). A new vector partition of the "
    "probability score. Journal of Applied Meteorology 12, 595-600.",
    "intervals": "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical "
    "inference. JASA 22, 209-212. doi:10.1080/01621459.1927.10502953",
}


def case_heading(case: Case) -> Text:
    """The title of a case, and below it what the case is about."""
    text = Text(case.title, style="bold")
    if case.about:
        text.append(f"\n{case.about.strip()}", style="not bold dim")
    return text


def case_summary_table(case: Case) -> RenderableType:
    """Time, parties, state, tables, moves, unknowns and claims of a case, one line each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for label, lines in _summary_lines(case).items():
        for row, line in enumerate(lines):
            table.add_row(label if row == 0 else "", line)
    return Group(case_heading(case), Text(), table)


def _summary_lines(case: Case) -> dict[str, list[Text]]:
    begins = f" from {case.start}" if case.start else ""
    lines = {
        "time": [Text(f"{format_count(case.horizon, case.period)}{begins}")],
        "parties": [_named_line(k, _describe_party(case, k)) for k in case.parties],
        "state": [
            _named_line(k, _after_label(v.label, _format_state_values(v.values)))
            for k, v in case.state.items()
        ],
        "roles": [_named_line(k, r.holder.text) for k, r in case.roles.items()],
        "tables": [
            _named_line(
                k,
                _after_label(
                    t.label, f"{' - '.join(t.seats)}: {', '.join(fold_families(t.deals))}"
                ),
            )
            for k, t in case.tables.items()
        ],
        "moves": [
            _named_line(actor, ", ".join(fold_families(names)))
            for actor in case.actors
            if (names := [move.name for move in case.moves.values() if move.party == actor])
        ],
        "promises": [
            _named_line(k, _describe_promise(p, case.period)) for k, p in case.promises.items()
        ],
        "chance": [_named_line(k, c.label or c.about or "") for k, c in case.chance.items()],
        "unknowns": [_named_line(k, _describe_unknown(u)) for k, u in case.unknowns.items()],
        "claims": [_named_line(k, c.says or c.test) for k, c in case.claims.items()],
    }
    return {label: rows for label, rows in lines.items() if rows}


def _after_label(label: str | None, text: str) -> str:
    """What there is to say of something, after what people call it."""
    return f"{label}, {text}" if label else text


def _describe_promise(promise: Promise, period: str) -> str:
    moves = fold_families(promise.owes or promise.forbids)
    if promise.owes:
        within = format_count(promise.within, period)
        return f"by {promise.by}, {' or '.join(moves)} within {within}"
    return f"by {promise.by}, not to {', '.join(moves)}"


def _named_line(name: str, text: str) -> Text:
    return Text(name, style="bold").append(f"  {text.strip()}" if text else "", style="not bold")


def _describe_party(case: Case, name: str) -> str:
    party = case.parties[name]
    said = [party.name] if party.name != name else []
    said += [f"hidden: {' or '.join(party.types)}"] if party.types else []
    said += [f"knows the type of {', '.join(party.knows)}"] if party.knows else []
    return ", ".join(said)


def _format_state_values(values: Sequence[bool | int | str]) -> str:
    """Values of a variable in a row; many whole numbers by the first and the last."""
    first, last = values[0], values[-1]
    are_many_numbers = len(values) > MOST_VALUES_LISTED and not isinstance(first, str)
    if are_many_numbers and values == tuple(range(int(first), int(last) + 1)):
        return f"{first}..{last}"
    return join_names(values, len(values))


def _describe_unknown(unknown: Unknown) -> str:
    unit = f" {unknown.unit}" if unknown.unit else ""
    best = f"{format_number(unknown.best)}{unit}"
    if unknown.kind is None:
        return best
    if unknown.kind == "experts":
        ends = " to ".join(format_number(p) for p in unknown.parameters)
        return f"{best}, {ends} by {', '.join(unknown.experts)}"
    return f"{best}, {unknown.kind} {', '.join(format_number(p) for p in unknown.parameters)}"


def collect_citations(case: Case) -> dict[str, dict[str, dict[str, object]]]:
    """Sources of a case, each with the places that use it, and sources of the methods.

    Returns {"case": {source: its fields and "used by"}, "methods": {method: {"reference": text}}}.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {north: {}}
    ... sources: {oped: {title: How wars end, author: A. Writer}}
    ... state: {war: {source: oped}}
    ... ''')
    >>> collect_citations(case)["case"]["oped"]["used by"]
    ['state.war']
    """
    used: dict[str, list[str]] = {}
    for place, source in _source_uses(case):
        used.setdefault(source, []).append(place)
    return {
        "case": {
            k: {**_source_fields(s), "used by": used.get(k, [])} for k, s in case.sources.items()
        },
        "methods": {name: {"reference": text} for name, text in METHOD_REFERENCES.items()},
    }


def _source_fields(source: Source) -> dict[str, object]:
    known = {
        "title": source.title,
        "author": source.author,
        "published": source.published,
        "origin": source.origin,
    }
    return {name: value for name, value in {**known, **source.more}.items() if value}


def _source_uses(case: Case) -> Iterator[tuple[str, str]]:
    sections: dict[str, Mapping[str, object]] = {
        "experts": case.experts, "unknowns": case.unknowns, "parties": case.parties,
        "state": case.state,
        "moves": case.moves, "promises": case.promises, "tables": case.tables,
        "chance": case.chance, "claims": case.claims, "levers": case.levers,
        "forecasts": case.forecasts,
    }  # fmt: skip
    for section, items in sections.items():
        for name, item in items.items():
            if source := getattr(item, "source", None):
                yield f"{section}.{name}", source
    for name, claim in case.claims.items():
        if claim.baseline is not None and claim.baseline.source:
            yield f"claims.{name}.baseline", claim.baseline.source
    for place, event in enumerate(case.events):
        if event.source:
            yield f"events[{place}]", event.source


def bibliography_table(case: Case) -> RenderableType:
    """The sources of a case and of the methods, one line each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    citations = collect_citations(case)
    for name, fields in citations["case"].items():
        used = fields.pop("used by")
        line = Text(". ".join(str(value) for value in fields.values()))
        if isinstance(used, list) and used:
            line.append(
                f"\nused in {format_count(len(used), 'place')}: {', '.join(used)}", style="dim"
            )
        table.add_row(escape_markup(name), line)
    methods = Table.grid(padding=(0, 2))
    methods.add_column(style="cyan", no_wrap=True)
    methods.add_column()
    for name, text in METHOD_REFERENCES.items():
        methods.add_row(name, Text(text))
    parts: list[RenderableType] = (
        [Text("The case", style="bold"), table] if citations["case"] else []
    )
    return Group(*parts, Text("The methods", style="bold"), methods)
