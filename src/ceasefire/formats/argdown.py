"""How the argument of a case becomes an Argdown document, and a document the skeleton of a case.

    claim       a statement, `[name]: sentence`
    because     a support, `+ [premise]`, indented below the conclusion

A document says why, and not in which game: an imported case has a placeholder for the game, and
every claim `test: TODO`, which `lint` explains.

Source: Voigt (2014), Argdown and the stacked masonry layout: two user interfaces for non-expert
users, COMMA 2014, for the language; its syntax at https://argdown.org/syntax/.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from ceasefire.case import UNWRITTEN_TEST, Case
from ceasefire.case.resolution_context import RESERVED_NAMES
from ceasefire.diagnostics import Diagnostics, TextLocation, shorten_text
from ceasefire.errors import CaseError
from ceasefire.formats.case_writer import (
    ConvertedFile,
    UniqueIdentifiers,
    case_to_yaml,
    decode_import,
)
from ceasefire.results import format_count, join_phrases

MOST_STATEMENTS = 1000
PLACEHOLDER_HORIZON = 12
_MARKUP = re.compile(r"[\\@#*_\[\]{}<]|/(?=[/*])|\.(?=[^\s.]+\.)|:(?=[^\s:]+:)")
_SKIPPED_START = re.compile(r"\\.|(?<!:)//|/\*|<!--|\{", re.DOTALL)
_BRACE = re.compile(r"[{}]")
_SKIPPED_ENDS = {"//": "\n", "/*": "*/", "<!--": "-->"}
_SKIPPED = "\x01"  # stands where a comment stood: the line is not empty
_RELATION = re.compile(r"([ \t]*)(<\+|\+>|\+|<-|->|-(?!-)|<_|_>|_(?=\s*[\[<])|><)[ \t]*(.*)")
_MEMBERS = {
    "[": re.compile(r"\[([^\]]*)\](:?)[ \t]*(.*)"),
    "<": re.compile(r"<([^>]*)>(:?)[ \t]*(.*)"),
}
_NUMBERED = re.compile(r"[ \t]*\(\d+\)[ \t]*(.*)")
_INLINE = re.compile(
    r"\\(?P<escaped>.)"
    r"|\[(?P<link>[^\]\[]{1,500})\]\([^()\s]{1,2000}\)"
    r"|@\[(?P<statement>[^\]\[]{1,500})\]|@<(?P<argument>[^<>]{1,500})>"
    r"|#(?:\([^()]{1,200}\)|[\w-]{1,200})[ \t]?"
    r"|(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)"
)


def to_argdown(case: Case) -> ConvertedFile:
    """Write the claims of a case as statements, each with the claims on which it rests below it.

    case  the case

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... title: Quiet
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {}}
    ... claims:
    ...   peace: {says: The guns fall silent., test: P(at_end(not war)) > 0.5, because: [calm]}
    ...   calm: {says: Nobody shoots., test: P(eventually(war)) < 0.5}
    ... ''')
    >>> print(to_argdown(case).text)
    ===
    title: "Quiet"
    ===
    <BLANKLINE>
    [peace]: The guns fall silent.
      + [calm]
    <BLANKLINE>
    [calm]: Nobody shoots.
    <BLANKLINE>
    """
    title = json.dumps(case.title, ensure_ascii=False).replace("=", "\\u003d")
    blocks = [f"===\ntitle: {title}\n==="]
    for name, claim in case.claims.items():
        says = _MARKUP.sub(r"\\\g<0>", " ".join((claim.says or "").split()))
        head = f"[{name}]: {says}" if says else f"[{name}]"
        blocks.append("\n".join([head, *(f"  + [{premise}]" for premise in claim.because)]))
    notes = ["The game and the tests of the claims are not in the document."]
    if any(len(claim.because) > 1 for claim in case.claims.values()):
        notes.append(
            "Premises that a conclusion needs together are supports of their own in Argdown."
        )
    return ConvertedFile("\n\n".join(blocks) + "\n", tuple(notes))


def from_argdown(content: bytes, file: str = "<argdown>") -> ConvertedFile:
    """Turn an Argdown document into the skeleton of a case; the notes say what is not in it.

    content  the bytes of the document
    file     its name in problems

    Statements, sketched arguments and the parts of premise-conclusion structures become claims;
    what supports them, their premises. Attacks and undercuts have no place in a case.

    Raises CaseError with everything that cannot be read so, each with its line.

    >>> imported = from_argdown(b"[Peace]: The guns fall silent.\\n  + [calm]: Nobody shoots.")
    >>> print(imported.text[imported.text.index("claims") :])
    claims:
      Peace: {says: The guns fall silent., because: [calm], test: TODO}
      calm: {says: Nobody shoots., test: TODO}
    <BLANKLINE>
    """
    diagnostics = Diagnostics[int](CaseError, lambda line: TextLocation.on_line(file, line))
    text = _without_comments_and_data(decode_import(content, file), diagnostics)
    document = _DocumentReader(diagnostics).read(text.split("\n"))
    diagnostics.raise_any()
    claims = document.claims()
    diagnostics.raise_any()
    return ConvertedFile(
        case_to_yaml(
            {
                "ceasefire": 1,
                "title": document.title or Path(file).stem,
                "horizon": PLACEHOLDER_HORIZON,
                "parties": {"first": {}, "second": {}},
                "state": {"settled": {}},
                "moves": {
                    "settle": {"by": "first", "when": "not settled", "set": {"settled": True}}
                },
                "claims": claims,
            }
        ),
        tuple(document.notes()),
    )


def _without_comments_and_data(text: str, diagnostics: Diagnostics[int]) -> str:
    """The text without comments and metadata, on the same lines."""
    parts, at = [], 0
    while start := _SKIPPED_START.search(text, at):
        parts.append(text[at : start.start()])
        if start[0][0] == "\\":
            parts.append(start[0])
            at = start.end()
            continue
        if start[0] == "{":
            end = _end_of_data(text, start.start())
        else:
            found = text.find(_SKIPPED_ENDS[start[0]], start.end())
            end = found if found < 0 or start[0] == "//" else found + len(_SKIPPED_ENDS[start[0]])
            end = len(text) if found < 0 and start[0] == "//" else end
        if end < 0:
            is_data = start[0] == "{"
            diagnostics.fail(
                text.count("\n", 0, start.start()) + 1,
                f"{'metadata' if is_data else 'a comment'} never ends",
                found=shorten_text(text[start.start() : start.start() + 200]),
                allowed="}" if is_data else _SKIPPED_ENDS[start[0]],
                help=f"close it, or write \\{start[0]} if this is text",
            )
        lines = text.count("\n", start.start(), end)
        parts.append(_SKIPPED + f"\n{_SKIPPED}" * lines)
        at = end
    return "".join(parts) + text[at:]


def _end_of_data(text: str, start: int) -> int:
    """Where the braces that open at `start` are closed; -1 if they never are."""
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return -1


class _Key(NamedTuple):
    """What a statement or argument is known by: `[`, `<` or nothing, and its title."""

    bracket: str
    title: str


@dataclass
class _Statement:
    """A statement or argument: where it first stands, in a block of its own if it has one."""

    line: int
    texts: list[str] = field(default_factory=list)
    has_block: bool = False

    def begins_block(self, line: int) -> None:
        """Keep the first line on which it begins a block: there it stands in the order."""
        if not self.has_block:
            self.line, self.has_block = line, True


class _Support(NamedTuple):
    premise: _Key
    conclusion: _Key
    line: int


class _DocumentReader:
    """Reads a document line by line: blocks of members, relations below them, and structures."""

    def __init__(self, diagnostics: Diagnostics[int]) -> None:
        self.diagnostics = diagnostics
        self.title = ""
        self._statements: dict[_Key, _Statement] = {}
        self._supports: list[_Support] = []
        self._same_as: dict[_Key, _Key] = {}  # an argument is known by its conclusion
        self._attacks: list[int] = []
        self._related: set[_Key] = set()
        self._names: dict[_Key, str] = {}
        self._begin_block()
        self._argument: _Key | None = None

    def _begin_block(self) -> None:
        self._members: list[tuple[int, _Key]] = []  # indents and members above the next line
        self._pool: list[_Key] = []
        self._inference: int | None = None
        self._numbered: int | None = None
        self._concluded = False
        self._in_rules = False
        self._is_heading = False

    def read(self, lines: Sequence[str]) -> "_DocumentReader":
        """Read every line."""
        first = self._read_front_matter(lines)
        for number, written in enumerate(lines[first:], start=first + 1):
            line = written.replace(_SKIPPED, "")
            if line.strip():
                self._read_line(number, line.rstrip())
            elif _SKIPPED not in written:
                self._end_block()
        self._end_block()
        if not self._claimed():
            self.diagnostics.report(
                1,
                "has no statement",
                allowed="[name]: A sentence.",
                help="a sentence becomes a claim if it has a name or supports another",
            )
        return self

    def _read_front_matter(self, lines: Sequence[str]) -> int:
        """The title in the front matter; how many lines it takes."""
        fences = (n for n, line in enumerate(lines) if re.fullmatch(r"={3,}\s*", line))
        first = next((n for n, line in enumerate(lines) if line.strip()), 0)
        if next(fences, None) != first:
            return 0
        end = next(fences, None)
        if end is None:
            self.diagnostics.fail(
                first + 1, "front matter never ends", found="===", help="close it with ==="
            )
        for line in lines[first + 1 : end]:
            if found := re.fullmatch(r"title:[ \t]+(\S.*?)\s*", line):
                self.title = _unquote_yaml(found[1])
        return end + 1

    def _read_line(self, number: int, line: str) -> None:
        if self._in_rules:
            self._in_rules = re.fullmatch(r"\s*-{2,}", line) is None
            return
        if not self._members and self._numbered is None and re.match(r"#+ ", line):
            self._is_heading = True
            self.title = self.title or _plain_text(line.lstrip("#"))
        elif self._is_heading:
            return
        elif re.fullmatch(r"[ \t]*-{2,}", line):
            self._read_inference(number, line.strip())
        elif numbered := _NUMBERED.fullmatch(line):
            self._read_numbered(number, numbered[1])
        elif relation := _RELATION.fullmatch(line):
            self._read_relation(number, len(relation[1]), relation[2], relation[3])
        elif not self._members:
            key = self._read_member(number, line.strip())
            if key is not None:
                self._statements[key].begins_block(number)
                self._members = [(len(line) - len(line.lstrip()), key)]
        elif texts := self._statements[self._members[-1][1]].texts:
            texts[-1] += f" {line.strip()}"
        else:
            texts.append(line.strip())

    def _read_member(self, number: int, text: str) -> _Key | None:
        """A statement or argument with its title and text; None after a fault."""
        if text[:1] not in "[<" or re.match(r"\[[^\]]*\]\(", text):
            key = _Key("", f"{number} {text}")
            self._statements[key] = _Statement(number, [text])
            return key
        found = _MEMBERS[text[0]].fullmatch(text)
        if found is None or not found[1].strip():
            self.diagnostics.report(
                number,
                "a title never ends" if found is None else "a title is empty",
                found=shorten_text(text),
                allowed="[name]: A sentence." if text[0] == "[" else "<name>: A sentence.",
                help=f"write \\{text[0]} if this is text",
            )
            return None
        key = _Key(text[0], " ".join(found[1].split()))
        statement = self._statements.setdefault(key, _Statement(number))
        if found[2] and found[3]:
            statement.texts.append(found[3])
        return key

    def _read_relation(self, number: int, indent: int, sign: str, text: str) -> None:
        while self._members and self._members[-1][0] >= indent and len(self._members) > 1:
            self._members.pop()
        if not self._members:
            self.diagnostics.report(
                number,
                "a relation has nothing above it",
                found=shorten_text(f"{sign} {text}"),
                help="write it right below a statement, without an empty line between",
            )
        elif self._members[-1][0] >= indent:
            self.diagnostics.report(
                number,
                "must be indented more than the statement above it",
                found=shorten_text(f"{sign} {text}"),
                help="put two spaces before it",
            )
        if not text:
            self.diagnostics.report(
                number, "names no statement", found=sign, allowed=f"{sign} [name]: A sentence."
            )
            return
        key = self._read_member(number, text)
        if key is None or not self._members:
            return
        parent = self._members[-1][1]
        self._members.append((indent, key))
        self._related |= {parent, key}
        if "+" in sign:
            premise, conclusion = (parent, key) if sign == "+>" else (key, parent)
            self._supports.append(_Support(premise, conclusion, number))
        else:
            self._attacks.append(number)

    def _read_numbered(self, number: int, text: str) -> None:
        key = self._read_member(number, text.strip()) if text else None
        if not text:
            self.diagnostics.report(
                number, "a numbered statement has no text", allowed="(1) [name]: A sentence."
            )
        self._numbered = number
        if key is None:
            return
        self._members = [(-1, key)]
        self._related.add(key)
        if self._inference is None:
            self._pool.append(key)
            self._concluded = False
            return
        self._supports += [_Support(one, key, number) for one in self._pool]
        self._pool, self._inference, self._concluded = [key], None, True
        if self._argument is not None:
            self._same_as[self._argument] = key

    def _read_inference(self, number: int, hyphens: str) -> None:
        if not self._pool:
            self.diagnostics.report(
                number,
                "nothing is inferred from",
                found=hyphens,
                help="number the premises above it: (1) [name]: A sentence.",
            )
        self._inference, self._in_rules = number, len(hyphens) < 4

    def _end_block(self) -> None:
        if self._inference is not None or (self._numbered is not None and not self._concluded):
            self.diagnostics.report(
                self._inference or self._numbered or 1,
                "premises without a conclusion",
                help="write a line of ---- below the premises, and the conclusion below it",
            )
        root = self._members[0][1] if self._members and self._numbered is None else None
        if self._members or self._numbered is not None or self._is_heading:
            self._argument = root if root is not None and root.bracket == "<" else None
        self._begin_block()

    def _known_by(self, key: _Key) -> _Key:
        return self._same_as.get(key, key)

    def _claimed(self) -> list[_Key]:
        """What becomes a claim, in the order of the document."""
        kept = [
            key
            for key in self._statements
            if key not in self._same_as and (key.bracket or key in self._related)
        ]
        order = {key: (self._statements[key].line, n) for n, key in enumerate(kept)}
        return sorted(kept, key=order.__getitem__)

    def claims(self) -> dict[str, dict[str, Any]]:
        """The claims by their names, as a case writes them."""
        kept = self._claimed()
        if len(kept) > MOST_STATEMENTS:
            self.diagnostics.fail(
                self._statements[kept[MOST_STATEMENTS]].line,
                "has too many statements",
                found=f"{len(kept):,}",
                allowed=f"{MOST_STATEMENTS:,}",
            )
        self._names = _claim_names(kept, self._statements)
        because = self._premises()
        return {
            self._names[key]: {
                **({"says": says} if (says := self._says(key)) else {}),
                **({"because": because[key]} if key in because else {}),
                "test": UNWRITTEN_TEST,
            }
            for key in kept
        }

    def _says(self, key: _Key) -> str:
        texts = self._statements[key].texts
        if texts:
            return _plain_text(texts[0])
        return "" if key.title == self._names[key] else key.title

    def _premises(self) -> dict[_Key, list[str]]:
        """By conclusion the names of its premises; a circle is reported at its last support."""
        uses: dict[_Key, dict[_Key, int]] = {}
        for support in self._supports:
            premise, conclusion = map(self._known_by, support[:2])
            if support.premise == support.conclusion:
                self.diagnostics.report(
                    support.line, "a statement cannot support itself", found=premise.title
                )
            elif premise != conclusion:
                uses.setdefault(conclusion, {}).setdefault(premise, support.line)
        sound = {conclusion: dict(premises) for conclusion, premises in uses.items()}
        while True:
            try:
                TopologicalSorter(sound).prepare()
                break
            except CycleError as error:
                circle = error.args[1]  # each supports the next
                links = list(zip(circle[1:], circle, strict=False))
                last = max(links, key=lambda link: sound[link[0]][link[1]])
                self.diagnostics.report(
                    sound[last[0]][last[1]],
                    "statements support each other in a circle",
                    found=" because ".join(self._names[key] for key in circle[::-1]),
                    help="remove one of these supports",
                )
                del sound[last[0]][last[1]]
        return {
            conclusion: [self._names[premise] for premise in premises]
            for conclusion, premises in uses.items()
        }

    def notes(self) -> Iterator[str]:
        """What the case lacks that the document has, and the other way round."""
        yield (
            f"The argument is there, the game is not: in place of its parties, state and moves "
            f"stand placeholders, and each claim has test: {UNWRITTEN_TEST}. `ceasefire lint` "
            "says what belongs there."
        )
        if self._attacks:
            lines = join_phrases([f"line {line}" for line in self._attacks[:5]])
            more = len(self._attacks) - 5
            yield (
                f"{format_count(len(self._attacks), 'attack')} left out, since a case has premises "
                f"only: {lines}{f' and {more} more' if more > 0 else ''}."
            )
        renamed = [
            f"{key.title} is {name}"
            for key, name in self._names.items()
            if key.bracket and key.title != name
        ]
        if renamed:
            yield f"Names that a case cannot have are changed: {'; '.join(renamed[:5])}" + (
                f"; and {len(renamed) - 5} more." if len(renamed) > 5 else "."
            )
        several = [
            self._names[key]
            for key in self._names
            if len({_plain_text(text) for text in self._statements[key].texts}) > 1
        ]
        if several:
            yield f"Said in several ways, of which the first is kept: {', '.join(several)}."
        prose = sum(not key.bracket and key not in self._related for key in self._statements)
        if prose:
            yield f"{format_count(prose, 'paragraph')} without a name and a relation left out."


def _claim_names(kept: Sequence[_Key], statements: dict[_Key, _Statement]) -> dict[_Key, str]:
    """A name for each: its title where a case can have it, else one made from its title or text."""
    names: dict[_Key, str] = {}
    for key in kept:
        fits = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key.title, re.ASCII) and key.bracket
        if fits and key.title not in RESERVED_NAMES and key.title not in names.values():
            names[key] = key.title
    allocated = UniqueIdentifiers(names.values())
    for key in kept:
        if key not in names:
            label = key.title if key.bracket else _plain_text(statements[key].texts[0])
            names[key] = allocated.allocate(label, "claim")
    return {key: names[key] for key in kept}


def _plain_text(text: str) -> str:
    """A text without emphasis, links, tags and escapes."""

    def plain(found: re.Match[str]) -> str:
        return next((part for part in found.groups() if part is not None), "")

    return " ".join(_INLINE.sub(plain, text).split())


def _unquote_yaml(text: str) -> str:
    if text[0] == text[-1] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str) else text
