"""Which commands and options there are; each command calls a `run_..._command` function.

Exit status 0: done. 1: done, but a result is marked (a decision unresolved, a world that failed),
or there are warnings and `--strict` was given. 2: the input is wrong; every problem is listed.
"""

from typing import Annotated

import typer

from ceasefire.cli.runner import CommandGroup, CommandOptions, prepare_output_streams
from ceasefire.settings import DEFAULT_TOLERANCE

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="A case file.", show_default=False)
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of tables.")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with status 1 if there are warnings.")
]
WorldCountOption = Annotated[
    int, typer.Option("--worlds", min=0, max=1_000_000, help="How many worlds to draw.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="Seed of the draw: other worlds for another number.")
]
GridOption = Annotated[
    int | None,
    typer.Option(
        "--grid",
        help="Belief nodes for each party with hidden types; an odd number.",
        show_default="auto",
    ),
]
ToleranceOption = Annotated[
    float,
    typer.Option(
        "--tolerance",
        help="Grid change that is small enough: without --grid, belief nodes are added until then.",
    ),
]
MemoryOption = Annotated[float, typer.Option("--memory", help="Most gigabytes a game may take.")]

MostWorldsOption = Annotated[
    int | None,
    typer.Option(
        "--worlds",
        min=0,
        max=1_000_000,
        help="How many worlds to draw; with --until, at most this many.",
        show_default="256, with --until 16384",
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="settled|WIDTH",
        help="Add worlds until every verdict is settled, or every 95 % interval so narrow.",
    ),
]
TurningPointsOption = Annotated[
    bool,
    typer.Option("--flips/--no-flips", help="Look for what turns each claim (takes longest)."),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="TIME",
        help="Most time to look for what turns claims, such as 2m; says what it left.",
        show_default="as long as it takes",
    ),
]
QuickOption = Annotated[
    bool,
    typer.Option("--quick", help="As much as takes about half a minute, marked as such."),
]
TiltOption = Annotated[
    int | None,
    typer.Option(
        "--tilt",
        min=0,
        help="Most worlds to tilt towards premises that are never true together; 0 for none.",
        show_default="as many as --worlds",
    ),
]
CasesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CASE]...", help="Case files.", show_default="cases/*.yaml"),
]

ParticlesOption = Annotated[
    int,
    typer.Option(
        "--particles", min=10, help="Most particles to keep; results are exact if fewer are needed."
    ),
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
    budget: BudgetOption = None,
    quick: QuickOption = False,
    tilt: TiltOption = None,
    page: Annotated[
        str | None,
        typer.Option("--report", metavar="FILE", help="Also write an HTML page to send."),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="List every number, and what decides and turns each claim."),
    ] = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
    tolerance: ToleranceOption = DEFAULT_TOLERANCE,
) -> int:
    """Check claims, and find what turns them.

    First whether the argument holds and where it breaks, then the share of worlds in which each
    claim is true, then what decides it and what would reverse it.
    """
    from ceasefire.cli.commands_check import run_check_command

    options = CommandOptions(as_json, strict, grid, memory, tolerance, quick)
    most = (
        worlds if worlds is not None else DEFAULT_WORLDS if until is None else DEFAULT_MOST_WORLDS
    )
    return run_check_command(
        case, most, seed, options,
        until=until, flips=flips, tilt=tilt, budget=budget, page=page, everything=everything,
    )  # fmt: skip


@app.command()
def report(
    case: CaseArgument,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The HTML file to write.", show_default=False
        ),
    ] = None,
    brief: Annotated[
        list[str] | None,
        typer.Option(
            "--brief",
            metavar="FILE",
            help="One page for Word (.docx), or one slide for PowerPoint (.pptx).",
            show_default=False,
        ),
    ] = None,
    pictures: Annotated[
        str | None,
        typer.Option(
            "--pictures",
            metavar="DIR",
            help="Folder for each chart as a PNG picture.",
            show_default=False,
        ),
    ] = None,
    worlds: WorldCountOption = DEFAULT_WORLDS,
    seed: SeedOption = 0,
    goal: Annotated[
        str | None,
        typer.Option(
            "--goal",
            metavar="TEST|EXPR|CLAIM",
            help="Also compare the levers of the case by this; see `choose`.",
            show_default=False,
        ),
    ] = None,
    today: Annotated[
        int | None,
        typer.Option(
            "--today",
            min=0,
            help="Period that begins now, from which claims are asked too; 0 leaves events out.",
            show_default="after the last event",
        ),
    ] = None,
    flips: TurningPointsOption = True,
    budget: BudgetOption = None,
    quick: QuickOption = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also print it as a PDF file beside it.")
    ] = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
    tolerance: ToleranceOption = DEFAULT_TOLERANCE,
) -> int:
    """Write one page with everything about a case, a brief, or its charts.

    Claims, reasons, assumptions, sources and the case itself.
    """
    from ceasefire.cli.commands_check import ReportFiles, run_report_command

    options = CommandOptions(as_json, strict, grid, memory, tolerance, quick)
    return run_report_command(
        case, worlds, seed, ReportFiles(output, tuple(brief or ()), pictures, pdf), options,
        goal=goal, flips=flips, budget=budget, today=today,
    )  # fmt: skip


@app.command()
def ask(
    case: CaseArgument,
    questions: Annotated[
        list[str],
        typer.Argument(metavar="EXPR|CLAIM...", help="Questions: P(...), E(...), ..., or claims."),
    ],
    worlds: WorldCountOption = 0,
    seed: SeedOption = 0,
    quick: QuickOption = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
    tolerance: ToleranceOption = DEFAULT_TOLERANCE,
) -> int:
    """Answer any question about a case.

    A quantity, a test, or a claim by its name, at the best estimates and with --worlds in many
    worlds. Of a conclusion --worlds says what it owes to its premises.
    """
    from ceasefire.cli.commands_ask import run_ask_command

    return run_ask_command(
        case,
        questions,
        worlds,
        seed,
        CommandOptions(as_json, strict, grid, memory, tolerance, quick),
    )


@app.command()
def trace(
    case: CaseArgument,
    questions: Annotated[
        list[str],
        typer.Argument(metavar="EXPR|CLAIM...", help="Questions: P(...), E(...), ..., or claims."),
    ],
    over: Annotated[
        str,
        typer.Option(
            "--over",
            metavar="NAME=LOW..HIGH",
            help="The unknown that moves; NAME alone for its own range.",
            show_default=False,
        ),
    ],
    other: Annotated[
        str | None,
        typer.Option(
            "--and",
            metavar="NAME=LOW..HIGH",
            help="A second unknown: the plane of the two.",
            show_default=False,
        ),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option("--points", help="Values of each unknown.", show_default="25, in a plane 9"),
    ] = None,
    cross: Annotated[
        list[float] | None,
        typer.Option(
            "--cross",
            metavar="VALUE",
            help="Find where a number crosses this value; may be repeated.",
            show_default=False,
        ),
    ] = None,
    accuracy: Annotated[
        float | None,
        typer.Option(
            "--accuracy",
            help="How far a threshold may be from the one stated.",
            show_default="a ten thousandth of the way from end to end",
        ),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option("--csv", metavar="FILE", help="Also write the answers as CSV; - prints it."),
    ] = None,
    figure: Annotated[
        str | None,
        typer.Option("--figure", metavar="FILE", help="Also draw them: .svg or .png."),
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
    tolerance: ToleranceOption = DEFAULT_TOLERANCE,
) -> int:
    """Trace answers along an unknown.

    Each question at values of one unknown, or in the plane of two, all others at their best
    estimates; and where a test turns, or a number jumps or crosses a value.
    """
    from ceasefire.cli.commands_trace import TraceOutputs, run_trace_command

    return run_trace_command(
        case, questions, CommandOptions(as_json, strict, grid, memory, tolerance),
        TraceOutputs(csv, figure),
        over=over, other=other, points=points, crossing=cross or (), accuracy=accuracy,
    )  # fmt: skip


@app.command()
def choose(
    case: CaseArgument,
    goal: Annotated[
        str,
        typer.Option(
            "--goal",
            metavar="TEST|EXPR|CLAIM",
            help="What is wanted: a test, the name of a claim, or a number (more is better).",
            show_default=False,
        ),
    ],
    two: Annotated[bool, typer.Option("--two", help="Also two levers at once.")] = False,
    levers: Annotated[
        list[str] | None,
        typer.Option(
            "--lever",
            metavar="NAME",
            help="Only these levers; may be repeated.",
            show_default="all of the case",
        ),
    ] = None,
    less_is_better: Annotated[
        bool, typer.Option("--less-is-better", help="The goal is better the lower it is.")
    ] = False,
    worlds: WorldCountOption = DEFAULT_WORLDS,
    seed: SeedOption = 0,
    quick: QuickOption = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
    tolerance: ToleranceOption = DEFAULT_TOLERANCE,
) -> int:
    """Compare what somebody could decide.

    Each lever of the case, and doing nothing, over the same worlds: how the goal fares, how badly
    in the worst worlds, and what is lost where another lever would have been better.
    """
    from ceasefire.cli.commands_query import run_choose_command

    options = CommandOptions(as_json, strict, grid, memory, tolerance, quick)
    return run_choose_command(
        case, goal, worlds, seed, options, two=two, levers=levers, less_is_better=less_is_better
    )


@app.command()
def sweep(
    case: CaseArgument,
    folder: Annotated[
        str,
        typer.Option("-o", "--output", metavar="DIR", help="Folder for the results."),
    ],
    questions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXPR]...", help="Questions to ask besides the claims."),
    ] = None,
    worlds: WorldCountOption = 4096,
    seed: SeedOption = 0,
    engine: Annotated[
        str, typer.Option("--engine", help="Where to compute: local, dask or ray.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Address of a Dask cluster."),
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="Address of a Ray cluster.")
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
    tolerance: ToleranceOption = DEFAULT_TOLERANCE,
) -> int:
    """Compute many worlds and store the results.

    Results are Parquet files. The same command goes on where it ended.
    """
    from ceasefire.cli.commands_query import run_sweep_command
    from ceasefire.ensemble import engine_from_options

    options = CommandOptions(as_json, strict, grid, memory, tolerance)
    where = engine_from_options(engine, scheduler=scheduler, address=address)
    return run_sweep_command(case, folder, questions or [], worlds, seed, where, options)


@app.command()
def explain(
    case: CaseArgument,
    party: Annotated[
        str | None,
        typer.Option(
            "--party", help="The party whose decisions are explained.", show_default="every party"
        ),
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            help="State, as in 'war=true, force=2'; what is not named is as at the start.",
            show_default="the start, or where the party first decides",
        ),
    ] = "",
    after: Annotated[
        str,
        typer.Option(
            "--after",
            help="Choices made first, such as 'party.move, table.deal': what they show counts.",
        ),
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Show every decision, not only those that matter most.")
    ] = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Explain what a party would do, and why.

    Without --party, what each party decides that matters most.
    """
    from ceasefire.cli.commands_query import run_explain_command

    options = CommandOptions(as_json, strict, grid, memory)
    return run_explain_command(case, party, at, after, options, every=every)


@app.command()
def timeline(
    case: CaseArgument,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Show what is likely when, period by period."""
    from ceasefire.cli.commands_query import run_timeline_command

    return run_timeline_command(case, CommandOptions(as_json, strict, grid, memory))


@app.command()
def update(
    case: CaseArgument,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="FILE",
            help="Also write every world with its weight and readings, as .csv or .xlsx.",
            show_default=False,
        ),
    ] = None,
    today: Annotated[
        int | None,
        typer.Option(
            "--today",
            min=1,
            help="Period that begins now; what is recorded of it or later is not known yet.",
            show_default="after the last event",
        ),
    ] = None,
    worlds: WorldCountOption = 64,
    seed: SeedOption = 0,
    particles: ParticlesOption = 2000,
    quick: QuickOption = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Show how events change claims and beliefs.

    The events are those recorded in the case.
    """
    from ceasefire.cli.commands_evidence import run_update_command

    options = CommandOptions(as_json, strict, grid, memory, quick=quick)
    return run_update_command(case, worlds, seed, particles, options, table, today)


@app.command()
def indicators(
    case: CaseArgument,
    worlds: WorldCountOption = 32,
    seed: SeedOption = 0,
    particles: ParticlesOption = 2000,
    every: Annotated[
        bool, typer.Option("--all", help="Show every event, not only the first 15.")
    ] = False,
    quick: QuickOption = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Show what may happen next and what it changes.

    Events of the next period, those first that are expected to move the claims most.
    """
    from ceasefire.cli.commands_evidence import run_indicators_command

    options = CommandOptions(as_json, strict, grid, memory, quick=quick)
    return run_indicators_command(case, worlds, seed, particles, options, every=every)


@app.command()
def compare(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="Two case files or more.")],
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="FILE",
            help="Also write the events against the cases, as .csv or .xlsx.",
            show_default=False,
        ),
    ] = None,
    worlds: WorldCountOption = 64,
    seed: SeedOption = 0,
    particles: ParticlesOption = 2000,
    quick: QuickOption = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Compare rival cases side by side.

    Their verdicts, and which of them the events favour.
    """
    from ceasefire.cli.commands_evidence import run_compare_command

    options = CommandOptions(as_json, strict, grid, memory, quick=quick)
    return run_compare_command(cases, worlds, seed, particles, options, table)


@app.command()
def power(
    case: CaseArgument,
    goal: Annotated[
        str,
        typer.Option("--goal", help="Formula of what is to be brought about.", show_default=False),
    ],
    within: Annotated[
        int | None,
        typer.Option("--within", help="Number of periods to do it in.", show_default="horizon"),
    ] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Without a limit of time.")] = False,
    least: Annotated[
        float | None,
        typer.Option(
            "--least",
            help="Probability that counts as securing it.",
            show_default="99 % of what all parties together can",
        ),
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    memory: MemoryOption = 4.0,
) -> int:
    """Show what each coalition can secure, and how.

    Secure means to bring about whatever all others do.
    """
    from ceasefire.cli.commands_coalitions import run_power_command

    options = CommandOptions(as_json, strict, memory=memory)
    return run_power_command(case, goal, within, forever, least, options)


@app.command()
def stability(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A case or a .gmcr file.")],
    why: Annotated[
        str | None, typer.Option("--why", help="State whose stability is explained.")
    ] = None,
    inverse: Annotated[
        str | None, typer.Option("--inverse", help="State: which rankings would make it stable.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="State: what can follow from it, as a tree.")
    ] = None,
    depth: Annotated[int, typer.Option("--depth", min=1, max=20, help="Depth of the tree.")] = 3,
    improving: Annotated[
        bool, typer.Option("--gains", help="Only moves by which the mover gains.")
    ] = False,
    coalitions: Annotated[
        list[str] | None,
        typer.Option(
            "--coalitions", help="Coalitions: all, none or a+b.", show_default="all if few"
        ),
    ] = None,
    structure: Annotated[
        list[str] | None,
        typer.Option("--structure", help="One block of a coalition structure, a+b."),
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--types", help="Type of a party, party=type.")
    ] = None,
    unknown: Annotated[
        list[str] | None, typer.Option("--unknown", help="Party whose whole ranking is sampled.")
    ] = None,
    ties: Annotated[
        list[str] | None, typer.Option("--ties", help="Party whose ties are broken by sampling.")
    ] = None,
    strong: Annotated[
        list[str] | None,
        typer.Option(
            "--strong", help="party=state: the state is greatly preferred to all below it."
        ),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(
            "--gap", min=1e-9, help="For a case: payoffs at least this far apart differ greatly."
        ),
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="How many rankings to sample.")
    ] = 1000,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    memory: MemoryOption = 4.0,
) -> int:
    """Show which states are stable, and for whom.

    By Nash, GMR, SMR, SEQ and SIM, and for coalitions.
    """
    from ceasefire.cli.commands_coalitions import StabilityOptions, run_stability_command

    asked = StabilityOptions(
        coalitions or (), structure or (), types or (), why, inverse, start, depth, improving,
        unknown or (), ties or (), samples, seed, strong or (), gap,
    )  # fmt: skip
    return run_stability_command(file, asked, CommandOptions(as_json, strict, memory=memory))


@app.command()
def baseline(
    lasted: Annotated[
        str,
        typer.Option(
            "--lasted", help="How long the war has lasted: 1177d, 3y.", show_default=False
        ),
    ],
    more: Annotated[list[str] | None, typer.Argument(metavar="[TIME]", hidden=True)] = None,
    within: Annotated[
        list[str] | None,
        typer.Option("--within", help="How far to look ahead; may be repeated.", show_default="1y"),
    ] = None,
    deaths: Annotated[
        int, typer.Option("--deaths", min=0, help="Only wars with at least this many deaths.")
    ] = 0,
    after: Annotated[
        int | None, typer.Option("--after", help="Only wars begun after this year.")
    ] = None,
    wars: Annotated[
        str | None,
        typer.Option(
            "--wars", metavar="FILE", help="Your own wars: a CSV file name,start,end,deaths."
        ),
    ] = None,
    added: Annotated[
        bool,
        typer.Option(
            "--added/--only-data", help="Add the Second World War and Vietnam to the data."
        ),
    ] = True,
    as_json: JsonOption = False,
) -> int:
    """Show how soon past wars of this length ended.

    Three estimates of the probability that a war that has lasted this long ends in time.
    """
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
    """Score forecasts against what happened.

    Those of the model, the base rates of past wars, and all others that the cases name.
    """
    from ceasefire.cli.commands_forecasts import run_score_command

    return run_score_command(
        cases or (), worlds, seed, CommandOptions(as_json, grid=grid, memory=memory)
    )


@app.command()
def review(
    case: CaseArgument,
    others: CasesArgument = None,
    rival: Annotated[
        str | None,
        typer.Option(help="A rival case with the same events.", metavar="FILE", show_default=False),
    ] = None,
    worlds: WorldCountOption = 32,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Look back at a case once it is known what happened.

    Which claims came true, what misled, what a rival would have said, and the scores.
    """
    from ceasefire.cli.commands_forecasts import run_review_command

    options = CommandOptions(as_json, grid=grid, memory=memory)
    return run_review_command(case, others or (), rival, worlds, seed, options)


@app.command()
def backtest(
    cases: CasesArgument = None,
    worlds: WorldCountOption = 32,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Compare verdicts with what happened.

    Each claim: what the model said, what past wars say, and what happened.
    """
    from ceasefire.cli.commands_forecasts import run_backtest_command

    return run_backtest_command(
        cases or (), worlds, seed, CommandOptions(as_json, grid=grid, memory=memory)
    )


@app.command()
def serve(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Folder with the cases.")
    ] = "cases",
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", help="Port to listen on; 0 takes any free one.")
    ] = 8123,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            help="Secret that a browser must show once.",
            show_default="none on 127.0.0.1, otherwise made and printed",
        ),
    ] = None,
    worlds: Annotated[
        int,
        typer.Option("--worlds", min=1, max=4096, help="How many worlds a page draws at first."),
    ] = 64,
    memory: Annotated[
        float, typer.Option("--memory", min=0.5, help="Most gigabytes a page may take to solve.")
    ] = 4.0,
    save: Annotated[
        bool, typer.Option("--save", help="Let pages save cases in the folder.")
    ] = False,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> int:
    """Open the cases of a folder in the browser.

    The verdicts follow your sliders.
    """
    from ceasefire.web import serve as serve_folder

    serve_folder(folder, host, port, token, worlds=worlds, memory=memory, save=save, browse=browse)
    return 0


@app.command()
def new(
    file: Annotated[str, typer.Argument(help="File to write; printed if left out.")] = "-",
    model: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start from a model of the literature, such as fearon-1995.",
            show_default=False,
        ),
    ] = None,
    list_models: Annotated[bool, typer.Option("--list", help="List these models.")] = False,
) -> int:
    """Write a first case to change into your own.

    It has comments that explain each part. With --from it is a model of the literature.
    """
    from ceasefire.cli.commands_new import list_of_models, run_new_command

    if list_models:
        typer.echo(list_of_models(), nl=False)
        return 0
    return run_new_command(file, model)


@app.command()
def show(
    case: CaseArgument,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="As YAML with every default filled in.")
    ] = False,
) -> int:
    """Show a case, or with every default filled in."""
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
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Case files; - is standard input.")
    ],
    as_json: JsonOption = False,
    strict: StrictOption = False,
    memory: MemoryOption = 4.0,
) -> int:
    """Find problems in case files.

    In the text and in the game that it describes.
    """
    from ceasefire.cli.commands_files import lint_file, print_lint_results

    options = CommandOptions(as_json, strict, memory=memory)
    findings = [lint_file(file, options.settings) for file in files]
    print_lint_results(findings, as_json=as_json)
    if any(finding.problems for finding in findings):
        return 2
    return int(strict and any(finding.warnings for finding in findings))


@app.command("export")
def export_(
    case: CaseArgument,
    to: Annotated[
        str,
        typer.Option(
            "--to", help="Format: efg, nfg, prism, gmcr, salib, csv, parquet, dot or argdown."
        ),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="File, or folder for tables; - prints.")
    ] = "-",
    agents: Annotated[
        bool, typer.Option("--agents", help="efg: one player for each party, period and step.")
    ] = False,
    believed_by: Annotated[
        str | None,
        typer.Option("--believed-by", help="efg, nfg: whose beliefs, a party's or analyst's."),
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--types", help="gmcr: type of a party, party=type.")
    ] = None,
    earlier: Annotated[
        bool, typer.Option("--earlier-keys", help="gmcr: use the keys of its first generation.")
    ] = False,
    worlds: WorldCountOption = 256,
    seed: SeedOption = 0,
    grid: GridOption = None,
    memory: MemoryOption = 4.0,
) -> int:
    """Write a case for another program.

    What the format cannot carry is listed on standard error.
    """
    from ceasefire.cli.commands_files import ExportOptions, run_export_command

    settings = CommandOptions(memory=memory, grid=grid).settings
    wanted = ExportOptions(
        output, agents, worlds, seed, settings, types or (), earlier, believed_by
    )
    return run_export_command(case, to, wanted)


@app.command("import")
def import_(
    file: Annotated[
        str, typer.Argument(help="A .gmcr conflict, .efg or .nfg game, KTAB .csv or .argdown.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Case file to write; - prints.")
    ] = "-",
) -> int:
    """Turn another program's file into a case.

    What the file leaves open, and what is assumed, is listed on standard error.
    """
    from ceasefire.cli.commands_files import run_import_command

    return run_import_command(file, output)


@app.command()
def elicit(
    case: CaseArgument,
    sheets: Annotated[
        list[str] | None, typer.Argument(metavar="[SHEET...]", help="Filled sheets, one an expert.")
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="File to write; - prints.")] = "-",
) -> int:
    """Ask experts what the unknowns may be.

    Without sheets a sheet is written, one row for each unknown: a workbook if FILE ends in .xlsx,
    else CSV. With sheets (.xlsx or CSV) the case with what they say. An expert is called as the
    file is.
    """
    from ceasefire.cli.commands_files import run_elicit_command

    return run_elicit_command(case, sheets or (), output)


@app.command()
def cite(case: CaseArgument, as_json: JsonOption = False) -> int:
    """List the sources of a case and the methods."""
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
    """Print the JSON Schema of case files.

    Editors use it to complete and to check.
    """
    from ceasefire.case import schema as case_schema
    from ceasefire.render.console import print_json

    print_json(case_schema())
    return 0


def run_cli() -> None:
    """Run the program."""
    prepare_output_streams()
    app(prog_name="ceasefire")
