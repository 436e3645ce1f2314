"""The command `check`: best estimates first, then the shares of worlds, then what turns them."""

from ceasefire.ask import Claims, read_claims
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence import base_rates, with_base_rates
from ceasefire.show.doors import BEST, STOP, document, open_case, status
from ceasefire.show.options import Options
from ceasefire.show.outside import outside_table
from ceasefire.show.screen import Bar, note_compiling, output, print_json
from ceasefire.show.turns import turn_table
from ceasefire.show.verdicts import best_table, verdict_table
from ceasefire.show.words import counted
from ceasefire.worlds import Checked, check


def check_case(
    path: str,
    worlds: int,
    seed: int,
    options: Options,
    *,
    until: float | None = None,
    flips: bool = True,
    page: str | None = None,
) -> int:
    """Check every claim: best estimates first, then the shares of worlds, then what turns it."""
    case = open_case(path, options)
    if not read_claims(case):
        help = 'add one: claims: {quiet: {test: "P(...) > 0.5"}}'
        raise CaseError([Problem("the case makes no claim", case.file, path="claims", help=help)])
    rates = base_rates(case)
    if page is not None:
        from ceasefire.show.reported import writable, write_report

        writable(page)
    note_compiling()

    with Bar(BEST) as bar:

        def show_best(claims: Claims) -> None:
            if not options.as_json:
                most = "up to " if until else ""
                title = f"{most}{counted(worlds, 'world')} and half as many fresh ones"
                bar.print(best_table(case, claims), f"{title}, {STOP}")

        def show_shares(checked: Checked) -> None:
            if not options.as_json:
                bar.print(verdict_table(case, checked), "what turns each claim")

        def plan(unknowns: int, readings: int) -> None:
            each = f"{counted(unknowns, 'unknown')} in {readings} readings or more"
            bar.rename(f"flips: {each}, then pairs, {STOP}")

        checked = check(
            case,
            worlds,
            seed,
            until=until,
            flips=flips,
            grid=options.grid,
            memory=options.bytes,
            on_best=show_best,
            on_shares=show_shares,
            on_plan=plan,
            progress=bar,
        )
    marked = checked.marked
    if page is not None:
        marked |= write_report(case, worlds, seed, page, options, checked=checked).marked
    if options.as_json:
        print_json(document(case, with_base_rates(case, checked, rates)))
    else:
        output().print(turn_table(case, checked))
        beside = outside_table(case, checked, rates)
        if beside is not None:
            output().print(beside)
    return status([case], options, marked=marked)
