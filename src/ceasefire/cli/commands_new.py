"""The command `new`: a first case, or a model of the literature, to change into one's own."""

import sys
from pathlib import Path

from ceasefire.case import load, model_files, model_texts, template
from ceasefire.errors import CeasefireError, Problem
from ceasefire.render.atomic_write import write_file_atomically
from ceasefire.render.console import print_note


def list_of_models() -> str:
    """The models of the literature that ship, a line each: name and title."""
    files = model_files()
    if not files:
        help = "install the package anew: its data files are missing"
        raise CeasefireError([Problem("no models are found here", path="--list", help=help)])
    width = max(map(len, files))
    return "".join(f"{name:{width}}  {load(str(path)).title}\n" for name, path in files.items())


def run_new_command(file: str, model: str | None) -> int:
    """Write a first case, or a model of the literature with what it extends; the exit status.

    file   where to; `-` for standard output
    model  the name of a model, None for the first case
    """
    texts = {"": template()} if model is None else model_texts(model)
    own, *bases = texts
    if file == "-":
        sys.stdout.write(texts[own])
        for base in bases:
            print_note(f"it extends {base}.yaml: ceasefire new {base}.yaml --from {base}")
        return 0
    path = Path(file)
    if path.exists():
        raise CeasefireError([Problem("is there already", file, help="choose another name")])
    for base in bases:
        beside = path.parent / f"{base}.yaml"
        if not beside.exists():
            write_file_atomically(beside, texts[base].encode())
            sys.stdout.write(f"{beside} is the model that it extends.\n")
    write_file_atomically(path, texts[own].encode())
    what = "a first case" if model is None else f"the model {model}"
    sys.stdout.write(f"{file} is {what}. Check it: ceasefire check {file}\n")
    return 0
