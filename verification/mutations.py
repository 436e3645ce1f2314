"""Case files with faults made on purpose: each is refused with its place, and nothing else happens.

    python -m verification.mutations [--count N] [--seed S]

Two kinds. A *fault* is a change that no reading can excuse (a field that does not exist, a key
twice, a word for a number, a name nobody gave, a bracket gone): it must be refused, at its line.
*Noise* is any change at all: it may be refused or accepted, but a refusal names a place, and what
is accepted means the same when it is written out and read again.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ceasefire.case import dump, loads
from ceasefire.case.yaml_nodes import (
    FileText,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    normalise_text,
)
from ceasefire.case.yaml_parser import parse_yaml
from ceasefire.errors import CaseError

ROOT = Path(__file__).parents[1]
SLOWEST = 2.0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELDS = _words("""
    about unit source period start horizon ending tail sources unknowns parties state
    conditions payoffs moves promises tables chance order claims events best range triangle
    patience precision types values by when cost weight set outcomes releases renews
    forbids breach seats meets proposes deals needs during says test where
    believed_by knows roles owes within together alternatives levers because
""")
TEXTS = _words("""
    title about unit source says where name author published origin start as_of
""")
EXPRESSIONS = _words("""
    when cost chance meets breach patience precision weight
""")
NOISE = " \t\n:{}[],'\"#&*!|>%@`-+=<>()0123456789abzé\u2028\x00\x85"


@dataclass(frozen=True)
class Mutant:
    """A changed text, what was changed, and the line that must be blamed, if one must."""

    text: str
    what: str
    line: int | None = None
    fault: bool = False


def mutants(texts: Sequence[str], count: int, seed: int = 0) -> Iterator[Mutant]:
    """So many changed texts, every second one with a fault that must be found."""
    draw = random.Random(seed)  # noqa: S311  no secret
    sources = [normalise_text(text, "<mutant>") for text in texts]
    trees = [list(_scalars(parse_yaml(source)[0], ())) for source in sources]
    for number in range(count):
        pick = draw.randrange(len(sources))
        if number % 2:
            yield _noise(sources[pick].text, draw)
        else:
            yield _fault(sources[pick], trees[pick], draw)


def defect(mutant: Mutant) -> str | None:
    """What is wrong with how a changed text is received; None if all is well."""
    began = time.process_time()
    try:
        case = loads(mutant.text, "<mutant>")
    except CaseError as error:
        found = _refusal(mutant, error)
    except Exception as error:  # noqa: BLE001  any other error is what is looked for
        found = f"{type(error).__name__}: {error}"
    else:
        if mutant.fault:
            found = "accepted"
        else:
            found = None if loads(dump(case), "<mutant>") == case else "differs when read again"
    if found is None and time.process_time() - began > SLOWEST:
        return "slow"
    return found


def _refusal(mutant: Mutant, error: CaseError) -> str | None:
    if not error.problems or any(p.file is None or p.line is None for p in error.problems):
        return f"no place: {error}"
    if mutant.line is not None and mutant.line not in [p.line for p in error.problems]:
        return f"line {mutant.line} is not blamed: {error}"
    return None


Path_ = tuple[str, ...]


def _scalars(
    node: YamlNode | None, path: Path_
) -> Iterator[tuple[Path_, YamlScalar | None, YamlScalar]]:
    """Every value and key with its path; for a key the value is None."""
    if isinstance(node, YamlMapping):
        for name, (key, value) in node.entries.items():
            yield (*path, name), None, key
            yield from _scalars(value, (*path, name))
    elif isinstance(node, YamlSequence):
        for item in node.items:
            yield from _scalars(item, (*path, "[]"))
    elif isinstance(node, YamlScalar) and not node.is_alias:
        yield path, node, node


Spot = tuple[Path_, YamlScalar | None, YamlScalar]


def _fault(source: FileText, spots: Sequence[Spot], draw: random.Random) -> Mutant:
    """A change that must be refused."""
    fields = [key for path, value, key in spots if value is None and _is_field(path)]
    plain = [(path, value) for path, value, _ in spots if value is not None and value.is_plain]
    texts = [(path, value) for path, value in plain if not TEXTS & set(path[-1:])]
    numbers = [value for path, value in texts if value.number is not None and value.end > 0]
    expressions = [value for path, value in texts if path[-1] in EXPRESSIONS]
    priors = [value for path, value in texts if path[-2:-1] == ("types",) and value.number]
    known = [value for path, value in plain if "knows" in path[-2:]]
    changes = [
        (fields, "after", "zz", "a field that does not exist"),
        (numbers, "instead", "zzz", "a word for a number"),
        (numbers, "before", "!!zz ", "a tag"),
        (expressions, "after", " + zzq", "a name nobody gave"),
        (expressions, "after", " +", "half an expression"),
        (priors, "instead", "7", "a prior above 1"),
        (known, "instead", "zzz", "a type of nobody"),
    ]
    places, where, new, what = draw.choice([change for change in changes if change[0]])
    value = draw.choice(places)
    low = value.end if where == "after" else value.start
    high = value.start if where == "before" else value.end
    line, _ = source.position_at(low)
    return Mutant(source.text[:low] + new + source.text[high:], what, line, fault=True)


def _is_field(path: Path_) -> bool:
    named = {"parties", "state", "unknowns", "sources", "conditions", "promises", "tables"}
    above = path[-2] if len(path) > 1 else ""
    spaces = named | {"payoffs", "moves", "chance", "claims", "deals", "set", "types", "cost"}
    if path[0] == "payoffs":
        return False
    return path[-1] in FIELDS and above not in spaces | {"believed_by", "observed", "levers"}


def _noise(text: str, draw: random.Random) -> Mutant:
    """Any change at all: letters, lines, indents."""
    lines = text.split("\n")
    here, there = draw.randrange(len(lines)), draw.randrange(len(lines))
    at = draw.randrange(len(text) + 1)
    kind = draw.randrange(8)
    if kind == 0:
        return Mutant(text[:at] + text[at + draw.randint(1, 12) :], "letters gone")
    if kind == 1:
        new = "".join(draw.choice(NOISE) for _ in range(draw.randint(1, 4)))
        return Mutant(text[:at] + new + text[at:], "letters more")
    if kind == 2:
        return Mutant(text[:at] + draw.choice(NOISE) + text[at + 1 :], "another letter")
    if kind == 3:
        del lines[here]
    elif kind == 4:
        lines[here], lines[there] = lines[there], lines[here]
    elif kind == 5:
        lines.insert(here, lines[there])
    elif kind == 6:
        lines[here] = " " * draw.randint(1, 3) + lines[here]
    else:
        lines[here] = lines[here][draw.randint(1, 3) :]
    return Mutant("\n".join(lines), f"lines, {kind}")


def subjects() -> list[str]:
    """The valid cases that are changed: small ones, and one with everything in it."""
    folders = ("tests/cases/valid", "tests/cases_small", "verification/cases")
    found = [path for folder in folders for path in sorted((ROOT / folder).glob("*.yaml"))]
    texts = [path.read_text(encoding="utf-8") for path in found]
    return [text for text in texts if not text.startswith("extends") and "\nextends:" not in text]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make and try them; 1 if any is received as it should not be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    wrong = 0
    for mutant in mutants(subjects(), asked.count, asked.seed):
        found = defect(mutant)
        if found is not None:
            wrong += 1
            print(f"{mutant.what}: {found}\n{mutant.text}\n{'-' * 60}", flush=True)
    print(f"{asked.count} changed files, {wrong} received as they should not be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
