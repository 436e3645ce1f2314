"""The command `ask`."""

from collections.abc import Sequence
from dataclasses import replace

from ceasefire.cli.command_results import (
    BEST_ESTIMATES_STAGE,
    load_printing_warnings,
    print_result,
)
from ceasefire.cli.runner import CommandOptions
from ceasefire.ensemble import ask
from ceasefire.ensemble.ask_questions import QUICK_ANSWER
from ceasefire.query import read_questions
from ceasefire.render.console import ProgressBar, print_compiling_note
from ceasefire.render.tables_query import answer_table, answer_warnings
from ceasefire.stopping import limited_to


def run_ask_command(
    path: str, questions: Sequence[str], worlds: int, seed: int, options: CommandOptions
) -> int:
    """Print the answers to questions; returns the exit status."""
    case = load_printing_warnings(path, options)
    read_questions(case, dict.fromkeys(questions))
    print_compiling_note()
    with ProgressBar(BEST_ESTIMATES_STAGE) as bar, limited_to(options.seconds, once_kept=True):
        result = ask(
            case,
            *questions,
            worlds=worlds,
            seed=seed,
            certify=not options.quick,
            grid=options.settings.grid,
            memory=options.settings.memory,
            tolerance=options.tolerance,
            progress=bar,
        )
    if options.quick:
        result = replace(result, failed_checks=(*result.failed_checks, QUICK_ANSWER))
    return print_result(
        case,
        options,
        result.as_json,
        lambda: answer_table(result),
        marked=result.marked,
        warnings=answer_warnings(result),
    )
