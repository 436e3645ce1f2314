"""The commands. Each reads its options, asks the rooms below, and prints what they say.

Exit status 0: done. 1: done, but a result is marked (a decision unresolved, a world that failed),
or there are warnings and `--strict` was given. 2: the input is wrong; every problem is listed.
"""

from pathlib import Path
from typing import Annotated

import typer

from ceasefire.cli.options import CommandOptions
from ceasefire.cli.runner import CommandGroup, prepare_output_streams
from ceasefire.errors import CeasefireError, Problem

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="A case file.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit status 1 if there are warnings.")
]
WorldCountOption = Annotated[
    int, typer.Option("--worlds", min=0, max=1_000_000, help="Worlds to draw.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Which worlds are drawn.")]
GridOption = Annotated[
    int | None,
    typer.Option(
        "--grid", help="Belief nodes per hidden party, an odd number.", show_default="auto"
    ),
]
MemoryOption = Annotated[float, typer.Option("--memory", help="Gigabytes that a game may take.")]

MostWorldsOption = Annotated[
    int | None,
    typer.Option(
        "--worlds",
        min=0,
        max=1_000_000,
        help="Worlds to draw; with --until, at most so many.",
        show_default="256, with --until 16384",
    ),
]
UntilOption = Annotated[
    float | None,
    typer.Option(
        "--until", min=0.001, max=1.0, help="Add worlds until every interval is so narrow."
    ),
]
TurningPointsOption = Annotated[
    bool,
    typer.Option("--flips/--no-flips", help="Look for what turns each claim: the longest part."),
]
CasesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CASE]...", help="Case files.", show_default="cases/*.yaml"),
]

ParticlesOption = Annotated[
    int,
    typer.Option("--particles", min=10, help="Points of state and records kept; fewer are exact."),
]

DEFAULT_WORLDS, DEFAULT_MOST_WORLDS = 256, 16_384

app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Write down how you think a conflict ends. Find out whether it follows.",
)


@app.callback(invoke_without_command=True)
def _show_version_or_help(
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
    case: CaseArgument,
    worlds: MostWorldsOption = None,
    seed: SeedOption = 0,
    until: UntilOption = None,
    flips: TurningPointsOption = True,
    page: Annotated[
        str | None, typer.Option("--report", metavar="FILE", help="Write a page to send, too.")
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Does each claim of a case hold, in which share of worlds, and what turns it?"""
    from ceasefire.cli.commands_check import run_check_command

    options = CommandOptions(as_json, strict, grid, memory)
    most = (
        worlds if worlds is not None else DEFAULT_WORLDS if until is None else DEFAULT_MOST_WORLDS
    )
    return run_check_command(case, most, seed, options, until=until, flips=flips, page=page)


@app.command()
def report(
    case: CaseArgument,
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to.")],
    worlds: WorldCountOption = DEFAULT_WORLDS,
    seed: SeedOption = 0,
    flips: TurningPointsOption = True,
    pdf: Annotated[bool, typer.Option("--pdf", help="As PDF too, beside it.")] = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """One page that holds everything: claims, reasons, assumptions, sources, the case."""
    from ceasefire.cli.commands_check import run_report_command

    options = CommandOptions(as_json, strict, grid, memory)
    return run_report_command(case, worlds, seed, output, options, flips=flips, pdf=pdf)


@app.command()
def ask(
    case: CaseArgument,
    questions: Annotated[list[str], typer.Argument(metavar="EXPR...", help="P(...), E(...), ...")],
    worlds: WorldCountOption = 0,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Any quantity or test, at best and in many worlds."""
    from ceasefire.cli.commands_query import run_ask_command

    return run_ask_command(
        case, questions, worlds, seed, CommandOptions(as_json, strict, grid, memory)
    )


@app.command()
def sweep(
    case: CaseArgument,
    folder: Annotated[
        str,
        typer.Option("-o", "--output", metavar="DIR", help="Where to keep the results."),
    ],
    questions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXPR]...", help="What to ask besides the claims."),
    ] = None,
    worlds: WorldCountOption = 4096,
    seed: SeedOption = 0,
    engine: Annotated[
        str, typer.Option("--engine", help="Where to compute: local, dask or ray.")
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="That of a Dask cluster.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="That of a Ray cluster.")
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Many worlds, kept in Parquet files; the same command goes on where it was ended."""
    from ceasefire.cli.commands_query import run_sweep_command
    from ceasefire.ensemble import engine_from_options

    options = CommandOptions(as_json, strict, grid, memory)
    where = engine_from_options(engine, scheduler=scheduler, address=address)
    return run_sweep_command(case, folder, questions or [], worlds, seed, where, options)


@app.command()
def explain(
    case: CaseArgument,
    party: Annotated[str, typer.Option("--party", help="Whose decisions.", show_default=False)],
    at: Annotated[str, typer.Option("--at", help="The state, 'war=true, force=2'.")] = "",
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """What a party would do in a state, and why."""
    from ceasefire.cli.commands_query import run_explain_command

    return run_explain_command(case, party, at, CommandOptions(as_json, strict, grid, memory))


@app.command()
def timeline(
    case: CaseArgument,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Conditions, beliefs and events, period by period."""
    from ceasefire.cli.commands_query import run_timeline_command

    return run_timeline_command(case, CommandOptions(as_json, strict, grid, memory))


@app.command()
def update(
    case: CaseArgument,
    worlds: WorldCountOption = 64,
    seed: SeedOption = 0,
    particles: ParticlesOption = 2000,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """What has happened since, and what it makes of each claim and belief."""
    from ceasefire.cli.commands_evidence import run_update_command

    options = CommandOptions(as_json, strict, grid, memory)
    return run_update_command(case, worlds, seed, particles, options)


@app.command()
def indicators(
    case: CaseArgument,
    worlds: WorldCountOption = 32,
    seed: SeedOption = 0,
    particles: ParticlesOption = 2000,
    every: Annotated[bool, typer.Option("--all", help="Every event, not the first 15.")] = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """What to watch: what may happen next, and what each event would change."""
    from ceasefire.cli.commands_evidence import run_indicators_command

    options = CommandOptions(as_json, strict, grid, memory)
    return run_indicators_command(case, worlds, seed, particles, options, every=every)


@app.command()
def compare(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="Two case files or more.")],
    worlds: WorldCountOption = 64,
    seed: SeedOption = 0,
    particles: ParticlesOption = 2000,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Rival cases side by side: their verdicts, and which of them the events favour."""
    from ceasefire.cli.commands_evidence import run_compare_command

    options = CommandOptions(as_json, strict, grid, memory)
    return run_compare_command(cases, worlds, seed, particles, options)


@app.command()
def power(
    case: CaseArgument,
    goal: Annotated[str, typer.Option("--goal", help="A formula.", show_default=False)],
    within: Annotated[
        int | None, typer.Option("--within", help="In so many periods.", show_default="horizon")
    ] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Without a bound on time.")] = False,
    least: Annotated[
        float | None,
        typer.Option("--least", help="What is enough.", show_default="99 % of what all can"),
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    memory: MemoryOption = 4.0,
) -> int:
    """What every coalition can secure against all others, and how."""
    from ceasefire.cli.commands_coalitions import run_power_command

    options = CommandOptions(as_json, strict, memory=memory)
    return run_power_command(case, goal, within, forever, least, options)


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
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    memory: MemoryOption = 4.0,
) -> int:
    """Which states are stable for whom: Nash, GMR, SMR, SEQ, SIM, coalitions."""
    from ceasefire.cli.commands_coalitions import StabilityOptions, run_stability_command

    asked = StabilityOptions(
        coalitions or (), structure or (), types or (), why, inverse, start, depth, improving,
        unknown or (), ties or (), samples, seed, strong or (), gap,
    )  # fmt: skip
    return run_stability_command(file, asked, CommandOptions(as_json, strict, memory=memory))


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
    as_json: JsonOption = False,
) -> int:
    """How likely a war ends that has lasted so long, by past wars."""
    from ceasefire.cli.commands_forecasts import run_baseline_command

    times = (*(within or ()), *(more or ()))
    options = CommandOptions(as_json)
    return run_baseline_command(
        lasted, times, options, deaths=deaths, after=after, wars=wars, added=added
    )


@app.command()
def score(
    cases: CasesArgument = None,
    worlds: WorldCountOption = 32,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """How good the forecasts were: the model's, past wars', and all others."""
    from ceasefire.cli.commands_forecasts import run_score_command

    return run_score_command(
        cases or (), worlds, seed, CommandOptions(as_json, grid=grid, memory=memory)
    )


@app.command()
def backtest(
    cases: CasesArgument = None,
    worlds: WorldCountOption = 32,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """What the model said, what past wars say, and what happened."""
    from ceasefire.cli.commands_forecasts import run_backtest_command

    return run_backtest_command(
        cases or (), worlds, seed, CommandOptions(as_json, grid=grid, memory=memory)
    )


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
    ] = 4.0,
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
    from ceasefire.render.atomic_write import write_file_atomically

    if file == "-":
        typer.echo(template(), nl=False)
        return 0
    path = Path(file)
    if path.exists():
        raise CeasefireError([Problem("is there already", file, help="choose another name")])
    write_file_atomically(path, template().encode())
    typer.echo(f"{file} is a first case. Check it: ceasefire check {file}")
    return 0


@app.command()
def show(
    case: CaseArgument,
    resolved: Annotated[bool, typer.Option("--resolved", help="YAML, every default in.")] = False,
) -> int:
    """The case at a glance, or with every default filled in."""
    from ceasefire.case import dump, load

    loaded = load(case)
    if resolved:
        typer.echo(dump(loaded), nl=False)
        return 0
    from ceasefire.render.case_overview import case_summary_table
    from ceasefire.render.console import output_console

    output_console().print(case_summary_table(loaded))
    return 0


@app.command()
def lint(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files; - is stdin.")],
    as_json: JsonOption = False,
    strict: StrictOption = False,
    memory: MemoryOption = 4.0,
) -> int:
    """Problems of case files, in the text and in play."""
    from ceasefire.cli.commands_files import lint_file, print_lint_results

    options = CommandOptions(as_json, strict, memory=memory)
    findings = [lint_file(file, options.memory_bytes) for file in files]
    print_lint_results(findings, as_json=as_json)
    if any(finding.problems for finding in findings):
        return 2
    return int(strict and any(finding.warnings for finding in findings))


@app.command("export")
def export_(
    case: CaseArgument,
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
    worlds: WorldCountOption = 256,
    seed: SeedOption = 0,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """A case for another program; what it cannot carry is said on standard error."""
    from ceasefire.cli.commands_files import ExportOptions, run_export_command

    limit = CommandOptions(memory=memory, grid=grid).memory_bytes
    wanted = ExportOptions(output, agents, worlds, seed, grid, limit, types or (), earlier)
    return run_export_command(case, to, wanted)


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="A .gmcr conflict, .efg tree or KTAB .csv.")],
    output: Annotated[str, typer.Option("--output", "-o", help="Case file; - prints.")] = "-",
) -> int:
    """Another program's file as a case; what is read into it is said on standard error."""
    from ceasefire.cli.commands_files import run_import_command

    return run_import_command(file, output)


@app.command()
def cite(case: CaseArgument, as_json: JsonOption = False) -> int:
    """The sources of a case, and those of the methods."""
    from ceasefire.case import load
    from ceasefire.render.case_overview import bibliography_table, collect_citations
    from ceasefire.render.console import output_console, print_json

    loaded = load(case)
    if as_json:
        print_json(collect_citations(loaded))
    else:
        output_console().print(bibliography_table(loaded))
    return 0


@app.command()
def schema() -> int:
    """The JSON Schema of the format, for editors."""
    from ceasefire.case import schema as case_schema
    from ceasefire.render.console import print_json

    print_json(case_schema())
    return 0


def run_cli() -> None:
    """Run the program."""
    prepare_output_streams()
    app(prog_name="ceasefire")
