"""The command `ask`."""

from collections.abc import Sequence

from ceasefire.cli.command_results import (
    BEST_ESTIMATES_STAGE,
    load_printing_warnings,
    print_result,
)
from ceasefire.cli.runner import CommandOptions
from ceasefire.ensemble import ask
from ceasefire.query import read_questions
from ceasefire.render.console import ProgressBar, print_compiling_note
from ceasefire.render.tables_query import answer_table, answer_warnings


def run_ask_command(
    path: str, questions: Sequence[str], worlds: int, seed: int, options: CommandOptions
) -> int:
    """Print the answers to questions; returns the exit status."""
    case = load_printing_warnings(path, options)
    read_questions(case, dict.fromkeys(questions))
    print_compiling_note()
    with ProgressBar(BEST_ESTIMATES_STAGE) as bar:
        result = ask(
            case,
            *questions,
            worlds=worlds,
            seed=seed,
            grid=options.settings.grid,
            memory=options.settings.memory,
            tolerance=options.tolerance,
            progress=bar,
        )
    return print_result(
        case,
        options,
        result.as_json,
        lambda: answer_table(result),
        marked=result.marked,
        warnings=answer_warnings(result),
    )
