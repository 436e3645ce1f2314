"""One case that starts from another: merged key by key, null removes, lists replace."""

from pathlib import Path

from ceasefire.case.compose import compose
from ceasefire.case.document import Block, Node, Scalar, Source, place, read
from ceasefire.case.near import closest
from ceasefire.case.numbers import KINDS
from ceasefire.case.reading import listing
from ceasefire.case.traps import cut_expressions
from ceasefire.errors import CaseError, Problem

LONGEST_CHAIN = 100
Flat = tuple[Node | None, list[Source], list[Problem], list[Problem]]


def flatten(source: Source, within: Path | None = None) -> Flat:
    """The tree of a case with everything it extends, its sources base first, problems, warnings.

    Values keep the place where they were written, in whichever file that is. With `within`, no
    file outside that folder is opened.
    """
    trees, sources, problems = list[Node](), list[Source](), list[Problem]()
    seen: list[Path] = []
    current: Source | None = source
    while current is not None:
        sources.insert(0, current)
        seen.append(Path(current.file).resolve())
        tree, found = compose(current)
        problems.extend(found)
        if tree is None or (isinstance(tree, Scalar) and tree.null):
            if not found:
                problems.append(
                    Problem(
                        "file is empty",
                        current.file,
                        1,
                        1,
                        found="nothing",
                        help="`ceasefire new` writes a first case",
                    )
                )
            return None, sources, problems, []
        problems.extend(cut_expressions(tree))
        trees.insert(0, tree)
        before = len(problems)
        current = _next(current, tree, seen, problems, within)
        if len(problems) > before:
            return None, sources, problems, []
    merged = trees[0]
    for tree in trees[1:]:
        if isinstance(merged, Block) and isinstance(tree, Block):
            merged = merge(merged, tree, (), problems)
        else:
            merged = tree
    return merged, sources, problems, []


def _next(
    source: Source, tree: Node, seen: list[Path], problems: list[Problem], within: Path | None
) -> Source | None:
    """The file that this one extends, if it does and can."""
    if not isinstance(tree, Block) or "extends" not in tree.entries:
        return None
    _, value = tree.entries["extends"]
    where = place(value, "extends")
    if not isinstance(value, Scalar) or value.null or not value.text.strip():
        problems.append(where.problem("must be the path of a case", found="no path"))
        del tree.entries["extends"]
        return None
    del tree.entries["extends"]
    path = Path(source.file).parent / value.text
    try:
        if within is not None and not path.resolve().is_relative_to(within.resolve()):
            problems.append(
                where.problem(
                    "leads out of the folder of cases",
                    found=value.text,
                    allowed="a case in the same folder or below it",
                )
            )
        elif path.resolve() in seen:
            problems.append(where.problem("cases extend each other in a circle", found=value.text))
        elif len(seen) >= LONGEST_CHAIN:
            problems.append(
                where.problem("too many cases extend each other", allowed=f"{LONGEST_CHAIN}")
            )
        else:
            return read(path)
    except (CaseError, ValueError, OSError) as error:
        first = error.problems[0] if isinstance(error, CaseError) else Problem(str(error))
        if first.line is not None:
            problems.append(first)
        else:
            reason = f"{value.text}: {first.found or first.message}"
            problems.append(
                where.problem(
                    "case to start from cannot be read",
                    found=reason,
                    advice="the path is relative to this file",
                )
            )
    return None


def merge(base: Block, over: Block, path: tuple[str, ...], problems: list[Problem]) -> Block:
    """The entries of `base` changed by those of `over`; new keys go last."""
    entries = dict(base.entries)
    if len(path) == 2 and path[0] == "unknowns" and any(_given(over, kind) for kind in KINDS):
        for kind in KINDS:
            entries.pop(kind, None)
    for name, (key, value) in over.entries.items():
        inner = (*path, name)
        before = base.entries.get(name)
        if isinstance(value, Scalar) and value.null:
            if before is None:
                problem = place(value, ".".join(inner)).problem(
                    "is empty, and there is nothing to remove",
                    found="nothing (null)",
                    allowed=listing(base.entries),
                    advice=closest(name, base.entries) or "for an empty mapping write {}",
                )
                problems.append(problem)
            entries.pop(name, None)
        elif before is not None and isinstance(value, Block) and isinstance(before[1], Block):
            entries[name] = (key, merge(before[1], value, inner, problems))
        else:
            entries[name] = (key, value)
    return Block(over.source, over.start, entries)


def _given(block: Block, kind: str) -> bool:
    if kind not in block.entries:
        return False
    value = block.entries[kind][1]
    return not (isinstance(value, Scalar) and value.null)
