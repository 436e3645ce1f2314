"""What every reader of the file shares: the problems found so far, and the path of each value."""

from collections.abc import Iterable

from ceasefire.case.document import Block, Items, Node, Scalar, Source, place
from ceasefire.case.parse import shorten
from ceasefire.errors import CaseError, Problem

MOST_PROBLEMS = 300


class Reading:
    """Collects the problems and warnings of one case, and knows the path of each value."""

    def __init__(self, tree: Node, sources: Iterable[Source] = ()) -> None:
        """Note the path of every value; `sources` in the order in which they extend each other."""
        self.tree, self.sources = tree, tuple(sources)
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.paths: dict[int, str] = {}
        waiting: list[tuple[Node, str]] = [(tree, "")]
        while waiting:
            node, path = waiting.pop()
            self.paths[id(node)] = path
            if isinstance(node, Block):
                for name, (key, value) in node.entries.items():
                    inner = f"{path}.{name}" if path else name
                    self.paths[id(key)] = inner
                    waiting.append((value, inner))
            elif isinstance(node, Items):
                waiting.extend((item, f"{path}[{i}]") for i, item in enumerate(node.items))

    def fault(
        self,
        node: Node,
        message: str,
        *,
        found: str | None = None,
        allowed: str = "",
        advice: str = "",
        path: str | None = None,
    ) -> None:
        """Report a problem at a value, or at a key."""
        self.enough()
        where = self.paths.get(id(node), "") if path is None else path
        shown = describe(node) if found is None else found
        self.problems.append(
            place(node, where).problem(message, found=shown, allowed=allowed, advice=advice)
        )

    def enough(self) -> None:
        """Raise CaseError once there are so many problems that more would help nobody."""
        if len(self.problems) >= MOST_PROBLEMS:
            help = f"mend the first {MOST_PROBLEMS}: the rest was not looked at"
            rest = place(self.tree, "").problem("there are more problems", advice=help)
            raise CaseError([*self.sorted(self.problems), rest])

    def rank(self, node: Node) -> tuple[int, int]:
        """Order of places: a case comes after the one it extends."""
        files = [source.file for source in self.sources]
        file = node.source.file
        return (files.index(file) if file in files else len(files), node.start)

    def sorted(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems in the order of the file, without repetition; the main file first."""
        files = [source.file for source in self.sources][::-1]

        def rank(problem: Problem) -> tuple[int, int, int]:
            file = files.index(problem.file) if problem.file in files else len(files)
            return file, problem.line or 0, problem.column or 0

        return sorted(dict.fromkeys(problems), key=rank)

    def warn(self, node: Node, message: str, *, advice: str = "", path: str | None = None) -> None:
        """Note what is odd but not wrong."""
        where = self.paths.get(id(node), "") if path is None else path
        self.warnings.append(place(node, where).problem(message, advice=advice))


def describe(node: Node) -> str:
    """A value in a few words.

    >>> from ceasefire.case.document import normal
    >>> describe(Block(normal("", ""), 0, {}))
    'a mapping'
    """
    if isinstance(node, Block):
        return "a mapping"
    if isinstance(node, Items):
        return "a list"
    return "nothing (null)" if node.null else shorten(node.text) or "an empty text"


def listing(names: Iterable[object], most: int = 12) -> str:
    """Names in a row, the first twelve of them."""
    listed = [str(name).lower() if isinstance(name, bool) else str(name) for name in names]
    more = f", and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def text_of(scalar: Scalar) -> str:
    """The expression a scalar stands for: YAML's own numbers and booleans become Python's."""
    if scalar.boolean is not None:
        return "true" if scalar.boolean else "false"
    if scalar.whole is not None and len(scalar.text) < 300:
        return str(scalar.whole)
    return scalar.text
