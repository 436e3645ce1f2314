"""A break: one line of the package written wrongly, and the test that must then fail."""

from dataclasses import dataclass
from pathlib import Path

SOURCE = Path("src/ceasefire")


@dataclass(frozen=True)
class Break:
    """`old`, found exactly once in `file` of the package, becomes `new`; `test` must then fail.

    test      what pytest is asked to run: the tightest file or node that must notice
    compiled  whether a broken kernel is compiled for the test, which Python would take minutes for
    """

    file: str
    old: str
    new: str
    test: str
    compiled: bool = False

    def __str__(self) -> str:
        """The break in one line: file, what becomes what, and the test."""
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        return f"{self.file}  {old}  →  {new}  [{self.test}]"

    @property
    def path(self) -> Path:
        """The file from the top of the repository."""
        return SOURCE / self.file

    @property
    def kernel(self) -> bool:
        """Whether Numba compiles the file."""
        return "kernels" in (self.path.stem, self.path.parent.name)

    @property
    def interpreted(self) -> bool:
        """Whether the test runs the kernels as Python, which takes less than compiling them."""
        return self.kernel and not self.compiled

    def apply(self, root: Path) -> None:
        """Break the copy of the repository in `root`.

        Raises ValueError unless `old` occurs exactly once.
        """
        text = (root / self.path).read_text(encoding="utf-8")
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.path}: {text.count(self.old)} times {self.old!r}")
        (root / self.path).write_text(text.replace(self.old, self.new), encoding="utf-8")
