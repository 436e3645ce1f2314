"""Sweeps onto a disk of its own that is too small, then larger, then read-only; run as a script.

Mounts a tmpfs, so it must run in a mount namespace of its own: `unshare --mount`. Prints a line of
JSON for each step.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from ceasefire.case import load
from ceasefire.ensemble import Engine, sweep
from ceasefire.errors import WorldError

HERE = Engine(workers=1)


def mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True)


def main(path: str, folder: str, size: str) -> None:
    case, disk = load(path), Path(folder)

    def attempt(step: str, worlds: int) -> None:
        said, computed = "", 0
        try:
            computed = sweep(case, f"{folder}/store", worlds, engine=HERE, batch=8).computed
        except WorldError as error:
            said = str(error)
        files = sorted(path for path in disk.glob("store/*/*") if path.suffix != ".json")
        held = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}
        about = {"step": step, "computed": computed, "said": said, "held": held}
        sys.stdout.write(json.dumps(about) + "\n")

    mount("-t", "tmpfs", "-o", f"size={size}", "none", folder)
    attempt("small", 64)
    mount("-o", "remount,size=10m", folder)
    attempt("larger", 64)
    mount("-o", "remount,ro", folder)
    attempt("again", 64)
    attempt("more", 72)


if __name__ == "__main__":
    main(*sys.argv[1:])
