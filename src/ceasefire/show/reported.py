"""The command `report`, and the page that `check --report` writes."""

from pathlib import Path

from ceasefire.case import Case
from ceasefire.errors import CeasefireError, Problem
from ceasefire.show.doors import document, open_case, status
from ceasefire.show.files import save
from ceasefire.show.findings import Findings, gather
from ceasefire.show.options import Options
from ceasefire.show.printing import browser, print_pdf
from ceasefire.show.report import report
from ceasefire.show.screen import Bar, note_compiling, print_json, print_note
from ceasefire.worlds import Checked

PAGES = (".html", ".htm")


def writable(file: str) -> None:
    """See that a page can be written there, before hours of work.

    Raises CeasefireError for a file of another kind, and for a folder that does not exist.
    """
    path, problem = Path(file), None
    if path.suffix.lower() not in PAGES:
        help = "name it report.html; --pdf prints it as report.pdf beside it"
        problem = Problem(
            "is no name for a page", file, found=path.suffix, allowed=".html", help=help
        )
    elif not path.parent.is_dir():
        problem = Problem("the folder does not exist", str(path.parent), help="make it first")
    elif path.is_dir():
        problem = Problem("is a folder", file, help="name a file in it")
    if problem is not None:
        raise CeasefireError([problem])


def write_report(
    case: Case,
    worlds: int,
    seed: int,
    file: str,
    options: Options,
    *,
    checked: Checked | None = None,
    flips: bool = True,
) -> Findings:
    """Compute what is still missing and write the page."""
    with Bar("the report") as bar:
        found = gather(
            case, worlds, seed,
            checked=checked, flips=flips, grid=options.grid, memory=options.bytes,
            progress=bar, on_stage=bar.rename,
        )  # fmt: skip
    save(file, report(found).encode())
    if not options.as_json:
        print_note(f"written to {file}")
    return found


def report_case(
    path: str,
    worlds: int,
    seed: int,
    file: str,
    options: Options,
    *,
    flips: bool = True,
    pdf: bool = False,
) -> int:
    """Compute everything about a case and write it as one page, with `pdf` printed too."""
    writable(file)
    if pdf:
        browser()
    case = open_case(path, options)
    note_compiling()
    found = write_report(case, worlds, seed, file, options, flips=flips)
    printed = Path(file).with_suffix(".pdf") if pdf else None
    if printed is not None:
        print_pdf(Path(file), printed)
    if options.as_json:
        said = found.checked.as_json() | {"report": file, "pdf": printed and str(printed)}
        print_json(document(case, said))
    return status([case], options, marked=found.marked)
