"""A page as PDF, by a browser that is on this machine."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from ceasefire.errors import CeasefireError, Problem
from ceasefire.show.files import save

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
)  # fmt: skip
LONGEST = 180


def browser() -> str:
    """The path of a browser that can print.

    Raises CeasefireError if there is none.
    """
    for name in BROWSERS:
        if (found := shutil.which(name)) is not None:
            return found
    problem = Problem(
        "no browser that could print the page",
        path="--pdf",
        allowed=", ".join(BROWSERS),
        help="install Chromium, or leave out --pdf and print the page from any browser",
    )
    raise CeasefireError([problem])


def print_pdf(page: Path, pdf: Path) -> None:
    """Print a page to a PDF file; scripts in it do not run on the network.

    Raises CeasefireError if there is no browser, it fails, or the file cannot be written. An older
    file is left as it was then.
    """
    program = browser()
    with TemporaryDirectory(prefix="ceasefire-") as profile:
        printed = Path(profile) / "page.pdf"
        command = [program, *QUIET, f"--user-data-dir={profile}", f"--print-to-pdf={printed}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium's sandbox refuses to start for root
        try:
            done = subprocess.run(  # noqa: S603  a browser that was looked up, a page of ours
                [*command, page.resolve().as_uri()],
                capture_output=True,
                timeout=LONGEST,
                check=False,
            )
            said = done.stderr.decode(errors="replace").strip().splitlines()
        except subprocess.TimeoutExpired:
            said = [f"no answer after {LONGEST} seconds"]
        if not printed.exists():
            help = said[-1] if said else "try another browser"
            raise CeasefireError(
                [Problem("the browser did not print", path="--pdf", found=program, help=help)]
            )
        save(pdf, printed.read_bytes())
