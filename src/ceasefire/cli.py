"""The commands. Each reads its options, asks the rooms below, and prints what they say.

Exit status 0: done. 1: done, but a result is marked (a decision unresolved, a world that failed),
or there are warnings and `--strict` was given. 2: the input is wrong; every problem is listed.
"""

from pathlib import Path
from typing import Annotated

import typer

from ceasefire.errors import CeasefireError, Problem
from ceasefire.program import Commands, open_outputs
from ceasefire.show.options import Options

CasePath = Annotated[str, typer.Argument(metavar="CASE", help="A case file.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit status 1 if there are warnings.")]
WorldCount = Annotated[int, typer.Option("--worlds", min=0, max=1_000_000, help="Worlds to draw.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Which worlds are drawn.")]
Grid = Annotated[
    int | None,
    typer.Option(
        "--grid", help="Belief nodes per hidden party, an odd number.", show_default="auto"
    ),
]
Memory = Annotated[float, typer.Option("--memory", help="Gigabytes that a game may take.")]

MostWorlds = Annotated[
    int | None,
    typer.Option(
        "--worlds",
        min=0,
        max=1_000_000,
        help="Worlds to draw; with --until, at most so many.",
        show_default="256, with --until 16384",
    ),
]
Until = Annotated[
    float | None,
    typer.Option(
        "--until", min=0.001, max=1.0, help="Add worlds until every interval is so narrow."
    ),
]
WithFlips = Annotated[
    bool,
    typer.Option("--flips/--no-flips", help="Look for what turns each claim: the longest part."),
]
Cases = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CASE]...", help="Case files.", show_default="cases/*.yaml"),
]

Particles = Annotated[
    int,
    typer.Option("--particles", min=10, help="Points of state and records kept; fewer are exact."),
]

FIRST, MOST = 256, 16_384

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Write down how you think a conflict ends. Find out whether it follows.",
)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> int:
    if version:
        from ceasefire import __version__

        typer.echo(f"ceasefire {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    return 0


@app.command()
def check(
    case: CasePath,
    worlds: MostWorlds = None,
    seed: Seed = 0,
    until: Until = None,
    flips: WithFlips = True,
    page: Annotated[
        str | None, typer.Option("--report", metavar="FILE", help="Write a page to send, too.")
    ] = None,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """Does each claim of a case hold, in which share of worlds, and what turns it?"""
    from ceasefire.show.checking import check_case

    options = Options(as_json, strict, grid, memory)
    most = worlds if worlds is not None else FIRST if until is None else MOST
    return check_case(case, most, seed, options, until=until, flips=flips, page=page)


@app.command()
def report(
    case: CasePath,
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to.")],
    worlds: WorldCount = FIRST,
    seed: Seed = 0,
    flips: WithFlips = True,
    pdf: Annotated[bool, typer.Option("--pdf", help="As PDF too, beside it.")] = False,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """One page that holds everything: claims, reasons, assumptions, sources, the case."""
    from ceasefire.show.reported import report_case

    options = Options(as_json, strict, grid, memory)
    return report_case(case, worlds, seed, output, options, flips=flips, pdf=pdf)


@app.command()
def ask(
    case: CasePath,
    questions: Annotated[list[str], typer.Argument(metavar="EXPR...", help="P(...), E(...), ...")],
    worlds: WorldCount = 0,
    seed: Seed = 0,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """Any quantity or test, at best and in many worlds."""
    from ceasefire.show.doors import ask_case

    return ask_case(case, questions, worlds, seed, Options(as_json, strict, grid, memory))


@app.command()
def sweep(
    case: CasePath,
    folder: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="Where to keep the results.")
    ],
    questions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXPR]...", help="What to ask besides the claims."),
    ] = None,
    worlds: WorldCount = 4096,
    seed: Seed = 0,
    engine: Annotated[
        str, typer.Option("--engine", help="Where to compute: local, dask or ray.")
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="That of a Dask cluster.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="That of a Ray cluster.")
    ] = None,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """Many worlds, kept in Parquet files; the same command goes on where it was ended."""
    from ceasefire.show.doors import sweep_case
    from ceasefire.worlds import engine_at

    options = Options(as_json, strict, grid, memory)
    where = engine_at(engine, scheduler=scheduler, address=address)
    return sweep_case(case, folder, questions or [], worlds, seed, where, options)


@app.command()
def explain(
    case: CasePath,
    party: Annotated[str, typer.Option("--party", help="Whose decisions.", show_default=False)],
    at: Annotated[str, typer.Option("--at", help="The state, 'war=true, force=2'.")] = "",
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """What a party would do in a state, and why."""
    from ceasefire.show.doors import explain_case

    return explain_case(case, party, at, Options(as_json, strict, grid, memory))


@app.command()
def timeline(
    case: CasePath,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """Conditions, beliefs and events, period by period."""
    from ceasefire.show.doors import timeline_case

    return timeline_case(case, Options(as_json, strict, grid, memory))


@app.command()
def update(
    case: CasePath,
    worlds: WorldCount = 64,
    seed: Seed = 0,
    particles: Particles = 2000,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """What has happened since, and what it makes of each claim and belief."""
    from ceasefire.show.evidence import update_case

    options = Options(as_json, strict, grid, memory)
    return update_case(case, worlds, seed, particles, options)


@app.command()
def indicators(
    case: CasePath,
    worlds: WorldCount = 32,
    seed: Seed = 0,
    particles: Particles = 2000,
    every: Annotated[bool, typer.Option("--all", help="Every event, not the first 15.")] = False,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """What to watch: what may happen next, and what each event would change."""
    from ceasefire.show.evidence import indicate_case

    options = Options(as_json, strict, grid, memory)
    return indicate_case(case, worlds, seed, particles, options, every=every)


@app.command()
def compare(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="Two case files or more.")],
    worlds: WorldCount = 64,
    seed: Seed = 0,
    particles: Particles = 2000,
    as_json: AsJson = False,
    strict: Strict = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """Rival cases side by side: their verdicts, and which of them the events favour."""
    from ceasefire.show.evidence import compare_cases

    options = Options(as_json, strict, grid, memory)
    return compare_cases(cases, worlds, seed, particles, options)


@app.command()
def power(
    case: CasePath,
    goal: Annotated[str, typer.Option("--goal", help="A formula.", show_default=False)],
    within: Annotated[
        int | None, typer.Option("--within", help="In so many periods.", show_default="horizon")
    ] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Without a bound on time.")] = False,
    least: Annotated[
        float | None,
        typer.Option("--least", help="What is enough.", show_default="99 % of what all can"),
    ] = None,
    as_json: AsJson = False,
    strict: Strict = False,
    memory: Memory = 4.0,
) -> int:
    """What every coalition can secure against all others, and how."""
    from ceasefire.show.conflicts import power_case

    options = Options(as_json, strict, memory=memory)
    return power_case(case, goal, within, forever, least, options)


@app.command()
def stability(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A case or a .gmcr file.")],
    why: Annotated[str | None, typer.Option("--why", help="Reasons for a state.")] = None,
    inverse: Annotated[
        str | None, typer.Option("--inverse", help="Rankings that make a state stable.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="What can follow from a state, as a tree.")
    ] = None,
    depth: Annotated[int, typer.Option("--depth", min=1, max=20, help="Of the tree.")] = 3,
    improving: Annotated[bool, typer.Option("--gains", help="Only moves that gain.")] = False,
    coalitions: Annotated[
        list[str] | None,
        typer.Option("--coalitions", help="all, none or a+b.", show_default="all if few"),
    ] = None,
    structure: Annotated[
        list[str] | None, typer.Option("--structure", help="A block of parties, a+b.")
    ] = None,
    types: Annotated[list[str] | None, typer.Option("--types", help="party=type")] = None,
    unknown: Annotated[
        list[str] | None, typer.Option("--unknown", help="A party whose ranking is sampled.")
    ] = None,
    ties: Annotated[
        list[str] | None, typer.Option("--ties", help="A party whose ties are sampled.")
    ] = None,
    strong: Annotated[
        list[str] | None,
        typer.Option("--strong", help="party=state: greatly preferred to all ranked below it."),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option("--gap", min=1e-9, help="Of a case: payoffs so far apart differ greatly."),
    ] = None,
    samples: Annotated[int, typer.Option("--samples", min=1, help="Rankings sampled.")] = 1000,
    seed: Seed = 0,
    as_json: AsJson = False,
    strict: Strict = False,
    memory: Memory = 4.0,
) -> int:
    """Which states are stable for whom: Nash, GMR, SMR, SEQ, SIM, coalitions."""
    from ceasefire.show.conflicts import Asked, stability_file

    asked = Asked(
        coalitions or (), structure or (), types or (), why, inverse, start, depth, improving,
        unknown or (), ties or (), samples, seed, strong or (), gap,
    )  # fmt: skip
    return stability_file(file, asked, Options(as_json, strict, memory=memory))


@app.command()
def baseline(
    lasted: Annotated[
        str, typer.Option("--lasted", help="How long it has: 1177d, 3y.", show_default=False)
    ],
    more: Annotated[list[str] | None, typer.Argument(metavar="[TIME]", hidden=True)] = None,
    within: Annotated[
        list[str] | None, typer.Option("--within", help="Times to look ahead.", show_default="1y")
    ] = None,
    deaths: Annotated[int, typer.Option("--deaths", min=0, help="Wars with so many or more.")] = 0,
    after: Annotated[
        int | None, typer.Option("--after", help="Wars begun after this year.")
    ] = None,
    wars: Annotated[
        str | None, typer.Option("--wars", metavar="FILE", help="Your own: name,start,end,deaths.")
    ] = None,
    added: Annotated[
        bool, typer.Option("--added/--only-data", help="With the World War and Vietnam added.")
    ] = True,
    as_json: AsJson = False,
) -> int:
    """How likely a war ends that has lasted so long, by past wars."""
    from ceasefire.show.pastwars import show_baseline

    times = (*(within or ()), *(more or ()))
    options = Options(as_json)
    return show_baseline(lasted, times, options, deaths=deaths, after=after, wars=wars, added=added)


@app.command()
def score(
    cases: Cases = None,
    worlds: WorldCount = 32,
    seed: Seed = 0,
    as_json: AsJson = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """How good the forecasts were: the model's, past wars', and all others."""
    from ceasefire.show.scored import score_cases

    return score_cases(cases or (), worlds, seed, Options(as_json, grid=grid, memory=memory))


@app.command()
def backtest(
    cases: Cases = None,
    worlds: WorldCount = 32,
    seed: Seed = 0,
    as_json: AsJson = False,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """What the model said, what past wars say, and what happened."""
    from ceasefire.show.scored import backtest_cases

    return backtest_cases(cases or (), worlds, seed, Options(as_json, grid=grid, memory=memory))


@app.command()
def serve(
    folder: Annotated[str, typer.Argument(metavar="[DIR]", help="Holds the cases.")] = "cases",
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes any that is free.")] = 8123,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            help="What a browser must show once.",
            show_default="none on 127.0.0.1, else one is made and printed",
        ),
    ] = None,
    worlds: Annotated[
        int, typer.Option("--worlds", min=1, max=4096, help="Worlds to draw unless a page asks.")
    ] = 64,
    memory: Annotated[
        float, typer.Option("--memory", min=0.5, help="Gigabytes that a page may take to solve.")
    ] = 3.0,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> int:
    """The cases of a folder in the browser: verdicts that follow your sliders."""
    from ceasefire.web import serve as serve_folder

    serve_folder(folder, host, port, token, worlds=worlds, memory=memory, browse=browse)
    return 0


@app.command()
def new(
    file: Annotated[str, typer.Argument(help="Where to write it; left out, it is printed.")] = "-",
) -> int:
    """A first case with comments, to change into yours."""
    from ceasefire.case import template
    from ceasefire.show.files import save

    if file == "-":
        typer.echo(template(), nl=False)
        return 0
    path = Path(file)
    if path.exists():
        raise CeasefireError([Problem("is there already", file, help="choose another name")])
    save(path, template().encode())
    typer.echo(f"{file} is a first case. Check it: ceasefire check {file}")
    return 0


@app.command()
def show(
    case: CasePath,
    resolved: Annotated[bool, typer.Option("--resolved", help="YAML, every default in.")] = False,
) -> int:
    """The case at a glance, or with every default filled in."""
    from ceasefire.case import dump, load

    loaded = load(case)
    if resolved:
        typer.echo(dump(loaded), nl=False)
        return 0
    from ceasefire.show.overview import overview
    from ceasefire.show.screen import output

    output().print(overview(loaded))
    return 0


@app.command()
def lint(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files; - is stdin.")],
    as_json: AsJson = False,
    strict: Strict = False,
    memory: Memory = 4.0,
) -> int:
    """Problems of case files, in the text and in play."""
    from ceasefire.show.lint import examine, print_findings

    options = Options(as_json, strict, memory=memory)
    findings = [examine(file, options.bytes) for file in files]
    print_findings(findings, as_json=as_json)
    if any(finding.problems for finding in findings):
        return 2
    return int(strict and any(finding.warnings for finding in findings))


@app.command("export")
def export_(
    case: CasePath,
    to: Annotated[
        str, typer.Option("--to", help="efg, nfg, prism, gmcr, salib, csv, parquet, dot.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="File, or folder of tables; - prints.")
    ] = "-",
    agents: Annotated[
        bool, typer.Option("--agents", help="efg: a player for each party, period and step.")
    ] = False,
    types: Annotated[list[str] | None, typer.Option("--types", help="gmcr: party=type")] = None,
    earlier: Annotated[
        bool, typer.Option("--earlier-keys", help="gmcr: the keys of the first generation.")
    ] = False,
    worlds: WorldCount = 256,
    seed: Seed = 0,
    grid: Grid = None,
    memory: Memory = 4.0,
) -> int:
    """A case for another program; what it cannot carry is said on standard error."""
    from ceasefire.show.exports import Wanted, export_case

    limit = Options(memory=memory, grid=grid).bytes
    wanted = Wanted(output, agents, worlds, seed, grid, limit, types or (), earlier)
    return export_case(case, to, wanted)


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="A .gmcr conflict, .efg tree or KTAB .csv.")],
    output: Annotated[str, typer.Option("--output", "-o", help="Case file; - prints.")] = "-",
) -> int:
    """Another program's file as a case; what is read into it is said on standard error."""
    from ceasefire.show.exports import import_file

    return import_file(file, output)


@app.command()
def cite(case: CasePath, as_json: AsJson = False) -> int:
    """The sources of a case, and those of the methods."""
    from ceasefire.case import load
    from ceasefire.show.overview import bibliography, citations
    from ceasefire.show.screen import output, print_json

    loaded = load(case)
    if as_json:
        print_json(citations(loaded))
    else:
        output().print(bibliography(loaded))
    return 0


@app.command()
def schema() -> int:
    """The JSON Schema of the format, for editors."""
    from ceasefire.case import schema as case_schema
    from ceasefire.show.screen import print_json

    print_json(case_schema())
    return 0


def main() -> None:
    """Run the program."""
    open_outputs()
    app(prog_name="ceasefire")
